package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// CleartextFtp looks at connections by FTP, and at addresses that are fetched over it.
// They weigh most with somebody's password. Connections without one to a host that is not
// known are for auditors.
var CleartextFtp = rule.Check{Called: ftp, File: ftpAddresses}

func ftpAddresses(p *rule.Pass) {
	for _, f := range fetches(p, "ftp://") {
		if public(f.host) {
			clear(p, f, "ftp")
		}
	}
}

func ftp(p *rule.Pass, c *ast.Call, name string) {
	at := 1
	if strings.HasSuffix(name, "login") {
		at = 0
	}
	user, hidden := args.Get(p.Unit, c, at, "user")
	if user == nil && at == 0 && !hidden {
		return // anonymous; the connection itself was seen
	}
	anyone := user == nil
	if s, ok := p.Str(user); user != nil && ok {
		anyone = s == "" || s == "anonymous" || s == "ftp"
	}
	if anyone {
		if host, ok := p.Str(program.Arg(c, 0, "host")); at == 1 && ok && public(host) {
			p.Report(c, "What goes to %s and comes from there over ftp can be read and changed on the way.", host).With(finding.Low, finding.HighConfidence)
		} else if at == 1 {
			p.Report(c, "%s sends everything in clear text.", name).ForAudit(true)
		}
		return
	}
	p.Report(c, "%s sends the password in clear text.", name)
}
