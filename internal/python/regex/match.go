package regex

import "unicode"

// A run is one attempt to match a text from its beginning, as Python's engine does it: by
// trying, in order, and going back. It counts what Python would do.
type run struct {
	text  []rune
	full  bool
	caps  [][2]int
	steps int
	limit int
}

// match tries the pattern at the beginning of the text. Steps stops at limit.
func (r *Regexp) match(text []rune, full bool, limit int) (ok bool, steps int) {
	m := &run{text: text, full: full, limit: limit, caps: make([][2]int, r.Groups+1)}
	for i := range m.caps {
		m.caps[i] = [2]int{-1, -1}
	}
	ok = m.node(r.Root, 0, func(at int) bool { return !full || at == len(text) })
	return ok, m.steps
}

// node matches n at a place and goes on with then. When the limit is reached everything
// fails.
func (m *run) node(n *Node, at int, then func(int) bool) bool {
	if m.steps++; m.steps >= m.limit {
		return false
	}
	switch n.Op {
	case Empty:
		return then(at)
	case Chars:
		return at < len(m.text) && n.Set.Has(m.text[at]) && then(at+1)
	case Concat:
		return m.concat(n.Subs, at, then)
	case Alternate:
		for _, s := range n.Subs {
			if m.node(s, at, then) {
				return true
			}
		}
		return false
	case Group:
		was := m.caps[n.Group]
		if m.node(n.Subs[0], at, func(end int) bool {
			old := m.caps[n.Group]
			m.caps[n.Group] = [2]int{at, end}
			if then(end) {
				return true
			}
			m.caps[n.Group] = old
			return false
		}) {
			return true
		}
		m.caps[n.Group] = was
		return false
	case Atomic:
		end, ok := m.alone(n.Subs[0], at)
		return ok && then(end)
	case Repeat:
		if n.Possessive {
			end, ok := m.aloneRepeat(n, at)
			return ok && then(end)
		}
		return m.repeat(n, 0, at, -1, then)
	case Look:
		return m.look(n, at) != n.Negative && then(at)
	case Reference:
		end, ok := m.reference(n, at)
		return ok && then(end)
	case Condition:
		if n.Group < len(m.caps) && m.caps[n.Group][1] >= 0 {
			return m.node(n.Subs[0], at, then)
		}
		return m.node(n.Subs[1], at, then)
	case TextStart:
		return at == 0 && then(at)
	case LineStart:
		return (at == 0 || m.text[at-1] == '\n') && then(at)
	case TextEnd:
		return at == len(m.text) && then(at)
	case LastEnd:
		return (at == len(m.text) || at == len(m.text)-1 && m.text[at] == '\n') && then(at)
	case LineEnd:
		return (at == len(m.text) || m.text[at] == '\n') && then(at)
	case Boundary:
		word := func(i int) bool {
			if i < 0 || i >= len(m.text) {
				return false
			}
			if n.Narrow {
				return asciiWord.Has(m.text[i])
			}
			return unicodeSets().word.Has(m.text[i])
		}
		if len(m.text) == 0 { // not even \B, until Python 3.14
			return false
		}
		return (word(at-1) != word(at)) != n.Negative && then(at)
	}
	return false
}

func (m *run) concat(list []*Node, at int, then func(int) bool) bool {
	if len(list) == 0 {
		return then(at)
	}
	return m.node(list[0], at, func(next int) bool { return m.concat(list[1:], next, then) })
}

// repeat goes on with a repetition of which done rounds are over; last is where the round
// before began. A round that takes nothing is the last one.
func (m *run) repeat(n *Node, done, at, last int, then func(int) bool) bool {
	if m.steps++; m.steps >= m.limit {
		return false
	}
	more := func() bool {
		return m.node(n.Subs[0], at, func(next int) bool { return m.repeat(n, done+1, next, at, then) })
	}
	if done < n.Min {
		if at == last && done > 100 { // the rounds that are missing can take nothing, too
			return then(at)
		}
		return more()
	}
	can := (n.Max == Unbounded || done < n.Max) && at != last
	if n.Lazy {
		return then(at) || can && more()
	}
	return can && more() || then(at)
}

// alone matches a node once and for all.
func (m *run) alone(n *Node, at int) (end int, ok bool) {
	ok = m.node(n, at, func(e int) bool { end = e; return true })
	return end, ok
}

func (m *run) aloneRepeat(n *Node, at int) (end int, ok bool) {
	last := -1
	for done := 0; n.Max == Unbounded || done < n.Max; done++ {
		if at == last && done >= n.Min || m.steps >= m.limit {
			break
		}
		next, ok := m.alone(n.Subs[0], at)
		if !ok {
			return at, done >= n.Min
		}
		if next == at {
			return at, true
		}
		at, last = next, at
	}
	return at, true
}

func (m *run) look(n *Node, at int) bool {
	if !n.Behind {
		_, ok := m.alone(n.Subs[0], at)
		return ok
	}
	return at >= n.width && m.node(n.Subs[0], at-n.width, func(e int) bool { return e == at })
}

func (m *run) reference(n *Node, at int) (end int, ok bool) {
	if n.Group >= len(m.caps) || m.caps[n.Group][1] < 0 {
		return 0, false
	}
	for i := m.caps[n.Group][0]; i < m.caps[n.Group][1]; i++ {
		if at >= len(m.text) || m.text[at] != m.text[i] && (!n.Fold || unicode.ToLower(m.text[at]) != unicode.ToLower(m.text[i])) {
			return 0, false
		}
		at++
	}
	return at, true
}
