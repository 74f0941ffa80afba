package taint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// A Watch keeps what an analysis does in one function, for people who ask why something is
// found or is not. It decides nothing: the analysis tells it what it has decided. Where
// there is none, telling costs a comparison with nil.
type Watch struct {
	Path string      // of the file that the function stands in; "" watches every call of the program
	At   source.Span // of its def

	Entries []Entered  // how it is begun with
	Runs    int        // how often it was run
	Ended   int        // how often to its end
	Skipped int        // how often it was called and not run
	From    []Spot     // the calls that it was run for
	Given   []Given    // what its parameters held, at whatever run
	Sources []Entrance // where data enter in it
	Reached []*Reached // the places in it that may do harm
	Cleared []Cleared  // what checks and sanitisers in it have taken from data
	Calls   []*Call    // in the order of the source, after Run

	calls     map[spot]*Call
	stack     []calling
	clearings map[*origin][]Cleared
}

// A Spot is a place in a file.
type Spot struct {
	File *source.File
	At   source.Span
}

// spot is a Spot that can be compared: a file is opened more than once.
type spot struct {
	path string
	at   source.Span
}

func (s Spot) key() spot {
	if s.File == nil {
		return spot{}
	}
	return spot{s.File.Path, s.At}
}

// Entered is why a function is looked at without being called.
type Entered struct {
	Entry *Entry // of a route; nil where it only reaches a source
	Why   string
}

// Given is what a parameter was given.
type Given struct {
	Parameter string
	Source    string // "" for nothing from outside
	Left      models.Kinds
}

// An Entrance is where data enter.
type Entrance struct {
	Spot
	Says  string
	Local bool // from the machine itself
}

// Reached is a place that may do harm, and what came to it.
type Reached struct {
	Spot
	Name     string
	Kinds    models.Kinds
	Arrivals []Arrival // nothing: it was reached with nothing from outside
}

// An Arrival is data that came to a place.
type Arrival struct {
	Source string
	From   Spot
	Left   models.Kinds // of the kinds of the place; 0: harmless there
	Weak   bool
	Local  bool
	Steps  []Step
	By     []Cleared // that took those kinds
}

// Cleared is a check or a sanitiser that took kinds of harm from data.
type Cleared struct {
	Spot
	Source string
	By     string
	Kinds  models.Kinds
}

// A Call is one call in the source, with all that is believed of it.
type Call struct {
	Spot
	Text string   // what is called, as it is written
	To   []Target // nothing: nobody knows
	Did  []string // what the analysis made of it; nothing: it has not come here
}

// A Target is what a call calls.
type Target struct {
	Name string // qualified
	Own  bool   // it is a function or class of the program, which stands at Spot
	Spot
}

// calling is a call while it is looked at.
type calling struct {
	call     *Call // nil where nobody asks
	fr       *frame
	resolved bool
}

// What became of a call.
const (
	didRun     = "executed"
	didSkip    = "not run: nothing from outside goes in, it reaches no source, and it is not small"
	didNest    = "cut off: calls too deep in each other, or a recursion"
	didLong    = "cut off: too many steps"
	didModel   = "as its model says"
	didSource  = "gives data from outside"
	didEngine  = "known to the engine"
	didUnknown = "unknown: what goes in comes out, with less confidence"
)

// watched is callWith, with somebody looking on.
func (a *analysis) watched(c *callSite) *value {
	w := a.watch
	if w == nil {
		return a.callWith(c)
	}
	k := w.callOf(c)
	w.stack = append(w.stack, calling{call: k, fr: c.fr})
	n := len(w.stack)
	defer func() { w.stack = w.stack[:n-1] }()
	v := a.callWith(c)
	if w.Path == "" {
		return v
	}
	w.sanitized(a, c, v)
	if k != nil && len(k.Did) == 0 && w.stack[n-1].resolved {
		note(&k.Did, cmp.Or(map[bool]string{true: didModel}[modelled(a, c)], didEngine))
	}
	return v
}

// modelled is known without the language's own functions.
func modelled(a *analysis, c *callSite) bool {
	return slices.ContainsFunc(c.names, func(n string) bool {
		return len(a.models.sinks[n]) > 0 || len(a.models.sanitizers[n]) > 0 || a.models.call[n] != nil || a.models.returns[n+"()"] != nil
	})
}

func note[T comparable](list *[]T, x T) {
	if !slices.Contains(*list, x) {
		*list = append(*list, x)
	}
}

// mine says whether a node stands in what is watched.
func (w *Watch) mine(fr *frame, n ast.Node) bool {
	if w == nil || n == nil || fr.mod == nil || fr.mod.unit == nil {
		return false
	}
	if w.Path == "" {
		return true
	}
	u := fr.mod.unit
	if u.File.Path != w.Path || n.Start() < w.At.Start || n.End() > w.At.End || int(n.ID()) >= len(u.Tree.Nodes()) {
		return false
	}
	d := u.Function(n)
	return d != nil && d.Span() == w.At
}

func (w *Watch) callOf(c *callSite) *Call {
	if c.node == nil || !w.mine(c.fr, c.node) {
		return nil
	}
	f := c.fr.mod.unit.File
	at := Spot{f, c.node.Span()}
	k := w.calls[at.key()]
	if k == nil {
		if w.calls == nil {
			w.calls = map[spot]*Call{}
		}
		k = &Call{Spot: at, Text: strings.Clone(textOf(f, c.node.Func))}
		w.calls[at.key()] = k
		w.Calls = append(w.Calls, k)
	}
	return k
}

// resolved is told what a call calls.
func (w *Watch) resolved(a *analysis, c *callSite, callee *value) {
	if w == nil || len(w.stack) == 0 {
		return
	}
	top := &w.stack[len(w.stack)-1]
	top.resolved = true
	if top.call == nil {
		return
	}
	if callee != nil {
		for _, f := range callee.fns {
			w.target(top.call, f)
		}
		for _, k := range callee.class {
			w.class(a, top.call, k)
		}
	}
	for _, n := range c.names {
		if m, _ := a.prog.Find(n, ""); m == nil {
			top.call.add(Target{Name: strings.Clone(n)})
		}
	}
}

// add notes a target, once. That it is an element of something says nothing of what it is.
func (k *Call) add(t Target) {
	if !strings.HasSuffix(t.Name, "[]") && !slices.ContainsFunc(k.To, func(x Target) bool { return x.Name == t.Name && x.key() == t.key() }) {
		k.To = append(k.To, t)
	}
}

func (w *Watch) target(k *Call, f *function) {
	switch {
	case f.native != "":
		name := f.native
		for _, n := range namesOfSelf(f) {
			name = n + "." + f.native
		}
		k.add(Target{Name: strings.Clone(name)})
	case f.lib != nil:
		for _, n := range f.lib.names {
			k.add(Target{Name: strings.Clone(n)})
		}
	case f.def != nil:
		k.add(Target{Name: definition(f.mod.of, f.mod.unit, f.def), Own: true, Spot: Spot{f.mod.unit.File, f.def.Span()}})
	case f.lam != nil:
		k.add(Target{Name: definition(f.mod.of, f.mod.unit, f.lam) + ".<lambda>", Own: true, Spot: Spot{f.mod.unit.File, f.lam.Span()}})
	}
}

// namesOfSelf are what the object of an engine's own method is called.
func namesOfSelf(f *function) []string {
	if f.self == nil || len(f.self.names) == 0 {
		return nil
	}
	return f.self.names[:1]
}

// class notes that a class is called: its __init__, where the program has one.
func (w *Watch) class(a *analysis, k *Call, c *class) {
	for _, x := range a.lineage(c) {
		if init := x.attrs["__init__"]; init != nil && len(init.fns) > 0 && init.fns[0].def != nil {
			w.target(k, init.fns[0])
			return
		}
	}
	if c.def != nil {
		k.add(Target{Name: strings.Clone(c.name), Own: true, Spot: Spot{c.mod.unit.File, c.def.Span()}})
	}
}

// definition is the qualified name of a def, a class, or of what is around another node.
func definition(m *program.Module, u *program.Unit, n ast.Node) string {
	if s := u.Symbol(n); s != "" {
		return m.Name + "." + s
	}
	return m.Name
}

// did is told what becomes of a call, and of which function where several are called.
func (w *Watch) did(c *callSite, f *function, what string) {
	if w == nil {
		return
	}
	if f != nil && f.def != nil && what == didSkip && w.isMe(f) {
		w.Skipped++
	}
	if len(w.stack) == 0 {
		return
	}
	top := w.stack[len(w.stack)-1]
	if top.call == nil || top.fr != c.fr || !top.resolved {
		return
	}
	if f != nil {
		w.target(top.call, f)
	}
	note(&top.call.Did, what)
}

// library is told that no part of the engine itself knows what is called; source says that
// what is called comes from outside itself.
func (w *Watch) library(a *analysis, c *callSite, source bool) {
	if w == nil {
		return
	}
	switch {
	case known(a, c.names):
		w.did(c, nil, didModel)
	case source:
		w.did(c, nil, didSource)
	default:
		w.did(c, nil, didUnknown)
	}
}

// isMe says whether a function is the one that is watched.
func (w *Watch) isMe(f *function) bool {
	return w.Path != "" && f.def != nil && f.mod.unit.File.Path == w.Path && f.def.Span() == w.At
}

// began is told that a function's body is about to run.
func (w *Watch) began(a *analysis, in *frame, cur *state, c *callSite, f *function) {
	if w == nil {
		return
	}
	w.did(c, f, didRun)
	if !w.isMe(f) {
		return
	}
	w.Runs++
	if c.node != nil {
		at := Spot{c.fr.mod.unit.File, c.node.Span()}
		if !slices.ContainsFunc(w.From, func(s Spot) bool { return s.key() == at.key() }) {
			w.From = append(w.From, at)
		}
	}
	for _, q := range parametersOf(f.def.Args) {
		v, _ := cur.get(slot{in.id, q.Arg})
		marks := a.deep(cur, v, 0)
		for _, m := range marks {
			w.given(Given{strings.Clone(q.Arg), m.src.says, m.kinds})
		}
		if len(marks) == 0 {
			w.given(Given{Parameter: strings.Clone(q.Arg)})
		}
	}
}

func (w *Watch) given(g Given) {
	i := slices.IndexFunc(w.Given, func(x Given) bool { return x.Parameter == g.Parameter && x.Source == g.Source })
	if i < 0 {
		w.Given = append(w.Given, g)
	} else {
		w.Given[i].Left |= g.Left
	}
}

func parametersOf(p *ast.Arguments) []*ast.Arg {
	list := slices.Concat(p.Posonlyargs, p.Args)
	if p.Vararg != nil {
		list = append(list, p.Vararg)
	}
	list = append(list, p.Kwonlyargs...)
	if p.Kwarg != nil {
		list = append(list, p.Kwarg)
	}
	return list
}

// ended is told that a function's body has run to its end.
func (w *Watch) ended(f *function) {
	if w != nil && w.isMe(f) {
		w.Ended++
	}
}

// routed is told that a handler is about to be run as its framework would.
func (w *Watch) routed(f *function, r registered, e *Entry) {
	if w == nil || !w.isMe(f) {
		return
	}
	why := "a framework calls it"
	switch {
	case r.route.Decorator != "":
		why = "decorated with " + r.route.Decorator
	case r.route.Base != "":
		why = "method " + r.meth + " of a class that derives from " + r.route.Base
	case r.route.Register != "":
		why = "given to " + r.route.Register
	}
	w.Entries = append(w.Entries, Entered{e, why})
}

// rooted is told that a function is about to be run by itself.
func (w *Watch) rooted(f *function, remote bool) {
	if w == nil || !w.isMe(f) {
		return
	}
	why := "it reads data from outside, or calls what does"
	if !remote {
		why = "it reads data of the machine itself, or calls what does, and a place where they may do harm is near"
	}
	w.Entries = append(w.Entries, Entered{nil, why})
}

// reached is told what comes to a place that may do harm.
func (w *Watch) reached(a *analysis, fr *frame, at ast.Node, marks []mark, kinds models.Kinds, name string, weak bool) {
	if !w.mine(fr, at) || w.Path == "" {
		return
	}
	here := Spot{fr.mod.unit.File, at.Span()}
	i := slices.IndexFunc(w.Reached, func(r *Reached) bool { return r.key() == here.key() && r.Name == name && r.Kinds == kinds })
	if i < 0 {
		i = len(w.Reached)
		w.Reached = append(w.Reached, &Reached{Spot: here, Name: strings.Clone(name), Kinds: kinds})
	}
	r := w.Reached[i]
	for _, m := range marks {
		x := Arrival{Source: m.src.says, From: Spot{m.src.at.file, m.src.at.span}, Left: m.kinds & kinds, Weak: m.weak || weak, Local: m.src.local, Steps: stepsOf(m)}
		for _, c := range w.clearings[m.src] {
			if c.Kinds&kinds&^m.kinds != 0 {
				x.By = append(x.By, c)
			}
		}
		if !slices.ContainsFunc(r.Arrivals, func(y Arrival) bool {
			return x.Source == y.Source && x.From.key() == y.From.key() && x.Left == y.Left && (x.Left == 0 || x.Weak == y.Weak)
		}) {
			r.Arrivals = append(r.Arrivals, x)
		}
	}
}

// refining looks on while a check changes what is known of an expression.
func (w *Watch) refining(fr *frame, e ast.Expr, change func(*value) *value) func(*value) *value {
	if w == nil || w.Path == "" {
		return change
	}
	return func(v *value) *value {
		out := change(v)
		if v.tainted() {
			w.lost(fr, e, v.marks, out.origins(), firstLine(fr, e), models.All)
		}
		return out
	}
}

// firstLine is the beginning of the statement around an expression.
func firstLine(fr *frame, e ast.Expr) string {
	u := fr.mod.unit
	n := ast.Node(e)
	if s := u.Statement(e); s != nil {
		n = s
	}
	text, _, _ := strings.Cut(u.File.Text(n.Span()), "\n")
	return strings.Clone(strings.TrimSuffix(strings.TrimSpace(text), ":"))
}

// sanitized compares what went into a call of something foreign with what came out.
func (w *Watch) sanitized(a *analysis, c *callSite, v *value) {
	if c.node == nil || len(c.names) == 0 || c.runs > 0 {
		return
	}
	var in []mark
	for _, x := range c.args {
		in = joinMarks(in, a.deep(c.st, x.v, 0))
	}
	in = joinMarks(in, c.recv.origins())
	if len(in) == 0 {
		return
	}
	out := a.deep(c.st, v, 0)
	clears := models.Kinds(0)
	for _, n := range append(slices.Clone(c.names), lastName(c.names[0])) {
		for _, s := range append(slices.Clone(a.models.sanitizers[n]), a.models.methodSan[n]...) {
			clears |= s.kinds
		}
	}
	if len(out) > 0 { // what is gone altogether may have gone elsewhere
		clears = 0
	}
	w.lost(c.fr, c.node, in, out, c.names[0], clears)
}

// lost notes the kinds that marks have lost; of a mark that is gone altogether, those of gone.
func (w *Watch) lost(fr *frame, e ast.Node, was, is []mark, by string, gone models.Kinds) {
	for _, m := range was {
		left, found := models.Kinds(0), false
		for _, o := range is {
			if o.src == m.src {
				left, found = o.kinds, true
			}
		}
		k := m.kinds &^ left
		if !found {
			k &= gone
		}
		if k == 0 {
			continue
		}
		if w.clearings == nil {
			w.clearings = map[*origin][]Cleared{}
		}
		x := Cleared{Spot{fr.mod.unit.File, e.Span()}, m.src.says, strings.Clone(by), k}
		w.clearings[m.src] = addCleared(w.clearings[m.src], x)
		if w.mine(fr, e) {
			w.Cleared = addCleared(w.Cleared, x)
		}
	}
}

func addCleared(list []Cleared, x Cleared) []Cleared {
	i := slices.IndexFunc(list, func(y Cleared) bool {
		return y.By == x.By && y.Source == x.Source && y.File.Path == x.File.Path && y.File.Position(y.At.Start).Line == x.File.Position(x.At.Start).Line
	})
	if i < 0 {
		return append(list, x)
	}
	list[i].Kinds |= x.Kinds
	return list
}

// closed is told that an analysis is at its end.
func (w *Watch) closed(a *analysis) {
	if w == nil || w.Path == "" {
		return
	}
	for _, o := range a.origins {
		if o.at.file == nil || o.at.file.Path != w.Path || o.at.span.Start < w.At.Start || o.at.span.End > w.At.End {
			continue
		}
		x := Entrance{Spot{o.at.file, o.at.span}, o.says, o.local}
		if !slices.ContainsFunc(w.Sources, func(y Entrance) bool { return x.key() == y.key() && x.Says == y.Says }) {
			w.Sources = append(w.Sources, x)
		}
	}
	order := map[string]int{}
	for i, g := range w.Given {
		if _, ok := order[g.Parameter]; !ok {
			order[g.Parameter] = i
		}
	}
	slices.SortStableFunc(w.Given, func(x, y Given) int { return cmp.Compare(order[x.Parameter], order[y.Parameter]) })
	sortSpots(w.From, func(x Spot) Spot { return x })
	sortSpots(w.Sources, func(x Entrance) Spot { return x.Spot })
	sortSpots(w.Reached, func(x *Reached) Spot { return x.Spot })
	sortSpots(w.Cleared, func(x Cleared) Spot { return x.Spot })
	sortSpots(w.Calls, func(x *Call) Spot { return x.Spot })
}

// sortSpots sorts by place; what begins at one place ends earlier first, as it runs.
func sortSpots[T any](list []T, at func(T) Spot) {
	slices.SortStableFunc(list, func(x, y T) int {
		a, b := at(x), at(y)
		return cmp.Or(strings.Compare(a.File.Path, b.File.Path), cmp.Compare(a.At.Start, b.At.Start), cmp.Compare(a.At.End, b.At.End))
	})
}
