package advisory

import (
	"archive/zip"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/testkit"
)

var (
	pairs = flag.Int("pairs", 200, "how many pairs of package and version are asked about")
	seed  = flag.Uint64("seed", 4, "what decides which")
)

// export is an archive of real records, which is not part of the repository.
func export(t testing.TB) string {
	t.Helper()
	path := filepath.Join(testkit.Root(t), "..", "shared", "data", "osv-pypi-2024-10.zip")
	if _, err := os.Stat(path); err != nil {
		testkit.Missing(t, "shared", "there is no archive of records")
	}
	return path
}

// judge asks the script which records speak of each pair.
func judge(t testing.TB, archive string, pairs [][2]string) (ids [][]string) {
	t.Helper()
	exe := testkit.Python(t, "packaging.version", "packaging")
	testkit.AskPython(t, exe, "testdata/affected.py", map[string]any{"zip": archive, "pairs": pairs}, &ids)
	if len(ids) != len(pairs) {
		t.Fatalf("%d answers to %d questions", len(ids), len(pairs))
	}
	return ids
}

// speaking are the records that our index says speak of a version.
func speaking(t testing.TB, x *Index, name, version string) []string {
	t.Helper()
	list, err := x.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, a := range list {
		yes := 0
		for _, c := range a.Claims {
			if c.AffectedText(version) {
				ids = append(ids, c.Record)
				yes++
			}
		}
		if a.AffectedText(version) != (yes > 0) {
			t.Errorf("%s %s: %s says something else than its claims", name, version, a.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// draw draws packages, each as likely as any other, and of each a version: half of them listed in a record, half at
// and around the ends of branches.
func draw(t testing.TB, archive string, n int, seed uint64) (pairs [][2]string) {
	t.Helper()
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	type known struct {
		name         string
		ends, listed []string
	}
	packages := map[string][]known{}
	for _, file := range z.File {
		f, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		var o osv
		if err := json.NewDecoder(f).Decode(&o); err != nil {
			t.Fatal(err)
		}
		for _, a := range o.Affected {
			k := known{name: a.Package.Name, listed: a.Versions}
			for _, r := range a.Ranges {
				for _, e := range r.Events {
					if r.Type == "ECOSYSTEM" {
						k.ends = append(k.ends, e.Introduced+e.Fixed+e.LastAffected)
					}
				}
			}
			packages[pep508.Normalise(k.name)] = append(packages[pep508.Normalise(k.name)], k)
		}
	}
	names := slices.Sorted(maps.Keys(packages))
	r := rand.New(rand.NewPCG(seed, 0))
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	for len(pairs) < n {
		records := packages[pick(names)]
		k := records[r.IntN(len(records))]
		var version string
		switch {
		case len(k.ends) > 0 && (len(k.listed) == 0 || r.IntN(2) == 0):
			version = pick(k.ends) + pick([]string{"", "", ".0", ".1", ".dev0", "a1", "rc1", ".post1", ".post1.dev2", "+cpu", ".0+cpu", ".99"})
		case len(k.listed) > 0:
			version = pick(k.listed) + pick([]string{"", "", "", "", "", "", "+local.1"})
		default:
			continue
		}
		if r.IntN(4) == 0 {
			k.name = strings.ToUpper(strings.ReplaceAll(k.name, "-", "__"))
		}
		pairs = append(pairs, [2]string{k.name, version})
	}
	return pairs
}

// TestPackaging: of pairs drawn at random from real records, exactly those are affected that `packaging` says.
func TestPackaging(t *testing.T) {
	archive := export(t)
	pairs := draw(t, archive, *pairs, *seed)
	want := judge(t, archive, pairs)
	x := indexOfZip(t, archive)
	affected, wrong := 0, 0
	for i, p := range pairs {
		got := speaking(t, x, p[0], p[1])
		if !slices.Equal(got, want[i]) {
			t.Errorf("%s %s: we say %v, packaging says %v", p[0], p[1], got, want[i])
			wrong++
		}
		affected += min(1, len(want[i]))
	}
	t.Logf("%d pairs, %d affected, %d wrong", len(pairs), affected, wrong)
	if affected < len(pairs)/5 || affected > len(pairs)*19/20 {
		t.Errorf("%d of %d pairs are affected: such a draw shows little", affected, len(pairs))
	}
}

// TestPackagingOdd asks the same of records that were made to be odd.
func TestPackagingOdd(t *testing.T) {
	versions := []string{"0.dev1", "0", "1", "1.0+x", "1.0.1", "1.1.dev1", "1.1a1", "1.1", "1.1+x", "1.1+y", "1.1.post1", "1.2", "1.5", "2.0rc1", "2", "2.1", "3", "1!0.1", "1!1", "2!0", "sonic", ""}
	cases := []string{
		`{"introduced": "0"}`,
		`{"introduced": "0"}, {"fixed": "1.1"}`,
		`{"introduced": "0"}, {"last_affected": "1.1"}`,
		`{"introduced": "1.1"}, {"last_affected": "1.1"}`,
		`{"introduced": "1.1"}, {"fixed": "1.5"}, {"introduced": "2"}, {"fixed": "2.1"}`,
		`{"introduced": "2"}, {"fixed": "2.1"}, {"introduced": "0"}, {"fixed": "1.1"}`,
		`{"introduced": "1.1"}, {"fixed": "2.0"}, {"introduced": "1.0"}, {"fixed": "1.1"}`,
		`{"introduced": "0"}, {"fixed": "sonic"}, {"introduced": "1.1"}, {"fixed": "1.5"}`,
		`{"introduced": "sonic"}, {"fixed": "1.1"}`,
		`{"fixed": "1.1"}, {"introduced": "0"}`,
		`{"introduced": "1.1a1"}, {"fixed": "1.1.post1"}`,
		`{"introduced": "0"}, {"fixed": "1.1+x"}`,
		`{"introduced": "1.1+x"}`,
		`{"introduced": "1!0"}, {"fixed": "1!1"}`,
		`{"introduced": "0"}, {"introduced": "1.1"}, {"fixed": "1.5"}`,
		`{"introduced": "0"}, {"fixed": "1.1"}, {"fixed": "1.5"}`,
	}
	var records []string
	var pairs [][2]string
	for i, events := range cases {
		records = append(records, fmt.Sprintf(`{"id": "PYSEC-2030-%d", "affected": [{"package": {"ecosystem": "PyPI", "name": "thing%d"}, "ranges": [{"type": "ECOSYSTEM", "events": [%s]}]}]}`, i, i, events))
		for _, v := range versions {
			pairs = append(pairs, [2]string{fmt.Sprintf("Thing%d", i), v})
		}
	}
	archive := filepath.Join(t.TempDir(), "records.zip")
	writeZip(t, archive, records...)
	want := judge(t, archive, pairs)
	x := indexOfZip(t, archive)
	for i, p := range pairs {
		if got := speaking(t, x, p[0], p[1]); !slices.Equal(got, want[i]) {
			t.Errorf("%s: %q: we say %v, packaging says %v", cases[i/len(versions)], p[1], got, want[i])
		}
	}
}
