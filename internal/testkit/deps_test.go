package testkit

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// The house, from the roof down: docs/architecture.md draws it for people. A package may
// import what stands on a line below its own. It may not import what stands on the same
// line: neighbours do not know one another. rules/* is every folder of pages.
//
// When this test fails, the import is nearly always what is wrong, and not the drawing. An
// import upwards means that something stands on the wrong floor: move the function down
// into a room that both may use. Neighbours that need each other are one room, or two
// floors. Change the drawing only together with the one in docs/architecture.md.
const house = `
	cmd/gambeson
	cli
	engine  rules  report  rewrite  deps  secrets/gen  sanitize
	rules/gen  rules/*  models/gen  secrets
	rule/args  rule/conf  rule/shell
	rule  rule/text
	surface
	taint
	models  python/regex
	rule/secret  deps/manifest  settings
	python/program
	python/parser
	python/ast  template  deps/advisory
	config  source  deps/pep508  secrets/git
	finding  match  tree  deps/pep440  parts  report/markup
	python/ast/gen  sanitize/gen
	testkit
`

// Some rooms use less than their floor would let them. Each line is a promise, which other
// parts rely on; after the dash stands which.
const less = `
	report: finding match parts report/markup
	                            — a saved report becomes every other format later, without a scan
	engine: config deps/manifest finding match models python/ast python/program rule source surface taint template
	                            — it runs whatever rules it is given, and knows none
	surface: python/ast python/program source taint
	                            — it reads what a program puts together, and judges nothing
	settings: python/ast python/program source
	                            — it says what settings are, and not which are wrong
	config: finding match       — the command line and the language server read the same
	finding:                    — the word that all parts share
	report/markup:              — HTML is written, whatever it says
	taint: match models python/ast python/program source template
	                            — it knows no library and no rule
	python/parser: python/ast source
	python/ast: source          — the tree knows nothing of who reads it
	template: match source      — it reads pages, and knows nothing of the Python that renders them
	deps/manifest: deps/pep440 deps/pep508 match python/ast python/program source tree
	                            — it says what files say, and neither resolves nor judges
	deps/pep440:                — versions are versions, whoever asks
	deps/pep508: deps/pep440    — it reads what packages say of one another, and no file
	deps: config deps/advisory deps/manifest deps/pep440 deps/pep508 finding match parts rule source
	                            — it judges what files ask for, and knows no command and no format
	deps/advisory: deps/pep440 deps/pep508 finding match
	                            — what is known of packages, without a project to ask it for
	secrets: config finding match rule rule/secret secrets/git source tree
	                            — it judges texts; who judges Python comes as a function
	secrets/git:                — it reads a repository and knows nothing of what is looked for
	sanitize:                   — HTML is HTML, whoever asks: it knows nothing of scanning
	rules/gen: rule             — reads pages, so it must build while the table is missing
`

// A drawing is house and less, read.
type drawing struct {
	floor map[string]int             // the higher, the closer to the ground
	only  map[string]map[string]bool // what a room may use, if less says so
}

func readDrawing(house, less string) (d drawing, err error) {
	d = drawing{floor: map[string]int{}, only: map[string]map[string]bool{}}
	n := 0
	for line := range strings.Lines(house) {
		rooms := strings.Fields(line)
		if len(rooms) == 0 {
			continue
		}
		n++
		for _, room := range rooms {
			if d.floor[room] != 0 {
				return d, fmt.Errorf("%s stands in the house twice", room)
			}
			d.floor[room] = n
		}
	}
	for line := range strings.Lines(less) {
		line, _, _ = strings.Cut(line, "—")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		room, uses, ok := strings.Cut(line, ":")
		if !ok || d.floor[room] == 0 {
			return d, fmt.Errorf("%q: write a room of the house, a colon, and what it may use", line)
		}
		d.only[room] = map[string]bool{}
		for _, used := range strings.Fields(uses) {
			if d.floor[used] == 0 {
				return d, fmt.Errorf("%s: there is no room %s in the house", room, used)
			}
			d.only[room][used] = true
		}
	}
	return d, nil
}

// room is the name that the drawing has for a package: its own, or the folder's with a
// star. It is "" if the drawing does not know it.
func (d drawing) room(pkg string) string {
	if d.floor[pkg] > 0 {
		return pkg
	}
	if star := path.Dir(pkg) + "/*"; d.floor[star] > 0 {
		return star
	}
	return ""
}

// check compares imports with the drawing: uses has, for each package, those of the house
// that it imports outside of tests. What is wrong comes back as sentences, in order.
func (d drawing) check(uses map[string][]string) (wrong []string) {
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	seen := map[string]bool{}
	for _, pkg := range slices.Sorted(maps.Keys(uses)) {
		room := d.room(pkg)
		if room == "" {
			fail("%s has no place in the house: say which floor it stands on", pkg)
			continue
		}
		seen[room] = true
		for _, used := range uses[pkg] {
			below := d.room(used)
			switch {
			case below == "":
				// said where it is the package in question
			case used == "testkit":
				fail("%s imports testkit, which is for tests only", pkg)
			case d.only[room] != nil && !d.only[room][below]:
				fail("%s imports %s: it promises to use no more than %v", pkg, used, slices.Sorted(maps.Keys(d.only[room])))
			case d.floor[below] == d.floor[room]:
				fail("%s imports %s, its neighbour: move what both need one floor down", pkg, used)
			case d.floor[below] < d.floor[room]:
				fail("%s imports %s, which stands above it", pkg, used)
			}
		}
	}
	for _, room := range slices.Sorted(maps.Keys(d.floor)) {
		if !seen[room] {
			fail("%s stands in the house, but there is no such package: take it out of the drawing", room)
		}
	}
	return wrong
}

// TestImportsPointDown holds the whole module against the drawing.
func TestImportsPointDown(t *testing.T) {
	d, err := readDrawing(house, less)
	if err != nil {
		t.Fatal(err)
	}
	uses, n := map[string][]string{}, 0
	for _, p := range packages(t) {
		if !p.product() {
			continue // a folder with nothing but tests
		}
		uses[p.name] = p.house()
		n += len(uses[p.name])
	}
	for _, s := range d.check(uses) {
		t.Error(s)
	}
	t.Logf("%d packages with %d imports of one another", len(uses), n)
	if len(uses) < 20 || n < 60 {
		t.Error("there were more once: is a folder not looked at any longer?")
	}
}

// TestDrawing: a test that cannot fail holds nothing.
func TestDrawing(t *testing.T) {
	d, err := readDrawing("roof\n left right\n ground/* cellar\n testkit", "right: cellar — a promise")
	if err != nil {
		t.Fatal(err)
	}
	whole := func(change map[string][]string) map[string][]string {
		m := map[string][]string{"roof": {"left", "ground/a"}, "left": {"cellar"}, "right": nil, "ground/a": nil, "ground/b": nil, "cellar": nil, "testkit": nil}
		maps.Copy(m, change)
		return m
	}
	for _, c := range []struct {
		name string
		uses map[string][]string
		want string // the sentences; "" if all is well
	}{
		{"as drawn", whole(nil), ""},
		{"upwards", whole(map[string][]string{"cellar": {"left"}}), "cellar imports left, which stands above it"},
		{"a neighbour", whole(map[string][]string{"left": {"right"}}), "left imports right, its neighbour: move what both need one floor down"},
		{"a neighbour under the same star", whole(map[string][]string{"ground/a": {"ground/b"}}), "ground/a imports ground/b, its neighbour: move what both need one floor down"},
		{"more than promised", whole(map[string][]string{"right": {"cellar", "ground/a"}}), "right imports ground/a: it promises to use no more than [cellar]"},
		{"testkit", whole(map[string][]string{"left": {"testkit"}}), "left imports testkit, which is for tests only"},
		{"a new room", whole(map[string][]string{"attic": nil}), "attic has no place in the house: say which floor it stands on"},
		{"a room that is gone", func() map[string][]string { m := whole(nil); delete(m, "left"); return m }(), "left stands in the house, but there is no such package: take it out of the drawing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(d.check(c.uses), "\n"); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	for _, c := range [][2]string{{"a a", ""}, {"a", "b: a"}, {"a", "a: b"}, {"a b", "a b"}} {
		if _, err := readDrawing(c[0], c[1]); err == nil {
			t.Errorf("%q with %q is no drawing, and is taken for one", c[0], c[1])
		}
	}
}
