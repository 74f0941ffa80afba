package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/gambeson/gambeson/internal/finding"
)

// The official schema, which go-sarif holds. Reading into its types and back would lose
// a property that the standard does not know, so the result must be the same as before.
func TestSARIFSchema(t *testing.T) {
	reports := map[string]func(*finding.Report){
		"sample":   func(*finding.Report) {},
		"clean":    onlyClean,
		"problems": onlyProblems,
		"nothing":  func(r *finding.Report) { *r = finding.Report{} },
		"absolute": func(r *finding.Report) { r.Root = "/srv/my app" },
		"bare":     func(r *finding.Report) { r.Rules = nil; r.Findings = []finding.Finding{{Rule: "x"}} },
	}
	ran := 0
	for _, name := range slices.Sorted(maps.Keys(reports)) {
		ran++
		t.Run(name, func(t *testing.T) {
			r := sample(t)
			reports[name](r)
			out := write(t, "sarif", r, Options{})
			log, err := sarif.FromString(out)
			if err != nil {
				t.Fatal(err)
			}
			// The library fills in these two if they are absent, and not validly.
			for _, run := range log.Runs {
				run.Language, run.NewlineSequences = "en", []string{"\n"}
			}
			if err := log.Validate(); err != nil {
				t.Error(err)
			}
			again, err := json.Marshal(log)
			if err != nil {
				t.Fatal(err)
			}
			var ours, theirs any
			for text, v := range map[string]*any{out: &ours, string(again): &theirs} {
				if err := json.Unmarshal([]byte(text), v); err != nil {
					t.Fatal(err)
				}
			}
			for _, lost := range missing("", ours, theirs) {
				t.Errorf("not in the standard: %s", lost)
			}
		})
	}
	if ran != len(reports) {
		t.Errorf("ran %d cases", ran)
	}
}

// missing lists what a has and b has not, but for zero values.
func missing(path string, a, b any) []string {
	var list []string
	switch a := a.(type) {
	case map[string]any:
		b, _ := b.(map[string]any)
		for k, v := range a {
			list = append(list, missing(path+"."+k, v, b[k])...)
		}
	case []any:
		b, _ := b.([]any)
		for i, v := range a {
			var w any
			if i < len(b) {
				w = b[i]
			}
			list = append(list, missing(fmt.Sprintf("%s[%d]", path, i), v, w)...)
		}
	default:
		if !reflect.DeepEqual(a, b) && a != nil && !reflect.ValueOf(a).IsZero() {
			list = append(list, path)
		}
	}
	return list
}

// What the schema cannot say: indexes point to what they name, regions are ranges,
// messages end in a full stop, URIs are relative, and no finding is lost.
func TestSARIFMeaning(t *testing.T) {
	r := sample(t)
	var log sarifLog
	if err := json.Unmarshal([]byte(write(t, "sarif", r, Options{})), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if len(run.Results) != len(r.Findings) || len(run.Invocations[0].Notifications) != len(r.Problems)+len(r.Notes) {
		t.Fatalf("%d results and %d notifications", len(run.Results), len(run.Invocations[0].Notifications))
	}
	rules := run.Tool.Driver.Rules
	ids := map[string]bool{}
	for _, rule := range rules {
		if ids[rule.ID] {
			t.Errorf("rule %s is there twice", rule.ID)
		}
		ids[rule.ID] = true
		tags := fmt.Sprint(rule.Properties["tags"])
		if !strings.Contains(tags, "security") || !strings.Contains(tags, "external/cwe/cwe-") || !strings.Contains(tags, "external/owasp/A") || !strings.Contains(tags, "practice/") {
			t.Errorf("rule %s has tags %s", rule.ID, tags)
		}
	}
	if tags := fmt.Sprint(rules[slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == "sql-injection" })].Properties["tags"]); tags != "[security external/cwe/cwe-089 external/owasp/A05:2025 practice/2a]" {
		t.Errorf("tags of sql-injection are %s", tags)
	}
	flows, fixes, suppressed, places := 0, 0, 0, 0
	check := func(l sarifLocation) {
		places++
		u, err := url.Parse(l.Physical.Artifact.URI)
		if err != nil || u.IsAbs() || u.Host != "" || strings.HasPrefix(u.Path, "/") || u.RawQuery != "" || u.Fragment != "" {
			t.Errorf("%q is not the URI of a file below the root: %v", l.Physical.Artifact.URI, err)
		}
		if _, ok := run.OriginalURIBaseIDs[l.Physical.Artifact.URIBaseID]; !ok {
			t.Errorf("unknown base %q", l.Physical.Artifact.URIBaseID)
		}
		if g := l.Physical.Region; g != nil && (g.StartLine < 1 || g.EndLine < g.StartLine || g.StartLine == g.EndLine && g.EndColumn < g.StartColumn) {
			t.Errorf("%+v is not a range", *g)
		}
		if c := l.Physical.Context; c != nil {
			g := l.Physical.Region
			if c.StartLine > g.StartLine || c.EndLine < g.EndLine || !strings.Contains(c.Snippet.Text, g.Snippet.Text) {
				t.Errorf("context %+v does not hold %+v", *c, *g)
			}
		}
	}
	for _, result := range run.Results {
		if result.RuleIndex >= len(rules) || rules[result.RuleIndex].ID != result.RuleID {
			t.Errorf("rule %s has index %d", result.RuleID, result.RuleIndex)
		}
		if result.PartialFingerprints["gambeson/v1"] == "" {
			t.Errorf("%s has no fingerprint", result.RuleID)
		}
		for _, l := range result.Locations {
			check(l)
		}
		for _, flow := range result.CodeFlows {
			flows++
			for i, step := range flow.ThreadFlows[0].Locations {
				check(step.Location)
				if step.ExecutionOrder != i+1 {
					t.Errorf("step %d has order %d", i+1, step.ExecutionOrder)
				}
			}
		}
		for _, fix := range result.Fixes {
			fixes++
			for _, c := range fix.ArtifactChanges {
				if len(c.Replacements) == 0 {
					t.Errorf("%s has a change without a replacement", result.RuleID)
				}
			}
		}
		suppressed += len(result.Suppressions)
	}
	// The fix in the notebook cannot be expressed.
	if flows != 2 || fixes != 2 || suppressed != 3 || places != 24 {
		t.Errorf("%d flows, %d fixes, %d suppressions, %d places", flows, fixes, suppressed, places)
	}
	if inv := run.Invocations[0]; inv.ExecutionSuccessful || inv.ExitCode != r.ExitCode() {
		t.Errorf("invocation %+v", inv)
	}
	levels := ""
	for _, n := range run.Invocations[0].Notifications {
		levels += n.Level + " "
		if d := run.Tool.Driver.Notifications; n.Descriptor.Index >= len(d) || d[n.Descriptor.Index].ID != n.Descriptor.ID {
			t.Errorf("notification %+v points nowhere", n)
		}
	}
	if levels != "error warning note note " {
		t.Errorf("the levels of what is said are %s", levels)
	}
	advisories, links := 0, 0
	for _, result := range run.Results {
		if p := result.Properties; p.Advisory != nil {
			advisories++
			if p.Package == nil || *p.Package == "" || p.Version == nil || p.Aliases == nil || p.Fixed == nil {
				t.Errorf("properties %+v", p)
			}
		}
		if text := result.Message.Text; strings.Contains(text, "(javascript") {
			links++
			if !strings.Contains(text, `\[see\](javascript`) {
				t.Errorf("source became a link: %s", text)
			}
		}
	}
	if advisories != 7 || links != 2 {
		t.Errorf("%d advisories and %d links", advisories, links)
	}
}
