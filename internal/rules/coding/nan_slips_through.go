package coding

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
	"github.com/gambeson/gambeson/internal/source"
)

// NanSlipsThrough looks at numbers that are read from requests, by the program or by
// FastAPI, and for checks that refuse what is beyond a limit: nan is beyond none.
var NanSlipsThrough = rule.Check{Called: nanRead, Kinds: []ast.Kind{ast.KindFunctionDef, ast.KindAssign}, Visit: nanVisit}

func nanRead(p *rule.Pass, c *ast.Call, _ string) {
	a, ok := p.Parent(c).(*ast.Assign)
	if !ok || len(a.Targets) != 1 || len(c.Args) != 1 {
		return
	}
	n, ok := a.Targets[0].(*ast.Name)
	f := p.Function(c)
	if !ok || f == nil || !foreign(p, c.Args[0], 0) {
		return
	}
	unlimited(p, c, f, a.End(), quantity{n.Ident, ""})
}

func nanVisit(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.FunctionDef:
		nanHanded(p, n)
	case *ast.Assign:
		nanTyped(p, n)
	}
}

// nanTyped looks at request.args.get("amount", type=float) of Flask.
func nanTyped(p *rule.Pass, a *ast.Assign) {
	c, ok := a.Value.(*ast.Call)
	if !ok || len(a.Targets) != 1 || args.Callee(c) != "get" {
		return
	}
	f, n := p.Function(a), ast.LastName(a.Targets[0])
	as := program.Arg(c, 2, "type")
	if _, plain := a.Targets[0].(*ast.Name); !plain || f == nil || as == nil || !p.Is(as, "builtins.float") || !foreign(p, c, 0) {
		return
	}
	unlimited(p, c, f, a.End(), quantity{n, ""})
}

// nanHanded looks at what FastAPI has read: a parameter that is a float, and the fields of a
// model that are. Where it is told a limit (Field(le=…)), it refuses nan by itself.
func nanHanded(p *rule.Pass, f *ast.FunctionDef) {
	if len(f.DecoratorList) == 0 || f.Args == nil {
		return
	}
	for _, list := range [][]*ast.Arg{f.Args.Posonlyargs, f.Args.Args, f.Args.Kwonlyargs} {
		for _, a := range list {
			if a.Annotation == nil || !args.Fills(p.Unit, f, a) {
				continue
			}
			if anyFloat(p, a.Annotation, text.Default(f.Args, a)) {
				unlimited(p, a, f, f.Args.End(), quantity{a.Arg, ""})
			}
			for _, field := range floatFields(p, a.Annotation) {
				unlimited(p, a, f, f.Args.End(), quantity{a.Arg, field})
			}
		}
	}
}

// anyFloat says whether an annotation lets every float pass.
func anyFloat(p *rule.Pass, annotation, preset ast.Expr) bool {
	if !slices.Contains(p.Instance(annotation), "builtins.float()") {
		return false
	}
	said := p.Text(annotation)
	if preset != nil {
		said += " " + p.Text(preset)
	}
	said = strings.ToLower(said)
	for _, w := range []string{"ge=", "gt=", "le=", "lt=", "ge(", "gt(", "le(", "lt(", "interval(", "inf_nan", "multiple_of", "validator", "finite"} {
		if strings.Contains(said, w) {
			return false
		}
	}
	return true
}

// floatFields are the fields of a model of this file that can be any float.
func floatFields(p *rule.Pass, annotation ast.Expr) (fields []string) {
	for _, b := range p.Bindings(annotation) {
		class, ok := b.(*ast.ClassDef)
		if !ok || !slices.ContainsFunc(class.Bases, func(e ast.Expr) bool { return p.Is(e, "pydantic.BaseModel", "pydantic.main.BaseModel") }) {
			continue
		}
		if said := p.Text(class); strings.Contains(said, "validator") || strings.Contains(said, "allow_inf_nan") {
			continue
		}
		for _, s := range class.Body {
			if s, ok := s.(*ast.AnnAssign); ok && anyFloat(p, s.Annotation, s.Value) {
				fields = append(fields, ast.LastName(s.Target))
			}
		}
	}
	return fields
}

// A quantity is a number that was read: a name, or a field of what a name stands for.
type quantity struct{ name, field string }

func (q quantity) String() string {
	if q.field == "" {
		return q.name
	}
	return q.name + "." + q.field
}

// is says whether an expression is the quantity.
func (q quantity) is(e ast.Node) bool {
	if a, ok := e.(*ast.Attribute); ok && q.field != "" {
		n, ok := a.Value.(*ast.Name)
		return ok && n.Ident == q.name && a.Attr == q.field
	}
	n, ok := e.(*ast.Name)
	return ok && q.field == "" && n.Ident == q.name
}

// unlimited reports a quantity, read before a place in a function, that is refused by
// comparisons alone, and used after them.
func unlimited(p *rule.Pass, at ast.Node, f *ast.FunctionDef, read source.Pos, q quantity) {
	var refuses *ast.If
	asked, last := false, read
	p.Inside(f, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.If:
			if refuses == nil && x.Start() > read && gone(x.Body) && !speaksOf(p, x.Body, q) && beyond(x.Test, q) {
				refuses = x
			}
		case *ast.Attribute:
			asked = asked || finite(x.Attr)
		case *ast.Name:
			asked = asked || finite(x.Ident)
			if x.Ident == q.name {
				last = max(last, x.Start())
			}
		case *ast.Constant:
			if x.ConstKind() == ast.Str && strings.EqualFold(x.Str(), "nan") {
				asked = true
			}
		}
		return !asked
	})
	if refuses != nil && !asked && last > refuses.End() { // what was not refused is used
		p.Report(at, "%s can be nan, and no limit stops it.", q).Because(refuses.Test, "A comparison with nan is false, so that this does not refuse it.")
	}
}

func finite(name string) bool {
	l := strings.ToLower(name)
	return strings.Contains(l, "isfinite") || strings.Contains(l, "isnan") || strings.Contains(l, "is_nan") || strings.Contains(l, "is_finite") || l == "clip" || l == "clamp"
}

// gone says whether a block leaves the function.
func gone(body []ast.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	switch s := body[len(body)-1].(type) {
	case *ast.Return, *ast.Raise:
		return true
	case *ast.ExprStmt:
		c, ok := s.Value.(*ast.Call)
		return ok && (args.Callee(c) == "abort" || args.Callee(c) == "exit")
	}
	return false
}

// speaksOf says whether a block uses the quantity: what is done with a number there was
// allowed, not refused.
func speaksOf(p *rule.Pass, body []ast.Stmt, q quantity) bool {
	found := false
	for _, s := range body {
		if _, raises := s.(*ast.Raise); raises {
			continue // it is only named in the message
		}
		p.Inside(s, func(n ast.Node) bool {
			found = found || q.is(n)
			return !found
		})
	}
	return found
}

// beyond says whether a test holds where the quantity is larger or smaller than something:
// one comparison, or one of several of which any is enough.
func beyond(test ast.Expr, q quantity) bool {
	switch t := test.(type) {
	case *ast.BoolOp:
		if t.Op != ast.Or {
			return false
		}
		for _, v := range t.Values {
			if beyond(v, q) {
				return true
			}
		}
	case *ast.Compare:
		if len(t.Ops) != 1 {
			return false
		}
		switch t.Ops[0] {
		case ast.Lt, ast.Gt, ast.LtE, ast.GtE:
			return q.is(t.Left) || q.is(t.Comparators[0])
		}
	}
	return false
}
