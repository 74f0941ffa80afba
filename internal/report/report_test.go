package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/finding"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// sample is a saved report with one of everything: a trace through two files, safe and
// unsafe fixes, suppressions, a notebook cell, wide characters, problems, dependencies of
// every kind with flaws, notes, and text that attacks whoever reads it.
func sample(t testing.TB) *finding.Report {
	t.Helper()
	data, err := os.ReadFile("testdata/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := finding.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t testing.TB, format string, r *finding.Report, o Options) string {
	t.Helper()
	f, err := Find(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b, r, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run go test -update and review the file like prose", err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		a, b := "(end)", "(end)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("%s, line %d:\n got %s\nwant %s", path, i+1, a, b)
		}
	}
}

func TestGolden(t *testing.T) {
	cases := []struct {
		file, format string
		report       func(*finding.Report)
		o            Options
	}{
		{"sample.txt", "text", nil, Options{}},
		{"sample-80-verbose.txt", "text", nil, Options{Width: 80, Verbose: true}},
		{"sample-colour.txt", "text", nil, Options{Color: true, Verbose: true}},
		{"clean.txt", "text", onlyClean, Options{}},
		{"incomplete.txt", "text", onlyProblems, Options{}},
		{"nothing.txt", "text", nothing, Options{}},
		{"sample.json", "json", nil, Options{}},
		{"sample.sarif", "sarif", nil, Options{}},
		{"sample.html", "html", nil, Options{}},
		{"clean.html", "html", onlyClean, Options{}},
		{"sample.md", "markdown", nil, Options{}},
		{"clean.md", "markdown", onlyClean, Options{}},
		{"sample.github", "github", nil, Options{}},
		{"incomplete.github", "github", onlyProblems, Options{}},
		{"sample.gitlab.json", "gitlab", nil, Options{}},
		{"sample.junit.xml", "junit", nil, Options{}},
		{"sample.csv", "csv", nil, Options{}},
		{"sample.cdx.json", "cyclonedx", nil, Options{}},
		{"sample.spdx.json", "spdx", nil, Options{}},
		{"sample.openvex.json", "openvex", nil, Options{}},
	}
	formats, ran := map[string]bool{}, 0
	for _, c := range cases {
		ran++
		formats[c.format] = true
		t.Run(c.file, func(t *testing.T) {
			r := sample(t)
			if c.report != nil {
				c.report(r)
			}
			golden(t, c.file, write(t, c.format, r, c.o))
		})
	}
	if len(formats) != len(Formats) {
		t.Errorf("golden files for %d formats, there are %d", len(formats), len(Formats))
	}
	files, err := os.ReadDir("testdata/golden")
	if err != nil || len(files) != ran {
		t.Errorf("ran %d cases, there are %d golden files (%v): remove those that nobody compares", ran, len(files), err)
	}
}

func onlyClean(r *finding.Report) {
	r.Findings, r.Problems, r.Stats.Suppressed, r.Notes = nil, nil, 0, nil
	for i := range r.Dependencies {
		r.Dependencies[i].Vulns = nil
	}
	for i := range r.Practices {
		a := &r.Practices[i]
		a.Unseen = slices.DeleteFunc(a.Unseen, func(u finding.Unseen) bool { return u.Gap })
	}
}
func onlyProblems(r *finding.Report) { r.Findings, r.Stats.Suppressed = nil, 0 }
func nothing(r *finding.Report) {
	onlyClean(r)
	r.Stats, r.Dependencies, r.Advisories, r.Practices = finding.Stats{}, nil, nil, nil
}

// The order in which things were found, and the run of maps, change nothing.
func TestDeterministic(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	want := map[string]string{}
	for _, f := range Formats {
		want[f.Name] = write(t, f.Name, sample(t), Options{Verbose: true})
	}
	ran := 0
	for range 10 {
		r := sample(t)
		random.Shuffle(len(r.Findings), func(i, j int) { r.Findings[i], r.Findings[j] = r.Findings[j], r.Findings[i] })
		random.Shuffle(len(r.Problems), func(i, j int) { r.Problems[i], r.Problems[j] = r.Problems[j], r.Problems[i] })
		random.Shuffle(len(r.Rules), func(i, j int) { r.Rules[i], r.Rules[j] = r.Rules[j], r.Rules[i] })
		random.Shuffle(len(r.Dependencies), func(i, j int) {
			r.Dependencies[i], r.Dependencies[j] = r.Dependencies[j], r.Dependencies[i]
		})
		for _, d := range r.Dependencies {
			random.Shuffle(len(d.Vulns), func(i, j int) { d.Vulns[i], d.Vulns[j] = d.Vulns[j], d.Vulns[i] })
		}
		before, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range Formats {
			ran++
			if got := write(t, f.Name, r, Options{Verbose: true}); got != want[f.Name] {
				t.Errorf("%s depends on the order of the report", f.Name)
			}
		}
		if after, _ := json.Marshal(r); !bytes.Equal(before, after) {
			t.Fatal("a format changed the report that it was given")
		}
	}
	if ran != 10*len(Formats) {
		t.Errorf("ran %d cases", ran)
	}
}

// Every string of the report in turn is the worst one: no format lets it act.
func TestHostile(t *testing.T) {
	const evil = "=cmd|'/C calc'!A0\r\n::error::forged\n\x1b[2J\x9b31m\u009b\x07\x00\u202e\u2066\u200b\u2028" +
		"</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'--></style>]]>{{.}}\ud7ff\uffff\U000e0041\xff\xfe](javascript:alert(1))" +
		"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301" + "%0a\u3164"
	fields := 0
	visit(reflect.ValueOf(sample(t)).Elem(), func(reflect.Value) { fields++ })
	if fields < 450 {
		t.Fatalf("only %d strings in the sample", fields)
	}
	// All at once, and one by one in a few places.
	all := sample(t)
	visit(reflect.ValueOf(all).Elem(), func(v reflect.Value) {
		if v.Type() != reflect.TypeFor[finding.Practice]() {
			v.SetString(evil)
		}
	})
	all.Stats.LookedAt[finding.Web] = evil
	all.Stats.Skipped[evil] = 3
	one := sample(t)
	n := 0
	visit(reflect.ValueOf(one).Elem(), func(v reflect.Value) {
		if n++; n%7 == 0 {
			v.SetString(evil)
		}
	})
	ran := 0
	for name, r := range map[string]*finding.Report{"all": all, "some": one} {
		for _, f := range Formats {
			ran++
			t.Run(f.Name+"/"+name, func(t *testing.T) {
				out := write(t, f.Name, r, Options{Verbose: true})
				if !utf8.ValidString(out) {
					t.Error("not UTF-8")
				}
				for i, c := range out {
					lineEnd := c == '\n' || c == '\r' && f.Name == "csv" && strings.HasPrefix(out[i:], "\r\n")
					tab := c == '\t' && f.Name == "html"
					if unicode.In(c, unicode.C, unicode.Zl, unicode.Zp) && !lineEnd && !tab || c == 0xFFFF {
						t.Fatalf("%U is in the output: %q", c, out[max(0, i-60):i])
					}
				}
				switch f.Name {
				case "json":
					if _, err := finding.Read([]byte(out)); name == "some" && err != nil {
						t.Error(err)
					}
				case "sarif", "gitlab", "cyclonedx", "spdx", "openvex":
					if !json.Valid([]byte(out)) {
						t.Error("not JSON")
					}
				case "junit":
					d := xml.NewDecoder(strings.NewReader(out))
					for {
						if _, err := d.Token(); err == io.EOF {
							break
						} else if err != nil {
							t.Fatal(err)
						}
					}
				case "csv":
					records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
					if err != nil {
						t.Fatal(err)
					}
					for _, record := range records {
						for _, field := range record {
							if field != "" && strings.ContainsRune("=+-@", rune(field[0])) {
								t.Errorf("a spreadsheet runs %q", field)
							}
						}
					}
				case "github":
					for line := range strings.Lines(out) {
						if !strings.HasPrefix(line, "::") || strings.HasPrefix(line, "::error::forged") {
							t.Errorf("forged line %q", line)
						}
					}
				case "markdown":
					if bad := strayMarkup(out); bad != "" {
						t.Error(bad)
					}
				case "html":
					for _, bad := range []string{"<script>alert", "<img", "onerror=alert(1)>\"", "javascript:alert(1)\""} {
						if strings.Contains(out, bad) {
							t.Errorf("%s is in the page", bad)
						}
					}
				}
			})
		}
	}
	if ran != 2*len(Formats) {
		t.Errorf("ran %d cases", ran)
	}
}

// visit calls f for every string that can be set below v.
func visit(v reflect.Value, f func(reflect.Value)) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		f(v)
	case reflect.Struct:
		for i := range v.NumField() {
			visit(v.Field(i), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), f)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			visit(v.Elem(), f)
		}
	}
}

// What could not be looked at is said in every format, and nothing is called clean then.
func TestCouldNotLook(t *testing.T) {
	signs := map[string][2]string{ // what must be there, and what must not
		"text":   {"This report is incomplete.", "✓"},
		"json":   {`"permission denied`, ""},
		"sarif":  {`"executionSuccessful": false`, `"executionSuccessful": true`},
		"html":   {"This report is incomplete.", "✓"},
		"github": {"::warning title=Gambeson::Nothing found in what could be looked at.", "::notice title=Gambeson"},
		"gitlab": {couldNotLook, ""},
		"junit":  {`errors="2"`, ""},
		"csv":    {couldNotLook, ""},

		"cyclonedx": {`"aggregate": "incomplete"`, `"aggregate": "complete"`},
		"spdx":      {incomplete, ""},
		"markdown":  {"**Could not look at everything", "✓"},
		"openvex":   {incomplete, ""},
	}
	ran := 0
	for _, f := range Formats {
		ran++
		r := sample(t)
		onlyProblems(r)
		out := write(t, f.Name, r, Options{})
		want := signs[f.Name]
		if want[0] == "" || !strings.Contains(out, want[0]) || want[1] != "" && strings.Contains(out, want[1]) {
			t.Errorf("%s: want %q, do not want %q in\n%s", f.Name, want[0], want[1], out)
		}
		for _, p := range r.Problems {
			if words := p.Message[:16]; !strings.Contains(out, words) {
				t.Errorf("%s does not say %q", f.Name, words)
			}
		}
	}
	if ran != len(signs) {
		t.Errorf("ran %d cases of %d", ran, len(signs))
	}
}

// The lines of a block of flaws fit the terminal, and say all that there is.
func TestFlawsFit(t *testing.T) {
	r := sample(t)
	r.Findings = slices.DeleteFunc(r.Findings, func(f finding.Finding) bool { return f.Advisory == nil })
	for width := 60; width <= 140; width++ {
		out := write(t, "text", r, Options{Width: width})
		out, _, _ = strings.Cut(out, "Could not be looked at")
		for line := range strings.Lines(out) {
			if n := textWidth(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns of %d: %s", n, width, line)
			}
		}
		words := strings.Join(strings.Fields(out), " ")
		for _, want := range []string{"PYSEC-2019-217 (CVE-2019-10906)", "fixed in 2.1.3, 2.2.0", "is read as code", "no fix yet"} {
			if !strings.Contains(words, want) {
				t.Errorf("%q is not said in %d columns:\n%s", want, width, out)
			}
		}
	}
}

// Notes are in every format that has a place for them.
func TestNotes(t *testing.T) {
	ran := 0
	for _, f := range Formats {
		if f.Name == "gitlab" {
			continue
		}
		ran++
		r := sample(t)
		r.Notes = []string{"Mind the gap.", "It rains."}
		out := write(t, f.Name, r, Options{})
		for _, note := range r.Notes {
			if n := strings.Count(out, note); n != 1 {
				t.Errorf("%s says %q %d times", f.Name, note, n)
			}
		}
	}
	if ran != len(Formats)-1 {
		t.Errorf("ran %d cases", ran)
	}
}

func TestFind(t *testing.T) {
	cases := []struct{ name, want, err string }{
		{"sarif", "sarif", ""},
		{"SARIF", "sarif", ""},
		{"jsn", "", `unknown report format "jsn": did you mean json?`},
		{"github", "github", ""},
		{"powerpoint", "", `unknown report format "powerpoint": use text, json, sarif, html, markdown, github, gitlab, junit, csv, cyclonedx, spdx or openvex`},
	}
	for _, c := range cases {
		f, err := Find(c.name)
		if f.Name != c.want || c.err != "" && (err == nil || err.Error() != c.err) {
			t.Errorf("Find(%q) = %q, %v", c.name, f.Name, err)
		}
	}
	for _, f := range Formats {
		if f.Description == "" || f.Write == nil {
			t.Errorf("format %q is incomplete", f.Name)
		}
	}
}

// A full disk is an error, not half a report that looks whole.
func TestWriteError(t *testing.T) {
	for _, f := range Formats {
		if err := f.Write(broken{}, sample(t), Options{}); err == nil {
			t.Errorf("%s does not report that writing failed", f.Name)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
