package settings

// The words of files that start servers, line by line, as a shell would take them apart: units
// of systemd, Procfiles and compositions give to a shell what rule/shell does not look for.

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// A line is one of a shell: its words, and where they stand. Line ends that a backslash
// takes away are none.
type line []lineWord

// A lineWord is one of a command, without its quotes.
type lineWord struct {
	Text       string
	Start, End source.Pos
}

// maxCommands is the size of a file above which commands are not looked for: no recipe of an
// image or workflow that a person wrote has a hundredth of it.
const maxCommands = 1 << 20

// linesOf reads the words of a Dockerfile or a workflow as a shell would, without knowing
// which lines are one's: whoever asks looks for commands that cannot be anything else. The
// words before it on the line, RUN or "- run:", stay.
func linesOf(d *rule.Doc) (out []line) {
	src := d.Bytes
	if len(src) > maxCommands {
		return nil
	}
	var cur line
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
			w := lineWord{Start: source.Pos(i)}
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
			w.Text, w.End = string(text), source.Pos(i)
			cur = append(cur, w)
			continued = false
		}
	}
	end()
	return out
}
