package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// SshHostKeyUnchecked looks at the policies of paramiko and at the ways in which other
// clients, and the program ssh itself, are told to accept any host.
var SshHostKeyUnchecked = rule.Check{Kinds: []ast.Kind{ast.KindCall, ast.KindAssign, ast.KindConstant}, Visit: hostKey}

func hostKey(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Call:
		switch args.Callee(n) {
		case "set_missing_host_key_policy":
			if len(n.Args) == 1 {
				hostPolicy(p, n, n.Args[0])
			} else if e, _ := args.Keyword(p.Unit, n, "policy"); e != nil {
				hostPolicy(p, n, e)
			}
		case "connect", "create_connection", "get_server_host_key", "connect_reverse":
			if e, _ := args.Keyword(p.Unit, n, "known_hosts"); e != nil && args.IsNone(p.Unit, e) && (p.Is(n.Func, "asyncssh.connect", "asyncssh.create_connection", "asyncssh.connect_reverse") || len(p.Names(n.Func)) == 0) {
				p.Report(n, "With known_hosts=None, any host is taken for the one that is meant.")
			}
		}
	case *ast.Assign:
		for _, t := range n.Targets {
			if a, ok := t.(*ast.Attribute); ok && a.Attr == "hostkeys" && args.IsNone(p.Unit, n.Value) && p.Is(a.Value, "pysftp.CnOpts()") {
				p.Report(n, "Without hostkeys, any host is taken for the one that is meant.")
			}
		}
	case *ast.Constant:
		if n.ConstKind() != ast.Str || !strings.Contains(n.Raw, "StrictHostKeyChecking") {
			return
		}
		if _, said := p.Parent(n).(*ast.ExprStmt); said {
			return
		}
		s := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(n.Str()), " ", "="), "==", "=")
		if strings.Contains(s, "stricthostkeychecking=no") || strings.Contains(s, "stricthostkeychecking=off") {
			f := p.Report(n, "With StrictHostKeyChecking=no, ssh takes any host for the one that is meant.")
			fixed := strings.NewReplacer("StrictHostKeyChecking=no", "StrictHostKeyChecking=yes", "StrictHostKeyChecking no", "StrictHostKeyChecking yes", "StrictHostKeyChecking=off", "StrictHostKeyChecking=yes").Replace(p.Text(n))
			if fixed != p.Text(n) {
				f.ReviewFix("check the host's key", p.Replace(n, fixed))
			}
			f.Advise("StrictHostKeyChecking=yes with a known_hosts file, or accept-new for the first contact")
		}
	}
}

// hostPolicy judges paramiko's: given as class, as instance, by name, or written here.
func hostPolicy(p *rule.Pass, c *ast.Call, e ast.Expr) {
	made := e
	for _, v := range p.Values(e) {
		made = v
	}
	if call, ok := made.(*ast.Call); ok {
		made = call.Func
	}
	name := p.Name(made)
	if name == "" {
		name = ast.LastName(made)
	}
	switch last := args.Last(name); last {
	case "AutoAddPolicy", "WarningPolicy":
		f := p.Report(c, "%s takes any host for the one that is meant.", last)
		if a, ok := e.(*ast.Call); ok {
			if at, ok := a.Func.(*ast.Attribute); ok && len(a.Args) == 0 {
				f.ReviewFix("refuse unknown hosts", p.Replace(e, p.Text(at.Value)+".RejectPolicy()"))
			}
		} else if at, ok := e.(*ast.Attribute); ok && strings.HasPrefix(p.Name(e), "paramiko.") {
			f.ReviewFix("refuse unknown hosts", p.Replace(e, p.Text(at.Value)+".RejectPolicy"))
		}
	default:
		ownPolicy(p, c, made)
	}
}

// ownPolicy looks at a policy class of this file: one that does not raise accepts.
func ownPolicy(p *rule.Pass, c *ast.Call, made ast.Expr) {
	for _, b := range p.Bindings(made) {
		class, ok := b.(*ast.ClassDef)
		if !ok {
			continue
		}
		for _, s := range class.Body {
			f, ok := s.(*ast.FunctionDef)
			if !ok || f.Name != "missing_host_key" {
				continue
			}
			if len(f.Body) == 1 {
				switch f.Body[0].(type) {
				case *ast.Pass, *ast.Return, *ast.ExprStmt:
					p.Report(c, "%s takes any host for the one that is meant.", class.Name)
				}
			}
		}
	}
}
