package text

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// Fixed says whether e can only be one of a few values that the program itself chose, or
// something whose characters are harmless everywhere: a number, a constant by value or
// by convention (NAME), an element of a constant table, a loop variable over constants, a
// name that was compared with allowed values or checked to be a plain word.
func Fixed(u *program.Unit, e ast.Expr) bool {
	return (&judge{u: u, seen: map[ast.NodeID]bool{}}).fixed(e)
}

// Free lists the holes of a text that are not Fixed and for which clean, if given, says no.
func (t *Text) Free(u *program.Unit, clean func(ast.Expr) bool) []Part {
	var out []Part
	for _, p := range t.Parts {
		if p.Expr != nil && !p.Num && !(clean != nil && clean(p.Expr)) && !Fixed(u, p.Expr) {
			out = append(out, p)
		}
	}
	return out
}

type judge struct {
	u     *program.Unit
	depth int
	steps int
	scans int                 // of the whole file, for callers
	seen  map[ast.NodeID]bool // values of names that are being followed
}

// harmless are calls whose result cannot carry syntax, whatever they are given.
var harmless = map[string]bool{
	"builtins.int": true, "builtins.float": true, "builtins.len": true, "builtins.bool": true, "builtins.id": true, "builtins.hash": true,
	"builtins.hex": true, "builtins.oct": true, "builtins.bin": true, "builtins.ord": true, "builtins.abs": true, "builtins.round": true, "builtins.sum": true,
	"builtins.complex": true, "decimal.Decimal": true, "uuid.uuid4": true, "uuid.uuid1": true, "uuid.uuid3": true, "uuid.uuid5": true, "uuid.UUID": true,
	"time.time": true, "time.monotonic": true, "time.time_ns": true, "time.perf_counter": true, "os.getpid": true, "os.getppid": true, "os.getuid": true,
	"os.getgid": true, "os.geteuid": true, "os.cpu_count": true, "os.getcwd": true, "random.random": true, "random.randint": true, "random.randrange": true,
	"secrets.token_hex": true, "secrets.randbelow": true, "secrets.token_urlsafe": true, "tempfile.mkdtemp": true, "tempfile.gettempdir": true,
	"tempfile.mktemp": true, "threading.get_ident": true, "socket.gethostname": true, "platform.system": true, "platform.machine": true,
	"platform.python_version": true, "getpass.getuser": true, "math.ceil": true, "math.floor": true, "ipaddress.ip_address": true, "ipaddress.ip_network": true,
	"ipaddress.IPv4Address": true, "datetime.datetime.now": true, "datetime.datetime.utcnow": true, "datetime.date.today": true,
	"datetime.date": true, "datetime.datetime": true, "datetime.timedelta": true, "datetime.datetime.strptime": true, "datetime.datetime.fromisoformat": true,
	"datetime.date.fromisoformat": true, "django.utils.timezone.now": true, "builtins.range": true, "os.urandom": true,
}

// through are calls that give back what they are given, in this respect.
var through = map[string]bool{
	"builtins.str": true, "builtins.repr": true, "builtins.list": true, "builtins.tuple": true, "builtins.set": true, "builtins.sorted": true,
	"builtins.reversed": true, "builtins.iter": true, "builtins.next": true, "builtins.min": true, "builtins.max": true, "builtins.frozenset": true,
	"builtins.bytes": true, "os.fspath": true, "os.fsencode": true, "os.fsdecode": true, "pathlib.Path": true, "pathlib.PurePath": true,
	"pathlib.PosixPath": true, "shutil.which": true, "os.path.join": true, "os.path.dirname": true, "os.path.abspath": true, "os.path.realpath": true,
	"os.path.basename": true, "os.path.normpath": true, "os.path.expanduser": true, "os.path.splitext": true, "random.choice": true, "secrets.choice": true,
	"textwrap.dedent": true, "itertools.chain": true, "builtins.enumerate": true, "builtins.zip": true, "itertools.product": true,
	"django.utils.translation.gettext": true, "django.utils.translation.gettext_lazy": true, "gettext.gettext": true,
}

func (j *judge) fixed(e ast.Expr) bool {
	if j.steps++; e == nil || j.depth > 16 || j.steps > maxSteps {
		return false
	}
	if j.u.IsConst(e) && !grows(j.u, e) {
		return true
	}
	j.depth++
	defer func() { j.depth-- }()
	switch e := e.(type) {
	case *ast.Name:
		return j.name(e)
	case *ast.Attribute:
		return j.attribute(e)
	case *ast.Subscript:
		return j.subscript(e)
	case *ast.Call:
		return j.call(e)
	case *ast.IfExp:
		return j.fixed(e.Body) && j.fixed(e.Orelse) || Checked(j.u, e)
	case *ast.BoolOp:
		return j.all(e.Values)
	case *ast.BinOp:
		if e.Op == ast.Mod {
			if _, ok := ast.IsStr(e.Left); ok {
				return len(Split(j.u, e).freeOf(j)) == 0
			}
		}
		if e.Op != ast.Add && e.Op != ast.Mod && e.Op != ast.Div && j.number(e) {
			return true
		}
		return j.fixed(e.Left) && j.fixed(e.Right)
	case *ast.UnaryOp:
		return e.Op == ast.Not || j.number(e) || j.fixed(e.Operand)
	case *ast.Compare:
		return true
	case *ast.JoinedStr:
		return len(Split(j.u, e).freeOf(j)) == 0
	case *ast.NamedExpr:
		return j.fixed(e.Value)
	case *ast.Starred:
		return j.fixed(e.Value)
	case *ast.List:
		return j.all(e.Elts)
	case *ast.Tuple:
		return j.all(e.Elts)
	case *ast.Set:
		return j.all(e.Elts)
	case *ast.ListComp:
		return j.fixed(e.Elt)
	case *ast.GeneratorExp:
		return j.fixed(e.Elt)
	case *ast.Dict:
		for _, k := range e.Keys {
			if k == nil {
				return false
			}
		}
		return j.all(e.Values)
	case *ast.Lambda:
		return false
	}
	return false
}

func (t *Text) freeOf(j *judge) []Part {
	var out []Part
	for _, p := range t.Parts {
		if p.Expr != nil && !p.Num && !j.fixed(p.Expr) {
			out = append(out, p)
		}
	}
	return out
}

func (j *judge) all(list []ast.Expr) bool {
	for _, e := range list {
		if !j.fixed(e) {
			return false
		}
	}
	return true
}

// number says that e is a number by its type.
func (j *judge) number(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BinOp:
		return j.number(e.Left) || j.number(e.Right)
	case *ast.UnaryOp:
		return j.number(e.Operand)
	}
	if v, ok := j.u.Const(e); ok {
		return v.Kind == ast.Int || v.Kind == ast.Float
	}
	return j.u.Is(e, "builtins.int()", "builtins.float()", "builtins.len()", "builtins.bool()", "uuid.UUID()", "decimal.Decimal()",
		"datetime.date()", "datetime.datetime()", "uuid.uuid4()", "datetime.timedelta()", "datetime.datetime.now()")
}

// Capitals says whether a name is a constant by convention.
func Capitals(name string) bool {
	letters := 0
	for _, r := range name {
		switch {
		case r >= 'A' && r <= 'Z':
			letters++
		case r == '_' || r >= '0' && r <= '9':
		default:
			return false
		}
	}
	return letters > 1
}

// posted says whether e is request.POST or the like: Django, Pyramid and WebOb write in capitals
// what is anything but a constant.
func posted(u *program.Unit, e *ast.Attribute) bool {
	switch e.Attr {
	case "GET", "POST", "PUT", "COOKIES", "META", "FILES":
	default:
		return false // Method.GET
	}
	if l := ast.LastName(e.Value); strings.HasSuffix(l, "request") || l == "req" || l == "REQUEST" {
		return true
	}
	return u.Is(e.Value, "django.http.HttpRequest()", "django.http.request.HttpRequest()", "django.core.handlers.wsgi.WSGIRequest()", "rest_framework.request.Request()")
}

func (j *judge) name(n *ast.Name) bool {
	switch n.Ident {
	case "__file__", "__name__", "__version__", "__doc__":
		return true
	}
	if j.number(n) || j.module(n) {
		return true
	}
	binds := j.u.Bindings(n)
	if Capitals(n.Ident) {
		local := false
		for _, b := range binds {
			local = local || j.u.Function(b) != nil || b.Kind() == ast.KindArg
		}
		if !local {
			return true
		}
	}
	if Checked(j.u, n) {
		return true
	}
	if grows(j.u, n) {
		fuel := maxSteps
		fill, ok := (&splitter{u: j.u, t: &Text{}, fuel: &fuel, seen: map[ast.NodeID]bool{}}).filled(n)
		return ok && j.all(fill)
	}
	values := j.u.Values(n)
	if len(values) > 1 || len(values) == 1 && values[0] != ast.Expr(n) {
		return j.values(values)
	}
	if len(binds) == 0 {
		return false
	}
	for _, b := range binds {
		switch b := b.(type) {
		case *ast.For:
			if !j.drawn(b.Target, b.Iter, n.Ident) {
				return false
			}
		case *ast.Comprehension:
			if !j.drawn(b.Target, b.Iter, n.Ident) {
				return false
			}
		case *ast.Assign:
			v := assigned(b, n.Ident)
			if v == nil {
				v = b.Value // unpacked: all of it must be fixed
			}
			if !j.value(v) {
				return false
			}
		case *ast.AnnAssign:
			if b.Value != nil && !j.value(b.Value) {
				return false
			}
		case *ast.AugAssign:
			if !j.value(b.Value) {
				return false
			}
		case *ast.Arg:
			if !j.parameter(n, b) {
				return false
			}
		case *ast.FunctionDef, *ast.ClassDef:
		default:
			return false
		}
	}
	return true
}

// value judges what a name was given. A value that is being judged already, as in
// s = s + "x" in a loop, is left to the others.
func (j *judge) value(e ast.Expr) bool {
	if j.seen[e.ID()] {
		return true
	}
	j.seen[e.ID()] = true
	defer delete(j.seen, e.ID())
	return j.fixed(e)
}

func (j *judge) values(list []ast.Expr) bool {
	for _, e := range list {
		if !j.value(e) {
			return false
		}
	}
	return true
}

// script says whether a file is run and never imported: it begins with #!, has an
// if __name__ == "__main__", and no module of the program imports something of its name. Who calls its
// functions stands in it.
func script(u *program.Unit) bool {
	if u.Module == nil || !bytes.HasPrefix(u.File.Bytes, []byte("#!")) || !slices.ContainsFunc(u.Tree.Module.Body, func(s ast.Stmt) bool {
		i, ok := s.(*ast.If)
		return ok && strings.HasPrefix(u.File.Text(i.Test.Span()), "__name__")
	}) {
		return false
	}
	prog := u.Module.Program()
	imported, ok := prog.Once(importedKey{}, func() any { return importedWords(prog) }).(map[string]bool)
	return ok && !imported[u.Module.Name[strings.LastIndexByte(u.Module.Name, '.')+1:]]
}

type importedKey struct{}

// importedWords are the words of all imports of a program.
func importedWords(prog *program.Program) map[string]bool {
	out := map[string]bool{}
	for _, m := range prog.Modules() {
		f := m.Source()
		if f == nil {
			continue
		}
		open := false // from shop import (
		for line := range bytes.Lines(f.Bytes) {
			t := bytes.TrimLeft(line, " \t")
			if !open && !bytes.HasPrefix(t, []byte("import ")) && !bytes.HasPrefix(t, []byte("from ")) && !bytes.Contains(t, []byte("import_module")) {
				continue
			}
			for w := range bytes.FieldsFuncSeq(t, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				if !out[string(w)] {
					out[string(w)] = true
				}
			}
			open = (open || bytes.ContainsAny(t, "(\\")) && !bytes.ContainsAny(t, ")") // what is too much does no harm
		}
	}
	return out
}

// parameter: a private helper's parameter, or that of a script's function, is as good as what its
// callers in this file give it, if there are any and none is hidden.
func (j *judge) parameter(n *ast.Name, a *ast.Arg) bool {
	args, ok := j.u.Parent(a).(*ast.Arguments)
	if !ok || a == args.Vararg || a == args.Kwarg {
		return false
	}
	f, ok := j.u.Parent(args).(*ast.FunctionDef)
	if !ok || len(f.DecoratorList) > 0 {
		return false
	}
	method := j.u.Class(f) != nil && j.u.Function(f) == nil
	nested := j.u.Function(f) != nil
	if !nested && (!strings.HasPrefix(f.Name, "_") || strings.HasPrefix(f.Name, "__")) && (method || !script(j.u)) {
		return false
	}
	pos := -1
	for i, p := range append(args.Posonlyargs[:len(args.Posonlyargs):len(args.Posonlyargs)], args.Args...) {
		if p == a {
			pos = i
		}
	}
	if method {
		pos--
		if pos == -1 {
			return false
		}
	}
	if d := Default(args, a); d != nil && !j.fixed(d) {
		return false
	}
	if j.scans++; j.scans > 8 {
		return false
	}
	calls := 0
	for _, x := range j.u.Tree.Nodes() {
		var ref bool
		var at ast.Node
		switch x := x.(type) {
		case *ast.Name:
			ref = !method && x.Ident == f.Name && x.Ctx() == ast.Load && j.u.Live(x) && j.u.Definition(x) == f
			at = x
		case *ast.Attribute:
			ref = method && x.Attr == f.Name && j.u.Live(x)
			at = x
		}
		if !ref {
			continue
		}
		c, ok := j.u.Parent(at).(*ast.Call)
		if !ok || c.Func.ID() != at.ID() || program.HasStar(c) {
			return false // it is handed on, or called with what cannot be seen
		}
		if j.u.Function(c) == f {
			continue
		}
		v := program.Arg(c, pos, a.Arg)
		if v == nil {
			if Default(args, a) == nil {
				return false
			}
		} else if !j.fixed(v) {
			return false
		}
		calls++
	}
	return calls > 0
}

// Default returns the default value of a parameter, or nil.
func Default(args *ast.Arguments, a *ast.Arg) ast.Expr {
	pos := len(args.Posonlyargs) + len(args.Args) - len(args.Defaults)
	for i := range len(args.Posonlyargs) + len(args.Args) {
		p := args.Args
		k := i - len(args.Posonlyargs)
		if i < len(args.Posonlyargs) {
			p, k = args.Posonlyargs, i
		}
		if p[k] == a && i >= pos {
			return args.Defaults[i-pos]
		}
	}
	for i, p := range args.Kwonlyargs {
		if p == a {
			return args.KwDefaults[i]
		}
	}
	return nil
}

// drawn says whether what a loop takes from iter for a name is fixed.
func (j *judge) drawn(target, iter ast.Expr, name string) bool {
	if c, ok := iter.(*ast.Call); ok && len(c.Args) > 0 {
		t, pair := target.(*ast.Tuple)
		if j.u.Is(c.Func, "builtins.enumerate") && pair && len(t.Elts) == 2 {
			if n, ok := t.Elts[0].(*ast.Name); ok && n.Ident == name {
				return true
			}
			return j.drawn(t.Elts[1], c.Args[0], name)
		}
	}
	if c, ok := iter.(*ast.Call); ok && len(c.Args) == 0 {
		if f, ok := c.Func.(*ast.Attribute); ok {
			keys := f.Attr == "keys"
			if t, ok := target.(*ast.Tuple); ok && f.Attr == "items" && len(t.Elts) == 2 {
				n, ok := t.Elts[0].(*ast.Name)
				keys = ok && n.Ident == name
			}
			if keys && j.keys(f.Value) {
				return true
			}
			if keys || f.Attr == "items" || f.Attr == "values" {
				return j.fixed(f.Value)
			}
		}
	}
	if j.keys(iter) {
		return true
	}
	return j.fixed(iter)
}

// keys says whether e is a dictionary display whose keys are all constant.
func (j *judge) keys(e ast.Expr) bool {
	for _, v := range j.u.Values(e) {
		d, ok := v.(*ast.Dict)
		if !ok {
			return false
		}
		for _, k := range d.Keys {
			if k == nil || !j.u.IsConst(k) {
				return false
			}
		}
	}
	return true
}

// plain are attributes that name things of the program.
var plain = map[string]bool{
	"__name__": true, "__qualname__": true, "__module__": true, "__tablename__": true, "db_table": true, "__class__": true, "hex": true,
	"pk": false, "lineno": true, "size": true, "itemsize": true, "nbytes": true,
}

func (j *judge) attribute(e *ast.Attribute) bool {
	if plain[e.Attr] || Capitals(e.Attr) && !posted(j.u, e) || j.number(e) || Checked(j.u, e) {
		return true
	}
	if name := j.u.Name(e); strings.HasPrefix(name, "sys.") || name == "os.sep" || name == "os.curdir" || name == "os.devnull" || name == "os.name" {
		return name != "sys.argv"
	}
	switch e.Attr {
	case "value", "name", "parent", "stem", "suffix":
		if j.fixed(e.Value) {
			return true
		}
	}
	if a, ok := e.Value.(*ast.Attribute); ok && a.Attr == "_meta" {
		return true
	}
	return false
}

// module: a path of a module is the program's own.
func (j *judge) module(n *ast.Name) bool {
	name := j.u.Name(n)
	return name == "sys.executable" || name == "sys.platform" || name == "os.sep" || name == "os.devnull"
}

func (j *judge) subscript(e *ast.Subscript) bool {
	if Checked(j.u, e) || j.number(e) || plainGroup(j.u, e) {
		return true
	}
	if j.fixed(e.Value) {
		return true
	}
	if n := j.u.Name(e.Value); strings.HasPrefix(n, "sys.version") {
		return true
	}
	return false
}

func (j *judge) call(c *ast.Call) bool {
	if j.number(c) || plainGroup(j.u, c) {
		return true
	}
	for _, n := range j.u.Names(c.Func) {
		if harmless[n] {
			return true
		}
		if through[n] && len(c.Keywords) == 0 {
			return j.all(c.Args)
		}
	}
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		if n, ok := c.Func.(*ast.Name); ok && n.Ident == "_" {
			return j.all(c.Args)
		}
		return false
	}
	switch f.Attr {
	case "hexdigest", "isoformat", "strftime", "timestamp", "bit_length", "count", "index", "find", "total_seconds", "fileno":
		return true
	case "get", "pop", "setdefault":
		if j.fixed(f.Value) {
			return len(c.Args) < 2 || j.fixed(c.Args[1])
		}
	case "join", "format", "replace":
		t := Split(j.u, c)
		if len(t.Holes()) == 1 && t.Holes()[0].Expr == ast.Expr(c) {
			return f.Attr != "format" && j.fixed(f.Value) && j.all(c.Args)
		}
		return len(t.freeOf(j)) == 0
	default:
		if same[f.Attr] || f.Attr == "split" || f.Attr == "splitlines" || f.Attr == "keys" || f.Attr == "values" || f.Attr == "items" || f.Attr == "copy" ||
			f.Attr == "resolve" || f.Attr == "absolute" || f.Attr == "joinpath" || f.Attr == "with_suffix" || f.Attr == "as_posix" {
			return j.fixed(f.Value) && j.all(c.Args)
		}
	}
	return false
}
