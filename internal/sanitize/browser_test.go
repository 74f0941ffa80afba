package sanitize

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gambeson/gambeson/internal/testkit"
)

// A sighting is what Chromium made of a text, read in one way.
type sighting struct {
	ID    int
	How   string
	Found []struct {
		Space, Name string
		Attrs       [][2]string // name, and the scheme if it is an address
	}
}

// A trace is something that ran, or would have.
type trace struct {
	ID   int
	What string
}

// look loads the texts into Chromium. A policy in the page's header, if guarded, keeps scripts from
// running and tells of each that wanted to; without it they run.
func look(t *testing.T, exe string, texts []string, guarded bool) (seen []sighting, ran []trace) {
	t.Helper()
	const batch = 100
	var mu sync.Mutex
	next := 0
	end := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if guarded {
			w.Header().Set("Content-Security-Policy", "script-src 'nonce-page'")
		}
		http.ServeFile(w, r, "testdata/browser.html")
	})
	mux.HandleFunc("GET /next", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if next >= len(texts) {
			fmt.Fprint(w, "null")
			return
		}
		to := min(next+batch, len(texts))
		json.NewEncoder(w).Encode(map[string]any{"first": next, "texts": texts[next:to]})
		next = to
	})
	mux.HandleFunc("POST /seen", func(w http.ResponseWriter, r *http.Request) {
		var got struct {
			Seen []sighting
			Ran  []trace
			End  bool
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		seen, ran = append(seen, got.Seen...), append(ran, got.Ran...)
		if got.End {
			close(end)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	args := []string{"--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-extensions",
		"--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-port=0", "--user-data-dir=" + t.TempDir()}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // root has none; the texts are our own
	}
	cmd := exec.Command(exe, append(args, server.URL+"/")...)
	stop := ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer stop()
	select {
	case <-end:
	case <-time.After(2*time.Minute + time.Duration(len(texts))*30*time.Millisecond):
		mu.Lock()
		t.Errorf("the browser has not come to an end: %d of %d texts", next, len(texts))
		mu.Unlock()
	}
	mu.Lock()
	defer mu.Unlock()
	return seen, ran
}

// allowedBy is the tags and attributes that a reading may show, in small letters.
type allowedBy struct {
	tags, attrs map[string]bool
	schemes     []string
}

func (a allowedBy) judge(s sighting) (wrong []string) {
	for _, e := range s.Found {
		name := strings.ToLower(e.Name)
		if !a.tags[name] {
			wrong = append(wrong, "<"+e.Name+">")
		}
		for _, at := range e.Attrs {
			key := strings.ToLower(at[0])
			if !a.attrs[key] && !a.attrs[key[strings.IndexByte(key, ':')+1:]] {
				wrong = append(wrong, key+" of <"+e.Name+">")
			}
			if at[1] != "" && !slices.Contains(a.schemes, at[1]) && !inert(e.Space, name, key) {
				wrong = append(wrong, key+" of <"+e.Name+"> with "+at[1])
			}
		}
	}
	return wrong
}

// inert: nobody follows an attribute of this name there.
func inert(space, tag, key string) bool { return key == "xlink:href" && space == "" }

// implied is what browsers add by themselves.
const implied = "html head body div tbody colgroup tr p br"

// TestBrowser: in Chromium nothing that comes out runs, and nothing is there that is not allowed,
// however the browser reads it.
func TestBrowser(t *testing.T) {
	exe := testkit.Program(t, "chromium", "chromium")
	var inputs []string
	for _, a := range attacks {
		inputs = append(inputs, a.in)
	}
	// First the attacks as they came, to see that the browser would tell.
	groups := []*group{{name: "uncleaned", outs: inputs, allowedBy: allowedBy{tags: setOf(strings.Fields(implied))}}}
	inputs = slices.Concat(inputs, hostile(2000), public(t))
	add := func(name string, clean func(string) string, a allowedBy) {
		g := &group{name: name, allowedBy: a}
		for _, text := range inputs {
			g.outs = append(g.outs, clean(text))
		}
		slices.Sort(g.outs)
		g.outs = slices.Compact(g.outs)
		groups = append(groups, g)
	}
	for _, c := range setups() {
		if c.Name != "hostile" && c.Name != "rich" {
			continue
		}
		// Whoever allows script gets scripts.
		c.Tags = slices.DeleteFunc(c.Tags, func(s string) bool { return s == "script" })
		k := c.cleaner()
		a := allowedBy{tags: setOf(strings.Fields(implied)), attrs: map[string]bool{}, schemes: []string{"http:", "https:", "mailto:"}}
		for _, tag := range c.Tags {
			a.tags[strings.ToLower(tag)] = true
		}
		for _, name := range c.Attributes.([]string) {
			a.attrs[strings.ToLower(name)] = true
		}
		add(c.Name, func(text string) string { out, _ := k.Clean(text); return out }, a)
	}
	for _, name := range []string{"all", "article"} {
		s := strictPolicies(t)[name]
		a := allowedBy{tags: setOf(strings.Fields(implied)), attrs: map[string]bool{"rel": true}, schemes: []string{"http:"}} // of what is relative
		for tag := range s.tags {
			a.tags[strings.ToLower(tag)] = true
		}
		for _, names := range s.attrs {
			for n := range names {
				a.attrs[strings.ToLower(n)] = true
			}
		}
		for scheme := range s.schemes {
			a.schemes = append(a.schemes, scheme+":")
		}
		add("strict "+name, func(text string) string { return s.Sanitize(text).HTML }, a)
	}

	var texts []string
	var of []*group
	for _, g := range groups {
		texts = append(texts, g.outs...)
		of = append(of, slices.Repeat([]*group{g}, len(g.outs))...)
	}
	for _, guarded := range []bool{false, true} {
		for _, g := range groups {
			g.readings, g.odd, g.ran = 0, 0, map[string]bool{}
		}
		seen, ran := look(t, exe, texts, guarded)
		for _, r := range ran {
			g, text := of[r.ID], texts[r.ID]
			g.ran[text] = true
			if g != groups[0] {
				t.Errorf("%s: %s\n out %q", g.name, r.What, text)
			}
		}
		for _, s := range seen {
			g, text := of[s.ID], texts[s.ID]
			g.readings++
			if w := g.judge(s); len(w) > 0 {
				g.odd++
				if g != groups[0] {
					t.Errorf("%s: %s: %v\n out %q", g.name, s.How, w, text)
				}
			}
		}
		for i, g := range groups {
			t.Logf("%s, guarded %v: %d texts, %d readings; %d texts run, %d readings show what is not allowed", g.name, guarded, len(g.outs), g.readings, len(g.ran), g.odd)
			if g.readings != 3*len(g.outs) {
				t.Errorf("%s: %d readings of %d texts", g.name, g.readings, len(g.outs))
			}
			if i == 0 && (len(g.ran) < 20 || g.odd < 2*len(g.outs)) {
				t.Error("the browser was not asked well: too few of the attacks run as they came")
			}
		}
	}
}

// A group is what came out of one configuration, and what the browser made of it.
type group struct {
	name string
	outs []string
	allowedBy
	readings, odd int
	ran           map[string]bool
}

// public is the texts in the file that GAMBESON_HOSTILE names, one a line: lists of others, which
// are not ours to keep here.
func public(t testing.TB) []string {
	t.Helper()
	path := os.Getenv("GAMBESON_HOSTILE")
	if path == "" {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}
