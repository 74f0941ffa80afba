package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// SecretDefault looks at reads of the environment that fall back to a constant where
// the variable is named like a secret.
var SecretDefault = rule.Check{Called: environmentCall, Kinds: []ast.Kind{ast.KindBoolOp}, Visit: environmentOr}

func environmentCall(p *rule.Pass, c *ast.Call, name string) {
	def := program.Arg(c, 1, "default")
	if name == "os.environ.pop" || strings.HasPrefix(name, "decouple") || strings.HasPrefix(name, "environ.") || strings.HasPrefix(name, "environs.") || strings.HasPrefix(name, "starlette.") {
		if k := program.Keyword(c, "default"); k != nil {
			def = k.Value
		}
	}
	key := program.Arg(c, 0, "key")
	if def == nil || key == nil {
		return
	}
	fallback(p, c, key, def)
}

// environmentOr: os.environ.get("SECRET_KEY") or "dev".
func environmentOr(p *rule.Pass, n ast.Node) {
	b := n.(*ast.BoolOp)
	if b.Op != ast.Or || len(b.Values) < 2 {
		return
	}
	def := b.Values[len(b.Values)-1]
	if _, ok := literal(p, def); !ok {
		return
	}
	for _, v := range b.Values[:len(b.Values)-1] {
		if c, ok := v.(*ast.Call); ok && len(c.Args) > 0 && p.Is(c.Func, "os.environ.get", "os.getenv", "builtins.dict().get") {
			fallback(p, b, c.Args[0], def)
			return
		}
	}
}

func fallback(p *rule.Pass, at ast.Expr, key, def ast.Expr) {
	name, ok := p.Str(key)
	if !ok {
		return
	}
	kind, signs := secret.Of(name), secret.Signs(name)
	if signs {
		kind = secret.Key
	}
	if kind == secret.None && signsWith(p, at) {
		kind, signs = secret.Key, true
	}
	if kind == secret.None || kind == secret.Personal {
		return
	}
	value, ok := literal(p, def)
	if !ok {
		if n, isName := def.(*ast.Name); isName && secret.Of(n.Ident) == secret.None {
			value = constant(p, n)
		}
	}
	l := strings.ToLower(value)
	switch {
	case len(value) < 2, l == "none", l == "null", l == "false", l == "true", l == "yes", l == "no", l == "on", l == "off", l == "undefined", l == "unset", l == "not-set", l == "not set", l == "n/a", strings.EqualFold(value, name), strings.Contains(value, "://"), strings.HasPrefix(value, "/"),
		strings.HasPrefix(value, "<"), strings.HasPrefix(value, "${"), strings.Contains(value, "{{"):
		return
	case kind == secret.Token && secret.Judge(kind, name, value) != secret.Strong:
		return
	}
	f := p.Report(at, "Without %s in the environment, the program runs with one that is written in the code.", name)
	hide(p, f, def)
	if secret.Judge(kind, name, value) != secret.Strong && !signs {
		f.With(finding.Medium, finding.MediumConfidence)
	}
	f.ForAudit(forTests(p, at) && !drawn(value))
	f.ReviewFix("do not start without it", p.Replace(at, `os.environ["`+name+`"]`), p.ImportModule("os"))
}

// signsWith says whether a value becomes the key that a framework signs with, whatever the
// variable of the environment is called: app.secret_key = os.getenv("SHOP", "…").
func signsWith(p *rule.Pass, at ast.Expr) (found bool) {
	up := p.Parent(at)
	switch up.(type) {
	case *ast.Keyword:
		up = p.Parent(up)
	case *ast.Assign, *ast.AnnAssign, *ast.Dict:
	default:
		return false
	}
	names(p, up, func(v named) { found = found || v.value == at && v.where != comparison && secret.Signs(v.name) })
	return found
}
