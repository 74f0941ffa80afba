// Package web has the Go parts of the rules about web applications.
package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// What the rules about markup share.

// excerpt is a node's source on one line, short enough for a message.
func excerpt(p *rule.Pass, n ast.Node) string {
	s := strings.Join(strings.Fields(p.Text(n)), " ")
	if r := []rune(s); len(r) > 48 {
		s = string(r[:47]) + "…"
	}
	return s
}

// escapers give text that is fit for HTML.
var escapers = map[string]bool{
	"django.utils.html.escape": true, "django.utils.html.conditional_escape": true, "django.utils.html.format_html": true, "django.utils.html.format_html_join": true,
	"django.utils.html.escapejs": true, "django.utils.html.json_script": true, "django.utils.html.strip_tags": false, "django.utils.html.urlize": true,
	"django.utils.html.linebreaks": false, "django.utils.html.avoid_wrapping": false, "django.utils.http.urlencode": true, "django.utils.text.slugify": true,
	"django.template.loader.render_to_string": true, "django.urls.reverse": true, "django.shortcuts.resolve_url": false, "django.templatetags.static.static": true,
	"django.middleware.csrf.get_token": true, "django.forms.utils.flatatt": true, "django.utils.safestring.mark_safe": true, "django.utils.safestring.SafeString": true,
	"markupsafe.escape": true, "markupsafe.Markup": true, "markupsafe.escape_silent": true, "markupsafe.Markup.escape": true, "flask.escape": true, "flask.Markup": true,
	"html.escape": true, "cgi.escape": true, "xml.sax.saxutils.escape": true, "xml.sax.saxutils.quoteattr": true, "bleach.clean": true, "bleach.linkify": true,
	"nh3.clean": true, "nh3.clean_text": true, "lxml.html.clean.clean_html": true, "lxml_html_clean.clean_html": true, "tornado.escape.xhtml_escape": true,
	"werkzeug.utils.escape": true, "jinja2.escape": true, "jinja2.utils.markupsafe.escape": true, "flask.render_template": true, "flask.url_for": true,
	"urllib.parse.quote": true, "urllib.parse.quote_plus": true, "urllib.parse.urlencode": true, "base64.b64encode": true, "pygments.highlight": true,
	"flask.json.htmlsafe_json_dumps": true, "jinja2.utils.htmlsafe_json_dumps": true, "gambeson.sanitize": true,
}

// escaped says whether e is text that was escaped or cleaned for HTML.
func escaped(p *rule.Pass, e ast.Expr) bool { return escapedDepth(p, e, 0) }

func escapedDepth(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 6 {
		return false
	}
	switch e := e.(type) {
	case *ast.Call:
		for _, n := range p.Names(e.Func) {
			if escapers[n] {
				return true
			}
		}
		f, ok := e.Func.(*ast.Attribute)
		if !ok {
			if n, ok := e.Func.(*ast.Name); ok && (n.Ident == "_" || n.Ident == "reverse" || n.Ident == "escape") {
				return true
			}
			return p.Is(e.Func, "builtins.str") && len(e.Args) == 1 && escapedDepth(p, e.Args[0], depth+1)
		}
		switch f.Attr {
		case "render", "as_p", "as_table", "as_ul", "as_div", "render_to_string", "to_html", "escape", "clean", "sanitize", "b64encode":
			return true
		case "join":
			if len(e.Args) == 1 {
				return escapedDepth(p, e.Args[0], depth+1)
			}
		case "format", "strip", "decode":
			return escapedDepth(p, f.Value, depth+1)
		}
	case *ast.ListComp:
		return escapedDepth(p, e.Elt, depth+1)
	case *ast.GeneratorExp:
		return escapedDepth(p, e.Elt, depth+1)
	case *ast.Attribute:
		return e.Attr == "html_safe" || e.Attr == "media"
	case *ast.Name:
		v := p.Values(e)
		if len(v) == 1 && v[0] == ast.Expr(e) {
			return false
		}
		for _, x := range v {
			if !text.Fixed(p.Unit, x) && !escapedDepth(p, x, depth+1) && !built(p, x, depth) {
				return false
			}
		}
		return len(v) > 0
	}
	return false
}

// built says whether e puts only escaped text together.
func built(p *rule.Pass, e ast.Expr, depth int) bool {
	t := text.Split(p.Unit, e)
	return t.Built && len(t.Free(p.Unit, func(e ast.Expr) bool { return escapedDepth(p, e, depth+2) })) == 0
}

// free lists what a text may hold that is not fit for HTML.
func free(p *rule.Pass, t *text.Text) []text.Part {
	return t.Free(p.Unit, func(e ast.Expr) bool { return escaped(p, e) })
}

// parts names what is put into a text.
func parts(p *rule.Pass, list []text.Part) string {
	s := excerpt(p, list[0].Expr)
	if len(list) > 1 {
		s += " and others"
	}
	return s
}

// markedUp is the text that e puts markup into by replacing something in it: REF.sub(r"<b>\1</b>", text),
// text.replace("\n", "<br>"). It is nil where that is not so, where the signs of markup are taken out of
// the text, and where they are looked for in it, since it is markup already.
func markedUp(p *rule.Pass, e ast.Expr) ast.Expr {
	marks := false
	for range 20 {
		v := p.Values(e)
		if len(v) != 1 {
			break
		}
		c, ok := v[0].(*ast.Call)
		if !ok {
			break
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok {
			break
		}
		var old, with, of ast.Expr
		switch {
		case f.Attr == "strip" || f.Attr == "rstrip" || f.Attr == "lstrip":
			e = f.Value
			continue
		case f.Attr == "replace" && len(c.Args) >= 2:
			old, with, of = c.Args[0], c.Args[1], f.Value
		case (f.Attr == "sub" || f.Attr == "subn") && p.Is(f.Value, "re", "regex"):
			old, with, of = program.Arg(c, 0, "pattern"), program.Arg(c, 1, "repl"), program.Arg(c, 2, "string")
		case f.Attr == "sub":
			with, of = program.Arg(c, 0, "repl"), program.Arg(c, 1, "string")
			for _, k := range p.Values(f.Value) {
				if k, ok := k.(*ast.Call); ok && p.Is(k.Func, "re.compile", "regex.compile") {
					old = program.Arg(k, 0, "pattern")
				}
			}
		}
		if old == nil || with == nil || of == nil {
			break
		}
		was, known := p.Str(old)
		if !known || strings.ContainsAny(was, "<>") || strings.Contains(was, "&") {
			return nil
		}
		if s, ok := p.Str(with); ok && strings.Contains(s, "<") {
			marks = true
		}
		e = of
	}
	if !marks {
		return nil
	}
	switch x := e.(type) {
	case *ast.Name, *ast.Attribute:
		for _, w := range secret.Words(ast.LastName(x)) {
			switch w {
			case "html", "markup", "safe", "escaped", "rendered", "svg", "xml", "widget", "output":
				return nil // markup already, by its name
			}
		}
		for _, b := range p.Bindings(x) {
			if b.Kind() != ast.KindArg && strings.Contains(p.Text(b), "escape") {
				return nil // if autoescape: text = conditional_escape(text)
			}
		}
		return x
	}
	return nil
}

// template rewrites a text that is built in one place as a format with {} and its
// arguments: f"<b>{x}</b>" gives `"<b>{}</b>"` and `x`.
func template(p *rule.Pass, e ast.Expr) (format string, args []string) {
	switch e := e.(type) {
	case *ast.JoinedStr:
		src := p.Text(e)
		if len(src) < 3 || src[0] != 'f' && src[0] != 'F' || strings.Contains(src, "\n") && !strings.Contains(src, `"""`) {
			return "", nil
		}
		_, body := ast.Unquote(src)
		if strings.ContainsAny(body, `"'`) && strings.Count(src, src[1:2])%2 != 0 {
			return "", nil
		}
		var b strings.Builder
		at := e.Start() + 1
		for _, v := range e.Values {
			fv, ok := v.(*ast.FormattedValue)
			if !ok {
				continue
			}
			if fv.Conversion > 0 || fv.FormatSpec != nil {
				return "", nil
			}
			b.WriteString(string(p.File.Bytes[at:fv.Start()]) + "{}")
			at = fv.End()
			arg := p.Text(fv.Value)
			if strings.Contains(arg, "\n") || !text.Movable(fv.Value) {
				return "", nil
			}
			args = append(args, arg)
		}
		b.WriteString(string(p.File.Bytes[at:e.End()]))
		return b.String(), args
	case *ast.Call:
		f, ok := e.Func.(*ast.Attribute)
		if !ok || f.Attr != "format" {
			return "", nil
		}
		if _, ok := ast.IsStr(f.Value); !ok {
			return "", nil
		}
		for _, a := range e.Args {
			args = append(args, p.Text(a))
		}
		for _, k := range e.Keywords {
			args = append(args, p.Text(k))
		}
		return p.Text(f.Value), args
	case *ast.BinOp:
		c, ok := ast.IsStr(e.Left)
		if !ok || e.Op != ast.Mod || c.Next != nil {
			return "", nil
		}
		src := p.Text(c)
		if strings.ContainsAny(src, "{}") || strings.Count(src, "%") != strings.Count(src, "%s") {
			return "", nil
		}
		switch r := e.Right.(type) {
		case *ast.Tuple:
			for _, x := range r.Elts {
				args = append(args, p.Text(x))
			}
		case *ast.Dict:
			return "", nil
		default:
			args = append(args, p.Text(r))
		}
		if len(args) != strings.Count(src, "%s") {
			return "", nil
		}
		return strings.ReplaceAll(src, "%s", "{}"), args
	}
	return "", nil
}

// given says whether e is what a function of unknown kind returned, other than one that
// reads what a user sent.
func given(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		c, ok := v.(*ast.Call)
		if !ok {
			return false
		}
		for _, n := range p.Names(c) {
			if strings.HasPrefix(n, "flask.request.") || n == "builtins.input()" {
				return false
			}
		}
		if f, ok := c.Func.(*ast.Attribute); ok && (f.Attr == "get" || f.Attr == "getlist") {
			return false
		}
	}
	return true
}
