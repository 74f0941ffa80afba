package advisory

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/match"
)

// A record is what is kept of one OSV record: what it says of itself, and its claim for each package of PyPI.
type record struct {
	id        string
	aliases   []string // without the id
	related   []string
	published time.Time
	modified  time.Time
	summary   string
	details   string
	cvss      []CVSS
	rated     string
	cwe       []int
	refs      []Reference
	claims    map[string]*claim // by the package's normalised name
}

type claim struct {
	branches []Branch
	versions []string
	symbols  []Symbol
}

// An osv is a record as it stands in its file. Names of fields are OSV's.
type osv struct {
	ID        string
	Aliases   []string
	Related   []string
	Withdrawn string
	Published string
	Modified  string
	Summary   string
	Details   string
	Severity  []osvSeverity
	Affected  []struct {
		Package struct{ Ecosystem, Name string }
		Ranges  []struct {
			Type   string
			Events []osvEvent
		}
		Versions          []string
		Severity          []osvSeverity
		EcosystemSpecific json.RawMessage `json:"ecosystem_specific"`
		DatabaseSpecific  json.RawMessage `json:"database_specific"`
	}
	References       []Reference
	DatabaseSpecific json.RawMessage `json:"database_specific"`
}

type osvSeverity struct{ Score string }

type osvEvent struct {
	Introduced   string
	Fixed        string
	LastAffected string `json:"last_affected"`
	Limit        string
}

// maxEvents bounds the events of one record, with which every listed version is compared. The most in October 2024 was 30.
const maxEvents = 2000

// readRecord reads one file. There is neither a record nor an error for what was withdrawn, and for other ecosystems.
func readRecord(data []byte) (*record, error) {
	var o osv
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	if !isID(o.ID) {
		return nil, fmt.Errorf("%q is no id of a record", shorten(o.ID, 60))
	}
	if o.Withdrawn != "" {
		return nil, nil
	}
	r := &record{id: o.ID, summary: shorten(line(o.Summary), 200), details: firstParagraph(o.Details), claims: map[string]*claim{}}
	r.published, r.modified = date(o.Published), date(o.Modified)
	r.aliases = slices.DeleteFunc(ids(o.Aliases), func(id string) bool { return id == o.ID })
	r.related = ids(o.Related)
	severities := o.Severity
	events := 0
	for _, a := range o.Affected {
		ecosystem, _, _ := strings.Cut(a.Package.Ecosystem, ":")
		name := pep508.Normalise(a.Package.Name)
		if ecosystem != "PyPI" || name == "" || len(name) > 200 {
			continue
		}
		c := r.claims[name]
		if c == nil {
			c = &claim{}
			r.claims[name] = c
		}
		severities = append(severities, a.Severity...)
		first := len(c.branches)
		for _, r := range a.Ranges {
			if r.Type == "GIT" { // a commit is no version
				continue
			}
			if events += len(r.Events); events > maxEvents {
				return nil, errors.New("it has too many branches")
			}
			c.branches = append(c.branches, branches(r.Events)...)
		}
		c.versions = append(c.versions, unlisted(c.branches[first:], a.Versions)...)
		c.symbols = append(c.symbols, symbols(a.EcosystemSpecific)...)
		c.symbols = append(c.symbols, symbols(a.DatabaseSpecific)...)
	}
	if len(r.claims) == 0 {
		return nil, nil
	}
	for _, c := range r.claims {
		sortBranches(c.branches)
		c.branches = slices.Compact(c.branches)
	}
	for _, s := range severities {
		if c, ok := readCVSS(s.Score); ok {
			r.cvss = append(r.cvss, c)
		}
	}
	r.rated, r.cwe = ghsa(o.DatabaseSpecific)
	for _, ref := range o.References {
		if (strings.HasPrefix(ref.URL, "https://") || strings.HasPrefix(ref.URL, "http://")) && len(ref.URL) <= 500 && len(ref.Type) <= 20 {
			r.refs = append(r.refs, ref)
		}
	}
	return r, nil
}

// size is about what the record takes in memory.
func (r *record) size() int64 {
	n := 500 + len(r.summary) + len(r.details)
	add := func(list []string) {
		for _, s := range list {
			n += 16 + len(s)
		}
	}
	add(r.aliases)
	add(r.related)
	n += 200*len(r.cvss) + 8*len(r.cwe)
	for _, ref := range r.refs {
		n += 32 + len(ref.URL)
	}
	for name, c := range r.claims {
		n += 200 + len(name) + 100*len(c.branches) + 50*len(c.symbols)
		add(c.versions)
	}
	return int64(n)
}

// branches turns the events of a range into intervals, in the way of OSV's evaluation: events in the order of versions
// switch "affected" on and off. Two things it leaves open.
//
// Events of the same version: where one branch ends at 3.1.1 and the next begins there, 3.1.1 is affected, and where a
// branch begins and ends at 3.1.1, it is empty. Three records of October 2024 have the former, two in an order in which
// sorting alone would lose the second branch.
//
// A version that PEP 440 cannot read (two records have fixed versions, 2019-09-12 is one): as in OSV's own order it comes
// before all that it can. So the branch from the beginning to there is empty, and only what the record lists is affected.
func branches(events []osvEvent) (out []Branch) {
	type mark struct {
		v     pep440.Version
		first bool // before all versions
		end   bool
		text  string
		b     Branch // what the end is
	}
	var marks, limits []mark
	for _, e := range events {
		var m mark
		switch {
		case e.Introduced != "":
			m.text, m.first = e.Introduced, e.Introduced == "0"
		case e.Fixed != "":
			m.text, m.end, m.b.Fixed = e.Fixed, true, e.Fixed
		case e.LastAffected != "":
			m.text, m.end, m.b.Last = e.LastAffected, true, e.LastAffected
		case e.Limit != "":
			m.text, m.b.Limit = e.Limit, e.Limit
		default:
			continue
		}
		var err error
		if m.v, err = pep440.Parse(m.text); err != nil {
			m.first = true
		}
		switch {
		case m.b.Limit == "":
			marks = append(marks, m)
		case err == nil: // or else it is *, no limit
			limits = append(limits, m)
		}
	}
	order := func(a, b mark) int {
		switch {
		case a.first && b.first:
			return 0
		case a.first:
			return -1
		case b.first:
			return 1
		}
		return a.v.Compare(b.v)
	}
	slices.SortStableFunc(marks, order)
	var begun *mark
	for len(marks) > 0 {
		n := 1
		for n < len(marks) && order(marks[0], marks[n]) == 0 {
			n++
		}
		same := marks[:n]
		marks = marks[n:]
		// What was begun before ends before anything begins; what begins here can end here.
		for _, end := range []bool{begun != nil, begun == nil} {
			for i := range same {
				switch m := &same[i]; {
				case m.end != end:
				case !end && begun == nil:
					begun = m
				case end && begun != nil:
					b := m.b
					if !begun.first {
						b.Introduced = begun.text
					}
					if !m.first && (b.Fixed == "" || order(*begun, *m) != 0) {
						out = append(out, b)
					}
					begun = nil
				}
			}
		}
	}
	if begun != nil {
		var b Branch
		if !begun.first {
			b.Introduced = begun.text
		}
		out = append(out, b)
	}
	if len(limits) > 0 {
		limit := slices.MaxFunc(limits, order)
		out = cut(out, limit.v, limit.text)
	}
	return out
}

// cut takes away what lies behind a limit.
func cut(list []Branch, limit pep440.Version, text string) (out []Branch) {
	for _, b := range list {
		s, ok := b.span()
		if !ok || s.hasFrom && s.from.Compare(limit) >= 0 {
			continue
		}
		if !s.hasTo || s.to.Compare(limit) > 0 || s.with && s.to.Compare(limit) == 0 {
			b.Fixed, b.Last, b.Limit = "", "", text
		}
		out = append(out, b)
	}
	return out
}

// sortBranches puts a package's branches in ascending order, wherever they were written.
func sortBranches(list []Branch) {
	begin := func(b Branch) (pep440.Version, bool) {
		v, err := pep440.Parse(b.Introduced)
		return v, b.Introduced != "" && err == nil
	}
	slices.SortStableFunc(list, func(a, b Branch) int {
		v, hasA := begin(a)
		w, hasB := begin(b)
		switch {
		case hasA && hasB:
			return v.Compare(w)
		case hasA:
			return 1
		case hasB:
			return -1
		}
		return 0
	})
}

// unlisted are the versions that no branch holds. Export files list for every branch all versions there are, which are nine
// tenths of the file and say nothing new.
func unlisted(list []Branch, versions []string) (out []string) {
	spans := make([]span, 0, len(list))
	for _, b := range list {
		if s, ok := b.span(); ok {
			spans = append(spans, s)
		}
	}
	for _, text := range versions {
		v, err := pep440.Parse(text)
		if err == nil {
			q := ask(v)
			if slices.ContainsFunc(spans, func(s span) bool { return s.holds(&q) }) {
				continue
			}
		}
		if text != "" && len(text) <= 200 {
			out = append(out, text)
		}
	}
	return out
}

// symbols reads what a database says about where in the package the flaw is. There is no one form: PYSEC has
// imports with modules and an attribute, others imports with a path and symbols, GitHub a list of functions.
// What does not look like one of these is left out.
func symbols(data json.RawMessage) (out []Symbol) {
	if len(data) < 3 {
		return nil
	}
	add := func(module, name string) {
		if module+name != "" && isDotted(module) && isDotted(name) {
			out = append(out, Symbol{module, name})
		}
	}
	each := func(data json.RawMessage, f func(string)) {
		var one string
		var many []string
		if json.Unmarshal(data, &one) == nil {
			f(one)
		} else if json.Unmarshal(data, &many) == nil {
			for _, s := range many {
				f(s)
			}
		}
	}
	var s struct {
		Imports           json.RawMessage
		AffectedFunctions json.RawMessage `json:"affected_functions"`
		Symbols           json.RawMessage
	}
	if json.Unmarshal(data, &s) != nil {
		return nil
	}
	whole := func(name string) { // module and function in one word
		name = strings.TrimSuffix(name, "()")
		if dot := strings.LastIndexByte(name, '.'); dot > 0 {
			add(name[:dot], name[dot+1:])
		} else {
			add("", name)
		}
	}
	var imports []struct {
		Attribute string
		Modules   json.RawMessage
		Path      string
		Symbols   json.RawMessage
	}
	if json.Unmarshal(s.Imports, &imports) == nil {
		for _, i := range imports {
			each(i.Modules, func(module string) { add(module, i.Attribute) })
			before := len(out)
			each(i.Symbols, func(name string) { add(i.Path, name) })
			if i.Path != "" && len(out) == before {
				add(i.Path, "")
			}
		}
	}
	each(s.AffectedFunctions, whole)
	each(s.Symbols, whole)
	return out
}

// isDotted reports whether a text can be the path of something in Python. "" can.
func isDotted(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > 200 {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" {
			return false
		}
		for i, c := range part {
			if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf || i > 0 && c >= '0' && c <= '9') {
				return false
			}
		}
	}
	return true
}

// ghsa reads what GitHub's records say in a place of their own.
func ghsa(data json.RawMessage) (rated string, cwe []int) {
	if len(data) < 3 {
		return "", nil
	}
	var s struct {
		Severity json.RawMessage
		CWE      json.RawMessage `json:"cwe_ids"`
	}
	var ids []string
	if json.Unmarshal(data, &s) != nil {
		return "", nil
	}
	if json.Unmarshal(s.Severity, &rated) != nil || !slices.Contains([]string{"LOW", "MODERATE", "HIGH", "CRITICAL"}, rated) {
		rated = ""
	}
	if json.Unmarshal(s.CWE, &ids) == nil {
		for _, id := range ids {
			if n, err := strconv.ParseUint(strings.TrimPrefix(id, "CWE-"), 10, 16); err == nil {
				cwe = append(cwe, int(n))
			}
		}
	}
	return rated, cwe
}

var idShape = match.Lazy(`^[A-Za-z]+(-[A-Za-z0-9]+)+$`)

// isID reports whether a text is the name of a flaw. An alias like "none" or "n/a" would bring together what has nothing in common.
func isID(s string) bool {
	return len(s) <= 80 && (strings.ContainsAny(s, "0123456789") || strings.HasPrefix(s, "GHSA-")) && idShape().MatchString(s)
}

// ids are those of a list that are names of flaws. People write these lists: one of PYSEC's aliases ends with a comma.
func ids(list []string) (out []string) {
	for _, id := range list {
		if id = strings.Trim(id, ",; "); isID(id) {
			out = append(out, id)
		}
	}
	return out
}

// date reads a time of OSV, which is RFC 3339 in UTC. What is none is the zero time.
func date(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

// firstParagraph is the first one of a Markdown text that is no heading, as one line.
func firstParagraph(text string) string {
	if len(text) > 20_000 {
		text = text[:20_000]
	}
	var out []string
	for l := range strings.Lines(text) {
		switch l = strings.TrimSpace(l); {
		case l == "" && out != nil:
			return shorten(line(strings.Join(out, " ")), 600)
		case l == "" || strings.HasPrefix(l, "#") || strings.Trim(l, "=-") == "":
		default:
			out = append(out, l)
		}
	}
	return shorten(line(strings.Join(out, " ")), 600)
}

// line makes one line of a text.
func line(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
}

// shorten cuts a line between words.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:n]
	if space := strings.LastIndexByte(s, ' '); space > n/2 {
		s = s[:space]
	}
	return strings.ToValidUTF8(s, "") + " …"
}
