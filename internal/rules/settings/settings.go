// Package settings has the Go parts of the rules about configuration and what is kept in it.
package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/source"
)

// What the rules about secrets in code share: where a value is given a name.

// A place is how a value gets its name.
type place uint8

const (
	assignment place = iota // password = "…", also self.password and tuples
	element                 // config["password"] = "…"
	entry                   // {"password": "…"}
	argument                // connect(password="…")
	parameter               // def connect(password="…")
	comparison              // password == "…"
)

// A named is a value with its name.
type named struct {
	name  string
	value ast.Expr
	where place
}

// namedKinds are the kinds of nodes that names looks at.
var namedKinds = []ast.Kind{ast.KindAssign, ast.KindAnnAssign, ast.KindNamedExpr, ast.KindDict, ast.KindCall, ast.KindArguments, ast.KindCompare}

// names calls visit for each value that n gives a name. At is where the value stands.
func names(p *rule.Pass, n ast.Node, visit func(v named)) {
	switch n := n.(type) {
	case *ast.Assign:
		for _, t := range n.Targets {
			target(t, n.Value, visit)
		}
	case *ast.AnnAssign:
		if n.Value != nil {
			target(n.Target, n.Value, visit)
		}
	case *ast.NamedExpr:
		target(n.Target, n.Value, visit)
	case *ast.Dict:
		for i, k := range n.Keys {
			if s, ok := key(k); ok {
				visit(named{s, n.Values[i], entry})
			}
		}
	case *ast.Call:
		for _, k := range n.Keywords {
			if k.Arg != "" {
				visit(named{k.Arg, k.Value, argument})
			}
		}
	case *ast.Arguments:
		positional := len(n.Posonlyargs) + len(n.Args)
		for i, d := range n.Defaults {
			at := positional - len(n.Defaults) + i
			if at < 0 {
				continue
			}
			a := n.Posonlyargs
			if at >= len(a) {
				a, at = n.Args, at-len(a)
			}
			if at < len(a) {
				visit(named{a[at].Arg, d, parameter})
			}
		}
		for i, d := range n.KwDefaults {
			if d != nil && i < len(n.Kwonlyargs) {
				visit(named{n.Kwonlyargs[i].Arg, d, parameter})
			}
		}
	case *ast.Compare:
		if len(n.Comparators) == 0 {
			return
		}
		right := n.Comparators[0]
		if s := variable(n.Left); s != "" {
			visit(named{s, right, comparison})
		} else if s := variable(right); s != "" {
			visit(named{s, n.Left, comparison})
		}
	}
}

// target pairs what is assigned to with its value.
func target(t, value ast.Expr, visit func(v named)) {
	switch t := t.(type) {
	case *ast.Name:
		visit(named{t.Ident, value, assignment})
	case *ast.Attribute:
		visit(named{t.Attr, value, assignment})
	case *ast.Subscript:
		if s, ok := key(t.Slice); ok {
			visit(named{s, value, element})
		}
	case *ast.Tuple:
		if v, ok := value.(*ast.Tuple); ok && len(v.Elts) == len(t.Elts) {
			for i := range t.Elts {
				target(t.Elts[i], v.Elts[i], visit)
			}
		}
	}
}

// key is a string literal that names an element.
func key(e ast.Expr) (string, bool) {
	if e == nil {
		return "", false
	}
	c, ok := ast.IsStr(e)
	if !ok || len(c.Raw) > 90 {
		return "", false
	}
	return c.Str(), true
}

// variable is the last name of a name, attribute or element.
func variable(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Name:
		return e.Ident
	case *ast.Attribute:
		return e.Attr
	case *ast.Subscript:
		s, _ := key(e.Slice)
		return s
	}
	return ""
}

// literal is the constant text that e is, also in the wrappers that configuration
// classes and libraries ask for.
func literal(p *rule.Pass, e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.Constant:
		if k := e.ConstKind(); k == ast.Str || k == ast.Bytes {
			return e.Str(), true
		}
		return "", false
	case *ast.Call:
		switch args.Callee(e) {
		case "encode", "strip":
			if f, ok := e.Func.(*ast.Attribute); ok {
				return literal(p, f.Value)
			}
		case "SecretStr", "SecretBytes", "Secret", "b64decode", "urlsafe_b64decode", "bytes", "bytearray", "fromhex", "unhexlify", "force_bytes", "str":
			if len(e.Args) > 0 {
				return literal(p, e.Args[0])
			}
		case "Field":
			if d := program.Arg(e, 0, "default"); d != nil {
				return literal(p, d)
			}
		}
		return "", false
	case *ast.BinOp:
		if v, ok := p.Const(e); ok && (v.Kind == ast.Str || v.Kind == ast.Bytes) {
			return v.Str, true
		}
	}
	return "", false
}

// hide says that the texts in e are secrets.
func hide(p *rule.Pass, f *rule.Found, e ast.Expr) {
	switch e := e.(type) {
	case *ast.Constant:
		if k := e.ConstKind(); k == ast.Str || k == ast.Bytes {
			f.Hide(inner(p, e))
		}
	case *ast.Call:
		if a, ok := e.Func.(*ast.Attribute); ok {
			hide(p, f, a.Value)
		}
		for _, a := range e.Args {
			hide(p, f, a)
		}
		for _, k := range e.Keywords {
			hide(p, f, k.Value)
		}
	case *ast.BinOp:
		for n := ast.Expr(e); ; { // a sum may be deep
			b, ok := n.(*ast.BinOp)
			if !ok {
				hide(p, f, n)
				return
			}
			hide(p, f, b.Right)
			n = b.Left
		}
	case *ast.JoinedStr:
		for _, v := range e.Values {
			if c, ok := v.(*ast.Constant); ok {
				f.Hide(c.Span())
			}
		}
	}
}

// inner is a text without its quotes.
func inner(p *rule.Pass, e *ast.Constant) source.Span {
	span, raw := e.Span(), p.Text(e)
	text := strings.TrimLeft(raw, "brfuBRFU")
	span.Start += source.Pos(len(raw) - len(text))
	for _, q := range []string{`"""`, "'''", `"`, "'"} {
		if strings.HasPrefix(text, q) && strings.HasSuffix(text, q) && len(text) >= 2*len(q) {
			span.Start += source.Pos(len(q))
			span.End -= source.Pos(len(q))
			break
		}
	}
	return span
}

// variableName makes an environment variable's name of a name.
func variableName(name string) string {
	var b strings.Builder
	prev := byte('_')
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c >= 'A' && c <= 'Z':
			if prev >= 'a' && prev <= 'z' {
				b.WriteByte('_')
			}
		case c >= '0' && c <= '9' && i > 0:
		default:
			c = '_'
		}
		b.WriteByte(c)
		prev = name[i]
	}
	return strings.Trim(b.String(), "_")
}

// fromEnvironment offers to read a value from the environment instead.
func fromEnvironment(p *rule.Pass, f *rule.Found, name string, value ast.Expr) {
	hide(p, f, value)
	env := variableName(name)
	if env == "" {
		return
	}
	text := `os.environ["` + env + `"]`
	if c, ok := value.(*ast.Constant); ok && c.ConstKind() == ast.Bytes {
		text += ".encode()"
	}
	f.ReviewFix("read it from the environment", p.Replace(value, text), p.ImportModule("os"))
}

// inEnum says whether n stands in the body of an enumeration, or of a class of constants.
func inEnum(p *rule.Pass, n ast.Node) bool {
	c := p.Class(n)
	if c == nil || p.Function(n) != nil {
		return false
	}
	for _, b := range c.Bases {
		if s := variable(b); strings.HasSuffix(s, "Enum") || strings.HasSuffix(s, "Choices") || s == "Flag" {
			return true
		}
	}
	return false
}
