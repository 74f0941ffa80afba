//go:build linux || darwin

package advisory

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// limitFiles lets this process write no file larger than n bytes: a disk that is full, for those who have none at hand.
func limitFiles(n uint64) {
	syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
}

// TestDiskFull: nothing is left behind, and the error says where there is no room.
func TestDiskFull(t *testing.T) {
	archives := map[string][]byte{
		"while it is fetched": large(t),
		// compressed, it fits; the index does not
		"while it is written": zipped(t, strings.Replace(simple("PYSEC-2030-1", "", "lamp", ""), `"ranges"`, `"versions": [`+strings.Repeat(`"none", `, 9000)+`"1.0"], "ranges"`, 1)),
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, archive := range archives {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(archive) }))
			defer server.Close()
			dest, data := old(t)
			cmd := exec.Command(exe)
			cmd.Env = append(os.Environ(), "GAMBESON_TEST_UPDATE=full", "GAMBESON_TEST_FROM="+server.URL, "GAMBESON_TEST_DEST="+dest)
			out, err := cmd.Output()
			if e, ok := err.(*exec.ExitError); !ok || e.ExitCode() != 3 || !strings.Contains(string(out), "cannot be written to "+dest+": file too large") {
				t.Errorf("%v: %s", err, out)
			}
			untouched(t, dest, data)
		})
	}
}
