package logging

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// LogFormat looks at formats that are not constant although arguments follow: a percent
// sign in the value is then read as an instruction.
var LogFormat = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: looseFormat}

func looseFormat(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	if !levels[args.Callee(c)] {
		return
	}
	written, ok := logCall(p, c)
	if !ok || len(written) < 2 || program.HasStar(c) || percentless(p, c) {
		return
	}
	format := written[0]
	if p.IsConst(format) {
		return
	}
	switch f := format.(type) {
	case *ast.JoinedStr:
		for _, v := range f.Values {
			if h, ok := v.(*ast.FormattedValue); ok && !p.IsConst(h.Value) && h.FormatSpec == nil {
				p.Report(format, "The format has a value in it: a percent sign in that breaks the entry, which is then lost.")
				return
			}
		}
	case *ast.BinOp:
		if f.Op == ast.Add {
			p.Report(format, "The format has a value in it: a percent sign in that breaks the entry, which is then lost.").With(finding.Low, finding.MediumConfidence)
		}
	default:
		if request(p, format) {
			p.Report(format, "The format comes from the request: its percent signs decide what is shown.").With(finding.Medium, finding.HighConfidence)
		}
	}
}

// percentless loggers format with braces or not at all.
func percentless(p *rule.Pass, c *ast.Call) bool {
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		return false
	}
	for _, n := range p.Names(f.Value) {
		if len(n) > 6 && (n[:6] == "loguru" || n[:6] == "struct") {
			return true
		}
	}
	return false
}
