package rule

import (
	"cmp"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/tree"
)

// A Doc is a file that is not Python, as rules see it.
type Doc struct {
	*source.File
	Abs      string         // where it was read, "" if it is not a file
	As       string         // the path that tells what it is, if not its own does: see source.Found
	Manifest *manifest.File // what it says of packages, or nil
	kept     map[reflect.Type]any
}

// Name is the path that tells what a doc is: bin/deploy.sh for a script bin/deploy.
func (d *Doc) Name() string { return cmp.Or(d.As, d.Path) }

// Kept is what read makes of a doc, made once: several rules ask the same of a file. There is
// one value of a type.
func Kept[T any](d *Doc, read func(*Doc) T) T {
	key := reflect.TypeFor[T]()
	if v, ok := d.kept[key]; ok {
		return v.(T)
	}
	v := read(d)
	if d.kept == nil {
		d.kept = map[reflect.Type]any{}
	}
	d.kept[key] = v
	return v
}

// document is what a file is as YAML.
type document struct {
	root  *tree.Node
	wrong []tree.Problem
}

// YAML is the first document of a file, nil if it is none that can be read: Unread says so.
func (d *Doc) YAML() *tree.Node {
	return Kept(d, func(d *Doc) document {
		root, wrong := tree.YAML(d.Bytes)
		if len(wrong) > 0 {
			root = nil
		}
		return document{root, wrong}
	}).root
}

// Unread is what kept rules that asked for it from reading the file.
func (d *Doc) Unread() []tree.Problem {
	v, _ := d.kept[reflect.TypeFor[document]()].(document)
	return v.wrong
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
