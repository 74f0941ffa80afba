package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// What one handler leaves behind another one finds: variables of the module, and what is kept
// on objects of the framework (flask.g, a session). It is carried from handler to handler of
// one module, and forgotten with it, so that the answer does not depend on which modules are
// looked at together.

// ambient is the variable that stands for an attribute or element of a library's object.
func ambient(name string) slot { return slot{0, "\x00" + name} }

// keep notes what is kept on an object of a library.
func (a *analysis) keep(st *state, base *value, member string, v *value) {
	if on := a.models.holderOf(base); on != "" && len(base.class)+len(base.mods) == 0 {
		st.set(ambient(on+member), heldQueue(st, v, member))
	}
}

// found is what is kept there, or bottom.
func (a *analysis) found(st *state, base *value, member string) *value {
	on := a.models.holderOf(base)
	if st == nil || on == "" {
		return bottom
	}
	at := ambient(on + member)
	v, ok := st.get(at)
	if !ok {
		if v = a.putThere(st, on, member); v != bottom {
			st.set(at, v)
		}
	}
	return v
}

// holderOf is the name under which a value is an object of a library that functions leave things
// on for others.
func (k *Knowledge) holderOf(v *value) string {
	if v == nil || len(v.objs) > 0 {
		return ""
	}
	for _, n := range v.names {
		if k.holds(n) {
			return n
		}
	}
	return ""
}

// holds says whether a library's object is one that functions leave things on for others.
func (k *Knowledge) holds(name string) bool {
	return k.keeps[name] || k.keeps[name[max(0, strings.LastIndexByte(name, '.')):]]
}

// carry takes what a handler has left behind in variables that handlers change over into the
// module's state. It says whether data from outside are among it that were not before.
func (a *analysis) carry(x *module, cur *state) (more bool) {
	gained := func(old, now *value) bool {
		was := a.deep(x.state, old, 0)
		return slices.ContainsFunc(a.deep(cur, now, 0), func(m mark) bool {
			return !slices.ContainsFunc(was, func(o mark) bool { return o.src == m.src && m.kinds&^o.kinds == 0 })
		})
	}
	for at := cur; at != nil && at != x.state; at = at.parent {
		for k, v := range at.vars.all() {
			if m := a.frames[k.frame]; k.frame != 0 && !(m != nil && m.frame == k.frame && m.changed[k.name]) && !a.outlast[k] || k.frame == 0 && !strings.HasPrefix(k.name, "\x00") {
				continue
			}
			if now, ok := cur.get(k); !ok || now != v {
				continue
			}
			old, _ := x.state.own(k)
			if v.tainted() && gained(old, v) {
				more = true
				w := marked(v.marks)
				w.names = v.names
				x.state.set(k, join(orBottom(old), w))
			}
		}
	}
	// Objects that were there before, and hold more now.
	seen := map[objectID]bool{}
	for at := cur; at != nil && at != x.state; at = at.parent {
		for id := range at.heap.all() {
			if seen[id] {
				continue
			}
			seen[id] = true
			old, now := x.state.object(id), cur.object(id)
			it := &value{objs: []objectID{id}}
			if old == nil || now == nil || old == now || old.name == contextType || !gained(it, it) {
				continue // a context variable is each request's own
			}
			more = true
			c := joinObjects(old, now)
			if c.class == nil {
				c.add(marked(a.contents(cur, now)))
			}
			for _, w := range c.keys {
				a.adopt(x, cur, w, 0)
			}
			x.state.store(id, c)
		}
	}
	return more
}

// contents are the marks of what a container holds: who chose its keys did not choose that.
func (a *analysis) contents(st *state, o *object) []mark {
	m := joinMarks(o.marks, a.deep(st, o.rest, 0))
	for _, v := range o.list {
		m = joinMarks(m, a.deep(st, v, 0))
	}
	for _, c := range o.order {
		m = joinMarks(m, a.deep(st, o.keys[c], 0))
	}
	return m
}

// adopt takes over objects that a handler has made and left in others, and what is in them.
func (a *analysis) adopt(x *module, cur *state, v *value, depth int) {
	for _, id := range v.objects() {
		o := cur.object(id)
		if o == nil || x.state.object(id) != nil || depth > 3 {
			continue
		}
		c := o.clone()
		c.multi, c.part = true, true
		x.state.store(id, c)
		for _, w := range c.keys {
			a.adopt(x, cur, w, depth+1)
		}
		for _, w := range c.fields {
			a.adopt(x, cur, w, depth+1)
		}
		for _, w := range c.list {
			a.adopt(x, cur, w, depth+1)
		}
		a.adopt(x, cur, c.rest, depth+1)
	}
}

func orBottom(v *value) *value {
	if v == nil {
		return bottom
	}
	return v
}

// before says whether a framework runs a handler before all others.
func (r registered) before() bool {
	e := r.dec
	if c, ok := e.(*ast.Call); ok {
		e = c.Func
	}
	f, ok := e.(*ast.Attribute)
	return ok && (strings.HasPrefix(f.Attr, "before_") || f.Attr == "middleware" || f.Attr == "on_request")
}
