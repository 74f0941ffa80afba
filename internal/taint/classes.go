package taint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// meta is the class of the program that makes a class, or nil.
func (a *analysis) meta(k *class) *class {
	for _, c := range a.lineage(k) {
		if c.meta != nil && len(c.meta.class) == 1 {
			return c.meta.class[0]
		}
	}
	return nil
}

// maxSubclasses is how many classes are looked at that derive from one.
const maxSubclasses = 12

// subclasses are the classes of the program that derive from one, in their order in the files.
func (a *analysis) subclasses(k *class) []*class {
	var out []*class
	add := func(x *module) {
		if x.state == nil {
			return
		}
		var found []*class
		for at := x.state; at != nil; at = at.parent {
			for key, v := range at.vars.all() {
				if key.frame != x.frame || v == nil || v == bottom {
					continue
				}
				for _, c := range v.class {
					if c != k && c.mod == x && c.def != nil && !slices.Contains(found, c) && slices.Contains(a.lineage(c), k) {
						found = append(found, c)
					}
				}
			}
		}
		slices.SortFunc(found, func(x, y *class) int { return cmp.Compare(x.def.Start(), y.def.Start()) })
		for _, c := range found {
			if len(out) < maxSubclasses && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	add(k.mod)
	seen := []*class{k}
	for i := 0; i < len(seen) && i < maxSubclasses && a.links != nil; i++ {
		for _, f := range a.links.fills[seen[i].mod.of] {
			if seen[i].name == f.into.Name+"."+f.by && len(out) < maxSubclasses {
				add(a.module(f.from))
			}
		}
		for _, c := range out {
			if !slices.Contains(seen, c) {
				seen = append(seen, c)
			}
		}
	}
	return out
}

// attributesOf is the frame that holds what functions made by a def are given as attributes.
func (a *analysis) attributesOf(f *function) int32 {
	if f.def == nil {
		return 0
	}
	id, ok := a.marked[f.def]
	if !ok {
		id = a.newFrame(0)
		if a.marked == nil {
			a.marked = map[*ast.FunctionDef]int32{}
		}
		a.marked[f.def] = id
		a.frames[id] = f.mod
	}
	return id
}

// ofFunction is an attribute that a function has been given, or bottom.
func (a *analysis) ofFunction(st *state, f *function, attr string) *value {
	if id, ok := a.marked[f.def]; ok && f.def != nil && st != nil {
		if v, ok := st.get(slot{id, attr}); ok {
			return v
		}
	}
	return bottom
}

// madeClass is type(name, bases, attributes).
func (a *analysis) madeClass(c *callSite, name, bases, attrs *value) *value {
	k := &class{mod: c.fr.mod, name: "type", frame: a.newFrame(0), attrs: map[string]*value{}}
	if s, ok := name.str(); ok {
		k.name = c.fr.mod.of.Name + "." + s
	}
	list, _ := a.iterate(c.fr, c.st, bases, c.nodeOrNil())
	for _, b := range list {
		if b != nil {
			k.bases = append(k.bases, b)
		}
	}
	for _, id := range attrs.objects() {
		o := c.st.object(id)
		if o == nil {
			continue
		}
		for _, key := range o.order {
			v := o.keys[key]
			if v != nil {
				w := *v
				w.fns = nil
				for _, f := range v.fns {
					g := *f
					if g.class == nil {
						g.class = k
					}
					w.fns = append(w.fns, &g)
				}
				v = &w
			}
			k.attrs[strings.Clone(key.str)] = v
		}
	}
	return &value{class: []*class{k}}
}
