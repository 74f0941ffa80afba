package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// FormatHtmlMisuse looks for markup that is formatted before format_html sees it.
var FormatHtmlMisuse = rule.Check{Called: formatHTMLMisuse}

func formatHTMLMisuse(p *rule.Pass, c *ast.Call, name string) {
	at := 0
	if strings.HasSuffix(name, "_join") {
		at = 1
	}
	if len(c.Args) <= at {
		return
	}
	t := text.Split(p.Unit, c.Args[at])
	bad := free(p, t)
	if !t.Built || len(bad) == 0 {
		return
	}
	f := p.Report(c, "%s is in the markup before %s can escape it.", parts(p, bad), name[strings.LastIndexByte(name, '.')+1:])
	if at == 0 && len(c.Args) == 1 && len(c.Keywords) == 0 {
		if format, args := template(p, c.Args[0]); format != "" && len(args) > 0 {
			f.SafeFix("give the values to format_html", p.Replace(c.Args[0], format+", "+strings.Join(args, ", ")))
		}
	}
}
