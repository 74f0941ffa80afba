package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/taint"
)

var _ = speaks(framework{
	name:      "pyramid",
	libraries: []string{"pyramid", "cornice"},
	tells:     []string{"pyramid.config.Configurator", ".add_route", ".add_view", ".add_static_view", ".include"},
	read:      pyramid,
})

func pyramid(r *reader) {
	type named struct {
		path    string
		methods []string
		told    *taint.Made
	}
	routes := map[string][]named{}
	// config.include("pkg.api", route_prefix="/api") puts what the module adds below a path.
	prefix := map[string]string{}
	for _, m := range r.Made {
		if m.Member || last(m.Name) != "include" {
			continue
		}
		p, ok := r.text(m, 1, "route_prefix")
		if !ok {
			continue
		}
		for _, s := range append(m.Arg(0, "callable").Strs(), m.Arg(0, "callable").Names()...) {
			prefix[strings.TrimLeft(s, ".")] = p
		}
		for _, f := range m.Arg(0, "callable").Funcs() {
			prefix[f.Name()] = p
		}
	}
	below := func(m *taint.Made) string {
		mod := m.Module().Name
		fn := ""
		if d := m.Unit().Function(m.Unit().Tree.Module); d != nil {
			fn = d.Name
		}
		for name, p := range prefix {
			if name == mod || strings.HasSuffix(mod, "."+name) || name == mod+".includeme" || fn != "" && name == mod+"."+fn {
				return p
			}
		}
		return ""
	}
	for _, m := range r.Made {
		if m.Member || !strings.HasPrefix(m.Name, "pyramid.") && !strings.HasPrefix(m.Name, "*.") {
			continue
		}
		switch last(m.Name) {
		case "add_route":
			name, _ := r.text(m, 0, "name")
			path, ok := r.text(m, 1, "pattern")
			if !ok {
				r.unread(m.Spot, "the path of this route is not a constant")
				continue
			}
			routes[name] = append(routes[name], named{rooted(join(below(m), path)), capitals(m.Arg(-1, "request_method")), m})
		case "add_static_view":
			if name, ok := r.text(m, 0, "name"); ok && !strings.Contains(name, "://") {
				r.add(&Route{Framework: "pyramid", Methods: []string{"GET"}, Path: rooted(strings.Trim(name, "/")) + "/*subpath", Template: rooted(strings.Trim(name, "/")) + "/{subpath}", Handler: "pyramid.static.static_view", Library: true, Told: m.Spot, Access: Access{Login: None}})
			}
		}
	}
	view := func(m *taint.Made, t *taint.Thing, class *taint.Made) {
		get := func(key string) *taint.Thing {
			if x := m.Arg(-1, key); x != nil || class == nil {
				return x
			}
			return class.Arg(-1, key)
		}
		name, ok := get("route_name").Str()
		if !ok {
			return
		}
		methods := capitals(get("request_method"))
		for _, n := range routes[name] {
			ms := methods
			if len(ms) == 0 {
				ms = n.methods
			}
			if len(ms) == 0 {
				ms = []string{"*"}
			}
			r.each(t, func(h handler) {
				r.plain("pyramid", n.path, slices.Clone(ms), n.told, h)
				if perm := get("permission"); perm != nil {
					x := r.out.Routes[len(r.out.Routes)-1]
					if s, _ := perm.Str(); s != "" {
						x.asked("permission " + s)
					}
				}
			})
		}
	}
	defaults := map[string]*taint.Made{} // by class: what @view_defaults says
	for _, m := range r.Made {
		if strings.HasSuffix(m.Name, "view_defaults()") && len(m.Of) > 0 {
			for _, c := range m.Arg(0, "").Classes() {
				defaults[c.Name()] = m.Of[0]
			}
		}
	}
	for _, m := range r.Made {
		switch {
		case m.Member:
		case strings.HasSuffix(m.Name, ".view_config()") && len(m.Of) > 0:
			var class *taint.Made
			for _, f := range m.Arg(0, "").Funcs() {
				if c := f.Class(); c != nil {
					class = defaults[c.Name()]
				}
			}
			view(m.Of[0], m.Arg(0, ""), class)
		case last(m.Name) == "add_view" && (strings.HasPrefix(m.Name, "pyramid.") || strings.HasPrefix(m.Name, "*.")):
			view(m, m.Arg(0, "view"), nil)
		}
	}
}
