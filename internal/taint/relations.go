package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// A row leads to others: comment.article by a field that says of which class it is, and
// article.comments by the name that such a field has given the way back.

// A back is the way back that a field of a class opens: the class it leads from is Class.
type back struct {
	class  string // qualified
	of     string // the last name of the class that the field leads to
	module *program.Module
}

// leadsBack notes the ways back that the fields of a class open.
func (k *Knowledge) leadsBack(u *program.Unit, f *Facts, c *ast.ClassDef) {
	for _, s := range c.Body {
		n, value := fieldIn(s)
		call, ok := value.(*ast.Call)
		if n == nil || !ok || len(f.backs) >= 200 {
			continue
		}
		for _, name := range u.Names(call.Func) {
			r := k.rows[name]
			if r == nil || r.Field == "" || r.Back == "" {
				continue
			}
			attr, _ := u.Str(argumentOf(call, r.Back))
			if attr == "" {
				attr = strings.ToLower(c.Name) + "_set"
			}
			if f.backs == nil {
				f.backs = map[string][]back{}
			}
			attr = strings.Clone(attr)
			f.backs[attr] = append(f.backs[attr], back{u.Module.Name + "." + strings.Clone(u.Symbol(c)), strings.Clone(className(u, pick(call, r.class))), u.Module})
		}
	}
}

// className is the last name of a class that is meant by itself or by a text.
func className(u *program.Unit, e ast.Expr) string {
	if s, ok := u.Str(e); ok {
		return s[strings.LastIndexByte(s, '.')+1:]
	}
	switch e := e.(type) {
	case *ast.Name:
		return e.Ident
	case *ast.Attribute:
		return e.Attr
	}
	return ""
}

// backsIn are the ways back that all files open, by the attribute.
func backsIn(list []*Facts) map[string][]back {
	out := map[string][]back{}
	for _, f := range list {
		if f != nil {
			for attr, l := range f.backs {
				out[attr] = append(out[attr], l...)
			}
		}
	}
	return out
}

// related is what an attribute of a row leads to: other rows, or nil.
func (a *analysis) related(fr *frame, st *state, k *class, attr string, field *value, e ast.Node) *value {
	if e == nil || fr == nil || k.def == nil {
		return nil
	}
	if field == nil {
		for _, b := range a.backs(attr) {
			if b.of == lastName(k.name) {
				if v := a.resolve(lazy{name: b.class, from: b.module.Path}); v != nil && len(v.class) == 1 {
					return a.rowsOf(fr, st, e, v.class[0])
				}
			}
		}
		return nil
	}
	for _, n := range field.names {
		r := a.models.rows[strings.TrimSuffix(n, "()")]
		if r == nil || r.Field == "" {
			continue
		}
		to := a.leadsTo(k, attr, r)
		switch {
		case to == nil:
		case len(r.Gives) == 0:
			return a.row(fr, st, e, &value{}, to)
		default:
			return a.rowsOf(fr, st, e, to)
		}
	}
	return nil
}

func (a *analysis) backs(attr string) []back {
	if a.links == nil {
		return nil
	}
	return a.links.backs[attr]
}

// rowsOf stands for rows of a class, and for one of them: nobody knows which is meant.
func (a *analysis) rowsOf(fr *frame, st *state, e ast.Node, k *class) *value {
	return queryOf(a.row(fr, st, e, &value{}, k), k)
}

// leadsTo is the class of the rows that a field of a class leads to.
func (a *analysis) leadsTo(k *class, attr string, r *rowOf) *class {
	for _, c := range a.lineage(k) {
		if c.def == nil {
			continue
		}
		i := slices.IndexFunc(c.def.Body, func(s ast.Stmt) bool { n, value := fieldIn(s); return n != nil && n.Ident == attr && value != nil })
		if i < 0 {
			continue
		}
		_, value := fieldIn(c.def.Body[i])
		call, _ := value.(*ast.Call)
		var name string
		if e := pick(call, r.class); call != nil && e != nil {
			for _, n := range c.mod.unit.Names(e) {
				if v := a.resolve(lazy{name: n, from: c.mod.of.Path}); v != nil && len(v.class) == 1 {
					return v.class[0]
				}
			}
			name = className(c.mod.unit, e)
		} else if s, ok := c.def.Body[i].(*ast.AnnAssign); ok {
			name = annotatedClass(s.Annotation) // Mapped[list["Comment"]]
		}
		if name == "self" {
			return k
		}
		if name == "" {
			return nil
		}
		for _, full := range []string{c.mod.of.Name + "." + name, name} {
			if v := a.resolve(lazy{name: full, from: c.mod.of.Path}); v != nil && len(v.class) == 1 {
				return v.class[0]
			}
		}
	}
	return nil
}

// annotatedClass is the last name in an annotation.
func annotatedClass(e ast.Expr) string {
	for range 6 {
		switch x := e.(type) {
		case *ast.Subscript:
			e = x.Slice
		case *ast.BinOp: // Comment | None
			e = x.Left
		case *ast.Constant:
			if x.ConstKind() != ast.Str {
				return ""
			}
			s := strings.Trim(x.Str(), " ]")
			return s[strings.LastIndexAny(s, ".[ ")+1:]
		case *ast.Name:
			return x.Ident
		case *ast.Attribute:
			return x.Attr
		default:
			return ""
		}
	}
	return ""
}
