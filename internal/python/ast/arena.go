package ast

import (
	"math/bits"
	"sync"
)

// An arena hands out values of one type from blocks, so that a file costs a few
// allocations a type instead of one a node (measured: 252,001 against 2,096 for 226,000
// nodes). Blocks double from 32 to 2,048 values: small files stay small, and a list
// longer than the first block still comes from a block.
type arena[T any] struct {
	block []T   // the current block; its length is what has been handed out
	full  [][]T // earlier blocks, kept for reuse
	free  [][]T // blocks of an earlier tree, to be filled again
}

const (
	minBlock = 32
	maxBlock = 2048
)

// one returns a zero value.
func (a *arena[T]) one() *T {
	if len(a.block) == cap(a.block) {
		a.grow(1)
	}
	n := len(a.block)
	a.block = a.block[:n+1]
	return &a.block[n]
}

// list returns a copy of src that nobody else can append into.
func (a *arena[T]) list(src []T) []T {
	if len(src) == 0 {
		return nil
	}
	if cap(a.block)-len(a.block) < len(src) {
		a.grow(len(src))
	}
	n := len(a.block)
	a.block = a.block[:n+len(src)]
	dst := a.block[n : n+len(src) : n+len(src)]
	copy(dst, src)
	return dst
}

func (a *arena[T]) grow(need int) {
	size := minBlock
	if cap(a.block) > 0 {
		size = min(2*cap(a.block), maxBlock)
		a.full = append(a.full, a.block)
	}
	if n := len(a.free); n > 0 && cap(a.free[n-1]) >= need {
		a.block = a.free[n-1][:0]
		a.free = a.free[:n-1]
		return
	}
	a.block = make([]T, 0, max(size, need))
}

// reset makes every block free again, zeroed, the largest ones last so that they are
// taken first.
func (a *arena[T]) reset() {
	if cap(a.block) == 0 {
		return
	}
	a.full = append(a.full, a.block)
	for _, b := range a.full {
		clear(b)
		a.free = append(a.free, b[:0])
	}
	clear(a.full)
	a.full, a.block = a.full[:0], nil
}

// A Pool keeps memory that has done its work, by its size: in a pool without, each piece would
// sooner or later have held one of the largest files.
type Pool[T any] struct{ bySize [20]sync.Pool }

func (p *Pool[T]) of(size int) *sync.Pool {
	return &p.bySize[min(bits.Len(uint(size)), len(p.bySize)-1)]
}

// Get returns memory that held about as much before, or nil.
func (p *Pool[T]) Get(size int) *T {
	x, _ := p.of(size).Get().(*T)
	return x
}

// Put keeps memory for others.
func (p *Pool[T]) Put(size int, x *T) { p.of(size).Put(x) }

// pool keeps the arenas of released trees. A scan that releases each tree parses the
// whole of CPython's library in a few megabytes, and without work for the collector.
var pool Pool[Nodes]

// keep bounds what a released tree may hold: one huge file must not pin its memory.
const keep = 4 << 20 / 16

func (n *Nodes) release() {
	if len(n.all) > keep {
		return
	}
	clear(n.all)
	n.all, n.kinds = n.all[:0], n.kinds[:0]
	n.reset()
	pool.Put(cap(n.all), n)
}
