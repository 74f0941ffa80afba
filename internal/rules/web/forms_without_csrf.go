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
