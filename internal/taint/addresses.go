package taint

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// The addresses under which a handler is known need not stand above it: they are in a list of
// addresses in another file, in a table of pairs, above its class, or under a name that is
// given an address elsewhere. What a converter or a group in an address lets through decides
// what a handler is given, so all of them count, and the loosest wins.

// An address is one of a handler's, with the parameters that it gives a constant.
type address struct {
	route string
	fixed []string
}

// maxAddresses is how many of one handler are kept.
const maxAddresses = 20

// addresses are known by the names of functions and classes, and by names of their own.
type addresses struct {
	mu sync.Mutex
	of map[string][]address
}

// add notes one. They are in order, whichever file was read first.
func (x *addresses) add(name, route string, fixed []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.of == nil {
		x.of = map[string][]address{}
	}
	list := x.of[name]
	at := address{strings.Clone(route), fixed}
	i, _ := slices.BinarySearchFunc(list, at, address.compare)
	if i < len(list) && list[i].compare(at) == 0 || i >= maxAddresses {
		return
	}
	list = slices.Insert(slices.Clone(list), i, at)
	x.of[strings.Clone(name)] = list[:min(len(list), maxAddresses)]
}

func (x address) compare(y address) int {
	return cmp.Or(strings.Compare(x.route, y.route), slices.Compare(x.fixed, y.fixed))
}

func (x *addresses) get(name string) []address {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.of[name]
}

// ownName is the name of an address that has one of its own, which no function has.
func ownName(name string) string { return "\x00" + name }

// viewRoute notes the address of a view that is given to a function: path("orders/<int:pk>",
// views.order), path("", Orders.as_view()), add_resource(Orders, "/orders", "/o"), or of a
// name: add_route("order", "/orders/{id}"). A view is followed where it is defined, which may be
// before the call is met.
func (k *Knowledge) viewRoute(u *program.Unit, n *ast.Call, r *models.Route) {
	view, path := argumentOf(n, r.Handler), argumentOf(n, cmp.Or(r.Path, "0"))
	if view == nil || path == nil {
		return
	}
	if c, ok := view.(*ast.Call); ok {
		f, ok := c.Func.(*ast.Attribute)
		if !ok || f.Attr != "as_view" && f.Attr != "as_asgi" {
			return
		}
		view = f.Value
	}
	names := u.Names(view)
	if s, ok := u.Str(view); ok {
		names = []string{ownName(s)}
	}
	var fixed []string
	if d, ok := argumentOf(n, r.With).(*ast.Dict); ok && r.With != "" {
		for i, key := range d.Keys {
			if s, ok := u.Str(key); ok && key != nil && u.IsConst(d.Values[i]) {
				fixed = append(fixed, strings.Clone(s))
			}
		}
	}
	for _, s := range k.pathsIn(u, n, path) {
		for _, name := range names {
			k.views.add(name, s, fixed)
		}
	}
}

// pathsIn are the addresses in a call: the argument that is one, and those behind it that look
// like one.
func (k *Knowledge) pathsIn(u *program.Unit, c *ast.Call, path ast.Expr) (out []string) {
	if s, ok := u.Str(path); ok {
		out = append(out, s)
	}
	if i := slices.Index(c.Args, path); i >= 0 {
		for _, x := range c.Args[i+1:] {
			if s, ok := u.Str(x); ok && strings.HasPrefix(s, "/") {
				out = append(out, s)
			}
		}
	}
	return out
}

// aboveClass notes the addresses that decorators give a class.
func (k *Knowledge) aboveClass(u *program.Unit, cls *ast.ClassDef) {
	for _, dec := range cls.DecoratorList {
		c, ok := dec.(*ast.Call)
		if !ok {
			continue
		}
		r := k.route(u.Names(c.Func), c.Func, dec)
		if r == nil {
			continue
		}
		if path := argumentOf(c, cmp.Or(r.Path, "0")); path != nil {
			for _, s := range k.pathsIn(u, c, path) {
				k.views.add(u.Module.Name+"."+u.Symbol(cls), s, nil)
			}
		}
	}
}

// table notes the addresses in a table of them: (r"/orders/(\d+)", Order), or ("/orders",
// "Orders", "/lines", "Lines") with the names of classes of the file.
func (k *Knowledge) table(u *program.Unit, list []ast.Expr) {
	if len(list) < 2 {
		return
	}
	route := func(e ast.Expr) (string, bool) {
		c, ok := e.(*ast.Constant)
		if !ok || c.ConstKind() != ast.Str {
			return "", false
		}
		s := c.Str()
		return s, strings.HasPrefix(s, "/") || strings.HasPrefix(s, "^/")
	}
	first, ok := route(list[0])
	if !ok {
		return
	}
	switch list[1].(type) {
	case *ast.Name, *ast.Attribute:
		for _, name := range u.Names(list[1]) {
			k.views.add(name, first, nil)
		}
		return
	}
	if len(list)%2 != 0 || len(list) > 400 {
		return
	}
	for i := 0; i+1 < len(list); i += 2 {
		s, ok := route(list[i])
		view, isName := ast.IsStr(list[i+1])
		if !ok || !isName {
			return
		}
		name := view.Str()
		if !strings.Contains(name, ".") {
			name = u.Module.Name + "." + name
		}
		k.views.add(name, s, nil)
	}
}

// addressesOf are all that a handler is known under. Those that stand above it count together.
func (a *analysis) addressesOf(r registered, f *function, said string) (out []address) {
	view := f.name
	if f.mod != nil && f.mod.of != nil {
		view = f.mod.of.Name + "." + f.name
	}
	if r.class != nil {
		view = r.class.name
	}
	if said != "" {
		if list := a.models.views.get(ownName(said)); len(list) > 0 {
			return list
		}
		out = append(out, address{route: said})
		if r.dec == nil {
			return append(out, a.models.views.get(view)...)
		}
		for _, d := range f.def.DecoratorList {
			c, ok := d.(*ast.Call)
			if !ok || d == r.dec {
				continue
			}
			x := a.models.route(f.mod.unit.Names(c.Func), c.Func, d)
			if x == nil || x.Raised != "" {
				continue
			}
			if e := argumentOf(c, cmp.Or(x.Path, "0")); e != nil {
				if s, ok := f.mod.unit.Str(e); ok {
					out = append(out, address{route: strings.Clone(s)})
				}
			}
		}
		return out
	}
	return a.models.views.get(view)
}

// letThrough is what a parameter cannot do for what all addresses of the handler say of it: by its
// name, or by its place where groups have no names, -1 if it has none.
func (a *analysis) letThrough(name string, place int) models.Kinds {
	if a.entry == nil {
		return 0
	}
	k, said := models.All, false
	for _, at := range a.entry.addresses {
		if slices.Contains(at.fixed, name) {
			said = true
			continue
		}
		x, ok := a.letThroughBy(at.route, name, place)
		if ok {
			k, said = k&x, true
		}
	}
	if !said {
		return 0
	}
	return k
}

// fixedBy says whether all addresses of the handler give a parameter a constant.
func (a *analysis) fixedBy(name string) bool {
	return a.entry != nil && len(a.entry.addresses) > 0 && !slices.ContainsFunc(a.entry.addresses, func(at address) bool { return !slices.Contains(at.fixed, name) })
}

// groupAt is the group of a pattern with a number, where none has a name.
func groupAt(route string, n int) (string, bool) {
	class := false
	count := 0
	for i := 0; i < len(route); i++ {
		switch c := route[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '<' && (i < 2 || route[i-2:i] != "?P"): // no pattern
			return "", false
		case c == '(' && strings.HasPrefix(route[i:], "(?P<"):
			return "", false
		case c == '(' && !strings.HasPrefix(route[i:], "(?"):
			if count == n {
				end := closing(route[i:], '(', ')')
				if end < 1 || strings.Contains(route, "(?P<") {
					return "", false
				}
				return route[i+1 : i+end], true
			}
			count++
		}
	}
	return "", false
}

// variables are the names of the variable parts of the handler's addresses.
func (a *analysis) variables() (out []string) {
	if a.entry == nil {
		return nil
	}
	for _, at := range a.entry.addresses {
		for i := 0; i < len(at.route); i++ {
			var in string
			switch rest := at.route[i:]; {
			case rest[0] == '\\':
				i++
				continue
			case rest[0] == '<':
				in, _, _ = strings.Cut(rest[1:], ">")
				if conv, name, ok := strings.Cut(in, ":"); ok && !isIdent(name) { // <name:pattern>
					in = conv
				} else if ok && (i < 2 || at.route[i-2:i] != "?P") {
					in = name
				}
			case rest[0] == '{':
				in, _, _ = strings.Cut(rest[1:], "}")
				in, _, _ = strings.Cut(in, ":")
			}
			if isIdent(in) && !slices.Contains(out, in) && len(out) < maxFields {
				out = append(out, strings.Clone(in))
			}
		}
	}
	return out
}

// isIdent says whether s can be a parameter's name.
func isIdent(s string) bool {
	for i, c := range s {
		if c != '_' && !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c)) {
			return false
		}
	}
	return s != ""
}
