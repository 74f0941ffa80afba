package files

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// LockCheckedFirst looks at files that are locks by their names, where one call asks whether there
// is one and another makes it.
var LockCheckedFirst = rule.Check{Kinds: []ast.Kind{ast.KindIf}, Visit: lockCheckedFirst}

func lockCheckedFirst(p *rule.Pass, n ast.Node) {
	i := n.(*ast.If)
	test, free := i.Test, false
	if u, ok := test.(*ast.UnaryOp); ok && u.Op == ast.Not {
		test, free = u.Operand, true
	}
	path := asked(p, test)
	if path == nil || !isLock(p, path) {
		return
	}
	next := i.Body
	if !free { // those who find it go elsewhere, and what follows makes it
		if len(i.Body) == 0 || !leaves(p, i.Body[len(i.Body)-1]) {
			return
		}
		next = append(slices.Clone(i.Orelse), after(p, i)...)
	}
	for _, s := range next[:min(len(next), 4)] {
		var found *ast.Call
		p.Inside(s, func(n ast.Node) bool {
			if c, ok := n.(*ast.Call); ok && makes(p, c, p.Text(path)) {
				found = c
			}
			return found == nil
		})
		if found != nil {
			p.Report(found, "Between the question whether %s is there and this call, another process can make it too: both then believe that they have the lock.", p.Text(path))
			return
		}
	}
}

// asked is the path that a test wants to know of whether it is there.
func asked(p *rule.Pass, e ast.Expr) ast.Expr {
	c, ok := e.(*ast.Call)
	if !ok {
		return nil
	}
	if p.Is(c.Func, "os.path.exists", "os.path.isfile", "os.path.lexists") && len(c.Args) == 1 {
		return c.Args[0]
	}
	if f, ok := c.Func.(*ast.Attribute); ok && len(c.Args) == 0 && (f.Attr == "exists" || f.Attr == "is_file") {
		return f.Value
	}
	return nil
}

// isLock says whether a path is that of a lock by its name, or by what it is made of.
func isLock(p *rule.Pass, e ast.Expr) bool {
	switch e.(type) {
	case *ast.Name, *ast.Attribute, *ast.Constant, *ast.JoinedStr, *ast.BinOp:
	default:
		return false
	}
	for _, x := range append([]ast.Expr{e}, p.Values(e)...) {
		text := p.Text(x)
		if strings.Contains(text, ".lock\"") || strings.Contains(text, ".lock'") || strings.Contains(text, ".pid\"") || strings.Contains(text, ".pid'") {
			return true
		}
		if x == e && slices.ContainsFunc(secret.Words(text), func(w string) bool { return w == "lock" || w == "lockfile" || w == "pidfile" || w == "pid" }) {
			return true
		}
	}
	return false
}

// makes says whether a call makes a file of this path, also where there is one.
func makes(p *rule.Pass, c *ast.Call, path string) bool {
	if f, ok := c.Func.(*ast.Attribute); ok && p.Text(f.Value) == path {
		switch f.Attr {
		case "write_text", "write_bytes":
			return true
		case "touch":
			k := program.Keyword(c, "exist_ok")
			return k == nil || !args.IsFalse(p.Unit, k.Value)
		case "open":
			return truncates(p, program.Arg(c, 0, "mode"))
		}
	}
	return p.Is(c.Func, "builtins.open", "io.open") && len(c.Args) > 0 && p.Text(c.Args[0]) == path && truncates(p, program.Arg(c, 1, "mode"))
}

func truncates(p *rule.Pass, mode ast.Expr) bool {
	if mode == nil {
		return false
	}
	s, ok := p.Str(mode)
	return ok && strings.ContainsAny(s, "wa")
}

// leaves says whether a statement is the last of its way.
func leaves(p *rule.Pass, s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.Return, *ast.Raise, *ast.Continue:
		return true
	case *ast.ExprStmt:
		c, ok := s.Value.(*ast.Call)
		return ok && p.Is(c.Func, "sys.exit", "os._exit", "builtins.exit")
	}
	return false
}

// after are the statements behind another one in its block.
func after(p *rule.Pass, s ast.Stmt) []ast.Stmt {
	var block []ast.Stmt
	switch up := p.Parent(s).(type) {
	case *ast.FunctionDef:
		block = up.Body
	case *ast.Module:
		block = up.Body
	case *ast.With:
		block = up.Body
	case *ast.Try:
		block = up.Body
	case *ast.If:
		block = up.Body
	}
	if i := slices.Index(block, s); i >= 0 {
		return block[i+1:]
	}
	return nil
}
