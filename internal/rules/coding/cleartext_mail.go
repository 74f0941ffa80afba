package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// CleartextMail looks at logins to mail servers in files that encrypt no connection to one.
var CleartextMail = rule.Check{Called: cleartextMail}

func cleartextMail(p *rule.Pass, c *ast.Call, name string) {
	if strings.HasSuffix(name, ".user") {
		return // the password follows
	}
	text := string(p.File.Bytes)
	if strings.Contains(text, "starttls") || strings.Contains(text, "stls") || strings.Contains(text, "start_tls") {
		return
	}
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		return
	}
	for _, v := range p.Values(f.Value) {
		if made, ok := v.(*ast.Call); ok {
			if host, ok := p.Str(program.Arg(made, 0, "host")); ok && (host == "localhost" || host == "" || strings.HasPrefix(host, "127.")) {
				return
			}
			if k := program.Keyword(made, "use_tls"); k != nil {
				return
			}
		}
	}
	p.Report(c, "The password goes to the mail server in clear text: nothing encrypts the connection.")
}
