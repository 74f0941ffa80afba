package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// PracticesVersion is the version of what WritePracticesJSON writes. It grows by a minor
// number when a field is added, by a major one when a reader must change.
const PracticesVersion = "1.0"

// A practiceInFull is a practice with everything that the report knows of it.
type practiceInFull struct {
	*row
	*finding.Account
	rules       []ruleInFull // that looked, those with findings first, the worst of them first
	owasp, asvs []string     // of these rules, in order
	quiet       int          // rules without a finding
}

// A ruleInFull is a rule, what it looked at, and what it found.
type ruleInFull struct {
	*finding.Rule
	places   []finding.Count
	found    []*finding.Finding // in the order of the report, suppressed ones left out
	silenced int
	worst    finding.Severity
}

// inFull puts together what a report says of each practice. The second has its parts below it
// and is nothing but their sum. It is nil for a report that has no accounts.
func inFull(r *finding.Report, s *summary) []practiceInFull {
	if len(r.Practices) == 0 {
		return nil
	}
	accounts := map[finding.Practice]*finding.Account{}
	for i := range r.Practices {
		accounts[r.Practices[i].Practice] = &r.Practices[i]
	}
	byRule := map[string][]*finding.Finding{}
	for i := range r.Findings {
		f := &r.Findings[i]
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	var out []practiceInFull
	for i := range s.Rows {
		p := practiceInFull{row: &s.Rows[i], Account: accounts[finding.Practice(s.Rows[i].Number)]}
		if p.Account == nil {
			p.Account = &finding.Account{}
		}
		places := map[string][]finding.Count{}
		for _, l := range p.Account.Rules {
			places[l.Rule] = l.Places
		}
		for j := range r.Rules {
			x := ruleInFull{Rule: &r.Rules[j]}
			if string(x.Practice) != p.Number {
				continue
			}
			x.places = places[x.ID]
			for _, f := range byRule[x.ID] {
				if f.Suppressed != nil {
					x.silenced++
					continue
				}
				x.found = append(x.found, f)
				x.worst = max(x.worst, min(f.Severity, finding.Critical))
			}
			if len(x.found) == 0 {
				p.quiet++
			}
			p.rules = append(p.rules, x)
			p.owasp = addOnce(p.owasp, x.OWASP)
			p.asvs = addOnce(p.asvs, x.ASVS)
		}
		slices.SortStableFunc(p.rules, func(a, b ruleInFull) int {
			return cmp.Or(compareBools(len(b.found) > 0, len(a.found) > 0), cmp.Compare(b.worst, a.worst), strings.Compare(a.ID, b.ID))
		})
		slices.Sort(p.owasp)
		slices.SortFunc(p.asvs, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
		out = append(out, p)
	}
	return out
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func addOnce(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// standards names categories and chapters with their titles.
func standards(ids []string, title func(string) string) []string {
	var out []string
	for _, id := range ids {
		short, _, _ := strings.Cut(id, ":")
		out = append(out, strings.TrimSpace(short+" "+title(id)))
	}
	return out
}

// number is what stands before the words of a count: 7 of 15.
func number(c finding.Count) string {
	if c.Of > 0 {
		return finding.Number(c.N) + " of " + finding.Number(c.Of)
	}
	return finding.Number(c.N)
}

// countWords is the rest of it.
func countWords(c finding.Count) string {
	if c.Rule != "" {
		return c.What + " (" + c.Rule + ")"
	}
	return c.What
}

// countsOf writes 9 files of Python and 265 calls.
func countsOf(list []finding.Count) []string {
	var out []string
	for _, c := range list {
		out = append(out, number(c)+" "+singular(c))
	}
	return out
}

// singular turns the words of places around where there is one.
func singular(c finding.Count) string {
	if c.N != 1 || c.Of > 0 {
		return c.What
	}
	head, rest, _ := strings.Cut(c.What, " ")
	switch head {
	case "classes", "other", "return", "try", "with": // classes, other files, return statements
		head, rest = "", c.What
		if c.What == "classes" {
			return "class"
		}
		return strings.TrimSuffix(rest, "s")
	}
	return strings.TrimSpace(strings.TrimSuffix(head, "s") + " " + rest)
}

// checked says what the rules had before them, in pieces that are not broken.
func (p *practiceInFull) checked() []string {
	if len(p.rules) == 0 {
		return []string{noRules}
	}
	n := finding.Plural(len(p.rules), "rule")
	if len(p.Places) == 0 {
		return []string{n, "and nothing to look at"}
	}
	places := countsOf(p.Places)
	places[0] = n + " on " + places[0]
	return places
}

// noRules says that nobody has looked, and nothingCounted that nobody has counted: neither is a
// sign that all is well.
const (
	noRules        = "nothing: none of the rules that ran is about it"
	nothingCounted = "nothing that is counted"
)

// others says how many of the rules of a practice found nothing.
func (p *practiceInFull) others() string {
	switch {
	case p.quiet == len(p.rules) || p.quiet == 0:
		return ""
	case p.quiet == 1:
		return "the other rule found nothing"
	}
	return "the other " + finding.Number(p.quiet) + " rules found nothing"
}

// sees says which command sees something that a scan does not.
func sees(command string) string {
	if command == "" {
		return "no command of Gambeson's yet"
	}
	return "gambeson " + command
}

// WritePractices writes the eight practices for the terminal, each in full. Verbose names
// every rule and every place.
func WritePractices(w io.Writer, r *finding.Report, o Options) error {
	width := 100
	if o.Width > 0 {
		width = min(max(o.Width, 60), 100)
	}
	r = ordered(r)
	s := summarise(r)
	t := textWriter{painter: painter(o.Color), width: width}
	for _, p := range inFull(r, &s) {
		t.practice(&p, o.Verbose)
	}
	t.problems(r)
	t.close(r, &s)
	_, err := w.Write(t.buf.Bytes())
	return err
}

// labelWidth is where the text of a practice begins, behind its labels.
const labelWidth = 12

func (t *textWriter) practice(p *practiceInFull, verbose bool) {
	st := t.look(p.row)
	t.heading(p.Number+"  "+p.Title, "")
	t.buf.Truncate(t.buf.Len() - 1) // what was found stands close to what it is of
	t.line("  ", t.paint(st, sign(p.row)), " ", t.paint(st, p.found()))
	t.line()
	if p.Head {
		return
	}
	t.items("checked", p.checked(), ", ")
	if verbose {
		for _, x := range p.rules {
			said := countsOf(x.places)
			if len(said) == 0 {
				said = []string{nothingCounted}
			}
			said[0] = x.ID + ": " + said[0]
			t.items("", said, ", ")
		}
	}
	t.wrong(p, verbose)
	if len(p.Right) == 0 && len(p.rules) > 0 {
		t.entry("right", "", 0, nothingCounted, dim)
	}
	numbers := 0
	for _, c := range p.Right {
		numbers = max(numbers, len(number(c)))
	}
	for i, c := range p.Right {
		label := ""
		if i == 0 {
			label = "right"
		}
		st := green
		if c.N == 0 {
			st = yellow
		}
		t.entry(label, t.paint(st, fmt.Sprintf("%*s", numbers, number(c)))+"  ", numbers+2, clean(countWords(c)), plain)
	}
	for i, u := range p.Unseen {
		label, mark, style := "", "? ", plain
		if i == 0 {
			label = "not seen"
		}
		if u.Gap {
			mark, style = t.paint("1;33", "! "), yellow
		}
		t.entry(label, mark, 2, clean(u.What), style)
		t.line(strings.Repeat(" ", labelWidth+2), t.paint(dim, "→ "), t.paint(cyanIf(u.Command != ""), clean(sees(u.Command))))
	}
	t.items("OWASP", standards(p.owasp, finding.OWASPTitle), ", ")
	t.items("ASVS", standards(p.asvs, finding.ASVSTitle), ", ")
	t.line()
}

func cyanIf(yes bool) style {
	if yes {
		return cyan
	}
	return dim
}

// wrong writes a line for each rule with findings, and how many had none.
func (t *textWriter) wrong(p *practiceInFull, verbose bool) {
	ids := 0
	for _, x := range p.rules {
		if len(x.found) > 0 {
			ids = max(ids, textWidth(clean(x.ID)))
		}
	}
	label := "wrong"
	for _, x := range p.rules {
		if len(x.found) == 0 {
			continue
		}
		severity := x.worst.String()
		head := t.paint(severityStyles[x.worst], severity) + pad(severity, 10) + clean(x.ID) + pad(clean(x.ID), ids+2)
		left := 10 + ids + 2
		room := t.width - labelWidth - left
		places, _ := placesOf(x.found)
		var text string
		for n := range places { // as many as fit on the line
			all := strings.Join(places[:n+1], ", ")
			if rest := len(places) - n - 1; rest > 0 {
				all += fmt.Sprintf(" and %d more", rest)
			}
			if text == "" || verbose || textWidth(all) <= room {
				text = all
			}
		}
		if room < 24 { // a long name: the places stand below it
			t.entry(label, head, left, "", plain)
			t.entry("", "          ", 10, text, dim)
		} else {
			t.entry(label, head, left, text, dim)
		}
		label = ""
	}
	if s := p.others(); s != "" {
		t.entry("", "", 0, s, dim)
	}
}

// placesOf names places, the file once for all in it: shop/cart.py:14, 31, shop/users.py:9.
// With them come the findings.
func placesOf(list []*finding.Finding) (out []string, of []*finding.Finding) {
	var last finding.Location
	for i, f := range list {
		l := finding.Location{Path: f.Location.Path, Cell: f.Location.Cell, Line: f.Location.Line}
		if i > 0 && l == last {
			continue
		}
		s := clean(place(l))
		if i > 0 && l.Path == last.Path && l.Line > 0 && l.Cell == 0 && last.Cell == 0 {
			s = strconv.Itoa(l.Line)
		}
		last = l
		out, of = append(out, s), append(of, f)
	}
	return out, of
}

// items writes a label, and things beside it of which none is broken where it can be helped.
func (t *textWriter) items(label string, list []string, between string) {
	line := ""
	flush := func() {
		if line != "" {
			t.entry(label, "", 0, line, plain)
			label, line = "", ""
		}
	}
	for i, s := range list {
		if s = clean(s); i < len(list)-1 {
			s += strings.TrimRight(between, " ")
		}
		if line != "" && textWidth(line)+1+textWidth(s) > t.width-labelWidth {
			flush()
		}
		line = strings.TrimSpace(line + " " + s)
	}
	flush()
}

// entry writes a label, something before a text that takes so many columns, and the text, whose
// further lines stand below its first.
func (t *textWriter) entry(label, before string, columns int, text string, st style) {
	for i, l := range wrap(text, max(20, t.width-labelWidth-columns)) {
		if i == 0 {
			t.line("  ", t.paint(bold, label), pad(label, labelWidth-2), before, t.paint(st, l))
			continue
		}
		t.line(strings.Repeat(" ", labelWidth+columns), t.paint(st, l))
	}
}

// The types below are the JSON of the practices, which docs/practices.schema.json describes.

type practicesJSON struct {
	Version   string            `json:"version"`
	Tool      finding.Tool      `json:"tool"`
	Root      string            `json:"root"`
	Profile   string            `json:"profile"`
	Practices []practiceJSON    `json:"practices"`
	Problems  []finding.Problem `json:"problems"`
	Notes     []string          `json:"notes"`
}

type practiceJSON struct {
	ID     finding.Practice `json:"id"`
	Title  string           `json:"title"`
	State  string           `json:"state"`
	OWASP  []standardJSON   `json:"owasp"`
	ASVS   []standardJSON   `json:"asvs"`
	Places []finding.Count  `json:"places"`
	Rules  []ruleJSON       `json:"rules"`
	Wrong  []wrongJSON      `json:"wrong"`
	Right  []finding.Count  `json:"right"`
	Unseen []finding.Unseen `json:"unseen"`
}

type standardJSON struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type ruleJSON struct {
	ID         string           `json:"id"`
	Title      string           `json:"title"`
	Severity   finding.Severity `json:"severity"`
	OWASP      string           `json:"owasp"`
	ASVS       string           `json:"asvs"`
	Places     []finding.Count  `json:"places"`
	Findings   int              `json:"findings"`
	Suppressed int              `json:"suppressed"`
}

type wrongJSON struct {
	Rule        string             `json:"rule"`
	Severity    finding.Severity   `json:"severity"`
	Confidence  finding.Confidence `json:"confidence"`
	Message     string             `json:"message"`
	Location    finding.Location   `json:"location"`
	Fingerprint string             `json:"fingerprint"`
}

// stateNames are the states as JSON has them.
var stateNames = map[state]string{notLooked: "not-looked", partly: "incomplete", lookedOK: "nothing-found", lookedBad: "findings"}

// WritePracticesJSON writes the eight practices for programs: the second as its four parts.
func WritePracticesJSON(w io.Writer, r *finding.Report) error {
	r = ordered(r)
	s := summarise(r)
	out := practicesJSON{Version: PracticesVersion, Tool: r.Tool, Root: r.Root, Profile: r.Profile, Practices: []practiceJSON{}, Problems: r.Problems, Notes: notNil(r.Notes)}
	named := func(ids []string, title func(string) string) []standardJSON {
		list := []standardJSON{}
		for _, id := range ids {
			list = append(list, standardJSON{id, title(id)})
		}
		return list
	}
	for _, p := range inFull(r, &s) {
		if p.Head {
			continue
		}
		x := practiceJSON{
			ID: finding.Practice(p.Number), Title: p.Title, State: stateNames[p.State],
			OWASP: named(p.owasp, finding.OWASPTitle), ASVS: named(p.asvs, finding.ASVSTitle),
			Places: notNil(p.Places), Rules: []ruleJSON{}, Wrong: []wrongJSON{}, Right: notNil(p.Right), Unseen: notNil(p.Unseen),
		}
		for _, rule := range p.rules {
			x.Rules = append(x.Rules, ruleJSON{rule.ID, rule.Title, rule.Severity, rule.OWASP, rule.ASVS, notNil(rule.places), len(rule.found), rule.silenced})
			for _, f := range rule.found {
				x.Wrong = append(x.Wrong, wrongJSON{f.Rule, f.Severity, f.Confidence, f.Message, f.Location, f.Fingerprint})
			}
		}
		slices.SortFunc(x.Rules, func(a, b ruleJSON) int { return strings.Compare(a.ID, b.ID) })
		out.Practices = append(out.Practices, x)
	}
	return encodeJSON(w, out)
}
