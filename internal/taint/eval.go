package taint

import (
	"slices"
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
		x := a.eval(fr, st, e.Value)
		v := a.textAs(fr, st, x, how, spec)
		if how == "__repr__" {
			v = clear(v, a.models.repr)
		}
		if spec, ok := spec.str(); ok && numericSpec(spec) && !a.formats(st, x) {
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
		return []*value{a.onlyColumn(fr, v, e)}, false // a row is a result, too
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
