package taint

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// TestEnds runs programs that would take forever if nothing were bounded.
func TestEnds(t *testing.T) {
	head := "from t import source, sink\ndef f(n, k):\n    x = source()\n"
	many := func(n int, f func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(i))
		}
		return b.String()
	}
	indent := func(n int) string { return strings.Repeat("    ", n) }
	list := "[" + many(24, func(i int) string { return fmt.Sprintf("%d, ", i) }) + "]"
	programs := map[string]string{
		"recursion": "from t import source, sink\ndef r(n, v):\n    return r(n - 1, v) + r(n - 2, v) + r(n - 3, v) + r(n - 4, v)\ndef f():\n    sink(r(100, source()))\n",
		"mutual": "from t import source, sink\n" + many(12, func(i int) string {
			return fmt.Sprintf("def r%d(n, v):\n    return %s\n", i, strings.TrimSuffix(many(12, func(j int) string { return fmt.Sprintf("r%d(n - 1, v) + ", j) }), " + "))
		}) + "def f():\n    sink(r0(5, source()))\n",
		"closures": "from t import source, sink\ndef y(f):\n    return f(f)\ndef f():\n    y(lambda g: g(g))\n    sink(source())\n",
		"ifs": head + many(200, func(i int) string {
			return indent(i+1) + fmt.Sprintf("if k[%d]:\n", i) + indent(i+2) + fmt.Sprintf("a%d = x\n", i)
		}) + "    sink(x)\n",
		"ifrow": head + many(300, func(i int) string {
			return fmt.Sprintf("    if k[%d]:\n        a%d = x\n    else:\n        a%d = n\n", i, i, i)
		}) + "    sink(x)\n",
		"elifs":      head + "    if n == 0:\n        pass\n" + many(400, func(i int) string { return fmt.Sprintf("    elif n == %d:\n        a%d = x\n", i+1, i) }) + "    sink(x)\n",
		"loops":      head + "    for a in " + list + ":\n        for b in " + list + ":\n            for c in " + list + ":\n                for d in " + list + ":\n                    x = x + str(a + b + c + d)\n    sink(x)\n",
		"unknown":    head + many(30, func(i int) string { return indent(i+1) + fmt.Sprintf("for a%d in n:\n", i) }) + indent(31) + "x = x + a3\n    sink(x)\n",
		"whiles":     head + many(20, func(i int) string { return indent(i+1) + "while n:\n" }) + indent(21) + "x = x + k\n    sink(x)\n",
		"tries":      head + many(40, func(i int) string { return indent(i+1) + "try:\n" }) + indent(41) + "x = n(x)\n" + many(40, func(i int) string { return indent(40-i) + "except ValueError:\n" + indent(41-i) + "x = k(x)\n" }) + "    sink(x)\n",
		"finals":     head + many(30, func(i int) string { return indent(i+1) + "try:\n" }) + indent(31) + "x = n(x)\n" + many(30, func(i int) string { return indent(30-i) + "finally:\n" + indent(31-i) + "x = k(x)\n" }) + "    sink(x)\n",
		"literal":    head + "    d = {" + many(5000, func(i int) string { return fmt.Sprintf("%q: %d, ", fmt.Sprint("k", i), i) }) + "}\n    l = [" + many(5000, func(i int) string { return "x, " }) + "]\n    for v in l:\n        sink(v)\n    for k in d:\n        sink(d[k])\n",
		"sum":        head + "    s = " + strings.TrimSuffix(many(3000, func(i int) string { return fmt.Sprintf("'a%d' + ", i) }), " + ") + "\n    sink(s + x)\n",
		"nested":     head + "    l = " + strings.Repeat("[", 90) + "x" + strings.Repeat("]", 90) + "\n    sink(str(l))\n",
		"booleans":   head + "    if " + strings.TrimSuffix(many(300, func(i int) string { return fmt.Sprintf("(k[%d] or x == 'a%d') and ", i, i) }), " and ") + ":\n        sink(x)\n",
		"nots":       head + "    if " + strings.Repeat("not (", 60) + "x in n and k" + strings.Repeat(")", 60) + ":\n        sink(x)\n",
		"kept":       head + "    a0 = x == n\n" + many(200, func(i int) string { return fmt.Sprintf("    a%d = (a%d == n) and (x != k) and not (x in n)\n", i+1, i) }) + "    if a200:\n        sink(x)\n",
		"helpers":    "from t import source, sink\ndef h0(v):\n    return v in ('a', 'b')\n" + many(40, func(i int) string { return fmt.Sprintf("def h%d(v):\n    return h%d(v) and h%d(v)\n", i+1, i, i) }) + "def f():\n    x = source()\n    if h40(x):\n        sink(x)\n",
		"comps":      head + "    l = " + list + "\n    m = [[[[a + b + c + d + x for a in l] for b in l] for c in l] for d in l]\n    sink(m)\n",
		"doubling":   head + "    l = [x]\n" + strings.Repeat("    l = l + l\n", 60) + "    sink(l[0])\n    s = 'a'\n" + strings.Repeat("    s = s + s\n", 60) + "    sink(s + x)\n",
		"tuples":     head + "    t = (x, x)\n" + strings.Repeat("    t = (t, t)\n", 60) + "    sink(str(t))\n",
		"graph":      "from t import source, sink\nclass N:\n    def __init__(self, v):\n        self.a = v\n        self.b = v\n    def walk(self):\n        return self.a.walk() + self.b.walk()\ndef f():\n    n = N(source())\n" + strings.Repeat("    n = N(n)\n", 40) + "    sink(n.walk())\n",
		"decorated":  "from t import source, sink\ndef d(f):\n    def i(*a, **k):\n        return f(*a, **k) + f(*a, **k)\n    return i\n" + strings.Repeat("@d\n", 30) + "def g(v):\n    return v\ndef f():\n    sink(g(source()))\n",
		"generators": "from t import source, sink\ndef g(n):\n    while True:\n        yield n\n        yield from g(n + 1)\ndef f():\n    for a in g(0):\n        for b in g(1):\n            for c in g(2):\n                sink(source() + str(a))\n",
		"matches": head + many(60, func(i int) string {
			return indent(2*i+1) + "match x:\n" + indent(2*i+2) + fmt.Sprintf("case ['a%d', *r] | {'b': [*r]}:\n", i) + indent(2*i+3) + "x = r\n"
		}) + "    sink(x)\n",
		"iterator": "from t import source, sink\nclass I:\n    n = 0\n    def __iter__(self):\n        return self\n    def __next__(self):\n        self.n += 1\n        return I()\ndef f():\n    for a in I():\n        for b in a:\n            for c in b:\n                for d in c:\n                    sink(source())\n",
		"pattern":  "import re\n" + head + "    if re.fullmatch(" + fmt.Sprintf("%q", strings.Repeat("(a|b)*", 300)) + ", x):\n        sink(x)\n    if re.match('(((a{1,999}){1,999}){1,9})+$', x):\n        sink(x)\n",
		"deepcall": "from t import source, sink\ndef h0(v):\n    return v\n" + many(60, func(i int) string { return fmt.Sprintf("def h%d(v):\n    return h%d(v) + h%d(v)\n", i+1, i, i) }) + "def f():\n    sink(h60(source()))\n",
		"many": "from t import source, sink\ndef h(v):\n    if v in ('a', 'b'):\n        return v\n    return v + v\n" + many(100, func(i int) string {
			return fmt.Sprintf("def f%d():\n    x = source()\n    for i in range(20):\n        x = h(x)\n    sink(x)\n", i)
		}),
	}
	k := knowledge(t)
	for name, text := range programs {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			f := source.New("a.py", []byte(text))
			p := program.New([]string{"a.py"}, func(string) (*source.File, error) { return f, nil })
			res := runAll(p, k)
			took := time.Since(begin)
			t.Log(took.Round(time.Millisecond), res.Steps, "steps", res.Cut, "cut", len(res.Flows), "flows")
			if took > 20*time.Second {
				t.Error("it takes", took)
			}
		})
	}
}
