package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// TokenWithoutEnd looks at tokens that say who somebody is and not until when, and at signed
// texts, for a new password say, that are taken however old they are.
var TokenWithoutEnd = rule.Check{Called: tokenWithoutEnd}

func tokenWithoutEnd(p *rule.Pass, c *ast.Call, name string) {
	switch {
	case strings.HasPrefix(name, "flask_jwt_extended."):
		if v, _ := args.Keyword(p.Unit, c, "expires_delta"); v != nil {
			if k, ok := p.Const(v); ok && k.Kind == ast.False {
				p.Report(c, "The token never ends: whoever gets hold of it has the account for good.").With(finding.Medium, finding.HighConfidence)
			}
		}
	case strings.HasSuffix(name, ".encode"):
		endless(p, c, name)
	default:
		ageless(p, c, name)
	}
}

// ends are words that say that somebody thought of the end, in the function or in a helper's name.
var ends = match.Lazy(`(?i)\bexp\b|["']exp["']|expir|lifetime|max_?age|ttl|valid_until|not_after|timedelta`)

// endless judges a JSON Web Token whose payload is known.
func endless(p *rule.Pass, c *ast.Call, name string) {
	at, keyword := 0, "payload"
	switch {
	case strings.HasPrefix(name, "jose."):
		keyword = "claims"
	case strings.HasPrefix(name, "authlib."), strings.HasPrefix(name, "joserfc."):
		at = 1
	}
	e, _ := args.Get(p.Unit, c, at, keyword)
	f := p.Function(c)
	if e == nil || f == nil || ends().MatchString(p.Text(f)) {
		return
	}
	values := p.Values(e)
	if len(values) != 1 {
		return
	}
	if handedIn(p, values[0]) {
		// What a helper is given may have an end in it, unless nobody speaks of one.
		if issues(f.Name) && !conf.Mentions(p, `"exp"`, "'exp'", "exp=", "expire") {
			p.Report(c, "The token does not say until when it is good: whoever gets hold of it has the account for good.")
		}
		return
	}
	who := ""
	switch v := values[0].(type) {
	case *ast.Dict:
		for i, k := range v.Keys {
			s, ok := p.Str(k)
			if k == nil || !ok {
				return // something is spread, or named by something
			}
			if who == "" && identity(s) && !p.IsConst(v.Values[i]) {
				who = s
			}
		}
	case *ast.Call:
		if !p.Is(v.Func, "builtins.dict") || len(v.Args) > 0 {
			return
		}
		for _, k := range v.Keywords {
			if k.Arg == "" {
				return
			}
			if who == "" && identity(k.Arg) && !p.IsConst(k.Value) {
				who = k.Arg
			}
		}
	}
	if n, ok := e.(*ast.Name); ok && filled(p, f, n.Ident) {
		return
	}
	if who != "" && !storedInRow(p, c) {
		p.Report(c, "The token says who somebody is (%s), and not until when: whoever gets hold of it is that person for good.", who)
	}
}

// handedIn says whether e is a parameter, or a copy of one: data.copy(), dict(data), {**data}.
func handedIn(p *rule.Pass, e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Call:
		if f, ok := x.Func.(*ast.Attribute); ok && f.Attr == "copy" && len(x.Args) == 0 {
			e = f.Value
		} else if p.Is(x.Func, "builtins.dict") && len(x.Args) == 1 && len(x.Keywords) == 0 {
			e = x.Args[0]
		}
	case *ast.Dict:
		if len(x.Keys) == 1 && x.Keys[0] == nil {
			e = x.Values[0]
		}
	}
	return p.IsParameter(e)
}

// issues says whether a function of this name makes tokens: create_access_token.
func issues(name string) bool {
	words := secret.Words(name)
	return (slices.Contains(words, "token") || slices.Contains(words, "jwt")) && slices.ContainsFunc(words, func(w string) bool {
		return w == "create" || w == "generate" || w == "make" || w == "issue" || w == "sign" || w == "encode" || w == "build" || w == "new"
	})
}

// storedInRow says whether a token goes into a row of a database, and not to a client: Invite(token=
// jwt.encode(…)). It is looked up there, and can be taken back.
func storedInRow(p *rule.Pass, c *ast.Call) bool {
	k, ok := p.Parent(c).(*ast.Keyword)
	if !ok {
		return false
	}
	row, ok := p.Parent(k).(*ast.Call)
	if !ok || !p.Imports("django", "sqlalchemy", "sqlmodel", "flask_sqlalchemy") {
		return false
	}
	if _, returned := p.Statement(c).(*ast.Return); returned {
		return false
	}
	name := args.Callee(row)
	return name != "" && name[0] >= 'A' && name[0] <= 'Z' || name == "create" || name == "get_or_create"
}

// filled says whether a dictionary is given more than is seen where it is made: payload.update(more).
func filled(p *rule.Pass, f *ast.FunctionDef, name string) bool {
	found := false
	p.Inside(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Call:
			a, ok := n.Func.(*ast.Attribute)
			if !ok || a.Attr != "update" && a.Attr != "setdefault" {
				return true
			}
			if b, ok := a.Value.(*ast.Name); ok && b.Ident == name {
				found = true
			}
		case *ast.Assign:
			s, ok := n.Targets[0].(*ast.Subscript)
			if !ok {
				return true
			}
			b, ok := s.Value.(*ast.Name)
			if _, known := p.Str(s.Slice); ok && b.Ident == name && !known {
				found = true
			}
		}
		return !found
	})
	return found
}

// identity says whether a claim of this name says who somebody is.
func identity(name string) bool {
	switch strings.ToLower(name) {
	case "sub", "user", "user_id", "userid", "uid", "username", "user_name", "email", "identity", "public_id", "account", "account_id", "customer_id", "member_id", "login":
		return true
	}
	return false
}

// ageless judges how a signed text is read: without an age, or by a signer that knows none. It
// matters where the text opens an account.
func ageless(p *rule.Pass, c *ast.Call, name string) {
	last := args.Last(name)
	timeless := strings.Contains(name, ".Serializer()") || strings.Contains(name, ".URLSafeSerializer()") || strings.Contains(name, ".Signer()")
	if !timeless {
		if v, hidden := args.Keyword(p.Unit, c, "max_age"); v != nil && !args.IsNone(p.Unit, v) || hidden {
			return
		}
		if len(c.Args) > 1 && (last == "loads" || last == "unsign") {
			return
		}
	}
	f := p.Function(c)
	if f == nil || !opensAccount(p, c, f) {
		return
	}
	// A helper that gives the date back leaves the judgement to who calls it.
	if v, _ := args.Keyword(p.Unit, c, "return_timestamp"); v != nil || timeless && ends().MatchString(p.Text(f)) {
		return
	}
	advice := "loads(token, max_age=3600)"
	if timeless {
		advice = "a signer with the time in it, and loads(token, max_age=3600)"
	}
	p.Report(c, "The link is taken however old it is: whoever finds it in an old mail or a log has the account.").With(finding.Medium, finding.MediumConfidence).Advise("%s", advice)
}

// opensAccount says whether what a function reads is for a new password, or a login: by its name,
// by that of its class, or by the salt.
func opensAccount(p *rule.Pass, c *ast.Call, f *ast.FunctionDef) bool {
	words := secret.Words(f.Name)
	if s, _ := args.Keyword(p.Unit, c, "salt"); s != nil {
		t, _ := p.Str(s)
		words = append(words, secret.Words(t)...)
	}
	return slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "reset", "password", "forgot", "forgotten", "recover", "recovery", "magic", "login", "passwordless", "signin":
			return true
		}
		return false
	})
}
