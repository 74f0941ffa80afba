package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// What runs later runs at once here: a coroutine is what it returns, a task or future holds
// it.

const resultField = "\x00result"

func (a *analysis) future(c *callSite, v *value) *value {
	return a.fresh(c, &object{name: "future", fields: map[string]*value{resultField: v}})
}

// awaited is what awaiting a value gives.
func (a *analysis) awaited(st *state, v *value) *value {
	if v == nil || len(v.objs) == 0 {
		return v
	}
	out := bottom
	for _, id := range v.objs {
		o := st.object(id)
		if o != nil && o.name == "future" {
			out = join(out, o.fields[resultField])
		} else {
			out = join(out, &value{objs: []objectID{id}, names: v.names, marks: v.marks, class: v.class, fns: v.fns})
		}
	}
	return out
}

// task is a function that runs another one.
func (a *analysis) task(c *callSite, name string) (*value, bool) {
	st := c.st
	x := arg(c.args, 0, "")
	values := func(from int) []*value {
		var out []*value
		for _, q := range c.args[min(from, len(c.args)):] {
			if q.name == "" && q.star == 0 {
				out = append(out, q.v)
			}
		}
		return out
	}
	has := func(suffixes ...string) bool {
		return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) })
	}
	switch {
	case name == "asyncio.gather":
		o := &object{name: "builtins.list()"}
		for _, q := range c.args {
			switch {
			case q.star == 1:
				list, exact := a.iterate(c.fr, st, q.v, c.node)
				if !exact {
					o.summarise()
				}
				for _, v := range list {
					if o.loose {
						o.add(a.awaited(st, v))
					} else {
						o.list = append(o.list, a.awaited(st, v))
					}
				}
			case q.name == "":
				o.list = append(o.list, a.awaited(st, q.v))
			}
		}
		return a.fresh(c, o), true
	case has(".create_task", ".ensure_future", ".run_coroutine_threadsafe"):
		return a.future(c, a.awaited(st, x)), true
	case name == "asyncio.wait_for" || name == "asyncio.shield" || name == "asyncio.run" || has(".run_until_complete"):
		if x != nil && len(x.fns) > 0 {
			return a.callback(c, x, values(1)...), true
		}
		return a.awaited(st, x), true
	case name == "asyncio.to_thread":
		return a.callback(c, x, values(1)...), true
	case has("contextvars.copy_context().run", "contextvars.Context().run") && len(c.args) > 0:
		own := *c // what it sets stays in its context
		own.st = c.st.fork()
		return marked(a.deep(own.st, a.pass(&own, x, c.args[1:]), 0)), true
	case has(".run_in_executor") && len(c.args) > 1:
		return a.future(c, a.callback(c, c.args[1].v, values(2)...)), true
	case name == "gambeson.later":
		return a.enqueued(c), true
	case has("Executor().submit") && len(c.args) > 0:
		return a.future(c, a.pass(c, x, c.args[1:])), true
	case has("Pool().apply_async", "Pool().apply"):
		v := a.startBeside(c, x, arg(c.args, 1, "args"), arg(c.args, 2, "kwds"))
		if has(".apply") {
			return v, true
		}
		if back := arg(c.args, 3, "callback"); back != nil {
			a.callback(c, back, v)
		}
		return a.future(c, v), true
	case has("Pool().map_async", "Pool().starmap_async"):
		how := "map"
		if has(".starmap_async") {
			how = "itertools.starmap"
		}
		v, _ := a.builtin(c, how)
		if back := arg(c.args, 3, "callback"); back != nil {
			a.callback(c, back, v)
		}
		return a.future(c, v), true
	case name == "asyncio.Future" || name == "concurrent.futures.Future" || has(".create_future"):
		return a.future(c, nil), true
	case name == "multiprocessing.Pipe" || name == "multiprocessing.connection.Pipe":
		// What goes into one end comes out of the other; here both are one.
		q := a.fresh(c, &object{name: "queue"})
		return a.fresh(c, &object{name: "builtins.tuple()", list: []*value{q, q}}), true
	case has("Manager().dict"):
		return a.builtin(c, "dict")
	case has("Manager().list"):
		return a.builtin(c, "list")
	case has("Manager().Queue", "Manager().JoinableQueue") || name == "multiprocessing.JoinableQueue" || name == "multiprocessing.SimpleQueue":
		return a.builtin(c, "queue.Queue")
	case name == "asyncio.LifoQueue" || name == "asyncio.PriorityQueue":
		return a.builtin(c, "queue."+lastName(name))
	case has("scheduler().enter", "scheduler().enterabs"):
		a.startBeside(c, arg(c.args, 2, "action"), arg(c.args, 3, "argument"), arg(c.args, 4, "kwargs"))
		return nil, true
	case has("Executor().map", "Pool().map", "Pool().imap", "Pool().imap_unordered"):
		return a.builtin(c, "map")
	case has("Pool().starmap"):
		return a.builtin(c, "itertools.starmap")
	case name == "concurrent.futures.as_completed" || name == "asyncio.as_completed":
		return a.builtin(c, "list")
	case name == "concurrent.futures.wait" || name == "asyncio.wait":
		v, _ := a.builtin(c, "list")
		return a.fresh(c, &object{name: "builtins.tuple()", list: []*value{v, v}}), true
	}
	if v, ok := a.regular(c, name); ok {
		return v, true
	}
	if v, ok := a.recordFunction(c, name); ok {
		return v, true
	}
	return a.standard(c, name)
}

// pass calls a callback with arguments as they are given, names and all.
func (a *analysis) pass(c *callSite, f *value, args []argument) *value {
	if f == nil {
		return a.callback(c, f, nil)
	}
	if len(f.fns) > 0 || len(f.class) > 0 {
		return a.invoke(c.fr, c.st, f, args, c.nodeOrNil())
	}
	return a.apply(&callSite{fr: c.fr, st: c.st, node: c.node, args: args, names: f.names}, f)
}

// enqueued runs a function that is put into a queue: it is the first argument that is one, or that
// names one of the program's, and what stands behind it, or in args and kwargs, is for it.
func (a *analysis) enqueued(c *callSite) *value {
	for i, x := range c.args {
		f := x.v
		if s, ok := f.str(); ok && strings.Contains(s, ".") && i == 0 {
			if v := a.resolve(lazy{name: s, from: c.fr.mod.of.Path}); v != nil && len(v.fns) > 0 {
				f = v
			}
		}
		if f == nil || len(f.fns) == 0 {
			continue
		}
		list := a.handedOn(c.st, c.args, i)
		if def := f.fns[0].wrapped().def; def != nil && def.Args.Kwarg == nil { // the others are the queue's own
			list = slices.DeleteFunc(list, func(x argument) bool {
				return x.name != "" && !slices.ContainsFunc(f.fns[0].wrapped().names(), func(q *ast.Arg) bool { return q.Arg == x.name })
			})
		}
		return a.future(c, a.pass(c, f, list))
	}
	return nil
}

// started is what a thread's start method runs.
func (a *analysis) started(fr *frame, st *state, k *class) (*value, bool) {
	if !a.based(k, func(n string) bool {
		return n == "threading.Thread" || n == "multiprocessing.Process" || n == "threading.Timer"
	}) {
		return nil, false
	}
	v, ok := a.member(fr, st, k, "run")
	return v, ok && v != nil
}
