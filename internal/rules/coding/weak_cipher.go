package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// WeakCipher looks at the cipher that is chosen, and at AES in the mode ECB.
var WeakCipher = rule.Check{Called: weakCipher}

// weakCiphers tells what is wrong with each.
var weakCiphers = map[string]string{
	"DES":       "DES has keys of 56 bits, which are found by trying",
	"DES3":      "Triple DES works on blocks of 8 bytes, which repeat within a long connection and then give text away",
	"TripleDES": "Triple DES works on blocks of 8 bytes, which repeat within a long connection and then give text away",
	"ARC2":      "RC2 works on blocks of 8 bytes and is broken with related keys",
	"RC2":       "RC2 works on blocks of 8 bytes and is broken with related keys",
	"ARC4":      "RC4 leaks text through the bias of its first bytes and later ones",
	"Blowfish":  "Blowfish works on blocks of 8 bytes, which repeat within a long connection and then give text away",
	"CAST":      "CAST5 works on blocks of 8 bytes, which repeat within a long connection and then give text away",
	"CAST5":     "CAST5 works on blocks of 8 bytes, which repeat within a long connection and then give text away",
	"IDEA":      "IDEA works on blocks of 8 bytes and has classes of weak keys",
	"SEED":      "SEED is withdrawn from current protocols",
	"XOR":       "XOR with a repeated key is no encryption: the key follows from a piece of the text",
}

const ecb = "In the mode ECB equal blocks are encrypted equally, and can be moved and exchanged: the pattern of the text stays visible."

func weakCipher(p *rule.Pass, c *ast.Call, name string) {
	last := args.Last(name)
	switch {
	case name == "M2Crypto.EVP.Cipher":
		opensslCipher(p, c)
		return
	case last == "ECB" || strings.HasSuffix(last, "OfOperationECB"):
		p.Report(c, ecb).With(finding.Medium, finding.HighConfidence)
		return
	case strings.HasSuffix(name, ".Cipher.AES.new"):
		aesMode(p, c)
		return
	case strings.HasPrefix(name, "pyDes."):
		last = "DES"
		if strings.HasSuffix(name, "triple_des") {
			last = "DES3"
		}
	case last == "new":
		last = args.Last(strings.TrimSuffix(name, ".new"))
	}
	if what := weakCiphers[last]; what != "" {
		f := p.Report(c, "%s.", what)
		if last == "SEED" {
			f.With(finding.Medium, finding.HighConfidence)
		}
	}
}

// aesMode: AES.new(key, AES.MODE_ECB), and PyCrypto's AES.new(key), which is the same.
func aesMode(p *rule.Pass, c *ast.Call) {
	mode, hidden := args.Get(p.Unit, c, 1, "mode")
	if mode == nil {
		if !hidden && !program.HasStar(c) && len(c.Args) == 1 && len(c.Keywords) == 0 {
			p.Report(c, "AES without a mode is AES in the mode ECB, or an error since pycryptodome: equal blocks are encrypted equally.").With(finding.Medium, finding.MediumConfidence)
		}
		return
	}
	if v, ok := p.Int(mode); ok && v == 1 || modeNamed(p, mode, "MODE_ECB") {
		p.Report(c, ecb).With(finding.Medium, finding.HighConfidence)
	}
}

// modeNamed says whether e is one of a cipher's modes, such as AES.MODE_ECB.
func modeNamed(p *rule.Pass, e ast.Expr, mode string) bool {
	for _, v := range p.Values(e) {
		if a, ok := v.(*ast.Attribute); ok && a.Attr == mode {
			return true
		}
		for _, n := range p.Names(v) {
			if args.Last(n) == mode {
				return true
			}
		}
	}
	return false
}

// opensslCipher: M2Crypto's ciphers by OpenSSL's names, such as des_ede3_cbc.
func opensslCipher(p *rule.Pass, c *ast.Call) {
	e, _ := args.Get(p.Unit, c, 0, "alg")
	s, ok := p.Str(e)
	if !ok {
		return
	}
	s = strings.ToLower(strings.ReplaceAll(s, "-", "_"))
	for prefix, cipher := range map[string]string{"des_ede": "DES3", "des3": "DES3", "rc4": "ARC4", "rc2": "RC2", "bf": "Blowfish", "cast5": "CAST5", "idea": "IDEA", "seed": "SEED"} {
		if s == prefix || strings.HasPrefix(s, prefix+"_") || strings.HasPrefix(s, prefix) && prefix == "des_ede" {
			p.Report(c, "%s.", weakCiphers[cipher])
			return
		}
	}
	switch {
	case strings.HasPrefix(s, "des_"), s == "des":
		p.Report(c, "%s.", weakCiphers["DES"])
	case strings.HasSuffix(s, "_ecb"):
		p.Report(c, ecb).With(finding.Medium, finding.HighConfidence)
	}
}
