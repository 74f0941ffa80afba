package template

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/source"
)

// An op says what an expr is. Both dialects are read into the same few.
type op uint8

const (
	opConst   op = iota // text; isText if it is a string
	opName              // text is the variable
	opGlobal            // text is a function of the language itself: Django's url, static, _
	opAttr              // args[0] . text
	opItem              // args[0] [ args[1] ]
	opSlice             // args[0] [ a : b ]; the bounds follow
	opCall              // args[0] ( args[1:] )
	opFilter            // args[0] | text ( args[1:] )
	opTest              // a truth value, whatever the operands; they show nothing of themselves
	opJoin              // text of all operands: ~ + % *
	opCalc              // a number
	opAnd               // the last operand, or something empty
	opChoice            // one of the operands: or, and what cycle and firstof print
	opCond              // args[0] if args[1] else args[2]
	opList              // args
	opDict              // opKeyword, or opPair of key and value
	opPair              //
	opKeyword           // text = args[0], in calls
	opStar              // *args[0] or **args[0], in calls
	opHole              // what a filter block filters
)

// An expr is an expression, or a part of one.
type expr struct {
	op     op
	isText bool
	at     source.Span
	text   string
	args   []*expr
}

// A token of Jinja's. Kinds: 'n' name, 's' string, 'i' integer, 'f' float, 'o' operator, 0 the end.
type token struct {
	kind byte
	at   source.Span
	text string
}

// jinjaTokens reads an expression or a statement up to its closing delimiter, "}}" or "%}",
// which does not count within brackets. It returns where the text goes on, or ok false.
func (p *parser) jinjaTokens(at int, end string) (toks []token, inner, next int, trim, ok bool) {
	depth := 0
	for at < len(p.src) {
		c := p.src[at]
		if c <= ' ' {
			at++
			continue
		}
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(p.src[at:]); unicode.IsSpace(r) {
				at += n
				continue
			}
		}
		if depth == 0 {
			rest := p.src[at:]
			if strings.HasPrefix(rest, end) {
				return toks, at, at + len(end), false, true
			}
			if (c == '-' || c == '+' && end == "%}") && strings.HasPrefix(rest[1:], end) {
				return toks, at, at + 3, c == '-', true
			}
		}
		from := at
		kind := byte('o')
		switch {
		case c >= '0' && c <= '9':
			kind, at = number(p.src, at, len(toks) > 0 && toks[len(toks)-1].text == ".")
		case c == '\'' || c == '"':
			kind = 's'
			if at = closing(p.src, at); at < 0 {
				p.t.fail(source.Pos(from), "a string is not closed")
				return toks, from, 0, false, false
			}
		case wordByte(c):
			kind = 'n'
			for at < len(p.src) && wordByte(p.src[at]) {
				at++
			}
			if r, _ := utf8.DecodeRuneInString(p.src[from:at]); r >= utf8.RuneSelf && !unicode.IsLetter(r) {
				p.t.fail(source.Pos(from), "this character means nothing here")
				return toks, from, 0, false, false
			}
		default:
			at++
			switch c {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				if depth--; depth < 0 {
					p.t.fail(source.Pos(from), "this bracket was never opened")
					return toks, from, 0, false, false
				}
			case '/', '*', '=', '<', '>', '!':
				if at < len(p.src) && (p.src[at] == '=' && c != '/' && c != '*' || p.src[at] == c && (c == '/' || c == '*')) {
					at++
				}
				if c == '!' && at == from+1 {
					p.t.fail(source.Pos(from), "! means nothing here; write not")
					return toks, from, 0, false, false
				}
			case '+', '-', '%', '~', '.', ':', '|', ',', ';':
			default:
				p.t.fail(source.Pos(from), "this character means nothing here")
				return toks, from, 0, false, false
			}
		}
		toks = append(toks, token{kind, source.Span{Start: source.Pos(from), End: source.Pos(at)}, p.src[from:at]})
	}
	return toks, at, 0, false, false
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

// closing is the offset behind a quoted string, or -1.
func closing(s string, at int) int {
	for i := at + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[at]:
			return i + 1
		}
	}
	return -1
}

// number reads a number. Behind a dot it is an index and ends at the next one.
func number(s string, at int, index bool) (byte, int) {
	digits := func() {
		for at < len(s) && (wordByte(s[at]) && s[at] < utf8.RuneSelf && (s[at] <= '9' || s[at] == '_')) {
			at++
		}
	}
	if s[at] == '0' && at+1 < len(s) && strings.IndexByte("xXoObB", s[at+1]) >= 0 {
		for at < len(s) && wordByte(s[at]) && s[at] < utf8.RuneSelf {
			at++
		}
		return 'i', at
	}
	digits()
	if index {
		return 'i', at
	}
	kind := byte('i')
	if at+1 < len(s) && s[at] == '.' && s[at+1] >= '0' && s[at+1] <= '9' {
		kind = 'f'
		at++
		digits()
	}
	if at < len(s) && (s[at] == 'e' || s[at] == 'E') {
		n := at + 1
		if n < len(s) && (s[n] == '+' || s[n] == '-') {
			n++
		}
		if n < len(s) && s[n] >= '0' && s[n] <= '9' {
			kind, at = 'f', n
			digits()
		}
	}
	return kind, at
}

// unquote is the value of a string literal. Of the escapes only those matter that make a name
// another one.
func unquote(s string) string {
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	if v, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, `\'`, `'`), `\"`, `"`), `"`, `\"`) + `"`); err == nil {
		return v
	}
	return s
}

// exprs reads Jinja's expressions, by recursive descent as Jinja does. The first mistake is
// said, and what follows it is not read.
type exprs struct {
	p     *parser
	toks  []token
	i     int
	end   source.Pos // of the whole tag
	depth int
	bad   bool
}

func (e *exprs) tok() token {
	if e.i < len(e.toks) {
		return e.toks[e.i]
	}
	return token{at: source.Span{Start: e.end, End: e.end}}
}

func (e *exprs) done() bool { return e.i >= len(e.toks) }

func (e *exprs) is(text string) bool {
	return e.i < len(e.toks) && e.toks[e.i].text == text && e.toks[e.i].kind != 's'
}

func (e *exprs) skip(text string) bool {
	if e.is(text) {
		e.i++
		return true
	}
	return false
}

func (e *exprs) want(text string) {
	if !e.skip(text) {
		e.fail("expected " + text)
	}
}

func (e *exprs) fail(message string) {
	if !e.bad {
		e.bad = true
		e.p.t.fail(e.tok().at.Start, message)
	}
	e.i = len(e.toks)
}

func (e *exprs) name() string {
	t := e.tok()
	if t.kind != 'n' {
		e.fail("expected a name")
		return ""
	}
	e.i++
	return t.text
}

// finish says so if something is left.
func (e *exprs) finish() {
	if !e.done() {
		e.fail("unexpected " + e.tok().text)
	}
}

func (e *exprs) node(o op, text string, from source.Pos, args ...*expr) *expr {
	end := from
	if e.i > 0 && e.i <= len(e.toks) {
		end = e.toks[e.i-1].at.End
	}
	return &expr{op: o, text: text, at: source.Span{Start: from, End: max(from, end)}, args: args}
}

// enter bounds the depth; each true needs a leave.
func (e *exprs) enter() bool {
	if e.depth >= maxDepth {
		e.fail("this is nested too deeply")
		return false
	}
	e.depth++
	return true
}

func (e *exprs) leave() { e.depth-- }

// tuple reads expressions with commas between them; one alone is itself. stop ends it.
func (e *exprs) tuple(cond bool, stop string) *expr {
	from := e.tok().at.Start
	one := e.or
	if cond {
		one = e.expression
	}
	var list []*expr
	commas := false
	for !e.done() && !e.is(")") && (stop == "" || !e.is(stop)) {
		list = append(list, one())
		if !e.skip(",") {
			break
		}
		commas = true
	}
	if len(list) == 0 {
		e.fail("expected an expression")
	}
	if commas {
		return e.node(opList, "", from, list...)
	}
	if len(list) == 1 {
		return list[0]
	}
	return e.node(opConst, "", from)
}

func (e *exprs) expression() *expr {
	from := e.tok().at.Start
	if !e.enter() {
		return e.node(opConst, "", from)
	}
	defer e.leave()
	x := e.or()
	for e.skip("if") {
		test := e.or()
		args := []*expr{x, test}
		if e.skip("else") {
			args = append(args, e.expression())
		}
		x = e.node(opCond, "", from, args...)
	}
	return x
}

func (e *exprs) or() *expr {
	from := e.tok().at.Start
	x := e.and()
	for e.skip("or") {
		x = e.node(opChoice, "", from, x, e.and())
	}
	return x
}

func (e *exprs) and() *expr {
	from := e.tok().at.Start
	x := e.not()
	for e.skip("and") {
		x = e.node(opAnd, "", from, x, e.not())
	}
	return x
}

func (e *exprs) not() *expr {
	from := e.tok().at.Start
	if e.is("not") {
		if !e.enter() {
			return e.node(opConst, "", from)
		}
		defer e.leave()
		e.i++
		return e.node(opTest, "not", from, e.not())
	}
	return e.compare()
}

func (e *exprs) compare() *expr {
	from := e.tok().at.Start
	x := e.math(0)
	for {
		switch t := e.tok(); {
		case t.kind == 'o' && (t.text == "==" || t.text == "!=" || t.text == "<" || t.text == ">" || t.text == "<=" || t.text == ">="), e.is("in"):
			e.i++
		case e.is("not") && e.i+1 < len(e.toks) && e.toks[e.i+1].text == "in":
			e.i += 2
		default:
			return x
		}
		x = e.node(opTest, "compare", from, x, e.math(0))
	}
}

// levels are Jinja's operators between comparison and the sign, loosest first.
var levels = [][]string{{"+", "-"}, {"~"}, {"*", "/", "//", "%"}, {"**"}}

func (e *exprs) math(level int) *expr {
	if level == len(levels) {
		return e.unary(true)
	}
	from := e.tok().at.Start
	x := e.math(level + 1)
next:
	for {
		for _, o := range levels[level] {
			if e.tok().kind == 'o' && e.skip(o) {
				kind := opCalc
				if o == "+" || o == "~" || o == "%" || o == "*" {
					kind = opJoin
				}
				x = e.node(kind, o, from, x, e.math(level+1))
				continue next
			}
		}
		return x
	}
}

func (e *exprs) unary(filters bool) *expr {
	from := e.tok().at.Start
	var x *expr
	if e.is("-") || e.is("+") {
		if !e.enter() {
			return e.node(opConst, "", from)
		}
		e.i++
		x = e.node(opCalc, "", from, e.unary(false))
		e.leave()
	} else {
		x = e.postfix(e.primary())
	}
	for filters && !e.done() {
		switch {
		case e.skip("|"):
			x = e.filter(x, from)
		case e.is("is"):
			x = e.test(x, from)
		case e.is("("):
			x = e.node(opCall, "", from, append([]*expr{x}, e.arguments()...)...)
		default:
			return x
		}
	}
	return x
}

func (e *exprs) dotted() string {
	name := e.name()
	for e.skip(".") {
		name += "." + e.name()
	}
	return name
}

func (e *exprs) filter(x *expr, from source.Pos) *expr {
	name := e.dotted()
	args := []*expr{x}
	if e.is("(") {
		args = append(args, e.arguments()...)
	}
	return e.node(opFilter, name, from, args...)
}

func (e *exprs) test(x *expr, from source.Pos) *expr {
	e.want("is")
	e.skip("not")
	name := e.dotted()
	args := []*expr{x}
	switch t := e.tok(); {
	case e.is("("):
		args = append(args, e.arguments()...)
	case e.is("is"):
		e.fail("tests cannot be chained with is")
	case t.kind == 's' || t.kind == 'i' || t.kind == 'f' || e.is("[") || e.is("{") || t.kind == 'n' && !e.is("else") && !e.is("or") && !e.is("and"):
		args = append(args, e.postfix(e.primary()))
	}
	return e.node(opTest, name, from, args...)
}

func (e *exprs) primary() *expr {
	t := e.tok()
	from := t.at.Start
	if !e.enter() {
		return e.node(opConst, "", from)
	}
	defer e.leave()
	switch t.kind {
	case 'n':
		e.i++
		switch t.text {
		case "true", "false", "none", "True", "False", "None":
			return e.node(opConst, t.text, from)
		}
		return e.node(opName, t.text, from)
	case 's':
		var b strings.Builder
		for e.tok().kind == 's' {
			b.WriteString(unquote(e.tok().text))
			e.i++
		}
		x := e.node(opConst, b.String(), from)
		x.isText = true
		return x
	case 'i', 'f':
		e.i++
		return e.node(opConst, t.text, from)
	}
	switch {
	case e.skip("("):
		if e.skip(")") {
			return e.node(opList, "", from)
		}
		x := e.tuple(true, "")
		e.want(")")
		return x
	case e.skip("["):
		var list []*expr
		for !e.done() && !e.is("]") {
			list = append(list, e.expression())
			if !e.skip(",") {
				break
			}
		}
		e.want("]")
		return e.node(opList, "", from, list...)
	case e.skip("{"):
		var list []*expr
		for !e.done() && !e.is("}") {
			at := e.tok().at.Start
			key := e.expression()
			e.want(":")
			list = append(list, e.node(opPair, "", at, key, e.expression()))
			if !e.skip(",") {
				break
			}
		}
		e.want("}")
		return e.node(opDict, "", from, list...)
	}
	if e.done() {
		e.fail("expected an expression")
	} else {
		e.fail("unexpected " + t.text)
	}
	return e.node(opConst, "", from)
}

func (e *exprs) postfix(x *expr) *expr {
	for !e.done() {
		from := x.at.Start
		switch {
		case e.skip("."):
			t := e.tok()
			if t.kind != 'n' && t.kind != 'i' {
				e.fail("expected a name")
				return x
			}
			e.i++
			x = e.node(opAttr, t.text, from, x)
		case e.skip("["):
			x = e.subscript(x)
		case e.is("("):
			x = e.node(opCall, "", from, append([]*expr{x}, e.arguments()...)...)
		default:
			return x
		}
	}
	return x
}

func (e *exprs) subscript(x *expr) *expr {
	from := x.at.Start
	var list []*expr
	slice, commas := false, false
	for !e.done() && !e.is("]") {
		if e.skip(":") {
			slice = true
			continue
		}
		if e.skip(",") {
			commas = true
			continue
		}
		n := e.i
		list = append(list, e.expression())
		if e.i == n {
			break
		}
		if !e.is(":") && !e.is(",") && !e.is("]") {
			break
		}
	}
	if len(list) == 0 && !slice {
		e.fail("expected an expression")
	}
	e.want("]")
	if slice || commas || len(list) != 1 {
		return e.node(opSlice, "", from, append([]*expr{x}, list...)...)
	}
	return e.node(opItem, "", from, x, list[0])
}

// arguments reads those of a call, with the parentheses.
func (e *exprs) arguments() (list []*expr) {
	e.want("(")
	for !e.done() && !e.is(")") {
		from := e.tok().at.Start
		switch {
		case e.skip("*"), e.skip("**"):
			list = append(list, e.node(opStar, "", from, e.expression()))
		case e.tok().kind == 'n' && e.i+1 < len(e.toks) && e.toks[e.i+1].text == "=" && e.toks[e.i+1].kind == 'o':
			name := e.name()
			e.i++
			list = append(list, e.node(opKeyword, name, from, e.expression()))
		default:
			list = append(list, e.expression())
		}
		if !e.skip(",") {
			break
		}
	}
	e.want(")")
	return list
}

// target reads what a for or a set assigns to: names, parts of them in parentheses, and
// for a set an attribute of a namespace.
func (e *exprs) target(stop string) *expr {
	from := e.tok().at.Start
	var list []*expr
	commas := false
	for !e.done() && !e.is(stop) && !e.is(")") {
		at := e.tok().at.Start
		if e.skip("(") {
			if !e.enter() {
				break
			}
			list = append(list, e.target(")"))
			e.leave()
			e.want(")")
		} else {
			x := e.node(opName, e.name(), at)
			if stop == "=" && e.skip(".") {
				x = e.node(opAttr, e.name(), at, x)
			}
			list = append(list, x)
		}
		if !e.skip(",") {
			break
		}
		commas = true
	}
	if len(list) == 0 {
		e.fail("expected a name")
		return e.node(opList, "", from)
	}
	if commas {
		return e.node(opList, "", from, list...)
	}
	return list[0]
}
