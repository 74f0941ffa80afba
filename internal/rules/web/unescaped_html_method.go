package web

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// UnescapedHtmlMethod looks at what objects give templates that do not escape it: what
// __html__ returns, or __str__ where Django's html_safe makes __html__ of it.
var UnescapedHtmlMethod = rule.Check{Kinds: []ast.Kind{ast.KindClassDef, ast.KindCall}, Visit: unescapedHTMLMethod}

const htmlSafe = "django.utils.html.html_safe"

var safeStrings = []string{"django.utils.safestring.SafeString", "django.utils.safestring.SafeText", "django.utils.safestring.SafeData", "django.utils.safestring.SafeBytes", "django.utils.html.SafeString", "django.utils.html.SafeData"}

func unescapedHTMLMethod(p *rule.Pass, n ast.Node) {
	c, ok := n.(*ast.ClassDef)
	if !ok {
		if c := n.(*ast.Call); args.Callee(c) == "html_safe" && p.Is(c.Func, htmlSafe) {
			p.Report(c, "Objects of this class are not escaped any more.").With(finding.Low, finding.LowConfidence).ForAudit(true)
		}
		return
	}
	method, at := "__html__", ast.Node(nil)
	for _, d := range c.DecoratorList {
		if p.Is(d, htmlSafe) {
			method, at = "__str__", d
		}
	}
	for _, b := range c.Bases {
		if p.Is(b, safeStrings...) {
			p.Report(c, "Texts of the class %s are never escaped.", c.Name).With(finding.Low, finding.LowConfidence).ForAudit(true)
		}
	}
	for _, s := range c.Body {
		f, ok := s.(*ast.FunctionDef)
		if !ok || f.Name != method {
			continue
		}
		if at == nil {
			at = f
		}
		if !givesUnescaped(p, f) {
			p.Report(at, "Objects of the class %s are not escaped.", c.Name).With(finding.Low, finding.LowConfidence).ForAudit(true)
		}
	}
}

// givesUnescaped reports what a method puts into the text that it returns.
func givesUnescaped(p *rule.Pass, f *ast.FunctionDef) (found bool) {
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FunctionDef, *ast.Lambda, *ast.ClassDef:
			return
		case *ast.Return:
			if n.Value == nil || escaped(p, n.Value) {
				return
			}
			t := text.Split(p.Unit, n.Value)
			if bad := free(p, t); t.Built && len(bad) > 0 && tag().MatchString(t.String()) {
				p.Report(n, "%s stands unescaped in what templates print as it is.", parts(p, bad))
				found = true
			}
			return
		}
		ast.Children(n, visit)
	}
	for _, s := range f.Body {
		visit(s)
	}
	return found
}
