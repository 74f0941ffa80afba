package sanitize

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// CSS is a configuration of Bleach's CSSSanitizer: the properties that a style attribute may
// set. Values are not looked at.
type CSS struct {
	Properties []string
	SVG        []string
}

// Sanitize keeps the declarations of allowed properties, written as tinycss2 1.2 writes them.
func (c *CSS) Sanitize(style string) string {
	p := cssParser{s: cssInput(style)}
	list := p.values(0, maxNested)
	if p.deep {
		return ""
	}
	var kept []cssNode
	for i := 0; i < len(list); {
		n := list[i]
		i++
		switch {
		case n.kind == cssSpace, n.kind == cssComment:
			if len(kept) > 0 && kept[len(kept)-1].kind != n.kind {
				kept = append(kept, n)
			}
		case n.kind == cssAt: // up to its block, or a semicolon
			for i < len(list) {
				m := list[i]
				i++
				if m.kind == cssBlock && m.text == "{" || m.literal(";") {
					break
				}
			}
		case n.literal(";"):
		default:
			from := i
			for i < len(list) && !list[i].literal(";") {
				i++
			}
			d, ok := declaration(n, list[from:i])
			if i < len(list) {
				i++
			}
			if ok && c.allows(d.text) {
				kept = append(kept, d)
			}
		}
	}
	return strings.TrimSpace(string(cssWrite(nil, kept)))
}

// space of Python's strip and Go's TrimSpace differ in U+001C to U+001F, which CSS knows
// nothing of.

func (c *CSS) allows(name string) bool {
	name = lower(name)
	for _, s := range c.Properties {
		if s == name {
			return true
		}
	}
	for _, s := range c.SVG {
		if s == name {
			return true
		}
	}
	return false
}

// maxNested is the blocks that may stand in one another: more is no style of anybody's.
const maxNested = 100

type cssKind uint8

const (
	cssSpace cssKind = iota
	cssComment
	cssLiteral
	cssIdent
	cssAt
	cssHash
	cssHashName // a hash whose name no identifier begins with
	cssString
	cssURL
	cssRange
	cssNumber
	cssPercentage
	cssDimension
	cssFunction
	cssBlock // text is the bracket
	cssError
	cssDeclaration
)

// A cssNode is a component value of CSS Syntax 3. text is its value; for what is written as
// it stands, its text.
type cssNode struct {
	kind     cssKind
	text     string
	unit     string // of a dimension
	children []cssNode
	flag     bool // a declaration is important, an address was looked at
}

func (n *cssNode) literal(s string) bool { return n.kind == cssLiteral && n.text == s }

func cssInput(s string) string {
	if strings.ContainsAny(s, "\x00\r\f") {
		s = strings.NewReplacer("\x00", "\uFFFD", "\r\n", "\n", "\r", "\n", "\f", "\n").Replace(s)
	}
	return s
}

// declaration reads one: a name, a colon, a value.
func declaration(name cssNode, rest []cssNode) (d cssNode, ok bool) {
	if name.kind != cssIdent {
		return d, false
	}
	for len(rest) > 0 && (rest[0].kind == cssSpace || rest[0].kind == cssComment) {
		rest = rest[1:]
	}
	if len(rest) == 0 || !rest[0].literal(":") {
		return d, false
	}
	rest = rest[1:]
	const (
		value = iota
		bang
		important
	)
	state, at := value, 0
	for i := range rest {
		n := &rest[i]
		switch {
		case state == value && n.literal("!"):
			state, at = bang, i
		case state == bang && n.kind == cssIdent && strings.EqualFold(n.text, "important"):
			state = important
		case n.kind != cssSpace && n.kind != cssComment:
			state = value
		}
	}
	if state == important {
		rest = rest[:at]
	}
	return cssNode{kind: cssDeclaration, text: name.text, children: rest, flag: state == important}, true
}

type cssParser struct {
	s    string
	i    int
	deep bool
}

func cssBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' }

func (p *cssParser) at(i int) byte {
	if i < len(p.s) {
		return p.s[i]
	}
	return 0
}

func hexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// values reads component values up to the closing bracket, 0 for the end of the text.
func (p *cssParser) values(end byte, depth int) (list []cssNode) {
	if depth == 0 {
		p.deep = true
		p.i = len(p.s)
		return nil
	}
	s := p.s
	for p.i < len(s) && !p.deep {
		from := p.i
		switch c := s[from]; {
		case cssBlank(c):
			for p.i < len(s) && cssBlank(s[p.i]) {
				p.i++
			}
			list = append(list, cssNode{kind: cssSpace, text: s[from:p.i]})
		case c|0x20 == 'u' && p.at(from+1) == '+' && (hexDigit(p.at(from+2)) || p.at(from+2) == '?'):
			p.i += 2
			list = append(list, cssNode{kind: cssRange, text: p.unicodeRange()})
		case strings.HasPrefix(s[from:], "-->"):
			p.i += 3
			list = append(list, cssNode{kind: cssLiteral, text: "-->"})
		case p.startsName(from):
			name := p.name()
			if p.at(p.i) != '(' {
				list = append(list, cssNode{kind: cssIdent, text: name})
				break
			}
			p.i++
			if strings.EqualFold(name, "url") {
				j := p.i
				for j < len(s) && cssBlank(s[j]) {
					j++
				}
				if j >= len(s) || s[j] != '"' && s[j] != '\'' {
					list = append(list, p.url())
					break
				}
			}
			list = append(list, cssNode{kind: cssFunction, text: name, children: p.values(')', depth-1)})
		case p.number() > from:
			p.i = p.number()
			n := cssNode{kind: cssNumber, text: s[from:p.i]}
			if p.startsName(p.i) {
				n.kind, n.unit = cssDimension, p.name()
			} else if p.at(p.i) == '%' {
				p.i++
				n.kind = cssPercentage
			}
			list = append(list, n)
		case c == '@':
			if p.i++; p.startsName(p.i) {
				list = append(list, cssNode{kind: cssAt, text: p.name()})
			} else {
				list = append(list, cssNode{kind: cssLiteral, text: "@"})
			}
		case c == '#':
			if p.i++; p.i < len(s) && (nameChar(s[p.i]) || s[p.i] == '\\' && p.at(p.i+1) != '\n') {
				n := cssNode{kind: cssHashName}
				if p.startsName(p.i) {
					n.kind = cssHash
				}
				n.text = p.name()
				list = append(list, n)
			} else {
				list = append(list, cssNode{kind: cssLiteral, text: "#"})
			}
		case c == '{' || c == '[' || c == '(':
			p.i++
			list = append(list, cssNode{kind: cssBlock, text: s[from : from+1], children: p.values(closing(c), depth-1)})
		case c == end && end != 0:
			p.i++
			return list
		case c == '}' || c == ']' || c == ')':
			p.i++
			list = append(list, cssNode{kind: cssError, text: s[from : from+1]})
		case c == '"' || c == '\'':
			text, whole, good := p.quoted()
			switch {
			case !good:
				list = append(list, cssNode{kind: cssError, text: "\"[bad string]\n"})
			case whole:
				list = append(list, cssNode{kind: cssString, text: `"` + cssStringValue(text) + `"`})
			default:
				list = append(list, cssNode{kind: cssString, text: `"` + cssStringValue(text)}, cssNode{kind: cssError})
			}
		case strings.HasPrefix(s[from:], "/*"):
			n := cssNode{kind: cssComment}
			if j := strings.Index(s[from+2:], "*/"); j >= 0 {
				n.text = s[from+2 : from+2+j]
				p.i = from + j + 4
			} else {
				n.text = s[from+2:]
				p.i = len(s)
			}
			list = append(list, n)
		case strings.HasPrefix(s[from:], "<!--"):
			p.i += 4
			list = append(list, cssNode{kind: cssLiteral, text: "<!--"})
		case strings.HasPrefix(s[from:], "||"):
			p.i += 2
			list = append(list, cssNode{kind: cssLiteral, text: "||"})
		case strings.IndexByte("~|^$*", c) >= 0 && p.at(from+1) == '=':
			p.i += 2
			list = append(list, cssNode{kind: cssLiteral, text: s[from:p.i]})
		default:
			p.i++
			list = append(list, cssNode{kind: cssLiteral, text: s[from:p.i]})
		}
	}
	return list
}

func closing(c byte) byte {
	switch c {
	case '{':
		return '}'
	case '[':
		return ']'
	}
	return ')'
}

func nameStart(c byte) bool { return letter(c) || c == '_' || c >= 0x80 }
func nameChar(c byte) bool  { return nameStart(c) || c == '-' || '0' <= c && c <= '9' }

func (p *cssParser) startsName(i int) bool {
	if i >= len(p.s) {
		return false
	}
	switch c := p.s[i]; {
	case nameStart(c):
		return true
	case c == '-':
		i++
		return i < len(p.s) && (nameStart(p.s[i]) || p.s[i] == '-' || p.s[i] == '\\' && p.at(i+1) != '\n')
	case c == '\\':
		return p.at(i+1) != '\n'
	}
	return false
}

func (p *cssParser) name() string {
	var b strings.Builder
	from := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		if nameChar(c) {
			p.i++
			continue
		}
		if c != '\\' || p.at(p.i+1) == '\n' {
			break
		}
		b.WriteString(p.s[from:p.i])
		p.i++
		b.WriteString(p.escape())
		from = p.i
	}
	b.WriteString(p.s[from:p.i])
	return b.String()
}

// escape reads what stands behind a backslash.
func (p *cssParser) escape() string {
	j := p.i
	for j < len(p.s) && j < p.i+6 && hexDigit(p.s[j]) {
		j++
	}
	if j > p.i {
		n, _ := strconv.ParseUint(p.s[p.i:j], 16, 32)
		if j < len(p.s) && cssBlank(p.s[j]) {
			j++
		}
		p.i = j
		if n == 0 || n > 0x10FFFF {
			return "\uFFFD"
		}
		return string(rune(n))
	}
	if p.i >= len(p.s) {
		return "\uFFFD"
	}
	_, n := utf8.DecodeRuneInString(p.s[p.i:])
	p.i += n
	return p.s[p.i-n : p.i]
}

// quoted reads a string. It is not good if a line ends in it, and not whole if the text does.
func (p *cssParser) quoted() (text string, whole, good bool) {
	q := p.s[p.i]
	p.i++
	var b strings.Builder
	from := p.i
	for p.i < len(p.s) {
		switch c := p.s[p.i]; c {
		case q:
			b.WriteString(p.s[from:p.i])
			p.i++
			return b.String(), true, true
		case '\\':
			b.WriteString(p.s[from:p.i])
			p.i++
			if p.i < len(p.s) {
				if p.s[p.i] == '\n' {
					p.i++
				} else {
					b.WriteString(p.escape())
				}
			}
			from = p.i
		case '\n':
			return "", false, false
		default:
			p.i++
		}
	}
	b.WriteString(p.s[from:p.i])
	return b.String(), false, true
}

// url reads an address without quotes behind url(.
func (p *cssParser) url() cssNode {
	s := p.s
	for p.i < len(s) && cssBlank(s[p.i]) {
		p.i++
	}
	var b strings.Builder
	from := p.i
	for p.i < len(s) {
		switch c := s[p.i]; {
		case c == ')':
			b.WriteString(s[from:p.i])
			p.i++
			return cssNode{kind: cssURL, text: "url(" + cssURLValue(b.String()) + ")"}
		case cssBlank(c):
			b.WriteString(s[from:p.i])
			for p.i < len(s) && cssBlank(s[p.i]) {
				p.i++
			}
			if p.i == len(s) {
				return cssNode{kind: cssURL, text: "url(" + cssURLValue(b.String())}
			}
			if s[p.i] == ')' {
				p.i++
				return cssNode{kind: cssURL, text: "url(" + cssURLValue(b.String()) + ")"}
			}
			return p.badURL()
		case c == '\\' && p.at(p.i+1) != '\n':
			b.WriteString(s[from:p.i])
			p.i++
			b.WriteString(p.escape())
			from = p.i
		case c == '"' || c == '\'' || c == '(' || c < ' ' || c == 0x7F:
			p.i++
			return p.badURL()
		default:
			p.i++
		}
	}
	b.WriteString(s[min(from, len(s)):])
	return cssNode{kind: cssURL, text: "url(" + cssURLValue(b.String())}
}

func (p *cssParser) badURL() cssNode {
	for p.i < len(p.s) {
		if strings.HasPrefix(p.s[p.i:], `\)`) {
			p.i += 2
			continue
		}
		p.i++
		if p.s[p.i-1] == ')' {
			break
		}
	}
	return cssNode{kind: cssError, text: "url([bad url])"}
}

// number is where a number that begins here ends, or here if there is none.
func (p *cssParser) number() int {
	digits := func(i int) int {
		for '0' <= p.at(i) && p.at(i) <= '9' {
			i++
		}
		return i
	}
	i := p.i
	if c := p.at(i); c == '+' || c == '-' {
		i++
	}
	j := digits(i)
	if p.at(j) == '.' {
		if k := digits(j + 1); k > j+1 {
			i, j = j+1, k
		}
	}
	if j == i {
		return p.i
	}
	if c := p.at(j); c == 'e' || c == 'E' {
		k := j + 1
		if c := p.at(k); c == '+' || c == '-' {
			k++
		}
		if l := digits(k); l > k {
			j = l
		}
	}
	return j
}

// unicodeRange reads what follows U+, and writes it as tinycss2 does.
func (p *cssParser) unicodeRange() string {
	s, from := p.s, p.i
	limit := min(from+6, len(s))
	for p.i < limit && hexDigit(s[p.i]) {
		p.i++
	}
	start := s[from:p.i]
	marks := p.i
	for p.i < limit && s[p.i] == '?' {
		p.i++
	}
	end := start
	if n := p.i - marks; n > 0 {
		end = start + strings.Repeat("F", n)
		start += strings.Repeat("0", n)
	} else if p.at(p.i) == '-' && hexDigit(p.at(p.i+1)) {
		p.i++
		from = p.i
		limit = min(from+6, len(s))
		for p.i < limit && hexDigit(s[p.i]) {
			p.i++
		}
		end = s[from:p.i]
	}
	a, _ := strconv.ParseUint(start, 16, 32)
	b, _ := strconv.ParseUint(end, 16, 32)
	text := "U+" + strings.ToUpper(strconv.FormatUint(a, 16))
	if a != b {
		text += "-" + strings.ToUpper(strconv.FormatUint(b, 16))
	}
	return text
}

// class is what tinycss2's table of pairs goes by that need a comment between them.
func (n *cssNode) class() string {
	switch n.kind {
	case cssLiteral:
		return n.text
	case cssIdent:
		return "ident"
	case cssAt:
		return "at-keyword"
	case cssHash, cssHashName:
		return "hash"
	case cssURL:
		return "url"
	case cssRange:
		return "unicode-range"
	case cssNumber:
		return "number"
	case cssPercentage:
		return "percentage"
	case cssDimension:
		return "dimension"
	case cssFunction:
		return "function"
	case cssBlock:
		if n.text == "(" {
			return "() block"
		}
	case cssSpace:
		return "whitespace"
	}
	return ""
}

func oneOf(s string, list ...string) bool {
	for _, t := range list {
		if s == t {
			return true
		}
	}
	return false
}

// merges reports whether the two would be read as something else without a comment between.
func merges(a, b string) bool {
	switch {
	case oneOf(a, "ident", "at-keyword", "hash", "dimension", "#", "-", "number") &&
		oneOf(b, "ident", "function", "url", "number", "percentage", "dimension", "unicode-range"),
		oneOf(a, "ident", "at-keyword", "hash", "dimension") && oneOf(b, "-", "-->"),
		a == "@" && oneOf(b, "ident", "function", "url", "unicode-range", "-"),
		oneOf(a, "unicode-range", ".", "+") && oneOf(b, "number", "percentage", "dimension"),
		a == "unicode-range" && oneOf(b, "ident", "function", "?"),
		oneOf(a, "$", "*", "^", "~", "|") && b == "=",
		a == "ident" && b == "() block", a == "|" && b == "|", a == "/" && b == "*":
		return true
	}
	return false
}

func cssWrite(b []byte, list []cssNode) []byte {
	previous := ""
	for i := range list {
		n := &list[i]
		class := n.class()
		if i > 0 {
			if merges(previous, class) {
				b = append(b, "/**/"...)
			} else if previous == `\` && !(n.kind == cssSpace && strings.HasPrefix(n.text, "\n")) {
				b = append(b, '\n')
			}
		}
		b = n.write(b)
		previous = class
	}
	return b
}

func (n *cssNode) write(b []byte) []byte {
	switch n.kind {
	case cssComment:
		return append(append(append(b, "/*"...), n.text...), "*/"...)
	case cssIdent:
		return cssIdentifier(b, n.text)
	case cssAt:
		return cssIdentifier(append(b, '@'), n.text)
	case cssHash:
		return cssIdentifier(append(b, '#'), n.text)
	case cssHashName:
		return cssName(append(b, '#'), n.text)
	case cssPercentage:
		return append(append(b, n.text...), '%')
	case cssDimension:
		b = append(b, n.text...)
		// 1e3 would be a number.
		if u := n.unit; u == "e" || u == "E" || strings.HasPrefix(u, "e-") || strings.HasPrefix(u, "E-") {
			b = append(b, `\65 `...)
			return cssName(b, u[1:])
		}
		return cssIdentifier(b, n.unit)
	case cssFunction:
		b = append(cssIdentifier(b, n.text), '(')
		b = cssWrite(b, n.children)
		if n.open() {
			return b
		}
		return append(b, ')')
	case cssBlock:
		b = cssWrite(append(b, n.text...), n.children)
		return append(b, closing(n.text[0]))
	case cssDeclaration:
		b = append(cssIdentifier(b, n.text), ':')
		b = cssWrite(b, n.children)
		if n.flag {
			b = append(b, "!important"...)
		}
		return append(b, ';')
	}
	return append(b, n.text...)
}

// open reports whether a function ends in a string or an address that the text has cut off.
func (n *cssNode) open() bool {
	for len(n.children) > 0 {
		last := &n.children[len(n.children)-1]
		if last.kind == cssError && last.text == "" {
			return true
		}
		if last.kind != cssFunction {
			return false
		}
		n = last
	}
	return false
}

func cssIdentifier(b []byte, s string) []byte {
	switch {
	case s == "":
		return b
	case s == "-":
		return append(b, `\-`...)
	case strings.HasPrefix(s, "--"):
		return cssName(append(b, "--"...), s[2:])
	}
	if s[0] == '-' {
		b = append(b, '-')
		s = s[1:]
	}
	switch c := s[0]; {
	case nameStart(c):
		b = append(b, c)
	case '0' <= c && c <= '9':
		b = append(append(b, '\\'), strings.ToUpper(strconv.FormatUint(uint64(c), 16))...)
		b = append(b, ' ')
	default:
		b = cssEscape(b, c)
	}
	return cssName(b, s[1:])
}

func cssEscape(b []byte, c byte) []byte {
	switch c {
	case '\n':
		return append(b, `\A `...)
	case '\r':
		return append(b, `\D `...)
	case '\f':
		return append(b, `\C `...)
	}
	return append(b, '\\', c)
}

func cssName(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if nameChar(s[i]) {
			b = append(b, s[i])
		} else {
			b = cssEscape(b, s[i])
		}
	}
	return b
}

var cssStrings = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\A `, "\r", `\D `, "\f", `\C `)

func cssStringValue(s string) string { return cssStrings.Replace(s) }

var cssURLs = strings.NewReplacer("'", `\'`, `"`, `\"`, `\`, `\\`, " ", `\ `, "\t", `\9 `, "\n", `\A `, "\r", `\D `, "\f", `\C `, "(", `\(`, ")", `\)`)

func cssURLValue(s string) string { return cssURLs.Replace(s) }
