package web

import (
	"bytes"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// MarkupFromText judges text that is made Markup.
var MarkupFromText = rule.Check{File: markupFromText}

var markups = []string{"markupsafe.Markup", "flask.Markup", "jinja2.Markup", "jinja2.utils.Markup", "wtforms.widgets.core.Markup", "webhelpers2.html.literal", "webhelpers.html.literal"}

func markupFromText(p *rule.Pass) {
	more, allowed := options(p, "extend_markup_names"), options(p, "allowed_calls")
	if len(more) == 0 && !bytes.Contains(p.File.Bytes, []byte("Markup")) && !bytes.Contains(p.File.Bytes, []byte("webhelpers")) {
		return
	}
	for n := range p.Tree.Of(ast.KindCall) {
		c := n.(*ast.Call)
		if len(c.Args) == 0 || !p.Live(c) {
			continue
		}
		if p.Is(c.Func, markups...) || len(more) > 0 && p.Is(c.Func, more...) || subclass(p, c.Func) {
			markup(p, c, allowed)
		}
	}
}

// options reads a list of names that the configuration gives.
func options(p *rule.Pass, key string) []string {
	var out []string
	switch v := p.Options[key].(type) {
	case []any:
		for _, x := range v {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
	case []string:
		out = v
	}
	return out
}

// subclass says whether e is a class of this file that derives from Markup.
func subclass(p *rule.Pass, e ast.Expr) bool {
	for _, b := range p.Bindings(e) {
		if c, ok := b.(*ast.ClassDef); ok {
			for _, base := range c.Bases {
				if p.Is(base, markups...) {
					return true
				}
			}
		}
	}
	return false
}

// reworked is the text that replace, strip and the like begin with.
func reworked(e ast.Expr) ast.Expr {
	for {
		c, ok := e.(*ast.Call)
		if !ok {
			return e
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok {
			return e
		}
		switch f.Attr {
		case "replace", "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "removeprefix", "removesuffix", "expandtabs":
			e = f.Value
		default:
			return e
		}
	}
}

func markup(p *rule.Pass, c *ast.Call, allowed []string) {
	e := c.Args[0]
	if _, ok := e.(*ast.Constant); ok {
		return
	}
	if call, ok := e.(*ast.Call); ok && len(allowed) > 0 && p.Is(call.Func, allowed...) {
		return
	}
	t := text.Split(p.Unit, e)
	bad := t.Free(p.Unit, func(e ast.Expr) bool {
		if v := p.Values(e); len(v) == 1 && len(allowed) > 0 {
			if call, ok := v[0].(*ast.Call); ok && p.Is(call.Func, allowed...) {
				return true
			}
		}
		return escaped(p, e)
	})
	if len(bad) == 0 || escaped(p, e) {
		p.Report(c, "Text becomes Markup; nothing in it needs to be escaped.").ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	}
	f := p.Report(c, "%s becomes Markup, and nobody escapes it any more.", parts(p, bad))
	if of := markedUp(p, e); of != nil && !t.Built {
		f.Message = excerpt(p, of) + " becomes Markup with markup put into it, and nobody escapes it any more."
		f.ForAudit(escaped(p, of) || text.Fixed(p.Unit, of))
		return
	}
	if !t.Built {
		f.With(finding.Medium, finding.LowConfidence)
		f.ForAudit(given(p, reworked(bad[0].Expr))) // what an unknown function gives may well be HTML
	}
	if t.At != e {
		f.Because(t.At, "the text is built here")
		return
	}
	if format, args := template(p, e); format != "" && len(args) > 0 && len(c.Args) == 1 && len(c.Keywords) == 0 {
		f.ReviewFix("format the Markup, which escapes", p.Replace(c, p.Text(c.Func)+"("+format+").format("+strings.Join(args, ", ")+")"))
	}
}
