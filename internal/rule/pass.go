package rule

import (
	"fmt"
	"slices"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// A Pass is one rule looking at one file.
type Pass struct {
	*program.Unit
	Reporter
	Test   bool // the file is test code
	walked int  // nodes, by Inside
}

// A Reporter takes what a rule finds in a file.
type Reporter struct {
	Rule    *Rule
	Audit   bool           // the audit profile: report everything
	Options map[string]any // [rule.<id>] of the configuration, or Bandit's options for the plugin
	Found   []*Found
	Judged  map[string][2]int // what was counted: how many were right, and of how many
}

// Judge counts something that the rule has looked at, and whether it is as it should be.
// What is in the plural, as it is read after the number: handlers that do something.
func (p *Reporter) Judge(what string, right bool) {
	if p.Judged == nil {
		p.Judged = map[string][2]int{}
	}
	c := p.Judged[what]
	if c[1]++; right {
		c[0]++
	}
	p.Judged[what] = c
}

// A Found is a finding in the making.
type Found struct {
	Span       source.Span
	Node       ast.Node // nil for findings in text
	Message    string
	Severity   finding.Severity
	Confidence finding.Confidence
	AuditOnly  bool
	Hint       string
	FixMessage string
	FixSafe    bool
	Edits      []Edit
	Steps      []Step
	Secrets    []source.Span // what reports that travel must not show

	Part       string               // the alias that means this finding, and not all of the rule's
	Advisory   *finding.Advisory    // the flaw of a package that it is about
	Entry      *finding.EntryPoint  // from which it is reached
	Suppressed *finding.Suppression // who silenced it, if not a comment
}

// A Step is a place that helps to understand the finding.
type Step struct {
	Span    source.Span
	Message string
}

// An Edit replaces a span of the file.
type Edit struct {
	Span source.Span
	Text string
}

// Report makes a finding at a node, with the rule's severity, confidence and hint. The
// message is one sentence with a full stop that names what is there, such as "eval runs
// whatever text it is given.".
func (p *Pass) Report(at ast.Node, format string, args ...any) *Found {
	f := p.ReportSpan(at.Span(), format, args...)
	f.Node = at
	return f
}

// ReportSpan makes a finding at a place that is not a node.
func (p *Reporter) ReportSpan(at source.Span, format string, args ...any) *Found {
	msg := format
	if len(args) > 0 {
		msg = fmt.Sprintf(format, args...)
	}
	f := &Found{Span: at, Message: msg, Severity: p.Rule.Severity, Confidence: p.Rule.Confidence, Hint: p.Rule.Hint, AuditOnly: p.Rule.AuditOnly}
	p.Found = append(p.Found, f)
	return f
}

// ForAudit keeps the finding out of the default profile, if yes.
func (f *Found) ForAudit(yes bool) *Found {
	f.AuditOnly = f.AuditOnly || yes
	return f
}

// With changes severity and confidence from the rule's.
func (f *Found) With(s finding.Severity, c finding.Confidence) *Found {
	f.Severity, f.Confidence = s, c
	return f
}

// Advise replaces the rule's hint.
func (f *Found) Advise(format string, args ...any) *Found {
	f.Hint = fmt.Sprintf(format, args...)
	return f
}

// Because adds a place that helps to understand the finding.
func (f *Found) Because(at ast.Node, message string) *Found {
	f.Steps = append(f.Steps, Step{at.Span(), message})
	return f
}

// Hide says what of the file is a secret.
func (f *Found) Hide(secrets ...source.Span) *Found {
	for _, s := range secrets {
		if !slices.Contains(f.Secrets, s) {
			f.Secrets = append(f.Secrets, s)
		}
	}
	return f
}

// Move lets the finding speak of another place.
func (f *Found) Move(at ast.Node) *Found {
	f.Span, f.Node = at.Span(), at
	return f
}

// SafeFix attaches a repair that keeps behaviour but for the weakness. The message is
// imperative: "use yaml.safe_load". Without edits nothing is attached.
func (f *Found) SafeFix(message string, edits ...Edit) *Found { return f.fix(true, message, edits) }

// ReviewFix attaches a repair that a person must look at.
func (f *Found) ReviewFix(message string, edits ...Edit) *Found {
	return f.fix(false, message, edits)
}

func (f *Found) fix(safe bool, message string, edits []Edit) *Found {
	kept := edits[:0:0]
	for _, e := range edits {
		if e != (Edit{}) {
			kept = append(kept, e)
		}
	}
	if len(kept) > 0 {
		f.FixSafe, f.FixMessage, f.Edits = safe, message, kept
	}
	return f
}

// maxWalked bounds what Inside visits for one rule in one file: a function of ten thousand
// calls, each of which wants to see the function, is nobody's.
const maxWalked = 5_000_000

// Inside visits the nodes below n, children before parents, until visit says no.
func (p *Pass) Inside(n ast.Node, visit func(ast.Node) bool) {
	if p.walked > maxWalked {
		return
	}
	all := p.Tree.Nodes()
	first := n.ID()
	for first > 1 && all[first-1] != nil && all[first-1].Start() >= n.Start() {
		first--
	}
	p.walked += int(n.ID() - first)
	for _, x := range all[first:n.ID()] {
		if p.Live(x) && !visit(x) {
			return
		}
	}
}
