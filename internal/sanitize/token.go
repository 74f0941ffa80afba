package sanitize

import (
	"slices"
	"strconv"
	"strings"
)

// Bytes that UTF-8 cannot contain stand for characters that must mean nothing to the parser
// of x/net/html. The text is valid UTF-8 before they are put in, so none can be forged.
const (
	byteLess  = 0xFF // <
	byteAmp   = 0xFE // &
	byteNull  = 0xFD // U+0000 of a tag that became text; elsewhere the parser drops it
	byteEmpty = 0xFC // no text at all, but a place where there was some
	byteQuirk = 0xFB // behind the name of an element that html5lib makes inside svg and math
)

// An attr is one attribute as it was written: the value with its references.
type attr struct {
	space     string // xlink, xml, xmlns; "" for none
	name, val string
}

// A start is one start tag that is allowed, with its attributes. The parser sees its number
// and nothing of what it says: it sorts attributes and decodes values.
type start struct {
	from, to int  // in tokenizer.attrs
	raw      bool // its content was read as text
}

// How raw text ends, by element.
const (
	notRaw = iota
	rawText
	rawScript
	rawPlain // never ends
)

func rawKind(name string) int {
	switch name {
	case "title", "textarea", "style", "xmp", "iframe", "noembed", "noframes", "noscript":
		return rawText
	case "script":
		return rawScript
	case "plaintext":
		return rawPlain
	}
	return notRaw
}

// formatting is the elements that the parser opens again behind the end of a paragraph, and
// of which it keeps no more than three that are alike.
func formatting(name string) bool {
	switch name {
	case "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u":
		return true
	}
	return false
}

// blockLevel reports whether Bleach replaces the tag by a line break where it is stripped.
func blockLevel(name string) bool {
	switch name {
	case "address", "article", "aside", "blockquote", "details", "dialog", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
		"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "ul":
		return true
	}
	return false
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// What html5lib complained of last: Bleach decides by it what becomes of the next token.
type complaint uint8

const (
	none         complaint = iota
	other                  // none of these
	inName                 // a quote or < in an attribute's name
	afterName              // or behind one
	inEnd                  // </ and something that no name begins with
	cutShort               // the end of the text in a tag that becomes text
	cutShortLost           // the end of the text in a tag that is dropped
)

// A tokenizer reads HTML as html5lib does, with Bleach's changes, and writes it down again
// for the parser of x/net/html: tags that are allowed with a number instead of their
// attributes, everything else as text in which nothing can be taken for markup. The parser
// therefore never disagrees about where a tag begins, and we need no copy of it.
type tokenizer struct {
	src   string
	pos   int
	tags  map[string]bool // allowed, in lower case; nil for all
	strip bool

	out      []byte // for the parser
	starts   []start
	attrs    []attr
	comments []string

	tagStart  int // of the last <
	last      complaint
	emitted   bool // some tag was
	rescan    int  // bytes that may still be looked at again
	cost      int  // what the parser may still have to build
	pending   pending
	self      bool           // the tag being read ends in />
	alike     map[string]int // start by how it is written, for formatting elements
	cur       []attr         // attributes of the tag being read
	seen      map[string]bool
	name      string
	scope     foreign
	corrected map[int]bool // start → raw, learnt from an earlier parse
	foreign   bool         // svg or math is allowed
	paragraph bool         // a p may be open
	rows      bool         // between the cells of a table
	lastStart string       // the last tag, if it was a start tag
	choosing  bool         // in a select
	tables    int          // that are open, about
	plainEnds bool         // leave </p> and </br> to the parser
}

// tooMuch is the end of the patience with a text whose tree would be far larger than itself.
type tooMuch struct{}

func (tooMuch) Error() string { return "the text would make too large a tree" }

const (
	rescanFactor = 8 // how often a byte may be looked at again, on average
	costFactor   = 4 // nodes for a byte of text
	costFree     = 1 << 17
)

// pending estimates from above how many formatting elements the parser would have to open
// again in the next paragraph: a few unclosed ones, repeated in every paragraph, make a tree
// hundreds of times as large as its text.
type pending struct {
	open  []string       // as they are written; "" where a cell or the like begins
	count map[string]int // of each, once there are more than few; the parser keeps three that are alike
}

const few = 32 // of which counting is faster than a map

func (p *pending) reset() {
	p.open = p.open[:0]
	clear(p.count)
}

// cost is the nodes that a piece of text may bring with it.
func (p *pending) cost() int { return len(p.open) }

func (p *pending) start(written string) {
	if written != "" && p.alike(written) == 3 {
		return
	}
	p.open = append(p.open, written)
	switch {
	case len(p.open) == few+1:
		if p.count == nil {
			p.count = map[string]int{}
		}
		clear(p.count)
		for _, w := range p.open {
			p.count[w]++
		}
	case len(p.open) > few:
		p.count[written]++
	}
}

// alike is how many are open that are written so.
func (p *pending) alike(written string) (n int) {
	if len(p.open) > few {
		return p.count[written]
	}
	for _, w := range p.open {
		if w == written {
			n++
		}
	}
	return n
}

// end forgets one that is certainly closed: the last of its name in this cell.
func (p *pending) end(name string) {
	for i := len(p.open) - 1; i >= max(0, len(p.open)-64) && p.open[i] != ""; i-- {
		if w := p.open[i]; len(w) > len(name)+1 && strings.EqualFold(w[1:len(name)+1], name) && !letter(w[len(name)+1]) {
			if len(p.open) > few {
				p.count[w]--
			}
			p.open = slices.Delete(p.open, i, i+1)
			return
		}
	}
}

// marker reports whether the parser closes no formatting elements across this one.
func marker(name string) bool {
	switch name {
	case "td", "th", "caption", "applet", "marquee", "object", "template", "select", "button", "table":
		return true
	}
	return false
}

func (t *tokenizer) reset(src string) {
	*t = tokenizer{
		src: src, tags: t.tags, strip: t.strip, foreign: t.foreign, corrected: t.corrected, plainEnds: t.plainEnds,
		out: t.out[:0], starts: t.starts[:0], attrs: t.attrs[:0], comments: t.comments[:0], cur: t.cur[:0],
		pending: t.pending, alike: t.alike, seen: t.seen, scope: foreign{stack: t.scope.stack[:0]},
		rescan: rescanFactor*len(src) + 1<<12, cost: costFactor*len(src) + costFree,
	}
	t.pending.reset()
	clear(t.alike)
}

func (t *tokenizer) allows(name string) bool {
	if t.tags == nil || t.tags[name] {
		return true
	}
	for i := 0; i < len(name); i++ {
		if name[i] >= 0x80 { // ASCII is in small letters by now
			return t.tags[strings.ToLower(name)]
		}
	}
	return false
}

// run reads the whole text.
func (t *tokenizer) run() error {
	for t.pos < len(t.src) {
		switch t.src[t.pos] {
		case '<':
			t.markup()
		case 0:
			t.last = none
			t.out = append(t.out, 0)
			t.pos++
		default:
			t.text()
		}
		if t.cost < 0 {
			return tooMuch{}
		}
	}
	if t.last == cutShort {
		t.chars(t.src[t.tagStart:t.pos])
	}
	return nil
}

// text reads up to the next < or null character.
func (t *tokenizer) text() {
	from := t.pos
	s := t.src[from:]
	end := strings.IndexByte(s, '<')
	if end < 0 {
		end = len(s)
	}
	if i := strings.IndexByte(s[:end], 0); i >= 0 {
		end = i
	}
	s = s[:end]
	// html5lib makes tokens of white space only behind tags and references, and only those
	// make Bleach forget a complaint about an attribute's name.
	switch t.last {
	case none:
	case inName, afterName:
		fresh := true
		for i := 0; i < len(s); i++ {
			if fresh && space(s[i]) || s[i] == '&' && i+1 < len(s) && space(s[i+1]) {
				t.last = none
				break
			}
			fresh = false
		}
	default:
		t.last = none
	}
	t.pos += end
	t.chars(s)
}

// chars writes text for the parser.
func (t *tokenizer) chars(s string) {
	t.cost -= t.pending.cost()
	if strings.IndexByte(s, '<') < 0 && strings.IndexByte(s, '&') < 0 && strings.IndexByte(s, 0) < 0 {
		t.out = append(t.out, s...)
		return
	}
	from := 0
	for i := 0; i < len(s); i++ {
		var b byte
		switch s[i] {
		case '<':
			b = byteLess
		case '&':
			b = byteAmp
		case 0:
			b = byteNull
		default:
			continue
		}
		t.out = append(append(t.out, s[from:i]...), b)
		from = i + 1
	}
	t.out = append(t.out, s[from:]...)
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r' }
func letter(c byte) bool {
	c |= 0x20
	return 'a' <= c && c <= 'z'
}

// markup reads what begins with <.
func (t *tokenizer) markup() {
	i := t.pos
	t.tagStart = i
	if i+1 == len(t.src) {
		t.last = none
		t.chars("<")
		t.pos = i + 1
		return
	}
	switch c := t.src[i+1]; {
	case letter(c):
		t.pos = i + 1
		t.tag(false)
	case c == '/':
		t.endTag(i)
	case c == '!':
		t.declaration(i)
	case c == '?':
		t.last = other
		t.bogus(i + 1)
	case c == '>':
		t.last = none
		t.chars("<>")
		t.pos = i + 2
	default:
		t.last = none
		t.chars("<")
		t.pos = i + 1
	}
}

func (t *tokenizer) endTag(i int) {
	if i+2 == len(t.src) {
		t.last = none
		t.chars("</")
		t.pos = i + 2
		return
	}
	switch c := t.src[i+2]; {
	case letter(c):
		t.pos = i + 2
		t.tag(true)
	case c == '>':
		t.last = other
		t.pos = i + 3
	default:
		t.last = inEnd
		t.bogus(i + 2)
	}
}

// bogus reads a comment that is none: from here to the next >.
func (t *tokenizer) bogus(from int) {
	data := t.src[from:]
	if j := strings.IndexByte(data, '>'); j >= 0 {
		data = data[:j]
		t.pos = from + j + 1
	} else {
		t.pos = len(t.src)
	}
	// </ and something else is text, as it was written, unless it is a known tag.
	if t.last == inEnd && t.tags != nil && !t.tags[strings.ToLower(strings.TrimSpace(data))] {
		t.last = none
		t.chars(t.src[t.tagStart:t.pos])
		return
	}
	t.last = none
	t.comment(data)
}

func (t *tokenizer) comment(data string) {
	t.out = append(t.out, "<!--"...)
	t.out = strconv.AppendInt(t.out, int64(len(t.comments)), 10)
	t.out = append(t.out, "-->"...)
	t.comments = append(t.comments, strings.ReplaceAll(data, "\x00", "\uFFFD"))
}

func (t *tokenizer) declaration(i int) {
	s := t.src[i+2:]
	switch {
	case strings.HasPrefix(s, "--"):
		t.readComment(i + 4)
	case len(s) >= 7 && strings.EqualFold(s[:7], "doctype"):
		// In a fragment it counts for nothing, wherever it ends.
		if j := strings.IndexByte(s, '>'); j >= 0 {
			t.pos = i + 2 + j + 1
		} else {
			t.pos = len(t.src)
		}
		t.last = none
	case strings.HasPrefix(s, "[CDATA[") && t.scope.alien():
		s = s[7:]
		if j := strings.Index(s, "]]>"); j >= 0 {
			t.pos = len(t.src) - len(s) + j + 3
			s = s[:j]
		} else {
			t.pos = len(t.src)
		}
		t.last = none
		t.chars(strings.ReplaceAll(s, "\x00", "\uFFFD"))
	default:
		t.last = other
		t.bogus(i + 2)
	}
}

// readComment reads a comment whose data begin at from.
func (t *tokenizer) readComment(from int) {
	s := t.src[from:]
	t.last = none
	switch {
	case strings.HasPrefix(s, ">"):
		t.pos = from + 1
		t.comment("")
		return
	case strings.HasPrefix(s, "->"):
		t.pos = from + 2
		t.comment("")
		return
	}
	for i := 0; ; {
		j := strings.Index(s[i:], "--")
		if j < 0 {
			// The text ends in the comment. One dash, or none, belongs to its end.
			t.pos = len(t.src)
			t.comment(strings.TrimSuffix(s, "-"))
			return
		}
		i += j
		end := i + 2
		for end < len(s) && s[end] == '-' {
			end++
		}
		switch {
		case end == len(s):
			t.pos = len(t.src)
			t.comment(s[:end-2])
			return
		case s[end] == '>':
			t.pos = from + end + 1
			t.comment(s[:end-2])
			return
		case s[end] == '!' && end+1 == len(s):
			t.pos = len(t.src)
			t.comment(s[:end-2])
			return
		case s[end] == '!' && s[end+1] == '>':
			t.pos = from + end + 2
			t.comment(s[:end-2])
			return
		}
		i = end
	}
}

// tag reads a tag whose name begins at pos.
func (t *tokenizer) tag(end bool) {
	s, i := t.src, t.pos
	t.last = none
	for i < len(s) && !space(s[i]) && s[i] != '>' && s[i] != '/' {
		if s[i] == 0 {
			t.last = other
		}
		i++
	}
	name := s[t.pos:i]
	if i == len(s) {
		t.last, t.pos = cutShort, i
		return
	}
	t.name = lower(name)
	t.attributes(i, end)
}

// lower makes ASCII letters small, as tokenizers do, and writes down what a null character
// becomes.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' || s[i] == 0 {
			b := []byte(s)
			for i, c := range b {
				if 'A' <= c && c <= 'Z' {
					b[i] = c + 'a' - 'A'
				}
			}
			return strings.ReplaceAll(string(b), "\x00", "\uFFFD")
		}
	}
	return s
}

// nameEnds is where an attribute's name stops.
var nameEnds = table("\t\n\f\r />=")

// unquotedEnds is where a value without quotes needs a look.
var unquotedEnds = table("\t\n\f\r >\"'=<`\x00")

func table(chars string) (t [256]bool) {
	for i := 0; i < len(chars); i++ {
		t[chars[i]] = true
	}
	return t
}

// attributes reads the rest of a tag from behind its name, and emits it. The states are
// those of the standard as html5lib has them.
func (t *tokenizer) attributes(i int, end bool) {
	s := t.src
	t.cur, t.self = t.cur[:0], false
	many := false
	for {
		// before an attribute's name
		for i < len(s) && space(s[i]) {
			i++
		}
		if i == len(s) {
			t.last, t.pos = cutShortLost, i
			return
		}
		switch s[i] {
		case '>':
			t.pos = i + 1
			t.emit(end)
			return
		case '/':
			if i+1 == len(s) {
				t.last, t.pos = cutShortLost, len(s)
				return
			}
			if s[i+1] == '>' {
				t.pos, t.self = i+2, true
				t.emit(end)
				return
			}
			t.last = other
			i++
			continue
		case '\'', '"', '=', '<':
			t.last = inName
		case 0:
			t.last = other
		}
	name: // its name; the first character is one whatever it is
		from := i
		i++
		for i < len(s) && !nameEnds[s[i]] {
			switch s[i] {
			case '\'', '"', '<':
				t.last = inName
			case 0:
				t.last = other
			}
			i++
		}
		t.cur = append(t.cur, attr{name: lower(s[from:i])})
		a := &t.cur[len(t.cur)-1]
		if i == len(s) {
			t.last = cutShort
		}
		if len(t.cur) > 8 && !many {
			many = true
			if t.seen == nil {
				t.seen = map[string]bool{}
			}
			clear(t.seen)
			for _, b := range t.cur[:len(t.cur)-1] {
				t.seen[b.name] = true
			}
		}
		if t.twice(a.name, many) {
			t.cur = t.cur[:len(t.cur)-1] // the first one counts
			a = &attr{}
			if t.last != cutShort {
				t.last = other
			}
		}
		if i == len(s) {
			t.pos = i
			return
		}
		// after an attribute's name
		if s[i] != '=' {
			for i < len(s) && space(s[i]) {
				i++
			}
			if i == len(s) {
				t.last, t.pos = cutShort, i
				return
			}
			switch s[i] {
			case '=':
			case '\'', '"', '<':
				t.last = afterName
				goto name
			case '>', '/':
				continue
			case 0:
				t.last = other
				goto name
			default:
				goto name
			}
		}
		// before its value
		i++
		for i < len(s) && space(s[i]) {
			i++
		}
		if i == len(s) {
			t.last, t.pos = cutShortLost, i
			return
		}
		switch q := s[i]; q {
		case '>':
			t.last = other
			continue
		case '"', '\'':
			from := i + 1
			n := strings.IndexByte(s[from:], q)
			if n < 0 {
				t.last, t.pos = cutShortLost, len(s)
				return
			}
			i = from + n + 1
			a.val = s[from : i-1]
			if strings.IndexByte(a.val, 0) >= 0 {
				a.val = strings.ReplaceAll(a.val, "\x00", "\uFFFD")
				t.last = other
			}
			if i < len(s) && !space(s[i]) && s[i] != '>' && s[i] != '/' {
				t.last = other
			} else if i == len(s) {
				t.last, t.pos = cutShortLost, i
				return
			}
		default:
			if q == '=' || q == '<' || q == '`' || q == 0 {
				t.last = other
			}
			from := i
			for i++; i < len(s) && !space(s[i]) && s[i] != '>'; i++ {
				if unquotedEnds[s[i]] {
					t.last = other
				}
			}
			a.val = strings.ReplaceAll(s[from:i], "\x00", "\uFFFD")
			if i == len(s) {
				t.last, t.pos = cutShort, i
				return
			}
		}
	}
}

// twice reports whether the tag had an attribute of this name before the last one.
func (t *tokenizer) twice(name string, many bool) bool {
	if many {
		if t.seen[name] {
			return true
		}
		t.seen[name] = true
		return false
	}
	for _, b := range t.cur[:len(t.cur)-1] {
		if b.name == name {
			return true
		}
	}
	return false
}

// plainName reports whether a name can be written down for the parser as it is.
func plainName(name string) bool {
	for i := 0; i < len(name); i++ {
		if c := name[i]; !letter(c) && (c < '0' || c > '9') {
			return !strings.ContainsAny(name, "<&\"'=`\uFFFD")
		}
	}
	return true
}

// emit writes the tag that was read, or what becomes of it where it is not allowed.
func (t *tokenizer) emit(end bool) {
	name := t.name
	if !t.allows(name) || !plainName(name) {
		t.disallowed(name, end)
		return
	}
	t.emitted = true
	if end {
		t.last = none
		if t.scope.inside() && (name == "br" || name == "p" && !t.paragraph) && !t.plainEnds {
			// html5lib makes an empty element of these, where they stand. Browsers, and the
			// parser, leave svg and math first.
			t.out = append(append(append(t.out, '<'), name...), byteQuirk, '/', '>')
			return
		}
		if t.choosing && !t.chooses(name) {
			return
		}
		t.lastStart = ""
		switch name {
		case "p":
			t.paragraph = false
		case "td", "th", "caption", "tr", "tbody", "thead", "tfoot":
			t.rows = true
		case "table":
			t.rows = false
			t.tables = max(0, t.tables-1)
		case "select":
			t.choosing = false
		}
		t.out = append(append(append(t.out, "</"...), name...), '>')
		if formatting(name) {
			t.pending.end(name)
		}
		t.scope.end(name)
		return
	}
	attrs := t.cur
	if t.last == inName {
		attrs = slices.DeleteFunc(attrs, func(a attr) bool { return strings.ContainsAny(a.name, "\"'<") })
	}
	t.last = none
	if t.choosing && !t.chooses(name) {
		return
	}
	if blockLevel(name) {
		t.paragraph = name == "p"
	}
	t.lastStart = name
	if name == "table" {
		t.tables++
	}
	switch name {
	case "table", "tr", "tbody", "thead", "tfoot", "colgroup":
		t.rows = true
	case "td", "th", "caption":
		t.rows = false
	case "select":
		t.choosing = !t.scope.inside() && !t.choosing
	case "input", "keygen", "textarea":
		t.choosing = false
	}
	n := -1
	raw := rawKind(name)
	isFormatting := formatting(name)
	if len(attrs) > 0 || raw != notRaw {
		known := false
		if isFormatting {
			if t.alike == nil {
				t.alike = map[string]int{}
			}
			n, known = t.alike[t.src[t.tagStart:t.pos]]
		}
		if !known {
			n = len(t.starts)
			t.starts = append(t.starts, start{from: len(t.attrs), to: len(t.attrs) + len(attrs)})
			t.attrs = append(t.attrs, attrs...)
			if isFormatting {
				t.alike[t.src[t.tagStart:t.pos]] = n
			}
		}
	}
	t.cost -= t.pending.cost() + 1
	switch {
	case isFormatting:
		t.pending.start(t.src[t.tagStart:t.pos])
	case marker(name) && len(t.pending.open) > 0:
		t.pending.start("")
	}
	t.out = append(append(t.out, '<'), name...)
	if n >= 0 {
		t.out = append(t.out, ` i="`...)
		t.out = strconv.AppendInt(t.out, int64(n), 10)
		t.out = append(t.out, '"')
	}
	t.hints(name, attrs)
	if t.self {
		t.out = append(t.out, '/')
	}
	t.out = append(t.out, '>')

	if raw != notRaw {
		isRaw := !t.scope.inside() || t.scope.breaksOut(name)
		if told, ok := t.corrected[n]; ok {
			isRaw = told
		}
		t.starts[n].raw = isRaw
		if isRaw {
			t.rawText(name, raw)
			return
		}
	}
	if t.foreign {
		t.scope.start(name, attrs, t.self)
	}
}

// chooses reports whether html5lib keeps a tag in a select. Browsers keep nearly all by now,
// but programs that allowed a select counted on what came out of it.
func (t *tokenizer) chooses(name string) bool {
	switch name {
	case "option", "optgroup", "select", "script", "input", "keygen", "textarea":
		return true
	case "table", "caption", "tbody", "tfoot", "thead", "tr", "td", "th":
		if t.tables > 0 {
			t.choosing = false
		}
		return t.tables > 0 // they end it in a table, and are lost elsewhere
	}
	return false
}

// newlineLost reports whether the parser drops a line break behind this start tag.
func newlineLost(name string) bool { return name == "pre" || name == "listing" || name == "textarea" }

// hints writes those attributes that the parser builds other trees for.
func (t *tokenizer) hints(name string, attrs []attr) {
	for _, a := range attrs {
		switch {
		case name == "input" && a.name == "type" && strings.EqualFold(a.val, "hidden"):
			t.out = append(t.out, ` type="hidden"`...)
		case name == "annotation-xml" && a.name == "encoding" && htmlEncoding(a.val):
			t.out = append(t.out, ` encoding="text/html"`...)
		case name == "font" && (a.name == "color" || a.name == "face" || a.name == "size"):
			t.out = append(append(append(t.out, ' '), a.name...), `=""`...)
		}
	}
}

func htmlEncoding(s string) bool {
	return strings.EqualFold(s, "text/html") || strings.EqualFold(s, "application/xhtml+xml")
}

func (t *tokenizer) disallowed(name string, end bool) {
	last := t.last
	t.last = none
	if t.strip {
		if t.emitted && !end && blockLevel(name) {
			if len(t.out) > 0 && t.out[len(t.out)-1] == '>' && newlineLost(t.lastStart) {
				t.out = append(t.out, byteEmpty) // the parser drops a line break there, but none that comes so
			}
			t.chars("\n")
		} else if len(t.pending.open) > 0 && !t.rows {
			t.out = append(t.out, byteEmpty)
			t.cost -= t.pending.cost()
		}
		t.emitted = true
		return
	}
	t.emitted = true
	text := t.src[t.tagStart:t.pos]
	if last == inName || last == afterName {
		// <foo <b>: the first part is certainly no tag, and what follows may be one.
		if head, tail, ok := strings.Cut(text, " "); ok {
			t.last = last
			if t.rescan > len(tail) && strings.HasPrefix(strings.TrimSpace(tail), "<") {
				t.rescan -= len(tail)
				t.pos -= len(tail)
				text = head + " "
			}
		}
	}
	t.chars(text)
}

// rawText reads the content of an element whose content is text, and its end tag.
func (t *tokenizer) rawText(name string, kind int) {
	s, from := t.src, t.pos
	end := len(s)
	switch kind {
	case rawText:
		end = rawEnd(s, from, name)
	case rawScript:
		end = scriptEnd(s, from)
	}
	t.chars(strings.ReplaceAll(s[from:end], "\x00", "\uFFFD"))
	if t.pos = end; end == len(s) {
		return
	}
	t.tagStart = end
	t.name = name
	t.attributes(end+2+len(name), true)
}

// rawEnd finds the end tag of this name, from a place on.
func rawEnd(s string, from int, name string) int {
	for i := from; ; {
		j := strings.Index(s[i:], "</")
		if j < 0 {
			return len(s)
		}
		if i += j; closes(s[i:], name) {
			return i
		}
		i += 2
	}
}

// closes reports whether s begins with the end tag of this name.
func closes(s, name string) bool {
	n := len(name) + 2
	return len(s) > n && s[:2] == "</" && strings.EqualFold(s[2:n], name) && (space(s[n]) || s[n] == '/' || s[n] == '>')
}

// scriptEnd finds the end tag of a script: one between <!-- <script and --> is none.
func scriptEnd(s string, from int) int {
	const (
		plain = iota
		escaped
		double
	)
	state := plain
	for i := from; i < len(s); i++ {
		switch c := s[i]; {
		case c == '-' && state != plain:
			if strings.HasPrefix(s[i:], "-->") {
				state = plain
				i += 2
			}
		case c != '<':
		case state == plain && strings.HasPrefix(s[i:], "<!--"):
			state = escaped
			i += 3
			// <!--> and <!---> end at once.
			if i+1 < len(s) && s[i+1] == '>' || strings.HasPrefix(s[i+1:], "->") {
				state = plain
			}
		case state != double && closes(s[i:], "script"):
			return i
		case state == escaped && opens(s[i:]):
			state = double
		case state == double && closes(s[i:], "script"):
			state = escaped
		}
	}
	return len(s)
}

func opens(s string) bool {
	const n = len("<script")
	return len(s) > n && strings.EqualFold(s[:n], "<script") && (space(s[n]) || s[n] == '/' || s[n] == '>')
}
