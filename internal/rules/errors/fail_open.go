package errors

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// FailOpen looks at what a handler does when a security check raises: saying yes, or
// going on as if nothing had happened.
var FailOpen = rule.Check{Kinds: []ast.Kind{ast.KindTry}, Visit: failOpen}

func failOpen(p *rule.Pass, n ast.Node) {
	t := n.(*ast.Try)
	if h, name := unrefused(p, t); h != nil {
		p.Report(h, "When what decides about %s fails with an error, nobody is refused.", name)
		return
	}
	if h := unasked(p, t); h != nil {
		p.Report(h, "When the check above fails with an error, nobody is refused.")
		return
	}
	check := securityCheck(p, t.Body)
	fn := p.Function(t)
	predicate := fn != nil && asks(fn.Name)
	if check == nil && !predicate {
		return
	}
	for _, h := range t.Handlers {
		if len(h.Body) == 0 {
			continue // the file is broken there
		}
		name := "the check"
		if check != nil {
			name = args.Callee(check)
		}
		last := h.Body[len(h.Body)-1]
		switch s := last.(type) {
		case *ast.Return:
			if !yes(p, s.Value) || !broad(p, h) && !refusal(h.Type) && !outage(h.Type) {
				continue
			}
			if check == nil {
				name = fn.Name
			}
			f := p.Report(s, "When %s fails with an error, the answer is yes.", name)
			if check == nil {
				f.With(finding.High, finding.MediumConfidence)
			}
			if c, ok := s.Value.(*ast.Constant); ok && c.ConstKind() == ast.True {
				f.SafeFix("say no", p.Replace(c, "False"))
			}
		case *ast.Assign:
			if !broad(p, h) && !refusal(h.Type) && !outage(h.Type) || check == nil || len(s.Targets) != 1 || !yes(p, s.Value) || !verdict(s.Targets[0]) {
				continue
			}
			f := p.Report(s, "When %s fails with an error, the answer is yes.", name)
			if c, ok := s.Value.(*ast.Constant); ok && c.ConstKind() == ast.True {
				f.SafeFix("say no", p.Replace(c, "False"))
			}
		default:
			if check == nil || !statement(p, t, check) || !broad(p, h) && !refusal(h.Type) && !outage(h.Type) || !idle(h.Body) || !goesOn(p, t) {
				continue
			}
			p.Report(h, "When %s refuses with an error, the program goes on as if it had agreed.", name)
		}
	}
}

// asks says whether a function answers a question about rights.
func asks(name string) bool {
	w := secret.Words(name)
	if len(w) == 0 {
		return false
	}
	switch w[0] {
	case "allows", "permits", "authorizes", "authorises":
		return true
	case "is", "has", "can", "may", "check", "verify", "validate", "allow", "allowed", "authorize", "authorise", "authenticate", "user", "test", "should":
	default:
		return false
	}
	if len(w) > 1 && (w[0] == "can" || w[0] == "may") { // may_write(user, page)
		switch w[1] {
		case "read", "write", "edit", "view", "see", "change", "modify", "delete", "remove", "manage", "publish", "create", "update", "download", "upload", "share", "moderate", "administer", "approve", "enter", "open", "access", "pay", "order":
			return len(w) == 2 || w[len(w)-1] != "file" && w[len(w)-1] != "header"
		}
	}
	for i, x := range w {
		switch x {
		case "permission", "permissions", "allowed", "authorized", "authorised", "authenticated", "access", "admin", "owner", "authorize", "authorise", "authenticate", "signature", "token", "password", "csrf", "privileged", "superuser", "credentials", "jwt", "hmac", "license", "licence", "acl":
			if x == "allowed" && i > 0 && w[i-1] == "not" {
				return false
			}
			return true
		}
	}
	return false
}

// checkWords are in the names of functions that check whether somebody may.
var checkVerbs = []string{"verify", "check", "validate", "authenticate", "authorize", "authorise", "require", "ensure", "assert", "enforce", "is", "has", "can", "must", "test"}
var checkNouns = map[string]bool{
	"permission": true, "permissions": true, "access": true, "signature": true, "token": true, "password": true, "csrf": true, "allowed": true, "login": true, "auth": true, "acl": true, "role": true, "admin": true,
	"credentials": true, "jwt": true, "hmac": true, "mac": true, "certificate": true, "cert": true, "policy": true, "owner": true, "authenticated": true, "authorized": true, "authorised": true, "rights": true, "session": true, "otp": true, "totp": true, "challenge": true, "captcha": true, "scope": true, "scopes": true, "user": false, "origin": true, "jws": true, "webhook": true, "saml": true, "sig": true,
}

// securityCheck returns the first call of the statements that checks whether somebody may.
func securityCheck(p *rule.Pass, list []ast.Stmt) (found *ast.Call) {
	each(list, func(n ast.Node) {
		c, ok := n.(*ast.Call)
		if !ok || found != nil {
			return
		}
		name := args.Callee(c)
		if len(name) < 5 || len(name) > 60 {
			return
		}
		w := secret.Words(name)
		switch {
		case len(w) == 0:
		case name == "authenticate" || name == "authorize" || name == "authorise" || name == "checkpw" || name == "compare_digest" || name == "check_password_hash" || name == "verify":
			if name == "verify" && !verifier(p, c) {
				return
			}
			found = c
		case slices.Contains(checkVerbs, w[0]):
			for _, x := range w[1:] {
				if checkNouns[x] {
					found = c
				}
			}
		case w[len(w)-1] == "required" && len(w) > 1 && checkNouns[w[0]]:
			found = c
		case name == "decode" && p.Is(c.Func, "jwt.decode", "jose.jwt.decode"), (name == "loads" || name == "unsign" || name == "unsign_object") && signed(p, c):
			found = c
		}
	})
	return found
}

// signed says whether a call reads what the program has signed: it raises where somebody else has.
func signed(p *rule.Pass, c *ast.Call) bool {
	for _, n := range p.Names(c.Func) {
		if strings.HasPrefix(n, "django.core.signing.") || strings.HasPrefix(n, "itsdangerous.") {
			return true
		}
	}
	return false
}

// verifier says whether x.verify(…) is about keys or passwords: image.verify() is not.
func verifier(p *rule.Pass, c *ast.Call) bool {
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		return true
	}
	name := ast.LastName(f.Value)
	for _, w := range secret.Words(name) {
		switch w {
		case "key", "hasher", "ph", "signer", "verifier", "hmac", "mac", "signature", "token", "jws", "jwt", "pwd", "context", "public", "totp", "otp", "auth", "crypto", "password", "argon", "bcrypt":
			return true
		}
	}
	return len(c.Args) > 1
}

// yes says whether a handler's answer opens the door.
func yes(p *rule.Pass, e ast.Expr) bool {
	if e == nil {
		return false
	}
	v, ok := p.Bool(e)
	return ok && v
}

// verdict says whether a name holds the outcome of a check.
func verdict(e ast.Expr) bool {
	name := ast.LastName(e)
	for _, w := range secret.Words(name) {
		switch w {
		case "allowed", "allow", "valid", "ok", "authorized", "authorised", "authenticated", "granted", "permitted", "verified", "trusted", "admin", "access", "passed", "permission":
			return true
		case "not", "error", "failed", "invalid", "denied", "restricted", "blocked", "banned", "locked", "limited":
			return false
		}
	}
	return false
}

// refusal says whether the type is the error by which a check says no.
func refusal(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Tuple:
		for _, x := range e.Elts {
			if refusal(x) {
				return true
			}
		}
		return false
	case *ast.Name:
		return refusalName(e.Ident)
	case *ast.Attribute:
		return refusalName(e.Attr)
	}
	return false
}

func refusalName(s string) bool {
	switch strings.TrimPrefix(strings.TrimPrefix(s, "HTTP"), "Http") { // HTTPForbidden
	case "PermissionDenied", "InvalidSignature", "InvalidTokenError", "InvalidToken", "ExpiredSignatureError", "ExpiredSignature", "DecodeError", "BadSignature", "SignatureExpired", "PermissionError", "JWTError", "VerifyMismatchError", "AuthenticationFailed", "NotAuthenticated", "InvalidSignatureError", "Unauthorized", "Forbidden", "AuthError", "AuthenticationError", "AuthorizationError", "AccessDenied", "PyJWTError", "BadSignatureError", "BadData":
		return true
	}
	return false
}

// outage says whether the type is the error of a service that cannot be asked.
func outage(e ast.Expr) bool {
	if t, ok := e.(*ast.Tuple); ok {
		return slices.ContainsFunc(t.Elts, outage)
	}
	name := ast.LastName(e)
	return slices.ContainsFunc([]string{"Down", "Unavailable", "Unreachable", "Timeout", "TimeoutError", "ConnectionError", "RequestException", "OperationalError", "TransportError", "NetworkError", "HTTPError", "URLError", "OSError"},
		func(w string) bool { return strings.HasSuffix(name, w) })
}

// unasked is the handler of a try that does nothing but refuse those who may not, where an error
// of what is asked lets everybody go on: try: if not allowed(user): return forbidden(); except: pass.
func unasked(p *rule.Pass, t *ast.Try) *ast.ExceptHandler {
	if len(t.Body) != 1 || len(t.Orelse) > 0 {
		return nil
	}
	gate, ok := t.Body[0].(*ast.If)
	if !ok || len(gate.Orelse) > 0 || !refuses(p, gate.Body) {
		return nil
	}
	test := gate.Test
	if u, ok := test.(*ast.UnaryOp); ok && u.Op == ast.Not {
		test = u.Operand
	}
	if a, ok := test.(*ast.Await); ok {
		test = a.Value
	}
	if _, call := test.(*ast.Call); !call {
		return nil
	}
	for _, h := range t.Handlers {
		if len(h.Body) > 0 && idle(h.Body) && (broad(p, h) || outage(h.Type)) && passes(p, t) {
			return h
		}
	}
	return nil
}

// passes says whether something follows a statement, in its block or in one around it, that is no
// refusal.
func passes(p *rule.Pass, s ast.Stmt) bool {
	for range 6 {
		var block []ast.Stmt
		switch up := p.Parent(s).(type) {
		case *ast.FunctionDef:
			block = up.Body
		case *ast.With:
			block = up.Body
		case *ast.If:
			block = up.Body
			if slices.Contains(up.Orelse, s) {
				block = up.Orelse
			}
		default:
			return false
		}
		i := slices.Index(block, s)
		if i < 0 {
			return false
		}
		if i+1 < len(block) {
			return !refuses(p, block[i+1:i+2])
		}
		up, ok := p.Parent(s).(ast.Stmt)
		if !ok || up.Kind() == ast.KindFunctionDef {
			return false
		}
		s = up
	}
	return false
}

// statement says whether the check stands alone, or nobody asks for its outcome: it speaks by
// raising.
func statement(p *rule.Pass, t *ast.Try, c *ast.Call) bool {
	switch s := p.Statement(c).(type) {
	case *ast.ExprStmt:
		e := s.Value
		if a, ok := e.(*ast.Await); ok {
			e = a.Value
		}
		return e == ast.Expr(c) && slices.Contains(t.Body, ast.Stmt(s))
	case *ast.Assign:
		return slices.Contains(t.Body, ast.Stmt(s)) && !askedLater(p, t, s)
	}
	return false
}

// askedLater says whether what is assigned in a try is looked at after it. In a decorator
// that is called login_required, what is kept for the function that is called next comes too
// late.
func askedLater(p *rule.Pass, t *ast.Try, s *ast.Assign) bool {
	f := p.Function(t)
	if f == nil {
		return true
	}
	for _, target := range s.Targets {
		n, ok := target.(*ast.Name)
		if !ok {
			_, kept := target.(*ast.Attribute)
			_, calls := following(p, t).(*ast.Return)
			if !kept || !calls || !requires(p, f) {
				return true
			}
			continue
		}
		asked := false
		p.Inside(f, func(x ast.Node) bool {
			if u, ok := x.(*ast.Name); ok && u.Ident == n.Ident && (u.Start() >= t.End() || u.Start() < s.Start()) || x.Kind() == ast.KindGlobal || x.Kind() == ast.KindNonlocal {
				asked = true
			}
			return !asked
		})
		if asked {
			return true
		}
	}
	return false
}

// requires says whether a function, or the one around it, is called as what lets nobody else
// pass.
func requires(p *rule.Pass, f *ast.FunctionDef) bool {
	for depth := 0; f != nil && depth < 4; depth++ {
		for _, w := range secret.Words(f.Name) {
			if w == "required" || w == "require" || w == "requires" {
				return true
			}
		}
		f = p.Function(f)
	}
	return false
}

// idle says whether a handler does nothing that matters.
func idle(body []ast.Stmt) bool {
	for _, s := range body {
		if !quiet(s) && !logs(s) {
			return false
		}
	}
	return true
}

// goesOn says whether what follows a try is the path of those who may: the try itself
// does nothing after the check that only they should reach, and something follows.
func goesOn(p *rule.Pass, t *ast.Try) bool {
	if len(t.Orelse) > 0 {
		return false
	}
	leaves := false
	each(t.Body, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Return, *ast.Break, *ast.Continue, *ast.Yield:
			leaves = true
		case *ast.Assign:
			leaves = leaves || askedLater(p, t, n)
		}
	})
	if leaves {
		return false
	}
	// What follows: nothing at all, or a refusal, is no door.
	var body []ast.Stmt
	switch up := p.Parent(t).(type) {
	case *ast.FunctionDef:
		body = up.Body
	case *ast.If:
		body = append(append(body, up.Body...), up.Orelse...)
	case *ast.With:
		body = up.Body
	case *ast.Module:
		body = up.Body
	}
	i := slices.Index(body, ast.Stmt(t))
	if i < 0 || i+1 == len(body) {
		return false
	}
	switch next := body[i+1].(type) {
	case *ast.Raise:
		return false
	case *ast.Return:
		if next.Value == nil {
			return false
		}
		if v, ok := p.Const(next.Value); ok && !v.True() {
			return false
		}
		text := strings.ToLower(p.Text(next.Value))
		for _, w := range []string{"401", "403", "denied", "forbidden", "unauthor", "false", "none", "login"} {
			if strings.Contains(text, w) {
				return false
			}
		}
	}
	return true
}

// unrefused is the handler of a try that asks who may, into a variable which lets in as long
// as nobody sets it: denied = False; try: denied = …; except: pass; if denied: abort(403).
func unrefused(p *rule.Pass, t *ast.Try) (at ast.Node, variable string) {
	next := following(p, t)
	if next == nil {
		return nil, ""
	}
	gate, ok := next.(*ast.If)
	if !ok || !refuses(p, gate.Body) {
		return nil, ""
	}
	name, refusedIf := gate.Test, true
	if u, ok := name.(*ast.UnaryOp); ok && u.Op == ast.Not {
		name, refusedIf = u.Operand, false
	}
	v, ok := name.(*ast.Name)
	if !ok || !assigns(t.Body, v.Ident) {
		return nil, ""
	}
	for _, h := range t.Handlers {
		if !broad(p, h) && !refusal(h.Type) && !outage(h.Type) {
			continue
		}
		at = h
		open := idle(h.Body) && before(p, t, v.Ident, !refusedIf)
		for _, s := range h.Body {
			a, ok := s.(*ast.Assign)
			if !ok || len(a.Targets) != 1 || !isName(a.Targets[0], v.Ident) {
				continue
			}
			b, ok := p.Bool(a.Value)
			if open = ok && b != refusedIf; open {
				at = a
			}
		}
		if open {
			return at, v.Ident
		}
	}
	return nil, ""
}

func isName(e ast.Expr, name string) bool {
	n, ok := e.(*ast.Name)
	return ok && n.Ident == name
}

// following is the statement after a try in its block.
func following(p *rule.Pass, t *ast.Try) ast.Stmt {
	block := blockOf(p, t)
	if i := slices.Index(block, ast.Stmt(t)); i >= 0 && i+1 < len(block) {
		return block[i+1]
	}
	return nil
}

func blockOf(p *rule.Pass, t *ast.Try) []ast.Stmt {
	switch up := p.Parent(t).(type) {
	case *ast.FunctionDef:
		return up.Body
	case *ast.With:
		return up.Body
	case *ast.If:
		if slices.Contains(up.Orelse, ast.Stmt(t)) {
			return up.Orelse
		}
		return up.Body
	}
	return nil
}

func assigns(body []ast.Stmt, name string) bool {
	return slices.ContainsFunc(body, func(s ast.Stmt) bool {
		a, ok := s.(*ast.Assign)
		return ok && len(a.Targets) == 1 && isName(a.Targets[0], name)
	})
}

// before says whether a variable holds a constant of this truth when a try begins.
func before(p *rule.Pass, t *ast.Try, name string, truth bool) bool {
	block := blockOf(p, t)
	for i := slices.Index(block, ast.Stmt(t)) - 1; i >= 0; i-- {
		if a, ok := block[i].(*ast.Assign); ok && len(a.Targets) == 1 && isName(a.Targets[0], name) {
			b, ok := p.Bool(a.Value)
			return ok && b == truth
		}
	}
	return false
}

// refuses says whether statements send somebody away.
func refuses(p *rule.Pass, body []ast.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	switch s := body[len(body)-1].(type) {
	case *ast.Raise:
		e := s.Exc
		if c, ok := e.(*ast.Call); ok {
			if len(c.Args) > 0 && (p.Text(c.Args[0]) == "401" || p.Text(c.Args[0]) == "403") {
				return true
			}
			for _, k := range c.Keywords {
				if text := p.Text(k.Value); k.Arg == "status_code" && (strings.Contains(text, "401") || strings.Contains(text, "403")) {
					return true
				}
			}
			e = c.Func
		}
		return refusal(e)
	case *ast.ExprStmt:
		if c, ok := s.Value.(*ast.Call); ok && args.Callee(c) == "abort" && len(c.Args) > 0 {
			text := p.Text(c.Args[0])
			return strings.Contains(text, "401") || strings.Contains(text, "403")
		}
	case *ast.Return:
		if s.Value != nil {
			text := p.Text(s.Value)
			return strings.Contains(text, "401") || strings.Contains(text, "403") || strings.Contains(text, "Forbidden") || strings.Contains(strings.ToLower(text), "unauthorized")
		}
	}
	return false
}
