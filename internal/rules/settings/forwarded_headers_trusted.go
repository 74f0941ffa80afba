package settings

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// ForwardedHeadersTrusted looks at whose word is taken for where a request comes from.
var ForwardedHeadersTrusted = rule.Check{Called: forwardedCalled, Kinds: []ast.Kind{ast.KindAssign}, Visit: forwardedGunicorn, File: django(forwardedDjango), Docs: hasCommands, Doc: forwardedCommand}

const forwardedSaid = "The headers of a proxy are believed from anybody: visitors choose the address that they are known by, and whether the connection counts as encrypted."

func forwardedDjango(p *rule.Pass, c *settings.Config) {
	s := c.Get("USE_X_FORWARDED_HOST")
	f := conf.Wrong(p, c, conf.Fault{Holds: s.Value.True(), At: s, Message: "X-Forwarded-Host is believed: where the proxy does not overwrite it, visitors choose the host that links in e-mails lead to."})
	fix(p, f, s, "believe the Host header only", "False")
	h := c.Get("SECURE_PROXY_SSL_HEADER")
	if f := conf.Wrong(p, c, conf.Fault{Holds: h.Value.True(), At: h, Message: "A header decides whether the connection counts as encrypted, whoever sends it: the proxy has to overwrite it."}); f != nil {
		f.ForAudit(true)
	}
}

func forwardedCalled(p *rule.Pass, c *ast.Call, name string) {
	if strings.HasSuffix(name, "ProxyFix") {
		for i, w := range []string{"x_for", "x_proto", "x_host", "x_port", "x_prefix"} {
			e, _ := args.Get(p.Unit, c, i+1, w)
			if n, ok := p.Int(e); ok && e != nil && n > 1 {
				p.Report(c, "The word of %d proxies is taken: if there are fewer, visitors write the header themselves.", n).ForAudit(true)
				return
			}
		}
		return
	}
	w := "forwarded_allow_ips"
	if strings.HasSuffix(name, "add_middleware") || strings.HasSuffix(name, ".Middleware") {
		if len(c.Args) == 0 || !p.Is(c.Args[0], "uvicorn.middleware.proxy_headers.ProxyHeadersMiddleware") {
			return
		}
		name = "ProxyHeadersMiddleware"
	}
	if strings.HasSuffix(name, "ProxyHeadersMiddleware") {
		w = "trusted_hosts"
	}
	e, _ := args.Keyword(p.Unit, c, w)
	if e == nil && w == "trusted_hosts" {
		e, _ = args.Get(p.Unit, c, 1, w)
	}
	if e != nil && star(p, e) {
		p.Report(c, forwardedSaid).ForAudit(conf.Dev(p, c))
	}
}

// forwardedGunicorn looks at gunicorn.conf.py.
func forwardedGunicorn(p *rule.Pass, n ast.Node) {
	name, value := gunicorn(p, n)
	switch {
	case value == nil || !star(p, value):
	case name == "forwarded_allow_ips":
		p.Report(n, forwardedSaid)
	case name == "proxy_allow_ips":
		p.Report(n, "The PROXY protocol is believed from anybody: visitors choose the address that they are known by.")
	}
}

// gunicorn is a setting in a configuration file of Gunicorn: its name and value.
func gunicorn(p *rule.Pass, n ast.Node) (string, ast.Expr) {
	a, ok := n.(*ast.Assign)
	if !ok || len(a.Targets) != 1 || p.Function(n) != nil || p.Class(n) != nil || !gunicornFile(p.File.Path) {
		return "", nil
	}
	t, ok := a.Targets[0].(*ast.Name)
	if !ok {
		return "", nil
	}
	return t.Ident, a.Value
}

func gunicornFile(file string) bool {
	base := strings.ToLower(file[strings.LastIndexByte(file, '/')+1:])
	return strings.HasSuffix(base, ".py") && strings.Contains(base, "gunicorn")
}

func forwardedCommand(p *rule.DocPass) {
	for _, c := range commands(p.Doc) {
		if slices.Contains(c.options("--forwarded-allow-ips"), "*") && c.runs("uvicorn", "gunicorn", "fastapi") {
			p.ReportSpan(c.at, forwardedSaid).ForAudit(onRequest(p.Doc, c.at))
		}
	}
	for _, v := range environment(p.Doc) {
		if v.name == "FORWARDED_ALLOW_IPS" && v.value == "*" {
			p.ReportSpan(v.at, forwardedSaid).ForAudit(onRequest(p.Doc, v.at))
		}
	}
}
