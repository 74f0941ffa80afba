package models

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// read parses every file, and fails for each that cannot be.
func read(t *testing.T) map[string]*Model {
	t.Helper()
	files, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*Model{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(file, data)
		if err != nil {
			t.Error(err)
			continue
		}
		all[strings.TrimSuffix(file, ".yaml")] = m
	}
	return all
}

func entries(m *Model) int {
	return len(m.Sources) + len(m.Routes) + len(m.Sinks) + len(m.Sanitizers) + len(m.Guards) + len(m.Returns) + len(m.Validators) + len(m.Forms) + len(m.Records) + len(m.Keeps) + len(m.Rows) + len(m.Stores) + len(m.Shelves) + len(m.Callers) + len(m.Raises) + len(m.Same) + len(m.Programs)
}

// What is compiled in is what the files say.
func TestTable(t *testing.T) {
	all := read(t)
	n := 0
	for _, m := range all {
		n += entries(m)
	}
	if len(all) < 120 || n < 4000 {
		t.Errorf("%d models with %d entries: some are lost", len(all), n)
	}
	t.Logf("%d models, %d entries", len(all), n)
	if len(table) != len(all) {
		t.Fatalf("%d models compiled in, %d files: run go generate", len(table), len(all))
	}
	for _, name := range sorted(all) {
		m := all[name]
		i := slices.IndexFunc(table[:], func(o Model) bool { return o.Library == m.Library })
		if i < 0 || !reflect.DeepEqual(normal(table[i]), normal(*m)) {
			t.Errorf("%s.yaml and the table differ: run go generate", name)
		}
	}
}

// normal takes the difference between no rows and none out.
func normal(m Model) Model {
	v := reflect.ValueOf(&m).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Len() == 0 {
			f.SetZero()
		}
	}
	return m
}

func sorted(all map[string]*Model) []string {
	var names []string
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// A file is found by the library's name, or by a module's.
func TestFileNames(t *testing.T) {
	plain := strings.NewReplacer("-", "", "_", "", " ", "", ".", "")
	all := read(t)
	libraries := map[string]string{}
	for _, name := range sorted(all) {
		m := all[name]
		if other, ok := libraries[m.Library]; ok {
			t.Errorf("%s.yaml and %s.yaml are both %s", name, other, m.Library)
		}
		libraries[m.Library] = name
		names := []string{plain.Replace(strings.ToLower(m.Library))}
		for _, i := range m.Imports {
			top, _, _ := strings.Cut(i, ".")
			names = append(names, plain.Replace(strings.ToLower(i)), plain.Replace(strings.ToLower(top)))
		}
		if !slices.ContainsFunc(names, func(n string) bool { return n == plain.Replace(name) || strings.HasPrefix(n, plain.Replace(name)) }) {
			t.Errorf("%s.yaml: nobody who looks for %s finds it under this name", name, m.Library)
		}
		for i, module := range m.Imports {
			if slices.Contains(m.Imports[:i], module) {
				t.Errorf("%s.yaml: %s is listed twice", name, module)
			}
		}
	}
}

// A row that stands twice is changed once and stays as it was. Weak ones, by a method or a
// parameter, may stand in several files: only those count whose library is imported.
func TestDuplicates(t *testing.T) {
	all := read(t)
	seen := map[any]string{}
	for _, name := range sorted(all) {
		m := all[name]
		once := func(row any, strong bool) {
			if !strong {
				row = [2]any{name, row}
			}
			if other, ok := seen[row]; ok {
				t.Errorf("%s.yaml: %+v is in %s.yaml already", name, row, other)
			}
			seen[row] = name
		}
		for _, s := range m.Sources {
			once([4]string{"source", s.Value + s.Method, s.Call, s.Parameter}, s.Parameter == "" && s.Unbound == "")
		}
		for _, r := range m.Routes {
			byName := r.Decorator + r.Base + r.Register
			once([6]string{"route", r.Decorator, r.Base, r.Register, r.Function + r.Mark + strings.Join(append(r.Signature, r.Class...), ","), strings.Join(r.Handlers, " ")}, byName != "" && !strings.HasPrefix(r.Decorator, "*"))
		}
		for _, s := range m.Sinks {
			once(s, s.Method == "")
		}
		for _, s := range m.Sanitizers {
			once([5]string{"sanitizer", s.Call, s.Method, s.Value, s.When + strings.Join(s.Clears, " ")}, s.Method == "")
		}
		for _, g := range m.Guards {
			once([5]string{"guard", g.Call, g.Method, g.Argument}, true)
		}
		for _, r := range m.Returns {
			once(r, true)
		}
		for _, o := range m.Options {
			once([2]string{"option", o.Call}, true)
		}
		for _, v := range m.Validators {
			once(v, true)
		}
		for _, f := range m.Forms {
			once(f, true)
		}
		for _, r := range m.Records {
			once(r, true)
		}
		for _, k := range m.Keeps {
			once(k, true)
		}
		for _, r := range m.Rows {
			once([2]string{"row", r.Call + r.Value + r.Field}, true)
		}
		for _, s := range m.Stores {
			once([2]string{"store", s.Call + s.Method + s.Argument}, true)
		}
		for _, s := range m.Shelves {
			once([2]string{"shelf", s.Call + s.Key + s.Value}, true)
		}
		for _, x := range m.Callers {
			once([2]string{"caller", x.Decorator}, true)
		}
		for _, r := range m.Raises {
			once([2]string{"raise", r.Call}, true)
		}
		for _, s := range m.Same {
			once([2]string{"same", s.Call}, true)
		}
		for _, p := range m.Programs {
			once([2]string{"program", p.Name}, true)
		}
	}
}

// Names that end in "()" are objects: they are read, not called, unless they are callable.
func TestCallsAreNoObjects(t *testing.T) {
	for name, m := range read(t) {
		for _, s := range m.Sources {
			if strings.HasSuffix(s.Call, "()") {
				t.Errorf("%s.yaml: the source %s is a value", name, s.Call)
			}
		}
		for _, r := range m.Routes {
			if n := r.Base + r.Register; strings.HasSuffix(n, "()") {
				t.Errorf("%s.yaml: the route %s is an object", name, n)
			}
		}
		for _, r := range m.Returns {
			if strings.HasSuffix(r.Type, ")") || strings.HasSuffix(r.Type, "]") {
				t.Errorf("%s.yaml: %s is no class", name, r.Type)
			}
			if r.Call == r.Type {
				t.Errorf("%s.yaml: %s returns itself", name, r.Call)
			}
		}
	}
}

func TestKindsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range read(t) {
		for _, s := range m.Sinks {
			k, _ := ParseKind(s.Kind)
			for i, n := range kindNames {
				used[n] = used[n] || k&(1<<i) != 0
			}
		}
	}
	for _, k := range kindNames {
		if !strings.Contains(string(doc), "| `"+k+"` |") {
			t.Errorf("docs/models.md does not say what %s is", k)
		}
		if !used[k] && k != "html.attribute" && k != "html.address" && k != "sibling" { // which pages lead to
			t.Errorf("no sink is of the kind %s", k)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"imports: [x]", "library is needed"},
		{"library: X\nsources: [{value: a, call: b}]", "source 1: exactly one of value, call, method, parameter or unbound is needed"},
		{"library: X\nsources: [{value: a.b, kind: remote}]", "source 1 (a.b): kind is \"remote\": use untrusted, local"},
		{"library: X\nsinks: [{call: a.b, argument: 0|q, kind: sqli}]", "unknown kind \"sqli\""},
		{"library: X\nsinks: [{call: a.b, kind: sql.text}]", "argument is needed"},
		{"library: X\nsinks: [{call: a.b, argument: q|0, kind: sql.text}]", "argument is \"q|0\""},
		{"library: X\nsinks: [{call: a.b, argument: \"0\", kind: sql.text, when: shell=}]", "when is \"shell=\""},
		{"library: X\nsinks: [{call: a..b, argument: \"0\", kind: sql.text}]", "\"a..b\" is no qualified name"},
		{"library: X\nsinks: [{call: \"a.{b\", argument: \"0\", kind: sql.text}]", "\"a.{b\" is no qualified name"},
		{"library: X\nsinks: [{cal: a}]", "unknown field \"cal\""},
		{"library: X\nroutes: [{decorator: a, parameters: request}]", "parameters: request goes with"},
		{"library: X\nroutes: [{base: a, parameters: path}]", "base goes with handlers"},
		{"library: X\nroutes: [{decorator: a, first: [setup], parameters: path}]", "first goes with base"},
		{"library: X\noptions: [{call: a, default: 'a b'}]", "a b"},
		{"library: X\nsanitizers: [{call: a}]", "clears is needed"},
		{"library: X\nguards: [{call: a, argument: \"0\", clears: all, holds: maybe}]", "holds is \"maybe\""},
		{"library: X\nvalidators: [{call: a, pattern: \"0\", choices: \"1\"}]", "exactly one of pattern"},
		{"library: X\nvalidators: [{decorator: a, checks: all}]", "checks is \"all\": use field, whole, makes"},
		{"library: X\nforms: [{call: a, gives: parameter}]", "gives is \"parameter\": use result"},
		{"library: X\nforms: [{call: a, gives: fields}]", "attribute goes with"},
		{"library: X\nreturns: [{call: a, type: a-b}]", "\"a-b\" is no qualified name"},
		{"library: X\nreturns: [{call: \"" + strings.Repeat("{a,b,c,d}", 30) + "\", type: a}]", "more than 1000 names"},
	} {
		m, err := Parse("x.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "x.yaml: ") {
			t.Errorf("%s\n  got  %v\n  want %s", c.text, err, c.want)
		}
		if m != nil {
			t.Errorf("%s: a model with errors is returned", c.text)
		}
	}
}

func TestBraces(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"os.remove", "os.remove"},
		{"os.{remove,unlink}", "os.remove os.unlink"},
		{"{a,b}.{c,d}", "a.c a.d b.c b.d"},
		{"a.{b,c.{d,e}}.f", "a.b.f a.c.d.f a.c.e.f"},
		{"a.{b,c", "a.{b,c"},
	} {
		if got := strings.Join(braces(c.in), " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.in, got, c.want)
		}
	}
}

func TestParseArgument(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Argument
	}{
		{"0", Argument{Position: 0}},
		{"sql", Argument{Position: -1, Name: "sql"}},
		{"1|sql", Argument{Position: 1, Name: "sql"}},
		{"0|args[0]", Argument{Position: 0, Name: "args", Element: First}},
		{"args[1:]", Argument{Position: -1, Name: "args", Element: Others}},
		{"0|values[key]", Argument{Position: 0, Name: "values", Element: Keys}},
		{"2|headers[Content-Type]", Argument{Position: 2, Name: "headers", Key: "content-type"}},
		{"all", Argument{Role: Every, Position: -1}},
		{"rest", Argument{Role: Rest, Position: -1}},
		{"self", Argument{Role: Self, Position: -1}},
		{"key", Argument{Role: Key, Position: -1}},
		{"**", Argument{Role: Named, Position: -1}},
		{"", Argument{Role: Value, Position: -1}},
	} {
		if got, err := ParseArgument(c.in); err != nil || got != c.want {
			t.Errorf("%q: got %+v, %v", c.in, got, err)
		}
	}
	for _, bad := range []string{"0|", "|sql", "a|b", "-1", "a b", "0|args[2]", "a|0"} {
		if got, err := ParseArgument(bad); err == nil {
			t.Errorf("%q: got %+v", bad, got)
		}
	}
}

func TestParseConditions(t *testing.T) {
	got, err := ParseConditions("shell=True, !1|Loader=SafeLoader|CSafeLoader, filter, key=Location, headers[content-type]=text/html")
	want := []Condition{
		{Argument: Argument{Position: -1, Name: "shell"}, Values: []string{"True"}},
		{Argument: Argument{Position: 1, Name: "Loader"}, Not: true, Values: []string{"SafeLoader", "CSafeLoader"}},
		{Argument: Argument{Position: -1, Name: "filter"}},
		{Argument: Argument{Role: Key, Position: -1}, Values: []string{"Location"}},
		{Argument: Argument{Position: -1, Name: "headers", Key: "content-type"}, Values: []string{"text/html"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestParseKinds(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"html", "html.text html.attribute html.script html.address"},
		{"command !command.shell", "command.argument command.program"},
		{"!path path", ""},
		{"sql.text", "sql.text"},
	} {
		if k, err := ParseKinds(strings.Fields(c.in)); err != nil || k.String() != c.want {
			t.Errorf("%s: got %s, %v", c.in, k, err)
		}
	}
	climb, _ := ParseKind("path.climb")
	if k, _ := ParseKinds([]string{"all", "!path"}); k == All || k&climb != 0 {
		t.Errorf("all but path is %s", k)
	}
}

// Whoever writes a model finds each key of it in the documentation.
func TestKeysAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		for f := range of.Fields() {
			key := f.Tag.Get("yaml")
			said := func(as string) bool { return strings.Contains(string(doc), as) }
			if !said("`"+key+"`") && !said("`"+key+": ") && !said("    "+key+":\n") {
				t.Errorf("docs/models.md does not say what %s is in %s", key, of.Name())
			}
			if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
				walk(f.Type.Elem())
			}
		}
	}
	walk(reflect.TypeFor[Model]())
}

// What the documentation shows can be written so.
func TestDocumentedExamples(t *testing.T) {
	doc, err := os.ReadFile("../../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var block strings.Builder
	for line := range strings.Lines(string(doc) + "\nend\n") {
		if code, ok := strings.CutPrefix(line, "    "); ok {
			block.WriteString(code)
			continue
		}
		text := block.String()
		block.Reset()
		if !strings.Contains(text, ":\n  - ") {
			continue
		}
		if !strings.HasPrefix(text, "library:") {
			text = "library: X\n" + text
		}
		if _, err := Parse("models.md", []byte(text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		n++
	}
	if n < 7 {
		t.Errorf("%d examples: a section has none", n)
	}
}
