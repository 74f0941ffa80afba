package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
)

// PasswordKeptReadable looks at logins: whoever compares the password that is sent with the one
// that is stored, or looks for a row that has it, has stored it as it is. Places that store one
// say less, since a model may hash what it is given.
var PasswordKeptReadable = rule.Check{Kinds: []ast.Kind{ast.KindCompare, ast.KindCall}, Visit: passwordKeptReadable}

const keptReadable = "The password that was sent is compared with the one that is stored, so it is stored as it is: whoever gets a copy of the database can log in as everybody, here and where people use the same one."

func passwordKeptReadable(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Compare:
		if len(n.Ops) != 1 || n.Ops[0] != ast.Eq && n.Ops[0] != ast.NotEq {
			return
		}
		left, right := n.Left, n.Comparators[0]
		if !storedPassword(p, left) {
			left, right = right, left
		}
		if storedPassword(p, left) && sentPassword(p, n, right) {
			reportReadable(p, n)
		}
	case *ast.Call:
		if k := program.Keyword(n, "password"); k != nil && keepsAsGiven(p, n) && fromRequest(p, n, k.Value) {
			p.Report(n, "The password is stored as it was sent: whoever gets a copy of the database can log in as everybody, here and where people use the same one.")
			return
		}
		switch args.Callee(n) {
		case "filter_by", "filter", "get", "first", "exists", "find_one", "get_or_none", "get_object_or_404":
		default:
			return
		}
		if f, ok := n.Func.(*ast.Attribute); ok && f.Attr != "filter_by" && f.Attr != "find_one" && !query(p, f.Value) && f.Attr != "get_or_none" {
			return
		}
		for _, k := range n.Keywords {
			if isPassword(k.Arg) && sentPassword(p, n, k.Value) {
				reportReadable(p, n)
				return
			}
		}
		for _, a := range n.Args { // find_one({"name": name, "password": password})
			d, ok := a.(*ast.Dict)
			if !ok {
				continue
			}
			for i, k := range d.Keys {
				if s, ok := p.Str(k); ok && k != nil && isPassword(s) && sentPassword(p, n, d.Values[i]) {
					reportReadable(p, n)
					return
				}
			}
		}
	}
}

func reportReadable(p *rule.Pass, n ast.Node) {
	if conf.Mentions(p, "PasswordType") {
		return // compares hashes with ==
	}
	for _, old := range p.Found { // one is enough of a function
		if p.Function(old.Node) == p.Function(n) {
			return
		}
	}
	p.Report(n, keptReadable)
}

// keepsAsGiven says whether a call makes an account whose password is what it is given: one of
// Django's by anything but create_user, or a row of a table in which nothing hashes.
func keepsAsGiven(p *rule.Pass, c *ast.Call) bool {
	for _, name := range p.Names(c.Func) {
		for _, user := range []string{"django.contrib.auth.get_user_model()", "django.contrib.auth.models.User"} {
			switch strings.TrimPrefix(name, user) {
			case "", ".objects.create", ".objects.get_or_create", ".objects.update_or_create":
				return strings.HasPrefix(name, user)
			}
		}
		if !p.Mine(name) || strings.Contains(name, "(") {
			continue
		}
		fields, column := p.Fields(name), false
		for _, kind := range fields["password"] {
			column = column || strings.HasSuffix(kind, "Column()") || strings.HasSuffix(kind, "mapped_column()") || strings.HasSuffix(kind, "orm.Mapped()")
		}
		for field := range fields {
			// Somebody sees to it, here or when the row is written.
			if field == "__init__" || hashing().MatchString(field) || isPassword(field) && field != "password" || strings.HasSuffix(field, "_password") {
				column = false
			}
		}
		if column {
			return true
		}
	}
	return false
}

// fromRequest says whether a password is here as a request has it. A parameter of that name may
// have been hashed by whoever calls.
func fromRequest(p *rule.Pass, at ast.Node, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		if n, ok := v.(*ast.Name); ok && p.IsParameter(n) {
			return false
		}
	}
	return sentPassword(p, at, e)
}

func isPassword(name string) bool {
	switch strings.ToLower(name) {
	case "password", "passwd", "pwd", "pass_word", "user_password", "userpassword", "password1":
		return true
	}
	return false
}

// storedPassword says whether e is the password of somebody that was looked up: user.password,
// User.password, user["password"].
func storedPassword(p *rule.Pass, e ast.Expr) bool {
	var of ast.Expr
	switch x := e.(type) {
	case *ast.Attribute:
		if !isPassword(x.Attr) {
			return false
		}
		of = x.Value
	case *ast.Subscript:
		s, ok := p.Str(x.Slice)
		if !ok || !isPassword(s) {
			return false
		}
		of = x.Value
	default:
		return false
	}
	switch x := of.(type) {
	case *ast.Name:
		return looksLikeUser(x.Ident) && !p.Is(x, "flask.session")
	case *ast.Attribute:
		return looksLikeUser(x.Attr) || x.Attr == "c"
	case *ast.Subscript: // USERS[name]["password"]
		if n, ok := x.Value.(*ast.Name); ok {
			l := strings.ToLower(n.Ident)
			return strings.Contains(l, "user") || strings.HasSuffix(l, "accounts") || strings.HasSuffix(l, "db")
		}
	}
	return false
}

// looksLikeUser says whether a name is that of an account.
func looksLikeUser(name string) bool {
	l := strings.ToLower(name)
	for _, w := range []string{"form", "data", "request", "input", "payload", "schema", "login_user", "body", "new", "create", "credential"} {
		if strings.Contains(l, w) {
			return false
		}
	}
	for _, w := range []string{"user", "account", "member", "customer", "admin", "student", "employee", "person", "teacher", "patient", "seller", "client"} {
		if strings.HasSuffix(l, w) || l == w+"s" {
			return true
		}
	}
	return l == "u" || l == "row" || l == "existing" || l == "db_user"
}

// hashing are words of functions in which somebody else may have hashed what they are given.
var hashing = match.Lazy(`(?i)hash|crypt|digest|md5|sha1|sha256|sha512|argon`)

// sentPassword says whether a password is here as it was sent: a field of a request or a form, or
// a parameter of that name.
func sentPassword(p *rule.Pass, at ast.Node, e ast.Expr) bool {
	f := p.Function(at)
	if f == nil {
		return false
	}
	called, _ := e.(*ast.Name)
	field := func(key ast.Expr) bool {
		s, ok := p.Str(key)
		return ok && (isPassword(s) || called != nil && isPassword(called.Ident) && strings.HasPrefix(s, "pass"))
	}
	return slices.ContainsFunc(p.Values(e), func(v ast.Expr) bool {
		switch x := v.(type) {
		case *ast.Name:
			return p.IsParameter(x) && isPassword(x.Ident) && !hashing().MatchString(p.Text(f))
		case *ast.Subscript:
			return field(x.Slice) && !storedPassword(p, x)
		case *ast.Attribute:
			if x.Attr == "data" { // form.password.data
				a, ok := x.Value.(*ast.Attribute)
				return ok && isPassword(a.Attr)
			}
			if n, ok := x.Value.(*ast.Name); ok && isPassword(x.Attr) {
				return p.IsParameter(n) && !looksLikeUser(n.Ident) || strings.Contains(strings.ToLower(n.Ident), "form")
			}
		case *ast.Call:
			g, ok := x.Func.(*ast.Attribute)
			return ok && g.Attr == "get" && len(x.Args) > 0 && field(x.Args[0])
		}
		return false
	})
}
