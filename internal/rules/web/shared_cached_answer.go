package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// SharedCachedAnswer holds what a cached view depends on against what its answer is kept
// under.
var SharedCachedAnswer = rule.Check{Kinds: []ast.Kind{ast.KindFunctionDef}, Visit: sharedCachedAnswer}

func sharedCachedAnswer(p *rule.Pass, n ast.Node) {
	f, ok := n.(*ast.FunctionDef)
	if !ok {
		return
	}
	var cached *ast.Call
	changes, where := "", 0
	for i, d := range f.DecoratorList {
		c, ok := d.(*ast.Call)
		if !ok {
			continue
		}
		if p.Is(c.Func, "flask_caching.Cache().cached", "flask_cache.Cache().cached", "flask.ext.cache.Cache().cached") {
			cached, where = c, i
			continue
		}
		if a, ok := c.Func.(*ast.Attribute); ok && cached == nil && changes == "" {
			changes = changing(p, c, a.Attr)
		}
	}
	if cached == nil || where == 0 {
		return // not a view, or one that is not cached: the route was made of the function itself
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
	query, _ := args.Keyword(p.Unit, cached, "query_string")
	if at, what, own := dependsOn(p, f, query != nil && !args.IsFalse(p.Unit, query)); at != nil {
		r := p.Report(cached, "The answer depends on %s, and is given to the next visitor as well.", what).Because(at, what+" is read here")
		if own {
			r.With(finding.High, finding.HighConfidence)
		}
	}
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
