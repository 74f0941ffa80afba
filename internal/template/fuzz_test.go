package template

import (
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/source"
)

// FuzzParse: whatever the text is, it is read and rendered without a panic and within the bounds,
// and what it says lies in the text.
func FuzzParse(f *testing.F) {
	for _, dialect := range []Dialect{Jinja, Django} {
		for _, q := range questions(f, dialect) {
			if !q.Escape {
				f.Add(q.Files["main"], uint8(dialect))
			}
		}
	}
	f.Add("{% for a in b %}{% raw a %}{% end %}{% apply c %}{% while d %}{% end %}", uint8(Tornado))
	f.Add("<%page/>\n% for a in b:\n${a | h, n}\n% endfor\n<%include file='c'/><% d %><%text>${e}</%text>", uint8(Mako))
	f.Fuzz(func(t *testing.T, text string, language uint8) {
		if len(text) > 1<<14 {
			return
		}
		dialect := Dialect(language % 4)
		Guess("a.html", []byte(text))
		tmpl := Parse("main", []byte(text), dialect)
		end := source.Pos(len(tmpl.File.Bytes))
		for _, e := range tmpl.Errors {
			if e.At > end || e.Message == "" {
				t.Fatalf("%d of %d: %q", e.At, end, e.Message)
			}
		}
		tmpl.Variables()
		set := &Set{Load: func(name string) *Template {
			if strings.HasPrefix(name, "n") {
				return nil
			}
			return tmpl
		}}
		places, _ := set.Outputs("main")
		for _, p := range places {
			if p.At.Start >= p.At.End || p.At.End > end || len(p.Path) == 0 || len(p.Path) > maxPath+1 || len(p.Contexts) == 0 {
				t.Fatalf("%+v", p)
			}
			p.Verdict(true)
			p.Verdict(false)
			p.Line()
		}
	})
}
