package rule

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/source"
)

// Locate says where a span stands, as people count: lines and columns from 1, columns in
// characters, and lines of a notebook within their cell.
func Locate(f *source.File, s source.Span) finding.Location {
	a, b := f.Position(s.Start), f.Position(s.End)
	at := finding.Location{Path: f.Path, Line: a.Line, Column: f.Runes(a) + 1, EndLine: b.Line, EndColumn: f.Runes(b) + 1}
	if f.Cells != nil {
		at.Cell, at.Line = f.Cell(s.Start)
		at.EndLine = at.Line + b.Line - a.Line
	}
	return at
}
