package deps

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// unneeded reports the exceptions that are needed no longer. They stand in the
// configuration, which is one of the docs if it lies below what is looked at.
func (a *Auditor) unneeded() {
	for _, ig := range a.Config.Ignores {
		var why string
		switch {
		case ig.used:
			continue
		case ig.from != "" && ig.from != "command line":
			continue // a VEX document may speak of more than one project
		case ig.expired:
			why = fmt.Sprintf("its day, %s, has passed", ig.Expires.Format(time.DateOnly))
		case ig.fixed:
			why = "there is a version with a fix, and it was to hold until then"
		default:
			why = "nothing that is used here has this flaw"
		}
		what := ig.ID
		if ig.Package != "" {
			what += " of " + ig.Package
		}
		message := "The exception for " + what + " is not needed: " + why + "."
		if d, at := a.entry(ig); d != nil {
			a.p.Report(unneeded, d, &rule.Found{Span: at, Message: message, Severity: finding.Low, Confidence: finding.HighConfidence, Hint: "remove the entry"})
			continue
		}
		a.p.Out.Notes = append(a.p.Out.Notes, message)
	}
}

// entry finds where an exception stands.
func (a *Auditor) entry(ig *Ignore) (*rule.Doc, source.Span) {
	for _, d := range a.p.Docs {
		if b := path.Base(d.Path); b != "pyproject.toml" && b != "gambeson.toml" || ig.from != "" {
			continue
		}
		for n := 1; n <= d.Lines(); n++ {
			if line := d.Line(n); idLine(line, ig.ID) {
				return d, source.Span{Start: d.Offset(n), End: d.Offset(n) + source.Pos(len(line))}
			}
		}
	}
	return nil, source.Span{}
}

// idLine says whether a line of TOML is the entry's id.
func idLine(line, id string) bool {
	key, value, ok := strings.Cut(line, "=")
	return ok && strings.HasSuffix(strings.Trim(strings.TrimSpace(key), `"'{`), "id") && strings.Contains(value, id)
}
