package dependencies

import (
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/tree"
)

// spanOf is where a scalar stands, with its quotes, as far as its line goes.
func spanOf(d *rule.Doc, n *tree.Node) source.Span {
	if n == nil {
		return source.Span{}
	}
	at := n.At
	if n.Style == tree.Single || n.Style == tree.Double {
		at.Column--
	}
	return d.Place(at)
}

// A job is one of a workflow, with its steps. An action of the project's own has one.
type job struct {
	name  string
	at    tree.Place
	node  *tree.Node
	steps []*tree.Node
}

// jobs are those of a workflow. A step that several jobs share by an anchor is told once.
func jobs(root *tree.Node) (out []job) {
	seen := map[*tree.Node]bool{}
	steps := func(list *tree.Node) (out []*tree.Node) {
		for _, s := range list.Items() {
			if s != nil && !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
		return out
	}
	for _, j := range root.Get("jobs").All() {
		if len(out) < 1000 && j.Value != nil {
			out = append(out, job{j.Key, j.At, j.Value, steps(j.Value.Get("steps"))})
		}
	}
	if runs := root.Get("runs"); runs != nil {
		out = append(out, job{"", runs.At, runs, steps(runs.Get("steps"))})
	}
	return out
}

// starts says whether one of the events starts the workflow.
func starts(root *tree.Node, events ...string) string {
	on := root.Get("on")
	if on == nil {
		on = root.Get("true") // what YAML 1.1 makes of it
	}
	for _, e := range events {
		if on != nil && on.Text == e {
			return e
		}
		for _, n := range on.Items() {
			if n != nil && n.Text == e {
				return e
			}
		}
		for _, p := range on.All() {
			if p.Key == e {
				return e
			}
		}
	}
	return ""
}

// action is the name of the action that a step uses, in lower case, and its revision.
func action(step *tree.Node) (name, ref string) {
	name, ref, _ = strings.Cut(step.Word("uses"), "@")
	return strings.ToLower(name), ref
}

// isLocal says whether what is used is the project's own, or an image.
func isLocal(name string) bool {
	return strings.HasPrefix(name, ".") || strings.Contains(name, "://") || path.Clean(name) == "." || !strings.Contains(name, "/")
}
