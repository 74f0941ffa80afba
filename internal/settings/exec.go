package settings

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// What one configuration may cost. The largest settings modules that we know (Sentry's,
// Open edX's) take some ten thousand steps; whoever needs more is not read, and all of it
// counts as unknown.
const (
	maxSteps   = 400_000
	maxNesting = 150 // of blocks, expressions and calls in one another
	maxCalls   = 12  // of functions in one another
	maxLoop    = 512 // elements of a list that is gone through
	maxFiles   = 60  // modules that one configuration is made of
)

// A folder reads one configuration: it runs modules as Python would, for all values at once
// that the environment may have.
type folder struct {
	files  *files
	steps  int
	deep   int
	calls  int
	cut    bool // there was too much: nothing is known
	spaces map[*program.Module]*space
	roots  []*Map // namespaces of what is running, to be saved where ways part
	env    map[string]Value
	read   []string // paths of modules whose names became the configuration's
	local  string   // a module of the project that is read if it is there, and is not

	risk   int  // how many things may have failed
	unset  bool // a variable of the environment was asked for that need not be there
	trying int  // try statements around, which have an answer to a missing module
}

// A space is a module as it runs.
type space struct {
	mod  *program.Module
	unit *program.Unit
	ns   *Map
	done bool
}

// A frame is a function, a class body or a module as it runs.
type frame struct {
	sp     *space
	ns     *Map   // where names are bound
	outer  []*Map // where they are looked for after that, the innermost first; the module's is the last
	global map[string]bool
	rets   []ret
	now    Tri // whether this is the way that is taken if nothing is set
}

type ret struct {
	value Value
	now   Tri
}

// flow is how a block ends.
type flow uint8

const (
	next     flow = iota
	returned      // by return
	raised        // by raise, or the program's end
	missing       // by an import of what is not there
)

type fn struct {
	node   *ast.FunctionDef
	lambda *ast.Lambda
	sp     *space
	outer  []*Map
}

func (f *folder) place(fr *frame, n ast.Node) Place {
	return Place{Path: fr.sp.mod.Path, Span: n.Span()}
}

// spend counts a step, and says whether there are any left.
func (f *folder) spend(n int) bool {
	if f.steps -= n; f.steps < 0 && !f.cut {
		f.cut = true
		for _, m := range f.roots {
			m.open()
		}
	}
	return !f.cut
}

// space runs a module, once. One that is still running is given as far as it is.
func (f *folder) space(m *program.Module) *space {
	if sp := f.spaces[m]; sp != nil {
		return sp
	}
	if len(f.spaces) >= maxFiles {
		return nil
	}
	u := f.files.open(m)
	if u == nil {
		return nil
	}
	sp := &space{mod: m, unit: u, ns: &Map{}}
	sp.ns.set("__file__", someText(), Place{})
	sp.ns.set("__name__", text(m.Name), Place{})
	f.spaces[m] = sp
	f.roots = append(f.roots, sp.ns) // stays: others may hold what it made
	fr := &frame{sp: sp, ns: sp.ns, now: Yes}
	trying, risk, unset := f.trying, f.risk, f.unset
	f.trying = 0
	f.block(fr, u.Tree.Module.Body)
	f.trying, f.risk, f.unset = trying, risk, unset
	sp.done = true
	return sp
}

func (f *folder) block(fr *frame, body []ast.Stmt) flow {
	f.deep++
	defer func() { f.deep-- }()
	if f.deep > maxNesting {
		f.spend(maxSteps + 1)
	}
	for _, s := range body {
		if !f.spend(1) {
			return next
		}
		if fl := f.stmt(fr, s); fl != next {
			return fl
		}
	}
	return next
}

func (f *folder) stmt(fr *frame, s ast.Stmt) flow {
	switch s := s.(type) {
	case *ast.Assign:
		v := f.eval(fr, s.Value)
		for _, t := range s.Targets {
			f.assign(fr, t, v, f.place(fr, s))
		}
	case *ast.AnnAssign:
		if s.Value != nil {
			f.assign(fr, s.Target, f.eval(fr, s.Value), f.place(fr, s))
		}
	case *ast.AugAssign:
		f.augment(fr, s)
	case *ast.ExprStmt:
		c, ok := s.Value.(*ast.Call)
		if ok && f.ends(fr, c) {
			return raised
		}
		f.eval(fr, s.Value)
	case *ast.Delete:
		for _, t := range s.Targets {
			f.remove(fr, t)
		}
	case *ast.If:
		test := f.eval(fr, s.Test)
		return f.fork(fr, test.True(), test.Envs, func() flow { return f.block(fr, s.Body) }, func() flow { return f.block(fr, s.Orelse) })
	case *ast.Import:
		for _, a := range s.Names {
			if fl := f.imports(fr, a); fl != next {
				return fl
			}
		}
	case *ast.ImportFrom:
		return f.importFrom(fr, s)
	case *ast.FunctionDef:
		f.define(fr, s)
	case *ast.ClassDef:
		f.classDef(fr, s)
	case *ast.Return:
		v := none()
		if s.Value != nil {
			v = f.eval(fr, s.Value)
		}
		fr.rets = append(fr.rets, ret{v, fr.now})
		return returned
	case *ast.Raise:
		return raised
	case *ast.Try:
		return f.try(fr, s)
	case *ast.With:
		return f.with(fr, s)
	case *ast.For:
		return f.loop(fr, s)
	case *ast.While:
		if test := f.eval(fr, s.Test).True(); test.Always != No {
			f.repeat(fr, func() flow { return f.block(fr, s.Body) })
		}
		return f.block(fr, s.Orelse)
	case *ast.Match:
		return f.match(fr, s)
	case *ast.Global:
		if fr.global == nil {
			fr.global = map[string]bool{}
		}
		for _, n := range s.Names {
			fr.global[n] = true
		}
	}
	return next
}

// A snapshot is what lists and dictionaries hold at one point.
type snapshot struct {
	items map[*Items]Items
	maps  map[*Map]Map
}

// save notes what everything holds that can be reached.
func (f *folder) save() *snapshot {
	s := &snapshot{items: map[*Items]Items{}, maps: map[*Map]Map{}}
	for _, m := range f.roots {
		s.mapping(f, m, 0)
	}
	return s
}

func (s *snapshot) mapping(f *folder, m *Map, deep int) {
	if _, ok := s.maps[m]; ok || deep > maxDeep {
		return
	}
	m.saved = true
	s.maps[m] = *m
	f.steps -= 1 + len(m.List)/4
	for i := range m.List {
		s.value(f, m.List[i].Value, deep+1)
	}
}

func (s *snapshot) value(f *folder, v Value, deep int) {
	for _, c := range v.Alts {
		if c.Map != nil {
			s.mapping(f, c.Map, deep)
		}
		if l := c.Items; l != nil {
			if _, ok := s.items[l]; !ok && deep <= maxDeep {
				l.saved = true
				s.items[l] = *l
				f.steps -= 1 + len(l.List)/4
				for i := range l.List {
					s.value(f, l.List[i].Value, deep+1)
				}
			}
		}
	}
}

// again notes what the same lists and dictionaries hold now.
func (s *snapshot) again() *snapshot {
	out := &snapshot{items: make(map[*Items]Items, len(s.items)), maps: make(map[*Map]Map, len(s.maps))}
	for l := range s.items {
		l.saved = true
		out.items[l] = *l
	}
	for m := range s.maps {
		m.saved = true
		out.maps[m] = *m
	}
	return out
}

// restore makes what a snapshot holds the state.
func (s *snapshot) restore() {
	for l, x := range s.items {
		*l = x
	}
	for m, x := range s.maps {
		*m = x
	}
}

// merge joins the state with another one; but for what is local to a way that has ended.
func (s *snapshot) merge(f *folder, pick Tri, envs []string, but *Map) {
	for l, x := range s.items {
		if now := *l; !now.is(x) {
			f.steps -= len(now.List) + len(x.List)
			*l = *joinItems(&x, &now, pick, envs, 0)
		}
	}
	for m, x := range s.maps {
		if m == but {
			continue
		}
		if now := *m; !now.is(x) {
			f.steps -= len(now.List) + len(x.List)
			*m = *joinMaps(&x, &now, pick, envs, 0)
		}
	}
}

// is says whether nothing was done to a list since: what was saved is copied before it is
// written to.
func (l *Items) is(o Items) bool {
	return len(l.List) == len(o.List) && (len(l.List) == 0 || &l.List[0] == &o.List[0]) && l.Open == o.Open && l.Mixed == o.Mixed
}

func (m *Map) is(o Map) bool {
	return len(m.List) == len(o.List) && (len(m.List) == 0 || &m.List[0] == &o.List[0]) && m.Open == o.Open
}

// fork goes the ways that a condition leaves open, and joins what they have done.
func (f *folder) fork(fr *frame, cond Judgement, envs []string, a, b func() flow) flow {
	switch cond.Always {
	case Yes:
		return a()
	case No:
		return b()
	}
	before := f.save()
	now, risk, unset := fr.now, f.risk, f.unset
	if !f.spend(1) {
		return next
	}
	fr.now = min(now, cond.Now)
	fa := a()
	nowA, riskA, unsetA := fr.now, f.risk, f.unset
	after := before.again()
	before.restore()
	fr.now, f.risk, f.unset = min(now, -cond.Now), risk, unset
	fb := b()
	f.risk = max(f.risk, riskA)
	switch { // what fails does so on the way that is taken
	case cond.Now == Yes:
		f.unset = unsetA
	case cond.Now == Maybe:
		f.unset = f.unset || unsetA
	}
	switch {
	case fa == next && fb == next:
		after.merge(f, cond.Now, envs, nil)
		fr.now = now
	case fa == next:
		if fb == returned {
			// What the way did to others stays possible.
			b := before.again()
			after.restore()
			b.merge(f, -cond.Now, envs, fr.ns)
		} else {
			after.restore()
		}
		fr.now = nowA
	case fb == next:
		if fa == returned {
			after.merge(f, cond.Now, envs, fr.ns)
		}
	default:
		switch {
		case fa != returned:
		case fb != returned:
			after.restore()
		default:
			after.merge(f, cond.Now, envs, nil)
		}
		fr.now = now
		return min(fa, fb)
	}
	return next
}

// repeat runs what may run any number of times, or not at all: what it changes is not
// known afterwards.
func (f *folder) repeat(fr *frame, body func() flow) {
	before := f.save()
	now, rets := fr.now, len(fr.rets)
	body()
	fr.now = now
	for i := rets; i < len(fr.rets); i++ {
		fr.rets[i].now = Maybe
	}
	for l, was := range before.items {
		if !l.is(was) {
			joined := joinItems(l, &was, Maybe, nil, 0)
			joined.Open, joined.Mixed = true, true
			*l = *joined
		}
	}
	for m, was := range before.maps {
		if m.is(was) {
			continue
		}
		joined := joinMaps(m, &was, Maybe, nil, 0)
		for i := range joined.List {
			e := &joined.List[i]
			if old := was.get(e.Key); old == nil || !same(old.Value, e.Value, 0) {
				e.Value.Open = true
				e.Value.Alts = slices.Clone(e.Value.Alts)
				for j := range e.Value.Alts {
					e.Value.Alts[j].Now = false
				}
			}
		}
		*m = *joined
	}
}

// loop runs a for statement: element by element, if the list is known.
func (f *folder) loop(fr *frame, s *ast.For) flow {
	over := f.eval(fr, s.Iter)
	c, ok := over.Known()
	if !ok || c.Kind != List || c.Items.Open || len(c.Items.List) > maxLoop || leaves(s.Body, 0) || s.Async {
		f.repeat(fr, func() flow {
			f.assign(fr, s.Target, unknown(), f.place(fr, s))
			return f.block(fr, s.Body)
		})
		return f.block(fr, s.Orelse)
	}
	for _, x := range slices.Clone(c.Items.List) {
		fl := f.fork(fr, x.In, over.Envs, func() flow {
			f.assign(fr, s.Target, x.Value, f.place(fr, s))
			return f.block(fr, s.Body)
		}, func() flow { return next })
		if fl != next {
			return fl
		}
	}
	return f.block(fr, s.Orelse)
}

// leaves says whether a loop's body has a break or continue of its own.
func leaves(body []ast.Stmt, deep int) bool {
	if deep > maxNesting {
		return true
	}
	for _, s := range body {
		switch s := s.(type) {
		case *ast.Break, *ast.Continue:
			return true
		case *ast.If:
			if leaves(s.Body, deep+1) || leaves(s.Orelse, deep+1) {
				return true
			}
		case *ast.With:
			if leaves(s.Body, deep+1) {
				return true
			}
		case *ast.Try:
			if leaves(s.Body, deep+1) || leaves(s.Orelse, deep+1) || leaves(s.Finalbody, deep+1) {
				return true
			}
			for _, h := range s.Handlers {
				if leaves(h.Body, deep+1) {
					return true
				}
			}
		case *ast.Match:
			return true
		}
	}
	return false
}

// try runs a block, and the handlers where it may fail.
func (f *folder) try(fr *frame, s *ast.Try) flow {
	before := f.save()
	risk, unset, now := f.risk, f.unset, fr.now
	f.unset = false
	answers := catches(s.Handlers, "ImportError", "ModuleNotFoundError")
	if answers {
		f.trying++
	}
	fl := f.block(fr, s.Body)
	if answers {
		f.trying--
	}
	failed, risky := f.unset && catches(s.Handlers, "KeyError", "ImproperlyConfigured", "UndefinedValueError", "LookupError"), f.risk > risk
	f.unset = unset
	if fl == next {
		fl = f.block(fr, s.Orelse)
	}
	switch {
	case fl == missing && answers:
		fl = f.handlers(fr, s.Handlers, "ImportError", "ModuleNotFoundError")
	case !risky && !failed, len(s.Handlers) == 0:
	default:
		after, nowA := before.again(), fr.now
		before.restore()
		pick := Maybe
		if failed {
			pick = No
		}
		fr.now = min(now, -pick)
		fb := f.handlers(fr, s.Handlers)
		switch {
		case fl == next && fb == next:
			after.merge(f, pick, nil, nil)
			fr.now = now
		case fl == next:
			after.restore()
			fr.now = nowA
		case fb != next:
			fl = min(fl, fb)
		default:
			fl = fb
		}
	}
	if end := f.block(fr, s.Finalbody); end != next {
		return end
	}
	return fl
}

// handlers runs those for one of the errors, or all of them, each from where things stand.
func (f *folder) handlers(fr *frame, list []*ast.ExceptHandler, errors ...string) flow {
	if len(list) == 0 {
		return raised
	}
	h := list[0]
	if len(errors) > 0 && !catches(list[:1], errors...) {
		return f.handlers(fr, list[1:], errors...)
	}
	run := func() flow {
		if h.Name != "" {
			f.bind(fr, h.Name, unknown(), f.place(fr, h))
		}
		return f.block(fr, h.Body)
	}
	if len(list) == 1 || len(errors) > 0 {
		return run()
	}
	f.deep++
	defer func() { f.deep-- }()
	if f.deep > maxNesting {
		return run()
	}
	return f.fork(fr, either, nil, run, func() flow { return f.handlers(fr, list[1:]) })
}

// catches says whether one of the handlers takes one of the errors.
func catches(list []*ast.ExceptHandler, errors ...string) bool {
	for _, h := range list {
		types := []ast.Expr{h.Type}
		if t, ok := h.Type.(*ast.Tuple); ok {
			types = t.Elts
		}
		for _, t := range types {
			if t == nil {
				return true
			}
			name := ast.LastName(t)
			if name == "Exception" || name == "BaseException" || slices.Contains(errors, name) {
				return true
			}
		}
	}
	return false
}

func (f *folder) with(fr *frame, s *ast.With) flow {
	suppress := false
	for _, it := range s.Items {
		v := f.eval(fr, it.ContextExpr)
		c, ok := v.Known()
		suppress = suppress || ok && c.Kind == Object && c.Name == "contextlib.suppress()"
		if it.OptionalVars != nil {
			f.assign(fr, it.OptionalVars, unknown(), f.place(fr, s))
		}
	}
	if !suppress {
		f.risk++
		return f.block(fr, s.Body)
	}
	before := f.save()
	risk := f.risk
	f.trying++
	fl := f.block(fr, s.Body)
	f.trying--
	switch {
	case fl == missing, fl == raised:
		return next
	case f.risk > risk && fl == next:
		after := before.again()
		before.restore()
		after.merge(f, Maybe, nil, nil)
	}
	return fl
}

// match runs each case as if it might be the one, but for constants that decide.
func (f *folder) match(fr *frame, s *ast.Match) flow {
	subject := f.eval(fr, s.Subject)
	var run func(cases []*ast.MatchCase) flow
	run = func(cases []*ast.MatchCase) flow {
		if len(cases) == 0 || f.deep > maxNesting {
			return next
		}
		f.deep++
		defer func() { f.deep-- }()
		c := cases[0]
		cond := f.fits(fr, subject, c.Pattern, 0)
		if c.Guard != nil {
			cond = cond.And(f.eval(fr, c.Guard).True())
		}
		return f.fork(fr, cond, subject.Envs, func() flow { return f.block(fr, c.Body) }, func() flow { return run(cases[1:]) })
	}
	return run(s.Cases)
}

func (f *folder) fits(fr *frame, subject Value, p ast.Pattern, deep int) Judgement {
	if deep > maxDeep {
		return either
	}
	switch p := p.(type) {
	case *ast.MatchValue:
		return compare(subject, f.eval(fr, p.Value))
	case *ast.MatchOr:
		j := no
		for _, q := range p.Patterns {
			j = j.Or(f.fits(fr, subject, q, deep+1))
		}
		return j
	case *ast.MatchAs:
		if p.Name != "" {
			f.bind(fr, p.Name, subject, f.place(fr, p))
		}
		if p.Pattern == nil {
			return yes
		}
		return f.fits(fr, subject, p.Pattern, deep+1)
	}
	return either
}

// bind gives a name a value.
func (f *folder) bind(fr *frame, name string, v Value, at Place) {
	if fr.global[name] {
		fr.sp.ns.set(name, v, at)
		return
	}
	fr.ns.set(name, v, at)
}

func (f *folder) assign(fr *frame, target ast.Expr, v Value, at Place) {
	if !f.spend(1) {
		return
	}
	switch t := target.(type) {
	case *ast.Name:
		f.bind(fr, t.Ident, v, at)
	case *ast.Tuple:
		f.unpack(fr, t.Elts, v, at)
	case *ast.List:
		f.unpack(fr, t.Elts, v, at)
	case *ast.Starred:
		f.assign(fr, t.Value, unknown(), at)
	case *ast.Subscript:
		f.store(fr, t, v, at)
	case *ast.Attribute:
		if c, ok := f.eval(fr, t.Value).Known(); ok && c.Map != nil && (c.Kind == class || c.Kind == Object) {
			c.Map.set(t.Attr, v, at)
		}
	}
}

func (f *folder) unpack(fr *frame, targets []ast.Expr, v Value, at Place) {
	c, ok := v.Known()
	whole := ok && c.Kind == List && !c.Items.Open && !c.Items.Mixed && len(c.Items.List) == len(targets)
	for i, t := range targets {
		x := unknown()
		if whole && c.Items.List[i].In.Always == Yes {
			if _, star := t.(*ast.Starred); !star {
				x = c.Items.List[i].Value
			}
		}
		if !whole {
			x.Envs = v.Envs
		}
		f.assign(fr, t, x, at)
	}
}

// store is target[key] = v.
func (f *folder) store(fr *frame, t *ast.Subscript, v Value, at Place) {
	base := f.eval(fr, t.Value)
	key := f.eval(fr, t.Slice)
	if c, ok := base.Known(); ok && c.Kind == Ref && c.Name == "os.environ" {
		if k, ok := key.Known(); ok && k.V.Kind == ast.Str {
			f.env[k.V.Str] = v
		}
		return
	}
	k, known := key.Known()
	for _, c := range base.Alts {
		sure := len(base.Alts) == 1 && !base.Open
		switch c.Kind {
		case Dict:
			name, ok := mapKey(k)
			switch {
			case !known || !ok:
				c.Map.open()
			case sure:
				c.Map.set(name, v, at)
			default:
				c.Map.put(Entry{Key: name, Value: Value{Alts: v.Alts, Open: true}, In: either, At: at})
			}
		case List:
			i := int(k.V.Int)
			if i < 0 {
				i += len(c.Items.List)
			}
			if known && sure && k.V.Kind == ast.Int && !c.Items.Open && !c.Items.Mixed && i >= 0 && i < len(c.Items.List) {
				c.Items.own()
				c.Items.List[i] = Item{Value: v, In: yes, At: at}
				continue
			}
			c.Items.Open = true
		}
	}
}

// mapKey is how a Map names a key.
func mapKey(c Const) (string, bool) {
	if c.Kind != Scalar {
		return "", false
	}
	switch c.V.Kind {
	case ast.Str:
		return c.V.Str, true
	case ast.Int:
		s, ok := c.V.Text()
		return "#" + s, ok
	}
	return "", false
}

func (f *folder) augment(fr *frame, s *ast.AugAssign) {
	old := f.eval(fr, s.Target)
	v := f.eval(fr, s.Value)
	at := f.place(fr, s)
	if c, ok := old.Known(); ok {
		switch {
		case c.Kind == List && s.Op == ast.Add: // in place, for all who have it
			extend(c.Items, v)
			f.assign(fr, s.Target, old, at)
			return
		case c.Kind == Dict && s.Op == ast.BitOr:
			update(c.Map, v, at)
			f.assign(fr, s.Target, old, at)
			return
		}
	}
	f.assign(fr, s.Target, binary(old, s.Op, v), at)
}

// extend appends all elements of a value to a list.
func extend(l *Items, v Value) {
	c, ok := v.Known()
	if !ok || c.Kind != List {
		if len(v.Alts) > 0 && v.Alts[0].Kind == List {
			for _, x := range v.Alts[0].Items.List { // what may be something else
				x.In.Always = Maybe
				if !v.Alts[0].Now {
					x.In.Now = Maybe
				}
				l.add(x)
			}
		}
		l.Open = true
		return
	}
	for _, x := range c.Items.List {
		l.add(x)
	}
	l.Open = l.Open || c.Items.Open
	l.Mixed = l.Mixed || c.Items.Mixed
}

// update puts all entries of a value into a dictionary.
func update(m *Map, v Value, at Place) {
	c, ok := v.Known()
	if !ok || c.Kind != Dict {
		m.open()
		return
	}
	for _, e := range slices.Clone(c.Map.List) {
		if e.In.Always != Yes {
			if old := m.get(e.Key); old != nil {
				e.Value = join(e.Value, old.Value, e.In.Now, e.Value.Envs, 0)
				e.In = old.In.Or(e.In)
			}
		}
		if e.At.Path == "" {
			e.At = at
		}
		m.put(e)
	}
	if c.Map.Open {
		m.open()
	}
}

func (f *folder) remove(fr *frame, t ast.Expr) {
	switch t := t.(type) {
	case *ast.Name:
		fr.ns.drop(t.Ident)
	case *ast.Tuple:
		for _, e := range t.Elts {
			f.remove(fr, e)
		}
	case *ast.Subscript:
		k, ok := f.eval(fr, t.Slice).Known()
		for _, c := range f.eval(fr, t.Value).Alts {
			name, named := mapKey(k)
			switch {
			case c.Kind == Dict && ok && named:
				c.Map.drop(name)
			case c.Kind == Dict:
				c.Map.open()
			case c.Kind == List:
				c.Items.open()
			}
		}
	}
}

// imports binds `import a.b as c`.
func (f *folder) imports(fr *frame, a *ast.Alias) flow {
	prog := fr.sp.mod.Program()
	name := a.Name
	f.risk++
	if a.Asname == "" {
		top, _, _ := strings.Cut(name, ".")
		f.bind(fr, top, f.named(fr, top), Place{})
		return next
	}
	if prog.Module(name, fr.sp.mod.Path) == nil {
		f.bind(fr, a.Asname, some(Const{Kind: Ref, Name: name}), Place{})
		return next
	}
	f.bind(fr, a.Asname, f.named(fr, name), Place{})
	return next
}

// named is a module, or something of a library.
func (f *folder) named(fr *frame, name string) Value {
	if m := fr.sp.mod.Program().Module(name, fr.sp.mod.Path); m != nil {
		return some(Const{Kind: module, Name: name})
	}
	return some(Const{Kind: Ref, Name: name})
}

func (f *folder) importFrom(fr *frame, s *ast.ImportFrom) flow {
	if s.Module == "__future__" {
		return next
	}
	u := fr.sp.unit
	name := u.Absolute(s)
	prog := fr.sp.mod.Program()
	m := prog.Module(name, fr.sp.mod.Path)
	if m == nil {
		m = f.beside(fr.sp.mod, s)
	}
	star := len(s.Names) == 1 && s.Names[0].Name == "*"
	if m == nil || m == fr.sp.mod {
		own := s.Level > 0 || u.Mine(name) || localName(name) || star && !strings.Contains(name, ".")
		if own && (star || localName(name)) {
			f.local = name
		}
		switch {
		case own && f.trying > 0:
			return missing
		case star:
			// Where it is only done on a condition, it is done where the file is.
			if !own || fr.now == Yes {
				fr.ns.open()
			}
			return next
		}
		f.risk++
		for _, a := range s.Names {
			f.bind(fr, alias(a), some(Const{Kind: Ref, Name: name + "." + a.Name}), Place{})
		}
		return next
	}
	if !star {
		for _, a := range s.Names {
			f.bind(fr, alias(a), some(Const{Kind: Ref, Name: m.Name + "." + a.Name}), Place{})
		}
		return next
	}
	f.star(fr, m)
	return next
}

// beside finds a module that is run from its own folder, as a script is.
func (f *folder) beside(from *program.Module, s *ast.ImportFrom) *program.Module {
	if s.Level > 1 || s.Module == "" {
		return nil
	}
	file := path.Join(path.Dir(from.Path), strings.ReplaceAll(s.Module, ".", "/"))
	if m := from.Program().ByPath(file + ".py"); m != nil {
		return m
	}
	return from.Program().ByPath(file + "/__init__.py")
}

// star binds all names of a module.
func (f *folder) star(fr *frame, m *program.Module) {
	sp := f.space(m)
	if sp == nil {
		fr.ns.open()
		return
	}
	f.note(m.Path)
	var all []string
	if e := sp.ns.get("__all__"); e != nil {
		if c, ok := e.Value.Known(); ok && c.Kind == List {
			for _, x := range c.Items.List {
				if k, ok := x.Value.Known(); ok && k.V.Kind == ast.Str {
					all = append(all, k.V.Str)
				}
			}
		}
	}
	f.spend(len(sp.ns.List))
	for _, e := range slices.Clone(sp.ns.List) {
		if all == nil && strings.HasPrefix(e.Key, "_") || all != nil && !slices.Contains(all, e.Key) {
			continue
		}
		if e.In.Always != Yes {
			if old := fr.ns.get(e.Key); old != nil {
				e.Value = join(e.Value, old.Value, e.In.Now, e.Value.Envs, 0)
				e.In = old.In.Or(e.In)
				if e.In.Now != Yes {
					e.At = old.At
				}
			}
		}
		fr.ns.put(e)
	}
	if sp.ns.Open {
		fr.ns.open()
	}
}

func (f *folder) note(path string) {
	if !slices.Contains(f.read, path) {
		f.read = append(f.read, path)
	}
}

func alias(a *ast.Alias) string {
	if a.Asname != "" {
		return a.Asname
	}
	return a.Name
}

// localName says whether a module has the name of one that each machine has its own of.
func localName(name string) bool {
	if name == "secrets" {
		return false // of the standard library
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	for _, w := range strings.Split(last, "_") {
		switch w {
		case "local", "private", "secrets", "override", "overrides", "custom", "user":
			return true
		}
	}
	return false
}

// define binds a function. What decorators make of one is not known.
func (f *folder) define(fr *frame, s *ast.FunctionDef) {
	for _, d := range s.DecoratorList {
		if c, ok := d.(*ast.Call); ok {
			d = c.Func
		}
		switch ast.LastName(d) {
		case "overload":
			return
		case "cache", "lru_cache", "staticmethod", "wraps":
		default:
			f.bind(fr, s.Name, unknown(), f.place(fr, s))
			return
		}
	}
	f.bind(fr, s.Name, some(Const{Kind: function, fn: &fn{node: s, sp: fr.sp, outer: fr.scopes()}}), f.place(fr, s))
}

// scopes are the namespaces that a function in this frame sees, without the module's.
func (fr *frame) scopes() []*Map {
	if fr.ns == fr.sp.ns {
		return nil
	}
	return append([]*Map{fr.ns}, fr.outer...)
}

func (f *folder) classDef(fr *frame, s *ast.ClassDef) {
	c := Const{Kind: class, Name: s.Name, Map: &Map{}, Items: &Items{}, Now: true}
	for _, b := range s.Bases {
		c.Items.add(Item{Value: f.eval(fr, b), In: yes})
	}
	inner := &frame{sp: fr.sp, ns: c.Map, outer: fr.scopes(), now: fr.now}
	f.roots = append(f.roots, c.Map)
	f.block(inner, s.Body)
	f.roots = f.roots[:len(f.roots)-1]
	v := some(c)
	if len(s.DecoratorList) > 0 {
		v.Open = true
	}
	f.bind(fr, s.Name, v, f.place(fr, s))
}

// ends says whether a call ends the program: sys.exit().
func (f *folder) ends(fr *frame, c *ast.Call) bool {
	switch c.Func.(type) {
	case *ast.Name, *ast.Attribute:
	default:
		return false
	}
	risk := f.risk
	k, ok := f.eval(fr, c.Func).Known()
	f.risk = risk
	if !ok || k.Kind != Ref {
		return false
	}
	switch k.Name {
	case "sys.exit", "builtins.exit", "builtins.quit", "os._exit", "os.abort":
		return true
	}
	return false
}
