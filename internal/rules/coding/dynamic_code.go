package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// What EvalOfText and ExecOfText share: what is known of the text that is run.

// A code is text that is about to run.
type code struct {
	expr  ast.Expr // as given, or what compile was given
	text  *text.Text
	free  []text.Part
	fixed bool // nobody but the program's authors wrote it
	away  bool // it comes from outside
}

// codeOf looks through compile, dedent and the like.
func codeOf(p *rule.Pass, e ast.Expr) code {
	e = sourceText(p, e, 0)
	c := code{expr: e, text: text.Split(p.Unit, e)}
	c.away = foreign(p, e, 0) || outside(p, e)
	c.fixed = !c.away && (text.Fixed(p.Unit, e) || ownFile(p, e, 0))
	if !c.fixed {
		c.free = c.text.Free(p.Unit, nil)
		c.fixed = !c.away && len(c.free) == 0 && c.text.Built
	}
	return c
}

// sourceText is the text behind a code object.
func sourceText(p *rule.Pass, e ast.Expr, depth int) ast.Expr {
	if depth > 6 {
		return e
	}
	for _, v := range p.Values(e) {
		if c, ok := v.(*ast.Call); ok && len(c.Args) > 0 && p.Is(c.Func, "builtins.compile", "textwrap.dedent", "builtins.str", "inspect.cleandoc", "ast.parse", "codeop.compile_command") {
			return sourceText(p, c.Args[0], depth+1)
		}
		if f, ok := v.(*ast.Call); ok && len(p.Values(e)) == 1 {
			if a, ok := f.Func.(*ast.Attribute); ok && (a.Attr == "strip" || a.Attr == "encode" || a.Attr == "decode" || a.Attr == "lower") {
				return sourceText(p, a.Value, depth+1)
			}
		}
	}
	return e
}

// ownFile says whether e is the content of a file that the program names itself.
func ownFile(p *rule.Pass, e ast.Expr, depth int) bool {
	if e == nil || depth > 5 {
		return false
	}
	values := p.Values(e)
	for _, v := range values {
		c, ok := v.(*ast.Call)
		if !ok {
			return false
		}
		if p.Is(c.Func, "pkgutil.get_data", "importlib.resources.read_text", "importlib.resources.read_binary", "inspect.getsource") {
			continue
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok {
			return false
		}
		switch f.Attr {
		case "read", "read_text", "read_bytes", "decode", "get_source", "get_code":
		default:
			return false
		}
		if !ownPath(p, f.Value, depth+1) && !ownFile(p, f.Value, depth+1) {
			return false
		}
	}
	return len(values) > 0
}

// ownPath says whether e is a file, or the name of one, that the program chose itself: a
// constant, or one beside the code.
func ownPath(p *rule.Pass, e ast.Expr, depth int) bool {
	if e == nil || depth > 6 {
		return false
	}
	if text.Fixed(p.Unit, e) {
		return true
	}
	for _, w := range withs(p, e) {
		return ownPath(p, w, depth+1)
	}
	values := p.Values(e)
	for _, v := range values {
		switch v := v.(type) {
		case *ast.Call:
			if len(v.Args) == 0 && len(v.Keywords) == 0 {
				if f, ok := v.Func.(*ast.Attribute); ok && (f.Attr == "resolve" || f.Attr == "open" || f.Attr == "absolute") && ownPath(p, f.Value, depth+1) {
					continue
				}
				return false
			}
			if f, ok := v.Func.(*ast.Attribute); ok && (f.Attr == "open" || f.Attr == "joinpath") && ownPath(p, f.Value, depth+1) {
				continue
			}
			if !p.Is(v.Func, "builtins.open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "os.path.join", "os.path.dirname", "os.path.abspath", "os.path.realpath", "pathlib.Path", "os.path.expanduser", "importlib.resources.files",
				"importlib.resources.open_text", "importlib.resources.open_binary", "tokenize.open") {
				return false
			}
			for _, a := range v.Args {
				if !ownPath(p, a, depth+1) {
					return false
				}
				if !p.Is(v.Func, "os.path.join", "pathlib.Path") {
					break
				}
			}
		case *ast.Name:
			if v.Ident != "__file__" {
				return false
			}
		case *ast.Attribute:
			if v.Attr != "parent" && v.Attr != "__file__" || v.Attr == "parent" && !ownPath(p, v.Value, depth+1) {
				return false
			}
		case *ast.Subscript:
			a, ok := v.Value.(*ast.Attribute)
			if !ok || a.Attr != "parents" || !ownPath(p, a.Value, depth+1) {
				return false
			}
		case *ast.BinOp:
			if !ownPath(p, v.Left, depth+1) || !ownPath(p, v.Right, depth+1) {
				return false
			}
		default:
			return false
		}
	}
	return len(values) > 0
}

// withs returns the context managers that the name e stands for.
func withs(p *rule.Pass, e ast.Expr) []ast.Expr {
	n, ok := e.(*ast.Name)
	if !ok {
		return nil
	}
	var out []ast.Expr
	for _, b := range p.Bindings(n) {
		w, ok := b.(*ast.With)
		if !ok || w.Start() > n.Start() || w.End() < n.End() {
			continue
		}
		for _, i := range w.Items {
			if v, ok := i.OptionalVars.(*ast.Name); ok && v.Ident == n.Ident {
				out = append(out, i.ContextExpr)
			}
		}
	}
	return out
}

// emptied says whether the call tries to make code harmless by taking its builtins away.
func emptied(p *rule.Pass, c *ast.Call) bool {
	g := program.Arg(c, 1, "globals")
	if g == nil {
		return false
	}
	for _, v := range p.Values(g) {
		if d, ok := v.(*ast.Dict); ok {
			for _, k := range d.Keys {
				if s, ok := p.Str(k); ok && s == "__builtins__" {
					return true
				}
			}
		}
	}
	return false
}

// runsCode reports a call that runs text as code.
func runsCode(p *rule.Pass, c *ast.Call, fn string, e ast.Expr) *rule.Found {
	if e == nil {
		return p.Report(c, "%s runs text as code.", fn).ForAudit(true).With(finding.Low, finding.LowConfidence)
	}
	k := codeOf(p, e)
	switch {
	case console(p, c):
		return p.Report(c, "%s is what a console of the program is for.", fn).ForAudit(true).With(finding.Low, finding.LowConfidence)
	case builtTree(p, k.expr), p.Is(e, "types.CodeType()"):
		return p.Report(c, "%s runs code that is compiled already.", fn).ForAudit(true).With(finding.Low, finding.MediumConfidence)
	case k.fixed || args.IsNone(p.Unit, e):
		return p.Report(c, "%s runs a text of the program's own as code.", fn).ForAudit(true).With(finding.Low, finding.HighConfidence)
	case k.away:
		return p.Report(c, "%s runs what comes from outside as code.", fn).With(finding.Critical, finding.HighConfidence)
	case emptied(p, c):
		return p.Report(c, "%s without builtins is no cage: every object leads back to them.", fn)
	case k.text.Built && len(k.free) > 0:
		f := p.Report(c, "%s runs code with %s in it.", fn, parts(p, k.free))
		if k.text.At != e {
			f.Because(k.text.At, "the code is put together here")
		}
		return f
	}
	f := p.Report(c, "%s runs whatever %s says.", fn, excerpt(p, e))
	if fileText(p, k.expr) {
		f.Message = fn + " runs whatever stands in the file."
		f.With(finding.Medium, finding.MediumConfidence)
	}
	return f
}

// console says whether the call stands in a class that is an interpreter for a person.
func console(p *rule.Pass, c *ast.Call) bool {
	cls := p.Class(c)
	if cls == nil {
		return false
	}
	for _, b := range cls.Bases {
		if p.Is(b, "code.InteractiveInterpreter", "code.InteractiveConsole", "bdb.Bdb", "pdb.Pdb", "cmd.Cmd") {
			return true
		}
	}
	return false
}

// builtTree says whether what is compiled is a syntax tree put together from nodes, and
// not text.
func builtTree(p *rule.Pass, e ast.Expr) bool {
	for _, n := range p.Names(e) {
		if strings.HasPrefix(n, "ast.") && strings.HasSuffix(n, "()") {
			return true
		}
	}
	return false
}

// fileText says whether e is what an open file holds.
func fileText(p *rule.Pass, e ast.Expr) bool {
	values := p.Values(e)
	for _, v := range values {
		c, ok := v.(*ast.Call)
		if !ok {
			return false
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok || f.Attr != "read" && f.Attr != "read_text" && f.Attr != "read_bytes" || len(c.Args) > 0 || foreign(p, c, 0) {
			return false
		}
	}
	return len(values) > 0
}

// subscripted says whether __builtins__["name"] is what a callee is.
func subscripted(p *rule.Pass, f ast.Expr, name string) bool {
	for _, v := range p.Values(f) {
		if s, ok := v.(*ast.Subscript); ok {
			if k, ok := p.Str(s.Slice); ok && k == name {
				return true
			}
		}
	}
	return false
}

// lateName cuts "builtins.eval" down to eval.
func lateName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
