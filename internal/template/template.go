// Package template reads templates of Jinja2, Django, Tornado and Mako and says where in a page the data
// of the rendering context are printed, and what an attacker's text could do there.
//
// The plan: Parse turns one file into a tree, with an expression parser of its own, since
// Jinja's expressions only look like Python's. A Set renders a template without values: it walks the
// tree in the order of rendering, through extends, include, macros and imports, with two things
// in hand. The first is what every variable is, as paths from the context's variables ("items",
// "*", "name"). The second is where the HTML around stands: in text, in a quoted attribute,
// in a string of a script. A branch forks the latter and the join keeps both. Each expression that is
// printed becomes Places, one for every path in it, and Place.Verdict says what escapes do not stop.
//
// The trap is to ask only whether a value is escaped. Escaping for HTML does nothing in a script, at
// the start of an address or without quotes; a filter that marks text as safe may have made it
// safe, or may not. So each filter is described by the characters it takes away (filters.go),
// and each place by the characters that break out of it (verdict.go).
//
// Nothing here is ever run, and files are hostile: sizes, depths and steps are bounded.
package template

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/source"
)

// A Dialect is the language a template is written in.
type Dialect uint8

// The dialects.
const (
	Jinja Dialect = iota
	Django
	Tornado
	Mako
)

func (d Dialect) String() string { return [...]string{"jinja", "django", "tornado", "mako"}[d] }

// Language is the dialect of that name; Jinja, if there is none.
func Language(name string) Dialect {
	for d := Jinja; d <= Mako; d++ {
		if d.String() == name {
			return d
		}
	}
	return Jinja
}

// A Template is one file that has been read. It is not changed afterwards.
type Template struct {
	Name    string // as loaders know it
	Dialect Dialect
	File    *source.File
	Errors  []Error // what was not understood, in the order of the file

	body    []*node
	blocks  map[string]*node
	parents []*node // its extends
}

// An Error is a place that is not what the template language allows. The rest of the file
// was read all the same.
type Error struct {
	At      source.Pos
	Message string
}

// The bounds of what is read. The largest of 824 templates of Django, its common libraries and
// several applications has 26 kB.
const (
	maxSize   = 1 << 20
	maxDepth  = 100 // of expressions and of blocks
	maxErrors = 50
	maxElifs  = 200
)

// Parse reads a template. It always returns one: what could not be read is in Errors.
func Parse(name string, src []byte, dialect Dialect) *Template {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	t := &Template{Name: name, Dialect: dialect, File: source.New(name, src), blocks: map[string]*node{}}
	if len(src) > maxSize {
		t.fail(0, "this template is too large to be read")
		return t
	}
	p := &parser{t: t, src: source.View(src)}
	switch dialect {
	case Django:
		p.splitDjango()
	case Mako:
		p.splitMako()
	default:
		p.splitJinja()
	}
	if dialect == Tornado {
		p.tornado()
	}
	p.count()
	t.body, _ = p.nodes("", 0)
	slices.SortStableFunc(t.Errors, func(a, b Error) int { return int(a.At) - int(b.At) })
	return t
}

func (t *Template) fail(at source.Pos, message string) {
	if len(t.Errors) < maxErrors {
		t.Errors = append(t.Errors, Error{at, message})
	}
}

// Markup reports whether a template of this name makes a page or another text in which
// markup means something. Frameworks decide by the same endings whether to escape.
func Markup(name string) bool {
	name = strings.ToLower(name)
	mako := strings.HasSuffix(name, ".mako") || strings.HasSuffix(name, ".mak")
	for _, end := range []string{".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".dj", ".djt", ".mako", ".mak"} {
		name = strings.TrimSuffix(name, end)
	}
	switch path.Ext(name) {
	case "":
		return mako
	case ".html", ".htm", ".xml", ".xhtml", ".svg":
		return true
	}
	return false
}

var (
	djangoOnly = match.Lazy(`\{%\s*(?:load\s|csrf_token\s*%|url\s|static\s|comment\s|verbatim\s*%|blocktrans|blocktranslate|translate\s|empty\s*%|ifchanged\b|spaceless\b|firstof\s|cycle\s|get_\w+\s|now\s|endblocktrans|endcomment|endverbatim|if(?:not)?equal\s|extends\s+["'][^"']+["']\s*%\}\s*\{%\s*load\b)|\|\s*\w+:["'\w]|\{\{\s*block\.super\s*\}\}|\{\{\s*forloop\.|\{%\s*include\s+\S+\s+(?:with\s+\w+=|only\b)`)
	jinjaOnly  = match.Lazy(`\{%[-+]?\s*(?:set\s|macro\s|import\s|from\s|call[\s(]|raw\s*[-+]?%|endraw|do\s|autoescape\s+(?:true|false))|[-+]%\}|-\}\}|\{[{%][-+]\s|\{\{\s*[\w.]+\(|\{\{[^{}]*\s~\s|\|\s*\w+\(|\{\{\s*super\(|\{\{[^{}]*\[|\s(?:is|is not)\s+(?:defined|none)\b|loop\.(?:index|first|last|length)`)
)

// Guess says which language a template is probably written in. A text that is both is
// Jinja's; who knows the framework knows better.
func Guess(name string, src []byte) Dialect {
	switch strings.ToLower(path.Ext(name)) {
	case ".j2", ".jinja", ".jinja2":
		return Jinja
	case ".dj", ".djt", ".djhtml":
		return Django
	}
	if strings.Contains(name, "jinja2/") {
		return Jinja
	}
	src = src[:min(len(src), 1<<18)]
	d, j := len(djangoOnly().FindAllIndex(src, 50)), len(jinjaOnly().FindAllIndex(src, 50))
	// What one of the two cannot read is the other's.
	d += len(Parse(name, src, Jinja).Errors)
	j += len(Parse(name, src, Django).Errors)
	if d > j {
		return Django
	}
	return Jinja
}
