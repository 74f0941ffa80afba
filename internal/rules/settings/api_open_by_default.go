package settings

import (
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// ApiOpenByDefault looks at what Django REST framework asks for where a view says nothing.
var ApiOpenByDefault = rule.Check{File: django(apiOpenByDefault)}

func apiOpenByDefault(p *rule.Pass, c *settings.Config) {
	used := has(c, "INSTALLED_APPS", "rest_framework")
	s := c.Get("REST_FRAMEWORK")
	open := s.Value.Contains("DEFAULT_PERMISSION_CLASSES").Not()
	f := conf.Fault{Holds: used.And(open), At: s, Message: "The API lets everybody in where a view says nothing: REST_FRAMEWORK has no DEFAULT_PERMISSION_CLASSES."}
	if classes, at, ok := s.Value.Get("DEFAULT_PERMISSION_CLASSES"); ok && at.Path != "" {
		f.At = settings.Setting{Name: s.Name, Value: classes, Set: s.Set, At: at}
		f.Holds = used.And(s.Value.Contains("DEFAULT_PERMISSION_CLASSES")).And(only(classes, "rest_framework.permissions.AllowAny").Or(classes.True().Not()))
		f.Message = "The API lets everybody in where a view says nothing: the default permission is AllowAny."
	}
	conf.Wrong(p, c, f)
}

// only says whether a list has one text, and no others.
func only(v settings.Value, text string) settings.Judgement {
	return v.Contains(text).And(v.Has(func(s string) bool { return s != text }).Not())
}
