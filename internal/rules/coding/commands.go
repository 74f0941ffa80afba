// Package coding has the Go parts of the rules about dangerous functions and patterns.
package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// What the rules about starting programs share.

// excerpt is a node's source on one line, short enough for a message.
func excerpt(p *rule.Pass, n ast.Node) string {
	s := strings.Join(strings.Fields(p.Text(n)), " ")
	if r := []rune(s); len(r) > 48 {
		s = string(r[:47]) + "…"
	}
	return s
}

// keyword is a keyword argument, also where it comes from a ** of a dictionary that is
// known; hidden says that there is a ** which is not.
func keyword(p *rule.Pass, c *ast.Call, name string) (value ast.Expr, hidden bool) {
	if k := program.Keyword(c, name); k != nil {
		return k.Value, false
	}
	for _, v := range p.Values(c.Func) { // partial(subprocess.run, shell=True)
		if made, ok := v.(*ast.Call); ok && p.Is(made.Func, "functools.partial") {
			if k := program.Keyword(made, name); k != nil {
				return k.Value, false
			}
		}
	}
	for _, k := range c.Keywords {
		if k.Arg != "" {
			continue
		}
		for _, v := range p.Values(k.Value) {
			switch d := v.(type) {
			case *ast.Dict:
				if v := text.Lookup(d, name); v != nil {
					return v, false
				}
			case *ast.Call:
				if p.Is(d.Func, "builtins.dict") {
					if k := program.Keyword(d, name); k != nil {
						return k.Value, false
					}
					continue
				}
				hidden = true
			default:
				hidden = true
			}
		}
	}
	return nil, hidden
}

// A switchState is what is known of shell=.
type switchState uint8

const (
	off switchState = iota
	maybe
	on
)

// shellState reads shell=, which Popen also takes as its ninth argument.
func shellState(p *rule.Pass, c *ast.Call) switchState {
	e, _ := keyword(p, c, "shell")
	if e == nil && len(c.Args) > 8 {
		e = program.Arg(c, 8, "")
	}
	if e == nil {
		return off
	}
	return truth(p, e)
}

// truth says whether e is true, false or unknown.
func truth(p *rule.Pass, e ast.Expr) switchState {
	switch d := e.(type) {
	case *ast.Dict:
		if len(d.Keys) == 0 {
			return off
		}
		return on
	case *ast.List:
		if len(d.Elts) == 0 {
			return off
		}
		return on
	}
	v, ok := p.Const(e)
	switch {
	case !ok:
		return maybe
	case v.True():
		return on
	}
	return off
}

// elements are those of a list or tuple display, followed through a name and through +.
func elements(p *rule.Pass, e ast.Expr) ([]ast.Expr, bool) { return elementsDepth(p, e, 0) }

func elementsDepth(p *rule.Pass, e ast.Expr, depth int) ([]ast.Expr, bool) {
	if depth > 20 { // a, b = b, a
		return nil, false
	}
	if list, ok := ast.Elements(e); ok {
		return list, true
	}
	switch e := e.(type) {
	case *ast.BinOp:
		if e.Op == ast.Add {
			if l, ok := elementsDepth(p, e.Left, depth+1); ok {
				if r, ok := elementsDepth(p, e.Right, depth+1); ok {
					return append(l[:len(l):len(l)], r...), true
				}
				return append(l[:len(l):len(l)], e.Right), true
			}
		}
	case *ast.Name:
		if v := p.Values(e); len(v) == 1 && v[0] != ast.Expr(e) {
			return elementsDepth(p, v[0], depth+1)
		}
	}
	return nil, false
}

// quoters make one word of a text, for a POSIX shell.
var quoters = []string{"shlex.quote", "pipes.quote", "shlex.join", "django.utils.text.shell_quote", "mslex.quote", "oslex.quote", "shellescape.quote"}

// quoted says whether e is text that was quoted for a shell.
func quoted(p *rule.Pass, e ast.Expr) bool { return quotedDepth(p, e, 0) }

func quotedDepth(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 6 {
		return false
	}
	switch e := e.(type) {
	case *ast.Call:
		if p.Is(e.Func, quoters...) {
			return true
		}
		if p.Is(e.Func, "builtins.map") && len(e.Args) == 2 && p.Is(e.Args[0], quoters...) {
			return true
		}
		if p.Is(e.Func, "builtins.str", "builtins.list", "builtins.tuple") && len(e.Args) == 1 {
			return quotedDepth(p, e.Args[0], depth+1)
		}
	case *ast.ListComp:
		return quotedDepth(p, e.Elt, depth+1)
	case *ast.GeneratorExp:
		return quotedDepth(p, e.Elt, depth+1)
	case *ast.Name:
		v := p.Values(e)
		if len(v) == 1 && v[0] == ast.Expr(e) {
			return drawnQuoted(p, e, depth)
		}
		for _, x := range v {
			if !p.IsConst(x) && !quotedDepth(p, x, depth+1) {
				return false
			}
		}
		return len(v) > 0
	}
	return false
}

// drawnQuoted: for x in map(shlex.quote, names), or in [shlex.quote(n) for n in names].
func drawnQuoted(p *rule.Pass, n *ast.Name, depth int) bool {
	binds := p.Bindings(n)
	for _, b := range binds {
		var iter ast.Expr
		switch b := b.(type) {
		case *ast.For:
			iter = b.Iter
		case *ast.Comprehension:
			iter = b.Iter
		}
		if iter == nil || !quotedDepth(p, iter, depth+1) {
			return false
		}
	}
	return len(binds) > 0
}

// A command is what a shell is given.
type command struct {
	text  *text.Text
	free  []text.Part // what could be anything
	inner ast.Expr    // a quoted part that stands inside quotes again, which undoes it
	held  bool        // some part stands inside quotes
}

// judge takes a shell command apart.
func judge(p *rule.Pass, e ast.Expr) command {
	c := command{text: text.Split(p.Unit, e)}
	quote := byte(0)
	for _, part := range c.text.Parts {
		if part.Expr != nil {
			c.held = c.held || quote != 0
			if quote != 0 && quoted(p, part.Expr) {
				c.inner = part.Expr
			}
			continue
		}
		for i := 0; i < len(part.Const); i++ {
			switch ch := part.Const[i]; {
			case ch == '\\' && quote != '\'':
				i++
			case quote == 0 && (ch == '\'' || ch == '"'):
				quote = ch
			case ch == quote:
				quote = 0
			}
		}
	}
	c.free = c.text.Free(p.Unit, func(e ast.Expr) bool { return quoted(p, e) })
	return c
}

// words takes a command apart as a shell would, if there is nothing for a shell to do in
// it but to split it: each word as Python source.
func (c *command) words(p *rule.Pass) ([]string, bool) {
	if c.text.Aug || !inline(c.text.At) {
		return nil, false
	}
	var words []string
	var word []text.Part
	flush := func() {
		if len(word) > 0 {
			words = append(words, written(p, word))
			word = nil
		}
	}
	for _, part := range c.text.Parts {
		if part.Expr != nil {
			word = append(word, part)
			continue
		}
		if strings.ContainsAny(part.Const, "|&;<>()$`\\\"'*?[]{}~#!%\n\r") {
			return nil, false
		}
		s := part.Const
		for s != "" {
			if i := strings.IndexAny(s, " \t"); i >= 0 {
				if i > 0 {
					word = append(word, text.Part{Const: s[:i]})
				}
				flush()
				s = strings.TrimLeft(s[i:], " \t")
				continue
			}
			word = append(word, text.Part{Const: s})
			s = ""
		}
	}
	flush()
	if len(words) == 0 || strings.Contains(words[0], "=") {
		return nil, false
	}
	return words, true
}

// quoteParts offers to quote what is put into a command, where that is all it needs.
func (c *command) quoteParts(p *rule.Pass, f *rule.Found) {
	if len(f.Edits) > 0 || !c.text.Built || c.text.Aug || c.held || c.inner != nil || len(c.text.Parts) == 0 || c.text.Parts[0].Expr != nil {
		return
	}
	at := c.text.At.Span()
	var edits []rule.Edit
	done := map[ast.NodeID]bool{}
	for _, part := range c.free {
		s := part.Expr.Span()
		_, name := part.Expr.(*ast.Name)
		_, attr := part.Expr.(*ast.Attribute)
		_, sub := part.Expr.(*ast.Subscript)
		if s.Start < at.Start || s.End > at.End || !name && !attr && !sub {
			return
		}
		switch p.Parent(part.Expr).(type) {
		case *ast.FormattedValue, *ast.BinOp, *ast.Tuple, *ast.Call:
		default:
			return // an element of something that is joined
		}
		if !done[part.Expr.ID()] {
			done[part.Expr.ID()] = true
			edits = append(edits, p.Replace(part.Expr, "shlex.quote("+p.Text(part.Expr)+")"))
		}
	}
	if len(edits) > 0 {
		f.ReviewFix("quote what is put into the command", append(edits, p.ImportModule("shlex"))...)
	}
}

// inline says that the text is an expression whose holes can be moved without changing
// what they mean: an f-string, or one built with + or % or format where it stands.
func inline(e ast.Expr) bool {
	switch e.(type) {
	case *ast.JoinedStr, *ast.BinOp, *ast.Constant:
		return true
	}
	return false
}

// written gives a word as Python.
func written(p *rule.Pass, word []text.Part) string {
	if len(word) == 1 && word[0].Expr != nil {
		e := word[0].Expr
		if c, ok := e.(*ast.Call); ok && p.Is(c.Func, quoters...) && len(c.Args) == 1 {
			e = c.Args[0] // a list needs no quoting
		}
		if !text.Movable(e) {
			return "\x00"
		}
		return p.Text(e)
	}
	var b strings.Builder
	f := false
	for _, w := range word {
		if w.Expr == nil {
			b.WriteString(w.Const)
			continue
		}
		e := w.Expr
		if c, ok := e.(*ast.Call); ok && p.Is(c.Func, quoters...) && len(c.Args) == 1 {
			e = c.Args[0]
		}
		src := p.Text(e)
		f = true
		if strings.ContainsAny(src, "\"\\\n{}") {
			src = "" // a nested quote needs Python 3.12: give up below
			b.WriteString("\x00")
		}
		b.WriteString("{" + src + "}")
	}
	s := `"` + b.String() + `"`
	if f {
		s = "f" + s
	}
	return s
}

// list writes words as a list display, or "" where that is not possible.
func list(words []string) string {
	s := "[" + strings.Join(words, ", ") + "]"
	if strings.Contains(s, "\x00") || strings.Contains(s, "\n") || len(s) > 300 {
		return ""
	}
	return s
}

// outside says whether e is read from a person or a request right there.
func outside(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		for _, n := range p.Names(v) {
			for _, o := range []string{"builtins.input()", "flask.request.", "bottle.request.", "sanic.request.", "cherrypy.request."} {
				if strings.HasPrefix(n, o) {
					return true
				}
			}
		}
	}
	return args.Sent(p.Unit, e)
}

// shells are programs that read a command from the argument after one of their options.
var shells = map[string]bool{
	"sh": true, "bash": true, "dash": true, "zsh": true, "ksh": true, "ash": true, "fish": true, "cmd": true, "cmd.exe": true,
	"powershell": true, "powershell.exe": true, "pwsh": true, "su": true, "busybox": false,
}

// scripted returns the command of ["sh", "-c", command], and the shell's name.
func scripted(p *rule.Pass, args []ast.Expr) (ast.Expr, string) {
	shell := ""
	for i, a := range args {
		s, ok := p.Str(a)
		if !ok {
			if shell == "" && i == 0 {
				continue // a path to something, perhaps sudo
			}
			if shell != "su" {
				shell = ""
			}
			continue
		}
		base := strings.ToLower(s[strings.LastIndexAny(s, `/\`)+1:])
		switch {
		case shells[base] || shell != "su" && shells[base]:
			shell = base
		case shell != "" && i+1 < len(args) && runs(shell, s):
			return args[i+1], shell
		case shell != "" && !strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "/") && shell != "su":
			shell = "" // a script with its arguments
		}
	}
	return nil, ""
}

// runs says whether an option of a shell takes a command.
func runs(shell, opt string) bool {
	switch shell {
	case "cmd", "cmd.exe":
		return strings.EqualFold(opt, "/c") || strings.EqualFold(opt, "/k")
	case "powershell", "powershell.exe", "pwsh":
		return strings.EqualFold(opt, "-c") || strings.EqualFold(opt, "-command")
	case "su":
		return opt == "-c" || opt == "--command"
	}
	return len(opt) > 1 && opt[0] == '-' && opt[1] != '-' && strings.HasSuffix(opt, "c")
}
