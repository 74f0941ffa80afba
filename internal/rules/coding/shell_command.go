package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// ShellCommand judges what a shell is given.
var ShellCommand = rule.Check{Called: shellCommand}

// shellOnly are calls that always start a shell, with the position and the keyword of
// their command.
var shellOnly = map[string]struct {
	at   int
	name string
}{
	"os.system": {0, "command"}, "os.popen": {0, "cmd"}, "os.popen2": {0, "cmd"}, "os.popen3": {0, "cmd"}, "os.popen4": {0, "cmd"},
	"popen2.popen2": {0, "cmd"}, "popen2.popen3": {0, "cmd"}, "popen2.popen4": {0, "cmd"}, "popen2.Popen3": {0, "cmd"}, "popen2.Popen4": {0, "cmd"},
	"commands.getoutput": {0, "cmd"}, "commands.getstatusoutput": {0, "cmd"},
	"subprocess.getoutput": {0, "cmd"}, "subprocess.getstatusoutput": {0, "cmd"},
	"asyncio.create_subprocess_shell": {0, "cmd"}, "asyncio.subprocess.create_subprocess_shell": {0, "cmd"},
	"asyncio.get_event_loop().subprocess_shell": {1, "cmd"}, "asyncio.get_running_loop().subprocess_shell": {1, "cmd"},
	"asyncio.new_event_loop().subprocess_shell": {1, "cmd"},
	"invoke.run": {0, "command"}, "invoke.Context().run": {0, "command"}, "invoke.context.Context().run": {0, "command"},
	"fabric.api.local": {0, "command"}, "fabric.operations.local": {0, "command"}, "fabric.Connection().local": {0, "command"},
}

func shellCommand(p *rule.Pass, c *ast.Call, name string) {
	always, ok := shellOnly[name]
	state := on
	var cmd ast.Expr
	if ok {
		cmd = program.Arg(c, always.at, always.name)
	} else {
		cmd = program.Arg(c, 0, "args")
		if cmd == nil {
			cmd = program.Arg(c, 0, "command") // trio, anyio
		}
		state = shellState(p, c)
		if state == off {
			if strings.HasPrefix(name, "anyio.") && cmd != nil {
				// anyio starts a shell for a string, and none for a list
				if t := text.Split(p.Unit, cmd); t.Built {
					shellText(p, c, name, cmd, on)
				}
				return
			}
			shellArguments(p, c, cmd)
			return
		}
	}
	if cmd == nil {
		if len(c.Args) > 0 || len(c.Keywords) > 0 {
			p.Report(c, "%s starts a shell with arguments that cannot be seen here.", name).ForAudit(true).
				With(finding.High, finding.LowConfidence)
		}
		return
	}
	if elts, ok := elements(p, cmd); ok {
		shellList(p, c, name, cmd, elts, state)
		return
	}
	shellText(p, c, name, cmd, state)
}

// shellText judges a command that is a string.
func shellText(p *rule.Pass, c *ast.Call, name string, cmd ast.Expr, state switchState) {
	j := judge(p, cmd)
	switch {
	case j.inner != nil:
		p.Report(c, "%s is quoted for the shell and then stands inside quotes again, which undoes it.", excerpt(p, j.inner)).
			With(finding.High, finding.MediumConfidence).
			Advise("leave the quotes around {%s} away: shlex.quote adds its own", excerpt(p, j.inner))
	case len(j.free) > 0:
		f := p.Report(c, "%s gives a shell a command with %s in it.", name, parts(p, j.free))
		switch {
		case state == maybe:
			f.ForAudit(!j.text.Built).With(finding.High, finding.LowConfidence)
		case !j.text.Built:
			f.Message = name + " gives a shell " + excerpt(p, j.free[0].Expr) + ", whatever it is."
			f.With(finding.High, finding.MediumConfidence)
		}
		if j.text.At != cmd {
			f.Because(j.text.At, "the command is built here")
		}
		withoutShell(p, c, name, cmd, &j, f)
		j.quoteParts(p, f)
	case len(j.text.Holes()) > 0:
		p.Report(c, "%s starts a shell; what is put into the command is quoted or one of a few known values.", name).
			ForAudit(true).With(finding.High, finding.LowConfidence)
	default:
		f := p.Report(c, "%s starts a shell for a command that is constant and needs none.", name).ForAudit(true).
			With(finding.Low, finding.HighConfidence)
		withoutShell(p, c, name, cmd, &j, f)
	}
}

// parts names what is put into a text.
func parts(p *rule.Pass, free []text.Part) string {
	s := excerpt(p, free[0].Expr)
	if len(free) > 1 {
		s += " and others"
	}
	return s
}

// shellList judges shell=True with a list: on POSIX only the first element is a command,
// on Windows all of them are joined into one.
func shellList(p *rule.Pass, c *ast.Call, name string, cmd ast.Expr, elts []ast.Expr, state switchState) {
	free := false
	for _, e := range elts {
		if t := text.Split(p.Unit, e); len(t.Free(p.Unit, nil)) > 0 {
			free = true
		}
	}
	f := p.Report(c, "%s starts a shell for a list: POSIX runs only its first element as the command, Windows joins all of them into one.", name).
		ForAudit(!free || state != on).With(finding.Medium, finding.MediumConfidence).Advise("a list needs no shell: leave shell=True away")
	if k := program.Keyword(c, "shell"); k != nil && state == on {
		f.ReviewFix("leave shell=True away", p.RemoveArgument(c, k))
	}
	if len(elts) > 0 && free {
		if j := judge(p, elts[0]); len(j.free) > 0 {
			f.Message = name + " gives a shell a command with " + parts(p, j.free) + " in it."
			f.AuditOnly = state != on
			f.With(finding.High, finding.MediumConfidence)
		}
	}
}

// shellArguments judges ["sh", "-c", command] without shell=True.
func shellArguments(p *rule.Pass, c *ast.Call, cmd ast.Expr) {
	if cmd == nil {
		return
	}
	elts, ok := elements(p, cmd)
	if !ok {
		return
	}
	script, shell := scripted(p, elts)
	if script == nil {
		return
	}
	j := judge(p, script)
	if j.inner != nil {
		p.Report(c, "%s is quoted for the shell and then stands inside quotes again, which undoes it.", excerpt(p, j.inner))
		return
	}
	if len(j.free) == 0 {
		return
	}
	f := p.Report(c, "%s is given a command with %s in it.", shell, parts(p, j.free))
	if !j.text.Built {
		f.Message = shell + " is given " + excerpt(p, j.free[0].Expr) + " as a command, whatever it is."
		f.With(finding.High, finding.MediumConfidence)
	}
	if j.text.At != script {
		f.Because(j.text.At, "the command is built here")
	}
	if shell != "cmd" && shell != "cmd.exe" && !strings.HasPrefix(shell, "p") {
		j.quoteParts(p, f)
	}
	f.Advise("start the program itself, or give the value as an argument: [%q, \"-c\", 'program -- \"$1\"', %q, value]", shell, shell)
}

// withoutShell rewrites a command that a shell only splits into words.
func withoutShell(p *rule.Pass, c *ast.Call, name string, cmd ast.Expr, j *command, f *rule.Found) {
	words, ok := j.words(p)
	if !ok || j.text.At != cmd {
		return
	}
	args := list(words)
	if args == "" || builtin(words[0]) {
		return
	}
	switch name {
	case "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen":
		k := program.Keyword(c, "shell")
		if k == nil || program.Keyword(c, "executable") != nil {
			return
		}
		if v, ok := p.Bool(k.Value); !ok || !v {
			return
		}
		f.ReviewFix("start the program without a shell", p.Replace(cmd, args), p.RemoveArgument(c, k))
	case "os.system":
		if s, ok := p.Parent(c).(*ast.ExprStmt); ok && len(c.Args) == 1 && len(c.Keywords) == 0 {
			f.ReviewFix("start the program without a shell", p.Replace(s, "subprocess.run("+args+", check=False)"), p.ImportModule("subprocess"))
		}
	}
}

// builtin says whether a word is a command of the shell itself.
func builtin(word string) bool {
	switch strings.Trim(word, `"`) {
	case "cd", "echo", "export", "set", "source", ".", "exit", "ulimit", "umask", "alias", "type", "dir", "copy", "del", "start", "if", "for", "while", "exec", "eval", "unset", "trap", "wait":
		return true
	}
	return false
}
