package manifest

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

func init() {
	add(format{name: "pylock.toml", lock: true, is: isPylock, read: readPylock})
}

// isPylock knows pylock.toml and pylock.NAME.toml, where the name has no dot.
func isPylock(p string) bool {
	b := path.Base(p)
	if b == "pylock.toml" {
		return true
	}
	name, ok := strings.CutPrefix(b, "pylock.")
	if !ok {
		return false
	}
	name, ok = strings.CutSuffix(name, ".toml")
	return ok && name != "" && !strings.Contains(name, ".")
}

// readPylock reads the standard's lock file (PEP 751).
func readPylock(f *File, data []byte) {
	doc := tomlTree(f, data)
	switch v := doc.get("lock-version"); {
	case v == nil:
		f.problem(Place{1, 1}, "the file does not say which version of the format it has")
	case !strings.HasPrefix(v.text, "1."):
		f.problem(v.at, "version "+quoted(v.text)+" of the lock file is not known")
	}
	extras, groups := doc.strings("extras"), doc.strings("dependency-groups")
	for _, e := range f.named(doc.items("packages")) {
		p := lockPackage(e)
		switch version := e.str("version"); {
		case version != "":
			p.pin(version)
		default:
			p.Why = "the lock file has no version of it"
		}
		p.Hashes = hashes(append([]*node{e.get("sdist"), e.get("archive")}, e.items("wheels")...))
		switch vcs, dir, archive := e.get("vcs"), e.get("directory"), e.get("archive"); {
		case vcs != nil:
			p.From, p.URL = VCS, vcs.str("type")+"+"+withoutSecret(vcs.str("url")+vcs.str("path"))+"@"+vcs.str("commit-id")
		case dir != nil:
			p.From, p.URL = Path, dir.str("path")
			if dir.isTrue("editable") {
				p.From = Editable
			}
			if p.URL == "." {
				p.From = Project
			}
		case archive != nil && archive.str("url") != "":
			p.From, p.URL = URL, withoutSecret(archive.str("url"))
		case archive != nil:
			p.From, p.URL = Path, archive.str("path")
		default:
			if p.URL = withoutSecret(e.str("index")); p.URL == "https://pypi.org/simple" || p.URL == "https://pypi.org/simple/" {
				p.URL = ""
			}
		}
		for _, d := range e.items("dependencies") {
			if name := d.str("name"); name != "" {
				p.Needs = append(p.Needs, pep508.Normalise(name))
			}
		}
		p.Needs = sorted(p.Needs)
		m := e.get("marker")
		f.only(&p, m.str(), m.place())
		p.Groups = markerGroups(p.Marker, extras, groups)
		f.put(p)
	}
}

// markerGroups says which extras and groups a marker asks for: those with which alone it can
// hold, if it cannot without.
func markerGroups(m pep508.Marker, extras, groups []string) []string {
	if !m.Uses("extras") && !m.Uses("dependency_groups") && !m.Uses("extra") {
		return nil
	}
	holds := func(extra, group string) bool {
		return m.Eval(pep508.Environment{"extras": extra, "dependency_groups": group}) != pep508.False
	}
	if holds("", "") {
		return nil
	}
	var out []string
	for _, x := range extras {
		if holds(x, "") {
			out = append(out, "extra:"+pep508.Normalise(x))
		}
	}
	for _, g := range groups {
		if holds("", g) {
			out = append(out, pep508.Normalise(g))
		}
	}
	if out == nil {
		out = []string{"optional"}
	}
	return slices.Compact(out)
}
