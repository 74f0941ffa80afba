package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// TracebackToClient looks at what becomes an answer: what a view returns, what a response
// is made of, what an HTTP error says. Tracebacks are never meant for clients; the text
// of an error is, where the error is one that was raised to be read.
var TracebackToClient = rule.Check{Kinds: []ast.Kind{ast.KindCall, ast.KindReturn, ast.KindAssign}, Visit: answered}

// responses are made of what their arguments say.
var responses = map[string]bool{
	"jsonify": true, "make_response": true, "Response": true, "HttpResponse": true, "JsonResponse": true, "HttpResponseServerError": true, "HttpResponseBadRequest": true, "JSONResponse": true, "HTMLResponse": true,
	"PlainTextResponse": true, "HTTPException": true, "abort": true, "StreamingHttpResponse": true, "json_response": true, "ORJSONResponse": true, "HttpResponseNotFound": true, "HttpResponseForbidden": true,
	"HTTPInternalServerError": true, "HTTPError": true, "Http404": false, "write_error": true, "render_template_string": true,
}

func answered(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Call:
		name := args.Callee(n)
		if !responses[name] && !(name == "write" || name == "finish" || name == "send_error" || name == "render_template" || name == "render" || name == "set_details") {
			return
		}
		if !answers(p, n, name) {
			return
		}
		list := append([]ast.Expr{}, n.Args...)
		for _, k := range n.Keywords {
			if k.Arg != "status" && k.Arg != "status_code" && k.Arg != "headers" && k.Arg != "extra" {
				list = append(list, k.Value)
			}
		}
		for _, a := range list {
			if leak(p, a) {
				return
			}
		}
	case *ast.Return:
		if n.Value == nil || !mayLeak(n.Value) {
			return
		}
		f := p.Function(n)
		if f == nil || !view(p, f) {
			return
		}
		leak(p, n.Value)
	case *ast.Assign:
		if t, ok := n.Targets[0].(*ast.Attribute); ok && falconBody[t.Attr] && p.Imports("falcon") {
			if r, ok := t.Value.(*ast.Name); ok && (r.Ident == "resp" || r.Ident == "response" || r.Ident == "res") {
				leak(p, n.Value)
			}
		}
	}
}

// falconBody are attributes of a response of Falcon's that are sent.
var falconBody = map[string]bool{"media": true, "text": true, "body": true, "data": true}

// answers says whether a call makes or writes an answer to a client.
func answers(p *rule.Pass, c *ast.Call, name string) bool {
	names := p.Names(c.Func)
	for _, q := range names {
		top, _, _ := strings.Cut(q, ".")
		switch top {
		case "flask", "django", "rest_framework", "fastapi", "starlette", "werkzeug", "quart", "aiohttp", "bottle", "sanic", "tornado", "falcon", "ninja", "litestar", "flask_restful", "flask_restx":
			return true
		case "urllib", "requests", "httpx", "builtins", "sys", "io":
			return false
		}
	}
	f, method := c.Func.(*ast.Attribute)
	switch name {
	case "abort", "set_details": // the caller of a gRPC method
		if method && ast.LastName(f.Value) == "context" && p.Imports("grpc") {
			return true
		}
	case "write", "finish", "send_error", "write_error", "render":
		if !method {
			return false
		}
		self, ok := f.Value.(*ast.Name)
		if !ok || self.Ident != "self" {
			return false
		}
		class := p.Class(c)
		if class == nil {
			return false
		}
		for _, b := range class.Bases {
			if strings.HasSuffix(p.Text(b), "RequestHandler") {
				return true
			}
		}
		return false
	}
	return len(names) == 0 && responses[name] && !method
}

// mayLeak is a cheap look for something that leak could find.
func mayLeak(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Constant, *ast.Attribute, *ast.Compare, *ast.Subscript, *ast.Lambda:
		return false
	case *ast.Name:
		return true
	case *ast.Call:
		switch args.Callee(e) {
		case "jsonify", "make_response", "Response", "HttpResponse", "JsonResponse", "JSONResponse", "render_template", "render": // seen as calls
			return false
		}
	}
	return true
}

// view says whether a function answers requests: it is decorated as a route, a method of
// a view, or a view of Django by its first parameter.
func view(p *rule.Pass, f *ast.FunctionDef) bool {
	for _, d := range f.DecoratorList {
		e := d
		if c, ok := d.(*ast.Call); ok {
			e = c.Func
		}
		if a, ok := e.(*ast.Attribute); ok {
			switch a.Attr {
			case "route", "get", "post", "put", "delete", "patch", "websocket", "errorhandler", "exception_handler", "app_errorhandler", "api_route", "head", "options":
				return true
			}
		}
		if n, ok := e.(*ast.Name); ok && (n.Ident == "api_view" || n.Ident == "route") {
			return true
		}
	}
	if handles(p, f) {
		return true
	}
	if c := p.Class(f); c != nil {
		switch f.Name {
		case "get", "post", "put", "patch", "delete", "head", "dispatch":
			for _, b := range c.Bases {
				t := p.Text(b)
				if strings.HasSuffix(t, "View") || strings.HasSuffix(t, "Resource") || strings.HasSuffix(t, "ViewSet") {
					return true
				}
			}
		}
		return false
	}
	return len(f.Args.Args) > 0 && f.Args.Args[0].Arg == "request"
}

// leak reports the first part of an answer that tells of the inside.
func leak(p *rule.Pass, e ast.Expr) bool {
	at, kind := inside(p, e, 0)
	if at == nil {
		return false
	}
	switch kind {
	case traceText:
		f := p.Report(at, "The traceback goes to the client, with paths, code and sometimes values.")
		replaceText(p, f, at)
	case broadText:
		f := p.Report(at, "The text of any error goes to the client: paths, queries and host names may be in it.").With(finding.Low, finding.MediumConfidence)
		replaceText(p, f, at)
	case narrowText:
		p.Report(at, "The text of an error goes to the client.").With(finding.Low, finding.LowConfidence).ForAudit(true)
	}
	return true
}

func replaceText(p *rule.Pass, f *rule.Found, at ast.Expr) {
	if up, ok := p.Parent(at).(*ast.FormattedValue); ok {
		f.ReviewFix("say that there was an error, and log it", p.Replace(up, "internal error"))
		return
	}
	f.ReviewFix("say that there was an error, and log it", p.Replace(at, `"internal error"`))
}

// A leakKind is what is told.
type leakKind uint8

const (
	nothing leakKind = iota
	traceText
	broadText
	narrowText
)

// inside finds a traceback or an error's text in an answer.
func inside(p *rule.Pass, e ast.Expr, depth int) (ast.Expr, leakKind) {
	if depth > 8 || e == nil {
		return nil, nothing
	}
	any := func(list []ast.Expr) (ast.Expr, leakKind) {
		for _, x := range list {
			if at, k := inside(p, x, depth+1); at != nil {
				return at, k
			}
		}
		return nil, nothing
	}
	switch e := e.(type) {
	case *ast.Call:
		if p.Is(e.Func, "traceback.format_exc", "traceback.format_exception", "traceback.format_tb", "traceback.format_stack", "traceback.format_list", "sys.exc_info", "cgitb.html", "traceback.TracebackException.from_exception().format") {
			return e, traceText
		}
		switch args.Callee(e) {
		case "str", "repr", "format_exception_only":
			if len(e.Args) == 1 {
				if k := caught(p, e.Args[0]); k != nothing {
					return e, k
				}
			}
			return any(e.Args)
		case "format":
			if f, ok := e.Func.(*ast.Attribute); ok {
				if at, k := inside(p, f.Value, depth+1); at != nil {
					return at, k
				}
			}
			return any(e.Args)
		case "join", "dumps", "dict", "encode", "replace", "splitlines", "strip", "escape", "list", "pformat":
			if f, ok := e.Func.(*ast.Attribute); ok {
				if at, k := inside(p, f.Value, depth+1); at != nil {
					return at, k
				}
			}
			for _, k := range e.Keywords {
				if at, kind := inside(p, k.Value, depth+1); at != nil {
					return at, kind
				}
			}
			return any(e.Args)
		}
	case *ast.Name:
		if k := caught(p, e); k != nothing {
			if depth > 0 || p.Is(e, "builtins.Exception()") {
				if _, ret := p.Parent(e).(*ast.Return); !ret {
					return e, k
				}
			}
			return nil, nothing
		}
		for _, v := range p.Values(e) {
			if v == ast.Expr(e) {
				continue
			}
			switch v.(type) {
			case *ast.Call, *ast.JoinedStr, *ast.BinOp, *ast.Dict:
				if at, k := inside(p, v, depth+1); at != nil {
					return e, k
				}
			}
		}
	case *ast.JoinedStr:
		return any(e.Values)
	case *ast.FormattedValue:
		if k := caught(p, e.Value); k != nothing {
			return e.Value, k
		}
		return inside(p, e.Value, depth+1)
	case *ast.BinOp:
		return any([]ast.Expr{e.Left, e.Right})
	case *ast.Dict:
		return any(e.Values)
	case *ast.List:
		return any(e.Elts)
	case *ast.Tuple:
		return any(e.Elts)
	case *ast.Set:
		return any(e.Elts)
	case *ast.IfExp:
		// traceback if debug else "error"
		if t := strings.ToLower(p.Text(e.Test)); strings.Contains(t, "debug") || strings.Contains(t, "dev") {
			return nil, nothing
		}
		return any([]ast.Expr{e.Body, e.Orelse})
	case *ast.Attribute:
		if e.Attr == "args" || e.Attr == "__traceback__" || e.Attr == "__dict__" {
			if k := caught(p, e.Value); k != nothing {
				return e, k
			}
		}
	case *ast.Subscript:
		return inside(p, e.Value, depth+1)
	}
	return nil, nothing
}

// caught says whether e is an error that a handler caught: any error, or one of a kind.
func caught(p *rule.Pass, e ast.Expr) leakKind {
	n, ok := e.(*ast.Name)
	if !ok {
		return nothing
	}
	for at := p.Parent(n); at != nil; at = p.Parent(at) {
		switch at := at.(type) {
		case *ast.ExceptHandler:
			if at.Name != n.Ident {
				continue
			}
			if i, ok := guarded(p, n, at); ok && i {
				return nothing
			}
			if everything(p, at.Type) {
				return broadText
			}
			return narrowText
		case *ast.FunctionDef:
			if handles(p, at) && len(at.Args.Args) > 0 && slices.ContainsFunc(at.Args.Args, func(a *ast.Arg) bool {
				return a.Arg == n.Ident && a.Arg != "request" && a.Arg != "self" && a.Arg != "context"
			}) {
				return broadText
			}
			return nothing
		}
	}
	return nothing
}

// guarded: if debug: return str(e).
func guarded(p *rule.Pass, n ast.Node, stop ast.Node) (bool, bool) {
	for at := p.Parent(n); at != nil && at != stop; at = p.Parent(at) {
		if i, ok := at.(*ast.If); ok {
			t := strings.ToLower(p.Text(i.Test))
			return strings.Contains(t, "debug") || strings.Contains(t, "isinstance"), true
		}
	}
	return false, false
}

func everything(p *rule.Pass, e ast.Expr) bool {
	if e == nil {
		return true
	}
	if t, ok := e.(*ast.Tuple); ok {
		return slices.ContainsFunc(t.Elts, func(x ast.Expr) bool { return everything(p, x) })
	}
	return p.Is(e, "builtins.Exception", "builtins.BaseException", "sqlalchemy.exc.SQLAlchemyError", "sqlite3.Error", "psycopg2.Error", "django.db.Error", "django.db.DatabaseError", "mysql.connector.Error", "pymysql.Error", "builtins.OSError",
		"asyncpg.PostgresError", "asyncpg.exceptions.PostgresError", "psycopg.Error", "psycopg.DatabaseError", "psycopg2.DatabaseError", "sqlalchemy.exc.DBAPIError", "sqlalchemy.exc.DatabaseError", "sqlite3.DatabaseError",
		"pymongo.errors.PyMongoError", "redis.RedisError", "redis.exceptions.RedisError", "aiomysql.Error", "oracledb.Error", "oracledb.DatabaseError", "pyodbc.Error")
}

// handles says whether a function is the application's handler for all errors.
func handles(p *rule.Pass, f *ast.FunctionDef) bool {
	for _, d := range f.DecoratorList {
		c, ok := d.(*ast.Call)
		if !ok || len(c.Args) != 1 {
			continue
		}
		switch args.Callee(c) {
		case "errorhandler", "app_errorhandler", "exception_handler", "error_handler":
			if n, ok := p.Int(c.Args[0]); ok {
				return n == 500
			}
			return everything(p, c.Args[0])
		}
	}
	return lastOfDjango(p, f) || registered(p, f)
}

// lastOfDjango says whether a function is called with the errors that nobody else has handled: the
// process_exception of a middleware of Django, and the handler of the REST framework, which
// settings name and whose parameters tell.
func lastOfDjango(p *rule.Pass, f *ast.FunctionDef) bool {
	n := len(f.Args.Args)
	if f.Name == "process_exception" {
		return n == 3 && p.Class(f) != nil && f.Args.Args[0].Arg == "self"
	}
	return n == 2 && p.Class(f) == nil && f.Args.Args[1].Arg == "context" && strings.Contains(f.Name, "exception") && p.Imports("rest_framework")
}

// registered says whether a function of the module is given to an application as its handler for
// all errors: register_error_handler(Exception, f), exception_handlers={Exception: f}.
func registered(p *rule.Pass, f *ast.FunctionDef) bool {
	if n := len(f.Args.Args); n < 1 || n > 2 || !p.Imports("flask", "quart", "fastapi", "starlette") {
		return false
	}
	all := func(e ast.Expr) bool {
		if n, ok := p.Int(e); ok {
			return n == 500
		}
		return everything(p, e)
	}
	this := func(e ast.Expr) bool {
		n, ok := e.(*ast.Name)
		return ok && n.Ident == f.Name
	}
	for _, n := range p.Tree.Nodes() {
		c, ok := n.(*ast.Call)
		if !ok {
			continue
		}
		switch args.Callee(c) {
		case "register_error_handler", "add_exception_handler":
			if len(c.Args) == 2 && this(c.Args[1]) && all(c.Args[0]) {
				return true
			}
		case "FastAPI", "Starlette":
			if k := program.Keyword(c, "exception_handlers"); k != nil {
				if d, ok := k.Value.(*ast.Dict); ok {
					for i, key := range d.Keys {
						if key != nil && this(d.Values[i]) && all(key) {
							return true
						}
					}
				}
			}
		}
	}
	return false
}
