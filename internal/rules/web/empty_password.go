package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// EmptyPassword looks at the functions that give an account its password, and whether it
// can be an empty text.
var EmptyPassword = rule.Check{
	Called: func(p *rule.Pass, c *ast.Call, _ string) { emptied(p, c, program.Arg(c, 0, "password")) },
	Kinds:  []ast.Kind{ast.KindCall},
	Visit:  passwordSet,
}

func passwordSet(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		return
	}
	switch f.Attr {
	case "set_password":
		if len(c.Args) == 1 && len(c.Keywords) == 0 && account(p, c, f.Value) {
			emptied(p, c, c.Args[0])
		}
	case "create_user", "create_superuser":
		if o, ok := f.Value.(*ast.Attribute); ok && o.Attr == "objects" {
			if k := program.Keyword(c, "password"); k != nil {
				emptied(p, c, k.Value)
			}
		}
	}
}

// account says whether an object is an account rather than an entry field: its name says
// so, or what is done with it next.
func account(p *rule.Pass, c *ast.Call, e ast.Expr) bool {
	name := strings.ToLower(p.Text(e))
	if strings.Contains(name, "user") || strings.Contains(name, "account") || strings.Contains(name, "profile") || strings.Contains(name, "member") {
		return true
	}
	f := p.Function(c)
	return f != nil && f.End()-f.Start() < 20_000 && strings.Contains(p.Text(f), p.Text(e)+".save(")
}

func emptied(p *rule.Pass, c *ast.Call, e ast.Expr) {
	if e == nil {
		return
	}
	if s, ok := p.Str(e); ok {
		if s == "" {
			p.Report(c, "The account's password is empty: everybody can log in.").With(finding.Medium, finding.HighConfidence)
		}
		return
	}
	if !canBeEmpty(p, e) || looked(p, c, e) {
		return
	}
	what, at := "The password", ast.Node(c)
	if n, ok := e.(*ast.Name); ok {
		what = n.Ident
		if b := p.Bindings(n); len(b) == 1 && b[0].Kind() == ast.KindArg {
			at = b[0] // its default is what is to be repaired
		}
	}
	f := p.Report(at, "%s may be empty, and is then a password that everybody can type.", what).With(finding.Medium, finding.MediumConfidence)
	if at != ast.Node(c) {
		f.Because(c, "The account is given it here.")
	}
}

// canBeEmpty says whether e is a parameter whose default is "", or what a form gives
// where "" stands for nothing.
func canBeEmpty(p *rule.Pass, e ast.Expr) bool {
	empty := func(x ast.Expr) bool {
		s, ok := p.Str(x)
		return ok && s == ""
	}
	if b := p.Bindings(e); len(b) == 1 {
		if a, ok := b[0].(*ast.Arg); ok {
			list, ok := p.Parent(a).(*ast.Arguments)
			return ok && empty(text.Default(list, a))
		}
	}
	for _, v := range p.Values(e) {
		switch v := v.(type) {
		case *ast.Call:
			if callee(v) == "get" && len(v.Args) == 2 && empty(v.Args[1]) {
				return true
			}
		case *ast.BoolOp:
			if v.Op == ast.Or && empty(v.Values[len(v.Values)-1]) {
				return true
			}
		case *ast.Constant:
			if empty(v) {
				return true
			}
		}
	}
	return false
}

// looked says whether the function asks about the password before: whether it is there,
// how long it is, or a validator.
func looked(p *rule.Pass, c *ast.Call, e ast.Expr) bool {
	n, ok := e.(*ast.Name)
	f := p.Function(c)
	if !ok || f == nil {
		return false
	}
	found := false
	p.Inside(f, func(x ast.Node) bool {
		if found || x.Start() >= c.Start() {
			return !found
		}
		var test ast.Expr
		switch x := x.(type) {
		case *ast.If:
			test = x.Test
		case *ast.IfExp:
			test = x.Test
		case *ast.Assert:
			test = x.Test
		case *ast.Call:
			if l := strings.ToLower(args.Callee(x)); strings.Contains(l, "valid") || strings.Contains(l, "check") || strings.Contains(l, "clean") {
				for _, a := range x.Args {
					if given, ok := a.(*ast.Name); ok && given.Ident == n.Ident {
						found = true
					}
				}
			}
		}
		if test != nil {
			p.Inside(test, func(y ast.Node) bool {
				if name, ok := y.(*ast.Name); ok && name.Ident == n.Ident {
					found = true
				}
				return true
			})
		}
		return true
	})
	return found
}
