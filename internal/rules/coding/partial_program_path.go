package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// PartialProgramPath lists programs that are looked up along PATH.
var PartialProgramPath = rule.Check{Called: partialProgramPath}

func partialProgramPath(p *rule.Pass, c *ast.Call, name string) {
	e := program.Arg(c, 0, "args")
	if strings.HasPrefix(name, "os.spawn") {
		if s, ok := p.Str(e); !ok || s == "" {
			e = program.Arg(c, 1, "")
		}
	}
	if elts, ok := elements(p, e); ok && len(elts) > 0 {
		e = elts[0]
	}
	s, ok := p.Str(e)
	if !ok || full(s) {
		return
	}
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	p.Report(c, "%s is looked up along PATH, and the first file of that name is started.", word)
}

// full says whether a command begins with a path, absolute or relative.
func full(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == '/' || s[0] == '\\' || s[0] == '.' {
		return true
	}
	return len(s) > 1 && s[1] == ':' && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z')
}
