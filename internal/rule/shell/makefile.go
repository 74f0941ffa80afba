package shell

import (
	"bytes"
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
)

func init() { add(format{is: isMakefile, read: readMakefile}) }

func isMakefile(p string) bool {
	switch path.Base(p) {
	case "Makefile", "makefile", "GNUmakefile":
		return true
	}
	return path.Ext(p) == ".mk"
}

var makeVariable = match.Lazy(`^export[ \t]+([A-Za-z_][A-Za-z0-9_]*)[ \t]*(?::{0,3}|[?+])=[ \t]*(.*)`)

// readMakefile reads recipes, which are the lines behind a tab, and what variables are set to
// that the programs in them see.
func readMakefile(d *rule.Doc, s *Script) {
	all := plain(d.Bytes, 0, len(d.Bytes))
	for i := 0; i < len(all.b); {
		// A line and those it goes on with; a recipe's go on behind another tab.
		from, end := i, i
		for {
			n := bytes.IndexByte(all.b[end:], '\n')
			if n < 0 {
				end = len(all.b)
				break
			}
			end += n
			if end > from && all.b[end-1] == '\\' && end+1 < len(all.b) {
				end++
				continue
			}
			break
		}
		i = end + 1
		line := all.cut(from, end)
		if len(line.b) == 0 || line.b[0] != '\t' {
			if n := bytes.Index(line.b, []byte(" #")); n >= 0 {
				line = line.cut(0, n)
			}
			if m := makeVariable().FindSubmatchIndex(line.b); m != nil {
				s.Set = append(s.Set, Variable{string(line.b[m[2]:m[3]]), strings.TrimSpace(string(line.b[m[4]:m[5]])), line.span(m[2], max(m[5], m[3]))})
			}
			continue
		}
		var t text
		head := true
		for j, c := range line.b {
			if head && strings.IndexByte("\t @+-", c) >= 0 { // how make is to take it
				continue
			}
			head = false
			if c == '$' && j+1 < len(line.b) && line.b[j+1] == '$' {
				continue // one of two
			}
			t.add(c, line.at[j])
		}
		s.run(t)
	}
}
