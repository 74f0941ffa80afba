package settings

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// What the rules about servers share: how they are started in recipes of images, in Procfiles,
// units of systemd, and scripts that are the entrance of a container.

// A command starts something, or sets variables of the environment for what is started.
type command struct {
	words     []string
	variables map[string]string
	at        source.Span
}

// hasCommands is a Check.Docs: files in which servers are started.
func hasCommands(file string) bool {
	b := strings.ToLower(path.Base(file))
	switch {
	case b == "procfile", strings.HasSuffix(b, ".service"), isImage(b), isCompose(b):
		return true
	case strings.HasSuffix(b, ".sh"):
		for _, w := range []string{"entrypoint", "start", "serve", "run-", "run_", "run.sh", "boot", "gunicorn", "uvicorn", "launch"} {
			if strings.Contains(b, w) {
				return true
			}
		}
	}
	return false
}

func isImage(base string) bool {
	return base == "dockerfile" || base == "containerfile" || strings.HasPrefix(base, "dockerfile.") || strings.HasSuffix(base, ".dockerfile") || strings.HasPrefix(base, "containerfile.")
}

func isCompose(base string) bool {
	return (strings.HasSuffix(base, ".yml") || strings.HasSuffix(base, ".yaml")) && (strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose"))
}

// forDevelopers says whether what a file starts is for developers, by its name or because it
// is a composition, which is for a developer's machine unless it says otherwise.
func forDevelopers(file string) bool {
	b := strings.ToLower(file)
	words := strings.FieldsFunc(b, func(r rune) bool { return r == '.' || r == '-' || r == '_' || r == '/' })
	for _, w := range words {
		switch w {
		case "dev", "devel", "develop", "development", "devcontainer", "local", "test", "tests", "testing", "ci", "example", "examples", "sample", "demo", "debug", "docs":
			return true
		}
	}
	return isCompose(path.Base(b)) && !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "prod") || w == "live" || w == "deploy" })
}

// commands are those of a file.
func commands(d *rule.Doc) (out []command) {
	image := isImage(strings.ToLower(path.Base(d.Path)))
	for _, c := range linesOf(d) {
		if len(c) == 0 || len(c) > 500 {
			continue
		}
		x := command{at: source.Span{Start: c[0].Start, End: c[len(c)-1].End}, variables: map[string]string{}}
		if image && c[0].Text == "RUN" {
			continue // while the image is made, and not when it runs
		}
		for i, w := range c {
			text := strings.Trim(w.Text, "[],")
			if text == "" && w.Text != "" {
				continue
			}
			name, value, has := strings.Cut(text, "=")
			switch {
			case has && isVariable(name) && (len(x.words) == 0 || image && c[0].Text == "ENV" || x.words[0] == "-" || x.words[0] == "export"):
				x.variables[name] = value
			case !has && strings.HasSuffix(name, ":") && isVariable(name[:len(name)-1]) && i+1 < len(c): // KEY: value
				x.variables[name[:len(name)-1]] = strings.Trim(c[i+1].Text, "[],")
			case image && c[0].Text == "ENV" && i == 1 && i+1 < len(c): // ENV KEY value
				x.variables[text] = c[i+1].Text
			}
			if has && (name == "Environment" || name == "ExecStart") { // of systemd
				if k, v, ok := strings.Cut(value, "="); ok && name == "Environment" {
					x.variables[k] = v
				}
				text = value
			}
			x.words = append(x.words, text)
		}
		out = append(out, x)
	}
	return out
}

func isVariable(s string) bool {
	return s != "" && s == strings.ToUpper(s) && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// runs says whether the command starts one of the programs, also as python -m program.
func (c command) runs(programs ...string) bool {
	for _, w := range c.words {
		if slices.Contains(programs, path.Base(w)) {
			return true
		}
	}
	return false
}

// options are the values of an option, in both of the forms that there are.
func (c command) options(name string) (out []string) {
	for i, w := range c.words {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			out = append(out, strings.Trim(v, `"'`))
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
