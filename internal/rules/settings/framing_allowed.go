package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// FramingAllowed looks for the middleware that says X-Frame-Options, and what it says.
var FramingAllowed = rule.Check{File: django(framingAllowed)}

func framingAllowed(p *rule.Pass, c *settings.Config) {
	in := c.Has("MIDDLEWARE", framingMiddleware)
	f := conf.Wrong(p, c, fault(c, "MIDDLEWARE", "W002", in.Not(), "XFrameOptionsMiddleware is not in MIDDLEWARE: any site may show the pages in a frame."))
	if f != nil {
		// A policy may say frame-ancestors, and what has no sessions has nothing to click for.
		other := c.Get("MIDDLEWARE").Value.Has(func(s string) bool {
			s = strings.ToLower(s)
			return strings.Contains(s, "csp") || strings.Contains(s, "contentsecuritypolicy") || strings.Contains(s, "frame") || strings.Contains(s, "headers")
		})
		f.ForAudit(other.Always != settings.No || c.Has("MIDDLEWARE", sessionMiddleware).Always != settings.Yes)
	}
	deny := c.Get("X_FRAME_OPTIONS").Value.Equals("DENY")
	if f := conf.Wrong(p, c, fault(c, "X_FRAME_OPTIONS", "W019", in.And(deny.Not()), "X_FRAME_OPTIONS is not DENY: pages may be shown in frames.")); f != nil {
		f.ForAudit(true)
		fix(p, f, c.Get("X_FRAME_OPTIONS"), "let no page be shown in a frame", `"DENY"`)
	}
}

const sessionMiddleware = "django.contrib.sessions.middleware.SessionMiddleware"
