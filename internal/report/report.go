// Package report turns a finding.Report into what people and programs read: one file
// a format, and Formats is all of them.
//
// Three rules hold for every format. What could not be looked at is said, and never
// looks like clean. The output depends on the report alone: the same findings in
// another order give the same bytes. And whatever comes from the scanned files (names,
// source, messages that quote it) is hostile until proven otherwise: it must not move
// a terminal's cursor, run in a browser or a spreadsheet, or forge another line of
// the report. clean.go holds what the formats share for that.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
)

// A Format writes one report.
type Format struct {
	Name        string
	Description string // a few words, for the help page
	Write       func(w io.Writer, r *finding.Report, o Options) error
}

// Options are what the person in front of the report wishes. Formats for machines
// ignore them.
type Options struct {
	Color   bool // use colours
	Width   int  // of the terminal in columns; 0 means 100
	Verbose bool // show suppressed findings, too
}

// Formats are all formats, the one for people first.
var Formats = []Format{
	{"text", "for the terminal", writeText},
	{"json", "Gambeson's own, complete; other formats can be made from it (docs/report.schema.json)", writeJSON},
	{"sarif", "SARIF 2.1.0, for code scanning services and editors", writeSARIF},
	{"html", "one self-contained page for the browser", writeHTML},
	{"markdown", "for pull requests and the summaries of jobs", writeMarkdown},
	{"github", "annotations in a GitHub Actions log", writeGitHub},
	{"gitlab", "GitLab's code quality report", writeGitLab},
	{"junit", "JUnit XML, which nearly every CI server shows", writeJUnit},
	{"csv", "a table for spreadsheets", writeCSV},
	{"cyclonedx", "CycloneDX 1.6, a bill of materials with its flaws", writeCycloneDX},
	{"spdx", "SPDX 2.3, a bill of materials", writeSPDX},
	{"openvex", "OpenVEX 0.2.0, which flaws of packages matter", writeOpenVEX},
}

// Nothing is what Write answers, in words for people, where a report has nothing that the format
// has a form for. Nothing was written then.
type Nothing string

func (n Nothing) Error() string { return string(n) }

// Find returns the format of that name.
func Find(name string) (Format, error) {
	var names []string
	for _, f := range Formats {
		if f.Name == strings.ToLower(name) {
			return f, nil
		}
		names = append(names, f.Name)
	}
	if near := match.Closest(strings.ToLower(name), names); near != "" {
		return Format{}, fmt.Errorf("unknown report format %q: did you mean %s?", name, near)
	}
	return Format{}, fmt.Errorf("unknown report format %q: use %s or %s", name, strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
}

// ordered returns a copy of the report that is sorted and has no nil slices, which
// JSON would write as null. The caller's report is not touched.
func ordered(r *finding.Report) *finding.Report {
	c := *r
	c.Rules = append([]finding.Rule{}, r.Rules...)
	c.Findings = append([]finding.Finding{}, r.Findings...)
	c.Problems = append([]finding.Problem{}, r.Problems...)
	for i := range c.Rules {
		c.Rules[i].CWE = notNil(c.Rules[i].CWE)
	}
	for i := range c.Findings {
		f := &c.Findings[i]
		f.CWE = notNil(f.CWE)
		f.Excerpt = whole(f.Excerpt)
		f.Trace = wholeSteps(f.Trace)
		f.Also = slices.Clone(f.Also)
		for j := range f.Also {
			f.Also[j].Trace = wholeSteps(f.Also[j].Trace)
		}
		if f.Fix != nil {
			fix := *f.Fix
			fix.Edits = notNil(fix.Edits)
			f.Fix = &fix
		}
	}
	// None of a report without an audit, and an empty list is the same.
	c.Dependencies = slices.Clone(r.Dependencies)
	for i := range c.Dependencies {
		d := &c.Dependencies[i]
		d.Vulns = append([]finding.Vuln{}, d.Vulns...)
		for j := range d.Vulns {
			v := &d.Vulns[j]
			v.Aliases, v.FixVersions = notNil(v.Aliases), notNil(v.FixVersions)
		}
	}
	c.Sort()
	return &c
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// whole makes an excerpt without lines the zero value, which is left out.
func whole(e finding.Excerpt) finding.Excerpt {
	if len(e.Lines) == 0 {
		return finding.Excerpt{}
	}
	return e
}

// wholeSteps is a copy of a trace with whole excerpts.
func wholeSteps(trace []finding.Step) []finding.Step {
	trace = slices.Clone(trace)
	for i := range trace {
		trace[i].Excerpt = whole(trace[i].Excerpt)
	}
	return trace
}

// place writes a location as editors and terminals understand it. A notebook's lines
// count within the cell.
func place(l finding.Location) string {
	s := l.Path
	if l.Cell > 0 {
		s += fmt.Sprintf(":cell %d", l.Cell)
	}
	if l.Line > 0 {
		s += fmt.Sprintf(":%d", l.Line)
		if l.Column > 0 {
			s += fmt.Sprintf(":%d", l.Column)
		}
	}
	return s
}

// problemPlace does the same for a problem.
func problemPlace(p finding.Problem) string {
	return place(finding.Location{Path: p.Path, Line: p.Line, Column: p.Column})
}

// problemText is what a problem says, and whether it hides the whole file.
func problemText(p finding.Problem) string {
	if p.Partial {
		return p.Message + " (the rest was looked at)"
	}
	return p.Message
}

// wayIn says in words how data enters: GET /users/<id>, parameter id, in app.views.user.
func wayIn(e *finding.EntryPoint) string {
	if e == nil {
		return ""
	}
	var parts []string
	if s := strings.TrimSpace(e.Method + " " + e.Route); s != "" {
		parts = append(parts, s)
	}
	if e.Parameter != "" {
		parts = append(parts, "parameter "+e.Parameter)
	}
	if e.Handler != "" {
		parts = append(parts, "handled by "+e.Handler)
	}
	return strings.Join(parts, ", ")
}

// alsoIn are the other ways to a finding.
func alsoIn(f *finding.Finding) (out []string) {
	for _, w := range f.Also {
		out = append(out, clean(wayIn(&w.Entry)))
	}
	return out
}

// silencedBy says who silenced a finding: "silenced by a comment: reason".
func silencedBy(s *finding.Suppression) string {
	by := map[string]string{"comment": "by a comment", "baseline": "by the baseline", "configuration": "by the configuration"}[s.Kind]
	if by == "" {
		by = "by " + s.Kind
	}
	if s.Reason == "" {
		return "silenced " + by + ", without a reason"
	}
	return "silenced " + by + ": " + s.Reason
}

// flawNames names an advisory, with its number in the CVE list if it is known by another
// name: PYSEC-2019-217 (CVE-2019-10906).
func flawNames(a *finding.Advisory) string {
	if strings.HasPrefix(a.ID, "CVE-") {
		return a.ID
	}
	for _, alias := range a.Aliases {
		if strings.HasPrefix(alias, "CVE-") {
			return a.ID + " (" + alias + ")"
		}
	}
	return a.ID
}

// flawNote names the flaw that a finding is about, and what is without it; "" if it is
// about none.
func flawNote(f *finding.Finding) string {
	if f.Advisory == nil {
		return ""
	}
	return flawNames(f.Advisory) + ", " + fixedIn(f.Advisory)
}

// fixedIn says which versions are without the flaw.
func fixedIn(a *finding.Advisory) string {
	switch {
	case a.Malware:
		return "malware"
	case len(a.Fixed) == 0:
		return "no fix yet"
	}
	return "fixed in " + strings.Join(a.Fixed, ", ")
}

// aboutFlaw is a finding's message without the package and version that it begins with, for
// where they stand already.
func aboutFlaw(f *finding.Finding) string {
	if f.Advisory == nil || f.Advisory.Version == "" {
		return f.Message
	}
	if subject, rest, ok := strings.Cut(f.Message, ": "); ok && strings.HasSuffix(subject, " "+f.Advisory.Version) {
		return rest
	}
	return f.Message
}

// cweNames writes CWE numbers as CWE-89 CWE-564.
func cweNames(cwe []int) string {
	names := make([]string, len(cwe))
	for i, n := range cwe {
		names[i] = fmt.Sprintf("CWE-%d", n)
	}
	return strings.Join(names, " ")
}
