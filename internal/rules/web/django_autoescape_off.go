package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// DjangoAutoescapeOff looks at the option that takes escaping from all templates: in the
// settings, and where an engine is made.
var DjangoAutoescapeOff = rule.Check{Called: djangoEngine, Kinds: conf.Kinds, Visit: djangoTemplates}

func djangoEngine(p *rule.Pass, c *ast.Call, name string) {
	k := program.Keyword(c, "autoescape")
	if k == nil || !args.IsFalse(p.Unit, k.Value) {
		return
	}
	if strings.HasSuffix(name, ".Context") {
		p.Report(k, "What is rendered with this context is not escaped.").With(finding.Medium, finding.LowConfidence).ForAudit(true)
		return
	}
	p.Report(k, "Django escapes in no template of this engine.").ForAudit(conf.Dev(p, c)).ReviewFix("switch escaping on", p.Replace(k.Value, "True"))
}

func djangoTemplates(p *rule.Pass, n ast.Node) {
	conf.Each(p, n, func(name string) bool { return name == "TEMPLATES" }, func(s conf.Setting) {
		l, ok := s.Value.(*ast.List)
		if !ok {
			return
		}
		for _, e := range l.Elts {
			d, ok := e.(*ast.Dict)
			if !ok {
				continue
			}
			options, ok := text.Lookup(d, "OPTIONS").(*ast.Dict)
			if !ok {
				continue
			}
			if v := text.Lookup(options, "autoescape"); v != nil && args.IsFalse(p.Unit, v) {
				p.Report(v, "Django escapes in no template any more.").ForAudit(s.Dev).ReviewFix("switch escaping on", p.Replace(v, "True"))
			}
		}
	})
}
