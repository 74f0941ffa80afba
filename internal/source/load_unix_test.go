//go:build unix

package source

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLoadDoesNotWaitForPipes(t *testing.T) {
	root := tree(t, nil)
	pipe := filepath.Join(root, "pipe.py")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := Load(Found{Path: "pipe.py", Abs: pipe}, 0)
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("error %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("still waiting for the pipe")
	}
	if r := walk(t, &Walker{}, root); len(r.Files) != 0 || skipped(r) != "not a regular file 1" {
		t.Errorf("found %q, skipped %q", paths(r), skipped(r))
	}
	if r := walk(t, &Walker{}, pipe); len(r.Files) != 0 || len(r.Problems) != 1 {
		t.Errorf("named: found %q, problems %v", paths(r), r.Problems)
	}
	if _, err := Load(Found{Path: "null", Abs: os.DevNull}, 0); err == nil {
		t.Error("a device was read")
	}
}

// The parser wants a zero byte behind a text, and copies one that has no room for it.
func TestReadLeavesRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.py")
	if err := os.WriteFile(path, []byte("x = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	raw, err := Read(Found{Path: "a.py", Abs: path}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if cap(raw) != len(raw)+1 || raw[:cap(raw)][len(raw)] != 0 {
		t.Errorf("%d bytes have room for %d", len(raw), cap(raw))
	}
}
