package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/text"
	"github.com/gambeson/gambeson/internal/settings"
	"github.com/gambeson/gambeson/internal/surface"
)

// HostInLink looks for links that are built with the host of the request. Most stay on the
// page that the request asked for, and harm nobody else; one that resets a password or
// confirms something goes to somebody else by mail. Its words tell.
var HostInLink = rule.Check{Kinds: []ast.Kind{ast.KindAttribute, ast.KindSubscript, ast.KindCall}, Visit: hostInLink}

func hostInLink(p *rule.Pass, n ast.Node) {
	e := n.(ast.Expr)
	kind := requestHost(p, e)
	if kind == "" || kind != "proxy" && (conf.Mentions(p, "TRUSTED_HOSTS", "trusted_hosts") || kind == "starlette" && conf.Mentions(p, "TrustedHostMiddleware") && !untrusting(p, e)) {
		return
	}
	if kind == "django" && !anyHost(p) {
		return
	}
	top, name := whole(p, e)
	if !linkWith(p, e, top, name, kind) && name != "" {
		// host = request.headers["Host"], and a link with it below
		if f := p.Function(e); f != nil {
			p.Inside(f, func(x ast.Node) bool {
				use, ok := x.(*ast.Name)
				if !ok || use.Ident != name || use.Start() <= top.End() || !slices.ContainsFunc(p.Values(use), func(v ast.Expr) bool { return top.Start() <= v.Start() && v.End() <= top.End() }) {
					return true
				}
				top, name := whole(p, use)
				linkWith(p, use, top, name, kind)
				return true
			})
		}
	}
}

// opens says whether the words around a link say that it is for one person only.
func opens(words string) bool {
	return slices.ContainsFunc([]string{"reset", "confirm", "verif", "activat", "invit", "forgot", "token", "unsubscribe", "magic"}, func(w string) bool { return strings.Contains(words, w) })
}

// untrusting says whether the application that this answers for is made in this file, and is not
// told its names, while another one is: TrustedHostMiddleware is for one application.
func untrusting(p *rule.Pass, e ast.Expr) bool {
	fn := p.Function(e)
	if fn == nil {
		return false
	}
	var app *ast.Name
	for _, d := range fn.DecoratorList {
		c, ok := d.(*ast.Call)
		if !ok {
			continue
		}
		if f, ok := c.Func.(*ast.Attribute); ok && p.Is(f.Value, "fastapi.FastAPI()", "starlette.applications.Starlette()") {
			app, _ = f.Value.(*ast.Name)
		}
	}
	if app == nil {
		return false
	}
	another := false
	for _, n := range p.Tree.Nodes() {
		c, ok := n.(*ast.Call)
		if !ok || args.Callee(c) != "add_middleware" || len(c.Args) == 0 || ast.LastName(c.Args[0]) != "TrustedHostMiddleware" {
			if k, ok := n.(*ast.Call); ok && args.Callee(k) == "Middleware" {
				return false // in a list of one that is not known here
			}
			continue
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok {
			return false
		}
		hosts, hidden := args.Keyword(p.Unit, c, "allowed_hosts")
		if of, ok := f.Value.(*ast.Name); ok && of.Ident == app.Ident && (hidden || hosts != nil && !anyOrigin(p, hosts)) {
			return false
		}
		another = true
	}
	return another
}

// anyHost says whether Django's settings let every host through.
func anyHost(p *rule.Pass) bool {
	return slices.ContainsFunc(settings.Of(p.Unit), func(c *settings.Config) bool {
		return conf.ForProduction(c) && c.Get("ALLOWED_HOSTS").Value.Has(func(s string) bool { return s == "*" }).Now == settings.Yes
	})
}

// linkWith judges a text that has the host of a request in it, and says whether it reported.
func linkWith(p *rule.Pass, e, top ast.Expr, name, kind string) bool {
	words := strings.ToLower(name + " " + text.Split(p.Unit, top).String())
	if c, ok := e.(*ast.Call); ok && args.Callee(c) == "url_for" {
		if conf.Mentions(p, "SERVER_NAME") {
			return false
		}
		// What is given back to the page has a token as well; here its own name must say what for.
		words = strings.ReplaceAll(strings.ToLower(name+" "+p.Text(top)), "token", "")
	} else if top == e {
		if !ok || args.Callee(c) != "build_absolute_uri" {
			return false
		}
	} else {
		left := maxOpened
		p.Inside(top, func(n ast.Node) bool { // "https://" + host + reverse("reset", args=[token])
			if c, ok := n.(*ast.Call); ok && (args.Callee(c) == "reverse" || args.Callee(c) == "url_for" || args.Callee(c) == "url_path_for") {
				words += " " + strings.ToLower(p.Text(c))
			} else if ok { // "https://" + host + path_for(user)
				ownFunction(p.Unit, c, &left, func(u *program.Unit, d *ast.FunctionDef) {
					has(surface.Body{Unit: u, Def: d}, func(n ast.Node) bool {
						if r, ok := n.(*ast.Return); ok {
							words += " " + strings.ToLower(u.File.Text(r.Span()))
						}
						return false
					})
				})
			}
			return true
		})
	}
	if at := p.Statement(e); at != nil && slices.ContainsFunc([]string{"redirect_uri", "redirect_url", "callback"}, func(w string) bool { return strings.Contains(strings.ToLower(p.Text(at)), w) }) {
		return false // for whoever is asking, and held against a list by the provider
	}
	link := top.Kind() != ast.KindBoolOp && (top != e || kind == "flask") // and not the host alone
	if fn := p.Function(e); fn != nil && (kind == "django" && strings.Contains(strings.ToLower(p.Text(fn)), "mail(") || link && mailed(p, fn, top)) {
		words += " " + strings.ToLower(fn.Name) // the path may be made elsewhere
	}
	if !opens(words) {
		return false
	}
	p.Report(top, "Whoever sends the request chooses the host of this link, and so who gets what is in it.")
	return true
}

// mailed says whether a text becomes a part of a mail: what a function of the program makes of what it
// is given is followed for two steps. The text may be given a name first.
func mailed(p *rule.Pass, fn *ast.FunctionDef, top ast.Expr) bool {
	b := surface.Body{Unit: p.Unit, Def: fn}
	var named []string
	left := maxOpened
	if a, ok := p.Parent(top).(*ast.Assign); ok {
		if n, ok := a.Targets[0].(*ast.Name); ok && len(a.Targets) == 1 {
			named = append(named, n.Ident)
		}
	}
	return has(b, func(n ast.Node) bool {
		c, ok := n.(*ast.Call)
		return ok && mailing(b, c, 0, &left, func(e ast.Expr) bool {
			return e.Start() <= top.Start() && top.End() <= e.End() || len(named) > 0 && names(e, named)
		})
	})
}

// mailing says whether a call puts an argument that is so into a mail.
func mailing(b surface.Body, c *ast.Call, depth int, left *int, is func(e ast.Expr) bool) bool {
	at := slices.IndexFunc(c.Args, is)
	k := slices.IndexFunc(c.Keywords, func(k *ast.Keyword) bool { return is(k.Value) })
	if at < 0 && k < 0 {
		return false
	}
	switch args.Callee(c) {
	case "send_mail", "mail_user", "EmailMessage", "EmailMultiAlternatives", "MIMEText", "MessageSchema", "sendmail", "send_message", "send_email", "email_user", "set_content":
		return true
	case "Message":
		return b.Imports("flask_mail", "flask_mailman", "redmail", "emails")
	}
	if depth >= 2 {
		return false
	}
	found := false
	ownFunction(b.Unit, c, left, func(u *program.Unit, d *ast.FunctionDef) {
		all := slices.Concat(d.Args.Posonlyargs, d.Args.Args, d.Args.Kwonlyargs)
		i := at
		if i < 0 {
			i = slices.IndexFunc(all, func(a *ast.Arg) bool { return a.Arg == c.Keywords[k].Arg })
		}
		if i < 0 || i >= len(all) {
			return
		}
		holds := []string{all[i].Arg} // names that have it in them
		in := surface.Body{Unit: u, Def: d}
		found = has(in, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Assign:
				if t, ok := n.Targets[0].(*ast.Name); ok && names(n.Value, holds) {
					holds = append(holds, t.Ident)
				}
			case *ast.Call:
				return mailing(in, n, depth+1, left, func(e ast.Expr) bool { return names(e, holds) })
			}
			return false
		})
	})
	return found
}

// maxOpened bounds the functions that are looked at for one link.
const maxOpened = 20

// ownFunction lets look at the function of the program that a call calls, also in another module, if
// there is one and not too many were looked at.
func ownFunction(u *program.Unit, c *ast.Call, left *int, look func(u *program.Unit, d *ast.FunctionDef)) {
	if *left <= 0 {
		return
	}
	*left--
	if d := u.Definition(c.Func); d != nil {
		look(u, d)
		return
	}
	m, rest := u.Home(u.Name(c.Func))
	if m == nil || m == u.Module || rest == "" {
		return
	}
	o := m.Open()
	if o == nil {
		return
	}
	defer o.Close()
	for _, s := range o.Tree.Module.Body {
		if d, ok := s.(*ast.FunctionDef); ok && d.Name == rest {
			look(o, d)
			return
		}
	}
}

// requestHost says of which framework's request e is the host, as the request says, or a whole
// address with it; or "". Django holds the host against ALLOWED_HOSTS. What a proxy says of it,
// "proxy", no framework looks at in the header itself.
func requestHost(p *rule.Pass, e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Attribute:
		switch x.Attr {
		case "host", "host_url", "url_root", "root_url":
			if p.Is(x.Value, "flask.request", "quart.request") {
				return "flask"
			}
		case "base_url":
			if starletteRequest(p, x.Value) {
				return "starlette"
			}
		case "netloc", "hostname":
			if a, ok := x.Value.(*ast.Attribute); ok && (a.Attr == "url" || a.Attr == "base_url") && starletteRequest(p, a.Value) {
				return "starlette"
			}
		}
	case *ast.Subscript:
		return hostHeader(p, x.Value, x.Slice)
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		if !ok {
			if p.Is(x.Func, "flask.url_for", "quart.url_for") {
				if v, _ := args.Keyword(p.Unit, x, "_external"); v != nil && args.IsTrue(p.Unit, v) {
					return "flask"
				}
			}
			return ""
		}
		switch f.Attr {
		case "get_host", "build_absolute_uri":
			if isRequest(p, f.Value) && p.Imports("django", "rest_framework") {
				return "django"
			}
		case "get":
			if len(x.Args) > 0 {
				return hostHeader(p, f.Value, x.Args[0])
			}
		case "url_for":
			if starletteRequest(p, f.Value) {
				return "starlette"
			}
		}
	}
	return ""
}

// hostHeader judges headers[name], and META of Django.
func hostHeader(p *rule.Pass, headers, name ast.Expr) string {
	s, ok := p.Str(name)
	switch {
	case !ok:
	case strings.EqualFold(s, "host"):
		return headersOf(p, headers)
	case s == "HTTP_HOST":
		if a, ok := headers.(*ast.Attribute); ok && a.Attr == "META" && isRequest(p, a.Value) {
			return "django"
		}
	case strings.EqualFold(s, "x-forwarded-host"), s == "HTTP_X_FORWARDED_HOST":
		if a, ok := headers.(*ast.Attribute); ok && (a.Attr == "headers" || a.Attr == "META" || a.Attr == "environ") && (isRequest(p, a.Value) || starletteRequest(p, a.Value)) {
			return "proxy"
		}
	}
	return ""
}

// headersOf says of which framework's request e is the headers.
func headersOf(p *rule.Pass, e ast.Expr) string {
	if p.Is(e, "flask.request.headers", "quart.request.headers") {
		return "flask"
	}
	if a, ok := e.(*ast.Attribute); ok && a.Attr == "headers" && starletteRequest(p, a.Value) {
		return "starlette"
	}
	return ""
}

func starletteRequest(p *rule.Pass, e ast.Expr) bool {
	return p.Is(e, "fastapi.Request()", "starlette.requests.Request()", "fastapi.requests.Request()")
}

// whole is the text that e is a part of, and the name that it is given.
func whole(p *rule.Pass, e ast.Expr) (top ast.Expr, name string) {
	top = e
	for range 40 {
		switch up := p.Parent(top).(type) {
		case *ast.BinOp:
			top = up
		case *ast.JoinedStr:
			top = up
		case *ast.FormattedValue:
			top = up
		case *ast.BoolOp: // request.headers.get("Host") or "shop.example"
			top = up
		case *ast.Attribute: // request.host_url.rstrip("/")
			c, ok := p.Parent(up).(*ast.Call)
			if !ok || c.Func != ast.Expr(up) || up.Attr != "rstrip" && up.Attr != "strip" && up.Attr != "replace" {
				return top, ""
			}
			top = c
		case *ast.Call:
			if f, ok := up.Func.(*ast.Attribute); ok && f.Attr == "format" {
				top = up
				continue
			}
			if p.Is(up.Func, "urllib.parse.urljoin", "builtins.str") {
				top = up
				continue
			}
			return top, ""
		case *ast.Assign:
			if t, ok := up.Targets[0].(*ast.Name); ok {
				name = t.Ident
			}
			return top, name
		default:
			return top, ""
		}
	}
	return top, ""
}
