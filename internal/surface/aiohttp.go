package surface

import (
	"strings"

	"github.com/gambeson/gambeson/internal/taint"
)

var _ = speaks(framework{
	name:      "aiohttp",
	libraries: []string{"aiohttp"},
	tells: []string{"aiohttp.web.Application", "aiohttp.web.RouteTableDef", ".add_routes", ".add_route", ".add_get", ".add_post", ".add_put", ".add_patch", ".add_delete", ".add_head", ".add_options", ".add_view", ".add_static",
		".add_subapp"},
	read: aiohttp,
})

func aiohttp(r *reader) {
	isApp := func(m *taint.Made) bool { return ofClass(m, "aiohttp.web.Application") }
	t := &tree{root: isApp}
	app := func(m *taint.Made) *taint.Made { // what a call is on; nil for one that is not known
		for _, of := range m.Of {
			if of = base(of); isApp(of) || of.Name == "aiohttp.web.RouteTableDef" {
				return of
			}
		}
		return nil
	}
	for _, m := range r.Made {
		if !m.Member && last(m.Name) == "add_subapp" {
			prefix, _ := r.text(m, 0, "prefix")
			for _, sub := range m.Arg(1, "subapp").Made() {
				t.put(sub, app(m), prefix, m)
			}
		}
	}
	// one reads a call that names a route, wherever it came from.
	one := func(on, m *taint.Made, view *taint.Thing) {
		name, at := last(m.Name), 0
		methods := []string{verbOf(name)}
		switch {
		case name == "route" || name == "add_route":
			at = 1
			if s, ok := m.Arg(0, "method").Str(); ok {
				methods = []string{strings.ToUpper(s)}
			}
		case name == "view" || name == "add_view":
			methods = nil
		case name == "static" || name == "add_static":
			prefix, _ := r.text(m, 0, "prefix")
			for _, p := range t.at(on, 0) {
				r.add(&Route{Framework: "aiohttp", Methods: []string{"GET"}, Path: rooted(join(p, strings.TrimRight(prefix, "/"))) + "/{filename}", Handler: "aiohttp.web.StaticResource", Library: true, Told: m.Spot, Access: Access{Login: None},
					Parameters: []Parameter{{Name: "filename", In: "path", Type: "string", Required: true}}})
			}
			return
		case methods[0] == "":
			return
		}
		paths := r.texts(m, at, "path")
		if len(paths) == 0 {
			r.unread(m.Spot, "the path of this route is not a constant")
		}
		if view == nil {
			view = m.Arg(at+1, "handler")
		}
		r.each(view, func(h handler) {
			ms := methods
			if ms == nil && h.class != nil || len(ms) == 1 && ms[0] == "*" && h.class != nil {
				ms = methodsOf(h.class)
			}
			if ms == nil {
				ms = []string{"*"}
			}
			for _, p := range t.at(on, 0) {
				for _, s := range paths {
					r.plain("aiohttp", join(p, s), ms, m, h)
				}
			}
		})
	}
	isRoute := func(m *taint.Made) bool {
		switch n := last(m.Name); n {
		case "route", "view", "static":
			return true
		default:
			return verbOf(n) != ""
		}
	}
	for _, m := range r.Made {
		switch n := last(m.Name); {
		case m.Member || !strings.HasPrefix(m.Name, "aiohttp.") && !strings.HasPrefix(m.Name, "*."):
		case n == "add_routes":
			items, _ := m.Arg(0, "routes").Items()
			for _, x := range items {
				for _, d := range x.Made() {
					one(app(m), d, nil)
				}
			}
			for _, d := range m.Arg(0, "routes").Made() {
				if d.Name != "aiohttp.web.RouteTableDef" {
					continue
				}
				for _, c := range r.on[d] {
					if c.Member || !isRoute(c) {
						continue
					}
					if last(c.Name) == "static" {
						one(app(m), c, nil)
					}
					for _, use := range r.on[c] {
						if strings.HasSuffix(use.Name, "()") {
							one(app(m), c, use.Arg(0, ""))
						}
					}
				}
			}
		case strings.HasPrefix(n, "add_") && n != "add_subapp" && (len(m.Of) > 0 || strings.HasPrefix(m.Name, "*.")) && (verbOf(n) != "" || n == "add_route" || n == "add_view" || n == "add_static"):
			if len(m.Args()) > 1 || len(m.Keywords()) > 0 {
				one(app(m), m, nil)
			}
		}
	}
}
