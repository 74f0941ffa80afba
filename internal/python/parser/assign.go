package parser

import "github.com/gambeson/gambeson/internal/python/ast"

// assignment: an expression statement, or one of the assignments.
func (p *parser) assignment() ast.Stmt {
	start, open := p.start, p.tok == tLParen
	first := p.yieldOrStar()
	switch p.tok {
	case tEqual:
		base := len(p.exprs)
		value := first
		for p.take(tEqual) {
			next := p.yieldOrStar()
			if p.tok != tEqual {
				p.perhapsEqual(value)
			}
			p.exprs = append(p.exprs, p.store(value, ast.Store))
			value = next
		}
		targets := p.popExprs(base)
		n := p.nodes.Assign(p.span(start))
		n.Targets, n.Value = targets, value
		return n
	case tColon:
		return p.annotated(start, first, open)
	case tAugAssign:
		op := p.op
		switch first.(type) {
		case *ast.Name, *ast.Attribute, *ast.Subscript:
			p.store(first, ast.Store)
		default:
			p.fail(start, p.prevEnd, "'%s' is an illegal expression for augmented assignment", describe(first))
		}
		p.nextToken()
		value := p.yieldOrStar()
		n := p.nodes.AugAssign(p.span(start))
		n.Target, n.Op, n.Value = first, op, value
		return n
	}
	n := p.nodes.ExprStmt(p.span(start))
	n.Value = first
	return n
}

// perhapsEqual reports a target that looks like one side of a comparison.
func (p *parser) perhapsEqual(target ast.Expr) {
	switch e := target.(type) {
	case *ast.Constant:
		if k := e.ConstKind(); k == ast.None || k == ast.True || k == ast.False {
			return
		}
	case *ast.Call, *ast.BinOp, *ast.UnaryOp, *ast.JoinedStr, *ast.TemplateStr, *ast.Dict, *ast.Set, *ast.ListComp, *ast.SetComp, *ast.DictComp, *ast.Await:
		if u, ok := e.(*ast.UnaryOp); ok && u.Op == ast.Not {
			return
		}
	default:
		return
	}
	p.fail(int(target.Start()), int(target.End()), "cannot assign to %s here. Maybe you meant '==' instead of '='?", describe(target))
}

// annotated: target ':' expression ['=' annotated_rhs]
func (p *parser) annotated(start int, target ast.Expr, open bool) ast.Stmt {
	simple := 0
	switch target.(type) {
	case *ast.Name:
		if !open {
			simple = 1
		}
	case *ast.Attribute, *ast.Subscript:
	case *ast.List, *ast.Tuple:
		p.fail(start, p.prevEnd, "only single target (not %s) can be annotated", describe(target))
	default:
		from, to := start, p.prevEnd
		p.nextToken()
		if startsExpr[p.tok] {
			p.fail(from, to, "illegal target for annotation")
		} else {
			p.invalid()
		}
		return p.annotation(start, target, 0)
	}
	p.store(target, ast.Store)
	p.nextToken()
	return p.annotation(start, target, simple)
}

// annotation reads on after the colon.
func (p *parser) annotation(start int, target ast.Expr, simple int) ast.Stmt {
	annotation := p.expression()
	var value ast.Expr
	if p.take(tEqual) {
		value = p.yieldOrStar()
	}
	n := p.nodes.AnnAssign(p.span(start))
	n.Target, n.Annotation, n.Value, n.Simple = target, annotation, value, simple
	return n
}

// store gives a target its context, and reports what cannot be one.
func (p *parser) store(e ast.Expr, ctx ast.Ctx) ast.Expr {
	switch e := e.(type) {
	case *ast.Name, *ast.Attribute, *ast.Subscript:
		ast.SetCtx(e, ctx)
		return e
	case *ast.Starred:
		if ctx != ast.Del {
			ast.SetCtx(e, ctx)
			p.store(e.Value, ctx)
			return e
		}
	case *ast.List:
		ast.SetCtx(e, ctx)
		for _, x := range e.Elts {
			p.store(x, ctx)
		}
		return e
	case *ast.Tuple:
		ast.SetCtx(e, ctx)
		for _, x := range e.Elts {
			p.store(x, ctx)
		}
		return e
	}
	verb := "assign to"
	if ctx == ast.Del {
		verb = "delete"
	}
	p.fail(int(e.Start()), int(e.End()), "cannot %s %s", verb, describe(e))
	return e
}

// describe names an expression as CPython's messages do.
func describe(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Call:
		return "function call"
	case *ast.Constant:
		switch e.ConstKind() {
		case ast.None, ast.True, ast.False:
			return e.ConstKind().String()
		case ast.Ellipsis:
			return "ellipsis"
		}
		return "literal"
	case *ast.Name:
		return "name"
	case *ast.List:
		return "list"
	case *ast.Tuple:
		return "tuple"
	case *ast.Dict:
		return "dict literal"
	case *ast.Set:
		return "set display"
	case *ast.JoinedStr, *ast.FormattedValue:
		return "f-string expression"
	case *ast.Compare:
		return "comparison"
	case *ast.Lambda:
		return "lambda"
	case *ast.IfExp:
		return "conditional expression"
	case *ast.Yield, *ast.YieldFrom:
		return "yield expression"
	case *ast.Await:
		return "await expression"
	case *ast.ListComp:
		return "list comprehension"
	case *ast.SetComp:
		return "set comprehension"
	case *ast.DictComp:
		return "dict comprehension"
	case *ast.GeneratorExp:
		return "generator expression"
	case *ast.NamedExpr:
		return "named expression"
	case *ast.Starred:
		return "starred"
	}
	return "expression"
}
