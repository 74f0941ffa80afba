package report

import (
	"strings"
	"unicode"
)

// A cell is one character of a source line as the terminal shows it.
type cell struct {
	text  string
	width int // columns: 0 for combining marks, 2 for wide characters, more for tabs
}

// tabWidth is where tab stops are, as most people's editors show Python.
const tabWidth = 4

// cells lays out a line: one cell a character (code point), so that columns of a
// location index it. Tabs become spaces and what must not be shown becomes visible.
func cells(line string) []cell {
	var out []cell
	column, marks := 0, 0
	for _, r := range line {
		c := cell{string(r), runeWidth(r)}
		if r == '\t' {
			n := tabWidth - column%tabWidth
			c = cell{strings.Repeat(" ", n), n}
		} else if v, hidden := visible(r); hidden {
			c = cell{v, len([]rune(v))}
		}
		if c.width > 0 {
			marks = 0
		} else if marks++; marks > mostMarks {
			c.text = ""
		}
		column += c.width
		out = append(out, c)
	}
	return out
}

// A stretch is part of a laid-out line with a range in it.
type stretch struct {
	Before, Marked, After string
	Offset, Width         int // columns before the underline, and below it
}

// fit cuts a line around the characters [start, end) (from 0) so that it takes at most
// width columns, with … where something is left out. An empty range gets an underline
// of one column; one past the end of the line, too.
func fit(line string, start, end, width int) stretch {
	if isPlain(line) && len(line) <= width { // nearly all
		start = min(max(start, 0), len(line))
		end = min(max(end, start), len(line))
		return stretch{line[:start], line[start:end], line[end:], start, max(1, end-start)}
	}
	all := cells(line)
	n := len(all)
	start = min(max(start, 0), n)
	end = min(max(end, start), n)
	from, to := 0, n
	if total := columns(all); total > width {
		from, to = window(all, start, end, width-2) // two for the ellipses
	}
	start, end = min(max(start, from), to), min(max(end, from), to)
	s := stretch{Before: join(all[from:start]), Marked: join(all[start:end]), After: join(all[end:to])}
	s.Offset, s.Width = columns(all[from:start]), max(1, columns(all[start:end]))
	if from > 0 {
		s.Before = "…" + s.Before
		s.Offset++
	}
	if to < n {
		s.After += "…"
	}
	return s
}

// window chooses which characters of a line that is too long are shown: the range, with
// about a third of the room before it, or the range's beginning if it is too long itself.
func window(all []cell, start, end, width int) (from, to int) {
	room := width - columns(all[start:end])
	from = start
	for before := max(room/3, min(room, 8)); from > 0 && before >= all[from-1].width; from-- {
		before -= all[from-1].width
	}
	// Near the end of the line there is more room before the range.
	if rest := width - columns(all[from:]); rest > 0 {
		for from > 0 && rest >= all[from-1].width {
			rest -= all[from-1].width
			from--
		}
	}
	left := width
	for to = from; to < len(all) && left >= all[to].width; to++ {
		left -= all[to].width
	}
	return from, to
}

func columns(cs []cell) int {
	n := 0
	for _, c := range cs {
		n += c.width
	}
	return n
}

func join(cs []cell) string {
	var b strings.Builder
	for _, c := range cs {
		b.WriteString(c.text)
	}
	return b.String()
}

// textWidth is the number of columns of clean text.
func textWidth(s string) int {
	if isPlain(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// cut shortens clean text to width columns.
func cut(s string, width int) string {
	if textWidth(s) <= width {
		return s
	}
	var b strings.Builder
	left := width - 1
	for _, r := range s {
		if left -= runeWidth(r); left < 0 {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}

// wrap breaks clean text into lines of at most width columns, between words where it
// can. There is at least one line.
func wrap(s string, width int) []string {
	if !isPlain(s) || strings.Contains(s, "  ") || strings.HasPrefix(s, " ") || strings.HasSuffix(s, " ") {
		s = strings.Join(strings.Fields(s), " ")
	}
	var lines []string
	from, used := 0, 0 // the line that is being filled, and its columns
	for at := 0; at < len(s); {
		end := len(s)
		if i := strings.IndexByte(s[at:], ' '); i >= 0 {
			end = at + i
		}
		w := textWidth(s[at:end])
		switch {
		case from < at && used+1+w <= width:
			used += 1 + w
		case from < at:
			lines = append(lines, s[from:at-1])
			from, used = at, w
		default:
			used = w
		}
		for from == at && used > width {
			room := width
			for i, r := range s[at:end] {
				if room -= runeWidth(r); room < 0 {
					at += i
					break
				}
			}
			if at == from { // not even one character fits
				break
			}
			lines = append(lines, s[from:at])
			from, used = at, textWidth(s[at:end])
		}
		at = end + 1
	}
	if from < len(s) || lines == nil {
		lines = append(lines, s[from:])
	}
	return lines
}

// runeWidth is how many columns a terminal gives a character that clean lets through.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me), r >= 0x1160 && r <= 0x11FF:
		return 0
	case r < 0x1100:
		return 1
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// wide are the characters of two columns: East Asian scripts, full-width forms and
// emoji, by whole blocks. Terminals differ in the details more than this table does.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115F, Stride: 1},
		{Lo: 0x231A, Hi: 0x231B, Stride: 1},
		{Lo: 0x23E9, Hi: 0x23EC, Stride: 1},
		{Lo: 0x2614, Hi: 0x2615, Stride: 1},
		{Lo: 0x26A1, Hi: 0x26A1, Stride: 1},
		{Lo: 0x26D4, Hi: 0x26D4, Stride: 1},
		{Lo: 0x2705, Hi: 0x2705, Stride: 1},
		{Lo: 0x2728, Hi: 0x2728, Stride: 1},
		{Lo: 0x274C, Hi: 0x274C, Stride: 1},
		{Lo: 0x2753, Hi: 0x2757, Stride: 1},
		{Lo: 0x2E80, Hi: 0x303E, Stride: 1},
		{Lo: 0x3041, Hi: 0xA4CF, Stride: 1},
		{Lo: 0xA960, Hi: 0xA97C, Stride: 1},
		{Lo: 0xAC00, Hi: 0xD7A3, Stride: 1},
		{Lo: 0xF900, Hi: 0xFAFF, Stride: 1},
		{Lo: 0xFE30, Hi: 0xFE6F, Stride: 1},
		{Lo: 0xFF01, Hi: 0xFF60, Stride: 1},
		{Lo: 0xFFE0, Hi: 0xFFE6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1F300, Hi: 0x1F64F, Stride: 1},
		{Lo: 0x1F680, Hi: 0x1F6FF, Stride: 1},
		{Lo: 0x1F900, Hi: 0x1F9FF, Stride: 1},
		{Lo: 0x1FA70, Hi: 0x1FAFF, Stride: 1},
		{Lo: 0x20000, Hi: 0x3FFFD, Stride: 1},
	},
}
