package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// Jinja2Autoescape judges environments that do not escape.
var Jinja2Autoescape = rule.Check{Called: jinja2Autoescape, Kinds: []ast.Kind{ast.KindAssign}, Visit: jinja2Switched}

// jinja2Switched looks for escaping that is switched off on an environment that was made with it,
// by Flask or Starlette: app.jinja_env.autoescape = False.
func jinja2Switched(p *rule.Pass, n ast.Node) {
	a := n.(*ast.Assign)
	t, ok := a.Targets[0].(*ast.Attribute)
	if !ok || t.Attr != "autoescape" || len(a.Targets) != 1 || !args.IsFalse(p.Unit, a.Value) {
		return
	}
	env, member := t.Value.(*ast.Attribute)
	if member && (env.Attr == "jinja_env" || env.Attr == "env" && p.Is(env.Value, "starlette.templating.Jinja2Templates()", "fastapi.templating.Jinja2Templates()")) ||
		p.Is(t.Value, "jinja2.Environment()", "jinja2.environment.Environment()", "jinja2.sandbox.SandboxedEnvironment()") {
		p.Report(a, "%s", escapeOff).ReviewFix("switch escaping on", p.Replace(a.Value, "True"))
	}
}

const escapeOff = "autoescape is off: whatever templates print becomes part of the page."

// tag is an HTML tag in a text.
var tag = match.Lazy(`(?i)<(?:!doctype|html|head|body|div|span|p|a|b|i|h[1-6]|ul|ol|li|table|tr|td|img|form|input|script|br|hr|pre|code|style|title|strong|em)\b`)

func jinja2Autoescape(p *rule.Pass, c *ast.Call, name string) {
	short := name[strings.LastIndexByte(name, '.')+1:]
	value := program.Keyword(c, "autoescape")
	if short == "Jinja2Templates" && value == nil {
		return // escapes, unless it is told not to
	}
	isTemplate := short == "Template"
	if value == nil {
		if program.HasStar(c) {
			p.Report(c, "Whether this %s escapes depends on arguments that cannot be seen here.", short).ForAudit(true).With(finding.Medium, finding.LowConfidence)
			return
		}
		f := p.Report(c, "A jinja2 %s escapes nothing unless it is told to.", short)
		if !isTemplate && looksOnly(p, c) {
			f.ForAudit(true)
		}
		if isTemplate {
			f.ForAudit(!html(p, program.Arg(c, 0, "source"))).With(finding.Medium, finding.MediumConfidence)
		} else {
			f.ForAudit(otherText(p, c))
		}
		f.ReviewFix("switch escaping on", p.SetKeyword(c, "autoescape", "True"))
		return
	}
	if v, ok := p.Const(value.Value); ok {
		if !v.True() {
			p.Report(c, "%s", escapeOff).
				ForAudit(isTemplate && !html(p, program.Arg(c, 0, "source")) || otherText(p, c)).
				ReviewFix("switch escaping on", p.Replace(value.Value, "True"))
		}
		return
	}
	for _, v := range p.Values(value.Value) {
		switch v := v.(type) {
		case *ast.Call:
			if p.Is(v.Func, "jinja2.select_autoescape", "jinja2.utils.select_autoescape") {
				return
			}
		case *ast.Lambda:
			return
		}
	}
	p.Report(c, "Whether this %s escapes depends on %s.", short, excerpt(p, value.Value)).ForAudit(true).With(finding.Medium, finding.LowConfidence)
}

// looksOnly says whether an environment is made to look at a template and renders none:
// Environment().parse(text).
func looksOnly(p *rule.Pass, c *ast.Call) bool {
	a, ok := p.Parent(c).(*ast.Attribute)
	if !ok {
		return false
	}
	switch a.Attr {
	case "parse", "lex", "preprocess", "compile_templates", "list_templates":
		return true
	}
	return false
}

// html says whether a template's text is HTML.
func html(p *rule.Pass, e ast.Expr) bool {
	return e != nil && tag().MatchString(text.Split(p.Unit, e).String())
}

// otherText says whether what an environment renders is visibly not HTML: its delimiters are
// changed, or all templates that the file takes from it by name are of other kinds.
func otherText(p *rule.Pass, c *ast.Call) bool {
	if program.Keyword(c, "variable_start_string") != nil || program.Keyword(c, "block_start_string") != nil {
		return true
	}
	named := 0
	for n := range p.Tree.Of(ast.KindCall) {
		call := n.(*ast.Call)
		if len(call.Args) == 0 {
			continue
		}
		f, ok := call.Func.(*ast.Attribute)
		if !ok || f.Attr != "get_template" && f.Attr != "select_template" {
			continue
		}
		if v := p.Values(f.Value); len(v) == 1 && v[0] != ast.Expr(c) {
			if other, ok := v[0].(*ast.Call); ok && p.Is(other.Func, "jinja2.Environment", "jinja2.environment.Environment", "jinja2.sandbox.SandboxedEnvironment") {
				continue
			}
		}
		name := text.Split(p.Unit, call.Args[0]).String()
		name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(name), ".j2"), ".jinja2"), ".jinja")
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return false
		}
		switch name[i+1:] {
		case "html", "htm", "xhtml", "xml", "svg", text.Hole:
			return false
		}
		named++
	}
	return named > 0
}
