package taint

import (
	"maps"
	"slices"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
)

// A slot is a variable: a name in one activation of a function, module or class body.
type slot struct {
	frame int32
	name  string
}

type objectID int32

// A state is what variables and objects hold at one point of a run. Branches run on forks,
// whose changes lie in a layer above; their join writes the changes back into the state
// that they were forked from.
type state struct {
	parent *state
	vars   layer[slot, *value]
	heap   layer[objectID, *object]
	dead   bool // this point is never reached
	base   *analysis
}

func (s *state) fork() *state { return &state{parent: s, dead: s.dead, base: s.base} }

func (s *state) get(k slot) (*value, bool) {
	for at := s; at != nil; at = at.parent {
		if v, ok := at.vars.get(k); ok {
			return v, v != bottom
		}
	}
	if m := s.base.frames[k.frame]; m != nil && m.state != s {
		return m.state.own(k)
	}
	return nil, false
}

// own looks only into the layers of a state.
func (s *state) own(k slot) (*value, bool) {
	for at := s; at != nil; at = at.parent {
		if v, ok := at.vars.get(k); ok {
			return v, v != bottom
		}
	}
	return nil, false
}

func (s *state) set(k slot, v *value) {
	s.vars.set(k, v)
}

func (s *state) object(id objectID) *object {
	for at := s; at != nil; at = at.parent {
		if o, ok := at.heap.get(id); ok {
			return o
		}
	}
	return s.base.shared[id]
}

func (s *state) store(id objectID, o *object) {
	if o != nil && len(o.list) > maxList {
		o = o.clone()
		o.summarise()
	}
	s.heap.set(id, o)
}

// snapshot is the state as it is now, whatever becomes of the layers between it and base.
func (s *state) snapshot(base *state) *state {
	out := &state{parent: base, base: s.base}
	vars, heap := 0, 0
	for at := s; at != nil && at != base; at = at.parent {
		vars += at.vars.len()
		heap += at.heap.len()
	}
	s.base.steps += (vars + heap) / 4 // read here, and written
	if s.parent == base {
		out.vars, out.heap = s.vars.clone(), s.heap.clone()
		return out
	}
	out.vars.grow(vars)
	out.heap.grow(heap)
	for at := s; at != nil && at != base; at = at.parent {
		out.vars.fill(&at.vars)
		out.heap.fill(&at.heap)
	}
	return out
}

// complete is a snapshot that says also of what others have changed what it was without.
func complete(s *state, others []*state) *state {
	out := &state{parent: s.parent, vars: s.vars.clone(), heap: s.heap.clone(), dead: s.dead, base: s.base}
	for _, o := range others {
		for k := range o.vars.all() {
			if !out.vars.has(k) {
				v, ok := s.get(k)
				if !ok {
					v = bottom
				}
				out.set(k, v)
			}
		}
		for k := range o.heap.all() {
			if !out.heap.has(k) {
				out.store(k, s.object(k))
			}
		}
	}
	return out
}

// become joins states that all lead back to s, and makes s their join. With none alive, s
// is dead.
func (s *state) become(list ...*state) {
	live := slices.DeleteFunc(slices.Clone(list), func(x *state) bool { return x == nil || x.dead })
	s.dead = len(live) == 0
	if s.dead {
		return
	}
	if len(live) == 1 {
		s.follow(live[0])
		return
	}
	var vars layer[slot, *value]
	var heap layer[objectID, *object]
	// What has changed in any of them, read before s itself changes.
	for _, x := range live {
		for at := x; at != nil && at != s; at = at.parent {
			for k := range at.vars.all() {
				if vars.has(k) {
					continue
				}
				if k.path() {
					vars.set(k, joinChecked(live, k))
					continue
				}
				v := bottom
				for _, y := range live {
					w, ok := y.get(k)
					if !ok {
						continue
					}
					v = join(v, w)
				}
				vars.set(k, v)
			}
			for k := range at.heap.all() {
				if heap.has(k) {
					continue
				}
				var o *object
				for _, y := range live {
					o = joinObjects(o, y.object(k))
				}
				heap.set(k, o)
			}
		}
	}
	s.base.steps += (vars.len() + heap.len()) / 8
	for k, v := range vars.all() {
		if s.still(k, v) {
			old, _ := s.get(k)
			vars.set(k, old)
		}
	}
	if vars.len() < 60 {
		var flags layer[slot, *value]
		for k, v := range vars.all() {
			if w := correlate(live, &vars, k, v); w != v {
				flags.set(k, w)
			}
		}
		correlateLists(live, &vars, &heap)
		vars.take(&flags)
	}
	s.vars.take(&vars)
	s.heap.take(&heap)
}

// follow makes s what the only state is that leads back to it: nothing is to be joined.
func (s *state) follow(only *state) {
	one := only
	if only.parent != s {
		one = only.snapshot(s)
	}
	s.base.steps += (one.vars.len() + one.heap.len()) / 8
	s.vars.grow(one.vars.len())
	for k, v := range one.vars.all() {
		if !s.still(k, v) {
			s.vars.set(k, v)
		}
	}
	s.heap.take(&one.heap)
}

// still is whether a variable that is given a value knows no more than it did: it is then the
// same value, and what was said of it holds.
func (s *state) still(k slot, v *value) bool {
	if !v.tainted() {
		return false
	}
	old, ok := s.get(k)
	return ok && old != v && old.tainted() && same(old, v) && v.copyOf == old.copyOf && len(v.facts) == len(old.facts)
}

// widened is a state, later than s, in which the constants are forgotten that have
// changed since.
func (s *state) widened(later *state) *state {
	out := later.fork()
	for at := later; at != nil && at != s; at = at.parent {
		for k := range at.vars.all() {
			v, ok := later.get(k)
			w, had := s.get(k)
			if ok && v != nil && len(v.consts) > 0 && !(had && same(v, w)) {
				x := *v
				x.consts, x.facts = nil, nil
				if v.consts[0].kind == ast.Str {
					x.names = stringNames
				}
				out.set(k, &x)
			}
		}
		for id := range at.heap.all() {
			o := later.object(id)
			if o == nil || sameObject(o, s.object(id)) {
				continue
			}
			n := o.clone()
			for k, v := range n.fields {
				if v != nil && len(v.consts) > 0 {
					x := *v
					x.consts = nil
					n.fields[k] = &x
				}
			}
			out.store(id, n)
		}
	}
	return out
}

// equal says whether a fork has changed nothing of s.
func (s *state) unchanged(f *state) bool {
	for at := f; at != nil && at != s; at = at.parent {
		for k, v := range at.vars.all() {
			if w, ok := s.get(k); !ok && v != bottom || ok && !same(v, w) {
				return false
			}
		}
		for k, o := range at.heap.all() {
			if !sameObject(o, s.object(k)) {
				return false
			}
		}
	}
	return true
}

// An object is something that can be changed through more than one name. An object in a
// state is never changed itself: a change stores a copy.
type object struct {
	class  *class
	name   string            // "builtins.list()": what it is when no class of the project
	fields map[string]*value // attributes
	keys   map[constant]*value
	order  []constant      // of keys
	list   []*value        // of a list or tuple whose length is known
	loose  bool            // list is not exact: what it holds is in rest
	rest   *value          // elements that are somewhere
	more   bool            // there may be elements in rest
	multi  bool            // stands for several objects
	marks  []mark          // of the whole
	named  []mark          // of keys that are not known
	keyed  *value          // what these are, all of them
	makes  *value          // what defaultdict calls for a key that is not there
	some   bool            // there is an element in it, for certain
	part   bool            // some of its keys may not be there
	lacks  map[string]bool // fields that may not be there
	made   *Made           // what of a library it is an instance of
	facts  []fact          // what it tells of variables that it is not empty
	sealed seal            // whether what holds it does not show what it holds
	pairs  *[]pair         // of a tuple that a function gives back in one of several ways
}

// A seal keeps what an object holds out of what its holder can do: a form prints as markup that
// is escaped, whatever was typed into it.
type seal uint8

const (
	fromHolder seal = 1 + iota // by itself it shows what it holds
	always
)

// A pair is what an element of a tuple may still do where another one, the flag, is true,
// and where it is not.
type pair struct {
	flag, of int
	yes, no  models.Kinds
}

func (o *object) clone() *object {
	c := *o
	c.fields = maps.Clone(o.fields)
	c.keys = maps.Clone(o.keys)
	c.list = slices.Clone(o.list)
	c.facts, c.some, c.pairs = nil, false, nil // they spoke of what it was
	return &c
}

func (o *object) open() bool { return o.more || o.loose || len(o.marks) > 0 }

func (o *object) size() int { return len(o.list) + len(o.keys) }

// holds says whether there is an element in it, for certain.
func (o *object) holds() bool { return o.some || o.size() > 0 && !(o.part && len(o.list) == 0) }

// all is any element, joined.
func (o *object) all() *value {
	v := bottom
	for _, e := range o.list {
		v = join(v, e)
	}
	for _, c := range o.order {
		v = join(v, o.keys[c])
	}
	if o.more {
		v = join(v, o.rest)
	}
	if len(o.marks) > 0 {
		v = join(v, marked(o.marks))
	}
	if v == bottom {
		return nil
	}
	return v
}

// summarise forgets where the elements of a list are.
func (o *object) summarise() {
	if len(o.list) > 0 || !o.more {
		for _, e := range o.list {
			o.add(e)
		}
		o.list, o.loose = nil, true
	}
	o.loose = true
}

// add puts an element somewhere.
func (o *object) add(v *value) {
	if o.more {
		o.rest = join(o.rest, v)
	} else {
		o.rest, o.more = v, true
	}
}

func joinObjects(a, b *object) *object {
	if a == nil || a == b {
		return b
	}
	if b == nil {
		return a
	}
	o := a.clone()
	o.multi = a.multi || b.multi
	o.marks = joinMarks(a.marks, b.marks)
	o.named = joinMarks(a.named, b.named)
	if b.keyed != nil {
		o.keyed = join(orBottom(a.keyed), b.keyed)
	}
	o.part = a.part || b.part || len(a.keys) != len(b.keys) || len(b.order) > 0 && !sameKeys(a, b)
	if len(a.fields) != len(b.fields) || len(a.lacks)+len(b.lacks) > 0 {
		o.lacks = absent(a, b)
	}
	for k, v := range b.fields {
		if w, ok := a.fields[k]; ok {
			v = join(w, v)
		} else {
			v = join(bottom, v)
		}
		if o.fields == nil {
			o.fields = map[string]*value{}
		}
		o.fields[k] = v
	}
	if len(a.list) == len(b.list) && !a.loose && !b.loose {
		for i := range o.list {
			o.list[i] = join(a.list[i], b.list[i])
		}
	} else {
		if !a.loose && !b.loose && len(a.list) > 0 && len(b.list) > 0 && same(a.list[0], b.list[0]) {
			if o.fields == nil {
				o.fields = map[string]*value{}
			}
			o.fields[firstElement] = a.list[0]
		}
		o.summarise()
		for _, e := range b.list {
			o.add(e)
		}
	}
	for _, c := range b.order {
		w, ok := o.keys[c]
		if !ok {
			if o.keys == nil {
				o.keys = map[constant]*value{}
			}
			o.order = append(o.order[:len(o.order):len(o.order)], c)
			o.keys[c] = b.keys[c]
			continue
		}
		o.keys[c] = join(w, b.keys[c])
	}
	if b.more {
		o.add(b.rest)
	}
	o.some = a.holds() && b.holds()
	return o
}

// firstElement is the field of a list that has lost its order but for the first of its elements.
const firstElement = "\x00first"

func sameKeys(a, b *object) bool {
	for _, c := range b.order {
		if _, ok := a.keys[c]; !ok {
			return false
		}
	}
	return true
}

// absent are the fields that only one of two objects is sure to have.
func absent(a, b *object) map[string]bool {
	out := map[string]bool{}
	for _, pair := range [][2]*object{{a, b}, {b, a}} {
		for k := range pair[0].fields {
			if _, ok := pair[1].fields[k]; !ok {
				out[k] = true
			}
		}
		for k := range pair[0].lacks {
			out[k] = true
		}
	}
	return out
}

func sameObject(a, b *object) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || len(a.fields) != len(b.fields) || len(a.list) != len(b.list) || len(a.keys) != len(b.keys) || a.more != b.more || a.part != b.part || len(a.lacks) != len(b.lacks) || a.loose != b.loose || len(a.marks) != len(b.marks) || len(a.named) != len(b.named) || !same(a.rest, b.rest) || !same(a.keyed, b.keyed) {
		return false
	}
	for k, v := range a.fields {
		if w, ok := b.fields[k]; !ok || !same(v, w) {
			return false
		}
	}
	for i, v := range a.list {
		if !same(v, b.list[i]) {
			return false
		}
	}
	for k, v := range a.keys {
		if w, ok := b.keys[k]; !ok || !same(v, w) {
			return false
		}
	}
	return true
}
