package settings

import (
	"encoding/json"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

const pathObject = "pathlib.Path()"

// arguments are those of a call, as values. More says that there may be others.
type arguments struct {
	list []Value
	keys map[string]Value
	more bool
}

// at is an argument by position or keyword.
func (a arguments) at(i int, name string) (Value, bool) {
	if i >= 0 && i < len(a.list) {
		return a.list[i], true
	}
	v, ok := a.keys[name]
	return v, ok && name != ""
}

// first is at, for those that must be there.
func (a arguments) first(i int, name string) Value {
	if v, ok := a.at(i, name); ok {
		return v
	}
	return unknown()
}

func (f *folder) arguments(fr *frame, c *ast.Call) arguments {
	var a arguments
	for _, e := range c.Args {
		if s, ok := e.(*ast.Starred); ok {
			k, ok := f.eval(fr, s.Value).Known()
			if !ok || k.Kind != List || k.Items.Open {
				a.more = true
				break
			}
			for _, x := range k.Items.List {
				a.list = append(a.list, x.Value)
			}
			continue
		}
		a.list = append(a.list, f.eval(fr, e))
	}
	for _, k := range c.Keywords {
		v := f.eval(fr, k.Value)
		if a.keys == nil {
			a.keys = map[string]Value{}
		}
		if k.Arg != "" {
			a.keys[k.Arg] = v
			continue
		}
		d, ok := v.Known()
		if !ok || d.Kind != Dict || d.Map.Open {
			a.more = true
			continue
		}
		for _, e := range d.Map.List {
			a.keys[e.Key] = e.Value
		}
	}
	return a
}

func (f *folder) call(fr *frame, c *ast.Call) Value {
	if attr, ok := c.Func.(*ast.Attribute); ok {
		base := f.eval(fr, attr.Value)
		k, known := base.Known()
		if !known || k.Kind != Ref && k.Kind != module && k.Kind != class {
			a := f.arguments(fr, c)
			return f.method(fr, base, attr.Attr, a, f.place(fr, c))
		}
		return f.apply(fr, f.attribute(fr, base, attr.Attr), f.arguments(fr, c), c)
	}
	return f.apply(fr, f.eval(fr, c.Func), f.arguments(fr, c), c)
}

// apply calls what a value is.
func (f *folder) apply(fr *frame, callee Value, a arguments, c *ast.Call) Value {
	k, ok := callee.Known()
	if ok {
		switch k.Kind {
		case function:
			return f.run(k.fn, a)
		case class:
			return some(Const{Kind: class, Name: k.Name, Map: k.Map, Items: k.Items})
		case Object:
			return f.method(fr, callee, "__call__", a, f.place(fr, c))
		case Ref:
			return f.library(fr, k.Name, a, c)
		}
	}
	return f.foreign(fr, a)
}

// foreign is a call of what nobody knows: it may do anything to the namespaces that it is
// given.
func (f *folder) foreign(fr *frame, a arguments) Value {
	f.risk++
	var envs []string
	look := func(v Value) {
		envs = mergeNames(envs, v.Envs)
		for _, c := range v.Alts {
			if c.Kind == Dict && (c.Map == fr.sp.ns || c.Map == fr.ns) {
				c.Map.open()
			}
		}
	}
	for _, v := range a.list {
		look(v)
	}
	for _, v := range a.keys {
		look(v)
	}
	slices.Sort(envs)
	return Value{Open: true, Envs: envs}
}

// run executes a function of the program.
func (f *folder) run(fn *fn, a arguments) Value {
	var params *ast.Arguments
	if fn.lambda != nil {
		params = fn.lambda.Args
	} else {
		params = fn.node.Args
	}
	if f.calls >= maxCalls || a.more || params == nil || fn.node != nil && (fn.node.Async || yields(fn.node)) {
		f.risk++
		return unknown()
	}
	fr := &frame{sp: fn.sp, ns: &Map{}, outer: fn.outer, now: Yes}
	f.parameters(fr, params, a)
	if fn.lambda != nil {
		f.calls++
		defer func() { f.calls-- }()
		return f.eval(fr, fn.lambda.Body)
	}
	f.calls++
	f.roots = append(f.roots, fr.ns)
	fl := f.block(fr, fn.node.Body)
	f.roots = f.roots[:len(f.roots)-1]
	f.calls--
	if fl == next {
		fr.rets = append(fr.rets, ret{none(), fr.now})
	}
	if len(fr.rets) == 0 {
		f.risk++
		return unknown()
	}
	v, now := fr.rets[0].value, fr.rets[0].now
	for _, r := range fr.rets[1:] {
		pick := Maybe
		switch {
		case now == Yes:
			pick = Yes
		case r.now == Yes:
			pick = No
		}
		v = join(v, r.value, pick, nil, 0)
		now = max(now, r.now)
	}
	return v
}

// yields says whether a function is a generator.
func yields(fn *ast.FunctionDef) bool {
	found, n := false, 0
	var look func(x ast.Node)
	look = func(x ast.Node) {
		if n++; found || n > 2000 {
			return
		}
		switch x.(type) {
		case *ast.Yield, *ast.YieldFrom:
			found = true
			return
		case *ast.FunctionDef, *ast.Lambda, *ast.ClassDef:
			return
		}
		ast.Children(x, look)
	}
	for _, s := range fn.Body {
		look(s)
	}
	return found
}

// parameters binds arguments to a function's parameters.
func (f *folder) parameters(fr *frame, params *ast.Arguments, a arguments) {
	all := append(slices.Clip(params.Posonlyargs), params.Args...)
	global := &frame{sp: fr.sp, ns: fr.sp.ns, outer: fr.outer}
	for i, p := range all {
		v, ok := a.at(i, p.Arg)
		if !ok {
			v = unknown()
			if d := i - (len(all) - len(params.Defaults)); d >= 0 && d < len(params.Defaults) {
				v = f.eval(global, params.Defaults[d])
			}
		}
		fr.ns.set(p.Arg, v, Place{})
	}
	for i, p := range params.Kwonlyargs {
		v, ok := a.keys[p.Arg]
		if !ok {
			v = unknown()
			if i < len(params.KwDefaults) && params.KwDefaults[i] != nil {
				v = f.eval(global, params.KwDefaults[i])
			}
		}
		fr.ns.set(p.Arg, v, Place{})
	}
	if params.Vararg != nil {
		l := &Items{}
		for i := len(all); i < len(a.list); i++ {
			l.add(Item{Value: a.list[i], In: yes})
		}
		fr.ns.set(params.Vararg.Arg, some(Const{Kind: List, Items: l}), Place{})
	}
	if params.Kwarg != nil {
		m := &Map{}
		for k, v := range a.keys {
			if !slices.ContainsFunc(all, func(p *ast.Arg) bool { return p.Arg == k }) && !slices.ContainsFunc(params.Kwonlyargs, func(p *ast.Arg) bool { return p.Arg == k }) {
				m.set(k, v, Place{})
			}
		}
		slices.SortFunc(m.List, func(x, y Entry) int { return strings.Compare(x.Key, y.Key) })
		for i := range m.List {
			m.index[m.List[i].Key] = i
		}
		fr.ns.set(params.Kwarg.Arg, some(Const{Kind: Dict, Map: m}), Place{})
	}
}

// library calls something of the standard library, or of the packages that settings are
// read with.
func (f *folder) library(fr *frame, name string, a arguments, c *ast.Call) Value {
	first := a.first(0, "")
	switch name {
	case "os.environ.get", "os.getenv", "os.environ.pop", "os.environ.setdefault":
		key := f.key(a.first(0, "key"))
		fallback, ok := a.at(1, "default")
		if !ok {
			fallback = none()
		}
		v := f.variable(key, fallback)
		if strings.HasSuffix(name, "setdefault") && key != "" {
			f.env[key] = v
		}
		return v
	case "builtins.bool":
		if len(a.list) == 0 {
			return truth(false)
		}
		return boolean(first.True(), first.Envs)
	case "builtins.str":
		return toText(first)
	case "builtins.int", "builtins.float":
		return toNumber(first, name == "builtins.int")
	case "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.sorted", "builtins.reversed":
		if len(a.list) == 0 {
			return some(Const{Kind: List, Items: &Items{}})
		}
		return copied(first, name == "builtins.set" || name == "builtins.frozenset" || name == "builtins.sorted" || name == "builtins.reversed")
	case "builtins.dict", "collections.OrderedDict", "collections.defaultdict":
		return f.makeDict(a, c, fr)
	case "copy.copy", "copy.deepcopy":
		return copied(first, false)
	case "builtins.len":
		return lift(first, none(), func(x, _ Const) (Const, bool) {
			switch {
			case x.Kind == Scalar && (x.V.Kind == ast.Str || x.V.Kind == ast.Bytes) && isASCII(x.V.Str):
				return Const{V: program.Value{Kind: ast.Int, Int: int64(len(x.V.Str))}}, true
			case x.Kind == List && !x.Items.Open && !slices.ContainsFunc(x.Items.List, func(i Item) bool { return i.In.Always != Yes }):
				return Const{V: program.Value{Kind: ast.Int, Int: int64(len(x.Items.List))}}, true
			}
			return Const{}, false
		})
	case "builtins.any", "builtins.all":
		return f.anyAll(first, name == "builtins.any")
	case "builtins.getattr":
		if k, ok := a.first(1, "").Known(); ok && k.V.Kind == ast.Str {
			v := f.attribute(fr, first, k.V.Str)
			if d, ok := a.at(2, ""); ok && v.Open {
				v = join(v, d, Maybe, nil, 0)
			}
			return v
		}
	case "builtins.globals", "builtins.vars":
		if len(a.list) == 0 {
			return some(Const{Kind: Dict, Map: fr.sp.ns})
		}
	case "builtins.locals":
		return some(Const{Kind: Dict, Map: fr.ns})
	case "builtins.map":
		return f.mapped(fr, a, c)
	case "builtins.filter":
		return f.filtered(fr, a, c)
	case "builtins.print", "warnings.warn", "warnings.filterwarnings", "warnings.simplefilter", "logging.getLogger", "logging.basicConfig", "logging.config.dictConfig",
		"sys.path.append", "sys.path.insert", "sys.stderr.write", "sys.stdout.write", "dotenv.load_dotenv", "environ.Env.read_env", "mimetypes.add_type", "locale.setlocale":
		return unknown()
	case "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.Path.cwd", "pathlib.Path.home", "environ.Path", "path.Path", "unipath.Path":
		return some(Const{Kind: Object, Name: pathObject})
	case "os.path.exists", "os.path.isfile", "os.path.isdir", "os.access":
		return boolean(either, first.Envs)
	case "os.path.join", "os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser", "os.getcwd", "tempfile.gettempdir", "tempfile.mkdtemp", "socket.gethostname", "platform.node", "platform.system":
		return someText()
	case "os.path.dirname", "os.path.basename", "os.path.split", "os.path.splitext":
		return someText()
	case "secrets.token_urlsafe", "secrets.token_hex", "django.core.management.utils.get_random_secret_key", "uuid.uuid4", "django.urls.reverse_lazy", "django.urls.base.reverse_lazy":
		return someText()
	case "django.utils.translation.gettext_lazy", "django.utils.translation.gettext_noop", "django.utils.translation.gettext", "django.utils.translation.ugettext_lazy":
		return first
	case "datetime.timedelta":
		return lapse(a)
	case "json.loads", "ast.literal_eval":
		return lift(first, none(), func(x, _ Const) (Const, bool) {
			if x.Kind != Scalar || x.V.Kind != ast.Str || len(x.V.Str) > 1<<16 {
				return Const{}, false
			}
			if name == "json.loads" {
				return fromJSON(x.V.Str)
			}
			return f.literal(fr, x.V.Str)
		})
	case "distutils.util.strtobool", "setuptools._distutils.util.strtobool", "str2bool.str2bool", "strtobool.strtobool":
		return toBool(first)
	case "environ.Env", "environ.FileAwareEnv", "environ.environ.Env":
		m := &Map{}
		for k, v := range a.keys {
			m.set(k, v, Place{})
		}
		return some(Const{Kind: Object, Name: "environ.Env()", Map: m})
	case "environs.Env", "environs.FileAwareEnv", "environs.env":
		return some(Const{Kind: Object, Name: "environs.Env()"})
	case "decouple.Csv":
		return some(Const{Kind: Object, Name: "decouple.Csv()"})
	case "decouple.config", "decouple.AutoConfig", "decouple.Config", "starlette.config.Config", "prettyconf.config":
		if name == "decouple.config" || name == "prettyconf.config" {
			return f.decouple(fr, a, c)
		}
		return some(Const{Kind: Object, Name: "decouple.config"})
	case "split_settings.tools.optional":
		return first
	case "split_settings.tools.include":
		f.include(fr, a)
		return unknown()
	case "contextlib.suppress":
		return some(Const{Kind: Object, Name: "contextlib.suppress()"})
	case "dj_database_url.config", "dj_database_url.parse":
		return some(Const{Kind: Dict, Map: &Map{Open: true}})
	}
	if strings.HasPrefix(name, "environs.env.") {
		return f.method(fr, some(Const{Kind: Object, Name: "environs.Env()"}), strings.TrimPrefix(name, "environs.env."), a, Place{})
	}
	return f.foreign(fr, a)
}

// key is the name of a variable, or "" if that is not known.
func (f *folder) key(v Value) string {
	if k, ok := v.Known(); ok && k.Kind == Scalar && k.V.Kind == ast.Str {
		return k.V.Str
	}
	return ""
}

// variable is a variable of the environment, with what stands in for it.
func (f *folder) variable(key string, fallback Value) Value {
	if v, ok := f.env[key]; ok {
		return v
	}
	v := fallback
	v.Open, v.Raw = true, true
	if key == "" {
		key = "a variable"
	}
	v.Envs = mergeNames([]string{key}, v.Envs)
	return v
}

// required is one without which the program does not start.
func (f *folder) required(key string) Value {
	if v, ok := f.env[key]; ok {
		return v
	}
	f.unset = true
	return f.variable(key, Value{})
}

// toBool is what readers of the environment make of a text: "False" is False.
func toBool(v Value) Value {
	out := Value{Envs: v.Envs}
	add := func(b bool, now bool) {
		t := truth(b).Alts[0]
		t.Now = now
		for i := range out.Alts {
			if alike(out.Alts[i], t, 0) {
				out.Alts[i].Now = out.Alts[i].Now || now
				return
			}
		}
		out.Alts = append(out.Alts, t)
	}
	for _, c := range v.Alts {
		switch {
		case c.Kind == Scalar && (c.V.Kind == ast.Str || c.V.Kind == ast.Bytes):
			switch strings.ToLower(strings.TrimSpace(c.V.Str)) {
			case "true", "on", "ok", "y", "yes", "1", "t":
				add(true, c.Now)
			case "false", "off", "n", "no", "0", "f", "", "none", "null":
				add(false, c.Now)
			default:
				out.Open = true
			}
		case c.Kind == Scalar:
			add(c.V.True(), c.Now)
		default:
			out.Open = true
		}
	}
	if v.Open {
		add(true, false)
		add(false, false)
	}
	return out
}

func toNumber(v Value, whole bool) Value {
	out := Value{Open: v.Open, Envs: v.Envs}
	for _, c := range v.Alts {
		if c.Kind != Scalar {
			out.Open = true
			continue
		}
		n := c
		switch c.V.Kind {
		case ast.Str:
			s := strings.TrimSpace(c.V.Str)
			i, err := strconv.ParseInt(s, 10, 64)
			x, errFloat := strconv.ParseFloat(s, 64)
			switch {
			case whole && err == nil:
				n.V = program.Value{Kind: ast.Int, Int: i}
			case !whole && errFloat == nil:
				n.V = program.Value{Kind: ast.Float, Flt: x}
			default:
				out.Open = true
				continue
			}
		case ast.Int, ast.True, ast.False:
			i, _ := asInt(c.V)
			n.V = program.Value{Kind: ast.Int, Int: i}
		case ast.Float:
			if whole && math.Abs(c.V.Flt) < 1<<53 {
				n.V = program.Value{Kind: ast.Int, Int: int64(c.V.Flt)}
			}
		default:
			out.Open = true
			continue
		}
		out.Alts = append(out.Alts, n)
	}
	return out
}

// copied is a list or dictionary of its own with the same elements.
func copied(v Value, mixed bool) Value {
	out := Value{Open: v.Open, Envs: v.Envs, Alts: slices.Clone(v.Alts)}
	for i := range out.Alts {
		c := &out.Alts[i]
		switch {
		case c.Kind == List:
			c.Items = &Items{List: slices.Clone(c.Items.List), Open: c.Items.Open, Mixed: c.Items.Mixed || mixed}
		case c.Kind == Dict:
			m := &Map{Open: c.Map.Open}
			for _, e := range c.Map.List {
				m.put(e)
			}
			c.Map = m
		case c.Kind == Scalar && c.V.Kind <= ast.Float:
		default:
			out.Open = true
		}
	}
	return out
}

func (f *folder) makeDict(a arguments, c *ast.Call, fr *frame) Value {
	m := &Map{Open: a.more}
	for _, v := range a.list {
		if k, ok := v.Known(); ok && k.Kind == Dict {
			update(m, v, f.place(fr, c))
			continue
		}
		m.Open = true
	}
	for _, k := range c.Keywords {
		if v, ok := a.keys[k.Arg]; ok {
			m.set(k.Arg, v, f.place(fr, k))
		}
	}
	for _, k := range c.Keywords {
		if k.Arg != "" {
			continue
		}
		for name, v := range a.keys {
			if m.get(name) == nil {
				m.set(name, v, f.place(fr, k))
			}
		}
	}
	return some(Const{Kind: Dict, Map: m})
}

func (f *folder) anyAll(v Value, any bool) Value {
	c, ok := v.Known()
	if !ok || c.Kind != List {
		return boolean(either, v.Envs)
	}
	j, envs := no, v.Envs
	for _, x := range c.Items.List {
		t := x.Value.True()
		if !any {
			t = t.Not()
		}
		j = j.Or(x.In.And(t))
		envs = mergeNames(envs, x.Value.Envs)
	}
	if c.Items.Open {
		j = j.Or(either)
	}
	if !any {
		j = j.Not()
	}
	return boolean(j, envs)
}

// eachOf goes over the lists that the second argument of map and filter can be, and collects
// what take puts into the new ones.
func eachOf(a arguments, take func(l *Items, x Item)) Value {
	over := a.first(1, "")
	out := Value{Open: over.Open, Envs: over.Envs}
	for _, k := range over.Alts {
		if k.Kind != List || len(a.list) != 2 || len(k.Items.List) > maxLoop {
			out.Open = true
			continue
		}
		l := &Items{Open: k.Items.Open, Mixed: k.Items.Mixed}
		for _, x := range k.Items.List {
			take(l, x)
		}
		out.Alts = append(out.Alts, Const{Kind: List, Items: l, Now: k.Now})
	}
	return out
}

// mapped is map(f, list).
func (f *folder) mapped(fr *frame, a arguments, c *ast.Call) Value {
	return eachOf(a, func(l *Items, x Item) {
		if fn, ok := a.list[0].Known(); ok && fn.Kind == Ref && strings.HasPrefix(fn.Name, "builtins.str.") {
			x.Value = f.method(fr, x.Value, strings.TrimPrefix(fn.Name, "builtins.str."), arguments{}, x.At)
		} else {
			x.Value = f.apply(fr, a.list[0], arguments{list: []Value{x.Value}}, c)
		}
		l.add(x)
	})
}

// filtered is filter(f, list).
func (f *folder) filtered(fr *frame, a arguments, c *ast.Call) Value {
	return eachOf(a, func(l *Items, x Item) {
		t := x.Value.True()
		if fn, ok := a.list[0].Known(); !ok || fn.Kind != Scalar && (fn.Kind != Ref || fn.Name != "builtins.bool" && fn.Name != "builtins.len") {
			t = f.apply(fr, a.list[0], arguments{list: []Value{x.Value}}, c).True()
		}
		if x.In = x.In.And(t); x.In.Always != No {
			l.add(x)
		}
	})
}

// lapse is a timedelta, in seconds.
func lapse(a arguments) Value {
	units := []struct {
		name    string
		seconds float64
	}{{"days", 86400}, {"seconds", 1}, {"microseconds", 1e-6}, {"milliseconds", 1e-3}, {"minutes", 60}, {"hours", 3600}, {"weeks", 604800}}
	total := some(Const{V: program.Value{Kind: ast.Float}})
	for i, u := range units {
		if v, ok := a.at(i, u.name); ok {
			total = binary(total, ast.Add, binary(v, ast.Mult, some(Const{V: program.Value{Kind: ast.Float, Flt: u.seconds}})))
		}
	}
	return lift(total, none(), func(x, _ Const) (Const, bool) {
		if x.Kind != Scalar || x.V.Kind != ast.Float || math.Abs(x.V.Flt) > 1e15 {
			return Const{}, false
		}
		return Const{Kind: Lapse, V: program.Value{Kind: ast.Int, Int: int64(x.V.Flt)}}, true
	})
}

// fromJSON is json.loads of a constant.
func fromJSON(s string) (Const, bool) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var x any
	if d.Decode(&x) != nil {
		return Const{}, false
	}
	return ofJSON(x, 0)
}

func ofJSON(x any, deep int) (Const, bool) {
	if deep > maxDeep {
		return Const{}, false
	}
	switch x := x.(type) {
	case nil:
		return none().Alts[0], true
	case bool:
		return truth(x).Alts[0], true
	case string:
		return text(x).Alts[0], true
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return number(n).Alts[0], true
		}
	case []any:
		l := &Items{}
		for _, e := range x {
			c, ok := ofJSON(e, deep+1)
			if !ok {
				return Const{}, false
			}
			l.add(Item{Value: some(c), In: yes})
		}
		return Const{Kind: List, Items: l}, true
	case map[string]any:
		return Const{Kind: Dict, Map: &Map{Open: len(x) > 0}}, true
	}
	return Const{}, false
}

// literal is ast.literal_eval of a constant.
func (f *folder) literal(fr *frame, s string) (Const, bool) {
	u := program.Parse(source.New("literal.py", []byte(s+"\n")))
	if u == nil || len(u.Tree.Errors) > 0 || len(u.Tree.Module.Body) != 1 {
		return Const{}, false
	}
	e, ok := u.Tree.Module.Body[0].(*ast.ExprStmt)
	if !ok {
		return Const{}, false
	}
	v, ok := u.Const(e.Value)
	if _, dict := e.Value.(*ast.Dict); dict || !ok {
		return Const{}, false
	}
	c, _ := (&copier{}).value(some(build(v)), 0).Known()
	return c, true
}

// method calls v.name(…).
func (f *folder) method(fr *frame, v Value, name string, a arguments, at Place) Value {
	if len(v.Alts) == 1 || v.Raw {
		for _, c := range v.Alts {
			switch c.Kind {
			case List:
				return f.listMethod(v, c, name, a, at)
			case Dict:
				return f.dictMethod(v, c, name, a, at)
			case Object:
				return f.objectMethod(fr, c, name, a)
			case Lapse:
				if name == "total_seconds" {
					return some(Const{V: program.Value{Kind: ast.Float, Flt: float64(c.V.Int)}})
				}
			}
		}
	}
	return f.textMethod(v, name, a)
}

// textMethod calls a method of all the texts that a value can be.
func (f *folder) textMethod(v Value, name string, a arguments) Value {
	out := Value{Open: v.Open, Envs: v.Envs}
	var args []program.Value
	known := !a.more && len(a.keys) == 0
	for _, x := range a.list {
		k, ok := x.Known()
		p, ok2 := plain(k, 0)
		known = known && ok && ok2
		args = append(args, p)
		out.Envs = mergeNames(out.Envs, x.Envs)
	}
	if name == "split" && len(a.list) == 1 && len(a.keys) == 1 {
		if n, ok := a.keys["maxsplit"]; ok {
			k, ok := n.Known()
			args, known = append(args, k.V), ok
		}
	}
	question := false
	switch name {
	case "startswith", "endswith", "isdigit", "isdecimal", "isnumeric", "isalpha", "isalnum", "islower", "isupper":
		question = true
	case "lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold", "removeprefix", "removesuffix", "replace":
		out.Raw = v.Raw
	}
	for _, c := range v.Alts {
		switch {
		case c.Kind == Scalar && (c.V.Kind == ast.Str || c.V.Kind == ast.Bytes) && known:
			r, ok := c.V.Method(name, args)
			if !ok {
				out.Open = true
				continue
			}
			k := build(r)
			k.Now = c.Now
			out.Alts = append(out.Alts, k)
		case c.Kind == Scalar && c.V.Kind == ast.None:
			// None has no such method: the program would have ended.
			f.risk++
		default:
			out.Open = true
		}
	}
	if len(v.Alts) == 0 && !v.Raw {
		f.risk++
	}
	if question && out.Open {
		j := Judgement{}
		if c, ok := out.Now(); ok {
			j.Now = c.true()
		}
		return boolean(j, out.Envs)
	}
	return out.bounded()
}

func (f *folder) listMethod(v Value, c Const, name string, a arguments, at Place) Value {
	l := c.Items
	sure := !v.Open && len(v.Alts) == 1
	in := yes
	if !sure {
		in = Judgement{Now: Maybe, Always: Maybe}
	}
	item := func(i int) Item { return Item{Value: a.first(i, ""), In: in, At: at} }
	switch name {
	case "append", "add":
		l.add(item(0))
	case "insert":
		k, ok := a.first(0, "").Known()
		i := int(k.V.Int)
		if i < 0 {
			i = max(0, i+len(l.List))
		}
		if !ok || k.Kind != Scalar || k.V.Kind != ast.Int {
			l.add(item(1))
			l.Mixed = true
			break
		}
		if len(l.List) >= maxItems {
			l.Open = true
			break
		}
		l.own()
		l.List = slices.Insert(l.List, min(i, len(l.List)), item(1))
	case "extend", "update":
		if sure {
			extend(l, a.first(0, ""))
		} else {
			l.open()
		}
	case "remove", "discard":
		k, ok := a.first(0, "").Known()
		for i, x := range l.List {
			e, known := x.Value.Known()
			if ok && known && sure && alike(e, k, 0) && x.In.Always == Yes {
				l.own()
				l.List = slices.Delete(l.List, i, i+1)
				return none()
			}
		}
		if name == "remove" {
			f.risk++
		}
		if !ok || !sure {
			l.open()
			break
		}
		l.own()
		for i, x := range l.List {
			if j := compare(x.Value, some(k)); j.Always != No {
				l.List[i].In = x.In.And(j.Not())
			}
		}
	case "pop", "clear", "sort", "reverse":
		l.open()
		f.risk++
		return unknown()
	case "index":
		k, ok := a.first(0, "").Known()
		if ok && !l.Mixed && !l.Open && sure {
			for i, x := range l.List {
				e, known := x.Value.Known()
				if x.In.Always != Yes {
					break
				}
				if known && alike(e, k, 0) {
					return number(int64(i))
				}
			}
		}
		f.risk++
		return unknown()
	case "copy":
		return copied(v, false)
	default:
		f.risk++
		return unknown()
	}
	return none()
}

func (f *folder) dictMethod(v Value, c Const, name string, a arguments, at Place) Value {
	m := c.Map
	sure := !v.Open && len(v.Alts) == 1
	key, named := "", false
	if k, ok := a.first(0, "").Known(); ok {
		key, named = mapKey(k)
	}
	fallback, given := a.at(1, "")
	switch name {
	case "get", "setdefault", "pop":
		e := m.get(key)
		if !given {
			fallback = none()
		}
		switch {
		case !named:
			if name != "get" {
				m.open()
			}
			f.risk++
			return unknown()
		case e == nil && m.Open:
			fallback.Open = true
			return fallback
		case e == nil:
			if name == "setdefault" && sure {
				m.set(key, fallback, at)
			}
			return fallback
		}
		got := e.Value
		if e.In.Always != Yes {
			got = join(got, fallback, e.In.Now, got.Envs, 0)
		}
		if name == "pop" {
			m.drop(key)
		}
		got.Open = got.Open || !sure
		return got
	case "update":
		if !sure {
			m.open()
			break
		}
		for _, x := range a.list {
			update(m, x, at)
		}
		if a.more {
			m.open()
		}
		keys := make([]string, 0, len(a.keys))
		for k := range a.keys {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			m.set(k, a.keys[k], at)
		}
	case "copy":
		return copied(v, false)
	case "keys", "values", "items":
		l := &Items{Open: m.Open}
		for _, e := range m.List {
			x := text(e.Key)
			switch name {
			case "values":
				x = e.Value
			case "items":
				x = some(Const{Kind: List, Items: &Items{List: []Item{{Value: text(e.Key), In: yes}, {Value: e.Value, In: yes}}}})
			}
			l.add(Item{Value: x, In: e.In, At: e.At})
		}
		return Value{Open: v.Open, Envs: v.Envs, Alts: []Const{{Kind: List, Items: l, Now: c.Now}}}
	case "clear", "popitem":
		m.open()
	default:
		f.risk++
		return unknown()
	}
	return none()
}

// objectMethod calls a method of what a library has made.
func (f *folder) objectMethod(fr *frame, c Const, name string, a arguments) Value {
	switch c.Name {
	case pathObject:
		switch name {
		case "exists", "is_file", "is_dir":
			return boolean(either, nil)
		case "read_text", "read_bytes", "open":
			f.risk++
			return unknown()
		case "as_posix", "as_uri", "__str__":
			return someText()
		case "mkdir", "touch":
			return none()
		}
		return some(Const{Kind: Object, Name: pathObject})
	case "environ.Env()", "environs.Env()":
		return f.reader(fr, c, name, a)
	case "decouple.config":
		if name == "__call__" || name == "get" {
			return f.decouple(fr, a, nil)
		}
	}
	f.risk++
	return unknown()
}

// reader is a variable read with django-environ or environs, which know the type of it.
func (f *folder) reader(fr *frame, c Const, name string, a arguments) Value {
	key := f.key(a.first(0, "var"))
	fallback, given := a.at(-1, "default")
	if !given && name != "__call__" && c.Name == "environ.Env()" {
		fallback, given = a.at(1, "default")
	}
	if !given && c.Name == "environs.Env()" {
		fallback, given = a.at(1, "default")
	}
	kind := name
	if name == "__call__" || name == "get_value" {
		kind = "str"
		cast, ok := a.at(1, "cast")
		if c.Name == "environ.Env()" && !ok {
			if e := c.Map.get(key); e != nil {
				cast, ok = e.Value, true
				if k, known := cast.Known(); known && k.Kind == List && len(k.Items.List) > 0 {
					cast = k.Items.List[0].Value
					if !given && len(k.Items.List) > 1 {
						fallback, given = k.Items.List[1].Value, true
					}
				}
			}
		}
		if ok && c.Name == "environ.Env()" {
			switch k, _ := cast.Known(); {
			case k.Kind == Ref:
				kind = strings.TrimPrefix(k.Name, "builtins.")
			case k.Kind == List:
				kind = "list"
			default:
				kind = "other"
			}
		}
	}
	switch name {
	case "read_env", "read_envfile", "seal", "prefixed", "read_env_files":
		return none()
	}
	if key == "" && (kind == "db" || kind == "cache" || kind == "db_url" || kind == "cache_url" || kind == "email" || kind == "email_url") {
		key = map[bool]string{true: "CACHE_URL", false: "DATABASE_URL"}[strings.HasPrefix(kind, "cache")]
	}
	var v Value
	if given {
		v = fallback
	} else {
		f.unset = true
	}
	var set Value // what it is if the variable is set
	switch kind {
	case "bool":
		set = toBool(Value{Open: true})
	case "str", "unicode":
		set = Value{Open: true, Raw: true}
	default:
		set = Value{Open: true}
	}
	name2 := key
	if name2 == "" {
		name2 = "a variable"
	}
	if !given {
		set.Envs = []string{name2}
		return set
	}
	for i := range set.Alts {
		set.Alts[i].Now = false
	}
	return join(v, set, Yes, []string{name2}, 0)
}

// decouple is config("X", default=…, cast=…): the cast is for the default as well.
func (f *folder) decouple(fr *frame, a arguments, c *ast.Call) Value {
	key := f.key(a.first(0, "option"))
	fallback, given := a.at(-1, "default")
	if !given {
		fallback, given = a.at(1, "")
	}
	var v Value
	if given {
		v = f.variable(key, fallback)
	} else {
		v = f.required(key)
	}
	cast, ok := a.at(-1, "cast")
	if !ok {
		return v
	}
	k, known := cast.Known()
	switch {
	case known && k.Kind == Ref && k.Name == "builtins.bool":
		return toBool(v)
	case known && k.Kind == Ref && k.Name == "builtins.int":
		return toNumber(v, true)
	case known && k.Kind == Ref && k.Name == "builtins.str":
		return v
	case known && k.Kind == Object && k.Name == "decouple.Csv()", known && k.Kind == Ref && k.Name == "decouple.Csv":
		return csv(v)
	case known && k.Kind == function:
		return f.run(k.fn, arguments{list: []Value{v}})
	}
	return Value{Open: true, Envs: v.Envs}
}

// csv splits texts at commas.
func csv(v Value) Value {
	out := lift(v, none(), func(x, _ Const) (Const, bool) {
		if x.Kind != Scalar || x.V.Kind != ast.Str || len(x.V.Str) > 1<<16 {
			return Const{}, false
		}
		l := &Items{}
		for s := range strings.SplitSeq(x.V.Str, ",") {
			if s = strings.TrimSpace(s); s != "" {
				l.add(Item{Value: text(s), In: yes})
			}
		}
		return Const{Kind: List, Items: l}, true
	})
	return out
}

// include runs other files of a split configuration in the same namespace.
func (f *folder) include(fr *frame, a arguments) {
	prog := fr.sp.mod.Program()
	dir := path.Dir(fr.sp.mod.Path)
	for _, v := range a.list {
		pattern := f.key(v)
		if pattern == "" {
			fr.ns.open()
			continue
		}
		pattern = path.Join(dir, pattern)
		found := false
		for _, m := range prog.Modules() {
			if !f.spend(1) {
				return
			}
			if ok, err := path.Match(pattern, m.Path); err != nil || !ok || m == fr.sp.mod {
				continue
			}
			found = true
			if len(f.spaces) >= maxFiles || f.calls >= maxCalls {
				fr.ns.open()
				return
			}
			u := f.files.open(m)
			if u == nil {
				continue
			}
			f.note(m.Path)
			f.calls++
			inner := &frame{sp: &space{mod: m, unit: u, ns: fr.sp.ns}, ns: fr.sp.ns, now: fr.now}
			f.block(inner, u.Tree.Module.Body)
			f.calls--
		}
		if !found {
			f.local = pattern
		}
	}
}
