package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// ProcessArguments judges programs that are started without a shell.
var ProcessArguments = rule.Check{Called: processArguments}

func processArguments(p *rule.Pass, c *ast.Call, name string) {
	if shellState(p, c) == on {
		return // ShellCommand's
	}
	at := 0
	if strings.HasPrefix(name, "os.spawn") || strings.HasSuffix(name, ".subprocess_exec") {
		at = 1
	}
	cmd := program.Arg(c, at, "args")
	note := p.Report(c, "%s starts a program; look where its arguments come from.", name).ForAudit(true).With(finding.Low, finding.HighConfidence)
	if cmd == nil {
		return
	}
	if strings.HasPrefix(name, "os.") || strings.Contains(name, "subprocess_exec") {
		args := c.Args
		if elts, ok := elements(p, program.Arg(c, at+1, "args")); ok {
			args = elts // os.execv(path, ["sh", "-c", command])
		}
		if script, shell := scripted(p, args); script != nil {
			if j := judge(p, script); len(j.free) > 0 {
				note.Message = shell + " is given a command with " + parts(p, j.free) + " in it."
				note.With(finding.High, finding.HighConfidence).AuditOnly = false
				return
			}
		}
		if outside(p, cmd) {
			note.Message = name + " starts the program that " + excerpt(p, cmd) + " names."
			note.With(finding.High, finding.MediumConfidence).AuditOnly = false
			return
		}
	}
	if words := splits(p, cmd); words != nil {
		t := text.Split(p.Unit, words)
		free := t.Free(p.Unit, func(e ast.Expr) bool { return quoted(p, e) })
		if t.Built && len(free) > 0 {
			note.Message = "A command with " + parts(p, free) + " in it is split into arguments: a space there starts another argument."
			note.With(finding.Medium, finding.HighConfidence).Advise("write the list of arguments as a list").AuditOnly = false
			if ws, ok := (&command{text: t}).words(p); ok && t.At == words {
				if l := list(ws); l != "" {
					note.ReviewFix("write the arguments as a list", p.Replace(cmd, l))
				}
			}
			return
		}
		if outside(p, words) {
			note.Message = excerpt(p, words) + " chooses the program and all of its arguments."
			note.With(finding.High, finding.MediumConfidence).AuditOnly = false
			return
		}
	}
	first := cmd
	if elts, ok := elements(p, cmd); ok && len(elts) > 0 {
		first = elts[0]
	}
	if outside(p, first) {
		note.Message = name + " starts the program that " + excerpt(p, first) + " names."
		note.With(finding.High, finding.MediumConfidence).AuditOnly = false
	}
}

// splits returns the text that cmd splits into arguments, or nil.
func splits(p *rule.Pass, cmd ast.Expr) ast.Expr {
	for _, v := range p.Values(cmd) {
		c, ok := v.(*ast.Call)
		if !ok {
			continue
		}
		if p.Is(c.Func, "shlex.split") {
			return program.Arg(c, 0, "s")
		}
		if f, ok := c.Func.(*ast.Attribute); ok && f.Attr == "split" && len(c.Args) <= 1 {
			if len(c.Args) == 1 {
				if s, ok := p.Str(c.Args[0]); !ok || s != " " {
					return nil
				}
			}
			if t := text.Split(p.Unit, f.Value); t.Built || p.Is(f.Value, "builtins.str()") || outside(p, f.Value) {
				return f.Value
			}
		}
	}
	return nil
}
