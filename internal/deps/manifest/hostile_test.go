package manifest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHostile reads what nobody writes but to harm: it ends, soon, and says what is wrong.
func TestHostile(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 10_000
	}
	rep := strings.Repeat
	var groups, poetry, edges, sources strings.Builder
	groups.WriteString("[dependency-groups]\n")
	poetry.WriteString("[project]\ndependencies=[" + rep(`"a",`, n/4) + "]\n[tool.poetry.dependencies]\n")
	for i := range n / 4 {
		fmt.Fprintf(&groups, "g%d = [{include-group = \"g%d\"}, \"a\"]\n", i, i+1)
		fmt.Fprintf(&poetry, "a%d = {git=\"x\"}\n", i)
		fmt.Fprintf(&edges, "[[package]]\nname=\"a\"\nversion=\"%d\"\nsource={virtual=\".\"}\ndependencies=[{name=\"a\",marker=\"os_name=='%d'\"}]\n", i, i)
		sources.WriteString(`{git="x",marker="os_name=='x'"},`)
	}
	for _, c := range []struct{ name, path, text string }{
		{"brackets of TOML", "pyproject.toml", "a=" + rep("[", n)},
		{"tables of TOML", "uv.lock", "a=" + rep("{a=", n)},
		{"keys of TOML", "poetry.lock", rep("a.", n) + "a=1"},
		{"one line of TOML", "Pipfile", "a=[" + rep(`"é",`, n) + "]"},
		{"no UTF-8", "pylock.toml", rep("\xff\xfe", n)},
		{"groups in a row", "pyproject.toml", groups.String()},
		{"many of one name", "pyproject.toml", poetry.String()},
		{"all need all", "uv.lock", edges.String()},
		{"sources for many", "pyproject.toml", "[project]\ndependencies=[" + rep(`"a",`, n/4) + "]\n[tool.uv.sources]\na=[" + sources.String() + "]"},
		{"brackets of JSON", "Pipfile.lock", rep("[", n)},
		{"objects of JSON", "bom.json", rep(`{"a":`, n)},
		{"components", "bom.json", `{"bomFormat":"CycloneDX","components":[` + rep(`{"components":[`, n)},
		{"one line of JSON", "bom.json", `{"bomFormat":"CycloneDX","components":[` + rep(`{"purl":"pkg:pypi/é@1"},`, n) + `1]}`},
		{"brackets of YAML", "environment.yml", rep("[", n)},
		{"lists of YAML", "environment.yml", rep("- ", n)},
		{"keys of YAML", "environment.yml", rep("? ", n)},
		{"a ladder of YAML", ".pre-commit-config.yaml", func() string {
			var b strings.Builder
			for i := range 800 {
				b.WriteString(rep(" ", i) + "a:\n")
			}
			return b.String()
		}()},
		{"laughs of YAML", ".pre-commit-config.yaml", "a: &a [" + rep("x,", 9000) + "x]\nrepos:\n- hooks:\n" + rep("  - {additional_dependencies: *a}\n", 9000)},
		{"an alias of itself", "environment.yml", "dependencies: &a\n- *a\n- pip: *a\n"},
		{"quotes of YAML", "environment.yml", "a: \"" + rep("\\", n)},
		{"one long line", "requirements.txt", rep("a", n*5)},
		{"options", "requirements.txt", rep("--a ", n)},
		{"backslashes", "requirements.txt", rep("\\\n", n)},
		{"hashes", "requirements.txt", "a==1" + rep(" --hash=sha256:00", n)},
		{"markers", "requirements.txt", "a; " + rep("(", n)},
		{"sections that take one another in", "tox.ini", "[testenv]\ndeps = \n" + rep(" {[testenv]deps}\n", n/10)},
		{"sections", "tox.ini", rep("[testenv]\ndeps = a\n", n/4)},
		{"lists that add themselves", "setup.py", "a = []\n" + rep("a.append(a)\n", n/40) + "setup(install_requires=a)\n"},
		{"functions that call themselves", "setup.py", "def f(*a):\n  return f(*a) + f(*a) + open(f(*a))\nsetup(install_requires=f())\n"},
		{"additions", "setup.py", "setup(install_requires=" + rep("[] + ", n/40) + "[])\n"},
		{"zeros", "noxfile.py", rep("\x00", n)},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			f := Read(c.path, "", []byte(c.text))
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("%s for %d bytes", d, len(c.text))
			} else {
				t.Logf("%s for %d bytes, %d packages, %v", d.Round(time.Millisecond), len(c.text), len(f.Packages), f.Problems[:min(1, len(f.Problems))])
			}
		})
	}
	if f := Read("requirements.txt", "", make([]byte, MaxSize+1)); len(f.Problems) != 1 {
		t.Error("a file that is too large was read")
	}
	if f := Read("x", "no such format", nil); len(f.Problems) != 1 {
		t.Error("a format that does not exist was read")
	}
}

// TestWrong: what has another shape than it should is a problem where it stands.
func TestWrong(t *testing.T) {
	for _, c := range []struct{ path, text, want string }{
		{"pyproject.toml", "[project]\ndependencies = \"a\"", "2:17 problem: a list of requirements should be here"},
		{"pyproject.toml", "[project]\nname = ", "problem: this is no TOML, and what follows was not read"},
		{"pyproject.toml", "[project]\ndependencies = [\"a==1\"]\nx = [", "2:18 a exact 1"},
		{"pyproject.toml", "[project]\n[project]", "2:2 problem: the table \"project\" is there twice"},
		{"pyproject.toml", "[project]\ndependencies=[\"a\"]\ndependencies=[\"b\"]", "3:1 problem: the key \"dependencies\" is there twice"},
		{"pyproject.toml", "project = 1\n[project]\ndependencies=[\"b\"]", "2:2 problem: the name \"project\" is that of something else already"},
		{"pyproject.toml", "[dependency-groups]\na = \"b\"", "2:1 problem: a list of requirements should be here"},
		{"pyproject.toml", "[tool.uv.sources]\na = {floppy=1}", "problem: this source of a package is not known"},
		{"uv.lock", "version = 9\n", "1:11 problem: version \"9\" of uv's lock file is not known; it was read as version 1"},
		{"uv.lock", "[[package]]\nname=\"a\"\nsource={floppy=1}", "a unknown: the lock file has no version of it"},
		{"poetry.lock", "[metadata]\nlock-version=\"7.0\"", "problem: version \"7.0\" of Poetry's lock file is not known"},
		{"pylock.toml", "lock-version=\"2.0\"", "problem: version \"2.0\" of the lock file is not known"},
		{"pylock.toml", "", "problem: the file does not say which version of the format it has"},
		{"pdm.lock", "[[package]]\nname=\"a\"\nversion=\"1\"\ndependencies=[\"-\"]", "4:16 problem: \"-\": the name of a package begins with a letter or a digit"},
		{"Pipfile", "packages = 1", "1:1 problem: a table of packages should be here"},
		{"Pipfile.lock", `{"default": {"a": {"version": "==1"}}`, "1:15 a exact 1"},
		{"Pipfile.lock", `{"default": {"a": 1}}`, "1:19 problem: a version or a table should be here"},
		{"Pipfile.lock", `{} x`, "problem: this is no JSON"},
		{"bom.json", `{}`, "problem: this is no bill of materials of CycloneDX or SPDX"},
		{"setup.cfg", "x\n[options]\ny", "1:1 problem: this line is neither a section nor a setting"},
		{"tox.ini", "[testenv]\ndeps = {[x]y}", "2:8 problem: there is no list of packages at \"{[x]y}\""},
		{"environment.yml", "a: [", "problem: this is no YAML"},
		{"environment.yml", "dependencies: 7", "1:15 problem: a list of packages should be here"},
		{"environment.yml", "dependencies: [{pip: 7}]", "problem: a list of requirements should be here"},
		{"setup.py", "setup(install_requires=", "problem: this is no Python"},
		{"setup.py", "def v():\n  return eval(open('v.py').read())\nsetup(install_requires=v())", "3:24 problem: the list of packages is computed"},
		{"setup.py", "setup(install_requires=open('v.txt').read().splitlines())", "1:24 include \"v.txt\" as \"v.txt\" constraint=false"},
		{"setup.py", "setup(**x())", "1:9 problem: the arguments of setup() are computed"},
		{"setup.py", "setup(extras_require=x())", "1:22 problem: the extras are computed"},
		{"noxfile.py", "def t(session): session.install(x())", "1:33 problem: what is installed is computed"},
	} {
		if got := dump(Read(c.path, "", []byte(c.text))); !strings.Contains(got, c.want) {
			t.Errorf("%s with %q: got\n%swant %s", c.path, c.text, got, c.want)
		}
	}
}

func TestScript(t *testing.T) {
	for text, want := range map[string]int{
		"import os\n": -1,
		"# /// script\n# dependencies = [\"a\"]\n# ///\n":                                                           1,
		"# /// script\r\n# dependencies = [\"a\"]\r\n# ///\r\n":                                                     1,
		"# /// script\n# dependencies = [\"a\"]\n":                                                                  -1, // does not end
		"# /// script\n# dependencies = [\"a\"]\n\n# ///\n":                                                         -1, // a line without its #
		"# /// other\n# dependencies = [\"a\"]\n# ///\n":                                                            -1,
		"# /// script\n# ///\n":                                                                                     -1,
		"# /// script\n# dependencies = [\"a\"]\n# ///\n# /// script\n# dependencies = [\"b\"]\n# ///\n":            0,
		"# /// script\n# dependencies = [\"a\",\n#   # why\n#\n#   \"b\"]\n# ///\nx = '''\n# /// other\n# ///\n'''": 2,
	} {
		f := Script("a.py", []byte(text))
		got := -1
		if f != nil {
			got = len(f.Packages)
		}
		if got != want {
			t.Errorf("%q has %d packages, want %d", text, got, want)
		}
	}
}

// FuzzRead reads anything as any format. Nothing panics, and what stands somewhere stands in
// the file.
func FuzzRead(f *testing.F) {
	names := Formats()
	err := filepath.WalkDir("testdata", func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(p, ".golden") || strings.Contains(p, "fuzz") {
			return err
		}
		data, err := os.ReadFile(p)
		for i, name := range names {
			if name == Is(filepath.ToSlash(p)) {
				f.Add(uint8(i), data)
			}
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, i uint8, data []byte) {
		file := Read("a/b", names[int(i)%len(names)], data)
		account(t, file)
		Script("a.py", data)
	})
}

func TestIs(t *testing.T) {
	for p, want := range map[string]string{
		"requirements.txt": "requirements", "requirements-dev.in": "requirements", "requirements/base.txt": "requirements", "a/dev-requirements.txt": "requirements",
		"constraints.txt": "requirements", "pip/_vendor/vendor.txt": "requirements", "vendor.txt": "", "requirements.md": "", "requirements.html": "", "notes.txt": "",
		"pylock.toml": "pylock.toml", "pylock.dev.toml": "pylock.toml", "pylock.a.b.toml": "", "pylock..toml": "", "xpylock.toml": "",
		"environment.yml": "conda", "environment-dev.yaml": "conda", "dev-environment.yml": "conda", "environments.py": "", "my.yml": "",
		"a/uv.lock": "uv.lock", "tool.py.lock": "uv.lock", "poetry.lock": "poetry.lock", "yarn.lock": "", "Pipfile": "Pipfile", "Pipfile.lock": "Pipfile.lock",
		"bom.json": "cyclonedx", "a.cdx.json": "cyclonedx", "a.spdx.json": "spdx", "package.json": "", "setup.py": "setup.py", "x_setup.py": "",
	} {
		if got := Is(p); got != want {
			t.Errorf("%s is %q, want %q", p, got, want)
		}
	}
}
