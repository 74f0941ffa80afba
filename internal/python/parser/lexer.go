package parser

import (
	"bytes"
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// A lexer cuts the text into tokens, one at a time as the parser asks for them; there
// is no token array. The text ends with a zero byte that is not part of it, so that
// the common loops need no check for the end:
//
//	i m p o r t   o s \n 0
//	              ^   ^   ^
//	          start   pos  size
//
// Inside brackets line ends vanish. F-strings are driven by the parser: the lexer
// returns tFString for what opens one, and the parser asks for its text (see fstring.go).
type lexer struct {
	src  []byte // with the zero byte
	size int    // without it
	pos  int    // where the next token is looked for

	tok        token
	start, end int          // of tok
	op         ast.Operator // of tAugAssign
	unicode    bool         // the name has bytes beyond ASCII

	escaped  bool // the string has a backslash
	bol      bool // at the beginning of a logical line
	pending  int  // indents (1) or dedents (negative) still to be handed out
	indents  []indent
	brackets []bracket
	saved    []bracket // brackets of those who look ahead
	outer    quote     // of the innermost f-string whose field is being read
	field    int       // number of brackets open at the level of the innermost f-string field, or 0

	comments []source.Span
	diagnostics
	scanning bool // looking ahead: report nothing
	hopeless int  // how often looking ahead went to the end of the file
	strict   bool // cut as CPython does, without recovery; see errors.go
}

// indent is a level of indentation, in columns with tabs to 8 and with tabs to 1. A
// program must mean the same under both (CPython's rule against mixed tabs).
type indent struct{ col, alt int }

type bracket struct {
	pos  int
	open byte
}

// Classes of bytes.
const (
	cOperator = iota // or what cannot begin a token at all
	cIdent           // letters, _, and everything beyond ASCII
	cDigit
	cBlank
	cMark // a token of one byte
	cOpen
	cClose
	cQuote
	cLine
	cComment
	cBackslash
	cZero
)

// marks are the tokens that one byte decides; opening has the partner of a closing bracket.
var (
	marks = [256]token{',': tComma, ';': tSemicolon, '~': tTilde, '(': tLParen, '[': tLBracket, '{': tLBrace, ')': tRParen, ']': tRBracket, '}': tRBrace}

	opening = [256]byte{')': '(', ']': '[', '}': '{'}
)

var class = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c >= 0x80:
			t[c] = cIdent
		case c >= '0' && c <= '9':
			t[c] = cDigit
		case c == ' ', c == '\t', c == '\f':
			t[c] = cBlank
		case c == ',', c == ';', c == '~':
			t[c] = cMark
		case c == '(', c == '[', c == '{':
			t[c] = cOpen
		case c == ')', c == ']', c == '}':
			t[c] = cClose
		case c == '"', c == '\'':
			t[c] = cQuote
		case c == '\n', c == '\r':
			t[c] = cLine
		case c == '#':
			t[c] = cComment
		case c == '\\':
			t[c] = cBackslash
		case c == 0:
			t[c] = cZero
		}
	}
	return
}()

// identPart are the bytes of an ASCII identifier.
var identPart = func() (t [256]bool) {
	for c := range 128 {
		t[c] = class[c] == cIdent || class[c] == cDigit
	}
	return
}()

// next reads a token into tok, start and end.
func (l *lexer) next() {
	if l.pending != 0 {
		l.start, l.end = l.pos, l.pos
		if l.pending > 0 {
			l.pending--
			l.tok = tIndent
		} else {
			l.pending++
			l.tok = tDedent
		}
		return
	}
	if l.bol {
		l.bol = false
		if l.indentation(); l.pending != 0 {
			l.next()
			return
		}
	}
	src, i := l.src, l.pos
	for {
		c := src[i]
		for c == ' ' {
			i++
			c = src[i]
		}
		l.start = i
		switch class[c] {
		case cIdent:
			l.pos = i
			l.name()
			return
		case cMark:
			l.tok, l.end, l.pos = marks[c], i+1, i+1
			return
		case cOpen:
			l.tok, l.end, l.pos = marks[c], i+1, i+1
			l.brackets = append(l.brackets, bracket{i, c})
			return
		case cClose:
			l.tok, l.end, l.pos = marks[c], i+1, i+1
			l.closing(i, opening[c])
			return
		case cOperator:
			if c == '.' && class[src[i+1]] == cDigit {
				l.pos = i
				l.number()
				return
			}
			l.pos = i
			l.operator(c)
			return
		case cDigit:
			l.pos = i
			l.number()
			return
		case cQuote:
			l.pos = i
			l.str(i)
			return
		case cBlank:
			i++
			continue
		case cComment:
			i = l.comment(i)
			continue
		case cLine:
			i++
			if c == '\r' && src[i] == '\n' {
				i++
			}
			if len(l.brackets) == 0 || l.field > 0 && l.errored && !l.strict {
				l.tok, l.end, l.pos, l.bol = tNewline, i, i, true
				return
			}
			if c := src[i]; l.field == 0 && !l.strict && (c >= 'a' && c <= 'w' || class[c] == cBlank) && l.unclosed(i) {
				return
			}
			continue
		case cBackslash:
			j := i + 1
			if src[j] == '\r' {
				j++
			}
			if src[j] == '\n' {
				j++
			}
			if j == i+1 {
				if j < l.size {
					l.misplaced(i, j, "unexpected character after line continuation character")
				}
			}
			if j >= l.size {
				l.misplaced(i, j, "unexpected EOF while parsing")
			}
			i = j
			continue
		case cZero:
			if i < l.size {
				l.lexical(i, i+1, "source code cannot contain null bytes")
				i++
				continue
			}
			l.eof()
			return
		}
	}
}

// eof ends the last line, closes all blocks, and then is the end for ever.
func (l *lexer) eof() {
	l.pos, l.start, l.end = l.size, l.size, l.size
	if n := len(l.brackets); n > 0 && l.field == 0 {
		b := l.brackets[n-1]
		l.report(endless, b.pos, b.pos+1, "'%c' was never closed", []any{b.open})
		if l.strict {
			l.tok = tEOF
			return
		}
		l.brackets = l.brackets[:0]
	}
	switch {
	case l.tok != tNewline && l.tok != tDedent && l.tok != tIndent && l.tok != tEOF && len(l.brackets) == 0:
		l.tok, l.bol = tNewline, true
	case len(l.indents) > 1 && len(l.brackets) == 0:
		l.indents = l.indents[:len(l.indents)-1]
		l.tok = tDedent
	default:
		l.tok = tEOF
	}
}

// indentation measures the first line that has more than blanks and a comment, and
// leaves the difference to the line above in pending. CPython: tok_get_normal_mode.
func (l *lexer) indentation() {
	src, i := l.src, l.pos
	var col, alt, cont int
	for {
		col, alt, cont = 0, 0, 0
	line:
		for ; ; i++ {
			switch src[i] {
			case ' ':
				col++
				alt++
			case '\t':
				col = (col/8 + 1) * 8
				alt++
			case '\f':
				col, alt = 0, 0
			case '\\':
				j := i + 1
				if src[j] == '\r' {
					j++
				}
				if src[j] != '\n' {
					break line
				}
				if cont == 0 {
					cont = col
				}
				i = j
				if j+1 >= l.size {
					l.misplaced(j, j+1, "unexpected EOF while parsing")
				}
			default:
				break line
			}
		}
		if src[i] == '#' {
			i = l.comment(i)
		}
		if src[i] == '\r' && src[i+1] == '\n' {
			i++
		}
		if src[i] == '\n' || src[i] == '\r' {
			i++
			continue
		}
		break
	}
	l.pos = i
	if i >= l.size { // eof closes the blocks
		return
	}
	if cont > 0 {
		col, alt = cont, cont
	}
	top := l.indents[len(l.indents)-1]
	switch {
	case col == top.col:
		if alt != top.alt {
			l.misplaced(i, i+1, "inconsistent use of tabs and spaces in indentation")
		}
	case col > top.col:
		if alt <= top.alt {
			l.misplaced(i, i+1, "inconsistent use of tabs and spaces in indentation")
		}
		l.indents = append(l.indents, indent{col, alt})
		l.pending = 1
	default:
		for len(l.indents) > 1 && col < l.indents[len(l.indents)-1].col {
			l.indents = l.indents[:len(l.indents)-1]
			l.pending--
		}
		top := &l.indents[len(l.indents)-1]
		if col != top.col {
			l.misplaced(i, i+1, "unindent does not match any outer indentation level")
			if l.pending < -1 || len(l.indents) > 1 {
				// Stay in the block that was nearest: the line belongs to it more likely than not.
				l.indents = append(l.indents, indent{col, alt})
				l.pending++
			}
		} else if alt != top.alt {
			l.misplaced(i, i+1, "inconsistent use of tabs and spaces in indentation")
		}
	}
}

// comment records the comment at i and returns where its line ends.
func (l *lexer) comment(i int) int {
	j := i + 1
	for {
		switch l.src[j] {
		case '\n', '\r':
		case 0:
			if j < l.size {
				j++
				continue
			}
		default:
			j++
			continue
		}
		break
	}
	if !l.scanning {
		l.comments = append(l.comments, source.Span{Start: ast.Pos(i), End: ast.Pos(j)})
	}
	return j
}

// unclosed decides, at the start of a line inside brackets, whether a statement begins
// here, which means that the bracket was forgotten: the line starts with a word that no
// expression contains, and is not indented deeper than the statement above. Then the
// brackets end here.
func (l *lexer) unclosed(line int) bool {
	i, col := line, 0
	for ; class[l.src[i]] == cBlank; i++ {
		if l.src[i] == '\t' {
			col = (col/8 + 1) * 8
		} else {
			col++
		}
	}
	if col > l.indents[len(l.indents)-1].col {
		return false
	}
	j := i
	for identPart[l.src[j]] {
		j++
	}
	switch keyword(source.View(l.src[i:j])) {
	case tDef, tClass, tReturn, tImport, tWhile, tTry, tWith, tRaise, tDel, tPass, tBreak, tContinue, tGlobal, tNonlocal, tAssert, tExcept, tFinally, tElif:
	case tFrom:
		end := bytes.IndexByte(l.src[j:], '\n')
		if end < 0 || !bytes.Contains(l.src[j:j+end], []byte(" import ")) {
			return false
		}
	case tAsync:
		if !bytes.HasPrefix(l.src[j:], []byte(" def ")) {
			return false
		}
	default:
		return false
	}
	if c := l.src[j]; c == '=' || c == '.' || c == ',' {
		return false
	}
	b := l.brackets[len(l.brackets)-1]
	l.start = i
	l.fail(b.pos, b.pos+1, "'%c' was never closed", b.open)
	l.brackets = l.brackets[:0]
	l.tok, l.start, l.end, l.pos, l.bol = tNewline, line, line, line, true
	return true
}

// name reads an identifier, a keyword, or the prefix of a string.
func (l *lexer) name() {
	src, i := l.src, l.pos
	for identPart[src[i]] {
		i++
	}
	l.unicode = false
	if src[i] >= utf8.RuneSelf {
		i = l.unicodeName(i)
		if i == l.start { // not a letter at all
			return
		}
	}
	if c := src[i]; (c == '"' || c == '\'') && i-l.start <= 2 && !l.unicode && l.prefix(src[l.start:i]) {
		l.str(i)
		return
	}
	l.end, l.pos = i, i
	l.tok = tName
	if n := i - l.start; n <= 8 && keywordSizes[src[l.start]]>>n&1 != 0 && !l.unicode {
		l.tok = keyword(source.View(src[l.start:i]))
	}
}

// unicodeName continues an identifier at a byte beyond ASCII and returns its end. What
// cannot be in an identifier is an error when it stands first, and ends the name otherwise.
func (l *lexer) unicodeName(i int) int {
	for {
		if identPart[l.src[i]] {
			i++
			continue
		}
		if l.src[i] < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRune(l.src[i:l.size])
		if !identRune(r, i == l.start) {
			if i == l.start {
				if unicode.IsPrint(r) {
					l.lexical(i, i+n, "invalid character '%c' (U+%04X)", r, r)
				}
				l.lexical(i, i+n, "invalid non-printable character U+%04X", r)
				l.tok, l.end, l.pos = tError, i+n, i+n
				return i
			}
			break
		}
		l.unicode = true
		i += n
	}
	return i
}

// identRune follows UAX 31 as PEP 3131 does, with Unicode's two lists of exceptions.
func identRune(r rune, first bool) bool {
	if unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_ID_Start, r) {
		return true
	}
	return !first && unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
}

// prefix says whether the letters before a quote are a string prefix.
func (l *lexer) prefix(p []byte) bool {
	var seen [128]int
	for _, c := range p {
		seen[c|0x20]++
	}
	r, b, u, f, t := seen['r'], seen['b'], seen['u'], seen['f'], seen['t']
	if r+b+u+f+t != len(p) || r > 1 || b > 1 || u > 1 || f > 1 || t > 1 || b+u+f+t > 1 {
		return false
	}
	if u == 1 && r == 1 { // Python 2's ur"…"
		l.fail(l.start, l.start+2, "invalid syntax")
	}
	return true
}

// str reads the string whose first quote is at i; its prefix begins at start.
func (l *lexer) str(i int) {
	src, q := l.src, l.src[i]
	for j := l.start; j < i; j++ {
		if c := src[j] | 0x20; c == 'f' || c == 't' {
			l.tok, l.end = tFString, i+1
			if src[i+1] == q && src[i+2] == q {
				l.end = i + 3
			}
			l.pos = l.end
			return
		}
	}
	l.tok, l.escaped = tString, false
	if src[i+1] == q && src[i+2] == q {
		for i += 3; ; i++ {
			switch c := src[i]; {
			case c == q && src[i+1] == q && src[i+2] == q:
				l.end, l.pos = i+3, i+3
				if l.errored && !l.legacy && !l.strict {
					l.astray()
				}
				return
			case c == '\\' && i+1 < l.size:
				l.escaped = true
				i++
			case c == 0 && i >= l.size:
				l.unterminated(l.start)
				return
			}
		}
	}
	for i++; ; i++ {
		switch c := src[i]; {
		case c == q:
			l.end, l.pos = i+1, i+1
			return
		case c == '\\' && i+1 < l.size:
			l.escaped = true
			i++
			if src[i] == '\r' && src[i+1] == '\n' {
				i++
			}
		case c == '\n', c == '\r', c == 0 && i >= l.size:
			l.unterminatedLine(i)
			return
		}
	}
}

// unterminatedLine ends a string at the end of its line. With it went what closes the
// brackets around, so they end there, too. In a field of an f-string with the same
// quotes, this is that literal's end: the field lacks its brace.
func (l *lexer) unterminatedLine(end int) {
	quote := l.start
	for l.src[quote] != '"' && l.src[quote] != '\'' {
		quote++
	}
	if l.field > 0 && !l.outer.triple && l.src[quote] == l.outer.char {
		l.lexical(quote, quote+1, "f-string: expecting '}'")
		l.tok, l.start, l.end, l.pos = tQuote, quote, quote+1, quote+1
		return
	}
	l.lexical(l.start, end, "unterminated string literal")
	l.end, l.pos = end, end
	if l.field == 0 && !l.scanning {
		l.brackets = l.brackets[:0]
	}
}

// unterminated ends a triple-quoted string that never ends before the next definition,
// or else at the end of the file.
func (l *lexer) unterminated(start int) {
	l.lexical(start, start+3, "unterminated triple-quoted string literal")
	l.end = l.size
	if at := l.definition(start, l.size); at >= 0 {
		l.end = at - 1
	}
	l.pos = l.end
}

// astray ends a triple-quoted string that begins on a line that is broken already before
// the next definition, if it holds one: most likely its quotes are the end of another
// string whose beginning was lost, and from here on text and code would be mistaken for
// each other.
func (l *lexer) astray() {
	if at := l.definition(l.start, l.end); at >= 0 {
		l.end = at - 1
		l.pos = l.end
	}
}

// definition begins with one ^ for both: with one in each branch the regexp package looks
// through the rest of the file for a second chance.
var definition = regexp.MustCompile(`^(?:(?:async )?def \w+\(|class \w+[:(])`)

// definition finds a line between two places that begins a function or class and is not
// indented deeper than the statement that is being read, or returns -1.
func (l *lexer) definition(from, to int) int {
	top := l.indents[len(l.indents)-1].col
	for i := from; ; {
		n := bytes.IndexByte(l.src[i:to], '\n')
		if n < 0 {
			return -1
		}
		i += n + 1
		line := bytes.TrimLeft(l.src[i:to], " \t")
		if to-i-len(line) > top {
			continue
		}
		if definition.Match(line) {
			return i
		}
	}
}

// number reads a number, and complains of what looks like one but is not.
func (l *lexer) number() {
	src, i := l.src, l.pos
	digits := func(ok func(c byte) bool) {
		for ok(src[i]) || src[i] == '_' && ok(src[i+1]) {
			i++
		}
	}
	decimal := func(c byte) bool { return c >= '0' && c <= '9' }
	imaginary := func() {
		if src[i]|0x20 == 'j' {
			i++
		}
	}
	l.tok = tNumber
	if src[i] == '0' && (src[i+1]|0x20 == 'x' || src[i+1]|0x20 == 'o' || src[i+1]|0x20 == 'b') {
		base := src[i+1] | 0x20
		i += 2
		from := i
		digits(func(c byte) bool {
			switch base {
			case 'x':
				return decimal(c) || c|0x20 >= 'a' && c|0x20 <= 'f'
			case 'o':
				return c >= '0' && c <= '7'
			}
			return c == '0' || c == '1'
		})
		if i == from || decimal(src[i]) || src[i] == '_' {
			name := map[byte]string{'x': "hexadecimal", 'o': "octal", 'b': "binary"}[base]
			if decimal(src[i]) {
				l.lexical(l.start, i, "invalid digit '%c' in %s literal", src[i], name)
			}
			l.lexical(l.start, i, "invalid %s literal", name)
			for identPart[src[i]] {
				i++
			}
		}
	} else {
		digits(decimal)
		whole := i
		if src[i] == '.' {
			i++
			if decimal(src[i]) {
				digits(decimal)
			}
		}
		if src[i]|0x20 == 'e' && (decimal(src[i+1]) || (src[i+1] == '+' || src[i+1] == '-') && decimal(src[i+2])) {
			i += 2
			digits(decimal)
		}
		imaginary()
		if i == whole && src[l.start] == '0' && len(bytes.Trim(src[l.start:i], "0_")) > 0 {
			l.lexical(l.start, i, "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers")
		}
	}
	l.end, l.pos = i, i
	if class[src[i]] == cIdent {
		l.afterNumber(i)
	}
}

// afterNumber allows the keywords that may follow a number without a blank (1if x).
func (l *lexer) afterNumber(i int) {
	j := i
	for identPart[l.src[j]] {
		j++
	}
	switch keyword(source.View(l.src[i:j])) {
	case tAnd, tElse, tFor, tIf, tIn, tIs, tNot, tOr:
		return
	}
	if r, n := utf8.DecodeRune(l.src[i:l.size]); n > 1 && !identRune(r, true) {
		return
	}
	l.lexical(l.start, j, "invalid decimal literal")
	l.end, l.pos = j, j
}

// operator reads punctuation that begins with c.
func (l *lexer) operator(c byte) {
	src, i := l.src, l.pos
	c1 := src[i+1]
	n, tok := 1, tError
	aug := func(t token, op ast.Operator) {
		tok = t
		if src[i+n] == '=' {
			n++
			tok, l.op = tAugAssign, op
		}
	}
	switch c {
	case ':':
		tok = tColon
		if c1 == '=' && (l.field == 0 || len(l.brackets) != l.field) {
			tok, n = tColonEqual, 2
		}
	case '.':
		tok = tDot
		if c1 == '.' && src[i+2] == '.' {
			tok, n = tEllipsis, 3
		}
	case '=':
		tok = tEqual
		if c1 == '=' {
			tok, n = tEqEqual, 2
		}
	case '!':
		tok = tExclamation
		if c1 == '=' {
			tok, n = tNotEqual, 2
		}
	case '<':
		switch tok = tLess; c1 {
		case '=':
			tok, n = tLessEqual, 2
		case '<':
			n = 2
			aug(tLShift, ast.LShift)
		case '>': // Python 2, and a joke of PEP 401
			tok, n = tNotEqual, 2
			l.fail(i, i+2, "invalid syntax")
		}
	case '>':
		switch tok = tGreater; c1 {
		case '=':
			tok, n = tGreaterEqual, 2
		case '>':
			n = 2
			aug(tRShift, ast.RShift)
		}
	case '+':
		aug(tPlus, ast.Add)
	case '-':
		if c1 == '>' {
			tok, n = tArrow, 2
		} else {
			aug(tMinus, ast.Sub)
		}
	case '*':
		if c1 == '*' {
			n = 2
			aug(tDoubleStar, ast.Pow)
		} else {
			aug(tStar, ast.Mult)
		}
	case '/':
		if c1 == '/' {
			n = 2
			aug(tDoubleSlash, ast.FloorDiv)
		} else {
			aug(tSlash, ast.Div)
		}
	case '%':
		aug(tPercent, ast.Mod)
	case '@':
		aug(tAt, ast.MatMult)
	case '&':
		aug(tAmp, ast.BitAnd)
	case '|':
		aug(tVBar, ast.BitOr)
	case '^':
		aug(tCaret, ast.BitXor)
	default:
		if c < ' ' || c == 0x7f {
			l.lexical(i, i+1, "invalid non-printable character U+%04X", c)
		} else {
			l.fail(i, i+1, "invalid syntax")
		}
	}
	l.tok, l.end, l.pos = tok, i+n, i+n
}

// maxForgotten is how many brackets may be forgotten inside another one. Without a bound
// each stray closing bracket would look at all that are open.
const maxForgotten = 100

// closing ends the innermost bracket of a kind, and with it those inside that were
// forgotten. A bracket that closes nothing changes nothing; the parser will trip over it.
func (l *lexer) closing(at int, open byte) {
	if n := len(l.brackets); n > 0 && l.brackets[n-1].open == open && n >= l.field {
		l.brackets = l.brackets[:n-1]
		return
	}
	floor := max(l.field-1, len(l.brackets)-maxForgotten, 0) // an f-string's field ends only with its own brace
	for n := len(l.brackets); n > floor; n-- {
		if l.brackets[n-1].open != open {
			continue
		}
		if top := l.brackets[len(l.brackets)-1]; top.open != open {
			l.lexical(at, at+1, "closing parenthesis '%c' does not match opening parenthesis '%c'", l.src[at], top.open)
		}
		l.brackets = l.brackets[:n-1]
		return
	}
	if n := len(l.brackets); n > floor {
		l.lexical(at, at+1, "closing parenthesis '%c' does not match opening parenthesis '%c'", l.src[at], l.brackets[n-1].open)
	} else {
		l.lexical(at, at+1, "unmatched '%c'", l.src[at])
	}
}

// A mark is a place to come back to after looking ahead within one logical line.
type mark struct {
	pos, start, end int
	tok             token
	unicode, bol    bool
	field           int
	outer           quote
	op              ast.Operator
}

// lookAhead lets f read tokens, and comes back. Nothing is reported or recorded
// meanwhile. f must not read past the end of the logical line.
func (l *lexer) lookAhead(f func() bool) bool {
	m := mark{l.pos, l.start, l.end, l.tok, l.unicode, l.bol, l.field, l.outer, l.op}
	base := len(l.saved)
	l.saved = append(l.saved, l.brackets...)
	outer := l.scanning
	l.scanning = true
	ok := f()
	if l.pos >= l.size {
		l.hopeless++
	}
	l.scanning = outer
	l.pos, l.start, l.end, l.tok, l.unicode, l.bol, l.field, l.outer, l.op = m.pos, m.start, m.end, m.tok, m.unicode, m.bol, m.field, m.outer, m.op
	l.brackets = append(l.brackets[:0], l.saved[base:]...)
	l.saved = l.saved[:base]
	return ok
}
