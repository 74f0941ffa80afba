package settings

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// What the rules about Django's settings share. Its own checks are in
// django/core/checks/security; ours ask the same of what the settings are known to be.

const (
	securityMiddleware = "django.middleware.security.SecurityMiddleware"
	framingMiddleware  = "django.middleware.clickjacking.XFrameOptionsMiddleware"
	policyMiddleware   = "django.middleware.csp.ContentSecurityPolicyMiddleware"
)

// django makes a Check.File that judges each configuration of which a part is in the file.
func django(judge func(p *rule.Pass, c *settings.Config)) func(*rule.Pass) {
	return func(p *rule.Pass) {
		for _, c := range conf.Configs(p) {
			before := p.Judged[conf.Passed]
			judge(p, c)
			if conf.Judged(p, c) && p.Judged[conf.Passed] == before {
				p.Judge(conf.Passed, true)
			}
		}
	}
}

// fault is a Fault that one setting is responsible for.
func fault(c *settings.Config, name, check string, holds settings.Judgement, message string) conf.Fault {
	return conf.Fault{Holds: holds, At: c.Get(name), Check: check, Message: message}
}

// fix replaces the value of a setting that is simply assigned in the file.
func fix(p *rule.Pass, f *rule.Found, s settings.Setting, message, value string) {
	if e := conf.Written(p, s); f != nil && e != nil {
		f.ReviewFix(message, p.Replace(e, value))
	}
}

// has says whether one of the middlewares, or applications, is in the list, by the end of
// their names.
func has(c *settings.Config, list string, ends ...string) settings.Judgement {
	return c.Get(list).Value.Has(func(s string) bool {
		return slices.ContainsFunc(ends, func(end string) bool { return s == end || strings.HasSuffix(s, "."+end) })
	})
}

// all joins words as a sentence does.
func all(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}
