package conf

import (
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
)

// words are what Mentions can be asked for.
var words = []string{
	"SESSION_COOKIE_SECURE", "SESSION_COOKIE_SAMESITE", "Talisman", "from_envvar", "from_pyfile", "from_prefixed_env", "from_file", "from_json", "from_yaml",
	"flask_login", "ROOT_URLCONF", "session[", "HTTP_COOKIE", "forwarded_allow_ips",
	`SESSION_COOKIE_SAMESITE = "None"`, `SESSION_COOKIE_SAMESITE = 'None'`,
	"select_jinja_autoescape", "jinja_options", "env.autoescape",
	"flask_session", "quart_session", "key_builder", "SESSION_TYPE", "starsessions", "regenerate", "TrustedHostMiddleware", "TRUSTED_HOSTS", "trusted_hosts", "SERVER_NAME", "PasswordType", "RedisStorage", "MemcachedStorage", "FileAllowed", "flask_uploads", `"exp"`, "'exp'", "exp=", "expire",
	"validate_password", "len(password", "zxcvbn", "password_strength", "PasswordPolicy", "check_password_strength", "password_min", "min_password", "PASSWORD_MIN", "MIN_PASSWORD", "PASSWORD_LENGTH", "password_length",
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
	many := match.NewMany(words)
	for _, m := range p.Modules() {
		f := m.Source()
		if f == nil {
			continue
		}
		many.Each(f.Bytes, func(word, at int) int {
			if w := words[word]; !found[w] && string(f.Bytes[at:at+len(w)]) == w {
				found[w] = true
			}
			return at + 1
		})
	}
	return found
}
