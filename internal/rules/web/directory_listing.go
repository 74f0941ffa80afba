package web

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// DirectoryListing looks for the switch by which what serves files lists their folder, too.
var DirectoryListing = rule.Check{Called: directoryListing, Kinds: []ast.Kind{ast.KindDict}, Visit: listedByDjango}

const listsFolder = "This lists what is in the folder to everybody who asks."

func directoryListing(p *rule.Pass, c *ast.Call, name string) {
	switch args.Last(name) {
	case "AutoIndex", "AutoIndexBlueprint":
		p.Report(c, listsFolder)
		return
	}
	for _, w := range []string{"show_index", "directory_view"} {
		if e, _ := args.Keyword(p.Unit, c, w); e != nil && args.IsTrue(p.Unit, e) {
			p.Report(c, listsFolder)
			return
		}
	}
}

// listedByDjango looks at what django.views.static.serve is given besides the path.
func listedByDjango(p *rule.Pass, n ast.Node) {
	d := n.(*ast.Dict)
	c, ok := p.Parent(d).(*ast.Call)
	if !ok || len(c.Args) < 2 || !p.Is(c.Args[1], "django.views.static.serve") {
		return
	}
	for i, k := range d.Keys {
		if s, ok := p.Str(k); k != nil && ok && s == "show_indexes" && args.IsTrue(p.Unit, d.Values[i]) {
			p.Report(c, listsFolder)
		}
	}
}
