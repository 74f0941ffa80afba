// Package rules is the rules: pages of Markdown, a folder a practice. A page is the rule's
// definition, its help and its test; where matching names is not enough, a Go file beside
// it holds a rule.Check named as the page is, in CamelCase. Adding a rule means adding
// these files and running go generate, which checks the page and writes its front matter
// into rules_gen.go: a hundred YAML heads are not read at every start.
package rules

import (
	"embed"
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

//go:generate go run ./gen

//go:embed */*.md
var pages embed.FS

// All returns the rules by id. The rules are the caller's own to keep, their checks are
// shared.
func All() []*rule.Rule {
	list := make([]*rule.Rule, len(table))
	for i := range table {
		r := table[i].rule
		r.Text = func() string { return page(table[i].folder, r.ID) }
		list[i] = &r
	}
	return list
}

// page reads the page of a rule. A run asks for few of them.
func page(folder, id string) string {
	text, err := pages.ReadFile(path.Join(folder, id+".md"))
	if err != nil {
		panic(err) // rules_gen.go names a page that is gone: run go generate
	}
	_, body, _ := strings.Cut(source.View(text), "\n---\n")
	return body
}

// An entry is a row of the generated table.
type entry struct {
	folder string
	rule   rule.Rule
}
