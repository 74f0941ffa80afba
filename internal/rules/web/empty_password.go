package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// EmptyPassword looks for texts without a letter that become passwords: written at the call,
// by a default, or by what is taken where a form has no such field.
var EmptyPassword = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: emptyPassword}

func emptyPassword(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	if len(c.Args) == 0 {
		return
	}
	django := false // None is an account without a password there
	switch args.Callee(c) {
	case "set_password":
		if _, ok := c.Func.(*ast.Attribute); !ok || len(c.Args) != 1 || !p.Imports("django", "flask", "quart", "fastapi", "starlette") {
			return
		}
		django = p.Imports("django")
	case "make_password":
		if !p.Is(c.Func, "django.contrib.auth.hashers.make_password") {
			return
		}
		django = true
	case "generate_password_hash", "hash_password", "hash", "hashpw":
		if !hashes(p, c) {
			return
		}
	default:
		return
	}
	given := c.Args[0]
	if m, ok := given.(*ast.Call); ok && args.Callee(m) == "encode" { // bcrypt.hashpw(password.encode(), …)
		if f, ok := m.Func.(*ast.Attribute); ok {
			given = f.Value
		}
	}
	e := empty(p, given)
	if e == nil || asked(p, c, given) {
		return
	}
	f := p.Report(e, "Whoever sends an empty password can log in.")
	if p.Function(e) == p.Function(c) && e != given {
		f.Because(c, "it becomes the password here")
	}
	if django {
		f.ReviewFix("have no password", p.Replace(e, "None"))
	} else {
		f.Advise("no hash at all, or refuse an empty text first")
	}
}

// hashes says whether a call makes the hash of a password that is kept.
func hashes(p *rule.Pass, c *ast.Call) bool {
	return p.Is(c.Func, "werkzeug.security.generate_password_hash", "flask_bcrypt.Bcrypt().generate_password_hash", "flask_bcrypt.generate_password_hash", "flask_security.hash_password", "flask_security.utils.hash_password",
		"passlib.context.CryptContext().hash", "argon2.PasswordHasher().hash", "pwdlib.PasswordHash().hash", "pwdlib.PasswordHash.recommended().hash", "bcrypt.hashpw") ||
		slices.ContainsFunc(p.Names(c.Func), func(n string) bool { return strings.HasPrefix(n, "passlib.hash.") && strings.HasSuffix(n, ".hash") })
}

// empty is the "" that e can be.
func empty(p *rule.Pass, e ast.Expr) ast.Expr {
	if blank(e) {
		return e
	}
	n, ok := e.(*ast.Name)
	if !ok {
		return orEmpty(e)
	}
	if f := p.Function(e); f != nil {
		d := defaultOf(f.Args, n.Ident)
		if c, ok := d.(*ast.Call); ok && p.Is(c.Func, "fastapi.Form", "fastapi.Body", "fastapi.Query") {
			d = program.Arg(c, 0, "default")
		}
		if d != nil && blank(d) {
			return d
		}
	}
	for _, v := range p.Values(e) {
		if blank(v) {
			return v
		}
		if d := orEmpty(v); d != nil {
			return d
		}
	}
	return nil
}

// orEmpty is the second argument of x.get("password", "").
func orEmpty(e ast.Expr) ast.Expr {
	c, ok := e.(*ast.Call)
	if !ok || len(c.Args) != 2 || args.Callee(c) != "get" || !blank(c.Args[1]) {
		return nil
	}
	return c.Args[1]
}

func blank(e ast.Expr) bool {
	s, ok := ast.IsStr(e)
	return ok && s.Str() == ""
}

// defaultOf is the default of a parameter.
func defaultOf(a *ast.Arguments, name string) ast.Expr {
	list := append(append([]*ast.Arg{}, a.Posonlyargs...), a.Args...)
	for i, q := range list {
		if at := i - (len(list) - len(a.Defaults)); q.Arg == name && at >= 0 {
			return a.Defaults[at]
		}
	}
	for i, q := range a.Kwonlyargs {
		if q.Arg == name && i < len(a.KwDefaults) {
			return a.KwDefaults[i]
		}
	}
	return nil
}

// asked says whether the function asks anything of the password: whether it is there, how
// long it is, what a validator says.
func asked(p *rule.Pass, c *ast.Call, e ast.Expr) bool {
	n, ok := e.(*ast.Name)
	f := p.Function(c)
	if !ok || f == nil {
		return false
	}
	found := false
	var named func(n ast.Node) bool
	named = func(x ast.Node) bool {
		if m, ok := x.(*ast.Name); ok && m.Ident == n.Ident {
			return true
		}
		yes := false
		ast.Children(x, func(y ast.Node) { yes = yes || named(y) })
		return yes
	}
	var visit func(x ast.Node)
	visit = func(x ast.Node) {
		switch x := x.(type) {
		case *ast.If:
			found = found || named(x.Test)
		case *ast.IfExp:
			found = found || named(x.Test)
		case *ast.While:
			found = found || named(x.Test)
		case *ast.Assert:
			found = found || named(x.Test)
		case *ast.Call:
			if w := args.Callee(x); strings.Contains(w, "valid") || strings.Contains(w, "check") || strings.Contains(w, "strength") {
				found = found || len(x.Args) > 0 && named(x.Args[0]) // validate_password(password)
			}
		}
		if !found {
			ast.Children(x, visit)
		}
	}
	for _, s := range f.Body {
		visit(s)
	}
	return found
}
