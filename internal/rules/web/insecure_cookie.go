package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// InsecureCookie looks at cookies that are set without the attributes that keep them, and
// at settings that take these attributes from the session's.
var InsecureCookie = rule.Check{Kinds: conf.Kinds, Visit: cookie}

// cookieSettings and the value each of them must not have.
var cookieSettings = map[string]string{
	"SESSION_COOKIE_SECURE": "is sent over unencrypted connections too", "CSRF_COOKIE_SECURE": "is sent over unencrypted connections too", "REMEMBER_COOKIE_SECURE": "is sent over unencrypted connections too",
	"SESSION_COOKIE_HTTPONLY": "can be read by scripts", "REMEMBER_COOKIE_HTTPONLY": "can be read by scripts", "JWT_COOKIE_SECURE": "is sent over unencrypted connections too",
	"SESSION_COOKIE_SAMESITE": "is sent with requests that other sites cause", "REMEMBER_COOKIE_SAMESITE": "is sent with requests that other sites cause", "CSRF_COOKIE_SAMESITE": "is sent with requests that other sites cause",
	"LANGUAGE_COOKIE_SECURE": "", "CSRF_COOKIE_HTTPONLY": "",
}

func cookie(p *rule.Pass, n ast.Node) {
	if c, ok := n.(*ast.Call); ok {
		switch callee(c) {
		case "set_cookie", "set_signed_cookie", "set_secure_cookie":
			setCookie(p, c)
			return
		case "add_middleware", "SessionMiddleware":
			return
		}
	}
	conf.Each(p, n, func(name string) bool { return cookieSettings[name] != "" }, func(s conf.Setting) {
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

// setCookie judges one call. What is missing matters for cookies that keep something;
// what is switched off was meant.
func setCookie(p *rule.Pass, c *ast.Call) {
	f, ok := c.Func.(*ast.Attribute)
	if !ok || len(c.Args) == 0 && len(c.Keywords) == 0 {
		return
	}
	switch name := p.Name(f.Value); {
	case strings.HasPrefix(name, "http."), strings.HasPrefix(name, "requests."), strings.HasPrefix(name, "httpx."):
		return // a client's jar
	}
	if len(c.Args) == 1 && len(c.Keywords) == 0 {
		return // a jar's set_cookie(cookie)
	}
	var off, missing []string
	same, hidden := args.Keyword(p.Unit, c, "samesite")
	for _, w := range []string{"secure", "httponly"} {
		v, h := args.Keyword(p.Unit, c, w)
		hidden = hidden || h
		switch {
		case v == nil:
			missing = append(missing, w)
		case args.IsFalse(p.Unit, v) || args.IsNone(p.Unit, v):
			off = append(off, w)
		}
	}
	if s, ok := p.Str(same); same != nil && ok && strings.EqualFold(s, "none") {
		off = append(off, "samesite")
	}
	if deletion(p, c) {
		return
	}
	key := program.Arg(c, 0, "key")
	if key == nil {
		key = program.Arg(c, 0, "name")
	}
	name, _ := p.Str(key)
	keeps := key == nil || name == "" || session(name)
	switch {
	case len(off) > 0:
		f := p.Report(c, "The cookie is set with %s off: %s.", strings.Join(off, " and "), consequence(off[0])).ForAudit(!keeps && name != "" && off[0] != "secure")
		if len(off) == 1 && off[0] != "samesite" {
			if k := program.Keyword(c, off[0]); k != nil {
				f.ReviewFix("keep the cookie", p.Replace(k.Value, "True"))
			}
		}
	case len(missing) > 0 && !hidden:
		f := p.Report(c, "The cookie is set without %s: %s.", strings.Join(missing, " and "), consequence(missing[0])).ForAudit(!keeps)
		if name == "" {
			f.With(finding.Low, finding.MediumConfidence)
		}
		if len(missing) == 1 {
			f.ReviewFix("keep the cookie", p.SetKeyword(c, missing[0], "True"))
		} else {
			e := p.SetKeyword(c, missing[0], "True")
			if e.Text != "" {
				e.Text = strings.TrimSuffix(e.Text, ",") + ", " + missing[1] + "=True"
				f.ReviewFix("keep the cookie", e)
			}
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
