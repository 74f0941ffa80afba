package dependencies

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/tree"
)

// ActionNotPinned looks at what workflows use of others.
var ActionNotPinned = rule.Check{Docs: shell.Actions, Doc: actionNotPinned}

var branches = []string{"main", "master", "develop", "dev", "trunk", "HEAD", "latest", "edge", "nightly", ""}

var writes = match.Lazy(`(?m):\s*write(-all)?\s*(#.*)?$`)

// powerful says whether a workflow has something that is worth to be stolen: secrets of its
// own, or a token that is said to write. Seven projects had 26 findings of tags without that
// question, most in workflows that only run tests, and have 9 with it.
func powerful(d *rule.Doc) bool {
	text := d.Text(wholeFile(d))
	return strings.Count(text, "secrets.") > strings.Count(text, "secrets.GITHUB_TOKEN") || strings.Contains(text, "secrets: inherit") || writes().MatchString(text)
}

func actionNotPinned(p *rule.DocPass) {
	root := p.YAML()
	var tags, own []string // of others, and of GitHub
	var firstTag, firstOwn *tree.Node
	look := func(uses *tree.Node) {
		if uses == nil {
			return
		}
		name, ref, _ := strings.Cut(uses.Text, "@")
		if isLocal(name) || fullCommit().MatchString(ref) || strings.Contains(uses.Text, "${{") {
			return
		}
		owner, _, _ := strings.Cut(strings.ToLower(name), "/")
		github := owner == "actions" || owner == "github"
		switch {
		case slices.Contains(branches, ref):
			word := ref
			if ref == "" {
				word = "the main branch"
			}
			p.ReportSpan(spanOf(p.Doc, uses), "%s runs whatever %s points to on the day, with this workflow's token and secrets.", shown(name), word).ForAudit(github)
		case github:
			if firstOwn == nil {
				firstOwn = uses
			}
			own = append(own, shown(uses.Text))
		default:
			if firstTag == nil {
				firstTag = uses
			}
			tags = append(tags, shown(uses.Text))
		}
	}
	for _, j := range jobs(root) {
		look(j.node.Get("uses"))
		for _, s := range j.steps {
			look(s.Get("uses"))
		}
	}
	group := func(list []string, at *tree.Node, audit bool) {
		if at == nil {
			return
		}
		slices.Sort(list)
		p.ReportSpan(spanOf(p.Doc, at), "%s by a tag, and whoever may write to the repository can move it to other code.", have(slices.Compact(list), "is named", "are named")).ForAudit(audit)
	}
	group(tags, firstTag, !powerful(p.Doc))
	group(own, firstOwn, true)
}
