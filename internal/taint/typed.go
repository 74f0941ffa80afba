package taint

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// plainTypes hold no text of somebody's choice.
var plainTypes = map[string]bool{
	"builtins.int": true, "builtins.float": true, "builtins.bool": true, "builtins.complex": true, "uuid.UUID": true, "decimal.Decimal": true,
	"datetime.date": true, "datetime.datetime": true, "datetime.time": true, "datetime.timedelta": true, "typing.Literal": true, "typing_extensions.Literal": true,
}

var listTypes = map[string]bool{
	"builtins.list": true, "builtins.tuple": true, "builtins.set": true, "builtins.frozenset": true, "typing.List": true, "typing.Tuple": true, "typing.Set": true, "typing.FrozenSet": true,
	"typing.Sequence": true, "typing.Iterable": true, "typing.Collection": true, "typing.MutableSequence": true, "collections.abc.Sequence": true, "collections.abc.Iterable": true,
	"collections.deque": true, "typing.Deque": true,
}

var mapTypes = map[string]bool{
	"builtins.dict": true, "typing.Dict": true, "typing.Mapping": true, "typing.MutableMapping": true, "collections.abc.Mapping": true, "collections.OrderedDict": true, "collections.defaultdict": true,
}

// asFilled is what a field of a class is that the class gives a value. Settings that are read from
// the environment may have another one.
func (a *analysis) asFilled(k *class, v *value) *value {
	if v == nil || len(v.consts) == 0 || len(a.models.filledOutside) == 0 || !a.based(k, func(n string) bool { return slices.Contains(a.models.filledOutside, n) }) {
		return v
	}
	return &value{names: v.names}
}

// checkedModel says whether instances of a class hold what their annotations say.
func (a *analysis) checkedModel(k *class) bool {
	if a.based(k, func(n string) bool { return a.models.records[n] }) {
		return true
	}
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		for _, d := range c.def.DecoratorList {
			if call, ok := d.(*ast.Call); ok {
				d = call.Func
			}
			if slices.ContainsFunc(c.mod.unit.Names(d), func(n string) bool { return a.models.records[n] }) {
				return true
			}
		}
	}
	return false
}

// maxTyped is how deep types are looked into: through how many classes and names of types, not
// counting the lists and unions around them, which end where the annotation does.
const maxTyped = 5

// typed is what is left of v when a library has made it into what an annotation says: a
// number holds no text, a model has fields of which each has its own type.
func (a *analysis) typed(fr *frame, st *state, mod *module, ann ast.Expr, v *value, depth int) *value {
	marks := a.deep(st, v, 0)
	if len(marks) == 0 || ann == nil || depth > maxTyped || mod == nil || mod.unit == nil {
		return v
	}
	u := mod.unit
	switch e := ann.(type) {
	case *ast.Constant:
		switch e.ConstKind() {
		case ast.None:
			return bottom
		case ast.Str:
			return a.quotedType(fr, st, mod, e, e.Str(), v, depth)
		}
	case *ast.BinOp:
		if e.Op == ast.BitOr {
			return a.oneOf(fr, st, mod, []ast.Expr{e.Left, e.Right}, v, depth)
		}
	case *ast.Subscript:
		list := []ast.Expr{e.Slice}
		if t, ok := e.Slice.(*ast.Tuple); ok {
			list = t.Elts
		}
		name := a.models.own(u.Name(e.Value))
		switch {
		case plainTypes[name]:
			return nil
		case len(list) == 0:
			return v
		case name == "typing.Optional" || name == "typing.Union":
			return a.oneOf(fr, st, mod, list, v, depth)
		case name == "typing.Annotated" || name == "typing_extensions.Annotated":
			return a.constrained(fr, st, mod, list[1:], a.typed(fr, st, mod, list[0], v, depth))
		case name == "typing.Final" || name == "typing.ClassVar" || name == "typing.Required" || name == "typing.NotRequired":
			return a.typed(fr, st, mod, list[0], v, depth)
		case listTypes[a.models.own(name)]:
			o := &object{name: "builtins.list()", loose: true}
			for _, x := range list {
				if w := a.typed(fr, st, mod, x, a.someElement(st, v), depth); w != bottom && x.Kind() != ast.KindConstant {
					o.add(w)
				}
			}
			return a.unnamed(st, o)
		case mapTypes[name] && len(list) == 2:
			o := &object{name: "builtins.dict()"}
			if len(v.objs) == 0 {
				o.named = a.typed(fr, st, mod, list[0], marked(marks), depth).origins()
			}
			o.add(a.typed(fr, st, mod, list[1], a.someElement(st, v), depth))
			return a.unnamed(st, o)
		}
		return a.typed(fr, st, mod, e.Value, v, depth+1)
	case *ast.Call:
		if listTypes[a.models.own(u.Name(e.Func))] { // conlist(Item, max_length=9)
			x := argumentOf(e, "0|item_type")
			if x == nil {
				return v
			}
			return a.severalOf(st, a.typed(fr, st, mod, x, a.someElement(st, v), depth))
		}
		return a.constrained(fr, st, mod, []ast.Expr{e}, a.namedType(fr, st, u.Names(e.Func), nil, v, depth))
	}
	if e, in := a.aliasOf(mod, ann); e != nil {
		return a.typed(fr, st, in, e, v, depth+1)
	}
	return a.namedType(fr, st, u.Names(ann), a.evalType(fr, st, mod, ann), v, depth)
}

// aliasOf is the type that a name of the program stands for, and where it was written: Slug =
// Annotated[str, …].
func (a *analysis) aliasOf(mod *module, ann ast.Expr) (ast.Expr, *module) {
	isType := func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.Subscript, *ast.Call:
			return true
		case *ast.BinOp:
			return e.Op == ast.BitOr
		}
		return false
	}
	switch n := ann.(type) {
	case *ast.Name:
		switch list := mod.unit.Values(n); {
		case len(list) != 1:
			return nil, nil
		case list[0] != ann:
			if isType(list[0]) {
				return list[0], mod
			}
			return nil, nil
		}
	case *ast.Attribute: // deps.User
	default:
		return nil, nil
	}
	name := mod.unit.Origin(ann) // and not what it stands for
	if name == "" {
		name = mod.unit.Name(ann)
	}
	if !strings.Contains(name, ".") || strings.HasPrefix(name, "builtins.") || strings.HasPrefix(name, "typing.") {
		return nil, nil
	}
	m, rest := a.prog.Find(name, mod.of.Path)
	if m == nil || rest == "" || strings.Contains(rest, ".") {
		return nil, nil
	}
	x := a.module(m)
	if x.unit == nil {
		return nil, nil
	}
	for _, s := range x.unit.Tree.Module.Body {
		if as, ok := s.(*ast.Assign); ok && len(as.Targets) == 1 && isType(as.Value) {
			if t, ok := as.Targets[0].(*ast.Name); ok && t.Ident == rest {
				return as.Value, x
			}
		}
	}
	return nil, nil
}

// oneOf is one of several types.
func (a *analysis) oneOf(fr *frame, st *state, mod *module, list []ast.Expr, v *value, depth int) *value {
	out := bottom
	for _, x := range list {
		out = join(out, a.typed(fr, st, mod, x, v, depth))
	}
	if out == bottom {
		return nil
	}
	return out
}

// evalType is the class of the program that an annotation names.
func (a *analysis) evalType(fr *frame, st *state, mod *module, ann ast.Expr) *value {
	switch ann.(type) {
	case *ast.Name, *ast.Attribute:
	default:
		return nil
	}
	if n, ok := ann.(*ast.Name); ok && mod.unit.Name(n) != "" && strings.HasPrefix(mod.unit.Name(n), "builtins.") {
		return nil
	}
	return a.eval(&frame{id: mod.frame, mod: mod, base: st, up: fr}, st, ann)
}

// quotedType is an annotation in quotes: a name, or one with Optional or a list around it.
func (a *analysis) quotedType(fr *frame, st *state, mod *module, at ast.Expr, s string, v *value, depth int) *value {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "| None"))
	if in, ok := strings.CutSuffix(s, "]"); ok {
		if of, elem, ok := strings.Cut(in, "["); ok {
			switch lastName(of) {
			case "Optional":
				return a.quotedType(fr, st, mod, at, elem, v, depth+1)
			case "List", "list", "Set", "set", "Sequence", "Iterable":
				o := &object{name: "builtins.list()", loose: true}
				o.add(a.quotedType(fr, st, mod, at, elem, a.someElement(st, v), depth+1))
				return a.unnamed(st, o)
			}
		}
		return v
	}
	if s == "" || strings.ContainsAny(s, " |,()") || depth > maxTyped {
		return v
	}
	if plainTypes["builtins."+s] {
		return nil
	}
	first, rest, _ := strings.Cut(s, ".")
	w, ok := a.lookup(&frame{id: mod.frame, mod: mod}, st, first)
	if !ok {
		return v
	}
	for part := range strings.SplitSeq(rest, ".") {
		if part != "" {
			w = a.attribute(&frame{id: mod.frame, mod: mod, base: st, up: fr}, st, w, part, at)
		}
	}
	var names []string
	if w != nil {
		names = w.names
	}
	return a.namedType(fr, st, names, w, v, depth)
}

// namedType is a type with a name: of the language, of a library, or a class of the program.
func (a *analysis) namedType(fr *frame, st *state, names []string, cls, v *value, depth int) *value {
	for _, n := range names {
		switch {
		case plainTypes[n]:
			return nil
		case n == "builtins.str" || n == "builtins.bytes":
			w := clear(marked(a.deep(st, v, 0)), a.models.nosql) // a text is no operator
			if w == nil {
				return nil
			}
			return &value{marks: w.marks, names: stringNames}
		}
		for _, s := range a.models.sanitizers[n] {
			if len(s.when) == 0 {
				v = clear(marked(a.deep(st, v, 0)), s.kinds)
			}
		}
	}
	if cls == nil || len(cls.class) == 0 {
		return v
	}
	out := bottom
	for _, k := range cls.class {
		switch {
		case a.enum(k):
			for _, m := range a.enumMembers(st, k) {
				out = join(out, m)
			}
		case a.checkedModel(k) || a.data(k) || a.record(k) || a.typedDict(k):
			out = join(out, a.filled(fr, st, k, v, depth+1))
		default:
			out = join(out, v)
		}
	}
	if out == bottom {
		return nil
	}
	return out
}

// filled is an instance of a model that is filled in with data.
func (a *analysis) filled(fr *frame, st *state, k *class, v *value, depth int) *value {
	if depth > maxTyped {
		return v
	}
	self := a.unnamed(st, &object{class: k})
	fields := map[string]*value{}
	for _, name := range a.fieldsOf(k) {
		fields[strings.Clone(name)] = a.part(st, v, name)
	}
	a.checkFields(fr, st, k, fields, self, depth)
	if a.keepsExtra(k) {
		fields[extraFields] = marked(a.deep(st, v, 0))
	}
	if a.typedDict(k) {
		o := &object{name: "builtins.dict()"}
		for _, name := range a.fieldsOf(k) {
			a.put(o, strOf(strings.Clone(name)), fields[name])
		}
		return a.unnamed(st, o)
	}
	st.store(self.objs[0], &object{class: k, fields: fields})
	self = a.inherits(st, self, k, nil)
	a.checkedWhole(fr, st, k, self)
	return self
}

// extraFields is where an instance of a model keeps what it was given beyond its fields.
const extraFields = "\x00extra"

// keepsExtra says whether a model of Pydantic keeps what it does not know: model_config =
// ConfigDict(extra="allow"), class Config: extra = "allow". Those who sent it have named it.
func (a *analysis) keepsExtra(k *class) bool {
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		for _, s := range c.def.Body {
			switch s := s.(type) {
			case *ast.Assign:
				if ast.LastName(s.Targets[0]) != "model_config" {
					continue
				}
				call, ok := s.Value.(*ast.Call)
				if d, is := s.Value.(*ast.Dict); is {
					for i, key := range d.Keys {
						if text, _ := c.mod.unit.Str(key); text == "extra" {
							return allows(c, d.Values[i])
						}
					}
				}
				if !ok {
					return false
				}
				for _, q := range call.Keywords {
					if q.Arg == "extra" {
						return allows(c, q.Value)
					}
				}
			case *ast.ClassDef:
				if s.Name != "Config" {
					continue
				}
				for _, t := range s.Body {
					if t, ok := t.(*ast.Assign); ok && ast.LastName(t.Targets[0]) == "extra" {
						return allows(c, t.Value)
					}
				}
			}
		}
	}
	return false
}

// allows: extra="allow", extra=Extra.allow.
func allows(c *class, e ast.Expr) bool {
	s, _ := c.mod.unit.Str(e)
	return s == "allow" || ast.LastName(e) == "allow"
}

func (a *analysis) typedDict(k *class) bool {
	return a.based(k, func(n string) bool { return n == "typing.TypedDict" || n == "typing_extensions.TypedDict" })
}

// checkFields leaves of what a model's fields were given what their types leave.
func (a *analysis) checkFields(fr *frame, st *state, k *class, fields map[string]*value, self *value, depth int) {
	done := map[string]bool{}
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		for _, s := range c.def.Body {
			s, ok := s.(*ast.AnnAssign)
			if !ok || classVar(c, s) {
				continue
			}
			n, ok := s.Target.(*ast.Name)
			if !ok || done[n.Ident] {
				continue
			}
			done[n.Ident] = true
			if v := fields[n.Ident]; v != nil {
				fields[n.Ident] = a.checkField(fr, st, k, c, s, n.Ident, v, self, depth)
			}
		}
	}
}

// modelMethod is a method that a checked model has from its library.
func (a *analysis) modelMethod(c *callSite, k *class, name string, args []argument) *value {
	switch x := arg(args, 0, ""); name {
	case "as_view":
		return a.asView(c, k, args)
	case "_make":
		list, exact := a.iterate(c.fr, c.st, x, c.nodeOrNil())
		if !exact || c.node == nil {
			return marked(a.deep(c.st, x, 0))
		}
		var given []argument
		for _, v := range list {
			given = append(given, argument{v: v})
		}
		return a.construct(c.fr, c.st, k, given, c.node)
	case "__subclasses__":
		o := &object{name: "builtins.list()"}
		for _, sub := range a.subclasses(k) {
			o.list = append(o.list, &value{class: []*class{sub}})
		}
		return a.fresh(c, o)
	case "model_validate", "parse_obj", "model_validate_json", "parse_raw", "from_orm", "model_validate_strings", "convert":
		return a.filled(c.fr, c.st, k, x, 0)
	}
	return nil
}

// modelMethods are what modelMethod and special know.
var modelMethods = map[string]bool{"model_validate": true, "parse_obj": true, "model_validate_json": true, "parse_raw": true, "from_orm": true, "model_validate_strings": true,
	"model_dump": true, "dict": true, "model_copy": true, "copy": true}

// checkField is what a model's field holds when it was given v.
func (a *analysis) checkField(fr *frame, st *state, k, c *class, s *ast.AnnAssign, name string, v, self *value, depth int) *value {
	v = a.typed(fr, st, c.mod, s.Annotation, v, depth)
	if call, ok := s.Value.(*ast.Call); ok {
		v = a.constrained(fr, st, c.mod, []ast.Expr{call}, v)
	}
	if v == bottom {
		v = nil
	}
	return a.validated(fr, st, k, name, v, self)
}

// part is the part of some data that is meant for a field, as an origin of its own.
func (a *analysis) part(st *state, v *value, name string) *value {
	if v == nil {
		return nil
	}
	if len(v.objs) > 0 {
		out := bottom
		for _, id := range v.objs {
			if o := st.object(id); o != nil && o.class == nil {
				out = join(out, o.at(strOf(name)))
			} else if o != nil {
				out = join(out, o.fields[name])
			}
		}
		if out != bottom && len(v.marks) == 0 {
			return out
		}
	}
	marks := a.deep(st, v, 0)
	if len(marks) != 1 || marks[0].step == nil || marks[0].step.n > 1 || marks[0].src.entry == nil || strings.Count(marks[0].src.entry.Parameter, ".") > 3 {
		return marked(marks)
	}
	m := marks[0]
	parameter := name
	if m.src.entry.Parameter != "" {
		parameter = m.src.entry.Parameter + "." + name
	}
	m.src = a.partOf(m.src, m.src.at, m.src.says, parameter)
	m.step = (*step)(nil).then(m.src.at, m.src.says+" ("+parameter+") enters here")
	return marked([]mark{m})
}

// partOf is the origin of a part of what enters somewhere.
func (a *analysis) partOf(src *origin, at place, says, parameter string) *origin {
	k := originKey{at, parameter, cmp.Or(src.entry, a.entry)}
	o := a.origins[k]
	if o == nil {
		o = &origin{id: len(a.origins) + 1, local: src.local, stored: src.stored, says: says, at: at, entry: &Entry{}}
		switch {
		case src.entry != nil:
			*o.entry = *src.entry
		case a.entry != nil:
			*o.entry = *a.entry
		}
		o.entry.Parameter = parameter
		a.origins[k] = o
	}
	return o
}

// someElement is any element of v.
func (a *analysis) someElement(st *state, v *value) *value {
	if v == nil || len(v.objs) == 0 {
		return v
	}
	out := marked(v.marks)
	if out == nil {
		out = bottom
	}
	for _, id := range v.objs {
		if o := st.object(id); o != nil {
			out = join(out, o.all())
		}
	}
	return out
}

// unnamed is an object that no expression makes.
func (a *analysis) unnamed(st *state, o *object) *value {
	a.objects++
	st.store(a.objects, o)
	return &value{objs: []objectID{a.objects}, names: namesOf(o)}
}

// constrained applies what stands beside a type or in the call that makes a field: a pattern,
// validators, a converter.
func (a *analysis) constrained(fr *frame, st *state, mod *module, list []ast.Expr, v *value) *value {
	for _, e := range list {
		c, ok := e.(*ast.Call)
		if !ok || !v.tainted() {
			continue
		}
		for _, x := range c.Args {
			if l, ok := x.(*ast.List); ok { // StringField("name", [validators])
				v = a.satisfies(fr, st, mod, l, v, "data", false, 0)
			}
		}
		for _, k := range c.Keywords {
			switch k.Arg {
			case "pattern", "regex":
				if s, ok := mod.unit.Str(k.Value); ok {
					v = clear(v, a.matched(s, "search"))
				}
			case "validators", "validator":
				v = a.satisfies(fr, st, mod, k.Value, v, "data", false, 0)
			case "validate":
				v = a.satisfies(fr, st, mod, k.Value, v, "", true, 0)
			}
		}
		if v.tainted() { // Annotated[str, AfterValidator(known)]
			v = a.beside(fr, st, mod, c, mod.unit.Names(c.Func), v, 0)
		}
		for _, n := range mod.unit.Names(c.Func) { // Annotated[int, Query(le=100)]
			for _, s := range a.models.sanitizers[n] {
				if a.when(a.site(a.in(fr, st, mod), st, c), s.when, nil) {
					v = clear(v, s.kinds)
				}
			}
		}
	}
	return v
}

// apart is the type in an annotation, what stands beside it, Annotated[int, Query(le=9)], and
// the module in which that is written: an annotation may be a name for it.
func (a *analysis) apart(mod *module, e ast.Expr) (of ast.Expr, beside []ast.Expr, in *module) {
	if to, m := a.aliasOf(mod, e); to != nil {
		e, mod = to, m
	}
	if s, ok := e.(*ast.Subscript); ok && lastName(a.models.own(mod.unit.Name(s.Value))) == "Annotated" {
		if t, ok := s.Slice.(*ast.Tuple); ok && len(t.Elts) > 0 {
			return t.Elts[0], slices.Clone(t.Elts[1:]), mod
		}
	}
	return e, nil, mod
}

// validated runs the functions of a model that check one of its fields.
func (a *analysis) validated(fr *frame, st *state, k *class, field string, v, self *value) *value {
	if len(a.deep(st, v, 0)) == 0 {
		return v
	}
	a.eachDecorated(k, "field", func(c *class, d *ast.FunctionDef, call *ast.Call) {
		if !slices.ContainsFunc(call.Args, func(x ast.Expr) bool {
			n, _ := c.mod.unit.Str(x)
			return n == field || n == "*"
		}) {
			return
		}
		g := *a.validator(c, d)
		g.self, g.kind = self, ""
		of, each := v, false
		for _, q := range call.Keywords { // of whatever is in the field
			if yes, ok := c.mod.unit.Bool(q.Value); q.Arg == "each_item" && ok && yes {
				of, each = a.someElement(st, v), true
			}
		}
		cur := st.fork()
		got := a.invoke(fr, cur, &value{fns: []*function{&g}}, []argument{{v: of}}, nil)
		if cur.dead {
			v = nil
			return
		}
		st.become(cur)
		if v = got; each {
			v = a.severalOf(st, got)
		}
	})
	return v
}

// checkedWhole runs the functions of a model that look at all its fields.
func (a *analysis) checkedWhole(fr *frame, st *state, k *class, self *value) {
	a.eachDecorated(k, "whole", func(c *class, d *ast.FunctionDef, call *ast.Call) {
		if !decides(d) || len(a.deep(st, self, 0)) == 0 {
			return
		}
		g := *a.validator(c, d)
		g.kind = ""
		if len(d.Args.Args) < 2 { // it is the object itself
			g.self = self
			cur := st.fork()
			a.invoke(a.in(fr, cur, c.mod), cur, &value{fns: []*function{&g}}, nil, nil)
			if !cur.dead {
				st.become(cur)
			}
			return
		}
		// The class, and the fields.
		o := st.object(self.objs[0])
		given := &object{name: "builtins.dict()"}
		for _, name := range a.fieldsOf(k) {
			a.put(given, strOf(strings.Clone(name)), o.fields[name])
		}
		cur := st.fork()
		data := a.unnamed(cur, given)
		g.self = &value{class: []*class{k}}
		r := a.invoke(a.in(fr, cur, c.mod), cur, &value{fns: []*function{&g}}, []argument{{v: data}}, nil)
		if cur.dead {
			return
		}
		st.become(cur)
		if r == nil || len(r.objs) != 1 {
			r = data
		}
		if left := st.object(r.objs[0]); left != nil && left.class == nil {
			n := st.object(self.objs[0]).clone()
			for name, v := range n.fields {
				if w, ok := left.keys[constant{kind: ast.Str, str: name}]; ok && v.tainted() {
					n.fields[name] = clear(v, kindsOf(v.marks)&^kindsOf(w.origins()))
				}
			}
			st.store(self.objs[0], n)
		}
	})
}

// decides says whether a method that looks at a whole object can leave less of it: it fails, or
// gives a field another value. Others are run for nothing, and are many in large programs.
func decides(d *ast.FunctionDef) bool {
	of := func(e ast.Expr) bool {
		n, ok := e.(*ast.Name)
		return ok && slices.ContainsFunc(d.Args.Args, func(q *ast.Arg) bool { return q.Arg == n.Ident })
	}
	return hasOwn(d, func(n ast.Node) (found, skip bool) {
		switch n := n.(type) {
		case *ast.Raise, *ast.Assert:
			return true, false
		case *ast.Attribute:
			return n.Ctx() == ast.Store && of(n.Value), false
		case *ast.Subscript:
			return n.Ctx() == ast.Store && of(n.Value), false
		case *ast.ExprStmt: // require(self.kind in allowed)
			c, ok := n.Value.(*ast.Call)
			return ok && slices.ContainsFunc(c.Args, boolish), false
		}
		return false, false
	})
}

// validator is a method by its def, whatever its decorators have made of its name.
func (a *analysis) validator(c *class, d *ast.FunctionDef) *function {
	if v := c.attrs[d.Name]; v != nil {
		for _, f := range v.fns {
			if f.def == d {
				return f
			}
		}
	}
	return &function{mod: c.mod, def: d, outer: c.mod.frame, class: c, name: strings.Clone(d.Name)}
}

// formFields are what a form of the program holds once its library has checked it, by field. Which
// fields there are is the form's to say, also where it cannot be seen.
func (a *analysis) formFields(fr *frame, st *state, form, all *value, s *models.Source, attr string) *value {
	all = clear(all, a.models.orm)
	if len(form.objs) != 1 || len(all.marks) != 1 {
		return all
	}
	o := st.object(form.objs[0])
	if o == nil || o.class == nil {
		return all
	}
	d := &object{name: "builtins.dict()"}
	d.add(marked(all.marks))
	var order []string
	for _, f := range a.declaredIn(o.class) {
		m := all.marks[0]
		m.src = a.partOf(m.src, m.src.at, m.src.says+" ("+strconv.Quote(f.name)+")", f.name)
		v := &value{marks: []mark{m}, names: stringNames}
		for _, n := range f.v.names {
			if t := a.models.fieldTypes[n]; t != "" {
				v.names = []string{t}
			}
		}
		a.put(d, strOf(f.name), a.leaves(fr, st, f.of.mod, f.call, v, 1))
		order = append(order, f.name)
	}
	if len(order) == 0 {
		return all
	}
	data := a.unnamed(st, d)
	with := o.clone()
	if with.fields == nil {
		with.fields = map[string]*value{}
	}
	with.fields[attr] = data
	st.store(form.objs[0], with) // while it checks itself, too
	self := &value{objs: form.objs, names: form.names}
	for _, name := range order {
		check, ok := a.member(fr, st, o.class, strings.Replace(s.Fields, "*", name, 1))
		key := constant{kind: ast.Str, str: name}
		was := st.object(data.objs[0]).keys[key]
		if !ok || check == nil || len(check.fns) == 0 || len(a.deep(st, was, 0)) == 0 {
			continue
		}
		cur := st.fork()
		var args []argument
		if f := check.fns[0]; f.def != nil && len(f.def.Args.Args) > 1 {
			args = append(args, argument{v: was})
		}
		got := a.invoke(fr, cur, a.bind(fr, cur, check, self, nil), args, nil)
		if cur.dead {
			got = nil
		} else {
			st.become(cur)
		}
		d = st.object(data.objs[0]).clone()
		a.put(d, strOf(name), got)
		st.store(data.objs[0], d)
	}
	// And the one that looks at all of them.
	whole, _ := strings.CutSuffix(s.Fields, "_*")
	if check, ok := a.member(fr, st, o.class, whole); ok && check != nil && len(check.fns) == 1 && check.fns[0].def != nil {
		cur := st.fork()
		var args []argument
		if len(check.fns[0].def.Args.Args) > 1 {
			args = append(args, argument{v: data})
		}
		got := a.invoke(fr, cur, a.bind(fr, cur, check, self, nil), args, nil)
		if !cur.dead {
			st.become(cur)
			if got != nil && len(got.objs) == 1 && len(got.marks) == 0 {
				data = got
			}
		}
	}
	return data
}
