package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// SecretKeyAsSalt looks at the salt of Hashids, and whether the application's secret key
// goes into it as it is.
var SecretKeyAsSalt = rule.Check{Called: saltedIDs}

func saltedIDs(p *rule.Pass, c *ast.Call, _ string) {
	e, _ := args.Get(p.Unit, c, 0, "salt")
	if e == nil {
		return
	}
	for _, v := range p.Values(e) {
		parts := text.Split(p.Unit, v).Holes()
		for _, part := range parts {
			if name := secretKey(p, part.Expr); name != "" {
				p.Report(c, "%s is the salt here, and can be computed from what Hashids makes: whoever has it signs sessions of his own.", name)
				return
			}
		}
	}
}

// secretKey is how e calls the application's secret key, or "".
func secretKey(p *rule.Pass, e ast.Expr) string {
	name := ""
	switch e := e.(type) {
	case *ast.Attribute:
		name = e.Attr
	case *ast.Name:
		name = e.Ident
	case *ast.Subscript:
		name, _ = p.Str(e.Slice)
	case *ast.Call:
		if l := callee(e); (l == "get" || l == "getenv") && len(e.Args) > 0 {
			name, _ = p.Str(e.Args[0])
		}
	}
	if strings.EqualFold(strings.TrimPrefix(strings.ToUpper(name), "DJANGO_"), "SECRET_KEY") {
		return name
	}
	return ""
}
