package ast

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ConstKind is the type of a Constant's value.
type ConstKind uint8

// The constants of Python.
const (
	None ConstKind = iota
	True
	False
	Ellipsis
	Int
	Float
	Complex // the imaginary part
	Str
	Bytes
)

var constNames = [...]string{"None", "True", "False", "Ellipsis", "Int", "Float", "Complex", "Str", "Bytes"}

func (k ConstKind) String() string { return constNames[k] }

// ConstKind tells the type of the value.
func (c *Constant) ConstKind() ConstKind { return ConstKind(c.flags & constMask >> constShift) }

// IsPart says that the constant is one literal of several that Python joins. It is
// reached through Next of the first, and has no parent.
func (c *Constant) IsPart() bool { return c.flags&flagPart != 0 }

// IsStr says whether e is a string literal, and returns it.
func IsStr(e Expr) (*Constant, bool) {
	c, ok := e.(*Constant)
	return c, ok && c.ConstKind() == Str
}

// Int is the value of an Int constant. Malformed digits give zero.
func (c *Constant) Int() *big.Int {
	n, ok := new(big.Int).SetString(intText(c.Raw), 0)
	if !ok {
		return new(big.Int)
	}
	return n
}

// intText is a Python integer literal as math/big reads it: Python allows 00.
func intText(s string) string {
	s = strings.ReplaceAll(s, "_", "")
	if len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		if s = strings.TrimLeft(s, "0"); s == "" {
			s = "0"
		}
	}
	return strings.TrimRight(s, "lL") // Python 2's long integers, which the parser reports
}

// Float is the value of a Float, or the imaginary part of a Complex constant.
func (c *Constant) Float() float64 {
	s := strings.ReplaceAll(strings.TrimRight(c.Raw, "jJ"), "_", "")
	f, _ := strconv.ParseFloat(s, 64) // out of range gives an infinity, as in Python
	return f
}

// Str is the value of a Str constant, decoded afresh at every call. A lone surrogate,
// which UTF-8 cannot hold, is written as the three bytes it would have.
func (c *Constant) Str() string { return c.text() }

// Bytes is the value of a Bytes constant, decoded afresh at every call.
func (c *Constant) Bytes() string { return c.text() }

// text joins the literal's parts.
func (c *Constant) text() string {
	s := c.own()
	if c.Next == nil {
		return s
	}
	var b strings.Builder
	b.WriteString(s)
	for p := c.Next; p != nil; p = p.Next {
		b.WriteString(p.own())
	}
	return b.String()
}

// own decodes one literal, or one run of text in an f-string.
func (c *Constant) own() string {
	s, raw := c.Raw, c.flags&flagRaw != 0
	if c.flags&flagText == 0 {
		var prefix string
		prefix, s = Unquote(s)
		raw = strings.ContainsAny(prefix, "rR")
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if raw || strings.IndexByte(s, '\\') < 0 {
		return s
	}
	return unescape(s, c.ConstKind() == Bytes)
}

// Unquote splits the text of a string literal into its prefix (such as rb) and what
// stands between its quotes, still escaped. A missing end quote is tolerated.
func Unquote(raw string) (prefix, body string) {
	i := strings.IndexAny(raw, `'"`)
	if i < 0 {
		return "", raw
	}
	prefix, body = raw[:i], raw[i:]
	quote := body[:1]
	if len(body) >= 3 && body[1] == quote[0] && body[2] == quote[0] {
		quote = body[:3]
	}
	body = strings.TrimSuffix(body[len(quote):], quote)
	return prefix, body
}

// unescape decodes backslash escapes. What is not an escape stays, backslash and all.
func unescape(s string, isBytes bool) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			i++
			continue
		}
		i += 2
		switch e := s[i-1]; e {
		case '\n':
		case '\\', '\'', '"':
			b = append(b, e)
		case 'a':
			b = append(b, 7)
		case 'b':
			b = append(b, 8)
		case 'f':
			b = append(b, 12)
		case 'n':
			b = append(b, 10)
		case 'r':
			b = append(b, 13)
		case 't':
			b = append(b, 9)
		case 'v':
			b = append(b, 11)
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n, k := rune(e-'0'), 1
			for ; k < 3 && i < len(s) && s[i] >= '0' && s[i] <= '7'; k++ {
				n = n<<3 | rune(s[i]-'0')
				i++
			}
			if isBytes {
				b = append(b, byte(n))
			} else {
				b = utf8.AppendRune(b, n)
			}
		case 'x', 'u', 'U', 'N':
			r, n, ok := unescapeRune(e, s[i:], isBytes)
			if !ok {
				b = append(b, '\\', e)
				continue
			}
			i += n
			if isBytes {
				b = append(b, byte(r))
			} else {
				b = appendRune(b, r)
			}
		default:
			b = append(b, '\\', e)
		}
	}
	return string(b)
}

// unescapeRune decodes what follows \x, \u, \U or \N, and tells how long it is.
func unescapeRune(e byte, s string, isBytes bool) (r rune, n int, ok bool) {
	switch {
	case e == 'x':
		n = 2
	case isBytes:
		return 0, 0, false
	case e == 'u':
		n = 4
	case e == 'U':
		n = 8
	default:
		end := strings.IndexByte(s, '}')
		if !strings.HasPrefix(s, "{") || end < 0 {
			return 0, 0, false
		}
		r, ok = runeByName(s[1:end])
		return r, end + 1, ok
	}
	if len(s) < n {
		return 0, 0, false
	}
	v, err := strconv.ParseUint(s[:n], 16, 32)
	return rune(v), n, err == nil && v <= utf8.MaxRune
}

// appendRune is utf8.AppendRune that also writes surrogates.
func appendRune(b []byte, r rune) []byte {
	if r >= 0xd800 && r < 0xe000 {
		return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0xbf, 0x80|byte(r)&0xbf)
	}
	return utf8.AppendRune(b, r)
}

// BytesLiteral says whether all of a bytes literal is ASCII, as Python demands.
func BytesLiteral(raw string) bool {
	return bytes.IndexFunc([]byte(raw), func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// Empty says whether a string constant has no characters.
func (c *Constant) Empty() bool {
	for p := c; p != nil; p = p.Next {
		if c.flags&flagText == 0 || strings.IndexByte(p.Raw, '\\') >= 0 {
			if p.own() != "" {
				return false
			}
		} else if p.Raw != "" {
			return false
		}
	}
	return true
}
