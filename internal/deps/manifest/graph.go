package manifest

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

// A graph is what the packages of a lock file need of one another. A lock file says of a
// package that it is needed, but who wants to know for which groups and on which machines has
// to go there from the project: along each way a package is needed where all the markers on
// the way hold, and a group needs what its ways lead to.
type graph struct {
	edges map[spot][]edge
	n     int // edges
	steps int // taken
}

// Bounds of a graph; a lock file of 276 packages has 1,086 edges and takes 648 steps.
const (
	maxEdges = 2_000_000
	maxSteps = 2_000_000
)

// A spot is a package, or what one of its extras adds.
type spot struct {
	pkg   int
	extra string
}

type edge struct {
	to     spot
	marker string
}

func (g *graph) add(from, to spot, marker string) {
	if g.n++; g.n <= maxEdges {
		g.edges[from] = append(g.edges[from], edge{to, marker})
	}
}

// A reach is the markers of ways to a spot: one of the ways, all the markers of it. An empty
// way has no condition.
type reach []way

type way []string

const (
	maxWays    = 6 // above that many, the package is taken to be needed always
	maxMarkers = 4 // on a way; more of them are left out, which asks for less
)

// with adds a way unless another one is as good. It says whether that changes anything.
func (r reach) with(w way) (reach, bool) {
	for _, have := range r {
		if contains(w, have) {
			return r, false
		}
	}
	r = slices.DeleteFunc(slices.Clone(r), func(have way) bool { return contains(have, w) })
	if r = append(r, w); len(r) > maxWays {
		return reach{nil}, true
	}
	return r, true
}

// contains says whether all of few are in many.
func contains(many, few way) bool {
	for _, m := range few {
		if !slices.Contains(many, m) {
			return false
		}
	}
	return true
}

// from goes everywhere from some spots. It ends because a reach only ever asks for less.
func (g *graph) from(starts []edge) map[spot]reach {
	out := map[spot]reach{}
	var queue []spot
	waiting := map[spot]bool{}
	arrive := func(e edge, before way) {
		if g.steps++; g.steps > maxSteps {
			return
		}
		w := before
		if e.marker != "" && !slices.Contains(w, e.marker) && len(w) < maxMarkers {
			w = append(slices.Clone(w), e.marker)
			slices.Sort(w)
		}
		r, changed := out[e.to].with(w)
		if !changed {
			return
		}
		out[e.to] = r
		if !waiting[e.to] {
			waiting[e.to] = true
			queue = append(queue, e.to)
		}
	}
	for _, e := range starts {
		arrive(e, nil)
	}
	for len(queue) > 0 && g.steps <= maxSteps {
		s := queue[0]
		queue = queue[1:]
		waiting[s] = false
		for _, e := range g.edges[s] {
			for _, w := range out[s] {
				arrive(e, w)
			}
		}
	}
	return out
}

// marker is the reach as one marker. What cannot be said is no condition.
func (r reach) marker() pep508.Marker {
	var or []string
	for _, w := range r {
		if len(w) == 0 {
			return pep508.Marker{}
		}
		or = append(or, "("+strings.Join(w, ") and (")+")")
	}
	m, err := pep508.ParseMarker(strings.Join(or, " or "))
	if err != nil {
		return pep508.Marker{}
	}
	return m
}

// A root is a start for one group; "" is what is always needed.
type root struct {
	group string
	edge
}

// spread sets the groups and markers of packages by the ways from the roots. What the project
// always needs has no group, whoever else needs it. It is false if there are too many ways to
// go all of them; then nothing is set, and all is needed always.
func (g *graph) spread(packages []Package, roots []root) bool {
	var groups []string
	starts := map[string][]edge{}
	for _, r := range roots {
		if starts[r.group] == nil {
			groups = append(groups, r.group)
		}
		starts[r.group] = append(starts[r.group], r.edge)
	}
	slices.Sort(groups)
	total := make([]reach, len(packages))
	always := make([]bool, len(packages))
	for _, group := range groups {
		for s, r := range g.from(starts[group]) {
			p := &packages[s.pkg]
			if p.From == Project {
				continue
			}
			if group == "" && !always[s.pkg] {
				always[s.pkg] = true
			}
			if group != "" && !always[s.pkg] && !slices.Contains(p.Groups, group) {
				p.Groups = append(p.Groups, group)
			}
			if group != "" && always[s.pkg] {
				continue // its marker is that of what is always needed
			}
			for _, w := range r {
				total[s.pkg], _ = total[s.pkg].with(w)
			}
		}
	}
	if g.n > maxEdges || g.steps > maxSteps {
		for i := range packages {
			packages[i].Groups = nil
		}
		return false
	}
	for i := range packages {
		if total[i] != nil && packages[i].Marker.Empty() {
			slices.SortFunc(total[i], func(a, b way) int { return slices.Compare(a, b) })
			packages[i].Marker = total[i].marker()
		}
	}
	return true
}
