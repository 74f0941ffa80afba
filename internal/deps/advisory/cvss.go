package advisory

import (
	"cmp"
	"slices"
	"strings"

	cvss2 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
	cvss4 "github.com/pandatix/go-cvss/40"

	"github.com/gambeson/gambeson/internal/finding"
)

// A CVSS is an assessment by the Common Vulnerability Scoring System.
type CVSS struct {
	Vector string
	Score  float64 // 0 to 10, with one decimal place
}

// Version is that of the system: "2.0", "3.0", "3.1" or "4.0".
func (c CVSS) Version() string {
	if rest, ok := strings.CutPrefix(c.Vector, "CVSS:"); ok {
		version, _, _ := strings.Cut(rest, "/")
		return version
	}
	return "2.0"
}

// severity is the word that CVSS 3 and 4 have for the score. CVSS 2 knew no critical; people who read a report of today do.
func (c CVSS) severity() finding.Severity {
	switch {
	case c.Score >= 9:
		return finding.Critical
	case c.Score >= 7:
		return finding.High
	case c.Score >= 4:
		return finding.Medium
	case c.Score > 0:
		return finding.Low
	}
	return finding.Info
}

// readCVSS computes the score of a vector. What is none is left out: a severity is worth less than the record it stands in.
func readCVSS(vector string) (c CVSS, ok bool) {
	if vector = strings.TrimSpace(vector); len(vector) > 400 {
		return c, false
	}
	c.Vector = vector
	switch {
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		v, err := cvss4.ParseVector(vector)
		if err != nil {
			return c, false
		}
		c.Score = v.Score()
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		v, err := cvss31.ParseVector(vector)
		if err != nil {
			return c, false
		}
		c.Score = v.BaseScore()
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		v, err := cvss30.ParseVector(vector)
		if err != nil {
			return c, false
		}
		c.Score = v.BaseScore()
	default:
		v, err := cvss2.ParseVector(strings.Trim(vector, "()"))
		if err != nil {
			return c, false
		}
		c.Vector = strings.Trim(vector, "()")
		c.Score = v.BaseScore()
	}
	return c, c.Score >= 0 && c.Score <= 10
}

// sortCVSS puts the assessment that decides first. A newer system corrects what an older one was blamed for; of two by the
// same system the worse one counts.
func sortCVSS(list []CVSS) []CVSS {
	slices.SortFunc(list, func(a, b CVSS) int {
		return cmp.Or(strings.Compare(b.Version(), a.Version()), cmp.Compare(b.Score, a.Score), strings.Compare(a.Vector, b.Vector))
	})
	return slices.Compact(list)
}
