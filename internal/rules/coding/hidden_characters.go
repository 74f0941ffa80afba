package coding

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// HiddenCharacters looks at the bytes of the file. A file in ASCII costs it one look at
// every eighth byte.
var HiddenCharacters = rule.Check{File: hiddenCharacters}

// turning are the characters that change the order in which text is shown.
var turning = map[rune]string{
	0x202A: "LEFT-TO-RIGHT EMBEDDING", 0x202B: "RIGHT-TO-LEFT EMBEDDING", 0x202C: "POP DIRECTIONAL FORMATTING",
	0x202D: "LEFT-TO-RIGHT OVERRIDE", 0x202E: "RIGHT-TO-LEFT OVERRIDE",
	0x2066: "LEFT-TO-RIGHT ISOLATE", 0x2067: "RIGHT-TO-LEFT ISOLATE", 0x2068: "FIRST STRONG ISOLATE", 0x2069: "POP DIRECTIONAL ISOLATE",
}

// marks do so with what is next to them only.
var marks = map[rune]string{0x200E: "LEFT-TO-RIGHT MARK", 0x200F: "RIGHT-TO-LEFT MARK", 0x061C: "ARABIC LETTER MARK"}

// invisible are those that nothing is shown for.
var invisible = map[rune]string{
	0x00AD: "SOFT HYPHEN", 0x034F: "COMBINING GRAPHEME JOINER", 0x115F: "HANGUL CHOSEONG FILLER", 0x1160: "HANGUL JUNGSEONG FILLER",
	0x17B4: "KHMER VOWEL INHERENT AQ", 0x17B5: "KHMER VOWEL INHERENT AA", 0x180E: "MONGOLIAN VOWEL SEPARATOR",
	0x200B: "ZERO WIDTH SPACE", 0x200C: "ZERO WIDTH NON-JOINER", 0x200D: "ZERO WIDTH JOINER", 0x2028: "LINE SEPARATOR", 0x2029: "PARAGRAPH SEPARATOR",
	0x2060: "WORD JOINER", 0x2061: "FUNCTION APPLICATION", 0x2062: "INVISIBLE TIMES", 0x2063: "INVISIBLE SEPARATOR", 0x2064: "INVISIBLE PLUS",
	0x3164: "HANGUL FILLER", 0xFEFF: "ZERO WIDTH NO-BREAK SPACE", 0xFFA0: "HALFWIDTH HANGUL FILLER",
}

// lookalikes are letters of other alphabets that cannot be told from Latin ones.
var lookalikes = map[rune]rune{
	'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'ј': 'j', 'ѕ': 's', 'һ': 'h', 'ԁ': 'd', 'ԛ': 'q', 'ԝ': 'w', 'ӏ': 'l',
	'А': 'A', 'В': 'B', 'Е': 'E', 'К': 'K', 'М': 'M', 'Н': 'H', 'О': 'O', 'Р': 'P', 'С': 'C', 'Т': 'T', 'Х': 'X', 'Ѕ': 'S', 'І': 'I', 'Ј': 'J',
	'ο': 'o', 'Α': 'A', 'Β': 'B', 'Ε': 'E', 'Ζ': 'Z', 'Η': 'H', 'Ι': 'I', 'Κ': 'K', 'Μ': 'M', 'Ν': 'N', 'Ο': 'O', 'Ρ': 'P', 'Τ': 'T', 'Υ': 'Y', 'Χ': 'X',
	'ɑ': 'a', 'ɡ': 'g', 'օ': 'o',
}

// A hidden is a character that was found.
type hidden struct {
	at     source.Span
	name   string
	why    string
	rating finding.Severity
	audit  bool
	edit   rule.Edit
}

func hiddenCharacters(p *rule.Pass) {
	src := p.File.Bytes
	h := hunter{p: p, src: src}
	for at := nextHigh(src, 0); at < len(src); at = nextHigh(src, at) {
		r, n := utf8.DecodeRune(src[at:])
		h.look(r, at, n)
		at += n
	}
	h.report()
}

// nextHigh is the first place from at on with a byte that is not ASCII.
func nextHigh(src []byte, at int) int {
	for ; at+8 <= len(src) && binary.LittleEndian.Uint64(src[at:])&0x8080808080808080 == 0; at += 8 {
	}
	for ; at < len(src) && src[at] < utf8.RuneSelf; at++ {
	}
	return at
}

type hunter struct {
	p      *rule.Pass
	src    []byte
	found  []hidden
	texts  []*ast.Constant // by place, once needed
	read   bool
	word   int // where the last word that was judged ends
	escape int // where a run of selectors ends
}

// report makes one finding of each line.
func (h *hunter) report() {
	for i := 0; i < len(h.found); {
		line := h.p.File.Position(h.found[i].at.Start).Line
		worst := h.found[i]
		var names []string
		var edits []rule.Edit
		audit, whole := true, true
		for ; i < len(h.found) && h.p.File.Position(h.found[i].at.Start).Line == line; i++ {
			c := h.found[i]
			column := h.p.File.Runes(h.p.File.Position(c.at.Start)) + 1
			if s := fmt.Sprintf("%s at column %d", c.name, column); len(names) < 4 {
				names = append(names, s)
			} else if len(names) == 4 {
				names = append(names, "more")
			}
			if c.rating > worst.rating {
				worst = c
			}
			audit = audit && c.audit
			whole = whole && c.edit != rule.Edit{}
			edits = append(edits, c.edit)
		}
		f := h.p.ReportSpan(worst.at, "%s: %s.", strings.Join(names, ", "), worst.why).ForAudit(audit).With(worst.rating, h.p.Rule.Confidence)
		if whole {
			f.SafeFix("write it as an escape, or leave it out", edits...)
		}
	}
}

// look judges a character.
func (h *hunter) look(r rune, at, n int) {
	if name := turning[r]; name != "" {
		h.add(r, at, n, name, "the line is shown in another order than Python reads it", finding.High, false)
		return
	}
	if name := marks[r]; name != "" {
		h.add(r, at, n, name, "what is next to it may be shown in another order than Python reads it", finding.Medium, h.rightToLeft(at))
		return
	}
	if name := invisible[r]; name != "" {
		h.invisible(r, at, n, name)
		return
	}
	switch {
	case r >= 0xE0100 && r <= 0xE01EF, r >= 0xFE00 && r <= 0xFE0F:
		h.selectors(at)
	case r >= 0xE0020 && r <= 0xE007F:
		if before := h.before(at); before != 0x1F3F4 && !(before >= 0xE0020 && before <= 0xE007F) { // a flag is written with these
			h.add(r, at, n, "TAG CHARACTER", "a text that nobody sees begins here", finding.High, false)
		}
	case lookalikes[r] != 0, latin(r) != 0:
		h.homoglyph(at)
	}
}

func (h *hunter) add(r rune, at, n int, name, why string, s finding.Severity, audit bool) {
	c := hidden{at: source.Span{Start: source.Pos(at), End: source.Pos(at + n)}, name: fmt.Sprintf("U+%04X %s", r, name), why: why, rating: s, audit: audit}
	switch text := h.text(at); {
	case text != nil:
		if prefix, _ := ast.Unquote(text.Raw); escapable(h.p, text, prefix) && (at == 0 || h.src[at-1] != '\\') {
			esc := fmt.Sprintf(`\u%04x`, r)
			if r > 0xFFFF {
				esc = fmt.Sprintf(`\U%08x`, r)
			}
			c.edit = rule.Edit{Span: c.at, Text: esc}
		}
	case h.comment(at):
		c.edit = rule.Edit{Span: c.at}
	}
	h.found = append(h.found, c)
}

// escapable says whether an escape in a literal means the character.
func escapable(p *rule.Pass, c *ast.Constant, prefix string) bool {
	if strings.ContainsAny(prefix, "rRbB") {
		return false
	}
	for n := p.Parent(c); n != nil; n = p.Parent(n) {
		switch n.(type) {
		case *ast.JoinedStr, *ast.TemplateStr: // may be raw, or an expression within
			return false
		case ast.Stmt:
			return true
		}
	}
	return !c.IsPart() || c.Raw != "" && strings.ContainsAny(c.Raw[:1], `"'uU`)
}

// invisible judges a character that is not shown by where it stands. In a text it is
// innocent next to emoji and to the writings that need it.
func (h *hunter) invisible(r rune, at, n int, name string) {
	before, after := h.before(at), h.after(at+n)
	text := h.text(at)
	switch {
	case text == nil && !h.comment(at):
		why := "a part of the code cannot be seen"
		if unicode.IsLetter(r) {
			why = "it is a letter for Python, so that a name cannot be seen"
		}
		h.add(r, at, n, name, why, finding.High, false)
	case r == 0x2028 || r == 0x2029:
		h.add(r, at, n, name, "many editors begin a new line here, Python does not", finding.Medium, text != nil || after == '\n')
	case ascii(before) && ascii(after) && text != nil && r != 0x00AD:
		h.add(r, at, n, name, "this text is not what it looks like", finding.Medium, docstring(h.p, text))
	case before < utf8.RuneSelf && after < utf8.RuneSelf && r != 0x00AD:
		h.add(r, at, n, name, "it cannot be seen", finding.Low, true)
	}
}

func ascii(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// docstring says whether a text is a statement of its own: nobody compares it.
func docstring(p *rule.Pass, c *ast.Constant) bool {
	_, ok := p.Parent(c).(*ast.ExprStmt)
	return ok
}

// selectors reports a run of characters that choose how the one before is drawn: more
// than one after another chooses nothing, and can be data.
func (h *hunter) selectors(at int) {
	if at < h.escape {
		return
	}
	end, count := at, 0
	for end < len(h.src) {
		r, n := utf8.DecodeRune(h.src[end:])
		if !(r >= 0xE0100 && r <= 0xE01EF) && !(r >= 0xFE00 && r <= 0xFE0F) {
			break
		}
		end += n
		count++
	}
	h.escape = end
	if count > 2 {
		h.found = append(h.found, hidden{
			at: source.Span{Start: source.Pos(at), End: source.Pos(end)}, name: fmt.Sprintf("%d VARIATION SELECTORS", count),
			why: "so many choose no glyph; they can carry data that nobody sees", rating: finding.High,
		})
	}
}

// latin is the letter that Python takes a compatibility letter for in names.
func latin(r rune) rune {
	switch {
	case r >= 0xFF21 && r <= 0xFF3A:
		return r - 0xFF21 + 'A'
	case r >= 0xFF41 && r <= 0xFF5A:
		return r - 0xFF41 + 'a'
	case r >= 0x1D400 && r <= 0x1D6A3: // 13 alphabets of 26 capitals and 26 small letters
		i := (r - 0x1D400) % 52
		if i < 26 {
			return 'A' + i
		}
		return 'a' + i - 26
	}
	return 0
}

// homoglyph judges the word around a letter that looks like a Latin one: in code, between
// Latin letters. Words that are separated by _ may be of different alphabets.
func (h *hunter) homoglyph(at int) {
	if at < h.word {
		return
	}
	start, end := at, at
	for start > 0 {
		r, n := utf8.DecodeLastRune(h.src[:start])
		if r == '_' || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		start -= n
	}
	plain, alike, folded := 0, 0, 0
	other := false
	var first rune
	var reads strings.Builder
	for end = start; end < len(h.src); {
		r, n := utf8.DecodeRune(h.src[end:])
		if r == '_' || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		end += n
		switch {
		case r < utf8.RuneSelf:
			reads.WriteRune(r)
			if r > '9' {
				plain++
			}
			continue
		case lookalikes[r] != 0:
			alike++
			reads.WriteRune(lookalikes[r])
		case latin(r) != 0:
			folded++
			reads.WriteRune(latin(r))
		default:
			other = true
		}
		if first == 0 {
			first = r
		}
	}
	h.word = end
	if other || folded == 0 && (alike == 0 || plain == 0) || h.text(at) != nil || h.comment(at) {
		return
	}
	why := fmt.Sprintf("this name is not %q, although it looks like it", reads.String())
	if folded > 0 && alike == 0 {
		why = fmt.Sprintf("Python reads this name as %q, searches do not", reads.String())
	}
	h.found = append(h.found, hidden{
		at: source.Span{Start: source.Pos(start), End: source.Pos(end)}, name: fmt.Sprintf("%c (U+%04X)", first, first), why: why, rating: finding.High,
	})
}

func (h *hunter) before(at int) rune {
	if at == 0 {
		return '\n'
	}
	r, _ := utf8.DecodeLastRune(h.src[:at])
	return r
}

func (h *hunter) after(at int) rune {
	if at >= len(h.src) {
		return '\n'
	}
	r, _ := utf8.DecodeRune(h.src[at:])
	return r
}

// rightToLeft says whether the line has letters that are written from right to left.
func (h *hunter) rightToLeft(at int) bool {
	for _, r := range h.p.File.Line(h.p.File.Position(source.Pos(at)).Line) {
		if unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko) && unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

// text returns the literal, or the text of an f-string, that a place is in.
func (h *hunter) text(at int) *ast.Constant {
	if !h.read {
		h.read = true
		for n := range h.p.Tree.Of(ast.KindConstant) {
			if c := n.(*ast.Constant); (c.ConstKind() == ast.Str || c.ConstKind() == ast.Bytes) && c.Raw != "" {
				h.texts = append(h.texts, c)
			}
		}
		slices.SortStableFunc(h.texts, func(a, b *ast.Constant) int { return int(a.Start()) - int(b.Start()) })
	}
	i, _ := slices.BinarySearchFunc(h.texts, source.Pos(at+1), func(c *ast.Constant, p source.Pos) int { return int(c.Start()) - int(p) })
	for i--; i >= 0; i-- {
		c := h.texts[i]
		if at < int(c.Start())+len(c.Raw) {
			return c
		}
		if int(c.Start())+len(c.Raw) <= at && c.Next == nil {
			break
		}
	}
	return nil
}

// comment says whether a place that is in no text is in a comment.
func (h *hunter) comment(at int) bool {
	start := h.p.File.Offset(h.p.File.Position(source.Pos(at)).Line)
	for i := int(start); i < at; i++ {
		if h.src[i] == '#' {
			c := h.text(i)
			if c == nil {
				return true
			}
			i = int(c.Start()) + len(c.Raw) - 1
		}
	}
	return false
}
