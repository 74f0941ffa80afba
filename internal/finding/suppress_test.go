package finding

import (
	"fmt"
	"strings"
	"testing"
)

// short writes directives in one line for comparison.
func short(ds []Directive) string {
	var out []string
	for _, d := range ds {
		s := d.Kind
		if d.File {
			s += " file"
		}
		switch {
		case d.Mistake != "":
			s += " mistake"
		case d.Blanket:
			s += " all"
		default:
			s += " " + strings.Join(d.IDs, ",")
		}
		if d.Reason != "" {
			s += fmt.Sprintf(" (%s)", d.Reason)
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestParseDirective(t *testing.T) {
	for comment, want := range map[string]string{
		"# a comment":                       "",
		"#":                                 "",
		"":                                  "",
		"# nosecurity":                      "",
		"# nosec_thing":                     "",
		"# noqablah":                        "",
		"# gambesons are made of layers":    "",
		"# gambeson":                        "",
		"# gambeson: ignore[sql-injection]": "gambeson sql-injection",
		"# gambeson: ignore[sql-injection, path-traversal] reason": "gambeson sql-injection,path-traversal (reason)",
		"#gambeson:ignore[a]b":                                 "gambeson a (b)",
		"# gambeson : ignore [ a ,b ] -- why":                  "gambeson a,b (why)",
		"# gambeson: ignore":                                   "gambeson all",
		"# gambeson: ignore - see #123, fixed in #124":         "gambeson all (see #123, fixed in #124)",
		"# gambeson: ignore-file[assert-used] tests":           "gambeson file assert-used (tests)",
		"# gambeson: ignore-file":                              "gambeson file all",
		"# gambeson: ignore[B608]":                             "gambeson B608",
		"# gambeson: ignore[]":                                 "gambeson mistake",
		"# gambeson: ignore[a":                                 "gambeson mistake",
		"# gambeson: ingore[a]":                                "gambeson mistake",
		"# gambeson ignore[a]":                                 "gambeson mistake",
		"# gambeson: ignores[a]":                               "gambeson mistake",
		"# type: ignore  # gambeson: ignore[a] x # nosec B602": "gambeson a (x); nosec B602",
		"# nosec":                                "nosec all",
		"#nosec":                                 "nosec all",
		"# nosec:":                               "nosec all",
		"# NOSEC":                                "",
		"# nosec B602":                           "nosec B602",
		"# nosec B602, B607":                     "nosec B602,B607",
		"# nosec B602,B607":                      "nosec B602,B607",
		"# nosec B602 B607":                      "nosec B602,B607",
		"# nosec: B602":                          "nosec B602",
		"# nosec:B602":                           "nosec B602",
		"# nosec b602":                           "nosec B602",
		"# nosec assert_used":                    "nosec B101",
		"# nosec assert_used, B602, assert_used": "nosec B101,B602",
		"# nosec random":                         "nosec B311",
		"# nosec pickle, marshal - trusted":      "nosec B301,B302 (trusted)",
		"# nosec B602 the command is constant":   "nosec B602 (the command is constant)",
		"# nosec because it is not random input": "nosec all (because it is not random input)",
		"# nosec because of assert_used":         "nosec B101 (because of assert_used)",
		"# nosec (B602)":                         "nosec B602",
		"# nosec # noqa: S602":                   "nosec all; noqa S602",
		"# nosec B602 # B607":                    "nosec B602",
		"# pylint: disable=x # nosec B101":       "nosec B101",
		"# foo nosec":                            "",
		"# noqa":                                 "",
		"# noqa: E501":                           "",
		"# noqa: S608":                           "noqa S608",
		"# NOQA:S608":                            "noqa S608",
		"# noqa: S608, E501":                     "noqa S608",
		"# noqa: E501 s101,S602 fine":            "noqa S101,S602 (fine)",
		"# noqa : S608":                          "noqa S608",
		"# noqa: SIM108":                         "",
		"# noqa S608":                            "",
		"# ruff: noqa: S101":                     "noqa file S101",
		"# flake8: noqa: S101,E5":                "noqa file S101",
		"# ruff: noqa":                           "",
		"# nosemgrep":                            "nosemgrep all",
		"# nosem":                                "nosemgrep all",
		"# nosemgrep: rule.id":                   "nosemgrep rule.id",
		"# nosemgrep: a.b-c, d.e reason":         "nosemgrep a.b-c,d.e (reason)",
		"# nosemgrep:python.lang.eval-detected":  "nosemgrep python.lang.eval-detected",
		"# nosemgrep because":                    "nosemgrep all (because)",
		"# nosem: x":                             "nosemgrep x",
		"# nosemgrep:":                           "nosemgrep all",
		"# nosemgreps":                           "",
	} {
		if got := short(ParseDirective(comment)); got != want {
			t.Errorf("%q: %q, want %q", comment, got, want)
		}
	}
}

func TestSuppressionsMatch(t *testing.T) {
	type comment struct {
		line int
		own  bool
		text string
	}
	for _, tt := range []struct {
		name     string
		comments []comment
		rule     string
		aliases  string
		start    int
		end      int
		want     int // line of the directive, 0 for none
	}{
		{"none", nil, "a", "", 1, 1, 0},
		{"same line", []comment{{3, false, "# gambeson: ignore[a]"}}, "a", "", 3, 3, 3},
		{"last line of a statement", []comment{{5, false, "# nosec B608"}}, "a", "B608", 3, 5, 5},
		{"own line within a statement", []comment{{4, true, "# nosec B608"}}, "a", "B608", 3, 5, 4},
		{"another rule", []comment{{3, false, "# gambeson: ignore[b]"}}, "a", "B608", 3, 3, 0},
		{"case", []comment{{3, false, "# gambeson: ignore[A]"}}, "a", "", 3, 3, 3},
		{"line above, own", []comment{{2, true, "# gambeson: ignore[a]"}}, "a", "", 3, 3, 2},
		{"line above, behind code", []comment{{2, false, "# gambeson: ignore[a]"}}, "a", "", 3, 3, 0},
		{"two lines above with a comment between", []comment{{1, true, "# gambeson: ignore[a]"}, {2, true, "# more"}}, "a", "", 3, 3, 1},
		{"two lines above with a gap", []comment{{1, true, "# gambeson: ignore[a]"}}, "a", "", 3, 3, 0},
		{"line below", []comment{{4, true, "# gambeson: ignore[a]"}}, "a", "", 3, 3, 0},
		{"file", []comment{{90, true, "# gambeson: ignore-file[a]"}}, "a", "", 3, 3, 90},
		{"file, another rule", []comment{{90, true, "# gambeson: ignore-file[b]"}}, "a", "", 3, 3, 0},
		{"noqa by code", []comment{{3, false, "# noqa: S608"}}, "a", "B608 S608", 3, 3, 3},
		{"noqa blanket", []comment{{3, false, "# noqa"}}, "a", "B608 S608", 3, 3, 0},
		{"nosemgrep by the last part", []comment{{3, false, "# nosemgrep: x.y.a"}}, "a", "", 3, 3, 3},
		{"mistake", []comment{{3, false, "# gambeson: ignore[a"}}, "a", "", 3, 3, 0},
		{"the one with a name wins", []comment{{3, true, "# nosec"}, {4, false, "# gambeson: ignore[a]"}}, "a", "", 3, 4, 4},
		{"long statement", []comment{{500, false, "# gambeson: ignore[a]"}}, "a", "", 1, 1000, 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s Suppressions
			for _, c := range tt.comments {
				s.Add(c.text, c.line, c.own)
			}
			got := 0
			if d := s.Match(tt.rule, strings.Fields(tt.aliases), tt.start, tt.end); d != nil {
				got = d.Line
			}
			if got != tt.want {
				t.Errorf("line %d, want %d", got, tt.want)
			}
		})
	}
}

func TestUnused(t *testing.T) {
	var s Suppressions
	s.Add("# gambeson: ignore[a, b]", 1, false)
	s.Add("# gambeson: ignore", 2, false)
	s.Add("# gambeson: ignore", 3, false)
	s.Add("# nosec", 4, false)
	s.Add("# nosec B608, B602", 5, false)
	s.Add("# nosemgrep: x.a", 6, false)
	s.Add("# gambeson: ignore-file[b]", 7, true)
	s.Add("# gambeson: ignore[not-run]", 8, false)
	s.Add("# gambeson: ignore[", 9, false)
	s.Match("a", []string{"B608"}, 1, 1)
	s.Match("a", []string{"B608"}, 2, 2)
	s.Match("a", []string{"B608"}, 5, 5)
	ran := map[string]bool{"a": true, "b": true, "B608": true, "B602": true}
	var got []string
	for _, u := range s.Unused(func(id string) bool { return ran[id] }) {
		got = append(got, fmt.Sprintf("%d: %s", u.Directive.Line, u.Message))
	}
	want := `1: unused suppression: b finds nothing here, remove it from the list
3: unused suppression: nothing is found here, remove the comment
5: unused suppression: B602 finds nothing here, remove it from the list
6: unused suppression: x.a finds nothing here, remove the comment
7: unused suppression: b finds nothing here, remove the comment`
	if strings.Join(got, "\n") != want {
		t.Errorf("unused\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if n := len(s.All()); n != 9 {
		t.Errorf("%d directives", n)
	}
}

func TestBanditID(t *testing.T) {
	for name, want := range map[string]string{"B101": "B101", "b101": "B101", "assert_used": "B101", "EVAL": "B307", "B1": "", "B1234": "", "nope": "", "": ""} {
		if got, ok := BanditID(name); got != want || ok != (want != "") {
			t.Errorf("BanditID(%q) = %q, %v", name, got, ok)
		}
	}
}

func FuzzDirective(f *testing.F) {
	f.Add("# gambeson: ignore[a, b] c # nosec B602 # noqa: S1 # nosemgrep: x.y # ruff: noqa: S2")
	f.Add("#gambeson:ignore-file")
	f.Add("# nosec assert_used, B602 see #12")
	f.Fuzz(func(t *testing.T, comment string) {
		ds := ParseDirective(comment)
		if len(ds) > strings.Count(comment, "#") {
			t.Errorf("%d directives in %q", len(ds), comment)
		}
		if len(ds) > 0 && !MayDirect(comment) {
			t.Errorf("a directive in %q is overlooked", comment)
		}
		var s Suppressions
		s.Add(comment, 5, true)
		for _, d := range ds {
			if d.Mistake == "" && d.Blanket != (len(d.IDs) == 0) {
				t.Errorf("%q: blanket %v, ids %q", comment, d.Blanket, d.IDs)
			}
			for _, id := range d.IDs {
				if s.Match(id, nil, 6, 7) == nil {
					t.Errorf("%q: %q does not silence itself", comment, id)
				}
			}
		}
	})
}
