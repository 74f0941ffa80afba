package config

import (
	"bufio"
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
)

// fromBandit takes over [tool.bandit]. Unknown keys are options of tests: Bandit
// does not check them, and its plugins may have any.
func fromBandit(t *table, file string) (*Config, error) {
	c := Default()
	c.File, c.Dir, c.Section = file, filepath.Dir(file), "tool.bandit"
	var skips, tests, dirs, targets []string
	t.texts("skips", &skips)
	t.texts("tests", &tests)
	t.texts("exclude_dirs", &dirs)
	t.texts("exclude", &dirs)
	t.texts("targets", &targets)
	c.takeOver(skips, tests, dirs, targets)
	for _, key := range t.keys() {
		switch key {
		case "skips", "tests", "exclude_dirs", "exclude", "targets":
			continue
		}
		options := t.sub(key)
		if options == nil {
			continue
		}
		if c.BanditOptions == nil {
			c.BanditOptions = map[string]map[string]any{}
		}
		c.BanditOptions[key] = options.values
		if key == "assert_used" {
			var skips []string
			options.texts("skips", &skips)
			for _, pattern := range skips {
				c.skipHere(pattern, "B101")
			}
		}
	}
	return c, t.doc.err()
}

// skipHere turns a test off where Bandit's fnmatch pattern fits.
func (c *Config) skipHere(pattern, id string) {
	g := globOf(pattern)
	if line, err := match.ParseLine(g); err == nil && line != nil {
		c.PerPath = append(c.PerPath, PathConfig{Pattern: g, Ignore: []string{id}, line: line})
	}
}

// takeOver translates what both of Bandit's forms have.
func (c *Config) takeOver(skips, tests, excludes, targets []string) {
	c.Ignore = ids(skips)
	c.Select = ids(tests)
	for _, e := range excludes {
		if g := excludeOf(e, c.Dir); g != "" && !slices.Contains(c.Exclude, g) {
			c.Exclude = append(c.Exclude, g)
		}
	}
	for _, t := range targets {
		if !filepath.IsAbs(t) {
			t = filepath.Join(c.Dir, filepath.FromSlash(t))
		}
		c.Targets = append(c.Targets, t)
	}
	c.Notes = append(c.Notes, fmt.Sprintf("there is no configuration for Gambeson, so the one for Bandit in %s holds", c.File))
}

// ids turns names of Bandit's tests into ids and keeps what it does not know.
func ids(names []string) []string {
	var out []string
	for _, name := range names {
		name = strings.TrimSpace(name)
		if id, ok := finding.BanditID(name); ok {
			name = id
		}
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// excludeOf translates an exclude of Bandit, which is a part of a path or an fnmatch
// pattern, to the pattern that its author meant: a folder anywhere, unless ./ or
// an absolute path says where.
func excludeOf(e, dir string) string {
	e = strings.TrimSpace(filepath.ToSlash(e))
	if rest, ok := strings.CutPrefix(e, "./"); ok {
		if rest = strings.Trim(rest, "/"); rest == "" {
			return ""
		}
		return "/" + strings.TrimSuffix(rest, "/*")
	}
	if slash := filepath.ToSlash(dir); filepath.IsAbs(e) && strings.HasPrefix(e, slash+"/") {
		return e
	}
	e = strings.Trim(e, "/")
	if e == "" || strings.Trim(e, "*/") == "" {
		return "" // Bandit's * means everything; nobody wants that
	}
	return globOf(e)
}

// globOf translates an fnmatch pattern, whose * crosses slashes.
func globOf(pattern string) string {
	pattern = strings.TrimPrefix(pattern, "./")
	for strings.HasPrefix(pattern, "*/") {
		pattern = pattern[2:]
	}
	if rest, ok := strings.CutSuffix(pattern, "/*"); ok {
		pattern = rest
	}
	pattern = strings.Trim(pattern, "/")
	if strings.Contains(pattern, "/") && !strings.HasPrefix(pattern, "**") {
		pattern = "**/" + pattern
	}
	return pattern
}

// notTakenOver lists options of .bandit that choose how Bandit runs and prints;
// those belong on our command line.
var notTakenOver = []string{
	"recursive", "aggregate", "number", "configfile", "profile", "level", "severity", "confidence", "severity-level", "confidence-level",
	"format", "msg-template", "output", "output-file", "verbose", "debug", "quiet", "ignore-nosec", "baseline", "ini", "exit-zero",
	"context-lines", "agg-type",
}

// readBanditINI reads the [bandit] section of .bandit.
func readBanditINI(file string) (*Config, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	values, lines, err := parseINI(file, data, "bandit")
	if err != nil {
		return nil, err
	}
	c := Default()
	c.File, c.Dir, c.Section = file, filepath.Dir(file), "bandit"
	list := func(key string) []string {
		return slices.DeleteFunc(strings.FieldsFunc(values[key], func(r rune) bool { return r == ',' || r == '\n' }), func(s string) bool { return strings.TrimSpace(s) == "" })
	}
	trimmed := func(key string) []string {
		l := list(key)
		for i := range l {
			l[i] = strings.TrimSpace(l[i])
		}
		return l
	}
	c.takeOver(trimmed("skips"), trimmed("tests"), append(trimmed("exclude"), trimmed("exclude_dirs")...), trimmed("targets"))
	d := &document{file: file, lines: lines}
	for key := range values {
		switch key {
		case "skips", "tests", "exclude", "exclude_dirs", "targets":
			continue
		}
		if slices.Contains(notTakenOver, strings.ReplaceAll(key, "_", "-")) {
			c.Notes = append(c.Notes, fmt.Sprintf("%s in %s is not taken over: use the options of gambeson scan", key, file))
			continue
		}
		d.errs = append(d.errs, mistake{lines[key], fmt.Sprintf("unknown key %q%s", key, suggest(key, []string{"targets", "exclude", "skips", "tests"}))})
	}
	slices.Sort(c.Notes[1:])
	return c, d.err()
}

// parseINI reads one section: `key = value` or `key: value`, where an indented line
// carries the value on.
func parseINI(file string, data []byte, section string) (values map[string]string, lines map[string]int, err error) {
	values, lines = map[string]string{}, map[string]int{}
	in, key := "", ""
	sc := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	sc.Buffer(nil, maxSize+1)
	for n := 1; sc.Scan(); n++ {
		raw := sc.Text()
		text := strings.TrimSpace(raw)
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
			continue
		case key != "" && (raw[0] == ' ' || raw[0] == '\t'):
			if in == section {
				values[key] += "\n" + text
			}
			continue
		case text[0] == '[':
			end := strings.IndexByte(text, ']')
			if end < 0 {
				return nil, nil, fmt.Errorf("%s:%d: the bracket is not closed: write [%s]", file, n, section)
			}
			in, key = text[1:end], ""
			continue
		}
		at := strings.IndexAny(text, "=:")
		if at <= 0 || in == "" {
			return nil, nil, fmt.Errorf("%s:%d: not a setting: write [%s] and below it lines such as skips = B101,B602", file, n, section)
		}
		key = strings.ToLower(strings.TrimSpace(text[:at]))
		if in == section {
			values[key] = strings.TrimSpace(text[at+1:])
			lines[key] = n
		}
	}
	return values, lines, sc.Err()
}
