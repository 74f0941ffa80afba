package taint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// TestLookingOn: whoever looks on, at one function or at all calls, what is found is the same.
func TestLookingOn(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	know := knowledge(t)
	watched, reached := 0, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range programsOf(txtar.Parse(data)) {
			byPath := map[string]*source.File{}
			var paths []string
			for _, f := range g.files {
				byPath[f.Name] = source.New(f.Name, f.Data)
				paths = append(paths, f.Name)
			}
			run := func(w *Watch) string {
				p := program.New(paths, func(path string) (*source.File, error) { return byPath[path], nil })
				var facts []*Facts
				for _, m := range p.Modules() {
					u, _ := m.Unit()
					facts = append(facts, know.Look(u))
				}
				roots, reach := Reach(facts, 0)
				res := Observe(p, know, roots, reach, w)
				var b strings.Builder
				for _, f := range res.Flows {
					fmt.Fprintln(&b, f.File.Path, f.At, f.Kinds, f.Source, f.Weak, len(f.Steps))
				}
				fmt.Fprintln(&b, len(res.Seen), len(res.Handled), res.Runs, res.Cut, res.Steps, res.Failed)
				return b.String()
			}
			want := run(nil)
			watches := []*Watch{{}}
			p := program.New(paths, func(path string) (*source.File, error) { return byPath[path], nil })
			if defs := Definitions(p); len(defs) > 0 {
				d := defs[len(defs)-1]
				watches = append(watches, &Watch{Path: d.File.Path, At: d.At})
			}
			for _, w := range watches {
				if got := run(w); got != want {
					t.Errorf("%s/%s: with somebody looking on:\n%s\nwithout:\n%s", file, g.name, got, want)
				}
				watched += len(w.Calls)
				for _, r := range w.Reached {
					reached += len(r.Arrivals)
				}
			}
		}
	}
	t.Logf("%d calls, %d arrivals", watched, reached)
	if watched < 1000 || reached < 100 {
		t.Errorf("only %d calls and %d arrivals were seen", watched, reached)
	}
}
