// Package settings reads the settings of Django applications as Python would, without
// running them: `from .base import *`, conditions, lists that are added to, variables of the
// environment and the libraries that read them, functions of the project's own.
//
// What a setting is depends on what the environment holds, so a value is all that it can be,
// which of these it is if nothing is set, and whether it can be something that nobody knows
// (Value). Modules are run once, statement by statement (exec.go); where a condition cannot
// be decided both ways are gone, from the same state, and what they did is joined. Nothing
// is executed, steps are counted, and whatever is not understood makes a value Open rather
// than wrong: a rule that claims something asks for Judgement.Always.
//
// Of finds the configurations of a program: each settings module that is not merely a part
// of another, with what speaks for it being the one of production.
package settings

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// A Role says what a configuration is for.
type Role uint8

// The roles.
const (
	Unclear     Role = iota // one of several, and nothing says which
	Development             // its name says so
	Likely                  // production's: there is no other
	Production              // its name says so, or the server starts with it
)

// A Config is a settings module as a process sees it.
type Config struct {
	Name  string // dotted, of the module
	Path  string
	Role  Role
	Why   string   // what speaks for the role: "shop/wsgi.py starts with them"
	Local string   // a module of each machine's own that is read over it, or ""
	Files []string // what it was read from, its own path first
	// Forced says that a server starts with it whatever its environment asks for.
	Forced bool

	starter string      // the file that starts with it, or ""
	start   source.Span // of its first line
	vars    *Map
}

// A Setting is one of a Config, or the framework's default.
type Setting struct {
	Name  string
	Value Value
	Set   Judgement // whether the project says it at all
	At    Place     // where it was said last, or the module's first line
}

// Get is what Django sees under a name.
func (c *Config) Get(name string) Setting {
	s := Setting{Name: name, At: Place{c.Path, c.start}, Set: no}
	d, ok := defaults[name]
	if !ok {
		d = none()
	}
	e := c.vars.get(name)
	if e == nil {
		if c.vars.Open {
			s.Set, d = either, unknown()
		}
		s.Value = d
		return s
	}
	s.Set, s.Value = e.In, e.Value
	if e.At.Path != "" && e.In.Now != No {
		s.At = e.At
	}
	if e.In.Always != Yes {
		s.Value = join(e.Value, d, e.In.Now, e.Value.Envs, 0)
	}
	return s
}

// Here says whether a part of the configuration is written in a file.
func (c *Config) Here(file string) bool { return slices.Contains(c.Files, file) }

// Of finds the configurations of the program that a unit is part of: production's first, then
// by path.
func Of(u *program.Unit) []*Config {
	p := u.Module.Program()
	found, _ := p.Once(key{}, func() any { return find(p) }).([]*Config)
	return found
}

type key struct{}

// files are the modules that were opened, each once.
type files struct {
	units map[*program.Module]*program.Unit
}

func (f *files) open(m *program.Module) *program.Unit {
	if u, ok := f.units[m]; ok {
		return u
	}
	u := m.Open()
	f.units[m] = u
	return u
}

func (f *files) close() {
	for _, u := range f.units {
		if u != nil {
			u.Close()
		}
	}
}

// maxConfigs bounds how many are read, and maxTogether what they may cost; no project that we
// know has more than a dozen.
const (
	maxConfigs  = 40
	maxTogether = 5 * maxSteps
)

func find(p *program.Program) []*Config {
	f := &files{units: map[*program.Module]*program.Unit{}}
	defer f.close()
	started, forced := starters(p, f)
	left := maxTogether
	var out []*Config
	for _, m := range p.Modules() {
		starter := started[m]
		if starter == "" && !candidate(m.Path) || source.IsTest(m.Path) || strings.HasSuffix(m.Path, ".pyi") {
			continue
		}
		if len(out) >= maxConfigs {
			break
		}
		c, cost := read(m, f, min(maxSteps, left))
		left = max(left-cost, 0)
		if c != nil {
			c.starter, c.Forced = starter, forced[m]
			out = append(out, c)
		}
	}
	return roles(out)
}

// candidate says by its path whether a module may hold settings.
func candidate(file string) bool {
	stem := strings.TrimSuffix(path.Base(file), path.Ext(file))
	dir := path.Base(path.Dir(file))
	for _, w := range strings.FieldsFunc(strings.ToLower(stem), func(r rune) bool { return r == '_' || r == '-' || r == '.' }) {
		if w == "settings" || w == "config" || w == "conf" || w == "setting" || w == "configuration" {
			return true
		}
	}
	if stem == "__init__" {
		return dir == "settings" || dir == "config" || dir == "conf"
	}
	for range 2 {
		if strings.HasSuffix(dir, "settings") || dir == "config" || dir == "conf" || dir == "configs" {
			return true
		}
		dir = path.Base(path.Dir(path.Dir(file)))
	}
	return false
}

// read makes a Config of a module, if it is one of Django's, in so many steps, and says how
// many it took.
func read(m *program.Module, f *files, steps int) (c *Config, cost int) {
	u := f.open(m)
	if u == nil || !mayBe(u) {
		return nil, 0
	}
	fo := &folder{files: f, steps: steps, spaces: map[*program.Module]*space{}, env: map[string]Value{}}
	sp := fo.space(m)
	if sp == nil {
		return nil, 0
	}
	cost = steps - fo.steps
	if sp.ns.get("INSTALLED_APPS") == nil && sp.ns.get("ROOT_URLCONF") == nil && sp.ns.get("MIDDLEWARE") == nil && sp.ns.get("WSGI_APPLICATION") == nil {
		return nil, cost
	}
	c = &Config{Name: strings.Clone(m.Name), Path: m.Path, Local: strings.Clone(fo.local), Files: append([]string{m.Path}, fo.read...), start: first(u), vars: &Map{Open: sp.ns.Open}}
	if fo.cut { // too much of it: nothing is known
		c.vars.Open = true
		return c, cost
	}
	copies := &copier{lists: map[*Items]*Items{}, maps: map[*Map]*Map{}}
	for _, e := range sp.ns.List {
		if !isSetting(e.Key) {
			continue
		}
		e.Key, e.Value = strings.Clone(e.Key), copies.value(e.Value, 0)
		c.vars.put(e)
	}
	return c, cost
}

// first is the first line of what stands first in a module: enough to say where.
func first(u *program.Unit) source.Span {
	body := u.Tree.Module.Body
	if len(body) == 0 {
		return source.Span{}
	}
	s := body[0].Span()
	end := s.Start
	for int(end) < len(u.File.Bytes) && end < s.End && u.File.Bytes[end] != '\n' && u.File.Bytes[end] != '\r' {
		end++
	}
	s.End = end
	return s
}

// isSetting says whether Django takes a name for a setting.
func isSetting(name string) bool { return name == strings.ToUpper(name) }

// mayBe is a quick look at the text: whether it can be settings of Django.
func mayBe(u *program.Unit) bool {
	for _, w := range []string{"INSTALLED_APPS", "ROOT_URLCONF", "MIDDLEWARE", "import *", "include("} {
		if bytes.Contains(u.File.Bytes, []byte(w)) {
			return true
		}
	}
	return false
}

// starters finds the modules that DJANGO_SETTINGS_MODULE is set to where servers and commands
// start, and the files that set it; forced are those that a server takes whatever its
// environment says.
func starters(p *program.Program, f *files) (out map[*program.Module]string, forced map[*program.Module]bool) {
	out, forced = map[*program.Module]string{}, map[*program.Module]bool{}
	for _, m := range p.Modules() {
		switch strings.TrimSuffix(path.Base(m.Path), ".py") {
		case "wsgi", "asgi", "passenger_wsgi", "uwsgi", "manage", "celery", "routing":
		default:
			continue
		}
		if source.IsTest(m.Path) {
			continue
		}
		u := f.open(m)
		if u == nil || !bytes.Contains(u.File.Bytes, []byte("DJANGO_SETTINGS_MODULE")) {
			continue
		}
		for _, x := range started(u) {
			name := x.name
			target := p.Module(name, m.Path)
			if target == nil {
				target = p.ByPath(path.Join(path.Dir(m.Path), strings.ReplaceAll(name, ".", "/")+".py"))
			}
			if target == nil {
				continue
			}
			if stem := path.Base(m.Path); stem == "wsgi.py" || stem == "asgi.py" {
				forced[target] = forced[target] || x.forced
			}
			// What a server starts with says more than what commands do.
			if old := out[target]; old == "" || path.Base(old) == "manage.py" {
				out[target] = m.Path
			}
		}
	}
	return out, forced
}

// A start is a name that a module gives to DJANGO_SETTINGS_MODULE; forced, if it does not ask
// whether there is one.
type start struct {
	name   string
	forced bool
}

// started are the values that a module gives to DJANGO_SETTINGS_MODULE.
func started(u *program.Unit) (out []start) {
	add := func(e ast.Expr, forced bool) {
		if c, ok := e.(*ast.Call); ok && len(c.Args) > 1 { // os.environ.get("X", "shop.settings")
			e, forced = c.Args[1], false
		}
		if s, ok := u.Str(e); ok {
			out = append(out, start{s, forced})
		}
	}
	is := func(e ast.Expr) bool {
		s, ok := u.Str(e)
		return ok && s == "DJANGO_SETTINGS_MODULE"
	}
	for _, n := range u.Tree.Nodes()[1:] {
		switch n := n.(type) {
		case *ast.Call:
			if f, ok := n.Func.(*ast.Attribute); ok && f.Attr == "setdefault" && len(n.Args) == 2 && is(n.Args[0]) {
				add(n.Args[1], false)
			}
		case *ast.Assign:
			if t, ok := n.Targets[0].(*ast.Subscript); ok && is(t.Slice) {
				_, always := u.Parent(n).(*ast.Module)
				add(n.Value, always)
			}
		}
	}
	return out
}

// roles says what each configuration is for, and leaves out those that are only parts of
// others.
func roles(all []*Config) []*Config {
	part := map[string]bool{}
	for _, c := range all {
		for _, f := range c.Files[1:] {
			part[f] = true
		}
	}
	var out []*Config
	for _, c := range all {
		server := c.starter != "" && path.Base(c.starter) != "manage.py"
		if c.starter != "" {
			c.Why = c.starter + " starts with them"
		}
		name := named(c.Path)
		switch {
		case name == Production:
			c.Role = Production
			if !server {
				c.Why = "their name says production"
			}
		case c.Forced:
			c.Role = Production
		case name == Development:
			c.Role, c.Why = Development, "their name says development"
		case server:
			c.Role = Production
		case part[c.Path]:
			continue
		}
		out = append(out, c)
	}
	var open []*Config
	production := false
	for _, c := range out {
		production = production || c.Role == Production
		if c.Role == Unclear {
			open = append(open, c)
		}
	}
	if len(open) == 1 && !production {
		open[0].Role = Likely
		if open[0].Why == "" {
			open[0].Why = "there are no others"
		}
	}
	for _, c := range open {
		// Several applications, each with settings of its own that are meant to be served.
		if d := c.Get("DEBUG"); !production && c.Role == Unclear && d.Set.Always == Yes && d.Value.True().Not().Always == Yes && c.Get("ALLOWED_HOSTS").Value.True().Always == Yes {
			c.Role = Likely
			if c.Why == "" {
				c.Why = "DEBUG is off in them"
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *Config) int { return int(b.Role) - int(a.Role) })
	return out
}

// named is what the name of a module, or its folder, says of its purpose.
func named(file string) Role {
	stem := strings.ToLower(strings.TrimSuffix(path.Base(file), path.Ext(file)))
	if stem == "__init__" {
		stem = strings.ToLower(path.Base(path.Dir(file)))
	}
	words := strings.FieldsFunc(stem, func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	for _, w := range words {
		switch w {
		case "dev", "devel", "develop", "development", "local", "localhost", "test", "tests", "testing", "ci", "example", "sample", "demo", "sandbox", "playground", "debug", "docs":
			return Development
		}
	}
	for _, w := range words {
		switch w {
		case "prod", "production", "live", "deploy", "deployment", "heroku", "staging":
			return Production
		}
	}
	if slices.Contains(strings.Split(path.Dir(strings.ToLower(file)), "/"), "production") {
		return Production
	}
	return Unclear
}
