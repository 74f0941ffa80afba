package taint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// What one handler stores in a field of the database, another one reads there, on another day:
// layout.body = request.form["body"] and Template(layout.body). No state leads from one to the
// other. Each worker notes what is stored in which field of which class, and where what such a
// field holds would do harm; when all have ended, the two halves are put together.

// A half is one end of a way through the database.
type half struct {
	field string // "shop.models.Layout.body", or "shop.models.Layout.*"
	flow  *Flow
}

type halfKey struct {
	field string
	at    place
	kinds models.Kinds
	src   string
}

// store is a call of a library that stores objects of the program's classes.
type store struct {
	models.Store
	argument models.Argument
	when     []models.Condition
	of       []string
}

// stores notes what a call stores: the fields of an object, or what is given by their names.
func (a *analysis) stores(c *callSite, method string) {
	if c.node == nil {
		return
	}
	if k := c.recv.rows(); k != nil && a.models.rowPuts[method] {
		for _, x := range c.args {
			if x.name != "" && x.name != "defaults" {
				a.storedAs(c.fr, c.st, k, x.name, x.v, c.node)
				continue
			}
			for _, id := range x.v.objects() { // update_or_create(defaults={…}), **values
				a.storedFields(c, k, id)
			}
		}
	}
	list := a.models.storeMethods[method]
	for _, n := range c.names {
		list = append(list[:len(list):len(list)], a.models.stores[n]...)
	}
	for _, s := range list {
		if s.Of != "" {
			a.storedForm(c, s)
		}
		if s.Method != "" && !a.models.uses(s.of) || s.Argument == "" || !a.when(c, s.when, nil) {
			continue
		}
		for _, x := range c.given(s.argument) {
			a.storedObject(c, x.v, s.Method != "", 0)
		}
	}
}

// storedForm notes what a form stores in the class that it is for.
func (a *analysis) storedForm(c *callSite, s *store) {
	list := a.classesOf(c.st, c.recv)
	if len(list) != 1 {
		return
	}
	k, _ := a.outline(list[0], s.Of)
	data := a.attribute(c.fr, c.st, c.recv, s.Fields, c.nodeOrNil())
	if k == nil {
		return
	}
	for _, id := range data.objects() {
		a.storedFields(c, k, id)
	}
}

// storesResult notes what a call stores of what it gives: form.save().
func (a *analysis) storesResult(c *callSite, v *value) *value {
	for _, n := range c.names {
		for _, s := range a.models.stores[n] {
			if s.Argument == "" && a.when(c, s.when, nil) {
				a.storedObject(c, v, false, 0)
			}
		}
	}
	return v
}

// storedObject notes the fields of an object that is stored, or of those in a list.
func (a *analysis) storedObject(c *callSite, v *value, own bool, depth int) {
	for _, id := range v.objects() {
		o := c.st.object(id)
		switch {
		case o == nil:
		case o.class != nil && (!own || len(o.class.libs) > 0 || o.fields[anyField] != nil):
			a.storedFields(c, o.class, id)
			a.field(c.st, id, o, keptField, &value{}, false)
		case o.class == nil && depth < 2 && o.contained():
			for _, x := range o.list {
				a.storedObject(c, x, own, depth+1)
			}
			if o.more {
				a.storedObject(c, o.rest, own, depth+1)
			}
		}
	}
}

func (a *analysis) storedFields(c *callSite, k *class, id objectID) {
	o := c.st.object(id)
	if o == nil {
		return
	}
	for name, v := range o.fields {
		if name == anyField {
			name = "*"
		}
		if name[0] != 0 {
			a.storedAs(c.fr, c.st, k, name, v, c.node)
		}
	}
	for key, v := range o.keys {
		if key.kind == ast.Str {
			a.storedAs(c.fr, c.st, k, key.str, v, c.node)
		}
	}
}

// keptField marks an object that the database has, so that what is set on it is stored.
const keptField = "\x00kept"

// changedRow notes what is set on an object that the database has.
func (a *analysis) changedRow(fr *frame, st *state, o *object, attr string, v *value, n ast.Node) {
	any := o.fields[anyField]
	if o.class == nil || n == nil || !v.tainted() || o.fields[keptField] == nil && (any == nil || len(any.marks) != 1 || any.marks[0].src.field != anyStored) {
		return
	}
	a.storedAs(fr, st, o.class, attr, v, n)
}

// storedAs notes that something from outside is stored in a field.
func (a *analysis) storedAs(fr *frame, st *state, k *class, name string, v *value, n ast.Node) {
	a.storedIn(fr, st, k.name+"."+name, v, n)
}

// storedIn is storedAs for a field or column by its whole name.
func (a *analysis) storedIn(fr *frame, st *state, name string, v *value, n ast.Node) {
	at := a.at(fr, n)
	a.storedAt[strings.Clone(name)] = true
	for _, m := range a.deep(st, v, 0) {
		if m.src.stored || m.src.local || m.kinds == 0 {
			continue
		}
		f := a.flowOf(fr, at, nil, m, m.kinds, "", false)
		key := halfKey{name, at, m.kinds, m.src.says}
		if old := a.written[key]; old == nil || f.Compare(old.flow) < 0 {
			a.written[key] = &half{strings.Clone(key.field), f}
		}
	}
}

// fieldOf is what is read from a field of an object that the database gave.
func (a *analysis) fieldOf(fr *frame, k *class, attr string, v *value, n ast.Node) *value {
	if len(v.marks) != 1 || !v.marks[0].src.stored || v.marks[0].src.field != anyStored {
		return v
	}
	if attr == strings.ToUpper(attr) { // a constant of the class, and no field
		return nil
	}
	at := v.marks[0].src.at
	if n != nil && fr != nil {
		at = a.at(fr, n)
	}
	m := a.mark(inDatabase, at, k.name+"."+attr)
	m.src.field = k.name + "." + strings.Clone(attr)
	m.kinds = v.marks[0].kinds
	return marked([]mark{m})
}

// anyStored is the field of an object as a whole.
const anyStored = "*"

// readBack notes where what a field holds would do harm.
func (a *analysis) readBack(f *Flow, m mark) {
	if m.src.field == "" || m.src.field == anyStored {
		return
	}
	key := halfKey{m.src.field, place{f.File, f.At}, f.Kinds, f.Sink}
	if old := a.loaded[key]; old == nil || f.Compare(old.flow) < 0 {
		a.loaded[key] = &half{key.field, f}
	}
}

// Joined are the ways through the database: what was stored in one place, and does harm where it
// is read back. Seen are calls with what the program itself stores nowhere: who knows what that is.
func Joined(results []*Result) (out []*Flow, seen []Seen) {
	written, filled := map[string][]*Flow{}, map[string]bool{}
	for _, r := range results {
		for _, h := range r.written {
			written[h.field] = append(written[h.field], h.flow)
		}
		for _, name := range r.filled {
			filled[name] = true
		}
	}
	for _, r := range results {
		for _, p := range r.pending {
			if name := lastName(p.field); (!filled[p.field] || strings.HasPrefix(p.field, shelfMark)) && name != "id" && name != "pk" && name != "rowid" && !strings.HasSuffix(name, "_id") { // those the database makes
				seen = append(seen, Seen{p.at.file.Path, p.at.span, p.kinds, false})
			}
		}
		for _, h := range r.read {
			class := h.field[:strings.LastIndexByte(h.field, '.')]
			var first *Flow
			for _, name := range []string{h.field, class + ".*"} {
				for _, w := range written[name] {
					if w.Kinds&h.flow.Kinds != 0 && (first == nil || cmp.Or(-cmp.Compare(w.Kinds&h.flow.Kinds, first.Kinds&h.flow.Kinds), w.Compare(first)) < 0) {
						first = w
					}
				}
			}
			if first == nil {
				continue
			}
			f := *h.flow
			f.Kinds &= first.Kinds
			f.Source, f.Entry, f.Weak, f.Lost = first.Source, first.Entry, true, f.Lost || first.Lost
			stored := Step{first.File, first.At, "is stored as " + strings.TrimPrefix(h.field[strings.LastIndexByte(class, '.')+1:], shelfMark)}
			f.Steps = slices.Concat(first.Steps, []Step{stored}, h.flow.Steps)
			out = append(out, &f)
		}
	}
	return out, seen
}
