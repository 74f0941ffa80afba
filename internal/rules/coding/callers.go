package coding

import (
	"bytes"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// What a function that has no telling name gives is judged by what its callers make of it, also in
// other modules. That needs their trees, so it is only asked where few functions come so far.

// A callersKey is a function whose callers have been looked at, by its qualified name.
type callersKey string

// An elsewhere is the first use by a caller that must not be guessed.
type elsewhere struct{ name, path string }

// maxCallers bounds how many modules are read for one function.
const maxCallers = 40

// unguessableElsewhere says what a caller of a function of the module makes of what it gives, if
// that is something that must not be guessed.
func unguessableElsewhere(p *rule.Pass, f *ast.FunctionDef) elsewhere {
	if f == nil || p.Function(f) != nil || p.Class(f) != nil || len(f.Name) < 4 {
		return elsewhere{}
	}
	prog, name, short := p.Module.Program(), p.Module.Name+"."+f.Name, strings.Clone(f.Name)
	e, _ := prog.Once(callersKey(name), func() any { return firstUse(prog, name, short) }).(elsewhere)
	return e
}

func firstUse(prog *program.Program, name, short string) elsewhere {
	call, module, looked := []byte(short+"("), name[:strings.LastIndexByte(name, '.')], 0
	for _, m := range prog.Modules() {
		f := m.Source()
		if f == nil || source.IsTest(f.Path) || !bytes.Contains(f.Bytes, call) {
			continue
		}
		if looked++; looked > maxCallers {
			break
		}
		if e := useIn(m, name, short, m.Name == module); e.name != "" {
			return e
		}
	}
	return elsewhere{}
}

func useIn(m *program.Module, name, short string, own bool) elsewhere {
	u := m.Open()
	if u == nil {
		return elsewhere{}
	}
	defer u.Close()
	p := &rule.Pass{Unit: u}
	for n := range u.Tree.Of(ast.KindCall) {
		c := n.(*ast.Call)
		if local, ok := c.Func.(*ast.Name); !u.Is(c.Func, name) && !(own && ok && local.Ident == short && u.Definition(local) != nil) {
			continue
		}
		for _, x := range uses(p, c) {
			if unguessable(x.name) {
				return elsewhere{strings.Clone(x.name), m.Path}
			}
		}
	}
	return elsewhere{}
}
