package source

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/testkit"
)

// Git says which files of a tree it does not ignore; a walk must find the same.
func TestWalkAgreesWithGit(t *testing.T) {
	git := testkit.Program(t, "git", "git")
	names := []string{"a", "b", "c"}
	lines := []string{"a", "/a", "b/", "!b", "!b/", "*.py", "!a.py", "/b.py", "a/b", "a/*", "!a/c", "**/c", "a/**", "!a/**/c.py", "a/**/b.py", "!*.py", "c.*", "# a", "", "!/c/"}
	ignored := 0
	for seed := range 40 {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		files := map[string]string{}
		var fill func(dir string, depth int)
		fill = func(dir string, depth int) {
			for _, n := range names {
				files[dir+n+".py"] = ""
				if depth > 0 && r.IntN(3) > 0 {
					fill(dir+n+"/", depth-1)
				}
			}
			if depth == 3 || r.IntN(4) == 0 {
				var text []string
				for range 1 + r.IntN(4) {
					text = append(text, lines[r.IntN(len(lines))])
				}
				files[dir+".gitignore"] = strings.Join(text, "\n") + "\n"
			}
		}
		fill("", 3)
		root := tree(t, files)
		run := func(args ...string) string {
			cmd := exec.Command(git, args...)
			cmd.Dir = root
			cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("git %v: %v", args, err)
			}
			return string(out)
		}
		run("init", "-q")
		if r.IntN(2) == 0 {
			plant(t, root, map[string]string{".git/info/exclude": lines[r.IntN(len(lines))] + "\n"})
		}
		var theirs []string
		for p := range strings.SplitSeq(run("ls-files", "-z", "--others", "--exclude-standard"), "\x00") {
			if strings.HasSuffix(p, ".py") {
				theirs = append(theirs, p)
			}
		}
		slices.Sort(theirs)
		ignored += len(files) - len(theirs)
		check := func(start string, prefix string, want []string) {
			result := walk(t, &Walker{}, start)
			var ours []string
			for _, f := range result.Files {
				ours = append(ours, prefix+f.Path)
			}
			if !slices.Equal(ours, want) {
				var rules []string
				for name, text := range files {
					if strings.HasSuffix(name, ".gitignore") {
						rules = append(rules, fmt.Sprintf("%s: %q", name, text))
					}
				}
				t.Errorf("tree %d from %q: ours %v\ngit %v\n%s", seed, prefix, ours, want, strings.Join(rules, "\n"))
			}
		}
		check(root, "", theirs)
		// From a folder inside, with the ignore files above it, unless it is ignored itself.
		inA := slices.DeleteFunc(slices.Clone(theirs), func(p string) bool { return !strings.HasPrefix(p, "a/") })
		if len(inA) > 0 {
			check(filepath.Join(root, "a"), "a/", inA)
		}
	}
	if ignored < 500 {
		t.Errorf("only %d files ignored: the trees prove little", ignored)
	}
}
