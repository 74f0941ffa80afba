package match

import (
	"encoding/binary"
	"math/bits"
)

// Many finds many words in a text at once, without regard to the case of ASCII letters.
//
// Each place is asked one question that does not depend on the place before: are the four
// bytes here, folded, among those that some word begins with? A table of 8 KB answers, and
// the few places that it lets through are compared. That is faster than an automaton, whose
// every step waits for the step before, and takes a time that grows with the text alone.
// Words are not looked up within one another, as an automaton would: each is found for itself.
type Many struct {
	words [][]byte             // folded
	bits  [1 << 10]uint64      // which beginnings there may be, by their hash
	slots [1 << 12][]manyEntry // which words begin so
}

type manyEntry struct {
	head uint32
	word int32
}

// fold makes letters of four bytes lower case. It makes other bytes alike, too ('@' and '`'),
// which the comparison tells apart.
const fold = 0x20202020

func hash(head uint32) uint32 { return head * 0x9E3779B1 >> 16 }

// NewMany makes a Many of words of at least three bytes; shorter ones are a mistake and panic.
func NewMany(words []string) *Many {
	m := &Many{words: make([][]byte, len(words))}
	for i, w := range words {
		if len(w) < 3 {
			panic("match: the word " + w + " is too short")
		}
		m.words[i] = lower(w)
		if len(w) > 3 {
			m.add(binary.LittleEndian.Uint32(m.words[i])|fold, int32(i))
			continue
		}
		// A word of three bytes begins with any fourth.
		head := uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16
		for c := range uint32(256) {
			if c&0x20 != 0 {
				m.add((head|c<<24)|fold, int32(i))
			}
		}
	}
	return m
}

func lower(s string) []byte {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return b
}

func (m *Many) add(head uint32, word int32) {
	h := hash(head)
	m.bits[h>>6] |= 1 << (h & 63)
	m.slots[h&(1<<12-1)] = append(m.slots[h&(1<<12-1)], manyEntry{head, word})
}

// Each calls visit for every word at every place, from the beginning to the end; words at one
// place come in the order in which they were given. What visit returns is where to go on, if
// that is further than the next byte.
func (m *Many) Each(text []byte, visit func(word, at int) int) {
	i := 0
	for i+8 <= len(text) {
		// Five places to a load.
		x := binary.LittleEndian.Uint64(text[i:]) | (fold<<32 | fold)
		var hit uint32
		h := hash(uint32(x))
		hit |= uint32(m.bits[h>>6&1023]>>(h&63)) & 1
		h = hash(uint32(x >> 8))
		hit |= uint32(m.bits[h>>6&1023]>>(h&63)) & 1 << 1
		h = hash(uint32(x >> 16))
		hit |= uint32(m.bits[h>>6&1023]>>(h&63)) & 1 << 2
		h = hash(uint32(x >> 24))
		hit |= uint32(m.bits[h>>6&1023]>>(h&63)) & 1 << 3
		h = hash(uint32(x >> 32))
		hit |= uint32(m.bits[h>>6&1023]>>(h&63)) & 1 << 4
		next := i + 5
		for hit != 0 {
			k := bits.TrailingZeros32(hit)
			hit &= hit - 1
			if to := m.at(text, i+k, uint32(x>>(8*k)), visit); to > i+5 {
				next = to
				break
			} else if to > i+k {
				hit &^= 1<<(to-i) - 1
			}
		}
		i = next
	}
	for ; i+3 <= len(text); i++ {
		var tail [4]byte
		copy(tail[:], text[i:])
		if to := m.at(text, i, binary.LittleEndian.Uint32(tail[:])|fold, visit); to > i {
			i = to - 1
		}
	}
}

// at compares the words that may begin at a place.
func (m *Many) at(text []byte, at int, head uint32, visit func(word, at int) int) (next int) {
	slot := m.slots[hash(head)&(1<<12-1)]
	for _, e := range slot {
		if e.head == head && hasPrefixFold(text[at:], m.words[e.word]) {
			next = max(next, visit(int(e.word), at))
		}
	}
	return next
}

// hasPrefixFold is bytes.HasPrefix without regard to case; word is folded.
func hasPrefixFold(text, word []byte) bool {
	if len(text) < len(word) {
		return false
	}
	for i, c := range word {
		if x := text[i]; x != c && (x|0x20 != c || x < 'A' || x > 'Z') {
			return false
		}
	}
	return true
}
