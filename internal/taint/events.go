package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// Objects that call others back: signals, emitters of events, and handlers that are run later.
// Models say which libraries make them, by types of the engine's own.
const (
	signalType   = "gambeson.Signal()"   // connect(f), send(…)
	emitterType  = "gambeson.Emitter()"  // on(event, f), emit(event, …)
	receiverType = "gambeson.Receiver()" // is called with a function, and connects it
)

// The fields of a receiver: what it connects to, and for which event.
const (
	receiverOf = "\x00of"
	receiverOn = "\x00on"
)

// connecting are the methods that connect a function to a signal or an event, sending those
// that call them.
var (
	connecting = map[string]bool{"connect": true, "connect_via": true, "subscribe": true, "on": true, "once": true, "add_listener": true, "add_event_handler": true, "listens_to": true}
	sending    = map[string]bool{"send": true, "send_robust": true, "send_async": true, "asend": true, "asend_robust": true, "emit": true, "fire": true, "notify": true, "trigger": true, "publish": true}
)

// madeEvents is the object that a call of a library makes, where its type is one of the engine's own,
// or nil. Those that have a name are one for each name.
func (a *analysis) madeEvents(c *callSite, v *value) *value {
	for i, n := range v.names {
		switch n {
		case signalType, emitterType:
			o := &object{name: n}
			if s, ok := arg(c.args, 0, "name").str(); ok && i < len(c.names) {
				key := c.names[i] + "\x00" + s
				id, ok := a.signals[key]
				if !ok {
					a.objects++
					id = a.objects
					if a.signals == nil {
						a.signals = map[string]objectID{}
					}
					a.signals[key] = id
					a.shared[id] = o
				}
				return &value{objs: []objectID{id}, names: namesOf(o)}
			}
			return a.fresh(c, o)
		case receiverType:
			return a.fresh(c, &object{name: n, fields: map[string]*value{receiverOf: arg(c.args, 0, "signal")}})
		}
	}
	return nil
}

// eventMethod is a method of such an object.
func (a *analysis) eventMethod(c *callSite, id objectID, o *object, name string, args []argument) (*value, bool) {
	self := &value{objs: []objectID{id}, names: namesOf(o)}
	switch {
	case connecting[name]:
		f, on := arg(args, 0, "receiver"), (*value)(nil)
		if o.name == emitterType {
			on, f = arg(args, 0, "event"), arg(args, 1, "f")
		}
		if name == "connect_via" || f == nil || len(f.fns)+len(f.class)+len(f.objs) == 0 {
			return a.fresh(c, &object{name: receiverType, fields: map[string]*value{receiverOf: self, receiverOn: on}}), true
		}
		a.connect(c, self, on, f)
		return f, true
	case sending[name]:
		given := args
		list := o.all()
		if o.name == emitterType {
			if len(args) == 0 {
				return nil, true
			}
			list, given = o.at(args[0].v), args[1:]
			if k, ok := args[0].v.only(); ok {
				if _, ok := o.keys[k]; !ok {
					list = o.rest
				}
			}
		}
		for _, f := range list.functions() {
			a.pass(c, &value{fns: []*function{f}}, given)
		}
		if list != nil && len(list.objs)+len(list.class) > 0 {
			w := *list
			w.fns = nil
			a.pass(c, &w, given)
		}
		return nil, true
	}
	return nil, true
}

// connect adds a function to those that signals, or an event of an emitter, call.
func (a *analysis) connect(c *callSite, to, on, f *value) {
	list := to.objects()
	if len(list) == 1 && c.st.object(list[0]) != nil && c.st.object(list[0]).name != signalType && c.st.object(list[0]).name != emitterType {
		// @receiver([a, b])
		elements, _ := a.iterate(c.fr, c.st, to, c.nodeOrNil())
		list = nil
		for _, e := range elements {
			list = append(list, e.objects()...)
		}
	}
	for _, id := range list {
		o := c.st.object(id)
		if o == nil || o.name != signalType && o.name != emitterType {
			continue
		}
		n := o.clone()
		if k, ok := on.only(); ok {
			a.put(n, constOf(k), join(orBottom(o.keys[k]), f))
		} else {
			n.loose = true
			n.add(f)
		}
		c.st.store(id, n)
	}
}

// receives connects a function to what a receiver speaks of, and says whether it is one.
func (a *analysis) receives(c *callSite, id objectID, f *value) bool {
	o := c.st.object(id)
	if o == nil || o.name != receiverType {
		return false
	}
	a.connect(c, o.fields[receiverOf], o.fields[receiverOn], f)
	return true
}

// runs is the way in which an attribute of a handler runs it, and how it takes its arguments:
// as they are, or in a list and a dictionary. How is "" if it does not run it.
func runs(r *models.Route, attr string) (how string) {
	for _, name := range r.Runs {
		if base, listed := strings.CutSuffix(name, "*"); base == attr {
			if listed {
				return "listed"
			}
			return "plain"
		}
	}
	return ""
}

// ofHandler is an attribute of a function that a framework runs later, or bottom.
func (a *analysis) ofHandler(f *function, attr string) *value {
	if f.route == nil || runs(f.route, attr) == "" {
		return bottom
	}
	return &value{fns: []*function{{mod: f.mod, native: attr, self: &value{fns: []*function{f}}, name: f.name + "." + attr}}}
}

// later runs a handler that is queued, and gives what holds its result.
func (a *analysis) later(c *callSite, f *function, attr string, args []argument) *value {
	given := args
	if runs(f.route, attr) == "listed" {
		given = a.unpacked(c.st, arg(args, 0, "args"), arg(args, 1, "kwargs"))
	}
	if f.bound {
		given = append([]argument{{}}, given...)
	}
	g := *f
	g.route = nil
	return a.future(c, a.pass(c, &value{fns: []*function{&g}}, given))
}

// bindsSelf says whether a decorator makes a handler get its own task first.
func bindsSelf(dec ast.Expr) bool {
	c, ok := dec.(*ast.Call)
	return ok && slices.ContainsFunc(c.Keywords, func(k *ast.Keyword) bool {
		v, ok := k.Value.(*ast.Constant)
		return k.Arg == "bind" && ok && v.ConstKind() == ast.True
	})
}

// A worker is a function that a module starts when it is imported, and that goes on.
type worker struct {
	f    *value
	args []argument
}

// unpacked are the arguments that a list and a dictionary hold, either of which may be nil.
func (a *analysis) unpacked(st *state, list, named *value) []argument {
	var out []argument
	if list != nil {
		out = append(out, argument{v: list, star: 1})
	}
	if named != nil {
		out = append(out, argument{v: named, star: 2})
	}
	return a.spread(st, out)
}

// startBeside runs a function beside the one that starts it, with a list and a dictionary of
// arguments. That it never comes back is no matter.
func (a *analysis) startBeside(c *callSite, f, list, named *value) *value {
	args := a.unpacked(c.st, list, named)
	a.startedBeside(c, f, args)
	site := *c
	site.st = c.st.fork()
	v := a.pass(&site, f, args)
	if !site.st.dead {
		c.st.become(site.st)
	}
	return v
}

// startedBeside notes what is run beside its caller: where things come to it later, it is run again.
func (a *analysis) startedBeside(c *callSite, f *value, args []argument) {
	if f == nil || len(f.fns) == 0 {
		return
	}
	if x := a.loading; x != nil && len(x.workers) < 10 {
		if len(x.workers) == 0 {
			a.working = append(a.working, x)
		}
		x.workers = append(x.workers, worker{f, args})
		return
	}
	if len(a.others) < 10 && (slices.ContainsFunc(args, func(x argument) bool { return len(x.v.objects()) > 0 }) || slices.ContainsFunc(f.fns, func(f *function) bool { return len(f.self.objects()) > 0 || f.outer != f.mod.frame })) {
		a.others = append(a.others, other{worker{f, args}, a.seenBy(c.st, f, args)})
	}
}

// An other is what was started, with what it could see then.
type other struct {
	worker
	seen []mark
}

// seenBy are the marks of all objects that something started can see.
func (a *analysis) seenBy(st *state, f *value, args []argument) []mark {
	var m []mark
	for _, x := range args {
		m = joinMarks(m, a.deep(st, x.v, 0))
	}
	for _, g := range f.fns {
		m = joinMarks(m, a.deep(st, g.self, 0))
		for id := g.outer; id != 0 && id != g.mod.frame; id = a.outer[id] {
			for at := st; at != nil; at = at.parent {
				for k, v := range at.vars.all() {
					if k.frame == id && v != nil && len(v.objs) > 0 {
						m = joinMarks(m, a.deep(st, v, 0))
					}
				}
			}
		}
	}
	return m
}

// runBeside runs again what was started beside a handler, if more can come to it now, and the
// workers of modules to whose queues something has come.
func (a *analysis) runBeside(fr *frame, st *state) {
	list := a.others
	a.others = nil
	if st.dead {
		return
	}
	for _, b := range list {
		if gained(b.seen, a.seenBy(st, b.f, b.args)) {
			a.pass(&callSite{fr: fr, st: st.fork()}, b.f, b.args)
		}
	}
	a.others = nil
	for _, x := range a.working {
		if x.state == nil || a.second {
			continue
		}
		if a.fed(x, st) {
			for _, w := range x.workers {
				a.pass(&callSite{fr: fr, st: st.fork()}, w.f, w.args)
			}
		}
	}
	a.others = nil
}

func gained(was, now []mark) bool {
	return slices.ContainsFunc(now, func(m mark) bool {
		return !slices.ContainsFunc(was, func(o mark) bool { return o.src == m.src && m.kinds&^o.kinds == 0 })
	})
}

// fed says whether objects that variables of a module hold have more in them now.
func (a *analysis) fed(x *module, st *state) bool {
	base := x.state
	for base.parent != nil {
		base = base.parent
	}
	for k, v := range base.vars.all() {
		if k.frame != x.frame || v == nil || v == bottom || len(v.objs) == 0 {
			continue
		}
		if gained(a.deep(base, v, 0), a.deep(st, v, 0)) {
			return true
		}
	}
	return false
}

// taskMethod is an attribute of an object of a class of handlers that has one run, or nil.
func (a *analysis) taskMethod(fr *frame, st *state, id objectID, o *object, attr string, e ast.Node) *value {
	_, routes := a.baseRoutes(o.class)
	for _, r := range routes {
		if runs(r.route, attr) == "" || r.fn == nil {
			continue
		}
		v := a.bind(fr, st, r.fn, &value{objs: []objectID{id}, names: namesOf(o)}, e)
		out := bottom
		for _, f := range v.functions() {
			g := *f
			g.route = r.route
			out = join(out, a.ofHandler(&g, attr))
		}
		if out != bottom {
			return out
		}
	}
	return nil
}
