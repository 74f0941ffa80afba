package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/tree"
)

// maxBraces bounds the names of one row: a model may come with the code that is looked at.
const maxBraces = 1000

// Parse reads a model. Errors name the file, all of them at once.
func Parse(file string, data []byte) (*Model, error) {
	var m Model
	if err := tree.Fill(file, data, &m); err != nil {
		return nil, err
	}
	c := check{file: file}
	if m.Library == "" {
		c.fail("library is needed: the name that people know it by")
	}
	for i, s := range m.Sources {
		c.row("source", i, "value, call, method, parameter or unbound", s.Value, s.Call, s.Method, s.Parameter, s.Unbound)
		if (s.Unbound != "") != (s.Means != "") || len(s.Only) > 0 && s.Parameter == "" {
			c.wrong("unbound goes with means, only with parameter")
		}
		c.oneOf("kind", s.Kind, "", "untrusted", "local", "stored")
		if s.Of != "" {
			c.name(s.Of)
		}
		if (s.Of != "" || s.Makes) && s.Fields == "" || s.Makes && s.Of == "" {
			c.wrong("of goes with fields, makes with of")
		}
		if s.Kind == "stored" && s.Call == "" {
			c.wrong("kind stored goes with call")
		}
	}
	for i, r := range m.Routes {
		function := r.Function
		if function == "*" {
			function = "any"
		}
		c.row("route", i, "decorator, base, register, function, signature, class or mark", r.Decorator, r.Base, r.Register, function, strings.Join(r.Signature, "_"), strings.Join(r.Class, "_"), r.Mark)
		if (function != r.Function || len(r.Class) > 0 || r.Mark != "") && len(m.Imports) == 0 {
			c.wrong("class, mark and any function need imports, so that they do not stand for everything")
		}
		c.oneOf("parameters", r.Parameters, "path", "request", "typed", "all", "none")
		c.oneOf("kind", r.Kind, "", "untrusted", "local")
		if len(r.Clears) > 0 {
			c.kinds(r.Clears...)
		}
		c.argument(r.Path)
		c.argument(r.Handler)
		c.argument(r.Methods)
		c.argument(r.With)
		for _, t := range r.Takes {
			if t != "" {
				c.name(t)
			}
		}
		c.argument(r.Catches)
		c.oneOf("raised", r.Raised, "", "0", "1", "2", "3")
		if r.Catches != "" && r.Raised == "" {
			c.wrong("catches goes with raised")
		}
		if r.Returns != "" {
			c.kinds(r.Returns)
		}
		c.conditions(r.When)
		if r.Base != "" && r.Handlers == nil || r.Register != "" && r.Handler == "" || r.Handler != "" && r.Register+r.Decorator == "" {
			c.wrong("base goes with handlers, register with handler")
		}
		if len(r.First) > 0 && r.Base == "" {
			c.wrong("first goes with base")
		}
		if (r.Parameters == "request") != (r.Request != "") {
			c.wrong("parameters: request goes with the request's type in request")
		}
	}
	for i, s := range m.Sinks {
		c.row("sink", i, "call, method or assign", s.Call, s.Method, s.Assign)
		c.kinds(s.Kind)
		c.argument(s.Argument)
		c.conditions(s.When)
		c.oneOf("said", s.Said, "", "html")
		if s.Argument == "" && s.Assign == "" {
			c.wrong("argument is needed: which one does harm?")
		}
	}
	for i, s := range m.Sanitizers {
		c.row("sanitizer", i, "call, method or value", s.Call, s.Method, s.Value)
		if len(s.Restores) == 0 || len(s.Clears) > 0 {
			c.kinds(s.Clears...)
		}
		if len(s.Restores) > 0 {
			c.kinds(s.Restores...)
		}
		c.conditions(s.When)
	}
	for i, g := range m.Guards {
		c.row("guard", i, "call or method", g.Call, g.Method)
		c.kinds(g.Clears...)
		c.argument(g.Argument)
		c.oneOf("holds", g.Holds, "", "true", "false", "returns")
		if g.Argument == "" {
			c.wrong("argument is needed: which one is harmless then?")
		}
	}
	for i, o := range m.Options {
		c.row("option", i, "call", o.Call)
		c.argument(o.Type)
		c.argument(o.Among)
		c.argument(o.Dest)
		c.argument(o.Default)
		c.conditions(o.Harmless)
		for _, g := range o.Gives {
			for _, n := range braces(g) {
				c.name(n)
			}
		}
	}
	for i, r := range m.Renders {
		c.row("render", i, "call", r.Call)
		c.oneOf("language", r.Language, "", "jinja", "django", "tornado", "mako")
		c.oneOf("escapes", r.Escapes, "", "always", "never", "markup")
		if !strings.HasPrefix(r.Template, "self.") {
			c.argument(r.Template)
		}
		c.argument(r.Text)
		if (r.Template != "") == (r.Text != "") {
			c.wrong("exactly one of template and text is needed")
		}
		for part := range strings.SplitSeq(r.Context, ",") {
			c.argument(part)
		}
	}
	for i, r := range m.Returns {
		c.row("return", i, "call, value or field", r.Call, r.Value, r.Field)
		if r.Key != "" {
			c.argument(r.Key)
		} else {
			c.name(r.Type)
		}
		c.conditions(r.When)
	}
	for i, v := range m.Validators {
		c.row("validator", i, "call or decorator", v.Call, v.Decorator)
		set := 0
		for _, arg := range []string{v.Pattern, v.Choices, v.Types, v.Function, v.Also, v.Each, v.Schema} {
			if arg != "" {
				c.argument(arg)
				set++
			}
		}
		if v.Call != "" && set != 1 {
			c.wrong("exactly one of pattern, choices, types, function, also, each and schema is needed")
		}
		c.oneOf("how", v.How, "", "search", "match", "fullmatch")
		c.conditions(v.When)
		if (v.Decorator != "") != (v.Checks != "") {
			c.wrong("decorator goes with checks")
		}
		c.oneOf("checks", v.Checks, "", "field", "whole", "makes")
	}
	for i, f := range m.Forms {
		c.row("form", i, "call or decorator", f.Call, f.Decorator)
		c.argument(f.Argument)
		if f.Call != "" {
			c.oneOf("gives", f.Gives, "result", "errors", "fields", "attribute")
		} else {
			c.oneOf("gives", f.Gives, "parameter", "parameters")
		}
		if (f.Attribute != "") != (f.Gives == "fields" || f.Gives == "attribute") {
			c.wrong("attribute goes with gives: fields and gives: attribute")
		}
	}
	for i, r := range m.Records {
		c.row("record", i, "base or decorator", r.Base, r.Decorator)
	}
	for i, k := range m.Keeps {
		c.row("keep", i, "value or member", k.Value, k.Member)
	}
	for i, r := range m.Rows {
		c.row("row", i, "call, value or field", r.Call, r.Value, r.Field)
		if !strings.HasPrefix(r.Class, "self.") {
			c.argument(r.Class)
		}
		if r.Value != "" && (r.Class != "" || len(r.Gives) == 0) {
			c.wrong("a value is on the class itself, and needs gives")
		}
	}
	for i, s := range m.Stores {
		c.row("store", i, "call or method", s.Call, s.Method)
		c.argument(s.Argument)
		c.conditions(s.When)
	}
	for i, s := range m.Shelves {
		c.row("shelf", i, "call", s.Call)
		c.argument(s.Key)
		c.argument(s.Value)
		if s.Key == "" {
			c.wrong("it needs a key")
		}
	}
	for i, x := range m.Callers {
		c.row("caller", i, "decorator", x.Decorator)
		c.name(x.Value)
	}
	for i, r := range m.Raises {
		c.row("raise", i, "call", r.Call)
		c.name(r.Type)
		c.argument(r.Status)
	}
	for i, s := range m.Same {
		c.row("same", i, "call", s.Call)
		c.name(s.As)
	}
	for i, p := range m.Programs {
		c.where = fmt.Sprintf("program %d (%s)", i+1, p.Name)
		if p.Name == "" {
			c.wrong("name is needed: the file's, without its folder")
		}
		for _, o := range append(slices.Clone(p.Takes), p.Ends) {
			if o != "" && o[0] != '-' && o[0] != '/' {
				c.wrong("%q is no option: they begin with - or /", o)
			}
		}
		for _, r := range p.Reads {
			c.kinds(r.Kind)
			if (len(r.After) > 0) == (r.At > 0 || r.From > 0) || r.At > 0 && r.From > 0 {
				c.wrong("what it reads stands after an option, or at or from a place that is counted from one")
			}
		}
	}
	for i, x := range m.Converters {
		c.row("converter", i, "call or assign", x.Call, x.Assign)
		c.argument(x.Class)
		c.argument(x.Name)
		if x.Method == "" || (x.Call != "") != (x.Class != "" && x.Name != "") {
			c.wrong("method is needed, and class and name go with call")
		}
	}
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	m.Sources = spread(m.Sources, func(s *Source) []*string { return []*string{&s.Value, &s.Call, &s.Method, &s.Parameter, &s.Unbound} })
	m.Routes = spread(m.Routes, func(r *Route) []*string { return []*string{&r.Decorator, &r.Base, &r.Register, &r.Function} })
	m.Sinks = spread(m.Sinks, func(s *Sink) []*string { return []*string{&s.Call, &s.Method, &s.Assign} })
	m.Sanitizers = spread(m.Sanitizers, func(s *Sanitizer) []*string { return []*string{&s.Call, &s.Method, &s.Value} })
	m.Guards = spread(m.Guards, func(g *Guard) []*string { return []*string{&g.Call, &g.Method} })
	for i := range m.Options {
		var gives Names
		for _, g := range m.Options[i].Gives {
			gives = append(gives, braces(g)...)
		}
		m.Options[i].Gives = gives
	}
	m.Options = spread(m.Options, func(o *Option) []*string { return []*string{&o.Call} })
	m.Renders = spread(m.Renders, func(r *Render) []*string { return []*string{&r.Call} })
	m.Validators = spread(m.Validators, func(v *Validator) []*string { return []*string{&v.Call, &v.Decorator} })
	m.Forms = spread(m.Forms, func(f *Form) []*string { return []*string{&f.Call, &f.Decorator} })
	m.Returns = spread(m.Returns, func(r *Return) []*string { return []*string{&r.Call, &r.Value, &r.Field} })
	m.Records = spread(m.Records, func(r *Record) []*string { return []*string{&r.Base, &r.Decorator} })
	m.Keeps = spread(m.Keeps, func(k *Keep) []*string { return []*string{&k.Value, &k.Member, &k.By} })
	m.Rows = spread(m.Rows, func(r *Row) []*string { return []*string{&r.Call, &r.Value, &r.Field} })
	m.Shelves = spread(m.Shelves, func(s *Shelf) []*string { return []*string{&s.Call} })
	m.Stores = spread(m.Stores, func(s *Store) []*string { return []*string{&s.Call, &s.Method} })
	m.Callers = spread(m.Callers, func(x *Caller) []*string { return []*string{&x.Decorator} })
	m.Raises = spread(m.Raises, func(r *Raise) []*string { return []*string{&r.Call} })
	m.Programs = spread(m.Programs, func(p *Program) []*string { return []*string{&p.Name} })
	m.Converters = spread(m.Converters, func(x *Converter) []*string { return []*string{&x.Call, &x.Assign} })
	m.Same = spread(m.Same, func(s *Same) []*string { return []*string{&s.Call} })
	return &m, nil
}

// check collects what is wrong, with the row it is in.
type check struct {
	file, where string
	errs        []error
}

func (c *check) fail(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", c.file, fmt.Sprintf(format, args...)))
}

func (c *check) wrong(format string, args ...any) {
	c.fail("%s: %s", c.where, fmt.Sprintf(format, args...))
}

// row begins a row, which goes by exactly one of the names.
func (c *check) row(what string, i int, fields string, names ...string) {
	c.where = fmt.Sprintf("%s %d", what, i+1)
	set := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	if len(set) != 1 {
		c.wrong("exactly one of %s is needed", fields)
		return
	}
	c.where += " (" + set[0] + ")"
	list := braces(set[0])
	if len(list) > maxBraces {
		c.wrong("these braces stand for more than %d names", maxBraces)
	}
	for _, n := range list {
		c.name(n)
	}
}

// qualified is what names look like: see program.Unit.Name.
var qualified = match.Lazy(`^(\*\.)?[\pL_][\pL\pN_]*((\(\)|\[\d?\])*\.[\pL_][\pL\pN_]*)*(\(\)|\[\d?\])*$`)

func (c *check) name(n string) {
	if !qualified().MatchString(n) {
		c.wrong("%q is no qualified name, like \"sqlite3.connect().cursor\" or \"os.environ[]\"", n)
	}
}

func (c *check) oneOf(field, got string, want ...string) {
	if !slices.Contains(want, got) {
		c.wrong("%s is %q: use %s", field, got, strings.TrimPrefix(strings.Join(want, ", "), ", "))
	}
}

func (c *check) kinds(names ...string) {
	if len(names) == 0 {
		c.wrong("clears is needed: which kinds?")
	}
	if _, err := ParseKinds(names); err != nil {
		c.wrong("%v", err)
	}
}

func (c *check) argument(s string) {
	if _, err := ParseArgument(s); err != nil {
		c.wrong("%v", err)
	}
}

func (c *check) conditions(s string) {
	if _, err := ParseConditions(s); err != nil {
		c.wrong("%v", err)
	}
}

// spread makes an entry of each name that braces stand for.
func spread[T any](rows []T, names func(*T) []*string) []T {
	var out []T
	for _, row := range rows {
		at := len(out)
		out = append(out, row)
		for i, field := range names(&row) {
			if *field == "" {
				continue
			}
			for j, n := range braces(*field) {
				if j > 0 {
					out = append(out, row)
				}
				*names(&out[at+j])[i] = n
			}
		}
	}
	return out
}

// braces writes out a.{b,c}: a.b and a.c. Braces may stand in braces, and more than once;
// one that is never closed is left to be no qualified name.
func braces(s string) []string {
	open := strings.IndexByte(s, '{')
	if open < 0 {
		return []string{s}
	}
	var out []string
	depth, start := 0, open+1
	var parts []string
	for i := open; i < len(s); i++ {
		switch c := s[i]; {
		case c == '{':
			depth++
		case c == ',' && depth == 1:
			parts = append(parts, s[start:i])
			start = i + 1
		case c == '}':
			if depth--; depth > 0 {
				continue
			}
			for _, p := range append(parts, s[start:i]) {
				if out = append(out, braces(s[:open]+p+s[i+1:])...); len(out) > maxBraces {
					break
				}
			}
			return out
		}
	}
	return []string{s}
}
