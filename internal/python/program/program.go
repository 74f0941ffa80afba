// Package program knows what names mean: which module a file is, what it imports, which
// scope binds a name, and so which function a call calls. Rules ask a Unit, one file with
// its tree: "what is this called, in full?" (Unit.Name) and "what constant is it?"
// (Unit.Const); the answers follow aliases, assignments, instances and re-exports.
//
// A file is parsed and bound once (Program.Unit). Binding is one walk that gives every
// node its parent and its scope, and every scope its names, as Python defines them: class
// bodies are invisible to the functions in them, a comprehension has a scope of its own
// but for its first iterable, `global` and `nonlocal` redirect, a walrus binds outside of
// comprehensions. Nothing is evaluated: names resolve when a rule asks.
//
// What other files can see of a module, its exports, is kept in a few strings when the
// tree goes (Program.Release), so that a large project needs the memory of the files at
// work and no more. Loading needs nothing of other modules, so units load in any order
// and by several goroutines without waiting in circles.
package program

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/parser"
	"github.com/gambeson/gambeson/internal/source"
)

// A Program is the modules of the scanned files. It is safe for concurrent use.
type Program struct {
	inside  string // the package that the root is
	load    func(path string) (*source.File, error)
	modules []*Module
	byPath  map[string]*Module
	byName  map[string][]placed // dotted names, canonical and by folder
	tops    map[string]bool     // first components of byName
	queue   queue
	whole   sync.Map // of Once: key → *work
}

// work is something that is worked out once.
type work struct {
	once  sync.Once
	value any
}

// Once returns what somebody works out about the whole program, for all who ask under the
// key: the first works it out while others wait. It must not ask for units, which may be
// another goroutine's, but may Open modules. If it fails, the first sees the panic, and the
// others get nil.
func (p *Program) Once(key any, find func() any) any {
	w, ok := p.whole.Load(key)
	if !ok {
		w, _ = p.whole.LoadOrStore(key, &work{})
	}
	w.(*work).once.Do(func() { w.(*work).value = find() })
	return w.(*work).value
}

// A Module is a file as others import it.
type Module struct {
	Name string // dotted, from the outermost package: "shop.cart"
	Path string // relative to the scanned root

	prog    *Program
	pkg     string // dotted name that relative imports start from
	once    sync.Once
	unit    *Unit
	err     error
	exports map[string]*export
	stars   []string // modules of `from … import *`
	index   int
	taken   bool // by Take
}

// queue is the order in which modules are taken.
type queue struct {
	sync.Mutex
	opened []*Module // because others import them, and not released yet
	next   int
}

// Take hands each module to one of those who look at all, with its place in Modules; nil when
// there are no more. Modules that have been opened because others import them come first, the
// last before all: their units wait, and the sooner they are released the less memory is
// needed. Of CPython's library at most 59 wait, and 117 if they are taken in their order.
func (p *Program) Take() (*Module, int) {
	q := &p.queue
	q.Lock()
	defer q.Unlock()
	for n := len(q.opened); n > 0; n-- {
		m := q.opened[n-1]
		q.opened = q.opened[:n-1]
		if !m.taken {
			m.taken = true
			return m, m.index
		}
	}
	for q.next < len(p.modules) {
		m := p.modules[q.next]
		q.next++
		if !m.taken {
			m.taken = true
			return m, m.index
		}
	}
	return nil, 0
}

// opened notes a module for Take.
func (p *Program) opened(m *Module) {
	p.queue.Lock()
	if !m.taken {
		p.queue.opened = append(p.queue.opened, m)
	}
	p.queue.Unlock()
}

// New makes a program of files, whose paths are relative to the scanned root with forward
// slashes. load is called when a file is first needed; with a file, its error means that
// the text is damaged but could be read.
func New(paths []string, load func(path string) (*source.File, error)) *Program {
	return NewIn("", paths, load)
}

// NewIn is New for a root that is itself a package, with the dotted name of that: "shop" when
// the folder shop is looked at, with the __init__.py in it.
func NewIn(pkg string, paths []string, load func(path string) (*source.File, error)) *Program {
	p := &Program{inside: pkg, load: load, byPath: make(map[string]*Module, len(paths)), byName: make(map[string][]placed, len(paths)), tops: map[string]bool{}}
	for i, f := range paths {
		m := &Module{Path: f, prog: p, index: i}
		p.modules = append(p.modules, m)
		p.byPath[f] = m
	}
	for _, m := range p.modules {
		p.place(m)
	}
	return p
}

// place names a module. Its package is the chain of folders with an __init__ above it;
// since namespace packages have none, the module also answers to the dotted form of its
// path, from the root and from below a folder named src or lib.
func (p *Program) place(m *Module) {
	dir, file := path.Split(m.Path)
	dir = strings.TrimSuffix(dir, "/")
	stem := strings.TrimSuffix(file, path.Ext(file))
	top := dir
	for top != "" && p.isPackage(top) {
		top = parentDir(top)
	}
	dotted := func(from string) string {
		rel := strings.TrimPrefix(strings.TrimPrefix(m.Path, from), "/")
		rel = rel[:len(rel)-len(file)] + stem
		if stem == "__init__" {
			rel = strings.TrimSuffix(strings.TrimSuffix(rel, "__init__"), "/")
		}
		return strings.ReplaceAll(rel, "/", ".")
	}
	m.Name = dotted(top)
	if top != "" && IsStdlib(m.Name) {
		// jedi/third_party/typeshed/hashlib.pyi is not what others import as hashlib.
		m.Name = dotted("")
	}
	if m.Name == "" { // an __init__.py in the root itself
		m.Name = stem
	}
	pkgName := m.Name
	names := []string{m.Name}
	if full := dotted(""); full != "" && full != m.Name {
		names = append(names, full)
		if !p.isPackage(dir) {
			pkgName = full
		}
	}
	for _, src := range []string{"src", "lib", "python"} {
		for _, at := range []string{src + "/", "/" + src + "/"} {
			i := strings.Index("/"+m.Path, "/"+strings.TrimPrefix(at, "/"))
			if i >= 0 && (i == 0 || at[0] == '/') {
				if n := dotted(m.Path[:i+len(src)]); n != "" && !slices.Contains(names, n) && !IsStdlib(n) {
					names = append(names, n)
				}
			}
		}
	}
	if p.inside != "" && top == "" {
		if n := strings.TrimSuffix(p.inside+"."+dotted(""), "."); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	m.pkg = pkgName
	if stem != "__init__" || dir == "" { // what the root's own __init__ imports with a dot stands beside it
		m.pkg, _ = cutLast(pkgName)
	}
	for _, n := range names {
		p.add(n, placed{m, ""})
	}
	// A program further down, of folders without an __init__, imports from its own top.
	for at := parentDir(top); top != "" && at != ""; at = parentDir(at) {
		if n := dotted(at); !slices.Contains(names, n) && !IsStdlib(n) {
			p.add(n, placed{m, at + "/"})
		}
	}
}

// A placed module has a name for the files below a folder, or for all.
type placed struct {
	*Module
	below string
}

func (p *Program) add(name string, m placed) {
	p.byName[name] = append(p.byName[name], m)
	top, _, _ := strings.Cut(name, ".")
	p.tops[top] = true
}

func (p *Program) isPackage(dir string) bool {
	return p.byPath[dir+"/__init__.py"] != nil || p.byPath[dir+"/__init__.pyi"] != nil
}

func parentDir(dir string) string {
	i := strings.LastIndexByte(dir, '/')
	if i < 0 {
		return ""
	}
	return dir[:i]
}

func cutLast(s string) (before, last string) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", s
	}
	return s[:i], s[i+1:]
}

// ByPath is the module of a file, or nil.
func (p *Program) ByPath(path string) *Module { return p.byPath[path] }

// Modules lists the modules in the order of their paths as given.
func (p *Program) Modules() []*Module { return p.modules }

// Module finds the module of a dotted name as seen from a file, or nil. When several
// roots have one of that name, the nearest wins.
func (p *Program) Module(name, from string) *Module {
	var best *Module
	bestLen := -1
	for _, m := range p.byName[name] {
		if n := commonDir(m.Path, from); n > bestLen && strings.HasPrefix(from, m.below) {
			best, bestLen = m.Module, n
		}
	}
	return best
}

func commonDir(a, b string) int {
	n := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n = i
		}
	}
	return n
}

// Unit loads the module's file, parses and binds it. With a unit, the error means that
// the text was damaged but could be read; without one, that it could not.
func (m *Module) Unit() (*Unit, error) {
	m.ensure()
	return m.unit, m.err
}

// ensure loads the module. Unlike Unit it does not touch the unit itself, which may be
// another goroutine's, about to be released.
func (m *Module) ensure() {
	m.once.Do(func() {
		f, err := m.prog.load(m.Path)
		m.err = err
		if f == nil {
			return
		}
		u := newUnit(m, parser.Parse(f))
		m.exports, m.stars = u.summarise()
		m.unit = u
		m.prog.opened(m)
	})
}

// Open parses and binds the module once more, for the caller alone: another goroutine may
// have the unit that Unit returns, or may have released it. Close gives it back. It is nil
// for a file that cannot be read.
func (m *Module) Open() *Unit {
	m.ensure()
	f, _ := m.prog.load(m.Path)
	if f == nil {
		return nil
	}
	return newUnit(m, parser.Parse(f))
}

// Source is the module's file as it is read, or nil if it cannot be.
func (m *Module) Source() *source.File {
	f, _ := m.prog.load(m.Path)
	return f
}

// Program is what the module is part of.
func (m *Module) Program() *Program { return m.prog }

// Close gives the memory of a unit of Open back.
func (u *Unit) Close() { u.release() }

// Find finds the module that a dotted name leads into, and what follows its name.
func (p *Program) Find(name, from string) (m *Module, rest string) {
	top, _, _ := strings.Cut(name, ".")
	if !p.tops[top] {
		return nil, ""
	}
	return p.split(name, from)
}

// Release gives the tree's memory back; what other modules see of this one stays. The
// unit must not be used afterwards.
func (m *Module) Release() {
	u := m.unit
	m.unit = nil
	if u != nil {
		u.release()
	}
}

// Parse makes a unit of one file by itself, as if it were a whole program.
func Parse(f *source.File) *Unit {
	p := New([]string{f.Path}, func(string) (*source.File, error) { return f, nil })
	u, _ := p.modules[0].Unit()
	return u
}

// An export is what other modules can know of a name of this one.
type export struct {
	names  []string // qualified names it stands for; not yet followed through other modules
	value  Value
	folded bool // value is known
	class  *class
	fn     bool
	gives  []string // what a call of the function returns, if its last statement says so
}

// A class as others see it.
type class struct {
	bases []string
	attrs map[string][]string // instance and class attributes → qualified names; nil for what is not known
}

// lookup finds what a module exports under a name, stars included.
func (p *Program) lookup(m *Module, name string, depth int) *export {
	if depth > maxFollow {
		return nil
	}
	m.ensure()
	if e := m.exports[name]; e != nil {
		return e
	}
	for _, s := range m.stars {
		if other := p.Module(s, m.Path); other != nil && other != m {
			if e := p.lookup(other, name, depth+1); e != nil {
				return e
			}
		}
	}
	return nil
}

// maxFollow bounds how far names are followed: through assignments, modules and calls.
const maxFollow = 12

// maxSteps bounds how many names are followed for one: where attributes are made of one
// another, each step may lead to two.
const maxSteps = 64

// follow turns a qualified name into those it stands for in the end, through the
// project's own modules: "shop.compat.load" may be "yaml.load".
func (p *Program) follow(name, from string) []string {
	f := follower{p, maxSteps}
	return f.follow(name, from, 0)
}

type follower struct {
	*Program
	left int // steps
}

func (f *follower) follow(name, from string, depth int) []string {
	top, _, _ := strings.Cut(name, ".")
	f.left--
	if depth > maxFollow || f.left < 0 || !f.tops[strings.TrimSuffix(top, "()")] {
		return []string{name}
	}
	m, rest := f.split(name, from)
	if m == nil || rest == "" {
		return []string{name}
	}
	member, tail := rest, ""
	if i := separator(rest); i < len(rest) {
		member, tail = rest[:i], rest[i:]
	}
	e := f.lookup(m, member, 0)
	if e == nil {
		return []string{name}
	}
	if e.class != nil {
		return f.class(m, member, e, tail, name, depth)
	}
	var out []string
	if rest, ok := strings.CutPrefix(tail, "()"); ok && e.fn {
		for _, n := range e.gives { // app = create_app()
			if n+rest != name {
				out = union(out, f.follow(n+rest, m.Path, depth+1))
			}
		}
		if out != nil {
			return out
		}
	}
	for _, n := range e.names {
		if tail == "" && isMember(n, m.Name, member) || n+tail == name {
			out = union(out, []string{n + tail})
			continue
		}
		out = union(out, f.follow(n+tail, m.Path, depth+1))
	}
	if out == nil {
		return []string{name}
	}
	return out
}

// isMember says whether a name is spelt base.member.
func isMember(name, base, member string) bool {
	return len(name) == len(base)+1+len(member) && name[:len(base)] == base && name[len(base)] == '.' && name[len(base)+1:] == member
}

// class resolves what comes after the instance of a class of the project: an attribute that
// was assigned something known, or an inherited one.
func (f *follower) class(m *Module, cls string, e *export, tail, name string, depth int) []string {
	own := name // mostly it is spelt so already
	if n := len(m.Name); len(name) != n+1+len(cls)+len(tail) || name[:n] != m.Name {
		own = m.Name + "." + cls + tail
	}
	attr, ok := strings.CutPrefix(tail, "()")
	if !ok || !strings.HasPrefix(attr, ".") {
		return []string{own}
	}
	rest := ""
	attr = attr[1:]
	if i := separator(attr); i < len(attr) {
		attr, rest = attr[:i], attr[i:]
	}
	if names, ok := e.class.attrs[attr]; ok {
		var out []string
		self := own[:len(own)-len(rest)]
		for _, n := range names {
			if after, ok := strings.CutPrefix(n, self); ok && separator(after) == 0 { // self.policy = self.policy.clone()
				continue
			}
			if n += rest; n != name {
				out = union(out, f.follow(n, m.Path, depth+1))
			}
		}
		if out != nil {
			return out
		}
		return []string{own}
	}
	for _, b := range e.class.bases {
		if isMember(b, m.Name, cls) {
			continue
		}
		if strings.HasSuffix(b, "[]") { // which class that is nobody knows; the others tell
			continue
		}
		if b += tail; b != name {
			return f.follow(b, m.Path, depth+1)
		}
	}
	return []string{own}
}

// Ancestors are the qualified names of the classes that a class of the project derives from,
// through its own classes as far as those are known: of the project's classes it names none.
func (p *Program) Ancestors(name, from string) []string {
	var out []string
	var visit func(name, from string, depth int)
	visit = func(name, from string, depth int) {
		if depth > maxFollow || len(out) > maxFollow {
			return
		}
		if !p.mine(name) {
			out = append(out, name)
			return
		}
		m, rest := p.split(name, from)
		if m == nil || rest == "" {
			return
		}
		if e := p.lookup(m, rest, 0); e != nil && e.class != nil {
			for _, b := range e.class.bases {
				if b != name {
					visit(b, m.Path, depth+1)
				}
			}
		}
	}
	visit(name, from, 0)
	return out
}

// Fields are the attributes of a class of the project, and of those that it derives from, by
// name: what values of them are, as far as assignments and annotations tell.
func (p *Program) Fields(name, from string) map[string][]string {
	out := map[string][]string{}
	var visit func(name, from string, depth int)
	visit = func(name, from string, depth int) {
		if depth > maxFollow || !p.mine(name) {
			return
		}
		m, rest := p.split(name, from)
		if m == nil || rest == "" {
			return
		}
		e := p.lookup(m, rest, 0)
		if e == nil || e.class == nil {
			return
		}
		for field, names := range e.class.attrs {
			if _, own := out[field]; !own {
				out[field] = names
			}
		}
		for _, b := range e.class.bases {
			if b != name {
				visit(b, m.Path, depth+1)
			}
		}
	}
	visit(name, from, 0)
	return out
}

// split finds the longest prefix of a name that is a module.
func (p *Program) split(name, from string) (*Module, string) {
	end := len(name)
	if i := strings.IndexAny(name, "(["); i >= 0 {
		end = i
	}
	for n := end; n > 0; {
		if m := p.Module(name[:n], from); m != nil {
			return m, strings.TrimPrefix(name[n:], ".")
		}
		n = strings.LastIndexByte(name[:n], '.')
	}
	return nil, ""
}

// A Value is a folded constant.
type Value struct {
	Kind ast.ConstKind // None, True, False, Ellipsis, Int, Float, Str, Bytes; List for containers
	Str  string        // of Str and Bytes
	Int  int64         // of Int; saturated
	Flt  float64       // of Float
	List []Value       // elements of a tuple, list or set; keys of a dictionary
}

// List is the kind of a Value that is a container.
const List ast.ConstKind = 15
