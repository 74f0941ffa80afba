package settings

import (
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// OpenNotebook looks at the configuration of Jupyter, and how it is started.
var OpenNotebook = rule.Check{Kinds: []ast.Kind{ast.KindAssign}, Visit: openNotebook, Docs: hasCommands, Doc: openNotebookCommand}

const (
	noToken   = "The notebook server asks nobody who he is: whoever reaches the port runs what he likes."
	anyOrigin = "The notebook server answers every web page: one that its user opens can run what it likes."
)

func openNotebook(p *rule.Pass, n ast.Node) {
	a := n.(*ast.Assign)
	t, ok := a.Targets[0].(*ast.Attribute)
	if !ok || !strings.Contains(path.Base(p.File.Path), "jupyter") && !strings.Contains(path.Base(p.File.Path), "ipython") {
		return
	}
	switch t.Attr {
	case "token", "password":
		if s, ok := p.Str(a.Value); ok && s == "" && t.Attr == "token" {
			p.Report(a, noToken)
		}
	case "allow_origin", "allow_origin_pat":
		if s, ok := p.Str(a.Value); ok && (s == "*" || s == ".*") {
			p.Report(a, anyOrigin).With(finding.Medium, finding.HighConfidence)
		}
	case "disable_check_xsrf":
		if args.IsTrue(p.Unit, a.Value) {
			p.Report(a, anyOrigin).With(finding.Medium, finding.HighConfidence)
		}
	case "allow_root":
		if args.IsTrue(p.Unit, a.Value) {
			p.Report(a, "The notebook server runs as root, and so does whatever it is told to run.").With(finding.Low, finding.HighConfidence)
		}
	}
}

func openNotebookCommand(p *rule.DocPass) {
	for _, c := range commands(p.Doc) {
		if !c.runs("jupyter", "jupyter-lab", "jupyter-notebook", "start-notebook.sh", "start-notebook.py", "start.sh") {
			continue
		}
		for _, w := range c.words {
			name, value, has := strings.Cut(w, "=")
			if has && strings.HasSuffix(name, "App.token") && strings.Trim(value, `"'`) == "" || strings.HasSuffix(name, "IdentityProvider.token") && has && strings.Trim(value, `"'`) == "" {
				p.ReportSpan(c.at, noToken).ForAudit(onRequest(p.Doc, c.at))
				break
			}
		}
	}
}
