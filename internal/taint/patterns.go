package taint

import (
	"regexp/syntax"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// What regular expressions let through. A compiled pattern and a match carry the pattern
// as their beginning: "re:…".

func parsePattern(p string) *syntax.Regexp {
	re, err := syntax.Parse(strings.ReplaceAll(p, `\Z`, `\z`), syntax.Perl)
	if err != nil {
		return nil
	}
	return re
}

// groupHarmless is what a group of a match cannot do, 0 for the whole.
func (a *analysis) groupHarmless(re *syntax.Regexp, group int) models.Kinds {
	if re == nil {
		return 0
	}
	if group > 0 {
		if re = capture(re, group); re == nil {
			return 0
		}
	}
	var set [128]bool
	letThrough(re, &set, 0)
	return a.models.harmless(set)
}

func capture(re *syntax.Regexp, n int) *syntax.Regexp {
	if re.Op == syntax.OpCapture && re.Cap == n {
		return re
	}
	for _, s := range re.Sub {
		if c := capture(s, n); c != nil {
			return c
		}
	}
	return nil
}

// without is what a text cannot do in which a pattern of single characters is nowhere.
func (a *analysis) without(re *syntax.Regexp, by string) models.Kinds {
	for re != nil && (re.Op == syntax.OpPlus || re.Op == syntax.OpCapture) {
		re = re.Sub[0]
	}
	if re == nil || re.Op != syntax.OpCharClass && (re.Op != syntax.OpLiteral || len(re.Rune) != 1) {
		return 0
	}
	var gone, left [128]bool
	letThrough(re, &gone, 0)
	for i := range left {
		left[i] = !gone[i]
	}
	for _, r := range by {
		if r < 128 {
			left[r] = true
		}
	}
	return a.models.harmless(left)
}

// regular is a function of re, or a method of a pattern or match.
func (a *analysis) regular(c *callSite, name string) (*value, bool) {
	if !strings.HasPrefix(name, "re.") && !strings.HasPrefix(name, "regex.") {
		return nil, false
	}
	st := c.st
	_, rest, _ := strings.Cut(name, ".")
	method := rest[strings.LastIndexByte(rest, '.')+1:]
	var re *syntax.Regexp
	text, source := 1, ""
	own := false
	switch {
	case c.recv != nil && strings.HasPrefix(c.recv.prefix, "re:"):
		source, own = c.recv.prefix[3:], true
		text = 0
	case !strings.ContainsAny(rest, "."):
		s, ok := arg(c.args, 0, "pattern").str()
		if !ok {
			return nil, false
		}
		source = s
	default:
		return nil, false
	}
	re = parsePattern(source)
	switch method {
	case "match", "fullmatch", "search":
		x := arg(c.args, text, "string")
		if x == nil {
			return nil, false
		}
		v := clear(marked(x.origins()), a.groupHarmless(re, 0))
		if v == nil {
			v = &value{}
		}
		v.names, v.prefix = []string{name + "()"}, "re:"+source
		return v, true
	case "findall":
		x := arg(c.args, text, "string")
		k := a.groupHarmless(re, 0)
		if re != nil && re.MaxCap() > 0 {
			k = models.All
			for i := range re.MaxCap() {
				k &= a.groupHarmless(re, i+1)
			}
		}
		v := &value{names: stringNames, marks: clear(marked(x.origins()), k).origins()}
		return a.fresh(c, &object{name: "builtins.list()", loose: true, more: true, rest: v}), true
	case "sub", "subn":
		by, x := arg(c.args, text, "repl"), arg(c.args, text+1, "string")
		var k models.Kinds
		if s, ok := by.str(); ok && len(c.args) == text+2 {
			k = a.without(re, s)
		}
		v := clear(marked(x.origins()), k)
		out := &value{marks: v.origins(), names: stringNames}
		if by != nil && len(by.fns) > 0 {
			r := a.callback(c, by, &value{marks: x.origins(), names: []string{"re.match()"}, prefix: "re:" + source})
			out.marks = joinMarks(out.marks, a.deep(st, r, 0))
		} else if by != nil {
			out.marks = joinMarks(out.marks, by.marks)
		}
		if method == "subn" {
			return a.fresh(c, &object{name: "builtins.tuple()", list: []*value{out, nil}}), true
		}
		return out, true
	case "group", "groups", "groupdict", "expand":
		if !own {
			return nil, false
		}
		group := -1
		x := arg(c.args, 0, "")
		if n, ok := x.number(); ok && n >= 0 && n < 100 {
			group = int(n)
		} else if s, ok := x.str(); ok && re != nil {
			for i, n := range re.CapNames() {
				if n == s {
					group = i
				}
			}
		} else if x == nil {
			group = 0
		}
		v := &value{marks: c.recv.marks, names: stringNames}
		if method == "group" && group >= 0 && len(c.args) < 2 {
			v = clear(v, a.groupHarmless(re, group))
			return v, true
		}
		if method == "groups" && re != nil {
			o := &object{name: "builtins.tuple()"}
			for i := range re.MaxCap() {
				o.list = append(o.list, clear(v, a.groupHarmless(re, i+1)))
			}
			return a.fresh(c, o), true
		}
		if method == "groupdict" && re != nil {
			o := &object{name: "builtins.dict()"}
			for i, n := range re.CapNames() {
				if n != "" {
					a.put(o, strOf(n), clear(v, a.groupHarmless(re, i)))
				}
			}
			return a.fresh(c, o), true
		}
		return v, true
	}
	return nil, false
}

// absent: where a search for single characters finds none, the text holds only others.
func (a *analysis) absent(fr *frame, f *state, e ast.Expr, pattern string) {
	k := a.without(parsePattern(pattern), "")
	a.refine(fr, f, e, func(v *value) *value { return clear(v, k) })
}
