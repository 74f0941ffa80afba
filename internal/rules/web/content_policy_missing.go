package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/surface"
)

// ContentPolicyMissing looks at applications with pages, where nothing in the program speaks of
// a content security policy.
var ContentPolicyMissing = rule.Check{Surface: contentPolicyMissing, File: contentPolicyDjango}

const noPolicy = "a script that was smuggled into a page runs"

func contentPolicyMissing(p *rule.SurfacePass) {
	pagesOf(p, func(a surface.App, first *surface.Route, _ bool) {
		if p.Imports(headerLibraries...) || speaksOfAny(p, "Content-Security-Policy", "content_security_policy", "CONTENT_SECURITY_POLICY", "SecurityHeaders", "SecureHeaders") {
			return
		}
		p.ReportApp(a, "Pages such as that of %s %s are sent without a content security policy: %s.", strings.Join(first.Methods, ","), first.Path, noPolicy)
	})
}

// contentPolicyDjango: Django 6 has a middleware of its own, and django-csp is older.
func contentPolicyDjango(p *rule.Pass) {
	for _, c := range conf.Configs(p) {
		list := c.Get("MIDDLEWARE")
		sends := list.Value.Has(func(s string) bool {
			s = strings.ToLower(s)
			return strings.Contains(s, "csp") || strings.Contains(s, "contentsecuritypolicy") || strings.Contains(s, "securityheaders") || strings.Contains(s, "permissions_policy")
		})
		pages := c.Get("TEMPLATES").Value.True()
		f := conf.Wrong(p, c, conf.Fault{Holds: pages.And(sends.Not()), At: list, Message: "Nothing in MIDDLEWARE sends a content security policy: " + noPolicy + "."})
		if f != nil {
			f.ForAudit(true).Advise(`MIDDLEWARE += ["django.middleware.csp.ContentSecurityPolicyMiddleware"], and SECURE_CSP`)
		}
	}
}
