package shell

import (
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
)

func init() {
	add(format{is: isScript, read: func(d *rule.Doc, s *Script) { s.run(plain(d.Bytes, 0, len(d.Bytes))) }})
}

// isScript knows scripts by their names. Those that only their first line tells have a name
// here as if they had an ending: see rule.Doc.Name.
func isScript(p string) bool {
	switch path.Ext(p) {
	case ".sh", ".bash", ".zsh", ".ksh":
		return !strings.HasSuffix(p, ".fish")
	}
	return false
}
