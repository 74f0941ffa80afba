package manifest

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/tree"
)

func init() {
	add(format{name: "setup.py", is: base("setup.py"), read: readSetupPy})
	add(format{name: "noxfile.py", is: base("noxfile.py"), read: readNoxfile})
}

// A code is a program that says what it needs. It is read and not run: a list of packages can
// be followed through names, additions, functions of the file and files that these read. What
// only running it would tell is a problem.
type code struct {
	f       *File
	u       *program.Unit
	budget  int
	changes map[string][]ast.Node // calls and assignments that change a list, by its name
}

// An item is a text of a list. hole says that a part of it is not known; there stands \x00.
type item struct {
	text string
	at   Place
	hole bool
}

// An env is what the parameters of functions are; a starred one is several.
type env map[string][]string

// maxCode is the size of a program that is read for its packages.
const maxCode = 4 << 20

func (f *File) code(data []byte) *code {
	if len(data) > maxCode {
		f.problem(Place{Line: 1, Column: 1}, "too large to be read as a program")
		return nil
	}
	file, err := source.Decode(f.Path, data)
	if err != nil {
		f.problem(Place{Line: 1, Column: 1}, err.Error())
	}
	if file == nil {
		return nil
	}
	c := &code{f: f, u: program.Parse(file), budget: 100_000, changes: map[string][]ast.Node{}}
	for _, e := range c.u.Tree.Errors {
		f.problem(c.place(e.Span.Start), "this is no Python: "+e.Message)
		break
	}
	for _, n := range c.u.Tree.Nodes() {
		switch n := n.(type) {
		case *ast.Call:
			if m, ok := n.Func.(*ast.Attribute); ok {
				if name, ok := m.Value.(*ast.Name); ok && slices.Contains([]string{"append", "extend", "insert", "add", "update"}, m.Attr) && c.u.Live(n) {
					c.changes[name.Ident] = append(c.changes[name.Ident], n)
				}
			}
		case *ast.AugAssign:
			if name, ok := n.Target.(*ast.Name); ok && c.u.Live(n) {
				c.changes[name.Ident] = append(c.changes[name.Ident], n)
			}
		case *ast.Assign:
			for _, t := range n.Targets {
				if s, ok := t.(*ast.Subscript); ok && c.u.Live(n) {
					if name, ok := s.Value.(*ast.Name); ok {
						c.changes[name.Ident] = append(c.changes[name.Ident], n)
					}
				}
			}
		}
	}
	return c
}

func (c *code) place(p source.Pos) Place {
	at := c.u.File.Position(p)
	return Place{Line: at.Line, Column: c.u.File.Runes(at) + 1}
}

// at is where a node begins; for a string, where its text does.
func (c *code) at(n ast.Node) Place {
	at := c.place(n.Span().Start)
	switch n.(type) {
	case *ast.Constant, *ast.JoinedStr:
		text := c.u.File.Text(n.Span())
		quote := strings.IndexAny(text, `"'`)
		if quote < 0 || quote > 2 {
			return at
		}
		at.Column += quote + 1
		if q := text[quote : quote+1]; strings.HasPrefix(text[quote:], q+q+q) {
			at.Column += 2
		}
	}
	return at
}

func readSetupPy(f *File, data []byte) {
	c := f.code(data)
	if c == nil {
		return
	}
	for n := range c.u.Tree.Of(ast.KindCall) {
		call := n.(*ast.Call)
		if !c.u.Live(n) || !c.isSetup(call) {
			continue
		}
		keywords := c.keywords(call)
		for _, k := range keywords {
			switch k.name {
			case "install_requires":
				c.list(k.value)
			case "setup_requires":
				c.list(k.value, "build")
			case "tests_require":
				c.list(k.value, "tests")
			case "extras_require":
				c.extras(k.value)
			}
		}
		for _, k := range keywords {
			if k.name == "name" {
				name, _ := c.u.Str(k.value)
				f.isOwn(name)
			}
		}
	}
}

func (c *code) isSetup(call *ast.Call) bool {
	if c.u.Is(call.Func, "setuptools.setup", "distutils.core.setup", "skbuild.setup", "numpy.distutils.core.setup") {
		return true
	}
	// Imported in a way that is not followed, as under try.
	switch fn := call.Func.(type) {
	case *ast.Name:
		return fn.Ident == "setup" && c.u.Definition(fn) == nil
	case *ast.Attribute:
		m, ok := fn.Value.(*ast.Name)
		return ok && fn.Attr == "setup" && (m.Ident == "setuptools" || m.Ident == "core")
	}
	return false
}

type keyword struct {
	name  string
	value ast.Expr
}

// keywords of a call, with those of ** where it is a dictionary that can be followed.
func (c *code) keywords(call *ast.Call) (out []keyword) {
	for _, k := range call.Keywords {
		if k.Arg != "" {
			out = append(out, keyword{k.Arg, k.Value})
			continue
		}
		for _, v := range c.u.Values(k.Value) {
			pairs, ok := c.dict(v)
			out = append(out, pairs...)
			if !ok {
				c.f.Lines++
				c.f.problem(c.at(k.Value), "the arguments of setup() are computed, and only running it would tell what they are")
			}
		}
		if name, ok := k.Value.(*ast.Name); ok {
			for _, n := range c.changes[name.Ident] {
				if a, ok := n.(*ast.Assign); ok {
					key, _ := c.u.Str(element(a, name.Ident))
					out = append(out, keyword{key, a.Value})
				}
			}
		}
	}
	return out
}

// element is the key that an assignment to an element of a name sets.
func element(a *ast.Assign, name string) ast.Expr {
	for _, t := range a.Targets {
		if s, ok := t.(*ast.Subscript); ok {
			if n, ok := s.Value.(*ast.Name); ok && n.Ident == name {
				return s.Slice
			}
		}
	}
	return nil
}

// dict is the entries of a dictionary that have constant keys.
func (c *code) dict(e ast.Expr) (out []keyword, ok bool) {
	switch e := e.(type) {
	case *ast.Dict:
		ok = true
		for i, k := range e.Keys {
			key, known := c.u.Str(k)
			if ok = ok && known && k != nil; known {
				out = append(out, keyword{key, e.Values[i]})
			}
		}
		return out, ok
	case *ast.Call:
		if c.u.Is(e.Func, "builtins.dict") && len(e.Args) == 0 {
			ok = true
			for _, k := range e.Keywords {
				out = append(out, keyword{k.Arg, k.Value})
				ok = ok && k.Arg != ""
			}
			return out, ok
		}
	}
	return nil, false
}

// extras reads extras_require, whose keys can have a marker: "socks:python_version<'3'".
func (c *code) extras(e ast.Expr) {
	add := func(key string, value ast.Expr, env env) {
		name, marker, _ := strings.Cut(key, ":")
		var groups []string
		if name != "" {
			groups = []string{"extra:" + pep508.Normalise(name)}
		}
		n := len(c.f.Packages)
		c.listIn(value, env, groups...)
		for i := n; i < len(c.f.Packages); i++ {
			c.f.only(&c.f.Packages[i], marker, c.f.Packages[i].At)
		}
	}
	fail := func(n ast.Node) {
		c.f.Lines++
		c.f.problem(c.at(n), "the extras are computed, and only running it would tell which there are")
	}
	for _, v := range c.u.Values(e) {
		if call, ok := v.(*ast.Call); ok && len(call.Args) == 0 {
			if def := c.u.Definition(call.Func); def != nil {
				if returns := c.returns(def); len(returns) == 1 {
					v = returns[0]
				}
			}
		}
		switch v := v.(type) {
		case *ast.DictComp:
			g := v.Generators
			name, ok := target(g)
			if !ok || v.Value == nil {
				fail(v)
				continue
			}
			all, ok := c.u.Const(g[0].Iter)
			if key, isName := v.Key.(*ast.Name); !ok || !isName || key.Ident != name {
				fail(v)
				continue
			}
			for _, x := range all.List {
				add(x.Str, v.Value, env{name: {x.Str}})
			}
		default:
			pairs, ok := c.dict(v)
			for _, k := range pairs {
				add(k.name, k.value, nil)
			}
			if !ok {
				fail(v)
			}
		}
	}
	if name, ok := e.(*ast.Name); ok {
		for _, n := range c.changes[name.Ident] {
			a, ok := n.(*ast.Assign)
			if !ok {
				continue
			}
			if key, known := c.u.Str(element(a, name.Ident)); known {
				add(key, a.Value, nil)
			} else {
				fail(a)
			}
		}
	}
}

// target is the name that the only loop of a comprehension sets.
func target(g []*ast.Comprehension) (string, bool) {
	if len(g) != 1 {
		return "", false
	}
	name, ok := g[0].Target.(*ast.Name)
	if !ok {
		return "", false
	}
	return name.Ident, true
}

// list reads an expression that is a list of requirements.
func (c *code) list(e ast.Expr, groups ...string) { c.listIn(e, nil, groups...) }

func (c *code) listIn(e ast.Expr, env env, groups ...string) {
	items, files, ok := c.flatten(e, env, 0)
	for _, i := range items {
		c.requirement(i, groups...)
	}
	c.files(files, groups...)
	if !ok {
		c.f.Lines++
		c.f.problem(c.at(e), "the list of packages is computed, and only running it would tell all of it")
	}
}

func (c *code) files(files []item, groups ...string) {
	seen := map[string]bool{}
	for _, i := range files {
		if !seen[i.text] {
			seen[i.text] = true
			c.f.file(&tree.Node{Kind: tree.String, Text: i.text, At: i.at}, groups...)
		}
	}
}

func (c *code) requirement(i item, groups ...string) {
	if i.hole {
		c.f.Lines++
		before, _, _ := strings.Cut(i.text, "\x00")
		name := packageName(before)
		c.f.put(Package{Name: pep508.Normalise(name), Written: name, Groups: groups, Why: "the program computes a part of it", At: i.at})
		return
	}
	// setuptools takes one string for the lines of a list.
	for l := range strings.SplitSeq(i.text, "\n") {
		if l = withoutComment(l); l != "" {
			c.f.Lines++
			c.f.require(l, i.at, groups...)
		}
	}
}

// flatten gives the texts of a list, and the files that it is read from. ok is whether that is
// all.
func (c *code) flatten(e ast.Expr, in env, depth int) (items, files []item, ok bool) {
	if c.budget--; c.budget < 0 || depth > 20 || e == nil {
		return nil, nil, false
	}
	ok = true
	join := func(e ast.Expr, in env) {
		i, f, o := c.flatten(e, in, depth+1)
		items, files, ok = append(items, i...), append(files, f...), ok && o
	}
	switch e := e.(type) {
	case *ast.List:
		for _, x := range e.Elts {
			join(x, in)
		}
		return
	case *ast.Tuple:
		for _, x := range e.Elts {
			join(x, in)
		}
		return
	case *ast.Set:
		for _, x := range e.Elts {
			join(x, in)
		}
		return
	case *ast.Starred:
		join(e.Value, in)
		return
	case *ast.BinOp:
		if e.Op == ast.Add {
			if s, known := c.u.Str(e); known {
				return []item{{text: s, at: c.at(e)}}, nil, true
			}
			join(e.Left, in)
			join(e.Right, in)
			return
		}
	case *ast.IfExp:
		join(e.Body, in)
		join(e.Orelse, in)
		return
	case *ast.BoolOp:
		for _, x := range e.Values {
			join(x, in)
		}
		return
	case *ast.Constant:
		if s, known := c.u.Str(e); known {
			return []item{{text: s, at: c.at(e)}}, nil, true
		}
		return nil, nil, !strings.ContainsAny(e.Raw, "0123456789") // None is no package
	case *ast.JoinedStr:
		text, hole := c.joined(e, in)
		return []item{{text, c.at(e), hole}}, nil, true
	case *ast.Name:
		if v, known := in[e.Ident]; known {
			for _, s := range v {
				items = append(items, item{text: s, at: c.at(e)})
			}
			return
		}
		values := c.u.Values(e)
		if len(values) == 0 {
			ok = false
		}
		for _, v := range values {
			if aug, isAug := c.u.Statement(v).(*ast.AugAssign); isAug && ast.Expr(v) == aug.Value {
				continue // comes with the changes
			}
			if v == ast.Expr(e) {
				ok = len(c.changes[e.Ident]) > 0 && len(c.u.Bindings(e)) > 0
				for _, b := range c.u.Bindings(e) {
					if a, is := b.(*ast.Assign); is {
						join(a.Value, in)
						ok = true
					}
				}
				continue
			}
			join(v, in)
		}
		for _, n := range c.changes[e.Ident] {
			if c.budget--; c.budget < 0 {
				return nil, nil, false
			}
			if c.u.Function(n) != c.u.Function(e) && c.u.Function(n) != nil {
				continue
			}
			switch n := n.(type) {
			case *ast.AugAssign:
				join(n.Value, in)
			case *ast.Call:
				if len(n.Args) > 0 {
					join(n.Args[len(n.Args)-1], in)
				}
			}
		}
		return
	case *ast.Subscript:
		if name, is := e.Value.(*ast.Name); is {
			key, known := c.u.Str(e.Slice)
			found := false
			for _, v := range c.u.Values(name) {
				pairs, _ := c.dict(v)
				for _, k := range pairs {
					if k.name == key && known {
						join(k.value, in)
						found = true
					}
				}
			}
			return items, files, ok && found
		}
	case *ast.Call:
		if c.u.Is(e.Func, "builtins.list", "builtins.tuple", "builtins.set", "builtins.sorted") {
			for _, x := range e.Args[:min(1, len(e.Args))] {
				join(x, in)
			}
			return
		}
		if s, known := c.u.Str(e); known {
			return []item{{text: s, at: c.at(e)}}, nil, true
		}
		// "a b c".split(), and text with the lines of a list
		if m, is := e.Func.(*ast.Attribute); is {
			if s, known := c.u.Str(m.Value); known {
				words := strings.Fields(s)
				if len(e.Args) == 1 {
					if by, known := c.u.Str(e.Args[0]); known && by != "" {
						words = strings.Split(s, by)
					}
				}
				switch m.Attr {
				case "splitlines":
					words = strings.Split(s, "\n")
					fallthrough
				case "split":
					for _, w := range words {
						items = append(items, item{text: w, at: c.at(m.Value)})
					}
					return
				case "strip", "rstrip", "lstrip", "format":
					return []item{{text: strings.ReplaceAll(s, "{}", "\x00"), at: c.at(m.Value), hole: m.Attr == "format"}}, nil, true
				}
			}
		}
		if def := c.u.Definition(e.Func); def != nil {
			inner := c.bind(def, e, in)
			var all []item
			var more []item
			known := true
			for _, r := range c.returns(def) {
				i, f, o := c.flatten(r, inner, depth+1)
				all, more, known = append(all, i...), append(more, f...), known && o
			}
			if known && (len(all) > 0 || len(more) > 0) {
				return all, more, true
			}
			for _, s := range def.Body {
				files = append(files, c.reads(s, inner, depth+1)...)
			}
			return nil, files, len(files) > 0
		}
	}
	files = c.reads(e, in, depth+1)
	return nil, files, len(files) > 0
}

// returns are the values that a function gives back.
func (c *code) returns(def *ast.FunctionDef) (out []ast.Expr) {
	var walk func(n ast.Node, depth int)
	walk = func(n ast.Node, depth int) {
		if c.budget--; c.budget < 0 || depth > 200 {
			return
		}
		switch n := n.(type) {
		case *ast.FunctionDef, *ast.ClassDef, *ast.Lambda:
			return
		case *ast.Return:
			if n.Value != nil {
				out = append(out, n.Value)
			}
			return
		}
		ast.Children(n, func(k ast.Node) { walk(k, depth+1) })
	}
	for _, s := range def.Body {
		walk(s, 0)
	}
	return out
}

// bind gives the parameters of a function what a call hands over, where that is constant.
func (c *code) bind(def *ast.FunctionDef, call *ast.Call, in env) env {
	out := env{}
	if def.Args == nil {
		return out
	}
	var positions []string
	for _, a := range slices.Concat(def.Args.Posonlyargs, def.Args.Args) {
		positions = append(positions, a.Arg)
	}
	i := 0
	give := func(values ...string) {
		for _, v := range values {
			switch {
			case i < len(positions):
				out[positions[i]] = []string{v}
			case def.Args.Vararg != nil:
				out[def.Args.Vararg.Arg] = append(out[def.Args.Vararg.Arg], v)
			}
			i++
		}
	}
	for _, a := range call.Args {
		if s, ok := a.(*ast.Starred); ok {
			if n, ok := s.Value.(*ast.Name); ok && in[n.Ident] != nil {
				give(in[n.Ident]...)
				continue
			}
			return out
		}
		s, ok := c.path(a, in, 0)
		if !ok {
			i++
			continue
		}
		give(s...)
	}
	for _, k := range call.Keywords {
		if s, ok := c.path(k.Value, in, 0); ok && k.Arg != "" {
			out[k.Arg] = s
		}
	}
	return out
}

// reads finds the files that an expression reads: open("requirements.txt").read(),
// Path(…).read_text(), parse_requirements("…"), also in functions of this program.
func (c *code) reads(n ast.Node, in env, depth int) (files []item) {
	if c.budget--; c.budget < 0 || depth > 60 {
		return nil
	}
	if call, ok := n.(*ast.Call); ok {
		var where ast.Expr
		name := ast.LastName(call.Func)
		switch {
		case c.u.Is(call.Func, "builtins.open", "io.open", "codecs.open"), name == "parse_requirements":
			where = program.Arg(call, 0, "file")
			if where == nil {
				where = program.Arg(call, 0, "filename")
			}
		case name == "read_text", name == "read_bytes", name == "open":
			where = call.Func.(*ast.Attribute).Value
		}
		if where != nil {
			if p, ok := c.path(where, in, 0); ok && len(p) == 1 && isList(p[0]) {
				return []item{{text: path.Clean(p[0]), at: c.at(call)}}
			}
		}
		if def := c.u.Definition(call.Func); def != nil && depth < 50 {
			inner := c.bind(def, call, in)
			for _, s := range def.Body {
				files = append(files, c.reads(s, inner, depth+10)...)
			}
			if files != nil {
				return files
			}
		}
	}
	if name, ok := n.(*ast.Name); ok && in[name.Ident] == nil {
		for _, v := range c.u.Values(name) {
			if v != ast.Expr(name) && depth < 50 {
				files = append(files, c.reads(v, in, depth+10)...)
			} else if w := c.with(name); w != nil && depth < 50 {
				files = append(files, c.reads(w, in, depth+10)...)
			}
		}
		return files
	}
	ast.Children(n, func(k ast.Node) { files = append(files, c.reads(k, in, depth+1)...) })
	return files
}

// isList says whether a file can be a list of packages: a program that reads another one, or
// settings, picks something out of it.
func isList(p string) bool {
	switch path.Ext(p) {
	case "", ".txt", ".in", ".pip", ".lst":
		return p != ""
	}
	return false
}

// with is what a name stands for that a with statement sets.
func (c *code) with(name *ast.Name) ast.Expr {
	for _, b := range c.u.Bindings(name) {
		w, ok := b.(*ast.With)
		if !ok {
			continue
		}
		for _, i := range w.Items {
			if v, ok := i.OptionalVars.(*ast.Name); ok && v.Ident == name.Ident {
				return i.ContextExpr
			}
		}
	}
	return nil
}

// path folds a path, or the pieces of one. The program's own folder and the one that it is
// started in are both "".
func (c *code) path(e ast.Expr, in env, depth int) (pieces []string, ok bool) {
	if c.budget--; c.budget < 0 || depth > 20 || e == nil {
		return nil, false
	}
	if s, ok := c.u.Str(e); ok {
		return []string{s}, true
	}
	one := func(e ast.Expr) (string, bool) {
		p, ok := c.path(e, in, depth+1)
		return path.Join(p...), ok
	}
	switch e := e.(type) {
	case *ast.Name:
		if v, ok := in[e.Ident]; ok {
			return v, true
		}
		if e.Ident == "__file__" {
			return []string{"setup.py"}, true
		}
		if v := c.u.Values(e); len(v) == 1 && v[0] != ast.Expr(e) {
			return c.path(v[0], in, depth+1)
		}
	case *ast.Starred:
		return c.path(e.Value, in, depth+1)
	case *ast.JoinedStr:
		text, hole := c.joined(e, in)
		return []string{text}, !hole
	case *ast.BinOp:
		l, ok1 := one(e.Left)
		r, ok2 := one(e.Right)
		switch {
		case !ok1 || !ok2:
		case e.Op == ast.Div:
			return []string{path.Join(l, r)}, true
		case e.Op == ast.Add:
			return []string{l + r}, true
		}
	case *ast.Attribute:
		if e.Attr == "parent" {
			p, ok := one(e.Value)
			return []string{folder(p)}, ok
		}
	case *ast.Call:
		switch {
		case c.u.Is(e.Func, "os.getcwd", "pathlib.Path.cwd"):
			return []string{""}, true
		case c.u.Is(e.Func, "os.path.join"), c.u.Is(e.Func, "pathlib.Path"):
			var all []string
			for _, a := range e.Args {
				p, ok := c.path(a, in, depth+1)
				if !ok {
					return nil, false
				}
				all = append(all, p...)
			}
			return []string{path.Join(all...)}, true
		case c.u.Is(e.Func, "os.path.dirname") && len(e.Args) == 1:
			p, ok := one(e.Args[0])
			return []string{folder(p)}, ok
		case c.u.Is(e.Func, "os.path.abspath", "os.path.realpath", "os.path.normpath", "builtins.str") && len(e.Args) == 1:
			return c.path(e.Args[0], in, depth+1)
		}
		if m, is := e.Func.(*ast.Attribute); is {
			switch m.Attr {
			case "resolve", "absolute":
				return c.path(m.Value, in, depth+1)
			case "joinpath":
				p, ok := one(m.Value)
				for _, a := range e.Args {
					q, also := one(a)
					p, ok = path.Join(p, q), ok && also
				}
				return []string{p}, ok
			}
		}
	}
	return nil, false
}

// folder is what a path stands in; the project's is "".
func folder(p string) string {
	if p = path.Dir(p); p == "." {
		return ""
	}
	return p
}

// joined is an f-string with \x00 for what is not known.
func (c *code) joined(e *ast.JoinedStr, in env) (text string, hole bool) {
	var b strings.Builder
	for _, v := range e.Values {
		if s, ok := c.u.Str(v); ok {
			b.WriteString(s)
			continue
		}
		if f, ok := v.(*ast.FormattedValue); ok {
			if s, ok := c.path(f.Value, in, 0); ok && len(s) == 1 {
				b.WriteString(s[0])
				continue
			}
		}
		b.WriteByte(0)
		hole = true
	}
	return b.String(), hole
}

// readNoxfile reads what the sessions of a noxfile install.
func readNoxfile(f *File, data []byte) {
	c := f.code(data)
	if c == nil {
		return
	}
	for n := range c.u.Tree.Of(ast.KindCall) {
		call := n.(*ast.Call)
		if !c.u.Live(n) {
			continue
		}
		m, ok := call.Func.(*ast.Attribute)
		if !ok {
			continue
		}
		receiver, ok := m.Value.(*ast.Name)
		if !ok || !c.u.IsParameter(receiver) || receiver.Ident != "session" && !c.isSession(c.u.Function(call)) {
			continue
		}
		skip := 0 // words before the packages
		switch m.Attr {
		case "install", "conda_install":
		case "run", "run_install", "run_always":
			if skip = c.pipInstall(call); skip == 0 {
				continue
			}
		default:
			continue
		}
		group := "nox"
		if def := c.u.Function(call); def != nil {
			group += ":" + def.Name
		}
		c.arguments(call.Args[skip:], m.Attr == "conda_install", group)
	}
}

// pipInstall is how many arguments of a call say that pip is to install what follows: "pip",
// "install" are two; 0 if they say something else.
func (c *code) pipInstall(call *ast.Call) int {
	for _, words := range [][]string{{"pip", "install"}, {"python", "-m", "pip", "install"}, {"uv", "pip", "install"}} {
		n := 0
		for n < len(words) && n < len(call.Args) {
			if s, ok := c.u.Str(call.Args[n]); !ok || s != words[n] {
				break
			}
			n++
		}
		if n == len(words) {
			return n
		}
	}
	return 0
}

// isSession says whether nox calls a function, and gives it a session.
func (c *code) isSession(def *ast.FunctionDef) bool {
	if def == nil {
		return false
	}
	return slices.ContainsFunc(def.DecoratorList, func(d ast.Expr) bool {
		if call, ok := d.(*ast.Call); ok {
			d = call.Func
		}
		return c.u.Is(d, "nox.session", "nox.sessions.session", "nox_poetry.session")
	})
}

// arguments reads those of a call as pip, or conda, would get them.
func (c *code) arguments(args []ast.Expr, conda bool, group string) {
	var words []item
	for _, a := range args {
		if s, ok := a.(*ast.Starred); ok {
			if x, ok := s.Value.(*ast.Attribute); ok && x.Attr == "posargs" {
				continue // what the user of nox adds
			}
		}
		items, files, ok := c.flatten(a, nil, 0)
		words = append(words, items...)
		c.files(files, group)
		if !ok {
			c.f.Lines++
			c.f.problem(c.at(a), "what is installed is computed, and only running it would tell what it is")
		}
	}
	c.f.pipWords(words, conda, group)
}

// quiet are options of pip install that say nothing of packages.
var quiet = []string{"-q", "-qq", "--quiet", "-v", "--verbose", "-U", "--upgrade", "--no-deps", "--force-reinstall", "--user", "--no-build-isolation", "--no-cache-dir", "--use-pep517", "--isolated", "--upgrade-strategy", "--progress-bar", "--group", "--override-channels", "--system"}

// pipWords reads the words of a pip install.
func (f *File) pipWords(words []item, conda bool, group string) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case conda && strings.HasPrefix(w.text, "-"):
			f.Lines++
			if w.text == "-c" || w.text == "--channel" {
				i++
			}
		case conda:
			f.condaSpec(&tree.Node{Kind: tree.String, Text: w.text, At: w.at}, group)
		case slices.Contains(quiet, w.text):
			f.Lines++
			if (w.text == "--upgrade-strategy" || w.text == "--progress-bar" || w.text == "--group") && i+1 < len(words) {
				i++
			}
		case strings.HasPrefix(w.text, "-") && !w.hole:
			name, _, has := strings.Cut(w.text, "=")
			if long := shortOptions[name]; long != "" {
				name = long
			}
			text := w.text
			if _, takes, known := option(name); known && takes && !has && i+1 < len(words) {
				i++
				text += " '" + words[i].text + "'"
				if words[i].hole {
					f.Lines++
					f.problem(w.at, "the program computes what follows "+w.text)
					continue
				}
			}
			f.requirementLine(line{text, w.at}, group)
		case w.hole:
			f.Lines++
			before, _, _ := strings.Cut(w.text, "\x00")
			name := packageName(before)
			f.put(Package{Name: pep508.Normalise(name), Written: name, Groups: []string{group}, Why: "the program computes a part of it", At: w.at})
		case strings.TrimSpace(w.text) != "":
			f.requirementLine(line{strings.TrimSpace(w.text), w.at}, group)
		}
	}
}
