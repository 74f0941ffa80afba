package settings

import (
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// SecurityMiddlewareMissing looks for the middleware that acts on most other settings.
var SecurityMiddlewareMissing = rule.Check{File: django(securityMiddlewareMissing)}

func securityMiddlewareMissing(p *rule.Pass, c *settings.Config) {
	list := c.Get("MIDDLEWARE")
	f := conf.Wrong(p, c, fault(c, "MIDDLEWARE", "W001", c.Has("MIDDLEWARE", securityMiddleware).Not(),
		"SecurityMiddleware is not in MIDDLEWARE: none of its headers are sent, and nothing is redirected to HTTPS."))
	if f != nil { // a list that is not written says that there is more that we do not see
		f.ForAudit(list.Set.Always != settings.Yes || has(c, "MIDDLEWARE", "SecurityMiddleware").Always != settings.No)
	}
}
