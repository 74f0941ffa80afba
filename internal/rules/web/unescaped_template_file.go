package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// UnescapedTemplateFile looks at the names of templates, by which Flask and Starlette decide
// whether to escape. A name that tells of a page is judged wherever it is rendered; one that tells of
// something else only where the result goes out as a page.
var UnescapedTemplateFile = rule.Check{Called: unescapedTemplateFile}

func unescapedTemplateFile(p *rule.Pass, c *ast.Call, name string) {
	if args.Last(name) == "TemplateResponse" {
		starletteTemplate(p, c)
		return
	}
	if len(c.Args) == 0 || len(c.Args) == 1 && len(c.Keywords) == 0 {
		return // nothing is put in
	}
	t := text.Split(p.Unit, c.Args[0])
	file := t.String()
	kind, known := templateKind(file)
	if !known || kind == page || escapesAnyway(p) {
		return
	}
	shown := strings.ReplaceAll(file, text.Hole, "…")
	if kind == unknownPage {
		p.Report(c, "Flask escapes nothing in %s, by its name.", shown)
		return
	}
	if asPage(p, c, 0) {
		p.Report(c, "What is made of %s goes out as HTML, and Flask escapes nothing in it, by its name.", shown).With(finding.Medium, finding.MediumConfidence).
			Advise(`Response(render_template(…), mimetype="text/plain")`)
	}
}

// starletteTemplate judges what Starlette sends as a page, whatever its name. Version 1.0 escapes
// by the end of the name, what was before in all, and neither in an environment that it is given.
func starletteTemplate(p *rule.Pass, c *ast.Call) {
	if v, hidden := args.Keyword(p.Unit, c, "media_type"); v != nil || hidden || len(c.Args) > 3 || escapesAnyway(p) {
		return
	}
	for n := range p.Tree.Of(ast.KindCall) {
		if x := n.(*ast.Call); args.Callee(x) == "Jinja2Templates" && program.Keyword(x, "env") != nil {
			return
		}
	}
	e := program.Arg(c, 1, "name")
	if _, ok := p.Str(program.Arg(c, 0, "")); ok { // before 0.29
		e = c.Args[0]
	}
	if e == nil {
		return
	}
	file := text.Split(p.Unit, e).String()
	switch kind, known := templateKind(file); {
	case !known:
	case kind != page, strings.HasSuffix(file, ".svg"), strings.HasSuffix(file, ".xhtml"):
		p.Report(c, "Since 1.0, Starlette escapes nothing in %s, by its name, and sends it as HTML.", strings.ReplaceAll(file, text.Hole, "…")).With(finding.Medium, finding.MediumConfidence).
			Advise(`templates.TemplateResponse(request, "page.html", …)`)
	}
}

// A fileKind is what a template's name says of it.
type fileKind uint8

const (
	page        fileKind = iota // Flask escapes in it
	unknownPage                 // a page, in which it does not
	otherFile                   // something else than a page
)

// templateKind judges a template's name. Known says that its end is.
func templateKind(name string) (kind fileKind, known bool) {
	base := strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
	if base == "" || strings.HasSuffix(base, text.Hole) {
		return page, false
	}
	i := strings.LastIndexByte(base, '.')
	if i < 0 {
		return unknownPage, true
	}
	switch base[i+1:] {
	case "html", "htm", "xml", "xhtml", "svg":
		return page, true
	case "j2", "jinja", "jinja2", "tpl", "tmpl", "template", "jhtml":
		j := strings.LastIndexByte(base[:i], '.')
		if j < 0 {
			return unknownPage, true
		}
		switch base[j+1 : i] {
		case "html", "htm", "xhtml", "page":
			return unknownPage, true
		}
		return otherFile, true
	}
	return otherFile, true
}

// escapesAnyway says whether the program tells the application when to escape.
func escapesAnyway(p *rule.Pass) bool {
	return conf.Mentions(p, "select_jinja_autoescape", "jinja_options", "env.autoescape")
}

// asPage says whether e goes out to a browser without a type of its own: a view returns
// it, or a response is made of it.
func asPage(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 6 {
		return false
	}
	switch up := p.Parent(e).(type) {
	case *ast.Return:
		f := p.Function(up)
		return f != nil && view(p, f)
	case *ast.Tuple:
		ret, ok := p.Parent(up).(*ast.Return)
		if !ok || len(up.Elts) == 0 || up.Elts[0] != e {
			return false
		}
		for _, x := range up.Elts[1:] {
			if v, ok := p.Const(x); ok && v.Kind == ast.Int {
				continue
			}
			return false // headers
		}
		f := p.Function(ret)
		return f != nil && view(p, f)
	case *ast.Call:
		if len(up.Args) == 0 || up.Args[0] != e {
			return false
		}
		switch {
		case p.Is(up.Func, "flask.make_response", "quart.make_response"):
			switch p.Parent(up).(type) {
			case *ast.Return:
				return true
			}
		case p.Is(up.Func, "flask.Response", "quart.Response"):
			for _, w := range []string{"mimetype", "content_type", "headers"} {
				if v, hidden := args.Keyword(p.Unit, up, w); v != nil || hidden {
					return false
				}
			}
			return len(up.Args) < 3
		}
	case *ast.Attribute: // render_template(…).replace(…)
		if c, ok := p.Parent(up).(*ast.Call); ok && c.Func == ast.Expr(up) {
			switch up.Attr {
			case "replace", "strip", "encode":
				return asPage(p, c, depth+1)
			}
		}
	}
	return false
}
