// Package engine runs rules over files and turns what they find into findings. Scan.Run
// looks at a tree of files with all processors; Set.Check looks at one unit, and is what
// tests of rules use.
//
// A Set is compiled from rules once: by qualified name for those that ask about calls and
// imports, by kind of node for the others. Check then goes once over the tree's table of
// nodes, whatever the number of rules; kinds that nobody asks for cost one comparison.
package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// A Set is rules, compiled for looking at many files. It is safe for concurrent use.
type Set struct {
	rules   []*rule.Rule
	byID    map[string]int
	called  map[string][]int // qualified name → rules, by index; ^index if the call is what the rule wants
	imports map[string][]int // the same for Imports
	visit   [256][]int       // kind → rules with Check.Visit
	wanted  [256]bool        // kinds that anybody looks at
	files   []int            // rules with Check.File
	docs    []int            // rules with Check.Doc
	names   map[string]bool  // ids and aliases
	unused  int              // the rule that reports suppressions, or -1
	tests   *Set             // the rules that also speak of test files
	views   sync.Pool
	whole   []int // of those: the index in the whole set
}

// unusedSuppression is the rule that speaks of comments; the engine itself looks.
const unusedSuppression = "unused-suppression"

// Compile makes a set of rules.
func Compile(list []*rule.Rule) *Set {
	s := compile(list)
	var speak []*rule.Rule
	var whole []int
	for i, r := range list {
		if r.InTests {
			speak, whole = append(speak, r), append(whole, i)
		}
	}
	s.tests = compile(speak)
	s.tests.whole = whole
	return s
}

func compile(list []*rule.Rule) *Set {
	s := &Set{rules: list, byID: map[string]int{}, called: map[string][]int{}, imports: map[string][]int{}, names: map[string]bool{}, unused: -1}
	s.wanted[ast.KindCall], s.wanted[ast.KindImport], s.wanted[ast.KindImportFrom] = true, true, true
	for i, r := range list {
		s.byID[r.ID] = i
		s.names[r.ID] = true
		for _, a := range r.Aliases {
			s.names[strings.ToUpper(a)] = true
		}
		for _, c := range r.Calls {
			s.called[c] = append(s.called[c], i)
		}
		for _, c := range r.Right {
			s.called[c] = append(s.called[c], ^i)
		}
		for _, m := range r.Imports {
			s.imports[m] = append(s.imports[m], i)
		}
		for _, k := range r.Check.Kinds {
			s.visit[k], s.wanted[k] = append(s.visit[k], i), true
		}
		if r.Check.File != nil {
			s.files = append(s.files, i)
		}
		if r.Check.Doc != nil {
			s.docs = append(s.docs, i)
		}
		if r.ID == unusedSuppression {
			s.unused = i
		}
	}
	return s
}

// aliases are the names under which a finding is known beside its rule's id. Parts says that
// its rule has others, which are for other findings.
func (s *Set) aliases(f *finding.Finding) (names []string, parts bool) {
	if i, ok := s.byID[f.Rule]; ok {
		r := s.rules[i]
		return r.Names(f.Part), len(r.Parts()) > 0
	}
	return nil, false
}

// Options are how Check looks at a file.
type Options struct {
	Audit       bool // the audit profile
	NoSuppress  bool // take no notice of suppressions in comments
	Test        bool // the file is test code: the default profile is silent there, but for rules that want to speak
	RuleOptions func(id string, aliases []string) map[string]any

	tally *tally // what is counted, if somebody wants to know
}

// A look is one Check: what it knows of the file while it goes.
type look struct {
	set  *Set
	file *source.File
	unit *program.Unit // nil if the file is not Python
	opts Options
	*views
	secret [][2]int // ranges of bytes that no excerpt shows, sorted
	supp   finding.Suppressions
	count  map[counted]int // fingerprints without ordinal
	tally  fileTally
	last   struct { // the place that was shown last: many findings may have it
		span    source.Span
		place   finding.Location
		excerpt finding.Excerpt
	}
}

// views are the passes of one file, which the next file uses again: to make a hundred for each
// had cost a fiftieth of a scan.
type views struct {
	passes []*rule.Pass // by rule, nil until first needed
	memory []rule.Pass
}

func (s *Set) newViews() *views {
	v, ok := s.views.Get().(*views)
	if !ok {
		v = &views{make([]*rule.Pass, len(s.rules)), make([]rule.Pass, len(s.rules))}
	}
	return v
}

func (s *Set) release(v *views) {
	for i, p := range v.passes {
		if p != nil {
			*p, v.passes[i] = rule.Pass{}, nil
		}
	}
	s.views.Put(v)
}

// counted is what fingerprints of one file have in common that differ by their ordinal.
type counted struct{ rule, symbol, text string }

// Check runs all rules over a file. The findings are sorted by place, suppressed ones
// among them.
func (s *Set) Check(u *program.Unit, o Options) []finding.Finding {
	if o.Test && !o.Audit {
		s = s.tests
	}
	l := &look{set: s, file: u.File, unit: u, opts: o, views: s.newViews()}
	defer s.release(l.views)
	if o.tally != nil {
		l.tally.asked = make([]int32, len(s.rules))
	}
	for _, i := range s.files {
		s.rules[i].Check.File(l.pass(i))
	}
	nodes := u.Tree.Nodes()
	for id, kind := range u.Tree.Kinds() {
		if !s.wanted[kind] || !u.Live(nodes[id]) {
			continue
		}
		l.tally.kinds[kind]++
		n := nodes[id]
		for _, i := range s.visit[kind] {
			s.rules[i].Check.Visit(l.pass(i), n)
		}
		switch n := n.(type) {
		case *ast.Call:
			l.call(n)
		case *ast.Import:
			for _, a := range n.Names {
				l.imported(n, a.Name)
			}
		case *ast.ImportFrom:
			if n.Level == 0 {
				for _, a := range n.Names {
					l.imported(n, n.Module+"."+a.Name)
				}
			}
		}
	}
	if o.tally != nil {
		o.tally.add(l)
	}
	return l.findings()
}

// pass is the rule's view of the file.
func (l *look) pass(i int) *rule.Pass {
	if p := l.passes[i]; p != nil {
		return p
	}
	return l.newPass(i)
}

func (l *look) newPass(i int) *rule.Pass {
	r := l.set.rules[i]
	p := &l.memory[i]
	*p = rule.Pass{Unit: l.unit, Reporter: rule.Reporter{Rule: r, Audit: l.opts.Audit}, Test: l.opts.Test}
	if l.opts.RuleOptions != nil {
		p.Options = l.opts.RuleOptions(r.ID, r.Aliases)
	}
	l.passes[i] = p
	return p
}

// call asks the rules that have subscribed to what is called, each once.
func (l *look) call(c *ast.Call) {
	names := l.unit.Names(c.Func)
	for at, name := range names {
		for _, i := range l.set.called[name] {
			if slices.ContainsFunc(names[:at], func(n string) bool { return slices.Contains(l.set.called[n], i) }) {
				continue
			}
			if i < 0 {
				l.tally.isRight(^i, name)
				continue
			}
			if l.tally.asked != nil {
				l.tally.asked[i]++
			}
			p := l.pass(i)
			if r := l.set.rules[i]; r.Check.Called != nil {
				r.Check.Called(p, c, name)
			} else {
				l.plain(p, c, name)
			}
		}
		switch name {
		case "builtins.__import__", "importlib.__import__", "importlib.import_module":
			if s, ok := l.unit.Str(program.Arg(c, 0, "name")); ok {
				l.imported(c, s)
			}
		}
	}
}

// plain reports a call for a rule that has no Go.
func (l *look) plain(p *rule.Pass, c *ast.Call, name string) {
	constant := p.Rule.Constant
	for _, a := range c.Args {
		constant = constant && l.unit.IsConst(a)
	}
	for _, k := range c.Keywords {
		constant = constant && l.unit.IsConst(k.Value)
	}
	f := p.Report(c, "%s", message(p.Rule, name)).ForAudit(constant)
	if fix := p.Rule.Fix; fix != "" {
		module := fix[:max(strings.LastIndexByte(fix, '.'), 0)]
		edits := []rule.Edit{p.Replace(c.Func, fix)}
		if module != "" {
			edits = append(edits, p.ImportModule(module))
		}
		f.ReviewFix("use "+fix, edits...)
	}
}

func message(r *rule.Rule, name string) string {
	if r.Message == "" {
		return name + ": " + r.Title + "."
	}
	return strings.ReplaceAll(r.Message, "{name}", name)
}

// imported reports an import for the rules about the module or one above it.
func (l *look) imported(at ast.Node, name string) {
	for whole := name; name != ""; {
		for _, i := range l.set.imports[name] {
			p := l.pass(i)
			p.Report(at, "%s", message(p.Rule, whole))
		}
		name = name[:max(strings.LastIndexByte(name, '.'), 0)]
	}
}

// findings turns what the rules found into findings.
func (l *look) findings() []finding.Finding {
	type pair struct {
		pass  *rule.Pass
		found *rule.Found
	}
	suppress := !l.opts.NoSuppress && len(l.unit.Tree.Comments) > 0
	if suppress {
		l.comments()
	}
	var list []pair
	for _, p := range l.passes {
		if p == nil {
			continue
		}
		// A rule about a class that it knows as an import and as a call says so once.
		once := slices.ContainsFunc(p.Rule.Imports, func(m string) bool { return slices.Contains(p.Rule.Calls, m) }) &&
			slices.ContainsFunc(p.Found, func(f *rule.Found) bool { _, call := f.Node.(*ast.Call); return call })
		for _, f := range p.Found {
			if _, imported := f.Node.(*ast.ImportFrom); imported && once {
				continue
			}
			if f.AuditOnly && !l.opts.Audit && !p.Rule.AuditOnly {
				l.suppressed(p.Rule, f, l.statement(f)) // an audit needs the comment
				for _, s := range f.Steps {
					l.suppressed(p.Rule, f, s.Span)
				}
				continue
			}
			list = append(list, pair{p, f})
		}
	}
	if len(list) == 0 && len(l.supp.All()) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.found.Span.Start, b.found.Span.Start), strings.Compare(a.pass.Rule.ID, b.pass.Rule.ID), cmp.Compare(a.found.Span.End, b.found.Span.End))
	})
	for _, x := range list {
		for _, s := range x.found.Secrets {
			l.secret = append(l.secret, [2]int{int(s.Start), int(s.End)})
		}
	}
	slices.SortFunc(l.secret, func(a, b [2]int) int { return a[0] - b[0] })
	l.count = map[counted]int{}
	out := make([]finding.Finding, 0, len(list))
	for i, x := range list {
		if i > 0 && x.pass == list[i-1].pass && x.found.Span == list[i-1].found.Span && x.found.Message == list[i-1].found.Message {
			continue // one statement that is looked at twice
		}
		out = append(out, l.finding(x.pass.Rule, x.found))
	}
	if suppress && l.set.unused >= 0 {
		out = append(out, l.unusedSuppressions()...)
	}
	return out
}

// comments reads the suppressions of the file.
func (l *look) comments() {
	file := l.file
	for _, c := range l.unit.Tree.Comments {
		text := file.Text(c)
		if !finding.MayDirect(text) {
			if l.supp.All() == nil {
				continue // own lines count from the first directive on
			}
		}
		pos := file.Position(c.Start)
		own := strings.TrimSpace(file.Text(source.Span{Start: file.Offset(pos.Line), End: c.Start})) == ""
		l.supp.Add(text, pos.Line, own)
	}
}

func (l *look) finding(r *rule.Rule, f *rule.Found) finding.Finding {
	if l.last.excerpt.Lines == nil || l.last.span != f.Span {
		l.last.span, l.last.place, l.last.excerpt = f.Span, l.location(f.Span), l.excerpt(f.Span)
	}
	out := finding.Finding{
		Rule: r.ID, Part: f.Part, Practice: r.Practice, Title: r.Title, Message: strings.Clone(f.Message),
		Severity: f.Severity, Confidence: f.Confidence, CWE: r.CWE, OWASP: r.OWASP, Hint: strings.Clone(f.Hint),
		Location: l.last.place, Excerpt: l.last.excerpt, Advisory: f.Advisory, Entry: f.Entry, Suppressed: f.Suppressed,
	}
	stmt := l.statement(f)
	if f.Node != nil {
		out.Symbol = strings.Clone(l.unit.Symbol(f.Node))
	}
	var text string
	if a := f.Advisory; a != nil { // the same flaw in another version is no other finding
		out.Symbol, text = a.Package, a.ID
	} else {
		text = finding.Normalise(l.file.Text(stmt))
	}
	key := counted{r.ID, out.Symbol, text}
	out.Fingerprint = finding.Fingerprint(r.ID, l.file.Path, out.Symbol, text, l.count[key])
	l.count[key]++
	for _, s := range f.Steps {
		out.Trace = append(out.Trace, l.step(s.Span, s.Message))
	}
	if len(out.Trace) > 0 {
		out.Trace = append(out.Trace, ends(&out, "reported here"))
	}
	for _, s := range f.Secrets {
		out.Secrets = append(out.Secrets, [2]int{int(s.Start), int(s.End)})
	}
	if len(f.Edits) > 0 && l.file.Encoding == "" && l.file.Cells == nil {
		out.Fix = l.fix(f)
	}
	if r.ID != unusedSuppression && out.Suppressed == nil { // which would silence itself
		d := l.suppressed(r, f, stmt)
		if a := f.Advisory; a != nil && d == nil {
			d = l.supp.Match(a.ID, a.Aliases, out.Location.Line, out.Location.EndLine)
		}
		for _, s := range f.Steps {
			if d == nil {
				d = l.suppressed(r, f, s.Span)
			}
		}
		if d != nil {
			out.Suppressed = &finding.Suppression{Kind: "comment", Reason: strings.Clone(d.Reason)}
		}
	}
	return out
}

// step is a stop on the way to a finding. What it keeps of the source is copied: the tree
// and its file go.
func (l *look) step(at source.Span, says string) finding.Step {
	return finding.Step{Location: l.location(at), Message: strings.Clone(says), Excerpt: l.excerpt(at)}
}

// ends is the last step of a way: the finding itself.
func ends(f *finding.Finding, says string) finding.Step {
	return finding.Step{Location: f.Location, Message: says, Excerpt: f.Excerpt}
}

// suppressed is the comment that silences a rule on a statement, or nil.
func (l *look) suppressed(r *rule.Rule, f *rule.Found, stmt source.Span) *finding.Directive {
	if len(l.supp.All()) == 0 {
		return nil
	}
	return l.supp.Match(r.ID, r.Names(f.Part), l.file.Position(stmt.Start).Line, l.file.Position(max(stmt.End, 1)-1).Line)
}

func (l *look) fix(f *rule.Found) *finding.Fix {
	fix := &finding.Fix{Message: strings.Clone(f.FixMessage), Safe: f.FixSafe}
	for _, e := range f.Edits {
		fix.Edits = append(fix.Edits, finding.Edit{
			Path: l.file.Path, Start: int(e.Span.Start), End: int(e.Span.End), Text: strings.Clone(e.Text), Location: l.location(e.Span),
		})
	}
	slices.SortStableFunc(fix.Edits, func(a, b finding.Edit) int { return cmp.Compare(a.Start, b.Start) })
	return fix
}

// statement is the source of the statement that a finding stands in; of one with a body,
// its head.
func (l *look) statement(f *rule.Found) source.Span {
	if f.Node == nil {
		return f.Span
	}
	for n := f.Node; n != nil; n = l.unit.Parent(n) {
		var body []ast.Stmt
		switch s := n.(type) {
		case *ast.FunctionDef:
			body = s.Body
		case *ast.ClassDef:
			body = s.Body
		case *ast.For:
			body = s.Body
		case *ast.While:
			body = s.Body
		case *ast.If:
			body = s.Body
		case *ast.With:
			body = s.Body
		case *ast.Try:
			body = s.Body
		case *ast.ExceptHandler:
			body = s.Body
		case *ast.MatchCase:
			body = s.Body
		case *ast.Match:
			if len(s.Cases) > 0 {
				return head(s.Span(), s.Cases[0].Span().Start)
			}
			return s.Span()
		case *ast.Module:
			return f.Span
		case ast.Stmt:
			return s.Span()
		default:
			continue
		}
		if len(body) > 0 {
			return head(n.Span(), body[0].Span().Start)
		}
		return n.Span()
	}
	return f.Span
}

func head(s source.Span, body source.Pos) source.Span {
	if body > s.Start {
		s.End = min(s.End, body)
	}
	// Without the line break and the indentation before the body there is the colon.
	return s
}

func (l *look) location(s source.Span) finding.Location { return rule.Locate(l.file, s) }

// What a finding carries of the source is bounded: it is for reading, not for keeping.
const (
	maxExcerptLines = 12
	maxExcerptWidth = 400
)

// excerpt is the lines of a span.
func (l *look) excerpt(s source.Span) finding.Excerpt {
	file := l.file
	a, b := file.Position(s.Start).Line, file.Position(s.End).Line
	e := finding.Excerpt{First: a}
	if file.Cells != nil {
		_, e.First = file.Cell(s.Start)
	}
	for n := a; n <= b && n < a+maxExcerptLines; n++ {
		line := file.Covered(n, l.secret)
		if len(line) > maxExcerptWidth {
			line = strings.ToValidUTF8(line[:maxExcerptWidth], "") + "…"
		}
		e.Lines = append(e.Lines, strings.Clone(line))
	}
	return e
}

// unusedSuppressions reports comments that silence nothing, or that say nothing.
func (l *look) unusedSuppressions() []finding.Finding {
	p := l.pass(l.set.unused)
	file := l.file
	report := func(line int, kind, format string, args ...any) finding.Finding {
		start := file.Offset(line)
		text := file.Line(line)
		at := strings.IndexByte(text, '#')
		if i := strings.Index(text, kind); i > at {
			at = strings.LastIndexByte(text[:i], '#')
		}
		return l.finding(p.Rule, p.ReportSpan(source.Span{Start: start + source.Pos(max(at, 0)), End: start + source.Pos(len(text))}, format, args...))
	}
	var out []finding.Finding
	for _, d := range l.supp.All() {
		if d.Mistake != "" {
			out = append(out, report(d.Line, d.Kind, "The comment silences nothing: %s.", d.Mistake))
		}
	}
	for _, u := range l.supp.Unused(func(id string) bool { return l.set.names[id] || l.set.names[strings.ToUpper(id)] }) {
		if u.Directive.Kind != finding.KindGambeson && !p.Audit {
			continue // the tool that it is written for may well need it
		}
		out = append(out, report(u.Directive.Line, u.Directive.Kind, "%s.", strings.ToUpper(u.Message[:1])+u.Message[1:]))
	}
	if p.Audit {
		for _, d := range l.supp.All() {
			if d.Blanket && d.Mistake == "" {
				out = append(out, report(d.Line, d.Kind, "The comment silences every rule here, also those that nobody thought of: %s.", named(d)))
			}
		}
	}
	return out
}

func named(d *finding.Directive) string {
	switch d.Kind {
	case finding.KindNosec:
		return "name the test, as in # nosec B602"
	case finding.KindNosemgrep:
		return "name the rule, as in # nosemgrep: rule"
	}
	return fmt.Sprintf("name the rule, as in # %s: ignore[rule] reason", d.Kind)
}
