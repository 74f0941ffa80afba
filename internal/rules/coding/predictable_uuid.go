package coding

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// PredictableUuid looks for names of secrets that are given a UUID of the kinds that are
// computed, and for generators with a seed that everybody knows.
var PredictableUuid = rule.Check{Called: predictableUUID}

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
