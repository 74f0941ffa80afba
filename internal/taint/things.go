package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// A Thing is a value of the program as an Assembly knows it. nil is one that nothing is known
// of. It may be used until the assembly is closed.
type Thing struct {
	a  *analysis
	st *state
	in *module
	v  *value
}

// thing wraps a value.
func (m *Made) thing(v *value) *Thing {
	if v == nil {
		return nil
	}
	return &Thing{m.a, m.st, m.in, m.a.force(v)}
}

// Arg is an argument by position or name, nil where it is not given. A negative position asks
// for the name only.
func (m *Made) Arg(position int, name string) *Thing {
	n := 0
	for _, x := range m.args {
		switch {
		case x.star > 0:
			if x.star == 1 {
				position = -1 // what comes after is somewhere
			}
		case x.name != "":
			if x.name == name {
				return m.thing(orNone(x.v))
			}
		default:
			if n == position {
				return m.thing(orNone(x.v))
			}
			n++
		}
	}
	return nil
}

// Node is an argument as it is written, by position or name; nil where it is not given, or
// comes from a container.
func (m *Made) Node(position int, name string) ast.Expr {
	n := 0
	for _, x := range m.args {
		switch {
		case x.star > 0:
			return nil
		case x.name != "":
			if x.name == name {
				return x.node
			}
		default:
			if n == position {
				return x.node
			}
			n++
		}
	}
	return nil
}

func orNone(v *value) *value {
	if v == nil {
		return &value{}
	}
	return v
}

// Args are the arguments without a name, in their order, those of a list after * included.
func (m *Made) Args() []*Thing {
	var out []*Thing
	for _, x := range m.args {
		switch {
		case x.star == 1:
			items, _ := m.thing(orNone(x.v)).Items()
			out = append(out, items...)
		case x.name == "":
			out = append(out, m.thing(orNone(x.v)))
		}
	}
	return out
}

// Keywords are the names of the arguments that have one.
func (m *Made) Keywords() []string {
	var out []string
	for _, x := range m.args {
		if x.name != "" {
			out = append(out, x.name)
		}
	}
	return out
}

// Recv is the class or object of the program that a method, which the library has given it, is
// called on: Orders in Orders.as_view(). Else it is nil.
func (m *Made) Recv() *Thing { return m.thing(m.recv) }

// Module is the module in which it was made.
func (m *Made) Module() *program.Module { return m.in.of }

// Unit is the module's file.
func (m *Made) Unit() *program.Unit { return m.in.unit }

// Str is the text that a thing is.
func (t *Thing) Str() (string, bool) {
	if t == nil {
		return "", false
	}
	return t.v.str()
}

// Strs are the texts that it may be.
func (t *Thing) Strs() []string {
	if t == nil {
		return nil
	}
	var out []string
	for _, c := range t.v.consts {
		if c.kind == ast.Str {
			out = append(out, c.str)
		}
	}
	return out
}

// Int is the number that a thing is.
func (t *Thing) Int() (int64, bool) {
	if t == nil {
		return 0, false
	}
	return t.v.number()
}

// IsNone says whether it is None, for certain.
func (t *Thing) IsNone() bool { return t != nil && isNone(t.v) }

// Truth says whether it is true, and whether that is known.
func (t *Thing) Truth() (truth, known bool) {
	if t == nil {
		return false, false
	}
	c := t.a.truth(t.st, t.v)
	return c == yes, c != unknown
}

// Begins is how the text begins, for certain.
func (t *Thing) Begins() string {
	if t == nil {
		return ""
	}
	return t.v.begins()
}

// Names are the qualified names that it can stand for.
func (t *Thing) Names() []string {
	if t == nil {
		return nil
	}
	out := t.v.names
	for _, m := range t.v.mods {
		if m.of != nil {
			out = append(out[:len(out):len(out)], m.of.Name)
		}
	}
	return out
}

// Made is what of a library it can be.
func (t *Thing) Made() []*Made {
	if t == nil {
		return nil
	}
	return t.a.libraryOf(t.st, t.v)
}

// Items are the elements of a list, tuple or set, or the keys of a dictionary. Exact says that
// there are no others, and that this is their order.
func (t *Thing) Items() (items []*Thing, exact bool) {
	if t == nil {
		return nil, false
	}
	exact = len(t.v.objs) == 1
	for _, id := range t.v.objs {
		o := t.st.object(id)
		if o == nil {
			continue
		}
		exact = exact && !o.open()
		for _, x := range o.list {
			items = append(items, &Thing{t.a, t.st, t.in, t.a.force(orNone(x))})
		}
		for _, c := range o.order {
			items = append(items, &Thing{t.a, t.st, t.in, constOf(c)})
		}
		if o.more && o.rest != nil && len(o.keys) == 0 {
			items = append(items, &Thing{t.a, t.st, t.in, t.a.force(o.rest)})
		}
	}
	return items, exact
}

// IsList says whether it is a container that Items can tell the elements of.
func (t *Thing) IsList() bool {
	return t != nil && slices.ContainsFunc(t.v.objs, func(id objectID) bool {
		o := t.st.object(id)
		return o != nil && o.class == nil && (o.name == "builtins.list()" || o.name == "builtins.tuple()" || o.name == "builtins.set()" || o.name == "builtins.dict()")
	})
}

// Tuple says whether it is a tuple.
func (t *Thing) Tuple() bool {
	return t != nil && slices.ContainsFunc(t.v.objs, func(id objectID) bool {
		o := t.st.object(id)
		return o != nil && o.name == "builtins.tuple()"
	})
}

// Key is the element of a dictionary under a text; nil where it has none.
func (t *Thing) Key(key string) *Thing {
	if t == nil {
		return nil
	}
	for _, id := range t.v.objs {
		if o := t.st.object(id); o != nil {
			if x, ok := o.keys[constant{kind: ast.Str, str: key}]; ok {
				return &Thing{t.a, t.st, t.in, t.a.force(orNone(x))}
			}
		}
	}
	return nil
}

// Attr is an attribute; nil where there is none.
func (t *Thing) Attr(name string) *Thing {
	if t == nil {
		return nil
	}
	v := t.a.attribute(&frame{id: t.in.frame, mod: t.in, base: t.st}, t.st, t.v, name, nil)
	if v == nil {
		return nil
	}
	return &Thing{t.a, t.st, t.in, t.a.force(v)}
}

// A Func is a function of the program.
type Func struct {
	f *function
	a *analysis
}

// Funcs are the functions of the program that it can be.
func (t *Thing) Funcs() []*Func {
	if t == nil {
		return nil
	}
	var out []*Func
	for _, f := range t.v.fns {
		if f.def != nil || f.lam != nil {
			out = append(out, &Func{f, t.a})
		}
	}
	return out
}

// Name is the qualified name: shop.cart.Cart.add.
func (f *Func) Name() string { return f.f.mod.of.Name + "." + f.f.name }

// Def is its definition, nil for a lambda.
func (f *Func) Def() *ast.FunctionDef { return f.f.def }

// Node is its definition or its lambda.
func (f *Func) Node() ast.Node {
	if f.f.def != nil {
		return f.f.def
	}
	return f.f.lam
}

// Unit is the file that it stands in.
func (f *Func) Unit() *program.Unit { return f.f.mod.unit }

// Class is the class that it is a method of, or nil.
func (f *Func) Class() *Class {
	if f.f.class == nil {
		return nil
	}
	return &Class{f.f.class, f.a}
}

// Bound says whether its first parameter is given already.
func (f *Func) Bound() bool { return f.f.self != nil }

// A Class is a class of the program.
type Class struct {
	k *class
	a *analysis
}

// Classes are the classes of the program that it can be, or be an instance of.
func (t *Thing) Classes() []*Class {
	if t == nil {
		return nil
	}
	var out []*Class
	for _, k := range t.v.class {
		out = append(out, &Class{k, t.a})
	}
	for _, id := range t.v.objs {
		if o := t.st.object(id); o != nil && o.class != nil {
			out = append(out, &Class{o.class, t.a})
		}
	}
	return out
}

// Name is the qualified name.
func (c *Class) Name() string { return c.k.name }

// Def is its definition, nil for one that was made by a call.
func (c *Class) Def() *ast.ClassDef { return c.k.def }

// Unit is the file that it stands in.
func (c *Class) Unit() *program.Unit { return c.k.mod.unit }

// Attr is an attribute, its own or one that it inherits from a class of the program.
func (c *Class) Attr(name string) *Thing {
	if v, ok := c.a.member(nil, c.k.mod.state, c.k, name); ok {
		return &Thing{c.a, c.k.mod.state, c.k.mod, c.a.force(orNone(v))}
	}
	return nil
}

// Own are the names of its own attributes and of those that it inherits from classes of the
// program, sorted.
func (c *Class) Own() []string {
	var out []string
	for _, k := range c.a.lineage(c.k) {
		for name := range k.attrs {
			if !strings.HasPrefix(name, "\x00") {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Bases are the qualified names of what it derives from, in the order of its lineage: classes
// of the program, itself first, and of libraries.
func (c *Class) Bases() []string {
	var out []string
	for _, k := range c.a.lineage(c.k) {
		out = append(out, k.name)
		for _, b := range k.bases {
			if b == nil || len(b.class) > 0 {
				continue
			}
			for _, n := range b.names {
				out = append(out, c.a.models.rename(n))
			}
			for _, m := range b.made {
				out = append(out, m.Name+"()")
			}
		}
	}
	return out
}

// Lineage are the classes of the program that it is made of, itself first.
func (c *Class) Lineage() []*Class {
	var out []*Class
	for _, k := range c.a.lineage(c.k) {
		out = append(out, &Class{k, c.a})
	}
	return out
}
