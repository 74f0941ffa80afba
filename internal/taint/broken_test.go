package taint

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// TestBrokenFiles: the engine runs what error recovery leaves, too, and does not fall over.
func TestBrokenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	k := knowledge(t)
	n := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(data).Files {
			text := string(f.Data)
			for cut := 11; cut < len(text); cut += 211 {
				for _, broken := range []string{text[:cut], text[cut:], text[:cut] + text[min(cut+13, len(text)):]} {
					src := source.New("a.py", []byte(broken))
					p := program.New([]string{"a.py"}, func(string) (*source.File, error) { return src, nil })
					if res := runAll(p, k); len(res.Failed) > 0 {
						t.Fatalf("%s: GAMBESON_PANIC=1 shows where:\n%s", f.Name, broken)
					}
					n++
				}
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d broken files", n)
	}
}
