package testkit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/gambeson/gambeson/"

// A pkg is a folder with Go files, whatever system they are for.
type pkg struct {
	name  string // below the module, and without internal/: python/ast
	files map[string]*ast.File
}

// packages reads imports and package comments of the whole module. It reads files and does
// not ask go list, which would show those of one system only.
func packages(t *testing.T) []*pkg {
	t.Helper()
	root := Root(t)
	byName := map[string]*pkg{}
	var list []*pkg
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := e.Name(); e.IsDir() && file != root && (name[0] == '.' || name[0] == '_' || name == "testdata") {
			return fs.SkipDir
		}
		if e.IsDir() || !strings.HasSuffix(file, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		name := strings.TrimPrefix(path.Dir(rel), "internal/")
		p := byName[name]
		if p == nil {
			p = &pkg{name, map[string]*ast.File{}}
			byName[name] = p
			list = append(list, p)
		}
		p.files[rel] = f
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func isTest(file string) bool { return strings.HasSuffix(file, "_test.go") }

// product reports whether the package has files that are not tests.
func (p *pkg) product() bool {
	for file := range p.files {
		if !isTest(file) {
			return true
		}
	}
	return false
}

func imports(f *ast.File) (out []string) {
	for _, i := range f.Imports {
		s, _ := strconv.Unquote(i.Path.Value)
		out = append(out, s)
	}
	return out
}

// house lists the packages of the module that the product part imports.
func (p *pkg) house() (out []string) {
	for file, f := range p.files {
		for _, s := range imports(f) {
			if s, ok := strings.CutPrefix(s, module); ok && !isTest(file) {
				out = append(out, strings.TrimPrefix(s, "internal/"))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestPackageComments: a package begins with a paragraph that says what it is for.
func TestPackageComments(t *testing.T) {
	for _, p := range packages(t) {
		has, begins := false, false
		for file, f := range p.files {
			if f.Doc == nil || isTest(file) {
				continue
			}
			has = true
			text := f.Doc.Text()
			begins = begins || strings.HasPrefix(text, "Package "+f.Name.Name+" ") || f.Name.Name == "main" && strings.HasPrefix(text, "Command ")
		}
		switch {
		case !p.product():
		case !has:
			t.Errorf("%s: no file says above its package clause what the package is for", p.name)
		case !begins:
			t.Errorf("%s: the package comment begins with Package and its name, or with Command", p.name)
		}
	}
}

// TestNoCgo: with cgo the binary would not be static, and not be built for another system.
func TestNoCgo(t *testing.T) {
	for _, p := range packages(t) {
		for file, f := range p.files {
			if slices.Contains(imports(f), "C") {
				t.Errorf("%s imports C", file)
			}
		}
	}
}

// TestNoTemplates: text/template calls methods by names that only the running program knows,
// and then the linker keeps every exported method that there is: 2.2 of 25 MB. html/template
// is made of it. Pages are written with report/markup.
func TestNoTemplates(t *testing.T) {
	looked := 0
	for _, p := range packages(t) {
		for file, f := range p.files {
			if looked++; isTest(file) {
				continue
			}
			for _, s := range imports(f) {
				if s == "text/template" || s == "html/template" {
					t.Errorf("%s imports %s", file, s)
				}
			}
		}
	}
	if looked < 300 {
		t.Errorf("looked at %d files only", looked)
	}
}

// TestReasons: each module that comes from others has its sentence in RATIONALE.md, those in
// the binary for any of the systems that it is built for, and those that only tests use.
func TestReasons(t *testing.T) {
	root := Root(t)
	data, err := os.ReadFile(filepath.Join(root, "RATIONALE.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(data), "\n## Dependencies\n")
	if !ok {
		t.Fatal("RATIONALE.md has no part that is called Dependencies")
	}
	text, _, _ = strings.Cut(text, "\n## ")
	table, tests, ok := strings.Cut(text, "\nFor tests only:")
	if !ok {
		t.Fatal("RATIONALE.md does not say what is for tests only")
	}
	names := func(text, mod string) bool {
		pattern := `\b` + regexp.QuoteMeta(strings.TrimPrefix(mod, "github.com/")) + `([^-\w]|$)`
		return regexp.MustCompile(pattern).MatchString(text)
	}

	product := map[string]bool{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, mod := range modules(t, root, system, "./cmd/gambeson") {
			product[mod] = true
			if !names(table, mod) {
				t.Errorf("%s is in the binary for %s, and the table in RATIONALE.md does not say why", mod, system)
			}
		}
	}
	if len(product) < 5 {
		t.Errorf("only %d modules in the binary: is go list read as it should be?", len(product))
	}
	all := modules(t, root, "", "-test", "./...")
	for _, mod := range all {
		if !product[mod] && !names(tests, mod) && !names(table, mod) {
			t.Errorf("%s is used by tests, and RATIONALE.md does not say what for", mod)
		}
	}
	// A reason for something that is gone misleads: each row of the table names a module that is used.
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) < 4 || strings.HasPrefix(strings.TrimSpace(cells[1]), "module") || strings.HasPrefix(cells[1], "---") {
			continue
		}
		if !slices.ContainsFunc(all, func(mod string) bool { return names(cells[1], mod) }) {
			t.Errorf("RATIONALE.md has a reason for %s, which nothing uses", strings.TrimSpace(cells[1]))
		}
	}
}

// modules lists the modules of others that the packages need, as go list knows them.
func modules(t *testing.T, root, system string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}"}, args...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if system != "" {
		cmd.Env = append(cmd.Env, "GOOS="+system)
	}
	out, err := cmd.Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			t.Fatalf("go list: %v\n%s", err, e.Stderr)
		}
		t.Fatal(err)
	}
	list := strings.Fields(string(out))
	slices.Sort(list)
	return slices.Compact(list)
}

// TestDirect: a module that the code imports by name is not marked as somebody else's need.
func TestDirect(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(Root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, p := range packages(t) {
		for _, f := range p.files {
			for _, s := range imports(f) {
				for ; strings.Contains(s, "/"); s = path.Dir(s) {
					used[s] = true
				}
			}
		}
	}
	for line := range strings.Lines(string(data)) {
		if words := strings.Fields(line); len(words) == 4 && words[3] == "indirect" && used[words[0]] {
			t.Errorf("%s is imported, but go.mod calls it indirect: run go mod tidy", words[0])
		}
	}
}
