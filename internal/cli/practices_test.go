package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/finding"
)

// What sees something else than a scan is a command of ours, or one that is still to come: a
// name that is misspelt would be taken for the second for ever.
func TestUnseen(t *testing.T) {
	toCome := []string{"probe", "run", "guard", "logs"}
	root := rootCommand()
	practices := map[finding.Practice]bool{}
	there := 0
	for _, x := range unseen {
		practices[x.practice] = true
		switch word, _, _ := strings.Cut(x.command, " "); {
		case knows(root, x.command):
			there++
		case !slices.Contains(toCome, word):
			t.Errorf("%s: there is no command %q", x.practice, x.command)
		}
	}
	for _, p := range finding.Practices {
		if !practices[p] {
			t.Errorf("%s: a scan does not see everything, and nothing is said of it", p)
		}
	}
	if there < 4 {
		t.Errorf("only %d of the commands exist", there)
	}
	for _, c := range []struct {
		line string
		want bool
	}{
		{"secrets --history", true}, {"deps audit --path", true}, {"deps", true},
		{"secrets --histroy", false}, {"deps adit", false}, {"history", false},
	} {
		if knows(root, c.line) != c.want {
			t.Errorf("%q: want %v", c.line, c.want)
		}
	}
}
