package manifest

import (
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/tree"
)

func init() {
	// uv names the lock file of a script after it: report.py.lock.
	is := func(p string) bool { return base("uv.lock")(p) || strings.HasSuffix(p, ".py.lock") }
	add(format{name: "uv.lock", lock: true, is: is, read: readUVLock})
}

func readUVLock(f *File, data []byte) {
	doc := f.toml(data)
	if v := doc.Get("version"); v != nil && v.Text != "1" {
		f.problem(v.At, "version "+quoted(v.Text)+" of uv's lock file is not known; it was read as version 1")
	}
	members := map[string]bool{}
	for _, name := range doc.Strings("manifest", "members") {
		members[pep508.Normalise(name)] = true
	}
	entries := f.named(doc.Items("package"))
	byName := map[string][]int{}
	for _, e := range entries {
		p := lockPackage(e)
		if version := e.Str("version"); version != "" {
			p.pin(version)
		} else {
			p.Why = "the lock file has no version of it"
		}
		f.uvSource(&p, e.Get("source"), members)
		p.Hashes = hashes(append([]*tree.Node{e.Get("sdist")}, e.Items("wheels")...))
		byName[p.Name] = append(byName[p.Name], len(f.Packages))
		f.put(p)
	}

	g := &graph{edges: map[spot][]edge{}}
	var roots []root
	// go through the needs of one list
	needs := func(i int, list *tree.Node, each func(to spot, marker string)) {
		for _, d := range list.Items() {
			name := pep508.Normalise(d.Str("name"))
			found := false
			for _, j := range byName[name] {
				if g.n++; g.n > maxEdges {
					return
				}
				if v := d.Str("version"); v != "" && v != entries[j].Str("version") || !sameSource(d.Get("source"), entries[j].Get("source")) {
					continue
				}
				found = true
				each(spot{j, ""}, d.Str("marker"))
				for _, x := range d.Strings("extra") {
					each(spot{j, pep508.Normalise(x)}, d.Str("marker"))
					f.Packages[j].Extras = append(f.Packages[j].Extras, x)
				}
			}
			if !found {
				f.problem(d.Where(), "the lock file has no package "+quoted(name))
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
						f.problem(e.Where(), err.Error())
						marker = ""
					}
				}
				g.add(from, to, marker)
				if project {
					roots = append(roots, root{group, edge{to, marker}})
				}
			}
		}
		needs(i, e.Get("dependencies"), link(spot{i, ""}, ""))
		for _, o := range e.All("optional-dependencies") {
			x := pep508.Normalise(o.Key)
			needs(i, o.Value, link(spot{i, x}, "extra:"+x))
		}
		for _, o := range e.All("dev-dependencies") {
			x := pep508.Normalise(o.Key)
			needs(i, o.Value, link(spot{i, "group:" + x}, x))
		}
	}
	// The lock file of a script has no project, but a list.
	manifest := doc.Get("manifest")
	for _, d := range manifest.Items("requirements") {
		for _, j := range byName[pep508.Normalise(d.Str("name"))] {
			roots = append(roots, root{"", edge{spot{j, ""}, d.Str("marker")}})
			for _, x := range d.Strings("extras") {
				roots = append(roots, root{"", edge{spot{j, pep508.Normalise(x)}, d.Str("marker")}})
			}
		}
	}
	if !g.spread(f.Packages, roots) {
		f.problem(Place{Line: 1, Column: 1}, "too many packages need one another to say for which groups they are needed")
	}
	for i := range f.Packages {
		p := &f.Packages[i]
		p.Needs, p.Extras = sorted(p.Needs), sorted(p.Extras)
	}
}

// named is the packages of a lock file that have a name; the others are problems.
func (f *File) named(list []*tree.Node) (out []*tree.Node) {
	for _, e := range list {
		f.Lines++
		if f.full() || len(out) >= maxPackages {
			break
		}
		if e.Str("name") == "" {
			f.problem(e.Where(), "a package without a name")
			continue
		}
		out = append(out, e)
	}
	return out
}

// lockPackage begins a package of a lock file.
func lockPackage(e *tree.Node) Package {
	n := e.Get("name")
	return Package{Name: pep508.Normalise(n.Text), Written: n.Text, At: n.At, Locked: true}
}

func (f *File) uvSource(p *Package, s *tree.Node, members map[string]bool) {
	set := func(from Origin, url string) {
		p.From, p.URL = from, withoutSecret(url)
	}
	switch {
	case s.Str("registry") != "":
		if url := s.Str("registry"); url != "https://pypi.org/simple" {
			p.URL = withoutSecret(url)
		}
	case s.Str("git") != "":
		set(VCS, "git+"+s.Str("git"))
	case s.Str("url") != "":
		set(URL, s.Str("url"))
	case s.Str("path") != "":
		set(Path, s.Str("path"))
	case s.Str("directory") != "":
		set(Path, s.Str("directory"))
	case s.Get("editable") != nil, s.Get("virtual") != nil:
		where := s.Str("editable") + s.Str("virtual")
		if where == "." || members[p.Name] {
			set(Project, where)
			p.Why = "it is the project itself"
			return
		}
		set(Editable, where)
	case s == nil:
	default:
		f.problem(s.At, "this source of a package is not known")
	}
}

// sameSource says whether what a package needs can be what another one is: sources are named
// only where there are several.
func sameSource(want, have *tree.Node) bool {
	if want == nil || have == nil {
		return true
	}
	for _, e := range want.All() {
		if have.Str(e.Key) != e.Value.Str() {
			return false
		}
	}
	return true
}

// hashes of the files of a package, each once.
func hashes(files []*tree.Node) []string {
	var out []string
	for _, n := range files {
		if h := n.Str("hash"); h != "" {
			out = append(out, h)
		}
		for _, e := range n.All("hashes") {
			if e.Value.Is(tree.String) {
				out = append(out, e.Key+":"+e.Value.Text)
			}
		}
	}
	return sorted(out)
}
