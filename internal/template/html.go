package template

import (
	"html"
	"slices"
	"strings"
)

// A Where is a kind of place in a page.
type Where uint8

// The places.
const (
	Text     Where = iota // between tags
	TagName               // <HERE>, </HERE>
	AttrName              // <p HERE>
	Value                 // <p title="HERE">
	Script                // <script>HERE</script>
	Style                 // <style>HERE</style>
	RawText               // <title>HERE</title>, <textarea>: no tags but the closing one
	Comment               // <!-- HERE -->, <!HERE>
)

// A Kind is what an attribute's value means.
type Kind uint8

// The kinds of attributes.
const (
	Plain   Kind = iota
	URL          // is visited, framed or run: a scheme like javascript: matters
	Link         // a picture's address and the like, where no browser runs a scheme
	Handler      // a script: onclick, and an address that begins with javascript:
	CSS          // style
	Srcdoc       // a page
)

// A JS is a kind of place in a script.
type JS uint8

// The places in a script.
const (
	NoJS       JS = iota
	Code          // outside of all that follows
	Single        // '
	Double        // "
	TemplateJS    // `
	CommentJS     //
	Regexp        // /
	Data          // JSON and other types that no browser runs
)

// A Context is where the HTML around something stands.
type Context struct {
	Where   Where
	Element string // the tag's name in lower case; "?" stands for something printed
	Attr    string // of Value
	Quote   byte   // of Value: '"', '\'' or 0
	Kind    Kind   // of Value
	Start   bool   // of Value: nothing stands before it
	JS      JS     // of Script, and of Value that is a Handler
}

type mode uint8

const (
	inText mode = iota
	tagOpen
	endOpen
	tagName
	endTag
	inTag
	attrName
	afterName
	beforeValue
	inValue
	inComment
	inMarkup // <! and <?
	inRaw
)

// A page is the state of a browser's tokenizer in the middle of a page. It follows the HTML
// standard where an author means it, not in its repairs of broken pages. Pages are compared with
// ==, so that branches which end alike are one again.
type page struct {
	mode  mode
	quote byte
	dash  uint8  // of a comment: how much of --> was there
	elem  string // the tag being read, or whose raw text this is
	attr  string
	val   string // how the value begins
	typ   string // the type of a script, the http-equiv of a meta
	tail  string // of raw text: what could begin the closing tag
	js    script
}

const (
	maxName  = 40
	maxValue = 40
)

func clip(s string, n int) string { return s[:min(len(s), n)] }

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// advance reads literal text.
func (s page) advance(text string) page {
	for i := 0; i < len(text); {
		c := text[i]
		switch s.mode {
		case inText:
			k := strings.IndexByte(text[i:], '<')
			if k < 0 {
				return s
			}
			i += k + 1
			s.mode = tagOpen
		case tagOpen:
			switch {
			case letter(c):
				s = page{mode: tagName}
				continue
			case c == '/':
				s.mode = endOpen
			case c == '!':
				s.mode, s.dash = inMarkup, 0
			case c == '?':
				s.mode, s.dash = inMarkup, 3
			default:
				s.mode = inText
				continue
			}
			i++
		case endOpen:
			s = page{mode: inText}
			if letter(c) {
				s.mode = endTag
			} else if c != '>' {
				s.mode, s.dash = inMarkup, 3
			}
			i++
		case tagName:
			k := i
			for k < len(text) && !space(text[k]) && text[k] != '>' && text[k] != '/' {
				k++
			}
			s.elem = clip(s.elem+strings.ToLower(text[i:k]), maxName)
			i = k
			if i < len(text) {
				s.mode = inTag
			}
		case endTag:
			k := strings.IndexByte(text[i:], '>')
			if k < 0 {
				return s
			}
			i += k + 1
			s = page{}
		case inTag, afterName:
			switch {
			case c == '>':
				s = s.opened()
				i++
			case space(c) || c == '/':
				i++
			case c == '=' && s.mode == afterName:
				s.mode, s.val, s.quote = beforeValue, "", 0
				i++
			default:
				s.mode, s.attr = attrName, ""
			}
		case attrName:
			k := i
			for k < len(text) && !space(text[k]) && text[k] != '>' && text[k] != '=' && text[k] != '/' {
				k++
			}
			s.attr = clip(s.attr+strings.ToLower(text[i:k]), maxName)
			if i = k; i < len(text) {
				if k == i && text[i] == '=' && s.attr == "" {
					i++ // a stray =
				}
				s.mode = afterName
				if i < len(text) && text[i] == '/' {
					s.mode = inTag
				}
			}
		case beforeValue:
			switch {
			case space(c):
				i++
			case c == '>':
				s = s.opened()
				i++
			default:
				s.mode, s.quote, s.val, s.js = inValue, 0, "", script{}
				if c == '"' || c == '\'' {
					s.quote = c
					i++
				}
			}
		case inValue:
			k := i
			if s.quote != 0 {
				if n := strings.IndexByte(text[i:], s.quote); n >= 0 {
					k += n
				} else {
					k = len(text)
				}
			} else {
				for k < len(text) && !space(text[k]) && text[k] != '>' {
					k++
				}
			}
			s.value(text[i:k])
			if i = k; i < len(text) {
				s.closeValue()
				if s.quote != 0 {
					i++
				}
				s.mode, s.attr, s.val, s.quote, s.js = inTag, "", "", 0, script{}
			}
		case inMarkup:
			// "<!--" is a comment; everything else ends with the next ">".
			switch {
			case s.dash < 2 && c == '-':
				if s.dash++; s.dash == 2 {
					s.mode, s.dash = inComment, 2
				}
			case c == '>':
				s = page{}
			default:
				s.dash = 3
			}
			i++
		case inComment:
			switch {
			case c == '-':
				s.dash = min(2, s.dash+1)
				i++
			case c == '>' && s.dash == 2:
				s = page{}
				i++
			default:
				s.dash = 0
				if k := strings.IndexByte(text[i:], '-'); k < 0 {
					return s
				} else {
					i += k
				}
			}
		case inRaw:
			return s.raw(text[i:])
		}
	}
	return s
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// opened is the state behind the ">" of an opening tag.
func (s page) opened() page {
	switch s.elem {
	case "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes":
		return page{mode: inRaw, elem: s.elem, typ: s.typ}
	}
	return page{}
}

// value reads a part of an attribute's value.
func (s *page) value(text string) {
	if len(s.val) < maxValue {
		s.val += clip(text, maxValue-len(s.val))
	}
	switch kind := attrKind(s.elem, s.attr); {
	case kind == Handler:
		s.js = s.js.advance(html.UnescapeString(text))
	case kind == URL:
		if s.js.mode != NoJS {
			s.js = s.js.advance(html.UnescapeString(text))
		} else if v := strings.TrimLeft(s.val, blanks); len(v) >= 11 && strings.EqualFold(v[:11], "javascript:") {
			s.js.mode = Code
			if k := strings.IndexByte(text, ':'); k >= 0 {
				s.js = s.js.advance(html.UnescapeString(text[k+1:]))
			}
		}
	}
}

func (s *page) closeValue() {
	if s.elem == "script" && s.attr == "type" || s.elem == "meta" && s.attr == "http-equiv" {
		s.typ = strings.ToLower(strings.TrimSpace(s.val))
	}
}

// raw reads text that only the element's own closing tag ends.
func (s page) raw(text string) page {
	text, s.tail = s.tail+text, ""
	from := 0
	for {
		k := strings.Index(text[from:], "<")
		if k < 0 {
			return s.content(text)
		}
		from += k
		rest := text[from:]
		close := "</" + s.elem
		n := min(len(rest), len(close))
		switch {
		case !strings.EqualFold(rest[:n], close[:n]):
			from++
		case len(rest) <= len(close):
			s = s.content(text[:from])
			s.tail = rest
			return s
		case space(rest[n]) || rest[n] == '>' || rest[n] == '/':
			return page{mode: endTag}.advance(rest[n:])
		default:
			from++
		}
	}
}

func (s page) content(text string) page {
	if s.elem == "script" {
		s.js = s.js.advance(text)
	}
	return s
}

// printed is the state behind something whose text is not known.
func (s page) printed() page {
	switch s.mode {
	case tagOpen, tagName:
		s.mode, s.elem = tagName, clip(s.elem+"?", maxName)
	case endOpen:
		s.mode = endTag
	case inTag, afterName:
		s.mode, s.attr = attrName, "?"
	case attrName:
		s.attr = clip(s.attr+"?", maxName)
	case beforeValue, inValue:
		if s.mode == beforeValue {
			s.mode, s.quote, s.val, s.js = inValue, 0, "", script{}
		}
		s.val = clip(s.val+"\x00", maxValue)
		if s.js.mode != NoJS || attrKind(s.elem, s.attr) == Handler {
			s.js = s.js.printed()
		}
	case inMarkup:
		s.dash = 3
	case inComment:
		s.dash = 0
	case inRaw:
		tail := s.tail
		s.tail = ""
		s = s.content(tail)
		s.js = s.js.printed()
	}
	return s
}

// context says where something stands that is printed here.
func (s page) context() Context {
	c := Context{Element: s.elem}
	switch s.mode {
	case inText:
		c.Element = ""
	case tagOpen, endOpen, tagName, endTag:
		c.Where = TagName
	case inTag, attrName, afterName:
		c.Where = AttrName
	case beforeValue, inValue:
		c.Where, c.Attr, c.Kind = Value, s.attr, attrKind(s.elem, s.attr)
		begun := s.mode == inValue
		if begun {
			c.Quote = s.quote
		}
		val := strings.TrimLeft(s.val, blanks)
		if c.Start = !begun || val == ""; s.elem == "meta" && s.attr == "content" && s.typ == "refresh" {
			// content="0; url=HERE"
			c.Kind = URL
			_, rest, ok := strings.Cut(strings.ToLower(val), "url=")
			c.Start = ok && strings.Trim(rest, blanks+`'"`) == ""
		}
		switch {
		case c.Kind == URL && begun && s.js.mode != NoJS:
			c.Kind, c.JS, c.Start = Handler, s.js.mode, false
		case c.Kind == Handler:
			if c.JS = Code; begun {
				c.JS = s.js.place()
			}
		}
	case inComment, inMarkup:
		c.Where, c.Element = Comment, ""
	case inRaw:
		switch s.elem {
		case "script":
			c.Where, c.JS = Script, s.js.place()
			if !runs(s.typ) {
				c.JS = Data
			}
		case "style":
			c.Where = Style
		default:
			c.Where = RawText
		}
	}
	return c
}

// runs says whether a browser runs a script of this type.
func runs(typ string) bool {
	return typ == "" || typ == "module" || typ == "jsx" || typ == "?" || strings.Contains(typ, "\x00") || strings.Contains(typ, "javascript") || strings.Contains(typ, "ecmascript") || typ == "text/babel" || typ == "text/jsx"
}

func attrKind(elem, attr string) Kind {
	switch attr {
	case "style":
		return CSS
	case "srcdoc":
		return Srcdoc
	case "href", "xlink:href":
		switch elem {
		case "link", "image", "use", "meta":
			return Link
		}
		return URL
	case "action":
		if elem == "form" || strings.HasPrefix(elem, "?") {
			return URL
		}
		return Link
	case "formaction":
		return URL
	case "src":
		switch elem {
		case "iframe", "frame", "embed", "script", "?":
			return URL
		}
		return Link
	case "data":
		if elem == "object" {
			return URL
		}
	case "srcset", "poster", "background", "cite", "ping", "longdesc", "manifest", "icon":
		return Link
	case "x-data", "x-init", "x-effect":
		return Handler
	}
	if len(attr) > 3 && attr[0] == 'o' && attr[1] == 'n' && letter(attr[2]) || strings.HasPrefix(attr, "@") && len(attr) > 1 ||
		strings.HasPrefix(attr, "x-on:") || strings.HasPrefix(attr, "v-on:") || strings.HasPrefix(attr, "hx-on") {
		return Handler
	}
	return Plain
}

// A script is the state of a JavaScript lexer. It need not know more than where strings,
// templates, comments and patterns begin and end.
type script struct {
	mode    JS // NoJS is Code before the first character
	escape  bool
	operand bool // the last thing was a value: a / divides
	class   bool // of Regexp: within [ ]
	star    bool // of CommentJS: ends with */, not with the line
	last    byte // of CommentJS: the character before; of Code: a / that waits for the next
	depth   uint8
	braces  [4]uint8 // of each template that is open: the { within ${ }
}

func (s script) place() JS {
	if s.mode == NoJS {
		return Code
	}
	return s.mode
}

func (s script) printed() script {
	s.escape = false
	if s.mode == NoJS {
		s.mode = Code
	}
	if s.mode == Code {
		if s.last == '/' {
			s = s.slash()
		}
		s.operand, s.last = true, 0
	}
	return s
}

// slash is the state behind a / that begins no comment.
func (s script) slash() script {
	s.last = 0
	if s.operand {
		s.operand = false
		return s
	}
	s.mode, s.class, s.escape = Regexp, false, false
	return s
}

func (s script) advance(text string) script {
	if s.mode == NoJS && text != "" {
		s.mode = Code
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if s.escape {
			s.escape = false
			continue
		}
		switch s.mode {
		case Single, Double:
			switch {
			case c == '\\':
				s.escape = true
			case c == '\n', c == '\'' && s.mode == Single, c == '"' && s.mode == Double:
				s.mode, s.operand = Code, true
			}
		case TemplateJS:
			switch {
			case c == '\\':
				s.escape = true
			case c == '`':
				s.mode, s.operand = Code, true
				s.last = 0
			case c == '{' && s.last == '$' && int(s.depth) < len(s.braces):
				s.braces[s.depth] = 0
				s.depth++
				s.mode, s.operand, s.last = Code, false, 0
				continue
			}
			s.last = 0
			if c == '$' {
				s.last = c
			}
		case CommentJS:
			if !s.star && c == '\n' || s.star && c == '/' && s.last == '*' {
				s.mode, s.last = Code, 0
				continue
			}
			s.last = c
		case Regexp:
			switch {
			case c == '\\':
				s.escape = true
			case c == '[':
				s.class = true
			case c == ']':
				s.class = false
			case c == '\n', c == '/' && !s.class:
				s.mode, s.operand = Code, true
			}
		case Code:
			if s.last == '/' {
				if c == '/' || c == '*' {
					s.mode, s.star, s.last = CommentJS, c == '*', 0
					continue
				}
				if s = s.slash(); s.mode == Regexp {
					i--
					continue
				}
			}
			switch {
			case c == '\'':
				s.mode = Single
			case c == '"':
				s.mode = Double
			case c == '`':
				s.mode, s.last = TemplateJS, 0
			case c == '/':
				s.last = '/'
			case c == '<' && strings.HasPrefix(text[i:], "<!--"):
				s.mode, s.star = CommentJS, false
			case c == '{':
				if s.depth > 0 {
					s.braces[s.depth-1]++
				}
				s.operand = false
			case c == '}':
				s.operand = false
				if s.depth > 0 {
					if s.braces[s.depth-1] == 0 {
						s.depth--
						s.mode, s.last = TemplateJS, 0
					} else {
						s.braces[s.depth-1]--
					}
				}
			case c == ')' || c == ']':
				s.operand = true
			case wordByte(c) || c == '$':
				k := i
				for k < len(text) && (wordByte(text[k]) || text[k] == '$') {
					k++
				}
				s.operand = !slices.Contains(beforePattern, text[i:k])
				i = k - 1
			case space(c):
			default:
				s.operand = false
			}
		}
	}
	return s
}

// beforePattern are the words behind which a / begins a pattern.
var beforePattern = []string{"return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "instanceof", "yield", "await"}
