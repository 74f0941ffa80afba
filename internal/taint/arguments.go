package taint

import (
	"math"
	"slices"
	"strings"
)

// What a program that is started reads as an option: any argument that begins with a dash, but
// for those behind -- and those that are the value of an option before them.

// program is what models know of the program that a list of arguments starts with.
func (k *Knowledge) program(argv []*value) (name string, takes []string, ends string) {
	if len(argv) == 0 {
		return "", nil, ""
	}
	name, _ = argv[0].str()
	name = name[strings.LastIndexByte(name, '/')+1:]
	if p := k.programs[name]; p != nil {
		return name, p.Takes, p.Ends
	}
	return name, nil, ""
}

// optionsEnd is the index from which on no argument is read as an option.
func (k *Knowledge) optionsEnd(argv []*value) int {
	name, _, ends := k.program(argv)
	for i, x := range argv {
		s, ok := x.str()
		if ok && i > 0 && (s == "--" || ends != "" && s == ends) {
			return i
		}
		if i > 1 && shells[name] && takesLine(argv[i-1]) {
			return i + 1 // sh -c 'echo "$1"' sh word
		}
	}
	return math.MaxInt
}

// noOption says whether the argument at an index is none, whatever comes from outside: it is the
// value of an option, or begins with what the program writes.
func (k *Knowledge) noOption(argv []*value, i int) bool {
	if argv[i].begins() != "" { // --author=…
		return true
	}
	if i < 2 {
		return false
	}
	_, takes, _ := k.program(argv)
	before, ok := argv[i-1].str()
	return ok && slices.Contains(takes, before)
}

// harmlessOption says the same of an argument of a call that gets them one by one.
func (k *Knowledge) harmlessOption(c *callSite, x argument) bool {
	var argv []*value
	at := -1
	for _, y := range c.args {
		if y.name != "" || y.star != 0 {
			continue
		}
		if y.node == x.node && x.node != nil {
			at = len(argv)
		}
		argv = append(argv, y.v)
	}
	for from := range max(at, 0) { // what is before the program: a mode, a factory
		if s, ok := argv[from].str(); ok && s != "" && s[0] != '-' {
			list := argv[from:]
			return at-from >= k.optionsEnd(list) || k.noOption(list, at-from)
		}
	}
	return false
}
