package taint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// What a check tells of an element or attribute of something that is no object of the
// heap (request.args["id"] in allowed) is kept under its path, as long as the variable that
// the path begins with stays what it is. So is what it tells of an element of an object of
// which the elements are not told apart, as long as the object stays what it is, too.

const pathMark = "\x01"

// path says whether a slot is a path's.
func (k slot) path() bool { return strings.HasPrefix(k.name, pathMark) }

// everyElement ends the path of all elements of something.
const everyElement = "[*]"

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
		if of, at := elementOf(e); of != nil && at != nil {
			return a.pathAt(fr, st, of, at, depth)
		}
	}
	return "", nil
}

// pathSlot is where what is known of a path is kept: in the function, or, where the path begins
// with a variable of the module, such as request, for all of its functions.
func (a *analysis) pathSlot(fr *frame, st *state, e ast.Expr, path string) slot {
	if n := beginning(e); n != nil && fr.mod != nil {
		if k, _ := a.slotOf(fr, st, n.Ident); k.frame == fr.mod.frame {
			return slot{k.frame, pathMark + path}
		}
	}
	return slot{fr.id, pathMark + path}
}

// elementOf is what an element is read from, and its key: d["k"], d.get("k").
func elementOf(e ast.Expr) (of, at ast.Expr) {
	switch e := e.(type) {
	case *ast.Subscript:
		return e.Value, e.Slice
	case *ast.Call:
		if f, ok := e.Func.(*ast.Attribute); ok && f.Attr == "get" && len(e.Args) > 0 {
			return f.Value, e.Args[0]
		}
	}
	return nil, nil
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
	if p != "" {
		a.noteChecked(st, a.pathSlot(fr, st, e, p), root, nil, clearedBy(anything, change))
	}
}

// anything is a value that may do all there is, to see what a change takes from it.
var anything = &value{marks: []mark{{src: &origin{}, kinds: models.All}}}

// noteChecked adds to what is cleared of a path. The object, if there is one, is the one of which
// the path tells an element.
func (a *analysis) noteChecked(st *state, s slot, root *value, o *object, k models.Kinds) {
	if root == nil || k == 0 {
		return
	}
	if old, ok := st.get(s); ok && old != nil && old.facts[0].was == root && old.facts[0].object == o {
		k |= old.marks[0].kinds
	}
	st.set(s, &value{marks: []mark{{src: &origin{}, kinds: k}}, facts: []fact{{was: root, object: o}}})
	a.checks++
	leads := a.models.climb | a.models.absolute
	if name, attr, ok := strings.Cut(s.name[len(pathMark):], "."); ok && k&leads == leads && archived(root, attr) {
		// A member of an archive goes where its name says.
		if v, ok := st.get(slot{s.frame, name}); ok && v == root {
			st.set(slot{s.frame, name}, clear(root, a.models.paths))
		}
	}
}

// archived says whether an attribute is the name of a member of an archive.
func archived(v *value, attr string) bool {
	return (attr == "name" || attr == "filename" || attr == "path") && v != nil && slices.ContainsFunc(v.names, func(n string) bool { return n == "tarfile.TarInfo()" || n == "zipfile.ZipInfo()" })
}

// recall applies what is known of a path to its value.
func (a *analysis) recall(fr *frame, st *state, e ast.Expr, v *value) *value {
	if !v.tainted() {
		return v
	}
	p, root := a.pathOf(fr, st, e, 0)
	if p != "" && root != nil && strings.ContainsAny(p, ".[") {
		v = recalled(st, a.pathSlot(fr, st, e, p), root, v)
	}
	if a.every {
		if of, _ := elementOf(e); of != nil {
			if p, root := a.pathOf(fr, st, of, 0); p != "" && root != nil {
				v = recalled(st, a.pathSlot(fr, st, e, p+everyElement), root, v)
			}
		}
	}
	return v
}

func recalled(st *state, s slot, root, v *value) *value {
	known, ok := st.get(s)
	if !ok || known == nil || known.facts[0].was != root {
		return v
	}
	if o := known.facts[0].object; o != nil && (len(root.objs) != 1 || st.object(root.objs[0]) != o) {
		return v
	}
	return clear(v, known.marks[0].kinds)
}

// bringChecks makes known of a function's parameters what is known of the arguments' parts: the
// decorator has checked request.GET["id"], and the view reads it.
func (a *analysis) bringChecks(c *callSite, in *frame, cur *state, bound []boundArg) {
	if a.checks == 0 {
		return
	}
	for _, b := range bound {
		if b.arg == nil || len(b.was.objs) > 0 {
			continue
		}
		p, root := a.pathOf(c.fr, c.st, b.arg, 0)
		if p == "" || root == nil {
			continue
		}
		from := a.pathSlot(c.fr, c.st, b.arg, p)
		found := map[string]*value{}
		for at := c.st; at != nil; at = at.parent {
			for k, v := range at.vars.all() {
				rest, ok := strings.CutPrefix(k.name, from.name)
				if ok && k.frame == from.frame && rest != "" && (rest[0] == '[' || rest[0] == '.') && found[rest] == nil {
					found[rest] = v
				}
			}
		}
		for rest, v := range found {
			if v != bottom && v.facts[0].was == root && v.facts[0].object == nil {
				a.noteChecked(cur, slot{in.id, pathMark + b.name + rest}, b.was, nil, v.marks[0].kinds)
			}
		}
	}
}

// forget is told that a path gets another value.
func (a *analysis) forget(fr *frame, st *state, e ast.Expr) {
	if p, root := a.pathOf(fr, st, e, 0); p != "" && root != nil {
		if _, ok := st.get(a.pathSlot(fr, st, e, p)); ok || root.tainted() {
			st.set(a.pathSlot(fr, st, e, p), bottom)
		}
	}
}

// readFrom notes that variables hold what was read from a path: what is found out of them is
// known of the path, too.
func (a *analysis) readFrom(fr *frame, st *state, names []string, e ast.Expr) {
	p, root := a.pathOf(fr, st, e, 0)
	if p == "" || !root.tainted() {
		return
	}
	s := a.pathSlot(fr, st, e, p)
	was, _ := st.get(s)
	for _, n := range names {
		if at, v := a.slotOf(fr, st, n); v.tainted() {
			w := *v
			w.copyOf = &variable{slot: s, was: was, root: root}
			st.set(at, &w)
		}
	}
}

// joinChecked is what all states know of a path.
func joinChecked(live []*state, k slot) *value {
	var out *value
	for _, s := range live {
		v, ok := s.get(k)
		if !ok || v == nil {
			return bottom
		}
		if out == nil {
			out = v
			continue
		}
		if out.facts[0] != v.facts[0] {
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
