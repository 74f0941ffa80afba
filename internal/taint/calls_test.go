package taint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// TestCalls runs testdata/calls/*.txt: a call graph that can be read. A line with calls ends
// with # calls: and the names of all that they call, or unknown. A line without the comment
// has no calls.
func TestCalls(t *testing.T) {
	files, err := filepath.Glob("testdata/calls/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range programsOf(txtar.Parse(data)) {
			t.Run(filepath.Base(file)+"/"+g.name, func(t *testing.T) { checkCalls(t, g.files) })
		}
	}
}

// A programFiles is a program in a page of them.
type programFiles struct {
	name  string
	files []txtar.File
}

// programsOf cuts a page into programs: a file named a.py stands alone, files x/a.py and
// x/b.py are one.
func programsOf(ar *txtar.Archive) []programFiles {
	var out []programFiles
	for _, f := range ar.Files {
		name, _, _ := strings.Cut(f.Name, "/")
		i := slices.IndexFunc(out, func(p programFiles) bool { return p.name == name })
		if i < 0 {
			i = len(out)
			out = append(out, programFiles{name: name})
		}
		out[i].files = append(out[i].files, f)
	}
	return out
}

func checkCalls(t *testing.T, files []txtar.File) {
	byPath := map[string]*source.File{}
	var paths []string
	want := map[string]map[int][]string{}
	for _, f := range files {
		byPath[f.Name] = source.New(f.Name, f.Data)
		paths = append(paths, f.Name)
		want[f.Name] = map[int][]string{}
		for i, line := range strings.Split(string(f.Data), "\n") {
			if _, names, ok := strings.Cut(line, "# calls: "); ok {
				list := strings.Split(names, ", ")
				slices.Sort(list)
				want[f.Name][i+1] = list
			}
		}
	}
	p := program.New(paths, func(path string) (*source.File, error) { return byPath[path], nil })
	got := map[string]map[int][]string{}
	for _, path := range paths {
		got[path] = map[int][]string{}
	}
	for _, c := range Callers(p, knowledge(t)) {
		for _, call := range c.Calls {
			names := call.Callees()
			if len(names) == 0 {
				names = []string{"unknown"}
			}
			path, line := call.File.Path, call.File.Position(call.At.Start).Line
			got[path][line] = append(got[path][line], names...)
		}
	}
	for _, path := range paths {
		for i := 1; i <= byPath[path].Lines(); i++ {
			g := got[path][i]
			slices.Sort(g)
			if g = slices.Compact(g); !slices.Equal(g, want[path][i]) {
				t.Errorf("%s:%d: %s\n got %v", path, i, strings.TrimSpace(byPath[path].Line(i)), g)
			}
		}
	}
}
