package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// TemplateInjection judges templates that are put together from text.
var TemplateInjection = rule.Check{Called: templateInjection}

func templateInjection(p *rule.Pass, c *ast.Call, name string) {
	var e ast.Expr
	for _, kw := range []string{"source", "text", "template_code", "template_string"} {
		if e = program.Arg(c, 0, kw); e != nil {
			break
		}
	}
	if e == nil {
		return
	}
	t := text.Split(p.Unit, e)
	free := t.Free(p.Unit, nil)
	if len(free) == 0 {
		return
	}
	sandbox := strings.Contains(name, "andbox") || strings.HasPrefix(name, "django.")
	short := name[strings.LastIndexByte(name, '.')+1:]
	var f *rule.Found
	switch {
	case t.Built:
		f = p.Report(c, "%s becomes part of the template, where it can be code.", parts(p, free))
		if loaded(p, free) {
			f.ForAudit(true) // templates put together from files
		}
	case outside(p, free[0].Expr):
		f = p.Report(c, "%s is the template, and so it is code.", excerpt(p, free[0].Expr))
	default:
		f = p.Report(c, "%s runs a template that is not constant.", short).ForAudit(true).With(finding.Medium, finding.LowConfidence)
	}
	if sandbox && !f.AuditOnly {
		f.With(finding.Medium, finding.MediumConfidence)
	}
	if strings.HasSuffix(name, "render_template_string") && t.At == e && len(c.Args) == 1 {
		pass(p, c, e, f)
	}
}

// loaded says whether all that is put in was read from files or made by other templates.
func loaded(p *rule.Pass, free []text.Part) bool {
	for _, part := range free {
		c, ok := part.Expr.(*ast.Call)
		if !ok {
			return false
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok || f.Attr != "read" && f.Attr != "read_text" && f.Attr != "render" && f.Attr != "get_source" {
			return false
		}
	}
	return true
}

// pass hands the values to the template: f"Hi {name}" becomes "Hi {{ name }}", name=name.
func pass(p *rule.Pass, c *ast.Call, e ast.Expr, f *rule.Found) {
	j, ok := e.(*ast.JoinedStr)
	if !ok {
		return
	}
	src := p.Text(j)
	if len(src) < 3 || src[0] != 'f' || strings.Contains(src, "{{") || strings.Contains(src, "\n") || strings.Count(src, src[1:2]) != 2 {
		return
	}
	var b strings.Builder
	at := j.Start() + 1
	args := ""
	seen := map[string]bool{}
	for _, v := range j.Values {
		fv, ok := v.(*ast.FormattedValue)
		if !ok {
			continue
		}
		n, ok := fv.Value.(*ast.Name)
		if !ok || fv.Conversion > 0 || fv.FormatSpec != nil || program.Keyword(c, n.Ident) != nil {
			return
		}
		b.WriteString(string(p.File.Bytes[at:fv.Start()]) + "{{ " + n.Ident + " }}")
		at = fv.End()
		if !seen[n.Ident] {
			seen[n.Ident] = true
			args += ", " + n.Ident + "=" + n.Ident
		}
	}
	b.WriteString(string(p.File.Bytes[at:j.End()]))
	f.SafeFix("hand the value to the template", p.Replace(j, b.String()+args))
}
