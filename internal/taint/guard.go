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
	case *ast.IfExp:
		if a.tells(fr, e) {
			t, f = a.conditional(fr, st, e)
			return verdictOf(t, f), t, f
		}
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

// branches are the states in which a value, which e gave, holds and does not hold, before anything
// is learnt from that. One of them is dead if the answer is known, and otherwise open is true.
func (a *analysis) branches(fr *frame, st *state, e ast.Expr, v *value) (t, f *state, open bool) {
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
		open = true
	}
	return t, f, open
}

// split is condition for a plain value.
func (a *analysis) split(fr *frame, st *state, e ast.Expr, v *value) (t, f *state) {
	t, f, open := a.branches(fr, st, e, v)
	if open {
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

// conditional is condition for a if test else b.
func (a *analysis) conditional(fr *frame, st *state, e *ast.IfExp) (t, f *state) {
	var yes, no []*state
	ask := func(cur *state, e ast.Expr) {
		if cur.dead {
			return
		}
		t, f := a.condition(fr, cur, e)
		if !t.dead {
			yes = append(yes, t.snapshot(st))
		}
		if !f.dead {
			no = append(no, f.snapshot(st))
		}
	}
	first, second := a.condition(fr, st.fork(), e.Test)
	ask(first, e.Body)
	ask(second, e.Orelse)
	t, f = st.fork(), st.fork()
	t.become(rebase(yes, t)...)
	f.become(rebase(no, f)...)
	return t, f
}

// rebase puts snapshots on top of a fork of their base.
func rebase(list []*state, on *state) []*state {
	out := make([]*state, len(list))
	for i, s := range list {
		out[i] = &state{parent: on, vars: s.vars.clone(), heap: s.heap.clone(), dead: s.dead, base: s.base}
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
	if (op == ast.In || op == ast.NotIn) && a.contains(fr, st, pos, neg, left, l, r) {
		return t, f
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
	a.limits(fr, t, f, left, op, right, l, r)
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

// contains is left in right where right is of a class that says itself what it contains: what that
// has checked is known. It says whether there is such a class.
func (a *analysis) contains(fr *frame, st, pos, neg *state, left ast.Expr, l, r *value) bool {
	if len(r.objects()) != 1 {
		return false
	}
	o := st.object(r.objs[0])
	if o == nil || o.class == nil {
		return false
	}
	m, ok := a.member(fr, st, o.class, "__contains__")
	if !ok || len(m.functions()) != 1 {
		return false
	}
	site := &callSite{fr: fr, st: st, split: true, args: []argument{{v: l, node: left}}}
	out := a.function(site, a.bind(fr, st, m, &value{objs: r.objs, names: namesOf(o)}, left).fns[0])
	switch a.truth(st, out) {
	case yes:
		neg.dead = true
	case no:
		pos.dead = true
	}
	for _, w := range site.ways {
		y, n := w.cleared()
		a.passes(fr, pos, w, y)
		a.passes(fr, neg, w, n)
	}
	return true
}

// membership narrows by left in right.
func (a *analysis) membership(fr *frame, st, pos, neg *state, left, right ast.Expr, l, r *value) {
	if !foreign(a.deep(st, r, 0)) || !foreign(a.deep(st, l, 0)) && len(a.deep(st, r, 0)) == 0 {
		// In something that nobody outside controls: most likely what is allowed. What is
		// in a text is a part of it.
		in := a.among(st, r, true)
		if list, all := a.constants(st, r); all && len(list) <= maxConsts && l.tainted() && !l.char {
			one := &value{names: stringNames}
			for _, s := range list {
				one.consts = union(one.consts, []constant{{kind: ast.Str, str: s}}, maxConsts)
			}
			trust := in
			in = func(v *value) *value {
				if v == l {
					return one
				}
				return trust(v)
			}
		}
		a.refine(fr, pos, left, in)
		a.refine(fr, neg, left, a.among(st, r, false))
		a.parsed(fr, pos, left, l)
	}
	a.contained(fr, st, pos, left, right)
	if of, ok := right.(*ast.Attribute); ok && of.Attr == "parents" && !foreign(a.deep(st, l, 0)) { // ROOT in path.parents
		a.refine(fr, pos, of.Value, a.inside)
	}
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
	a.parsed(fr, pos, e, v)
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
				if v != nil && v.also && isNone(other) {
					w := *v
					w.also = false
					return &w
				}
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
func (a *analysis) parsed(fr *frame, st *state, e ast.Expr, v *value) {
	if _, call := trimmed(e).(*ast.Call); call && ofHost(v) { // host_of(url), a function of the program
		a.spoken(fr, st, v, a.models.hosts)
		return
	}
	a.hostIs(fr, st, e, a.models.hosts)
}

// ofHost says whether a value is the host in an address.
func ofHost(v *value) bool {
	return v.tainted() && slices.ContainsFunc(v.names, func(n string) bool {
		return strings.HasSuffix(n, ".netloc") || strings.HasSuffix(n, ".hostname") || strings.HasSuffix(n, "URL().host") || strings.HasSuffix(n, "URL().raw_host")
	})
}

// ofScheme says whether an expression, or its value, is the scheme of an address.
func ofScheme(e ast.Expr, v *value) bool {
	if x, ok := trimmed(e).(*ast.Attribute); ok && x.Attr == "scheme" {
		return true
	}
	return v != nil && slices.ContainsFunc(v.names, func(n string) bool { return strings.HasSuffix(n, ".scheme") })
}

// hostIs is told that the host in an address, written as e, takes kinds from the address.
func (a *analysis) hostIs(fr *frame, st *state, e ast.Expr, k models.Kinds) {
	e = trimmed(e)
	switch x := e.(type) {
	case *ast.Attribute:
		switch x.Attr {
		case "netloc", "hostname":
		case "host", "raw_host": // of httpx.URL and yarl.URL
			if v := a.again(fr, st, x.Value); v == nil || !slices.ContainsFunc(v.names, func(n string) bool { return strings.HasSuffix(n, ".URL()") }) {
				return
			}
		case "scheme": // it begins with no javascript:
			k &= a.models.address
		default:
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
		if v, _ := a.lookup(fr, st, x.Ident); ofHost(v) {
			a.spoken(fr, st, v, k)
		} else if v.tainted() && ofScheme(x, v) {
			a.spoken(fr, st, v, k&a.models.address)
		}
	}
}

// macOf is the part of a message authentication code that is the message.
const macOf = "\x00mac"

// authentic is told that codes are alike: who sent the message knew the key.
func (a *analysis) authentic(fr *frame, st *state, codes []argument) {
	for _, x := range codes {
		if x.v != nil && x.v.parts[macOf] != nil {
			a.spoken(fr, st, x.v.parts[macOf], models.All)
		}
	}
}

// trimmed takes off what leaves a text what it is, and an address with its host: (x or "").strip().lower().
func trimmed(e ast.Expr) ast.Expr {
	for range 6 {
		switch x := e.(type) {
		case *ast.BoolOp:
			if x.Op != ast.Or || len(x.Values) != 2 || x.Values[1].Kind() != ast.KindConstant {
				return e
			}
			e = x.Values[0]
			continue
		case *ast.Call:
			f, ok := x.Func.(*ast.Attribute)
			if !ok {
				return e
			}
			switch f.Attr {
			case "lower", "casefold", "upper", "rstrip":
				e = f.Value
				continue
			case "strip", "lstrip":
				if len(x.Args) == 0 {
					e = f.Value
					continue
				}
			}
		}
		return e
	}
	return e
}

// spoken takes kinds from all variables that hold data from the same source as v.
func (a *analysis) spoken(fr *frame, st *state, v *value, k models.Kinds) {
	a.spokenOf(fr, st, v, k, func(*value) bool { return true })
}

// spokenParts is spoken for the parts of a path that v is.
func (a *analysis) spokenParts(fr *frame, st *state, v *value, k models.Kinds) {
	a.spokenOf(fr, st, v, k, func(w *value) bool { return w.piece })
}

func (a *analysis) spokenOf(fr *frame, st *state, v *value, k models.Kinds, which func(*value) bool) {
	if !v.tainted() {
		return
	}
	frames := map[int32]bool{}
	for id := fr.id; id != 0; id = a.outer[id] {
		frames[id] = true
	}
	found := map[slot]*value{}
	for at := st; at != nil; at = at.parent {
		for s, w := range at.vars.all() {
			if !frames[s.frame] || s.path() || !w.tainted() || !sameOrigin(w, v) || !which(w) {
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

var constType = map[ast.ConstKind]string{ast.Str: "builtins.str", ast.Bytes: "builtins.bytes", ast.Int: "builtins.int", ast.Float: "builtins.float", ast.True: "builtins.bool", ast.False: "builtins.bool"}

// ownDomains are names at the top of which nobody else has any.
var ownDomains = map[string]bool{"internal": true, "local": true, "localhost": true, "lan": true, "corp": true, "home": true, "intranet": true, "test": true, "example": true}

// What is known of the ends of a text.
const (
	beginsQuoted uint8 = 1 << iota
	endsQuoted
	noneInside
	beginsSlash
	notTwoSlashes
	shellWord  // it was quoted for a shell
	scriptSafe // it is JSON in which nothing ends the script around it
	ownMarks   // it is a value of an attribute with the quotation marks around it
)
