package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// SecretInToken looks at what is put into tokens that are signed and not encrypted: the
// keys of dictionaries that are given to them, and those of Flask's and Starlette's sessions.
var SecretInToken = rule.Check{Called: tokenPayload, Kinds: []ast.Kind{ast.KindAssign}, Visit: sessionSecret}

func tokenPayload(p *rule.Pass, c *ast.Call, name string) {
	at, keyword := 0, "payload"
	switch {
	case strings.HasPrefix(name, "flask_jwt_extended."):
		at, keyword = -1, "additional_claims"
	case strings.HasPrefix(name, "jose."):
		keyword = "claims"
	case strings.HasPrefix(name, "authlib."):
		at = 1
	case strings.HasPrefix(name, "itsdangerous."), strings.HasPrefix(name, "django."):
		keyword = "obj"
	}
	e, _ := args.Get(p.Unit, c, at, keyword)
	if e == nil {
		return
	}
	for _, v := range p.Values(e) {
		switch v := v.(type) {
		case *ast.Dict:
			for i, k := range v.Keys {
				if s, ok := p.Str(k); ok && k != nil {
					secretClaim(p, k, s, v.Values[i])
				}
			}
		case *ast.Call:
			if p.Is(v.Func, "builtins.dict") {
				for _, k := range v.Keywords {
					secretClaim(p, k, k.Arg, k.Value)
				}
			}
		}
	}
	n, ok := e.(*ast.Name)
	f := p.Function(c)
	if !ok || f == nil {
		return
	}
	// claims["password"] = password, before the token is made
	p.Inside(f, func(x ast.Node) bool {
		a, ok := x.(*ast.Assign)
		if !ok || len(a.Targets) != 1 || a.Start() > c.Start() {
			return true
		}
		if s, ok := a.Targets[0].(*ast.Subscript); ok {
			if base, ok := s.Value.(*ast.Name); ok && base.Ident == n.Ident {
				if key, ok := p.Str(s.Slice); ok {
					secretClaim(p, s, key, a.Value)
				}
			}
		}
		return true
	})
}

// secretClaim judges one entry of a payload. What tells only whether there is a password
// is none.
func secretClaim(p *rule.Pass, at ast.Node, name string, value ast.Expr) {
	kind := secret.Of(name)
	if kind != secret.Password && kind != secret.Key || vacant(p, value) {
		return
	}
	p.Report(at, "%s stands in a token that is signed and not encrypted: whoever sees the token can read it.", name)
}

// vacant says whether a value is None, a truth or an empty text.
func vacant(p *rule.Pass, e ast.Expr) bool {
	v, ok := p.Const(e)
	return ok && (v.Kind == ast.None || v.Kind == ast.True || v.Kind == ast.False || (v.Kind == ast.Str || v.Kind == ast.Bytes) && v.Str == "")
}

func sessionSecret(p *rule.Pass, n ast.Node) {
	a := n.(*ast.Assign)
	if len(a.Targets) != 1 {
		return
	}
	s, ok := a.Targets[0].(*ast.Subscript)
	if !ok {
		return
	}
	key, _ := p.Str(s.Slice)
	if secret.Of(key) != secret.Password || vacant(p, a.Value) {
		return
	}
	// Libraries that keep sessions on the server give the visitor a number only.
	whose := ""
	switch {
	case p.Is(s.Value, "flask.session", "quart.session") && !conf.Mentions(p, "flask_session", "quart_session"):
		whose = "Flask"
	case p.Is(s.Value, "starlette.requests.Request().session", "fastapi.Request().session", "fastapi.requests.Request().session") && !conf.Mentions(p, "starsessions"):
		whose = "Starlette"
	default:
		return
	}
	p.Report(a, "%s stands in %s's session, a cookie that is signed and not encrypted: whoever sees the cookie can read it.", key, whose)
}
