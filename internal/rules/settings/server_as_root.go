package settings

import (
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/source"
)

// ServerAsRoot looks at the account that servers are told to use.
var ServerAsRoot = rule.Check{Kinds: []ast.Kind{ast.KindAssign, ast.KindCall}, Visit: serverAsRoot, Docs: rootDocs, Doc: serverAsRootDoc}

const (
	rootSaid   = "The server runs as root: a flaw in it is one of the whole machine."
	forcedSaid = "C_FORCE_ROOT lets workers run as root: a flaw in a task is one of the whole machine."
)

func serverAsRoot(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Assign:
		if t, ok := n.Targets[0].(*ast.Subscript); ok {
			if s, ok := p.Str(t.Slice); ok && s == "C_FORCE_ROOT" && p.Is(t.Value, "os.environ") {
				p.Report(n, forcedSaid).ForAudit(conf.Dev(p, n))
			}
			return
		}
		name, value := gunicorn(p, n)
		if value == nil {
			return
		}
		s, _ := p.Str(value)
		number, isNumber := p.Int(value)
		switch name {
		case "user", "uid":
			if s == "root" || s == "0" || isNumber && number == 0 {
				p.Report(n, rootSaid)
			}
		case "umask":
			if isNumber && number&0o002 == 0 {
				p.Report(n, "Files that the server makes may be changed by every account of the machine.")
			}
		}
	case *ast.Call:
		if f, ok := n.Func.(*ast.Attribute); ok && f.Attr == "setdefault" && len(n.Args) == 2 && p.Is(f.Value, "os.environ") {
			if s, ok := p.Str(n.Args[0]); ok && s == "C_FORCE_ROOT" {
				p.Report(n, forcedSaid).ForAudit(conf.Dev(p, n))
			}
		}
	}
}

// isUwsgi says whether a file is a configuration of uWSGI.
func isUwsgi(file string) bool {
	b := strings.ToLower(path.Base(file))
	return strings.HasSuffix(b, ".ini") && strings.Contains(b, "uwsgi")
}

func rootDocs(file string) bool { return isUwsgi(file) || hasCommands(file) }

// An option is a line of a file in the form of .ini.
type option struct {
	name, value string
	at          source.Span
}

// uwsgi are the options of a configuration of uWSGI.
func uwsgi(d *rule.Doc) (out []option) {
	for n := 1; n <= min(d.Lines(), 2000); n++ {
		line := d.Line(n)
		if i := strings.IndexAny(line, "#;"); i == 0 || i > 0 && line[i-1] == ' ' {
			line = line[:i]
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		start := d.Offset(n)
		out = append(out, option{strings.TrimSpace(name), strings.TrimSpace(value), source.Span{Start: start, End: start + source.Pos(len(strings.TrimRight(line, " \t\r")))}})
	}
	return out
}

func serverAsRootDoc(p *rule.DocPass) {
	if isUwsgi(p.Path) {
		for _, o := range uwsgi(p.Doc) {
			if o.name == "uid" && (o.value == "root" || o.value == "0") {
				p.ReportSpan(o.at, rootSaid).ForAudit(forDevelopers(p.Path))
			}
		}
		return
	}
	if shell.Image(p.Path) {
		imageAsRoot(p)
	}
	for _, v := range environment(p.Doc) {
		if v.name == "C_FORCE_ROOT" && switchedOn(v.value) {
			p.ReportSpan(v.at, forcedSaid).ForAudit(onRequest(p.Doc, v.at))
		}
	}
}
