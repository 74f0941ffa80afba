package shell

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
)

// A reader makes commands of text.
type reader struct{ script *Script }

// Bounds of what stands in one another, and of how far the other end of a quote or a bracket is
// looked for: an apostrophe in a text that is no shell's has none.
const (
	maxDepth  = 8
	maxQuoted = 1 << 14
)

// read adds the commands of a text.
func (r *reader) read(t text, depth int) {
	var cur Command
	var here []string // ends of the texts that begin on the next line
	end := func() {
		if len(cur) > 0 {
			r.script.Commands = append(r.script.Commands, cur)
			r.inner(cur, depth)
		}
		cur = nil
	}
	for i := 0; i < len(t.b); {
		switch c := t.b[i]; {
		case r.script.words > maxWords:
			return
		case c == '\n':
			last := cur
			end()
			i++
			for _, stop := range here {
				body := t.until(i, stop, &r.script.looked)
				if body < 0 {
					break
				}
				if isShell(last) && depth < maxDepth {
					r.read(t.cut(i, body), depth+1)
				}
				for i = body; i < len(t.b) && t.b[i] != '\n'; i++ {
				}
				i = min(i+1, len(t.b))
			}
			here = nil
		case c == '\\' && i+1 < len(t.b) && t.b[i+1] == '\n':
			i += 2
		case c == ' ' || c == '\t':
			i++
		case c == ';' || c == '|' || c == '&' || c == '(' || c == ')' || c == '`':
			end()
			i++
		case c == '#':
			for i < len(t.b) && t.b[i] != '\n' {
				i++
			}
		case c == '<' && heredoc().Match(t.b[i:min(i+100, len(t.b))]):
			m := heredoc().FindSubmatch(t.b[i:min(i+100, len(t.b))])
			here = append(here, string(m[1])+string(m[2])+string(m[3]))
			i += len(m[0])
			if len(cur) == 0 { // RUN <<EOF
				cur = Command{}
			}
		default:
			w, next := r.word(t, i, depth)
			if i = next; w.Text != "" || w.in.b != nil {
				cur = append(cur, w)
				r.script.words++
			}
		}
	}
	end()
}

// heredoc is the beginning of a text that stands on the next lines, up to its word.
var heredoc = match.Lazy(`^<<-?[ \t]*(?:'([A-Za-z0-9_.!+-]+)'|"([A-Za-z0-9_.!+-]+)"|\\?([A-Za-z_][A-Za-z0-9_]*))`)

// until is where the line begins that has only this word; -1 if there is none, or if too much
// was looked at already.
func (t text) until(from int, word string, looked *int) int {
	for i := from; i < len(t.b) && *looked < maxLooked; {
		line := t.b[i:]
		n := bytes.IndexByte(line, '\n')
		if n >= 0 {
			line = line[:n]
		}
		*looked += len(line) + 1
		if string(bytes.TrimSpace(line)) == word {
			return i
		}
		if n < 0 {
			break
		}
		i += n + 1
	}
	return -1
}

// word reads one that begins here.
func (r *reader) word(t text, from, depth int) (w Word, next int) {
	var out []byte
	i := from
	literal := func(to int) {
		for ; i < to; i++ {
			if t.b[i] == '\\' && i+1 < to && t.b[i+1] == '\n' {
				i++
				continue
			}
			out = append(out, t.b[i])
		}
	}
scan:
	for i < len(t.b) {
		switch c := t.b[i]; c {
		case ' ', '\t', '\n', ';', '|', '&', ')', '`':
			break scan
		case '(':
			if i > from {
				break scan
			}
			i++
		case '<':
			if i > from && i+1 < len(t.b) && t.b[i+1] == '<' && t.b[i-1] != '<' {
				break scan
			}
			literal(i + 1)
		case '\\':
			if i+1 >= len(t.b) || t.b[i+1] == '\n' {
				break scan
			}
			out = append(out, t.b[i+1])
			i += 2
		case '\'', '"':
			close, after := r.closing(t, i), 1
			if close < 0 { // it is not closed: what it holds ends with the line
				close, after = len(t.b), 0
				if n := bytes.IndexByte(t.b[i:], '\n'); n >= 0 {
					close = i + n
				}
			}
			if i == from {
				w.in = t.cut(i+1, close)
			}
			i++
			for i < close {
				switch {
				case c == '"' && t.b[i] == '\\' && i+1 < close && strings.IndexByte("\"\\$`", t.b[i+1]) >= 0:
					out = append(out, t.b[i+1])
					i += 2
				case c == '"' && t.b[i] == '$':
					literal(i + r.substitution(t.cut(i, close), depth))
				default:
					literal(i + 1)
				}
			}
			i = close + after
			if i < len(t.b) && strings.IndexByte(" \t\n;|&)`", t.b[i]) < 0 {
				w.in = text{} // it goes on
			}
		case '$':
			literal(i + r.substitution(t.cut(i, len(t.b)), depth))
		default:
			literal(i + 1)
		}
	}
	if i == from {
		i++ // nothing of it is one
	}
	if w.in.b != nil {
		w.in = unescaped(w.in, t.b[from])
	}
	w.Text, w.At = string(out), t.span(from, i)
	return w, i
}

// unescaped is the text between quotes as the program gets it.
func unescaped(t text, quote byte) text {
	if quote != '"' || bytes.IndexByte(t.b, '\\') < 0 {
		return t
	}
	var out text
	for i := 0; i < len(t.b); i++ {
		if t.b[i] == '\\' && i+1 < len(t.b) && strings.IndexByte("\"\\$`", t.b[i+1]) >= 0 {
			i++
		}
		out.add(t.b[i], t.at[i])
	}
	return out
}

// closing is where the quote that begins here ends; -1 if it does not.
func (r *reader) closing(t text, from int) int {
	quote := t.b[from]
	for i := from + 1; i < len(t.b) && i < from+maxQuoted && r.script.looked < maxLooked; i++ {
		r.script.looked++
		switch {
		case t.b[i] == quote:
			return i
		case t.b[i] == '\\' && quote == '"':
			i++
		case t.b[i] == '$' && quote == '"' && i+1 < len(t.b) && t.b[i+1] == '(': // which has quotes of its own
			if n := r.bracket(t.b[i+1:]); n > 0 {
				i += n
			}
		}
	}
	return -1
}

// bracket is how many bytes a text in brackets has that begins here; 0 if they are not closed.
func (r *reader) bracket(b []byte) int {
	open := 0
	for i := 0; i < len(b) && i < maxQuoted && r.script.looked < maxLooked; i++ {
		r.script.looked++
		switch b[i] {
		case '\\':
			i++
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// substitution reads the commands of $(…) and says how many bytes belong to what the dollar
// begins: also those of $(name) and ${name}, and of GitHub's ${{ … }}.
func (r *reader) substitution(t text, depth int) int {
	if len(t.b) < 2 || r.script.looked > maxLooked {
		return 1
	}
	limit := t.b[:min(len(t.b), maxQuoted)]
	switch {
	case bytes.HasPrefix(limit, []byte("${{")):
		line, _, _ := bytes.Cut(limit, []byte("\n"))
		r.script.looked += len(line)
		if n := bytes.Index(line, []byte("}}")); n > 0 {
			return n + 2
		}
	case limit[1] == '{':
		line, _, _ := bytes.Cut(limit, []byte("\n"))
		r.script.looked += len(line)
		if n := bytes.IndexByte(line, '}'); n > 0 {
			return n + 1
		}
	case limit[1] == '(':
		if n := r.bracket(limit[1:]); n > 0 {
			inner := t.cut(2, n)
			if !name().Match(inner.b) && depth < maxDepth {
				if rest, ok := bytes.CutPrefix(inner.b, []byte("shell ")); ok { // make
					inner = inner.cut(len(inner.b)-len(rest), len(inner.b))
				}
				r.read(inner, depth+1)
			}
			return n + 1
		}
	}
	return 1
}

var name = match.Lazy(`^[A-Za-z_][A-Za-z0-9_]*$`)

var shells = []string{"sh", "bash", "dash", "ash", "zsh", "ksh", "fish"}

// isShell says whether a command reads commands: bash <<EOF, and RUN <<EOF of an image.
func isShell(c Command) bool {
	p := c.Program()
	return len(p) == 0 || slices.Contains(shells, path.Base(p[0].Text)) || path.Base(p[0].Text) == "ssh"
}

var dashC = match.Lazy(`^-[a-z]*c$`)

// inner reads the commands that a command gives to another shell: bash -c "…".
func (r *reader) inner(c Command, depth int) {
	if depth >= maxDepth {
		return
	}
	shell := false
	for i, w := range c {
		switch b := path.Base(w.Text); {
		case slices.Contains(shells, b) || b == "su":
			shell = true
		case shell && dashC().MatchString(w.Text) && i+1 < len(c):
			if in := c[i+1].in; in.b != nil {
				r.read(in, depth+1)
			}
			return
		}
	}
}
