// Package advisory is what is known of vulnerable and malicious packages: records in OSV form
// (https://ossf.github.io/osv-schema/) are read from an archive like OSV's export for PyPI, brought together, and kept in
// an index of our own that is opened in milliseconds.
//
// The problem: several databases describe the same flaw under several names, each with its own idea of which versions have
// it, and an audit asks for a few hundred packages among twenty thousand records. The plan: names are brought together
// transitively, what each record claims is kept beside the others and not mixed with them, and everything that costs time
// (JSON, severities, lists of versions that the ranges imply anyway) is done when the index is built. The trap: the index
// is the only witness. If it is damaged, cut off, or half of it is missing, an audit would find nothing and call that
// clean; so an index is complete and holds its checksum, or it is refused, and an update replaces it in one step or not at all.
package advisory

import (
	"slices"
	"strings"
	"time"

	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/finding"
)

// An Advisory is one flaw of one package, or one malicious package, whatever number of records speak of it.
type Advisory struct {
	Package string   // as pep508.Normalise writes it
	ID      string   // of the records that speak of this package, the one to call it by: MAL, PYSEC, GHSA, CVE, others
	Aliases []string // all its other names, in the same order, also those of which there is no record
	Related []string // other flaws that the records point at
	Malware bool     // the package itself is the attack

	Summary    string // one line; often empty, see Title
	Details    string // the first paragraph
	Published  time.Time
	Modified   time.Time
	CVSS       []CVSS // newest version of CVSS first, then the highest score
	Rated      string // the word that a database has for the severity: LOW, MODERATE, HIGH or CRITICAL, often empty
	CWE        []int
	References []Reference

	Claims  []Claim  // what each record says of this package, in the order of their ids
	Symbols []Symbol // what the flaw is in, where a record names it
}

// A Claim is what one record says about which versions of the package are affected.
type Claim struct {
	Record   string   // its id
	Branches []Branch // in ascending order
	Versions []string // those that are named and lie in no branch, as they are written in the record
}

// A Branch is an interval of versions that are affected: from Introduced on, up to one of the others. At most one of those
// is set; none means that no end is known.
type Branch struct {
	Introduced string // "" is the first version there was
	Fixed      string // the first version without the flaw
	Last       string // the last version with it
	Limit      string // nothing is said of this version and those after it
}

// A Symbol is a function, class or module that the flaw is in. Name may be empty.
type Symbol struct {
	Module string
	Name   string
}

// A Reference is where more can be read. Type is OSV's: ADVISORY, FIX, REPORT, ARTICLE, …
type Reference struct {
	Type string
	URL  string
}

// Is reports whether the flaw has that name. Case does not matter: people type names.
func (a *Advisory) Is(id string) bool {
	same := func(s string) bool { return strings.EqualFold(s, id) }
	return same(a.ID) || slices.ContainsFunc(a.Aliases, same)
}

// Title says in one line what it is about.
func (a *Advisory) Title() string {
	if a.Summary != "" {
		return a.Summary
	}
	// Many begin with what the package is, which whoever uses it knows.
	rest := a.Details
	for {
		sentence, after, ok := strings.Cut(rest, ". ")
		if !ok || !introduces(sentence) {
			if ok {
				sentence += "."
			}
			return shorten(sentence, 160)
		}
		rest = after
	}
}

// introduces says whether a sentence begins with what a package is: a name of at most four
// words, and "is a", as in "Flask is a lightweight framework". A pattern would say the same in
// a line; it took a tenth of an audit in which everything is vulnerable.
func introduces(sentence string) bool {
	most := 4
	if strings.HasPrefix(sentence, "The ") {
		most++
	}
	rest := sentence
	for name := 0; ; name++ {
		word, after, ok := strings.Cut(rest, " ")
		if name > 0 && (word == "is" || word == "are") {
			next, _, _ := strings.Cut(after, " ")
			if end := strings.IndexFunc(next, func(r rune) bool { return !wordy(r) }); end >= 0 {
				next = next[:end]
			}
			if slices.Contains([]string{"a", "an", "the", "open", "written", "used", "free"}, next) {
				return true
			}
		}
		if !ok || name == most || word == "" || strings.ContainsFunc(word, func(r rune) bool { return !wordy(r) && !strings.ContainsRune(".@/-", r) }) {
			return false
		}
		rest = after
	}
}

func wordy(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
}

// Severity says how bad it is, and whether anybody has said so: if nobody has, it is medium. Malware is critical.
func (a *Advisory) Severity() (severity finding.Severity, known bool) {
	switch {
	case a.Malware:
		return finding.Critical, true
	case len(a.CVSS) > 0:
		return a.CVSS[0].severity(), true
	}
	switch a.Rated {
	case "LOW":
		return finding.Low, true
	case "MODERATE":
		return finding.Medium, true
	case "HIGH":
		return finding.High, true
	case "CRITICAL":
		return finding.Critical, true
	}
	return finding.Medium, false
}

// Affected reports whether a version has the flaw, as OSV defines it: a record names the version, or it lies in an
// interval. A local version is one of the version it was made from: 2.0.0+cpu is affected where 2.0.0 is.
func (a *Advisory) Affected(v pep440.Version) bool {
	q := ask(v)
	for i := range a.Claims {
		if a.Claims[i].affected(&q) {
			return true
		}
	}
	return false
}

// AffectedText is Affected for a version as it stands somewhere. One that PEP 440 does not know is affected if a record
// names it so, or says that all versions are affected.
func (a *Advisory) AffectedText(version string) bool {
	return slices.ContainsFunc(a.Claims, func(c Claim) bool { return c.AffectedText(version) })
}

// Disputed reports whether the records disagree about a version that is affected. Often one of them was written before
// there was a fix, and nobody has completed it since.
func (a *Advisory) Disputed(v pep440.Version) bool {
	yes := 0
	for i := range a.Claims {
		if a.Claims[i].Affected(v) {
			yes++
		}
	}
	return yes > 0 && yes < len(a.Claims)
}

// Fix is the smallest version above v that a record calls fixed and none calls affected, or "".
func (a *Advisory) Fix(v pep440.Version) string {
	for _, fix := range a.Fixes() {
		if f, err := pep440.Parse(fix); err == nil && f.Compare(v) > 0 && !a.Affected(f) {
			return fix
		}
	}
	return ""
}

// Fixes are the versions that the records call fixed, one for each branch that has one, in ascending order.
func (a *Advisory) Fixes() []string {
	type fix struct {
		v    pep440.Version
		text string
	}
	var few [4]fix // most have one or two, and a version is not small
	fixes := few[:0]
	for _, c := range a.Claims {
		for _, b := range c.Branches {
			// Records mostly agree, word for word.
			if b.Fixed == "" || len(fixes) <= len(few) && slices.ContainsFunc(fixes, func(f fix) bool { return f.text == b.Fixed }) {
				continue
			}
			if v, err := pep440.Parse(b.Fixed); err == nil {
				fixes = append(fixes, fix{v, b.Fixed})
			}
		}
	}
	slices.SortStableFunc(fixes, func(a, b fix) int { return a.v.Compare(b.v) })
	var out []string
	for i, f := range fixes {
		if i == 0 || f.v.Compare(fixes[i-1].v) != 0 {
			out = append(out, f.text)
		}
	}
	return out
}

// Affected reports whether the record says that a version is affected.
func (c Claim) Affected(v pep440.Version) bool {
	q := ask(v)
	return c.affected(&q)
}

func (c *Claim) affected(q *question) bool {
	for i := range c.Branches {
		if s, ok := c.Branches[i].span(); ok && s.holds(q) {
			return true
		}
	}
	return len(c.Versions) > 0 && slices.ContainsFunc(c.Versions, q.named)
}

// AffectedText is Advisory.AffectedText for one record.
func (c Claim) AffectedText(version string) bool {
	if slices.Contains(c.Versions, version) {
		return true
	}
	if v, err := pep440.Parse(version); err == nil {
		return c.Affected(v)
	}
	return slices.Contains(c.Branches, Branch{})
}

// A question is a version that is looked for, and what it is without its local part.
type question struct{ whole, public pep440.Version }

func ask(v pep440.Version) question { return question{v, v.Public()} }

// compare compares the version with one of a record. Only where the record speaks of a local version does that of the
// question matter.
func (q *question) compare(w pep440.Version, local bool) int {
	if local {
		return q.whole.Compare(w)
	}
	return q.public.Compare(w)
}

// named reports whether a version that a record names is the one in question.
func (q *question) named(listed string) bool {
	w, err := pep440.Parse(listed)
	if err != nil {
		return listed == q.whole.String()
	}
	return q.compare(w, isLocal(w)) == 0
}

func isLocal(v pep440.Version) bool { return v.Local() != "" }

// A span is a Branch whose versions are read.
type span struct {
	from, to           pep440.Version
	hasFrom, hasTo     bool
	localFrom, localTo bool
	with               bool // to belongs to it
}

// span reads the versions of a branch. One that cannot be read holds nothing: an index has none such.
func (b *Branch) span() (s span, ok bool) {
	read := func(text string, v *pep440.Version, has, local *bool) bool {
		if text == "" {
			return true
		}
		w, err := pep440.Parse(text)
		*v, *has, *local = w, true, err == nil && isLocal(w)
		return err == nil
	}
	to := b.Fixed
	if to == "" {
		to = b.Limit
	}
	if b.Last != "" {
		to, s.with = b.Last, true
	}
	ok = read(b.Introduced, &s.from, &s.hasFrom, &s.localFrom) && read(to, &s.to, &s.hasTo, &s.localTo)
	return s, ok
}

// holds reports whether the version lies in the interval.
func (s *span) holds(q *question) bool {
	if s.hasFrom && q.compare(s.from, s.localFrom) < 0 {
		return false
	}
	if !s.hasTo {
		return true
	}
	order := q.compare(s.to, s.localTo)
	return order < 0 || order == 0 && s.with
}
