package settings

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// ReferrerLeaked looks at what browsers are told to say of where visitors come from.
var ReferrerLeaked = rule.Check{File: django(referrerLeaked)}

func referrerLeaked(p *rule.Pass, c *settings.Config) {
	const name = "SECURE_REFERRER_POLICY"
	acts := c.Has("MIDDLEWARE", securityMiddleware)
	f := conf.Wrong(p, c, fault(c, name, "W022", acts.And(c.Same(name, ast.None)), "There is no referrer policy: browsers tell other sites which addresses visitors come from."))
	fix(p, f, c.Get(name), "tell other sites nothing", `"same-origin"`)
	f = conf.Wrong(p, c, fault(c, name, "", acts.And(c.Get(name).Value.Equals("unsafe-url")), "With the policy unsafe-url browsers tell every site the whole address that a visitor comes from."))
	fix(p, f, c.Get(name), "tell other sites nothing", `"same-origin"`)
}
