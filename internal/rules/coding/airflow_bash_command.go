package coding

import (
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// AirflowBashCommand judges the commands that Airflow's tasks give a shell: what is put
// into them when the task is defined, and by their templates when it runs.
var AirflowBashCommand = rule.Check{Called: airflowBashCommand}

// runConf is the part of a template that whoever starts a run fills in.
var runConf = match.Lazy(`\{\{[^}]{0,200}dag_run\.conf`)

func airflowBashCommand(p *rule.Pass, c *ast.Call, name string) {
	k := program.Keyword(c, "bash_command")
	if k == nil {
		if k = program.Keyword(c, "command"); k == nil {
			return
		}
	}
	j := judge(p, k.Value)
	t := text.Split(p.Unit, k.Value)
	switch {
	case t.Built && len(j.free) > 0:
		p.Report(c, "%s is read by a shell on the worker.", parts(p, j.free))
	case runConf().MatchString(t.String()):
		p.Report(c, "What whoever starts the run writes into dag_run.conf is read by a shell on the worker.")
	}
}
