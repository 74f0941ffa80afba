package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/cli"
)

// TestShop: the scan of examples/shop finds every mistake that is planted there, with the way
// the data take, and nothing else. testdata/shop.txt has them in the words of the shop's own
// lines, so that it stays as it is when lines move; -update writes it, for a person to read.
func TestShop(t *testing.T) {
	t.Chdir(Root(t))
	shop := filepath.Join("examples", "shop")
	var out, errs bytes.Buffer
	t.Setenv("GAMBESON_CACHE_DIR", t.TempDir()) // without advisories of this machine
	if code := cli.Main([]string{"scan", shop, "--no-config", "--format", "json"}, strings.NewReader(""), &out, &errs); code != 1 || errs.Len() > 0 {
		t.Fatalf("the scan of examples/shop ended with %d instead of 1: %s", code, &errs)
	}
	type place struct {
		Path string
		Line int
	}
	var report struct {
		Findings []struct {
			Rule     string
			Severity string
			Location place
			Trace    []struct{ Location place }
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	files := map[string][]string{}
	said := func(p place) string {
		if files[p.Path] == nil {
			text, err := os.ReadFile(filepath.Join(shop, filepath.FromSlash(p.Path)))
			if err != nil {
				t.Fatal(err)
			}
			files[p.Path] = strings.Split(string(text), "\n")
		}
		return strings.TrimSpace(files[p.Path][p.Line-1])
	}
	var b strings.Builder
	for _, f := range report.Findings {
		fmt.Fprintf(&b, "%s %s in %s: %s\n", f.Severity, f.Rule, f.Location.Path, said(f.Location))
		for i, step := range f.Trace {
			if i == 0 || step != f.Trace[i-1] {
				fmt.Fprintf(&b, "    %s: %s\n", step.Location.Path, said(step.Location))
			}
		}
	}
	golden := filepath.Join("internal", "testkit", "testdata", "shop.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("examples/shop has other findings than testdata/shop.txt says. Got\n%s", got)
	}
}
