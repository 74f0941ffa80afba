package web

import (
	"slices"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// WebsocketWithoutLogin looks at web sockets of applications that ask who calls elsewhere.
var WebsocketWithoutLogin = rule.Check{Surface: websocketWithoutLogin}

func websocketWithoutLogin(p *rule.SurfacePass) {
	asks := func(x *surface.Route) bool { return x.Access.Login == surface.Required && !x.Library }
	socket := func(x *surface.Route) bool { return slices.Contains(x.Methods, "WEBSOCKET") }
	if !slices.ContainsFunc(p.Routes, asks) {
		return
	}
	others := slices.ContainsFunc(p.Routes, func(x *surface.Route) bool { return socket(x) && asks(x) })
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || x.Access.Login != surface.None || !socket(x) {
			continue
		}
		if slices.ContainsFunc(x.Bodies, func(b surface.Body) bool {
			return mentions(b, "token", "cookie", "auth", "user", "session")
		}) || slices.ContainsFunc(x.Parameters, func(q surface.Parameter) bool { return q.Name == "token" || q.In == "header" || q.In == "cookie" }) {
			continue
		}
		if others && slices.ContainsFunc(x.Bodies, func(b surface.Body) bool { return mentions(b, "receive", "async for") }) {
			// Also if it is asked which page opens it: programs write that header as they like.
			p.ReportRoute(x, "%s is a web socket that takes messages and does not ask who is there, as others do.", x.Path)
			continue
		}
		if x.Access.CSRF == "checked" || slices.ContainsFunc(x.Bodies, func(b surface.Body) bool { return mentions(b, "origin", "1008", "header") }) {
			continue
		}
		p.ReportRoute(x, "%s is a web socket that asks neither who is there nor which page opens it.", x.Path)
	}
}
