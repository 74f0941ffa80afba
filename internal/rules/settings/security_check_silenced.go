package settings

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// SecurityCheckSilenced lists the checks that a project does not want to hear of.
var SecurityCheckSilenced = rule.Check{File: django(silenced)}

func silenced(p *rule.Pass, c *settings.Config) {
	var ids []string
	harmless := true
	holds := settings.Judgement{Now: settings.No, Always: settings.No}
	for _, x := range c.Get("SILENCED_SYSTEM_CHECKS").Value.Elements() {
		k, ok := x.Value.Known()
		if !ok || k.V.Kind != ast.Str || !strings.HasPrefix(k.V.Str, "security.") || x.In.Now != settings.Yes {
			continue
		}
		holds = holds.Or(x.In)
		ids = append(ids, k.V.Str)
		switch strings.TrimPrefix(k.V.Str, "security.") {
		case "W001", "W002", "W004", "W005", "W006", "W008", "W019", "W021", "W022":
		default:
			harmless = false
		}
	}
	slices.Sort(ids)
	message := all(ids) + " are never reported by Django's checks, whatever becomes of the settings."
	if len(ids) == 1 {
		message = strings.Replace(message, " are ", " is ", 1)
	}
	if f := conf.Wrong(p, c, fault(c, "SILENCED_SYSTEM_CHECKS", "", holds, message)); f != nil {
		f.ForAudit(harmless)
	}
}
