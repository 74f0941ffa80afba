package settings

import (
	"slices"

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
	conf.Each(p, n, func(name string) bool { return name == "DEBUG_TOOLBAR_CONFIG" }, func(s conf.Setting) {
		d, ok := s.Value.(*ast.Dict)
		if !ok {
			return
		}
		for i, k := range d.Keys {
			if name, ok := p.Str(k); k != nil && ok && name == "SHOW_TOOLBAR_CALLBACK" && saysYes(p, d.Values[i]) {
				p.Report(k, "The debug toolbar shows itself to everybody, also with DEBUG off: every page has queries, settings and variables of requests.").
					With(finding.High, finding.HighConfidence).ForAudit(s.Dev && !forced(p)).Advise("leave the callback out, so that DEBUG and INTERNAL_IPS decide")
			}
		}
	})
	conf.Each(p, n, func(name string) bool { return name == "DEBUG_TB_ENABLED" }, func(s conf.Setting) {
		if args.IsTrue(p.Unit, s.Value) && !s.Django {
			p.Report(s.At, "The debug toolbar is on whether or not the application is debugged: every page shows queries, settings and variables.").With(finding.Medium, finding.HighConfidence).ForAudit(s.Dev)
		}
	})
}

// saysYes says whether a function answers True whatever it is asked.
func saysYes(p *rule.Pass, e ast.Expr) bool {
	if l, ok := e.(*ast.Lambda); ok {
		return args.IsTrue(p.Unit, l.Body)
	}
	if f := p.Definition(e); f != nil && len(f.Body) == 1 {
		r, ok := f.Body[0].(*ast.Return)
		return ok && r.Value != nil && args.IsTrue(p.Unit, r.Value)
	}
	return false
}

// forced says whether a server always starts with the settings in this file.
func forced(p *rule.Pass) bool {
	return slices.ContainsFunc(conf.Configs(p), func(c *settings.Config) bool { return c.Forced })
}
