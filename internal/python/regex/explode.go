// Package regex reads patterns as Python's re does, and says which of them can take
// exponential time.
//
// Python matches by trying and going back. A pattern is exponential if a text can be
// matched by a part of it in ever more ways, and then turns out not to fit after all: all
// ways are tried. Weideman, van der Merwe, Berglund and Watson, "Analyzing Matching Time
// Behavior of Backtracking Regular Expression Matchers by Using Ambiguity of NFA" (CIAA
// 2016), show how to see it: the automaton has exponential degree of ambiguity if there is
// a state q and a word that leads from q to q on two different ways. Such a word is found
// in the product of the automaton with itself, within one strongly connected component.
// With a prefix that leads to q and a suffix that then fails, it is an attack.
//
// The automaton knows nothing of look-around, anchors within loops, references and groups
// that give nothing back. Therefore an attack is tried out before it is reported, by
// counting the steps of a small matcher that works as Python's does. What is beyond the
// bounds of either is not reported.
package regex

import (
	"math"
	"slices"
	"strings"
)

// A Witness is a text that a pattern takes exponential time for: each further Pump takes
// Growth times as long.
type Witness struct {
	Prefix, Pump, Suffix string
	Growth               float64
}

// Text is the attack with n pumps.
func (w Witness) Text(n int) string { return w.Prefix + strings.Repeat(w.Pump, n) + w.Suffix }

// Bounds on the search for a witness.
const (
	maxProduct    = 2_000_000 // pairs of edges that are compared
	maxCandidates = 12        // a component
	maxTrials     = 160       // texts that are tried out
	maxSteps      = 120_000   // of one text
	maxAllSteps   = 1_000_000 // of all texts
	maxPump       = 48        // characters
)

// Explosive says whether matching can take exponential time, and with which text. Full
// asks about fullmatch, where the whole text must fit; else about match and search.
func (r *Regexp) Explosive(full bool) (Witness, bool) {
	if !nested(r.Root, false) {
		return Witness{}, false
	}
	for _, most := range [...]int{12, 2} { // bounded repetitions: written out, or not
		if a := newAutomaton(r, most); a != nil {
			return a.explosive(r, full)
		}
	}
	return Witness{}, false
}

// nested says whether the pattern has a loop with more than one character in it: else
// there is nothing to look for.
func nested(n *Node, loop bool) bool {
	if n.Op == Repeat {
		if loop && n.Max != 1 || n.Max != 1 && n.Subs[0].Op != Chars && several(n.Subs[0]) {
			return true
		}
		loop = loop || n.Max != 1
	}
	for _, s := range n.Subs {
		if nested(s, loop) {
			return true
		}
	}
	return false
}

// several says whether a loop's body can be ambiguous: it repeats, or has alternatives.
func several(n *Node) bool {
	if n.Op == Repeat || n.Op == Alternate || n.Op == Condition {
		return true
	}
	return slices.ContainsFunc(n.Subs, several)
}

// A finder looks for a witness.
type finder struct {
	*automaton
	r      *Regexp
	full   bool
	comp   []int32 // strongly connected component by position
	from   []int32 // the position before, on a shortest way from the beginning; -1
	work   int
	trials int
	steps  int
	last   bool    // write words with the last character that fits, not the first
	avoid  symbols // characters that words are better written without
	best   Witness
}

func (a *automaton) explosive(r *Regexp, full bool) (Witness, bool) {
	f := &finder{automaton: a, r: r, full: full}
	f.components()
	f.prefixes()
	byComp := map[int32][]int32{}
	var order []int32
	for p, c := range f.comp {
		if byComp[c] == nil {
			order = append(order, c)
		}
		byComp[c] = append(byComp[c], int32(p))
	}
	slices.Sort(order)
	// Words do best with characters that nothing else in the pattern takes: they cannot
	// make it fit after all.
	for round := range 3 {
		f.last, f.trials = round == 2, 0
		for _, c := range order {
			f.avoid = symbols{}
			for p := range f.comp {
				if round == 0 && f.comp[p] != c {
					for i, x := range f.symbols[p] {
						f.avoid[i] |= x
					}
				}
			}
			if f.component(byComp[c]) {
				return f.best, true
			}
		}
	}
	return Witness{}, false
}

// components numbers the strongly connected components, by Tarjan's algorithm.
func (f *finder) components() {
	n := len(f.follow)
	f.comp = make([]int32, n)
	index, low := make([]int32, n), make([]int32, n)
	on := make([]bool, n)
	var stack []int32
	next, number := int32(0), int32(0)
	var visit func(v int32)
	visit = func(v int32) {
		next++
		index[v], low[v] = next, next
		stack, on[v] = append(stack, v), true
		for _, e := range f.follow[v] {
			if index[e.to] == 0 {
				visit(e.to)
				low[v] = min(low[v], low[e.to])
			} else if on[e.to] {
				low[v] = min(low[v], index[e.to])
			}
		}
		if low[v] == index[v] {
			for {
				w := stack[len(stack)-1]
				stack, on[w] = stack[:len(stack)-1], false
				f.comp[w] = number
				if w == v {
					break
				}
			}
			number++
		}
	}
	for v := range int32(n) {
		if index[v] == 0 {
			visit(v)
		}
	}
}

// prefixes finds a shortest way to each position.
func (f *finder) prefixes() {
	f.from = make([]int32, len(f.follow))
	seen := make([]bool, len(f.follow))
	var queue []int32
	for _, e := range f.first {
		seen[e.to], f.from[e.to] = true, -1
		queue = append(queue, e.to)
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for _, e := range f.follow[p] {
			if !seen[e.to] {
				seen[e.to], f.from[e.to] = true, p
				queue = append(queue, e.to)
			}
		}
	}
}

// char is a character that both of two positions take.
func (f *finder) char(p, q int32) rune {
	both := f.symbols[p].and(&f.symbols[q], &f.avoid)
	class, ok := both.first(f.last)
	if !ok {
		both = f.symbols[p].and(&f.symbols[q], &symbols{})
		class, _ = both.first(f.last)
	}
	return f.classes[class]
}

// prefix is a text that leads to a position, and past it.
func (f *finder) prefix(p int32) []rune {
	var out []rune
	for ; p >= 0; p = f.from[p] {
		out = append(out, f.char(p, p))
	}
	slices.Reverse(out)
	return out
}

// way is a text that leads from one position of a component to another, without the
// character of the first; nothing if they are the same.
func (f *finder) way(from, to int32) []rune {
	before := map[int32]int32{from: -1}
	queue := []int32{from}
	for len(queue) > 0 && queue[0] != to {
		p := queue[0]
		queue = queue[1:]
		for _, e := range f.follow[p] {
			if _, ok := before[e.to]; !ok && f.comp[e.to] == f.comp[from] {
				before[e.to] = p
				queue = append(queue, e.to)
			}
		}
	}
	var out []rune
	for p := to; p != from; p = before[p] {
		out = append(out, f.char(p, p))
	}
	slices.Reverse(out)
	return out
}

// component looks for words that lead from a position of a component back to it on two
// ways, and tries them out.
func (f *finder) component(list []int32) bool {
	found := 0
	try := func(start int32, word []rune) bool {
		found++
		if len(word) > maxPump {
			return false
		}
		if short := root(word); len(short) < len(word) && f.attack(f.prefix(start), short) {
			return true
		}
		return f.attack(f.prefix(start), word)
	}
	for _, p := range list { // two ways within one step
		for _, e := range f.follow[p] {
			if e.twice && f.comp[e.to] == f.comp[p] && found < maxCandidates {
				if try(e.to, append(f.way(e.to, p), f.char(e.to, e.to))) {
					return true
				}
			}
		}
	}
	if len(list) < 2 {
		return false
	}
	// Ways that part and meet again.
	type pair struct{ a, b int32 }
	before := map[pair]pair{}
	var queue []pair
	// step goes on from a pair; meet is told of pairs that are one again.
	step := func(x pair, meet func(p int32) bool) bool {
		for i, e := range f.follow[x.a] {
			if f.comp[e.to] != f.comp[list[0]] {
				continue
			}
			others := f.follow[x.b]
			if x.a == x.b {
				others = others[i+1:]
			}
			for _, g := range others {
				if f.comp[g.to] != f.comp[list[0]] {
					continue
				}
				if f.work++; f.work > maxProduct {
					return false
				}
				switch {
				case !f.symbols[e.to].meet(&f.symbols[g.to]):
				case e.to == g.to:
					if x.a != x.b && meet(e.to) {
						return true
					}
				default:
					y := pair{min(e.to, g.to), max(e.to, g.to)}
					if _, ok := before[y]; !ok {
						before[y] = x
						queue = append(queue, y)
					}
				}
			}
		}
		return false
	}
	for _, p := range list {
		step(pair{p, p}, nil)
	}
	met := map[pair]bool{}
	for len(queue) > 0 && found < 2*maxCandidates && f.work <= maxProduct {
		x := queue[0]
		queue = queue[1:]
		if step(x, func(p int32) bool {
			word := []rune{f.char(p, p)}
			y := x
			for ; y.a != y.b; y = before[y] {
				word = append(word, f.char(y.a, y.b))
			}
			slices.Reverse(word)
			if met[pair{y.a, p}] || found >= 2*maxCandidates {
				return false
			}
			met[pair{y.a, p}] = true
			return try(y.a, append(word, f.way(p, y.a)...))
		}) {
			return true
		}
	}
	return false
}

// attack tries out a word behind a prefix, with different suffixes.
func (f *finder) attack(prefix, pump []rune) bool {
	for _, suffix := range f.suffixes() {
		if f.trials++; f.trials > maxTrials || f.steps > maxAllSteps {
			return false
		}
		if growth, ok := f.explodes(prefix, pump, suffix); ok {
			f.best = Witness{string(prefix), string(pump), string(suffix), growth}
			return true
		}
	}
	return false
}

// suffixes are ends that may fail: a character that the pattern does not know, or knows
// elsewhere; nothing, where it wants more; a second line, where it wants the end of the first.
func (f *finder) suffixes() [][]rune {
	out := [][]rune{{}}
	var rest []rune
	used := func(class int) bool {
		for i := range f.symbols {
			if f.symbols[i][class/64]>>(class%64)&1 != 0 {
				return true
			}
		}
		return false
	}
	for i, r := range f.classes {
		if !used(i) {
			if f.r.Last >= '!' && !slices.ContainsFunc(f.sets, func(s Set) bool { return s.Has('!') }) {
				r = '!'
			}
			out = append(out, []rune{r})
		} else {
			rest = append(rest, r)
		}
	}
	slices.Reverse(rest) // those that read worst are in the fewest sets
	for _, r := range rest[:min(len(rest), 10)] {
		out = append(out, []rune{r})
	}
	// What a look-ahead wants may stand behind the part that explodes.
	all := append(slices.Clone(rest), slices.Concat(out...)...)
	return append(out, []rune("\n\n"), []rune("\n!"), []rune("!\n"), all[:min(len(all), 40)])
}

// explodes counts the steps of longer and longer texts. A pump that is ambiguous as it
// stands doubles them or worse; where only repetitions of it are, as with (a|aa)*, each is
// still worth one and a half. Whatever is polynomial is below that in the end.
func (f *finder) explodes(prefix, pump, suffix []rune) (growth float64, ok bool) {
	const least = 1.45
	var ratios []float64
	var counts []float64
	for n := 1; n <= 20; n++ {
		text := slices.Clone(prefix)
		for range n {
			text = append(text, pump...)
		}
		_, steps := f.r.match(append(text, suffix...), f.full, maxSteps)
		f.steps += steps
		if steps >= maxSteps {
			break
		}
		counts = append(counts, float64(steps))
		if n == 8 && counts[7] < 2*counts[3] {
			return 0, false
		}
		if n > 1 {
			ratios = append(ratios, counts[n-1]/counts[n-2])
		}
	}
	switch n := len(ratios); n {
	case 0:
		return 0, false
	case 1, 2: // more than can be counted
		return ratios[n-1], ratios[n-1] >= 8
	default:
		// Two at a time: every other one can be worth more.
		two, before := ratios[n-1]*ratios[n-2], ratios[n-2]*ratios[n-3]
		return math.Sqrt(two), min(two, before) >= least*least
	}
}

// root is the shortest word of which w is a repetition.
func root(w []rune) []rune {
	for n := 1; n <= len(w)/2; n++ {
		if len(w)%n == 0 && slices.Equal(w[n:], w[:len(w)-n]) {
			return w[:n]
		}
	}
	return w
}
