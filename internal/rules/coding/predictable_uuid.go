package coding

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// PredictableUuid looks for names of secrets that are given a UUID of the kinds that are
// computed, and for generators with a seed that everybody knows.
var PredictableUuid = rule.Check{Called: predictableUUID, Kinds: []ast.Kind{ast.KindKeyword}, Visit: uuidDefault}

// uuidDefault looks at what a field is filled in with: token = UUIDField(default=uuid.uuid1).
func uuidDefault(p *rule.Pass, n ast.Node) {
	k := n.(*ast.Keyword)
	if k.Arg != "default" && k.Arg != "default_factory" && k.Arg != "factory" && k.Arg != "insert_default" {
		return
	}
	made := map[string]string{"uuid.uuid1": "the time and the machine's address", "uuid.uuid6": "the time", "uuid.uuid7": "the time"}
	name := p.Name(k.Value)
	if made[name] == "" {
		return
	}
	field := ""
	switch s := p.Statement(k).(type) {
	case *ast.Assign:
		field = ast.LastName(s.Targets[0])
	case *ast.AnnAssign:
		field = ast.LastName(s.Target)
	}
	if !unguessable(field) {
		return
	}
	f := p.Report(k.Value, "%s must not be guessed, but %s is made of %s.", field, name, made[name])
	if name == "uuid.uuid7" {
		f.With(finding.Low, finding.MediumConfidence)
	}
	if a, ok := k.Value.(*ast.Attribute); ok {
		f.ReviewFix("use a random UUID", p.Replace(k.Value, p.Text(a.Value)+".uuid4"))
	}
}

func predictableUUID(p *rule.Pass, c *ast.Call, name string) {
	fn := lateName(name)
	if strings.HasPrefix(name, "time.") || strings.HasPrefix(name, "datetime.") {
		hashOfTime(p, c, name)
		return
	}
	if fn == "seed" || fn == "Random" {
		seeded(p, c, name)
		return
	}
	for _, u := range uses(p, c) {
		if !unguessable(u.name) {
			continue
		}
		if fn == "uuid1" || fn == "uuid6" || fn == "uuid7" {
			what := "the time"
			if fn == "uuid1" {
				what = "the time and the machine's address"
			}
			f := p.Report(c, "%s must not be guessed, but %s is made of %s.", u.name, name, what)
			if fn == "uuid7" {
				f.With(finding.Low, finding.MediumConfidence)
			}
			if a, ok := c.Func.(*ast.Attribute); ok && len(c.Args)+len(c.Keywords) == 0 {
				f.ReviewFix("use a random UUID", p.Replace(c.Func, p.Text(a.Value)+".uuid4"))
			}
			return
		}
		p.Report(c, "%s must not be guessed, but %s is a hash of what it is given.", u.name, name)
		return
	}
}

// seeded reports a generator whose numbers are known and become a secret in the same function.
func seeded(p *rule.Pass, c *ast.Call, name string) {
	e := program.Arg(c, 0, "a")
	if e == nil {
		return
	}
	known := "a constant"
	if v, ok := p.Const(e); !ok || v.Kind == ast.None {
		if !p.Is(e, "time.time()", "time.time_ns()", "os.getpid()") {
			inner, ok := e.(*ast.Call)
			if !ok || !p.Is(inner.Func, "builtins.int") || len(inner.Args) != 1 || !p.Is(inner.Args[0], "time.time()") {
				return
			}
		}
		known = "the time"
	}
	f := p.Function(c)
	if f == nil {
		return
	}
	made := use{}
	inside(p, f, func(n ast.Node) bool {
		if d, ok := n.(*ast.Call); ok && d.Start() > c.End() && drawsNumber(p, d) {
			for _, u := range uses(p, d) {
				if unguessable(u.name) {
					made = u
				}
			}
		}
		return made.name == ""
	})
	if made.name != "" {
		p.Report(c, "%s is made from a seed that is %s: everybody gets the same.", made.name, known).With(finding.High, finding.HighConfidence)
	}
}

// drawsNumber says whether the call draws from random or from an instance of it.
func drawsNumber(p *rule.Pass, c *ast.Call) bool {
	for _, n := range p.Names(c.Func) {
		if len(n) > 7 && n[:7] == "random." && n != "random.Random" && n != "random.seed" {
			return true
		}
	}
	return false
}

// timePlumbing are calls that change how the time, a number or a text is written, and nothing more.
var timePlumbing = wordSet("str int round encode format hex isoformat timestamp strftime time time_ns now utcnow getpid gethostname bytes repr")

// hashOfTime looks at hashes of the time and of what is known besides, which become something that
// must not be guessed: a link that was made today is one of 86,400.
func hashOfTime(p *rule.Pass, c *ast.Call, name string) {
	hash, data := hashAround(p, c)
	if hash == nil {
		return
	}
	for _, e := range digestInputs(p, hash, data) {
		if !known(p, e, 0) {
			return
		}
	}
	becomes := ""
	for _, u := range uses(p, hash) {
		if unguessable(u.name) || opens(u.name) {
			becomes = u.name
			break
		}
	}
	if class := p.Class(hash); becomes == "" && class != nil && returned(p, hash) && opens(class.Name) {
		becomes = "What " + class.Name + " gives"
	}
	if becomes == "" && returned(p, hash) {
		if e := unguessableElsewhere(p, p.Function(hash)); e.name != "" {
			becomes = e.name
		}
	}
	if becomes != "" {
		p.Report(hash, "%s must not be guessed, but it is a hash of %s and of what is known besides: whoever knows when it was made tries a few thousand.", becomes, name)
	}
}

// hashAround is the call of hashlib that is given a value as a part of its text, and that text.
func hashAround(p *rule.Pass, c *ast.Call) (hash *ast.Call, data ast.Expr) {
	var n ast.Node = c
	for range 16 {
		up := p.Parent(n)
		switch up := up.(type) {
		case *ast.Call:
			if n == ast.Node(up.Func) {
				break
			}
			for _, name := range p.Names(up.Func) {
				if strings.HasPrefix(name, "hashlib.") {
					if h, data := digestOf(p, up, name); h != "" {
						return up, data
					}
				}
			}
			if !timePlumbing[args.Callee(up)] {
				return nil, nil
			}
		case *ast.Attribute, *ast.JoinedStr, *ast.FormattedValue, *ast.BinOp, *ast.Tuple:
		default:
			return nil, nil
		}
		n = up
	}
	return nil, nil
}

// known says whether all of a text can be known to somebody else: constants, the time, numbers and
// names of things. What the program keeps to itself, and what nothing is known of, is not.
func known(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 8 {
		return false
	}
	switch x := e.(type) {
	case *ast.Constant:
		return true
	case *ast.Name, *ast.Attribute:
		name := ast.LastName(e)
		if secret.Of(name) != secret.None || unguessable(name) || slices.ContainsFunc(secret.Words(p.Text(e)), func(w string) bool {
			switch w {
			case "key", "salt", "secret", "nonce", "random", "rand", "rng", "seed", "uuid", "token", "entropy", "settings", "config", "environ", "pepper":
				return true
			}
			return false
		}) {
			return false
		}
		for _, v := range p.Values(e) {
			if v != e && !known(p, v, depth+1) {
				return false
			}
		}
		return true
	case *ast.Call:
		if !timePlumbing[args.Callee(x)] {
			return false
		}
		for _, a := range x.Args {
			if !known(p, a, depth+1) {
				return false
			}
		}
		f, method := x.Func.(*ast.Attribute)
		return !method || slices.ContainsFunc(p.Names(x.Func), func(n string) bool {
			return strings.HasPrefix(n, "time.") || strings.HasPrefix(n, "datetime.") || strings.HasPrefix(n, "os.") || strings.HasPrefix(n, "socket.")
		}) || known(p, f.Value, depth+1)
	case *ast.JoinedStr:
		return !slices.ContainsFunc(x.Values, func(v ast.Expr) bool { return !known(p, v, depth+1) })
	case *ast.FormattedValue:
		return known(p, x.Value, depth+1)
	case *ast.BinOp:
		return known(p, x.Left, depth+1) && known(p, x.Right, depth+1)
	case *ast.Tuple:
		return !slices.ContainsFunc(x.Elts, func(v ast.Expr) bool { return !known(p, v, depth+1) })
	}
	return false
}

// opens says whether a thing of this name is a link or a token by which somebody gets in: ShareLinks.
func opens(name string) bool {
	w := secret.Words(name)
	if len(w) < 2 {
		return false
	}
	switch w[len(w)-1] {
	case "link", "links", "url", "urls", "token", "tokens", "code", "codes":
	default:
		return false
	}
	return slices.ContainsFunc(w[:len(w)-1], func(x string) bool {
		return guardedWords[x] || x == "share" || x == "shared" || x == "sharing" || x == "magic" || x == "guest" || x == "download"
	})
}
