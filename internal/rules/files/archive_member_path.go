package files

import (
	"slices"

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
			f := p.Report(n, "%s is a name from the archive, and may lead outside of the folder.", p.Text(e))
			if at := written(p, n.(ast.Expr), 0); at != nil {
				f.Move(at)
				if at.Start() > n.Start() && at.End() >= n.End() && p.Statement(at) != p.Statement(n) {
					f.Because(n, "the name is joined to the folder here")
				}
			}
			return
		}
	}
}

// written is the first call in the same function that opens or writes the file of this path, or nil.
func written(p *rule.Pass, path ast.Expr, depth int) (at *ast.Call) {
	var name *ast.Name
	for name == nil {
		switch up := p.Parent(path).(type) {
		case *ast.Call:
			if opensFile(p, up, path) {
				return up
			}
			if !p.Is(up.Func, "builtins.str", "pathlib.Path", "pathlib.PurePath", "os.fspath", "os.path.abspath", "os.path.normpath", "os.path.realpath", "os.path.expanduser") {
				return nil
			}
			path = up
		case *ast.Attribute:
			c, ok := p.Parent(up).(*ast.Call)
			if !ok || c.Func != ast.Expr(up) {
				return nil
			}
			switch up.Attr {
			case "write_bytes", "write_text", "open", "touch", "symlink_to", "hardlink_to":
				return c
			case "resolve", "absolute", "expanduser", "as_posix":
				path = c
			default:
				return nil
			}
		case *ast.Assign:
			if name, _ = up.Targets[0].(*ast.Name); name == nil {
				return nil
			}
		case *ast.NamedExpr:
			if name, _ = up.Target.(*ast.Name); name == nil {
				return nil
			}
		default:
			return nil
		}
	}
	f := p.Function(path)
	if f == nil || depth > 3 {
		return nil
	}
	var uses []*ast.Name
	p.Inside(f, func(n ast.Node) bool {
		use, ok := n.(*ast.Name)
		if ok && use.Ident == name.Ident && use.Start() > path.End() && slices.ContainsFunc(p.Values(use), func(v ast.Expr) bool { return v == path }) {
			uses = append(uses, use)
		}
		return len(uses) < 20
	})
	for _, use := range uses {
		if at = written(p, use, depth+1); at != nil {
			return at
		}
	}
	return nil
}

// opensFile says whether a call opens or writes the file of a path that it is given.
func opensFile(p *rule.Pass, c *ast.Call, path ast.Expr) bool {
	at := 0
	switch {
	case p.Is(c.Func, "builtins.open", "io.open", "os.open", "codecs.open", "gzip.open", "aiofiles.open"):
	case p.Is(c.Func, "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.move", "os.rename", "os.replace", "os.symlink", "os.link"):
		at = 1
	default:
		return false
	}
	return program.Arg(c, at, "") == path || slices.ContainsFunc(c.Keywords, func(k *ast.Keyword) bool { return k.Value == path })
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
