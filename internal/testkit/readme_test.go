package testkit

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/cli"
)

var update = flag.Bool("update", false, "write the screenful of README.md and testdata anew")

// shown are the findings that README.md shows of examples/shop, in the order of the report.
var shown = []string{"untrusted-deserialization", "sql-injection"}

// TestReadme: what README.md shows is what the program prints, but for what … leaves out.
// `go test ./internal/testkit -run Readme -update` writes it.
func TestReadme(t *testing.T) {
	t.Chdir(Root(t))
	var out, errs bytes.Buffer
	t.Setenv("GAMBESON_CACHE_DIR", t.TempDir()) // without advisories of this machine
	if code := cli.Main([]string{"scan", filepath.Join("examples", "shop")}, strings.NewReader(""), &out, &errs); code != 1 || errs.Len() > 0 {
		t.Fatalf("the scan of examples/shop ended with %d instead of 1: %s", code, &errs)
	}
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- scan:begin -->\n", "<!-- scan:end -->\n"
	before, rest, ok := strings.Cut(string(data), begin)
	was, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("README.md: the comments around the output of the scan are gone")
	}
	now := "\n```text\n" + excerpt(t, out.String()) + "```\n\n"
	switch {
	case now == was:
	case *update:
		if err := os.WriteFile("README.md", []byte(before+begin+now+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("README.md does not show what the scan of examples/shop prints: run go test ./internal/testkit -run Readme -update, and read it")
	}
}

var (
	findingHead = regexp.MustCompile(`(?m)^(critical|high|medium|low|info) +([a-z0-9-]+) `)
	sectionHead = regexp.MustCompile(`(?m)^── .*$`)
)

// excerpt is the shown findings of a report in text, each with the head of its file, then
// the table of practices and the sums.
func excerpt(t *testing.T, report string) string {
	var b strings.Builder
	sections := sectionHead.FindAllStringIndex(report, -1)
	b.WriteString("$ go run ./cmd/gambeson scan examples/shop\n")
	for _, id := range shown {
		for i, s := range sections[:len(sections)-1] {
			body := report[s[1]:sections[i+1][0]]
			heads := findingHead.FindAllStringSubmatchIndex(body, -1)
			for j, h := range heads {
				if body[h[4]:h[5]] != id {
					continue
				}
				last := len(body)
				if j+1 < len(heads) {
					last = heads[j+1][0]
				}
				b.WriteString("…\n" + report[s[0]:s[1]] + "\n\n" + strings.TrimSpace(body[h[0]:last]) + "\n")
			}
		}
		if !strings.Contains(b.String(), "explain "+id+" ") {
			t.Errorf("%s is not found in the shop any longer", id)
		}
	}
	table := report[sections[len(sections)-1][0]:]
	table, _, _ = strings.Cut(table, "  Looked at ") // which ends with how long it took
	return b.String() + "…\n" + strings.TrimRight(table, "\n ") + "\n"
}
