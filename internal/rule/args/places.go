package args

import (
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// A Place is an argument that does one kind of harm, according to the models: the address
// that requests.get fetches. Rules that judge constants there ask it, so that a library
// which is described once is judged everywhere.
type Place struct {
	Argument string // its name, or ""
	Value    ast.Expr
}

// Places returns the question which arguments of a call do this kind of harm. Only
// arguments that are given as a whole are answered, and no method of an unknown object.
func Places(kind string) func(u *program.Unit, c *ast.Call) []Place {
	type table struct {
		calls   map[string][]models.Argument
		returns map[string]string
	}
	read := sync.OnceValue(func() table {
		t := table{map[string][]models.Argument{}, map[string]string{}}
		for _, m := range models.Builtin() {
			for _, s := range m.Sinks {
				if s.Call == "" || s.Kind != kind || s.When != "" {
					continue
				}
				if a, err := models.ParseArgument(s.Argument); err == nil && a.Role == models.Given && a.Element == models.Whole {
					t.calls[s.Call] = append(t.calls[s.Call], a)
				}
			}
			for _, r := range m.Returns {
				if r.Call != "" && r.When == "" && !r.Self {
					t.returns[r.Call+"()"] = r.Type + "()"
				}
			}
		}
		return t
	})
	return func(u *program.Unit, c *ast.Call) []Place {
		if len(c.Args)+len(c.Keywords) == 0 {
			return nil
		}
		t := read()
		for _, name := range u.Names(c.Func) {
			found, ok := t.calls[name]
			if !ok {
				if i := strings.LastIndex(name, "()"); i > 0 { // of an instance, which models may call something else
					if r := t.returns[name[:i+2]]; r != "" {
						found = t.calls[r+name[i+2:]]
					}
				}
			}
			var out []Place
			for _, f := range found {
				if v, _ := Get(u, c, f.Position, f.Name); v != nil {
					out = append(out, Place{f.Name, v})
				}
			}
			if len(out) > 0 {
				return out
			}
		}
		return nil
	}
}
