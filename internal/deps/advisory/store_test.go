package advisory

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain is also the program that TestKilled and TestDiskFull run, and kill.
func TestMain(m *testing.M) {
	if how := os.Getenv("GAMBESON_TEST_UPDATE"); how != "" {
		os.Exit(updater(how, os.Getenv("GAMBESON_TEST_FROM"), os.Getenv("GAMBESON_TEST_DEST")))
	}
	os.Exit(m.Run())
}

// updater updates once, or until it is killed.
func updater(how, from, dest string) int {
	if how == "full" {
		limitFiles(20_000)
	}
	for {
		_, err := Update(context.Background(), from, dest, nil)
		if err != nil {
			fmt.Println(err)
			return 3
		}
		if how != "forever" {
			return 0
		}
		fmt.Println("once more")
	}
}

// quick are limits that a test can wait for.
var quick = limits{connect: 5 * time.Second, headers: time.Second, stall: time.Second, whole: 30 * time.Second, redirects: 3, size: 1 << 20}

// old is an index that must survive.
func old(t testing.TB) (dest string, data []byte) {
	t.Helper()
	dir := t.TempDir()
	archive := filepath.Join(t.TempDir(), "old.zip")
	writeZip(t, archive, simple("PYSEC-2030-1", "", "old", ""))
	dest = filepath.Join(dir, "pypi.idx")
	if _, err := FromZip(context.Background(), archive, dest); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(dest)
	if err != nil {
		t.Fatal(err)
	}
	return dest, data
}

// untouched: the old index is there to the byte, and nothing beside it.
func untouched(t testing.TB, dest string, data []byte) {
	t.Helper()
	now, err := os.ReadFile(dest)
	if err != nil || !bytes.Equal(now, data) {
		t.Errorf("the old index is not what it was (%v)", err)
	}
	alone(t, dest)
}

func alone(t testing.TB, dest string) {
	t.Helper()
	list, err := os.ReadDir(filepath.Dir(dest))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.Name() != filepath.Base(dest) {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}

// large is an archive of more than one piece: 300 records with text that cannot be compressed much.
func large(t testing.TB) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(2, 2))
	var records []string
	for i := range 300 {
		var words strings.Builder
		for range 50 {
			fmt.Fprintf(&words, "%x ", r.Uint64())
		}
		record := simple(fmt.Sprintf("PYSEC-2030-%d", i+1), "", fmt.Sprintf("package-%d", i), "2.0")
		records = append(records, strings.Replace(record, `"aliases"`, `"details": "`+words.String()+`", "aliases"`, 1))
	}
	return zipped(t, records...)
}

func TestUpdate(t *testing.T) {
	archive := large(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/chunks", http.StatusFound)
		case "/chunks":
			for i := 0; i < len(archive); i += 10_000 {
				w.Write(archive[i:min(i+10_000, len(archive))])
				w.(http.Flusher).Flush()
			}
		default:
			w.Write(archive)
		}
	}))
	defer server.Close()
	for _, path := range []string{"/all.zip", "/chunks", "/moved"} {
		dest, _ := old(t)
		var last, total int64
		info, err := quick.update(context.Background(), server.URL+path+"?token=secret", dest, func(done, of int64) {
			if done <= last {
				t.Errorf("%d bytes, and then %d", last, done)
			}
			last, total = done, of
		})
		if err != nil {
			t.Fatal(err)
		}
		if last != int64(len(archive)) || total != last && total != -1 {
			t.Errorf("%s: %d of %d bytes are said, there are %d", path, last, total, len(archive))
		}
		if info.Packages != 300 || info.Source != server.URL+path {
			t.Errorf("%+v", info)
		}
		x, err := Open(dest)
		if err != nil {
			t.Fatal(err)
		}
		if len(find(t, x, "old")) != 0 || len(find(t, x, "package-7")) != 1 {
			t.Error("this is not the new index")
		}
		alone(t, dest)
	}

	// A folder that is not there yet.
	dest := filepath.Join(t.TempDir(), "a", "b", "pypi.idx")
	if _, err := quick.update(context.Background(), server.URL, dest, nil); err != nil {
		t.Error(err)
	}
}

func TestUpdateFails(t *testing.T) {
	archive := large(t)
	damaged := bytes.Clone(archive)
	damaged[len(damaged)/2] ^= 1
	stop := make(chan struct{})
	handler := func(w http.ResponseWriter, r *http.Request) {
		raw := func(header string, body []byte) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			defer c.Close()
			c.Write([]byte("HTTP/1.1 " + header + "\r\n\r\n"))
			c.Write(body)
		}
		wait := func() {
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		}
		switch path := strings.TrimPrefix(r.URL.Path, "/"); path {
		case "500":
			http.Error(w, "no", http.StatusInternalServerError)
		case "404":
			http.NotFound(w, r)
		case "empty":
		case "nothing": // 204 is no archive, though nothing went wrong
			w.WriteHeader(http.StatusNoContent)
		case "page":
			w.Write([]byte("<html>Please log in to this network</html>"))
		case "cut": // the length is right, and the zip is not whole
			w.Write(archive[:len(archive)-100])
		case "damaged":
			w.Write(damaged)
		case "short": // less than was promised
			raw(fmt.Sprintf("200 OK\r\nContent-Length: %d", len(archive)), archive[:len(archive)/2])
		case "long": // more than was promised: the rest is not read
			raw(fmt.Sprintf("200 OK\r\nContent-Length: %d", len(archive)/2), archive)
		case "chunks": // broken off between two
			raw("200 OK\r\nTransfer-Encoding: chunked", append(fmt.Appendf(nil, "%x\r\n", len(archive)), archive[:5000]...))
		case "boast":
			raw("200 OK\r\nContent-Length: 99999999999", nil)
		case "endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(archive); err != nil {
					return
				}
			}
		case "silent":
			wait()
		case "stall":
			w.Write(archive[:5000])
			w.(http.Flusher).Flush()
			wait()
		case "drip":
			for i := 0; r.Context().Err() == nil; i++ {
				w.Write(archive[i : i+1])
				w.(http.Flusher).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		case "loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "other":
			w.Write(zipped(t, `{"id": "OSV-2030-1", "affected": [{"package": {"ecosystem": "npm", "name": "lamp"}}]}`))
		case "noise":
			raw("oh hello", nil)
		case "headers":
			raw("200 OK\r\nX: "+strings.Repeat("x", 1<<20), nil)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(handler))
	t.Cleanup(server.Close) // when those that run side by side are done
	t.Cleanup(func() { close(stop) })
	secure := httptest.NewUnstartedServer(http.RedirectHandler(server.URL, http.StatusFound))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()

	for _, c := range []struct{ from, want string }{
		{"500", "the server answers 500 Internal Server Error"},
		{"404", "the server answers 404 Not Found"},
		{"nothing", "the server answers 204"},
		{"empty", "no zip archive, or damaged"},
		{"page", "no zip archive, or damaged"},
		{"cut", "no zip archive, or damaged"},
		{"damaged", "no zip archive, or damaged"},
		{"short", fmt.Sprintf("it broke off after %d of %d bytes", len(archive)/2, len(archive))},
		{"long", "no zip archive, or damaged"},
		{"chunks", "it broke off after 5000 bytes"},
		{"boast", "larger than 1 MB"},
		{"endless", "larger than 1 MB"},
		{"silent", "the server does not answer"},
		{"stall", "the server stopped sending"},
		{"drip", "the server sends too slowly"},
		{"loop", "the server sends us on and on"},
		{"file", "an address without https"},
		{"other", "no advisory for a package of PyPI"},
		{"noise", "malformed HTTP"},
		{"headers", ""},
		{"http://" + closed.Addr().String(), "connection refused"},
		{"http://gambeson.invalid/all.zip", "gambeson.invalid"},
		{secure.URL, "certificate"},
		{"ftp://example.org/all.zip", "it is no https address"},
		{"all.zip\x00", "it is no https address"},
	} {
		t.Run(strings.TrimSuffix(c.from, "\x00"), func(t *testing.T) {
			t.Parallel()
			dest, data := old(t)
			from := c.from
			if !strings.ContainsAny(from, ":\x00") {
				from = server.URL + "/" + from
			}
			l := quick
			if c.from == "drip" {
				l.whole = time.Second
			}
			begin := time.Now()
			_, err := l.update(context.Background(), from, dest, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %v", err)
			}
			if d := time.Since(begin); d > 8*time.Second {
				t.Errorf("it took %v to see", d)
			}
			untouched(t, dest, data)
		})
	}
	t.Run("down", func(t *testing.T) { // from https to http, with a certificate that is believed
		dest, data := old(t)
		pool := secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		l := quick
		l.roots = pool
		if _, err := l.update(context.Background(), secure.URL, dest, nil); err == nil || !strings.Contains(err.Error(), "an address without https") {
			t.Errorf("from https to http: %v", err)
		}
		untouched(t, dest, data)
	})
	t.Run("interrupted", func(t *testing.T) {
		dest, data := old(t)
		ctx, cancel := context.WithCancel(context.Background())
		_, err := quick.update(ctx, server.URL+"/stall", dest, func(_, _ int64) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted: %v", err)
		}
		untouched(t, dest, data)
	})
	t.Run("secrets", func(t *testing.T) {
		dest, _ := old(t)
		from := strings.Replace(server.URL, "://", "://user:hunter2@", 1) + "/500?token=hunter2"
		if _, err := quick.update(context.Background(), from, dest, nil); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a password is printed: %v", err)
		}
	})
}

func TestFromZipFails(t *testing.T) {
	dest, data := old(t)
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	archive := large(t)
	for _, path := range []string{file("cut.zip", archive[:len(archive)/2]), file("empty.zip", nil), file("text.zip", []byte("text")), dir, filepath.Join(dir, "none.zip")} {
		if _, err := FromZip(context.Background(), path, dest); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
		untouched(t, dest, data)
	}
	good := file("good.zip", archive)
	if _, err := FromZip(context.Background(), good, dir); err == nil || !strings.Contains(err.Error(), "no file") {
		t.Errorf("a folder stands in the index's place: %v", err)
	}
	if _, err := FromZip(context.Background(), good, filepath.Join(good, "pypi.idx")); err == nil {
		t.Error("below a file there is no folder")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := FromZip(ctx, good, dest); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	untouched(t, dest, data)
}

// TestEveryCut: an archive that is cut off anywhere, or damaged anywhere it matters, is refused or whole.
func TestEveryCut(t *testing.T) {
	archive := zipped(t, simple("PYSEC-2030-1", "", "lamp", "2.0"), simple("PYSEC-2030-2", "", "bulb", "2.0"))
	for n := range len(archive) {
		if _, err := build(context.Background(), bytes.NewReader(archive[:n]), int64(n), ""); err == nil {
			t.Errorf("cut off after %d of %d bytes, and taken", n, len(archive))
		}
	}
}

// TestKilled: an update that is killed at any moment leaves the old index or the new one.
func TestKilled(t *testing.T) {
	archive := large(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(archive) }))
	defer server.Close()
	dest, before := old(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := func(how string) *exec.Cmd {
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), "GAMBESON_TEST_UPDATE="+how, "GAMBESON_TEST_FROM="+server.URL, "GAMBESON_TEST_DEST="+dest)
		return cmd
	}
	// One update, and the start of the process, twice for the first time is slower.
	var once time.Duration
	for range 2 {
		begin := time.Now()
		cmd := command("forever")
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = out.Read(make([]byte, 1)) // it says so when it begins again
		once = time.Since(begin)
		cmd.Process.Kill()
		cmd.Wait()
		if err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(3, 3))
	changed := 0
	for range 20 {
		if err := os.WriteFile(dest, before, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := command("forever")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(r.Float64() * float64(2*once)))
		cmd.Process.Kill()
		cmd.Wait()
		x, err := Open(dest)
		if err != nil {
			t.Fatal(err)
		}
		if x.Info().Packages == 300 {
			changed++
		} else if len(find(t, x, "old")) != 1 {
			t.Error("this is neither the old index nor the new one")
		}
	}
	t.Logf("killed 20 times, %d after the first update, which takes %v", changed, once)
	if changed == 0 || changed == 20 {
		t.Error("all were killed too early or too late to show anything")
	}

	// What killed ones left is cleared away when it is surely nobody's.
	fresh := dest + ".FRESH" + partSuffix
	left := dest + ".LEFT" + partSuffix
	others := filepath.Join(filepath.Dir(dest), "other.LEFT"+partSuffix)
	for _, name := range []string{fresh, left, others} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * stale)
	for _, name := range []string{left, others} {
		if err := os.Chtimes(name, long, long); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := quick.update(context.Background(), server.URL, dest, nil); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{fresh: true, left: false, others: true} {
		if _, err := os.Stat(name); (err == nil) != want {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
}

func TestPath(t *testing.T) {
	t.Setenv("GAMBESON_CACHE_DIR", filepath.Join("some", "where"))
	if p, err := Path(""); err != nil || p != filepath.Join("some", "where", "pypi.idx") {
		t.Error(p, err)
	}
	if p, err := Path("asked.idx"); err != nil || p != "asked.idx" {
		t.Error(p, err)
	}
	t.Setenv("GAMBESON_CACHE_DIR", "")
	if p, err := Path(""); err == nil && (filepath.Base(p) != "pypi.idx" || filepath.Base(filepath.Dir(p)) != "gambeson") {
		t.Error(p)
	}
}

// TestZip64: a list of files that is announced and not there.
func TestZip64(t *testing.T) {
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], 0xFFFE)
	binary.LittleEndian.PutUint16(end[10:], 0xFFFE)
	if _, err := build(context.Background(), bytes.NewReader(end), int64(len(end)), ""); err == nil {
		t.Error("65,534 files in 22 bytes")
	}
}
