package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/gambeson/gambeson/internal/finding"
)

// A document is a TOML file as values, with the line of every key beside them.
type document struct {
	file   string
	values map[string]any
	lines  map[string]int // path of keys, joined by \x00 → line
	order  map[string]int // the same → rank in the file
	errs   []mistake
}

// A mistake is an error of the configuration's author.
type mistake struct {
	line    int
	message string
}

func parse(file string, data []byte) (*document, error) {
	d := &document{file: file, lines: map[string]int{}, order: map[string]int{}}
	if err := toml.Unmarshal(data, &d.values); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			line, _ := at.Position()
			return nil, fmt.Errorf("%s:%d: %s", file, line, strings.TrimPrefix(at.Error(), "toml: "))
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	// The values are sound. A second pass takes down where the keys are.
	var p unstable.Parser
	p.Reset(data)
	var at []string
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			at = d.note(&p, nil, e)
		case unstable.KeyValue:
			d.noteValue(&p, at, e)
		}
	}
	return d, nil
}

// note takes down the keys of a node below a path and returns the whole path.
func (d *document) note(p *unstable.Parser, at []string, n *unstable.Node) []string {
	at = slices.Clone(at)
	for it := n.Key(); it.Next(); {
		k := it.Node()
		at = append(at, string(k.Data))
		path := strings.Join(at, "\x00")
		if _, ok := d.lines[path]; !ok {
			d.lines[path] = p.Shape(k.Raw).Start.Line
			d.order[path] = len(d.order)
		}
	}
	return at
}

func (d *document) noteValue(p *unstable.Parser, at []string, n *unstable.Node) {
	at = d.note(p, at, n)
	if v := n.Value(); v.Kind == unstable.InlineTable {
		for it := v.Children(); it.Next(); {
			if child := it.Node(); child.Kind == unstable.KeyValue {
				d.noteValue(p, at, child)
			}
		}
	}
}

// err returns all mistakes, in the order of the file.
func (d *document) err() error {
	slices.SortStableFunc(d.errs, func(a, b mistake) int { return a.line - b.line })
	var errs []error
	for _, m := range d.errs {
		where := d.file
		if m.line > 0 {
			where += ":" + strconv.Itoa(m.line)
		}
		errs = append(errs, fmt.Errorf("%s: %s", where, m.message))
	}
	return errors.Join(errs...)
}

func (d *document) top() *table { return &table{doc: d, values: d.values} }

// A table reads values by key and notes what is wrong with them. A nil table is an
// absent one: it has no keys.
type table struct {
	doc    *document
	path   string // joined by \x00, with one at the end
	values map[string]any
}

func (t *table) line(key string) int { return t.doc.lines[t.path+key] }

func (t *table) fail(key, format string, args ...any) {
	t.doc.errs = append(t.doc.errs, mistake{t.line(key), fmt.Sprintf(format, args...)})
}

// keys returns the keys in the order of the file: later ones may win over earlier.
func (t *table) keys() []string {
	if t == nil {
		return nil
	}
	var keys []string
	for k := range t.values {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if n := t.doc.order[t.path+a] - t.doc.order[t.path+b]; n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return keys
}

// known notes every key that is not in the list.
func (t *table) known(names []string) {
	for _, k := range t.keys() {
		if !slices.Contains(names, k) {
			t.fail(k, "unknown key %q%s", k, suggest(k, names))
		}
	}
}

// sub returns the table under a key, or nil.
func (t *table) sub(key string) *table {
	if t == nil {
		return nil
	}
	switch v := t.values[key].(type) {
	case nil:
		return nil
	case map[string]any:
		return &table{t.doc, t.path + key + "\x00", v}
	}
	t.fail(key, "%s must be a table, as in [%s]", key, key)
	delete(t.values, key) // said once is enough
	return nil
}

func get[T any](t *table, key, what string, into *T) {
	switch v := t.values[key].(type) {
	case nil:
	case T:
		*into = v
	default:
		t.fail(key, "%s must be %s", key, what)
	}
}

func (t *table) text(key string, into *string)  { get(t, key, "a string", into) }
func (t *table) boolean(key string, into *bool) { get(t, key, "true or false", into) }

func (t *table) whole(key string, into *int) {
	n := int64(*into)
	get(t, key, "a whole number", &n)
	if int64(int(n)) != n {
		t.fail(key, "%s is too large", key)
		return
	}
	*into = int(n)
}

func (t *table) texts(key string, into *[]string) {
	var list []any
	get(t, key, "a list of strings", &list)
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			t.fail(key, "%s must be a list of strings", key)
			return
		}
		*into = append(*into, s)
	}
}

func (t *table) severity(key string, into *finding.Severity) {
	var s string
	get(t, key, "the name of a severity", &s)
	if s == "" {
		return
	}
	if err := into.UnmarshalText([]byte(s)); err != nil {
		t.fail(key, "%s: %v", key, err)
	}
}

// size reads a number of bytes, or a text such as "20 MB".
func (t *table) size(key string, into *int64) {
	const advice = `%s must be a positive number of bytes, or a text such as "20 MB"`
	switch v := t.values[key].(type) {
	case nil:
	case int64:
		if v <= 0 {
			t.fail(key, advice, key)
		}
		*into = v
	case string:
		n, err := ParseSize(v)
		if err != nil {
			t.fail(key, advice, key)
		}
		*into = n
	default:
		t.fail(key, advice, key)
	}
}

// ParseSize reads a number of bytes such as 500, 64 KB, 20MB or 1.5 GiB. A unit is
// 1024 of the one below.
func ParseSize(s string) (int64, error) {
	number := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	unit := int64(0)
	switch strings.ToLower(strings.TrimSpace(s[len(number):])) {
	case "", "b", "byte", "bytes":
		unit = 1
	case "k", "kb", "kib":
		unit = 1 << 10
	case "m", "mb", "mib":
		unit = 1 << 20
	case "g", "gb", "gib":
		unit = 1 << 30
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || unit == 0 || !(x > 0) || x*float64(unit) > 1<<50 || int64(x*float64(unit)) == 0 {
		return 0, fmt.Errorf("size %q cannot be read: write a number of bytes, or 20 MB", s)
	}
	return int64(x * float64(unit)), nil
}

// files reads a list of files relative to the configuration.
func (t *table) files(key, dir string) []string {
	var names, files []string
	t.texts(key, &names)
	for _, name := range names {
		file := filepath.FromSlash(name)
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		if _, err := os.Stat(file); err != nil {
			t.fail(key, "%s: there is no file %q: paths are relative to this configuration", key, name)
			continue
		}
		files = append(files, file)
	}
	return files
}
