package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// Calls that are asked whether something holds: of the program, of libraries, of the language.

// predicate is condition for a call.
func (a *analysis) predicate(fr *frame, st *state, e *ast.Call) (v *value, t, f *state) {
	// A function of the program: what its parameters are known to be where it answers yes.
	c := &callSite{fr: fr, st: st, node: e, split: true}
	v = a.callWith(c)
	a.cameBack(c)
	t, f, open := a.branches(fr, st, e, v)
	if open && c.runs == 1 {
		// What objects hold where it answers yes, and where it answers no.
		var ys, ns []*state
		for _, r := range c.outs {
			if r.truth != no {
				ys = append(ys, r.st)
			}
			if r.truth != yes {
				ns = append(ns, r.st)
			}
		}
		t.become(rebase(ys, t)...)
		f.become(rebase(ns, f)...)
	}
	facts := a.factsOf(st, v)
	tell(t, facts, true)
	tell(f, facts, false)
	if len(c.ways) > 0 {
		for _, w := range c.ways {
			yesKinds, noKinds := w.cleared()
			a.passes(fr, t, w, yesKinds)
			a.passes(fr, f, w, noKinds)
		}
	}
	names := c.names
	for _, n := range names {
		for _, g := range a.models.guards[n] {
			pos := t
			if g.Holds == "false" {
				pos = f
			}
			if g.Holds == "returns" {
				continue
			}
			if arg := pick(e, g.arg); arg != nil && !askedByStranger(fr, e, arg) {
				a.refine(fr, pos, arg, func(v *value) *value { return clear(v, g.kinds) })
			}
		}
		if x := a.models.forms[n]; x != nil && x.Gives == "fields" {
			a.formHolds(c, t, x)
		}
		a.languageGuards(fr, st, t, f, e, n)
		if a.models.own(n) == "hmac.compare_digest" {
			a.authentic(fr, t, c.args)
		}
	}
	if fn, ok := e.Func.(*ast.Attribute); ok {
		if !known(a, names) {
			for _, g := range a.models.methodGrd[fn.Attr] {
				pos := t
				if g.Holds == "false" {
					pos = f
				}
				if arg := pick(e, g.arg); arg != nil && g.Holds != "returns" && c.endsIn(g.Method) {
					a.refine(fr, pos, arg, func(v *value) *value { return clear(v, g.kinds) })
				}
			}
		}
		a.methodGuards(fr, st, t, f, e, fn, c)
	}
	return v, t, f
}

// askedByStranger says whether what a guard compares with is made of what it looks at: a list of
// allowed hosts that the visitor's address has been put into.
func askedByStranger(fr *frame, e *ast.Call, guarded ast.Expr) bool {
	of, ok := guarded.(*ast.Name)
	if !ok {
		return false
	}
	found := false
	var look func(n ast.Node)
	look = func(n ast.Node) {
		if x, ok := n.(*ast.Name); ok && x.Ident == of.Ident {
			found = true
		}
		ast.Children(n, look)
	}
	args := slices.Clone(e.Args)
	for _, k := range e.Keywords {
		args = append(args, k.Value)
	}
	for _, x := range args {
		if x == guarded {
			continue
		}
		for _, v := range append(fr.mod.unit.Values(x), x) {
			look(v)
		}
	}
	return found
}

// pick is the expression of an argument, or the receiver.
func pick(e *ast.Call, spec models.Argument) ast.Expr {
	if spec.Role == models.Self {
		if f, ok := e.Func.(*ast.Attribute); ok {
			return f.Value
		}
		return nil
	}
	if n := spec.Position; n >= 0 && n < len(e.Args) && e.Args[n].Kind() != ast.KindStarred {
		return e.Args[n]
	}
	for _, k := range e.Keywords {
		if k.Arg != "" && k.Arg == spec.Name {
			return k.Value
		}
	}
	return nil
}

func number(s string) (int, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1000 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// languageGuards are those of the language itself.
func (a *analysis) languageGuards(fr *frame, st *state, t, f *state, e *ast.Call, name string) {
	switch a.models.own(name) {
	case "builtins.isinstance":
		if len(e.Args) != 2 {
			return
		}
		v := a.again(fr, st, e.Args[0])
		types := a.eval(fr, st, e.Args[1])
		if types == nil {
			return
		}
		for _, id := range types.objs {
			if o := st.object(id); o != nil && !o.open() {
				types = bottom
				for _, x := range o.list {
					types = join(types, x)
				}
				if types == nil || types == bottom {
					return
				}
			}
		}
		if len(types.names) > 0 && !slices.ContainsFunc(types.names, func(n string) bool { return !plainTypes[n] }) {
			a.refine(fr, t, e.Args[0], trusted)
		} else if len(types.names) > 0 && !slices.ContainsFunc(types.names, func(n string) bool { return n != "builtins.str" && n != "builtins.bytes" }) {
			a.refine(fr, t, e.Args[0], func(v *value) *value { return clear(v, a.models.nosql) })
			if a.textual(v) && slices.Contains(types.names, "builtins.str") { // it is None then, or nothing that was sent
				a.refine(fr, f, e.Args[0], trusted)
			}
		}
		if len(types.class) == 1 && v != nil && len(v.objs) > 0 && len(v.marks) == 0 {
			var in, out []objectID
			for _, id := range v.objs {
				o := st.object(id)
				if o != nil && o.class != nil && slices.Contains(a.lineage(o.class), types.class[0]) {
					in = append(in, id)
				} else {
					out = append(out, id)
				}
			}
			keep := func(ids []objectID) func(*value) *value {
				return func(v *value) *value { return &value{objs: ids, names: v.names} }
			}
			if len(in) == 0 {
				t.dead = true
			} else {
				a.refine(fr, t, e.Args[0], keep(in))
			}
			if len(out) == 0 && len(v.consts) == 0 && !v.also {
				f.dead = true
			} else if len(out) > 0 {
				a.refine(fr, f, e.Args[0], keep(out))
			}
		}
		if len(types.class) > 0 && len(types.names) == 0 && v != nil && len(v.objs)+len(v.class)+len(v.fns) == 0 && (isText(v) || len(v.marks) > 0) {
			t.dead = true // text and JSON are no instances of the program's classes
		}
		if c, ok := v.only(); ok {
			for _, n := range types.names {
				if n == constType[c.kind] {
					f.dead = true
					return
				}
			}
			if len(types.names) > 0 && constType[c.kind] != "" && !strings.HasPrefix(types.names[0], "typing") {
				t.dead = true
			}
		}
	case "re.match", "re.fullmatch", "re.search":
		if len(e.Args) < 2 {
			return
		}
		if p, ok := a.eval(fr, st, e.Args[0]).str(); ok {
			p = withFlags(p, flagsOf(e, 2))
			k := a.matched(p, name[strings.LastIndexByte(name, '.')+1:])
			a.refine(fr, t, e.Args[1], func(v *value) *value { return clear(v, k) })
			if strings.HasSuffix(name, ".search") {
				a.absent(fr, f, e.Args[1], p)
			}
		}
	case "re.compile().match", "re.compile().fullmatch", "re.compile().search":
		if len(e.Args) < 1 {
			return
		}
		of := e.Func // matches = re.compile(…).fullmatch
		if fn, ok := of.(*ast.Attribute); ok {
			of = fn.Value
		}
		if v := a.eval(fr, st, of); v != nil && v.prefix != "" && strings.HasPrefix(v.prefix, "re:") {
			k := a.matched(v.prefix[3:], name[strings.LastIndexByte(name, '.')+1:])
			a.refine(fr, t, e.Args[0], func(v *value) *value { return clear(v, k) })
			if strings.HasSuffix(name, ".search") {
				a.absent(fr, f, e.Args[0], v.prefix[3:])
			}
		}
	case "builtins.any", "builtins.all":
		if len(e.Args) == 1 {
			a.eachOrAny(fr, st, t, f, e.Args[0], name == "builtins.all")
		}
	case "os.path.isabs":
		if len(e.Args) == 1 {
			a.refine(fr, f, e.Args[0], func(v *value) *value { return clear(v, a.models.absolute) })
		}
	case "os.path.dirname":
		if len(e.Args) == 1 { // it is in no other folder
			a.refine(fr, f, e.Args[0], func(v *value) *value { return clear(v, a.models.paths) })
		}
	case "operator.contains":
		if len(e.Args) == 2 {
			a.membership(fr, st, t, f, e.Args[1], e.Args[0], a.again(fr, st, e.Args[1]), a.eval(fr, st, e.Args[0]))
		}
	}
}

// eachOrAny: all(c in allowed for c in x), all(c.isalnum() for c in x), any(x == a for a in allowed).
func (a *analysis) eachOrAny(fr *frame, st *state, t, f *state, e ast.Expr, all bool) {
	var elt ast.Expr
	var gens []*ast.Comprehension
	switch g := e.(type) {
	case *ast.GeneratorExp:
		elt, gens = g.Elt, g.Generators
	case *ast.ListComp:
		elt, gens = g.Elt, g.Generators
	case *ast.SetComp:
		elt, gens = g.Elt, g.Generators
	case *ast.Call: // all(map(str.isalnum, x))
		if fr.mod.unit.Name(g.Func) == "builtins.map" && len(g.Args) == 2 && all {
			if m, ok := strings.CutPrefix(fr.mod.unit.Name(g.Args[0]), "builtins.str."); ok {
				a.refineElements(fr, t, g.Args[1], func(v *value) *value { return clear(v, a.asked(m)) })
			}
		}
		return
	}
	if len(gens) != 1 || len(gens[0].Ifs) > 0 {
		return
	}
	every, some := t, f // where it holds of each, and where there is one of which it does not
	if !all {
		every, some = f, t
	}
	list, exact := a.iterate(fr, st, a.eval(fr, st, gens[0].Iter), e)
	piece := slices.ContainsFunc(list, func(v *value) bool { return v.tainted() && v.piece })
	a.eachOf(fr, st, every, elt, gens[0], all, piece)
	if some.dead {
		return
	}
	inner := &frame{id: a.newFrame(fr.id), mod: fr.mod, fn: fr.fn, base: fr.base, up: fr, depth: fr.depth, repeat: 1}
	var held []*state
	cur := every.fork()
	for _, v := range list {
		// Where it holds of each, it holds of this one after those before.
		if exact && !cur.dead {
			a.store(inner, cur, gens[0].Target, v)
			it, not := a.condition(inner, cur, elt)
			if !all {
				it = not
			}
			cur = it
		}
		one := some.fork()
		a.store(inner, one, gens[0].Target, v)
		it, not := a.condition(inner, one, elt)
		if all {
			it = not
		}
		if !it.dead {
			held = append(held, it)
		}
	}
	if len(held) > 0 {
		some.become(held...)
	}
	if exact && !cur.dead {
		every.become(cur)
	}
}

// eachOf: what is so of each element is so of the whole.
func (a *analysis) eachOf(fr *frame, st, side *state, elt ast.Expr, g *ast.Comprehension, holds, piece bool) {
	target, ok := g.Target.(*ast.Name)
	if !ok {
		return
	}
	cur := st.fork()
	inner := &frame{id: a.newFrame(fr.id), mod: fr.mod, fn: fr.fn, base: fr.base, up: fr, depth: fr.depth, repeat: 1}
	src := &origin{id: 1 << 30}
	cur.set(slot{inner.id, target.Ident}, &value{marks: []mark{{src: src, kinds: models.All}}, char: true, piece: piece})
	ct, cf := a.condition(inner, cur, elt)
	if !holds {
		ct = cf
	}
	if v, ok := ct.get(slot{inner.id, target.Ident}); ok && !ct.dead {
		left := models.Kinds(0)
		for _, m := range v.origins() {
			if m.src == src {
				left |= m.kinds
			}
		}
		a.refineElements(fr, side, g.Iter, func(v *value) *value { return clear(v, models.All&^left) })
	}
}

// asked is what a text cannot do any more of which a method has said yes.
func (a *analysis) asked(method string) models.Kinds {
	switch method {
	case "isdigit", "isdecimal", "isnumeric":
		return models.All
	case "isalnum", "isalpha", "isidentifier":
		// No character that means anything to anybody; a name all the same.
		return models.All &^ a.models.naming
	}
	return 0
}

// methodGuards are methods of texts and paths that tell something of them.
func (a *analysis) methodGuards(fr *frame, st *state, t, f *state, e *ast.Call, fn *ast.Attribute, c *callSite) {
	if k := a.asked(fn.Attr); k != 0 {
		a.refine(fr, t, fn.Value, func(v *value) *value { return clear(v, k) })
	}
	aside := st.fork() // in which the argument is looked at a second time
	one := func() *value {
		if len(e.Args) != 1 {
			return nil
		}
		return a.eval(fr, aside, e.Args[0])
	}
	switch fn.Attr {
	case "issubset":
		a.within(fr, aside, t, fn.Value, one())
	case "difference":
		a.within(fr, aside, f, fn.Value, one())
	case "issuperset":
		if len(e.Args) == 1 && c.recv != nil && len(c.recv.objs) > 0 && !foreign(a.deep(st, c.recv, 0)) {
			a.refineElements(fr, t, e.Args[0], each(a.among(st, c.recv, true)))
		}
	case "__contains__":
		if len(e.Args) == 1 {
			a.membership(fr, st, t, f, e.Args[0], fn.Value, a.again(fr, st, e.Args[0]), c.recv)
		}
	case "strip":
		if set, ok := characters(aside, one()); ok { // nothing is left of it
			a.refine(fr, f, fn.Value, func(v *value) *value { return clear(v, a.models.harmless(set)) })
		}
	case "is_absolute":
		inner := fn.Value
		if p, ok := inner.(*ast.Call); ok && len(p.Args) == 1 { // Path(name)
			inner = p.Args[0]
		}
		a.refine(fr, f, inner, func(v *value) *value { return clear(v, a.models.absolute) })
	case "is_relative_to":
		a.refine(fr, t, fn.Value, a.inside)
	case "endswith":
		if len(e.Args) == 1 {
			a.ofDomain(fr, aside, t, fn.Value, c.recv, one())
			if s, ok := a.eval(fr, st, e.Args[0]).str(); ok && (s == "'" || s == `"`) {
				a.refine(fr, t, fn.Value, func(v *value) *value { return a.quoted(v, endsQuoted) })
			}
		}
	case "startswith":
		if len(e.Args) != 1 {
			return
		}
		if s, ok := a.eval(fr, st, e.Args[0]).str(); ok && (s == "'" || s == `"`) {
			a.refine(fr, t, fn.Value, func(v *value) *value { return a.quoted(v, beginsQuoted) })
		} else if ok && s == "-" {
			a.refine(fr, f, fn.Value, func(v *value) *value { return clear(v, a.models.argument) })
		}
		s := a.eval(fr, st, e.Args[0])
		if foreign(s.origins()) {
			return
		}
		list := a.options(st, s)
		if len(list) == 1 && list[0] == "/" {
			a.refine(fr, t, fn.Value, func(v *value) *value { return a.quoted(v, beginsSlash) })
		} else if slices.Contains(list, "//") {
			a.refine(fr, f, fn.Value, func(v *value) *value { return a.quoted(v, notTwoSlashes) })
		}
		if slices.Contains(list, "/") {
			a.refine(fr, f, fn.Value, func(v *value) *value { return clear(v, a.models.absolute) })
			a.spokenParts(fr, f, c.recv, a.models.absolute)
		}
		if slices.Contains(list, "..") || slices.Contains(list, "../") {
			a.refine(fr, f, fn.Value, func(v *value) *value {
				if v != nil && v.norm { // then they can be nowhere else
					return clear(v, a.models.climb)
				}
				return v
			})
		}
		if hasEquals(st, s) {
			a.refine(fr, f, fn.Value, func(v *value) *value { return clear(v, a.models.formula) })
		}
		if len(list) > 0 && !slices.ContainsFunc(list, func(x string) bool { return !clickable(x) }) {
			a.refine(fr, t, fn.Value, func(v *value) *value { return clear(v, a.models.address) })
		}
		if ofScheme(fn.Value, c.recv) && len(list) > 0 && !slices.ContainsFunc(list, beginsScript) {
			a.hostIs(fr, t, fn.Value, a.models.address)
		}
		text, known := s.str()
		if list, exact := a.constants(st, s); exact && !slices.ContainsFunc(list, func(x string) bool { return !wholeHost(x) }) {
			a.refine(fr, t, fn.Value, func(v *value) *value { return clear(v, a.models.hosts) })
		}
		if known && wholeHost(text) {
			a.refine(fr, t, fn.Value, func(v *value) *value { return clear(v, a.models.hosts) })
		}
		separated := known && strings.HasSuffix(text, "/") || !known && endsInSeparator(fr, e.Args[0])
		a.refine(fr, t, fn.Value, func(v *value) *value {
			switch {
			case v == nil || !v.norm:
				return v
			case separated:
				return clear(v, a.models.paths)
			case known && strings.IndexByte(text, '/') < 0:
				return v
			}
			// Without a separator /srv/www lets /srv/www-secret pass.
			w := clear(v, a.models.paths)
			if w.tainted() {
				c := *w
				c.marks = slices.Clone(w.marks)
				for i := range c.marks {
					if v.marks[0].kinds&a.models.paths != 0 {
						c.marks[i].kinds |= a.models.sibling
					}
				}
				w = &c
			}
			return w
		})
	}
}

// ofDomain: hostname.endswith(".example.com"). Without the first dot it lets pass evilexample.com.
func (a *analysis) ofDomain(fr *frame, st, pos *state, e ast.Expr, host, end *value) {
	if end == nil || foreign(end.marks) {
		return
	}
	list := a.options(st, end)
	if len(list) == 0 {
		if len(end.consts) > 0 || !strings.HasPrefix(end.begins(), ".") {
			return
		}
	}
	for _, s := range list {
		name, ok := strings.CutPrefix(s, ".")
		if !ok || !strings.Contains(name, ".") && !ownDomains[name] {
			return
		}
	}
	a.parsed(fr, pos, e, host)
}

// options are the texts that a method which takes one or a tuple of them is given.
func (a *analysis) options(st *state, v *value) []string {
	if s, ok := v.str(); ok {
		return []string{s}
	}
	list, _ := a.constants(st, v)
	return list
}

// constants are the texts that a tuple holds, if it holds nothing else.
func (a *analysis) constants(st *state, v *value) (list []string, all bool) {
	if v == nil || len(v.objs) != 1 {
		return nil, false
	}
	o := st.object(v.objs[0])
	if o == nil || o.class != nil || o.open() || len(o.list) == 0 {
		return nil, false
	}
	for _, x := range o.list {
		s, ok := x.str()
		if !ok {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}

// clickable says whether no address that begins so runs a script when somebody clicks on it.
func clickable(s string) bool {
	scheme, _, ok := strings.Cut(strings.ToLower(s), ":")
	return ok && slices.Contains([]string{"http", "https", "mailto", "tel", "ftp"}, scheme) || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "#")
}

// beginsScript says whether a scheme under which an address runs something can begin so.
func beginsScript(s string) bool {
	return slices.ContainsFunc([]string{"javascript", "data", "vbscript"}, func(x string) bool { return strings.HasPrefix(x, strings.ToLower(s)) })
}

// wholeHost says whether every address that begins so goes to one host.
func wholeHost(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" {
		return false
	}
	return strings.Contains(rest, "/") && rest[0] != '/'
}

// endsInSeparator says whether an expression is a folder with a separator after it.
func endsInSeparator(fr *frame, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BinOp:
		if c, ok := ast.IsStr(e.Right); ok {
			return strings.HasSuffix(c.Str(), "/")
		}
		for _, n := range fr.mod.unit.Names(e.Right) {
			if n == "os.sep" || n == "os.path.sep" {
				return true
			}
		}
	case *ast.Call:
		if len(e.Args) > 0 {
			if c, ok := ast.IsStr(e.Args[len(e.Args)-1]); ok && c.Str() == "" { // os.path.join(base, "")
				return true
			}
		}
	case *ast.JoinedStr:
		if n := len(e.Values); n > 0 {
			if c, ok := ast.IsStr(e.Values[n-1]); ok {
				return strings.HasSuffix(c.Str(), "/")
			}
			if v, ok := e.Values[n-1].(*ast.FormattedValue); ok {
				for _, n := range fr.mod.unit.Names(v.Value) {
					if n == "os.sep" || n == "os.path.sep" {
						return true
					}
				}
			}
		}
	case *ast.Name:
		for _, v := range fr.mod.unit.Values(e) {
			if v != ast.Expr(e) && endsInSeparator(fr, v) {
				return true
			}
		}
	}
	return false
}

// quoted notes one more thing of a text's ends: one that begins and ends with a quotation mark
// and has none inside is the literal of a string, and no other code. One that begins with one
// slash is an address on the same host.
func (a *analysis) quoted(v *value, what uint8) *value {
	if !v.tainted() {
		return v
	}
	out := *v
	out.quotes |= what
	switch all := out.quotes; {
	case all&(beginsQuoted|endsQuoted|noneInside) == beginsQuoted|endsQuoted|noneInside:
		return clear(&out, a.models.code)
	case all&(beginsSlash|notTwoSlashes) == beginsSlash|notTwoSlashes:
		return clear(&out, a.models.hosts&^a.models.fetch)
	}
	return &out
}
