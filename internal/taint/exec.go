package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// block runs statements in st, which they change.
func (a *analysis) block(fr *frame, st *state, list []ast.Stmt) {
	for _, s := range list {
		if st.dead {
			return
		}
		if n := len(fr.tries); n > 0 && !cannotFail(s) {
			// Any statement of a try block may be the one that fails.
			h := fr.tries[n-1]
			if len(h.raised) < maxRaised {
				h.raised = append(h.raised, raised{st: st.snapshot(fr.base)})
			}
		}
		a.statement(fr, st, s)
	}
}

// cannotFail says whether a statement does nothing that may fail.
func cannotFail(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.Pass, *ast.Break, *ast.Continue, *ast.Global, *ast.Nonlocal, *ast.Raise, *ast.Try:
		return true
	case *ast.Return:
		return s.Value == nil || simple(s.Value)
	case *ast.ExprStmt:
		return simple(s.Value)
	case *ast.Assign:
		for _, t := range s.Targets {
			if t.Kind() != ast.KindName {
				return false
			}
		}
		return simple(s.Value)
	}
	return false
}

func simple(e ast.Expr) bool {
	switch e.Kind() {
	case ast.KindConstant, ast.KindName, ast.KindLambda:
		return true
	}
	return false
}

func (a *analysis) statement(fr *frame, st *state, s ast.Stmt) {
	a.step()
	switch s := s.(type) {
	case *ast.ExprStmt:
		a.eval(fr, st, s.Value)
		if c, ok := s.Value.(*ast.Call); ok {
			a.after(fr, st, c)
		}
	case *ast.Assign:
		v := a.eval(fr, st, s.Value)
		if c, ok := s.Value.(*ast.Call); ok {
			a.after(fr, st, c)
		}
		v = knowing(v, a.deduce(fr, st, s.Value))
		for _, t := range s.Targets {
			if !a.storeEach(fr, st, t, s.Value) {
				a.store(fr, st, t, v)
			}
		}
		if v.tainted() {
			switch from := s.Value.(type) {
			case *ast.Name:
				a.aliased(fr, st, namesIn(s.Targets), from)
			case *ast.Subscript, *ast.Attribute, *ast.Call:
				a.readFrom(fr, st, namesIn(s.Targets), from)
			}
		}
	case *ast.AnnAssign:
		if s.Value != nil {
			a.store(fr, st, s.Target, a.eval(fr, st, s.Value))
		} else if n, ok := s.Target.(*ast.Name); ok && fr.class != nil {
			// A field of a dataclass has no value yet.
			if _, ok := st.get(slot{fr.id, n.Ident}); !ok && fr.class.attrs != nil {
				fr.class.attrs["\x00"+n.Ident] = nil
			}
		}
	case *ast.AugAssign:
		old := a.eval(fr, st, s.Target)
		r := a.eval(fr, st, s.Value)
		if v, ok := a.ask(fr, st, old, "__i"+magic[s.Op]+"__", s, r); ok {
			a.store(fr, st, s.Target, v)
			return
		}
		if s.Op == ast.Add && old != nil && len(old.objs) > 0 {
			if a.extendAll(fr, st, old, r, s) {
				return
			}
		}
		a.store(fr, st, s.Target, a.binary(fr, st, s, s.Op, old, r))
	case *ast.Return:
		a.giveBack(fr, st, s.Value)
	case *ast.If:
		t, f := a.condition(fr, st, s.Test)
		a.block(fr, t, s.Body)
		a.block(fr, f, s.Orelse)
		st.become(t, f)
	case *ast.While:
		a.while(fr, st, s)
	case *ast.For:
		a.forLoop(fr, st, s)
	case *ast.With:
		a.with(fr, st, s)
	case *ast.Try:
		a.try(fr, st, s)
	case *ast.Raise:
		v := a.eval(fr, st, s.Exc)
		switch {
		case s.Exc == nil:
			v = fr.caught
		case v != nil && len(v.class) == 1 && len(v.objs) == 0:
			v = a.construct(fr, st, v.class[0], nil, s)
		case v != nil && len(v.objs) == 0 && len(v.marks) == 0 && len(v.names) == 1 && !strings.HasSuffix(v.names[0], "()"):
			v = &value{names: []string{v.names[0] + "()"}}
		}
		if c := a.eval(fr, st, s.Cause); c != nil && v != nil {
			for _, id := range v.objs {
				if o := st.object(id); o != nil {
					a.field(st, id, o, "__cause__", c, false)
				}
			}
		}
		a.raise(fr, st, v)
	case *ast.Assert:
		t, f := a.condition(fr, st, s.Test)
		a.raise(fr, f, &value{names: []string{"builtins.AssertionError()"}})
		st.become(t)
	case *ast.FunctionDef:
		a.define(fr, st, s)
	case *ast.ClassDef:
		a.defineClass(fr, st, s)
	case *ast.Import:
		for _, al := range s.Names {
			name := strings.Clone(al.Name)
			if al.Asname != "" {
				a.assign(fr, st, al.Asname, a.imported(fr, name))
				continue
			}
			top, _, _ := strings.Cut(name, ".")
			if top != name {
				a.imported(fr, name)
			}
			a.assign(fr, st, top, a.imported(fr, top))
		}
	case *ast.ImportFrom:
		a.importFrom(fr, st, s)
	case *ast.Global:
		for _, n := range s.Names {
			fr.declare(n, true)
		}
	case *ast.Nonlocal:
		for _, n := range s.Names {
			fr.declare(n, false)
		}
	case *ast.Delete:
		for _, t := range s.Targets {
			a.remove(fr, st, t)
		}
	case *ast.Match:
		a.match(fr, st, s)
	case *ast.Break:
		if n := len(fr.loops); n > 0 {
			fr.loops[n-1].breaks = append(fr.loops[n-1].breaks, st.snapshot(fr.base))
		}
		st.dead = true
	case *ast.Continue:
		if n := len(fr.loops); n > 0 {
			fr.loops[n-1].continues = append(fr.loops[n-1].continues, st.snapshot(fr.base))
		}
		st.dead = true
	}
}

func (v *value) called() []string {
	if v == nil {
		return nil
	}
	return v.names
}

func (fr *frame) declare(name string, global bool) {
	if fr.global == nil {
		fr.global = map[string]bool{}
	}
	fr.global[name] = global
}

// after is told of a call whose result nobody looks at: a validator that raises.
func (a *analysis) after(fr *frame, st *state, c *ast.Call) {
	for _, n := range fr.mod.unit.Names(c.Func) {
		for _, g := range a.models.guards[n] {
			if g.Holds != "returns" {
				continue
			}
			if arg := pick(c, g.arg); arg != nil {
				a.refine(fr, st, arg, func(v *value) *value { return clear(v, g.kinds) })
			}
		}
	}
}

// giveBack is return. A condition that is returned splits into the ways in which it holds
// and in which it does not, so that the caller knows what each means.
func (a *analysis) giveBack(fr *frame, st *state, x ast.Expr) {
	switch e := x.(type) {
	case *ast.BoolOp:
		if !boolish(e) {
			a.giveBackEither(fr, st, e)
			return
		}
		a.giveBackTruth(fr, st, x)
		return
	case *ast.Compare, *ast.UnaryOp:
		if u, ok := e.(*ast.UnaryOp); ok && u.Op != ast.Not {
			break
		}
		a.giveBackTruth(fr, st, x)
		return
	case *ast.Call:
		if names := fr.mod.unit.Names(e.Func); slices.ContainsFunc(names, func(n string) bool {
			return n == "builtins.bool" || a.models.guards[n] != nil || n == "builtins.all" || n == "builtins.any" || n == "builtins.isinstance" || n == "hmac.compare_digest"
		}) || predicateMethod(e) {
			cond := ast.Expr(e)
			if slices.Contains(names, "builtins.bool") && len(e.Args) == 1 {
				cond = e.Args[0]
			}
			a.giveBackTruth(fr, st, cond)
			return
		}
		if f, ok := e.Func.(*ast.Attribute); ok && (f.Attr == "match" || f.Attr == "fullmatch" || f.Attr == "search") {
			v := a.eval(fr, st, x)
			if a.truth(st, v) == unknown {
				t, f := a.condition(fr, st, x)
				fr.returns = append(fr.returns, outcome{st: t.snapshot(fr.base), v: v, truth: yes, at: x}, outcome{st: f.snapshot(fr.base), v: constOf(constant{kind: ast.None}), truth: no})
				st.dead = true
				return
			}
		}
	}
	v := a.eval(fr, st, x)
	if x == nil {
		v = constOf(constant{kind: ast.None})
	}
	if v != nil && len(v.facts) > 0 && a.truth(st, v) == unknown {
		t, f := a.split(fr, st, x, v)
		w := *v
		w.facts = nil
		fr.returns = append(fr.returns, outcome{st: t.snapshot(fr.base), v: &w, truth: yes, at: x}, outcome{st: f.snapshot(fr.base), v: &w, truth: no, at: x})
		st.dead = true
		return
	}
	fr.returns = append(fr.returns, outcome{st: st.snapshot(fr.base), v: v, at: x})
	st.dead = true
}

// giveBackTruth is return of what is True or False.
func (a *analysis) giveBackTruth(fr *frame, st *state, x ast.Expr) {
	t, f := a.condition(fr, st, x)
	if !t.dead {
		fr.returns = append(fr.returns, outcome{st: t.snapshot(fr.base), v: boolOf(true)})
	}
	if !f.dead {
		fr.returns = append(fr.returns, outcome{st: f.snapshot(fr.base), v: boolOf(false)})
	}
	st.dead = true
}

// giveBackEither is return of a and b, a or b, of which the parts may be anything.
func (a *analysis) giveBackEither(fr *frame, st *state, e *ast.BoolOp) {
	v, w, t, f := a.either(fr, st, e)
	if !t.dead {
		fr.returns = append(fr.returns, outcome{st: t.snapshot(fr.base), v: v, truth: yes, at: e})
	}
	if !f.dead {
		fr.returns = append(fr.returns, outcome{st: f.snapshot(fr.base), v: w, truth: no, at: e})
	}
	st.dead = true
}

func predicateMethod(e *ast.Call) bool {
	f, ok := e.Func.(*ast.Attribute)
	return ok && (f.Attr == "startswith" || f.Attr == "isdigit" || f.Attr == "isalnum" || f.Attr == "isalpha" || f.Attr == "is_relative_to" || f.Attr == "isidentifier" || f.Attr == "isdecimal")
}

// boolish says whether the value of an expression is True or False, or used as if.
func boolish(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Compare:
		return true
	case *ast.BoolOp:
		for _, v := range e.Values {
			if !boolish(v) {
				return false
			}
		}
		return true
	case *ast.UnaryOp:
		return e.Op == ast.Not
	case *ast.Call:
		return predicateMethod(e)
	}
	return false
}

// elementMark stands before a key in the parts of data of which elements were replaced.
const elementMark = "\x00["

func (a *analysis) while(fr *frame, st *state, s *ast.While) {
	l := &loop{}
	fr.loops = append(fr.loops, l)
	var exits []*state
	cur := st.fork()
	again, left := false, maxUnroll
	if a.rounds > maxRounds/maxUnroll {
		left = 4
	}
	loosen := func() {
		if !again {
			again = true
			fr.repeat++
			a.nest++
			left = min(left, a.times())
		}
	}
	for {
		left--
		if left == 0 && !again {
			// It is not known how often it runs, so what it counts is not known.
			cur = st.widened(cur)
			loosen()
		}
		t, f := a.condition(fr, cur, s.Test)
		if !f.dead {
			exits = append(exits, f.snapshot(fr.base))
		}
		if t.dead || left < 0 {
			break
		}
		if !f.dead {
			loosen()
		}
		a.block(fr, t, s.Body)
		next := append([]*state{t}, l.continues...)
		l.continues = nil
		merged := cur.fork()
		merged.become(rebase(snapshots(next, fr.base), merged)...)
		if merged.dead {
			break
		}
		if again && cur.unchanged(merged) {
			break
		}
		if again {
			both := cur.fork()
			both.become(both.fork(), rebase([]*state{merged.snapshot(fr.base)}, both)[0])
			cur = both
			continue
		}
		cur = merged
	}
	if again {
		fr.repeat--
		a.nest--
	}
	fr.loops = fr.loops[:len(fr.loops)-1]
	after := st.fork()
	after.become(rebase(exits, after)...)
	a.block(fr, after, s.Orelse)
	ends := append([]*state{after}, rebase(l.breaks, st)...)
	st.become(ends...)
}

func snapshots(list []*state, base *state) []*state {
	out := make([]*state, 0, len(list))
	for _, s := range list {
		if s.dead {
			continue
		}
		out = append(out, s.snapshot(base))
	}
	return out
}

func (a *analysis) forLoop(fr *frame, st *state, s *ast.For) {
	list, exact := a.iterate(fr, st, a.eval(fr, st, s.Iter), s.Iter)
	l := &loop{}
	fr.loops = append(fr.loops, l)
	cur := st.fork()
	every, looked := models.All, false // what no element that has passed can do
	var done func()
	if exact && len(list) <= maxUnroll {
		done, exact = a.unroll(len(list))
	}
	if exact && len(list) <= maxUnroll {
		defer done()
		for _, v := range list {
			t := cur.fork()
			a.store(fr, t, s.Target, v)
			a.block(fr, t, s.Body)
			next := append([]*state{t}, l.continues...)
			l.continues = nil
			merged := cur.fork()
			merged.become(rebase(snapshots(next, fr.base), merged)...)
			cur = merged
			if merged.dead {
				break
			}
		}
		every = 0
	} else {
		all := bottom
		for _, v := range list {
			all = join(all, v)
		}
		fr.repeat++
		a.nest++
		for i := range a.times() {
			t := cur.fork()
			a.store(fr, t, s.Target, all)
			element, was := a.elementIn(fr, t, s)
			a.block(fr, t, s.Body)
			next := append([]*state{t}, l.continues...)
			every &= a.passed(fr, s, element, was, next)
			looked = true
			l.continues = nil
			both := cur.fork()
			both.become(append([]*state{both.fork()}, rebase(snapshots(next, fr.base), both)...)...)
			if cur.unchanged(both) && i > 0 {
				cur = both
				break
			}
			cur = both
		}
		fr.repeat--
		a.nest--
	}
	fr.loops = fr.loops[:len(fr.loops)-1]
	end := st.fork()
	if cur.dead {
		end.dead = true
	} else {
		end.become(rebase([]*state{cur.snapshot(fr.base)}, end)...)
		if every != 0 && looked {
			a.passedAll(fr, end, s.Iter, every)
		}
	}
	a.block(fr, end, s.Orelse)
	st.become(append([]*state{end}, rebase(l.breaks, st)...)...)
}

// elementIn is the variable of a loop that holds an element, and what it holds.
func (a *analysis) elementIn(fr *frame, st *state, loop *ast.For) (string, *value) {
	target := loop.Target
	if pair, ok := target.(*ast.Tuple); ok && len(pair.Elts) == 2 && valuesOf(loop.Iter) != nil {
		target = pair.Elts[1] // for key, value in d.items()
	}
	n, ok := target.(*ast.Name)
	if !ok {
		return "", nil
	}
	v, _ := st.get(slot{fr.id, n.Ident})
	return n.Ident, v
}

// valuesOf is d in d.items() and d.values().
func valuesOf(e ast.Expr) ast.Expr {
	if c, ok := e.(*ast.Call); ok && len(c.Args) == 0 {
		if f, ok := c.Func.(*ast.Attribute); ok && (f.Attr == "items" || f.Attr == "values") {
			return f.Value
		}
	}
	return nil
}

// passed is what an element that has come through a loop's body cannot do any more.
func (a *analysis) passed(fr *frame, loop *ast.For, name string, was *value, ends []*state) models.Kinds {
	if name == "" || !was.tainted() || stores(loop.Body, name) {
		return 0
	}
	out := models.Kinds(0)
	for _, m := range was.marks {
		out |= m.kinds
	}
	for _, s := range ends {
		if s.dead {
			continue
		}
		v, ok := s.get(slot{fr.id, name})
		if !ok {
			return 0
		}
		for _, m := range v.origins() {
			out &^= m.kinds
		}
	}
	return out
}

// passedAll: every element of what was looped over has passed.
func (a *analysis) passedAll(fr *frame, st *state, e ast.Expr, k models.Kinds) {
	if d := valuesOf(e); d != nil {
		a.passedValues(fr, st, d, k)
		return
	}
	a.refine(fr, st, e, func(v *value) *value { return clear(v, k) })
	v := a.again(fr, st, e)
	for _, id := range v.objects() {
		o := st.object(id)
		if o == nil || o.class != nil {
			continue
		}
		n := o.clone()
		for i, x := range n.list {
			n.list[i] = clear(x, k)
		}
		n.rest = clear(n.rest, k)
		st.store(id, n)
	}
}

// passedValues: every value of a dictionary has passed; its keys have not.
func (a *analysis) passedValues(fr *frame, st *state, e ast.Expr, k models.Kinds) {
	v := a.again(fr, st, e)
	if len(v.objects()) != 1 {
		if p, root := a.pathOf(fr, st, e, 0); p != "" && root.tainted() {
			a.every = true
			a.noteChecked(st, a.pathSlot(fr, st, e, p+everyElement), root, nil, k)
		}
		return
	}
	o := st.object(v.objs[0])
	if o == nil || o.class != nil {
		return
	}
	n := o.clone()
	for c, x := range n.keys {
		n.keys[c] = clear(x, k)
	}
	n.rest = clear(n.rest, k)
	st.store(v.objs[0], n)
}

// aliased notes that variables hold what another one holds: what is found out of the copy
// is known of it, too.
func (a *analysis) aliased(fr *frame, st *state, names []string, from *ast.Name) {
	k, was := a.slotOf(fr, st, from.Ident)
	if was == nil {
		return
	}
	if !was.copied {
		w := *was
		w.copied = true
		was = &w
		st.set(k, was)
	}
	for _, n := range names {
		if at, v := a.slotOf(fr, st, n); v != nil && at != k {
			w := *v
			w.copyOf = &variable{slot: k, was: was}
			st.set(at, &w)
		}
	}
}

// namesIn are the variables among targets.
func namesIn(targets []ast.Expr) []string {
	var out []string
	for _, t := range targets {
		if n, ok := t.(*ast.Name); ok {
			out = append(out, n.Ident)
		}
	}
	return out
}

func (a *analysis) importFrom(fr *frame, st *state, s *ast.ImportFrom) {
	base := strings.Clone(fr.mod.unit.Absolute(s))
	for _, al := range s.Names {
		if al.Name == "*" {
			if m := a.prog.Module(base, fr.mod.of.Path); m != nil && m != fr.mod.of {
				x := a.module(m)
				if x.state == nil {
					continue
				}
				seen := map[string]bool{}
				if all, ok := x.state.get(slot{x.frame, "__all__"}); ok {
					if list, known := a.constants(x.state, all); known {
						for _, name := range list {
							if v, ok := x.state.get(slot{x.frame, name}); ok {
								a.assign(fr, st, name, v)
							}
						}
						continue
					}
				}
				for at := x.state; at != nil; at = at.parent {
					for k := range at.vars.all() {
						if k.frame == x.frame && !seen[k.name] && !strings.HasPrefix(k.name, "_") {
							seen[k.name] = true
							if v, ok := x.state.get(k); ok {
								a.assign(fr, st, k.name, v)
							}
						}
					}
				}
			}
			continue
		}
		name := al.Name
		if al.Asname != "" {
			name = al.Asname
		}
		from := strings.Clone(al.Name)
		if base != "" { // it is, for what stands in the root beside the importer
			from = base + "." + from
		}
		a.assign(fr, st, strings.Clone(name), a.imported(fr, from))
	}
}
