package finding

import (
	"slices"
	"testing"
)

func TestStandards(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"the first category", OWASPTitle("A01:2025"), "Broken Access Control"},
		{"the last category", OWASPTitle("A10:2025"), "Mishandling of Exceptional Conditions"},
		{"another year", OWASPTitle("A01:2021"), ""},
		{"no category", OWASPTitle("A11:2025"), ""},
		{"the first chapter", ASVSTitle("V1"), "Encoding and Sanitization"},
		{"the last chapter", ASVSTitle("V17"), "WebRTC"},
		{"no chapter", ASVSTitle("V18"), ""},
		{"no number", ASVSTitle("V"), ""},
		{"a sign", ASVSTitle("V+1"), ""},
		{"SQL injection", ASVS([]int{89}), "V1"},
		{"the second weakness decides", ASVS([]int{353, 494}), "V15"},
		{"nobody knows", ASVS([]int{99999}), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
	// A weakness in two chapters would be in one or the other by chance.
	seen := map[int]string{}
	for chapter, list := range asvsByCWE {
		if ASVSTitle(chapter) == "" || !slices.IsSorted(list) {
			t.Errorf("%s is no chapter, or its weaknesses are not in order", chapter)
		}
		for _, n := range list {
			if seen[n] != "" {
				t.Errorf("CWE-%d is in %s and in %s", n, seen[n], chapter)
			}
			seen[n] = chapter
		}
	}
	if len(seen) < 150 {
		t.Errorf("only %d weaknesses", len(seen))
	}
}
