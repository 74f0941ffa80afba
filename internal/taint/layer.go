package taint

import (
	"iter"
	"maps"
	"slices"
)

// A layer is a map that mostly holds a handful of things, and is asked for what it does not
// have far more often than for what it has: forks of a state lie several deep, and a name is
// looked for in each. While it is small it is a list, which needs no hash of the name: a scan
// of eight copies of Redash takes 5.7 s of processors, with Go's map throughout 6.0.
type layer[K comparable, V any] struct {
	few  []entry[K, V]
	many map[K]V
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// maxFew is how many entries a layer has at most as a list.
const maxFew = 8

func (l *layer[K, V]) get(k K) (v V, ok bool) {
	if l.many != nil {
		v, ok = l.many[k]
		return v, ok
	}
	for i := range l.few {
		if l.few[i].key == k {
			return l.few[i].value, true
		}
	}
	return v, false
}

func (l *layer[K, V]) has(k K) bool {
	_, ok := l.get(k)
	return ok
}

func (l *layer[K, V]) set(k K, v V) {
	if l.many == nil {
		for i := range l.few {
			if l.few[i].key == k {
				l.few[i].value = v
				return
			}
		}
		if len(l.few) < maxFew {
			l.few = append(l.few, entry[K, V]{k, v})
			return
		}
		l.grow(2 * maxFew)
	}
	l.many[k] = v
}

// grow makes room for n entries.
func (l *layer[K, V]) grow(n int) {
	switch {
	case l.many != nil:
	case n > maxFew:
		l.many = make(map[K]V, n)
		for _, e := range l.few {
			l.many[e.key] = e.value
		}
		l.few = nil
	case cap(l.few) < n:
		l.few = slices.Grow(l.few, n-len(l.few))
	}
}

func (l *layer[K, V]) remove(k K) {
	if l.many != nil {
		delete(l.many, k)
		return
	}
	l.few = slices.DeleteFunc(l.few, func(e entry[K, V]) bool { return e.key == k })
}

func (l *layer[K, V]) len() int { return len(l.few) + len(l.many) }

// all are the entries. What is set meanwhile may come or not, as with maps.
func (l *layer[K, V]) all() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, e := range l.few {
			if !yield(e.key, e.value) {
				return
			}
		}
		for k, v := range l.many {
			if !yield(k, v) {
				return
			}
		}
	}
}

func (l *layer[K, V]) clone() layer[K, V] {
	return layer[K, V]{slices.Clone(l.few), maps.Clone(l.many)}
}

// take sets everything that another layer has.
func (l *layer[K, V]) take(from *layer[K, V]) {
	l.grow(from.len())
	for k, v := range from.all() {
		l.set(k, v)
	}
}

// fill takes what another layer has and this one has not.
func (l *layer[K, V]) fill(from *layer[K, V]) {
	for k, v := range from.all() {
		if !l.has(k) {
			l.set(k, v)
		}
	}
}
