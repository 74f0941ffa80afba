package program

import "github.com/gambeson/gambeson/internal/python/ast"

// place is where a node stands: below parent, in a scope.
type place struct {
	parent ast.NodeID
	scope  uint32
	names  uint32 // what Names said of it, one more than the place in answers; 0 if it was not asked
}

type scopeKind uint8

const (
	moduleScope scopeKind = iota
	classScope
	functionScope // def and lambda
	comprehensionScope
	typeScope // of type parameters
)

// A scope is a namespace. Names are few in most, so they are a list that is searched;
// large scopes (modules) get an index.
type scope struct {
	kind   scopeKind
	parent uint32
	node   ast.Node
	syms   []symbol
	index  map[string]int32
	stars  []string // from x import *
}

type symbol struct {
	name        string
	first, last int32 // of its bindings, or -1
	global      bool
	nonlocal    bool
}

type bindKind uint8

const (
	bindAssign bindKind = iota // value is what the name becomes
	bindImport                 // target is the qualified name
	bindDef
	bindClass
	bindParam
	bindWith   // value is the context manager
	bindExcept // value is the type
	bindUnknown
	bindDel
	bindElement // value is what an element of becomes the name
)

// A binding is one place where a name gets a value.
type binding struct {
	kind   bindKind
	node   ast.Node // the statement or node that binds
	value  ast.Expr
	annot  ast.Expr
	target string
	next   int32
}

const indexFrom = 12

func (s *scope) find(name string) int32 {
	if s.index != nil {
		if i, ok := s.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range s.syms {
		if s.syms[i].name == name {
			return int32(i)
		}
	}
	return -1
}

func (s *scope) symbol(name string) *symbol {
	if i := s.find(name); i >= 0 {
		return &s.syms[i]
	}
	s.syms = append(s.syms, symbol{name: name, first: -1, last: -1})
	if n := len(s.syms); s.index != nil {
		s.index[name] = int32(n - 1)
	} else if n > indexFrom {
		s.index = make(map[string]int32, 4*n)
		for i := range s.syms {
			s.index[s.syms[i].name] = int32(i)
		}
	}
	return &s.syms[len(s.syms)-1]
}

// A binder walks the tree once.
type binder struct {
	u   *Unit
	cur uint32 // scope
}

func newUnit(m *Module, t *ast.Tree) *Unit {
	u := &Unit{File: t.File, Tree: t, Module: m, memory: newMemory(t.Len())}
	b := binder{u: u}
	b.open(moduleScope, t.Module)
	b.stmts(t.Module.Body, t.Module.ID())
	return u
}

func (u *Unit) release() {
	u.Tree.Release()
	u.memory.release()
	u.memory, u.Tree = nil, nil
}

func (b *binder) put(n ast.Node, parent ast.NodeID) {
	b.u.places[n.ID()] = place{parent: parent, scope: b.cur}
}

// open begins a scope below the current one and returns what to go back to.
func (b *binder) open(kind scopeKind, n ast.Node) (outer uint32) {
	outer = b.cur
	m := b.u.memory
	b.cur = uint32(len(m.scopes))
	if len(m.scopes) < cap(m.scopes) {
		m.scopes = m.scopes[:len(m.scopes)+1]
	} else {
		m.scopes = append(m.scopes, scope{})
	}
	s := &m.scopes[b.cur]
	*s = scope{kind: kind, parent: outer, node: n, syms: s.syms[:0]}
	return outer
}

func (b *binder) bind(name string, x binding) { b.bindIn(b.cur, name, x) }

func (b *binder) bindIn(at uint32, name string, x binding) {
	if name == "" {
		return
	}
	s := &b.u.scopes[at]
	sym := s.symbol(name)
	if sym.global && at != 0 {
		b.bindIn(0, name, x)
		return
	}
	if sym.nonlocal {
		nearest := uint32(0) // where the name will be bound further down, if it is not yet
		for p := s.parent; p != 0; p = b.u.scopes[p].parent {
			if o := &b.u.scopes[p]; o.kind == functionScope {
				if o.find(name) >= 0 {
					nearest = p
					break
				}
				if nearest == 0 {
					nearest = p
				}
			}
		}
		if nearest != 0 {
			b.bindIn(nearest, name, x)
			return
		}
	}
	x.next = -1
	i := int32(len(b.u.bindings))
	b.u.bindings = append(b.u.bindings, x)
	if sym.last >= 0 {
		b.u.bindings[sym.last].next = i
	} else {
		sym.first = i
	}
	sym.last = i
}

func (b *binder) stmts(list []ast.Stmt, parent ast.NodeID) {
	for _, s := range list {
		b.stmt(s, parent)
	}
}

func (b *binder) stmt(s ast.Stmt, parent ast.NodeID) {
	b.put(s, parent)
	id := s.ID()
	switch s := s.(type) {
	case *ast.ExprStmt:
		b.expr(s.Value, id)
	case *ast.Assign:
		b.expr(s.Value, id)
		for _, t := range s.Targets {
			b.target(t, id, s, s.Value)
		}
	case *ast.AnnAssign:
		b.expr(s.Annotation, id)
		b.expr(s.Value, id)
		b.expr(s.Target, id)
		if n, ok := s.Target.(*ast.Name); ok {
			kind := bindAssign
			if s.Value == nil {
				kind = bindParam
			}
			b.bind(n.Ident, binding{kind: kind, node: s, value: s.Value, annot: s.Annotation})
		} else if a, ok := s.Target.(*ast.Attribute); ok {
			b.attribute(a, s.Value, s.Annotation)
		}
	case *ast.AugAssign:
		b.expr(s.Value, id)
		b.expr(s.Target, id)
		if n, ok := s.Target.(*ast.Name); ok {
			b.bind(n.Ident, binding{kind: bindUnknown, node: s})
		}
	case *ast.Return:
		b.expr(s.Value, id)
	case *ast.If:
		for { // elif chains without recursion
			b.expr(s.Test, s.ID())
			b.stmts(s.Body, s.ID())
			if len(s.Orelse) == 1 {
				if next, ok := s.Orelse[0].(*ast.If); ok {
					b.put(next, s.ID())
					s = next
					continue
				}
			}
			b.stmts(s.Orelse, s.ID())
			break
		}
	case *ast.For:
		b.expr(s.Iter, id)
		b.unknownTarget(s.Target, id, s)
		b.stmts(s.Body, id)
		b.stmts(s.Orelse, id)
	case *ast.While:
		b.expr(s.Test, id)
		b.stmts(s.Body, id)
		b.stmts(s.Orelse, id)
	case *ast.With:
		for _, w := range s.Items {
			b.put(w, id)
			b.expr(w.ContextExpr, w.ID())
			switch t := w.OptionalVars.(type) {
			case nil:
			case *ast.Name:
				b.expr(t, w.ID())
				b.bind(t.Ident, binding{kind: bindWith, node: s, value: w.ContextExpr})
			case *ast.Attribute:
				b.expr(t, w.ID())
				b.attribute(t, w.ContextExpr, nil)
			default:
				b.unknownTarget(t, w.ID(), s)
			}
		}
		b.stmts(s.Body, id)
	case *ast.Try:
		b.stmts(s.Body, id)
		for _, h := range s.Handlers {
			b.put(h, id)
			b.expr(h.Type, h.ID())
			b.bind(h.Name, binding{kind: bindExcept, node: h, value: h.Type})
			b.stmts(h.Body, h.ID())
		}
		b.stmts(s.Orelse, id)
		b.stmts(s.Finalbody, id)
	case *ast.FunctionDef:
		b.function(s)
	case *ast.ClassDef:
		b.class(s)
	case *ast.Import:
		for _, a := range s.Names {
			b.put(a, id)
			b.u.imports = append(b.u.imports, a.Name)
			if a.Asname != "" {
				b.bind(a.Asname, binding{kind: bindImport, node: s, target: a.Name})
			} else {
				top := a.Name
				for i := range len(top) {
					if top[i] == '.' {
						top = top[:i]
						break
					}
				}
				b.bind(top, binding{kind: bindImport, node: s, target: top})
			}
		}
	case *ast.ImportFrom:
		from := b.u.Absolute(s)
		if s.Level == 0 {
			b.u.imports = append(b.u.imports, s.Module)
		}
		for _, a := range s.Names {
			b.put(a, id)
			switch {
			case a.Name == "*":
				sc := &b.u.scopes[b.cur]
				sc.stars = append(sc.stars, from)
			case a.Asname != "":
				b.bind(a.Asname, binding{kind: bindImport, node: s, target: b.u.join(from, a.Name)})
			default:
				b.bind(a.Name, binding{kind: bindImport, node: s, target: b.u.join(from, a.Name)})
			}
		}
	case *ast.Raise:
		b.expr(s.Exc, id)
		b.expr(s.Cause, id)
	case *ast.Assert:
		b.expr(s.Test, id)
		b.expr(s.Msg, id)
	case *ast.Delete:
		for _, t := range s.Targets {
			b.expr(t, id)
			if n, ok := t.(*ast.Name); ok {
				b.bind(n.Ident, binding{kind: bindDel, node: s})
			}
		}
	case *ast.Global:
		for _, n := range s.Names {
			b.u.scopes[b.cur].symbol(n).global = true
			b.u.scopes[0].symbol(n)
		}
	case *ast.Nonlocal:
		for _, n := range s.Names {
			b.u.scopes[b.cur].symbol(n).nonlocal = true
		}
	case *ast.Match:
		b.expr(s.Subject, id)
		for _, c := range s.Cases {
			b.put(c, id)
			b.pattern(c.Pattern, c.ID(), s)
			b.expr(c.Guard, c.ID())
			b.stmts(c.Body, c.ID())
		}
	case *ast.TypeAlias:
		if n, ok := s.Name.(*ast.Name); ok {
			b.expr(n, id)
			b.bind(n.Ident, binding{kind: bindUnknown, node: s})
		}
		outer := b.typeParams(s.TypeParams, s)
		b.expr(s.Value, id)
		b.cur = outer
	}
}

// typeParams opens the scope that type parameters live in, if there are any.
func (b *binder) typeParams(list []ast.TypeParam, n ast.Node) (outer uint32) {
	outer = b.cur
	if len(list) == 0 {
		return outer
	}
	b.open(typeScope, n)
	for _, t := range list {
		b.put(t, n.ID())
		switch t := t.(type) {
		case *ast.TypeVar:
			b.bind(t.Name, binding{kind: bindUnknown, node: t})
			b.expr(t.Bound, t.ID())
			b.expr(t.DefaultValue, t.ID())
		case *ast.ParamSpec:
			b.bind(t.Name, binding{kind: bindUnknown, node: t})
			b.expr(t.DefaultValue, t.ID())
		case *ast.TypeVarTuple:
			b.bind(t.Name, binding{kind: bindUnknown, node: t})
			b.expr(t.DefaultValue, t.ID())
		}
	}
	return outer
}

func (b *binder) function(f *ast.FunctionDef) {
	id := f.ID()
	for _, d := range f.DecoratorList {
		b.expr(d, id)
	}
	b.bind(f.Name, binding{kind: bindDef, node: f})
	outer := b.typeParams(f.TypeParams, f)
	b.arguments(f.Args, id)
	b.expr(f.Returns, id)
	b.open(functionScope, f)
	b.params(f.Args)
	b.stmts(f.Body, id)
	b.cur = outer
}

// arguments places parameters, and walks their defaults and annotations, which belong to
// the scope around the function.
func (b *binder) arguments(a *ast.Arguments, parent ast.NodeID) {
	b.put(a, parent)
	id := a.ID()
	each := func(list []*ast.Arg) {
		for _, p := range list {
			b.put(p, id)
			b.expr(p.Annotation, p.ID())
		}
	}
	each(a.Posonlyargs)
	each(a.Args)
	each(a.Kwonlyargs)
	for _, p := range []*ast.Arg{a.Vararg, a.Kwarg} {
		if p != nil {
			b.put(p, id)
			b.expr(p.Annotation, p.ID())
		}
	}
	for _, d := range a.Defaults {
		b.expr(d, id)
	}
	for _, d := range a.KwDefaults {
		b.expr(d, id)
	}
}

// params binds parameters in the scope of the function.
func (b *binder) params(a *ast.Arguments) {
	for _, list := range [][]*ast.Arg{a.Posonlyargs, a.Args, a.Kwonlyargs} {
		for _, p := range list {
			b.bind(p.Arg, binding{kind: bindParam, node: p, annot: p.Annotation})
		}
	}
	for _, p := range []*ast.Arg{a.Vararg, a.Kwarg} {
		if p != nil {
			b.bind(p.Arg, binding{kind: bindUnknown, node: p})
		}
	}
}

func (b *binder) class(c *ast.ClassDef) {
	id := c.ID()
	for _, d := range c.DecoratorList {
		b.expr(d, id)
	}
	b.bind(c.Name, binding{kind: bindClass, node: c})
	outer := b.typeParams(c.TypeParams, c)
	for _, x := range c.Bases {
		b.expr(x, id)
	}
	for _, k := range c.Keywords {
		b.put(k, id)
		b.expr(k.Value, k.ID())
	}
	b.open(classScope, c)
	b.stmts(c.Body, id)
	b.cur = outer
}

// target walks the target of an assignment and binds its names. Where both sides are
// displays of the same length they are taken apart.
func (b *binder) target(t ast.Expr, parent ast.NodeID, s ast.Stmt, value ast.Expr) {
	switch t := t.(type) {
	case *ast.Name:
		b.put(t, parent)
		b.bind(t.Ident, binding{kind: bindAssign, node: s, value: value})
	case *ast.Attribute:
		b.expr(t, parent)
		b.attribute(t, value, nil)
	case *ast.Tuple:
		b.put(t, parent)
		b.unpack(t.Elts, t.ID(), s, value)
	case *ast.List:
		b.put(t, parent)
		b.unpack(t.Elts, t.ID(), s, value)
	default:
		b.unknownTarget(t, parent, s)
	}
}

func (b *binder) unpack(elts []ast.Expr, parent ast.NodeID, s ast.Stmt, value ast.Expr) {
	values, _ := ast.Elements(value)
	ok := len(values) == len(elts)
	for i := 0; ok && i < len(elts); i++ {
		ok = elts[i].Kind() != ast.KindStarred && values[i].Kind() != ast.KindStarred
	}
	for i, e := range elts {
		switch n, isName := e.(*ast.Name); {
		case ok:
			b.target(e, parent, s, values[i])
		case isName && value != nil && value.Kind() == ast.KindCall:
			b.put(n, parent)
			b.bind(n.Ident, binding{kind: bindElement, node: s, value: value})
		default:
			b.unknownTarget(e, parent, s)
		}
	}
}

// unknownTarget binds the names of a target to something unknown.
func (b *binder) unknownTarget(t ast.Expr, parent ast.NodeID, n ast.Node) {
	switch t := t.(type) {
	case *ast.Name:
		b.put(t, parent)
		b.bind(t.Ident, binding{kind: bindUnknown, node: n})
	case *ast.Tuple:
		b.put(t, parent)
		for _, e := range t.Elts {
			b.unknownTarget(e, t.ID(), n)
		}
	case *ast.List:
		b.put(t, parent)
		for _, e := range t.Elts {
			b.unknownTarget(e, t.ID(), n)
		}
	case *ast.Starred:
		b.put(t, parent)
		b.unknownTarget(t.Value, t.ID(), n)
	default:
		b.expr(t, parent)
	}
}

// attribute records `self.x = value` for the class around.
func (b *binder) attribute(a *ast.Attribute, value, annot ast.Expr) {
	base, ok := a.Value.(*ast.Name)
	if !ok {
		return
	}
	for at := b.cur; ; at = b.u.scopes[at].parent {
		s := &b.u.scopes[at]
		if f, ok := s.node.(*ast.FunctionDef); ok && s.kind == functionScope {
			if firstParam(f) == base.Ident {
				outer := s.parent
				if b.u.scopes[outer].kind == typeScope {
					outer = b.u.scopes[outer].parent
				}
				if c, ok := b.u.scopes[outer].node.(*ast.ClassDef); ok && b.u.scopes[outer].kind == classScope {
					b.u.attrs = append(b.u.attrs, attrBinding{c, a.Attr, value, annot, a.ID()})
				}
				return
			}
		}
		if at == 0 {
			return
		}
	}
}

type attrBinding struct {
	class *ast.ClassDef
	name  string
	value ast.Expr
	annot ast.Expr
	at    ast.NodeID
}

func firstParam(f *ast.FunctionDef) string {
	if len(f.Args.Posonlyargs) > 0 {
		return f.Args.Posonlyargs[0].Arg
	}
	if len(f.Args.Args) > 0 {
		return f.Args.Args[0].Arg
	}
	return ""
}

func (b *binder) exprs(list []ast.Expr, parent ast.NodeID) {
	for _, e := range list {
		b.expr(e, parent)
	}
}

func (b *binder) expr(e ast.Expr, parent ast.NodeID) {
	if e == nil {
		return
	}
	id := e.ID()
	b.u.places[id] = place{parent: parent, scope: b.cur}
	switch e := e.(type) {
	case *ast.Name, *ast.Constant:
	case *ast.Attribute:
		b.expr(e.Value, id)
	case *ast.Call:
		b.expr(e.Func, id)
		for _, a := range e.Args {
			b.expr(a, id)
		}
		for _, k := range e.Keywords {
			b.put(k, id)
			b.expr(k.Value, k.ID())
		}
	case *ast.BinOp:
		b.expr(e.Left, id)
		b.expr(e.Right, id)
	case *ast.Subscript:
		b.expr(e.Value, id)
		b.expr(e.Slice, id)
	case *ast.Tuple:
		b.exprs(e.Elts, id)
	case *ast.List:
		b.exprs(e.Elts, id)
	case *ast.Set:
		b.exprs(e.Elts, id)
	case *ast.Dict:
		for i, v := range e.Values {
			b.expr(e.Keys[i], id)
			b.expr(v, id)
		}
	case *ast.Compare:
		b.expr(e.Left, id)
		b.exprs(e.Comparators, id)
	case *ast.BoolOp:
		b.exprs(e.Values, id)
	case *ast.UnaryOp:
		b.expr(e.Operand, id)
	case *ast.IfExp:
		b.expr(e.Body, id)
		b.expr(e.Test, id)
		b.expr(e.Orelse, id)
	case *ast.JoinedStr:
		b.exprs(e.Values, id)
	case *ast.TemplateStr:
		b.exprs(e.Values, id)
	case *ast.FormattedValue:
		b.expr(e.Value, id)
		b.expr(e.FormatSpec, id)
	case *ast.Interpolation:
		b.expr(e.Value, id)
		b.expr(e.FormatSpec, id)
	case *ast.Starred:
		b.expr(e.Value, id)
	case *ast.Slice:
		b.expr(e.Lower, id)
		b.expr(e.Upper, id)
		b.expr(e.Step, id)
	case *ast.Await:
		b.expr(e.Value, id)
	case *ast.Yield:
		b.expr(e.Value, id)
	case *ast.YieldFrom:
		b.expr(e.Value, id)
	case *ast.NamedExpr:
		b.expr(e.Value, id)
		b.put(e.Target, id)
		if n, ok := e.Target.(*ast.Name); ok {
			at := b.cur
			for b.u.scopes[at].kind == comprehensionScope {
				at = b.u.scopes[at].parent
			}
			b.bindIn(at, n.Ident, binding{kind: bindAssign, node: e, value: e.Value})
		}
	case *ast.Lambda:
		b.arguments(e.Args, id)
		outer := b.open(functionScope, e)
		b.params(e.Args)
		b.expr(e.Body, id)
		b.cur = outer
	case *ast.ListComp:
		b.comprehension(e, e.Generators, e.Elt, nil)
	case *ast.SetComp:
		b.comprehension(e, e.Generators, e.Elt, nil)
	case *ast.GeneratorExp:
		b.comprehension(e, e.Generators, e.Elt, nil)
	case *ast.DictComp:
		b.comprehension(e, e.Generators, e.Key, e.Value)
	}
}

// comprehension: the first iterable is evaluated outside, all else in a scope of its own.
func (b *binder) comprehension(n ast.Expr, gens []*ast.Comprehension, elt, value ast.Expr) {
	if len(gens) > 0 {
		b.expr(gens[0].Iter, gens[0].ID())
	}
	outer := b.open(comprehensionScope, n)
	for i, g := range gens {
		b.put(g, n.ID())
		b.unknownTarget(g.Target, g.ID(), g)
		if i > 0 {
			b.expr(g.Iter, g.ID())
		}
		b.exprs(g.Ifs, g.ID())
	}
	b.expr(elt, n.ID())
	b.expr(value, n.ID())
	b.cur = outer
}

func (b *binder) pattern(p ast.Pattern, parent ast.NodeID, s ast.Stmt) {
	if p == nil {
		return
	}
	b.put(p, parent)
	id := p.ID()
	list := func(l []ast.Pattern) {
		for _, x := range l {
			b.pattern(x, id, s)
		}
	}
	switch p := p.(type) {
	case *ast.MatchValue:
		b.expr(p.Value, id)
	case *ast.MatchSingleton:
		b.put(p.Value, id)
	case *ast.MatchSequence:
		list(p.Patterns)
	case *ast.MatchMapping:
		b.exprs(p.Keys, id)
		list(p.Patterns)
		b.bind(p.Rest, binding{kind: bindUnknown, node: s})
	case *ast.MatchClass:
		b.expr(p.Cls, id)
		list(p.Patterns)
		list(p.KwdPatterns)
	case *ast.MatchStar:
		b.bind(p.Name, binding{kind: bindUnknown, node: s})
	case *ast.MatchAs:
		b.pattern(p.Pattern, id, s)
		b.bind(p.Name, binding{kind: bindUnknown, node: s})
	case *ast.MatchOr:
		list(p.Patterns)
	}
}
