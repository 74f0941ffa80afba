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
	if !p.Imports("django", "rest_framework") || hasPaths(p) {
		return nil
	}
	var out []*surface.Route
	for _, s := range p.Tree.Module.Body {
		if c, ok := s.(*ast.ClassDef); ok {
			if x := viewClass(p, c); x != nil {
				out = append(out, x)
			}
			continue
		}
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

type pathsKey struct{}

// hasPaths says whether the program has a list of paths where Django would look for one: in what
// ROOT_URLCONF names, or in a module that is called urls.
func hasPaths(p *rule.Pass) bool {
	if conf.Mentions(p, "ROOT_URLCONF") {
		return true
	}
	prog := p.Module.Program()
	has, _ := prog.Once(pathsKey{}, func() any {
		for _, m := range prog.Modules() {
			if strings.Contains(args.Last(m.Name), "url") {
				return true
			}
		}
		return false
	}).(bool)
	return has
}

// viewClass is a class of Django's or of the REST framework's that asks for no more than a login, with
// methods that answer; or nil.
func viewClass(p *rule.Pass, c *ast.ClassDef) *surface.Route {
	x := &surface.Route{Framework: "django", Handler: c.Name, File: p.File.Path, Unit: p.Unit, At: c.Span()}
	view, rest := false, false
	for _, b := range c.Bases {
		switch p.Name(b) {
		case "django.contrib.auth.mixins.LoginRequiredMixin":
			x.Access.Login = surface.Required
			x.Access.By = append(x.Access.By, "django.contrib.auth.mixins.LoginRequiredMixin")
		case "django.views.View", "django.views.generic.View", "django.views.generic.base.View":
			view = true
		case "rest_framework.views.APIView":
			view, rest = true, true
		default:
			return nil
		}
	}
	if !view || len(c.DecoratorList) > 0 {
		return nil
	}
	for _, s := range c.Body {
		switch s := s.(type) {
		case *ast.Assign:
			if rest && ast.LastName(s.Targets[0]) == "permission_classes" {
				list, ok := s.Value.(*ast.List)
				if !ok || len(list.Elts) != 1 || !p.Is(list.Elts[0], "rest_framework.permissions.IsAuthenticated") {
					return nil
				}
				x.Access.Login = surface.Required
				x.Access.By = append(x.Access.By, "rest_framework.permissions.IsAuthenticated")
			}
		case *ast.FunctionDef:
			switch s.Name {
			case "get", "post", "put", "patch", "delete":
				if len(s.Args.Args) < 2 || len(s.DecoratorList) > 0 {
					return nil
				}
				x.Methods = append(x.Methods, strings.ToUpper(s.Name))
				x.Bodies = append(x.Bodies, surface.Body{Unit: p.Unit, Def: s})
				for _, a := range s.Args.Args[2:] {
					x.Parameters = append(x.Parameters, surface.Parameter{Name: a.Arg, In: "path"})
				}
			case "dispatch", "setup", "get_permissions", "initial", "check_permissions":
				return nil
			}
		}
	}
	if x.Access.Login != surface.Required || len(x.Bodies) == 0 {
		return nil
	}
	return x
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
		list, ok := ast.Elements(c.Args[0])
		if !ok {
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
