package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// RequestWithoutTimeout looks at requests, which waits for ever unless told otherwise,
// and at httpx, which waits for ever only when told to.
var RequestWithoutTimeout = rule.Check{Called: waits}

func waits(p *rule.Pass, c *ast.Call, name string) {
	httpx := strings.HasPrefix(name, "httpx.")
	at := -1
	switch {
	case name == "urllib.request.urlopen":
		at = 2
	case strings.HasPrefix(name, "requests.Session()") || strings.HasPrefix(name, "requests.session()") || strings.HasPrefix(name, "requests.sessions."):
		if args.Callee(c) == "request" {
			at = 8
		}
	}
	e, hidden := args.Get(p.Unit, c, at, "timeout")
	if e == nil {
		if httpx {
			return
		}
		if at == 2 { // urlopen: as slow, but mostly in scripts
			p.Report(c, "%s waits for ever when the other side says nothing.", name).ForAudit(true)
			return
		}
		f := p.Report(c, "%s waits for ever when the other side says nothing.", name).ForAudit(hidden || adapted(p, name))
		if !hidden {
			f.ReviewFix("wait ten seconds at most", p.SetKeyword(c, "timeout", "10"))
		}
		return
	}
	for _, v := range p.Values(e) {
		if !args.IsNone(p.Unit, v) {
			continue
		}
		f := p.Report(c, "%s is told to wait for ever.", name)
		if k := program.Keyword(c, "timeout"); k != nil && k.Value == e {
			f.ReviewFix("wait ten seconds at most", p.Replace(e, "10"))
		}
		return
	}
}

// adapted says whether the file gives its sessions a timeout in another way: an adapter
// that is mounted, or a request method of its own.
func adapted(p *rule.Pass, name string) bool {
	if !strings.Contains(name, "()") {
		return false
	}
	for _, n := range p.Tree.Nodes() {
		switch n := n.(type) {
		case *ast.Call:
			if args.Callee(n) == "mount" && len(n.Args) == 2 && strings.Contains(strings.ToLower(p.Text(n.Args[1])), "timeout") {
				return true
			}
		case *ast.Assign:
			if a, ok := n.Targets[0].(*ast.Attribute); ok && (a.Attr == "request" || a.Attr == "send") && strings.Contains(p.Text(n.Value), "timeout") {
				return true
			}
		}
	}
	return false
}
