package taint

import (
	"strings"

	"github.com/gambeson/gambeson/internal/models"
)

// Where in a page or a command line a text ends that is being put together, so that what is
// put behind it is judged by the place: html.escape(x, quote=False) keeps a page whole, but not
// an attribute, and shlex.quote(x) is no help between quotation marks. Only constants move the
// place; what else is put in is taken to end where it begins.

// Places in a page.
const (
	inText     uint8 = iota
	inTag            // <p …
	inValue          // <p class=, before the value
	inDouble         // <p class="…
	inSingle         // <p class='…
	inBare           // <p class=…
	inScript         // <script>…
	inScriptDQ       // <script>"…
	inScriptSQ       // <script>'…
	inComment        // <!--…
	pageMask   uint8 = 0x0f

	// What is known of the value or tag around it.
	ofAddress uint8 = 0x10 // href, src and the like
	ofHandler uint8 = 0x20 // onclick and the like
	atStart   uint8 = 0x40 // nothing of the value is there yet
	ofScript  uint8 = 0x80 // the tag is <script …
)

// Places in a command line.
const (
	shellSingle uint8 = 1 + iota
	shellDouble
)

var (
	pageText, _      = models.ParseKind("html.text")
	pageAttribute, _ = models.ParseKind("html.attribute")
	pageAddress, _   = models.ParseKind("html.address")
	shellKind, _     = models.ParseKind("command.shell")
)

// addressAttributes are attributes that hold an address which is followed.
var addressAttributes = map[string]bool{"href": true, "src": true, "action": true, "formaction": true, "data": true, "xlink:href": true}

// pageAfter is the place after some more text.
func pageAfter(at uint8, s string) uint8 {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch at & pageMask {
		case inText:
			n := strings.IndexByte(s[i:], '<')
			if n < 0 {
				return at
			}
			rest := s[i+n:]
			switch {
			case strings.HasPrefix(rest, "<!--"):
				at = inComment
			case len(rest) > 1 && (rest[1] >= 'a' && rest[1] <= 'z' || rest[1] >= 'A' && rest[1] <= 'Z'):
				at = inTag
				if len(rest) > 6 && strings.EqualFold(rest[1:7], "script") {
					at |= ofScript
				}
			}
			i += n
		case inTag, inValue:
			switch {
			case c == '>' && at&ofScript != 0:
				at = inScript
			case c == '>':
				at = inText
			case c == '=' && at&pageMask == inTag:
				at = at&ofScript | inValue | attributeKind(s[:i])
			case at&pageMask == inTag || c == ' ' || c == '\n' || c == '\t':
			case c == '"':
				at = at&^pageMask | inDouble | atStart
			case c == '\'':
				at = at&^pageMask | inSingle | atStart
			default:
				at = at&^pageMask | inBare
			}
		case inDouble, inSingle, inBare:
			end := at&pageMask == inDouble && c == '"' || at&pageMask == inSingle && c == '\'' || at&pageMask == inBare && (c == ' ' || c == '\n' || c == '\t')
			switch {
			case at&pageMask == inBare && c == '>' && at&ofScript != 0:
				at = inScript
			case at&pageMask == inBare && c == '>':
				at = inText
			case end:
				at = at&ofScript | inTag
			default:
				at &^= atStart
			}
		case inScript, inScriptDQ, inScriptSQ:
			switch {
			case c == '<' && len(s) >= i+8 && strings.EqualFold(s[i:i+8], "</script"):
				at = inTag
			case c == '\\':
				i++
			case at == inScript && c == '"':
				at = inScriptDQ
			case at == inScript && c == '\'':
				at = inScriptSQ
			case at == inScriptDQ && c == '"', at == inScriptSQ && c == '\'', c == '\n':
				at = inScript
			}
		case inComment:
			n := strings.Index(s[i:], "-->")
			if n < 0 {
				return at
			}
			at = inText
			i += n + 2
		}
	}
	return at
}

// attributeKind is what an attribute is whose name stands at the end of s.
func attributeKind(s string) uint8 {
	s = strings.TrimRight(s, " \t\n")
	s = strings.ToLower(s[strings.LastIndexAny(s, " \t\n'\"/")+1:])
	switch {
	case addressAttributes[s]:
		return ofAddress
	case strings.HasPrefix(s, "on"):
		return ofHandler
	}
	return 0
}

// shellAfter is the place in a command line after some more text.
func shellAfter(at uint8, s string) uint8 {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case at == shellSingle:
			if c == '\'' {
				at = 0
			}
		case c == '\\':
			i++
		case at == shellDouble:
			if c == '"' {
				at = 0
			}
		case c == '\'':
			at = shellSingle
		case c == '"':
			at = shellDouble
		}
	}
	return at
}

// placed is what marks may do at a place in a page, and between the quotation marks of a shell.
func placed(list []mark, page, shell, quotes uint8) []mark {
	word := quotes&shellWord != 0
	if page == inText && shell == 0 || len(list) == 0 {
		return list
	}
	var out []mark
	for i, m := range list {
		k := m.kinds
		if word && shell != 0 {
			k |= shellKind
		}
		// What may still do anything in a shell was escaped, and not made of letters and digits.
		free := k&shellKind != 0 && !word
		at := page & pageMask
		if quotes&ownMarks != 0 {
			switch at {
			case inValue:
				at, page = inDouble, page|atStart
			case inDouble, inSingle: // the second mark ends what the first began
				k |= pageText
			}
		}
		switch {
		case page&ofHandler != 0 && at != inTag && free:
			k |= pageText
		case at == inDouble || at == inSingle:
			if k&pageAttribute != 0 || page&ofAddress != 0 && page&atStart != 0 && k&pageAddress != 0 && free {
				k |= pageText
			}
		case at == inScript && quotes&scriptSafe != 0:
		case (at == inValue || at == inBare || at == inScript) && free:
			k |= pageText
		case (at == inScriptDQ || at == inScriptSQ) && k&pageAttribute != 0:
			k |= pageText
		}
		if k != m.kinds {
			if out == nil {
				out = append(out, list...)
			}
			out[i].kinds = k
		}
	}
	if out == nil {
		return list
	}
	return out
}
