package parser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/testkit"
)

// An interpreter is a CPython to compare with. Any from 3.11 on will do; the place of
// things inside f-strings is comparable from 3.13 on.
type interpreter struct {
	path  string
	minor int
	lib   string
}

// python finds the interpreter: $GAMBESON_PYTHON, or python3 in the path.
func python(t testing.TB) interpreter {
	t.Helper()
	path := os.Getenv("GAMBESON_PYTHON")
	if path == "" {
		path = "python3"
	}
	out, err := exec.Command(path, "-c", "import os, sys; print(*sys.version_info[:2], os.path.dirname(os.__file__))").Output()
	if err != nil {
		testkit.Missing(t, "python", "no Python to compare with: %v", err)
	}
	var major int
	py := interpreter{path: path}
	if _, err := fmt.Sscan(string(out), &major, &py.minor, &py.lib); err != nil || major != 3 || py.minor < 11 {
		testkit.Missing(t, "python", "%s is Python %s; 3.11 or newer is needed", path, bytes.TrimSpace(out))
	}
	return py
}

// A reply is what dump.py says about one text.
type reply struct {
	Tree  string
	Line  int
	Error string
}

func (py interpreter) ask(t testing.TB, texts []string, args ...string) []reply {
	t.Helper()
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(py.path, append([]string{"testdata/dump.py"}, args...)...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", py.path, err)
	}
	var list []reply
	if err := json.Unmarshal(out, &list); err != nil || len(list) != len(texts) {
		t.Fatalf("%d answers to %d questions: %v", len(list), len(texts), err)
	}
	return list
}

// comparable says whether the interpreter knows the places in this tree.
func (py interpreter) comparable(tree *ast.Tree) bool {
	if py.minor >= 13 {
		return true
	}
	for _, n := range tree.Nodes() {
		if n != nil && (n.Kind() == ast.KindJoinedStr || n.Kind() == ast.KindTemplateStr) {
			return false
		}
	}
	return true
}

// dump prints a tree with the fields that this interpreter has.
func (py interpreter) dump(tree *ast.Tree) string {
	s := ast.Dump(tree)
	if py.minor < 12 {
		s = strings.ReplaceAll(s, " type_params=[]", "")
	}
	if py.minor < 13 {
		s = strings.ReplaceAll(s, " default_value=None", "")
	}
	return s
}

// difference shows where two dumps part.
func difference(got, want string) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	from := max(0, i-80)
	return fmt.Sprintf("here   %s\nPython %s", got[from:min(len(got), i+80)], want[from:min(len(want), i+80)])
}

func minorOf(since string) int {
	minor := 0
	fmt.Sscanf(since, "3.%d", &minor)
	return minor
}

// TestAgainstCPython compares trees, node for node, and the lines of errors: first of
// all snippets in testdata, then of the interpreter's own library.
func TestAgainstCPython(t *testing.T) {
	py := python(t)
	t.Run("snippets", func(t *testing.T) {
		var texts []string
		for pattern, answer := range map[string]string{"testdata/grammar/*.md": "tree", "testdata/recovery/*.md": "outline", "testdata/errors/*.md": "errors"} {
			paths, _ := filepath.Glob(pattern)
			for _, path := range paths {
				_, list := page(t, path, answer)
				for _, s := range list {
					if minorOf(s.since) <= py.minor {
						texts = append(texts, s.texts...)
					}
				}
			}
		}
		compared := 0
		for i, r := range py.ask(t, texts) {
			tree := parse(texts[i])
			if !py.comparable(tree) {
				continue
			}
			compared++
			line := 0
			if len(tree.Errors) > 0 {
				line = tree.File.Position(tree.Errors[0].Span.Start).Line
			}
			switch {
			case r.Error != "" && line == 0:
				t.Errorf("Python refuses at line %d (%s) what is accepted here:\n%s", r.Line, r.Error, texts[i])
			case r.Error == "" && line > 0:
				t.Errorf("Python accepts what is refused here:\n%s\n%s", texts[i], errorLines(tree))
			case line != r.Line && py.minor >= 13: // older ones put some errors elsewhere
				t.Errorf("Python finds an error at line %d (%s), here it is\n%s%s", r.Line, r.Error, errorLines(tree), texts[i])
			case r.Error == "" && py.dump(tree) != r.Tree:
				t.Errorf("%s\n%s", texts[i], difference(py.dump(tree), r.Tree))
			}
		}
		t.Logf("%d of %d snippets compared with Python 3.%d", compared, len(texts), py.minor)
		if compared < len(texts)/2 {
			t.Error("too few snippets compared")
		}
	})
	t.Run("library", func(t *testing.T) {
		if testing.Short() {
			t.Skip("short")
		}
		var paths []string
		var trees []*ast.Tree
		for i, path := range library(t, py.lib) {
			if i%5 > 0 { // a fifth is enough, and takes seconds
				continue
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := source.Decode(path, raw)
			if err != nil {
				continue
			}
			tree := Parse(f)
			checkTree(t, tree)
			if py.comparable(tree) {
				paths, trees = append(paths, path), append(trees, tree)
			}
		}
		for i, r := range py.ask(t, paths, "--files") {
			tree := trees[i]
			switch {
			case r.Error != "" && len(tree.Errors) == 0:
				t.Errorf("%s: Python refuses line %d (%s), here it is accepted", paths[i], r.Line, r.Error)
			case r.Error == "" && len(tree.Errors) > 0:
				t.Errorf("%s: Python accepts what is refused here:\n%s", paths[i], errorLines(tree))
			case r.Error == "" && py.dump(tree) != r.Tree:
				t.Errorf("%s:\n%s", paths[i], difference(py.dump(tree), r.Tree))
			}
		}
		t.Logf("%d files compared with Python 3.%d", len(paths), py.minor)
	})
}

// library lists the Python files of a standard library.
func library(t testing.TB, root string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "site-packages" || d.Name() == "dist-packages") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".py") && d.Type().IsRegular() {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
