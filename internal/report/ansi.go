package report

import "github.com/gambeson/gambeson/internal/finding"

// A style is how text looks in a terminal: the parameters of an ANSI sequence. Only
// the sixteen colours of the user's own theme are used, which suit light and dark
// backgrounds alike, and never as the only way to tell two things apart.
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	blue   style = "34"
	cyan   style = "36"
)

// severityStyles are how each severity is coloured.
var severityStyles = [...]style{
	finding.Info:     "34",
	finding.Low:      "36",
	finding.Medium:   "1;33",
	finding.High:     "1;31",
	finding.Critical: "1;97;41",
}

// A painter paints, or does not.
type painter bool

func (p painter) paint(st style, s string) string {
	if !p || st == plain || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}
