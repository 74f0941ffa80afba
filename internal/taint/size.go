package taint

import (
	"slices"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// A number from outside is harmless but for one thing: how much it asks for. What is left of
// data once it is a number are marks of the kind size alone, until something bounds it.

var sizes, _ = models.ParseKind("size")

// number says whether a value from outside is a number.
func (a *analysis) number(v *value) bool {
	return v.tainted() && kindsOf(v.marks)&^sizes == 0
}

// limits narrows numbers that are compared with something that nobody outside decides: n < 10.
func (a *analysis) limits(fr *frame, t, f *state, left ast.Expr, op ast.CmpOp, right ast.Expr, l, r *value) {
	small := func(st *state, e ast.Expr) {
		a.refine(fr, st, e, func(v *value) *value { return clear(v, sizes) })
	}
	switch op {
	case ast.Lt, ast.LtE:
	case ast.Gt, ast.GtE:
		left, right, l, r = right, left, r, l
	default:
		return
	}
	// left < right
	switch {
	case l.tainted() && !a.unbounded(r):
		small(t, left)
	case r.tainted() && !a.unbounded(l):
		small(f, right)
	}
}

// unbounded says whether a value is as large as somebody outside wants.
func (a *analysis) unbounded(v *value) bool {
	return slices.ContainsFunc(v.origins(), func(m mark) bool { return m.kinds&sizes != 0 && !m.src.local })
}

// sized looks at numbers from outside that an operator makes something large of, and at what
// keeps them small.
func (a *analysis) sized(fr *frame, e ast.Node, op ast.Operator, l, r, v *value) *value {
	switch op {
	case ast.Mult:
		for _, x := range [][2]*value{{l, r}, {r, l}} {
			of, n := x[0], x[1]
			if n.tainted() && !isText(n) && len(n.objs) == 0 && of != nil && len(of.marks) == 0 {
				name := ""
				switch {
				case isText(of):
					name = "builtins.str().__mul__"
				case slices.Contains(of.names, "builtins.list()"), slices.Contains(of.names, "builtins.tuple()"):
					name = "builtins.list().__mul__"
				}
				a.operand(fr, e, name, n)
			}
		}
	case ast.Pow, ast.LShift:
		if a.number(r) && !l.tainted() {
			a.operand(fr, e, "builtins.int().__pow__", r)
		}
	}
	if !v.tainted() || !a.number(v) {
		return v
	}
	if (op == ast.Mod || op == ast.BitAnd) && !r.tainted() {
		return clear(v, sizes)
	}
	if len(v.names) == 0 && len(v.objs) == 0 && op != ast.Div {
		w := *v
		w.names = intNames
		return &w
	}
	return v
}

var intNames = []string{"builtins.int()"}

// operand is told of what stands beside an operator, which models name by its method.
func (a *analysis) operand(fr *frame, e ast.Node, name string, v *value) {
	if name == "" {
		return
	}
	arg, _ := e.(*ast.BinOp)
	for _, s := range a.models.sinks[name] {
		if arg != nil {
			a.reach(fr, e, arg.Right, v, v.marks, s.kinds, "the operator", false)
		}
	}
}

// counted is what a handler is given as a number: nobody has said how large it may be.
func (a *analysis) counted(fr *frame, st *state, r registered, f *function, q *ast.Arg, d ast.Expr) *value {
	of, beside, in := a.apart(f.mod, q.Annotation)
	if of == nil || r.route.Kind == "local" || r.route.Parameters != "typed" || in.unit.Name(of) != "builtins.int" {
		return nil
	}
	m := a.handed(r, f, q)
	m.kinds = sizes
	v := a.constrained(fr, st, in, beside, &value{marks: []mark{m}, names: intNames})
	return a.constrained(fr, st, f.mod, []ast.Expr{d}, v)
}
