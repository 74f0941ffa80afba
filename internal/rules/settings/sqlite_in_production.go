package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// SqliteInProduction looks at where the data are.
var SqliteInProduction = rule.Check{File: django(sqliteInProduction)}

func sqliteInProduction(p *rule.Pass, c *settings.Config) {
	s := c.Get("DATABASES")
	first, _, _ := s.Value.Get("default")
	engine, at, ok := first.Get("ENGINE")
	if !ok || at.Path == "" {
		return
	}
	conf.Wrong(p, c, conf.Fault{Holds: engine.Text(func(t string) bool { return strings.Contains(t, "sqlite") }), At: settings.Setting{Name: s.Name, Value: engine, Set: s.Set, At: at},
		Message: "The database is a file: who gets at files of the application has all of it."})
}
