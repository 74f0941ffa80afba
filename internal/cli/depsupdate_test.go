package cli

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUpdateFailures: whatever a server does, the old index stays, the exit code is 3, and one
// line says why.
func TestUpdateFailures(t *testing.T) {
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.Create("1.json")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, `{"id": "CVE-2026-1", "modified": "2026-11-01T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "parcel"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	good := archive.Bytes()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			w.Write(good)
		case "/moved":
			http.Redirect(w, r, "/good", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/broken":
			http.Error(w, "no", http.StatusInternalServerError)
		case "/short":
			w.Header().Set("Content-Length", fmt.Sprint(len(good)+100))
			w.Write(good)
		case "/cut":
			w.Write(good[:len(good)/2])
		case "/page":
			fmt.Fprint(w, "<html>please log in</html>")
		}
	}))
	gone := httptest.NewServer(nil)
	gone.Close()
	defer server.Close()
	index := filepath.Join(t.TempDir(), "pypi.idx")
	run := func(url string) (int, string) {
		var out, errs bytes.Buffer
		code := Main([]string{"deps", "update", "--url", url, "--index", index}, nil, &out, &errs)
		return code, errs.String()
	}
	if code, errs := run(server.URL + "/moved"); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	was, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{server.URL + "/round", server.URL + "/broken", server.URL + "/short", server.URL + "/cut", server.URL + "/page", gone.URL, "ftp://127.0.0.1/all.zip"} {
		code, errs := run(url)
		now, err := os.ReadFile(index)
		if code != exitIncomplete || strings.Count(errs, "\n") != 1 || err != nil || !bytes.Equal(was, now) {
			t.Errorf("%s: exit code %d, index the same: %v (%v)\n%s", url, code, bytes.Equal(was, now), err, errs)
		}
	}
	if list, err := os.ReadDir(filepath.Dir(index)); err != nil || len(list) != 1 {
		t.Errorf("something is left beside the index: %v, %v", list, err)
	}
}
