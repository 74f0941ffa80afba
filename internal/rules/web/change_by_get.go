package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// ChangeByGet looks at routes that are called by a link and delete something.
var ChangeByGet = rule.Check{Surface: changeByGet}

func changeByGet(p *rule.SurfacePass) {
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || !slices.Equal(x.Methods, []string{"GET"}) || !slices.ContainsFunc(wordsOf(x), func(w string) bool {
			return w == "delete" || w == "remove" || w == "destroy" || w == "purge" || w == "drop"
		}) {
			continue
		}
		if within(x, func(b surface.Body, n ast.Node) bool {
			c, ok := n.(*ast.Call)
			if !ok {
				return false
			}
			f, ok := c.Func.(*ast.Attribute)
			if !ok {
				return false
			}
			of := strings.ToLower(b.File.Text(f.Value.Span()))
			switch f.Attr {
			case "delete", "delete_one", "delete_many", "hard_delete":
				return !strings.Contains(of, "requests") && !strings.Contains(of, "client") && !strings.Contains(of, "cache")
			case "execute":
				if len(c.Args) > 0 {
					s := strings.ToUpper(strings.TrimLeft(b.File.Text(c.Args[0].Span()), "\"'frbFRB \n"))
					return strings.HasPrefix(s, "DELETE ") || strings.HasPrefix(s, "DROP ")
				}
			}
			return false
		}) {
			p.ReportRoute(x, "GET %s deletes something, and any link can do it.", x.Path)
		}
	}
}
