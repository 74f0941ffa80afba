package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
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
	count := func(key string, x *surface.Route) {
		g := groups[key]
		if g == nil {
			g = &group{}
			groups[key] = g
		}
		g.all++
		if x.Access.Login == surface.Required {
			g.asks++
		}
	}
	key := func(x *surface.Route) string { return x.Framework + "\x00" + x.File }
	writing := func(x *surface.Route) string { return x.Framework + "\x00\x00writes" }
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || public(x) {
			continue
		}
		count(key(x), x)
		if changes(x) {
			count(writing(x), x)
		}
	}
	// othersAsk says whether each other file with routes asks for all of them, and there are some.
	othersAsk := func(x *surface.Route) bool {
		n := 0
		for k, g := range groups {
			if k == key(x) || !strings.HasPrefix(k, x.Framework+"\x00") || k == writing(x) {
				continue
			}
			if g.asks < g.all {
				return false
			}
			n++
		}
		return n > 1
	}
	seen := map[string]bool{}
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || x.Access.Login != surface.None || !writes(x) || public(x) || seen[x.Handler] {
			continue
		}
		g := groups[key(x)]
		switch all := groups[writing(x)]; {
		case g.asks >= mostOf && g.asks*2 > g.all:
			p.ReportRoute(x, "%s %s asks nobody who calls, %d of %d routes beside it do.", strings.Join(x.Methods, ","), x.Path, g.asks, g.all)
		case x.Access.Opened && !ownProof(x) && (changes(x) || within(x, deletes)): // guests send orders, and sign up
			p.ReportRoute(opening(x), "%s %s takes back that every caller is asked, and changes something.", strings.Join(x.Methods, ","), x.Path)
		case g.asks == 0 && changes(x) && (all.asks >= mostOf && all.asks*2 > all.all || othersAsk(x)):
			// A whole file of the application was forgotten.
			p.ReportRoute(x, "%s %s asks nobody who calls, %d of %d routes of the application that change something do.", strings.Join(x.Methods, ","), x.Path, all.asks, all.all)
		default:
			continue
		}
		seen[x.Handler] = true
	}
}

// opening is a route with the place of the line that opens it, where there is one.
func opening(x *surface.Route) *surface.Route {
	for _, n := range x.Unit.Tree.Nodes()[1:] {
		c, ok := n.(*ast.ClassDef)
		if !ok || c.Span() != x.At {
			continue
		}
		for _, s := range c.Body {
			if a, ok := s.(*ast.Assign); ok && ast.LastName(a.Targets[0]) == "permission_classes" {
				y := *x
				y.At = a.Span()
				return &y
			}
		}
	}
	return x
}

// changes says whether a route changes what is there, by its method alone: what is posted may be
// a question, or a guest's.
func changes(x *surface.Route) bool {
	return slices.ContainsFunc(x.Methods, func(m string) bool { return m == "PUT" || m == "PATCH" || m == "DELETE" })
}

// ownProof says whether what answers looks at a proof that is not a login: a signature, a token.
func ownProof(x *surface.Route) bool {
	return slices.ContainsFunc(x.Bodies, func(b surface.Body) bool {
		return mentions(b, "token", "signature", "hmac", "secret", "is_authenticated", "has_perm", "api_key", "permission")
	})
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
