package settings

import (
	"os"
	"strings"
	"testing"
	"time"
)

// FuzzRead reads settings that somebody has made to hurt us: it must end, soon, without a
// panic, and say the same again.
func FuzzRead(f *testing.F) {
	data, err := os.ReadFile("testdata/values.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, block := range strings.Split(string(data), "\n\n") {
		f.Add(block, "A = 1\nfrom .settings import *\n")
	}
	f.Add("L = []\nL.append(L)\nM = [L, L]\nif X:\n    L += L\n", "D = {}\nD['d'] = D\nif D:\n    D.update(D)\n")
	f.Add("def f(x):\n    return f(x) + f(x)\nA = f(f)\n", "A = lambda: A()\nB = A()\n")
	f.Fuzz(func(t *testing.T, one, two string) {
		if len(one)+len(two) > 20_000 {
			t.Skip()
		}
		files := map[string]string{"shop/settings.py": "ROOT_URLCONF = 'x'\n" + one, "shop/base.py": two}
		start := time.Now()
		a := say(configs(files))
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("it took %s", d)
		}
		if b := say(configs(files)); a != b {
			t.Errorf("not the same again:\n%s\n%s", a, b)
		}
	})
}

func say(list []*Config) string {
	var b strings.Builder
	for _, c := range list {
		for _, e := range c.vars.List {
			b.WriteString(e.Key + " = " + show(e.Value, 0) + "\n")
		}
	}
	return b.String()
}

// TestBounds: what is made to be expensive is cut off, and then nothing is known.
func TestBounds(t *testing.T) {
	deep := strings.Repeat("if A:\n", 1)
	for i := range 90 {
		deep += strings.Repeat(" ", i+1) + "if X" + strings.Repeat("x", i) + ":\n"
	}
	deep += strings.Repeat(" ", 91) + "B = 1\n"
	doubling := "L = [1, 2]\n" + strings.Repeat("L = L + L\n", 40)
	nested := "L = []\n" + strings.Repeat("L = [L, L]\nif foo():\n    L.append(1)\n", 60)
	branches := "import os\n"
	for i := range 3000 {
		branches += "if os.environ.get('X" + strings.Repeat("y", i%50) + "'):\n    A = A + 'x'\n    L += [A]\n"
	}
	for name, text := range map[string]string{
		"nested conditions": deep, "a list that doubles": doubling, "lists in lists": nested, "conditions": "A = 'a'\nL = []\n" + branches,
		"calls":          "def f(n, m):\n    if g():\n        return f(n, m)\n    return f(m, n)\nA = f(1, 2)\n",
		"comprehensions": "A = [x + y + z for x in range(9) for y in [1] * 500 for z in [2] * 500]\nB = [[a for a in [1] * 500] for b in [2] * 500]\n",
		"texts":          "A = 'x' * 60000\nB = A.replace('x', A)\nC = (A + A).split('x')\nD = ','.join(C + C)\n",
		"dictionaries":   "D = {}\n" + strings.Repeat("D['d'] = dict(D)\n", 200),
		"loops":          "L = [1, 2, 3, 4, 5, 6, 7, 8]\n" + strings.Repeat("", 0) + "for a in L:\n for b in L:\n  for c in L:\n   for d in L:\n    for e in L:\n     for f in L:\n      for g in L:\n       X = a\n",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			configs(map[string]string{"shop/settings.py": "ROOT_URLCONF = 'x'\n" + text})
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("it took %s", d)
			} else {
				t.Log(d)
			}
		})
	}
}
