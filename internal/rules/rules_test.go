package rules

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/engine"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// sets has the rules of both profiles.
type sets struct{ normal, audit *engine.Set }

func compile(list []*rule.Rule) sets {
	normal := slices.DeleteFunc(slices.Clone(list), func(r *rule.Rule) bool { return r.AuditOnly })
	return sets{engine.Compile(normal), engine.Compile(list)}
}

// check looks at text with all rules, as the block of a page asks for.
func check(s sets, b rule.Block, text string) (*program.Unit, []finding.Finding) {
	set := s.normal
	if b.Audit {
		set = s.audit
	}
	u := program.Parse(source.New(cmp.Or(b.Path, "app.py"), []byte(text)))
	return u, set.Check(u, engine.Options{Audit: b.Audit, Test: source.IsTest(b.Path)})
}

// follow scans text as a whole program, for rules about data that reach a place.
func follow(t *testing.T, list []*rule.Rule, b rule.Block) []finding.Finding {
	c := config.Default()
	if b.Audit {
		c.Profile = "audit"
	}
	scan := engine.Scan{Paths: []string{cmp.Or(b.Path, "app.py")}, UseStdin: true, Stdin: []byte(b.Text), Config: c, Rules: list}
	rep, err := scan.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return rep.Findings
}

// beside begins another file in a block that is not Python.
var beside = regexp.MustCompile(`(?m)^# beside it: (\S+)\n`)

// checkDoc looks at a block that is not Python. Files that lie beside it may follow.
func checkDoc(s sets, b rule.Block, text string) []finding.Finding {
	set := s.normal
	if b.Audit {
		set = s.audit
	}
	doc := func(p, text string) *rule.Doc {
		d := &rule.Doc{File: source.New(p, []byte(text))}
		if manifest.Is(p) != "" {
			d.Manifest = manifest.Read(p, "", d.Bytes)
		}
		return d
	}
	var all []*rule.Doc
	name := b.Path
	for {
		m := beside.FindStringSubmatchIndex(text)
		if m == nil {
			all = append(all, doc(name, text))
			break
		}
		all = append(all, doc(name, text[:m[0]]))
		name, text = path.Join(path.Dir(b.Path), text[m[2]:m[3]]), text[m[1]:]
	}
	return set.CheckDoc(all[0], all, engine.Options{Audit: b.Audit})
}

// of keeps the findings of one rule that are not suppressed.
func of(id string, list []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(list, func(f finding.Finding) bool { return f.Rule != id || f.Suppressed != nil })
}

var (
	wantComment = regexp.MustCompile(`# want((?: "(?:[^"\\]|\\.)*")*)\s*$`)
	wantText    = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

// wants are the expectations of a block: by line, a regular expression for each message.
func wants(t *testing.T, text string) map[int][]string {
	out := map[int][]string{}
	for i, line := range strings.Split(text, "\n") {
		m := wantComment.FindStringSubmatch(line)
		if m == nil {
			if strings.Contains(line, "# want") {
				t.Errorf("line %d: this comment is no expectation: %s", i+1, line)
			}
			continue
		}
		texts := wantText.FindAllString(m[1], -1)
		if texts == nil {
			texts = []string{`""`}
		}
		for _, q := range texts {
			s, err := strconv.Unquote(q)
			if err != nil {
				t.Errorf("line %d: %v", i+1, err)
			}
			out[i+1] = append(out[i+1], s)
		}
	}
	return out
}

// frameworks tell whose a block is: by its imports, by Django's settings, by its file, or by the
// command that starts it.
var frameworks = map[string]*regexp.Regexp{
	"flask":   regexp.MustCompile(`(?m)^\s*(from|import) (flask|quart)|\["flask",|\bFLASK_[A-Z]+=`),
	"django":  regexp.MustCompile(`(?m)^\s*(from|import) (django|rest_framework|ninja|allauth)|^# .*\bsettings(/\w+)?\.py$|^(ROOT_URLCONF|MIDDLEWARE|INSTALLED_APPS)\b|\bmanage\.py\b`),
	"fastapi": regexp.MustCompile(`(?m)^\s*(from|import) (fastapi|starlette)|\["fastapi",`),
}

// TestPages runs the examples of all pages: what must be caught is, at its line and with
// its words; nothing else is; and every fix leaves a file that parses and in which the
// finding is gone.
func TestPages(t *testing.T) {
	list := All()
	set := compile(list)
	ran, blocks, caught, twins, fixes := 0, 0, 0, 0, 0
	for _, r := range list {
		t.Run(r.ID, func(t *testing.T) {
			ran++
			hasCaught, hasTwin := false, false
			shown := map[string]int{} // by framework: 1 caught, 2 twin
			for _, b := range r.Blocks() {
				if r.Needs == rule.NeedsSecrets {
					break // internal/secrets runs them
				}
				blocks++
				if b.Unknown != "" {
					t.Errorf("block at %d: unknown word %q after ```py", b.Line, b.Unknown)
				}
				expected := wants(t, b.Text)
				hasTwin = hasTwin || b.Ok
				hasCaught = hasCaught || len(expected) > 0
				if b.Ok == (len(expected) > 0) {
					t.Errorf("block at %d: an ok block has no # want, any other has at least one", b.Line)
				}
				var u *program.Unit
				var all []finding.Finding
				if b.Doc {
					if all = checkDoc(set, b, b.Text); r.Check.Doc != nil && !r.Check.Docs(b.Path) {
						t.Errorf("block at %d: the rule does not look at %s", b.Line, b.Path)
					}
				} else {
					u, all = check(set, b, b.Text)
				}
				if len(r.To) > 0 || r.Check.Surface != nil {
					all = follow(t, list, b)
				}
				if u != nil && len(u.Tree.Errors) > 0 {
					t.Errorf("block at %d does not parse: %s", b.Line, u.Tree.Errors[0].Message)
				}
				found := of(r.ID, all)
				for _, f := range found {
					i := slices.IndexFunc(expected[f.Location.Line], func(s string) bool { return regexp.MustCompile(s).MatchString(f.Message) })
					if i < 0 {
						t.Errorf("block at %d, line %d: not expected: %s\n%s", b.Line, f.Location.Line, f.Message, strings.Join(f.Excerpt.Lines, "\n"))
						continue
					}
					caught++
					expected[f.Location.Line] = slices.Delete(expected[f.Location.Line], i, i+1)
					if f.Fix != nil {
						fixes++
						repaired(t, set, b, found, f)
					}
				}
				for line, texts := range expected {
					for _, s := range texts {
						t.Errorf("block at %d, line %d: not found: %q\n%s", b.Line, line, s, strings.Split(b.Text, "\n")[line-1])
					}
				}
				for f, speaks := range frameworks {
					if speaks.MatchString("# " + b.Path + "\n" + b.Text) {
						shown[f] |= map[bool]int{false: 1, true: 2}[b.Ok]
					}
				}
				if b.Ok {
					twins++
				}
			}
			if len(r.Frameworks) == 0 && (r.Practice == "3" || len(r.To) > 0) {
				t.Error("a page about web applications, or about data from outside, says which frameworks: it is for")
			}
			for _, f := range r.Frameworks {
				if shown[f]&1 == 0 {
					t.Errorf("no block shows what is caught in %s", rule.Framework(f))
				}
				if shown[f]&2 == 0 {
					t.Errorf("no ```py ok block shows how it is done right in %s", rule.Framework(f))
				}
			}
			if r.Needs == "" && (!hasCaught || !hasTwin) { // an audit has tests of its own
				t.Error("a page has at least one example that is caught and one innocent twin (```py ok)")
			}
			if !strings.Contains(r.Page(), "\n## Instead\n") {
				t.Error("a page says under ## Instead what to do")
			}
		})
	}
	if ran < len(list) {
		return // -run has chosen some
	}
	t.Logf("%d rules, %d blocks: %d findings, %d innocent twins, %d fixes applied", len(list), blocks, caught, twins, fixes)
	if len(list) < 68 || caught < 450 || fixes < 220 {
		t.Error("there were more once: is something not run any longer?")
	}
}

// repaired applies one fix.
func repaired(t *testing.T, set sets, b rule.Block, before []finding.Finding, f finding.Finding) {
	t.Helper()
	text, err := finding.Apply([]byte(b.Text), f.Fix.Edits)
	if err != nil {
		t.Errorf("block at %d, line %d: %v", b.Line, f.Location.Line, err)
		return
	}
	var u *program.Unit
	var all []finding.Finding
	if b.Doc {
		all = checkDoc(set, b, string(text))
	} else {
		u, all = check(set, b, string(text))
	}
	if u != nil && len(u.Tree.Errors) > 0 {
		t.Errorf("block at %d, line %d: after the fix the file does not parse: %s\n%s", b.Line, f.Location.Line, u.Tree.Errors[0].Message, changed(b.Text, string(text)))
	}
	same := func(list []finding.Finding) (n int) {
		for _, x := range list {
			if x.Message == f.Message {
				n++
			}
		}
		return n
	}
	// An audit may well find something lesser to say of what is there now.
	if after := of(f.Rule, all); !b.Audit && len(after) >= len(before) || same(after) >= same(before) {
		t.Errorf("block at %d, line %d: after the fix the finding is still there: %s\n%s", b.Line, f.Location.Line, f.Message, changed(b.Text, string(text)))
	}
}

// changed shows the lines that differ.
func changed(a, b string) string {
	was := strings.Split(a, "\n")
	var out []string
	for _, line := range strings.Split(b, "\n") {
		if !slices.Contains(was, line) {
			out = append(out, "    "+line)
		}
	}
	return strings.Join(out, "\n")
}

// TestAliases: each live test of Bandit has a successor.
func TestAliases(t *testing.T) {
	list := All()
	live := map[string]bool{}
	for _, id := range strings.Fields(`B101 B102 B103 B104 B105 B106 B107 B108 B110 B112 B113 B201 B202 B301 B302 B303 B304 B305 B306 B307 B308 B310 B311 B312 B313
		B314 B315 B316 B317 B318 B319 B321 B323 B324 B401 B402 B403 B404 B405 B406 B407 B408 B409 B411 B412 B413 B415 B501 B502 B503 B504 B505 B506 B507 B508 B509
		B601 B602 B603 B604 B605 B606 B607 B608 B609 B610 B611 B612 B613 B614 B615 B701 B702 B703 B704`) {
		live[id] = false
	}
	if len(live) != 75 {
		t.Fatalf("%d ids", len(live))
	}
	for _, r := range list {
		for _, a := range r.Aliases {
			if _, ok := live[a]; ok {
				live[a] = true
			}
		}
	}
	for id, ok := range live {
		if !ok {
			t.Errorf("no rule answers for %s", id)
		}
	}
}

// TestGenerated: the table is what the pages say.
func TestGenerated(t *testing.T) {
	dir := t.TempDir()
	was, err := os.ReadFile("rules_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "./gen", "-o", filepath.Join(dir, "rules_gen.go"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	now, err := os.ReadFile(filepath.Join(dir, "rules_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(was, now) {
		t.Error("rules_gen.go is not what the pages say: run go generate ./internal/rules")
	}
}

// TestTempDirs: Bandit's option for the folders is obeyed.
func TestTempDirs(t *testing.T) {
	u := program.Parse(source.New("app.py", []byte("open('/tmp/rows', 'w')\nopen('/scratch/rows', 'w')\nprint('/scratch')\n")))
	for options, want := range map[string]int{"": 1, "/scratch": 1, "/tmp /scratch": 2} {
		o := engine.Options{RuleOptions: func(id string, aliases []string) map[string]any {
			if id != "shared-temp-path" || options == "" {
				return nil
			}
			var dirs []any
			for _, d := range strings.Fields(options) {
				dirs = append(dirs, d)
			}
			return map[string]any{"tmp_dirs": dirs}
		}}
		if n := len(of("shared-temp-path", compile(All()).normal.Check(u, o))); n != want {
			t.Errorf("tmp_dirs %q: %d findings, want %d", options, n, want)
		}
	}
}

// TestBrokenFiles: rules look at what error recovery leaves, too.
func TestBrokenFiles(t *testing.T) {
	set := compile(All())
	n := 0
	for _, r := range All() {
		for _, b := range r.Blocks() {
			for cut := 7; cut < len(b.Text); cut += 31 {
				for _, text := range []string{b.Text[:cut], b.Text[cut:], b.Text[:cut] + b.Text[min(cut+9, len(b.Text)):]} {
					func() {
						defer func() {
							if err := recover(); err != nil {
								t.Fatalf("%s: %v\n%s", r.ID, err, text)
							}
						}()
						b.Audit = true
						if b.Doc {
							checkDoc(set, b, text)
						} else {
							check(set, b, text)
						}
						n++
					}()
				}
			}
		}
	}
	if n < 5000 {
		t.Errorf("only %d broken files", n)
	}
}

func ExampleAll() {
	for _, r := range All() {
		if r.ID == "unsafe-yaml-load" {
			fmt.Println(r.Title)
		}
	}
	// Output: YAML loaded with a loader that builds objects
}

// Each rule has a chapter of the ASVS, and what it calls right is advice of its page.
func TestStandardsAndRight(t *testing.T) {
	ran, right := 0, 0
	for _, r := range All() {
		ran++
		if finding.ASVSTitle(r.ASVS) == "" {
			t.Errorf("%s: no chapter of the ASVS 5.0 is known for its weaknesses: write asvs: V… in the page", r.ID)
		}
		if finding.OWASPTitle(r.OWASP) == "" {
			t.Errorf("%s: %s is no category of the OWASP Top 10:2025", r.ID, r.OWASP)
		}
		for _, name := range r.Right {
			right++
			if slices.Contains(r.Calls, name) {
				t.Errorf("%s: %s is right, and the rule is asked whether it is wrong", r.ID, name)
			}
		}
		if len(r.Right) > 0 && !slices.ContainsFunc(r.Right, func(name string) bool { return strings.Contains(r.Page(), name[strings.LastIndexByte(name, '.')+1:]) }) {
			t.Errorf("%s: the page advises nothing of what it calls right", r.ID)
		}
	}
	if ran < 190 || right < 20 {
		t.Errorf("ran %d rules, %d names that are right", ran, right)
	}
}
