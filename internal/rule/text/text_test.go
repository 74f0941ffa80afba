package text

import (
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// last returns the argument of the last call of f in the code.
func last(t *testing.T, code string) (*program.Unit, ast.Expr) {
	t.Helper()
	file, err := source.Decode("m.py", []byte(code))
	if err != nil {
		t.Fatal(err)
	}
	prog := program.New([]string{"m.py"}, func(string) (*source.File, error) { return file, nil })
	u, err := prog.Modules()[0].Unit()
	if err != nil || len(u.Tree.Errors) > 0 {
		t.Fatalf("%v %v", err, u.Tree.Errors)
	}
	var arg ast.Expr
	for _, n := range u.Tree.Nodes() {
		if c, ok := n.(*ast.Call); ok && len(c.Args) == 1 {
			if f, ok := c.Func.(*ast.Name); ok && f.Ident == "f" && (arg == nil || c.Start() > arg.Start()) {
				arg = c.Args[0]
			}
		}
	}
	if arg == nil {
		t.Fatal("no call of f")
	}
	return u, arg
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{`f(f"a {x} b")`, "a ? b"},
		{`f("a " + x + " b")`, "a ? b"},
		{`f("a %s b %d%%" % (x, y))`, "a ? b ?%"},
		{`f("a %(k)s" % {"k": x})`, "a ?"},
		{`f("a {} {k} {{}}".format(x, k=y))`, "a ? ? {}"},
		{`f("a {0} {0}".format("b"))`, "a b b"},
		{`f("a {} {} {}".format("b", *["c", x]))`, "a b c ?"},
		{`f("a {} {}".format(*x))`, "a ? ?"},
		{`f("a {k}".format(**{"k": "b"}))`, "a b"},
		{`f("a :x b".replace(":x", x))`, "a ? b"},
		{`f(", ".join("?" for _ in x))`, "?"},
		{`f(" AND ".join(["a", x]))`, "a AND ?"},
		{"s = 'a'\ns += x\nf(s)", "a?"},
		{"q = ['a']\nq.append(x)\nf(' '.join(q))", "a ?"},
		{"q = ['a']\nq.append('b')\nf('(' + ' '.join(q) + ')')", "(a b)"},
		{"T = 'users'\nf(f'a {T}')", "a users"},
		{"s = 'a ' + x\nt = s + ' b'\nf(t)", "a ? b"},
		{`f("a" if c else "b" + x)`, "a?"},
		{"s = 'a '\ns = s + x\ns = s + ' b'\nf(s)", "a ? b"},
		{"s = 'a '\nfor x in y:\n s = s + x\nf(s)", "a ?"},
		{`f(x)`, "?"},
		{`f(g("a"))`, "?"},
		{`f(("a " + x).strip().encode())`, "a ?"},
		{`f(f"{x:>{w}} {n:d}")`, "? ?"},
		{`f(t"a {x}")`, "?"},
	} {
		u, e := last(t, c.code)
		got := strings.ReplaceAll(Split(u, e).String(), Hole, "?")
		if got != c.want {
			t.Errorf("%s\ngot  %q\nwant %q", c.code, got, c.want)
		}
	}
}

func TestFixed(t *testing.T) {
	for _, c := range []struct {
		code string
		want bool
	}{
		{"f(x)", false},
		{"def g(x):\n f(x)", false},
		{"def g(x):\n x = x.strip()\n f(x)", false},
		{"def g(x):\n x = x or 'a'\n f(x)", false},
		{"x = 'a'\nfor y in (1, 2):\n x = x + 'b'\nf(x)", true},
		{"x = 'a'\nfor y in z:\n x = x + y\nf(x)", false},
		{"f(int(x))", true},
		{"f(len(x) * 2)", true},
		{"def g(x: int):\n f(x)", true},
		{"from settings import TABLE\nf(TABLE)", true},
		{"def g(TABLE):\n f(TABLE)", false},
		{"import settings\nf(settings.TABLE)", true},
		{"f({'a': 'b'}[x])", true},
		{"D = {'a': 'b'}\nf(D.get(x, 'c'))", true},
		{"D = {'a': 'b'}\nf(D.get(x, x))", false},
		{"D = {'a': 'b'}\nD[x] = x\nf(D[x])", false},
		{"for x in ('a', 'b'):\n f(x)", true},
		{"for x in y:\n f(x)", false},
		{"for i, x in enumerate(['a']):\n f(x)", true},
		{"for k, v in {'a': y}.items():\n f(k)", true},
		{"for k, v in {'a': y}.items():\n f(v)", false},
		{"f('a' if x else 'b')", true},
		{"if x in ALLOWED:\n f(x)", true},
		{"if x in ALLOWED:\n pass\nf(x)", false},
		{"def g(x):\n if x not in ('a', 'b'):\n  raise ValueError\n f(x)", true},
		{"def g(x):\n if x not in ('a', 'b'):\n  print(x)\n f(x)", false},
		{"def g(x):\n if x not in ('a', 'b'):\n  x = 'a'\n f(x)", true},
		{"def g(x):\n if x not in ('a', 'b'):\n  raise ValueError\n x = y\n f(x)", false},
		{"def g(x):\n if not x.isidentifier():\n  return\n f(x)", true},
		{"import re\ndef g(x):\n if not re.fullmatch('a+', x):\n  return\n f(x)", true},
		{"import re\ndef g(x):\n if not re.match('a+', x):\n  return\n f(x)", false},
		{"import re\ndef g(x):\n if re.match('a+$', x) is None:\n  return\n f(x)", true},
		{"def g(x):\n if x == 'a' or x == 'b':\n  f(x)", true},
		{"def g(x):\n if x == 'a' or y == 'b':\n  f(x)", false},
		{"def g(x):\n check_name(x)\n f(x)", true},
		{"def g(x):\n check_call(x)\n f(x)", false},
		{"def g(x):\n ensure_dir(x)\n f(x)", false},
		{"def g(x):\n if x in data:\n  f(x)", false},
		{"def g(x):\n if x in allowed:\n  f(x)", true},
		{"def g(x):\n if x in 'abc':\n  f(x)", false},
		{"def g(x):\n allow = {'a', 'b'}\n if x in allow:\n  f(x)", true},
		{"def g(x, names):\n names = ['a']\n if x in names:\n  f(x)", true},
		{"def _g(x):\n f(x)\n_g('a')\n_g('b')", true},
		{"def _g(x):\n f(x)\n_g('a')\n_g(input())", false},
		{"def _g(x):\n f(x)\n_g('a')\nh(_g)", false},
		{"def g(x):\n f(x)\ng('a')", false},
		{"#!/usr/bin/python3\ndef g(x):\n f(x)\nif __name__ == '__main__':\n g('a')", true},
		{"#!/usr/bin/python3\ndef g(x):\n f(x)\nif __name__ == '__main__':\n g('a')\n g(input())", false},
		{"#!/usr/bin/python3\ndef g(x):\n f(x)\ng('a')", false},
		{"def g(x):\n f(x)\nif __name__ == '__main__':\n g('a')", false},
		{"import re\nm = re.fullmatch('([a-z-]+)[.]git', x)\nf(m.group(1))", true},
		{"import re\nm = re.fullmatch('([^/]+)[.]git', x)\nf(m.group(1))", false},
		{"import re\nC = re.compile(r'(\\w+);(.*)')\ndef g(x):\n if m := C.match(x):\n  f(m[1])", true},
		{"import re\nC = re.compile(r'(\\w+);(.*)')\ndef g(x):\n m = C.match(x)\n f(m[2])", false},
		{"import re\nC = re.compile(r'(\\w+);(.*)')\ndef g(x):\n m = C.match(x)\n f(m[0])", false},
		{"import os\nf(os.path.join(os.path.dirname(__file__), 'a'))", true},
		{"import os\nf(os.path.join(os.path.dirname(__file__), x))", false},
		{"import sys\nf(sys.executable)", true},
		{"import sys\nf(sys.argv[1])", false},
		{"q = ['a']\nq.append(x)\nf(q)", false},
		{"f([y for y in x if y in ALLOWED])", true},
	} {
		u, e := last(t, c.code)
		if got := Fixed(u, e); got != c.want {
			t.Errorf("%s\ngot %v, want %v", c.code, got, c.want)
		}
	}
}

// TestDoubling holds that names which double at each step are not followed forever.
func TestDoubling(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0 = x if y else z\n")
	for i := 1; i < 40; i++ {
		p := "a" + strings.Repeat("0", i)
		b.WriteString(p + "0 = (" + p + " + 'b') if y else (" + p + " + " + p + ")\n")
	}
	b.WriteString("f(a" + strings.Repeat("0", 40) + ")\n")
	u, e := last(t, b.String())
	Split(u, e)
	Fixed(u, e)
	u, e = last(t, "f([x for x in y if x in y and y in x])") // checks that ask for one another
	Fixed(u, e)
}
