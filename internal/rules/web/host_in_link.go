package web

import (
	"bytes"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// HostInLink looks for links that are built with the host of the request. Most stay on the
// page that the request asked for, and harm nobody else; one that resets a password or
// confirms something goes to somebody else by mail. Its words tell.
var HostInLink = rule.Check{Kinds: []ast.Kind{ast.KindAttribute, ast.KindSubscript, ast.KindCall}, Visit: hostInLink}

func hostInLink(p *rule.Pass, n ast.Node) {
	e := n.(ast.Expr)
	if !requestHost(p, e) || bytes.Contains(p.File.Bytes, []byte("TRUSTED_HOSTS")) || bytes.Contains(p.File.Bytes, []byte("trusted_hosts")) {
		return
	}
	top, name := whole(p, e)
	if top == e {
		return
	}
	words := strings.ToLower(name + " " + text.Split(p.Unit, top).String())
	for _, w := range []string{"reset", "confirm", "verif", "activat", "invit", "forgot", "token", "unsubscribe", "magic"} {
		if strings.Contains(words, w) {
			p.Report(top, "Whoever sends the request chooses the host of this link, and so who gets what is in it.")
			return
		}
	}
}

// requestHost says whether e is the host of a request, as the request says.
func requestHost(p *rule.Pass, e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Attribute:
		switch x.Attr {
		case "host", "host_url", "url_root", "root_url":
			return p.Is(x.Value, "flask.request", "quart.request")
		}
	case *ast.Subscript:
		s, ok := p.Str(x.Slice)
		return ok && strings.EqualFold(s, "host") && p.Is(x.Value, "flask.request.headers", "quart.request.headers")
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		if !ok || f.Attr != "get" || len(x.Args) == 0 || !p.Is(f.Value, "flask.request.headers", "quart.request.headers") {
			return false
		}
		s, ok := p.Str(x.Args[0])
		return ok && strings.EqualFold(s, "host")
	}
	return false
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
		case *ast.Attribute: // request.host_url.rstrip("/")
			c, ok := p.Parent(up).(*ast.Call)
			if !ok || c.Func != ast.Expr(up) || up.Attr != "rstrip" && up.Attr != "strip" {
				return top, ""
			}
			top = c
		case *ast.Call:
			if f, ok := up.Func.(*ast.Attribute); ok && f.Attr == "format" {
				top = up
				continue
			}
			if p.Is(up.Func, "urllib.parse.urljoin") {
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
