package conf

import (
	"bytes"

	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// words are what Mentions can be asked for.
var words = []string{
	"SESSION_COOKIE_SECURE", "SESSION_COOKIE_SAMESITE", "MAX_CONTENT_LENGTH", "Talisman", "from_envvar", "from_pyfile", "from_prefixed_env", "from_file", "from_json", "from_yaml",
	"flask_login", "session[", "request.files", "forwarded_allow_ips",
}

type mentionKey struct{}

// Mentions says whether any module of the program has one of the words in its text. Who says
// that a setting is missing asks this: where the name stands anywhere, somebody thought of it,
// and how it gets to the application may be more than we follow.
func Mentions(p *rule.Pass, list ...string) bool {
	prog := p.Module.Program()
	found, _ := prog.Once(mentionKey{}, func() any { return look(prog) }).(map[string]bool)
	for _, w := range list {
		if found[w] {
			return true
		}
	}
	return false
}

func look(p *program.Program) map[string]bool {
	found := map[string]bool{}
	for _, m := range p.Modules() {
		f := m.Source()
		if f == nil {
			continue
		}
		for _, w := range words {
			if !found[w] && bytes.Contains(f.Bytes, []byte(w)) {
				found[w] = true
			}
		}
	}
	return found
}
