package taint

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// Facts are what a file says about where data enters, cheaply and without following data:
// which of its functions read a source or hold a handler, and whom they call. Reach turns
// the facts of all files into roots. On most code that leaves a few files in a hundred.
type Facts struct {
	module    *program.Module
	functions []deeds
	entered   bool                // there is a handler or a source from the network outside of functions
	script    bool                // there is a source outside of functions
	sinks     models.Kinds        // outside of functions
	fills     []fill              // what it puts into other modules when it is imported
	catches   []catcher           // the errors that it registers functions for
	views     []string            // the classes that it makes views of, with arguments
	held      []held              // what it puts on applications
	queued    []queued            // the tasks that it queues
	tables    map[string][]string // the columns of tables that it creates
	backs     map[string][]back   // the ways back to rows of its classes, by the attribute
	below     []string            // decorators of the program that its functions stand below
	caller    caller              // the class of who calls
	places    []harm
}

// A Place is a call in which data could do harm, as far as names tell: what it is called on
// need not be known.
type Place struct {
	Kinds    models.Kinds
	Constant bool // that with which harm could be done is constant
}

type harm struct {
	Place
	methods []sink // instead of kinds: it counts if the program uses one of their libraries
}

// Places are such calls of a file, after all files were looked at.
func (k *Knowledge) Places(f *Facts) (out []Place) {
	if f == nil {
		return nil
	}
	for _, p := range f.places {
		for _, s := range p.methods {
			if k.uses(s.of) {
				p.Kinds |= s.kinds
			}
		}
		if p.Kinds != 0 {
			out = append(out, p.Place)
		}
	}
	return out
}

// methodPlace is a call by the name of its method, of which nothing more is known.
func (k *Knowledge) methodPlace(u *program.Unit, c *ast.Call) (p harm, ok bool) {
	f, is := c.Func.(*ast.Attribute)
	if !is || k.methods[f.Attr] == nil || k.speaksOf(u.Names(c.Func)) {
		return p, false
	}
	p.Constant = true
	for _, s := range k.methods[f.Attr] {
		if !strings.Contains(s.Method, ".") {
			p.methods = append(p.methods, s)
			p.Constant = p.Constant && given(u, c, s.arg)
		}
	}
	return p, p.methods != nil
}

type deeds struct {
	symbol string
	remote bool         // it reads data from the network, or is a handler
	tells  bool         // it tells a framework of a handler
	local  bool         // it reads the command line, the environment, a file
	sinks  models.Kinds // of what it calls itself
	calls  []string     // qualified names in the program
}

// Look collects the facts of a file. It is nil where there are none.
func (k *Knowledge) Look(u *program.Unit) *Facts {
	f := &Facts{module: u.Module}
	at := map[*ast.FunctionDef]int{}
	in := func(n ast.Node) *deeds {
		d, ok := n.(*ast.FunctionDef)
		if !ok || u.Function(n) != nil {
			d = u.Function(n)
			for d != nil {
				up := u.Function(d)
				if up == nil {
					break
				}
				d = up
			}
		}
		if d == nil {
			return nil
		}
		i, ok := at[d]
		if !ok {
			i = len(f.functions)
			at[d] = i
			f.functions = append(f.functions, deeds{symbol: strings.Clone(u.Symbol(d))})
		}
		return &f.functions[i]
	}
	found := func(n ast.Node, local bool) {
		switch x := in(n); {
		case x == nil:
			f.entered = f.entered || !local
			f.script = true
		case local:
			x.local = true
		default:
			x.remote = true
		}
	}
	sinks := func(n ast.Node, kinds models.Kinds) {
		if x := in(n); x != nil {
			x.sinks |= kinds
		} else {
			f.sinks |= kinds
		}
	}
	renamed := map[string]bool{}
	for _, n := range u.Tree.Nodes()[1:] {
		switch n := n.(type) {
		case *ast.ExprStmt, *ast.Assign:
			k.onImport(u, f, n)
			if as, ok := n.(*ast.Assign); ok && len(as.Targets) == 1 {
				k.wordIn(u, as.Targets[0], as.Value)
				k.gives(u, as.Targets[0], as.Value)
				k.puts(u, f, as)
			}
		case *ast.ImportFrom:
			k.importing(n.Module)
		case *ast.Alias:
			if _, ok := u.Parent(n).(*ast.Import); ok {
				k.importing(n.Name)
			}
			if n.Asname != "" && k.members[lastName(n.Name)] {
				renamed[n.Asname] = true
			}
		case *ast.Call:
			if !u.Live(n) {
				continue
			}
			f.shows(u, n)
			if at, ok := n.Func.(*ast.Attribute); ok && k.tellers[at.Attr] != nil && k.told(u, n, at) {
				found(n, false)
				if x := in(n); x != nil {
					x.tells = true
				}
			}
			if at, ok := n.Func.(*ast.Attribute); ok {
				for _, s := range k.methodSrc[at.Attr] {
					if endsIn(n.Func, s.Method) {
						found(n, s.Kind == "local")
					}
				}
			}
			if puts(n) {
				if x := in(n); x != nil {
					x.remote, x.tells = true, true
				}
			}
			if at, ok := n.Func.(*ast.Attribute); ok && k.askers[at.Attr] != nil && len(u.Names(n.Func)) == 0 && u.Imports(k.askers[at.Attr]...) {
				found(n, false) // of an object that was handed over
			}
			if at, ok := n.Func.(*ast.Attribute); ok && (at.Attr == "get" || at.Attr == "get_nowait") && len(n.Args)+len(n.Keywords) == 0 && u.Parent(n).Kind() == ast.KindAwait {
				found(n, false) // what somebody has put into a queue
			}
			k.putsByName(u, f, n)
			if at, ok := n.Func.(*ast.Attribute); ok && k.runs[at.Attr] && len(n.Args)+len(n.Keywords) > 0 && len(f.queued) < 200 {
				for _, name := range u.Names(at.Value) {
					if m, rest := u.Home(name); m != nil && rest != "" {
						f.queued = append(f.queued, queuedBy(n, m.Name+"."+strings.Clone(rest), at.Attr))
					}
				}
			}
			place := harm{Place: Place{Constant: true}}
			for _, name := range u.Names(n.Func) {
				if u.Mine(name) {
					if x := in(n); x != nil && len(x.calls) < 200 && !slices.Contains(x.calls, name) {
						x.calls = append(x.calls, strings.Clone(name))
					}
				}
				if !k.first[firstName(name)] {
					continue
				}
				if s := k.call[name]; s != nil {
					found(n, s.Kind == "local")
				}
				if s := k.value[name]; s != nil {
					found(n, s.Kind == "local")
				}
				typed := k.rename(name)
				if (k.givers[typed] || k.givers[strings.TrimSuffix(k.rename(name+"()"), "()")]) && !kept(u, n) {
					// Worth a look only before something that does harm: to run all who open an
					// archive took 2.35 s of processors on CPython's library instead of 1.85.
					found(n, true)
				}
				if first := firstName(typed); k.holders[first] || k.typed[firstName(name)] {
					if s := k.call[typed]; s != nil && typed != name && !kept(u, n) {
						found(n, s.Kind == "local")
					}
					if s := k.value[k.rename(name+"()")]; s != nil {
						found(n, s.Kind == "local")
					}
					if s := k.holder(typed); s != nil {
						found(n, s.Kind == "local")
					}
				}
				if x := k.convert[name]; x != nil {
					if word, ok := u.Str(argumentOf(n, x.Name)); ok {
						k.word(u, word, argumentOf(n, x.Class), x)
					}
				}
				if r := k.registers[name]; r != nil {
					k.viewRoute(u, n, r)
					if r.Raised != "" {
						f.catchesIn(u, argumentOf(n, cmp.Or(r.Catches, "0")))
					}
					found(n, false)
					if x := in(n); x != nil {
						x.tells = true
					}
				}
				if list := k.shelves[typed]; len(list) > 0 && list[0].gives {
					found(n, true) // worth a look only before something that does harm
				}
				for _, s := range k.sinks[typed] {
					sinks(n, s.kinds)
					place.Kinds |= s.kinds
					place.Constant = place.Constant && given(u, n, s.arg)
				}
			}
			if place.Kinds != 0 {
				f.places = append(f.places, place)
			} else if p, ok := k.methodPlace(u, n); ok {
				f.places = append(f.places, p)
			}
		case *ast.Constant:
			if n.ConstKind() == ast.Str && len(n.Raw) > 24 && (strings.Contains(n.Raw, "CREATE TABLE") || strings.Contains(n.Raw, "create table")) {
				f.creates(n.Str())
			}
		case *ast.Tuple:
			k.table(u, n.Elts)
		case *ast.List:
			k.table(u, n.Elts)
		case *ast.Attribute:
			if b, ok := n.Value.(*ast.Name); ok && (k.parameters[b.Ident] != nil || k.unbound[b.Ident] != nil) && u.Live(n) {
				if src := k.parameter(u, b.Ident); src != nil && slices.Contains(src.src.Only, n.Attr) && u.IsParameter(b) {
					found(n, src.src.Kind == "local")
				}
				if k.unbound[b.Ident] != nil && u.Unbound(b) {
					found(n, false)
				}
			}
			if k.members[n.Attr] && u.Live(n) {
				for _, name := range u.Names(n) {
					if s := k.value[name]; s != nil {
						found(n, s.Kind == "local")
					}
				}
			}
		case *ast.Name:
			if n.Ctx() == ast.Load && (k.members[n.Ident] || renamed[n.Ident]) && u.Live(n) {
				for _, name := range u.Names(n) {
					if s := k.value[name]; s != nil {
						found(n, s.Kind == "local")
					}
				}
			}
		case *ast.Arg:
			if !u.Live(n) {
				continue
			}
			if k.parameters[n.Arg] != nil {
				if src := k.parameter(u, n.Arg); src != nil && len(src.src.Only) == 0 {
					if args := u.Parent(n); args != nil {
						if d, ok := u.Parent(args).(*ast.FunctionDef); ok {
							found(d, src.src.Kind == "local")
						}
					}
				}
			}
			if n.Annotation != nil {
				for _, name := range u.Instance(n.Annotation) {
					if k.value[k.rename(name)] != nil {
						if args := u.Parent(n); args != nil {
							if d, ok := u.Parent(args).(*ast.FunctionDef); ok {
								found(d, false)
							}
						}
					}
				}
			}
		case *ast.FunctionDef:
			if !u.Live(n) {
				continue
			}
			k.onImport(u, f, n)
			if k.entry(u, n) != nil || k.wrapper(u, n) != nil {
				found(n, false)
			}
			for _, dec := range n.DecoratorList {
				target := dec
				if c, ok := dec.(*ast.Call); ok {
					target = c.Func
				}
				k.loads(u, f, n, target)
				if u.Function(n) == nil && u.Class(n) == nil && len(f.below) < 200 {
					for _, name := range u.Names(target) {
						if u.Mine(name) && !slices.Contains(f.below, name) {
							f.below = append(f.below, strings.Clone(name))
						}
					}
				}
				if r := k.route(u.Names(target), target, dec); r != nil {
					if c, ok := dec.(*ast.Call); ok && r.Raised != "" {
						f.catchesIn(u, argumentOf(c, cmp.Or(r.Catches, "0")))
					}
					found(n, false)
				}
			}
		case *ast.ClassDef:
			if !u.Live(n) {
				continue
			}
			k.onImport(u, f, n)
			k.aboveClass(u, n)
			k.leadsBack(u, f, n)
			for _, b := range n.Bases {
				for _, name := range u.Names(b) {
					if k.bases[name] != nil {
						f.entered = true
					}
					if !f.entered && u.Mine(name) { // it may derive from a handler's class
						f.entered = len(k.bases) > 0 && strings.HasSuffix(name, "View") || slices.ContainsFunc(u.Ancestors(name), func(n string) bool { return k.bases[n] != nil })
					}
				}
			}
		}
	}
	if !f.entered && !f.script && len(f.functions) == 0 && len(f.fills)+len(f.views)+len(f.places)+len(f.held)+len(f.queued)+len(f.backs)+len(f.tables)+len(f.below) == 0 && f.caller.class == "" {
		return nil
	}
	return f
}

// mounting are methods that put a part of an application onto it.
var mounting = map[string]bool{"register_blueprint": true, "include_router": true, "mount": true, "add_routes": true, "register_api": true, "add_subapp": true}

// puts says whether a call puts a part onto an application that a function makes on the spot, of what
// it is given: app.register_blueprint(orders.build(container)).
func puts(c *ast.Call) bool {
	at, ok := c.Func.(*ast.Attribute)
	if !ok || !mounting[at.Attr] {
		return false
	}
	return slices.ContainsFunc(c.Args, func(e ast.Expr) bool {
		made, ok := e.(*ast.Call)
		return ok && len(made.Args)+len(made.Keywords) > 0
	})
}

// given says whether what a sink takes of a call is known to be constant, or is not given.
func given(u *program.Unit, c *ast.Call, arg models.Argument) bool {
	for _, a := range c.Args {
		if a.Kind() == ast.KindStarred {
			return false
		}
	}
	for _, k := range c.Keywords {
		if k.Arg == "" {
			return false
		}
	}
	switch arg.Role {
	case models.Given:
		a := program.Arg(c, arg.Position, arg.Name)
		return a == nil || u.IsConst(a)
	case models.Every:
		for _, a := range c.Args {
			if !u.IsConst(a) {
				return false
			}
		}
		for _, k := range c.Keywords {
			if !u.IsConst(k.Value) {
				return false
			}
		}
		return true
	}
	return false
}

// kept says whether a call's result is put into an attribute, and so read elsewhere.
func kept(u *program.Unit, c *ast.Call) bool {
	as, ok := u.Parent(c).(*ast.Assign)
	return ok && as.Targets[0].Kind() == ast.KindAttribute
}

// holder is the source that a method's object is, or nil: a consumer, of a queue, that is asked for
// messages.
func (k *Knowledge) holder(name string) *models.Source {
	for i := 0; ; {
		j := strings.Index(name[i:], "().")
		if j < 0 {
			return nil
		}
		i += j + 2
		if s := k.value[name[:i]]; s != nil {
			return s
		}
	}
}

// localHops is how many calls may lie between where data of the machine itself come in and
// the function that both their source and their sink are reached from.
const localHops = 1

// reached is what a function reaches.
type reached struct {
	remote, local bool
	sinks         models.Kinds
}

// A Root is a module with something that can be entered.
type Root struct {
	Module *program.Module
	// Functions are those that reach a source; Called are those of them that others call.
	Functions []string
	Called    map[string]bool
	Registers map[string]bool // those that tell a framework of handlers
	Remote    map[string]bool // those that data from the network come to
}

// A node is a function of a file, by their places in the facts.
type node struct{ file, fn int }

// callersIn finds who calls what.
func callersIn(list []*Facts) map[node][]node {
	byName, callers := map[string]node{}, map[node][]node{}
	for i, f := range list {
		if f == nil {
			continue
		}
		for j := range f.functions {
			byName[f.module.Name+"."+f.functions[j].symbol] = node{i, j}
		}
	}
	for i, f := range list {
		if f == nil {
			continue
		}
		for j := range f.functions {
			for _, c := range f.functions[j].calls {
				if to, ok := defined(byName, c); ok {
					callers[to] = append(callers[to], node{i, j})
				}
			}
		}
	}
	return callers
}

// Entrances answers where the network gets at a function, which is named by its file and the
// name of the outermost function around it: the nearest function that calls it, directly or
// through others, and is a handler or reads data from the network. It is "" if there is none.
func Entrances(list []*Facts) func(path, symbol string) string {
	callers := callersIn(list)
	return func(path, symbol string) string {
		var at []node
		for i, f := range list {
			if f == nil || f.module.Path != path {
				continue
			}
			for j := range f.functions {
				if s := f.functions[j].symbol; s == symbol || strings.HasPrefix(symbol, s+".") {
					at = append(at, node{i, j})
				}
			}
		}
		seen := map[node]bool{}
		for len(at) > 0 {
			var next []node
			for _, n := range at {
				if seen[n] {
					continue
				}
				seen[n] = true
				if f := list[n.file]; f.functions[n.fn].remote {
					return f.module.Name + "." + f.functions[n.fn].symbol
				}
				next = append(next, callers[n]...)
			}
			at = next
		}
		return ""
	}
}

// Reach finds the roots, in the order of the facts, and what else all files say of one another. Where data come only from the machine itself, a function is a root
// only if it reaches a sink of a kind that is not ignored.
func Reach(list []*Facts, ignore models.Kinds) (roots []Root, links *Links) {
	callers := callersIn(list)
	at := func(n node) *deeds { return &list[n.file].functions[n.fn] }
	// What data from the network reach, callers reach, however far. Data from the machine
	// itself are followed only near the places where they may do harm.
	states := map[node]reached{}
	called := map[node]bool{}
	var work []node
	for i, f := range list {
		if f == nil {
			continue
		}
		for j := range f.functions {
			n := node{i, j}
			x := at(n)
			if x.remote || x.local || x.sinks != 0 {
				states[n] = reached{x.remote, x.local, x.sinks}
				if x.remote {
					work = append(work, n)
				}
			}
		}
	}
	for len(work) > 0 {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		for _, c := range callers[n] {
			called[n] = true
			if s := states[c]; !s.remote {
				s.remote = true
				states[c] = s
				work = append(work, c)
			}
		}
	}
	for range localHops {
		next := maps.Clone(states)
		for n, s := range states {
			if !s.local && s.sinks&^ignore == 0 {
				continue
			}
			for _, c := range callers[n] {
				called[n] = called[n] || s.local
				x := next[c]
				x.local, x.sinks = x.local || s.local, x.sinks|s.sinks
				next[c] = x
			}
		}
		states = next
	}
	reach := map[string]bool{}
	wanted := func(s reached) bool { return s.remote || s.local && s.sinks&^ignore != 0 }
	for n, s := range states {
		if wanted(s) {
			reach[list[n.file].module.Name+"."+at(n).symbol] = true
		}
	}
	remote := map[string]bool{}
	for n, s := range states {
		if s.remote {
			remote[list[n.file].module.Name+"."+at(n).symbol] = true
		}
	}
	for i, f := range list {
		if f == nil {
			continue
		}
		// What a decorator of the program makes of a function may be what is entered.
		f.entered = f.entered || slices.ContainsFunc(f.below, func(name string) bool { return remote[name] })
		r := Root{Module: f.module, Called: map[string]bool{}, Registers: map[string]bool{}, Remote: map[string]bool{}}
		for j := range f.functions {
			if n := (node{i, j}); wanted(states[n]) {
				r.Functions = append(r.Functions, f.functions[j].symbol)
				if states[n].remote {
					r.Remote[f.functions[j].symbol] = true
				}
				if f.functions[j].tells {
					r.Registers[f.functions[j].symbol] = true
				}
				if called[n] {
					r.Called[f.functions[j].symbol] = true
				}
			}
		}
		if f.entered || f.script && f.sinks&^ignore != 0 || len(r.Functions) > 0 {
			roots = append(roots, r)
		}
	}
	return roots, &Links{sources: reach, fills: link(list), catches: catchers(list), views: viewsOf(list), held: holdings(list), queued: queuedIn(list), backs: backsIn(list), tables: tablesIn(list), caller: callerOf(list)}
}

// A queued is a call that queues a task of the program, with some of its parameters.
type queued struct {
	task     string
	places   int // of those that are given by their places
	names    []string
	whatever bool
}

func queuedBy(c *ast.Call, task, method string) queued {
	q := queued{task: task, places: len(c.Args), whatever: program.HasStar(c)}
	if !strings.HasPrefix(method, "apply") {
		for _, k := range c.Keywords {
			q.names = append(q.names, strings.Clone(k.Arg))
		}
		return q
	}
	q.places = 0 // a list and a dictionary
	if e := program.Arg(c, 0, "args"); e != nil {
		list, ok := ast.Elements(e)
		q.places, q.whatever = len(list), q.whatever || !ok
	}
	if e := program.Arg(c, 1, "kwargs"); e != nil {
		d, ok := e.(*ast.Dict)
		if q.whatever = q.whatever || !ok; ok {
			for _, key := range d.Keys {
				if s, ok := ast.IsStr(key); ok {
					q.names = append(q.names, strings.Clone(s.Str()))
				} else {
					q.whatever = true
				}
			}
		}
	}
	return q
}

// given says whether the call gives a parameter, by its name or its place.
func (q queued) given(name string, place int) bool {
	return q.whatever || place < q.places || slices.Contains(q.names, name)
}

// queuedIn are the calls that queue tasks, by the task.
func queuedIn(list []*Facts) map[string][]queued {
	out := map[string][]queued{}
	for _, f := range list {
		if f != nil {
			for _, q := range f.queued {
				out[q.task] = append(out[q.task], q)
			}
		}
	}
	return out
}

// defined finds what a qualified name calls among the functions of a program. A method is
// named through an instance: shop.cart.Cart().add.
func defined[T any](byName map[string]T, name string) (T, bool) {
	name = strings.ReplaceAll(name, "()", "")
	if x, ok := byName[name]; ok {
		return x, true
	}
	x, ok := byName[name+".__init__"]
	return x, ok
}

// route finds the route that a decorator makes.
func (k *Knowledge) route(names []string, target, dec ast.Expr) *models.Route {
	for _, n := range names {
		if r := k.routes[n]; r != nil {
			return r
		}
	}
	if f, ok := target.(*ast.Attribute); ok {
		if r := k.loose[f.Attr]; r != nil {
			if c, ok := dec.(*ast.Call); ok && len(c.Args) > 0 {
				if s, ok := ast.IsStr(c.Args[0]); ok && strings.HasPrefix(s.Str(), "/") {
					return r
				}
			}
		}
	}
	return nil
}

// told says whether a call gives a handler to a library's object that comes from elsewhere: what
// it is, is known only when the program is run.
func (k *Knowledge) told(u *program.Unit, n *ast.Call, at *ast.Attribute) bool {
	if slices.ContainsFunc(u.Names(n.Func), func(name string) bool { return k.registers[name] != nil }) {
		return false
	}
	for _, r := range k.tellers[at.Attr] {
		if strings.HasPrefix(r.route.Register, "*.") { // def includeme(config): the file need not import anything
			k.viewRoute(u, n, r.route)
			continue
		}
		if !u.Imports(r.imports...) {
			continue
		}
		e := argumentOf(n, r.route.Handler)
		if c, ok := e.(*ast.Call); ok {
			e = c.Func
		}
		if e != nil && slices.ContainsFunc(u.Names(e), u.Mine) {
			k.viewRoute(u, n, r.route)
			return true
		}
	}
	return false
}

// Harms answers which kinds of places that may do harm a function reaches, itself and through
// what it calls in the program. It is named as module.symbol; a class stands for its methods.
func Harms(list []*Facts) func(name string) models.Kinds {
	type named struct {
		*deeds
		name string
	}
	byName := map[string]*deeds{}
	var all []named
	for _, f := range list {
		if f == nil {
			continue
		}
		for j := range f.functions {
			d := &f.functions[j]
			name := f.module.Name + "." + d.symbol
			byName[name] = d
			all = append(all, named{d, name})
		}
	}
	return func(name string) models.Kinds {
		var out models.Kinds
		seen := map[*deeds]bool{}
		var work []*deeds
		for _, d := range all {
			if d.name == name || strings.HasPrefix(d.name, name+".") {
				work = append(work, d.deeds)
			}
		}
		for len(work) > 0 {
			d := work[len(work)-1]
			work = work[:len(work)-1]
			if seen[d] {
				continue
			}
			seen[d] = true
			out |= d.sinks
			for _, c := range d.calls {
				if x, ok := defined(byName, c); ok {
					work = append(work, x)
				}
			}
		}
		return out
	}
}
