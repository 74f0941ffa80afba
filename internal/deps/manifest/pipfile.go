package manifest

import (
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/tree"
)

func init() {
	add(format{name: "Pipfile", is: base("Pipfile"), read: readPipfile})
	add(format{name: "Pipfile.lock", lock: true, is: base("Pipfile.lock"), read: readPipfileLock})
}

// readPipfile reads Pipenv's file. A table that is none of Pipenv's own is a group of packages.
func readPipfile(f *File, data []byte) {
	doc := f.toml(data)
	f.pipSources(doc, doc.Items("source"))
	for _, c := range doc.All() {
		switch c.Key {
		case "source", "requires", "pipenv", "scripts", "pipfile":
			continue
		}
		if !c.Value.Is(tree.Table) {
			f.Lines++
			f.problem(c.At, "a table of packages should be here")
			continue
		}
		for _, e := range c.Value.All() {
			f.Lines++
			p := Package{Name: pep508.Normalise(e.Key), Written: e.Key, Groups: pipenvGroup(c.Key), At: e.At}
			f.pipenvPackage(&p, e.Value)
			f.put(p)
		}
	}
}

func readPipfileLock(f *File, data []byte) {
	doc := f.json(data)
	f.pipSources(doc, doc.Items("_meta", "sources"))
	// What two groups need the same of is one package.
	seen := map[string]int{}
	for _, c := range doc.All() {
		if c.Key == "_meta" {
			continue
		}
		for _, e := range c.Value.All() {
			f.Lines++
			p := Package{Name: pep508.Normalise(e.Key), Written: e.Key, Groups: pipenvGroup(c.Key), At: e.At, Locked: true}
			f.pipenvPackage(&p, e.Value)
			p.Hashes = e.Value.Strings("hashes")
			key := strings.Join([]string{p.Name, p.Version.String(), p.URL, p.Marker.String(), p.State.String()}, "\x00")
			i, known := seen[key]
			switch {
			case !known:
				seen[key] = len(f.Packages)
				f.put(p)
			case f.Packages[i].Groups != nil && p.Groups != nil:
				f.Packages[i].Groups = append(f.Packages[i].Groups, p.Groups...)
			default:
				f.Packages[i].Groups = nil
			}
		}
	}
}

// pipSources reads the indexes of Pipenv
// (https://pipenv.pypa.io/en/latest/indexes.html). All but the first are for packages that name
// them, unless the file wants it as it was.
func (f *File) pipSources(doc *tree.Node, sources []*tree.Node) {
	bound := map[string]bool{}
	for _, c := range doc.All() {
		for _, e := range c.Value.All() {
			bound[e.Value.Str("index")] = true
		}
	}
	order := Named
	if doc.True("pipenv", "install_search_all_sources") {
		order = Alike
	}
	for i, s := range sources {
		verify := s.Get("verify_ssl")
		f.index(Option{Value: s.Str("url"), At: s.Get("url").Where(), Tool: "pipenv", Order: order, Bound: bound[s.Str("name")]}, i == 0, verify == nil || s.True("verify_ssl"))
	}
}

func pipenvGroup(category string) []string {
	switch category {
	case "packages", "default":
		return nil
	case "dev-packages", "develop":
		return []string{"dev"}
	}
	return []string{pep508.Normalise(category)}
}

func (f *File) pipenvPackage(p *Package, v *tree.Node) {
	version := v
	if v.Is(tree.Table) {
		version = v.Get("version")
		p.Extras = v.Strings("extras")
		f.only(p, v.Str("markers"), v.Get("markers").Where())
		// Each variable of markers can be a key of its own: sys_platform = "== 'win32'".
		for _, e := range v.All() {
			if m, err := pep508.ParseMarker(e.Key + " == ''"); err == nil && !m.Empty() && e.Value.Is(tree.String) {
				f.only(p, e.Key+" "+e.Value.Text, e.Value.At)
			}
		}
		if origin(p, v) {
			if version.Is(tree.String) && p.State == Unknown { // a lock file can say it
				if set, err := alternatives(version.Text); err == nil && len(set) == 1 {
					if pinned, ok := set[0].Pinned(); ok {
						p.State, p.Version = Exact, pinned
					}
				}
			}
			return
		}
	}
	switch {
	case version == nil && v.Is(tree.Table):
		p.Why = "the file allows any version"
	case !version.Is(tree.String):
		f.problem(v.Where(), "a version or a table should be here")
		p.Why = "the file says nothing that could be understood"
	default:
		f.poetryVersion(p, strings.TrimSpace(version.Text), version.At)
	}
}
