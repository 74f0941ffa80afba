package web

import (
	"slices"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// EnvironmentInAnswer looks at answers that are made of the whole environment, or of the whole
// configuration of an application. A page may be given either and print one value of it.
var EnvironmentInAnswer = rule.Check{Kinds: []ast.Kind{ast.KindCall, ast.KindReturn}, Visit: environmentAnswered}

func environmentAnswered(p *rule.Pass, n ast.Node) {
	var list []ast.Expr
	switch n := n.(type) {
	case *ast.Call:
		name := args.Callee(n)
		if !responses[name] || name == "render_template_string" || !answers(p, n, name) {
			return
		}
		list = slices.Clone(n.Args)
		for _, k := range n.Keywords {
			list = append(list, k.Value)
		}
	case *ast.Return:
		if n.Value == nil || !mayLeak(n.Value) {
			return
		}
		if f := p.Function(n); f == nil || !view(p, f) {
			return
		}
		list = append(list, n.Value)
	}
	for _, e := range list {
		if what := allOf(p, e, 0); what != "" {
			p.Report(e, "%s goes to the client: keys, passwords and addresses of other services among them.", what)
			return
		}
	}
}

// allOf finds the whole of an environment or a configuration in an expression, and says which.
func allOf(p *rule.Pass, e ast.Expr, depth int) string {
	if e == nil || depth > 6 {
		return ""
	}
	any := func(list ...ast.Expr) string {
		for _, x := range list {
			if what := allOf(p, x, depth+1); what != "" {
				return what
			}
		}
		return ""
	}
	if p.Is(e, "os.environ", "os.environb") {
		return "The whole environment"
	}
	if p.Is(e, "flask.Flask().config", "flask.current_app.config", "quart.Quart().config", "quart.current_app.config") {
		return "The whole configuration"
	}
	switch e := e.(type) {
	case *ast.Name:
		if v := p.Values(e); len(v) == 1 && v[0] != ast.Expr(e) {
			return any(v[0])
		}
	case *ast.Dict:
		return any(e.Values...)
	case *ast.List:
		return any(e.Elts...)
	case *ast.Tuple:
		return any(e.Elts...)
	case *ast.JoinedStr:
		for _, v := range e.Values {
			if f, ok := v.(*ast.FormattedValue); ok {
				if what := any(f.Value); what != "" {
					return what
				}
			}
		}
	case *ast.DictComp:
		return gone(p, e.Generators, e.Value, depth)
	case *ast.ListComp:
		return gone(p, e.Generators, e.Elt, depth)
	case *ast.GeneratorExp:
		return gone(p, e.Generators, e.Elt, depth)
	case *ast.Call:
		switch args.Callee(e) {
		case "items", "values", "copy", "decode", "encode":
			if f, ok := e.Func.(*ast.Attribute); ok {
				return any(f.Value)
			}
		case "dict", "str", "repr", "dumps", "pformat", "OrderedDict":
			return any(e.Args...)
		case "list", "sorted", "join": // of the names alone, unless they are asked for more
			if len(e.Args) == 1 && !p.Is(e.Args[0], "os.environ", "flask.Flask().config", "flask.current_app.config", "quart.Quart().config", "quart.current_app.config") {
				return any(e.Args...)
			}
		case "vars":
			if len(e.Args) == 1 && p.Is(e.Args[0], "django.conf.settings") {
				return "The whole configuration"
			}
		}
	}
	return ""
}

// gone is allOf for what goes over all of something: it is all of it only if nothing is left out,
// and the values are there.
func gone(p *rule.Pass, over []*ast.Comprehension, value ast.Expr, depth int) string {
	if len(over) != 1 || len(over[0].Ifs) > 0 {
		return ""
	}
	target := over[0].Target
	if t, ok := target.(*ast.Tuple); ok && len(t.Elts) > 0 {
		target = t.Elts[len(t.Elts)-1]
	}
	n, ok := target.(*ast.Name)
	if !ok {
		return ""
	}
	used := false
	var visit func(ast.Node)
	visit = func(x ast.Node) {
		switch x := x.(type) {
		case *ast.Name:
			used = used || x.Ident == n.Ident
		case *ast.Call: // mask(value)
			if args.Callee(x) != "str" {
				return
			}
		}
		ast.Children(x, visit)
	}
	visit(value)
	if c, ok := over[0].Iter.(*ast.Call); !used || !ok || args.Callee(c) != "items" && args.Callee(c) != "values" && args.Callee(c) != "sorted" {
		return ""
	}
	return allOf(p, over[0].Iter, depth+1)
}
