package parser

import "github.com/gambeson/gambeson/internal/python/ast"

// parameters: those of a function (annotated) or of a lambda, up to the closing token
func (p *parser) parameters(closing token, annotated bool) *ast.Arguments {
	start := p.start
	if p.tok == closing {
		return p.nodes.Arguments(p.span(start))
	}
	var n ast.Arguments // becomes a node at the end: children have lower numbers
	base, baseDefaults := len(p.params), len(p.exprs)
	var posonly []*ast.Arg
	var last ast.Expr
	flushed := false // positional parameters are in n.Args; what follows is keyword-only
	flush := func() {
		if !flushed {
			flushed = true
			n.Posonlyargs = posonly
			n.Args = p.nodes.ArgList(p.params[base:])
			n.Defaults = p.nodes.ExprList(p.exprs[baseDefaults:])
			p.params, p.exprs = p.params[:base], p.exprs[:baseDefaults]
		}
	}
loop:
	for p.tok != closing {
		if n.Kwarg != nil {
			p.fail(p.start, p.end, "arguments cannot follow var-keyword argument")
		}
		switch p.tok {
		case tSlash:
			switch {
			case flushed:
				p.fail(p.start, p.end, "/ must be ahead of *")
			case posonly != nil:
				p.fail(p.start, p.end, "/ may appear only once")
			case len(p.params) == base:
				p.fail(p.start, p.end, "at least one argument must precede /")
			default:
				posonly = p.nodes.ArgList(p.params[base:])
				p.params = p.params[:base]
			}
			p.nextToken()
		case tStar:
			if flushed {
				p.fail(p.start, p.end, "* argument may appear only once")
			}
			flush()
			star := p.start
			p.nextToken()
			if p.tok == tName {
				arg := p.param(annotated, true)
				if n.Vararg == nil {
					n.Vararg = arg
				}
				p.noDefault("var-positional")
				break
			}
			if p.take(tComma) && p.tok == tName {
				continue
			}
			if p.tok == closing || p.tok == tDoubleStar {
				p.fail(star, star+1, "named arguments must follow bare *")
			} else {
				p.invalid()
			}
			continue
		case tDoubleStar:
			flush()
			p.nextToken()
			arg := p.param(annotated, false)
			if n.Kwarg == nil {
				n.Kwarg = arg
			}
			p.noDefault("var-keyword")
		case tName:
			arg := p.param(annotated, false)
			p.params = append(p.params, arg)
			last = arg.Annotation
			if p.take(tEqual) {
				last = p.expression()
				p.exprs = append(p.exprs, last)
			} else if flushed {
				p.exprs = append(p.exprs, nil)
			} else if len(p.exprs) > baseDefaults {
				p.fail(int(arg.Start()), int(arg.End()), "parameter without a default follows parameter with a default")
				p.exprs = append(p.exprs, p.missing(p.prevEnd))
			}
		case tLParen: // Python 2: def f(a, (b, c))
			p.invalid()
			p.starNamed()
			if p.take(tEqual) {
				p.expression()
			}
		default:
			p.invalid()
			break loop
		}
		if !p.take(tComma) {
			if p.tok != tName || len(p.brackets) == 0 {
				break
			}
			if last != nil { // a comma was forgotten
				p.noComma(last)
			}
			p.invalid()
		}
	}
	if flushed {
		n.Kwonlyargs = p.nodes.ArgList(p.params[base:])
		n.KwDefaults = p.nodes.ExprList(p.exprs[baseDefaults:])
		p.params, p.exprs = p.params[:base], p.exprs[:baseDefaults]
	}
	flush()
	if p.tok != closing {
		p.invalid()
		for p.tok != closing && p.tok != tNewline && p.tok != tEOF && p.tok != tColon {
			p.nextToken()
		}
	}
	node := p.nodes.Arguments(p.span(min(start, p.prevEnd)))
	n.Header = node.Header
	*node = n
	return node
}

// noDefault reports the default of a parameter that cannot have one.
func (p *parser) noDefault(what string) {
	if p.tok == tEqual {
		p.fail(p.start, p.end, "%s argument cannot have default value", what)
		p.nextToken()
		p.expression()
	}
}

// param: NAME [':' expression]; that of *args may have a starred annotation (PEP 646)
func (p *parser) param(annotated, star bool) *ast.Arg {
	start := p.start
	name := p.identifier()
	var annotation ast.Expr
	if annotated && p.take(tColon) {
		if star && p.tok == tStar {
			annotation = p.starred(false)
		} else {
			annotation = p.expression()
		}
	}
	a := p.nodes.Arg(p.span(start))
	a.Arg, a.Annotation = name, annotation
	return a
}

// type_params: '[' type_param (',' type_param)* [','] ']' (PEP 695 and 696)
func (p *parser) typeParams() []ast.TypeParam {
	if p.tok != tLBracket {
		return nil
	}
	p.nextToken()
	var list []ast.TypeParam
	for p.tok != tRBracket {
		t := p.typeParam()
		if t == nil {
			break
		}
		list = append(list, t)
		if !p.take(tComma) {
			break
		}
	}
	if list == nil {
		p.fail(p.start, p.end, "Type parameter list cannot be empty")
	}
	p.expect(tRBracket, "invalid syntax")
	return p.nodes.TypeParamList(list)
}

func (p *parser) typeParam() ast.TypeParam {
	start, kind := p.start, p.tok
	if kind == tStar || kind == tDoubleStar {
		p.nextToken()
	}
	name := p.identifier()
	if name == "" {
		return nil
	}
	var bound, value ast.Expr
	if kind == tName && p.take(tColon) {
		bound = p.expression()
	}
	if p.take(tEqual) {
		if kind == tStar && p.tok == tStar {
			value = p.starred(false)
		} else {
			value = p.expression()
		}
	}
	switch kind {
	case tStar:
		n := p.nodes.TypeVarTuple(p.span(start))
		n.Name, n.DefaultValue = name, value
		return n
	case tDoubleStar:
		n := p.nodes.ParamSpec(p.span(start))
		n.Name, n.DefaultValue = name, value
		return n
	}
	n := p.nodes.TypeVar(p.span(start))
	n.Name, n.Bound, n.DefaultValue = name, bound, value
	return n
}
