package manifest

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

func init() {
	add(format{name: "poetry.lock", lock: true, is: base("poetry.lock"), read: readPoetryLock})
	add(format{name: "pdm.lock", lock: true, is: base("pdm.lock"), read: readPDMLock})
}

// readPoetryLock reads Poetry's lock file. Who needs a package, three generations of it say in
// three ways: category up to 1.4, not at all up to 1.8, groups since 2.0.
func readPoetryLock(f *File, data []byte) {
	doc := tomlTree(f, data)
	if v := doc.get("metadata", "lock-version"); v != nil && !strings.HasPrefix(v.text, "1.") && !strings.HasPrefix(v.text, "2.") {
		f.problem(v.at, "version "+quoted(v.text)+" of Poetry's lock file is not known")
	}
	entries := f.named(doc.items("package"))
	byName := map[string][]int{}
	for _, e := range entries {
		p := lockPackage(e)
		p.pin(e.str("version"))
		f.poetrySource(&p, e.get("source"), e.isTrue("develop"))
		p.Hashes = hashes(e.items("files"))
		if p.Hashes == nil {
			p.Hashes = hashes(doc.items("metadata", "files", e.str("name")))
		}
		for _, h := range doc.strings("metadata", "hashes", e.str("name")) {
			p.Hashes = append(p.Hashes, "sha256:"+h)
		}
		switch category := e.str("category"); {
		case category != "" && category != "main":
			p.Groups = []string{category}
		case e.get("groups") != nil:
			for _, g := range e.strings("groups") {
				p.Groups = append(p.Groups, pep508.Normalise(g))
			}
			if slices.Contains(p.Groups, "main") {
				p.Groups = nil
			}
		}
		f.poetryMarker(&p, e)
		for _, d := range e.all("dependencies") {
			p.Needs = append(p.Needs, pep508.Normalise(d.key))
		}
		p.Needs = sorted(p.Needs)
		byName[p.Name] = append(byName[p.Name], len(f.Packages))
		f.put(p)
	}

	// What is optional is needed by extras only: those that lead to it.
	g := &graph{edges: map[spot][]edge{}}
	for i := range f.Packages {
		for _, name := range f.Packages[i].Needs {
			for _, j := range byName[name] {
				if g.n > maxEdges {
					break
				}
				g.add(spot{i, ""}, spot{j, ""}, "")
			}
		}
	}
	for _, x := range doc.all("extras") {
		var starts []edge
		for _, text := range x.value.strings() {
			r, err := pep508.Parse(text)
			if err != nil { // "psycopg2 (>=2.9,<3.0)" and the like
				r.Name, _, _ = strings.Cut(text, " ")
			}
			for _, j := range byName[pep508.Normalise(r.Name)] {
				starts = append(starts, edge{spot{j, ""}, ""})
			}
		}
		group := "extra:" + pep508.Normalise(x.key)
		if g.steps > maxSteps {
			f.problem(x.at, "too many packages need one another to say for which extras they are needed")
			break
		}
		for s := range g.from(starts) {
			if entries[s.pkg].isTrue("optional") {
				f.Packages[s.pkg].Groups = append(f.Packages[s.pkg].Groups, group)
			}
		}
	}
	for i, e := range entries {
		p := &f.Packages[i]
		if p.Groups = sorted(p.Groups); e.isTrue("optional") && len(p.Groups) == 0 {
			p.Groups = []string{"optional"}
		}
	}
}

// poetryMarker reads the markers of a package: one for all groups, or one for each.
func (f *File) poetryMarker(p *Package, e *node) {
	n := e.get("markers")
	switch {
	case n.is(str):
		f.only(p, n.text, n.at)
	case n.is(table):
		var or []string
		groups := e.strings("groups")
		for _, g := range groups {
			m := n.str(g)
			if m == "" {
				return // a group that needs it always
			}
			or = append(or, "("+m+")")
		}
		f.only(p, strings.Join(or, " or "), n.at)
	}
}

func (f *File) poetrySource(p *Package, s *node, develop bool) {
	url := withoutSecret(s.str("url"))
	switch kind := s.str("type"); kind {
	case "":
	case "legacy":
		p.URL = url
	case "git", "hg":
		p.From, p.URL = VCS, kind+"+"+url
		for _, key := range []string{"resolved_reference", "reference"} {
			if ref := s.str(key); ref != "" {
				p.URL += "@" + ref
				break
			}
		}
	case "url":
		p.From, p.URL = URL, url
	case "file":
		p.From, p.URL = Path, url
	case "directory":
		p.From, p.URL = Path, url
		if develop {
			p.From = Editable
		}
		if url == "." {
			p.From = Project
		}
	default:
		f.problem(s.get("type").place(), "the source "+quoted(kind)+" is not known")
	}
}

// readPDMLock reads PDM's. It has a package once more for each set of extras; here those are
// one.
func readPDMLock(f *File, data []byte) {
	doc := tomlTree(f, data)
	seen := map[string]int{}
	for _, e := range f.named(doc.items("package")) {
		p := lockPackage(e)
		p.pin(e.str("version"))
		switch {
		case e.str("git") != "" || e.str("hg") != "":
			kind := "git"
			if e.str("hg") != "" {
				kind = "hg"
			}
			p.From, p.URL = VCS, kind+"+"+withoutSecret(e.str(kind))
			for _, key := range []string{"revision", "ref"} {
				if ref := e.str(key); ref != "" {
					p.URL += "@" + ref
					break
				}
			}
		case e.str("url") != "":
			p.From, p.URL = URL, withoutSecret(e.str("url"))
		case e.str("path") != "":
			p.From, p.URL = Path, e.str("path")
			if e.isTrue("editable") {
				p.From = Editable
			}
			if e.str("path") == "." || e.str("path") == "./" {
				p.From = Project
			}
		}
		p.Extras = e.strings("extras")
		for _, g := range e.strings("groups") {
			p.Groups = append(p.Groups, pep508.Normalise(g))
		}
		if slices.Contains(p.Groups, "default") {
			p.Groups = nil
		}
		m := e.get("marker")
		f.only(&p, m.str(), m.place())
		for _, d := range e.items("dependencies") {
			r, err := pep508.Parse(d.text)
			if err != nil {
				f.problem(d.place(), err.Error())
				continue
			}
			if name := pep508.Normalise(r.Name); name != p.Name {
				p.Needs = append(p.Needs, name)
			}
		}
		p.Hashes = hashes(e.items("files"))
		if p.Hashes == nil {
			p.Hashes = hashes(doc.items("metadata", "files", e.str("name")+" "+e.str("version")))
		}
		key := p.Name + " " + e.str("version") + " " + p.URL
		i, ok := seen[key]
		if !ok {
			seen[key] = len(f.Packages)
			f.put(p)
			continue
		}
		q := &f.Packages[i]
		q.Extras, q.Needs, q.Hashes = append(q.Extras, p.Extras...), append(q.Needs, p.Needs...), append(q.Hashes, p.Hashes...)
		if q.Groups == nil || p.Groups == nil {
			q.Groups = nil
		} else {
			q.Groups = append(q.Groups, p.Groups...)
		}
		have, more := q.Marker.String(), p.Marker.String()
		if have == more {
			continue
		}
		q.Marker = pep508.Marker{} // always, unless both say when
		if have != "" && more != "" && len(have) < 10_000 {
			q.Marker, _ = pep508.ParseMarker(have + " or " + more)
		}
	}
	for i := range f.Packages {
		q := &f.Packages[i]
		q.Extras, q.Needs, q.Hashes, q.Groups = sorted(q.Extras), sorted(q.Needs), sorted(q.Hashes), sorted(q.Groups)
	}
}
