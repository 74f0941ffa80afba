package report

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdxlib"
	"github.com/xeipuuv/gojsonschema"

	"github.com/gambeson/gambeson/internal/finding"
)

// bills are reports that the formats for bills of materials are held against their
// standards with.
func bills(t *testing.T) map[string]*finding.Report {
	hostile := sample(t)
	visit(reflect.ValueOf(hostile).Elem(), func(v reflect.Value) {
		if v.Type() != reflect.TypeFor[finding.Practice]() {
			v.SetString("\x1b]0;\r\n ](x)|`<script>\u202e\xff%zz#?" + v.String())
		}
	})
	audited := sample(t)
	onlyClean(audited)
	return map[string]*finding.Report{"sample": sample(t), "hostile": hostile, "clean": audited, "empty": {}}
}

func TestPurl(t *testing.T) {
	ran := 0
	for want, d := range map[string]finding.Dependency{
		"pkg:pypi/jinja2@2.4.1":                              {Name: "jinja2", Version: "2.4.1", Origin: "index"},
		"pkg:pypi/jinja2":                                    {Name: "jinja2", Origin: "index"},
		"pkg:pypi/a-b.c_d~@1%213.4%2Blocal.1":                {Name: "a-b.c_d~", Version: "1!3.4+local.1"},
		"pkg:pypi/%2F..%40x@1%23%3F%0A%C3%A9":                {Name: "/..@x", Version: "1#?\né"},
		"pkg:conda/numpy@1.26":                               {Name: "numpy", Version: "1.26", Origin: "conda"},
		"pkg:generic/core":                                   {Name: "core", Origin: "editable", URL: "./core"},
		"pkg:pypi/f@1?vcs_url=git%2Bhttps://h.example/f%401": {Name: "f", Version: "1", Origin: "vcs", URL: "git+https://h.example/f@1"},
		"pkg:pypi/f?download_url=https://h.example/f.whl":    {Name: "f", Origin: "url", URL: "https://h.example/f.whl"},
	} {
		ran++
		if got := purl(&d); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if ran != 8 {
		t.Errorf("ran %d cases", ran)
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://h.example/a b?<x>#é":   "https://h.example/a%20b?%3Cx%3E#%C3%A9",
		"git+https://h.example/f@v%201": "git+https://h.example/f@v%201",
		"https://h.example/%zz":         "https://h.example/%25zz",
		"javascript:alert(1)":           "",
		"./core":                        "",
		"":                              "",
	} {
		if got := address(in); got != want {
			t.Errorf("address(%q) = %q, want %q", in, got, want)
		}
	}
}

// The official schema lies in the module.
func TestCycloneDXSchema(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "schema")
	loader := gojsonschema.NewSchemaLoader()
	for _, file := range []string{"spdx.schema.json", "jsf-0.82.schemax.json"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := loader.AddSchemas(gojsonschema.NewBytesLoader(text)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "bom-1.6.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := loader.Compile(gojsonschema.NewBytesLoader(text))
	if err != nil {
		t.Fatal(err)
	}
	valid := func(text string) []gojsonschema.ResultError {
		result, err := schema.Validate(gojsonschema.NewStringLoader(text))
		if err != nil {
			t.Fatal(err)
		}
		return result.Errors()
	}
	for name, r := range bills(t) {
		text := write(t, "cyclonedx", r, Options{})
		for _, err := range valid(text) {
			t.Errorf("%s: %s", name, err)
		}
		if len(valid(strings.Replace(text, `"library"`, `"thing"`, 1))) == 0 && name == "sample" {
			t.Error("the schema finds nothing wrong with what is wrong")
		}
	}
}

func TestCycloneDXMeaning(t *testing.T) {
	for name, r := range bills(t) {
		text := write(t, "cyclonedx", r, Options{})
		var bom cdx.BOM
		if err := cdx.NewBOMDecoder(strings.NewReader(text), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
			t.Fatal(err)
		}
		refs := map[string]bool{bom.Metadata.Component.BOMRef: true}
		for _, c := range *bom.Components {
			if refs[c.BOMRef] {
				t.Errorf("%s: %s is there twice", name, c.BOMRef)
			}
			refs[c.BOMRef] = true
		}
		nodes := map[string]bool{}
		for _, d := range *bom.Dependencies {
			if nodes[d.Ref] {
				t.Errorf("%s: %s has needs twice", name, d.Ref)
			}
			nodes[d.Ref] = true
			for _, ref := range *d.Dependencies {
				if !refs[ref] {
					t.Errorf("%s: %s needs %s, which is not there", name, d.Ref, ref)
				}
			}
		}
		if !reflect.DeepEqual(nodes, refs) {
			t.Errorf("%s: graph of %v, components are %v", name, nodes, refs)
		}
		for _, v := range *bom.Vulnerabilities {
			for _, a := range *v.Affects {
				if !refs[a.Ref] {
					t.Errorf("%s: %s affects %s, which is not there", name, v.ID, a.Ref)
				}
			}
		}
		if name != "sample" {
			continue
		}
		// Two files ask for one jinja2 and for some requests.
		if n, want := len(*bom.Components), len(r.Dependencies)-2; n != want {
			t.Errorf("%d components, want %d", n, want)
		}
		for _, c := range *bom.Components {
			if c.Name == "jinja2" && (c.Scope != cdx.ScopeRequired || len(*c.Hashes) != 2 || len(*c.Properties) < 6) {
				t.Errorf("%+v", c)
			}
			if c.Name == "requests" && (c.Scope != cdx.ScopeOptional || c.Version != "") {
				t.Errorf("%+v", c)
			}
		}
		states := 0
		for _, v := range *bom.Vulnerabilities {
			if v.Analysis != nil {
				states++
				if v.Analysis.State != cdx.IASNotAffected || v.Analysis.Detail != "no archives are unpacked" {
					t.Errorf("analysis %+v", v.Analysis)
				}
			}
		}
		if states != 1 || len(*bom.Vulnerabilities) != 7 {
			t.Errorf("%d of %d flaws do not matter", states, len(*bom.Vulnerabilities))
		}
	}
}

func TestSPDX(t *testing.T) {
	id := regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.-]+$`)
	for name, r := range bills(t) {
		doc, err := spdxjson.Read(strings.NewReader(write(t, "spdx", r, Options{})))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := spdxlib.ValidateDocument(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := time.Parse(time.RFC3339, doc.CreationInfo.Created); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if u, err := url.Parse(doc.DocumentNamespace); err != nil || u.Host == "" || u.Fragment != "" {
			t.Errorf("%s: namespace %q: %v", name, doc.DocumentNamespace, err)
		}
		for _, p := range doc.Packages {
			if !id.MatchString("SPDXRef-" + string(p.PackageSPDXIdentifier)) {
				t.Errorf("%s: id %q", name, p.PackageSPDXIdentifier)
			}
			for _, ref := range p.PackageExternalReferences {
				if strings.ContainsAny(ref.Locator, " \t\r\n") || !slices.Contains([]string{"purl", "advisory"}, ref.RefType) {
					t.Errorf("%s: reference %+v", name, ref)
				}
			}
		}
		if name != "sample" {
			continue
		}
		kinds := map[string]int{}
		for _, rel := range doc.Relationships {
			kinds[rel.Relationship]++
		}
		if want := map[string]int{"DESCRIBES": 1, "DEPENDS_ON": 7 + 2, "DEV_DEPENDENCY_OF": 1}; !maps.Equal(kinds, want) {
			t.Errorf("relationships %v, want %v", kinds, want)
		}
		if len(doc.Packages) != 1+10 {
			t.Errorf("%d packages", len(doc.Packages))
		}
	}
}

func TestSPDXNeed(t *testing.T) {
	for want, groups := range map[string][]string{
		"a DEV_DEPENDENCY_OF r":      {"dev", "lint"},
		"a BUILD_DEPENDENCY_OF r":    {"build"},
		"a OPTIONAL_DEPENDENCY_OF r": {"extra:tests", "extra:x"},
		"a DEPENDENCY_OF r":          {"build", "dev"},
		"r DEPENDS_ON a":             nil,
	} {
		p := part{Optional: groups != nil}
		p.Groups = groups
		if rel := spdxNeed(&p, "a", "r"); rel.Element+" "+rel.Type+" "+rel.Related != want {
			t.Errorf("%v: got %+v, want %s", groups, rel, want)
		}
	}
}

// What the specification demands of a document, and what it does not know.
func TestOpenVEX(t *testing.T) {
	statements := 0
	for name, r := range bills(t) {
		if len(flawsOf(ordered(r), partsOf(ordered(r)))) == 0 {
			f, _ := Find("openvex")
			var out strings.Builder
			if err := f.Write(&out, r, Options{}); !errors.As(err, new(Nothing)) || out.Len() > 0 {
				t.Errorf("%s: %v, and wrote %q", name, err, out.String())
			}
			continue
		}
		var doc struct {
			Context    string `json:"@context"`
			ID         string `json:"@id"`
			Author     string
			Timestamp  time.Time
			Version    int
			Tooling    string
			Statements []struct {
				Vulnerability struct {
					ID          string `json:"@id"`
					Name        string
					Description string
					Aliases     []string
				}
				Products []struct {
					ID          string `json:"@id"`
					Identifiers map[string]string
				}
				Status string
				Notes  string `json:"status_notes"`
				Impact string `json:"impact_statement"`
				Action string `json:"action_statement"`
			}
		}
		d := json.NewDecoder(strings.NewReader(write(t, "openvex", r, Options{})))
		d.DisallowUnknownFields()
		if err := d.Decode(&doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if doc.Context != "https://openvex.dev/ns/v0.2.0" || !strings.HasPrefix(doc.ID, "urn:uuid:") || doc.Author == "" || doc.Timestamp.IsZero() || doc.Version != 1 || len(doc.Statements) == 0 {
			t.Errorf("%s: %+v", name, doc)
		}
		seen := map[string]bool{}
		for _, s := range doc.Statements {
			statements++
			if u, err := url.Parse(s.Vulnerability.ID); err != nil || u.Host == "" || s.Vulnerability.Name == "" {
				t.Errorf("%s: flaw %+v: %v", name, s.Vulnerability, err)
			}
			if n := len(slices.Compact(slices.Sorted(slices.Values(s.Vulnerability.Aliases)))); n != len(s.Vulnerability.Aliases) {
				t.Errorf("%s: an alias is there twice: %q", name, s.Vulnerability.Aliases)
			}
			switch {
			case s.Status == "affected" && s.Action != "" && s.Impact == "":
			case s.Status == "not_affected" && s.Impact != "" && s.Action == "":
			default:
				t.Errorf("%s: statement %+v", name, s)
			}
			if len(s.Products) == 0 {
				t.Errorf("%s: %s has no products", name, s.Vulnerability.Name)
			}
			for _, p := range s.Products {
				// One statement alone may speak of a flaw in a product.
				if key := s.Vulnerability.Name + " " + p.ID; seen[key] {
					t.Errorf("%s: two statements on %s", name, key)
				} else {
					seen[key] = true
				}
				if !strings.HasPrefix(p.ID, "pkg:") || p.Identifiers["purl"] != p.ID {
					t.Errorf("%s: product %+v", name, p)
				}
			}
		}
	}
	if statements < 14 {
		t.Errorf("only %d statements", statements)
	}
}

// The same packages give the same id, and others another one.
func TestContentID(t *testing.T) {
	for _, format := range []string{"cyclonedx", "spdx", "openvex"} {
		first := write(t, format, sample(t), Options{})
		r := sample(t)
		r.Stats.Seconds++
		if write(t, format, r, Options{}) != first {
			t.Errorf("%s depends on how long it took", format)
		}
		r.Dependencies = r.Dependencies[2:] // both places of jinja2
		if identity(t, first) == identity(t, write(t, format, r, Options{})) {
			t.Errorf("%s: two documents have one id", format)
		}
	}
}

func identity(t *testing.T, text string) string {
	var d map[string]any
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"serialNumber", "documentNamespace", "@id"} {
		if id, ok := d[key].(string); ok && id != "" {
			return id
		}
	}
	t.Fatal("no id")
	return ""
}

// What matters in one file matters, and the needs of a lock file are those of its own
// packages.
func TestParts(t *testing.T) {
	at := func(path string) finding.Location { return finding.Location{Path: path, Line: 1, Column: 7} }
	dep := func(name, version, path string, needs []string, vulns ...finding.Vuln) finding.Dependency {
		return finding.Dependency{Name: name, Version: version, Origin: "index", Location: at(path), Needs: needs, Vulns: vulns}
	}
	r := ordered(&finding.Report{Dependencies: []finding.Dependency{
		dep("a", "1", "a.lock", []string{"c", "nowhere"}, finding.Vuln{ID: "X", Status: "not_affected", Reason: "no"}),
		dep("a", "1", "b.lock", []string{"c"}, finding.Vuln{ID: "X", Status: "affected"}),
		dep("b", "1", "b.txt", []string{"c"}, finding.Vuln{ID: "X", Status: "not_affected", Reason: "no"}),
		dep("c", "1", "a.lock", nil),
		dep("c", "2", "c.lock", nil),
	}})
	parts := partsOf(r)
	var got []string
	for _, p := range parts {
		s := p.Ref + " " + strings.Join(p.Places, ",") + ":"
		for _, q := range p.Parts {
			s += " " + q.Ref
		}
		got = append(got, s)
	}
	want := []string{
		"pkg:pypi/a@1 a.lock:1,b.lock:1: pkg:pypi/c@1 pkg:pypi/c@2",
		"pkg:pypi/b@1 b.txt:1: pkg:pypi/c@1 pkg:pypi/c@2",
		"pkg:pypi/c@1 a.lock:1:",
		"pkg:pypi/c@2 c.lock:1:",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	flaws := flawsOf(r, parts)
	if len(flaws) != 2 || flaws[0].Status != "affected" || flaws[0].In[0].Name != "a" || flaws[1].Status != "not_affected" || flaws[1].In[0].Name != "b" {
		t.Errorf("flaws %+v", flaws)
	}
}
