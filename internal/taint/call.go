package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// A callSite is a call while it is looked at.
type callSite struct {
	fr    *frame
	st    *state
	node  *ast.Call
	recv  *value
	args  []argument
	names []string // qualified names of what is called
	ways  []*way

	// A condition asks for the ways out of the function one by one, and so does who sends on
	// what it gives back.
	split   bool
	answers bool
	unseen  bool // who makes the call is not in sight, nor what it gives
	runs    int  // functions of the program that it has called
	outs    []outcome
}

// A way is what a function of the program says of an argument: what is cleared where it
// answers yes, and where it answers no.
type way struct {
	arg     ast.Expr
	part    string // of the argument: ["k"]
	was     models.Kinds
	yes, no models.Kinds // what is left
	hasYes  bool
	hasNo   bool
	first   *way // the same by the first element, where it answers with several: ok, message
}

func (w *way) cleared() (yes, no models.Kinds) {
	if w.hasYes {
		yes = w.was &^ w.yes
	}
	if w.hasNo {
		no = w.was &^ w.no
	}
	return yes, no
}

// passes is told what an argument, or a part of it, cannot do any more.
func (a *analysis) passes(fr *frame, st *state, w *way, k models.Kinds) {
	if w.part == "" {
		a.refine(fr, st, w.arg, func(v *value) *value { return clear(v, k) })
	} else if p, root := a.pathOf(fr, st, w.arg, 0); p != "" {
		a.noteChecked(st, a.pathSlot(fr, st, w.arg, p+w.part), root, nil, k)
	}
}

// factsFrom is what the truth of an answer tells of the arguments.
func (a *analysis) factsFrom(fr *frame, st *state, ways []*way) []fact {
	var t, f *state
	for _, w := range ways {
		yes, no := w.cleared()
		if yes == no {
			continue
		}
		if t == nil {
			t, f = st.fork(), st.fork()
		}
		a.passes(fr, t, w, yes)
		a.passes(fr, f, w, no)
	}
	if t == nil {
		return nil
	}
	return differ(st, t, f)
}

// cameBack is told of a call that was made: a validator has not raised, and some functions
// never come back.
func (a *analysis) cameBack(c *callSite) {
	for _, n := range c.names {
		for _, g := range a.models.guards[n] {
			if g.Holds != "returns" {
				continue
			}
			if arg := pick(c.node, g.arg); arg != nil {
				a.refine(c.fr, c.st, arg, func(v *value) *value { return clear(v, g.kinds) })
			}
		}
		// What turned a text into a number has not failed, and so it was one.
		if converts[n] && len(c.node.Args) == 1 {
			a.refine(c.fr, c.st, c.node.Args[0], trusted)
		}
		if strings.HasSuffix(n, ".relative_to") && c.recv != nil && c.recv.norm {
			a.refine(c.fr, c.st, c.node.Func.(*ast.Attribute).Value, a.inside)
		}
		if a.models.never[n] {
			c.st.dead = true
		}
	}
	if f, ok := c.node.Func.(*ast.Attribute); ok && f.Attr == "index" && len(c.node.Args) == 1 && c.recv != nil && len(c.recv.objs) > 0 && len(a.deep(c.st, c.recv, 0)) == 0 {
		a.refine(c.fr, c.st, c.node.Args[0], trusted)
	}
}

func (a *analysis) call(fr *frame, st *state, e *ast.Call) *value {
	c := &callSite{fr: fr, st: st, node: e}
	v := a.watched(c)
	a.cameBack(c)
	if st.dead {
		return nil
	}
	// A function that comes back has let its arguments pass.
	for _, w := range c.ways {
		left := models.Kinds(0)
		if w.hasYes {
			left |= w.yes
		}
		if w.hasNo {
			left |= w.no
		}
		if k := w.was &^ left; k != 0 && (w.hasYes || w.hasNo) {
			a.passes(fr, st, w, k)
		}
	}
	// Kept, the answer speaks of the arguments all the same.
	facts := a.factsFrom(fr, st, c.ways)
	if w := a.onePair(st, v); w != nil {
		v = w
	}
	if head := headOfPair(st, v); head != nil {
		var firsts []*way
		for _, w := range c.ways {
			if w.first != nil {
				firsts = append(firsts, w.first)
			}
		}
		told := a.factsFrom(fr, st, firsts)
		if len(told) > 0 {
			was := st.object(v.objs[0])
			o := was.clone()
			o.list[0], o.pairs = knowing(head, told), was.pairs
			st.store(v.objs[0], o)
		}
		return v
	}
	if v != nil && len(v.objs) > 0 {
		// A list may change; what it is now is what tells.
		if o := st.object(v.objs[0]); len(v.objs) == 1 && len(facts) > 0 && o != nil && o.class == nil {
			c := o.clone()
			c.facts, c.some = facts, o.some
			st.store(v.objs[0], c)
		}
		return v
	}
	return knowing(v, facts)
}

var converts = map[string]bool{"builtins.int": true, "builtins.float": true, "uuid.UUID": true, "decimal.Decimal": true, "ipaddress.ip_address": true,
	"ipaddress.IPv4Address": true, "datetime.date.fromisoformat": true, "datetime.datetime.fromisoformat": true}

// slotOf is where a variable is.
func (a *analysis) slotOf(fr *frame, st *state, name string) (slot, *value) {
	for id := fr.id; id != 0; id = a.outer[id] {
		if v, ok := st.get(slot{id, name}); ok {
			return slot{id, name}, v
		}
	}
	return slot{}, nil
}

func (a *analysis) callWith(c *callSite) *value {
	fr, st, e := c.fr, c.st, c.node
	var callee *value
	if f, ok := e.Func.(*ast.Attribute); ok {
		a.step()
		c.recv = a.eval(fr, st, f.Value)
		if super := a.super(fr, st, f); super != nil {
			callee = super
		} else {
			callee = a.attribute(fr, st, c.recv, f.Attr, f)
		}
		if len(callee.functions()) == 0 {
			c.recv = a.plainText(st, c.recv)
		}
	} else {
		callee = a.eval(fr, st, e.Func)
	}
	// A function of the program may be asked to see to a condition: require(x in allowed).
	own := callee != nil && len(callee.fns)+len(callee.class) > 0
	given := func(x ast.Expr) *value {
		v := a.eval(fr, st, x)
		if own {
			v = knowing(v, a.deduce(fr, st, x))
		}
		return v
	}
	for _, x := range e.Args {
		if s, ok := x.(*ast.Starred); ok {
			c.args = append(c.args, argument{v: a.eval(fr, st, s.Value), star: 1, node: s.Value})
			continue
		}
		c.args = append(c.args, argument{v: given(x), node: x})
	}
	for _, k := range e.Keywords {
		x := argument{v: given(k.Value), name: k.Arg, node: k.Value}
		if k.Arg == "" {
			x.star = 2
			x.v = a.asMapping(fr, st, x.v, e)
		}
		c.args = append(c.args, x)
	}
	c.args = a.spread(st, c.args)
	if st.dead {
		return nil
	}
	c.names = a.calleeNames(fr, e, callee)
	a.watch.resolved(a, c, callee)
	if a.build != nil {
		if v, ok := a.built(c, callee); ok {
			return v
		}
	}
	return a.apply(c, callee)
}

// spread puts *args and **kwargs whose content is known in their places.
func (a *analysis) spread(st *state, args []argument) []argument {
	if !slices.ContainsFunc(args, func(x argument) bool { return x.star > 0 }) {
		return args
	}
	var out []argument
	for _, x := range args {
		if list := a.columnsIn(x); list != nil {
			out = append(out, list...)
			continue
		}
		if x.star == 0 || x.v == nil || len(x.v.objs) != 1 || len(x.v.marks) > 0 {
			out = append(out, x)
			continue
		}
		o := st.object(x.v.objs[0])
		switch {
		case o == nil || !o.contained() || o.open():
			out = append(out, x)
		case x.star == 1:
			for _, v := range o.list {
				out = append(out, argument{v: v})
			}
		default:
			for _, c := range o.order {
				out = append(out, argument{v: o.keys[c], name: c.str})
			}
		}
	}
	return out
}

// calleeNames are the qualified names of what is called, as far as it is not the program's own.
func (a *analysis) calleeNames(fr *frame, e *ast.Call, callee *value) []string {
	if callee != nil && len(callee.names) > 0 {
		return callee.names
	}
	if callee != nil && (len(callee.fns) > 0 || len(callee.class) > 0) {
		return nil
	}
	names := fr.mod.unit.Names(e.Func)
	out := make([]string, 0, len(names))
	for _, n := range names {
		out = append(out, a.models.rename(n))
	}
	return out
}

// super is super().method.
func (a *analysis) super(fr *frame, st *state, f *ast.Attribute) *value {
	c, ok := f.Value.(*ast.Call)
	if !ok {
		return nil
	}
	n, ok := c.Func.(*ast.Name)
	if !ok || n.Ident != "super" {
		return nil
	}
	var in *function
	for at := fr; at != nil; at = at.up {
		if at.fn != nil && at.fn.class != nil {
			in = at.fn
			break
		}
	}
	if in == nil || in.def == nil {
		return nil
	}
	self := a.first(fr, st, in)
	line := []*class{}
	if self != nil {
		for _, id := range self.objs {
			if o := st.object(id); o != nil && o.class != nil {
				line = a.lineage(o.class)
			}
		}
		for _, k := range self.class {
			line = a.lineage(k)
		}
	}
	after := in.class
	if len(c.Args) == 2 { // super(Base, self)
		if k := a.eval(fr, st, c.Args[0]); k != nil && len(k.class) == 1 {
			after = k.class[0]
		}
	}
	if i := slices.Index(line, after); i >= 0 {
		line = line[i+1:]
	} else {
		line = a.lineage(after)[1:]
	}
	for _, k := range line {
		if v, ok := st.get(slot{k.frame, f.Attr}); ok {
			return a.bind(fr, st, v, self, f)
		}
		if v, ok := k.attrs[f.Attr]; ok {
			return a.bind(fr, st, v, self, f)
		}
	}
	v := &value{}
	for _, k := range append([]*class{in.class}, line...) {
		for _, b := range k.bases {
			if b != nil {
				for _, n := range b.names {
					v.names = append(v.names, n+"()."+f.Attr)
				}
			}
		}
	}
	if len(v.names) == 0 {
		v.names = []string{"builtins.object()." + f.Attr}
	}
	for _, id := range self.objects() {
		if o := st.object(id); o != nil && o.class != nil && o.name != "" && f.Attr != "__init__" {
			if m := a.ownMethod(fr, st, id, o, f.Attr); m != nil {
				return m
			}
		}
	}
	if (f.Attr == "__init__" || f.Attr == "__setattr__") && self != nil && len(self.objs) > 0 {
		v.fns = []*function{{mod: fr.mod, native: f.Attr, self: self, name: f.Attr}}
	}
	return v
}

// first is the value of a method's first parameter.
func (a *analysis) first(fr *frame, st *state, fn *function) *value {
	args := fn.def.Args
	list := append(slices.Clone(args.Posonlyargs), args.Args...)
	if len(list) == 0 {
		return nil
	}
	v, _ := a.lookup(fr, st, list[0].Arg)
	return v
}

// apply calls everything that the callee can be.
func (a *analysis) apply(c *callSite, callee *value) *value {
	out := bottom
	called := false
	var ways []*state
	if callee != nil {
		fns := a.dispatched(c, callee.fns)
		for _, f := range fns {
			called = true
			if name := a.published(f); name != "" {
				// A library that is scanned itself: its models know it better than its code.
				site := *c
				site.names = []string{name}
				out = join(out, a.library(&site, nil))
				continue
			}
			if len(fns) == 1 {
				out = join(out, a.function(c, f))
				continue
			}
			site := *c // one of them, and not one after the other
			site.st = c.st.fork()
			out = join(out, a.function(&site, f))
			c.ways, c.runs, c.outs = site.ways, site.runs, site.outs
			ways = append(ways, site.st)
		}
		if len(ways) > 0 {
			c.st.become(ways...)
		}
		for _, k := range callee.class {
			out = join(out, a.construct(c.fr, c.st, k, c.args, c.node))
			called = true
		}
		for _, id := range callee.objs {
			o := c.st.object(id)
			if o == nil {
				continue
			}
			if o.name == receiverType && len(c.args) > 0 && a.receives(c, id, c.args[0].v) {
				out, called = join(out, c.args[0].v), true
				continue
			}
			if o.class != nil {
				if f, ok := a.member(c.fr, c.st, o.class, "__call__"); ok {
					bound := a.bind(c.fr, c.st, f, &value{objs: []objectID{id}, names: namesOf(o)}, c.node)
					for _, f := range bound.functions() {
						out = join(out, a.function(c, f))
						called = true
					}
				}
			}
		}
	}
	if !called || callee.tainted() && c.recv.tainted() && len(c.recv.objs) > 0 || slices.ContainsFunc(c.names, func(n string) bool { return !strings.HasSuffix(n, "()") }) {
		out = join(out, a.library(c, callee))
	}
	if out == bottom {
		return nil
	}
	return out
}

func (v *value) functions() []*function {
	if v == nil {
		return nil
	}
	return v.fns
}

// published is the name under which models speak of a function of the program, or "".
func (a *analysis) published(f *function) string {
	if f.def == nil || f.mod.of == nil || f.class != nil || !a.models.first[firstName(f.mod.of.Name)] || f.mod.unit.Function(f.def) != nil {
		return ""
	}
	if name := f.mod.of.Name + "." + f.def.Name; len(a.models.sanitizers[name]) > 0 || len(a.models.sinks[name]) > 0 || a.models.call[name] != nil {
		return name
	}
	return ""
}

// invoke calls a value from inside of the engine: magic methods, callbacks, properties.
func (a *analysis) invoke(fr *frame, st *state, callee *value, args []argument, e ast.Node) *value {
	if callee == nil || st.dead {
		return nil
	}
	out := bottom
	for _, f := range callee.fns {
		out = join(out, a.function(&callSite{fr: fr, st: st, args: args}, f))
	}
	for _, k := range callee.class {
		if e != nil {
			out = join(out, a.construct(fr, st, k, args, e))
		}
	}
	if out == bottom {
		var m []mark
		for _, x := range args {
			m = joinMarks(m, a.deep(st, x.v, 0))
		}
		return marked(weaken(m))
	}
	return out
}

// lost is what a function of the program may give that was not run to its end. A page is not
// among it: what makes pages most often hands data to a template, and who returns what it
// gives would be said to send each of them as it came.
func (a *analysis) lost(st *state, args []argument) *value {
	return clear(marked(weaken(a.given(st, args))), a.models.page)
}

// function calls one function of the program.
func (a *analysis) function(c *callSite, f *function) *value {
	fr, st := c.fr, c.st
	args := c.args
	if len(f.args) > 0 && f.kind != "property" {
		args = append(slices.Clone(f.args), args...)
	}
	if f.native != "" {
		a.watch.did(c, f, didEngine)
		return a.native(c, f, args)
	}
	if f.manages {
		return a.managed(c, f)
	}
	if f.lib != nil {
		return a.apply(&callSite{fr: fr, st: st, node: c.node, args: args, names: f.lib.names}, f.lib)
	}
	// A recursion that counts down may come to its end; another one gives nothing that its
	// first two rounds have not given.
	deep := active(fr, f)
	counts := slices.ContainsFunc(args, func(x argument) bool { _, ok := x.v.number(); return ok || isNone(x.v) })
	var objs []objectID
	for _, x := range args {
		objs = append(objs, x.v.objects()...)
	}
	objs = append(objs, f.self.objects()...)
	if fr.depth >= maxDepth || deep > 1 && !counts && (deep > 3 || !descends(fr, f, objs)) || deep > 6 {
		a.watch.did(c, f, didNest)
		a.cut++
		if deep > 1 && !counts {
			return &value{}
		}
		return a.lost(st, args)
	}
	if f.self != nil {
		args = append([]argument{{v: f.self}}, args...)
	}
	if f.def != nil {
		if !a.worth(c, f, args) {
			a.watch.did(c, f, didSkip)
			return a.skipped(c, f, args)
		}
		a.ran[f.def] = true
	}
	in := &frame{id: a.newFrame(f.outer), mod: f.mod, fn: f, base: st, up: fr, depth: fr.depth + 1, exact: true, given: objs}
	if a.loading != nil && a.entry == nil {
		a.frames[in.id] = a.loading // where other modules find what a function that it makes closes over
	}
	cur := st.fork()
	var params *ast.Arguments
	if f.lam != nil {
		params = f.lam.Args
	} else {
		params = f.def.Args
	}
	bound := a.parameters(in, cur, c, params, args, f)
	a.bringChecks(c, in, cur, bound)
	a.watch.began(a, in, cur, c, f)
	// A call has a part of what is left, so that one that takes forever is not all there is.
	most := max((a.limit-a.steps)/3, 2000)
	if fr.depth == 0 || f.enter != nil {
		most = a.limit
	}
	if !a.bounded(most, func() { a.body(in, cur, f) }) {
		a.watch.did(c, f, didLong)
		return a.lost(st, args)
	}
	a.watch.ended(f)
	a.escape(fr, in)
	if !cur.dead && f.lam == nil {
		in.returns = append(in.returns, outcome{st: cur.snapshot(st), v: constOf(constant{kind: ast.None})})
	}
	if len(in.yields) > 0 || f.def != nil && generator(f.def) {
		return a.generated(c, in, f)
	}
	out := bottom
	states := make([]*state, 0, len(in.returns))
	for _, r := range in.returns {
		if r.st.dead {
			continue
		}
		v := r.v
		if v == nil {
			v = &value{}
		}
		out = join(out, v)
		if a.view != nil && f.def == a.view.def {
			a.gave = append(a.gave, outcome{v: v, at: r.at})
		}
		states = append(states, r.st)
		a.learn(c, in, r, bound)
	}
	a.learnParts(c, in, bound)
	c.runs++
	if c.answers {
		c.outs = append(c.outs, in.returns...)
	}
	if c.split && c.runs == 1 {
		for _, r := range in.returns {
			if !r.st.dead {
				if r.truth == unknown {
					r.truth = a.truth(r.st, r.v)
				}
				r.st = complete(r.st, states)
				c.outs = append(c.outs, r)
			}
		}
	}
	if len(states) == 0 {
		if c.node != nil && f.def != nil && f.def.Async {
			if _, waits := c.fr.mod.unit.Parent(c.node).(*ast.Await); !waits {
				return nil // who starts it goes on
			}
		}
		// It always raises.
		if len(in.raises) == 0 {
			a.raise(fr, st, nil)
		}
		st.dead = true
		return nil
	}
	st.become(states...)
	if out == bottom || out.empty() {
		return nil
	}
	if out.tainted() && c.node != nil {
		out = trace(out, a.at(fr, c.node), "comes back from "+f.name)
	}
	return out
}

// smallFunction is the size of a def, in bytes of source, that is run whatever it is given:
// it may be the one that decides a branch.
const smallFunction = 700

// worth says whether a function has to be run: data from outside go in, or it may read some
// itself, or it is small.
func (a *analysis) worth(c *callSite, f *function, args []argument) bool {
	if a.links == nil || a.links.sources[f.mod.of.Name+"."+f.mod.unit.Symbol(f.def)] {
		return true
	}
	if size := f.def.End() - f.def.Start(); size < smallFunction && c.fr.depth < 6 && !a.local {
		return true
	}
	for _, x := range args {
		if len(a.deep(c.st, x.v, 1)) > 0 {
			return true
		}
	}
	for id := f.outer; id != 0; id = a.outer[id] { // a closure
		if id != f.mod.frame && f.mod.unit.Function(f.def) != nil {
			return true
		}
	}
	return false
}

// neverTypes are results of functions that do not come back.
var neverTypes = map[string]bool{"typing.NoReturn": true, "typing.Never": true, "typing_extensions.NoReturn": true, "typing_extensions.Never": true}

// skipped is the result of a function that was not run.
func (a *analysis) skipped(c *callSite, f *function, args []argument) *value {
	v := &value{}
	if f.def.Returns == nil {
		if c.node == nil {
			return nil
		}
		for _, n := range c.fr.mod.unit.Names(c.node) {
			v.names = append(v.names, a.models.rename(strings.Clone(n)))
		}
		return v
	}
	if n := f.mod.unit.Name(f.def.Returns); neverTypes[n] {
		c.st.dead = true
		return nil
	}
	for _, n := range f.mod.unit.Instance(f.def.Returns) {
		v.names = append(v.names, a.models.rename(strings.Clone(n)))
	}
	return v
}

// body runs what a function does.
func (a *analysis) body(in *frame, cur *state, f *function) {
	if f.lam != nil {
		a.giveBack(in, cur, f.lam.Body)
		return
	}
	a.block(in, cur, f.def.Body)
}

// given is what arguments hold.
func (a *analysis) given(st *state, args []argument) []mark {
	var m []mark
	for _, x := range args {
		m = joinMarks(m, a.deep(st, x.v, 0))
	}
	return m
}

// escape hands the errors that leave a function to its caller.
func (a *analysis) escape(fr, in *frame) {
	for _, r := range in.raises {
		if !r.st.dead {
			fr.throw(raised{r.st.snapshot(fr.base), r.v})
		}
	}
}

// active counts how often a function is running already.
func active(fr *frame, f *function) int {
	n := 0
	for at := fr; at != nil; at = at.up {
		if at.fn != nil && (at.fn.def == f.def && f.def != nil || at.fn.lam == f.lam && f.lam != nil) {
			n++
		}
	}
	return n
}

// descends says whether a recursive call is given an object that those before it were not:
// a child of a tree.
func descends(fr *frame, f *function, objs []objectID) bool {
	return slices.ContainsFunc(objs, func(id objectID) bool {
		for at := fr; at != nil; at = at.up {
			if at.fn != nil && (at.fn.def == f.def && f.def != nil || at.fn.lam == f.lam && f.lam != nil) && slices.Contains(at.given, id) {
				return false
			}
		}
		return true
	})
}

// A boundArg pairs a parameter with the argument's expression in the caller.
type boundArg struct {
	name string
	arg  ast.Expr
	was  *value
}

// parameters binds arguments to parameters.
func (a *analysis) parameters(in *frame, cur *state, c *callSite, p *ast.Arguments, args []argument, f *function) []boundArg {
	var bound []boundArg
	positional := append(slices.Clone(p.Posonlyargs), p.Args...)
	set := map[string]bool{}
	give := func(name string, x argument) {
		v := x.v
		if v.tainted() && v.marks[0].step != nil && v.marks[0].step.n < 40 {
			what := f.name
			if x.node != nil {
				v = trace(v, a.at(c.fr, x.node), "goes into "+what+" as "+name)
			}
		}
		cur.set(slot{in.id, name}, v)
		set[name] = true
		if x.node != nil && v.tainted() {
			bound = append(bound, boundArg{name, x.node, v})
		}
	}
	var extra []argument
	var stars, maps []*value
	next := 0
	for _, x := range args {
		switch {
		case x.star == 1:
			stars = append(stars, x.v)
		case x.star == 2:
			maps = append(maps, x.v)
		case x.name != "":
			i := slices.IndexFunc(positional, func(q *ast.Arg) bool { return q.Arg == x.name })
			j := slices.IndexFunc(p.Kwonlyargs, func(q *ast.Arg) bool { return q.Arg == x.name })
			if i >= 0 || j >= 0 {
				give(x.name, x)
			} else {
				extra = append(extra, x)
			}
		case next < len(positional):
			give(positional[next].Arg, x)
			next++
		default:
			extra = append(extra, x)
		}
	}
	element := func(list []*value, key *value) *value {
		out := bottom
		for _, v := range list {
			if v == nil {
				continue
			}
			for _, id := range v.objs {
				if o := cur.object(id); o != nil {
					if key != nil && o.name == "builtins.dict()" {
						out = join(out, o.at(key))
					} else {
						out = join(out, o.all())
					}
				}
			}
			out = join(out, marked(v.marks))
		}
		if out == bottom {
			return nil
		}
		return out
	}
	for i, q := range positional {
		if set[q.Arg] {
			continue
		}
		if i >= next && len(stars) > 0 {
			give(q.Arg, argument{v: element(stars, nil)})
			continue
		}
		if len(maps) > 0 {
			if v := element(maps, strOf(q.Arg)); v != nil {
				give(q.Arg, argument{v: v})
				continue
			}
		}
		if d := i - (len(positional) - len(p.Defaults)); d >= 0 && d < len(p.Defaults) {
			cur.set(slot{in.id, q.Arg}, a.orGiven(in, c, q, a.fallback(in, cur, f, p.Defaults[d], f.defaults, d)))
			continue
		}
		cur.set(slot{in.id, q.Arg}, a.annotated(in, q))
	}
	for i, q := range p.Kwonlyargs {
		if set[q.Arg] {
			continue
		}
		if len(maps) > 0 {
			if v := element(maps, strOf(q.Arg)); v != nil {
				give(q.Arg, argument{v: v})
				continue
			}
		}
		if i < len(p.KwDefaults) && p.KwDefaults[i] != nil {
			cur.set(slot{in.id, q.Arg}, a.orGiven(in, c, q, a.fallback(in, cur, f, p.KwDefaults[i], f.kwDefaults, i)))
		} else {
			cur.set(slot{in.id, q.Arg}, a.annotated(in, q))
		}
	}
	if p.Vararg != nil {
		o := &object{name: "builtins.tuple()"}
		for _, x := range extra {
			if x.name == "" {
				o.list = append(o.list, x.v)
			}
		}
		if len(stars) > 0 {
			o.summarise()
			o.add(element(stars, nil))
		}
		cur.set(slot{in.id, p.Vararg.Arg}, a.alloc(in, p.Vararg, cur, o))
	}
	if p.Kwarg != nil {
		o := &object{name: "builtins.dict()"}
		named := false
		for _, x := range extra {
			if x.name != "" {
				a.put(o, strOf(x.name), x.v)
				named = true
			}
		}
		if !named && len(maps) == 1 && len(maps[0].objects()) == 1 && len(maps[0].marks) == 0 {
			// What it finds out of an element, of which only the key is known, its caller knows.
			if given := cur.object(maps[0].objs[0]); given != nil && given.class == nil && given.open() {
				cur.set(slot{in.id, p.Kwarg.Arg}, maps[0])
				return bound
			}
		}
		for _, m := range maps {
			a.mix(cur, o, m)
		}
		cur.set(slot{in.id, p.Kwarg.Arg}, a.alloc(in, p.Kwarg, cur, o))
	}
	return bound
}

// defaultsOf evaluates the defaults of a function that is being defined.
func (a *analysis) defaultsOf(fr *frame, st *state, f *function, p *ast.Arguments) {
	for _, d := range p.Defaults {
		f.defaults = append(f.defaults, a.eval(fr, st, d))
	}
	for _, d := range p.KwDefaults {
		f.kwDefaults = append(f.kwDefaults, a.eval(fr, st, d))
	}
}

// fallback is a parameter's default, which was evaluated where the function was defined.
func (a *analysis) fallback(in *frame, cur *state, f *function, d ast.Expr, known []*value, i int) *value {
	if i < len(known) {
		return known[i]
	}
	outer := &frame{id: f.outer, mod: f.mod, base: in.base, up: in.up, depth: in.depth, repeat: 1}
	if f.outer == 0 {
		outer.id = f.mod.frame
	}
	return a.eval(outer, cur, d)
}

// orGiven is a parameter's default, or what a call that is not in sight may have given instead.
func (a *analysis) orGiven(in *frame, c *callSite, q *ast.Arg, v *value) *value {
	if c.unseen {
		return join(v, a.annotated(in, q))
	}
	return v
}

// annotated is what a parameter is known to be when nothing is given.
func (a *analysis) annotated(in *frame, q *ast.Arg) *value {
	if q.Annotation == nil {
		return nil
	}
	names := in.mod.unit.Instance(q.Annotation)
	if len(names) == 0 {
		return nil
	}
	v := &value{}
	for _, n := range names {
		v.names = append(v.names, a.models.rename(strings.Clone(n)))
	}
	for _, n := range v.names {
		v = a.sourced(in, q, v, n)
	}
	return v
}

// learn notes what is left of an argument's kinds at a way out of a function.
func (a *analysis) learn(c *callSite, in *frame, r outcome, bound []boundArg) {
	for _, b := range bound {
		v, ok := r.st.get(slot{in.id, b.name})
		if !ok {
			continue
		}
		normal := false
		if reassigned(in.fn, b.name) {
			if normal = normalised(in.mod.unit, in.fn, b.name); !normal {
				continue
			}
		}
		var w *way
		for _, x := range c.ways {
			if x.arg == b.arg && x.part == "" {
				w = x
			}
		}
		if w == nil {
			w = &way{arg: b.arg}
			for _, m := range b.was.marks {
				w.was |= m.kinds
			}
			c.ways = append(c.ways, w)
		}
		left := func(v *value) models.Kinds {
			k := kindsOf(v.origins())
			if !normal {
				return k
			}
			// Of what the normal path can do, only that it leads nowhere else tells of the other.
			if k&(a.models.paths|a.models.sibling) == 0 {
				return w.was &^ a.models.paths
			}
			return w.was
		}
		if head := headOfPair(r.st, r.v); head != nil {
			if w.first == nil {
				w.first = &way{arg: w.arg, was: w.was}
			}
			w.first.leaves(left(v), a.truth(r.st, head))
		}
		t := a.truthOf(r)
		if t == unknown {
			// What is given back tells of the parameter.
			facts := a.factsOf(r.st, r.v)
			if i := slices.IndexFunc(facts, func(f fact) bool { return f.id == 0 && f.slot == slot{in.id, b.name} && f.was == v }); i >= 0 {
				w.leaves(left(facts[i].yes), yes)
				w.leaves(left(facts[i].no), no)
				continue
			}
		}
		w.leaves(left(v), t)
	}
}

// learnParts notes what is left of parts of arguments at the ways out of a function: those
// that checks in it have spoken of.
func (a *analysis) learnParts(c *callSite, in *frame, bound []boundArg) {
	if c.runs > 0 { // one of several functions, and what one of them has checked another has not
		c.ways = slices.DeleteFunc(c.ways, func(w *way) bool { return w.part != "" })
		return
	}
	for _, b := range bound {
		if len(b.was.objs) > 0 || b.arg == nil {
			continue
		}
		switch b.arg.Kind() {
		case ast.KindName, ast.KindAttribute, ast.KindSubscript, ast.KindCall:
		default:
			continue
		}
		begin := pathMark + b.name
		var parts []string
		for _, r := range in.returns {
			for at := r.st; at != nil && at != in.base; at = at.parent {
				for k := range at.vars.all() {
					if part, ok := strings.CutPrefix(k.name, begin); ok && k.frame == in.id && part != "" && (part[0] == '[' || part[0] == '.') && !slices.Contains(parts, part) {
						parts = append(parts, part)
					}
				}
			}
		}
		slices.Sort(parts)
		for _, part := range parts {
			w := &way{arg: b.arg, part: part, was: models.All}
			for _, r := range in.returns {
				if r.st.dead {
					continue
				}
				left := models.All
				if v, ok := r.st.get(slot{in.id, begin + part}); ok && v != nil && v.facts[0].was == b.was && v.facts[0].object == nil {
					left &^= v.marks[0].kinds
				}
				w.leaves(left, a.truthOf(r))
			}
			if yes, no := w.cleared(); yes|no != 0 {
				c.ways = append(c.ways, w)
			}
		}
	}
}

// leaves notes what is left at one way out.
func (w *way) leaves(left models.Kinds, t tri) {
	if t != no {
		w.yes, w.hasYes = w.yes|left, true
	}
	if t != yes {
		w.no, w.hasNo = w.no|left, true
	}
}

// truthOf is whether what is given back at a way out is true.
func (a *analysis) truthOf(r outcome) tri {
	if r.truth != unknown {
		return r.truth
	}
	return a.truth(r.st, r.v)
}

// onePair makes one pair of those that a function may give back, or nil.
func (a *analysis) onePair(st *state, v *value) *value {
	if v == nil || len(v.objs) < 2 || len(v.marks) > 0 {
		return nil
	}
	var all *object
	for _, id := range v.objs {
		o := st.object(id)
		if o == nil || o.name != "builtins.tuple()" || o.loose || all != nil && len(o.list) != len(all.list) {
			return nil
		}
		all = joinObjects(all, o)
	}
	out := all.clone()
	if pairs := a.pairsOf(st, v, len(all.list)); len(pairs) > 0 {
		out.pairs = &pairs
	}
	return a.unnamed(st, out)
}

// pairsOf is what elements of tuples of n, one of which is given back, tell of each other.
func (a *analysis) pairsOf(st *state, v *value, n int) (out []pair) {
	for flag := range min(n, 4) {
		for of := range min(n, 4) {
			p := pair{flag: flag, of: of}
			for _, id := range v.objs {
				o := st.object(id)
				k := kindsOf(a.deep(st, o.list[of], 0))
				t := a.truth(st, o.list[flag])
				if t != no {
					p.yes |= k
				}
				if t != yes {
					p.no |= k
				}
			}
			if flag != of && p.yes != p.no {
				out = append(out, p)
			}
		}
	}
	return out
}

// headOfPair is the first element of a pair, or nil.
func headOfPair(st *state, v *value) *value {
	if v == nil || len(v.objs) != 1 {
		return nil
	}
	if o := st.object(v.objs[0]); o != nil && o.name == "builtins.tuple()" && len(o.list) > 1 && !o.loose {
		return o.list[0]
	}
	return nil
}

// reassigned says whether a function gives a parameter another value.
func reassigned(f *function, name string) bool {
	return f != nil && f.def != nil && stores(f.def.Body, name)
}

// normalised says whether a parameter is given no other value than its own, with the path that it is
// made a normal one.
func normalised(u *program.Unit, f *function, name string) bool {
	return !storesBut(f.def.Body, name, func(e ast.Expr) bool {
		for range 6 {
			c, ok := e.(*ast.Call)
			if !ok || len(c.Keywords) > 0 {
				break
			}
			if at, ok := c.Func.(*ast.Attribute); ok && len(c.Args) == 0 && (at.Attr == "resolve" || at.Attr == "absolute") {
				e = at.Value
			} else if len(c.Args) == 1 && slices.ContainsFunc(u.Names(c.Func), normalising) {
				e = c.Args[0]
			} else {
				break
			}
		}
		return isNamed(e, name)
	})
}

// normalising says whether a function gives the same path again, written another way.
func normalising(name string) bool {
	switch name {
	case "os.path.abspath", "os.path.realpath", "os.path.normpath", "pathlib.Path", "builtins.str", "os.fspath":
		return true
	}
	return false
}

// stores says whether statements give a variable another value than its own without spaces around it,
// or in small letters: what holds of that, a browser and a file system take to hold of the other.
func stores(body []ast.Stmt, name string) bool {
	return storesBut(body, name, func(e ast.Expr) bool { return isNamed(trimmed(e), name) })
}

// storesBut says whether statements give a variable another value than what is the same for who asks.
func storesBut(body []ast.Stmt, name string, same func(ast.Expr) bool) bool {
	found := false
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if found {
			return
		}
		if x, ok := n.(*ast.Assign); ok && len(x.Targets) == 1 && isNamed(x.Targets[0], name) && same(x.Value) {
			return
		}
		if x, ok := n.(*ast.Name); ok && x.Ident == name && x.Ctx() == ast.Store {
			found = true
			return
		}
		ast.Children(n, visit)
	}
	for _, s := range body {
		visit(s)
	}
	return found
}

// generator says whether a def has a yield of its own.
func generator(d *ast.FunctionDef) bool {
	return hasOwn(d, func(n ast.Node) (found, skip bool) {
		return n.Kind() == ast.KindYield || n.Kind() == ast.KindYieldFrom, false
	})
}

// hasOwn says whether a node of a def is found that stands in none of the functions and
// classes within. What is skipped is not entered.
func hasOwn(d *ast.FunctionDef, is func(n ast.Node) (found, skip bool)) bool {
	any := false
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		switch n.(type) {
		case *ast.FunctionDef, *ast.Lambda, *ast.ClassDef:
			return
		}
		found, skip := is(n)
		any = any || found
		if !any && !skip {
			ast.Children(n, visit)
		}
	}
	for _, s := range d.Body {
		visit(s)
	}
	return any
}

// generated is what a call of a generator gives: its elements, made at once.
func (a *analysis) generated(c *callSite, in *frame, f *function) *value {
	states := []*state{}
	for _, r := range in.returns {
		if !r.st.dead {
			states = append(states, r.st)
		}
	}
	c.st.become(states...)
	if f.enter != nil {
		return nil
	}
	c.st.dead = false
	o := &object{name: "generator"}
	back := bottom
	for _, r := range in.returns {
		if !r.st.dead {
			back = join(back, r.v)
		}
	}
	o.fields = map[string]*value{}
	if back.tainted() {
		o.fields[resultField] = back
	}
	if f.def != nil && f.sent == nil && receives(f.def) {
		g := *f
		if g.self == nil || len(g.args) == 0 {
			g.args = append(slices.Clone(f.args), c.args...)
		}
		o.fields[madeBy] = &value{fns: []*function{&g}}
	}
	if in.exact && f.def != nil && straight(f.def) {
		o.list = in.yields
	} else {
		o.loose = true
		for _, v := range in.yields {
			o.add(v)
		}
	}
	if c.node == nil {
		a.objects++
		c.st.store(a.objects, o)
		return &value{objs: []objectID{a.objects}}
	}
	return a.alloc(c.fr, c.node, c.st, o)
}

// madeBy is the field of a generator that holds its function, for what is sent to it.
const madeBy = "\x00made"

// receives says whether a generator looks at what it is sent.
func receives(d *ast.FunctionDef) bool {
	return hasOwn(d, func(n ast.Node) (found, skip bool) {
		if e, ok := n.(*ast.ExprStmt); ok && e.Value.Kind() == ast.KindYield {
			return false, true // x is not asked for
		}
		return n.Kind() == ast.KindYield, false
	})
}

// straight says whether all yields stand in the function's own block, and so come in order.
func straight(d *ast.FunctionDef) bool {
	for _, s := range d.Body {
		var e ast.Expr
		switch s := s.(type) {
		case *ast.ExprStmt:
			e = s.Value
		case *ast.Assign:
			e = s.Value
		}
		switch e.(type) {
		case *ast.Yield, *ast.YieldFrom:
			continue
		}
		found := false
		var visit func(n ast.Node)
		visit = func(n ast.Node) {
			switch n.(type) {
			case *ast.Yield, *ast.YieldFrom:
				found = true
			case *ast.FunctionDef, *ast.Lambda:
				return
			}
			ast.Children(n, visit)
		}
		visit(s)
		if found {
			return false
		}
	}
	return true
}
