package errors

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/source"
)

// SwallowedException looks at handlers that catch everything and do nothing. Tidying up,
// trying an import, and a reason written beside it are excuses. What comes after a
// check that failed is the rule fail-open's.
var SwallowedException = rule.Check{Kinds: []ast.Kind{ast.KindTry, ast.KindWith}, Visit: swallowed}

// speaking is what is right: handlers that excuses are found for are not among them.
const speaking = "exception handlers that do something, or name the error that they pass over"

func swallowed(p *rule.Pass, n ast.Node) {
	if w, ok := n.(*ast.With); ok {
		suppressed(p, w)
		return
	}
	t := n.(*ast.Try)
	if h, _ := unrefused(p, t); h != nil && !p.Audit {
		for _, x := range t.Handlers {
			p.Judge(speaking, x != h)
		}
		return // which is what the rule fail-open says
	}
	for i, h := range t.Handlers {
		if len(h.Body) != 1 {
			p.Judge(speaking, true)
			continue
		}
		body := h.Body[0]
		_, next := body.(*ast.Continue)
		if !next && !quiet(body) {
			p.Judge(speaking, true)
			continue
		}
		all := broad(p, h)
		p.Judge(speaking, !all)
		if !all {
			typed, _ := p.Options["check_typed_exception"].(bool)
			if typed || p.Audit && named(h.Type, "Exception") {
				p.Report(h, "Errors are caught here and nothing is done.").With(finding.Low, finding.LowConfidence).ForAudit(!typed)
			}
			continue
		}
		what := "what went wrong is never known"
		if next {
			what = "what went wrong is never known, and the rest goes on"
		}
		end := lineEnd(p, body.End())
		if i+1 < len(t.Handlers) {
			end = min(end, t.Handlers[i+1].Start())
		}
		headEnd := h.Start()
		if h.Type != nil {
			headEnd = h.Type.End()
		}
		excused := excuse(p, t, h) || commented(p, headEnd, end)
		f := p.Report(h, "All errors are caught here and nothing is done: %s.", what).ForAudit(excused)
		if h.Type == nil || named(h.Type, "BaseException") {
			f.Message = "All errors are caught here, interrupts and exits too, and nothing is done: " + what + "."
		}
		if excused {
			f.With(finding.Low, finding.LowConfidence)
			continue
		}
		text := `logging.exception("unexpected error")`
		if next {
			line := p.File.Offset(p.File.Position(body.Start()).Line)
			indent := p.File.Text(source.Span{Start: line, End: body.Start()})
			if strings.TrimSpace(indent) != "" {
				continue // on one line with the except
			}
			text += "\n" + indent + "continue"
		}
		f.ReviewFix("log the error", p.Replace(body, text), p.ImportModule("logging"))
	}
}

func named(e ast.Expr, name string) bool {
	switch e := e.(type) {
	case *ast.Name:
		return e.Ident == name
	case *ast.Attribute:
		return e.Attr == name
	}
	return false
}

// suppressed: with contextlib.suppress(Exception).
func suppressed(p *rule.Pass, w *ast.With) {
	for _, i := range w.Items {
		c, ok := i.ContextExpr.(*ast.Call)
		if !ok || args.Callee(c) != "suppress" || !p.Is(c.Func, "contextlib.suppress") {
			continue
		}
		for _, a := range c.Args {
			if broadType(p, a) {
				p.Report(c, "All errors are suppressed here: what went wrong is never known.").ForAudit(tidying(w.Body))
			}
		}
	}
}

// excuse says whether an error may pass in silence: where something is tidied up, where
// a module is tried, where an object dies or a program ends.
func excuse(p *rule.Pass, t *ast.Try, h *ast.ExceptHandler) bool {
	if f := p.Function(t); f != nil {
		switch name := strings.ToLower(f.Name); {
		case name == "__del__", name == "__exit__", name == "__aexit__", name == "__repr__", name == "__str__":
			return true
		case strings.Contains(name, "cleanup"), strings.Contains(name, "shutdown"), strings.Contains(name, "teardown"), strings.HasPrefix(name, "close"), strings.HasPrefix(name, "_close"), strings.Contains(name, "atexit"):
			return true
		}
	}
	// try: …; except Exception: pass; finally or in a handler of another error
	for at := p.Parent(t); at != nil; at = p.Parent(at) {
		switch at := at.(type) {
		case *ast.ExceptHandler:
			return true // an error is being handled already
		case *ast.Try:
			if len(at.Finalbody) > 0 && at.Finalbody[0].Start() <= t.Start() {
				return true
			}
		case *ast.FunctionDef, *ast.Module:
			return tidying(t.Body)
		}
	}
	return tidying(t.Body)
}

// tidy are calls whose failure leaves things as tidy as can be.
var tidy = map[string]bool{
	"close": true, "aclose": true, "unlink": true, "remove": true, "rmdir": true, "rmtree": true, "kill": true, "terminate": true, "shutdown": true, "disconnect": true, "quit": true, "stop": true, "cancel": true,
	"cleanup": true, "release": true, "rollback": true, "flush": true, "destroy": true, "detach": true, "unsubscribe": true, "wait": true, "join": true, "logout": true, "killpg": true, "pop": true, "clear": true,
	"unregister": true, "delete_later": true, "deleteLater": true, "send_signal": true, "dispose": true, "abort": true, "removeHandler": true, "chmod": true, "print": true, "beep": true, "wait_closed": true, "reset": true,
	"debug": true, "info": true, "warning": true, "error": true, "exception": true, "log": true, "setlocale": true, "set_title": true, "setproctitle": true, "reconfigure": true, "ioctl": true,
}

func tidying(body []ast.Stmt) bool {
	for _, s := range body {
		switch s := s.(type) {
		case *ast.Import, *ast.ImportFrom, *ast.Delete, *ast.Pass:
			continue
		case *ast.Assign:
			if c, ok := s.Value.(*ast.Constant); ok && (c.ConstKind() == ast.None || c.ConstKind() == ast.True || c.ConstKind() == ast.False) {
				continue // self.client = None; HAVE = True
			}
			if _, attr := s.Value.(*ast.Attribute); attr && len(body) > 1 {
				continue
			}
			return false
		case *ast.ExprStmt:
			e := s.Value
			if a, ok := e.(*ast.Await); ok {
				e = a.Value
			}
			if c, ok := e.(*ast.Call); ok && tidy[args.Callee(c)] {
				continue
			}
			return false
		case *ast.If:
			if !tidying(s.Body) || !tidying(s.Orelse) {
				return false
			}
		default:
			return false
		}
	}
	return true
}
