package manifest

import (
	"net/url"
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

func init() {
	is := func(p string, word string) bool {
		b := strings.ToLower(path.Base(p))
		return strings.HasSuffix(b, ".json") && strings.Contains(b, word)
	}
	add(format{name: "cyclonedx", lock: true, is: func(p string) bool {
		b := path.Base(p)
		return is(p, ".cdx.") || is(p, "cyclonedx") || b == "bom.json" || b == "sbom.json"
	}, read: readSBOM})
	add(format{name: "spdx", lock: true, is: func(p string) bool { return is(p, ".spdx.") }, read: readSBOM})
}

// readSBOM reads a bill of materials. Which of the two kinds it is, its content says.
func readSBOM(f *File, data []byte) {
	doc := jsonTree(f, data)
	switch {
	case doc.str("bomFormat") == "CycloneDX":
		f.Format = "cyclonedx"
		f.cycloneDX(doc)
	case doc.str("spdxVersion") != "":
		f.Format = "spdx"
		f.spdx2(doc)
	case doc.get("@graph") != nil:
		f.Format = "spdx"
		f.spdx3(doc)
	default:
		f.problem(Place{1, 1}, "this is no bill of materials of CycloneDX or SPDX")
	}
}

// A bom is its packages by the names that the file gives them.
type bom struct {
	f     *File
	byRef map[string]int
}

func (b *bom) put(ref string, p *Package) {
	if p == nil {
		return
	}
	if ref != "" {
		b.byRef[ref] = len(b.f.Packages)
	}
	b.f.put(*p)
}

func (b *bom) needs(from, to string) {
	i, ok := b.byRef[from]
	j, also := b.byRef[to]
	if ok && also {
		b.f.Packages[i].Needs = append(b.f.Packages[i].Needs, b.f.Packages[j].Name)
	}
}

func (b *bom) end() {
	for i := range b.f.Packages {
		b.f.Packages[i].Needs = sorted(b.f.Packages[i].Needs)
	}
}

func (f *File) cycloneDX(doc *node) {
	b := &bom{f, map[string]int{}}
	var walk func(list []*node)
	walk = func(list []*node) {
		for _, c := range list {
			f.Lines++
			p := f.purl(c.get("purl"))
			if p != nil {
				if p.State == Unknown && c.str("version") != "" && p.From == Index {
					p.pin(c.str("version"))
				}
				for _, h := range c.items("hashes") {
					p.Hashes = append(p.Hashes, algorithm(h.str("alg"))+":"+strings.ToLower(h.str("content")))
				}
				if scope := c.str("scope"); scope == "optional" || scope == "excluded" {
					p.Groups = []string{scope}
				}
				b.put(c.str("bom-ref"), p)
			}
			walk(c.items("components"))
		}
	}
	walk(doc.items("components"))
	for _, d := range doc.items("dependencies") {
		for _, to := range d.strings("dependsOn") {
			b.needs(d.str("ref"), to)
		}
	}
	b.end()
}

func algorithm(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), "-", ""), "_", "")
}

func (f *File) spdx2(doc *node) {
	b := &bom{f, map[string]int{}}
	for _, c := range doc.items("packages") {
		f.Lines++
		for _, r := range c.items("externalRefs") {
			if r.str("referenceType") != "purl" {
				continue
			}
			p := f.purl(r.get("referenceLocator"))
			if p == nil {
				continue
			}
			if v := c.str("versionInfo"); p.State == Unknown && v != "" && p.From == Index {
				p.pin(v)
			}
			for _, h := range c.items("checksums") {
				p.Hashes = append(p.Hashes, algorithm(h.str("algorithm"))+":"+strings.ToLower(h.str("checksumValue")))
			}
			b.put(c.str("SPDXID"), p)
			break
		}
	}
	for _, r := range doc.items("relationships") {
		from, to := r.str("spdxElementId"), r.str("relatedSpdxElement")
		switch r.str("relationshipType") {
		case "DEPENDS_ON":
			b.needs(from, to)
		case "DEPENDENCY_OF":
			b.needs(to, from)
		case "DEV_DEPENDENCY_OF":
			b.needs(to, from)
			b.group(from, "dev")
		case "TEST_DEPENDENCY_OF":
			b.needs(to, from)
			b.group(from, "test")
		case "OPTIONAL_DEPENDENCY_OF":
			b.needs(to, from)
			b.group(from, "optional")
		}
	}
	b.end()
}

func (b *bom) group(ref, group string) {
	if i, ok := b.byRef[ref]; ok {
		b.f.Packages[i].Groups = sorted(append(b.f.Packages[i].Groups, group))
	}
}

func (f *File) spdx3(doc *node) {
	b := &bom{f, map[string]int{}}
	for _, c := range doc.items("@graph") {
		if c.str("type") != "software_Package" {
			continue
		}
		f.Lines++
		n := c.get("software_packageUrl")
		for _, x := range c.items("externalIdentifier") {
			if n == nil && x.str("externalIdentifierType") == "packageUrl" {
				n = x.get("identifier")
			}
		}
		if p := f.purl(n); p != nil {
			if v := c.str("software_packageVersion"); p.State == Unknown && v != "" && p.From == Index {
				p.pin(v)
			}
			for _, h := range c.items("verifiedUsing") {
				p.Hashes = append(p.Hashes, algorithm(h.str("algorithm"))+":"+strings.ToLower(h.str("hashValue")))
			}
			b.put(c.str("spdxId"), p)
		}
	}
	for _, r := range doc.items("@graph") {
		if r.str("relationshipType") == "dependsOn" {
			for _, to := range r.strings("to") {
				b.needs(r.str("from"), to)
			}
		}
	}
	b.end()
}

// purl reads a package URL of type pypi: pkg:pypi/django@4.2?vcs_url=…. Those of other types
// are none of Python's packages.
func (f *File) purl(n *node) *Package {
	rest, ok := strings.CutPrefix(n.str(), "pkg:")
	if !ok {
		return nil
	}
	kind, rest, ok := strings.Cut(strings.TrimLeft(rest, "/"), "/")
	if !ok || !strings.EqualFold(kind, "pypi") {
		return nil
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	name, version, _ := strings.Cut(rest, "@")
	broken := false
	unescape := func(s string) string {
		t, err := url.PathUnescape(s)
		broken = broken || err != nil
		return t
	}
	name, version = unescape(strings.TrimRight(name, "/")), unescape(version)
	p := &Package{Name: pep508.Normalise(name), Written: name, Locked: true, At: n.at, Why: "the file has no version of it"}
	if name == "" || broken {
		f.problem(n.at, quoted(n.text)+" is no URL of a package")
		return nil
	}
	for part := range strings.SplitSeq(query, "&") {
		switch key, value, _ := strings.Cut(part, "="); key {
		case "vcs_url":
			p.From, p.URL = VCS, withoutSecret(unescape(value))
		case "download_url":
			p.From, p.URL = URL, withoutSecret(unescape(value))
		case "repository_url":
			p.URL = withoutSecret(unescape(value))
		}
	}
	if version != "" {
		p.Why = ""
		p.pin(version)
	}
	return p
}
