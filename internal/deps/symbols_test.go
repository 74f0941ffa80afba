package deps

import (
	"archive/zip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/testkit"
)

// elsewhere are flaws that the archive does not have: GitHub's database does, or they are newer.
var elsewhere = []string{"CVE-2023-33733", "CVE-2023-50447", "CVE-2024-26130", "CVE-2024-34062", "CVE-2024-56326", "CVE-2024-6345", "CVE-2025-27516"}

// TestSymbols: symbols.txt says what it seems to.
func TestSymbols(t *testing.T) {
	name := regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)
	flaws, lines := readSymbols(), 0
	for l := range strings.Lines(symbolsText) {
		if strings.HasPrefix(l, "  ") {
			lines++
		}
	}
	if len(flaws) != lines || lines < 100 {
		t.Errorf("%d flaws in %d lines: one stands there twice, or there are few", len(flaws), lines)
	}
	for id, k := range flaws {
		if !strings.HasPrefix(id, "CVE-") || len(k.packages) == 0 || len(k.in) == 0 {
			t.Errorf("%s: %v", id, k)
		}
		for _, s := range k.in {
			if !name.MatchString(s) {
				t.Errorf("%s: %q is no name", id, s)
			}
		}
		for _, p := range k.packages {
			if p != pep508.Normalise(p) {
				t.Errorf("%s: the name of %s is written otherwise in an index", id, p)
			}
			// What imports the package imports the module that a symbol is in.
			if !slices.ContainsFunc(k.in, func(s string) bool {
				return slices.ContainsFunc(modules(p), func(m string) bool { return s == m || strings.HasPrefix(s, m+".") })
			}) {
				t.Errorf("%s: %v are not in %s", id, k.in, p)
			}
		}
	}
}

// TestSymbolsExist: every flaw is one of the archive's, of the packages that it stands under.
func TestSymbolsExist(t *testing.T) {
	path := filepath.Join(testkit.Root(t), "..", "shared", "data", "osv-pypi-2024-10.zip")
	if _, err := os.Stat(path); err != nil {
		testkit.Missing(t, "shared", "there is no archive of records")
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	of := map[string][]string{} // packages by id
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		var record struct {
			ID       string
			Aliases  []string
			Affected []struct{ Package struct{ Name string } }
		}
		if err := json.Unmarshal(data, &record); err != nil {
			t.Fatal(err)
		}
		for _, id := range append(record.Aliases, record.ID) {
			for _, a := range record.Affected {
				of[id] = append(of[id], pep508.Normalise(a.Package.Name))
			}
		}
	}
	for id, k := range readSymbols() {
		have := of[id]
		switch {
		case slices.Contains(elsewhere, id):
			if have != nil {
				t.Errorf("%s is in the archive now", id)
			}
		case slices.ContainsFunc(k.packages, func(p string) bool { return !slices.Contains(have, p) }):
			t.Errorf("%s is a flaw of %v, and not of %v", id, have, k.packages)
		}
	}
}
