package engine_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gambeson/gambeson/internal/rules"
)

// A line of a program that is looked at says what is found on it: "# flow" a rule about data
// flow, "# flow sql-injection" this one. What is not understood yet is "# miss" or "# alarm";
// both complain when they no longer hold.
var wanted = regexp.MustCompile(`# (flow|miss|alarm)( [a-z-]+)?$`)

// TestLibraries scans the small programs of testdata/libraries, each with an attack and its
// innocent twin for what a library lets in or does: the files of x/ are one program.
func TestLibraries(t *testing.T) {
	flow := map[string]bool{}
	for _, r := range rules.All() {
		flow[r.ID] = len(r.To) > 0
	}
	pages, err := filepath.Glob("testdata/libraries/*.txt")
	if err != nil || len(pages) == 0 {
		t.Fatal(err, pages)
	}
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		programs := map[string][]txtar.File{}
		var names []string
		for _, f := range txtar.Parse(data).Files {
			name, path, ok := strings.Cut(f.Name, "/")
			if !ok {
				t.Fatalf("%s: %s: write program/file", page, f.Name)
			}
			if programs[name] == nil {
				names = append(names, name)
			}
			f.Name = path
			programs[name] = append(programs[name], f)
		}
		for _, name := range names {
			t.Run(strings.TrimSuffix(filepath.Base(page), ".txt")+"/"+name, func(t *testing.T) {
				t.Parallel()
				library(t, flow, programs[name])
			})
		}
	}
}

func library(t *testing.T, flow map[string]bool, files []txtar.File) {
	root := t.TempDir()
	for _, f := range files {
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]map[int][]string{}
	for _, f := range scan(t, 1, "default", root).Findings {
		if !flow[f.Rule] {
			continue
		}
		path, err := filepath.Rel(root, f.Location.Path)
		if err != nil {
			path = f.Location.Path
		}
		path = filepath.ToSlash(path)
		if got[path] == nil {
			got[path] = map[int][]string{}
		}
		got[path][f.Location.Line] = append(got[path][f.Location.Line], f.Rule)
	}
	for _, f := range files {
		for i, line := range strings.Split(string(f.Data), "\n") {
			found := got[f.Name][i+1]
			slices.Sort(found)
			line = strings.TrimSpace(line)
			m := wanted.FindStringSubmatch(line)
			switch {
			case m == nil && len(found) > 0:
				t.Errorf("%s:%d: false alarm %v: %s", f.Name, i+1, found, line)
			case m == nil:
			case m[1] == "flow" && len(found) == 0:
				t.Errorf("%s:%d: missed: %s", f.Name, i+1, line)
			case m[1] == "flow" && m[2] != "" && !slices.Contains(found, m[2][1:]):
				t.Errorf("%s:%d: is %v: %s", f.Name, i+1, found, line)
			case m[1] == "miss" && len(found) > 0:
				t.Errorf("%s:%d: found now, write # flow: %s", f.Name, i+1, line)
			case m[1] == "alarm" && len(found) == 0:
				t.Errorf("%s:%d: no false alarm any more, take the comment away: %s", f.Name, i+1, line)
			}
		}
	}
}
