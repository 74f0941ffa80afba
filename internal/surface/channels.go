package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/taint"
)

// Channels brings web sockets to Django. Its addresses stand in a URLRouter, around which stand
// layers: some find out who is there, and leave it to the consumer to ask; one looks at the page
// that a socket was opened from.

// channels reads the web sockets of a program.
func (d *djangoReader) channels() {
	var routers []*taint.Made
	inner := map[*taint.Made]bool{} // stand below a path of another
	for _, m := range d.Made {
		if !m.Member && m.Name == "channels.routing.URLRouter" {
			routers = append(routers, m)
			items, _ := m.Arg(0, "routes").Items()
			for _, t := range items {
				for _, p := range t.Made() {
					for _, x := range p.Arg(1, "view").Made() {
						inner[x] = inner[x] || x != m && x.Name == m.Name
					}
				}
			}
		}
	}
	for _, m := range routers {
		if !inner[m] {
			d.sockets(m, "", d.layers(m, 0), 0)
		}
	}
}

// layers are the names of what a router was given to.
func (d *djangoReader) layers(m *taint.Made, depth int) (out []string) {
	for _, x := range d.Made {
		if x == m || x.Member || depth > 8 {
			continue
		}
		for _, t := range x.Args() {
			if slices.Contains(t.Made(), m) {
				out = append(append(out, x.Name), d.layers(x, depth+1)...)
			}
		}
	}
	return out
}

func (d *djangoReader) sockets(router *taint.Made, prefix string, layers []string, depth int) {
	if depth > 8 {
		return
	}
	items, _ := router.Arg(0, "routes").Items()
	for _, t := range items {
		for _, m := range t.Made() {
			l := last(m.Name)
			if m.Member || l != "path" && l != "re_path" && l != "url" {
				continue
			}
			route, ok := d.text(m, 0, map[bool]string{true: "regex", false: "route"}[l == "url"])
			if !ok {
				d.unread(m.Spot, "the path of this web socket is not a constant")
				continue
			}
			if l != "path" {
				route = simplify(route)
			}
			view := m.Arg(1, "view")
			nested := false
			for _, x := range view.Made() {
				if x.Name == router.Name {
					d.sockets(x, prefix+route, layers, depth+1)
					nested = true
				}
			}
			if nested {
				continue
			}
			d.each(view, func(h handler) { d.socket(m, h, rooted(prefix+route), layers) })
		}
	}
}

func (d *djangoReader) socket(m *taint.Made, h handler, path string, layers []string) {
	x := &Route{Framework: "django", Path: path, Methods: []string{"WEBSOCKET"}, Told: m.Spot}
	h.fill(x)
	x.Parameters = inPath(path)
	if h.class == nil {
		x.Access.Login = Unknown
		d.add(x)
		return
	}
	x.Access.Login = None
	x.Bodies = nil
	for _, w := range h.wrappers {
		layers = append(layers[:len(layers):len(layers)], w.Name)
	}
	for _, l := range layers {
		switch n := last(l); {
		case strings.HasSuffix(n, "OriginValidator"):
			x.Access.CSRF = "checked"
		case n == "ProtocolTypeRouter", n == "as_asgi", strings.HasPrefix(l, "channels."): // who is there is found out, and nobody asked
		case Asks(n):
			x.asked(l)
		default:
			x.Access.Login = Unknown // a layer of the program's own
		}
	}
	for _, name := range []string{"__init__", "__call__", "dispatch", "websocket_connect", "connect", "receive", "receive_json", "websocket_receive"} {
		for _, f := range h.class.Attr(name).Funcs() {
			def := f.Def()
			if def == nil {
				continue
			}
			x.Bodies = append(x.Bodies, Body{f.Unit(), def})
			d.guarded(x, f)
			if name == "connect" && f.Unit() == x.Unit { // where the question is missing
				x.At = def.Span()
				x.Line = x.Unit.File.Position(def.Start()).Line
			}
			if t := f.Unit().File.Text(def.Span()); x.Access.Login != Required && (strings.Contains(t, "is_authenticated") || strings.Contains(t, "is_anonymous")) {
				x.asked(OwnCheck)
			}
		}
	}
	if len(x.Bodies) == 0 {
		x.Access.Login = Unknown
	}
	d.add(x)
}
