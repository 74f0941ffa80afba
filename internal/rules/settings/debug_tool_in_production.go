package settings

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// DebugToolInProduction looks for tools that show what happens inside.
var DebugToolInProduction = rule.Check{Kinds: conf.Kinds, Visit: debugToolbar, File: django(debugTools)}

func debugTools(p *rule.Pass, c *settings.Config) {
	items(c.Get("INSTALLED_APPS"), func(app string, at settings.Setting, in settings.Judgement) {
		switch app {
		case "silk":
			guarded := c.True("SILKY_AUTHENTICATION")
			f := conf.Wrong(p, c, conf.Fault{Holds: in.And(guarded.Not()), At: at, Message: "silk records requests with bodies and cookies, and shows them to whoever opens its page."})
			if f != nil {
				f.With(finding.Medium, f.Confidence)
			}
		case "debug_toolbar", "template_profiler_panel", "django_pdb", "pympler":
			conf.Wrong(p, c, conf.Fault{Holds: in, At: at, Message: app + " is installed in production, too: with DEBUG on by mistake it shows queries, settings and variables."})
		}
	})
}

func debugToolbar(p *rule.Pass, n ast.Node) {
	conf.Each(p, n, func(name string) bool { return name == "DEBUG_TB_ENABLED" }, func(s conf.Setting) {
		if args.IsTrue(p.Unit, s.Value) && !s.Django {
			p.Report(s.At, "The debug toolbar is on whether or not the application is debugged: every page shows queries, settings and variables.").With(finding.Medium, finding.HighConfidence).ForAudit(s.Dev)
		}
	})
}
