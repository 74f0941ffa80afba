package secrets

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/finding"
)

func run(t testing.TB, s Scan) *finding.Report {
	t.Helper()
	if s.Config == nil {
		s.Config = config.Default()
	}
	s.Rules = pagesOf(t)
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCovered: nothing of any secret is in a report, wherever it stands and whatever else
// stands beside it. A report is saved as JSON and every other format is made from that.
func TestCovered(t *testing.T) {
	dir := t.TempDir()
	var secrets []string
	var text strings.Builder
	for i, k := range kinds() {
		s := ""
		for seed := range uint64(20) {
			if s = sample(k, seed); k.isReal(s) {
				break
			}
		}
		secrets = append(secrets, s)
		name := "value"
		if len(k.Names) > 0 {
			name = strings.Trim(k.Names[0], "_-") + "_secret_key"
		}
		// Two on a line, and each once more where it is not looked for.
		fmt.Fprintf(&text, "%s: %s  # was %s\n", name, s, s)
		if i%3 == 0 {
			fmt.Fprintf(&text, "{password: kJ7!mmq%dxW, note: 'kJ7!mmq%dxW', %s: %q}\n", i, i, name, s)
			secrets = append(secrets, fmt.Sprintf("kJ7!mmq%dxW", i))
		}
	}
	write(t, filepath.Join(dir, "all.yaml"), text.String())
	write(t, filepath.Join(dir, "key.pem"), testKey()+"\n")
	write(t, filepath.Join(dir, "one.json"), `{"k": "`+strings.ReplaceAll(testKey(), "\n", `\n`)+`"}`)
	secrets = append(secrets, strings.Split(testKey(), "\n")[1])
	write(t, filepath.Join(dir, "deploy.sh"), "export DB=postgres://shop:kJ7mmq2xWpX@db.shop.internal/shop\ncurl -u shop:w8Zk2LmX9p https://x.internal\n")
	secrets = append(secrets, "kJ7mmq2xWpX", "w8Zk2LmX9p")
	for _, audit := range []bool{false, true} {
		c := config.Default()
		if audit {
			c.Profile = "audit"
		}
		r := run(t, Scan{Paths: []string{dir}, Config: c})
		if len(r.Findings) < 300 {
			t.Fatalf("only %d findings", len(r.Findings))
		}
		r.Rules = nil // their pages have examples
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			for _, form := range []string{s, strings.ReplaceAll(s, `"`, `\"`)} {
				if strings.Contains(string(data), form) {
					t.Errorf("a report has %s", redact(s))
				}
			}
		}
		shown := run(t, Scan{Paths: []string{dir}, Config: c, Show: true})
		if data, _ := json.Marshal(shown); !strings.Contains(string(data), secrets[0]) {
			t.Error("--show does not show")
		}
		for i := range shown.Findings {
			if shown.Findings[i].Fingerprint != r.Findings[i].Fingerprint {
				t.Error("a fingerprint depends on whether secrets are shown")
			}
		}
	}
}

// TestFingerprints: what can be guessed is not in a fingerprint, and a token that cannot be is.
func TestFingerprints(t *testing.T) {
	dir := t.TempDir()
	prints := func(text string) string {
		write(t, filepath.Join(dir, "a.yaml"), text)
		r := run(t, Scan{Paths: []string{dir}})
		if len(r.Findings) != 1 {
			t.Fatalf("%d findings in %s", len(r.Findings), text)
		}
		return r.Findings[0].Fingerprint
	}
	if prints("password: kJ7!mmq2xW\n") != prints("password: kJ8!mmq3xWq\n") {
		t.Error("a fingerprint tells passwords apart, and so can be used to try them")
	}
	var github *kind
	for _, k := range kinds() {
		if k.ID == "github-personal-token" {
			github = k
		}
	}
	a, b := sample(github, 1), sample(github, 2)
	if prints("x: "+a+"\n") == prints("x: "+b+"\n") {
		t.Error("another token in the same place is taken for the one that was known")
	}
	if prints("x: "+a+"\n") != prints("# moved\n\ny: "+a+" # 2\n") {
		t.Error("a token is not known again where it has moved")
	}
}

func TestSuppressed(t *testing.T) {
	pass := "kJ7!mmq2xW"
	for _, c := range []struct{ text, reason string }{
		{"password = %s # gitleaks:allow\n", "gitleaks:allow"},
		{"password = %s # pragma: allowlist secret\n", "pragma: allowlist secret"},
		{"# pragma: allowlist nextline secret\npassword = %s\n", "pragma: allowlist nextline secret"},
		{"password = %s # gambeson: ignore[secret-in-file] only here\n", "only here"},
		{"# gambeson: ignore[secret-in-file] above\npassword = %s\n", "above"},
		{"# gambeson: ignore-file[secret-in-file] all of it\n\n\npassword = %s\n", "all of it"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a.ini"), fmt.Sprintf(c.text, pass))
		r := run(t, Scan{Paths: []string{dir}})
		if len(r.Findings) != 1 || r.Findings[0].Suppressed == nil || r.Findings[0].Suppressed.Reason != c.reason {
			t.Errorf("%q: %+v", c.text, r.Findings)
		}
		r = run(t, Scan{Paths: []string{dir}, NoSuppress: true})
		if len(r.Findings) != 1 || r.Findings[0].Suppressed != nil {
			t.Errorf("%q, unsuppressed: %+v", c.text, r.Findings)
		}
	}
}

// TestKnown: other tools' baselines, each with an entry for one of two passwords.
func TestKnown(t *testing.T) {
	text := "password = kJ7!mmq2xW\n\npassword = w8Zk!LmX9p\n"
	for name, baseline := range map[string]string{
		"gitleaks":          `[{"RuleID": "generic-api-key", "File": "a.ini", "StartLine": 9, "Secret": "kJ7!mmq2xW"}]`,
		"gitleaks redacted": `[{"RuleID": "generic-api-key", "File": "sub/../a.ini", "StartLine": 1, "Secret": "REDACTED"}]`,
		"gitleaks SARIF": `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gitleaks"}}, "results": [{"ruleId": "generic-api-key",
			"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.ini"}, "region": {"startLine": 1, "snippet": {"text": "kJ7!mmq2xW"}}}}]}]}]}`,
		"detect-secrets": `{"version": "1.5.0", "plugins_used": [], "results": {"a.ini": [{"type": "Secret Keyword", "hashed_secret": "` + sha("kJ7!mmq2xW") + `", "line_number": 4}]}}`,
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a.ini"), text)
		k, err := ReadKnown([]byte(baseline))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := run(t, Scan{Paths: []string{dir}, Known: []*Known{k}})
		if len(r.Findings) != 2 || r.Findings[0].Suppressed == nil || r.Findings[1].Suppressed != nil {
			t.Errorf("%s: %+v", name, r.Findings)
		}
		if name == "detect-secrets" { // it lies there, as it does in projects that use it
			write(t, filepath.Join(dir, ".secrets.baseline"), baseline)
			if r := run(t, Scan{Paths: []string{dir}}); len(r.Findings) != 2 || r.Findings[0].Suppressed == nil {
				t.Errorf("%s in the tree: %+v", name, r.Findings)
			}
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.ini"), text)
	write(t, filepath.Join(dir, ".gitleaksignore"), "# known\na.ini:generic-api-key:1\n")
	if r := run(t, Scan{Paths: []string{dir}}); len(r.Findings) != 2 || r.Findings[0].Suppressed == nil || r.Findings[1].Suppressed != nil {
		t.Errorf(".gitleaksignore: %+v", r.Findings)
	}
	own := run(t, Scan{Paths: []string{dir}})
	data, err := json.Marshal(own)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ReadKnown(data)
	if err != nil {
		t.Fatal(err)
	}
	if r := run(t, Scan{Paths: []string{dir}, Known: []*Known{k}}); r.Active(finding.Info) != 0 {
		t.Errorf("our own: %+v", r.Findings)
	}
	for _, bad := range []string{"", "x", "{}", `{"a": 1}`, `[{"x": 1}]`} {
		if _, err := ReadKnown([]byte(bad)); err == nil {
			t.Errorf("%q was taken for a baseline", bad)
		}
	}
}

// TestLookedAt: what is no text is counted, what is too large is said, and both are not clean
// by silence.
func TestLookedAt(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "data.bin"), "\x00\x01password = kJ7!mmq2xW\n")
	write(t, filepath.Join(dir, "large.ini"), strings.Repeat("x = 1\n", 1000))
	write(t, filepath.Join(dir, "large.dat"), strings.Repeat("\x00", 6000))
	write(t, filepath.Join(dir, "utf16.env"), "\xff\xfep\x00a\x00s\x00s\x00w\x00o\x00r\x00d\x00=\x00k\x00J\x007\x00!\x00m\x00m\x00q\x002\x00x\x00W\x00\n\x00")
	c := config.Default()
	c.MaxFileSize = 5000
	r := run(t, Scan{Paths: []string{dir}, Config: c})
	if r.Stats.Skipped[skipBinary] != 2 || len(r.Problems) != 1 || r.Problems[0].Path != "large.ini" {
		t.Errorf("skipped %v, problems %v", r.Stats.Skipped, r.Problems)
	}
	if len(r.Findings) != 1 || r.Findings[0].Location.Path != "utf16.env" || !strings.HasPrefix(r.Findings[0].Excerpt.Lines[0], "password=***") {
		t.Errorf("%+v", r.Findings)
	}
}

// TestSame: the report does not depend on how many look.
func TestSame(t *testing.T) {
	dir := t.TempDir()
	for i := range 40 {
		write(t, filepath.Join(dir, fmt.Sprintf("d%d/%d.ini", i%7, i)), fmt.Sprintf("password = kJ7!mmq%dxW\ntoken = q8Zk2LmX9wPvB4tR8s%d\n", i%5, i%3))
	}
	var first string
	for jobs := range 6 {
		c := config.Default()
		c.Jobs = jobs + 1
		r := run(t, Scan{Paths: []string{dir}, Config: c})
		r.Stats.Seconds = 0
		data, _ := json.Marshal(r)
		if first == "" {
			first = string(data)
		} else if string(data) != first {
			t.Fatalf("%d jobs report something else", jobs+1)
		}
	}
}

// TestPythonAsked: whether a file is worth parsing is asked of its bytes, and what the rules
// want to see is never kept from them.
func TestPythonAsked(t *testing.T) {
	for text, want := range map[string]bool{
		`password = "x"`:                           true,
		`password: str = "x"`:                      true,
		`config["secret_key"] = "x"`:               true,
		`d = {"api_key": "x"}`:                     true,
		`f(password='x')`:                          true,
		`f(password=word)`:                         true,
		`if password == "x": pass`:                 true,
		`user, pwd = "a", "b"`:                     true,
		"SECRET_KEY = (\n    \"x\"\n)":             true,
		`key = os.environ.get("SECRET_KEY", "x")`:  true,
		`k = os.environ.get("SECRET_KEY") or "x"`:  true,
		`def f(user, password="x"): pass`:          true,
		`x = SecretStr("y"); token = SecretStr(z)`: false,
		`token: SecretStr = SecretStr("y")`:        true,
		`import jwt; jwt.encode(c, "x")`:           true,
		`url = "postgres://a:b@c/d"`:               true,
		`# password: x`:                            false,
		`password = os.environ["PASSWORD"]`:        true,
		`password = get_password()`:                false,
		`self.password = password`:                 false,
		`f(password=password)`:                     false,
		`def f(user, password): pass`:              false,
		`pass`:                                     false,
		`for key in keys: print(key)`:              false,
		`SECURITY_PASSWORD_SALT = "x"`:             true,
		`SECRET_KEY_2 = "x"`:                       true,
	} {
		s := newTextScan(newIndex([]string{"jwt.encode", "os.getenv"}), "a.py", []byte(text+"\n"))
		s.run()
		if s.judge != want {
			t.Errorf("%s: %v, want %v", text, s.judge, want)
		}
	}
}

func TestNotebook(t *testing.T) {
	dir := t.TempDir()
	var key string
	for _, k := range kinds() {
		if k.ID == "openai-api-key" {
			key = sample(k, 1)
		}
	}
	write(t, filepath.Join(dir, "a.ipynb"), `{"nbformat": 4, "metadata": {}, "cells": [
 {"cell_type": "code", "source": ["x = 1\n", "y = '`+key+`'\n"], "outputs": [{"output_type": "stream", "text": ["token: `+key[:12]+`\n"]}]},
 {"cell_type": "markdown", "source": ["{\"password\": \"kJ7!mmq2xW\"}"]}]}`)
	r := run(t, Scan{Paths: []string{dir}})
	if len(r.Findings) != 2 || r.Findings[1].Location.Cell != 1 || r.Findings[1].Location.Line != 2 {
		t.Errorf("%+v", r.Findings)
	}
}

// TestHistory: each secret once, with the commits that brought and last had it, also what only
// a merge or another branch has.
func TestHistory(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) string { return runGit(t, dir, args...) }
	commit := func(message string) string {
		git("add", "-A")
		git("commit", "-q", "--allow-empty", "-m", message)
		return git("rev-parse", "HEAD")
	}
	git("init", "-q", ".")
	write(t, filepath.Join(dir, "a.ini"), "[db]\npassword = kJ7!mmq2xW\n")
	first := commit("one")
	write(t, filepath.Join(dir, "a.ini"), "[db]\n# moved\npassword = kJ7!mmq2xW\n")
	second := commit("two")
	write(t, filepath.Join(dir, "a.ini"), "[db]\n")
	write(t, filepath.Join(dir, "b.ini"), "password = w8Zk!LmX9p\n")
	third := commit("three")
	git("checkout", "-q", "-b", "side")
	write(t, filepath.Join(dir, "c.ini"), "password = Qv5!tRs8yd\n")
	side := commit("side")
	git("checkout", "-q", "-")
	write(t, filepath.Join(dir, "vendor/x/d.ini"), "password = Not5!tRs8yd\n")
	commit("four")
	r := run(t, Scan{Paths: []string{dir}, History: true})
	got := map[string]string{}
	for _, f := range r.Findings {
		if f.Rule == ruleFile {
			got[f.Location.Path] = fmt.Sprint(f.Location.Line, " ", f.History.First.ID, " ", f.History.Last.ID, " ", f.History.Gone)
		}
	}
	head := git("rev-parse", "HEAD")
	for path, want := range map[string]string{
		"a.ini": fmt.Sprint(2, " ", first, " ", second, " ", true),
		"b.ini": fmt.Sprint(1, " ", third, " ", head, " ", false),
		"c.ini": fmt.Sprint(1, " ", side, " ", side, " ", true),
	} {
		if got[path] != want {
			t.Errorf("%s:\ngot  %s\nwant %s", path, got[path], want)
		}
	}
	if len(got) != 3 {
		t.Errorf("%v", got)
	}
	r.Rules = nil // their pages have examples
	data, _ := json.Marshal(r)
	for _, s := range []string{"kJ7!mmq2xW", "w8Zk!LmX9p", "Qv5!tRs8yd"} {
		if strings.Contains(string(data), s) {
			t.Errorf("the report has %s", s)
		}
	}
	write(t, filepath.Join(dir, ".gitleaksignore"), first+":a.ini:generic-api-key:2\n")
	r = run(t, Scan{Paths: []string{dir}, History: true})
	i := slices.IndexFunc(r.Findings, func(f finding.Finding) bool { return f.Location.Path == "a.ini" })
	if i < 0 || r.Findings[i].Suppressed == nil {
		t.Error(".gitleaksignore with a commit does nothing")
	}
	s := Scan{Paths: []string{t.TempDir()}, History: true, Config: config.Default(), Rules: pagesOf(t)}
	if _, err := s.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "there is no git repository") {
		t.Errorf("no repository: %v", err)
	}
}

// TestHostileRepository: what a repository's configuration would have git run is not run.
func TestHostileRepository(t *testing.T) {
	dir := t.TempDir()
	trap := filepath.Join(t.TempDir(), "trap")
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho run >> "+trap+"\ncat\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	runGit(t, dir, "init", "-q", ".")
	write(t, filepath.Join(dir, ".env"), "DB_PASSWORD=kJ7!mmq2xW\n")
	write(t, filepath.Join(dir, ".gitattributes"), "* diff=evil filter=evil\n")
	runGit(t, dir, "add", "-A")
	runGit(t, dir, "commit", "-q", "-m", "one")
	for _, key := range []string{"core.fsmonitor", "diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.smudge", "filter.evil.clean", "gpg.program", "core.pager", "core.editor", "core.sshCommand", "core.alternateRefsCommand", "interactive.diffFilter", "sequence.editor", "credential.helper"} {
		runGit(t, dir, "config", key, program)
	}
	runGit(t, dir, "config", "log.showSignature", "true")
	runGit(t, dir, "config", "alias.log", "!"+program)
	for _, hook := range []string{"post-checkout", "pre-commit", "post-index-change", "reference-transaction"} {
		if err := os.WriteFile(filepath.Join(dir, ".git", "hooks", hook), []byte("#!/bin/sh\n"+program+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	os.Remove(trap)
	r := run(t, Scan{Paths: []string{dir}, History: true})
	if len(r.Findings) < 2 {
		t.Errorf("%+v", r.Findings)
	}
	if text, err := os.ReadFile(trap); err == nil {
		t.Errorf("something was run:\n%s", text)
	}
}

func sha(s string) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Fuzz targets: whatever reads bytes.

func FuzzText(f *testing.F) {
	for _, s := range []string{"password = \"x\"", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "a://b:c@d/e", "curl -u a:b", "- name: X_TOKEN\n  value: y", "<password>x</password>", "${DB_PASSWORD:-x}", `{\"secret\": \"x\"}`, "ghp_", "eyJa.eyJb.c", "key-0123", "x:$2y$10$abc", "0::000000000000000:$Y$", "0::$Y$0000000000000000", "PuTTY-User-Key-File-2: x\nPrivate-Lines: 1\n"} {
		f.Add(uint8(1), s)
	}
	paths := []string{"a.py", "a.yaml", "a.env", "a.ini", "a.json", "a.js", "a.xml", "a.md", "Dockerfile", "a.sh", ".netrc", ".pgpass", "a.ipynb", "a.htpasswd", "a.tf", "poetry.lock"}
	l, _, err := (&Scan{Config: config.Default(), Rules: pagesOf(f)}).prepare()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		p := paths[int(which)%len(paths)]
		for _, h := range scanText(p, text) {
			if h.start < 0 || h.start >= h.end || h.end > len(text) {
				t.Errorf("%s: the hit [%d, %d) is not in the text", h.rule, h.start, h.end)
			}
		}
		for _, x := range l.look(p, []byte(text)) {
			if x.Location.Line < 1 || x.Message == "" {
				t.Errorf("%+v", x.Finding)
			}
			if len(x.value) >= 8 && x.Rule != ruleKey {
				for _, line := range x.Excerpt.Lines {
					if strings.Contains(line, x.value) {
						t.Errorf("the excerpt %q shows the secret", line)
					}
				}
			}
		}
	})
}

func FuzzKnown(f *testing.F) {
	f.Add(`[{"RuleID": "a", "File": "b", "Secret": "c"}]`)
	f.Add(`{"results": {"a": [{"hashed_secret": "b"}]}}`)
	f.Add("a:b:1\n0123456789012345678901234567890123456789:a:b:2")
	f.Fuzz(func(t *testing.T, text string) {
		parseIgnored(text)
		if k, err := ReadKnown([]byte(text)); err == nil {
			k.knows(&found{Finding: finding.Finding{Rule: "x", Location: finding.Location{Path: "a", Line: 1}}, value: "y"})
		}
		dockerIgnores(text, "a/.env")
		copiesAll(text, ".env")
		holdsSecret([]byte(text))
	})
}

func FuzzProvider(f *testing.F) {
	f.Add("title: X\nsite: https://x\nrevoke: y\ntokens:\n - id: a-b\n   title: c\n   severity: low\n   pattern: abc[0-9]{4}\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = ParseProvider("x", []byte(text))
	})
}

func FuzzChecks(f *testing.F) {
	f.Add("ghp_abcdefghijklmnop")
	f.Fuzz(func(t *testing.T, token string) {
		for _, c := range checks {
			c.ok(token)
		}
		filler(token)
	})
}
