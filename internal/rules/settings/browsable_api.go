package settings

import (
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// BrowsableApi looks at what Django REST framework answers browsers with.
var BrowsableApi = rule.Check{File: django(browsableAPI)}

func browsableAPI(p *rule.Pass, c *settings.Config) {
	s := c.Get("REST_FRAMEWORK")
	pages := s.Value.Contains("DEFAULT_RENDERER_CLASSES").Not()
	at := s
	if list, place, ok := s.Value.Get("DEFAULT_RENDERER_CLASSES"); ok && place.Path != "" {
		pages = endsIn(list, "BrowsableAPIRenderer")
		at = settings.Setting{Name: s.Name, Value: list, Set: s.Set, At: place}
	}
	conf.Wrong(p, c, conf.Fault{Holds: has(c, "INSTALLED_APPS", "rest_framework").And(pages), At: at,
		Message: "Browsers get pages with forms for the whole API: BrowsableAPIRenderer is one of its renderers."})
}

// endsIn says whether a list has a name that ends so.
func endsIn(v settings.Value, end string) settings.Judgement {
	return v.Has(func(s string) bool { return len(s) >= len(end) && s[len(s)-len(end):] == end })
}
