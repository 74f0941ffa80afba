package parser

import "github.com/gambeson/gambeson/internal/python/ast"

// import_name: 'import' dotted_as_name (',' dotted_as_name)*
func (p *parser) importStmt(start int, lazy bool) ast.Stmt {
	p.nextToken()
	for {
		from := p.start
		if p.tok == tNewline {
			p.fail(p.start, p.end, "Expected one or more names after 'import'")
			break
		}
		name := p.dottedName()
		if name == "" {
			break
		}
		p.aliases = append(p.aliases, p.alias(from, name))
		if !p.take(tComma) {
			break
		}
	}
	names := p.popAliases()
	n := p.nodes.Import(p.span(start))
	n.Names, n.Lazy = names, lazy
	return n
}

func (p *parser) popAliases() []*ast.Alias {
	list := p.nodes.AliasList(p.aliases)
	p.aliases = p.aliases[:0]
	return list
}

// alias finishes `name ['as' NAME]`.
func (p *parser) alias(from int, name string) *ast.Alias {
	as := ""
	if p.take(tAs) {
		as = p.identifier()
	}
	a := p.nodes.Alias(p.span(from))
	a.Name, a.Asname = name, as
	return a
}

// dottedName: NAME ('.' NAME)*, which is a view of the source unless blanks divide it.
func (p *parser) dottedName() string {
	start := p.start
	whole := !p.unicode
	name := p.identifier()
	for p.tok == tDot {
		dot := p.start
		p.nextToken()
		whole = whole && !p.unicode
		if p.tok == tName && whole && dot == start+len(name) && p.start == dot+1 {
			p.nextToken()
			name = view(p.src[start:p.prevEnd])
			continue
		}
		name += "." + p.identifier()
	}
	return name
}

// import_from: 'from' ('.' | '...')* dotted_name 'import' ('*' | '(' names ')' | names)
func (p *parser) importFrom(start int, lazy bool) ast.Stmt {
	p.nextToken()
	level, module := 0, ""
	for {
		if p.tok == tDot {
			level++
		} else if p.tok == tEllipsis {
			level += 3
		} else {
			break
		}
		p.nextToken()
	}
	if p.tok == tName {
		module = p.dottedName()
	} else if level == 0 {
		p.invalid()
	}
	if p.expect(tImport, "invalid syntax") {
		paren := p.take(tLParen)
		for {
			from := p.start
			if p.tok == tStar {
				if paren {
					p.invalid()
				}
				p.nextToken()
				a := p.nodes.Alias(p.span(from))
				a.Name = "*"
				p.aliases = append(p.aliases, a)
				break
			}
			if p.tok == tNewline || paren && p.tok == tRParen {
				p.fail(p.start, p.end, "Expected one or more names after 'import'")
				break
			}
			name := p.identifier()
			if name == "" {
				break
			}
			p.aliases = append(p.aliases, p.alias(from, name))
			if !p.take(tComma) || paren && p.tok == tRParen {
				break
			}
			if !paren && p.tok == tNewline {
				p.fail(p.start, p.end, "trailing comma not allowed without surrounding parentheses")
				break
			}
		}
		if paren {
			p.expect(tRParen, "invalid syntax")
		}
	}
	names := p.popAliases()
	n := p.nodes.ImportFrom(p.span(start))
	n.Module, n.Names, n.Level, n.Lazy = module, names, level, lazy
	return n
}
