package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// attribute is base.attr.
func (a *analysis) attribute(fr *frame, st *state, base *value, attr string, e ast.Node) *value {
	v := a.readAttribute(fr, st, base, attr, e)
	if a.build != nil && st != nil {
		return a.membersMade(st, base, v, attr)
	}
	return v
}

func (a *analysis) readAttribute(fr *frame, st *state, base *value, attr string, e ast.Node) *value {
	if base == nil || base == bottom || attr == "" {
		return nil
	}
	base = a.caller(fr, st, base, e)
	if v := a.found(st, base, "."+attr); v != bottom {
		return v
	}
	if base.statement() != "" && len(base.objs) == 0 {
		if v := a.columnNamed(fr, base, attr, e); v != nil && !ofResults[attr] {
			return v
		}
	}
	if attr == annotations {
		if v := a.annotationsOf(st, base); v != nil {
			return v
		}
	}
	out := bottom
	for _, id := range base.objs {
		if st == nil {
			continue
		}
		o := st.object(id)
		if o == nil {
			continue
		}
		if v, ok := o.fields[attr]; ok {
			out = join(out, v)
			if !o.multi && !o.lacks[attr] {
				continue
			}
		}
		if o.class != nil {
			any := o.fields[anyField]
			if v, ok := a.member(fr, st, o.class, attr); ok {
				if any != nil && v != nil && len(v.fns) == 0 {
					if w := a.related(fr, st, o.class, attr, v, e); w != nil {
						out = join(out, w)
						continue
					}
					out = join(out, a.declaredAs(v, a.fieldOf(fr, o.class, attr, any, e)))
				}
				out = join(out, a.bind(fr, st, a.asFilled(o.class, v), &value{objs: []objectID{id}, names: namesOf(o)}, e))
				continue
			}
			if any != nil && !strings.HasPrefix(attr, "__") {
				if w := a.related(fr, st, o.class, attr, nil, e); w != nil {
					out = join(out, w)
					continue
				}
				out = join(out, a.fieldOf(fr, o.class, attr, any, e))
				continue
			}
			if a.models.runs[attr] {
				if v := a.taskMethod(fr, st, id, o, attr, e); v != nil {
					out = join(out, v)
					continue
				}
			}
			if v := a.ownMethod(fr, st, id, o, attr); v != nil {
				out = join(out, v)
				continue
			}
			if t := o.fields[textField]; t != nil && !strings.HasPrefix(attr, "__") {
				if attr == "data" {
					out = join(out, t)
					continue
				}
				text := a.plainText(st, &value{objs: []objectID{id}})
				w := &value{marks: text.marks}
				if isText(text) {
					w.names = []string{"builtins.str()." + attr}
				}
				out = join(out, w)
				continue
			}
			if attr == "__dict__" {
				self := &value{objs: []objectID{id}, names: namesOf(o)}
				d := &object{name: "__dict__", fields: map[string]*value{dictOf: self}}
				a.objects++
				st.store(a.objects, d)
				out = join(out, &value{objs: []objectID{a.objects}, names: namesOf(d)})
				continue
			}
			if attr == "start" {
				if run, ok := a.started(fr, st, o.class); ok {
					out = join(out, a.bind(fr, st, run, &value{objs: []objectID{id}, names: namesOf(o)}, e))
					continue
				}
			}
			if (attr == "_replace" || attr == "_asdict") && a.record(o.class) || modelMethods[attr] && a.checkedModel(o.class) {
				out = join(out, &value{fns: []*function{{mod: fr.mod, native: attr, self: &value{objs: []objectID{id}, names: namesOf(o)}, name: attr}}})
				continue
			}
			if v, ok := a.member(fr, st, o.class, "__getattr__"); ok {
				got := a.invoke(fr, st, a.bind(fr, st, v, &value{objs: []objectID{id}, names: namesOf(o)}, e), []argument{{v: strOf(attr)}}, e)
				out = join(out, got)
				continue
			}
		} else if o.name != "" {
			out = join(out, &value{fns: []*function{{mod: fr.mod, native: attr, self: &value{objs: []objectID{id}, names: namesOf(o), also: base.also}, name: o.name + "." + attr}}})
		}
	}
	for _, c := range base.class {
		if v, ok := a.member(fr, st, c, attr); ok {
			if v = a.bindClass(v, c); a.models.rowAttrs[attr] && len(v.objects()) == 1 && len(c.libs) > 0 {
				v = queryOf(v, c) // a manager of the program's own
			}
			out = join(out, v)
		} else if modelMethods[attr] && a.checkedModel(c) {
			out = join(out, &value{fns: []*function{{mod: c.mod, native: attr, self: &value{class: []*class{c}}, name: attr}}})
		} else if attr == "__setattr__" { // that of object, for who replaces it
			out = join(out, &value{names: []string{"builtins.object.__setattr__"}})
		} else if attr == "__new__" {
			out = join(out, &value{names: []string{"builtins.object.__new__"}})
		} else if (attr == "__name__" || attr == "__qualname__") && c.def != nil {
			out = join(out, strOf(c.def.Name))
		} else if attr == "_make" && a.record(c) || attr == "__subclasses__" || attr == "as_view" && a.build == nil {
			out = join(out, &value{fns: []*function{{mod: c.mod, native: attr, self: &value{class: []*class{c}}, name: attr}}})
		} else if names := a.inheritedNames(c, attr); len(names) > 0 {
			out = join(out, a.managedBy(c, &value{names: names}))
		}
	}
	for _, f := range base.fns {
		if attr == "__name__" && f.def != nil {
			out = join(out, strOf(strings.Clone(f.def.Name)))
			continue
		}
		out = join(out, a.ofFunction(st, f, attr))
		if a.models.runs[attr] {
			out = join(out, a.ofHandler(f, attr))
		}
	}
	for _, m := range base.mods {
		if m.state != nil {
			v, ok := m.state.get(slot{m.frame, attr})
			if st != nil {
				v, ok = st.get(slot{m.frame, attr})
			}
			if ok {
				out = join(out, a.force(v))
				continue
			}
		}
		if sub := a.prog.Module(m.of.Name+"."+attr, m.of.Path); sub != nil && sub != m.of {
			out = join(out, &value{mods: []*module{a.module(sub)}, names: []string{m.of.Name + "." + attr}})
		} else if m.state != nil && st != nil && fr != nil {
			if late, ok := m.state.get(slot{m.frame, "__getattr__"}); ok { // PEP 562
				out = join(out, a.invoke(fr, st, late, []argument{{v: strOf(attr)}}, e))
			}
		}
	}
	if len(base.class) == 0 && out == bottom || len(base.objs) == 0 && len(base.mods) == 0 && len(base.class) == 0 || len(base.marks) > 0 && holdsContainer(st, base) {
		names := make([]string, 0, 2)
		for _, n := range base.names {
			if len(n)+len(attr) >= 160 {
				continue
			}
			if strings.IndexByte(n, '(') < 0 && fr != nil && fr.mod.of != nil {
				// A folder without an __init__ is no module, but what is in it may be one.
				if m, _ := a.prog.Find(n+"."+attr, fr.mod.of.Path); m != nil {
					out = join(out, a.resolve(lazy{name: n + "." + attr, from: fr.mod.of.Path}))
					continue
				}
			}
			names = append(names, a.models.rename(n+"."+attr))
		}
		v := &value{names: names, marks: base.marks}
		if len(names) == 1 {
			if w, ok := fixed(names[0]); ok {
				v = w
			}
		}
		for _, n := range base.names {
			if a.except(n, attr) || a.ownPath(n, attr) {
				v.marks = nil
			}
		}
		for _, n := range names {
			if s := a.models.value[n]; s != nil && len(v.marks) == 0 {
				v = a.sourced(fr, e, v, n)
				if s.Fields != "" && st != nil {
					v = a.formFields(fr, st, base, v, s, attr)
					if s.Makes {
						v = a.outlined(st, base, v, s)
						if o := st.object(firstObject(base)); o != nil && o.fields[attr] != nil {
							a.field(st, base.objs[0], o, attr, v, false) // the same when it is asked for again
						}
					}
				}
			}
		}
		if attr == "__class__" || attr == "__dict__" || attr == "__name__" {
			v.marks = nil
		}
		v.piece = attr == "parts"
		if strings.HasPrefix(base.prefix, "re:") { // a method of the pattern
			v.prefix = base.prefix
		}
		v.onHost = len(v.marks) == 0 && (attr == "host_url" || attr == "url_root" || attr == "root_url") // of a request: it ends with a slash
		v = a.optionValue(fr, st, v, base.names, attr)
		for _, n := range names {
			if k := a.models.valueSan[n]; k != 0 {
				v = clear(v, k)
			}
		}
		if !v.empty() {
			out = join(out, v)
		}
	}
	if out == bottom {
		if attr == "value" && len(base.consts) > 0 { // a member of an enumeration of texts
			return &value{consts: base.consts}
		}
		return nil
	}
	return out
}

// inheritedNames are the qualified names of what a class has from a library's class that
// models know of.
func (a *analysis) inheritedNames(c *class, attr string) []string {
	var names []string
	for _, k := range a.lineage(c) {
		for _, b := range k.bases {
			if b == nil {
				continue
			}
			for _, n := range b.names {
				if len(names) < 2 && len(n)+len(attr) < 160 && a.models.first[firstName(n)] && !strings.HasPrefix(n, "builtins.") {
					names = append(names, a.models.rename(n+"."+attr))
				}
			}
		}
	}
	return names
}

// holdsContainer says whether a value may be a list or the like, beside what it is else:
// request.get_json() or {}.
func holdsContainer(st *state, v *value) bool {
	return st != nil && slices.ContainsFunc(v.objs, func(id objectID) bool { o := st.object(id); return o != nil && o.class == nil })
}

// underKey is the part of a key that is the class of what stands under it.
const underKey = "\x00under"

// keyName is the part of such a key that is its name.
const keyName = "\x00name"

// anyField is the field that holds what was set under names that are not known.
const anyField = "\x00any"

// dictOf is the field of an object's __dict__ that holds the object.
const dictOf = "\x00of"

// member finds an attribute of a class, in the order in which Python looks.
func (a *analysis) member(fr *frame, st *state, c *class, attr string) (*value, bool) {
	for _, k := range a.lineage(c) {
		if st != nil {
			if v, ok := st.get(slot{k.frame, attr}); ok {
				return a.force(v), true
			}
		}
		if v, ok := k.attrs[attr]; ok {
			return a.force(v), true
		}
	}
	return nil, false
}

// lineage is the class and its bases as far as they are known, depth first; where bases
// meet again, the common one comes last, as the method resolution order has it.
func (a *analysis) lineage(c *class) []*class {
	var out []*class
	var visit func(c *class, depth int)
	visit = func(c *class, depth int) {
		if depth > 10 {
			return
		}
		if i := slices.Index(out, c); i >= 0 {
			out = slices.Delete(out, i, i+1)
		}
		out = append(out, c)
		for _, b := range c.bases {
			if b != nil {
				for _, k := range b.class {
					visit(k, depth+1)
				}
			}
		}
	}
	visit(c, 0)
	return out
}

// bind makes methods of functions found in a class, and asks properties.
func (a *analysis) bind(fr *frame, st *state, v, self *value, e ast.Node) *value {
	if v == nil || len(v.fns) == 0 {
		if v != nil {
			for _, id := range v.objs { // a descriptor
				o := st.object(id)
				if o != nil && o.class != nil {
					if get, ok := a.member(fr, st, o.class, "__get__"); ok {
						return a.invoke(fr, st, a.bind(fr, st, get, &value{objs: []objectID{id}}, e), []argument{{v: self}, {}}, e)
					}
				}
			}
		}
		return v
	}
	out := bottom
	rest := *v
	rest.fns = nil
	for _, f := range v.fns {
		switch {
		case f.self != nil || f.native != "" || f.kind == "static":
			out = join(out, &value{fns: []*function{f}})
		case f.kind == "property":
			out = join(out, a.invoke(fr, st, &value{fns: []*function{f}}, []argument{{v: self}}, e))
		case f.kind == "class":
			g := *f
			g.self = &value{}
			for _, id := range self.objs {
				if o := st.object(id); o != nil && o.class != nil {
					g.self = &value{class: []*class{o.class}}
				}
			}
			out = join(out, &value{fns: []*function{&g}})
		default:
			g := *f
			g.self = self
			out = join(out, &value{fns: []*function{&g}})
		}
	}
	if !rest.empty() {
		out = join(out, &rest)
	}
	return out
}

func (a *analysis) bindClass(v *value, c *class) *value {
	if v == nil || len(v.fns) == 0 {
		return v
	}
	out := *v
	out.fns = nil
	for _, f := range v.fns {
		if f.kind == "class" && f.self == nil {
			g := *f
			g.self = &value{class: []*class{c}}
			f = &g
		}
		out.fns = append(out.fns, f)
	}
	return &out
}
