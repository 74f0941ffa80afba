package template

import (
	"maps"
	"slices"
	"strconv"
)

// A flow is one path from the context that shows when a value is printed.
type flow struct {
	path  []string
	steps []Step
}

// A value is what is known of a variable or an expression while a template is rendered. The zero
// value is something that shows nothing of the context.
type value struct {
	flows  []flow
	texts  []string          // the constant texts that it can be
	items  []*value          // of a list or tuple that the template has written
	fields map[string]*value // of a mapping, a namespace or a module
	elem   *value            // what a loop over it gives, where that is not an element of flows
	result *value            // what calling it gives back
	macro  *macro
	shown  []*Place // what was printed into it
}

const (
	maxPath  = 8
	maxFlows = 24
	maxSteps = 16
)

func (f flow) to(name string) flow {
	if len(f.path) >= maxPath {
		return f
	}
	return flow{append(slices.Clip(f.path), name), f.steps}
}

func (f flow) then(s Step) flow {
	if len(f.steps) >= maxSteps {
		return f
	}
	return flow{f.path, append(slices.Clip(f.steps), s)}
}

func (f flow) same(g flow) bool {
	return slices.Equal(f.path, g.path) && slices.EqualFunc(f.steps, g.steps, func(a, b Step) bool {
		return a.Name == b.Name && a.Escape == b.Escape && slices.Equal(a.Args, b.Args)
	})
}

func addFlows(list []flow, more []flow) []flow {
	for _, f := range more {
		if len(list) < maxFlows && !slices.ContainsFunc(list, f.same) {
			list = append(list, f)
		}
	}
	return list
}

// either is one of two values. Neither is changed.
func either(a, b *value) *value { return eitherTo(a, b, 6) }

func eitherTo(a, b *value, depth int) *value {
	switch {
	case a == b || b == nil:
		return a
	case a == nil:
		return b
	case depth == 0:
		return &value{flows: addFlows(addFlows(nil, a.flows), b.flows)}
	}
	v := &value{flows: addFlows(addFlows(nil, a.flows), b.flows), macro: a.macro}
	if v.macro == nil {
		v.macro = b.macro
	}
	for _, t := range append(slices.Clip(a.texts), b.texts...) {
		if len(v.texts) < maxFlows && !slices.Contains(v.texts, t) {
			v.texts = append(v.texts, t)
		}
	}
	for i := range max(len(a.items), len(b.items)) {
		v.items = append(v.items, eitherTo(at(a.items, i), at(b.items, i), depth-1))
	}
	if a.fields != nil || b.fields != nil {
		v.fields = map[string]*value{}
		maps.Copy(v.fields, a.fields)
		for k, f := range b.fields {
			v.fields[k] = eitherTo(v.fields[k], f, depth-1)
		}
	}
	v.elem = eitherTo(a.elem, b.elem, depth-1)
	v.result = eitherTo(a.result, b.result, depth-1)
	v.shown = a.shown
	for _, p := range b.shown {
		if len(v.shown) < maxFlows && !slices.Contains(v.shown, p) {
			v.shown = append(slices.Clip(v.shown), p)
		}
	}
	return v
}

func at(list []*value, i int) *value {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// flat is the value as it is when its text is wanted: everything within it shows.
func (v *value) flat() *value {
	if v.items == nil && v.fields == nil && v.elem == nil {
		return v
	}
	flat := &value{flows: slices.Clip(v.flows), texts: v.texts, macro: v.macro, shown: slices.Clip(v.shown)}
	fuel := 200
	var add func(*value)
	add = func(w *value) {
		if fuel--; w == nil || fuel < 0 || w.macro != nil {
			return
		}
		flat.flows = addFlows(flat.flows, w.flows)
		flat.shown = append(flat.shown, w.shown[:min(len(w.shown), max(0, maxFlows-len(flat.shown)))]...)
		for _, i := range w.items {
			add(i)
		}
		for _, k := range slices.Sorted(maps.Keys(w.fields)) {
			add(w.fields[k])
		}
		if len(w.flows) == 0 {
			add(w.elem)
		}
	}
	for _, i := range v.items {
		add(i)
	}
	for _, k := range slices.Sorted(maps.Keys(v.fields)) {
		add(v.fields[k])
	}
	if len(v.flows) == 0 {
		add(v.elem)
	}
	return flat
}

// to is a part of the value: an attribute, an index, any element.
func (v *value) to(name string) *value {
	w := &value{}
	if name == Any {
		if v.elem != nil {
			return v.elem
		}
		for _, i := range v.items {
			w = either(w, i)
		}
	} else {
		if f := v.fields[name]; f != nil {
			w = f
		}
		if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < len(v.items) {
			w = either(w, v.items[n])
		}
	}
	if len(v.flows) == 0 {
		return w
	}
	u := &value{}
	for _, f := range v.flows {
		u.flows = append(u.flows, f.to(name))
	}
	return either(w, u)
}

// at is an element whose index is not known.
func (v *value) index() *value {
	w := v.to(Any)
	for _, k := range slices.Sorted(maps.Keys(v.fields)) {
		w = either(w, v.fields[k])
	}
	return w
}

// pairs are the keys and values, as tuples.
func (v *value) pairs() *value {
	w := &value{elem: &value{items: []*value{v.to(Key), v.values()}}}
	return w
}

func (v *value) values() *value {
	w := &value{}
	for _, k := range slices.Sorted(maps.Keys(v.fields)) {
		w = either(w, v.fields[k])
	}
	return either(w, v.to(Any))
}

// then is the value after a step. What was printed into it takes the step, too.
func (v *value) then(s Step) *value {
	w := *v
	w.flows = nil
	for _, f := range v.flows {
		w.flows = append(w.flows, f.then(s))
	}
	w.shown = nil
	for _, p := range v.shown {
		q := *p
		if len(q.Steps) < maxSteps {
			q.Steps = append(slices.Clip(q.Steps), s)
		}
		w.shown = append(w.shown, &q)
	}
	w.texts, w.macro = nil, nil
	return &w
}
