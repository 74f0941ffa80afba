package deps

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gambeson/gambeson/internal/deps/advisory"
	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// flaws are records in a line each: name, then id, then intervals of versions, as in
// "parcel CVE-1 0-1.4.2 2.0-2.0.1"; one without an end goes on. @module.name is a symbol.
func index(t *testing.T, flaws ...string) *advisory.Index {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "all.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for i, text := range flaws {
		words := strings.Fields(text)
		var events []string
		imports := ""
		for _, w := range words[2:] {
			if name, ok := strings.CutPrefix(w, "@"); ok {
				at := strings.LastIndexByte(name, '.')
				imports = fmt.Sprintf(`, "ecosystem_specific": {"imports": [{"attribute": %q, "modules": [%q]}]}`, name[at+1:], name[:at])
				continue
			}
			from, to, _ := strings.Cut(w, "-")
			events = append(events, fmt.Sprintf(`{"introduced": %q}`, from))
			if to != "" {
				events = append(events, fmt.Sprintf(`{"fixed": %q}`, to))
			}
		}
		w, err := z.Create(fmt.Sprintf("%d.json", i))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(w, `{"id": %q, "modified": "2026-11-01T00:00:00Z", "summary": "Flaw %s", "affected": [{"package": {"ecosystem": "PyPI", "name": %q}, "ranges": [{"type": "ECOSYSTEM", "events": [%s]}]%s}]}`,
			words[1], words[1], words[0], strings.Join(events, ", "), imports)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	path := filepath.Join(dir, "pypi.idx")
	if _, err := advisory.FromZip(context.Background(), f.Name(), path); err != nil {
		t.Fatal(err)
	}
	x, err := advisory.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// audit runs an auditor over files and returns what it reports: path:line severity message,
// and what it says beside that.
func audit(a *Auditor, uses []rule.Use, files map[string]string) (found []string, r *finding.Report) {
	var paths []string
	for path := range files {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	p := &rule.Project{Entrance: func(rule.Use) string { return "" }, Out: &finding.Report{}, Uses: uses, Looked: uses != nil}
	for _, path := range paths {
		as := ""
		if manifest.Is(path) == "" {
			as = "requirements"
		}
		p.Docs = append(p.Docs, &rule.Doc{File: source.New(path, []byte(files[path])), Manifest: manifest.Read(path, as, []byte(files[path]))})
	}
	p.Report = func(id string, d *rule.Doc, f *rule.Found) *finding.Suppression {
		s := fmt.Sprintf("%s:%d %s", d.Path, d.Position(f.Span.Start).Line, f.Message)
		if f.Suppressed != nil {
			s = "(" + f.Suppressed.Kind + ") " + s
		}
		if f.Advisory != nil {
			s += " -> " + f.Advisory.Upgrade
		}
		found = append(found, s)
		return f.Suppressed
	}
	if a.Now.IsZero() {
		a.Now = time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)
	}
	a.Run(p)
	p.Out.Sort() // as the engine does
	return found, p.Out
}

func TestAudit(t *testing.T) {
	x := index(t,
		"parcel CVE-2026-1 0-1.4.2 2.0-2.0.1",
		"parcel CVE-2026-2 1.4.2-1.5",
		"lantern CVE-2026-3 0",
		"kite MAL-2026-4 0",
		"wagon CVE-2026-5 1.0-1.1",
	)
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
		skips []string
	}{
		{"exact", map[string]string{"requirements.txt": "parcel==1.0\nwagon==1.1"}, []string{"requirements.txt:1 parcel 1.0: Flaw CVE-2026-1 (CVE-2026-1). -> 1.5"}, nil},
		{"the smallest step that leaves nothing", map[string]string{"requirements.txt": "parcel==2.0"}, []string{"requirements.txt:1 parcel 2.0: Flaw CVE-2026-1 (CVE-2026-1). -> 2.0.1"}, nil},
		{"a local version", map[string]string{"requirements.txt": "wagon==1.0+cpu"}, []string{"requirements.txt:1 wagon 1.0+cpu: Flaw CVE-2026-5 (CVE-2026-5). -> 1.1"}, nil},
		{"a lower bound is not the version", map[string]string{"requirements.txt": "wagon>=1.0\nparcel>=1.0\nparcel~=1.6"}, nil, nil},
		{"the newest that a range lets through", map[string]string{"requirements.txt": "wagon>=1.0,<1.1\nparcel<1.4"},
			[]string{
				"requirements.txt:1 wagon (>=1.0,<1.1): Flaw CVE-2026-5 (CVE-2026-5). Even the newest version that it lets through is affected, as far as is known. -> 1.1",
				"requirements.txt:2 parcel (<1.4): Flaw CVE-2026-1 (CVE-2026-1). Even the newest version that it lets through is affected, as far as is known. -> 1.5"}, nil},
		{"what has no end, by whatever version", map[string]string{"requirements.txt": "lantern\nkite>=3"},
			[]string{
				"requirements.txt:1 lantern: Flaw CVE-2026-3 (CVE-2026-3). Even the newest version that it lets through is affected, as far as is known. -> ",
				"requirements.txt:2 kite (>=3): Flaw MAL-2026-4 (MAL-2026-4). Even the newest version that it lets through is affected, as far as is known. -> "}, nil},
		{"not from an index", map[string]string{"requirements.txt": "kite @ git+https://example.org/kite\n./local\n-e ."}, nil, []string{"", "kite"}},
		{"a constraint chooses and is no package", map[string]string{"requirements.txt": "-c limits.txt\nwagon", "limits.txt": "wagon==1.0\nlantern==1"},
			[]string{"limits.txt:1 wagon 1.0: Flaw CVE-2026-5 (CVE-2026-5). -> 1.1"}, nil},
		{"a compiled list chooses for its source", map[string]string{"requirements.in": "lantern\nwagon", "requirements.txt": "lantern==1\nwagon==1.1"},
			[]string{"requirements.txt:1 lantern 1: Flaw CVE-2026-3 (CVE-2026-3). -> "}, nil},
		{"another's upper bound", map[string]string{"requirements.in": "wagon<1.1", "requirements.txt": "wagon==1.0"},
			[]string{"requirements.txt:1 wagon 1.0: Flaw CVE-2026-5 (CVE-2026-5). -> 1.1"}, nil},
		{"a lock file in another folder says nothing", map[string]string{"a/pyproject.toml": "[project]\nname='a'\ndependencies=['lantern']", "b/poetry.lock": "[[package]]\nname='lantern'\nversion='1'\n[metadata]\nlock-version='2.1'"},
			[]string{
				"a/pyproject.toml:3 lantern: Flaw CVE-2026-3 (CVE-2026-3). Even the newest version that it lets through is affected, as far as is known. -> ",
				"b/poetry.lock:2 lantern 1: Flaw CVE-2026-3 (CVE-2026-3). -> "}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, out := audit(&Auditor{Index: x, Strict: true}, nil, c.files)
			if !slices.Equal(found, c.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(c.want, "\n"))
			}
			var skips []string
			for _, d := range out.Dependencies {
				if d.SkipReason != "" && d.Origin != "index" {
					skips = append(skips, d.Name)
				}
			}
			if !slices.Equal(skips, c.skips) || len(out.Problems) != len(c.skips) {
				t.Errorf("skipped %q, want %q; problems %v", skips, c.skips, out.Problems)
			}
		})
	}
}

func TestNewest(t *testing.T) {
	list, err := index(t, "parcel CVE-1 1.0-1.4 2.0rc1-2.0.1").Find("parcel")
	if err != nil {
		t.Fatal(err)
	}
	for set, affected := range map[string]bool{
		"": false, ">=1": false, "<1": false, "<1.4": true, "<=1.4": false, "<1.4.1": false, "==1.3.*": true, "~=1.3": false, "~=1.3.0": true, "<2.0.1": true, "<=2.0.1": false,
		"<2": false, "<2,!=1.9": false, ">=1,<1.4,!=1.3": true, ">3,<3": false,
	} {
		s, err := pep440.ParseSet(set)
		if err != nil {
			t.Fatal(err)
		}
		v := newest(s, list)
		got := v != (pep440.Version{}) && list[0].Affected(v)
		if got != affected {
			t.Errorf("%q lets %s through, which is affected: %v, want %v", set, v, got, affected)
		}
	}
}

func TestGroupsAndMachines(t *testing.T) {
	x := index(t, "a CVE-1 0", "b CVE-2 0", "c CVE-3 0")
	files := map[string]string{"pyproject.toml": `[project]
name = "app"
dependencies = ["a==1; sys_platform == 'win32'"]
[project.optional-dependencies]
web = ["b==1"]
[dependency-groups]
dev = ["c==1; python_version < '3.9'"]
`}
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{}, "a b c"},
		{Config{NoGroups: []string{"dev"}}, "a b"},
		{Config{Groups: []string{"main"}}, "a"},
		{Config{Groups: []string{"extra:*", "dev"}}, "b c"},
		{Config{Env: pep508.CPython("3.12", "linux")}, "b"},
		{Config{Env: pep508.CPython("3.8", "win32")}, "a b c"},
		{Config{Env: pep508.CPython("3.8", "")}, "a b c"},
		{Config{Private: []string{"A", "c*"}}, "b"},
	} {
		found, _ := audit(&Auditor{Index: x, Config: c.config}, nil, files)
		var names []string
		for _, s := range found {
			names = append(names, strings.Fields(s)[1])
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%+v: %q, want %q", c.config, got, c.want)
		}
	}
}

func TestReach(t *testing.T) {
	x := index(t, "pyyaml CVE-1 0 @yaml.load", "pillow CVE-2 0", "werkzeug CVE-3 0")
	use := func(name string, call bool) rule.Use {
		return rule.Use{Name: name, Call: call, Symbol: "read", Location: finding.Location{Path: "app.py", Line: 3}}
	}
	lock := map[string]string{"poetry.lock": "[[package]]\nname='pyyaml'\nversion='1'\n[[package]]\nname='pillow'\nversion='1'\n[[package]]\nname='flask'\nversion='1'\n[package.dependencies]\nwerkzeug='*'\n[[package]]\nname='werkzeug'\nversion='1'\n[metadata]\nlock-version='2.1'"}
	for _, c := range []struct {
		uses []rule.Use
		want string // what is said of pyyaml, pillow, werkzeug
	}{
		{[]rule.Use{use("yaml", false), use("yaml.load", true)}, "What it is in, yaml.load, is used in app.py:3, in read.|Nothing here imports it.|It is needed by flask. Nothing here imports it."},
		{[]rule.Use{use("flask", false), use("yaml.safe_load", true)}, "It is imported in app.py:3, but nothing here uses yaml.load, which it is in.|Nothing here imports it.|It is needed by flask. Nothing here imports it, but flask, which needs it, is imported."},
		{[]rule.Use{use("PIL.Image", false), use("yamllint", false)}, "Nothing here imports it.|It is imported in app.py:3.|It is needed by flask. Nothing here imports it."},
		{nil, "||It is needed by flask."},
	} {
		found, _ := audit(&Auditor{Index: x}, c.uses, lock)
		says := map[string]string{}
		for _, s := range found {
			text, _, _ := strings.Cut(s, " -> ")
			_, rest, _ := strings.Cut(text, "). ")
			says[strings.Fields(s)[1]] = rest
		}
		if got := says["pyyaml"] + "|" + says["pillow"] + "|" + says["werkzeug"]; got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestIgnores(t *testing.T) {
	x := index(t, "parcel CVE-1 0-2", "lantern CVE-2 0")
	files := map[string]string{"requirements.txt": "parcel==1\nlantern==1"}
	for _, c := range []struct {
		name string
		ig   Ignore
		want []string
	}{
		{"holds", Ignore{ID: "cve-1", Package: "parcel", Reason: "r"}, []string{"(configuration) parcel", "lantern"}},
		{"of another package", Ignore{ID: "CVE-1", Package: "lantern", Reason: "r"}, []string{"parcel", "lantern", "unneeded"}},
		{"its day is today", Ignore{ID: "CVE-1", Package: "parcel", Reason: "r", Expires: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)}, []string{"(configuration) parcel", "lantern"}},
		{"its day has passed", Ignore{ID: "CVE-1", Package: "parcel", Reason: "r", Expires: time.Date(2026, 11, 8, 0, 0, 0, 0, time.UTC)}, []string{"parcel", "lantern", "unneeded"}},
		{"until there is a fix, and there is", Ignore{ID: "CVE-1", Package: "parcel", Reason: "r", UntilFixed: true}, []string{"parcel", "lantern", "unneeded"}},
		{"until there is a fix, and there is none", Ignore{ID: "CVE-2", Package: "lantern", Reason: "r", UntilFixed: true}, []string{"parcel", "(configuration) lantern"}},
		{"by hand", *ByHand("CVE-1"), []string{"(command line) parcel", "lantern"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ig := c.ig
			found, out := audit(&Auditor{Index: x, Config: Config{Ignores: []*Ignore{&ig}}}, nil, files)
			var got []string
			for _, s := range found {
				by, rest := "", s
				if i := strings.Index(s, ") "); s[0] == '(' {
					by, rest = s[:i+2], s[i+2:]
				}
				got = append(got, by+strings.Fields(rest)[1])
			}
			for _, n := range out.Notes {
				if strings.Contains(n, "is not needed") {
					got = append(got, "unneeded")
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestVEX(t *testing.T) {
	x := index(t, "parcel CVE-1 0", "lantern CVE-3 0", "kite CVE-2 0")
	list, err := parseVEX("v.json", []byte(`{"@context": "https://openvex.dev/ns/v0.2.0", "statements": [
		{"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "pkg:pypi/Parcel@1.0"}, {"@id": "pkg:pypi/lantern@1.0"}], "status": "not_affected", "justification": "vulnerable_code_not_present"},
		{"vulnerability": {"name": "CVE-3"}, "products": [{"@id": "pkg:pypi/lantern@9"}], "status": "fixed"},
		{"vulnerability": {"name": "X-1", "aliases": ["CVE-2"]}, "products": [{"@id": "pkg:oci/app", "subcomponents": [{"@id": "pkg:pypi/kite"}]}], "status": "fixed"},
		{"vulnerability": {"name": "CVE-2"}, "products": [{"@id": "pkg:pypi/kite"}], "status": "affected"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	found, _ := audit(&Auditor{Index: x, Config: Config{Ignores: list}}, nil, map[string]string{"requirements.txt": "parcel==1.0.0\nlantern==1.0\nkite==3"})
	var got []string
	for _, s := range found {
		got = append(got, strings.Join(strings.Fields(s)[:2], " "))
	}
	// 1.0 and 1.0.0 are one version; lantern 9 is another.
	if want := []string{"(v.json) requirements.txt:1", "requirements.txt:2 lantern", "(v.json) requirements.txt:3"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, bad := range []string{"", "[]", "{}", `{"@context": "https://openvex.dev/ns/v0.2.0", "statements": [{"status": "fine"}]}`} {
		if _, err := parseVEX("v.json", []byte(bad)); err == nil {
			t.Errorf("%q is taken for a VEX document", bad)
		}
	}
}

func TestConfigMistakes(t *testing.T) {
	for _, c := range []struct {
		values map[string]any
		want   string
	}{
		{map[string]any{"privat": []any{"a"}}, `there is no key "privat": did you mean private?`},
		{map[string]any{"private": "a"}, "private is a list of texts"},
		{map[string]any{"private": []any{"["}}, `"[" is no pattern`},
		{map[string]any{"max-age": "soon"}, "max-age is a number of days"},
		{map[string]any{"ignore": []any{map[string]any{"id": "CVE-1", "package": "a", "reason": "r", "expires": "soon"}}}, "a day as 2027-01-31 for expires"},
		{map[string]any{"ignore": []any{map[string]any{"package": "a", "reason": " "}}}, "id is missing"},
		{map[string]any{"ignore": map[string]any{}}, "write [[tool.gambeson.deps.ignore]]"},
	} {
		if _, err := ReadConfig(c.values); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.values, err, c.want)
		}
	}
}

func FuzzVEX(f *testing.F) {
	f.Add([]byte(`{"@context": "https://openvex.dev/ns/v0.2.0", "statements": [{"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "pkg:pypi/Parcel@1.0%2Bcpu?x=y", "subcomponents": [{}]}], "status": "fixed"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := parseVEX("v.json", data)
		for _, ig := range list {
			if err != nil || ig.ID == "" || ig.Reason == "" || ig.from != "v.json" {
				t.Fatalf("%+v, %v", ig, err)
			}
		}
	})
}
