package coding

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// PredictableRandom follows what random gives to the name that it gets in the end.
var PredictableRandom = rule.Check{Called: predictableRandom}

func predictableRandom(p *rule.Pass, c *ast.Call, name string) {
	fn := lateName(name)
	var becomes use
	switch fn {
	case "Random", "default_rng", "RandomState", "seed", "PRNGKey":
		if fn != "Random" {
			return
		}
	case "shuffle":
		becomes = shuffled(p, c)
	default:
		for _, u := range uses(p, c) {
			if unguessable(u.name) && !picked(p, c, fn) {
				becomes = u
				break
			}
		}
	}
	if becomes.name == "" && len(c.Args) > 0 && fn != "Random" && alphabet(p, c, fn) {
		becomes = inFunction(p, c)
	}
	if becomes.name == "" && drawnText(p, c, fn) {
		becomes = called(p, c)
	}
	if becomes.name == "" && drawnText(p, c, fn) && returned(p, c) {
		if e := unguessableElsewhere(p, p.Function(c)); e.name != "" {
			f := p.Report(c, "What %s gives becomes %s in %s, which must not be guessed, but can be computed from earlier numbers of %s.", p.Function(c).Name, e.name, e.path, name)
			secretly(p, c, name, fn, f)
			return
		}
	}
	if becomes.name == "" {
		p.Report(c, "%s gives numbers that can be computed from earlier ones.", name).ForAudit(true).With(finding.Low, finding.HighConfidence)
		return
	}
	f := p.Report(c, "%s must not be guessed, but what %s gives can be computed from earlier numbers.", becomes.name, name)
	if at := becomes.at; at != nil && at.Start() != c.Start() && p.File.Position(at.Start()).Line != p.File.Position(c.Start()).Line {
		f.Because(at, becomes.name+" gets its value here")
	}
	secretly(p, c, name, fn, f)
}

// picked says whether an element is drawn from a list of things that are there already,
// which makes no secret: token = random.choice(tokens).
func picked(p *rule.Pass, c *ast.Call, fn string) bool {
	switch fn {
	case "choice", "choices", "sample":
	default:
		return false
	}
	from := program.Arg(c, 0, "")
	if from == nil || alphabet(p, c, fn) {
		return false
	}
	switch p.Parent(c).(type) {
	case *ast.GeneratorExp, *ast.ListComp, *ast.BinOp, *ast.AugAssign, *ast.FormattedValue:
		return false
	case *ast.Call:
		return fn == "choice"
	}
	return fn == "choice" || len(stringsOf(p, from)) > 0
}

func stringsOf(p *rule.Pass, e ast.Expr) []string {
	v, ok := p.Const(e)
	if !ok || v.Kind != program.List {
		return nil
	}
	var out []string
	for _, x := range v.List {
		if len(x.Str) > 1 {
			out = append(out, x.Str)
		}
	}
	return out
}

// drawnText says whether what is drawn is a text as secrets are: of characters, or of many bits.
func drawnText(p *rule.Pass, c *ast.Call, fn string) bool {
	switch fn {
	case "getrandbits":
		n, ok := p.Int(program.Arg(c, 0, "k"))
		return len(c.Args) == 1 && ok && n >= 32
	case "randbytes":
		return true
	}
	return len(c.Args) > 0 && alphabet(p, c, fn)
}

// called is what a value becomes that is a code, a token or a link without saying what for, where the
// function around says it, or what is made with it: Invitation(code=code), in invite.
func called(p *rule.Pass, c *ast.Call) use {
	f := p.Function(c)
	for _, u := range uses(p, c) {
		switch u.name {
		case "code", "token", "key", "link", "ticket", "hash", "identifier", "id":
		default:
			continue
		}
		if f != nil && unguessable(f.Name+"_"+u.name) {
			return u
		}
		k, ok := u.at.(*ast.Keyword)
		if !ok {
			continue
		}
		made, ok := p.Parent(k).(*ast.Call)
		if !ok {
			continue
		}
		e := made.Func
		for { // Invitation.objects.create(…)
			a, ok := e.(*ast.Attribute)
			if !ok {
				break
			}
			e = a.Value
		}
		if n, ok := e.(*ast.Name); ok && unguessable(n.Ident+"_"+u.name) {
			return u
		}
	}
	return use{}
}

// returned says whether a value is what the function around gives back.
func returned(p *rule.Pass, c *ast.Call) bool {
	f := p.Function(c)
	return f != nil && slices.ContainsFunc(uses(p, c), func(u use) bool {
		_, ok := u.at.(*ast.Return)
		return ok && u.name == f.Name
	})
}

// alphabets are the characters that secrets are made of.
var alphabets = []string{"string.ascii_letters", "string.ascii_lowercase", "string.ascii_uppercase", "string.digits", "string.hexdigits", "string.printable", "string.punctuation", "string.letters", "string.octdigits"}

// alphabet says whether characters are drawn.
func alphabet(p *rule.Pass, c *ast.Call, fn string) bool {
	switch fn {
	case "choice", "choices", "sample":
	default:
		return false
	}
	e := program.Arg(c, 0, "population")
	if e == nil {
		e = program.Arg(c, 0, "seq")
	}
	return e != nil && characters(p, e, 0)
}

func characters(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 6 {
		return false
	}
	for _, v := range p.Values(e) {
		if p.Is(v, alphabets...) {
			return true
		}
		switch v := v.(type) {
		case *ast.BinOp:
			return v.Op == ast.Add && (characters(p, v.Left, depth+1) || characters(p, v.Right, depth+1))
		case *ast.Call:
			if len(v.Args) == 1 && p.Is(v.Func, "builtins.list", "builtins.str", "builtins.set", "builtins.sorted") {
				return characters(p, v.Args[0], depth+1)
			}
		}
		if s, ok := p.Str(v); ok && len(s) >= 10 && !strings.Contains(s, " ") {
			return true
		}
	}
	return false
}

// inFunction says whether the function around is named for making secrets, and gives its name.
func inFunction(p *rule.Pass, n ast.Node) use {
	f := p.Function(n)
	if f == nil || !unguessable(f.Name) {
		return use{}
	}
	return use{f.Name, f}
}

// shuffled follows the list that is shuffled.
func shuffled(p *rule.Pass, c *ast.Call) use {
	if len(c.Args) == 0 {
		return use{}
	}
	n, ok := c.Args[0].(*ast.Name)
	if !ok || text.Fixed(p.Unit, n) {
		return use{}
	}
	if unguessable(n.Ident) && p.Function(c) != nil {
		return use{n.Ident, n}
	}
	return use{}
}

// secretly replaces the generator by the operating system's.
func secretly(p *rule.Pass, c *ast.Call, name, fn string, f *rule.Found) {
	if !strings.HasPrefix(name, "random.") || strings.Count(name, ".") != 1 {
		if strings.HasPrefix(name, "numpy.") {
			f.Advise("secrets.token_bytes(n)")
		}
		return
	}
	edit, ok := importEdit(p, "secrets")
	if !ok {
		return
	}
	callee := "secrets.SystemRandom()." + fn
	plain := len(c.Keywords) == 0 && !program.HasStar(c)
	switch {
	case fn == "choice" && plain:
		callee = "secrets.choice"
	case fn == "randrange" && plain && len(c.Args) == 1:
		callee = "secrets.randbelow"
	case fn == "getrandbits" && plain:
		callee = "secrets.randbits"
	case fn == "randbytes" && plain:
		callee = "secrets.token_bytes"
	case !slices.Contains([]string{"random", "randint", "choices", "uniform", "sample", "shuffle", "randrange", "triangular", "choice", "getrandbits", "randbytes", "gauss", "normalvariate", "betavariate", "expovariate"}, fn):
		return
	}
	f.Advise("%s", callee+strings.TrimPrefix(excerpt(p, c), excerpt(p, c.Func)))
	f.SafeFix("use "+strings.TrimSuffix(callee, "."+fn), p.Replace(c.Func, callee), edit)
}
