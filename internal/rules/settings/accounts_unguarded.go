package settings

import (
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// AccountsUnguarded looks at what django-allauth is told to leave out.
var AccountsUnguarded = rule.Check{File: django(accountsUnguarded)}

func accountsUnguarded(p *rule.Pass, c *settings.Config) {
	used := has(c, "INSTALLED_APPS", "allauth.account", "account.apps.AccountConfig")
	s := c.Get("ACCOUNT_RATE_LIMITS")
	if s.Set.Now == settings.Yes {
		conf.Wrong(p, c, conf.Fault{Holds: used.And(s.Set).And(s.Value.True().Not()), At: s, Message: "Nobody counts attempts to log in: passwords can be tried by the thousand."})
	}
	s = c.Get("ACCOUNT_EMAIL_VERIFICATION")
	if f := conf.Wrong(p, c, conf.Fault{Holds: used.And(s.Value.Equals("none")), At: s, Message: "Accounts can be opened with the addresses of others: no mail has to be answered."}); f != nil {
		f.ForAudit(true)
	}
}
