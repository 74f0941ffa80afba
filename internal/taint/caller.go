package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// Who calls is an object of a class of the program, too: the function below @login.user_loader gives
// it, and flask_login.current_user is it. What a handler sets on it is stored.

// A loader is the class of who calls, by its name in a module.
type loader struct {
	class string
	from  *program.Module
}

// loads notes the class of what a function gives that loads who calls.
func (f *Facts) loads(u *program.Unit, d *ast.FunctionDef, dec ast.Expr) {
	at, ok := dec.(*ast.Attribute)
	if !ok || at.Attr != "user_loader" {
		return
	}
	add := func(e ast.Expr) {
		for _, name := range u.Names(e) {
			if f.loader.class == "" && u.Mine(name) && !strings.ContainsAny(name, "()") {
				f.loader = loader{strings.Clone(name), u.Module}
			}
		}
	}
	for _, name := range u.Instance(d.Returns) { // -> User | None
		if class, ok := strings.CutSuffix(name, "()"); ok && u.Mine(class) && f.loader.class == "" {
			f.loader = loader{strings.Clone(class), u.Module}
		}
	}
	if len(d.Body) == 0 {
		return
	}
	r, ok := d.Body[len(d.Body)-1].(*ast.Return)
	if !ok {
		return
	}
	var visit func(n ast.Node)
	visit = func(n ast.Node) { // session.get(User, number), User.query.get(number)
		switch n := n.(type) {
		case *ast.Name:
			if n.Ident != "" && n.Ident[0] >= 'A' && n.Ident[0] <= 'Z' {
				add(n)
			}
		case *ast.Attribute:
			if n.Attr != "" && n.Attr[0] >= 'A' && n.Attr[0] <= 'Z' {
				add(n)
			}
		}
		ast.Children(n, visit)
	}
	visit(r)
}

// loaderOf is the first of all files'.
func loaderOf(list []*Facts) loader {
	for _, f := range list {
		if f != nil && f.loader.class != "" {
			return f.loader
		}
	}
	return loader{}
}

// caller is a value, or the object that it stands for where it is who calls.
func (a *analysis) caller(fr *frame, st *state, v *value, e ast.Node) *value {
	if v == nil || len(v.objs) > 0 || len(v.names) == 0 || st == nil || e == nil || a.links == nil || a.links.loader.class == "" || !slices.Contains(v.names, "flask_login.current_user") {
		return v
	}
	at := ambient("flask_login.current_user")
	if known, ok := st.get(at); ok {
		return known
	}
	k := a.resolve(lazy{name: a.links.loader.class, from: a.links.loader.from.Path})
	if k == nil || len(k.class) != 1 {
		return v
	}
	known := a.row(fr, st, e, v, k.class[0])
	st.set(at, known)
	return known
}
