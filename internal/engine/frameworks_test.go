package engine_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/rules"
)

// TestFrameworks scans small applications, one a framework, that say themselves where data
// from outside do harm: each line that ends with "# flow" must have a finding of a rule
// about data flow, with the way in, and no other line may have one.
func TestFrameworks(t *testing.T) {
	flow := map[string]bool{}
	for _, r := range rules.All() {
		flow[r.ID] = len(r.To) > 0
	}
	entries, err := os.ReadDir("testdata/frameworks")
	if err != nil || len(entries) == 0 {
		t.Fatal(err)
	}
	for _, e := range entries {
		root := filepath.Join("testdata/frameworks", e.Name())
		t.Run(strings.TrimSuffix(e.Name(), "_app.py"), func(t *testing.T) {
			got := map[string]map[int][]string{}
			for _, f := range scan(t, 1, "default", root).Findings {
				if !flow[f.Rule] {
					continue
				}
				if got[f.Location.Path] == nil {
					got[f.Location.Path] = map[int][]string{}
				}
				got[f.Location.Path][f.Location.Line] = append(got[f.Location.Path][f.Location.Line], f.Rule)
				if f.Entry == nil || len(f.Trace) == 0 {
					t.Errorf("%s:%d: %s has no way in: %+v", f.Location.Path, f.Location.Line, f.Rule, f.Entry)
				}
			}
			n := 0
			err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				for i, line := range strings.Split(string(text), "\n") {
					rules := got[strings.TrimPrefix(filepath.ToSlash(path), root+"/")][i+1]
					slices.Sort(rules)
					switch want := strings.HasSuffix(line, "# flow"); {
					case want && len(rules) == 0:
						t.Errorf("%s:%d: missed: %s", path, i+1, strings.TrimSpace(line))
					case !want && len(rules) > 0:
						t.Errorf("%s:%d: false alarm %v: %s", path, i+1, rules, strings.TrimSpace(line))
					case want:
						n++
					}
				}
				return nil
			})
			if err != nil || n == 0 {
				t.Errorf("%d flows, %v", n, err)
			}
		})
	}
}
