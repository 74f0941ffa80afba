package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
)

// ApiWithoutLimit looks at the settings of Django REST framework.
var ApiWithoutLimit = rule.Check{Kinds: conf.Kinds, Visit: apiWithoutLimit}

func apiWithoutLimit(p *rule.Pass, n ast.Node) {
	conf.Each(p, n, func(name string) bool { return name == "REST_FRAMEWORK" }, func(s conf.Setting) {
		d, ok := s.Value.(*ast.Dict)
		if !ok || len(d.Keys) == 0 {
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
		p.Report(s.At, "The API answers as often as it is asked: passwords and codes can be tried by the thousand.").ForAudit(s.Dev)
	})
}
