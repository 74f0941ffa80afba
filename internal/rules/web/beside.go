package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/surface"
)

// Objects are often fetched by somebody else than the view: a service, a repository, a method of the
// view's class. These have a way for what belongs to the caller and one for anything, side by side:
// orders.find_own(number) and orders.find(number). Where one view takes the first and another, which
// asks the same of callers, the second, its author took the wrong one.

// beside holds the calls of each file against each other that are given a name as it is.
type beside struct {
	all   []*surface.Route
	calls map[*program.Unit]map[string][]*ast.Call // by that name
	left  int
}

// maxBeside bounds the pairs of calls that are looked at.
const maxBeside = 200_000

// own is the part of the path by which a route fetches an object from something that another function
// of the file asks for the caller's own by the same, what that one calls, and the route with the place
// where it fetches; or "".
func (l *beside) own(x *surface.Route) (q, own string, at *surface.Route) {
	for _, b := range x.Bodies {
		if b.Unit != x.Unit || whose(b) {
			continue
		}
		for _, q := range x.Parameters {
			if q.In != "path" {
				continue
			}
			var call *ast.Call
			has(b, func(n ast.Node) bool {
				c, ok := n.(*ast.Call)
				if !ok || !gives(b.Unit, c, q.Name) {
					return false
				}
				o, f := l.ownBeside(b, c, q.Name)
				if o == "" || !sameCallers(l.all, x, f) {
					return false
				}
				call, own = c, o
				return true
			})
			if call != nil && !has(b, func(n ast.Node) bool { c, ok := n.(*ast.Call); return ok && ownWay(b, c) }) {
				y := *x
				y.At = call.Span()
				return q.Name, own, &y
			}
		}
	}
	return "", "", nil
}

// gives says whether a call is a method's that gives something by a parameter alone, to a name or to
// what is returned.
func gives(u *program.Unit, c *ast.Call, parameter string) bool {
	if len(c.Args) != 1 || len(c.Keywords) > 0 {
		return false
	}
	n, ok := c.Args[0].(*ast.Name)
	_, method := c.Func.(*ast.Attribute)
	if !ok || !method || n.Ident != parameter {
		return false
	}
	w := secret.Words(args.Callee(c))
	return len(w) > 0 && getting[w[0]] && givenName(u, c) != ""
}

// getting are words with which the names of methods begin that give an object.
var getting = words("get find load fetch by read one lookup retrieve")

// receiver is what a method is called on, as it is written, with a local name replaced by the call
// that made it: service.find is OrderService().find.
func receiver(u *program.Unit, c *ast.Call) string {
	a, ok := c.Func.(*ast.Attribute)
	if !ok {
		return ""
	}
	if n, ok := a.Value.(*ast.Name); ok {
		if v := u.Values(n); len(v) == 1 {
			if made, ok := v[0].(*ast.Call); ok {
				return u.File.Text(made.Span())
			}
		}
	}
	return u.File.Text(a.Value.Span())
}

// ownWay says whether a call asks for what belongs to the caller: by its name, or because it is told
// who calls.
func ownWay(b surface.Body, c *ast.Call) bool {
	words := secret.Words(args.Callee(c))
	if slices.ContainsFunc(words, func(w string) bool { return w == "own" || w == "owned" || w == "mine" || w == "my" }) {
		return true
	}
	// What is done for somebody, such as liking it, says nothing about whose the object is.
	if len(words) == 0 || !getting[words[0]] && !slices.Contains([]string{"belonging", "visible", "accessible", "readable", "allowed", "for", "of"}, words[0]) {
		return false
	}
	callers := callersOf(b.Def)
	return slices.ContainsFunc(c.Args, func(a ast.Expr) bool {
		switch a.(type) {
		case *ast.Name, *ast.Attribute, *ast.Subscript:
			return names(a, callers) || saysWhose(strings.ToLower(b.File.Text(a.Span())))
		}
		return false
	})
}

// ownBeside is the name of what another function of the file calls on the same thing to get the
// caller's own by a parameter of the same name, and that function; or "".
func (l *beside) ownBeside(b surface.Body, c *ast.Call, parameter string) (string, *ast.FunctionDef) {
	on := receiver(b.Unit, c)
	for _, o := range l.given(b.Unit)[parameter] {
		if l.left--; l.left < 0 {
			break
		}
		if args.Callee(o) == args.Callee(c) || receiver(b.Unit, o) != on {
			continue
		}
		f := b.Unit.Function(o)
		if f == nil || f == b.Def || !ownWay(surface.Body{Unit: b.Unit, Def: f}, o) || strings.HasPrefix(on, "self") && !sameKind(b.Unit.Class(c), b.Unit.Class(o)) {
			continue
		}
		return args.Callee(o), f
	}
	return "", nil
}

// given are the methods that a file calls with a name as it is.
func (l *beside) given(u *program.Unit) map[string][]*ast.Call {
	if l.calls == nil {
		l.calls, l.left = map[*program.Unit]map[string][]*ast.Call{}, maxBeside
	}
	if known, ok := l.calls[u]; ok {
		return known
	}
	found := map[string][]*ast.Call{}
	for _, n := range u.Tree.Nodes()[1:] {
		c, ok := n.(*ast.Call)
		if !ok {
			continue
		}
		if _, method := c.Func.(*ast.Attribute); !method {
			continue
		}
		for _, a := range c.Args {
			if n, ok := a.(*ast.Name); ok {
				found[n.Ident] = append(found[n.Ident], c)
			}
		}
	}
	l.calls[u] = found
	return found
}

// sameKind says whether two classes are one, or derive from the same.
func sameKind(a, b *ast.ClassDef) bool {
	if a == nil || b == nil || a == b {
		return a == b
	}
	return slices.ContainsFunc(a.Bases, func(x ast.Expr) bool {
		return slices.ContainsFunc(b.Bases, func(y ast.Expr) bool { return ast.LastName(x) != "" && ast.LastName(x) == ast.LastName(y) })
	})
}

// sameCallers says whether what a function answers asks the same of callers as a route does. What
// answers nothing itself is a step of others.
func sameCallers(all []*surface.Route, x *surface.Route, f *ast.FunctionDef) bool {
	for _, y := range all {
		if y.Unit == x.Unit && slices.ContainsFunc(y.Bodies, func(b surface.Body) bool { return b.Def == f }) {
			return slices.Equal(x.Access.By, y.Access.By)
		}
	}
	return true
}
