package taint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// eval is the value of an expression.
func (a *analysis) eval(fr *frame, st *state, e ast.Expr) *value {
	if e == nil || st.dead {
		return nil
	}
	a.step()
	switch e := e.(type) {
	case *ast.Constant:
		return literal(e)
	case *ast.Name:
		return a.name(fr, st, e)
	case *ast.Attribute:
		base := a.eval(fr, st, e.Value)
		if _, ok := base.str(); ok && filling[e.Attr] { // map("{0} = ?".format, names)
			return &value{fns: []*function{{mod: fr.mod, native: e.Attr, self: base, name: e.Attr}}}
		}
		return a.recall(fr, st, e, a.attribute(fr, st, base, e.Attr, e))
	case *ast.Call:
		return a.recall(fr, st, e, a.call(fr, st, e))
	case *ast.Subscript:
		return a.recall(fr, st, e, a.subscript(fr, st, e))
	case *ast.BinOp:
		l, r := a.eval(fr, st, e.Left), a.eval(fr, st, e.Right)
		v := a.binary(fr, st, e, e.Op, l, r)
		if (e.Op == ast.Add || e.Op == ast.Div) && v.tainted() && v.madeOf == nil && l.tainted() != r.tainted() {
			from, of := e.Left, l
			if r.tainted() {
				from, of = e.Right, r
			}
			if m := a.makes(fr, st, from, of); m != nil { // folder / name
				w := *v
				w.madeOf = m
				v = &w
			}
		}
		return v
	case *ast.UnaryOp:
		v := a.eval(fr, st, e.Operand)
		if name := map[ast.UnaryOperator]string{ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}[e.Op]; name != "" {
			if w, ok := a.ask(fr, st, v, name, e); ok {
				return w
			}
		}
		switch e.Op {
		case ast.Not:
			if t := a.truth(st, v); t != unknown {
				return boolOf(t == no)
			}
			return knowing(nil, swapped(a.factsOf(st, v)))
		case ast.USub:
			if c, ok := v.only(); ok && c.kind == ast.Int {
				return intOf(-c.num)
			}
		}
		return marked(v.origins())
	case *ast.BoolOp:
		return a.boolean(fr, st, e)
	case *ast.IfExp:
		t, f := a.condition(fr, st, e.Test)
		x, y := bottom, bottom
		if !t.dead {
			x = a.eval(fr, t, e.Body)
		}
		if !f.dead {
			y = a.eval(fr, f, e.Orelse)
		}
		st.become(t, f)
		if v := join(x, y); v != bottom {
			return v
		}
		return nil
	case *ast.Compare:
		return a.compareValue(fr, st, e)
	case *ast.NamedExpr:
		v := knowing(a.eval(fr, st, e.Value), a.deduce(fr, st, e.Value))
		at := fr
		for at.within && at.up != nil {
			at = at.up // a comprehension has no names of its own but those of its loops
		}
		a.store(at, st, e.Target, v)
		return v
	case *ast.JoinedStr:
		return a.formatted(fr, st, e.Values)
	case *ast.FormattedValue:
		how := "__format__"
		switch e.Conversion {
		case 's':
			how = "__str__"
		case 'r', 'a':
			how = "__repr__"
		}
		spec := strOf("")
		if e.FormatSpec != nil {
			spec = a.eval(fr, st, e.FormatSpec)
		}
		v := a.textAs(fr, st, a.eval(fr, st, e.Value), how, spec)
		if how == "__repr__" {
			v = clear(v, a.models.repr)
		}
		if spec, ok := spec.str(); ok && numericSpec(spec) {
			return nil
		}
		return v
	case *ast.TemplateStr:
		for _, x := range e.Values {
			a.eval(fr, st, x)
		}
		return &value{names: []string{"string.templatelib.Template()"}}
	case *ast.Interpolation:
		return a.eval(fr, st, e.Value)
	case *ast.List:
		return a.display(fr, st, e, "builtins.list()", e.Elts)
	case *ast.Tuple:
		return a.display(fr, st, e, "builtins.tuple()", e.Elts)
	case *ast.Set:
		return a.display(fr, st, e, "builtins.set()", e.Elts)
	case *ast.Dict:
		return a.dict(fr, st, e)
	case *ast.ListComp:
		return a.comprehension(fr, st, e, "builtins.list()", e.Elt, nil, e.Generators)
	case *ast.SetComp:
		return a.comprehension(fr, st, e, "builtins.set()", e.Elt, nil, e.Generators)
	case *ast.GeneratorExp:
		return a.comprehension(fr, st, e, "builtins.list()", e.Elt, nil, e.Generators)
	case *ast.DictComp:
		return a.comprehension(fr, st, e, "builtins.dict()", e.Value, e.Key, e.Generators)
	case *ast.Lambda:
		f := &function{mod: fr.mod, lam: e, outer: fr.id, name: "lambda"}
		a.defaultsOf(fr, st, f, e.Args)
		return &value{fns: []*function{f}}
	case *ast.Await:
		return a.awaited(st, a.eval(fr, st, e.Value))
	case *ast.Yield:
		v := a.eval(fr, st, e.Value)
		fr.yields = append(fr.yields, v)
		if fr.fn != nil && fr.fn.enter != nil {
			fr.fn.enter(fr, st, v)
			return nil
		}
		if fr.fn != nil {
			return fr.fn.sent
		}
		return nil
	case *ast.YieldFrom:
		it := a.eval(fr, st, e.Value)
		list, exact := a.iterate(fr, st, it, e)
		fr.exact = fr.exact && exact
		fr.yields = append(fr.yields, list...)
		for _, id := range it.objects() {
			if o := st.object(id); o != nil && o.name == "generator" {
				return o.fields[resultField]
			}
		}
		return nil
	case *ast.Starred:
		return a.eval(fr, st, e.Value)
	case *ast.Slice:
		v := join(a.eval(fr, st, e.Lower), a.eval(fr, st, e.Upper))
		a.eval(fr, st, e.Step)
		return v
	}
	return nil
}

// filling are methods that put something into a text, which is more than its name tells.
var filling = map[string]bool{"format": true, "format_map": true, "join": true}

// ask calls a magic method of a value, if it is an instance of a class that has it.
func (a *analysis) ask(fr *frame, st *state, v *value, name string, e ast.Node, args ...*value) (*value, bool) {
	out, found := bottom, false
	for _, id := range v.objects() {
		o := st.object(id)
		if o == nil || o.class == nil {
			continue
		}
		if f, ok := a.member(fr, st, o.class, name); ok {
			list := make([]argument, len(args))
			for i, x := range args {
				list[i] = argument{v: x}
			}
			out = join(out, a.invoke(fr, st, a.bind(fr, st, f, &value{objs: []objectID{id}, names: namesOf(o)}, e), list, e))
			found = true
		}
	}
	if out == bottom {
		out = nil
	}
	return out, found
}

func literal(c *ast.Constant) *value {
	switch k := c.ConstKind(); k {
	case ast.Str, ast.Bytes:
		s := c.Str()
		if len(s) > 2000 {
			return &value{prefix: s[:200]}
		}
		return constOf(constant{kind: k, str: s})
	case ast.Int:
		if n := c.Int(); n.IsInt64() {
			return intOf(n.Int64())
		}
		return nil
	case ast.Float, ast.Complex:
		return constOf(constant{kind: k, flt: c.Float()})
	default:
		return constOf(constant{kind: k})
	}
}

func (a *analysis) name(fr *frame, st *state, e *ast.Name) *value {
	if v, ok := a.lookup(fr, st, e.Ident); ok {
		return v
	}
	if s := a.models.unbound[e.Ident]; s != nil && fr.mod.unit.Unbound(e) {
		return a.sourced(fr, nil, &value{names: []string{s.Means}}, s.Means)
	}
	names := fr.mod.unit.Names(e)
	if len(names) == 0 {
		return nil
	}
	if len(names) == 1 && !strings.HasPrefix(names[0], "builtins.") {
		return a.force(a.imported(fr, strings.Clone(names[0])))
	}
	return a.sourced(fr, e, &value{names: names}, names[0])
}

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

// display is [a, b], (a, b) or {a, b}.
func (a *analysis) display(fr *frame, st *state, e ast.Expr, name string, elts []ast.Expr) *value {
	o := &object{name: name}
	for i, x := range elts {
		if s, ok := x.(*ast.Starred); ok {
			list, exact := a.iterate(fr, st, a.eval(fr, st, s.Value), s)
			if exact && len(o.list)+len(list) < 200 && !o.loose {
				o.list = append(o.list, list...)
			} else {
				o.summarise()
				for _, v := range list {
					o.add(v)
				}
			}
			continue
		}
		if i > maxList { // a table
			if !o.loose {
				o.summarise()
			}
			if x.Kind() == ast.KindConstant {
				continue
			}
		}
		v := a.eval(fr, st, x)
		if o.loose {
			o.add(v)
		} else {
			o.list = append(o.list, v)
		}
	}
	if name == "builtins.set()" {
		return a.alloc(fr, e, st, o)
	}
	return a.alloc(fr, e, st, o)
}

func (a *analysis) dict(fr *frame, st *state, e *ast.Dict) *value {
	o := &object{name: "builtins.dict()"}
	for i, k := range e.Keys {
		if i > maxList {
			o.more = true
			if k != nil && k.Kind() == ast.KindConstant && e.Values[i].Kind() == ast.KindConstant {
				continue
			}
		}
		v := a.eval(fr, st, e.Values[i])
		if k == nil { // **other
			a.mix(st, o, a.asMapping(fr, st, v, e))
			continue
		}
		a.put(o, a.asKey(st, a.eval(fr, st, k)), v)
	}
	return a.alloc(fr, e, st, o)
}

// put sets an element of a dictionary that is being made or copied.
func (a *analysis) put(o *object, key, v *value) {
	if c, ok := key.only(); ok {
		if o.keys == nil {
			o.keys = map[constant]*value{}
		}
		if _, ok := o.keys[c]; !ok {
			o.order = append(o.order[:len(o.order):len(o.order)], c)
		} else if o.multi {
			v = join(o.keys[c], v)
		}
		o.keys[c] = v
		return
	}
	if key.tainted() {
		o.named = joinMarks(o.named, key.marks)
	}
	if key != nil && len(key.objs)+len(key.class)+len(key.fns) > 0 {
		o.keyed = join(orBottom(o.keyed), key)
	}
	if key != nil && len(key.consts) > 1 && len(key.marks) == 0 {
		for _, c := range key.consts {
			if w, ok := o.keys[c]; ok {
				o.keys[c] = join(w, v)
			} else {
				a.put(o, constOf(c), v)
			}
		}
		return
	}
	o.add(v)
	for c, w := range o.keys {
		o.keys[c] = join(w, v)
	}
}

// mix puts the elements of another dictionary into one.
func (a *analysis) mix(st *state, o *object, v *value) {
	if v == nil {
		o.more = true
		return
	}
	somewhere := func(w *value) { // under whatever key; what is put in later stands
		for c, x := range o.keys {
			o.keys[c] = join(x, w)
		}
		o.add(w)
	}
	if v.statement() != "" && len(v.objs) == 0 { // dict(row)
		for _, c := range a.columns(v.statement()) {
			if c.name != "*" && c.in != "" {
				a.put(o, strOf(c.name), a.inColumn(nil, v, c.in, nil))
			}
		}
	}
	if len(v.marks) > 0 {
		somewhere(marked(v.marks))
		o.named = joinMarks(o.named, v.marks)
	}
	for _, id := range v.objs {
		x := st.object(id)
		if x == nil {
			continue
		}
		if x.more && x.rest.tainted() {
			somewhere(x.rest)
		} else if x.more {
			o.add(x.rest)
		}
		if len(x.marks) > 0 {
			somewhere(marked(x.marks))
		}
		for _, c := range x.order {
			a.put(o, constOf(c), x.keys[c])
		}
		o.named = joinMarks(o.named, x.named)
		if x.keyed != nil {
			o.keyed = join(orBottom(o.keyed), x.keyed)
		}
	}
	if len(v.objs) == 0 && len(v.marks) == 0 {
		o.more = true
	}
}

// sideBySide are the elements of one of several lists that are of one length: each what it is in any
// of them.
func (a *analysis) sideBySide(st *state, v *value, most int) []*value {
	if len(v.objs) < 2 || len(v.marks) > 0 || a.build != nil {
		return nil
	}
	var out []*value
	for i, id := range v.objs {
		o := st.object(id)
		if o == nil || !o.contained() || o.loose || o.open() || len(o.list) == 0 || len(o.list) > most || len(o.order) > 0 || i > 0 && len(o.list) != len(out) {
			return nil
		}
		if i == 0 {
			out = slices.Clone(o.list)
			continue
		}
		for j, x := range o.list {
			out[j] = join(out[j], x)
		}
	}
	return out
}

// iterate lists what iterating over v gives, one by one and exactly if it can, else all
// elements together.
func (a *analysis) iterate(fr *frame, st *state, v *value, e ast.Node) (list []*value, exact bool) {
	v = a.plainText(st, v)
	if v == nil || v == bottom {
		return []*value{nil}, false
	}
	if v.statement() != "" && len(v.objs) == 0 {
		return []*value{v}, false // a row is a result, too
	}
	if k := v.rows(); k != nil && e != nil && (len(v.objs) == 0 || !a.has(k, "__iter__")) {
		return []*value{a.row(fr, st, e, &value{names: v.names, marks: v.marks}, k)}, false
	}
	most := maxUnroll
	if a.build != nil {
		if most = maxList; len(v.objs) == 0 && len(v.made) > 0 {
			return []*value{v}, true // it stands for its elements: *router.urls
		}
	}
	if len(v.objs) == 1 && len(v.marks) == 0 {
		o := st.object(v.objs[0])
		if o != nil && (o.class == nil || a.record(o.class) || o.name != "" && !a.has(o.class, "__iter__")) && !o.open() && len(o.list)+len(o.order) <= most {
			if len(o.order) > 0 && len(o.list) == 0 {
				for _, c := range o.order {
					list = append(list, a.ofKey(st, c))
				}
				return list, true
			}
			return o.list, true
		}
	}
	if list := a.sideBySide(st, v, most); list != nil {
		return list, true
	}
	if len(v.class) == 1 && len(v.objs) == 0 && a.enum(v.class[0]) {
		return a.enumMembers(st, v.class[0]), true
	}
	if a.build != nil {
		if list := a.anyOf(st, v, most); list != nil {
			return list, true
		}
	}
	all := bottom
	for _, id := range v.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		self := &value{objs: []objectID{id}, names: namesOf(o)}
		if o.class != nil {
			f, ok := a.member(fr, st, o.class, "__iter__")
			if !ok {
				f, ok = a.member(fr, st, o.class, "__aiter__")
			}
			if ok {
				it := a.invoke(fr, st, a.bind(fr, st, f, self, e), nil, e)
				if it != nil && !slices.Equal(it.objs, self.objs) {
					list, exact := a.iterate(fr, st, it, e)
					if exact && len(v.objs) == 1 && len(v.marks) == 0 {
						return list, true
					}
					for _, x := range list {
						all = join(all, x)
					}
					continue
				}
			}
			f, ok = a.member(fr, st, o.class, "__next__")
			if !ok {
				f, ok = a.member(fr, st, o.class, "__anext__")
			}
			if ok {
				list, exact := a.drain(fr, st, a.bind(fr, st, f, self, e), e)
				if exact && len(v.objs) == 1 && len(v.marks) == 0 {
					return list, true
				}
				for _, x := range list {
					all = join(all, x)
				}
				continue
			}
			if o.name == "" {
				if f, ok := a.member(fr, st, o.class, "__getitem__"); ok {
					all = join(all, a.invoke(fr, st, a.bind(fr, st, f, self, e), []argument{{}}, e))
				}
				continue
			}
		}
		if o.name == "builtins.dict()" {
			for _, c := range o.order {
				all = join(all, a.ofKey(st, c))
			}
			if k := o.otherKeys(); k != nil {
				all = join(all, k)
			} else if o.more {
				all = join(all, nil)
			}
			continue
		}
		all = join(all, o.all())
	}
	for _, c := range v.consts {
		if c.kind == ast.Str && len(v.consts) == 1 && len(c.str) <= maxUnroll && len(v.objs) == 0 {
			for _, r := range c.str {
				list = append(list, strOf(string(r)))
			}
			return list, true
		}
		all = join(all, nil)
	}
	if len(v.marks) > 0 {
		x := &value{marks: v.marks, char: len(v.objs) == 0 && !gathers(v), piece: v.piece}
		for _, n := range v.names {
			if n == "builtins.str()" { // of which the characters are texts, too
				x.names = append(x.names, n)
				continue
			}
			x.names = append(x.names, a.models.rename(n+"[]"))
		}
		all = join(all, x)
	}
	if all == bottom {
		for _, n := range v.names {
			r := a.models.rename(n + "[]")
			if a.models.value[r] != nil {
				return []*value{a.sourced(fr, e, &value{names: []string{r}}, r)}, false
			}
			if a.models.elements[n] {
				return []*value{{names: []string{r}}}, false
			}
		}
		all = nil
	}
	return []*value{all}, false
}

// drain calls an iterator until it is at its end, or gives nothing new.
func (a *analysis) drain(fr *frame, st *state, next *value, e ast.Node) (list []*value, exact bool) {
	// That it ends is no failure of the code around it.
	in := *fr
	in.tries = []*handler{{}}
	most := maxUnroll
	if a.nest > 0 {
		most = 4
	}
	for i := 0; i < most; i++ {
		in.tries[0].raised = nil
		cur := st.fork()
		v := a.invoke(&in, cur, next, nil, e)
		if cur.dead {
			return list, true
		}
		sure := len(in.tries[0].raised) == 0
		still := i > 0 && st.unchanged(cur)
		list = append(list, v)
		st.become(cur)
		if still || !sure && i >= 3 {
			break
		}
	}
	return list, false
}

// subscript is base[index].
func (a *analysis) subscript(fr *frame, st *state, e *ast.Subscript) *value {
	base := a.eval(fr, st, e.Value)
	if s, ok := e.Slice.(*ast.Slice); ok {
		return a.slice(fr, st, e, base, s)
	}
	key := a.eval(fr, st, e.Slice)
	if key.tainted() {
		a.read(fr, e, e.Value, e.Slice, base, key)
	}
	v := bottom
	if _, known := key.only(); !known && a.hasNames(st, base) {
		if p := a.partOfName(fr, st, key, e.Slice); p.tells() {
			v = a.elementsNamed(st, base, p)
		}
	}
	if v == bottom {
		v = a.element(fr, st, base, key, e)
	}
	if key.tainted() && base != nil && len(base.marks) == 0 && (len(base.objs) == 1 || len(base.class) == 1) {
		// It was found, so it is one of the keys.
		found := len(base.class) == 1 && a.enum(base.class[0])
		if len(base.objs) == 1 {
			o := st.object(base.objs[0])
			found = o != nil && o.class == nil && o.makes == nil && o.fields == nil && o.name == "builtins.dict()" && !o.open() && len(o.named) == 0
		}
		if found {
			a.refine(fr, st, e.Slice, trusted)
		}
	}
	return v
}

// read looks whether reading the element of a key is where data does harm: models call it
// what Python does, __getitem__.
func (a *analysis) read(fr *frame, at ast.Node, of, by ast.Expr, base, key *value) {
	if base != nil {
		for _, n := range base.names {
			for _, s := range a.models.sinks[n+".__getitem__"] {
				a.reach(fr, at, by, key, key.marks, s.kinds, n, false)
			}
		}
	}
	if x, ok := of.(*ast.Attribute); ok {
		for _, s := range a.models.methods["__getitem__"] {
			if s.Method == x.Attr+".__getitem__" {
				a.reach(fr, at, by, key, key.marks, s.kinds, x.Attr, true)
			}
		}
	}
}

// element is base[key].
func (a *analysis) element(fr *frame, st *state, base, key *value, e ast.Node) *value {
	if base == nil {
		return nil // who chooses among what is there has not made it
	}
	base, key = a.plainText(st, base), a.asKey(st, key)
	if v, ok := a.groupOf(base, key); ok { // match["name"]
		return v
	}
	if base.statement() != "" && len(base.objs) == 0 {
		if s, ok := key.str(); ok {
			if v := a.columnNamed(fr, base, s, e); v != nil {
				return v
			}
		} else if n, ok := key.number(); ok {
			return a.columnAt(fr, base, n, e)
		}
	}
	if k := base.rows(); k != nil && len(base.objs) == 0 && e != nil {
		if _, ok := key.number(); ok {
			return a.row(fr, st, e, &value{names: base.names, marks: base.marks}, k)
		}
		return base // a slice
	}
	if key != nil && key.parts[underKey] != nil && len(base.objs) == 0 {
		of := key.parts[underKey]
		v := &value{}
		for _, n := range of.names {
			v.names = append(v.names, a.models.rename(n+"()"))
		}
		if name, ok := key.parts[keyName].str(); ok && slices.ContainsFunc(v.names, func(n string) bool { return queues[n] }) {
			v.parts = map[string]*value{heldAs: strOf("[" + name + "]")}
		}
		for _, k := range of.class {
			v = a.instance(st, k)
		}
		return v
	}
	if k, ok := key.str(); ok {
		if v := a.found(st, base, "["+k+"]"); v != bottom {
			return v
		}
		if slices.Contains(base.names, "os.environ") {
			if v, ok := st.get(environ(k)); ok {
				return v
			}
		}
	}
	if k, ok := key.str(); ok && base.parts != nil {
		if v, ok := base.parts[elementMark+k]; ok {
			return v
		}
	}
	if key != nil && len(key.objs) == 1 && len(base.objs) == 1 && len(base.marks) == 0 {
		if by, o := st.object(key.objs[0]), st.object(base.objs[0]); by != nil && by.name == sliceType && o != nil && o.contained() && !o.loose {
			step := by.fields["step"]
			if step == nil || isNone(step) {
				step = intOf(1)
			}
			if list, ok := withStep(o.list, by.fields["start"], by.fields["stop"], step, [2]bool{by.fields["start"] != nil, by.fields["stop"] != nil}); ok {
				return a.unnamed(st, &object{name: o.name, list: list})
			}
		}
	}
	out := bottom
	for _, c := range base.class {
		if a.enum(c) {
			for _, m := range a.enumMembers(st, c) {
				out = join(out, m)
			}
			continue
		}
		if f, ok := a.member(fr, st, c, "__class_getitem__"); ok && f != nil && len(f.fns) > 0 {
			g := *f.fns[0]
			g.self, g.kind = &value{class: []*class{c}}, ""
			out = join(out, a.invoke(fr, st, &value{fns: []*function{&g}}, []argument{{v: key}}, e))
			continue
		}
		out = join(out, &value{class: []*class{c}}) // a generic one
	}
	for _, id := range base.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		if o.class != nil {
			self := &value{objs: []objectID{id}, names: namesOf(o)}
			if f, ok := a.member(fr, st, o.class, "__getitem__"); ok {
				out = join(out, a.invoke(fr, st, a.bind(fr, st, f, self, e), []argument{{v: key}}, e))
				continue
			}
		}
		if of := o.fields[dictOf]; of != nil {
			if s, ok := key.str(); ok {
				out = join(out, a.attribute(fr, st, of, s, e))
			} else {
				out = join(out, marked(a.deep(st, of, 0)))
			}
			continue
		}
		if o.class != nil {
			c, known := key.only()
			if _, ok := o.keys[c]; !ok || !known {
				if v, ok := a.ask(fr, st, &value{objs: []objectID{id}}, "__missing__", e, key); ok {
					out = join(out, v)
					if known {
						continue
					}
				}
			}
		}
		if o.makes != nil {
			c, known := key.only()
			if _, ok := o.keys[c]; !ok || !known {
				v := a.callback(&callSite{fr: fr, st: st}, o.makes)
				if o.more && o.rest != nil {
					v = join(orBottom(v), o.rest)
				}
				n := st.object(id).clone()
				a.put(n, key, v)
				st.store(id, n)
				o = n
			}
		}
		out = join(out, o.at(key))
	}
	if c, ok := base.only(); ok && c.kind == ast.Str {
		if k, ok := key.only(); ok && k.kind == ast.Int {
			r := []rune(c.str)
			n := k.num
			if n < 0 {
				n += int64(len(r))
			}
			if n >= 0 && n < int64(len(r)) {
				return strOf(string(r[n]))
			}
		}
	}
	if len(base.marks) > 0 {
		v := &value{marks: a.parameter(fr, base, key, e)}
		k, isName := key.str()
		for _, n := range base.names {
			v.names = append(v.names, a.models.rename(n+"[]"))
			if isName && a.except(n, k) {
				v.marks = nil
			}
		}
		if isName {
			v = a.optionValue(fr, st, v, base.names, k)
		} else if n, ok := key.number(); ok && n == 0 {
			v = a.firstOfPair(base, 0, v)
		}
		out = join(out, v)
	} else if len(base.objs) == 0 {
		v := &value{}
		attr, isName := key.str()
		for _, n := range base.names {
			if of, ok := strings.CutSuffix(n, ".__dict__"); ok && isName { // os.__dict__["system"]
				n = of + "." + attr
			} else {
				n += "[]"
			}
			if len(n) < 150 {
				v.names = append(v.names, a.models.rename(n))
			}
		}
		for _, n := range v.names {
			v = a.sourced(fr, e, v, n)
		}
		if !v.empty() {
			out = join(out, v)
		}
	}
	if out == bottom {
		return nil
	}
	return out
}

// firstOfPair is the element at an index, where a model knows the first ones of such values to be harmless.
func (a *analysis) firstOfPair(base *value, i int, v *value) *value {
	if i == 0 && base != nil && v.tainted() {
		for _, n := range base.names {
			if k := a.models.valueSan[n+"[0]"]; k != 0 {
				v = clear(v, k)
			}
		}
	}
	return v
}

// at is what an object has at a key.
func (o *object) at(key *value) *value {
	c, known := key.only()
	if known && c.kind == ast.True {
		c = constant{kind: ast.Int, num: 1}
	} else if known && c.kind == ast.False {
		c = constant{kind: ast.Int}
	}
	whole := marked(o.marks)
	if known && o.name != "builtins.dict()" && c.kind == ast.Int && !o.loose && o.keys == nil {
		n := c.num
		if n < 0 {
			n += int64(len(o.list))
		}
		if n >= 0 && n < int64(len(o.list)) {
			return merge(o.list[n], whole)
		}
	}
	if known {
		if v, ok := o.keys[c]; ok {
			return merge(v, whole)
		}
		if o.name == "builtins.dict()" {
			if o.more {
				return merge(o.rest, whole)
			}
			return whole
		}
	}
	if key != nil && len(key.consts) > 1 && len(key.marks) == 0 {
		v := bottom
		for _, c := range key.consts {
			v = join(v, o.at(constOf(c)))
		}
		return v
	}
	return o.all()
}

// merge adds the marks of the whole to a part.
func merge(v, whole *value) *value {
	if whole == nil {
		return v
	}
	if v == nil || v == bottom {
		return whole
	}
	out := *v
	out.marks = joinMarks(v.marks, whole.marks)
	out.consts = nil
	return &out
}

// partsOf are the attributes of requests and views that hold the parts of the address.
var partsOf = map[string]bool{"kwargs": true, "view_args": true, "path_params": true, "match_info": true, "matchdict": true, "path_kwargs": true, "url_kwargs": true, "route_params": true}

// keyBefore is the key of the element of which an element is read: scope["url_route"]["kwargs"]["n"].
func keyBefore(e ast.Node) string {
	x, ok := e.(*ast.Subscript)
	if !ok {
		return ""
	}
	if x, ok = x.Value.(*ast.Subscript); !ok {
		return ""
	}
	s, ok := ast.IsStr(x.Slice)
	if !ok {
		return ""
	}
	return s.Str()
}

// parameter narrows a source that is asked for one of its parts by name: then that is
// where the data enters.
func (a *analysis) parameter(fr *frame, base, key *value, e ast.Node) []mark {
	name, ok := key.str()
	if ok && (len(base.names) > 0 && partsOf[lastName(base.names[0])] || partsOf[keyBefore(e)]) {
		// A converter may have let only some values pass.
		if k := a.letThrough(name, -1); k != 0 {
			return clear(marked(base.marks), k).origins()
		}
	}
	if !ok || e == nil || len(base.marks) != 1 || base.marks[0].step == nil || base.marks[0].step.n > 1 {
		return base.marks
	}
	m := base.marks[0]
	if m.src.entry != nil && m.src.entry.Parameter != "" {
		return base.marks
	}
	at := a.at(fr, e)
	o := a.partOf(m.src, at, m.src.says+" ("+strconv.Quote(name)+")", name)
	return []mark{{src: o, kinds: m.kinds, weak: m.weak, step: (*step)(nil).then(at, o.says+" enters here")}}
}

func (a *analysis) slice(fr *frame, st *state, e *ast.Subscript, base *value, s *ast.Slice) *value {
	lo, hi := a.eval(fr, st, s.Lower), a.eval(fr, st, s.Upper)
	by := a.eval(fr, st, s.Step)
	base = a.plainText(st, base)
	if base == nil {
		return nil
	}
	from, fromOK := bound(s.Lower, lo, 0)
	to, toOK := bound(s.Upper, hi, 1<<40)
	if c, ok := base.only(); ok && c.kind == ast.Str && fromOK && toOK && s.Step == nil {
		r := []rune(c.str)
		i, j := cut(from, to, len(r))
		return strOf(string(r[i:j]))
	}
	out := bottom
	for _, id := range base.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		if o.class != nil {
			if f, ok := a.member(fr, st, o.class, "__getitem__"); ok {
				out = join(out, a.invoke(fr, st, a.bind(fr, st, f, &value{objs: []objectID{id}, names: namesOf(o)}, e), []argument{{}}, e))
				continue
			}
			if o.name == "" {
				continue
			}
		}
		c := o.clone()
		c.class, c.fields = nil, nil
		c.multi = false
		if fromOK && toOK && s.Step == nil && !o.loose {
			i, j := cut(from, to, len(o.list))
			c.list = slices.Clone(o.list[i:j])
		} else if list, ok := withStep(o.list, lo, hi, by, [2]bool{s.Lower != nil, s.Upper != nil}); ok && s.Step != nil && !o.loose {
			c.list = list
		} else {
			c.summarise()
		}
		out = join(out, a.alloc(fr, e, st, c))
	}
	if len(base.marks) > 0 || len(base.objs) == 0 {
		v := &value{marks: base.marks, names: strNames(base.names)}
		if begins := base.begins(); fromOK && toOK && s.Step == nil && len(base.marks) > 0 && 0 <= from && from <= to && int(min(to, 1<<20)) <= len(begins) && ascii(begins) {
			return join(out, strOf(begins[from:to])) // nothing of it comes from outside
		}
		if from == 0 && fromOK {
			v.prefix = base.begins()
			if toOK && int(to) < len(v.prefix) && to >= 0 {
				v.prefix = v.prefix[:to]
			}
			if toOK && to == 1 && s.Step == nil && a.textual(base) {
				v = trusted(v) // one character does nothing
			}
		}
		out = join(out, v)
	}
	if out == bottom {
		return nil
	}
	return out
}

func strNames(names []string) []string {
	for _, n := range names {
		if n == "builtins.str()" || n == "builtins.bytes()" {
			return []string{n}
		}
	}
	return nil
}

func bound(e ast.Expr, v *value, def int64) (int64, bool) {
	if e == nil {
		return def, true
	}
	c, ok := v.only()
	return c.num, ok && c.kind == ast.Int
}

// cut is Python's way of reading the bounds of a slice.
func cut(from, to int64, n int) (i, j int) {
	fit := func(x int64) int {
		if x < 0 {
			x += int64(n)
		}
		return int(max(0, min(x, int64(n))))
	}
	i, j = fit(from), fit(to)
	return i, max(i, j)
}

// boolean is a and b, a or b.
func (a *analysis) boolean(fr *frame, st *state, e *ast.BoolOp) *value {
	out := bottom
	cur := st.fork()
	var ends []*state
	for i, x := range e.Values {
		if i == len(e.Values)-1 {
			out = join(out, a.eval(fr, cur, x))
			ends = append(ends, cur)
			break
		}
		v, t, f := a.judge(fr, cur, x)
		stop, next, is := f, t, a.truth(cur, v)
		if e.Op == ast.Or {
			stop, next, is = t, f, is.not()
		}
		if is != yes && !stop.dead {
			if e.Op == ast.Or {
				out = join(out, narrow(v))
			} else {
				out = join(out, a.falsy(v))
			}
			ends = append(ends, stop.snapshot(st))
		}
		if is == no || next.dead {
			break
		}
		cur = next
	}
	if len(ends) > 0 {
		st.become(ends...)
	}
	if out == bottom {
		return nil
	}
	return out
}

// either is boolean where its truth is asked for: what it is where it is true, and where not.
func (a *analysis) either(fr *frame, st *state, e *ast.BoolOp) (vt, vf *value, t, f *state) {
	vt, vf = bottom, bottom
	cur := st.fork()
	var ends []*state
	for i, x := range e.Values {
		v, xt, xf := a.judge(fr, cur, x)
		last := i == len(e.Values)-1
		if (last || e.Op == ast.Or) && !xt.dead {
			vt = join(vt, narrow(v))
		}
		if (last || e.Op == ast.And) && !xf.dead {
			vf = join(vf, a.falsy(v))
		}
		next, stop := xt, xf
		if e.Op == ast.Or {
			next, stop = xf, xt
		}
		if !stop.dead {
			ends = append(ends, stop.snapshot(st))
		}
		if cur = next; cur.dead {
			break
		}
	}
	t, f = finish(st, cur, ends)
	if e.Op == ast.Or {
		t, f = f, t
	}
	return vt, vf, t, f
}

// narrow drops the constants that are not true.
func narrow(v *value) *value {
	if v == nil || len(v.consts) == 0 && !v.also {
		return v
	}
	out := *v
	if out.also = false; len(v.consts) == 0 {
		return &out
	}
	out.consts = slices.DeleteFunc(slices.Clone(v.consts), func(c constant) bool { return !c.truth() })
	if len(out.consts) == 0 {
		return v
	}
	return &out
}

// falsy is what a value can be that is not true: nothing that does harm.
func (a *analysis) falsy(v *value) *value {
	if v == nil {
		return nil
	}
	out := &value{}
	for _, c := range v.consts {
		if !c.truth() {
			out.consts = append(out.consts, c)
		}
	}
	if out.empty() {
		return nil
	}
	return out
}

// comprehension runs the element's expression for what the generators give.
func (a *analysis) comprehension(fr *frame, st *state, e ast.Expr, name string, elt, key ast.Expr, gens []*ast.Comprehension) *value {
	o := &object{name: name}
	inner := &frame{id: a.newFrame(fr.id), within: true, mod: fr.mod, fn: fr.fn, base: fr.base, up: fr, depth: fr.depth, repeat: fr.repeat, allocs: fr.allocs, global: fr.global, tries: fr.tries}
	exactAll := true
	var run func(st *state, i int)
	run = func(st *state, i int) {
		if i == len(gens) {
			v := a.eval(inner, st, elt)
			switch {
			case key != nil:
				a.put(o, a.asKey(st, a.eval(inner, st, key)), v)
			case exactAll:
				o.list = append(o.list, v)
			default:
				o.add(v)
			}
			return
		}
		g := gens[i]
		list, exact := a.iterate(inner, st, a.eval(inner, st, g.Iter), g.Iter)
		var done func()
		fits := exact
		if exact {
			if done, fits = a.unroll(len(list)); fits {
				defer done()
			}
		}
		if !fits || len(list)*max(len(o.list), 1) > 200 {
			if exactAll {
				exactAll = false
				o.summarise()
			}
			if exact {
				all := bottom
				for _, v := range list {
					all = join(all, v)
				}
				list = []*value{all}
			}
			inner.repeat++
			a.nest++
			defer func() { inner.repeat--; a.nest-- }()
		}
		for _, v := range list {
			if v == bottom {
				continue
			}
			cur := st.fork()
			a.store(inner, cur, g.Target, v)
			sure := true
			for _, c := range g.Ifs {
				t, f := a.condition(inner, cur, c)
				if t.dead {
					cur.dead = true
					break
				}
				if !f.dead {
					sure = false
				}
				cur = t
			}
			if cur.dead {
				continue
			}
			if !sure && exactAll {
				exactAll = false
				o.summarise()
			}
			run(cur, i+1)
			// What the walrus and calls have changed stays.
			st.become(st.fork(), cur.snapshot(st))
		}
	}
	run(st, 0)
	if !exactAll && !o.more && name != "builtins.dict()" {
		o.loose = true
	}
	fr.yields = append(fr.yields, inner.yields...)
	return a.alloc(fr, e, st, o)
}
