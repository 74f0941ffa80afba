package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/finding"
)

// tree writes files and makes the folder the top of a repository, so that nothing
// above it is found.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		abs := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(abs, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const full = `
profile = "audit"
fail-on = "high"
select = ["2a", "B6*"]
ignore = ["assert-used"]
exclude = ["docs/", "/build"]
max-file-size = "5 MB"
jobs = 3
rules = ["more/rule.md"]
models = ["more/model.yaml"]
include-tests = true

[per-path."tests/**"]
ignore = ["sql-injection"]
severity = "low"

[per-path."scripts/"]
severity = { assert-used = "info", B602 = "critical" }

[rule.sql-injection]
severity = "critical"
enabled = true
minimum = 3

[guard]
listen = ":8080"
`

func TestLoadOwn(t *testing.T) {
	for _, tt := range []struct{ name, file, text, section string }{
		{"gambeson.toml", "gambeson.toml", full, ""},
		{"pyproject.toml", "pyproject.toml", "[project]\nname = 'x'\n[tool.ruff]\nselect = 3\n[tool.gambeson]" +
			strings.NewReplacer("[per", "[tool.gambeson.per", "[rule", "[tool.gambeson.rule", "[guard", "[tool.gambeson.guard").Replace(full), "tool.gambeson"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := tree(t, map[string]string{tt.file: tt.text, "more/rule.md": "", "more/model.yaml": "", "src/pkg/a.py": ""})
			for _, start := range []string{"", "src", "src/pkg/a.py", "src/pkg/missing.py"} {
				c, err := Load(filepath.Join(root, start))
				if err != nil {
					t.Fatal(err)
				}
				got := fmt.Sprint(c.Profile, c.FailOn, c.Select, c.Ignore, c.Exclude, c.MaxFileSize, c.Jobs, c.IncludeTests, len(c.PerPath), c.Parts, c.Section == tt.section)
				if want := "audithigh [2a B6*] [assert-used] [docs/ /build] 5242880 3 true 2 map[guard:map[listen::8080]] true"; got != want {
					t.Errorf("from %q: %s, want %s", start, got, want)
				}
				if want := []string{filepath.Join(root, "more/rule.md")}; !slices.Equal(c.Rules, want) || len(c.Models) != 1 {
					t.Errorf("rules %v, models %v", c.Rules, c.Models)
				}
				if c.Dir != root || c.File != filepath.Join(root, tt.file) {
					t.Errorf("dir %s, file %s", c.Dir, c.File)
				}
				if o := c.Options("sql-injection", nil); fmt.Sprint(o) != "map[minimum:3]" {
					t.Errorf("options %v", o)
				}
			}
		})
	}
}

func TestChooseAndAt(t *testing.T) {
	root := tree(t, map[string]string{"gambeson.toml": full, "more/rule.md": "", "more/model.yaml": ""})
	c, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		id, aliases string
		practice    finding.Practice
		want        Choice
	}{
		{"sql-injection", "B608", finding.Dangerous, On}, // by [rule]
		{"other", "", finding.Input, On},                 // by practice
		{"shell", "B602", finding.Dangerous, On},         // by glob
		{"assert-used", "B101", finding.Dangerous, Off},
		{"other", "B101", finding.Dangerous, Off}, // not selected
	} {
		if got := c.Choose(tt.id, strings.Fields(tt.aliases), tt.practice); got != tt.want {
			t.Errorf("Choose(%s) = %v, want %v", tt.id, got, tt.want)
		}
	}
	if got := Default().Choose("x", nil, finding.Input); got != Unsaid {
		t.Errorf("by default: %v", got)
	}
	type at struct {
		path, id, aliases string
		want              string
	}
	check := func(t *testing.T, tests []at) {
		t.Helper()
		for _, tt := range tests {
			s, ok := c.At(tt.path, tt.id, strings.Fields(tt.aliases), finding.Dangerous, finding.Medium)
			if got := fmt.Sprint(s, " ", ok); got != tt.want {
				t.Errorf("At(%s, %s) = %s, want %s", tt.path, tt.id, got, tt.want)
			}
		}
	}
	check(t, []at{
		{"a.py", "x", "", "medium true"},
		{"a.py", "sql-injection", "", "critical true"},
		{"tests/a/b.py", "sql-injection", "", "critical false"},
		{"tests/a/b.py", "x", "", "low true"},
		{"src/tests/b.py", "x", "", "medium true"}, // a pattern with a slash is anchored
		{"src/scripts/b.py", "shell", "B602", "critical true"},
		{"scripts/b.py", "assert-used", "", "info true"},
		{"scripts", "assert-used", "", "medium true"}, // a file of that name
	})
	c.SetRoot(filepath.Join(root, "tests"))
	check(t, []at{{"a/b.py", "x", "", "low true"}})
	c.SetRoot(filepath.Dir(root))
	check(t, []at{{"a/b.py", "x", "", "medium true"}})
}

func TestMistakes(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "profile = \"audit\"\nexlude = []\n", `gambeson.toml:2: unknown key "exlude": did you mean "exclude"?`},
		{"underscore", "fail_on = \"low\"", `gambeson.toml:1: unknown key "fail_on": did you mean "fail-on"?`},
		{"profile", "\n\nprofile = \"audti\"", `gambeson.toml:3: unknown profile "audti": did you mean "audit"?`},
		{"profile type", "profile = 3", "gambeson.toml:1: profile must be a string"},
		{"severity", "fail-on = \"hihg\"", `gambeson.toml:1: fail-on: unknown severity "hihg": use critical, high, medium, low, info or never`},
		{"list", "ignore = \"a\"", "gambeson.toml:1: ignore must be a list of strings"},
		{"list of numbers", "ignore = [1]", "gambeson.toml:1: ignore must be a list of strings"},
		{"pattern", "exclude = [\"[\"]", `gambeson.toml:1: "[" is not a pattern as in .gitignore`},
		{"jobs", "jobs = -1", "gambeson.toml:1: jobs must be from 0 (one a processor) to 4096"},
		{"size", "max-file-size = \"20 parsecs\"", `gambeson.toml:1: max-file-size must be a positive number of bytes, or a text such as "20 MB"`},
		{"file", "rules = [\"no.md\"]", `gambeson.toml:1: rules: there is no file "no.md": paths are relative to this configuration`},
		{"table", "rule = 3", "gambeson.toml:1: rule must be a table, as in [rule]"},
		{"rule table", "[rule]\na = 3", "gambeson.toml:2: a must be a table, as in [a]"},
		{"rule severity", "[rule.a]\nseverity = 1\nenabled = 0", "gambeson.toml:2: severity must be the name of a severity\ngambeson.toml:3: enabled must be true or false"},
		{"per-path key", "[per-path.\"tests/**\"]\n\nignroe = []", `gambeson.toml:3: unknown key "ignroe": did you mean "ignore"?`},
		{"per-path pattern", "[per-path.\"[\"]\n", `gambeson.toml:1: "[" is not a pattern as in .gitignore`},
		{"per-path inline", "per-path = { \"a/**\" = {\n severity = { x = \"nope\" } } }", "gambeson.toml:2: x: unknown severity \"nope\": use critical, high, medium, low, info or never"},
		{"syntax", "a = 1\nb = = 2\n", "gambeson.toml:2: "},
		{"twice", "jobs = 1\njobs = 2\n", "gambeson.toml:2: "},
		{"several, in order", "[rule.a]\nseverity = \"x\"\n[gard]\n", "gambeson.toml:2: severity: unknown severity \"x\": use critical, high, medium, low, info or never\ngambeson.toml:3: unknown key \"gard\": did you mean \"guard\"?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := tree(t, map[string]string{"gambeson.toml": tt.text})
			_, err := Load(root)
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.ReplaceAll(err.Error(), root+string(filepath.Separator), ""); got != tt.want && !(strings.HasSuffix(tt.want, ": ") && strings.HasPrefix(got, tt.want) && len(got) > len(tt.want)) {
				t.Errorf("error\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestCheckRules(t *testing.T) {
	root := tree(t, map[string]string{"gambeson.toml": "select = ['2a', 'B6*']\nignore = ['sql-injektion', 'ASSERT-USED']\n[rule.B608]\n[rule.xyz]\n[per-path.'a']\nseverity = {zzz = 'low'}\n"})
	c, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	err = c.CheckRules([]string{"sql-injection", "B608", "assert-used"})
	want := `gambeson.toml:2: unknown rule "sql-injektion" in ignore: did you mean "sql-injection"?
gambeson.toml:4: unknown rule "xyz" in rule: use one of sql-injection, B608, assert-used
gambeson.toml:6: unknown rule "zzz" in severity: use one of sql-injection, B608, assert-used`
	if got := strings.ReplaceAll(fmt.Sprint(err), root+string(filepath.Separator), ""); got != want {
		t.Errorf("error\n%s\nwant\n%s", got, want)
	}
}

func TestLoadSearch(t *testing.T) {
	root := tree(t, map[string]string{
		"gambeson.toml": "jobs = 1", "pyproject.toml": "[tool.gambeson]\njobs = 2",
		"a/pyproject.toml": "[tool.gambeson]\njobs = 3", "a/b/pyproject.toml": "[tool.bandit]\nskips = ['B101']", "a/b/c/.bandit": "[bandit]\nskips = B102\n",
		"d/pyproject.toml": "[broken", "e/pyproject.toml": "[project]",
		"repo/.git/x": "", "repo/src/x": "", "f/.bandit/x": "",
	})
	for start, want := range map[string]int{"": 1, "a": 3, "a/b": 3, "a/b/c": 3, "d": 1, "e": 1, "repo": 0, "repo/src": 0, "f": 1} {
		c, err := Load(filepath.Join(root, start))
		if err != nil || c.Jobs != want {
			t.Errorf("from %q: jobs %v, error %v; want %d", start, c, err, want)
		}
	}
	root = tree(t, map[string]string{"pyproject.toml": "[tool.gambeson\njobs = 3"})
	if _, err := Load(root); err == nil || !strings.Contains(err.Error(), "pyproject.toml:1: ") {
		t.Errorf("broken: %v", err)
	}
	root = tree(t, map[string]string{"pyproject.toml": "[tool.x\njobs = 3"})
	c, err := Load(root)
	if err != nil || len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "pyproject.toml:1: ") || !strings.Contains(c.Notes[0], "passed over") {
		t.Errorf("broken and not ours: %+v, %v", c, err)
	}
}

func TestRead(t *testing.T) {
	root := tree(t, map[string]string{"my.toml": "jobs = 7", "pyproject.toml": "[tool.x]", "b.yaml": "", "x.ini": "[bandit]\nskips: B101\n", "big.toml": strings.Repeat("#", maxSize+1)})
	if c, err := Read(filepath.Join(root, "my.toml")); err != nil || c.Jobs != 7 {
		t.Errorf("my.toml: %v, %v", c, err)
	}
	if c, err := Read(filepath.Join(root, "x.ini")); err != nil || !slices.Equal(c.Ignore, []string{"B101"}) {
		t.Errorf("x.ini: %v, %v", c, err)
	}
	for name, want := range map[string]string{"pyproject.toml": "no [tool.gambeson]", "b.yaml": "YAML is not read", "missing.toml": "no such file", "big.toml": "more than 1 MB", ".git": "not a regular file"} {
		if _, err := Read(filepath.Join(root, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestBanditINI(t *testing.T) {
	root := tree(t, map[string]string{".bandit": `# comment
[other]
skips = B999
[bandit]
targets = src,lib
exclude: tests, ./docs/,
   */migrations/*, /vendored/
skips = B101, assert_used ,exec_used
tests = B6,B602
level = LOW
`})
	c, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Ignore, []string{"B101", "B101", "B102"}) || !slices.Equal(c.Select, []string{"B6", "B602"}) {
		t.Errorf("ignore %v, select %v", c.Ignore, c.Select)
	}
	if want := []string{"tests", "/docs", "migrations", "vendored"}; !slices.Equal(c.Exclude, want) {
		t.Errorf("exclude %q, want %q", c.Exclude, want)
	}
	if want := []string{filepath.Join(root, "src"), filepath.Join(root, "lib")}; !slices.Equal(c.Targets, want) {
		t.Errorf("targets %v", c.Targets)
	}
	if len(c.Notes) != 2 || !strings.Contains(c.Notes[0], "the one for Bandit in "+filepath.Join(root, ".bandit")) || !strings.Contains(c.Notes[1], "level") {
		t.Errorf("notes %q", c.Notes)
	}
	if err := c.CheckRules([]string{"B101"}); err != nil {
		t.Errorf("Bandit's old ids: %v", err)
	}
	for text, want := range map[string]string{
		"[bandit]\nskipz = B101\n": `.bandit:2: unknown key "skipz": did you mean "skips"?`,
		"skips = B101\n":           ".bandit:1: not a setting",
		"[bandit]\nskips\n":        ".bandit:2: not a setting",
		"[bandit\n":                ".bandit:1: the bracket",
	} {
		if _, err := Load(tree(t, map[string]string{".bandit": text})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestBanditTOML(t *testing.T) {
	root := tree(t, map[string]string{"pyproject.toml": `
[tool.bandit]
exclude_dirs = ["tests", "path/to/file", "*/x/*"]
tests = ["B201", "B301"]
skips = ["B101", "any_other_function_with_shell_equals_true"]
[tool.bandit.assert_used]
skips = ["*_test.py", "*/test_*.py"]
[tool.bandit.try_except_pass]
check_typed_exception = true
[tool.bandit.markupsafe_xss]
extend_markup_names = ["webhelpers.html.literal"]
`})
	c, err := Load(filepath.Join(root, "src"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"tests", "**/path/to/file", "x"}; !slices.Equal(c.Exclude, want) {
		t.Errorf("exclude %q, want %q", c.Exclude, want)
	}
	if !slices.Equal(c.Ignore, []string{"B101", "B604"}) || !slices.Equal(c.Select, []string{"B201", "B301"}) {
		t.Errorf("ignore %v, select %v", c.Ignore, c.Select)
	}
	want := map[string]map[string]any{
		"assert_used":     {"skips": []any{"*_test.py", "*/test_*.py"}},
		"try_except_pass": {"check_typed_exception": true},
		"markupsafe_xss":  {"extend_markup_names": []any{"webhelpers.html.literal"}},
	}
	if !reflect.DeepEqual(c.BanditOptions, want) {
		t.Errorf("options %v", c.BanditOptions)
	}
	if o := c.Options("swallowed-exception", []string{"B110", "S110"}); o["check_typed_exception"] != true {
		t.Errorf("options by alias: %v", o)
	}
	if o := c.Options("markup-from-text", []string{"B704"}); len(o) != 1 {
		t.Errorf("options whose name is not the test's: %v", o)
	}
	if o := c.Options("other", []string{"B999"}); o == nil || len(o) != 0 {
		t.Errorf("options of another rule: %v", o)
	}
	for path, on := range map[string]bool{"a.py": true, "a_test.py": false, "sub/test_a.py": false} {
		if _, ok := c.At(path, "assert-used", []string{"B101"}, finding.Dangerous, finding.Low); ok != on {
			t.Errorf("assert-used in %s: %v", path, ok)
		}
	}
	if _, err := Load(tree(t, map[string]string{"pyproject.toml": "[tool.bandit]\nskips = 'B101'"})); err == nil || !strings.Contains(err.Error(), "pyproject.toml:2: skips must be a list") {
		t.Errorf("wrong type: %v", err)
	}
}

func TestParseSize(t *testing.T) {
	for in, want := range map[string]int64{"1": 1, "20 MB": 20 << 20, "20MB": 20 << 20, "1.5 KiB": 1536, "2g": 2 << 30, "": 0, "MB": 0, "-1": 0, "0": 0, "1 XB": 0, "nan": 0, "inf": 0, "1e99": 0, "9999999 GB": 0} {
		if got, err := ParseSize(in); got != want || (err == nil) != (want > 0) {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
}

func FuzzConfig(f *testing.F) {
	f.Add(full, "toml")
	f.Add("[bandit]\nskips = B101\n exclude: x", "ini")
	f.Add("[per-path]\n'a' = {severity = {x = 'low'}}\n[[rule.x]]\n", "toml")
	f.Fuzz(func(t *testing.T, text, kind string) {
		if kind == "ini" {
			_, _, _ = parseINI(".bandit", []byte(text), "bandit")
			return
		}
		for _, read := range []func(*table, string) (*Config, error){
			func(t *table, file string) (*Config, error) { return fromTable(t, file, "") }, fromBandit,
		} {
			doc, err := parse("gambeson.toml", []byte(text))
			if err != nil {
				return
			}
			c, err := read(doc.top(), "gambeson.toml")
			if c == nil {
				t.Fatal("no configuration")
			}
			if err != nil && !strings.HasPrefix(err.Error(), "gambeson.toml:") {
				t.Errorf("an error without a place: %v", err)
			}
			c.SetRoot(".")
			c.At("a/b.py", "x", []string{"B101"}, finding.Input, finding.Low)
			c.Choose("x", []string{"B101"}, finding.Input)
			_ = c.CheckRules([]string{"x"})
		}
	})
}
