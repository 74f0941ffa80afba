// Package config reads what a project says about how it wants to be looked at:
// gambeson.toml, or [tool.gambeson] in pyproject.toml, and where neither exists what
// the project has told Bandit.
//
// A misspelled key that is silently passed over is worse than none, as people then
// believe in a setting that has no effect. So every key is known by name, every
// mistake is an error with file and line, and all of them are reported at once.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
)

// A Config is what a project asks for. Zero values mean that it says nothing;
// Default fills in what then holds.
type Config struct {
	File    string // where it was read, absolute; "" if there is no configuration
	Dir     string // the folder of the file: what Exclude and PerPath are relative to
	Section string // "tool.gambeson", "tool.bandit", "bandit" or "" for the whole file

	Profile     string           // default or audit
	FailOn      finding.Severity // findings from here on make the exit code 1
	Select      []string         // only these rules: ids, aliases, practices ("2a") or globs
	Ignore      []string         // not these
	Exclude     []string         // patterns in the syntax of .gitignore
	MaxFileSize int64            // bytes; 0 is the default
	Jobs        int              // files at a time; 0 is one a processor
	Rules       []string         // files with more rules, absolute
	Models      []string         // files with more models, absolute
	// IncludeTests reports tests as severely as everything else.
	IncludeTests bool
	PerPath      []PathConfig
	Rule         map[string]RuleConfig // by id or alias, as written
	// Parts holds the tables of the other parts of the program by their names, such as
	// [guard], as they are.
	Parts map[string]map[string]any

	// BanditOptions holds what Bandit's configuration says of single tests, by the
	// test's name: assert_used → skips.
	BanditOptions map[string]map[string]any
	Targets       []string // what .bandit wants scanned, absolute

	// Notes says in sentences what the user might not expect, such as where Bandit's
	// configuration was taken over.
	Notes []string

	prefix     string // from Dir to the scanned root, with a slash at the end
	references []reference
}

// A PathConfig holds for the files that a pattern fits. Later ones win.
type PathConfig struct {
	Pattern    string                      // in the syntax of .gitignore
	Ignore     []string                    // rules that are off here
	Severity   *finding.Severity           // of everything here
	Severities map[string]finding.Severity // of single rules here

	line *match.Line
}

// A RuleConfig is what [rule.<id>] says.
type RuleConfig struct {
	Enabled  *bool
	Severity *finding.Severity
	Options  map[string]any // the rule's own
}

// A reference is a place that names a rule.
type reference struct {
	name, key string
	line      int
}

// The files that are looked for, the first first.
const (
	ownFile    = "gambeson.toml"
	pyproject  = "pyproject.toml"
	banditFile = ".bandit"
)

// maxSize is more than anybody writes by hand.
const maxSize = 1 << 20

// Default is the configuration of a project that says nothing.
func Default() *Config {
	return &Config{Profile: "default", FailOn: finding.Medium, Rule: map[string]RuleConfig{}}
}

// Load finds the configuration for a file or folder: in its folder, or in the
// nearest one above that has one, up to the top of the repository. Our own wins
// over Bandit's wherever they are. Without any it is the default.
func Load(start string) (*Config, error) {
	dir, err := filepath.Abs(start)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	var bandit *Config
	var notes []string
	for {
		if file := filepath.Join(dir, ownFile); exists(file) {
			return Read(file)
		}
		file := filepath.Join(dir, pyproject)
		c, err := readPyproject(file)
		switch {
		case err != nil && !errors.Is(err, errNotOurs):
			return nil, err
		case err != nil:
			notes = append(notes, err.Error())
		case c != nil && c.Section == "tool.gambeson":
			return c, nil
		case c != nil && bandit == nil:
			bandit = c
		}
		if file := filepath.Join(dir, banditFile); bandit == nil && isFile(file) {
			if bandit, err = readBanditINI(file); err != nil {
				return nil, err
			}
		}
		if isRepository(dir) || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	c := bandit
	if c == nil {
		c = Default()
	}
	c.Notes = append(c.Notes, notes...)
	return c, nil
}

// In is what the folder itself says, whatever folders above say, or nil.
func In(dir string) (*Config, error) {
	if file := filepath.Join(dir, ownFile); exists(file) {
		return Read(file)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	c, err := readPyproject(filepath.Join(abs, pyproject))
	if err != nil && !errors.Is(err, errNotOurs) {
		return nil, err
	}
	if file := filepath.Join(abs, banditFile); c == nil && isFile(file) {
		return readBanditINI(file)
	}
	return c, nil
}

// Read reads one file that the user named: gambeson.toml by any name, a
// pyproject.toml, or Bandit's .bandit.
func Read(file string) (*Config, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	switch base := filepath.Base(abs); {
	case base == banditFile || filepath.Ext(base) == ".ini" || filepath.Ext(base) == ".cfg":
		return readBanditINI(abs)
	case filepath.Ext(base) == ".yaml" || filepath.Ext(base) == ".yml":
		return nil, fmt.Errorf("%s: YAML is not read: move its settings to gambeson.toml or to [tool.bandit] in pyproject.toml", file)
	case base == pyproject:
		c, err := readPyproject(abs)
		if err == nil && c == nil {
			return nil, fmt.Errorf("%s: there is no [tool.gambeson] in it: add one", file)
		}
		return c, err
	}
	data, err := readFile(abs)
	if err != nil {
		return nil, err
	}
	doc, err := parse(abs, data)
	if err != nil {
		return nil, err
	}
	return fromTable(doc.top(), abs, "")
}

// readPyproject returns nil if the file is missing or speaks neither of us nor of Bandit.
func readPyproject(file string) (*Config, error) {
	data, err := readFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	doc, err := parse(file, data)
	if err != nil {
		if !strings.Contains(string(data), "gambeson") {
			return nil, fmt.Errorf("%w%w", err, errNotOurs)
		}
		return nil, err
	}
	tool := doc.top().sub("tool")
	if t := tool.sub("gambeson"); t != nil {
		return fromTable(t, file, "tool.gambeson")
	}
	if t := tool.sub("bandit"); t != nil {
		return fromBandit(t, file)
	}
	return nil, nil
}

// errNotOurs marks a mistake in a pyproject.toml that says nothing of us: it is
// somebody else's to report.
var errNotOurs = errors.New("; it was passed over, as it does not mention gambeson")

func readFile(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", file)
	}
	if info.Size() > maxSize {
		return nil, fmt.Errorf("%s: a configuration of more than 1 MB is not read: is it the right file?", file)
	}
	return os.ReadFile(file)
}

func exists(file string) bool { _, err := os.Lstat(file); return err == nil }

func isFile(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular()
}

func isRepository(dir string) bool {
	return exists(filepath.Join(dir, ".git")) || exists(filepath.Join(dir, ".hg")) || exists(filepath.Join(dir, ".svn"))
}

// The keys, as an error lists them.
var (
	keys     = []string{"profile", "fail-on", "select", "ignore", "exclude", "max-file-size", "jobs", "rules", "models", "include-tests", "per-path", "rule"}
	parts    = []string{"deps", "secrets", "deploy", "probe", "guard", "run", "sanitize", "logs", "serve"}
	profiles = []string{"default", "audit"}
)

func fromTable(t *table, file, section string) (*Config, error) {
	c := Default()
	c.File, c.Dir, c.Section = file, filepath.Dir(file), section
	t.text("profile", &c.Profile)
	if !slices.Contains(profiles, c.Profile) {
		t.fail("profile", "unknown profile %q%s", c.Profile, suggest(c.Profile, profiles))
	}
	t.severity("fail-on", &c.FailOn)
	c.Select = c.ruleNames(t, "select")
	c.Ignore = c.ruleNames(t, "ignore")
	t.texts("exclude", &c.Exclude)
	for _, pattern := range c.Exclude {
		if _, err := match.ParseLine(pattern); err != nil || strings.TrimSpace(pattern) == "" {
			t.fail("exclude", "%q is not a pattern as in .gitignore", pattern)
		}
	}
	t.size("max-file-size", &c.MaxFileSize)
	t.whole("jobs", &c.Jobs)
	if c.Jobs < 0 || c.Jobs > 4096 {
		t.fail("jobs", "jobs must be from 0 (one a processor) to 4096")
	}
	c.Rules = t.files("rules", c.Dir)
	c.Models = t.files("models", c.Dir)
	t.boolean("include-tests", &c.IncludeTests)
	for _, pattern := range t.sub("per-path").keys() {
		c.perPath(t.sub("per-path"), pattern)
	}
	for _, id := range t.sub("rule").keys() {
		c.rule(t.sub("rule"), id)
	}
	for _, part := range parts {
		if v := t.sub(part); v != nil {
			if c.Parts == nil {
				c.Parts = map[string]map[string]any{}
			}
			c.Parts[part] = v.values
		}
	}
	t.known(append(slices.Clone(keys), parts...))
	return c, t.doc.err()
}

// ruleNames reads a list of rules and remembers where it stands, for CheckRules.
func (c *Config) ruleNames(t *table, key string) []string {
	var names []string
	t.texts(key, &names)
	for _, name := range names {
		c.references = append(c.references, reference{name, key, t.line(key)})
	}
	return names
}

func (c *Config) perPath(t *table, pattern string) {
	line, err := match.ParseLine(pattern)
	if err != nil || line == nil {
		t.fail(pattern, "%q is not a pattern as in .gitignore", pattern)
		return
	}
	p := t.sub(pattern)
	if p == nil {
		return
	}
	pc := PathConfig{Pattern: pattern, line: line, Ignore: c.ruleNames(p, "ignore")}
	if severities, ok := p.values["severity"].(map[string]any); ok {
		pc.Severities = map[string]finding.Severity{}
		for rule := range severities {
			var s finding.Severity
			p.sub("severity").severity(rule, &s)
			pc.Severities[rule] = s
			c.references = append(c.references, reference{rule, "severity", p.sub("severity").line(rule)})
		}
	} else if _, ok := p.values["severity"]; ok {
		pc.Severity = new(finding.Severity)
		p.severity("severity", pc.Severity)
	}
	p.known([]string{"ignore", "severity"})
	c.PerPath = append(c.PerPath, pc)
}

func (c *Config) rule(t *table, id string) {
	r := t.sub(id)
	if r == nil {
		return
	}
	rc := RuleConfig{Options: map[string]any{}}
	if _, ok := r.values["enabled"]; ok {
		rc.Enabled = new(bool)
		r.boolean("enabled", rc.Enabled)
	}
	if _, ok := r.values["severity"]; ok {
		rc.Severity = new(finding.Severity)
		r.severity("severity", rc.Severity)
	}
	for key, value := range r.values {
		if key != "enabled" && key != "severity" {
			rc.Options[key] = value
		}
	}
	c.Rule[id] = rc
	c.references = append(c.references, reference{id, "rule", t.line(id)})
}

// CheckRules reports names of rules in the configuration that do not exist: known
// holds all ids and aliases. Practices and globs that fit nothing are named as well.
// Tests of Bandit that nothing answers for only earn a note.
func (c *Config) CheckRules(known []string) error {
	if strings.HasSuffix(c.Section, "bandit") {
		return nil // Bandit has tests that nobody needs any more
	}
	slices.SortStableFunc(c.references, func(a, b reference) int { return a.line - b.line })
	var errs []error
	for _, r := range c.references {
		where := c.File
		if r.line > 0 {
			where = fmt.Sprintf("%s:%d", c.File, r.line)
		}
		if err := c.checkRule(r.name, known, where, " in "+r.key); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// CheckNames does the same for names that a flag gave.
func (c *Config) CheckNames(flag string, list, known []string) error {
	var errs []error
	for _, name := range list {
		if err := c.checkRule(name, known, flag, ""); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (c *Config) checkRule(name string, known []string, where, in string) error {
	if finding.Practice(name).Title() != "" || slices.ContainsFunc(known, func(k string) bool { return names(name, k) }) {
		return nil
	}
	if _, ok := finding.BanditID(name); ok {
		c.Notes = append(c.Notes, fmt.Sprintf("%s: no rule answers for Bandit's test %s%s: it has no effect", where, name, in))
		return nil
	}
	return fmt.Errorf("%s: unknown rule %q%s%s", where, name, in, suggest(name, known))
}

// names reports whether a name in the configuration, which may be a glob, is that of
// the rule.
func names(name, rule string) bool {
	if strings.EqualFold(name, rule) {
		return true
	}
	if !strings.ContainsAny(name, "*?[") {
		return false
	}
	g, err := match.Compile(name)
	return err == nil && g.Match(rule)
}

func anyNames(list []string, id string, aliases []string, practice finding.Practice) bool {
	for _, name := range list {
		if practice != "" && name == string(practice) || names(name, id) {
			return true
		}
		for _, a := range aliases {
			if names(name, a) {
				return true
			}
		}
	}
	return false
}

// A Choice is whether the configuration wants a rule.
type Choice uint8

// The choices; Unsaid leaves it to the profile.
const (
	Unsaid Choice = iota
	On
	Off
)

// Choose says whether a rule is wanted. What [rule.<id>] says counts most, then
// ignore, then select, which turns everything off that it does not name.
func (c *Config) Choose(id string, aliases []string, practice finding.Practice) Choice {
	if r, ok := c.ruleConfig(id, aliases); ok && r.Enabled != nil {
		if *r.Enabled {
			return On
		}
		return Off
	}
	switch {
	case anyNames(c.Ignore, id, aliases, practice):
		return Off
	case len(c.Select) == 0:
		return Unsaid
	case anyNames(c.Select, id, aliases, practice):
		return On
	}
	return Off
}

func (c *Config) ruleConfig(id string, aliases []string) (RuleConfig, bool) {
	if r, ok := c.Rule[id]; ok {
		return r, true
	}
	for _, a := range aliases {
		if r, ok := c.Rule[a]; ok {
			return r, true
		}
	}
	return RuleConfig{}, false
}

var noOptions = map[string]any{} // nobody writes into it

// Options returns the rule's own options, never nil and only to be read: those of [rule.<id>], else those
// that Bandit's configuration has for a test among the aliases.
func (c *Config) Options(id string, aliases []string) map[string]any {
	if r, ok := c.ruleConfig(id, aliases); ok && len(r.Options) > 0 {
		return r.Options
	}
	if len(c.BanditOptions) == 0 {
		return noOptions
	}
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(c.BanditOptions)) { // two tests may be one rule here
		if test, ok := finding.BanditID(name); ok && slices.Contains(aliases, test) {
			maps.Copy(out, c.BanditOptions[name])
		}
	}
	return out
}

// SetRoot tells where the paths begin that At is asked about.
func (c *Config) SetRoot(root string) {
	c.prefix = ""
	if c.Dir == "" {
		return
	}
	if abs, err := filepath.Abs(root); err == nil {
		if rel, err := filepath.Rel(c.Dir, abs); err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			c.prefix = filepath.ToSlash(rel) + "/"
		}
	}
}

// At says how severe a finding of a rule is in a file, and whether it counts there
// at all. The path is relative to the root, with forward slashes; severity is what
// holds if nothing is said.
func (c *Config) At(file, id string, aliases []string, practice finding.Practice, severity finding.Severity) (s finding.Severity, ok bool) {
	if r, found := c.ruleConfig(id, aliases); found && r.Severity != nil {
		severity = *r.Severity
	}
	for i := range c.PerPath {
		p := &c.PerPath[i]
		if !p.fits(file) && (c.prefix == "" || !p.fits(c.prefix+file)) {
			continue
		}
		if anyNames(p.Ignore, id, aliases, practice) {
			return severity, false
		}
		if p.Severity != nil {
			severity = *p.Severity
		}
		for name, s := range p.Severities {
			if anyNames([]string{name}, id, aliases, practice) {
				severity = s
			}
		}
	}
	return severity, true
}

// fits asks for the file and for the folders above it: tests/ fits what is in tests.
func (p *PathConfig) fits(file string) bool {
	if p.line == nil {
		return false
	}
	for dir, isDir := file, false; dir != "." && dir != "/" && dir != ""; dir, isDir = path.Dir(dir), true {
		if p.line.Match(dir, isDir) {
			return true
		}
	}
	return false
}

func suggest(word string, candidates []string) string {
	if c := match.Closest(word, candidates); c != "" {
		return fmt.Sprintf(": did you mean %q?", c)
	}
	if len(candidates) <= 24 {
		return ": use one of " + strings.Join(candidates, ", ")
	}
	return ": see gambeson rules"
}
