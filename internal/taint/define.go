package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// Definitions: what def and class make, with their decorators, and what a class makes.

// construct makes an instance of a class of the program.
func (a *analysis) construct(fr *frame, st *state, k *class, args []argument, e ast.Node) *value {
	if a.enum(k) && len(args) > 0 {
		out := bottom
		missing, other := a.member(fr, st, k, "_missing_")
		switch {
		case other: // what is none of them may become one
			out = join(out, a.invoke(fr, st, a.bindClass(missing, k), args[:1], e))
		case args[0].node != nil: // it has not failed: Color(x)
			a.refine(fr, st, args[0].node, trusted)
		}
		for _, v := range a.enumMembers(st, k) {
			out = join(out, v)
		}
		if out != bottom {
			return out
		}
	}
	if a.typedDict(k) {
		o := &object{name: "builtins.dict()"}
		for _, x := range args {
			if x.name != "" {
				a.put(o, strOf(x.name), x.v)
			} else {
				a.mix(st, o, x.v)
			}
		}
		return a.alloc(fr, e, st, o)
	}
	o := &object{class: k}
	if a.failure(k) {
		given := &object{name: "builtins.tuple()"}
		for _, x := range args {
			given.list = append(given.list, x.v)
		}
		a.objects++
		st.store(a.objects, given)
		o.fields = map[string]*value{"args": {objs: []objectID{a.objects}, names: namesOf(given)}}
	}
	if a.build != nil && len(k.libs) > 0 {
		o.made = a.noteMade(fr, st, e, strings.TrimSuffix(k.libs[0], "()"), nil, args)
	}
	if kind := a.containerKind(k); kind != "" {
		o.name = kind
	} else if a.textClass(k) {
		o.fields = map[string]*value{textField: orEmpty(arg(args, 0, ""))}
	}
	self := a.alloc(fr, e, st, o)
	init, ok := a.member(fr, st, k, "__init__")
	if ok {
		a.invoke(fr, st, a.bind(fr, st, init, self, e), args, e)
		if st.dead {
			return nil
		}
		return a.inherits(st, self, k, args)
	}
	if v, ok := a.member(fr, st, k, "__new__"); ok && v != nil && len(v.fns) > 0 {
		g := *v.fns[0]
		g.self = &value{class: []*class{k}}
		if r := a.invoke(fr, st, &value{fns: []*function{&g}}, args, e); r != nil && len(r.objs) > 0 {
			return r
		}
	}
	a.made(fr, st, k, args, e)
	if o.name != "" {
		site := &callSite{fr: fr, st: st}
		site.node, _ = e.(*ast.Call)
		a.filledWith(site, self.objs[0], args)
		return a.inherits(st, self, k, args)
	}
	// A record: its fields take the arguments in order.
	fields, handedOn := a.fieldsOf(k), a.initVars(k)
	byPosition := fields
	if a.data(k) {
		byPosition = a.positional(k)
	}
	c := st.object(self.objs[0]).clone()
	if c.fields == nil {
		c.fields = map[string]*value{}
	}
	c.list = nil
	next := 0
	var rest []mark
	for _, x := range args {
		switch {
		case x.name != "" && x.star == 0:
			c.fields[x.name] = x.v
		case x.star == 0 && next < len(byPosition):
			c.fields[byPosition[next]] = x.v
			next++
		default:
			rest = joinMarks(rest, a.deep(st, x.v, 0))
		}
	}
	for _, f := range fields {
		if _, ok := c.fields[f]; !ok {
			v := a.asFilled(k, a.preset(fr, st, k, f, e))
			if len(rest) > 0 {
				v = join(marked(rest), v)
			}
			if v != nil {
				c.fields[f] = v
			}
		}
	}
	if a.checkedModel(k) {
		a.checkFields(fr, st, k, c.fields, self, 0)
	} else if a.data(k) {
		a.checkedAttribs(fr, st, k, c.fields, self)
	}
	if a.record(k) {
		for _, f := range fields {
			c.list = append(c.list, c.fields[f])
		}
	}
	var passed []argument
	for _, n := range handedOn {
		passed = append(passed, argument{v: c.fields[n], name: n})
		delete(c.fields, n)
	}
	st.store(self.objs[0], c)
	if a.checkedModel(k) {
		a.checkedWhole(fr, st, k, self)
	}
	if post, ok := a.member(fr, st, k, "__post_init__"); ok {
		a.invoke(fr, st, a.bind(fr, st, post, self, e), passed, e)
	}
	return a.inherits(st, self, k, args)
}

// made looks whether making an instance is where data does harm: of a class that a library
// makes instances of, such as a mapper's.
func (a *analysis) made(fr *frame, st *state, k *class, args []argument, e ast.Node) {
	c, ok := e.(*ast.Call)
	if !ok || len(args) == 0 {
		return
	}
	var names []string
	for _, c := range a.lineage(k) {
		for _, b := range c.bases {
			if b == nil {
				continue
			}
			for _, n := range b.names {
				if slices.ContainsFunc(a.models.sinks[n], func(s sink) bool { return s.arg.Role == models.Named }) {
					names = append(names, n)
				}
			}
		}
	}
	if len(names) > 0 {
		a.checkSinks(&callSite{fr: fr, st: st, node: c, args: args, names: names}, "")
	}
}

// inherits adds what a library's base class makes of the instance.
func (a *analysis) inherits(st *state, self *value, k *class, args []argument) *value {
	out := *self
	out.names = slices.Clone(self.names)
	if o := st.object(self.objs[0]); o != nil && o.fields[textField] != nil {
		out.marks = joinMarks(out.marks, o.fields[textField].origins())
	}
	for _, c := range a.lineage(k) {
		for _, b := range c.bases {
			if b == nil {
				continue
			}
			for _, n := range b.names {
				if len(out.names) < 4 && n != "builtins.object" {
					out.names = append(out.names, a.models.rename(n+"()"))
				}
			}
		}
	}
	return &out
}

// fieldsOf are the annotated names of a class's body, and of its bases', in order.
func (a *analysis) fieldsOf(k *class) []string {
	var out []string
	line := a.lineage(k)
	for i := len(line) - 1; i >= 0; i-- {
		if line[i].def == nil {
			out = append(out, line[i].tuple...)
			continue
		}
		for _, s := range line[i].def.Body {
			n, value := fieldIn(s)
			if n == nil || slices.Contains(out, n.Ident) {
				continue
			}
			ann, typed := s.(*ast.AnnAssign)
			if typed && !classVar(line[i], ann) || !typed && a.fieldCall(line[i].mod, value) != nil { // name = attr.ib()
				out = append(out, n.Ident)
			}
		}
	}
	return out
}

// initVars are the fields of a dataclass that only __post_init__ gets.
func (a *analysis) initVars(k *class) []string {
	var out []string
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		for _, s := range c.def.Body {
			s, ok := s.(*ast.AnnAssign)
			if !ok {
				continue
			}
			e := s.Annotation
			if sub, ok := e.(*ast.Subscript); ok {
				e = sub.Value
			}
			if n, ok := s.Target.(*ast.Name); ok && c.mod.unit.Name(e) == "dataclasses.InitVar" {
				out = append(out, n.Ident)
			}
		}
	}
	return out
}

func classVar(k *class, s *ast.AnnAssign) bool {
	e := s.Annotation
	if sub, ok := e.(*ast.Subscript); ok {
		e = sub.Value
	}
	names := k.mod.unit.Names(e)
	return slices.Contains(names, "typing.ClassVar") || slices.Contains(names, "dataclasses.KW_ONLY")
}

// define is def: the function, through its decorators.
func (a *analysis) define(fr *frame, st *state, d *ast.FunctionDef) {
	f := &function{mod: fr.mod, def: d, outer: fr.id, name: d.Name}
	if fr.class != nil {
		f.class = fr.class
		f.outer = a.outer[fr.id]
		if f.outer == 0 {
			f.outer = fr.mod.frame
		}
		f.name = fr.class.def.Name + "." + d.Name
	}
	a.defaultsOf(fr, st, f, d.Args)
	v := &value{fns: []*function{f}}
	for i := len(d.DecoratorList) - 1; i >= 0; i-- {
		v = a.decorate(fr, st, d, v, f, d.DecoratorList[i])
	}
	a.assign(fr, st, d.Name, v)
}

func (a *analysis) decorate(fr *frame, st *state, d *ast.FunctionDef, v *value, f *function, dec ast.Expr) *value {
	if n, ok := dec.(*ast.Name); ok {
		switch n.Ident {
		case "staticmethod", "classmethod", "property":
			return of(v, map[string]string{"staticmethod": "static", "classmethod": "class", "property": "property"}[n.Ident])
		}
	}
	if at, ok := dec.(*ast.Attribute); ok && (at.Attr == "setter" || at.Attr == "getter" || at.Attr == "deleter") {
		if old, ok := a.lookup(fr, st, d.Name); ok && old != nil && len(old.fns) == 1 && old.fns[0].kind == "property" {
			g := *old.fns[0]
			if at.Attr == "setter" {
				g.args = []argument{{v: v}}
			}
			return &value{fns: []*function{&g}}
		}
	}
	var names []string
	target := dec
	if c, ok := dec.(*ast.Call); ok {
		target = c.Func
	}
	dv := a.eval(fr, st, target)
	if dv != nil {
		names = dv.names
	}
	if len(names) == 0 {
		names = fr.mod.unit.Names(target)
	}
	for _, n := range names {
		switch a.models.own(n) {
		case "functools.cached_property":
			return of(v, "property")
		case "functools.wraps":
			if c, ok := dec.(*ast.Call); ok && len(c.Args) > 0 {
				if w := a.eval(fr, st, c.Args[0]); w != nil && len(w.fns) == 1 {
					f.wraps = w.fns[0]
				}
			}
			return v
		case "contextlib.contextmanager", "contextlib.asynccontextmanager":
			w := of(v, "")
			for _, g := range w.fns {
				g.manages = true
			}
			return w
		case "functools.lru_cache", "functools.cache", "abc.abstractmethod", "typing.overload", "typing.final", "dataclasses.dataclass":
			return v
		}
	}
	if a.alternative(fr, st, dec, target, v, f) || a.build != nil && a.decorated(fr, st, dec, &value{fns: []*function{f}}) {
		return v
	}
	if r := a.models.route(names, target, dec); r != nil {
		a.routes = append(a.routes, registered{route: r, fn: v, dec: dec, fr: fr, class: fr.class})
		if len(r.Runs) > 0 {
			v = of(v, "")
			for _, g := range v.fns {
				g.route, g.bound = r, bindsSelf(dec)
			}
		}
		return v
	}
	// A decorator of the program is called, and what it returns is the function.
	if dv != nil && (len(dv.fns) > 0 || len(dv.class) > 0) {
		g := dv
		if c, ok := dec.(*ast.Call); ok {
			g = a.call(fr, st, c)
		}
		if g == nil || len(g.fns) == 0 && len(g.class) == 0 && len(g.objs) == 0 {
			return v
		}
		r := a.invoke(fr, st, g, []argument{{v: v}}, dec)
		if len(g.objs) > 0 && len(g.fns) == 0 {
			for _, id := range g.objs {
				if a.receives(&callSite{fr: fr, st: st}, id, v) {
					return v
				}
				if o := st.object(id); o != nil && o.class != nil {
					if m, ok := a.member(fr, st, o.class, "__call__"); ok {
						r = a.invoke(fr, st, a.bind(fr, st, m, &value{objs: []objectID{id}}, dec), []argument{{v: v}}, dec)
					}
				}
			}
		}
		if r == nil || len(r.fns) == 0 && len(r.objs) == 0 {
			return v
		}
		if f.class != nil {
			r = of(r, "")
			for i := range r.fns {
				if r.fns[i].class == nil {
					g := *r.fns[i]
					g.class = f.class
					r.fns[i] = &g
				}
			}
		}
		return r
	}
	if c, ok := dec.(*ast.Call); ok {
		if slices.ContainsFunc(names, func(n string) bool { return a.models.rename(n+"()") == receiverType }) {
			for _, id := range a.call(fr, st, c).objects() {
				a.receives(&callSite{fr: fr, st: st}, id, v)
			}
			return v
		}
		for _, x := range c.Args {
			a.eval(fr, st, x)
		}
	}
	return v
}

// alternative knows functools.singledispatch: @show.register adds to what show does.
func (a *analysis) alternative(fr *frame, st *state, dec, target ast.Expr, v *value, f *function) bool {
	at, ok := target.(*ast.Attribute)
	if !ok || at.Attr != "register" {
		return false
	}
	n, ok := at.Value.(*ast.Name)
	if !ok {
		return false
	}
	old, ok := a.lookup(fr, st, n.Ident)
	if !ok || old == nil || !slices.ContainsFunc(old.fns, func(g *function) bool { return g.def != nil && g.dispatches() }) {
		return false
	}
	var types ast.Expr
	if c, ok := dec.(*ast.Call); ok && len(c.Args) > 0 {
		types = c.Args[0]
	} else if f.def != nil {
		first := 0
		if f.class != nil {
			first = 1 // behind self
		}
		if len(f.def.Args.Args) > first {
			types = f.def.Args.Args[first].Annotation
		}
	}
	if types == nil || !plainTypes[fr.mod.unit.Name(types)] {
		if name := fr.mod.unit.Name(types); strings.HasPrefix(name, "builtins.") && len(v.fns) == 1 {
			g := *v.fns[0]
			g.takes = name
			v = &value{fns: []*function{&g}}
		}
		a.assign(fr, st, n.Ident, join(old, v))
	}
	return true
}

// dispatched leaves of the functions that a call may run those that functools.singledispatch runs
// for what the first argument is.
func (a *analysis) dispatched(c *callSite, list []*function) []*function {
	if len(list) < 2 || len(c.args) == 0 || !slices.ContainsFunc(list, func(f *function) bool { return f.takes != "" }) {
		return list
	}
	kind := a.typeName(c.st, c.args[0].v)
	if kind == "" {
		return list
	}
	mine := slices.DeleteFunc(slices.Clone(list), func(f *function) bool { return f.takes != kind })
	if len(mine) == 0 {
		mine = slices.DeleteFunc(slices.Clone(list), func(f *function) bool { return f.takes != "" && f.takes != "builtins.object" })
	}
	return mine
}

// typeName is the type of the language that a value is of for certain, or "".
func (a *analysis) typeName(st *state, v *value) string {
	switch {
	case v == nil || v.also || len(v.class)+len(v.fns)+len(v.mods) > 0:
	case len(v.objs) == 1 && len(v.consts)+len(v.marks) == 0:
		if o := st.object(v.objs[0]); o != nil && o.class == nil && strings.HasPrefix(o.name, "builtins.") {
			return strings.TrimSuffix(o.name, "()")
		}
	case len(v.objs) > 0:
	case len(v.consts) > 0:
		kind := constType[v.consts[0].kind]
		if !slices.ContainsFunc(v.consts, func(c constant) bool { return constType[c.kind] != kind }) {
			return kind
		}
	case len(v.names) == 1 && (v.names[0] == "builtins.str()" || v.names[0] == "builtins.bytes()"):
		return strings.TrimSuffix(v.names[0], "()")
	case a.textual(v):
		return "builtins.str"
	case len(v.names) == 1 && strings.HasSuffix(v.names[0], ".getlist()"):
		return "builtins.list"
	}
	return ""
}

// dispatches says whether a function has singledispatch above it.
func (f *function) dispatches() bool {
	return slices.ContainsFunc(f.def.DecoratorList, func(d ast.Expr) bool {
		n := f.mod.unit.Name(d)
		return n == "functools.singledispatch" || n == "functools.singledispatchmethod"
	})
}

// of gives all functions of a value a kind.
func of(v *value, kind string) *value {
	out := *v
	out.fns = nil
	for _, f := range v.fns {
		g := *f
		if kind != "" {
			g.kind = kind
		}
		out.fns = append(out.fns, &g)
	}
	return &out
}

func (a *analysis) defineClass(fr *frame, st *state, d *ast.ClassDef) {
	k := &class{mod: fr.mod, def: d, name: fr.mod.of.Name + "." + fr.mod.unit.Symbol(d)}
	for _, b := range d.Bases {
		k.bases = append(k.bases, a.eval(fr, st, b))
	}
	var given []argument // of the class itself
	for _, x := range d.Keywords {
		v := a.eval(fr, st, x.Value)
		if x.Arg == "metaclass" {
			k.meta = v
		} else if x.Arg != "" {
			given = append(given, argument{v: v, name: x.Arg})
		}
	}
	for _, c := range a.lineage(k) {
		for _, b := range c.bases {
			for _, n := range b.called() {
				if n != "builtins.object" && len(k.libs) < 3 && strings.IndexByte(n, '(') < 0 {
					k.libs = append(k.libs, a.models.rename(n+"()"))
				}
			}
		}
	}
	k.frame = a.newFrame(fr.id)
	if fr.fn == nil {
		a.frames[k.frame] = fr.mod
	}
	k.attrs = map[string]*value{}
	in := &frame{id: k.frame, mod: fr.mod, class: k, base: fr.base, up: fr, depth: fr.depth, tries: fr.tries}
	a.block(in, st, d.Body)
	for at := st; at != nil; at = at.parent {
		for key, v := range at.vars.all() {
			if key.frame == k.frame {
				if _, ok := k.attrs[key.name]; !ok && v != bottom {
					k.attrs[key.name] = v
				}
			}
		}
	}
	for name, v := range k.attrs {
		if v == nil && strings.HasPrefix(name, "\x00") {
			delete(k.attrs, name)
		}
	}
	a.enumerated(st, k)
	a.handlers(fr, st, k)
	a.prepared(fr, st, k, d, given)
	v := &value{class: []*class{k}}
	for i := len(d.DecoratorList) - 1; i >= 0; i-- {
		dec := d.DecoratorList[i]
		target := dec
		if c, ok := dec.(*ast.Call); ok {
			target = c.Func
		}
		if a.build != nil && a.decorated(fr, st, dec, v) {
			continue
		}
		dv := a.eval(fr, st, target)
		names := fr.mod.unit.Names(target)
		if dv != nil && len(dv.names) > 0 {
			names = dv.names
		}
		if a.classRoute(fr, k, names, target, dec) || dv == nil || len(dv.fns) == 0 {
			continue
		}
		g := dv
		if c, ok := dec.(*ast.Call); ok {
			g = a.call(fr, st, c)
		}
		if r := a.invoke(fr, st, g, []argument{{v: v}}, dec); r != nil && (len(r.class) > 0 || len(r.fns) > 0 || len(r.objs) > 0) {
			v = r
		}
	}
	a.assign(fr, st, d.Name, v)
}
