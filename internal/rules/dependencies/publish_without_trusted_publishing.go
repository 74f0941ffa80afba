package dependencies

import (
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/tree"
)

// PublishWithoutTrustedPublishing looks for tokens of PyPI in workflows.
var PublishWithoutTrustedPublishing = rule.Check{Docs: shell.Workflow, Doc: publishWithoutTrustedPublishing}

var publishTokens = map[string]string{
	"TWINE_PASSWORD": "twine", "UV_PUBLISH_TOKEN": "uv publish", "UV_PUBLISH_PASSWORD": "uv publish", "POETRY_PYPI_TOKEN_PYPI": "poetry publish", "POETRY_HTTP_BASIC_PYPI_PASSWORD": "poetry publish",
	"HATCH_INDEX_AUTH": "hatch publish", "FLIT_PASSWORD": "flit publish", "PDM_PUBLISH_PASSWORD": "pdm publish", "MATURIN_PYPI_TOKEN": "maturin",
}

// publishElsewhere are the settings by which the same tools publish to another index.
var publishElsewhere = []string{"TWINE_REPOSITORY_URL", "TWINE_REPOSITORY", "UV_PUBLISH_URL", "HATCH_INDEX_REPO", "FLIT_INDEX_URL", "PDM_PUBLISH_REPO", "MATURIN_REPOSITORY", "MATURIN_REPOSITORY_URL"}

func publishWithoutTrustedPublishing(p *rule.DocPass) {
	root := p.YAML()
	if root.Get("jobs") == nil {
		return
	}
	environment := func(n *tree.Node) {
		env := n.Get("env")
		for _, name := range publishElsewhere {
			if v := env.Word(name); v != "" && !strings.Contains(v, "upload.pypi.org") && v != "pypi" {
				return
			}
		}
		for _, e := range env.All() {
			if tool := publishTokens[e.Key]; tool != "" && e.Value != nil && strings.Contains(e.Value.Text, "secrets.") {
				p.ReportSpan(spanOf(p.Doc, e.Value), "%s publishes with a token that does not expire: whoever reads it can publish as you.", tool)
			}
		}
	}
	environment(root)
	for _, j := range jobs(root) {
		environment(j.node)
		for _, s := range j.steps {
			environment(s)
			if name, _ := action(s); name != "pypa/gh-action-pypi-publish" {
				continue
			}
			where := s.Word("with", "repository-url") + s.Word("with", "repository_url")
			if where != "" && !strings.Contains(where, "pypi.org") {
				continue
			}
			if password := s.Get("with", "password"); password != nil && password.Text != "" {
				p.ReportSpan(spanOf(p.Doc, password), "pypa/gh-action-pypi-publish is given a token that does not expire: whoever reads it can publish as you.")
			}
		}
	}
}
