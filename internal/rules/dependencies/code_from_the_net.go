package dependencies

import (
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// CodeFromTheNet looks at command lines for a download that goes into an interpreter.
var CodeFromTheNet = rule.Check{Called: codeFromTheNet}

func codeFromTheNet(p *rule.Pass, c *ast.Call, name string) {
	for _, a := range c.Args {
		list, ok := ast.Elements(a)
		if !ok {
			list = []ast.Expr{a}
		}
		for _, e := range list {
			if fetchedAndRun().MatchString(text.Split(p.Unit, e).String()) {
				p.Report(c, "What is fetched here runs unseen, with the rights of this program.")
				return
			}
		}
	}
}

// fetchedAndRun is a download in a shell's command line that an interpreter reads.
var fetchedAndRun = match.Lazy(`\b(?:curl|wget)\b[^|;&]*\|\s*(?:sudo\s+)?(?:/\S*/)?(?:ba|z|da|k)?sh\b|\b(?:curl|wget)\b[^|;&]*\|\s*(?:sudo\s+)?(?:/\S*/)?(?:python[\d.]*|perl|node|ruby)\b|\b(?:ba|z)?sh\s+<\(\s*(?:curl|wget)\b|\b(?:ba|z|da)?sh\s+-c\s+["']?\$\(\s*(?:curl|wget)\b`)
