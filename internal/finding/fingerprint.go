package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// Fingerprint names a finding so that it is recognised in the next report: by its
// rule, file, enclosing function or class, and the statement in the form that
// Normalise gives it, but not by its line. Where a function holds the same statement
// twice, ordinal tells them apart: 0 for the first, and so on.
func Fingerprint(rule, path, symbol, normalised string, ordinal int) string {
	var room [512]byte // for nearly all
	text := room[:0]
	for _, part := range [...]string{rule, path, symbol, normalised, strconv.Itoa(ordinal)} {
		// The length first: no two lists of parts are written alike.
		text = append(append(strconv.AppendInt(text, int64(len(part)), 10), ':'), part...)
	}
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:16])
}

// Normalise writes a Python statement in a form that survives what formatters do:
// without comments, line breaks, joined lines, trailing commas, and spaces that
// no token needs, and with one kind of quote. Strings keep their text.
func Normalise(statement string) string {
	b := make([]byte, 0, len(statement))
	gap := false
	put := func(c byte) {
		if gap && len(b) > 0 && wordLike(b[len(b)-1]) && wordLike(c) {
			b = append(b, ' ')
		}
		gap = false
		if (c == ')' || c == ']' || c == '}') && len(b) > 0 && b[len(b)-1] == ',' {
			b = b[:len(b)-1]
		}
		b = append(b, c)
	}
	for i := 0; i < len(statement); i++ {
		switch c := statement[i]; c {
		case ' ', '\t', '\r', '\n', '\f':
			gap = true
		case '\\':
			gap = true // joins lines; elsewhere it is in a string
		case '#':
			for i+1 < len(statement) && statement[i+1] != '\n' && statement[i+1] != '\r' {
				i++
			}
			gap = true
		case '\'', '"':
			quote := statement[i : i+1]
			if strings.HasPrefix(statement[i:], strings.Repeat(quote, 3)) {
				quote = statement[i : i+3]
			}
			put('"')
			b = append(b, `""`[:len(quote)-1]...)
			for i += len(quote); i < len(statement) && !strings.HasPrefix(statement[i:], quote); i++ {
				b = append(b, statement[i])
				if statement[i] == '\\' && i+1 < len(statement) {
					i++
					b = append(b, statement[i])
				}
			}
			i += len(quote) - 1
			b = append(b, `"""`[:len(quote)]...)
		default:
			put(c)
		}
	}
	return string(b)
}

// wordLike: two such characters need a space between them.
func wordLike(c byte) bool { return isWord(c) || c >= 0x80 || c == '"' }
