package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rewrite"
	"github.com/gambeson/gambeson/internal/rules"
	"github.com/gambeson/gambeson/internal/tree"
)

func initCommand() *cobra.Command {
	var settings, hook, workflow, write bool
	cmd := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Set a project up: settings, a pre-commit hook, a workflow",
		Long: `Show what would set a project up, as a diff; --write writes it. Nothing is ever
overwritten: what is there already is left as it is.

Settings go to [tool.gambeson] where there is a pyproject.toml, else to gambeson.toml.
What the project has told Bandit is taken over.`,
		Example: `  gambeson init
  gambeson init --config --pre-commit --write`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if info, err := os.Stat(dir); err != nil || !info.IsDir() {
				return fmt.Errorf("there is no folder %q: name the project's", dir)
			}
			all := !settings && !hook && !workflow
			var changes []change
			for _, part := range []struct {
				wanted bool
				plan   func(dir string) (change, error)
			}{{settings, initSettings}, {hook, initHook}, {workflow, initWorkflow}} {
				if !part.wanted && !all {
					continue
				}
				c, err := part.plan(dir)
				if err != nil {
					return err
				}
				changes = append(changes, c)
			}
			n := 0
			for _, c := range changes {
				name := filepath.ToSlash(filepath.Join(dir, c.path))
				switch {
				case c.note != "":
					say(cmd.ErrOrStderr(), name+": "+c.note)
				case write:
					if err := c.write(dir); err != nil {
						return fmt.Errorf("%s: %w", name, err)
					}
					fmt.Fprintln(cmd.OutOrStdout(), name)
				default:
					n++
					if err := printDiff(cmd.OutOrStdout(), rewrite.Diff(name, c.old, []finding.Edit{c.edit})); err != nil {
						return err
					}
				}
			}
			if n > 0 {
				say(cmd.ErrOrStderr(), "--write writes this")
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&settings, "config", false, "settings: gambeson.toml, or [tool.gambeson] in pyproject.toml")
	f.BoolVar(&hook, "pre-commit", false, "a hook in .pre-commit-config.yaml")
	f.BoolVar(&workflow, "workflow", false, "a workflow for GitHub Actions")
	f.BoolVarP(&write, "write", "w", false, "write the files")
	return cmd
}

// A change is what init does to one file: an insertion, or with a note nothing.
type change struct {
	path string
	old  []byte // nil if the file is new
	edit finding.Edit
	note string // why it is left as it is
}

func (c *change) write(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if c.old == nil {
		if err := root.MkdirAll(filepath.Dir(c.path), 0o777); err != nil {
			return err
		}
		f, err := root.OpenFile(c.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return err
		}
		_, err = f.WriteString(c.edit.Text)
		return errors.Join(err, f.Close())
	}
	text, err := finding.Apply(c.old, []finding.Edit{c.edit})
	if err != nil {
		return err
	}
	return rewrite.Replace(root, c.path, c.old, text)
}

func fresh(path, text string) change { return change{path: path, edit: finding.Edit{Text: text}} }

// insert puts text into a file; at its end there is a line end first.
func insert(path string, old []byte, at int, text string) change {
	if at == len(old) && at > 0 && !bytes.HasSuffix(old, []byte("\n")) {
		text = "\n" + text
	}
	if bytes.Contains(old, []byte("\r\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return change{path: path, old: old, edit: finding.Edit{Start: at, End: at, Text: text}}
}

// readThere reads a file that may not be there: then it is nil.
func readThere(dir, name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if data == nil {
		data = []byte{}
	}
	return data, err
}

const thereAlready = "there already, left as it is"

func initSettings(dir string) (change, error) {
	if own, err := readThere(dir, "gambeson.toml"); own != nil || err != nil {
		return change{path: "gambeson.toml", note: thereAlready}, err
	}
	project, err := readThere(dir, "pyproject.toml")
	if err != nil {
		return change{}, err
	}
	c, err := config.In(dir)
	switch {
	case err != nil:
		return change{}, err
	case c == nil:
		c = config.Default()
	case c.Section == "tool.gambeson":
		return change{path: "pyproject.toml", note: "[tool.gambeson] is " + thereAlready}, nil
	}
	if project != nil {
		ch := insert("pyproject.toml", project, len(project), "\n"+settingsText(c, "tool.gambeson"))
		// A file that writes tool = {…} cannot have the table.
		text, _ := finding.Apply(project, []finding.Edit{ch.edit})
		var v map[string]any
		if toml.Unmarshal(text, &v) == nil {
			return ch, nil
		}
	}
	return fresh("gambeson.toml", settingsText(c, "")), nil
}

// settingsText writes settings, with what Bandit's configuration says.
func settingsText(c *config.Config, section string) string {
	var b strings.Builder
	if section != "" {
		fmt.Fprintf(&b, "[%s]\n", section)
	}
	b.WriteString("profile = \"default\"   # or \"audit\": everything, as for a review by hand\n")
	b.WriteString("fail-on = \"medium\"    # critical, high, medium, low, info or never\n")
	ignore, gone := living(c.Ignore)
	sel, more := living(c.Select)
	if gone = append(gone, more...); len(gone) > 0 {
		fmt.Fprintf(&b, "# Bandit's %s: no rule answers for them here.\n", strings.Join(gone, ", "))
	}
	list := func(key string, values []string) {
		if len(values) > 0 {
			fmt.Fprintf(&b, "%s = %s\n", key, tomlList(values))
		}
	}
	list("select", sel)
	list("ignore", ignore)
	list("exclude", c.Exclude)
	for _, p := range c.PerPath {
		if ids, _ := living(p.Ignore); len(ids) > 0 {
			table := "per-path"
			if section != "" {
				table = section + "." + table
			}
			fmt.Fprintf(&b, "\n[%s.%s]\nignore = %s\n", table, tomlText(p.Pattern), tomlList(ids))
		}
	}
	return b.String()
}

// living tells names that a rule answers for from those that none does.
func living(names []string) (here, gone []string) {
	var known []string
	for _, r := range rules.All() {
		known = append(append(known, r.ID), r.Aliases...)
	}
	for _, name := range names {
		if slices.Contains(known, name) {
			here = append(here, name)
		} else {
			gone = append(gone, name)
		}
	}
	return here, gone
}

func tomlList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = tomlText(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func tomlText(s string) string {
	text, err := toml.Marshal(map[string]string{"k": s})
	if err != nil {
		return fmt.Sprintf("%q", s)
	}
	_, v, _ := strings.Cut(strings.TrimSpace(string(text)), " = ")
	return v
}

const hookText = `- repo: local
  hooks:
    - id: gambeson
      name: gambeson
      entry: gambeson scan --force-exclude
      language: system
      types_or: [python, pyi, jupyter]
`

func initHook(dir string) (change, error) {
	const name = ".pre-commit-config.yaml"
	old, err := readThere(dir, name)
	switch {
	case err != nil:
		return change{}, err
	case old == nil:
		return fresh(name, "repos:\n"+indentLines(hookText, "  ")), nil
	case bytes.Contains(old, []byte("gambeson")):
		return change{path: name, note: thereAlready}, nil
	}
	// Behind the line repos:, as deep as the entries that are there.
	text := string(old)
	at, depth := -1, "  "
	pos := 0
	for line := range strings.Lines(text) {
		pos += len(line)
		switch trimmed := strings.TrimSpace(line); {
		case at < 0 && strings.HasPrefix(line, "repos:") && trimmed == "repos:":
			at = pos
		case at >= 0 && strings.HasPrefix(trimmed, "- repo:"):
			depth = line[:strings.IndexByte(line, '-')]
			c := insert(name, old, at, indentLines(hookText, depth))
			after, _ := finding.Apply(old, []finding.Edit{c.edit})
			now, wrong := tree.YAML(after)
			if repos := now.Get("repos").Items(); len(wrong) == 0 && len(repos) > 1 {
				if first := repos[0].Get("repo"); first != nil && first.Text == "local" {
					return c, nil
				}
			}
			return byHand(name), nil
		}
	}
	return byHand(name), nil
}

func byHand(name string) change {
	return change{path: name, note: "not understood, left as it is: add this to its repos by hand\n" + indentLines(hookText, "  ")}
}

func indentLines(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(by + line)
	}
	return b.String()
}

const workflowText = `name: Gambeson

on:
  push:
    branches: [main, master]
  pull_request:

permissions: {}

jobs:
  scan:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      security-events: write # shows the findings under Security, Code scanning
    steps:
      # A tag can be moved: pin actions to the full hash of a commit that you have looked at.
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-go@v5
        with:
          go-version: stable
          cache: false
      - run: go install github.com/gambeson/gambeson/cmd/gambeson@v{version}
      - run: gambeson scan . --format sarif --output gambeson.sarif
      - if: always()
        uses: github/codeql-action/upload-sarif@v3
        with:
          sarif_file: gambeson.sarif
`

func initWorkflow(dir string) (change, error) {
	const name = ".github/workflows/gambeson.yml"
	old, err := readThere(dir, name)
	if old != nil || err != nil {
		return change{path: name, note: thereAlready}, err
	}
	return fresh(name, strings.ReplaceAll(workflowText, "{version}", version)), nil
}
