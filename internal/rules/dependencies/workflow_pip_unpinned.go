package dependencies

import (
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
)

// WorkflowPipUnpinned looks at packages that a workflow names itself, or a pipeline of another
// maker.
var WorkflowPipUnpinned = rule.Check{Docs: shell.Pipeline, Doc: workflowPipUnpinned}

func workflowPipUnpinned(p *rule.DocPass) {
	beside := "with this workflow's token beside it"
	if !shell.Actions(p.Name()) {
		beside = "beside whatever secrets the job has"
	}
	for _, q := range installs(p.Doc) {
		open, ranged := pipNames(q)
		if list := append(open, ranged...); len(list) > 0 {
			p.ReportSpan(q.verb.At, "%s in the newest version of the day, %s.", have(list, "is installed", "are installed"), beside)
		}
	}
}
