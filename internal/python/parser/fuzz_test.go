package parser

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/python/ast"
)

// snippets returns every text in testdata.
func snippets(t testing.TB) []string {
	var texts []string
	for pattern, answer := range map[string]string{"testdata/grammar/*.md": "tree", "testdata/recovery/*.md": "outline", "testdata/errors/*.md": "errors"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			_, list := page(t, path, answer)
			for _, s := range list {
				texts = append(texts, s.texts...)
			}
		}
	}
	return texts
}

// checkText parses a text and tests what must hold whatever it is.
func checkText(t testing.TB, text string) *ast.Tree {
	tree := parse(text)
	checkTree(t, tree)
	ast.Dump(tree)
	return tree
}

func FuzzParse(f *testing.F) {
	for _, s := range snippets(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		tree := checkText(t, text)
		if len(tree.Errors) == 0 {
			checkCover(t, tree)
		}
	})
}

// checkCover tests that nothing was skipped without an error: between the statements of
// the module there are only comments, blanks, line ends, semicolons and decorators.
func checkCover(t testing.TB, tree *ast.Tree) {
	text := append([]byte(nil), tree.File.Bytes...)
	blank := func(from, to ast.Pos) {
		for i := from; i < to; i++ {
			text[i] = ' '
		}
	}
	for _, s := range tree.Module.Body {
		switch s := s.(type) {
		case *ast.FunctionDef:
			if len(s.DecoratorList) > 0 {
				blank(s.DecoratorList[0].Start(), s.Start())
			}
		case *ast.ClassDef:
			if len(s.DecoratorList) > 0 {
				blank(s.DecoratorList[0].Start(), s.Start())
			}
		}
		blank(s.Start(), s.End())
	}
	for _, c := range tree.Comments {
		blank(c.Start, c.End)
	}
	if rest := strings.Trim(string(text), " \t\f\r\n;@(\\"); rest != "" {
		t.Fatalf("nobody read %q", rest)
	}
}

// FuzzMutate cuts, doubles and swaps pieces of real programs.
func FuzzMutate(f *testing.F) {
	texts := snippets(f)
	for i := range texts {
		f.Add(uint64(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, pick, seed uint64) {
		r := rand.New(rand.NewPCG(pick, seed))
		text := texts[pick%uint64(len(texts))]
		for range 1 + r.IntN(4) {
			text = mutate(r, text, texts[r.IntN(len(texts))])
		}
		checkText(t, text)
	})
}

func mutate(r *rand.Rand, text, other string) string {
	if text == "" {
		return other
	}
	i := r.IntN(len(text))
	j := min(len(text), i+1+r.IntN(8))
	switch r.IntN(7) {
	case 0:
		return text[:i] + text[j:]
	case 1:
		return text[:j] + text[i:j] + text[j:]
	case 2:
		k := r.IntN(len(text) + 1)
		if k < j {
			return text
		}
		return text[:i] + text[j:k] + text[i:j] + text[k:]
	case 3:
		const stray = "()[]{}:,=.'\"\\#\n\t ;@*fbtr!$"
		k := r.IntN(len(stray))
		return text[:i] + stray[k:k+1] + text[i:]
	case 4:
		if other == "" {
			return text
		}
		k := r.IntN(len(other))
		return text[:i] + other[k:] + text[i:]
	case 5:
		words := []string{"def f", "class", "match ", "case ", "lambda ", "f'{", "f'''{", "not ", "in ", "if ", "else", "with (", "async ", "\\\n", "    ", "\x00", "é", "\xff", "\r"}
		return text[:i] + words[r.IntN(len(words))] + text[i:]
	}
	return text[:i]
}

var places = regexp.MustCompile(`@\d+:\d+-\d+:\d+`)

// FuzzReparse: what a statement's span holds is that statement.
func FuzzReparse(f *testing.F) {
	for _, s := range snippets(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree := parse(text)
		if len(tree.Errors) > 0 {
			return
		}
		for _, s := range tree.Module.Body {
			again := parse(tree.File.Text(s.Span()))
			if len(again.Errors) > 0 {
				t.Fatalf("%q: %s", tree.File.Text(s.Span()), errorLines(again))
			}
			if len(again.Module.Body) != 1 {
				t.Fatalf("%q: %d statements", tree.File.Text(s.Span()), len(again.Module.Body))
			}
			want, got := dumpStmt(tree, s), dumpStmt(again, again.Module.Body[0])
			if got != want {
				t.Fatalf("%q\n%s", tree.File.Text(s.Span()), difference(got, want))
			}
		}
	})
}

// dumpStmt dumps a statement without places and without decorators, which stand before it.
func dumpStmt(tree *ast.Tree, s ast.Stmt) string {
	switch s := s.(type) {
	case *ast.FunctionDef:
		s.DecoratorList = nil
	case *ast.ClassDef:
		s.DecoratorList = nil
	}
	tree.Module.Body = []ast.Stmt{s}
	return places.ReplaceAllString(ast.Dump(tree), "")
}

// FuzzUnescape writes a text as Python literals in many ways, which all mean the text.
func FuzzUnescape(f *testing.F) {
	f.Add("a\\b'\"\n\r\t\x00é🐍", uint64(1))
	f.Add("\\N{x}\\x", uint64(2))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if !utf8.ValidString(text) || len(text) > 1000 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 1))
		var b strings.Builder
		for _, c := range text {
			switch r.IntN(5) {
			case 0:
				if c < 256 {
					fmt.Fprintf(&b, `\x%02x`, c)
					continue
				}
				fallthrough
			case 1:
				if c < 1<<16 {
					fmt.Fprintf(&b, `\u%04X`, c)
					continue
				}
				fallthrough
			case 2:
				fmt.Fprintf(&b, `\U%08x`, c)
				continue
			case 3:
				if c < 512 {
					fmt.Fprintf(&b, `\%03o`, c)
					continue
				}
			}
			if strings.ContainsRune("\\'\"\n\r\x00", c) {
				fmt.Fprintf(&b, `\x%02x`, c)
				continue
			}
			b.WriteRune(c)
		}
		for _, quote := range []string{`'`, `"`, `'''`, `"""`} {
			value(t, quote+b.String()+quote, text)
		}
		if !strings.ContainsAny(text, "\\'\"\r\n\x00") {
			value(t, "r'"+text+"'", text)
			value(t, "'"+text+"' \"\" '''"+text+"'''", text+text)
		}
	})
}

func value(t *testing.T, literal, want string) {
	t.Helper()
	tree := parse(literal)
	if len(tree.Errors) > 0 {
		t.Fatalf("%s: %s", literal, errorLines(tree))
	}
	c, ok := ast.IsStr(tree.Module.Body[0].(*ast.ExprStmt).Value)
	if !ok || c.Str() != want {
		t.Fatalf("%s means %q, want %q", literal, c.Str(), want)
	}
}
