package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// based says whether a class has a base of a library that is one of these.
func (a *analysis) based(k *class, is func(name string) bool) bool {
	for _, c := range a.lineage(k) {
		for _, b := range c.bases {
			if b != nil && slices.ContainsFunc(b.names, is) {
				return true
			}
		}
	}
	return false
}

// record says whether instances of a class are tuples with names.
func (a *analysis) record(k *class) bool {
	return a.based(k, func(n string) bool { return n == "typing.NamedTuple" || strings.HasPrefix(n, "collections.namedtuple") })
}

// enum says whether a class is an enumeration.
func (a *analysis) enum(k *class) bool {
	return a.based(k, func(n string) bool { return strings.HasPrefix(n, "enum.") })
}

// failure says whether a class is one of errors.
func (a *analysis) failure(k *class) bool {
	return a.based(k, func(n string) bool {
		return strings.HasSuffix(n, "Exception") || strings.HasSuffix(n, "Error") || strings.HasSuffix(n, "Warning")
	})
}

// textual says whether instances of a class are texts.
func (a *analysis) textClass(k *class) bool {
	return a.based(k, func(n string) bool {
		return n == "builtins.str" || n == "builtins.bytes" || n == "collections.UserString"
	})
}

// data says whether a class is made by the dataclass decorator, or one like it.
func (a *analysis) data(k *class) bool {
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		for _, d := range c.def.DecoratorList {
			if call, ok := d.(*ast.Call); ok {
				d = call.Func
			}
			for _, n := range c.mod.unit.Names(d) {
				if a.models.own(n) == "dataclasses.dataclass" {
					return true
				}
			}
		}
	}
	return false
}

// members are the names of an enumeration, in order.
func (k *class) members() []string {
	var out []string
	if k.def == nil {
		return nil
	}
	for _, s := range k.def.Body {
		if s, ok := s.(*ast.Assign); ok {
			for _, t := range s.Targets {
				if n, ok := t.(*ast.Name); ok && !strings.HasPrefix(n.Ident, "_") {
					out = append(out, n.Ident)
				}
			}
		}
	}
	return out
}

// enumMembers are the values that an enumeration has.
func (a *analysis) enumMembers(st *state, k *class) []*value {
	var out []*value
	for _, n := range k.members() {
		if v, ok := a.member(nil, st, k, n); ok {
			out = append(out, v)
		}
	}
	return out
}

// enumerated makes objects of the members of an enumeration. Those that are texts or
// numbers as well stay what they are.
func (a *analysis) enumerated(st *state, k *class) {
	if !a.enum(k) || a.based(k, func(n string) bool {
		return n == "builtins.str" || n == "builtins.int" || n == "enum.StrEnum" || n == "enum.IntEnum" || n == "enum.IntFlag" || n == "enum.Flag"
	}) {
		return
	}
	for _, n := range k.members() {
		a.objects++
		st.store(a.objects, &object{class: k, fields: map[string]*value{"value": k.attrs[n], "_value_": k.attrs[n], "name": strOf(strings.Clone(n))}})
		v := &value{objs: []objectID{a.objects}}
		k.attrs[n] = v
		st.set(slot{k.frame, n}, v)
	}
}

// prepared is what a class as a whole is told once it is there.
func (a *analysis) prepared(fr *frame, st *state, k *class, d *ast.ClassDef, given []argument) {
	self := &value{class: []*class{k}}
	for _, s := range d.Body {
		as, ok := s.(*ast.Assign)
		if !ok {
			continue
		}
		for _, t := range as.Targets {
			if n, ok := t.(*ast.Name); ok {
				a.ask(fr, st, k.attrs[n.Ident], "__set_name__", s, self, strOf(strings.Clone(n.Ident)))
			}
		}
	}
	for _, b := range a.lineage(k)[1:] {
		if v, ok := a.member(fr, st, b, "__init_subclass__"); ok && v != nil && len(v.fns) > 0 {
			g := *v.fns[0]
			g.self = self
			g.kind = ""
			a.invoke(fr, st, &value{fns: []*function{&g}}, given, d)
			return
		}
	}
}

// preset is what a field of a record is when nothing is given for it.
func (a *analysis) preset(fr *frame, st *state, k *class, field string, e ast.Node) *value {
	v, ok := a.member(fr, st, k, field)
	if !ok || v == nil {
		return nil
	}
	for _, id := range v.objs {
		o := st.object(id)
		if o == nil || o.name != "dataclasses.field()" {
			continue
		}
		if f := o.fields["factory"]; f != nil {
			site := &callSite{fr: fr, st: st}
			site.node, _ = e.(*ast.Call)
			return a.callback(site, f)
		}
		return o.fields["default"]
	}
	if len(v.fns) > 0 {
		return nil
	}
	return v
}

// recordFunction is a function about records: replace, asdict and the like.
func (a *analysis) recordFunction(c *callSite, name string) (*value, bool) {
	fr, st := c.fr, c.st
	x := arg(c.args, 0, "")
	switch name {
	case "dataclasses.field":
		o := &object{name: "dataclasses.field()", fields: map[string]*value{}}
		for _, q := range c.args {
			switch q.name {
			case "default":
				o.fields["default"] = q.v
			case "default_factory", "factory":
				o.fields["factory"] = q.v
			}
		}
		return a.fresh(c, o), true
	case "dataclasses.replace", "copy.replace":
		if x == nil || len(x.objs) != 1 {
			return nil, false
		}
		o := st.object(x.objs[0])
		if o == nil || o.class == nil {
			return nil, false
		}
		v := a.fresh(c, a.replacedFields(o, c.args[1:]))
		if post, ok := a.member(fr, st, o.class, "__post_init__"); ok {
			a.invoke(fr, st, a.bind(fr, st, post, v, c.nodeOrNil()), nil, c.nodeOrNil())
		}
		return v, true
	case "dataclasses.asdict", "dataclasses.astuple":
		if x == nil || len(x.objs) != 1 {
			return nil, false
		}
		o := st.object(x.objs[0])
		if o == nil || o.class == nil {
			return nil, false
		}
		return a.listed(c, o, strings.HasSuffix(name, "asdict"), 0), true
	case "dataclasses.fields":
		if x == nil || len(x.objs)+len(x.class) != 1 {
			return nil, false
		}
		k := (*class)(nil)
		if len(x.class) == 1 {
			k = x.class[0]
		} else if o := st.object(x.objs[0]); o != nil {
			k = o.class
		}
		if k == nil {
			return nil, false
		}
		list := &object{name: "builtins.tuple()"}
		for _, n := range a.fieldsOf(k) {
			list.list = append(list.list, a.fresh(c, &object{name: "dataclasses.Field()", fields: map[string]*value{"name": strOf(strings.Clone(n))}}))
		}
		return a.fresh(c, list), true
	case "dataclasses.make_dataclass":
		k := &class{mod: fr.mod, name: "dataclass", frame: a.newFrame(0), attrs: map[string]*value{}}
		k.tuple = a.fieldNames(c, arg(c.args, 1, "fields"))
		return &value{class: []*class{k}}, true
	case "typing.NamedTuple":
		k := &class{mod: fr.mod, name: "namedtuple", frame: a.newFrame(0), attrs: map[string]*value{}}
		return a.namedTuple(k, a.fieldNames(c, arg(c.args, 1, "fields"))), true
	case "types.MappingProxyType":
		return x, true
	case "types.SimpleNamespace", "threading.local", "argparse.Namespace":
		o := &object{name: name + "()", fields: map[string]*value{}}
		for _, q := range c.args {
			switch {
			case q.name != "" && q.star == 0:
				o.fields[q.name] = q.v
			case q.v != nil:
				for _, id := range q.v.objs {
					if d := st.object(id); d != nil {
						for _, k := range d.order {
							o.fields[k.str] = d.keys[k]
						}
					}
				}
			}
		}
		return a.fresh(c, o), true
	case "io.StringIO", "io.BytesIO":
		o := &object{name: "io.StringIO()"}
		if x != nil {
			o.list = append(o.list, x)
		}
		return a.fresh(c, o), true
	case "configparser.ConfigParser", "configparser.RawConfigParser", "configparser.SafeConfigParser":
		return a.fresh(c, &object{name: "configparser.ConfigParser()"}), true
	case "builtins.property", "builtins.staticmethod", "builtins.classmethod":
		if x == nil || len(x.fns) == 0 {
			return nil, false
		}
		v := of(x, map[string]string{"builtins.property": "property", "builtins.staticmethod": "static", "builtins.classmethod": "class"}[name])
		if set := arg(c.args, 1, "fset"); set != nil && name == "builtins.property" {
			for _, f := range v.fns {
				f.args = []argument{{v: set}}
			}
		}
		return v, true
	case "importlib.import_module", "builtins.__import__":
		out := bottom
		if x != nil && len(x.marks) == 0 {
			for _, c := range x.consts {
				if c.kind == ast.Str && c.str != "" && !strings.HasPrefix(c.str, ".") {
					out = join(out, a.force(a.imported(fr, c.str)))
				}
			}
		}
		if out != bottom {
			return out, true
		}
		return nil, false
	}
	if v, ok := a.unboundMethod(c, name); ok {
		return v, true
	}
	if name == "builtins.object.__setattr__" && len(c.args) == 3 {
		for _, id := range x.objects() {
			if s, ok := c.args[1].v.str(); ok {
				if o := st.object(id); o != nil {
					a.field(st, id, o, s, c.args[2].v, len(x.objs) > 1)
				}
			}
		}
		return nil, true
	}
	if strings.HasSuffix(name, ".__new__") && x != nil && len(x.class) > 0 && strings.HasPrefix(name, "builtins.") {
		out := bottom
		for _, k := range x.class {
			o := &object{class: k, name: a.containerKind(k)}
			if a.textClass(k) {
				o.fields = map[string]*value{textField: orEmpty(arg(c.args, 1, ""))}
			}
			v := a.fresh(c, o)
			if o.name != "" {
				a.filledWith(c, v.objs[0], c.args[1:])
			}
			v.marks = o.fields[textField].origins()
			out = join(out, v)
		}
		return out, true
	}
	return nil, false
}

// replacedFields is a copy with some fields replaced.
func (a *analysis) replacedFields(o *object, args []argument) *object {
	n := o.clone()
	fields := a.fieldsOf(o.class)
	for _, q := range args {
		if q.name == "" {
			continue
		}
		if n.fields == nil {
			n.fields = map[string]*value{}
		}
		n.fields[q.name] = q.v
		if i := slices.Index(fields, q.name); i >= 0 && i < len(n.list) {
			n.list[i] = q.v
		}
	}
	return n
}

// listed are the fields of a record, as a dictionary or tuple.
func (a *analysis) listed(c *callSite, o *object, dict bool, depth int) *value {
	r := &object{name: "builtins.tuple()"}
	if dict {
		r.name = "builtins.dict()"
	}
	for _, f := range a.fieldsOf(o.class) {
		v := a.listedWithin(c, o.fields[f], dict, depth+1)
		if dict {
			a.put(r, strOf(f), v)
		} else {
			r.list = append(r.list, v)
		}
	}
	return a.fresh(c, r)
}

// listedWithin does the same to the records in a record.
func (a *analysis) listedWithin(c *callSite, v *value, dict bool, depth int) *value {
	if v == nil || len(v.objs) != 1 || len(v.marks) > 0 || depth > 3 {
		return v
	}
	o := c.st.object(v.objs[0])
	switch {
	case o == nil:
	case o.class != nil && a.data(o.class):
		return a.listed(c, o, dict, depth)
	case o.name == "builtins.list()" && !o.loose && len(o.list) <= maxUnroll:
		n := o.clone()
		for i, x := range n.list {
			n.list[i] = a.listedWithin(c, x, dict, depth+1)
		}
		return a.fresh(c, n)
	}
	return v
}

// fieldNames are the names in a list of fields: texts, or pairs of a name and a type.
func (a *analysis) fieldNames(c *callSite, v *value) []string {
	if s, ok := v.str(); ok {
		return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
	}
	var out []string
	list, _ := a.iterate(c.fr, c.st, v, c.nodeOrNil())
	for _, x := range list {
		if s, ok := x.str(); ok {
			out = append(out, s)
		} else if s, ok := a.element(c.fr, c.st, x, intOf(0), c.nodeOrNil()).str(); ok {
			out = append(out, s)
		}
	}
	return out
}
