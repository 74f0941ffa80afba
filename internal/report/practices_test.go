package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/xeipuuv/gojsonschema"

	"github.com/gambeson/gambeson/internal/finding"
)

func practices(t *testing.T, r *finding.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := WritePractices(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func practicesAsJSON(t *testing.T, r *finding.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := WritePracticesJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPractices(t *testing.T) {
	clean := sample(t)
	onlyClean(clean)
	golden(t, "../practices/sample.txt", practices(t, sample(t), Options{Width: 80}))
	golden(t, "../practices/verbose.txt", practices(t, sample(t), Options{Verbose: true}))
	golden(t, "../practices/colour.txt", practices(t, sample(t), Options{Width: 80, Color: true}))
	golden(t, "../practices/clean.txt", practices(t, clean, Options{Width: 80}))
	golden(t, "../practices/sample.json", practicesAsJSON(t, sample(t)))
}

// What is not clean is not called so: with a gap, with a problem, and where nobody looked.
func TestPracticesStates(t *testing.T) {
	states := func(r *finding.Report) map[finding.Practice]string {
		var doc practicesJSON
		if err := json.Unmarshal([]byte(practicesAsJSON(t, r)), &doc); err != nil {
			t.Fatal(err)
		}
		out := map[finding.Practice]string{}
		for _, p := range doc.Practices {
			out[p.ID] = p.State
		}
		return out
	}
	r := sample(t)
	onlyClean(r)
	before := states(r)
	r.Practices[0].Unseen = append(r.Practices[0].Unseen, finding.Unseen{What: "x", Gap: true})
	gap := states(r)
	r.Practices[0].Unseen = nil
	r.Problems = []finding.Problem{{Path: "a.py", Message: "m"}}
	problem := states(r)
	for _, c := range []struct{ name, got, want string }{
		{"clean", before[finding.Dependencies], "nothing-found"},
		{"a gap", gap[finding.Dependencies], "incomplete"},
		{"a gap elsewhere", gap[finding.Input], "nothing-found"},
		{"a problem", problem[finding.Input], "incomplete"},
		{"nobody looked", before[finding.Analysis], "not-looked"},
		{"findings", states(sample(t))[finding.Dependencies], "findings"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
	if len(before) != len(finding.Practices) {
		t.Errorf("%d practices", len(before))
	}
}

func TestPracticesAreValid(t *testing.T) {
	schema := compileSchema(t, practicesFile)
	clean := sample(t)
	onlyClean(clean)
	whole := practicesAsJSON(t, sample(t))
	for name, c := range map[string]struct {
		text  string
		valid bool
	}{
		"sample":      {whole, true},
		"clean":       {practicesAsJSON(t, clean), true},
		"empty":       {practicesAsJSON(t, &finding.Report{Profile: "default"}), true},
		"a state":     {strings.Replace(whole, `"state": "findings"`, `"state": "fine"`, 1), false},
		"a practice":  {strings.Replace(whole, `"id": "2a"`, `"id": "9"`, 1), false},
		"no problems": {strings.Replace(whole, `"problems"`, `"troubles"`, 1), false},
	} {
		result, err := schema.Validate(gojsonschema.NewStringLoader(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if result.Valid() != c.valid {
			t.Errorf("%s: valid is %v: %v", name, result.Valid(), result.Errors())
		}
	}
}

// The lines fit the terminal.
func TestPracticesFit(t *testing.T) {
	r := sample(t)
	r.Problems = nil // whose lines are as long as they are, so that they can be copied
	for width := 60; width <= 120; width++ {
		for _, verbose := range []bool{false, true} {
			for line := range strings.Lines(practices(t, r, Options{Width: width, Verbose: verbose})) {
				if n := textWidth(strings.TrimRight(line, "\n")); n > min(width, 100) {
					t.Errorf("%d columns of %d: %s", n, width, line)
				}
			}
		}
	}
}

// No text of a report moves the cursor, forges a line or breaks the JSON.
func TestPracticesHostile(t *testing.T) {
	const evil = "\x1b[2J\r\n::error::forged\x9b\u202e\u2028\"}\\\xff"
	r := sample(t)
	visit(reflect.ValueOf(r).Elem(), func(v reflect.Value) {
		if v.Type() != reflect.TypeFor[finding.Practice]() {
			v.SetString(evil)
		}
	})
	text, doc := practices(t, r, Options{Verbose: true}), practicesAsJSON(t, r)
	if !json.Valid([]byte(doc)) {
		t.Error("not JSON")
	}
	for _, out := range []string{text, doc} {
		if !utf8.ValidString(out) || strings.Contains(out, "\n::error") {
			t.Error("a line is forged, or what is written is not UTF-8")
		}
		for _, c := range out {
			if unicode.In(c, unicode.C, unicode.Zl, unicode.Zp) && c != '\n' {
				t.Fatalf("%U is in the output", c)
			}
		}
	}
	if n := strings.Count(text, "␛[2J"); n < 20 {
		t.Errorf("the text is shown %d times only", n)
	}
}
