package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Python finds an interpreter that has a library: $GAMBESON_PYTHON, python3 in the path, or the
// system's. Without one, need is Missing.
func Python(t testing.TB, library, need string) string {
	t.Helper()
	for _, exe := range []string{os.Getenv("GAMBESON_PYTHON"), "python3", "/usr/bin/python3"} {
		if exe != "" && exec.Command(exe, "-c", "import "+library).Run() == nil {
			return exe
		}
	}
	Missing(t, need, "there is no Python with %s", library)
	return ""
}

// Missing skips the test because something from outside is not there, and fails it if
// GAMBESON_REQUIRE names need.
func Missing(t testing.TB, need, format string, args ...any) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("GAMBESON_REQUIRE"), ","), need) {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Program finds a program in the path. Without it, need is Missing.
func Program(t testing.TB, name, need string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, need, "%v", err)
	}
	return path
}

// AskPython gives a script questions as JSON and reads its answers, all in one process.
func AskPython(t testing.TB, exe, script string, in, out any) {
	t.Helper()
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-W", "ignore", script)
	cmd.Stdin = bytes.NewReader(data)
	cmd.Stderr = os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		t.Fatal(err)
	}
}

// Release makes the first two numbers of a library's version one that can be compared: 2601
// is 26.1.
func Release(version string) int {
	major, minor := 0, 0
	fmt.Sscanf(version, "%d.%d", &major, &minor)
	return 100*major + minor
}
