package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// Which of two values is more, whether they are alike, and what holds of an answer.

// comparing are the methods that comparisons ask.
var comparing = map[ast.CmpOp]string{ast.Eq: "__eq__", ast.NotEq: "__ne__", ast.Lt: "__lt__", ast.LtE: "__le__", ast.Gt: "__gt__", ast.GtE: "__ge__"}

// compareValue is the value of a comparison.
func (a *analysis) compareValue(fr *frame, st *state, e *ast.Compare) *value {
	l := a.eval(fr, st, e.Left)
	out := yes
	for i, op := range e.Ops {
		if i >= len(e.Comparators) {
			break
		}
		r := a.eval(fr, st, e.Comparators[i])
		if name := comparing[op]; name != "" && len(e.Ops) == 1 && len(l.objects()) > 0 {
			// What builds expressions answers with one.
			if v, ok := a.ask(fr, st, l, name, e, r); ok && v != nil && len(v.objs)+len(v.marks) > 0 {
				return v
			}
		}
		switch a.compare(fr, st, e, l, op, r) {
		case no:
			return boolOf(false)
		case unknown:
			out = unknown
		}
		l = r
	}
	if out == yes {
		return boolOf(true)
	}
	return nil
}

// compare decides a comparison of two values.
func (a *analysis) compare(fr *frame, st *state, e ast.Node, l *value, op ast.CmpOp, r *value) tri {
	if l == nil || r == nil || len(l.marks) > 0 && op != ast.Is && op != ast.IsNot || len(r.marks) > 0 && op != ast.In && op != ast.NotIn {
		return unknown
	}
	switch op {
	case ast.Eq, ast.NotEq, ast.Is, ast.IsNot:
		t := unknown
		switch {
		case len(l.consts) > 0 && len(r.consts) > 0 && len(l.objs)+len(r.objs)+len(l.marks) == 0:
			if len(l.consts) == 1 && len(r.consts) == 1 {
				t = triOf(equal(l.consts[0], r.consts[0]))
			} else if !slices.ContainsFunc(l.consts, func(c constant) bool {
				return slices.ContainsFunc(r.consts, func(d constant) bool { return equal(c, d) })
			}) {
				t = no
			}
		case (op == ast.Is || op == ast.IsNot) && len(l.objs) == 1 && len(r.objs) == 1 && len(l.consts)+len(r.consts)+len(l.marks)+len(r.marks) == 0:
			o := st.object(l.objs[0])
			if l.objs[0] != r.objs[0] {
				t = no
			} else if o != nil && !o.multi {
				t = yes
			}
		case len(l.objs) == 1 && len(r.objs) == 1 && len(l.consts)+len(r.consts)+len(l.marks)+len(r.marks) == 0:
			t = a.alike(st, e, l, r)
		case isNone(r) && (len(l.objs) > 0 || len(l.fns) > 0 || len(l.class) > 0) && len(l.consts) == 0 && !l.also:
			t = no
		case len(l.made) == 1 && len(r.made) == 1 && len(l.consts)+len(r.consts)+len(l.objs)+len(r.objs) == 0: // app is self.main
			t = triOf(l.made[0] == r.made[0])
		}
		if op == ast.NotEq || op == ast.IsNot {
			t = t.not()
		}
		return t
	case ast.In, ast.NotIn:
		c, ok := l.only()
		t := unknown
		if s, isText := r.str(); ok && isText && c.kind == ast.Str {
			t = triOf(strings.Contains(s, c.str))
		} else if ok && len(r.objs) == 1 && len(r.consts) == 0 && !r.also {
			if o := st.object(r.objs[0]); o != nil && o.contained() && !a.has(o.class, "__contains__") {
				if t = o.contains(c); len(r.marks) > 0 {
					t = unknown // it may be something else
				}
			}
		}
		if op == ast.NotIn {
			t = t.not()
		}
		return t
	case ast.Lt, ast.LtE, ast.Gt, ast.GtE:
		x, y, ok := integers(l, r)
		if !ok {
			n, ok1 := order(l, r)
			if !ok1 {
				return a.version(st, l, op, r)
			}
			x, y = int64(n), 0
		}
		switch op {
		case ast.Lt:
			return triOf(x < y)
		case ast.LtE:
			return triOf(x <= y)
		case ast.Gt:
			return triOf(x > y)
		}
		return triOf(x >= y)
	}
	return unknown
}

// version compares sys.version_info with a tuple: where the answer is the same for all
// versions that programs are run with, it is known.
func (a *analysis) version(st *state, l *value, op ast.CmpOp, r *value) tri {
	if !slices.Contains(l.names, "sys.version_info") || len(r.objs) != 1 {
		return unknown
	}
	o := st.object(r.objs[0])
	if o == nil || o.class != nil || o.open() {
		return unknown
	}
	var asked []int64
	for _, x := range o.list {
		n, ok := x.number()
		if !ok {
			return unknown
		}
		asked = append(asked, n)
	}
	least := op == ast.GtE || op == ast.Gt // it asks for new ones
	switch {
	case slices.Compare(oldest, asked) >= 0:
		return triOf(least)
	case slices.Compare(newest, asked) < 0:
		return triOf(!least)
	}
	return unknown
}

// order compares two texts, or two numbers.
func order(l, r *value) (int, bool) {
	c, ok1 := l.only()
	d, ok2 := r.only()
	if !ok1 || !ok2 {
		return 0, false
	}
	if c.kind == ast.Str && d.kind == ast.Str {
		return strings.Compare(c.str, d.str), true
	}
	num := func(c constant) (float64, bool) {
		switch c.kind {
		case ast.Float:
			return c.flt, true
		case ast.Int:
			return float64(c.num), true
		}
		return 0, false
	}
	x, ok1 := num(c)
	y, ok2 := num(d)
	switch {
	case !ok1 || !ok2:
		return 0, false
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

// alike compares two lists or tuples of constants.
func (a *analysis) alike(st *state, e ast.Node, l, r *value) tri {
	x, y := st.object(l.objs[0]), st.object(r.objs[0])
	if x == nil || y == nil || x.class != nil || y.class != nil || x.open() || y.open() || x.name != y.name || x.keys != nil || y.keys != nil || x.name == "builtins.set()" {
		return unknown
	}
	if len(x.list) != len(y.list) {
		return no
	}
	t := yes
	for i := range x.list {
		switch a.compare(nil, st, e, x.list[i], ast.Eq, y.list[i]) {
		case no:
			return no
		case unknown:
			t = unknown
		}
	}
	return t
}

func (t tri) not() tri {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

func isNone(v *value) bool {
	c, ok := v.only()
	return ok && c.kind == ast.None
}

func equal(a, b constant) bool {
	if a == b {
		return true
	}
	x, ok1 := (&value{consts: []constant{a}}).number()
	y, ok2 := (&value{consts: []constant{b}}).number()
	return ok1 && ok2 && x == y
}

// contains decides whether a container has a constant in it.
func (o *object) contains(c constant) tri {
	for k := range o.keys {
		if equal(k, c) {
			if o.part {
				return unknown
			}
			return yes
		}
	}
	all := true
	if len(o.keys) == 0 || o.name != "builtins.dict()" {
		for _, v := range o.list {
			d, ok := v.only()
			if ok && equal(c, d) {
				return yes
			}
			all = all && ok
		}
	}
	if all && !o.open() {
		return no
	}
	return unknown
}
