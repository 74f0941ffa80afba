package parser

import "github.com/gambeson/gambeson/internal/python/ast"

// parameters: those of a function (annotated) or of a lambda, up to the closing token
func (p *parser) parameters(closing token, annotated bool) *ast.Arguments {
	n := p.nodes.Arguments(p.span(p.start))
	if p.tok == closing {
		return n
	}
	base, baseDefaults := len(p.params), len(p.exprs)
	var posonly []*ast.Arg
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
		switch p.tok {
		case tSlash:
			if posonly != nil || flushed || len(p.params) == base {
				p.invalid()
			} else {
				posonly = p.nodes.ArgList(p.params[base:])
				p.params = p.params[:base]
			}
			p.nextToken()
		case tStar:
			if flushed {
				p.invalid()
			}
			flush()
			star := p.start
			p.nextToken()
			if p.tok == tName {
				n.Vararg = p.param(annotated, true)
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
			n.Kwarg = p.param(annotated, false)
		case tName:
			arg := p.param(annotated, false)
			p.params = append(p.params, arg)
			if p.take(tEqual) {
				p.exprs = append(p.exprs, p.expression())
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
			break
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
	ast.SetSpan(n, n.Start(), max(n.Start(), ast.Pos(p.prevEnd)))
	return n
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
