package shell

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/tree"
)

// A pipeline is a kind of YAML file whose strings under some keys are a shell's.
type pipeline struct {
	is        func(p string) bool
	run       []string // keys of commands: a string, or a list of them
	variables []string // keys of tables of variables
}

var pipelines = []pipeline{
	{Actions, []string{"run"}, []string{"env"}},
	{isGitLab, []string{"script", "before_script", "after_script", "pre_get_sources_script"}, []string{"variables"}},
	{isAzure, []string{"script", "bash", "pwsh", "powershell", "inlineScript"}, []string{"variables", "env"}},
	{inFolder(".circleci"), []string{"run", "command"}, []string{"environment"}},
	{base(".travis.yml"), []string{"before_install", "install", "before_script", "script", "after_success", "after_failure", "before_deploy", "after_script"}, []string{"env", "global"}},
	{base("bitbucket-pipelines.yml"), []string{"script", "after-script"}, nil},
	{base("appveyor.yml", ".appveyor.yml"), []string{"install", "build_script", "before_test", "test_script", "after_test"}, []string{"environment", "global"}},
	{isReadTheDocs, []string{"commands", "post_checkout", "pre_system_dependencies", "post_system_dependencies", "pre_create_environment", "create_environment", "post_create_environment", "pre_install", "install", "post_install", "pre_build", "build", "post_build"}, nil},
	{Compose, []string{"command", "entrypoint"}, []string{"environment", "args"}},
}

func init() {
	for _, p := range pipelines {
		add(format{is: p.is, read: p.read})
	}
}

// Pipeline knows what servers do with a change, beside a token and secrets: workflows, and
// those of other makers.
func Pipeline(p string) bool {
	return !Compose(p) && !isReadTheDocs(p) && slices.ContainsFunc(pipelines, func(x pipeline) bool { return x.is(p) })
}

var isReadTheDocs = base(".readthedocs.yml", ".readthedocs.yaml", "readthedocs.yml", "readthedocs.yaml")

func isYAML(p string) bool { return strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".yaml") }

// Workflow knows the workflows of GitHub Actions.
func Workflow(p string) bool {
	dir, b := path.Split(p)
	return (dir == ".github/workflows/" || strings.HasSuffix(dir, "/.github/workflows/")) && isYAML(b)
}

// Actions are workflows, and the actions that a project writes for them.
func Actions(p string) bool {
	b := path.Base(p)
	return Workflow(p) || b == "action.yml" || b == "action.yaml"
}

// GitLab takes other files into its own, which people keep in folders of these names.
func isGitLab(p string) bool {
	b := path.Base(p)
	return isYAML(b) && (strings.HasSuffix(b, ".gitlab-ci.yml") || strings.HasSuffix(b, ".gitlab-ci.yaml")) || inFolder(".gitlab-ci")(p) || inFolder(".gitlab/ci")(p)
}

func isAzure(p string) bool {
	b := path.Base(p)
	return isYAML(b) && (strings.HasPrefix(b, "azure-pipelines") || strings.HasPrefix(b, ".azure-pipelines")) || inFolder(".azure-pipelines")(p) || inFolder("azure-pipelines")(p)
}

// Compose knows the files that say which containers run together.
func Compose(p string) bool {
	b := path.Base(p)
	return isYAML(b) && (strings.HasPrefix(b, "docker-compose") || strings.HasPrefix(b, "compose.") || strings.HasPrefix(b, "compose-"))
}

// inFolder says whether a path is that of a YAML file in a folder of this name, or below it.
func inFolder(name string) func(string) bool {
	return func(p string) bool {
		return isYAML(p) && (strings.HasPrefix(p, name+"/") || strings.Contains(p, "/"+name+"/"))
	}
}

func (p pipeline) read(d *rule.Doc, s *Script) {
	seen := map[*tree.Node]bool{}
	var walk func(n *tree.Node)
	walk = func(n *tree.Node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		for _, x := range n.Items() {
			walk(x)
		}
		for _, e := range n.All() {
			switch {
			case slices.Contains(p.run, e.Key) && !otherShell(n):
				p.commands(d, s, e.Value, seen)
			case slices.Contains(p.variables, e.Key):
				p.environment(d, s, e.Value)
			}
			walk(e.Value)
		}
	}
	walk(d.YAML())
}

// otherShell says whether a step names a shell that is none, such as python.
func otherShell(step *tree.Node) bool {
	shell, _, _ := strings.Cut(step.Word("shell"), " ")
	return shell != "" && !slices.Contains(shells, path.Base(shell)) && shell != "pwsh" && shell != "powershell" && shell != "cmd" && !strings.Contains(shell, "{")
}

// commands are a string, or a list of them. A list of words, as for a container, is one command.
func (p pipeline) commands(d *rule.Doc, s *Script, n *tree.Node, seen map[*tree.Node]bool) {
	if n == nil || n.Kind == tree.Table || seen[n] {
		return
	}
	seen[n] = true
	if n.Is(tree.List) && len(p.run) > 0 && p.run[0] == "command" {
		var c Command
		for _, x := range n.Items() {
			if t := ofYAML(d, x); len(t.b) > 0 {
				c = append(c, Word{Text: x.Text, At: t.span(0, len(t.b)), in: t})
			}
		}
		if len(c) > 0 {
			s.command(c)
		}
		return
	}
	for _, x := range n.Items() {
		p.commands(d, s, x, seen)
	}
	if n.Is(tree.String) {
		s.run(ofYAML(d, n))
	}
}

// environment are variables: a table, or a list of name=value.
func (p pipeline) environment(d *rule.Doc, s *Script, n *tree.Node) {
	for _, e := range n.All() {
		value := e.Value
		if value.Is(tree.Table) { // GitLab's have a description
			value = value.Get("value")
		}
		if at := d.Place(e.At); value != nil && value.Text != "" {
			s.Set = append(s.Set, Variable{e.Key, value.Text, at})
		}
	}
	for _, x := range n.Items() {
		if x.Is(tree.Table) && x.Word("name") != "" { // Azure's
			s.Set = append(s.Set, Variable{x.Word("name"), x.Word("value"), d.Place(x.Get("value").Where())})
			continue
		}
		t := ofYAML(d, x)
		for _, name := range strings.Fields(string(t.b)) { // Travis has several in one
			if before, value, ok := strings.Cut(name, "="); ok {
				s.Set = append(s.Set, Variable{before, strings.Trim(value, `"'`), source.Span{Start: t.at[0], End: t.at[len(t.at)-1] + 1}})
			}
		}
	}
}
