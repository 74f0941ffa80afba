package program

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// A Unit is one file with all that is known of its names. It is what rules look at.
// All methods are safe on nil expressions, and answer "unknown" when they do not know.
// A unit belongs to one goroutine at a time.
type Unit struct {
	File   *source.File
	Tree   *ast.Tree
	Module *Module

	*memory
	local bool // summarising: do not look into other modules
	depth int
	cuts  int // how often that was cut off
}

// memory is what a unit knows, which the next unit writes over.
type memory struct {
	places   []place // by node id
	scopes   []scope // scopes[0] is the module's
	bindings []binding
	attrs    []attrBinding
	strings  map[joint]string
	joined   map[joint][]string
	answers  [][]string // of Names, for the nodes it was asked for
	imports  []string   // modules that the file imports, wherever in it
}

var memories ast.Pool[memory]

// newMemory is for a tree of n nodes.
func newMemory(n int) *memory {
	m := memories.Get(n)
	if m == nil {
		m = &memory{strings: map[joint]string{}, joined: map[joint][]string{}}
	}
	if cap(m.places) < n {
		m.places = make([]place, n)
	}
	m.places = m.places[:n]
	clear(m.places)
	return m
}

// maxKept is how many answers a map may have held to be used again: to empty a large one
// costs more than to make one. maxPlaces is the same for the tree: one huge file must not pin
// its memory.
const (
	maxKept   = 4096
	maxPlaces = 1 << 18
)

func (m *memory) release() {
	if cap(m.places) > maxPlaces {
		return
	}
	if len(m.strings)+len(m.joined) > maxKept {
		m.strings, m.joined = map[joint]string{}, map[joint][]string{}
	} else {
		clear(m.strings)
		clear(m.joined)
	}
	clear(m.bindings)
	clear(m.attrs)
	clear(m.answers)
	clear(m.imports)
	for i := range m.scopes {
		s := &m.scopes[i]
		clear(s.syms)
		*s = scope{syms: s.syms[:0]}
	}
	m.scopes, m.bindings, m.attrs, m.answers, m.imports = m.scopes[:0], m.bindings[:0], m.attrs[:0], m.answers[:0], m.imports[:0]
	memories.Put(cap(m.places), m)
}

// A joint is a name and what is appended to it; joining the same twice costs no memory.
type joint struct{ base, tail string }

func (u *Unit) join(base, name string) string { return u.append(base, ".", name) }

func (u *Unit) append(base, sep, tail string) string {
	if base == "" {
		return tail
	}
	key := joint{base, tail}
	if s, ok := u.strings[key]; ok && len(s) == len(base)+len(sep)+len(tail) {
		return s
	}
	s := base + sep + tail
	u.strings[key] = s
	return s
}

// Parent returns the node above n, or nil for the module.
func (u *Unit) Parent(n ast.Node) ast.Node {
	if p := u.places[n.ID()].parent; p != 0 {
		return u.Tree.Node(p)
	}
	return nil
}

// Live says whether n is part of the tree: error recovery drops nodes.
func (u *Unit) Live(n ast.Node) bool {
	return u.places[n.ID()].parent != 0 || n.Kind() == ast.KindModule
}

// Function returns the innermost def around n, or nil. A def is not around itself, nor
// around its decorators, annotations and defaults.
func (u *Unit) Function(n ast.Node) *ast.FunctionDef {
	for at := u.places[n.ID()].scope; at != 0; at = u.scopes[at].parent {
		if f, ok := u.scopes[at].node.(*ast.FunctionDef); ok && u.scopes[at].kind == functionScope {
			return f
		}
	}
	return nil
}

// Class returns the innermost class whose body n stands in, functions between allowed, or nil.
func (u *Unit) Class(n ast.Node) *ast.ClassDef {
	for at := u.places[n.ID()].scope; at != 0; at = u.scopes[at].parent {
		if c, ok := u.scopes[at].node.(*ast.ClassDef); ok && u.scopes[at].kind == classScope {
			return c
		}
	}
	return nil
}

// Statement returns the statement that n is part of (n itself, if it is one).
func (u *Unit) Statement(n ast.Node) ast.Stmt {
	for n != nil {
		if s, ok := n.(ast.Stmt); ok {
			return s
		}
		n = u.Parent(n)
	}
	return nil
}

// Symbol returns the dotted names of the classes and functions around n, such as
// "Cart.add", or "".
func (u *Unit) Symbol(n ast.Node) string {
	s := u.scopeName(u.places[n.ID()].scope)
	switch n := n.(type) {
	case *ast.FunctionDef:
		return dot(s, n.Name)
	case *ast.ClassDef:
		return dot(s, n.Name)
	}
	return s
}

func dot(a, b string) string {
	if a == "" {
		return b
	}
	return a + "." + b
}

func (u *Unit) scopeName(at uint32) string {
	name := ""
	for ; at != 0; at = u.scopes[at].parent {
		s := &u.scopes[at]
		var own string
		switch n := s.node.(type) {
		case *ast.FunctionDef:
			own = n.Name
		case *ast.ClassDef:
			own = n.Name
		}
		if own == "" || s.kind == typeScope {
			continue
		}
		if name != "" {
			own += "." + name
		}
		name = own
	}
	return name
}

// Absolute is the dotted name of the module that a from-import names.
func (u *Unit) Absolute(s *ast.ImportFrom) string {
	if s.Level == 0 {
		return s.Module
	}
	base := u.Module.pkg
	for range s.Level - 1 {
		base, _ = cutLast(base)
	}
	if s.Module == "" {
		return base
	}
	return dot(base, s.Module)
}

// Name returns the qualified name that e stands for, or "". Names are absolute and
// follow aliases and re-exports: "yaml.load" through `import yaml as y; y.load`, `from
// yaml import load`, `l = yaml.load`. Builtins are "builtins.eval". The result of a
// call, an instance of a class above all, is the name followed by "()": after
// `s = requests.Session()` the name of s.get is "requests.Session().get", also where s is
// self.s, a parameter annotated with requests.Session, or `with … as s`. An element is
// "[]": os.environ["HOME"] is "os.environ[]". What the project itself defines is
// "package.module.name".
func (u *Unit) Name(e ast.Expr) string {
	if n := u.Names(e); len(n) > 0 {
		return n[0]
	}
	return ""
}

// Is says whether e can stand for one of the names.
func (u *Unit) Is(e ast.Expr, names ...string) bool {
	for _, n := range u.Names(e) {
		if slices.Contains(names, n) {
			return true
		}
	}
	return false
}

// maxNames bounds the names that one expression is said to stand for.
const maxNames = 4

// Names returns the qualified names that e can stand for, best first, at most a few;
// nil when nothing is known. See Name for their form.
func (u *Unit) Names(e ast.Expr) []string {
	if e == nil {
		return nil
	}
	// A call's name is asked for by each rule about calls, and a receiver's with each of them.
	if !u.local {
		if at := u.places[e.ID()].names; at > 0 {
			return u.answers[at-1]
		}
	}
	if u.depth > maxFollow {
		u.cuts++
		return nil
	}
	cuts := u.cuts
	u.depth++
	names := u.names(e)
	u.depth--
	// What the depth has cut off is kept only for who asks first, so that it is the same
	// whatever was asked before.
	if !u.local && (u.depth == 0 || u.cuts == cuts) {
		u.answers = append(u.answers, names)
		u.places[e.ID()].names = uint32(len(u.answers))
	}
	return names
}

func (u *Unit) names(e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.Name:
		return u.nameNames(e)
	case *ast.Attribute:
		if e.Attr == "" {
			return nil
		}
		base := u.Names(e.Value)
		if base == nil {
			return nil
		}
		return u.members(base, ".", e.Attr)
	case *ast.Call:
		return u.callNames(e)
	case *ast.Await:
		return u.Names(e.Value)
	case *ast.NamedExpr:
		return u.Names(e.Value)
	case *ast.IfExp:
		return union(u.Names(e.Body), u.Names(e.Orelse))
	case *ast.BoolOp:
		var out []string
		for _, v := range e.Values {
			out = union(out, u.Names(v))
		}
		return out
	case *ast.Subscript:
		return u.members(u.Names(e.Value), "", "[]")
	case *ast.JoinedStr:
		return strNames
	case *ast.Constant:
		switch e.ConstKind() {
		case ast.Str:
			return strNames
		case ast.Bytes:
			return bytesNames
		}
	case *ast.List, *ast.ListComp:
		return listNames
	case *ast.Dict, *ast.DictComp:
		return dictNames
	}
	return nil
}

var (
	strNames   = []string{"builtins.str()"}
	bytesNames = []string{"builtins.bytes()"}
	listNames  = []string{"builtins.list()"}
	dictNames  = []string{"builtins.dict()"}
)

func union(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	for _, n := range b {
		if len(a) >= maxNames {
			break
		}
		if !slices.Contains(a, n) {
			a = append(a[:len(a):len(a)], n)
		}
	}
	return a
}

// maxNameLen bounds a qualified name: a().b().c()… must not cost its square.
const maxNameLen = 160

// members appends to each name, and follows the result through the project.
func (u *Unit) members(base []string, sep, tail string) []string {
	switch len(base) {
	case 0:
		return nil
	case 1:
		return u.member(base[0], sep, tail)
	}
	var out []string
	for _, b := range base {
		out = union(out, u.member(b, sep, tail))
	}
	return out
}

// member is members for one name. Its answers are kept: self.assertEqual is asked for a
// thousand times a file.
func (u *Unit) member(base, sep, tail string) []string {
	if len(base)+len(tail) > maxNameLen {
		return nil
	}
	key := joint{base, tail}
	if names, ok := u.joined[key]; ok && !u.local {
		return names
	}
	if u.local {
		return []string{u.append(base, sep, tail)}
	}
	n := base + sep + tail
	names := []string{n}
	if u.Module.prog.mine(n) {
		if own, ok := u.own(n); ok {
			names = own
		} else {
			names = u.Module.prog.follow(n, u.Module.Path)
		}
		names = names[:min(len(names), maxNames):min(len(names), maxNames)]
	}
	u.joined[key] = names
	return names
}

// Imports says whether the file imports one of the modules, or something below one.
func (u *Unit) Imports(modules ...string) bool {
	for _, name := range u.imports {
		for _, m := range modules {
			if rest, ok := strings.CutPrefix(name, m); ok && (rest == "" || rest[0] == '.') {
				return true
			}
		}
	}
	return false
}

// Mine says whether a qualified name is something of the program's own.
func (u *Unit) Mine(name string) bool { return u.Module.prog.mine(name) }

// mine says whether a name begins with a module of the project.
func (p *Program) mine(name string) bool {
	return p.tops[name[:separator(name)]]
}

// separator is where the first component of a qualified name ends.
func separator(name string) int {
	for i := range len(name) {
		if c := name[i]; c == '.' || c == '(' || c == '[' {
			return i
		}
	}
	return len(name)
}

// own answers for attributes of instances of this file's classes: "shop.cart.Cart().db".
func (u *Unit) own(name string) ([]string, bool) {
	rest, ok := strings.CutPrefix(name, u.Module.Name+".")
	if !ok {
		return nil, false
	}
	cls, attr, ok := strings.Cut(rest, "().")
	if !ok || strings.ContainsAny(attr, ".([") {
		return nil, false
	}
	for i := range u.attrs {
		if a := &u.attrs[i]; a.name == attr && a.class.Name == cls {
			if names := u.attrNames(a); names != nil {
				return names, true
			}
		}
	}
	return nil, false
}

func (u *Unit) attrNames(a *attrBinding) []string {
	if a.value != nil {
		if n := u.Names(a.value); n != nil {
			return n
		}
	}
	return u.instance(a.annot)
}

// nameNames resolves a plain name.
func (u *Unit) nameNames(e *ast.Name) []string {
	at := u.places[e.ID()].scope
	sc, sym := u.resolve(e.Ident, at)
	if sym == nil {
		return u.unbound(e.Ident)
	}
	if sym.first == sym.last {
		return u.bindingNames(&u.bindings[sym.first], e)
	}
	var out []string
	for _, b := range u.reaching(sc, sym, e) {
		out = union(out, u.bindingNames(b, e))
		if len(out) >= maxNames {
			break
		}
	}
	return out
}

// resolve finds the scope and symbol that a name means in a scope.
func (u *Unit) resolve(name string, at uint32) (uint32, *symbol) {
	for first := true; ; first = false {
		s := &u.scopes[at]
		if s.kind != classScope || first {
			if i := s.find(name); i >= 0 {
				sym := &s.syms[i]
				if sym.global && at != 0 {
					at = 0
					if i := u.scopes[0].find(name); i >= 0 && u.scopes[0].syms[i].first >= 0 {
						return 0, &u.scopes[0].syms[i]
					}
					return 0, nil
				}
				if sym.first >= 0 && !sym.nonlocal {
					return at, sym
				}
			}
		}
		if at == 0 {
			return 0, nil
		}
		// A comprehension directly in a class body sees the class only through its first iterable.
		at = s.parent
	}
}

// unbound is a name that the file does not bind: a builtin, or from a star import.
func (u *Unit) unbound(name string) []string {
	if n, ok := builtins[name]; ok {
		return n
	}
	var out []string
	for _, s := range u.scopes[0].stars {
		if m := u.Module.prog.Module(s, u.Module.Path); m != nil {
			if !u.local && m != u.Module && u.Module.prog.lookup(m, name, 0) != nil {
				return u.Module.prog.follow(m.Name+"."+name, u.Module.Path)
			}
			continue
		}
		out = union(out, []string{u.join(s, name)})
	}
	if out == nil && len(u.scopes[0].stars) == 0 {
		return []string{name} // a snippet whose imports are elsewhere: subprocess is subprocess
	}
	return out
}

// reaching lists the bindings of a symbol that may have given it its value at a use, by a
// cheap reading of Python's structure: in the scope of the use, those above it, back to
// one that always runs before it; elsewhere, all.
func (u *Unit) reaching(at uint32, sym *symbol, use ast.Node) []*binding {
	var buf [8]*binding
	list := buf[:0]
	for i := sym.first; i >= 0; i = u.bindings[i].next {
		list = append(list, &u.bindings[i])
	}
	if len(list) == 1 || u.scopeOf(use) != at {
		return list
	}
	loop := u.loopAround(use, at)
	var out []*binding
	for i := len(list) - 1; i >= 0; i-- {
		b := list[i]
		if b.node.Start() >= use.Start() && b.kind != bindParam || b.node.Start() <= use.Start() && use.End() <= b.node.End() && b.within(use) {
			if loop == nil || b.node.Start() < loop.Start() || b.node.End() > loop.End() {
				continue
			}
			out = append(out, b)
			continue
		}
		out = append(out, b)
		if u.dominates(b, use) {
			break
		}
	}
	if out == nil {
		return list
	}
	slices.Reverse(out)
	return out
}

// within says whether the use stands in the binding's own value, where the name still
// means what it meant before.
func (b *binding) within(use ast.Node) bool {
	v := b.value
	if a, ok := b.node.(*ast.Assign); ok && v != nil {
		v = a.Value // all of it: a, b = b, a
	}
	return v != nil && v.Start() <= use.Start() && use.End() <= v.End()
}

// scopeOf is the scope a node's names are looked up in, comprehensions left out.
func (u *Unit) scopeOf(n ast.Node) uint32 {
	at := u.places[n.ID()].scope
	for u.scopes[at].kind == comprehensionScope {
		at = u.scopes[at].parent
	}
	return at
}

// loopAround returns the outermost loop in the scope that n stands in, or nil.
func (u *Unit) loopAround(n ast.Node, at uint32) ast.Node {
	var loop ast.Node
	for n = u.Parent(n); n != nil; n = u.Parent(n) {
		switch n.(type) {
		case *ast.For, *ast.While:
			loop = n
		case *ast.FunctionDef, *ast.ClassDef, *ast.Module:
			return loop
		}
		if u.scopeOf(n) != at {
			break
		}
	}
	return loop
}

// dominates says whether a binding always runs before the use: its statement is in a
// block that the use is in too.
func (u *Unit) dominates(b *binding, use ast.Node) bool {
	if b.kind == bindParam {
		if _, ok := b.node.(*ast.Arg); ok {
			return true
		}
	}
	stmt, ok := b.node.(ast.Stmt)
	if !ok {
		return false
	}
	switch stmt.(type) {
	case *ast.For, *ast.Match:
		return false
	}
	block := u.places[stmt.ID()].parent
	branch := u.branch(stmt)
	for n := use; n != nil; n = u.Parent(n) {
		if u.places[n.ID()].parent == block {
			return u.branch(n) == branch
		}
	}
	return false
}

// branch tells the arms of a compound statement apart: its body, its else, its finally.
func (u *Unit) branch(n ast.Node) int {
	in := func(list []ast.Stmt) bool {
		return len(list) > 0 && list[0].Start() <= n.Start() && n.Start() < max(list[len(list)-1].End(), list[0].Start()+1)
	}
	switch p := u.Parent(n).(type) {
	case *ast.If:
		if in(p.Orelse) {
			return 1
		}
	case *ast.For:
		if in(p.Orelse) {
			return 1
		}
	case *ast.While:
		if in(p.Orelse) {
			return 1
		}
	case *ast.Try:
		if in(p.Orelse) {
			return 1
		}
		if in(p.Finalbody) {
			return 2
		}
	}
	return 0
}

// bindingNames are the qualified names that a binding gives.
func (u *Unit) bindingNames(b *binding, use ast.Node) []string {
	switch b.kind {
	case bindImport:
		if !u.local && u.Module.prog.mine(b.target) {
			return u.Module.prog.follow(b.target, u.Module.Path)
		}
		return []string{b.target}
	case bindDef:
		f := b.node.(*ast.FunctionDef)
		return []string{u.join(u.Module.Name, u.Symbol(f))}
	case bindClass:
		return []string{u.join(u.Module.Name, u.Symbol(b.node))}
	case bindAssign:
		if b.within(use) {
			return nil
		}
		if n := u.Names(b.value); n != nil {
			return n
		}
		return u.instance(b.annot)
	case bindElement:
		if b.within(use) {
			return nil
		}
		if e := u.listed(b.value); e != nil {
			return u.Names(e)
		}
		return u.members(u.Names(b.value), "", "[]")
	case bindWith:
		if n := u.entered(b.value); n != nil {
			return n
		}
		return u.Names(b.value)
	case bindExcept:
		return u.instance(b.value)
	case bindParam:
		if b.annot != nil {
			return u.instance(b.annot)
		}
		if a, ok := b.node.(*ast.Arg); ok {
			return u.selfNames(a)
		}
	}
	return nil
}

// listed is what the elements of a list are that a comprehension makes, here or under a name.
func (u *Unit) listed(e ast.Expr) ast.Expr {
	for _, v := range u.Values(e) {
		switch v := v.(type) {
		case *ast.ListComp:
			return v.Elt
		case *ast.GeneratorExp:
			return v.Elt
		case *ast.SetComp:
			return v.Elt
		}
	}
	return nil
}

// selfNames: the first parameter of a method is an instance of its class, or the class.
func (u *Unit) selfNames(a *ast.Arg) []string {
	args := u.Parent(a)
	if args == nil {
		return nil
	}
	f, ok := u.Parent(args).(*ast.FunctionDef)
	if !ok || firstParam(f) != a.Arg {
		return nil
	}
	at := u.places[f.ID()].scope
	if u.scopes[at].kind == typeScope {
		at = u.scopes[at].parent
	}
	c, ok := u.scopes[at].node.(*ast.ClassDef)
	if !ok || u.scopes[at].kind != classScope {
		return nil
	}
	name := u.join(u.Module.Name, u.Symbol(c))
	for _, d := range f.DecoratorList {
		if n, ok := d.(*ast.Name); ok {
			switch n.Ident {
			case "staticmethod":
				return nil
			case "classmethod":
				return []string{name}
			}
		}
	}
	return []string{u.append(name, "", "()")}
}

// Instance names the values of an annotation: those of its class. Optional, unions and
// quoted annotations are looked into.
func (u *Unit) Instance(annot ast.Expr) []string { return u.instance(annot) }

func (u *Unit) instance(annot ast.Expr) []string {
	switch a := annot.(type) {
	case nil:
		return nil
	case *ast.BinOp:
		if a.Op == ast.BitOr {
			return union(u.instance(a.Left), u.instance(a.Right))
		}
		return nil
	case *ast.Tuple: // of an except clause
		var out []string
		for _, e := range a.Elts {
			out = union(out, u.instance(e))
		}
		return out
	case *ast.Subscript:
		switch u.Name(a.Value) {
		case "typing.Optional", "typing.Annotated", "typing_extensions.Annotated", "typing.Final", "typing.ClassVar":
			if t, ok := a.Slice.(*ast.Tuple); ok && len(t.Elts) > 0 {
				return u.instance(t.Elts[0])
			}
			return u.instance(a.Slice)
		case "typing.Union":
			if t, ok := a.Slice.(*ast.Tuple); ok {
				var out []string
				for _, e := range t.Elts {
					out = union(out, u.instance(e))
				}
				return out
			}
		}
		return u.instance(a.Value)
	case *ast.Constant:
		if a.ConstKind() == ast.Str {
			return u.quoted(a.Str())
		}
		return nil
	}
	return u.members(u.Names(annot), "", "()")
}

// quoted resolves a dotted name in an annotation that is a string.
func (u *Unit) quoted(s string) []string {
	head, rest, _ := strings.Cut(strings.TrimSpace(s), ".")
	_, sym := u.resolve(head, 0)
	if sym == nil || strings.ContainsAny(s, "[|( ") {
		return nil
	}
	b := &u.bindings[sym.last]
	if b.kind != bindImport && b.kind != bindClass {
		return nil
	}
	names := u.bindingNames(b, u.Tree.Module)
	if rest != "" {
		names = u.members(names, ".", rest)
	}
	return u.members(names, "", "()")
}

// callNames names what a call gives. A few functions are seen through: partial, getattr
// and the import functions with constants, super, and small functions of this file.
func (u *Unit) callNames(c *ast.Call) []string {
	names := u.Names(c.Func)
	if len(names) == 0 {
		return nil
	}
	switch names[0] {
	case "functools.partial":
		if len(c.Args) > 0 {
			return u.Names(c.Args[0])
		}
	case "importlib.import_module", "builtins.__import__":
		if len(c.Args) > 0 {
			if s, ok := u.Str(c.Args[0]); ok && s != "" && s[0] != '.' {
				return []string{strings.Clone(s)}
			}
		}
	case "builtins.getattr":
		if len(c.Args) >= 2 {
			if s, ok := u.Str(c.Args[1]); ok && s != "" {
				return u.members(u.Names(c.Args[0]), ".", s)
			}
		}
	case "builtins.super":
		if cls := u.Class(c); cls != nil && len(c.Args) == 0 {
			var out []string
			for _, b := range cls.Bases {
				out = union(out, u.members(u.Names(b), "", "()"))
			}
			return out
		}
	}
	if r := u.returned(c.Func); r != nil {
		return r
	}
	return u.members(names, "", "()")
}

// returned names what a function of this file returns, if its last statement says so.
func (u *Unit) returned(fn ast.Expr) []string {
	if f, ok := u.defined(fn).(*ast.FunctionDef); ok {
		return u.returnedBy(f)
	}
	return nil
}

// entered names what a context manager of this file gives to the with statement, if the last
// statement of its __enter__ says so.
func (u *Unit) entered(manager ast.Expr) []string {
	call, ok := manager.(*ast.Call)
	if !ok {
		return nil
	}
	c, ok := u.defined(call.Func).(*ast.ClassDef)
	if !ok {
		return nil
	}
	for _, s := range c.Body {
		if f, ok := s.(*ast.FunctionDef); ok && (f.Name == "__enter__" || f.Name == "__aenter__") {
			return u.returnedBy(f)
		}
	}
	return nil
}

// defined is the function or class that a name stands for, which this file defines once; or nil.
func (u *Unit) defined(e ast.Expr) ast.Node {
	n, ok := e.(*ast.Name)
	if !ok {
		return nil
	}
	_, sym := u.resolve(n.Ident, u.places[n.ID()].scope)
	if sym == nil || sym.first != sym.last {
		return nil
	}
	if b := &u.bindings[sym.first]; b.kind == bindDef || b.kind == bindClass {
		return b.node
	}
	return nil
}

// returnedBy is returned for a def.
func (u *Unit) returnedBy(f *ast.FunctionDef) []string {
	if len(f.Body) == 0 {
		return nil
	}
	for _, d := range f.DecoratorList {
		if c, ok := d.(*ast.Call); ok {
			d = c.Func
		}
		if n := u.Name(d); n != "functools.lru_cache" && n != "functools.cache" { // which give what the function gives
			return nil
		}
	}
	if f.Returns != nil {
		if n := u.instance(f.Returns); n != nil {
			return n
		}
	}
	if r, ok := f.Body[len(f.Body)-1].(*ast.Return); ok {
		return u.Names(r.Value)
	}
	return nil
}

// Values returns the expressions that were last assigned to the name e where e is read,
// one for each assignment that may reach it, or e itself if it is not a name or its
// assignments are not plain (a loop variable, a parameter, a with target …).
func (u *Unit) Values(e ast.Expr) []ast.Expr {
	n, ok := e.(*ast.Name)
	if !ok {
		return []ast.Expr{e}
	}
	at, sym := u.resolve(n.Ident, u.places[n.ID()].scope)
	if sym == nil {
		return []ast.Expr{e}
	}
	var out []ast.Expr
	for _, b := range u.reaching(at, sym, n) {
		if b.kind != bindAssign || b.value == nil || b.within(n) {
			return []ast.Expr{e}
		}
		out = append(out, b.value)
	}
	return out
}

// Bindings returns the places in this file that assign to the name e, in order; see Values
// for those that reach e. It is nil for anything but a name bound here.
func (u *Unit) Bindings(e ast.Expr) []ast.Node {
	n, ok := e.(*ast.Name)
	if !ok {
		return nil
	}
	_, sym := u.resolve(n.Ident, u.places[n.ID()].scope)
	if sym == nil {
		return nil
	}
	var out []ast.Node
	for i := sym.first; i >= 0; i = u.bindings[i].next {
		out = append(out, u.bindings[i].node)
	}
	return out
}

// Origin is the dotted name that an import of this file has for e, not followed through what
// that module has imported itself. It is "" for what this file makes.
func (u *Unit) Origin(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Name:
		if _, sym := u.resolve(e.Ident, u.places[e.ID()].scope); sym != nil {
			if b := &u.bindings[sym.last]; b.kind == bindImport {
				return b.target
			}
		}
	case *ast.Attribute:
		if base := u.Origin(e.Value); base != "" && len(base)+len(e.Attr) < maxNameLen {
			return u.join(base, e.Attr)
		}
	}
	return ""
}

// Home is the module of the program that a qualified name leads into, as this file sees it,
// and what the name is there. It is nil for a name that is not the program's own.
func (u *Unit) Home(name string) (m *Module, rest string) {
	return u.Module.prog.Find(name, u.Module.Path)
}

// Ancestors are those of a class of the project: see Program.Ancestors.
func (u *Unit) Ancestors(name string) []string { return u.Module.prog.Ancestors(name, u.Module.Path) }

// Fields are those of a class of the project: see Program.Fields.
func (u *Unit) Fields(name string) map[string][]string {
	return u.Module.prog.Fields(name, u.Module.Path)
}

// Global says whether a name is a variable of the module.
func (u *Unit) Global(e *ast.Name) bool {
	at, sym := u.resolve(e.Ident, u.places[e.ID()].scope)
	return sym != nil && at == 0
}

// Unbound says whether nothing in the file binds a name, and it is none of the language's.
func (u *Unit) Unbound(e *ast.Name) bool {
	_, sym := u.resolve(e.Ident, u.places[e.ID()].scope)
	return sym == nil && builtins[e.Ident] == nil && len(u.scopes[0].stars) == 0
}

// IsParameter says whether the name e is a parameter of the function around it, and of
// which function.
func (u *Unit) IsParameter(e ast.Expr) bool {
	for _, b := range u.Bindings(e) {
		if b.Kind() == ast.KindArg {
			return true
		}
	}
	return false
}

// Definition returns the def in this file that e names, or nil.
func (u *Unit) Definition(e ast.Expr) *ast.FunctionDef {
	n, ok := e.(*ast.Name)
	if !ok {
		return nil
	}
	for _, b := range u.Bindings(n) {
		if f, ok := b.(*ast.FunctionDef); ok {
			return f
		}
	}
	return nil
}

// Arg returns the argument of a call by position, or by keyword name, or nil. A negative
// position asks for the keyword only; "" for the position only. Positions after a
// starred argument are unknown, and nil.
func Arg(c *ast.Call, position int, name string) ast.Expr {
	if position >= 0 && position < len(c.Args) {
		for _, a := range c.Args[:position+1] {
			if a.Kind() == ast.KindStarred {
				return nil
			}
		}
		return c.Args[position]
	}
	if k := Keyword(c, name); k != nil {
		return k.Value
	}
	return nil
}

// Keyword returns the keyword argument of that name, or nil.
func Keyword(c *ast.Call, name string) *ast.Keyword {
	if name == "" {
		return nil
	}
	for _, k := range c.Keywords {
		if k.Arg == name {
			return k
		}
	}
	return nil
}

// HasStar says whether the call has *args or **kwargs, so that arguments may be hidden.
func HasStar(c *ast.Call) bool {
	for _, a := range c.Args {
		if a.Kind() == ast.KindStarred {
			return true
		}
	}
	for _, k := range c.Keywords {
		if k.Arg == "" {
			return true
		}
	}
	return false
}
