package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// A Plan says which calls of libraries an Assembly is about.
type Plan struct {
	// Libraries are the first words of the names that matter: flask, django.
	Libraries map[string]bool
	// Tells says whether a call of this name tells a framework of something: functions with
	// such calls are run. A name that begins with *. is that of a method of something unknown.
	Tells func(name string) bool
	// Skip says by its path whether a file does not count: test code. nil: all count.
	Skip func(path string) bool
}

// An Assembly is what a program puts together when it starts: the objects of libraries that its
// modules and its functions make, and what they are told.
type Assembly struct {
	Made []*Made // in the order in which they came to be
	a    *analysis
	open bool
}

// A Made is a call of something of a library, and what it gives: an application, a router, a
// decorator, what a decorator makes of a function, or a member of such a thing.
type Made struct {
	Name   string  // qualified: flask.Flask, flask.Flask().route, *.route
	Of     []*Made // what the method is called on
	Member bool    // it was read and not called
	Spot
	args []argument
	recv *value // the class or the object of the program that the method is called on
	st   *state
	in   *module
	a    *analysis
	read map[string]*Made // its members
}

// build is what an analysis notes for an Assembly.
type build struct {
	plan *Plan
	list []*Made
	at   map[spot][]*Made // by place, so that what runs twice is there once
}

// maxMade bounds what one value is said to be.
const maxMade = 400

// Assemble runs the modules of a program that use the libraries of a plan, and their functions
// that tell these something, and notes it. It is to be closed.
func Assemble(p *program.Program, k *Knowledge, plan *Plan) *Assembly {
	var modules []*program.Module
	var todo []telling
	tells, callers, calling := map[string]bool{}, map[string][]string{}, []telling{}
	eachUnit(p, func(m *program.Module, u *program.Unit) {
		if plan.Skip != nil && plan.Skip(m.Path) {
			return
		}
		uses := false
		for _, n := range u.Tree.Nodes()[1:] {
			switch n := n.(type) {
			case *ast.Import:
				for _, x := range n.Names {
					uses = uses || plan.Libraries[firstName(x.Name)]
				}
			case *ast.ImportFrom:
				uses = uses || n.Level == 0 && plan.Libraries[firstName(n.Module)]
			case *ast.Call:
				if !u.Live(n) {
					continue
				}
				names := u.Names(n.Func)
				if f, ok := n.Func.(*ast.Attribute); ok {
					names = append(names[:len(names):len(names)], "*."+f.Attr)
				}
				d := u.Function(n)
				if d == nil { // @bp.route, where bp comes from another module
					uses = uses || slices.ContainsFunc(names, func(name string) bool {
						name = k.rename(name)
						return plan.Libraries[firstName(name)] || plan.Tells(name)
					})
					continue
				}
				me := m.Name + "." + u.Symbol(d)
				if len(calling) == 0 || calling[len(calling)-1].name != me {
					calling = append(calling, telling{m, d.Span(), me})
				}
				for _, name := range names {
					if plan.Tells(k.rename(name)) && !tells[me] {
						tells[me] = true
						todo = append(todo, telling{m, d.Span(), me})
					}
					if u.Mine(name) {
						name = strings.ReplaceAll(name, "().", ".")
						callers[name] = append(callers[name], me)
					}
				}
			}
		}
		if uses {
			modules = append(modules, m)
		}
	})
	reach := map[string]bool{}
	var work []string
	for _, t := range todo {
		reach[t.name] = true
		work = append(work, t.name)
	}
	for len(work) > 0 {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		for _, c := range callers[n] {
			if !reach[c] {
				reach[c] = true
				work = append(work, c)
			}
		}
	}
	a := newAnalysis(p, k, &Links{sources: reach}, nil)
	a.build = &build{plan: plan, at: map[spot][]*Made{}}
	for _, m := range modules {
		a.attempt(func() { a.module(m) })
	}
	// What nobody calls runs first: it calls the others with what they are really given. It
	// need not tell anything itself: def load(app): serve(app, "/assets").
	for _, t := range calling {
		if reach[t.name] && !slices.ContainsFunc(callers[t.name], func(by string) bool { return by != t.name }) {
			a.attempt(func() { a.tell(t) })
		}
	}
	for _, t := range todo {
		a.attempt(func() { a.tell(t) })
	}
	return &Assembly{Made: a.build.list, a: a, open: true}
}

// telling is a function that tells a library something.
type telling struct {
	module *program.Module
	at     source.Span
	name   string
}

// attempt runs f, and counts it as cut off where it fails.
func (a *analysis) attempt(f func()) {
	if !calmly(f) {
		a.cut++
	}
}

// tell runs a function that nothing has run yet.
func (a *analysis) tell(t telling) {
	x := a.module(t.module)
	if x.unit == nil {
		return
	}
	for n := range x.unit.Tree.Of(ast.KindFunctionDef) {
		d := n.(*ast.FunctionDef)
		if d.Span() != t.at || a.ran[d] || x.unit.Function(d) != nil {
			continue
		}
		f := a.methodOf(x, d)
		if f == nil {
			continue
		}
		a.bounded(maxSteps, func() {
			cur := x.state.fork()
			fr := &frame{id: x.frame, mod: x, base: cur}
			a.toldOf(fr, cur, f)
			a.function(&callSite{fr: fr, st: cur}, f)
			for at := cur; at != nil && at != x.state; at = at.parent {
				for k, v := range at.vars.all() {
					if k.frame == x.frame {
						x.state.set(k, v) // app = create_app() of a global
					}
				}
			}
		})
	}
}

// toldOf makes the object that a method is called on, if nothing has made it yet: what its
// __init__ keeps is what the method tells something.
func (a *analysis) toldOf(fr *frame, st *state, f *function) {
	if f.class == nil || f.self == nil || f.def.Name == "__init__" {
		return
	}
	init, ok := a.member(fr, st, f.class, "__init__")
	if !ok || init == nil || !slices.ContainsFunc(init.fns, func(g *function) bool { return g.def != nil }) {
		return
	}
	a.invoke(fr, st, a.bind(fr, st, init, f.self, nil), nil, nil)
	st.dead = false
}

// Close gives back what the assembly holds.
func (s *Assembly) Close() {
	if s != nil && s.open {
		s.open = false
		s.a.close(&Result{})
	}
}

// Variable is what a variable of a module holds at its end; nil where there is none.
func (s *Assembly) Variable(module, name string) *Thing {
	m, rest := s.a.prog.Find(module, "")
	if m == nil || rest != "" {
		return nil
	}
	x := s.a.module(m)
	if x.state == nil || x.unit == nil {
		return nil
	}
	v, ok := x.state.get(slot{x.frame, name})
	if !ok {
		return nil
	}
	return &Thing{s.a, x.state, x, orNone(s.a.force(v))}
}

// built notes a call, if it is one of those that matter, and says what it gives.
func (a *analysis) built(c *callSite, callee *value) (*value, bool) {
	if callee != nil && (len(callee.fns) > 0 || len(callee.class) > 0) {
		for _, f := range callee.fns {
			if f.native == "__init__" && f.self != nil {
				// super().__init__(…): what the library is told is told here.
				for _, id := range f.self.objs {
					if o := c.st.object(id); o != nil && o.made != nil {
						o.made.args, o.made.st, o.made.in = c.args, c.st, c.fr.mod
					}
				}
			}
		}
		return nil, false
	}
	of := a.libraryOf(c.st, callee)
	var recv *value
	name := ""
	for _, n := range c.names {
		if a.build.plan.Libraries[firstName(n)] {
			name = n
			break
		}
	}
	if name == "" && c.node != nil {
		f, ok := c.node.Func.(*ast.Attribute)
		if ok && (len(c.recv.classes()) > 0 || len(c.recv.objects()) > 0 || len(c.names) == 0) {
			name = "*." + f.Attr
		}
	}
	if len(c.recv.classes()) > 0 || len(c.recv.objects()) > 0 { // Orders.as_view()
		recv = c.recv
	}
	if name == "" {
		// What is made of a handler or of something that matters: wrap(view).
		if len(c.names) == 0 || strings.HasPrefix(c.names[0], "builtins.") || !slices.ContainsFunc(c.args, func(x argument) bool {
			return x.v != nil && (len(x.v.fns) > 0 || len(x.v.class) > 0 || len(a.libraryOf(c.st, x.v)) > 0)
		}) {
			return nil, false
		}
		name = c.names[0]
	} else if strings.HasPrefix(name, "*.") && !a.build.plan.Tells(name) {
		return nil, false
	}
	m := a.noteMade(c.fr, c.st, c.node, name, of, c.args)
	if m == nil {
		return nil, false
	}
	m.recv = recv
	v := &value{made: []*Made{m}}
	for _, n := range c.names {
		v.names = append(v.names, strings.Clone(a.models.rename(n+"()")))
	}
	return v, true
}

// noteMade makes a Made, or finds the one that is there for this place.
func (a *analysis) noteMade(fr *frame, st *state, n ast.Node, name string, of []*Made, args []argument) *Made {
	if n == nil || fr.mod == nil || fr.mod.unit == nil || len(a.build.list) > 100_000 {
		return nil
	}
	if len(of) == 1 && of[0].Member && strings.HasPrefix(name, of[0].Name) {
		of = of[0].Of // the method itself
	}
	at := Spot{fr.mod.unit.File, n.Span()}
	m := &Made{Name: strings.Clone(name), Of: of, Spot: at, args: args, st: st, in: fr.mod, a: a}
	for _, x := range a.build.at[at.key()] {
		if x.Name == m.Name && slices.Equal(x.Of, m.Of) && slices.EqualFunc(x.args, m.args, func(p, q argument) bool {
			return p.name == q.name && p.star == q.star && same(p.v, q.v)
		}) {
			x.args, x.st = args, st
			return x
		}
	}
	a.build.at[at.key()] = append(a.build.at[at.key()], m)
	a.build.list = append(a.build.list, m)
	return m
}

// anyOf are the elements of a value that is one of several lists, each once: an assembly
// lists what may be there, so that each is looked at by itself.
func (a *analysis) anyOf(st *state, v *value, most int) []*value {
	if len(v.objs) < 2 || len(v.marks) > 0 {
		return nil
	}
	var out []*value
	for _, id := range v.objs {
		o := st.object(id)
		if o == nil || o.class != nil || o.open() || len(o.order) > 0 {
			return nil
		}
		for _, x := range o.list {
			if !slices.ContainsFunc(out, func(y *value) bool { return same(x, y) }) {
				out = append(out, x)
			}
		}
	}
	if len(out) > most {
		return nil
	}
	return out
}

// libraryOf is what of a library a value is.
func (a *analysis) libraryOf(st *state, v *value) []*Made {
	if v == nil {
		return nil
	}
	out := v.made
	for _, id := range v.objs {
		if o := st.object(id); o != nil && o.made != nil {
			out = union(out, []*Made{o.made}, maxMade)
		}
	}
	return out
}

// member is a member of what was made.
func (m *Made) member(name string) *Made {
	x := m.read[name]
	if x == nil {
		x = &Made{Name: m.Name, Of: []*Made{m}, Member: true, Spot: m.Spot, st: m.st, in: m.in, a: m.a}
		if !m.Member {
			x.Name += "()"
		}
		x.Name += "." + name
		if m.read == nil {
			m.read = map[string]*Made{}
		}
		m.read[name] = x
	}
	return x
}

// membersMade gives a member of what was made its origin.
func (a *analysis) membersMade(st *state, base, v *value, attr string) *value {
	if v == nil || len(v.fns) > 0 || len(v.objs) > 0 || len(v.class) > 0 {
		return v
	}
	made := a.libraryOf(st, base)
	if len(made) == 0 {
		return v
	}
	out := *v
	out.made = nil
	for _, m := range made {
		x := m.member(strings.Clone(attr))
		if len(v.names) > 0 {
			x.Name = strings.Clone(v.names[0])
		}
		out.made = append(out.made, x)
	}
	return &out
}

// decorated notes a decorator of a library on a function or class. It says whether it is one.
func (a *analysis) decorated(fr *frame, st *state, dec ast.Expr, v *value) bool {
	target := dec
	if c, ok := dec.(*ast.Call); ok {
		target = c.Func
	}
	dv := a.eval(fr, st, target)
	if dv != nil && (len(dv.fns) > 0 || len(dv.class) > 0) {
		return false
	}
	if dec != target {
		dv = a.eval(fr, st, dec)
	}
	names := fr.mod.unit.Names(dec)
	if dv != nil && len(dv.names) > 0 {
		names = dv.names
	}
	name := ""
	if len(names) > 0 {
		name = a.models.rename(names[0])
	}
	of := a.libraryOf(st, dv)
	if len(of) > 0 && !of[0].Member && name == "" {
		name = of[0].Name + "()"
	}
	if name == "" {
		f, ok := target.(*ast.Attribute)
		if !ok || !a.build.plan.Tells("*."+f.Attr) {
			return false
		}
		name = "*." + f.Attr
	}
	if strings.HasPrefix(name, "builtins.") {
		return false
	}
	a.noteMade(fr, st, dec, name, of, []argument{{v: v}})
	return true
}

// mostModule bounds a module's body. A list of addresses is worth the while.
func (a *analysis) mostModule() int {
	if a.build != nil {
		return 20 * maxModule
	}
	return maxModule
}

// Unit is the file of a module; nil where there is none.
func (s *Assembly) Unit(module string) *program.Unit {
	m, rest := s.a.prog.Find(module, "")
	if m == nil || rest != "" {
		return nil
	}
	return s.a.module(m).unit
}

// classes are the classes that a value can be.
func (v *value) classes() []*class {
	if v == nil {
		return nil
	}
	return v.class
}
