package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// DjangoMarkSafe judges text that templates are told not to escape.
var DjangoMarkSafe = rule.Check{Called: djangoMarkSafe}

func djangoMarkSafe(p *rule.Pass, c *ast.Call, name string) {
	short := name[strings.LastIndexByte(name, '.')+1:]
	e := program.Arg(c, 0, "s")
	if e == nil {
		p.Report(c, "%s tells templates not to escape this.", short).ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	}
	t := text.Split(p.Unit, e)
	bad := free(p, t)
	if len(bad) == 0 || escaped(p, e) {
		p.Report(c, "%s tells templates not to escape this; nothing in it needs it.", short).ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	}
	if of := markedUp(p, e); of != nil && !t.Built {
		if escaped(p, of) || text.Fixed(p.Unit, of) {
			p.Report(c, "%s tells templates not to escape this; nothing in it needs it.", short).ForAudit(true).With(finding.Low, finding.LowConfidence)
			return
		}
		p.Report(c, "%s tells templates not to escape %s, into which markup is put.", short, excerpt(p, of)).Advise("%s(PATTERN.sub(…, conditional_escape(%s)))", short, excerpt(p, of))
		return
	}
	f := p.Report(c, "%s tells templates not to escape %s.", short, parts(p, bad))
	if !t.Built {
		f.With(finding.Medium, finding.LowConfidence)
		f.ForAudit(given(p, bad[0].Expr)) // what an unknown function gives may well be HTML
	}
	if t.At != e {
		f.Because(t.At, "the text is built here")
		return
	}
	if format, args := template(p, e); format != "" && len(args) > 0 {
		f.ReviewFix("use format_html, which escapes its arguments",
			p.Replace(c, "django.utils.html.format_html("+format+", "+strings.Join(args, ", ")+")"), p.ImportModule("django.utils.html"))
	}
}
