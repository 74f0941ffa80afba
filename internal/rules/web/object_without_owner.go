package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/surface"
)

// ObjectWithoutOwner looks at what is fetched by a number in the address.
var ObjectWithoutOwner = rule.Check{Surface: objectWithoutOwner}

// fetches are calls that get one object by what they are given.
var fetches = map[string]bool{"get": true, "get_or_404": true, "get_object_or_404": true, "first_or_404": true, "filter": true, "filter_by": true, "one": true, "find_one": true, "get_or_none": true, "find_by_id": true, "get_by_id": true, "aget": true, "where": true}

// whose says whether what a function does has to do with who calls. A dependency in its signature
// tells only that somebody has to be known; it is another thing to use what it gives.
func whose(b surface.Body) bool {
	text := bodyText(b)
	for _, d := range b.Def.DecoratorList {
		if c, ok := d.(*ast.Call); ok && !slices.Contains([]string{"route", "get", "post", "put", "patch", "delete", "api_route", "api_view"}, args.Callee(c)) {
			text += strings.ToLower(b.File.Text(c.Span()))
		}
	}
	if slices.ContainsFunc([]string{"current_user", "request.user", "owner", "user_id", "user=", "has_permission", "can_", "g.user", "session[", "permission", "authorize"}, func(w string) bool { return strings.Contains(text, w) }) {
		return true
	}
	var callers []string
	for _, a := range slices.Concat(b.Def.Args.Posonlyargs, b.Def.Args.Args, b.Def.Args.Kwonlyargs) {
		l := strings.ToLower(a.Arg)
		for _, w := range []string{"user", "me", "account", "principal", "identity", "customer", "member", "caller", "claims", "auth"} {
			if l == w || strings.HasSuffix(l, "_"+w) || strings.HasPrefix(l, w+"_") {
				callers = append(callers, a.Arg)
			}
		}
	}
	return len(callers) > 0 && has(b, func(n ast.Node) bool {
		x, ok := n.(*ast.Name)
		return ok && slices.Contains(callers, x.Ident)
	})
}

// compared says whether e is a comparison with a name: Order.id == number.
func compared(e ast.Expr, name string) bool {
	c, ok := e.(*ast.Compare)
	if !ok || len(c.Ops) != 1 || c.Ops[0] != ast.Eq {
		return false
	}
	for _, x := range []ast.Expr{c.Left, c.Comparators[0]} {
		if n, ok := x.(*ast.Name); ok && n.Ident == name {
			return true
		}
	}
	return false
}

func objectWithoutOwner(p *rule.SurfacePass) {
	seen := map[string]bool{}
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || x.Access.Login != surface.Required || seen[x.Handler] {
			continue
		}
		staff := false
		for _, by := range x.Access.By {
			l := strings.ToLower(args.Last(by)) // the module rest_framework.permissions asks for nothing
			staff = staff || strings.Contains(l, "admin") || strings.Contains(l, "staff") || strings.Contains(l, "superuser") || strings.Contains(l, "permission") || strings.Contains(l, "role")
			// Libraries in which a requirement looks at the object itself.
			for _, lib := range []string{"flask_allows", "flask_principal", "flask_authorize", "guardian", "rules", "oso"} {
				staff = staff || strings.HasPrefix(by, lib+".") || strings.HasPrefix(by, lib+"2.")
			}
		}
		if staff {
			continue
		}
		for _, q := range x.Parameters {
			if q.In != "path" {
				continue
			}
			hit := false
			for _, b := range x.Bodies {
				if whose(b) {
					continue
				}
				hit = hit || has(b, func(n ast.Node) bool {
					c, ok := n.(*ast.Call)
					if !ok || !fetches[args.Callee(c)] {
						return false
					}
					of := ""
					if f, ok := c.Func.(*ast.Attribute); ok {
						of = strings.ToLower(b.File.Text(f.Value.Span()))
					}
					if strings.Contains(of, "request") || strings.Contains(of, "headers") || strings.HasSuffix(of, "args") || strings.HasSuffix(of, "cache") || strings.HasSuffix(of, "config") {
						return false
					}
					for _, a := range c.Args {
						if compared(a, q.Name) {
							return true
						}
						if name, ok := a.(*ast.Name); ok && name.Ident == q.Name {
							return args.Callee(c) != "get" || strings.Contains(of, "query") || strings.Contains(of, "session") || strings.Contains(of, "objects") || len(c.Args) > 1
						}
					}
					for _, k := range c.Keywords {
						if name, ok := k.Value.(*ast.Name); ok && name.Ident == q.Name {
							return true
						}
					}
					return false
				})
			}
			if hit {
				seen[x.Handler] = true
				p.ReportRoute(x, "%s %s fetches an object by %s, and does not look whose it is.", strings.Join(x.Methods, ","), x.Path, q.Name)
				break
			}
		}
	}
}
