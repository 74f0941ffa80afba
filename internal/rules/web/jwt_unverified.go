package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
	"github.com/gambeson/gambeson/internal/source"
)

// JwtUnverified looks at how tokens are read: without their signature, without their
// end, or with the algorithm that the token itself names.
var JwtUnverified = rule.Check{Called: readToken}

func readToken(p *rule.Pass, c *ast.Call, name string) {
	switch last := args.Last(name); last {
	case "verify_oauth2_token", "verify_token", "verify_firebase_token":
		forWhom(p, c)
		return
	case "get_unverified_header", "get_unverified_claims", "get_unverified_headers":
		if strings.Contains(last, "claims") {
			p.Report(c, "The claims are read without looking at the signature: whoever sent the token wrote them.").ForAudit(verifiedToo(p, c))
		}
		return
	case "encode":
		a, _ := args.Keyword(p.Unit, c, "algorithm")
		if a == nil && len(c.Args) > 2 && !strings.HasPrefix(name, "authlib") {
			a = c.Args[2]
		}
		if a != nil && (isNone(p, a) || args.IsNone(p.Unit, a)) {
			p.Report(c, "The token is not signed: whoever has one can change it.")
		}
		return
	case "process_jwt":
		p.Report(c, "The token is read without looking at the signature: whoever sent it wrote it.")
		return
	}
	if v, _ := args.Keyword(p.Unit, c, "verify"); v != nil && args.IsFalse(p.Unit, v) {
		f := p.Report(c, "With verify=False, nobody looks at the signature: whoever sent the token wrote it.").ForAudit(verifiedToo(p, c))
		if k := program.Keyword(c, "verify"); k != nil && !anyAlgorithm(p, c) {
			f.ReviewFix("look at the signature", p.Replace(k.Value, "True"))
		} else {
			f.Advise(`jwt.decode(token, key, algorithms=["HS256"])`) // to switch it on is not enough: there is nothing to look with
		}
		return
	}
	if algorithms, _ := args.Get(p.Unit, c, 2, "algorithms"); algorithms != nil && !strings.HasPrefix(name, "authlib") {
		if s, ok := p.Str(algorithms); ok && strings.EqualFold(s, "none") || listed(p, algorithms) {
			p.Report(c, "The algorithm \"none\" is accepted: whoever sends a token without a signature wrote it.")
			return
		}
		if fromHeader(p, algorithms) {
			p.Report(c, "The token itself says by which algorithm it is checked, and can choose one that proves nothing.")
			return
		}
	}
	if key, _ := args.Get(p.Unit, c, 1, "key"); key != nil && bringsKey(p, key) {
		p.Report(c, "The token itself brings the key that it is checked with: whoever wrote it signed it with a key of his own.").Advise("keys of your own, by the name that the header gives: KEYS[header[\"kid\"]]")
		return
	}
	if strings.HasPrefix(name, "authlib") || strings.HasPrefix(name, "joserfc") {
		claimsUnread(p, c)
		return
	}
	options, _ := args.Keyword(p.Unit, c, "options")
	if options == nil && strings.HasPrefix(name, "jose.") && len(c.Args) > 3 {
		options = c.Args[3]
	}
	if options != nil && judged(p, c, options) {
		return
	}
	if anyAlgorithm(p, c) {
		p.Report(c, "No algorithms are given: PyJWT 2 refuses, and version 1 takes the one that the token names.").With(finding.Medium, finding.MediumConfidence).Advise(`algorithms=["HS256"]`)
	}
}

// forWhom: Google signs for everybody. Who does not say for whom a token has to be, or looks at it
// afterwards, takes those that any other application was given.
func forWhom(p *rule.Pass, c *ast.Call) {
	audience, hidden := args.Get(p.Unit, c, 2, "audience")
	if audience != nil && !args.IsNone(p.Unit, audience) || hidden || program.HasStar(c) {
		return
	}
	f := p.Function(c)
	if f == nil {
		return
	}
	for _, w := range []string{"\"aud\"", "'aud'", "\"azp\"", "'azp'", "audience"} {
		if strings.Contains(p.Text(f), w) {
			return
		}
	}
	if r, ok := p.Parent(c).(*ast.Return); ok && r != nil {
		p.Report(c, "A token that was made for any other application is taken here, unless who calls this looks at it.").With(finding.Low, finding.LowConfidence).ForAudit(true)
		return
	}
	p.Report(c, "A token that was made for any other application is taken here: whoever runs one logs in as its users.").With(finding.High, finding.MediumConfidence).Advise("id_token.verify_oauth2_token(token, request, CLIENT_ID)")
}

// judged looks at the options, and says whether it reported.
func judged(p *rule.Pass, c *ast.Call, options ast.Expr) bool {
	for _, v := range p.Values(options) {
		d, ok := v.(*ast.Dict)
		if !ok {
			continue
		}
		if e := text.Lookup(d, "verify_signature"); e != nil && args.IsFalse(p.Unit, e) {
			f := p.Report(c, "With verify_signature off, whoever sent the token wrote it.").ForAudit(verifiedToo(p, c))
			if strings.HasPrefix(args.Last(p.Name(c.Func)), "decode") && (program.Keyword(c, "algorithms") != nil || len(c.Args) > 2 || p.Is(c.Func, "jose.jwt.decode")) {
				f.ReviewFix("look at the signature", p.Replace(e, "True"))
			} else {
				f.Advise(`jwt.decode(token, key, algorithms=["HS256"])`) // to switch it on is not enough: there is nothing to look with
			}
			return true
		}
		if e := text.Lookup(d, "verify_signature"); e != nil && !p.IsConst(e) && ofToken(p, e) {
			p.Report(c, "The token itself says whether its signature is looked at: whoever writes one leaves it out.").ReviewFix("always look at the signature", p.Replace(e, "True"))
			return true
		}
		for _, claim := range []string{"verify_exp", "verify_aud", "verify_iss", "verify_nbf"} {
			if e := text.Lookup(d, claim); e != nil && args.IsFalse(p.Unit, e) {
				what := map[string]string{"verify_exp": "a token works for ever, also after it was stolen", "verify_aud": "a token that was made for another service works here", "verify_iss": "a token that another service made works here", "verify_nbf": "a token works before its time"}[claim]
				p.Report(c, "With %s off, %s.", claim, what).With(finding.Medium, finding.HighConfidence).ForAudit(claim != "verify_exp" && !(claim == "verify_aud" && foreignKeys(p, c))).ReviewFix("look at the claim", p.Replace(e, "True"))
				return true
			}
		}
	}
	return false
}

// ofToken says whether a condition asks for something that stands in a token's own header, or in a
// request: header["alg"] != "none".
func ofToken(p *rule.Pass, e ast.Expr) bool {
	found := false
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if s, ok := n.(*ast.Subscript); ok {
			key, known := p.Str(s.Slice)
			found = found || known && (key == "alg" || key == "kid" || key == "typ")
		}
		if x, ok := n.(ast.Expr); ok {
			found = found || args.Sent(p.Unit, x)
		}
		if !found {
			ast.Children(n, visit)
		}
	}
	visit(e)
	return found
}

// claimsUnread: authlib and joserfc look at a token's end, and for whom it was made, only when
// they are asked to.
func claimsUnread(p *rule.Pass, c *ast.Call) {
	f := p.Function(c)
	if f == nil {
		return
	}
	if strings.Contains(p.Text(f), "validate") || strings.Contains(p.Text(f), "exp") && strings.Contains(p.Text(f), "time") {
		return
	}
	if !keptHere(p, f, c) { // handed on, to somebody who may ask
		p.Report(c, "What the token claims is not looked at here: not its end, and not for whom it was made.").With(finding.Low, finding.LowConfidence).ForAudit(true)
		return
	}
	p.Report(c, "What the token claims is not looked at: a token works for ever, and one that was made for another service works here.").With(finding.Medium, finding.MediumConfidence).Advise("claims.validate()")
}

// keptHere says whether what a call gives gets a name and is not given back.
func keptHere(p *rule.Pass, f *ast.FunctionDef, c *ast.Call) bool {
	a, ok := p.Parent(c).(*ast.Assign)
	if !ok {
		return false
	}
	t, ok := a.Targets[0].(*ast.Name)
	kept := ok
	p.Inside(f, func(n ast.Node) bool {
		if r, is := n.(*ast.Return); is && ok {
			if v, is := r.Value.(*ast.Name); is && v.Ident == t.Ident {
				kept = false
			}
		}
		return kept
	})
	return kept
}

// foreignKeys says whether tokens are signed by somebody else, for many services: with keys that
// are fetched, or that only they have. A function that looks at who a token is for by itself is none.
func foreignKeys(p *rule.Pass, c *ast.Call) bool {
	f := p.Function(c)
	if f == nil {
		return false
	}
	for _, w := range []string{"\"aud\"", "'aud'", "\"azp\"", "'azp'", "client_id", "audience", "appid"} {
		if strings.Contains(p.Text(f), w) {
			return false
		}
	}
	text := source.View(p.File.Bytes)
	for _, w := range []string{"PyJWKClient", "jwks", "JWKS", "get_signing_key", "well-known/openid-configuration"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// bringsKey says whether a key is made of what the token's header says of it: the key itself, or
// an address where to find it.
func bringsKey(p *rule.Pass, e ast.Expr) bool {
	found := false
	var walk func(n ast.Node, depth int)
	walk = func(n ast.Node, depth int) {
		if depth > 8 || found || n == nil {
			return
		}
		key := ast.Expr(nil)
		var of ast.Expr
		switch x := n.(type) {
		case *ast.Name:
			for _, v := range p.Values(x) {
				if v != ast.Expr(x) {
					walk(v, depth+1)
				}
			}
			return
		case *ast.Subscript:
			key, of = x.Slice, x.Value
		case *ast.Call:
			if a, ok := x.Func.(*ast.Attribute); ok && a.Attr == "get" && len(x.Args) > 0 {
				key, of = x.Args[0], a.Value
			}
		}
		if s, ok := p.Str(key); ok && (s == "jwk" || s == "jku" || s == "x5u" || s == "x5c") && fromHeader(p, of) {
			found = true
			return
		}
		ast.Children(n, func(k ast.Node) { walk(k, depth+1) })
	}
	walk(e, 0)
	return found
}

func isNone(p *rule.Pass, e ast.Expr) bool {
	s, ok := p.Str(e)
	return ok && strings.EqualFold(s, "none")
}

func listed(p *rule.Pass, e ast.Expr) bool {
	v, ok := p.Const(e)
	if !ok {
		return false
	}
	for _, x := range v.List {
		if x.Kind == ast.Str && strings.EqualFold(x.Str, "none") {
			return true
		}
	}
	return false
}

// fromHeader: algorithms=[jwt.get_unverified_header(token)["alg"]].
func fromHeader(p *rule.Pass, e ast.Expr) bool {
	found := false
	var walk func(n ast.Node, depth int)
	walk = func(n ast.Node, depth int) {
		if depth > 5 || found {
			return
		}
		if x, ok := n.(*ast.Name); ok {
			for _, v := range p.Values(x) {
				if v != ast.Expr(x) {
					walk(v, depth+1)
				}
			}
			return
		}
		if c, ok := n.(*ast.Call); ok && strings.HasPrefix(args.Callee(c), "get_unverified_header") {
			found = true
			return
		}
		ast.Children(n, func(k ast.Node) { walk(k, depth+1) })
	}
	walk(e, 0)
	return found
}

// verifiedToo says whether the same function also reads the token with its signature:
// it looked at the claims first to find the key.
func verifiedToo(p *rule.Pass, c *ast.Call) bool {
	f := p.Function(c)
	if f == nil {
		return false
	}
	ok := false
	p.Inside(f, func(n ast.Node) bool {
		other, is := n.(*ast.Call)
		if !is || other == c {
			return !ok
		}
		if verifies(p, other) {
			ok = true
		} else if d := p.Definition(other.Func); d != nil && d != f && other.End() <= c.Start() && len(c.Args) > 0 && len(other.Args) > 0 && p.Text(other.Args[0]) == p.Text(c.Args[0]) {
			// The same token has been through a function that looks at its signature.
			p.Inside(d, func(n ast.Node) bool {
				x, is := n.(*ast.Call)
				ok = ok || is && verifies(p, x)
				return !ok
			})
		}
		return !ok
	})
	return ok
}

// anyAlgorithm says whether PyJWT is told no algorithms: version 2 refuses every token then, and
// version 1 takes what the token names.
func anyAlgorithm(p *rule.Pass, c *ast.Call) bool {
	return p.Is(c.Func, "jwt.decode", "jwt.api_jwt.decode") && program.Keyword(c, "algorithms") == nil && len(c.Args) < 3 && !program.HasStar(c)
}

// verifies says whether a call reads a token and looks at its signature.
func verifies(p *rule.Pass, c *ast.Call) bool {
	if !p.Is(c.Func, "jwt.decode", "jose.jwt.decode", "authlib.jose.jwt.decode", "jwt.api_jwt.decode") {
		return false
	}
	if v := program.Keyword(c, "verify"); v != nil && args.IsFalse(p.Unit, v.Value) {
		return false
	}
	if anyAlgorithm(p, c) {
		return false
	}
	o := program.Keyword(c, "options")
	return o == nil || !strings.Contains(p.Text(o.Value), "verify_signature")
}
