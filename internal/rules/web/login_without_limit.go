package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// LoginWithoutLimit looks at routes that take a password, where nothing counts.
var LoginWithoutLimit = rule.Check{Surface: loginWithoutLimit}

// limiters are libraries that count.
var limiters = []string{"flask_limiter", "slowapi", "fastapi_limiter", "django_ratelimit", "ratelimit", "axes", "defender", "limits", "aiohttp_ratelimiter", "brutebuster", "django_axes", "pyrate_limiter"}

func loginWithoutLimit(p *rule.SurfacePass) {
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || x.Access.Limit != "" || len(x.Bodies) == 0 || !slices.ContainsFunc(x.Methods, func(m string) bool { return m == "POST" || m == "*" }) {
			continue
		}
		if slices.ContainsFunc(x.Access.By, func(by string) bool { return by != surface.OwnCheck }) {
			continue // whoever comes here is known already
		}
		words := wordsOf(x)
		if !slices.ContainsFunc(words, func(w string) bool {
			return w == "login" || w == "signin" || w == "token" || w == "authenticate" || w == "otp" || w == "totp" || w == "mfa"
		}) || slices.Contains(words, "logout") {
			continue
		}
		takes := slices.ContainsFunc(x.Parameters, func(q surface.Parameter) bool {
			n := strings.ToLower(q.Name)
			return q.In != "path" && strings.Contains(n, "password") || q.In != "path" && (n == "passwd" || n == "pin" || n == "otp" || n == "code")
		}) || slices.ContainsFunc(x.Bodies, func(b surface.Body) bool {
			return mentions(b, "form.password", "[\"password\"]", "['password']", "check_password", "authenticate(", "verify_password")
		})
		// Somebody counts by hand.
		counts := slices.ContainsFunc(slices.Concat(x.Bodies, p.Hooks), func(b surface.Body) bool {
			return mentions(b, "attempt", "throttl", "rate_limit", "ratelimit", "lockout", "locked", "too_many", "429", "limiter")
		})
		if takes && !counts && !p.Imports(limiters...) {
			p.ReportRoute(x, "%s %s takes a password as often as somebody likes.", strings.Join(x.Methods, ","), x.Path)
		}
	}
}
