// Package source holds what Gambeson looks at: the bytes of one file, and the
// files of a tree.
//
// A File is read once and never changed. Everything that points into it does so
// with a Pos, a byte offset that fits in 32 bits; lines and columns are computed
// only when something is printed. Bytes are always UTF-8: a file in another
// encoding is transcoded when it is loaded, as CPython does before it tokenises,
// so columns agree with CPython's.
package source

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"
)

// Pos is a byte offset into File.Bytes.
type Pos uint32

// Span is a half-open range of bytes, [Start, End).
type Span struct{ Start, End Pos }

// Position is a place as people and reports write it.
// Line counts from 1. Column counts UTF-8 bytes from 0, as CPython's col_offset does.
type Position struct{ Line, Column int }

// A File is one text under scrutiny. The zero value is not useful; see New.
// It is safe for concurrent use.
type File struct {
	// Path is relative to the scanned root, with forward slashes.
	Path string
	// Bytes is the text in UTF-8, without a byte order mark. Never modify it.
	Bytes []byte
	// Cells is set for notebooks only, and maps offsets to cells.
	Cells []Cell
	// Encoding is Python's name of the encoding that the file on disk has. It is ""
	// if Bytes are its very bytes: then, and only then, offsets hold on disk too.
	Encoding string

	once  sync.Once
	lines []Pos // lines[i] is where line i+1 starts
}

// A Cell is one code cell of a notebook: the text in [Start, End) of File.Bytes
// is cell number Index (from 1, counting code cells only).
type Cell struct {
	Start, End Pos
	Index      int
}

// New makes a File of text that is already UTF-8 without a byte order mark.
func New(path string, text []byte) *File { return &File{Path: path, Bytes: text} }

// Text returns the bytes of the span as a string that shares memory with the file.
// Clone it if it must outlive the file. Spans outside the file are cut to fit.
func (f *File) Text(s Span) string {
	n := Pos(len(f.Bytes))
	s.Start, s.End = min(s.Start, n), min(s.End, n)
	if s.Start >= s.End {
		return ""
	}
	return View(f.Bytes[s.Start:s.End])
}

// View returns b as a string without copying. It is the one place where the
// program does this; b must never change afterwards.
func View(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Position converts an offset to line and column. Lines end, as Python's do, with
// "\n", "\r\n" or a lone "\r".
func (f *File) Position(p Pos) Position {
	lines := f.table()
	i := sort.Search(len(lines), func(i int) bool { return lines[i] > p })
	return Position{Line: i, Column: int(p - lines[i-1])}
}

// Offset converts a line (from 1) to the offset of its first byte; lines past the
// end give the end of the file.
func (f *File) Offset(line int) Pos {
	lines := f.table()
	if line < 1 {
		return 0
	}
	if line > len(lines) {
		return Pos(len(f.Bytes))
	}
	return lines[line-1]
}

// Lines returns the number of lines; text after the last line end counts as one.
func (f *File) Lines() int {
	lines := f.table()
	if n := len(lines); n > 1 && int(lines[n-1]) == len(f.Bytes) {
		return n - 1
	}
	return len(lines)
}

// Line returns the text of a line (from 1) without its line end, or "".
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.table()) {
		return ""
	}
	return strings.Clone(f.line(n))
}

// Covered is Line with stars over ranges of bytes of the file that must not travel, sorted by
// where they begin: as many as there are characters, so that columns stay right.
func (f *File) Covered(n int, secrets [][2]int) string {
	text := f.Line(n)
	if len(secrets) == 0 || text == "" {
		return text
	}
	at := int(f.Offset(n))
	var b strings.Builder
	done := 0
	for _, s := range secrets {
		from, to := max(s[0]-at, done), min(s[1]-at, len(text))
		if from < to {
			b.WriteString(text[done:from])
			b.WriteString(strings.Repeat("*", utf8.RuneCountInString(text[from:to])))
			done = to
		}
	}
	return b.String() + text[done:]
}

// line is Line, and shares memory with the file.
func (f *File) line(n int) string {
	return strings.TrimRight(f.Text(Span{f.Offset(n), f.Offset(n + 1)}), "\r\n")
}

// UTF16Column converts a byte column of a line to UTF-16 code units from 0, which
// SARIF and the language server protocol use by default.
func (f *File) UTF16Column(p Position) int {
	line := f.Line(p.Line)
	if p.Column < len(line) {
		line = line[:p.Column]
	}
	n := 0
	for _, r := range line {
		if r > 0xFFFF {
			n++
		}
		n++
	}
	return n
}

// Runes converts a byte column of a line to characters from 0, for underlines.
func (f *File) Runes(p Position) int {
	line := f.line(p.Line)
	return utf8.RuneCountInString(line[:min(p.Column, len(line))])
}

// table returns the line starts, computed on first use.
func (f *File) table() []Pos {
	f.once.Do(func() {
		lines := make([]Pos, 1, 1+len(f.Bytes)/32)
		for i := 0; i < len(f.Bytes); i++ {
			switch f.Bytes[i] {
			case '\r':
				if i+1 < len(f.Bytes) && f.Bytes[i+1] == '\n' {
					i++
				}
				lines = append(lines, Pos(i+1))
			case '\n':
				lines = append(lines, Pos(i+1))
			}
		}
		f.lines = lines
	})
	return f.lines
}
