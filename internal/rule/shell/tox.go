package shell

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
)

func init() { add(format{is: base("tox.ini"), read: readTox}) }

// readTox reads the commands of tox: what stands behind the key, and the lines below that are
// further to the right. What tox fills in, {posargs}, stays as it is.
func readTox(d *rule.Doc, s *Script) {
	within := false
	for n := 1; n <= d.Lines(); n++ {
		line := d.Line(n)
		bare := strings.TrimSpace(line)
		from := int(d.Offset(n))
		switch {
		case bare == "" || bare[0] == '#' || bare[0] == ';':
			continue
		case line[0] == ' ' || line[0] == '\t':
		default:
			key, _, _ := strings.Cut(bare, "=")
			key = strings.ReplaceAll(strings.TrimSpace(key), "-", "_")
			within = key == "commands" || key == "commands_pre" || key == "commands_post"
			if i := strings.IndexByte(line, '='); i >= 0 {
				from, line = from+i+1, line[i+1:]
			}
		}
		if !within {
			continue
		}
		t := plain(d.Bytes, from, from+len(line))
		for len(t.b) > 0 && strings.IndexByte(" \t-", t.b[0]) >= 0 { // - lets it fail
			t = t.cut(1, len(t.b))
		}
		for strings.HasSuffix(strings.TrimRight(line, " \t\r"), "\\") && n < d.Lines() {
			n++
			line = d.Line(n)
			next := int(d.Offset(n))
			more := plain(d.Bytes, next-1, next+len(d.Line(n)))
			t = text{append(t.b, more.b...), append(t.at, more.at...)}
		}
		s.run(t)
	}
}
