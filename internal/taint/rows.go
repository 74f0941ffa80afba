package taint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// What a database gives are objects of the program's classes: User.objects.get(pk=1),
// session.get(User, 1), session.query(User).first(). Their methods are the program's own, and are
// followed; what is in their fields, the database has given.

// rowsMark is the part of a query that says of which class its objects are.
const rowsMark = "\x00rows"

type rowOf struct {
	models.Row
	class models.Argument
}

// rows is the class of the objects that a value stands for, or nil.
func (v *value) rows() *class {
	if v == nil || v.parts == nil {
		return nil
	}
	if of := v.parts[rowsMark]; of != nil && len(of.class) == 1 {
		return of.class[0]
	}
	return nil
}

// classOf is the class that a value is, or stands for objects of.
func classOf(v *value) *class {
	if v != nil && len(v.class) == 1 {
		return v.class[0]
	}
	return v.rows()
}

// queryOf makes a value stand for objects of a class.
func queryOf(v *value, k *class) *value {
	w := *v
	w.parts = map[string]*value{rowsMark: {class: []*class{k}}}
	return &w
}

// inDatabase says that data come from there: somebody has stored them, once.
var inDatabase = &models.Source{Says: "the database", Kind: "stored"}

// row is one object of a class that the database gives, with what else is known of the value.
func (a *analysis) row(fr *frame, st *state, e ast.Node, v *value, k *class) *value {
	stored := marked([]mark{a.mark(inDatabase, a.at(fr, e), k.name)})
	stored.marks[0].src.field = anyStored
	w := *a.alloc(fr, e, st, &object{class: k, fields: map[string]*value{anyField: stored}})
	w.names, w.marks = v.names, v.marks
	return &w
}

// managedBy makes of an attribute of a class, by its names, what stands for the class's objects.
func (a *analysis) managedBy(k *class, v *value) *value {
	for _, n := range v.names {
		if r := a.models.rows[n]; r != nil && r.Value != "" {
			return queryOf(v, k)
		}
	}
	return v
}

// ofDatabase makes of what a call gives an object, or what stands for objects, of the class that
// it was asked for.
func (a *analysis) ofDatabase(c *callSite, method string, v *value) *value {
	if c.node == nil || len(v.objs) > 0 {
		return v
	}
	k, one := c.recv.rows(), a.models.rowMethods[method]
	picks := k != nil && a.models.rowPicks[method]
	for _, n := range c.names {
		r := a.models.rows[n]
		if r == nil || r.Call == "" {
			continue
		}
		picks = picks || r.Class == "0"
		of := c.recv
		if attr, ok := strings.CutPrefix(r.Class, "self."); ok {
			of = a.attribute(c.fr, c.st, c.recv, attr, c.node)
		} else if r.Class != "" {
			of = arg(c.args, r.class.Position, r.class.Name)
		}
		if x := classOf(of); x != nil {
			k, one = x, len(r.Gives) == 0
		}
	}
	if picks {
		if s := a.picked(c, k); s != "" {
			return resultOf(v, s)
		}
	}
	switch {
	case k == nil:
		return v
	case one:
		w := a.row(c.fr, c.st, c.node, v, k)
		for _, x := range c.args {
			if o := c.st.object(w.objs[0]); x.name != "" && a.models.rowPuts[method] { // create(title=…)
				a.field(c.st, w.objs[0], o, x.name, x.v, false)
			}
		}
		return w
	}
	return queryOf(v, k)
}

// pickMark begins what stands for the statement of a query that was put together of fields.
const pickMark = "\x00"

// picked is what stands for the statement of a query that asks for fields: those of the class k by
// their names, values("title"), or attributes of any class, select(Note.title). It is "" for what asks
// for nothing, or for whole objects.
func (a *analysis) picked(c *callSite, k *class) string {
	var list []column
	key := pickMark
	for _, x := range c.args {
		of, name, field := k, "", x.v
		if x.star != 0 || x.v != nil && len(x.v.class) > 0 {
			return ""
		}
		if s, ok := x.v.str(); ok && k != nil {
			name = s
			field, _ = a.member(c.fr, c.st, k, s)
		} else if at, as, ok := attributePicked(x.node); ok {
			if v := a.again(c.fr, c.st, at.Value); v != nil && len(v.class) == 1 {
				of, name = v.class[0], at.Attr
				field, _ = a.member(c.fr, c.st, of, name)
			}
			if as != "" {
				x.name = as
			}
		} else if x.name != "" && k != nil { // flat=True
			continue
		}
		col := column{name: strings.Clone(cmp.Or(x.name, name))}
		if of != nil && name != "" && (field == nil || len(field.fns) == 0) && a.declaredAs(orNew(field), marked([]mark{{kinds: models.All}})).tainted() {
			col.in = of.name + "." + strings.Clone(name)
		}
		list = append(list, col)
		key += col.name + "=" + col.in + ","
	}
	if len(list) == 0 || !slices.ContainsFunc(list, func(c column) bool { return c.in != "" }) {
		return ""
	}
	a.selects[key] = list
	return key
}

// attributePicked is the attribute of which a query asks, also under another name: Note.title.label("t").
func attributePicked(e ast.Expr) (at *ast.Attribute, as string, ok bool) {
	if call, is := e.(*ast.Call); is && len(call.Args) == 1 {
		f, is := call.Func.(*ast.Attribute)
		s, text := ast.IsStr(call.Args[0])
		if !is || !text || f.Attr != "label" {
			return nil, "", false
		}
		e, as = f.Value, s.Str()
	}
	at, ok = e.(*ast.Attribute)
	return at, as, ok
}

// declaredAs is what a field of a class leaves of what the database has for it: a number is one.
func (a *analysis) declaredAs(field, v *value) *value {
	var k models.Kinds
	for _, n := range field.names {
		k |= a.cleared(strings.TrimSuffix(n, "()"))
	}
	return clear(v, k)
}
