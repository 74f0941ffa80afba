package dependencies

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/source"
)

func isPipConf(p string) bool { b := path.Base(p); return b == "pip.conf" || b == "pip.ini" }

// Programs, also where a variable holds which one: $(PIP), ${PYTHON3}, {envpython}.
var (
	pipName    = match.Lazy(`^pip[0-9.]*(\.exe)?$|^\$[({]?(?i:[a-z_]*pip)[0-9.]*[)}]?$`)
	pythonName = match.Lazy(`^(python|pypy)[0-9.]*(\.exe)?$|^py$|^\$[({]?(?i:([a-z_]+_)?(python|py)[0-9.]*(_?(bin|exe|cmd))?)[)}]?$|^\{env_?python\}$`)
)

// A pip is a command that installs packages, or that asks an index for them.
type pip struct {
	verb shell.Word    // install, wheel, download
	args shell.Command // what follows it
	tool string        // pip, uv or pipx
	one  bool          // it takes one package, and what follows is that program's
}

// pipCommand reads a command of pip, or of uv and pipx in their words for the same.
func pipCommand(c shell.Command) (p pip, ok bool) {
	c = c.Program()
	i := 0
	next := func(is func(string) bool) bool {
		if i < len(c) && is(c[i].Text) {
			i++
			return true
		}
		return false
	}
	word := func(want ...string) func(string) bool { return func(s string) bool { return slices.Contains(want, s) } }
	named := func(re *regexp.Regexp) func(string) bool {
		return func(s string) bool { return re.MatchString(path.Base(s)) }
	}
	option := func(s string) bool { return strings.HasPrefix(s, "-") }
	program := func(want string) func(string) bool { return func(s string) bool { return path.Base(s) == want } }
	verbs := word("install", "wheel", "download")
	p.tool = "pip"
	switch {
	case next(named(pipName())):
	case next(named(pythonName())):
		for next(func(s string) bool { return option(s) && s != "-m" }) {
		}
		if !next(word("-m")) || !next(word("pip", "pipx", "uv")) {
			return p, false
		}
		if c[i-1].Text != "pip" {
			return pipCommand(c[i-1:])
		}
	case next(program("uvx")):
		p.tool, p.one = "uv", true
		return p.from(c, i-1), true
	case next(program("uv")):
		p.tool = "uv"
		for next(option) {
		}
		if next(word("tool")) {
			if next(word("run")) {
				p.one = true
				return p.from(c, i-1), true
			}
			verbs = word("install")
		} else if !next(word("pip")) {
			return p, false
		}
	case next(program("pipx")):
		p.tool = "pipx"
		if next(word("run")) {
			p.one = true
			return p.from(c, i-1), true
		}
		verbs = word("install")
	default:
		return p, false
	}
	for next(option) {
	}
	if !next(verbs) {
		return p, false
	}
	return p.from(c, i-1), true
}

// from takes over the verb, and what follows it.
func (p pip) from(c shell.Command, verb int) pip {
	p.verb, p.args = c[verb], c[verb+1:]
	return p
}

// A setting is one that says where packages come from: an option of pip by its long name, in
// whatever file and words it is made.
type setting struct {
	name, value string
	at          source.Span
	tool        string // that obeys it: pip, uv, poetry, pipenv, pdm
	order       manifest.Order
	bound       bool // some packages come from this index alone
	hashed      bool // all that is installed so has hashes
}

// pipVariables are the variables of the environment that set the same.
var pipVariables = map[string]string{
	"PIP_EXTRA_INDEX_URL": "--extra-index-url", "PIP_INDEX_URL": "--index-url", "PIP_FIND_LINKS": "--find-links", "PIP_TRUSTED_HOST": "--trusted-host",
	"UV_EXTRA_INDEX_URL": "--extra-index-url", "UV_INDEX": "--extra-index-url", "UV_INDEX_URL": "--index-url", "UV_DEFAULT_INDEX": "--index-url", "UV_INSECURE_HOST": "--trusted-host",
	"UV_FIND_LINKS": "--find-links",
}

var pipOptions = map[string]string{
	"--extra-index-url": "--extra-index-url", "--index-url": "--index-url", "-i": "--index-url", "--pypi-url": "--index-url", "--find-links": "--find-links", "-f": "--find-links",
	"--trusted-host": "--trusted-host", "--index": "--extra-index-url", "--default-index": "--index-url", "--allow-insecure-host": "--trusted-host",
}

// asksWhere is the Check.Docs of rules about where packages come from.
func asksWhere(p string) bool {
	return rule.Manifests(p) || shell.Is(p) || isPipConf(p)
}

// settings collects what a file says of where packages come from.
func settings(d *rule.Doc) (out []setting) {
	switch {
	case d.Manifest != nil:
		out = manifestSettings(d)
	case isPipConf(d.Path):
		return pipConf(d)
	}
	script := shell.Of(d)
	inTurn := manifest.First // as uv asks, unless it is told otherwise
	if unsafeStrategy(script) {
		inTurn = manifest.Alike
	}
	variable := func(name, value string, at source.Span) {
		full := pipVariables[name]
		if full == "" {
			return
		}
		tool, order := "pip", manifest.Alike
		if strings.HasPrefix(name, "UV_") {
			tool, order = "uv", inTurn
		}
		for _, v := range addresses(value) {
			out = append(out, setting{name: full, value: v, at: at, tool: tool, order: order})
		}
	}
	for _, v := range script.Set {
		variable(v.Name, v.Value, v.At)
	}
	for _, c := range script.Commands {
		for _, w := range c {
			name, value, _ := strings.Cut(w.Text, "=")
			variable(name, value, w.At)
		}
		if s, ok := pipConfig(c); ok {
			out = append(out, s)
		}
		q, ok := pipCommand(c)
		if args := c.Program(); !ok && len(args) > 1 && path.Base(args[0].Text) == "uv" { // sync, lock, add, run
			q, ok = pip{args: args[1:], tool: "uv"}, true
		}
		if !ok {
			continue
		}
		hashed := slices.ContainsFunc(q.args, func(w shell.Word) bool { return w.Text == "--require-hashes" })
		order := manifest.Alike
		if q.tool == "uv" {
			order = inTurn
		}
		for i, w := range q.args {
			name, value, has := strings.Cut(w.Text, "=")
			full := pipOptions[name]
			if full == "" {
				continue
			}
			at := w.At
			if !has && i+1 < len(q.args) {
				value, at.End = q.args[i+1].Text, q.args[i+1].At.End
			}
			out = append(out, setting{name: full, value: value, at: at, tool: q.tool, order: order, hashed: hashed})
		}
	}
	return out
}

// unsafeStrategy says whether uv is told to ask all indexes as pip does.
func unsafeStrategy(s *shell.Script) bool {
	for _, v := range s.Set {
		if v.Name == "UV_INDEX_STRATEGY" && strings.HasPrefix(v.Value, "unsafe-") {
			return true
		}
	}
	for _, c := range s.Commands {
		for _, w := range c {
			if _, value, _ := strings.Cut(w.Text, "="); strings.HasPrefix(value, "unsafe-") || strings.HasPrefix(w.Text, "unsafe-best-") || strings.HasPrefix(w.Text, "unsafe-first-") {
				return true
			}
		}
	}
	return false
}

// pipConfig reads pip config set global.extra-index-url ADDRESS.
func pipConfig(c shell.Command) (s setting, ok bool) {
	c = c.Program()
	for i := 0; i+3 < len(c) && i < 6; i++ {
		if c[i].Text != "config" || c[i+1].Text != "set" || i == 0 || !pipName().MatchString(path.Base(c[i-1].Text)) {
			continue
		}
		_, key, _ := strings.Cut(c[i+2].Text, ".")
		if full := pipOptions["--"+strings.ReplaceAll(key, "_", "-")]; full != "" {
			return setting{name: full, value: c[i+3].Text, at: source.Span{Start: c[i+2].At.Start, End: c[i+3].At.End}, tool: "pip"}, true
		}
	}
	return setting{}, false
}

// addresses are those of a value, which spaces separate.
func addresses(value string) []string {
	if strings.Contains(value, "${{") {
		return []string{value}
	}
	list := strings.Fields(value)
	return list[:min(len(list), 20)]
}

// maxSettings of one file; people have two or three.
const maxSettings = 200

func manifestSettings(d *rule.Doc) (out []setting) {
	m := d.Manifest
	if m.Lock {
		return nil // it repeats what the file beside it says
	}
	hashed := len(m.Packages) > 0
	for i := range m.Packages {
		hashed = hashed && len(m.Packages[i].Hashes) > 0
	}
	for _, o := range m.Options[:min(len(m.Options), maxSettings)] {
		s := setting{name: o.Name, value: o.Value, at: d.Place(o.At), tool: cmp.Or(o.Tool, "pip"), order: o.Order, bound: o.Bound, hashed: hashed}
		out = append(out, s)
	}
	return out
}

// pipConf reads pip's own configuration. A key's value goes on on lines that are indented.
func pipConf(d *rule.Doc) (out []setting) {
	name := ""
	for n := 1; n <= min(d.Lines(), 2000); n++ {
		text := d.Line(n)
		bare := strings.TrimSpace(text)
		if bare == "" || bare[0] == '#' || bare[0] == ';' || bare[0] == '[' {
			continue
		}
		value := bare
		if text[0] != ' ' && text[0] != '\t' {
			key, after, _ := strings.Cut(bare, "=")
			name, value = "--"+strings.ReplaceAll(strings.TrimSpace(key), "_", "-"), after
		}
		if pipOptions[name] == "" {
			continue
		}
		value, _, _ = strings.Cut(value, " #")
		at := d.Place(manifest.Place{Line: n, Column: 1 + len(text) - len(strings.TrimLeft(text, " \t"))})
		for _, v := range addresses(value) {
			out = append(out, setting{name: pipOptions[name], value: v, at: at, tool: "pip"})
		}
	}
	return out
}

// host is that of an address, without a port, in lower case; "" if there is none.
func host(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if strings.HasPrefix(rest, "[") {
		rest, _, _ = strings.Cut(rest[1:], "]")
		return strings.ToLower(rest)
	}
	rest, _, _ = strings.Cut(rest, ":")
	return strings.ToLower(rest)
}

// shown is text from a file as a message has it: short, and without a password.
func shown(s string) string {
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 && !strings.HasSuffix(scheme, "ssh") {
			s = scheme + "://…@" + rest[at+1:]
		}
	}
	if len(s) > 90 {
		s = strings.ToValidUTF8(s[:90], "") + "…"
	}
	return s
}

// loopback says whether an address stays on the machine.
func loopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "::1" || strings.HasPrefix(host, "127.") || host == "0.0.0.0"
}

// names lists some as a sentence does: "a, b and c".
func names(list []string, most int) string {
	list = list[:min(len(list), most)]
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// unique is a list without doubles, in its order.
func unique(list []string) (out []string) {
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// few names three, and counts the others.
func few(list []string) string {
	if len(list) <= 3 {
		return names(list, 3)
	}
	return names(append(list[:3:3], plural(len(list)-3, "other", "others")), 4)
}

// have says of a few what they have.
func have(list []string, one, several string) string {
	if len(list) == 1 {
		return list[0] + " " + one
	}
	return few(list) + " " + several
}

func plural(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + several
}

func wholeFile(d *rule.Doc) source.Span { return source.Span{End: source.Pos(len(d.Bytes))} }
