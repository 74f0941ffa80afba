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

func changeByGet(p *rule.SurfacePass) {
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || !answersGet(x) || !slices.ContainsFunc(wordsOf(x), func(w string) bool {
			return w == "delete" || w == "remove" || w == "destroy" || w == "purge" || w == "drop"
		}) {
			continue
		}
		if within(x, func(b surface.Body, n ast.Node) bool {
			if v := strings.ToUpper(b.Def.Name); v != "GET" && len(x.Bodies) > 1 || v == "POST" || v == "DESTROY" || v == "PERFORM_DESTROY" || v == "FORM_VALID" {
				return false // what a class does with another method
			}
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
				return !strings.Contains(of, "requests") && !strings.Contains(of, "client") && !strings.Contains(of, "cache")
			case "execute":
				if len(c.Args) > 0 {
					s := strings.ToUpper(strings.TrimLeft(b.File.Text(c.Args[0].Span()), "\"'frbFRB \n"))
					return strings.HasPrefix(s, "DELETE ") || strings.HasPrefix(s, "DROP ") || deletes(b.Unit, c.Args[0])
				}
			}
			return false
		}) {
			p.ReportRoute(x, "GET %s deletes something, and any link can do it.", x.Path)
		}
	}
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
		return slices.ContainsFunc([]string{".method", ".post", "validate", "is_valid", ".form", "confirm", "submit"}, func(w string) bool { return strings.Contains(t, w) })
	})
}

// deletes says whether e is a statement of SQLAlchemy's that deletes: delete(Item).where(…).
func deletes(u *program.Unit, e ast.Expr) bool {
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
