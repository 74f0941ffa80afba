package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/report"
	"github.com/gambeson/gambeson/internal/rule"
)

func explainCommand() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "explain RULE...",
		Short: "Say what a rule means, and what to do instead",
		Long: `Print a rule's page: what can happen, what to write instead, and examples of what is
caught. Rules go by their ids or by the names that other tools have for them.`,
		Example: `  gambeson explain unsafe-yaml-load
  gambeson explain B506`,
		Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return ruleWords(typed), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			t.stderr = cmd.ErrOrStderr()
			list, err := t.known()
			if err != nil {
				return err
			}
			w := cmd.OutOrStdout()
			first := true
			for _, name := range args {
				found, err := named(list, name)
				if err != nil {
					return err
				}
				for _, r := range found {
					if !first {
						fmt.Fprintln(w)
					}
					first = false
					var notes []string
					for _, f := range r.Frameworks {
						notes = append(notes, rule.Framework(f))
					}
					if r.AuditOnly {
						notes = append(notes, "only in the audit profile")
					}
					if err := report.WriteRule(w, r.Describe(), strings.Join(notes, " · "), report.Options{Color: colour(w), Width: width(w)}); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
	t.configFlags(cmd)
	return cmd
}
