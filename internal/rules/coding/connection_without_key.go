package coding

import (
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// ConnectionWithoutKey looks at connections of multiprocessing over TCP, and whether they
// are given a key.
var ConnectionWithoutKey = rule.Check{Called: unkeyed}

func unkeyed(p *rule.Pass, c *ast.Call, name string) {
	listens := strings.HasSuffix(name, "Listener")
	at := 2
	if listens {
		at = 3
	}
	key, hidden := args.Get(p.Unit, c, at, "authkey")
	if hidden || key != nil && !args.IsNone(p.Unit, key) {
		return
	}
	e, _ := args.Get(p.Unit, c, 0, "address")
	var t *ast.Tuple
	for _, v := range p.Values(e) {
		if x, ok := v.(*ast.Tuple); ok && len(x.Elts) == 2 {
			t = x
		}
	}
	if t == nil {
		return // a path, or nothing that is known
	}
	host, known := p.Str(t.Elts[0])
	own := known && (host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1")
	switch {
	case !listens && own:
		p.Report(c, "Whoever answers on this machine's port runs code here.").With(finding.Low, finding.MediumConfidence).ForAudit(true)
	case !listens && known:
		p.Report(c, "Whoever answers for %s runs code here: what it sends is unpickled, and nothing asks for a key.", host).With(finding.Medium, finding.MediumConfidence)
	case !listens:
		p.Report(c, "Whoever answers runs code here: what is sent is unpickled, and nothing asks for a key.").With(finding.Medium, finding.MediumConfidence).ForAudit(true)
	case own:
		p.Report(c, "Each user of this machine can run code here: what is received is unpickled, and nothing asks for a key.").With(finding.Medium, finding.HighConfidence)
	default:
		port := "the port"
		if n, ok := p.Int(t.Elts[1]); ok {
			port = "port " + strconv.Itoa(n)
		}
		f := p.Report(c, "Whoever reaches %s runs code here: what is received is unpickled, and nothing asks for a key.", port)
		if !known {
			f.With(finding.Medium, finding.MediumConfidence)
		}
	}
}
