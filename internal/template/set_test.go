package template

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// A story is one case of testdata.
type story struct {
	name  string
	files map[string]string // "main" is rendered
	want  []string
}

func stories(t testing.TB, dialect Dialect) (list []story) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + dialect.String() + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(text), "\n\n# ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		body, want, ok := strings.Cut(rest, "\n-> ")
		if !ok {
			t.Fatalf("%s: there is no answer", name)
		}
		s := story{name: name, files: map[string]string{}, want: strings.Split(strings.TrimSpace(want), ", ")}
		for i, file := range strings.Split("\n== main\n"+body, "\n== ") {
			if i > 0 {
				called, text, _ := strings.Cut(file, "\n")
				s.files[called] = text
			}
		}
		list = append(list, s)
	}
	return list
}

// set makes a Set of a story's files, and insists that they can be read.
func (s story) set(t testing.TB, dialect Dialect) *Set {
	parsed := map[string]*Template{}
	for name, text := range s.files {
		parsed[name] = Parse(name, []byte(text), dialect)
		for _, e := range parsed[name].Errors {
			t.Errorf("%s: %s:%d: %s", s.name, name, e.At, e.Message)
		}
	}
	return &Set{Load: func(name string) *Template { return parsed[name] }}
}

func describe(p *Place) string {
	words := []string{strings.Join(p.Path, ".")}
	for _, s := range p.Steps {
		if s.Name == "" {
			s.Name = "printed"
		}
		words = append(words, s.Name)
	}
	if p.Template.Name != "main" {
		words = append(words, "@"+p.Template.Name)
	}
	return strings.ReplaceAll(strings.Join(words, " "), " @", "@")
}

func TestStories(t *testing.T) {
	for _, dialect := range []Dialect{Jinja, Django} {
		for _, s := range stories(t, dialect) {
			places, whole := s.set(t, dialect).Outputs("main")
			if !whole {
				t.Errorf("%s: cut off", s.name)
			}
			var got []string
			for _, p := range places {
				got = append(got, describe(p))
			}
			if fmt.Sprint(got) != fmt.Sprint(s.want) {
				t.Errorf("%s: %s\n\tgot  %s\n\twant %s", dialect, s.name, strings.Join(got, ", "), strings.Join(s.want, ", "))
			}
		}
	}
}
