package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// FormsWithoutCsrf looks at Flask applications with forms behind a login, and nothing that
// tells their own pages from others'.
var FormsWithoutCsrf = rule.Check{Surface: formsWithoutCSRF}

func formsWithoutCSRF(p *rule.SurfacePass) {
	crossSiteForms(p)
	tornadoForms(p)
	var first *surface.Route
	for _, x := range p.Routes {
		if x.Framework != "flask" || x.Library || x.Unit == nil || x.Access.Login != surface.Required || x.Access.CSRF != "none" || !writes(x) || public(x) {
			continue
		}
		if !slices.ContainsFunc(x.Parameters, func(q surface.Parameter) bool { return q.In == "form" }) || slices.ContainsFunc(x.Access.By, func(by string) bool {
			l := strings.ToLower(by)
			return strings.Contains(l, "jwt") || strings.Contains(l, "token") || strings.Contains(l, "basic") || strings.Contains(l, "api")
		}) {
			continue
		}
		if slices.ContainsFunc(slices.Concat(x.Bodies, p.Hooks), func(b surface.Body) bool {
			return mentions(b, "csrf", "nonce", "xsrf", "validate_on_submit", "form.validate", "samesite", "referer", "referrer", "origin")
		}) {
			continue
		}
		first = x
		break
	}
	if first == nil || p.Says("SESSION_COOKIE_SAMESITE") || len(p.Apps) == 0 {
		return
	}
	p.ReportApp(p.Apps[0], "Flask checks no token, and forms such as that of %s %s are taken from any page.", strings.Join(first.Methods, ","), first.Path)
}

// crossSiteForms: FastAPI and Starlette check no token, and the cookie of their sessions stays at home
// unless it is told to go with requests of other sites.
func crossSiteForms(p *rule.SurfacePass) {
	var cross bool
	asked := false
	for _, x := range p.Routes {
		if x.Framework != "fastapi" || x.Library || x.Unit == nil || x.Access.Login != surface.Required || !writes(x) || public(x) ||
			!slices.ContainsFunc(x.Parameters, func(q surface.Parameter) bool { return q.In == "form" }) || slices.ContainsFunc(x.Parameters, func(q surface.Parameter) bool { return q.In == "header" }) {
			continue
		}
		if slices.ContainsFunc(x.Access.By, func(by string) bool {
			l := strings.ToLower(by)
			return strings.HasPrefix(l, "fastapi.security.") || strings.Contains(l, "csrf") || strings.Contains(l, "origin") || strings.Contains(l, "token") || strings.Contains(l, "bearer")
		}) || slices.ContainsFunc(slices.Concat(x.Bodies, p.Hooks), func(b surface.Body) bool {
			return mentions(b, "csrf", "xsrf", "nonce", "referer", "origin")
		}) {
			continue
		}
		if !asked {
			asked = true
			cross = p.Says(`same_site="none"`, `same_site='none'`) && p.Says(".session.get(", ".session[") && !p.Says("CSRFMiddleware", "CsrfProtect", "starlette_csrf", "asgi_csrf")
		}
		if cross {
			p.ReportRoute(x, "%s %s takes a form with the session's cookie from any page: it looks at no token, and the cookie is sent from other sites.", strings.Join(x.Methods, ","), x.Path)
		}
	}
}

// tornadoForms: Tornado checks a token only where xsrf_cookies is on.
func tornadoForms(p *rule.SurfacePass) {
	app := slices.IndexFunc(p.Apps, func(a surface.App) bool { return a.Name == "tornado.web.Application" })
	if app < 0 {
		return
	}
	i := slices.IndexFunc(p.Routes, func(x *surface.Route) bool {
		return x.Framework == "tornado" && !x.Library && x.Unit != nil && x.Access.Login == surface.Required && writes(x) && !public(x) && slices.ContainsFunc(x.Bodies, func(b surface.Body) bool {
			return mentions(b, "get_body_argument", "get_argument") && !mentions(b, "xsrf", "csrf", "origin", "referer", "headers")
		})
	})
	if i < 0 || p.Says("xsrf_cookies", "check_xsrf_cookie", "samesite", "SameSite") || !p.Says("cookie_secret") {
		return
	}
	p.ReportApp(p.Apps[app], "Tornado checks no token without xsrf_cookies, and forms such as that of %s %s are taken from any page.", strings.Join(p.Routes[i].Methods, ","), p.Routes[i].Path)
}
