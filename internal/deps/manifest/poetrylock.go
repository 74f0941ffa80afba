package manifest

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/tree"
)

func init() {
	add(format{name: "poetry.lock", lock: true, is: base("poetry.lock"), read: readPoetryLock})
	add(format{name: "pdm.lock", lock: true, is: base("pdm.lock"), read: readPDMLock})
}

// readPoetryLock reads Poetry's lock file. Who needs a package, three generations of it say in
// three ways: category up to 1.4, not at all up to 1.8, groups since 2.0.
func readPoetryLock(f *File, data []byte) {
	doc := f.toml(data)
	if v := doc.Get("metadata", "lock-version"); v != nil && !strings.HasPrefix(v.Text, "1.") && !strings.HasPrefix(v.Text, "2.") {
		f.problem(v.At, "version "+quoted(v.Text)+" of Poetry's lock file is not known")
	}
	entries := f.named(doc.Items("package"))
	byName := map[string][]int{}
	for _, e := range entries {
		p := lockPackage(e)
		p.pin(e.Str("version"))
		f.poetrySource(&p, e.Get("source"), e.True("develop"))
		p.Hashes = hashes(e.Items("files"))
		if p.Hashes == nil {
			p.Hashes = hashes(doc.Items("metadata", "files", e.Str("name")))
		}
		for _, h := range doc.Strings("metadata", "hashes", e.Str("name")) {
			p.Hashes = append(p.Hashes, "sha256:"+h)
		}
		switch category := e.Str("category"); {
		case category != "" && category != "main":
			p.Groups = []string{category}
		case e.Get("groups") != nil:
			for _, g := range e.Strings("groups") {
				p.Groups = append(p.Groups, pep508.Normalise(g))
			}
			if slices.Contains(p.Groups, "main") {
				p.Groups = nil
			}
		}
		f.poetryMarker(&p, e)
		for _, d := range e.All("dependencies") {
			p.Needs = append(p.Needs, pep508.Normalise(d.Key))
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
	for _, x := range doc.All("extras") {
		var starts []edge
		for _, text := range x.Value.Strings() {
			r, err := pep508.Parse(text)
			if err != nil { // "psycopg2 (>=2.9,<3.0)" and the like
				r.Name, _, _ = strings.Cut(text, " ")
			}
			for _, j := range byName[pep508.Normalise(r.Name)] {
				starts = append(starts, edge{spot{j, ""}, ""})
			}
		}
		group := "extra:" + pep508.Normalise(x.Key)
		if g.steps > maxSteps {
			f.problem(x.At, "too many packages need one another to say for which extras they are needed")
			break
		}
		for s := range g.from(starts) {
			if entries[s.pkg].True("optional") {
				f.Packages[s.pkg].Groups = append(f.Packages[s.pkg].Groups, group)
			}
		}
	}
	for i, e := range entries {
		p := &f.Packages[i]
		if p.Groups = sorted(p.Groups); e.True("optional") && len(p.Groups) == 0 {
			p.Groups = []string{"optional"}
		}
	}
}

// poetryMarker reads the markers of a package: one for all groups, or one for each.
func (f *File) poetryMarker(p *Package, e *tree.Node) {
	n := e.Get("markers")
	switch {
	case n.Is(tree.String):
		f.only(p, n.Text, n.At)
	case n.Is(tree.Table):
		var or []string
		groups := e.Strings("groups")
		for _, g := range groups {
			m := n.Str(g)
			if m == "" {
				return // a group that needs it always
			}
			or = append(or, "("+m+")")
		}
		f.only(p, strings.Join(or, " or "), n.At)
	}
}

func (f *File) poetrySource(p *Package, s *tree.Node, develop bool) {
	url := withoutSecret(s.Str("url"))
	switch kind := s.Str("type"); kind {
	case "":
	case "legacy":
		p.URL = url
	case "git", "hg":
		p.From, p.URL = VCS, kind+"+"+url
		for _, key := range []string{"resolved_reference", "reference"} {
			if ref := s.Str(key); ref != "" {
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
		f.problem(s.Get("type").Where(), "the source "+quoted(kind)+" is not known")
	}
}

// readPDMLock reads PDM's. It has a package once more for each set of extras; here those are
// one.
func readPDMLock(f *File, data []byte) {
	doc := f.toml(data)
	seen := map[string]int{}
	for _, e := range f.named(doc.Items("package")) {
		p := lockPackage(e)
		p.pin(e.Str("version"))
		switch {
		case e.Str("git") != "" || e.Str("hg") != "":
			kind := "git"
			if e.Str("hg") != "" {
				kind = "hg"
			}
			p.From, p.URL = VCS, kind+"+"+withoutSecret(e.Str(kind))
			for _, key := range []string{"revision", "ref"} {
				if ref := e.Str(key); ref != "" {
					p.URL += "@" + ref
					break
				}
			}
		case e.Str("url") != "":
			p.From, p.URL = URL, withoutSecret(e.Str("url"))
		case e.Str("path") != "":
			p.From, p.URL = Path, e.Str("path")
			if e.True("editable") {
				p.From = Editable
			}
			if e.Str("path") == "." || e.Str("path") == "./" {
				p.From = Project
			}
		}
		p.Extras = e.Strings("extras")
		for _, g := range e.Strings("groups") {
			p.Groups = append(p.Groups, pep508.Normalise(g))
		}
		if slices.Contains(p.Groups, "default") {
			p.Groups = nil
		}
		m := e.Get("marker")
		f.only(&p, m.Str(), m.Where())
		for _, d := range e.Items("dependencies") {
			r, err := pep508.Parse(d.Text)
			if err != nil {
				f.problem(d.Where(), err.Error())
				continue
			}
			if name := pep508.Normalise(r.Name); name != p.Name {
				p.Needs = append(p.Needs, name)
			}
		}
		p.Hashes = hashes(e.Items("files"))
		if p.Hashes == nil {
			p.Hashes = hashes(doc.Items("metadata", "files", e.Str("name")+" "+e.Str("version")))
		}
		key := p.Name + " " + e.Str("version") + " " + p.URL
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
