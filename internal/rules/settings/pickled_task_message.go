package settings

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
)

// PickledTaskMessage looks at what Celery sends tasks as, and what its workers accept.
var PickledTaskMessage = rule.Check{Called: celeryMade, Kinds: conf.Kinds, Visit: celerySetting}

// celeryFormats are Celery's settings, by their names in lower case without CELERY_.
var celeryFormats = []string{"accept_content", "result_accept_content", "task_serializer", "result_serializer", "event_serializer"}

// celeryFormat says whether a name is one of them.
func celeryFormat(name string) bool {
	return slices.Contains(celeryFormats, strings.TrimPrefix(strings.ToLower(name), "celery_"))
}

func celeryMade(p *rule.Pass, c *ast.Call, _ string) {
	for _, name := range celeryFormats {
		if e, _ := args.Keyword(p.Unit, c, name); e != nil {
			celeryReport(p, c, name, e)
		}
	}
}

func celerySetting(p *rule.Pass, n ast.Node) {
	// app.conf.accept_content = …, and the modules that Celery reads its settings from.
	if a, ok := n.(*ast.Assign); ok && len(a.Targets) == 1 {
		switch t := a.Targets[0].(type) {
		case *ast.Attribute:
			if conf, ok := t.Value.(*ast.Attribute); ok && conf.Attr == "conf" && celeryFormat(t.Attr) {
				celeryReport(p, a, t.Attr, a.Value)
			}
			return
		case *ast.Name:
			if celeryFormat(t.Ident) && p.Function(a) == nil && p.Class(a) == nil && strings.Contains(strings.ToLower(path.Base(p.File.Path)), "celery") {
				celeryReport(p, a, t.Ident, a.Value)
				return
			}
		}
	}
	conf.Each(p, n, celeryFormat, func(s conf.Setting) { celeryReport(p, s.At, s.Name, s.Value) })
}

func celeryReport(p *rule.Pass, at ast.Node, name string, value ast.Expr) {
	v, ok := p.Const(value)
	if !ok {
		return
	}
	texts := []string{v.Str}
	for _, x := range v.List {
		texts = append(texts, x.Str)
	}
	for _, t := range texts {
		format := ""
		switch strings.ToLower(t) {
		case "pickle", "application/x-python-serialize":
			format = "pickle"
		case "yaml", "application/x-yaml":
			format = "yaml"
		default:
			continue
		}
		f := p.Report(at, "Tasks are sent as %s, so workers have to accept it: who can write to the queue runs code in them.", format).ForAudit(conf.Dev(p, at))
		if strings.Contains(strings.ToLower(name), "accept") {
			f.Message = "Workers accept " + format + ": who can write to the queue runs code in them."
		}
		if strings.Contains(strings.ToLower(name), "result") {
			f.Message = "Results are kept as " + format + ": who can write to where they are kept runs code in whoever reads them."
		}
		return
	}
}
