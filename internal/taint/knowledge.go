package taint

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/template"
)

// Knowledge is what models say, by name.
type Knowledge struct {
	value         map[string]*models.Source
	call          map[string]*models.Source
	parameters    map[string][]named
	sinks         map[string][]sink
	methods       map[string][]sink // by the method's name
	assigns       map[string][]sink
	sanitizers    map[string][]sanitizer
	guards        map[string][]guard
	methodSan     map[string][]sanitizer
	methodGrd     map[string][]guard
	valueSan      map[string]models.Kinds // attributes that are harmless
	returns       map[string][]returned
	becomes       map[string][]returned    // methods that make their object something else
	typed         map[string]bool          // first words of names in returns
	routes        map[string]*models.Route // decorators
	loose         map[string]*models.Route // decorators of unknown objects, by their last name
	bases         map[string][]*models.Route
	registers     map[string]*models.Route
	tellers       map[string][]namedRoute // methods that are given a handler, by their last name
	functions     map[string][]namedRoute // by name
	signatures    map[string][]namedRoute // by the names of their parameters, joined
	classes       map[string][]namedRoute // by the names of methods
	marks         map[string][]namedRoute // by the attribute that is set
	markNames     []string                // of marks, in order
	unbound       map[string]*models.Source
	stored        map[string]*models.Source
	renders       map[string][]*models.Render
	members       map[string]bool     // last names of sources that are values
	askers        map[string][]string // last names of methods that are sources, with what to import for them
	runs          map[string]bool     // attributes of handlers that run them
	first         map[string]bool     // first words of all names of calls and values
	modules       map[string]bool     // modules that sources and routes come from
	options       map[string]*option  // calls that declare options
	adders        map[string]*option  // the same by the method's name
	results       map[string]string   // names of what parsers give: their library
	elements      map[string]bool     // names of which models speak of the elements
	holders       map[string]bool     // first words of names of objects that are sources
	givers        map[string]bool     // calls that give objects, or lists of them, of which members are sources
	never         map[string]bool     // calls that do not come back
	validators    map[string][]validator
	checkers      map[string]string           // decorators of methods that check
	forms         map[string]*form            // calls
	inputs        map[string]*form            // decorators
	records       map[string]bool             // classes whose fields hold what annotations say, and decorators of such
	rows          map[string]*rowOf           // calls that give objects of the program's classes, and values that stand for them
	rowMethods    map[string]bool             // methods of queries that give one
	rowAttrs      map[string]bool             // names of what stands for the objects of a class
	rowPuts       map[string]bool             // methods of queries that store what they are given by name
	rowPicks      map[string]bool             // methods of queries that leave but the fields they are given
	stores        map[string][]*store         // calls that store objects
	storeMethods  map[string][]*store         // by the method's name
	filledBy      map[string]bool             // calls that put what they are given by name on such an object
	methodSrc     map[string][]*models.Source // methods of unknown objects that are sources, by their last name
	chains        map[string]string           // what methods give of what they are called on
	callers       map[string]string           // what who calls is read as, by the decorator of what gives it
	shelves       map[string][]*shelf         // calls that put something under a key, or get it from there
	filledOutside []string                    // bases of records that are filled from outside
	keeps         map[string]bool             // objects that functions leave things on, and members with a dot before
	raises        map[string]*raise           // calls
	same          map[string]string           // calls, with what of Python's own they are like
	programs      map[string]*started
	keyTypes      map[string]models.Argument // calls that make a key, with the argument that has the class of what stands under it
	fieldTypes    map[string]string          // calls that make a field, with the type of what it holds
	outlines      []string                   // ways from a class to one whose fields it has
	ofSelf        map[string]string          // methods that make an instance of the class in an attribute

	// Templates finds the places in which a template prints what it is given: by its name as
	// the program's own file from knows it, or in a text. It may be nil.
	Templates func(name, text, from string, d template.Dialect) []*template.Place

	convert   map[string]*models.Converter // calls that give a class a name for routes
	converted []*models.Converter          // elements
	given     givenMembers
	words     addresses // such names: the class, and its pattern and method

	views addresses // of functions and classes, by their names

	used sync.Map // first words of what the program imports

	// Kinds that the engine itself has to name.
	hosts, redirect, header, paths, climb, absolute, launch, loading, naming, repr, code, page, sibling, nosql, argument, shell, quoted, script, address, formula, fetch, encoded, lines, member, xpath, sql, orm models.Kinds
}

type sink struct {
	models.Sink
	kinds models.Kinds
	arg   models.Argument
	when  []models.Condition
	of    []string // the modules of its library
}

type sanitizer struct {
	models.Sanitizer
	kinds models.Kinds
	back  models.Kinds
	when  []models.Condition
}

type guard struct {
	models.Guard
	kinds models.Kinds
	arg   models.Argument
}

type raise struct {
	models.Raise
	status models.Argument
}

type returned struct {
	name string
	when []models.Condition
}

// Learn compiles models.
func Learn(list []models.Model) *Knowledge {
	k := &Knowledge{
		value: map[string]*models.Source{}, call: map[string]*models.Source{}, parameters: map[string][]named{}, sinks: map[string][]sink{},
		methods: map[string][]sink{}, assigns: map[string][]sink{}, sanitizers: map[string][]sanitizer{}, guards: map[string][]guard{}, methodSan: map[string][]sanitizer{}, methodGrd: map[string][]guard{}, valueSan: map[string]models.Kinds{},
		returns: map[string][]returned{}, typed: map[string]bool{}, becomes: map[string][]returned{}, routes: map[string]*models.Route{}, loose: map[string]*models.Route{}, bases: map[string][]*models.Route{}, registers: map[string]*models.Route{},
		functions: map[string][]namedRoute{}, signatures: map[string][]namedRoute{}, modules: map[string]bool{}, members: map[string]bool{}, runs: map[string]bool{}, unbound: map[string]*models.Source{}, stored: map[string]*models.Source{}, renders: map[string][]*models.Render{},
		options: map[string]*option{}, adders: map[string]*option{}, results: map[string]string{}, classes: map[string][]namedRoute{}, marks: map[string][]namedRoute{},
	}
	k.never, k.validators, k.checkers, k.forms, k.inputs = map[string]bool{}, map[string][]validator{}, map[string]string{}, map[string]*form{}, map[string]*form{}
	k.records, k.keeps, k.raises, k.same, k.fieldTypes = map[string]bool{}, map[string]bool{}, map[string]*raise{}, map[string]string{}, map[string]string{}
	k.askers, k.rows, k.rowMethods, k.rowPuts, k.rowPicks, k.rowAttrs = map[string][]string{}, map[string]*rowOf{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	k.filledBy, k.shelves, k.callers = map[string]bool{}, map[string][]*shelf{}, map[string]string{}
	k.chains, k.methodSrc = map[string]string{}, map[string][]*models.Source{}
	k.stores, k.storeMethods = map[string][]*store{}, map[string][]*store{}
	k.programs, k.keyTypes, k.tellers = map[string]*started{}, map[string]models.Argument{}, map[string][]namedRoute{}
	k.ofSelf, k.convert = map[string]string{}, map[string]*models.Converter{}
	conditions := func(when string) []models.Condition {
		c, err := models.ParseConditions(when)
		if err != nil {
			panic(err) // Parse has looked
		}
		return c
	}
	argument := func(spec string) models.Argument {
		x, err := models.ParseArgument(spec)
		if err != nil {
			panic(err)
		}
		return x
	}
	kinds := func(names ...string) models.Kinds {
		b, err := models.ParseKinds(names)
		if err != nil {
			panic(err)
		}
		return b
	}
	redirect, address := kinds("url.redirect"), kinds("html.address")
	// What makes an address fit to send somebody to makes it fit to be clicked on; what
	// escapes markup does not.
	clears := func(names ...string) models.Kinds {
		b := kinds(names...)
		if b != models.All {
			if !slices.Contains(names, "html.address") {
				b &^= address
			}
			if b&redirect != 0 {
				b |= address
			}
		}
		return b
	}
	k.address, k.encoded = kinds("html.address"), kinds("all", "!session", "!size") // it can be decoded
	k.quoted, k.script = kinds("html.attribute"), kinds("html.script")
	k.page, k.sibling, k.nosql, k.shell, k.argument = kinds("html.text"), kinds("sibling"), kinds("nosql.document"), kinds("command.shell"), kinds("command.argument")
	k.formula, k.fetch = kinds("formula"), kinds("url.fetch")
	k.redirect, k.header = redirect, kinds("header")
	k.climb, k.absolute, k.code = kinds("path.climb"), kinds("path.absolute"), kinds("code")
	k.launch, k.loading = kinds("command.program"), kinds("module")
	k.lines, k.member, k.xpath = kinds("log", "header", "mail", "cookie"), kinds("attribute"), kinds("xpath")
	k.sql, k.orm = kinds("sql.text"), kinds("orm")
	k.hosts, k.paths, k.naming, k.repr = kinds("url", "html.address"), kinds("path", "sibling"), kinds("module", "attribute", "orm", "session", "prompt", "size", "command.program"), kinds("log", "header", "mail")
	module := func(name string) {
		if i := strings.IndexAny(name, ".("); i > 0 {
			k.modules[name[:i]] = true
		}
	}
	for i := range list {
		m := &list[i]
		for j := range m.Sources {
			s := &m.Sources[j]
			if s.Of != "" && !slices.Contains(k.outlines, s.Of) {
				k.outlines = append(k.outlines, s.Of)
			}
			switch {
			case s.Value != "":
				k.value[s.Value] = s
				k.members[lastName(s.Value)] = true
				module(s.Value)
			case s.Kind == "stored":
				k.stored[s.Call] = s
			case s.Call != "":
				k.call[s.Call] = s
				if strings.Contains(s.Call, "().") {
					k.askers[lastName(s.Call)] = append(k.askers[lastName(s.Call)], firstName(s.Call))
				}
				module(s.Call)
			case s.Method != "":
				k.methodSrc[lastName(s.Method)] = append(k.methodSrc[lastName(s.Method)], s)
			case s.Unbound != "":
				k.unbound[s.Unbound] = s
			default:
				name := m.Library + ":" + s.Parameter + "()"
				if len(s.Only) == 0 {
					k.value[name] = s
				}
				for _, member := range s.Only {
					k.value[name+"."+member] = s
				}
				k.parameters[s.Parameter] = append(k.parameters[s.Parameter], named{s, m.Imports, name})
			}
		}
		for j := range m.Routes {
			r := &m.Routes[j]
			for _, name := range r.Runs {
				k.runs[strings.TrimSuffix(name, "*")] = true
			}
			switch {
			case strings.HasPrefix(r.Decorator, "*."):
				k.loose[r.Decorator[2:]] = r
			case r.Decorator != "":
				k.routes[r.Decorator] = r
				module(r.Decorator)
			case r.Base != "":
				k.bases[r.Base] = append(k.bases[r.Base], r)
				module(r.Base)
			case strings.HasPrefix(r.Register, "*."):
				k.tellers[r.Register[2:]] = append(k.tellers[r.Register[2:]], namedRoute{r, m.Imports})
			case r.Register != "":
				k.registers[r.Register] = r
				module(r.Register)
				if strings.Contains(r.Register, "().") {
					k.tellers[lastName(r.Register)] = append(k.tellers[lastName(r.Register)], namedRoute{r, m.Imports})
				}
			case len(r.Class) > 0:
				for _, method := range r.Class {
					k.classes[method] = append(k.classes[method], namedRoute{r, m.Imports})
				}
			case r.Mark != "":
				k.marks[r.Mark] = append(k.marks[r.Mark], namedRoute{r, m.Imports})
			case r.Function != "":
				k.functions[r.Function] = append(k.functions[r.Function], namedRoute{r, m.Imports})
			default:
				s := strings.Join(r.Signature, ",")
				k.signatures[s] = append(k.signatures[s], namedRoute{r, m.Imports})
			}
		}
		for _, s := range m.Sinks {
			x := sink{s, kinds(s.Kind), argument(s.Argument), conditions(s.When), m.Imports}
			if x.kinds&k.paths != 0 {
				x.kinds |= k.sibling
			}
			switch {
			case s.Call != "":
				k.sinks[s.Call] = append(k.sinks[s.Call], x)
			case s.Method != "":
				k.methods[lastName(s.Method)] = append(k.methods[lastName(s.Method)], x)
			default:
				k.assigns[s.Assign] = append(k.assigns[s.Assign], x)
			}
		}
		for _, s := range m.Sanitizers {
			x := sanitizer{s, clears(s.Clears...), kinds(s.Restores...), conditions(s.When)}
			switch {
			case s.Call != "":
				k.sanitizers[s.Call] = append(k.sanitizers[s.Call], x)
			case s.Method != "":
				k.methodSan[lastName(s.Method)] = append(k.methodSan[lastName(s.Method)], x)
			default:
				k.valueSan[s.Value] |= x.kinds
			}
		}
		for _, g := range m.Guards {
			x := guard{g, clears(g.Clears...), argument(g.Argument)}
			if g.Method != "" {
				k.methodGrd[lastName(g.Method)] = append(k.methodGrd[lastName(g.Method)], x)
			} else {
				k.guards[g.Call] = append(k.guards[g.Call], x)
			}
		}
		for _, o := range m.Options {
			x := &option{o, m.Library, argument(o.Type), argument(o.Among), argument(o.Dest), argument(o.Default), conditions(o.Harmless)}
			k.options[o.Call] = x
			if len(o.Gives) > 0 && strings.Contains(o.Call, "().") {
				k.adders[lastName(o.Call)] = x
			}
			for _, g := range o.Gives {
				k.results[g] = m.Library
			}
		}
		for _, v := range m.Validators {
			if v.Decorator != "" {
				k.checkers[v.Decorator] = v.Checks
				continue
			}
			part := func(spec string) *models.Argument {
				if spec == "" {
					return nil
				}
				x := argument(spec)
				return &x
			}
			k.validators[v.Call] = append(k.validators[v.Call], validator{v, part(v.Pattern), part(v.Choices), part(v.Types), part(v.Function), part(v.Also), part(v.Each), part(v.Schema), conditions(v.When)})
		}
		for _, f := range m.Forms {
			if x := (&form{f, argument(f.Argument)}); f.Call != "" {
				k.forms[f.Call] = x
			} else {
				k.inputs[f.Decorator] = x
				module(f.Decorator)
			}
		}
		for j := range m.Renders {
			k.renders[m.Renders[j].Call] = append(k.renders[m.Renders[j].Call], &m.Renders[j])
			module(m.Renders[j].Call)
		}
		for _, r := range m.Records {
			k.records[r.Base+r.Decorator] = true
			if r.Filled {
				k.filledOutside = append(k.filledOutside, r.Base)
			}
		}
		for _, x := range m.Rows {
			r := &rowOf{Row: x}
			if !strings.HasPrefix(x.Class, "self.") && x.Class != "" {
				r.class = argument(x.Class)
			}
			k.rows[x.Call+x.Value+x.Field] = r
			if x.Value != "" {
				k.rowAttrs[lastName(x.Value)] = true
			}
			module(x.Call + x.Value + x.Field)
			for _, method := range x.Gives {
				k.rowMethods[method] = true
			}
			for _, method := range x.Puts {
				k.rowPuts[method] = true
			}
			for _, method := range x.Picks {
				k.rowPicks[method] = true
			}
		}
		for _, x := range m.Stores {
			s := &store{Store: x, when: conditions(x.When), of: m.Imports}
			if x.Argument != "" {
				s.argument = argument(x.Argument)
			}
			if x.Method != "" {
				k.storeMethods[x.Method] = append(k.storeMethods[x.Method], s)
				continue
			}
			k.stores[x.Call] = append(k.stores[x.Call], s)
			module(x.Call)
		}
		for _, x := range m.Shelves {
			s := &shelf{library: m.Library, key: argument(x.Key), gives: x.Value == ""}
			if !s.gives {
				s.value = argument(x.Value)
			}
			k.shelves[x.Call] = append(k.shelves[x.Call], s)
			module(x.Call)
		}
		for _, x := range m.Callers {
			k.callers[x.Decorator] = x.Value
		}
		for _, x := range m.Keeps {
			if x.Member != "" {
				k.keeps["."+x.Member] = true
			} else {
				k.keeps[x.Value] = true
				if x.By != "" {
					k.filledBy[x.By] = true
					module(x.By)
				}
			}
		}
		for _, r := range m.Raises {
			k.raises[r.Call] = &raise{r, argument(r.Status)}
		}
		for j := range m.Converters {
			if x := &m.Converters[j]; x.Call != "" {
				k.convert[x.Call] = x
			} else {
				k.converted = append(k.converted, x)
			}
		}
		for j := range m.Programs {
			p := &started{Program: &m.Programs[j]}
			for _, r := range p.Reads {
				p.kinds = append(p.kinds, kinds(r.Kind))
			}
			k.programs[p.Name] = p
		}
		for _, s := range m.Same {
			k.same[s.Call] = s.As
		}
		for _, r := range m.Returns {
			if r.Field != "" {
				k.fieldTypes[r.Field+"()"] = r.Type + "()"
				continue
			}
			if r.Key != "" {
				k.keyTypes[r.Call] = argument(r.Key)
				continue
			}
			if of, ok := strings.CutPrefix(r.Type, "self."); ok {
				k.ofSelf[r.Call] = of
				continue
			}
			if r.Type == toSelf || r.Type == toInstance || r.Type == toCombined {
				k.chains[r.Call] = r.Type
				continue
			}
			if r.Self {
				k.becomes[r.Call] = append(k.becomes[r.Call], returned{r.Type + "()", conditions(r.When)})
				continue
			}
			if neverTypes[r.Type] {
				k.never[r.Call] = true
				continue
			}
			name := r.Value
			if r.Call != "" {
				name = r.Call + "()"
			}
			k.typed[firstName(name)] = true
			k.returns[name] = append(k.returns[name], returned{r.Type + "()", conditions(r.When)})
		}
	}
	k.first = map[string]bool{}
	firsts(k.first, k.call)
	firsts(k.first, k.value)
	firsts(k.first, k.registers)
	firsts(k.first, k.sinks)
	firsts(k.first, k.renders)
	firsts(k.first, k.sanitizers)
	firsts(k.first, k.returns)
	firsts(k.first, k.same)
	firsts(k.first, k.raises)
	firsts(k.first, k.convert)
	k.holders = map[string]bool{}
	for name := range k.value {
		if strings.Contains(name, "()") {
			k.holders[firstName(name)] = true
		}
	}
	k.givers = map[string]bool{}
	asked := map[string]bool{}
	for name := range k.value {
		if i := strings.Index(name, "()."); i > 0 {
			asked[name[:i+2]] = true
		}
	}
	for name, r := range k.returns {
		if call, ok := strings.CutSuffix(strings.TrimSuffix(name, "[]"), "()"); ok && asked[r[0].name] {
			k.givers[call] = true
		}
	}
	k.elements = map[string]bool{}
	containers(k.elements, k.call)
	containers(k.elements, k.value)
	containers(k.elements, k.sinks)
	containers(k.elements, k.sanitizers)
	containers(k.elements, k.returns)
	k.markNames = slices.Sorted(maps.Keys(k.marks))
	return k
}

// own is what of Python's own library the function, class or decorator of that name is like:
// the name itself where no model says otherwise of it, or of its module.
func (k *Knowledge) own(name string) string {
	if as, ok := k.same[name]; ok {
		return as
	}
	module := firstName(name)
	if as, ok := k.same[module]; ok {
		return as + name[len(module):]
	}
	return name
}

// firsts adds the first names of a table's keys.
func firsts[V any](to map[string]bool, table map[string]V) {
	for name := range table {
		to[firstName(name)] = true
	}
}

// containers adds the beginnings of a table's keys that stand before [].
func containers[V any](to map[string]bool, table map[string]V) {
	for name := range table {
		for i := 0; ; i += 2 {
			j := strings.Index(name[i:], "[]")
			if j < 0 {
				break
			}
			i += j
			to[name[:i]] = true
		}
	}
}

// A named source is a parameter's name, in files that import one of some modules. Its
// members are asked for under a name that no program has.
type named struct {
	src     *models.Source
	imports []string
	name    string
}

// A namedRoute is a route by a function's name or signature, in files that import one of
// some modules.
type namedRoute struct {
	route   *models.Route
	imports []string
}

// entry is the route that a function of a module, or a method, is by its name or its
// parameters, or nil.
func (k *Knowledge) entry(u *program.Unit, d *ast.FunctionDef) *models.Route {
	if u.Function(d) != nil || len(d.DecoratorList) > 0 {
		return nil
	}
	p := d.Args
	list := append(slices.Clone(p.Posonlyargs), p.Args...)
	if u.Class(d) != nil {
		if len(list) == 0 {
			return nil
		}
		list = list[1:]
	}
	if cls := u.Class(d); cls == nil {
		if r := imported(u, k.functions[d.Name]); r != nil && (r.Parameters != "request" || len(list) > 0) {
			return r
		}
		if r := imported(u, k.functions["*"]); r != nil && len(list) > 0 && d.Name[0] != '_' && !called(u, d) {
			return r
		}
	} else {
		if r := imported(u, k.classes[d.Name]); r != nil {
			return r
		}
		for _, mark := range k.markNames {
			if r := imported(u, k.marks[mark]); r != nil && exposed(cls, d.Name, mark) {
				return r
			}
		}
	}
	return k.signed(u, list)
}

// imported is the route of the first library of which a file imports something, or nil.
func imported(u *program.Unit, of []namedRoute) *models.Route {
	for _, n := range of {
		if len(n.imports) == 0 || u.Imports(n.imports...) {
			return n.route
		}
	}
	return nil
}

// signed is the route that a function is by the names of its parameters, or nil.
func (k *Knowledge) signed(u *program.Unit, list []*ast.Arg) *models.Route {
	if len(list) == 0 || len(list) > 3 {
		return nil
	}
	names := make([]string, len(list))
	for i, q := range list {
		names[i] = strings.TrimLeft(q.Arg, "_")
	}
	return imported(u, k.signatures[strings.Join(names, ",")])
}

// wrapper is the route that a function within a decorator is by the names of its parameters, or nil.
func (k *Knowledge) wrapper(u *program.Unit, d *ast.FunctionDef) *models.Route {
	if u.Function(d) == nil || d.Args.Vararg != nil || d.Args.Kwarg != nil {
		return nil
	}
	if r := k.signed(u, slices.Concat(d.Args.Posonlyargs, d.Args.Args)); r != nil && r.Handlers == nil {
		return r
	}
	return nil
}

// called says whether a file calls one of its functions itself.
func called(u *program.Unit, d *ast.FunctionDef) bool {
	for n := range u.Tree.Of(ast.KindCall) {
		if c := n.(*ast.Call); u.Definition(c.Func) == d {
			return true
		}
	}
	return false
}

// exposed says whether a class sets an attribute of a method of its own: index.exposed = True.
func exposed(k *ast.ClassDef, method, attr string) bool {
	for _, s := range k.Body {
		as, ok := s.(*ast.Assign)
		if !ok || len(as.Targets) != 1 {
			continue
		}
		if t, ok := as.Targets[0].(*ast.Attribute); ok && t.Attr == attr {
			if n, ok := t.Value.(*ast.Name); ok && n.Ident == method {
				return true
			}
		}
	}
	return false
}

// uses says whether any file of the program imports one of some modules.
func (k *Knowledge) uses(modules []string) bool {
	return len(modules) == 0 || slices.ContainsFunc(modules, func(m string) bool { _, ok := k.used.Load(firstName(m)); return ok })
}

// Uses says whether a file of the program imports something of one of these libraries, after
// all files were looked at.
func (k *Knowledge) Uses(libraries map[string]bool) bool {
	for l := range libraries {
		if _, ok := k.used.Load(l); ok {
			return true
		}
	}
	return false
}

// importing notes what a file imports.
func (k *Knowledge) importing(name string) {
	top := firstName(name)
	if _, ok := k.used.Load(top); !ok {
		k.used.Store(strings.Clone(top), true)
	}
}

// parameter is the source that a parameter's name stands for in a file, or nil.
func (k *Knowledge) parameter(u *program.Unit, name string) *named {
	var out *named
	for i, n := range k.parameters[name] {
		if len(n.imports) == 0 {
			out = &k.parameters[name][i]
		} else if u.Imports(n.imports...) {
			return &k.parameters[name][i]
		}
	}
	return out
}

// rename is the name that models give to a result or member: types apply from the left,
// and again to what they give.
func (k *Knowledge) rename(name string) string {
	if !k.typed[firstName(name)] {
		return name
	}
	for range 8 {
		again := false
		for end := len(name); end > 0; end-- {
			if end < len(name) && name[end] != '.' && name[end] != '(' && name[end] != '[' {
				continue
			}
			if r := k.returns[name[:end]]; r != nil && len(r[0].when) == 0 && r[0].name != name[:end] {
				name, again = r[0].name+name[end:], true
				break
			}
		}
		if !again {
			break
		}
	}
	return name
}

// dangerous are the characters that each kind of harm cannot be done without. A text that
// has none of them, or of which all are gone, is harmless for the kind. Two hyphens begin a
// comment in SQL, which cuts off what follows and adds nothing: what may be a slug is not
// taken for an attack.
var dangerous = []struct {
	kinds []string
	chars string
}{
	{[]string{"html.text", "html.attribute"}, "<\"'&"},
	{[]string{"sql.text"}, "'\"\\; \t\n/*()=,`"},
	{[]string{"command.shell"}, " ;|&$`<>(){}[]*?!#~'\"\\\n"},
	{[]string{"command.argument"}, "-"},
	{[]string{"path"}, "/\\."},
	{[]string{"xpath"}, "'\"[]()/|@=* "},
	{[]string{"ldap"}, "*()\\\x00&|="},
	{[]string{"header", "log", "mail", "cookie"}, "\r\n"},
	{[]string{"template"}, "{}<%#$"},
	{[]string{"format"}, "{}%"},
	{[]string{"url"}, ":/\\"},
	{[]string{"code"}, "()[].,=:+ \"'_@"},
	{[]string{"xml"}, "<&"},
	{[]string{"regex"}, "*+{(|?["},
	{[]string{"html.script"}, "<>\"'();=\\/ `&"},
	{[]string{"nosql"}, "${}\"':(). "},
	{[]string{"yaml"}, "!:"},
	{[]string{"formula"}, "=+-@\t\r"},
}

// harmless is what a text can no longer do that holds only these characters.
func (k *Knowledge) harmless(set [128]bool) models.Kinds {
	out := models.Kinds(0)
	letters := slices.Contains(set['A':], true)
	for _, d := range dangerous {
		hit := false
		for i := range len(d.chars) {
			hit = hit || set[d.chars[i]]
		}
		// A path needs a separator or two points; a name of letters and points is only a file.
		if d.kinds[0] == "path" {
			hit = set['/'] || set['\\']
		}
		// Arithmetic names nothing.
		if d.kinds[0] == "code" {
			hit = hit && letters
		}
		if !hit {
			b, _ := models.ParseKinds(d.kinds)
			out |= b
		}
	}
	return out
}

// without is what a text can no longer do from which old was taken out or replaced.
func (k *Knowledge) without(old, by string) models.Kinds {
	switch {
	case strings.Contains(by, old):
		return 0
	case old == ".." && by == "" || old == "/" || old == ".":
		return k.climb
	case old == "\n": // of which there is one in \r\n
		return k.lines
	case old == "<" && by != "":
		b, _ := models.ParseKinds([]string{"html.text"})
		return b
	case old == "'" && (by == "" || by == "&apos;" || by == "&#39;"):
		b, _ := models.ParseKinds([]string{"xpath"})
		return b
	case old == "'" && by == "''":
		b, _ := models.ParseKinds([]string{"sql.text"})
		return b
	}
	return 0
}

// lacks is what a text can no longer do that is known not to contain s.
func (k *Knowledge) lacks(s string) models.Kinds {
	switch s {
	case "../", "..", "/", "/..", ".":
		if s == "/" {
			return k.climb | k.absolute
		}
		return k.climb
	case "'":
		b, _ := models.ParseKinds([]string{"xpath"})
		return b
	case "\n":
		return k.lines
	case "<":
		b, _ := models.ParseKinds([]string{"html.text"})
		return b
	}
	return 0
}

// firstName is the first word of a qualified name.
func firstName(n string) string {
	if i := strings.IndexAny(n, ".(["); i >= 0 {
		return n[:i]
	}
	return n
}

// lastName is the last word of a qualified name.
func lastName(n string) string {
	n = strings.TrimRight(n, "()[]")
	return n[strings.LastIndexByte(n, '.')+1:]
}
