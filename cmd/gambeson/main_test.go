package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is the program: stories call it as users do.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gambeson": main})
}

const stories = "../../testdata/script"

// TestStories runs testdata/script/*.txtar: one promise of the whole program each.
func TestStories(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(stories, "*.txtar"))
	if err != nil || len(files) < 30 {
		t.Fatalf("%d stories, %v", len(files), err)
	}
	testscript.Run(t, testscript.Params{
		Dir: stories,
		Setup: func(env *testscript.Env) error {
			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				env.Setenv("GIT_"+who+"_NAME", "Ada")
				env.Setenv("GIT_"+who+"_EMAIL", "ada@example.org")
			}
			env.Setenv("GAMBESON_CACHE_DIR", filepath.Join(env.WorkDir, ".cache"))
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1") // and there is no home to have a configuration in
			return nil
		},
		Condition: condition,
		Cmds:      map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits, "timeless": timeless, "archive": archive},
	})
}

// condition knows [git] and [root]. Where GAMBESON_REQUIRE says that there must be git, a
// story that would be skipped fails.
func condition(cond string) (bool, error) {
	switch cond {
	case "root":
		return os.Geteuid() == 0, nil
	case "git":
		_, err := exec.LookPath("git")
		if err != nil && slices.Contains(strings.Split(os.Getenv("GAMBESON_REQUIRE"), ","), "git") {
			return false, fmt.Errorf("GAMBESON_REQUIRE asks for it: %w", err)
		}
		return err == nil, nil
	}
	return false, fmt.Errorf("unknown condition %q", cond)
}

// exits runs a program and wants this exit code: exits 1 gambeson scan .
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

var seconds = regexp.MustCompile(`\b[0-9.]+(e-[0-9]+)? s\b|"seconds": [0-9.e-]+|time="[0-9.]+"`)

// timeless takes out of files how long a scan took.
func timeless(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := seconds.ReplaceAllString(ts.ReadFile(name), "TIME")
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

// archive puts files into a zip archive: archive all.zip FILE...
func archive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: archive ZIP FILE...")
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range args[1:] {
		w, err := z.Create(filepath.Base(name))
		ts.Check(err)
		_, err = w.Write([]byte(ts.ReadFile(name)))
		ts.Check(err)
	}
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}
