package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// SessionInCookie looks for sessions that the server cannot end.
var SessionInCookie = rule.Check{File: django(sessionInCookie)}

func sessionInCookie(p *rule.Pass, c *settings.Config) {
	s := c.Get("SESSION_ENGINE")
	conf.Wrong(p, c, conf.Fault{Holds: s.Value.Text(func(t string) bool { return strings.HasSuffix(t, "signed_cookies") }), At: s,
		Message: "Sessions are kept in cookies: the visitor can read them, and copies outlive the log-out."})
}
