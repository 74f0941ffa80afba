package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// RemoteShellCommand judges commands that a shell on another machine runs.
var RemoteShellCommand = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: remoteShellCommand}

// remote are calls that hand a text to a shell elsewhere, with its position.
var remote = map[string]int{
	"paramiko.SSHClient().exec_command": 0, "paramiko.client.SSHClient().exec_command": 0,
	"paramiko.SSHClient().get_transport().open_session().exec_command":        0,
	"paramiko.client.SSHClient().get_transport().open_session().exec_command": 0,
	"paramiko.Transport().open_session().exec_command":                        0,
	"paramiko.transport.Transport().open_session().exec_command":              0,
	"fabric.Connection().run":                                                 0, "fabric.Connection().sudo": 0, "fabric.connection.Connection().run": 0,
	"fabric.api.run": 0, "fabric.api.sudo": 0, "fabric.operations.run": 0, "fabric.operations.sudo": 0,
	"asyncssh.connect().run": 0, "asyncssh.connect().create_process": 0, "asyncssh.SSHClientConnection().run": 0,
	"netmiko.ConnectHandler().send_command": -1,
}

func remoteShellCommand(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	f, ok := c.Func.(*ast.Attribute)
	if ok {
		switch f.Attr {
		case "exec_command", "run", "sudo", "create_process":
		case "Popen", "call", "check_call", "check_output":
			overSSH(p, c)
			return
		default:
			return
		}
	} else if n, ok := c.Func.(*ast.Name); !ok || n.Ident != "run" && n.Ident != "sudo" && n.Ident != "check_output" && n.Ident != "check_call" && n.Ident != "Popen" {
		return
	}
	for _, name := range p.Names(c.Func) {
		if at, ok := remote[name]; ok && at >= 0 {
			judgeRemote(p, c, name, program.Arg(c, at, "command"))
			return
		}
	}
	if f != nil && f.Attr == "exec_command" && p.Imports("paramiko") {
		judgeRemote(p, c, excerpt(p, c.Func), program.Arg(c, 0, "command"))
		return
	}
	overSSH(p, c)
}

func judgeRemote(p *rule.Pass, c *ast.Call, name string, cmd ast.Expr) {
	if cmd == nil {
		p.Report(c, "%s runs a command in a shell on another machine.", name).ForAudit(true)
		return
	}
	j := judge(p, cmd)
	switch {
	case j.inner != nil:
		p.Report(c, "%s is quoted for the shell and then stands inside quotes again, which undoes it.", excerpt(p, j.inner))
	case len(j.free) == 0:
		p.Report(c, "%s runs a command in a shell on another machine.", name).ForAudit(true).With(finding.Low, finding.MediumConfidence)
	case j.text.Built:
		f := p.Report(c, "The shell on another machine is given a command with %s in it.", parts(p, j.free))
		if j.text.At != cmd {
			f.Because(j.text.At, "the command is built here")
		}
		j.quoteParts(p, f)
	default:
		p.Report(c, "The shell on another machine is given %s, whatever it is.", excerpt(p, j.free[0].Expr)).
			ForAudit(!outside(p, cmd)).With(finding.Medium, finding.LowConfidence)
	}
}

// overSSH judges subprocess.run(["ssh", host, command]): ssh joins what follows the host and
// gives it to a shell there.
func overSSH(p *rule.Pass, c *ast.Call) {
	if !p.Is(c.Func, "subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output") {
		return
	}
	elts, ok := elements(p, program.Arg(c, 0, "args"))
	if !ok || len(elts) < 3 {
		return
	}
	if s, ok := p.Str(elts[0]); !ok || s != "ssh" && !strings.HasSuffix(s, "/ssh") {
		return
	}
	for _, e := range elts[2:] {
		j := judge(p, e)
		if j.text.Built && len(j.free) > 0 && strings.Contains(j.text.String(), " ") {
			j.quoteParts(p, p.Report(c, "ssh gives the shell on the other machine a command with %s in it.", parts(p, j.free)))
			return
		}
	}
}
