package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// namesIn is dir(v), as far as it is about methods and attributes that the program itself
// names: what begins with two underscores is left out.
func (a *analysis) namesIn(st *state, v *value) *object {
	var names []string
	add := func(n string) {
		if !strings.HasPrefix(n, "__") && !strings.HasPrefix(n, "\x00") && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	classes := []*class(nil)
	if v != nil {
		classes = v.class
	}
	for _, id := range v.objects() {
		o := st.object(id)
		if o == nil {
			continue
		}
		for n := range o.fields {
			add(n)
		}
		if o.class != nil {
			classes = append(classes[:len(classes):len(classes)], o.class)
		}
	}
	for _, k := range classes {
		for _, c := range a.lineage(k) {
			for n := range c.attrs {
				add(n)
			}
		}
	}
	if v != nil {
		for _, m := range v.mods {
			for at := m.state; at != nil; at = at.parent {
				for k := range at.vars.all() {
					if k.frame == m.frame {
						add(k.name)
					}
				}
			}
		}
	}
	slices.Sort(names)
	o := &object{name: "builtins.list()"}
	for _, n := range names {
		o.list = append(o.list, strOf(n))
	}
	if len(names) == 0 {
		o.loose = true
		o.add(&value{names: stringNames})
	}
	return o
}

// A name that is put together is known in part: "do_" + kind, f"{kind}_handler". What it can
// find is what begins and ends so.
type partName struct{ begins, ends string }

// partOfName is what is known of a text, as it was computed and as it is written.
func (a *analysis) partOfName(fr *frame, st *state, v *value, e ast.Expr) partName {
	p := partName{begins: v.begins()}
	switch e := e.(type) {
	case *ast.JoinedStr:
		if n := len(e.Values); n > 0 {
			if c, ok := ast.IsStr(e.Values[n-1]); ok {
				p.ends = strings.Clone(c.Str())
			}
		}
	case *ast.BinOp:
		switch e.Op {
		case ast.Add:
			p.ends, _ = a.again(fr, st, e.Right).str()
		case ast.Mod:
			if c, ok := ast.IsStr(e.Left); ok && strings.Count(c.Str(), "%") == 1 {
				if _, rest, ok := strings.Cut(c.Str(), "%s"); ok {
					p.ends = strings.Clone(rest)
				}
			}
		}
	case *ast.Name:
		// method = f"do_{kind}"; getattr(self, method)
		if list := fr.mod.unit.Values(e); len(list) == 1 && list[0] != e {
			if _, ok := list[0].(*ast.Name); !ok {
				p.ends = a.partOfName(fr, st, nil, list[0]).ends
			}
		}
	}
	return p
}

// tells says whether enough of a name is known to look for it.
func (p partName) tells() bool { return len(p.begins)+len(p.ends) >= 2 }

func (p partName) fits(name string) bool {
	return len(name) >= len(p.begins)+len(p.ends) && strings.HasPrefix(name, p.begins) && strings.HasSuffix(name, p.ends)
}

// attributesNamed are the attributes of a value whose names are known in part, or bottom.
func (a *analysis) attributesNamed(fr *frame, st *state, of *value, p partName, e ast.Node) *value {
	if of == nil || len(of.objs)+len(of.class)+len(of.mods) == 0 {
		return bottom
	}
	out := bottom
	for _, n := range a.namesIn(st, of).list {
		if s, ok := n.str(); ok && p.fits(s) {
			if v := a.attribute(fr, st, of, s, e); v != nil {
				out = join(out, v)
			}
		}
	}
	return out
}

// elementsNamed are the elements of dictionaries under keys that are known in part, or bottom
// if there is something else among what is asked.
func (a *analysis) elementsNamed(st *state, of *value, p partName) *value {
	if of == nil || len(of.objs) == 0 || len(of.marks) > 0 {
		return bottom
	}
	out := bottom
	for _, id := range of.objs {
		o := st.object(id)
		if o == nil || o.class != nil || o.name != "builtins.dict()" || len(o.order) == 0 {
			return bottom
		}
		found := false
		for _, c := range o.order {
			if c.kind == ast.Str && p.fits(c.str) {
				out, found = join(out, o.keys[c]), true
			}
		}
		if o.more && o.rest != nil || len(o.marks) > 0 {
			out = join(out, merge(o.rest, marked(o.marks)))
		} else if !found {
			return bottom
		}
	}
	return out
}

// hasNames says whether a value may be a dictionary that has names in it.
func (a *analysis) hasNames(st *state, v *value) bool {
	return v != nil && slices.ContainsFunc(v.objs, func(id objectID) bool { o := st.object(id); return o != nil && len(o.order) > 0 })
}

// namespace is the dictionary of a module: the functions and classes in it, and what else
// there may be.
func (a *analysis) namespace(st *state, m *module) *object {
	o := &object{name: "builtins.dict()", more: true}
	for at := m.state; at != nil; at = at.parent {
		for k := range at.vars.all() {
			if k.frame != m.frame || strings.HasPrefix(k.name, "\x00") || strings.HasPrefix(k.name, pathMark) {
				continue
			}
			if v, ok := st.get(k); ok && v != nil && (len(v.fns) > 0 || len(v.class) > 0) {
				a.put(o, strOf(k.name), v)
			}
		}
	}
	slices.SortFunc(o.order, func(x, y constant) int { return strings.Compare(x.str, y.str) })
	return o
}
