package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// ApiWithoutLimit looks at the settings of Django REST framework.
var ApiWithoutLimit = rule.Check{Kinds: conf.Kinds, Visit: apiWithoutLimit, File: django(apiLimits)}

const noLimitSaid = "The API answers as often as it is asked: passwords and codes can be tried by the thousand."

// apiLimits judges the settings as production has them. Rates without classes are for views
// that name a scope or a class of their own, which is a limit where it matters.
func apiLimits(p *rule.Pass, c *settings.Config) {
	s := c.Get("REST_FRAMEWORK")
	limits := s.Value.Has(func(key string) bool { return strings.Contains(key, "THROTTLE") })
	if f := conf.Wrong(p, c, conf.Fault{Holds: s.Value.True().And(limits.Not()), At: s, Message: noLimitSaid}); f != nil {
		f.ForAudit(s.Set.Now != settings.Yes)
	}
}

func apiWithoutLimit(p *rule.Pass, n ast.Node) {
	conf.Each(p, n, func(name string) bool { return name == "REST_FRAMEWORK" }, func(s conf.Setting) {
		d, ok := s.Value.(*ast.Dict)
		if s.Django && conf.Covered(p) || !ok || len(d.Keys) == 0 {
			return
		}
		for _, k := range d.Keys {
			if k == nil {
				return
			}
			name, ok := p.Str(k)
			if !ok || strings.Contains(name, "THROTTLE") {
				return
			}
		}
		if strings.Contains(string(p.File.Bytes), "DEFAULT_THROTTLE") {
			return // set further down
		}
		p.Report(s.At, noLimitSaid).ForAudit(s.Dev)
	})
}
