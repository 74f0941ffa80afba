package program

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// maxFold bounds folded strings and containers.
const maxFold = 1 << 16

// Const folds e to a constant: literals, operators on constants, f-strings, % and
// format, join, and names that are bound once, in this file or in one it imports from.
func (u *Unit) Const(e ast.Expr) (Value, bool) {
	if e == nil {
		return Value{}, false
	}
	if u.depth > maxFollow {
		u.cuts++
		return Value{}, false
	}
	u.depth++
	defer func() { u.depth-- }()
	switch e := e.(type) {
	case *ast.Constant:
		return Literal(e), true
	case *ast.Name:
		return u.constName(e)
	case *ast.Attribute:
		return u.constMember(e)
	case *ast.NamedExpr:
		return u.Const(e.Value)
	case *ast.JoinedStr:
		return u.constFString(e)
	case *ast.Tuple:
		return u.constList(e.Elts)
	case *ast.List:
		return u.constList(e.Elts)
	case *ast.Set:
		return u.constList(e.Elts)
	case *ast.Dict:
		for _, v := range e.Values {
			if _, ok := u.Const(v); !ok {
				return Value{}, false
			}
		}
		return u.constList(e.Keys)
	case *ast.UnaryOp:
		return u.constUnary(e)
	case *ast.BinOp:
		return u.constBinary(e)
	case *ast.IfExp:
		if v, ok := u.Const(e.Test); ok {
			if v.True() {
				return u.Const(e.Body)
			}
			return u.Const(e.Orelse)
		}
	case *ast.Call:
		return u.constCall(e)
	}
	return Value{}, false
}

// Literal is the value of a constant of the source.
func Literal(c *ast.Constant) Value {
	switch k := c.ConstKind(); k {
	case ast.Str, ast.Bytes:
		return Value{Kind: k, Str: c.Str()}
	case ast.Int:
		n := c.Int()
		if n.IsInt64() {
			return Value{Kind: k, Int: n.Int64()}
		}
		return Value{Kind: k, Int: math.MaxInt64}
	case ast.Float, ast.Complex:
		return Value{Kind: k, Flt: c.Float()}
	default:
		return Value{Kind: k}
	}
}

// True is Python's truth of the value.
func (v Value) True() bool {
	switch v.Kind {
	case ast.None, ast.False:
		return false
	case ast.Str, ast.Bytes:
		return v.Str != ""
	case ast.Int:
		return v.Int != 0
	case ast.Float, ast.Complex:
		return v.Flt != 0
	case List:
		return len(v.List) > 0
	}
	return true
}

func (u *Unit) constName(e *ast.Name) (Value, bool) {
	at, sym := u.resolve(e.Ident, u.places[e.ID()].scope)
	if sym == nil {
		if !u.local {
			for _, s := range u.scopes[0].stars {
				if v, ok := u.imported(s + "." + e.Ident); ok {
					return v, true
				}
			}
		}
		return Value{}, false
	}
	list := u.reaching(at, sym, e)
	if len(list) != 1 {
		return Value{}, false
	}
	switch b := list[0]; b.kind {
	case bindAssign:
		if b.value == nil || b.within(e) || at != u.scopeOf(e) && sym.first != sym.last {
			return Value{}, false
		}
		return u.Const(b.value)
	case bindImport:
		return u.imported(b.target)
	}
	return Value{}, false
}

// constMember folds module.NAME, and Class.NAME of this file.
func (u *Unit) constMember(e *ast.Attribute) (Value, bool) {
	if v, ok := u.classConst(e); ok {
		return v, true
	}
	for _, n := range u.Names(e.Value) {
		if v, ok := u.imported(n + "." + e.Attr); ok {
			return v, true
		}
	}
	return Value{}, false
}

// classConst folds self.NAME and Class.NAME where the class body binds NAME once and
// nothing assigns it on an instance.
func (u *Unit) classConst(e *ast.Attribute) (Value, bool) {
	name := u.Name(e.Value)
	cls, ok := strings.CutPrefix(strings.TrimSuffix(name, "()"), u.Module.Name+".")
	if !ok || name == "" {
		return Value{}, false
	}
	for _, a := range u.attrs {
		if a.name == e.Attr && a.class.Name == cls {
			return Value{}, false
		}
	}
	for i := range u.scopes {
		s := &u.scopes[i]
		c, ok := s.node.(*ast.ClassDef)
		if !ok || s.kind != classScope || c.Name != cls {
			continue
		}
		if k := s.find(e.Attr); k >= 0 && s.syms[k].first == s.syms[k].last && s.syms[k].first >= 0 {
			if b := &u.bindings[s.syms[k].first]; b.kind == bindAssign && b.value != nil {
				return u.Const(b.value)
			}
		}
		return Value{}, false
	}
	return Value{}, false
}

// imported is the constant that another module of the project binds.
func (u *Unit) imported(name string) (Value, bool) {
	p := u.Module.prog
	if u.local || !p.mine(name) {
		return Value{}, false
	}
	for range maxFollow {
		m, member := p.split(name, u.Module.Path)
		if m == nil || m == u.Module || member == "" || strings.ContainsAny(member, ".([") {
			return Value{}, false
		}
		e := p.lookup(m, member, 0)
		if e == nil {
			return Value{}, false
		}
		if e.folded {
			return e.value, true
		}
		if len(e.names) != 1 || e.names[0] == name {
			return Value{}, false
		}
		name = e.names[0]
	}
	return Value{}, false
}

func (u *Unit) constList(elts []ast.Expr) (Value, bool) {
	if len(elts) > maxFold {
		return Value{}, false
	}
	v := Value{Kind: List, List: make([]Value, 0, len(elts))}
	for _, e := range elts {
		x, ok := u.Const(e)
		if !ok {
			return Value{}, false
		}
		v.List = append(v.List, x)
	}
	return v, true
}

func (u *Unit) constUnary(e *ast.UnaryOp) (Value, bool) {
	v, ok := u.Const(e.Operand)
	if !ok {
		return v, false
	}
	switch {
	case e.Op == ast.Not:
		if v.True() {
			return Value{Kind: ast.False}, true
		}
		return Value{Kind: ast.True}, true
	case v.Kind == ast.Int && e.Op == ast.USub:
		v.Int = -v.Int
		return v, true
	case v.Kind == ast.Int && e.Op == ast.Invert:
		v.Int = ^v.Int
		return v, true
	case v.Kind == ast.Float && e.Op == ast.USub:
		v.Flt = -v.Flt
		return v, true
	case e.Op == ast.UAdd:
		return v, v.Kind == ast.Int || v.Kind == ast.Float
	}
	return Value{}, false
}

func (u *Unit) constBinary(e *ast.BinOp) (Value, bool) {
	// A long a + b + c … leans to the left: fold along its spine without recursion.
	var spine []*ast.BinOp
	var left ast.Expr = e
	for {
		b, ok := left.(*ast.BinOp)
		if !ok {
			break
		}
		spine = append(spine, b)
		left = b.Left
	}
	v, ok := u.Const(left)
	for i := len(spine) - 1; ok && i >= 0; i-- {
		var r Value
		if r, ok = u.Const(spine[i].Right); ok {
			v, ok = Binary(v, spine[i].Op, r)
		}
	}
	if !ok {
		return Value{}, false
	}
	return v, true
}

// Binary is what the operator makes of two constants, if it can be told.
func Binary(a Value, op ast.Operator, b Value) (Value, bool) {
	text := a.Kind == ast.Str || a.Kind == ast.Bytes
	switch {
	case text && op == ast.Add && b.Kind == a.Kind && len(a.Str)+len(b.Str) <= maxFold:
		return Value{Kind: a.Kind, Str: a.Str + b.Str}, true
	case text && op == ast.Mult && b.Kind == ast.Int && b.Int >= 0 && b.Int*int64(len(a.Str)) <= maxFold && b.Int <= maxFold:
		return Value{Kind: a.Kind, Str: strings.Repeat(a.Str, int(b.Int))}, true
	case text && op == ast.Mod:
		args := b.List
		if b.Kind != List {
			args = []Value{b}
		}
		s, ok := percent(a.Str, args)
		return Value{Kind: a.Kind, Str: s}, ok
	case a.Kind == List && b.Kind == List && op == ast.Add && len(a.List)+len(b.List) <= maxFold:
		return Value{Kind: List, List: append(a.List[:len(a.List):len(a.List)], b.List...)}, true
	case a.Kind == ast.Int && b.Kind == ast.Int:
		return integers(a.Int, op, b.Int)
	}
	return Value{}, false
}

func integers(a int64, op ast.Operator, b int64) (Value, bool) {
	v := Value{Kind: ast.Int}
	switch op {
	case ast.Add:
		v.Int = a + b
	case ast.Sub:
		v.Int = a - b
	case ast.Mult:
		v.Int = a * b
	case ast.BitOr:
		v.Int = a | b
	case ast.BitAnd:
		v.Int = a & b
	case ast.BitXor:
		v.Int = a ^ b
	case ast.LShift:
		if b < 0 || b > 62 {
			return v, false
		}
		v.Int = a << b
	case ast.RShift:
		if b < 0 || b > 62 {
			return v, false
		}
		v.Int = a >> b
	case ast.Pow:
		if b < 0 || b > 62 {
			return v, false
		}
		v.Int = 1
		for range b {
			v.Int *= a
		}
	case ast.FloorDiv:
		if b <= 0 || a < 0 {
			return v, false
		}
		v.Int = a / b
	case ast.Mod:
		if b <= 0 || a < 0 {
			return v, false
		}
		v.Int = a % b
	default:
		return v, false
	}
	return v, true
}

// Text is str() of the value, for texts, integers, booleans and None.
func (v Value) Text() (string, bool) {
	switch v.Kind {
	case ast.Str:
		return v.Str, true
	case ast.Int:
		return itoa(v.Int), true
	case ast.None, ast.True, ast.False:
		return v.Kind.String(), true
	}
	return "", false
}

func itoa(n int64) string {
	var b [20]byte
	i, neg := len(b), n < 0
	for n = max(n, -n); ; n /= 10 {
		i--
		b[i] = byte('0' + n%10)
		if n < 10 {
			break
		}
	}
	if neg {
		return "-" + string(b[i:])
	}
	return string(b[i:])
}

// percent formats with %s, %d, %03d and %%; anything finer is not folded.
func percent(format string, args []Value) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i >= len(format) {
			return "", false
		}
		spec := i
		for i < len(format) && i-spec < 3 && format[i] >= '0' && format[i] <= '9' {
			i++
		}
		width := format[spec:i]
		if i >= len(format) {
			return "", false
		}
		switch format[i] {
		case '%':
			b.WriteByte('%')
		case 's', 'd':
			if len(args) == 0 {
				return "", false
			}
			s, ok := args[0].Text()
			if !ok || width != "" && (format[i] != 'd' || args[0].Kind != ast.Int) {
				return "", false
			}
			if width != "" { // %03d
				s = fmt.Sprintf("%"+width+"d", args[0].Int)
			}
			args = args[1:]
			if b.WriteString(s); b.Len() > maxFold {
				return "", false
			}
		default:
			return "", false
		}
	}
	return b.String(), len(args) == 0 && b.Len() <= maxFold
}

func (u *Unit) constFString(e *ast.JoinedStr) (Value, bool) {
	var b strings.Builder
	for _, x := range e.Values {
		switch x := x.(type) {
		case *ast.Constant:
			b.WriteString(x.Str())
		case *ast.FormattedValue:
			v, ok := u.Const(x.Value)
			if !ok || x.FormatSpec != nil || x.Conversion == 'r' {
				return Value{}, false
			}
			s, ok := v.Text()
			if !ok {
				return Value{}, false
			}
			b.WriteString(s)
		}
		if b.Len() > maxFold {
			return Value{}, false
		}
	}
	return Value{Kind: ast.Str, Str: b.String()}, true
}

// constCall folds methods of constant strings, and conversions.
func (u *Unit) constCall(c *ast.Call) (Value, bool) {
	if len(c.Keywords) > 0 {
		return Value{}, false
	}
	args := make([]Value, 0, len(c.Args))
	for _, a := range c.Args {
		v, ok := u.Const(a)
		if !ok {
			return Value{}, false
		}
		args = append(args, v)
	}
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		if len(args) == 1 && args[0].Kind == ast.Str && u.Is(c.Func, "builtins.str") {
			return args[0], true
		}
		if len(args) == 1 && args[0].Kind == List && u.Is(c.Func, "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset") {
			return args[0], true
		}
		return Value{}, false
	}
	v, ok := u.Const(f.Value)
	if !ok || v.Kind != ast.Str && v.Kind != ast.Bytes {
		return Value{}, false
	}
	return v.Method(f.Attr, args)
}

// Method is what a method of a text gives for constant arguments, if it can be told.
func (v Value) Method(name string, args []Value) (Value, bool) {
	str := func(s string) (Value, bool) { return Value{Kind: v.Kind, Str: s}, len(s) <= maxFold }
	yes := func(b bool) (Value, bool) {
		if b {
			return Value{Kind: ast.True}, true
		}
		return Value{Kind: ast.False}, true
	}
	same := len(args) > 0 && args[0].Kind == v.Kind
	switch {
	case len(args) == 0:
		switch name {
		case "lower", "casefold":
			return str(strings.ToLower(v.Str))
		case "upper":
			return str(strings.ToUpper(v.Str))
		case "capitalize":
			first := strings.ToLower(v.Str)
			if first != "" && first[0] < utf8.RuneSelf {
				return str(strings.ToUpper(first[:1]) + first[1:])
			}
		case "strip":
			return str(strings.TrimSpace(v.Str))
		case "lstrip":
			return str(strings.TrimLeftFunc(v.Str, unicode.IsSpace))
		case "rstrip":
			return str(strings.TrimRightFunc(v.Str, unicode.IsSpace))
		case "split":
			return texts(v.Kind, strings.Fields(v.Str))
		case "isdigit", "isdecimal", "isnumeric":
			return yes(v.Str != "" && strings.Trim(v.Str, "0123456789") == "")
		case "encode":
			return Value{Kind: ast.Bytes, Str: v.Str}, true
		case "decode":
			return Value{Kind: ast.Str, Str: v.Str}, true
		}
	case name == "encode" || name == "decode":
		return v.Method(name, nil)
	case same && len(args) == 1 && name == "strip":
		return str(strings.Trim(v.Str, args[0].Str))
	case same && len(args) == 1 && name == "lstrip":
		return str(strings.TrimLeft(v.Str, args[0].Str))
	case same && len(args) == 1 && name == "rstrip":
		return str(strings.TrimRight(v.Str, args[0].Str))
	case same && len(args) == 1 && name == "removeprefix":
		return str(strings.TrimPrefix(v.Str, args[0].Str))
	case same && len(args) == 1 && name == "removesuffix":
		return str(strings.TrimSuffix(v.Str, args[0].Str))
	case same && len(args) == 1 && name == "startswith":
		return yes(strings.HasPrefix(v.Str, args[0].Str))
	case same && len(args) == 1 && name == "endswith":
		return yes(strings.HasSuffix(v.Str, args[0].Str))
	case name == "join" && len(args) == 1 && args[0].Kind == List:
		parts, size := make([]string, 0, len(args[0].List)), 0
		for _, x := range args[0].List {
			if x.Kind != v.Kind {
				return Value{}, false
			}
			parts = append(parts, x.Str)
			if size += len(x.Str) + len(v.Str); size > maxFold+len(v.Str) {
				return Value{}, false
			}
		}
		return str(strings.Join(parts, v.Str))
	case name == "replace" && len(args) == 2 && args[0].Kind == v.Kind && args[1].Kind == v.Kind && args[0].Str != "" && strings.Count(v.Str, args[0].Str)*len(args[1].Str) <= maxFold:
		return str(strings.ReplaceAll(v.Str, args[0].Str, args[1].Str))
	case same && len(args) == 1 && name == "split" && args[0].Str != "":
		return texts(v.Kind, strings.Split(v.Str, args[0].Str))
	case same && len(args) == 2 && name == "split" && args[0].Str != "" && args[1].Kind == ast.Int && args[1].Int >= 0 && args[1].Int < maxFold:
		return texts(v.Kind, strings.SplitN(v.Str, args[0].Str, int(args[1].Int)+1))
	case name == "format" && strings.Count(v.Str, "{") == strings.Count(v.Str, "{}"):
		s := v.Str
		for _, a := range args {
			t, ok := a.Text()
			if !ok {
				return Value{}, false
			}
			if s = strings.Replace(s, "{}", t, 1); len(s) > maxFold {
				return Value{}, false
			}
		}
		return str(s)
	}
	return Value{}, false
}

// texts is a list of them.
func texts(kind ast.ConstKind, list []string) (Value, bool) {
	v := Value{Kind: List, List: make([]Value, 0, len(list))}
	for _, s := range list {
		v.List = append(v.List, Value{Kind: kind, Str: s})
	}
	return v, len(list) <= maxFold
}

// Str folds e to a string.
func (u *Unit) Str(e ast.Expr) (string, bool) {
	v, ok := u.Const(e)
	return v.Str, ok && v.Kind == ast.Str
}

// Int folds e to an integer that fits.
func (u *Unit) Int(e ast.Expr) (int, bool) {
	v, ok := u.Const(e)
	return int(v.Int), ok && v.Kind == ast.Int
}

// Bool folds e to True or False (not to something that is merely true).
func (u *Unit) Bool(e ast.Expr) (value, known bool) {
	v, ok := u.Const(e)
	return v.Kind == ast.True, ok && (v.Kind == ast.True || v.Kind == ast.False)
}

// IsConst says whether e is made of constants only, containers of constants included.
func (u *Unit) IsConst(e ast.Expr) bool {
	_, ok := u.Const(e)
	return ok
}
