package sanitize

import "strings"

// booleanAttributes are written without a value. The list is html5lib's, of 2013.
var booleanAttributes = map[string]map[string]bool{
	"style":    set("scoped"),
	"img":      set("ismap"),
	"audio":    set("autoplay controls"),
	"video":    set("autoplay controls"),
	"script":   set("defer async"),
	"details":  set("open"),
	"datagrid": set("multiple disabled"),
	"command":  set("hidden disabled checked default"),
	"hr":       set("noshade"),
	"menu":     set("autosubmit"),
	"fieldset": set("disabled readonly"),
	"option":   set("disabled readonly selected"),
	"optgroup": set("disabled readonly"),
	"button":   set("disabled autofocus"),
	"input":    set("disabled readonly required autofocus checked ismap"),
	"select":   set("disabled readonly autofocus multiple"),
	"output":   set("disabled readonly"),
	"iframe":   set("seamless"),
}

// minimised reports whether html5lib writes the attribute without a value. Nearly all that
// there are fail the first question, which needs no table.
func minimised(tag, name string) bool {
	switch name {
	case "irrelevant", "itemscope":
		return true
	case "scoped", "ismap", "autoplay", "controls", "defer", "async", "open", "multiple", "disabled", "hidden", "checked", "default",
		"noshade", "autosubmit", "readonly", "selected", "autofocus", "required", "seamless":
		return booleanAttributes[tag][name]
	}
	return false
}

// A serializer writes tokens as Bleach does. html5lib yields pieces, and Bleach looks at each
// of them to find attributes' values; between an end tag and the next > it believes itself in
// a tag, so that a text that is = and nothing else changes what follows. inTag and afterEqual
// are its state.
type serializer struct {
	out        []byte
	escapeLess bool // in attributes: clean does, linkify does not
	inTag      bool
	afterEqual bool
}

// piece writes what html5lib would yield at once.
func (s *serializer) piece(p string) {
	if !s.inTag {
		s.inTag = strings.HasPrefix(p, "<")
		s.out = append(s.out, p...)
		return
	}
	switch {
	case p == ">":
		s.inTag = false
	case s.afterEqual:
		if p != `"` {
			s.out = escapeBare(s.out, strings.ReplaceAll(p, "&amp;", "&"))
			s.afterEqual = false
			return
		}
	case p == "=":
		s.afterEqual = true
	}
	s.out = append(s.out, p...)
}

// textPiece writes text, escaped.
func (s *serializer) textPiece(p string) {
	if s.inTag && (s.afterEqual || p == "=") {
		s.piece(textEscaper.Replace(p))
		return
	}
	from := 0
	for i := 0; i < len(p); i++ {
		var e string
		switch p[i] {
		case '&':
			e = "&amp;"
		case '<':
			e = "&lt;"
		case '>':
			e = "&gt;"
		default:
			continue
		}
		s.out = append(append(s.out, p[from:i]...), e...)
		from = i + 1
	}
	s.out = append(s.out, p[from:]...)
}

var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (s *serializer) token(k *tok) {
	switch k.kind {
	case chars:
		s.textPiece(k.data)
	case spaces:
		s.piece(k.data)
	case startTag, emptyTag:
		s.open(k)
	case endTag:
		s.out = append(append(append(s.out, "</"...), k.name...), '>')
		s.tagPiece()
	case comment:
		s.out = append(append(append(s.out, "<!--"...), k.data...), "-->"...)
		s.tagPiece()
	case entity:
		if s.afterEqual {
			s.piece("&" + k.data + ";")
			return
		}
		s.out = append(append(append(s.out, '&'), k.data...), ';')
	}
}

// tagPiece is the state after a piece that begins with <, is longer than = and is no quote.
func (s *serializer) tagPiece() {
	if s.inTag {
		s.afterEqual = false // what follows = is a value to Bleach, here one without references
	}
	s.inTag = true
}

func (s *serializer) open(k *tok) {
	s.out = append(append(s.out, '<'), k.name...)
	s.tagPiece()
	for i := range k.attrs {
		a := &k.attrs[i]
		s.piece(" ")
		s.piece(a.name)
		if minimised(k.name, a.name) {
			continue
		}
		s.piece("=")
		v := a.val
		if !s.afterEqual || strings.IndexByte(v, '"') >= 0 || v == ">" || v == `"` {
			s.oddValue(v)
			continue
		}
		// The usual case: in double quotes, references stay.
		s.out = append(s.out, '"')
		if s.escapeLess && strings.IndexByte(v, '<') >= 0 {
			v = strings.ReplaceAll(v, "<", "&lt;")
		}
		s.out = escapeBare(s.out, v)
		s.out = append(s.out, '"')
		s.afterEqual = false
	}
	s.piece(">")
}

// oddValue writes a value piece by piece, as the original does.
func (s *serializer) oddValue(v string) {
	v = strings.ReplaceAll(v, "&", "&amp;")
	if s.escapeLess {
		v = strings.ReplaceAll(v, "<", "&lt;")
	}
	quote := `"`
	if strings.IndexByte(v, '"') >= 0 && strings.IndexByte(v, '\'') < 0 {
		quote = "'"
	} else {
		v = strings.ReplaceAll(v, `"`, "&quot;")
	}
	s.piece(quote)
	s.piece(v)
	s.piece(quote)
}
