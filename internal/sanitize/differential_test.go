package sanitize

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/testkit"
)

// A setup is a configuration, for Bleach and for us.
type setup struct {
	Name          string   `json:"name"`
	Tags          []string `json:"tags"`
	Attributes    any      `json:"attributes"`
	Protocols     []string `json:"protocols"`
	Strip         bool     `json:"strip"`
	StripComments bool     `json:"strip_comments"`
	CSS           []string `json:"css"`
	Linkify       bool     `json:"linkify"`
	LinkifyOnly   bool     `json:"linkify_only"`
}

const richTags = `a abbr acronym b blockquote code em i li ol strong ul p br div span pre h1 h2 h3 img table thead tbody tfoot
	tr td th hr dl dt dd del ins sub sup u s small details summary figure font`

const hostileTags = richTags + ` svg math style noscript title textarea xmp iframe noembed noframes script foreignObject foreignobject desc
	mtext mi mo mn ms mglyph malignmark annotation-xml path rect use animate set g defs select option template form input
	button object video audio source template plaintext listing nobr marquee ruby rt rp`

func setups() []setup {
	words := strings.Fields
	attrs := map[string][]string{"a": {"href", "title"}, "abbr": {"title"}, "acronym": {"title"}}
	many := words("href title src alt class id style name value type checked disabled cite action data-a xlink:href fill mask d encoding attributeName values to color open")
	web := words("http https mailto")
	return []setup{
		{Name: "default", Tags: words("a abbr acronym b blockquote code em i li ol strong ul"), Attributes: attrs, Protocols: web, StripComments: true},
		{Name: "strip", Tags: words("a abbr acronym b blockquote code em i li ol strong ul"), Attributes: attrs, Protocols: web, Strip: true, StripComments: true},
		{Name: "rich", Tags: words(richTags), Attributes: many, Protocols: web, StripComments: true, CSS: words("color width font-size background")},
		{Name: "comments", Tags: words(richTags), Attributes: many, Protocols: words("http"), Strip: true, CSS: words("color"), Linkify: true},
		{Name: "hostile", Tags: words(hostileTags), Attributes: many, Protocols: web, CSS: words("color background")},
		{Name: "linkify", LinkifyOnly: true},
	}
}

func (s *setup) cleaner() *Cleaner {
	if s.LinkifyOnly {
		return NewLinker(Linkify{Callbacks: []string{"nofollow"}, ParseEmail: true}, nil)
	}
	b := Bleach{Tags: s.Tags, Protocols: s.Protocols, Strip: s.Strip, KeepComments: !s.StripComments}
	switch a := s.Attributes.(type) {
	case []string:
		b.Attributes.All = a
	case map[string][]string:
		b.Attributes.Map = map[string]Rule{}
		for tag, names := range a {
			b.Attributes.Map[tag] = Rule{Names: names}
		}
	}
	if s.CSS != nil {
		b.CSS = &CSS{Properties: s.CSS}
	}
	if s.Linkify {
		b.Linkify = &Linkify{Callbacks: []string{"nofollow"}}
	}
	return New(b)
}

// TestBleach asks Bleach itself, and GAMBESON_HOSTILE names a file with more texts, one a line.
func TestBleach(t *testing.T) {
	python := testkit.Python(t, "bleach", "bleach")
	texts := append(hostile(5000), public(t)...)
	configs := setups()
	var got struct {
		Version string
		Answers [][]string
	}
	testkit.AskPython(t, python, filepath.Join("testdata", "ask_bleach.py"), map[string]any{"configs": configs, "texts": texts}, &got)
	// What differs is html5lib's tree where browsers have another by now (what stood before a
	// table and was lost, template, the end of a link in MathML), and addresses that run, which
	// Bleach lets through.
	least := map[string]float64{"default": 0.999, "strip": 0.999, "rich": 0.99, "comments": 0.99, "hostile": 0.97, "linkify": 0.985}
	total, equal := 0, 0 // of clean
	for j, c := range configs {
		k := c.cleaner()
		same, shown := 0, 0
		for i, text := range texts {
			out, err := k.Clean(text)
			if err == nil && out == got.Answers[i][j] {
				same++
				continue
			}
			if !c.LinkifyOnly {
				if wrong := c.judge(out); len(wrong) > 0 {
					t.Errorf("%s: differs, and is not safe: %v\n in  %q\n out %q", c.Name, wrong, text, out)
				}
			}
			if shown++; shown <= 60 && testing.Verbose() {
				t.Logf("%s\n in     %q\n bleach %q\n we     %q %v", c.Name, text, got.Answers[i][j], out, err)
			}
		}
		if !c.LinkifyOnly {
			total, equal = total+len(texts), equal+same
		}
		share := float64(same) / float64(len(texts))
		t.Logf("%s: %d of %d as Bleach %s, %.2f %%", c.Name, same, len(texts), got.Version, 100*share)
		if strings.HasPrefix(got.Version, "6.") && share < least[c.Name] {
			t.Errorf("%s: fewer than %.1f %% are the same", c.Name, 100*least[c.Name])
		}
	}
	share, want := float64(equal)/float64(total), 0.99
	if os.Getenv("GAMBESON_HOSTILE") != "" {
		want = 0.994 // what people send, and not only what chance puts together
	}
	t.Logf("clean, all configurations: %d of %d, %.2f %%", equal, total, 100*share)
	if strings.HasPrefix(got.Version, "6.") && share < want {
		t.Errorf("fewer than %.1f %% are the same", 100*want)
	}
}
