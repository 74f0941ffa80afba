package parser

import (
	"testing"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// checkTree tests what holds for every tree, also for those of broken texts: spans lie
// in the file and in their parent's, children are numbered before parents, each node
// has one parent, and errors lie in the file.
func checkTree(t testing.TB, tree *ast.Tree) {
	t.Helper()
	size := ast.Pos(len(tree.File.Bytes))
	seen := make([]bool, tree.Len())
	broken := len(tree.Errors) > 0
	type item struct{ node, parent ast.Node }
	stack := []item{{tree.Module, nil}}
	for len(stack) > 0 {
		it := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		n := it.node
		if id := n.ID(); id == 0 || int(id) >= len(seen) || tree.Node(id) != n {
			t.Fatalf("%T has number %d of %d", n, id, len(seen))
		} else if seen[id] {
			t.Fatalf("%T %d has two parents", n, id)
		} else {
			seen[id] = true
		}
		if n.Start() > n.End() || n.End() > size {
			t.Fatalf("%T spans %d to %d in a file of %d", n, n.Start(), n.End(), size)
		}
		if p := it.parent; p != nil {
			if p.ID() <= n.ID() {
				t.Fatalf("%T %d is a child of %T %d", n, n.ID(), p, p.ID())
			}
			if !outside(p, n, broken) && (n.Start() < p.Start() || n.End() > p.End()) {
				t.Fatalf("%T %d-%d sticks out of %T %d-%d", n, n.Start(), n.End(), p, p.Start(), p.End())
			}
		}
		ast.Children(n, func(c ast.Node) { stack = append(stack, item{c, n}) })
	}
	for _, e := range tree.Errors {
		if e.Span.Start > e.Span.End || e.Span.End > size || e.Message == "" {
			t.Fatalf("error %q at %v in a file of %d", e.Message, e.Span, size)
		}
	}
	last := ast.Pos(0)
	for _, c := range tree.Comments {
		if c.Start < last || c.End > size || tree.File.Bytes[c.Start] != '#' {
			t.Fatalf("comment at %v after one that ended at %d", c, last)
		}
		last = c.End
	}
}

// outside knows the places where CPython's spans stick out: decorators stand before the
// def that begins the function.
func outside(parent, child ast.Node, broken bool) bool {
	var decorators []ast.Expr
	switch p := parent.(type) {
	case *ast.FunctionDef:
		decorators = p.DecoratorList
	case *ast.ClassDef:
		decorators = p.DecoratorList
	}
	for _, d := range decorators {
		if ast.Node(d) == child {
			return true
		}
	}
	return false
}
