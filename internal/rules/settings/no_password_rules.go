package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// NoPasswordRules looks for the list of what is asked of new passwords, where there are some.
var NoPasswordRules = rule.Check{File: django(noPasswordRules)}

func noPasswordRules(p *rule.Pass, c *settings.Config) {
	accounts := c.Get("INSTALLED_APPS").Value.Has(func(s string) bool {
		return s == "django.contrib.auth" || strings.HasPrefix(s, "django.contrib.auth.apps.")
	})
	// Accounts of another log-in have no passwords here.
	if b := c.Get("AUTHENTICATION_BACKENDS"); b.Set.Always != settings.No {
		accounts = accounts.And(b.Value.Has(func(s string) bool {
			return strings.HasSuffix(s, "ModelBackend") || strings.Contains(strings.ToLower(s), "email") || strings.Contains(s, "AuthenticationBackend") && strings.HasPrefix(s, "allauth")
		}))
	}
	s := c.Get("AUTH_PASSWORD_VALIDATORS")
	conf.Wrong(p, c, conf.Fault{Holds: accounts.And(s.Value.True().Not()), At: s, Message: "Nothing is asked of new passwords: AUTH_PASSWORD_VALIDATORS is " + said(c, s.Name, "empty") + "."})
}
