package settings

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
)

// SessionProtectionOff looks at what Flask-Login does with sessions that move.
var SessionProtectionOff = rule.Check{Kinds: []ast.Kind{ast.KindAssign}, Visit: sessionProtection}

func sessionProtection(p *rule.Pass, n ast.Node) {
	a := n.(*ast.Assign)
	t, ok := a.Targets[0].(*ast.Attribute)
	if ok && t.Attr == "session_protection" && args.IsNone(p.Unit, a.Value) && p.Imports("flask_login") {
		p.Report(a, "A session that was copied works anywhere: session_protection is None.").ForAudit(conf.Dev(p, a)).ReviewFix("end sessions that move", p.Replace(a.Value, `"strong"`))
	}
}
