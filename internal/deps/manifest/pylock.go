package manifest

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/tree"
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
	doc := f.toml(data)
	switch v := doc.Get("lock-version"); {
	case v == nil:
		f.problem(Place{Line: 1, Column: 1}, "the file does not say which version of the format it has")
	case !strings.HasPrefix(v.Text, "1."):
		f.problem(v.At, "version "+quoted(v.Text)+" of the lock file is not known")
	}
	extras, groups := doc.Strings("extras"), doc.Strings("dependency-groups")
	for _, e := range f.named(doc.Items("packages")) {
		p := lockPackage(e)
		switch version := e.Str("version"); {
		case version != "":
			p.pin(version)
		default:
			p.Why = "the lock file has no version of it"
		}
		p.Hashes = hashes(append([]*tree.Node{e.Get("sdist"), e.Get("archive")}, e.Items("wheels")...))
		switch vcs, dir, archive := e.Get("vcs"), e.Get("directory"), e.Get("archive"); {
		case vcs != nil:
			p.From, p.URL = VCS, vcs.Str("type")+"+"+withoutSecret(vcs.Str("url")+vcs.Str("path"))+"@"+vcs.Str("commit-id")
		case dir != nil:
			p.From, p.URL = Path, dir.Str("path")
			if dir.True("editable") {
				p.From = Editable
			}
			if p.URL == "." {
				p.From = Project
			}
		case archive != nil && archive.Str("url") != "":
			p.From, p.URL = URL, withoutSecret(archive.Str("url"))
		case archive != nil:
			p.From, p.URL = Path, archive.Str("path")
		default:
			if p.URL = withoutSecret(e.Str("index")); p.URL == "https://pypi.org/simple" || p.URL == "https://pypi.org/simple/" {
				p.URL = ""
			}
		}
		for _, d := range e.Items("dependencies") {
			if name := d.Str("name"); name != "" {
				p.Needs = append(p.Needs, pep508.Normalise(name))
			}
		}
		p.Needs = sorted(p.Needs)
		m := e.Get("marker")
		f.only(&p, m.Str(), m.Where())
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
