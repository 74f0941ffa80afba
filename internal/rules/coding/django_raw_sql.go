package coding

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// DjangoRawSql judges RawSQL expressions.
var DjangoRawSql = rule.Check{Called: djangoRawSQL}

func djangoRawSQL(p *rule.Pass, c *ast.Call, _ string) {
	e := program.Arg(c, 0, "sql")
	if e == nil {
		p.Report(c, "RawSQL writes its text into the statement.").ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	}
	if _, ok := ast.IsStr(e); ok {
		return
	}
	t := text.Split(p.Unit, e)
	free := t.Free(p.Unit, func(e ast.Expr) bool { return escaped(p, e) })
	if len(free) == 0 {
		p.Report(c, "RawSQL writes its text into the statement.").ForAudit(true).With(finding.Low, finding.MediumConfidence)
		return
	}
	f := p.Report(c, "RawSQL writes %s into the statement.", parts(p, free))
	if !t.Built {
		f.With(finding.High, finding.LowConfidence)
	}
}
