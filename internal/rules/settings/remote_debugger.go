package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
)

// RemoteDebugger looks for debuggers that wait for somebody to come over the network.
var RemoteDebugger = rule.Check{Called: remoteDebugger}

func remoteDebugger(p *rule.Pass, c *ast.Call, name string) {
	host, fallback := program.Arg(c, 0, "host"), "127.0.0.1"
	switch {
	case strings.HasPrefix(name, "debugpy."), strings.HasPrefix(name, "ptvsd."):
		a := program.Arg(c, 0, "address")
		if strings.HasPrefix(name, "ptvsd.") {
			fallback = "0.0.0.0"
		}
		host = nil
		for _, v := range p.Values(a) {
			if t, ok := v.(*ast.Tuple); ok && len(t.Elts) > 0 {
				host = t.Elts[0]
			}
		}
	case strings.HasPrefix(name, "rpdb."):
		host = program.Arg(c, 0, "addr")
	case strings.HasPrefix(name, "web_pdb."):
		fallback = ""
	}
	at := fallback
	if host != nil {
		s, ok := p.Str(host)
		if !ok {
			return
		}
		at = s
	}
	switch at {
	case "0.0.0.0", "", "::":
		p.Report(c, "Whoever reaches this port runs any Python in the process: the debugger listens on all interfaces.").ForAudit(conf.Dev(p, c))
	default:
		p.Report(c, "A debugger waits in the program for whoever reaches its port on this machine.").With(finding.Low, finding.MediumConfidence).ForAudit(true)
	}
}
