package taint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

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
