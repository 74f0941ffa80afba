package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// RouteWithoutLogin holds the routes of a file against each other.
var RouteWithoutLogin = rule.Check{Surface: routeWithoutLogin}

// mostOf is how many routes of a file must ask, and which part of all.
const mostOf = 3

func routeWithoutLogin(p *rule.SurfacePass) {
	type group struct{ asks, all int }
	groups := map[string]*group{}
	key := func(x *surface.Route) string { return x.Framework + "\x00" + x.File }
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || public(x) {
			continue
		}
		g := groups[key(x)]
		if g == nil {
			g = &group{}
			groups[key(x)] = g
		}
		g.all++
		if x.Access.Login == surface.Required {
			g.asks++
		}
	}
	seen := map[string]bool{}
	for _, x := range p.Routes {
		g := groups[key(x)]
		if x.Library || x.Unit == nil || x.Access.Login != surface.None || !writes(x) || public(x) || g.asks < mostOf || g.asks*3 < g.all*2 || seen[x.Handler] {
			continue
		}
		seen[x.Handler] = true
		p.ReportRoute(x, "%s %s asks nobody who calls, %d of %d routes beside it do.", strings.Join(x.Methods, ","), x.Path, g.asks, g.all)
	}
}

// writes says whether a route is there to change something.
func writes(x *surface.Route) bool {
	for _, m := range x.Methods {
		switch m {
		case "POST", "PUT", "PATCH", "DELETE":
			return true
		}
	}
	return false
}

// openWords are words in the names of routes that everybody may call.
var openWords = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq("login logout signin signout signup register registration password reset forgot forgotten recover token tokens refresh auth oauth oauth2 oidc saml sso callback webhook webhooks hook hooks " +
		"health healthz ping live ready status metrics confirm confirmation verify verification activate activation csrf captcha contact public invite invitation subscribe unsubscribe static error errors setup install search preview " +
		"magic otp mfa two_factor challenge session sessions signed shared share embed graphql rpc csp report beacon track tracking") {
		out[w] = true
	}
	return out
}()

// public says whether a route is one that is meant for everybody, by its names.
func public(x *surface.Route) bool {
	name := x.Handler[strings.LastIndexByte(x.Handler, '.')+1:]
	for _, w := range strings.FieldsFunc(strings.ToLower(x.Path+" "+name), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') }) {
		if openWords[w] {
			return true
		}
	}
	for w := range openWords { // ForgotPassword, LoginView
		if len(w) > 4 && strings.Contains(strings.ToLower(name), w) {
			return true
		}
	}
	return false
}
