package finding

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A Baseline is what was known before: findings in it are not shown again. It is
// made of a report that Gambeson saved, or that Bandit saved as JSON.
//
// It counts: if a weakness was there twice and is there three times now, two are
// silenced and one is shown.
type Baseline struct {
	prints map[string]int      // fingerprint → how often
	bandit map[string][]*known // Bandit id and file name → issues
}

// known is an issue that Bandit reported.
type known struct {
	path  string
	lines []string // of the statement, normalised
}

// ReadBaseline reads a saved report.
func ReadBaseline(data []byte) (*Baseline, error) {
	var kind struct {
		Version  string          `json:"version"`
		Findings json.RawMessage `json:"findings"`
		Results  json.RawMessage `json:"results"`
	}
	if err := json.Unmarshal(data, &kind); err != nil {
		return nil, fmt.Errorf("baseline is not JSON (%w): save one with gambeson scan --format json", err)
	}
	switch {
	case kind.Findings != nil || kind.Version != "" && kind.Results == nil:
		r, err := Read(data)
		if err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
		return NewBaseline(r), nil
	case kind.Results != nil:
		return banditBaseline(kind.Results)
	}
	return nil, errors.New("baseline is neither a report of Gambeson nor of Bandit: save one with gambeson scan --format json")
}

// NewBaseline is the baseline of a report: what it showed, and what an older baseline hid.
// What a comment silenced is not known: it shows again when the comment goes.
func NewBaseline(r *Report) *Baseline {
	b := &Baseline{prints: map[string]int{}}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Fingerprint != "" && (f.Suppressed == nil || f.Suppressed.Kind == "baseline") {
			b.prints[f.Fingerprint]++
		}
	}
	return b
}

func banditBaseline(data []byte) (*Baseline, error) {
	var results []struct {
		File  string `json:"filename"`
		Test  string `json:"test_id"`
		Code  string `json:"code"`
		Line  int    `json:"line_number"`
		Lines []int  `json:"line_range"`
	}
	if err := json.Unmarshal(data, &results); err != nil {
		return nil, fmt.Errorf("baseline is not a report of Bandit: %w", err)
	}
	b := &Baseline{bandit: map[string][]*known{}}
	for i, r := range results {
		if r.Test == "" || r.File == "" {
			return nil, fmt.Errorf("baseline is not a report of Bandit: result %d has no test_id or filename", i+1)
		}
		k := &known{path: cleanPath(r.File)}
		all := true // if no line can be told apart
		for line := range strings.Lines(r.Code) {
			number, text := numbered(line)
			if number == r.Line || slices.Contains(r.Lines, number) {
				all = false
				k.lines = append(k.lines, Normalise(text))
			}
		}
		if all {
			for line := range strings.Lines(r.Code) {
				_, text := numbered(line)
				k.lines = append(k.lines, Normalise(text))
			}
		}
		key := banditKey(r.Test, k.path)
		b.bandit[key] = append(b.bandit[key], k)
	}
	return b, nil
}

// numbered splits a line of Bandit's code field, `12 x = 1` or `12\tx = 1`.
func numbered(line string) (int, string) {
	digits := 0
	for digits < len(line) && line[digits] >= '0' && line[digits] <= '9' {
		digits++
	}
	n, err := strconv.Atoi(line[:digits])
	if err != nil {
		return 0, line
	}
	return n, line[digits:]
}

func cleanPath(p string) string {
	return strings.TrimPrefix(path.Clean(strings.ReplaceAll(p, `\`, "/")), "/")
}

func banditKey(id, p string) string { return strings.ToUpper(id) + " " + path.Base(p) }

// Len is how many findings the baseline knows.
func (b *Baseline) Len() int {
	n := 0
	for _, c := range b.prints {
		n += c
	}
	for _, k := range b.bandit {
		n += len(k)
	}
	return n
}

// Apply suppresses the findings of a report that the baseline knows, and returns how
// many. Findings that something else suppressed stay as they are and use nothing up.
// The baseline itself does not change.
func (b *Baseline) Apply(r *Report) int {
	left := map[string]int{}
	for print, n := range b.prints {
		left[print] = n
	}
	spent := map[*known]bool{}
	aliases := map[string][]string{}
	if len(b.bandit) > 0 {
		for i := range r.Rules {
			aliases[r.Rules[i].ID] = r.Rules[i].Aliases
		}
	}
	n := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		if left[f.Fingerprint] > 0 {
			left[f.Fingerprint]--
		} else if k := b.knownToBandit(f, aliases[f.Rule], spent); k != nil {
			spent[k] = true
		} else {
			continue
		}
		f.Suppressed = &Suppression{Kind: "baseline"}
		n++
	}
	return n
}

// knownToBandit finds an issue that is this finding. Bandit knows neither our
// fingerprints nor our root, so the file, the test and the text must do.
func (b *Baseline) knownToBandit(f *Finding, aliases []string, spent map[*known]bool) *known {
	if len(b.bandit) == 0 {
		return nil
	}
	p := cleanPath(f.Location.Path)
	at := f.Location.Line - f.Excerpt.First
	if at < 0 || at >= len(f.Excerpt.Lines) {
		return nil
	}
	text := Normalise(f.Excerpt.Lines[at])
	for _, id := range append([]string{f.Rule}, aliases...) {
		for _, k := range b.bandit[banditKey(id, p)] {
			if !spent[k] && samePath(k.path, p) && slices.Contains(k.lines, text) {
				return k
			}
		}
	}
	return nil
}

// samePath reports whether one path is the end of the other: Bandit's begin where it
// was started, ours at the scanned root.
func samePath(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	return a == b || strings.HasSuffix(a, "/"+b)
}
