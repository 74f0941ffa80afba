package coding

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// UnsafeMarshal judges marshal as UnsafePickle judges pickles.
var UnsafeMarshal = rule.Check{Called: unsafeMarshal}

func unsafeMarshal(p *rule.Pass, c *ast.Call, name string) {
	in := program.Arg(c, 0, "")
	f := p.Report(c, "%s crashes on damaged data, or builds code objects from it.", name)
	switch {
	case in == nil, dumped(p, in, 0), vouched(p, c), p.IsConst(in):
		f.ForAudit(true).With(finding.Low, finding.LowConfidence)
	case foreign(p, in, 0), outside(p, in):
		f.With(finding.High, finding.HighConfidence)
	case ownPath(p, in, 0), ownFile(p, in, 0):
		f.ForAudit(true).With(finding.Low, finding.MediumConfidence)
	}
}
