package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/surface"
)

// RouteWithoutLogin holds the routes of a file against each other.
var RouteWithoutLogin = rule.Check{Surface: routeWithoutLogin, File: unroutedLogins}

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
	like := alike{all: p.Routes}
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || x.Access.Login != surface.None || !writes(x) || public(x) || seen[x.Handler] {
			continue
		}
		g := groups[key(x)]
		switch all := groups[writing(x)]; {
		case g.asks >= mostOf && g.asks*2 > g.all:
			p.ReportRoute(x, "%s asks nobody who calls, %d of %d routes beside it do.", called(x), g.asks, g.all)
		case x.Access.Opened && !ownProof(x) && (changes(x) || within(x, deletes)): // guests send orders, and sign up
			if x.Path == "" {
				if g.asks == 0 {
					continue // nobody knows what is asked by default
				}
				p.ReportRoute(x, "%s lets everybody in, and changes something.", called(x))
				break
			}
			p.ReportRoute(opening(x), "%s takes back that every caller is asked, and changes something.", called(x))
		case g.asks == 0 && changes(x) && (all.asks >= mostOf && all.asks*2 > all.all || othersAsk(x)):
			// A whole file of the application was forgotten.
			p.ReportRoute(x, "%s asks nobody who calls, %d of %d routes of the application that change something do.", called(x), all.asks, all.all)
		default:
			y, what := like.of(x)
			if y == nil {
				continue
			}
			p.ReportRoute(x, "%s asks nobody who calls, and calls %s as %s does, which asks.", called(x), what, called(y))
		}
		seen[x.Handler] = true
	}
}

func unroutedLogins(p *rule.Pass) {
	asRoutes(p, routeWithoutLogin)
	commandForEverybody(p)
}

// alike finds routes that do the same: what the routes of a file that ask who calls, and take a part of
// the path, call to change what is there.
type alike struct {
	all  []*surface.Route
	asks map[*program.Unit]map[string]*surface.Route
}

// of is a route of the same file that asks who calls and changes what is there by the same call as x
// does, and that call; or nil. A part of the path that nobody can guess is a proof of its own.
func (l *alike) of(x *surface.Route) (y *surface.Route, what string) {
	if !numbered(x) || ownProof(x) || slices.ContainsFunc(x.Bodies, needsSomebody) {
		return nil, ""
	}
	if l.asks == nil {
		l.asks = map[*program.Unit]map[string]*surface.Route{}
		for _, y := range l.all {
			if y.Library || y.Unit == nil || y.Access.Login != surface.Required || !writes(y) || !numbered(y) {
				continue
			}
			if l.asks[y.Unit] == nil {
				l.asks[y.Unit] = map[string]*surface.Route{}
			}
			for _, b := range y.Bodies {
				for _, k := range changingCalls(b) {
					l.asks[y.Unit][k] = y
				}
			}
		}
	}
	for _, b := range x.Bodies {
		for _, k := range changingCalls(b) {
			if y := l.asks[x.Unit][k]; y != nil {
				return y, k
			}
		}
	}
	return nil, ""
}

// needsSomebody says whether a function depends on something that may ask who calls, by its name:
// key = Depends(require_key). It may stand where nobody can follow it.
func needsSomebody(b surface.Body) bool {
	asks := func(e ast.Expr) bool {
		c, ok := e.(*ast.Call)
		if !ok || len(c.Args) == 0 || args.Callee(c) != "Depends" && args.Callee(c) != "Security" {
			return false
		}
		return args.Callee(c) == "Security" || slices.ContainsFunc(secret.Words(ast.LastName(c.Args[0])), func(w string) bool {
			switch w {
			case "require", "required", "requires", "auth", "authenticated", "authorized", "user", "account", "member", "key", "token", "permission", "permissions", "admin", "current", "check", "verify", "guard", "login", "role":
				return true
			}
			return false
		})
	}
	a := b.Def.Args
	return slices.ContainsFunc(a.Defaults, asks) || slices.ContainsFunc(a.KwDefaults, func(e ast.Expr) bool { return e != nil && asks(e) })
}

// numbered says whether a part of a route's path says what it is about, and can be guessed.
func numbered(x *surface.Route) bool {
	part := false
	for _, q := range x.Parameters {
		if q.In != "path" {
			continue
		}
		if slices.ContainsFunc(secret.Words(q.Name), func(w string) bool {
			return openWords[w] || w == "key" || w == "hash" || w == "uuid" || w == "secret" || w == "code" || w == "digest" || w == "nonce" || w == "sig" || w == "signature"
		}) {
			return false
		}
		part = true
	}
	return part
}

// changeWords are words with which the names of calls begin that change what is kept.
var changeWords = words("delete remove destroy drop purge approve reject ban unban kick promote demote suspend grant revoke set update cancel")

// changingCalls lists what a function calls that changes something, as it is written without its
// arguments and with * for a model: *.objects.filter.delete.
func changingCalls(b surface.Body) (out []string) {
	has(b, func(n ast.Node) bool {
		c, ok := n.(*ast.Call)
		if !ok {
			return false
		}
		w := secret.Words(args.Callee(c))
		if len(w) == 0 || !changeWords[w[0]] || len(w) == 1 && (w[0] == "set" || w[0] == "update") {
			return false
		}
		if k := callPath(c); k != "" {
			out = append(out, k)
		}
		return false
	})
	return out
}

// callPath is what a call calls, as changingCalls lists it; or "" for what is too long.
func callPath(c *ast.Call) string {
	var parts []string
	var e ast.Expr = c
	for range 12 {
		switch x := e.(type) {
		case *ast.Call:
			e = x.Func
			continue
		case *ast.Await:
			e = x.Value
			continue
		case *ast.Attribute:
			parts = append(parts, x.Attr)
			e = x.Value
			continue
		case *ast.Name:
			name := x.Ident
			if name != "" && name[0] >= 'A' && name[0] <= 'Z' {
				name = "*"
			}
			parts = append(parts, name)
			slices.Reverse(parts)
			return strings.Join(parts, ".")
		}
		return ""
	}
	return ""
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
var openWords = words("login logout signin signout signup register registration password reset forgot forgotten recover token tokens refresh auth oauth oauth2 oidc saml sso callback webhook webhooks hook hooks " +
	"health healthz ping live ready status metrics confirm confirmation verify verification activate activation csrf captcha contact public invite invitation subscribe unsubscribe static error errors setup install search preview " +
	"magic otp mfa two_factor challenge session sessions signed shared share embed graphql rpc csp report beacon track tracking")

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
