package dependencies

import "github.com/gambeson/gambeson/internal/rule"

// WorkflowPipUnpinned looks at packages that a workflow names itself.
var WorkflowPipUnpinned = rule.Check{Docs: isActions, Doc: workflowPipUnpinned}

func workflowPipUnpinned(p *rule.DocPass) {
	for _, c := range commands(p.Doc) {
		args, _, ok := pipInstall(c)
		if !ok || len(args) == 0 {
			continue
		}
		open, ranged := pipNames(args)
		if list := append(open, ranged...); len(list) > 0 {
			p.ReportSpan(c[len(c)-len(args)-1].span(), "%s in the newest version of the day, with this workflow's token beside it.", have(list, "is installed", "are installed"))
		}
	}
}
