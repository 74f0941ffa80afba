package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// InsecureSnmp looks at who a manager says it is: a community (versions 1 and 2c), or a
// user without encryption (version 3).
var InsecureSnmp = rule.Check{Called: snmp}

func snmp(p *rule.Pass, c *ast.Call, name string) {
	switch args.Last(name) {
	case "CommunityData":
		e, hidden := args.Get(p.Unit, c, 2, "mpModel")
		if k := program.Keyword(c, "mpModel"); k != nil {
			e = k.Value
		}
		version := "2c"
		if e != nil {
			if n, ok := p.Int(e); ok && n == 0 {
				version = "1"
			}
		}
		p.Report(c, "SNMP version %s sends its community, which is its password, and everything else in clear text.", version).ForAudit(hidden && e == nil)
	case "UsmUserData":
		privacy, hidden := args.Get(p.Unit, c, 2, "privKey")
		auth, _ := args.Get(p.Unit, c, 1, "authKey")
		protocol, _ := args.Keyword(p.Unit, c, "privProtocol")
		switch {
		case protocol != nil && strings.HasSuffix(p.Name(protocol), "usmNoPrivProtocol"):
			p.Report(c, "With usmNoPrivProtocol, SNMP version 3 encrypts nothing.")
		case privacy != nil && !args.IsNone(p.Unit, privacy) || program.Keyword(c, "privKey") != nil && !args.IsNone(p.Unit, program.Keyword(c, "privKey").Value):
			return
		case auth == nil:
			p.Report(c, "Without keys, SNMP version 3 neither checks who asks nor encrypts the answer.").ForAudit(hidden)
		default:
			p.Report(c, "Without a key for privacy, SNMP version 3 encrypts nothing.").ForAudit(hidden)
		}
	case "Session", "snmp_get", "snmp_set", "snmp_walk", "snmp_get_bulk", "snmp_bulkwalk":
		e, _ := args.Keyword(p.Unit, c, "version")
		if n, ok := p.Int(e); e != nil && ok && n < 3 {
			p.Report(c, "SNMP version %d sends its community, which is its password, and everything else in clear text.", n)
		}
	}
}
