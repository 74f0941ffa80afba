package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// UrlScheme judges addresses that urllib opens.
var UrlScheme = rule.Check{Called: urlScheme}

func urlScheme(p *rule.Pass, c *ast.Call, name string) {
	short := name[strings.LastIndexByte(name, '.')+1:]
	if strings.HasSuffix(short, "URLopener") {
		p.Report(c, "%s opens file: and ftp: addresses too, and is deprecated.", short).ForAudit(true).With(finding.Low, finding.HighConfidence)
		return
	}
	e := address(p, program.Arg(c, 0, "url"), 0)
	if e == nil {
		p.Report(c, "%s opens file: and ftp: addresses too.", short).ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	}
	t := text.Split(p.Unit, e)
	note := func() {
		p.Report(c, "%s opens file: and ftp: addresses too.", short).ForAudit(true).With(finding.Low, finding.LowConfidence)
	}
	if len(t.Parts) == 0 || t.Parts[0].Expr == nil {
		note() // the scheme is constant; with file: it is meant
		return
	}
	first := t.Parts[0].Expr
	if text.Fixed(p.Unit, first) || schemeChecked(p, c) || addressByDefault(p, first) {
		note()
		return
	}
	switch first.(type) {
	case *ast.Name, *ast.Subscript:
	default:
		if !outside(p, first) {
			note()
			return
		}
	}
	f := p.Report(c, "%s opens whatever %s names, also file:///etc/passwd.", short, excerpt(p, first))
	if outside(p, first) {
		f.With(finding.High, finding.HighConfidence)
	}
}

// address looks through urllib's Request and through names.
func address(p *rule.Pass, e ast.Expr, depth int) ast.Expr {
	if e == nil || depth > 6 {
		return e
	}
	for _, v := range p.Values(e) {
		if call, ok := v.(*ast.Call); ok && p.Is(call.Func, "urllib.request.Request", "urllib2.Request", "six.moves.urllib.request.Request") {
			return address(p, program.Arg(call, 0, "url"), depth+1)
		}
	}
	return e
}

// addressByDefault says whether e is a parameter whose default is an address: it is there
// for another host or a test, and not for what strangers send.
func addressByDefault(p *rule.Pass, e ast.Expr) bool {
	d := parameterDefault(p, e)
	if d == nil {
		return false
	}
	s, ok := p.Str(d)
	return ok && strings.Contains(s, "://")
}

// schemeChecked says whether the function around looks at the scheme.
func schemeChecked(p *rule.Pass, n ast.Node) bool {
	f := p.Function(n)
	if f == nil {
		return false
	}
	src := p.Text(f)
	for _, w := range []string{`startswith("http`, `startswith('http`, `startswith(("http`, `startswith(('http`, ".scheme", "ALLOWED_HOSTS", "url_has_allowed"} {
		if strings.Contains(src, w) {
			return true
		}
	}
	return false
}
