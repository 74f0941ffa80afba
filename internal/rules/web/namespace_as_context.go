package web

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// NamespaceAsContext looks for templates that are given all variables there are.
var NamespaceAsContext = rule.Check{Called: namespaceAsContext}

func namespaceAsContext(p *rule.Pass, c *ast.Call, name string) {
	list := append([]ast.Expr{}, c.Args...)
	for _, k := range c.Keywords {
		list = append(list, k.Value)
	}
	for i := 0; i < len(list); i++ {
		for _, v := range p.Values(list[i]) {
			if d, ok := v.(*ast.Dict); ok && len(list) < 40 { // {"request": request, **locals()}
				for j, k := range d.Keys {
					if k == nil {
						list = append(list, d.Values[j])
					}
				}
			}
			made, ok := v.(*ast.Call)
			if !ok || len(made.Args) != 0 || !p.Is(made.Func, "builtins.locals", "builtins.globals", "builtins.vars") {
				continue
			}
			what := "function"
			if args.Callee(made) == "globals" {
				what = "module"
			}
			p.Report(c, "With %s() the template sees every variable of the %s.", args.Callee(made), what)
			return
		}
	}
}
