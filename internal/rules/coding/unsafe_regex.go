package coding

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/python/regex"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// UnsafeRegex reads constant patterns and looks for a text that they choke on.
var UnsafeRegex = rule.Check{Called: unsafeRegex}

// A patternCall says where a function has its pattern, its flags and its text; -1 is for
// by keyword only, or never.
type patternCall struct {
	keyword           string
	at, flags, string int
	full              bool // all of the text must fit
}

// patternCalls are those of the page. Module regex is another engine; so is pydantic's for
// pattern=, which takes linear time: only the old regex= asks re, and a model that says so.
var patternCalls = map[string]patternCall{
	"re.compile": {"pattern", 0, 1, -1, false}, "re.match": {"pattern", 0, 2, 1, false}, "re.search": {"pattern", 0, 2, 1, false},
	"re.fullmatch": {"pattern", 0, 2, 1, true}, "re.findall": {"pattern", 0, 2, 1, false}, "re.finditer": {"pattern", 0, 2, 1, false},
	"re.sub": {"pattern", 0, 4, 2, false}, "re.subn": {"pattern", 0, 4, 2, false}, "re.split": {"pattern", 0, 3, 1, false},
	"django.core.validators.RegexValidator": {"regex", 0, 4, -1, false}, "django.forms.RegexField": {"regex", 0, -1, -1, false},
	"rest_framework.serializers.RegexField": {"regex", 0, -1, -1, false},
	"django.urls.re_path":                   {"route", 0, -1, -1, false}, "django.conf.urls.url": {"regex", 0, -1, -1, false},
	"wtforms.validators.Regexp": {"regex", 0, 1, -1, false}, "marshmallow.validate.Regexp": {"regex", 0, 1, -1, false},
	"attr.validators.matches_re": {"regex", 0, 1, -1, true}, "attrs.validators.matches_re": {"regex", 0, 1, -1, true},
	"pydantic.constr": {"regex", -1, -1, -1, false}, "pydantic.Field": {"regex", -1, -1, -1, false},
}

func unsafeRegex(p *rule.Pass, c *ast.Call, name string) {
	know := patternCalls[name]
	e, _ := args.Get(p.Unit, c, know.at, know.keyword)
	if class := p.Class(c); e == nil && strings.HasPrefix(name, "pydantic.") && class != nil && strings.Contains(p.Text(class), "python-re") {
		e, _ = args.Keyword(p.Unit, c, "pattern") // regex_engine="python-re"
	}
	v, ok := p.Const(e)
	if !ok || v.Kind != ast.Str && v.Kind != ast.Bytes || !strings.ContainsAny(v.Str, "*+{") {
		return
	}
	flagged, hidden := args.Get(p.Unit, c, know.flags, "flags")
	flags, ok := regexFlags(p, flagged, 0)
	if hidden || !ok {
		return
	}
	if v.Kind == ast.Bytes {
		flags |= regex.Bytes
	}
	r, err := regex.Parse(v.Str, flags)
	if err != nil {
		return
	}
	w, found := r.Explosive(know.full)
	inFull := false // only where all of the text must fit
	if !found && !know.full && name == "re.compile" && usedInFull(p, c) {
		w, found = r.Explosive(true)
		inFull = true
	}
	if !found {
		return
	}
	f := p.Report(e, "This pattern takes %s with each further %q in a text such as %q.", longer(w.Growth), w.Pump, sample(w)).
		ForAudit(know.string > 0 && fixedText(p, c, know.string))
	if name == "re.compile" {
		if constant, use := firstMatch(p, c, inFull); use != nil {
			f.Message = "The pattern " + constant + strings.TrimPrefix(f.Message, "This pattern")
			f.Move(use).Because(e, "the pattern is written here")
		}
	}
}

// firstMatch is the first call in the file that holds a text that is no constant against the pattern
// which c compiles into a name of the module, with that name; or nil.
func firstMatch(p *rule.Pass, c *ast.Call, full bool) (name string, use *ast.Call) {
	var e ast.Expr
	switch up := p.Parent(c).(type) {
	case *ast.Assign:
		if len(up.Targets) == 1 && p.Function(up) == nil && p.Class(up) == nil {
			e = up.Targets[0]
		}
	case *ast.AnnAssign:
		if p.Function(up) == nil && p.Class(up) == nil {
			e = up.Target
		}
	}
	constant, ok := e.(*ast.Name)
	if !ok {
		return "", nil
	}
	for n := range p.Tree.Of(ast.KindCall) {
		x := n.(*ast.Call)
		f, ok := x.Func.(*ast.Attribute)
		if !ok || full && f.Attr != "fullmatch" {
			continue
		}
		at := 0
		switch f.Attr {
		case "match", "search", "fullmatch", "findall", "finditer", "split":
		case "sub", "subn":
			at = 1
		default:
			continue
		}
		of, ok := f.Value.(*ast.Name)
		if !ok || of.Ident != constant.Ident || !p.Live(x) || use != nil && use.Start() < x.Start() {
			continue
		}
		if text := program.Arg(x, at, "string"); text != nil && !p.IsConst(text) && slices.Contains(p.Values(of), ast.Expr(c)) {
			use = x
		}
	}
	return constant.Ident, use
}

// regexFlags reads re.I | re.X and the like. Unknown flags are no answer.
func regexFlags(p *rule.Pass, e ast.Expr, depth int) (f regex.Flags, ok bool) {
	if e == nil {
		return 0, true
	}
	if depth > 8 {
		return 0, false
	}
	if b, is := e.(*ast.BinOp); is && b.Op == ast.BitOr {
		l, lok := regexFlags(p, b.Left, depth+1)
		r, rok := regexFlags(p, b.Right, depth+1)
		return l | r, lok && rok
	}
	if n, ok := p.Int(e); ok {
		for i, v := range [...]int{2, 8, 16, 64, 256} {
			if n&v != 0 {
				f |= 1 << i
			}
		}
		return f, true
	}
	switch args.Last(p.Name(e)) {
	case "I", "IGNORECASE":
		return regex.IgnoreCase, true
	case "M", "MULTILINE":
		return regex.MultiLine, true
	case "S", "DOTALL":
		return regex.DotAll, true
	case "X", "VERBOSE":
		return regex.Verbose, true
	case "A", "ASCII":
		return regex.ASCII, true
	case "U", "UNICODE", "L", "LOCALE", "DEBUG", "NOFLAG":
		return 0, true
	}
	if v := p.Values(e); len(v) == 1 && v[0] != e {
		return regexFlags(p, v[0], depth+1)
	}
	return 0, false
}

// usedInFull says whether the file asks the pattern that c compiles for fullmatch.
func usedInFull(p *rule.Pass, c *ast.Call) bool {
	var name string
	switch up := p.Parent(c).(type) {
	case *ast.Attribute:
		return up.Attr == "fullmatch"
	case *ast.Assign:
		if len(up.Targets) == 1 {
			name = lastName(up.Targets[0])
		}
	case *ast.AnnAssign:
		name = lastName(up.Target)
	}
	if name == "" {
		return false
	}
	for n := range p.Tree.Of(ast.KindAttribute) {
		if a := n.(*ast.Attribute); a.Attr == "fullmatch" && lastName(a.Value) == name {
			return true
		}
	}
	return false
}

// fixedText says whether the text that is searched is a constant.
func fixedText(p *rule.Pass, c *ast.Call, at int) bool {
	e := program.Arg(c, at, "string")
	return e != nil && p.IsConst(e)
}

func longer(growth float64) string {
	switch {
	case growth < 1.85:
		return "half as long again"
	case growth < 2.5:
		return "twice as long"
	}
	return fmt.Sprintf("%.0f times as long", growth)
}

// sample is an attack, short enough for a message.
func sample(w regex.Witness) string {
	n := 4
	for n < 12 && len(w.Text(n+1)) <= 20 {
		n++
	}
	if n > 8 {
		n = 8
	}
	return w.Text(n)
}
