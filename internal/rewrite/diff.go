package rewrite

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// context is how many unchanged lines a hunk shows before and after a change.
const context = 3

// A change is old lines [from, to) that become others; lines count from 0.
type change struct {
	from, to int
	lines    []string
}

// Diff writes edits, which are in the order of the text and do not overlap, as a unified
// diff that git apply and patch -p1 understand. No text at all means a new file. As the
// edits are known, no two texts have to be compared: edits that meet in a line are one
// change, and what stays the same at its ends is trimmed.
func Diff(path string, old []byte, edits []finding.Edit) []byte {
	lines := splitLines(old)
	starts := make([]int, 1, len(lines)+1)
	for _, l := range lines {
		starts = append(starts, starts[len(starts)-1]+len(l))
	}
	var out bytes.Buffer
	from := "a/" + path
	if old == nil {
		from = "/dev/null"
	}
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", fileName(from), fileName("b/"+path))
	shift := 0 // how many lines the new text is ahead
	changes := changesOf(old, lines, starts, edits)
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].from-changes[n-1].to <= 2*context {
			n++
		}
		shift = writeHunk(&out, lines, changes[:n], shift)
		changes = changes[n:]
	}
	return out.Bytes()
}

func splitLines(text []byte) []string { return slices.Collect(strings.Lines(string(text))) }

func changesOf(old []byte, lines []string, starts []int, edits []finding.Edit) []change {
	// lineOf is the line that an offset is in; the end of the text is in a last, empty line
	// unless the line end is missing.
	lineOf := func(at int) int {
		i, found := slices.BinarySearch(starts, at)
		if !found || i == len(lines) && i > 0 && !strings.HasSuffix(lines[i-1], "\n") {
			i--
		}
		return i
	}
	var out []change
	for i := 0; i < len(edits); {
		from, to := reach(edits[i], starts, lines, lineOf)
		n := i + 1
		for ; n < len(edits); n++ {
			f, t := reach(edits[n], starts, lines, lineOf)
			if f >= to {
				break
			}
			to = max(to, t)
		}
		group := slices.Clone(edits[i:n])
		for j := range group {
			group[j].Start -= starts[from]
			group[j].End -= starts[from]
		}
		text, err := finding.Apply(old[starts[from]:starts[to]], group)
		if err != nil {
			panic(err) // the edits overlap
		}
		c := change{from, to, splitLines(text)}
		for c.from < c.to && len(c.lines) > 0 && c.lines[0] == lines[c.from] {
			c.from, c.lines = c.from+1, c.lines[1:]
		}
		for c.from < c.to && len(c.lines) > 0 && c.lines[len(c.lines)-1] == lines[c.to-1] {
			c.to, c.lines = c.to-1, c.lines[:len(c.lines)-1]
		}
		if c.from < c.to || len(c.lines) > 0 {
			out = append(out, c)
		}
		i = n
	}
	return out
}

// reach is the lines that an edit changes. One that puts whole lines between two others
// changes neither.
func reach(e finding.Edit, starts []int, lines []string, lineOf func(int) int) (from, to int) {
	from, to = lineOf(e.Start), lineOf(e.End)
	whole := e.Text == "" || strings.HasSuffix(e.Text, "\n")
	if !(whole && starts[from] == e.Start && starts[to] == e.End) {
		to = min(to+1, len(lines))
	}
	return from, to
}

// writeHunk writes changes that are near one another, and returns the new shift.
func writeHunk(out *bytes.Buffer, lines []string, changes []change, shift int) int {
	first := max(0, changes[0].from-context)
	last := min(len(lines), changes[len(changes)-1].to+context)
	grown := 0
	for _, c := range changes {
		grown += len(c.lines) - (c.to - c.from)
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(first, last-first), span(first+shift, last-first+grown))
	put := func(sign byte, list []string) {
		for _, l := range list {
			out.WriteByte(sign)
			out.WriteString(l)
			if !strings.HasSuffix(l, "\n") {
				out.WriteString("\n\\ No newline at end of file\n")
			}
		}
	}
	at := first
	for _, c := range changes {
		put(' ', lines[at:c.from])
		put('-', lines[c.from:c.to])
		put('+', c.lines)
		at = c.to
	}
	put(' ', lines[at:last])
	return shift + grown
}

// span writes a range of lines as a hunk's head has it: an empty one names the line before.
func span(first, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", first)
	case 1:
		return strconv.Itoa(first + 1)
	}
	return fmt.Sprintf("%d,%d", first+1, n)
}

// fileName quotes what would break the line, as git does, and ends a name with spaces by
// a tab, as patch wants.
func fileName(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' }) {
		var b strings.Builder
		b.WriteByte('"')
		for i := range len(name) {
			switch c := name[i]; {
			case c == '"' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < ' ' || c >= 0x7f:
				fmt.Fprintf(&b, "\\%03o", c)
			default:
				b.WriteByte(c)
			}
		}
		return b.String() + `"`
	}
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}
