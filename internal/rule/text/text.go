// Package text takes expressions that build strings apart: into the pieces that are
// constant and the pieces that are not. Rules about commands, statements and markup all
// ask the same three questions: what does the text begin with, what is put into it, and
// could what is put in be anything?
//
// Split follows f-strings, +, %, format, join, replace, names (also those built with +=
// in several statements) and lists that are filled and then joined. Fixed answers the
// third question for one piece: a number, one of a few known values, a name that was
// compared with a list of allowed ones. Both err towards "unknown".
package text

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// A Part is a piece of a text.
type Part struct {
	Const string   // what it is, where Expr is nil
	Expr  ast.Expr // what is put in, where it is not constant
	Num   bool     // the format allows only a number here
}

// A Text is an expression taken apart.
type Text struct {
	Parts []Part
	Built bool     // something is put together, as opposed to a single unknown value
	At    ast.Expr // where: the expression itself, or the one that a name stands for
	Aug   bool     // put together by several statements
}

// Hole stands for a part that is not constant in Text.String.
const Hole = "\x00"

// String is the text with Hole for each part that is not constant.
func (t *Text) String() string {
	var b strings.Builder
	for _, p := range t.Parts {
		if p.Expr != nil {
			b.WriteString(Hole)
		} else {
			b.WriteString(p.Const)
		}
	}
	return b.String()
}

// Holes lists the parts that are not constant.
func (t *Text) Holes() []Part {
	var out []Part
	for _, p := range t.Parts {
		if p.Expr != nil {
			out = append(out, p)
		}
	}
	return out
}

// Movable says whether e means the same when it is written as an argument: what stood
// alone between braces need not, such as a tuple.
func Movable(e ast.Expr) bool {
	switch e.Kind() {
	case ast.KindName, ast.KindAttribute, ast.KindCall, ast.KindSubscript, ast.KindConstant, ast.KindBinOp, ast.KindBoolOp, ast.KindIfExp, ast.KindCompare, ast.KindUnaryOp:
		return true
	}
	return false
}

// maxParts bounds a text that refers to itself by a hundred names.
const (
	maxParts = 400
	maxDepth = 24
	maxSteps = 4000 // of one question: names that double at each step end here
)

type splitter struct {
	u     *program.Unit
	t     *Text
	depth int
	fuel  *int
	seen  map[ast.NodeID]bool // values of names that are being followed
}

// sub starts a text of its own within the same question.
func (s *splitter) sub() *splitter {
	return &splitter{u: s.u, t: &Text{}, depth: s.depth, fuel: s.fuel, seen: s.seen}
}

// Split takes e apart.
func Split(u *program.Unit, e ast.Expr) *Text {
	fuel := maxSteps
	s := splitter{u: u, t: &Text{At: e}, fuel: &fuel, seen: map[ast.NodeID]bool{}}
	if e != nil {
		s.add(e)
	}
	return s.t
}

func (s *splitter) lit(text string) {
	if n := len(s.t.Parts); n > 0 && s.t.Parts[n-1].Expr == nil {
		s.t.Parts[n-1].Const += text
		return
	}
	s.t.Parts = append(s.t.Parts, Part{Const: text})
}

func (s *splitter) hole(e ast.Expr, num bool) {
	if len(s.t.Parts) < maxParts {
		s.t.Parts = append(s.t.Parts, Part{Expr: e, Num: num})
	}
}

// add appends what e contributes.
func (s *splitter) add(e ast.Expr) {
	if *s.fuel--; *s.fuel < 0 || s.depth > maxDepth || len(s.t.Parts) >= maxParts {
		s.hole(e, false)
		return
	}
	s.depth++
	defer func() { s.depth-- }()
	if v, ok := s.u.Const(e); ok && !grows(s.u, e) {
		switch v.Kind {
		case ast.Str, ast.Bytes:
			s.lit(v.Str)
		case ast.None:
		default:
			s.lit("0")
		}
		return
	}
	switch e := e.(type) {
	case *ast.JoinedStr:
		s.t.Built = true
		for _, x := range e.Values {
			switch x := x.(type) {
			case *ast.Constant:
				s.lit(x.Str())
			case *ast.FormattedValue:
				if x.FormatSpec != nil && numeric(s.u, x.FormatSpec) {
					s.hole(x.Value, true)
				} else {
					s.add(x.Value)
				}
			}
		}
	case *ast.BinOp:
		s.binary(e)
	case *ast.Call:
		s.call(e)
	case *ast.Name:
		s.name(e)
	case *ast.NamedExpr:
		s.add(e.Value)
	case *ast.IfExp:
		s.either(e, e.Body, e.Orelse)
	case *ast.BoolOp:
		s.either(e, e.Values...)
	default:
		s.hole(e, false)
	}
}

// either adds alternatives: the constants of the first, and what is put into any.
func (s *splitter) either(whole ast.Expr, arms ...ast.Expr) {
	first := true
	for _, a := range arms {
		sub := s.sub()
		sub.add(a)
		s.t.Built = s.t.Built || sub.t.Built
		for _, p := range sub.t.Parts {
			switch {
			case p.Expr != nil && p.Expr != whole:
				s.hole(p.Expr, p.Num)
			case first:
				s.lit(p.Const)
			}
		}
		first = first && len(sub.t.Parts) == 0
	}
}

func (s *splitter) binary(e *ast.BinOp) {
	switch e.Op {
	case ast.Add:
		var spine []ast.Expr
		var left ast.Expr = e
		for {
			b, ok := left.(*ast.BinOp)
			if !ok || b.Op != ast.Add {
				break
			}
			spine = append(spine, b.Right)
			left = b.Left
		}
		before := len(s.t.Parts)
		s.add(left)
		text := s.t.Built || len(s.t.Parts) > before && s.t.Parts[len(s.t.Parts)-1].Expr == nil
		for i := len(spine) - 1; i >= 0; i-- {
			n := len(s.t.Parts)
			s.add(spine[i])
			text = text || len(s.t.Parts) > n && s.t.Parts[n].Expr == nil
		}
		s.t.Built = s.t.Built || text
	case ast.Mult: // "?, " * n repeats a text
		if l, ok := s.u.Const(e.Left); ok && (l.Kind == ast.Str || l.Kind == ast.Bytes) {
			s.lit(l.Str)
		} else if r, ok := s.u.Const(e.Right); ok && (r.Kind == ast.Str || r.Kind == ast.Bytes) {
			s.lit(r.Str)
		} else {
			s.hole(e, false)
		}
	case ast.Mod:
		format, ok := s.text(e.Left)
		if !ok {
			s.hole(e, false)
			return
		}
		s.percent(format, e.Right)
	default:
		s.hole(e, false)
	}
}

// text is the constant text of an expression that must be a string.
func (s *splitter) text(e ast.Expr) (*Text, bool) {
	sub := s.sub()
	sub.add(e)
	for _, p := range sub.t.Parts {
		if p.Expr == nil {
			return sub.t, true
		}
	}
	return sub.t, sub.t.Built
}

// numeric says whether a format specification ends in a type that only numbers have.
func numeric(u *program.Unit, spec ast.Expr) bool {
	j, ok := spec.(*ast.JoinedStr)
	if !ok || len(j.Values) == 0 {
		return false
	}
	c, ok := j.Values[len(j.Values)-1].(*ast.Constant)
	return ok && NumericSpec(c.Str())
}

// NumericSpec says whether a format specification admits only numbers.
func NumericSpec(spec string) bool {
	return spec != "" && strings.IndexByte("bcdoxXeEfFgGn%", spec[len(spec)-1]) >= 0
}

// percent is "…%s…" % args.
func (s *splitter) percent(format *Text, args ast.Expr) {
	s.t.Built = true
	list, known := []ast.Expr{args}, true
	var dict *ast.Dict
	switch a := args.(type) {
	case *ast.Tuple:
		list = a.Elts
	case *ast.Dict:
		dict = a
	case *ast.Name:
		if v := s.u.Values(a); len(v) == 1 {
			switch v := v[0].(type) {
			case *ast.Tuple:
				list = v.Elts
			case *ast.Dict:
				dict = v
			}
		}
	}
	for _, a := range list {
		known = known && a.Kind() != ast.KindStarred
	}
	next := 0
	for _, p := range format.Parts {
		if p.Expr != nil {
			s.hole(p.Expr, p.Num)
			continue
		}
		f := p.Const
		for {
			i := strings.IndexByte(f, '%')
			if i < 0 || i+1 >= len(f) {
				s.lit(f)
				break
			}
			s.lit(f[:i])
			f = f[i+1:]
			key := ""
			if f[0] == '(' {
				if end := strings.IndexByte(f, ')'); end > 0 {
					key, f = f[1:end], f[end+1:]
				}
			}
			j := 0
			for j < len(f) && strings.IndexByte("#0- +.*123456789hlL", f[j]) >= 0 {
				j++
			}
			if j >= len(f) {
				break
			}
			verb := f[j]
			f = f[j+1:]
			if verb == '%' {
				s.lit("%")
				continue
			}
			num := strings.IndexByte("diouxXeEfFgG", verb) >= 0
			var arg ast.Expr = args
			switch {
			case key != "" && dict != nil:
				if v := Lookup(dict, key); v != nil {
					arg = v
				}
			case key == "" && known && next < len(list):
				arg = list[next]
				next++
			}
			switch {
			case num:
				s.hole(arg, true)
			case arg == args && len(list) == 1 && list[0] != args, key != "" && arg == args:
				s.hole(arg, false)
			default:
				s.add(arg)
			}
		}
	}
}

// Lookup returns the value of a constant key of a dictionary display, or nil.
func Lookup(d *ast.Dict, key string) ast.Expr {
	for i, k := range d.Keys {
		if c, ok := k.(*ast.Constant); ok && c.ConstKind() == ast.Str && c.Str() == key {
			return d.Values[i]
		}
	}
	return nil
}

// same are the methods of strings that keep what is in them.
var same = map[string]bool{
	"strip": true, "lstrip": true, "rstrip": true, "lower": true, "upper": true, "title": true, "encode": true, "decode": true,
	"expandtabs": true, "removeprefix": true, "removesuffix": true, "casefold": true, "capitalize": true,
}

func (s *splitter) call(c *ast.Call) {
	f, ok := c.Func.(*ast.Attribute)
	if !ok || s.u.Is(c.Func, "textwrap.dedent", "inspect.cleandoc", "sys.intern") {
		if len(c.Args) >= 1 && s.u.Is(c.Func, "textwrap.dedent", "inspect.cleandoc", "builtins.str", "sys.intern", "django.utils.encoding.force_str") {
			s.add(c.Args[0])
			return
		}
		s.hole(c, false)
		return
	}
	switch f.Attr {
	case "format":
		if t, ok := s.text(f.Value); ok {
			s.format(t, c)
			return
		}
	case "format_map":
		if t, ok := s.text(f.Value); ok {
			s.t.Built = true
			for _, p := range t.Parts {
				if p.Expr != nil || strings.IndexByte(p.Const, '{') >= 0 {
					s.hole(c, false)
					return
				}
			}
		}
	case "join":
		if len(c.Args) == 1 {
			s.join(f.Value, c.Args[0], c)
			return
		}
	case "replace":
		if t, ok := s.text(f.Value); ok && len(c.Args) >= 2 {
			s.replace(t, c)
			return
		}
	default:
		if same[f.Attr] {
			if t, ok := s.text(f.Value); ok {
				s.t.Built = s.t.Built || t.Built
				for _, p := range t.Parts {
					if p.Expr == nil {
						s.lit(p.Const)
					} else {
						s.hole(p.Expr, p.Num)
					}
				}
				return
			}
		}
	}
	s.hole(c, false)
}

// wrongPlaces splits a text at the places of the % operator where it has those alone: format puts
// nothing into them, and who wrote it took one for the other.
func wrongPlaces(format *Text) ([]string, bool) {
	if len(format.Parts) != 1 || format.Parts[0].Expr != nil {
		return nil, false
	}
	f := format.Parts[0].Const
	return strings.Split(f, "%s"), strings.Contains(f, "%s") && !strings.ContainsAny(f, "{}")
}

// format is "…{}…".format(…).
func (s *splitter) format(format *Text, c *ast.Call) {
	s.t.Built = true
	if places, ok := wrongPlaces(format); ok {
		for i, f := range places {
			if i > 0 && i <= len(c.Args) {
				s.hole(c.Args[i-1], false)
			}
			s.lit(f)
		}
		return
	}
	next := 0
	for _, p := range format.Parts {
		if p.Expr != nil {
			s.hole(p.Expr, p.Num)
			continue
		}
		f := p.Const
		for {
			i := strings.IndexAny(f, "{}")
			if i < 0 {
				s.lit(f)
				break
			}
			s.lit(f[:i])
			if i+1 < len(f) && f[i+1] == f[i] {
				s.lit(f[i : i+1])
				f = f[i+2:]
				continue
			}
			end := strings.IndexByte(f[i:], '}')
			if f[i] == '}' || end < 0 {
				f = f[i+1:]
				continue
			}
			field := f[i+1 : i+end]
			f = f[i+end+1:]
			field, spec, _ := strings.Cut(field, ":")
			field, _, _ = strings.Cut(field, "!")
			name := field
			if k := strings.IndexAny(field, ".["); k >= 0 {
				name = field[:k]
			}
			var arg ast.Expr
			if name == "" {
				arg = positional(c, next)
				next++
			} else if n, ok := digits(name); ok {
				arg = positional(c, n)
			} else {
				arg = program.Arg(c, -1, name)
			}
			switch {
			case arg == nil && !program.HasStar(c):
				s.lit("0")
			case arg == nil:
				s.star(c, name)
			case name != field || NumericSpec(spec):
				s.hole(arg, NumericSpec(spec))
			default:
				s.add(arg)
			}
		}
	}
}

// positional is an argument by position; *[a, b] is looked into.
func positional(c *ast.Call, n int) ast.Expr {
	for _, a := range c.Args {
		list := []ast.Expr{a}
		if st, ok := a.(*ast.Starred); ok {
			switch v := st.Value.(type) {
			case *ast.List:
				list = v.Elts
			case *ast.Tuple:
				list = v.Elts
			default:
				return nil
			}
		}
		if n < len(list) {
			return list[n]
		}
		n -= len(list)
	}
	return nil
}

// star is what *args or **kwargs put in.
func (s *splitter) star(c *ast.Call, name string) {
	for _, k := range c.Keywords {
		if k.Arg != "" {
			continue
		}
		if d, ok := k.Value.(*ast.Dict); ok {
			if v := Lookup(d, name); v != nil {
				s.add(v)
				return
			}
		}
		s.hole(k.Value, false)
		return
	}
	for _, a := range c.Args {
		if st, ok := a.(*ast.Starred); ok {
			s.hole(st.Value, false)
			return
		}
	}
}

func digits(name string) (int, bool) {
	n := 0
	for _, r := range name {
		if r < '0' || r > '9' || n > 1000 {
			return 0, false
		}
		n = 10*n + int(r-'0')
	}
	return n, name != ""
}

// replace is text.replace("{x}", value): a template of one's own.
func (s *splitter) replace(t *Text, c *ast.Call) {
	mark, ok := s.u.Str(c.Args[0])
	s.t.Built = true
	done := false
	for _, p := range t.Parts {
		if p.Expr != nil {
			s.hole(p.Expr, p.Num)
			continue
		}
		if ok && mark != "" {
			if before, after, found := strings.Cut(p.Const, mark); found {
				s.lit(before)
				s.add(c.Args[1])
				s.lit(after)
				done = true
				continue
			}
		}
		s.lit(p.Const)
	}
	if !done && !(ok && len(t.Holes()) == 0) {
		s.hole(c.Args[1], false)
	}
}

// join is sep.join(items): all items of a display, the element of a comprehension, or
// what a local list was filled with.
func (s *splitter) join(sep, items ast.Expr, whole *ast.Call) {
	between := ""
	if v, ok := s.u.Const(sep); ok && (v.Kind == ast.Str || v.Kind == ast.Bytes) {
		between = v.Str
	} else if t, ok := s.text(sep); ok {
		between = t.String()
	} else {
		s.hole(whole, false)
		return
	}
	s.items(items, between, whole)
}

func (s *splitter) items(items ast.Expr, between string, whole *ast.Call) {
	s.t.Built = true
	list := func(elts []ast.Expr) {
		for i, e := range elts {
			if i > 0 {
				s.lit(between)
			}
			if st, ok := e.(*ast.Starred); ok {
				s.items(st.Value, between, whole)
				continue
			}
			s.add(e)
		}
	}
	switch e := items.(type) {
	case *ast.List:
		list(e.Elts)
	case *ast.Tuple:
		list(e.Elts)
	case *ast.Set:
		list(e.Elts)
	case *ast.GeneratorExp:
		s.add(e.Elt)
	case *ast.ListComp:
		s.add(e.Elt)
	case *ast.SetComp:
		s.add(e.Elt)
	case *ast.BinOp:
		switch e.Op {
		case ast.Mult: // ["?"] * n
			if _, ok := e.Left.(*ast.List); ok {
				s.items(e.Left, between, whole)
				return
			}
			if v, ok := s.u.Const(e.Left); ok && v.Kind == ast.Str { // ",".join("?" * n)
				s.lit(v.Str)
				return
			}
		case ast.Add:
			s.items(e.Left, between, whole)
			s.lit(between)
			s.items(e.Right, between, whole)
			return
		}
		s.hole(items, false)
	case *ast.Call:
		switch s.u.Name(e.Func) {
		case "builtins.list", "builtins.tuple", "builtins.sorted", "builtins.set", "builtins.reversed":
			if len(e.Args) == 1 {
				s.items(e.Args[0], between, whole)
				return
			}
		case "builtins.map":
			if len(e.Args) == 2 && s.u.Is(e.Args[0], "builtins.int", "builtins.float", "builtins.len") {
				s.hole(e.Args[1], true)
				return
			}
			if len(e.Args) == 2 {
				if l, ok := e.Args[0].(*ast.Lambda); ok {
					s.add(l.Body)
					return
				}
				if s.u.Is(e.Args[0], "builtins.str") {
					s.items(e.Args[1], between, whole)
					return
				}
			}
		case "itertools.repeat":
			if len(e.Args) >= 1 {
				s.add(e.Args[0])
				return
			}
		}
		s.hole(items, false)
	case *ast.Name:
		if fill, ok := s.filled(e); ok && !s.seen[e.ID()] {
			s.seen[e.ID()] = true
			s.t.Aug = true
			for i, x := range fill {
				if i > 0 {
					s.lit(between)
				}
				switch x := x.(type) {
				case *ast.Starred:
					s.items(x.Value, between, whole)
				default:
					s.add(x)
				}
			}
			delete(s.seen, e.ID())
			return
		}
		if v, ok := s.u.Const(e); ok && v.Kind == program.List && !grows(s.u, e) {
			s.lit("0")
			return
		}
		s.hole(items, false)
	default:
		if s.u.IsConst(items) {
			s.lit("0")
			return
		}
		s.hole(items, false)
	}
}

// grows says whether there is a container in e that is added to after its name was bound:
// folding it would see only its beginning.
func grows(u *program.Unit, e ast.Expr) bool { return growsDepth(u, e, 0) }

func growsDepth(u *program.Unit, e ast.Expr, depth int) bool {
	if depth > maxDepth {
		return false
	}
	depth++
	switch x := e.(type) {
	case *ast.Call:
		if f, ok := x.Func.(*ast.Attribute); ok && growsDepth(u, f.Value, depth) {
			return true
		}
		for _, a := range x.Args {
			if growsDepth(u, a, depth) {
				return true
			}
		}
	case *ast.BinOp:
		return growsDepth(u, x.Left, depth) || growsDepth(u, x.Right, depth)
	case *ast.JoinedStr:
		for _, v := range x.Values {
			if f, ok := v.(*ast.FormattedValue); ok && growsDepth(u, f.Value, depth) {
				return true
			}
		}
	case *ast.Name:
		v := u.Values(x)
		if len(v) != 1 || v[0] == ast.Expr(x) {
			return false
		}
		switch v[0].(type) {
		case *ast.List, *ast.Dict, *ast.Set, *ast.ListComp:
			return added(u, x.Ident, v[0])
		case *ast.Constant:
			return false
		}
		return growsDepth(u, v[0], depth)
	}
	return false
}

// added says whether something is put into a container after it was bound to a name.
func added(u *program.Unit, name string, bound ast.Expr) bool {
	var root ast.Node = u.Tree.Module
	if fn := u.Function(bound); fn != nil {
		root = fn
	}
	found := false
	var walk func(ast.Node)
	walk = func(n ast.Node) {
		if found {
			return
		}
		switch n := n.(type) {
		case *ast.Attribute:
			if b, ok := n.Value.(*ast.Name); ok && b.Ident == name {
				switch n.Attr {
				case "append", "add", "extend", "insert", "update", "appendleft", "setdefault":
					found = true
				}
			}
		case *ast.Subscript:
			if b, ok := n.Value.(*ast.Name); ok && b.Ident == name && n.Ctx() == ast.Store {
				found = true
			}
		}
		ast.Children(n, walk)
	}
	walk(root)
	return found
}

// filled lists what a local list was made of: its displays, and what is appended,
// inserted or extended in the same function. A starred element stands for an iterable.
func (s *splitter) filled(n *ast.Name) ([]ast.Expr, bool) {
	binds := s.u.Bindings(n)
	if len(binds) == 0 {
		return nil, false
	}
	fn := s.u.Function(binds[0])
	var out []ast.Expr
	add := func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.List:
			out = append(out, e.Elts...)
		case *ast.ListComp:
			out = append(out, e.Elt)
		case *ast.Tuple:
			out = append(out, e.Elts...)
		case *ast.Call:
			if !s.u.Is(e.Func, "builtins.list", "builtins.set") || len(e.Args) > 0 {
				return false
			}
		case *ast.BinOp:
			if e.Op != ast.Mult {
				return false
			}
			l, ok := e.Left.(*ast.List)
			if !ok {
				return false
			}
			out = append(out, l.Elts...)
		default:
			return false
		}
		return true
	}
	for _, b := range binds {
		switch b := b.(type) {
		case *ast.Assign:
			if v := assigned(b, n.Ident); v == nil || !add(v) {
				return nil, false
			}
		case *ast.AnnAssign:
			if b.Value == nil || !add(b.Value) {
				return nil, false
			}
		case *ast.AugAssign:
			if !add(b.Value) {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	var root ast.Node = s.u.Tree.Module
	if fn != nil {
		root = fn
	}
	var walk func(ast.Node)
	walk = func(x ast.Node) {
		if c, ok := x.(*ast.Call); ok && len(c.Args) > 0 {
			if f, ok := c.Func.(*ast.Attribute); ok {
				if v, ok := f.Value.(*ast.Name); ok && v.Ident == n.Ident {
					switch f.Attr {
					case "append", "add", "appendleft":
						out = append(out, c.Args[0])
					case "insert":
						if len(c.Args) == 2 {
							out = append(out, c.Args[1])
						}
					case "extend", "update":
						switch a := c.Args[0].(type) {
						case *ast.List:
							out = append(out, a.Elts...)
						case *ast.Tuple:
							out = append(out, a.Elts...)
						case *ast.ListComp:
							out = append(out, a.Elt)
						case *ast.GeneratorExp:
							out = append(out, a.Elt)
						default:
							out = append(out, c.Args[0])
						}
					}
				}
			}
		}
		ast.Children(x, walk)
	}
	walk(root)
	return out, true
}

// assigned is what an assignment gives to a name, or nil.
func assigned(a *ast.Assign, name string) ast.Expr {
	for _, t := range a.Targets {
		switch t := t.(type) {
		case *ast.Name:
			if t.Ident == name {
				return a.Value
			}
		case *ast.Tuple:
			if v, ok := a.Value.(*ast.Tuple); ok && len(v.Elts) == len(t.Elts) {
				for i, x := range t.Elts {
					if n, ok := x.(*ast.Name); ok && n.Ident == name {
						return v.Elts[i]
					}
				}
			}
		}
	}
	return nil
}

// name follows a name to what it was assigned, and to what was added to it by +=.
func (s *splitter) name(n *ast.Name) {
	values := s.u.Values(n)
	aug := false
	if len(values) == 1 && values[0] == ast.Expr(n) {
		if values = s.augmented(n); values == nil {
			s.hole(n, false)
			return
		}
		aug = true
		s.t.Aug = true
	}
	fresh := values[:0:0]
	for _, v := range values {
		if !s.seen[v.ID()] { // s = s + x in a loop: what it was before is known already
			fresh = append(fresh, v)
			s.seen[v.ID()] = true
			defer delete(s.seen, v.ID())
		}
	}
	switch {
	case len(fresh) == 0:
		return
	case len(fresh) == 1 && len(values) == 1:
		before := len(s.t.Parts)
		s.add(fresh[0])
		if len(s.t.Parts) == before+1 && s.t.Parts[before].Expr == fresh[0] {
			s.t.Parts[before].Expr = n // a single unknown value: better known by its name
		} else if before == 0 && s.depth == 1 {
			s.t.At = fresh[0]
		}
		return
	case aug: // one after the other
		for _, v := range fresh {
			s.add(v)
		}
	default: // any of them: the first text gives the constants, all give holes
		s.either(n, fresh...)
	}
	if s.depth == 1 {
		s.t.At = fresh[0]
		for _, v := range fresh {
			if x := Split(s.u, v); x.Built && len(x.Holes()) > 0 {
				s.t.At = v
				break
			}
		}
	}
}

// augmented lists the values of a name that is only ever assigned and added to, in the
// function that it is used in; nil if there is more to it.
func (s *splitter) augmented(n *ast.Name) []ast.Expr {
	var out []ast.Expr
	fn := s.u.Function(n)
	aug := false
	for _, b := range s.u.Bindings(n) {
		if s.u.Function(b) != fn {
			return nil
		}
		switch b := b.(type) {
		case *ast.Assign:
			if b.Start() > n.Start() {
				continue
			}
			v := assigned(b, n.Ident)
			if v == nil {
				return nil
			}
			out = append(out, v)
		case *ast.AnnAssign:
			if b.Value == nil {
				continue
			}
			out = append(out, b.Value)
		case *ast.AugAssign:
			switch b.Op {
			case ast.Add:
				aug = true
				if b.Start() < n.Start() {
					out = append(out, b.Value)
				}
			case ast.Mod:
				return nil
			default:
				return nil
			}
		default:
			return nil
		}
	}
	if !aug && len(out) < 2 {
		return nil
	}
	return out
}
