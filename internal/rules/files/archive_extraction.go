package files

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// ArchiveExtraction judges archives that are unpacked as they are.
var ArchiveExtraction = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: archiveExtraction}

func archiveExtraction(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	attr := ""
	var recv ast.Expr
	switch f := c.Func.(type) {
	case *ast.Attribute:
		attr, recv = f.Attr, f.Value
	case *ast.Name:
		attr = f.Ident
	}
	switch attr {
	case "unpack_archive":
		if p.Is(c.Func, "shutil.unpack_archive") {
			unpack(p, c)
		}
		return
	case "extractall", "extract":
	default:
		return
	}
	kind := archiveKind(p, recv)
	switch {
	case kind == "tar":
	case kind == "zip":
		if attr == "extractall" && p.Imports("tarfile") {
			p.Report(c, "zipfile keeps members inside the folder by itself; their number and size are up to the archive.").ForAudit(true).With(finding.Low, finding.LowConfidence)
		}
		return
	case attr == "extractall" && p.Imports("tarfile"):
	default:
		return
	}
	f := program.Keyword(c, "filter")
	if f != nil {
		switch s, ok := p.Str(f.Value); {
		case ok && s == "data":
			return
		case ok && s == "tar", p.Is(f.Value, "tarfile.data_filter", "tarfile.tar_filter"):
			p.Report(c, "A filter is given; look whether it keeps members inside the folder.").ForAudit(true).With(finding.Low, finding.LowConfidence)
			return
		case ok && s == "fully_trusted":
			p.Report(c, "The filter fully_trusted lets members of the archive land anywhere.").
				ReviewFix(`use the filter "data"`, p.Replace(f.Value, `"data"`))
			return
		}
		p.Report(c, "A filter is given; look whether it keeps members inside the folder.").ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	}
	members := program.Arg(c, 1, "members")
	if attr == "extract" {
		members = nil
	}
	found := p.Report(c, "Members of the archive land wherever their names say, outside of the folder too.")
	switch {
	case members != nil && (chosen(p, members) || p.IsConst(members)):
		found.Message = "Members are chosen by a function; look whether it leaves out those whose names or links lead outside."
		found.ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	case members != nil:
		found.With(finding.Medium, finding.MediumConfidence)
	case kind == "":
		found.With(finding.High, finding.LowConfidence)
	}
	if guarded(p, c) || own(p, recv) || filtered(p) {
		found.ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	}
	if attr == "extract" {
		found.With(finding.Medium, finding.MediumConfidence)
	}
	found.SafeFix(`use the filter "data"`, p.SetKeyword(c, "filter", `"data"`))
}

// archiveKind says what a receiver is: "tar", "zip" or "".
func archiveKind(p *rule.Pass, e ast.Expr) string {
	for _, n := range p.Names(e) {
		switch {
		case strings.HasPrefix(n, "tarfile.") && strings.HasSuffix(n, ")"), n == "tarfile":
			return "tar"
		case strings.HasPrefix(n, "zipfile.") && strings.HasSuffix(n, ")"):
			return "zip"
		case strings.HasSuffix(n, "()"):
			return "other"
		}
	}
	return ""
}

// unpack judges shutil.unpack_archive.
func unpack(p *rule.Pass, c *ast.Call) {
	if program.Keyword(c, "filter") != nil || len(c.Args) > 3 {
		return
	}
	if s, ok := p.Str(program.Arg(c, 2, "format")); ok && s == "zip" {
		return
	}
	name := program.Arg(c, 0, "filename")
	if _, ok := p.Str(name); ok {
		p.Report(c, "An archive is unpacked without a filter.").ForAudit(true).With(finding.Low, finding.LowConfidence)
		return
	}
	p.Report(c, "If this is a tar archive, its members land wherever their names say.").With(finding.Medium, finding.MediumConfidence).
		ForAudit(guarded(p, c)).ReviewFix(`use the filter "data"`, p.SetKeyword(c, "filter", `"data"`))
}

// chosen says whether members comes from a function or a condition that can leave some out.
func chosen(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		switch v := v.(type) {
		case *ast.Call:
			if f, ok := v.Func.(*ast.Attribute); ok && (f.Attr == "getmembers" || f.Attr == "getnames") {
				return false
			}
			if d := p.Definition(v.Func); d != nil && !checksNames(p.Text(d)) {
				return false
			}
			if p.Is(v.Func, "builtins.list", "builtins.iter", "builtins.sorted") {
				return len(v.Args) > 0 && chosen(p, v.Args[0])
			}
		case *ast.ListComp:
			if len(v.Generators[0].Ifs) == 0 {
				return false
			}
		case *ast.GeneratorExp:
			if len(v.Generators[0].Ifs) == 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// own says whether the archive is one whose name is constant: the program's own.
func own(p *rule.Pass, recv ast.Expr) bool {
	for _, v := range p.Values(recv) {
		c, ok := v.(*ast.Call)
		if !ok || len(c.Args) == 0 {
			return false
		}
		if _, ok := p.Str(c.Args[0]); !ok {
			return false
		}
	}
	return len(p.Values(recv)) > 0
}

// filtered says whether the file knows of filters: it sets one for all archives, or asks
// whether Python has them.
func filtered(p *rule.Pass) bool {
	s := string(p.File.Bytes)
	return strings.Contains(s, "extraction_filter") || strings.Contains(s, "data_filter")
}

// checks are what code that checks names of members has in it.
var checks = []string{"commonpath", "commonprefix", "is_relative_to", `".."`, `'..'`, `"../"`, `'../'`, "is_within", "safe_join", "safe_extract", "relative_to(", "isabs(", "realpath(", "startswith("}

// guarded says whether the function around checks names or paths itself.
func guarded(p *rule.Pass, n ast.Node) bool {
	var around ast.Node = p.Tree.Module
	if f := p.Function(n); f != nil {
		around = f
	} else if s := p.Statement(n); s != nil {
		around = s
	}
	return checksNames(p.Text(around))
}

// checksNames says whether code has something in it that checks names or paths.
func checksNames(src string) bool {
	for _, w := range checks {
		if strings.Contains(src, w) {
			return true
		}
	}
	return false
}
