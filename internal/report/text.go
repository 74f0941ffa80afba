package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/parts"
)

// writeText writes the report for the terminal: findings file by file, each with its
// source, then what could not be looked at, then the eight practices, notes and the sum.
//
//	high  sql-injection                                        app/views.py:42:18
//	      Request parameter "id" becomes SQL text.
//
//	   41 │ uid = request.GET["id"]
//	      │       ───────────────── enters here
//	   42 │ cur.execute("SELECT * FROM u WHERE id=" + uid)
//	      │             ────────────────────────────────── reaches the database here
//	      ╵
//	      hint: cur.execute("SELECT * FROM u WHERE id=%s", [uid])
//	      more: gambeson explain sql-injection
func writeText(w io.Writer, r *finding.Report, o Options) error {
	if o.Width <= 0 {
		o.Width = 100
	}
	// Narrower than this nothing reads well, wider lines tire.
	t := textWriter{painter: painter(o.Color), width: min(max(o.Width, 60), 140)}
	r = ordered(r)
	pieces := t.findings(r, o.Verbose)
	t.problems(r)
	t.summary(r)
	for _, b := range append(pieces, t.buf.Bytes()) {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

type textWriter struct {
	painter
	buf   bytes.Buffer
	width int
}

// line writes parts as one line without trailing spaces.
func (t *textWriter) line(parts ...string) {
	from := t.buf.Len()
	for _, s := range parts {
		t.buf.WriteString(s)
	}
	t.buf.Truncate(from + len(bytes.TrimRight(t.buf.Bytes()[from:], " ")))
	t.buf.WriteByte('\n')
}

// indent is where a finding's text begins: behind the widest severity.
const indent = "          "

// findings writes the findings, in pieces that are made by several.
func (t *textWriter) findings(r *finding.Report, verbose bool) [][]byte {
	shown := make([]*finding.Finding, 0, len(r.Findings))
	inFile := map[string]int{}
	blocks := map[flawBlock][]*finding.Finding{}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Suppressed == nil || verbose {
			shown = append(shown, f)
			inFile[f.Location.Path]++
			if f.Advisory != nil {
				k := blockOf(f)
				blocks[k] = append(blocks[k], f)
			}
		}
	}
	return parts.Of(len(shown), several, func(from, to int) []byte {
		t := textWriter{painter: t.painter, width: t.width}
		for i := from; i < to; i++ {
			f := shown[i]
			if i == 0 || f.Location.Path != shown[i-1].Location.Path {
				t.heading(clean(f.Location.Path), finding.Plural(inFile[f.Location.Path], "finding"))
			}
			if f.Advisory == nil {
				t.finding(f)
				continue
			}
			switch flaws := blocks[blockOf(f)]; {
			case len(flaws) == 1:
				t.finding(f)
			case flaws[0] == f:
				t.flaws(flaws)
			}
		}
		return t.buf.Bytes()
	})
}

// A flawBlock is what findings have in common that are shown as one: what a rule says of one
// package in one place.
type flawBlock struct {
	rule, pkg, version string
	at                 finding.Location
	suppressed         bool
}

func blockOf(f *finding.Finding) flawBlock {
	return flawBlock{f.Rule, f.Advisory.Package, f.Advisory.Version, f.Location, f.Suppressed != nil}
}

// heading writes ── title ───────────── note ──.
func (t *textWriter) heading(title, note string) {
	if note != "" {
		note = " " + note + " ──"
	}
	title = cut(title, t.width-textWidth(note)-8)
	fill := t.width - 4 - textWidth(title) - textWidth(note)
	t.line(t.paint(dim, "── "), t.paint(bold, title), t.paint(dim, " "+strings.Repeat("─", max(0, fill))+note))
	t.line()
}

// maxWays bounds the ways beside the first that are shown of a finding.
const maxWays = 4

func (t *textWriter) finding(f *finding.Finding) {
	t.head(f)
	for _, line := range wrap(clean(f.Message), t.width-len(indent)) {
		t.line(indent, line)
	}
	t.line()
	t.source(f)
	t.note("way in", wayIn(f.Entry))
	for i, w := range f.Also {
		if left := len(f.Also) - i; i >= maxWays && left > 1 {
			t.note("also", fmt.Sprintf("%d other ways", left))
			break
		}
		t.note("also", wayIn(&w.Entry))
	}
	t.note("flaw", flawNote(f))
	t.notes(f)
}

// head writes the line that a finding begins with: severity, rule and place.
func (t *textWriter) head(f *finding.Finding) {
	severity := f.Severity.String()
	left := clean(f.Rule)
	note := ""
	switch {
	case f.Suppressed != nil:
		note = "  suppressed"
	case f.Confidence < finding.HighConfidence:
		note = "  " + f.Confidence.String() + " confidence"
	}
	where := clean(place(f.Location))
	pad := strings.Repeat(" ", max(0, len(indent)-len(severity)))
	gap := t.width - len(indent) - textWidth(left) - textWidth(note) - textWidth(where)
	head := t.paint(severityStyles[min(f.Severity, finding.Critical)], severity) + pad + t.paint(bold, left) + t.paint(dim, note)
	if gap >= 2 {
		t.line(head, strings.Repeat(" ", gap), where)
	} else {
		t.line(head)
		t.line(indent, where) // never cut: people click on it
	}
}

// notes writes what follows the source of a finding, or of several that are one to the
// reader: each thing once.
func (t *textWriter) notes(of ...*finding.Finding) {
	var hints, fixes, silenced []string
	var cwe []int
	for _, f := range of {
		hints = append(hints, f.Hint)
		if f.Fix != nil {
			how := "safe, gambeson fix does it"
			if !f.Fix.Safe {
				how = "needs your review"
			}
			fixes = append(fixes, f.Fix.Message+" ("+how+")")
		}
		if f.Suppressed != nil {
			silenced = append(silenced, silencedBy(f.Suppressed))
		}
		cwe = append(cwe, f.CWE...)
	}
	for _, text := range unique(hints) {
		t.note("hint", text)
	}
	for _, text := range unique(fixes) {
		t.note("fix", text)
	}
	for _, text := range unique(silenced) {
		t.note("note", text)
	}
	more := "gambeson explain " + of[0].Rule
	if refs := strings.TrimSpace(cweNames(unique(cwe)) + " " + of[0].OWASP); refs != "" {
		more += " · " + refs
	}
	t.note("more", more)
	t.line()
}

// flaws writes the flaws of one package in one place: the place once, then a line for
// each flaw, the worst first.
//
//	high      vulnerable-dependency                    requirements.txt:2:1
//	          jinja2 2.4.1 has 2 known flaws.
//
//	      2 │ jinja2==2.4.1
//	        │ ─────────────
//	        ╵
//	          high    PYSEC-2019-217 (CVE-2019-10906)  Out of the sandbox   fixed in 2.10.1
//	          medium  CVE-2024-22195                   Attributes for keys  fixed in 3.1.3
//	          hint:   jinja2==3.1.6
func (t *textWriter) flaws(all []*finding.Finding) {
	all, sum := worstFirst(all)
	first := all[0]
	rows := make([]struct{ severity, name, title, fix string }, len(all))
	severities, names, titles, fixes := 0, 0, 0, 0
	for i, f := range all {
		row := &rows[i]
		row.severity, row.name, row.title, row.fix = f.Severity.String(), clean(flawNames(f.Advisory)), flawTitle(f, &sum), clean(fixedIn(f.Advisory))
		severities = max(severities, len(row.severity))
		names = max(names, textWidth(row.name))
		titles = max(titles, textWidth(row.title))
		fixes = max(fixes, textWidth(row.fix))
	}
	t.head(&sum)
	for _, line := range wrap(clean(haveFlaws(all)), t.width-len(indent)) {
		t.line(indent, line)
	}
	t.line()
	t.source(first)
	names, fixes = min(names, 40), min(fixes, 26)
	// If they do not all fit beside the names, the titles go below: cut they say nothing.
	beside := titles <= t.width-len(indent)-severities-names-fixes-3*2
	for i, row := range rows {
		name, title, fix := cut(row.name, names), row.title, cut(row.fix, fixes)
		st := severityStyles[min(all[i].Severity, finding.Critical)]
		left := [...]string{indent, t.paint(st, row.severity), pad(row.severity, severities+2), t.paint(bold, name), pad(name, names+2), "", "", ""}
		if beside {
			left[5], left[6], left[7] = title, pad(title, titles+2), t.paint(dim, fix)
			t.line(left[:]...)
			continue
		}
		if len(indent)+severities+names+fixes+2*2 > t.width {
			title, fix = title+" ("+fix+")", ""
		}
		left[5] = t.paint(dim, fix)
		t.line(left[:]...)
		for _, line := range wrap(title, t.width-len(indent)-severities-2) {
			t.line(indent, pad("", severities+2), line)
		}
	}
	t.notes(all...)
}

// worstFirst sorts the flaws of a block, and sums them up: as bad as the worst, as sure as the
// surest.
func worstFirst(all []*finding.Finding) (sorted []*finding.Finding, sum finding.Finding) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *finding.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Advisory.ID, b.Advisory.ID))
	})
	sum = *all[0]
	for _, f := range all {
		sum.Confidence = max(sum.Confidence, f.Confidence)
	}
	return all, sum
}

// haveFlaws says how many a block has.
func haveFlaws(all []*finding.Finding) string {
	a := all[0].Advisory
	return strings.TrimSpace(a.Package+" "+a.Version) + " has " + finding.Number(len(all)) + " known flaws."
}

// flawTitle is what a flaw's line says, with its confidence if others are surer.
func flawTitle(f, sum *finding.Finding) string {
	title := clean(strings.TrimSuffix(aboutFlaw(f), "."))
	if f.Confidence < sum.Confidence {
		title += " (" + f.Confidence.String() + " confidence)"
	}
	return title
}

// note writes "hint: text", wrapped, with the text of all notes in one column.
func (t *textWriter) note(name, text string) {
	text = clean(text)
	if text == "" {
		return
	}
	label := name + ":" + strings.Repeat(" ", max(1, 7-len(name)))
	st := dim
	switch name {
	case "hint", "fix":
		st = green
	case "way in", "also":
		st = cyan
	}
	for i, line := range wrap(text, t.width-len(indent)-len(label)) {
		if i > 0 {
			label = strings.Repeat(" ", len(label))
		}
		t.line(indent, t.paint(st, label), line)
	}
}

// A mark is a range to show, with what is said about it.
type mark struct {
	finding.Location
	excerpt finding.Excerpt
	text    string
	main    bool // the finding's own place
}

// marks are what is shown of a finding's source: the steps of its trace in their order,
// and its own place unless the last step is there.
func marks(f *finding.Finding) []mark {
	var ms []mark
	for _, s := range f.Trace {
		m := mark{Location: s.Location, excerpt: s.Excerpt, text: s.Message}
		if _, ok := lineOf(m.excerpt, m.Line); !ok && sameFile(m.Location, f.Location) {
			m.excerpt = f.Excerpt
		}
		ms = append(ms, m)
	}
	if n := len(ms); n > 0 && sameFile(ms[n-1].Location, f.Location) && ms[n-1].Line == f.Location.Line {
		ms[n-1].main = true
		return ms
	}
	return append(ms, mark{Location: f.Location, excerpt: f.Excerpt, main: true})
}

func sameFile(a, b finding.Location) bool { return a.Path == b.Path && a.Cell == b.Cell }

// lineOf returns a line of an excerpt.
func lineOf(e finding.Excerpt, line int) (string, bool) {
	if i := line - e.First; i >= 0 && i < len(e.Lines) {
		return e.Lines[i], true
	}
	return "", false
}

// mostLines is how many lines of one range are shown, and the rest is said.
const mostLines = 6

// source writes the excerpt: each marked line once, its marks below it.
func (t *textWriter) source(f *finding.Finding) {
	ms := marks(f)
	digits := 3
	for _, m := range ms {
		digits = max(digits, len(strconv.Itoa(m.EndLine)), len(strconv.Itoa(m.Line)))
	}
	blank := strings.Repeat(" ", max(0, len(indent)-3-digits))
	gutter := func(label, bar string) string {
		return blank + t.paint(dim, fmt.Sprintf("%*s %s ", digits, label, bar))
	}
	room := t.width - len(blank) - digits - 3
	at := f.Location // where the reader is
	at.Line = 0
	drawn := false
	for i, m := range ms {
		text, ok := lineOf(m.excerpt, m.Line)
		if !ok {
			if m.text != "" {
				t.line(gutter("", "│"), clean(m.text), t.paint(dim, " at "), clean(place(m.Location)))
				drawn = true
				at.Line = 0
			}
			continue
		}
		switch {
		case !sameFile(m.Location, at):
			bar := "╷"
			if drawn {
				bar = "├"
			}
			t.line(gutter("", bar), t.paint(dim, "in "), clean(place(m.Location)))
			at = m.Location
			at.Line = 0
		case drawn && at.Line > 0 && m.Line != at.Line && m.Line != at.Line+1:
			t.line(gutter("", "┆"))
		}
		drawn = true
		st := cyan
		if m.main {
			st = severityStyles[min(f.Severity, finding.Critical)]
			if f.Severity >= finding.Critical {
				st = "1;31" // the severity's background would hide the line
			}
		}
		if m.EndLine > m.Line {
			at.Line = t.block(m, gutter, room, st)
		} else {
			start, end := m.Column-1, m.EndColumn-1
			s := fit(text, start, end, room)
			if m.Line != at.Line || i == 0 {
				t.line(gutter(strconv.Itoa(m.Line), "│"), s.Before, t.paint(st, s.Marked), s.After)
			} else {
				// The line is there already, but perhaps cut around another range.
				s = again(text, ms[i-1], start, end, room)
			}
			t.line(gutter("", "│"), strings.Repeat(" ", s.Offset), t.paint(st, strings.Repeat("─", s.Width)))
			at.Line = m.Line
			t.sentence(m.text, s, gutter("", "│"), room)
			continue
		}
		t.sentence(m.text, stretch{Offset: room}, gutter("", "│"), room)
	}
	if drawn {
		t.line(blank, t.paint(dim, fmt.Sprintf("%*s ╵", digits, "")))
	}
}

// again lays out a second range of a line that was printed for the mark before. If the
// line is not cut, the layout is the same; if it is, the range may be out of sight, and
// then the underline sits at the edge.
func again(text string, before mark, start, end, room int) stretch {
	s := fit(text, start, end, room)
	first := fit(text, before.Column-1, before.EndColumn-1, room)
	if strings.HasPrefix(first.Before, "…") == strings.HasPrefix(s.Before, "…") && first.Before+first.Marked+first.After == s.Before+s.Marked+s.After {
		return s
	}
	if start < before.Column-1 {
		return stretch{Offset: 0, Width: 1}
	}
	return stretch{Offset: room - 1, Width: 1}
}

// sentence writes what is said about a range: behind the underline if there is room,
// else below it. The underline's line has just been written.
func (t *textWriter) sentence(text string, s stretch, gutter string, room int) {
	text = clean(text)
	if text == "" {
		return
	}
	if left := room - s.Offset - s.Width - 1; textWidth(text) <= left {
		t.buf.Truncate(t.buf.Len() - 1)
		t.line(" ", text)
		return
	}
	for _, line := range wrap(text, room) {
		t.line(gutter, line)
	}
}

// block writes a range of several lines with a heavy bar beside it, and returns the
// last line's number.
func (t *textWriter) block(m mark, gutter func(label, bar string) string, room int, st style) int {
	shown, left := 0, 0
	for n := m.Line; n <= m.EndLine; n++ {
		text, ok := lineOf(m.excerpt, n)
		if !ok || shown == mostLines {
			left = m.EndLine - n + 1
			break
		}
		start, end := 0, len([]rune(text))
		start = end - len([]rune(strings.TrimLeft(text, " \t")))
		if n == m.Line {
			start = m.Column - 1
		}
		if n == m.EndLine {
			end = min(end, m.EndColumn-1)
		}
		s := fit(text, start, end, room)
		t.line(gutter(strconv.Itoa(n), "┃"), s.Before, t.paint(st, s.Marked), s.After)
		shown++
	}
	if left > 0 {
		t.line(gutter("", "┆"), t.paint(dim, "and "+finding.Plural(left, "more line")))
	}
	return m.EndLine
}

// problems writes what could not be looked at, one line each.
func (t *textWriter) problems(r *finding.Report) {
	if len(r.Problems) == 0 {
		return
	}
	t.heading("Could not be looked at", finding.Plural(len(r.Problems), "problem"))
	for _, p := range r.Problems {
		text := clean(problemPlace(p)) + "  " + clean(problemText(p))
		t.line(t.paint("1;33", "  ! "), text)
	}
	t.line()
}

// summary writes the eight practices and the sum.
func (t *textWriter) summary(r *finding.Report) {
	s := summarise(r)
	t.heading("The eight practices", "")
	title, found := 0, 0
	for _, w := range s.Rows {
		title = max(title, len(w.Title)+4)
		if w.Looked != "" {
			found = max(found, len(w.found()))
		}
	}
	for i := range s.Rows {
		w := &s.Rows[i]
		st := t.look(w)
		name := w.Title
		if w.Part {
			name = "  " + name
		}
		said := w.found()
		looked := cut(clean(w.Looked), max(12, t.width-len("  ✗ ")+2-4-title-found-2))
		t.line("  ", t.paint(st, sign(w)), " ", fmt.Sprintf("%-4s%-*s", w.Number, title, name), t.paint(st, said),
			strings.Repeat(" ", max(0, found-len(said))), "  ", t.paint(dim, looked))
	}
	if len(r.Practices) > 0 {
		t.line()
		t.line("  ", t.paint(dim, "gambeson practices PATH shows each of them in full."))
	}
	t.line()
	t.close(r, &s)
}

// look is how what is said of a practice looks.
func (t *textWriter) look(w *row) style {
	st := yellow
	switch w.State {
	case lookedBad:
		if st = severityStyles[w.worst()]; w.worst() == finding.Critical {
			st = "1;31" // on a background a whole line would be too much
		}
	case lookedOK:
		st = green
	}
	return st
}

// close writes the notes and the sum.
func (t *textWriter) close(r *finding.Report, s *summary) {
	for _, note := range r.Notes {
		for i, line := range wrap(clean(note), t.width-4) {
			t.line("  ", t.paint(cyan, [...]string{"· ", "  "}[min(i, 1)]), line)
		}
	}
	if len(r.Notes) > 0 {
		t.line()
	}
	found1, looked, leftOut, problems := s.sentences(r)
	for i, sentence := range []string{found1, problems, looked, leftOut} {
		st := plain
		switch {
		case i == 0 && (s.Total > 0 || strings.HasPrefix(sentence, "Nothing was")):
			st = bold
		case i == 0 && s.Problems == 0:
			st = "1;32"
		case i == 1:
			st = "1;33"
		case i > 1:
			st = dim
		}
		if sentence == "" {
			continue
		}
		for _, line := range wrap(clean(sentence), t.width-2) {
			t.line("  ", t.paint(st, line))
		}
	}
}
