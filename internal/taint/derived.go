package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// Classes that derive from a container or a text of the language: their instances have
// attributes as others have, and elements or a text besides.

// containerBases are the bases that make a class a container, and what it is then.
var containerBases = map[string]string{
	"builtins.list": "builtins.list()", "collections.UserList": "builtins.list()", "collections.deque": "builtins.list()", "typing.List": "builtins.list()",
	"builtins.dict": "builtins.dict()", "collections.UserDict": "builtins.dict()", "collections.OrderedDict": "builtins.dict()", "collections.defaultdict": "builtins.dict()",
	"collections.Counter": "builtins.dict()", "typing.Dict": "builtins.dict()",
	"builtins.tuple": "builtins.tuple()", "builtins.set": "builtins.set()", "builtins.frozenset": "builtins.set()", "typing.Set": "builtins.set()",
}

// containerKind is the container that instances of a class are, or "".
func (a *analysis) containerKind(k *class) string {
	if k.kind == nil {
		kind := ""
		for _, c := range a.lineage(k) {
			for _, b := range c.bases {
				if b == nil {
					continue
				}
				for _, n := range b.names {
					if kind == "" {
						kind = containerBases[strings.TrimSuffix(n, "[]")]
					}
				}
			}
		}
		k.kind = &kind
	}
	return *k.kind
}

// contained says whether an object has elements that the engine knows, be it one of a class
// of the program or not.
func (o *object) contained() bool { return o.class == nil || o.name != "" }

// has says whether a class of the program has a method of its own.
func (a *analysis) has(k *class, method string) bool {
	if k == nil {
		return false
	}
	_, ok := a.member(nil, nil, k, method)
	return ok
}

// methodsOf are the methods that a container has by itself.
var methodsOf = map[string][]string{
	"builtins.list()":  {"append", "appendleft", "extend", "extendleft", "insert", "pop", "popleft", "remove", "clear", "copy", "reverse", "sort", "index", "count", "rotate"},
	"builtins.dict()":  {"get", "pop", "popitem", "setdefault", "update", "keys", "values", "items", "clear", "copy", "move_to_end", "most_common", "elements"},
	"builtins.set()":   {"add", "discard", "remove", "pop", "update", "union", "intersection", "difference", "symmetric_difference", "clear", "copy"},
	"builtins.tuple()": {"index", "count"},
}

// special methods that all containers have.
var itemMethods = []string{"__getitem__", "__setitem__", "__delitem__", "__contains__", "__iter__", "__len__", "__reversed__"}

// ownMethod is a method that an instance has from the container it derives from, or nil.
func (a *analysis) ownMethod(fr *frame, st *state, id objectID, o *object, attr string) *value {
	if o.class == nil || o.name == "" {
		return nil
	}
	self := &value{objs: []objectID{id}, names: namesOf(o)}
	if attr == "data" { // of a UserDict: the container without what the class makes of it
		p := o.clone()
		p.class, p.fields = nil, map[string]*value{dataOf: self}
		a.objects++
		st.store(a.objects, p)
		return &value{objs: []objectID{a.objects}, names: namesOf(p)}
	}
	if !slices.Contains(methodsOf[o.name], attr) && !slices.Contains(itemMethods, attr) {
		return nil
	}
	return &value{fns: []*function{{mod: fr.mod, native: attr, self: self, name: o.class.name + "." + attr}}}
}

// dataOf is the field of what stands for an object's own container that holds the object.
const dataOf = "\x00data"

// writeBack writes what has become of an object's own container into the object.
func writeBack(st *state, id objectID) {
	p := st.object(id)
	if p == nil || p.fields[dataOf] == nil {
		return
	}
	for _, id := range p.fields[dataOf].objs {
		if o := st.object(id); o != nil {
			n := p.clone()
			n.class, n.fields = o.class, o.fields
			st.store(id, n)
		}
	}
}

// filledWith puts into a new container what its class was called with.
func (a *analysis) filledWith(c *callSite, id objectID, args []argument) {
	st := c.st
	n := st.object(id).clone()
	switch n.name {
	case "builtins.dict()":
		name := "dict"
		if a.based(n.class, func(n string) bool { return n == "collections.defaultdict" }) {
			name = "collections.defaultdict"
		} else if a.based(n.class, func(n string) bool { return n == "collections.Counter" }) {
			name = "collections.Counter"
		}
		d, ok := a.builtin(&callSite{fr: c.fr, st: st, node: c.node, args: args}, name)
		if !ok || d == nil || len(d.objs) != 1 {
			return
		}
		from := st.object(d.objs[0])
		n = st.object(id).clone()
		a.mix(st, n, d)
		n.makes = from.makes
	default:
		x := arg(args, 0, "")
		if x == nil {
			return
		}
		list, exact := a.iterate(c.fr, st, x, c.nodeOrNil())
		n = st.object(id).clone()
		n.take(list, exact)
	}
	st.store(id, n)
}

// asMapping is a dictionary of what an object gives that has keys and elements, as ** and dict
// ask for them.
func (a *analysis) asMapping(fr *frame, st *state, v *value, e ast.Node) *value {
	if v == nil || len(v.objs) != 1 || len(v.marks) > 0 {
		return v
	}
	o := st.object(v.objs[0])
	if o == nil || o.contained() || !a.has(o.class, "keys") || !a.has(o.class, "__getitem__") {
		return v
	}
	keys, ok := a.ask(fr, st, v, "keys", e)
	if !ok {
		return v
	}
	list, _ := a.iterate(fr, st, keys, e)
	d := &object{name: "builtins.dict()"}
	for _, k := range list {
		a.put(d, k, a.element(fr, st, v, k, e))
	}
	return a.unnamed(st, d)
}

// textField is the field of an instance of a class of texts that holds the text.
const textField = "\x00text"

// plainText is a value with the texts of instances of classes of texts in place of these.
func (a *analysis) plainText(st *state, v *value) *value {
	if v == nil || len(v.objs) == 0 {
		return v
	}
	var out *value
	for i, id := range v.objs {
		o := st.object(id)
		if o == nil || o.fields[textField] == nil {
			if out != nil {
				out = join(out, &value{objs: []objectID{id}})
			}
			continue
		}
		if out == nil {
			out = bottom
			if i > 0 {
				out = &value{objs: v.objs[:i]}
			}
		}
		out = join(out, o.fields[textField])
	}
	if out == nil {
		return v
	}
	if len(v.marks) > 0 {
		out = merge(out, marked(v.marks))
	}
	if len(out.consts)+len(out.objs) == 0 && !isText(out) {
		w := *out
		w.names = stringNames
		out = &w
	}
	return out
}

// native methods of the language's containers that are called by their class:
// dict.__setitem__(self, k, v), list.append(self, v).
func (a *analysis) unboundMethod(c *callSite, name string) (*value, bool) {
	rest, ok := strings.CutPrefix(name, "builtins.")
	if !ok {
		return nil, false
	}
	kind, method, ok := strings.Cut(rest, ".")
	if !ok || strings.ContainsAny(kind, "()[") || strings.ContainsAny(method, ".()[") {
		return nil, false
	}
	self := arg(c.args, 0, "")
	if self == nil || len(self.objs) == 0 || len(c.args) == 0 {
		return nil, false
	}
	want := "builtins." + kind + "()"
	out := bottom
	for _, id := range self.objs {
		o := c.st.object(id)
		if o == nil || o.name != want {
			return nil, false
		}
		if method == "__init__" {
			a.filledWith(c, id, c.args[1:])
			continue
		}
		if !slices.Contains(methodsOf[o.name], method) && !slices.Contains(itemMethods, method) {
			return nil, false
		}
		out = join(out, a.method(c, id, o, method, c.args[1:], len(self.objs) > 1))
	}
	if out == bottom {
		return nil, true
	}
	return out, true
}

// pairsIn is what update and dict are given, as a dictionary: one already, or pairs.
func (a *analysis) pairsIn(c *callSite, v *value) *value {
	v = a.asMapping(c.fr, c.st, v, c.nodeOrNil())
	if v == nil || len(v.objs) != 1 || len(v.marks) > 0 {
		return v
	}
	if o := c.st.object(v.objs[0]); o == nil || o.class != nil || o.name == "builtins.dict()" || o.name == "__dict__" {
		return v
	}
	d := &object{name: "builtins.dict()"}
	list, _ := a.iterate(c.fr, c.st, v, c.nodeOrNil())
	for _, p := range list {
		a.put(d, a.asKey(c.st, a.element(c.fr, c.st, p, intOf(0), c.nodeOrNil())), a.element(c.fr, c.st, p, intOf(1), c.nodeOrNil()))
	}
	return a.unnamed(c.st, d)
}
