package secrets

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/testkit"
)

// pagesOf reads the pages of the rules that are this room's.
func pagesOf(t testing.TB) (list []*rule.Rule) {
	files, err := filepath.Glob("../rules/*/*.md")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := rule.ParsePage(file, data)
		if err != nil {
			t.Fatal(err)
		}
		if r.Needs == rule.NeedsSecrets || r.ID == ruleAddress {
			list = append(list, r)
		}
	}
	return list
}

// testKey makes a private key that nobody uses.
func testKey() string {
	seed := sha256.Sum256([]byte("a key for tests"))
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

var marker = regexp.MustCompile(`«([a-z0-9-]+)»`)

// fill puts what tests make in the place of «names».
func fill(t testing.TB, text string) string {
	return marker.ReplaceAllStringFunc(text, func(m string) string {
		id := strings.Trim(m, "«»")
		switch id {
		case "private-key":
			return testKey()
		case "private-key-in-a-text":
			return strings.ReplaceAll(testKey(), "\n", `\n`)
		}
		for _, k := range kinds() {
			if k.ID == id {
				for seed := range uint64(20) {
					if s := sample(k, seed); k.isReal(s) {
						return s
					}
				}
			}
		}
		t.Errorf("there is no kind of token %s", id)
		return m
	})
}

func (k *kind) isReal(s string) bool { real, _ := k.real(s); return real }

var (
	wantComment = regexp.MustCompile(`\s*# want((?: "(?:[^"\\]|\\.)*")*)\s*$`)
	wantText    = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

// expect takes the # want comments out of a text. Lines count as they are after filling in.
func expect(t testing.TB, text string) (plain string, want map[int][]string) {
	want = map[int][]string{}
	var b strings.Builder
	line := 1
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		if m := wantComment.FindStringSubmatch(l); m != nil {
			l = l[:len(l)-len(m[0])]
			texts := wantText.FindAllString(m[1], -1)
			if texts == nil {
				texts = []string{`""`}
			}
			for _, q := range texts {
				s, err := strconv.Unquote(q)
				if err != nil {
					t.Error(err)
				}
				want[line] = append(want[line], s)
			}
		}
		l = fill(t, l) + "\n"
		b.WriteString(l)
		line += strings.Count(l, "\n")
	}
	return b.String(), want
}

var beside = regexp.MustCompile(`(?m)^# beside it: (\S+)(.*)\n`)

// TestPages runs the examples of the pages, as internal/rules does with all others. A file
// that lies beside the block's follows it; "tracked" behind its name means that git has it, a
// mode that the file has this one.
func TestPages(t *testing.T) {
	list := pagesOf(t)
	blocks, caught := 0, 0
	for _, r := range list {
		if r.Needs == "" {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			hasCaught, hasTwin := false, false
			for _, b := range r.Blocks() {
				if b.Path == "" {
					t.Errorf("block at %d: say what it pretends to be with path=", b.Line)
					continue
				}
				blocks++
				dir := t.TempDir()
				name, flags, text := b.Path, "", b.Text
				want := map[string]map[int][]string{}
				var tracked []string
				for {
					m := beside.FindStringSubmatchIndex(text)
					this := text
					if m != nil {
						this = text[:m[0]]
					}
					var plain string
					plain, want[name] = expect(t, this)
					write(t, filepath.Join(dir, name), plain)
					for flag := range strings.FieldsSeq(flags) {
						if flag == "tracked" {
							tracked = append(tracked, name)
						} else if mode, err := strconv.ParseUint(flag, 8, 32); err == nil {
							if err := os.Chmod(filepath.Join(dir, name), os.FileMode(mode)); err != nil {
								t.Fatal(err)
							}
						}
					}
					if m == nil {
						break
					}
					name, flags, text = text[m[2]:m[3]], text[m[4]:m[5]], text[m[1]:]
				}
				if len(tracked) > 0 {
					repository(t, dir, tracked...)
				}
				hasTwin = hasTwin || b.Ok
				for _, f := range scanDir(t, dir, []*rule.Rule{r}, b.Audit) {
					texts := want[f.Location.Path][f.Location.Line]
					at := -1
					for i, w := range texts {
						if regexp.MustCompile(w).MatchString(f.Message) {
							at = i
						}
					}
					if at < 0 {
						t.Errorf("block at %d: not expected: %s:%d %s\n%s", b.Line, f.Location.Path, f.Location.Line, f.Message, strings.Join(f.Excerpt.Lines, "\n"))
						continue
					}
					caught++
					hasCaught = true
					want[f.Location.Path][f.Location.Line] = append(texts[:at:at], texts[at+1:]...)
				}
				for file, lines := range want {
					for line, texts := range lines {
						for _, w := range texts {
							t.Errorf("block at %d: not found in %s:%d: %q", b.Line, file, line, w)
						}
					}
				}
			}
			if !hasCaught || !hasTwin {
				t.Error("a page has at least one example that is caught and one innocent twin (ok)")
			}
		})
	}
	t.Logf("%d rules, %d blocks, %d caught", len(list), blocks, caught)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func scanDir(t testing.TB, dir string, rules []*rule.Rule, audit bool) []finding.Finding {
	t.Helper()
	c := config.Default()
	if audit {
		c.Profile = "audit"
	}
	r, err := (&Scan{Paths: []string{dir}, Config: c, Rules: rules}).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Problems {
		t.Errorf("%s: %s", p.Path, p.Message)
	}
	var out []finding.Finding
	for _, f := range r.Findings {
		if f.Suppressed == nil {
			out = append(out, f)
		}
	}
	return out
}

// repository makes the folder one of git's that has these files.
func repository(t testing.TB, dir string, tracked ...string) {
	t.Helper()
	runGit(t, dir, "init", "-q", ".")
	runGit(t, dir, append([]string{"add", "-f", "--"}, tracked...)...)
}

func runGit(t testing.TB, dir string, args ...string) string {
	t.Helper()
	testkit.Program(t, "git", "git")
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}
