package taint

import (
	"strings"

	"github.com/gambeson/gambeson/internal/models"
)

// converters are the words that stand beside a part of a route's path and let only numbers,
// dates and the like pass, or one of some words.
var converters = map[string]bool{"int": true, "float": true, "uuid": true, "any": true, "number": true, "decimal": true, "date": true, "datetime": true, "time": true, "dt": true, "bool": true, "ymd": true}

// letThroughBy is what a part of a path cannot do that was let through by what a route says of
// it: <int:id>, {id:int}, <id:re:[a-z]+>, {id:\d+}, (?P<id>\d+).
func (a *analysis) letThroughBy(route, name string) models.Kinds {
	if !strings.Contains(route, name) || len(route) > 2000 {
		return 0
	}
	for i := 0; i < len(route); i++ {
		var in string
		switch route[i] {
		case '\\':
			i++
			continue
		case '(':
			begin := "(?P<" + name + ">"
			if !strings.HasPrefix(route[i:], begin) {
				continue
			}
			if n := closing(route[i:], '(', ')'); n > len(begin) {
				return a.matched(route[i+len(begin):i+n], "fullmatch")
			}
			return 0
		case '<':
			if i > 1 && route[i-2:i] == "?P" {
				continue
			}
			n := strings.IndexByte(route[i:], '>')
			if n < 0 {
				return 0
			}
			in = route[i+1 : i+n]
		case '{':
			n := closing(route[i:], '{', '}')
			if n < 0 {
				return 0
			}
			in = route[i+1 : i+n]
		default:
			continue
		}
		if conv, ok := strings.CutSuffix(in, ":"+name); ok && route[i] == '<' { // <conv(arguments):name>
			return a.converted(conv, false)
		}
		if conv, ok := strings.CutPrefix(in, name+":"); ok {
			return a.converted(conv, true)
		}
	}
	return 0
}

// closing is where a bracket at the beginning of s closes, or -1.
func closing(s string, open, shut byte) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case open:
			depth++
		case shut:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// converted is what a converter leaves nothing of. Behind a name it may be a pattern.
func (a *analysis) converted(conv string, pattern bool) models.Kinds {
	word, _, _ := strings.Cut(conv, "(")
	switch {
	case converters[word]:
		return models.All
	case word == "slug":
		return a.matched("[-a-zA-Z0-9_]+", "fullmatch")
	case word == "alpha":
		return a.matched("[a-zA-Z]+", "fullmatch")
	case strings.HasPrefix(conv, "re:"):
		return a.matched(conv[3:], "fullmatch")
	case pattern && strings.ContainsAny(conv, `\[]+*?|.^$`):
		return a.matched(conv, "fullmatch")
	}
	return 0
}
