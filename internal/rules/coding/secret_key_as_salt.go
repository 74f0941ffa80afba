package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// SecretKeyAsSalt looks at what the letters of identifiers are shuffled by.
var SecretKeyAsSalt = rule.Check{Called: secretKeyAsSalt}

func secretKeyAsSalt(p *rule.Pass, c *ast.Call, name string) {
	salt := program.Arg(c, 0, "salt")
	if strings.HasPrefix(name, "sqids.") {
		salt = program.Arg(c, 0, "alphabet")
	}
	if salt == nil {
		return
	}
	for _, part := range text.Split(p.Unit, salt).Holes() {
		for _, v := range p.Values(part.Expr) {
			if secretKey(v) {
				p.Report(c, "From the identifiers the salt can be worked out, and it is the application's secret key.")
				return
			}
		}
	}
}

// secretKey says whether e is the key of an application: settings.SECRET_KEY,
// app.config["SECRET_KEY"], app.secret_key.
func secretKey(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Attribute:
		return e.Attr == "SECRET_KEY" || e.Attr == "secret_key"
	case *ast.Subscript:
		s, ok := ast.IsStr(e.Slice)
		return ok && s.Str() == "SECRET_KEY"
	case *ast.Call:
		f, ok := e.Func.(*ast.Attribute)
		if !ok || len(e.Args) == 0 || f.Attr != "get" && f.Attr != "encode" {
			return false
		}
		s, ok := ast.IsStr(e.Args[0])
		return ok && s.Str() == "SECRET_KEY"
	}
	return false
}
