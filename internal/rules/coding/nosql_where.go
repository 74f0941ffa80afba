package coding

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// NosqlWhere judges JavaScript that MongoDB runs.
var NosqlWhere = rule.Check{Kinds: []ast.Kind{ast.KindDict, ast.KindCall}, Visit: nosqlWhere}

func nosqlWhere(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Dict:
		for i, k := range n.Keys {
			c, ok := k.(*ast.Constant)
			if !ok || c.ConstKind() != ast.Str {
				continue
			}
			switch c.Raw { // most keys: no need to decode
			case `"$where"`, `'$where'`:
				script(p, n.Values[i], "$where")
			case `"$function"`, `'$function'`, `"$accumulator"`, `'$accumulator'`:
				if d, ok := n.Values[i].(*ast.Dict); ok {
					for _, part := range []string{"body", "init", "accumulate", "merge", "finalize"} {
						if v := text.Lookup(d, part); v != nil {
							script(p, v, c.Str())
						}
					}
				}
			}
		}
	case *ast.Call:
		if len(n.Args) == 0 {
			return
		}
		switch f := n.Func.(type) {
		case *ast.Name:
			if f.Ident == "Code" && p.Is(f, "bson.Code", "bson.code.Code") {
				script(p, n.Args[0], "Code")
			}
		case *ast.Attribute:
			if f.Attr == "where" && len(n.Args) == 1 && (p.Is(n.Func, "pymongo.MongoClient().find().where") || javascript(p, n.Args[0])) {
				script(p, n.Args[0], "where")
			}
		}
	}
}

// javascript says whether a text begins as MongoDB's JavaScript does.
func javascript(p *rule.Pass, e ast.Expr) bool {
	s := text.Split(p.Unit, e).String()
	return len(s) > 5 && (s[:5] == "this." || len(s) > 8 && s[:8] == "function")
}

func script(p *rule.Pass, e ast.Expr, what string) {
	t := text.Split(p.Unit, e)
	free := t.Free(p.Unit, nil)
	if len(free) == 0 || !t.Built && !outside(p, free[0].Expr) {
		return
	}
	p.Report(e, "%s runs JavaScript with %s in it.", what, parts(p, free))
}
