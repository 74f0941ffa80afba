package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/surface"
)

// What several rules ask of a route.

// within says whether any node of what answers a route is so.
func within(x *surface.Route, is func(b surface.Body, n ast.Node) bool) bool {
	for _, b := range x.Bodies {
		if has(b, func(n ast.Node) bool { return is(b, n) }) {
			return true
		}
	}
	return false
}

// has says whether a node of a function is so.
func has(b surface.Body, is func(n ast.Node) bool) bool {
	found := false
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if found = found || is(n); !found {
			ast.Children(n, visit)
		}
	}
	for _, s := range b.Def.Body {
		visit(s)
	}
	return found
}

// mentions says whether a function has one of these words in it, as a name, a member or a text. What a
// comment says of them is mostly that they are missing.
func mentions(b surface.Body, words ...string) bool {
	text := withoutComments(b.File.Text(b.Def.Span()))
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// bodyText is what a function does, in small letters: its text without decorators, signature and comments.
func bodyText(b surface.Body) string {
	list := b.Def.Body
	if len(list) == 0 {
		return ""
	}
	return withoutComments(b.File.Text(source.Span{Start: list[0].Start(), End: list[len(list)-1].End()}))
}

// withoutComments is a text of code in small letters, without its comments.
func withoutComments(code string) string {
	if !strings.Contains(code, "#") {
		return strings.ToLower(code)
	}
	var out strings.Builder
	for line := range strings.Lines(code) {
		if before, _, comment := strings.Cut(line, " # "); comment {
			line = before + "\n"
		}
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			out.WriteString(line)
		}
	}
	return strings.ToLower(out.String())
}

// wordsOf are the words in a route's path, its parameters left out, and in the name of what answers it.
func wordsOf(x *surface.Route) []string {
	name := x.Handler[strings.LastIndexByte(x.Handler, '.')+1:]
	var out []string
	begin := true
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, strings.ToLower(b.String()))
		}
		b.Reset()
	}
	inside := false // of a parameter
	for _, r := range x.Template + " " + name {
		switch {
		case r == '{':
			inside = true
		case r == '}':
			inside = false
			flush()
		case inside:
		case r >= 'A' && r <= 'Z':
			if !begin {
				flush()
			}
			begin = true
			b.WriteRune(r)
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			begin = false
			b.WriteRune(r)
		default:
			begin = false
			flush()
		}
	}
	flush()
	return out
}
