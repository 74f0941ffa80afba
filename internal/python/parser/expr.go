package parser

import (
	"github.com/gambeson/gambeson/internal/python/ast"
)

// Precedences, from loose to tight.
const (
	precOr = 1 + iota
	precAnd
	precNot
	precCompare
	precBitOr
	precBitXor
	precBitAnd
	precShift
	precSum
	precTerm
	precUnary
)

var precedences = func() (t [numTokens]uint8) {
	for prec, toks := range map[uint8][]token{
		precOr: {tOr}, precAnd: {tAnd},
		precCompare: {tIn, tNot, tIs, tEqEqual, tNotEqual, tLess, tLessEqual, tGreater, tGreaterEqual},
		precBitOr:   {tVBar}, precBitXor: {tCaret}, precBitAnd: {tAmp}, precShift: {tLShift, tRShift},
		precSum: {tPlus, tMinus}, precTerm: {tStar, tSlash, tDoubleSlash, tPercent, tAt},
	} {
		for _, k := range toks {
			t[k] = prec
		}
	}
	return
}()

var operators = [numTokens]ast.Operator{
	tVBar: ast.BitOr, tCaret: ast.BitXor, tAmp: ast.BitAnd, tLShift: ast.LShift, tRShift: ast.RShift, tPlus: ast.Add, tMinus: ast.Sub,
	tStar: ast.Mult, tSlash: ast.Div, tDoubleSlash: ast.FloorDiv, tPercent: ast.Mod, tAt: ast.MatMult,
}

// yieldOrStar: yield_expr | star_expressions
func (p *parser) yieldOrStar() ast.Expr {
	if p.tok == tYield {
		return p.yieldExpr()
	}
	return p.starExpressions()
}

// yield_expr: 'yield' ('from' expression | [star_expressions])
func (p *parser) yieldExpr() ast.Expr {
	start := p.start
	p.nextToken()
	if p.take(tFrom) {
		value := p.expression()
		n := p.nodes.YieldFrom(p.span(start))
		n.Value = value
		return n
	}
	var value ast.Expr
	if startsExpr[p.tok] && p.tok != tYield {
		value = p.starExpressions()
	}
	n := p.nodes.Yield(p.span(start))
	n.Value = value
	return n
}

// star_expressions: expressions with stars, a tuple where there is a comma. A star
// without one is refused by CPython's compiler, not by its parser.
func (p *parser) starExpressions() ast.Expr {
	start := p.start
	first := p.starExpression()
	if p.tok != tComma {
		return first
	}
	base := len(p.exprs)
	p.exprs = append(p.exprs, first)
	for p.take(tComma) && startsExpr[p.tok] && p.tok != tYield {
		p.exprs = append(p.exprs, p.starExpression())
	}
	return p.tuple(start, base)
}

// tuple makes a tuple of what is on the stack above base.
func (p *parser) tuple(start, base int) ast.Expr {
	elts := p.popExprs(base)
	n := p.nodes.Tuple(p.span(start))
	n.Elts = elts
	return n
}

// star_expression: '*' bitwise_or | expression
func (p *parser) starExpression() ast.Expr {
	if p.tok != tStar {
		return p.expression()
	}
	return p.starred(false)
}

// starred: '*' operand. The operand of a call's or a subscript's star is any expression.
func (p *parser) starred(any bool) ast.Expr {
	start := p.start
	p.nextToken()
	var value ast.Expr
	if any {
		value = p.expression()
	} else {
		value = p.binary(precBitOr)
	}
	n := p.nodes.Starred(p.span(start))
	n.Value = value
	return n
}

// star_named_expression: '*' bitwise_or | named_expression
func (p *parser) starNamed() ast.Expr {
	if p.tok == tStar {
		return p.starred(false)
	}
	return p.namedExpr()
}

// named_expression: NAME ':=' expression | expression
func (p *parser) namedExpr() ast.Expr {
	start := p.start
	e := p.expression()
	if p.tok != tColonEqual {
		return e
	}
	if _, ok := e.(*ast.Name); ok {
		ast.SetCtx(e, ast.Store)
	} else {
		p.fail(int(e.Start()), int(e.End()), "cannot use assignment expressions with %s", describe(e))
	}
	p.nextToken()
	value := p.expression()
	n := p.nodes.NamedExpr(p.span(start))
	n.Target, n.Value = e, value
	return n
}

// expression: disjunction ['if' disjunction 'else' expression] | lambdef
func (p *parser) expression() ast.Expr {
	start := p.start
	if !p.enter() {
		p.leave()
		return p.missing(start)
	}
	var e ast.Expr
	if p.tok == tLambda {
		e = p.lambda()
	} else {
		e = p.binary(precOr)
		if p.tok == tIf {
			e = p.conditional(start, e)
		}
	}
	p.leave()
	return e
}

func (p *parser) conditional(start int, body ast.Expr) ast.Expr {
	p.nextToken()
	test := p.binary(precOr)
	var orelse ast.Expr
	if p.take(tElse) {
		orelse = p.expression()
	} else {
		if p.tok == tColon {
			p.invalid()
		}
		p.fail(start, p.prevEnd, "expected 'else' after 'if' expression")
		orelse = p.missing(p.prevEnd)
	}
	n := p.nodes.IfExp(p.span(start))
	n.Test, n.Body, n.Orelse = test, body, orelse
	return n
}

// missing stands where an expression should be: a name without letters. What it is
// part of reaches up to it.
func (p *parser) missing(at int) ast.Expr {
	p.prevEnd = max(p.prevEnd, at)
	return p.nodes.Name(ast.Pos(at), ast.Pos(at))
}

// lambdef: 'lambda' [lambda_params] ':' expression
func (p *parser) lambda() ast.Expr {
	start := p.start
	p.nextToken()
	args := p.parameters(tColon, false)
	if p.tok == tColon && p.field > 0 && len(p.brackets) == p.field {
		p.fail(start, p.end, "f-string: lambda expressions are not allowed without parentheses")
	}
	p.expect(tColon, "expected ':'")
	body := p.expression()
	n := p.nodes.Lambda(p.span(start))
	n.Args, n.Body = args, body
	return n
}

// binary reads an operand and all operators that bind at least as tightly as min. It
// stands for the grammar's disjunction (precOr) down to its term.
func (p *parser) binary(min int) ast.Expr {
	start := p.start
	var left ast.Expr
	switch p.tok {
	case tNot, tMinus, tPlus, tTilde:
		left = p.unary(min)
	default:
		left = p.power()
	}
	links := 0
	for {
		prec := int(precedences[p.tok])
		if prec == 0 || prec < min {
			return left
		}
		switch prec {
		case precOr, precAnd:
			left = p.boolOp(start, left, prec)
		case precCompare:
			next := p.compare(start, left)
			if next == nil {
				return left
			}
			left = next
		default:
			if !p.link(&links) {
				return left
			}
			op := operators[p.tok]
			p.nextToken()
			right := p.binary(prec + 1)
			n := p.nodes.BinOp(p.span(start))
			n.Left, n.Op, n.Right = left, op, right
			left = n
		}
	}
}

func (p *parser) boolOp(start int, left ast.Expr, prec int) ast.Expr {
	tok, base := p.tok, len(p.exprs)
	p.exprs = append(p.exprs, left)
	for p.take(tok) {
		p.exprs = append(p.exprs, p.binary(prec+1))
	}
	values := p.popExprs(base)
	n := p.nodes.BoolOp(p.span(start))
	n.Values = values
	if tok == tOr {
		n.Op = ast.Or
	}
	return n
}

// comparison: bitwise_or (op bitwise_or)+, or nil if `not` stands here without `in`
func (p *parser) compare(start int, left ast.Expr) ast.Expr {
	base, baseOps := len(p.exprs), len(p.ops)
	for {
		op, ok := p.compareOp()
		if !ok {
			break
		}
		p.ops = append(p.ops, op)
		p.exprs = append(p.exprs, p.binary(precBitOr))
	}
	if len(p.ops) == baseOps {
		return nil
	}
	right, ops := p.popExprs(base), p.nodes.CmpOpList(p.ops[baseOps:])
	p.ops = p.ops[:baseOps]
	n := p.nodes.Compare(p.span(start))
	n.Left, n.Ops, n.Comparators = left, ops, right
	return n
}

func (p *parser) compareOp() (op ast.CmpOp, ok bool) {
	switch p.tok {
	case tEqEqual:
		op = ast.Eq
	case tNotEqual:
		op = ast.NotEq
	case tLess:
		op = ast.Lt
	case tLessEqual:
		op = ast.LtE
	case tGreater:
		op = ast.Gt
	case tGreaterEqual:
		op = ast.GtE
	case tIn:
		op = ast.In
	case tIs:
		p.nextToken()
		if p.take(tNot) {
			return ast.IsNot, true
		}
		return ast.Is, true
	case tNot:
		if !p.lookAhead(func() bool { p.next(); return p.tok == tIn }) {
			return 0, false
		}
		p.nextToken()
		op = ast.NotIn
	default:
		return 0, false
	}
	p.nextToken()
	return op, true
}

// unary: 'not' inversion | ('+' | '-' | '~') factor
func (p *parser) unary(min int) ast.Expr {
	start := p.start
	var op ast.UnaryOperator
	prec := precUnary
	switch p.tok {
	case tNot:
		if min > precNot {
			p.invalid()
		}
		op, prec = ast.Not, precNot
	case tMinus:
		op = ast.USub
	case tPlus:
		op = ast.UAdd
	case tTilde:
		op = ast.Invert
	}
	p.nextToken()
	if !p.enter() {
		p.leave()
		return p.missing(start)
	}
	x := p.binary(prec)
	p.leave()
	n := p.nodes.UnaryOp(p.span(start))
	n.Op, n.Operand = op, x
	return n
}

// power: ['await'] primary ['**' factor]
func (p *parser) power() ast.Expr {
	start := p.start
	var e ast.Expr
	if p.tok == tAwait {
		p.nextToken()
		value := p.primary()
		n := p.nodes.Await(p.span(start))
		n.Value = value
		e = n
	} else {
		e = p.primary()
	}
	if p.tok != tDoubleStar {
		return e
	}
	return p.powerOf(start, e)
}

func (p *parser) powerOf(start int, e ast.Expr) ast.Expr {
	p.nextToken()
	if !p.enter() {
		p.leave()
		return e
	}
	right := p.binary(precUnary)
	p.leave()
	n := p.nodes.BinOp(p.span(start))
	n.Left, n.Op, n.Right = e, ast.Pow, right
	return n
}

// primary: atom ('.' NAME | '(' [arguments] ')' | '[' slices ']')*
func (p *parser) primary() ast.Expr {
	start := p.start
	e := p.atom()
	links := 0
	for {
		switch p.tok {
		case tDot:
			if !p.link(&links) {
				return e
			}
			p.nextToken()
			attr := p.attribute()
			n := p.nodes.Attribute(p.span(start))
			n.Value, n.Attr = e, attr
			e = n
		case tLParen:
			if !p.link(&links) {
				return e
			}
			open := p.start
			p.nextToken()
			args, keywords := p.arguments(open)
			n := p.nodes.Call(p.span(start))
			n.Func, n.Args, n.Keywords = e, args, keywords
			e = n
		case tLBracket:
			if !p.link(&links) {
				return e
			}
			p.nextToken()
			slice := p.slices()
			if startsExpr[p.tok] && p.tok != tYield {
				p.noComma(slice)
			}
			p.expect(tRBracket, "invalid syntax")
			n := p.nodes.Subscript(p.span(start))
			n.Value, n.Slice = e, slice
			e = n
		default:
			return e
		}
	}
}

// attribute is the name after a dot. A keyword there is an error, but one can read on
// (obj.print and obj.exec were keywords once).
func (p *parser) attribute() string {
	if p.tok == tName {
		s := p.name()
		p.nextToken()
		return s
	}
	p.invalid()
	if p.tok >= tFalse || p.tok >= tOr && p.tok <= tIs {
		s := string(p.src[p.start:p.end])
		p.nextToken()
		return s
	}
	return ""
}

// atom: a name, a literal, a display or something in parentheses
func (p *parser) atom() ast.Expr {
	start := p.start
	switch p.tok {
	case tName:
		id := p.name()
		p.nextToken()
		n := p.nodes.Name(ast.Pos(start), ast.Pos(p.prevEnd))
		n.Ident = id
		return n
	case tString, tFString:
		return p.strings()
	case tNumber:
		return p.number()
	case tLParen:
		return p.parenthesised()
	case tLBracket:
		return p.listDisplay()
	case tLBrace:
		return p.braces()
	case tNone:
		return p.constant(ast.None)
	case tTrue:
		return p.constant(ast.True)
	case tFalse:
		return p.constant(ast.False)
	case tEllipsis:
		return p.constant(ast.Ellipsis)
	}
	return p.noAtom(start)
}

// noAtom reads on where no atom stands: past a keyword or a star to what it governs.
func (p *parser) noAtom(start int) (e ast.Expr) {
	p.invalid()
	e = p.missing(start)
	if p.enter() {
		switch p.tok {
		case tLambda:
			e = p.lambda()
		case tYield, tStar:
			p.nextToken()
			if startsExpr[p.tok] {
				e = p.binary(precBitOr)
			}
		}
	}
	p.leave()
	return e
}

func (p *parser) constant(k ast.ConstKind) ast.Expr {
	n := p.nodes.Constant(ast.Pos(p.start), ast.Pos(p.end))
	ast.SetConst(n, k)
	p.nextToken()
	return n
}

func (p *parser) number() ast.Expr {
	raw := p.src[p.start:p.end]
	kind := ast.Int
	if last := raw[len(raw)-1] | 0x20; last == 'j' {
		kind = ast.Complex
	} else if len(raw) < 2 || raw[1]|0x20 != 'x' {
		for _, c := range raw {
			if c == '.' || c|0x20 == 'e' {
				kind = ast.Float
			}
		}
	}
	n := p.nodes.Constant(ast.Pos(p.start), ast.Pos(p.end))
	ast.SetConst(n, kind)
	n.Raw = view(raw)
	p.nextToken()
	return n
}

// parenthesised: tuple, group or generator
func (p *parser) parenthesised() ast.Expr {
	start := p.start
	p.nextToken()
	if p.take(tRParen) {
		return p.nodes.Tuple(p.span(start))
	}
	if p.tok == tYield {
		e := p.enterYield()
		p.expect(tRParen, "'(' was never closed")
		return e
	}
	base := len(p.exprs)
	first := p.starNamed()
	if p.tok == tFor || p.tok == tAsync {
		comps := p.comprehensions()
		p.expect(tRParen, "'(' was never closed")
		n := p.nodes.GeneratorExp(p.span(start))
		n.Elt, n.Generators = first, comps
		return n
	}
	if p.tok == tRParen {
		p.nextToken()
		if _, star := first.(*ast.Starred); star {
			p.fail(int(first.Start()), int(first.End()), "cannot use starred expression here")
		}
		return first
	}
	p.exprs = append(p.exprs, first)
	p.elements(tRParen, "(")
	return p.tuple(start, base)
}

func (p *parser) enterYield() ast.Expr {
	start := p.start
	if !p.enter() {
		p.leave()
		return p.missing(start)
	}
	defer p.leave()
	return p.yieldExpr()
}

// elements reads (',' star_named_expression)* [','] close, onto the stack. Without a
// comma between two elements it reports so and reads on.
func (p *parser) elements(closing token, open string) {
	for p.tok != closing {
		if !p.take(tComma) {
			if !p.betweenElements(p.exprs[len(p.exprs)-1], open) {
				return
			}
		} else if p.tok == closing {
			break
		}
		if !startsExpr[p.tok] {
			p.invalid()
			return
		}
		p.exprs = append(p.exprs, p.starNamed())
	}
	p.nextToken()
}

// betweenElements stands where a comma should be after last, and says whether to read on.
func (p *parser) betweenElements(last ast.Expr, open string) bool {
	if startsExpr[p.tok] && p.tok != tStar && p.tok != tYield {
		p.noComma(last)
		return true
	}
	if p.tok == tEOF || p.tok == tNewline {
		p.fail(p.start, p.end, "'%s' was never closed", open)
	} else {
		p.invalid()
	}
	return false
}

// noComma reports two expressions in a row, at the first one.
func (p *parser) noComma(last ast.Expr) {
	for {
		switch e := last.(type) {
		case *ast.IfExp:
			last = e.Orelse
			continue
		case *ast.Lambda:
			last = e.Body
			continue
		case *ast.NamedExpr:
			last = e.Value
			continue
		case *ast.Starred:
			p.invalid()
			return
		case *ast.Name:
			if p.tok == tString || e.Ident == "match" || e.Ident == "case" || e.Ident == "type" || e.Ident == "_" {
				p.invalid()
				return
			}
		}
		break
	}
	p.fail(int(last.Start()), p.end, "invalid syntax. Perhaps you forgot a comma?")
}

// listDisplay: '[' [star_named_expressions | star_named_expression comprehension] ']'
func (p *parser) listDisplay() ast.Expr {
	start, base := p.start, len(p.exprs)
	p.nextToken()
	if !p.take(tRBracket) {
		first := p.starNamed()
		if p.tok == tFor || p.tok == tAsync {
			comps := p.comprehensions()
			p.expect(tRBracket, "'[' was never closed")
			n := p.nodes.ListComp(p.span(start))
			n.Elt, n.Generators = first, comps
			return n
		}
		p.exprs = append(p.exprs, first)
		p.elements(tRBracket, "[")
	}
	elts := p.popExprs(base)
	n := p.nodes.List(p.span(start))
	n.Elts = elts
	return n
}

// braces: a set, a dictionary, or a comprehension of either
func (p *parser) braces() ast.Expr {
	start := p.start
	p.nextToken()
	if p.take(tRBrace) {
		return p.nodes.Dict(p.span(start))
	}
	base := len(p.exprs)
	if p.tok == tDoubleStar {
		p.nextToken()
		value := p.binary(precBitOr)
		if p.tok == tIf { // a conditional may be unpacked in a comprehension only
			value = p.conditional(int(value.Start()), value)
			if p.tok != tFor && p.tok != tAsync {
				p.invalid()
			}
		}
		if p.tok == tFor || p.tok == tAsync { // PEP 798
			return p.dictComp(start, value, nil)
		}
		return p.dict(start, nil, value)
	}
	first := p.starNamed()
	switch p.tok {
	case tColon:
		p.nextToken()
		value := p.expression()
		if p.tok == tFor || p.tok == tAsync {
			return p.dictComp(start, first, value)
		}
		return p.dict(start, first, value)
	case tFor, tAsync:
		comps := p.comprehensions()
		p.expect(tRBrace, "'{' was never closed")
		n := p.nodes.SetComp(p.span(start))
		n.Elt, n.Generators = first, comps
		return n
	}
	p.exprs = append(p.exprs, first)
	p.elements(tRBrace, "{")
	elts := p.popExprs(base)
	n := p.nodes.Set(p.span(start))
	n.Elts = elts
	return n
}

func (p *parser) dictComp(start int, key, value ast.Expr) ast.Expr {
	comps := p.comprehensions()
	p.expect(tRBrace, "'{' was never closed")
	n := p.nodes.DictComp(p.span(start))
	n.Key, n.Value, n.Generators = key, value, comps
	return n
}

// dict reads on after the first pair; a nil key stands for **.
func (p *parser) dict(start int, key, value ast.Expr) ast.Expr {
	base := len(p.exprs) // keys and values alternate on the stack
	p.exprs = append(p.exprs, key, value)
	for p.tok != tRBrace {
		if !p.take(tComma) {
			if !p.betweenElements(p.exprs[len(p.exprs)-1], "{") {
				break
			}
		} else if p.tok == tRBrace {
			break
		}
		if p.take(tDoubleStar) {
			p.exprs = append(p.exprs, nil, p.binary(precBitOr))
			continue
		}
		if !startsExpr[p.tok] {
			p.invalid()
			break
		}
		k := p.expression()
		if !p.take(tColon) {
			p.fail(int(k.Start()), int(k.End()), "':' expected after dictionary key")
			p.exprs = append(p.exprs, k, p.missing(p.prevEnd))
			continue
		}
		p.exprs = append(p.exprs, k, p.expression())
	}
	p.take(tRBrace)
	pairs := p.exprs[base:]
	n := len(pairs) / 2
	for i := range n { // gather the keys, then the values, above the pairs
		p.exprs = append(p.exprs, pairs[2*i])
	}
	keys := p.popExprs(base + 2*n)
	for i := range n {
		p.exprs = append(p.exprs, pairs[2*i+1])
	}
	values := p.popExprs(base + 2*n)
	p.exprs = p.exprs[:base]
	d := p.nodes.Dict(p.span(start))
	d.Keys, d.Values = keys, values
	return d
}

// comprehensions: (['async'] 'for' star_targets 'in' disjunction ('if' disjunction)*)+
func (p *parser) comprehensions() []*ast.Comprehension {
	base := len(p.comps)
	for p.tok == tFor || p.tok == tAsync {
		start, async := p.start, 0
		if p.take(tAsync) {
			async = 1
		}
		if !p.expect(tFor, "invalid syntax") {
			break
		}
		target := p.targets()
		var iter ast.Expr
		if p.expect(tIn, "'in' expected after for-loop variables") {
			iter = p.binary(precOr)
		} else {
			iter = p.missing(p.prevEnd)
		}
		ifs := len(p.exprs)
		for p.take(tIf) {
			p.exprs = append(p.exprs, p.binary(precOr))
		}
		list := p.popExprs(ifs)
		n := p.nodes.Comprehension(p.span(start))
		n.Target, n.Iter, n.Ifs, n.IsAsync = target, iter, list, async
		p.comps = append(p.comps, n)
	}
	list := p.nodes.ComprehensionList(p.comps[base:])
	p.comps = p.comps[:base]
	return list
}

// arguments: what stands between the parentheses of a call, and the closing one
func (p *parser) arguments(open int) ([]ast.Expr, []*ast.Keyword) {
	base, baseKw := len(p.exprs), len(p.keywords)
	late := "" // what is wrong with the order
	unpacked := false
	var last ast.Expr
	for p.tok != tRParen {
		start := p.start
		switch p.tok {
		case tStar:
			if unpacked && late == "" {
				p.fail(p.prevEnd-1, p.end, "iterable argument unpacking follows keyword argument unpacking")
			}
			p.exprs = append(p.exprs, p.starred(true))
			last = p.exprs[len(p.exprs)-1]
		case tDoubleStar:
			p.nextToken()
			last = p.expression()
			p.keyword(start, "", last)
			unpacked = true
		default:
			if !startsExpr[p.tok] {
				p.invalid()
				if p.tok == tEOF || p.tok == tNewline || p.tok == tRBracket || p.tok == tRBrace || p.tok == tColon {
					goto done
				}
				p.nextToken()
				continue
			}
			if p.tok == tName && p.keywordAhead() {
				name := p.identifier()
				p.nextToken()
				last = p.expression()
				p.keyword(start, name, last)
				break
			}
			e := p.namedExpr()
			if p.tok == tEqual {
				name := ""
				if id, ok := e.(*ast.Name); ok {
					name = id.Ident
				} else {
					p.fail(start, p.prevEnd, "expression cannot contain assignment, perhaps you meant \"==\"?")
				}
				p.nextToken()
				last = p.expression()
				p.keyword(start, name, last)
				break
			}
			if len(p.keywords) > baseKw && late == "" {
				late = "positional argument follows keyword argument"
				if unpacked {
					late += " unpacking"
				}
			}
			p.exprs = append(p.exprs, e)
			last = e
		}
		if p.tok == tFor || p.tok == tAsync {
			p.generatorArgument(open, start, base)
			continue
		}
		if p.take(tComma) {
			continue
		}
		if p.tok != tRParen && !p.betweenElements(last, "(") {
			break
		}
	}
done:
	if late != "" {
		p.fail(p.start, p.end, "%s", late)
	}
	p.take(tRParen)
	args := p.popExprs(base)
	kw := p.nodes.KeywordList(p.keywords[baseKw:])
	p.keywords = p.keywords[:baseKw]
	return args, kw
}

// generatorArgument turns the argument on the stack into a generator. As the only
// argument it has the call's parentheses for its own.
func (p *parser) generatorArgument(open, start, base int) {
	if n := len(p.exprs); n == base || int(p.exprs[n-1].Start()) < start { // f(a=b for …)
		p.invalid()
		p.exprs = append(p.exprs, p.missing(p.prevEnd))
		start = p.prevEnd
	}
	alone := len(p.exprs) == base+1
	comps := p.comprehensions()
	from, to := start, p.prevEnd
	if alone && p.tok == tRParen {
		from, to = open, p.end
	} else {
		p.fail(start, p.prevEnd, "Generator expression must be parenthesized")
		p.take(tComma)
	}
	n := p.nodes.GeneratorExp(ast.Pos(from), ast.Pos(to))
	n.Elt, n.Generators = p.exprs[len(p.exprs)-1], comps
	p.exprs[len(p.exprs)-1] = n
}

func (p *parser) keyword(start int, name string, value ast.Expr) {
	n := p.nodes.Keyword(p.span(start))
	n.Arg, n.Value = name, value
	p.keywords = append(p.keywords, n)
}

// keywordAhead says, from the bytes alone, whether a single = follows the name. Where a
// comment or a line end stands between, the caller finds out one node later.
func (p *parser) keywordAhead() bool {
	i := p.end
	for p.src[i] == ' ' {
		i++
	}
	return p.src[i] == '=' && p.src[i+1] != '='
}

// slices: slice | (slice | starred_expression) (',' …)* [','], a tuple then
func (p *parser) slices() ast.Expr {
	start, base := p.start, len(p.exprs)
	if p.tok == tRBracket {
		p.invalid()
		return p.missing(start)
	}
	for {
		if p.tok == tStar {
			p.exprs = append(p.exprs, p.starred(true))
		} else {
			p.exprs = append(p.exprs, p.slice())
		}
		if !p.take(tComma) || p.tok == tRBracket {
			break
		}
		if !startsExpr[p.tok] && p.tok != tColon {
			p.invalid()
			break
		}
	}
	if _, star := p.exprs[base].(*ast.Starred); len(p.exprs) == base+1 && !star && !p.prevComma() {
		e := p.exprs[base]
		p.exprs = p.exprs[:base]
		return e
	}
	return p.tuple(start, base)
}

// slice: [expression] ':' [expression] [':' [expression]] | named_expression
func (p *parser) slice() ast.Expr {
	start := p.start
	var part [3]ast.Expr
	if p.tok != tColon {
		part[0] = p.namedExpr()
		if p.tok != tColon {
			return part[0]
		}
	}
	for i := 1; i < 3 && p.take(tColon); i++ {
		if startsExpr[p.tok] {
			part[i] = p.expression()
		}
	}
	n := p.nodes.Slice(p.span(start))
	n.Lower, n.Upper, n.Step = part[0], part[1], part[2]
	return n
}
