package surface

import (
	"slices"
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
	apps := func(m *taint.Made) []*taint.Made { // what a call is on; nil for one that is not known
		var out []*taint.Made
		for _, of := range m.Of {
			if of = base(of); (isApp(of) || of.Name == "aiohttp.web.RouteTableDef") && !slices.Contains(out, of) {
				out = append(out, of)
			}
		}
		if out == nil {
			out = append(out, nil)
		}
		return out
	}
	for _, m := range r.Made {
		if !m.Member && last(m.Name) == "add_subapp" {
			prefix, _ := r.text(m, 0, "prefix")
			for _, sub := range m.Arg(1, "subapp").Made() {
				for _, on := range apps(m) {
					t.put(sub, on, prefix, m)
				}
			}
		}
	}
	at := func(on []*taint.Made) (out []string) {
		for _, x := range on {
			out = append(out, t.at(x, 0)...)
		}
		return out
	}
	// one reads a call that names a route, wherever it came from.
	one := func(on []*taint.Made, m *taint.Made, view *taint.Thing) {
		name, position := last(m.Name), 0
		methods := []string{verbOf(name)}
		switch {
		case name == "route" || name == "add_route":
			position = 1
			methods = []string{"*"}
			if t := m.Arg(0, "method"); len(t.Strs()) > 0 {
				methods = capitals(t)
			} else if n := t.Names(); len(n) > 0 && strings.HasPrefix(last(n[0]), "METH_") && last(n[0]) != "METH_ANY" { // hdrs.METH_GET
				methods = []string{strings.TrimPrefix(last(n[0]), "METH_")}
			}
		case name == "view" || name == "add_view":
			methods = nil
		case name == "static" || name == "add_static":
			prefix, _ := r.text(m, 0, "prefix")
			for _, p := range at(on) {
				r.add(&Route{Framework: "aiohttp", Methods: []string{"GET"}, Path: rooted(join(p, strings.TrimRight(prefix, "/"))) + "/{filename}", Handler: "aiohttp.web.StaticResource", Library: true, Told: m.Spot, Access: Access{Login: None},
					Parameters: []Parameter{{Name: "filename", In: "path", Type: "string", Required: true}}})
			}
			return
		case methods[0] == "":
			return
		}
		paths := r.texts(m, position, "path")
		if len(paths) == 0 {
			r.unread(m.Spot, "the path of this route is not a constant")
		}
		if view == nil {
			view = m.Arg(position+1, "handler")
		}
		r.each(view, func(h handler) {
			ms := methods
			if ms == nil && h.class != nil || len(ms) == 1 && ms[0] == "*" && h.class != nil {
				ms = methodsOf(h.class)
			}
			if ms == nil {
				ms = []string{"*"}
			}
			for _, p := range at(on) {
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
					one(apps(m), d, nil)
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
						one(apps(m), c, nil)
					}
					for _, use := range r.on[c] {
						if strings.HasSuffix(use.Name, "()") {
							one(apps(m), c, use.Arg(0, ""))
						}
					}
				}
			}
		case strings.HasPrefix(n, "add_") && n != "add_subapp" && (len(m.Of) > 0 || strings.HasPrefix(m.Name, "*.")) && (verbOf(n) != "" || n == "add_route" || n == "add_view" || n == "add_static"):
			if len(m.Args()) > 1 || len(m.Keywords()) > 0 {
				one(apps(m), m, nil)
			}
		}
	}
}
