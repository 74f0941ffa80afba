package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/gambeson/gambeson/internal/finding"
)

// mostRows is how many lines a table has at most, the worst first, and the rest is
// counted: a comment on a pull request may have 65,536 characters.
const mostRows = 100

// mostWords is how many characters of a message are in a table.
const mostWords = 240

// writeMarkdown writes a comment for a pull request, or the summary of a job. Suppressed
// findings are counted and not shown.
func writeMarkdown(w io.Writer, r *finding.Report, _ Options) error {
	r = ordered(r)
	s := summarise(r)
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }

	verdict, _ := s.verdict(r)
	found, looked, leftOut, problems := s.sentences(r)
	line("## Gambeson: %s\n", markdown(verdict))
	if problems != "" {
		line("**%s**\n", markdown(problems))
	}
	for _, sentence := range []string{found, looked, leftOut} {
		if sentence != "" {
			line("%s\n", markdown(sentence))
		}
	}

	var findings, flaws []*finding.Finding
	for i := range r.Findings {
		switch f := &r.Findings[i]; {
		case f.Suppressed != nil:
		case f.Advisory != nil:
			flaws = append(flaws, f)
		default:
			findings = append(findings, f)
		}
	}
	table := func(title string, list []*finding.Finding, row func(f *finding.Finding) []string, columns ...string) {
		if len(list) == 0 {
			return
		}
		slices.SortStableFunc(list, func(a, b *finding.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
		line("### %s\n", title)
		line("| %s |\n|%s", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
		for _, f := range list[:min(len(list), mostRows)] {
			line("| %s |", strings.Join(row(f), " | "))
		}
		line("")
		if n := len(list) - mostRows; n > 0 {
			line("And %s more.\n", finding.Number(n))
		}
	}
	table("Findings", findings, func(f *finding.Finding) []string {
		return []string{bolder(f.Severity), code(f.Rule), code(place(f.Location)), markdown(cut(clean(f.Message), mostWords))}
	}, "severity", "rule", "place", "message")
	table("Packages with known flaws", flaws, func(f *finding.Finding) []string {
		a := f.Advisory
		var fixed []string
		for _, version := range a.Fixed {
			fixed = append(fixed, code(version))
		}
		switch {
		case a.Malware:
			fixed = []string{"malware"}
		case fixed == nil:
			fixed = []string{"no fix yet"}
		}
		name, title := flawNames(a), markdown(cut(clean(aboutFlaw(f)), mostWords))
		return []string{code(a.Package), code(a.Version), markdown(name) + ": " + title, bolder(f.Severity), strings.Join(fixed, ", "), code(place(f.Location))}
	}, "package", "version", "advisory", "severity", "fixed in", "place")

	if len(r.Problems) > 0 {
		line("### Could not be looked at\n")
		for _, p := range r.Problems[:min(len(r.Problems), mostRows)] {
			at := ""
			if where := problemPlace(p); where != "" {
				at = code(where) + " "
			}
			line("- %s%s", at, markdown(problemText(p)))
		}
		line("")
		if n := len(r.Problems) - mostRows; n > 0 {
			line("And %s more.\n", finding.Number(n))
		}
	}
	if len(r.Notes) > 0 {
		line("### Notes\n")
		for _, note := range r.Notes {
			line("- %s", markdown(note))
		}
		line("")
	}

	line("### The eight practices\n")
	line("| | | practice | found | looked at |\n| --- | --- | --- | --- | --- |")
	for i := range s.Rows {
		w := &s.Rows[i]
		line("| %s | %s | %s | %s | %s |", sign(w), w.Number, w.Title, w.found(), markdown(w.Looked))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// bolder is a severity, in bold if it is bad.
func bolder(s finding.Severity) string {
	s = min(s, finding.Critical)
	if s >= finding.High {
		return "**" + s.String() + "**"
	}
	return s.String()
}

// markdown writes text so that nothing in it is markup, also within a table. What could be
// is written as a number, which no renderer takes for markup. The comment after @ and #
// keeps services from calling somebody who is named there, or linking an issue.
func markdown(s string) string {
	var b strings.Builder
	text := []rune(strings.TrimSpace(clean(s)))
	at := func(i int) rune {
		if i < 0 || i >= len(text) {
			return ' '
		}
		return text[i]
	}
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for i, r := range text {
		if r == '@' || r == '#' {
			fmt.Fprintf(&b, "&#%d;<!-- -->", r)
			continue
		}
		special := false
		switch r {
		case '&', '<', '>', '\\', '`', '*', '{', '}', '[', ']', '|', '~', '$':
			special = true
		case '_': // within a word it is a letter
			special = !letter(at(i-1)) || !letter(at(i+1))
		case ':': // https://
			special = at(i+1) != ' ' && !unicode.IsDigit(at(i+1))
		case '+', '-', '=': // a list, or a line below a heading
			special = i == 0
		case '.', ')': // www. and 1. and 1)
			special = unicode.ToLower(at(i-1)) == 'w' && unicode.ToLower(at(i-2)) == 'w' ||
				at(i+1) == ' ' && strings.Trim(string(text[:i]), "0123456789") == ""
		}
		if special {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code writes text as code. Where it has a character that ends a span or a cell, its
// neighbours are HTML.
func code(s string) string {
	s = strings.TrimSpace(clean(s))
	switch {
	case s == "":
		return ""
	case strings.ContainsAny(s, "`|<>&$\\"):
		return "<code>" + markdown(s) + "</code>"
	}
	return "`" + s + "`"
}
