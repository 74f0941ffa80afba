package files

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// ArchiveMemberPath looks for names of members that are joined to a folder by hand.
var ArchiveMemberPath = rule.Check{Kinds: []ast.Kind{ast.KindCall, ast.KindBinOp}, Visit: archiveMemberPath}

func archiveMemberPath(p *rule.Pass, n ast.Node) {
	var parts []ast.Expr
	switch n := n.(type) {
	case *ast.Call:
		f, ok := n.Func.(*ast.Attribute)
		switch {
		case ok && f.Attr == "joinpath":
			parts = n.Args
		case ok && f.Attr != "join", !ok && n.Func.Kind() != ast.KindName, len(n.Args) < 2, !p.Is(n.Func, "os.path.join", "posixpath.join"):
			return
		default:
			parts = n.Args[1:]
		}
	case *ast.BinOp:
		if n.Op != ast.Div {
			return
		}
		parts = []ast.Expr{n.Right}
	}
	for _, e := range parts {
		if member(p, e) && !guarded(p, n) {
			p.Report(n, "%s is a name from the archive, and may lead outside of the folder.", p.Text(e))
			return
		}
	}
}

// member says whether e is the name of an archive's member.
func member(p *rule.Pass, e ast.Expr) bool {
	if a, ok := e.(*ast.Attribute); ok {
		if a.Attr != "name" && a.Attr != "filename" && a.Attr != "path" {
			return false
		}
		e = a.Value
	}
	n, ok := e.(*ast.Name)
	if !ok {
		return false
	}
	if v := p.Values(n); len(v) == 1 && v[0] != e {
		if a, ok := v[0].(*ast.Attribute); ok {
			return member(p, a)
		}
		return false
	}
	for _, b := range p.Bindings(n) {
		var iter ast.Expr
		switch b := b.(type) {
		case *ast.For:
			iter = b.Iter
		case *ast.Comprehension:
			iter = b.Iter
		}
		if !listing(p, iter) {
			return false
		}
	}
	return len(p.Bindings(n)) > 0
}

// listing says whether e lists the members of an archive.
func listing(p *rule.Pass, e ast.Expr) bool {
	if e == nil {
		return false
	}
	if archiveKind(p, e) == "tar" {
		return true // for member in tar
	}
	for _, v := range p.Values(e) {
		c, ok := v.(*ast.Call)
		if !ok {
			return false
		}
		if p.Is(c.Func, "builtins.sorted", "builtins.list", "builtins.reversed", "builtins.enumerate") {
			if !listing(p, program.Arg(c, 0, "")) {
				return false
			}
			continue
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok {
			return false
		}
		switch f.Attr {
		case "namelist", "infolist", "getmembers", "getnames":
		default:
			return false
		}
	}
	return true
}
