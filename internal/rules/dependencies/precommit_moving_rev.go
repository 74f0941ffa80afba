package dependencies

import (
	"path"
	"slices"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/tree"
)

// PrecommitMovingRev looks at what runs on each developer's machine before a commit.
var PrecommitMovingRev = rule.Check{Docs: isPreCommit, Doc: precommitMovingRev}

func isPreCommit(p string) bool {
	b := path.Base(p)
	return b == ".pre-commit-config.yaml" || b == ".pre-commit-config.yml"
}

func precommitMovingRev(p *rule.DocPass) {
	var tags []string
	var first *tree.Node
	for _, r := range p.YAML().Get("repos").Items() {
		repo, rev := r.Word("repo"), r.Get("rev")
		if repo == "local" || repo == "meta" || repo == "" || rev == nil || fullCommit().MatchString(rev.Text) {
			continue
		}
		if slices.Contains(branches, rev.Text) {
			p.ReportSpan(spanOf(p.Doc, rev), "The hooks of %s are whatever %s points to when a developer first runs them.", shown(repo), shown(rev.Text))
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
