package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gambeson/gambeson/internal/finding"
)

// What the formats for bills of materials (CycloneDX, SPDX) and for flaws (OpenVEX)
// share: a bill names a package once, where the report has it for every file that asks
// for it.

// A part is a package of the bill: all that asks for the same name, version and origin.
type part struct {
	finding.Dependency // the first that asks; lists are those of all
	Ref                string
	Places             []string
	States             []string
	Asks               []string
	Markers            []string
	Skips              []string
	Optional           bool // nothing needs it always
	Parts              []*part
}

// A flaw is one that parts have, with one judgement of it.
type flaw struct {
	finding.Vuln // of the first part, the worst severity
	In           []flawed
}

// flawed is a part with a flaw.
type flawed struct {
	*part
	Fixed    []string
	Advisory *finding.Advisory // nil if no finding is about it
}

// partsOf lists the parts of an ordered report, by reference.
func partsOf(r *finding.Report) []*part {
	var parts []*part
	byRef, byName := map[string]*part{}, map[string][]*part{}
	inFile := map[[2]string][]*part{} // path and name
	for _, d := range r.Dependencies {
		ref := purl(&d)
		p := byRef[ref]
		if p == nil {
			p = &part{Dependency: d, Ref: ref, Optional: true}
			p.Groups, p.Extras, p.Hashes, p.Vulns = nil, nil, nil, nil
			parts = append(parts, p)
			byRef[ref] = p
			byName[d.Name] = append(byName[d.Name], p)
		}
		p.Direct = p.Direct || d.Direct
		p.Locked = p.Locked || d.Locked
		p.Optional = p.Optional && len(d.Groups) > 0
		p.Groups = append(p.Groups, d.Groups...)
		p.Extras = append(p.Extras, d.Extras...)
		p.Hashes = append(p.Hashes, d.Hashes...)
		p.Vulns = append(p.Vulns, d.Vulns...)
		p.Places = append(p.Places, lineOnly(d.Location))
		p.States = append(p.States, d.State)
		p.Asks = append(p.Asks, d.Asked)
		p.Markers = append(p.Markers, d.Marker)
		p.Skips = append(p.Skips, d.SkipReason)
		at := [2]string{d.Location.Path, d.Name}
		inFile[at] = append(inFile[at], p)
	}
	// What a lock file says of needs is about the packages of that file, if it has them.
	for _, d := range r.Dependencies {
		p := byRef[purl(&d)]
		for _, name := range d.Needs {
			to := inFile[[2]string{d.Location.Path, name}]
			if to == nil {
				to = byName[name]
			}
			p.Parts = append(p.Parts, to...)
		}
	}
	byID := func(a, b *part) int { return strings.Compare(a.Ref, b.Ref) }
	for _, p := range parts {
		for _, list := range []*[]string{&p.Groups, &p.Extras, &p.Hashes, &p.Places, &p.States, &p.Asks, &p.Markers, &p.Skips} {
			*list = sortedSet(*list)
		}
		slices.SortFunc(p.Parts, byID)
		p.Parts = slices.Compact(p.Parts)
		p.Vulns = judged(p.Vulns)
	}
	slices.SortFunc(parts, byID)
	return parts
}

// lineOnly is a place without the column, which says nothing of a package.
func lineOnly(l finding.Location) string {
	l.Column = 0
	return place(l)
}

// sortedSet returns what is in the list, once and without the empty string.
func sortedSet(list []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.Sort(list)
	return slices.Compact(list)
}

// judged keeps each flaw once. If it does not matter in one file but does in another,
// it matters.
func judged(vulns []finding.Vuln) []finding.Vuln {
	vulns = slices.Clone(vulns)
	slices.SortStableFunc(vulns, func(a, b finding.Vuln) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(status(a), status(b)), strings.Compare(a.Reason, b.Reason))
	})
	return slices.CompactFunc(vulns, func(a, b finding.Vuln) bool { return a.ID == b.ID })
}

// status is affected unless somebody has decided that it is not.
func status(v finding.Vuln) string {
	if v.Status == "not_affected" {
		return v.Status
	}
	return "affected"
}

// flawsOf lists the flaws of all parts: by id, and apart what is judged differently.
func flawsOf(r *finding.Report, parts []*part) []*flaw {
	advisories := map[[3]string]*finding.Advisory{}
	for i := range r.Findings {
		if a := r.Findings[i].Advisory; a != nil {
			for _, version := range []string{a.Version, ""} {
				if key := [3]string{a.Package, version, a.ID}; advisories[key] == nil {
					advisories[key] = a
				}
			}
		}
	}
	var flaws []*flaw
	known := map[[3]string]*flaw{}
	for _, p := range parts {
		for _, v := range p.Vulns {
			key := [3]string{v.ID, status(v), v.Reason}
			f := known[key]
			if f == nil {
				f = &flaw{Vuln: v}
				f.Status = status(v)
				f.Aliases = sortedSet(v.Aliases)
				known[key] = f
				flaws = append(flaws, f)
			}
			f.Severity = max(f.Severity, v.Severity)
			a := advisories[[3]string{p.Name, p.Version, v.ID}]
			if a == nil {
				a = advisories[[3]string{p.Name, "", v.ID}]
			}
			f.In = append(f.In, flawed{p, unique(slices.Clone(v.FixVersions)), a})
		}
	}
	slices.SortStableFunc(flaws, func(a, b *flaw) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Status, b.Status), strings.Compare(a.Reason, b.Reason))
	})
	return flaws
}

// advice says what to do about a flaw, one sentence for each package.
func (f *flaw) advice() string {
	var said []string
	for _, in := range f.In {
		switch a := in.Advisory; {
		case a != nil && a.Malware:
			said = append(said, "Remove "+in.Name+": the package itself is the attack.")
		case a != nil && a.Upgrade != "":
			said = append(said, "Upgrade "+in.Name+" to "+a.Upgrade+".")
		case len(in.Fixed) > 0:
			said = append(said, "Upgrade "+in.Name+" to "+strings.Join(in.Fixed, " or ")+".")
		default:
			said = append(said, "No version of "+in.Name+" is known to be without the flaw.")
		}
	}
	return strings.Join(unique(said), " ")
}

// reach says how the project uses what has the flaw, where somebody looked.
func (f *flaw) reach() []string {
	var all []string
	for _, in := range f.In {
		if in.Advisory != nil {
			all = append(all, in.Advisory.Reach)
		}
	}
	return sortedSet(all)
}

// purl is the package's address among all packages (package-url/purl-spec). What comes
// from a folder is of the type generic: it is not the package of that name on the index,
// and nobody should look its flaws up there.
func purl(d *finding.Dependency) string {
	kind, qualifier := "pypi", ""
	switch d.Origin {
	case "conda":
		kind = "conda"
	case "path", "editable", "project":
		kind = "generic"
	case "vcs":
		qualifier = "?vcs_url="
	case "url":
		qualifier = "?download_url="
	}
	s := "pkg:" + kind + "/" + percent(d.Name, "")
	if d.Version != "" {
		s += "@" + percent(d.Version, "")
	}
	if qualifier != "" && d.URL != "" {
		s += qualifier + percent(d.URL, "/:")
	}
	return s
}

// percent encodes every byte but letters, digits, -._~ and those of more.
func percent(s, more string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~"+more, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// address makes a URL fit to be written down as one, or returns "" for what is none.
func address(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c == '%' && i+2 < len(s) && isHex(s[i+1:i+3]) {
			b.WriteByte(c)
			continue
		}
		b.WriteString(percent(string([]byte{c}), ":/?#[]@!$&'()*+,;="))
	}
	u, err := url.Parse(b.String())
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "ftp", "ssh", "git"}, u.Scheme[strings.LastIndexByte(u.Scheme, '+')+1:]) {
		return ""
	}
	return b.String()
}

func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil
}

// whose is where an advisory is to be read.
func whose(id string) (name, url string) {
	switch {
	case strings.HasPrefix(id, "CVE-"):
		return "NVD", "https://nvd.nist.gov/vuln/detail/" + percent(id, "")
	case strings.HasPrefix(id, "GHSA-"):
		return "GitHub", "https://github.com/advisories/" + percent(id, "")
	}
	return "OSV", "https://osv.dev/vulnerability/" + percent(id, "")
}

// digests are the hashes that a part has: the algorithms of both standards, and their length in
// hexadecimal digits.
var digests = map[string]struct {
	cyclone, spdx string
	length        int
}{
	"md5":         {"MD5", "MD5", 32},
	"sha1":        {"SHA-1", "SHA1", 40},
	"sha256":      {"SHA-256", "SHA256", 64},
	"sha384":      {"SHA-384", "SHA384", 96},
	"sha512":      {"SHA-512", "SHA512", 128},
	"sha3_256":    {"SHA3-256", "SHA3-256", 64},
	"sha3_384":    {"SHA3-384", "SHA3-384", 96},
	"sha3_512":    {"SHA3-512", "SHA3-512", 128},
	"blake2b_256": {"BLAKE2b-256", "BLAKE2b-256", 64},
}

// sums calls f for the hashes of a part that have a name in the standards. Others are
// left out: a hash that nobody can compare tells nothing.
func (p *part) sums(f func(cyclone, spdx, value string)) {
	for _, h := range p.Hashes {
		name, value, _ := strings.Cut(h, ":")
		if d, ok := digests[strings.ToLower(name)]; ok && len(value) == d.length && isHex(value) {
			f(d.cyclone, d.spdx, strings.ToLower(value))
		}
	}
}

// projectName names what the bill is about: the folder.
func projectName(r *finding.Report) string {
	name := path.Base(strings.ReplaceAll(r.Root, `\`, "/"))
	if name == "." || name == ".." || name == "/" {
		return "project"
	}
	return name
}

// caveats are what a reader of the bill must know, each one line: problems, whether there
// was an audit at all, and notes.
func caveats(r *finding.Report) (problems, notes []string) {
	for _, p := range r.Problems {
		problems = append(problems, clean(strings.TrimPrefix(problemPlace(p)+": "+problemText(p), ": ")))
	}
	if r.Advisories == nil {
		notes = append(notes, "No package was held against a database of advisories, so that no flaws here means nothing.")
	}
	for _, note := range r.Notes {
		notes = append(notes, clean(note))
	}
	return problems, notes
}

// incomplete says that the bill may lack something.
const incomplete = "Something could not be looked at. This document is incomplete."

// made is the time that a document bears, or otherwise if there is none. It is that of the
// newest advisory and not the time of day: the same report gives the same document.
func made(r *finding.Report, otherwise string) string {
	if r.Advisories == nil || r.Advisories.Newest.IsZero() {
		return otherwise
	}
	return r.Advisories.Newest.UTC().Format(time.RFC3339)
}

// epoch is the time of documents that must bear one, and have none.
const epoch = "1970-01-01T00:00:00Z"

// contentID is a UUID made of the document's content (RFC 9562, version 8: those of
// version 5 are bound to SHA-1).
func contentID(document any) (string, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(text)
	h[6], h[8] = h[6]&0x0F|0x80, h[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16]), nil
}

// program is the tool's name and version, in that order.
func program(r *finding.Report) (name, version string) {
	return orElse(r.Tool.Name, "gambeson"), r.Tool.Version
}
