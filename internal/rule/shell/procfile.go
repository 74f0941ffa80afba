package shell

import (
	"bytes"
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
)

func init() {
	add(format{is: Procfile, read: readProcfile})
	add(format{is: Unit, read: readUnit})
}

// Procfile knows the files that say which processes a platform starts.
func Procfile(p string) bool {
	b := path.Base(p)
	return b == "Procfile" || strings.HasPrefix(b, "Procfile.")
}

// readProcfile reads lines of a name, a colon and a command.
func readProcfile(d *rule.Doc, s *Script) {
	lines(d, func(line text) {
		if i := bytes.IndexByte(line.b, ':'); i > 0 && line.b[0] != '#' {
			s.run(line.cut(i+1, len(line.b)))
		}
	})
}

// Unit knows the services of systemd.
func Unit(p string) bool { return path.Ext(p) == ".service" }

// readUnit reads what a service starts. It is no shell that does, but it reads words as one.
func readUnit(d *rule.Doc, s *Script) {
	lines(d, func(line text) {
		name, value, ok := bytes.Cut(line.b, []byte("="))
		if !ok {
			return
		}
		rest := line.cut(len(line.b)-len(value), len(line.b))
		switch strings.TrimSpace(string(name)) {
		case "ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload":
			for len(rest.b) > 0 && strings.IndexByte("-@:+!| ", rest.b[0]) >= 0 { // how it is started
				rest = rest.cut(1, len(rest.b))
			}
			s.run(rest)
		case "Environment":
			for _, w := range strings.Fields(string(value)) {
				if k, v, ok := strings.Cut(strings.Trim(w, `"'`), "="); ok {
					s.Set = append(s.Set, Variable{k, v, rest.span(0, len(rest.b))})
				}
			}
		}
	})
}

// lines visits those of a file, with what they go on with behind a backslash.
func lines(d *rule.Doc, visit func(line text)) {
	all := plain(d.Bytes, 0, len(d.Bytes))
	for from := 0; from < len(all.b); {
		end := from
		for {
			n := bytes.IndexByte(all.b[end:], '\n')
			if n < 0 {
				end = len(all.b)
				break
			}
			if end += n; end > from && all.b[end-1] == '\\' && end+1 < len(all.b) {
				end++
				continue
			}
			break
		}
		if end > from {
			visit(all.cut(from, end))
		}
		from = end + 1
	}
}
