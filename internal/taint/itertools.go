package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// listOf is a list of what is known of some elements, in their order or not.
func listOf(list []*value, exact bool) *object {
	o := &object{name: "builtins.list()"}
	if exact && len(list) <= maxList {
		o.list = slices.Clone(list)
		return o
	}
	o.loose = true
	for _, v := range list {
		o.add(v)
	}
	return o
}

// anyOf is one of some values.
func anyOf(list []*value) *value {
	out := bottom
	for _, v := range list {
		out = join(out, v)
	}
	if out == bottom {
		return nil
	}
	return out
}

// itertoolsFunction is a function of module itertools.
func (a *analysis) itertoolsFunction(c *callSite, name string) (*value, bool) {
	fr, st, node := c.fr, c.st, c.nodeOrNil()
	args, whole := positional(c.args)
	if !whole {
		return nil, false
	}
	pair := func(list ...*value) *value { return a.fresh(c, &object{name: "builtins.tuple()", list: list}) }
	all := func(i int) ([]*value, bool) {
		if i >= len(args) {
			return nil, true
		}
		return a.iterate(fr, st, args[i], node)
	}
	switch name {
	case "chain.from_iterable":
		o := &object{name: "builtins.list()"}
		outer, exact := all(0)
		for _, v := range outer {
			list, e := a.iterate(fr, st, v, node)
			exact = exact && e
			o.list = append(o.list, list...)
		}
		return a.fresh(c, listOf(o.list, exact)), true
	case "islice":
		list, exact := all(0)
		if exact && len(args) > 1 {
			var from int64
			to, ok1 := args[1].number()
			ok2 := true
			if len(args) > 2 {
				from, to = to, 1<<30
				if !isNone(args[2]) {
					to, ok2 = args[2].number()
				}
			}
			if ok1 && ok2 && len(args) < 4 {
				i, j := cut(from, to, len(list))
				return a.fresh(c, listOf(list[i:j], true)), true
			}
		}
		return a.fresh(c, listOf(list, false)), true
	case "zip_longest":
		fill := arg(c.args, 1<<30, "fillvalue")
		var lists [][]*value
		n, exact := 0, true
		for i := range args {
			l, e := all(i)
			exact = exact && e
			n = max(n, len(l))
			lists = append(lists, l)
		}
		o := &object{name: "builtins.list()"}
		for i := range n {
			var t []*value
			for _, l := range lists {
				switch {
				case !exact:
					t = append(t, join(orBottom(anyOf(l)), fill))
				case i < len(l):
					t = append(t, l[i])
				default:
					t = append(t, fill)
				}
			}
			o.list = append(o.list, pair(t...))
			if !exact {
				break
			}
		}
		return a.fresh(c, listOf(o.list, exact)), true
	case "product", "combinations", "permutations", "combinations_with_replacement", "pairwise":
		var t []*value
		if name == "product" {
			for i := range args {
				l, _ := all(i)
				t = append(t, anyOf(l))
			}
			n, ok := arg(c.args, 1<<30, "repeat").number()
			for i := 1; ok && i < int(n) && i < 5; i++ {
				t = append(t, t[:len(args)]...)
			}
		} else {
			l, _ := all(0)
			n := int64(2)
			if len(args) > 1 && name != "pairwise" {
				n, _ = args[1].number()
			}
			for i := 0; i < int(n) && i < 5; i++ {
				t = append(t, anyOf(l))
			}
			if n == 0 {
				return nil, false
			}
		}
		return a.fresh(c, listOf([]*value{pair(t...)}, false)), true
	case "groupby":
		l, _ := all(0)
		v := anyOf(l)
		key := v
		if f := arg(c.args, 1, "key"); f != nil && !isNone(f) {
			key = a.callback(c, f, v)
		}
		return a.fresh(c, listOf([]*value{pair(key, a.fresh(c, listOf([]*value{v}, false)))}, false)), true
	case "accumulate":
		f := arg(c.args, 1, "func")
		l, exact := all(0)
		acc := arg(c.args, 1<<30, "initial")
		var out []*value
		for i, v := range l {
			switch {
			case i == 0 && acc == nil:
				acc = v
			case f != nil && !isNone(f):
				acc = a.callback(c, f, acc, v)
			case node != nil:
				acc = a.binary(fr, st, node, ast.Add, acc, v)
			}
			out = append(out, acc)
		}
		return a.fresh(c, listOf(out, exact)), true
	case "repeat":
		n, ok := arg(c.args, 1, "times").number()
		if ok && n >= 0 && n <= maxUnroll {
			return a.fresh(c, listOf(slices.Repeat(args[:1], int(n)), true)), true
		}
		return a.fresh(c, listOf(args[:1], false)), true
	case "cycle", "dropwhile", "takewhile", "compress", "filterfalse":
		i := 0
		if name == "dropwhile" || name == "takewhile" || name == "filterfalse" {
			i = 1
		}
		l, _ := all(i)
		if name == "takewhile" {
			l = slices.Clone(l)
			for j, v := range l {
				_, good, _ := a.chosen(c, arg(c.args, 0, ""), v)
				l[j] = clear(v, good)
			}
		}
		return a.fresh(c, listOf(l, false)), true
	case "tee":
		l, exact := all(0)
		n, ok := arg(c.args, 1, "n").number()
		if !ok {
			n = 2
		}
		var out []*value
		for i := 0; i < int(n) && i < 5; i++ {
			out = append(out, a.fresh(c, listOf(l, exact)))
		}
		return pair(out...), true
	case "batched":
		l, _ := all(0)
		return a.fresh(c, listOf([]*value{a.fresh(c, listOf(l, false))}, false)), true
	case "count":
		return a.fresh(c, &object{name: "builtins.list()", loose: true, more: true}), true
	}
	return nil, false
}

// inOrder puts v into a list that is kept in order, if all that is in it can be compared;
// else nobody knows where what stands.
func (a *analysis) inOrder(st *state, o *object, v *value) {
	at := 0
	rank := a.rank(st, v)
	for i, x := range o.list {
		n, ok := order(a.rank(st, x), rank)
		if !ok {
			o.summarise()
			o.add(v)
			return
		}
		if n <= 0 {
			at = i + 1
		}
	}
	o.list = slices.Insert(slices.Clone(o.list), at, v)
}

// rank is what decides the order of an element: itself, or the first part of a tuple.
func (a *analysis) rank(st *state, v *value) *value {
	if v != nil && len(v.objs) == 1 && len(v.consts)+len(v.marks) == 0 {
		if o := st.object(v.objs[0]); o != nil && o.class == nil && !o.loose && len(o.list) > 0 {
			return o.list[0]
		}
	}
	return v
}

// heapFunction is a function of modules heapq and bisect, which keep lists in order.
func (a *analysis) heapFunction(c *callSite, name string) (*value, bool) {
	st := c.st
	x, y := arg(c.args, 0, ""), arg(c.args, 1, "")
	change := func(list, v *value) {
		for _, id := range list.objects() {
			if o := st.object(id); o != nil && o.contained() {
				n := o.clone()
				switch {
				case v != nil && !n.loose && !n.multi && len(list.objs) == 1 && c.fr.repeat == 0:
					a.inOrder(st, n, v)
				case v != nil:
					n.summarise()
					n.add(v)
				default:
					n.summarise()
				}
				st.store(id, n)
			}
		}
	}
	some := func(list *value) *value {
		l, _ := a.iterate(c.fr, st, list, c.nodeOrNil())
		return anyOf(l)
	}
	switch name {
	case "heappush", "insort", "insort_left", "insort_right":
		change(x, y)
		return nil, true
	case "heapify":
		change(x, nil)
		return nil, true
	case "heappop":
		if x != nil && len(x.objs) == 1 && len(x.marks) == 0 {
			if o := st.object(x.objs[0]); o != nil && o.contained() && !o.loose && !o.multi && len(o.list) > 0 {
				n := o.clone()
				v := n.list[0]
				n.list = n.list[1:]
				st.store(x.objs[0], n)
				return v, true
			}
		}
		return some(x), true
	case "heappushpop", "heapreplace":
		change(x, y)
		return some(x), true
	case "nlargest", "nsmallest":
		return a.fresh(c, listOf([]*value{some(y)}, false)), true
	case "merge":
		o := &object{name: "builtins.list()", loose: true}
		for _, q := range c.args {
			if q.name == "" {
				o.add(some(q.v))
			}
		}
		return a.fresh(c, o), true
	case "bisect", "bisect_left", "bisect_right":
		return nil, true
	}
	return nil, false
}

// counterOf is the field of a dictionary that counts its keys.
const counterOf = "\x00counter"

// collectionsFunction is a class of module collections.
func (a *analysis) collectionsFunction(c *callSite, name string) (*value, bool) {
	st := c.st
	switch name {
	case "collections.ChainMap":
		args, whole := positional(c.args)
		if !whole {
			return nil, false
		}
		return a.chained(c, args), true
	case "collections.Counter":
		o := &object{name: "builtins.dict()", fields: map[string]*value{counterOf: boolOf(true)}}
		for _, q := range c.args {
			if q.name != "" {
				a.put(o, strOf(q.name), nil)
				continue
			}
			l, _ := a.iterate(c.fr, st, q.v, c.nodeOrNil())
			for _, v := range l {
				a.put(o, a.asKey(st, v), nil)
			}
		}
		return a.fresh(c, o), true
	}
	return nil, false
}

// chained is a ChainMap: the first dictionary that has a key tells.
func (a *analysis) chained(c *callSite, maps []*value) *value {
	o := &object{name: "builtins.dict()"}
	for i := len(maps) - 1; i >= 0; i-- {
		a.mix(c.st, o, maps[i])
	}
	o.fields = map[string]*value{"maps": a.fresh(c, &object{name: "builtins.list()", list: slices.Clone(maps)})}
	return a.fresh(c, o)
}

// tallied are the methods of dictionaries that count or are chained.
func (a *analysis) tallied(c *callSite, id objectID, o *object, name string, args []argument) (*value, bool) {
	st := c.st
	switch {
	case o.fields["maps"] != nil && name == "new_child":
		list := []*value{a.fresh(c, &object{name: "builtins.dict()"})}
		if x := arg(args, 0, "m"); x != nil {
			list[0] = x
		}
		if old := o.fields["maps"]; len(old.objs) == 1 {
			if m := st.object(old.objs[0]); m != nil {
				list = append(list, m.list...)
			}
		}
		return a.chained(c, list), true
	case o.fields[counterOf] == nil:
		return nil, false
	}
	l := &object{name: "builtins.list()"}
	keys := &value{objs: []objectID{id}}
	switch name {
	case "update", "subtract":
		n := o.clone()
		for _, q := range args {
			list, _ := a.iterate(c.fr, st, q.v, c.nodeOrNil())
			for _, v := range list {
				a.put(n, a.asKey(st, v), nil)
			}
		}
		st.store(id, n)
		return nil, true
	case "elements":
		list, _ := a.iterate(c.fr, st, keys, c.nodeOrNil())
		return a.fresh(c, listOf(list, false)), true
	case "most_common":
		list, _ := a.iterate(c.fr, st, keys, c.nodeOrNil())
		for _, v := range list {
			l.list = append(l.list, a.fresh(c, &object{name: "builtins.tuple()", list: []*value{v, nil}}))
		}
		l.summarise()
		return a.fresh(c, l), true
	case "total":
		return nil, true
	}
	return nil, false
}

// withStep is a slice of a list with a step, where all is known; ok says whether it is.
func withStep(list []*value, lower, upper, step *value, has [2]bool) (out []*value, ok bool) {
	at, ok := places(len(list), lower, upper, step, has)
	for _, i := range at {
		out = append(out, list[i])
	}
	return out, ok
}

// places are the indices that a slice with a step takes of n elements. Has says which of the
// bounds are written down.
func places(n int, lower, upper, step *value, has [2]bool) (out []int64, ok bool) {
	by, ok := step.number()
	if !ok || by == 0 || n > maxUnroll {
		return nil, false
	}
	lo, hi := int64(0), int64(n) // what bounds can be
	from, to := lo, hi
	if by < 0 {
		lo, hi = -1, hi-1
		from, to = hi, lo
	}
	fit := func(v *value, given bool, def int64) (int64, bool) {
		if !given || isNone(v) {
			return def, true
		}
		k, ok := v.number()
		if k < 0 {
			k += int64(n)
		}
		return max(lo, min(k, hi)), ok
	}
	from, ok1 := fit(lower, has[0], from)
	to, ok2 := fit(upper, has[1], to)
	if !ok1 || !ok2 {
		return nil, false
	}
	for i := from; by > 0 && i < to || by < 0 && i > to; i += by {
		out = append(out, i)
	}
	return out, true
}

// fromKeys is dict.fromkeys.
func (a *analysis) fromKeys(c *callSite) *value {
	o := &object{name: "builtins.dict()"}
	list, exact := a.iterate(c.fr, c.st, arg(c.args, 0, "iterable"), c.nodeOrNil())
	for _, k := range list {
		if !exact {
			o.part = true
		}
		a.put(o, a.asKey(c.st, k), arg(c.args, 1, "value"))
	}
	return a.fresh(c, o)
}

// withoutModule is a qualified name without its first word.
func withoutModule(name string) string {
	_, rest, _ := strings.Cut(name, ".")
	return rest
}
