package dependencies

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// isDockerfile knows what people call the recipes of their images.
func isDockerfile(p string) bool {
	b := strings.ToLower(path.Base(p))
	return b == "dockerfile" || b == "containerfile" || strings.HasPrefix(b, "dockerfile.") || strings.HasPrefix(b, "containerfile.") ||
		strings.HasSuffix(b, ".dockerfile") || strings.HasSuffix(b, ".containerfile")
}

// isWorkflow knows the workflows of GitHub Actions.
func isWorkflow(p string) bool {
	dir, b := path.Split(p)
	return (dir == ".github/workflows/" || strings.HasSuffix(dir, "/.github/workflows/")) && isYAML(b)
}

// isActions are workflows, and the actions that a project writes for them.
func isActions(p string) bool {
	b := path.Base(p)
	return isWorkflow(p) || b == "action.yml" || b == "action.yaml"
}

func isYAML(p string) bool { return strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".yaml") }

func isPipConf(p string) bool { b := path.Base(p); return b == "pip.conf" || b == "pip.ini" }

// A command is one of a shell: its words, and where they stand. Line ends that a backslash
// takes away are none.
type command []word

type word struct {
	text       string
	start, end source.Pos
}

func (w word) span() source.Span { return source.Span{Start: w.start, End: w.end} }

// maxCommands is the size of a file above which commands are not looked for: no recipe of an
// image or workflow that a person wrote has a hundredth of it.
const maxCommands = 1 << 20

// commands reads the words of a Dockerfile or a workflow as a shell would, without knowing
// which lines are one's: whoever asks looks for commands that cannot be anything else. The
// words before it on the line, RUN or "- run:", stay.
func commands(d *rule.Doc) (out []command) {
	src := d.Bytes
	if len(src) > maxCommands {
		return nil
	}
	var cur command
	end := func() {
		if len(cur) > 0 {
			out = append(out, cur)
		}
		cur = nil
	}
	continued := false // the line before ended in a backslash, and nothing came since
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case c == '\n':
			if !continued {
				end()
			}
			continued = false
			i++
		case c == '\\' && i+1 < len(src) && (src[i+1] == '\n' || src[i+1] == '\r'):
			for i++; i < len(src) && src[i] == '\r'; i++ {
			}
			i++
			continued = true
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == ';' || c == '|' || c == '&' || c == '(' || c == ')':
			end()
			i++
		case c == '#':
			for i < len(src) && src[i] != '\n' {
				i++
			}
			if continued && i < len(src) { // a line of its own, which Docker leaves out
				i++
			}
		default:
			w := word{start: source.Pos(i)}
			var text []byte
			quote := byte(0)
		word:
			for ; i < len(src); i++ {
				switch c := src[i]; {
				case c == '\n' || c == '\r':
					break word
				case quote == 0 && strings.HasPrefix(source.View(src[i:min(i+3, len(src))]), "${{"):
					line, _, _ := strings.Cut(source.View(src[i:min(i+1000, len(src))]), "\n")
					if n := strings.Index(line, "}}"); n > 0 {
						text = append(text, src[i:i+n+2]...)
						i += n + 1
						continue
					}
					text = append(text, c)
				case quote != 0 && c == quote:
					quote = 0
				case quote == 0 && (c == '"' || c == '\''):
					quote = c
				case quote == 0 && (c == ' ' || c == '\t' || c == ';' || c == '|' || c == '&' || c == ')'):
					break word
				case c == '\\' && i+1 < len(src) && (src[i+1] == '\n' || src[i+1] == '\r'):
					break word
				default:
					text = append(text, c)
				}
			}
			w.text, w.end = string(text), source.Pos(i)
			cur = append(cur, w)
			continued = false
		}
	}
	end()
	return out
}

var (
	pipName    = regexp.MustCompile(`^pip[0-9.]*(\.exe)?$`)
	pythonName = regexp.MustCompile(`^(python|pypy)[0-9.]*(\.exe)?$|^py$`)
	assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)
)

// pipInstall says whether a command installs with pip or with uv's words for it, and with
// which arguments.
func pipInstall(c command) (args command, tool string, ok bool) {
	i := 0
	next := func(is func(string) bool) bool {
		if i < len(c) && is(c[i].text) {
			i++
			return true
		}
		return false
	}
	lead := func(s string) bool {
		return s == "RUN" || s == "run" || s == "-" || s == "run:" || s == "sudo" || s == "exec" || s == "env" || s == "time" || s == "then" || s == "do" || s == "{" || s == "|" || s == ">" ||
			strings.HasPrefix(s, "-") || assignment.MatchString(s)
	}
	for next(lead) {
	}
	word := func(want string) func(string) bool { return func(s string) bool { return s == want } }
	named := func(re *regexp.Regexp) func(string) bool {
		return func(s string) bool { return re.MatchString(path.Base(s)) }
	}
	option := func(s string) bool { return strings.HasPrefix(s, "-") }
	tool = "pip"
	switch {
	case next(named(pipName)):
	case next(named(pythonName)):
		for next(func(s string) bool { return option(s) && s != "-m" }) {
		}
		if !next(word("-m")) || !next(word("pip")) {
			return nil, "", false
		}
	case next(func(s string) bool { return path.Base(s) == "uv" }):
		tool = "uv"
		for next(option) {
		}
		if !next(word("pip")) {
			return nil, "", false
		}
	default:
		return nil, "", false
	}
	for next(option) {
	}
	if !next(word("install")) {
		return nil, "", false
	}
	return c[i:], tool, true
}

// A setting is one that says where packages come from: an option of pip by its long name, in
// whatever file and words it is made.
type setting struct {
	name, value string
	at          source.Span
	tool        string // that obeys it: pip, uv, poetry, pipenv, pdm
	section     string // of a TOML file, the lines of the table
	hashed      bool   // all that is installed so has hashes
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
	return rule.Manifests(p) || isDockerfile(p) || isWorkflow(p) || isPipConf(p)
}

// settings collects what a file says of where packages come from.
func settings(d *rule.Doc) (out []setting) {
	switch {
	case d.Manifest != nil:
		return manifestSettings(d)
	case isPipConf(d.Path):
		return pipConf(d)
	}
	for _, c := range commands(d) {
		for i, w := range c {
			name, value, _ := strings.Cut(w.text, "=")
			name = strings.TrimSuffix(name, ":")
			full := pipVariables[name]
			if full == "" {
				continue
			}
			at := w
			if value == "" && i+1 < len(c) {
				value, at.end = c[i+1].text, c[i+1].end
			}
			tool := "pip"
			if strings.HasPrefix(name, "UV_") {
				tool = "uv"
			}
			for _, v := range addresses(value) {
				out = append(out, setting{name: full, value: v, at: at.span(), tool: tool})
			}
		}
		args, tool, ok := pipInstall(c)
		if !ok {
			continue
		}
		hashed := slices.ContainsFunc(args, func(w word) bool { return w.text == "--require-hashes" })
		for _, w := range args {
			if tool == "uv" && strings.Contains(w.text, "unsafe-") {
				tool = "pip" // --index-strategy unsafe-best-match is what pip does
			}
		}
		for i, w := range args {
			name, value, has := strings.Cut(w.text, "=")
			full := pipOptions[name]
			if full == "" {
				continue
			}
			at := w
			if !has && i+1 < len(args) {
				value, at.end = args[i+1].text, args[i+1].end
			}
			out = append(out, setting{name: full, value: value, at: at.span(), tool: tool, hashed: hashed})
		}
	}
	return out
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
		s := setting{name: o.Name, value: o.Value, at: d.Place(o.At), tool: "pip", hashed: hashed}
		switch m.Format {
		case "Pipfile":
			s.tool = "pipenv"
		case "pyproject.toml":
			s.section = section(d, o.At.Line)
			head, _, _ := strings.Cut(s.section, "]")
			for _, tool := range []string{"uv", "poetry", "pdm"} {
				if name := strings.TrimLeft(head, "[ "); name == "tool."+tool || strings.HasPrefix(name, "tool."+tool+".") {
					s.tool = tool
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// section is the table of a TOML file that a line belongs to, with its head: 60 lines at most,
// since it is asked for once a setting.
func section(d *rule.Doc, line int) string {
	first := line
	for first > 1 && line-first < 60 && !strings.HasPrefix(d.Line(first), "[") {
		first--
	}
	var b strings.Builder
	for n := first; n <= min(first+60, d.Lines()); n++ {
		text := d.Line(n)
		if n > first && strings.HasPrefix(text, "[") {
			break
		}
		b.WriteString(text + "\n")
	}
	return b.String()
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
