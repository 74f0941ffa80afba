package template

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/testkit"
)

var index = regexp.MustCompile(`\.\d+(\.|$)`)

// A question is some templates; "main" is rendered, with escapes or without.
type question struct {
	Files  map[string]string
	Escape bool
}

// An answer is what the library says of "main".
type answer struct {
	Error string
	Names []string          // of the context
	Shown map[string]string // the paths that were printed, and which of <"' of their texts survived
	Crash string            // why it could not be rendered
}

// questions are the stories and the other templates of the tests.
func questions(t testing.TB, dialect Dialect) (list []question) {
	for _, s := range stories(t, dialect) {
		list = append(list, question{Files: s.files})
	}
	if dialect == Jinja {
		for _, c := range contexts {
			list = append(list, question{Files: map[string]string{"main": c.text}})
		}
	}
	for _, v := range verdicts {
		if v.dialect == dialect {
			list = append(list, question{Files: map[string]string{"main": v.text}})
		}
	}
	for _, text := range filterTexts(dialect) {
		list = append(list, question{Files: map[string]string{"main": text}})
	}
	for i := range list[:len(list):len(list)] {
		q := list[i]
		q.Escape = true
		list = append(list, q)
	}
	return list
}

// TestAgreesWithLibraries renders every template of these tests with the library itself, with
// values that tell their paths. What was printed must be among the places; and the characters
// of a value that survived must be those that its place lets through, no fewer and no more.
func TestAgreesWithLibraries(t *testing.T) {
	for _, dialect := range []Dialect{Jinja, Django} {
		t.Run(dialect.String(), func(t *testing.T) {
			library, need := "jinja2", "python"
			if dialect == Django {
				library, need = "django", "django"
			}
			exe := testkit.Python(t, library, need)
			list := questions(t, dialect)
			var answers []answer
			testkit.AskPython(t, exe, "testdata/ask_"+dialect.String()+".py", list, &answers)
			shown := 0
			for i, q := range list {
				a := answers[i]
				main := Parse("main", []byte(q.Files["main"]), dialect)
				text := q.Files["main"]
				if a.Error != "" {
					t.Errorf("%s\n\t%s", text, a.Error)
					continue
				}
				if len(main.Errors) > 0 {
					t.Errorf("%s\n\t%v, which it takes", text, main.Errors)
				}
				if dialect == Jinja && a.Names != nil && !slices.Equal(main.Variables(), a.Names) {
					t.Errorf("%s\n\tgot  %v\n\twant %v", text, main.Variables(), a.Names)
				}
				if a.Crash != "" {
					t.Errorf("%s\n\t%s", text, a.Crash)
				}
				parsed := map[string]*Template{}
				for name, text := range q.Files {
					parsed[name] = Parse(name, []byte(text), dialect)
				}
				places, _ := (&Set{Load: func(name string) *Template { return parsed[name] }}).Outputs("main")
				mine := map[string]string{}
				for _, p := range places {
					path := strings.ToLower(strings.Join(p.Path, "."))
					got := survivors(p.output(q.Escape))
					mine[path] = union(mine[path], got)
					if any := index.ReplaceAllString(path, ".*$1"); any != path {
						mine[any] = union(mine[any], got)
					}
				}
				all := map[string]string{}
				for path, got := range a.Shown {
					path = strings.ToLower(path)
					all[path] = union(all[path], got)
				}
				for path, got := range all {
					shown++
					want, ok := mine[path]
					if !ok {
						want, ok = mine[index.ReplaceAllString(path, ".*$1")]
					}
					if !ok {
						t.Errorf("%s\n\t%s is printed, and is no place", text, path)
					} else if want != got {
						t.Errorf("%s (escapes %v)\n\t%s: %q gets through, not %q", text, q.Escape, path, got, want)
					}
				}
			}
			t.Logf("%d templates, %d values shown", len(list), shown)
			if shown < 100 {
				t.Error("hardly anything was printed: does the script still work?")
			}
		})
	}
}

func survivors(o output) (s string) {
	for i, c := range []chars{tag, double, single} {
		if o.written&c != 0 {
			s += `<"'`[i : i+1]
		}
	}
	return s
}

func union(a, b string) (s string) {
	for _, c := range `<"'` {
		if strings.ContainsRune(a+b, c) {
			s += string(c)
		}
	}
	return s
}

// TestRealTemplates: what the library can read must be read without complaint, and with the same
// names. It looks at what comes with Django and Flask, and at the folders in $GAMBESON_TEMPLATES.
func TestRealTemplates(t *testing.T) {
	for _, dialect := range []Dialect{Jinja, Django} {
		t.Run(dialect.String(), func(t *testing.T) {
			library, need := "jinja2", "python"
			if dialect == Django {
				library, need = "django", "django"
			}
			exe := testkit.Python(t, library, need)
			roots := strings.Fields(os.Getenv("GAMBESON_TEMPLATES"))
			out, _ := exec.Command(exe, "-c", "import "+library+"; print("+library+".__path__[0])").Output()
			roots = append(roots, strings.TrimSpace(string(out)), "../../examples", "testdata")
			var list []question
			var names []string
			for _, root := range roots {
				filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return nil
					}
					switch filepath.Ext(path) {
					case ".html", ".txt", ".xml", ".j2", ".jinja", ".jinja2", ".htm", ".svg", ".tpl":
					default:
						return nil
					}
					text, err := os.ReadFile(path)
					if err != nil || !strings.Contains(string(text), "{%") && !strings.Contains(string(text), "{{") || len(text) > 1<<18 {
						return nil
					}
					list = append(list, question{Files: map[string]string{"main": string(text)}})
					names = append(names, path)
					return nil
				})
			}
			var answers []answer
			testkit.AskPython(t, exe, "testdata/ask_"+dialect.String()+".py", list, &answers)
			read, refused, both, other, shown := 0, 0, 0, 0, 0
			for i, a := range answers {
				text := list[i].Files["main"]
				tmpl := Parse(names[i], []byte(text), dialect)
				if a.Error != "" {
					if refused++; len(tmpl.Errors) > 0 {
						both++
					} else if testing.Verbose() {
						t.Logf("%s: %s", names[i], a.Error)
					}
					continue
				}
				read++
				for _, e := range tmpl.Errors {
					t.Errorf("%s:%d: %s", names[i], tmpl.File.Position(e.At).Line, e.Message)
				}
				if dialect == Jinja && len(tmpl.Errors) == 0 && !slices.Equal(tmpl.Variables(), a.Names) {
					t.Errorf("%s\n\tgot  %v\n\twant %v", names[i], tmpl.Variables(), a.Names)
				}
				mine := map[string]bool{}
				for _, p := range tmpl.Outputs() {
					path := strings.ToLower(strings.Join(p.Path, "."))
					mine[path], mine[index.ReplaceAllString(path, ".*$1")] = true, true
				}
				for path := range a.Shown {
					path = strings.ToLower(path)
					if shown++; !mine[path] && !mine[index.ReplaceAllString(path, ".*$1")] {
						t.Errorf("%s: %s is printed, and is no place", names[i], path)
					}
				}
				// Many are both; what is guessed must at least be able to read them.
				if guess := Guess(names[i], []byte(text)); guess != dialect {
					other++
					if errs := Parse(names[i], []byte(text), guess).Errors; len(errs) > 0 {
						t.Errorf("%s: guessed to be of %s, which cannot be: %s", names[i], guess, errs[0].Message)
					}
				}
			}
			t.Logf("%d templates read, with %d values shown; %d guessed to be of another language; %d refused by %s, %d of those by us", read, shown, other, refused, library, both)
		})
	}
}
