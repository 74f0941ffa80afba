package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// WeakTlsCiphers reads lists of ciphers in OpenSSL's language, where contexts are given them.
var WeakTlsCiphers = rule.Check{
	Called: func(p *rule.Pass, c *ast.Call, _ string) {
		if e, _ := args.Keyword(p.Unit, c, "ciphers"); e != nil {
			cipherList(p, c, e)
		}
	},
	Kinds: []ast.Kind{ast.KindCall, ast.KindAssign, ast.KindAugAssign},
	Visit: ciphersSet,
}

func ciphersSet(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Call:
		f, ok := n.Func.(*ast.Attribute)
		if !ok || len(n.Args) != 1 || f.Attr != "set_ciphers" && f.Attr != "set_cipher_list" {
			return
		}
		for _, name := range p.Names(f.Value) {
			if strings.HasPrefix(name, "ssl.") || strings.HasPrefix(name, "OpenSSL.") || strings.HasPrefix(name, "urllib3.") || strings.HasPrefix(name, "aiohttp.") {
				cipherList(p, n, n.Args[0])
				return
			}
		}
		if p.Imports("ssl", "OpenSSL") {
			cipherList(p, n, n.Args[0])
		}
	case *ast.Assign:
		for _, t := range n.Targets {
			defaultCiphers(p, n, t, n.Value)
		}
	case *ast.AugAssign:
		defaultCiphers(p, n, n.Target, n.Value)
	}
}

// defaultCiphers: urllib3.util.ssl_.DEFAULT_CIPHERS += ":RC4-SHA", which holds for all
// connections of the program.
func defaultCiphers(p *rule.Pass, at ast.Node, target, value ast.Expr) {
	if a, ok := target.(*ast.Attribute); ok && a.Attr == "DEFAULT_CIPHERS" && strings.HasPrefix(p.Name(a.Value), "urllib3.") || ok && p.Is(target, "requests.packages.urllib3.util.ssl_.DEFAULT_CIPHERS") {
		cipherList(p, at, value)
	}
}

// cipherWords are the words of a list that let something weak in.
var cipherWords = map[string]struct {
	what string
	low  bool
}{
	"ENULL": {"lets a connection go unencrypted", false}, "NULL": {"lets a connection go unencrypted", false},
	"ANULL": {"lets anybody at the other end in, without a certificate", false}, "ADH": {"lets anybody at the other end in, without a certificate", false}, "AECDH": {"lets anybody at the other end in, without a certificate", false},
	"EXP": {"has keys of 40 bits, which are found by trying", false}, "EXPORT": {"has keys of 40 bits, which are found by trying", false}, "EXPORT40": {"has keys of 40 bits, which are found by trying", false}, "EXPORT56": {"has keys of 56 bits, which are found by trying", false},
	"LOW": {"has keys of 56 bits, which are found by trying", false}, "DES": {"has keys of 56 bits, which are found by trying", false},
	"RC4": {"leaks text that is sent often", false}, "RC2": {"is broken with related keys", false}, "MD5": {"lets what is sent be changed for other text with the same hash", false},
	"3DES": {"works on blocks of 8 bytes, which repeat within a long connection and then give text away", true}, "IDEA": {"works on blocks of 8 bytes, which repeat within a long connection and then give text away", true},
}

// cipherList reads a list from left to right as OpenSSL does: what ! takes out never comes
// back, what - takes out is gone.
func cipherList(p *rule.Pass, at ast.Node, e ast.Expr) {
	v, ok := p.Const(e)
	if !ok || v.Kind != ast.Str && v.Kind != ast.Bytes || len(v.Str) > 4000 {
		return
	}
	items := strings.FieldsFunc(v.Str, func(r rune) bool { return r == ':' || r == ',' || r == ' ' || r == ';' })
	out := map[string]bool{}
	for _, item := range items {
		if item[0] == '!' || item[0] == '-' {
			out[strings.ToUpper(item[1:])] = true
		}
	}
	for _, item := range items {
		item, level, _ := strings.Cut(item, "@SECLEVEL=")
		if level == "0" || level == "1" {
			f := p.Report(at, "SECLEVEL=%s lets keys, hashes and versions back in that OpenSSL no longer takes.", level)
			if level == "1" {
				f.With(finding.Low, finding.HighConfidence)
			}
			return
		}
		if item == "" || item[0] == '!' || item[0] == '-' {
			continue
		}
		upper := strings.ToUpper(strings.TrimPrefix(item, "+"))
		if strings.Contains(upper, "DES-CBC3") || strings.Contains(upper, "3DES") {
			upper = "3DES"
		}
		for _, word := range strings.FieldsFunc(upper, func(r rune) bool { return r == '-' || r == '+' || r == '_' }) {
			if w, weak := cipherWords[word]; weak && !out[word] {
				f := p.Report(at, "%s %s.", item, w.what)
				if w.low {
					f.With(finding.Low, finding.HighConfidence)
				}
				return
			}
		}
	}
}
