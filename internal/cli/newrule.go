package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/rule"
)

func newRuleCommand() *cobra.Command {
	var withGo bool
	cmd := &cobra.Command{
		Use:   "new-rule FOLDER ID",
		Short: "Begin a rule: its page, and with --go the check beside it",
		Long: `Begin a rule in internal/rules/FOLDER. The page is well formed, and its tests fail until
it is filled in.`,
		Example: "  gambeson dev new-rule coding cleartext-smtp --go",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, id := args[0], args[1]
			root := filepath.Join("internal", "rules")
			if info, err := os.Stat(root); err != nil || !info.IsDir() {
				return errors.New("there is no internal/rules here: run this at the top of Gambeson's repository")
			}
			practice, ok := folders[folder]
			if !ok {
				var names []string
				for name := range folders {
					names = append(names, name)
				}
				slices.Sort(names)
				return fmt.Errorf("unknown folder %q: use one of %s", folder, strings.Join(names, ", "))
			}
			page := strings.Replace(newPage, "{practice}", practice, 1)
			if _, err := rule.ParsePage(id+".md", []byte(page)); err != nil {
				return err
			}
			files := map[string]string{filepath.Join(root, folder, id+".md"): page}
			if withGo {
				name := camel(id)
				files[filepath.Join(root, folder, strings.ReplaceAll(id, "-", "_")+".go")] =
					strings.NewReplacer("{package}", folder, "{Name}", name, "{name}", strings.ToLower(name[:1])+name[1:]).Replace(newCheck)
			}
			for path := range files {
				if _, err := os.Lstat(path); err == nil {
					return fmt.Errorf("%s is there already", path)
				}
			}
			for path, text := range files {
				if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
					return err
				}
				if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
					return err
				}
			}
			for _, path := range []string{".md", ".go"} {
				for name := range files {
					if strings.HasSuffix(name, path) {
						fmt.Fprintln(cmd.OutOrStdout(), name)
					}
				}
			}
			say(cmd.ErrOrStderr(), "fill in the page, then run go generate ./internal/rules && go test ./internal/rules -run TestPages/"+id)
			return nil
		},
	}
	cmd.Flags().BoolVar(&withGo, "go", false, "also a check in Go, for what matching names cannot decide")
	return cmd
}

// folders are those of internal/rules, with the practice that most of their rules serve.
var folders = map[string]string{
	"dependencies": "1", "coding": "2b", "files": "2c", "errors": "2d", "web": "3", "settings": "4", "deploy": "5", "analysis": "6", "logging": "8",
}

// camel turns old-tls-version into OldTlsVersion, the name that go generate looks for.
func camel(id string) string {
	var b strings.Builder
	for w := range strings.SplitSeq(id, "-") {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}

// The examples of the new page are wrong on purpose: a page that tests nothing must not pass.
const newPage = `---
title: What is wrong, in a few words
practice: {practice}
severity: medium
cwe: [710]
owasp: A06:2025
calls: [module.function]
message: "{name} does what it must not."
hint: module.better(value)
---
What can happen, and to whom: one paragraph that a developer believes.

## Instead
What to write, and when the other thing is right after all.

` + "```py ok" + `
import module

module.function("replace this by what is innocent and looks alike")
` + "```" + `

## Caught
` + "```py" + `
import module

module.better("replace this by what must be found")  # want "does what it must not"
` + "```" + `
`

const newCheck = `package {package}

import (
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
)

// {Name} decides about calls of what its page names.
var {Name} = rule.Check{Called: {name}}

func {name}(p *rule.Pass, c *ast.Call, name string) {
	p.Report(c, "%s does what it must not.", name)
}
`
