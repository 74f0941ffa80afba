package dependencies

import (
	"path"
	"slices"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
)

// PrecommitMovingRev looks at what runs on each developer's machine before a commit.
var PrecommitMovingRev = rule.Check{Docs: isPreCommit, Doc: precommitMovingRev}

func isPreCommit(p string) bool {
	b := path.Base(p)
	return b == ".pre-commit-config.yaml" || b == ".pre-commit-config.yml"
}

func precommitMovingRev(p *rule.DocPass) {
	var tags []string
	var first *node
	for _, r := range yamlOf(p.Doc).get("repos").items() {
		repo, rev := r.str("repo"), r.get("rev")
		if repo == "local" || repo == "meta" || repo == "" || rev == nil || fullCommit.MatchString(rev.text) {
			continue
		}
		if slices.Contains(branches, rev.text) {
			p.ReportSpan(spanOf(p.Doc, rev), "The hooks of %s are whatever %s points to when a developer first runs them.", shown(repo), shown(rev.text))
			continue
		}
		if first == nil {
			first = rev
		}
		tags = append(tags, path.Base(shown(repo)))
	}
	if first != nil {
		p.ReportSpan(spanOf(p.Doc, first), "%s by a tag, which can be moved.", have(tags, "is named", "are named")).ForAudit(true).With(finding.Low, finding.HighConfidence)
	}
}
