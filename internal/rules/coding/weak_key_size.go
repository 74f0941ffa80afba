package coding

import (
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// WeakKeySize reads how many bits a key is to have, or on which curve it lies.
var WeakKeySize = rule.Check{Called: weakKeySize}

// A sizeArgument says where a function is given the number of bits.
type sizeArgument struct {
	kind     string
	position int
	name     string
}

var sizeArguments = map[string]sizeArgument{
	"cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key": {"RSA", 1, "key_size"},
	"cryptography.hazmat.primitives.asymmetric.dsa.generate_private_key": {"DSA", 0, "key_size"},
	"cryptography.hazmat.primitives.asymmetric.dsa.generate_parameters":  {"DSA", 0, "key_size"},
	"cryptography.hazmat.primitives.asymmetric.dh.generate_parameters":   {"Diffie-Hellman", 1, "key_size"},
	"Crypto.PublicKey.RSA.generate":                                      {"RSA", 0, "bits"},
	"Crypto.PublicKey.DSA.generate":                                      {"DSA", 0, "bits"},
	"Crypto.PublicKey.ElGamal.generate":                                  {"ElGamal", 0, "bits"},
	"Cryptodome.PublicKey.RSA.generate":                                  {"RSA", 0, "bits"},
	"Cryptodome.PublicKey.DSA.generate":                                  {"DSA", 0, "bits"},
	"Cryptodome.PublicKey.ElGamal.generate":                              {"ElGamal", 0, "bits"},
	"paramiko.RSAKey.generate":                                           {"RSA", 0, "bits"},
	"paramiko.rsakey.RSAKey.generate":                                    {"RSA", 0, "bits"},
	"paramiko.DSSKey.generate":                                           {"DSA", 0, "bits"},
	"paramiko.dsskey.DSSKey.generate":                                    {"DSA", 0, "bits"},
	"rsa.newkeys":                                                        {"RSA", 0, "nbits"},
	"rsa.key.newkeys":                                                    {"RSA", 0, "nbits"},
	"M2Crypto.RSA.gen_key":                                               {"RSA", 0, "bits"},
	"OpenSSL.crypto.PKey().generate_key":                                 {"RSA", 1, "bits"},
}

// smallCurves are those with fewer than 224 bits, as the libraries spell them.
var smallCurves = map[string]int{
	"secp192r1": 192, "sect163k1": 163, "sect163r1": 163, "sect163r2": 163, "secp192k1": 192, "prime192v1": 192, "nistp192": 192, "p192": 192, "secp160r1": 160, "secp160k1": 160, "secp160r2": 160,
	"secp128r1": 128, "secp128r2": 128, "secp112r1": 112, "secp112r2": 112, "brainpoolp160r1": 160, "brainpoolp192r1": 192, "sect193r1": 193, "sect113r1": 113, "sect131r1": 131,
}

func weakKeySize(p *rule.Pass, c *ast.Call, name string) {
	where, ok := sizeArguments[name]
	if !ok {
		smallCurve(p, c)
		return
	}
	e, _ := args.Get(p.Unit, c, where.position, where.name)
	if where.kind == "RSA" && strings.HasPrefix(name, "OpenSSL.") && len(c.Args) > 0 && p.Is(c.Args[0], "OpenSSL.crypto.TYPE_DSA") {
		where.kind = "DSA"
	}
	size, ok := settingOf(p, e)
	if !ok || !size.isInt || size.n >= 2048 || size.n <= 0 {
		return
	}
	f := p.Report(c, "%s keys of %d bits can be computed by others.", where.kind, size.n)
	switch {
	case size.n < 1024:
		f.With(finding.High, finding.HighConfidence)
	case size.deflt:
		f.Confidence = finding.MediumConfidence
	}
	if size.at.Start() != e.Start() {
		f.Because(size.at, "The size is chosen here.")
	}
	better := 3072
	switch {
	case where.kind == "DSA" && strings.HasPrefix(name, "paramiko."):
		f.Advise("paramiko.Ed25519Key or ECDSAKey; OpenSSH no longer takes DSA")
		return
	case where.kind == "DSA" && strings.HasPrefix(name, "Crypto"):
		f.Advise("ECC.generate(curve=\"Ed25519\"), or 3072 bits")
	}
	if k := size.at.Kind(); k == ast.KindConstant || k == ast.KindBinOp {
		f.ReviewFix("make keys of 3072 bits", p.Replace(size.at, strconv.Itoa(better)))
	}
}

// smallCurve: ec.generate_private_key(ec.SECP192R1()), ECC.generate(curve="P-192").
func smallCurve(p *rule.Pass, c *ast.Call) {
	e, _ := args.Get(p.Unit, c, 0, "curve")
	if e == nil {
		return
	}
	name, at := "", e
	if s, ok := p.Str(e); ok {
		name = s
	}
	if name == "" {
		for _, n := range p.Names(e) {
			if smallCurves[strings.ToLower(args.Last(n))] != 0 {
				name = args.Last(n)
				break
			}
		}
	}
	if d := parameterDefault(p, e); name == "" && d != nil {
		at = d
		if s, ok := p.Str(d); ok {
			name = s
		}
		for _, n := range p.Names(d) {
			name = args.Last(n)
		}
	}
	bits := smallCurves[strings.ToLower(strings.NewReplacer("-", "", " ", "", "_", "").Replace(name))]
	if bits == 0 {
		return
	}
	f := p.Report(c, "Keys on the curve %s have %d bits, and can be computed by others.", name, bits)
	if bits < 160 {
		f.With(finding.High, finding.HighConfidence)
	}
	if call, ok := at.(*ast.Call); ok {
		at = call.Func
	}
	switch x := at.(type) {
	case *ast.Attribute:
		f.ReviewFix("use the curve P-256", p.Replace(x, p.Text(x.Value)+".SECP256R1"))
	case *ast.Constant:
		f.ReviewFix("use the curve P-256", p.Replace(x, `"P-256"`))
	}
}
