package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
)

// CorsCredentials looks for the two halves of one mistake: every origin is allowed, and
// cookies are sent along.
var CorsCredentials = rule.Check{Called: cors, Kinds: append(conf.Kinds[:len(conf.Kinds):len(conf.Kinds)], ast.KindDict), Visit: corsVisit, File: corsDjango}

// corsDjango judges both halves as production has them.
func corsDjango(p *rule.Pass) {
	for _, c := range conf.Configs(p) {
		if !conf.ForProduction(c) {
			continue
		}
		all := c.True("CORS_ALLOW_ALL_ORIGINS").Or(c.True("CORS_ORIGIN_ALLOW_ALL"))
		cookies := c.Get("CORS_ALLOW_CREDENTIALS")
		for _, name := range []string{"CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST"} {
			patterns := c.Get(name)
			all = all.Or(patterns.Value.Has(anyPattern))
			// They are matched against the beginning.
			loose := patterns.Value.Has(func(s string) bool { return !anyPattern(s) && loosePattern(s, false) })
			if f := conf.Wrong(p, c, conf.Fault{Holds: loose.And(cookies.Value.True()), At: patterns, Message: looseSaid}); f != nil {
				f.With(finding.High, min(f.Confidence, finding.MediumConfidence)).Advise(`r"^https://\w+\.shop\.example$"`)
			}
		}
		f := conf.Wrong(p, c, conf.Fault{Holds: all.And(cookies.Value.True()), At: cookies, Message: corsSaid})
		if e := conf.Written(p, cookies); f != nil && e != nil {
			f.ReviewFix("send no cookies along", p.Replace(e, "False"))
		}
	}
}

func corsVisit(p *rule.Pass, n ast.Node) {
	if n.Kind() != ast.KindDict {
		corsSettings(p, n)
	}
	for name, value := range headersSet(p, n) {
		if name == "access-control-allow-origin" && asksOrigin(p, value, 0) {
			corsHeader(p, n, value)
		}
	}
}

// headersSet are the headers that a node may set, by their names in small letters: x.headers["…"] = v or
// x["…"] = v, x.headers.add("…", v), and the entries of a dictionary.
func headersSet(p *rule.Pass, n ast.Node) map[string]ast.Expr {
	key := func(e ast.Expr) string {
		s, _ := p.Str(e)
		return strings.ToLower(s)
	}
	switch n := n.(type) {
	case *ast.Assign:
		if s, ok := n.Targets[0].(*ast.Subscript); ok && len(n.Targets) == 1 {
			return map[string]ast.Expr{key(s.Slice): n.Value}
		}
	case *ast.Call:
		if f, ok := n.Func.(*ast.Attribute); ok && len(n.Args) == 2 {
			switch f.Attr {
			case "add", "set", "setdefault", "append", "add_header", "set_header":
				return map[string]ast.Expr{key(n.Args[0]): n.Args[1]}
			}
		}
	case *ast.Dict:
		out := map[string]ast.Expr{}
		for i, k := range n.Keys {
			if s, ok := ast.IsStr(k); ok && k != nil && strings.HasPrefix(strings.ToLower(s.Str()), "access-control-") {
				out[strings.ToLower(s.Str())] = n.Values[i]
			}
		}
		return out
	}
	return nil
}

// corsHeader: by hand, the origin that asks is the one that is allowed.
func corsHeader(p *rule.Pass, at ast.Node, value ast.Expr) {
	fn := p.Function(at)
	if fn == nil {
		return
	}
	credentials, checked, loose := false, false, false
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if v := headersSet(p, n)["access-control-allow-credentials"]; v != nil {
			if s, ok := p.Str(v); ok && strings.EqualFold(s, "true") {
				credentials = true
			}
		}
		switch n := n.(type) {
		case *ast.If, *ast.IfExp, *ast.Assert:
			// Whatever is asked of the origin may be whether it is one of those allowed.
			var test ast.Expr
			switch n := n.(type) {
			case *ast.If:
				test = n.Test
			case *ast.IfExp:
				test = n.Test
			case *ast.Assert:
				test = n.Test
			}
			speaks, toLittle := speaksOf(p, test, value)
			checked, loose = checked || speaks, loose || toLittle
		}
		ast.Children(n, visit)
	}
	for _, s := range fn.Body {
		visit(s)
	}
	if checked {
		return
	}
	if at.Kind() == ast.KindDict {
		at = value
	}
	f := p.Report(at, corsSaid)
	if loose {
		f.Message = looseAsked
		f.With(finding.High, finding.MediumConfidence)
	}
	if !credentials {
		f.Message = "Every site may read the answers of this."
		f.With(finding.Low, finding.LowConfidence).ForAudit(true)
	}
}

// asksOrigin says whether an expression is the Origin header of the request.
func asksOrigin(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 4 {
		return false
	}
	isOrigin := func(x ast.Expr) bool {
		s, ok := p.Str(x)
		return ok && (strings.EqualFold(s, "Origin") || s == "HTTP_ORIGIN")
	}
	switch e := e.(type) {
	case *ast.Call:
		f, ok := e.Func.(*ast.Attribute)
		return ok && (f.Attr == "get" || f.Attr == "get_header" || f.Attr == "getheader") && len(e.Args) > 0 && isOrigin(e.Args[0])
	case *ast.Subscript:
		return isOrigin(e.Slice)
	case *ast.Attribute:
		return e.Attr == "origin" && strings.Contains(p.Text(e.Value), "request")
	case *ast.BoolOp:
		for _, x := range e.Values {
			if asksOrigin(p, x, depth+1) {
				return true
			}
		}
	case *ast.Name:
		for _, x := range p.Values(e) {
			if x != ast.Expr(e) && asksOrigin(p, x, depth+1) {
				return true
			}
		}
	}
	return false
}

// speaksOf says whether a condition asks something of the origin, other than whether there
// is one, and whether it asks so little of it that names which anybody may register fit.
func speaksOf(p *rule.Pass, test, origin ast.Expr) (found, loose bool) {
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		var parts []ast.Expr
		switch n := n.(type) {
		case *ast.Compare:
			if isNone, ok := p.Const(n.Comparators[0]); ok && isNone.Kind == ast.None {
				return
			}
			if s, ok := p.Str(n.Left); ok && s != "" && len(n.Ops) == 1 && (n.Ops[0] == ast.In || n.Ops[0] == ast.NotIn) && ofOrigin(p, n.Comparators[0], origin) {
				loose = true // "shop.example" in origin
				return
			}
			parts = append([]ast.Expr{n.Left}, n.Comparators...)
		case *ast.Call:
			if s, how := patternOf(p, n); s != "" && loosePattern(s, how == "fullmatch") {
				return
			}
			parts = n.Args
			if f, ok := n.Func.(*ast.Attribute); ok && !asksOrigin(p, n, 0) {
				parts = append(parts[:len(parts):len(parts)], f.Value)
				if looseEdge(p, n) && ofOrigin(p, f.Value, origin) {
					loose = true
					return
				}
			}
		}
		for _, x := range parts {
			found = found || ofOrigin(p, x, origin)
		}
		ast.Children(n, visit)
	}
	visit(test)
	return found, loose
}

// ofOrigin says whether e is the origin, or made of it: urlsplit(origin).hostname, also by a name.
func ofOrigin(p *rule.Pass, e, origin ast.Expr) bool {
	text, found, left := p.Text(origin), false, 500 // nodes; nobody's condition has as many
	var visit func(n ast.Node, depth int)
	visit = func(n ast.Node, depth int) {
		left--
		x, ok := n.(ast.Expr)
		if found = found || ok && (p.Text(x) == text || asksOrigin(p, x, 0)); found || left < 0 {
			return
		}
		if name, ok := n.(*ast.Name); ok && depth < 4 {
			for _, v := range p.Values(name) {
				if v != ast.Expr(name) {
					visit(v, depth+1)
				}
			}
		}
		ast.Children(n, func(n ast.Node) { visit(n, depth) })
	}
	visit(e, 0)
	return found
}

// looseEdge says whether a call asks how an origin, or the host in it, ends or begins, and a name that
// anybody may register does so, too: origin.endswith("shop.example"), which fits evilshop.example, or
// origin.startswith("https://shop.example"), which fits shop.example.evil.example.
func looseEdge(p *rule.Pass, c *ast.Call) bool {
	f, ok := c.Func.(*ast.Attribute)
	if !ok || len(c.Args) != 1 || f.Attr != "endswith" && f.Attr != "startswith" {
		return false
	}
	v, ok := p.Const(c.Args[0])
	if !ok {
		return false
	}
	list := v.List
	if v.Kind == ast.Str {
		list = append(list, v)
	}
	return slices.ContainsFunc(list, func(v program.Value) bool {
		if v.Kind != ast.Str || v.Str == "" {
			return false
		}
		scheme, host, full := strings.Cut(v.Str, "://")
		if f.Attr == "endswith" {
			return !full && v.Str[0] != '.' && v.Str[0] != '/' && v.Str[0] != ':' && strings.Contains(v.Str, ".")
		}
		return full && strings.HasPrefix(scheme, "http") && !strings.ContainsAny(host, "/:")
	})
}

func cors(p *rule.Pass, c *ast.Call, name string) {
	switch {
	case strings.HasPrefix(name, "flask_cors."):
		flaskCors(p, c)
	case strings.HasPrefix(name, "flask_socketio."), strings.HasPrefix(name, "socketio."):
		socketCors(p, c)
	case strings.HasSuffix(name, "add_middleware"):
		if len(c.Args) == 0 || !p.Is(c.Args[0], "fastapi.middleware.cors.CORSMiddleware", "starlette.middleware.cors.CORSMiddleware") {
			return
		}
		starlette(p, c)
	case strings.HasSuffix(name, "Middleware") && strings.HasPrefix(name, "starlette.middleware.Middleware"):
		if len(c.Args) > 0 && p.Is(c.Args[0], "fastapi.middleware.cors.CORSMiddleware", "starlette.middleware.cors.CORSMiddleware") {
			starlette(p, c)
		}
	default:
		starlette(p, c)
	}
}

// patternOf is the pattern that a call holds a text against, and how: SITES.match(origin),
// re.fullmatch(SITES, origin).
func patternOf(p *rule.Pass, c *ast.Call) (pattern, how string) {
	f, ok := c.Func.(*ast.Attribute)
	if !ok || f.Attr != "match" && f.Attr != "search" && f.Attr != "fullmatch" {
		return "", ""
	}
	if p.Is(f.Value, "re") && len(c.Args) > 1 {
		s, _ := p.Str(c.Args[0])
		return s, f.Attr
	}
	for _, v := range p.Values(f.Value) {
		if k, ok := v.(*ast.Call); ok && p.Is(k.Func, "re.compile") && len(k.Args) > 0 {
			s, _ := p.Str(k.Args[0])
			return s, f.Attr
		}
	}
	return "", ""
}

const corsSaid = "Every site may call this with the visitor's cookies, and read the answer."

func starlette(p *rule.Pass, c *ast.Call) {
	origins, _ := args.Keyword(p.Unit, c, "allow_origins")
	pattern, _ := args.Keyword(p.Unit, c, "allow_origin_regex")
	credentials, _ := args.Keyword(p.Unit, c, "allow_credentials")
	all := origins != nil && anyOrigin(p, origins)
	if s, ok := p.Str(pattern); pattern != nil && ok {
		all = all || anyPattern(s)
		if !all && loosePattern(s, true) && credentials != nil && args.IsTrue(p.Unit, credentials) {
			p.Report(c, looseSaid).With(finding.High, finding.MediumConfidence)
			return
		}
	}
	if !all || credentials == nil || !args.IsTrue(p.Unit, credentials) {
		if all {
			p.Report(c, "Every site may read the answers of this.").With(finding.Low, finding.LowConfidence).ForAudit(true)
		}
		return
	}
	f := p.Report(c, corsSaid)
	if _, literal := credentials.(*ast.Constant); literal {
		f.ReviewFix("send no cookies along", p.Replace(credentials, "False"))
	}
}

func flaskCors(p *rule.Pass, c *ast.Call) {
	credentials, _ := args.Keyword(p.Unit, c, "supports_credentials")
	if credentials == nil || !args.IsTrue(p.Unit, credentials) {
		return
	}
	origins, hidden := args.Keyword(p.Unit, c, "origins")
	if resources, _ := args.Keyword(p.Unit, c, "resources"); resources != nil && origins == nil {
		d, ok := resources.(*ast.Dict)
		if !ok || !strings.Contains(p.Text(d), `"*"`) && !strings.Contains(p.Text(d), `'*'`) {
			return
		}
		origins = nil
	}
	if origins == nil && hidden || origins != nil && !anyOrigin(p, origins) {
		return
	}
	f := p.Report(c, corsSaid)
	if _, literal := credentials.(*ast.Constant); literal {
		f.ReviewFix("send no cookies along", p.Replace(credentials, "False"))
	}
}

// socketCors: Socket.IO lets pages of the origins that it is told open a socket, with the visitor's
// cookies. That matters where a cookie says who it is.
func socketCors(p *rule.Pass, c *ast.Call) {
	origins, _ := args.Keyword(p.Unit, c, "cors_allowed_origins")
	if origins == nil || !anyOrigin(p, origins) {
		return
	}
	f := p.Report(c, "Every site may open a socket with the visitor's cookies, and read and write what it likes there.")
	f.With(finding.Medium, finding.MediumConfidence).ForAudit(!conf.Mentions(p, "session[", "flask_login", "HTTP_COOKIE")).Advise(`cors_allowed_origins=["https://shop.example"]`)
}

// anyOrigin says whether a text or list has "*" in it, or a pattern that fits all.
func anyOrigin(p *rule.Pass, e ast.Expr) bool {
	if s, ok := p.Str(e); ok {
		return s == "*" || anyPattern(s)
	}
	v, ok := p.Const(e)
	if !ok {
		return false
	}
	for _, x := range v.List {
		if x.Kind == ast.Str && (x.Str == "*" || anyPattern(x.Str)) {
			return true
		}
	}
	return false
}

func anyPattern(s string) bool {
	switch strings.Trim(s, "^$") {
	case ".*", "(.*)", ".+", "https?://.*", "https?://.+", "http.*", "http://.*", "https://.*", "https?:\\/\\/.*":
		return true
	}
	return false
}

const looseSaid = "The pattern of origins fits names that anybody may register: their pages may call this with the visitor's cookies, and read the answer."

const looseAsked = "What is asked of the origin fits names that anybody may register: their pages may call this with the visitor's cookies, and read the answer."

// loosePattern says whether a pattern of origins lets somebody else's site through: what it asks of
// the end of a name is not parted from the rest by a dot, as in .*shop\.example, which fits
// evilshop.example, or nothing holds the end where the pattern is matched against a beginning only.
func loosePattern(s string, full bool) bool {
	if !strings.HasPrefix(strings.TrimLeft(s, "^("), "http") {
		return false
	}
	return looseEnd().MatchString(s) || !full && !strings.HasSuffix(s, "$") && !strings.HasSuffix(s, `\Z`) && !strings.HasSuffix(s, "/")
}

// looseEnd is a wildcard before the last two names of a host: of three, nobody else has the second.
var looseEnd = match.Lazy(`(?:\.|\\S|\[\^/[^\]]*\])[*+]\??\)?[A-Za-z0-9][A-Za-z0-9-]*\\?\.[a-z]{2,}(?::\d+|\(:\\d\+\)\?)?\$?$`)

// corsSettings: django-cors-headers, both halves in one module.
func corsSettings(p *rule.Pass, n ast.Node) {
	conf.Each(p, n, func(name string) bool { return name == "CORS_ALLOW_CREDENTIALS" }, func(s conf.Setting) {
		if !args.IsTrue(p.Unit, s.Value) || s.Django && conf.Covered(p) {
			return
		}
		for _, other := range p.Tree.Module.Body {
			a, ok := other.(*ast.Assign)
			if !ok {
				continue
			}
			t, ok := a.Targets[0].(*ast.Name)
			if !ok {
				continue
			}
			switch t.Ident {
			case "CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL":
				ok = args.IsTrue(p.Unit, a.Value)
			case "CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST":
				ok = anyOrigin(p, a.Value)
			default:
				continue
			}
			if ok {
				p.Report(s.At, corsSaid).Because(a, "Every origin is allowed here.").ForAudit(s.Dev).ReviewFix("send no cookies along", p.Replace(s.Value, "False"))
				return
			}
		}
	})
}
