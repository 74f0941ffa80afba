package surface

import (
	"slices"
	"strings"
)

var _ = speaks(framework{
	name:      "falcon",
	libraries: []string{"falcon"},
	tells:     []string{"falcon.App", "falcon.API", "falcon.asgi.App", ".add_route", ".add_static_route", ".add_sink"},
	read:      falcon,
})

func falcon(r *reader) {
	for _, m := range r.Made {
		l := last(m.Name)
		if m.Member || !strings.HasPrefix(m.Name, "falcon.") && !(strings.HasPrefix(m.Name, "*.") && len(r.made("falcon.App", "falcon.API", "falcon.asgi.App")) > 0) {
			continue
		}
		switch l {
		case "add_route":
			suffix, _ := m.Arg(-1, "suffix").Str()
			paths := r.texts(m, 0, "uri_template")
			if len(paths) == 0 {
				r.unread(m.Spot, "the path of this route is not a constant")
			}
			r.each(m.Arg(1, "resource"), func(h handler) {
				var methods []string
				if h.class != nil {
					for _, name := range h.class.Own() {
						verb := name
						if suffix != "" {
							var ok bool
							if verb, ok = strings.CutSuffix(name, "_"+suffix); !ok {
								continue
							}
						}
						if v := verbOf(verb); strings.HasPrefix(verb, "on_") && v != "" {
							methods = append(methods, v)
						} else if verb == "on_websocket" {
							methods = append(methods, "WEBSOCKET")
						}
					}
				}
				if methods == nil {
					methods = []string{"*"}
				}
				for _, s := range paths {
					r.plain("falcon", s, slices.Clone(methods), m, h)
				}
			})
		case "add_static_route":
			if prefix, ok := r.text(m, 0, "prefix"); ok {
				r.add(&Route{Framework: "falcon", Methods: []string{"GET"}, Path: rooted(strings.TrimRight(prefix, "/")) + "/{filename}", Handler: "falcon.static", Library: true, Told: m.Spot, Access: Access{Login: None}})
			}
		}
	}
}
