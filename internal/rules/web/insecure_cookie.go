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
)

// InsecureCookie looks at cookies that are set without the attributes that keep them, and
// at settings that take these attributes from the session's.
var InsecureCookie = rule.Check{Called: sessionCookieCalled, Kinds: conf.Kinds, Visit: cookie, File: cookieDjango}

// cookieDjango judges the cookies of Django's sessions and of its protection against forged
// requests, as production has them. What nobody has set is as much worth as what was
// switched off, but was not meant.
func cookieDjango(p *rule.Pass) {
	const app, middleware, csrf = "django.contrib.sessions", "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware"
	for _, c := range conf.Configs(p) {
		inApps, inMiddleware := c.Has("INSTALLED_APPS", app), c.Has("MIDDLEWARE", middleware)
		used := inApps.Or(inMiddleware)
		which := 0 // W010 for the application, W011 for the middleware, W012 for both
		if inMiddleware.Now == settings.Yes {
			if which = 1; inApps.Now == settings.Yes {
				which = 2
			}
		}
		judge := func(name, check string, used settings.Judgement, missing finding.Severity, message string) {
			s := c.Get(name)
			holds := used.And(s.Value.True().Not())
			f := conf.Wrong(p, c, conf.Fault{Holds: holds, At: s, Check: check, Message: message + name + " is " + off(s) + "."})
			if f == nil {
				return
			}
			f.Advise("%s = True", name)
			if s.Set.Now == settings.No {
				f.With(missing, min(f.Confidence, finding.MediumConfidence))
			}
			if e := conf.Written(p, s); e != nil {
				f.ReviewFix("keep the cookie", p.Replace(e, "True"))
			}
		}
		judge("SESSION_COOKIE_SECURE", [...]string{"W010", "W011", "W012"}[which], used, finding.Low, "The session's cookie is sent over unencrypted connections too: ")
		judge("SESSION_COOKIE_HTTPONLY", [...]string{"W013", "W014", "W015"}[which], used, finding.Low, "The session's cookie can be read by scripts: ")
		inSession := c.True("CSRF_USE_SESSIONS")
		judge("CSRF_COOKIE_SECURE", "W016", c.Has("MIDDLEWARE", csrf).And(inSession.Not()), finding.Low, "The cookie against forged requests is sent over unencrypted connections too: ")
	}
}

// off is how a setting came to be off.
func off(s settings.Setting) string {
	if s.Set.Now == settings.No {
		return "not set"
	}
	return "off"
}

// cookieSettings and the value each of them must not have.
var cookieSettings = map[string]string{
	"SESSION_COOKIE_SECURE": "is sent over unencrypted connections too", "CSRF_COOKIE_SECURE": "is sent over unencrypted connections too", "REMEMBER_COOKIE_SECURE": "is sent over unencrypted connections too",
	"SESSION_COOKIE_HTTPONLY": "can be read by scripts", "REMEMBER_COOKIE_HTTPONLY": "can be read by scripts", "JWT_COOKIE_SECURE": "is sent over unencrypted connections too",
	"SESSION_COOKIE_SAMESITE": "is sent with requests that other sites cause", "REMEMBER_COOKIE_SAMESITE": "is sent with requests that other sites cause", "CSRF_COOKIE_SAMESITE": "is sent with requests that other sites cause",
	"LANGUAGE_COOKIE_SECURE": "", "CSRF_COOKIE_HTTPONLY": "",
}

func cookie(p *rule.Pass, n ast.Node) {
	if c, ok := n.(*ast.Call); ok {
		switch args.Callee(c) {
		case "set_cookie", "set_signed_cookie", "set_secure_cookie":
			setCookie(p, c)
			return
		}
	}
	conf.Each(p, n, func(name string) bool { return cookieSettings[name] != "" }, func(s conf.Setting) {
		if s.Django && !strings.HasSuffix(s.Name, "SAMESITE") && !strings.HasPrefix(s.Name, "JWT") && conf.Covered(p) {
			return // see cookieDjango
		}
		bad := args.IsFalse(p.Unit, s.Value)
		fix := "True"
		if strings.HasSuffix(s.Name, "SAMESITE") {
			v, _ := p.Str(s.Value)
			bad = bad || strings.EqualFold(v, "none") || s.Django && args.IsNone(p.Unit, s.Value)
			fix = `"Lax"`
		}
		if bad {
			p.Report(s.At, "With %s = %s, the cookie %s.", s.Name, excerpt(p, s.Value), cookieSettings[s.Name]).ForAudit(s.Dev).ReviewFix("keep the cookie", p.Replace(s.Value, fix))
		}
	})
}

func sessionCookieCalled(p *rule.Pass, c *ast.Call, name string) {
	const middleware = "starlette.middleware.sessions.SessionMiddleware"
	switch {
	case name == "flask.Flask", name == "quart.Quart":
		flaskSession(p, c)
	case sessionCookies[name] != nil:
		sessionCookie(p, c, name)
	case name == middleware, len(c.Args) > 0 && p.Is(c.Args[0], middleware, "fastapi.middleware.sessions.SessionMiddleware"):
		sessionMiddleware(p, c)
	}
}

// setCookie judges one call. What is missing matters most for cookies that keep
// something; what is switched off was meant.
func setCookie(p *rule.Pass, c *ast.Call) {
	f, ok := c.Func.(*ast.Attribute)
	if !ok || len(c.Args) == 0 && len(c.Keywords) == 0 {
		return
	}
	switch name := p.Name(f.Value); {
	case strings.HasPrefix(name, "http."), strings.HasPrefix(name, "requests."), strings.HasPrefix(name, "httpx."):
		return // a client's jar
	}
	if len(c.Args) == 1 && len(c.Keywords) == 0 || deletion(p, c) {
		return // a jar's set_cookie(cookie), or the cookie's end
	}
	key := program.Arg(c, 0, "key")
	if key == nil {
		key = program.Arg(c, 0, "name")
	}
	name, _ := p.Str(key)
	kept := keptBy(p, f.Value)
	if readByScripts(name) {
		kept = append(kept, "httponly")
	}
	off, missing, hidden := attributes(p, c, kept)
	keeps := name == "" || session(name)
	switch {
	case len(off) > 0:
		r := p.Report(c, "The cookie is set with %s off: %s.", list(off), consequence(off[0]))
		switch {
		case !keeps:
			r.With(finding.Low, finding.MediumConfidence).ForAudit(off[0] == "samesite" || off[0] == "httponly" && preference(name))
		case off[0] == "samesite" && name == "":
			r.With(finding.Low, finding.MediumConfidence)
		}
		var edits []rule.Edit
		for _, w := range off {
			if k := program.Keyword(c, w); k != nil {
				edits = append(edits, p.Replace(k.Value, on(w)))
			}
		}
		if len(edits) == len(off) {
			if len(missing) > 0 && !hidden {
				edits = append(edits, complete(p, c, missing))
			}
			r.ReviewFix("keep the cookie", edits...)
		}
	case len(missing) > 0 && !hidden:
		r := p.Report(c, "The cookie is set without %s: %s.", list(missing), consequence(missing[0]))
		if name == "" || !keeps || missing[0] == "samesite" {
			r.With(finding.Low, finding.MediumConfidence)
		}
		r.ForAudit(missing[0] == "httponly" && preference(name) || !session(name) && missing[0] == "samesite") // what browsers do without it is nearly Lax
		r.ReviewFix("keep the cookie", complete(p, c, missing))
	}
}

// attributes reads what a call says of a cookie's three attributes, but for those that
// are kept without it. Hidden says that a ** may bring them along. A value that is not
// known here was thought about.
func attributes(p *rule.Pass, c *ast.Call, kept []string) (off, missing []string, hidden bool) {
	for _, w := range []string{"secure", "httponly", "samesite"} {
		v, h := args.Keyword(p.Unit, c, w)
		if v == nil && w != "secure" { // Pyramid and Falcon
			v, _ = args.Keyword(p.Unit, c, map[string]string{"httponly": "http_only", "samesite": "same_site"}[w])
		}
		hidden = hidden || h
		s, _ := p.Str(v)
		switch {
		case v == nil && !slices.Contains(kept, w):
			missing = append(missing, w)
		case v != nil && (args.IsFalse(p.Unit, v) || args.IsNone(p.Unit, v) || w == "samesite" && strings.EqualFold(s, "none")) && !(w == "httponly" && slices.Contains(kept, w)):
			off = append(off, w)
		}
	}
	return off, missing, hidden
}

// keptBy lists the attributes that a framework gives to cookies of itself. Where the type
// of the response is not known, what the file imports tells the framework.
func keptBy(p *rule.Pass, response ast.Expr) []string {
	name := p.Name(response)
	of := func(module string) bool {
		if name != "" {
			return strings.HasPrefix(name, module+".")
		}
		return p.Imports(module)
	}
	switch {
	case of("falcon"):
		return []string{"secure", "httponly", "samesite"}
	case of("starlette"), of("fastapi"), of("litestar"):
		return []string{"samesite"}
	}
	return nil
}

// readByScripts says whether scripts of the page must be able to read a cookie: they copy
// it into a header, which a page of another site cannot.
func readByScripts(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "csrf") || strings.Contains(name, "xsrf")
}

// list joins words as a sentence does.
func list(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return words[0]
}

// on is the value that an attribute should have.
func on(word string) string {
	if word == "samesite" {
		return `"Lax"`
	}
	return "True"
}

// complete adds the attributes that are missing.
func complete(p *rule.Pass, c *ast.Call, missing []string) rule.Edit {
	e := p.SetKeyword(c, missing[0], on(missing[0]))
	if e.Text == "" {
		return e
	}
	text, comma := strings.CutSuffix(e.Text, ",")
	for _, w := range missing[1:] {
		text += ", " + w + "=" + on(w)
	}
	if comma {
		text += ","
	}
	e.Text = text
	return e
}

// sessionCookies are the calls that make the cookie of a session or a log-in, and what it
// has without being told.
var sessionCookies = map[string][]string{
	"pyramid.authentication.AuthTktCookieHelper": {"samesite"}, "pyramid.authentication.AuthTktAuthenticationPolicy": {"samesite"},
	"pyramid.session.SignedCookieSessionFactory": {"samesite"}, "pyramid.session.BaseCookieSessionFactory": {"samesite"},
	"pyramid.session.UnencryptedCookieSessionFactoryConfig": {"samesite"}, "pyramid.csrf.CookieCSRFStoragePolicy": {"samesite", "httponly"},
}

// sessionCookie judges what makes the cookies of sessions.
func sessionCookie(p *rule.Pass, c *ast.Call, name string) {
	off, missing, hidden := attributes(p, c, sessionCookies[name])
	what := "The session's cookie"
	if strings.Contains(name, "AuthTkt") {
		what = "The log-in's cookie"
	}
	switch {
	case len(off) > 0:
		p.Report(c, "%s is made with %s off: %s.", what, list(off), consequence(off[0]))
	case len(missing) > 0 && !hidden && !stars(c):
		p.Report(c, "%s is made without %s: %s.", what, list(missing), consequence(missing[0])).Advise("%s(…, %s)", args.Last(name), strings.Join(missing, "=True, ")+"=True")
	}
}

// flaskSession: Flask's own session has a cookie that goes over any connection, and with
// requests that other sites cause, unless somebody says otherwise anywhere in the project.
func flaskSession(p *rule.Pass, c *ast.Call) {
	elsewhere := conf.Mentions(p, "Talisman", "from_envvar", "from_pyfile", "from_prefixed_env", "from_file", "from_json", "from_yaml")
	if !conf.Mentions(p, "session[", "flask_login") || elsewhere {
		return
	}
	var missing, effects []string
	if !conf.Mentions(p, "SESSION_COOKIE_SECURE") {
		missing, effects = append(missing, "SESSION_COOKIE_SECURE"), append(effects, "is sent over unencrypted connections too")
	}
	if !conf.Mentions(p, "SESSION_COOKIE_SAMESITE") {
		missing, effects = append(missing, "SESSION_COOKIE_SAMESITE"), append(effects, "goes with requests that other sites cause")
	}
	if len(missing) == 0 {
		return
	}
	are := "is"
	if len(missing) > 1 {
		are = "are"
	}
	p.Report(c, "The session's cookie %s: %s %s not set anywhere in the project.", list(effects), list(missing), are).With(finding.Low, finding.MediumConfidence).
		ForAudit(conf.Dev(p, c) || !slices.Contains(missing, "SESSION_COOKIE_SECURE")).Advise(`app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax")`)
}

// stars says whether arguments of a call are spread from a list.
func stars(c *ast.Call) bool {
	return slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return a.Kind() == ast.KindStarred })
}

// sessionMiddleware judges Starlette's sessions, whose cookie goes over any connection
// unless it is told otherwise.
func sessionMiddleware(p *rule.Pass, c *ast.Call) {
	if v, hidden := args.Keyword(p.Unit, c, "https_only"); v == nil && !hidden || v != nil && args.IsFalse(p.Unit, v) {
		f := p.Report(c, "The session's cookie is made without https_only: %s.", consequence("secure")).Advise("SessionMiddleware(…, https_only=True)")
		if v == nil {
			f.With(finding.Low, finding.MediumConfidence)
		}
		f.ForAudit(conf.Dev(p, c))
		return
	}
	if v, _ := args.Keyword(p.Unit, c, "same_site"); v != nil {
		if s, ok := p.Str(v); ok && strings.EqualFold(s, "none") {
			p.Report(c, "The session's cookie is made with same_site off: %s.", consequence("samesite")).With(finding.Low, finding.MediumConfidence). // some need it
																					ForAudit(conf.Dev(p, c)).ReviewFix("keep the cookie", p.Replace(v, `"lax"`))
		}
	}
}

func consequence(word string) string {
	switch word {
	case "secure":
		return "it is sent over unencrypted connections too"
	case "httponly":
		return "a script that was put into the page can read it"
	}
	return "it is sent with requests that other sites cause"
}

// session says whether a cookie of this name keeps something: a log-in, a token.
func session(name string) bool {
	if secret.Of(name) != secret.None {
		return true
	}
	for _, w := range secret.Words(name) {
		switch w {
		case "session", "sessionid", "sid", "auth", "login", "user", "remember", "jwt", "token", "userid", "account", "csrftoken", "id":
			return true
		}
	}
	return false
}

// preference says whether a cookie of this name keeps how somebody likes the pages, which is worth
// nothing to others, and which scripts of the page often read.
func preference(name string) bool {
	words := secret.Words(name)
	return !session(name) && slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "theme", "lang", "language", "locale", "i18n", "timezone", "tz", "color", "colour", "dark", "layout", "consent", "currency", "units", "fontsize", "sidebar":
			return true
		}
		return false
	})
}

// deletion: an empty value, or one that has ended.
func deletion(p *rule.Pass, c *ast.Call) bool {
	if v := program.Arg(c, 1, "value"); v != nil {
		if s, ok := p.Str(v); ok && s == "" {
			return true
		}
	}
	for _, w := range []string{"expires", "max_age"} {
		if v, _ := args.Keyword(p.Unit, c, w); v != nil {
			if n, ok := p.Int(v); ok && n == 0 {
				return true
			}
		}
	}
	return false
}
