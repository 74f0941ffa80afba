package taint

import (
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// converters are the words that stand beside a part of a route's path and let only numbers,
// dates and the like pass, or one of some words.
var converters = map[string]bool{"int": true, "float": true, "uuid": true, "any": true, "number": true, "decimal": true, "date": true, "datetime": true, "time": true, "dt": true, "bool": true, "ymd": true}

// letThroughBy is what a part of a path cannot do that was let through by what a route says of
// it: <int:id>, {id:int}, <id:re:[a-z]+>, {id:\d+}, (?P<id>\d+), or by its place: (\d+). It says
// whether the route speaks of it.
func (a *analysis) letThroughBy(route, name string, place int) (models.Kinds, bool) {
	if len(route) > 2000 {
		return 0, true
	}
	if !strings.Contains(route, name) {
		if place >= 0 {
			if group, ok := groupAt(route, place); ok {
				return a.matched(group, "fullmatch"), true
			}
		}
		return 0, false
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
				return a.matched(route[i+len(begin):i+n], "fullmatch"), true
			}
			return 0, true
		case '<':
			if i > 1 && route[i-2:i] == "?P" {
				continue
			}
			n := strings.IndexByte(route[i:], '>')
			if n < 0 {
				return 0, true
			}
			in = route[i+1 : i+n]
		case '{':
			n := closing(route[i:], '{', '}')
			if n < 0 {
				return 0, true
			}
			in = route[i+1 : i+n]
		default:
			continue
		}
		if conv, ok := strings.CutSuffix(in, ":"+name); ok && route[i] == '<' { // <conv(arguments):name>
			return a.converted(conv, false), true
		}
		if conv, ok := strings.CutPrefix(in, name+":"); ok {
			return a.converted(conv, true), true
		}
	}
	if place >= 0 {
		if group, ok := groupAt(route, place); ok {
			return a.matched(group, "fullmatch"), true
		}
	}
	return 0, strings.Contains(route, "<"+name+">") || strings.Contains(route, "{"+name+"}") || strings.Contains(route, ":"+name)
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
	if k, ok := a.ownConverter(word); ok {
		return k
	}
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

// word notes a name that the program gives a class of its own, for routes to name what they let
// through.
func (k *Knowledge) word(u *program.Unit, word string, class ast.Expr, x *models.Converter) {
	if class == nil {
		return
	}
	if c, ok := class.(*ast.Call); ok {
		class = c.Func
	}
	for _, name := range u.Names(class) {
		if u.Mine(name) {
			k.words.add(word, name, []string{x.Pattern, x.Method, u.Module.Path})
		}
	}
}

// wordIn is the same for an element that is set: app.url_map.converters["code"] = Code.
func (k *Knowledge) wordIn(u *program.Unit, target, class ast.Expr) {
	s, ok := target.(*ast.Subscript)
	if !ok || len(k.converted) == 0 {
		return
	}
	word, ok := u.Str(s.Slice)
	at, is := s.Value.(*ast.Attribute)
	if !ok || !is {
		return
	}
	for _, x := range k.converted {
		// The application is often a parameter: the last two words tell.
		way := strings.TrimSuffix(x.Assign, "[]")
		if lastName(way) != at.Attr {
			continue
		}
		if of, ok := at.Value.(*ast.Attribute); ok && of.Attr == lastName(way[:strings.LastIndexByte(way, '.')]) {
			k.word(u, word, class, x)
			return
		}
	}
}

// ownConverter is what a converter of the program's own leaves nothing of: what its pattern lets
// through, and what its method makes of that.
func (a *analysis) ownConverter(word string) (models.Kinds, bool) {
	list := a.models.words.get(word)
	if len(list) == 0 {
		return 0, false
	}
	k := models.All
	for _, x := range list {
		left := models.All
		cls := a.resolve(lazy{name: x.route, from: x.fixed[2]})
		if cls == nil || len(cls.class) != 1 {
			return 0, false
		}
		c := cls.class[0]
		v := &value{marks: []mark{{src: &origin{}, kinds: models.All}}, names: stringNames}
		if s, ok := a.attr(c, x.fixed[0]).str(); ok {
			v = clear(v, a.matched(s, "fullmatch"))
		}
		if m := a.attr(c, x.fixed[1]); m != nil && len(m.fns) == 1 && v.tainted() && c.mod.state != nil {
			st := c.mod.state.fork()
			fr := &frame{id: c.mod.frame, mod: c.mod, base: st}
			g := *m.fns[0]
			g.self = a.unnamed(st, &object{class: c})
			v = a.function(&callSite{fr: fr, st: st, args: []argument{{v: v}}}, &g)
			left = kindsOf(a.deep(st, v, 0))
		} else {
			left = kindsOf(v.origins())
		}
		k &= models.All &^ left
	}
	return k, true
}
