package rules

import (
	"os"
	"regexp"
	"testing"

	"github.com/gambeson/gambeson/internal/rule"
)

var (
	ruleExample = regexp.MustCompile("(?s)<!-- rule:begin (\\S+).*?\n````markdown\n(.*?)````\n<!-- rule:end -->")
	wantAny     = regexp.MustCompile(`# want`)
)

// TestContributing: the example in CONTRIBUTING.md is a page that works.
func TestContributing(t *testing.T) {
	data, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	m := ruleExample.FindSubmatch(data)
	if m == nil {
		t.Fatal("CONTRIBUTING.md has no example of a rule any longer")
	}
	r, err := rule.ParsePage(string(m[1]), m[2])
	if err != nil {
		t.Fatal(err)
	}
	set := compile(append(All(), r))
	if len(r.Blocks()) != 2 {
		t.Errorf("%d blocks", len(r.Blocks()))
	}
	for _, b := range r.Blocks() {
		_, all := check(set, b, b.Text)
		expected := wants(t, b.Text)
		for _, f := range of(r.ID, all) {
			texts := expected[f.Location.Line]
			if len(texts) != 1 || !regexp.MustCompile(texts[0]).MatchString(f.Message) {
				t.Errorf("line %d: not expected: %s", f.Location.Line, f.Message)
			}
			delete(expected, f.Location.Line)
		}
		if len(expected) > 0 || b.Ok == wantAny.MatchString(b.Text) {
			t.Errorf("not found: %v", expected)
		}
	}
}
