package parser

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

func deepBlocks(line string) func(n int) string {
	return func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			b.WriteString(strings.Repeat(" ", i%900) + line + "\n")
		}
		return b.String()
	}
}

// hostile are texts of about n bytes that tempt a parser to do work twice.
var hostile = map[string]func(n int) string{
	"parens":               repeat("("),
	"lists":                repeat("["),
	"braces":               repeat("{"),
	"mixed brackets":       repeat("([{"),
	"brackets by line":     repeat("(\n"),
	"closed parens":        func(n int) string { return strings.Repeat("(", n/2) + strings.Repeat(")", n/2) },
	"closing":              repeat(")"),
	"mismatched":           func(n int) string { return strings.Repeat("(", n/2) + strings.Repeat("]", n/2) },
	"mismatched pairs":     repeat("(]"),
	"calls":                repeat("f("),
	"subscripts":           repeat("x["),
	"dictionaries":         repeat("{a:"),
	"not":                  repeat("not "),
	"minus":                repeat("-"),
	"await":                repeat("await "),
	"power":                repeat("a**"),
	"lambda":               repeat("lambda:"),
	"lambda parameters":    repeat("lambda x=lambda y="),
	"if else":              repeat("a if b else "),
	"if if":                repeat("a if "),
	"attributes":           repeat("a."),
	"sums":                 repeat("a+"),
	"comparisons":          repeat("a<"),
	"a not a":              repeat("a not "),
	"or":                   repeat("a or "),
	"or and":               repeat("a or b and "),
	"chained calls":        func(n int) string { return "f" + strings.Repeat("()", n/2) },
	"commas":               repeat("a,"),
	"only commas":          repeat(","),
	"words":                repeat("a "),
	"assignments":          repeat("a="),
	"walrus":               repeat("a:="),
	"strings":              repeat("'a'"),
	"bytes and strings":    repeat("'a'b'b'"),
	"open strings":         repeat("'a\n"),
	"open triple":          repeat("'''a\n\"\"\"\n"),
	"one open triple":      func(n int) string { return "'''" + strings.Repeat("a\n", n/2) },
	"triples in defs":      repeat("def f():\n  '''"),
	"f-strings":            repeat(`f"{`),
	"f-strings two":        repeat(`f"{f'{`),
	"f-strings paren":      repeat(`f"{(`),
	"f-strings closed":     repeat(`f"{a}"`),
	"f-strings broken":     repeat(`f"{a"`),
	"f-strings lines":      repeat("f'{a\n"),
	"f-triples":            repeat("f'''{"),
	"f-triples lines":      repeat("f'''{\n"),
	"f-triples broken":     repeat("f'''{a b\n"),
	"specs":                repeat(`f"{a:{`),
	"one f-string":         func(n int) string { return `f"` + strings.Repeat("{a}", n/3) + `"` },
	"one spec":             func(n int) string { return `f"{a:` + strings.Repeat("{b}", n/3) + `}"` },
	"backslashes":          repeat("\\\n"),
	"backslash escapes":    func(n int) string { return "'" + strings.Repeat(`\x4`, n/3) + "'" },
	"match":                repeat("match ("),
	"match lines":          repeat("match (\n"),
	"match statements":     repeat("match (a):\n"),
	"match calls":          repeat("match (match "),
	"match calls in a row": repeat("match(a);"),
	"match names":          repeat("match a match "),
	"match lists":          repeat("match ["),
	"with":                 repeat("with ("),
	"with lines":           repeat("with (\n"),
	"with nested":          repeat("with (a, "),
	"with f-strings":       repeat(`with (f"{`),
	"type":                 repeat("type x "),
	"type lines":           repeat("type (\n"),
	"lazy":                 repeat("lazy "),
	"else":                 repeat("else"),
	"else lines":           repeat("else:\n"),
	"elif":                 func(n int) string { return "if a: b\n" + strings.Repeat("elif a: b\n", n/10) },
	"with one line":        repeat("with (a): "),
	"if one line":          repeat("if x:"),
	"nested if":            deepBlocks("if x:"),
	"nested def":           deepBlocks("def f(x=(:"),
	"nested with":          deepBlocks("with (a:"),
	"nested match":         func(n int) string { return deepBlocks("match (a):")(n) },
	"zigzag":               repeat("if x:\n  a\n"),
	"down":                 func(n int) string { return downhill(n) },
	"decorators":           repeat("@a\n"),
	"semicolons":           repeat(";"),
	"colons":               repeat(":"),
	"stars":                repeat("*"),
	"star lists":           repeat("*a,"),
	"for":                  repeat("for x in "),
	"comprehensions":       repeat("[a for b in "),
	"for targets":          repeat("for (a, "),
	"def":                  repeat("def f("),
	"defs":                 repeat("def f(\n"),
	"classes":              repeat("class C(\n"),
	"imports":              repeat("import a."),
	"from":                 repeat("from . "),
	"imports paren":        repeat("from a import (\n"),
	"dots":                 repeat("."),
	"numbers":              repeat("1_"),
	"zeros":                repeat("0"),
	"dollars":              repeat("$"),
	"nulls":                repeat("\x00"),
	"bad bytes":            repeat("\xff"),
	"names":                repeat("é"),
	"tabs":                 repeat("\t"),
	"carriage returns":     repeat("\r"),
	"comments":             repeat("#\n"),
	"print":                repeat("print a\n"),
	"backticks":            repeat("`"),
	"patterns":             func(n int) string { return "match a:\n case " + strings.Repeat("[", n) },
	"class patterns":       func(n int) string { return "match a:\n case " + strings.Repeat("A(", n/2) },
	"or patterns":          func(n int) string { return "match a:\n case " + strings.Repeat("b|", n/2) },
	"cases":                func(n int) string { return "match a:\n" + strings.Repeat(" case b: c\n", n/11) },
}

func repeat(s string) func(n int) string {
	return func(n int) string { return strings.Repeat(s, n/len(s)) }
}

func downhill(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat(" ", 1000-i%1000) + "x\n")
	}
	return b.String()
}

// TestLinear grows hostile texts: four times the text may take little more than four
// times the time. What is quadratic takes sixteen times.
func TestLinear(t *testing.T) {
	const n = 100_000
	for name, f := range hostile {
		t.Run(name, func(t *testing.T) {
			small, large := source.New("x.py", []byte(f(n))), source.New("x.py", []byte(f(4*n)))
			defer debug.SetGCPercent(debug.SetGCPercent(-1)) // its work would be measured, too
			var last string
			for range 5 { // other work on the machine may disturb a measurement, but not five
				a, b := fastest(small), fastest(large)
				if b <= 8*a+3*time.Millisecond {
					return
				}
				last = fmt.Sprintf("%v for %d bytes, %v for %d", a, len(small.Bytes), b, len(large.Bytes))
			}
			t.Error(last)
		})
	}
}

func fastest(f *source.File) time.Duration {
	best := time.Hour
	for range 3 {
		runtime.GC()
		start := time.Now()
		Parse(f) // not released: reuse would favour the small one
		best = min(best, time.Since(start))
	}
	return best
}

// TestDeep tests that nothing that is accepted, or half accepted, exhausts the stack of
// those who walk the tree, and that too deep a text is told so.
func TestDeep(t *testing.T) {
	for name, f := range hostile {
		size := 200_000
		switch name {
		case "sums", "elif":
			size = 20 << 20
		case "attributes", "chained calls", "power":
			size = 4 << 20
		}
		tree := parse(f(size))
		var visit func(n ast.Node)
		visit = func(n ast.Node) { ast.Children(n, visit) }
		visit(tree.Module)
		if size == 200_000 {
			checkTree(t, tree)
		}
		ast.Dump(tree)
	}
	for _, text := range []string{
		strings.Repeat("(", 1200) + "a" + strings.Repeat(")", 1200),
		strings.Repeat("not ", 1200) + "a",
		strings.Repeat("-", 1200) + "a",
		strings.Repeat("lambda: ", 1200) + "a",
		"match a:\n case " + strings.Repeat("[", 1200) + strings.Repeat("]", 1200) + ": b",
	} {
		tree := parse(text + "\ndef after(): pass\n")
		if len(tree.Errors) == 0 || !strings.Contains(tree.Errors[0].Message, "nested too deeply") {
			t.Errorf("%.20s…: %s", text, errorLines(tree))
		}
		if !strings.Contains(outline(tree), "def after") {
			t.Errorf("%.20s…: what follows is lost", text)
		}
	}
}
