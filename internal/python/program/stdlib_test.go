package program

import (
	"testing"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// TestStdlibIsNotShadowed: a file named like a module of the standard library, somewhere
// below the root, is not what the rest of the tree imports by that name. One in the root is.
func TestStdlibIsNotShadowed(t *testing.T) {
	const user = "import hashlib\nhashlib.md5()\n"
	for path, want := range map[string]string{"typeshed/stdlib/hashlib.pyi": "hashlib.md5", "hashlib.py": "_hashlib.openssl_md5"} {
		texts := map[string]string{path: "from _hashlib import openssl_md5 as md5\n", "app.py": user}
		p := New([]string{path, "app.py"}, func(path string) (*source.File, error) { return source.New(path, []byte(texts[path])), nil })
		u, err := p.Module("app", "").Unit()
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range u.Tree.Nodes()[1:] {
			if c, ok := n.(*ast.Call); ok {
				if got := u.Name(c.Func); got != want {
					t.Errorf("beside %s: %s instead of %s", path, got, want)
				}
			}
		}
	}
}
