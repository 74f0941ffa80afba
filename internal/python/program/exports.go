package program

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// What other modules see of a value is bounded: nobody asks for a table of 65,536 bytes.
const (
	maxExportText = 4096
	maxExportList = 256
)

// summarise copies what other modules can ask about this one out of the tree.
func (u *Unit) summarise() (map[string]*export, []string) {
	u.local = true
	defer func() { u.local = false }()
	syms := u.scopes[0].syms
	out := make(map[string]*export, len(syms))
	classes := map[string]*class{}
	for i := range syms {
		s := &syms[i]
		if s.first < 0 {
			continue
		}
		e := &export{}
		last := &u.bindings[s.last]
		switch last.kind {
		case bindClass:
			c := last.node.(*ast.ClassDef)
			e.class = u.classExport(c)
			classes[s.name] = e.class
			e.names = []string{u.Module.Name + "." + s.name}
		case bindDef:
			e.fn = true
			if s.first == s.last {
				e.gives = clones(u.returnedBy(last.node.(*ast.FunctionDef)))
			}
			e.names = []string{u.Module.Name + "." + s.name}
		default:
			for j := s.first; j >= 0; j = u.bindings[j].next {
				e.names = union(e.names, clones(u.bindingNames(&u.bindings[j], u.Tree.Module)))
			}
			if s.first == s.last && last.kind == bindAssign {
				if v, ok := u.Const(last.value); ok && v.small() {
					e.value, e.folded = v.clone(), true
				}
			}
		}
		if e.names == nil && !e.folded {
			e.names = []string{u.Module.Name + "." + s.name}
		}
		out[strings.Clone(s.name)] = e
	}
	for i := range u.attrs {
		a := &u.attrs[i]
		c := classes[a.class.Name]
		if c == nil {
			continue
		}
		if names := u.attrNames(a); names != nil && c.attrs[a.name] == nil {
			c.attrs[strings.Clone(a.name)] = clones(names)
		}
	}
	return out, clones(u.scopes[0].stars)
}

func (u *Unit) classExport(c *ast.ClassDef) *class {
	x := &class{attrs: map[string][]string{}}
	for _, b := range c.Bases {
		x.bases = append(x.bases, clones(u.Names(b))...)
	}
	for _, s := range c.Body {
		switch s := s.(type) {
		case *ast.FunctionDef:
			x.attrs[strings.Clone(s.Name)] = []string{u.Module.Name + "." + strings.Clone(c.Name) + "()." + strings.Clone(s.Name)}
		case *ast.Assign:
			for _, t := range s.Targets {
				if n, ok := t.(*ast.Name); ok {
					if names := u.Names(s.Value); names != nil {
						x.attrs[strings.Clone(n.Ident)] = clones(names)
					}
				}
			}
		case *ast.AnnAssign:
			if n, ok := s.Target.(*ast.Name); ok {
				if names := u.instance(s.Annotation); names != nil {
					x.attrs[strings.Clone(n.Ident)] = clones(names)
				}
			}
		}
	}
	return x
}

func clones(list []string) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.Clone(s)
	}
	return out
}

func (v Value) small() bool {
	if len(v.Str) > maxExportText || len(v.List) > maxExportList {
		return false
	}
	for _, x := range v.List {
		if !x.small() {
			return false
		}
	}
	return true
}

func (v Value) clone() Value {
	v.Str = strings.Clone(v.Str)
	list := v.List
	v.List = nil
	for _, x := range list {
		v.List = append(v.List, x.clone())
	}
	return v
}
