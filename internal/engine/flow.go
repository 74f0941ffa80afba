package engine

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/taint"
)

// flowRules are the rules about data that reach a place.
type flowRules struct {
	list  []*rule.Rule
	kinds []models.Kinds
	over  map[string]models.Kinds // rule that is replaced → kinds of places it speaks of
}

func flowRulesOf(list []*rule.Rule) *flowRules {
	f := &flowRules{over: map[string]models.Kinds{}}
	for _, r := range list {
		if len(r.To) == 0 {
			continue
		}
		k, err := models.ParseKinds(r.To)
		if err != nil {
			panic(r.ID + ": " + err.Error()) // a test reads all pages
		}
		f.list, f.kinds = append(f.list, r), append(f.kinds, k)
		for _, id := range r.Replaces {
			f.over[id] |= k
		}
	}
	return f
}

// together is how many modules are followed by one analysis, which runs what they import but
// once. One each takes 40 % longer over CPython's library; from 32 on nothing is gained.
const together = 32

// apart is how many modules of one top folder make a part of their own: they import something else
// than what lies beside, and the two would but stand in each other's way. Two copies of Redash
// side by side take 1.5 s of processors instead of 1.8; small folders are better off together.
const apart = 12

// partsOf are the roots that are followed together, in their order.
func partsOf(roots []taint.Root) (parts [][]taint.Root) {
	top := func(i int) string {
		folder, _, ok := strings.Cut(roots[i].Module.Path, "/")
		if !ok {
			return ""
		}
		return folder
	}
	start := 0
	for i := 1; i < len(roots); i++ {
		n := i - start
		many := func() bool { return n >= apart && len(roots)-i >= apart && top(i) == top(i+apart-1) }
		if n == together || top(i) != top(i-1) && many() {
			parts = append(parts, roots[start:i])
			start = i
		}
	}
	return append(parts, roots[start:])
}

// flows follows data through the modules that the facts call roots, and adds what it finds.
func (r *running) flows(ctx context.Context, rules *flowRules, know *taint.Knowledge, rep *finding.Report) error {
	roots, reach := taint.Reach(r.facts, quiet)
	if len(roots) == 0 || len(rules.list) == 0 {
		return nil
	}
	// What runs together shares what it has learned. The parts are the same for any number of
	// workers, and so is the report.
	parts := partsOf(roots)
	results := make([]*taint.Result, len(parts))
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(r.jobs(), len(parts)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(parts) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				results[i] = taint.Run(r.prog, know, parts[i], reach)
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &flowWriter{run: r, rules: rules, units: map[string]*program.Unit{}, handled: map[string][]source.Span{}}
	defer w.close()
	var all []*taint.Flow
	seen := map[string][]taint.Seen{}
	for _, res := range results {
		all = append(all, res.Flows...)
		for _, s := range res.Seen {
			seen[s.Path] = append(seen[s.Path], s)
		}
		for _, h := range res.Handled {
			w.handled[h.Path] = append(w.handled[h.Path], h.At)
		}
		for _, path := range res.Failed {
			rep.Problems = append(rep.Problems, finding.Problem{Path: path, Partial: true, Message: "following data from here failed, which is a mistake of Gambeson's: please report it; the other rules have looked"})
		}
		rep.Stats.Cut += res.Cut
	}
	joined, unknown := taint.Joined(results)
	all = append(all, joined...)
	for _, s := range unknown {
		seen[s.Path] = append(seen[s.Path], s)
	}
	slices.SortFunc(all, func(x, y *taint.Flow) int {
		return cmp.Or(strings.Compare(x.File.Path, y.File.Path), cmp.Compare(x.At.Start, y.At.Start), cmp.Compare(x.Kinds, y.Kinds), x.Compare(y))
	})
	// What only asks whether a file is there comes last: mostly it is opened next, and that is
	// what matters.
	opened := map[string]bool{}
	set := map[[3]string]bool{} // attributes that are set, which matters more than that they are read before
	for _, f := range all {
		if f.Sink == "builtins.setattr" {
			set[[3]string{f.File.Path, f.Symbol, f.Text}] = true
		}
	}
	for _, asks := range []bool{false, true} {
		for _, f := range all {
			if (observes(f.Sink) || f.Sink == "builtins.getattr" && set[[3]string{f.File.Path, f.Symbol, f.Text}]) != asks {
				continue
			}
			from := f.Source
			if len(f.Steps) > 0 {
				from += "\x00" + f.Steps[0].File.Path + "\x00" + strconv.Itoa(int(f.Steps[0].At.Start))
			}
			if !asks && f.Kinds&paths != 0 {
				opened[from] = true
			}
			if !asks || !opened[from] {
				w.flow(f)
			}
		}
	}
	w.replace(rep, seen)
	rep.Findings = append(rep.Findings, w.found...)
	return nil
}

// observes says whether a sink only looks.
func observes(sink string) bool {
	return strings.HasPrefix(sink, "os.path.") || strings.HasSuffix(sink, ".exists") || strings.HasSuffix(sink, ".is_file") || strings.HasSuffix(sink, ".is_dir")
}

// A flowWriter turns flows into findings.
type flowWriter struct {
	run     *running
	rules   *flowRules
	units   map[string]*program.Unit
	looks   map[string]*look
	found   []finding.Finding
	last    map[string]bool
	at      map[string]int           // the finding of a rule at a place
	spans   map[string][]span        // by path: the places that were reported
	handled map[string][]source.Span // by path: handlers that were looked at to their end
}

type span struct {
	at    source.Span
	kinds models.Kinds
	rule  string // that reported it; "" for a stop on the way
}

func (w *flowWriter) close() {
	for _, u := range w.units {
		if u != nil {
			u.Close()
		}
	}
}

// look is the file of a path, opened once; file is the text of one that is none of the
// program's: a template.
func (w *flowWriter) look(path string, file *source.File) *look {
	if l, ok := w.looks[path]; ok {
		return l
	}
	if w.looks == nil {
		w.looks = map[string]*look{}
	}
	w.looks[path] = nil
	if m := w.run.prog.ByPath(path); m != nil {
		if u := m.Open(); u != nil {
			w.units[path] = u
			l := &look{set: w.run.set, file: u.File, unit: u, count: map[counted]int{}, secret: w.run.secret[path]}
			if !w.run.scan.NoSuppress {
				l.comments()
			}
			w.looks[path] = l
		}
	}
	if file != nil && w.looks[path] == nil && templateFile(path) {
		w.units[path] = blank(file)
		w.looks[path] = &look{set: w.run.set, file: w.units[path].File, unit: w.units[path], count: map[counted]int{}}
	}
	return w.looks[path]
}

// quiet are kinds that matter only when the data come from the network: a program may
// open the file that its user names.
var quiet = func() models.Kinds {
	k, err := models.ParseKinds([]string{"code", "path", "log", "url", "command.argument", "command.program", "regex", "format", "size", "attribute", "module", "session", "header", "mail", "html", "xml", "orm"})
	if err != nil {
		panic(err)
	}
	return k
}()

// paths are the kinds about files' names.
var paths = func() models.Kinds {
	k, err := models.ParseKinds([]string{"path", "sibling"})
	if err != nil {
		panic(err)
	}
	return k
}()

// idle are kinds that do harm only in exceptional surroundings: a way that leads through
// something unknown is not worth a word. What a login keeps in the session was mostly found by
// the name that was sent, in a module that is not there, and is no longer the visitor's.
var idle = func() models.Kinds {
	k, err := models.ParseKinds([]string{"header", "log", "size", "session"})
	if err != nil {
		panic(err)
	}
	return k
}()

// flow reports one flow, unless the same place was reported for the same rule: two ways to
// one sink are one mistake.
func (w *flowWriter) flow(f *taint.Flow) {
	path := f.File.Path
	if w.run.only != nil && !w.run.only(path) || w.run.test(path) && !w.run.audit {
		return
	}
	l := w.look(path, f.File)
	if l == nil {
		return
	}
	for i, r := range w.rules.list {
		if w.rules.kinds[i]&f.Kinds == 0 {
			continue
		}
		if w.last == nil {
			w.last, w.at, w.spans = map[string]bool{}, map[string]int{}, map[string][]span{}
		}
		if f.Local && f.Kinds&^quiet == 0 && !w.run.audit {
			// Where it comes from is known, and who decides that may decide this.
			w.spans[path] = append(w.spans[path], span{f.At, w.rules.kinds[i], ""})
			continue
		}
		if f.Weak && f.Kinds&^idle == 0 && !w.run.audit {
			continue // servers refuse line breaks; who knows whether this still has one
		}
		key := r.ID + "\x00" + path + "\x00" + strconv.Itoa(int(f.At.Start)) + "\x00" + strconv.Itoa(int(f.At.End))
		if slices.ContainsFunc(w.spans[path], func(x span) bool {
			return x.rule == r.ID && (x.at.Start <= f.At.Start && f.At.End <= x.at.End || f.At.Start <= x.at.Start && x.at.End <= f.At.End)
		}) {
			w.also(key, f)
			continue // eval(compile(…)) is one mistake
		}
		// Two places in one function that the same value comes to as it is are one mistake; where
		// each makes something of its own of it, each is to be mended.
		same := key
		if n := len(f.Steps); n > 0 && f.Symbol != "" {
			last := f.Steps[n-1]
			same = strings.Join([]string{r.ID, path, f.Symbol, last.File.Path, f.Source, strconv.Itoa(int(last.At.Start)), f.Text}, "\x00")
		}
		if w.last[key] || w.last[same] && (plainName(f.Text) || observes(f.Sink)) {
			w.also(key, f)
			continue
		}
		w.last[key], w.last[same] = true, true
		w.spans[path] = append(w.spans[path], span{f.At, w.rules.kinds[i], r.ID})
		for _, s := range f.Steps { // a text is judged where it is built, too
			w.spans[s.File.Path] = append(w.spans[s.File.Path], span{s.At, w.rules.kinds[i], ""})
		}
		msg := strings.NewReplacer("{source}", f.Source, "{sink}", strings.TrimPrefix(strings.ReplaceAll(f.Sink, "()", ""), "builtins.")).Replace(r.Message)
		out := &rule.Found{Span: f.At, Message: upper(msg), Severity: r.Severity, Confidence: r.Confidence, Hint: r.Hint, Node: nodeAt(l.unit, f.At)}
		if f.Weak {
			out.Confidence = min(out.Confidence, finding.MediumConfidence)
		}
		if f.Lost {
			out.Severity = max(finding.Low, out.Severity-1)
		}
		if f.Part && f.Kinds&^paths == 0 {
			// Only .. is left, which leads to a folder; it takes a server that decodes late.
			out.Severity, out.Confidence = min(out.Severity, finding.Medium), min(out.Confidence, finding.MediumConfidence)
		}
		if f.Local {
			out.Severity = max(finding.Info, min(out.Severity-2, finding.Low))
			out.Confidence = min(out.Confidence, finding.MediumConfidence)
		}
		x := l.finding(r, out)
		x.Trace = w.trace(f, &x)
		if f.Entry != nil {
			e := entryOf(f)
			x.Entry = &e
		}
		if w.run.weigh(&x) {
			w.at[key] = len(w.found)
			w.found = append(w.found, x)
		}
	}
}

// maxAlso bounds the ways beside the first that are told of one place.
const maxAlso = 20

// also adds a flow to the finding of its place, if it begins where none of its ways does.
func (w *flowWriter) also(key string, f *taint.Flow) {
	i, ok := w.at[key]
	if !ok || f.Entry == nil || f.Local || f.Lost {
		return
	}
	x := &w.found[i]
	e := entryOf(f)
	if len(x.Also) == maxAlso || x.Entry == nil || *x.Entry == e || slices.ContainsFunc(x.Also, func(o finding.Way) bool { return o.Entry == e }) {
		return
	}
	x.Also = append(x.Also, finding.Way{Entry: e, Trace: w.trace(f, x)})
}

func entryOf(f *taint.Flow) finding.EntryPoint {
	return finding.EntryPoint{Method: f.Entry.Method, Route: f.Entry.Route, Parameter: f.Entry.Parameter, Handler: f.Entry.Handler}
}

// plainName says whether an argument is a variable or an attribute.
func plainName(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (w *flowWriter) trace(f *taint.Flow, x *finding.Finding) []finding.Step {
	var out []finding.Step
	for _, s := range f.Steps {
		at := w.look(s.File.Path, s.File)
		if at == nil {
			continue
		}
		step := at.step(s.At, s.Says)
		if n := len(out); n > 0 && out[n-1].Location.Line == step.Location.Line && out[n-1].Location.Path == step.Location.Path && n > 1 {
			continue // one statement, one step
		}
		out = append(out, step)
	}
	return append(out, ends(x, "does harm here"))
}

// replace takes back findings of rules that did not know where data come from, where that
// is known now: reported by a flow, or seen to be harmless.
func (w *flowWriter) replace(rep *finding.Report, seen map[string][]taint.Seen) {
	texts := map[string]*source.File{}
	text := func(path string) *source.File {
		if l := w.looks[path]; l != nil {
			return l.file
		}
		f, ok := texts[path]
		if m := w.run.prog.ByPath(path); !ok && m != nil {
			f = m.Source()
			texts[path] = f
		}
		return f
	}
	rep.Findings = slices.DeleteFunc(rep.Findings, func(f finding.Finding) bool {
		kinds, ok := w.rules.over[f.Rule]
		path := f.Location.Path
		if !ok || len(w.spans[path])+len(seen[path])+len(w.handled[path]) == 0 {
			return false
		}
		file := text(path)
		if file == nil {
			return false
		}
		touches := func(at source.Span) bool {
			a, b := file.Position(at.Start), file.Position(at.End)
			return f.Location.Line <= b.Line && f.Location.EndLine >= a.Line
		}
		for _, s := range w.spans[path] {
			if s.kinds&kinds != 0 && touches(s.at) {
				return true
			}
		}
		if w.run.audit || w.run.test(path) {
			return false
		}
		clean := slices.ContainsFunc(w.handled[path], touches) && !w.stranger(f, kinds)
		for _, s := range seen[path] {
			if s.Kinds&kinds != 0 && touches(s.At) {
				if !s.Clean {
					return false
				}
				clean = true
			}
		}
		return clean
	})
}

// stranger says whether a finding is about what is given to a method of an object of which
// nothing is known, such as a pool that comes from Depends: no model could know that it does
// harm, so that a handler which was looked at to its end says nothing of it.
func (w *flowWriter) stranger(f finding.Finding, kinds models.Kinds) bool {
	if kinds&^idle == 0 {
		return false
	}
	l := w.look(f.Location.Path, nil)
	if l == nil || l.unit == nil {
		return false
	}
	from, to := source.Position{Line: f.Location.Line, Column: f.Location.Column}, source.Position{Line: f.Location.EndLine, Column: f.Location.EndColumn}
	order := func(a, b source.Position) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	}
	var method *ast.Attribute // of the innermost call that is meant, or around what is meant
	for n := range l.unit.Tree.Of(ast.KindCall) {
		m, ok := n.(*ast.Call).Func.(*ast.Attribute)
		if !ok || m.Attr == "format" || m.Attr == "join" || m.Attr == "replace" {
			continue // puts the text together
		}
		start, head, end := l.unit.File.Position(n.Start()), l.unit.File.Position(m.End()), l.unit.File.Position(n.End())
		if inside := order(head, from) <= 0 && order(to, end) <= 0; (inside || order(start, from) == 0 && order(end, to) == 0) && (method == nil || m.End() > method.End()) {
			method = m
		}
	}
	return method != nil && len(l.unit.Names(method.Value)) == 0
}

// nodeAt is the innermost node that covers a span exactly, or the module.
func nodeAt(u *program.Unit, at source.Span) ast.Node {
	for _, n := range u.Tree.Nodes()[1:] {
		if n.Span() == at && u.Live(n) {
			return n
		}
	}
	return nil
}
