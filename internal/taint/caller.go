package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// Who calls is an object of a class of the program, too: models say which function gives it, and as what
// it is read. What a handler sets on it is stored.

// A caller is the class of who calls, by its name in a module, and what it is read as.
type caller struct {
	class string
	from  *program.Module
	value string
}

// loads notes the class of what a function gives below the decorator dec, if that is who calls: as its
// annotation says, or as the query names it that it returns.
func (k *Knowledge) loads(u *program.Unit, f *Facts, d *ast.FunctionDef, dec ast.Expr) {
	value := k.callerBelow(u, dec)
	if value == "" || f.caller.class != "" {
		return
	}
	var names []string
	for _, name := range u.Instance(d.Returns) { // -> User | None
		if class, ok := strings.CutSuffix(name, "()"); ok {
			names = append(names, class)
		}
	}
	var visit func(n ast.Node)
	visit = func(n ast.Node) { // session.get(User, number), User.query.get(number)
		switch n := n.(type) {
		case *ast.Name:
			if startsUpper(n.Ident) {
				names = append(names, u.Names(n)...)
			}
		case *ast.Attribute:
			if startsUpper(n.Attr) {
				names = append(names, u.Names(n)...)
			}
		}
		ast.Children(n, visit)
	}
	if len(d.Body) > 0 {
		if r, ok := d.Body[len(d.Body)-1].(*ast.Return); ok {
			visit(r)
		}
	}
	if i := slices.IndexFunc(names, func(n string) bool { return u.Mine(n) && !strings.ContainsAny(n, "()") }); i >= 0 {
		f.caller = caller{strings.Clone(names[i]), u.Module, value}
	}
}

func startsUpper(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }

// callerBelow is what who calls is read as where dec stands above the function that gives it, or "".
func (k *Knowledge) callerBelow(u *program.Unit, dec ast.Expr) string {
	if len(k.callers) == 0 {
		return ""
	}
	if at, ok := dec.(*ast.Attribute); ok {
		if value := k.callers["*."+at.Attr]; value != "" {
			return value
		}
	}
	for _, name := range u.Names(dec) {
		if value := k.callers[name]; value != "" {
			return value
		}
	}
	return ""
}

// callerOf is the first of all files'.
func callerOf(list []*Facts) caller {
	for _, f := range list {
		if f != nil && f.caller.class != "" {
			return f.caller
		}
	}
	return caller{}
}

// caller is a value, or the object that it stands for where it is who calls.
func (a *analysis) caller(fr *frame, st *state, v *value, e ast.Node) *value {
	if v == nil || len(v.objs) > 0 || len(v.names) == 0 || st == nil || e == nil || a.links == nil || a.links.caller.class == "" || !slices.Contains(v.names, a.links.caller.value) {
		return v
	}
	at := ambient(a.links.caller.value)
	if known, ok := st.get(at); ok {
		return known
	}
	k := a.resolve(lazy{name: a.links.caller.class, from: a.links.caller.from.Path})
	if k == nil || len(k.class) != 1 {
		return v
	}
	known := a.row(fr, st, e, v, k.class[0])
	st.set(at, known)
	return known
}
