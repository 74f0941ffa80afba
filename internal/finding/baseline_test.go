package finding

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestNormalise(t *testing.T) {
	same := [][]string{
		{"f(a, b)", "f( a,b )", "f(\n    a,\n    b,\n)", "f(a, b)  # nosec", "f(a, # why\n b)", "f(a, \\\n  b)", "\tf (a ,b)"},
		{"x = 'a b'", `x="a b"`, "x =  'a b'"},
		{"return x", "return  x", "return \\\n x"},
		{"s = '''a\n  b'''", `s = """a` + "\n  b\"\"\""},
		{"[1, 2]", "[1,2,]"},
		{"", " \n", "# only"},
	}
	seen := map[string]string{}
	for _, group := range same {
		want := Normalise(group[0])
		for _, s := range group {
			if got := Normalise(s); got != want {
				t.Errorf("Normalise(%q) = %q, want %q", s, got, want)
			}
		}
		if other, ok := seen[want]; ok {
			t.Errorf("%q and %q are the same", other, group[0])
		}
		seen[want] = group[0]
	}
	for _, pair := range [][2]string{{"not x", "notx"}, {"'a  b'", "'a b'"}, {"'a#b'", "'a'"}, {`'a\'b'`, `'a'b'`}, {"a in b", "ain b"}, {"é à", "éà"}} {
		if Normalise(pair[0]) == Normalise(pair[1]) {
			t.Errorf("%q and %q are the same", pair[0], pair[1])
		}
	}
	for _, s := range []string{"'", `"""`, `'\`, "''", `"a`} {
		Normalise(s) // must not panic
	}
}

func TestFingerprint(t *testing.T) {
	base := Fingerprint("r", "p", "s", "n", 0)
	if base != Fingerprint("r", "p", "s", "n", 0) || len(base) != 32 {
		t.Errorf("unstable or of a strange length: %q", base)
	}
	// Baselines that people have saved hold such values: a change makes all of them void.
	if want := "cb82ecf66850969e7bde7830dbf1c591"; base != want {
		t.Errorf("%s, want %s", base, want)
	}
	seen := map[string]bool{base: true}
	for _, f := range []string{
		Fingerprint("r2", "p", "s", "n", 0), Fingerprint("r", "p2", "s", "n", 0), Fingerprint("r", "p", "s2", "n", 0),
		Fingerprint("r", "p", "s", "n2", 0), Fingerprint("r", "p", "s", "n", 1), Fingerprint("rp", "", "s", "n", 0),
	} {
		if seen[f] {
			t.Errorf("%s twice", f)
		}
		seen[f] = true
	}
}

func report(prints ...string) *Report {
	r := &Report{Version: Version}
	for _, p := range prints {
		name, by, _ := strings.Cut(p, " ")
		f := Finding{Rule: "a", Fingerprint: name}
		if by != "" {
			f.Suppressed = &Suppression{Kind: by}
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

func TestBaseline(t *testing.T) {
	for _, tt := range []struct {
		name     string
		old, new []string
		shown    string
	}{
		{"empty", nil, []string{"x"}, "x"},
		{"known", []string{"x", "y"}, []string{"x", "y", "z"}, "z"},
		{"gone", []string{"x"}, nil, ""},
		{"a duplicate is new", []string{"x", "x"}, []string{"x", "x", "x"}, "x"},
		{"hidden by an older baseline", []string{"x baseline"}, []string{"x"}, ""},
		{"hidden by a comment that went", []string{"x comment"}, []string{"x"}, "x"},
		{"comment now", []string{"x"}, []string{"x comment", "x"}, ""},
		{"no fingerprint", []string{""}, []string{""}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, err := json.Marshal(report(tt.old...))
			if err != nil {
				t.Fatal(err)
			}
			b, err := ReadBaseline(data)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the baseline does not change
				r := report(tt.new...)
				n := b.Apply(r)
				var shown []string
				hidden := 0
				for _, f := range r.Findings {
					if f.Suppressed == nil {
						shown = append(shown, f.Fingerprint)
					} else if f.Suppressed.Kind == "baseline" {
						hidden++
					}
				}
				if got := strings.Join(shown, " "); got != tt.shown || n != hidden {
					t.Errorf("shown %q, want %q; Apply says %d, hidden are %d", got, tt.shown, n, hidden)
				}
			}
		})
	}
}

const banditReport = `{"errors": [], "generated_at": "2026-01-01T00:00:00Z", "metrics": {}, "results": [
 {"code": "11 \n12 def f(x):\n13     eval(x)\n14     return  1\n", "filename": "./src/app/views.py", "issue_text": "…", "line_number": 13, "line_range": [13], "test_id": "B307", "test_name": "eval"},
 {"code": "30     cursor.execute(\n31         'select ' + x,\n32     )\n", "filename": "./src/app/views.py", "line_number": 31, "line_range": [30, 31, 32], "test_id": "B608"},
 {"code": "13     eval(x)\n", "filename": "src/other/views.py", "line_number": 13, "line_range": [13], "test_id": "B307"}
]}`

func TestBanditBaseline(t *testing.T) {
	b, err := ReadBaseline([]byte(banditReport))
	if err != nil {
		t.Fatal(err)
	}
	if b.Len() != 3 {
		t.Errorf("%d known", b.Len())
	}
	find := func(rule, path string, line int, text ...string) Finding {
		return Finding{Rule: rule, Location: Location{Path: path, Line: line}, Excerpt: Excerpt{First: line, Lines: text}, Fingerprint: fmt.Sprint(rule, path, line)}
	}
	r := &Report{
		Rules: []Rule{{ID: "code-injection", Aliases: []string{"B307", "S307"}}, {ID: "sql-injection", Aliases: []string{"B608"}}},
		Findings: []Finding{
			find("code-injection", "app/views.py", 99, "  eval( x )"),
			find("code-injection", "app/views.py", 120, "eval(x)"), // a second one is new
			find("code-injection", "third/views.py", 13, "eval(x)"),
			find("sql-injection", "src/app/views.py", 40, "  cursor.execute("),
			find("sql-injection", "src/app/views.py", 50, "  cursor.execute("),
			find("path-traversal", "app/views.py", 13, "eval(x)"),
			find("code-injection", "src/other/views.py", 1, "eval(x)"),
			find("code-injection", "src/other/views.py", 1),
		},
	}
	if n := b.Apply(r); n != 3 {
		t.Errorf("%d applied", n)
	}
	var hidden []int
	for i, f := range r.Findings {
		if f.Suppressed != nil {
			hidden = append(hidden, i)
		}
	}
	if !slices.Equal(hidden, []int{0, 3, 6}) {
		t.Errorf("hidden %v", hidden)
	}
}

func TestReadBaselineErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "not JSON",
		"[]":                              "not JSON",
		"{}":                              "neither",
		`{"version":"9.0","findings":[]}`: "cannot be read",
		`{"results":{}}`:                  "not a report of Bandit",
		`{"results":[{"x":1}]}`:           "result 1 has no test_id",
		`{"version":"2.1.0","runs":[]}`:   "cannot be read",
	} {
		if _, err := ReadBaseline([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add("f(a, 'b', # c\n)", "x")
	f.Fuzz(func(t *testing.T, s, symbol string) {
		once := Normalise(s)
		if len(once) > len(s)+3 {
			t.Errorf("%q grew to %q", s, once)
		}
		Fingerprint("r", "p", symbol, once, 0)
	})
}
