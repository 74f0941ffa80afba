package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/report"
	"github.com/gambeson/gambeson/internal/rules"
)

// What shells complete. `gambeson completion bash` and the like, which cobra adds, print
// the scripts that ask for it.

func completeWords(cmd *cobra.Command, flag string, words ...string) {
	register(cmd, flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

func completeFormats(cmd *cobra.Command) {
	var words []string
	for _, f := range report.Formats {
		words = append(words, f.Name+"\t"+f.Description)
	}
	completeWords(cmd, "format", words...)
}

// completeRules completes a list of rules, of which the last is being typed.
func completeRules(cmd *cobra.Command, flag string) {
	register(cmd, flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		var words []string
		for _, w := range ruleWords(typed[len(before):]) {
			words = append(words, before+w)
		}
		return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
}

func register(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // there is no such flag
	}
}

// ruleWords are the ids, and the aliases once somebody begins to type one.
func ruleWords(typed string) []string {
	var words []string
	for _, r := range rules.All() {
		words = append(words, r.ID+"\t"+r.Title)
		for _, a := range r.Aliases {
			if typed != "" && strings.HasPrefix(a, strings.ToUpper(typed[:1])) {
				words = append(words, a+"\t"+r.Title)
			}
		}
	}
	for _, p := range finding.Practices {
		words = append(words, string(p)+"\t"+p.Title())
	}
	return words
}
