package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// The match statement: which patterns a value fits, and what they bind.

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
			if w := a.alternatives(fr, st, p.Pattern); w != nil {
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
		v = ofKind(v, false, func(id objectID) bool {
			o := st.object(id)
			return o == nil || o.name != "builtins.list()" && o.name != "builtins.tuple()" && o.name != "builtins.set()" && (o.class == nil || o.name != "" || !a.plain(o.class))
		})
		if v == bottom {
			return no
		}
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
		if p.Rest != "" { // a dictionary of its own
			o := &object{name: "builtins.dict()"}
			a.mix(st, o, v)
			a.assign(fr, st, p.Rest, a.alloc(fr, p, st, o))
			if rest, _ := a.lookup(fr, st, p.Rest); len(rest.objects()) == 1 {
				for _, k := range p.Keys {
					a.drop(st, rest.objs[0], st.object(rest.objs[0]), a.eval(fr, st, k))
				}
			}
		}
		return t
	case *ast.MatchClass:
		cls := a.eval(fr, st, p.Cls)
		t, whole := unknown, v
		if cls != nil && len(cls.class)+len(cls.names) == 1 {
			text := len(cls.names) == 1 && (cls.names[0] == "builtins.str" || cls.names[0] == "builtins.bytes")
			w := ofKind(v, text, func(id objectID) bool {
				o := st.object(id)
				return o == nil || !text && (o.class == nil || len(cls.class) == 0 || slices.Contains(a.lineage(o.class), cls.class[0]))
			})
			if w != bottom && (text || len(cls.class) == 1) {
				v = w
			}
		}
		if cls != nil && len(cls.class) == 1 && v != nil && len(v.objs) == 1 && len(v.marks) == 0 {
			if o := st.object(v.objs[0]); o != nil {
				t = no
				if o.class != nil && slices.Contains(a.lineage(o.class), cls.class[0]) {
					t = yes
				}
				if v != whole && t == yes {
					t = unknown // it may be something else
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
				} else if cls.names[0] == "builtins.str" || cls.names[0] == "builtins.bytes" {
					w = clear(v, a.models.nosql)
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

// ofKind leaves of what a value can be what is of the kind that a pattern asks for: constants, or
// those of its objects. It is bottom where nothing is left of something.
func ofKind(v *value, text bool, is func(objectID) bool) *value {
	if v == nil || len(v.objs) == 0 || len(v.objs) == 1 && len(v.consts)+len(v.marks) == 0 && !v.also {
		return v
	}
	w := *v
	w.objs = slices.DeleteFunc(slices.Clone(v.objs), func(id objectID) bool { return !is(id) })
	if !text {
		w.consts = nil
	}
	if len(w.objs)+len(w.consts)+len(w.marks) == 0 && !w.also {
		return bottom
	}
	return &w
}

// alternatives is what a pattern of constants lets through, or nil.
func (a *analysis) alternatives(fr *frame, st *state, p ast.Pattern) *value {
	switch p := p.(type) {
	case *ast.MatchValue:
		if w := a.eval(fr, st, p.Value); w != nil && len(w.consts) > 0 && len(w.marks)+len(w.objs) == 0 {
			return w
		}
	case *ast.MatchOr:
		out := bottom
		for _, x := range p.Patterns {
			w := a.alternatives(fr, st, x)
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

// matchArgs are the attributes that positions of a class pattern stand for.
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
