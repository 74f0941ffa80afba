package settings

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// ContentSniffingAllowed looks for the header that Django sets by itself.
var ContentSniffingAllowed = rule.Check{File: django(contentSniffingAllowed)}

func contentSniffingAllowed(p *rule.Pass, c *settings.Config) {
	const name = "SECURE_CONTENT_TYPE_NOSNIFF"
	f := conf.Wrong(p, c, fault(c, name, "W006", c.Has("MIDDLEWARE", securityMiddleware).And(c.Same(name, ast.True).Not()),
		"Browsers may guess what a file is, and run what was uploaded as something else: "+name+" is off."))
	fix(p, f, c.Get(name), "switch it on", "True")
}
