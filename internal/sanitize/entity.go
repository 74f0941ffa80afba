package sanitize

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./gen

// names is the table of character references, read on first use.
var names = sync.OnceValue(func() (t struct {
	sorted []string
	whole  map[string]bool // known with a semicolon
	legacy map[string]bool // known without one, too
}) {
	t.sorted = strings.Fields(entityNames)
	t.whole = make(map[string]bool, len(t.sorted))
	for _, s := range t.sorted {
		t.whole[s] = true
	}
	t.legacy = map[string]bool{}
	for _, s := range strings.Fields(legacyNames) {
		t.legacy[s] = true
	}
	return t
})

// beginsName reports whether a reference's name begins so.
func beginsName(s string) bool {
	t := names()
	if t.whole[s] {
		return true
	}
	i, _ := slices.BinarySearch(t.sorted, s)
	return i < len(t.sorted) && strings.HasPrefix(t.sorted[i], s)
}

const longestName = 32 // CounterClockwiseContourIntegral has 31 letters

// endsReference: what Bleach lets no reference go across.
func endsReference(c byte) bool {
	switch c {
	case '<', '&', '=', ';', ' ', '\t', '\n', '\r', '\v', '\f':
		return true
	}
	return false
}

// reference is what Bleach takes for the character reference at the start of s, which
// begins with &: its name, and "" if it is none. It also takes the beginnings of names
// (&am;) and, after digits, one letter that is none (&#12z;), since the original does.
func reference(s string) string {
	s = s[1:]
	if s == "" {
		return ""
	}
	if s[0] == '#' {
		i, hex := 1, false
		if i < len(s) && (s[i] == 'x' || s[i] == 'X') {
			hex = true
			i++
		}
		end := -1
		for i < len(s) && !endsReference(s[i]) {
			c := s[i]
			if '0' <= c && c <= '9' || hex && ('a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
				i++
				continue
			}
			end = i
			i += runeLen(s[i:])
			break
		}
		if end < 0 {
			end = i
		}
		if i < len(s) && s[i] == ';' {
			return s[:end]
		}
		return ""
	}
	i := 0
	for i < len(s) && i <= longestName && !endsReference(s[i]) {
		i++
	}
	if i == 0 || i >= len(s) || s[i] != ';' || !beginsName(s[:i]) {
		return ""
	}
	return s[:i]
}

// meaning is the text that a reference by reference's rules stands for, and whether it
// stands for any: Bleach asks for the name without its semicolon, so that of names only the
// old ones count.
func meaning(name string) (string, bool) {
	if name[0] != '#' {
		if !names().legacy[name] {
			return "", false
		}
		return html.UnescapeString("&" + name + ";"), true
	}
	digits, base := name[1:], 10
	if digits != "" && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n >= 0x110000 {
		return "", false
	}
	return string(rune(n)), true // U+FFFD for a surrogate
}

// rest is what follows a reference of this name at the start of s.
func rest(s, name string) string {
	if s = s[len(name)+1:]; s == "" {
		return s
	}
	return s[runeLen(s):] // the semicolon, or what &#12z; has in its place
}

// decode replaces the references in s by what they mean, as Bleach does before it looks at
// an address.
func decode(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			i = len(s)
		}
		b.WriteString(s[:i])
		if s = s[i:]; s == "" {
			break
		}
		part := s
		if j := strings.IndexByte(s[1:], '&'); j >= 0 {
			part = s[:j+1]
		}
		s = s[len(part):]
		if name := reference(part); name != "" {
			if text, ok := meaning(name); ok {
				b.WriteString(text)
				b.WriteString(rest(part, name))
				continue
			}
		}
		b.WriteString(part)
	}
	return b.String()
}

// escapeBare appends s, with each & that begins no reference escaped.
func escapeBare(b []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			return append(b, s...)
		}
		b = append(b, s[:i]...)
		s = s[i:]
		part := s
		if j := strings.IndexByte(s[1:], '&'); j >= 0 {
			part = s[:j+1]
		}
		s = s[len(part):]
		if name := reference(part); name != "" {
			if _, ok := meaning(name); ok {
				b = append(b, '&')
				b = append(b, name...)
				b = append(b, ';')
				b = append(b, rest(part, name)...)
				continue
			}
		}
		b = append(b, "&amp;"...)
		b = append(b, part[1:]...)
	}
}

func runeLen(s string) int {
	n := 1
	for n < len(s) && s[n]&0xC0 == 0x80 {
		n++
	}
	return n
}
