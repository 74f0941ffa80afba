package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// PickledSession looks at what sessions are kept as, and where.
var PickledSession = rule.Check{File: django(pickledSession)}

func pickledSession(p *rule.Pass, c *settings.Config) {
	s := c.Get("SESSION_SERIALIZER")
	f := conf.Fault{Holds: s.Value.Text(func(t string) bool { return strings.Contains(t, "Pickle") }), At: s, Debugging: true,
		Message: "Sessions are kept as pickles, which run code while they are read."}
	cookies := c.Get("SESSION_ENGINE").Value.Text(func(t string) bool { return strings.HasSuffix(t, "signed_cookies") })
	if cookies.Now == settings.Yes {
		f.Message = "Sessions come from the visitor, as pickles in a cookie: who gets hold of SECRET_KEY runs code on the server."
	}
	if r := conf.Wrong(p, c, f); r != nil {
		if cookies.Now == settings.Yes {
			r.With(finding.Critical, r.Confidence)
		}
		fix(p, r, s, "keep sessions as JSON", `"django.contrib.sessions.serializers.JSONSerializer"`)
	}
}
