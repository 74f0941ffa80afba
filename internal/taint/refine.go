package taint

import (
	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// What becomes of a value, and of its copies and parts, where a check has told something of it.

// refine changes what is known of an expression that can be read again: a name, an
// attribute, an element with a constant key. What is known of x.strip() is known of x.
func (a *analysis) refine(fr *frame, st *state, e ast.Expr, change func(*value) *value) {
	change = a.watch.refining(fr, e, change)
	switch e := e.(type) {
	case *ast.Name:
		for id := fr.id; id != 0; id = a.outer[id] {
			k := slot{id, e.Ident}
			if v, ok := st.get(k); ok {
				if w := change(v); w != v {
					st.set(k, w)
				}
				a.refineCopies(st, k, v, change)
				return
			}
		}
	case *ast.BinOp:
		// What all of a text cannot do, its parts cannot.
		if e.Op == ast.Add {
			for _, x := range []ast.Expr{e.Left, e.Right} {
				a.refine(fr, st, x, func(v *value) *value { return clear(v, clearedBy(v, change)) })
			}
		}
	case *ast.JoinedStr:
		for _, x := range e.Values {
			if p, ok := x.(*ast.FormattedValue); ok {
				a.refine(fr, st, p.Value, func(v *value) *value { return clear(v, clearedBy(v, change)) })
			}
		}
	case *ast.Attribute:
		if e.Attr == "parts" { // of a path
			a.refine(fr, st, e.Value, func(v *value) *value { return carried(v, change) })
			return
		}
		base := a.again(fr, st, e.Value)
		if base == nil || len(base.objs) != 1 {
			a.checked(fr, st, e, change)
			if e.Attr == "hostname" || e.Attr == "netloc" || e.Attr == "host" || e.Attr == "raw_host" {
				a.hostIs(fr, st, e, clearedBy(anything, change)&a.models.hosts&^a.models.address)
			}
			return
		}
		o := st.object(base.objs[0])
		if o == nil {
			return
		}
		if v, ok := o.fields[e.Attr]; ok {
			if w := change(v); w != v {
				c := o.clone()
				c.fields[e.Attr] = w
				st.store(base.objs[0], c)
			}
		}
	case *ast.Subscript:
		a.refineElement(fr, st, e, e.Value, e.Slice, change)
	case *ast.NamedExpr:
		a.refine(fr, st, e.Target, change)
	case *ast.Call:
		if f, ok := e.Func.(*ast.Attribute); ok && f.Attr == "get" && len(e.Args) > 0 {
			a.refineElement(fr, st, e, f.Value, e.Args[0], change)
			return
		}
		if f, ok := e.Func.(*ast.Attribute); ok && len(e.Args) == 1 && (f.Attr == "strip" || f.Attr == "lstrip" || f.Attr == "rstrip") {
			if set, ok := characters(st, a.again(fr, st, e.Args[0])); ok {
				// What the rest cannot do, all of it cannot, unless what was at its ends can.
				fine := a.models.harmless(set)
				a.refine(fr, st, f.Value, func(v *value) *value { return clear(v, clearedBy(v, change)&fine) })
			}
			return
		}
		if f, ok := e.Func.(*ast.Attribute); ok && (len(e.Args) == 0 || (f.Attr == "split" || f.Attr == "encode" || f.Attr == "decode") && e.Args[0].Kind() == ast.KindConstant) {
			switch f.Attr {
			case "getmembers", "infolist", "namelist", "getnames": // of an archive
				a.refine(fr, st, f.Value, func(v *value) *value { return clear(v, clearedBy(v, change)&a.models.paths) })
			case "split", "splitlines", "lower", "upper", "strip", "casefold", "lstrip", "rstrip", "title", "capitalize", "resolve", "absolute", "encode", "decode":
				a.refine(fr, st, f.Value, func(v *value) *value { return carried(v, change) })
			}
			return
		}
		if f, ok := e.Func.(*ast.Attribute); ok && f.Attr == "replace" && len(e.Args) == 2 {
			if old, ok := fr.mod.unit.Str(e.Args[0]); ok {
				// What the rest cannot do, all of it cannot, unless what is replaced can.
				var set [128]bool
				for _, r := range old {
					if r < 128 {
						set[r] = true
					}
				}
				fine := a.models.harmless(set)
				a.refine(fr, st, f.Value, func(v *value) *value { return clear(v, clearedBy(v, change)&fine) })
			}
			return
		}
		if len(e.Args) == 0 {
			return
		}
		for _, n := range fr.mod.unit.Names(e.Func) {
			switch n {
			case "builtins.str", "os.path.abspath", "os.path.realpath", "os.path.normpath", "pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PosixPath", "builtins.repr", "urllib.parse.unquote":
				if len(e.Args) == 1 && len(e.Keywords) == 0 {
					a.refine(fr, st, e.Args[0], func(v *value) *value { return carried(v, change) })
				}
			case "urllib.parse.urljoin":
				if len(e.Args) == 2 {
					a.refine(fr, st, e.Args[1], func(v *value) *value { return clear(v, clearedBy(v, change)&a.models.hosts) })
				}
			case "socket.getaddrinfo", "socket.gethostbyname", "ipaddress.ip_address":
				a.refine(fr, st, e.Args[0], func(v *value) *value { return clear(v, clearedBy(v, change)&a.models.hosts) })
			case "os.path.join":
				// The whole of it leads where it may.
				for _, x := range e.Args {
					a.refine(fr, st, x, func(v *value) *value {
						if clearedBy(anything, change)&a.models.paths == a.models.paths {
							return clear(v, a.models.paths)
						}
						return v
					})
				}
			case "os.path.relpath":
				// No way up from a folder to it: it is in the folder.
				a.refine(fr, st, e.Args[0], func(v *value) *value {
					if clearedBy(anything, change)&a.models.climb != 0 {
						return clear(v, a.models.paths)
					}
					return v
				})
			}
		}
	}
}

// refineElements is refine for a text or a list of which each element is spoken of.
func (a *analysis) refineElements(fr *frame, st *state, e ast.Expr, change func(*value) *value) {
	a.refine(fr, st, e, change)
	v := a.again(fr, st, e)
	for _, id := range v.objects() {
		o := st.object(id)
		if o == nil || o.class != nil || len(v.objs) > 1 {
			continue
		}
		c := o.clone()
		c.some, c.part = o.some, o.part
		c.marks = change(marked(o.marks)).origins()
		c.rest = change(o.rest)
		for i, x := range o.list {
			c.list[i] = change(x)
		}
		st.store(id, c)
	}
}

// refineCopies tells variables of which one was read from the other what was found out of
// one of them.
func (a *analysis) refineCopies(st *state, k slot, v *value, change func(*value) *value) {
	if v == nil {
		return
	}
	if c := v.copyOf; c != nil && c.root != nil {
		now, _ := st.get(c.slot)
		if now == c.was || now != nil && now != bottom && now.facts[0].was == c.root {
			a.noteChecked(st, c.slot, c.root, nil, clearedBy(anything, change))
		}
	} else if c != nil {
		if x, ok := st.get(c.slot); ok && x == c.was {
			st.set(c.slot, change(x))
		}
	}
	if m := v.madeOf; m != nil {
		if leads := kindsOf(v.marks) & (a.models.paths | a.models.sibling); leads != 0 && kindsOf(change(v).origins())&leads == 0 {
			within := func(v *value) *value { return clear(v, a.models.paths) }
			now, _ := st.get(m.slot)
			switch {
			case m.root == nil && now == m.was:
				st.set(m.slot, within(now))
			case m.root != nil && (now == m.was || now != nil && now != bottom && now.facts[0].was == m.root):
				a.noteChecked(st, m.slot, m.root, nil, a.models.paths)
			}
		}
	}
	if !v.copied {
		return
	}
	copies := map[slot]*value{}
	for at := st; at != nil; at = at.parent {
		for j, x := range at.vars.all() {
			if x != nil && x.copyOf != nil && x.copyOf.slot == k && x.copyOf.was == v {
				if cur, ok := st.get(j); ok && cur == x {
					copies[j] = x
				}
			}
		}
	}
	for j, x := range copies {
		st.set(j, change(x))
	}
}

// refineElement is refine for an element with a constant key.
func (a *analysis) refineElement(fr *frame, st *state, e, of, at ast.Expr, change func(*value) *value) {
	base, key := a.again(fr, st, of), a.again(fr, st, at)
	c, ok := key.only()
	if !ok {
		return
	}
	if base == nil || len(base.objs) != 1 {
		a.checked(fr, st, e, change)
		return
	}
	o := st.object(base.objs[0])
	if o == nil {
		return
	}
	if v, ok := o.keys[c]; ok {
		if w := change(v); w != v {
			n := o.clone()
			n.keys[c] = w
			st.store(base.objs[0], n)
		}
		return
	}
	if i, ok := key.number(); ok && !o.loose && i >= 0 && int(i) < len(o.list) {
		if w := change(o.list[i]); w != o.list[i] {
			n := o.clone()
			n.list[i] = w
			st.store(base.objs[0], n)
		}
		return
	}
	switch {
	case o.class != nil || !o.open():
	case o.name == "builtins.dict()" && len(o.marks) == 0 && !o.multi:
		// One of the elements that are somewhere: from now on it is there, if it is anywhere.
		if v := o.at(key); v.tainted() {
			n := o.clone()
			a.put(n, key, change(v))
			n.part = true
			st.store(base.objs[0], n)
		}
	case of.Kind() == ast.KindName && !o.multi:
		if p, root := a.pathOf(fr, st, e, 0); p != "" {
			a.noteChecked(st, a.pathSlot(fr, st, e, p), root, o, clearedBy(anything, change))
		}
	}
}

// clearedBy is what a change takes from marks.
func clearedBy(v *value, change func(*value) *value) models.Kinds {
	if !v.tainted() {
		return 0
	}
	was := models.Kinds(0)
	for _, m := range v.marks {
		was |= m.kinds
	}
	// The change may look at the value's own normal form, which x.resolve() has.
	probe := &value{marks: []mark{{src: v.marks[0].src, kinds: was}}, norm: true, char: v.char, piece: v.piece}
	left := models.Kinds(0)
	for _, m := range change(probe).origins() {
		left |= m.kinds
	}
	return was &^ left
}

// carried is what a change of something that was made of a value tells of the value: what it
// takes, and that it has let siblings pass.
func carried(v *value, change func(*value) *value) *value {
	if !v.tainted() {
		return v
	}
	was := kindsOf(v.marks)
	left := kindsOf(change(&value{marks: []mark{{src: v.marks[0].src, kinds: was}}, norm: true, char: v.char}).origins())
	return restore(clear(v, was&^left), left&^was)
}

// again reads an expression a second time, without running anything.
func (a *analysis) again(fr *frame, st *state, e ast.Expr) *value {
	switch e := e.(type) {
	case *ast.Name:
		v, _ := a.lookup(fr, st, e.Ident)
		return v
	case *ast.Constant:
		return literal(e)
	case *ast.Attribute:
		base := a.again(fr, st, e.Value)
		if base != nil && len(base.objs) == 1 {
			if o := st.object(base.objs[0]); o != nil {
				return o.fields[e.Attr]
			}
		}
	}
	return nil
}
