package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// ExecOfText judges exec and its relatives.
var ExecOfText = rule.Check{Called: execOfText}

func execOfText(p *rule.Pass, c *ast.Call, name string) {
	if strings.HasSuffix(name, "[]") && !subscripted(p, c.Func, "exec") {
		return
	}
	fn := lateName(name)
	if strings.HasSuffix(name, "[]") {
		fn = "exec"
	}
	at := 0
	if strings.Contains(name, "interpreters.") && strings.HasPrefix(name, "_") {
		at = 1 // after the interpreter
	}
	e := program.Arg(c, at, "source")
	if fn == "execfile" {
		if e != nil && ownPath(p, e, 0) {
			p.Report(c, "execfile runs a file of the program's own.").ForAudit(true)
			return
		}
		p.Report(c, "execfile runs whatever stands in the file.")
		return
	}
	runsCode(p, c, fn, e)
}
