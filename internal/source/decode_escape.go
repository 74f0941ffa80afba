package source

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Some of Python's encodings write characters in ASCII. Nobody uses them in earnest
// for source, but Python obeys a coding comment that names one, and then a comment
// can hold a line end and code after it. So they are read as Python reads them.

// escapeDecoder returns the decoder of such an encoding, or nil. What has no meaning
// becomes U+FFFD.
func escapeDecoder(name string) func([]byte) []byte {
	switch name {
	case "utf-7":
		return decodeUTF7
	case "unicode-escape":
		return decodeUnicodeEscape
	case "raw-unicode-escape":
		return decodeRawUnicodeEscape
	}
	return nil
}

func decodeUTF7(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		c := text[i]
		i++
		switch {
		case c >= utf8.RuneSelf:
			out = utf8.AppendRune(out, utf8.RuneError)
			continue
		case c != '+':
			out = append(out, c)
			continue
		case i < len(text) && text[i] == '-':
			out = append(out, '+')
			i++
			continue
		}
		// A run of base64 holds UTF-16, most significant bits first.
		var bits uint32
		var units []uint16
		n, start := 0, i
		for ; i < len(text); i++ {
			v := base64Value(text[i])
			if v < 0 {
				break
			}
			bits = bits<<6 | uint32(v)
			if n += 6; n >= 16 {
				n -= 16
				units = append(units, uint16(bits>>n))
			}
		}
		out = append(out, string(utf16.Decode(units))...)
		if i == start && i < len(text) || n >= 6 || bits&(1<<n-1) != 0 {
			out = utf8.AppendRune(out, utf8.RuneError)
		}
		if i < len(text) && text[i] == '-' {
			i++
		}
	}
	return out
}

func base64Value(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

func decodeUnicodeEscape(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			out = utf8.AppendRune(out, rune(text[i]))
			i++
			continue
		}
		if i++; i == len(text) {
			return utf8.AppendRune(out, utf8.RuneError)
		}
		c := text[i]
		i++
		digits := 0
		switch c {
		case '\n':
		case '\\', '\'', '"':
			out = append(out, c)
		case 'a':
			out = append(out, '\a')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'v':
			out = append(out, '\v')
		case '0', '1', '2', '3', '4', '5', '6', '7':
			r := rune(c - '0')
			for n := 0; n < 2 && i < len(text) && text[i] >= '0' && text[i] <= '7'; n++ {
				r = r<<3 | rune(text[i]-'0')
				i++
			}
			out = utf8.AppendRune(out, r)
		case 'x':
			digits = 2
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		case 'N': // by name, which would need all names
			out = utf8.AppendRune(out, utf8.RuneError)
		default:
			out = append(out, '\\')
			out = utf8.AppendRune(out, rune(c))
		}
		if digits > 0 {
			r, n := hex(text[i:], digits)
			i += n
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

func decodeRawUnicodeEscape(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '\\' || i+1 == len(text) {
			out = utf8.AppendRune(out, rune(text[i]))
			i++
			continue
		}
		digits := map[byte]int{'u': 4, 'U': 8}[text[i+1]]
		if digits == 0 { // two backslashes are no escape, nor is what follows them
			out = append(out, '\\')
			out = utf8.AppendRune(out, rune(text[i+1]))
			i += 2
			continue
		}
		r, n := hex(text[i+2:], digits)
		i += 2 + n
		out = utf8.AppendRune(out, r)
	}
	return out
}

// hex reads exactly so many digits and says how many there were; fewer, and what is
// no character, give U+FFFD.
func hex(text []byte, digits int) (r rune, n int) {
	for ; n < digits && n < len(text); n++ {
		c := text[n] | 0x20
		switch {
		case c >= '0' && c <= '9' && text[n] == c:
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		default:
			return utf8.RuneError, n
		}
	}
	if n < digits || !utf8.ValidRune(r) {
		return utf8.RuneError, n
	}
	return r, n
}
