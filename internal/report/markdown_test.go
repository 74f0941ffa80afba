package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/finding"
)

// strayMarkup finds what the writer of Markdown did not mean: markup besides its own, and
// rows that have more cells than their table.
func strayMarkup(text string) string {
	span := regexp.MustCompile("`[^`|<>&$]+`")
	entity := regexp.MustCompile(`&#[0-9]+;`)
	own := strings.NewReplacer("<code>", "", "</code>", "", "<!-- -->", "", "**", "")
	columns := 0
	for line := range strings.Lines(text) {
		rest := own.Replace(entity.ReplaceAllString(span.ReplaceAllString(line, "x"), ""))
		rest = strings.TrimSuffix(rest, "\n")
		cells := strings.Count(rest, "|")
		switch {
		case cells == 0:
			columns = 0
		case columns == 0:
			columns = cells
		case cells != columns:
			return fmt.Sprintf("%d cells instead of %d in %q", cells, columns, line)
		}
		rest = strings.TrimLeft(rest, "#")
		if i := strings.IndexAny(rest, "<>&`*[]{}\\~$@#"); i >= 0 {
			return fmt.Sprintf("%q is not escaped in %q", rest[i], line)
		}
		if strings.Contains(rest, "://") || strings.Contains(strings.ToLower(rest), "www.") {
			return fmt.Sprintf("a link in %q", line)
		}
	}
	return ""
}

func TestMarkdownText(t *testing.T) {
	for in, want := range map[string]string{
		"Uses eval, which runs code (see app.py:3).": "Uses eval, which runs code (see app.py:3).",
		"a|b\n# c":                "a&#124;b &#35;<!-- -->&#32;c",
		"@all see #12":            "&#64;<!-- -->all see &#35;<!-- -->12",
		"<b>&amp;</b>":            "&#60;b&#62;&#38;amp;&#60;/b&#62;",
		"[x](javascript:y)":       "&#91;x&#93;(javascript&#58;y)",
		"https://h or www.h or a": "https&#58;//h or www&#46;h or a",
		"- 1. x":                  "&#45; 1. x",
		"12. x":                   "12&#46; x",
		"1) x":                    "1&#41; x",
		"1.2.3 and f(1)":          "1.2.3 and f(1)",
		"a_b _c_ d_":              "a_b &#95;c&#95; d&#95;",
		"`a` **b** __c__ ~~d~~":   "&#96;a&#96; &#42;&#42;b&#42;&#42; &#95;&#95;c&#95;&#95; &#126;&#126;d&#126;&#126;",
		"$x$ \\| \x1b[2J":         "&#36;x&#36; &#92;&#124; ␛&#91;2J",
	} {
		want = strings.ReplaceAll(want, "&#32;", " ")
		if got := markdown(in); got != want {
			t.Errorf("markdown(%q)\n got %s\nwant %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"": "", " ": "", "a.py:3": "`a.py:3`", "a|b": "<code>a&#124;b</code>", "`": "<code>&#96;</code>", "a\nb": "`a b`"} {
		if got := code(in); got != want {
			t.Errorf("code(%q) = %s, want %s", in, got, want)
		}
	}
}

// Services refuse a comment that is too long, and the worst comes first.
func TestMarkdownLong(t *testing.T) {
	r := &finding.Report{}
	for i := range 1000 {
		f := finding.Finding{Rule: "some-rule", Message: strings.Repeat("many words ", 100), Severity: finding.Severity(i % 5), Location: finding.Location{Path: "some/file.py", Line: i + 1}}
		r.Findings = append(r.Findings, f)
		f.Advisory = &finding.Advisory{ID: "CVE-2024-1", Package: "p", Version: "1"}
		r.Findings = append(r.Findings, f)
	}
	out := write(t, "markdown", r, Options{})
	if n := strings.Count(out, "**critical**"); len(out) > 65536 || n != 2*mostRows || strings.Count(out, "And 900 more.") != 2 {
		t.Errorf("%d bytes, %d times critical", len(out), n)
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"", "a|b", "`x`", "@a #1", "<b>", "1. x", "\\|", "[x](y)", "&amp;", "\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, out := range []string{markdown(s), code(s), "| " + markdown(s) + " | " + code(s) + " |"} {
			if bad := strayMarkup(out); bad != "" {
				t.Errorf("%q: %s", s, bad)
			}
			if strings.ContainsAny(out, "\r\n") {
				t.Errorf("%q has more than a line", s)
			}
		}
	})
}
