package settings

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// DevelopmentServer looks at how applications are started.
var DevelopmentServer = rule.Check{Kinds: []ast.Kind{ast.KindAssign}, Visit: developmentGunicorn, Docs: rootDocs, Doc: developmentServer}

const anew = "The server starts anew whenever a file changes: that is for developers, and whoever can write a file decides when."

func developmentGunicorn(p *rule.Pass, n ast.Node) {
	if name, value := gunicorn(p, n); value != nil && name == "reload" && args.IsTrue(p.Unit, value) {
		p.Report(n, anew).With(finding.Low, finding.HighConfidence).ReviewFix("switch it off", p.Replace(value, "False"))
	}
}

// switchedOn says whether a value means yes; what a shell fills in is not known.
func switchedOn(value string) bool {
	return value != "" && value != "0" && !strings.EqualFold(value, "false") && !strings.Contains(value, "$")
}

func developmentServer(p *rule.DocPass) {
	dev := forDevelopers(p.Path)
	if isUwsgi(p.Path) {
		for _, o := range uwsgi(p.Doc) {
			on := switchedOn(o.value)
			switch {
			case o.name == "py-autoreload" && on || o.name == "python-autoreload" && on:
				p.ReportSpan(o.at, anew).With(finding.Low, finding.HighConfidence).ForAudit(dev)
			case o.name == "catch-exceptions" && on:
				p.ReportSpan(o.at, "Errors are answered with tracebacks: the code and its paths are shown to whoever causes one.").ForAudit(dev)
			}
		}
		return
	}
	for _, v := range environment(p.Doc) {
		switch {
		case v.name == "FLASK_DEBUG" && switchedOn(v.value):
			p.ReportSpan(v.at, "With FLASK_DEBUG on, errors show a debugger in which code can be run.").With(finding.High, finding.HighConfidence).ForAudit(onRequest(p.Doc, v.at))
		case v.name == "FLASK_ENV" && v.value == "development":
			p.ReportSpan(v.at, "With FLASK_ENV=development, errors show a debugger in which code can be run.").With(finding.High, finding.MediumConfidence).ForAudit(onRequest(p.Doc, v.at))
		}
	}
	for _, c := range commands(p.Doc) {
		flask, reload := c.runs("flask"), c.has("--reload")
		switch {
		case flask && c.has("run") && c.has("--debug", "--debugger"):
			p.ReportSpan(c.at, "flask run --debug shows a debugger, in which code can be run, to whoever causes an error.").With(finding.High, finding.HighConfidence).ForAudit(onRequest(p.Doc, c.at))
		case flask && c.has("run"):
			p.ReportSpan(c.at, "flask run is for one developer: it was not made for what strangers send.").ForAudit(onRequest(p.Doc, c.at))
		case c.runs("manage.py") && c.has("runserver", "runserver_plus"):
			p.ReportSpan(c.at, "runserver is for one developer: it was not made for what strangers send.").ForAudit(onRequest(p.Doc, c.at))
		case c.runs("fastapi") && c.has("dev"):
			p.ReportSpan(c.at, "fastapi dev is for developers: the server starts anew whenever a file changes.").With(finding.Low, finding.HighConfidence).ForAudit(onRequest(p.Doc, c.at))
		case reload && c.runs("uvicorn", "gunicorn", "hypercorn", "granian", "daphne"):
			p.ReportSpan(c.at, "With --reload the server starts anew whenever a file changes: that is for developers.").With(finding.Low, finding.HighConfidence).ForAudit(onRequest(p.Doc, c.at))
		}
	}
}
