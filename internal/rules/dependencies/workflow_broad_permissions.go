package dependencies

import (
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
)

// WorkflowBroadPermissions looks at what a workflow's token may do.
var WorkflowBroadPermissions = rule.Check{Docs: shell.Workflow, Doc: workflowBroadPermissions}

func workflowBroadPermissions(p *rule.DocPass) {
	root := p.YAML()
	if root.Get("jobs") == nil {
		return
	}
	whole := root.Get("permissions")
	if whole != nil && whole.Text == "write-all" {
		p.ReportSpan(spanOf(p.Doc, whole), "Every job's token may write to everything in the repository: one bad action or dependency is enough to change the code.")
	}
	silent := 0
	for _, j := range jobs(root) {
		own := j.node.Get("permissions")
		if own != nil && own.Text == "write-all" {
			p.ReportSpan(spanOf(p.Doc, own), "The token of the job %s may write to everything in the repository: one bad action or dependency is enough to change the code.", shown(j.name))
		}
		if own == nil {
			silent++
		}
	}
	if whole == nil && silent > 0 {
		at := root.Get("jobs").At
		for _, pair := range root.All() {
			if pair.Key == "jobs" {
				at = pair.At
			}
		}
		p.ReportAt(at, "What the token may do is not said, so that it may do what the repository's settings let it: in older ones, write to everything.").ForAudit(true)
	}
}
