package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// UnauthenticatedEncryption looks at the mode of ciphers that encrypt, and whether
// anything around signs.
var UnauthenticatedEncryption = rule.Check{Called: unauthenticated}

// plainModes are the modes that do not notice changes.
var plainModes = map[string]bool{"CBC": true, "CTR": true, "CFB": true, "CFB8": true, "OFB": true}

func unauthenticated(p *rule.Pass, c *ast.Call, name string) {
	mode := ""
	switch {
	case strings.HasPrefix(name, "pyaes."):
		mode = name[len(name)-3:]
	case strings.HasSuffix(name, ".AES.new"):
		e, _ := args.Get(p.Unit, c, 1, "mode")
		if e == nil {
			return
		}
		for m := range plainModes {
			if modeNamed(p, e, "MODE_"+m) {
				mode = m
			}
		}
	default:
		e, _ := args.Get(p.Unit, c, 1, "mode")
		if e == nil {
			return
		}
		for _, n := range p.Names(e) {
			if rest, ok := strings.CutPrefix(n, "cryptography.hazmat.primitives.ciphers.modes."); ok {
				mode = strings.TrimSuffix(rest, "()")
			}
		}
	}
	if !plainModes[mode] {
		return
	}
	p.Report(c, "%s does not notice when somebody changes what was encrypted.", mode).ForAudit(!encrypts(p, c) || signs(p, c))
}

// encrypts says whether the function around encrypts, rather than only reading.
func encrypts(p *rule.Pass, c *ast.Call) bool {
	found := false
	look := func(n ast.Node) bool {
		if a, ok := n.(*ast.Attribute); ok && (a.Attr == "encrypt" || a.Attr == "encryptor") {
			found = true
		}
		return !found
	}
	var scope ast.Node = p.Tree.Module
	f := p.Function(c)
	if f != nil {
		scope = f
	}
	p.Inside(scope, func(n ast.Node) bool { return f == nil && p.Function(n) != nil || look(n) })
	return found
}

// signs says whether the function or class around signs too: itself, in one of the file's
// that it names, or in one that names it.
func signs(p *rule.Pass, c *ast.Call) bool {
	var own ast.Node
	name := func(n ast.Node) string {
		switch n := n.(type) {
		case *ast.FunctionDef:
			return n.Name
		case *ast.ClassDef:
			return n.Name
		}
		return ""
	}
	for _, s := range p.Tree.Module.Body {
		if s.Start() <= c.Start() && c.End() <= s.End() {
			own = s
		}
	}
	if own == nil {
		return false
	}
	mine, signed := signing(p, own)
	if signed {
		return true
	}
	for _, s := range p.Tree.Module.Body {
		if _, imports := s.(*ast.ImportFrom); imports || s.Kind() == ast.KindImport || ast.Node(s) == own {
			continue
		}
		words, signed := signing(p, s)
		if signed && (name(own) == "" || name(s) == "" || words[name(own)] || mine[name(s)]) {
			return true
		}
	}
	return false
}

// signing lists the names in a statement, and says whether one of them speaks of
// signatures.
func signing(p *rule.Pass, n ast.Node) (names map[string]bool, signed bool) {
	names = map[string]bool{}
	p.Inside(n, func(x ast.Node) bool {
		word := ast.LastName(x)
		if word == "" || names[word] {
			return true
		}
		names[word] = true
		if strings.HasPrefix(word, "MODE_") {
			signed = signed || word == "MODE_GCM" || word == "MODE_EAX" || word == "MODE_CCM" || word == "MODE_SIV"
			return true
		}
		for _, w := range secret.Words(word) {
			switch w {
			case "hmac", "mac", "cmac", "sign", "signed", "signer", "signature", "verify", "authenticate", "authenticated", "poly", "gcm", "tag", "compare", "checksum":
				signed = true
			}
		}
		return true
	})
	return names, signed
}
