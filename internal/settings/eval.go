package settings

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// eval says what an expression gives.
func (f *folder) eval(fr *frame, e ast.Expr) Value {
	if e == nil || !f.spend(1) || f.deep > maxNesting {
		return unknown()
	}
	f.deep++
	v := f.expr(fr, e)
	f.deep--
	return v
}

func (f *folder) expr(fr *frame, e ast.Expr) Value {
	switch e := e.(type) {
	case *ast.Constant:
		return scalar(program.Literal(e))
	case *ast.Name:
		return f.name(fr, e.Ident)
	case *ast.Attribute:
		return f.attribute(fr, f.eval(fr, e.Value), e.Attr)
	case *ast.List:
		return f.list(fr, e.Elts)
	case *ast.Tuple:
		return f.list(fr, e.Elts)
	case *ast.Set:
		return f.list(fr, e.Elts)
	case *ast.Dict:
		return f.dict(fr, e)
	case *ast.NamedExpr:
		v := f.eval(fr, e.Value)
		f.assign(fr, e.Target, v, f.place(fr, e))
		return v
	case *ast.JoinedStr:
		return f.joined(fr, e)
	case *ast.BoolOp:
		return f.boolOp(fr, e.Op == ast.Or, e.Values)
	case *ast.UnaryOp:
		return unary(e.Op, f.eval(fr, e.Operand))
	case *ast.BinOp:
		return f.spine(fr, e)
	case *ast.Compare:
		return f.compares(fr, e)
	case *ast.IfExp:
		test := f.eval(fr, e.Test)
		j := test.True()
		switch j.Always {
		case Yes:
			return f.eval(fr, e.Body)
		case No:
			return f.eval(fr, e.Orelse)
		}
		return join(f.eval(fr, e.Body), f.eval(fr, e.Orelse), j.Now, test.Envs, 0)
	case *ast.Subscript:
		return f.subscript(fr, e)
	case *ast.Call:
		return f.call(fr, e)
	case *ast.Lambda:
		return some(Const{Kind: function, fn: &fn{lambda: e, sp: fr.sp, outer: fr.scopes()}})
	case *ast.ListComp:
		return f.comprehension(fr, e.Elt, nil, e.Generators)
	case *ast.SetComp:
		return f.comprehension(fr, e.Elt, nil, e.Generators)
	case *ast.GeneratorExp:
		return f.comprehension(fr, e.Elt, nil, e.Generators)
	case *ast.DictComp:
		if e.Value != nil {
			return f.comprehension(fr, e.Key, e.Value, e.Generators)
		}
	case *ast.Starred:
		return f.eval(fr, e.Value)
	}
	f.risk++
	return unknown()
}

// name looks a name up, from the inside out.
func (f *folder) name(fr *frame, name string) Value {
	at := [...][]*Map{{fr.ns}, fr.outer, {fr.sp.ns}}
	for i, maps := range at {
		for _, m := range maps {
			if i == 0 && fr.global[name] {
				continue
			}
			if e := m.get(name); e != nil {
				v := e.Value
				if e.In.Always != Yes {
					v.Open = true
				}
				return f.deref(fr.sp.mod, v)
			}
		}
	}
	if fr.sp.ns.Open {
		return unknown()
	}
	switch name {
	case "__debug__":
		return truth(true)
	case "True", "False", "None":
		return unknown()
	}
	return some(Const{Kind: Ref, Name: "builtins." + name})
}

// deref follows a name of the project to what it stands for.
func (f *folder) deref(from *program.Module, v Value) Value {
	for range 8 {
		if len(v.Alts) != 1 || v.Alts[0].Kind != Ref {
			return v
		}
		m, rest := from.Program().Find(v.Alts[0].Name, from.Path)
		if m == nil {
			return v
		}
		if rest == "" {
			return some(Const{Kind: module, Name: m.Name})
		}
		sp := f.space(m)
		if sp == nil {
			return unknown()
		}
		name, tail, more := strings.Cut(rest, ".")
		e := sp.ns.get(name)
		if e == nil {
			return unknown()
		}
		got := e.Value
		if e.In.Always != Yes {
			got.Open = true
		}
		for more {
			name, tail, more = strings.Cut(tail, ".")
			got = f.attribute(&frame{sp: sp, ns: sp.ns}, got, name)
		}
		v, from = got, m
	}
	return unknown()
}

// attribute is v.name, not called.
func (f *folder) attribute(fr *frame, v Value, name string) Value {
	c, ok := v.Known()
	if !ok {
		f.risk++
		return unknown()
	}
	switch c.Kind {
	case Ref:
		if len(c.Name)+len(name) > 200 {
			return unknown()
		}
		return f.deref(fr.sp.mod, some(Const{Kind: Ref, Name: c.Name + "." + name}))
	case module:
		return f.deref(fr.sp.mod, some(Const{Kind: Ref, Name: c.Name + "." + name}))
	case class:
		if v, ok := classGet(c, name, 0); ok {
			return v
		}
	case Lapse:
		switch name {
		case "days":
			return number(c.V.Int / 86400)
		case "seconds":
			return number(c.V.Int % 86400)
		}
	case Object:
		if c.Name == pathObject {
			switch name {
			case "parent":
				return v
			case "name", "stem", "suffix", "anchor", "root", "drive":
				return Value{Open: true}
			case "parents":
				return some(Const{Kind: Object, Name: "pathlib.Path().parents"})
			}
		}
		if e := c.Map.get(name); e != nil {
			return e.Value
		}
	}
	f.risk++
	return unknown()
}

// classGet looks an attribute of a class up, by the order of its bases.
func classGet(c Const, name string, deep int) (Value, bool) {
	if e := c.Map.get(name); e != nil {
		v := e.Value
		if e.In.Always != Yes {
			v.Open = true
		}
		return v, true
	}
	if deep > maxDeep || c.Items == nil {
		return unknown(), true
	}
	for _, b := range c.Items.List {
		base, ok := b.Value.Known()
		if !ok || base.Kind != class {
			if ok && base.Kind == Ref && base.Name == "builtins.object" {
				continue
			}
			return unknown(), true
		}
		if v, ok := classGet(base, name, deep+1); ok {
			return v, true
		}
	}
	return unknown(), false
}

func (f *folder) list(fr *frame, elts []ast.Expr) Value {
	l := &Items{}
	for _, e := range elts {
		if s, ok := e.(*ast.Starred); ok {
			extend(l, f.eval(fr, s.Value))
			continue
		}
		l.add(Item{Value: f.eval(fr, e), In: yes, At: f.place(fr, e)})
	}
	return some(Const{Kind: List, Items: l})
}

func (f *folder) dict(fr *frame, e *ast.Dict) Value {
	m := &Map{}
	for i, k := range e.Keys {
		if i >= len(e.Values) {
			break
		}
		if k == nil {
			update(m, f.eval(fr, e.Values[i]), f.place(fr, e.Values[i]))
			continue
		}
		v := f.eval(fr, e.Values[i])
		c, ok := f.eval(fr, k).Known()
		name, named := mapKey(c)
		if !ok || !named {
			m.Open = true
			continue
		}
		m.set(name, v, Place{Path: fr.sp.mod.Path, Span: spanOf(k, e.Values[i])})
	}
	return some(Const{Kind: Dict, Map: m})
}

func (f *folder) joined(fr *frame, e *ast.JoinedStr) Value {
	v := text("")
	for _, x := range e.Values {
		switch x := x.(type) {
		case *ast.Constant:
			v = binary(v, ast.Add, text(x.Str()))
		case *ast.FormattedValue:
			part := toText(f.eval(fr, x.Value))
			if x.FormatSpec != nil || x.Conversion == 'r' || x.Conversion == 'a' {
				part = Value{Open: true, Envs: part.Envs}
			}
			v = binary(v, ast.Add, part)
		}
	}
	return v
}

// boolOp is a or b, or a and b.
func (f *folder) boolOp(fr *frame, or bool, values []ast.Expr) Value {
	if len(values) == 0 {
		return unknown()
	}
	v := f.eval(fr, values[0])
	for _, e := range values[1:] {
		j := v.True()
		if !or {
			j = j.Not()
		}
		if j.Always == Yes {
			return v
		}
		other := f.eval(fr, e)
		if j.Always == No {
			v = other
			continue
		}
		kept := v
		kept.Alts = slices.DeleteFunc(slices.Clone(v.Alts), func(c Const) bool { return c.true() == triOf(!or) })
		v = join(kept, other, j.Now, v.Envs, 0)
	}
	return v
}

func unary(op ast.UnaryOperator, v Value) Value {
	if op == ast.Not {
		return boolean(v.True().Not(), v.Envs)
	}
	out := Value{Open: v.Open, Envs: v.Envs}
	for _, c := range v.Alts {
		switch {
		case op == ast.UAdd:
		case op == ast.USub && c.Kind == Scalar && c.V.Kind == ast.Float:
			c.V.Flt = -c.V.Flt
		case op == ast.USub && (c.Kind == Lapse || c.Kind == Scalar && c.V.Kind == ast.Int):
			c.V.Int = -c.V.Int
		default:
			out.Open = true
			continue
		}
		out.Alts = append(out.Alts, c)
	}
	return out
}

// spine evaluates a + b + c … from the left, without nesting as deep as it is long.
func (f *folder) spine(fr *frame, e *ast.BinOp) Value {
	var ops []*ast.BinOp
	var left ast.Expr = e
	for {
		b, ok := left.(*ast.BinOp)
		if !ok {
			break
		}
		ops = append(ops, b)
		left = b.Left
	}
	v := f.eval(fr, left)
	for _, b := range slices.Backward(ops) {
		v = binary(v, b.Op, f.eval(fr, b.Right))
	}
	return v
}

// lift applies a function to each pair that two values can be.
func lift(a, b Value, do func(x, y Const) (Const, bool)) Value {
	out := Value{Open: a.Open || b.Open, Envs: mergeNames(a.Envs, b.Envs)}
	for _, x := range a.Alts {
		for _, y := range b.Alts {
			c, ok := do(x, y)
			if !ok {
				out.Open = true
				continue
			}
			c.Now = x.Now && y.Now
			if i := slices.IndexFunc(out.Alts, func(z Const) bool { return alike(c, z, 0) }); i >= 0 {
				out.Alts[i].Now = out.Alts[i].Now || c.Now
				continue
			}
			out.Alts = append(out.Alts, c)
		}
	}
	return out.bounded()
}

func binary(a Value, op ast.Operator, b Value) Value {
	return lift(a, b, func(x, y Const) (Const, bool) { return operate(x, op, y) })
}

func operate(x Const, op ast.Operator, y Const) (Const, bool) {
	text := func(c Const) bool { return c.Kind == Text || c.Kind == Scalar && c.V.Kind == ast.Str }
	switch {
	case x.Kind == Object && x.Name == pathObject && op == ast.Div, y.Kind == Object && y.Name == pathObject && op == ast.Div:
		return Const{Kind: Object, Name: pathObject}, true
	case op == ast.Add && text(x) && text(y) && (x.Kind == Text || y.Kind == Text), op == ast.Mod && x.Kind == Text:
		return Const{Kind: Text}, true
	case x.Kind == List && y.Kind == List && op == ast.Add:
		l := &Items{Open: x.Items.Open, Mixed: x.Items.Mixed}
		l.List = slices.Clone(x.Items.List)
		extend(l, Value{Alts: []Const{y}})
		return Const{Kind: List, Items: l}, true
	case x.Kind == List && y.Kind == List && (op == ast.BitOr || op == ast.Sub):
		return Const{Kind: List, Items: &Items{List: forget(x.Items.List), Open: true, Mixed: true}}, true
	case x.Kind == Dict && y.Kind == Dict && op == ast.BitOr:
		m := &Map{}
		update(m, Value{Alts: []Const{x}}, Place{})
		update(m, Value{Alts: []Const{y}}, Place{})
		return Const{Kind: Dict, Map: m}, true
	case x.Kind == Lapse || y.Kind == Lapse:
		v, ok := program.Binary(x.V, op, y.V)
		return Const{Kind: Lapse, V: v}, ok && x.V.Kind == ast.Int && y.V.Kind == ast.Int
	}
	a, ok := plain(x, 0)
	b, ok2 := plain(y, 0)
	if !ok || !ok2 {
		return Const{}, false
	}
	if a.Kind == ast.Float || b.Kind == ast.Float || op == ast.Div {
		return floats(a, op, b)
	}
	v, ok := program.Binary(number01(a), op, number01(b))
	return build(v), ok
}

// forget keeps elements of which some may be gone.
func forget(list []Item) []Item {
	list = slices.Clone(list)
	for i := range list {
		list[i].In = either
	}
	return list
}

// number01 is the number that Python calculates with for True and False.
func number01(v program.Value) program.Value {
	if n, ok := asInt(v); ok {
		return program.Value{Kind: ast.Int, Int: n}
	}
	return v
}

func floats(a program.Value, op ast.Operator, b program.Value) (Const, bool) {
	num := func(v program.Value) (float64, bool) {
		if n, ok := asInt(v); ok {
			return float64(n), true
		}
		return v.Flt, v.Kind == ast.Float
	}
	x, ok := num(a)
	y, ok2 := num(b)
	if !ok || !ok2 {
		return Const{}, false
	}
	switch op {
	case ast.Add:
		x += y
	case ast.Sub:
		x -= y
	case ast.Mult:
		x *= y
	case ast.Div:
		if y == 0 {
			return Const{}, false
		}
		x /= y
	default:
		return Const{}, false
	}
	return Const{V: program.Value{Kind: ast.Float, Flt: x}}, true
}

// plain is the constant that a Const is, if it is nothing but that; of a list, the
// constants in it.
func plain(c Const, deep int) (program.Value, bool) {
	switch {
	case c.Kind == Scalar:
		return c.V, true
	case c.Kind == List && !c.Items.Open && deep < maxDeep:
		v := program.Value{Kind: program.List}
		for _, x := range c.Items.List {
			k, ok := x.Value.Known()
			if !ok || x.In.Always != Yes {
				return v, false
			}
			e, ok := plain(k, deep+1)
			if !ok {
				return v, false
			}
			v.List = append(v.List, e)
		}
		return v, true
	}
	return program.Value{}, false
}

// build is the reverse of plain.
func build(v program.Value) Const {
	if v.Kind != program.List {
		return Const{V: v}
	}
	l := &Items{}
	for _, x := range v.List {
		c := build(x)
		l.add(Item{Value: some(c), In: yes})
	}
	return Const{Kind: List, Items: l}
}

func (f *folder) compares(fr *frame, e *ast.Compare) Value {
	left := f.eval(fr, e.Left)
	j, envs := yes, left.Envs
	for i, op := range e.Ops {
		if i >= len(e.Comparators) {
			break
		}
		right := f.eval(fr, e.Comparators[i])
		envs = mergeNames(envs, right.Envs)
		var k Judgement
		switch op {
		case ast.Eq:
			k = compare(left, right)
		case ast.NotEq:
			k = compare(left, right).Not()
		case ast.Is:
			k = identical(left, right)
		case ast.IsNot:
			k = identical(left, right).Not()
		case ast.In:
			k, envs = f.within(left, right, envs)
		case ast.NotIn:
			k, envs = f.within(left, right, envs)
			k = k.Not()
		default:
			k = ordered(left, op, right)
		}
		j = j.And(k)
		left = right
	}
	return boolean(j, envs)
}

// pairs asks a question of each pair that two values can be.
func pairs(a, b Value, ask func(x, y Const) Tri) Judgement {
	var j Judgement
	n := 0
	for _, x := range a.Alts {
		for _, y := range b.Alts {
			t := ask(x, y)
			if x.Now && y.Now {
				j.Now = t
			}
			if n == 0 {
				j.Always = t
			} else if j.Always != t {
				j.Always = Maybe
			}
			n++
		}
	}
	if a.Open || b.Open {
		j.Always = Maybe
	}
	if j.Always != Maybe {
		j.Now = j.Always
	}
	return j
}

// compare is a == b.
func compare(a, b Value) Judgement {
	return pairs(a, b, func(x, y Const) Tri { return equals(x, y, 0) })
}

func equals(x, y Const, deep int) Tri {
	a, ok := plain(x, 0)
	b, ok2 := plain(y, 0)
	switch {
	case ok && ok2:
		return triOf(samePlain(a, b, 0))
	case x.Kind == Text && ok2:
		if b.Kind != ast.Str || b.Str == "" {
			return No
		}
	case y.Kind == Text && ok:
		if a.Kind != ast.Str || a.Str == "" {
			return No
		}
	case x.Kind == Object && x.Name == pathObject && ok2, y.Kind == Object && y.Name == pathObject && ok:
		return No
	}
	return Maybe
}

func samePlain(a, b program.Value, deep int) bool {
	if deep > maxDeep {
		return false
	}
	if x, ok := asInt(a); ok {
		y, ok := asInt(b)
		return ok && x == y || b.Kind == ast.Float && b.Flt == float64(x)
	}
	if a.Kind != b.Kind || len(a.List) != len(b.List) {
		return false
	}
	for i := range a.List {
		if !samePlain(a.List[i], b.List[i], deep+1) {
			return false
		}
	}
	return a.Str == b.Str && a.Flt == b.Flt
}

// identical is a is b, for the three singletons.
func identical(a, b Value) Judgement {
	return pairs(a, b, func(x, y Const) Tri {
		if x.Kind == Ref || y.Kind == Ref {
			return Maybe
		}
		if x.Kind != Scalar || y.Kind != Scalar {
			if x.Kind == Scalar && x.V.Kind <= ast.False || y.Kind == Scalar && y.V.Kind <= ast.False {
				return No
			}
			return Maybe
		}
		if x.V.Kind > ast.False && y.V.Kind > ast.False {
			return Maybe
		}
		return triOf(x.V.Kind == y.V.Kind)
	})
}

func ordered(a Value, op ast.CmpOp, b Value) Judgement {
	return pairs(a, b, func(x, y Const) Tri {
		if x.Kind != Scalar && x.Kind != Lapse || y.Kind != x.Kind {
			return Maybe
		}
		less, more := false, false
		switch {
		case x.V.Kind == ast.Str && y.V.Kind == ast.Str:
			less, more = x.V.Str < y.V.Str, x.V.Str > y.V.Str
		default:
			p, ok := asFloat(x.V)
			q, ok2 := asFloat(y.V)
			if !ok || !ok2 {
				return Maybe
			}
			less, more = p < q, p > q
		}
		switch op {
		case ast.Lt:
			return triOf(less)
		case ast.LtE:
			return triOf(!more)
		case ast.Gt:
			return triOf(more)
		case ast.GtE:
			return triOf(!less)
		}
		return Maybe
	})
}

func asFloat(v program.Value) (float64, bool) {
	if n, ok := asInt(v); ok {
		return float64(n), true
	}
	return v.Flt, v.Kind == ast.Float
}

// within is a in b.
func (f *folder) within(a, b Value, envs []string) (Judgement, []string) {
	if c, ok := b.Known(); ok && c.Kind == Ref {
		k, _ := a.Known()
		switch c.Name {
		case "os.environ":
			if k.V.Kind == ast.Str {
				if _, set := f.env[k.V.Str]; set {
					return yes, envs
				}
				return Judgement{No, Maybe}, mergeNames(envs, []string{k.V.Str})
			}
		case "sys.argv": // the command line of a server
			return Judgement{No, Maybe}, envs
		}
		return either, envs
	}
	var j Judgement
	first := true
	for _, x := range a.Alts {
		for _, y := range b.Alts {
			k := either
			switch y.Kind {
			case List:
				k = no
				for _, it := range y.Items.List {
					k = k.Or(it.In.And(compare(Value{Alts: []Const{x}}, it.Value)))
				}
				if y.Items.Open {
					k = k.Or(either)
				}
			case Dict:
				name, ok := mapKey(x)
				if e := y.Map.get(name); ok && e != nil {
					k = e.In
				} else if ok && !y.Map.Open {
					k = no
				}
			case Scalar:
				if x.Kind == Scalar && x.V.Kind == ast.Str && y.V.Kind == ast.Str {
					k = judged(strings.Contains(y.V.Str, x.V.Str))
				}
			}
			if x.Now && y.Now {
				j.Now = k.Now
			}
			if first {
				j.Always, first = k.Always, false
			} else if j.Always != k.Always {
				j.Always = Maybe
			}
		}
	}
	if a.Open || b.Open {
		j.Always = Maybe
	}
	if j.Always != Maybe {
		j.Now = j.Always
	}
	return j, envs
}

func (f *folder) subscript(fr *frame, e *ast.Subscript) Value {
	base := f.eval(fr, e.Value)
	if s, ok := e.Slice.(*ast.Slice); ok {
		return f.slice(fr, base, s)
	}
	key := f.eval(fr, e.Slice)
	k, ok := key.Known()
	if !ok {
		f.risk++
		return Value{Open: true, Envs: mergeNames(base.Envs, key.Envs)}
	}
	out := Value{Open: base.Open, Envs: base.Envs}
	for _, c := range base.Alts {
		got := unknown()
		switch {
		case c.Kind == Ref && c.Name == "os.environ":
			name := ""
			if k.Kind == Scalar && k.V.Kind == ast.Str {
				name = k.V.Str
			}
			return f.required(name)
		case c.Kind == Dict:
			name, named := mapKey(k)
			if x := c.Map.get(name); named && x != nil {
				got = x.Value
				if x.In.Always != Yes {
					got.Open = true
					f.risk++
				}
			} else {
				f.risk++
			}
		case c.Kind == List && k.Kind == Scalar && k.V.Kind == ast.Int:
			i := int(k.V.Int)
			if i < 0 {
				i += len(c.Items.List)
			}
			sure := !c.Items.Open && !c.Items.Mixed && !slices.ContainsFunc(c.Items.List, func(x Item) bool { return x.In.Always != Yes })
			if i >= 0 && i < len(c.Items.List) && sure {
				got = c.Items.List[i].Value
			} else {
				f.risk++
			}
		case c.Kind == Object && c.Name == "pathlib.Path().parents":
			got = some(Const{Kind: Object, Name: pathObject})
		default:
			f.risk++
		}
		if len(base.Alts) == 1 {
			got.Open = got.Open || out.Open
			got.Envs = mergeNames(got.Envs, out.Envs)
			return got
		}
		out = join(out, got, triOf(!c.Now), base.Envs, 0)
	}
	if len(base.Alts) == 0 {
		f.risk++
	}
	return out
}

func (f *folder) slice(fr *frame, base Value, s *ast.Slice) Value {
	at := func(e ast.Expr, n, missing int) (int, bool) {
		if e == nil {
			return missing, true
		}
		k, ok := f.eval(fr, e).Known()
		if !ok || k.Kind != Scalar || k.V.Kind != ast.Int {
			return 0, false
		}
		i := int(max(min(k.V.Int, int64(n)), int64(-n)))
		if i < 0 {
			i += n
		}
		return i, true
	}
	out := Value{Open: base.Open, Envs: base.Envs}
	for _, c := range base.Alts {
		c := c
		switch {
		case s.Step != nil:
			out.Open = true
			continue
		case c.Kind == List && !c.Items.Open && !c.Items.Mixed:
			n := 0
			for _, x := range c.Items.List {
				if x.In.Now == Yes {
					n++
				}
			}
			lo, ok := at(s.Lower, n, 0)
			hi, ok2 := at(s.Upper, n, n)
			items, ok3 := c.Items.cut(lo, hi)
			if !ok || !ok2 || !ok3 {
				out.Open = true
				continue
			}
			c.Items = items
		case c.Kind == Scalar && c.V.Kind == ast.Str && isASCII(c.V.Str):
			lo, ok := at(s.Lower, len(c.V.Str), 0)
			hi, ok2 := at(s.Upper, len(c.V.Str), len(c.V.Str))
			if !ok || !ok2 {
				out.Open = true
				continue
			}
			c.V.Str = c.V.Str[min(lo, hi):hi]
		default:
			out.Open = true
			continue
		}
		out.Alts = append(out.Alts, c)
	}
	return out
}

// cut is l[lo:hi] for what is there if nothing is set. Where a condition decides what is
// there, it also decides what is cut off.
func (l *Items) cut(lo, hi int) (*Items, bool) {
	sure := !slices.ContainsFunc(l.List, func(x Item) bool { return x.In.Always != Yes })
	out, n := &Items{}, 0
	for _, x := range l.List {
		if x.In.Now == Maybe {
			return nil, false
		}
		if x.In.Now == Yes {
			if n < lo || n >= hi {
				x.In.Now = No
			}
			n++
		}
		if !sure {
			x.In.Always = Maybe
		} else if x.In.Now == No {
			continue
		}
		out.List = append(out.List, x)
	}
	return out, true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// comprehension runs [elt for … if …], or {key: elt for …}.
func (f *folder) comprehension(fr *frame, elt, value ast.Expr, gens []*ast.Comprehension) Value {
	inner := &frame{sp: fr.sp, ns: &Map{}, outer: append(slices.Clip(fr.scopes()), fr.sp.ns), global: nil, now: fr.now}
	if fr.ns != fr.sp.ns {
		inner.outer = append([]*Map{fr.ns}, fr.outer...)
	}
	l, m := &Items{}, &Map{}
	var result Value
	var run func(gens []*ast.Comprehension, in Judgement) bool
	run = func(gens []*ast.Comprehension, in Judgement) bool {
		if !f.spend(1) {
			return false
		}
		if len(gens) == 0 {
			if value == nil {
				l.add(Item{Value: f.eval(inner, elt), In: in, At: f.place(fr, elt)})
				return true
			}
			k, ok := f.eval(inner, elt).Known()
			name, named := mapKey(k)
			if !ok || !named {
				return false
			}
			m.put(Entry{Key: name, Value: f.eval(inner, value), In: in, At: f.place(fr, value)})
			return true
		}
		g := gens[0]
		over := f.eval(inner, g.Iter)
		result.Open = result.Open || over.Open
		result.Envs = mergeNames(result.Envs, over.Envs)
		known := false
		for _, c := range over.Alts {
			if c.Kind != List || len(c.Items.List) > maxLoop {
				result.Open = true
				continue
			}
			known = true
			l.Open = l.Open || c.Items.Open
			m.Open = m.Open || c.Items.Open
			l.Mixed = l.Mixed || c.Items.Mixed
			for _, x := range c.Items.List {
				f.assign(inner, g.Target, x.Value, f.place(fr, g.Target))
				keep := x.In.And(in)
				if !c.Now || over.Open {
					keep.Always = min(keep.Always, Maybe)
				}
				for _, test := range g.Ifs {
					t := f.eval(inner, test)
					keep = keep.And(t.True())
				}
				if keep.Always == No {
					continue
				}
				if !run(gens[1:], keep) {
					return false
				}
			}
		}
		return known
	}
	if len(gens) > 4 || !run(gens, yes) {
		f.risk++
		return Value{Open: true, Envs: result.Envs}
	}
	c := Const{Kind: List, Items: l, Now: true}
	if value != nil {
		c = Const{Kind: Dict, Map: m, Now: true}
	}
	result.Alts = []Const{c}
	return result
}

// toText is str(v).
func toText(v Value) Value {
	out := Value{Open: v.Open, Raw: v.Raw, Envs: v.Envs}
	for _, c := range v.Alts {
		switch {
		case c.Kind == Text:
		case c.Kind == Scalar:
			s, ok := c.V.Text()
			if !ok {
				out.Open = true
				continue
			}
			c = Const{V: program.Value{Kind: ast.Str, Str: s}, Now: c.Now}
		case c.Kind == Ref:
			out.Open = true
			continue
		default:
			c = Const{Kind: Text, Now: c.Now}
		}
		out.Alts = append(out.Alts, c)
	}
	return out
}

// spanOf is from the start of one node to the end of another.
func spanOf(a, b ast.Node) source.Span { return source.Span{Start: a.Start(), End: b.End()} }
