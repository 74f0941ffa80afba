package finding

import (
	"math/rand/v2"
	"testing"
)

func TestSort(t *testing.T) {
	at := func(path string, cell, line, column int) Location {
		return Location{Path: path, Cell: cell, Line: line, Column: column, EndLine: line, EndColumn: column + 1}
	}
	// Each differs from the one before in the part of the order that it is named after.
	want := []Finding{
		{Fingerprint: "first", Location: at("a.py", 0, 9, 9), Rule: "z"},
		{Fingerprint: "path", Location: at("b.ipynb", 1, 9, 9), Rule: "y"},
		{Fingerprint: "cell", Location: at("b.ipynb", 2, 1, 8), Rule: "y"},
		{Fingerprint: "line", Location: at("b.ipynb", 2, 2, 1), Rule: "y"},
		{Fingerprint: "column", Location: at("b.ipynb", 2, 2, 10), Rule: "a"},
		{Fingerprint: "rule", Location: at("b.ipynb", 2, 2, 10), Rule: "b", Message: "A."},
		{Fingerprint: "message", Location: at("b.ipynb", 2, 2, 10), Rule: "b", Message: "B."},
		{Fingerprint: "message, once more", Location: at("b.ipynb", 2, 2, 10), Rule: "b", Message: "B."},
		{Fingerprint: "flaw", Location: at("b.ipynb", 2, 2, 10), Rule: "b", Message: "B.", Advisory: &Advisory{ID: "CVE-1"}},
		{Fingerprint: "a second flaw", Location: at("b.ipynb", 2, 2, 10), Rule: "b", Message: "B.", Advisory: &Advisory{ID: "CVE-2"}},
	}
	problems := []Problem{{Path: "a"}, {Path: "b", Line: 1}, {Path: "b", Line: 2, Column: 1}, {Path: "b", Line: 2, Column: 2}, {Path: "b", Line: 2, Column: 2, Message: "m"}}
	rules := []Rule{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	deps := []Dependency{
		{Name: "a", Version: "2"}, {Name: "b"}, {Name: "b", Version: "1", Location: at("a", 0, 3, 1)}, {Name: "b", Version: "1", Location: at("b", 0, 1, 1)},
		{Name: "b", Version: "1", Location: at("b", 0, 1, 1), Marker: "m"}, {Name: "b", Version: "1", Location: at("b", 0, 1, 1), Marker: "m", Groups: []string{"dev"}},
	}
	vulns := []Vuln{{ID: "a"}, {ID: "b", Status: "affected"}, {ID: "b", Status: "not_affected"}}

	random := rand.New(rand.NewPCG(1, 2))
	const rounds = 50
	for range rounds {
		r := Report{}
		for _, i := range random.Perm(len(want)) {
			r.Findings = append(r.Findings, want[i])
		}
		for _, i := range random.Perm(len(problems)) {
			r.Problems = append(r.Problems, problems[i])
		}
		for _, i := range random.Perm(len(rules)) {
			r.Rules = append(r.Rules, rules[i])
		}
		for _, i := range random.Perm(len(deps)) {
			d := deps[i]
			for _, j := range random.Perm(len(vulns)) {
				d.Vulns = append(d.Vulns, vulns[j])
			}
			r.Dependencies = append(r.Dependencies, d)
		}
		r.Sort()
		for i, d := range r.Dependencies {
			if d.Name != deps[i].Name || d.Location != deps[i].Location || d.Marker != deps[i].Marker || len(d.Groups) != len(deps[i].Groups) {
				t.Fatalf("dependency %d is %+v, want %+v", i, d, deps[i])
			}
			for j, v := range d.Vulns {
				if v.ID != vulns[j].ID || v.Status != vulns[j].Status {
					t.Fatalf("flaw %d is %+v, want %+v", j, v, vulns[j])
				}
			}
		}
		for i, f := range r.Findings {
			if f.Fingerprint != want[i].Fingerprint {
				t.Fatalf("finding %d is %q, want %q", i, f.Fingerprint, want[i].Fingerprint)
			}
		}
		for i, p := range r.Problems {
			if p != problems[i] {
				t.Fatalf("problem %d is %+v, want %+v", i, p, problems[i])
			}
		}
		for i, rule := range r.Rules {
			if rule.ID != rules[i].ID {
				t.Fatalf("rule %d is %q, want %q", i, rule.ID, rules[i].ID)
			}
		}
	}
}
