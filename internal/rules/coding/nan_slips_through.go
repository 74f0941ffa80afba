package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// NanSlipsThrough looks at numbers that are read from requests, and for checks that refuse
// what is beyond a limit: nan is beyond none.
var NanSlipsThrough = rule.Check{Called: nanRead}

func nanRead(p *rule.Pass, c *ast.Call, _ string) {
	a, ok := p.Parent(c).(*ast.Assign)
	if !ok || len(a.Targets) != 1 || len(c.Args) != 1 {
		return
	}
	n, ok := a.Targets[0].(*ast.Name)
	f := p.Function(c)
	if !ok || f == nil || !foreign(p, c.Args[0], 0) {
		return
	}
	var refuses *ast.If
	asked, last := false, a.End()
	p.Inside(f, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.If:
			if refuses == nil && x.Start() > a.End() && gone(x.Body) && !speaksOf(p, x.Body, n.Ident) && beyond(x.Test, n.Ident) {
				refuses = x
			}
		case *ast.Attribute:
			asked = asked || finite(x.Attr)
		case *ast.Name:
			asked = asked || finite(x.Ident)
			if x.Ident == n.Ident {
				last = max(last, x.Start())
			}
		case *ast.Constant:
			if x.ConstKind() == ast.Str && strings.EqualFold(x.Str(), "nan") {
				asked = true
			}
		}
		return !asked
	})
	if refuses != nil && !asked && last > refuses.End() { // what was not refused is used
		p.Report(c, "%s can be nan, and no limit stops it.", n.Ident).Because(refuses.Test, "A comparison with nan is false, so that this does not refuse it.")
	}
}

func finite(name string) bool {
	l := strings.ToLower(name)
	return strings.Contains(l, "isfinite") || strings.Contains(l, "isnan") || strings.Contains(l, "is_nan") || strings.Contains(l, "is_finite") || l == "clip" || l == "clamp"
}

// gone says whether a block leaves the function.
func gone(body []ast.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	switch s := body[len(body)-1].(type) {
	case *ast.Return, *ast.Raise:
		return true
	case *ast.ExprStmt:
		c, ok := s.Value.(*ast.Call)
		return ok && (args.Callee(c) == "abort" || args.Callee(c) == "exit")
	}
	return false
}

// speaksOf says whether a block uses the name: what is done with a number there was
// allowed, not refused.
func speaksOf(p *rule.Pass, body []ast.Stmt, name string) bool {
	found := false
	for _, s := range body {
		if _, raises := s.(*ast.Raise); raises {
			continue // it is only named in the message
		}
		p.Inside(s, func(n ast.Node) bool {
			found = found || n.Kind() == ast.KindName && n.(*ast.Name).Ident == name
			return !found
		})
	}
	return found
}

// beyond says whether a test holds where the name is larger or smaller than something:
// one comparison, or one of several of which any is enough.
func beyond(test ast.Expr, name string) bool {
	switch t := test.(type) {
	case *ast.BoolOp:
		if t.Op != ast.Or {
			return false
		}
		for _, v := range t.Values {
			if beyond(v, name) {
				return true
			}
		}
	case *ast.Compare:
		if len(t.Ops) != 1 {
			return false
		}
		switch t.Ops[0] {
		case ast.Lt, ast.Gt, ast.LtE, ast.GtE:
			return isNamed(t.Left, name) || isNamed(t.Comparators[0], name)
		}
	}
	return false
}

func isNamed(e ast.Expr, name string) bool {
	n, ok := e.(*ast.Name)
	return ok && n.Ident == name
}
