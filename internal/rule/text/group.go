package text

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/python/regex"
)

// plainGroup says whether e is a part of a match that can only be of plain characters, by the pattern:
// CODE.fullmatch(text).group(1), m["year"] is not read.
func plainGroup(u *program.Unit, e ast.Expr) bool {
	var of, number ast.Expr
	switch e := e.(type) {
	case *ast.Call:
		f, ok := e.Func.(*ast.Attribute)
		if !ok || f.Attr != "group" || len(e.Args) > 1 || len(e.Keywords) > 0 {
			return false
		}
		of = f.Value
		if len(e.Args) == 1 {
			number = e.Args[0]
		}
	case *ast.Subscript:
		of, number = e.Value, e.Slice
	default:
		return false
	}
	group := 0
	if number != nil {
		n, ok := u.Int(number)
		if !ok {
			return false
		}
		group = n
	}
	list := u.Values(of)
	for _, v := range list {
		pattern, ok := matchedBy(u, v)
		if !ok {
			return false
		}
		r, err := regex.Parse(pattern, 0)
		if err != nil {
			return false
		}
		n := r.Root
		if group > 0 {
			n = groupOf(n, group)
		}
		if n == nil || !plainNode(n) {
			return false
		}
	}
	return len(list) > 0
}

// matchedBy is the constant pattern of a call that gives a match: re.match(r"…", text), CODE.search(text).
func matchedBy(u *program.Unit, e ast.Expr) (string, bool) {
	if w, ok := e.(*ast.NamedExpr); ok {
		e = w.Value
	}
	c, ok := e.(*ast.Call)
	if !ok {
		return "", false
	}
	if u.Is(c.Func, "re.match", "re.search", "re.fullmatch") {
		if len(c.Args) != 2 || len(c.Keywords) > 0 { // flags change what is meant
			return "", false
		}
		return u.Str(c.Args[0])
	}
	f, ok := c.Func.(*ast.Attribute)
	if !ok || f.Attr != "match" && f.Attr != "search" && f.Attr != "fullmatch" {
		return "", false
	}
	made := u.Values(f.Value)
	if len(made) != 1 {
		return "", false
	}
	k, ok := made[0].(*ast.Call)
	if !ok || !u.Is(k.Func, "re.compile") || len(k.Args) != 1 || len(k.Keywords) > 0 {
		return "", false
	}
	return u.Str(k.Args[0])
}

// groupOf is the group of this number, or nil.
func groupOf(n *regex.Node, number int) *regex.Node {
	if n.Op == regex.Group && n.Group == number {
		return n
	}
	for _, s := range n.Subs {
		if found := groupOf(s, number); found != nil {
			return found
		}
	}
	return nil
}

// plainNode says whether a part of a pattern takes only letters, digits, and signs that mean nothing to
// a shell, to SQL or in markup.
func plainNode(n *regex.Node) bool {
	switch n.Op {
	case regex.Look:
		return true // takes nothing
	case regex.Reference, regex.Condition:
		return false
	case regex.Chars:
		for r := rune(0); r < 128; r++ {
			if n.Set.Has(r) && !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.", r)) {
				return false
			}
		}
		return !slices.ContainsFunc([]rune{0x85, 0xa0, 0x2028, 0xff07}, n.Set.Has) // as in [^a]
	}
	return !slices.ContainsFunc(n.Subs, func(s *regex.Node) bool { return !plainNode(s) })
}
