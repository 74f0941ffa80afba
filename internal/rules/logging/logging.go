// Package logging has the Go parts of the rules about what is written to logs.
package logging

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// What the rules about logs share.

// levels are the methods of loggers.
var levels = map[string]bool{
	"debug": true, "info": true, "warning": true, "warn": true, "error": true, "critical": true, "exception": true, "fatal": true, "log": true, "trace": true, "success": true, "msg": true,
}

// logCall returns what is written by a call of a logger: its arguments without the
// level. Template is the place of the format among them.
func logCall(p *rule.Pass, c *ast.Call) (what []ast.Expr, ok bool) {
	f, method := c.Func.(*ast.Attribute)
	if !method {
		if n, plain := c.Func.(*ast.Name); plain && levels[n.Ident] && strings.HasPrefix(p.Name(n), "logging.") {
			return c.Args, true
		}
		return nil, false
	}
	if !levels[f.Attr] || !logger(p, f.Value) {
		return nil, false
	}
	what = c.Args
	if f.Attr == "log" && len(what) > 0 {
		what = what[1:]
	}
	return what, true
}

// logger says whether e is something that logs: by what it is, or else by its name.
func logger(p *rule.Pass, e ast.Expr) bool {
	names := p.Names(e)
	for _, n := range names {
		switch {
		case n == "logging" || n == "loguru.logger" || n == "structlog" || n == "twisted.logger",
			strings.HasPrefix(n, "logging.") || strings.HasPrefix(n, "structlog.") || strings.HasPrefix(n, "loguru."),
			strings.HasSuffix(n, ".logger") || strings.HasSuffix(n, ".log") || strings.HasSuffix(n, "get_logger()") || strings.HasSuffix(n, "getLogger()"):
			return true
		case strings.HasPrefix(n, "math") || strings.HasPrefix(n, "numpy") || strings.HasPrefix(n, "builtins."):
			return false
		}
	}
	switch e := e.(type) {
	case *ast.Name:
		return loggerName(e.Ident)
	case *ast.Attribute:
		return loggerName(e.Attr)
	case *ast.Call:
		switch f := e.Func.(type) {
		case *ast.Attribute: // logger.bind(…).info
			return f.Attr == "getLogger" || f.Attr == "get_logger" || (f.Attr == "bind" || f.Attr == "opt" || f.Attr == "getChild") && logger(p, f.Value)
		}
	}
	return false
}

func loggerName(s string) bool {
	s = strings.ToLower(strings.Trim(s, "_"))
	return s == "logger" || s == "log" || s == "logging" || strings.HasSuffix(s, "_logger") || strings.HasSuffix(s, "_log") || s == "audit"
}

// keywordsOf are the keyword arguments of a log call whose values are written.
func keywordsOf(c *ast.Call) []*ast.Keyword {
	var out []*ast.Keyword
	for _, k := range c.Keywords {
		switch k.Arg {
		case "exc_info", "stack_info", "stacklevel", "":
		default:
			out = append(out, k)
		}
	}
	return out
}

// request says whether e is something of the request itself: what a stranger sent.
func request(p *rule.Pass, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Attribute:
		if args.Part(p.Unit, e) {
			return true
		}
		for _, n := range p.Names(e) {
			if part, ok := strings.CutPrefix(n, "flask.request."); ok && sent[part] {
				return true
			}
		}
		if n, ok := e.Value.(*ast.Name); ok && n.Ident == "request" && sent[e.Attr] {
			return true
		}
		if n, ok := e.Value.(*ast.Attribute); ok && n.Attr == "request" && sent[e.Attr] {
			return true
		}
		return false
	case *ast.Subscript:
		return request(p, e.Value)
	case *ast.Call:
		if f, ok := e.Func.(*ast.Attribute); ok {
			switch f.Attr {
			case "get", "getlist", "get_json", "get_data", "decode", "strip", "lower", "upper", "to_dict", "pop", "getall", "split", "title", "capitalize", "get_argument", "get_body_argument", "get_query_argument":
				if request(p, f.Value) {
					return true
				}
				if n, ok := f.Value.(*ast.Name); ok && n.Ident == "request" && (f.Attr == "get_json" || f.Attr == "get_data") {
					return true
				}
				if n, ok := f.Value.(*ast.Name); ok && n.Ident == "self" && strings.HasPrefix(f.Attr, "get_") && strings.HasSuffix(f.Attr, "argument") {
					return true
				}
			}
		}
		if p.Is(e.Func, "builtins.str") && len(e.Args) == 1 {
			return request(p, e.Args[0])
		}
	case *ast.Name:
		if args.Handed(p.Unit, e) {
			return true
		}
		for _, v := range p.Values(e) {
			if v != ast.Expr(e) && request(p, v) {
				return true
			}
		}
	case *ast.BoolOp:
		for _, v := range e.Values {
			if request(p, v) {
				return true
			}
		}
	case *ast.Await:
		return request(p, e.Value)
	}
	return false
}

// sent are the parts of a request that its sender chooses freely.
var sent = map[string]bool{
	"args": true, "form": true, "values": true, "json": true, "data": true, "headers": true, "cookies": true, "url": true, "path": true, "full_path": true, "query_string": true, "user_agent": true, "referrer": true,
	"GET": true, "POST": true, "META": true, "COOKIES": true, "body": true, "query_params": true, "query": true, "path_params": true, "match_info": true, "forms": true, "params": true, "base_url": true, "FILES": true, "files": true,
}

var _ = program.Keyword
