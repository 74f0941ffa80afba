package taint

import (
	"slices"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// with is the with statement: what stands before a manager is entered, the rest runs within it.
func (a *analysis) with(fr *frame, st *state, s *ast.With) { a.withItem(fr, st, s, 0) }

// withItem enters the managers of a with statement from the i-th on, and runs its body.
func (a *analysis) withItem(fr *frame, st *state, s *ast.With, i int) {
	if st.dead {
		return
	}
	if i == len(s.Items) {
		a.block(fr, st, s.Body)
		return
	}
	item := s.Items[i]
	rest := func(st *state, got *value) {
		if item.OptionalVars != nil {
			a.store(fr, st, item.OptionalVars, got)
		}
		a.withItem(fr, st, s, i+1)
	}
	v := a.eval(fr, st, item.ContextExpr)
	if f := a.manager(st, v); f != nil {
		a.manage(fr, st, f, item.ContextExpr, rest)
		return
	}
	quiet := slices.Contains(v.called(), "contextlib.suppress()")
	got, exits := a.entered(fr, st, v, item.ContextExpr)
	if !quiet && len(exits) == 0 {
		rest(st, got)
		return
	}
	h := &handler{}
	body := st.fork()
	fr.tries = append(fr.tries, h)
	rest(body, got)
	fr.tries = fr.tries[:len(fr.tries)-1]
	failed := st.fork()
	failed.become(rebase(statesOf(h.raised), failed)...)
	if !failed.dead && !quiet {
		// What failed: one error where it is known which.
		failure := argument{v: &value{}}
		known := bottom
		for _, r := range h.raised {
			if r.v != nil {
				known = join(known, r.v)
			}
		}
		if known != bottom {
			failure.v = known
		}
		if !a.exit(fr, failed, exits, s, []argument{{v: &value{}}, failure, {}}) {
			for _, r := range h.raised {
				fr.throw(r)
			}
			failed.dead = true
		}
	}
	if !body.dead {
		none := argument{v: constOf(constant{kind: ast.None})}
		a.exit(fr, body, exits, s, []argument{none, none, none})
	}
	st.become(failed, body)
}

// entered is what a manager gives when it is entered, and what is to be left afterwards.
func (a *analysis) entered(fr *frame, st *state, v *value, e ast.Node) (got *value, exits []*value) {
	if v == nil || len(v.objs) == 0 {
		return v, nil
	}
	got = bottom
	for _, id := range v.objs {
		o := st.object(id)
		switch {
		case o != nil && o.name == "generator":
			// One that was made into a context manager gives what it yields.
			got = join(got, o.all())
			continue
		case o != nil && o.name == closers:
			got = join(got, o.fields[closers])
			exits = append(exits, &value{objs: []objectID{id}})
			continue
		case o != nil && o.name == redirecting:
			got = join(got, o.fields[redirecting])
			st.set(ambient(redirecting), o.fields[redirecting])
			exits = append(exits, &value{objs: []objectID{id}})
			continue
		case o == nil || o.class == nil:
			got = join(got, v)
			continue
		}
		self := &value{objs: []objectID{id}, names: namesOf(o)}
		found := false
		for _, m := range []string{"__enter__", "__aenter__"} {
			if f, ok := a.member(fr, st, o.class, m); ok {
				got = join(got, a.invoke(fr, st, a.bind(fr, st, f, self, e), nil, e))
				found = true
				break
			}
		}
		if !found {
			got = join(got, self)
		}
		exits = append(exits, self)
	}
	return got, exits
}

// closers is what contextlib.closing gives, and the field of that which holds what is closed.
const closers = "contextlib.closing()"

// redirecting is what contextlib.redirect_stdout gives, and where print writes within it.
const redirecting = "contextlib.redirect_stdout()"

// exit leaves a with block, and says whether errors are swallowed for certain.
func (a *analysis) exit(fr *frame, st *state, exits []*value, s ast.Node, args []argument) bool {
	quiet := false
	for _, self := range exits {
		o := st.object(self.objs[0])
		if o == nil {
			continue
		}
		if of := o.fields[closers]; of != nil && o.name == closers {
			if f := a.attribute(fr, st, of, "close", s); f != nil && len(f.fns) > 0 {
				a.invoke(fr, st, f, nil, s)
			}
			continue
		}
		if o.name == redirecting {
			st.set(ambient(redirecting), bottom)
		}
		if o.class == nil {
			continue
		}
		for _, m := range []string{"__exit__", "__aexit__"} {
			if f, ok := a.member(fr, st, o.class, m); ok {
				v := a.invoke(fr, st, a.bind(fr, st, f, self, s), args, s)
				quiet = quiet || a.truth(st, v) == yes
				break
			}
		}
	}
	return quiet
}

// managed is what a call of a function gives that contextlib.contextmanager has made of a
// generator: nothing runs yet, it waits to be entered.
func (a *analysis) managed(c *callSite, f *function) *value {
	g := *f
	g.manages = false
	g.args = append(slices.Clone(f.args), c.args...)
	return a.fresh(c, &object{name: "manager", fields: map[string]*value{madeBy: {fns: []*function{&g}}}})
}

// manager is the function that waits in what managed gives, or nil.
func (a *analysis) manager(st *state, v *value) *function {
	if v == nil || len(v.objs) != 1 || len(v.marks) > 0 {
		return nil
	}
	o := st.object(v.objs[0])
	if o == nil || o.name != "manager" || o.fields[madeBy] == nil {
		return nil
	}
	return o.fields[madeBy].fns[0]
}

// maxEntered is how often the body of one with statement is run: once for each yield that its
// manager may come to.
const maxEntered = 3

// manage runs a manager that is a generator, and within it, where it yields, what stands in the
// with statement: what the generator does afterwards sees what has become of things, and
// errors come out of its yield.
func (a *analysis) manage(fr *frame, st *state, f *function, e ast.Node, body func(st *state, got *value)) {
	g := *f
	ran := 0
	g.enter = func(in *frame, st *state, got *value) {
		if ran++; ran > maxEntered {
			return
		}
		a.letPass(fr, in, st, &g)
		if len(in.tries) == 0 {
			body(st, got)
			return
		}
		h := &handler{}
		fr.tries = append(fr.tries, h)
		body(st, got)
		fr.tries = fr.tries[:len(fr.tries)-1]
		for _, r := range h.raised {
			in.throw(r)
		}
	}
	c := &callSite{fr: fr, st: st}
	c.node, _ = e.(*ast.Call)
	v := a.function(c, &g)
	if ran == 0 && !st.dead {
		// It was not run, or nobody knows whether it yields.
		if v != nil && len(v.objs) == 1 {
			if o := st.object(v.objs[0]); o != nil {
				v = o.all()
			}
		}
		body(st, v)
	}
}

// letPass takes from what a manager was given what it has checked before it yields: who is let in
// has passed.
func (a *analysis) letPass(fr, in *frame, st *state, f *function) {
	params := f.names()
	for _, x := range f.args {
		if x.star != 0 {
			return
		}
		name := x.name
		if name == "" {
			if len(params) == 0 {
				return
			}
			name, params = params[0].Arg, params[1:]
		}
		v, ok := st.get(slot{in.id, name})
		if !ok || x.node == nil || !x.v.tainted() || reassigned(f, name) {
			continue
		}
		gone := kindsOf(x.v.origins()) &^ kindsOf(v.origins())
		a.refine(fr, st, x.node, func(w *value) *value { return clear(w, gone) })
	}
}

// enter is what a manager gives that is entered by something else than a with statement.
func (a *analysis) enter(c *callSite, v *value) *value {
	if f := a.manager(c.st, v); f != nil {
		g := a.function(&callSite{fr: c.fr, st: c.st, node: c.node}, f)
		if g != nil && len(g.objs) == 1 {
			if o := c.st.object(g.objs[0]); o != nil && o.name == "generator" {
				return o.all()
			}
		}
		return g
	}
	got, _ := a.entered(c.fr, c.st, v, c.nodeOrNil())
	return got
}
