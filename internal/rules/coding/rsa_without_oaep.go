package coding

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// RsaWithoutOaep looks at what is encrypted and decrypted, not at what is signed.
var RsaWithoutOaep = rule.Check{Called: func(p *rule.Pass, c *ast.Call, name string) {
	p.Report(c, oldPadding)
}, Kinds: []ast.Kind{ast.KindCall}, Visit: rsaWithoutOaep}

const oldPadding = "This padding tells whoever may try often enough what was encrypted: use OAEP."

func rsaWithoutOaep(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	if w := args.Callee(c); w != "encrypt" && w != "decrypt" || len(c.Args) < 2 {
		return
	}
	if slices.ContainsFunc(p.Names(c.Args[1]), func(n string) bool {
		return strings.HasPrefix(n, "cryptography.hazmat.primitives.asymmetric.padding.PKCS1v15()")
	}) {
		p.Report(c, oldPadding)
	}
}
