package parts

import (
	"runtime"
	"slices"
	"testing"
)

func TestOf(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		for _, n := range []int{0, 1, 2, 3, 4, 100, 1001} {
			got := slices.Concat(Of(n, 3, func(from, to int) (out []int) {
				for i := from; i < to; i++ {
					out = append(out, i)
				}
				return out
			})...)
			if len(got) != n {
				t.Errorf("%d of %d elements", len(got), n)
			}
			for i, x := range got {
				if i != x {
					t.Fatalf("element %d of %d is %d", i, n, x)
				}
			}
		}
	}
}

func TestPanic(t *testing.T) {
	defer func() {
		if err := recover(); err != "sixty" {
			t.Errorf("recovered %v", err)
		}
	}()
	Of(100, 1, func(from, _ int) int {
		if from == 60 {
			panic("sixty")
		}
		return from
	})
	t.Error("no panic")
}
