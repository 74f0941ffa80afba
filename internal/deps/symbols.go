package deps

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/deps/advisory"
)

// symbolsOf is what a flaw is in: as the advisory says, or else as its text does, where we have
// read it.
func symbolsOf(adv *advisory.Advisory) []string {
	var out []string
	for _, s := range adv.Symbols {
		out = append(out, symbol(s))
	}
	if out != nil {
		return out
	}
	return readSymbols()[vuln(adv)].in
}

// A known is a flaw that we have read of.
type known struct {
	packages []string
	in       []string
}

//go:embed symbols.txt
var symbolsText string

// readSymbols is symbols.txt, by CVE.
var readSymbols = sync.OnceValue(func() map[string]known {
	words := map[string][]string{}
	for l := range strings.Lines(symbolsText) {
		if f := strings.Fields(l); len(f) > 1 && l[0] == '$' {
			words[f[0]] = f[1:]
		}
	}
	out := map[string]known{}
	var packages []string
	for l := range strings.Lines(symbolsText) {
		f := strings.Fields(l)
		switch {
		case len(f) == 0 || l[0] == '#' || l[0] == '$':
		case l[0] != ' ':
			packages = f
		default:
			k := known{packages: packages}
			for _, s := range f[1:] {
				if more, ok := words[s]; ok {
					k.in = append(k.in, more...)
				} else {
					k.in = append(k.in, s)
				}
			}
			out[f[0]] = k
		}
	}
	return out
})
