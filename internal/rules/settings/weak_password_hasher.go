package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// WeakPasswordHasher looks at what new passwords are kept with.
var WeakPasswordHasher = rule.Check{File: django(weakPasswordHasher)}

func weakPasswordHasher(p *rule.Pass, c *settings.Config) {
	s := c.Get("PASSWORD_HASHERS")
	v, ok := s.Value.Now()
	if !ok || v.Kind != settings.List || len(v.Items.List) == 0 || v.Items.Mixed {
		return
	}
	first := v.Items.List[0]
	k, ok := first.Value.Known()
	if !ok || k.V.Kind != ast.Str || first.In.Now != settings.Yes {
		return
	}
	switch name := args.Last(k.V.Str); {
	case name == "PBKDF2SHA1PasswordHasher": // slow all the same
	case strings.Contains(name, "MD5"), strings.Contains(name, "SHA1"), strings.HasPrefix(name, "Unsalted"), name == "CryptPasswordHasher", strings.Contains(name, "PlainText"), strings.Contains(name, "Plaintext"):
		holds := settings.Judgement{Now: settings.Yes, Always: first.In.Always}
		if _, known := s.Value.Known(); !known {
			holds.Always = settings.Maybe
		}
		conf.Wrong(p, c, conf.Fault{Holds: holds, At: s, Message: "New passwords are kept with " + name + ": whoever gets a copy of them tries billions a second."})
	}
}
