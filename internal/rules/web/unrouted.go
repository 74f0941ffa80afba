package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/surface"
)

// Views of Django without the list of their paths: an application that others install, or a few files
// of one. Their decorators tell that they are views, and what is asked of whoever calls.

// called is how messages name a route: with its path, if that is known.
func called(x *surface.Route) string {
	if x.Path == "" {
		return args.Last(x.Handler)
	}
	return strings.Join(x.Methods, ",") + " " + x.Path
}

// unrouted lists the views of a file in a program that has no list of paths.
func unrouted(p *rule.Pass) []*surface.Route {
	if !p.Imports("django", "rest_framework") || conf.Mentions(p, "urlpatterns") {
		return nil
	}
	var out []*surface.Route
	for _, s := range p.Tree.Module.Body {
		f, ok := s.(*ast.FunctionDef)
		if !ok || len(f.Args.Args) == 0 || len(f.DecoratorList) == 0 {
			continue
		}
		x := &surface.Route{Framework: "django", Handler: f.Name, File: p.File.Path, Unit: p.Unit, At: f.Span(), Bodies: []surface.Body{{Unit: p.Unit, Def: f}}}
		x.Access.Login = surface.Unknown
		view, other := false, false
		for _, d := range f.DecoratorList {
			is := decorated(p, x, d)
			view, other = view || is, other || !is
		}
		if !view {
			continue
		}
		if other && x.Access.Login == surface.None {
			x.Access.Login = surface.Unknown // somebody's own decorator may ask for anything
		}
		for _, a := range f.Args.Args[1:] {
			x.Parameters = append(x.Parameters, surface.Parameter{Name: a.Arg, In: "path"})
		}
		out = append(out, x)
	}
	return out
}

// decorated notes what a decorator says of a view, and whether it is one for views.
func decorated(p *rule.Pass, x *surface.Route, d ast.Expr) bool {
	e := d
	c, _ := d.(*ast.Call)
	if c != nil {
		e = c.Func
	}
	name := p.Name(e)
	required := func(by string) {
		x.Access.Login = surface.Required
		x.Access.By = append(x.Access.By, by)
	}
	switch {
	case strings.HasPrefix(name, "django.views.decorators.http.require_"):
		switch m := strings.TrimPrefix(args.Last(name), "require_"); m {
		case "GET", "POST":
			x.Methods = append(x.Methods, m)
		case "safe":
			x.Methods = append(x.Methods, "GET")
		default:
			x.Methods = append(x.Methods, textsOf(p, c)...)
		}
		return true
	case strings.HasPrefix(name, "django.views.decorators."):
		return true
	case strings.HasPrefix(name, "django.contrib.auth.decorators."), strings.HasPrefix(name, "django.contrib.admin.views.decorators."):
		required(name)
		return true
	case name == "rest_framework.decorators.api_view":
		x.Methods = append(x.Methods, textsOf(p, c)...)
		return true
	case name == "rest_framework.decorators.permission_classes" && c != nil && len(c.Args) == 1:
		var list []ast.Expr
		switch l := c.Args[0].(type) {
		case *ast.List:
			list = l.Elts
		case *ast.Tuple:
			list = l.Elts
		default:
			return false
		}
		x.Access.Login = surface.None
		for _, k := range list {
			if by := p.Name(k); by != "rest_framework.permissions.AllowAny" {
				required(by)
			}
		}
		x.Access.Opened = x.Access.Login == surface.None
		return true
	}
	return false
}

// textsOf are the texts in a call's first argument, which is a list.
func textsOf(p *rule.Pass, c *ast.Call) (out []string) {
	if c == nil || len(c.Args) == 0 {
		return nil
	}
	v, _ := p.Const(c.Args[0])
	for _, m := range v.List {
		if m.Kind == ast.Str {
			out = append(out, strings.Clone(m.Str))
		}
	}
	slices.Sort(out)
	return out
}

// asRoutes asks a check for routes of the views that have none.
func asRoutes(p *rule.Pass, check func(p *rule.SurfacePass)) {
	routes := unrouted(p)
	if len(routes) == 0 {
		return
	}
	sp := &rule.SurfacePass{Reporter: p.Reporter, Surface: &surface.Surface{Routes: routes}, Imports: p.Imports}
	check(sp)
	p.Reporter = sp.Reporter
}

func unroutedObjects(p *rule.Pass) { asRoutes(p, objectWithoutOwner) }
