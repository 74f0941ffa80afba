package dependencies

import (
	"slices"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/rule"
)

// BuildRequiresUnpinned looks at what builds a package.
var BuildRequiresUnpinned = rule.Check{Docs: rule.Manifests, Doc: buildRequiresUnpinned}

func buildRequiresUnpinned(p *rule.DocPass) {
	if p.Manifest == nil || p.Manifest.Format != "pyproject.toml" {
		return
	}
	var open []string
	var first *manifest.Package
	for i := range p.Manifest.Packages {
		q := &p.Manifest.Packages[i]
		if q.From != manifest.Index || q.State == manifest.Exact || !slices.Contains(q.Groups, "build") {
			continue
		}
		if first == nil {
			first = q
		}
		open = append(open, shown(q.Written))
	}
	if first != nil {
		p.ReportAt(first.At, "%s the package, in the newest version that the file allows on that day.", have(open, "builds", "build"))
	}
}
