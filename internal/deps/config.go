package deps

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/gambeson/gambeson/internal/deps/advisory"
	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/match"
)

// A Config is what [tool.gambeson.deps] says, and what the command line adds.
type Config struct {
	Groups   []string // only packages of these: main, dev, extra:tests; globs
	NoGroups []string // not these
	Private  []string // names, or globs, of packages that are nowhere but at home
	MaxAge   int      // days that the advisories may be old without a warning; 0 means 30
	VEX      []string // files in OpenVEX form that say what does not matter, relative to the configuration
	Ignores  []*Ignore
	Env      pep508.Environment // packages that it rules out are left out; nil: none
}

// An Ignore is an exception: a flaw that does not matter here, and why.
type Ignore struct {
	ID         string // of the advisory, or an alias
	Package    string // "" means every one
	Reason     string
	Expires    time.Time // the last day on which it holds; zero: no end
	UntilFixed bool      // it holds only while there is no version with a fix

	version pep440.Version // the only one that it speaks of, or none
	from    string         // configuration, command line or the name of a VEX file
	used    bool
	expired bool
	fixed   bool
}

// kind is the suppression's kind.
func (ig *Ignore) kind() string {
	if ig.from == "" {
		return "configuration"
	}
	return ig.from
}

// ReadConfig reads the table of a configuration. The error names all mistakes.
func ReadConfig(values map[string]any) (Config, error) {
	var c Config
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf("deps: "+format, args...)) }
	texts := func(key string, to *[]string) {
		list, ok := values[key].([]any)
		if !ok {
			fail("%s is a list of texts", key)
			return
		}
		for _, x := range list {
			s, ok := x.(string)
			if !ok || s == "" {
				fail("%s is a list of texts", key)
				continue
			}
			*to = append(*to, s)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		switch key {
		case "groups":
			texts(key, &c.Groups)
		case "no-groups":
			texts(key, &c.NoGroups)
		case "private":
			texts(key, &c.Private)
		case "vex":
			texts(key, &c.VEX)
		case "max-age":
			days, ok := values[key].(int64)
			if !ok || days < 1 || days > 36500 {
				fail("max-age is a number of days")
			}
			c.MaxAge = int(days)
		case "ignore":
			list, ok := values[key].([]any)
			if !ok {
				fail("ignore is a list of tables: write [[tool.gambeson.deps.ignore]]")
			}
			for i, x := range list {
				ig, err := readIgnore(x)
				if err != nil {
					fail("ignore, entry %d: %w", i+1, err)
					continue
				}
				c.Ignores = append(c.Ignores, ig)
			}
		default:
			near := match.Closest(key, []string{"groups", "no-groups", "private", "vex", "max-age", "ignore"})
			if near != "" {
				near = ": did you mean " + near + "?"
			}
			fail("there is no key %q%s", key, near)
		}
	}
	for _, list := range [][]string{c.Groups, c.NoGroups, c.Private} {
		for _, g := range list {
			if _, err := match.Compile(g); err != nil {
				fail("%q is no pattern: %v", g, err)
			}
		}
	}
	return c, errors.Join(errs...)
}

func readIgnore(x any) (*Ignore, error) {
	t, ok := x.(map[string]any)
	if !ok {
		return nil, errors.New("write a table with id, package and reason")
	}
	ig := &Ignore{}
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(t)) {
		ok := true
		switch key {
		case "id":
			ig.ID, ok = t[key].(string)
		case "package":
			ig.Package, ok = t[key].(string)
			ig.Package = pep508.Normalise(ig.Package)
		case "reason":
			ig.Reason, ok = t[key].(string)
		case "until-fixed":
			ig.UntilFixed, ok = t[key].(bool)
		case "expires":
			switch d := t[key].(type) {
			case toml.LocalDate:
				ig.Expires = d.AsTime(time.UTC)
			case string:
				var err error
				ig.Expires, err = time.Parse(time.DateOnly, d)
				ok = err == nil
			default:
				ok = false
			}
		default:
			errs = append(errs, fmt.Errorf("there is no key %q: use id, package, reason, expires and until-fixed", key))
		}
		if !ok {
			errs = append(errs, fmt.Errorf("%s: texts for id, package and reason, a day as 2027-01-31 for expires, true or false for until-fixed", key))
		}
	}
	if ig.ID == "" {
		errs = append(errs, errors.New("id is missing: the advisory that does not matter, such as CVE-2024-3651"))
	}
	if ig.Package == "" {
		errs = append(errs, errors.New("package is missing: an advisory may speak of several"))
	}
	if strings.TrimSpace(ig.Reason) == "" {
		errs = append(errs, errors.New("reason is missing: whoever comes next must be able to judge it"))
	}
	return ig, errors.Join(errs...)
}

// ByHand makes an exception of the command line.
func ByHand(id string) *Ignore { return &Ignore{ID: id, Reason: "--ignore-vuln", from: "command line"} }

// ignored is the exception that holds for a flaw of a package, or nil.
func (c *Config) ignored(it *item, adv *advisory.Advisory, now time.Time, fixed bool) *Ignore {
	var holds *Ignore
	for _, ig := range c.Ignores {
		if ig.Package != "" && ig.Package != it.Name || !adv.Is(ig.ID) || ig.version != (pep440.Version{}) && (it.State != manifest.Exact || ig.version.Compare(it.Version) != 0) {
			continue
		}
		switch {
		case !ig.Expires.IsZero() && now.After(ig.Expires.AddDate(0, 0, 1)):
			ig.expired = true
		case ig.UntilFixed && fixed:
			ig.fixed = true
		default:
			ig.used = true
			if holds == nil {
				holds = ig
			}
		}
	}
	return holds
}

// wants says whether packages of these groups are asked about; none is main.
func (c *Config) wants(groups []string) bool {
	if len(groups) == 0 {
		groups = []string{"main"}
	}
	in := func(patterns []string, g string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return fits(p, g) })
	}
	for _, g := range groups {
		if (len(c.Groups) == 0 || in(c.Groups, g)) && !in(c.NoGroups, g) {
			return true
		}
	}
	return false
}

func fits(pattern, name string) bool {
	if pattern == name {
		return true
	}
	g, err := match.Compile(pattern)
	return err == nil && g.Match(name)
}

// applies says whether a package is needed on the machine that was named.
func (c *Config) applies(m pep508.Marker) bool {
	return c.Env == nil || m.Empty() || m.Eval(c.Env) != pep508.False
}

func (c *Config) private(name string) bool {
	return slices.ContainsFunc(c.Private, func(p string) bool {
		return pep508.Normalise(p) == name || fits(strings.ToLower(p), name)
	})
}

func (c *Config) maxAge() int {
	if c.MaxAge > 0 {
		return c.MaxAge
	}
	return 30
}
