package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/settings"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/surface"
)

// CsrfDisabled looks at views that are taken out of the protection, and at settings that
// switch it off or leave its middleware out.
var CsrfDisabled = rule.Check{Kinds: []ast.Kind{ast.KindFunctionDef, ast.KindClassDef, ast.KindAssign, ast.KindAnnAssign, ast.KindCall}, Visit: csrf, File: csrfDjango}

// csrfDjango looks for the protection in the list of middlewares as production has it.
func csrfDjango(p *rule.Pass) {
	for _, c := range conf.Configs(p) {
		in := c.Has("MIDDLEWARE", "django.middleware.csrf.CsrfViewMiddleware")
		f := conf.Wrong(p, c, conf.Fault{Holds: in.Not(), At: c.Get("MIDDLEWARE"), Check: "W003",
			Message: "CsrfViewMiddleware is missing: any page that a visitor has open can send forms in the visitor's name."})
		if f == nil {
			continue
		}
		// Somebody's own, and what has no sessions that a form could use.
		own := c.Get("MIDDLEWARE").Value.Has(func(s string) bool { return strings.Contains(strings.ToLower(s), "csrf") })
		sessions := c.Has("MIDDLEWARE", "django.contrib.sessions.middleware.SessionMiddleware")
		f.ForAudit(own.Always != settings.No || sessions.Always != settings.Yes).Advise(`add "django.middleware.csrf.CsrfViewMiddleware" after CommonMiddleware`)
	}
}

const offMessage = "With %s off, any page that a visitor has open can send forms in the visitor's name."

const exempt = "django.views.decorators.csrf.csrf_exempt"

func csrf(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.FunctionDef:
		if !slices.ContainsFunc(n.DecoratorList, func(d ast.Expr) bool {
			c, ok := d.(*ast.Call)
			return ok && p.Is(c.Func, "rest_framework.decorators.api_view")
		}) {
			exempted(p, n.DecoratorList, n)
		}
		return
	case *ast.ClassDef:
		if !restView(p, n.Bases...) {
			exempted(p, n.DecoratorList, nil)
		}
		formMeta(p, n)
		restSession(p, n)
		tornadoHandler(p, n)
		return
	case *ast.Call:
		switch args.Callee(n) {
		case "csrf_exempt":
			if p.Is(n.Func, exempt) && len(n.Args) == 1 {
				p.Report(n, "%s can be called by any page that a visitor has open, in the visitor's name.", excerpt(p, n.Args[0])).ForAudit(ownAuth(p, n))
			}
		case "exempt":
			if f, ok := n.Func.(*ast.Attribute); ok && len(n.Args) == 1 && p.Is(f.Value, "flask_wtf.CSRFProtect()", "flask_wtf.csrf.CSRFProtect()") {
				p.Report(n, "%s can be called by any page that a visitor has open, in the visitor's name.", excerpt(p, n.Args[0])).ForAudit(ownAuth(p, n))
			}
		}
	}
	if c, ok := n.(*ast.Call); ok {
		pyramidCsrf(p, c)
		starletteCsrf(p, c)
		tornadoCsrf(p, c)
	}
	conf.Each(p, n, func(name string) bool {
		return name == "WTF_CSRF_ENABLED" || name == "WTF_CSRF_CHECK_DEFAULT" || name == "MIDDLEWARE" || name == "CSRF_ENABLED" || name == "JWT_COOKIE_CSRF_PROTECT" || name == "JWT_CSRF_CHECK_FORM" ||
			strings.EqualFold(name, "authjwt_cookie_csrf_protect")
	}, func(s conf.Setting) {
		if s.Name == "MIDDLEWARE" {
			if !conf.Covered(p) {
				middleware(p, s)
			}
			return
		}
		if args.IsFalse(p.Unit, s.Value) && s.Name != "JWT_CSRF_CHECK_FORM" {
			// fastapi-jwt-auth takes tokens from cookies only if it is told to.
			idle := false
			if class := p.Class(n); class != nil && strings.HasPrefix(strings.ToLower(s.Name), "authjwt") {
				idle = !strings.Contains(p.Text(class), "cookies")
			}
			p.Report(s.At, offMessage, s.Name).ForAudit(idle || s.Dev || conf.Dev(p, n)).SafeFix("switch it on", p.Replace(s.Value, "True"))
		}
	})
}

// exempted looks at decorators.
func exempted(p *rule.Pass, list []ast.Expr, f *ast.FunctionDef) {
	for _, d := range list {
		e := d
		name := ""
		if c, ok := d.(*ast.Call); ok {
			e = c.Func
			if args.Callee(c) == "method_decorator" && len(c.Args) > 0 && p.Is(c.Args[0], exempt) {
				name = exempt
			}
		}
		if name == "" && !p.Is(e, exempt, "flask_wtf.CSRFProtect().exempt", "flask_wtf.csrf.CSRFProtect().exempt") {
			continue
		}
		r := p.Report(d, "The view can be called by any page that a visitor has open, in the visitor's name.")
		if f != nil {
			r.Message = f.Name + " can be called by any page that a visitor has open, in the visitor's name."
			r.ForAudit(ownAuth(p, f))
			if edit, ok := dropLine(p, d); ok {
				r.ReviewFix("leave the protection on", edit)
			}
		}
	}
}

// restView says whether a class derives from a view of Django's REST framework. These are out of
// Django's protection in any case: the framework looks at the token itself, where a session says who calls.
func restView(p *rule.Pass, bases ...ast.Expr) bool {
	return slices.ContainsFunc(bases, func(b ast.Expr) bool {
		return slices.ContainsFunc(p.Names(b), func(n string) bool {
			return strings.HasPrefix(n, "rest_framework.") && (strings.HasSuffix(n, "View") || strings.HasSuffix(n, "ViewSet"))
		})
	})
}

// dropLine removes a decorator with its line.
func dropLine(p *rule.Pass, d ast.Expr) (rule.Edit, bool) {
	line := p.File.Position(d.Start()).Line
	from, to := p.File.Offset(line), p.File.Offset(line+1)
	if strings.TrimSpace(p.File.Text(source.Span{Start: from, End: d.Start()})) != "@" || d.End() > to {
		return rule.Edit{}, false
	}
	return rule.Edit{Span: source.Span{Start: from, End: to}}, true
}

// ownAuth says that the function shows another proof that the caller means it: a
// signature or a key in a header, as web hooks have, which no browser sends by itself.
func ownAuth(p *rule.Pass, n ast.Node) bool {
	t := strings.ToLower(p.Text(n))
	for _, w := range []string{"signature", "hmac", "authorization", "webhook", "api_key", "apikey", "x-hub", "verify_token", "construct_event", "compare_digest"} {
		if strings.Contains(t, w) {
			return true
		}
	}
	return false
}

// pyramidCsrf looks at what Pyramid's views, and its configuration, are told.
func pyramidCsrf(p *rule.Pass, c *ast.Call) {
	all := false
	switch args.Callee(c) {
	case "view_config", "view_defaults":
		if !p.Is(c.Func, "pyramid.view.view_config", "pyramid.view.view_defaults") {
			return
		}
	case "add_view":
	case "set_default_csrf_options":
		all = true
	default:
		return
	}
	if m, _ := args.Keyword(p.Unit, c, "request_method"); m != nil && reads(p, m) {
		return
	}
	for _, w := range []string{"require_csrf", "check_origin"} {
		k := program.Keyword(c, w)
		if k == nil || !args.IsFalse(p.Unit, k.Value) {
			continue
		}
		who := "the view"
		if all {
			who = "every view"
		}
		f := p.Report(k, "With require_csrf off, any page that a visitor has open can call %s in the visitor's name.", who)
		if w == "check_origin" {
			f.Message = "With check_origin off, " + who + " takes requests from pages of other sites, if they got hold of a token."
			f.With(finding.Low, finding.HighConfidence)
		}
		d, _ := p.Parent(c).(*ast.FunctionDef)
		f.ForAudit(conf.Dev(p, c) || d != nil && ownAuth(p, d)).ReviewFix("leave the protection on", p.Replace(k.Value, "True"))
	}
}

// starletteCsrf looks at what libraries for FastAPI and Starlette are told: AuthX, which keeps
// tokens in cookies, and Starlette-WTF.
func starletteCsrf(p *rule.Pass, c *ast.Call) {
	word := ""
	switch {
	case args.Callee(c) == "AuthXConfig" && p.Is(c.Func, "authx.AuthXConfig", "authx.config.AuthXConfig"):
		word = "JWT_COOKIE_CSRF_PROTECT"
	case len(c.Args) > 0 && (args.Callee(c) == "add_middleware" || args.Callee(c) == "Middleware") && p.Is(c.Args[0], "starlette_wtf.CSRFProtectMiddleware", "starlette_wtf.csrf.CSRFProtectMiddleware"):
		word = "enabled"
	default:
		return
	}
	if k := program.Keyword(c, word); k != nil && args.IsFalse(p.Unit, k.Value) {
		p.Report(k, offMessage, word).ForAudit(conf.Dev(p, c)).SafeFix("switch it on", p.Replace(k.Value, "True"))
	}
}

// tornadoCsrf looks at the settings of an application of Tornado's that keeps who is there in a cookie.
func tornadoCsrf(p *rule.Pass, c *ast.Call) {
	if args.Callee(c) != "Application" || !p.Is(c.Func, "tornado.web.Application") {
		return
	}
	v, _ := args.Keyword(p.Unit, c, "xsrf_cookies")
	if v == nil || !args.IsFalse(p.Unit, v) {
		return
	}
	if key, _ := args.Keyword(p.Unit, c, "cookie_secret"); key == nil {
		return
	}
	p.Report(v, offMessage, "xsrf_cookies").ForAudit(conf.Dev(p, c)).ReviewFix("leave the protection on", p.Replace(v, "True"))
}

// tornadoHandler: Tornado looks at the token in check_xsrf_cookie. A handler in which that does nothing
// does not, though it does for who is there as the cookie says.
func tornadoHandler(p *rule.Pass, c *ast.ClassDef) {
	var off *ast.FunctionDef
	writes := false
	for _, s := range c.Body {
		f, ok := s.(*ast.FunctionDef)
		if !ok {
			continue
		}
		switch f.Name {
		case "check_xsrf_cookie":
			off = f
		case "post", "put", "patch", "delete":
			writes = true
		}
	}
	if off == nil || !writes || has(surface.Body{Unit: p.Unit, Def: off}, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.Call, *ast.Raise, *ast.Assert:
			return true
		}
		return false
	}) {
		return
	}
	text := strings.ToLower(p.Text(c))
	if !slices.ContainsFunc([]string{"current_user", "authenticated", "get_signed_cookie", "get_secure_cookie"}, func(w string) bool { return strings.Contains(text, w) }) || ownAuth(p, c) {
		return // what asks for no cookie needs no token
	}
	if slices.ContainsFunc(secret.Words(c.Name), func(w string) bool { return openWords[w] }) {
		return // browsers send reports of themselves
	}
	p.Report(off, "%s takes the cookie for who calls and looks at no token: any page that a visitor has open can call in the visitor's name.", c.Name).ForAudit(conf.Dev(p, c)).
		Advise("leave check_xsrf_cookie as it is, and send _xsrf with the form")
}

// reads says whether a view answers only methods that change nothing.
func reads(p *rule.Pass, methods ast.Expr) bool {
	v, ok := p.Const(methods)
	if !ok {
		return false
	}
	if v.Kind == ast.Str {
		return v.Str == "GET" || v.Str == "HEAD" || v.Str == "OPTIONS"
	}
	for _, m := range v.List {
		if m.Kind != ast.Str || m.Str != "GET" && m.Str != "HEAD" && m.Str != "OPTIONS" {
			return false
		}
	}
	return len(v.List) > 0
}

// formMeta: class Meta: csrf = False, in a form of WTForms.
func formMeta(p *rule.Pass, c *ast.ClassDef) {
	if c.Name != "Meta" {
		return
	}
	for _, s := range c.Body {
		a, ok := s.(*ast.Assign)
		if !ok {
			continue
		}
		if t, ok := a.Targets[0].(*ast.Name); ok && t.Ident == "csrf" && args.IsFalse(p.Unit, a.Value) {
			p.Report(a, "The form has no token: any page that a visitor has open can send it in the visitor's name.").SafeFix("switch it on", p.Replace(a.Value, "True"))
		}
	}
}

// restSession: the REST framework looks at the token where somebody comes with a session, in
// enforce_csrf. A class in which that does nothing does not: def enforce_csrf(self, request): return.
func restSession(p *rule.Pass, c *ast.ClassDef) {
	if !slices.ContainsFunc(c.Bases, func(b ast.Expr) bool {
		return p.Is(b, "rest_framework.authentication.SessionAuthentication") || strings.HasSuffix(ast.LastName(b), "SessionAuthentication") && p.Imports("rest_framework")
	}) {
		return
	}
	for _, s := range c.Body {
		f, ok := s.(*ast.FunctionDef)
		if !ok || f.Name != "enforce_csrf" || has(surface.Body{Unit: p.Unit, Def: f}, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.Call, *ast.Raise, *ast.Assert:
				return true
			}
			return false
		}) {
			continue
		}
		p.Report(f, "%s takes the session's cookie for who calls and looks at no token: any page that a visitor has open can call in the visitor's name.", c.Name).ForAudit(conf.Dev(p, c)).
			Advise("rest_framework.authentication.SessionAuthentication")
	}
}

// middleware looks for Django's protection among those of a settings module.
func middleware(p *rule.Pass, s conf.Setting) {
	l, ok := s.Value.(*ast.List)
	if !ok {
		return
	}
	sessions := false
	for _, e := range l.Elts {
		name, ok := p.Str(e)
		if !ok || strings.HasSuffix(name, "CsrfViewMiddleware") || strings.Contains(strings.ToLower(name), "csrf") {
			return
		}
		sessions = sessions || strings.HasSuffix(name, "SessionMiddleware")
	}
	if sessions {
		p.Report(s.At, "CsrfViewMiddleware is missing: any page that a visitor has open can send forms in the visitor's name.").With(finding.Medium, finding.HighConfidence).ForAudit(s.Dev).
			Advise(`add "django.middleware.csrf.CsrfViewMiddleware" after CommonMiddleware`)
	}
}
