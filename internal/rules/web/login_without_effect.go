package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// LoginWithoutEffect looks for decorators that ask who calls, above the one that makes a route, and
// for mixins of Django behind the view that answers.
var LoginWithoutEffect = rule.Check{Kinds: []ast.Kind{ast.KindFunctionDef, ast.KindClassDef}, Visit: loginWithoutEffect}

// routers are what gives a function as it is to an address; the decorator hands the function back.
var routers = []string{"flask.Flask().", "flask.Blueprint().", "quart.Quart().", "quart.Blueprint().", "fastapi.FastAPI().", "fastapi.APIRouter().", "starlette.applications.Starlette()."}

func loginWithoutEffect(p *rule.Pass, n ast.Node) {
	if c, ok := n.(*ast.ClassDef); ok {
		mixinBehind(p, c)
		return
	}
	d := n.(*ast.FunctionDef)
	route, api := -1, -1
	for i, e := range d.DecoratorList {
		c, ok := e.(*ast.Call)
		if !ok {
			continue
		}
		if slices.ContainsFunc(p.Names(c.Func), func(name string) bool {
			for _, of := range routers {
				if m, ok := strings.CutPrefix(name, of); ok && slices.Contains([]string{"route", "get", "post", "put", "patch", "delete", "api_route", "websocket"}, m) {
					return true
				}
			}
			return false
		}) {
			route = i
		}
		if p.Is(c.Func, "rest_framework.decorators.api_view") {
			api = i
		}
	}
	for i, e := range d.DecoratorList {
		target := e
		if c, ok := e.(*ast.Call); ok {
			target = c.Func
		}
		text := p.Text(target)
		switch {
		case i < route && (surface.Asks(text) || slices.ContainsFunc(p.Names(target), surface.Asks)):
			p.Report(e, "%s stands above the route of %s, and never runs.", text, d.Name)
		case i < api && p.Is(target, "rest_framework.decorators.permission_classes", "rest_framework.decorators.authentication_classes"):
			p.Report(e, "%s stands above api_view, which has made a view of %s without it.", text, d.Name).Advise("@api_view above @permission_classes")
		}
	}
}

// mixinBehind looks for a mixin that asks, behind a view: the methods of what stands first are
// called, and View's answer without calling those of the next.
func mixinBehind(p *rule.Pass, c *ast.ClassDef) {
	for i, b := range c.Bases {
		if !asksAsMixin(b) {
			continue
		}
		for _, v := range c.Bases[:i] {
			if plainView(p, v, 0) {
				mixin, view := ast.LastName(b), ast.LastName(v)
				p.Report(c, "%s stands behind %s, and never asks.", mixin, view).Advise("class %s(%s, %s)", c.Name, mixin, view)
				return
			}
		}
	}
}

func asksAsMixin(e ast.Expr) bool {
	switch l := ast.LastName(e); l {
	case "LoginRequiredMixin", "PermissionRequiredMixin", "UserPassesTestMixin", "AccessMixin":
		return true
	default:
		return strings.HasSuffix(l, "Mixin") && surface.Asks(l)
	}
}

// plainView says whether a class is a view, none of whose parts asks.
func plainView(p *rule.Pass, e ast.Expr, depth int) bool {
	for _, name := range p.Names(e) {
		if (strings.HasPrefix(name, "django.views.") || strings.HasPrefix(name, "rest_framework.")) && (strings.HasSuffix(name, "View") || strings.HasSuffix(name, "ViewSet")) {
			return true
		}
	}
	for _, d := range p.Bindings(e) {
		c, ok := d.(*ast.ClassDef)
		if !ok || depth > 4 || slices.ContainsFunc(c.Bases, asksAsMixin) {
			continue
		}
		if slices.ContainsFunc(c.Bases, func(b ast.Expr) bool { return plainView(p, b, depth+1) }) {
			return true
		}
	}
	return false
}
