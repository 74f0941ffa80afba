package settings

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// SharedDemo looks at demonstrations that Gradio puts on the internet.
var SharedDemo = rule.Check{Called: sharedDemo}

func sharedDemo(p *rule.Pass, c *ast.Call, _ string) {
	share, _ := args.Keyword(p.Unit, c, "share")
	if share == nil || !args.IsTrue(p.Unit, share) {
		return
	}
	for _, w := range []string{"auth", "auth_dependency"} {
		if e, hidden := args.Keyword(p.Unit, c, w); hidden || e != nil && !args.IsNone(p.Unit, e) {
			return
		}
	}
	f := p.Report(c, "The demonstration gets a public address, and nobody who opens it is asked who he is.")
	if _, literal := share.(*ast.Constant); literal {
		f.ReviewFix("keep it on this machine", p.Replace(share, "False"))
	}
}
