package web

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// PasswordUnchecked looks for passwords that go from a request into an account, in files
// that know nothing of Django's validators, into a hash where nothing else is asked of them, and
// for forms of WTForms and models of Pydantic in which a new password may be of any length.
var PasswordUnchecked = rule.Check{Kinds: []ast.Kind{ast.KindCall, ast.KindAnnAssign}, Visit: passwordUnchecked}

func passwordUnchecked(p *rule.Pass, n ast.Node) {
	if a, ok := n.(*ast.AnnAssign); ok {
		passwordOfModel(p, a)
		return
	}
	c := n.(*ast.Call)
	if args.Callee(c) == "PasswordField" {
		passwordOfForm(p, c)
		return
	}
	switch args.Callee(c) {
	case "generate_password_hash", "hash_password", "hash", "hashpw":
		if len(c.Args) > 0 && hashes(p, c) {
			passwordHashed(p, c)
		}
		return
	}
	if args.Callee(c) != "set_password" || len(c.Args) != 1 || !p.Imports("django", "rest_framework") {
		return
	}
	if _, ok := c.Func.(*ast.Attribute); !ok || bytes.Contains(p.File.Bytes, []byte("validate_password")) || bytes.Contains(p.File.Bytes, []byte("password_validation")) {
		return
	}
	for _, v := range p.Values(c.Args[0]) {
		if !ofRequest(p, v) || asked(p, c, c.Args[0]) {
			return
		}
	}
	p.Report(c, "The password comes from the request, and AUTH_PASSWORD_VALIDATORS are not asked.")
}

// passwordHashed judges a password that goes from a request of Flask, or from a parameter of a
// route of FastAPI, into the hash that is kept.
func passwordHashed(p *rule.Pass, c *ast.Call) {
	e := c.Args[0]
	if m, ok := e.(*ast.Call); ok && args.Callee(m) == "encode" {
		if f, ok := m.Func.(*ast.Attribute); ok {
			e = f.Value
		}
	}
	if asked(p, c, e) && boundedBy(p, c, e) || checksPasswords(p) {
		return
	}
	for _, v := range p.Values(e) {
		if !sentToFlask(p, v) && !formField(p, v) {
			return
		}
	}
	p.Report(c, "A new password may be a single letter: it comes from the request, and nothing is asked of it but that there is one.").Advise("if len(password) < 12: abort(400), or Form(min_length=12)")
}

// boundedBy says whether what a function asks of a password is more than that there is one.
func boundedBy(p *rule.Pass, c *ast.Call, e ast.Expr) bool {
	n, ok := e.(*ast.Name)
	f := p.Function(c)
	if !ok || f == nil {
		return false
	}
	bounded := false
	more := func(test ast.Expr) {
		switch x := test.(type) {
		case *ast.Name: // if password
		case *ast.UnaryOp:
			if _, plain := x.Operand.(*ast.Name); !plain {
				bounded = bounded || mentionsName(x, n.Ident)
			}
		case *ast.Compare: // password is None, password == "", password != again
			if len(x.Ops) == 1 {
				l, plain := x.Left.(*ast.Name)
				_, other := x.Comparators[0].(*ast.Name)
				if plain && (l.Ident == n.Ident || other) {
					return
				}
			}
			bounded = bounded || mentionsName(x, n.Ident)
		default:
			bounded = bounded || mentionsName(x, n.Ident)
		}
	}
	var tests func(e ast.Expr)
	tests = func(e ast.Expr) {
		if b, ok := e.(*ast.BoolOp); ok {
			for _, v := range b.Values {
				tests(v)
			}
			return
		}
		more(e)
	}
	p.Inside(f, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.If:
			tests(x.Test)
		case *ast.IfExp:
			tests(x.Test)
		case *ast.While:
			tests(x.Test)
		case *ast.Assert:
			tests(x.Test)
		case *ast.Call:
			if w := args.Callee(x); strings.Contains(w, "valid") || strings.Contains(w, "check") || strings.Contains(w, "strength") {
				bounded = bounded || len(x.Args) > 0 && mentionsName(x.Args[0], n.Ident)
			}
		}
		return !bounded
	})
	return bounded
}

func mentionsName(n ast.Node, name string) bool {
	if m, ok := n.(*ast.Name); ok {
		return m.Ident == name
	}
	found := false
	ast.Children(n, func(c ast.Node) { found = found || mentionsName(c, name) })
	return found
}

// sentToFlask says whether e reads a field of Flask's request as it came.
func sentToFlask(p *rule.Pass, e ast.Expr) bool {
	of := ast.Expr(nil)
	switch x := e.(type) {
	case *ast.Subscript:
		of = x.Value
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		if !ok || f.Attr != "get" {
			return false
		}
		of = f.Value
	default:
		return false
	}
	return slices.ContainsFunc(p.Values(of), func(v ast.Expr) bool {
		return p.Is(v, "flask.request.form", "flask.request.values", "flask.request.json", "flask.request.get_json()", "quart.request.form", "quart.request.get_json()", "quart.request.json")
	})
}

// formField says whether e is a parameter of a route of FastAPI that takes a text of any length.
func formField(p *rule.Pass, e ast.Expr) bool {
	n, ok := e.(*ast.Name)
	f := p.Function(e)
	if !ok || f == nil || !p.IsParameter(n) || !slices.ContainsFunc(f.DecoratorList, func(d ast.Expr) bool {
		c, ok := d.(*ast.Call)
		return ok && slices.ContainsFunc(p.Names(c.Func), func(s string) bool {
			return strings.HasPrefix(s, "fastapi.FastAPI().") || strings.HasPrefix(s, "fastapi.APIRouter().")
		})
	}) {
		return false
	}
	for _, a := range slices.Concat(f.Args.Args, f.Args.Kwonlyargs) {
		if a.Arg != n.Ident || a.Annotation == nil {
			continue
		}
		text := p.Text(a.Annotation)
		if d := defaultOf(f.Args, n.Ident); d != nil {
			text += p.Text(d)
		}
		return (strings.HasPrefix(text, "str") || strings.HasPrefix(text, "Annotated[str")) && !strings.Contains(text, "min_length") && !strings.Contains(text, "pattern") && !strings.Contains(text, "Depends") && !strings.Contains(text, "alidator")
	}
	return false
}

// ofRequest says whether e reads a field of a request as it came.
func ofRequest(p *rule.Pass, e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Subscript:
		e = x.Value
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		if !ok || f.Attr != "get" {
			return false
		}
		e = f.Value
	default:
		return false
	}
	t := p.Text(e)
	for _, w := range []string{"request.POST", "request.data", "request.GET"} {
		if strings.HasSuffix(t, w) {
			return true
		}
	}
	return false
}

// passwordOfForm judges a field of WTForms in a form for a new password.
func passwordOfForm(p *rule.Pass, c *ast.Call) {
	if !p.Is(c.Func, "wtforms.PasswordField", "wtforms.fields.PasswordField", "wtforms.fields.simple.PasswordField") || program.HasStar(c) {
		return
	}
	class := p.Class(c)
	a, ok := p.Parent(c).(*ast.Assign)
	if class == nil || !ok || !newPassword(class.Name) {
		return
	}
	t, ok := a.Targets[0].(*ast.Name)
	if !ok || otherPassword(t.Ident) {
		return
	}
	for _, s := range class.Body {
		if d, ok := s.(*ast.FunctionDef); ok && (d.Name == "validate" || d.Name == "validate_"+t.Ident) {
			return
		}
	}
	v := program.Arg(c, 1, "validators")
	if v != nil {
		l, ok := v.(*ast.List)
		if !ok {
			return
		}
		for _, e := range l.Elts {
			if x, ok := e.(*ast.Call); ok {
				e = x.Func
			}
			switch args.Last(p.Text(e)) {
			case "DataRequired", "InputRequired", "Required", "EqualTo", "Optional":
			default:
				return // it asks for something
			}
		}
	}
	if checksPasswords(p) {
		return
	}
	p.Report(c, "A new password may be a single letter: %s.%s asks for nothing but that there is one.", class.Name, t.Ident).Advise("validators=[DataRequired(), Length(min=12)]")
}

// passwordOfModel judges a field of Pydantic in a model for a new password.
func passwordOfModel(p *rule.Pass, a *ast.AnnAssign) {
	t, ok := a.Target.(*ast.Name)
	if !ok || a.Value != nil || !strings.Contains(t.Ident, "password") || otherPassword(t.Ident) || strings.Contains(t.Ident, "hash") {
		return
	}
	class := p.Class(a)
	if class == nil || p.Function(a) != nil || !newPassword(class.Name) || !p.Is(a.Annotation, "builtins.str", "pydantic.SecretStr") || len(class.Bases) == 0 {
		return
	}
	if text := p.Text(class); strings.Contains(text, "validator") || strings.Contains(text, "table=True") || !p.Imports("pydantic", "fastapi", "sqlmodel", "ninja") {
		return
	}
	if checksPasswords(p) {
		return
	}
	p.Report(a, "A new password may be a single letter: %s.%s asks for nothing but that there is one.", class.Name, t.Ident).Advise("%s: str = Field(min_length=12, max_length=128)", t.Ident)
}

// newPassword says whether a class of this name is for somebody who chooses a password.
func newPassword(class string) bool {
	words := secret.Words(class)
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	switch {
	case has("login", "signin", "response", "out", "read", "base", "db", "delete", "token", "private", "internal"):
		return false
	case has("register", "registration", "signup"), has("sign") && has("up"):
		return true
	case has("create", "new", "add") && has("user", "account", "customer", "member", "admin"):
		return true
	}
	return has("password") && has("reset", "change", "set", "new", "update")
}

// otherPassword says whether a field is for a password that is not the new one.
func otherPassword(name string) bool {
	for _, w := range []string{"confirm", "repeat", "again", "old", "current", "verify", "2", "retype"} {
		if strings.Contains(strings.ToLower(name), w) {
			return true
		}
	}
	return false
}

// checksPasswords says whether the program asks something of passwords in another place.
func checksPasswords(p *rule.Pass) bool {
	return conf.Mentions(p, "validate_password", "len(password", "zxcvbn", "password_strength", "PasswordPolicy", "check_password_strength", "password_min", "min_password", "PASSWORD_MIN", "MIN_PASSWORD", "PASSWORD_LENGTH", "password_length")
}
