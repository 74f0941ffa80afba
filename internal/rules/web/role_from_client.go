package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// RoleFromClient looks at conditions that refuse a request by what the request says of its own rights.
var RoleFromClient = rule.Check{Kinds: []ast.Kind{ast.KindIf}, Visit: roleFromClient}

func roleFromClient(p *rule.Pass, n ast.Node) {
	i := n.(*ast.If)
	c, ok := i.Test.(*ast.Compare)
	if !ok || len(c.Ops) != 1 || len(c.Comparators) != 1 {
		return
	}
	word := saidOfItself(p, c.Left)
	if word == "" || !settled(p, c.Comparators[0]) {
		return
	}
	switch c.Ops[0] {
	case ast.NotEq, ast.NotIn, ast.IsNot:
		if !refusal().MatchString(textOfAll(p, i.Body)) {
			return
		}
	case ast.Eq, ast.In, ast.Is:
		// What follows refuses, and what stands below lets in.
		if ofSender(word) || refusal().MatchString(textOfAll(p, i.Body)) || !refusal().MatchString(textOfAll(p, i.Orelse)+textOfAll(p, after(p, i))) {
			return
		}
	default:
		return
	}
	p.Report(c, "Whoever sends the request writes %s, and is let in by it.", word)
}

// refusal is what refuses a request for want of a right.
var refusal = match.Lazy(`\b40[13]\b|Forbidden|Unauthorized|PermissionDenied|UNAUTHORIZED|FORBIDDEN|AccessDenied|PermissionError|NotAuthorized`)

func textOfAll(p *rule.Pass, list []ast.Stmt) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(p.Text(s))
		b.WriteByte('\n')
	}
	return b.String()
}

// after are the statements behind one in its function, at the same depth.
func after(p *rule.Pass, s ast.Stmt) []ast.Stmt {
	f := p.Function(s)
	if f == nil {
		return nil
	}
	if at := slices.Index(f.Body, s); at >= 0 {
		return f.Body[at+1:]
	}
	return nil
}

// settled says whether the other side of a comparison is the program's own: a constant, or one of an
// enumeration or a list of them.
func settled(p *rule.Pass, e ast.Expr) bool {
	if p.IsConst(e) {
		return !args.IsNone(p.Unit, e)
	}
	switch e := e.(type) {
	case *ast.Attribute:
		n, ok := e.Value.(*ast.Name)
		return ok && n.Ident != "" && n.Ident[0] >= 'A' && n.Ident[0] <= 'Z'
	case *ast.Name:
		return e.Ident != "" && e.Ident == strings.ToUpper(e.Ident)
	case *ast.Set:
		return !slices.ContainsFunc(e.Elts, func(x ast.Expr) bool { return !settled(p, x) })
	case *ast.Tuple:
		return !slices.ContainsFunc(e.Elts, func(x ast.Expr) bool { return !settled(p, x) })
	}
	return false
}

// saidOfItself is the name of a part of the request that says what its sender is or may, or "".
func saidOfItself(p *rule.Pass, e ast.Expr) string {
	for _, v := range append(p.Values(e), e) {
		word, cookie := "", false
		switch v := v.(type) {
		case *ast.Subscript:
			if s, ok := p.Str(v.Slice); ok && args.Sent(p.Unit, v) {
				word, cookie = s, strings.Contains(strings.ToLower(p.Text(v.Value)), "cookie")
			}
		case *ast.Call:
			f, ok := v.Func.(*ast.Attribute)
			if !ok || len(v.Args) == 0 {
				continue
			}
			s, known := p.Str(v.Args[0])
			switch f.Attr {
			case "get", "getunicode", "getone":
				if known && args.Sent(p.Unit, v) {
					word, cookie = s, strings.Contains(strings.ToLower(p.Text(f.Value)), "cookie")
				}
			case "get_header", "getheader", "get_cookie", "get_argument", "get_query_argument", "get_body_argument", "get_param":
				if known {
					word, cookie = s, f.Attr == "get_cookie"
				}
			}
		case *ast.Attribute:
			if fieldOfBody(p, v) {
				word = v.Attr
			}
		}
		if word != "" && (rights(word, cookie) || ofSender(word)) {
			return word
		}
	}
	return ""
}

// fieldOfBody says whether e is a field of the model that a handler's body is read into.
func fieldOfBody(p *rule.Pass, e *ast.Attribute) bool {
	n, ok := e.Value.(*ast.Name)
	if !ok {
		return false
	}
	at := p.Bindings(n)
	if len(at) != 1 {
		return false
	}
	a, ok := at[0].(*ast.Arg)
	if !ok || a.Annotation == nil {
		return false
	}
	list, ok := p.Parent(a).(*ast.Arguments)
	if !ok {
		return false
	}
	f, ok := p.Parent(list).(*ast.FunctionDef)
	return ok && args.Fills(p.Unit, f, a) && slices.ContainsFunc(args.Fields(p.Unit, a.Annotation), func(s *ast.AnnAssign) bool { return ast.LastName(s.Target) == e.Attr })
}

// rights says whether a name is one of a role, or of what somebody may.
func rights(name string, cookie bool) bool {
	w := secret.Words(name)
	for i, x := range w {
		switch x {
		case "role", "roles", "admin", "isadmin", "superuser", "staff", "privilege", "privileges", "permission", "permissions", "clearance", "operator", "moderator":
			return true
		case "level", "tier", "group", "groups", "rank":
			if cookie || i > 0 && (w[0] == "x" || w[0] == "access" || w[0] == "user") {
				return true
			}
		}
	}
	return false
}

// ofSender says whether a header is one that says who sends a request, and that anybody can write.
func ofSender(name string) bool {
	switch strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "HTTP_"), "_", "-")) {
	case "user-agent", "referer", "x-forwarded-for", "x-real-ip", "x-client-ip":
		return true
	}
	return false
}
