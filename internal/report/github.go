package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// writeGitHub writes workflow commands, which GitHub Actions shows as annotations beside
// the code. It shows ten errors, ten warnings and ten notices a step, so the worst
// findings come first. Suppressed findings are left out.
func writeGitHub(w io.Writer, r *finding.Report, _ Options) error {
	r = ordered(r)
	var b bytes.Buffer
	for _, p := range r.Problems {
		level := "error"
		if p.Partial {
			level = "warning"
		}
		command(&b, level, finding.Location{Path: p.Path, Line: p.Line, Column: p.Column}, "could not look at everything", problemText(p))
	}
	for s := int(finding.Critical); s >= 0; s-- {
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Suppressed != nil || int(min(f.Severity, finding.Critical)) != s {
				continue
			}
			level := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[sarifLevel(f.Severity)]
			message := f.Message
			if f.Location.Cell > 0 {
				message = fmt.Sprintf("Cell %d, line %d: %s", f.Location.Cell, f.Location.Line, message)
			}
			if way := wayIn(f.Entry); way != "" {
				message += "\nway in: " + way
			}
			if flaw := flawNote(f); flaw != "" {
				message += "\nflaw: " + flaw
			}
			if f.Hint != "" {
				message += "\nhint: " + f.Hint
			}
			message += "\nmore: gambeson explain " + f.Rule
			command(&b, level, f.Location, fmt.Sprintf("%s: %s", f.Severity, f.Rule), message)
		}
	}
	for _, note := range r.Notes {
		command(&b, "notice", finding.Location{}, "note", clean(note))
	}
	sum := summarise(r)
	found, looked, leftOut, problems := sum.sentences(r)
	level := "notice"
	if problems != "" || looked == "" {
		level = "warning"
	}
	var said []string
	for _, s := range []string{found, problems, looked, leftOut} {
		if s != "" {
			said = append(said, s)
		}
	}
	command(&b, level, finding.Location{}, "Gambeson", strings.Join(said, " "))
	_, err := w.Write(b.Bytes())
	return err
}

// command writes one workflow command. Nothing in it can end it early or begin another:
// its parts are escaped as the runner expects.
func command(b *bytes.Buffer, level string, l finding.Location, title, message string) {
	var props []string
	if l.Path != "" {
		props = append(props, "file="+property(l.Path))
	}
	if l.Line > 0 && l.Cell == 0 {
		props = append(props, fmt.Sprintf("line=%d", l.Line))
		switch {
		case l.EndLine > l.Line:
			props = append(props, fmt.Sprintf("endLine=%d", l.EndLine)) // columns only count on one line
		case l.Column > 0:
			props = append(props, fmt.Sprintf("col=%d", l.Column))
			if l.EndLine == l.Line && l.EndColumn > l.Column {
				props = append(props, fmt.Sprintf("endColumn=%d", l.EndColumn))
			}
		}
	}
	props = append(props, "title="+property(title))
	text := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(cleanLines(message))
	fmt.Fprintf(b, "::%s %s::%s\n", level, strings.Join(props, ","), text)
}

func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(clean(s))
}
