package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// ChangeByGet looks at routes that are called by a link and delete something.
var ChangeByGet = rule.Check{Surface: changeByGet}

// deleting are words in the names of routes that delete something.
var deleting = words("delete remove destroy purge drop clear close wipe erase cancel revoke")

func words(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		out[w] = true
	}
	return out
}

func changeByGet(p *rule.SurfacePass) {
	for _, x := range p.Routes {
		if eitherWay(x) {
			p.ReportRoute(x, "GET %s changes something as POST does: any link can bring the values along.", x.Path)
			continue
		}
		if x.Library || x.Unit == nil || !slices.ContainsFunc(wordsOf(x), func(w string) bool { return deleting[w] }) {
			continue
		}
		all := answersGet(x)
		for _, b := range x.Bodies {
			y := *x
			switch {
			case b.Def.Name == "get" && slices.Contains(x.Methods, "GET"): // a method of a class
				y.Unit, y.At = b.Unit, b.Def.Span()
			case !all || forOther(x, b):
				continue
			}
			if has(b, func(n ast.Node) bool { return deletes(b, n) }) {
				p.ReportRoute(&y, "GET %s deletes something, and any link can do it.", x.Path)
				break
			}
		}
	}
}

// forOther says whether a function is what a class does with another method than GET.
func forOther(x *surface.Route, b surface.Body) bool {
	switch v := strings.ToUpper(b.Def.Name); v {
	case "POST", "DESTROY", "PERFORM_DESTROY", "FORM_VALID":
		return true
	default:
		return v != "GET" && len(x.Bodies) > 1
	}
}

// eitherWay says whether a view of Flask takes GET and POST alike, reads its values from either, and
// keeps something.
func eitherWay(x *surface.Route) bool {
	if x.Framework != "flask" || x.Library || x.Unit == nil || x.Access.Login != surface.Required || !slices.Contains(x.Methods, "GET") || !slices.Contains(x.Methods, "POST") || len(x.Bodies) != 1 {
		return false
	}
	return mentions(x.Bodies[0], "request.values") && !mentions(x.Bodies[0], ".method", "validate", "csrf") && has(x.Bodies[0], func(n ast.Node) bool {
		c, ok := n.(*ast.Call)
		if !ok {
			return false
		}
		f, ok := c.Func.(*ast.Attribute)
		return ok && f.Attr == "commit"
	})
}

// deletes says whether a node takes something out of a database.
func deletes(b surface.Body, n ast.Node) bool {
	c, ok := n.(*ast.Call)
	if !ok {
		return false
	}
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		return false
	}
	of := strings.ToLower(b.File.Text(f.Value.Span()))
	switch f.Attr {
	case "delete", "delete_one", "delete_many", "hard_delete":
		return !strings.Contains(of, "requests") && !strings.Contains(of, "client") && !strings.Contains(of, "cache") && !strings.Contains(of, "session[") && !strings.HasSuffix(of, "request.session")
	case "execute":
		if len(c.Args) > 0 {
			s := strings.ToUpper(strings.TrimLeft(b.File.Text(c.Args[0].Span()), "\"'frbFRB \n"))
			return strings.HasPrefix(s, "DELETE ") || strings.HasPrefix(s, "DROP ") || deleteStatement(b.Unit, c.Args[0])
		}
	}
	return false
}

// answersGet says whether a route does with GET what it does: it takes nothing else, or does not
// ask by which method it was called.
func answersGet(x *surface.Route) bool {
	if slices.Equal(x.Methods, []string{"GET"}) {
		return true
	}
	if !slices.Contains(x.Methods, "GET") && !slices.Contains(x.Methods, "*") {
		return false
	}
	return !slices.ContainsFunc(x.Bodies, func(b surface.Body) bool {
		t := bodyText(b)
		return slices.ContainsFunc([]string{".method", ".post", "validate", "is_valid", ".form", "confirm", "submit"}, func(w string) bool { return strings.Contains(t, w) }) ||
			mentions(b, "delete(self", "require_")
	})
}

// deleteStatement says whether e is a statement of SQLAlchemy's that deletes: delete(Item).where(…).
func deleteStatement(u *program.Unit, e ast.Expr) bool {
	for range 8 {
		switch x := e.(type) {
		case *ast.Attribute:
			e = x.Value
		case *ast.Call:
			if u.Is(x.Func, "sqlalchemy.delete", "sqlalchemy.sql.delete", "sqlalchemy.sql.expression.delete", "sqlmodel.delete") || ast.LastName(x.Func) == "delete" && strings.HasSuffix(u.File.Text(x.Func.Span()), "db.delete") {
				return true
			}
			e = x.Func
		default:
			return false
		}
	}
	return false
}
