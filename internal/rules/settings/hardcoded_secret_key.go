package settings

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// HardcodedSecretKey looks at the keys by which frameworks sign sessions and tokens. Any
// constant is wrong there, a placeholder even more, because it is in the documentation.
var HardcodedSecretKey = rule.Check{Called: signingCall, Kinds: namedKinds, Visit: keyNamed}

func keyNamed(p *rule.Pass, n ast.Node) {
	names(p, n, func(v named) {
		if v.where == comparison {
			return
		}
		if !secret.Signs(v.name) {
			privateKey(p, v)
			return
		}
		if list, ok := v.value.(*ast.List); ok { // SECRET_KEY_FALLBACKS
			for _, e := range list.Elts {
				judgeKey(p, n, named{v.name, e, v.where})
			}
			return
		}
		judgeKey(p, n, v)
	})
}

// privateKey looks for private keys in PEM, which are such whatever they are called. Those with
// the name of a secret are HardcodedPassword's.
func privateKey(p *rule.Pass, v named) {
	at := v.value.Span()
	if size := at.End - at.Start; size < 120 || size > 10000 || !bytes.Contains(p.File.Bytes[at.Start:at.End], []byte("PRIVATE KEY-----")) || secret.Of(v.name) != secret.None {
		return
	}
	value, ok := literal(p, v.value)
	if !ok || secret.Judge(secret.Key, "private_key", strings.TrimSpace(value)) != secret.Strong {
		return
	}
	f := p.Report(v.value, "%s %s a private key that is written in the code: whoever reads it signs and decrypts as its owner.", quoteName(v.name), verb(v.where))
	hide(p, f, v.value)
	f.ForAudit(forTests(p, v.value) || slices.ContainsFunc(strings.Split(path.Dir(p.File.Path), "/"), func(dir string) bool {
		return dir == "unit" || dir == "functional" || dir == "integration" || dir == "fixtures" || dir == "testing" || dir == "testdata"
	}))
	f.Advise("read it from a file or a secret store that only the program may read")
}

// drawn says whether a text was drawn for a key, rather than written.
func drawn(value string) bool { return secret.Random(value) && !strings.Contains(value, " ") }

// forTests says whether what stands at n is for tests or for a pipeline only, by the name of the
// file, the class or the function.
func forTests(p *rule.Pass, n ast.Node) bool {
	names := []string{strings.TrimSuffix(path.Base(p.File.Path), ".py")}
	if c := p.Class(n); c != nil {
		names = append(names, c.Name)
	}
	if f := p.Function(n); f != nil {
		names = append(names, f.Name)
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(secret.Words(name), func(w string) bool {
			return w == "test" || w == "tests" || w == "testing" || w == "pytest" || w == "unittest" || w == "ci"
		})
	})
}

func judgeKey(p *rule.Pass, n ast.Node, v named) {
	value, ok := literal(p, v.value)
	if !ok && v.where == argument {
		value, ok = indirect(p, v.value)
	}
	if !ok {
		if c, isConst := v.value.(*ast.Constant); isConst && v.where == entry && secret.Bandit(v.name) {
			p.Report(c, "The entry %s has a constant value.", quoteName(v.name)).With(finding.Low, finding.LowConfidence).ForAudit(true)
		}
		return
	}
	if !secret.Usable(v.name, value) || v.where == entry && notKey(p, n.(*ast.Dict), value) || inEnum(p, n) {
		hide(p, p.Report(v.value, "%s %s a constant text.", quoteName(v.name), verb(v.where)).With(finding.Low, finding.LowConfidence).ForAudit(true), v.value)
		return
	}
	f := p.Report(v.value, "%s %s.", v.name, describeKey(v.where, value))
	hide(p, f, v.value)
	f.ForAudit(forTests(p, n) && !drawn(value))
	if !secret.Random(value) {
		f.Message = v.name + " " + verb(v.where) + " a text that can be guessed or looked up: whoever knows it signs what they like."
	}
	if v.where == parameter {
		f.Advise("leave the default out, so that the caller must say")
		return
	}
	fromEnvironment(p, f, v.name, v.value)
}

func describeKey(w place, value string) string {
	return verb(w) + " a key that is written in the code: whoever reads it signs what they like"
}

// notKey says that a dictionary describes fields rather than holding a key.
func notKey(p *rule.Pass, d *ast.Dict, value string) bool {
	l := strings.ToLower(value)
	return l == "str" || l == "string" || l == "text" || strings.Contains(value, " ") && !strings.ContainsAny(value, "0123456789")
}

// signers are called with a key: its position and keyword.
var signers = map[string]struct {
	at      int
	keyword string
}{
	"jwt.encode": {1, "key"}, "jwt.decode": {1, "key"}, "jwt.api_jwt.encode": {1, "key"}, "jwt.api_jwt.decode": {1, "key"}, "jose.jwt.encode": {1, "key"}, "jose.jwt.decode": {1, "key"},
	"jose.jws.sign": {1, "key"}, "jose.jws.verify": {1, "key"}, "authlib.jose.jwt.encode": {2, "key"}, "authlib.jose.jwt.decode": {1, "key"},
	"itsdangerous.URLSafeTimedSerializer": {0, "secret_key"}, "itsdangerous.URLSafeSerializer": {0, "secret_key"}, "itsdangerous.Serializer": {0, "secret_key"}, "itsdangerous.Signer": {0, "secret_key"},
	"itsdangerous.TimestampSigner": {0, "secret_key"}, "itsdangerous.TimedSerializer": {0, "secret_key"}, "itsdangerous.TimedJSONWebSignatureSerializer": {0, "secret_key"}, "itsdangerous.JSONWebSignatureSerializer": {0, "secret_key"},
	"cryptography.fernet.Fernet": {0, "key"}, "hmac.new": {0, "key"}, "hmac.digest": {0, "key"}, "django.core.signing.Signer": {0, "key"}, "django.core.signing.TimestampSigner": {0, "key"},
	"pyramid.session.SignedCookieSessionFactory": {0, "secret"}, "pyramid.authentication.AuthTktAuthenticationPolicy": {0, "secret"}, "aiohttp_session.cookie_storage.EncryptedCookieStorage": {0, "secret_key"},
	"bottle.response.set_cookie": {-1, "secret"}, "bottle.request.get_cookie": {-1, "secret"}, "starlette.middleware.sessions.SessionMiddleware": {1, "secret_key"},
	"fastapi_users.authentication.JWTStrategy": {0, "secret"}, "nacl.secret.SecretBox": {0, "key"}, "cryptography.hazmat.primitives.ciphers.algorithms.AES": {0, "key"}, "Crypto.Cipher.AES.new": {0, "key"}, "Cryptodome.Cipher.AES.new": {0, "key"},
}

func signingCall(p *rule.Pass, c *ast.Call, name string) {
	s, ok := signers[name]
	if !ok {
		return
	}
	e := program.Arg(c, s.at, s.keyword)
	if e == nil {
		return
	}
	if k := program.Keyword(c, s.keyword); k != nil && k.Value == e && secret.Signs(s.keyword) {
		return // seen as a name
	}
	value, ok := literal(p, e)
	if n, isName := e.(*ast.Name); !ok && isName && !secret.Signs(n.Ident) && secret.Judge(secret.Of(n.Ident), n.Ident, constant(p, n)) == secret.Not {
		value, ok = constant(p, n), constant(p, n) != ""
	}
	if !ok || len(value) < 2 || strings.HasPrefix(value, "-----BEGIN PUBLIC") || strings.HasPrefix(value, "-----BEGIN CERT") || strings.Contains(name, "decode") && off(p, c) {
		return
	}
	f := p.Report(e, "%s is given a key that is written in the code: whoever reads it can sign or decrypt.", name)
	if _, isName := e.(*ast.Name); !isName {
		fromEnvironment(p, f, "SECRET_KEY", e)
	}
}

// constant is the text a name stands for, or "".
func constant(p *rule.Pass, n *ast.Name) string {
	if v, ok := p.Const(n); ok && (v.Kind == ast.Str || v.Kind == ast.Bytes) {
		return v.Str
	}
	for _, v := range p.Values(n) {
		if v != ast.Expr(n) {
			s, _ := literal(p, v)
			return s
		}
	}
	return ""
}

// off says that a decode does not verify at all: the key is none, and another rule's.
func off(p *rule.Pass, c *ast.Call) bool {
	k := program.Keyword(c, "verify")
	if k == nil {
		return false
	}
	v, ok := p.Bool(k.Value)
	return ok && !v
}
