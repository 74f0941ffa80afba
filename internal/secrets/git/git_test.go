package git

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/testkit"
)

func run1(t testing.TB, dir string, args ...string) string {
	t.Helper()
	testkit.Program(t, "git", "git")
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func put(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// everything reads a repository into lines: path, contents, commits by their messages.
func everything(t *testing.T, dir string, names map[string]string) (out []string) {
	ctx := context.Background()
	r, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	commits, blobs, _, err := r.Log(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var ids []ID
	for _, b := range blobs {
		ids = append(ids, b.ID)
	}
	missing, err := r.Read(ctx, ids, 1000, func(i int, data []byte) {
		b := blobs[i]
		out = append(out, fmt.Sprintf("%s %q %s..%s %v", b.Path, data, names[commits[b.First].ID], names[commits[b.Last].ID], b.Now))
	}, func(i int) { out = append(out, blobs[i].Path+" is large") })
	if missing > 0 || err != nil {
		t.Errorf("%d missing, %v", missing, err)
	}
	slices.Sort(out)
	return out
}

func TestLog(t *testing.T) {
	dir := t.TempDir()
	names := map[string]string{}
	commit := func(name string) {
		run1(t, dir, "add", "-A")
		run1(t, dir, "commit", "-q", "--allow-empty", "-m", name)
		names[run1(t, dir, "rev-parse", "HEAD")] = name
	}
	run1(t, dir, "init", "-q", "-b", "main", ".")
	put(t, dir, "a", "one")
	put(t, dir, "sub/x", "deep")
	commit("A")
	put(t, dir, "a", "two")
	put(t, dir, "big", strings.Repeat("x", 2000))
	commit("B")
	run1(t, dir, "mv", "a", "ü b\tc")
	commit("C")
	run1(t, dir, "checkout", "-q", "-b", "side", "HEAD~1")
	put(t, dir, "only", "side")
	commit("S")
	run1(t, dir, "checkout", "-q", "main")
	run1(t, dir, "merge", "-q", "--no-commit", "--no-ff", "side")
	put(t, dir, "evil", "merge")
	commit("M")
	os.Remove(filepath.Join(dir, "only"))
	put(t, dir, "sub/x", "deeper")
	commit("D")
	got := everything(t, dir, names)
	want := []string{
		`a "one" A..A false`,
		`a "two" B..D true`, // by another name
		`big is large`,
		`evil "merge" M..D true`,
		`only "side" S..M false`,
		`sub/x "deep" A..M false`,
		`sub/x "deeper" D..D true`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// Below a folder, with paths from there.
	got = everything(t, filepath.Join(dir, "sub"), names)
	if want := []string{`x "deep" A..M false`, `x "deeper" D..D true`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEmptyAndNone(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if _, err := Open(ctx, dir); err == nil || err.Error() != "there is no git repository here" {
		t.Errorf("no repository: %v", err)
	}
	run1(t, dir, "init", "-q", ".")
	r, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if commits, blobs, _, err := r.Log(ctx); err != nil || len(commits)+len(blobs) > 0 {
		t.Errorf("%d commits, %d blobs, %v", len(commits), len(blobs), err)
	}
	if n, err := r.Read(ctx, []ID{{1, 2, 3}}, 10, func(int, []byte) { t.Error("read something") }, nil); n != 1 || err != nil {
		t.Errorf("%d missing, %v", n, err)
	}
}

func FuzzLog(f *testing.F) {
	id := strings.Repeat("ab", 20)
	f.Add("\x01" + id + " 1700000000 \x00\n:000000 100644 " + strings.Repeat("0", 40) + " " + id + " A\x00a/b\x00")
	f.Add("\x01" + id + " 1 " + id + " " + id + "\x00::100644 100644 100644 " + id + " " + id + " " + id + " MM\x00x\x00")
	f.Fuzz(func(t *testing.T, text string) {
		l := logReader{at: map[ID]int32{}, index: map[ID]int32{}}
		_ = l.read(bufio.NewReaderSize(strings.NewReader(text), 16))
		for _, b := range l.blobs {
			if b.First < 0 || int(b.First) >= len(l.commits) || int(b.Last) >= len(l.commits) {
				t.Errorf("%+v of %d commits", b, len(l.commits))
			}
		}
	})
}

func FuzzBatch(f *testing.F) {
	f.Add([]byte("ab blob 3\nxyz\nab missing\nab blob 99999999999\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = readBatch(bufio.NewReaderSize(bytes.NewReader(text), 16), 5, 1000, func(_ int, data []byte) {
			if len(data) > 1000 {
				t.Error("more than the limit")
			}
		}, func(int) {})
	})
}
