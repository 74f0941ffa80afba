package settings

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/source"
)

// What the rules about servers share: how they are started by images, Procfiles, units of
// systemd, compositions, and scripts that are the entrance of a container.

// A command starts something.
type command struct {
	words []string // from the program's name on
	at    source.Span
}

// hasCommands is a Check.Docs: files in which servers are started.
func hasCommands(file string) bool {
	if shell.Image(file) || shell.Compose(file) || shell.Procfile(file) || shell.Unit(file) {
		return true
	}
	b := strings.ToLower(path.Base(file))
	if !strings.HasSuffix(b, ".sh") {
		return false
	}
	for _, w := range []string{"entrypoint", "start", "serve", "run-", "run_", "run.sh", "boot", "gunicorn", "uvicorn", "launch"} {
		if strings.Contains(b, w) {
			return true
		}
	}
	return false
}

// forDevelopers says whether what a file starts is for developers, by its name or because it
// is a composition, which is for a developer's machine unless it says otherwise.
func forDevelopers(file string) bool {
	words := strings.FieldsFunc(strings.ToLower(file), func(r rune) bool { return r == '.' || r == '-' || r == '_' || r == '/' })
	for _, w := range words {
		switch w {
		case "dev", "devel", "develop", "development", "devcontainer", "local", "test", "tests", "testing", "ci", "example", "examples", "sample", "demo", "debug", "docs":
			return true
		}
	}
	return shell.Compose(file) && !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "prod") || w == "live" || w == "deploy" })
}

// onRequest says whether something is started only for developers, or only by those who ask for
// it: in a script, what a condition or the word that it is called with decides.
func onRequest(d *rule.Doc, at source.Span) bool {
	if forDevelopers(d.Path) {
		return true
	}
	if shell.Image(d.Path) || shell.Compose(d.Path) || shell.Procfile(d.Path) || shell.Unit(d.Path) {
		return false
	}
	line := d.Line(d.Position(at.Start).Line)
	return line != strings.TrimLeft(line, " \t")
}

// commands are those that a file starts something with. What an image runs while it is made is
// none of them.
func commands(d *rule.Doc) (out []command) {
	image := shell.Image(d.Path)
	var steps []shell.Instruction
	if image {
		steps = shell.Instructions(d)
	}
	for _, c := range shell.Of(d).Commands {
		if len(c) == 0 || len(c) > 500 {
			continue
		}
		if image {
			i := slices.IndexFunc(steps, func(x shell.Instruction) bool { return x.At.Start > c[0].At.Start })
			if i < 0 {
				i = len(steps)
			}
			if i == 0 || steps[i-1].Name != "CMD" && steps[i-1].Name != "ENTRYPOINT" {
				continue
			}
		}
		x := command{at: source.Span{Start: c[0].At.Start, End: c[len(c)-1].At.End}}
		for _, w := range c.Program() {
			x.words = append(x.words, w.Text)
		}
		if len(x.words) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// A variableSet is a variable of the environment, and what it is set to.
type variableSet struct {
	name, value string
	at          source.Span
}

// environment are the variables that what a file starts gets.
func environment(d *rule.Doc) (out []variableSet) {
	s := shell.Of(d)
	for _, v := range s.Set {
		out = append(out, variableSet{v.Name, v.Value, v.At})
	}
	for _, c := range s.Commands { // A=b program, and export A=b
		for i, w := range c {
			name, value, ok := strings.Cut(w.Text, "=")
			if !ok && !(i == 0 && w.Text == "export") {
				break
			}
			if ok && name == strings.ToUpper(name) {
				out = append(out, variableSet{name, value, w.At})
			}
		}
	}
	return out
}

// runs says whether the command starts one of the programs: by its name, as python -m name, or
// as a script that Python is given.
func (c command) runs(programs ...string) bool {
	for i, w := range c.words {
		if slices.Contains(programs, path.Base(w)) {
			return true
		}
		if i == 0 && !strings.HasPrefix(path.Base(w), "python") || i > 0 && !strings.HasPrefix(w, "-") {
			return false
		}
	}
	return false
}

// options are the values of an option, in both of the forms that there are.
func (c command) options(name string) (out []string) {
	for i, w := range c.words {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			out = append(out, v)
		} else if w == name && i+1 < len(c.words) {
			out = append(out, c.words[i+1])
		}
	}
	return out
}

// has says whether the command has one of the words.
func (c command) has(words ...string) bool {
	return slices.ContainsFunc(c.words, func(w string) bool { return slices.Contains(words, w) })
}
