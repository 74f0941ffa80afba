package manifest

import (
	"net/url"
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/tree"
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
	doc := f.json(data)
	switch {
	case doc.Str("bomFormat") == "CycloneDX":
		f.Format = "cyclonedx"
		f.cycloneDX(doc)
	case doc.Str("spdxVersion") != "":
		f.Format = "spdx"
		f.spdx2(doc)
	case doc.Get("@graph") != nil:
		f.Format = "spdx"
		f.spdx3(doc)
	default:
		f.problem(Place{Line: 1, Column: 1}, "this is no bill of materials of CycloneDX or SPDX")
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

func (f *File) cycloneDX(doc *tree.Node) {
	b := &bom{f, map[string]int{}}
	var walk func(list []*tree.Node)
	walk = func(list []*tree.Node) {
		for _, c := range list {
			f.Lines++
			p := f.purl(c.Get("purl"))
			if p != nil {
				if p.State == Unknown && c.Str("version") != "" && p.From == Index {
					p.pin(c.Str("version"))
				}
				for _, h := range c.Items("hashes") {
					p.Hashes = append(p.Hashes, algorithm(h.Str("alg"))+":"+strings.ToLower(h.Str("content")))
				}
				if scope := c.Str("scope"); scope == "optional" || scope == "excluded" {
					p.Groups = []string{scope}
				}
				b.put(c.Str("bom-ref"), p)
			}
			walk(c.Items("components"))
		}
	}
	walk(doc.Items("components"))
	for _, d := range doc.Items("dependencies") {
		for _, to := range d.Strings("dependsOn") {
			b.needs(d.Str("ref"), to)
		}
	}
	b.end()
}

func algorithm(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), "-", ""), "_", "")
}

func (f *File) spdx2(doc *tree.Node) {
	b := &bom{f, map[string]int{}}
	for _, c := range doc.Items("packages") {
		f.Lines++
		for _, r := range c.Items("externalRefs") {
			if r.Str("referenceType") != "purl" {
				continue
			}
			p := f.purl(r.Get("referenceLocator"))
			if p == nil {
				continue
			}
			if v := c.Str("versionInfo"); p.State == Unknown && v != "" && p.From == Index {
				p.pin(v)
			}
			for _, h := range c.Items("checksums") {
				p.Hashes = append(p.Hashes, algorithm(h.Str("algorithm"))+":"+strings.ToLower(h.Str("checksumValue")))
			}
			b.put(c.Str("SPDXID"), p)
			break
		}
	}
	for _, r := range doc.Items("relationships") {
		from, to := r.Str("spdxElementId"), r.Str("relatedSpdxElement")
		switch r.Str("relationshipType") {
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

func (f *File) spdx3(doc *tree.Node) {
	b := &bom{f, map[string]int{}}
	for _, c := range doc.Items("@graph") {
		if c.Str("type") != "software_Package" {
			continue
		}
		f.Lines++
		n := c.Get("software_packageUrl")
		for _, x := range c.Items("externalIdentifier") {
			if n == nil && x.Str("externalIdentifierType") == "packageUrl" {
				n = x.Get("identifier")
			}
		}
		if p := f.purl(n); p != nil {
			if v := c.Str("software_packageVersion"); p.State == Unknown && v != "" && p.From == Index {
				p.pin(v)
			}
			for _, h := range c.Items("verifiedUsing") {
				p.Hashes = append(p.Hashes, algorithm(h.Str("algorithm"))+":"+strings.ToLower(h.Str("hashValue")))
			}
			b.put(c.Str("spdxId"), p)
		}
	}
	for _, r := range doc.Items("@graph") {
		if r.Str("relationshipType") == "dependsOn" {
			for _, to := range r.Strings("to") {
				b.needs(r.Str("from"), to)
			}
		}
	}
	b.end()
}

// purl reads a package URL of type pypi: pkg:pypi/django@4.2?vcs_url=…. Those of other types
// are none of Python's packages.
func (f *File) purl(n *tree.Node) *Package {
	rest, ok := strings.CutPrefix(n.Str(), "pkg:")
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
	p := &Package{Name: pep508.Normalise(name), Written: name, Locked: true, At: n.At, Why: "the file has no version of it"}
	if name == "" || broken {
		f.problem(n.At, quoted(n.Text)+" is no URL of a package")
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
