package parser

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata")

// A snippet is a section of a page in testdata: a block of code and the block that
// answers it. Blocks marked "quoted" hold one text a line, as Go writes strings.
type snippet struct {
	title string
	since string // version of Python that can read it
	texts []string
	want  string
	from  int // where want stands in the page
	to    int
}

// page reads the snippets of a file whose answers are in blocks of the given kind.
func page(t testing.TB, path, answer string) ([]byte, []snippet) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []snippet
	var title, block, info string
	var text strings.Builder
	at := 0
	for _, line := range strings.SplitAfter(string(data), "\n") {
		next := at + len(line)
		trimmed := strings.TrimRight(line, "\n")
		switch {
		case block == "" && strings.HasPrefix(line, "## "):
			title = trimmed[3:]
		case block == "" && strings.HasPrefix(line, "```"):
			block, info, _ = strings.Cut(trimmed[3:], " ")
			text.Reset()
			if block == answer {
				list[len(list)-1].from = next
			}
		case block != "" && trimmed == "```":
			switch block {
			case "py":
				list = append(list, snippet{title: title, since: info, texts: []string{text.String()}, from: next, to: next})
			case "quoted":
				s := snippet{title: title, since: info, from: next, to: next}
				for _, q := range strings.Split(strings.TrimSpace(text.String()), "\n") {
					u, err := strconv.Unquote(q)
					if err != nil {
						t.Fatalf("%s: %s: %v", path, q, err)
					}
					s.texts = append(s.texts, u)
				}
				list = append(list, s)
			case answer:
				s := &list[len(list)-1]
				s.want, s.to = text.String(), at
			}
			block = ""
		case block != "":
			text.WriteString(line)
		}
		at = next
	}
	return data, list
}

// golden checks each snippet of the pages against what f makes of its texts.
func golden(t *testing.T, pattern, answer string, f func(t *testing.T, text string) string) {
	paths, _ := filepath.Glob(pattern)
	if len(paths) == 0 {
		t.Fatal("no pages: ", pattern)
	}
	count := 0
	for _, path := range paths {
		data, list := page(t, path, answer)
		var out bytes.Buffer
		at := 0
		for _, s := range list {
			var got strings.Builder
			for _, text := range s.texts {
				got.WriteString(f(t, text))
				count++
			}
			if *update {
				out.Write(data[at:s.from])
				if s.want == "" {
					fmt.Fprintf(&out, "```%s\n%s```\n", answer, got.String())
				} else {
					out.WriteString(got.String())
				}
				at = s.to
				continue
			}
			if got.String() != s.want {
				t.Errorf("%s: %s: got\n%s\nwant\n%s", path, s.title, got.String(), s.want)
			}
		}
		if *update {
			out.Write(data[at:])
			if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d texts", count)
}

func parse(text string) *ast.Tree { return Parse(source.New("x.py", []byte(text))) }

// errorLines lists what is wrong with a tree.
func errorLines(tree *ast.Tree) string {
	var b strings.Builder
	for _, e := range tree.Errors {
		p := tree.File.Position(e.Span.Start)
		fmt.Fprintf(&b, "%d:%d: %s\n", p.Line, p.Column+1, e.Message)
	}
	return b.String()
}

func TestTrees(t *testing.T) {
	golden(t, "testdata/grammar/*.md", "tree", func(t *testing.T, text string) string {
		tree := parse(text)
		checkTree(t, tree)
		return layOut(ast.Dump(tree)) + errorLines(tree)
	})
}

// outline lists functions, classes, imports and calls by line: what a reader of a broken
// file must not lose.
func outline(tree *ast.Tree) string {
	var b strings.Builder
	var visit func(n ast.Node)
	depth := 0
	visit = func(n ast.Node) {
		line := tree.File.Position(n.Start()).Line
		text := ""
		switch n := n.(type) {
		case *ast.FunctionDef:
			text = "def " + n.Name
		case *ast.ClassDef:
			text = "class " + n.Name
		case *ast.Call:
			text = "call " + tree.File.Text(n.Func.Span())
		case *ast.Import, *ast.ImportFrom:
			text = tree.File.Text(n.Span())
		}
		if text != "" {
			fmt.Fprintf(&b, "%3d %s%s\n", line, strings.Repeat("  ", depth), text)
			depth++
			defer func() { depth-- }()
		}
		ast.Children(n, visit)
	}
	visit(tree.Module)
	return b.String()
}

func TestRecovery(t *testing.T) {
	golden(t, "testdata/recovery/*.md", "outline", func(t *testing.T, text string) string {
		tree := parse(text)
		checkTree(t, tree)
		if len(tree.Errors) == 0 {
			t.Errorf("no error:\n%s", text)
		}
		return outline(tree) + errorLines(tree)
	})
}

// TestErrors pins the wording and the place of what people meet most.
func TestErrors(t *testing.T) {
	golden(t, "testdata/errors/*.md", "errors", func(t *testing.T, text string) string {
		tree := parse(text)
		checkTree(t, tree)
		if len(tree.Errors) == 0 {
			t.Errorf("no error: %q", text)
			return "none\n"
		}
		p := tree.File.Position(tree.Errors[0].Span.Start)
		return fmt.Sprintf("%d:%d: %s\n", p.Line, p.Column+1, tree.Errors[0].Message)
	})
}

// layOut breaks a dump into lines of bearable width.
func layOut(dump string) string {
	var b strings.Builder
	i := 0
	until := func(stop string) {
		n := strings.IndexAny(dump[i:], stop)
		if n < 0 {
			n = len(dump) - i
		}
		b.WriteString(dump[i : i+n])
		i += n
	}
	var write func(level int)
	write = func(level int) {
		end := closing(dump, i)
		line := "\n" + strings.Repeat("  ", level+1)
		switch {
		case i >= len(dump):
		case dump[i] == '"' || (dump[i] == '(' || dump[i] == '[') && end-i+2*level <= 120:
			b.WriteString(dump[i:end])
			i = end
		case dump[i] == '(':
			until(" )")
			for i < end && dump[i] == ' ' {
				i++
				b.WriteString(line)
				until("= )")
				until("([\" )")
				if i < end-1 && dump[i] != ' ' {
					write(level + 1)
				}
			}
			b.WriteString(dump[i:end])
			i = end
		case dump[i] == '[':
			for i < end-1 {
				b.WriteByte(dump[i])
				i++
				if dump[i-1] == '[' || dump[i-1] == ' ' {
					b.WriteString(line)
				}
				write(level + 1)
			}
			b.WriteString(dump[i:end])
			i = end
		default:
			until(" )]")
		}
	}
	write(0)
	b.WriteString(dump[i:])
	return strings.ReplaceAll(b.String(), " \n", "\n") + "\n"
}

// closing finds the end of what begins at i in a dump: a bracketed or quoted item.
func closing(dump string, i int) int {
	depth := 0
	for ; i < len(dump); i++ {
		switch dump[i] {
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			for i++; dump[i] != '"'; i++ {
				if dump[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(dump)
}
