package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// Clean makes text from elsewhere fit to be shown on one line of a terminal.
func Clean(s string) string { return clean(s) }

// WriteRule writes a rule's page for the terminal: what the rule is, then its Markdown as
// plain text, with code as it is.
func WriteRule(w io.Writer, r finding.Rule, note string, o Options) error {
	width := 100
	if o.Width > 0 {
		width = min(max(o.Width, 40), 100)
	}
	t := textWriter{painter: painter(o.Color), width: width}
	t.line(t.paint(bold, clean(r.ID)), "  ", clean(r.Title))
	facts := []string{r.Severity.String(), string(r.Practice) + " " + r.Practice.Title()}
	for _, s := range []string{cweNames(r.CWE), r.OWASP, asvsName(r.ASVS), strings.Join(r.Aliases, ", "), note} {
		if s != "" {
			facts = append(facts, s)
		}
	}
	for _, l := range wrap(clean(strings.Join(facts, " · ")), width) {
		t.line(t.paint(dim, l))
	}
	t.line()
	t.markdown(r.Help)
	_, err := w.Write(t.buf.Bytes())
	return err
}

// asvsName names a chapter where it stands alone.
func asvsName(chapter string) string {
	if chapter == "" {
		return ""
	}
	return "ASVS " + chapter
}

// markdown writes what the pages of rules are made of: paragraphs, headings, and blocks
// of code. The first heading is the title, which stands above.
func (t *textWriter) markdown(text string) {
	var para []string
	blank := true // the last line written is empty
	flush := func() {
		if para == nil {
			return
		}
		for _, l := range t.prose(strings.Join(para, " "), t.width) {
			t.line(l)
		}
		t.line()
		para, blank = nil, true
	}
	code := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		level := len(line) - len(strings.TrimLeft(line, "#"))
		switch {
		case strings.HasPrefix(line, "```"):
			flush()
			if code = !code; !code || !blank {
				t.line()
				blank = true
			}
		case code:
			t.line("    ", t.paint(cyan, strings.TrimRight(cleanLines(line), " ")))
		case line == "":
			flush()
		case level > 0 && strings.HasPrefix(line[level:], " "):
			flush()
			if level == 1 {
				continue
			}
			if !blank {
				t.line()
			}
			t.line(t.paint(bold, clean(line[level+1:])))
			blank = false
		default:
			para = append(para, strings.TrimSpace(line))
		}
	}
	flush()
	// One empty line at the end, not two.
	for bytes.HasSuffix(t.buf.Bytes(), []byte("\n\n")) {
		t.buf.Truncate(t.buf.Len() - 1)
	}
}

// prose wraps a paragraph and takes the marks of Markdown out of it. `code` and **bold**
// are painted where there is colour; without it code keeps its quotes, which tell where
// it ends.
func (t *textWriter) prose(s string, width int) []string {
	s = clean(links(s))
	if !t.painter {
		return wrap(strings.ReplaceAll(s, "**", ""), width)
	}
	// The marks take no room in the end; a line may come out a little short.
	lines := wrap(strings.ReplaceAll(s, "**", ""), width)
	open := false
	for i, l := range lines {
		var b strings.Builder
		for j, part := range strings.Split(l, "`") {
			if j > 0 {
				open = !open
			}
			if open {
				part = t.paint(cyan, part)
			}
			b.WriteString(part)
		}
		lines[i] = b.String()
	}
	return lines
}

// links writes [text](address) as text (address).
func links(s string) string {
	for from := 0; ; {
		i := strings.Index(s[from:], "](")
		if i < 0 {
			return s
		}
		i += from
		start := strings.LastIndexByte(s[:i], '[')
		end := strings.IndexByte(s[i:], ')')
		if start < 0 || end < 0 || strings.ContainsAny(s[i+2:i+end], " `") {
			from = i + 2
			continue
		}
		s = fmt.Sprintf("%s%s (%s)%s", s[:start], s[start+1:i], s[i+2:i+end], s[i+end+1:])
		from = start
	}
}

// A RuleRow is what a table of rules says of one.
type RuleRow struct {
	finding.Rule
	Note string // such as audit
}

// WriteRules writes a table of rules, by practice.
func WriteRules(w io.Writer, rows []RuleRow, o Options) error {
	t := textWriter{painter: painter(o.Color)}
	ids, titles := 0, 0
	for _, r := range rows {
		ids = max(ids, textWidth(clean(r.ID)))
		titles = max(titles, textWidth(clean(r.Title)))
	}
	first := true
	for _, p := range finding.Practices {
		here := false
		for _, r := range rows {
			if r.Practice != p {
				continue
			}
			if !here {
				if !first {
					t.line()
				}
				t.line(t.paint(bold, fmt.Sprintf("%s  %s", p, p.Title())))
				here, first = true, false
			}
			aliases := clean(strings.Join(namesOnly(r.Aliases), " "))
			if r.Note != "" {
				aliases = strings.TrimSpace(r.Note + "  " + aliases)
			}
			id, title, severity := clean(r.ID), clean(r.Title), r.Severity.String()
			left := 2 + ids + 2 + 8 + 2 + titles + 2
			if o.Width > 0 {
				aliases = cut(aliases, max(0, o.Width-left))
			}
			t.line("  ", t.paint(cyan, id), pad(id, ids+2), t.paint(severityStyles[min(r.Severity, finding.Critical)], severity), pad(severity, 10), title, pad(title, titles+2), t.paint(dim, aliases))
		}
	}
	_, err := w.Write(t.buf.Bytes())
	return err
}

func pad(s string, width int) string { return strings.Repeat(" ", max(0, width-textWidth(s))) }

// namesOnly leaves out aliases that are another's in a second tool: S608 beside B608.
func namesOnly(aliases []string) []string {
	var out []string
	for _, a := range aliases {
		twin := false
		for _, b := range aliases {
			twin = twin || len(a) > 1 && a[0] == 'S' && b == "B"+a[1:]
		}
		if !twin {
			out = append(out, a)
		}
	}
	return out
}

// PaintDiff makes a unified diff fit for a terminal: what comes from the files is clean,
// and lines have colours if there are any.
func PaintDiff(diff []byte, o Options) string {
	p := painter(o.Color)
	var b strings.Builder
	for line := range strings.Lines(string(diff)) {
		line = strings.TrimRight(line, "\r\n")
		st := plain
		switch {
		case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
			st = bold
		case strings.HasPrefix(line, "@@"):
			st = cyan
		case strings.HasPrefix(line, "+"):
			st = green
		case strings.HasPrefix(line, "-"):
			st = red
		}
		b.WriteString(p.paint(st, scrub(line, true)) + "\n")
	}
	return b.String()
}
