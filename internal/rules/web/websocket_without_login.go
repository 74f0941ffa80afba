package web

import (
	"slices"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// WebsocketWithoutLogin looks at web sockets of applications that ask who calls elsewhere.
var WebsocketWithoutLogin = rule.Check{Surface: websocketWithoutLogin}

func websocketWithoutLogin(p *rule.SurfacePass) {
	if !slices.ContainsFunc(p.Routes, func(x *surface.Route) bool { return x.Access.Login == surface.Required && !x.Library }) {
		return
	}
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || x.Access.Login != surface.None || !slices.Contains(x.Methods, "WEBSOCKET") || x.Access.CSRF == "checked" {
			continue
		}
		if slices.ContainsFunc(x.Bodies, func(b surface.Body) bool {
			return mentions(b, "origin", "token", "cookie", "auth", "user", "1008", "session", "header")
		}) || slices.ContainsFunc(x.Parameters, func(q surface.Parameter) bool { return q.Name == "token" || q.In == "header" || q.In == "cookie" }) {
			continue
		}
		p.ReportRoute(x, "%s is a web socket that asks neither who is there nor which page opens it.", x.Path)
	}
}
