package template

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/source"
)

// A Set is the templates that know one another. Load finds one by the name that another gives;
// it returns nil if there is none, and the same Template for the same name.
type Set struct {
	Load func(name string) *Template
}

// Outputs renders a template and returns every place where something of the context is printed, in
// the order of rendering. whole is false if the bounds cut something off.
func (s *Set) Outputs(name string) (places []*Place, whole bool) {
	t := s.load(name)
	if t == nil {
		return nil, true
	}
	return s.outputs(t)
}

func (s *Set) load(name string) *Template {
	if s == nil || s.Load == nil {
		return nil
	}
	return s.Load(name)
}

func (s *Set) outputs(t *Template) ([]*Place, bool) {
	w := newWalker(s)
	w.template(t, newScope(nil))
	return w.sink.places, w.fuel > 0 && !w.cut
}

// Outputs are the places of a template that stands alone.
func (t *Template) Outputs() []*Place {
	places, _ := (*Set)(nil).outputs(t)
	return places
}

// Variables are the names that the file takes from the context wherever it uses them, in order. It
// is what jinja2.meta calls undeclared.
func (t *Template) Variables() []string {
	w := newWalker(nil)
	w.alone = true
	w.cur = t
	w.nodes(t.body, newScope(nil))
	return slices.Sorted(maps.Keys(w.names))
}

// The bounds of one rendering.
const (
	maxFuel     = 200_000 // nodes and expressions
	maxDeep     = 1_000   // operators in a row are a tree that leans to the left
	maxPlaces   = 5_000
	maxPages    = 12 // ways in which the branches before can have left the page
	maxContexts = 16
	maxCalls    = 24 // of macros, includes and blocks within one another
)

// A scope holds variables. Without an up it is the context's, unless it is bare: a module that was
// imported does not see the context.
type scope struct {
	up    *scope
	vars  map[string]*value
	under []map[string]*value // what held before the branches that are being run
	bare  bool
	top   bool // of a template
}

// own is what a name was given here.
func (s *scope) own(name string) *value {
	v := s.vars[name]
	for i := len(s.under) - 1; v == nil && i >= 0; i-- {
		v = s.under[i][name]
	}
	return v
}

func newScope(up *scope) *scope { return &scope{up: up, vars: map[string]*value{}} }

func (s *scope) toTop() *scope {
	for s.up != nil && !s.top {
		s = s.up
	}
	return s
}

// A macro is what can be called, or shown where it is named: a macro, the body of a
// call, a loop, a block.
type macro struct {
	t      *Template
	node   *node
	scope  *scope
	escape Escaping
	body   []*node // of a caller
	block  string  // of super and self
	level  int
}

type blockRef struct {
	t    *Template
	node *node
}

type sink struct {
	places []*Place
	seen   map[string]*Place
}

type walker struct {
	set     *Set
	cur     *Template
	sink    *sink
	pages   []page
	escape  Escaping
	blocks  map[string][]blockRef
	names   map[string]bool
	modules map[*Template]*scope
	active  map[any]int // what is being rendered, against recursion
	block   []macro     // the blocks around
	hole    *value
	calls   int
	mute    int
	fuel    int
	spaces  int // changes of namespaces, which outlive a round of a loop
	deep    int
	cut     bool
	alone   bool
}

func newWalker(s *Set) *walker {
	return &walker{set: s, sink: &sink{seen: map[string]*Place{}}, pages: []page{{}}, blocks: map[string][]blockRef{}, names: map[string]bool{},
		modules: map[*Template]*scope{}, active: map[any]int{}, fuel: maxFuel}
}

func (w *walker) lookup(sc *scope, name string) *value {
	for s := sc; s != nil; s = s.up {
		if v := s.own(name); v != nil {
			return v
		}
		if s.bare {
			return &value{}
		}
	}
	if w.cur.Dialect == Jinja && (globals[name] || name == "self") {
		return &value{}
	}
	w.names[name] = true
	return &value{flows: []flow{{path: []string{name}}}}
}

// globals are those of every Jinja environment.
var globals = map[string]bool{"range": true, "dict": true, "lipsum": true, "cycler": true, "joiner": true, "namespace": true}

// enter bounds recursion: by what is entered, and in all.
func (w *walker) enter(key any, times int) bool {
	if w.calls >= maxCalls || w.active[key] >= times {
		return false
	}
	w.calls++
	w.active[key]++
	return true
}

func (w *walker) leave(key any) {
	w.calls--
	w.active[key]--
}

// template renders a file from its beginning: its own text, or its parent's with its blocks.
func (w *walker) template(t *Template, sc *scope) {
	if !w.enter(t, 2) {
		return
	}
	defer w.leave(t)
	defer func(cur *Template, escape Escaping) { w.cur, w.escape = cur, escape }(w.cur, w.escape)
	w.cur = t
	if t.Dialect == Jinja {
		w.escape = Inherit // it is the name of the file that decides
	}
	for name, n := range t.blocks {
		w.blocks[name] = append(slices.Clip(w.blocks[name]), blockRef{t, n})
	}
	if len(t.parents) == 0 {
		w.nodes(t.body, sc)
		return
	}
	w.mute++
	if t.Dialect == Jinja {
		w.nodes(t.body, sc) // what it sets, its blocks see
	}
	w.mute--
	begin, found := w.pages, false
	var after []page
	for _, p := range t.parents {
		for _, name := range w.eval(p.expr, sc).texts {
			parent := w.find(name)
			if parent == nil {
				continue
			}
			found = true
			blocks := w.blocks
			w.blocks = maps.Clone(blocks)
			w.pages = begin
			w.template(parent, sc)
			after = merge(after, w.pages)
			w.blocks = blocks
		}
	}
	if found {
		w.pages = after
		return
	}
	// Who its parent is, is not known: each of its blocks is a page of its own.
	w.eachBlock(t.body, func(n *node) {
		w.pages = []page{{}}
		w.node(n, sc)
	})
}

// eachBlock visits the blocks of a tree that are in no other.
func (w *walker) eachBlock(list []*node, visit func(*node)) {
	for _, n := range list {
		if n.op == nBlock {
			visit(n)
			continue
		}
		w.eachBlock(n.body, visit)
		w.eachBlock(n.other, visit)
	}
}

// find loads a template that the one being rendered names.
func (w *walker) find(name string) *Template {
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") {
		name = path.Join(path.Dir(w.cur.Name), name)
	}
	return w.set.load(name)
}

func merge(a, b []page) []page {
	a = slices.Clip(a)
	for _, p := range b {
		if len(a) < maxPages && !slices.Contains(a, p) {
			a = append(a, p)
		}
	}
	return a
}

func (w *walker) move(f func(page) page) {
	if w.mute > 0 {
		return
	}
	pages := make([]page, 0, len(w.pages))
	for _, p := range w.pages {
		if p = f(p); !slices.Contains(pages, p) {
			pages = append(pages, p)
		}
	}
	w.pages = pages
}

func (w *walker) nodes(list []*node, sc *scope) {
	for _, n := range list {
		w.node(n, sc)
	}
}

func (w *walker) node(n *node, sc *scope) {
	if w.fuel--; w.fuel <= 0 {
		return
	}
	switch n.op {
	case nText:
		text := w.cur.File.Text(n.at)
		w.move(func(p page) page { return p.advance(text) })
	case nPrint:
		w.print(n.expr, n.at, sc)
	case nOpaque:
		w.evalAll(n.args, sc)
		w.move(page.printed)
	case nEval:
		w.evalAll(n.args, sc)
	case nGroup:
		w.evalAll(n.args, sc)
		if n.other == nil {
			w.nodes(n.body, sc)
			return
		}
		w.branch(sc, func() { w.nodes(n.body, sc) }, func() { w.nodes(n.other, sc) })
	case nIf:
		w.eval(n.expr, sc)
		w.branch(sc, func() { w.nodes(n.body, sc) }, func() { w.nodes(n.other, sc) })
	case nFor:
		w.loop(n, w.eval(n.expr, sc), sc)
	case nBlock:
		w.blockNode(n, sc)
	case nExtends:
		w.eval(n.expr, sc)
	case nInclude:
		w.include(n, sc)
	case nImport:
		sc.vars[n.name] = w.module(n, sc)
	case nFrom:
		m := w.module(n, sc)
		for _, p := range n.params {
			sc.vars[p.target.text] = m.to(p.value.text)
		}
	case nMacro:
		m := &macro{t: w.cur, node: n, scope: sc, escape: w.escape}
		sc.vars[n.name] = &value{macro: m}
		if w.alone {
			w.call(m, nil, nil, sc)
		}
	case nCall:
		caller := &macro{t: w.cur, node: n, scope: sc, escape: w.escape, body: n.body}
		m, args := w.callee(n.expr, sc)
		if m != nil {
			w.call(m, args, caller, sc)
		}
		if m == nil || w.alone {
			// Something unknown decides what becomes of the body; most often it is shown.
			w.evalAll(n.expr.args[min(1, len(n.expr.args)):], sc)
			w.call(caller, nil, nil, sc)
		}
	case nSet:
		w.setNode(n, sc)
	case nWith:
		in := newScope(sc)
		for _, p := range n.params {
			v := w.eval(p.value, sc)
			if w.cur.Dialect == Jinja && p.value == p.target {
				v = w.lookup(sc, p.target.text)
			}
			in.vars[p.target.text] = v
		}
		w.nodes(n.body, in)
	case nFilter:
		v := w.capture(func() { w.nodes(n.body, newScope(sc)) })
		v = w.filtered(n.expr, v, sc)
		for _, p := range v.shown {
			p.Escape = Off // what a filter block makes is not escaped again
		}
		w.show(v, n.at)
	case nEscape:
		escape := w.escape
		w.escape = n.escape
		w.nodes(n.body, sc)
		w.escape = escape
	}
}

// branch runs two ways and joins what they leave.
func (w *walker) branch(sc *scope, one, two func()) {
	before, pages := sc.vars, w.pages
	sc.under = append(sc.under, before)
	sc.vars = map[string]*value{}
	one()
	vars, after := sc.vars, w.pages
	sc.vars, w.pages = map[string]*value{}, pages
	two()
	others := sc.vars
	sc.under, sc.vars = sc.under[:len(sc.under)-1], before
	w.pages = merge(after, w.pages)
	if len(vars)+len(others) == 0 {
		return
	}
	// What only one way sets is what it was on the other.
	joined := map[string]*value{}
	for name, v := range vars {
		if joined[name] = either(v, others[name]); others[name] == nil {
			joined[name] = either(v, w.lookup(sc, name))
		}
	}
	for name, v := range others {
		if vars[name] == nil {
			joined[name] = either(w.lookup(sc, name), v)
		}
	}
	maps.Copy(sc.vars, joined)
}

// loop runs the body until it leaves the page as it found it.
func (w *walker) loop(n *node, over *value, sc *scope) {
	before := w.pages
	after := before
	for range 3 {
		spaces := w.spaces
		in := newScope(sc)
		elem := over.to(Any)
		w.bind(n.target, elem, in)
		if w.cur.Dialect == Django {
			in.vars["forloop"] = &value{}
		} else {
			loop := &macro{t: w.cur, node: n, scope: sc, escape: w.escape}
			in.vars["loop"] = &value{macro: loop, fields: map[string]*value{"previtem": elem, "nextitem": elem}}
		}
		w.evalAll(n.args, in)
		w.nodes(n.body, in)
		more := merge(after, w.pages)
		if len(more) == len(after) && spaces == w.spaces || w.fuel <= 0 {
			break
		}
		after, w.pages = more, more
	}
	w.pages = before
	w.nodes(n.other, newScope(sc))
	w.pages = merge(after, w.pages)
}

// bind assigns an element to what a for or a set names.
func (w *walker) bind(target *expr, v *value, sc *scope) {
	switch target.op {
	case opName:
		sc.vars[target.text] = v
	case opAttr: // of a namespace, which keeps what it had
		ns := w.eval(target.args[0], sc)
		if ns.fields == nil {
			return
		}
		if old := ns.fields[target.text]; old == nil || !old.holds(v) {
			ns.fields[target.text] = either(old, v)
			w.spaces++
		}
	case opList:
		for i, t := range target.args {
			w.bind(t, v.to(fmt.Sprint(i)), sc)
		}
	}
}

// holds says whether either would add nothing that shows.
func (v *value) holds(o *value) bool {
	for _, f := range o.flat().flows {
		if !slices.ContainsFunc(v.flat().flows, f.same) {
			return false
		}
	}
	return len(o.shown) == 0
}

func (w *walker) setNode(n *node, sc *scope) {
	if n.target == nil {
		w.evalAll(n.args, sc)
		return
	}
	w.evalAll(n.args, sc)
	var v *value
	if n.body != nil {
		v = w.filtered(n.expr, w.capture(func() { w.nodes(n.body, newScope(sc)) }), sc)
	} else {
		v = w.eval(n.expr, sc)
	}
	if n.target.op == opList && len(v.items) == len(n.target.args) {
		for i, t := range n.target.args {
			w.bind(t, v.items[i], sc)
		}
		return
	}
	w.bind(n.target, v, sc)
}

func (w *walker) blockNode(n *node, sc *scope) {
	if w.alone {
		w.nodes(n.body, &scope{vars: map[string]*value{"self": {}, "super": {}}})
		return
	}
	if w.mute > 0 || n.name == "" {
		return
	}
	if w.cur.Dialect == Jinja && !n.flag {
		// A block sees what the templates set at their top, but no loop around it.
		sc = sc.toTop()
	}
	w.call(&macro{block: n.name, scope: sc}, nil, nil, sc)
}

func (w *walker) include(n *node, sc *scope) {
	names := w.eval(n.expr, sc).names()
	in := newScope(sc)
	if in.top = true; n.flag {
		in.up, in.bare = nil, true
	}
	for _, p := range n.params {
		in.vars[p.target.text] = w.eval(p.value, sc)
	}
	if w.mute > 0 {
		return
	}
	begin := w.pages
	var after []page
	for _, name := range names {
		t := w.find(name)
		if t == nil {
			continue
		}
		blocks := w.blocks
		w.blocks = map[string][]blockRef{}
		w.pages = begin
		w.template(t, in)
		after = merge(after, w.pages)
		w.blocks = blocks
	}
	if after == nil {
		after = begin
	}
	w.pages = after
}

// names are the texts of a value, or of the elements of a list.
func (v *value) names() []string {
	list := slices.Clip(v.texts)
	for _, i := range v.items {
		list = append(list, i.texts...)
	}
	return list[:min(len(list), maxFlows)]
}

// module runs a template for what it defines.
func (w *walker) module(n *node, sc *scope) *value {
	all := &value{fields: map[string]*value{}}
	for _, name := range w.eval(n.expr, sc).names() {
		t := w.find(name)
		if t == nil {
			continue
		}
		top := w.modules[t]
		if top == nil || !n.flag {
			top = newScope(sc)
			if top.top = true; n.flag {
				top.up, top.bare = nil, true
				w.modules[t] = top // also while it is running: it may import itself
			}
			if w.enter(t, 2) {
				cur, escape := w.cur, w.escape
				w.cur, w.escape = t, Inherit
				w.mute++
				w.nodes(t.body, top)
				w.mute--
				w.cur, w.escape = cur, escape
				w.leave(t)
			}
		}
		for k, v := range top.vars {
			all.fields[k] = either(all.fields[k], v)
		}
	}
	return all
}

// capture renders into a value.
func (w *walker) capture(f func()) *value {
	old, pages, mute := w.sink, w.pages, w.mute
	w.sink, w.pages, w.mute = &sink{seen: map[string]*Place{}}, []page{{}}, 0
	f()
	v := &value{shown: w.sink.places}
	w.sink, w.pages, w.mute = old, pages, mute
	return v
}

// print shows an expression. Macros and their like run where they are named, so that the page
// around them is known.
func (w *walker) print(x *expr, at source.Span, sc *scope) {
	if m, args := w.callee(x, sc); m != nil {
		w.call(m, args, nil, sc)
		return
	}
	w.show(w.eval(x, sc), at)
}

// show prints a value here.
func (w *walker) show(v *value, at source.Span) {
	v = v.flat()
	if w.mute == 0 {
		var contexts []Context
		for _, p := range w.pages {
			if c := p.context(); !slices.Contains(contexts, c) {
				contexts = append(contexts, c)
			}
		}
		for _, f := range v.flows {
			w.add(Place{Template: w.cur, At: at, Path: f.path, Steps: f.steps, Escape: w.escape, Contexts: contexts})
		}
		for _, p := range v.shown {
			q := *p
			q.Contexts = nil
			for _, in := range p.Contexts {
				for _, out := range contexts {
					if c := in; in.Where != Text {
						q.Contexts = append(q.Contexts, c)
					} else {
						q.Contexts = append(q.Contexts, out)
					}
				}
			}
			w.add(q)
		}
	}
	w.move(page.printed)
}

// add notes a place, or the further contexts of one that is known.
func (w *walker) add(p Place) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\x00%d\x00%d\x00%s", p.Template.Name, p.At.Start, p.Escape, strings.Join(p.Path, "\x01"))
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "\x00%s\x01%d\x01%s", s.Name, s.Escape, strings.Join(s.Args, "\x01"))
	}
	old := w.sink.seen[b.String()]
	if old == nil {
		if len(w.sink.places) >= maxPlaces {
			w.fuel = 0
			return
		}
		contexts := p.Contexts
		old = &p
		old.Contexts = nil
		w.sink.seen[b.String()] = old
		w.sink.places = append(w.sink.places, old)
		for _, c := range contexts {
			old.context(c)
		}
		return
	}
	for _, c := range p.Contexts {
		old.context(c)
	}
}

func (p *Place) context(c Context) {
	if len(p.Contexts) < maxContexts && !slices.Contains(p.Contexts, c) {
		p.Contexts = append(p.Contexts, c)
	}
}

// callee finds what a printed expression runs: a macro that is called, a block that is
// shown again.
func (w *walker) callee(x *expr, sc *scope) (*macro, []*expr) {
	if w.cur.Dialect == Django {
		if x.op == opAttr && x.text == "super" && x.args[0].op == opName && x.args[0].text == "block" {
			return w.super(), nil
		}
		return nil, nil
	}
	if x.op != opCall {
		return nil, nil
	}
	f := x.args[0]
	if m := w.special(f, sc); m != nil {
		return m, x.args[1:]
	}
	if f.op == opName || f.op == opAttr && f.args[0].op == opName {
		if m := w.eval(f, sc).macro; m != nil {
			return m, x.args[1:]
		}
	}
	return nil, nil
}

// special is what Jinja itself puts under super and self.
func (w *walker) special(f *expr, sc *scope) *macro {
	if f.op == opName && f.text == "super" {
		return w.super()
	}
	if f.op == opAttr && f.args[0].op == opName && f.args[0].text == "self" && len(w.blocks[f.text]) > 0 {
		return &macro{block: f.text, scope: sc.toTop()}
	}
	return nil
}

func (w *walker) super() *macro {
	if len(w.block) == 0 {
		return nil
	}
	m := w.block[len(w.block)-1]
	m.level++
	return &m
}

// call runs a macro here.
func (w *walker) call(m *macro, args []*expr, caller *macro, sc *scope) {
	if m.block != "" {
		w.runBlock(m)
		return
	}
	if m.node.op == nFor { // loop(children)
		over := &value{}
		if len(args) > 0 {
			over = w.eval(args[0], sc)
		}
		if w.enter(m.node, 2) {
			w.loop(m.node, over, m.scope)
			w.leave(m.node)
		}
		return
	}
	in := newScope(m.scope)
	rest := &value{}
	i := 0
	named := map[string]*value{}
	for _, a := range args {
		switch a.op {
		case opKeyword:
			named[a.text] = w.eval(a.args[0], sc)
		case opStar:
			rest = either(rest, w.eval(a.args[0], sc).index())
		default:
			v := w.eval(a, sc)
			if i < len(m.node.params) {
				in.vars[m.node.params[i].target.text] = v
			} else {
				rest = either(rest, v)
			}
			i++
		}
	}
	kwargs := &value{fields: map[string]*value{}}
	for _, k := range slices.Sorted(maps.Keys(named)) {
		if slices.ContainsFunc(m.node.params, func(p param) bool { return p.target.text == k }) {
			in.vars[k] = named[k]
		} else {
			kwargs.fields[k] = named[k]
		}
	}
	if m.node.op == nMacro {
		in.vars["varargs"] = &value{elem: rest}
		in.vars["kwargs"] = kwargs
		in.vars["caller"] = &value{macro: caller}
	}
	if !w.enter(m.node, 2) {
		return
	}
	cur, escape := w.cur, w.escape
	w.cur, w.escape = m.t, m.escape
	for _, p := range m.node.params {
		name := p.target.text
		if in.vars[name] != nil {
			continue
		}
		v := rest
		if p.value != nil {
			v = either(v, w.eval(p.value, in))
		}
		in.vars[name] = v
	}
	body := m.node.body
	if m.body != nil {
		body = m.body
	}
	w.nodes(body, in)
	w.cur, w.escape = cur, escape
	w.leave(m.node)
}

// runBlock shows a block, in the version of the template that has the last word, or that of the parent's.
func (w *walker) runBlock(m *macro) {
	chain := w.blocks[m.block]
	if m.level >= len(chain) {
		return
	}
	ref := chain[m.level]
	if !w.enter(ref.node, 2) {
		return
	}
	cur, escape := w.cur, w.escape
	w.cur = ref.t
	if ref.t.Dialect == Jinja {
		w.escape = Inherit
	}
	w.block = append(w.block, *m)
	w.nodes(ref.node.body, newScope(m.scope))
	w.block = w.block[:len(w.block)-1]
	w.cur, w.escape = cur, escape
	w.leave(ref.node)
}
