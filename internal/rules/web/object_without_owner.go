package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/surface"
)

// ObjectWithoutOwner looks at what is fetched by a number in the address.
var ObjectWithoutOwner = rule.Check{Surface: objectWithoutOwner}

// fetches are calls that get one object by what they are given.
var fetches = map[string]bool{"get": true, "get_or_404": true, "get_object_or_404": true, "first_or_404": true, "filter": true, "filter_by": true, "one": true, "find_one": true, "get_or_none": true, "find_by_id": true, "get_by_id": true, "aget": true}

func objectWithoutOwner(p *rule.SurfacePass) {
	seen := map[string]bool{}
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || x.Access.Login != surface.Required || seen[x.Handler] {
			continue
		}
		staff := false
		for _, by := range x.Access.By {
			l := strings.ToLower(by)
			staff = staff || strings.Contains(l, "admin") || strings.Contains(l, "staff") || strings.Contains(l, "superuser") || strings.Contains(l, "permission") || strings.Contains(l, "role")
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
				if mentions(b, "current_user", "request.user", "owner", "user_id", "user=", "has_permission", "can_", "g.user", "session[", "permission", "authorize") {
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
