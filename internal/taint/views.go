package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// Classes whose methods are handlers are made anew for each request, with what as_view was
// given when the application was put together, often in another file. Where that is known, a
// handler is run once for each such call, and never without.

// madeWith is what a view's object is made with.
type madeWith struct{ args []argument }

// shows notes that a file makes a view of a class with arguments.
func (f *Facts) shows(u *program.Unit, n *ast.Call) {
	at, ok := n.Func.(*ast.Attribute)
	if !ok || at.Attr != "as_view" || len(n.Args) < 2 && len(n.Keywords) == 0 || len(f.views) > 100 {
		return
	}
	for _, name := range u.Names(at.Value) {
		if u.Mine(name) {
			f.views = append(f.views, strings.Clone(name))
		}
	}
}

// viewsOf collects which modules make views of which classes.
func viewsOf(list []*Facts) map[string][]*program.Module {
	out := map[string][]*program.Module{}
	for _, f := range list {
		if f == nil {
			continue
		}
		for _, name := range f.views {
			if !slices.Contains(out[name], f.module) {
				out[name] = append(out[name], f.module)
			}
		}
	}
	return out
}

// baseRoutes are the routes that a class has by its bases, with the base.
func (a *analysis) baseRoutes(k *class) (string, []registered) {
	for _, c := range a.lineage(k) {
		for _, b := range c.bases {
			for _, n := range b.called() {
				found := a.models.bases[n]
				var out []registered
				for _, r := range found {
					for _, h := range a.handlersOf(k, r.Handlers) {
						out = append(out, registered{route: r, fn: a.attr(k, h), class: k, meth: h})
					}
				}
				if len(found) > 0 {
					return n, out
				}
			}
		}
	}
	return "", nil
}

// asView is as_view of a class of the program.
func (a *analysis) asView(c *callSite, k *class, args []argument) *value {
	_, routes := a.baseRoutes(k)
	if len(args) > 0 && args[0].name == "" && args[0].star == 0 {
		args = args[1:] // the view's name, or which method is called for which of HTTP's
	}
	if len(args) > 0 && len(routes) > 0 {
		made := &madeWith{slices.Clone(args)}
		for _, r := range routes {
			r.fr, r.made = c.fr, made
			a.routes = append(a.routes, r)
		}
	}
	return &value{names: []string{k.name + ".as_view()"}}
}

// withViews puts, in place of the handlers of classes that views are made of with arguments,
// these with the arguments.
func (a *analysis) withViews(list []registered) []registered {
	made := map[*class][]registered{}
	add := func(r registered) {
		if r.made != nil && !slices.ContainsFunc(made[r.class], func(q registered) bool { return q.made == r.made && q.meth == r.meth && q.route == r.route }) && len(made[r.class]) < 40 {
			made[r.class] = append(made[r.class], r)
		}
	}
	for _, r := range list {
		add(r)
	}
	if a.links != nil && len(a.links.views) > 0 {
		for _, r := range list {
			if r.class == nil || r.route.Base == "" || r.made != nil {
				continue
			}
			for _, m := range a.links.views[r.class.name] {
				for _, q := range a.module(m).routes {
					if q.class == r.class {
						add(q)
					}
				}
			}
		}
	}
	if len(made) == 0 {
		return list
	}
	var out []registered
	put := map[*class]bool{}
	for _, r := range list {
		switch {
		case r.class == nil || len(made[r.class]) == 0 || r.route.Base == "":
			out = append(out, r)
		case !put[r.class]:
			put[r.class] = true
			out = append(out, made[r.class]...)
		}
	}
	return out
}

// makeView makes the object of a view.
func (a *analysis) makeView(fr *frame, st *state, r registered, k *class, self *value) {
	init, ok := a.member(fr, st, k, "__init__")
	if ok && init != nil && len(init.fns) > 0 {
		a.invoke(fr, st, a.bind(fr, st, init, self, nil), r.made.args, nil)
		st.dead = false
		return
	}
	for _, x := range r.made.args {
		if x.name == "" || x.star > 0 {
			continue
		}
		for _, id := range self.objs {
			a.field(st, id, st.object(id), x.name, x.v, false)
		}
	}
}

// surrounded is a handler of a class with what its class says is to be around each of them.
func (a *analysis) surrounded(fr *frame, st *state, r registered, f *function) []*function {
	fns := []*function{f}
	if r.class == nil || r.route.Base == "" {
		return fns
	}
	v, ok := a.member(fr, st, r.class, "decorators")
	if !ok || v == nil || len(v.objs) == 0 {
		return fns
	}
	list, exact := a.iterate(fr, st, v, nil)
	if !exact {
		return fns
	}
	for _, d := range list {
		if d == nil || len(d.fns) == 0 {
			continue
		}
		if w := a.invoke(fr, st, d, []argument{{v: &value{fns: fns}}}, nil); w != nil && len(w.fns) > 0 {
			fns = w.fns
		}
	}
	return fns
}
