package taint

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// A registered handler waits until the code around it has run.
type registered struct {
	route *models.Route
	fn    *value
	dec   ast.Expr
	call  *callSite
	fr    *frame
	class *class
	meth  string
	// thrown is the error that another handler has raised.
	thrown *thrown
	made   *madeWith // what the object of its class is made with
}

// module is where a handler was made known, which need not be where it is defined.
func (r registered) module(f *function) *module {
	if r.fr != nil {
		return r.fr.mod
	}
	return f.mod
}

// register notes handlers that are given to functions: add_url_rule, path. It says whether
// there are any.
func (a *analysis) register(c *callSite) (found bool) {
	for _, n := range c.names {
		r := a.models.registers[n]
		if r == nil {
			continue
		}
		spec, err := models.ParseArgument(r.Handler)
		if err != nil {
			continue
		}
		for _, x := range c.given(spec) {
			if x.v == nil {
				continue
			}
			if len(x.v.fns) > 0 {
				found = true
				a.routes = append(a.routes, registered{route: r, fn: x.v, call: c, fr: c.fr})
				if f := x.v.fns[0]; f.lam != nil && f.needs() == 0 && r.Parameters == "none" {
					after := c.st.fork() // on_click=lambda: send(text.value), of the page that runs now
					a.function(&callSite{fr: c.fr, st: after}, f)
					if !after.dead {
						c.st.become(after)
					}
				}
			}
			classes := x.v.class
			for _, id := range x.v.objs {
				if o := c.st.object(id); o != nil && o.class != nil {
					classes = append(classes[:len(classes):len(classes)], o.class)
				}
			}
			for _, k := range classes {
				for _, h := range a.handlersOf(k, r.Handlers) {
					a.routes = append(a.routes, registered{route: r, fn: a.attr(k, h), call: c, fr: c.fr, class: k, meth: h})
				}
			}
		}
	}
	return found
}

// handlers notes the methods of a class that a framework calls.
func (a *analysis) handlers(fr *frame, st *state, k *class) {
	_, routes := a.baseRoutes(k)
	for _, r := range routes {
		r.fr = fr
		a.routes = append(a.routes, r)
	}
}

// attr is an attribute of a class, its own or one that it inherits in the program.
func (a *analysis) attr(k *class, name string) *value {
	for _, c := range a.lineage(k) {
		if v, ok := c.attrs[name]; ok {
			return v
		}
	}
	return nil
}

// A doneKey is a handler that was run: a method for each class that has it.
type doneKey struct {
	def   ast.Node
	class *class
	outer int32 // what a decorator makes of several handlers has one def
	made  *madeWith
}

// handlersOf are a class's methods of these names: "do_*" is all that begin so, "*" all
// that are public.
func (a *analysis) handlersOf(k *class, patterns []string) []string {
	var out []string
	attrs := map[string]*value{}
	for _, c := range a.lineage(k) { // what it inherits from classes of the program as well
		for name, v := range c.attrs {
			if _, ok := attrs[name]; !ok {
				attrs[name] = v
			}
		}
	}
	for name, v := range attrs {
		if v == nil || len(v.fns) == 0 {
			continue
		}
		if slices.ContainsFunc(patterns, func(p string) bool {
			begin, star := strings.CutSuffix(p, "*")
			return p == name || star && strings.HasPrefix(name, begin) && !strings.HasPrefix(name, "_")
		}) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// entry describes a route.
func (a *analysis) describe(r registered, f *function) *Entry {
	f = f.wrapped()
	e := &Entry{Handler: f.name, Method: r.route.Method}
	if f.mod != nil && f.mod.of != nil {
		e.Handler = f.mod.of.Name + "." + f.name
	}
	c, _ := r.dec.(*ast.Call)
	if c == nil && r.call != nil {
		c = r.call.node
	}
	u := r.module(f).unit
	if c != nil {
		if x := argumentOf(c, cmp.Or(r.route.Path, "0")); x != nil {
			e.Route, _ = u.Str(x)
		}
		if l, ok := argumentOf(c, r.route.Methods).(*ast.List); ok {
			var ms []string
			for _, x := range l.Elts {
				if s, ok := u.Str(x); ok {
					ms = append(ms, s)
				}
			}
			e.Method = strings.Join(ms, ",")
		}
	}
	if m := strings.ToUpper(r.meth); e.Method == "" && slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}, m) {
		e.Method = m
	}
	if e.Method == "" {
		e.Method = "GET"
	}
	e.Route, e.Method = strings.Clone(e.Route), strings.Clone(e.Method)
	if e.addresses = a.addressesOf(r, f, e.Route); len(e.addresses) > 0 {
		e.Route = e.addresses[0].route
	}
	return e
}

// intern is the one Entry of its kind: a handler that is run again is entered where it was before, and
// what data from outside are is told by where they enter.
func (a *analysis) intern(e *Entry) *Entry {
	k := [4]string{e.Method, e.Route, e.Parameter, e.Handler}
	if old := a.entries[k]; old != nil {
		return old
	}
	if a.entries == nil {
		a.entries = map[[4]string]*Entry{}
	}
	a.entries[k] = e
	return e
}

// argumentOf finds an argument as it is written: spec is a number, a name, or both, as 0|rule.
func argumentOf(c *ast.Call, spec string) (found ast.Expr) {
	for part := range strings.SplitSeq(spec, "|") {
		if n, ok := number(part); ok && n < len(c.Args) {
			found = c.Args[n]
		}
		for _, k := range c.Keywords {
			if k.Arg != "" && k.Arg == part {
				found = k.Value
			}
		}
	}
	return found
}

// runRoute executes a handler as the framework would.
func (a *analysis) runRoute(st *state, r registered, x *module) (more bool) {
	for _, f := range r.fn.fns {
		key := doneKey{f.def, r.class, f.outer, r.made}
		if f.def == nil || r.thrown == nil && (a.doneAs[key] || r.class == nil && f.outer == f.mod.frame && a.done[f.def]) {
			continue
		}
		a.done[f.def], a.doneAs[key] = true, true
		a.entry = a.intern(a.describe(r, f))
		a.watch.routed(f, r, a.entry)
		cut := a.cut
		whole := a.bounded(maxSteps, func() {
			a.others = nil
			cur := st.fork()
			fr := &frame{id: f.mod.frame, mod: f.mod, base: cur}
			var self *value
			var given []objectID
			if f.class != nil && f.kind != "static" {
				if k := r.class; k != nil && k.def != nil {
					a.objects++
					cur.store(a.objects, &object{class: k})
					self = &value{objs: []objectID{a.objects}, names: []string{k.name + "()"}}
					self = a.inherits(cur, self, k, nil)
					a.prepare(fr, cur, r, k, self)
					given = a.runFirst(fr, cur, r, k, self, f)
				}
			}
			g := *f
			if self != nil {
				g.self = self
			}
			args := a.routeArgs(fr, cur, r, &g)
			a.passedOn(cur, given, args)
			for _, h := range a.surrounded(fr, cur, r, &g) {
				site := &callSite{fr: fr, st: cur, args: args, answers: true}
				a.view, a.gave = nil, nil
				if view := h.wrapped(); view.def != h.def {
					a.view = view
				}
				v := a.function(site, h)
				if len(site.outs) == 0 && h.def != nil { // a generator
					a.answered(fr, cur, r, h, v, lastReturn(h.def))
				}
				for _, o := range site.outs {
					if o.at != nil {
						a.answered(fr, o.st, r, h, o.v, o.at)
					}
				}
			}
			a.runBeside(fr, cur)
			more = a.carry(x, cur) || more
			if r.thrown == nil {
				a.thrown = append(a.thrown, a.escaped(fr.raises)...)
			}
		})
		if whole && a.cut == cut && r.thrown == nil {
			a.handled = append(a.handled, Handled{f.mod.unit.File.Path, f.def.Span()})
		}
		a.entry = nil
	}
	return more
}

// ahead is 1 for what runs before other handlers.
func ahead(r registered) int {
	if r.before() {
		return 1
	}
	return 0
}

// prepare runs what makes the object of a class whose method is the handler: frameworks
// that know such classes hand over the request there.
func (a *analysis) prepare(fr *frame, st *state, r registered, k *class, self *value) {
	if r.made != nil {
		a.makeView(fr, st, r, k, self)
		return
	}
	init, ok := a.member(fr, st, k, "__init__")
	if !ok || init == nil {
		return
	}
	for _, f := range init.fns {
		if f.def == nil {
			continue
		}
		g := *f
		g.self = self
		var args []argument
		if r.route.Base == "" && r.route.Parameters == "request" {
			args = slices.DeleteFunc(a.routeArgs(fr, st, r, &g), func(x argument) bool { return x.name != "request" && x.name != "req" })
		}
		after := st.fork() // what else it is given, its annotations say
		a.function(&callSite{fr: fr, st: after, args: args, unseen: true}, &g)
		if !after.dead {
			st.become(after)
		}
	}
}

// runFirst runs the methods of a class that its framework calls before the handler, on the same
// object: what they put there, the handler finds.
func (a *analysis) runFirst(fr *frame, st *state, r registered, k *class, self *value, handler *function) (given []objectID) {
	for _, name := range r.route.First {
		m, ok := a.member(fr, st, k, name)
		if !ok || m == nil || len(m.fns) != 1 || m.fns[0].def == nil || m.fns[0].def == handler.def {
			continue
		}
		g := *m.fns[0]
		g.self = self
		after := st.fork()
		of := r
		if own := a.routeOf(r.route, name); own != nil { // it gets something else than the handler
			of.route = own
		}
		site := &callSite{fr: fr, st: after, args: a.routeArgs(fr, after, of, &g), split: true}
		for _, x := range site.args {
			if x.star == 2 {
				given = append(given, x.v.objects()...)
			}
		}
		a.function(site, &g)
		// A dispatch that answers itself, without super().dispatch(), has let nothing through.
		var through []*state
		for _, o := range site.outs {
			if callsSuper(o.at, name) {
				through = append(through, o.st)
			}
		}
		switch {
		case len(through) > 0:
			after.become(through...)
			st.become(after)
		case !after.dead:
			st.become(after)
		}
	}
	return given
}

// passedOn leaves of a handler's arguments what those that ran before it have let through
// under their names: kwargs["name"] in allowed.
func (a *analysis) passedOn(st *state, given []objectID, args []argument) {
	for _, id := range given {
		o := st.object(id)
		if o == nil {
			continue
		}
		for i, x := range args {
			if v, ok := o.keys[constant{kind: ast.Str, str: x.name}]; ok && x.name != "" {
				args[i].v = clear(x.v, models.All&^kindsOf(a.deep(st, v, 0)))
			}
		}
	}
}

// routeOf is what a model says of another method of the same class, or nil.
func (a *analysis) routeOf(r *models.Route, method string) *models.Route {
	for _, o := range a.models.bases[r.Base] {
		if o != r && slices.Contains(o.Handlers, method) {
			return o
		}
	}
	return nil
}

// callsSuper says whether e is super().name(…), awaited or not.
func callsSuper(e ast.Expr, name string) bool {
	if w, ok := e.(*ast.Await); ok {
		e = w.Value
	}
	c, ok := e.(*ast.Call)
	if !ok {
		return false
	}
	f, ok := c.Func.(*ast.Attribute)
	return ok && f.Attr == name && isSuper(f.Value)
}

// isSuper says whether e is super().
func isSuper(e ast.Expr) bool {
	c, ok := e.(*ast.Call)
	return ok && isNamed(c.Func, "super")
}

// isNamed says whether e is a name, written so.
func isNamed(e ast.Expr, name string) bool {
	n, ok := e.(*ast.Name)
	return ok && n.Ident == name
}

// classRoute notes the handler of a class that has a route above it: its __call__, or the
// method that the decorator names.
func (a *analysis) classRoute(fr *frame, k *class, names []string, target, dec ast.Expr) bool {
	r := a.models.route(names, target, dec)
	if r == nil {
		return false
	}
	method := "__call__"
	if c, ok := dec.(*ast.Call); ok {
		if s, ok := fr.mod.unit.Str(argumentOf(c, r.Handler)); ok {
			method = strings.Clone(s)
		}
	}
	if v := k.attrs[method]; v != nil && len(v.fns) > 0 {
		a.routes = append(a.routes, registered{route: r, fn: v, dec: dec, fr: fr, class: k, meth: ""})
	}
	return true
}

// answered looks at what a handler returns: a text is the page.
func (a *analysis) answered(fr *frame, st *state, r registered, f *function, v *value, back ast.Node) {
	if v == nil {
		return
	}
	if back != nil {
		a.answer(fr, st, r, f, v, place{f.mod.unit.File, back.Span()})
	}
	texts := v
	if len(v.objs) == 0 && r.route.Signature != nil {
		return // what another application answers
	}
	if len(v.objs) > 0 {
		texts = bottom
		for _, id := range v.objs {
			switch o := st.object(id); {
			case o == nil:
			case o.name == "builtins.tuple()" && len(o.list) > 0:
				for _, h := range o.list[1:] {
					a.headers(st, r, f, h, back)
				}
				if a.saysOther(st, o) {
					return
				}
				texts = join(texts, o.list[0])
			case r.route.Signature != nil && o.name == "builtins.list()" && a.pieces(st, r, f):
				texts = join(texts, o.all()) // WSGI: the pieces of the body
			case o.name == "builtins.dict()":
				if r.route.Response != "" { // what a gateway is given
					a.headers(st, r, f, o.at(strOf("headers")), back)
				}
				if a.saysHTML(st, o) {
					texts = join(texts, o.at(strOf("body")))
				}
			}
		}
		if texts == bottom || texts == nil {
			return
		}
	}
	if len(texts.objs) > 0 {
		return
	}
	for _, n := range texts.names {
		if n != "builtins.str()" && strings.HasSuffix(n, "()") && known(a, []string{strings.TrimSuffix(n, "()")}) {
			return // a response that somebody has made
		}
	}
	if f.def == nil || r.route.Returns == "" {
		return
	}
	if r.route.When != "" {
		list, err := models.ParseConditions(r.route.When)
		c, ok := r.dec.(*ast.Call)
		if err != nil || !ok {
			return
		}
		site := &callSite{fr: fr, st: st, node: c}
		in := &frame{id: r.module(f).frame, mod: r.module(f), base: st}
		for _, k := range c.Keywords {
			site.args = append(site.args, argument{v: a.eval(in, st, k.Value), name: k.Arg})
		}
		// APIRouter(default_response_class=HTMLResponse)
		if at, ok := c.Func.(*ast.Attribute); ok {
			for _, v := range in.mod.unit.Values(at.Value) {
				made, ok := v.(*ast.Call)
				if !ok {
					continue
				}
				for _, k := range made.Keywords {
					if name, ok := strings.CutPrefix(k.Arg, "default_"); ok && arg(site.args, 99, name) == nil {
						site.args = append(site.args, argument{v: a.eval(in, st, k.Value), name: strings.Clone(name)})
					}
				}
			}
		}
		if !a.when(site, list, nil) {
			return
		}
	}
	kinds, _ := models.ParseKind(r.route.Returns)
	kinds &^= a.ownHost(texts)
	at := place{f.mod.unit.File, headOf(f.def)}
	if back != nil {
		if said := saidOf(&frame{mod: f.mod, fn: f}, back, ""); kinds&a.models.page != 0 && said != "" && !markup(said) {
			return
		}
		at.span = back.Span()
		a.watch.reached(a, &frame{mod: f.mod}, back, texts.marks, kinds, "the response of "+f.name, false)
	}
	for _, m := range texts.marks {
		if k := m.kinds & kinds; k != 0 {
			at, by := a.shownAt(st, m, at, f)
			a.flow(fr, at, nil, m, k, "the response of "+by.name, false)
		}
	}
}

// shownAt is where a view that a decorator wraps gives back what the wrapper f then does, too, and who
// answers there.
func (a *analysis) shownAt(st *state, m mark, at place, f *function) (place, *function) {
	for _, o := range a.gave {
		if o.v != nil && o.at != nil && slices.ContainsFunc(a.deep(st, o.v, 0), func(x mark) bool { return x.src == m.src && x.kinds == m.kinds }) {
			return place{a.view.mod.unit.File, o.at.Span()}, a.view
		}
	}
	return at, f
}

// pieces says whether what a handler returns are the pieces of a page: where it is not known what
// was said of them, its text decides.
func (a *analysis) pieces(st *state, r registered, f *function) bool {
	if said, ok := a.saidBy(st, r.route.Response+"()"); ok {
		return markup(said)
	}
	return strings.Contains(f.mod.unit.File.Text(f.def.Span()), "text/html")
}

// headers looks at those that a handler gives back beside the page.
func (a *analysis) headers(st *state, r registered, f *function, v *value, back ast.Node) {
	if r.route.Returns == "" || back == nil || len(v.objects()) == 0 {
		return
	}
	fr := &frame{mod: f.mod, fn: f}
	to, _ := keyed(st, v, "location")
	a.reach(fr, back, nil, to, a.deep(st, to, 0), a.models.redirect, "the response of "+f.name, false)
	a.reach(fr, back, nil, nil, a.deep(st, v, 0), a.models.header, "the response of "+f.name, false)
}

// saysOther says whether a page with a status and headers has one that calls it something
// else than HTML.
func (a *analysis) saysOther(st *state, answer *object) bool {
	for _, x := range answer.list[1:] {
		if said, ok := keyed(st, x, "content-type"); ok {
			s, ok := said.str()
			return ok && !markup(s)
		}
	}
	return false
}

// saysHTML says whether an answer that is a dictionary has a header that calls it HTML.
func (a *analysis) saysHTML(st *state, answer *object) bool {
	said, _ := keyed(st, answer.at(strOf("headers")), "content-type")
	s, _ := said.str()
	return markup(s)
}

func headOf(d *ast.FunctionDef) source.Span {
	s := d.Span()
	if len(d.Body) > 0 {
		s.End = d.Body[0].Start()
	}
	return s
}

func lastReturn(d *ast.FunctionDef) ast.Node {
	var last ast.Node
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FunctionDef, *ast.Lambda, *ast.ClassDef:
			return
		case *ast.Return:
			if n.Value != nil {
				last = n
			}
		}
		ast.Children(n, visit)
	}
	for _, s := range d.Body {
		visit(s)
	}
	return last
}

// routeArgs are what the framework gives a handler.
func (a *analysis) routeArgs(fr *frame, st *state, r registered, f *function) []argument {
	p := f.def.Args
	list := append(slices.Clone(p.Posonlyargs), p.Args...)
	if f.self != nil && len(list) > 0 {
		list = list[1:]
	}
	asked, mode := requestAt(list), r.route.Parameters
	own := len(list)
	before := len(list) // parameters before those that are parts of the address
	switch mode {
	case "path":
		before = 0
	case "request":
		before = asked + 1
		if r.route.Response != "" {
			before++
		}
	}
	list = append(list, p.Kwonlyargs...)
	of := make([]*function, len(list))
	rest := p.Vararg != nil || p.Kwarg != nil
	positional := -1
	if inner := f.wrapped(); inner != f && rest {
		// The framework asks the function that is wrapped for its names.
		names := inner.names()
		if mode == "request" {
			names = names[min(own, len(names)):]
		}
		for _, q := range names {
			if !slices.ContainsFunc(list, func(o *ast.Arg) bool { return o.Arg == q.Arg }) {
				list, of = append(list, q), append(of, inner)
			}
		}
		rest = inner.def.Args.Vararg != nil || inner.def.Args.Kwarg != nil
		if own == 0 && mode == "request" {
			if asked = requestAt(list); p.Vararg != nil {
				positional = asked
			}
		}
	}
	schema := a.schemaOf(fr, st, r)
	var out []argument
	for i, q := range list {
		f, p := f, p
		if of[i] != nil {
			f = of[i]
			p = f.def.Args
		}
		name := strings.Clone(q.Arg)
		if i == positional {
			name = ""
		}
		v := a.annotated(&frame{id: fr.id, mod: f.mod, base: st}, q)
		if r.route.Raised == strconv.Itoa(i) {
			if r.thrown != nil {
				v = r.thrown.value(a, st)
			}
			out = append(out, argument{v: v, name: name})
			continue
		}
		if i < own && i < len(r.route.Takes) && r.route.Takes[i] != "" {
			if attr, ok := strings.CutPrefix(r.route.Takes[i], "self."); ok && f.self != nil {
				out = append(out, argument{v: a.attribute(&frame{id: fr.id, mod: f.mod, base: st}, st, f.self, attr, q), name: name})
				continue
			}
			if !v.tainted() {
				n := a.models.rename(r.route.Takes[i] + "()")
				v = a.sourced(fr, q, &value{names: []string{n}}, n)
			}
			out = append(out, argument{v: v, name: name})
			continue
		}
		if w := a.declared(st, r, name); w != nil {
			out = append(out, argument{v: w, name: name})
			continue
		}
		if mode == "request" && i == asked {
			if !v.tainted() {
				n := a.models.rename(r.route.Request + "()")
				v = a.sourced(fr, q, &value{names: []string{n}}, n)
			}
			out = append(out, argument{v: v, name: name})
			continue
		}
		if v.tainted() {
			out = append(out, argument{v: v, name: name})
			continue
		}
		if d := defaultOf(p, q); mode == "typed" {
			if c, made, in := a.dependsOn(f.mod, q, d); c != nil {
				out = append(out, argument{v: a.dependency(fr, st, r, in, c, made, a.handed(r, f, q)), name: name})
				continue
			}
		}
		if v, ok := a.inputOf(fr, st, r, f, list, i); ok {
			out = append(out, argument{v: v, name: name})
			continue
		}
		if mode == "path" && elsewhere(f, r, q.Arg, defaultOf(p, q) != nil) {
			continue // its default, or what a decorator gives it
		}
		if s := a.models.parameter(f.mod.unit, q.Arg); s != nil {
			out = append(out, argument{v: a.byName(s, f.mod, q), name: name})
			continue
		}
		if mode == "request" && i != asked && a.fixedBy(q.Arg) {
			out = append(out, argument{v: v, name: name})
			continue
		}
		if mode == "none" || mode == "request" && i < asked || safeParameter(f, q) || a.queuedWith(r, f, q, i) {
			if w := a.counted(fr, st, r, f, q, defaultOf(p, q)); w != nil && mode != "none" {
				v = w
			}
			out = append(out, argument{v: v, name: name})
			continue
		}
		if i == 1 && r.route.Response != "" {
			out = append(out, argument{v: &value{names: []string{r.route.Response + "()"}}, name: name})
			continue
		}
		w := &value{marks: []mark{a.handed(r, f, q)}}
		if v != nil {
			w.names = v.names
		}
		if len(w.names) == 0 && (mode == "path" || mode == "request") {
			w.names = stringNames
		}
		w = clear(a.optionAbove(fr, st, f, q.Arg, w), a.declaredType(r, f, q.Arg))
		if isText(w) && mode != "typed" { // a text is no operator
			w = clear(w, a.models.nosql)
		}
		w = clear(w, a.letThrough(q.Arg, max(i-before, -1)))
		if schema != nil && slices.Contains(a.fieldsOf(schema), q.Arg) {
			m := a.handed(r, f, q)
			w = a.attribute(fr, st, a.filled(fr, st, schema, &value{marks: []mark{m}}, 0), q.Arg, q)
			out = append(out, argument{v: w, name: name})
			continue
		}
		if mode == "typed" && q.Annotation != nil {
			w = a.typed(fr, st, f.mod, q.Annotation, w, 0)
			if d := defaultOf(p, q); d != nil {
				w = a.constrained(fr, st, f.mod, []ast.Expr{d}, w)
			}
			if w == bottom {
				w = nil
			}
		}
		if w == bottom {
			w = nil
		}
		out = append(out, argument{v: w, name: name})
	}
	if rest && (mode == "path" || mode == "all" || mode == "request") {
		// What has no name of its own comes from outside as well.
		if q := p.Vararg; q != nil {
			o := &object{name: "builtins.tuple()", loose: true}
			o.add(&value{marks: []mark{a.handed(r, f, q)}, names: stringNames})
			out = append(out, argument{v: a.unnamed(st, o), star: 1})
		}
		if q := p.Kwarg; q != nil {
			o := &object{name: "builtins.dict()"}
			m := a.handed(r, f, q)
			o.add(&value{marks: []mark{m}, names: stringNames})
			for _, part := range a.variables() {
				if !slices.ContainsFunc(list, func(q *ast.Arg) bool { return q.Arg == part }) && mode != "all" {
					a.put(o, strOf(part), clear(&value{marks: []mark{m}, names: stringNames}, a.letThrough(part, -1)))
				}
			}
			out = append(out, argument{v: a.unnamed(st, o), star: 2})
		}
	}
	return out
}

// schemaOf is the class that says of what types a handler's parameters are: an argument where it is
// made one, or an attribute of its class.
func (a *analysis) schemaOf(fr *frame, st *state, r registered) *class {
	if r.route.Schema == "" {
		return nil
	}
	var v *value
	switch c, _ := r.dec.(*ast.Call); {
	case r.call != nil:
		v = arg(r.call.args, -1, r.route.Schema)
	case c != nil:
		if e := argumentOf(c, r.route.Schema); e != nil && r.fr != nil {
			v = a.eval(a.in(fr, st, r.fr.mod), st, e)
		}
	case r.class != nil:
		v = a.attr(r.class, r.route.Schema)
	}
	if v == nil || len(v.class) != 1 || !a.checkedModel(v.class[0]) {
		return nil
	}
	return v.class[0]
}

// dependsOn finds what makes a parameter: = Depends(f), or Annotated[T, Depends(f)]. It is what
// is named there, or else the type beside it; in is where that is written.
func (a *analysis) dependsOn(mod *module, q *ast.Arg, d ast.Expr) (c *ast.Call, made ast.Expr, in *module) {
	in = mod
	by := func(e, of ast.Expr) bool {
		x, ok := e.(*ast.Call)
		if !ok {
			return false
		}
		for _, n := range in.unit.Names(x.Func) {
			if r := a.models.registers[n]; r != nil && r.Parameters == "typed" {
				c, made = x, cmp.Or(argumentOf(x, r.Handler), of)
				return true
			}
		}
		return false
	}
	if by(d, q.Annotation) {
		return c, made, in
	}
	of, beside, in := a.apart(mod, q.Annotation)
	for _, x := range beside {
		if by(x, of) {
			break
		}
	}
	return c, made, in
}

// dependency is what a handler is given by something that gets its parameters as a handler
// does: a function, a class, or an object that can be called.
func (a *analysis) dependency(fr *frame, st *state, r registered, mod *module, c *ast.Call, e ast.Expr, m mark) *value {
	if e == nil {
		return nil
	}
	in := &frame{id: mod.frame, mod: mod, base: st, up: fr}
	dep := a.eval(in, st, e)
	if dep == nil {
		return nil
	}
	out := bottom
	for _, df := range dep.fns {
		switch {
		case df.lam != nil:
			out = join(out, a.function(&callSite{fr: fr, st: st}, df))
		case df.def != nil:
			got := a.function(&callSite{fr: fr, st: st, args: a.routeArgs(fr, st, r, df)}, df)
			if generator(df.def) { // what it yields, and clears up afterwards
				got = a.someElement(st, got)
			}
			out = join(out, got)
		}
	}
	if len(dep.fns)+len(dep.class)+len(dep.objs) == 0 { // a library's object that is called
		for _, n := range dep.names {
			if w := a.sourced(fr, c, &value{names: []string{n + "()"}}, n+"()"); w.tainted() {
				out = join(out, w)
			}
		}
	}
	for _, k := range dep.class {
		if a.checkedModel(k) || a.data(k) { // each field is what a parameter of its type would be
			out = join(out, a.filled(in, st, k, &value{marks: []mark{m}}, 0))
			continue
		}
		var args []argument
		if init, ok := a.member(in, st, k, "__init__"); ok && init != nil && len(init.fns) > 0 && init.fns[0].def != nil {
			g := *init.fns[0]
			g.self = &value{}
			args = a.routeArgs(fr, st, r, &g)
		}
		out = join(out, a.construct(in, st, k, args, c))
	}
	for _, id := range dep.objs {
		o := st.object(id)
		if o == nil || o.class == nil {
			continue
		}
		if m, ok := a.member(in, st, o.class, "__call__"); ok && m != nil && len(m.fns) > 0 && m.fns[0].def != nil {
			g := *m.fns[0]
			g.self = &value{objs: []objectID{id}, names: namesOf(o)}
			out = join(out, a.function(&callSite{fr: fr, st: st, args: a.routeArgs(fr, st, r, &g)}, &g))
		}
	}
	if out == bottom {
		return nil
	}
	return out
}

// elsewhere says whether a parameter is no part of any of a handler's addresses, which are
// all known, and something else gives it: a default, or a decorator of the program.
func elsewhere(f *function, r registered, name string, given bool) bool {
	if f.def == nil || len(f.def.DecoratorList) == 0 || r.dec == nil && (r.class == nil || r.class.def == nil || len(r.class.def.DecoratorList) == 0) {
		return false
	}
	list := f.def.DecoratorList
	if r.dec == nil { // the class has the address, and the method what may give it more
		given = true
		list = r.class.def.DecoratorList
	}
	known := false
	for _, d := range list {
		c, ok := d.(*ast.Call)
		if !ok || len(c.Args) == 0 {
			given = true
			continue
		}
		s, ok := f.mod.unit.Str(c.Args[0])
		if !ok {
			return false
		}
		if !strings.HasPrefix(s, "/") && (s != "" || r.dec != nil) {
			given = true
			continue
		}
		known = true
		for _, form := range []string{"<" + name + ">", ":" + name + ">", "{" + name, ":" + name, "<" + name + ":", "*" + name} {
			if strings.Contains(s, form) {
				return false
			}
		}
	}
	return known && given
}

// declared is an instance of the class that a view names for a parameter: form_class for
// form, serializer_class for serializer.
func (a *analysis) declared(st *state, r registered, name string) *value {
	if r.class == nil || r.route.Base == "" {
		return nil
	}
	cls, ok := a.member(nil, st, r.class, name+"_class")
	if !ok || cls == nil || len(cls.class) != 1 {
		return nil
	}
	return a.inherits(st, a.unnamed(st, &object{class: cls.class[0]}), cls.class[0], nil)
}

// queuedWith says whether the program itself queues a task with that parameter: what it is given
// is known there.
func (a *analysis) queuedWith(r registered, f *function, q *ast.Arg, i int) bool {
	if r.route.Kind != "local" || len(r.route.Runs) == 0 || a.links == nil || f.def == nil {
		return false
	}
	if f.bound {
		i--
	}
	return slices.ContainsFunc(a.links.queued[f.mod.of.Name+"."+f.def.Name], func(x queued) bool { return x.given(q.Arg, i) })
}

// handed is the mark of what a framework hands over as a parameter.
func (a *analysis) handed(r registered, f *function, q *ast.Arg) mark {
	name := strings.Clone(q.Arg)
	src := &models.Source{Says: cmp.Or(r.route.Says, "the parameter "+name), Kind: r.route.Kind}
	m := a.mark(src, a.at(&frame{mod: f.mod}, q), name)
	if len(r.route.Clears) > 0 {
		k, _ := models.ParseKinds(r.route.Clears) // Parse has looked
		m.kinds &^= k
	}
	m.src.entry = &Entry{Parameter: name}
	if a.entry != nil {
		*m.src.entry = *a.entry
		m.src.entry.Parameter = name
		m.src.part = a.pathPart(name)
	}
	return m
}

// pathPart says whether a parameter is one part of the handler's address, whichever it is known
// under, up to the next separator.
func (a *analysis) pathPart(name string) bool {
	if a.entry == nil {
		return false
	}
	if len(a.entry.addresses) == 0 {
		return pathPart(a.entry.Route, name)
	}
	return !slices.ContainsFunc(a.entry.addresses, func(at address) bool { return !pathPart(at.route, name) })
}

// pathPart says whether a parameter is one part of a route's path, up to the next separator.
func pathPart(route, name string) bool {
	for _, form := range []string{"{" + name + "}", "<" + name + ">", "<string:" + name + ">", "<str:" + name + ">", "{" + name + ":str}", "<slug:" + name + ">"} {
		if strings.Contains(route, form) {
			return true
		}
	}
	return false
}

// requestAt is which parameter is the request: the one that is called so, or the first.
func requestAt(list []*ast.Arg) int {
	for i, q := range list {
		if q.Arg == "request" || q.Arg == "req" {
			return i
		}
	}
	return 0
}

func defaultOf(p *ast.Arguments, q *ast.Arg) ast.Expr {
	list := append(slices.Clone(p.Posonlyargs), p.Args...)
	if i := slices.Index(list, q); i >= 0 {
		if d := i - (len(list) - len(p.Defaults)); d >= 0 && d < len(p.Defaults) {
			return p.Defaults[d]
		}
	}
	if i := slices.Index(p.Kwonlyargs, q); i >= 0 && i < len(p.KwDefaults) {
		return p.KwDefaults[i]
	}
	return nil
}

// safeParameter says whether an annotation lets only harmless values pass.
func safeParameter(f *function, q *ast.Arg) bool {
	e := q.Annotation
	if e == nil {
		return false
	}
	switch x := e.(type) {
	case *ast.Subscript:
		n := f.mod.unit.Name(x.Value)
		if n == "typing.Literal" {
			return true
		}
		if n == "typing.Optional" || n == "typing.Annotated" {
			e = x.Slice
			if t, ok := e.(*ast.Tuple); ok && len(t.Elts) > 0 {
				e = t.Elts[0]
			}
		}
	case *ast.BinOp:
		if c, ok := x.Right.(*ast.Constant); ok && c.ConstKind() == ast.None {
			e = x.Left
		}
	}
	switch f.mod.unit.Name(e) {
	case "builtins.int", "builtins.float", "builtins.bool", "uuid.UUID", "datetime.date", "datetime.datetime", "decimal.Decimal":
		return true
	}
	return false
}
