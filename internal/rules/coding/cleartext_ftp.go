package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// CleartextFtp looks at connections by FTP. Only those with somebody's password are for
// everybody; fetching public files is for auditors.
var CleartextFtp = rule.Check{Called: ftp}

func ftp(p *rule.Pass, c *ast.Call, name string) {
	at := 1
	if strings.HasSuffix(name, "login") {
		at = 0
	}
	user, hidden := args.Get(p.Unit, c, at, "user")
	if user == nil && at == 0 && !hidden {
		return // anonymous; the connection itself was seen
	}
	public := user == nil
	if s, ok := p.Str(user); user != nil && ok {
		public = s == "" || s == "anonymous" || s == "ftp"
	}
	if public {
		if at == 1 {
			p.Report(c, "%s sends everything in clear text.", name).ForAudit(true)
		}
		return
	}
	p.Report(c, "%s sends the password in clear text.", name)
}
