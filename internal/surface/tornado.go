package surface

import (
	"strings"

	"github.com/gambeson/gambeson/internal/taint"
)

var _ = speaks(framework{
	name:      "tornado",
	libraries: []string{"tornado"},
	tells:     []string{"tornado.web.Application", "tornado.web.url", "tornado.web.URLSpec", ".add_handlers"},
	read:      tornado,
})

func tornado(r *reader) {
	rule := func(told *taint.Made, pattern string, view *taint.Thing) {
		r.each(view, func(h handler) {
			methods := h.methods
			switch {
			case strings.HasSuffix(h.library, "StaticFileHandler") || strings.HasSuffix(h.library, "RedirectHandler"):
				methods = []string{"GET"}
			case h.class != nil && derives(h.class, "WebSocketHandler"):
				methods = []string{"WEBSOCKET"}
			case len(methods) == 0 && h.class != nil && derives(h.class, "StaticFileHandler", "RedirectHandler"):
				methods = []string{"GET"}
			case len(methods) == 0:
				methods = []string{"*"}
			}
			r.plain("tornado", simplify(pattern), methods, told, h)
		})
	}
	list := func(told *taint.Made, t *taint.Thing) {
		items, _ := t.Items()
		for _, x := range items {
			if x.IsList() {
				if parts, _ := x.Items(); len(parts) > 1 {
					if s, ok := parts[0].Str(); ok {
						rule(told, s, parts[1])
					} else {
						r.unread(told.Spot, "the path of one of these routes is not a constant")
					}
				}
				continue
			}
			for _, m := range x.Made() {
				if l := last(m.Name); l == "url" || l == "URLSpec" {
					if s, ok := r.text(m, 0, "pattern"); ok {
						rule(m, s, m.Arg(1, "handler"))
					} else {
						r.unread(m.Spot, "the path of this route is not a constant")
					}
				}
			}
		}
	}
	for _, m := range r.Made {
		switch {
		case m.Member:
		case m.Name == "tornado.web.Application":
			list(m, m.Arg(0, "handlers"))
		case last(m.Name) == "add_handlers":
			list(m, m.Arg(1, "host_handlers"))
		}
	}
}
