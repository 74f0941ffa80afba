package rewrite

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/testkit"
)

func edit(text, old, new string) finding.Edit {
	i := strings.Index(text, old)
	return finding.Edit{Start: i, End: i + len(old), Text: new}
}

func fixed(edits ...finding.Edit) *finding.Finding {
	return &finding.Finding{Fix: &finding.Fix{Safe: true, Edits: edits}}
}

func TestMake(t *testing.T) {
	const text = "import yaml\n\nx = yaml.load(a)\ny = eval(yaml.load(b))\n"
	insert := finding.Edit{Text: "import ast\n"}
	first := fixed(insert, edit(text, "yaml.load(a)", "yaml.safe_load(a)"))
	second := fixed(insert, edit(text, "eval(yaml.load(b))", "ast.literal_eval(b)"))
	third := fixed(edit(text, "yaml.load(b)", "yaml.safe_load(b)"))
	p, err := Make([]byte(text), true, []*finding.Finding{first, second, third})
	if err != nil {
		t.Fatal(err)
	}
	if want := "import ast\nimport yaml\n\nx = yaml.safe_load(a)\ny = ast.literal_eval(b)\n"; string(p.New) != want {
		t.Errorf("%s\nwant\n%s", p.New, want)
	}
	if len(p.Done) != 2 || len(p.Overlap) != 1 || p.Overlap[0] != third {
		t.Errorf("%d done, %d overlap", len(p.Done), len(p.Overlap))
	}
	for want, f := range map[string]*finding.Finding{
		"after the fixes line 3 would not parse": fixed(edit(text, "yaml.load(a)", "yaml.safe_load(a")),
		"edits overlap or lie outside":           fixed(finding.Edit{Start: 500, End: 501}),
	} {
		if _, err := Make([]byte(text), true, []*finding.Finding{f}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Make([]byte(text+"x = = 1\n"), true, []*finding.Finding{first}); err == nil || !strings.Contains(err.Error(), "there is a syntax error in line 5") {
		t.Errorf("%v", err)
	}
}

func TestDiff(t *testing.T) {
	for _, tt := range []struct {
		name, old string
		edits     []finding.Edit
		want      string
	}{
		{"one word", "a\nb\nc\nd\ne\nf\ng\nh\ni\n", []finding.Edit{{Start: 8, End: 9, Text: "E"}},
			"@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n"},
		{"lines put between", "a\nb\n", []finding.Edit{{Start: 2, End: 2, Text: "x\ny\n"}},
			"@@ -1,2 +1,4 @@\n a\n+x\n+y\n b\n"},
		{"and the line below changed", "a\nb\n", []finding.Edit{{Start: 2, End: 2, Text: "x\n"}, {Start: 2, End: 3, Text: "B"}},
			"@@ -1,2 +1,3 @@\n a\n+x\n-b\n+B\n"},
		{"line removed", "a\nb\nc\n", []finding.Edit{{Start: 2, End: 4}}, "@@ -1,3 +1,2 @@\n a\n-b\n c\n"},
		{"two in a line", "f(a, b)\n", []finding.Edit{{Start: 2, End: 3, Text: "A"}, {Start: 5, End: 6, Text: "B"}},
			"@@ -1 +1 @@\n-f(a, b)\n+f(A, B)\n"},
		{"no line end", "a\nb", []finding.Edit{{Start: 3, End: 3, Text: "c"}},
			"@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+bc\n\\ No newline at end of file\n"},
		{"behind the end", "a\n", []finding.Edit{{Start: 2, End: 2, Text: "b\n"}}, "@@ -1 +1,2 @@\n a\n+b\n"},
		{"same", "a\nb\n", []finding.Edit{{Start: 0, End: 1, Text: "a"}}, ""},
		{"far apart", strings.Repeat("x\n", 10), []finding.Edit{{Start: 0, End: 0, Text: "n\n"}, {Start: 18, End: 19, Text: "y"}},
			"@@ -1,3 +1,4 @@\n+n\n x\n x\n x\n@@ -7,4 +8,4 @@\n x\n x\n x\n-x\n+y\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(Diff("f.py", []byte(tt.old), tt.edits)); got != "--- a/f.py\n+++ b/f.py\n"+tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
	if got, want := string(Diff("new file", nil, []finding.Edit{{Text: "a\nb\n"}})), "--- /dev/null\n+++ b/new file\t\n@@ -0,0 +1,2 @@\n+a\n+b\n"; got != want {
		t.Errorf("new file\n%s", got)
	}
	if got := fileName("a/\"\n\x1b[2J"); got != `"a/\"\012\033[2J"` {
		t.Errorf("%s", got)
	}
}

// What git makes of a diff is what Apply makes of the edits.
func TestDiffAgreesWithGit(t *testing.T) {
	git := testkit.Program(t, "git", "git")
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	ran := 0
	for range 60 {
		var text strings.Builder
		for range r.IntN(40) + 1 {
			text.WriteString([]string{"a\n", "b\n", "\n", "line of text\n", "x\r\n"}[r.IntN(5)])
		}
		old := strings.TrimSuffix(text.String(), []string{"\n", ""}[r.IntN(2)])
		if old == "" {
			continue
		}
		var ed finding.Editor
		for range r.IntN(8) + 1 {
			start := r.IntN(len(old) + 1)
			ed.Add(finding.Edit{Start: start, End: min(len(old), start+r.IntN(6)), Text: []string{"", "n\n", "two\nlines\n", "in line", "\n"}[r.IntN(5)]})
		}
		want, err := finding.Apply([]byte(old), ed.Edits())
		if err != nil {
			t.Fatal(err)
		}
		diff := Diff("f.py", []byte(old), ed.Edits())
		if bytes.Equal(want, []byte(old)) || len(want) == 0 {
			continue
		}
		ran++
		file := filepath.Join(dir, "f.py")
		if err := os.WriteFile(file, []byte(old), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(git, "apply", "--whitespace=nowarn", "-")
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(diff)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s\n%q\n%s", err, out, old, diff)
		}
		if got, _ := os.ReadFile(file); !bytes.Equal(got, want) {
			t.Fatalf("%q became %q, want %q by\n%s", old, got, want, diff)
		}
	}
	if ran < 30 {
		t.Errorf("ran %d cases", ran)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	path := filepath.Join(dir, "a.py")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Replace(root, "a.py", []byte("older"), []byte("new")); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("a changed file: %v", err)
	}
	if err := Replace(root, "b.py", []byte("old"), []byte("new")); err == nil {
		t.Error("a file that is gone came back")
	}
	if err := Replace(root, "a.py", []byte("old"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("permissions became %v", info.Mode())
	}
	outside := filepath.Join(t.TempDir(), "secret.py")
	if err := os.WriteFile(outside, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.py")); err == nil {
		if err := Replace(root, "link.py", []byte("old"), []byte("new")); err == nil || !strings.Contains(err.Error(), "symbolic link") {
			t.Errorf("a link: %v", err)
		}
		if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "folder")); err != nil {
			t.Fatal(err)
		}
		if err := Replace(root, "folder/secret.py", []byte("old"), []byte("new")); err == nil {
			t.Error("went through a folder that is a link")
		}
	}
	if text, _ := os.ReadFile(outside); string(text) != "old" {
		t.Errorf("outside: %s", text)
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".gambeson-") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}
