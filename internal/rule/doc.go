package rule

import (
	"strings"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/source"
)

// A Doc is a file that is not Python, as rules see it.
type Doc struct {
	*source.File
	Abs      string         // where it was read, "" if it is not a file
	Manifest *manifest.File // what it says of packages, or nil
}

// A DocPass is one rule looking at one such file.
type DocPass struct {
	Reporter
	*Doc
	All []*Doc // every one that was read, by path
}

// Place is the span from a place of the manifest to the end of what stands there: the
// line's, without a comment or what continues it.
func (d *Doc) Place(at manifest.Place) source.Span {
	if at.Line < 1 || at.Line > d.Lines() {
		return source.Span{}
	}
	text := d.Line(at.Line)
	col := 0
	for n := 1; n < at.Column && col < len(text); n++ {
		_, size := utf8.DecodeRuneInString(text[col:])
		col += size
	}
	text = text[col:]
	for _, stop := range []string{" #", "\t#", " --hash", " \\"} {
		if i := strings.Index(text, stop); i > 0 {
			text = text[:i]
		}
	}
	text = strings.TrimRight(text, " \t\r\n,\\")
	start := d.Offset(at.Line) + source.Pos(col)
	return source.Span{Start: start, End: start + source.Pos(len(text))}
}

// ReportAt makes a finding at a place of the manifest.
func (p *DocPass) ReportAt(at manifest.Place, format string, args ...any) *Found {
	return p.ReportSpan(p.Place(at), format, args...)
}

// Manifests is a Check.Docs: everything that asks for packages.
func Manifests(path string) bool { return manifest.Is(path) != "" }
