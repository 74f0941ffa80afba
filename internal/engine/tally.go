package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
	"github.com/gambeson/gambeson/internal/taint"
)

// A tally counts what a scan had before it, for the accounts of the practices. Nodes are
// counted by kind, and calls where a rule is asked about one: to count for each rule and node
// would cost more than the rules do.
type tally struct {
	sync.Mutex
	own, tests counts // the program's files, and those of its tests, where few rules look
	asked      []int  // by rule, in the whole set: calls that it was asked about
	right      map[judged]*finding.Count
}

type counts struct {
	files int
	kinds [kinds]int
}

const kinds = 256

// judged is what a rule has called right.
type judged struct {
	rule int
	what string
}

// A fileTally is the same for one file.
type fileTally struct {
	kinds [kinds]int32
	asked []int32
	right []judged // one for each
}

func (t *fileTally) isRight(rule int, name string) {
	if t.asked != nil {
		t.right = append(t.right, judged{rule, "calls of " + name})
	}
}

func newTally(rules int) *tally {
	return &tally{asked: make([]int, rules), right: map[judged]*finding.Count{}}
}

// add adds what was counted in a file.
func (t *tally) add(l *look) {
	at := func(i int) int {
		if l.set.whole != nil {
			return l.set.whole[i]
		}
		return i
	}
	t.Lock()
	defer t.Unlock()
	to := &t.own
	if l.set.whole != nil {
		to = &t.tests
	}
	to.files++
	for k, n := range l.tally.kinds {
		to.kinds[k] += int(n)
	}
	for i, n := range l.tally.asked {
		t.asked[at(i)] += int(n)
	}
	for _, r := range l.tally.right {
		t.judge(judged{at(r.rule), r.what}, 1, 0)
	}
	for i, p := range l.passes {
		if p != nil {
			for what, c := range p.Judged {
				t.judge(judged{at(i), what}, c[0], c[1])
			}
		}
	}
}

func (t *tally) judge(what judged, n, of int) {
	c := t.right[what]
	if c == nil {
		c = &finding.Count{What: strings.Clone(what.what)}
		t.right[judged{what.rule, c.What}] = c
	}
	c.N += n
	c.Of += of
}

// seen is what else a scan had before it.
type seen struct {
	docs    []*rule.Doc
	facts   []*taint.Facts
	know    *taint.Knowledge
	surface *surface.Surface // nil if nobody read it
	report  *finding.Report
}

// accounts says for each practice what its rules had before them, and what of it is right.
func (t *tally) accounts(list []*rule.Rule, s seen) []finding.Account {
	out := make([]finding.Account, len(finding.Practices))
	at := map[finding.Practice]*finding.Account{}
	for i, p := range finding.Practices {
		out[i] = finding.Account{Practice: p, Places: []finding.Count{}, Rules: []finding.Looked{}, Right: []finding.Count{}, Unseen: []finding.Unseen{}}
		at[p] = &out[i]
	}
	var places []taint.Place
	for _, f := range s.facts {
		places = append(places, s.know.Places(f)...)
	}
	all := map[finding.Practice]*rule.Rule{} // the rules of a practice as if they were one
	for i, r := range list {
		a := at[r.Practice]
		if all[r.Practice] == nil {
			all[r.Practice] = &rule.Rule{}
		}
		combine(all[r.Practice], r)
		had := t.had(r, &s, places)
		if len(r.Calls) > 0 {
			had = append(had, finding.Count{What: "calls by names that it knows", N: t.asked[i]})
		}
		a.Rules = append(a.Rules, finding.Looked{Rule: r.ID, Places: had})
	}
	for p, r := range all {
		a := at[p]
		if len(r.Calls) > 0 && !slices.Contains(r.Check.Kinds, ast.KindCall) { // to know which they are they have every call before them
			r.Check.Kinds = append(r.Check.Kinds, ast.KindCall)
		}
		if len(r.Calls)+len(r.Imports)+len(r.Check.Kinds)+len(r.To) > 0 || r.Check.Surface != nil {
			r.Check.File = func(*rule.Pass) {}
		}
		a.Places = slices.DeleteFunc(t.had(r, &s, places), func(c finding.Count) bool { return c.N == 0 })
		if kinds, _ := models.ParseKinds(r.To); kinds != 0 {
			if c := countPlaces(places, kinds); c.Of > 0 {
				a.Right = append(a.Right, c)
			}
		}
	}
	for what, c := range t.right {
		c := *c
		c.Rule = list[what.rule].ID
		a := at[list[what.rule].Practice]
		if i := slices.IndexFunc(a.Right, func(x finding.Count) bool { return x.What == c.What && c.Of > 0 }); i >= 0 { // of several rules
			a.Right[i] = finding.Count{What: c.What, N: a.Right[i].N + c.N, Of: a.Right[i].Of + c.Of}
			continue
		}
		a.Right = append(a.Right, c)
	}
	for _, a := range at {
		slices.SortFunc(a.Rules, func(x, y finding.Looked) int { return strings.Compare(x.Rule, y.Rule) })
		slices.SortFunc(a.Right, func(x, y finding.Count) int {
			return cmp.Or(strings.Compare(x.Rule, y.Rule), strings.Compare(x.What, y.What))
		})
	}
	aboutPackages(at[finding.Dependencies], s)
	aboutRoutes(at[finding.Web], s.surface)
	if n := s.report.Stats.Cut; n > 0 {
		at[finding.Input].Unseen = append(at[finding.Input].Unseen, finding.Unseen{
			What: fmt.Sprintf("%s through the program beyond the length to which they are followed", finding.Plural(n, "way")), Gap: true})
	}
	aboutReading(at[finding.Analysis], s.report)
	return out
}

// combine adds to what a rule wants to see what another one does.
func combine(all, r *rule.Rule) {
	all.Practice = r.Practice
	all.InTests = all.InTests || r.InTests
	all.Calls = append(append(all.Calls, r.Calls...), r.Right...)
	all.Imports = append(all.Imports, r.Imports...)
	all.To = append(all.To, r.To...)
	for _, k := range r.Check.Kinds {
		if !slices.Contains(all.Check.Kinds, k) {
			all.Check.Kinds = append(all.Check.Kinds, k)
		}
	}
	if r.Check.File != nil || r.ID == unusedSuppression {
		all.Check.File = func(*rule.Pass) {}
	}
	if wants := r.Check.Docs; wants != nil {
		others := all.Check.Docs
		all.Check.Docs = func(path string) bool { return wants(path) || others != nil && others(path) }
	}
	if r.Check.Surface != nil {
		all.Check.Surface = r.Check.Surface
	}
}

// had is what a rule had before it, the largest things first.
func (t *tally) had(r *rule.Rule, s *seen, places []taint.Place) []finding.Count {
	out := []finding.Count{}
	add := func(what string, n int) { out = append(out, finding.Count{What: what, N: n}) }
	if r.Check.File != nil || r.ID == unusedSuppression {
		n := t.own.files
		if r.InTests {
			n += t.tests.files
		}
		add(pythonFiles, n)
	}
	if r.Check.Docs != nil {
		n := 0
		for _, d := range s.docs {
			if r.Check.Docs(d.Name()) || r.Practice == finding.Dependencies && d.Manifest != nil {
				n++
			}
		}
		add(otherFiles, n)
	}
	if r.Check.Surface != nil {
		n := 0
		if s.surface != nil {
			n = len(s.surface.Routes)
		}
		add("routes", n)
	}
	if r.Needs == rule.NeedsAdvisories && s.report.Advisories != nil {
		total, _, _ := asked(s.docs)
		add(requirements, total)
	}
	if kinds, _ := models.ParseKinds(r.To); kinds != 0 {
		add(placesWord, countPlaces(places, kinds).Of)
	}
	nodes := map[string]int{}
	for _, k := range r.Check.Kinds {
		nodes[wordFor(k)] += t.nodes(r, k)
	}
	if len(r.Imports) > 0 {
		nodes[wordFor(ast.KindImport)] = t.nodes(r, ast.KindImport) + t.nodes(r, ast.KindImportFrom)
	}
	for _, word := range nodeWords {
		if n, ok := nodes[word]; ok {
			add(word, n)
		}
	}
	return out
}

func (t *tally) nodes(r *rule.Rule, k ast.Kind) int {
	n := t.own.kinds[k]
	if r.InTests {
		n += t.tests.kinds[k]
	}
	return n
}

// What is counted for every rule, and not for some of them.
const (
	pythonFiles  = "files of Python"
	otherFiles   = "other files"
	requirements = "requirements"
	placesWord   = "calls that strangers' data must not reach"
)

// nodeWords are what people call nodes, in the plural, in the order in which they are listed.
var nodeWords = []string{"calls", "imports", "functions", "classes", "try statements", "with statements", "assertions", "assignments", "constants", "return statements", "other expressions"}

func wordFor(k ast.Kind) string {
	switch k {
	case ast.KindCall:
		return "calls"
	case ast.KindImport, ast.KindImportFrom:
		return "imports"
	case ast.KindFunctionDef:
		return "functions"
	case ast.KindClassDef:
		return "classes"
	case ast.KindTry:
		return "try statements"
	case ast.KindWith:
		return "with statements"
	case ast.KindAssert:
		return "assertions"
	case ast.KindAssign, ast.KindAnnAssign, ast.KindAugAssign:
		return "assignments"
	case ast.KindConstant:
		return "constants"
	case ast.KindReturn:
		return "return statements"
	}
	return "other expressions"
}

// countPlaces counts the calls to which data of these kinds could do harm, and those of them
// that are given nothing but constants.
func countPlaces(places []taint.Place, kinds models.Kinds) finding.Count {
	c := finding.Count{What: placesWord + ", given constants only"}
	for _, p := range places {
		if p.Kinds&kinds == 0 {
			continue
		}
		c.Of++
		if p.Constant {
			c.N++
		}
	}
	return c
}

// asked counts what files ask for: all, what names one version, and what comes with a hash.
func asked(docs []*rule.Doc) (total, exact, hashes int) {
	for _, d := range docs {
		if d.Manifest == nil {
			continue
		}
		for i := range d.Manifest.Packages {
			x := &d.Manifest.Packages[i]
			if x.From == manifest.Project || x.From == manifest.Editable || x.From == manifest.Path {
				continue
			}
			total++
			if x.State == manifest.Exact {
				exact++
			}
			if len(x.Hashes) > 0 {
				hashes++
			}
		}
	}
	return total, exact, hashes
}

// aboutPackages says how packages are asked for, and which of them are known to be well.
func aboutPackages(a *finding.Account, s seen) {
	if total, exact, hashes := asked(s.docs); total > 0 {
		a.Places = append(a.Places, finding.Count{What: requirements, N: total})
		a.Right = append(a.Right,
			finding.Count{What: "requirements that name one version", N: exact, Of: total},
			finding.Count{What: "requirements that come with a hash", N: hashes, Of: total})
	}
	if s.report.Advisories == nil {
		return
	}
	clean, judged, unjudged := 0, 0, 0
	for i := range s.report.Dependencies {
		d := &s.report.Dependencies[i]
		switch {
		case d.Origin == "project":
		case d.SkipReason != "":
			unjudged++
		default:
			judged++
			if !slices.ContainsFunc(d.Vulns, func(v finding.Vuln) bool { return v.Status == "affected" }) {
				clean++
			}
		}
	}
	if judged > 0 {
		a.Right = append(a.Right, finding.Count{What: "packages of which no flaw is known", N: clean, Of: judged})
	}
	if unjudged > 0 {
		a.Unseen = append(a.Unseen, finding.Unseen{What: "whether " + finding.Plural(unjudged, "package") + " whose version is not known has a flaw", Command: "deps audit", Gap: true})
	}
}

// aboutReading counts the files that nothing kept from being read.
func aboutReading(a *finding.Account, r *finding.Report) {
	whole, partly := map[string]bool{}, map[string]bool{}
	for _, p := range r.Problems {
		if p.Partial {
			partly[p.Path] = true
		} else {
			whole[p.Path] = true
		}
	}
	if all := r.Stats.Files + len(whole); all > 0 {
		a.Right = append(a.Right, finding.Count{What: "files that could be read to their end", N: max(0, r.Stats.Files-len(partly)), Of: all})
	}
}

// changes says whether a route takes a method that is meant to change something.
func changes(x *surface.Route) bool {
	return slices.ContainsFunc(x.Methods, func(m string) bool { return slices.Contains([]string{"POST", "PUT", "PATCH", "DELETE", "*"}, m) })
}

// aboutRoutes counts what is asked of those who call.
func aboutRoutes(a *finding.Account, s *surface.Surface) {
	if s == nil || len(s.Routes)+len(s.Unread) == 0 {
		return
	}
	login, unsure, checked, forms := 0, 0, 0, 0
	for _, x := range s.Routes {
		switch x.Access.Login {
		case surface.Required:
			login++
		case surface.Unknown:
			unsure++
		}
		if changes(x) && x.Access.CSRF != "" {
			if forms++; x.Access.CSRF == "checked" {
				checked++
			}
		}
	}
	if n := len(s.Routes); n > 0 {
		a.Right = append(a.Right, finding.Count{What: "routes that ask who calls", N: login, Of: n})
	}
	if forms > 0 {
		a.Right = append(a.Right, finding.Count{What: "routes that change something, protected against forged requests", N: checked, Of: forms})
	}
	if unsure > 0 {
		a.Unseen = append(a.Unseen, finding.Unseen{What: "who may call " + finding.Plural(unsure, "route") + " whose guard could not be read", Command: "surface", Gap: true})
	}
	if n := len(s.Unread); n > 0 {
		a.Unseen = append(a.Unseen, finding.Unseen{What: "the routes that " + finding.Plural(n, "place") + " in the code adds in a way that could not be read", Command: "surface", Gap: true})
	}
}
