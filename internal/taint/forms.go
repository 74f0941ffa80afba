package taint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// Classes that say what their fields may hold (forms, schemas, serializers, records with
// validators): what is left of data that such a class was filled in with. Models say which
// calls make fields, which check them, and where a class is filled in; what functions of the
// program check is found by running them.

type validator struct {
	models.Validator
	pattern, choices, types, function, also, each, schema *models.Argument
	when                                                  []models.Condition
}

type form struct {
	models.Form
	arg models.Argument
}

// maxFields is how many fields of a class are looked at.
const maxFields = 200

// A field is one that a class declares: title = StringField(…).
type field struct {
	name string
	of   *class
	call ast.Expr // what it is declared with
	v    *value   // what that is worth
}

// declaredIn are the fields of a class and of those it inherits from, each once.
func (a *analysis) declaredIn(k *class) []field {
	var out []field
	seen := map[string]bool{}
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		for _, s := range c.def.Body {
			n, value := fieldIn(s)
			if n == nil || value == nil || seen[n.Ident] || len(out) >= maxFields || strings.HasPrefix(n.Ident, "_") {
				continue
			}
			v := c.attrs[n.Ident]
			if v == nil || len(v.fns)+len(v.class) > 0 || len(v.objs) == 0 && !instance(v) {
				continue
			}
			seen[n.Ident] = true
			out = append(out, field{strings.Clone(n.Ident), c, value, v})
		}
	}
	for _, way := range a.models.outlines {
		of, names := a.outline(k, way)
		if of == nil || of == k || slices.Contains(a.lineage(of), k) {
			continue
		}
		for _, f := range a.declaredIn(of) {
			if !seen[f.name] && len(out) < maxFields && (names == nil || slices.Contains(names, f.name)) {
				seen[f.name] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// outline is the class whose fields a class has as well, by the way to it, and which of them, nil
// for all: class Meta: model = Order; fields = ["name"].
func (a *analysis) outline(k *class, way string) (of *class, names []string) {
	for _, c := range a.lineage(k) {
		at := c
		for part := range strings.SplitSeq(way, ".") {
			v := at.attrs[part]
			if v != nil {
				v = a.force(v)
			}
			if v == nil || len(v.class) != 1 {
				at = nil
				break
			}
			if part != way[strings.LastIndexByte(way, '.')+1:] {
				names = a.textsIn(v.class[0], "fields")
			}
			at = v.class[0]
		}
		if at != nil {
			return at, names
		}
	}
	return nil, nil
}

// textsIn are the texts in an attribute of a class, nil where they are not known.
func (a *analysis) textsIn(k *class, attr string) (out []string) {
	if k.def == nil {
		return nil
	}
	for _, s := range k.def.Body {
		n, value := fieldIn(s)
		if n == nil || n.Ident != attr {
			continue
		}
		var list []ast.Expr
		switch l := value.(type) {
		case *ast.List:
			list = l.Elts
		case *ast.Tuple:
			list = l.Elts
		}
		for _, x := range list {
			if s, ok := k.mod.unit.Str(x); ok {
				out = append(out, strings.Clone(s))
			}
		}
	}
	return out
}

// outlined is an instance of the class whose fields a form has, filled in with them.
func (a *analysis) outlined(st *state, form, data *value, s *models.Source) *value {
	classes := a.classesOf(st, form)
	if len(classes) != 1 || len(data.objects()) != 1 {
		return data
	}
	k, _ := a.outline(classes[0], s.Of)
	d := st.object(data.objs[0])
	if k == nil || d == nil {
		return data
	}
	fields := map[string]*value{}
	for key, v := range d.keys {
		fields[key.str] = v
	}
	made := a.unnamed(st, &object{class: k, fields: fields})
	return a.inherits(st, made, k, nil)
}

// ofSelf is an instance of the class in an attribute of the object whose method is called.
func (a *analysis) ofSelf(c *callSite, attr string) *value {
	if c.recv == nil || c.node == nil {
		return nil
	}
	of := a.attribute(c.fr, c.st, c.recv, attr, c.node)
	if of == nil || len(of.class) != 1 {
		return nil
	}
	return a.construct(c.fr, c.st, of.class[0], c.args, c.node)
}

// in is a frame in which expressions of a module's classes are looked at.
func (a *analysis) in(fr *frame, st *state, mod *module) *frame {
	return &frame{id: mod.frame, mod: mod, base: st, up: fr, depth: fr.depth + 1, repeat: 1}
}

// leaves is what a field, declared by an expression, leaves of v.
func (a *analysis) leaves(fr *frame, st *state, mod *module, e ast.Expr, v *value, depth int) *value {
	if depth > maxTyped || !v.tainted() && len(v.objects()) == 0 {
		return v
	}
	in := a.in(fr, st, mod)
	callee := e
	c, isCall := e.(*ast.Call)
	if isCall {
		callee = c.Func
	}
	fv := a.eval(in, st, callee)
	names := fv.called()
	if len(names) == 0 {
		names = mod.unit.Names(callee)
	}
	if fv != nil && len(fv.class) == 1 {
		k := fv.class[0]
		if a.schema(k) {
			if isCall && a.many(in, st, c) {
				return a.severalOf(st, a.filledForm(fr, st, k, a.someElement(st, v), depth+1))
			}
			return a.filledForm(fr, st, k, v, depth+1)
		}
		for _, n := range k.libs {
			names = append(names[:len(names):len(names)], strings.TrimSuffix(n, "()"))
		}
	}
	for _, n := range names {
		for _, s := range a.models.sanitizers[n] {
			if len(s.when) == 0 || isCall && a.when(a.site(in, st, c), s.when, nil) {
				v = clear(v, s.kinds)
			}
		}
	}
	if !isCall {
		return v
	}
	v = a.beside(fr, st, mod, c, names, v, depth)
	return a.constrained(fr, st, mod, []ast.Expr{c}, v)
}

// site is a call that is looked at for its arguments alone.
func (a *analysis) site(in *frame, st *state, c *ast.Call) *callSite {
	out := &callSite{fr: in, st: st, node: c}
	for _, x := range c.Args {
		out.args = append(out.args, argument{v: a.eval(in, st, x), node: x})
	}
	for _, k := range c.Keywords {
		out.args = append(out.args, argument{v: a.eval(in, st, k.Value), node: k.Value, name: k.Arg})
	}
	return out
}

// many says whether a call that makes a schema makes one for several.
func (a *analysis) many(in *frame, st *state, c *ast.Call) bool {
	for _, k := range c.Keywords {
		if k.Arg == "many" {
			return a.truth(st, a.eval(in, st, k.Value)) == yes
		}
	}
	return false
}

func (a *analysis) severalOf(st *state, v *value) *value {
	o := &object{name: "builtins.list()", loose: true}
	o.add(v)
	return a.unnamed(st, o)
}

// schema says whether a class declares fields.
func (a *analysis) schema(k *class) bool {
	return a.checkedModel(k) || len(a.declaredIn(k)) > 0
}

// beside is what validators with these names, and what stands in their call, leave of v.
func (a *analysis) beside(fr *frame, st *state, mod *module, c *ast.Call, names []string, v *value, depth int) *value {
	in := a.in(fr, st, mod)
	for _, n := range names {
		for _, x := range a.models.validators[n] {
			if len(x.when) > 0 && !a.when(a.site(in, st, c), x.when, nil) {
				continue
			}
			switch {
			case x.pattern != nil:
				if e := pick(c, *x.pattern); e != nil {
					s, ok := mod.unit.Str(e)
					if !ok {
						s, ok = a.eval(in, st, e).str()
					}
					if p := a.eval(in, st, e); !ok && p != nil && strings.HasPrefix(p.prefix, "re:") {
						s, ok = p.prefix[3:], true // re.compile(…)
					}
					if ok {
						how := x.How
						if how == "" {
							how = "search"
						}
						v = clear(v, a.matched(s, how))
					}
				}
			case x.choices != nil:
				if e := pick(c, *x.choices); e != nil {
					if of := a.eval(in, st, e); !foreign(a.deep(st, of, 0)) {
						v = trusted(v)
					}
				}
			case x.types != nil:
				v = a.ofTypes(in, st, pick(c, *x.types), v)
			case x.function != nil:
				if e := pick(c, *x.function); e != nil && v.tainted() {
					if f := a.eval(in, st, e); f != nil && len(f.fns) > 0 {
						v = a.invoke(in, st, f, []argument{{v: v}}, nil)
					}
				}
			case x.also != nil:
				if x.also.Role == models.Every {
					for _, e := range c.Args {
						v = a.satisfies(fr, st, mod, e, v, "", false, depth+1)
					}
				} else if e := pick(c, *x.also); e != nil {
					v = a.satisfies(fr, st, mod, e, v, "", false, depth+1)
				}
			case x.each != nil:
				if e := pick(c, *x.each); e != nil {
					v = a.severalOf(st, a.leaves(fr, st, mod, e, a.someElement(st, v), depth+1))
				}
			case x.schema != nil:
				if e := pick(c, *x.schema); e != nil {
					v = a.nested(fr, st, mod, c, e, v, depth)
				}
			}
		}
	}
	return v
}

// nested is a field with fields of its own: the class, an instance, its name, or a function
// that gives it.
func (a *analysis) nested(fr *frame, st *state, mod *module, c *ast.Call, e ast.Expr, v *value, depth int) *value {
	in := a.in(fr, st, mod)
	if l, ok := e.(*ast.Lambda); ok {
		e = l.Body
	}
	of := a.eval(in, st, e)
	if s, ok := of.str(); ok {
		of, _ = a.lookup(in, st, lastName(s))
	}
	classes := a.classesOf(st, of)
	switch {
	case len(classes) == 0:
		return v
	case a.many(in, st, c):
		return a.severalOf(st, a.filledForm(fr, st, classes[0], a.someElement(st, v), depth+1))
	}
	return a.filledForm(fr, st, classes[0], v, depth+1)
}

// classesOf are the classes that a value is, or of which it is an instance.
func (a *analysis) classesOf(st *state, v *value) []*class {
	if v == nil {
		return nil
	}
	out := v.class
	for _, id := range v.objs {
		if o := st.object(id); o != nil && o.class != nil {
			out = append(out[:len(out):len(out)], o.class)
		}
	}
	return out
}

// ofTypes is what a value can be that is of one of some types: instance_of((int, float)).
func (a *analysis) ofTypes(in *frame, st *state, e ast.Expr, v *value) *value {
	if e == nil {
		return v
	}
	list := []ast.Expr{e}
	switch l := e.(type) {
	case *ast.Tuple:
		list = l.Elts
	case *ast.List:
		list = l.Elts
	}
	for _, x := range list {
		if !plainTypes[in.mod.unit.Name(x)] {
			return v
		}
	}
	return trusted(v)
}

// satisfies is what is left of v where a validator, written as e, lets it pass. Attr is the
// attribute of a field in which its form keeps the value, if validators are given the field.
// Where truth is asked, a function must say yes; else it must not raise.
func (a *analysis) satisfies(fr *frame, st *state, mod *module, e ast.Expr, v *value, attr string, truth bool, depth int) *value {
	if !v.tainted() || depth > maxTyped {
		return v
	}
	switch l := e.(type) {
	case *ast.List:
		for _, x := range l.Elts {
			v = a.satisfies(fr, st, mod, x, v, attr, truth, depth+1)
		}
		return v
	case *ast.Tuple:
		for _, x := range l.Elts {
			v = a.satisfies(fr, st, mod, x, v, attr, truth, depth+1)
		}
		return v
	case *ast.Starred, *ast.Constant:
		return v
	}
	in := a.in(fr, st, mod)
	guarded := func(names []string) {
		for _, n := range names {
			for _, g := range a.models.guards[n] {
				if g.Holds == "returns" || truth && g.Holds != "false" {
					v = clear(v, g.kinds)
				}
			}
		}
	}
	if c, ok := e.(*ast.Call); ok {
		f := a.eval(in, st, c.Func)
		names := f.called()
		if len(names) == 0 {
			names = mod.unit.Names(c.Func)
		}
		if v = a.beside(fr, st, mod, c, names, v, depth); !v.tainted() {
			return v
		}
	}
	f := a.eval(in, st, e)
	if f == nil {
		return v
	}
	guarded(f.names)
	fns := f.fns
	for _, id := range f.objs { // an object that can be called
		if o := st.object(id); o != nil && o.class != nil {
			if m, ok := a.member(in, st, o.class, "__call__"); ok && m != nil {
				fns = append(fns[:len(fns):len(fns)], a.bind(in, st, m, &value{objs: []objectID{id}, names: namesOf(o)}, nil).functions()...)
			}
		}
	}
	if len(fns) == 1 {
		v = a.asks(in, st, fns[0], e, v, attr, truth)
	}
	return v
}

// asks is what a function of the program lets pass of v, which it is given alone, after an
// object and a name, or in a field of a form.
func (a *analysis) asks(in *frame, st *state, f *function, at ast.Expr, v *value, attr string, truth bool) *value {
	n := 1
	if f.def != nil {
		n = len(f.def.Args.Posonlyargs) + len(f.def.Args.Args)
	} else if f.lam != nil {
		n = len(f.lam.Args.Args)
	}
	if f.self != nil {
		n--
	}
	x := argument{v: v, node: at}
	switch {
	case n >= 3:
		left, _ := a.survives(in, st, f, []argument{{}, {}, x}, truth)
		return left
	case n == 2 && attr != "":
		cur := st.fork()
		box := a.unnamed(cur, &object{name: "field", fields: map[string]*value{attr: v}})
		a.function(&callSite{fr: in, st: cur, args: []argument{{}, {v: box}}}, f)
		if cur.dead {
			return nil
		}
		if o := cur.object(box.objs[0]); o != nil {
			return clear(v, kindsOf(v.marks)&^kindsOf(o.fields[attr].origins()))
		}
		return v
	case n == 2:
		left, _ := a.survives(in, st, f, []argument{x, {}}, truth)
		return left
	}
	left, _ := a.survives(in, st, f, []argument{x}, truth)
	return left
}

// survives runs a function aside, and gives what is left of the argument that has a node where
// it comes back, or says yes, and what it gives back.
func (a *analysis) survives(in *frame, st *state, f *function, args []argument, truth bool) (left, result *value) {
	cur := st.fork()
	c := &callSite{fr: in, st: cur, args: args}
	result = a.function(c, f)
	i := slices.IndexFunc(args, func(x argument) bool { return x.node != nil })
	if cur.dead || i < 0 {
		return nil, nil
	}
	left = args[i].v
	for _, w := range c.ways {
		if w.arg != args[i].node || w.part != "" {
			continue
		}
		k := w.yes
		if !truth || !w.hasYes { // what gives nothing back has raised where it does not let pass
			k |= w.no
		}
		left = clear(left, w.was&^k)
	}
	return left, result
}

// filledForm is what data are once a class has taken them for its fields: a dictionary, or what
// the class makes of it.
func (a *analysis) filledForm(fr *frame, st *state, k *class, v *value, depth int) *value {
	if depth > maxTyped || v == nil {
		return v
	}
	if a.checkedModel(k) {
		return a.filled(fr, st, k, v, depth)
	}
	d := &object{name: "builtins.dict()"}
	for _, f := range a.declaredIn(k) {
		part := a.part(st, v, f.name)
		if part != nil && len(part.names) == 0 && len(part.objs) == 0 && part.tainted() {
			w := *part
			w.names = stringNames
			for _, n := range f.v.names {
				if t := a.models.fieldTypes[n]; t != "" {
					w.names = []string{t}
				}
			}
			part = &w
		}
		got := a.leaves(fr, st, f.of.mod, f.call, part, depth+1)
		a.put(d, strOf(f.name), got)
	}
	data := a.unnamed(st, d)
	self := a.unnamed(st, &object{class: k})
	self = a.inherits(st, self, k, nil)
	return a.checksOf(fr, st, k, self, data)
}

// checksOf runs the methods of a class that its library runs over its fields: those that check
// one, then those that look at all of them or make something of them.
func (a *analysis) checksOf(fr *frame, st *state, k *class, self, data *value) *value {
	if len(data.objects()) != 1 {
		return data
	}
	a.eachDecorated(k, "field", func(c *class, d *ast.FunctionDef, call *ast.Call) {
		o := st.object(data.objs[0])
		for _, x := range call.Args {
			name, ok := c.mod.unit.Str(x)
			key := constant{kind: ast.Str, str: strings.Clone(name)}
			v := o.keys[key]
			if !ok || !v.tainted() {
				continue
			}
			left := a.checkedIn(fr, st, c, d, self, v, x)
			o = st.object(data.objs[0]).clone()
			o.keys[key] = left
			st.store(data.objs[0], o)
		}
	})
	for _, how := range []string{"whole", "makes"} {
		a.eachDecorated(k, how, func(c *class, d *ast.FunctionDef, call *ast.Call) {
			f := a.validator(c, d)
			g := *f
			g.self, g.kind = self, ""
			cur := st.fork()
			r := a.invoke(a.in(fr, cur, c.mod), cur, &value{fns: []*function{&g}}, []argument{{v: data}}, nil)
			if cur.dead {
				return
			}
			st.become(cur)
			if how == "makes" && r != nil && !isNone(r) {
				data = r
			}
		})
	}
	return data
}

// checkedIn is what a method that checks one field leaves of it: what it gives back, if it
// gives something back.
func (a *analysis) checkedIn(fr *frame, st *state, c *class, d *ast.FunctionDef, self, v *value, at ast.Expr) *value {
	f := a.validator(c, d)
	g := *f
	g.self, g.kind = self, ""
	left, result := a.survives(a.in(fr, st, c.mod), st, &g, []argument{{v: v, node: at}}, false)
	if result == nil || isNone(result) || left == nil {
		return left
	}
	return result
}

// eachDecorated calls f with the methods of a class that have a decorator which models say is
// for checks of this kind.
func (a *analysis) eachDecorated(k *class, checks string, f func(c *class, d *ast.FunctionDef, call *ast.Call)) {
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		for _, s := range c.def.Body {
			d, ok := s.(*ast.FunctionDef)
			if !ok {
				continue
			}
			for _, dec := range d.DecoratorList {
				call, _ := dec.(*ast.Call)
				target := dec
				if call != nil {
					target = call.Func
				} else {
					call = &ast.Call{}
				}
				if slices.ContainsFunc(c.mod.unit.Names(target), func(n string) bool { return a.models.checkers[n] == checks }) {
					f(c, d, call)
				}
			}
		}
	}
}

// formCall is a call by which a class is filled in, or asked for what it holds.
func (a *analysis) formCall(c *callSite, f *form) (*value, bool) {
	recv := c.recv
	if fn, ok := c.nodeFunc(); ok && recv == nil || f.Gives == "attribute" && ok {
		if isSuper(fn.Value) { // super().clean()
			for at := c.fr; at != nil; at = at.up {
				if at.fn != nil && at.fn.class != nil && at.fn.def != nil {
					recv = a.first(c.fr, c.st, at.fn)
					break
				}
			}
		}
	}
	if recv == nil {
		return nil, false
	}
	if f.Gives == "attribute" {
		return a.storesResult(c, a.attribute(c.fr, c.st, recv, f.Attribute, c.nodeOrNil())), true
	}
	list := a.classesOf(c.st, recv)
	if len(list) != 1 || f.Gives == "fields" {
		return nil, false
	}
	k := list[0]
	given := c.given(f.arg)
	if len(given) == 0 || given[0].star > 0 || len(a.declaredIn(k)) == 0 {
		return nil, false
	}
	switch x := given[0]; f.Gives {
	case "result":
		several := arg(c.args, 9, "many")
		for _, id := range recv.objs {
			if o := c.st.object(id); o != nil && several == nil {
				several = o.fields["many"]
			}
		}
		if a.truth(c.st, several) == yes {
			return a.severalOf(c.st, a.filledForm(c.fr, c.st, k, a.someElement(c.st, x.v), 0)), true
		}
		return a.filledForm(c.fr, c.st, k, x.v, 0), true
	case "errors":
		if x.node == nil || !x.v.tainted() {
			return &value{}, true
		}
		aside := c.st.fork()
		for _, fd := range a.declaredIn(k) {
			v := &value{marks: []mark{{src: x.v.marks[0].src, kinds: models.All}}}
			got := a.leaves(c.fr, aside, fd.of.mod, fd.call, v, 1)
			c.ways = append(c.ways, &way{arg: x.node, part: "[" + strconv.Quote(fd.name) + "]", was: models.All, yes: models.All, hasYes: true,
				no: kindsOf(a.deep(aside, got, 0)), hasNo: true})
		}
		return &value{}, true
	}
	return nil, false
}

// nodeFunc is the attribute that is called.
func (c *callSite) nodeFunc() (*ast.Attribute, bool) {
	if c.node == nil {
		return nil, false
	}
	f, ok := c.node.Func.(*ast.Attribute)
	return f, ok
}

// formHolds: where a form says that it is valid, its fields hold what is left of what was typed.
func (a *analysis) formHolds(c *callSite, st *state, f *form) {
	if c.recv == nil || len(c.recv.objs) != 1 || st.dead {
		return
	}
	id := c.recv.objs[0]
	o := st.object(id)
	if o == nil || o.class == nil {
		return
	}
	n := o.clone()
	if n.fields == nil {
		n.fields = map[string]*value{}
	}
	all := &object{name: "builtins.dict()", sealed: fromHolder}
	type box struct {
		name string
		id   objectID
	}
	var boxes []box
	for _, fd := range a.declaredIn(o.class) {
		if old, ok := o.fields[fd.name]; ok { // it was asked before
			if len(old.objects()) == 1 {
				boxes = append(boxes, box{fd.name, old.objs[0]})
			}
			continue
		}
		var v *value
		for _, name := range fd.v.names {
			s := a.models.value[name+"."+f.Attribute]
			if s == nil || c.node == nil {
				continue
			}
			at := a.at(c.fr, c.node)
			m := a.mark(s, at, name)
			m.src = a.partOf(m.src, at, m.src.says+" ("+strconv.Quote(fd.name)+")", fd.name)
			m.step = (*step)(nil).then(at, m.src.says+" enters here")
			v = a.leaves(c.fr, st, fd.of.mod, fd.call, &value{marks: []mark{m}, names: stringNames}, 1)
		}
		it := a.unnamed(st, &object{name: firstOr(fd.v.names, "field"), fields: map[string]*value{f.Attribute: v}, sealed: always})
		n.fields[fd.name] = it
		boxes = append(boxes, box{fd.name, it.objs[0]})
	}
	st.store(id, n)
	// Methods that check one field are given it.
	for _, b := range boxes {
		check, ok := a.member(c.fr, st, o.class, strings.Replace(f.Checks, "*", b.name, 1))
		if !ok || check == nil || f.Checks == "" || len(check.fns) == 0 {
			continue
		}
		cur := st.fork()
		it := &value{objs: []objectID{b.id}}
		a.invoke(c.fr, cur, a.bind(c.fr, cur, check, &value{objs: []objectID{id}, names: c.recv.names}, nil), []argument{{v: it}}, nil)
		if !cur.dead {
			st.become(cur)
		}
	}
	for _, b := range boxes {
		if x := st.object(b.id); x != nil {
			a.put(all, strOf(b.name), x.fields[f.Attribute])
		}
	}
	n = st.object(id).clone()
	n.fields[f.Attribute] = a.unnamed(st, all)
	st.store(id, n)
}

func firstOr(list []string, other string) string {
	if len(list) > 0 {
		return list[0]
	}
	return other
}

// inputOf is what a decorator of a handler gives for one of its parameters: data that a schema
// has taken. ok says whether there is such a decorator for it.
func (a *analysis) inputOf(fr *frame, st *state, r registered, f *function, list []*ast.Arg, i int) (v *value, ok bool) {
	if f.def == nil {
		return nil, false
	}
	q := list[i]
	found := 0
	for _, dec := range f.def.DecoratorList {
		c, isCall := dec.(*ast.Call)
		if !isCall {
			continue
		}
		for _, n := range f.mod.unit.Names(c.Func) {
			x := a.models.inputs[a.models.rename(n)]
			if x == nil {
				continue
			}
			e := pick(c, x.arg)
			if e == nil {
				continue
			}
			found++
			in := a.in(fr, st, f.mod)
			m := marked([]mark{a.handed(r, f, q)})
			if x.Gives == "parameter" && found == 1 && i == a.free(list) {
				v, ok = a.taken(in, st, f.mod, e, m, ""), true
			} else if x.Gives == "parameters" {
				if w := a.taken(in, st, f.mod, e, m, q.Arg); w != nil {
					v, ok = w, true
				}
			}
			break
		}
	}
	return v, ok
}

// free is the first parameter that is no part of the address.
func (a *analysis) free(list []*ast.Arg) int {
	for i, q := range list {
		if a.entry == nil || !a.pathPart(q.Arg) && !strings.Contains(a.entry.Route, ":"+q.Arg+">") {
			return i
		}
	}
	return -1
}

// taken is what a schema, written as e, leaves of data, or of one field if a name is given, nil
// where it has none of that name.
func (a *analysis) taken(in *frame, st *state, mod *module, e ast.Expr, v *value, name string) *value {
	if n, ok := e.(*ast.Name); ok {
		if list := mod.unit.Values(n); len(list) == 1 {
			if d, ok := list[0].(*ast.Dict); ok {
				e = d
			}
		}
	}
	if d, ok := e.(*ast.Dict); ok {
		o := &object{name: "builtins.dict()"}
		for i, k := range d.Keys {
			s, ok := mod.unit.Str(k)
			if k == nil || !ok {
				continue
			}
			got := a.leaves(in, st, mod, d.Values[i], a.part(st, &value{marks: v.marks, names: stringNames}, s), 1)
			if s == name {
				if got == nil {
					return &value{}
				}
				return got
			}
			a.put(o, strOf(strings.Clone(s)), got)
		}
		if name != "" {
			return nil
		}
		return a.unnamed(st, o)
	}
	for _, k := range a.classesOf(st, a.eval(in, st, e)) {
		if len(a.declaredIn(k)) == 0 {
			continue
		}
		got := a.filledForm(in, st, k, v, 0)
		if name == "" {
			return got
		}
		if len(got.objects()) == 1 {
			if o := st.object(got.objs[0]); o != nil {
				if w, ok := o.keys[constant{kind: ast.Str, str: name}]; ok {
					if w == nil {
						return &value{}
					}
					return w
				}
			}
		}
		return nil
	}
	if name != "" {
		return nil
	}
	return v
}

// fieldCall is the call that makes a field of a class of records, or nil.
func (a *analysis) fieldCall(mod *module, e ast.Expr) *ast.Call {
	if c, ok := e.(*ast.Call); ok && a.models.own(mod.unit.Name(c.Func)) == "dataclasses.field" {
		return c
	}
	return nil
}

// fieldIn is the name that a statement of a class's body declares, nil if it declares none, and
// what it is given.
func fieldIn(s ast.Stmt) (n *ast.Name, value ast.Expr) {
	switch s := s.(type) {
	case *ast.AnnAssign:
		n, _ = s.Target.(*ast.Name)
		value = s.Value
	case *ast.Assign:
		if len(s.Targets) == 1 {
			n, _ = s.Targets[0].(*ast.Name)
			value = s.Value
		}
	}
	return n, value
}

// positional are the fields that are given by position.
func (a *analysis) positional(k *class) []string {
	out := a.fieldsOf(k)
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		for _, s := range c.def.Body {
			n, value := fieldIn(s)
			call, ok := value.(*ast.Call)
			if n == nil || !ok {
				continue
			}
			for _, q := range call.Keywords {
				if v, known := c.mod.unit.Bool(q.Value); q.Arg == "init" && known && !v {
					out = slices.DeleteFunc(out, func(f string) bool { return f == n.Ident })
				}
			}
		}
	}
	return out
}

// checkedAttribs leaves of the fields of a class of records what its converters and validators
// leave.
func (a *analysis) checkedAttribs(fr *frame, st *state, k *class, fields map[string]*value, self *value) {
	done := map[string]bool{}
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		for _, s := range c.def.Body {
			n, value := fieldIn(s)
			call := a.fieldCall(c.mod, value)
			if n == nil || call == nil || done[n.Ident] {
				continue
			}
			done[n.Ident] = true
			v := fields[n.Ident]
			in := a.in(fr, st, c.mod)
			for _, q := range call.Keywords {
				if q.Arg == "converter" && v.tainted() {
					v = a.callback(&callSite{fr: in, st: st}, a.eval(in, st, q.Value), v)
				}
			}
			v = a.constrained(fr, st, c.mod, []ast.Expr{call}, v)
			for _, s := range c.def.Body { // @name.validator
				d, ok := s.(*ast.FunctionDef)
				if !ok || !v.tainted() {
					continue
				}
				for _, dec := range d.DecoratorList {
					at, ok := dec.(*ast.Attribute)
					if ok && at.Attr == "validator" && isNamed(at.Value, n.Ident) {
						g := *a.validator(c, d)
						g.self, g.kind = self, ""
						v, _ = a.survives(in, st, &g, []argument{{}, {v: v, node: call}}, false)
					}
				}
			}
			fields[n.Ident] = v
		}
	}
}
