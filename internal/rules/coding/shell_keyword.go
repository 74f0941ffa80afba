package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// ShellKeyword looks at shell= of functions that ShellCommand does not know.
var ShellKeyword = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: shellKeyword}

// knownShell are calls whose shell= ShellCommand judges.
var knownShell = map[string]bool{
	"subprocess.run": true, "subprocess.call": true, "subprocess.check_call": true, "subprocess.check_output": true, "subprocess.Popen": true,
}

func shellKeyword(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	k := program.Keyword(c, "shell")
	if k == nil || truth(p, k.Value) == off {
		return
	}
	for _, name := range p.Names(c.Func) {
		if knownShell[name] {
			return
		}
	}
	state := truth(p, k.Value)
	built := false
	var cmd ast.Expr
	if len(c.Args) > 0 {
		cmd = c.Args[0]
	} else if a := program.Keyword(c, "command"); a != nil {
		cmd = a.Value
	} else if a := program.Keyword(c, "cmd"); a != nil {
		cmd = a.Value
	}
	f := p.Report(c, "%s is asked to start a shell.", excerpt(p, c.Func)).With(finding.Medium, finding.LowConfidence)
	if cmd != nil {
		if _, isList := elements(p, cmd); !isList {
			j := judge(p, cmd)
			if built = j.text.Built && (len(j.free) > 0 || j.inner != nil) && state == on; built && len(j.free) > 0 {
				f.Message = excerpt(p, c.Func) + " is asked to start a shell for a command with " + parts(p, j.free) + " in it."
				f.With(finding.Medium, finding.MediumConfidence)
			}
		}
	}
	if v, ok := k.Value.(*ast.Constant); ok && v.ConstKind() == ast.Str {
		built = false // shell="bash" chooses a shell; it does not ask for one
	}
	for _, name := range p.Names(c.Func) {
		for _, lib := range []string{"subprocess32.", "gevent.subprocess.", "psutil.", "trio.", "anyio."} {
			if strings.HasPrefix(name, lib) {
				built = false // ShellCommand's
			}
		}
	}
	f.ForAudit(!built)
}
