package dependencies

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
)

// AbandonedPycrypto tells PyCrypto from PyCryptodome, which has the same name: by modules
// and functions that only PyCrypto had.
var AbandonedPycrypto = rule.Check{Kinds: []ast.Kind{ast.KindImport, ast.KindImportFrom, ast.KindCall}, Visit: abandonedPycrypto}

// pycryptoOnly are what PyCryptodome left out.
var pycryptoOnly = []string{
	"Crypto.Cipher.XOR", "Crypto.Cipher.IDEA", "Crypto.Cipher.RC5", "Crypto.Protocol.AllOrNothing", "Crypto.Protocol.Chaffing", "Crypto.Util.randpool", "Crypto.Random.atfork",
	"Crypto.Random.OSRNG", "Crypto.Random.Fortuna", "Crypto.PublicKey.qNEW", "Crypto.PublicKey.pubkey", "Crypto.Util.winrandom", "Crypto.PublicKey.RSA.RSAImplementation",
	"Crypto.PublicKey.DSA.DSAImplementation", "Crypto.PublicKey._RSA", "Crypto.PublicKey._fastmath", "Crypto.Util.number.getRandomNumber", "Crypto.Hash.hashalgo",
}

// pycryptoParts are the modules that Bandit reports.
var pycryptoParts = []string{"Crypto.Cipher", "Crypto.Hash", "Crypto.IO", "Crypto.Protocol", "Crypto.PublicKey", "Crypto.Random", "Crypto.Signature", "Crypto.Util"}

func abandonedPycrypto(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Import:
		for _, a := range n.Names {
			pycrypto(p, a, a.Name)
		}
	case *ast.ImportFrom:
		if n.Level > 0 || n.Module != "Crypto" && !strings.HasPrefix(n.Module, "Crypto.") {
			return
		}
		for _, a := range n.Names {
			if pycrypto(p, a, n.Module+"."+a.Name) {
				return
			}
		}
	case *ast.Call:
		if len(n.Args) > 0 && p.Is(n.Func, "builtins.__import__", "importlib.import_module", "importlib.__import__") {
			if s, ok := p.Str(n.Args[0]); ok {
				pycrypto(p, n, s)
			}
			return
		}
		for _, name := range p.Names(n.Func) {
			for _, o := range pycryptoOnly {
				if name == o || strings.HasPrefix(name, "Crypto.") && strings.HasPrefix(name, o+".") {
					p.Report(n, "%s is a part of PyCrypto, which nobody has repaired since 2013.", o)
					return
				}
			}
		}
	}
}

func pycrypto(p *rule.Pass, at ast.Node, name string) bool {
	if !strings.HasPrefix(name, "Crypto.") {
		return false
	}
	for _, o := range pycryptoOnly {
		if name == o || strings.HasPrefix(name, o+".") {
			p.Report(at, "%s is a part of PyCrypto, which nobody has repaired since 2013.", o)
			return true
		}
	}
	for _, m := range pycryptoParts {
		if name == m || strings.HasPrefix(name, m+".") {
			p.Report(at, "%s belongs to PyCryptodome, or to PyCrypto, which nobody has repaired since 2013.", m).ForAudit(true).With(finding.Low, finding.LowConfidence)
			return true
		}
	}
	return false
}
