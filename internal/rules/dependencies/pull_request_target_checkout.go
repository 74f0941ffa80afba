package dependencies

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/tree"
)

// PullRequestTargetCheckout looks for workflows that have secrets and run a stranger's code.
var PullRequestTargetCheckout = rule.Check{Docs: shell.Workflow, Doc: pullRequestTargetCheckout}

// foreign are the words for what the one who proposes a change has chosen.
var foreign = []string{"github.event.pull_request.head.", "github.head_ref", "github.event.workflow_run.head_", "refs/pull/", "github.event.number", "github.event.pull_request.number", "github.event.pull_request.merge_commit_sha"}

// commented is the same where a comment starts the workflow, which knows the change by its number.
var commented = []string{"refs/pull/", "github.event.issue.number"}

func isForeign(s, event string) bool {
	list := foreign
	if event == "issue_comment" {
		list = commented
	}
	for _, f := range list {
		if strings.Contains(s, f) {
			return true
		}
	}
	return false
}

// guarded says whether a condition lets only the repository's own branches through.
func guarded(condition string) bool {
	return strings.Contains(condition, "head.repo.full_name == github.repository") || strings.Contains(condition, "github.repository == github.event.pull_request.head.repo.full_name") ||
		strings.Contains(condition, "head.repo.fork == false") || strings.Contains(condition, "!github.event.pull_request.head.repo.fork") ||
		strings.Contains(condition, "workflow_run.event == 'push'") || strings.Contains(condition, "workflow_run.event == 'release'") || strings.Contains(condition, "workflow_run.event != 'pull_request'") ||
		strings.Contains(condition, "workflow_run.head_repository.full_name == github.repository") || strings.Contains(condition, "github.event_name == 'push'") ||
		strings.Contains(condition, "github.event_name == 'pull_request'") || strings.Contains(condition, "pull_request.merged == true")
}

func pullRequestTargetCheckout(p *rule.DocPass) {
	root := p.YAML()
	event := starts(root, "pull_request_target", "workflow_run", "issue_comment")
	if event == "" {
		return
	}
	for _, j := range jobs(root) {
		condition := j.node.Word("if")
		if guarded(condition) {
			continue
		}
		for i, s := range j.steps {
			at := foreignCheckout(s, event)
			if at == nil || guarded(s.Word("if")) {
				continue
			}
			f := p.ReportSpan(spanOf(p.Doc, at), "%s runs with the repository's secrets and token, and this step takes the code of whoever proposes a change.", event)
			runs := false
			for _, later := range j.steps[i:] {
				name, _ := action(later)
				runs = runs || later.Get("run") != nil || strings.HasPrefix(name, "./")
			}
			switch {
			case !runs, event == "workflow_run":
				f.With(finding.High, finding.MediumConfidence)
			case strings.Contains(condition, "label") || strings.Contains(condition, "author_association") || strings.Contains(condition, "github.actor") || j.node.Get("environment") != nil:
				// Somebody of the project must agree first; a push after that is not looked at again.
				f.With(finding.High, finding.MediumConfidence)
			}
			break
		}
	}
}

// foreignCheckout is what a step says that takes the code of somebody else, or nil.
func foreignCheckout(s *tree.Node, event string) *tree.Node {
	if name, _ := action(s); name == "actions/checkout" {
		for _, key := range []string{"ref", "repository"} {
			if v := s.Get("with", key); v != nil && isForeign(v.Text, event) {
				return v
			}
		}
		return nil
	}
	if run := s.Get("run"); run != nil {
		for line := range strings.Lines(run.Text) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "gh pr checkout") || (strings.HasPrefix(line, "git checkout") || strings.HasPrefix(line, "git fetch") || strings.HasPrefix(line, "git pull")) && isForeign(line, event) {
				return run
			}
		}
	}
	return nil
}
