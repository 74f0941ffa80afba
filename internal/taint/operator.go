package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// What operators make of values: numbers, lists, dictionaries, and what libraries mean by them.

// magicOf are the methods that models name what an operator of a library's class does.
var magicOf = map[ast.Operator][2]string{ast.Mod: {".__mod__", ".__rmod__"}, ast.Add: {".__add__", ".__radd__"}}

// binary is a + b and the like.
func (a *analysis) binary(fr *frame, st *state, e ast.Node, op ast.Operator, l, r *value) *value {
	v := a.sized(fr, e, op, l, r, a.arithmetic(fr, st, e, op, l, r))
	if m, ok := magicOf[op]; ok && v.tainted() && l != nil && r != nil {
		for i, side := range []*value{l, r} {
			for _, n := range side.names {
				if strings.HasPrefix(n, "builtins.") {
					continue
				}
				for _, s := range a.models.sanitizers[n+m[i]] {
					v = clear(v, s.kinds)
				}
			}
		}
	}
	return v
}

func (a *analysis) arithmetic(fr *frame, st *state, e ast.Node, op ast.Operator, l, r *value) *value {
	if v, ok := a.operator(fr, st, e, op, l, r); ok {
		return v
	}
	if v := a.escaping(st, op, l, r); v != nil {
		return v
	}
	l, r = a.plainText(st, l), a.plainText(st, r)
	switch op {
	case ast.Sub, ast.Div, ast.FloorDiv, ast.Pow, ast.LShift, ast.RShift:
		// No text can be divided or diminished by a number: what was, is one.
		_, n1 := l.number()
		_, n2 := r.number()
		if n1 != n2 && l.tainted() != r.tainted() {
			return nil
		}
	}
	switch op {
	case ast.Add:
		if v, ok := a.addContainers(fr, st, e, l, r); ok {
			return v
		}
		return concat(l, r)
	case ast.Mod:
		return a.percent(fr, st, e, l, r)
	case ast.Mult:
		for _, v := range []*value{l, r} {
			if v != nil && len(v.objs) > 0 {
				other := r
				if v == r {
					other = l
				}
				return a.copied(fr, st, e, v, other)
			}
		}
		x, ok1 := l.only()
		y, ok2 := r.only()
		if ok1 && ok2 && x.kind == ast.Int && y.kind == ast.Int {
			return intOf(x.num * y.num)
		}
		if ok1 && ok2 && x.kind == ast.Str && y.kind == ast.Int && y.num >= 0 && y.num*int64(len(x.str)) < 1000 {
			return strOf(strings.Repeat(x.str, int(y.num)))
		}
		return &value{marks: joinMarks(l.origins(), r.origins()), names: textual(l, r)}
	case ast.Div:
		// A path may be joined so.
		v := &value{marks: joinMarks(l.origins(), r.origins())}
		if l != nil {
			v.names = l.names
		}
		if l != nil && len(l.names) > 0 && len(r.origins()) > 0 && folderName(lastName(l.names[0])) {
			v.names = []string{"pathlib.Path()"} // settings.MEDIA_DIR / name
		}
		if x, y, ok := integers(l, r); ok && y != 0 && x%y == 0 {
			return intOf(x / y)
		}
		return v
	case ast.Sub, ast.BitAnd, ast.BitXor:
		if op == ast.BitAnd && l != nil && r != nil && len(r.objs) == 1 && len(a.deep(st, l, 0)) > 0 && len(a.deep(st, r, 0)) == 0 {
			l, r = r, l // what is in both is in the one that holds nothing from outside
		}
		// What is left of a set.
		if l != nil && len(l.objs) == 1 {
			if o := st.object(l.objs[0]); o != nil && o.class == nil {
				c := o.clone()
				c.multi = false
				c.summarise()
				return a.alloc(fr, e, st, c)
			}
		}
	case ast.BitOr:
		if v, ok := a.mergedDicts(fr, st, e, l, r); ok {
			return v
		}
	}
	if x, y, ok := integers(l, r); ok {
		switch op {
		case ast.Sub:
			return intOf(x - y)
		case ast.FloorDiv:
			if y != 0 {
				return intOf(floorDiv(x, y))
			}
		case ast.BitAnd:
			return intOf(x & y)
		case ast.BitOr:
			return intOf(x | y)
		case ast.BitXor:
			return intOf(x ^ y)
		case ast.LShift:
			if y >= 0 && y < 62 && x < 1<<20 && x > -1<<20 {
				return intOf(x << min(y, 40))
			}
		case ast.RShift:
			if y >= 0 && y < 63 {
				return intOf(x >> y)
			}
		}
	}
	m := joinMarks(l.origins(), r.origins())
	if op == ast.BitOr && l != nil && r != nil && len(l.names)+len(r.names) > 0 {
		return &value{marks: m, names: union(l.names, r.names, 4)} // links of a chain
	}
	return marked(m)
}

// folderName says whether a constant is called like a folder.
func folderName(s string) bool {
	return strings.ToUpper(s) == s && (strings.HasSuffix(s, "DIR") || strings.HasSuffix(s, "ROOT") || strings.HasSuffix(s, "PATH") || strings.HasSuffix(s, "FOLDER") || strings.HasSuffix(s, "DIRECTORY"))
}

func floorDiv(x, y int64) int64 {
	q := x / y
	if x%y != 0 && (x < 0) != (y < 0) {
		q--
	}
	return q
}

func integers(l, r *value) (x, y int64, ok bool) {
	a, ok1 := l.number()
	b, ok2 := r.number()
	return a, b, ok1 && ok2
}

func (v *value) number() (int64, bool) {
	c, ok := v.only()
	if !ok {
		return 0, false
	}
	switch c.kind {
	case ast.Int:
		return c.num, c.num < 1<<40 && c.num > -1<<40
	case ast.True:
		return 1, true
	case ast.False:
		return 0, true
	}
	return 0, false
}

// operator asks the magic methods of objects of the program.
func (a *analysis) operator(fr *frame, st *state, e ast.Node, op ast.Operator, l, r *value) (*value, bool) {
	name := magic[op]
	try := func(self, other *value, name string) (*value, bool) {
		if self == nil {
			return nil, false
		}
		for _, id := range self.objs {
			if o := st.object(id); o != nil && o.class != nil {
				if f, ok := a.member(fr, st, o.class, name); ok {
					return a.invoke(fr, st, a.bind(fr, st, f, &value{objs: []objectID{id}, names: namesOf(o)}, e), []argument{{v: other}}, e), true
				}
			}
		}
		return nil, false
	}
	if v, ok := try(l, r, "__"+name+"__"); ok {
		return v, true
	}
	return try(r, l, "__r"+name+"__")
}

// escaping is an operator of a text of a library that takes the harm from what is put into it:
// models call it what Python does, __mod__.
func (a *analysis) escaping(st *state, op ast.Operator, l, r *value) *value {
	clears := func(v *value, name string) (k models.Kinds) {
		if v != nil {
			for _, n := range v.names {
				for _, s := range a.models.sanitizers[n+name] {
					k |= s.kinds
				}
			}
		}
		return k
	}
	if l == nil || r == nil || len(l.names)+len(r.names) == 0 {
		return nil
	}
	switch name := magic[op] + "__"; {
	case clears(l, ".__"+name) != 0:
		k := clears(l, ".__"+name)
		if clears(r, ".__"+name) != 0 {
			k = 0 // it is such a text already
		}
		return &value{marks: joinMarks(l.marks, clear(marked(a.deep(st, r, 0)), k).origins()), names: l.names}
	case clears(r, ".__r"+name) != 0:
		return &value{marks: joinMarks(r.marks, clear(marked(a.deep(st, l, 0)), clears(r, ".__r"+name)).origins()), names: r.names}
	}
	return nil
}

var magic = map[ast.Operator]string{ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul", ast.Div: "truediv", ast.Mod: "mod", ast.Pow: "pow",
	ast.LShift: "lshift", ast.RShift: "rshift", ast.BitOr: "or", ast.BitXor: "xor", ast.BitAnd: "and", ast.FloorDiv: "floordiv"}

func (a *analysis) addContainers(fr *frame, st *state, e ast.Node, l, r *value) (*value, bool) {
	x, y := a.listOf(st, l), a.listOf(st, r)
	if x == nil || y == nil || !x.contained() || !y.contained() {
		return nil, false
	}
	o := x.clone()
	o.class, o.fields = nil, nil
	o.multi = false
	o.extend(y)
	return a.alloc(fr, e, st, o), true
}

// listOf is the one container that a value is. Where somebody asks what is put together, what
// a library has made stands for its elements: [path(…)] + router.urls.
func (a *analysis) listOf(st *state, v *value) *object {
	switch {
	case v == nil:
		return nil
	case len(v.objs) == 1:
		return st.object(v.objs[0])
	case a.build != nil && len(v.made) > 0:
		return &object{name: "builtins.list()", list: []*value{v}}
	}
	return nil
}

// take adds elements that were looped over; exact says that they come one by one.
func (o *object) take(list []*value, exact bool) {
	if exact && !o.loose {
		o.list = append(o.list, list...)
		return
	}
	o.summarise()
	for _, v := range list {
		o.add(v)
	}
}

// extend adds the elements of another list.
func (o *object) extend(y *object) {
	o.marks = joinMarks(o.marks, y.marks)
	if o.loose || y.loose || y.more {
		o.summarise()
		for _, v := range y.list {
			o.add(v)
		}
		if y.more {
			o.add(y.rest)
		}
		return
	}
	o.list = append(o.list, y.list...)
}

func (a *analysis) mergedDicts(fr *frame, st *state, e ast.Node, l, r *value) (*value, bool) {
	if l == nil || r == nil {
		return nil, false
	}
	o := &object{name: "builtins.dict()"}
	if len(l.objs) == 0 || len(r.objs) == 0 { // json | DEFAULTS
		if (len(l.marks) == 0 || !a.dictionary(st, r)) && (len(r.marks) == 0 || !a.dictionary(st, l)) {
			return nil, false
		}
		a.mix(st, o, l)
		a.mix(st, o, r)
		return a.alloc(fr, e, st, o), true
	}
	if x := st.object(l.objs[0]); x != nil && x.contained() {
		o = x.clone()
		o.class, o.fields = nil, nil
		o.multi = false
		if x.name != "builtins.dict()" {
			for _, id := range r.objs {
				if y := st.object(id); y != nil {
					o.extend(y)
				}
			}
			return a.alloc(fr, e, st, o), true
		}
	}
	a.mix(st, o, r)
	return a.alloc(fr, e, st, o), true
}

// copied is a container with the same elements several times.
func (a *analysis) copied(fr *frame, st *state, e ast.Node, v, times *value) *value {
	if n, ok := times.number(); ok && len(v.objs) == 1 && n >= 0 && n < maxUnroll {
		if x := st.object(v.objs[0]); x != nil && x.contained() && !x.open() && len(x.keys) == 0 && int(n)*len(x.list) <= maxUnroll {
			return a.alloc(fr, e, st, &object{name: x.name, list: slices.Repeat(x.list, int(n))})
		}
	}
	o := &object{name: "builtins.list()"}
	for _, id := range v.objs {
		if x := st.object(id); x != nil {
			o.name = x.name
			o.marks = joinMarks(o.marks, x.marks)
			for _, w := range x.list {
				o.add(w)
			}
			if x.more {
				o.add(x.rest)
			}
		}
	}
	o.loose = true
	return a.alloc(fr, e, st, o)
}
