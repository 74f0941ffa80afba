package report

import (
	"cmp"
	"embed"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/report/markup"
)

//go:embed page
var pageFiles embed.FS

var (
	pageCSS = markup.Embedded(pageFiles, "page/page.css")
	pageJS  = markup.Embedded(pageFiles, "page/page.js")
)

// writeHTML writes one page that needs nothing else: no network, no other file, and no
// script except for the filters. Its content security policy allows the one style
// sheet and the one script by their hashes, so that even text that escaped markup
// could do nothing. How it looks is in htmlpage.go.
func writeHTML(w io.Writer, r *finding.Report, _ Options) error {
	p := htmlPageOf(ordered(r))
	return markup.Write(w, p.node())
}

// The types below are what the page shows, ready to be printed: all text is clean.

type htmlPage struct {
	CSP        string
	Tool       string
	Root       string
	Profile    string
	Verdict    string // one word or two
	Mood       string // the class of the verdict: bad, good or unsure
	Sentences  []string
	Incomplete string
	Total      int
	Rows       []htmlRow
	Wheel      []htmlSector
	Bar        []htmlCount // all findings by severity, the worst first
	Problems   []htmlProblem
	Notes      []string
	Files      []htmlFile
	Suppressed []htmlFinding
	Silenced   int      // findings in Suppressed
	Severities []string // those that occur, the worst first
	Full       []htmlPractice
}

// A htmlPractice is a practice in full.
type htmlPractice struct {
	htmlRow
	Checked     string
	Wrong       []htmlWrong
	Others      string // how many rules found nothing
	Right       []htmlFact
	Unseen      []htmlUnseen
	OWASP, ASVS []string
	Rules       []htmlRule
}

type htmlWrong struct {
	Severity, Rule, Title string
	Places                []htmlPlace
}

// A htmlPlace leads to a finding on the page.
type htmlPlace struct{ ID, Place string }

type htmlFact struct {
	Number, What string
	None         bool
}

type htmlUnseen struct {
	What, Command string
	Gap           bool
}

type htmlRule struct{ ID, Title, Severity, OWASP, ASVS, Looked, Found string }

type htmlRow struct {
	Number, Title, Found, Looked, State, Sign string
	Part, Head                                bool
	Counts                                    []htmlCount
}

type htmlCount struct {
	Severity string
	N        int
	Width    float64 // percent
	X        float64
}

// A htmlSector is a part of the wheel.
type htmlSector struct {
	Number, Title, State, Path, Stitch string
	X, Y                               float64 // of the label
	Small                              bool
}

type htmlProblem struct {
	Place, Message string
	Partial        bool
}

type htmlFile struct {
	Path     string
	Findings []htmlFinding
	Counts   []htmlCount
}

type htmlFinding struct {
	ID                           string
	Rule, Title, Message, Place  string
	Severity, Confidence         string
	Practice, PracticeTitle      string
	Symbol, WayIn, Why, Silenced string
	Also                         []string // the other ways in
	OWASP, Fingerprint           string
	Flaw, Fixed                  string     // of a package
	Flaws                        []htmlFlaw // of a package, where several are one to the reader; the worst first
	Hints                        []string
	CWE                          []int
	Source                       []htmlLine // without a trace
	Steps                        []htmlStep
	Fix                          *htmlFix
	Quiet                        bool
}

// A htmlFlaw is one of those of a package.
type htmlFlaw struct {
	ID, Severity, Confidence, Name, URL, Title, Fixed, Silenced string
}

type htmlLine struct {
	Number                int
	Before, Marked, After string
	Hit                   bool // the line is part of the range
	Gap                   bool // lines are left out here; there is nothing else
}

type htmlStep struct {
	Place, Message string
	Line           *htmlLine
	Last           bool
}

type htmlFix struct {
	Message string
	Safe    bool
	Changes []htmlChange
}

type htmlChange struct {
	Place    string
	Old, New []string
	Note     string // instead, where the old lines are not in the report
}

func htmlPageOf(r *finding.Report) htmlPage {
	s := summarise(r)
	found, looked, leftOut, problems := s.sentences(r)
	p := htmlPage{
		CSP:        "default-src 'none'; style-src " + pageCSS.Hash() + "; script-src " + pageJS.Hash() + "; base-uri 'none'; form-action 'none'",
		Tool:       clean(strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version)),
		Root:       clean(r.Root),
		Profile:    clean(r.Profile),
		Incomplete: clean(problems),
		Total:      s.Total,
		Wheel:      wheel(&s),
		Bar:        htmlCounts(s.Counts),
	}
	for _, sentence := range []string{found, looked, leftOut} {
		if sentence != "" {
			p.Sentences = append(p.Sentences, clean(sentence))
		}
	}
	p.Verdict, p.Mood = s.verdict(r)
	for i := range s.Rows {
		w := &s.Rows[i]
		p.Rows = append(p.Rows, htmlRow{
			Number: w.Number, Title: w.Title, Found: w.found(), Looked: clean(w.Looked), State: stateClass(w),
			Sign: sign(w),
			Part: w.Part, Head: w.Head, Counts: htmlCounts(w.Counts),
		})
	}
	for _, problem := range r.Problems {
		p.Problems = append(p.Problems, htmlProblem{clean(problemPlace(problem)), clean(problem.Message), problem.Partial})
	}
	for _, note := range r.Notes {
		p.Notes = append(p.Notes, clean(note))
	}
	rules := map[string]*finding.Rule{}
	for i := range r.Rules {
		rules[r.Rules[i].ID] = &r.Rules[i]
	}
	var inFile [finding.Critical + 1]int
	seen := map[string]bool{}
	last := ""
	blocks := map[flawBlock][]*finding.Finding{}
	ids := map[*finding.Finding]string{}
	for i := range r.Findings {
		f := &r.Findings[i]
		ids[f] = fmt.Sprintf("f%d", i+1)
		if f.Advisory != nil {
			blocks[blockOf(f)] = append(blocks[blockOf(f)], f)
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		seen[min(f.Severity, finding.Critical).String()] = true
		var flaws []*finding.Finding
		if f.Advisory != nil {
			if flaws = blocks[blockOf(f)]; flaws[0] != f {
				inFile[min(f.Severity, finding.Critical)]++
				if f.Suppressed == nil {
					p.Files[len(p.Files)-1].Counts = htmlCounts(inFile)
				} else {
					p.Silenced++
				}
				continue
			}
		}
		h := htmlFindingOf(f, rules[f.Rule])
		if len(flaws) > 1 {
			h = htmlFlawsOf(flaws, rules[f.Rule], ids)
		}
		h.ID = ids[f]
		if f.Suppressed != nil {
			p.Silenced++
			p.Suppressed = append(p.Suppressed, h)
			continue
		}
		if len(p.Files) == 0 || f.Location.Path != last {
			last = f.Location.Path
			p.Files = append(p.Files, htmlFile{Path: clean(last)})
			inFile = [finding.Critical + 1]int{}
		}
		file := &p.Files[len(p.Files)-1]
		file.Findings = append(file.Findings, h)
		inFile[min(f.Severity, finding.Critical)]++
		file.Counts = htmlCounts(inFile)
	}
	for _, x := range inFull(r, &s) {
		p.Full = append(p.Full, htmlPracticeOf(&x, p.Rows[len(p.Full)], ids))
	}
	for s := int(finding.Critical); s >= 0; s-- {
		if name := finding.Severity(s).String(); seen[name] {
			p.Severities = append(p.Severities, name)
		}
	}
	return p
}

func htmlPracticeOf(x *practiceInFull, row htmlRow, ids map[*finding.Finding]string) htmlPractice {
	p := htmlPractice{
		htmlRow: row, Checked: clean(strings.Join(x.checked(), ", ")), Others: x.others(),
		OWASP: cleanAll(standards(x.owasp, finding.OWASPTitle)), ASVS: cleanAll(standards(x.asvs, finding.ASVSTitle)),
	}
	for _, c := range x.Right {
		p.Right = append(p.Right, htmlFact{number(c), clean(countWords(c)), c.N == 0})
	}
	for _, u := range x.Unseen {
		p.Unseen = append(p.Unseen, htmlUnseen{clean(u.What), clean(u.Command), u.Gap})
	}
	for _, rule := range x.rules {
		y := htmlRule{clean(rule.ID), clean(rule.Title), rule.Severity.String(), clean(rule.OWASP), clean(rule.ASVS), clean(strings.Join(countsOf(rule.places), ", ")), ""}
		if n := len(rule.found); n > 0 {
			y.Found = finding.Number(n)
			w := htmlWrong{Severity: rule.worst.String(), Rule: y.ID, Title: y.Title}
			places, of := placesOf(rule.found)
			for i, place := range places {
				w.Places = append(w.Places, htmlPlace{ids[of[i]], place})
			}
			p.Wrong = append(p.Wrong, w)
		}
		p.Rules = append(p.Rules, y)
	}
	slices.SortFunc(p.Rules, func(a, b htmlRule) int { return strings.Compare(a.ID, b.ID) })
	return p
}

func cleanAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}

func stateClass(w *row) string {
	switch w.State {
	case lookedBad:
		return w.worst().String()
	case lookedOK:
		return "ok"
	case partly:
		return "partly"
	}
	return "unknown"
}

// htmlCounts lists the severities that occur, the worst first, with their share.
func htmlCounts(c [finding.Critical + 1]int) []htmlCount {
	total := 0
	for _, n := range c {
		total += n
	}
	var list []htmlCount
	x := 0.0
	for s := int(finding.Critical); s >= 0; s-- {
		if c[s] > 0 {
			width := round(100 * float64(c[s]) / float64(total))
			list = append(list, htmlCount{finding.Severity(s).String(), c[s], width, round(x)})
			x += width
		}
	}
	return list
}

func htmlFindingOf(f *finding.Finding, rule *finding.Rule) htmlFinding {
	h := htmlFinding{
		Rule: clean(f.Rule), Title: clean(orElse(f.Title, f.Rule)), Message: clean(f.Message), Place: clean(place(f.Location)),
		Severity: min(f.Severity, finding.Critical).String(), Confidence: f.Confidence.String(),
		Practice: clean(string(f.Practice)), PracticeTitle: f.Practice.Title(),
		Symbol: clean(f.Symbol), WayIn: clean(wayIn(f.Entry)), Also: alsoIn(f),
		OWASP: clean(f.OWASP), Fingerprint: clean(f.Fingerprint), CWE: f.CWE,
	}
	if f.Hint != "" {
		h.Hints = []string{clean(f.Hint)}
	}
	if rule != nil {
		h.Why = clean(rule.Description)
	}
	if a := f.Advisory; a != nil {
		h.Flaw, h.Fixed = clean(flawNames(a)), clean(fixedIn(a))
	}
	if f.Suppressed != nil {
		h.Silenced, h.Quiet = clean(silencedBy(f.Suppressed)), true
	}
	if len(f.Trace) > 0 {
		ms := marks(f)
		for i, m := range ms {
			step := htmlStep{Place: clean(place(m.Location)), Message: clean(m.text), Last: i == len(ms)-1}
			if text, ok := lineOf(m.excerpt, m.Line); ok {
				line := htmlLineOf(m.Location, m.Line, text)
				step.Line = &line
			}
			h.Steps = append(h.Steps, step)
		}
	} else {
		h.Source = htmlSource(f)
	}
	if f.Fix != nil {
		h.Fix = &htmlFix{clean(f.Fix.Message), f.Fix.Safe, htmlChanges(f)}
	}
	return h
}

// htmlFlawsOf shows the flaws of one package in one place as one, as the text report does: the
// place once, then a line for each.
func htmlFlawsOf(all []*finding.Finding, rule *finding.Rule, ids map[*finding.Finding]string) htmlFinding {
	head := all[0] // whose id is that of the whole
	all, sum := worstFirst(all)
	h := htmlFindingOf(&sum, rule)
	h.Quiet = sum.Suppressed != nil
	h.Message = clean(haveFlaws(all))
	h.Flaw, h.Fixed, h.WayIn, h.Fingerprint, h.Silenced, h.Hints, h.Also = "", "", "", "", "", nil, nil
	for _, f := range all {
		x := htmlFlaw{
			Severity: min(f.Severity, finding.Critical).String(), Confidence: f.Confidence.String(),
			Name: clean(flawNames(f.Advisory)), Title: flawTitle(f, &sum), Fixed: clean(fixedIn(f.Advisory)),
		}
		if f != head {
			x.ID = ids[f]
		}
		if strings.HasPrefix(f.Advisory.URL, "https://") {
			x.URL = f.Advisory.URL
		}
		if f.Suppressed != nil {
			x.Silenced = clean(silencedBy(f.Suppressed))
		}
		h.Flaws = append(h.Flaws, x)
		if hint := clean(f.Hint); hint != "" && !slices.Contains(h.Hints, hint) {
			h.Hints = append(h.Hints, hint)
		}
		if h.Fix == nil && f.Fix != nil {
			h.Fix = &htmlFix{clean(f.Fix.Message), f.Fix.Safe, htmlChanges(f)}
		}
	}
	return h
}

// htmlWidth is how many characters of a line are in the page. Minified code would
// make it huge.
const htmlWidth = 240

func htmlLineOf(l finding.Location, n int, text string) htmlLine {
	h := htmlLine{Number: n, Hit: n >= l.Line && n <= max(l.Line, l.EndLine)}
	runes := []rune(text)
	start, end := 0, 0
	if h.Hit {
		start, end = len(runes)-len([]rune(strings.TrimLeft(text, " \t"))), len(runes)
		if n == l.Line {
			start = l.Column - 1
		}
		if n == max(l.Line, l.EndLine) {
			end = l.EndColumn - 1
		}
	}
	s := fit(text, start, end, htmlWidth)
	h.Before, h.Marked, h.After = s.Before, s.Marked, s.After
	return h
}

// htmlSource shows the excerpt, without what is far from the range.
func htmlSource(f *finding.Finding) []htmlLine {
	const around, most = 2, 14
	if f.Location.Line == 0 {
		return nil
	}
	var lines []htmlLine
	end := max(f.Location.Line, f.Location.EndLine)
	for i, text := range f.Excerpt.Lines {
		n := f.Excerpt.First + i
		if n < f.Location.Line-around || n > end+around {
			continue
		}
		if len(lines) == most {
			lines = append(lines, htmlLine{Gap: true})
			break
		}
		lines = append(lines, htmlLineOf(f.Location, n, text))
	}
	return lines
}

// htmlChanges shows a fix as lines before and after. Edits that touch the same lines
// are one change.
func htmlChanges(f *finding.Finding) []htmlChange {
	edits := slices.Clone(f.Fix.Edits)
	slices.SortStableFunc(edits, func(a, b finding.Edit) int {
		return compareLocations(a.Location, b.Location)
	})
	var changes []htmlChange
	for i := 0; i < len(edits); {
		first := edits[i].Location
		end := max(first.Line, first.EndLine)
		j := i + 1
		for j < len(edits) && sameFile(edits[j].Location, first) && edits[j].Location.Line <= end {
			end = max(end, edits[j].Location.EndLine)
			j++
		}
		group := edits[i:j]
		i = j
		change := htmlChange{Place: clean(place(finding.Location{Path: orElse(first.Path, group[0].Path), Cell: first.Cell, Line: first.Line}))}
		if old, new, ok := applied(f, group, first.Line, end); ok {
			change.Old, change.New = old, new
		} else {
			for _, e := range group {
				change.New = append(change.New, strings.Split(cleanLines(e.Text), "\n")...)
			}
			change.Note = "the text there becomes"
		}
		changes = append(changes, change)
	}
	return changes
}

func compareLocations(a, b finding.Location) int {
	return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Cell, b.Cell), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// applied returns the lines [from, to] before and after the edits, if the excerpt of
// the finding has them.
func applied(f *finding.Finding, edits []finding.Edit, from, to int) (before, after []string, ok bool) {
	if !sameFile(edits[0].Location, f.Location) || to-from > 40 {
		return nil, nil, false
	}
	var text []rune
	starts := map[int]int{}
	for n := from; n <= to; n++ {
		line, ok := lineOf(f.Excerpt, n)
		if !ok {
			return nil, nil, false
		}
		starts[n] = len(text)
		text = append(append(text, []rune(line)...), '\n')
	}
	old := string(text)
	limit := len(text)
	for _, e := range slices.Backward(edits) {
		l := e.Location
		start, end := starts[l.Line]+l.Column-1, starts[l.EndLine]+l.EndColumn-1
		if l.Column < 1 || start > end || end > limit {
			return nil, nil, false // overlapping, or not about these lines
		}
		text = slices.Concat(text[:start], []rune(e.Text), text[end:])
		limit = start
	}
	return diffLines(old), diffLines(string(text)), true
}

func diffLines(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, cut(join(cells(line)), htmlWidth))
	}
	return lines
}

// wheel draws the eight practices as a ring around the number of findings. The second
// is wider and has its four parts outside.
func wheel(s *summary) []htmlSector {
	const inner, middle, outer = 74, 100, 132.0
	const gap = 0.018
	narrow := 2 * math.Pi * 0.75 / 7
	var sectors []htmlSector
	angle := -narrow // the second practice is on the right of the top
	for i := range s.Rows {
		w := &s.Rows[i]
		sector := htmlSector{Number: w.Number, Title: w.Title + ": " + w.found(), State: stateClass(w)}
		width, from, to := narrow, float64(inner), outer
		switch {
		case w.Head:
			width, to = math.Pi/2, middle-2
		case w.Part:
			width, from = math.Pi/8, middle
			sector.Small = true
		}
		sector.Path = ring(angle+gap, angle+width-gap, from, to)
		sector.Stitch = arc(angle+3*gap, angle+width-3*gap, to-5)
		sector.X, sector.Y = polar(angle+width/2, (from+to)/2-2)
		sectors = append(sectors, sector)
		if !w.Head {
			angle += width
		}
	}
	return sectors
}

// polar is a point of the wheel; angles are clockwise from the top.
func polar(angle, radius float64) (x, y float64) {
	return round(radius * math.Sin(angle)), round(-radius * math.Cos(angle))
}

func ring(from, to, inner, outer float64) string {
	x1, y1 := polar(from, outer)
	x2, y2 := polar(to, outer)
	x3, y3 := polar(to, inner)
	x4, y4 := polar(from, inner)
	return fmt.Sprintf("M%g %gA%g %g 0 0 1 %g %gL%g %gA%g %g 0 0 0 %g %gZ", x1, y1, outer, outer, x2, y2, x3, y3, inner, inner, x4, y4)
}

func arc(from, to, radius float64) string {
	x1, y1 := polar(from, radius)
	x2, y2 := polar(to, radius)
	return fmt.Sprintf("M%g %gA%g %g 0 0 1 %g %g", x1, y1, radius, radius, x2, y2)
}

// round keeps two decimals: enough for the eye, and the same on every machine.
func round(x float64) float64 { return math.Round(x*100)/100 + 0 }
