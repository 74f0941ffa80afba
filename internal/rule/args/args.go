// Package args reads the arguments of calls for rules: also those that a dictionary
// spread with ** brings along, or that functools.partial was given before.
package args

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// Keyword returns a call's keyword argument. Hidden says that there is a ** whose content
// is not known, so that the argument may be there all the same.
func Keyword(u *program.Unit, c *ast.Call, name string) (value ast.Expr, hidden bool) {
	if k := program.Keyword(c, name); k != nil {
		return k.Value, false
	}
	for _, v := range u.Values(c.Func) { // partial(requests.get, timeout=5)
		if made, ok := v.(*ast.Call); ok && u.Is(made.Func, "functools.partial") {
			if k := program.Keyword(made, name); k != nil {
				return k.Value, false
			}
			hidden = hidden || program.HasStar(made)
		}
	}
	for _, k := range c.Keywords {
		if k.Arg != "" {
			continue
		}
		for _, v := range u.Values(k.Value) {
			switch d := v.(type) {
			case *ast.Dict:
				if v := text.Lookup(d, name); v != nil {
					return v, false
				}
				if len(u.Bindings(k.Value)) > 0 && filled(u, k.Value, name) {
					hidden = true
				}
				for _, key := range d.Keys {
					hidden = hidden || key == nil
				}
			case *ast.Call:
				if u.Is(d.Func, "builtins.dict") {
					if k := program.Keyword(d, name); k != nil {
						return k.Value, false
					}
					hidden = hidden || program.HasStar(d) || len(d.Args) > 0
					continue
				}
				hidden = true
			default:
				hidden = true
			}
		}
	}
	return nil, hidden
}

// filled says whether the file puts the key into the dictionary after it is made.
func filled(u *program.Unit, dict ast.Expr, key string) bool {
	n, ok := dict.(*ast.Name)
	if !ok {
		return false
	}
	for node := range u.Tree.Of(ast.KindSubscript) {
		s := node.(*ast.Subscript)
		if base, ok := s.Value.(*ast.Name); !ok || base.Ident != n.Ident {
			continue
		}
		if v, ok := u.Str(s.Slice); !ok || v == key {
			return true
		}
	}
	return false
}

// Get is Keyword for an argument that can also be given by position.
func Get(u *program.Unit, c *ast.Call, position int, name string) (value ast.Expr, hidden bool) {
	if e := program.Arg(c, position, ""); e != nil {
		return e, false
	}
	value, hidden = Keyword(u, c, name)
	for _, a := range c.Args {
		hidden = hidden || value == nil && a.Kind() == ast.KindStarred
	}
	return value, hidden
}

// IsFalse says whether e is known to be false: False, 0, "".
func IsFalse(u *program.Unit, e ast.Expr) bool {
	v, ok := u.Const(e)
	return ok && !v.True() && v.Kind != ast.None
}

// IsTrue says whether e is known to be true.
func IsTrue(u *program.Unit, e ast.Expr) bool {
	v, ok := u.Const(e)
	return ok && v.True()
}

// IsNone says whether e is None.
func IsNone(u *program.Unit, e ast.Expr) bool {
	v, ok := u.Const(e)
	return ok && v.Kind == ast.None
}

// Callee is the last name of what is called: get of requests.get(url).
func Callee(c *ast.Call) string { return ast.LastName(c.Func) }

// Last is the last component of a qualified name.
func Last(name string) string {
	name = strings.TrimSuffix(name, "()")
	return name[strings.LastIndexByte(name, '.')+1:]
}
