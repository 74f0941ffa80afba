package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// ReverseShell looks for the three steps of one in a function or module: a connection that
// is made, standard input that becomes it, and a shell that is started then.
var ReverseShell = rule.Check{Called: reverseShell}

func reverseShell(p *rule.Pass, c *ast.Call, _ string) {
	if len(c.Args) < 2 {
		return
	}
	from, ok := c.Args[0].(*ast.Call)
	if !ok || args.Callee(from) != "fileno" {
		return
	}
	f, ok := from.Func.(*ast.Attribute)
	if !ok {
		return
	}
	if n, known := p.Int(c.Args[1]); known && n != 0 {
		return // the first one is reported
	}
	var scope ast.Node = p.Tree.Module
	if def := p.Function(c); def != nil {
		scope = def
	}
	object := p.Text(f.Value)
	connects := p.Is(f.Value, "socket.create_connection()")
	shell := false
	visit := func(n ast.Node) bool {
		call, ok := n.(*ast.Call)
		if !ok {
			return true
		}
		if a, ok := call.Func.(*ast.Attribute); ok && a.Attr == "connect" && p.Text(a.Value) == object {
			connects = true
		}
		shell = shell || call.Start() > c.Start() && startsShell(p, call)
		return !connects || !shell
	}
	p.Inside(scope, func(n ast.Node) bool {
		return p.Function(n) != p.Function(c) || visit(n)
	})
	if connects && shell {
		p.Report(c, "This starts a shell for whoever listens at the other end of %s.", excerpt(p, f.Value))
	}
}

// startsShell says whether a call starts a program that is constantly a shell.
func startsShell(p *rule.Pass, c *ast.Call) bool {
	if len(c.Args) == 0 {
		return false
	}
	for _, n := range p.Names(c.Func) {
		if !strings.HasPrefix(n, "subprocess.") && !strings.HasPrefix(n, "os.") && !strings.HasPrefix(n, "pty.") {
			continue
		}
		first := c.Args[0]
		if strings.HasPrefix(n, "os.spawn") && len(c.Args) > 1 {
			first = c.Args[1]
		}
		if list, _ := ast.Elements(first); len(list) > 0 {
			first = list[0]
		}
		s, _ := p.Str(first)
		program, _, _ := strings.Cut(strings.TrimSpace(s), " ")
		switch program[strings.LastIndexAny(program, "/\\")+1:] {
		case "sh", "bash", "zsh", "dash", "ash", "ksh", "csh", "cmd", "cmd.exe", "powershell", "powershell.exe":
			return true
		}
	}
	return false
}
