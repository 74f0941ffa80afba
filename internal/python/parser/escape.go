package parser

import (
	"fmt"
	"strings"
)

// checkEscapes reports the first backslash escape in text that Python refuses, at the
// place of its literal. An escape that it does not know is none: it stays as it is.
// Whether \N{…} names a character is not checked; that takes a table of all names.
func (p *parser) checkEscapes(at int, text string, isBytes bool) {
	if what := badEscape(text, isBytes); what != "" {
		p.fail(at, p.end, "%s", what)
	}
}

func badEscape(text string, isBytes bool) string {
	for i := 0; ; i += 2 {
		n := strings.IndexByte(text[i:], '\\')
		if n < 0 || i+n+1 >= len(text) {
			return ""
		}
		i += n
		c, rest := text[i+1], text[i+2:]
		switch {
		case c == 'x' && hexDigits(rest, 2) < 2:
			if isBytes {
				return fmt.Sprintf(`(value error) invalid \x escape at position %d`, i)
			}
			return `(unicode error) truncated \xXX escape`
		case isBytes:
		case c == 'u' && hexDigits(rest, 4) < 4:
			return `(unicode error) truncated \uXXXX escape`
		case c == 'U' && hexDigits(rest, 8) < 8:
			return `(unicode error) truncated \UXXXXXXXX escape`
		case c == 'U' && (rest[:2] != "00" || rest[2:4] > "10"):
			return `(unicode error) illegal Unicode character`
		case c == 'N' && (len(rest) < 3 || rest[0] != '{' || strings.IndexByte(rest, '}') < 2):
			return `(unicode error) malformed \N character escape`
		}
	}
}

// hexDigits counts the hexadecimal digits at the start of s, up to n.
func hexDigits(s string, n int) int {
	i := 0
	for i < n && i < len(s) && (class[s[i]] == cDigit || s[i]|0x20 >= 'a' && s[i]|0x20 <= 'f') {
		i++
	}
	return i
}
