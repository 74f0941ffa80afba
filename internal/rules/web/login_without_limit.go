package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// LoginWithoutLimit looks at routes that take a password, where nothing counts.
var LoginWithoutLimit = rule.Check{Surface: loginWithoutLimit}

// counters are libraries that count for every login, and limiters those that count for what they are
// told.
var (
	counters = []string{"axes", "defender", "limits", "brutebuster", "django_axes", "pyrate_limiter"}
	limiters = []string{"flask_limiter", "slowapi", "fastapi_limiter", "django_ratelimit", "ratelimit", "aiohttp_ratelimiter"}
)

func loginWithoutLimit(p *rule.SurfacePass) {
	// Where limits are put on routes one by one, one without has none.
	oneByOne := func() bool {
		return slices.ContainsFunc(p.Routes, func(x *surface.Route) bool { return !x.Library && x.Access.Limit != "" }) &&
			!p.Says("default_limits", "application_limits", "RATELIMIT_DEFAULT", "RATELIMIT_APPLICATION", "SlowAPIMiddleware", "SlowAPIASGIMiddleware")
	}
	seen := map[string]bool{}
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || seen[x.Handler] || x.Access.Limit != "" || len(x.Bodies) == 0 || !slices.ContainsFunc(x.Methods, func(m string) bool { return m == "POST" || m == "*" }) {
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
			return has(b, func(n ast.Node) bool { // a helper in the same file
				c, ok := n.(*ast.Call)
				if !ok {
					return false
				}
				d := b.Definition(c.Func)
				return d != nil && takesPassword(surface.Body{Unit: b.Unit, Def: d})
			}) || takesPassword(b)
		})
		if !takes && slices.ContainsFunc(words, func(w string) bool { return w == "otp" || w == "totp" || w == "mfa" }) {
			takes = slices.ContainsFunc(x.Bodies, func(b surface.Body) bool {
				return mentions(b, "[\"code\"]", "['code']", "[\"otp\"]", "['otp']", "[\"pin\"]", "['pin']")
			})
		}
		// Somebody counts by hand.
		counts := slices.ContainsFunc(slices.Concat(x.Bodies, p.Hooks), func(b surface.Body) bool {
			return mentions(b, "attempt", "throttl", "rate_limit", "ratelimit", "lockout", "locked", "too_many", "429", "limiter") && !mentions(b, "limiter.exempt")
		})
		if takes && !counts && !p.Imports(counters...) && (!p.Imports(limiters...) || oneByOne()) {
			seen[x.Handler] = true
			p.ReportRoute(posting(x), "%s %s takes a password as often as somebody likes.", strings.Join(x.Methods, ","), x.Path)
		}
	}
}

// takesPassword says whether a function reads a password, or holds one against what is known.
func takesPassword(b surface.Body) bool {
	return mentions(b, "form.password", "[\"password\"]", "['password']", "check_password", "authenticate(", "verify_password")
}

// posting is a route with the place of the method that takes what is posted, where a class answers.
func posting(x *surface.Route) *surface.Route {
	for _, b := range x.Bodies {
		if b.Def.Name == "post" && b.Unit == x.Unit {
			y := *x
			y.At = b.Def.Span()
			return &y
		}
	}
	return x
}
