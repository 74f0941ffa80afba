package dependencies

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/tree"
)

// WorkflowExpressionInjection looks for strangers' text in scripts of workflows.
var WorkflowExpressionInjection = rule.Check{Docs: shell.Actions, Doc: workflowExpressionInjection}

// strangers is text that people write who need not be of the project, and the events that bring
// it. Names of repositories and of users have no characters that a shell would take for more.
var strangers = []struct{ path, events string }{
	{"github.event.issue.title", "issues issue_comment"},
	{"github.event.issue.body", "issues issue_comment"},
	{"github.event.comment.body", "issue_comment commit_comment discussion_comment pull_request_review_comment"},
	{"github.event.review.body", "pull_request_review"},
	{"github.event.discussion.title", "discussion discussion_comment"},
	{"github.event.discussion.body", "discussion discussion_comment"},
	{"github.event.pull_request.title", proposing},
	{"github.event.pull_request.body", proposing},
	{"github.event.pull_request.head.ref", proposing},
	{"github.event.pull_request.head.label", proposing},
	{"github.event.pull_request.head.repo.default_branch", proposing},
	{"github.event.pull_request.head.repo.description", proposing},
	{"github.event.pull_request.head.repo.homepage", proposing},
	{"github.head_ref", proposing},
	{"github.event.changes.title.from", "issues " + proposing},
	{"github.event.changes.body.from", "issues issue_comment " + proposing},
	{"github.event.workflow_run.head_branch", "workflow_run"},
	{"github.event.workflow_run.display_title", "workflow_run"},
	{"github.event.workflow_run.head_commit.message", "workflow_run"},
	{"github.event.workflow_run.head_commit.author.name", "workflow_run"},
	{"github.event.workflow_run.head_commit.author.email", "workflow_run"},
	{"github.event.workflow_run.pull_requests.*.head.ref", "workflow_run"},
	{"github.event.head_commit.message", "push"},
	{"github.event.head_commit.author.name", "push"},
	{"github.event.head_commit.author.email", "push"},
	{"github.event.head_commit.committer.name", "push"},
	{"github.event.commits.*.message", "push"},
	{"github.event.commits.*.author.name", "push"},
	{"github.event.commits.*.author.email", "push"},
	{"github.event.pages.*.page_name", "gollum"},
	{"github.event.pages.*.title", "gollum"},
}

const proposing = "pull_request_target pull_request pull_request_review pull_request_review_comment"

// harmless are events whose workflows have neither secrets nor a token that may write when a
// stranger starts them, and who proposes a change can write into the workflow itself.
var harmless = []string{"pull_request", "pull_request_review", "pull_request_review_comment"}

// who starts a workflow by an event.
var who = map[string]string{
	"issues": "whoever opens an issue", "issue_comment": "whoever writes a comment", "commit_comment": "whoever writes a comment", "discussion": "whoever begins a discussion", "discussion_comment": "whoever writes a comment",
	"pull_request_target": "whoever proposes a change", "workflow_run": "whoever proposes a change", "push": "whoever has written a commit that is taken over", "gollum": "whoever may write to the wiki",
}

var expressionIn = match.Lazy(`\$\{\{(.{1,900}?)\}\}`)

// A reach is how a stranger's text gets into a workflow.
type reach struct {
	path  string // of the text
	event string // that brings it; "" if others decide when this runs
	audit bool
}

// reaches finds the worst way by which a text of a context comes from a stranger.
func reaches(path string, events []string) (best reach, ok bool) {
	prefix, object := strings.CutSuffix(path, "**")
	for _, s := range strangers {
		if s.path != path && !(object && strings.HasPrefix(s.path, prefix)) {
			continue
		}
		r := reach{path: s.path, audit: true}
		for _, e := range strings.Fields(s.events) {
			if slices.Contains(events, e) && !slices.Contains(harmless, e) {
				r.event, r.audit = e, false
				break
			}
		}
		if r.audit && (len(events) == 0 || slices.Contains(events, "workflow_call")) {
			r.audit = false // whoever calls it may be started by anything
		}
		if !ok || best.audit && !r.audit {
			best, ok = r, true
		}
	}
	if !ok && (strings.HasPrefix(path, "inputs.") || strings.HasPrefix(path, "github.event.inputs.")) {
		return reach{path: path, audit: true}, true
	}
	return best, ok
}

// eventsOf are the events that start a workflow; none for an action.
func eventsOf(root *tree.Node) (out []string) {
	on := root.Get("on")
	if on == nil {
		on = root.Get("true") // what YAML 1.1 makes of it
	}
	if on != nil && on.Text != "" {
		out = append(out, on.Text)
	}
	for _, n := range on.Items() {
		out = append(out, n.Word())
	}
	for _, e := range on.All() {
		out = append(out, e.Key)
	}
	return out
}

func workflowExpressionInjection(p *rule.DocPass) {
	root := p.YAML()
	events := eventsOf(root)
	for _, j := range jobs(root) {
		for _, s := range j.steps {
			environment := []*tree.Node{s.Get("env"), j.node.Get("env"), root.Get("env")}
			look := func(code *tree.Node) {
				if code == nil {
					return
				}
				text, at := shell.String(p.Doc, code)
				for _, m := range expressionIn().FindAllStringSubmatchIndex(text, 100) {
					r, ok := strangersText(text[m[2]:m[3]], environment, events, 0)
					if !ok || typed(root, r.path) {
						continue
					}
					reportInjection(p, r, strings.TrimSpace(text[m[2]:m[3]]), j.node.Word("if")+" && "+s.Word("if"), p.ReportSpan(at(m[0], m[1]), ""))
				}
			}
			look(s.Get("run"))
			for _, e := range s.Get("with").All() {
				// github-script, and those that run something elsewhere.
				if slices.Contains([]string{"script", "run", "command", "cmd", "inlinescript"}, strings.ToLower(e.Key)) {
					look(e.Value)
				}
			}
		}
	}
}

// typed says whether a path is that of an input which can only be one of a few words.
func typed(root *tree.Node, path string) bool {
	_, name, ok := strings.Cut(path, "inputs.")
	if !ok {
		return false
	}
	for _, event := range []string{"workflow_dispatch", "workflow_call"} {
		for _, on := range []string{"on", "true"} {
			for _, e := range root.Get(on, event, "inputs").All() {
				if strings.EqualFold(e.Key, name) && slices.Contains([]string{"choice", "boolean", "number", "environment"}, e.Value.Word("type")) {
					return true
				}
			}
		}
	}
	return false
}

// strangersText finds a stranger's text in an expression, also through what env: holds.
func strangersText(text string, environment []*tree.Node, events []string, depth int) (best reach, found bool) {
	for _, path := range valuesOf(text) {
		r, ok := reaches(path, events)
		if name, env := strings.CutPrefix(path, "env."); env && depth == 0 {
			for _, n := range environment {
				i := slices.IndexFunc(n.All(), func(e tree.Entry) bool { return strings.EqualFold(e.Key, name) })
				if i < 0 {
					continue
				}
				for _, m := range expressionIn().FindAllStringSubmatch(n.All()[i].Value.Word(), 10) {
					if x, yes := strangersText(m[1], environment, events, 1); yes && (!ok || r.audit && !x.audit) {
						r, ok = x, true
					}
				}
				break
			}
		}
		if ok && (!found || best.audit && !r.audit) {
			best, found = r, true
		}
	}
	return best, found
}

// reportInjection words a finding, and weighs it by who can get there.
func reportInjection(p *rule.DocPass, r reach, text, condition string, f *rule.Found) {
	switch {
	case strings.Contains(r.path, "inputs."):
		f.Message = shown(text) + " becomes a part of the script before it is run, so that whoever gives it can write commands."
		f.With(finding.Low, finding.MediumConfidence).ForAudit(true)
		return
	case r.audit:
		f.Message = shown(text) + " becomes a part of the script before it is run, and is text that strangers write; as far as this file tells, they have nothing to gain by it."
		f.With(finding.Low, finding.MediumConfidence).ForAudit(true)
		return
	case r.event == "":
		f.Message = shown(text) + " becomes a part of the script before it is run: where a stranger can start what uses this, commands in it run with that workflow's token and secrets."
		f.Confidence = finding.MediumConfidence
	default:
		f.Message = shown(text) + " becomes a part of the script before it is run: " + who[r.event] + " can write commands there, which run with this workflow's token and secrets."
	}
	if r.event == "push" {
		f.With(finding.Medium, finding.MediumConfidence)
		return
	}
	member := strings.Contains(condition, "author_association") && (strings.HasSuffix(r.path, "comment.body") || strings.HasSuffix(r.path, "review.body"))
	f.ForAudit(guarded(condition) || member || strings.Contains(condition, "github.actor == ") || strings.Contains(condition, "event.pull_request.user.login == "))
}
