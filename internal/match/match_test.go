package match

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gambeson/gambeson/internal/testkit"
)

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, path string
		want          bool
	}{
		{"a", "a", true},
		{"a", "b", false},
		{"a", "a/b", false},
		{"*", "a", true},
		{"*", "a/b", false},
		{"*.py", "a.py", true},
		{"*.py", ".py", true},
		{"*.py", "a.pyc", false},
		{"test_*", "test_a.py", true},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "aXbYbZ", false},
		{"?.py", "é.py", true},
		{"?.py", "ab.py", false},
		{"[abc].py", "b.py", true},
		{"[!abc].py", "b.py", false},
		{"[^abc].py", "d.py", true},
		{"[a-c]x", "bx", true},
		{"[a-c]x", "dx", false},
		{"[]a]", "]", true},
		{"[a-]", "-", true},
		{"[[:digit:]][[:alpha:]]", "1a", true},
		{"[[:digit:]]", "a", false},
		{`\*`, "*", true},
		{`\*`, "a", false},
		{"**", "a/b/c", true},
		{"**/a", "a", true},
		{"**/a", "x/y/a", true},
		{"**/a", "x/ya", false},
		{"a/**", "a", false},
		{"a/**", "a/b", true},
		{"a/**", "a/b/c", true},
		{"a/**/b", "a/b", true},
		{"a/**/b", "a/x/y/b", true},
		{"a/**/b", "a/x/y/c", false},
		{"a/**/b/**/c", "a/b/x/b/y/c", true},
		{"a/**/**/b", "a/b", true},
		{"**/a/*/b", "a/a/x/b", true},
		{"a**b", "aXXb", true},
		{"a**b", "aX/Xb", false},
		{"/a/", "a", true},
	} {
		g, err := Compile(tt.pattern)
		if err != nil {
			t.Errorf("Compile(%q): %v", tt.pattern, err)
			continue
		}
		if got := g.Match(tt.path); got != tt.want {
			t.Errorf("%q on %q = %v, want %v", tt.pattern, tt.path, got, tt.want)
		}
	}
}

func TestGlobErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"":           "empty pattern",
		"/":          "empty pattern",
		"[a":         "unclosed [",
		"[":          "unclosed [",
		`a\`:         "ends with a backslash",
		"[[:nope:]]": "unknown class",
	} {
		if _, err := Compile(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Compile(%q) = %v, want an error with %q", pattern, err, want)
		}
	}
}

func TestGlobIsNotExponential(t *testing.T) {
	start := time.Now()
	g, err := Compile(strings.Repeat("*a", 200) + "b")
	if err != nil {
		t.Fatal(err)
	}
	if g.Match(strings.Repeat("a", 5000)) {
		t.Error("matched")
	}
	g, err = Compile(strings.Repeat("**/a/", 200) + "b")
	if err != nil {
		t.Fatal(err)
	}
	if g.Match(strings.Repeat("a/", 2500) + "a") {
		t.Error("matched")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestIgnore(t *testing.T) {
	for _, tt := range []struct {
		lines, path string
		dir         bool
		want        Verdict
	}{
		{"", "a", false, Silent},
		{"# a", "a", false, Silent},
		{`\#a`, "#a", false, Ignored},
		{`\!a`, "!a", false, Ignored},
		{"a", "x/a", false, Ignored},
		{"/a", "x/a", false, Silent},
		{"/a", "a", false, Ignored},
		{"x/a", "x/a", false, Ignored},
		{"x/a", "y/x/a", false, Silent},
		{"a/", "a", false, Silent},
		{"a/", "a", true, Ignored},
		{"a/", "x/a", true, Ignored},
		{"*.py\n!keep.py", "keep.py", false, Kept},
		{"!keep.py\n*.py", "keep.py", false, Ignored},
		{"a  ", "a", false, Ignored},
		{`a\ `, "a ", false, Ignored},
		{`a\ `, "a", false, Silent},
		{"a\r\nb\r\n", "b", false, Ignored},
		{"**", "x/y", false, Ignored},
		{"**/", "x", false, Silent},
		{"**/", "x", true, Ignored},
		{"[", "[", false, Silent},
		{"doc/*.txt", "doc/a/b.txt", false, Silent},
		{"\ufeffa", "a", false, Ignored},
	} {
		if got := ParseIgnore(tt.lines).Match(tt.path, tt.dir); got != tt.want {
			t.Errorf("%q on %q (dir %v) = %v, want %v", tt.lines, tt.path, tt.dir, got, tt.want)
		}
	}
}

// Git itself is the judge of what its patterns mean.
func TestIgnoreAgreesWithGit(t *testing.T) {
	git := testkit.Program(t, "git", "git")
	patterns := []string{
		"a", "/a", "a/", "/a/", "a/b", "a/*", "a/**", "**/a", "**/a/b", "a/**/b", "**", "*", "**/", "*.py", "!*.py", "?", "[ab]", "[!a]",
		"[a-b].py", "a*", "*a", "a*b", "**a", "a**", "a/**b", "*/b", "*/*/a", "/*/b", "/**", "/**/b", `\a`, `a\`, "[", "[]", "[]a]", "[^b]", "[[:alpha:]]", "[a", "a b",
		"a ", `a\ `, "#a", `\#a`, `\!a`, "!", "/", "//", "a//b", "**/**/a", "***", "a/***/b", "b.py/", "/b.py", "a/b/", "[[:alpha:][:digit:]]", "[b-a]", `[\]]`, `[a\-z]`,
	}
	var paths []string
	names := []string{"a", "b", "ab", "a.py", "b.py", "#a", "!a", "a ", "]", "-", "1"}
	for _, x := range names {
		paths = append(paths, x)
		for _, y := range names[:5] {
			paths = append(paths, x+"/"+y)
			for _, z := range names[:4] {
				paths = append(paths, x+"/"+y+"/"+z)
			}
		}
	}
	dir := t.TempDir()
	run := func(stdin string, args ...string) string {
		cmd := exec.Command(git, args...)
		cmd.Dir = dir
		cmd.Stdin = strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		out, err := cmd.Output()
		if exit, ok := err.(*exec.ExitError); ok && exit.ExitCode() == 1 && args[0] == "check-ignore" {
			return string(out) // none ignored
		}
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(out)
	}
	run("", "init", "-q")
	compared := 0
	for _, pattern := range patterns {
		if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(pattern+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		theirs := map[string]bool{}
		for p := range strings.SplitSeq(run(strings.Join(paths, "\x00")+"\x00", "check-ignore", "-z", "--stdin", "--no-index"), "\x00") {
			theirs[p] = true
		}
		ig := ParseIgnore(pattern)
		for _, p := range paths {
			ours := false
			for i := range p + "/" { // an entry in an ignored folder is ignored
				if i == len(p) || p[i] == '/' {
					ours = ours || ig.Match(p[:i], i < len(p)) == Ignored
				}
			}
			if ours != theirs[p] {
				t.Errorf("pattern %q on %q: ours %v, git %v", pattern, p, ours, theirs[p])
			}
			compared++
		}
	}
	if compared < 5000 {
		t.Errorf("only %d comparisons", compared)
	}
}

func TestEntropy(t *testing.T) {
	for s, want := range map[string]float64{"": 0, "aaaa": 0, "ab": 1, "abcd": 2, "aabb": 1, "éèéè": 1, "0123456789abcdef": 4} {
		if got := Entropy(s); math.Abs(got-want) > 1e-9 {
			t.Errorf("Entropy(%q) = %v, want %v", s, got, want)
		}
	}
}

func TestClosest(t *testing.T) {
	keys := []string{"exclude", "select", "ignore", "profile", "fail-on", "jobs"}
	for word, want := range map[string]string{
		"exlude": "exclude", "excldue": "exclude", "Select": "select", "fail_on": "fail-on", "job": "jobs", "zzz": "", "": "", "profiel": "profile", "x": "",
	} {
		if got := Closest(word, keys); got != want {
			t.Errorf("Closest(%q) = %q, want %q", word, got, want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"é", "e", 1}} {
		if got := Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// slow is the definition of a glob, written for clarity.
func slow(pattern, path []string) bool {
	if len(pattern) == 0 {
		return len(path) == 0
	}
	if len(pattern[0]) > 1 && strings.Trim(pattern[0], "*") == "" {
		if len(pattern) == 1 {
			return len(path) > 0
		}
		for i := range len(path) + 1 {
			if slow(pattern[1:], path[i:]) {
				return true
			}
		}
		return false
	}
	return len(path) > 0 && slowName(pattern[0], path[0]) && slow(pattern[1:], path[1:])
}

func slowName(pattern, name string) bool {
	if pattern == "" {
		return name == ""
	}
	if pattern[0] == '*' {
		for i := range len(name) + 1 {
			if slowName(pattern[1:], name[i:]) {
				return true
			}
		}
		return false
	}
	return name != "" && (pattern[0] == '?' || pattern[0] == name[0]) && slowName(pattern[1:], name[1:])
}

func FuzzGlob(f *testing.F) {
	f.Add("a/**/b*c?", "a/x/y/bzcd")
	f.Add("**/*.py", "a/b/c.py")
	f.Add("[a-z[:digit:]]", "a")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if len(pattern) > 20 || len(path) > 30 || strings.Count(pattern, "*") > 5 {
			return // the slow definition is exponential
		}
		ParseIgnore(pattern).Match(path, true)
		g, err := Compile(pattern)
		if err != nil {
			return
		}
		got := g.Match(path)
		plain := func(r rune) bool { return r > ' ' && r < 127 && r != '[' && r != '\\' }
		if strings.ContainsFunc(pattern+path, func(r rune) bool { return !plain(r) }) {
			return
		}
		if strings.Trim(path, "/") != path || path == "" || strings.Contains(path, "//") {
			return
		}
		if want := slow(strings.Split(strings.Trim(pattern, "/"), "/"), strings.Split(path, "/")); got != want {
			t.Errorf("%q on %q = %v, want %v", pattern, path, got, want)
		}
	})
}

func FuzzClosest(f *testing.F) {
	f.Add("abc", "acb")
	f.Fuzz(func(t *testing.T, a, b string) {
		if Distance(a, b) != Distance(b, a) {
			t.Errorf("distance of %q and %q depends on the order", a, b)
		}
		if e := Entropy(a); e < 0 || math.IsNaN(e) || e > 32 {
			t.Errorf("Entropy(%q) = %v", a, e)
		}
		Closest(a, []string{b})
	})
}
