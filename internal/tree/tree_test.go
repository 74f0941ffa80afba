package tree

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// dump writes a tree, a value a line, with its place.
func dump(b *strings.Builder, n *Node, indent string) {
	if n == nil {
		b.WriteString(indent + "nothing\n")
		return
	}
	at := fmt.Sprintf("%d:%d", n.At.Line, n.At.Column)
	switch n.Kind {
	case Null:
		fmt.Fprintf(b, "%s%s null\n", indent, at)
	case Scalar:
		fmt.Fprintf(b, "%s%s scalar %s\n", indent, at, n.Text)
	case String:
		fmt.Fprintf(b, "%s%s string %q%s\n", indent, at, n.Text, [...]string{"", " single", " double", " literal", " folded"}[n.Style])
	case List:
		fmt.Fprintf(b, "%slist\n", indent)
		for _, x := range n.Items() {
			dump(b, x, indent+"  ")
		}
	case Table:
		fmt.Fprintf(b, "%stable\n", indent)
		for _, e := range n.All() {
			fmt.Fprintf(b, "%s  %d:%d %s\n", indent, e.At.Line, e.At.Column, e.Key)
			dump(b, e.Value, indent+"    ")
		}
	}
}

// TestPlaces: everything stands where the file has it, a text behind its quote.
func TestPlaces(t *testing.T) {
	yaml := func(text string) (*Node, []Problem) { return YAML([]byte(text)) }
	json := func(text string) (*Node, []Problem) { return JSON([]byte(text)) }
	toml := func(text string) (*Node, []Problem) { return TOML([]byte(text), Place{}) }
	for _, c := range []struct {
		name string
		read func(string) (*Node, []Problem)
		text string
		want string
	}{
		{"a table", yaml, "é: ü\nb: 'x y'\nc: \"ä\"\nd: 7\ne:\n", `
table
  1:1 é
    1:4 string "ü"
  2:1 b
    2:5 string "x y" single
  3:1 c
    3:5 string "ä" double
  4:1 d
    4:4 scalar 7
  5:1 e
    5:4 null
`},
		{"texts of several lines", yaml, "run: |\n  a\n   b\nfold: >-\n    c\n    d\nlist:\n- e\n- |\n  f\nplain: g\n  h\n", `
table
  1:1 run
    2:1 string "a\n b\n" literal
  4:1 fold
    5:1 string "c d" folded
  7:1 list
    list
      8:3 string "e"
      10:1 string "f\n" literal
  11:1 plain
    11:8 string "g h"
`},
		{"line ends of Windows", yaml, "a: x\r\nb:\r\n  - \"y\"\r\n  - z\r\n", `
table
  1:1 a
    1:4 string "x"
  2:1 b
    list
      3:6 string "y" double
      4:5 string "z"
`},
		{"what is taken over, and what goes before it", yaml, "a: &a {k: 1, l: 2}\nb: &b {l: 3, m: 4}\nc:\n  <<: [*a, *b]\n  k: 5\n", `
table
  1:1 a
    table
      1:8 k
        1:11 scalar 1
      1:14 l
        1:17 scalar 2
  2:1 b
    table
      2:8 l
        2:11 scalar 3
      2:14 m
        2:17 scalar 4
  3:1 c
    table
      5:3 k
        5:6 scalar 5
      1:14 l
        1:17 scalar 2
      2:14 m
        2:17 scalar 4
`},
		{"flow, alias and merge", yaml, "a: &x {k: v}\nb: *x\nc:\n  <<: *x\n  l: w\n", `
table
  1:1 a
    table
      1:8 k
        1:11 string "v"
  2:1 b
    table
      1:8 k
        1:11 string "v"
  3:1 c
    table
      5:3 l
        5:6 string "w"
      1:8 k
        1:11 string "v"
`},
		{"the first of several documents", yaml, "# x\n---\na: b\n--- \nc: [\n", `
table
  3:1 a
    3:4 string "b"
`},
		{"twice the same key", yaml, "a: 1\na: 2\n", `
table
  1:1 a
    1:4 scalar 1
`},
		{"JSON", json, "{\"é\": \"ü\",\n \"b\": [1, null, {\"c\": true}]}", `
table
  1:3 é
    1:8 string "ü"
  2:3 b
    list
      2:8 scalar 1
      2:11 null
      table
        2:19 c
          2:23 scalar true
`},
		{"TOML", toml, "[\"é\".b]\nc = \"ü\"\nd = [1, '''\nx''']\n", `
table
  1:2 é
    table
      1:6 b
        table
          2:1 c
            2:6 string "ü"
          3:1 d
            list
              3:6 scalar 1
              4:1 string "x"
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, wrong := c.read(c.text)
			var b strings.Builder
			dump(&b, root, "")
			if want := strings.TrimPrefix(c.want, "\n"); b.String() != want || len(wrong) > 0 {
				t.Errorf("got\n%s%v\nwant\n%s", &b, wrong, want)
			}
		})
	}
}

// TestNothing: what is not there answers, and is nothing.
func TestNothing(t *testing.T) {
	root, _ := YAML([]byte("a: {b: [x, 1, {}], c: true}\n"))
	var none *Node
	for _, n := range []*Node{none, root.Get("x"), root.Get("a", "b", "c"), root.Get("a", "c", "d")} {
		if n != nil || n.Str() != "" || n.Word() != "" || n.True() || n.Is(Null) || n.Items() != nil || n.All() != nil || n.Strings() != nil || n.Where() != (Place{1, 1}) {
			t.Errorf("%v is something", n)
		}
	}
	if a := root.Get("a"); !a.True("c") || a.Word("c") != "true" || a.Str("c") != "" || len(a.Items("b")) != 3 || fmt.Sprint(a.Strings("b")) != "[x]" {
		t.Error("what is there does not answer")
	}
}

// TestBounds: what nobody writes but to harm ends soon, and is a problem.
func TestBounds(t *testing.T) {
	rep := strings.Repeat
	for _, c := range []struct {
		name string
		read func([]byte) (*Node, []Problem)
		text string
	}{
		{"brackets of YAML", YAML, rep("[", 20_000)},
		{"a large YAML", YAML, rep("a: b\n", maxYAML/4)},
		{"many keys of YAML", YAML, rep("a: b\n", maxKeys+1)},
		{"a long line of YAML", YAML, "a: " + rep("`", maxLine)},
		{"documents of YAML", YAML, rep("---\n", 20_000)},
		{"lists of YAML in one another", YAML, rep("- ", 1_500)},
		{"one long line of YAML", YAML, rep("a: ", 3_000)},
		{"no UTF-8 in YAML", YAML, "a: \xff"},
		{"brackets of JSON", JSON, rep("[", 20_000)},
		{"brackets of TOML", func(b []byte) (*Node, []Problem) { return TOML(b, Place{}) }, "a=" + rep("[", 20_000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			if _, wrong := c.read([]byte(c.text)); len(wrong) == 0 {
				t.Error("no problem")
			}
			if d := time.Since(start); d > 20*time.Second {
				t.Error(d)
			}
		})
	}
}

// TestYAMLTime: what is read is read in time.
func TestYAMLTime(t *testing.T) {
	for _, text := range []string{strings.Repeat("a: |\n", maxKeys), strings.Repeat("? a\n", maxKeys), strings.Repeat("'a': b\n", maxKeys), strings.Repeat("a: "+strings.Repeat("<", maxLine-10)+"\n", maxYAML/maxLine), strings.Repeat("- |\n", maxYAML/4), strings.Repeat("a: &b c\n", maxKeys)} {
		start := time.Now()
		if root, wrong := YAML([]byte(text)); root == nil {
			t.Errorf("%.10q: %v", text, wrong)
		}
		if d := time.Since(start); d > 15*time.Second {
			t.Errorf("%.10q: %s", text, d)
		}
	}
}

// FuzzTree: no text makes a panic, every place lies in the file, and a tree is a tree.
func FuzzTree(f *testing.F) {
	for _, s := range []string{
		"a: &x {k: v}\nb: *x\n<<: *x\n", "run: |\n  a\n  b\n- c\n", "? a\n: - 'b'\n  - \"c\"\n", "a: x\nb: [y]\nc: {d: z}\ne: 1\n", "a: >-\n", "!t [x, {y: *z}]\n", "\xef\xbb\xbfa: 1\n---\nb: 2\n",
		`{"a": ["b", 1, null, {"c": true}]}`, "[a.b]\nc = \"x\"\n[[d]]\ne = {f = 1}\n", "a='''\nx'''", "\"\\u00e9\" = 1979-05-27",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<12 {
			return
		}
		var into struct {
			A string            `yaml:"a"`
			B []string          `yaml:"b"`
			C map[string]string `yaml:"c"`
		}
		if err := Fill("f.yaml", data, &into); err != nil && !strings.HasPrefix(err.Error(), "f.yaml: ") {
			t.Fatalf("%v does not name the file", err)
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 2
		for i, read := range []func([]byte) (*Node, []Problem){YAML, JSON, func(b []byte) (*Node, []Problem) { return TOML(b, Place{}) }} {
			root, wrong := read(data)
			in := func(at Place) {
				if at.Line < 1 || at.Line > lines || at.Column < 1 || at.Column > len(data)+5 {
					t.Fatalf("format %d: %v is no place in %q", i, at, data)
				}
			}
			for _, p := range wrong {
				in(p.At)
				if !utf8.ValidString(p.Message) && utf8.Valid(data) {
					t.Fatalf("format %d: %q", i, p.Message)
				}
			}
			seen := map[*Node]bool{}
			var walk func(n *Node, depth int)
			walk = func(n *Node, depth int) {
				if n == nil || seen[n] {
					return
				}
				if seen[n] = true; depth > 2*maxDepth+2 {
					t.Fatalf("format %d: too deep", i)
				}
				in(n.At)
				for _, x := range n.Items() {
					walk(x, depth+1)
				}
				for _, e := range n.All() {
					in(e.At)
					walk(e.Value, depth+1)
				}
			}
			walk(root, 0)
		}
	})
}
