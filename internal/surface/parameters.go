package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/taint"
)

// places says where members of a request are read from, as frameworks call them.
var places = map[string]string{
	"args": "query", "GET": "query", "query_params": "query", "query": "query", "rel_url": "query",
	"form": "form", "POST": "form", "forms": "form", "data": "body", "json": "body", "get_json": "body", "post": "form",
	"files": "file", "FILES": "file", "headers": "header", "META": "header", "cookies": "cookie", "COOKIES": "cookie", "values": "query", "params": "query", "get_query_params": "query",
}

// inPath are the parameters in a route's path, with the type that its converter says.
func inPath(path string) []Parameter {
	var out []Parameter
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c != '<' && c != '{' {
			continue
		}
		end := strings.IndexByte(path[i:], map[byte]byte{'<': '>', '{': '}'}[c])
		if end < 0 {
			break
		}
		in := path[i+1 : i+end]
		p := Parameter{Name: variable(in, c), In: "path", Type: "string", Required: true}
		conv, after, ok := strings.Cut(in, ":")
		if c == '{' {
			conv = after
		}
		if ok {
			switch conv, _, _ = strings.Cut(strings.TrimSpace(conv), "("); conv {
			case "int":
				p.Type = "integer"
			case "float", "number":
				p.Type = "number"
			}
		}
		out = append(out, p)
		i += end
	}
	return out
}

func unique(list []Parameter) []Parameter {
	var out []Parameter
	for _, p := range list {
		if !slices.ContainsFunc(out, func(q Parameter) bool { return q.Name == p.Name && q.In == p.In }) {
			out = append(out, p)
		}
	}
	return out
}

// parameters are those of the path, and what the function asks its request for by name:
// request.args["id"], self.request.GET.get("id").
func (r *reader) parameters(x *Route, f *taint.Func) []Parameter {
	out := inPath(x.Path)
	d := f.Def()
	if d == nil {
		return out
	}
	u := f.Unit()
	req := map[string]bool{"request": true, "req": true}
	if list := append(slices.Clone(d.Args.Posonlyargs), d.Args.Args...); len(list) > 0 {
		q := list[0].Arg
		if (q == "self" || q == "cls") && len(list) > 1 {
			q = list[1].Arg
		}
		if q != "self" && x.Framework != "flask" {
			req[q] = true
		}
	}
	// source says where an expression such as request.args or self.request.json reads from.
	source := func(e ast.Expr) string {
		if c, ok := e.(*ast.Call); ok {
			e = c.Func
		}
		if w, ok := e.(*ast.Await); ok {
			if c, ok := w.Value.(*ast.Call); ok {
				e = c.Func
			}
		}
		a, ok := e.(*ast.Attribute)
		if !ok {
			return ""
		}
		switch b := a.Value.(type) {
		case *ast.Name:
			if req[b.Ident] || slices.ContainsFunc(u.Names(b), func(n string) bool { return strings.HasSuffix(n, ".request") }) {
				return places[a.Attr]
			}
		case *ast.Attribute:
			if b.Attr == "request" {
				return places[a.Attr]
			}
		}
		return ""
	}
	named := func(e ast.Expr, in string, required bool, call *ast.Call) {
		s, ok := u.Str(e)
		if !ok || s == "" || len(s) > 100 {
			return
		}
		p := Parameter{Name: strings.Clone(s), In: in, Type: "string", Required: required}
		if strings.HasPrefix(s, "HTTP_") && in == "header" {
			p.Name = strings.ReplaceAll(strings.ToLower(s[5:]), "_", "-")
		}
		if call != nil {
			for _, k := range call.Keywords {
				if k.Arg == "type" {
					switch ast.LastName(k.Value) {
					case "int":
						p.Type = "integer"
					case "float":
						p.Type = "number"
					case "bool":
						p.Type = "boolean"
					}
				}
			}
			if up, ok := u.Parent(call).(*ast.Call); ok {
				switch ast.LastName(up.Func) {
				case "int":
					p.Type = "integer"
				case "float", "Decimal":
					p.Type = "number"
				}
			}
		}
		out = append(out, p)
	}
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Subscript:
			if in := source(n.Value); in != "" {
				named(n.Slice, in, n.Ctx() == ast.Load, nil)
			}
		case *ast.Call:
			if a, ok := n.Func.(*ast.Attribute); ok && len(n.Args) > 0 {
				switch a.Attr {
				case "get", "getlist", "pop", "getone", "getall", "get_list":
					if in := source(a.Value); in != "" {
						named(n.Args[0], in, false, n)
					}
				case "get_argument", "get_query_argument", "get_body_argument", "get_arguments", "get_cookie", "get_secure_cookie", "get_signed_cookie", "get_header":
					in := "query"
					switch {
					case strings.Contains(a.Attr, "body"):
						in = "form"
					case strings.Contains(a.Attr, "cookie"):
						in = "cookie"
					case a.Attr == "get_header":
						in = "header"
					}
					named(n.Args[0], in, false, n)
				}
			}
		}
		ast.Children(n, visit)
	}
	for _, s := range d.Body {
		visit(s)
	}
	return unique(out)
}
