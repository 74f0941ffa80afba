package taint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/models"
)

// TestNoLibrary holds the engine to what it promises: what it knows of a library that is not
// Python's own stands in that library's model.
func TestNoLibrary(t *testing.T) {
	libraries := map[string]bool{}
	for _, m := range models.Builtin() {
		for _, i := range m.Imports {
			libraries[firstName(i)] = true
		}
	}
	if len(libraries) < 100 {
		t.Fatalf("only %d libraries have models", len(libraries))
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literals := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, file, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			literals++
			s, _ := strconv.Unquote(lit.Value)
			if top, _, dotted := strings.Cut(s, "."); dotted && libraries[top] {
				t.Errorf("%s: %q belongs in %s's model", set.Position(lit.Pos()), s, top)
			}
			return true
		})
	}
	if literals < 1000 {
		t.Errorf("%d texts were looked at: there were more once", literals)
	}
}
