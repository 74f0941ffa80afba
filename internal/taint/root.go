package taint

import (
	"cmp"
	"os"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// A Result is what Run found.
type Result struct {
	Flows   []*Flow
	written []*half   // what is stored in a database
	filled  []string  // the fields in which anything is stored
	pending []halfKey // calls that are harmless if nothing is stored there that is not
	read    []*half   // where it would do harm
	Seen    []Seen
	Handled []Handled
	Failed  []string // files in which the engine itself failed
	Runs    int      // roots that were run
	Cut     int      // times that something was not looked at to its end
	Steps   int
}

// A Seen is a call with a sink that was reached. Clean says that nothing dangerous was in
// it, whichever way led there.
type Seen struct {
	Path  string
	At    source.Span
	Kinds models.Kinds
	Clean bool
}

// A Handled is a handler that was run to its end, with whatever it can be given: what was
// not reached in it, or reached with nothing dangerous, is harmless.
type Handled struct {
	Path string
	At   source.Span
}

// maxBytes is how much source a worker keeps open.
const maxBytes = 6 << 20

// Run looks at the roots of modules: handlers, and functions that reach a source. Links come
// from Reach, as the roots do.
func Run(p *program.Program, k *Knowledge, list []Root, links *Links) *Result {
	return Observe(p, k, list, links, nil)
}

// Observe is Run with somebody looking on.
func Observe(p *program.Program, k *Knowledge, list []Root, links *Links, w *Watch) *Result {
	res := &Result{}
	var a *analysis
	for _, r := range list {
		if a == nil || a.bytes > maxBytes {
			a.close(res)
			a = newAnalysis(p, k, links, w)
		}
		if !a.safely(r, res) {
			res.Failed = append(res.Failed, r.Module.Path)
			a.close(res)
			a = nil // it may be in any state
		}
	}
	a.close(res)
	slices.SortFunc(res.Flows, func(x, y *Flow) int {
		return cmp.Or(strings.Compare(x.File.Path, y.File.Path), cmp.Compare(x.At.Start, y.At.Start), cmp.Compare(x.Kinds, y.Kinds), strings.Compare(x.Source, y.Source), cmp.Compare(len(x.Steps), len(y.Steps)))
	})
	return res
}

func newAnalysis(p *program.Program, k *Knowledge, links *Links, w *Watch) *analysis {
	return &analysis{prog: p, models: k, modules: map[*program.Module]*module{}, frames: map[int32]*module{}, outer: []int32{0}, shared: map[objectID]*object{},
		origins: map[originKey]*origin{}, flows: map[flowKey]*Flow{}, written: map[halfKey]*half{}, storedAt: map[string]bool{}, pending: map[halfKey]bool{}, selects: map[string][]column{}, loaded: map[halfKey]*half{}, seen: map[seenKey]verdict{}, done: map[ast.Node]bool{}, doneAs: map[doneKey]bool{}, ran: map[ast.Node]bool{}, resolved: map[lazy]*value{}, links: links, limit: 1 << 40, watch: w}
}

// safely runs a root, and says whether it came through: one odd file must not end the scan.
func (a *analysis) safely(r Root, res *Result) (ok bool) {
	return calmly(func() { a.root(r, res) })
}

// calmly runs f, and says whether it came through.
func calmly(f func()) (ok bool) {
	defer func() {
		if err := recover(); err != nil {
			if _, cut := err.(cutOff); !cut && os.Getenv("GAMBESON_PANIC") != "" {
				panic(err) // for whoever looks for the mistake
			}
			ok = false
		}
	}()
	f()
	return true
}

// close collects what a worker has found, and gives its memory back.
func (a *analysis) close(res *Result) {
	if a == nil {
		return
	}
	a.watch.closed(a)
	for _, f := range a.flows {
		res.Flows = append(res.Flows, f)
	}
	for _, h := range a.written {
		res.written = append(res.written, h)
	}
	for name := range a.storedAt {
		res.filled = append(res.filled, name)
	}
	for key := range a.pending {
		res.pending = append(res.pending, key)
	}
	for _, h := range a.loaded {
		res.read = append(res.read, h)
	}
	for key, v := range a.seen {
		res.Seen = append(res.Seen, Seen{key.at.file.Path, key.at.span, key.kinds, v == sawClean})
	}
	res.Handled = append(res.Handled, a.handled...)
	res.Cut += a.cut
	res.Steps += a.steps + a.filling
	for _, x := range a.modules {
		if x.unit != nil {
			x.unit.Close()
		}
	}
}

// root runs what can be entered in one module.
func (a *analysis) root(r Root, res *Result) {
	x := a.module(r.Module)
	if x.unit == nil {
		return
	}
	a.second = false
	own := x.state
	x.state = own.fork()
	defer func() { x.state = own }()
	var ran []registered
	more := false
	run := func(st *state) {
		a.routes = a.withViews(a.routes)
		slices.SortStableFunc(a.routes, func(r, s registered) int { return cmp.Compare(ahead(s), ahead(r)) })
		for len(a.routes) > 0 {
			r := a.routes[0]
			a.routes = a.routes[1:]
			if len(r.fn.fns) == 0 || r.fn.fns[0].mod != x && r.call == nil && r.made == nil && (r.dec == nil || r.fr.mod != x) && (r.class == nil || r.class.mod != x) {
				continue // another module's
			}
			if r.route.Raised != "" {
				x.catchers = append(x.catchers, r)
			}
			res.Runs++
			ran = append(ran, r)
			more = a.runRoute(st, r, x) || more
		}
	}
	a.routes = append(slices.Clone(x.routes), a.routes...)
	for n := range x.unit.Tree.Of(ast.KindFunctionDef) {
		if d := n.(*ast.FunctionDef); x.unit.Live(d) {
			if route := a.models.entry(x.unit, d); route != nil {
				if f := a.methodOf(x, d); f != nil {
					a.routes = append(a.routes, a.entriesOf(x, route, f)...)
				}
			}
			a.routes = append(a.routes, a.wrapperOf(x, d)...)
		}
	}
	a.routes = append(a.routes, a.inherited(x)...)
	a.local = false
	run(x.state)
	if more {
		// Handlers that ran before others left something behind may find it there.
		a.routes, ran = ran, nil
		for _, r := range a.routes {
			for _, f := range r.fn.fns {
				if f.def != nil {
					delete(a.done, f.def)
					delete(a.doneAs, doneKey{f.def, r.class, f.outer, r.made})
				}
			}
		}
		a.second = true
		run(x.state)
		a.second = false
	}
	a.handleThrown(x)
	// Functions that reach a source or hold a handler: those first that tell a framework of
	// handlers, then callers, since those that a caller has run already were looked at with
	// what they are really given.
	todo := map[string]bool{}
	for _, name := range r.Functions {
		todo[name] = true
	}
	a.start(x, todo, r.Remote, res)
	for pass := range 3 {
		for n := range x.unit.Tree.Of(ast.KindFunctionDef) {
			d := n.(*ast.FunctionDef)
			if !x.unit.Live(d) || x.unit.Function(d) != nil || a.done[d] || a.ran[d] || !todo[x.unit.Symbol(d)] {
				continue
			}
			if pass == 0 && !r.Registers[x.unit.Symbol(d)] || pass == 1 && r.Called[x.unit.Symbol(d)] {
				continue
			}
			f := a.methodOf(x, d)
			if f == nil {
				continue
			}
			a.done[d] = true
			res.Runs++
			most := maxSteps
			if !r.Remote[x.unit.Symbol(d)] {
				most = maxLocalSteps
			}
			a.local = most == maxLocalSteps
			a.watch.rooted(f, !a.local)
			a.bounded(most, func() {
				a.others = nil
				cur := x.state.fork()
				fr := &frame{id: x.frame, mod: x, base: cur}
				a.initialise(fr, cur, f)
				a.function(&callSite{fr: fr, st: cur, args: a.named(cur, x, f)}, f)
				a.runBeside(fr, cur)
				run(cur)
			})
			a.handleThrown(x)
			a.routes = nil
		}
	}
}

// start runs what stands below if __name__ == "__main__", where it gives something to functions
// that are to be run: consume(queue).
func (a *analysis) start(x *module, todo, remote map[string]bool, res *Result) {
	for _, s := range x.unit.Tree.Module.Body {
		guard, ok := s.(*ast.If)
		if !ok || !asksForMain(guard.Test) {
			continue
		}
		given, network := false, false
		for n := range x.unit.Tree.Of(ast.KindCall) {
			c := n.(*ast.Call)
			f, ok := c.Func.(*ast.Name)
			if ok && guard.Start() < c.Start() && c.End() <= guard.End() && todo[f.Ident] && len(c.Args)+len(c.Keywords) > 0 {
				given, network = true, network || remote[f.Ident]
			}
		}
		if !given {
			continue
		}
		most := maxSteps
		if !network {
			most = maxLocalSteps
		}
		a.local = !network
		res.Runs++
		a.bounded(most, func() {
			cur := x.state.fork()
			fr := &frame{id: x.frame, mod: x, base: cur}
			a.block(fr, cur, guard.Body)
			a.runBeside(fr, cur)
		})
		a.handleThrown(x)
	}
}

// asksForMain says whether a condition is that the module is run as a program.
func asksForMain(test ast.Expr) bool {
	c, ok := test.(*ast.Compare)
	if !ok || len(c.Comparators) != 1 {
		return false
	}
	s, ok := ast.IsStr(c.Comparators[0])
	return ok && s.Str() == "__main__" && isNamed(c.Left, "__name__")
}

// initialise makes the object of a method that is looked at by itself what its __init__ makes of it,
// given what the annotations say.
func (a *analysis) initialise(fr *frame, st *state, f *function) {
	if f.class == nil || f.self == nil || f.kind != "" || f.def == nil || f.def.Name == "__init__" {
		return
	}
	init, ok := a.member(fr, st, f.class, "__init__")
	if !ok || init == nil || len(init.fns) != 1 || init.fns[0].def == nil {
		return
	}
	g := *init.fns[0]
	g.self = f.self
	after := st.fork()
	a.function(&callSite{fr: fr, st: after, unseen: true}, &g)
	if !after.dead {
		st.become(after)
	}
}

// entriesOf are the handlers that a function is or makes: with handlers, it is an __init__ of
// a class that has them, or returns a function that is one.
func (a *analysis) entriesOf(x *module, route *models.Route, f *function) []registered {
	if route.Handlers == nil {
		return []registered{{route: route, fn: &value{fns: []*function{f}}, class: f.class}}
	}
	var out []registered
	if f.class != nil {
		if f.def.Name != "__init__" {
			return nil
		}
		for _, h := range a.handlersOf(f.class, route.Handlers) {
			out = append(out, registered{route: route, fn: a.attr(f.class, h), class: f.class})
		}
		return out
	}
	st := x.state.fork()
	fr := &frame{id: x.frame, mod: x, base: st}
	if made := a.function(&callSite{fr: fr, st: st}, f); made != nil && len(made.fns) > 0 {
		for at := st; at != nil && at != x.state; at = at.parent {
			for k, v := range at.vars.all() {
				x.state.set(k, v) // what it closes over
			}
		}
		out = append(out, registered{route: route, fn: made})
	}
	return out
}

// inherited are the handlers that classes of a module have from others of the program, which call what
// these classes have of their own: class Mailer(Worker), where Worker has __call__(self, event, context).
func (a *analysis) inherited(x *module) (out []registered) {
	for _, s := range x.unit.Tree.Module.Body {
		d, ok := s.(*ast.ClassDef)
		if !ok || len(d.Bases) == 0 {
			continue
		}
		v, _ := x.state.get(slot{x.frame, d.Name})
		if v == nil || len(v.class) != 1 || v.class[0].def != d {
			continue
		}
		k := v.class[0]
		for _, c := range a.lineage(k) {
			if c == k || c.def == nil || c.mod == nil || c.mod.unit == nil {
				continue
			}
			for _, s := range c.def.Body {
				m, ok := s.(*ast.FunctionDef)
				if !ok {
					continue
				}
				route := a.models.entry(c.mod.unit, m)
				if route == nil || route.Handlers != nil {
					continue
				}
				if own := a.attr(k, m.Name); own != nil && len(own.fns) == 1 && own.fns[0].def == m {
					out = append(out, registered{route: route, fn: own, class: k})
				}
			}
		}
	}
	return out
}

// wrapperOf is what decorators of the program have made of a function, where that is entered by the
// names of its parameters: def handler(event, context), within the decorator.
func (a *analysis) wrapperOf(x *module, d *ast.FunctionDef) []registered {
	if len(d.DecoratorList) == 0 || x.unit.Function(d) != nil || x.unit.Class(d) != nil {
		return nil
	}
	v, _ := x.state.get(slot{x.frame, d.Name})
	if v == nil || len(v.fns) != 1 || v.fns[0].def == nil || v.fns[0].def == d || v.fns[0].mod.unit == nil {
		return nil
	}
	f := v.fns[0]
	route := a.models.wrapper(f.mod.unit, f.def)
	if route == nil {
		return nil
	}
	return []registered{{route: route, fn: v, dec: d.DecoratorList[0], fr: &frame{id: x.frame, mod: x}}}
}

// methodOf is the function that a def of the module's or of one of its classes' body makes.
func (a *analysis) methodOf(x *module, d *ast.FunctionDef) *function {
	plain := &function{mod: x, def: d, outer: x.frame, name: strings.Clone(d.Name)}
	cls := x.unit.Class(d)
	if cls == nil {
		return plain
	}
	kv, _ := x.state.get(slot{x.frame, cls.Name})
	if kv == nil || len(kv.class) == 0 {
		return nil
	}
	mv := kv.class[0].attrs[d.Name]
	if mv == nil || len(mv.fns) == 0 || mv.fns[0].def != d {
		plain.class = kv.class[0]
	} else {
		plain = mv.fns[0]
	}
	g := *plain
	if g.kind != "static" {
		a.objects++
		x.state.store(a.objects, &object{class: kv.class[0]})
		g.self = a.inherits(x.state, &value{objs: []objectID{a.objects}, names: []string{kv.class[0].name + "()"}}, kv.class[0], nil)
	}
	return &g
}

// named gives parameters that a model calls sources by their name.
func (a *analysis) named(st *state, x *module, f *function) []argument {
	var out []argument
	for _, q := range append(slices.Clone(f.def.Args.Posonlyargs), f.def.Args.Args...) {
		if s := a.models.parameter(x.unit, q.Arg); s != nil {
			out = append(out, argument{v: a.byName(s, x, q), name: strings.Clone(q.Arg)})
		}
	}
	return out
}

// byName is what a parameter is that a model calls a source by its name.
func (a *analysis) byName(s *named, x *module, q *ast.Arg) *value {
	v := &value{names: []string{s.name}}
	if len(s.src.Only) == 0 {
		v.marks = []mark{a.mark(s.src, a.at(&frame{mod: x}, q), q.Arg)}
	}
	return v
}
