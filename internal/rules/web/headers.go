package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/surface"
)

// What the rules about the headers of pages share.

// headerLibraries set the headers that browsers are told to be careful with.
var headerLibraries = []string{"flask_talisman", "talisman", "secure", "Secweb", "flask_csp"}

// speaksOfAny says whether one of these headers, or a setting of this name, is written anywhere, also
// in small letters.
func speaksOfAny(p *rule.SurfacePass, names ...string) bool {
	for _, n := range names {
		if l := strings.ToLower(n); l != n {
			names = append(names, l)
		}
	}
	return p.Says(names...)
}

// firstPage is the first route of a framework that answers with a page, and whether a visitor has
// something there that could be done in his name: a login that his browser sends along, or a form.
func firstPage(p *rule.SurfacePass, framework string) (first *surface.Route, matters bool) {
	for _, x := range p.Routes {
		if x.Framework != framework || x.Library || x.Unit == nil {
			continue
		}
		if first == nil && slices.ContainsFunc(x.Methods, func(m string) bool { return m == "GET" || m == "*" }) && slices.ContainsFunc(x.Bodies, givesPage) {
			first = x
		}
		matters = matters || x.Access.Login == surface.Required || writes(x) && slices.ContainsFunc(x.Parameters, func(q surface.Parameter) bool { return q.In == "form" })
	}
	if framework == "fastapi" && matters { // most of its logins are tokens, which scripts send
		matters = p.Says("set_cookie", "SessionMiddleware", "request.session", "<form", "Form(")
	}
	return first, matters
}

// givesPage says whether a function answers with a page.
func givesPage(b surface.Body) bool {
	if mentions(b, "text/html", "response_class=htmlresponse") {
		return true
	}
	return has(b, func(n ast.Node) bool {
		c, ok := n.(*ast.Call)
		if !ok {
			return false
		}
		switch _, method := c.Func.(*ast.Attribute); args.Callee(c) {
		case "render_template", "render_template_string", "stream_template":
			return !method || b.Is(c.Func, "flask.render_template", "quart.render_template")
		case "TemplateResponse", "HTMLResponse":
			return true
		}
		return false
	})
}

// pagesOf calls judge for the application of each framework that answers with pages.
func pagesOf(p *rule.SurfacePass, judge func(a surface.App, first *surface.Route, matters bool)) {
	for _, f := range []struct {
		framework string
		made      []string
	}{{"flask", []string{"flask.Flask", "quart.Quart"}}, {"fastapi", []string{"fastapi.FastAPI", "starlette.applications.Starlette"}}} {
		i := slices.IndexFunc(p.Apps, func(a surface.App) bool { return slices.Contains(f.made, a.Name) })
		if i < 0 {
			continue
		}
		if first, matters := firstPage(p, f.framework); first != nil {
			judge(p.Apps[i], first, matters)
		}
	}
}
