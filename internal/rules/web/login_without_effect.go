package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// LoginWithoutEffect looks for decorators that ask who calls, above the one that makes a route.
var LoginWithoutEffect = rule.Check{Kinds: []ast.Kind{ast.KindFunctionDef}, Visit: loginWithoutEffect}

func loginWithoutEffect(p *rule.Pass, n ast.Node) {
	d := n.(*ast.FunctionDef)
	route := -1
	for i, e := range d.DecoratorList {
		c, ok := e.(*ast.Call)
		if !ok {
			continue
		}
		if slices.ContainsFunc(p.Names(c.Func), func(name string) bool {
			name = strings.Replace(name, "quart.Quart", "flask.Flask", 1)
			for _, of := range []string{"flask.Flask().", "flask.Blueprint()."} {
				if m, ok := strings.CutPrefix(name, of); ok && slices.Contains([]string{"route", "get", "post", "put", "patch", "delete"}, m) {
					return true
				}
			}
			return false
		}) {
			route = i
		}
	}
	for i, e := range d.DecoratorList {
		if i >= route {
			break
		}
		target := e
		if c, ok := e.(*ast.Call); ok {
			target = c.Func
		}
		text := p.Text(target)
		if surface.Asks(text) || slices.ContainsFunc(p.Names(target), surface.Asks) {
			p.Report(e, "%s stands above the route of %s, and never runs.", text, d.Name)
		}
	}
}
