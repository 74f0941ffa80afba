package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end,omitempty"`
}

// gitlabSeverities are GitLab's words for ours.
var gitlabSeverities = [...]string{
	finding.Info:     "info",
	finding.Low:      "minor",
	finding.Medium:   "major",
	finding.High:     "critical",
	finding.Critical: "blocker",
}

// writeGitLab writes a code quality report: a list of issues, as GitLab compares it
// between branches by fingerprint. It has no place for what could not be looked at, so
// that is an issue as well. Suppressed findings are left out, and so are notes: an issue
// counts against the branch.
func writeGitLab(w io.Writer, r *finding.Report, _ Options) error {
	r = ordered(r)
	issues := []gitlabIssue{}
	seen := map[string]int{}
	add := func(i gitlabIssue) {
		// GitLab drops all but one issue of a fingerprint.
		n := seen[i.Fingerprint]
		seen[i.Fingerprint]++
		if n > 0 || i.Fingerprint == "" {
			i.Fingerprint = digest(i.Fingerprint, i.CheckName, i.Location.Path, i.Description, fmt.Sprint(n))
		}
		issues = append(issues, i)
	}
	for _, p := range r.Problems {
		add(gitlabIssue{
			Description: "Could not look at everything: " + clean(problemText(p)),
			CheckName:   couldNotLook,
			Fingerprint: digest(couldNotLook, p.Path, p.Message),
			Severity:    "critical",
			Location:    gitlabLocation{clean(orElse(p.Path, ".")), gitlabLines{Begin: max(1, p.Line)}},
		})
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		l := f.Location
		description := clean(f.Message)
		if flaw := flawNote(f); flaw != "" {
			description += " (" + clean(flaw) + ")"
		}
		lines := gitlabLines{Begin: max(1, l.Line), End: max(l.EndLine, l.Line)}
		if l.Cell > 0 {
			description = fmt.Sprintf("Cell %d, line %d: %s", l.Cell, l.Line, description)
			lines = gitlabLines{Begin: 1} // the cell's lines are not the file's
		}
		add(gitlabIssue{
			Description: description,
			CheckName:   clean(f.Rule),
			Fingerprint: f.Fingerprint,
			Severity:    gitlabSeverities[min(f.Severity, finding.Critical)],
			Location:    gitlabLocation{clean(l.Path), lines},
		})
	}
	return encodeJSON(w, issues)
}

func digest(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:16])
}
