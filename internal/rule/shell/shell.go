// Package shell finds the commands that files give to a shell, in whatever kind of file they
// stand: scripts, recipes of images, Makefiles, workflows and pipelines.
//
// The problem: one command is the same in all of them and is written differently in each: in
// lines that a backslash goes on with, in a list of JSON, in five kinds of strings of YAML,
// behind a tab. The plan: each kind of file has a file of its own here, which says what in it
// is text of a shell, and keeps for every byte of that text where it stands in the file; one
// reader makes words of it. The trap: a shell can do anything, and this one only reads. What a
// variable holds is not known, and what cannot be a command is not guessed to be one.
package shell

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/tree"
)

// A Word is one of a command, without its quotes, and where it stands with them.
type Word struct {
	Text string
	At   source.Span
	in   text // between the quotes, if one pair holds all of it
}

// A Command is its words. What stands before the program (assignments, sudo) is a part of it.
type Command []Word

// A Variable is one of the environment that a file sets.
type Variable struct {
	Name, Value string
	At          source.Span
}

// A Script is what one file gives to shells.
type Script struct {
	Commands []Command
	Set      []Variable // beside those that commands set

	words, looked int
}

// A format is one kind of file. Each has a file of its own here, which adds it.
type format struct {
	is   func(path string) bool
	read func(d *rule.Doc, s *Script)
}

var formats []format

func add(f format) { formats = append(formats, f) }

// Is is a Check.Docs: every file that commands are looked for in.
func Is(path string) bool {
	return slices.ContainsFunc(formats, func(f format) bool { return f.is(path) })
}

// maxSize is the size of a file above which commands are not looked for: no recipe that a person
// wrote has a hundredth of it.
const maxSize = 1 << 20

// Bounds of what one file can cost: words, and bytes among which the other end of something is
// looked for.
const (
	maxWords  = 200_000
	maxLooked = 1 << 25
)

// Of is what a file gives to shells; nothing, if it is none that does.
func Of(d *rule.Doc) *Script {
	return rule.Kept(d, func(d *rule.Doc) *Script {
		s := &Script{}
		if len(d.Bytes) > maxSize {
			return s
		}
		for _, f := range formats {
			if f.is(d.Name()) {
				f.read(d, s)
				break
			}
		}
		return s
	})
}

// base says whether a path's last part is one of these.
func base(names ...string) func(string) bool {
	return func(p string) bool { return slices.Contains(names, path.Base(p)) }
}

// run adds the commands of a text.
func (s *Script) run(t text) {
	r := reader{s}
	r.read(t, 0)
}

// wrappers are programs that run the rest of their line, with those of their options that take
// a value, and how many words of their own follow.
var wrappers = map[string]struct {
	values string
	own    int
}{
	"sudo": {values: "-u -g -p -C -h -r -t -U -D -R -T --user --group"}, "doas": {values: "-u -C"}, "env": {values: "-u -C -S --unset --chdir"}, "exec": {values: "-a"}, "time": {}, "command": {}, "builtin": {}, "eval": {}, "nohup": {},
	"nice": {values: "-n"}, "ionice": {values: "-c -n"}, "timeout": {values: "-s -k --signal --kill-after", own: 1}, "xargs": {values: "-n -P -I -L -d -a -s -E"}, "gosu": {own: 1}, "su-exec": {own: 1}, "chroot": {own: 1}, "travis_retry": {}, "retry": {},
	"if": {}, "while": {}, "until": {}, "then": {}, "do": {}, "else": {}, "elif": {}, "!": {}, "{": {}, "xvfb-run": {},
}

// runners are the same with a word of their own before: poetry run pip.
var runners = map[string]string{
	"poetry": "", "pipenv": "", "pdm": "", "rye": "", "hatch": "", "uv": "--with --python -p --extra --group --env-file --index --project --directory", "conda": "-n -p --name --prefix", "mamba": "-n -p --name --prefix", "micromamba": "-n -p --name --prefix",
}

var assignment = match.Lazy(`^[A-Za-z_][A-Za-z0-9_]*=`)

// Program is the command from the program's name on: without assignments, and without the
// programs that run it.
func (c Command) Program() Command {
	for len(c) > 0 {
		name := path.Base(c[0].Text)
		w, wraps := wrappers[name]
		values, runs := runners[name]
		switch {
		case assignment().MatchString(c[0].Text):
			c = c[1:]
			continue
		case wraps:
			c = c[1:].skip(w.values)
			c = c[min(w.own, len(c)):]
			continue
		case runs && len(c) > 2 && c[1].Text == "run":
			c = c[2:].skip(values)
			continue
		}
		return c
	}
	return nil
}

// skip leaves options out, with their values.
func (c Command) skip(values string) Command {
	takes := strings.Fields(values)
	for len(c) > 0 && strings.HasPrefix(c[0].Text, "-") && c[0].Text != "-" {
		if slices.Contains(takes, c[0].Text) && len(c) > 1 {
			c = c[1:]
		}
		c = c[1:]
	}
	return c
}

// A text is some of a file, with the place of each byte in it: what is escaped or quoted there
// is none of it.
type text struct {
	b  []byte
	at []source.Pos
}

func (t *text) add(c byte, at source.Pos) {
	t.b = append(t.b, c)
	t.at = append(t.at, at)
}

func (t text) cut(from, to int) text { return text{t.b[from:to], t.at[from:to]} }

// span is where some of the text stands.
func (t text) span(from, to int) source.Span {
	if from >= to {
		return source.Span{}
	}
	return source.Span{Start: t.at[from], End: t.at[to-1] + 1}
}

// plain is the text of a part of a file as it stands, without what Windows puts at the end of
// lines.
func plain(src []byte, from, to int) text {
	t := text{make([]byte, 0, to-from), make([]source.Pos, 0, to-from)}
	for i := from; i < to; i++ {
		if src[i] != '\r' {
			t.add(src[i], source.Pos(i))
		}
	}
	return t
}

// String is the text of a string of YAML, and where a part of it stands in the file.
func String(d *rule.Doc, n *tree.Node) (s string, at func(from, to int) source.Span) {
	t := ofYAML(d, n)
	return string(t.b), t.span
}

// ofYAML is the text of a string of YAML. The library says what it is and where it begins; here
// both are read side by side, so that each byte has its place.
func ofYAML(d *rule.Doc, n *tree.Node) text {
	if n == nil || n.Kind != tree.String || n.At.Line < 1 || n.At.Line > d.Lines() {
		return text{}
	}
	src := d.Bytes
	i := int(d.Place(n.At).Start)
	first := i
	out := text{make([]byte, 0, len(n.Text)), make([]source.Pos, 0, len(n.Text))}
	space := func(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
	for j := 0; j < len(n.Text); {
		c := n.Text[j]
		if space(c) {
			// Line ends and indentation differ; one run of white space is the other.
			at := i
			for ; j < len(n.Text) && space(n.Text[j]); j++ {
				if n.Text[j] != '\r' {
					out.add(n.Text[j], source.Pos(min(at, len(src)-1)))
				}
			}
			for i < len(src) && space(src[i]) {
				i++
			}
			if n.Style == tree.Double && i+1 < len(src) && src[i] == '\\' && strings.IndexByte("nt \n\r", src[i+1]) >= 0 {
				for i += 2; i < len(src) && space(src[i]); i++ {
				}
			}
			continue
		}
		for i < len(src) && space(src[i]) { // indentation before the first word
			i++
		}
		if i >= len(src) {
			break
		}
		width, size := 1, 1
		switch {
		case n.Style == tree.Single && c == '\'':
			width = 2
		case n.Style == tree.Double && src[i] == '\\' && i+1 < len(src) && (src[i+1] == '\n' || src[i+1] == '\r'):
			i += 2 // the line goes on
			continue
		case n.Style == tree.Double && src[i] == '\\' && i+1 < len(src):
			width = 2
			switch src[i+1] {
			case 'x':
				width = 4
			case 'u':
				width = 6
			case 'U':
				width = 10
			}
			_, size = utf8.DecodeRuneInString(n.Text[j:])
		case src[i] != c: // the place is not where we think: say where it begins
			out = text{[]byte(n.Text), make([]source.Pos, len(n.Text))}
			for k := range out.at {
				out.at[k] = source.Pos(min(first, len(src)-1))
			}
			return out
		}
		for range size {
			out.add(n.Text[j], source.Pos(min(i+width, len(src))-1))
			j++
		}
		i += width
	}
	return out
}
