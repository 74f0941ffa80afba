package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/taint"
)

// A handler is what answers a route: a function or a class of the program, or a library.
type handler struct {
	fn       *taint.Func
	class    *taint.Class
	library  string        // its name, where it is one's
	wrappers []*taint.Made // what it was given to before it was told: login_required(view)
	methods  []string
	made     *taint.Made // as_view(…)
}

// handlers unwraps what is told as a handler.
func (r *reader) handlers(t *taint.Thing) []handler {
	return r.unwrap(t, nil, 0)
}

func (r *reader) unwrap(t *taint.Thing, wrappers []*taint.Made, depth int) []handler {
	if t == nil || depth > 8 {
		return nil
	}
	var out []handler
	for _, f := range t.Funcs() {
		out = append(out, handler{fn: f, wrappers: wrappers})
	}
	for _, c := range t.Classes() {
		out = append(out, handler{class: c, wrappers: wrappers, methods: methodsOf(c)})
	}
	for _, m := range t.Made() {
		if m.Member {
			continue
		}
		if l := last(m.Name); l == "as_view" || l == "as_asgi" || l == "as_handler" {
			for _, c := range m.Recv().Classes() {
				ms := capitals(c.Attr("methods"))
				if len(ms) == 0 {
					ms = methodsOf(c)
				}
				out = append(out, handler{class: c, wrappers: wrappers, methods: ms, made: m})
			}
			if m.Recv() == nil {
				out = append(out, handler{library: strings.TrimSuffix(m.Name, "."+l), wrappers: wrappers, made: m})
			}
			continue
		}
		// wrap(view), wrap(…)(view)
		var in []handler
		for _, x := range m.Args() {
			in = append(in, r.unwrap(x, append(wrappers[:len(wrappers):len(wrappers)], m), depth+1)...)
		}
		if in == nil {
			in = []handler{{library: m.Name, wrappers: wrappers, made: m}}
		}
		out = append(out, in...)
	}
	if out == nil {
		for _, n := range t.Names() {
			if !strings.HasPrefix(n, "builtins.") {
				return []handler{{library: strings.TrimSuffix(strings.TrimSuffix(n, "()"), ".as_view"), wrappers: wrappers}}
			}
		}
	}
	return out
}

// fill says who answers.
func (h handler) fill(x *Route) {
	switch {
	case h.fn != nil:
		x.answers(h.fn)
	case h.class != nil:
		x.answersClass(h.class)
	default:
		x.Handler, x.Library = h.library, true
	}
}

// decorators are the names of a function's decorators, and of the class's around it, resolved,
// with the call where there is one.
func decorators(f *taint.Func) []decorator {
	d := f.Def()
	if d == nil {
		return nil
	}
	var out []decorator
	u := f.Unit()
	for _, e := range d.DecoratorList {
		out = append(out, decorator{e, target(e), u.Names(target(e))})
	}
	return out
}

type decorator struct {
	expr, target ast.Expr
	names        []string
}

func target(e ast.Expr) ast.Expr {
	if c, ok := e.(*ast.Call); ok {
		return c.Func
	}
	return e
}

// derives says whether a class has one of these among what it derives from.
func derives(c *taint.Class, names ...string) bool {
	return slices.ContainsFunc(c.Bases(), func(b string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return b == n || strings.HasSuffix(b, "."+n) })
	})
}
