package web

import (
	"bytes"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
)

// PasswordUnchecked looks for passwords that go from a request into an account, in files
// that know nothing of Django's validators.
var PasswordUnchecked = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: passwordUnchecked}

func passwordUnchecked(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	if callee(c) != "set_password" || len(c.Args) != 1 || !p.Imports("django", "rest_framework") {
		return
	}
	if _, ok := c.Func.(*ast.Attribute); !ok || bytes.Contains(p.File.Bytes, []byte("validate_password")) || bytes.Contains(p.File.Bytes, []byte("password_validation")) {
		return
	}
	for _, v := range p.Values(c.Args[0]) {
		if !ofRequest(p, v) || asked(p, c, c.Args[0]) {
			return
		}
	}
	p.Report(c, "The password comes from the request, and AUTH_PASSWORD_VALIDATORS are not asked.")
}

// ofRequest says whether e reads a field of a request as it came.
func ofRequest(p *rule.Pass, e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Subscript:
		e = x.Value
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		if !ok || f.Attr != "get" {
			return false
		}
		e = f.Value
	default:
		return false
	}
	t := p.Text(e)
	for _, w := range []string{"request.POST", "request.data", "request.GET"} {
		if strings.HasSuffix(t, w) {
			return true
		}
	}
	return false
}
