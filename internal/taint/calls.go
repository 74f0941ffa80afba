package taint

import (
	"maps"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// A Caller is a function of the program, or what a module does outside of its functions,
// with its calls.
type Caller struct {
	Spot
	Name  string // qualified: "shop.cart.Cart.add"; of a module its own
	Calls []*Call
}

// A Definition is a def of the program.
type Definition struct {
	Spot
	Name string // qualified
}

// Definitions lists the functions of a program, in the order of the files.
func Definitions(p *program.Program) []Definition {
	var out []Definition
	eachUnit(p, func(m *program.Module, u *program.Unit) {
		for n := range u.Tree.Of(ast.KindFunctionDef) {
			if d := n.(*ast.FunctionDef); u.Live(d) {
				out = append(out, Definition{Spot{u.File, d.Span()}, strings.Clone(definition(m, u, d))})
			}
		}
	})
	return out
}

func eachUnit(p *program.Program, f func(*program.Module, *program.Unit)) {
	for _, m := range p.Modules() {
		if u := m.Open(); u != nil {
			f(m, u)
			u.Close()
		}
	}
}

// Callers is the call graph: each function of the program, and each module, with what its
// calls call. Every function is run with nothing given, so that calls through variables,
// containers and objects are seen as the analysis sees them. Where it does not come, names
// tell.
func Callers(p *program.Program, k *Knowledge) []Caller {
	defs := Definitions(p)
	own := map[string]Definition{}
	symbols := map[string][]string{} // by path
	modules := map[string]*program.Module{}
	for _, m := range p.Modules() {
		modules[m.Path] = m
	}
	for _, d := range defs {
		own[d.Name] = d
		path := d.File.Path
		symbols[path] = append(symbols[path], strings.TrimPrefix(d.Name, modules[path].Name+"."))
	}
	var roots []Root
	for _, m := range p.Modules() {
		r := Root{Module: m, Functions: symbols[m.Path], Remote: map[string]bool{}}
		for _, s := range r.Functions {
			r.Remote[s] = true
		}
		roots = append(roots, r)
	}
	w := &Watch{}
	Observe(p, k, roots, &Links{}, w)

	var out []Caller
	eachUnit(p, func(m *program.Module, u *program.Unit) {
		at := map[ast.Node]int{}
		add := func(n ast.Node) {
			at[n] = len(out)
			out = append(out, Caller{Spot: Spot{u.File, n.Span()}, Name: strings.Clone(definition(m, u, n))})
		}
		add(u.Tree.Module)
		for _, d := range u.Tree.Nodes()[1:] { // a def may have a higher number than what stands in it
			if d.Kind() == ast.KindFunctionDef && u.Live(d) {
				add(d)
			}
		}
		for n := range u.Tree.Of(ast.KindCall) {
			n := n.(*ast.Call)
			if !u.Live(n) {
				continue
			}
			i := at[u.Tree.Module]
			if d := u.Function(n); d != nil && u.Live(d) {
				i = at[d]
			}
			c := w.calls[Spot{u.File, n.Span()}.key()]
			if c == nil || len(c.To) == 0 {
				c = byName(u, n, own)
			}
			out[i].Calls = append(out[i].Calls, c)
		}
		sortSpots(out[at[u.Tree.Module]+1:], func(c Caller) Spot { return c.Spot })
	})
	for i := range out {
		sortSpots(out[i].Calls, func(c *Call) Spot { return c.Spot })
		for _, c := range out[i].Calls {
			slices.SortFunc(c.To, func(x, y Target) int { return strings.Compare(x.Name, y.Name) })
		}
	}
	return out
}

// byName is what the names of a call tell of it.
func byName(u *program.Unit, n *ast.Call, own map[string]Definition) *Call {
	c := &Call{Spot: Spot{u.File, n.Span()}, Text: strings.Clone(textOf(u.File, n.Func))}
	for _, name := range u.Names(n.Func) {
		if d, ok := defined(own, name); ok {
			c.add(Target{Name: d.Name, Own: true, Spot: d.Spot})
		} else if !u.Mine(name) {
			c.add(Target{Name: strings.Clone(name)})
		}
	}
	return c
}

// Callees are the names of what a call calls, sorted.
func (c *Call) Callees() []string {
	names := map[string]bool{}
	for _, t := range c.To {
		names[t.Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}
