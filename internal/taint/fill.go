package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// What modules do to one another when they are imported: a handler is put into a table of
// another module by a decorator, by a call, or because its class derives from one that keeps a
// list. Who looks into the table finds what all of them have put there, whether or not the file
// that asks imports them itself: somebody does, before the first request comes.
//
// Facts tell which modules put something into which. They are run when a variable is asked for
// that may hold such a table, and not before: most of a program never asks.

// A fill is what one module may put into another.
type fill struct {
	into *program.Module
	by   string // what is called or derived from there, or the variable that is changed: "Registry().add"
	from *program.Module
}

// Links is what the facts of all files say of one another.
type Links struct {
	sources map[string]bool // qualified names of functions that reach a source
	fills   map[*program.Module][]fill
	catches map[string][]catcher         // by what they catch
	views   map[string][]*program.Module // which make views of a class, with arguments
	held    map[string][]held            // what is put on applications, by the member
	tables  map[string][]string          // the columns of tables
	backs   map[string][]back            // ways back to rows, by the attribute
	queued  map[string][]queued          // tasks that the program itself queues
	caller  caller                       // the class of who calls
}

// catchers collects which modules register functions for errors.
func catchers(list []*Facts) map[string][]catcher {
	out := map[string][]catcher{}
	for _, f := range list {
		if f == nil {
			continue
		}
		for _, c := range f.catches {
			out[c.by] = append(out[c.by], c)
		}
	}
	return out
}

// maxFills is how many modules are asked what they put into one. Query runners, checkers and
// commands of the largest programs are some 60.
const maxFills = 80

// link collects what all files put into one another.
func link(list []*Facts) map[*program.Module][]fill {
	out := map[*program.Module][]fill{}
	for _, f := range list {
		if f == nil {
			continue
		}
		for _, x := range f.fills {
			out[x.into] = append(out[x.into], x)
		}
	}
	return out
}

// fills notes that a file puts something into another module, if that is one of the program.
func (f *Facts) fillsIn(u *program.Unit, name string) {
	if len(f.fills) >= 200 || name == "" || !u.Mine(name) {
		return
	}
	m, rest := u.Home(name)
	if m == nil || m == f.module || rest == "" || slices.ContainsFunc(f.fills, func(x fill) bool { return x.into == m && x.by == rest }) {
		return
	}
	f.fills = append(f.fills, fill{m, strings.Clone(rest), f.module})
}

// hands notes what a call that is made on import may put into another module: something of
// this file that is called back, or that is kept by what is called.
func (k *Knowledge) hands(u *program.Unit, f *Facts, target ast.Expr, args []ast.Expr) {
	names := u.Names(target)
	for _, name := range names {
		f.fillsIn(u, name)
		if k.typed[firstName(name)] && k.rename(name+"()") == receiverType {
			for _, x := range args { // @receiver(signal), @receiver([a, b])
				list := []ast.Expr{x}
				if l, ok := x.(*ast.List); ok {
					list = l.Elts
				}
				for _, x := range list {
					f.fillsIn(u, u.Origin(x))
				}
			}
		}
	}
	at, ok := target.(*ast.Attribute)
	if !ok {
		return
	}
	// A method of what another module has made: a registry, a list, a signal.
	if len(names) == 0 || u.Mine(names[0]) || changes[at.Attr] || connecting[at.Attr] && strings.HasPrefix(k.rename(names[0]), "gambeson.") {
		f.fillsIn(u, u.Origin(at.Value))
	}
}

// onImport notes what a statement puts into other modules when the file is imported.
func (k *Knowledge) onImport(u *program.Unit, f *Facts, n ast.Node) {
	here := func() bool { return u.Live(n) && u.Function(n) == nil }
	switch n := n.(type) {
	case *ast.ExprStmt:
		c, ok := n.Value.(*ast.Call)
		if !ok || len(c.Args)+len(c.Keywords) == 0 || !here() {
			return
		}
		if slices.ContainsFunc(c.Args, func(e ast.Expr) bool { return handed(u, e) }) || slices.ContainsFunc(c.Keywords, func(k *ast.Keyword) bool { return handed(u, k.Value) }) {
			k.hands(u, f, c.Func, c.Args)
		}
	case *ast.Assign:
		for _, t := range n.Targets {
			if s, ok := t.(*ast.Subscript); ok && here() && handed(u, n.Value) {
				f.fillsIn(u, u.Origin(s.Value))
			}
		}
	case *ast.FunctionDef:
		if len(n.DecoratorList) > 0 && here() {
			k.decorates(u, f, n.DecoratorList)
		}
	case *ast.ClassDef:
		if !here() {
			return
		}
		k.decorates(u, f, n.DecoratorList)
		for _, b := range n.Bases {
			for _, name := range u.Names(b) {
				f.fillsIn(u, name)
			}
		}
	}
}

func (k *Knowledge) decorates(u *program.Unit, f *Facts, list []ast.Expr) {
	for _, dec := range list {
		var args []ast.Expr
		if c, ok := dec.(*ast.Call); ok {
			dec, args = c.Func, c.Args
		}
		k.hands(u, f, dec, args)
	}
}

// handed says whether an argument is a function, a class or an object that somebody may call
// back later.
func handed(u *program.Unit, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Lambda:
		return true
	case *ast.Name, *ast.Attribute:
		return slices.ContainsFunc(u.Names(e), u.Mine)
	case *ast.Call:
		return slices.ContainsFunc(u.Names(e.Func), u.Mine)
	case *ast.Dict:
		return slices.ContainsFunc(e.Values, func(v ast.Expr) bool { return v != nil && handed(u, v) })
	case *ast.List:
		return slices.ContainsFunc(e.Elts, func(v ast.Expr) bool { return handed(u, v) })
	}
	return false
}

// A table is where a module keeps what others put into it: variables of the module, and
// attributes of classes.
type table struct {
	variables map[string]bool
	classes   []*class
}

// await attaches to what holds such a table of a module that others have to be run before
// anybody looks.
func (a *analysis) await(x *module) {
	if a.links == nil {
		return
	}
	fills := a.links.fills[x.of]
	if len(fills) == 0 {
		return
	}
	t := table{variables: map[string]bool{}}
	takes := map[string]bool{}
	for _, f := range fills {
		yes, known := takes[f.by]
		if !known {
			yes = a.takes(x, f.by, &t)
			takes[f.by] = yes
		}
		if yes && len(x.fillers) < maxFills && !slices.Contains(x.fillers, f.from) {
			x.fillers = append(x.fillers, f.from)
		}
	}
	if len(x.fillers) == 0 {
		return
	}
	x.waits = true
	x.table = t
	wait := lazy{wait: x}
	a.tables(x, func(v *value) *value {
		if v == nil || len(v.lazy) == 0 && !slices.ContainsFunc(v.objs, func(id objectID) bool {
			o := x.state.object(id)
			return o != nil && o.name != "builtins.tuple()"
		}) {
			return v
		}
		w := *v
		w.lazy = union(v.lazy, []lazy{wait}, maxObjs)
		return &w
	})
}

// tables changes the values of all that hold a module's tables.
func (a *analysis) tables(x *module, change func(*value) *value) {
	for name := range x.table.variables {
		k := slot{x.frame, name}
		if v, ok := x.state.own(k); ok {
			x.state.set(k, change(v))
		}
	}
	for _, c := range x.table.classes {
		for name, v := range c.attrs {
			c.attrs[name] = change(v)
			k := slot{c.frame, name}
			if v, ok := x.state.own(k); ok {
				x.state.set(k, change(v))
			}
		}
	}
}

// takes says whether what is called on import, or derived from, keeps something, and adds
// where.
func (a *analysis) takes(x *module, by string, t *table) bool {
	path := strings.ReplaceAll(by, "()", "")
	name, rest, _ := strings.Cut(path, ".")
	v, ok := x.state.own(slot{x.frame, name})
	if !ok || v == nil {
		return false
	}
	found := false
	if len(v.fns)+len(v.class) == 0 { // a variable: what is done with it decides
		method, _, _ := strings.Cut(rest, ".")
		found = len(v.lazy) > 0 || method == "" || changes[method]
		for _, id := range v.objs {
			if o := x.state.object(id); o != nil && o.class != nil {
				found = found || a.keepsIn(o.class, method, t, 0)
			} else {
				found = true
			}
		}
		if found {
			t.variables[name] = true
		}
		return found
	}
	for _, f := range v.fns {
		found = a.keepsBy(f, t) || found
	}
	for _, k := range v.class {
		if rest != "" {
			if a.keepsIn(k, rest, t, 0) {
				found = true
				t.instances(x, k)
			}
			continue
		}
		found = a.keepsIn(k, "__init_subclass__", t, 0) || found
		if m := a.meta(k); m != nil {
			for _, hook := range []string{"__new__", "__init__"} {
				found = a.keepsIn(m, hook, t, 0) || found
			}
		}
		if found {
			t.classes = append(t.classes, a.lineage(k)...)
		}
	}
	return found
}

// instances adds the variables of a module that hold an instance of a class.
func (t *table) instances(x *module, k *class) {
	for at := x.state; at != nil; at = at.parent {
		for s, v := range at.vars.all() {
			if s.frame == x.frame && v != nil && slices.ContainsFunc(v.objs, func(id objectID) bool { o := x.state.object(id); return o != nil && o.class == k }) {
				t.variables[s.name] = true
			}
		}
	}
}

// keepsIn says whether a method of a class keeps something.
func (a *analysis) keepsIn(k *class, method string, t *table, depth int) bool {
	method, _, _ = strings.Cut(method, ".")
	v, ok := a.member(nil, nil, k, method)
	if !ok || v == nil || depth > 2 {
		return false
	}
	found := false
	for _, f := range v.fns {
		if f.def == nil {
			continue
		}
		found = a.keepsBy(f, t) || found
		for _, next := range asksItself(f.def) {
			found = a.keepsIn(k, next, t, depth+1) || found
		}
	}
	if found {
		t.classes = append(t.classes, a.lineage(k)...)
		if m := a.meta(k); m != nil {
			t.classes = append(t.classes, a.lineage(m)...)
		}
	}
	return found
}

// keepsBy says whether a function, or one within it, puts something where it stays, and adds
// the variables that it speaks of.
func (a *analysis) keepsBy(f *function, t *table) bool {
	if f.def == nil {
		return false
	}
	found := false
	var names []string
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Global, *ast.Nonlocal:
			found = true
		case *ast.Name:
			names = append(names, n.Ident)
		case *ast.Subscript:
			found = found || n.Ctx() == ast.Store
		case *ast.Attribute:
			found = found || n.Ctx() == ast.Store
		case *ast.Call:
			if f, ok := n.Func.(*ast.Attribute); ok {
				found = found || changes[f.Attr] || keepers[f.Attr]
			}
		}
		ast.Children(n, visit)
	}
	for _, s := range f.def.Body {
		visit(s)
	}
	if found {
		for _, n := range names {
			if v, ok := f.mod.state.own(slot{f.mod.frame, n}); ok && v != nil && len(v.fns)+len(v.class)+len(v.mods) == 0 {
				t.variables[strings.Clone(n)] = true
			}
		}
	}
	return found
}

// keepers are what methods are called that keep a function.
var keepers = map[string]bool{"connect": true, "register": true, "subscribe": true, "on": true, "add_listener": true, "attach": true}

// asksItself are the methods that one calls of its own object.
func asksItself(d *ast.FunctionDef) []string {
	var out []string
	self := ""
	if list := append(slices.Clone(d.Args.Posonlyargs), d.Args.Args...); len(list) > 0 {
		self = list[0].Arg
	}
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if c, ok := n.(*ast.Call); ok {
			if f, ok := c.Func.(*ast.Attribute); ok {
				if b, ok := f.Value.(*ast.Name); ok && b.Ident == self && len(out) < 10 {
					out = append(out, f.Attr)
				}
			}
		}
		ast.Children(n, visit)
	}
	for _, s := range d.Body {
		visit(s)
	}
	return out
}

// fill runs what other modules put into one, once.
func (a *analysis) fill(x *module) {
	if !x.waits || x.running {
		return
	}
	x.waits = false
	// Who asks first does not pay for it.
	steps, limit := a.steps, a.limit
	a.limit = 1 << 40
	for _, m := range x.fillers {
		a.module(m)
	}
	a.filling += a.steps - steps
	a.steps, a.limit = steps, limit
	// Nobody has to wait any more.
	wait := lazy{wait: x}
	a.tables(x, func(v *value) *value {
		if v == nil || v == bottom || !slices.Contains(v.lazy, wait) {
			return v
		}
		w := *v
		w.lazy = slices.DeleteFunc(slices.Clone(v.lazy), func(l lazy) bool { return l == wait })
		return &w
	})
}

// publish gives everybody what a module has made, and what it has changed of others.
func (a *analysis) publish(x *module) {
	for at := x.state; at != nil; at = at.parent {
		for id, o := range at.heap.all() {
			if was, ok := a.shared[id]; ok && o != nil {
				o = filledIn(was, o)
			}
			a.shared[id] = o
		}
		at.heap = layer[objectID, *object]{}
		var gone []slot
		for k, v := range at.vars.all() {
			owner := a.frames[k.frame]
			if owner == nil || owner == x || owner.state == nil || k.frame == 0 {
				continue
			}
			base := owner.state
			for base.parent != nil {
				base = base.parent
			}
			if old, ok := base.vars.get(k); !ok || !same(old, v) {
				base.set(k, join(orBottom(old), v))
			}
			gone = append(gone, k)
		}
		for _, k := range gone {
			at.vars.remove(k)
		}
	}
}

// filledIn is an object as two modules have left it that were run one after the other, or one
// within the other.
func filledIn(was, now *object) *object {
	if was == nil || was == now {
		return now
	}
	if was.loose == now.loose && len(was.list) <= len(now.list) && !slices.ContainsFunc(was.order, func(c constant) bool { _, ok := now.keys[c]; return !ok }) && len(was.fields) <= len(now.fields) {
		begins := true
		for i, v := range was.list {
			begins = begins && v == now.list[i]
		}
		if begins && (!was.more || now.more) {
			return now
		}
	}
	out := joinObjects(was, now)
	if out == now {
		return now
	}
	out = out.clone()
	out.part = was.part || now.part
	return out
}
