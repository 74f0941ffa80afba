package engine

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/template"
)

// maxTemplate is the size above which a template is not read.
const maxTemplate = 2 << 20

// templates are those of the program. They are looked for when the first one is needed:
// most programs have none.
type templates struct {
	scan *Scan
	root string
	text func(source.Found) ([]byte, error)
	once sync.Once
	all  map[string][]source.Found // by base name

	mu     sync.Mutex
	read   map[string]*template.Template
	places map[string][]*template.Place
}

// templateFile says whether a file may be a template that a page is made of.
func templateFile(p string) bool {
	switch path.Ext(p) {
	case ".html", ".htm", ".xhtml", ".xml", ".svg", ".jinja", ".jinja2", ".j2", ".tmpl", ".tpl", ".dj", ".mako", ".mak":
		return true
	case ".txt", ".mail", ".eml", ".email":
		return strings.Contains(p, "template")
	}
	return false
}

func (t *templates) find() {
	t.all = map[string][]source.Found{}
	if t.scan.UseStdin {
		return
	}
	var paths []string
	for _, p := range t.scan.Paths {
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			p = filepath.Join(filepath.Dir(p), "templates") // beside the file that was named
			if info, err := os.Stat(p); err != nil || !info.IsDir() {
				continue
			}
		}
		if !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	if len(paths) == 0 && len(t.scan.Paths) > 0 {
		return
	}
	w := t.scan.walker(false)
	w.Root, w.Include, w.MaxFileSize = t.root, templateFile, maxTemplate
	res, err := w.Walk(context.Background(), paths...)
	if err != nil {
		return
	}
	for _, f := range res.Files {
		base := path.Base(f.Path)
		t.all[base] = append(t.all[base], f)
	}
}

// file finds a template by the name that a file of the program, or another template, gives.
func (t *templates) file(name, from string) (source.Found, bool) {
	t.once.Do(t.find)
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	best, score := source.Found{}, -1
	for _, f := range t.all[path.Base(name)] {
		if f.Path != name && !strings.HasSuffix(f.Path, "/"+name) {
			continue
		}
		n := 0
		for n < len(f.Path) && n < len(from) && f.Path[n] == from[n] {
			n++
		}
		n = strings.Count(f.Path[:n], "/")
		if in := strings.TrimSuffix(f.Path, name); strings.HasSuffix(in, "templates/") || strings.HasSuffix(in, "jinja2/") {
			n += 100
		}
		if n > score {
			best, score = f, n
		}
	}
	return best, score >= 0
}

// load reads a template once.
func (t *templates) load(name, from string, d template.Dialect) *template.Template {
	f, ok := t.file(name, from)
	if !ok {
		return nil
	}
	key := d.String() + ":" + f.Path
	if x, ok := t.read[key]; ok {
		return x
	}
	t.read[key] = nil
	if raw, err := t.text(f); err == nil && len(raw) <= maxTemplate {
		if file, err := source.Decode(f.Path, raw); err == nil {
			t.read[key] = template.Parse(f.Path, []byte(file.Bytes), d)
		}
	}
	return t.read[key]
}

// outputs are the places in which a template prints what it is given.
func (t *templates) outputs(name, text, from string, d template.Dialect) []*template.Place {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := strings.Join([]string{d.String(), name, text, path.Dir(from)}, "\x00")
	if p, ok := t.places[key]; ok {
		return p
	}
	set := &template.Set{Load: func(name string) *template.Template { return t.load(name, from, d) }}
	var places []*template.Place
	if text != "" {
		inline := template.Parse("text.html", []byte(text), d)
		whole := &template.Set{Load: func(name string) *template.Template {
			if name == "\x00" {
				return inline
			}
			return set.Load(name)
		}}
		places, _ = whole.Outputs("\x00")
	} else {
		places, _ = set.Outputs(name)
	}
	t.places[key] = places
	return places
}

// blank is what a file that is no Python is looked at as: a unit with nothing in it.
func blank(f *source.File) *program.Unit {
	u := program.Parse(source.New(f.Path, nil))
	u.File = f
	return u
}
