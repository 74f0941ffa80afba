package files

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// PredictableTempName reports names without files, and offers the file.
var PredictableTempName = rule.Check{Called: tempName}

func tempName(p *rule.Pass, c *ast.Call, name string) {
	f := p.Report(c, "%s only names a file: before this program makes it, somebody else can put a link there.", name)
	if name != "tempfile.mktemp" || program.HasStar(c) {
		return
	}
	if outer := opened(p, c); outer != nil {
		f.Advise("tempfile.NamedTemporaryFile()").ReviewFix("open a file of that kind in one step", p.Replace(outer, namedFile(p, c, outer)), p.ImportModule("tempfile"))
		return
	}
	f.ReviewFix("make the file together with its name", p.Replace(c, "tempfile.mkstemp("+within(p, c)+")[1]"), p.ImportModule("tempfile"))
}

// opened returns the open that a name is directly given to, if it writes and has but a mode.
func opened(p *rule.Pass, c *ast.Call) *ast.Call {
	outer, ok := p.Parent(c).(*ast.Call)
	if !ok || len(outer.Args) == 0 || outer.Args[0] != ast.Expr(c) || !p.Is(outer.Func, "builtins.open", "io.open") || program.HasStar(outer) || len(outer.Args) > 2 {
		return nil
	}
	for _, k := range outer.Keywords {
		switch k.Arg {
		case "mode", "encoding", "newline", "errors":
		default:
			return nil
		}
	}
	if mode, ok := p.Str(program.Arg(outer, 1, "mode")); !ok || !strings.ContainsAny(mode, "wx+") {
		return nil
	}
	return outer
}

// namedFile is the call of NamedTemporaryFile that stands for open(mktemp(…), mode). The
// file stays when it is closed, as it did.
func namedFile(p *rule.Pass, c, outer *ast.Call) string {
	list := []string{p.Text(program.Arg(outer, 1, "mode"))}
	for _, k := range outer.Keywords {
		if k.Arg != "mode" {
			list = append(list, p.Text(k))
		}
	}
	for i, name := range [...]string{"suffix", "prefix", "dir"} {
		if v := program.Arg(c, i, name); v != nil {
			list = append(list, name+"="+p.Text(v))
		}
	}
	return "tempfile.NamedTemporaryFile(" + strings.Join(append(list, "delete=False"), ", ") + ")"
}

// within is the text of a call's arguments.
func within(p *rule.Pass, c *ast.Call) string {
	var list []string
	for _, a := range c.Args {
		list = append(list, p.Text(a))
	}
	for _, k := range c.Keywords {
		list = append(list, p.Text(k))
	}
	return strings.Join(list, ", ")
}
