package coding

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
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
