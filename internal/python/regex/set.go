package regex

import (
	"slices"
	"sync"
	"unicode"
)

// A Range is the characters from Lo to Hi.
type Range struct{ Lo, Hi rune }

// A Set is a set of characters: ranges in order, apart from each other.
type Set []Range

// Has says whether the set has a character.
func (s Set) Has(r rune) bool {
	_, found := slices.BinarySearchFunc(s, r, func(x Range, r rune) int {
		switch {
		case x.Hi < r:
			return -1
		case x.Lo > r:
			return 1
		}
		return 0
	})
	return found
}

// normal sorts and joins ranges.
func normal(s Set) Set {
	slices.SortFunc(s, func(a, b Range) int { return int(a.Lo) - int(b.Lo) })
	out := s[:0]
	for _, r := range s {
		if n := len(out); n > 0 && r.Lo <= out[n-1].Hi+1 {
			out[n-1].Hi = max(out[n-1].Hi, r.Hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

// without is the complement of a set in normal form, up to a last character.
func (s Set) without(last rune) Set {
	var out Set
	next := rune(0)
	for _, r := range s {
		if r.Lo > next {
			out = append(out, Range{next, r.Lo - 1})
		}
		next = r.Hi + 1
	}
	if next <= last {
		out = append(out, Range{next, last})
	}
	return out
}

// maxFold is how many characters of one range are asked for their other case.
const maxFold = 1 << 11

// folded adds the other case of each character.
func (s Set) folded(ascii bool) Set {
	out := slices.Clone(s)
	for _, r := range s {
		for c := r.Lo; c <= r.Hi && c-r.Lo < maxFold; c++ {
			if c < 128 && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
				continue
			}
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				if !ascii || c < 128 && f < 128 {
					out = append(out, Range{f, f})
				}
			}
		}
	}
	return normal(out)
}

// The sets of \d, \s and \w in patterns for bytes, or with the flag ASCII.
var (
	asciiDigit = Set{{'0', '9'}}
	asciiSpace = Set{{'\t', '\r'}, {' ', ' '}}
	asciiWord  = Set{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
)

// unicodeSets are the same for text. They are made when the first pattern asks.
var unicodeSets = sync.OnceValue(func() (sets struct{ digit, space, word Set }) {
	sets.digit = fromTables(unicode.Nd)
	sets.space = normal(append(fromTables(unicode.White_Space), Range{0x1c, 0x1f}))
	sets.word = normal(append(fromTables(unicode.L, unicode.N), Range{'_', '_'}))
	return sets
})

func fromTables(tables ...*unicode.RangeTable) Set {
	var out Set
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			out = append(out, Range{lo, hi})
			return
		}
		for c := lo; c <= hi; c += stride {
			out = append(out, Range{c, c})
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return normal(out)
}
