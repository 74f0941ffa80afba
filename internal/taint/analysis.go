// Package taint follows data through a whole program: from where it enters (a request, the
// command line) to where it does harm (a statement's text, a shell, a page), through
// variables, objects, containers, functions and modules. It knows no library and no rule;
// what is known of libraries comes from package models.
//
// It is an abstract interpreter of the syntax tree. A run begins at a root, a function that
// somebody outside can call, and executes it once for all inputs at once: a value is a set
// of origins, each with the ways in which it may still do harm, beside the constants, names,
// functions and objects that the value can be (type value). What variables and objects hold
// is a state; branches run on forks of it and are joined; a condition narrows what is known
// where it holds; branches that constants rule out are not run. Calls of the program's own
// functions are executed in place, so that a helper is judged by what it is given here and
// not by what anybody could give it.
//
// Every run is bounded in steps and depth; what was cut is counted. The answer depends on
// the files alone: runs share nothing that the order could change.
package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// The bounds of one run.
const (
	maxSteps      = 100_000 // expressions and statements
	maxLocalSteps = 2_500   // the same where data come only from the machine itself
	maxModule     = 6_000   // for a module's body
	maxDepth      = 14      // calls in calls
	maxUnroll     = 24      // elements of a container whose loop is run one by one
	maxRounds     = 600     // rounds of such loops in each other
	maxList       = 600     // elements of a list that are told apart
)

// A module is a file that is being looked at.
type module struct {
	of       *program.Module
	unit     *program.Unit
	frame    int32
	state    *state // after the module's body has run, or while it runs
	running  bool
	routes   []registered        // handlers that its body makes known
	catchers []registered        // functions for errors that its functions make known
	workers  []worker            // what its body has started
	changed  map[string]bool     // variables that functions change
	options  map[string]declared // see optionsOf
	fillers  []*program.Module   // that put something into it when they are imported
	waits    bool                // they have not been run yet
	table    table               // where they put it
}

// A function is a def or a lambda, as a value.
type function struct {
	mod   *module
	def   *ast.FunctionDef
	lam   *ast.Lambda
	outer int32  // where its free variables are
	class *class // that it was defined in
	self  *value // of a bound method
	name  string // qualified

	// What parameters are when nothing is given, as it was when the function was defined.
	defaults, kwDefaults []*value

	args  []argument    // of functools.partial
	lib   *value        // what functools.partial was given, when it is no function of the program
	sent  *value        // what yield gives in it
	route *models.Route // that made it a handler
	bound bool          // it is given its own task first
	// manages says that it is a generator made into a context manager; enter runs what stands
	// in the with statement, where the generator yields.
	manages bool
	enter   func(in *frame, st *state, got *value)
	wraps   *function // that functools.wraps has made it look like
	takes   string    // the type of the language that functools.singledispatch runs it for
	// native is a method of an object or type that the engine knows itself: "append".
	native string
	// kind is "", property, static or class.
	kind string
}

// wrapped is the function that f looks like to those who ask for its name and parameters.
func (f *function) wrapped() *function {
	for range 8 {
		if f.wraps == nil || f.wraps.def == nil {
			break
		}
		f = f.wraps
	}
	return f
}

// needs is how many arguments by position f must be given.
func (f *function) needs() int {
	f = f.wrapped()
	if f.def == nil {
		return 0
	}
	p := f.def.Args
	n := len(p.Posonlyargs) + len(p.Args) - len(p.Defaults) - len(f.args)
	if f.self != nil {
		n--
	}
	return n
}

// names are the parameters of a def that can be given by name.
func (f *function) names() []*ast.Arg {
	p := f.def.Args
	list := append(slices.Clone(p.Posonlyargs), p.Args...)
	if f.class != nil && f.kind != "static" && len(list) > 0 {
		list = list[1:]
	}
	return append(list, p.Kwonlyargs...)
}

// A class of the program.
type class struct {
	mod   *module
	def   *ast.ClassDef
	name  string
	frame int32 // its body's names
	bases []*value
	attrs map[string]*value
	libs  []string // what instances are by the library's classes that it derives from
	tuple []string // the fields of a collections.namedtuple, which has no def
	meta  *value   // what is said to make it
	kind  *string  // the container that it derives from; see containerKind

	changing map[string]bool // attributes of instances that its methods change; see changesField
}

// An argument of a call.
type argument struct {
	v    *value
	name string // keyword, or ""
	star int    // 1 for *args, 2 for **kwargs
	node ast.Expr
}

// A frame is one activation.
type frame struct {
	id      int32
	mod     *module
	fn      *function
	class   *class // of a class body
	base    *state
	returns []outcome
	yields  []*value
	exact   bool // yields come one by one, in this order
	loops   []*loop
	tries   []*handler
	raises  []raised // leave the function
	caught  *value   // the error that is being handled
	global  map[string]bool
	allocs  map[ast.NodeID]objectID
	up      *frame
	depth   int
	repeat  int  // loops that are not unrolled
	within  bool // of a comprehension
	given   []objectID
}

// An outcome is one way out of a function.
type outcome struct {
	st    *state
	v     *value
	truth tri      // where it is known better than from v
	at    ast.Expr // what is given back
}

type loop struct{ breaks, continues []*state }

// A handler collects the states in which its try block may fail.
type handler struct{ raised []raised }

// raised is a way in which something fails; v is the error, nil where it may be any.
type raised struct {
	st *state
	v  *value
}

const maxRaised = 12

type cutOff struct{}

// An analysis is a worker: it has its own units, and shares only the program's exports.
type analysis struct {
	prog     *program.Program
	models   *Knowledge
	modules  map[*program.Module]*module
	frames   map[int32]*module
	outer    []int32 // by frame: the frame around it
	shared   map[objectID]*object
	objects  objectID
	steps    int
	filling  int // steps of modules that were run because they fill others
	limit    int
	origins  map[originKey]*origin
	flows    map[flowKey]*Flow
	entries  map[[4]string]*Entry // see intern
	seen     map[seenKey]verdict  // calls with sinks
	entry    *Entry
	routes   []registered // handlers found while a module or function ran
	links    *Links
	storedAt map[string]bool     // fields of the database in which anything is stored
	pending  map[halfKey]bool    // calls with what such a field holds
	selects  map[string][]column // what statements give
	written  map[halfKey]*half   // what is stored in a database
	loaded   map[halfKey]*half   // where it would do harm
	putting  bool                // a function is run for what it leaves on an object
	view     *function           // that the decorators of the handler that runs have wrapped
	gave     []outcome           // what it gave back
	local    bool                // this run is about data from the machine itself
	thrown   []thrown            // errors that have left handlers
	signals  map[string]objectID // those that have names
	loading  *module             // whose body is running
	working  []*module           // that have started workers
	others   []other             // what this run has started
	second   bool                // handlers are run again with what all have left behind
	outlast  map[slot]bool       // attributes of classes and modules that handlers have set
	checks   int                 // how often a check has spoken of a path
	done     map[ast.Node]bool
	doneAs   map[doneKey]bool
	handled  []Handled         // handlers that were run to their end
	ran      map[ast.Node]bool // functions that something has called
	resolved map[lazy]*value
	marked   map[*ast.FunctionDef]int32 // frames of what functions are given as attributes
	cut      int
	bytes    int
	rounds   int  // of the loops that are run one by one, in each other
	nest     int  // loops that are not
	every    bool // something was found out of all elements of something

	build *build // nil, unless somebody asks what is put together
	watch *Watch // nil, unless somebody asks what is done and why
}

type originKey struct {
	at    place
	name  string
	entry *Entry
}

type seenKey struct {
	at    place
	kinds models.Kinds
}

type verdict uint8

func (a *analysis) step() {
	a.steps++
	if a.steps > a.limit {
		panic(cutOff{})
	}
}

// unroll asks whether n more rounds may be run one by one inside of the loops that are
// running; done is to be called after them.
func (a *analysis) unroll(n int) (done func(), ok bool) {
	was := max(a.rounds, 1)
	if was*max(n, 1) > maxRounds {
		return nil, false
	}
	a.rounds = was * max(n, 1)
	return func() { a.rounds = was }, true
}

// times is how often a loop that is not run one by one runs: the deeper, the less.
func (a *analysis) times() int {
	switch {
	case a.nest > 6:
		return 1
	case a.nest > 3 || a.rounds > 100:
		return 2
	}
	return 4
}

func (a *analysis) newFrame(outer int32) int32 {
	a.outer = append(a.outer, outer)
	return int32(len(a.outer) - 1)
}

// alloc is the object that a node makes in this activation. In a loop it stands for several.
func (a *analysis) alloc(fr *frame, n ast.Node, st *state, o *object) *value {
	id, ok := fr.allocs[n.ID()]
	if !ok {
		a.objects++
		id = a.objects
		if fr.allocs == nil {
			fr.allocs = map[ast.NodeID]objectID{}
		}
		if fr.repeat == 0 {
			// Made again by an unrolled loop, it is another one.
			st.store(id, o)
			return &value{objs: []objectID{id}, names: namesOf(o)}
		}
		fr.allocs[n.ID()] = id
		st.store(id, o)
	} else {
		was := st.object(id)
		if was != nil {
			o = joinObjects(was, o)
		}
		if !o.multi {
			o = o.clone()
			o.multi = true
		}
		st.store(id, o)
	}
	return &value{objs: []objectID{id}, names: namesOf(o)}
}

func namesOf(o *object) []string {
	if o.class != nil {
		return append([]string{o.class.name + "()"}, o.class.libs...)
	}
	if o.name != "" {
		return []string{o.name}
	}
	return nil
}

// module loads a module of the program and runs its body.
func (a *analysis) module(m *program.Module) *module {
	if x := a.modules[m]; x != nil {
		return x
	}
	x := &module{of: m}
	a.modules[m] = x
	u := m.Open()
	if u == nil {
		return x
	}
	a.bytes += len(u.File.Bytes)
	x.unit = u
	x.frame = a.newFrame(0)
	x.state = &state{base: a}
	a.frames[x.frame] = x
	x.running = true
	// What stands below if __name__ == "__main__" is run by its functions, which are roots.
	x.state.set(slot{x.frame, "__name__"}, strOf(m.Name))
	fr := &frame{id: x.frame, mod: x, base: x.state}
	// Nobody enters there, also where a handler is the first who asks for it.
	outer, around, entry, view := a.routes, a.loading, a.entry, a.view
	a.routes, a.loading, a.entry, a.view = nil, x, nil, nil
	defer func() {
		x.routes, a.routes, a.loading, a.entry, a.view = a.routes, outer, around, entry, view
	}()
	before := a.steps
	a.bounded(a.mostModule(), func() { a.block(fr, x.state, u.Tree.Module.Body) })
	// It is run once, for everybody: who happens to ask first does not pay for it.
	a.filling += a.steps - before
	a.steps = before
	x.state.dead = false
	x.running = false
	x.loosen(a)
	a.await(x)
	a.publish(x)
	return x
}

// loosen forgets what variables of a module are worth at its end that functions change: a
// handler finds them as others have left them.
func (x *module) loosen(a *analysis) {
	x.changed = changedGlobals(x.unit)
	for name := range x.changed {
		k := slot{x.frame, name}
		v, ok := x.state.get(k)
		if !ok || v == nil {
			continue
		}
		x.state.set(k, forgetful(v))
		for _, id := range v.objs {
			x.loosenContainer(id)
		}
	}
	if a.links == nil || len(a.links.fills[x.of]) > 0 {
		return // what others put there tells
	}
	for at := x.state; at != nil; at = at.parent {
		var made []objectID
		for id, o := range at.heap.all() {
			if o != nil && o.class != nil && o.class.def != nil && len(o.fields) > 0 {
				made = append(made, id)
			}
		}
		for _, id := range made {
			x.loosenFields(a, id)
		}
	}
}

// forgetful is a value whose constants others may have changed.
func forgetful(v *value) *value {
	w := *v
	w.consts, w.facts, w.some, w.also = nil, nil, false, true
	if len(v.consts) > 0 && v.consts[0].kind == ast.Str {
		w.names = stringNames
	}
	return &w
}

// loosenContainer forgets what is in a container, and that there is nothing else.
func (x *module) loosenContainer(id objectID) {
	if o := x.state.object(id); o != nil && o.class == nil {
		c := o.clone()
		c.part = true
		c.add(nil)
		if c.name != "builtins.dict()" {
			c.summarise()
		}
		x.state.store(id, c)
	}
}

// loosenFields does the same for an object of the module: what it holds that its methods change, as
// a table of sessions that is empty when the program starts.
func (x *module) loosenFields(a *analysis, id objectID) {
	o := x.state.object(id)
	var n *object
	for name, v := range o.fields {
		if v == nil || len(v.consts)+len(v.objs) == 0 || !a.changesField(o.class, name) {
			continue
		}
		if n == nil {
			n = o.clone()
		}
		n.fields[name] = forgetful(v)
		for _, id := range v.objs {
			if in := x.state.object(id); in != nil && in.size() == 0 {
				x.loosenContainer(id)
			}
		}
	}
	if n != nil {
		x.state.store(id, n)
	}
}

// changesField says whether a method of a class, other than the one that makes its instances, gives
// an attribute of its own another value, or puts something into it.
func (a *analysis) changesField(k *class, name string) bool {
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		if c.changing == nil {
			c.changing = map[string]bool{}
			for _, s := range c.def.Body {
				if d, ok := s.(*ast.FunctionDef); ok && d.Name != "__init__" && d.Name != "__post_init__" && d.Name != "__set_name__" && len(d.Args.Args) > 0 {
					changedOf(d, d.Args.Args[0].Arg, c.changing)
				}
			}
		}
		if c.changing[name] {
			return true
		}
	}
	return false
}

// changedOf adds the attributes of what a function calls self that it changes.
func changedOf(d *ast.FunctionDef, self string, out map[string]bool) {
	add := func(e ast.Expr) {
		for s, ok := e.(*ast.Subscript); ok; s, ok = e.(*ast.Subscript) {
			e = s.Value // self.rows[key].append(x)
		}
		if f, ok := e.(*ast.Attribute); ok {
			if n, ok := f.Value.(*ast.Name); ok && n.Ident == self {
				out[strings.Clone(f.Attr)] = true
			}
		}
	}
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Call:
			if f, ok := n.Func.(*ast.Attribute); ok && changes[f.Attr] {
				add(f.Value)
			}
		case *ast.Subscript:
			if n.Ctx() != ast.Load {
				add(n.Value)
			}
		case *ast.Attribute:
			if n.Ctx() != ast.Load {
				add(n)
			}
		}
		ast.Children(n, visit)
	}
	visit(d)
}

// changes are methods that change a container.
var changes = map[string]bool{"append": true, "add": true, "update": true, "pop": true, "remove": true, "clear": true, "extend": true, "insert": true, "setdefault": true, "discard": true, "popitem": true, "appendleft": true}

// changedGlobals are the variables of a module that its functions give another value, or put
// something into.
func changedGlobals(u *program.Unit) map[string]bool {
	out := map[string]bool{}
	for _, n := range u.Tree.Nodes()[1:] {
		var name *ast.Name
		switch n := n.(type) {
		case *ast.Global:
			for _, s := range n.Names {
				out[strings.Clone(s)] = true
			}
		case *ast.Call:
			if f, ok := n.Func.(*ast.Attribute); ok && changes[f.Attr] {
				at := f.Value
				for s, ok := at.(*ast.Subscript); ok; s, ok = at.(*ast.Subscript) {
					at = s.Value // HOOKS[event].append(f)
				}
				name, _ = at.(*ast.Name)
			}
		case *ast.Subscript:
			if n.Ctx() != ast.Load {
				name, _ = n.Value.(*ast.Name)
			}
		}
		if name == nil || !u.Live(name) || u.Function(name) == nil || out[name.Ident] {
			continue
		}
		if u.Global(name) {
			out[strings.Clone(name.Ident)] = true
		}
	}
	return out
}

// bounded runs f with at most so many steps of its own, and says whether it came to its end.
func (a *analysis) bounded(most int, f func()) (whole bool) {
	whole = true
	steps, limit, rounds, nest := a.steps, a.limit, a.rounds, a.nest
	a.limit = min(a.steps+most, limit)
	defer func() {
		a.limit, a.rounds, a.nest = limit, rounds, nest
		if r := recover(); r != nil {
			if _, ok := r.(cutOff); !ok {
				panic(r)
			}
			if steps+most > limit { // it is the outer bound that is reached
				panic(r)
			}
			a.cut++
			whole = false
		}
	}()
	f()
	return whole
}

// lookup finds a variable. Outer is the frame that it was found in.
func (a *analysis) lookup(fr *frame, st *state, name string) (*value, bool) {
	for id := fr.id; id != 0; id = a.outer[id] {
		if v, ok := st.get(slot{id, name}); ok {
			return a.force(v), true
		}
	}
	return nil, false
}

// force asks for what an import names.
func (a *analysis) force(v *value) *value {
	if v == nil || len(v.lazy) == 0 {
		return v
	}
	out := *v
	out.lazy = nil
	w := bottom
	if !out.empty() {
		w = &out
	}
	for _, l := range v.lazy {
		w = join(w, a.resolve(l))
	}
	return w
}

// resolve finds what a qualified name stands for: a module of the program, something in
// one, or something of a library.
func (a *analysis) resolve(l lazy) *value {
	if l.wait != nil {
		a.fill(l.wait)
		return bottom
	}
	if v, ok := a.resolved[l]; ok {
		return v
	}
	a.resolved[l] = &value{names: []string{l.name}} // modules may import each other
	m, rest := a.prog.Find(l.name, l.from)
	if m == nil {
		return a.resolved[l]
	}
	x := a.module(m)
	v := &value{mods: []*module{x}}
	fr := &frame{id: x.frame, mod: x}
	for part := range strings.SplitSeq(rest, ".") {
		if part == "" {
			v.names = []string{l.name}
			break
		}
		v = a.attribute(fr, nil, v, part, nil)
		if v == nil {
			break
		}
	}
	if x.running {
		delete(a.resolved, l)
		return v
	}
	a.resolved[l] = v
	return v
}

// assign sets a variable.
func (a *analysis) assign(fr *frame, st *state, name string, v *value) {
	id := fr.id
	if fr.global != nil {
		if global, ok := fr.global[name]; ok {
			id = fr.mod.frame
			if !global {
				for at := a.outer[fr.id]; at != 0; at = a.outer[at] {
					if _, ok := st.get(slot{at, name}); ok {
						id = at
						break
					}
				}
			}
		}
	}
	st.set(slot{id, name}, v)
}

func (a *analysis) at(fr *frame, n ast.Node) place {
	return place{fr.mod.unit.File, n.Span()}
}

// textOf is a node's source in one short line.
func textOf(f *source.File, n ast.Node) string {
	s := strings.Join(strings.Fields(f.Text(n.Span())), " ")
	if r := []rune(s); len(r) > 40 {
		s = string(r[:39]) + "…"
	}
	return s
}

// imported is what an import binds a name to.
func (a *analysis) imported(fr *frame, name string) *value {
	if m, _ := a.prog.Find(name, fr.mod.of.Path); m != nil {
		return &value{lazy: []lazy{{name: name, from: fr.mod.of.Path}}}
	}
	return a.sourced(fr, nil, &value{names: []string{name}}, name)
}

// texts are constants of the standard library.
var texts = map[string]string{
	"string.ascii_letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "string.ascii_lowercase": "abcdefghijklmnopqrstuvwxyz", "string.ascii_uppercase": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"string.digits": "0123456789", "string.hexdigits": "0123456789abcdefABCDEF", "string.octdigits": "01234567", "string.punctuation": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "string.whitespace": " \t\n\r\v\f",
	"string.printable": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\v\f",
	"os.sep":           "/", "os.path.sep": "/", "os.pardir": "..", "os.path.pardir": "..", "os.curdir": ".", "os.path.curdir": ".",
}

// fixed is what a name of the standard library stands for where the program runs, whatever the
// machine: an old Python, or a type checker, does not run it.
func fixed(name string) (*value, bool) {
	if s, ok := texts[name]; ok {
		return strOf(s), true
	}
	switch name {
	case "typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING":
		return boolOf(false), true
	case "sys.version_info.major", "sys.version_info[0]":
		return intOf(3), true
	}
	return nil, false
}

// Versions of Python that programs are run with.
var oldest, newest = []int64{3, 6}, []int64{3, 99}

// sourced marks what a model calls a source, and knows constants.
func (a *analysis) sourced(fr *frame, n ast.Node, v *value, name string) *value {
	if w, ok := fixed(name); ok {
		return w
	}
	s := a.models.value[name]
	if s == nil || fr.mod.of != nil && strings.Contains(fr.mod.of.Name, ".") && firstName(fr.mod.of.Name) == firstName(name) {
		return v // in the library itself nothing has entered yet
	}
	at := place{}
	if n != nil {
		at = a.at(fr, n)
	}
	out := *v
	out.marks = []mark{a.mark(s, at, name)}
	return &out
}

// mark makes the mark of a source.
func (a *analysis) mark(s *models.Source, at place, name string) mark {
	key := originKey{at, name, a.entry}
	o := a.origins[key]
	if o == nil {
		o = &origin{id: len(a.origins) + 1, local: s.Kind == "local", stored: s.Kind == "stored", says: s.Says, at: at, entry: a.entry}
		if o.says == "" {
			o.says = name
		}
		a.origins[key] = o
	}
	says := o.says + " enters here"
	if o.stored {
		says = "comes back from " + o.says
	}
	kinds := models.All &^ a.models.sibling
	if s.Owner && a.entry != nil && a.entry.Method != "" {
		kinds = 0 // a setting
	}
	return mark{src: o, kinds: kinds, step: (*step)(nil).then(at, says)}
}

// except says whether a model trusts a member of a source: by its name, by the way to it
// (author.id), or wherever below it stands (*.id).
func (a *analysis) except(name, attr string) bool {
	if a.models.value[name] != nil && a.models.givenHarmless(attr) {
		return true
	}
	for at, way := name, attr; ; {
		s := a.models.value[at]
		if of, ok := strings.CutSuffix(at, "()"); ok && s == nil {
			s = a.models.call[of]
		}
		if s != nil && (slices.Contains(s.Except, way) || slices.Contains(s.Except, "*."+attr)) {
			return true
		}
		i := strings.LastIndexAny(at, ".[(")
		if i <= 0 {
			return false
		}
		if part := at[i:]; part[0] == '.' {
			way = part[1:] + "." + way
		}
		at = at[:i]
	}
}

// ownPath says whether a member of a request is the address of the route that is run, which
// has no variable part.
func (a *analysis) ownPath(name, attr string) bool {
	s := a.models.value[name]
	return s != nil && a.entry != nil && a.entry.Route != "" && !strings.ContainsAny(a.entry.Route, "<{*(") && slices.Contains(s.Path, attr)
}
