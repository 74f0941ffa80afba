package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// FormatString looks for formats that somebody else writes.
var FormatString = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: formatString}

func formatString(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	f, ok := c.Func.(*ast.Attribute)
	if !ok || f.Attr != "format" && f.Attr != "format_map" || len(c.Args)+len(c.Keywords) == 0 {
		return
	}
	sent := outside(p, f.Value)
	rich := ""
	look := func(e ast.Expr) {
		s := reach(p, e)
		if s == "" && sent && object(e) {
			s = excerpt(p, e)
		}
		if s != "" && rich == "" {
			rich = s
		}
	}
	for _, a := range c.Args {
		look(a)
	}
	for _, k := range c.Keywords {
		look(k.Value)
	}
	if rich == "" {
		return
	}
	if p.Is(f.Value, "builtins.str()") {
		if _, isName := f.Value.(*ast.Name); !isName {
			if t := text.Split(p.Unit, f.Value); len(t.Free(p.Unit, nil)) == 0 {
				return
			}
		}
	}
	t := text.Split(p.Unit, f.Value)
	free := t.Free(p.Unit, nil)
	if len(free) == 0 {
		return
	}
	if _, isAttr := free[0].Expr.(*ast.Attribute); isAttr && !outside(p, free[0].Expr) {
		return // a format of the object's own: self.template
	}
	if !p.IsParameter(free[0].Expr) && !outside(p, free[0].Expr) {
		return
	}
	p.Report(c, "%s chooses what the format reads from %s.", excerpt(p, free[0].Expr), rich)
}

// object says whether an argument is no text or number but a thing of the application, as far
// as its name tells: attributes lead from it to the module around its class.
func object(e ast.Expr) bool {
	switch ast.LastName(e) {
	case "user", "current_user", "request", "app", "settings", "config":
		return true
	}
	return false
}

// reach names an argument from which a format can reach much.
func reach(p *rule.Pass, e ast.Expr) string {
	if s, ok := e.(*ast.Starred); ok {
		e = s.Value
	}
	if c, ok := e.(*ast.Call); ok && p.Is(c.Func, "builtins.locals", "builtins.globals", "builtins.vars") {
		return excerpt(p, e)
	}
	if n, ok := e.(*ast.Name); ok && n.Ident == "self" {
		return "self"
	}
	if a, ok := e.(*ast.Attribute); ok && a.Attr == "__dict__" {
		return excerpt(p, e)
	}
	for _, n := range p.Names(e) {
		for _, o := range []string{"flask.request", "flask.current_app", "flask.g", "flask.Flask()", "django.conf.settings", "os.environ"} {
			if n == o || strings.HasPrefix(n, o+".") && o == "flask.current_app" {
				return excerpt(p, e)
			}
		}
	}
	return ""
}
