package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// block runs statements in st, which they change.
func (a *analysis) block(fr *frame, st *state, list []ast.Stmt) {
	for _, s := range list {
		if st.dead {
			return
		}
		if n := len(fr.tries); n > 0 && !cannotFail(s) {
			// Any statement of a try block may be the one that fails.
			h := fr.tries[n-1]
			if len(h.raised) < maxRaised {
				h.raised = append(h.raised, raised{st: st.snapshot(fr.base)})
			}
		}
		a.statement(fr, st, s)
	}
}

// cannotFail says whether a statement does nothing that may fail.
func cannotFail(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.Pass, *ast.Break, *ast.Continue, *ast.Global, *ast.Nonlocal, *ast.Raise, *ast.Try:
		return true
	case *ast.Return:
		return s.Value == nil || simple(s.Value)
	case *ast.ExprStmt:
		return simple(s.Value)
	case *ast.Assign:
		for _, t := range s.Targets {
			if t.Kind() != ast.KindName {
				return false
			}
		}
		return simple(s.Value)
	}
	return false
}

func simple(e ast.Expr) bool {
	switch e.Kind() {
	case ast.KindConstant, ast.KindName, ast.KindLambda:
		return true
	}
	return false
}

func (a *analysis) statement(fr *frame, st *state, s ast.Stmt) {
	a.step()
	switch s := s.(type) {
	case *ast.ExprStmt:
		a.eval(fr, st, s.Value)
		if c, ok := s.Value.(*ast.Call); ok {
			a.after(fr, st, c)
		}
	case *ast.Assign:
		v := a.eval(fr, st, s.Value)
		if c, ok := s.Value.(*ast.Call); ok {
			a.after(fr, st, c)
		}
		v = knowing(v, a.deduce(fr, st, s.Value))
		for _, t := range s.Targets {
			a.store(fr, st, t, v)
		}
		if v.tainted() {
			switch from := s.Value.(type) {
			case *ast.Name:
				a.aliased(fr, st, namesIn(s.Targets), from)
			case *ast.Subscript, *ast.Attribute, *ast.Call:
				a.readFrom(fr, st, namesIn(s.Targets), from)
			}
		}
	case *ast.AnnAssign:
		if s.Value != nil {
			a.store(fr, st, s.Target, a.eval(fr, st, s.Value))
		} else if n, ok := s.Target.(*ast.Name); ok && fr.class != nil {
			// A field of a dataclass has no value yet.
			if _, ok := st.get(slot{fr.id, n.Ident}); !ok && fr.class.attrs != nil {
				fr.class.attrs["\x00"+n.Ident] = nil
			}
		}
	case *ast.AugAssign:
		old := a.eval(fr, st, s.Target)
		r := a.eval(fr, st, s.Value)
		if v, ok := a.ask(fr, st, old, "__i"+magic[s.Op]+"__", s, r); ok {
			a.store(fr, st, s.Target, v)
			return
		}
		if s.Op == ast.Add && old != nil && len(old.objs) > 0 {
			if a.extendAll(fr, st, old, r, s) {
				return
			}
		}
		a.store(fr, st, s.Target, a.binary(fr, st, s, s.Op, old, r))
	case *ast.Return:
		a.giveBack(fr, st, s.Value)
	case *ast.If:
		t, f := a.condition(fr, st, s.Test)
		a.block(fr, t, s.Body)
		a.block(fr, f, s.Orelse)
		st.become(t, f)
	case *ast.While:
		a.while(fr, st, s)
	case *ast.For:
		a.forLoop(fr, st, s)
	case *ast.With:
		a.with(fr, st, s)
	case *ast.Try:
		a.try(fr, st, s)
	case *ast.Raise:
		v := a.eval(fr, st, s.Exc)
		switch {
		case s.Exc == nil:
			v = fr.caught
		case v != nil && len(v.class) == 1 && len(v.objs) == 0:
			v = a.construct(fr, st, v.class[0], nil, s)
		case v != nil && len(v.objs) == 0 && len(v.marks) == 0 && len(v.names) == 1 && !strings.HasSuffix(v.names[0], "()"):
			v = &value{names: []string{v.names[0] + "()"}}
		}
		if c := a.eval(fr, st, s.Cause); c != nil && v != nil {
			for _, id := range v.objs {
				if o := st.object(id); o != nil {
					a.field(st, id, o, "__cause__", c, false)
				}
			}
		}
		a.raise(fr, st, v)
	case *ast.Assert:
		t, f := a.condition(fr, st, s.Test)
		a.raise(fr, f, &value{names: []string{"builtins.AssertionError()"}})
		st.become(t)
	case *ast.FunctionDef:
		a.define(fr, st, s)
	case *ast.ClassDef:
		a.defineClass(fr, st, s)
	case *ast.Import:
		for _, al := range s.Names {
			name := strings.Clone(al.Name)
			if al.Asname != "" {
				a.assign(fr, st, al.Asname, a.imported(fr, name))
				continue
			}
			top, _, _ := strings.Cut(name, ".")
			if top != name {
				a.imported(fr, name)
			}
			a.assign(fr, st, top, a.imported(fr, top))
		}
	case *ast.ImportFrom:
		a.importFrom(fr, st, s)
	case *ast.Global:
		for _, n := range s.Names {
			fr.declare(n, true)
		}
	case *ast.Nonlocal:
		for _, n := range s.Names {
			fr.declare(n, false)
		}
	case *ast.Delete:
		for _, t := range s.Targets {
			a.remove(fr, st, t)
		}
	case *ast.Match:
		a.match(fr, st, s)
	case *ast.Break:
		if n := len(fr.loops); n > 0 {
			fr.loops[n-1].breaks = append(fr.loops[n-1].breaks, st.snapshot(fr.base))
		}
		st.dead = true
	case *ast.Continue:
		if n := len(fr.loops); n > 0 {
			fr.loops[n-1].continues = append(fr.loops[n-1].continues, st.snapshot(fr.base))
		}
		st.dead = true
	}
}

func (v *value) called() []string {
	if v == nil {
		return nil
	}
	return v.names
}

func (fr *frame) declare(name string, global bool) {
	if fr.global == nil {
		fr.global = map[string]bool{}
	}
	fr.global[name] = global
}

// after is told of a call whose result nobody looks at: a validator that raises.
func (a *analysis) after(fr *frame, st *state, c *ast.Call) {
	for _, n := range fr.mod.unit.Names(c.Func) {
		for _, g := range a.models.guards[n] {
			if g.Holds != "returns" {
				continue
			}
			if arg := pick(c, g.arg); arg != nil {
				a.refine(fr, st, arg, func(v *value) *value { return clear(v, g.kinds) })
			}
		}
	}
}

// giveBack is return. A condition that is returned splits into the ways in which it holds
// and in which it does not, so that the caller knows what each means.
func (a *analysis) giveBack(fr *frame, st *state, x ast.Expr) {
	switch e := x.(type) {
	case *ast.BoolOp:
		if !boolish(e) {
			a.giveBackEither(fr, st, e)
			return
		}
		a.giveBackTruth(fr, st, x)
		return
	case *ast.Compare, *ast.UnaryOp:
		if u, ok := e.(*ast.UnaryOp); ok && u.Op != ast.Not {
			break
		}
		a.giveBackTruth(fr, st, x)
		return
	case *ast.Call:
		if names := fr.mod.unit.Names(e.Func); slices.ContainsFunc(names, func(n string) bool {
			return n == "builtins.bool" || a.models.guards[n] != nil || n == "builtins.all" || n == "builtins.any"
		}) || predicateMethod(e) {
			cond := ast.Expr(e)
			if slices.Contains(names, "builtins.bool") && len(e.Args) == 1 {
				cond = e.Args[0]
			}
			t, f := a.condition(fr, st, cond)
			fr.returns = append(fr.returns, outcome{st: t.snapshot(fr.base), v: boolOf(true)}, outcome{st: f.snapshot(fr.base), v: boolOf(false)})
			st.dead = true
			return
		}
		if f, ok := e.Func.(*ast.Attribute); ok && (f.Attr == "match" || f.Attr == "fullmatch" || f.Attr == "search") {
			v := a.eval(fr, st, x)
			if a.truth(st, v) == unknown {
				t, f := a.condition(fr, st, x)
				fr.returns = append(fr.returns, outcome{st: t.snapshot(fr.base), v: v, truth: yes, at: x}, outcome{st: f.snapshot(fr.base), v: constOf(constant{kind: ast.None}), truth: no})
				st.dead = true
				return
			}
		}
	}
	v := a.eval(fr, st, x)
	if x == nil {
		v = constOf(constant{kind: ast.None})
	}
	if v != nil && len(v.facts) > 0 && a.truth(st, v) == unknown {
		t, f := a.split(fr, st, x, v)
		w := *v
		w.facts = nil
		fr.returns = append(fr.returns, outcome{st: t.snapshot(fr.base), v: &w, truth: yes, at: x}, outcome{st: f.snapshot(fr.base), v: &w, truth: no, at: x})
		st.dead = true
		return
	}
	fr.returns = append(fr.returns, outcome{st: st.snapshot(fr.base), v: v, at: x})
	st.dead = true
}

// giveBackTruth is return of what is True or False.
func (a *analysis) giveBackTruth(fr *frame, st *state, x ast.Expr) {
	t, f := a.condition(fr, st, x)
	if !t.dead {
		fr.returns = append(fr.returns, outcome{st: t.snapshot(fr.base), v: boolOf(true)})
	}
	if !f.dead {
		fr.returns = append(fr.returns, outcome{st: f.snapshot(fr.base), v: boolOf(false)})
	}
	st.dead = true
}

// giveBackEither is return of a and b, a or b, of which the parts may be anything.
func (a *analysis) giveBackEither(fr *frame, st *state, e *ast.BoolOp) {
	v, w, t, f := a.either(fr, st, e)
	if !t.dead {
		fr.returns = append(fr.returns, outcome{st: t.snapshot(fr.base), v: v, truth: yes, at: e})
	}
	if !f.dead {
		fr.returns = append(fr.returns, outcome{st: f.snapshot(fr.base), v: w, truth: no, at: e})
	}
	st.dead = true
}

func predicateMethod(e *ast.Call) bool {
	f, ok := e.Func.(*ast.Attribute)
	return ok && (f.Attr == "startswith" || f.Attr == "isdigit" || f.Attr == "isalnum" || f.Attr == "isalpha" || f.Attr == "is_relative_to" || f.Attr == "isidentifier" || f.Attr == "isdecimal")
}

// boolish says whether the value of an expression is True or False, or used as if.
func boolish(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Compare:
		return true
	case *ast.BoolOp:
		for _, v := range e.Values {
			if !boolish(v) {
				return false
			}
		}
		return true
	case *ast.UnaryOp:
		return e.Op == ast.Not
	case *ast.Call:
		return predicateMethod(e)
	}
	return false
}

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

// store is target = v.
func (a *analysis) store(fr *frame, st *state, t ast.Expr, v *value) {
	switch t := t.(type) {
	case *ast.Name:
		if v.tainted() && v.marks[0].step != nil && v.marks[0].step.n < 40 {
			v = trace(v, a.at(fr, t), "becomes "+t.Ident)
		}
		a.assign(fr, st, t.Ident, v)
	case *ast.Attribute:
		a.forget(fr, st, t)
		base := a.eval(fr, st, t.Value)
		a.setAttribute(fr, st, base, t.Attr, v, t)
	case *ast.Subscript:
		if s, ok := t.Slice.(*ast.Slice); ok {
			a.setSlice(fr, st, a.eval(fr, st, t.Value), s, v, t)
			return
		}
		a.forget(fr, st, t)
		base, key := a.eval(fr, st, t.Value), a.eval(fr, st, t.Slice)
		a.setElement(fr, st, base, key, v, t)
		if k, ok := key.str(); ok && base.tainted() && len(base.objs) == 0 && t.Value.Kind() == ast.KindName {
			// From now on this is there, whatever came from outside.
			a.refine(fr, st, t.Value, func(b *value) *value {
				w := *b
				w.parts = map[string]*value{elementMark + k: v}
				for name, x := range b.parts {
					if name != elementMark+k {
						w.parts[name] = x
					}
				}
				return &w
			})
		}
	case *ast.Tuple:
		a.unpack(fr, st, t.Elts, v, t)
	case *ast.List:
		a.unpack(fr, st, t.Elts, v, t)
	case *ast.Starred:
		a.store(fr, st, t.Value, v)
	}
}

// elementMark stands before a key in the parts of data of which elements were replaced.
const elementMark = "\x00["

func (a *analysis) setAttribute(fr *frame, st *state, base *value, attr string, v *value, t ast.Node) {
	if base == nil {
		return
	}
	for _, n := range base.names {
		a.assigned(fr, st, n+"."+attr, nil, v, t)
	}
	a.keep(st, base, "."+attr, v)
	for _, id := range base.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		if o.class != nil {
			if p, ok := a.member(fr, st, o.class, attr); ok && p != nil {
				if set := setter(p); set != nil {
					g := *set
					g.self = &value{objs: []objectID{id}, names: namesOf(o)}
					a.invoke(fr, st, &value{fns: []*function{&g}}, []argument{{v: v}}, t)
					continue
				}
				described := false
				for _, d := range p.objs {
					if x := st.object(d); x != nil && x.class != nil {
						if set, ok := a.member(fr, st, x.class, "__set__"); ok {
							a.invoke(fr, st, a.bind(fr, st, set, &value{objs: []objectID{d}}, t), []argument{{v: &value{objs: []objectID{id}}}, {v: v}}, t)
							described = true
						}
					}
				}
				if described {
					continue
				}
			}
			if set, ok := a.member(fr, st, o.class, "__setattr__"); ok && set != nil && len(set.fns) > 0 && active(fr, set.fns[0]) == 0 {
				a.invoke(fr, st, a.bind(fr, st, set, &value{objs: []objectID{id}, names: namesOf(o)}, t), []argument{{v: strOf(attr)}, {v: v}}, t)
				continue
			}
		}
		a.field(st, id, o, attr, v, len(base.objs) > 1)
	}
	for _, c := range base.class {
		st.set(slot{c.frame, attr}, v)
	}
	if attr == annotations && len(base.fns) == 1 && base.fns[0].def != nil {
		st.set(annotationSlot(base.fns[0].mod.of.Path, base.fns[0].def), v)
	}
	for _, m := range base.mods {
		st.set(slot{m.frame, attr}, v)
	}
	for _, f := range base.fns {
		if id := a.attributesOf(f); id != 0 {
			st.set(slot{id, attr}, v)
		}
	}
}

// field writes an attribute of an object itself.
func (a *analysis) field(st *state, id objectID, o *object, attr string, v *value, weak bool) {
	c := o.clone()
	if c.fields == nil {
		c.fields = map[string]*value{}
	}
	if old, ok := c.fields[attr]; ok && (weak || o.multi) {
		v = join(old, v)
	}
	c.fields[attr] = v
	st.store(id, c)
}

// setter is what @name.setter made of a property.
func setter(p *value) *function {
	for _, f := range p.fns {
		if f.kind == "property" && len(f.args) == 1 && f.args[0].v != nil && len(f.args[0].v.fns) == 1 {
			return f.args[0].v.fns[0]
		}
	}
	return nil
}

func (a *analysis) setElement(fr *frame, st *state, base, key, v *value, t ast.Node) {
	if base == nil {
		return
	}
	for _, n := range base.names {
		a.assigned(fr, st, n+"[]", key, v, t)
	}
	if k, ok := key.str(); ok {
		a.keep(st, base, "["+k+"]", v)
	}
	for _, id := range base.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		if of := o.fields[dictOf]; of != nil {
			if s, ok := key.str(); ok {
				for _, id := range of.objs {
					if x := st.object(id); x != nil {
						a.field(st, id, x, s, v, len(of.objs) > 1)
					}
				}
			}
			continue
		}
		if o.class != nil {
			if f, ok := a.member(fr, st, o.class, "__setitem__"); ok {
				a.invoke(fr, st, a.bind(fr, st, f, &value{objs: []objectID{id}, names: namesOf(o)}, t), []argument{{v: key}, {v: v}}, t)
				continue
			}
		}
		a.setItem(st, id, o, key, v, len(base.objs) > 1)
		writeBack(st, id)
	}
}

// setItem sets an element of a container itself.
func (a *analysis) setItem(st *state, id objectID, o *object, key, v *value, weak bool) {
	c := o.clone()
	key = a.asKey(st, key)
	k, known := key.only()
	switch {
	case known && k.kind == ast.Int && o.name != "builtins.dict()" && !o.loose && o.keys == nil:
		n := k.num
		if n < 0 {
			n += int64(len(o.list))
		}
		if n >= 0 && n < int64(len(o.list)) {
			if o.multi || weak {
				v = join(o.list[n], v)
			}
			c.list[n] = v
		} else {
			c.add(v)
		}
	case weak:
		c.multi = true
		a.put(c, key, v)
		c.some = true
		c.multi = o.multi
	case o.name == "builtins.list()":
		c.summarise()
		c.add(v)
	default:
		a.put(c, key, v)
	}
	st.store(id, c)
}

// setSlice is base[i:j] = v, and without a node del base[i:j].
func (a *analysis) setSlice(fr *frame, st *state, base *value, s *ast.Slice, v *value, e ast.Node) {
	lo, hi, by := a.eval(fr, st, s.Lower), a.eval(fr, st, s.Upper), a.eval(fr, st, s.Step)
	from, fromOK := bound(s.Lower, lo, 0)
	to, toOK := bound(s.Upper, hi, 1<<40)
	var list []*value
	exact := true
	if e != nil {
		list, exact = a.iterate(fr, st, v, e)
	}
	for _, id := range base.objects() {
		o := st.object(id)
		if o == nil || o.class != nil {
			continue
		}
		n := o.clone()
		if fromOK && toOK && exact && s.Step == nil && !o.loose && !o.multi && len(base.objs) == 1 {
			i, j := cut(from, to, len(o.list))
			n.list = slices.Replace(n.list, i, j, list...)
		} else if at, ok := places(len(o.list), lo, hi, by, s); ok && exact && len(at) == len(list) && !o.loose && !o.multi && len(base.objs) == 1 {
			for k, i := range at {
				n.list[i] = list[k]
			}
		} else {
			n.summarise()
			for _, x := range list {
				n.add(x)
			}
		}
		st.store(id, n)
	}
}

// unpack is a, *b = v.
func (a *analysis) unpack(fr *frame, st *state, elts []ast.Expr, v *value, e ast.Node) {
	list, exact := a.iterate(fr, st, v, e)
	star := slices.IndexFunc(elts, func(x ast.Expr) bool { return x.Kind() == ast.KindStarred })
	rest := func(part []*value, loose bool) *value {
		o := &object{name: "builtins.list()", list: part}
		if loose {
			o.list, o.loose = nil, true
			for _, x := range part {
				o.add(x)
			}
		}
		return a.alloc(fr, elts[star], st, o)
	}
	if exact {
		switch {
		case star < 0 && len(list) == len(elts):
			for i, x := range elts {
				a.store(fr, st, x, list[i])
			}
			a.toldApart(fr, st, elts, v)
			return
		case star >= 0 && len(list) >= len(elts)-1:
			tail := len(elts) - star - 1
			for i := range star {
				a.store(fr, st, elts[i], list[i])
			}
			a.store(fr, st, elts[star], rest(slices.Clone(list[star:len(list)-tail]), false))
			for i := range tail {
				a.store(fr, st, elts[star+1+i], list[len(list)-tail+i])
			}
			return
		}
	}
	all := bottom
	for _, x := range list {
		all = join(all, x)
	}
	if all == bottom {
		all = nil
	}
	// What is known only in part: the first elements may be.
	if v != nil && len(v.objs) == 1 {
		if o := st.object(v.objs[0]); o != nil && !o.loose && o.more && star < 0 && len(o.list) > 0 {
			for i, x := range elts {
				if i < len(o.list) {
					a.store(fr, st, x, o.list[i])
				} else {
					a.store(fr, st, x, all)
				}
			}
			return
		}
	}
	for i, x := range elts {
		if i == star {
			a.store(fr, st, x, rest([]*value{all}, true))
			continue
		}
		a.store(fr, st, x, a.firstOfPair(v, i, all))
	}
}

// toldApart: ok, text = check(x). What one of several results tells of the others is known of
// the variables that they are put into.
func (a *analysis) toldApart(fr *frame, st *state, elts []ast.Expr, v *value) {
	if v == nil || len(v.objs) != 1 {
		return
	}
	o := st.object(v.objs[0])
	if o == nil || o.pairs == nil {
		return
	}
	for _, p := range *o.pairs {
		flag, ok1 := elts[p.flag].(*ast.Name)
		of, ok2 := elts[p.of].(*ast.Name)
		if !ok1 || !ok2 {
			continue
		}
		at, is := a.slotOf(fr, st, flag.Ident)
		k, was := a.slotOf(fr, st, of.Ident)
		if is == nil || !was.tainted() {
			continue
		}
		all := kindsOf(was.marks)
		st.set(at, knowing(is, []fact{{slot: k, was: was, yes: clear(was, all&^p.yes), no: clear(was, all&^p.no)}}))
	}
}

func (a *analysis) remove(fr *frame, st *state, t ast.Expr) {
	switch t := t.(type) {
	case *ast.Name:
		a.assign(fr, st, t.Ident, bottom)
	case *ast.Subscript:
		if s, ok := t.Slice.(*ast.Slice); ok {
			a.setSlice(fr, st, a.eval(fr, st, t.Value), s, nil, nil)
			return
		}
		base, key := a.eval(fr, st, t.Value), a.eval(fr, st, t.Slice)
		if _, ok := a.ask(fr, st, base, "__delitem__", t, key); ok {
			return
		}
		if base == nil || len(base.objs) != 1 {
			return
		}
		o := st.object(base.objs[0])
		if o == nil {
			return
		}
		a.drop(st, base.objs[0], o, key)
	case *ast.Attribute:
		base := a.eval(fr, st, t.Value)
		if base != nil && len(base.objs) == 1 {
			if o := st.object(base.objs[0]); o != nil {
				c := o.clone()
				delete(c.fields, t.Attr)
				st.store(base.objs[0], c)
			}
		}
	}
}

// drop takes an element out, and returns it.
func (a *analysis) drop(st *state, id objectID, o *object, key *value) *value {
	key = a.asKey(st, key)
	v := o.at(key)
	k, known := key.only()
	if !known || o.multi {
		return v
	}
	c := o.clone()
	if _, ok := c.keys[k]; ok {
		delete(c.keys, k)
		c.order = slices.DeleteFunc(slices.Clone(c.order), func(x constant) bool { return x == k })
	} else if k.kind == ast.Int && !o.loose && o.name != "builtins.dict()" {
		n := k.num
		if n < 0 {
			n += int64(len(o.list))
		}
		if n >= 0 && n < int64(len(o.list)) {
			c.list = slices.Delete(c.list, int(n), int(n)+1)
		}
	}
	st.store(id, c)
	return v
}

func (a *analysis) while(fr *frame, st *state, s *ast.While) {
	l := &loop{}
	fr.loops = append(fr.loops, l)
	var exits []*state
	cur := st.fork()
	again, left := false, maxUnroll
	if a.rounds > maxRounds/maxUnroll {
		left = 4
	}
	loosen := func() {
		if !again {
			again = true
			fr.repeat++
			a.nest++
			left = min(left, a.times())
		}
	}
	for {
		left--
		if left == 0 && !again {
			// It is not known how often it runs, so what it counts is not known.
			cur = st.widened(cur)
			loosen()
		}
		t, f := a.condition(fr, cur, s.Test)
		if !f.dead {
			exits = append(exits, f.snapshot(fr.base))
		}
		if t.dead || left < 0 {
			break
		}
		if !f.dead {
			loosen()
		}
		a.block(fr, t, s.Body)
		next := append([]*state{t}, l.continues...)
		l.continues = nil
		merged := cur.fork()
		merged.become(rebase(snapshots(next, fr.base), merged)...)
		if merged.dead {
			break
		}
		if again && cur.unchanged(merged) {
			break
		}
		if again {
			both := cur.fork()
			both.become(both.fork(), rebase([]*state{merged.snapshot(fr.base)}, both)[0])
			cur = both
			continue
		}
		cur = merged
	}
	if again {
		fr.repeat--
		a.nest--
	}
	fr.loops = fr.loops[:len(fr.loops)-1]
	after := st.fork()
	after.become(rebase(exits, after)...)
	a.block(fr, after, s.Orelse)
	ends := append([]*state{after}, rebase(l.breaks, st)...)
	st.become(ends...)
}

func snapshots(list []*state, base *state) []*state {
	out := make([]*state, 0, len(list))
	for _, s := range list {
		if s.dead {
			continue
		}
		out = append(out, s.snapshot(base))
	}
	return out
}

func (a *analysis) forLoop(fr *frame, st *state, s *ast.For) {
	list, exact := a.iterate(fr, st, a.eval(fr, st, s.Iter), s.Iter)
	l := &loop{}
	fr.loops = append(fr.loops, l)
	cur := st.fork()
	every, looked := models.All, false // what no element that has passed can do
	var done func()
	if exact && len(list) <= maxUnroll {
		done, exact = a.unroll(len(list))
	}
	if exact && len(list) <= maxUnroll {
		defer done()
		for _, v := range list {
			t := cur.fork()
			a.store(fr, t, s.Target, v)
			a.block(fr, t, s.Body)
			next := append([]*state{t}, l.continues...)
			l.continues = nil
			merged := cur.fork()
			merged.become(rebase(snapshots(next, fr.base), merged)...)
			cur = merged
			if merged.dead {
				break
			}
		}
		every = 0
	} else {
		all := bottom
		for _, v := range list {
			all = join(all, v)
		}
		fr.repeat++
		a.nest++
		for i := range a.times() {
			t := cur.fork()
			a.store(fr, t, s.Target, all)
			element, was := a.elementIn(fr, t, s)
			a.block(fr, t, s.Body)
			next := append([]*state{t}, l.continues...)
			every &= a.passed(fr, s, element, was, next)
			looked = true
			l.continues = nil
			both := cur.fork()
			both.become(append([]*state{both.fork()}, rebase(snapshots(next, fr.base), both)...)...)
			if cur.unchanged(both) && i > 0 {
				cur = both
				break
			}
			cur = both
		}
		fr.repeat--
		a.nest--
	}
	fr.loops = fr.loops[:len(fr.loops)-1]
	end := st.fork()
	if cur.dead {
		end.dead = true
	} else {
		end.become(rebase([]*state{cur.snapshot(fr.base)}, end)...)
		if every != 0 && looked {
			a.passedAll(fr, end, s.Iter, every)
		}
	}
	a.block(fr, end, s.Orelse)
	st.become(append([]*state{end}, rebase(l.breaks, st)...)...)
}

// elementIn is the variable of a loop that holds an element, and what it holds.
func (a *analysis) elementIn(fr *frame, st *state, loop *ast.For) (string, *value) {
	target := loop.Target
	if pair, ok := target.(*ast.Tuple); ok && len(pair.Elts) == 2 && valuesOf(loop.Iter) != nil {
		target = pair.Elts[1] // for key, value in d.items()
	}
	n, ok := target.(*ast.Name)
	if !ok {
		return "", nil
	}
	v, _ := st.get(slot{fr.id, n.Ident})
	return n.Ident, v
}

// valuesOf is d in d.items() and d.values().
func valuesOf(e ast.Expr) ast.Expr {
	if c, ok := e.(*ast.Call); ok && len(c.Args) == 0 {
		if f, ok := c.Func.(*ast.Attribute); ok && (f.Attr == "items" || f.Attr == "values") {
			return f.Value
		}
	}
	return nil
}

// passed is what an element that has come through a loop's body cannot do any more.
func (a *analysis) passed(fr *frame, loop *ast.For, name string, was *value, ends []*state) models.Kinds {
	if name == "" || !was.tainted() || stores(loop.Body, name) {
		return 0
	}
	out := models.Kinds(0)
	for _, m := range was.marks {
		out |= m.kinds
	}
	for _, s := range ends {
		if s.dead {
			continue
		}
		v, ok := s.get(slot{fr.id, name})
		if !ok {
			return 0
		}
		for _, m := range v.origins() {
			out &^= m.kinds
		}
	}
	return out
}

// passedAll: every element of what was looped over has passed.
func (a *analysis) passedAll(fr *frame, st *state, e ast.Expr, k models.Kinds) {
	if d := valuesOf(e); d != nil {
		a.passedValues(fr, st, d, k)
		return
	}
	a.refine(fr, st, e, func(v *value) *value { return clear(v, k) })
	v := a.again(fr, st, e)
	for _, id := range v.objects() {
		o := st.object(id)
		if o == nil || o.class != nil {
			continue
		}
		n := o.clone()
		for i, x := range n.list {
			n.list[i] = clear(x, k)
		}
		n.rest = clear(n.rest, k)
		st.store(id, n)
	}
}

// passedValues: every value of a dictionary has passed; its keys have not.
func (a *analysis) passedValues(fr *frame, st *state, e ast.Expr, k models.Kinds) {
	v := a.again(fr, st, e)
	if len(v.objects()) != 1 {
		if p, root := a.pathOf(fr, st, e, 0); p != "" && root.tainted() {
			a.every = true
			a.noteChecked(st, slot{fr.id, pathMark + p + everyElement}, root, nil, k)
		}
		return
	}
	o := st.object(v.objs[0])
	if o == nil || o.class != nil {
		return
	}
	n := o.clone()
	for c, x := range n.keys {
		n.keys[c] = clear(x, k)
	}
	n.rest = clear(n.rest, k)
	st.store(v.objs[0], n)
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
			f.become(rebase(statesOf(h.raised), f)...)
			f.dead = false
			a.finally(fr, f, s, before)
			return
		}
		a.finally(fr, st, s, before)
	}
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

// aliased notes that variables hold what another one holds: what is found out of the copy
// is known of it, too.
func (a *analysis) aliased(fr *frame, st *state, names []string, from *ast.Name) {
	k, was := a.slotOf(fr, st, from.Ident)
	if was == nil {
		return
	}
	if !was.copied {
		w := *was
		w.copied = true
		was = &w
		st.set(k, was)
	}
	for _, n := range names {
		if at, v := a.slotOf(fr, st, n); v != nil && at != k {
			w := *v
			w.copyOf = &variable{slot: k, was: was}
			st.set(at, &w)
		}
	}
}

// namesIn are the variables among targets.
func namesIn(targets []ast.Expr) []string {
	var out []string
	for _, t := range targets {
		if n, ok := t.(*ast.Name); ok {
			out = append(out, n.Ident)
		}
	}
	return out
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

func (a *analysis) importFrom(fr *frame, st *state, s *ast.ImportFrom) {
	base := strings.Clone(fr.mod.unit.Absolute(s))
	for _, al := range s.Names {
		if al.Name == "*" {
			if m := a.prog.Module(base, fr.mod.of.Path); m != nil && m != fr.mod.of {
				x := a.module(m)
				if x.state == nil {
					continue
				}
				seen := map[string]bool{}
				for at := x.state; at != nil; at = at.parent {
					for k := range at.vars {
						if k.frame == x.frame && !seen[k.name] && !strings.HasPrefix(k.name, "_") {
							seen[k.name] = true
							if v, ok := x.state.get(k); ok {
								a.assign(fr, st, k.name, v)
							}
						}
					}
				}
			}
			continue
		}
		name := al.Name
		if al.Asname != "" {
			name = al.Asname
		}
		from := strings.Clone(al.Name)
		if base != "" { // it is, for what stands in the root beside the importer
			from = base + "." + from
		}
		a.assign(fr, st, strings.Clone(name), a.imported(fr, from))
	}
}

// match is the match statement: cases are tried in order, and what a pattern rules out by
// constants is not run.
func (a *analysis) match(fr *frame, st *state, s *ast.Match) {
	subject := a.eval(fr, st, s.Subject)
	cur := st.fork()
	var ends []*state
	for _, c := range s.Cases {
		if cur.dead {
			break
		}
		t := cur.fork()
		m := a.pattern(fr, t, c.Pattern, subject, s.Subject)
		if m == no {
			continue
		}
		f := cur.fork()
		f.dead = m == yes
		if c.Guard != nil {
			gt, gf := a.condition(fr, t, c.Guard)
			t = gt
			if !gf.dead {
				f = rebase([]*state{gf.snapshot(fr.base)}, cur)[0]
				f.dead = false
			}
		}
		a.block(fr, t, c.Body)
		if !t.dead {
			ends = append(ends, rebase([]*state{t.snapshot(fr.base)}, st)[0])
		}
		if f.dead {
			cur = f
			break
		}
	}
	if !cur.dead {
		ends = append(ends, rebase([]*state{cur.snapshot(fr.base)}, st)[0])
	}
	st.become(ends...)
}

// pattern matches v, binding names in st.
func (a *analysis) pattern(fr *frame, st *state, p ast.Pattern, v *value, e ast.Expr) tri {
	switch p := p.(type) {
	case *ast.MatchValue:
		w := a.eval(fr, st, p.Value)
		t := a.compare(fr, st, p, v, ast.Eq, w)
		if t != no && e != nil && len(w.origins()) == 0 && w != nil && len(w.consts) > 0 {
			a.refine(fr, st, e, func(*value) *value { return w })
		}
		return t
	case *ast.MatchSingleton:
		w := literal(p.Value)
		return a.compare(fr, st, p, v, ast.Is, w)
	case *ast.MatchAs:
		t := yes
		if p.Pattern != nil {
			t = a.pattern(fr, st, p.Pattern, v, e)
			if e != nil {
				if w := a.again(fr, st, e); w != nil {
					v = w
				}
			}
			if w := alternatives(p.Pattern); w != nil {
				v = w
			}
		}
		if p.Name != "" {
			a.assign(fr, st, p.Name, v)
			if v.tainted() {
				switch from := e.(type) {
				case *ast.Name:
					a.aliased(fr, st, []string{p.Name}, from)
				case *ast.Subscript, *ast.Attribute, *ast.Call:
					a.readFrom(fr, st, []string{p.Name}, from)
				}
			}
		}
		return t
	case *ast.MatchOr:
		t := no
		var states []*state
		for _, q := range p.Patterns {
			f := st.fork()
			switch a.pattern(fr, f, q, v, e) {
			case yes:
				states = append(states, f)
				st.become(states...)
				return yes
			case unknown:
				t = unknown
				states = append(states, f)
			}
		}
		if len(states) > 0 {
			st.become(states...)
		}
		return t
	case *ast.MatchSequence:
		list, exact := a.iterate(fr, st, v, p)
		if v != nil && len(v.consts) > 0 {
			return no // a text is no sequence here
		}
		star := slices.IndexFunc(p.Patterns, func(q ast.Pattern) bool { return q.Kind() == ast.KindMatchStar })
		if exact && (star < 0 && len(list) != len(p.Patterns) || star >= 0 && len(list) < len(p.Patterns)-1) {
			return no
		}
		t := unknown
		if exact {
			t = yes
		}
		all := bottom
		for _, x := range list {
			all = join(all, x)
		}
		if all == bottom {
			all = nil
		}
		for i, q := range p.Patterns {
			x := all
			if exact {
				switch {
				case star < 0 || i < star:
					x = list[i]
				case i > star:
					x = list[len(list)-len(p.Patterns)+i]
				}
			}
			if s, ok := q.(*ast.MatchStar); ok {
				if s.Name != "" {
					o := &object{name: "builtins.list()"}
					if exact {
						o.list = slices.Clone(list[i : len(list)-len(p.Patterns)+i+1])
					} else {
						o.loose = true
						o.add(all)
					}
					a.assign(fr, st, s.Name, a.alloc(fr, s, st, o))
				}
				continue
			}
			var part ast.Expr
			if d, ok := e.(*ast.Tuple); ok && exact && star < 0 && len(d.Elts) == len(p.Patterns) { // match (a, b)
				part = d.Elts[i]
			}
			switch a.pattern(fr, st, q, x, part) {
			case no:
				return no
			case unknown:
				t = unknown
			}
		}
		return t
	case *ast.MatchMapping:
		t := unknown
		for i, k := range p.Keys {
			key := a.eval(fr, st, k)
			x := a.element(fr, st, v, key, p)
			if v != nil && len(v.objs) == 1 && len(v.marks) == 0 {
				if o := st.object(v.objs[0]); o != nil && o.name == "builtins.dict()" && !o.open() {
					if c, ok := key.only(); ok && o.contains(c) == no {
						return no
					}
				}
			}
			if i < len(p.Patterns) && a.pattern(fr, st, p.Patterns[i], x, nil) == no {
				return no
			}
		}
		if p.Rest != "" {
			a.assign(fr, st, p.Rest, v)
		}
		return t
	case *ast.MatchClass:
		cls := a.eval(fr, st, p.Cls)
		t := unknown
		if cls != nil && len(cls.class) == 1 && v != nil && len(v.objs) == 1 && len(v.marks) == 0 {
			if o := st.object(v.objs[0]); o != nil {
				t = no
				if o.class != nil && slices.Contains(a.lineage(o.class), cls.class[0]) {
					t = yes
				}
			}
		}
		if cls != nil && len(cls.names) > 0 && v != nil {
			if c, ok := v.only(); ok && constType[c.kind] != "" {
				t = triOf(slices.Contains(cls.names, constType[c.kind]))
			}
			// case str(x), case int(x)
			if len(p.Patterns) == 1 && strings.HasPrefix(cls.names[0], "builtins.") && t != no {
				w := v
				if cls.names[0] == "builtins.int" || cls.names[0] == "builtins.float" || cls.names[0] == "builtins.bool" {
					w = trusted(v)
				}
				a.pattern(fr, st, p.Patterns[0], w, nil)
				return t
			}
		}
		if t == no {
			return no
		}
		if cls != nil && e != nil && len(cls.names) > 0 {
			switch cls.names[0] {
			case "builtins.int", "builtins.float", "builtins.bool":
				a.refine(fr, st, e, trusted)
			}
		}
		args := a.matchArgs(fr, st, cls)
		for i, q := range p.Patterns {
			var x *value
			if i < len(args) {
				x = a.attribute(fr, st, v, args[i], p)
			} else if v != nil {
				x = marked(a.deep(st, v, 0))
			}
			switch a.pattern(fr, st, q, x, nil) {
			case no:
				return no
			case unknown:
				t = unknown
			}
		}
		for i, q := range p.KwdPatterns {
			if i >= len(p.KwdAttrs) {
				break
			}
			switch a.pattern(fr, st, q, a.attribute(fr, st, v, p.KwdAttrs[i], p), nil) {
			case no:
				return no
			case unknown:
				t = unknown
			}
		}
		return t
	}
	return unknown
}

// matchArgs are the attributes that positions of a class pattern stand for.
// alternatives is what a pattern of constants lets through, or nil.
func alternatives(p ast.Pattern) *value {
	switch p := p.(type) {
	case *ast.MatchValue:
		if c, ok := p.Value.(*ast.Constant); ok {
			return literal(c)
		}
	case *ast.MatchOr:
		out := bottom
		for _, x := range p.Patterns {
			w := alternatives(x)
			if w == nil {
				return nil
			}
			out = join(out, w)
		}
		if out != bottom {
			return out
		}
	}
	return nil
}

func (a *analysis) matchArgs(fr *frame, st *state, cls *value) []string {
	if cls == nil || len(cls.class) == 0 {
		return nil
	}
	c := cls.class[0]
	if v, ok := a.member(fr, st, c, "__match_args__"); ok && v != nil && len(v.objs) == 1 {
		if o := st.object(v.objs[0]); o != nil {
			var out []string
			for _, x := range o.list {
				s, _ := x.str()
				out = append(out, s)
			}
			return out
		}
	}
	return a.fieldsOf(c)
}
