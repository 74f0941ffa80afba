package conf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/settings"
)

// Configs are the configurations of Django of which a part is written in the file.
func Configs(p *rule.Pass) []*settings.Config {
	var out []*settings.Config
	for _, c := range settings.Of(p.Unit) {
		if c.Here(p.File.Path) {
			out = append(out, c)
		}
	}
	return out
}

// ForProduction says whether settings are production's as far as can be told.
func ForProduction(c *settings.Config) bool {
	return c.Role == settings.Production || c.Role == settings.Likely
}

// Covered says whether the file is a part of settings that are production's: those are
// judged as a whole, by Wrong, and not assignment by assignment.
func Covered(p *rule.Pass) bool { return slices.ContainsFunc(Configs(p), ForProduction) }

// Written is the value of the assignment that makes a setting in this file, or nil if it is
// made in another way.
func Written(p *rule.Pass, s settings.Setting) ast.Expr {
	for _, x := range p.Tree.Module.Body {
		if a, ok := x.(*ast.Assign); ok && s.At.Path == p.File.Path && a.Span() == s.At.Span {
			return a.Value
		}
	}
	return nil
}

// A Fault is something that a rule has to say of a configuration.
type Fault struct {
	Holds   settings.Judgement // whether it is so
	At      settings.Setting   // what says it, or should
	Check   string             // what Django's check --deploy calls it: W012, or ""
	Message string             // a sentence with its full stop
	// Debugging: it matters also where DEBUG is on for certain. Otherwise that comes first, and
	// such settings are not yet those of production.
	Debugging bool
	// Unset: the default profile hears of it, too, if a variable of the environment can change
	// it and does not have to be set.
	Unset bool
}

// Passed is what a rule about Django's settings counts, once a configuration.
const Passed = "checks of Django's production settings that find nothing wrong"

// Judged says whether a configuration counts in this file, which is its own module's.
func Judged(p *rule.Pass, c *settings.Config) bool { return ForProduction(c) && c.Path == p.File.Path }

// Wrong reports a fault where it is written: what is missing, at the first line of the
// configuration's own module. The default profile hears only of what is so whatever the
// environment holds, in settings that are production's as far as can be told; the message
// says what was assumed. It is nil if there is nothing to say in this file.
func Wrong(p *rule.Pass, c *settings.Config, f Fault) *rule.Found {
	if f.Holds.Now != settings.Yes && f.Holds.Always != settings.Yes {
		return nil
	}
	if Judged(p, c) {
		p.Judge(Passed, false) // wherever it is reported
	}
	if f.At.At.Path != p.File.Path {
		return nil
	}
	message := strings.TrimSuffix(f.Message, ".")
	for _, old := range p.Found { // another configuration that reads the same file
		if old.Span == f.At.At.Span && strings.HasPrefix(old.Message, message) {
			return nil
		}
	}
	sure := f.Holds.Always == settings.Yes
	if envs := f.At.Value.Envs; !sure && len(envs) > 0 {
		message += ", unless " + strings.Join(envs[:min(len(envs), 2)], " or ") + " says otherwise"
	}
	out := p.ReportSpan(f.At.At.Span, "%s (%s).", message, assumed(c, f.Check, p.File.Path))
	debugging := !f.Debugging && c.True("DEBUG").Always == settings.Yes
	missing := f.At.Set.Now == settings.No
	dev := !c.Forced && (devPath(p.File.Path) || devPath(c.Path))
	out.ForAudit(!sure && !f.Unset || !ForProduction(c) || debugging || dev || missing && c.Local != "")
	if c.Local != "" || !sure {
		out.Confidence = min(out.Confidence, finding.LowConfidence)
	} else if c.Role != settings.Production {
		out.Confidence = min(out.Confidence, finding.MediumConfidence)
	}
	if f.Check != "" {
		out.Part = "security." + f.Check
	}
	if f.Check != "" && c.Has("SILENCED_SYSTEM_CHECKS", "security."+f.Check).Now == settings.Yes {
		out.Suppressed = &finding.Suppression{Kind: "configuration", Reason: "SILENCED_SYSTEM_CHECKS"}
	}
	return out
}

// assumed says why the settings are judged as they are.
func assumed(c *settings.Config, check, file string) string {
	var parts []string
	if check != "" {
		parts = append(parts, "security."+check)
	}
	who := "production's settings"
	switch c.Role {
	case settings.Unclear:
		who = "nothing says whether these are production's settings"
	case settings.Development:
		who = "settings for development"
	}
	if c.Path != file {
		who += " in " + c.Path
	}
	if c.Why != "" {
		who += ", since " + c.Why
	}
	if c.Local != "" {
		who += fmt.Sprintf(", unless %s says otherwise", c.Local)
	}
	return strings.Join(append(parts, who), "; ")
}

// superseded says whether no configuration of production keeps what an assignment gives to
// a setting: another module sets it again. A setting that only a condition gives another
// value is kept.
func superseded(p *rule.Pass, name string, n ast.Node) bool {
	seen := false
	for _, c := range Configs(p) {
		if !ForProduction(c) {
			continue
		}
		seen = true
		at := c.Get(name).At
		if at.Path == p.File.Path && at.Span.Start <= n.Start() && n.End() <= at.Span.End {
			return false
		}
		if at.Path == p.File.Path && c.Path == p.File.Path {
			return false // conditions of one file are read as they stand
		}
	}
	return seen
}
