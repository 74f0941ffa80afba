package taint

import (
	"slices"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// What is stored, and where: in names, attributes, elements and slices; and what is taken away.

// store is target = v.
func (a *analysis) store(fr *frame, st *state, t ast.Expr, v *value) {
	switch t := t.(type) {
	case *ast.Name:
		if v.tainted() && v.marks[0].step != nil && v.marks[0].step.n < 40 {
			v = trace(v, a.at(fr, t), "becomes "+t.Ident)
		}
		a.assign(fr, st, t.Ident, v)
	case *ast.Attribute:
		a.forget(fr, st, t)
		base := a.eval(fr, st, t.Value)
		a.setAttribute(fr, st, base, t.Attr, v, t)
	case *ast.Subscript:
		if s, ok := t.Slice.(*ast.Slice); ok {
			base := a.eval(fr, st, t.Value)
			if len(base.objects()) == 0 && t.Value.Kind() == ast.KindName && isText(base) { // a bytearray
				if s.Lower != nil || s.Upper != nil || s.Step != nil {
					v = &value{marks: joinMarks(base.origins(), v.origins()), names: base.names}
				}
				a.store(fr, st, t.Value, v)
				return
			}
			a.setSlice(fr, st, base, s, v, t)
			return
		}
		a.forget(fr, st, t)
		base, key := a.eval(fr, st, t.Value), a.eval(fr, st, t.Slice)
		a.setElement(fr, st, base, key, v, t)
		if k, ok := key.str(); ok && base.tainted() && len(base.objs) == 0 && t.Value.Kind() == ast.KindName {
			// From now on this is there, whatever came from outside.
			a.refine(fr, st, t.Value, func(b *value) *value {
				w := *b
				w.parts = map[string]*value{elementMark + k: v}
				for name, x := range b.parts {
					if name != elementMark+k {
						w.parts[name] = x
					}
				}
				return &w
			})
		}
	case *ast.Tuple:
		a.unpack(fr, st, t.Elts, v, t)
	case *ast.List:
		a.unpack(fr, st, t.Elts, v, t)
	case *ast.Starred:
		a.store(fr, st, t.Value, v)
	}
}

func (a *analysis) setAttribute(fr *frame, st *state, base *value, attr string, v *value, t ast.Node) {
	if base == nil {
		return
	}
	base = a.caller(fr, st, base, t)
	for _, n := range base.names {
		a.assigned(fr, st, n+"."+attr, nil, v, t)
	}
	a.keep(st, base, "."+attr, v)
	for _, id := range base.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		if o.class != nil {
			if p, ok := a.member(fr, st, o.class, attr); ok && p != nil {
				if set := setter(p); set != nil {
					g := *set
					g.self = &value{objs: []objectID{id}, names: namesOf(o)}
					a.invoke(fr, st, &value{fns: []*function{&g}}, []argument{{v: v}}, t)
					continue
				}
				described := false
				for _, d := range p.objs {
					if x := st.object(d); x != nil && x.class != nil {
						if set, ok := a.member(fr, st, x.class, "__set__"); ok {
							a.invoke(fr, st, a.bind(fr, st, set, &value{objs: []objectID{d}}, t), []argument{{v: &value{objs: []objectID{id}}}, {v: v}}, t)
							described = true
						}
					}
				}
				if described {
					continue
				}
			}
			if set, ok := a.member(fr, st, o.class, "__setattr__"); ok && set != nil && len(set.fns) > 0 && active(fr, set.fns[0]) == 0 {
				a.invoke(fr, st, a.bind(fr, st, set, &value{objs: []objectID{id}, names: namesOf(o)}, t), []argument{{v: strOf(attr)}, {v: v}}, t)
				continue
			}
		}
		a.changedRow(fr, st, o, attr, v, t)
		a.field(st, id, o, attr, v, len(base.objs) > 1)
	}
	for _, c := range base.class {
		a.setShared(st, slot{c.frame, attr}, v)
	}
	if attr == annotations && len(base.fns) == 1 && base.fns[0].def != nil {
		st.set(annotationSlot(base.fns[0].mod.of.Path, base.fns[0].def), v)
	}
	for _, m := range base.mods {
		a.setShared(st, slot{m.frame, attr}, v)
	}
	for _, f := range base.fns {
		if id := a.attributesOf(f); id != 0 {
			st.set(slot{id, attr}, v)
		}
	}
}

// setShared sets an attribute of a class or a module, which others find after the handler that
// sets it has ended.
func (a *analysis) setShared(st *state, k slot, v *value) {
	st.set(k, v)
	if a.entry != nil {
		if a.outlast == nil {
			a.outlast = map[slot]bool{}
		}
		a.outlast[k] = true
	}
}

// field writes an attribute of an object itself.
func (a *analysis) field(st *state, id objectID, o *object, attr string, v *value, weak bool) {
	c := o.clone()
	if c.fields == nil {
		c.fields = map[string]*value{}
	}
	if old, ok := c.fields[attr]; ok && (weak || o.multi) {
		v = join(old, v)
	}
	c.fields[attr] = v
	st.store(id, c)
}

// setter is what @name.setter made of a property.
func setter(p *value) *function {
	for _, f := range p.fns {
		if f.kind == "property" && len(f.args) == 1 && f.args[0].v != nil && len(f.args[0].v.fns) == 1 {
			return f.args[0].v.fns[0]
		}
	}
	return nil
}

func (a *analysis) setElement(fr *frame, st *state, base, key, v *value, t ast.Node) {
	if base == nil {
		return
	}
	for _, n := range base.names {
		a.assigned(fr, st, n+"[]", key, v, t)
	}
	if k, ok := key.str(); ok {
		a.keep(st, base, "["+k+"]", v)
	}
	a.setEnviron(st, base, key, v)
	for _, id := range base.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		if of := o.fields[dictOf]; of != nil {
			if s, ok := key.str(); ok {
				for _, id := range of.objs {
					if x := st.object(id); x != nil {
						a.field(st, id, x, s, v, len(of.objs) > 1)
					}
				}
			} else {
				a.reach(fr, t, nil, key, key.origins(), a.models.member, "__dict__[]", false)
			}
			continue
		}
		if o.class != nil {
			if f, ok := a.member(fr, st, o.class, "__setitem__"); ok {
				a.invoke(fr, st, a.bind(fr, st, f, &value{objs: []objectID{id}, names: namesOf(o)}, t), []argument{{v: key}, {v: v}}, t)
				continue
			}
		}
		a.setItem(st, id, o, key, v, len(base.objs) > 1)
		writeBack(st, id)
	}
}

// setItem sets an element of a container itself.
func (a *analysis) setItem(st *state, id objectID, o *object, key, v *value, weak bool) {
	c := o.clone()
	key = a.asKey(st, key)
	k, known := key.only()
	switch {
	case known && k.kind == ast.Int && o.name != "builtins.dict()" && !o.loose && o.keys == nil:
		n := k.num
		if n < 0 {
			n += int64(len(o.list))
		}
		if n >= 0 && n < int64(len(o.list)) {
			if o.multi || weak {
				v = join(o.list[n], v)
			}
			c.list[n] = v
		} else {
			c.add(v)
		}
	case weak:
		c.multi = true
		a.put(c, key, v)
		c.some = true
		c.multi = o.multi
	case o.name == "builtins.list()":
		delete(c.fields, firstElement)
		c.summarise()
		c.add(v)
	default:
		a.put(c, key, v)
	}
	st.store(id, c)
}

// setSlice is base[i:j] = v, and without a node del base[i:j].
func (a *analysis) setSlice(fr *frame, st *state, base *value, s *ast.Slice, v *value, e ast.Node) {
	lo, hi, by := a.eval(fr, st, s.Lower), a.eval(fr, st, s.Upper), a.eval(fr, st, s.Step)
	from, fromOK := bound(s.Lower, lo, 0)
	to, toOK := bound(s.Upper, hi, 1<<40)
	var list []*value
	exact := true
	if e != nil {
		list, exact = a.iterate(fr, st, v, e)
	}
	for _, id := range base.objects() {
		o := st.object(id)
		if o == nil || o.class != nil {
			continue
		}
		n := o.clone()
		if fromOK && toOK && exact && s.Step == nil && !o.loose && !o.multi && len(base.objs) == 1 {
			i, j := cut(from, to, len(o.list))
			n.list = slices.Replace(n.list, i, j, list...)
		} else if at, ok := places(len(o.list), lo, hi, by, [2]bool{s.Lower != nil, s.Upper != nil}); ok && exact && len(at) == len(list) && !o.loose && !o.multi && len(base.objs) == 1 {
			for k, i := range at {
				n.list[i] = list[k]
			}
		} else {
			n.summarise()
			for _, x := range list {
				n.add(x)
			}
		}
		st.store(id, n)
	}
}

// storeEach gives each of the targets on both sides of a star what stands opposite of it, where
// the display that is unpacked has a star, too: head, *rest, tail = "id", *names, "orders".
func (a *analysis) storeEach(fr *frame, st *state, t, e ast.Expr) bool {
	to, ok := ast.Elements(t)
	from, is := ast.Elements(e)
	starred := func(x ast.Expr) bool { return x.Kind() == ast.KindStarred }
	i, j := slices.IndexFunc(to, starred), slices.IndexFunc(from, starred)
	if !ok || !is || i < 0 || j < i || slices.ContainsFunc(from[j+1:], starred) || len(from)-j < len(to)-i {
		return false
	}
	tail := len(to) - i - 1
	values := make([]*value, len(from))
	for n, x := range from {
		if n == j {
			x = x.(*ast.Starred).Value
		}
		values[n] = a.eval(fr, st, x)
	}
	o := &object{name: "builtins.list()", loose: true}
	for n := i; n < len(from)-tail; n++ {
		if n != j {
			o.add(values[n])
			continue
		}
		list, _ := a.iterate(fr, st, values[n], from[n])
		for _, x := range list {
			o.add(x)
		}
	}
	for n := range i {
		a.store(fr, st, to[n], values[n])
	}
	a.store(fr, st, to[i], a.alloc(fr, to[i], st, o))
	for n := range tail {
		a.store(fr, st, to[i+1+n], values[len(from)-tail+n])
	}
	return true
}

// unpack is a, *b = v.
func (a *analysis) unpack(fr *frame, st *state, elts []ast.Expr, v *value, e ast.Node) {
	if a.unpackRow(fr, st, elts, v, e) {
		return
	}
	list, exact := a.iterate(fr, st, v, e)
	if v != nil && v.also { // or something that is not told: rows.get(key, (None, 0))
		list = slices.Clone(list)
		for i, x := range list {
			list[i] = join(x, &value{})
		}
	}
	star := slices.IndexFunc(elts, func(x ast.Expr) bool { return x.Kind() == ast.KindStarred })
	rest := func(part []*value, loose bool) *value {
		o := &object{name: "builtins.list()", list: part}
		if loose {
			o.list, o.loose = nil, true
			for _, x := range part {
				o.add(x)
			}
		}
		return a.alloc(fr, elts[star], st, o)
	}
	if exact {
		switch {
		case star < 0 && len(list) == len(elts):
			for i, x := range elts {
				a.store(fr, st, x, list[i])
			}
			a.toldApart(fr, st, elts, v)
			return
		case star >= 0 && len(list) >= len(elts)-1:
			tail := len(elts) - star - 1
			for i := range star {
				a.store(fr, st, elts[i], list[i])
			}
			a.store(fr, st, elts[star], rest(slices.Clone(list[star:len(list)-tail]), false))
			for i := range tail {
				a.store(fr, st, elts[star+1+i], list[len(list)-tail+i])
			}
			return
		}
	}
	if columns := byPlace(st, v, len(elts)); columns != nil && star < 0 {
		for i, x := range elts {
			a.store(fr, st, x, columns[i])
		}
		return
	}
	all := bottom
	for _, x := range list {
		all = join(all, x)
	}
	if all == bottom {
		all = nil
	}
	// What is known only in part: the first elements may be.
	if v != nil && len(v.objs) == 1 {
		if o := st.object(v.objs[0]); o != nil && !o.loose && o.more && star < 0 && len(o.list) > 0 {
			for i, x := range elts {
				if i < len(o.list) {
					a.store(fr, st, x, o.list[i])
				} else {
					a.store(fr, st, x, all)
				}
			}
			return
		}
	}
	for i, x := range elts {
		if i == star {
			a.store(fr, st, x, rest([]*value{all}, true))
			continue
		}
		a.store(fr, st, x, a.firstOfPair(v, i, all))
	}
}

// byPlace are the elements of what is one of several lists or tuples of n, each with those at its
// place in the others, or nil.
func byPlace(st *state, v *value, n int) []*value {
	if v == nil || len(v.objs) < 2 || len(v.marks) > 0 {
		return nil
	}
	out := slices.Repeat([]*value{bottom}, n)
	for _, id := range v.objs {
		o := st.object(id)
		if o == nil || o.class != nil || o.open() || len(o.list) != n {
			return nil
		}
		for i, x := range o.list {
			out[i] = join(out[i], x)
		}
	}
	for i, x := range out {
		if x == bottom {
			out[i] = nil
		}
	}
	return out
}

// toldApart: ok, text = check(x). What one of several results tells of the others is known of
// the variables that they are put into.
func (a *analysis) toldApart(fr *frame, st *state, elts []ast.Expr, v *value) {
	if v == nil || len(v.objs) != 1 {
		return
	}
	o := st.object(v.objs[0])
	if o == nil || o.pairs == nil {
		return
	}
	for _, p := range *o.pairs {
		flag, ok1 := elts[p.flag].(*ast.Name)
		of, ok2 := elts[p.of].(*ast.Name)
		if !ok1 || !ok2 {
			continue
		}
		at, is := a.slotOf(fr, st, flag.Ident)
		k, was := a.slotOf(fr, st, of.Ident)
		if is == nil || !was.tainted() {
			continue
		}
		all := kindsOf(was.marks)
		st.set(at, knowing(is, []fact{{slot: k, was: was, yes: clear(was, all&^p.yes), no: clear(was, all&^p.no)}}))
	}
}

func (a *analysis) remove(fr *frame, st *state, t ast.Expr) {
	switch t := t.(type) {
	case *ast.Name:
		a.assign(fr, st, t.Ident, bottom)
	case *ast.Subscript:
		if s, ok := t.Slice.(*ast.Slice); ok {
			a.setSlice(fr, st, a.eval(fr, st, t.Value), s, nil, nil)
			return
		}
		base, key := a.eval(fr, st, t.Value), a.eval(fr, st, t.Slice)
		if _, ok := a.ask(fr, st, base, "__delitem__", t, key); ok {
			return
		}
		if base == nil || len(base.objs) != 1 {
			return
		}
		o := st.object(base.objs[0])
		if o == nil {
			return
		}
		a.drop(st, base.objs[0], o, key)
	case *ast.Attribute:
		base := a.eval(fr, st, t.Value)
		if base != nil && len(base.objs) == 1 {
			if o := st.object(base.objs[0]); o != nil {
				c := o.clone()
				delete(c.fields, t.Attr)
				st.store(base.objs[0], c)
			}
		}
	}
}

// drop takes an element out, and returns it.
func (a *analysis) drop(st *state, id objectID, o *object, key *value) *value {
	key = a.asKey(st, key)
	v := o.at(key)
	k, known := key.only()
	if !known || o.multi {
		return v
	}
	c := o.clone()
	if _, ok := c.keys[k]; ok {
		delete(c.keys, k)
		c.order = slices.DeleteFunc(slices.Clone(c.order), func(x constant) bool { return x == k })
	} else if k.kind == ast.Int && !o.loose && o.name != "builtins.dict()" {
		n := k.num
		if n < 0 {
			n += int64(len(o.list))
		}
		if n >= 0 && n < int64(len(o.list)) {
			c.list = slices.Delete(c.list, int(n), int(n)+1)
		}
	}
	st.store(id, c)
	return v
}
