package coding

import (
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// WeakPasswordHash looks at how passwords are hashed: with a fast hash, with too few
// rounds of a slow one, or with a scheme that frameworks keep for old hashes only. MD5
// and SHA-1 are weak-hash's.
var WeakPasswordHash = rule.Check{Called: weakPasswordHash, Kinds: []ast.Kind{ast.KindAssign}, Visit: djangoHashers}

func weakPasswordHash(p *rule.Pass, c *ast.Call, name string) {
	switch last := args.Last(name); {
	case name == "hashlib.pbkdf2_hmac":
		algorithm, _ := args.Get(p.Unit, c, 0, "hash_name")
		s, _ := p.Str(algorithm)
		iterations(p, c, 3, "iterations", hashName(s))
	case last == "PBKDF2HMAC":
		algorithm, _ := args.Get(p.Unit, c, 0, "algorithm")
		iterations(p, c, 3, "iterations", hashName(strings.TrimSuffix(args.Last(p.Name(algorithm)), "()")))
	case last == "PBKDF2":
		if e, hidden := args.Get(p.Unit, c, 3, "count"); e == nil && !hidden {
			p.Report(c, "PBKDF2 makes 1000 iterations when it is not told how many: somebody with the hashes tries a million passwords a second.").Advise("scrypt(password, salt, 32, N=2**17, r=8, p=1)")
			return
		}
		iterations(p, c, 3, "count", "")
	case strings.HasPrefix(name, "passlib.hash.pbkdf2_"):
		iterations(p, c, -1, "rounds", "")
	case name == "bcrypt.gensalt", strings.HasSuffix(name, "bcrypt.using"), name == "bcrypt.kdf":
		bcryptRounds(p, c, name, "rounds")
	case name == "hashlib.scrypt", last == "Scrypt", last == "scrypt":
		scryptCost(p, c, name)
	case last == "PasswordHasher" || name == "passlib.hash.argon2.using":
		argonMemory(p, c)
	case last == "generate_password_hash":
		werkzeugMethod(p, c)
	case last == "make_password":
		hasher, _ := args.Get(p.Unit, c, 2, "hasher")
		if s, ok := p.Str(hasher); ok && (strings.Contains(s, "md5") || strings.Contains(s, "sha1") && !strings.HasPrefix(s, "pbkdf2") || s == "crypt") {
			p.Report(c, "Django's hasher %q is made for old hashes, which are guessed at billions of tries a second.", s).Advise("make_password(password)")
		}
	case last == "CryptContext":
		contextSchemes(p, c)
		for _, rounds := range []string{"rounds", "default_rounds"} {
			bcryptRounds(p, c, name, "bcrypt__"+rounds)
			for _, scheme := range []string{"pbkdf2_sha256", "pbkdf2_sha512", "pbkdf2_sha1", "django_pbkdf2_sha256"} {
				iterations(p, c, -1, scheme+"__"+rounds, "")
			}
		}
	case strings.HasPrefix(name, "passlib.hash."):
		scheme := args.Last(strings.TrimSuffix(name, "."+last))
		p.Report(c, "The scheme %s is made for old hashes, which are guessed at millions or billions of tries a second.", scheme).Advise("passlib.hash.argon2.hash(password)")
	default:
		fastHash(p, c, name)
	}
}

// fastHash: hashlib.sha256(password).
func fastHash(p *rule.Pass, c *ast.Call, name string) {
	hash, data := digestOf(p, c, name)
	switch hash {
	case "", "MD2", "MD4", "MD5", "SHA-1":
		return
	}
	made := c
	if strings.HasPrefix(name, "cryptography.") {
		made, _ = p.Parent(c).(*ast.Call)
		if made == nil || args.Callee(made) != "Hash" {
			return
		}
	}
	password, verb := "", "hashed"
	for _, e := range digestInputs(p, made, data) {
		for _, n := range namesIn(p, e) {
			if secret.Of(n) == secret.Password && password == "" {
				password = n
			}
		}
	}
	if password == "" {
		// What is hashed has no telling name, but what becomes of it has.
		verb = "made"
		for _, u := range uses(p, made) {
			if storedPassword(u.name) && (data == nil || !p.IsConst(data)) {
				password = u.name
				break
			}
		}
		for _, n := range digestAround(p, made) {
			if password == "" && storedPassword(n) {
				password = n
			}
		}
		if f := p.Function(made); f != nil && password == "" && handlesPassword(f.Name) && !(data != nil && p.IsConst(data)) {
			password, verb = "What "+f.Name+" is given", "hashed"
		}
		if password == "" {
			return
		}
	}
	if slowLater(p, made) || passwordProtocol(p, c) || inLongLoop(p, c) {
		return
	}
	f := p.Report(c, "%s is %s with %s, which is fast: whoever gets the hash tries billions of passwords a second.", password, verb, hash)
	for _, u := range uses(p, made) {
		if call, ok := u.at.(*ast.Call); ok && cipherCall(p, call) {
			f.Message = "A key is made from " + password + " with " + hash + ", which is fast: whoever has something encrypted tries billions of passwords a second."
			f.Advise("hashlib.scrypt(password, salt=salt, n=2**17, r=8, p=1, maxmem=2**28)")
		}
	}
}

// storedPassword says whether a thing of this name is a hashed password.
func storedPassword(name string) bool {
	w := secret.Words(name)
	if len(w) < 2 || len(name) > 40 || counts[w[len(w)-1]] {
		return false
	}
	password, hashed := false, false
	for _, x := range w {
		password = password || passwordWords[x]
		hashed = hashed || x == "hash" || x == "hashed" || x == "digest"
	}
	return password && hashed
}

// handlesPassword says whether a function of this name hashes a password or checks one:
// verify_password, encode_pwd.
func handlesPassword(name string) bool {
	w := secret.Words(name)
	return len(w) > 1 && passwordWords[w[len(w)-1]] && firstWord(name, "hash", "check", "verify", "set", "encode", "encrypt", "digest", "crypt", "validate", "store", "compute", "calculate")
}

// slowLater says whether the hash is only the first step of a slow one, as bcrypt needs
// for long passwords, or made to compare two texts.
func slowLater(p *rule.Pass, c *ast.Call) bool {
	for _, u := range uses(p, c) {
		call, ok := u.at.(*ast.Call)
		if !ok {
			continue
		}
		name := strings.ToLower(p.Name(call.Func) + " " + args.Callee(call))
		for _, slow := range []string{"bcrypt", "pbkdf2", "scrypt", "argon", "hashpw", "checkpw", "hkdf", "hmac.new", "passwordhasher", "pwd_context", "make_password", "check_password", "generate_password_hash"} {
			if strings.Contains(name, slow) {
				return true
			}
		}
		if args.Callee(call) == "compare_digest" {
			hashes := 0
			for _, a := range call.Args {
				for _, n := range p.Names(a) {
					if strings.HasPrefix(n, "hashlib.") {
						hashes++
						break
					}
				}
			}
			if hashes > 1 {
				return true
			}
		}
	}
	return false
}

// inLongLoop says whether the hash is one of thousands of rounds.
func inLongLoop(p *rule.Pass, n ast.Node) bool {
	for up := p.Parent(n); up != nil; up = p.Parent(up) {
		switch up := up.(type) {
		case *ast.For:
			if r, ok := up.Iter.(*ast.Call); ok && len(r.Args) > 0 && p.Is(r.Func, "builtins.range") {
				k, ok := p.Int(r.Args[len(r.Args)-1])
				return !ok || k >= 1000
			}
		case *ast.FunctionDef:
			return false
		}
	}
	return false
}

// iterations: PBKDF2 with a number of rounds that was right long ago. OWASP asks for
// 600,000 with SHA-256 and a third of that with SHA-512.
func iterations(p *rule.Pass, c *ast.Call, position int, keyword, hash string) {
	e, _ := args.Get(p.Unit, c, position, keyword)
	n, ok := settingOf(p, e)
	if !ok || !n.isInt || n.n >= 100_000 || n.n < 1 {
		return
	}
	f := p.Report(c, "PBKDF2 makes only %d iterations, where 600,000 of SHA-256 are asked for: whoever gets the hashes tries them %d times as fast.", n.n, 600_000/n.n)
	if n.n < 10_000 {
		f.With(finding.High, finding.HighConfidence)
	} else {
		f.With(finding.Medium, finding.HighConfidence)
	}
	if n.deflt || n.n == 1 {
		f.Confidence = finding.MediumConfidence
	}
	better := "600_000"
	if hash == "SHA-512" {
		better = "210_000"
	}
	f.Advise("%s=%s", keyword, better)
	raise(p, f, e, n, "make more iterations; hashes that are stored keep their old number", better)
}

// raise replaces a number where it is written down.
func raise(p *rule.Pass, f *rule.Found, e ast.Expr, n setting, message, better string) {
	if n.at.Start() != e.Start() {
		f.Because(n.at, "The number is chosen here.")
	}
	switch n.at.(type) {
	case *ast.Constant, *ast.BinOp:
		f.ReviewFix(message, p.Replace(n.at, better))
	}
}

func bcryptRounds(p *rule.Pass, c *ast.Call, name, keyword string) {
	position := 0
	if keyword != "rounds" {
		position = -1
	}
	e, _ := args.Get(p.Unit, c, position, keyword)
	least, better := 10, "12"
	if name == "bcrypt.kdf" { // rounds of another kind, each 100 times as much
		e, _ = args.Get(p.Unit, c, 3, "rounds")
		least, better = 50, "100"
	}
	n, ok := settingOf(p, e)
	if !ok || !n.isInt || n.n >= least || n.n < 1 {
		return
	}
	f := p.Report(c, "bcrypt makes only %d rounds: whoever gets the hashes tries thousands of passwords a second.", n.n).With(finding.Medium, finding.HighConfidence).Advise("%s=%s", keyword, better)
	raise(p, f, e, n, "make more rounds", better)
}

// scryptCost: N is the memory that a try takes, in units of 128*r bytes.
func scryptCost(p *rule.Pass, c *ast.Call, name string) {
	position, keyword := -1, "n"
	switch {
	case strings.HasPrefix(name, "cryptography."):
		position = 2
	case strings.HasPrefix(name, "Crypto"):
		position, keyword = 3, "N"
	}
	e, _ := args.Get(p.Unit, c, position, keyword)
	n, ok := settingOf(p, e)
	if !ok || !n.isInt || n.n >= 1<<14 || n.n < 2 {
		return
	}
	factor, _ := args.Get(p.Unit, c, position+2, "p")
	if position < 0 {
		factor, _ = args.Keyword(p.Unit, c, "p")
	}
	if times, ok := p.Int(factor); ok && n.n >= 1<<12 && n.n*times >= 1<<15 {
		return
	}
	f := p.Report(c, "scrypt with n=%d takes so little memory that graphics cards try passwords quickly.", n.n).With(finding.Medium, finding.HighConfidence).Advise("%s=2**17, r=8, p=1", keyword)
	raise(p, f, e, n, "take more memory", "2**17")
}

// argonMemory: Argon2's memory_cost counts kibibytes; OWASP's smallest setting has 7 MiB.
func argonMemory(p *rule.Pass, c *ast.Call) {
	e, _ := args.Keyword(p.Unit, c, "memory_cost")
	n, ok := settingOf(p, e)
	if !ok || !n.isInt || n.n >= 7168 || n.n < 1 {
		return
	}
	f := p.Report(c, "Argon2 with %d KiB takes so little memory that graphics cards try passwords quickly.", n.n).With(finding.Medium, finding.HighConfidence).Advise("memory_cost=65536")
	raise(p, f, e, n, "take more memory", "65536")
}

// werkzeugMethod: generate_password_hash(password, method="sha256").
func werkzeugMethod(p *rule.Pass, c *ast.Call) {
	e, _ := args.Get(p.Unit, c, 1, "method")
	m, ok := settingOf(p, e)
	if !ok || m.isInt || m.s == "" {
		return
	}
	var f *rule.Found
	kind, rest, _ := strings.Cut(m.s, ":")
	switch kind {
	case "scrypt":
		return
	case "plain":
		f = p.Report(c, "With the method \"plain\" passwords are stored as they are.")
	case "pbkdf2":
		_, count, _ := strings.Cut(rest, ":")
		n, err := strconv.Atoi(count)
		if count != "" && err == nil && n < 100_000 {
			f = p.Report(c, "The method %q makes only %d iterations of PBKDF2: whoever gets the hashes tries passwords quickly.", m.s, n)
		} else if strings.HasPrefix(rest, "md5") {
			f = p.Report(c, "The method %q makes PBKDF2 with MD5.", m.s).With(finding.Medium, finding.HighConfidence)
		} else {
			return
		}
	default:
		if hashName(kind) == "" {
			return
		}
		f = p.Report(c, "The method %q is fast: whoever gets the hashes tries billions of passwords a second.", m.s)
	}
	f.Advise("generate_password_hash(password)")
	if m.at.Kind() == ast.KindConstant {
		f.ReviewFix("use scrypt", p.Replace(m.at, `"scrypt"`))
	}
}

// weakSchemes are passlib's names of what is there for old hashes.
var weakSchemes = wordSet(`md5_crypt sha1_crypt des_crypt bsdi_crypt bigcrypt crypt16 apr_md5_crypt hex_md4 hex_md5 hex_sha1 hex_sha256 hex_sha512 ldap_md5 ldap_sha1
	ldap_salted_md5 ldap_salted_sha1 ldap_salted_sha256 ldap_salted_sha512 ldap_plaintext ldap_hex_md5 ldap_hex_sha1 lmhash nthash mysql323 mysql41 oracle10 mssql2000 mssql2005 plaintext django_salted_md5 django_salted_sha1
	django_des_crypt django_disabled phpass roundup_plaintext atlassian_pbkdf2_sha1 unix_fallback`)

// contextSchemes: the first scheme of a CryptContext, or its default, hashes what is new.
func contextSchemes(p *rule.Pass, c *ast.Call) {
	e, _ := args.Get(p.Unit, c, 0, "schemes")
	elts, ok := elements(p, e)
	if !ok || len(elts) == 0 {
		return
	}
	first := elts[0]
	if d, _ := args.Keyword(p.Unit, c, "default"); d != nil {
		first = d
	}
	s, ok := p.Str(first)
	if !ok || !weakSchemes[s] {
		return
	}
	f := p.Report(c, "New passwords are hashed with %s, which is made for old hashes: they are guessed at millions or billions of tries a second.", s).Advise("CryptContext(schemes=[\"argon2\", …], deprecated=\"auto\")")
	if first == elts[0] && first.Kind() == ast.KindConstant && len(elts) > 0 && inList(p, first) {
		f.ReviewFix("use PBKDF2 for new hashes", p.Replace(first, `"pbkdf2_sha256", `+p.Text(first)))
	}
}

// inList says whether e is an element of a list or tuple as it is written.
func inList(p *rule.Pass, e ast.Expr) bool {
	switch p.Parent(e).(type) {
	case *ast.List, *ast.Tuple:
		return true
	}
	return false
}

// djangoHashers: the first of PASSWORD_HASHERS hashes what is new.
func djangoHashers(p *rule.Pass, n ast.Node) {
	a := n.(*ast.Assign)
	if len(a.Targets) != 1 || strings.Contains(strings.ToLower(p.File.Path), "test") {
		return
	}
	switch t := a.Targets[0].(type) {
	case *ast.Name:
		if t.Ident != "PASSWORD_HASHERS" || p.Function(a) != nil {
			return
		}
	default:
		return
	}
	elts, ok := elements(p, a.Value)
	if !ok || len(elts) == 0 {
		return
	}
	s, _ := p.Str(elts[0])
	hasher := args.Last(s)
	switch {
	case !strings.HasSuffix(hasher, "PasswordHasher"):
		return
	case strings.Contains(hasher, "MD5"), strings.Contains(hasher, "SHA1") && !strings.Contains(hasher, "PBKDF2"), hasher == "CryptPasswordHasher":
	default:
		return
	}
	f := p.Report(elts[0], "New passwords are hashed with %s, which is made for old hashes and tests: they are guessed at billions of tries a second.", hasher)
	if onDebug(p, a) {
		f.ForAudit(true)
	}
	f.Advise("put django.contrib.auth.hashers.PBKDF2PasswordHasher first")
	if elts[0].Kind() == ast.KindConstant && inList(p, elts[0]) {
		f.SafeFix("put PBKDF2 first; old hashes are still read", p.Replace(elts[0], `"django.contrib.auth.hashers.PBKDF2PasswordHasher", `+p.Text(elts[0])))
	}
}

// onDebug says whether the statement only counts in tests or while debugging.
func onDebug(p *rule.Pass, n ast.Node) bool {
	for up := p.Parent(n); up != nil; up = p.Parent(up) {
		if i, ok := up.(*ast.If); ok {
			t := strings.ToLower(p.Text(i.Test))
			if strings.Contains(t, "test") || strings.Contains(t, "debug") {
				return true
			}
		}
	}
	return false
}
