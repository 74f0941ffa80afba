package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/report"
	"github.com/gambeson/gambeson/internal/rule"
)

func rulesCommand() *cobra.Command {
	var t target
	var format string
	cmd := &cobra.Command{
		Use:   "rules [WORD...]",
		Short: "List the rules",
		Long: `List the rules by practice. Words choose: an id or a part of one, an alias such as
B608, a practice such as 2a, a word of the title.

Rules marked audit run in the audit profile, or when --select names them.`,
		Example: `  gambeson rules yaml pickle
  gambeson rules B6
  gambeson rules --format json`,
		ValidArgsFunction: func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return ruleWords(typed), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown format %q: use text or json", format)
			}
			t.stderr = cmd.ErrOrStderr()
			list, err := t.known()
			if err != nil {
				return err
			}
			chosen := config.Default()
			chosen.Select, chosen.Ignore = t.sel, t.ignore
			var rows []report.RuleRow
			for _, r := range list {
				if chosen.Choose(r.ID, r.Aliases, r.Practice) == config.Off || !fitsWords(r, args) {
					continue
				}
				row := report.RuleRow{Rule: r.Describe()}
				if r.AuditOnly {
					row.Note = "audit"
				}
				rows = append(rows, row)
			}
			if len(rows) == 0 {
				return fmt.Errorf("no rule fits %s", strings.Join(append(args, t.sel...), " "))
			}
			w := cmd.OutOrStdout()
			if format == "json" {
				e := json.NewEncoder(w)
				e.SetIndent("", "  ")
				e.SetEscapeHTML(false)
				return e.Encode(ruleList(rows))
			}
			return report.WriteRules(w, rows, report.Options{Color: colour(w), Width: width(w)})
		},
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", "text", "text or json")
	f.StringSliceVar(&t.sel, "select", nil, "only these `rules`: ids, aliases, practices, globs")
	f.StringSliceVar(&t.ignore, "ignore", nil, "not these `rules`")
	t.configFlags(cmd)
	completeRules(cmd, "select")
	completeRules(cmd, "ignore")
	completeWords(cmd, "format", "text", "json")
	return cmd
}

// configFlags are the flags of commands that only want to know which rules there are.
func (t *target) configFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.configFile, "config", "", "read this configuration `file` instead of looking for one")
	cmd.Flags().BoolVar(&t.noConfig, "no-config", false, "take no notice of configuration files")
}

// known are all rules, the configuration's own as well.
func (t *target) known() ([]*rule.Rule, error) {
	err := t.load(nil)
	var list []*rule.Rule
	if err == nil {
		t.config.Notes = nil // they speak of scanning
		list, err = t.rules()
	}
	if err != nil && t.configFile == "" && t.config != nil && t.config.File == "" {
		return nil, err // the configuration has no part in it
	}
	if err != nil && t.configFile == "" {
		// Somebody repairs the configuration, and looks up how a rule is called.
		say(t.stderr, "note: "+err.Error()+"\nnote: so these are the rules without the configuration")
		t.config = config.Default()
		list, err = t.rules()
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b *rule.Rule) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

// fitsWords says whether one of the words speaks of the rule; no words mean all.
func fitsWords(r *rule.Rule, words []string) bool {
	if len(words) == 0 {
		return true
	}
	for _, w := range words {
		if finding.Practice(strings.ToLower(w)).Title() != "" {
			if string(r.Practice) == strings.ToLower(w) {
				return true
			}
			continue
		}
		for _, text := range append([]string{r.ID, r.Title}, r.Aliases...) {
			if strings.Contains(strings.ToLower(text), strings.ToLower(w)) {
				return true
			}
		}
	}
	return false
}

// A listed rule is what --format json says of one.
type listed struct {
	ID         string             `json:"id"`
	Title      string             `json:"title"`
	Practice   finding.Practice   `json:"practice"`
	Severity   finding.Severity   `json:"severity"`
	Confidence finding.Confidence `json:"confidence"`
	CWE        []int              `json:"cwe"`
	OWASP      string             `json:"owasp"`
	ASVS       string             `json:"asvs"`
	Aliases    []string           `json:"aliases"`
	Profile    string             `json:"profile"`
	Why        string             `json:"why"`
}

func ruleList(rows []report.RuleRow) []listed {
	out := make([]listed, 0, len(rows))
	for _, r := range rows {
		l := listed{r.ID, r.Title, r.Practice, r.Severity, r.Confidence, r.CWE, r.OWASP, r.ASVS, append([]string{}, r.Aliases...), "default", r.Description}
		if r.Note != "" {
			l.Profile = r.Note
		}
		out = append(out, l)
	}
	return out
}

// named returns the rules that go by a name: one by its id, perhaps several by an alias.
func named(list []*rule.Rule, name string) ([]*rule.Rule, error) {
	var found []*rule.Rule
	known := make([]string, 0, 4*len(list))
	for _, r := range list {
		if strings.EqualFold(r.ID, name) {
			return []*rule.Rule{r}, nil
		}
		if slices.ContainsFunc(r.Aliases, func(a string) bool { return strings.EqualFold(a, name) }) {
			found = append(found, r)
		}
		known = append(append(known, r.ID), r.Aliases...)
	}
	if found != nil {
		return found, nil
	}
	if near := match.Closest(strings.ToLower(name), known); near != "" {
		return nil, fmt.Errorf("unknown rule %q: did you mean %s?", name, near)
	}
	if id, ok := finding.BanditID(name); ok {
		return nil, fmt.Errorf("no rule answers for Bandit's test %s", id)
	}
	return nil, fmt.Errorf("unknown rule %q: see gambeson rules", name)
}
