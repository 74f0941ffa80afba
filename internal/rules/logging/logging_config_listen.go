package logging

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// LoggingConfigListen asks for the function that checks what comes in.
var LoggingConfigListen = rule.Check{Called: configListen}

func configListen(p *rule.Pass, c *ast.Call, name string) {
	verify, hidden := args.Get(p.Unit, c, 1, "verify")
	if hidden || verify != nil && !args.IsNone(p.Unit, verify) {
		if program.Keyword(c, "verify") == nil {
			p.Report(c, "%s may be given a function that checks what comes in, but not by its name.", name).ForAudit(true).With(finding.Info, finding.LowConfidence)
		}
		return
	}
	p.Report(c, "%s takes a configuration from anybody on this machine without checking it, and runs what anybody puts into it.", name)
}
