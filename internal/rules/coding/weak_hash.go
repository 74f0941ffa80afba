package coding

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// WeakHash looks at what broken hashes are for. Where they only tell files apart nothing
// depends on their being strong.
var WeakHash = rule.Check{Called: weakHash}

func weakHash(p *rule.Pass, c *ast.Call, name string) {
	switch {
	case strings.HasPrefix(name, "crypt."):
		cryptMethod(p, c, name)
		return
	case strings.HasPrefix(name, "hmac."):
		weakHMAC(p, c)
		return
	}
	hash, data := digestOf(p, c, name)
	switch hash {
	case "MD2", "MD4", "MD5", "SHA-1":
	default:
		return
	}
	probe := probes(p, c)
	used, hidden := args.Keyword(p.Unit, c, "usedforsecurity")
	if used != nil {
		if args.IsFalse(p.Unit, used) {
			return
		}
		hidden = !args.IsTrue(p.Unit, used)
	}
	made := c
	if strings.HasPrefix(name, "cryptography.") {
		switch p.Parent(c).(type) {
		case *ast.Dict, *ast.List, *ast.Tuple, *ast.Set:
			hidden = true // a table of all that there is
		}
		inner, ok := hashArgument(p, c, hash)
		if ok {
			return
		}
		if inner != nil {
			made = inner
		}
	}
	inputs := digestInputs(p, made, data)
	purpose := digestFor(p, made, inputs)
	f := p.Report(c, "%s is broken: different texts with the same hash can be made.", hash).ForAudit(hidden || probe)
	if at := purpose.at; at != nil && p.File.Position(at.Start()).Line != p.File.Position(c.Start()).Line {
		f.Because(at, "This tells what the hash is for.")
	}
	forced := byProtocol(p, c)
	switch purpose.kind {
	case digestPassword:
		verb := " is hashed with "
		if purpose.at != nil {
			verb = " is made with "
		}
		f.Message = purpose.name + verb + hash + ": whoever gets the hash tries billions of passwords a second."
		f.With(finding.High, finding.HighConfidence).Advise("argon2.PasswordHasher().hash(password), or hashlib.scrypt with a salt")
		f.ForAudit(passwordProtocol(p, c))
	case digestSecurity:
		f.Message = purpose.name + " depends on " + hash + ", which is broken: different texts with the same hash can be made."
		f.With(finding.High, finding.MediumConfidence).ForAudit(forced)
		if hash == "SHA-1" {
			f.Severity = finding.Medium // a collision still costs a fortune
		}
		strongerHash(p, c, name, f)
	case digestChecksum:
		f.Message = hash + " is broken, though nothing here seems to depend on that."
		f.With(finding.Low, finding.MediumConfidence).ForAudit(true)
		notForSecurity(p, c, name, used, f)
	default:
		f.With(finding.Medium, finding.LowConfidence).ForAudit(forced)
		if strings.HasPrefix(name, "hashlib.") {
			f.Advise("hashlib.sha256(data); or usedforsecurity=False where it only tells things apart")
		}
		if forced {
			notForSecurity(p, c, name, used, f)
		}
	}
}

// probes says whether a hash is only made to see whether it is there: nothing is done with it, and
// that it is not there is expected.
func probes(p *rule.Pass, c *ast.Call) bool {
	alone, ok := p.Parent(c).(*ast.ExprStmt)
	if !ok {
		return false
	}
	try, ok := p.Parent(alone).(*ast.Try)
	return ok && slices.Contains(try.Body, ast.Stmt(alone))
}

// hashArgument reports hashes that cryptography's functions are given. Inner is the Hash
// that is made with one; done says that there is nothing more to say.
func hashArgument(p *rule.Pass, c *ast.Call, hash string) (inner *ast.Call, done bool) {
	var up ast.Node = p.Parent(c)
	if k, ok := up.(*ast.Keyword); ok {
		up = p.Parent(k)
	}
	call, ok := up.(*ast.Call)
	if !ok {
		return nil, false
	}
	switch callee := args.Callee(call); callee {
	case "Hash":
		return call, false
	case "HMAC", "TOTP", "HOTP", "OAEP", "MGF1", "PBKDF2HMAC", "HKDF", "HKDFExpand", "fingerprint":
		// Collisions do not help against these.
		p.Report(c, "%s is broken, though %s does not depend on what is broken of it.", hash, callee).With(finding.Low, finding.HighConfidence).ForAudit(hash == "SHA-1" || callee == "fingerprint").Advise("hashes.SHA256()")
		return nil, true
	case "sign", "verify", "ECDSA":
		f := p.Report(c, "The signature depends on %s: what is signed can be exchanged for another text with the same hash.", hash).With(finding.High, finding.HighConfidence).Advise("hashes.SHA256()")
		if a, ok := c.Func.(*ast.Attribute); ok {
			f.ReviewFix("use SHA-256", p.Replace(a, p.Text(a.Value)+".SHA256"))
		}
		return nil, true
	}
	return nil, false
}

// weakHMAC: hmac.new(key, message, hashlib.md5). An HMAC does not depend on what is
// broken of its hash, but there is no reason to choose one of these.
func weakHMAC(p *rule.Pass, c *ast.Call) {
	e, _ := args.Get(p.Unit, c, 2, "digestmod")
	if e == nil {
		e, _ = args.Get(p.Unit, c, 2, "digest")
	}
	if e == nil {
		return
	}
	s, ok := p.Str(e)
	if !ok {
		for _, n := range p.Names(e) {
			if strings.HasPrefix(n, "hashlib.") {
				s = args.Last(n)
			}
		}
	}
	hash := hashName(s)
	switch hash {
	case "MD4", "MD5", "SHA-1":
	default:
		return
	}
	f := p.Report(c, "This HMAC is made with %s, which is broken as a hash.", hash).With(finding.Low, finding.HighConfidence).ForAudit(hash == "SHA-1" || byProtocol(p, c)).Advise("hmac.new(key, message, hashlib.sha256)")
	switch e := e.(type) {
	case *ast.Attribute:
		f.ReviewFix("use SHA-256", p.Replace(e, p.Text(e.Value)+".sha256"))
	case *ast.Constant:
		f.ReviewFix("use SHA-256", p.Replace(e, `"sha256"`))
	}
}

// cryptMethod: crypt.crypt(word, salt) and crypt.mksalt(method).
func cryptMethod(p *rule.Pass, c *ast.Call, name string) {
	e, _ := args.Get(p.Unit, c, 1, "salt")
	if args.Last(name) == "mksalt" {
		e, _ = args.Get(p.Unit, c, 0, "method")
	}
	if e == nil {
		return
	}
	method := ""
	for _, n := range p.Names(e) {
		switch args.Last(n) {
		case "METHOD_CRYPT":
			method = "DES"
		case "METHOD_MD5":
			method = "MD5"
		case "METHOD_BLOWFISH":
			p.Report(c, "crypt makes Blowfish hashes only where the system's library knows them, and is gone since Python 3.13.").With(finding.Low, finding.HighConfidence).ForAudit(true)
			return
		}
	}
	if s, ok := p.Str(e); ok && method == "" {
		switch {
		case strings.HasPrefix(s, "$1$"):
			method = "MD5"
		case s != "" && s[0] != '$' && len(s) <= 13:
			method = "DES"
		}
	}
	if method == "" {
		return
	}
	f := p.Report(c, "Passwords are hashed with crypt's %s method: whoever gets the hashes tries millions a second.", method).With(finding.High, finding.HighConfidence).
		Advise("argon2.PasswordHasher().hash(password); crypt is gone since Python 3.13")
	if a, ok := e.(*ast.Attribute); ok {
		f.ReviewFix("use SHA-512 with many rounds", p.Replace(a, p.Text(a.Value)+".METHOD_SHA512"))
	}
}

// strongerHash replaces the hash by SHA-256, whose output is longer.
func strongerHash(p *rule.Pass, c *ast.Call, name string, f *rule.Found) {
	const what = "use SHA-256"
	switch fn := c.Func.(type) {
	case *ast.Attribute:
		switch {
		case name == "hashlib.new":
			if e, ok := program.Arg(c, 0, "name").(*ast.Constant); ok {
				f.ReviewFix(what, p.Replace(e, `"sha256"`))
			}
		case strings.HasPrefix(name, "hashlib."):
			f.ReviewFix(what, p.Replace(fn, p.Text(fn.Value)+".sha256"))
		case strings.HasPrefix(name, "cryptography."):
			f.ReviewFix(what, p.Replace(fn, p.Text(fn.Value)+".SHA256"))
		}
	case *ast.Name:
		if !strings.HasPrefix(name, "hashlib.") || name == "hashlib.new" {
			return
		}
		if edit, ok := importEdit(p, "hashlib"); ok {
			f.ReviewFix(what, p.Replace(fn, "hashlib.sha256"), edit)
		}
	}
}

// notForSecurity says in the code that nothing depends on the hash.
func notForSecurity(p *rule.Pass, c *ast.Call, name string, used ast.Expr, f *rule.Found) {
	if !strings.HasPrefix(name, "hashlib.") {
		return
	}
	f.Advise("%s(data, usedforsecurity=False)", name)
	if used == nil && !program.HasStar(c) {
		f.SafeFix("say that nothing depends on it", p.SetKeyword(c, "usedforsecurity", "False"))
	}
}
