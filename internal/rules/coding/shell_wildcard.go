package coding

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// ShellWildcard looks for a * that a shell expands into options.
var ShellWildcard = rule.Check{Called: shellWildcard}

// obeying are programs that a file's name can make do something else, by being read as
// an option.
var obeying = []string{"tar", "chown", "chmod", "rsync", "7z", "zip", "chgrp", "scp"}

func shellWildcard(p *rule.Pass, c *ast.Call, name string) {
	at := 0
	if always, ok := shellOnly[name]; ok {
		at = always.at
	} else if shellState(p, c) == off {
		return
	}
	cmd := program.Arg(c, at, "args")
	if cmd == nil {
		return
	}
	if elts, ok := elements(p, cmd); ok {
		// POSIX gives only the first element to the shell; report the rest to auditors.
		all := ""
		for _, e := range elts {
			s, _ := p.Str(e)
			all += " " + s
		}
		if strings.Contains(all, "*") && mentions(all) {
			p.Report(c, "A shell is given a list with * in it.").ForAudit(true).With(finding.Low, finding.LowConfidence)
		}
		return
	}
	s := text.Split(p.Unit, cmd).String()
	if !strings.Contains(s, "*") {
		return
	}
	if prog := wild(s); prog != "" {
		p.Report(c, "The shell expands * to file names, and %s reads a name that begins with a dash as an option.", prog)
		return
	}
	if mentions(s) {
		p.Report(c, "A shell expands * in this command.").ForAudit(true).With(finding.Low, finding.LowConfidence)
	}
}

// mentions is as much as a pattern can see.
func mentions(s string) bool {
	return slices.ContainsFunc([]string{"chown", "chmod", "tar", "rsync"}, func(w string) bool { return strings.Contains(s, w) })
}

// wild returns the program of a command in s that is given a word beginning with an
// unquoted *, after no "--".
func wild(s string) string {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("|&;\n", r) }) {
		words := strings.Fields(part)
		for len(words) > 0 && (words[0] == "sudo" || words[0] == "nice" || strings.Contains(words[0], "=")) {
			words = words[1:]
		}
		if len(words) < 2 {
			continue
		}
		base := words[0][strings.LastIndexByte(words[0], '/')+1:]
		if !slices.Contains(obeying, base) {
			continue
		}
		for _, w := range words[1:] {
			if w == "--" {
				break
			}
			if strings.HasPrefix(w, "*") {
				return base
			}
		}
	}
	return ""
}
