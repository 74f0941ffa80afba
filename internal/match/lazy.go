package match

import (
	"regexp"
	"sync"
)

// Lazy is regexp.MustCompile for a pattern that not every run needs: it is compiled by whoever
// asks first. Compiled when the program starts, those of all rules took a millisecond of the
// six that gambeson version takes.
func Lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
