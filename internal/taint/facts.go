package taint

import (
	"slices"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// A fact is what a variable, a path (see paths.go) or an object is known to be where another
// value is true, and where it is not: ok = x in allowed speaks of x.
type fact struct {
	slot         slot
	was, yes, no *value

	// Instead of a variable, an object.
	id                    objectID
	object, yesIts, noIts *object
}

// tell applies facts in a state, as far as what they speak of is still what it was.
func tell(st *state, facts []fact, holds bool) {
	for _, f := range facts {
		if f.id != 0 {
			if st.object(f.id) == f.object {
				if holds {
					st.store(f.id, f.yesIts)
				} else {
					st.store(f.id, f.noIts)
				}
			}
			continue
		}
		if v, ok := st.get(f.slot); v == f.was && (ok || f.slot.path()) {
			if holds {
				st.set(f.slot, f.yes)
			} else {
				st.set(f.slot, f.no)
			}
		}
	}
}

// swapped are facts of the opposite.
func swapped(list []fact) []fact {
	out := slices.Clone(list)
	for i := range out {
		f := &out[i]
		f.yes, f.no = f.no, f.yes
		f.yesIts, f.noIts = f.noIts, f.yesIts
	}
	return out
}

// deduce is what the truth of a condition that is only kept tells of the variables in it.
func (a *analysis) deduce(fr *frame, st *state, e ast.Expr) []fact {
	if !a.tells(fr, e) {
		return nil
	}
	t, f := a.condition(fr, st.fork(), e)
	if t.dead || f.dead {
		return nil
	}
	return differ(st, t, f)
}

// differ is what is known in one of two forks of a state, and not in the other.
func differ(st, t, f *state) []fact {
	var out []fact
	for _, side := range []*state{t, f} {
		for at := side; at != nil && at != st; at = at.parent {
			for k := range at.vars.all() {
				was, ok := st.get(k)
				if slices.ContainsFunc(out, func(f fact) bool { return f.id == 0 && f.slot == k }) {
					continue
				}
				yes, there1 := t.get(k)
				no, there2 := f.get(k)
				switch {
				case yes == no && yes == was:
				case k.path():
					// Only of data: whether the path of something else still leads to the same is
					// not known later.
					if there1 && yes.facts[0].was.tainted() || there2 && no.facts[0].was.tainted() {
						out = append(out, fact{slot: k, was: was, yes: yes, no: no})
					}
				case ok && was.tainted():
					out = append(out, fact{slot: k, was: was, yes: yes, no: no})
				}
			}
			for id := range at.heap.all() {
				was := st.object(id)
				if was == nil || slices.ContainsFunc(out, func(f fact) bool { return f.id == id }) {
					continue
				}
				if yes, no := t.object(id), f.object(id); yes != no {
					out = append(out, fact{id: id, object: was, yesIts: yes, noIts: no})
				}
			}
		}
	}
	return out
}

// tells says whether an expression is a question.
func (a *analysis) tells(fr *frame, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Compare:
		return true
	case *ast.UnaryOp:
		return e.Op == ast.Not && a.tells(fr, e.Operand)
	case *ast.BoolOp:
		return slices.ContainsFunc(e.Values, func(x ast.Expr) bool { return a.tells(fr, x) })
	case *ast.IfExp: // valid = check(x) if x else True
		b, o := flag(e.Body), flag(e.Orelse)
		return b != o && (b || a.tells(fr, e.Body) || e.Body.Kind() == ast.KindCall) && (o || a.tells(fr, e.Orelse) || e.Orelse.Kind() == ast.KindCall)
	case *ast.Call:
		return predicateMethod(e) || slices.ContainsFunc(fr.mod.unit.Names(e.Func), func(n string) bool { return asks[a.models.own(n)] || len(a.models.guards[n]) > 0 })
	}
	return false
}

// flag says whether an expression is True or False.
func flag(e ast.Expr) bool {
	c, ok := e.(*ast.Constant)
	return ok && (c.ConstKind() == ast.True || c.ConstKind() == ast.False)
}

var asks = map[string]bool{"builtins.isinstance": true, "hmac.compare_digest": true, "builtins.all": true, "re.match": true, "re.fullmatch": true, "re.search": true,
	"re.compile().match": true, "re.compile().fullmatch": true, "re.compile().search": true}

// knowing adds facts to a value that is kept.
func knowing(v *value, facts []fact) *value {
	if len(facts) == 0 {
		return v
	}
	out := value{}
	if v != nil {
		out = *v
	}
	out.facts = append(slices.Clone(out.facts), facts...)
	return &out
}
