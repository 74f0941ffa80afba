package text

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// Checked says whether the way to e leads through a test that leaves it only allowed
// values: `if e in ALLOWED:` around it, `if e not in ALLOWED: raise` above it, `e.isalnum()`,
// a full match of a pattern, or a helper named for checking that is given it.
func Checked(u *program.Unit, e ast.Expr) bool {
	want := u.File.Text(e.Span())
	if len(want) > 200 {
		return false
	}
	g := guard{u, want}
	var below ast.Node = e
	for n := u.Parent(e); n != nil; n = u.Parent(n) {
		switch n := n.(type) {
		case *ast.If:
			if within(below, n.Body) && g.implies(n.Test, true) || within(below, n.Orelse) && g.implies(n.Test, false) {
				return true
			}
			if g.above(n.Body, below) || g.above(n.Orelse, below) {
				return true
			}
		case *ast.While:
			if within(below, n.Body) && g.implies(n.Test, true) || g.above(n.Body, below) {
				return true
			}
		case *ast.IfExp:
			if n.Body.ID() == below.ID() && g.implies(n.Test, true) || n.Orelse.ID() == below.ID() && g.implies(n.Test, false) {
				return true
			}
		case *ast.BoolOp:
			for _, v := range n.Values {
				if v.ID() == below.ID() {
					break
				}
				if g.implies(v, n.Op == ast.And) {
					return true
				}
			}
		case *ast.ListComp:
			if g.filters(n.Generators) {
				return true
			}
		case *ast.SetComp:
			if g.filters(n.Generators) {
				return true
			}
		case *ast.GeneratorExp:
			if g.filters(n.Generators) {
				return true
			}
		case *ast.DictComp:
			if g.filters(n.Generators) {
				return true
			}
		case *ast.For:
			if g.above(n.Body, below) || g.above(n.Orelse, below) {
				return true
			}
		case *ast.With:
			if g.above(n.Body, below) {
				return true
			}
		case *ast.Try:
			if g.above(n.Body, below) || within(below, n.Orelse) && g.above(n.Body, nil) || g.above(n.Orelse, below) || g.above(n.Finalbody, below) {
				return true
			}
		case *ast.ExceptHandler:
			if g.above(n.Body, below) {
				return true
			}
		case *ast.FunctionDef:
			return g.above(n.Body, below)
		case *ast.Module:
			return g.above(n.Body, below)
		case *ast.ClassDef:
			return false
		}
		below = n
	}
	return false
}

type guard struct {
	u    *program.Unit
	want string
}

func within(n ast.Node, list []ast.Stmt) bool {
	return len(list) > 0 && list[0].Start() <= n.Start() && n.End() <= list[len(list)-1].End()
}

func (g *guard) is(e ast.Expr) bool {
	return e != nil && g.u.File.Text(e.Span()) == g.want
}

func (g *guard) filters(gens []*ast.Comprehension) bool {
	for _, c := range gens {
		for _, t := range c.Ifs {
			if g.implies(t, true) {
				return true
			}
		}
	}
	return false
}

// above looks at the statements before one of a block; nil looks at all of them.
func (g *guard) above(list []ast.Stmt, stop ast.Node) bool {
	if stop != nil && !within(stop, list) {
		return false
	}
	found := false
	for _, s := range list {
		if stop != nil && s.Start() >= stop.Start() {
			break
		}
		switch s := s.(type) {
		case *ast.If:
			if leaves(g.u, s.Body) && g.implies(s.Test, false) {
				found = true
			}
			// if x not in ALLOWED: x = DEFAULT
			if len(s.Orelse) == 0 && len(s.Body) == 1 && g.implies(s.Test, false) {
				if a, ok := s.Body[0].(*ast.Assign); ok && len(a.Targets) == 1 && g.is(a.Targets[0]) && g.u.IsConst(a.Value) {
					found = true
				}
			}
		case *ast.For:
			// for c in columns: if c not in ALLOWED: raise, and then columns is used
			if g.is(s.Iter) {
				inner := guard{g.u, g.u.File.Text(s.Target.Span())}
				if inner.above(s.Body, nil) {
					found = true
				}
			}
		case *ast.Assert:
			if g.implies(s.Test, true) {
				found = true
			}
		case *ast.ExprStmt:
			if c, ok := s.Value.(*ast.Call); ok && checker(c) && len(c.Args) > 0 && g.is(c.Args[0]) {
				found = true
			}
		case *ast.Assign:
			for _, t := range s.Targets {
				if g.is(t) {
					found = false
				}
			}
		}
	}
	return found
}

// checker says whether a call is named for checking what it is given.
func checker(c *ast.Call) bool {
	name := ast.LastName(c.Func)
	name = strings.TrimLeft(strings.ToLower(name), "_")
	if name == "check_call" || name == "check_output" {
		return false
	}
	if name == "check" || name == "verify" || strings.HasPrefix(name, "check_") || strings.HasPrefix(name, "verify_") {
		return true
	}
	return vouching(name)
}

// vouching says whether a name speaks of what is allowed.
func vouching(name string) bool {
	for _, w := range []string{"valid", "safe", "allow", "permit", "identifier", "sanit", "white"} {
		if strings.Contains(name, w) {
			return !strings.Contains(name, "unsafe") && !strings.Contains(name, "invalid")
		}
	}
	return false
}

// allowList says whether e can be meant as the values that are allowed: constants, or a
// name that says so. That something is a key of some other data means nothing.
func (g *guard) allowList(e ast.Expr) bool {
	if g.u.Is(e, "builtins.str()") {
		return false // a part of a text, not one of several
	}
	if g.u.IsConst(e) {
		return true
	}
	name := ""
	switch e := e.(type) {
	case *ast.Name:
		name = e.Ident
	case *ast.Attribute:
		if posted(g.u, e) {
			return false
		}
		name = e.Attr
	case *ast.Call:
		switch f := e.Func.(type) {
		case *ast.Attribute:
			if f.Attr == "keys" || f.Attr == "values" {
				return g.allowList(f.Value)
			}
			name = f.Attr
		case *ast.Name:
			if len(e.Args) == 1 && through["builtins."+f.Ident] {
				return g.allowList(e.Args[0])
			}
			name = f.Ident
		}
	}
	if Capitals(name) {
		return true
	}
	name = strings.ToLower(name)
	for _, w := range []string{"known", "support", "choice", "column", "field", "option", "table", "accept", "expected", "available", "registered", "mapping"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	if vouching(name) {
		return true
	}
	for _, v := range g.u.Values(e) { // bound to constants in each branch
		if !g.u.IsConst(v) || v.Kind() == ast.KindConstant {
			return false
		}
	}
	return len(g.u.Values(e)) > 0
}

// leaves says whether a block ends by leaving what is around it.
func leaves(u *program.Unit, list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1].(type) {
	case *ast.Return, *ast.Raise, *ast.Continue, *ast.Break:
		return true
	case *ast.ExprStmt:
		if c, ok := s.Value.(*ast.Call); ok {
			if u.Is(c.Func, "sys.exit", "builtins.exit", "builtins.quit", "os._exit", "os.abort", "flask.abort", "werkzeug.exceptions.abort", "bottle.abort") {
				return true
			}
			f, ok := c.Func.(*ast.Attribute)
			return ok && (f.Attr == "error" && u.Is(f.Value, "argparse.ArgumentParser()") || f.Attr == "fail" || f.Attr == "skipTest")
		}
	}
	return false
}

// implies says whether the test being truth leaves only allowed values.
func (g *guard) implies(test ast.Expr, truth bool) bool {
	switch t := test.(type) {
	case *ast.UnaryOp:
		return t.Op == ast.Not && g.implies(t.Operand, !truth)
	case *ast.NamedExpr:
		return g.implies(t.Value, truth)
	case *ast.BoolOp:
		if (t.Op == ast.And) == truth { // all of them hold, or none of them
			for _, v := range t.Values {
				if g.implies(v, truth) {
					return true
				}
			}
			return false
		}
		for _, v := range t.Values {
			if !g.implies(v, truth) {
				return false
			}
		}
		return true
	case *ast.Compare:
		if len(t.Ops) != 1 {
			return false
		}
		l, r := t.Left, t.Comparators[0]
		switch t.Ops[0] {
		case ast.In:
			return truth && g.is(l) && g.allowList(r)
		case ast.NotIn:
			return !truth && g.is(l) && g.allowList(r)
		case ast.Eq:
			return truth && (g.is(l) && g.u.IsConst(r) || g.is(r) && g.u.IsConst(l))
		case ast.NotEq:
			return !truth && (g.is(l) && g.u.IsConst(r) || g.is(r) && g.u.IsConst(l))
		case ast.Is, ast.IsNot: // re.fullmatch(…) is None
			c, ok := r.(*ast.Constant)
			return ok && c.ConstKind() == ast.None && g.implies(l, truth == (t.Ops[0] == ast.IsNot)) && l.Kind() == ast.KindCall
		case ast.LtE, ast.Lt: // set(columns) <= ALLOWED
			c, ok := l.(*ast.Call)
			return truth && ok && len(c.Args) == 1 && g.is(c.Args[0]) && g.u.Is(c.Func, "builtins.set", "builtins.frozenset")
		}
	case *ast.Call:
		if !truth {
			return false
		}
		if f, ok := t.Func.(*ast.Attribute); ok {
			switch f.Attr {
			case "isidentifier", "isalnum", "isdigit", "isdecimal", "isalpha", "isnumeric":
				if g.is(f.Value) || g.stripped(f.Value) {
					return true
				}
			case "fullmatch":
				return len(t.Args) > 0 && g.is(t.Args[len(t.Args)-1])
			case "match":
				return len(t.Args) > 0 && g.is(t.Args[len(t.Args)-1]) && g.anchored(f, t)
			case "issubset":
				if c, ok := f.Value.(*ast.Call); ok && len(c.Args) == 1 && g.is(c.Args[0]) {
					return true
				}
			}
		}
		if g.u.Is(t.Func, "builtins.isinstance") && len(t.Args) == 2 && g.is(t.Args[0]) {
			return g.u.Is(t.Args[1], "builtins.int", "builtins.float", "numbers.Number", "decimal.Decimal", "uuid.UUID", "datetime.date", "datetime.datetime")
		}
		if g.u.Is(t.Func, "builtins.all") && len(t.Args) == 1 {
			if x, ok := t.Args[0].(*ast.GeneratorExp); ok && len(x.Generators) == 1 {
				if !g.is(x.Generators[0].Iter) {
					return false
				}
				inner := guard{g.u, g.u.File.Text(x.Generators[0].Target.Span())}
				if inner.want == "" {
					return false
				}
				if c, ok := x.Elt.(*ast.Compare); ok && len(c.Ops) == 1 && c.Ops[0] == ast.In && inner.is(c.Left) {
					return true // also of characters in a string
				}
				return inner.implies(x.Elt, true) || g.charTest(x.Elt)
			}
		}
		return checker(t) && len(t.Args) > 0 && g.is(t.Args[0])
	}
	return false
}

// charTest: c.isalnum() or c in "_-".
func (g *guard) charTest(e ast.Expr) bool {
	b, ok := e.(*ast.BoolOp)
	if !ok || b.Op != ast.Or {
		return false
	}
	for _, v := range b.Values {
		switch v := v.(type) {
		case *ast.Call:
			if f, ok := v.Func.(*ast.Attribute); !ok || !strings.HasPrefix(f.Attr, "is") {
				return false
			}
		case *ast.Compare:
			if len(v.Ops) != 1 || v.Ops[0] != ast.In && v.Ops[0] != ast.Eq {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// stripped: name.replace("_", "").isalnum().
func (g *guard) stripped(e ast.Expr) bool {
	for {
		c, ok := e.(*ast.Call)
		if !ok {
			return g.is(e)
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok || f.Attr != "replace" || len(c.Args) < 2 {
			return false
		}
		if s, ok := g.u.Str(c.Args[0]); !ok || s != "_" && s != "-" && s != "." {
			return false
		}
		e = f.Value
	}
}

// anchored says whether a pattern given to match ends in $ or \Z; re.match anchors only
// the start. An unknown pattern is given the benefit of the doubt.
func (g *guard) anchored(f *ast.Attribute, c *ast.Call) bool {
	var pattern ast.Expr
	if len(c.Args) >= 2 && g.u.Is(c.Func, "re.match") {
		pattern = c.Args[0]
	} else {
		for _, v := range g.u.Values(f.Value) {
			if x, ok := v.(*ast.Call); ok && len(x.Args) > 0 && g.u.Is(x.Func, "re.compile") {
				pattern = x.Args[0]
			}
		}
	}
	s, ok := g.u.Str(pattern)
	return !ok || strings.HasSuffix(s, "$") || strings.HasSuffix(s, `\Z`) || strings.HasSuffix(s, `\z`)
}
