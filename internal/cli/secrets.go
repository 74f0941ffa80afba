package cli

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/engine"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/report"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/secrets"
	"github.com/gambeson/gambeson/internal/source"
)

func secretsCommand() *cobra.Command {
	var t target
	var format, output string
	var known []string
	var stats, verbose, show, history bool
	cmd := &cobra.Command{
		Use:   "secrets [PATH...]",
		Short: "Look for tokens, keys and passwords in files and in the history",
		Long: `Look for tokens, keys and passwords in all files of a tree, not only in Python, and with
--history in every commit of its repository.

Nothing is sent anywhere, and no secret stands in any report unless --show asks for it.
Comments for gitleaks and detect-secrets, .gitleaksignore and .secrets.baseline are
honoured.`,
		Example: `  gambeson secrets
  gambeson secrets . --history
  gambeson secrets . --format sarif --output secrets.sarif
  gambeson secrets . --baseline gitleaks.json     # only what is new
  git diff --staged | gambeson secrets - --stdin-filename staged.diff`,
		RunE: func(cmd *cobra.Command, args []string) error {
			write, err := report.Find(format)
			if err != nil {
				return err
			}
			t.stdin, t.stderr = cmd.InOrStdin(), cmd.ErrOrStderr()
			if err := t.load(args); err != nil {
				return err
			}
			s, err := t.secrets(args)
			if err != nil {
				return err
			}
			s.Show, s.History = show, history
			for _, file := range known {
				data, err := os.ReadFile(file)
				if err != nil {
					return fmt.Errorf("--baseline: %w", err)
				}
				k, err := secrets.ReadKnown(data)
				if err != nil {
					return fmt.Errorf("--baseline %s: %w", file, err)
				}
				s.Known = append(s.Known, k)
			}
			if isTerminal(t.stderr) && (output != "" || !isTerminal(cmd.OutOrStdout()) || format == "text") {
				line := newProgress(t.stderr)
				s.Progress = line.update
				s.Versions = line.versions
				defer line.clear()
			}
			tuneMemory()
			r, err := s.Run(cmd.Context())
			if err != nil {
				return err
			}
			if err := emit(cmd, output, r, write, report.Options{Verbose: verbose}); err != nil {
				return err
			}
			if stats {
				printStats(t.stderr, r)
			}
			if code := r.ExitCode(); code != 0 {
				return exit(code)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&history, "history", false, "also look at every version of every file that the repository has")
	f.BoolVar(&show, "show", false, "show the secrets themselves, also in saved reports")
	f.StringArrayVar(&known, "baseline", nil, "silence what this `report` already has: ours or gitleaks' (JSON, SARIF), or a .secrets.baseline")
	f.StringVar(&t.profile, "profile", "", "default: what a reviewer would thank you for; audit: everything")
	f.StringSliceVar(&t.sel, "select", nil, "only these `rules`: ids, aliases such as B105, globs")
	f.StringSliceVar(&t.ignore, "ignore", nil, "not these `rules`")
	f.StringSliceVar(&t.exclude, "exclude", nil, "leave out files by a `pattern` in the syntax of .gitignore")
	f.StringVar(&t.configFile, "config", "", "read this configuration `file` instead of looking for one")
	f.BoolVar(&t.noConfig, "no-config", false, "take no notice of configuration files")
	f.BoolVar(&t.forceExclude, "force-exclude", false, "leave out excluded files even if they are named, as hooks name them")
	f.IntVar(&t.jobs, "jobs", 0, "files to look at at a time (default: one a processor)")
	f.StringVar(&t.stdinName, "stdin-filename", "stdin.txt", "the `name` that standard input goes by")
	f.StringVar(&format, "format", "text", "one of "+formatNames())
	f.StringVarP(&output, "output", "o", "", "write the report to this `file`")
	f.StringVar(&t.failOn, "fail-on", "", "exit with 1 from this `severity` on: critical, high, medium, low, info or never (default medium)")
	f.BoolVar(&t.suppressed, "no-suppress", false, "take no notice of suppressions in comments and files")
	f.BoolVarP(&verbose, "verbose", "v", false, "also show findings that are suppressed")
	f.BoolVar(&stats, "stats", false, "print what it cost to standard error")
	completeRules(cmd, "select")
	completeRules(cmd, "ignore")
	completeFormats(cmd)
	completeWords(cmd, "fail-on", "critical", "high", "medium", "low", "info", "never")
	completeWords(cmd, "profile", "default\twhat a reviewer would thank you for", "audit\teverything")
	return cmd
}

// aboutSecrets are the rules that the command looks with: its own, and those about
// credentials in Python code (CWE-798).
func aboutSecrets(list []*rule.Rule) []*rule.Rule {
	return slices.DeleteFunc(slices.Clone(list), func(r *rule.Rule) bool {
		return r.Needs != rule.NeedsSecrets && (r.Practice != finding.Configuration || !slices.Contains(r.CWE, 798))
	})
}

// secrets prepares a scan. The rules about Python come from the engine, which that room does
// not know.
func (t *target) secrets(paths []string) (*secrets.Scan, error) {
	all, err := t.rules()
	if err != nil {
		return nil, err
	}
	list := aboutSecrets(all)
	if len(paths) == 0 {
		paths = []string{"."}
	}
	s := &secrets.Scan{Paths: paths, Config: t.config, Rules: list, Version: version, Excludes: t.exclude, ForceExclude: t.forceExclude, NoSuppress: t.suppressed}
	if s.UseStdin, err = t.standardInput(&s.Paths, &s.Stdin); err != nil {
		return nil, err
	}
	s.Python, s.Calls = judgePython(t, list)
	return s, nil
}

// judgePython is the rules about Python as a function.
func judgePython(t *target, list []*rule.Rule) (judge func(*source.File) []finding.Finding, calls []string) {
	audit := t.config.Profile == "audit"
	python := slices.DeleteFunc(slices.Clone(list), func(r *rule.Rule) bool { return r.Needs != "" })
	set := engine.Compile(python)
	for _, r := range python {
		calls = append(calls, r.Calls...)
	}
	return func(f *source.File) []finding.Finding {
		m := program.New([]string{f.Path}, func(string) (*source.File, error) { return f, nil }).Modules()[0]
		u, _ := m.Unit()
		if u == nil {
			return nil
		}
		defer m.Release()
		return set.Check(u, engine.Options{
			Audit: audit, NoSuppress: t.suppressed, Test: source.IsTest(f.Path) && !t.config.IncludeTests, RuleOptions: t.config.Options,
		})
	}, calls
}
