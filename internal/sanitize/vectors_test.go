package sanitize

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/gambeson/gambeson/internal/testkit"
)

// A vector is one call of Bleach, recorded from its own tests.
type vector struct {
	Node, Op, In, Out string
	Cfg               struct {
		Tags, Protocols []string
		Attributes      json.RawMessage
		Strip           bool
		StripComments   bool `json:"strip_comments"`
		CSS             *struct{ CSS, SVG []string }
		Filters         []struct{ Linkify *struct{} }
		Callbacks       []string
		SkipTags        []string `json:"skip_tags"`
		ParseEmail      bool     `json:"parse_email"`
		RecognizedTags  []string `json:"recognized_tags"`
	}
}

// cleaner is the vector's configuration.
func (v *vector) cleaner(t testing.TB) *Cleaner {
	c := v.Cfg
	if v.Op == "linkify" {
		return NewLinker(Linkify{Callbacks: c.Callbacks, SkipTags: c.SkipTags, ParseEmail: c.ParseEmail, Tags: c.RecognizedTags}, nil)
	}
	b := Bleach{Tags: c.Tags, Protocols: c.Protocols, Strip: c.Strip, KeepComments: !c.StripComments}
	if c.Attributes[0] == '[' {
		if err := json.Unmarshal(c.Attributes, &b.Attributes.All); err != nil {
			t.Fatal(err)
		}
	} else {
		var m map[string][]string
		if err := json.Unmarshal(c.Attributes, &m); err != nil {
			t.Fatal(err)
		}
		b.Attributes.Map = map[string]Rule{}
		for tag, names := range m {
			b.Attributes.Map[tag] = Rule{Names: names}
		}
	}
	if c.CSS != nil {
		b.CSS = &CSS{Properties: c.CSS.CSS, SVG: c.CSS.SVG}
	}
	if len(c.Filters) > 0 {
		b.Linkify = &Linkify{Callbacks: []string{"nofollow"}}
	}
	return New(b)
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testkit.Root(t), "..", "shared", "data", "bleach-vectors.json"))
	if err != nil {
		testkit.Missing(t, "shared", "no recorded calls: %v", err)
	}
	var list []vector
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestVectors holds the recorded calls, to the letter.
func TestVectors(t *testing.T) {
	good, all := map[string]int{}, map[string]int{}
	for _, v := range vectors(t) {
		all[v.Op]++
		got, err := v.cleaner(t).Clean(v.In)
		if got != v.Out || err != nil {
			t.Errorf("%s\n in   %q\n got  %q %v\n want %q", v.Node, v.In, got, err, v.Out)
			continue
		}
		good[v.Op]++
	}
	t.Logf("clean %d of %d, linkify %d of %d", good["clean"], all["clean"], good["linkify"], all["linkify"])
	if all["clean"] < 359 || all["linkify"] < 119 {
		t.Error("there were 359 and 119 calls once")
	}
}
