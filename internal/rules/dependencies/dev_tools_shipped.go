package dependencies

import (
	"strings"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/rule"
)

// DevToolsShipped looks for tools among what the program needs to run.
var DevToolsShipped = rule.Check{Docs: rule.Manifests, Doc: devToolsShipped}

// devTools are for those who work on a program.
var devTools = set(`
autopep8 bandit black bump2version bumpversion coverage coveralls django-debug-toolbar factory-boy flake8 flake8-bugbear freezegun hypothesis ipdb ipython isort locust mock moto mypy nose nose2 nox pdbpp pip-audit pip-tools
pre-commit prospector pudb pycodestyle pydocstyle pyflakes pylint pyright pytest pytest-asyncio pytest-cov pytest-django pytest-mock pytest-xdist pytype responses ruff safety sphinx sphinx-rtd-theme tox twine vcrpy vulture yapf
`)

func devToolsShipped(p *rule.DocPass) {
	m := p.Manifest
	if m == nil || m.Lock || m.Format == "pre-commit" || helper(p.Path) || strings.Contains(p.Doc.Text(wholeFile(p.Doc)), "pytest11") {
		return // a plugin of pytest needs pytest
	}
	var tools []string
	var first *manifest.Package
	for i := range m.Packages {
		q := &m.Packages[i]
		if !devTools[q.Name] || len(q.Groups) > 0 {
			continue
		}
		if first == nil {
			first = q
		}
		tools = append(tools, shown(q.Written))
	}
	if first != nil {
		p.ReportAt(first.At, "%s with the program, which does not need it to run: more code that can have a flaw, and that an intruder finds ready.", have(tools, "is installed", "are installed"))
	}
}
