package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// EvalOfText judges eval, and functions of libraries that end in one.
var EvalOfText = rule.Check{Called: evalOfText}

func evalOfText(p *rule.Pass, c *ast.Call, name string) {
	if strings.HasSuffix(name, "[]") && !subscripted(p, c.Func, "eval") {
		return
	}
	if !strings.HasPrefix(name, "builtins.") {
		evalWithin(p, c, name)
		return
	}
	e := program.Arg(c, 0, "source")
	f := runsCode(p, c, "eval", e)
	if e == nil || f.AuditOnly || len(c.Args) != 1 || len(c.Keywords) > 0 || !data(p, e) {
		return
	}
	f.Advise("ast.literal_eval(%s)", excerpt(p, e))
	if edit, ok := importEdit(p, "ast"); ok {
		f.ReviewFix("use ast.literal_eval, which reads literals only", p.Replace(c.Func, "ast.literal_eval"), edit)
	}
}

// data says whether what is evaluated may be a literal: a plain value, not an expression
// that was put together or compiled.
func data(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		switch v := v.(type) {
		case *ast.Call:
			if p.Is(v.Func, "builtins.compile") {
				return false
			}
		case *ast.JoinedStr, *ast.BinOp:
			return false
		}
	}
	return true
}

// evalWithin: functions that take text or something else, and evaluate text.
func evalWithin(p *rule.Pass, c *ast.Call, name string) {
	at := 0
	if strings.HasPrefix(name, "timeit.") && len(c.Args) == 0 {
		return
	}
	e := program.Arg(c, at, "expr")
	if e == nil {
		return
	}
	if e.Kind() == ast.KindLambda || p.Definition(e) != nil {
		return
	}
	k := codeOf(p, e)
	if k.fixed {
		return
	}
	plain := !k.text.Built && !k.away
	switch {
	case strings.HasPrefix(name, "sympy.") && !k.away && !stringly(p, e), plain && !strings.HasPrefix(name, "sympy."):
		return // numbers and callables are fine
	}
	f := p.Report(c, "%s evaluates its text as Python.", name).With(finding.High, finding.MediumConfidence)
	if k.away {
		f.With(finding.Critical, finding.HighConfidence)
	}
	f.Advise("read the few forms that are allowed with a parser of your own, or ast.literal_eval")
}

// stringly says whether e is known to be text.
func stringly(p *rule.Pass, e ast.Expr) bool {
	return p.Is(e, "builtins.str()") || text.Split(p.Unit, e).Built
}
