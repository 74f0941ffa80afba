package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/source"
)

// SessionKeptAtLogin looks for logins written by hand, where who somebody is goes into a session
// that the server keeps and that stays the same. A session that the visitor keeps, as Flask's and
// Starlette's own, is a new cookie after the login, and what was known before is worth nothing.
var SessionKeptAtLogin = rule.Check{Kinds: []ast.Kind{ast.KindAssign, ast.KindCall}, Visit: sessionKept}

func sessionKept(p *rule.Pass, n ast.Node) {
	if c, ok := n.(*ast.Call); ok {
		if len(c.Args) > 1 && storing[args.Callee(c)] {
			sessionNamed(p, c, c.Args[0])
		}
		return
	}
	a := n.(*ast.Assign)
	if len(a.Targets) != 1 {
		return
	}
	if s, ok := a.Targets[0].(*ast.Subscript); ok && slices.ContainsFunc(secret.Words(ast.LastName(s.Value)), func(w string) bool { return w == "sessions" }) {
		sessionNamed(p, a, s.Slice)
	}
	s, ok := a.Targets[0].(*ast.Subscript)
	if !ok {
		return
	}
	if v, known := p.Const(a.Value); known && !v.True() {
		return // a logout
	}
	key, ok := p.Str(s.Slice)
	f := p.Function(a)
	if !ok || f == nil || !tellsWho(key) && !(logsIn(f.Name) && strings.HasSuffix(key, "_id")) {
		return
	}
	renew := keptSession(p, s.Value)
	if renew == "" {
		return
	}
	text := strings.ToLower(p.File.Text(source.Span{Start: f.Body[0].Start(), End: f.End()})) // without its own name
	if !logsIn(f.Name) && !strings.Contains(text, "password") && !strings.Contains(text, "passwd") && !strings.Contains(text, "authenticate(") {
		return // no login
	}
	for _, w := range []string{"cycle_key", ".flush(", "login(request", "login(self.request", "login_user(", "regenerate", "new_session(", ".invalidate(", ".sid =", "session_key"} {
		if strings.Contains(text, w) {
			return
		}
	}
	p.Report(a, "Who has logged in is kept in the session that was there before: whoever knows that session's id, because he planted it, is logged in as well.").Advise("%s", renew)
}

// storing are methods of stores, of Redis for one, that keep something under a name.
var storing = words("set setex psetex hset hmset put")

// sessionNamed looks for sessions that a login keeps under an id that came with the request: whoever
// can choose the id of somebody else's session needs no password.
func sessionNamed(p *rule.Pass, at ast.Node, key ast.Expr) {
	f := p.Function(at)
	if f == nil || !logsIn(f.Name) {
		return
	}
	name := ""
	sent := func(e ast.Expr) bool {
		n, ok := e.(*ast.Name)
		if !ok || !slices.ContainsFunc(secret.Words(n.Ident), func(w string) bool { return w == "sid" || w == "session" || w == "sessionid" }) {
			return false
		}
		name = n.Ident
		return slices.ContainsFunc(p.Values(n), func(v ast.Expr) bool {
			if b, ok := v.(*ast.BoolOp); ok {
				return slices.ContainsFunc(b.Values, func(e ast.Expr) bool { return asSent(p, e) })
			}
			return asSent(p, v)
		})
	}
	switch k := key.(type) {
	case *ast.Name:
		if !sent(k) {
			return
		}
	case *ast.JoinedStr:
		if !slices.ContainsFunc(k.Values, func(v ast.Expr) bool { h, ok := v.(*ast.FormattedValue); return ok && sent(h.Value) }) {
			return
		}
	case *ast.BinOp:
		if !sent(k.Right) {
			return
		}
	default:
		return
	}
	p.Report(at, "Who has logged in is kept under the %s that came with the request: whoever plants one in somebody's browser is logged in as well.", name).Advise("secrets.token_urlsafe(), made anew at each login")
}

// asSent says whether e is taken from a request as it came.
func asSent(p *rule.Pass, e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		return ok && f.Attr == "get" && asSent(p, f.Value)
	case *ast.Subscript:
		return asSent(p, x.Value)
	case *ast.Attribute:
		switch x.Attr {
		case "cookies", "COOKIES", "query_params", "args", "form", "GET", "POST", "headers", "values", "query":
			return isRequest(p, x.Value)
		}
	}
	return false
}

// logsIn says whether a function of this name logs somebody in: there, any id that it keeps is whose.
func logsIn(name string) bool {
	words := secret.Words(name)
	return slices.ContainsFunc(words, func(w string) bool { return w == "login" || w == "signin" || w == "logon" }) &&
		!slices.ContainsFunc(words, func(w string) bool {
			return w == "start" || w == "begin" || w == "oauth" || w == "sso" || w == "page" || w == "url" || w == "redirect" || w == "init"
		})
}

// keptSession says how the id of a session is changed, if e is one that the server keeps; or "".
func keptSession(p *rule.Pass, e ast.Expr) string {
	if p.Is(e, "flask.session", "quart.session") {
		if conf.Mentions(p, "flask_session", "SESSION_TYPE") && !conf.Mentions(p, "regenerate") {
			return "app.session_interface.regenerate(session), before anything is written to it"
		}
		return ""
	}
	if p.Is(e, "aiohttp_session.get_session()") {
		if conf.Mentions(p, "RedisStorage", "MemcachedStorage") {
			return "session = await aiohttp_session.new_session(request)"
		}
		return ""
	}
	m, ok := e.(*ast.Attribute)
	if !ok || m.Attr != "session" || !isRequest(p, m.Value) {
		return ""
	}
	switch {
	case p.Imports("django", "rest_framework", "ninja"):
		return "django.contrib.auth.login(request, user), or request.session.cycle_key()"
	case p.Imports("fastapi", "starlette") && conf.Mentions(p, "starsessions") && !conf.Mentions(p, "regenerate"):
		return "regenerate_session_id(request)"
	}
	return ""
}

// tellsWho says whether a key of a session holds who is logged in. What is kept between two steps
// of a login, or for a reset, is not that yet.
func tellsWho(key string) bool {
	words := secret.Words(key)
	if slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "otp", "mfa", "fa", "tfa", "two", "second", "pending", "partial", "pre", "tmp", "temp", "next", "reset", "verify", "verification", "step", "error", "message", "agent", "language", "theme", "count", "attempts", "failed", "last", "for", "totp", "challenge":
			return true
		}
		return false
	}) {
		return false
	}
	return slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "user", "userid", "uid", "username", "member", "account", "customer", "student", "logged", "loggedin", "authenticated", "admin", "login", "identity", "logon", "islogin":
			return true
		}
		return false
	})
}
