package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// Facts are what a file says about where data enters, cheaply and without following data:
// which of its functions read a source or hold a handler, and whom they call. Reach turns
// the facts of all files into roots. On most code that leaves a few files in a hundred.
type Facts struct {
	module    *program.Module
	functions []fact
	entered   bool // there is a handler or a source outside of functions
}

type fact struct {
	symbol string
	source bool
	calls  []string // qualified names in the program
}

// Look collects the facts of a file. It is nil where there are none.
func (k *Knowledge) Look(u *program.Unit) *Facts {
	f := &Facts{module: u.Module}
	at := map[string]int{}
	in := func(n ast.Node) *fact {
		d, ok := n.(*ast.FunctionDef)
		if !ok || u.Function(n) != nil {
			d = u.Function(n)
			for d != nil {
				up := u.Function(d)
				if up == nil {
					break
				}
				d = up
			}
		}
		if d == nil {
			return nil
		}
		s := u.Symbol(d)
		i, ok := at[s]
		if !ok {
			i = len(f.functions)
			at[s] = i
			f.functions = append(f.functions, fact{symbol: strings.Clone(s)})
		}
		return &f.functions[i]
	}
	found := func(n ast.Node) {
		if x := in(n); x != nil {
			x.source = true
		} else {
			f.entered = true
		}
	}
	renamed := map[string]bool{}
	for _, n := range u.Tree.Nodes()[1:] {
		switch n := n.(type) {
		case *ast.Alias:
			if n.Asname != "" && k.members[lastName(n.Name)] {
				renamed[n.Asname] = true
			}
		case *ast.Call:
			if !u.Live(n) {
				continue
			}
			for _, name := range u.Names(n.Func) {
				if k.call[name] != nil || k.value[name] != nil || k.registers[name] != nil || k.value[k.rename(name+"()")] != nil {
					found(n)
				}
				if u.Mine(name) {
					if x := in(n); x != nil && !slices.Contains(x.calls, name) && len(x.calls) < 200 {
						x.calls = append(x.calls, strings.Clone(name))
					}
				}
			}
		case *ast.Attribute:
			if k.members[n.Attr] && u.Live(n) {
				for _, name := range u.Names(n) {
					if k.value[name] != nil {
						found(n)
					}
				}
			}
		case *ast.Name:
			if n.Ctx() == ast.Load && (k.members[n.Ident] || renamed[n.Ident]) && u.Live(n) {
				for _, name := range u.Names(n) {
					if k.value[name] != nil {
						found(n)
					}
				}
			}
		case *ast.Arg:
			if !u.Live(n) {
				continue
			}
			if k.parameters[n.Arg] != nil {
				found(n)
			}
			if n.Annotation != nil {
				for _, name := range u.Instance(n.Annotation) {
					if k.value[k.rename(name)] != nil {
						if args := u.Parent(n); args != nil {
							if d, ok := u.Parent(args).(*ast.FunctionDef); ok {
								found(d)
							}
						}
					}
				}
			}
		case *ast.FunctionDef:
			if !u.Live(n) {
				continue
			}
			for _, dec := range n.DecoratorList {
				target := dec
				if c, ok := dec.(*ast.Call); ok {
					target = c.Func
				}
				if k.route(u.Names(target), target, dec) != nil {
					found(n)
				}
			}
		case *ast.ClassDef:
			if !u.Live(n) {
				continue
			}
			for _, b := range n.Bases {
				for _, name := range u.Names(b) {
					if k.bases[name] != nil {
						f.entered = true
					}
					if u.Mine(name) { // it may derive from a handler's class
						f.entered = f.entered || len(k.bases) > 0 && strings.HasSuffix(name, "View")
					}
				}
			}
		}
	}
	if !f.entered && len(f.functions) == 0 {
		return nil
	}
	return f
}

// A Root is a module with something that can be entered.
type Root struct {
	Module *program.Module
	// Functions are those that reach a source; Called are those of them that others call.
	Functions []string
	Called    map[string]bool
}

// Reach finds the roots, in the order of the facts.
func Reach(list []*Facts) []Root {
	type node struct{ file, fn int }
	byName := map[string]node{}
	for i, f := range list {
		if f == nil {
			continue
		}
		for j := range f.functions {
			byName[f.module.Name+"."+f.functions[j].symbol] = node{i, j}
		}
	}
	callers := map[node][]node{}
	for i, f := range list {
		if f == nil {
			continue
		}
		for j := range f.functions {
			for _, c := range f.functions[j].calls {
				// A method is named through an instance: shop.cart.Cart().add
				name := strings.ReplaceAll(c, "()", "")
				if to, ok := byName[name]; ok {
					callers[to] = append(callers[to], node{i, j})
				} else if to, ok := byName[name+".__init__"]; ok {
					callers[to] = append(callers[to], node{i, j})
				}
			}
		}
	}
	reached := map[node]bool{}
	called := map[node]bool{}
	var work []node
	for i, f := range list {
		if f == nil {
			continue
		}
		for j := range f.functions {
			if f.functions[j].source {
				work = append(work, node{i, j})
				reached[node{i, j}] = true
			}
		}
	}
	for len(work) > 0 {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		for _, c := range callers[n] {
			called[n] = true
			if !reached[c] {
				reached[c] = true
				work = append(work, c)
			}
		}
	}
	var roots []Root
	for i, f := range list {
		if f == nil {
			continue
		}
		r := Root{Module: f.module, Called: map[string]bool{}}
		for j := range f.functions {
			if n := (node{i, j}); reached[n] {
				r.Functions = append(r.Functions, f.functions[j].symbol)
				if called[n] {
					r.Called[f.functions[j].symbol] = true
				}
			}
		}
		if f.entered || len(r.Functions) > 0 {
			roots = append(roots, r)
		}
	}
	return roots
}

// route finds the route that a decorator makes.
func (k *Knowledge) route(names []string, target, dec ast.Expr) *models.Route {
	for _, n := range names {
		if r := k.routes[n]; r != nil {
			return r
		}
	}
	if f, ok := target.(*ast.Attribute); ok {
		if r := k.loose[f.Attr]; r != nil {
			if c, ok := dec.(*ast.Call); ok && len(c.Args) > 0 {
				if s, ok := ast.IsStr(c.Args[0]); ok && strings.HasPrefix(s.Str(), "/") {
					return r
				}
			}
		}
	}
	return nil
}
