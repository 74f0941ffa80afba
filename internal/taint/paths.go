package taint

import (
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// What a check tells of an element or attribute of something that is no object of the
// heap (request.args["id"] in allowed) is kept under its path, as long as the variable that
// the path begins with stays what it is.

const pathMark = "\x01"

// pathOf is an expression of a variable and constant keys, written in one way only.
func (a *analysis) pathOf(fr *frame, st *state, e ast.Expr, depth int) (string, *value) {
	if depth > 6 {
		return "", nil
	}
	switch e := e.(type) {
	case *ast.Name:
		_, v := a.slotOf(fr, st, e.Ident)
		return e.Ident, v
	case *ast.Attribute:
		if p, v := a.pathOf(fr, st, e.Value, depth+1); p != "" {
			return p + "." + e.Attr, v
		}
	case *ast.Subscript:
		return a.pathAt(fr, st, e.Value, e.Slice, depth)
	case *ast.Call:
		if f, ok := e.Func.(*ast.Attribute); ok && f.Attr == "get" && len(e.Args) > 0 {
			return a.pathAt(fr, st, f.Value, e.Args[0], depth)
		}
	}
	return "", nil
}

func (a *analysis) pathAt(fr *frame, st *state, of, at ast.Expr, depth int) (string, *value) {
	p, v := a.pathOf(fr, st, of, depth+1)
	if p == "" {
		return "", nil
	}
	key := a.again(fr, st, at)
	if s, ok := key.str(); ok && len(s) < 100 {
		return p + "[" + strconv.Quote(s) + "]", v
	}
	if n, ok := key.number(); ok {
		return p + "[" + strconv.FormatInt(n, 10) + "]", v
	}
	return "", nil
}

// checked notes what is cleared of a path.
func (a *analysis) checked(fr *frame, st *state, e ast.Expr, change func(*value) *value) {
	p, root := a.pathOf(fr, st, e, 0)
	if p == "" || root == nil {
		return
	}
	probe := &value{marks: []mark{{src: &origin{}, kinds: models.All}}}
	k := clearedBy(probe, change)
	if k == 0 {
		return
	}
	s := slot{fr.id, pathMark + p}
	if old, ok := st.get(s); ok && old != nil && len(old.facts) == 1 && old.facts[0].was == root {
		k |= old.marks[0].kinds
	}
	st.set(s, &value{marks: []mark{{src: &origin{}, kinds: k}}, facts: []fact{{was: root}}})
}

// recall applies what is known of a path to its value.
func (a *analysis) recall(fr *frame, st *state, e ast.Expr, v *value) *value {
	if !v.tainted() {
		return v
	}
	p, root := a.pathOf(fr, st, e, 0)
	if p == "" || root == nil || !strings.ContainsAny(p, ".[") {
		return v
	}
	if known, ok := st.get(slot{fr.id, pathMark + p}); ok && known != nil && len(known.facts) == 1 && known.facts[0].was == root {
		return clear(v, known.marks[0].kinds)
	}
	return v
}

// forget is told that a path gets another value.
func (a *analysis) forget(fr *frame, st *state, e ast.Expr) {
	if p, root := a.pathOf(fr, st, e, 0); p != "" && root != nil {
		if _, ok := st.get(slot{fr.id, pathMark + p}); ok {
			st.set(slot{fr.id, pathMark + p}, bottom)
		}
	}
}

// joinChecked is what all states know of a path.
func joinChecked(live []*state, k slot) *value {
	var out *value
	for _, s := range live {
		v, ok := s.get(k)
		if !ok || v == nil || len(v.facts) != 1 {
			return bottom
		}
		if out == nil {
			out = v
			continue
		}
		if out.facts[0].was != v.facts[0].was {
			return bottom
		}
		if both := out.marks[0].kinds & v.marks[0].kinds; both != out.marks[0].kinds {
			if both == 0 {
				return bottom
			}
			out = &value{marks: []mark{{src: out.marks[0].src, kinds: both}}, facts: out.facts}
		}
	}
	if out == nil {
		return bottom
	}
	return out
}
