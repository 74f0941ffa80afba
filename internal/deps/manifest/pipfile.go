package manifest

import (
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

func init() {
	add(format{name: "Pipfile", is: base("Pipfile"), read: readPipfile})
	add(format{name: "Pipfile.lock", lock: true, is: base("Pipfile.lock"), read: readPipfileLock})
}

// readPipfile reads Pipenv's file. A table that is none of Pipenv's own is a group of packages.
func readPipfile(f *File, data []byte) {
	doc := tomlTree(f, data)
	f.pipSources(doc.items("source"))
	for _, c := range doc.all() {
		switch c.key {
		case "source", "requires", "pipenv", "scripts", "pipfile":
			continue
		}
		if !c.value.is(table) {
			f.Lines++
			f.problem(c.at, "a table of packages should be here")
			continue
		}
		for _, e := range c.value.entries {
			f.Lines++
			p := Package{Name: pep508.Normalise(e.key), Written: e.key, Groups: pipenvGroup(c.key), At: e.at}
			f.pipenvPackage(&p, e.value)
			f.put(p)
		}
	}
}

func readPipfileLock(f *File, data []byte) {
	doc := jsonTree(f, data)
	f.pipSources(doc.items("_meta", "sources"))
	// What two groups need the same of is one package.
	seen := map[string]int{}
	for _, c := range doc.all() {
		if c.key == "_meta" {
			continue
		}
		for _, e := range c.value.all() {
			f.Lines++
			p := Package{Name: pep508.Normalise(e.key), Written: e.key, Groups: pipenvGroup(c.key), At: e.at, Locked: true}
			f.pipenvPackage(&p, e.value)
			p.Hashes = e.value.strings("hashes")
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

func (f *File) pipSources(sources []*node) {
	for i, s := range sources {
		verify := s.get("verify_ssl")
		f.index(s.str("url"), i == 0, verify == nil || s.isTrue("verify_ssl"), s.get("url").place())
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

func (f *File) pipenvPackage(p *Package, v *node) {
	version := v
	if v.is(table) {
		version = v.get("version")
		p.Extras = v.strings("extras")
		f.only(p, v.str("markers"), v.get("markers").place())
		// Each variable of markers can be a key of its own: sys_platform = "== 'win32'".
		for _, e := range v.entries {
			if m, err := pep508.ParseMarker(e.key + " == ''"); err == nil && !m.Empty() && e.value.is(str) {
				f.only(p, e.key+" "+e.value.text, e.value.at)
			}
		}
		if origin(p, v) {
			if version.is(str) && p.State == Unknown { // a lock file can say it
				if set, err := alternatives(version.text); err == nil && len(set) == 1 {
					if pinned, ok := set[0].Pinned(); ok {
						p.State, p.Version = Exact, pinned
					}
				}
			}
			return
		}
	}
	switch {
	case version == nil && v.is(table):
		p.Why = "the file allows any version"
	case !version.is(str):
		f.problem(v.place(), "a version or a table should be here")
		p.Why = "the file says nothing that could be understood"
	default:
		f.poetryVersion(p, strings.TrimSpace(version.text), version.at)
	}
}
