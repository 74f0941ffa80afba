package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
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
	a.register(c)
	// The language's own.
	for _, n := range c.names {
		if v, ok := a.task(c, n); ok {
			return a.sanitized(c, v, n)
		}
		short, own := strings.CutPrefix(n, "builtins.")
		if own && !strings.ContainsAny(short, "().[") || builtinModules[n] {
			if v, ok := a.builtin(c, short); ok {
				return a.sanitized(c, v, n)
			}
		}
	}
	if method != "" && c.recv != nil && len(c.recv.fns) == 0 && (isText(c.recv) || len(c.recv.objs) == 0 && !known(a, c.names)) {
		if v, ok := a.stringMethod(fr, st, c.node, c.recv, method, c.args); ok && (isText(c.recv) || c.recv.tainted()) {
			return a.sanitized(c, v, "")
		}
	}
	// Everything else.
	var m []mark
	if c.recv != nil {
		m = c.recv.marks
		if len(c.recv.objs) > 0 && method != "" {
			m = joinMarks(m, a.deep(st, c.recv, 2))
		}
	}
	source := callee.tainted()
	if source {
		m = joinMarks(m, callee.marks)
	}
	if source && c.recv != nil && (method == "get" || method == "getlist" || method == "getfirst" || method == "getvalue" || method == "pop" || method == "header" || method == "get_argument" || method == "get_all") && len(c.args) > 0 && c.node != nil {
		m = a.parameter(fr, c.recv, c.args[0].v, c.node)
		if d := arg(c.args, 1, "default"); d != nil && method == "get" {
			m = joinMarks(m, d.marks)
		}
	} else {
		var passed []mark
		for _, x := range c.args {
			passed = joinMarks(passed, a.deep(st, x.v, 0))
			if x.v != nil && len(x.v.fns) > 0 && !source {
				// A callback gets what there is to get.
				passed = joinMarks(passed, a.called(c, x.v))
			}
		}
		if !known(a, c.names) {
			passed = weaken(passed)
		}
		m = joinMarks(m, passed)
	}
	v := &value{marks: m}
	for _, n := range c.names {
		if len(n) < 150 {
			v.names = append(v.names, strings.Clone(a.models.rename(n+"()")))
		}
	}
	a.paths(c, v)
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
	return a.sanitized(c, v, "")
}

var builtinModules = map[string]bool{
	"functools.partial": true, "functools.partialmethod": true, "functools.reduce": true, "itertools.chain": true, "itertools.islice": true, "itertools.starmap": true, "itertools.filterfalse": true,
	"collections.deque": true, "collections.OrderedDict": true, "collections.defaultdict": true, "collections.namedtuple": true, "queue.Queue": true, "queue.LifoQueue": true,
	"queue.SimpleQueue": true, "queue.PriorityQueue": true, "asyncio.Queue": true, "multiprocessing.Queue": true, "copy.copy": true, "copy.deepcopy": true,
	"threading.Thread": true, "multiprocessing.Process": true, "threading.Timer": true,
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

// known says whether a model speaks of the name.
func known(a *analysis, names []string) bool {
	for _, n := range names {
		if len(a.models.sinks[n]) > 0 || len(a.models.sanitizers[n]) > 0 || a.models.call[n] != nil || a.models.returns[n] != "" || strings.HasPrefix(n, "builtins.") {
			return true
		}
	}
	return false
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
	r := a.callback(c, f, given...)
	return a.deep(c.st, r, 0)
}

// sanitized applies what models say of a result.
func (a *analysis) sanitized(c *callSite, v *value, name string) *value {
	names := c.names
	for _, n := range names {
		for _, s := range a.models.sanitizers[n] {
			if s.When == "" || a.when(c, s.When) {
				v = clear(v, s.kinds)
			}
		}
	}
	_ = name
	return v
}

// paths knows what makes a path normal, and joins what texts begin with.
func (a *analysis) paths(c *callSite, v *value) {
	for _, n := range c.names {
		switch n {
		case "os.path.abspath", "os.path.realpath", "os.path.normpath", "pathlib.Path().resolve":
			v.norm = true
		case "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "os.fspath":
			if x := arg(c.args, 0, ""); x != nil {
				v.norm = x.norm
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
				v.prefix = "re:" + s
			}
		case "urllib.parse.urljoin", "urllib.parse.unquote":
		}
	}
}

// when decides a condition on an argument: "shell=True", "!shell=True", "filter", "!verify".
func (a *analysis) when(c *callSite, cond string) bool {
	cond, not := strings.CutPrefix(cond, "!")
	name, want, has := strings.Cut(cond, "=")
	var x *argument
	hidden := false
	for i := range c.args {
		if c.args[i].name == name {
			x = &c.args[i]
		}
		hidden = hidden || c.args[i].star == 2
	}
	if n, ok := number(name); ok && n < len(c.args) && c.args[n].name == "" {
		x = &c.args[n]
	}
	got := x != nil
	if has && x != nil {
		got = false
		if k, ok := x.v.only(); ok {
			s, _ := k.text()
			got = s == want || k.truth() && want == "True"
		} else if x.v != nil {
			for _, n := range x.v.names {
				got = got || n == want || strings.HasSuffix(strings.TrimSuffix(n, "()"), "."+want)
			}
			if len(x.v.names) == 0 && (want == "True" || want == "False") && !not {
				got = true // it may be
			}
		} else if want == "True" && !not {
			got = true
		}
	}
	if x == nil && hidden && !not {
		return false
	}
	return got != not
}

// given is what a sink's argument is given.
func (c *callSite) given(spec string) (list []argument) {
	switch spec {
	case "self":
		return []argument{{v: c.recv}}
	case "all":
		return c.args
	case "rest":
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
	if spec == "" {
		spec = "0"
	}
	for part := range strings.SplitSeq(spec, "|") {
		if n, ok := number(part); ok {
			i := 0
			for _, x := range c.args {
				if x.star == 1 && i <= n {
					return []argument{x}
				}
				if x.name == "" && x.star == 0 {
					if i == n {
						return []argument{x}
					}
					i++
				}
			}
			continue
		}
		for _, x := range c.args {
			if x.name == part {
				return []argument{x}
			}
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
		a.sink(c, method, &s, true)
	}
}

// sink looks at one argument of a sink.
func (a *analysis) sink(c *callSite, name string, s *sink, weak bool) {
	if s.When != "" && !a.when(c, s.When) {
		return
	}
	for _, x := range c.given(s.Argument) {
		v := x.v
		kinds := s.kinds
		marks := v.origins()
		if v != nil && len(v.objs) > 0 {
			marks = joinMarks(marks, a.elements(c.st, v, kinds))
		}
		a.reach(c.fr, c.nodeOrNil(), x.node, v, marks, kinds, name, weak)
	}
}

// elements are the marks of what a list or the like holds; an argument list's first
// element is the program, and after sh -c comes a command for a shell.
func (a *analysis) elements(st *state, v *value, kinds models.Kinds) []mark {
	return a.deep(st, v, 0)
}

// assigned looks whether setting an attribute or element is where data does harm.
func (a *analysis) assigned(fr *frame, st *state, name string, key, v *value, t ast.Node) {
	for _, s := range a.models.assigns[name] {
		w := v
		if s.Argument == "key" {
			w = key
		}
		a.reach(fr, t, nil, w, a.deep(st, w, 0), s.kinds, name, false)
	}
}

// reach is told of each value that comes to a sink.
func (a *analysis) reach(fr *frame, call ast.Node, arg ast.Expr, v *value, marks []mark, kinds models.Kinds, name string, weak bool) {
	if call == nil {
		return
	}
	if v != nil && v.prefix != "" && wholeHost(v.prefix) {
		kinds &^= a.models.hosts
	}
	if v != nil && len(v.prefix) > 1 && v.prefix[0] == '/' && v.prefix[1] != '/' && v.prefix[1] != '\\' {
		kinds &^= a.models.hosts
	}
	at := a.at(fr, call)
	hit := false
	for _, m := range marks {
		k := m.kinds & kinds
		if k == 0 {
			continue
		}
		hit = true
		a.flow(fr, at, arg, m, k, name, weak)
	}
	old := a.seen[at]
	switch {
	case hit:
		a.seen[at] = old | sawTaint
	default:
		a.seen[at] = old | sawClean
	}
}

const (
	sawTaint verdict = 1 << iota
	sawClean
)
