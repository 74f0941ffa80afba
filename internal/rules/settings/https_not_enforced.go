package settings

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// HttpsNotEnforced looks for what sends visitors to encrypted connections, and keeps them
// there.
var HttpsNotEnforced = rule.Check{File: django(httpsNotEnforced)}

func httpsNotEnforced(p *rule.Pass, c *settings.Config) {
	acts := c.Has("MIDDLEWARE", securityMiddleware)
	seconds := c.True("SECURE_HSTS_SECONDS")
	// Most projects leave this to a proxy; where cookies are for HTTPS only, it is meant.
	meant := false
	for _, name := range []string{"SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"} {
		meant = meant || c.True(name).Always == settings.Yes
	}
	proxied := c.Get("SECURE_PROXY_SSL_HEADER").Set.Always != settings.No
	report := func(name, check string, holds settings.Judgement, audit bool, value, message string) {
		if f := conf.Wrong(p, c, fault(c, name, check, acts.And(holds), message)); f != nil {
			f.ForAudit(audit)
			fix(p, f, c.Get(name), "enforce it", value)
		}
	}
	report("SECURE_HSTS_SECONDS", "W004", seconds.Not(), !meant, "31_536_000",
		"Browsers are not told to use HTTPS only, so the next visit may begin unencrypted: SECURE_HSTS_SECONDS is "+said(c, "SECURE_HSTS_SECONDS", "0")+".")
	report("SECURE_SSL_REDIRECT", "W008", c.Same("SECURE_SSL_REDIRECT", ast.True).Not(), !meant || proxied, "True",
		"Requests that come unencrypted are answered as they are: SECURE_SSL_REDIRECT is "+said(c, "SECURE_SSL_REDIRECT", "off")+".")
	report("SECURE_HSTS_INCLUDE_SUBDOMAINS", "W005", seconds.And(c.Same("SECURE_HSTS_INCLUDE_SUBDOMAINS", ast.True).Not()), true, "True",
		"Browsers are told to use HTTPS only, but not for names below this one, which can set its cookies: SECURE_HSTS_INCLUDE_SUBDOMAINS is "+said(c, "SECURE_HSTS_INCLUDE_SUBDOMAINS", "off")+".")
	report("SECURE_HSTS_PRELOAD", "W021", seconds.And(c.Same("SECURE_HSTS_PRELOAD", ast.True).Not()), true, "True",
		"The site cannot be put on the list of sites that browsers know to use HTTPS only before the first visit: SECURE_HSTS_PRELOAD is "+said(c, "SECURE_HSTS_PRELOAD", "off")+".")
}

// said is "not set" or, where somebody has said it, what it is then.
func said(c *settings.Config, name, off string) string {
	if c.Get(name).Set.Now == settings.No {
		return "not set"
	}
	return off
}
