// Package deps judges what a project depends on: the packages that its files ask for are
// held against what is known of vulnerable and malicious ones.
//
// The problem: files say less than they seem to. One asks for a range, another has chosen a
// version, a third only limits it, and most say nothing of what comes with what. The plan:
// every line is one of three things, exact, range or unknown; where a lock file, a
// constraint or a compiled list has chosen, that choice is judged, in its own place; a range
// is judged by the newest version that it lets through, which is what an installer takes;
// and what stays unknown is said, with the reason. Nothing is resolved, run or sent anywhere.
package deps

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gambeson/gambeson/internal/deps/advisory"
	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/parts"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// The rules that an audit reports by.
const (
	vulnerable = "vulnerable-dependency"
	malicious  = "malicious-dependency"
	unneeded   = "unused-dependency-ignore"
)

// An Auditor holds packages against an index. It is for one audit.
type Auditor struct {
	Index  *advisory.Index // nil: nothing is judged, and packages are only listed
	Config Config
	Now    time.Time

	// Strict makes a problem of each package whose version nobody knows. Without it they are
	// a note.
	Strict bool

	items []*item
	named map[string][]*item // by Name
	p     *rule.Project
}

// An item is one package as one file has it.
type item struct {
	*manifest.Package
	doc    *rule.Doc
	asked  []*item // who asks for what this one has chosen, in other files
	chosen bool    // another item has chosen the version, and is judged for it
	limits bool    // a constraint: it is no package, it only limits one
	by     []*item // of the same lock file, whoever needs it
	vulns  []finding.Vuln
	skip   string
}

// atATime is how many packages a goroutine judges before it asks for more: most take a few
// microseconds, one with 400 flaws a millisecond.
const atATime = 16

// Run is an engine.Scan's Audit.
func (a *Auditor) Run(p *rule.Project) {
	a.p = p
	if !slices.ContainsFunc(p.Docs, func(d *rule.Doc) bool { return d.Manifest != nil }) {
		return
	}
	a.collect()
	a.choose()
	if a.Index != nil {
		// They are judged side by side, and what is found is reported in their order.
		verdicts := slices.Concat(parts.Of(len(a.items), atATime, func(from, to int) (out []verdict) {
			for _, it := range a.items[from:to] {
				out = append(out, a.judge(it))
			}
			return out
		})...)
		for i, it := range a.items {
			if err := verdicts[i].err; err != nil {
				p.Out.Problems = append(p.Out.Problems, finding.Problem{Path: it.doc.Path, Line: it.At.Line, Partial: true, Message: err.Error()})
				break
			}
			a.report(it, verdicts[i])
		}
		a.unneeded()
	}
	a.say()
}

// collect lists what the files ask for, without what was not asked about.
func (a *Auditor) collect() {
	limits := map[string]bool{} // files that only limit
	wanted := map[string]bool{} // files that are asked for as themselves
	for _, d := range a.p.Docs {
		if d.Manifest == nil {
			continue
		}
		for _, in := range d.Manifest.Includes {
			if in.Constraint {
				limits[in.Path] = true
			} else {
				wanted[in.Path] = true
			}
		}
	}
	for _, d := range a.p.Docs {
		if d.Manifest == nil {
			continue
		}
		only := limits[d.Path] && !wanted[d.Path] || strings.Contains(strings.ToLower(path.Base(d.Path)), "constraint")
		type key struct{ name, version, from string }
		seen := map[key]*item{}
		for i := range d.Manifest.Packages {
			pkg := &d.Manifest.Packages[i]
			if !a.Config.wants(pkg.Groups) || !a.Config.applies(pkg.Marker) {
				continue
			}
			k := key{pkg.Name, pkg.Specifiers.String(), pkg.URL}
			if pkg.State == manifest.Exact {
				k.version = pkg.Version.String()
			}
			if first := seen[k]; first != nil { // in several groups, or for several machines
				if len(first.Groups) > 0 {
					if len(pkg.Groups) == 0 {
						first.Groups = nil
					} else {
						first.Groups = append(slices.Clone(first.Groups), pkg.Groups...)
						slices.Sort(first.Groups)
						first.Groups = slices.Compact(first.Groups)
					}
				}
				continue
			}
			it := &item{Package: pkg, doc: d, limits: only}
			seen[k] = it
			a.items = append(a.items, it)
		}
	}
}

// choose finds for each package whose version is open the file that has chosen it.
func (a *Auditor) choose() {
	byName := make(map[string][]*item, len(a.items))
	for _, it := range a.items {
		byName[it.Name] = append(byName[it.Name], it)
	}
	a.named = byName
	for _, it := range a.items {
		if it.Locked {
			for _, need := range it.Needs {
				for _, other := range byName[need] {
					if other.doc == it.doc || other.doc.Manifest.Format == it.doc.Manifest.Format && it.In != "" {
						other.by = append(other.by, it)
					}
				}
			}
			continue
		}
		if it.State == manifest.Exact && !it.limits && !hasLock(byName[it.Name], it) || it.From != manifest.Index && it.From != manifest.Conda {
			continue
		}
		for _, other := range byName[it.Name] {
			if other != it && other.State == manifest.Exact && chooses(other, it) {
				it.chosen = true
				other.asked = append(other.asked, it)
			}
		}
	}
}

func hasLock(list []*item, it *item) bool {
	return slices.ContainsFunc(list, func(other *item) bool { return other != it && other.Locked && chooses(other, it) })
}

// chooses says whether one file chooses versions for another: a lock file for those in its
// folder and below, a compiled list for the list it was made of, a constraint for whoever
// includes it.
func chooses(by, it *item) bool {
	if by.doc == it.doc {
		return false
	}
	dir := path.Dir(by.doc.Path)
	if by.Locked && by.doc.Manifest.Lock {
		return covers(by.doc.Manifest.Format, it.doc.Manifest.Format) && (dir == "." || path.Dir(it.doc.Path) == dir || strings.HasPrefix(it.doc.Path, dir+"/"))
	}
	stem := func(p string) string { return strings.TrimSuffix(p, path.Ext(p)) }
	if path.Ext(it.doc.Path) == ".in" && stem(it.doc.Path) == stem(by.doc.Path) {
		return true
	}
	if by.limits {
		return slices.ContainsFunc(it.doc.Manifest.Includes, func(in manifest.Include) bool { return in.Path == by.doc.Path })
	}
	return false
}

// covers says whether a kind of lock file is made of a kind of file.
func covers(lock, of string) bool {
	if lock == "Pipfile.lock" {
		return of == "Pipfile"
	}
	return of == "pyproject.toml" || of == "setup.cfg" || of == "setup.py" || of == "hatch.toml" || strings.HasPrefix(lock, "pylock")
}

// onlyLimits says that it is a constraint which nobody follows.
func (it *item) onlyLimits() bool { return it.limits && len(it.asked) == 0 }

// name is what to call it: some have only an address.
func (it *item) name() string { return cmp.Or(it.Written, it.URL) }

// direct says whether the project itself asks for it.
func (it *item) direct() bool {
	return len(it.asked) > 0 || !it.Locked || len(it.by) == 0
}

// open is why nothing can be said of a package's version, or "".
func (a *Auditor) open(it *item) string {
	switch {
	case it.From == manifest.Project || it.chosen || it.onlyLimits():
		return ""
	case a.Config.private(it.Name):
		return "private, as the configuration says"
	case it.State == manifest.Exact:
		return ""
	case it.From == manifest.Index || it.From == manifest.Conda:
		if it.State == manifest.Range && len(it.Specifiers) == 0 {
			return it.Why
		}
		return ""
	case it.Why != "":
		return it.Why
	}
	return "it comes from " + it.URL
}

// A verdict is what is wrong with one package: its flaws, the worst first, and the way out of
// all.
type verdict struct {
	flaws []flaw
	up    upgrade
	err   error
}

// A flaw is one of a package, and what is to be said of it.
type flaw struct {
	*advisory.Advisory
	found *rule.Found
	vuln  finding.Vuln
}

// A subject is what all flaws of a package are about.
type subject struct {
	*item
	at      source.Span
	version pep440.Version
	loose   bool   // it is a range, judged by its newest version
	exact   string // the version as text, if it is not
	what    string // what to call both: jinja2 2.4.1, jinja2 (>=2)
}

// judge holds one package against the index. It is called for several at a time, and changes
// nothing but the item.
func (a *Auditor) judge(it *item) (out verdict) {
	if it.chosen || it.onlyLimits() || it.From == manifest.Project {
		return out
	}
	if it.skip = a.open(it); it.skip != "" {
		return out
	}
	list, err := a.Index.Find(it.Name)
	if err != nil {
		return verdict{err: err}
	}
	if len(list) == 0 {
		return out
	}
	s := subject{item: it, version: it.Version, loose: it.State != manifest.Exact, what: it.Written}
	if s.loose {
		if s.version = newest(it.Specifiers, list); s.version == (pep440.Version{}) {
			return out
		}
		if asked := it.Specifiers.String(); asked != "" {
			s.what += " (" + asked + ")"
		}
	}
	var hit []*advisory.Advisory
	for i := range list {
		if list[i].Affected(s.version) {
			hit = append(hit, &list[i])
		}
	}
	if len(hit) == 0 {
		return out
	}
	if !s.loose {
		s.exact = s.version.String()
		s.what += " " + s.exact
	}
	s.at = it.doc.Place(it.At)
	out.up = a.upgrade(it, s.version, list)
	slices.SortStableFunc(hit, func(x, y *advisory.Advisory) int {
		sx, _ := x.Severity()
		sy, _ := y.Severity()
		return cmp.Or(cmp.Compare(sy, sx), strings.Compare(x.ID, y.ID))
	})
	out.flaws = make([]flaw, len(hit))
	for i, adv := range hit {
		out.flaws[i] = a.describe(&s, adv, out.up, i == 0)
	}
	return out
}

// describe says what there is to say of one flaw.
func (a *Auditor) describe(of *subject, adv *advisory.Advisory, up upgrade, first bool) flaw {
	it := of.item
	severity, _ := adv.Severity()
	f := &rule.Found{Span: of.at, Severity: severity, Confidence: finding.HighConfidence}
	fixed := adv.Fixes()
	f.Advisory = &finding.Advisory{ID: adv.ID, Aliases: adv.Aliases, Package: it.Name, Version: of.exact, Fixed: fixed, Upgrade: up.version, Malware: adv.Malware, URL: link(adv)}
	if len(adv.CVSS) > 0 {
		f.Advisory.CVSS, f.Advisory.Score = adv.CVSS[0].Vector, adv.CVSS[0].Score
	}
	if of.loose || adv.Disputed(of.version) || it.From == manifest.Conda {
		f.Confidence = finding.MediumConfidence
	}
	title := adv.Title()
	id := vuln
	if adv.Malware {
		id = func(x *advisory.Advisory) string { return x.ID }
	}
	f.Message = of.what + ": " + strings.TrimRight(title, ". ") + " (" + id(adv) + ")."
	if of.loose {
		f.Message += " Even the newest version that it lets through is affected, as far as is known."
	}
	if !it.direct() {
		f.Message += " It is needed by " + names(it.by) + "."
	}
	switch {
	case adv.Malware:
		f.Hint = "take it out, and treat every machine that installed it as broken into"
	default:
		f.Hint = up.advice(it)
		if first { // one line, one edit, whatever the number of flaws
			if edit, ok := up.edit(it); ok {
				f.ReviewFix("upgrade "+it.Written+" to "+up.version, edit)
			}
		}
	}
	if says := a.reach(it, adv, f); says != "" {
		f.Message += " " + says
	}
	return flaw{adv, f, finding.Vuln{ID: adv.ID, Aliases: notNil(adv.Aliases), FixVersions: notNil(fixed), Description: title, Severity: severity, Status: "affected"}}
}

// report makes findings of a package's flaws.
func (a *Auditor) report(it *item, of verdict) {
	it.vulns = slices.Grow(it.vulns, len(of.flaws))
	for _, f := range of.flaws {
		name := vulnerable
		if f.Malware {
			name = malicious
		}
		if ig := a.Config.ignored(it, f.Advisory, a.Now, of.up.version != ""); ig != nil {
			f.found.Suppressed = &finding.Suppression{Kind: ig.kind(), Reason: ig.Reason}
		}
		if s := a.p.Report(name, it.doc, f.found); s != nil {
			f.vuln.Status, f.vuln.Reason = "not_affected", s.Reason
		}
		it.vulns = append(it.vulns, f.vuln)
	}
}

func notNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// vuln is the name that people know a flaw by: its CVE, or its id.
func vuln(adv *advisory.Advisory) string {
	if strings.HasPrefix(adv.ID, "CVE-") {
		return adv.ID
	}
	for _, x := range adv.Aliases {
		if strings.HasPrefix(x, "CVE-") {
			return x
		}
	}
	return adv.ID
}

func names(list []*item) string {
	var out []string
	for _, it := range list {
		if !slices.Contains(out, it.name()) {
			out = append(out, it.name())
		}
	}
	if len(out) > 3 {
		return strings.Join(out[:3], ", ") + fmt.Sprintf(" and %d more", len(out)-3)
	}
	return strings.Join(out, ", ")
}

// link is where the advisory can be read.
func link(adv *advisory.Advisory) string {
	for _, r := range adv.References {
		if r.Type == "ADVISORY" && strings.HasPrefix(r.URL, "https://") {
			return r.URL
		}
	}
	return "https://osv.dev/vulnerability/" + adv.ID
}

// newest is a version that stands for the newest one that conditions let through, among the
// versions that advisories and conditions speak of and what lies between and above them. It
// is the zero version if they let nothing through.
func newest(asked pep440.Set, list []advisory.Advisory) pep440.Version {
	var at []pep440.Version
	add := func(text string) {
		if v, err := pep440.Parse(text); err == nil {
			at = append(at, v.Public())
		}
	}
	for i := range list {
		for _, c := range list[i].Claims {
			for _, b := range c.Branches {
				add(b.Introduced)
				add(b.Fixed)
				add(b.Last)
				add(b.Limit)
			}
			for _, v := range c.Versions {
				add(v)
			}
		}
	}
	for _, s := range asked {
		if v, ok := s.Version(); ok {
			at = append(at, v.Public())
		}
	}
	add("0")
	slices.SortFunc(at, func(a, b pep440.Version) int { return b.Compare(a) })
	top := at[0]
	points := []pep440.Version{pep440.MustParse(fmt.Sprintf("%d!%d", top.Epoch(), top.Part(0)+1000))}
	for _, v := range at {
		if above, err := pep440.Parse(v.Base().String() + ".0.0.0.1"); err == nil {
			points = append(points, above)
		}
		if !v.IsPrerelease() {
			points = append(points, v)
		}
	}
	for _, v := range points {
		if asked.Contains(v, false) {
			return v
		}
	}
	return pep440.Version{}
}

// say writes what was looked at, and what could not be.
func (a *Auditor) say() {
	out := a.p.Out
	counts := map[manifest.State]int{}
	total, skipped := 0, []*item{}
	out.Dependencies = slices.Grow(out.Dependencies, len(a.items))
	for _, it := range a.items {
		if it.onlyLimits() || it.From == manifest.Project {
			continue
		}
		if it.skip == "" {
			it.skip = a.open(it)
		}
		d := it.dependency()
		out.Dependencies = append(out.Dependencies, d)
		if it.chosen {
			continue
		}
		total++
		counts[it.State]++
		if it.skip != "" && !a.Config.private(it.Name) {
			skipped = append(skipped, it)
		}
	}
	if a.Index == nil {
		return
	}
	for _, it := range skipped {
		why := it.name() + " was not held against advisories: " + it.skip
		if a.Strict {
			out.Problems = append(out.Problems, finding.Problem{Path: it.doc.Path, Line: it.At.Line, Column: it.At.Column, Partial: true,
				Message: why + "; if it is your own, name it in [tool.gambeson.deps] private"})
		}
	}
	if n := len(skipped); n > 0 && !a.Strict {
		out.Notes = append(out.Notes, fmt.Sprintf("%s could not be held against advisories (%s): gambeson deps audit says why.", finding.Plural(n, "package"), names(skipped)))
	}
	info := a.Index.Info()
	out.Advisories = &finding.Knowledge{Source: info.Source, Newest: info.Newest, Flaws: info.Flaws, Unread: info.Unread}
	age := int(a.Now.Sub(info.Newest).Hours() / 24)
	if out.Stats.LookedAt == nil {
		out.Stats.LookedAt = map[finding.Practice]string{}
	}
	out.Stats.LookedAt[finding.Dependencies] = fmt.Sprintf("advisories of %s; %s, %d exact", info.Newest.Format(time.DateOnly), finding.Plural(total, "package"), counts[manifest.Exact])
	if limit := a.Config.maxAge(); age > limit {
		out.Notes = append(out.Notes, fmt.Sprintf("The advisories are %d days old (the newest is of %s): gambeson deps update brings newer ones.", age, info.Newest.Format(time.DateOnly)))
	}
	if info.Unread > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%s in the index could not be read, and what they know is missing.", finding.Plural(info.Unread, "record")))
	}
}

func (it *item) dependency() finding.Dependency {
	d := finding.Dependency{
		Name: it.Name, State: it.State.String(), Asked: it.Specifiers.String(), SkipReason: it.skip, Origin: it.From.String(), URL: it.URL,
		Groups: it.Groups, Extras: it.Extras, Hashes: it.Hashes, Needs: it.Needs, Direct: it.direct(), Locked: it.Locked, Vulns: it.vulns,
	}
	if it.State == manifest.Exact {
		d.Version = it.Version.String()
	}
	if it.chosen {
		d.SkipReason = "another file has chosen its version"
	}
	if !it.Marker.Empty() {
		d.Marker = it.Marker.String()
	}
	if d.Vulns == nil {
		d.Vulns = []finding.Vuln{}
	}
	at := it.doc.Place(it.At)
	a, b := it.doc.Position(at.Start), it.doc.Position(at.End)
	d.Location = finding.Location{Path: it.doc.Path, Line: a.Line, Column: it.doc.Runes(a) + 1, EndLine: b.Line, EndColumn: it.doc.Runes(b) + 1}
	return d
}
