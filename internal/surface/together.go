package surface

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/taint"
)

// What nobody registers is not served, where the application is in sight. Below one folder there may
// be several programs, however, and the one that a blueprint belongs to may have its application
// somewhere else: a module that no application leads to, and that leads to none, belongs to none of
// them.

// parts says which modules of a program belong together by what they import: those of one part
// have the same number.
type parts map[string]int // by path

type partsKey struct{}

// alone says whether nothing connects what stands at on with one of the applications.
func (r *reader) alone(on *taint.Made, apps []*taint.Made) bool {
	if on.File == nil {
		return false
	}
	of, _ := r.prog.Once(partsKey{}, func() any { return readParts(r.prog) }).(parts)
	part, known := of[on.File.Path]
	if !known {
		return false
	}
	for _, app := range apps {
		if app.File != nil && of[app.File.Path] == part {
			return false
		}
	}
	return true
}

func readParts(p *program.Program) parts {
	with := map[*program.Module][]*program.Module{} // both ways
	for _, m := range p.Modules() {
		u := m.Open()
		if u == nil {
			continue
		}
		for _, n := range u.Tree.Nodes()[1:] {
			switch n := n.(type) {
			case *ast.Import:
				for _, a := range n.Names {
					connect(p, with, m, a.Name)
				}
			case *ast.ImportFrom:
				name := u.Absolute(n)
				connect(p, with, m, name)
				for _, a := range n.Names {
					connect(p, with, m, name+"."+a.Name)
				}
			}
		}
		u.Close()
	}
	out := parts{}
	for i, m := range p.Modules() {
		for todo := []*program.Module{m}; len(todo) > 0; {
			x := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if out[x.Path] == 0 {
				out[x.Path] = i + 1
				todo = append(todo, with[x]...)
			}
		}
	}
	return out
}

func connect(p *program.Program, with map[*program.Module][]*program.Module, m *program.Module, name string) {
	if x, _ := p.Find(name, m.Path); x != nil && x != m {
		with[m], with[x] = append(with[m], x), append(with[x], m)
	}
}
