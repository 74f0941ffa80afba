package ast

import (
	"strings"
	"sync"

	"golang.org/x/text/unicode/runenames"
)

// runeByName finds the character that \N{...} names. The table is built when the
// first such escape is decoded (about 40 ms), which most programs never need.
func runeByName(name string) (rune, bool) {
	name = strings.ToUpper(name)
	if h, ok := strings.CutPrefix(name, "HANGUL SYLLABLE "); ok {
		return hangul(h)
	}
	for _, p := range []string{"CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-", "TANGUT IDEOGRAPH-", "NUSHU CHARACTER-", "KHITAN SMALL SCRIPT CHARACTER-"} {
		if h, ok := strings.CutPrefix(name, p); ok {
			return hexRune(h)
		}
	}
	r, ok := runeTable()[name]
	return r, ok
}

var runeTable = sync.OnceValue(func() map[string]rune {
	m := make(map[string]rune, 40000)
	for r := rune(0); r <= 0x1FFFF; r++ {
		if n := runenames.Name(r); n != "" && n[0] != '<' {
			m[n] = r
		}
	}
	for r := rune(0xE0000); r <= 0xE01FF; r++ {
		if n := runenames.Name(r); n != "" && n[0] != '<' {
			m[n] = r
		}
	}
	for n, r := range aliases {
		m[n] = r
	}
	return m
})

func hexRune(h string) (rune, bool) {
	r := rune(0)
	for _, c := range h {
		d := strings.IndexRune("0123456789ABCDEF", c)
		if d < 0 || r > 0x10FFFF {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, h != ""
}

// hangul composes a syllable from the names of its letters (Unicode 3.12).
func hangul(s string) (rune, bool) {
	lead := []string{"G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"}
	vowel := []string{"A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU", "YI", "I"}
	tail := []string{"", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H"}
	for i, l := range lead {
		for j, v := range vowel {
			t, ok := strings.CutPrefix(s, l+v)
			if !ok {
				continue
			}
			for k, x := range tail {
				if t == x {
					return rune(0xAC00 + (i*21+j)*28 + k), true
				}
			}
		}
	}
	return 0, false
}

// aliases are names that Unicode adds to those of its character table: controls have
// no other, and a few corrected names are used in programs.
var aliases = map[string]rune{
	"NULL": 0, "START OF HEADING": 1, "START OF TEXT": 2, "END OF TEXT": 3, "END OF TRANSMISSION": 4, "ENQUIRY": 5, "ACKNOWLEDGE": 6, "ALERT": 7,
	"BACKSPACE": 8, "CHARACTER TABULATION": 9, "HORIZONTAL TABULATION": 9, "LINE FEED": 10, "NEW LINE": 10, "END OF LINE": 10, "LINE TABULATION": 11,
	"VERTICAL TABULATION": 11, "FORM FEED": 12, "CARRIAGE RETURN": 13, "SHIFT OUT": 14, "SHIFT IN": 15, "DATA LINK ESCAPE": 16, "DEVICE CONTROL ONE": 17,
	"DEVICE CONTROL TWO": 18, "DEVICE CONTROL THREE": 19, "DEVICE CONTROL FOUR": 20, "NEGATIVE ACKNOWLEDGE": 21, "SYNCHRONOUS IDLE": 22,
	"END OF TRANSMISSION BLOCK": 23, "CANCEL": 24, "END OF MEDIUM": 25, "SUBSTITUTE": 26, "ESCAPE": 27, "INFORMATION SEPARATOR FOUR": 28, "FILE SEPARATOR": 28,
	"INFORMATION SEPARATOR THREE": 29, "GROUP SEPARATOR": 29, "INFORMATION SEPARATOR TWO": 30, "RECORD SEPARATOR": 30, "INFORMATION SEPARATOR ONE": 31, "UNIT SEPARATOR": 31,
	"DELETE": 127, "NEXT LINE": 0x85, "CONTROL SEQUENCE INTRODUCER": 0x9b, "STRING TERMINATOR": 0x9c, "OPERATING SYSTEM COMMAND": 0x9d,
	"BYTE ORDER MARK": 0xfeff, "ZERO WIDTH NO-BREAK SPACE": 0xfeff, "BOM": 0xfeff, "ZWNBSP": 0xfeff, "NBSP": 0xa0, "SHY": 0xad, "ZWJ": 0x200d, "ZWNJ": 0x200c, "ZWSP": 0x200b,
	"LRM": 0x200e, "RLM": 0x200f, "LRE": 0x202a, "RLE": 0x202b, "PDF": 0x202c, "LRO": 0x202d, "RLO": 0x202e, "LRI": 0x2066, "RLI": 0x2067, "FSI": 0x2068, "PDI": 0x2069, "WJ": 0x2060,
	"NUL": 0, "SOH": 1, "STX": 2, "ETX": 3, "EOT": 4, "ENQ": 5, "ACK": 6, "BEL": 7, "BS": 8, "HT": 9, "TAB": 9, "LF": 10, "NL": 10, "EOL": 10, "VT": 11, "FF": 12, "CR": 13, "SO": 14, "SI": 15,
	"DLE": 16, "DC1": 17, "DC2": 18, "DC3": 19, "DC4": 20, "NAK": 21, "SYN": 22, "ETB": 23, "CAN": 24, "EOM": 25, "EM": 25, "SUB": 26, "ESC": 27, "FS": 28, "GS": 29, "RS": 30, "US": 31, "SP": 32, "DEL": 127, "NEL": 0x85, "CSI": 0x9b,
	"LATIN CAPITAL LETTER GHA": 0x1a2, "LATIN SMALL LETTER GHA": 0x1a3,
}
