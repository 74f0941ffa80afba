package parser

import "github.com/gambeson/gambeson/internal/python/ast"

// matchAhead decides whether `match` begins a statement: an expression follows, and the
// logical line ends with a colon outside of brackets. No other statement does that.
func (p *parser) matchAhead() bool {
	return p.lookAhead(func() bool {
		p.next()
		if !startsExpr[p.tok] || p.tok == tYield {
			return false
		}
		colon := false
		for n := 0; p.tok != tNewline && p.tok != tEOF; n++ {
			if p.tok == tSemicolon || p.farAhead(n) {
				return false
			}
			if p.tok == tFString {
				p.skipFString()
			}
			colon = p.tok == tColon && len(p.brackets) == 0
			p.next()
			if p.tok == tEqual && len(p.brackets) == 0 {
				return false
			}
		}
		return colon && p.tok == tNewline
	})
}

// match_stmt: 'match' subject ':' NEWLINE INDENT case_block+ DEDENT
func (p *parser) matchStmt() ast.Stmt {
	start := p.start
	p.nextToken()
	from, base := p.start, len(p.exprs)
	subject := p.starNamed()
	if _, star := subject.(*ast.Starred); star || p.tok == tComma {
		p.exprs = append(p.exprs, subject)
		for p.take(tComma) && startsExpr[p.tok] {
			p.exprs = append(p.exprs, p.starNamed())
		}
		subject = p.tuple(from, base)
	}
	p.expect(tColon, "expected ':'")
	p.endLine()
	var few [8]*ast.MatchCase
	cases := few[:0]
	if p.tok != tIndent {
		p.noBlock(start, "'match' statement")
	} else if p.enter() {
		p.nextToken()
		base := len(p.stmts)
		for p.tok != tDedent && p.tok != tEOF {
			if p.is("case") {
				cases = append(cases, p.caseBlock())
				continue
			}
			p.invalid()
			p.statements(true)
		}
		p.take(tDedent)
		p.stmts = p.stmts[:base]
		p.leave()
	} else {
		p.leave()
	}
	n := p.nodes.Match(p.span(start))
	n.Subject, n.Cases = subject, p.nodes.MatchCaseList(cases)
	return n
}

// case_block: 'case' patterns ['if' named_expression] ':' block
func (p *parser) caseBlock() *ast.MatchCase {
	start := p.start
	p.nextToken()
	pattern := p.openPattern()
	var guard ast.Expr
	if p.take(tIf) {
		guard = p.namedExpr()
	}
	body := p.block(start, "'case' statement")
	n := p.nodes.MatchCase(p.span(start))
	n.Pattern, n.Guard, n.Body = pattern, guard, body
	return n
}

// patterns: open_sequence_pattern | pattern
func (p *parser) openPattern() ast.Pattern {
	start := p.start
	first := p.starPattern()
	_, star := first.(*ast.MatchStar)
	if p.tok != tComma && !star {
		return first
	}
	base := len(p.patterns)
	p.patterns = append(p.patterns, first)
	for p.take(tComma) && p.tok != tColon && p.tok != tIf {
		p.patterns = append(p.patterns, p.starPattern())
	}
	list := p.popPatterns(base)
	n := p.nodes.MatchSequence(p.span(start))
	n.Patterns = list
	return n
}

func (p *parser) popPatterns(base int) []ast.Pattern {
	list := p.nodes.PatternList(p.patterns[base:])
	p.patterns = p.patterns[:base]
	return list
}

// maybe_star_pattern: '*' NAME | pattern
func (p *parser) starPattern() ast.Pattern {
	if p.tok != tStar {
		return p.pattern()
	}
	start := p.start
	p.nextToken()
	name := p.identifier()
	n := p.nodes.MatchStar(p.span(start))
	if name != "_" {
		n.Name = name
	}
	return n
}

// pattern: or_pattern ['as' NAME]
func (p *parser) pattern() ast.Pattern {
	start := p.start
	if !p.enter() {
		p.leave()
		p.prevEnd = max(p.prevEnd, start)
		return p.nodes.MatchAs(p.span(start))
	}
	pat := p.orPattern(start)
	p.leave()
	if !p.take(tAs) {
		return pat
	}
	if p.is("_") {
		p.fail(p.start, p.end, "cannot use '_' as a target")
	}
	name := p.identifier()
	n := p.nodes.MatchAs(p.span(start))
	n.Pattern, n.Name = pat, name
	return n
}

// or_pattern: '|'.closed_pattern+
func (p *parser) orPattern(start int) ast.Pattern {
	base := len(p.patterns)
	p.patterns = append(p.patterns, p.closedPattern())
	for p.take(tVBar) {
		p.patterns = append(p.patterns, p.closedPattern())
	}
	if len(p.patterns) == base+1 {
		only := p.patterns[base]
		p.patterns = p.patterns[:base]
		return only
	}
	list := p.popPatterns(base)
	n := p.nodes.MatchOr(p.span(start))
	n.Patterns = list
	return n
}

// closed_pattern: literal, capture, wildcard, value, group, sequence, mapping or class
func (p *parser) closedPattern() ast.Pattern {
	start := p.start
	switch p.tok {
	case tNone, tTrue, tFalse:
		c := p.atom().(*ast.Constant)
		n := p.nodes.MatchSingleton(p.span(start))
		n.Value = c
		return n
	case tNumber, tMinus, tString, tFString:
		value := p.literalKey()
		n := p.nodes.MatchValue(p.span(start))
		n.Value = value
		return n
	case tName:
		return p.namePattern()
	case tLParen, tLBracket:
		return p.sequencePattern()
	case tLBrace:
		return p.mappingPattern()
	}
	p.invalid()
	if p.tok != tColon && p.tok != tNewline && p.tok != tEOF && p.tok != tRParen && p.tok != tRBracket && p.tok != tRBrace {
		p.nextToken()
	}
	p.prevEnd = max(p.prevEnd, start)
	return p.nodes.MatchAs(p.span(start))
}

// literalKey: a string, or a number with sign and imaginary part
func (p *parser) literalKey() ast.Expr {
	if p.tok == tString || p.tok == tFString {
		return p.strings()
	}
	start := p.start
	left, real := p.signedNumber()
	if p.tok != tPlus && p.tok != tMinus {
		return left
	}
	if real == ast.Complex {
		p.fail(start, p.prevEnd, "real number required in complex literal")
	}
	op, from := operators[p.tok], p.end
	p.nextToken()
	if p.tok != tNumber {
		p.invalid()
		return left
	}
	right := p.number().(*ast.Constant)
	if right.ConstKind() != ast.Complex {
		p.fail(from, p.prevEnd, "imaginary number required in complex literal")
	}
	n := p.nodes.BinOp(p.span(start))
	n.Left, n.Op, n.Right = left, op, right
	return n
}

// signed_number: ['-'] NUMBER
func (p *parser) signedNumber() (ast.Expr, ast.ConstKind) {
	start := p.start
	minus := p.take(tMinus)
	if p.tok != tNumber {
		p.invalid()
		return p.missing(start), ast.None
	}
	c := p.number().(*ast.Constant)
	if !minus {
		return c, c.ConstKind()
	}
	n := p.nodes.UnaryOp(p.span(start))
	n.Op, n.Operand = ast.USub, c
	return n, c.ConstKind()
}

// namePattern: capture, wildcard, dotted value or class
func (p *parser) namePattern() ast.Pattern {
	start := p.start
	id := p.name()
	p.nextToken()
	if p.tok != tDot && p.tok != tLParen {
		n := p.nodes.MatchAs(p.span(start))
		if id != "_" {
			n.Name = id
		}
		return n
	}
	name := p.nodes.Name(p.span(start))
	name.Ident = id
	var value ast.Expr = name
	links := 0
	for p.take(tDot) {
		if !p.link(&links) {
			break
		}
		attr := p.attribute()
		a := p.nodes.Attribute(p.span(start))
		a.Value, a.Attr = value, attr
		value = a
	}
	if p.tok == tLParen {
		return p.classPattern(start, value)
	}
	n := p.nodes.MatchValue(p.span(start))
	n.Value = value
	return n
}

// class_pattern: name_or_attr '(' [patterns] [',' NAME '=' pattern]* ')'
func (p *parser) classPattern(start int, cls ast.Expr) ast.Pattern {
	p.nextToken()
	var positional, keyword []ast.Pattern
	var names []string
	for p.tok != tRParen {
		if p.tok == tName && p.keywordAhead() {
			names = append(names, p.identifier())
			p.nextToken()
			keyword = append(keyword, p.pattern())
		} else {
			before := p.start
			positional = append(positional, p.pattern())
			if p.tok == tEqual { // the name and its = stand on different lines
				if m, ok := positional[len(positional)-1].(*ast.MatchAs); ok && m.Pattern == nil {
					positional = positional[:len(positional)-1]
					names = append(names, m.Name)
					p.nextToken()
					keyword = append(keyword, p.pattern())
				}
			} else if keyword != nil {
				p.fail(before, p.prevEnd, "positional patterns follow keyword patterns")
			}
		}
		if !p.take(tComma) {
			break
		}
	}
	p.expect(tRParen, "invalid syntax")
	n := p.nodes.MatchClass(p.span(start))
	n.Cls, n.Patterns, n.KwdAttrs, n.KwdPatterns = cls, p.nodes.PatternList(positional), p.nodes.IdentList(names), p.nodes.PatternList(keyword)
	return n
}

// sequence_pattern or group_pattern
func (p *parser) sequencePattern() ast.Pattern {
	start, closing, base := p.start, tRBracket, len(p.patterns)
	if p.tok == tLParen {
		closing = tRParen
	}
	p.nextToken()
	comma := false
	for p.tok != closing {
		p.patterns = append(p.patterns, p.starPattern())
		if comma = p.take(tComma); !comma {
			break
		}
	}
	p.expect(closing, "invalid syntax")
	list := p.patterns[base:]
	if closing == tRParen && len(list) == 1 && !comma {
		if _, star := list[0].(*ast.MatchStar); star {
			p.invalid()
		}
		p.patterns = p.patterns[:base]
		return list[0]
	}
	list = p.popPatterns(base)
	n := p.nodes.MatchSequence(p.span(start))
	n.Patterns = list
	return n
}

// mapping_pattern: '{' [key ':' pattern (',' …)*] [',' '**' NAME] '}'
func (p *parser) mappingPattern() ast.Pattern {
	start := p.start
	p.nextToken()
	var keys []ast.Expr
	var values []ast.Pattern
	rest := ""
	for p.tok != tRBrace {
		if p.take(tDoubleStar) {
			if p.is("_") {
				p.invalid()
			}
			rest = p.identifier()
		} else {
			if !startsExpr[p.tok] {
				p.invalid()
				break
			}
			keys = append(keys, p.mappingKey())
			p.expect(tColon, "invalid syntax")
			values = append(values, p.pattern())
		}
		if !p.take(tComma) {
			break
		}
	}
	p.expect(tRBrace, "invalid syntax")
	n := p.nodes.MatchMapping(p.span(start))
	n.Keys, n.Patterns, n.Rest = p.nodes.ExprList(keys), p.nodes.PatternList(values), rest
	return n
}

// mappingKey: literal_expr | attr
func (p *parser) mappingKey() ast.Expr {
	switch p.tok {
	case tString, tFString, tNumber, tMinus:
		return p.literalKey()
	}
	return p.primary()
}
