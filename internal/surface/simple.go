package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/taint"
)

// plain adds a route of a framework that keeps its routes in a flat list.
func (r *reader) plain(framework, path string, methods []string, told *taint.Made, h handler) {
	x := &Route{Framework: framework, Path: rooted(path), Methods: slices.Clone(methods), Told: told.Spot}
	h.fill(x)
	x.Parameters = inPath(x.Path)
	if h.fn != nil || h.class != nil {
		x.Access.Login = None
	}
	for _, w := range h.wrappers {
		x.guard(w.Name, false)
	}
	if h.fn != nil {
		r.guarded(x, h.fn)
		x.Parameters = append(x.Parameters, r.parameters(x, h.fn)...)
	}
	if h.class != nil {
		for _, name := range h.class.Own() {
			if !slices.Contains(verbs, strings.TrimPrefix(name, "on_")) && name != "prepare" && !strings.HasPrefix(name, "on_") {
				continue
			}
			for _, f := range h.class.Attr(name).Funcs() {
				r.guarded(x, f)
				x.Parameters = append(x.Parameters, r.parameters(x, f)...)
			}
		}
	}
	x.Parameters = unique(x.Parameters)
	r.add(x)
}

// each calls f for each handler that a thing can be, or once for one that is not known.
func (r *reader) each(t *taint.Thing, f func(h handler)) {
	list := r.handlers(t)
	if len(list) == 0 {
		list = []handler{{library: "?"}}
	}
	for _, h := range list {
		f(h)
	}
}

// verbOf is the HTTP method in a name such as add_get, get or on_get; "" if there is none.
func verbOf(name string) string {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "add_"), "on_")
	if slices.Contains(verbs, name) {
		return strings.ToUpper(name)
	}
	return ""
}

// A tree is what is put below what, by calls.
type tree struct {
	mounts map[*taint.Made][]mount
	own    func(m *taint.Made) string // the prefix that a thing has itself
	root   func(m *taint.Made) bool
}

func (t *tree) put(x, on *taint.Made, prefix string, call *taint.Made) {
	if t.mounts == nil {
		t.mounts = map[*taint.Made][]mount{}
	}
	t.mounts[x] = append(t.mounts[x], mount{on, prefix, true, call})
}

// at are the paths under which a thing is found; none, if it is part of nothing.
func (t *tree) at(x *taint.Made, depth int) []string {
	if x == nil || depth > 8 {
		return []string{""}
	}
	own := ""
	if t.own != nil {
		own = t.own(x)
	}
	if t.mounts[x] == nil {
		if t.root(x) {
			return []string{own}
		}
		return nil
	}
	var out []string
	for _, m := range t.mounts[x] {
		for _, p := range t.at(m.on, depth+1) {
			if s := join(join(p, m.prefix), own); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}
