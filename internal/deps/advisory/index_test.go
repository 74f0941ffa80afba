package advisory

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gambeson/gambeson/internal/deps/pep440"
)

// zipped is an archive of records.
func zipped(t testing.TB, records ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, r := range records {
		w, err := z.Create(fmt.Sprintf("record-%d.json", i))
		if err == nil {
			_, err = w.Write([]byte(r))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeZip(t testing.TB, path string, records ...string) {
	t.Helper()
	if err := os.WriteFile(path, zipped(t, records...), 0o600); err != nil {
		t.Fatal(err)
	}
}

func indexOfZip(t testing.TB, archive string) *Index {
	t.Helper()
	dest := filepath.Join(t.TempDir(), "pypi.idx")
	info, err := FromZip(context.Background(), archive, dest)
	if err != nil {
		t.Fatal(err)
	}
	x, err := Open(dest)
	if err != nil {
		t.Fatal(err)
	}
	if x.Info() != info {
		t.Errorf("what was written says %+v, what is read says %+v", info, x.Info())
	}
	return x
}

// indexOf makes an index of records.
func indexOf(t testing.TB, records ...string) *Index {
	t.Helper()
	z := zipped(t, records...)
	data, err := build(context.Background(), bytes.NewReader(z), int64(len(z)), "a test")
	if err != nil {
		t.Fatal(err)
	}
	x, err := Parse(string(data))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// find is what an index has of a package.
func find(t testing.TB, x *Index, name string) []Advisory {
	t.Helper()
	list, err := x.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func v(t testing.TB, s string) pep440.Version {
	t.Helper()
	v, err := pep440.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const whole = `{
	"schema_version": "1.7.0", "id": "GHSA-aaaa-bbbb-cccc", "aliases": ["CVE-2030-7", "PYSEC-2030-10"], "related": ["CVE-2029-1", "CVE-2030-7"],
	"published": "2030-01-02T03:04:05Z", "modified": "2020-05-06T07:08:09.123Z",
	"summary": "Lamps  can be\nswitched off", "details": "### Impact\nWhoever can reach the port\ncan switch lamps off.\n\n### Patches\nUpgrade.",
	"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}, {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"}, {"type": "CVSS_V3", "score": "nonsense"}],
	"affected": [
		{"package": {"ecosystem": "PyPI", "name": "Lamp.Control"},
		 "ranges": [{"type": "GIT", "repo": "https://example.org", "events": [{"introduced": "0"}]},
		            {"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}, {"fixed": "2.3"}, {"introduced": "0"}, {"fixed": "1.4"}]}],
		 "versions": ["1.0", "2.1", "1.9-odd", "1.8"],
		 "ecosystem_specific": {"affected_functions": ["lamp.switch.off", "blink"], "imports": [{"attribute": "Switch", "modules": ["lamp.api", "lamp.old"]}]}},
		{"package": {"ecosystem": "npm", "name": "lamp"}, "versions": ["1"]}],
	"references": [{"type": "WEB", "url": "https://example.org/web"}, {"type": "PACKAGE", "url": "https://example.org/package"}, {"type": "FIX", "url": "https://example.org/fix"}, {"type": "WEB", "url": "javascript:alert(1)"}],
	"database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-400", "CWE-20"]},
	"credits": [{"name": "somebody"}]}`

func TestRecord(t *testing.T) {
	list := find(t, indexOf(t, whole), "lamp_control")
	if len(list) != 1 {
		t.Fatalf("%d advisories", len(list))
	}
	want := Advisory{
		Package: "lamp-control", ID: "GHSA-aaaa-bbbb-cccc", Aliases: []string{"PYSEC-2030-10", "CVE-2030-7"}, Related: []string{"CVE-2029-1"},
		Summary: "Lamps can be switched off", Details: "Whoever can reach the port can switch lamps off.",
		Published: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Modified: time.Date(2020, 5, 6, 7, 8, 9, 0, time.UTC),
		CVSS: []CVSS{
			{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N", 8.7},
			{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7.5},
		},
		Rated: "HIGH", CWE: []int{20, 400},
		References: []Reference{{"FIX", "https://example.org/fix"}, {"WEB", "https://example.org/web"}},
		Claims:     []Claim{{"GHSA-aaaa-bbbb-cccc", []Branch{{Fixed: "1.4"}, {Introduced: "2.0", Fixed: "2.3"}}, []string{"1.9-odd", "1.8"}}},
		Symbols:    []Symbol{{"lamp.api", "Switch"}, {"lamp.old", "Switch"}, {"lamp.switch", "off"}, {"", "blink"}},
	}
	if got := list[0]; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if n := len(find(t, indexOf(t, whole), "lamp")); n != 0 {
		t.Errorf("%d advisories for a package of another ecosystem", n)
	}
}

func TestBranches(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []osvEvent
		want   string
	}{
		{"one", []osvEvent{{Introduced: "0"}, {Fixed: "1"}}, "[ 1)"},
		{"open", []osvEvent{{Introduced: "1"}}, "[1 )"},
		{"last", []osvEvent{{Introduced: "1"}, {LastAffected: "2"}}, "[1 2]"},
		{"out of order", []osvEvent{{Introduced: "3"}, {Fixed: "4"}, {Introduced: "1"}, {Fixed: "2"}}, "[1 2)[3 4)"},
		{"one behind the other", []osvEvent{{Introduced: "2"}, {Fixed: "3"}, {Introduced: "1"}, {Fixed: "2.0"}}, "[1 2.0)[2 3)"},
		{"empty", []osvEvent{{Introduced: "2"}, {Fixed: "2"}}, ""},
		{"one version", []osvEvent{{Introduced: "2"}, {LastAffected: "2"}}, "[2 2]"},
		{"an end alone", []osvEvent{{Fixed: "2"}}, ""},
		{"twice begun", []osvEvent{{Introduced: "1"}, {Introduced: "2"}, {Fixed: "3"}}, "[1 3)"},
		{"a version in two", []osvEvent{{Introduced: "1"}, {LastAffected: "2"}, {Introduced: "2"}, {Fixed: "3"}}, "[1 2][2 3)"},
		{"an end that is no version", []osvEvent{{Introduced: "0"}, {Fixed: "2019-09-12"}, {Introduced: "3"}, {Fixed: "4"}}, "[3 4)"},
		{"a beginning that is no version", []osvEvent{{Introduced: "first"}, {Fixed: "2"}}, "[ 2)"},
		{"both", []osvEvent{{Introduced: "first"}, {Fixed: "second"}}, ""},
		{"an end that is no version behind one", []osvEvent{{Introduced: "1"}, {LastAffected: "second"}}, "[1 )"},
		{"limit", []osvEvent{{Introduced: "1"}, {Limit: "3"}}, "[1 3|"},
		{"limit before the end", []osvEvent{{Introduced: "1"}, {Fixed: "4"}, {Introduced: "5"}, {Limit: "3"}}, "[1 3|"},
		{"limit behind the end", []osvEvent{{Introduced: "1"}, {Fixed: "4"}, {Limit: "5"}}, "[1 4)"},
		{"no limit", []osvEvent{{Introduced: "1"}, {Limit: "*"}}, "[1 )"},
		{"nothing", []osvEvent{{}}, ""},
	} {
		got := ""
		for _, b := range branches(c.events) {
			switch {
			case b.Last != "":
				got += fmt.Sprintf("[%s %s]", b.Introduced, b.Last)
			case b.Limit != "":
				got += fmt.Sprintf("[%s %s|", b.Introduced, b.Limit)
			default:
				got += fmt.Sprintf("[%s %s)", b.Introduced, b.Fixed)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// simple is a record of one package, introduced with its first version.
func simple(id, aliases, name, fixed string) string {
	events := `{"introduced": "0"}`
	if fixed != "" {
		events += `, {"fixed": "` + fixed + `"}`
	}
	return `{"id": "` + id + `", "aliases": [` + aliases + `], "modified": "2024-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "` + name + `"}, "ranges": [{"type": "ECOSYSTEM", "events": [` + events + `]}]}]}`
}

func TestMerge(t *testing.T) {
	records := []string{
		simple("PYSEC-2030-10", `"CVE-2030-1"`, "left", ""),
		simple("GHSA-aaaa-aaaa-aaa1", `"CVE-2030-2,"`, "left", "2.0"),
		simple("OTHER-1", `"CVE-2030-2", "CVE-2030-1"`, "right", "3.0"), // the link between the two
		simple("PYSEC-2030-9", `"CVE-2030-9"`, "left", "1.0"),
		simple("GHSA-bbbb-bbbb-bbbb", `"n/a", "unknown"`, "left", "0.1"),
		simple("GHSA-cccc-cccc-cccc", `"n/a", "unknown"`, "left", "0.2"), // shares a name that is none
		simple("MAL-2030-1", `"GHSA-dddd-dddd-dddd"`, "left", ""),
		simple("GHSA-dddd-dddd-dddd", ``, "right", ""),
		strings.Replace(simple("PYSEC-2030-11", `"CVE-2030-9"`, "left", ""), `"aliases"`, `"withdrawn": "2030-01-01T00:00:00Z", "aliases"`, 1),
		strings.Replace(simple("PYSEC-2030-12", ``, "left", "4.0"), `"aliases": []`, `"related": ["CVE-2030-9"]`, 1),
	}
	x := indexOf(t, records...)
	show := func(name string) (out []string) {
		for _, a := range find(t, x, name) {
			s := a.ID + " aka " + strings.Join(a.Aliases, " ")
			for _, c := range a.Claims {
				s += "; " + c.Record + " " + strings.Join((&Advisory{Claims: []Claim{c}}).Fixes(), " ")
			}
			if a.Malware {
				s += "; malware"
			}
			out = append(out, s)
		}
		slices.Sort(out)
		return out
	}
	for name, want := range map[string][]string{
		"left": {
			"GHSA-bbbb-bbbb-bbbb aka ; GHSA-bbbb-bbbb-bbbb 0.1",
			"GHSA-cccc-cccc-cccc aka ; GHSA-cccc-cccc-cccc 0.2",
			"MAL-2030-1 aka GHSA-dddd-dddd-dddd; MAL-2030-1 ; malware",
			"PYSEC-2030-10 aka GHSA-aaaa-aaaa-aaa1 CVE-2030-1 CVE-2030-2 OTHER-1; PYSEC-2030-10 ; GHSA-aaaa-aaaa-aaa1 2.0",
			"PYSEC-2030-12 aka ; PYSEC-2030-12 4.0",
			"PYSEC-2030-9 aka CVE-2030-9; PYSEC-2030-9 1.0",
		},
		"right": {
			"GHSA-dddd-dddd-dddd aka MAL-2030-1; GHSA-dddd-dddd-dddd ", // the other package is the malicious one
			"OTHER-1 aka PYSEC-2030-10 GHSA-aaaa-aaaa-aaa1 CVE-2030-1 CVE-2030-2; OTHER-1 3.0",
		},
	} {
		if got := show(name); !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %s\nwant %s", name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}

	// The order of the records does not matter, to the byte.
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		if y := indexOf(t, records...); y.data != x.data {
			t.Fatal("the same records in another order give another index")
		}
	}

	all, err := x.ByID("cve-2030-2")
	if err != nil || len(all) != 2 || all[0].Package != "left" || all[1].Package != "right" {
		t.Errorf("by an alias: %v %v", all, err)
	}
}

func TestAffected(t *testing.T) {
	x := indexOf(t,
		simple("PYSEC-2030-1", `"CVE-2030-1"`, "lamp", ""),
		`{"id": "GHSA-aaaa-aaaa-aaaa", "aliases": ["CVE-2030-1"], "affected": [{"package": {"ecosystem": "PyPI", "name": "lamp"}, "versions": ["2013-01-21T20:33:09+0100"], "ranges": [{"type": "ECOSYSTEM",
			"events": [{"introduced": "3.2"}, {"fixed": "3.2.5"}, {"introduced": "4.0"}, {"last_affected": "4.1"}]}]}]}`,
		`{"id": "GHSA-bbbb-bbbb-bbbb", "affected": [{"package": {"ecosystem": "PyPI", "name": "lamp"}, "versions": ["2013-01-21T20:33:09+0100", "1.0.0"]}]}`,
		simple("PYSEC-2030-3", ``, "bulb", "1.0"),
		simple("PYSEC-2030-4", `"PYSEC-2030-3"`, "bulb", "1.2"),
	)
	list := find(t, x, "lamp")
	both, listed := list[0], list[1]
	for _, c := range []struct {
		version            string
		disputed, isListed bool
	}{
		{"3.2.4", false, false}, {"3.2.4+cpu", false, false}, {"4.1+cpu", false, false}, {"3.2.5", true, false}, {"1.0", true, true}, {"1+gpu", true, true},
	} {
		version := v(t, c.version)
		if !both.Affected(version) || both.Disputed(version) != c.disputed || listed.Affected(version) != c.isListed {
			t.Errorf("%s: affected %v, disputed %v, listed %v", c.version, both.Affected(version), both.Disputed(version), listed.Affected(version))
		}
	}
	if !listed.AffectedText("2013-01-21T20:33:09+0100") || listed.AffectedText("2013-01-21T20:33:10+0100") || listed.AffectedText("") {
		t.Error("a version that PEP 440 does not know is compared as text")
	}
	if fix := both.Fix(v(t, "3.2.4")); fix != "" {
		t.Errorf("%s is said to be the fix, and one of the records says that nothing is", fix)
	}
	bulb := find(t, x, "bulb")[0]
	if fix := bulb.Fix(v(t, "0.5")); fix != "1.2" || !slices.Equal(bulb.Fixes(), []string{"1.0", "1.2"}) {
		t.Errorf("the fix is %q of %v: 1.0 has the flaw by one of the records", fix, bulb.Fixes())
	}
	if fix := bulb.Fix(v(t, "1.2")); fix != "" {
		t.Errorf("%s repairs what is repaired", fix)
	}
	branches := Advisory{Claims: []Claim{{Branches: []Branch{{Introduced: "3.2", Fixed: "3.2.5"}, {Introduced: "4.0", Fixed: "4.0.3"}}}}}
	if a, b := branches.Fix(v(t, "3.2.1")), branches.Fix(v(t, "4.0")); a != "3.2.5" || b != "4.0.3" {
		t.Errorf("each branch has its own fix, not %s and %s", a, b)
	}
}

func TestSeverity(t *testing.T) {
	for _, c := range []struct {
		a     Advisory
		want  string
		known bool
	}{
		{Advisory{}, "medium", false},
		{Advisory{Malware: true}, "critical", true},
		{Advisory{Rated: "MODERATE"}, "medium", true},
		{Advisory{Rated: "CRITICAL", CVSS: []CVSS{{"CVSS:3.1/…", 3.9}}}, "low", true},
		{Advisory{CVSS: []CVSS{{"CVSS:3.1/…", 9.0}}}, "critical", true},
		{Advisory{CVSS: []CVSS{{"CVSS:3.1/…", 8.9}}}, "high", true},
		{Advisory{CVSS: []CVSS{{"CVSS:3.1/…", 0}}}, "info", true},
	} {
		if s, known := c.a.Severity(); s.String() != c.want || known != c.known {
			t.Errorf("%+v: %v %v", c.a, s, known)
		}
	}
	for vector, want := range map[string]float64{
		"AV:N/AC:L/Au:N/C:N/I:N/A:C":                                      7.8,
		"(AV:N/AC:L/Au:N/C:P/I:P/A:P)":                                    7.5,
		"CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H":                    7.8,
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N":                    6.1,
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/E:U":                6.1,
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N": 9.3,
		"CVSS:3.1/AV:N": -1, "CVSS:9.9/AV:N": -1, "": -1, "HIGH": -1,
	} {
		if c, ok := readCVSS(vector); ok != (want >= 0) || ok && (c.Score < want-0.01 || c.Score > want+0.01) {
			t.Errorf("%s: %v %v", vector, c, ok)
		}
	}
}

// TestUnread: what could not be read is counted, and what others have is not a record.
func TestUnread(t *testing.T) {
	many := strings.Repeat(`{"introduced": "1"}, `, maxEvents)
	x := indexOf(t, simple("PYSEC-2030-1", "", "lamp", ""), `{"id": 7}`, `not JSON`, `{"id": "no id"}`, `{"id": "OSV-2030-1", "affected": [{"package": {"ecosystem": "npm", "name": "lamp"}}]}`,
		`{"id": "PYSEC-2030-2", "affected": [{"package": {"ecosystem": "PyPI", "name": "lamp"}, "ranges": [{"type": "ECOSYSTEM", "events": [`+many+`{"fixed": "2"}]}]}]}`)
	if info := x.Info(); info.Unread != 4 || info.Records != 1 {
		t.Errorf("%+v", info)
	}
	z := zipped(t, `{"id": "OSV-2030-1", "affected": [{"package": {"ecosystem": "npm", "name": "lamp"}}]}`)
	if _, err := build(context.Background(), bytes.NewReader(z), int64(len(z)), ""); err == nil {
		t.Error("an archive that knows nothing of PyPI would make everything clean")
	}
}

// TestNewest: a date in the future would make old knowledge young.
func TestNewest(t *testing.T) {
	x := indexOf(t, strings.Replace(simple("PYSEC-2030-1", "", "lamp", ""), "2024-01-01", "2999-01-01", 1), simple("PYSEC-2030-2", "", "lamp", ""))
	if got := x.Info().Newest.Format(time.DateOnly); got != "2024-01-01" {
		t.Error(got)
	}
}

// seal writes length and checksum of a changed index: damage is found by the checksum, malice is not.
func seal(data []byte) string {
	if len(data) >= header {
		binary.LittleEndian.PutUint32(data[12:], uint32(len(data)))
		sum := checksum(string(data))
		copy(data[sumAt:], sum[:])
	}
	return string(data)
}

func TestDamaged(t *testing.T) {
	good := indexOf(t, whole, simple("PYSEC-2030-1", `"CVE-2030-1"`, "lamp", "2.0")).data
	for n := range len(good) {
		if _, err := Parse(good[:n]); err == nil {
			t.Fatalf("cut off after %d of %d bytes, and taken", n, len(good))
		}
		changed := []byte(good)
		changed[n] ^= 0x10
		if _, err := Parse(string(changed)); err == nil {
			t.Fatalf("byte %d is changed, and it is taken", n)
		}
		seal(changed)
		look(t, string(changed))
	}
	if _, err := Parse(good + "x"); err == nil {
		t.Error("there is more than an index, and it is taken")
	}

	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
	later := []byte(good)
	later[8] = format + 1
	if _, err := Parse(string(later)); err == nil || !strings.Contains(err.Error(), "format 2") {
		t.Errorf("a later format: %v", err)
	}
}

// look does everything with an index that can be done with one.
func look(t testing.TB, data string) {
	x, err := Parse(data)
	if err != nil {
		return
	}
	one, _ := pep440.Parse("1.0")
	for list := range x.All() {
		for i := range list {
			a := &list[i]
			a.Affected(one)
			a.Disputed(one)
			a.AffectedText("x")
			a.Fix(one)
			a.Severity()
			a.Title()
			if a.ID == "" {
				t.Error("an advisory without a name")
			}
		}
	}
	x.Find("lamp")
	x.ByID("PYSEC-2030-1")
}

// TestAmplified: many entries that all point at one large flaw must not unfold to more than there is memory.
func TestAmplified(t *testing.T) {
	b := &builder{out: make([]byte, header+row)}
	at := len(b.out)
	names := make([]string, 20_000)
	for i := range names {
		names[i] = "A-1"
	}
	b.flaw(names, Advisory{})
	from := len(b.out)
	const entries = 20_000
	b.varint(entries)
	for range entries {
		b.varint(uint64(at))
		b.varint(1)
		b.out = append(b.out, 0, 0, 0, 0)
	}
	copy(b.out, magic)
	le := binary.LittleEndian
	le.PutUint32(b.out[8:], format)
	le.PutUint32(b.out[16:], 1)
	for i, n := range []int{0, 1, from, len(b.out) - from} {
		le.PutUint32(b.out[header+4*i:], uint32(n))
	}
	x, err := Parse(seal(b.out))
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := x.entries(0); err == nil {
		t.Error("20,000 times 20,000 names are read")
	}
	runtime.ReadMemStats(&after)
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 200 {
		t.Errorf("it takes %d MB to refuse", mb)
	}
}

func FuzzOpen(f *testing.F) {
	good := indexOf(f, whole, simple("PYSEC-2030-1", `"CVE-2030-1"`, "lamp", "2.0")).data
	f.Add([]byte(good), true)
	f.Add([]byte(good[:header]), false)
	f.Add([]byte(magic), true)
	f.Fuzz(func(t *testing.T, data []byte, sealed bool) {
		if sealed {
			data = []byte(seal(slices.Clone(data)))
		}
		look(t, string(data))
	})
}

// FuzzRecord reads a record, as bytes and put together from texts that bytes alone would rarely lead to.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(whole), "CVE-2030-1", "Lamp.Control", "0", "2.0", "1.9", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "# Impact\n\nlamps")
	f.Add([]byte(simple("MAL-2030-1", `"CVE-2030-1"`, "lamp", "2.0")), "GHSA-aaaa-bbbb-cccc", "lamp", "1!2", "1.0+cpu", "1.0rc1", "AV:N/AC:L/Au:N/C:N/I:N/A:C", "lamp.switch.off")
	f.Fuzz(func(t *testing.T, data []byte, id, name, from, to, version, vector, text string) {
		one, err := json.Marshal(map[string]any{
			"id": "PYSEC-2030-1", "aliases": []string{id}, "details": text, "severity": []osvSeverity{{vector}}, "database_specific": map[string]any{"cwe_ids": []string{text}},
			"affected": []any{map[string]any{
				"package": map[string]string{"ecosystem": "PyPI", "name": name}, "versions": []string{version, to},
				"ranges":             []any{map[string]any{"type": "ECOSYSTEM", "events": []any{map[string]string{"introduced": from}, map[string]string{"fixed": to}, map[string]string{"introduced": to}, map[string]string{"last_affected": version}, map[string]string{"limit": text}}}},
				"ecosystem_specific": map[string]any{"imports": []any{map[string]any{"attribute": text, "modules": []string{name}}}, "affected_functions": text},
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, data := range [][]byte{data, one} {
			r, err := readRecord(data)
			if err != nil || r == nil {
				continue
			}
			index, err := encode([]*record{r}, 0, "", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			x, err := Parse(string(index))
			if err != nil {
				t.Fatal(err)
			}
			for list, err := range x.All() {
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range list {
					if a.ID != r.id {
						t.Errorf("%s is called %s", r.id, a.ID)
					}
					a.AffectedText(version)
					for _, c := range a.Claims { // what the index holds can be read
						for _, b := range c.Branches {
							if _, ok := b.span(); !ok {
								t.Errorf("%+v cannot be read", b)
							}
						}
					}
				}
			}
			look(t, string(index))
		}
	})
}

// TestBombs: an archive that unpacks to more than it should.
func TestBombs(t *testing.T) {
	big := zipped(t, strings.Repeat(" ", maxRecord+1))
	if len(big) > maxRecord/100 {
		t.Fatalf("%d bytes are no bomb", len(big))
	}
	_, err := build(context.Background(), bytes.NewReader(big), int64(len(big)), "")
	if err == nil || !strings.Contains(err.Error(), "a file in it is larger than 8 MB") {
		t.Errorf("a large file: %v", err)
	}

	// The list of files says 46 bytes and the name for each, and memory holds some hundred.
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	name := strings.Repeat("n", 60_000)
	for range maxDirectory/60_000 + 1 {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = build(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), "")
	if err == nil || !strings.Contains(err.Error(), "list of files is too long") {
		t.Errorf("a long list: %v", err)
	}

	// One that lies about the size of what is in it.
	lying := zipped(t, simple("PYSEC-2030-1", "", "lamp", ""))
	end := bytes.LastIndex(lying, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lying[end+24:], 3)
	if _, err := build(context.Background(), bytes.NewReader(lying), int64(len(lying)), ""); err == nil {
		t.Error("a file that is longer than the archive says is taken")
	}
}

// names are those of n packages, half of them known.
func someNames(x *Index, n int) (names []string) {
	for i := range n {
		if i%2 == 0 {
			names = append(names, x.name(i*7919%x.info.Packages))
		} else {
			names = append(names, fmt.Sprintf("unheard-of-%d", i))
		}
	}
	return names
}

// BenchmarkBuild makes an index of 2,661 records, 2.4 MB, and writes it to the disk: 110 ms on two cores (November 2026), 29 MB of memory;
// the index is 1.4 MB. As many records as OSV has today (23,900, most of them malware, made up for the purpose) took 1 s and 103 MB, for 5.6 MB.
func BenchmarkBuild(b *testing.B) {
	archive, dest := export(b), filepath.Join(b.TempDir(), "pypi.idx")
	for b.Loop() {
		if _, err := FromZip(context.Background(), archive, dest); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(dest)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB-file")
}

// BenchmarkAudit opens an index and asks for 692 names and one version each, half of them known: 5 ms, 2.5 MB. As a process of its own, with all
// 660 packages that the index knows among the names: 6.6 ms after its start, 10 MB; 15 ms and 15 MB with the large index, most of it for the checksum.
func BenchmarkAudit(b *testing.B) {
	dest := filepath.Join(b.TempDir(), "pypi.idx")
	if _, err := FromZip(context.Background(), export(b), dest); err != nil {
		b.Fatal(err)
	}
	x, err := Open(dest)
	if err != nil {
		b.Fatal(err)
	}
	names := someNames(x, 692)
	version := v(b, "2.0")
	b.ReportAllocs()
	for b.Loop() {
		x, err := Open(dest)
		if err != nil {
			b.Fatal(err)
		}
		flaws := 0
		for _, name := range names {
			list, err := x.Find(name)
			if err != nil {
				b.Fatal(err)
			}
			for i := range list {
				if list[i].Affected(version) {
					flaws++
				}
			}
		}
		if flaws == 0 {
			b.Fatal("nothing is found")
		}
	}
}
