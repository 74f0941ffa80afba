// Package parts lets all processors work on one long list.
//
// The problem: what is made of each element must come out in the order of the elements,
// whoever was faster, and a panic on the way must be the caller's, who may know what to do
// about it, and not the end of the program. The plan: ranges of elements, taken in turn, each
// with a slot for what is made of it. The trap: a processor more is there only when nothing
// else runs on it, and starting to use it takes longer than a short list.
package parts

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Of calls f for ranges of at most size elements that together are all n, as many at a time
// as there are processors, and returns what it made of each, in their order.
func Of[T any](n, size int, f func(from, to int) T) []T {
	out := make([]T, (n+size-1)/size)
	var next atomic.Int64
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(out) {
				return
			}
			out[i] = f(i*size, min(n, (i+1)*size))
		}
	}
	var (
		others sync.WaitGroup
		once   sync.Once
		failed any
	)
	safely := func() {
		defer func() {
			if err := recover(); err != nil {
				once.Do(func() { failed = err })
			}
		}()
		work()
	}
	for range min(runtime.GOMAXPROCS(0), len(out)) - 1 {
		others.Go(safely)
	}
	safely()
	others.Wait()
	if failed != nil {
		panic(failed)
	}
	return out
}
