package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// StatementsInLog looks for engines and loggers that write down what goes to the database.
var StatementsInLog = rule.Check{Called: echoed, Kinds: conf.Kinds, Visit: echoSetting, File: django(statementsInLog)}

const echoSaid = "Each statement is written to the log with its values, passwords and tokens among them."

func echoed(p *rule.Pass, c *ast.Call, _ string) {
	k, _ := args.Keyword(p.Unit, c, "echo")
	if k == nil || !args.IsTrue(p.Unit, k) {
		return
	}
	f := p.Report(c, echoSaid).ForAudit(conf.Dev(p, c) || underMain(p, c))
	if _, literal := k.(*ast.Constant); literal {
		f.SafeFix("write nothing down", p.Replace(k, "False"))
	}
}

// underMain says whether n only runs when the file is started by hand.
func underMain(p *rule.Pass, n ast.Node) bool {
	for at := p.Parent(n); at != nil; at = p.Parent(at) {
		if i, ok := at.(*ast.If); ok && strings.Contains(p.Text(i.Test), "__main__") {
			return true
		}
	}
	return false
}

func echoSetting(p *rule.Pass, n ast.Node) {
	conf.Each(p, n, func(name string) bool { return name == "SQLALCHEMY_ECHO" }, func(s conf.Setting) {
		if args.IsTrue(p.Unit, s.Value) {
			p.Report(s.At, echoSaid).ForAudit(s.Dev).SafeFix("write nothing down", p.Replace(s.Value, "False"))
		}
	})
}

func statementsInLog(p *rule.Pass, c *settings.Config) {
	s := c.Get("LOGGING")
	loggers, _, _ := s.Value.Get("loggers")
	backends, at, ok := loggers.Get("django.db.backends")
	level, _, ok2 := backends.Get("level")
	if !ok || !ok2 || at.Path == "" {
		return
	}
	f := conf.Wrong(p, c, conf.Fault{Holds: level.Equals("DEBUG"), At: settings.Setting{Name: s.Name, Value: level, Set: s.Set, At: at},
		Message: "The logger django.db.backends writes each statement with its values, once DEBUG is on."})
	if f != nil {
		f.ForAudit(true) // Django only keeps them with DEBUG on
	}
}
