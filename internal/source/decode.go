package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// Decode makes a File of the raw bytes of Python source. It finds the encoding as
// CPython does (PEP 263): a byte order mark, else a coding comment in the first
// two lines, else UTF-8.
//
// Where CPython would refuse the bytes the error is a *Problem that says on which
// line and what to do. There is a File even then, with what can be read, so that
// one bad byte in a comment does not hide a whole file. Bytes that have no meaning
// in the encoding are read as Latin-1, or become U+FFFD if it has several bytes
// to a character.
//
// UTF-8 without a byte order mark is not copied: the File keeps raw.
func Decode(path string, raw []byte) (*File, error) {
	text, marked := bytes.CutPrefix(raw, byteOrderMark)
	cookie, cookieLine := codingCookie(text)
	name := normalCookie(cookie)
	problem := func(line int, format string, args ...any) error {
		return &Problem{Path: path, Line: line, Message: fmt.Sprintf(format, args...), Partial: true}
	}

	if marked {
		f, err := decodeUTF8(path, text, cookie != "")
		f.Encoding = "utf-8-sig"
		if err == nil && cookie != "" && name != "utf-8" {
			err = problem(cookieLine, "the file begins with a UTF-8 byte order mark but declares the encoding %q, which Python refuses: remove one of the two", cookie)
		}
		return f, err
	}
	if name == "" || name == "utf-8" {
		return decodeUTF8(path, text, name != "")
	}
	canonical := pythonName(name)
	if canonical == "utf-8" || canonical == "utf-8-sig" {
		return decodeUTF8(path, text, true)
	}
	if canonical == "ascii" {
		return decodeASCII(path, text)
	}
	if decode := escapeDecoder(canonical); decode != nil {
		f := New(path, decode(text))
		f.Encoding = canonical
		if bad := bytes.IndexRune(f.Bytes, utf8.RuneError); bad >= 0 {
			return f, meaningless(path, cookie, f.Position(Pos(bad)).Line)
		}
		return f, nil
	}
	c := findCodec(canonical)
	if c == nil {
		f, _ := decodeUTF8(path, text, true)
		f.Encoding = canonical
		return f, problem(cookieLine, "cannot read the encoding %q, which may hide code: save the file as UTF-8", cookie)
	}
	return c.decode(path, canonical, cookie, text)
}

// codingCookie returns the encoding that a comment in the first two lines names,
// and its line. The second line counts only if the first is blank or a comment.
func codingCookie(text []byte) (cookie string, line int) {
	for line = 1; line <= 2; line++ {
		end := bytes.IndexAny(text, "\r\n")
		first := text
		if end >= 0 {
			first = text[:end]
		}
		first = bytes.TrimLeft(first, " \t\f")
		if len(first) > 0 && first[0] != '#' {
			return "", 0
		}
		if cookie := cookieInComment(first); cookie != "" {
			return cookie, line
		}
		if end < 0 {
			return "", 0
		}
		if bytes.HasPrefix(text[end:], []byte("\r\n")) {
			end++
		}
		text = text[end+1:]
	}
	return "", 0
}

// cookieInComment finds the first "coding:" or "coding=" that a name follows.
func cookieInComment(comment []byte) string {
	const word = "coding"
	for {
		i := bytes.Index(comment, []byte(word))
		if i < 0 {
			return ""
		}
		comment = comment[i+len(word):]
		if len(comment) == 0 || comment[0] != ':' && comment[0] != '=' {
			continue
		}
		name := bytes.TrimLeft(comment[1:], " \t")
		n := 0
		for n < len(name) && (isAlnum(name[n]) || name[n] == '-' || name[n] == '_' || name[n] == '.') {
			n++
		}
		if n > 0 {
			return string(name[:n])
		}
	}
}

func isAlnum(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}

// normalCookie does what CPython's tokeniser does to a name before it asks the
// codecs: editors write utf-8-unix and latin-1-dos.
func normalCookie(cookie string) string {
	name := strings.ToLower(strings.ReplaceAll(cookie, "_", "-"))
	if name == "utf-8" || strings.HasPrefix(name, "utf-8-") {
		return "utf-8"
	}
	for _, latin := range []string{"latin-1", "iso-8859-1", "iso-latin-1"} {
		if name == latin || strings.HasPrefix(name, latin+"-") {
			return "latin-1"
		}
	}
	return cookie
}

// pythonName does what Python's codecs do to a name: case and punctuation do not
// count, and aliases lead to one name.
func pythonName(name string) string {
	var b strings.Builder
	gap := false
	for i := range len(name) {
		c := name[i]
		if !isAlnum(c) && c != '.' {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		b.WriteByte(c)
	}
	name = b.String()
	if alias, ok := aliases[name]; ok {
		return alias
	}
	return name
}

func decodeUTF8(path string, text []byte, declared bool) (*File, error) {
	if utf8.Valid(text) {
		return New(path, text), nil
	}
	out, at := latinise(text, utf8.DecodeRune)
	f := New(path, out)
	f.Encoding = "utf-8" // but not its very bytes
	p := &Problem{Path: path, Line: f.Position(at).Line, Partial: true}
	bad := out[at:]
	r, _ := utf8.DecodeRune(bad)
	if declared {
		p.Message = fmt.Sprintf("byte 0x%02x is not valid UTF-8, though the file declares that encoding: save the file as UTF-8 or correct the declaration", r)
	} else {
		p.Message = fmt.Sprintf("byte 0x%02x is not valid UTF-8 and no other encoding is declared: save the file as UTF-8 or declare its encoding on the first line, as in # coding: latin-1", r)
	}
	return f, p
}

func decodeASCII(path string, text []byte) (*File, error) {
	out, at := latinise(text, func(b []byte) (rune, int) {
		if b[0] < utf8.RuneSelf {
			return rune(b[0]), 1
		}
		return utf8.RuneError, 1
	})
	if int(at) == len(out) {
		return New(path, text), nil
	}
	f := New(path, out)
	f.Encoding = "ascii"
	return f, &Problem{Path: path, Line: f.Position(at).Line, Partial: true,
		Message: "a byte is not ASCII, though the file declares that encoding: save the file as UTF-8 and remove the declaration"}
}

// latinise copies text and turns bytes that next refuses into the characters that
// they are in Latin-1. It says where in the copy the first one is.
func latinise(text []byte, next func([]byte) (rune, int)) (out []byte, first Pos) {
	out = make([]byte, 0, len(text)+len(text)/16+utf8.UTFMax)
	found := false
	for len(text) > 0 {
		r, size := next(text)
		if r == utf8.RuneError && size == 1 {
			if !found {
				found, first = true, Pos(len(out))
			}
			r = rune(text[0])
		}
		out = utf8.AppendRune(out, r)
		text = text[size:]
	}
	if !found {
		first = Pos(len(out))
	}
	return out, first
}

// A codec is an encoding that is neither UTF-8 nor ASCII.
type codec struct {
	name string // Python's, with hyphens
	enc  encoding.Encoding
	// shifts says that bytes below 0x80 do not always mean ASCII.
	shifts bool
}

// findCodec makes the decoder tables of x/text reachable by Python's names. Where
// browsers read more than Python does (gb2312 as gbk, euc-kr as cp949) we do as
// browsers do: reading too much hides nothing.
func findCodec(name string) *codec {
	for i := range codecs {
		if codecs[i].name == name {
			return &codecs[i]
		}
	}
	return nil
}

var codecs = []codec{
	{name: "latin-1", enc: charmap.ISO8859_1},
	{name: "iso8859-2", enc: charmap.ISO8859_2},
	{name: "iso8859-3", enc: charmap.ISO8859_3},
	{name: "iso8859-4", enc: charmap.ISO8859_4},
	{name: "iso8859-5", enc: charmap.ISO8859_5},
	{name: "iso8859-6", enc: charmap.ISO8859_6},
	{name: "iso8859-7", enc: charmap.ISO8859_7},
	{name: "iso8859-8", enc: charmap.ISO8859_8},
	{name: "iso8859-9", enc: charmap.ISO8859_9},
	{name: "iso8859-10", enc: charmap.ISO8859_10},
	{name: "iso8859-13", enc: charmap.ISO8859_13},
	{name: "iso8859-14", enc: charmap.ISO8859_14},
	{name: "iso8859-15", enc: charmap.ISO8859_15},
	{name: "iso8859-16", enc: charmap.ISO8859_16},
	{name: "cp437", enc: charmap.CodePage437},
	{name: "cp850", enc: charmap.CodePage850},
	{name: "cp852", enc: charmap.CodePage852},
	{name: "cp855", enc: charmap.CodePage855},
	{name: "cp858", enc: charmap.CodePage858},
	{name: "cp860", enc: charmap.CodePage860},
	{name: "cp862", enc: charmap.CodePage862},
	{name: "cp863", enc: charmap.CodePage863},
	{name: "cp865", enc: charmap.CodePage865},
	{name: "cp866", enc: charmap.CodePage866},
	{name: "cp874", enc: charmap.Windows874},
	{name: "cp1250", enc: charmap.Windows1250},
	{name: "cp1251", enc: charmap.Windows1251},
	{name: "cp1252", enc: charmap.Windows1252},
	{name: "cp1253", enc: charmap.Windows1253},
	{name: "cp1254", enc: charmap.Windows1254},
	{name: "cp1255", enc: charmap.Windows1255},
	{name: "cp1256", enc: charmap.Windows1256},
	{name: "cp1257", enc: charmap.Windows1257},
	{name: "cp1258", enc: charmap.Windows1258},
	{name: "koi8-r", enc: charmap.KOI8R},
	{name: "koi8-u", enc: charmap.KOI8U},
	{name: "mac-roman", enc: charmap.Macintosh},
	{name: "mac-cyrillic", enc: charmap.MacintoshCyrillic},
	{name: "gbk", enc: simplifiedchinese.GBK},
	{name: "gb2312", enc: simplifiedchinese.GBK},
	{name: "gb18030", enc: simplifiedchinese.GB18030},
	{name: "hz", enc: simplifiedchinese.HZGB2312, shifts: true},
	{name: "big5", enc: traditionalchinese.Big5},
	{name: "cp950", enc: traditionalchinese.Big5},
	{name: "big5hkscs", enc: traditionalchinese.Big5},
	{name: "shift-jis", enc: japanese.ShiftJIS},
	{name: "cp932", enc: japanese.ShiftJIS},
	{name: "euc-jp", enc: japanese.EUCJP},
	{name: "iso2022-jp", enc: japanese.ISO2022JP, shifts: true},
	{name: "euc-kr", enc: korean.EUCKR},
	{name: "cp949", enc: korean.EUCKR},
}

// aliases maps what Python accepts, in lower case and with hyphens, to the names above.
var aliases = map[string]string{
	"u7": "utf-7", "utf7": "utf-7", "unicode-1-1-utf-7": "utf-7",
	"u8": "utf-8", "utf": "utf-8", "utf8": "utf-8", "utf-8": "utf-8", "utf8-ucs2": "utf-8", "utf8-ucs4": "utf-8", "cp65001": "utf-8", "utf-8-sig": "utf-8-sig",
	"646": "ascii", "cp367": "ascii", "csascii": "ascii", "ibm367": "ascii", "iso646-us": "ascii", "iso-ir-6": "ascii", "us": "ascii", "us-ascii": "ascii", "ansi-x3.4-1968": "ascii",
	"8859": "latin-1", "cp819": "latin-1", "csisolatin1": "latin-1", "ibm819": "latin-1", "iso8859": "latin-1", "iso8859-1": "latin-1",
	"iso-8859-1": "latin-1", "iso-8859-1-1987": "latin-1", "iso-ir-100": "latin-1", "l1": "latin-1", "latin": "latin-1", "latin1": "latin-1",
	"csisolatin2": "iso8859-2", "iso-8859-2": "iso8859-2", "iso-8859-2-1987": "iso8859-2", "iso-ir-101": "iso8859-2", "l2": "iso8859-2", "latin2": "iso8859-2",
	"csisolatin3": "iso8859-3", "iso-8859-3": "iso8859-3", "iso-8859-3-1988": "iso8859-3", "iso-ir-109": "iso8859-3", "l3": "iso8859-3", "latin3": "iso8859-3",
	"csisolatin4": "iso8859-4", "iso-8859-4": "iso8859-4", "iso-8859-4-1988": "iso8859-4", "iso-ir-110": "iso8859-4", "l4": "iso8859-4", "latin4": "iso8859-4",
	"csisolatincyrillic": "iso8859-5", "cyrillic": "iso8859-5", "iso-8859-5": "iso8859-5", "iso-8859-5-1988": "iso8859-5", "iso-ir-144": "iso8859-5",
	"arabic": "iso8859-6", "asmo-708": "iso8859-6", "csisolatinarabic": "iso8859-6", "ecma-114": "iso8859-6", "iso-8859-6": "iso8859-6", "iso-8859-6-1987": "iso8859-6", "iso-ir-127": "iso8859-6",
	"csisolatingreek": "iso8859-7", "ecma-118": "iso8859-7", "elot-928": "iso8859-7", "greek": "iso8859-7", "greek8": "iso8859-7", "iso-8859-7": "iso8859-7", "iso-8859-7-1987": "iso8859-7", "iso-ir-126": "iso8859-7",
	"csisolatinhebrew": "iso8859-8", "hebrew": "iso8859-8", "iso-8859-8": "iso8859-8", "iso-8859-8-1988": "iso8859-8", "iso-ir-138": "iso8859-8",
	"csisolatin5": "iso8859-9", "iso-8859-9": "iso8859-9", "iso-8859-9-1989": "iso8859-9", "iso-ir-148": "iso8859-9", "l5": "iso8859-9", "latin5": "iso8859-9",
	"csisolatin6": "iso8859-10", "iso-8859-10": "iso8859-10", "iso-8859-10-1992": "iso8859-10", "iso-ir-157": "iso8859-10", "l6": "iso8859-10", "latin6": "iso8859-10",
	"iso-8859-13": "iso8859-13", "l7": "iso8859-13", "latin7": "iso8859-13",
	"iso-8859-14": "iso8859-14", "iso-8859-14-1998": "iso8859-14", "iso-celtic": "iso8859-14", "iso-ir-199": "iso8859-14", "l8": "iso8859-14", "latin8": "iso8859-14",
	"iso-8859-15": "iso8859-15", "l9": "iso8859-15", "latin9": "iso8859-15",
	"iso-8859-16": "iso8859-16", "iso-8859-16-2001": "iso8859-16", "iso-ir-226": "iso8859-16", "l10": "iso8859-16", "latin10": "iso8859-16",
	"437": "cp437", "cspc8codepage437": "cp437", "ibm437": "cp437", "850": "cp850", "cspc850multilingual": "cp850", "ibm850": "cp850",
	"852": "cp852", "cspcp852": "cp852", "ibm852": "cp852", "855": "cp855", "csibm855": "cp855", "ibm855": "cp855", "858": "cp858", "csibm858": "cp858", "ibm858": "cp858",
	"860": "cp860", "csibm860": "cp860", "ibm860": "cp860", "862": "cp862", "cspc862latinhebrew": "cp862", "ibm862": "cp862", "863": "cp863", "csibm863": "cp863", "ibm863": "cp863",
	"865": "cp865", "csibm865": "cp865", "ibm865": "cp865", "866": "cp866", "csibm866": "cp866", "ibm866": "cp866",
	"1250": "cp1250", "windows-1250": "cp1250", "1251": "cp1251", "windows-1251": "cp1251", "1252": "cp1252", "windows-1252": "cp1252",
	"1253": "cp1253", "windows-1253": "cp1253", "1254": "cp1254", "windows-1254": "cp1254", "1255": "cp1255", "windows-1255": "cp1255",
	"1256": "cp1256", "windows-1256": "cp1256", "1257": "cp1257", "windows-1257": "cp1257", "1258": "cp1258", "windows-1258": "cp1258",
	"cskoi8r": "koi8-r", "macintosh": "mac-roman", "macroman": "mac-roman", "maccyrillic": "mac-cyrillic",
	"936": "gbk", "cp936": "gbk", "ms936": "gbk", "gb18030-2000": "gb18030",
	"chinese": "gb2312", "csiso58gb231280": "gb2312", "euc-cn": "gb2312", "euccn": "gb2312", "eucgb2312-cn": "gb2312", "gb2312-1980": "gb2312", "gb2312-80": "gb2312", "iso-ir-58": "gb2312", "x-mac-simp-chinese": "gb2312",
	"big5-tw": "big5", "csbig5": "big5", "x-mac-trad-chinese": "big5", "big5-hkscs": "big5hkscs", "hkscs": "big5hkscs", "950": "cp950", "ms950": "cp950",
	"949": "cp949", "ms949": "cp949", "uhc": "cp949", "932": "cp932", "ms932": "cp932", "mskanji": "cp932", "ms-kanji": "cp932", "windows-31j": "cp932",
	"csshiftjis": "shift-jis", "shiftjis": "shift-jis", "sjis": "shift-jis", "s-jis": "shift-jis", "x-mac-japanese": "shift-jis",
	"eucjp": "euc-jp", "ujis": "euc-jp", "u-jis": "euc-jp", "csiso2022jp": "iso2022-jp", "iso2022jp": "iso2022-jp", "iso-2022-jp": "iso2022-jp",
	"euckr": "euc-kr", "korean": "euc-kr", "ksc5601": "euc-kr", "ks-c-5601": "euc-kr", "ks-c-5601-1987": "euc-kr", "ksx1001": "euc-kr", "ks-x-1001": "euc-kr", "x-mac-korean": "euc-kr",
	"hzgb": "hz", "hz-gb": "hz", "hz-gb-2312": "hz",
}

func (c *codec) decode(path, name, cookie string, text []byte) (*File, error) {
	if !c.shifts && isASCII(text) {
		return New(path, text), nil
	}
	var out []byte
	var err error
	if table, ok := c.enc.(*charmap.Charmap); ok {
		out = decodeBytes(table, strings.HasPrefix(name, "iso"), text)
	} else if out, err = c.enc.NewDecoder().Bytes(text); err != nil {
		// No decoder of x/text does this today, but nothing promises it.
		out, _ = latinise(text, utf8.DecodeRune)
	}
	f := New(path, out)
	f.Encoding = name
	if bad := bytes.IndexRune(out, utf8.RuneError); bad >= 0 || err != nil {
		return f, meaningless(path, cookie, f.Position(Pos(max(bad, 0))).Line)
	}
	return f, nil
}

// decodeBytes decodes an encoding of one byte a character. In the ISO family Python
// keeps the control characters from 0x80 to 0x9f, which the tables leave out.
func decodeBytes(table *charmap.Charmap, controls bool, text []byte) []byte {
	out := make([]byte, 0, len(text)+len(text)/8)
	for _, b := range text {
		r := table.DecodeByte(b)
		if r == utf8.RuneError && controls && b >= 0x80 && b < 0xa0 {
			r = rune(b)
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

func meaningless(path, cookie string, line int) error {
	return &Problem{Path: path, Line: line, Partial: true,
		Message: fmt.Sprintf("a byte has no meaning in %s, the encoding that the file declares: save the file as UTF-8 or correct the declaration", cookie)}
}

func isASCII(text []byte) bool {
	for len(text) >= 8 {
		if (text[0]|text[1]|text[2]|text[3]|text[4]|text[5]|text[6]|text[7])&0x80 != 0 {
			return false
		}
		text = text[8:]
	}
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
