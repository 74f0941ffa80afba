package manifest

import (
	"strings"
	"testing"
)

// TestWays: the markers on the ways to a package are all of them, and a way without one wins.
func TestWays(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"two ways", `a -> b "x"; a -> c "y"; b -> d; c -> d`, "x or y"},
		{"one way", `a -> b "x"; b -> d "y"`, "x and y"},
		{"a free way", `a -> b "x"; b -> d; a -> d`, ""},
		{"a circle", `a -> b "x"; b -> d; d -> b`, "x"},
		{"the shorter condition", `a -> b "x"; b -> d "y"; a -> c "x"; c -> d`, "x"},
		{"the way back", `a -> d "x"; d -> c "y"; c -> d`, "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := &graph{edges: map[spot][]edge{}}
			var roots []root
			variables := strings.NewReplacer("x", `os_name == "x"`, "y", `os_name == "y"`)
			for part := range strings.SplitSeq(c.text, ";") {
				w := strings.Fields(part)
				marker := ""
				if len(w) > 3 {
					marker = variables.Replace(strings.Trim(w[3], `"`))
				}
				from, to := spot{int(w[0][0] - 'a'), ""}, spot{int(w[2][0] - 'a'), ""}
				g.add(from, to, marker)
				if w[0] == "a" {
					roots = append(roots, root{"", edge{to, marker}})
				}
			}
			packages := make([]Package, 4)
			if !g.spread(packages, roots) {
				t.Fatal("too much")
			}
			if got := packages[3].Marker.String(); got != variables.Replace(c.want) {
				t.Errorf("got %s, want %s", got, variables.Replace(c.want))
			}
		})
	}
}
