package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// library is a call of something that is not the program's own: models say what it does,
// the engine knows the language's own functions, and what nobody knows passes data on.
func (a *analysis) library(c *callSite, callee *value) *value {
	fr, st := c.fr, c.st
	var method string
	if c.node != nil {
		if f, ok := c.node.Func.(*ast.Attribute); ok {
			method = f.Attr
		}
	}
	a.checkSinks(c, method)
	a.stores(c, method)
	for _, n := range c.names {
		for _, b := range a.models.becomes[n] {
			if c.node == nil {
				continue
			}
			if f, ok := c.node.Func.(*ast.Attribute); ok && a.when(c, b.when, nil) {
				a.refine(fr, st, f.Value, func(v *value) *value {
					w := value{names: []string{b.name}}
					if v != nil {
						w.marks = v.marks
					}
					return &w
				})
			}
		}
	}
	for _, n := range c.names {
		if r := a.models.raises[n]; r != nil {
			a.aborted(c, r)
		}
		if f := a.models.forms[n]; f != nil {
			if v, ok := a.formCall(c, f); ok {
				return v
			}
		}
	}
	if v, ok := a.ofEnviron(c); ok {
		return v
	}
	if v := a.ofOwnClass(c, method); v != nil {
		return v
	}
	registers := a.register(c)
	made, clean := a.renders(c)
	// The language's own.
	for _, n := range c.names {
		n = a.models.own(n)
		if v, ok := a.task(c, n); ok {
			return a.sanitized(c, v)
		}
		short, own := strings.CutPrefix(n, "builtins.")
		if own && !strings.ContainsAny(short, "().[") || builtinModules[n] {
			if v, ok := a.builtin(c, short); ok {
				return a.sanitized(c, v)
			}
		}
	}
	if method != "" && c.recv != nil && len(c.recv.fns) == 0 && (isText(c.recv) || len(c.recv.objs) == 0 && !known(a, c.names)) {
		if v, ok := a.stringMethod(fr, st, c.node, c.recv, method, c.args); ok && (isText(c.recv) || c.recv.tainted()) {
			if of := c.recv.parts[macOf]; of != nil && v != nil && (method == "encode" || method == "decode") { // the same code
				w := *v
				w.parts = map[string]*value{macOf: of}
				v = &w
			}
			return a.sanitized(c, v)
		}
	}
	if v, ok := a.kept(c, method); ok {
		return v
	}
	for _, n := range c.names {
		if attr := a.models.ofSelf[n]; attr != "" {
			if v := a.ofSelf(c, attr); v != nil {
				return v
			}
		}
	}
	// Everything else.
	var m []mark
	if c.recv != nil && (method == "" || !slices.ContainsFunc(c.recv.names, func(n string) bool { return a.except(n, method) })) {
		m = c.recv.marks
		if len(c.recv.objs) > 0 && method != "" {
			m = joinMarks(m, a.deep(st, c.recv, 2))
		}
	}
	if method == "get" && c.recv != nil && len(c.args) > 0 {
		if k, ok := c.args[0].v.str(); ok {
			if v := a.found(st, c.recv, "["+k+"]"); v != bottom {
				return v
			}
		}
	}
	source := callee.tainted()
	a.watch.library(a, c, source)
	if method == "get" && !source && c.recv != nil && !c.recv.tainted() && len(c.recv.objs) == 0 && c.node != nil && constantName(c.node.Func) {
		v := &value{} // settings.PARTNERS.get(name) is one of those
		if d := arg(c.args, 1, "default"); d != nil {
			v = &value{marks: a.deep(st, d, 0)}
		}
		return v
	}
	if source {
		m = joinMarks(m, callee.marks)
	}
	if source && c.recv != nil && (method == "get" || method == "getlist" || method == "getfirst" || method == "getvalue" || method == "pop" || method == "header" || method == "get_argument" || method == "get_all") && len(c.args) > 0 && c.node != nil {
		m = a.parameter(fr, c.recv, c.args[0].v, c.node)
		if k, ok := c.args[0].v.str(); ok && slices.ContainsFunc(c.recv.names, func(n string) bool { return a.except(n, k) }) {
			m = nil
		}
		if v, ok := a.asType(c, method, m); ok {
			return v
		}
		if d := arg(c.args, 1, "default"); d != nil && method == "get" {
			m = joinMarks(m, d.marks)
		}
	} else {
		var passed []mark
		for i, x := range c.args {
			passed = joinMarks(passed, a.deep(st, x.v, 0))
			switch {
			case x.v == nil || registers:
			case len(x.v.fns) > 0:
				// A callback gets what there is to get.
				passed = joinMarks(passed, a.called(c, x.v))
			case !source && a.harms(x.v):
				a.pass(c, x.v, a.handedOn(st, c.args, i)) // loop.call_soon(os.system, command)
			}
		}
		if !known(a, c.names) && !slices.ContainsFunc(c.names, program.IsStdlib) {
			passed = weaken(passed)
		}
		m = joinMarks(m, passed)
	}
	v := &value{marks: m}
	for _, n := range c.names {
		if len(n) >= 150 {
			continue
		}
		r := a.models.rename(n + "()")
		for _, x := range a.models.returns[n+"()"] {
			if len(x.when) > 0 && a.when(c, x.when, nil) {
				r = x.name
			}
		}
		v.names = append(v.names, strings.Clone(r))
	}
	a.paths(c, v)
	if made != "" {
		v.prefix = made
	}
	for _, n := range c.names {
		if spec, ok := a.models.keyTypes[n]; ok {
			if of := arg(c.args, spec.Position, spec.Name); of != nil {
				v.parts = map[string]*value{underKey: of, keyName: arg(c.args, 0, "name")}
			}
		}
	}
	for _, n := range c.names {
		if s := a.models.call[n]; s != nil && c.node != nil {
			out := *v
			out.marks = []mark{a.mark(s, a.at(fr, c.node), n)}
			v = &out
		}
	}
	for _, n := range v.names {
		v = a.sourced(fr, c.nodeOrNil(), v, n)
	}
	if c.node != nil && !known(a, c.names) {
		for _, s := range a.models.methodSrc[method] {
			if endsIn(c.node.Func, s.Method) {
				out := *v
				out.marks = []mark{a.mark(s, a.at(fr, c.node), s.Method)}
				v = &out
				break
			}
		}
	}
	if v = a.queued(c, method, a.shelved(c, a.ofStatement(c, method, a.ofDatabase(c, method, a.sanitized(c, v))))); clean {
		v = clear(v, a.models.page|a.models.quoted|a.models.script)
	}
	names := c.names
	if method != "" && !known(a, names) {
		names = append(names[:len(names):len(names)], "*."+method)
	}
	for _, n := range names {
		if s := a.models.stored[n]; s != nil && c.node != nil {
			m := a.mark(s, a.at(fr, c.node), n)
			m.kinds &= a.models.page | a.models.quoted | a.models.script
			w := *v
			w.marks = joinMarks(w.marks, []mark{m})
			v = &w
		}
	}
	if len(v.names) > 0 && strings.HasPrefix(v.names[0], "gambeson.") {
		if w := a.madeEvents(c, v); w != nil {
			return w
		}
	}
	if slices.Contains(v.names, "builtins.dict()") && len(v.objs) == 0 {
		// A dictionary that the caller may fill.
		o := &object{name: "builtins.dict()"}
		for _, x := range c.args {
			switch {
			case x.star == 2:
				a.mix(st, o, x.v)
			case x.name != "":
				a.put(o, strOf(x.name), x.v)
			default:
				o.marks = joinMarks(o.marks, a.deep(st, x.v, 0))
			}
		}
		o.add(nil)
		return a.fresh(c, o)
	}
	return v
}

// asType is a parameter that is asked for as a type: request.args.get("id", type=int).
func (a *analysis) asType(c *callSite, method string, m []mark) (*value, bool) {
	at := 2
	if method == "getlist" {
		at = 1
	}
	t := arg(c.args, at, "type")
	if (method != "get" && method != "getlist") || t == nil || len(t.fns)+len(t.class)+len(t.names) == 0 {
		return nil, false
	}
	v := a.callback(c, t, &value{marks: m, names: stringNames})
	if method == "getlist" {
		return a.fresh(c, &object{name: "builtins.list()", loose: true, more: true, rest: v}), true
	}
	if d := arg(c.args, 1, "default"); d != nil {
		v = join(orBottom(v), d)
	}
	return v, true
}

// kept knows that objects of libraries keep what they are given: under constant keys where
// there are some (ConfigParser.set, get), else somewhere (StringIO.write, getvalue).
func (a *analysis) kept(c *callSite, method string) (*value, bool) {
	if method == "" || c.node == nil || c.recv == nil || c.recv.rows() != nil || c.recv.statement() != "" || len(c.recv.objs)+len(c.recv.fns)+len(c.recv.mods) > 0 || isText(c.recv) || !instance(c.recv) || known(a, c.names) {
		return nil, false
	}
	f := c.node.Func.(*ast.Attribute)
	if n, ok := f.Value.(*ast.Name); !ok || n.Ident == "" {
		return nil, false
	}
	key := method[:0]
	keys := 0
	for _, x := range c.args {
		s, ok := x.v.str()
		if !ok || x.name != "" || x.star > 0 {
			break
		}
		key += s + "\x00"
		keys++
	}
	switch method {
	case "get", "getitem", "find", "fetch", "read":
		if keys == len(c.args) && keys > 0 && c.recv.parts != nil {
			v, ok := c.recv.parts[key]
			if ok {
				return v, true
			}
			return marked(c.recv.marks), true
		}
		return nil, false
	case "set", "put", "setdefault", "setitem", "store", "add_option":
		n := len(c.args) - 1
		last := (*value)(nil)
		if n >= 0 {
			last = c.args[n].v
		}
		if s, ok := last.str(); ok { // the value may be constant, too
			key = strings.TrimSuffix(key, s+"\x00")
			keys = min(keys, n)
		}
		if n > 0 && keys == n {
			a.refine(c.fr, c.st, f.Value, func(v *value) *value {
				w := *v
				w.parts = map[string]*value{key: last}
				for k, x := range v.parts {
					if k != key {
						w.parts[k] = x
					}
				}
				return &w
			})
			return nil, true
		}
	}
	var m []mark
	for _, x := range c.args {
		m = joinMarks(m, a.deep(c.st, x.v, 0))
	}
	if len(m) == 0 || gives(a, c.names) {
		return nil, false
	}
	switch method {
	case "write", "writelines", "append", "add", "push", "insert", "set", "put", "update", "extend", "feed", "setdefault", "store", "send", "put_nowait", "writestr", "writerow", "read_string", "read_dict":
		a.refine(c.fr, c.st, f.Value, func(v *value) *value {
			w := *v
			w.marks = joinMarks(v.marks, weaken(m))
			return &w
		})
	}
	return nil, false
}

// constantName says whether a method is one of what is called like a constant: settings.NAMES.get.
func constantName(e ast.Expr) bool {
	f, ok := e.(*ast.Attribute)
	if !ok {
		return false
	}
	name := ""
	switch x := f.Value.(type) {
	case *ast.Name:
		name = x.Ident
	case *ast.Attribute:
		name = x.Attr
	}
	return len(name) > 1 && strings.ToUpper(name) == name && strings.ToLower(name) != name
}

// instance says whether a value is an object of a library that a variable holds.
func instance(v *value) bool {
	for _, n := range v.names {
		if strings.HasSuffix(n, "()") {
			return true
		}
	}
	return false
}

func gives(a *analysis, names []string) bool {
	for _, n := range names {
		if a.models.call[n] != nil {
			return true
		}
	}
	return false
}

var builtinModules = map[string]bool{
	"functools.partial": true, "functools.partialmethod": true, "functools.reduce": true, "itertools.chain": true, "itertools.starmap": true, "itertools.filterfalse": true,
	"collections.deque": true, "collections.OrderedDict": true, "collections.defaultdict": true, "collections.namedtuple": true, "queue.Queue": true, "queue.LifoQueue": true,
	"queue.SimpleQueue": true, "queue.PriorityQueue": true, "asyncio.Queue": true, "multiprocessing.Queue": true, "copy.copy": true, "copy.deepcopy": true,
	"builtins.str.maketrans": true,
	"threading.Thread":       true, "multiprocessing.Process": true, "threading.Timer": true,
}

func isText(v *value) bool {
	if v == nil {
		return false
	}
	if len(v.consts) > 0 {
		return v.consts[0].kind == ast.Str || v.consts[0].kind == ast.Bytes
	}
	return slices.Contains(v.names, "builtins.str()") || slices.Contains(v.names, "builtins.bytes()") || v.prefix != ""
}

// textual says whether a value is a text for certain, or None: it is of that type, or was read from
// what holds nothing else, as request.args does.
func (a *analysis) textual(v *value) bool {
	if isText(v) {
		return true
	}
	if !v.tainted() || len(v.objs) > 0 || len(v.names) == 0 || kindsOf(v.marks)&a.models.nosql != 0 {
		return false
	}
	return !slices.ContainsFunc(v.names, func(n string) bool { return !strings.HasSuffix(n, ".get()") && !strings.HasSuffix(n, "[]") })
}

// known says whether a model speaks of the name.
func known(a *analysis, names []string) bool { return a.models.speaksOf(names) }

func (k *Knowledge) speaksOf(names []string) bool {
	for _, n := range names {
		if len(k.sinks[n]) > 0 || len(k.sanitizers[n]) > 0 || k.call[n] != nil || k.returns[n+"()"] != nil || strings.HasPrefix(n, "builtins.") {
			return true
		}
	}
	return false
}

// callable says whether a name is that of a function or class that models speak of.
func (k *Knowledge) callable(name string) bool {
	rest, own := strings.CutPrefix(name, "builtins.")
	if own && rest != "" {
		return !strings.ContainsAny(rest, "([.") && rest != "__debug__"
	}
	return len(k.sinks[name]) > 0 || len(k.sanitizers[name]) > 0 || len(k.guards[name]) > 0 || k.call[name] != nil
}

// called gives a callback of a library's function what the other arguments hold.
func (a *analysis) called(c *callSite, f *value) []mark {
	var given []*value
	after := false
	for _, x := range c.args {
		if x.v == f {
			after = true
			continue
		}
		if after && x.name == "" && x.star == 0 {
			given = append(given, x.v)
		}
	}
	if n := f.fns[0].needs() - len(given); n > 0 && len(given) > 0 {
		given = append(make([]*value, n), given...) // session.execute_write(work, x) runs work(tx, x)
	}
	// Nobody knows whether it is called, and when.
	not, site := c.st.fork(), *c
	site.st = c.st.fork()
	m := a.deep(site.st, a.callback(&site, f, given...), 0)
	c.st.become(not, site.st)
	return m
}

// harms says whether a value is a library's function in which data can do harm.
func (a *analysis) harms(v *value) bool {
	return len(v.class) == 0 && slices.ContainsFunc(v.names, func(n string) bool { return len(a.models.sinks[n]) > 0 })
}

// handedOn are the arguments that a function, itself the argument i of a call, is called with
// sooner or later: those behind it, or what is given as its args and kwargs.
func (a *analysis) handedOn(st *state, args []argument, i int) []argument {
	var out []argument
	for j, x := range args {
		switch {
		case x.name == "args":
			out = append(out, argument{v: x.v, node: x.node, star: 1})
		case x.name == "kwargs":
			out = append(out, argument{v: x.v, node: x.node, star: 2})
		case j > i:
			out = append(out, x)
		}
	}
	return a.spread(st, out)
}

// sanitized applies what models say of a result.
func (a *analysis) sanitized(c *callSite, v *value) *value {
	names := c.names
	if !v.tainted() {
		return v
	}
	for _, n := range names {
		for _, s := range a.models.sanitizers[n] {
			if a.when(c, s.when, nil) {
				v = restore(clear(v, s.kinds), s.back)
				if s.kinds == a.models.shell { // what makes a text fit for a shell alone quotes it
					w := *v
					w.quotes |= shellWord
					v = &w
				} else if s.kinds == a.models.quoted { // what makes a text fit for an attribute alone quotes it, too
					w := *v
					w.quotes |= ownMarks
					v = &w
				} else if s.kinds == a.models.page|a.models.script {
					w := *v
					w.quotes |= scriptSafe
					v = &w
				}
			}
		}
	}
	if c.node != nil {
		if f, ok := c.node.Func.(*ast.Attribute); ok && len(a.models.methodSan[f.Attr]) > 0 && !known(a, names) {
			for _, s := range a.models.methodSan[f.Attr] {
				if c.endsIn(s.Method) && a.when(c, s.when, nil) {
					v = clear(v, s.kinds)
				}
			}
		}
	}
	return v
}

// restore gives kinds back to what may still do harm.
func restore(v *value, k models.Kinds) *value {
	if k == 0 || !v.tainted() {
		return v
	}
	out := *v
	out.marks = slices.Clone(v.marks)
	for i := range out.marks {
		if out.marks[i].kinds&^sizes != 0 { // a number stays one
			out.marks[i].kinds |= k
		}
	}
	return &out
}

// paths knows what makes a path normal, and joins what texts begin with.
func (a *analysis) paths(c *callSite, v *value) {
	for _, n := range c.names {
		switch n {
		case "os.path.abspath", "os.path.realpath", "pathlib.Path().resolve":
			a.normal(c, v)
		case "os.path.normpath", "posixpath.normpath":
			if x := arg(c.args, 0, "path"); strings.HasPrefix(x.begins(), "/") {
				a.normal(c, v)
				v.prefix = "/"
			}
			v.norm = true
		case "os.path.relpath":
			v.norm = true
			v.marks = clear(marked(v.marks), a.models.absolute).origins()
		case "pathlib.Path().relative_to":
			if c.recv != nil && c.recv.norm {
				v.marks = clear(marked(v.marks), a.models.paths).origins()
			}
		case "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "os.fspath":
			if x := arg(c.args, 0, ""); x != nil {
				v.norm = x.norm && len(c.args) == 1
				v.prefix = x.begins()
			}
			v.names = []string{"pathlib.Path()"}
		case "pathlib.Path().joinpath", "pathlib.Path().with_name", "pathlib.Path().parent", "pathlib.Path().absolute", "pathlib.Path().expanduser":
			v.names = []string{"pathlib.Path()"}
		case "os.path.join":
			if x := arg(c.args, 0, ""); x != nil {
				v.prefix = x.begins()
			}
		case "re.compile":
			if s, ok := arg(c.args, 0, "pattern").str(); ok {
				if c.node != nil {
					s = withFlags(s, flagsOf(c.node, 1))
				}
				v.prefix = "re:" + s
			}
			continue
		default:
			continue
		}
		a.derives(c, v)
	}
}

// normal is a path without links and .. in it: from now on it is the whole of it that says
// where it leads.
func (a *analysis) normal(c *callSite, v *value) {
	v.norm = true
	for i, m := range v.marks {
		if m.kinds&a.models.climb != 0 {
			v.marks = slices.Clone(v.marks)
			v.marks[i].kinds = m.kinds&^a.models.climb | a.models.absolute
		}
	}
}

// derives notes which variable a path was made of, the only one of its parts that is data:
// that the path is in a folder tells that the name leads there.
func (a *analysis) derives(c *callSite, v *value) {
	if !v.tainted() || c.node == nil {
		return
	}
	var from ast.Expr
	var of *value
	n := 0
	if f, ok := c.node.Func.(*ast.Attribute); ok && c.recv.tainted() {
		from, of, n = f.Value, c.recv, 1
	}
	for _, x := range c.args {
		if x.v.tainted() || x.star > 0 {
			from, of = x.node, x.v
			n++
		}
	}
	if n == 1 && from != nil {
		v.madeOf = a.makes(c.fr, c.st, from, of)
	}
}

// makes is the variable that an expression reads, or that what it reads was made of.
func (a *analysis) makes(fr *frame, st *state, e ast.Expr, v *value) *variable {
	if v.madeOf != nil {
		return v.madeOf
	}
	if n, ok := e.(*ast.Name); ok {
		if k, was := a.slotOf(fr, st, n.Ident); was.tainted() {
			return &variable{slot: k, was: was}
		}
		return nil
	}
	if p, root := a.pathOf(fr, st, e, 0); p != "" && root.tainted() {
		k := a.pathSlot(fr, st, e, p)
		was, _ := st.get(k)
		return &variable{slot: k, was: was, root: root}
	}
	return nil
}

// when decides conditions on the arguments.
func (a *analysis) when(c *callSite, list []models.Condition, key *value) bool {
	for _, cond := range list {
		var x *value
		found := false
		if cond.Argument.Role == models.Key {
			x, found = key, key != nil
		} else if got := c.given(cond.Argument); len(got) > 0 && got[0].star == 0 {
			x, found = got[0].v, true
		}
		if cond.Argument.Key != "" {
			x, found = keyed(c.st, x, cond.Argument.Key)
		}
		holds := found
		if found && len(cond.Values) > 0 {
			holds = false
			decided := false
			for _, want := range cond.Values {
				if x == nil {
					break
				}
				for _, k := range x.consts {
					s, _ := k.text()
					decided = true
					holds = holds || s == want || want == "True" && k.truth() && k.kind != ast.Str || strings.IndexByte(want, '/') > 0 && mediaType(s) == want
				}
				for _, n := range x.names {
					decided = decided || n != "builtins.str()"
					holds = holds || lastName(n) == want
				}
				for _, k := range x.class {
					decided = true
					holds = holds || k.def != nil && k.def.Name == want || a.based(k, func(n string) bool { return lastName(n) == want })
				}
			}
			if !decided && !cond.Not && len(cond.Values) == 1 && cond.Values[0] == "True" {
				holds = true // it may be
			}
		}
		if holds == cond.Not {
			return false
		}
	}
	return true
}

// keyed is the element of a dictionary with a key, whatever the case of its letters: a
// header's, of a dictionary or of a list of pairs.
func keyed(st *state, v *value, key string) (*value, bool) {
	for _, id := range v.objects() {
		o := st.object(id)
		if o == nil {
			continue
		}
		for _, c := range o.order {
			if strings.EqualFold(c.str, key) {
				return o.keys[c], true
			}
		}
		for _, x := range o.list {
			for _, id := range x.objects() {
				pair := st.object(id)
				if pair == nil || len(pair.list) != 2 {
					continue
				}
				if c, ok := pair.list[0].only(); ok && strings.EqualFold(c.str, key) {
					return pair.list[1], true
				}
			}
		}
	}
	return nil, false
}

// mediaType is a content type without its parameters: text/html; charset=utf-8 is text/html.
func mediaType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	return strings.ToLower(strings.TrimSpace(s))
}

// given is what an argument is given.
func (c *callSite) given(spec models.Argument) (list []argument) {
	switch spec.Role {
	case models.Self:
		return []argument{{v: c.recv}}
	case models.Every:
		return c.args
	case models.Named:
		for _, x := range c.args {
			if x.star == 2 {
				list = append(list, x)
			}
		}
		return list
	case models.Rest:
		n := 0
		for _, x := range c.args {
			if x.name == "" {
				n++
				if n == 1 {
					continue
				}
			}
			list = append(list, x)
		}
		return list
	}
	if spec.Position >= 0 {
		i := 0
		for _, x := range c.args {
			if x.star == 1 && i <= spec.Position {
				return []argument{x}
			}
			if x.name == "" && x.star == 0 {
				if i == spec.Position {
					return []argument{x}
				}
				i++
			}
		}
	}
	for _, x := range c.args {
		if x.name != "" && x.name == spec.Name {
			return []argument{x}
		}
	}
	return nil
}

// checkSinks looks whether the call is where data does harm.
func (a *analysis) checkSinks(c *callSite, method string) {
	if c.node == nil && len(c.names) == 0 {
		return
	}
	hit := false
	for i, n := range c.names {
		if slices.Contains(c.names[:i], n) {
			continue
		}
		for _, s := range a.models.sinks[n] {
			hit = true
			a.says(c, n, &s)
			a.sink(c, n, &s, false)
		}
	}
	if hit || method == "" || known(a, c.names) {
		return
	}
	if isText(c.recv) {
		return
	}
	for _, s := range a.models.methods[method] {
		if !c.endsIn(s.Method) || !a.models.uses(s.of) {
			continue
		}
		a.sink(c, method, &s, true)
	}
}

// endsIn says whether the call is written with these names before its parenthesis.
func (c *callSite) endsIn(method string) bool {
	return !strings.Contains(method, ".") || c.node != nil && endsIn(c.node.Func, method)
}

// endsIn says whether what is called is written with these names at its end.
func endsIn(e ast.Expr, method string) bool {
	for method != "" {
		name := lastName(method)
		method = strings.TrimSuffix(strings.TrimSuffix(method, name), ".")
		switch x := e.(type) {
		case *ast.Attribute:
			if x.Attr != name {
				return false
			}
			e = x.Value
		case *ast.Name:
			return x.Ident == name && method == ""
		case *ast.Subscript: // context["pool"].fetch
			key, ok := ast.IsStr(x.Slice)
			return ok && key.Str() == name && method == ""
		default:
			return false
		}
		if c, ok := e.(*ast.Call); ok {
			e = c.Func
		}
	}
	return true
}

// says keeps the content type among the headers that a function is given which answers piece by
// piece: what follows is of that type.
func (a *analysis) says(c *callSite, name string, s *sink) {
	if !strings.HasSuffix(name, "()") || s.Said == "" && (s.kinds&a.models.header == 0 || s.arg.Name != "headers") {
		return
	}
	for _, x := range c.given(s.arg) {
		v := x.v
		if s.Said != "" {
			v, _ = keyed(c.st, v, "headers")
		}
		if said, ok := keyed(c.st, v, "content-type"); ok {
			c.st.set(ambient(name+" says"), said)
		}
	}
}

// saidBy is the content type that was said in that way.
func (a *analysis) saidBy(st *state, name string) (string, bool) {
	v, ok := st.get(ambient(name + " says"))
	if !ok {
		return "", false
	}
	c, ok := v.only()
	return c.str, ok
}

var logs, _ = models.ParseKind("log")

// sink looks at one argument of a sink.
func (a *analysis) sink(c *callSite, name string, s *sink, weak bool) {
	if !a.when(c, s.when, nil) {
		return
	}
	if s.Said != "" {
		if said, ok := a.saidBy(c.st, name); ok {
			if !markup(said) {
				return
			}
		} else if c.node == nil || !markup(saidType(c.fr, c.node)) {
			return
		}
	}
	verbs := a.verbs(c, s)
	for _, x := range c.given(s.arg) {
		if verbs != nil && x.name == "" {
			if i := slices.IndexFunc(c.args, func(y argument) bool { return y.node == x.node }) - 1; i >= 0 && i < len(verbs) && verbs[i] != 's' {
				continue // %r quotes line breaks, and numbers have none
			}
		}
		if s.arg.Key != "" {
			v, _ := keyed(c.st, x.v, s.arg.Key)
			a.reach(c.fr, c.nodeOrNil(), x.node, v, a.deep(c.st, v, 0), s.kinds, name, weak)
			continue
		}
		if s.arg.Attribute != "" {
			v := a.attribute(c.fr, c.st, x.v, s.arg.Attribute, nil)
			a.reach(c.fr, c.nodeOrNil(), x.node, v, a.deep(c.st, v, 0), s.kinds, name, weak)
			continue
		}
		if weak && a.wholeSource(x.v) {
			continue // handler.execute(request) gives a request to what is no database
		}
		marks := x.v.origins()
		if s.kinds == a.models.argument && a.arguments(c, name, s, x, weak) {
			continue
		}
		if s.kinds == logs && x.v != nil && (gathers(x.v) || len(x.v.objs) > 0 && len(x.v.marks) == 0) {
			v := a.text(c.fr, c.st, x.v, "__str__") // what is written down of it
			a.reach(c.fr, c.nodeOrNil(), x.node, v, a.deep(c.st, v, 0), s.kinds, name, weak)
			continue
		}
		if s.arg.Role == models.Named {
			for _, id := range x.v.objects() { // which names there are is what matters
				if o := c.st.object(id); o != nil {
					marks = joinMarks(marks, joinMarks(o.marks, o.named))
				}
			}
		} else if s.kinds&a.models.page != 0 && s.kinds&^(a.models.page|a.models.quoted|a.models.script|a.models.address) == 0 && a.dictionary(c.st, x.v) {
			continue // sent as JSON
		} else if x.v != nil && len(x.v.objs) > 0 {
			part := s.arg.Element
			if len(x.v.objs) == 1 && s.kinds&a.models.page != 0 {
				if o := c.st.object(x.v.objs[0]); o != nil && o.name == "builtins.tuple()" {
					part = models.First // a page, a status, headers
				}
			}
			marks = joinMarks(marks, a.elements(c.st, x.v, part))
		}
		if s.kinds&a.models.nosql != 0 && len(x.v.objects()) > 0 && s.arg.Element == models.Whole {
			marks = joinMarks(a.document(c.st, x.v, 0), a.script(c.st, x.v, s.kinds))
		}
		a.reach(c.fr, c.nodeOrNil(), x.node, x.v, marks, s.kinds, name, weak)
	}
}

// wholeSource says whether a value is the object that data come with, and not one of its parts.
func (a *analysis) wholeSource(v *value) bool {
	return v != nil && len(v.objs) == 0 && slices.ContainsFunc(v.names, func(n string) bool { return strings.HasSuffix(n, "()") && a.models.value[n] != nil })
}

// verbs are the conversions in the format of a log call, which its other arguments fill.
func (a *analysis) verbs(c *callSite, s *sink) []byte {
	if s.kinds&a.models.repr == 0 || len(c.args) < 2 {
		return nil
	}
	format, ok := c.args[0].v.str()
	if !ok {
		return nil
	}
	out := []byte{}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format) && strings.IndexByte("#0- +.123456789lhL", format[i]) >= 0; i++ {
		}
		if i < len(format) && format[i] != '%' {
			out = append(out, format[i])
		}
	}
	return out
}

// dictionary says whether a value is a dictionary, and nothing else.
func (a *analysis) dictionary(st *state, v *value) bool {
	if v == nil || len(v.objs) == 0 || len(v.marks) > 0 {
		return false
	}
	return !slices.ContainsFunc(v.objs, func(id objectID) bool { o := st.object(id); return o == nil || o.name != "builtins.dict()" })
}

// elements are the marks of what a list or the like holds, or of a part of it.
func (a *analysis) elements(st *state, v *value, part models.Element) []mark {
	if part == models.Whole {
		return a.deep(st, v, 0)
	}
	var m []mark
	for _, id := range v.objs {
		o := st.object(id)
		if o == nil {
			continue
		}
		if part == models.Keys {
			m = joinMarks(m, joinMarks(o.marks, o.named))
			continue
		}
		if o.loose || o.class != nil {
			return a.deep(st, v, 0)
		}
		for i, x := range o.list {
			if (i == 0) == (part == models.First) {
				m = joinMarks(m, a.deep(st, x, 0))
			}
		}
		if o.more && part == models.Others {
			m = joinMarks(m, a.deep(st, o.rest, 0))
		}
		m = joinMarks(m, o.marks)
	}
	return m
}

// assigned looks whether setting an attribute or element is where data does harm.
func (a *analysis) assigned(fr *frame, st *state, name string, key, v *value, t ast.Node) {
	for _, s := range a.models.assigns[name] {
		if !a.when(&callSite{fr: fr, st: st}, s.when, key) || s.Said != "" && !markup(saidType(fr, t)) {
			continue
		}
		w := v
		if s.arg.Role == models.Key {
			w = key
		}
		a.reach(fr, t, nil, w, a.deep(st, w, 0), s.kinds, name, false)
	}
}

// ownHost are the kinds that do no harm with an address whose host the program has chosen.
func (a *analysis) ownHost(v *value) models.Kinds {
	if v.hosted() || v != nil && len(v.prefix) > 1 && v.prefix[0] == '/' && v.prefix[1] != '/' && v.prefix[1] != '\\' {
		return a.models.hosts
	}
	return 0
}

// reach is told of each value that comes to a sink.
func (a *analysis) reach(fr *frame, call ast.Node, arg ast.Expr, v *value, marks []mark, kinds models.Kinds, name string, weak bool) {
	if call == nil {
		return
	}
	kinds &^= a.ownHost(v)
	if i := strings.IndexByte(v.begins(), '_'); i > 0 && v.begins()[0] != '.' {
		kinds &^= a.models.member // getattr(self, "do_" + name)
	}
	a.watch.reached(a, fr, call, marks, kinds, name, weak)
	if kinds&(a.models.paths|a.models.hosts) != 0 && a.opened(v) {
		kinds &^= a.models.paths | a.models.sibling | a.models.hosts // it is the file, not its name
	}
	if kinds&a.models.page != 0 {
		if said := saidType(fr, call); said != "" && !markup(said) {
			kinds &^= a.models.page | a.models.quoted | a.models.script | a.models.address
		}
	}
	at := a.at(fr, call)
	key := seenKey{at, kinds}
	hit := false
	for _, m := range marks {
		k := m.kinds & kinds
		if k == 0 {
			continue
		}
		if m.src.stored && m.src.field != "" && m.src.field != anyStored && k&(a.models.page|a.models.quoted|a.models.script) == 0 {
			a.pending[halfKey{field: m.src.field, at: at, kinds: kinds}] = true
		} else {
			hit = true
		}
		a.flow(fr, at, arg, m, k, name, weak)
	}
	if hit {
		a.seen[key] |= sawTaint
	} else {
		a.seen[key] |= sawClean
	}
}

// files are objects that are a file, as opposed to a file's name.
var files = []string{"UploadFile()", "UploadFile().file", "UploadedFile()", "UploadedFile().file", "FileStorage()", "FileStorage().stream", "BytesIO()", "StringIO()", "InMemoryUploadedFile()", "TemporaryUploadedFile()", "request.files[]", "request.FILES[]", "request.files.get()", "request.FILES.get()", "request.files[].stream", "request.FILES[].file"}

// opened says whether a value is a file: many functions take one where they take a name.
func (a *analysis) opened(v *value) bool {
	if v == nil {
		return false
	}
	return slices.ContainsFunc(v.names, func(n string) bool {
		return slices.ContainsFunc(files, func(f string) bool {
			rest, ok := strings.CutSuffix(n, f)
			return ok && (rest == "" || rest[len(rest)-1] == '.')
		})
	})
}

const (
	sawTaint verdict = 1 << iota
	sawClean
)

// gathers says whether a value is a collection by its name, and so what a loop over it gives
// is no character.
func gathers(v *value) bool {
	return slices.ContainsFunc(v.names, func(n string) bool {
		if of, ok := strings.CutSuffix(n, "[]"); ok {
			return strings.HasSuffix(of, ".items()") // a pair; any other element may be a text
		}
		switch lastName(strings.TrimSuffix(n, "()")) {
		case "items", "keys", "values", "json", "get_json", "getlist", "form", "args", "query_params", "POST", "GET", "META", "COOKIES", "cookies", "headers", "list", "dict", "set", "tuple":
			return !strings.HasPrefix(n, "builtins.str()")
		}
		return false
	})
}
