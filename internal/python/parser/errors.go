package parser

import (
	"bytes"
	"fmt"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// Of all that is wrong with a file CPython reports one thing: what its tokenizer finds
// anywhere in the file, and only if there is nothing what its parser finds. (When the
// parser fails, it runs the tokenizer over the rest.) Here reading goes on after an error, and all are
// reported; but the first in the list is the one that CPython would have chosen, so
// that nobody gets two answers. The others follow in order.

// maxErrors bounds the diagnostics of one file; the first ones matter.
const maxErrors = 100

type diagnostics struct {
	errors  []ast.Error
	errored bool       // an error was reported on this logical line; the next ones would be noise
	legacy  bool       // it was that of a print or exec statement: the rest of the line makes sense
	first   errorClass // of errors[0]
	fault   int        // where the token stands at which errors[0] was noticed
}

type errorClass uint8

const (
	grammatical errorClass = iota // by the parser
	lexical                       // by the tokenizer: goes before those of the parser
	misplaced                     // by the tokenizer, but not looked for after another one
	endless                       // by the tokenizer: a bracket is open at the end of the file
)

// fail reports an error of the parser's.
func (l *lexer) fail(start, end int, format string, args ...any) {
	if !l.strict {
		l.report(grammatical, start, end, format, args)
	}
}

// lexical reports an error of the tokenizer's.
func (l *lexer) lexical(start, end int, format string, args ...any) {
	l.report(lexical, start, end, format, args)
}

// misplaced reports bad indentation or a stray backslash.
func (l *lexer) misplaced(start, end int, format string, args ...any) {
	l.report(misplaced, start, end, format, args)
}

func (l *lexer) report(c errorClass, start, end int, format string, args []any) {
	if l.errored || l.scanning {
		return
	}
	l.errored = true
	if start >= l.size && l.size > 0 && l.src[l.size-1] == '\n' {
		start = l.size - 1 // CPython counts no line after the last one
	}
	if len(l.errors) == 0 {
		l.first, l.fault = c, l.start
	}
	if len(l.errors) >= maxErrors {
		return
	}
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	l.errors = append(l.errors, ast.Error{Span: source.Span{Start: ast.Pos(start), End: ast.Pos(max(start, end))}, Message: format})
}

// verdict puts the error that CPython reports in front, if that is not the first.
func (p *parser) verdict() {
	if len(p.errors) == 0 || p.first != grammatical {
		return
	}
	t := parser{lexer: lexer{src: p.src, size: p.size, indents: []indent{{}}, bol: true, tok: tNewline, strict: true}}
	for t.next(); t.tok != tEOF && len(t.errors) == 0; t.next() {
		if t.tok == tFString {
			t.skipFString()
		}
	}
	if len(t.errors) == 0 {
		return
	}
	e := t.errors[0]
	if t.first != lexical {
		// Then only a bracket that is open counts, if it stands on a line above the fault.
		n := len(t.brackets)
		if n == 0 {
			return
		}
		b := t.brackets[n-1]
		if b.pos >= p.fault || !bytes.ContainsAny(p.src[b.pos:p.fault], "\r\n") {
			return
		}
		e = t.neverClosed(b)
	}
	for i, other := range p.errors {
		if other.Span.Start == e.Span.Start { // found on the way, too
			p.errors = append(p.errors[:i], p.errors[i+1:]...)
			break
		}
	}
	p.errors = append([]ast.Error{e}, p.errors...)
}

func (l *lexer) neverClosed(b bracket) ast.Error {
	return ast.Error{Span: source.Span{Start: ast.Pos(b.pos), End: ast.Pos(b.pos + 1)}, Message: fmt.Sprintf("'%c' was never closed", b.open)}
}

// line is the number of the line of a place, for messages.
func (l *lexer) line(at int) int {
	n := 1
	for i, c := range l.src[:at] {
		if c == '\n' || c == '\r' && l.src[i+1] != '\n' {
			n++
		}
	}
	return n
}
