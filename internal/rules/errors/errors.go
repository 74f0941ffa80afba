// Package errors has the Go parts of the rules about handling errors.
package errors

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
)

// What the rules about handlers share.

// broad says whether a handler catches everything: a bare except, Exception, or
// BaseException, also in a tuple.
func broad(p *rule.Pass, h *ast.ExceptHandler) bool {
	return h.Type == nil || broadType(p, h.Type)
}

func broadType(p *rule.Pass, e ast.Expr) bool {
	if t, ok := e.(*ast.Tuple); ok {
		for _, x := range t.Elts {
			if broadType(p, x) {
				return true
			}
		}
		return false
	}
	return p.Is(e, "builtins.Exception", "builtins.BaseException")
}

// quiet says whether a statement does nothing: pass, …, or a text.
func quiet(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.Pass:
		return true
	case *ast.ExprStmt:
		_, constant := s.Value.(*ast.Constant)
		return constant
	}
	return false
}

// logs says whether a statement only writes a log or prints.
func logs(s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	c, ok := e.Value.(*ast.Call)
	if !ok {
		return false
	}
	switch f := c.Func.(type) {
	case *ast.Name:
		return f.Ident == "print"
	case *ast.Attribute:
		switch f.Attr {
		case "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print_exc", "captureException", "capture_exception":
			return true
		}
	}
	return false
}

// each calls visit for every node below the statements, functions defined there left out.
func each(list []ast.Stmt, visit func(n ast.Node)) {
	var walk func(n ast.Node)
	walk = func(n ast.Node) {
		switch n.(type) {
		case *ast.FunctionDef, *ast.ClassDef, *ast.Lambda:
			return
		}
		visit(n)
		ast.Children(n, walk)
	}
	for _, s := range list {
		walk(s)
	}
}

// mute are the beginnings of comments that say nothing of why.
var mute = []string{"want", "noqa", "nosec", "pylint", "pragma", "type:", "TODO", "FIXME", "pass"}

// commented says whether there is a comment between two places: somebody thought about it,
// and be it to tell a linter that so broad a handler is meant.
func commented(p *rule.Pass, from, to ast.Pos) bool {
	for _, c := range p.Tree.Comments {
		if c.Start >= from && c.Start < to {
			text := strings.TrimLeft(p.File.Text(c), "# \t")
			if len(text) > 3 && !slices.ContainsFunc(mute, func(w string) bool { return strings.HasPrefix(text, w) }) || strings.Contains(text, "broad-e") || strings.Contains(text, "BLE001") {
				return true
			}
		}
	}
	return false
}

// lineEnd is where the line of a place ends.
func lineEnd(p *rule.Pass, at ast.Pos) ast.Pos {
	src := p.File.Bytes
	for int(at) < len(src) && src[at] != '\n' {
		at++
	}
	return at
}
