package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// Errors: what raises them, what a try statement makes of them, and which handlers catch which.

// raise fails with an error, nil where it is not known.
func (a *analysis) raise(fr *frame, st *state, v *value) {
	if st.dead {
		return
	}
	fr.throw(raised{st.snapshot(fr.base), v})
	st.dead = true
}

// throw gives a failure to the handler around it, or to the caller.
func (fr *frame) throw(r raised) {
	list := &fr.raises
	if n := len(fr.tries); n > 0 {
		list = &fr.tries[n-1].raised
	}
	if len(*list) < 2*maxRaised {
		*list = append(*list, r)
	}
}

// catches says whether a handler for some types catches an error.
func (a *analysis) catches(st *state, types, v *value) tri {
	if types == nil || v == nil {
		return unknown
	}
	if len(types.objs) > 0 { // except (A, B)
		o := st.object(types.objs[0])
		if o == nil || o.open() {
			return unknown
		}
		all := no
		for _, x := range o.list {
			switch a.catches(st, x, v) {
			case yes:
				return yes
			case unknown:
				all = unknown
			}
		}
		return all
	}
	if slices.Contains(types.names, "builtins.Exception") || slices.Contains(types.names, "builtins.BaseException") {
		return yes
	}
	var names []string
	if len(v.objs) > 0 {
		for _, id := range v.objs {
			o := st.object(id)
			if o == nil || o.class == nil {
				return unknown
			}
			line := a.lineage(o.class)
			for _, k := range types.class {
				if slices.Contains(line, k) {
					return yes
				}
			}
			for _, k := range line {
				for _, b := range k.bases {
					if b != nil {
						names = append(names, b.names...)
					}
				}
			}
		}
	} else if len(v.names) == 1 && strings.HasSuffix(v.names[0], "()") {
		names = []string{strings.TrimSuffix(v.names[0], "()")}
	} else {
		return unknown
	}
	t := no
	for _, n := range names {
		for ; n != "" && n != "builtins.Exception"; n = errorBase(n) {
			if slices.Contains(types.names, n) {
				return yes
			}
			if !strings.HasPrefix(n, "builtins.") {
				t = unknown
			}
		}
	}
	if len(names) == 0 || len(types.names)+len(types.class) == 0 {
		return unknown
	}
	return t
}

// errorBase is the base of an error of the language.
func errorBase(n string) string {
	switch n {
	case "builtins.KeyError", "builtins.IndexError":
		return "builtins.LookupError"
	case "builtins.UnicodeError", "json.JSONDecodeError", "json.decoder.JSONDecodeError":
		return "builtins.ValueError"
	case "builtins.UnicodeDecodeError", "builtins.UnicodeEncodeError":
		return "builtins.UnicodeError"
	case "builtins.FileNotFoundError", "builtins.PermissionError", "builtins.FileExistsError", "builtins.ConnectionError", "builtins.TimeoutError", "builtins.IsADirectoryError", "builtins.NotADirectoryError":
		return "builtins.OSError"
	case "builtins.ModuleNotFoundError":
		return "builtins.ImportError"
	case "builtins.ZeroDivisionError", "builtins.OverflowError":
		return "builtins.ArithmeticError"
	case "builtins.NotImplementedError", "builtins.RecursionError":
		return "builtins.RuntimeError"
	}
	return ""
}

func (a *analysis) try(fr *frame, st *state, s *ast.Try) {
	h := &handler{}
	body := st.fork()
	before := len(fr.returns)
	fr.tries = append(fr.tries, h)
	a.block(fr, body, s.Body)
	if !body.dead && slices.ContainsFunc(s.Body, func(s ast.Stmt) bool { return !cannotFail(s) && s.Kind() != ast.KindAssign }) {
		h.raised = append(h.raised, raised{st: body.snapshot(fr.base)})
	}
	fr.tries = fr.tries[:len(fr.tries)-1]
	if !body.dead {
		a.block(fr, body, s.Orelse)
	}
	ends := []*state{body}
	if len(s.Handlers) > 0 {
		left := h.raised
		for _, c := range s.Handlers {
			var types *value
			if c.Type != nil {
				types = a.eval(fr, st, c.Type)
			}
			var mine, rest []raised
			for _, r := range left {
				is := yes
				if s.Star && grouped(r.v) {
					is = unknown // each handler gets its part
				} else if c.Type != nil {
					is = a.catches(r.st, types, r.v)
					if r.v == nil && is == yes {
						is = unknown
					}
				}
				if is != no {
					mine = append(mine, r)
				}
				if is != yes {
					rest = append(rest, r)
				}
			}
			left = rest
			if everything(types) || c.Type == nil {
				left = nil
			}
			t := st.fork()
			v := bottom
			var states []*state
			for _, r := range mine {
				states = append(states, r.st)
				if r.v != nil {
					if w := r.v; s.Star && !grouped(w) {
						group := a.unnamed(r.st, &object{name: "builtins.ExceptionGroup()"})
						a.field(r.st, group.objs[0], r.st.object(group.objs[0]), "exceptions", a.unnamed(r.st, &object{name: "builtins.tuple()", list: []*value{w}}), false)
						v = join(v, group)
						continue
					}
					v = join(v, r.v)
					continue
				}
				w := &value{}
				for _, n := range fr.mod.unit.Names(c.Type) {
					w.names = append(w.names, n+"()")
				}
				v = join(v, w)
			}
			t.become(rebase(states, t)...)
			if t.dead {
				continue
			}
			outer := fr.caught
			fr.caught = v
			if c.Name != "" {
				a.assign(fr, t, c.Name, v)
			}
			a.block(fr, t, c.Body)
			fr.caught = outer
			if !t.dead {
				t = rebase([]*state{t.snapshot(fr.base)}, st)[0]
			}
			ends = append(ends, t)
		}
		for _, r := range left {
			fr.throw(r)
		}
		st.become(ends...)
	} else {
		for i, r := range h.raised {
			// It fails, tidies up, and goes on failing.
			f := rebase([]*state{r.st}, st.fork())[0]
			if i < 3 {
				a.block(fr, f, s.Finalbody)
			}
			a.raise(fr, f, r.v)
		}
		st.become(body)
	}
	if len(s.Finalbody) > 0 {
		if st.dead {
			// What returned or raised on the way passes here too; its changes are seen by
			// whoever looks at the objects.
			f := st.fork()
			f.dead = false
			f.become(rebase(append(statesOf(h.raised), returnedIn(fr, before)...), f)...)
			f.dead = false
			a.finally(fr, f, s, before)
			return
		}
		if left := returnedIn(fr, before); len(left) > 0 {
			f := st.fork()
			f.become(rebase(left, f)...)
			a.block(fr, f, s.Finalbody)
		}
		a.finally(fr, st, s, before)
	}
}

// returnedIn are the states in which a frame has returned since it had returned n times.
func returnedIn(fr *frame, n int) []*state {
	var out []*state
	for _, r := range fr.returns[min(n, len(fr.returns)):] {
		out = append(out, r.st)
	}
	return out[:min(len(out), maxRaised)]
}

// finally runs the last part of a try. What it returns takes the place of what was
// returned before, from the number of ways out on that there were when the try began.
func (a *analysis) finally(fr *frame, st *state, s *ast.Try, before int) {
	n := len(fr.returns)
	a.block(fr, st, s.Finalbody)
	if st.dead && len(fr.returns) > n {
		fr.returns = append(fr.returns[:before:before], fr.returns[n:]...)
	}
}

func statesOf(list []raised) []*state {
	out := make([]*state, len(list))
	for i, r := range list {
		out[i] = r.st
	}
	return out
}

// grouped says whether an error is a group of errors.
func grouped(v *value) bool {
	return slices.ContainsFunc(v.called(), func(n string) bool {
		return n == "builtins.ExceptionGroup()" || n == "builtins.BaseExceptionGroup()"
	})
}

// handling is the error that is being handled, or nil.
func handling(fr *frame) *value {
	for at := fr; at != nil; at = at.up {
		if at.caught != nil && at.caught != bottom {
			return at.caught
		}
	}
	return nil
}

// everything says whether a handler's type is that of every error.
func everything(types *value) bool {
	return types != nil && (slices.Contains(types.names, "builtins.Exception") || slices.Contains(types.names, "builtins.BaseException"))
}
