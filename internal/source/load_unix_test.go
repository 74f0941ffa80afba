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
