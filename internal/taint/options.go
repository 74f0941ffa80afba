package taint

import (
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// Parsers of command lines and of requests are told of each option what it may be: a number,
// one of several. What they give is looked up by the options that its module declares.

// option is a way to declare one.
type option struct {
	models.Option
	library                  string
	typ, among, dest, preset models.Argument
	harmless                 []models.Condition
}

// declared is what a declaration leaves of an option: the kinds that it loses, and a type of
// the program's own that is asked at the place where the option is used.
type declared struct {
	clears models.Kinds
	typ    ast.Expr
}

// optionsOf are what the options of a module leave, by the library and the option's name. Of
// what is declared twice, it is what either leaves.
func (a *analysis) optionsOf(x *module) map[string]declared {
	if x.options != nil || x.unit == nil {
		return x.options
	}
	x.options = map[string]declared{}
	for n := range x.unit.Tree.Of(ast.KindCall) {
		c := n.(*ast.Call)
		if !x.unit.Live(c) {
			continue
		}
		o := a.models.optionOf(x.unit, c)
		if o == nil {
			continue
		}
		k := a.declares(x.unit, c, o)
		key := o.library + "." + o.named(x.unit, c)
		if old, ok := x.options[key]; ok {
			k.clears &= old.clears
			k.typ = nil
		}
		x.options[strings.Clone(key)] = k
	}
	return x.options
}

// optionOf is what a call declares an option with, or nil.
func (k *Knowledge) optionOf(u *program.Unit, c *ast.Call) *option {
	names := u.Names(c.Func)
	for _, n := range names {
		if o := k.options[n]; o != nil {
			return o
		}
		if o := k.options[k.rename(n)]; o != nil { // of a parser that something else has made
			return o
		}
	}
	f, ok := c.Func.(*ast.Attribute)
	if !ok || len(names) > 0 {
		return nil
	}
	if o := k.adders[f.Attr]; o != nil && u.Imports(firstName(o.Call)) { // a parser that was handed over
		return o
	}
	return nil
}

// named is the name under which an option's value is found.
func (o *option) named(u *program.Unit, c *ast.Call) string {
	if e := pick(c, o.dest); e != nil {
		s, _ := u.Str(e)
		return s
	}
	name := ""
	for _, x := range c.Args {
		s, ok := u.Str(x)
		if !ok {
			continue
		}
		if name == "" || strings.HasPrefix(s, "--") && !strings.HasPrefix(name, "--") {
			name = s
		} else if !strings.HasPrefix(s, "-") && len(o.Gives) == 0 {
			name = s // beside options, a name that is none is the parameter's
		}
	}
	name, _, _ = strings.Cut(name, "/")
	return strings.ReplaceAll(strings.TrimLeft(name, "-"), "-", "_")
}

// declares is what a declaration leaves of its option.
func (a *analysis) declares(u *program.Unit, c *ast.Call, o *option) declared {
	if pick(c, o.among) != nil {
		return declared{clears: models.All}
	}
	for _, cond := range o.harmless {
		e := pick(c, cond.Argument)
		if e == nil {
			continue
		}
		s, isStr := u.Str(e)
		if !isStr {
			s = textOf(u.File, e)
		}
		for _, v := range cond.Values {
			if s == v {
				return declared{clears: models.All}
			}
		}
	}
	t := pick(c, o.typ)
	if t == nil {
		if p, ok := pick(c, o.preset).(*ast.Constant); ok && p.ConstKind() != ast.None && p.ConstKind() < ast.Str {
			return declared{clears: models.All}
		}
		return declared{}
	}
	if s, ok := u.Str(t); ok { // type="int"
		return declared{clears: a.cleared("builtins." + s)}
	}
	own := t
	if call, ok := t.(*ast.Call); ok {
		t = call.Func
	}
	var k models.Kinds
	for _, n := range u.Names(t) {
		k |= a.cleared(n)
	}
	if k != 0 {
		own = nil
	}
	return declared{clears: k, typ: own}
}

// cleared is what a function always leaves harmless.
func (a *analysis) cleared(name string) (k models.Kinds) {
	for _, s := range a.models.sanitizers[name] {
		if len(s.when) == 0 {
			k |= s.kinds
		}
	}
	return k
}

// optionValue clears what a parser has let through under a name.
func (a *analysis) optionValue(fr *frame, st *state, v *value, from []string, name string) *value {
	if !v.tainted() || fr == nil || fr.mod == nil {
		return v
	}
	for _, n := range from {
		if library := a.models.results[n]; library != "" {
			v = a.leftBy(fr, st, fr.mod, a.optionsOf(fr.mod)[library+"."+name], v)
		}
	}
	return v
}

// leftBy is what a declaration leaves of a value.
func (a *analysis) leftBy(fr *frame, st *state, mod *module, d declared, v *value) *value {
	v = clear(v, d.clears)
	if d.typ == nil || st == nil || !v.tainted() {
		return v
	}
	in := a.in(fr, st, mod)
	if c, ok := d.typ.(*ast.Call); ok { // type=matching("^[a-z]+$")
		if v = a.beside(in, st, mod, c, mod.unit.Names(c.Func), v, 0); !v.tainted() {
			return v
		}
	}
	t := a.eval(in, st, d.typ)
	switch {
	case t == nil:
	case len(t.class) == 1 && a.enum(t.class[0]):
		v = bottom
		for _, m := range a.enumMembers(st, t.class[0]) {
			v = join(v, m)
		}
	case len(t.fns) > 0:
		return a.callback(&callSite{fr: in, st: st}, t, &value{marks: v.marks, names: stringNames})
	}
	return v
}

// optionAbove is what the decorators of a function declare of a parameter.
func (a *analysis) optionAbove(fr *frame, st *state, f *function, name string, v *value) *value {
	if f.def == nil {
		return v
	}
	for _, d := range f.def.DecoratorList {
		c, ok := d.(*ast.Call)
		if !ok {
			continue
		}
		if o := a.models.optionOf(f.mod.unit, c); o != nil && len(o.Gives) == 0 && o.named(f.mod.unit, c) == name {
			v = a.leftBy(fr, st, f.mod, a.declares(f.mod.unit, c, o), v)
		}
	}
	return v
}

// declaredType is what the type of a parameter leaves harmless that the handler's class
// declares apart: in a class within, or in the attribute that the handler resolves.
func (a *analysis) declaredType(r registered, f *function, name string) (k models.Kinds) {
	if r.route.Declared == "" || r.class == nil || r.class.def == nil || f.def == nil {
		return 0
	}
	u := r.class.mod.unit
	field := ""
	for _, h := range r.route.Handlers {
		if begin, ok := strings.CutSuffix(h, "*"); ok && begin != "" {
			if rest, ok := strings.CutPrefix(f.def.Name, begin); ok {
				field = rest
			}
		}
	}
	typeOf := func(e ast.Expr) (k models.Kinds) {
		c, ok := e.(*ast.Call)
		if !ok {
			return 0
		}
		for _, n := range u.Names(c.Func) {
			k |= a.cleared(n)
		}
		if len(c.Args) > 0 { // Argument(Int)
			for _, n := range u.Names(c.Args[0]) {
				k |= a.cleared(n)
			}
		}
		return k
	}
	for _, s := range r.class.def.Body {
		if within, ok := s.(*ast.ClassDef); ok && within.Name == r.route.Declared {
			for _, s := range within.Body {
				if n, e := fieldIn(s); n != nil && n.Ident == name {
					k |= typeOf(e)
				}
			}
			continue
		}
		n, e := fieldIn(s)
		c, ok := e.(*ast.Call)
		if !ok || n == nil || n.Ident != field {
			continue
		}
		for _, q := range c.Keywords {
			if q.Arg == name {
				k |= typeOf(q.Value)
			}
		}
	}
	return k
}
