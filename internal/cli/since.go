package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gambeson/gambeson/internal/engine"
)

// since narrows a scan to what changed since a git revision: only changed files are
// judged, and what their old versions already had is silenced. The other files are
// still read where names lead there.
func since(ctx context.Context, s *engine.Scan, rev string) error {
	if strings.HasPrefix(rev, "-") {
		return fmt.Errorf("--since: %q is not a revision", rev)
	}
	start := s.Paths[0]
	if info, err := os.Stat(start); err == nil && !info.IsDir() {
		start = filepath.Dir(start)
	}
	top, err := git(ctx, start, "rev-parse", "--show-toplevel")
	if err != nil {
		return fmt.Errorf("--since needs a git repository: %w", err)
	}
	root := strings.TrimRight(string(top), "\r\n")
	if _, err := git(ctx, root, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}"); err != nil {
		return fmt.Errorf("--since: git knows no revision %q", rev)
	}
	changed, err := git(ctx, root, "diff", "--name-only", "-z", "--no-ext-diff", "--no-renames", "--end-of-options", rev, "--")
	if err != nil {
		return fmt.Errorf("--since: %w", err)
	}
	fresh, err := git(ctx, root, "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return fmt.Errorf("--since: %w", err)
	}
	s.Since = &engine.Since{Old: map[string][]byte{}}
	for _, name := range strings.Split(string(changed), "\x00") {
		if name == "" {
			continue
		}
		old, err := git(ctx, root, "show", "--no-textconv", "--end-of-options", rev+":"+name)
		if err != nil {
			old = nil // it is new
		}
		s.Since.Old[filepath.Join(root, filepath.FromSlash(name))] = old
	}
	for _, name := range strings.Split(string(fresh), "\x00") {
		if name != "" {
			s.Since.Old[filepath.Join(root, filepath.FromSlash(name))] = nil
		}
	}
	return nil
}

// git runs git so that nothing in the repository's configuration is run by it.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir, "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if msg, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n"); msg != "" {
			return nil, fmt.Errorf("git %s: %s", args[0], msg)
		}
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out, nil
}
