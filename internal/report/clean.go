package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible returns what stands for a character that must not reach a terminal, log or
// page as it is, and whether it is one: control characters (ESC starts a terminal
// command), bidirectional and zero-width characters (they make text look like
// other text), line separators, private and unassigned characters. A tab counts:
// callers who know what to do with tabs ask first.
//
// The tempting mistake is to drop them. A reader must see that something is there,
// the more so as rules report just such characters.
func visible(r rune) (string, bool) {
	switch {
	case r < 0x20:
		return string(0x2400 + r), true // ␀ … ␟, one picture each
	case r == 0x7F:
		return "␡", true
	case r < 0x7F:
		return "", false
	case r == 0xA0:
		return " ", true // wraps and aligns like any other space
	case unicode.Is(blank, r):
	case unicode.IsGraphic(r):
		return "", false // combining marks included: é may be two characters
	}
	return fmt.Sprintf("⟨U+%04X⟩", r), true
}

// blank are characters that Unicode counts as letters, symbols or marks, and that
// nobody sees: Hangul fillers, the empty Braille pattern, the grapheme joiner, and the
// variation selectors that emoji do not need.
var blank = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, {Lo: 0x115F, Hi: 0x1160, Stride: 1}, {Lo: 0x17B4, Hi: 0x17B5, Stride: 1},
		{Lo: 0x180B, Hi: 0x180F, Stride: 1}, {Lo: 0x2800, Hi: 0x2800, Stride: 1}, {Lo: 0x3164, Hi: 0x3164, Stride: 1},
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0xE0100, Hi: 0xE01EF, Stride: 1}},
}

// clean makes text fit to be shown on one line: line ends become spaces, what is not
// valid UTF-8 becomes U+FFFD, and the rest is as visible says.
func clean(s string) string { return scrub(s, false) }

// cleanLines does the same and keeps line ends and tabs.
func cleanLines(s string) string { return scrub(s, true) }

func scrub(s string, lines bool) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	marks := 0
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for at := 0; at < len(s); {
		if n := plainPrefix(s[at:]); n > 0 {
			marks = 0
			b.WriteString(s[at : at+n])
			at += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[at:])
		at += n
		switch r {
		case '\n', '\t':
			marks = 0
			if lines {
				b.WriteRune(r)
			} else {
				b.WriteByte(' ')
			}
			continue
		}
		if v, ok := visible(r); ok {
			marks = 0
			b.WriteString(v)
			continue
		}
		if unicode.Is(unicode.M, r) {
			if marks++; marks > mostMarks {
				continue // a tower of marks covers the lines above and below
			}
		} else {
			marks = 0
		}
		b.WriteRune(r)
	}
	return b.String()
}

// mostMarks is how many combining marks one character may carry. Vietnamese needs two,
// Tibetan and Hebrew three or four.
const mostMarks = 4

// isPlain: printable ASCII only, which is nearly everything.
func isPlain(s string) bool { return plainPrefix(s) == len(s) }

// plainPrefix is how many characters at the beginning are printable ASCII.
func plainPrefix(s string) int {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7F {
			return i
		}
	}
	return len(s)
}
