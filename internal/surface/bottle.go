package surface

import (
	"strings"

	"github.com/gambeson/gambeson/internal/taint"
)

var _ = speaks(framework{
	name:      "bottle",
	libraries: []string{"bottle"},
	tells:     []string{"bottle.Bottle", "bottle.route", "bottle.get", "bottle.post", ".mount", ".merge"},
	read:      bottle,
})

func bottle(r *reader) {
	t := &tree{root: func(m *taint.Made) bool { return true }}
	isApp := func(m *taint.Made) bool {
		return m.Name == "bottle.Bottle" || m.Name == "bottle.default_app" || m.Name == "bottle.app"
	}
	on := func(m *taint.Made) *taint.Made {
		for _, of := range m.Of {
			if of = base(of); isApp(of) {
				return of
			}
		}
		return nil
	}
	for _, m := range r.Made {
		if l := last(m.Name); !m.Member && strings.HasPrefix(m.Name, "bottle.") && (l == "mount" || l == "merge") {
			prefix, _ := r.text(m, 0, "prefix")
			for _, x := range m.Arg(map[string]int{"mount": 1, "merge": 0}[l], "app").Made() {
				t.put(x, on(m), prefix, m)
			}
		}
	}
	for _, m := range r.Made {
		l := last(m.Name)
		if m.Member || !strings.HasPrefix(m.Name, "bottle.") || strings.HasSuffix(m.Name, "()") || l != "route" && verbOf(l) == "" {
			continue
		}
		tell := func(view *taint.Thing) {
			methods := []string{verbOf(l)}
			if l == "route" {
				if methods = capitals(m.Arg(1, "method")); len(methods) == 0 {
					methods = []string{"GET"}
				}
			}
			paths := r.texts(m, 0, "path")
			if items, _ := m.Arg(0, "path").Items(); len(items) > 0 {
				for _, x := range items {
					paths = append(paths, x.Strs()...)
				}
			}
			r.each(view, func(h handler) {
				if len(paths) == 0 && h.fn != nil && h.fn.Def() != nil {
					paths = []string{"/" + h.fn.Def().Name}
				}
				for _, p := range t.at(on(m), 0) {
					for _, s := range paths {
						r.plain("bottle", join(p, bottlePath(s)), methods, m, h)
					}
				}
			})
		}
		for _, use := range r.on[m] {
			if strings.HasSuffix(use.Name, "()") {
				tell(use.Arg(0, ""))
			}
		}
		if cb := m.Arg(-1, "callback"); cb != nil {
			tell(cb)
		}
	}
}

// bottlePath turns Bottle's <id:int> around, as others write it.
func bottlePath(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		end := strings.IndexByte(s[i:], '>')
		if s[i] != '<' || end < 0 {
			b.WriteByte(s[i])
			continue
		}
		name, conv, ok := strings.Cut(s[i+1:i+end], ":")
		if ok {
			conv, _, _ = strings.Cut(conv, ":")
			name = conv + ":" + name
		}
		b.WriteString("<" + name + ">")
		i += end
	}
	return b.String()
}
