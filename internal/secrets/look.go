package secrets

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/source"
)

// A page is one file under scrutiny: its text, and what in it must not travel.
type page struct {
	*source.File
	masks  [][2]int // sorted, by offsets of the file
	values []string // what stands there
	supp   *finding.Suppressions
	test   bool
	count  map[string]int
}

// look judges one text. Nothing that it returns shares memory with the text.
func (l *looking) look(p string, text []byte) []found {
	s := newTextScan(l.index, p, text)
	s.run()
	hits := s.found()
	test := source.IsTest(p) && !l.audit && !l.Config.IncludeTests
	switch {
	case s.notebook:
		return l.notebook(p, text, hits, test)
	case s.python && s.judge && l.Python != nil:
		f, _ := source.Decode(p, text) // what is wrong with it is a scan's to say
		if f == nil {
			break
		}
		if f.Encoding != "" { // our offsets are those of the text in UTF-8
			s = newTextScan(l.index, p, f.Bytes)
			s.run()
			hits = s.found()
		}
		return l.page(f, hits, l.Python(f), test)
	}
	if len(hits) == 0 {
		return nil
	}
	return l.page(source.New(p, text), hits, nil, test)
}

// notebook judges code cells as Python, and everything else (outputs, texts, attachments) by
// the bytes of the file.
func (l *looking) notebook(p string, text []byte, hits []hit, test bool) (out []found) {
	seen := map[string]bool{}
	if f, _ := source.Notebook(p, text); f != nil && len(f.Bytes) > 0 {
		s := newTextScan(l.index, "cell.py", f.Bytes)
		s.run()
		var judged []finding.Finding
		if s.judge && l.Python != nil {
			judged = l.Python(f)
		}
		out = l.page(f, s.found(), judged, test)
		for _, x := range out {
			seen[x.value] = true
		}
	}
	hits = slices.DeleteFunc(hits, func(h hit) bool { return seen[string(text[h.start:h.end])] })
	if len(hits) > 0 {
		out = append(out, l.page(source.New(p, text), hits, nil, test)...)
	}
	return out
}

// page turns hits and what the rules said into findings.
func (l *looking) page(f *source.File, hits []hit, judged []finding.Finding, test bool) []found {
	pg := &page{File: f, test: test, count: map[string]int{}}
	for i := range hits {
		pg.masks = append(pg.masks, [2]int{hits[i].start + len(hits[i].public()), hits[i].end})
	}
	judged = slices.DeleteFunc(judged, func(j finding.Finding) bool {
		return slices.ContainsFunc(j.Secrets, func(s [2]int) bool {
			return slices.ContainsFunc(hits, func(h hit) bool { return h.start < s[1] && s[0] < h.end && h.rank() > 10 })
		})
	})
	for _, j := range judged {
		pg.masks = append(pg.masks, j.Secrets...)
	}
	slices.SortFunc(pg.masks, func(a, b [2]int) int { return a[0] - b[0] })
	for _, m := range pg.masks {
		if v := f.Text(source.Span{Start: source.Pos(m[0]), End: source.Pos(m[1])}); len(v) >= 6 && len(pg.values) < 2*maxHits && !slices.Contains(pg.values, v) {
			pg.values = append(pg.values, v)
		}
	}
	var out []found
	first := map[string]int{}
	more := map[int]int{}
	for i := range hits {
		x, ok := l.finding(pg, &hits[i])
		if !ok {
			continue
		}
		key := x.Rule + "\x00" + x.value
		if at, again := first[key]; again && x.Suppressed == nil && x.value != "" {
			more[at]++
			continue
		}
		if x.Suppressed == nil {
			first[key] = len(out)
		}
		out = append(out, x)
	}
	for at, n := range more {
		times := "once more"
		if n > 1 {
			times = fmt.Sprintf("%d times more", n)
		}
		out[at].Message += " It stands in the file " + times + "."
	}
	for i := range judged {
		if x, ok := l.taken(pg, judged[i]); ok {
			out = append(out, x)
		}
	}
	return out
}

// public is what everybody may see of a secret: the beginning that all of its kind have.
func (h *hit) public() string {
	if h.kind == nil || len(h.kind.Names) > 0 {
		return ""
	}
	p := h.kind.ready().prefix()
	if len(p) > h.end-h.start || strings.Contains(p, "=") || len(p) > 24 {
		return ""
	}
	return p
}

// finding makes a finding of a hit.
func (l *looking) finding(pg *page, h *hit) (x found, ok bool) {
	r := l.rules[h.rule]
	if r == nil {
		return x, false
	}
	if pg.test && !h.sure {
		// What tests use opens nothing, and who has copied a real one there has a token.
		switch {
		case h.rule == ruleKey, h.rule == ruleToken && len(h.kind.Names) == 0:
			h.severity, h.confidence = min(h.severity, finding.Low), finding.LowConfidence
		default:
			return x, false
		}
	}
	value := string(pg.Bytes[h.start:h.end])
	at := source.Span{Start: source.Pos(h.start), End: source.Pos(h.end)}
	if h.rule == ruleKey { // the line that says what it is
		if end := bytes.IndexAny(pg.Bytes[h.start:h.end], "\r\n\\"); end > 0 {
			at.End = at.Start + source.Pos(end)
		}
	}
	x = found{value: value, strong: h.strong, Finding: finding.Finding{
		Rule: r.ID, Practice: r.Practice, Title: r.Title, Message: strings.Clone(h.message), Severity: h.severity, Confidence: h.confidence, CWE: r.CWE, OWASP: r.OWASP,
		Hint: h.hint, Location: rule.Locate(pg.File, at),
	}}
	if x.Hint == "" {
		x.Hint = r.Hint
	}
	line, last := pg.Position(at.Start).Line, pg.Position(at.End).Line
	lines := pg.lines(line, last, l.Show)
	if h.rule == ruleKey {
		lines = []string{cut(pg.Text(at))}
	}
	x.Excerpt = finding.Excerpt{First: x.Location.Line, Lines: lines}
	name := h.name
	if h.kind != nil {
		name = h.kind.ID
	}
	x.Fingerprint = pg.print(r.ID, name, value, h.strong, line, last)
	sev, keep := l.Config.At(pg.Path, r.ID, r.Aliases, r.Practice, x.Severity)
	x.Severity = sev
	if keep && !l.NoSuppress {
		x.Suppressed = pg.allowed(r.ID, r.Aliases, line, last)
	}
	return x, keep
}

// taken takes over what a rule has found in Python.
func (l *looking) taken(pg *page, j finding.Finding) (x found, ok bool) {
	r := l.rules[j.Rule]
	if r == nil {
		return x, false
	}
	x = found{Finding: j}
	if len(j.Secrets) > 0 {
		s := j.Secrets[len(j.Secrets)-1]
		x.value = strings.Clone(pg.Text(source.Span{Start: source.Pos(s[0]), End: source.Pos(s[1])}))
		x.strong = len(x.value) >= 20 && secret.Random(x.value)
	}
	line := j.Location.Line
	for _, c := range pg.Cells {
		if c.Index == j.Location.Cell {
			line += pg.Position(c.Start).Line - 1
		}
	}
	last := line + max(0, j.Location.EndLine-j.Location.Line)
	x.Excerpt.Lines = pg.lines(line, last, l.Show)
	x.Fingerprint = pg.print(r.ID, j.Symbol, x.value, x.strong, line, last)
	x.Secrets = nil
	x.Fix = nil // fix repairs, from the same rules; here it is a matter of taking the secret away
	sev, keep := l.Config.At(pg.Path, r.ID, r.Aliases, r.Practice, x.Severity)
	x.Severity = sev
	if keep && !l.NoSuppress && x.Suppressed == nil {
		x.Suppressed = pg.allowed(r.ID, r.Aliases, line, last)
	}
	if l.NoSuppress {
		x.Suppressed = nil
	}
	return x, keep
}

// print is the finding's fingerprint. It must be of no use to who would like to know the
// secret: what could be guessed is not in it, and what could not is there as a hash, so that
// another secret in the same place is another finding.
func (pg *page) print(rule, name, value string, strong bool, line, last int) string {
	text := ""
	if strong {
		sum := sha256.Sum256([]byte(rule + "\x00" + value))
		text = hex.EncodeToString(sum[:])
	} else {
		text = strings.Join(strings.Fields(strings.Join(pg.lines(line, last, false), "\n")), " ")
		// As many stars as the secret has characters would say how many.
		for strings.Contains(text, "**") {
			text = strings.ReplaceAll(text, "**", "*")
		}
	}
	key := rule + "\x00" + name + "\x00" + text
	n := pg.count[key]
	pg.count[key]++
	return finding.Fingerprint(rule, pg.Path, name, text, n)
}

// What a finding carries of the source is bounded: it is for reading, not for keeping.
const (
	maxLines = 12
	maxWidth = 400
)

// lines are the lines of an excerpt. Every secret of the file that stands in them is covered,
// whatever the finding is about, and so is every copy of one.
func (pg *page) lines(first, last int, show bool) []string {
	var out []string
	for n := first; n <= last && n < first+maxLines; n++ {
		if show {
			out = append(out, cut(pg.Line(n)))
			continue
		}
		text := pg.Covered(n, pg.masks)
		for _, v := range pg.values {
			if strings.Contains(text, v) {
				text = strings.ReplaceAll(text, v, strings.Repeat("*", utf8.RuneCountInString(v)))
			}
		}
		out = append(out, cut(text))
	}
	return out
}

func cut(line string) string {
	if len(line) > maxWidth {
		line = strings.ToValidUTF8(line[:maxWidth], "") + "…"
	}
	return strings.Clone(strings.ToValidUTF8(line, "\ufffd")) // the buffer is used again
}
