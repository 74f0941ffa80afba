package taint

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// What a handler does not catch a framework gives to the function that is registered for such
// errors, with what the error carries.

// A thrown error has left a handler. What it carries is taken out of the state that it was
// raised in.
type thrown struct {
	class  *class
	names  []string
	marks  []mark
	fields map[string]*value
}

// maxThrown is how many errors of one handler are looked at.
const maxThrown = 6

// escaped takes the errors that have left a handler and carry something from outside.
func (a *analysis) escaped(list []raised) (out []thrown) {
	for _, r := range list {
		if r.v == nil || len(out) == maxThrown || len(a.deep(r.st, r.v, 0)) == 0 {
			continue
		}
		if len(r.v.objs) == 0 {
			out = append(out, thrown{names: r.v.names, marks: r.v.marks})
			continue
		}
		for _, id := range r.v.objs {
			o := r.st.object(id)
			if o == nil || o.class == nil {
				continue
			}
			t := thrown{class: o.class, marks: r.v.marks, fields: map[string]*value{}}
			for name, v := range o.fields {
				t.fields[name] = a.alone(r.st, v, 0)
			}
			out = append(out, t)
		}
	}
	return out
}

// alone is a value with nothing in it that only a state knows.
func (a *analysis) alone(st *state, v *value, depth int) *value {
	if v == nil || len(v.objs) == 0 {
		return v
	}
	if o := st.object(v.objs[0]); len(v.objs) == 1 && o != nil && o.class == nil && !o.open() && depth < 2 {
		c := o.clone()
		c.multi = false
		for i, x := range c.list {
			c.list[i] = a.alone(st, x, depth+1)
		}
		for k, x := range c.keys {
			c.keys[k] = a.alone(st, x, depth+1)
		}
		a.objects++
		a.shared[a.objects] = c
		return &value{objs: []objectID{a.objects}, names: v.names}
	}
	return marked(a.deep(st, v, 0))
}

// value is the error in another state.
func (t thrown) value(a *analysis, st *state) *value {
	if t.class == nil {
		return &value{names: t.names, marks: t.marks}
	}
	v := a.unnamed(st, &object{class: t.class, fields: t.fields})
	v.marks = t.marks
	return v
}

// A catcher is a function for errors, and the module that registers it.
type catcher struct {
	by   string // the qualified name of a class of errors
	from *program.Module
}

// catchesIn notes that a file registers a function for errors.
func (f *Facts) catchesIn(u *program.Unit, types ast.Expr) {
	if types == nil || len(f.catches) > 50 {
		return
	}
	if t, ok := types.(*ast.Tuple); ok {
		for _, x := range t.Elts {
			f.catchesIn(u, x)
		}
		return
	}
	names := u.Names(types)
	if c, ok := types.(*ast.Constant); ok && c.ConstKind() == ast.Int {
		names = []string{"status"}
	}
	for _, n := range names {
		f.catches = append(f.catches, catcher{strings.Clone(n), f.module})
	}
}

// handleThrown runs the functions that are registered for errors which handlers of a module
// have raised.
func (a *analysis) handleThrown(x *module) {
	list := a.thrown
	a.thrown = nil
	for _, t := range list {
		var found []registered
		modules := []*module{x}
		for _, c := range a.catchersOf(t) {
			if m := a.module(c); m.state != nil && !slices.Contains(modules, m) {
				modules = append(modules, m)
			}
		}
		general := true
		for _, m := range modules {
			for _, r := range append(slices.Clone(m.routes), m.catchers...) {
				if r.route.Raised == "" {
					continue
				}
				is, all := a.catchesThrown(m, r, t)
				if !is || all && !general {
					continue
				}
				if !all && general {
					found, general = nil, false // the nearer one
				}
				r.thrown = &t
				found = append(found, r)
			}
		}
		for _, r := range found[:min(len(found), 4)] {
			m := r.module(r.fn.fns[0])
			if m.state != nil {
				a.runRoute(m.state, r, m)
			}
		}
	}
}

// catchersOf are the modules that register functions for an error's class, or one above it.
func (a *analysis) catchersOf(t thrown) []*program.Module {
	if a.links == nil {
		return nil
	}
	names := []string{"builtins.Exception", "status"}
	if t.class != nil {
		for _, k := range a.lineage(t.class) {
			names = append(names, k.name)
			for _, b := range k.bases {
				names = append(names, b.called()...)
			}
		}
	}
	for _, n := range t.names {
		names = append(names, strings.TrimSuffix(n, "()"))
	}
	var out []*program.Module
	for _, n := range names {
		for _, c := range a.links.catches[n] {
			if !slices.Contains(out, c.from) && len(out) < 10 {
				out = append(out, c.from)
			}
		}
	}
	return out
}

// catchesThrown says whether a function is registered for an error, and whether it is for all.
func (a *analysis) catchesThrown(m *module, r registered, t thrown) (is, all bool) {
	c, _ := r.dec.(*ast.Call)
	if c == nil && r.call != nil {
		c = r.call.node
	}
	if c == nil {
		return false, false
	}
	e := argumentOf(c, cmp.Or(r.route.Catches, "0"))
	if e == nil {
		return false, false
	}
	st := m.state.fork()
	fr := r.fr
	if fr == nil || fr.mod != m {
		fr = &frame{id: m.frame, mod: m, base: st}
	}
	types := a.eval(fr, st, e)
	if k, ok := types.only(); ok && k.kind == ast.Int {
		return slices.ContainsFunc(t.names, func(n string) bool { return strings.HasSuffix(n, statusOf(k.num)+"()") }), false
	}
	if everything(types) {
		return true, true
	}
	if slices.ContainsFunc(t.names, func(n string) bool { return slices.Contains(types.called(), strings.TrimSuffix(n, "()")) }) {
		return true, false
	}
	return a.catches(st, types, t.value(a, st)) == yes, false
}

// statusOf is how errors of a status are called that functions such as abort raise.
func statusOf(n int64) string { return "status." + strconv.FormatInt(n, 10) }

// aborted fails with an error of a status, where something describes it.
func (a *analysis) aborted(c *callSite, r *raise) {
	status := arg(c.args, r.status.Position, r.status.Name)
	m := a.given(c.st, slices.DeleteFunc(slices.Clone(c.args), func(x argument) bool { return x.v == status }))
	if len(m) == 0 {
		return
	}
	v := &value{names: []string{r.Type + "()"}, marks: m}
	if n, ok := status.number(); ok {
		v.names = append(v.names, statusOf(n)+"()")
	}
	c.fr.throw(raised{c.st.snapshot(c.fr.base), v})
}
