package web

import (
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/surface"
)

// WebhookUnverified looks at what another service calls: whether anything is asked of the message.
var WebhookUnverified = rule.Check{Surface: webhookUnverified}

func webhookUnverified(p *rule.SurfacePass) {
	hooks := map[*surface.Route]*hook{}
	all := maxReachedAll
	for _, x := range p.Routes {
		if h := hookOf(p, x, &all); h != nil {
			hooks[x] = h
		}
	}
	if len(hooks) == 0 {
		return
	}
	// Where others speak of signatures and none is another hook, it may be done around this one.
	elsewhere := sync.OnceValue(func() bool {
		return p.Says("hmac", "compare_digest", "ignature", "construct_event", "WEBHOOK_SECRET", "webhook_secret", "WEBHOOK_TOKEN", "webhook_token", "ALLOWED_IPS", "allowed_ips")
	})
	seen := map[string]bool{}
	proven := 0
	for _, h := range hooks {
		if h.proof {
			proven++
		}
	}
	for _, x := range p.Routes {
		h := hooks[x]
		if h == nil || seen[x.Handler] {
			continue
		}
		if h.optional != nil {
			seen[x.Handler] = true
			f := p.ReportRoute(posting(x), "%s %s looks at %s only if it is sent: whoever leaves it out is let through.", strings.Join(x.Methods, ","), x.Path, h.header)
			f.Because(h.optional, "it is looked at here, if it is there")
			f.Advise("if not header or not fits(body, header): abort(403)")
			continue
		}
		if h.checked || !h.reads || !h.acts || x.Access.Login == surface.Required || !h.named {
			continue
		}
		seen[x.Handler] = true
		f := p.ReportRoute(posting(x), "%s %s does what the message says, and does not look who has sent it.", strings.Join(x.Methods, ","), x.Path)
		if proven > 0 {
			f.Message = strings.Join(x.Methods, ",") + " " + x.Path + " does what the message says, and does not look who has sent it, as is done in another hook."
		}
		f.ForAudit(!h.said || len(h.parameters) > 0 || proven == 0 && elsewhere())
	}
}

// A hook is what is known of a route that another service calls.
type hook struct {
	named      bool // its path or its name says that it is one
	said       bool // its path does, in plain words
	reads      bool // the body of the request
	acts       bool // does something with it
	checked    bool // asks for a signature, a token or the like, or may
	proof      bool // asks for a signature for certain
	parameters []string
	optional   *ast.If // asks only if the header is there
	header     string
}

// maxReached bounds the functions that are looked at for one hook, and maxReachedAll those for all. Who
// calls more is taken to look at the signature in one of them.
const (
	maxReached    = 40
	maxReachedAll = 2000
)

// hookOf judges a route, or is nil for one that cannot be a hook.
func hookOf(p *rule.SurfacePass, x *surface.Route, all *int) *hook {
	if x.Library || x.Unit == nil || len(x.Bodies) == 0 {
		return nil
	}
	if !slices.Contains(x.Methods, "POST") && !(slices.Contains(x.Methods, "*") && x.Access.CSRF == "exempt") {
		return nil
	}
	if slices.ContainsFunc(x.Access.By, func(by string) bool { return by != surface.OwnCheck }) {
		return nil // whoever comes here is known
	}
	h := &hook{}
	for _, q := range x.Parameters {
		switch q.In {
		case "path":
			h.parameters = append(h.parameters, q.Name)
			if unguessed(q.Name) {
				h.checked = true // the address itself is the secret
			}
		case "body", "form":
			h.reads = true
		}
	}
	words := wordsOf(x)
	for _, w := range words {
		switch {
		case strings.Contains(w, "webhook"), w == "hook", w == "hooks":
			h.named = true
			h.said = h.said || strings.Contains(strings.ToLower(x.Template), w)
		case w == "callback", w == "ipn", w == "postback":
			h.named = true
		}
	}
	for _, w := range words {
		switch w {
		case "add", "create", "new", "edit", "update", "delete", "remove", "list", "test", "register", "saml", "oauth", "oauth2", "oidc", "sso", "login", "auth", "subscribe", "subscriptions", "rerun", "settings", "admin":
			h.named = false // hooks are kept here, or somebody logs in
		}
	}
	if last := strings.ToLower(strings.TrimRight(x.Template, "/")); (strings.HasSuffix(last, "/hooks") || strings.HasSuffix(last, "/webhooks")) && slices.ContainsFunc(x.Bodies, func(b surface.Body) bool { return takesAddress().MatchString(bodyText(b)) }) {
		h.named = false // POST /hooks adds one to those that the program calls itself
	}
	bodies := slices.DeleteFunc(slices.Clone(x.Bodies), func(b surface.Body) bool {
		return len(x.Bodies) > 1 && slices.Contains([]string{"get", "put", "patch", "delete", "head", "options"}, strings.TrimPrefix(b.Def.Name, "on_"))
	})
	for _, b := range bodies {
		if at, header := optionalCheck(b); at != nil && b.Unit == x.Unit && (h.named || telling(header, "signature", "sig", "hmac", "digest")) {
			h.optional, h.header = at, header
		}
	}
	if !h.named && h.optional == nil {
		return nil
	}
	left := min(maxReached, *all)
	before := left
	for _, b := range bodies {
		h.checked = h.checked || guardedHook(b)
		reached(b, 0, &left, func(b surface.Body) { h.look(b) })
	}
	for _, b := range p.Hooks {
		if checks().MatchString(bodyText(b)) {
			h.checked = true
		}
	}
	h.checked = h.checked || left <= 0
	*all -= before - max(left, 0)
	return h
}

// look notes what a function that answers, or one that it calls, does.
func (h *hook) look(b surface.Body) {
	said := bodyText(b)
	h.checked = h.checked || checks().MatchString(said)
	h.proof = h.proof || proofs().MatchString(said)
	h.reads = h.reads || readsBody().MatchString(said)
	has(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Call:
			if idle[args.Callee(n)] {
				return false
			}
			if len(n.Args)+len(n.Keywords) > 0 || working[args.Callee(n)] {
				h.acts = true
			}
			// Somebody else may look at the headers of a request that is handed on.
			if len(b.Names(n.Func)) == 0 || !known(b.Unit, n) {
				h.checked = h.checked || slices.ContainsFunc(n.Args, func(a ast.Expr) bool { return handsOn(a) }) || slices.ContainsFunc(n.Keywords, func(k *ast.Keyword) bool { return handsOn(k.Value) })
			}
		case *ast.Assign:
			switch n.Targets[0].(type) {
			case *ast.Attribute, *ast.Subscript:
				h.acts = true
			}
		}
		return false
	})
}

// handsOn says whether e is a whole request, or its headers.
func handsOn(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Name:
		return e.Ident == "request" || e.Ident == "req" || e.Ident == "headers"
	case *ast.Attribute:
		return e.Attr == "headers" || e.Attr == "META" || e.Attr == "request"
	case *ast.Call:
		return len(e.Args) == 1 && args.Callee(e) == "dict" && handsOn(e.Args[0])
	}
	return false
}

// known says whether a function of the program is called, which is looked at itself.
func known(u *program.Unit, c *ast.Call) bool {
	return u.Definition(c.Func) != nil || slices.ContainsFunc(u.Names(c.Func), u.Mine)
}

// idle are calls that read, write to a log, or answer.
var idle = words("get getlist get_json get_data json loads dumps jsonify dict list str int float bool len print pprint isinstance strip lower upper decode encode split startswith endswith format join items keys values " +
	"load safe_load debug info warning error exception critical log msg Response HttpResponse JsonResponse JSONResponse PlainTextResponse HttpResponseBadRequest HttpResponseNotAllowed json_response make_response abort HTTPException set_status write finish read body text form getLogger " +
	"is_valid model_validate model_validate_json parse_obj validate_on_submit sleep")

// working are calls without arguments that change what is there.
var working = map[string]bool{"save": true, "delete": true, "commit": true, "delay": true, "run": true, "start": true, "update": true, "pull": true, "execute": true, "restart": true, "reload": true, "clear": true}

// checks are words of code that asks for a proof of any kind, in small letters: signatures, tokens,
// addresses that may call, or the provider itself.
var checks = match.Lazy(`hmac|compare_digest|signature|signed|signing|verif|secret|token|construct_event|authori[sz]|authenticat|api_?key|x-hub|remote_addr|client\.host|whitelist|allow_?list|allowed_ip|password|credential|permission|login|requestvalidator|\bretrieve\(|\bfetch|requests\.get|\b(?:check|validate|ensure|require|guard|assert)_|nonce|\bauth\b|trusted|public_key|decrypt`)

// proofs are those that prove it.
var proofs = match.Lazy(`hmac|compare_digest|signature|construct_event`)

// takesAddress is code that takes an address out of what is sent, in small letters.
var takesAddress = match.Lazy(`(?:["']|\b(?:hook|webhook|body|data|payload|item|form)\.)\w*(?:url|uri|endpoint|callback)\b`)

// readsBody is code that reads the body of a request, in small letters.
var readsBody = match.Lazy(`\breq(?:uest)?\.(?:body|get_json|json|data|get_data|form|post|values|read|stream|text|get_argument|files)\b`)

// unguessed says whether a part of a path is one that cannot be guessed, by its name.
func unguessed(name string) bool {
	return telling(name, "token", "secret", "key", "hash", "uuid", "code", "slug", "signature")
}

// telling says whether a name has one of these words in it.
func telling(name string, words ...string) bool {
	return slices.ContainsFunc(secret.Words(name), func(w string) bool { return slices.Contains(words, w) })
}

// guardedHook says whether something that stands around a function may ask who calls: a decorator that
// is not known, a dependency, an address that is not written down.
func guardedHook(b surface.Body) bool {
	for _, d := range b.Def.DecoratorList {
		c, call := d.(*ast.Call)
		name := ast.LastName(d)
		if call {
			name = args.Callee(c)
		}
		switch name {
		case "csrf_exempt", "require_POST", "require_http_methods", "require_safe", "exempt", "never_cache", "limit", "staticmethod":
		case "route", "post", "api_route", "api_view", "add_route", "websocket":
			if !call {
				return true
			}
			if program.Keyword(c, "dependencies") != nil {
				return true
			}
			if len(c.Args) > 0 && name != "api_view" && !b.IsConst(c.Args[0]) {
				return true // f"/hook/{TOKEN}"
			}
		case "method_decorator":
			if len(c.Args) == 0 || ast.LastName(c.Args[0]) != "csrf_exempt" && ast.LastName(c.Args[0]) != "require_POST" {
				return true
			}
		case "permission_classes", "authentication_classes":
			if t := b.File.Text(d.Span()); !strings.Contains(t, "AllowAny") && !strings.Contains(t, "[]") {
				return true
			}
		default:
			return true
		}
	}
	depends := func(e ast.Expr) bool {
		found := false
		var visit func(n ast.Node)
		visit = func(n ast.Node) {
			c, ok := n.(*ast.Call)
			if ok && (args.Callee(c) == "Depends" || args.Callee(c) == "Security" || args.Callee(c) == "Provide") {
				found = found || len(c.Args) == 0 || !telling(ast.LastName(c.Args[0]), "db", "session", "database", "settings", "config", "connection", "conn", "engine", "queue", "client", "service", "repository", "repo", "store")
			}
			ast.Children(n, visit)
		}
		if e != nil {
			visit(e)
		}
		return found
	}
	return slices.ContainsFunc(slices.Concat(b.Def.Args.Defaults, b.Def.Args.KwDefaults), depends) ||
		slices.ContainsFunc(slices.Concat(b.Def.Args.Posonlyargs, b.Def.Args.Args, b.Def.Args.Kwonlyargs), func(a *ast.Arg) bool { return depends(a.Annotation) })
}

// reached visits a function and what it calls of the program, also in other modules.
func reached(b surface.Body, depth int, left *int, visit func(b surface.Body)) {
	if *left--; *left < 0 {
		return
	}
	visit(b)
	if depth >= 3 {
		return
	}
	has(b, func(n ast.Node) bool {
		c, ok := n.(*ast.Call)
		if !ok || *left <= 0 || idle[args.Callee(c)] {
			return false
		}
		if d := b.Definition(c.Func); d != nil {
			if d != b.Def {
				reached(surface.Body{Unit: b.Unit, Def: d}, depth+1, left, visit)
			}
			return false
		}
		if f, ok := c.Func.(*ast.Attribute); ok && b.Class(b.Def) != nil {
			if self, ok := f.Value.(*ast.Name); ok && self.Ident == "self" {
				if d := method(b.Class(b.Def), f.Attr); d != nil && d != b.Def {
					reached(surface.Body{Unit: b.Unit, Def: d}, depth+1, left, visit)
				}
				return false
			}
		}
		m, rest := b.Home(b.Name(c.Func))
		if m == nil || rest == "" {
			return false
		}
		u := b.Unit
		if m != b.Module {
			if u = m.Open(); u == nil {
				return false
			}
			defer u.Close()
		}
		class, name, inClass := strings.Cut(rest, ".")
		for _, s := range u.Tree.Module.Body {
			switch s := s.(type) {
			case *ast.FunctionDef:
				if !inClass && s.Name == rest && s != b.Def {
					reached(surface.Body{Unit: u, Def: s}, depth+1, left, visit)
				}
			case *ast.ClassDef:
				if d := method(s, name); inClass && s.Name == strings.TrimSuffix(class, "()") && d != nil && d != b.Def {
					reached(surface.Body{Unit: u, Def: d}, depth+1, left, visit)
				}
			}
		}
		return false
	})
}

// method is a method of a class by its name, or nil.
func method(c *ast.ClassDef, name string) *ast.FunctionDef {
	for _, s := range c.Body {
		if f, ok := s.(*ast.FunctionDef); ok && f.Name == name {
			return f
		}
	}
	return nil
}

// optionalCheck is a condition that turns away a wrong signature or token, and lets through whoever
// sends none, with the header that it is in: if header and not fits(body, header): abort(403).
func optionalCheck(b surface.Body) (at *ast.If, header string) {
	has(b, func(n ast.Node) bool {
		i, ok := n.(*ast.If)
		if !ok || len(i.Orelse) > 0 {
			return false
		}
		tests := conjuncts(i.Test)
		refusing := i.Body
		if in, nested := i.Body[0].(*ast.If); len(tests) == 1 && nested && len(in.Orelse) == 0 { // if header: if not fits(…): abort(403)
			if leaves(i.Body) {
				return false
			}
			tests, refusing = append(tests, conjuncts(in.Test)...), in.Body
		}
		if len(tests) < 2 || !refuses(refusing) {
			return false
		}
		for k, t := range tests[:len(tests)-1] {
			name, header := sentHeader(b, present(t))
			if header == "" || !telling(header, "signature", "sig", "hmac", "digest", "token", "secret") || !slices.ContainsFunc(tests[k+1:], func(t ast.Expr) bool { return negative(t) && (name == "" || names(t, []string{name})) }) {
				continue
			}
			if name != "" && missed(b, i, name) {
				continue
			}
			at = i
			return true
		}
		return false
	})
	if at != nil {
		for _, t := range conjuncts(at.Test) {
			if _, h := sentHeader(b, present(t)); h != "" {
				header = h
			}
		}
	}
	return at, header
}

// conjuncts are the parts of a condition that must all hold.
func conjuncts(e ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.BoolOp); ok && b.Op == ast.And {
		var out []ast.Expr
		for _, v := range b.Values {
			out = append(out, conjuncts(v)...)
		}
		return out
	}
	return []ast.Expr{e}
}

// present is what a condition asks to be there: header, header is not None.
func present(e ast.Expr) ast.Expr {
	if c, ok := e.(*ast.Compare); ok && len(c.Ops) == 1 && (c.Ops[0] == ast.IsNot || c.Ops[0] == ast.NotEq) {
		if k, ok := c.Comparators[0].(*ast.Constant); ok && (k.ConstKind() == ast.None || k.ConstKind() == ast.Str && k.Str() == "") {
			return c.Left
		}
	}
	return e
}

// negative says whether a condition holds for what does not fit.
func negative(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.UnaryOp:
		return e.Op == ast.Not && e.Operand.Kind() != ast.KindName
	case *ast.Compare:
		return len(e.Ops) == 1 && e.Ops[0] == ast.NotEq
	}
	return false
}

// sentHeader is the header of the request that e is, with the name that it has in the function.
func sentHeader(b surface.Body, e ast.Expr) (name, header string) {
	if n, ok := e.(*ast.Name); ok {
		for _, bound := range b.Bindings(n) { // FastAPI: x_signature: str | None = Header(None)
			if a, ok := bound.(*ast.Arg); ok {
				said := ""
				if a.Annotation != nil {
					said = b.File.Text(a.Annotation.Span())
				}
				for i, d := range b.Def.Args.Defaults {
					if all := slices.Concat(b.Def.Args.Posonlyargs, b.Def.Args.Args); all[len(all)-len(b.Def.Args.Defaults)+i] == a {
						said += b.File.Text(d.Span())
					}
				}
				if strings.Contains(said, "Header(") {
					return n.Ident, strings.ReplaceAll(a.Arg, "_", "-")
				}
				return "", ""
			}
		}
		v := b.Values(n)
		if len(v) != 1 || v[0] == ast.Expr(n) {
			return "", ""
		}
		_, header = sentHeader(b, v[0])
		return n.Ident, header
	}
	var of, key ast.Expr
	switch e := e.(type) {
	case *ast.Call:
		f, ok := e.Func.(*ast.Attribute)
		if !ok || f.Attr != "get" || len(e.Args) == 0 {
			return "", ""
		}
		of, key = f.Value, e.Args[0]
	case *ast.Subscript:
		of, key = e.Value, e.Slice
	default:
		return "", ""
	}
	if last := ast.LastName(of); last != "headers" && last != "META" && last != "environ" {
		return "", ""
	}
	s, _ := b.Str(key)
	if last := ast.LastName(of); last != "headers" {
		s = strings.ReplaceAll(strings.TrimPrefix(s, "HTTP_"), "_", "-")
	}
	return "", s
}

// refuses says whether statements turn somebody away.
func refuses(list []ast.Stmt) bool {
	return slices.ContainsFunc(list, func(s ast.Stmt) bool {
		switch s := s.(type) {
		case *ast.Raise, *ast.Return:
			return true
		case *ast.ExprStmt:
			c, ok := s.Value.(*ast.Call)
			return ok && args.Callee(c) == "abort"
		}
		return false
	})
}

// leaves says whether nothing after these statements is reached.
func leaves(list []ast.Stmt) bool {
	switch list[len(list)-1].(type) {
	case *ast.Return, *ast.Raise:
		return true
	}
	return false
}

// missed says whether the function asks in another place whether something of this name is missing.
func missed(b surface.Body, but *ast.If, name string) bool {
	return has(b, func(n ast.Node) bool {
		if n.Start() >= but.Test.Start() && n.End() <= but.Test.End() {
			return false
		}
		switch n := n.(type) {
		case *ast.UnaryOp:
			return n.Op == ast.Not && n.Operand.Kind() != ast.KindCall && names(n.Operand, []string{name})
		case *ast.Compare:
			return n.Ops[0] == ast.Is && names(n, []string{name})
		case *ast.Assert:
			return names(n.Test, []string{name})
		case *ast.If:
			x, ok := n.Test.(*ast.Name) // if header: … else: abort(403)
			return ok && x.Ident == name && n != but
		}
		return false
	})
}
