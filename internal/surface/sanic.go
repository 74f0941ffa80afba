package surface

import (
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/taint"
)

var _ = speaks(framework{
	name:      "sanic",
	libraries: []string{"sanic"},
	tells:     []string{"sanic.Sanic", "sanic.Blueprint", ".blueprint", ".add_route", ".static", ".add_websocket_route"},
	read:      sanic,
})

func sanic(r *reader) {
	isApp := func(m *taint.Made) bool { return m.Name == "sanic.Sanic" || m.Name == "sanic.app.Sanic" }
	isPart := func(m *taint.Made) bool {
		return m.Name == "sanic.Blueprint" || m.Name == "sanic.blueprints.Blueprint" || strings.HasSuffix(m.Name, "Blueprint.group")
	}
	version := func(m *taint.Made) string {
		if n, ok := m.Arg(-1, "version").Int(); ok {
			return "/v" + strconv.FormatInt(n, 10)
		}
		if s, ok := m.Arg(-1, "version").Str(); ok {
			return "/v" + strings.TrimPrefix(s, "v")
		}
		return ""
	}
	t := &tree{root: isApp, own: func(m *taint.Made) string {
		p, _ := r.text(m, 1, "url_prefix")
		if strings.HasSuffix(m.Name, ".group") {
			p, _ = r.text(m, -1, "url_prefix")
		}
		if isApp(m) {
			p = ""
		}
		return version(m) + p
	}}
	for _, m := range r.Made {
		switch l := last(m.Name); {
		case m.Member:
		case l == "blueprint":
			on := (*taint.Made)(nil)
			for _, of := range m.Of {
				on = base(of)
			}
			prefix, _ := r.text(m, -1, "url_prefix")
			list := m.Arg(0, "blueprint").Made()
			items, _ := m.Arg(0, "blueprint").Items()
			for _, x := range items {
				list = append(list, x.Made()...)
			}
			for _, x := range list {
				t.put(x, on, prefix, m)
			}
		case l == "group" && isPart(m):
			for _, a := range m.Args() {
				for _, x := range a.Made() {
					t.put(x, m, "", m)
				}
			}
		}
	}
	on := func(m *taint.Made) *taint.Made {
		for _, of := range m.Of {
			if of = base(of); isApp(of) || isPart(of) {
				return of
			}
		}
		return nil
	}
	for _, m := range r.Made {
		l := last(m.Name)
		if m.Member || !strings.HasPrefix(m.Name, "sanic.") || strings.HasSuffix(m.Name, "()") {
			continue
		}
		tell := func(at int, view *taint.Thing) {
			methods := capitals(m.Arg(-1, "methods"))
			if v := verbOf(l); v != "" {
				methods = []string{v}
			}
			if strings.Contains(l, "websocket") {
				methods = []string{"WEBSOCKET"}
			}
			paths := r.texts(m, at, "uri")
			if len(paths) == 0 {
				r.unread(m.Spot, "the path of this route is not a constant")
			}
			r.each(view, func(h handler) {
				ms := methods
				if len(ms) == 0 {
					ms = h.methods
				}
				if len(ms) == 0 {
					ms = []string{"GET"}
				}
				for _, p := range t.at(on(m), 0) {
					for _, s := range paths {
						r.plain("sanic", version(m)+join(p, s), ms, m, h)
					}
				}
			})
		}
		switch {
		case l == "add_route" || l == "add_websocket_route":
			tell(1, m.Arg(0, "handler"))
		case l == "static" && on(m) != nil:
			uri, _ := r.text(m, 0, "uri")
			for _, p := range t.at(on(m), 0) {
				r.add(&Route{Framework: "sanic", Methods: []string{"GET"}, Path: rooted(join(p, uri)), Handler: "sanic.static", Library: true, Told: m.Spot, Access: Access{Login: None}})
			}
		case (l == "route" || l == "websocket" || verbOf(l) != "") && on(m) != nil:
			for _, use := range r.on[m] {
				if strings.HasSuffix(use.Name, "()") {
					tell(0, use.Arg(0, ""))
				}
			}
		}
	}
}
