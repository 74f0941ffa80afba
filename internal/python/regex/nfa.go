package regex

import (
	"math/bits"
	"slices"
)

// The bounds of an automaton. A pattern that needs more is not judged.
const (
	maxNodes     = 4000
	maxPositions = 600
	maxClasses   = 256
	maxPaths     = 3000 // steps without a character that are looked at from one position
)

// A symbols is a set of equivalence classes of characters.
type symbols [maxClasses / 64]uint64

func (s *symbols) add(i int) { s[i/64] |= 1 << (i % 64) }

// meet says whether two sets have a class in common.
func (s *symbols) meet(t *symbols) bool {
	return s[0]&t[0]|s[1]&t[1]|s[2]&t[2]|s[3]&t[3] != 0
}

// and is what two sets have in common, without a third.
func (s *symbols) and(t, not *symbols) (out symbols) {
	for i := range s {
		out[i] = s[i] & t[i] &^ not[i]
	}
	return out
}

// first is the first class of a set, or the last. Classes are in order of how well they read.
func (s *symbols) first(last bool) (class int, ok bool) {
	for i, x := range s {
		if x != 0 {
			if !last {
				return i*64 + bits.TrailingZeros64(x), true
			}
			class, ok = i*64+63-bits.LeadingZeros64(x), true
		}
	}
	return class, ok
}

// A node of the automaton takes a character (set) or none.
type node struct {
	set int32 // of automaton.sets, or -1
	out []int32
}

// An edge leads from a position to one whose character may come next. Twice says that
// there are two ways to get there without taking a character.
type edge struct {
	to    int32
	twice bool
}

// An automaton is a pattern as Thompson draws it, and then as Glushkov does: positions,
// each of which takes a character, and the positions that may follow each. Look-ahead
// leads both past and into its own pattern, of which the end leads nowhere; anchors and
// references are taken to be fulfilled. Who finds something here has to try it out.
type automaton struct {
	nodes     []node
	sets      []Set
	most      int // copies that a bounded repetition is written out as
	positions []int32
	symbols   []symbols // by position
	classes   []rune    // a character of each class
	first     []edge
	follow    [][]edge
}

// newAutomaton returns nil if the pattern is beyond the bounds.
func newAutomaton(r *Regexp, most int) *automaton {
	a := &automaton{most: most}
	start, end := a.build(r.Root)
	if start < 0 || end < 0 || !a.classify(r.Last) {
		return nil
	}
	at := make([]int32, len(a.nodes)) // position by node
	for i, n := range a.nodes {
		at[i] = -1
		if n.set >= 0 {
			at[i] = int32(len(a.positions))
			a.positions = append(a.positions, int32(i))
		}
	}
	if len(a.positions) > maxPositions {
		return nil
	}
	seen := make([]bool, len(a.nodes))
	a.first = a.reach(start, at, seen)
	for _, n := range a.positions {
		a.follow = append(a.follow, a.reach(a.nodes[n].out[0], at, seen))
	}
	return a
}

// add makes a node.
func (a *automaton) add(set int, out ...int32) int32 {
	a.nodes = append(a.nodes, node{int32(set), out})
	return int32(len(a.nodes) - 1)
}

func (a *automaton) link(from, to int32) { a.nodes[from].out = append(a.nodes[from].out, to) }

// build returns the nodes where a part begins and ends, or -1 when there are too many.
// The ways back of a loop have a node of their own, so that going round it and entering
// it anew are two ways.
func (a *automaton) build(n *Node) (in, out int32) {
	if len(a.nodes) > maxNodes {
		return -1, -1
	}
	switch n.Op {
	case Chars:
		i := slices.IndexFunc(a.sets, func(s Set) bool { return slices.Equal(s, n.Set) })
		if i < 0 {
			i = len(a.sets)
			a.sets = append(a.sets, n.Set)
		}
		out = a.add(-1)
		return a.add(i, out), out
	case Concat:
		in = a.add(-1)
		out = in
		for _, s := range n.Subs {
			i, o := a.build(s)
			if i < 0 {
				return -1, -1
			}
			a.link(out, i)
			out = o
		}
		return in, out
	case Alternate, Condition:
		in, out = a.add(-1), a.add(-1)
		for _, s := range n.Subs {
			i, o := a.build(s)
			if i < 0 {
				return -1, -1
			}
			a.link(in, i)
			a.link(o, out)
		}
		return in, out
	case Group, Atomic:
		return a.build(n.Subs[0])
	case Look:
		in, out = a.add(-1), a.add(-1)
		a.link(in, out)
		if !n.Behind {
			i, _ := a.build(n.Subs[0])
			if i < 0 {
				return -1, -1
			}
			a.link(in, i)
		}
		return in, out
	case Repeat:
		return a.repeat(n)
	}
	in = a.add(-1)
	return in, in
}

func (a *automaton) repeat(n *Node) (in, out int32) {
	in, out = a.add(-1), a.add(-1)
	at := in
	least := min(n.Min, a.most)
	last := n.Max
	if last != Unbounded && last-n.Min > a.most { // as good as no bound
		last = Unbounded
	}
	rounds := least
	switch {
	case last != Unbounded:
		rounds += last - n.Min
	case least == 0:
		rounds = 1
	}
	for i := range rounds {
		bi, bo := a.build(n.Subs[0])
		if bi < 0 {
			return -1, -1
		}
		if i >= least { // may be left out
			choice := a.add(-1, bi, out)
			a.link(at, choice)
		} else {
			a.link(at, bi)
		}
		at = bo
		if i == rounds-1 && last == Unbounded {
			back := a.add(-1, bi)
			a.link(at, back)
			at = back
		}
	}
	a.link(at, out)
	return in, out
}

// classify divides the characters into classes that no set tells apart.
func (a *automaton) classify(last rune) bool {
	type cut struct {
		at  rune
		set int
	}
	var cuts []cut
	for i, s := range a.sets {
		for _, r := range s {
			cuts = append(cuts, cut{r.Lo, i}, cut{r.Hi + 1, i})
		}
	}
	slices.SortFunc(cuts, func(x, y cut) int { return int(x.at) - int(y.at) })
	in := make([]byte, (len(a.sets)+7)/8) // the sets that the next character is in
	best := map[string]rune{}
	show := func(lo, hi rune) {
		if lo > hi {
			return
		}
		r := nicest(lo, hi)
		if old, ok := best[string(in)]; !ok || rank(r) < rank(old) {
			best[string(in)] = r
		}
	}
	at := rune(0)
	for _, c := range cuts {
		if c.at > at {
			show(at, c.at-1)
			at = c.at
		}
		in[c.set/8] ^= 1 << (c.set % 8)
	}
	show(at, last)
	if len(best) > maxClasses {
		return false
	}
	of := map[rune]string{}
	for in, r := range best {
		a.classes = append(a.classes, r)
		of[r] = in
	}
	slices.SortFunc(a.classes, func(x, y rune) int { return rank(x) - rank(y) })
	bySet := make([]symbols, len(a.sets))
	for i, r := range a.classes {
		for s := range a.sets {
			if of[r][s/8]>>(s%8)&1 != 0 {
				bySet[s].add(i)
			}
		}
	}
	for _, n := range a.nodes {
		if n.set >= 0 {
			a.symbols = append(a.symbols, bySet[n.set])
		}
	}
	return true
}

// rank orders characters by how well they read in a message.
func rank(r rune) int {
	switch {
	case r >= 'a' && r <= 'z':
		return int(r - 'a')
	case r >= '0' && r <= '9':
		return 100 + int(r-'0')
	case r >= 'A' && r <= 'Z':
		return 200 + int(r)
	case r > ' ' && r < 0x7f:
		return 400 + int(r)
	case r == ' ':
		return 600
	case r == '\n' || r == '\t':
		return 700 + int(r)
	case r >= 0xa1 && (r < 0xd800 || r > 0xdfff):
		return 1000 + int(r)
	}
	return 1<<21 + int(r)
}

// nicest is the character of a range that reads best.
func nicest(lo, hi rune) rune {
	for _, r := range [...]Range{{'a', 'z'}, {'0', '9'}, {'A', 'Z'}, {'!', '~'}, {' ', ' '}, {'\t', '\n'}, {0xa1, 0xd7ff}} {
		if c := max(lo, r.Lo); c <= min(hi, r.Hi) {
			return c
		}
	}
	return lo
}

// reach lists the positions that can come next from a node, with no character taken. Ways
// that meet a node twice are none: a round of a loop that takes nothing ends it.
func (a *automaton) reach(from int32, at []int32, seen []bool) []edge {
	var out []edge
	steps := 0
	var walk func(n int32)
	walk = func(n int32) {
		if p := at[n]; p >= 0 {
			for i := range out {
				if out[i].to == p {
					out[i].twice = true
					return
				}
			}
			out = append(out, edge{to: p})
			return
		}
		if steps++; seen[n] || steps > maxPaths {
			return
		}
		seen[n] = true
		for _, o := range a.nodes[n].out {
			walk(o)
		}
		seen[n] = false
	}
	walk(from)
	return out
}
