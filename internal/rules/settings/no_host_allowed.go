package settings

import (
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// NoHostAllowed looks for an empty list of hosts.
var NoHostAllowed = rule.Check{File: django(noHostAllowed)}

func noHostAllowed(p *rule.Pass, c *settings.Config) {
	conf.Wrong(p, c, fault(c, "ALLOWED_HOSTS", "W020", c.True("ALLOWED_HOSTS").Not(), "ALLOWED_HOSTS is empty: with DEBUG off, Django answers every request with an error."))
}
