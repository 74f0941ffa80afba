package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// condition evaluates e and returns the states in which it holds and in which it does not.
// A state that cannot be is dead.
func (a *analysis) condition(fr *frame, st *state, e ast.Expr) (t, f *state) {
	switch e := e.(type) {
	case *ast.UnaryOp:
		if e.Op == ast.Not {
			f, t = a.condition(fr, st, e.Operand)
			return t, f
		}
	case *ast.BoolOp:
		return a.conditions(fr, st, e)
	}
	_, t, f = a.judge(fr, st, e)
	return t, f
}

// judge is condition, and gives the value as well.
func (a *analysis) judge(fr *frame, st *state, e ast.Expr) (v *value, t, f *state) {
	switch e := e.(type) {
	case *ast.UnaryOp:
		if e.Op == ast.Not {
			_, f, t = a.judge(fr, st, e.Operand)
			return verdictOf(t, f), t, f
		}
	case *ast.Compare:
		if len(e.Ops) == 1 && len(e.Comparators) == 1 {
			t, f = a.comparison(fr, st, e, e.Left, e.Ops[0], e.Comparators[0])
			return verdictOf(t, f), t, f
		}
		if len(e.Ops) == len(e.Comparators) {
			t, f = a.chain(fr, st, e)
			return verdictOf(t, f), t, f
		}
	case *ast.Call:
		v, t, f = a.predicate(fr, st, e)
		return a.recall(fr, st, e, v), t, f
	case *ast.NamedExpr:
		v = knowing(a.eval(fr, st, e.Value), a.deduce(fr, st, e.Value))
		a.store(fr, st, e.Target, v)
		t, f = a.split(fr, st, e.Target, v)
		return v, t, f
	}
	v = a.eval(fr, st, e)
	t, f = a.split(fr, st, e, v)
	return v, t, f
}

// verdictOf is True or False, where only one of them can be.
func verdictOf(t, f *state) *value {
	switch {
	case t.dead:
		return boolOf(false)
	case f.dead:
		return boolOf(true)
	}
	return nil
}

// chain is condition for a == b == c: each pair, from the left.
func (a *analysis) chain(fr *frame, st *state, e *ast.Compare) (t, f *state) {
	cur := st.fork()
	var ends []*state
	left := e.Left
	for i, right := range e.Comparators {
		ct, cf := a.comparison(fr, cur, e, left, e.Ops[i], right)
		if !cf.dead {
			ends = append(ends, cf.snapshot(st))
		}
		left = right
		if cur = ct; cur.dead {
			break
		}
	}
	return finish(st, cur, ends)
}

// finish is what is left after all parts of a condition, and after one that has decided it.
func finish(st, cur *state, ends []*state) (through, stopped *state) {
	through, stopped = st.fork(), st.fork()
	through.dead = cur.dead
	if !cur.dead {
		through = cur.snapshot(st)
	}
	stopped.become(rebase(ends, stopped)...)
	return through, stopped
}

// split is condition for a plain value.
func (a *analysis) split(fr *frame, st *state, e ast.Expr, v *value) (t, f *state) {
	b := v
	if w, ok := a.ask(fr, st, v, "__bool__", e); ok {
		b = w
	} else if w, ok := a.ask(fr, st, v, "__len__", e); ok {
		b = w
	}
	t, f = st.fork(), st.fork()
	switch a.truth(st, b) {
	case yes:
		f.dead = true
	case no:
		t.dead = true
	default:
		a.refine(fr, t, e, narrow)
		a.refine(fr, f, e, a.falsy)
		switch d := e.(type) {
		case *ast.BinOp:
			if d.Op == ast.Sub { // not set(x) - allowed
				aside := st.fork()
				a.within(fr, aside, f, d.Left, a.eval(fr, aside, d.Right))
			}
		case *ast.Attribute:
			a.asksOf(fr, t, f, d, v)
		case *ast.Name:
			if v.tainted() {
				a.hostIs(fr, f, d, a.models.hosts&^a.models.address)
			}
		}
	}
	facts := a.factsOf(st, v)
	tell(t, facts, true)
	tell(f, facts, false)
	return t, f
}

// asksOf is what the truth of an attribute tells: an address without a host stays where it is,
// and one that belongs to everybody is none of the own network.
func (a *analysis) asksOf(fr *frame, t, f *state, e *ast.Attribute, v *value) {
	switch e.Attr {
	case "netloc", "hostname":
		a.hostIs(fr, f, e, a.models.hosts&^a.models.address)
	case "is_private", "is_global":
		public := f
		if e.Attr == "is_global" {
			public = t
		}
		if v != nil && slices.ContainsFunc(v.names, func(n string) bool { return strings.HasPrefix(n, "ipaddress.") }) {
			a.spoken(fr, public, v, a.models.fetch)
		}
	}
}

func (a *analysis) conditions(fr *frame, st *state, e *ast.BoolOp) (t, f *state) {
	cur := st.fork()
	var ends []*state
	for _, x := range e.Values {
		ct, cf := a.condition(fr, cur, x)
		next, end := ct, cf
		if e.Op == ast.Or {
			next, end = cf, ct
		}
		if !end.dead {
			ends = append(ends, end.snapshot(st))
		}
		if cur = next; cur.dead {
			break
		}
	}
	through, stopped := finish(st, cur, ends)
	if e.Op == ast.Or {
		return stopped, through
	}
	return through, stopped
}

// rebase puts snapshots on top of a fork of their base.
func rebase(list []*state, on *state) []*state {
	out := make([]*state, len(list))
	for i, s := range list {
		out[i] = &state{parent: on, vars: s.vars, heap: s.heap, dead: s.dead, base: s.base}
	}
	return out
}

// foreign says whether any of the marks is of data that the machine's owner does not decide:
// what is compared with his settings is compared with what is allowed.
func foreign(list []mark) bool {
	return slices.ContainsFunc(list, func(m mark) bool { return !m.src.local && !m.src.stored })
}

// typeIs: type(x) is int speaks of x.
func (a *analysis) typeIs(fr *frame, st, pos *state, left ast.Expr, r *value, op ast.CmpOp) {
	c, ok := left.(*ast.Call)
	if !ok || len(c.Args) != 1 || r == nil || fr.mod.unit.Name(c.Func) != "builtins.type" {
		return
	}
	list := []*value{r}
	if op == ast.In || op == ast.NotIn {
		list, _ = a.iterate(fr, st, r, c)
	}
	for _, x := range list {
		if x == nil || len(x.names) == 0 || slices.ContainsFunc(x.names, func(n string) bool { return !plainTypes[n] }) {
			return
		}
	}
	a.refine(fr, pos, c.Args[0], trusted)
}

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
			if e.Attr == "hostname" || e.Attr == "netloc" {
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
		if f, ok := e.Func.(*ast.Attribute); ok && (len(e.Args) == 0 || f.Attr == "split" && e.Args[0].Kind() == ast.KindConstant) {
			switch f.Attr {
			case "getmembers", "infolist", "namelist", "getnames": // of an archive
				a.refine(fr, st, f.Value, func(v *value) *value { return clear(v, clearedBy(v, change)&a.models.paths) })
			case "split", "splitlines", "lower", "upper", "strip", "casefold", "lstrip", "rstrip", "title", "capitalize", "resolve", "absolute":
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
			case "builtins.str", "os.path.abspath", "os.path.realpath", "os.path.normpath", "pathlib.Path", "builtins.repr", "urllib.parse.unquote":
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
		for j, x := range at.vars {
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
			a.noteChecked(st, slot{fr.id, pathMark + p}, root, o, clearedBy(anything, change))
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

// comparison is condition for a == b and the like.
func (a *analysis) comparison(fr *frame, st *state, e *ast.Compare, left ast.Expr, op ast.CmpOp, right ast.Expr) (t, f *state) {
	l, r := a.eval(fr, st, left), a.eval(fr, st, right)
	t, f = st.fork(), st.fork()
	switch a.compare(fr, st, e, l, op, r) {
	case yes:
		f.dead = true
		return t, f
	case no:
		t.dead = true
		return t, f
	}
	pos, neg := t, f
	switch op {
	case ast.NotEq, ast.NotIn, ast.IsNot:
		pos, neg = f, t
	}
	a.toldBy(fr, st, pos, neg, left, l, op, r)
	if n, ok := r.number(); ok {
		if c, isCall := left.(*ast.Call); isCall && len(c.Args) == 1 && fr.mod.unit.Name(c.Func) == "builtins.len" {
			facts := a.factsOf(st, a.again(fr, st, c.Args[0]))
			switch {
			case op == ast.Gt && n == 0, op == ast.NotEq && n == 0, op == ast.GtE && n == 1:
				tell(t, facts, true)
				tell(f, facts, false)
			case op == ast.Eq && n == 0, op == ast.LtE && n == 0, op == ast.Lt && n == 1:
				tell(t, facts, false)
				tell(f, facts, true)
			}
		}
	}
	a.typeIs(fr, st, pos, left, r, op)
	a.limits(fr, t, f, e, l, r)
	switch op {
	case ast.Eq, ast.NotEq, ast.Is, ast.IsNot:
		if l.tainted() && r.tainted() {
			// The same text does the same.
			a.refine(fr, pos, left, func(v *value) *value { return clear(v, models.All&^kindsOf(r.marks)) })
			a.refine(fr, pos, right, func(v *value) *value { return clear(v, models.All&^kindsOf(l.marks)) })
		}
		a.equals(fr, pos, neg, left, l, r)
		a.equals(fr, pos, neg, right, r, l)
		a.unchangedBy(fr, pos, left, right, l, r)
		a.unchangedBy(fr, pos, right, left, r, l)
	case ast.LtE:
		a.within(fr, st, pos, left, r) // {x, y} <= allowed
	case ast.GtE:
		a.within(fr, st, pos, right, l)
	case ast.In, ast.NotIn:
		a.membership(fr, st, pos, neg, left, right, l, r)
	}
	return t, f
}

// membership narrows by left in right.
func (a *analysis) membership(fr *frame, st, pos, neg *state, left, right ast.Expr, l, r *value) {
	if !foreign(a.deep(st, r, 0)) || !foreign(a.deep(st, l, 0)) && len(a.deep(st, r, 0)) == 0 {
		// In something that nobody outside controls: most likely what is allowed. What is
		// in a text is a part of it.
		a.refine(fr, pos, left, a.among(st, r, true))
		a.refine(fr, neg, left, a.among(st, r, false))
		a.parsed(fr, pos, left)
	}
	a.contained(fr, st, pos, left, right)
	if sub, ok := left.(*ast.Subscript); ok && hasEquals(st, r) && firstOf(sub.Slice) { // text[0] in "=+-@"
		a.refine(fr, neg, sub.Value, func(v *value) *value { return clear(v, a.models.formula) })
	}
	if c, ok := l.only(); ok && c.kind == ast.Str && len(c.str) > 0 { // "x" in text
		a.refine(fr, neg, right, func(v *value) *value { return clear(v, a.models.lacks(c.str)) })
		if sub, ok := right.(*ast.Subscript); ok && len(c.str) == 1 { // "'" in text[1:-1]
			if sl, ok := sub.Slice.(*ast.Slice); ok && sl.Lower != nil && sl.Upper != nil {
				a.refine(fr, neg, sub.Value, func(v *value) *value { return a.quoted(v, noneInside) })
			}
		}
	}
}

// among is what is known of a value that is in a container of what is allowed, or is not. Of
// a character it is only that it is one of these: all(c in "abc'" for c in x) lets pass a
// quotation mark in x.
func (a *analysis) among(st *state, of *value, in bool) func(*value) *value {
	set, known := characters(st, of)
	return func(v *value) *value {
		switch {
		case v.tainted() && v.piece && !in && slices.Contains(a.options(st, of), ".."):
			return clear(v, a.models.climb)
		case v.tainted() && v.char && known:
			if !in {
				return clear(v, a.models.harmless(others(set)))
			}
			return clear(v, a.models.harmless(set))
		case in:
			return trusted(v)
		}
		return v
	}
}

// characters are those that a text consists of, or a container of single ones.
func characters(st *state, v *value) (set [128]bool, ok bool) {
	add := func(s string) {
		for _, r := range s {
			if r < 128 {
				set[r] = true
			}
		}
	}
	if v == nil {
		return set, false
	}
	if s, ok := v.str(); ok {
		add(s)
		return set, true
	}
	if len(v.objs) != 1 || len(v.marks) > 0 {
		return set, false
	}
	o := st.object(v.objs[0])
	if o == nil || o.class != nil || len(o.marks) > 0 {
		return set, false
	}
	list := slices.Clone(o.list)
	for k := range o.keys {
		if o.name == "builtins.dict()" {
			list = append(list, constOf(k))
		}
	}
	if o.more {
		list = append(list, o.rest)
	}
	for _, x := range list {
		if x == nil || len(x.consts) == 0 || len(x.marks) > 0 {
			return set, false
		}
		for _, c := range x.consts {
			if c.kind != ast.Str || len([]rune(c.str)) != 1 {
				return set, false
			}
			add(c.str)
		}
	}
	return set, len(list) > 0
}

func others(set [128]bool) (out [128]bool) {
	for i := range set {
		out[i] = !set[i]
	}
	return out
}

// within: all elements of a set, or of what a set is made of, are in one of what is allowed.
func (a *analysis) within(fr *frame, st, pos *state, e ast.Expr, of *value) {
	if of == nil || len(of.objs) == 0 && len(of.consts) == 0 || foreign(a.deep(st, of, 0)) {
		return
	}
	change := a.among(st, of, true)
	switch s := e.(type) {
	case *ast.Set:
		for _, x := range s.Elts {
			a.refine(fr, pos, x, trusted)
		}
	case *ast.Call:
		if n, ok := s.Func.(*ast.Name); ok && (n.Ident == "set" || n.Ident == "frozenset") && len(s.Args) == 1 {
			a.refineElements(fr, pos, s.Args[0], each(change))
			return
		}
		if f, ok := s.Func.(*ast.Attribute); ok && (f.Attr == "keys" || f.Attr == "values") && len(s.Args) == 0 {
			return
		}
	case *ast.Name:
		if v := a.again(fr, st, e); v != nil && len(v.objs) > 0 {
			a.refineElements(fr, pos, e, each(change))
		}
	}
}

// each applies what is known of one element to what may be the whole text.
func each(change func(*value) *value) func(*value) *value {
	return func(v *value) *value {
		if !v.tainted() {
			return v
		}
		w := *v
		w.char = true
		return clear(v, clearedBy(&w, change))
	}
}

// toldBy is what comparing an answer tells: match(x) is not None, check(x) == 0, ok(x) is True.
func (a *analysis) toldBy(fr *frame, st, pos, neg *state, left ast.Expr, l *value, op ast.CmpOp, r *value) {
	c, ok := r.only()
	if !ok || op != ast.Is && op != ast.IsNot && op != ast.Eq && op != ast.NotEq {
		return
	}
	facts := a.deduce(fr, st, left)
	if l != nil {
		facts = append(facts, a.factsOf(st, l)...)
	}
	if len(facts) == 0 {
		return
	}
	// What has the same truth as the constant is told where it is the constant; the opposite is
	// told where it is not, if there is nothing else of that truth.
	tell(pos, facts, c.truth())
	alone := false
	switch {
	case l != nil && len(l.consts) > 0:
		alone = !slices.ContainsFunc(l.consts, func(d constant) bool { return d.truth() == c.truth() && !equal(d, c) }) && len(l.objs) == 0
	case c.kind == ast.None:
		alone = !boolish(left)
	case c.kind == ast.True, c.kind == ast.False:
		alone = boolish(left)
	}
	if alone {
		tell(neg, facts, !c.truth())
	}
}

// hasEquals says whether texts that are looked for, or the characters of one, are those
// that begin a formula.
func hasEquals(st *state, v *value) bool {
	if s, ok := v.str(); ok {
		return strings.Contains(s, "=") && len(s) < 20
	}
	if v == nil {
		return false
	}
	for _, id := range v.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		for _, x := range o.list {
			if s, ok := x.str(); ok && s == "=" {
				return true
			}
		}
		for k := range o.keys {
			if k.str == "=" {
				return true
			}
		}
		if o.more && o.rest != nil && slices.ContainsFunc(o.rest.consts, func(c constant) bool { return c.str == "=" }) {
			return true
		}
	}
	return false
}

// firstOf: [0] and [:1].
func firstOf(e ast.Expr) bool {
	if s, ok := e.(*ast.Slice); ok {
		c, ok := s.Upper.(*ast.Constant)
		return ok && s.Lower == nil && c.ConstKind() == ast.Int && c.Raw == "1"
	}
	c, ok := e.(*ast.Constant)
	return ok && c.ConstKind() == ast.Int && c.Raw == "0"
}

// equals narrows e, which has the value v, by what it is compared with.
func (a *analysis) equals(fr *frame, pos, neg *state, e ast.Expr, v, other *value) {
	if other == nil || foreign(other.marks) || len(other.marks) > 0 && !foreign(v.origins()) {
		return
	}
	a.parsed(fr, pos, e)
	// What stands right below a folder is in it, also if nobody has resolved it.
	below := func(v *value) *value { return clear(v, a.models.paths) }
	if p, ok := e.(*ast.Attribute); ok && p.Attr == "parent" {
		a.refine(fr, pos, p.Value, below)
	}
	if c, ok := e.(*ast.Call); ok && len(c.Args) == 1 && slices.Contains(fr.mod.unit.Names(c.Func), "os.path.dirname") {
		a.refine(fr, pos, c.Args[0], below)
	}
	if c, ok := e.(*ast.Call); ok && slices.Contains(fr.mod.unit.Names(c.Func), "os.path.commonpath") && len(c.Args) == 1 {
		var elts []ast.Expr
		switch l := c.Args[0].(type) {
		case *ast.List:
			elts = l.Elts
		case *ast.Tuple:
			elts = l.Elts
		}
		for _, x := range elts {
			a.refine(fr, pos, x, a.inside)
		}
	}
	if len(other.consts) > 0 && len(other.objs) == 0 {
		one := &value{consts: other.consts[:1]}
		a.refine(fr, pos, e, func(v *value) *value {
			if v.tainted() && v.char && len(other.consts) == 1 && other.consts[0].kind == ast.Str {
				return a.among(pos, one, true)(v)
			}
			if v != nil && len(v.consts) > 0 && len(v.marks) == 0 {
				var both []constant
				for _, c := range v.consts {
					if slices.ContainsFunc(other.consts, func(d constant) bool { return equal(c, d) }) {
						both = append(both, c)
					}
				}
				if len(both) > 0 {
					return &value{consts: both}
				}
			}
			return &value{consts: other.consts}
		})
		if len(other.consts) == 1 {
			a.refine(fr, neg, e, func(v *value) *value {
				if v.tainted() && (v.char || v.piece) {
					return a.among(neg, one, false)(v)
				}
				if v == nil || len(v.consts) < 2 {
					return v
				}
				out := *v
				out.consts = slices.DeleteFunc(slices.Clone(v.consts), func(c constant) bool { return equal(c, other.consts[0]) })
				return &out
			})
		}
		return
	}
	a.refine(fr, pos, e, trusted)
}

// unchangedBy: x == basename(x). What has changed nothing has nothing to take away.
func (a *analysis) unchangedBy(fr *frame, pos *state, e, made ast.Expr, v, cleaned *value) {
	c, ok := made.(*ast.Call)
	if !ok || !v.tainted() || cleaned != nil && !sameOrigin(cleaned, v) {
		return
	}
	of := []ast.Expr{}
	of = append(of, c.Args...)
	if f, ok := c.Func.(*ast.Attribute); ok {
		of = append(of, f.Value)
	}
	text := fr.mod.unit.File.Text(e.Span())
	if !slices.ContainsFunc(of, func(x ast.Expr) bool { return fr.mod.unit.File.Text(x.Span()) == text }) {
		return
	}
	gone := kindsOf(v.marks) &^ kindsOf(cleaned.origins())
	a.refine(fr, pos, e, func(v *value) *value { return clear(v, gone) })
}

// parsed: urlparse(url).netloc == host speaks of url.
func (a *analysis) parsed(fr *frame, st *state, e ast.Expr) {
	a.hostIs(fr, st, e, a.models.hosts)
}

// hostIs is told that the host in an address, written as e, takes kinds from the address.
func (a *analysis) hostIs(fr *frame, st *state, e ast.Expr, k models.Kinds) {
	e = sameHost(e)
	switch x := e.(type) {
	case *ast.Attribute:
		if x.Attr != "netloc" && x.Attr != "hostname" {
			return
		}
		if c, ok := x.Value.(*ast.Call); ok {
			if len(c.Args) > 0 {
				a.refine(fr, st, c.Args[0], func(v *value) *value { return clear(v, k) })
			}
		} else if v := a.again(fr, st, x.Value); v != nil {
			a.spoken(fr, st, v, k)
		}
	case *ast.Name:
		v, _ := a.lookup(fr, st, x.Ident)
		if v.tainted() && slices.ContainsFunc(v.names, func(n string) bool { return strings.HasSuffix(n, ".netloc") || strings.HasSuffix(n, ".hostname") }) {
			a.spoken(fr, st, v, k)
		}
	}
}

// sameHost takes off what does not change which host is meant: (u.hostname or "").lower().
func sameHost(e ast.Expr) ast.Expr {
	for range 6 {
		switch x := e.(type) {
		case *ast.BoolOp:
			if x.Op != ast.Or || len(x.Values) != 2 || x.Values[1].Kind() != ast.KindConstant {
				return e
			}
			e = x.Values[0]
			continue
		case *ast.Call:
			if f, ok := x.Func.(*ast.Attribute); ok && (f.Attr == "lower" || f.Attr == "casefold" || f.Attr == "strip" || f.Attr == "rstrip" || f.Attr == "upper") {
				e = f.Value
				continue
			}
		}
		return e
	}
	return e
}

// spoken takes kinds from all variables that hold data from the same source as v.
func (a *analysis) spoken(fr *frame, st *state, v *value, k models.Kinds) {
	if !v.tainted() {
		return
	}
	frames := map[int32]bool{}
	for id := fr.id; id != 0; id = a.outer[id] {
		frames[id] = true
	}
	found := map[slot]*value{}
	for at := st; at != nil; at = at.parent {
		for s, w := range at.vars {
			if !frames[s.frame] || s.path() || !w.tainted() || !sameOrigin(w, v) {
				continue
			}
			if cur, ok := st.get(s); ok && cur == w {
				found[s] = w
			}
		}
	}
	for s, w := range found {
		st.set(s, clear(w, k))
	}
}

// inside is a path of which it is known that it is in a folder.
func (a *analysis) inside(v *value) *value {
	if v != nil && v.norm {
		return clear(v, a.models.paths)
	}
	return v
}

// contained: folder in path.parents.
func (a *analysis) contained(fr *frame, st, pos *state, left, right ast.Expr) {
	if f, ok := right.(*ast.Attribute); ok && f.Attr == "parents" {
		if l := a.again(fr, st, left); !l.tainted() {
			a.refine(fr, pos, f.Value, a.inside)
		}
	}
}

// trusted is a value that was compared with what is allowed.
func trusted(v *value) *value {
	if !v.tainted() {
		return v
	}
	out := *v
	out.marks = nil
	return &out
}

func sameOrigin(a, b *value) bool {
	for _, m := range a.marks {
		if !slices.ContainsFunc(b.marks, func(n mark) bool { return n.src == m.src }) {
			return false
		}
	}
	return true
}

// predicate is condition for a call.
func (a *analysis) predicate(fr *frame, st *state, e *ast.Call) (v *value, t, f *state) {
	// A function of the program: what its parameters are known to be where it answers yes.
	c := &callSite{fr: fr, st: st, node: e, split: true}
	v = a.callWith(c)
	a.cameBack(c)
	b := v
	if w, ok := a.ask(fr, st, v, "__bool__", e); ok {
		b = w
	} else if w, ok := a.ask(fr, st, v, "__len__", e); ok {
		b = w
	}
	t, f = st.fork(), st.fork()
	switch a.truth(st, b) {
	case yes:
		f.dead = true
	case no:
		t.dead = true
	default:
		if c.runs == 1 {
			// What objects hold where it answers yes, and where it answers no.
			var ys, ns []*state
			for _, r := range c.outs {
				if r.truth != no {
					ys = append(ys, r.st)
				}
				if r.truth != yes {
					ns = append(ns, r.st)
				}
			}
			t.become(rebase(ys, t)...)
			f.become(rebase(ns, f)...)
		}
	}
	facts := a.factsOf(st, v)
	tell(t, facts, true)
	tell(f, facts, false)
	if len(c.ways) > 0 {
		for _, w := range c.ways {
			yesKinds, noKinds := w.cleared()
			a.passes(fr, t, w, yesKinds)
			a.passes(fr, f, w, noKinds)
		}
	}
	names := c.names
	for _, n := range names {
		for _, g := range a.models.guards[n] {
			pos := t
			if g.Holds == "false" {
				pos = f
			}
			if g.Holds == "returns" {
				continue
			}
			if arg := pick(e, g.arg); arg != nil {
				a.refine(fr, pos, arg, func(v *value) *value { return clear(v, g.kinds) })
			}
		}
		if x := a.models.forms[n]; x != nil && x.Gives == "fields" {
			a.formHolds(c, t, x)
		}
		a.languageGuards(fr, st, t, f, e, n)
	}
	if fn, ok := e.Func.(*ast.Attribute); ok {
		if !known(a, names) {
			for _, g := range a.models.methodGrd[fn.Attr] {
				pos := t
				if g.Holds == "false" {
					pos = f
				}
				if arg := pick(e, g.arg); arg != nil && g.Holds != "returns" && c.endsIn(g.Method) {
					a.refine(fr, pos, arg, func(v *value) *value { return clear(v, g.kinds) })
				}
			}
		}
		a.methodGuards(fr, st, t, f, e, fn, c)
	}
	return v, t, f
}

// pick is the expression of an argument, or the receiver.
func pick(e *ast.Call, spec models.Argument) ast.Expr {
	if spec.Role == models.Self {
		if f, ok := e.Func.(*ast.Attribute); ok {
			return f.Value
		}
		return nil
	}
	if n := spec.Position; n >= 0 && n < len(e.Args) && e.Args[n].Kind() != ast.KindStarred {
		return e.Args[n]
	}
	for _, k := range e.Keywords {
		if k.Arg != "" && k.Arg == spec.Name {
			return k.Value
		}
	}
	return nil
}

func number(s string) (int, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1000 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// languageGuards are those of the language itself.
func (a *analysis) languageGuards(fr *frame, st *state, t, f *state, e *ast.Call, name string) {
	switch name {
	case "builtins.isinstance":
		if len(e.Args) != 2 {
			return
		}
		v := a.again(fr, st, e.Args[0])
		types := a.eval(fr, st, e.Args[1])
		if types == nil {
			return
		}
		for _, id := range types.objs {
			if o := st.object(id); o != nil && !o.open() {
				types = bottom
				for _, x := range o.list {
					types = join(types, x)
				}
				if types == nil || types == bottom {
					return
				}
			}
		}
		number := len(types.names) > 0
		for _, n := range types.names {
			switch n {
			case "builtins.int", "builtins.float", "builtins.bool", "uuid.UUID", "datetime.date", "datetime.datetime", "decimal.Decimal":
			default:
				number = false
			}
		}
		if number {
			a.refine(fr, t, e.Args[0], trusted)
		} else if len(types.names) > 0 && !slices.ContainsFunc(types.names, func(n string) bool { return n != "builtins.str" && n != "builtins.bytes" }) {
			a.refine(fr, t, e.Args[0], func(v *value) *value { return clear(v, a.models.nosql) })
		}
		if len(types.class) == 1 && v != nil && len(v.objs) > 0 && len(v.marks) == 0 {
			var in, out []objectID
			for _, id := range v.objs {
				o := st.object(id)
				if o != nil && o.class != nil && slices.Contains(a.lineage(o.class), types.class[0]) {
					in = append(in, id)
				} else {
					out = append(out, id)
				}
			}
			keep := func(ids []objectID) func(*value) *value {
				return func(v *value) *value { return &value{objs: ids, names: v.names} }
			}
			if len(in) == 0 {
				t.dead = true
			} else {
				a.refine(fr, t, e.Args[0], keep(in))
			}
			if len(out) == 0 && len(v.consts) == 0 {
				f.dead = true
			} else if len(out) > 0 {
				a.refine(fr, f, e.Args[0], keep(out))
			}
		}
		if c, ok := v.only(); ok {
			for _, n := range types.names {
				if n == constType[c.kind] {
					f.dead = true
					return
				}
			}
			if len(types.names) > 0 && constType[c.kind] != "" && !strings.HasPrefix(types.names[0], "typing") {
				t.dead = true
			}
		}
	case "re.match", "re.fullmatch", "re.search", "regex.match", "regex.fullmatch":
		if len(e.Args) < 2 {
			return
		}
		if p, ok := a.eval(fr, st, e.Args[0]).str(); ok {
			p = withFlags(p, flagsOf(e, 2))
			k := a.matched(p, name[strings.LastIndexByte(name, '.')+1:])
			a.refine(fr, t, e.Args[1], func(v *value) *value { return clear(v, k) })
			if strings.HasSuffix(name, ".search") {
				a.absent(fr, f, e.Args[1], p)
			}
		}
	case "re.compile().match", "re.compile().fullmatch", "re.compile().search":
		fn, ok := e.Func.(*ast.Attribute)
		if !ok || len(e.Args) < 1 {
			return
		}
		if v := a.eval(fr, st, fn.Value); v != nil && v.prefix != "" && strings.HasPrefix(v.prefix, "re:") {
			k := a.matched(v.prefix[3:], name[strings.LastIndexByte(name, '.')+1:])
			a.refine(fr, t, e.Args[0], func(v *value) *value { return clear(v, k) })
			if strings.HasSuffix(name, ".search") {
				a.absent(fr, f, e.Args[0], v.prefix[3:])
			}
		}
	case "builtins.any", "builtins.all":
		if len(e.Args) == 1 {
			a.eachOrAny(fr, st, t, f, e.Args[0], name == "builtins.all")
		}
	case "os.path.isabs":
		if len(e.Args) == 1 {
			a.refine(fr, f, e.Args[0], func(v *value) *value { return clear(v, a.models.absolute) })
		}
	case "os.path.dirname":
		if len(e.Args) == 1 { // it is in no other folder
			a.refine(fr, f, e.Args[0], func(v *value) *value { return clear(v, a.models.paths) })
		}
	case "operator.contains":
		if len(e.Args) == 2 {
			a.membership(fr, st, t, f, e.Args[1], e.Args[0], a.again(fr, st, e.Args[1]), a.eval(fr, st, e.Args[0]))
		}
	}
}

// eachOrAny: all(c in allowed for c in x), all(c.isalnum() for c in x), any(x == a for a in allowed).
func (a *analysis) eachOrAny(fr *frame, st *state, t, f *state, e ast.Expr, all bool) {
	var elt ast.Expr
	var gens []*ast.Comprehension
	switch g := e.(type) {
	case *ast.GeneratorExp:
		elt, gens = g.Elt, g.Generators
	case *ast.ListComp:
		elt, gens = g.Elt, g.Generators
	case *ast.SetComp:
		elt, gens = g.Elt, g.Generators
	case *ast.Call: // all(map(str.isalnum, x))
		if fr.mod.unit.Name(g.Func) == "builtins.map" && len(g.Args) == 2 && all {
			if m, ok := strings.CutPrefix(fr.mod.unit.Name(g.Args[0]), "builtins.str."); ok {
				a.refineElements(fr, t, g.Args[1], func(v *value) *value { return clear(v, a.asked(m)) })
			}
		}
		return
	}
	if len(gens) != 1 || len(gens[0].Ifs) > 0 {
		return
	}
	every, some := t, f // where it holds of each, and where there is one of which it does not
	if !all {
		every, some = f, t
	}
	list, exact := a.iterate(fr, st, a.eval(fr, st, gens[0].Iter), e)
	piece := slices.ContainsFunc(list, func(v *value) bool { return v.tainted() && v.piece })
	a.eachOf(fr, st, every, elt, gens[0], all, piece)
	if some.dead {
		return
	}
	inner := &frame{id: a.newFrame(fr.id), mod: fr.mod, fn: fr.fn, base: fr.base, up: fr, depth: fr.depth, repeat: 1}
	var held []*state
	cur := every.fork()
	for _, v := range list {
		// Where it holds of each, it holds of this one after those before.
		if exact && !cur.dead {
			a.store(inner, cur, gens[0].Target, v)
			it, not := a.condition(inner, cur, elt)
			if !all {
				it = not
			}
			cur = it
		}
		one := some.fork()
		a.store(inner, one, gens[0].Target, v)
		it, not := a.condition(inner, one, elt)
		if all {
			it = not
		}
		if !it.dead {
			held = append(held, it)
		}
	}
	if len(held) > 0 {
		some.become(held...)
	}
	if exact && !cur.dead {
		every.become(cur)
	}
}

// eachOf: what is so of each element is so of the whole.
func (a *analysis) eachOf(fr *frame, st, side *state, elt ast.Expr, g *ast.Comprehension, holds, piece bool) {
	target, ok := g.Target.(*ast.Name)
	if !ok {
		return
	}
	cur := st.fork()
	inner := &frame{id: a.newFrame(fr.id), mod: fr.mod, fn: fr.fn, base: fr.base, up: fr, depth: fr.depth, repeat: 1}
	src := &origin{id: 1 << 30}
	cur.set(slot{inner.id, target.Ident}, &value{marks: []mark{{src: src, kinds: models.All}}, char: true, piece: piece})
	ct, cf := a.condition(inner, cur, elt)
	if !holds {
		ct = cf
	}
	if v, ok := ct.get(slot{inner.id, target.Ident}); ok && !ct.dead {
		left := models.Kinds(0)
		for _, m := range v.origins() {
			if m.src == src {
				left |= m.kinds
			}
		}
		a.refineElements(fr, side, g.Iter, func(v *value) *value { return clear(v, models.All&^left) })
	}
}

var constType = map[ast.ConstKind]string{ast.Str: "builtins.str", ast.Bytes: "builtins.bytes", ast.Int: "builtins.int", ast.Float: "builtins.float", ast.True: "builtins.bool", ast.False: "builtins.bool"}

// asked is what a text cannot do any more of which a method has said yes.
func (a *analysis) asked(method string) models.Kinds {
	switch method {
	case "isdigit", "isdecimal", "isnumeric":
		return models.All
	case "isalnum", "isalpha", "isidentifier":
		// No character that means anything to anybody; a name all the same.
		return models.All &^ a.models.naming
	}
	return 0
}

// methodGuards are methods of texts and paths that tell something of them.
func (a *analysis) methodGuards(fr *frame, st *state, t, f *state, e *ast.Call, fn *ast.Attribute, c *callSite) {
	if k := a.asked(fn.Attr); k != 0 {
		a.refine(fr, t, fn.Value, func(v *value) *value { return clear(v, k) })
	}
	aside := st.fork() // in which the argument is looked at a second time
	one := func() *value {
		if len(e.Args) != 1 {
			return nil
		}
		return a.eval(fr, aside, e.Args[0])
	}
	switch fn.Attr {
	case "issubset":
		a.within(fr, aside, t, fn.Value, one())
	case "difference":
		a.within(fr, aside, f, fn.Value, one())
	case "issuperset":
		if len(e.Args) == 1 && c.recv != nil && len(c.recv.objs) > 0 && !foreign(a.deep(st, c.recv, 0)) {
			a.refineElements(fr, t, e.Args[0], each(a.among(st, c.recv, true)))
		}
	case "__contains__":
		if len(e.Args) == 1 {
			a.membership(fr, st, t, f, e.Args[0], fn.Value, a.again(fr, st, e.Args[0]), c.recv)
		}
	case "strip":
		if set, ok := characters(aside, one()); ok { // nothing is left of it
			a.refine(fr, f, fn.Value, func(v *value) *value { return clear(v, a.models.harmless(set)) })
		}
	case "is_absolute":
		inner := fn.Value
		if p, ok := inner.(*ast.Call); ok && len(p.Args) == 1 { // Path(name)
			inner = p.Args[0]
		}
		a.refine(fr, f, inner, func(v *value) *value { return clear(v, a.models.absolute) })
	case "is_relative_to":
		a.refine(fr, t, fn.Value, a.inside)
	case "endswith":
		if len(e.Args) == 1 {
			a.ofDomain(fr, aside, t, fn.Value, one())
			if s, ok := a.eval(fr, st, e.Args[0]).str(); ok && (s == "'" || s == `"`) {
				a.refine(fr, t, fn.Value, func(v *value) *value { return a.quoted(v, endsQuoted) })
			}
		}
	case "startswith":
		if len(e.Args) != 1 {
			return
		}
		if s, ok := a.eval(fr, st, e.Args[0]).str(); ok && (s == "'" || s == `"`) {
			a.refine(fr, t, fn.Value, func(v *value) *value { return a.quoted(v, beginsQuoted) })
		} else if ok && s == "-" {
			a.refine(fr, f, fn.Value, func(v *value) *value { return clear(v, a.models.argument) })
		}
		s := a.eval(fr, st, e.Args[0])
		if foreign(s.origins()) {
			return
		}
		list := a.options(st, s)
		if len(list) == 1 && list[0] == "/" {
			a.refine(fr, t, fn.Value, func(v *value) *value { return a.quoted(v, beginsSlash) })
		} else if slices.Contains(list, "//") {
			a.refine(fr, f, fn.Value, func(v *value) *value { return a.quoted(v, notTwoSlashes) })
		}
		if slices.Contains(list, "/") {
			a.refine(fr, f, fn.Value, func(v *value) *value { return clear(v, a.models.absolute) })
		} else if slices.Contains(list, "..") {
			a.refine(fr, f, fn.Value, func(v *value) *value {
				if v != nil && v.norm { // then they can be nowhere else
					return clear(v, a.models.climb)
				}
				return v
			})
		}
		if hasEquals(st, s) {
			a.refine(fr, f, fn.Value, func(v *value) *value { return clear(v, a.models.formula) })
		}
		text, known := s.str()
		if list, exact := a.constants(st, s); exact && !slices.ContainsFunc(list, func(x string) bool { return !wholeHost(x) }) {
			a.refine(fr, t, fn.Value, func(v *value) *value { return clear(v, a.models.hosts) })
		}
		if known && wholeHost(text) {
			a.refine(fr, t, fn.Value, func(v *value) *value { return clear(v, a.models.hosts) })
		}
		separated := known && strings.HasSuffix(text, "/") || !known && endsInSeparator(fr, e.Args[0])
		a.refine(fr, t, fn.Value, func(v *value) *value {
			switch {
			case v == nil || !v.norm:
				return v
			case separated:
				return clear(v, a.models.paths)
			case known && strings.IndexByte(text, '/') < 0:
				return v
			}
			// Without a separator /srv/www lets /srv/www-secret pass.
			w := clear(v, a.models.paths)
			if w.tainted() {
				c := *w
				c.marks = slices.Clone(w.marks)
				for i := range c.marks {
					if v.marks[0].kinds&a.models.paths != 0 {
						c.marks[i].kinds |= a.models.sibling
					}
				}
				w = &c
			}
			return w
		})
	}
}

// ofDomain: hostname.endswith(".example.com"). Without the first dot it lets pass evilexample.com.
func (a *analysis) ofDomain(fr *frame, st, pos *state, e ast.Expr, end *value) {
	if end == nil || foreign(end.marks) {
		return
	}
	list := a.options(st, end)
	if len(list) == 0 {
		if len(end.consts) > 0 || !strings.HasPrefix(end.begins(), ".") {
			return
		}
	}
	for _, s := range list {
		name, ok := strings.CutPrefix(s, ".")
		if !ok || !strings.Contains(name, ".") && !ownDomains[name] {
			return
		}
	}
	a.parsed(fr, pos, e)
}

// ownDomains are names at the top of which nobody else has any.
var ownDomains = map[string]bool{"internal": true, "local": true, "localhost": true, "lan": true, "corp": true, "home": true, "intranet": true, "test": true, "example": true}

// options are the texts that a method which takes one or a tuple of them is given.
func (a *analysis) options(st *state, v *value) []string {
	if s, ok := v.str(); ok {
		return []string{s}
	}
	list, _ := a.constants(st, v)
	return list
}

// constants are the texts that a tuple holds, if it holds nothing else.
func (a *analysis) constants(st *state, v *value) (list []string, all bool) {
	if v == nil || len(v.objs) != 1 {
		return nil, false
	}
	o := st.object(v.objs[0])
	if o == nil || o.class != nil || o.open() || len(o.list) == 0 {
		return nil, false
	}
	for _, x := range o.list {
		s, ok := x.str()
		if !ok {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}

// wholeHost says whether every address that begins so goes to one host.
func wholeHost(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" {
		return false
	}
	return strings.Contains(rest, "/") && rest[0] != '/'
}

// endsInSeparator says whether an expression is a folder with a separator after it.
func endsInSeparator(fr *frame, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BinOp:
		if c, ok := ast.IsStr(e.Right); ok {
			return strings.HasSuffix(c.Str(), "/")
		}
		for _, n := range fr.mod.unit.Names(e.Right) {
			if n == "os.sep" || n == "os.path.sep" {
				return true
			}
		}
	case *ast.Call:
		if len(e.Args) > 0 {
			if c, ok := ast.IsStr(e.Args[len(e.Args)-1]); ok && c.Str() == "" { // os.path.join(base, "")
				return true
			}
		}
	case *ast.JoinedStr:
		if n := len(e.Values); n > 0 {
			if c, ok := ast.IsStr(e.Values[n-1]); ok {
				return strings.HasSuffix(c.Str(), "/")
			}
			if v, ok := e.Values[n-1].(*ast.FormattedValue); ok {
				for _, n := range fr.mod.unit.Names(v.Value) {
					if n == "os.sep" || n == "os.path.sep" {
						return true
					}
				}
			}
		}
	case *ast.Name:
		for _, v := range fr.mod.unit.Values(e) {
			if v != ast.Expr(e) && endsInSeparator(fr, v) {
				return true
			}
		}
	}
	return false
}

// What is known of the ends of a text.
const (
	beginsQuoted uint8 = 1 << iota
	endsQuoted
	noneInside
	beginsSlash
	notTwoSlashes
	shellWord // it was quoted for a shell
)

// quoted notes one more thing of a text's ends: one that begins and ends with a quotation mark
// and has none inside is the literal of a string, and no other code. One that begins with one
// slash is an address on the same host.
func (a *analysis) quoted(v *value, what uint8) *value {
	if !v.tainted() {
		return v
	}
	out := *v
	out.quotes |= what
	switch all := out.quotes; {
	case all&(beginsQuoted|endsQuoted|noneInside) == beginsQuoted|endsQuoted|noneInside:
		return clear(&out, a.models.code)
	case all&(beginsSlash|notTwoSlashes) == beginsSlash|notTwoSlashes:
		return clear(&out, a.models.hosts&^a.models.fetch)
	}
	return &out
}
