package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// What the rules about hashes, ciphers and keys share: what a hash is for, and which
// values the program itself chose.

// A digestUse says what a hash is for.
type digestUse struct {
	kind digestKind
	name string   // that tells so
	at   ast.Node // where, or nil if it is what is hashed
}

type digestKind uint8

const (
	digestUnknown  digestKind = iota
	digestChecksum            // tells things apart that nobody forges
	digestSecurity            // a signature, a token, a key
	digestPassword
)

// digestInputs lists what a hash is made of: what the call is given, and what update is
// called with later.
func digestInputs(p *rule.Pass, c *ast.Call, first ast.Expr) []ast.Expr {
	var out []ast.Expr
	if first != nil {
		out = append(out, first)
	}
	a, ok := p.Parent(c).(*ast.Assign)
	if !ok || len(a.Targets) != 1 {
		return out
	}
	var scope ast.Node
	is := func(ast.Expr) bool { return false }
	switch t := a.Targets[0].(type) {
	case *ast.Name:
		if f := p.Function(c); f != nil {
			scope = f
		} else {
			scope = p.Tree.Module
		}
		is = func(e ast.Expr) bool { n, ok := e.(*ast.Name); return ok && n.Ident == t.Ident }
	case *ast.Attribute:
		if class := p.Class(c); class != nil {
			scope = class
			is = func(e ast.Expr) bool { n, ok := e.(*ast.Attribute); return ok && n.Attr == t.Attr }
		}
	}
	if scope == nil {
		return out
	}
	inside(p, scope, func(n ast.Node) bool {
		if u, ok := n.(*ast.Call); ok && len(u.Args) == 1 {
			if f, ok := u.Func.(*ast.Attribute); ok && f.Attr == "update" && is(f.Value) {
				out = append(out, u.Args[0])
			}
		}
		return len(out) < 8
	})
	return out
}

// digestFor judges what the hash that c makes is for, by what goes into it and by what
// becomes of it: the nearest name that says something counts.
func digestFor(p *rule.Pass, c *ast.Call, inputs []ast.Expr) digestUse {
	var in []string
	for _, e := range inputs {
		in = append(in, namesIn(p, e)...)
	}
	for _, n := range in {
		if secret.Of(n) == secret.Password {
			return digestUse{digestPassword, n, nil}
		}
	}
	outs := uses(p, c)
	for _, u := range outs {
		if call, ok := u.at.(*ast.Call); ok && cipherCall(p, call) {
			return digestUse{digestSecurity, "the key of a cipher", call}
		}
		if k := digestNamed(u.name); k != digestUnknown {
			return digestUse{k, u.name, u.at}
		}
	}
	for _, n := range digestAround(p, c) {
		if k := digestNamed(n); k != digestUnknown {
			return digestUse{k, n, c}
		}
	}
	for _, n := range in {
		if k := secret.Of(n); k == secret.Key || k == secret.Token || unguessable(n) {
			return digestUse{digestSecurity, n, nil}
		}
	}
	f := p.Function(c)
	if f != nil {
		if k := digestNamed(f.Name); k != digestUnknown {
			return digestUse{k, f.Name, f}
		}
	}
	for _, e := range inputs {
		if fileRead(p, e, 0) {
			return digestUse{digestChecksum, "a file", e}
		}
	}
	for _, n := range in {
		if k := digestNamed(n); k == digestChecksum {
			return digestUse{k, n, nil}
		}
	}
	if class := p.Class(c); class != nil {
		if k := digestNamed(class.Name); k == digestChecksum {
			return digestUse{k, class.Name, class}
		}
	}
	return digestUse{}
}

// digestWords say what a hash is for. A name with both kinds of words is judged by the
// checksum's strong ones first: session_cache_key.
var (
	strongChecksum = wordSet(`checksum checksums md5sum sha1sum crc etag etags cache cached caches caching cachekey memo memoize memoized memoise dedup dedupe deduplicate
		deduplication duplicate duplicates seen visited gravatar avatar bucket buckets shard shards partition partitions color colour colors filehash unchanged`)
	weakChecksum = wordSet(`file files filename filenames filepath path paths fname content contents chunk chunks block blocks buf buffer url urls uri uris link version versions
		revision revisions image images img photo icon thumbnail thumb slug asset assets static package packages wheel tarball archive download downloads upload build
		query sql template templates manifest blob blobs git commit document documents doc docs page pages html row rows record records article articles dataset datasets
		id ids uid uuid guid identifier index seed name names config configuration schema snapshot layer layers dir directory folder prefix suffix label tag tags source
		sources fingerprint fingerprints integrity sum graph node nodes job task tasks experiment model models state video audio media cluster sample samples`)
	securityWords = wordSet(`signature signatures sign signed signer signing sig hmac auth authenticate authenticated authentication authorization login logon
		csrf xsrf nonce salt cert certs certificate certificates credential credentials otp totp encrypt encrypted encryption decrypt decryption cipher apikey secret secrets
		jwt oauth challenge passphrase`)
	passwordWords = wordSet(`password passwd pwd passwort passphrase passcode passwords pw userpassword pin`)
)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// digestNamed says what a hash of this name is for.
func digestNamed(name string) digestKind {
	if len(name) > 60 {
		return digestUnknown
	}
	words := secret.Words(name)
	if len(words) == 0 {
		return digestUnknown
	}
	anyOf := func(set map[string]bool) bool {
		for _, w := range words {
			if set[w] {
				return true
			}
		}
		return false
	}
	switch last := words[len(words)-1]; {
	case anyOf(passwordWords) && !counts[last] && last != "reset":
		return digestPassword
	case anyOf(strongChecksum):
		return digestChecksum
	case anyOf(securityWords) || unguessable(name) || secret.Of(name) == secret.Token && len(words) > 1 || secret.Of(name) == secret.Key:
		return digestSecurity
	case anyOf(weakChecksum):
		return digestChecksum
	}
	return digestUnknown
}

// digestAround lists names that stand beside a hash in its statement: what it is a key
// of, whose method it is given to, what it is compared with.
func digestAround(p *rule.Pass, c *ast.Call) []string {
	var out []string
	var n ast.Node = c
	for range 12 {
		up := p.Parent(n)
		switch up := up.(type) {
		case *ast.Call:
			if f, ok := up.Func.(*ast.Attribute); ok && n != ast.Node(f) {
				out = append(out, lastName(f.Value))
			}
		case *ast.Subscript:
			if n == ast.Node(up.Slice) {
				out = append(out, lastName(up.Value))
			}
		case *ast.BinOp:
			if up.Op == ast.Mod && n == ast.Node(up.Left) {
				out = append(out, "bucket") // spread over so many
			}
		case *ast.Compare:
			if n != ast.Node(up.Left) {
				out = append(out, lastName(up.Left))
			}
			for _, e := range up.Comparators {
				if n != ast.Node(e) {
					out = append(out, lastName(e))
				}
			}
		case *ast.Attribute, *ast.Keyword, *ast.JoinedStr, *ast.FormattedValue, *ast.Starred, *ast.IfExp, *ast.Await:
		default:
			return out
		}
		n = up
	}
	return out
}

// cipherCall says whether the call makes a cipher, or encrypts.
func cipherCall(p *rule.Pass, c *ast.Call) bool {
	for _, n := range p.Names(c.Func) {
		for _, lib := range []string{"Crypto.Cipher.", "Cryptodome.Cipher.", "cryptography.hazmat.primitives.ciphers.", "cryptography.fernet.", "pyaes.", "pyDes.", "nacl.secret."} {
			if strings.HasPrefix(n, lib) {
				return true
			}
		}
	}
	return false
}

// fileRead says whether e is what a file has in it.
func fileRead(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 4 {
		return false
	}
	values := p.Values(e)
	found := false
	for _, v := range values {
		if c, ok := v.(*ast.Constant); ok && c.Empty() {
			continue // data = b"", until it is read
		}
		read := false
		switch v := v.(type) {
		case *ast.Call:
			f, ok := v.Func.(*ast.Attribute)
			read = ok && (f.Attr == "read_bytes" || f.Attr == "read_text" || f.Attr == "read" || f.Attr == "readlines" || f.Attr == "getvalue" || f.Attr == "getbuffer") ||
				ok && (f.Attr == "encode" || f.Attr == "strip") && fileRead(p, f.Value, depth+1)
		case *ast.BinOp:
			read = fileRead(p, v.Left, depth+1) || fileRead(p, v.Right, depth+1)
		case *ast.Subscript:
			read = fileRead(p, v.Value, depth+1)
		}
		if !read {
			return false // a file only sometimes
		}
		found = true
	}
	return found
}

// protocols leave no choice: their marks in the source of a function. Those of otherProtocols hash no
// passwords.
var otherProtocols = []string{"gravatar", "blob %d", "blob {"}
var protocols = []string{"pwnedpasswords", "haveibeenpwned", "hibp", "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", "realm", "ntlm", "apop", "mysql_native_password", "cnonce", "oauth_body_hash", "cram_md5", "CRAM-MD5", "subsonic"}

// byProtocol says whether the function around speaks a protocol that names the hash.
func byProtocol(p *rule.Pass, n ast.Node) bool {
	return passwordProtocol(p, n) || marked(p, n, otherProtocols)
}

// passwordProtocol says whether the function around speaks a protocol that names the hash of a password.
func passwordProtocol(p *rule.Pass, n ast.Node) bool {
	class := p.Class(n)
	return class != nil && strings.Contains(class.Name, "DigestAuth") || marked(p, n, protocols)
}

// marked says whether one of these marks stands in the function around.
func marked(p *rule.Pass, n ast.Node, marks []string) bool {
	at := ast.Node(p.Statement(n))
	for f := p.Function(n); f != nil; f = p.Function(f) {
		at = f
	}
	if at == nil {
		return false
	}
	s := p.Text(at)
	for _, mark := range marks {
		if strings.Contains(s, mark) {
			return true
		}
	}
	return false
}

// A setting is a number or a text that a call is given, and where it is written down.
type setting struct {
	n     int
	s     string
	isInt bool
	at    ast.Expr // what a repair replaces: a literal, or the expression itself
	deflt bool     // it is a parameter's default, so that callers may say something else
}

// settingOf folds an argument, also where it is a parameter with a default value or one of
// several numbers; then the smallest counts.
func settingOf(p *rule.Pass, e ast.Expr) (setting, bool) { return settingWithin(p, e, 0) }

func settingWithin(p *rule.Pass, e ast.Expr, depth int) (best setting, found bool) {
	if e == nil || depth > 4 {
		return setting{}, false
	}
	if v, ok := p.Const(e); ok {
		at := e
		if values := p.Values(e); len(values) == 1 && values[0].Kind() == ast.KindConstant {
			at = values[0]
		}
		return constSetting(v, at)
	}
	if d := parameterDefault(p, e); d != nil {
		s, ok := settingWithin(p, d, depth+1)
		s.deflt = true
		return s, ok
	}
	var choices []ast.Expr
	switch x := e.(type) {
	case *ast.Name:
		choices = p.Values(x)
	case *ast.IfExp:
		choices = []ast.Expr{x.Body, x.Orelse}
	case *ast.BoolOp:
		choices = x.Values
	}
	for _, v := range choices {
		if v == e {
			continue
		}
		if s, ok := settingWithin(p, v, depth+1); ok && (!found || s.isInt && s.n < best.n) {
			best, found = s, true
		}
	}
	return best, found
}

func constSetting(v program.Value, at ast.Expr) (setting, bool) {
	switch v.Kind {
	case ast.Int:
		return setting{n: int(v.Int), isInt: true, at: at}, true
	case ast.Str, ast.Bytes:
		return setting{s: v.Str, at: at}, true
	}
	return setting{}, false
}

// parameterDefault is the default of the parameter that e names, if nothing else is
// assigned to it.
func parameterDefault(p *rule.Pass, e ast.Expr) ast.Expr {
	b := p.Bindings(e)
	if len(b) != 1 {
		return nil
	}
	a, ok := b[0].(*ast.Arg)
	if !ok {
		return nil
	}
	list, ok := p.Parent(a).(*ast.Arguments)
	if !ok {
		return nil
	}
	return text.Default(list, a)
}

// hashName writes a hash function as people do, whatever its spelling.
func hashName(s string) string {
	s = strings.ToLower(strings.NewReplacer("-", "", "_", "", "/", "").Replace(s))
	switch s {
	case "md2", "md4", "md5":
		return strings.ToUpper(s)
	case "sha", "sha1":
		return "SHA-1"
	}
	if rest, ok := strings.CutPrefix(s, "sha3"); ok && len(rest) == 3 && s != "sha384" {
		return "SHA3-" + rest
	}
	if rest, ok := strings.CutPrefix(s, "sha"); ok && len(rest) == 3 {
		return "SHA-" + rest
	}
	if strings.HasPrefix(s, "blake2") {
		return "BLAKE" + s[5:]
	}
	return ""
}

// digestOf says which hash a call makes and what it is given first: hashlib's functions
// and hashlib.new, PyCrypto's and pycryptodome's modules, cryptography's classes.
func digestOf(p *rule.Pass, c *ast.Call, name string) (hash string, data ast.Expr) {
	last := args.Last(name)
	switch {
	case name == "hashlib.new":
		e, _ := args.Get(p.Unit, c, 0, "name")
		s, _ := p.Str(e)
		return hashName(s), program.Arg(c, 1, "data")
	case strings.HasPrefix(name, "hashlib."):
		data = program.Arg(c, 0, "string")
		if data == nil {
			data = program.Arg(c, -1, "data")
		}
		return hashName(last), data
	case strings.HasPrefix(name, "cryptography."):
		return hashName(last), nil
	}
	module := strings.TrimSuffix(name, "."+last)
	return hashName(args.Last(module)), program.Arg(c, 0, "data")
}
