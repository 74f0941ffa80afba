package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
)

// GraphqlConsoleOpen looks for views of GraphQL that show a console, or the whole schema.
var GraphqlConsoleOpen = rule.Check{Called: graphqlConsole}

func graphqlConsole(p *rule.Pass, c *ast.Call, name string) {
	if conf.Dev(p, c) {
		return
	}
	on := strings.HasPrefix(name, "strawberry.") // unless it is told otherwise
	said := false
	for _, k := range []string{"graphiql", "graphql_ide", "explorer"} {
		v, hidden := args.Keyword(p.Unit, c, k)
		if hidden {
			return
		}
		if v == nil {
			continue
		}
		said = true
		if value, known := p.Const(v); known {
			on = value.True()
		} else {
			on = false // decided when the program starts
		}
	}
	if strings.HasPrefix(name, "ariadne.") && !said {
		v, hidden := args.Keyword(p.Unit, c, "introspection")
		if v == nil && !hidden || v != nil && args.IsTrue(p.Unit, v) {
			p.Report(c, "Whoever asks is told the whole schema, and shown a console for it: introspection is not switched off.").Advise("GraphQL(schema, introspection=False, explorer=None)")
		}
		return
	}
	if on {
		p.Report(c, "Whoever opens this address gets a console with the whole schema.").Advise("%s", map[bool]string{true: "graphql_ide=None", false: "graphiql=settings.DEBUG"}[strings.HasPrefix(name, "strawberry.")])
	}
}
