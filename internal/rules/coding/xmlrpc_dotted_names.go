package coding

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// XmlrpcDottedNames looks for instances whose attributes callers may follow.
var XmlrpcDottedNames = rule.Check{Called: func(p *rule.Pass, c *ast.Call, name string) {
	if e, _ := args.Get(p.Unit, c, 1, "allow_dotted_names"); e != nil && args.IsTrue(p.Unit, e) {
		p.Report(c, "Whoever calls may go from attribute to attribute here, to any function that the module sees.")
	}
}}
