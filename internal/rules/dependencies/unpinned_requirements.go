package dependencies

import (
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/rule"
)

// UnpinnedRequirements looks at files of requirements that pin nothing. Libraries leave their
// versions open on purpose, and what a file beside it pins is pinned.
var UnpinnedRequirements = rule.Check{Docs: rule.Manifests, Doc: unpinnedRequirements}

// helping are words in the names of files that are not for the program as it runs.
var helping = []string{"dev", "test", "doc", "lint", "ci", "example", "sample", "demo", "benchmark", "build", "typing", "optional", "minimum", "oldest", "lowest", "style", "tox", "mypy", "sphinx", "readthedocs", "rtd", "tutorial"}

// helper says whether a file of requirements is for those who develop, by its name and folders.
func helper(p string) bool {
	words := strings.FieldsFunc(strings.ToLower(p), func(r rune) bool { return r < 'a' || r > 'z' })
	for _, w := range words {
		for _, h := range helping {
			if w == h || w == h+"s" || w == h+"ing" || len(h) > 3 && strings.HasPrefix(w, h) && h != "build" {
				return true
			}
		}
	}
	return false
}

// isLibrary says whether the folder of the doc, or one above it, has a project that others
// install.
func isLibrary(p *rule.DocPass) bool {
	for _, d := range p.All {
		if dir := path.Dir(d.Path); dir != "." && !strings.HasPrefix(p.Path, dir+"/") {
			continue
		}
		switch path.Base(d.Path) {
		case "setup.py", "setup.cfg":
			return true
		case "pyproject.toml":
			text := d.Text(wholeFile(d))
			if strings.Contains(text, "[build-system]") || strings.Contains(text, "[project]") || strings.Contains(text, "[tool.poetry]") {
				return true
			}
		}
	}
	return false
}

func unpinnedRequirements(p *rule.DocPass) {
	m := p.Manifest
	if m == nil || m.Format != "requirements" || strings.HasSuffix(p.Path, ".in") || strings.Contains(strings.ToLower(path.Base(p.Path)), "constraint") {
		return
	}
	var open, forgotten []string
	var first *manifest.Package
	pinned := 0
	anyVersion := true
	for i := range m.Packages {
		q := &m.Packages[i]
		switch {
		case q.From != manifest.Index:
		case q.State == manifest.Exact:
			pinned++
		case q.Written != "" && !strings.Contains(q.Why, "variable"):
			if first == nil {
				first = q
			}
			open = append(open, shown(q.Written))
			if q.State == manifest.Unknown {
				forgotten = append(forgotten, shown(q.Written))
			} else {
				anyVersion = false
			}
		}
	}
	if open = unique(open); len(open) == 0 {
		return
	}
	for _, in := range m.Includes {
		if in.Constraint {
			return // the versions stand there
		}
	}
	from := "in the newest version of the day"
	if !anyVersion {
		from = "in the newest version that the file allows"
	}
	quiet := helper(p.Path) || isLibrary(p) || len(locksBeside(p)) > 0
	if forgotten = unique(forgotten); len(forgotten) == len(open) && pinned >= 3*len(open) {
		p.ReportAt(first.At, "%s in the newest version of the day, though %s.", have(open, "is installed", "are installed"), plural(pinned, "other has a version", "others have a version")).
			ForAudit(quiet).Advise("the version that was tested: %s==…", shown(first.Written))
		return
	}
	p.ReportAt(first.At, "%s %s, whoever has published it.", have(open, "is installed", "are installed"), from).
		ForAudit(quiet || pinned > 0 || len(open) < 2)
}
