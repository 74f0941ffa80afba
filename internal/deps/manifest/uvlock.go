package manifest

import (
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

func init() {
	// uv names the lock file of a script after it: report.py.lock.
	is := func(p string) bool { return base("uv.lock")(p) || strings.HasSuffix(p, ".py.lock") }
	add(format{name: "uv.lock", lock: true, is: is, read: readUVLock})
}

func readUVLock(f *File, data []byte) {
	doc := tomlTree(f, data)
	if v := doc.get("version"); v != nil && v.text != "1" {
		f.problem(v.at, "version "+quoted(v.text)+" of uv's lock file is not known; it was read as version 1")
	}
	members := map[string]bool{}
	for _, name := range doc.strings("manifest", "members") {
		members[pep508.Normalise(name)] = true
	}
	entries := f.named(doc.items("package"))
	byName := map[string][]int{}
	for _, e := range entries {
		p := lockPackage(e)
		if version := e.str("version"); version != "" {
			p.pin(version)
		} else {
			p.Why = "the lock file has no version of it"
		}
		f.uvSource(&p, e.get("source"), members)
		p.Hashes = hashes(append([]*node{e.get("sdist")}, e.items("wheels")...))
		byName[p.Name] = append(byName[p.Name], len(f.Packages))
		f.put(p)
	}

	g := &graph{edges: map[spot][]edge{}}
	var roots []root
	// go through the needs of one list
	needs := func(i int, list *node, each func(to spot, marker string)) {
		for _, d := range list.items() {
			name := pep508.Normalise(d.str("name"))
			found := false
			for _, j := range byName[name] {
				if g.n++; g.n > maxEdges {
					return
				}
				if v := d.str("version"); v != "" && v != entries[j].str("version") || !sameSource(d.get("source"), entries[j].get("source")) {
					continue
				}
				found = true
				each(spot{j, ""}, d.str("marker"))
				for _, x := range d.strings("extra") {
					each(spot{j, pep508.Normalise(x)}, d.str("marker"))
					f.Packages[j].Extras = append(f.Packages[j].Extras, x)
				}
			}
			if !found {
				f.problem(d.place(), "the lock file has no package "+quoted(name))
			}
			f.Packages[i].Needs = append(f.Packages[i].Needs, name)
		}
	}
	for i, e := range entries {
		project := f.Packages[i].From == Project
		link := func(from spot, group string) func(to spot, marker string) {
			return func(to spot, marker string) {
				if marker != "" {
					if _, err := pep508.ParseMarker(marker); err != nil {
						f.problem(e.place(), err.Error())
						marker = ""
					}
				}
				g.add(from, to, marker)
				if project {
					roots = append(roots, root{group, edge{to, marker}})
				}
			}
		}
		needs(i, e.get("dependencies"), link(spot{i, ""}, ""))
		for _, o := range e.all("optional-dependencies") {
			x := pep508.Normalise(o.key)
			needs(i, o.value, link(spot{i, x}, "extra:"+x))
		}
		for _, o := range e.all("dev-dependencies") {
			x := pep508.Normalise(o.key)
			needs(i, o.value, link(spot{i, "group:" + x}, x))
		}
	}
	// The lock file of a script has no project, but a list.
	manifest := doc.get("manifest")
	for _, d := range manifest.items("requirements") {
		for _, j := range byName[pep508.Normalise(d.str("name"))] {
			roots = append(roots, root{"", edge{spot{j, ""}, d.str("marker")}})
			for _, x := range d.strings("extras") {
				roots = append(roots, root{"", edge{spot{j, pep508.Normalise(x)}, d.str("marker")}})
			}
		}
	}
	if !g.spread(f.Packages, roots) {
		f.problem(Place{1, 1}, "too many packages need one another to say for which groups they are needed")
	}
	for i := range f.Packages {
		p := &f.Packages[i]
		p.Needs, p.Extras = sorted(p.Needs), sorted(p.Extras)
	}
}

// named is the packages of a lock file that have a name; the others are problems.
func (f *File) named(list []*node) (out []*node) {
	for _, e := range list {
		f.Lines++
		if f.full() || len(out) >= maxPackages {
			break
		}
		if e.str("name") == "" {
			f.problem(e.place(), "a package without a name")
			continue
		}
		out = append(out, e)
	}
	return out
}

// lockPackage begins a package of a lock file.
func lockPackage(e *node) Package {
	n := e.get("name")
	return Package{Name: pep508.Normalise(n.text), Written: n.text, At: n.at, Locked: true}
}

func (f *File) uvSource(p *Package, s *node, members map[string]bool) {
	set := func(from Origin, url string) {
		p.From, p.URL = from, withoutSecret(url)
	}
	switch {
	case s.str("registry") != "":
		if url := s.str("registry"); url != "https://pypi.org/simple" {
			p.URL = withoutSecret(url)
		}
	case s.str("git") != "":
		set(VCS, "git+"+s.str("git"))
	case s.str("url") != "":
		set(URL, s.str("url"))
	case s.str("path") != "":
		set(Path, s.str("path"))
	case s.str("directory") != "":
		set(Path, s.str("directory"))
	case s.get("editable") != nil, s.get("virtual") != nil:
		where := s.str("editable") + s.str("virtual")
		if where == "." || members[p.Name] {
			set(Project, where)
			p.Why = "it is the project itself"
			return
		}
		set(Editable, where)
	case s == nil:
	default:
		f.problem(s.at, "this source of a package is not known")
	}
}

// sameSource says whether what a package needs can be what another one is: sources are named
// only where there are several.
func sameSource(want, have *node) bool {
	if want == nil || have == nil {
		return true
	}
	for _, e := range want.entries {
		if have.str(e.key) != e.value.str() {
			return false
		}
	}
	return true
}

// hashes of the files of a package, each once.
func hashes(files []*node) []string {
	var out []string
	for _, n := range files {
		if h := n.str("hash"); h != "" {
			out = append(out, h)
		}
		for _, e := range n.all("hashes") {
			if e.value.is(str) {
				out = append(out, e.key+":"+e.value.text)
			}
		}
	}
	return sorted(out)
}
