package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// What an application is made with, its handlers find on it: app.extensions["library"] = Library(),
// app["http"] = ClientSession(), app.state.db = await connect(). What runs before a handler leaves
// more on the request: request.tenant = TENANTS.get(name). The function that does so often stands
// in another module. Facts tell what is put where, by the key or the attribute alone; who looks
// there finds an object of that class, or what the function leaves there when it is run.

// A held is what a file puts on an application or a request.
type held struct {
	member string // "[library]" or ".db"
	by     string // the qualified name of what is called for it, or
	in     string // the function that puts it there
	from   *program.Module
}

const (
	maxHeld  = 100 // in one file
	maxUnder = 4   // under one key
)

// holders are words that what keeps things for handlers is called by where its type is not known.
var holders = map[string]bool{"app": true, "application": true, "extensions": true, "state": true, "ctx": true, "config": true, "request": true}

// puts notes what an assignment puts on an application.
func (k *Knowledge) puts(u *program.Unit, f *Facts, as *ast.Assign) {
	if len(as.Targets) != 1 {
		return
	}
	to, ok1 := as.Targets[0].(*ast.Tuple)
	from, ok2 := as.Value.(*ast.Tuple)
	if ok1 && ok2 && len(to.Elts) == len(from.Elts) { // app.ctx.a, app.ctx.b = A(), B()
		for i, t := range to.Elts {
			k.putsOne(u, f, as, t, from.Elts[i])
		}
		return
	}
	k.putsOne(u, f, as, as.Targets[0], as.Value)
}

func (k *Knowledge) putsOne(u *program.Unit, f *Facts, as *ast.Assign, target, value ast.Expr) {
	if len(f.held) >= maxHeld {
		return
	}
	var on ast.Expr
	member := ""
	switch t := target.(type) {
	case *ast.Subscript:
		if key := keyText(u, k, t.Slice); key != "" {
			on, member = t.Value, "["+key+"]"
		}
	case *ast.Attribute:
		on, member = t.Value, "."+t.Attr
	}
	if on == nil || !k.isHolder(u, on) {
		return
	}
	var list []string
	if n, ok := on.(*ast.Name); !ok || n.Ident != "request" { // a request is filled anew by each run
		list = made(u, value)
	}
	for _, by := range list {
		f.held = append(f.held, held{member: strings.Clone(member), by: strings.Clone(by), from: u.Module})
	}
	if d := u.Function(as); d != nil && len(list) == 0 && u.Function(d) == nil {
		f.held = append(f.held, held{member: strings.Clone(member), in: strings.Clone(u.Symbol(d)), from: u.Module})
	}
}

// putsByName notes what a call puts on an application by the names of its arguments:
// Application(routes, store=Store()).
func (k *Knowledge) putsByName(u *program.Unit, f *Facts, c *ast.Call) {
	if !slices.ContainsFunc(u.Names(c.Func), func(n string) bool { return k.filledBy[n] }) {
		return
	}
	for _, x := range c.Keywords {
		if x.Arg == "" || len(f.held) >= maxHeld {
			continue
		}
		for _, by := range made(u, x.Value) {
			f.held = append(f.held, held{member: "[" + strings.Clone(x.Arg) + "]", by: strings.Clone(by), from: u.Module})
		}
	}
}

// isHolder says whether an expression is what keeps things for handlers.
func (k *Knowledge) isHolder(u *program.Unit, e ast.Expr) bool {
	names := u.Names(e)
	if slices.ContainsFunc(names, func(n string) bool { return k.holds(n) || k.holds(k.rename(n)) }) {
		return true
	}
	switch e := e.(type) {
	case *ast.Name:
		return holders[e.Ident] && (len(names) == 0 || !u.Mine(names[0]))
	case *ast.Attribute:
		return holders[e.Attr]
	}
	return false
}

// keyText is the text of a key: a constant, or what a call that makes keys is given first.
func keyText(u *program.Unit, k *Knowledge, e ast.Expr) string {
	if s, ok := u.Str(e); ok {
		return s
	}
	for _, v := range u.Values(e) {
		c, ok := v.(*ast.Call)
		if !ok || len(c.Args) == 0 || !slices.ContainsFunc(u.Names(c.Func), func(n string) bool { _, ok := k.keyTypes[n]; return ok }) {
			continue
		}
		if s, ok := u.Str(c.Args[0]); ok {
			return s
		}
	}
	return ""
}

// made are the names of what is called for a value: Library(root), await connect(), or the class
// whose method puts its own object there.
func made(u *program.Unit, e ast.Expr) []string {
	var out []string
	for _, v := range append(u.Values(e), e) {
		if w, ok := v.(*ast.Await); ok {
			v = w.Value
		}
		switch v := v.(type) {
		case *ast.Call:
			if names := u.Names(v.Func); len(names) > 0 && !slices.Contains(out, names[0]) {
				out = append(out, names[0])
			}
		case *ast.Name:
			f := u.Function(v)
			if v.Ident != "self" || f == nil {
				continue
			}
			if c, ok := u.Parent(f).(*ast.ClassDef); ok {
				out = append(out, u.Module.Name+"."+u.Symbol(c))
			}
		}
		if len(out) >= maxUnder {
			break
		}
	}
	return out
}

// holdings are what all files put on applications, by the member.
func holdings(list []*Facts) map[string][]held {
	out := map[string][]held{}
	for _, f := range list {
		if f == nil {
			continue
		}
		for _, h := range f.held {
			if len(out[h.member]) < maxUnder && !slices.ContainsFunc(out[h.member], func(o held) bool { return o.by == h.by && o.in == h.in && o.from == h.from }) {
				out[h.member] = append(out[h.member], h)
			}
		}
	}
	return out
}

// putThere is what the program has put under a member of an object, or bottom. It is made once in a
// state.
func (a *analysis) putThere(st *state, on, member string) *value {
	if a.links == nil || a.putting {
		return bottom
	}
	out := bottom
	for _, h := range a.links.held[member] {
		if h.in != "" {
			if v := a.leftOn(st, h, on); v != nil {
				out = join(out, v)
			}
			continue
		}
		v := a.resolve(lazy{name: h.by, from: h.from.Path})
		switch {
		case v == nil:
		case len(v.class) > 0:
			for _, k := range v.class {
				out = join(out, a.instance(st, k))
			}
		case len(v.fns) > 0: // made by a function of the program
			a.putting = true
			if w := a.invoke(&frame{id: v.fns[0].mod.frame, mod: v.fns[0].mod, base: st}, st, v, nil, nil); w != nil && len(w.objs)+len(w.names) > 0 {
				out = join(out, w)
			}
			a.putting = false
		default:
			n := a.models.rename(h.by + "()")
			w := &value{names: []string{n}}
			if queues[n] {
				w.parts = map[string]*value{heldAs: strOf(member)}
			}
			if s := a.models.value[n]; s == nil { // a source is none by being put there
				out = join(out, w)
			}
		}
	}
	return out
}

// leftOn runs a function for what it leaves under a member of an object that it is given.
func (a *analysis) leftOn(st *state, h held, on string) *value {
	x := a.module(h.from)
	if x.unit == nil || x.running {
		return nil
	}
	for n := range x.unit.Tree.Of(ast.KindFunctionDef) {
		d := n.(*ast.FunctionDef)
		if x.unit.Symbol(d) != h.in || x.unit.Function(d) != nil || !x.unit.Live(d) {
			continue
		}
		f := a.methodOf(x, d)
		if f == nil || generator(d) {
			return nil
		}
		after := st.fork()
		fr := &frame{id: x.frame, mod: x, base: after}
		site := &callSite{fr: fr, st: after}
		for _, q := range f.names() {
			if holders[q.Arg] {
				site.args = append(site.args, argument{v: a.sourced(fr, q, &value{names: []string{on}}, on), name: strings.Clone(q.Arg)})
			}
		}
		a.putting = true
		a.function(site, f)
		a.putting = false
		if v, ok := after.get(ambient(on + h.member)); ok && !after.dead {
			st.become(after)
			return v
		}
		return nil
	}
	return nil
}

// instance is an object of a class that was made somewhere else, with arguments that are not known.
func (a *analysis) instance(st *state, k *class) *value {
	v := a.unnamed(st, &object{class: k})
	fr := &frame{id: k.mod.frame, mod: k.mod, base: st}
	init, ok := a.member(fr, st, k, "__init__")
	if !ok || init == nil || len(init.fns) != 1 || init.fns[0].def == nil {
		return v
	}
	g := *init.fns[0]
	g.self = v
	after := st.fork()
	a.function(&callSite{fr: fr, st: after, unseen: true}, &g)
	if !after.dead {
		st.become(after)
	}
	return v
}
