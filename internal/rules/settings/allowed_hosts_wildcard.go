package settings

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// AllowedHostsWildcard looks at the lists of names under which an application answers.
var AllowedHostsWildcard = rule.Check{Called: trustedHosts, Kinds: conf.Kinds, Visit: allowedHosts, File: django(allowedHostsDjango)}

// allowedHostsDjango judges the list as production has it.
func allowedHostsDjango(p *rule.Pass, c *settings.Config) {
	if !conf.ForProduction(c) {
		return
	}
	holds := c.Has("ALLOWED_HOSTS", "*")
	f := fault(c, "ALLOWED_HOSTS", "", holds, "The application answers under any name: links in its e-mails lead to whatever host the request named.")
	f.Unset = true
	if r := conf.Wrong(p, c, f); r != nil && holds.Always != settings.Yes {
		r.With(finding.Low, finding.MediumConfidence)
	}
}

func allowedHosts(p *rule.Pass, n ast.Node) {
	conf.Each(p, n, func(name string) bool { return name == "ALLOWED_HOSTS" || name == "TRUSTED_HOSTS" }, func(s conf.Setting) {
		if s.Django && conf.Covered(p) {
			return
		}
		if star(p, s.Value) {
			p.Report(s.At, "The application answers under any name: links in its e-mails lead to whatever host the request named.").ForAudit(s.Dev)
		}
	})
}

func trustedHosts(p *rule.Pass, c *ast.Call, name string) {
	if name == "starlette.middleware.Middleware" && (len(c.Args) == 0 || !p.Is(c.Args[0], "starlette.middleware.trustedhost.TrustedHostMiddleware", "fastapi.middleware.trustedhost.TrustedHostMiddleware")) {
		return
	}
	if hosts, _ := args.Keyword(p.Unit, c, "allowed_hosts"); hosts != nil && star(p, hosts) {
		p.Report(c, "The application answers under any name: TrustedHostMiddleware checks nothing.").With(finding.Low, finding.HighConfidence)
	}
}

// star says whether a list has "*" in it.
func star(p *rule.Pass, e ast.Expr) bool {
	v, ok := p.Const(e)
	if !ok {
		return false
	}
	for _, x := range v.List {
		if x.Kind == ast.Str && x.Str == "*" {
			return true
		}
	}
	return v.Kind == ast.Str && v.Str == "*"
}
