package rule

import "github.com/gambeson/gambeson/internal/finding"

// A Project is what somebody sees who judges all files together: an audit of the packages
// that they ask for.
type Project struct {
	Docs   []*Doc // by path
	Looked bool   // Python was looked at, and Uses is what it uses
	Uses   []Use  // by name and place
	Audit  bool   // the audit profile

	// Entrance is the handler from which the network gets at a place, or "".
	Entrance func(Use) string

	// Report makes a finding of a rule in one of the docs, and returns who silenced it, if
	// somebody did. Out takes everything else.
	Report func(rule string, d *Doc, f *Found) *finding.Suppression
	Out    *finding.Report
}

// A Use is a place where a program uses something of a library.
type Use struct {
	Name     string // qualified: yaml.load; yaml.* is everything in yaml
	Call     bool   // called; else imported, or named as a value
	Setting  bool   // named by a text in a setting, which a framework imports
	Test     bool   // in test code
	Symbol   string // the function that it stands in, "" for the module
	Location finding.Location
}
