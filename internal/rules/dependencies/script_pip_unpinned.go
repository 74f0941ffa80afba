package dependencies

import (
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
)

// ScriptPipUnpinned looks at packages that scripts and Makefiles name themselves.
var ScriptPipUnpinned = rule.Check{Docs: isScript, Doc: scriptPipUnpinned}

// isScript is what has commands and is neither an image's nor a pipeline's.
func isScript(p string) bool { return shell.Is(p) && !shell.Image(p) && !shell.Pipeline(p) }

func scriptPipUnpinned(p *rule.DocPass) {
	for _, q := range installs(p.Doc) {
		open, ranged := pipNames(q)
		if list := append(open, ranged...); len(list) > 0 {
			p.ReportSpan(q.verb.At, "%s in the newest version of the day that this is run.", have(list, "is installed", "are installed"))
		}
	}
}
