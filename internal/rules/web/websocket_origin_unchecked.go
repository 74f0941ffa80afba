package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/surface"
)

// WebsocketOriginUnchecked looks at web sockets that take a cookie for who is there. Cookies that are
// Lax or Strict, as sessions' are by default, do not come from pages of other sites: then it is for auditors.
var WebsocketOriginUnchecked = rule.Check{Surface: socketOrigin, Called: channelsOrigin, Kinds: []ast.Kind{ast.KindClassDef}, Visit: tornadoOrigin}

const originSaid = "Any page may open this web socket with the visitor's cookies, and read and write there in the visitor's name: nothing asks which page it is."

func socketOrigin(p *rule.SurfacePass) {
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || x.Framework != "fastapi" || !slices.Contains(x.Methods, "WEBSOCKET") {
			continue
		}
		cookies := slices.ContainsFunc(x.Bodies, func(b surface.Body) bool { return mentions(b, ".session", ".cookies") }) || slices.ContainsFunc(x.Parameters, func(q surface.Parameter) bool { return q.In == "cookie" })
		asked := slices.ContainsFunc(slices.Concat(x.Bodies, p.Hooks), func(b surface.Body) bool { return mentions(b, "origin", "csrf", "ticket") }) || slices.ContainsFunc(x.Access.By, func(by string) bool { return strings.Contains(strings.ToLower(by), "origin") })
		if !cookies || asked {
			continue
		}
		p.ReportRoute(x, originSaid).ForAudit(!p.Says(`same_site="none"`, `same_site='none'`, `samesite="none"`, `samesite='none'`, `samesite="None"`, `samesite='None'`))
	}
}

// tornadoOrigin looks at classes that let in every page, where Tornado asks by itself.
func tornadoOrigin(p *rule.Pass, n ast.Node) {
	k := n.(*ast.ClassDef)
	if !slices.ContainsFunc(k.Bases, func(b ast.Expr) bool {
		return slices.ContainsFunc(append(p.Names(b), p.Ancestors(p.Name(b))...), func(n string) bool { return strings.HasPrefix(n, "tornado.websocket.WebSocketHandler") })
	}) {
		return
	}
	for _, s := range k.Body {
		f, ok := s.(*ast.FunctionDef)
		if !ok || f.Name != "check_origin" || len(f.Body) == 0 {
			continue
		}
		r, ok := f.Body[len(f.Body)-1].(*ast.Return)
		if !ok || len(f.Body) > 2 || r.Value == nil || !args.IsTrue(p.Unit, r.Value) {
			continue
		}
		text := p.Text(k)
		known := slices.ContainsFunc([]string{"cookie", "current_user", "authenticated"}, func(w string) bool { return strings.Contains(text, w) })
		p.Report(f, originSaid).ForAudit(!known)
	}
}

// channelsOrigin looks for what asks for the page around the sessions of Django's Channels.
func channelsOrigin(p *rule.Pass, c *ast.Call, name string) {
	for at := p.Parent(c); at != nil; at = p.Parent(at) {
		switch at := at.(type) {
		case *ast.Call:
			if strings.Contains(strings.ToLower(args.Callee(at)), "origin") {
				return
			}
		case *ast.Assign, *ast.FunctionDef:
			if a, ok := at.(*ast.Assign); ok && wrappedLater(p, a) {
				return
			}
			p.Report(c, originSaid).ForAudit(!conf.Mentions(p, `SESSION_COOKIE_SAMESITE = "None"`, `SESSION_COOKIE_SAMESITE = 'None'`)).Advise("AllowedHostsOriginValidator(%s(…))", args.Last(name))
			return
		}
	}
}

// wrappedLater says whether what is assigned goes into something that asks for the page.
func wrappedLater(p *rule.Pass, a *ast.Assign) bool {
	t, ok := a.Targets[0].(*ast.Name)
	return ok && slices.ContainsFunc(p.Tree.Nodes()[1:], func(n ast.Node) bool {
		c, ok := n.(*ast.Call)
		return ok && strings.Contains(strings.ToLower(args.Callee(c)), "origin") && slices.ContainsFunc(c.Args, func(e ast.Expr) bool {
			n, ok := e.(*ast.Name)
			return ok && n.Ident == t.Ident
		})
	})
}
