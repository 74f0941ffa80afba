// Package rule is what a rule is made of: its page (Rule), its Go part where it has one
// (Check), and what it sees while it runs (Pass). The rules themselves are pages in
// internal/rules, a folder a practice.
package rule

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// A Rule is one page. The front matter gives its fields; see page.go for their names.
type Rule struct {
	ID         string // the page's file name: sql-injection
	Title      string
	Practice   finding.Practice
	Severity   finding.Severity
	Confidence finding.Confidence
	CWE        []int
	OWASP      string
	ASVS       string        // chapter of the ASVS 5.0, such as V1; "" if none is known
	Aliases    []string      // B608, S608
	AuditOnly  bool          // profile: audit
	InTests    bool          // tests: report; else the default profile is silent in test files
	Calls      []string      // qualified names; a call of one is a finding, or a question to Check.Called
	Imports    []string      // modules or qualified names; an import of one (or of something below it) is a finding
	Right      []string      // qualified names; a call of one is what the rule wants instead, and counted
	Constant   bool          // constant: silent; a call of Calls whose arguments are all constants is for audit only
	Message    string        // of findings that need no Go; {name} is the qualified name
	Hint       string        // one line of advice, usually code
	Fix        string        // for Calls without Go: the callee's replacement, such as yaml.safe_load
	Text       func() string // see Page; nil if there is none
	Check      Check

	// A rule with To is about data that reach a place of these kinds (see package models);
	// its Message has {source} and {sink}. It replaces the rules that judge such a place
	// without knowing where the data come from.
	To       []string
	Replaces []string

	// Needs is what a rule judges by beside the files: advisories. Without it the rule is
	// not asked. What needs secrets is found by the command of that name.
	Needs string

	// Frameworks are those in which the mistake can be made: flask, django, fastapi. The page
	// shows it in each, and how it is done right there.
	Frameworks []string
}

// Framework is what people call one of a page's frameworks, or "" for what is none.
func Framework(id string) string {
	return map[string]string{"flask": "Flask", "django": "Django", "fastapi": "FastAPI"}[id]
}

// isPart says whether an alias is for single findings of a rule, and not for the rule: Django
// has an id for each setting, where we have a rule for what can happen.
func isPart(alias string) bool { return strings.HasPrefix(alias, "security.") }

// Parts are the aliases that mean single findings of the rule, each of which says which.
func (r *Rule) Parts() (parts []string) {
	for _, a := range r.Aliases {
		if isPart(a) {
			parts = append(parts, a)
		}
	}
	return parts
}

// Names are the aliases under which a finding of the rule is known: those of the rule, and of
// its parts the finding's own.
func (r *Rule) Names(part string) []string {
	if len(r.Parts()) == 0 {
		return r.Aliases
	}
	out := slices.DeleteFunc(slices.Clone(r.Aliases), isPart)
	if part != "" {
		out = append(out, part)
	}
	return out
}

// What a rule can need.
const (
	NeedsAdvisories = "advisories"
	NeedsSecrets    = "secrets"
)

// A Check is the Go part of a rule: the hooks that it wants. It is a value; it must not
// keep anything between calls, which come from several goroutines.
type Check struct {
	// Called is asked for each call of one of the page's Calls; name is the one that matched.
	Called func(p *Pass, c *ast.Call, name string)
	// Kinds and Visit: each node of these kinds.
	Kinds []ast.Kind
	Visit func(p *Pass, n ast.Node)
	// File is called once a file.
	File func(p *Pass)
	// Docs says by its path whether a file that is not Python is wanted, and Doc is called
	// for each of them, after all were read.
	Docs func(path string) bool
	Doc  func(p *DocPass)
	// Surface is called once, with all ways into the application.
	Surface func(p *SurfacePass)
}
