package parser

import (
	"bytes"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

func view(b []byte) string { return source.View(b) }

// strings: one or more adjacent literals, which Python joins
func (p *parser) strings() ast.Expr {
	start, base := p.start, len(p.exprs)
	if p.tok == tString {
		n := p.stringToken()
		if p.tok != tString && p.tok != tFString {
			return n
		}
		p.exprs = append(p.exprs, n)
	}
	formatted, template, other := false, false, len(p.exprs) > base
	for {
		if p.tok == tString {
			other = true
			p.exprs = append(p.exprs, p.stringToken())
		} else if p.tok == tFString {
			formatted = true
			if p.fstring() {
				template = true
			} else {
				other = true
			}
		} else {
			break
		}
	}
	if template && other {
		p.fail(start, p.prevEnd, "cannot mix t-string literals with string or bytes literals")
	}
	if !formatted {
		return p.joined(start, base)
	}
	values := p.fold(base)
	if template {
		n := p.nodes.TemplateStr(p.span(start))
		n.Values = values
		return n
	}
	n := p.nodes.JoinedStr(p.span(start))
	n.Values = values
	return n
}

func (p *parser) stringToken() *ast.Constant {
	raw := p.src[p.start:p.end]
	n := p.nodes.Constant(ast.Pos(p.start), ast.Pos(p.end))
	n.Raw = view(raw)
	kind, escaped := ast.Str, p.escaped
	for _, c := range raw[:min(2, len(raw))] {
		if c == '"' || c == '\'' {
			break
		}
		switch c | 0x20 {
		case 'b':
			kind = ast.Bytes
		case 'r':
			escaped = false
		}
	}
	ast.SetConst(n, kind)
	if kind == ast.Bytes && !ast.BytesLiteral(n.Raw) {
		p.fail(p.start, p.end, "bytes can only contain ASCII literal characters")
	}
	if escaped {
		_, body := ast.Unquote(n.Raw)
		p.checkEscapes(p.start, body, kind == ast.Bytes)
	}
	p.nextToken()
	return n
}

// joined makes one constant of the plain literals on the stack.
func (p *parser) joined(start, base int) ast.Expr {
	parts := p.exprs[base:]
	first := parts[0].(*ast.Constant)
	chain(parts)
	for _, e := range parts {
		if e.(*ast.Constant).ConstKind() != first.ConstKind() {
			p.fail(start, p.prevEnd, "cannot mix bytes and nonbytes literals")
		}
	}
	p.exprs = p.exprs[:base]
	return first
}

// chain links constants into the first, which takes the place of all.
func chain(parts []ast.Expr) {
	first := parts[0].(*ast.Constant)
	prev := first
	for _, e := range parts[1:] {
		c := e.(*ast.Constant)
		ast.SetPart(c)
		prev.Next = c
		prev = c
	}
	ast.SetSpan(first, first.Start(), prev.End())
}

// fold takes the parts of an f-string off the stack: neighbouring constants become one,
// empty ones go.
func (p *parser) fold(base int) []ast.Expr {
	parts, out := p.exprs[base:], base
	for i := 0; i < len(parts); {
		c, ok := parts[i].(*ast.Constant)
		j := i + 1
		if ok {
			for j < len(parts) && parts[j].Kind() == ast.KindConstant {
				j++
			}
			if c.ConstKind() == ast.Bytes {
				p.fail(int(c.Start()), int(c.End()), "cannot mix bytes and nonbytes literals")
			}
			if j > i+1 {
				chain(parts[i:j])
			}
			if c.Empty() {
				i = j
				continue
			}
		}
		p.exprs[out] = parts[i]
		out++
		i = j
	}
	p.exprs = p.exprs[:out]
	return p.popExprs(base)
}

// A quote is what ends an f-string.
type quote struct {
	char     byte
	triple   bool
	raw      bool
	template bool
}

func (p *parser) quote() quote {
	q := quote{char: p.src[p.end-1], triple: p.src[p.end-2] == p.src[p.end-1]}
	for _, c := range p.src[p.start:p.end] {
		switch c | 0x20 {
		case 'r':
			q.raw = true
		case 't':
			q.template = true
		}
	}
	return q
}

// fstring pushes the parts of the literal whose opening is under the cursor, and takes
// it. It says whether the literal is a template.
func (p *parser) fstring() bool {
	q, start := p.quote(), p.start
	outer, quotes, specs := p.field, p.outer, p.specs
	if !p.enter() {
		p.leave()
		p.end, p.pos = p.size, p.size
		p.nextToken()
		return q.template
	}
	p.specs = 0
	for {
		from := p.pos
		to, next, end := p.middle(q, false)
		p.text(from, to, q.raw)
		if end == endBrace && to > from { // the place of the text includes both braces
			last := p.exprs[len(p.exprs)-1]
			ast.SetSpan(last, last.Start(), ast.Pos(next))
		}
		p.pos = next
		if end == endQuote || end == endMissing {
			if end == endMissing {
				p.unterminatedFString(start, q)
			}
			break
		}
		if end == endField {
			p.replacement(q, false)
			if p.tok != tRBrace { // reported; the literal is lost from here on
				break
			}
		}
	}
	p.field, p.outer, p.specs = outer, quotes, specs
	p.leave()
	p.tok, p.start, p.end = tString, start, p.pos
	p.nextToken()
	return q.template
}

func (p *parser) unterminatedFString(start int, q quote) {
	what := "f-string"
	if q.template {
		what = "t-string"
	}
	p.lexical(start, start+1, "unterminated %s literal", what)
}

// text pushes a run of text, unless it is empty.
func (p *parser) text(from, to int, raw bool) {
	if from == to {
		return
	}
	n := p.nodes.Constant(ast.Pos(from), ast.Pos(to))
	n.Raw = view(p.src[from:to])
	ast.SetText(n, raw)
	if !raw {
		p.checkEscapes(from, n.Raw, false)
	}
	if !n.Empty() {
		p.exprs = append(p.exprs, n)
	}
}

// How a run of text in an f-string ends.
type ending uint8

const (
	endQuote   ending = iota // the literal is over
	endField                 // a replacement field begins
	endBrace                 // a doubled brace: more text follows
	endSpec                  // the format spec is over; a } follows
	endMissing               // the file or the line is over
)

// middle finds the end of the run of text at pos: it goes to `to`, and reading goes on
// at next. After a doubled brace the run has one of the two. In a format spec braces do
// not double. CPython: tok_get_fstring_mode.
func (l *lexer) middle(q quote, spec bool) (to, next int, end ending) {
	src := l.src
	for i := l.pos; ; i++ {
		switch c := src[i]; c {
		case 0:
			if i >= l.size {
				return i, i, endMissing
			}
		case '\n', '\r':
			if !q.triple {
				if spec {
					return i, i, endSpec
				}
				return i, i, endMissing
			}
		case q.char:
			if !q.triple {
				return i, i + 1, endQuote
			}
			if src[i+1] == c && src[i+2] == c {
				return i, i + 3, endQuote
			}
		case '{':
			if src[i+1] == '{' && !spec {
				return i + 1, i + 2, endBrace
			}
			return i, i, endField
		case '}':
			if spec {
				return i, i, endSpec
			}
			if src[i+1] == '}' {
				return i + 1, i + 2, endBrace
			}
			l.lexical(i, i+1, "f-string: single '}' is not allowed")
		case '\\':
			d := src[i+1]
			if d == '{' || d == '}' || i+1 >= l.size {
				break
			}
			i++
			if d == '\r' && src[i+1] == '\n' {
				i++
			}
			if d == 'N' && !q.raw && src[i+1] == '{' {
				for src[i] != '}' && src[i] != q.char && src[i] != '\n' && i < l.size {
					i++
				}
				if src[i] != '}' {
					i--
				}
			}
		}
	}
}

// maxSpecs is how deep format specs nest within one literal, as in CPython.
const maxSpecs = 3

// replacement: '{' annotated_rhs ['='] ['!' NAME] [':' format_spec*] '}'. The cursor is
// at the opening brace; afterwards the closing one is the token, not taken, so that the
// text after it is not read as tokens.
func (p *parser) replacement(q quote, spec bool) {
	outer, open := p.field, p.pos
	if p.specs >= maxSpecs {
		p.lexical(open, open+1, "f-string: expressions nested too deeply")
	}
	depth := len(p.brackets)
	p.brackets = append(p.brackets, bracket{open, '{'})
	p.field, p.outer = len(p.brackets), q
	p.pos = open + 1
	p.tok, p.prevEnd = tLBrace, open+1
	p.next()
	if p.tok == tRBrace || p.tok == tColon || p.tok == tExclamation {
		p.fail(p.start, p.end, "f-string: valid expression required before '%c'", p.src[p.start])
	}
	value := p.yieldOrStar()
	exprEnd, comments := p.prevEnd, len(p.comments)
	debug := p.take(tEqual)
	debugEnd := p.start
	conversion := -1
	if p.tok == tExclamation {
		conversion = p.conversion()
	}
	var format ast.Expr
	if p.tok == tColon {
		format = p.formatSpec(q)
	}
	if debug && conversion < 0 && format == nil {
		conversion = 'r'
	}
	if p.tok != tRBrace {
		p.fail(open, open+1, "f-string: expecting '}'")
		for p.tok > tQuote && p.tok != tRBrace && len(p.brackets) >= p.field || p.tok == tName || p.tok == tNumber || p.tok == tString && p.src[p.start] != q.char {
			p.nextToken()
		}
	}
	end := p.end
	if p.tok != tRBrace {
		end = p.prevEnd
		p.abandon(q, depth)
	}
	p.field = outer
	if debug {
		p.debugText(open+1, debugEnd, q.raw || spec)
	}
	if q.template && !spec { // in a format spec a template's fields are those of an f-string
		n := p.nodes.Interpolation(ast.Pos(open), ast.Pos(end))
		n.Value, n.Str, n.Conversion, n.FormatSpec = value, p.written(open+1, exprEnd, comments), conversion, format
		p.exprs = append(p.exprs, n)
		return
	}
	n := p.nodes.FormattedValue(ast.Pos(open), ast.Pos(end))
	n.Value, n.Conversion, n.FormatSpec = value, conversion, format
	p.exprs = append(p.exprs, n)
}

// abandon gives up an f-string in the middle of a field, and the brackets above depth:
// reading goes on where the literal seems to end.
func (p *parser) abandon(q quote, depth int) {
	p.brackets = p.brackets[:min(len(p.brackets), depth)]
	switch {
	case p.tok == tNewline:
		p.pos, p.bol = p.start, false
	case p.tok == tString && !q.triple && p.src[p.start] == q.char:
		p.pos = p.start + 1
	}
	if q.triple {
		if n := bytes.Index(p.src[p.pos:p.size], []byte{q.char, q.char, q.char}); n >= 0 {
			p.pos += n + 3
		}
	}
	p.tok, p.start, p.end = tError, p.pos, p.pos
}

// written is the text of a template's expression, of which comments[:n] may be part:
// without them, and without blanks at the end, as Python 3.14 has it.
func (p *parser) written(from, to, n int) string {
	text := p.src[from:max(from, to)]
	for i := n; i > 0 && int(p.comments[i-1].Start) >= from; i-- {
		c := p.comments[i-1]
		if int(c.End) > to { // between the expression and the brace
			continue
		}
		text = append(append([]byte(nil), text[:int(c.Start)-from]...), text[int(c.End)-from:]...)
	}
	return strings.TrimRight(string(text), " \t\f\r\n")
}

// conversion: '!' ('s' | 'r' | 'a')
func (p *parser) conversion() int {
	p.nextToken()
	switch {
	case p.tok != tName:
		p.fail(p.start, p.end, "f-string: missing conversion character")
		return -1
	case p.start > p.prevEnd:
		p.fail(p.start, p.end, "f-string: conversion type must come right after the exclamation mark")
	case !p.is("s") && !p.is("r") && !p.is("a"):
		p.fail(p.start, p.end, "f-string: invalid conversion character '%s': expected 's', 'r', or 'a'", p.name())
	}
	c := int(p.src[p.start])
	p.nextToken()
	return c
}

// debugText pushes the text of {x=}, without its comments, as CPython does.
func (p *parser) debugText(from, to int, raw bool) {
	n := p.nodes.Constant(ast.Pos(from), ast.Pos(to))
	n.Raw = view(p.src[from:to])
	if strings.IndexByte(n.Raw, '#') >= 0 {
		var b strings.Builder
		for rest := n.Raw; ; {
			text, comment, found := strings.Cut(rest, "#")
			b.WriteString(text)
			if !found {
				break
			}
			end := strings.IndexByte(comment, '\n')
			if end < 0 {
				break
			}
			rest = comment[end:]
		}
		n.Raw = b.String()
	}
	ast.SetText(n, raw)
	p.exprs = append(p.exprs, n)
}

// formatSpec reads what follows the colon under the cursor, up to the closing brace,
// which becomes the token.
func (p *parser) formatSpec(q quote) ast.Expr {
	start, base := p.start, len(p.exprs)
	if !p.enter() {
		p.leave()
		return nil
	}
	p.specs++
	for {
		from := p.pos
		to, next, end := p.middle(q, true)
		p.text(from, to, false)
		p.pos, p.prevEnd = next, to
		if end == endField {
			p.replacement(q, true)
			p.prevEnd = p.pos
			if p.tok == tRBrace {
				continue
			}
		} else if end == endSpec {
			p.tok = tColon
			p.start, p.end = p.prevEnd, p.prevEnd
			p.next()
		} else {
			p.pos = to // let the caller find the quote where a brace should be
			p.tok = tEOF
		}
		break
	}
	p.specs--
	p.leave()
	to := p.prevEnd
	values := p.fold(base)
	n := p.nodes.JoinedStr(ast.Pos(start), ast.Pos(to))
	n.Values = values
	return n
}

// skipFString passes over the literal whose opening is the token, when looking ahead.
func (p *parser) skipFString() {
	q, outer, quotes, start := p.quote(), p.field, p.outer, p.start
	for {
		_, next, end := p.middle(q, false)
		p.pos = next
		switch end {
		case endQuote, endMissing:
			if end == endMissing {
				p.unterminatedFString(start, q)
			}
			p.field, p.outer = outer, quotes
			p.tok = tString
			return
		case endField:
			if !p.skipField(q, 0) {
				p.field, p.outer = outer, quotes
				return
			}
		}
	}
}

// skipField passes over a replacement field, up to and with its closing brace.
func (p *parser) skipField(q quote, depth int) bool {
	outer, base := p.field, len(p.brackets)
	if depth > MaxDepth || base > MaxDepth {
		return false
	}
	if depth >= maxSpecs {
		p.lexical(p.pos, p.pos+1, "f-string: expressions nested too deeply")
	}
	p.brackets = append(p.brackets, bracket{p.pos, '{'})
	p.field, p.outer = len(p.brackets), q
	defer func() { p.field = outer }()
	for p.pos++; ; {
		p.next()
		switch {
		case p.tok == tNewline || p.tok == tEOF || p.tok == tQuote:
			return false
		case p.tok == tRBrace && len(p.brackets) <= base:
			return true
		case p.tok == tFString:
			p.skipFString()
		case p.tok == tColon && len(p.brackets) == p.field:
			for {
				_, next, end := p.middle(q, true)
				p.pos = next
				if end != endField {
					break
				}
				if !p.skipField(q, depth+1) {
					return false
				}
			}
		}
	}
}
