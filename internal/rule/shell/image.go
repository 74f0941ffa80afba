package shell

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

func init() { add(format{is: Image, read: readImage}) }

// Image knows what people call the recipes of their images.
func Image(p string) bool {
	b := strings.ToLower(path.Base(p))
	return b == "dockerfile" || b == "containerfile" || strings.HasPrefix(b, "dockerfile.") || strings.HasPrefix(b, "containerfile.") ||
		strings.HasSuffix(b, ".dockerfile") || strings.HasSuffix(b, ".containerfile")
}

// An Instruction is one of a recipe of an image: RUN, in upper case, and what follows it, with
// lines that go on made one.
type Instruction struct {
	Name string
	At   source.Span // of the name
	text text
}

// Instructions are those of a recipe of an image
// (https://docs.docker.com/reference/dockerfile/).
func Instructions(d *rule.Doc) []Instruction {
	type list []Instruction
	return rule.Kept(d, func(d *rule.Doc) list {
		if len(d.Bytes) > maxSize {
			return nil
		}
		return instructions(plain(d.Bytes, 0, len(d.Bytes)))
	})
}

var escapeDirective = match.Lazy("(?i)^#[ \t]*escape[ \t]*=[ \t]*`")

func instructions(t text) (out []Instruction) {
	escape, looked := byte('\\'), 0
	line := func(i int) (end int) { // the end of the line
		if n := bytes.IndexByte(t.b[i:], '\n'); n >= 0 {
			return i + n
		}
		return len(t.b)
	}
	for i := 0; i < len(t.b); {
		end := line(i)
		bare := bytes.TrimLeft(t.b[i:end], " \t")
		if len(bare) == 0 || bare[0] == '#' {
			if len(out) == 0 && escapeDirective().Match(bare) {
				escape = '`'
			}
			i = end + 1
			continue
		}
		i = end - len(bare)
		n := bytes.IndexAny(bare, " \t")
		if n < 0 {
			n = len(bare)
		}
		x := Instruction{Name: strings.ToUpper(string(bare[:n])), At: t.span(i, i+n)}
		i += n
		for i < len(t.b) { // a line, and those it goes on with
			end = line(i)
			part := bytes.TrimRight(t.b[i:end], " \t")
			if n := len(x.text.b); n > 0 { // within: comments and empty lines are none
				if b := bytes.TrimLeft(part, " \t"); len(b) == 0 || b[0] == '#' {
					i = end + 1
					continue
				}
			}
			goes := len(part) > 0 && part[len(part)-1] == escape
			if goes {
				part = part[:len(part)-1]
			}
			for j := range part {
				x.text.add(t.b[i+j], t.at[i+j])
			}
			i = end + 1
			if !goes {
				break
			}
			x.text.add(' ', t.at[min(end, len(t.at)-1)])
		}
		if x.Name == "RUN" || x.Name == "COPY" || x.Name == "ADD" {
			i = x.heredocs(t, i, line, &looked)
		}
		out = append(out, x)
	}
	return out
}

var anyHeredoc = match.Lazy(`<<-?["']?([A-Za-z_][A-Za-z0-9_]*)["']?`)

// heredocs adds the texts on the next lines that the instruction asks for.
func (x *Instruction) heredocs(t text, i int, line func(int) int, looked *int) int {
	for _, m := range anyHeredoc().FindAllSubmatch(x.text.b, 10) {
		body := t.until(min(i, len(t.b)), string(m[1]), looked)
		if body < 0 {
			break
		}
		x.text.add('\n', t.at[min(i, len(t.at)-1)])
		for ; i < line(body); i++ {
			x.text.add(t.b[i], t.at[i])
		}
		i++
	}
	return i
}

// Words are those of the instruction, as a shell would see them, without its own options.
func (x Instruction) Words() Command {
	var s Script
	r := reader{&s}
	r.read(x.rest(), maxDepth)
	if len(s.Commands) == 0 {
		return nil
	}
	return s.Commands[0]
}

// Options are the instruction's own: --mount=….
func (x Instruction) Options() (out []Word) {
	x.options(func(t text) { out = append(out, Word{Text: string(t.b), At: t.span(0, len(t.b))}) })
	return out
}

// rest is what follows them.
func (x Instruction) rest() text { return x.options(func(text) {}) }

func (x Instruction) options(each func(text)) (rest text) {
	t := x.text
	for {
		n := len(t.b) - len(bytes.TrimLeft(t.b, " \t"))
		if !bytes.HasPrefix(t.b[n:], []byte("--")) {
			return t.cut(n, len(t.b))
		}
		end := bytes.IndexAny(t.b[n:], " \t\n")
		if end < 0 {
			end = len(t.b) - n
		}
		each(t.cut(n, n+end))
		t = t.cut(n+end, len(t.b))
	}
}

func readImage(d *rule.Doc, s *Script) {
	for _, x := range Instructions(d) {
		if x.Name == "ONBUILD" {
			w := x.Words()
			if len(w) == 0 {
				continue
			}
			n := bytes.Index(x.text.b, []byte(w[0].Text)) + len(w[0].Text)
			x = Instruction{Name: strings.ToUpper(w[0].Text), At: w[0].At, text: x.text.cut(n, len(x.text.b))}
		}
		switch x.Name {
		case "RUN", "CMD", "ENTRYPOINT":
			t := x.rest()
			if c := execForm(t); c != nil {
				s.command(c)
				continue
			}
			s.run(t)
		case "ENV", "ARG":
			w := x.Words()
			if len(w) == 2 && !strings.Contains(w[0].Text, "=") && x.Name == "ENV" { // ENV name value
				s.Set = append(s.Set, Variable{w[0].Text, w[1].Text, source.Span{Start: w[0].At.Start, End: w[1].At.End}})
				continue
			}
			for _, w := range w {
				if name, value, ok := strings.Cut(w.Text, "="); ok {
					s.Set = append(s.Set, Variable{name, value, w.At})
				}
			}
		}
	}
}

// command adds one that is made of words already.
func (s *Script) command(c Command) {
	s.Commands = append(s.Commands, c)
	r := reader{s}
	r.inner(c, 0)
}

// execForm reads a list of JSON, which is run without a shell; nil if it is none.
func execForm(t text) (out Command) {
	if len(t.b) == 0 || t.b[0] != '[' {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(t.b))
	for len(out) < 1000 {
		before := int(d.InputOffset())
		token, err := d.Token()
		if err != nil {
			return nil
		}
		end := int(d.InputOffset())
		switch x := token.(type) {
		case json.Delim:
			if x == ']' {
				return out
			}
			if before != 0 {
				return nil
			}
		case string:
			start := before
			for start < end && t.b[start] != '"' {
				start++
			}
			w := Word{Text: x, At: t.span(start, end)}
			if end-1 > start+1 {
				w.in = unescaped(t.cut(start+1, end-1), '"')
			}
			out = append(out, w)
		default:
			return nil
		}
	}
	return nil
}
