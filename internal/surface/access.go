package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/taint"
)

// Words that name who somebody is, or what they may do, and words that ask for it.
var (
	whoWords = words("operator operators moderator moderators editor editors manager managers employee employees officer officers login logged auth authed authenticated authenticate authentication authorized authorised authorize authorization jwt token permission permissions permitted perm perms role roles admin admins administrator staff superuser superusers member members user users session apikey key credentials access scope scopes owner signed identity principal")
	askWords = words("required require requires only needed needs need protect protected check checks checked verify verified ensure ensures enforce has must restrict restricted allowed test guard validate")
	askAlone = words("authenticated authorized authorised authorize login_required authenticate requires_auth secured protected requires")
)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		out[w] = true
	}
	return out
}

// split takes a name apart into words: login_required, LoginRequired, auth.loginRequired.
func split(name string) []string {
	var out []string
	begin := 0
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '_' || name[i] == '.' || i > begin && name[i] >= 'A' && name[i] <= 'Z' && (name[i-1] < 'A' || name[i-1] > 'Z') {
			if i > begin {
				out = append(out, strings.ToLower(name[begin:i]))
			}
			begin = i
			if i < len(name) && (name[i] == '_' || name[i] == '.') {
				begin++
			}
		}
	}
	return out
}

// Asks says whether a name is that of something that asks who calls: login_required,
// IsAuthenticated, admins_only.
func Asks(name string) bool {
	l := last(name)
	if askAlone[l] {
		return true
	}
	who, ask := false, false
	for _, w := range split(l) {
		who = who || whoWords[w]
		ask = ask || askWords[w] || w == "is"
	}
	return who && ask
}

// open says whether a name is that of something that lets everybody in.
func open(name string) bool {
	l := last(name)
	return l == "AllowAny" || l == "login_not_required" || l == "login_exempt" || l == "public" || l == "allow_anonymous"
}

// knownGuards are decorators and the like of libraries that ask who calls, where the name
// alone does not say it.
var knownGuards = words(`flask_httpauth.HTTPBasicAuth().login_required flask_httpauth.HTTPTokenAuth().login_required flask_httpauth.MultiAuth().login_required
	flask_jwt_extended.jwt_required flask_jwt.jwt_required flask_security.auth_required flask_security.decorators.auth_required
	starlette.authentication.requires aiohttp_security.permits tornado.web.authenticated`)

// limits says whether a name is that of something that bounds how often it may be called.
func limits(name string) bool {
	for _, w := range split(last(name)) {
		switch w {
		case "limit", "limits", "ratelimit", "limiter", "throttle", "throttled", "throttling", "ratelimited":
			return true
		}
	}
	return false
}

// guard notes what a decorator or a wrapper asks for.
func (x *Route) guard(name string, ask bool) {
	switch {
	case limits(name):
		if x.Access.Limit == "" {
			x.Access.Limit = last(name)
		}
	case open(name):
		x.Access.Login = None
	case ask || knownGuards[strings.TrimSuffix(name, "()")] || Asks(name):
		x.Access.Login = Required
		if n := strings.TrimSuffix(name, "()"); !slices.Contains(x.Access.By, n) {
			x.Access.By = append(x.Access.By, n)
		}
	}
}

// guarded looks at the decorators of a function and at what it does itself.
func (r *reader) guarded(x *Route, f *taint.Func) {
	for _, d := range decorators(f) {
		names := d.names
		if len(names) == 0 {
			if a, ok := d.target.(*ast.Attribute); ok {
				names = []string{"*." + a.Attr}
			} else if n, ok := d.target.(*ast.Name); ok {
				names = []string{n.Ident}
			}
		}
		for _, n := range names {
			if strings.HasSuffix(n, ".method_decorator") {
				if c, ok := d.expr.(*ast.Call); ok && len(c.Args) > 0 {
					for _, m := range f.Unit().Names(target(c.Args[0])) {
						x.guard(m, false)
					}
				}
				continue
			}
			x.guard(n, r.decoratorRefuses(f, d))
		}
	}
	if f.Def() != nil && x.Access.Login != Required && r.turnsAway(f, false, 0) {
		x.Access.Login = Required
		x.Access.By = append(x.Access.By, OwnCheck)
	}
}

// decoratorRefuses says whether a decorator of the program turns some callers away.
func (r *reader) decoratorRefuses(f *taint.Func, d decorator) bool {
	u := f.Unit()
	if def := u.Definition(d.target); def != nil {
		return refuses(u, def)
	}
	for _, n := range d.names {
		if i := strings.LastIndexByte(n, '.'); i > 0 && u.Mine(n) {
			for _, g := range r.Variable(n[:i], n[i+1:]).Funcs() {
				if g.Def() != nil && refuses(g.Unit(), g.Def()) {
					return true
				}
			}
		}
	}
	return false
}

// turnsAway says whether a function refuses callers, itself or by a function of the program that it
// calls as a statement, or for who is there: staff_only(), user = current_user(request).
func (r *reader) turnsAway(f *taint.Func, hook bool, depth int) bool {
	d := f.Def()
	if d == nil {
		return false
	}
	u := f.Unit()
	if refuses(u, d) {
		return true
	}
	if depth > 1 {
		return false
	}
	for _, s := range d.Body {
		var e ast.Expr
		switch s := s.(type) {
		case *ast.ExprStmt:
			e = s.Value
		case *ast.Assign:
			e = s.Value
		case *ast.Return:
			if hook { // what answers may hand on to what answers for others
				e = s.Value
			}
		}
		if a, ok := e.(*ast.Await); ok {
			e = a.Value
		}
		c, ok := e.(*ast.Call)
		if !ok || !asksBy(ast.LastName(c.Func)) {
			continue
		}
		for _, g := range r.value(u, c.Func).Funcs() {
			if r.turnsAway(g, hook, depth+1) {
				return true
			}
		}
	}
	return false
}

// asksBy says whether a name is that of a function that may ask who is there.
func asksBy(name string) bool {
	if Asks(name) {
		return true
	}
	for _, w := range split(name) {
		if whoWords[w] || askWords[w] || w == "current" {
			return true
		}
	}
	return false
}

// refuses says whether a function turns away whoever is not known or not allowed: it answers
// 401 or 403, raises what stands for them, or sends to a login page, under a condition.
func refuses(u *program.Unit, d *ast.FunctionDef) bool {
	found := false
	var visit func(n ast.Node, cond bool)
	visit = func(n ast.Node, cond bool) {
		if found || n == nil {
			return
		}
		switch n := n.(type) {
		case *ast.If:
			visit(n.Test, cond)
			// Which page asks is not who asks.
			who := cond || !strings.Contains(strings.ToLower(u.File.Text(n.Test.Span())), "origin")
			for _, s := range slices.Concat(n.Body, n.Orelse) {
				visit(s, who)
			}
			return
		case *ast.Try:
			for _, h := range n.Handlers {
				for _, s := range h.Body {
					visit(s, true)
				}
			}
			for _, s := range n.Body {
				visit(s, cond)
			}
			return
		case *ast.Raise:
			if cond && denies(u, n.Exc) {
				found = true
			}
		case *ast.Return:
			if cond && denies(u, n.Value) {
				found = true
			}
		case *ast.ExprStmt:
			e := n.Value
			if a, ok := e.(*ast.Await); ok {
				e = a.Value
			}
			if c, ok := e.(*ast.Call); ok && cond && (ast.LastName(c.Func) == "abort" && denies(u, c) || closes(u, c)) {
				found = true
			}
		}
		ast.Children(n, func(c ast.Node) { visit(c, cond) })
	}
	for _, s := range d.Body {
		visit(s, false)
	}
	return found
}

// closes says whether a call closes a web socket because of who is there: with the code for a policy,
// or one of the program's own.
func closes(u *program.Unit, c *ast.Call) bool {
	if ast.LastName(c.Func) != "close" {
		return false
	}
	e := program.Arg(c, 0, "code")
	if e == nil {
		return false
	}
	if strings.HasSuffix(ast.LastName(e), "POLICY_VIOLATION") {
		return true
	}
	v, ok := u.Const(e)
	return ok && (v.Int == 1008 || v.Int == 3000 || v.Int == 3003 || v.Int >= 4000 && v.Int < 5000)
}

// denies says whether an expression is an answer to somebody who may not come in.
func denies(u *program.Unit, e ast.Expr) bool {
	if e == nil {
		return false
	}
	found := false
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Constant:
			if v, ok := u.Const(n); ok && (v.Int == 401 || v.Int == 403) {
				found = true
			}
		case *ast.Call:
			switch l := ast.LastName(n.Func); {
			case l == "redirect" || l == "redirect_to_login" || l == "RedirectResponse" || l == "HttpResponseRedirect":
				ast.Children(n, func(c ast.Node) {
					if s := strings.ToLower(u.File.Text(c.Span())); strings.Contains(s, "login") || strings.Contains(s, "signin") || strings.Contains(s, "sign_in") {
						found = true
					}
				})
				found = found || l == "redirect_to_login"
			case denial(l):
				found = true
			}
		case *ast.Name:
			found = found || denial(n.Ident)
		case *ast.Attribute:
			found = found || denial(n.Attr)
		}
		if !found {
			ast.Children(n, visit)
		}
	}
	visit(e)
	return found
}

// denial are names of errors and answers that stand for 401 and 403.
func denial(name string) bool {
	switch name {
	case "PermissionDenied", "NotAuthenticated", "AuthenticationFailed", "Unauthorized", "Forbidden", "HTTPUnauthorized", "HTTPForbidden", "HttpResponseForbidden", "HTTP_401_UNAUTHORIZED", "HTTP_403_FORBIDDEN",
		"UNAUTHORIZED", "FORBIDDEN", "unauthorized", "forbidden", "handle_no_permission", "NotAuthorized", "PermissionError", "WebSocketException":
		return true
	}
	return false
}

// access looks at all that Flask asks of whoever calls.
func (f *flaskReader) access(x *Route, h handler, around []*taint.Made) {
	if h.fn == nil && h.class == nil {
		return
	}
	x.Access.Login = None
	for _, w := range h.wrappers {
		x.guard(w.Name, false)
	}
	if h.fn != nil {
		f.guarded(x, h.fn)
		x.Parameters = f.parameters(x, h.fn)
	}
	if h.class != nil {
		for _, key := range []string{"decorators", "method_decorators"} {
			items, _ := h.class.Attr(key).Items()
			for _, t := range items {
				f.guardThing(x, t)
			}
		}
		for _, v := range append(verbs, "dispatch_request") {
			for _, fn := range h.class.Attr(v).Funcs() {
				f.guarded(x, fn)
				x.Parameters = append(x.Parameters, f.parameters(x, fn)...)
			}
		}
		x.Parameters = unique(x.Parameters)
	}
	if x.Access.Login == None {
		for _, on := range around {
			for _, m := range f.on[on] {
				if l := last(m.Name); !m.Member && (l == "before_request" || l == "before_app_request") {
					for _, g := range m.Arg(0, "").Funcs() {
						if f.turnsAway(g, true, 0) {
							x.Access.Login = Required
							x.Access.By = append(x.Access.By, g.Name())
						}
					}
				}
			}
		}
	}
	x.Access.CSRF = f.csrf(h)
	for _, m := range f.Made { // limiter.limit("5/minute")(blueprint)
		if x.Access.Limit == "" && !m.Member && strings.HasPrefix(m.Name, "flask_limiter.") && strings.HasSuffix(m.Name, "()") && slices.ContainsFunc(m.Arg(0, "").Made(), func(on *taint.Made) bool { return slices.Contains(around, base(on)) }) {
			x.Access.Limit = "limit"
		}
	}
}

// guardThing is guard for a decorator that is a value.
func (r *reader) guardThing(x *Route, t *taint.Thing) {
	for _, f := range t.Funcs() {
		x.guard(f.Name(), f.Def() != nil && refuses(f.Unit(), f.Def()))
	}
	for _, m := range t.Made() {
		x.guard(m.Name, false)
	}
	for _, n := range t.Names() {
		x.guard(n, false)
	}
}

// csrf says whether Flask-WTF checks that a form is the program's own.
func (f *flaskReader) csrf(h handler) string {
	made := f.made("flask_wtf.CSRFProtect", "flask_wtf.csrf.CSRFProtect", "flask_wtf.CsrfProtect", "flask_wtf.csrf.CsrfProtect", "flask_seasurf.SeaSurf")
	if len(made) == 0 {
		return "none"
	}
	if h.fn != nil {
		for _, d := range decorators(h.fn) {
			for _, n := range d.names {
				if last(n) == "exempt" && strings.Contains(strings.ToLower(n), "csrf") {
					return "exempt"
				}
			}
		}
	}
	return "checked"
}
