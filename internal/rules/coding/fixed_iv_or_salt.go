package coding

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// FixedIvOrSalt looks at what must be different each time: the initialisation vectors and
// nonces of ciphers, and the salts of password hashes.
var FixedIvOrSalt = rule.Check{Called: fixedIVOrSalt}

// An onceArgument says where a function is given what it must be given only once.
type onceArgument struct {
	position int
	names    []string
	what     string
}

var onceArguments = map[string]onceArgument{
	"hashlib.pbkdf2_hmac": {2, []string{"salt"}, "salt"},
	"hashlib.scrypt":      {-1, []string{"salt"}, "salt"},
	"bcrypt.hashpw":       {1, []string{"salt"}, "salt"},
	"bcrypt.kdf":          {1, []string{"salt"}, "salt"},
	"crypt.crypt":         {1, []string{"salt"}, "salt"},
	"cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC":       {2, []string{"salt"}, "salt"},
	"cryptography.hazmat.primitives.kdf.scrypt.Scrypt":           {0, []string{"salt"}, "salt"},
	"cryptography.hazmat.primitives.kdf.argon2.Argon2id":         {-1, []string{"salt"}, "salt"},
	"argon2.low_level.hash_secret":                               {1, []string{"salt"}, "salt"},
	"argon2.low_level.hash_secret_raw":                           {1, []string{"salt"}, "salt"},
	"django.contrib.auth.hashers.make_password":                  {1, []string{"salt"}, "salt"},
	"cryptography.hazmat.primitives.ciphers.modes.GCM":           {0, []string{"initialization_vector"}, "nonce"},
	"cryptography.hazmat.primitives.ciphers.modes.CTR":           {0, []string{"nonce"}, "nonce"},
	"cryptography.hazmat.primitives.ciphers.modes.CBC":           {0, []string{"initialization_vector"}, "initialisation vector"},
	"cryptography.hazmat.primitives.ciphers.modes.CFB":           {0, []string{"initialization_vector"}, "initialisation vector"},
	"cryptography.hazmat.primitives.ciphers.modes.CFB8":          {0, []string{"initialization_vector"}, "initialisation vector"},
	"cryptography.hazmat.primitives.ciphers.modes.OFB":           {0, []string{"initialization_vector"}, "nonce"},
	"cryptography.hazmat.primitives.ciphers.algorithms.ChaCha20": {1, []string{"nonce"}, "nonce"},
}

func onceArgumentOf(p *rule.Pass, c *ast.Call, name string) (onceArgument, bool) {
	if a, ok := onceArguments[name]; ok {
		return a, true
	}
	switch {
	case strings.Contains(name, ".ciphers.aead."):
		return onceArgument{0, []string{"nonce"}, "nonce"}, true
	case strings.Contains(name, ".Protocol.KDF."):
		return onceArgument{1, []string{"salt"}, "salt"}, true
	case strings.HasPrefix(name, "passlib."):
		return onceArgument{-1, []string{"salt"}, "salt"}, true
	case strings.Contains(name, ".Cipher.ChaCha20"), strings.Contains(name, ".Cipher.Salsa20"):
		return onceArgument{-1, []string{"nonce"}, "nonce"}, true
	case strings.Contains(name, ".Cipher."):
		what := "nonce"
		mode, _ := args.Get(p.Unit, c, 1, "mode")
		switch {
		case mode == nil || modeNamed(p, mode, "MODE_ECB") || modeNamed(p, mode, "MODE_SIV"):
			return onceArgument{}, false
		case modeNamed(p, mode, "MODE_CBC") || modeNamed(p, mode, "MODE_CFB") || modeNamed(p, mode, "MODE_OPENPGP"):
			what = "initialisation vector"
		case modeNamed(p, mode, "MODE_CTR"):
			return onceArgument{-1, []string{"nonce"}, what}, true
		}
		return onceArgument{2, []string{"iv", "IV", "nonce"}, what}, true
	}
	return onceArgument{}, false
}

func fixedIVOrSalt(p *rule.Pass, c *ast.Call, name string) {
	where, ok := onceArgumentOf(p, c, name)
	if !ok {
		return
	}
	e := program.Arg(c, where.position, "")
	for _, n := range where.names {
		if e == nil {
			e, _ = args.Keyword(p.Unit, c, n)
		}
	}
	if e == nil {
		return
	}
	k := knownBytes(p, e, 0)
	if k.how == "" || where.what == "salt" && k.fromKey {
		return
	}
	if strings.HasPrefix(name, "bcrypt.hashpw") && (k.n >= 50 || k.n < 7) {
		return // a whole hash that is compared with, or none
	}
	if strings.HasPrefix(name, "crypt.") && (!strings.HasPrefix(k.text, "$5$") && !strings.HasPrefix(k.text, "$6$") && !strings.HasPrefix(k.text, "$y$") && !strings.HasPrefix(k.text, "$2")) {
		return // weak-hash has more to say of it
	}
	var f *rule.Found
	switch where.what {
	case "salt":
		f = p.Report(c, "The salt %s: equal passwords get equal hashes, and one table of guesses serves for all of them.", k.how).Advise("os.urandom(16), kept beside the hash")
	case "nonce":
		f = p.Report(c, "The nonce %s: from two messages that are encrypted with it their texts follow, without the key.", k.how).With(finding.High, finding.HighConfidence)
	default:
		f = p.Report(c, "The initialisation vector %s: messages that begin equally are encrypted equally.", k.how)
	}
	if k.unsure || k.fromKey {
		f.Confidence = finding.MediumConfidence
	}
	if k.at != nil && p.File.Position(k.at.Start()).Line != p.File.Position(c.Start()).Line {
		f.Because(k.at, "It is chosen here.")
	}
	f.ForAudit(onlyDecrypts(p, c, name))
	freshBytes(p, c, e, name, where, k, f)
}

// knownValue is what is known of bytes that should be new each time.
type knownValue struct {
	how     string // "is always the same", or "" if nothing is known
	text    string
	n       int // length, or 0
	at      ast.Node
	unsure  bool // callers may give another
	fromKey bool
}

// knownBytes says whether e is the same whenever the program runs.
func knownBytes(p *rule.Pass, e ast.Expr, depth int) knownValue {
	if depth > 5 || e == nil {
		return knownValue{}
	}
	if v, ok := p.Const(e); ok {
		switch {
		case v.Kind != ast.Str && v.Kind != ast.Bytes || v.Str == "" && v.Kind == ast.Str:
			return knownValue{}
		case v.Str == "":
			return knownValue{how: "is empty", at: e}
		case strings.Trim(v.Str, "\x00") == "":
			return knownValue{how: "is always zero", n: len(v.Str), text: v.Str, at: e}
		}
		return knownValue{how: "is a constant", n: len(v.Str), text: v.Str, at: e}
	}
	if d := parameterDefault(p, e); d != nil {
		k := knownBytes(p, d, depth+1)
		k.unsure = true
		return k
	}
	switch e := e.(type) {
	case *ast.Name:
		values := p.Values(e)
		if len(values) != 1 || values[0] == ast.Expr(e) {
			return moduleConstant(p, e, depth)
		}
		k := knownBytes(p, values[0], depth+1)
		if k.how != "" && k.at == nil {
			k.at = values[0]
		}
		return k
	case *ast.Attribute:
		if v := classValue(p, e); v != nil {
			return knownBytes(p, v, depth+1)
		}
	case *ast.BinOp:
		if e.Op != ast.Mult && e.Op != ast.Add {
			break
		}
		if e.Op == ast.Mult { // b"\0" * AES.block_size
			for _, side := range []ast.Expr{e.Left, e.Right} {
				if v, ok := p.Const(side); ok && (v.Kind == ast.Bytes || v.Kind == ast.Str) && len(v.Str) > 0 {
					return knownBytes(p, side, depth+1)
				}
			}
			break
		}
		left, right := knownBytes(p, e.Left, depth+1), knownBytes(p, e.Right, depth+1)
		if left.how != "" && right.how != "" && !left.fromKey && !right.fromKey {
			return knownValue{how: "is a constant", n: left.n + right.n, at: e, unsure: left.unsure || right.unsure}
		}
	case *ast.Subscript:
		if _, ok := e.Slice.(*ast.Slice); ok {
			if n := lastName(e.Value); keyName(n) {
				return knownValue{how: "is a piece of the key, and the same each time", at: e, fromKey: true}
			}
			if k := knownBytes(p, e.Value, depth+1); !k.fromKey {
				k.n = 0
				return k
			}
		}
	case *ast.Call:
		return knownCall(p, e, depth)
	}
	return knownValue{}
}

// knownCall: bytes(16), bytes.fromhex("…"), and what is computed from a constant only.
func knownCall(p *rule.Pass, c *ast.Call, depth int) knownValue {
	name := p.Name(c.Func)
	if f, ok := c.Func.(*ast.Attribute); ok {
		switch f.Attr {
		case "digest", "hexdigest", "encode", "strip", "hex":
			return knownBytes(p, f.Value, depth+1)
		}
	}
	if len(c.Args) == 0 {
		return knownValue{}
	}
	switch name {
	case "builtins.bytes", "builtins.bytearray":
		if n, ok := p.Int(c.Args[0]); ok {
			return knownValue{how: "is always zero", n: n, at: c}
		}
		if a, ok := c.Args[0].(*ast.Attribute); ok && a.Attr == "block_size" {
			return knownValue{how: "is always zero", at: c}
		}
		if v, ok := p.Const(c.Args[0]); ok && v.Kind == program.List && len(v.List) > 0 {
			return knownValue{how: "is a constant", n: len(v.List), at: c}
		}
		if r, ok := c.Args[0].(*ast.Call); ok && p.Is(r.Func, "builtins.range") && !slices.ContainsFunc(r.Args, func(e ast.Expr) bool { return !p.IsConst(e) }) {
			return knownValue{how: "is a constant", at: c} // bytes(range(16))
		}
		return knownBytes(p, c.Args[0], depth+1)
	case "builtins.bytes.fromhex", "builtins.bytearray.fromhex", "binascii.unhexlify", "binascii.a2b_hex", "codecs.decode", "base64.b64decode", "base64.urlsafe_b64decode", "base64.b16decode", "builtins.str":
		k := knownBytes(p, c.Args[0], depth+1)
		if k.how != "" {
			k.how, k.n = "is a constant", 0
		}
		return k
	case "hashlib.md5", "hashlib.sha1", "hashlib.sha256", "hashlib.sha512":
		k := knownBytes(p, c.Args[0], depth+1)
		if k.how != "" {
			k.how, k.n, k.text = "is computed from a constant", 0, ""
		}
		return k
	}
	return knownValue{}
}

// moduleConstant: a name that the module gives one value, read in a function.
func moduleConstant(p *rule.Pass, n *ast.Name, depth int) knownValue {
	b := p.Bindings(n)
	if len(b) != 1 {
		return knownValue{}
	}
	if a, ok := b[0].(*ast.Assign); ok && len(a.Targets) == 1 && a.Targets[0].Kind() == ast.KindName {
		return knownBytes(p, a.Value, depth+1)
	}
	return knownValue{}
}

// classValue is what self.name is given in the class around, if that is said once.
func classValue(p *rule.Pass, a *ast.Attribute) ast.Expr {
	class := p.Class(a)
	if base, ok := a.Value.(*ast.Name); !ok || class == nil || base.Ident != "self" && base.Ident != "cls" && base.Ident != class.Name {
		return nil
	}
	var value ast.Expr
	n := 0
	inside(p, class, func(x ast.Node) bool {
		s, ok := x.(*ast.Assign)
		if !ok {
			return true
		}
		for _, t := range s.Targets {
			switch t := t.(type) {
			case *ast.Attribute:
				if t.Attr != a.Attr {
					continue
				}
			case *ast.Name:
				if t.Ident != a.Attr || p.Function(s) != nil {
					continue
				}
			default:
				continue
			}
			value = s.Value
			n++
		}
		return true
	})
	if n != 1 {
		return nil
	}
	return value
}

func keyName(name string) bool {
	l := strings.ToLower(name)
	return l == "key" || l == "secret" || strings.HasSuffix(l, "_key") || strings.HasSuffix(l, "aeskey") || strings.HasSuffix(l, "secretkey")
}

// onlyDecrypts says whether the file reads what others have encrypted, so that the choice
// was theirs.
func onlyDecrypts(p *rule.Pass, c *ast.Call, name string) bool {
	if strings.HasSuffix(name, ".decrypt") {
		return true
	}
	src := string(p.File.Bytes)
	return strings.Contains(name, "ipher") && strings.Contains(src, "decrypt") && !strings.Contains(strings.ReplaceAll(src, "encrypted", ""), "encrypt")
}

// freshBytes replaces the constant by bytes from the system, where the call encrypts.
func freshBytes(p *rule.Pass, c *ast.Call, e ast.Expr, name string, where onceArgument, k knownValue, f *rule.Found) {
	if g := p.Function(c); g != nil && strings.Contains(strings.ToLower(g.Name), "decrypt") || k.unsure {
		return
	}
	if name == "bcrypt.hashpw" {
		if edit, ok := importEdit(p, "bcrypt"); ok {
			f.Advise("bcrypt.hashpw(password, bcrypt.gensalt())").ReviewFix("make a new salt each time", p.Replace(e, "bcrypt.gensalt()"), edit)
		}
		return
	}
	if strings.HasPrefix(name, "django.") || strings.HasPrefix(name, "passlib.") || strings.HasPrefix(name, "crypt.") {
		if kw, ok := p.Parent(e).(*ast.Keyword); ok {
			f.Advise("no salt: a new one is made each time").ReviewFix("let the library choose", p.RemoveArgument(c, kw))
		}
		return
	}
	edit, ok := importEdit(p, "os")
	if !ok {
		return
	}
	n := 16
	switch {
	case strings.Contains(name, ".aead.") || strings.HasSuffix(name, ".modes.GCM"):
		n = 12
	case k.n == 8 || k.n == 12 || k.n == 16 || k.n == 24:
		n = k.n
	case where.what == "nonce" && k.n > 0:
		return
	}
	f.ReviewFix("make a new one each time and keep it beside the result", p.Replace(e, "os.urandom("+strconv.Itoa(n)+")"), edit)
}
