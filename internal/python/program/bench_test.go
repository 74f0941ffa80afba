package program

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// BenchmarkResolve parses, binds and resolves every call of a tree of Python files,
// $GAMBESON_BENCH_DIR, on one core. CPython's library, 37.6 MB: see docs/architecture.md.
func BenchmarkResolve(b *testing.B) {
	root := os.Getenv("GAMBESON_BENCH_DIR")
	if root == "" {
		b.Skip("set GAMBESON_BENCH_DIR to a folder of Python files")
	}
	files := map[string]*source.File{}
	var paths []string
	size := 0
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".py") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		f, _ := source.Decode(rel, raw)
		if f == nil {
			return nil
		}
		files[rel] = f
		paths = append(paths, rel)
		size += len(raw)
		return nil
	})
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		p := New(paths, func(path string) (*source.File, error) { return files[path], nil })
		calls, known := 0, 0
		for _, m := range p.Modules() {
			u, _ := m.Unit()
			for _, n := range u.Tree.Nodes()[1:] {
				if c, ok := n.(*ast.Call); ok {
					calls++
					if len(u.Names(c.Func)) > 0 {
						known++
					}
				}
			}
			m.Release()
		}
		b.ReportMetric(float64(calls), "calls")
		b.ReportMetric(float64(known), "resolved")
	}
}
