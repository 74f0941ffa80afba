package program

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// load makes a program of a txtar archive.
func load(archive string) *Program {
	files := map[string][]byte{}
	var paths []string
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[f.Name] = f.Data
		paths = append(paths, f.Name)
	}
	return New(paths, func(p string) (*source.File, error) { return source.New(p, files[p]), nil })
}

// A probe is a call of probe(x): what the comment on its line says must be what the unit
// knows of x: `# = yaml.load` for names, `# const "a"` for constants.
var probe = regexp.MustCompile(`# (=|const) ?(.*)$`)

// checkProbes compares all probes of a program and returns how many there were.
func checkProbes(t *testing.T, p *Program) int {
	t.Helper()
	n := 0
	for _, m := range p.Modules() {
		u, err := m.Unit()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range u.Tree.Errors {
			t.Errorf("%s: %v: %s", m.Path, u.File.Position(e.Span.Start), e.Message)
		}
		for _, x := range u.Tree.Nodes()[1:] {
			c, ok := x.(*ast.Call)
			if !ok {
				continue
			}
			if f, ok := c.Func.(*ast.Name); !ok || f.Ident != "probe" {
				continue
			}
			line := u.File.Position(c.Start()).Line
			want := probe.FindStringSubmatch(u.File.Line(line))
			if want == nil {
				continue
			}
			n++
			var got string
			if want[1] == "=" {
				got = strings.Join(u.Names(c.Args[0]), " | ")
			} else if v, ok := u.Const(c.Args[0]); ok {
				got = show(v)
			}
			if got != want[2] {
				t.Errorf("%s:%d: %s\n  got  %q\n  want %q", m.Path, line, strings.TrimSpace(u.File.Line(line)), got, want[2])
			}
		}
	}
	return n
}

func show(v Value) string {
	switch v.Kind {
	case ast.Str:
		return fmt.Sprintf("%q", v.Str)
	case ast.Int:
		return fmt.Sprint(v.Int)
	case List:
		var b []string
		for _, x := range v.List {
			b = append(b, show(x))
		}
		return "[" + strings.Join(b, " ") + "]"
	}
	return v.Kind.String()
}

// Each story is one construct; the file's comments are the expectation.
var stories = map[string]string{
	"aliases": `
-- a.py --
import yaml as y, os.path, xml.etree.ElementTree as ET
from yaml import load, load as l2
loader = yaml = y.load
probe(y.load)  # = yaml.load
probe(load)  # = yaml.load
probe(l2)  # = yaml.load
probe(loader)  # = yaml.load
probe(os.path.join)  # = os.path.join
probe(ET.parse)  # = xml.etree.ElementTree.parse
probe(eval)  # = builtins.eval
probe(unknown)  # = unknown
def f(eval):
    probe(eval)  # =
`,
	"instances": `
-- a.py --
import requests
from typing import Optional
class C:
    kind = requests.get
    def __init__(self, other: "requests.Session" = None):
        self.client = requests.Session()
        self.other = other
    def m(self, s: requests.Session, o: Optional[requests.Session], p: "requests.Session"):
        probe(self.client.get)  # = requests.Session().get
        probe(self.other.get)  # = requests.Session().get
        probe(s.get)  # = requests.Session().get
        probe(o.get)  # = requests.Session().get
        probe(p.get)  # = requests.Session().get
        with requests.Session() as t, open("x") as f:
            probe(t.post)  # = requests.Session().post
            probe(f.read)  # = builtins.open().read
        probe(self.m)  # = a.C().m
        probe(super().x)  # =
    @classmethod
    def n(cls):
        probe(cls.m)  # = a.C.m
try:
    pass
except (ValueError, KeyError) as e:
    probe(e.args)  # = builtins.ValueError().args | builtins.KeyError().args
probe("".join)  # = builtins.str().join
probe(f"{x}".format)  # = builtins.str().format
`,
	"assignments": `
-- a.py --
import a1, a2, functools, importlib
x = a1.f
probe(x)  # = a1.f
x = a2.f
probe(x)  # = a2.f
if c:
    x = a1.g
probe(x)  # = a2.f | a1.g
def f():
    probe(x)  # = a1.f | a2.f | a1.g
    y = a1.h
    for i in z:
        probe(y)  # = a1.h | a2.h
        y = a2.h
    return y
try:
    import cPickle as pickle
except ImportError:
    import pickle
probe(pickle.loads)  # = cPickle.loads | pickle.loads
p = functools.partial(a1.f, 1)
probe(p)  # = a1.f
probe(getattr(a1, "secret"))  # = a1.secret
probe(importlib.import_module("yaml").load)  # = yaml.load
probe((a1 if c else a2).f)  # = a1.f | a2.f
a, (b, d) = a1.p, (a1.q, a1.r)
probe(d)  # = a1.r
if (w := a1.walrus): pass
probe(w)  # = a1.walrus
def make():
    return a1.Session()
probe(make().get)  # = a1.Session().get
`,
	"scopes": `
-- a.py --
import m
x = m.module
class C:
    x = m.cls
    probe(x)  # = m.cls
    def f(self):
        probe(x)  # = m.module | m.glob
        def g():
            nonlocal z
            z = m.inner
        z = m.z
        def h():
            probe(z)  # = m.inner | m.z
        def i():
            global x
            x = m.glob
        [probe(x) for x in y]  # =
        [probe(y) for q in (y := m.wal)]  # = m.wal
    def k(self, x):
        probe(x)  # =
        lambda x: probe(x)  # =
`,
	"modules": `
-- pkg/__init__.py --
from .compat import load
from . import settings
from .star import *
-- pkg/compat.py --
from yaml import load, dump as d
NAME = "n"
-- pkg/settings.py --
DEBUG = True
PREFIX = "/tmp/" + "x"
-- pkg/star.py --
import requests
get = requests.get
LIMIT = 60 * 60
-- pkg/base.py --
import requests
class Base:
    def __init__(self):
        self.http = requests.Session()
-- pkg/sub/__init__.py --
-- pkg/sub/user.py --
from pkg import load, settings, get
from .. import compat
from ..compat import d, NAME
from ..base import Base
from pkg.star import *
import pkg.settings, pkg
probe(load)  # = yaml.load
probe(pkg.load)  # = yaml.load
probe(compat.d)  # = yaml.dump
probe(d)  # = yaml.dump
probe(get)  # = requests.get
probe(settings.DEBUG)  # const True
probe(pkg.settings.PREFIX)  # const "/tmp/x"
probe(NAME)  # const "n"
probe(LIMIT)  # const 3600
class Sub(Base):
    def m(self):
        probe(self.http.get)  # = requests.Session().get
probe(Base().http.post)  # = requests.Session().post
`,
	"roots": `
-- src/shop/__init__.py --
from shop.db import connect
-- src/shop/db.py --
from sqlite3 import connect
-- tests/test_shop.py --
import shop, helper
from ns.deep import run
probe(shop.connect)  # = sqlite3.connect
probe(helper.go)  # = subprocess.run
probe(run)  # = os.system
-- tests/helper.py --
from subprocess import run as go
-- ns/deep.py --
from os import system as run
`,
	"folding": `
-- a.py --
A = 1
B = "x"
L = [A, 2]
probe(A + 1 << 3)  # const 16
probe(B + "y" "z")  # const "xyz"
probe(f"{B}-{A}")  # const "x-1"
probe("%s/%d" % (B, A))  # const "x/1"
probe("{}/{}".format(B, A))  # const "x/1"
probe(",".join(["a", B]))  # const "a,x"
probe(["ls", B])  # const ["ls" "x"]
probe(L)  # const [1 2]
probe(not A)  # const False
probe(f"{z}")  # const
probe(["ls", z])  # const
probe(C.limit)  # const 5
class C:
    limit = 5
    def m(self):
        probe(self.limit)  # const 5
D = 1
D = 2
def f():
    probe(D)  # const
    n = 0
    for i in x:
        n += 1
    probe(n)  # const
    mode = "r"
    if x:
        mode = "w"
    probe(mode)  # const
`,
}

func TestUnderstands(t *testing.T) {
	names := make([]string, 0, len(stories))
	for n := range stories {
		names = append(names, n)
	}
	slices.Sort(names)
	total := 0
	for _, n := range names {
		t.Run(n, func(t *testing.T) { total += checkProbes(t, load(stories[n])) })
	}
	if total < 70 {
		t.Errorf("only %d probes ran", total)
	}
	t.Logf("%d probes", total)
}

// A swap names each variable by the other: whoever follows names must come to an end.
func TestSwap(t *testing.T) {
	u := Parse(source.New("a.py", []byte("def f(a, b):\n    a, b = b, a\n    use(a)\n    while a:\n        a, b = b, a\n        use(b)\n")))
	for _, n := range u.Tree.Nodes() {
		c, ok := n.(*ast.Call)
		if !ok {
			continue
		}
		e := c.Args[0]
		for i := 0; ; i++ {
			v := u.Values(e)
			if len(v) != 1 || v[0] == e {
				break
			}
			if e = v[0]; i > 10 {
				t.Fatalf("%d: no end", c.Start())
			}
		}
	}
}
