package coding

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// DjangoExtra judges QuerySet.extra.
var DjangoExtra = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: djangoExtra}

// extraArgs are extra's parameters that become SQL, by position.
var extraArgs = []struct {
	at   int
	name string
}{{0, "select"}, {1, "where"}, {3, "tables"}, {4, "order_by"}}

func djangoExtra(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	switch f := c.Func.(type) {
	case *ast.Attribute:
		if f.Attr != "extra" {
			return
		}
	case *ast.Name:
		if f.Ident != "extra" {
			return
		}
	default:
		return
	}
	var worst *text.Text
	var free []text.Part
	literal, any := true, false
	for _, a := range extraArgs {
		e := program.Arg(c, a.at, a.name)
		if e == nil {
			continue
		}
		any = true
		items, isDisplay := sqlItems(p, e)
		literal = literal && isDisplay
		for _, x := range items {
			if _, ok := ast.IsStr(x); !ok {
				literal = false
			}
			t := text.Split(p.Unit, x)
			if fr := t.Free(p.Unit, func(e ast.Expr) bool { return escaped(p, e) }); len(fr) > len(free) {
				worst, free = t, fr
			}
		}
	}
	if !any || literal {
		return
	}
	if worst == nil {
		p.Report(c, "extra writes its arguments into the statement.").ForAudit(true).With(finding.Low, finding.MediumConfidence)
		return
	}
	f := p.Report(c, "extra writes %s into the statement.", parts(p, free))
	if !worst.Built {
		f.ForAudit(!outside(p, free[0].Expr) && !p.IsParameter(free[0].Expr)).With(finding.Medium, finding.LowConfidence)
	}
}

// sqlItems are the texts in an argument: those of a list, or the values of a dictionary. It
// says no where the argument is not written as one.
func sqlItems(p *rule.Pass, e ast.Expr) ([]ast.Expr, bool) {
	_, isName := e.(*ast.Name)
	if elts, ok := elements(p, e); ok {
		return elts, !isName
	}
	for _, v := range p.Values(e) {
		switch d := v.(type) {
		case *ast.Dict:
			out := append([]ast.Expr{}, d.Values...)
			for _, k := range d.Keys {
				if k != nil {
					out = append(out, k)
				}
			}
			return out, !isName
		case *ast.Call:
			if p.Is(d.Func, "builtins.dict") {
				var out []ast.Expr
				for _, k := range d.Keywords {
					out = append(out, k.Value)
				}
				return out, false
			}
		}
	}
	return []ast.Expr{e}, false
}
