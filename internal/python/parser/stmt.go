package parser

import "github.com/gambeson/gambeson/internal/python/ast"

// statements: one compound statement, or the simple statements of one line. Pushes them
// on the stack. inBlock says that a dedent ends the caller's list.
func (p *parser) statements(inBlock bool) {
	switch p.tok {
	case tIndent:
		p.errored = false
		p.misplaced(p.start, p.end, "unexpected indent")
		p.nextToken()
		p.blockStatements()
		return
	case tDedent:
		if !inBlock { // of an indentation that was reported
			p.nextToken()
		}
		return
	case tNewline:
		p.endLine()
		return
	}
	if s := p.compound(); s != nil {
		p.stmts = append(p.stmts, s)
		return
	}
	p.simpleStatements()
}

// simpleStatements: simple_stmt (';' simple_stmt)* [';'] NEWLINE
func (p *parser) simpleStatements() {
	for {
		before := p.start
		p.chain = 0
		if s := p.simple(); s != nil {
			p.stmts = append(p.stmts, s)
		}
		if p.take(tSemicolon) {
			if p.tok == tNewline {
				break
			}
			continue
		}
		if p.tok == tNewline || p.tok == tEOF || p.tok == tDedent || p.tok == tIndent {
			break
		}
		p.leftover()
		if p.start == before {
			p.nextToken() // progress
			if p.tok == tNewline || p.tok == tEOF {
				break
			}
		}
	}
	p.endLine()
}

// leftover reports what stands after a complete statement.
func (p *parser) leftover() {
	if n := len(p.stmts); n > 0 {
		if e, ok := p.stmts[n-1].(*ast.ExprStmt); ok {
			if name, ok := e.Value.(*ast.Name); ok && (name.Ident == "print" || name.Ident == "exec") && startsExpr[p.tok] {
				p.fail(int(e.Start()), p.end, "Missing parentheses in call to '%s'. Did you mean %s(...)?", name.Ident, name.Ident)
				p.legacy = true
				return
			}
		}
	}
	p.invalid()
	if p.tok == tString {
		p.astray()
	}
}

// block: ':' (NEWLINE INDENT statement+ DEDENT | simple_stmts)
//
// The statement or clause is called what and begins at start.
func (p *parser) block(start int, what string) []ast.Stmt {
	if !p.expect(tColon, "expected ':'") {
		// Read on as if the colon were there: what follows on the line is lost, the block is not.
		for p.tok != tNewline && p.tok != tEOF && p.tok != tColon {
			p.nextToken()
		}
		p.take(tColon)
	}
	base := len(p.stmts)
	if p.tok != tNewline {
		if p.enter() && p.tok != tEOF { // in error, a compound statement may follow
			p.simpleStatements()
		}
		p.leave()
		return p.popStmts(base)
	}
	p.endLine()
	if p.tok != tIndent {
		p.noBlock(start, what)
		return nil
	}
	p.nextToken()
	if p.enter() {
		p.blockStatements()
	}
	p.leave()
	return p.popStmts(base)
}

func (p *parser) noBlock(start int, what string) {
	if len(p.errors) < maxErrors { // the line number is not for free
		p.fail(p.start, p.end, "expected an indented block after %s on line %d", what, p.line(start))
	}
	p.errored = false
}

// blockStatements reads statements up to and with the dedent.
func (p *parser) blockStatements() {
	for p.tok != tDedent && p.tok != tEOF {
		p.statements(true)
	}
	p.take(tDedent)
}

// compound reads a compound statement, or returns nil if there is none here.
func (p *parser) compound() ast.Stmt {
	switch p.tok {
	case tIf:
		return p.ifStmt()
	case tDef:
		return p.funcDef(nil, p.start, false)
	case tClass:
		return p.classDef(nil)
	case tFor:
		return p.forStmt(p.start, false)
	case tWhile:
		return p.whileStmt()
	case tTry:
		return p.tryStmt()
	case tWith:
		return p.withStmt(p.start, false)
	case tAt:
		return p.decorated()
	case tAsync:
		return p.asyncStmt()
	case tName:
		if p.end-p.start == 5 && p.is("match") && p.matchAhead() {
			return p.matchStmt()
		}
	case tElif, tElse, tExcept, tFinally:
		return p.orphan()
	}
	return nil
}

// orphan reads a clause whose statement is missing, for the sake of its block.
func (p *parser) orphan() ast.Stmt {
	p.invalid()
	start := p.start
	for p.tok != tNewline && p.tok != tEOF && p.tok != tColon {
		p.nextToken()
	}
	if p.tok != tColon {
		p.endLine()
		return nil
	}
	body := p.block(start, "this clause")
	n := p.nodes.Try(p.span(start))
	n.Body = body
	return n
}

// A clause is an if or elif whose node must wait for what follows it.
type clause struct {
	start int
	test  ast.Expr
	body  []ast.Stmt
}

// if_stmt, with its elif clauses read in a loop: they nest only in the tree.
func (p *parser) ifStmt() ast.Stmt {
	base, what := len(p.clauses), "'if' statement"
	for {
		start := p.start
		p.nextToken()
		test := p.namedExpr()
		body := p.block(start, what)
		p.clauses = append(p.clauses, clause{start, test, body})
		if p.tok != tElif {
			break
		}
		if len(p.clauses) > maxChain {
			p.fail(p.start, p.end, "too many elif clauses: more than %d", maxChain)
			break
		}
		what = "'elif' statement"
	}
	orelse := p.elseBlock()
	for i := len(p.clauses) - 1; ; i-- {
		c := &p.clauses[i]
		n := p.nodes.If(p.span(c.start))
		n.Test, n.Body, n.Orelse = c.test, c.body, orelse
		if i == base {
			p.clauses = p.clauses[:base]
			return n
		}
		orelse = p.oneStmt(n)
	}
}

func (p *parser) oneStmt(s ast.Stmt) []ast.Stmt {
	p.stmts = append(p.stmts, s)
	return p.popStmts(len(p.stmts) - 1)
}

func (p *parser) elseBlock() []ast.Stmt {
	start := p.start
	if !p.take(tElse) {
		return nil
	}
	return p.block(start, "'else' statement")
}

// while_stmt: 'while' named_expression ':' block ['else' ':' block]
func (p *parser) whileStmt() ast.Stmt {
	start := p.start
	p.nextToken()
	test := p.namedExpr()
	body := p.block(start, "'while' statement")
	orelse := p.elseBlock()
	n := p.nodes.While(p.span(start))
	n.Test, n.Body, n.Orelse = test, body, orelse
	return n
}

// for_stmt: ['async'] 'for' star_targets 'in' star_expressions ':' block ['else' ':' block]
func (p *parser) forStmt(start int, async bool) ast.Stmt {
	p.nextToken()
	target := p.targets()
	p.expect(tIn, "invalid syntax")
	iter := p.starExpressions()
	body := p.block(start, "'for' statement")
	orelse := p.elseBlock()
	n := p.nodes.For(p.span(start))
	n.Target, n.Iter, n.Body, n.Orelse, n.Async = target, iter, body, orelse, async
	return n
}

// targets: star_targets, a tuple if there is a comma. Ends before 'in', since it reads
// operands that bind tighter than comparisons.
func (p *parser) targets() ast.Expr {
	start, base := p.start, len(p.exprs)
	for {
		if p.tok == tStar {
			from := p.start
			p.nextToken()
			value := p.binary(precBitOr)
			n := p.nodes.Starred(p.span(from))
			n.Value = value
			p.exprs = append(p.exprs, n)
		} else {
			p.exprs = append(p.exprs, p.binary(precBitOr))
		}
		if p.tok != tComma {
			break
		}
		p.nextToken()
		if !startsExpr[p.tok] {
			return p.store(p.tuple(start, base), ast.Store)
		}
	}
	if _, star := p.exprs[base].(*ast.Starred); len(p.exprs)-base > 1 || star && p.prevComma() {
		return p.store(p.tuple(start, base), ast.Store)
	}
	e := p.exprs[base]
	p.exprs = p.exprs[:base]
	return p.store(e, ast.Store)
}

func (p *parser) prevComma() bool { return p.prevEnd > 0 && p.src[p.prevEnd-1] == ',' }

// asyncStmt: 'async' (funcdef | for | with)
func (p *parser) asyncStmt() ast.Stmt {
	start := p.start
	p.nextToken()
	switch p.tok {
	case tDef:
		return p.funcDef(nil, start, true)
	case tFor:
		return p.forStmt(start, true)
	case tWith:
		return p.withStmt(start, true)
	}
	p.invalid()
	return nil
}

// try_stmt
func (p *parser) tryStmt() ast.Stmt {
	start := p.start
	p.nextToken()
	body := p.block(start, "'try' statement")
	var few [4]*ast.ExceptHandler
	handlers, star := few[:0], false
	for p.tok == tExcept {
		from := p.start
		p.nextToken()
		starred := p.tok == tStar
		if len(handlers) == 0 {
			star = starred
		} else if star != starred {
			p.fail(from, p.prevEnd, "cannot have both 'except' and 'except*' on the same 'try'")
		}
		if starred {
			p.nextToken()
			if p.tok == tColon || p.tok == tNewline {
				p.fail(p.start, p.end, "expected one or more exception types")
			}
		}
		h := p.exceptClause(from)
		handlers = append(handlers, h)
	}
	orelse := p.elseBlock()
	var final []ast.Stmt
	if from := p.start; p.take(tFinally) {
		final = p.block(from, "'finally' statement")
	} else if len(handlers) == 0 {
		p.fail(p.start, p.end, "expected 'except' or 'finally' block")
		p.errored = false
	}
	n := p.nodes.Try(p.span(start))
	n.Body, n.Handlers, n.Orelse, n.Finalbody, n.Star = body, p.nodes.ExceptHandlerList(handlers), orelse, final, star
	return n
}

// exceptClause: [expression ['as' NAME] | expression (',' expression)* [',']] ':' block (PEP 758)
func (p *parser) exceptClause(from int) *ast.ExceptHandler {
	var typ ast.Expr
	var name string
	if p.tok != tColon {
		start, base := p.start, len(p.exprs)
		p.exprs = append(p.exprs, p.expression())
		if p.tok == tComma {
			for p.take(tComma) && startsExpr[p.tok] {
				p.exprs = append(p.exprs, p.expression())
			}
			typ = p.tuple(start, base)
		} else {
			typ = p.exprs[base]
			p.exprs = p.exprs[:base]
		}
		if p.tok == tAs {
			if _, bare := typ.(*ast.Tuple); bare && p.src[typ.Start()] != '(' {
				p.fail(int(typ.Start()), int(typ.End()), "multiple exception types must be parenthesized when using 'as'")
			}
			p.nextToken()
			name = p.identifier()
		}
	}
	body := p.block(from, "'except' statement")
	h := p.nodes.ExceptHandler(p.span(from))
	h.Type, h.Name, h.Body = typ, name, body
	return h
}

// with_stmt: ['async'] 'with' items ':' block, the items in parentheses or not
func (p *parser) withStmt(start int, async bool) ast.Stmt {
	p.nextToken()
	paren := p.tok == tLParen && p.withAhead()
	if paren {
		p.nextToken()
	}
	var few [4]*ast.WithItem // most lists are short enough for the stack
	items := few[:0]
	for {
		from := p.start
		e := p.expression()
		var vars ast.Expr
		if p.take(tAs) {
			vars = p.store(p.starTarget(), ast.Store)
		}
		item := p.nodes.WithItem(p.span(from))
		item.ContextExpr, item.OptionalVars = e, vars
		items = append(items, item)
		if !p.take(tComma) || paren && p.tok == tRParen {
			break
		}
	}
	if paren {
		p.expect(tRParen, "invalid syntax")
	}
	body := p.block(start, "'with' statement")
	n := p.nodes.With(p.span(start))
	n.Items, n.Body, n.Async = p.nodes.WithItemList(items), body, async
	return n
}

func (p *parser) starTarget() ast.Expr {
	if p.tok != tStar {
		return p.binary(precBitOr)
	}
	start := p.start
	p.nextToken()
	value := p.binary(precBitOr)
	n := p.nodes.Starred(p.span(start))
	n.Value = value
	return n
}

// farAhead says that the nth token ahead is too far. That is so only in a text that is
// broken: on a line where statements seem to begin at every word, or after some looks
// that went all the way to the end of the file for a bracket.
func (p *parser) farAhead(n int) bool {
	return n > 100 && (p.errored || p.hopeless > 10)
}

// withAhead decides whether the parenthesis after `with` holds items: it is closed
// right before the colon, and what it holds is not a single expression that only
// parentheses allow (a generator, :=, yield, a starred or an empty tuple).
func (p *parser) withAhead() bool {
	return p.lookAhead(func() bool {
		depth, itemStart := len(p.brackets), false
		p.next()
		if p.tok == tRParen {
			return false
		}
		itemStart = true
		for n := 0; ; n++ {
			if p.farAhead(n) {
				return false
			}
			if len(p.brackets) < depth { // the closing parenthesis
				p.next()
				return p.tok == tColon
			}
			top := len(p.brackets) == depth
			switch p.tok {
			case tNewline, tEOF:
				return false
			case tFString:
				p.skipFString()
			case tAs:
				if top {
					return true
				}
			case tFor, tColonEqual, tYield:
				if top {
					return false
				}
			case tStar:
				if top && itemStart {
					return false
				}
			}
			itemStart = top && p.tok == tComma
			p.next()
		}
	})
}

// decorated: ('@' named_expression NEWLINE)+ (class_def | function_def)
func (p *parser) decorated() ast.Stmt {
	base := len(p.exprs)
	for p.take(tAt) {
		p.exprs = append(p.exprs, p.namedExpr())
		if p.tok != tNewline {
			p.invalid()
			p.skipLine()
		}
		p.endLine()
	}
	decorators := p.popExprs(base)
	switch p.tok {
	case tDef:
		return p.funcDef(decorators, p.start, false)
	case tClass:
		return p.classDef(decorators)
	case tAsync:
		start := p.start
		p.nextToken()
		if p.tok == tDef {
			return p.funcDef(decorators, start, true)
		}
	}
	p.invalid()
	if len(decorators) == 0 {
		return nil
	}
	n := p.nodes.ExprStmt(decorators[0].Start(), decorators[0].End()) // keep what was read
	n.Value = decorators[0]
	return n
}

// function_def: 'def' NAME [type_params] '(' [params] ')' ['->' expression] ':' block
func (p *parser) funcDef(decorators []ast.Expr, start int, async bool) ast.Stmt {
	p.nextToken()
	pos := p.start
	name := p.identifier()
	tparams := p.typeParams()
	var args *ast.Arguments
	if p.expect(tLParen, "expected '('") {
		args = p.parameters(tRParen, true)
		p.expect(tRParen, "invalid syntax")
	} else {
		args = p.nodes.Arguments(p.span(p.prevEnd))
	}
	var returns ast.Expr
	if p.take(tArrow) {
		returns = p.expression()
	}
	body := p.block(start, "function definition")
	n := p.nodes.FunctionDef(p.span(start))
	n.Name, n.NamePos, n.Args, n.Body, n.DecoratorList, n.Returns, n.TypeParams, n.Async = name, ast.Pos(pos), args, body, decorators, returns, tparams, async
	return n
}

// class_def: 'class' NAME [type_params] ['(' [arguments] ')'] ':' block
func (p *parser) classDef(decorators []ast.Expr) ast.Stmt {
	start := p.start
	p.nextToken()
	pos := p.start
	name := p.identifier()
	tparams := p.typeParams()
	var bases []ast.Expr
	var keywords []*ast.Keyword
	if p.tok == tLParen {
		open := p.start
		p.nextToken()
		bases, keywords = p.arguments(open)
		if len(bases) == 1 && int(bases[0].Start()) == open && bases[0].Kind() == ast.KindGeneratorExp {
			p.fail(open, p.prevEnd, "invalid syntax")
		}
	}
	body := p.block(start, "class definition")
	n := p.nodes.ClassDef(p.span(start))
	n.Name, n.NamePos, n.Bases, n.Keywords, n.Body, n.DecoratorList, n.TypeParams = name, ast.Pos(pos), bases, keywords, body, decorators, tparams
	return n
}

// simple reads a simple statement, or nil where none begins.
func (p *parser) simple() ast.Stmt {
	start := p.start
	switch p.tok {
	case tPass:
		p.nextToken()
		return p.nodes.Pass(p.span(start))
	case tBreak:
		p.nextToken()
		return p.nodes.Break(p.span(start))
	case tContinue:
		p.nextToken()
		return p.nodes.Continue(p.span(start))
	case tReturn:
		p.nextToken()
		var value ast.Expr
		if startsExpr[p.tok] {
			value = p.starExpressions()
		}
		n := p.nodes.Return(p.span(start))
		n.Value = value
		return n
	case tRaise:
		return p.raiseStmt()
	case tAssert:
		p.nextToken()
		test := p.expression()
		var msg ast.Expr
		if p.take(tComma) {
			msg = p.expression()
		}
		n := p.nodes.Assert(p.span(start))
		n.Test, n.Msg = test, msg
		return n
	case tDel:
		return p.delStmt()
	case tGlobal, tNonlocal:
		return p.scopeStmt()
	case tImport:
		return p.importStmt(start, false)
	case tFrom:
		return p.importFrom(start, false)
	case tName:
		switch p.end - p.start {
		case 4:
			switch {
			case p.is("type") && p.typeAhead():
				return p.typeAlias()
			case p.is("lazy") && p.lazyAhead():
				p.nextToken()
				if p.tok == tImport {
					return p.importStmt(start, true)
				}
				return p.importFrom(start, true)
			}
		}
	case tIndent, tDedent, tNewline, tEOF:
		return nil
	}
	if !startsExpr[p.tok] {
		p.invalid()
		if !p.compoundStarts() {
			p.nextToken()
		} else {
			return p.compound()
		}
		return nil
	}
	return p.assignment()
}

// compoundStarts says whether a compound statement begins in the middle of a line,
// which is wrong, but whose block should be seen.
func (p *parser) compoundStarts() bool {
	switch p.tok {
	case tIf, tDef, tClass, tFor, tWhile, tTry, tWith:
		return true
	}
	return false
}

// raise_stmt: 'raise' [expression ['from' expression]]
func (p *parser) raiseStmt() ast.Stmt {
	start := p.start
	p.nextToken()
	var exc, cause ast.Expr
	if startsExpr[p.tok] {
		exc = p.expression()
		if p.take(tFrom) {
			cause = p.expression()
		} else if p.tok == tComma { // Python 2: raise E, V, T
			p.invalid()
			base := len(p.exprs)
			p.nextToken()
			from := p.start
			for startsExpr[p.tok] {
				p.exprs = append(p.exprs, p.expression())
				if !p.take(tComma) {
					break
				}
			}
			cause = p.tuple(from, base)
		}
	}
	n := p.nodes.Raise(p.span(start))
	n.Exc, n.Cause = exc, cause
	return n
}

// del_stmt: 'del' del_targets
func (p *parser) delStmt() ast.Stmt {
	start, base := p.start, len(p.exprs)
	p.nextToken()
	for startsExpr[p.tok] {
		p.exprs = append(p.exprs, p.store(p.binary(precBitOr), ast.Del))
		if !p.take(tComma) {
			break
		}
	}
	if len(p.exprs) == base {
		p.invalid()
	}
	targets := p.popExprs(base)
	n := p.nodes.Delete(p.span(start))
	n.Targets = targets
	return n
}

// global_stmt and nonlocal_stmt
func (p *parser) scopeStmt() ast.Stmt {
	start, kind, base := p.start, p.tok, len(p.idents)
	p.nextToken()
	for {
		if s := p.identifier(); s != "" {
			p.idents = append(p.idents, s)
		}
		if !p.take(tComma) {
			break
		}
	}
	names := p.nodes.IdentList(p.idents[base:])
	p.idents = p.idents[:base]
	if kind == tGlobal {
		n := p.nodes.Global(p.span(start))
		n.Names = names
		return n
	}
	n := p.nodes.Nonlocal(p.span(start))
	n.Names = names
	return n
}

// typeAhead: a statement only if a name and then = or [ follow.
func (p *parser) typeAhead() bool {
	return p.lookAhead(func() bool {
		p.next()
		if p.tok != tName {
			return false
		}
		p.next()
		return p.tok == tEqual || p.tok == tLBracket
	})
}

func (p *parser) lazyAhead() bool {
	return p.lookAhead(func() bool {
		p.next()
		return p.tok == tImport || p.tok == tFrom
	})
}

// type_alias: 'type' NAME [type_params] '=' expression
func (p *parser) typeAlias() ast.Stmt {
	start := p.start
	p.nextToken()
	from := p.start
	id := p.identifier()
	name := p.nodes.Name(p.span(from))
	name.Ident = id
	ast.SetCtx(name, ast.Store)
	tparams := p.typeParams()
	p.expect(tEqual, "invalid syntax")
	value := p.expression()
	n := p.nodes.TypeAlias(p.span(start))
	n.Name, n.TypeParams, n.Value = name, tparams, value
	return n
}
