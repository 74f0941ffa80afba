package report

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"

	"github.com/gambeson/gambeson/internal/finding"
)

const (
	schemaFile    = "../../docs/report.schema.json"
	practicesFile = "../../docs/practices.schema.json"
)

// A node is what the schema says of one type, as far as the test asks.
type node struct {
	Ref        string          `json:"$ref"`
	Type       string          `json:"type"`
	Required   []string        `json:"required"`
	Properties map[string]node `json:"properties"`
	Items      *node           `json:"items"`
	More       *node           `json:"additionalProperties"`
	Defs       map[string]node `json:"$defs"`
}

// The schemas have every field of a report and no other, with its type, and require those
// that are always written.
func TestSchemaHasEveryField(t *testing.T) {
	if fields := schemaHas(t, schemaFile, reflect.TypeFor[finding.Report]()); fields < 60 {
		t.Errorf("only %d fields in a report", fields)
	}
	if fields := schemaHas(t, practicesFile, reflect.TypeFor[practicesJSON]()); fields < 40 {
		t.Errorf("only %d fields in the practices", fields)
	}
}

// schemaHas compares a schema with a type, and says how many fields that has.
func schemaHas(t *testing.T, file string, typ reflect.Type) (fields int) {
	t.Helper()
	var schema node
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	var compare func(path string, n node, typ reflect.Type)
	compare = func(path string, n node, typ reflect.Type) {
		if name, ok := strings.CutPrefix(n.Ref, "#/$defs/"); ok {
			def, there := schema.Defs[name]
			if !there {
				t.Errorf("%s: there is no %s", path, n.Ref)
				return
			}
			used[name] = true
			n = def
		}
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		want := ""
		switch {
		case reflect.PointerTo(typ).Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()):
			want = "string"
		default:
			want = map[reflect.Kind]string{
				reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer", reflect.Float64: "number",
				reflect.Slice: "array", reflect.Map: "object", reflect.Struct: "object",
			}[typ.Kind()]
		}
		if n.Type != want {
			t.Errorf("%s: type is %q, want %q", path, n.Type, want)
		}
		if want == "string" {
			return // a time is a struct only in Go
		}
		switch typ.Kind() {
		case reflect.Slice:
			if n.Items == nil {
				t.Errorf("%s: items are missing", path)
				return
			}
			compare(path+"[]", *n.Items, typ.Elem())
		case reflect.Map:
			if n.More == nil {
				t.Errorf("%s: additionalProperties is missing", path)
				return
			}
			compare(path+"{}", *n.More, typ.Elem())
		case reflect.Struct:
			known := map[string]bool{}
			for i := range typ.NumField() {
				fields++
				name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				if name == "-" {
					continue // not saved
				}
				known[name] = true
				p, ok := n.Properties[name]
				if !ok {
					t.Errorf("%s.%s is not in the schema", path, name)
					continue
				}
				if always := !strings.Contains(options, "omit"); always != slices.Contains(n.Required, name) {
					t.Errorf("%s.%s: always there is %v, required is not", path, name, always)
				}
				compare(path+"."+name, p, typ.Field(i).Type)
			}
			for name := range n.Properties {
				if !known[name] {
					t.Errorf("%s.%s is in the schema, and nothing writes it", path, name)
				}
			}
		}
	}
	compare(file, schema, typ)
	for name := range schema.Defs {
		if !used[name] {
			t.Errorf("nothing uses $defs/%s", name)
		}
	}
	return fields
}

// compileSchema reads a schema. The validator knows an older draft, which has the words that
// ours use with the same meanings, but for $defs, which it only follows.
func compileSchema(t *testing.T, file string) *gojsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	loader := gojsonschema.NewSchemaLoader()
	loader.AutoDetect, loader.Draft = false, gojsonschema.Draft7
	text := strings.Replace(string(data), "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#", 1)
	schema, err := loader.Compile(gojsonschema.NewStringLoader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// Reports that we write are valid.
func TestReportsAreValid(t *testing.T) {
	schema := compileSchema(t, schemaFile)
	golden, err := os.ReadFile("testdata/golden/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	empty := write(t, "json", &finding.Report{Version: finding.Version, Profile: "default"}, Options{})
	clean := sample(t)
	onlyClean(clean)
	for name, tt := range map[string]struct {
		text  string
		valid bool
	}{
		"golden":      {string(golden), true},
		"empty":       {empty, true},
		"clean":       {write(t, "json", clean, Options{}), true},
		"severity":    {strings.Replace(string(golden), `"severity": "high"`, `"severity": "awful"`, 1), false},
		"no problems": {strings.Replace(empty, `"problems": []`, `"issues": []`, 1), false},
		"version 2":   {strings.Replace(empty, `"version": "`+finding.Version+`"`, `"version": "2.0"`, 1), false},
	} {
		result, err := schema.Validate(gojsonschema.NewStringLoader(tt.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if result.Valid() != tt.valid {
			t.Errorf("%s: valid is %v: %v", name, result.Valid(), result.Errors())
		}
	}
}
