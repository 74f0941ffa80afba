package settings

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// load makes a program of files.
func load(files map[string]string) *program.Program {
	return program.New(slices.Sorted(maps.Keys(files)), func(path string) (*source.File, error) {
		text, ok := files[path]
		if !ok {
			return nil, os.ErrNotExist
		}
		return source.New(path, []byte(text)), nil
	})
}

func configs(files map[string]string) []*Config {
	return find(load(files))
}

// show writes a value as the tests have it: alternatives with a star at the one that holds
// if nothing is set, … for what nobody knows.
func show(v Value, deep int) string {
	var parts []string
	for _, c := range v.Alts {
		s := showConst(c, deep)
		if c.Now && (len(v.Alts) > 1 || v.Open) {
			s += "*"
		}
		parts = append(parts, s)
	}
	if v.Open {
		if v.Raw {
			parts = append(parts, "text…")
		} else {
			parts = append(parts, "…")
		}
	}
	return strings.Join(parts, " | ")
}

func showConst(c Const, deep int) string {
	if deep > 8 {
		return "?"
	}
	var parts []string
	in := func(j Judgement) string {
		switch {
		case j.Always == Yes:
			return ""
		case j.Now == Yes:
			return "+?"
		case j.Now == No:
			return "-?"
		}
		return "?"
	}
	switch c.Kind {
	case Scalar:
		switch c.V.Kind {
		case ast.Str:
			return fmt.Sprintf("%q", c.V.Str)
		case ast.Bytes:
			return fmt.Sprintf("b%q", c.V.Str)
		case ast.Int:
			return fmt.Sprint(c.V.Int)
		case ast.Float:
			return fmt.Sprint(c.V.Flt)
		}
		return c.V.Kind.String()
	case List:
		for _, x := range c.Items.List {
			parts = append(parts, show(x.Value, deep+1)+in(x.In))
		}
		if c.Items.Open {
			parts = append(parts, "…")
		}
		mixed := ""
		if c.Items.Mixed {
			mixed = "~"
		}
		return mixed + "[" + strings.Join(parts, ", ") + "]"
	case Dict:
		for _, x := range c.Map.List {
			parts = append(parts, x.Key+": "+show(x.Value, deep+1)+in(x.In))
		}
		if c.Map.Open {
			parts = append(parts, "…")
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case Text:
		return "text"
	case Lapse:
		return fmt.Sprintf("%ds", c.V.Int)
	}
	return c.Name
}

// TestValues runs testdata/*.txt: Python, and behind "# =" what the name that is bound last
// in front of it is.
func TestValues(t *testing.T) {
	data, err := os.ReadFile("testdata/values.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, block := range strings.Split(string(data), "\n\n") {
		name, body, ok := strings.Cut(strings.TrimSpace(block), "\n")
		if !ok {
			continue
		}
		t.Run(strings.TrimPrefix(name, "# "), func(t *testing.T) {
			files := map[string]string{}
			file, text := "shop/settings.py", &strings.Builder{}
			type want struct{ name, value string }
			var wants []want
			flush := func() { files[file] = "" + text.String() }
			for line := range strings.Lines(body + "\n") {
				if f, ok := strings.CutPrefix(line, "-- "); ok {
					flush()
					file, text = strings.TrimSpace(f), &strings.Builder{}
					continue
				}
				if code, value, ok := strings.Cut(line, "  #= "); ok {
					name, _, _ := strings.Cut(code, " ")
					wants = append(wants, want{strings.TrimSpace(name), strings.TrimSpace(value)})
					if strings.HasPrefix(code, "    ") || !strings.Contains(code, "=") {
						line = "\n"
					}
				}
				text.WriteString(line)
			}
			flush()
			files["shop/settings.py"] = "ROOT_URLCONF = 'shop.urls'\n" + files["shop/settings.py"]
			files["shop/wsgi.py"] = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
			var c *Config
			for _, x := range configs(files) {
				if x.Path == "shop/settings.py" {
					c = x
				}
			}
			if c == nil {
				t.Fatal("no configuration")
			}
			for _, w := range wants {
				n++
				e := c.vars.get(w.name)
				got := "unset"
				if e != nil {
					got = show(e.Value, 0)
					if e.In.Always != Yes {
						got += " (" + map[Tri]string{Yes: "if nothing is set", No: "not if nothing is set", Maybe: "perhaps"}[e.In.Now] + ")"
					}
				}
				if got != w.value {
					t.Errorf("%s is %s, want %s", w.name, got, w.value)
				}
			}
		})
	}
	t.Logf("%d values", n)
}

// What a server starts with counts for more than names do, and so does what is written for
// serving.
func TestRoleByStart(t *testing.T) {
	base := "ROOT_URLCONF = 'shop.urls'\nDEBUG = False\nALLOWED_HOSTS = ['shop.example']\n"
	role := func(files map[string]string, path string) Role {
		for _, c := range configs(files) {
			if c.Path == path {
				return c.Role
			}
		}
		return Unclear
	}
	local := func(start string) map[string]string {
		return map[string]string{"shop/settings/base.py": base, "shop/settings/local.py": "from .base import *\nDEBUG = True\n", "shop/settings/prod.py": "from .base import *\n", "shop/wsgi.py": start}
	}
	for _, x := range []struct {
		name  string
		files map[string]string
		path  string
		want  Role
	}{
		{"forced", local("import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings.local'\n"), "shop/settings/local.py", Production},
		{"unless told otherwise", local("import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.local')\n"), "shop/settings/local.py", Development},
		{"under a condition", local("import os\nif os.path.exists('x'):\n    os.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings.local'\n"), "shop/settings/local.py", Development},
		{"one of two that are served", map[string]string{"shop/settings.py": base, "desk/settings.py": base}, "desk/settings.py", Likely},
		{"one of two of which nothing is known", map[string]string{"shop/settings.py": base, "desk/settings.py": "ROOT_URLCONF = 'desk.urls'\nDEBUG = True\n"}, "desk/settings.py", Unclear},
	} {
		if got := role(x.files, x.path); got != x.want {
			t.Errorf("%s: %s is %d, want %d", x.name, x.path, got, x.want)
		}
	}
}
