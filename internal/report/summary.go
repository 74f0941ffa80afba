package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// A state is what can be said of one practice. The zero value is the most careful one.
type state uint8

const (
	notLooked state = iota // by this command; another one does
	partly                 // nothing found, but there are problems
	lookedOK               // nothing found
	lookedBad              // something found
)

// A row is what a report says of one practice.
type row struct {
	Number string // "1", "2", "2a" …
	Title  string
	Part   bool // of practice 2
	Head   bool // practice 2 itself, the sum of its parts
	State  state
	Counts [finding.Critical + 1]int // active findings by severity
	Total  int
	Looked string // what was looked at, "" if not
}

// A summary is a report in numbers.
type summary struct {
	Rows       []row                     // the eight practices, the second with its parts below it
	Counts     [finding.Critical + 1]int // active findings by severity
	Total      int                       // active findings
	Files      int                       // that have active findings
	Suppressed int
	Problems   int
	Failing    int // findings at or above the threshold
	Skipped    string
}

func summarise(r *finding.Report) summary {
	var s summary
	byPractice := map[finding.Practice]*row{}
	var rows []*row
	for _, p := range finding.Practices {
		if p == finding.Input {
			rows = append(rows, &row{Number: "2", Title: "Secure coding", Head: true})
		}
		w := &row{Number: string(p), Title: p.Title(), Part: len(p) > 1, Looked: r.Stats.LookedAt[p]}
		byPractice[p] = w
		rows = append(rows, w)
	}
	files := map[string]bool{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed != nil {
			s.Suppressed++
			continue
		}
		severity := min(f.Severity, finding.Critical)
		s.Counts[severity]++
		s.Total++
		files[f.Location.Path] = true
		if w := byPractice[f.Practice]; w != nil {
			w.Counts[severity]++
			w.Total++
		}
	}
	// A report may count findings that it does not hold.
	s.Suppressed = max(s.Suppressed, r.Stats.Suppressed)
	s.Files = len(files)
	s.Problems = len(r.Problems)
	if r.FailOn != finding.Never {
		s.Failing = r.Active(r.FailOn)
	}

	gaps := map[finding.Practice]bool{}
	for i := range r.Practices {
		for _, u := range r.Practices[i].Unseen {
			gaps[r.Practices[i].Practice] = gaps[r.Practices[i].Practice] || u.Gap
		}
	}
	var head *row
	for _, w := range rows {
		switch {
		case w.Head:
			head = w
			continue
		case w.Total > 0:
			w.State = lookedBad
		case w.Looked == "":
			w.State = notLooked
		case s.Problems > 0 || gaps[finding.Practice(w.Number)]:
			w.State = partly
		default:
			w.State = lookedOK
		}
		if w.Part {
			for i, n := range w.Counts {
				head.Counts[i] += n
			}
			head.Total += w.Total
			head.State = together(head.State, w.State, w.Number == "2a")
		}
	}
	for _, w := range rows {
		s.Rows = append(s.Rows, *w)
	}
	var reasons []string
	for _, why := range slices.Sorted(maps.Keys(r.Stats.Skipped)) {
		if n := r.Stats.Skipped[why]; n > 0 {
			reasons = append(reasons, finding.Number(n)+" "+why)
		}
	}
	s.Skipped = strings.Join(reasons, ", ")
	return s
}

// together is the state of a practice of which one part is in state a and another in
// state b: findings win, and it is clean only if every part is.
func together(a, b state, first bool) state {
	switch {
	case first || a == b:
		return b
	case a == lookedBad || b == lookedBad:
		return lookedBad
	}
	return partly
}

// worst is the highest severity that the row has findings of.
func (w *row) worst() finding.Severity {
	for s := finding.Critical; s > finding.Info; s-- {
		if w.Counts[s] > 0 {
			return s
		}
	}
	return finding.Info
}

// found says what was found in a practice, or why that cannot be said.
func (w *row) found() string {
	switch w.State {
	case lookedBad:
		return counts(w.Counts)
	case lookedOK:
		return "nothing found"
	case partly:
		return "nothing found, incomplete"
	}
	return "not looked at by this command"
}

// counts writes "1 critical, 2 high".
func counts(c [finding.Critical + 1]int) string {
	var parts []string
	for s := int(finding.Critical); s >= 0; s-- {
		if c[s] > 0 {
			parts = append(parts, finding.Number(c[s])+" "+finding.Severity(s).String())
		}
	}
	return strings.Join(parts, ", ")
}

// sentences say everything in at most six short sentences: findings, suppressed,
// looked at, left out, problems, verdict.
func (s *summary) sentences(r *finding.Report) (found, looked, leftOut, problems string) {
	nothing := r.Stats.Files == 0 && len(r.Stats.LookedAt) == 0
	switch {
	case s.Total > 0:
		found = fmt.Sprintf("%s in %s: %s.", finding.Plural(s.Total, "finding"), finding.Plural(s.Files, "file"), counts(s.Counts))
		switch {
		case r.FailOn == finding.Never:
		case s.Failing == 0:
			found += fmt.Sprintf(" None reaches the threshold, %s.", r.FailOn)
		case s.Failing == s.Total:
		default:
			found += fmt.Sprintf(" Of these, %s at or above the threshold, %s.", isAre(s.Failing), r.FailOn)
		}
	case nothing:
		found = "Nothing was looked at, so nothing can be said."
	case s.Problems > 0:
		found = "Nothing found in what could be looked at."
	default:
		found = "Nothing found."
	}
	if s.Suppressed > 0 {
		found += fmt.Sprintf(" Suppressed: %s.", finding.Number(s.Suppressed))
	}
	if !nothing {
		looked = fmt.Sprintf("Looked at %s, %s with %s in %s s.", finding.Plural(r.Stats.Files, "file"), finding.Plural(r.Stats.Lines, "line"),
			finding.Plural(r.Stats.RulesRun, "rule"), seconds(r.Stats.Seconds))
	}
	if s.Skipped != "" {
		leftOut = "Left out on purpose: " + s.Skipped + "."
	}
	if s.Problems > 0 {
		problems = fmt.Sprintf("Could not look at everything: %s. This report is incomplete.", finding.Plural(s.Problems, "problem"))
	}
	return found, looked, leftOut, problems
}

// verdict is the report in a few words, and whether that is bad, good or unsure.
func (s *summary) verdict(r *finding.Report) (words, mood string) {
	switch {
	case s.Failing > 0:
		return finding.Plural(s.Failing, "finding") + " to act on", "bad"
	case s.Problems > 0:
		return "Incomplete", "unsure"
	case r.Stats.Files == 0 && len(r.Stats.LookedAt) == 0:
		return "Nothing was looked at", "unsure"
	case s.Total > 0:
		return "Nothing above the threshold", "good"
	}
	return "Nothing found", "good"
}

// sign is one character for what can be said of a practice.
func sign(w *row) string {
	return map[state]string{notLooked: "?", partly: "!", lookedOK: "✓", lookedBad: "✗"}[w.State]
}

func isAre(n int) string {
	if n == 1 {
		return "1 is"
	}
	return finding.Number(n) + " are"
}

// seconds keeps as many digits as mean something.
func seconds(s float64) string {
	switch {
	case s < 0.0095:
		return strconv.FormatFloat(s, 'f', 3, 64)
	case s < 9.95:
		return strconv.FormatFloat(s, 'f', 2, 64)
	}
	return strconv.FormatFloat(s, 'f', 1, 64)
}
