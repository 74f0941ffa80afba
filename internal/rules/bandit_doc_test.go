package rules

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is generated in docs/from-bandit.md")

// TestBanditTable: the third column of the table in docs/from-bandit.md says which rules
// have Bandit's id among their aliases. `go test ./internal/rules -run BanditTable -update`
// writes it.
func TestBanditTable(t *testing.T) {
	const file = "../../docs/from-bandit.md"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	begin := bytes.Index(data, []byte("<!-- bandit-table:begin"))
	end := bytes.Index(data, []byte("<!-- bandit-table:end -->"))
	if begin < 0 || end < begin {
		t.Fatalf("%s: the comments around the table are gone", file)
	}
	var out strings.Builder
	var ids []string
	for line := range strings.Lines(string(data[begin:end])) {
		cells := strings.SplitN(line, "|", 5)
		if len(cells) == 5 && strings.HasPrefix(cells[1], " B") {
			id := strings.TrimSpace(cells[1])
			ids = append(ids, id)
			cells[3] = " " + successors(id) + " "
			line = strings.Join(cells, "|")
		}
		out.WriteString(line)
	}
	if len(ids) != 75 || !slices.IsSorted(ids) {
		t.Errorf("%d rows for Bandit's 75 tests, in order: %v", len(ids), slices.IsSorted(ids))
	}
	now := slices.Concat(data[:begin], []byte(out.String()), data[end:])
	if bytes.Equal(now, data) {
		return
	}
	if *update {
		if err := os.WriteFile(file, now, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s is not what the rules' aliases say: run go test ./internal/rules -run BanditTable -update", file)
}

// successors links the pages of the rules that have the alias, in the order of their ids.
func successors(alias string) string {
	var links []string
	for i := range table {
		if r := &table[i].rule; slices.Contains(r.Aliases, alias) {
			links = append(links, fmt.Sprintf("[%s](../internal/rules/%s/%s.md)", r.ID, table[i].folder, r.ID))
		}
	}
	if links == nil {
		return "none yet"
	}
	return strings.Join(links, ", ")
}
