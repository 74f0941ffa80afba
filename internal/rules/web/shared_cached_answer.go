package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/surface"
)

// SharedCachedAnswer holds what a cached view depends on against what its answer is kept
// under.
var SharedCachedAnswer = rule.Check{Kinds: []ast.Kind{ast.KindFunctionDef, ast.KindClassDef, ast.KindCall}, Visit: sharedCachedAnswer}

const cachePage = "django.views.decorators.cache.cache_page"

func sharedCachedAnswer(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.ClassDef:
		cachedView(p, n)
		return
	case *ast.Call:
		// path("account/", cache_page(60)(account))
		c, ok := n.Func.(*ast.Call)
		if !ok || len(n.Args) != 1 || !p.Is(c.Func, cachePage) {
			return
		}
		for _, b := range p.Bindings(n.Args[0]) {
			if f, ok := b.(*ast.FunctionDef); ok && !variesAnyway(p, f.DecoratorList, f) {
				at, what, own := ofVisitor(p, f, "django")
				if asks := asksBelow(p, f.DecoratorList); asks != nil {
					at, what, own = asks, p.Text(asks), true
				}
				reportShared(p, c, at, what, own)
			}
		}
		return
	}
	f := n.(*ast.FunctionDef)
	var cached *ast.Call
	changes, where, whose := "", 0, ""
	for i, d := range f.DecoratorList {
		c, ok := d.(*ast.Call)
		if !ok {
			continue
		}
		if p.Is(c.Func, "flask_caching.Cache().cached", "flask_cache.Cache().cached", "flask.ext.cache.Cache().cached") {
			cached, where, whose = c, i, "flask"
			continue
		}
		if p.Is(c.Func, cachePage) {
			cached, where, whose = c, i, "django"
			continue
		}
		if p.Is(c.Func, "fastapi_cache.decorator.cache") {
			cached, where, whose = c, i, "fastapi"
			continue
		}
		if a, ok := c.Func.(*ast.Attribute); ok && cached == nil && changes == "" {
			changes = changing(p, c, a.Attr)
		}
	}
	if cached == nil || where == 0 && whose != "django" {
		return // not a view, or one that is not cached: the route was made of the function itself
	}
	if whose != "flask" {
		if whose == "django" && variesAnyway(p, f.DecoratorList[where+1:], f) || whose == "fastapi" && (program.Keyword(cached, "key_builder") != nil || conf.Mentions(p, "key_builder")) {
			return
		}
		at, what, own := ofVisitor(p, f, whose)
		if below := asksBelow(p, f.DecoratorList[where+1:]); below != nil {
			at, what, own = below, p.Text(below), true
		}
		reportShared(p, cached, at, what, own)
		return
	}
	for _, w := range []string{"make_cache_key", "unless", "key_prefix"} {
		if v, hidden := args.Keyword(p.Unit, cached, w); v != nil || hidden {
			return
		}
	}
	if len(cached.Args) > 1 {
		return
	}
	if changes != "" {
		p.Report(cached, "The first answer to a %s is the answer to all that follow, and they do nothing.", changes).Advise("cache what it reads instead, with @cache.memoize()")
		return
	}
	if below := asksBelow(p, f.DecoratorList[where+1:]); below != nil {
		reportShared(p, cached, below, p.Text(below), true)
		return
	}
	query, _ := args.Keyword(p.Unit, cached, "query_string")
	at, what, own := dependsOn(p, f, query != nil && !args.IsFalse(p.Unit, query))
	reportShared(p, cached, at, what, own)
}

func reportShared(p *rule.Pass, cached *ast.Call, at ast.Node, what string, own bool) {
	if at == nil {
		return
	}
	r := p.Report(cached, "The answer depends on %s, and is given to the next visitor as well.", what).Because(at, what+" is read here")
	if own {
		r.With(finding.High, finding.HighConfidence)
	}
}

// asksBelow is a decorator that asks who calls, below the one that caches: whoever comes next is
// answered before it is reached.
func asksBelow(p *rule.Pass, below []ast.Expr) ast.Expr {
	for _, d := range below {
		if c, ok := d.(*ast.Call); ok {
			d = c.Func
		}
		if surface.Asks(p.Text(d)) || slices.ContainsFunc(p.Names(d), surface.Asks) {
			return d
		}
	}
	return nil
}

// variesAnyway says whether a view of Django says what its answer varies by before it is kept,
// or that it is not to be kept. What stands above cache_page says it too late.
func variesAnyway(p *rule.Pass, below []ast.Expr, f ast.Node) bool {
	for _, d := range below {
		if m := asMethod(p, d); m != nil {
			d = m
		}
		if c, ok := d.(*ast.Call); ok {
			if args.Callee(c) == "cache_control" && program.Keyword(c, "private") == nil && program.Keyword(c, "no_store") == nil {
				continue
			}
			d = c.Func
		}
		switch ast.LastName(d) {
		case "vary_on_cookie", "vary_on_headers", "cache_control", "never_cache", "csrf_protect":
			return true
		}
	}
	text := p.Text(f)
	return strings.Contains(text, "patch_vary_headers") || strings.Contains(text, "patch_cache_control") || strings.Contains(text, "add_never_cache_headers") || strings.Contains(text, "[\"Vary\"]")
}

// asMethod is what method_decorator is given.
func asMethod(p *rule.Pass, d ast.Expr) ast.Expr {
	if c, ok := d.(*ast.Call); ok && len(c.Args) > 0 && p.Is(c.Func, "django.utils.decorators.method_decorator") {
		return c.Args[0]
	}
	return nil
}

// cachedView looks at a view that is a class: cache_page stands above it, or above one of its methods.
func cachedView(p *rule.Pass, class *ast.ClassDef) {
	judge := func(list []ast.Expr, in ast.Node) {
		for i, d := range list {
			c, ok := asMethod(p, d).(*ast.Call)
			if !ok || !p.Is(c.Func, cachePage) {
				continue
			}
			if variesAnyway(p, list[i+1:], in) {
				return
			}
			at, what, own := ofVisitor(p, in, "django")
			reportShared(p, c, at, what, own)
			return
		}
	}
	judge(class.DecoratorList, class)
	for _, s := range class.Body {
		if f, ok := s.(*ast.FunctionDef); ok {
			judge(f.DecoratorList, f)
		}
	}
}

// visitorParts are members of a request that tell of the visitor, and whether they are his own.
// Django has the query in its key.
var visitorParts = map[string]map[string]bool{
	"django":  {"user": true, "session": true, "COOKIES": true, "auth": true},
	"fastapi": {"user": true, "session": true, "cookies": true, "auth": true, "state": true, "headers": false, "query_params": false},
}

// ofVisitor finds the first thing in a view that tells of the visitor.
func ofVisitor(p *rule.Pass, f ast.Node, whose string) (at ast.Node, what string, own bool) {
	p.Inside(f, func(n ast.Node) bool {
		a, ok := n.(*ast.Attribute)
		if !ok || at != nil && own {
			return true
		}
		v, known := visitorParts[whose][a.Attr]
		if !known || at != nil && !v || !isRequest(p, a.Value) && !starletteRequest(p, a.Value) {
			return true
		}
		at, what, own = a, "request."+a.Attr, v
		return true
	})
	return at, what, own
}

// changing is the method of a route that changes something, if it answers one.
func changing(p *rule.Pass, c *ast.Call, attr string) string {
	switch attr {
	case "post", "put", "patch", "delete":
		return strings.ToUpper(attr)
	case "route":
		k := program.Keyword(c, "methods")
		if k == nil {
			return ""
		}
		v, _ := p.Const(k.Value)
		for _, m := range v.List {
			switch s := strings.ToUpper(m.Str); s {
			case "POST", "PUT", "PATCH", "DELETE":
				return s
			}
		}
	}
	return ""
}

// visitorOwn are what a request brings along that the key of a cached answer has not, and
// whether it is the visitor's own.
var visitorOwn = map[string]bool{
	"flask.session": true, "flask_login.current_user": true, "flask.request.cookies": true, "flask.request.authorization": true,
	"flask.request.args": false, "flask.request.values": false, "flask.request.form": false, "flask.request.json": false, "flask.request.get_json": false, "flask.request.data": false,
}

// dependsOn finds the first thing in a function's body that is not in the key.
func dependsOn(p *rule.Pass, f *ast.FunctionDef, query bool) (at ast.Node, what string, own bool) {
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if at != nil && own {
			return
		}
		switch n := n.(type) {
		case *ast.Name, *ast.Attribute:
			for _, name := range p.Names(n.(ast.Expr)) {
				v, ok := visitorOwn[name]
				if !ok || query && (name == "flask.request.args" || name == "flask.request.values") || at != nil && !v {
					continue
				}
				at, own = n, v
				what = strings.TrimPrefix(strings.TrimPrefix(name, "flask."), "flask_login.")
				return
			}
		}
		ast.Children(n, visit)
	}
	for _, s := range f.Body {
		visit(s)
	}
	return at, what, own
}
