package dependencies

import (
	"path"
	"slices"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/rule"
)

// LockOutOfStep compares what a project asks for with the lock file beside it. What depends
// on the machine, or is for another group, is left out: not every tool locks it.
var LockOutOfStep = rule.Check{Docs: rule.Manifests, Doc: lockOutOfStep}

// locksOf are the lock files that belong to a project's file.
var locksOf = map[string][]string{"pyproject.toml": {"poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"}, "Pipfile": {"Pipfile.lock"}}

func lockOutOfStep(p *rule.DocPass) {
	m := p.Manifest
	if m == nil || m.Lock {
		return
	}
	for _, l := range locksBeside(p) {
		lock := path.Base(l.Path)
		if !slices.Contains(locksOf[path.Base(p.Path)], lock) || len(l.Manifest.Problems) > 0 || len(l.Manifest.Packages) == 0 {
			continue
		}
		has := map[string][]*manifest.Package{}
		for i := range l.Manifest.Packages {
			q := &l.Manifest.Packages[i]
			has[q.Name] = append(has[q.Name], q)
		}
		override := map[string]bool{}
		for i := range m.Packages {
			if slices.Contains(m.Packages[i].Groups, "override") {
				override[m.Packages[i].Name] = true
			}
		}
		var missing, forbidden []string
		var firstMissing, firstForbidden *manifest.Package
		for i := range m.Packages {
			q := &m.Packages[i]
			if q.From != manifest.Index || len(q.Groups) > 0 || !q.Marker.Empty() || q.Name == "" || override[q.Name] {
				continue
			}
			list := has[q.Name]
			if len(list) == 0 {
				if missing = append(missing, shown(q.Written)); firstMissing == nil {
					firstMissing = q
				}
				continue
			}
			if len(q.Specifiers) == 0 || slices.ContainsFunc(list, func(x *manifest.Package) bool {
				return x.From != manifest.Index || x.State != manifest.Exact || q.Specifiers.Contains(x.Version, true)
			}) {
				continue
			}
			if forbidden = append(forbidden, shown(q.Written)+" "+list[0].Version.String()); firstForbidden == nil {
				firstForbidden = q
			}
		}
		command := map[string]string{"poetry.lock": "poetry lock", "uv.lock": "uv lock", "pdm.lock": "pdm lock", "Pipfile.lock": "pipenv lock"}[lock]
		if command == "" {
			command = "pip lock"
		}
		if firstMissing != nil {
			p.ReportAt(firstMissing.At, "%s not in %s, so that the lock file is not what is installed.", have(missing, "is", "are"), lock).Advise("%s, and look at what changes", command)
		}
		if firstForbidden != nil {
			p.ReportAt(firstForbidden.At, "%s has %s, which this file does not allow.", lock, few(forbidden)).Advise("%s, and look at what changes", command)
		}
	}
}
