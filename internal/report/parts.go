package report

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParts calls f for the ranges of so many elements that n are made of, as many at a time as
// there are processors, and returns what it made of each, in their order.
func inParts[T any](n, size int, f func(from, to int) T) []T {
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
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(out)) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	return out
}
