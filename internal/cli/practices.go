package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/report"
)

func practicesCommand() *cobra.Command {
	var t target
	var format, output string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "practices [PATH...]",
		Short: "Show the eight practices of secure Python, each in full",
		Long: `Look at a project as gambeson scan does, and say of each of the eight practices of
secure Python what was checked, and how much there was of it; what is wrong; what is
right, as far as it was counted; what reading files cannot show, and which command
shows it; and which parts of the OWASP Top 10:2025 and of the ASVS 5.0 it belongs to.`,
		Example: `  gambeson practices .
  gambeson practices . --verbose               # every rule and every place
  gambeson practices . --format json           # docs/practices.schema.json
  gambeson practices . --format html --output practices.html`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"text", "json", "html"}, format) {
				return fmt.Errorf("unknown format %q: use text, json or html", format)
			}
			t.stdin, t.stderr = cmd.InOrStdin(), cmd.ErrOrStderr()
			t.progress = isTerminal(t.stderr)
			tuneMemory()
			r, err := t.scan(cmd.Context(), args)
			if err != nil {
				return err
			}
			as := report.Format{Name: format, Write: func(w io.Writer, r *finding.Report, o report.Options) error {
				if format == "json" {
					return report.WritePracticesJSON(w, r)
				}
				return report.WritePractices(w, r, o)
			}}
			if format == "html" {
				if as, err = report.Find(format); err != nil {
					return err
				}
			}
			if err := emit(cmd, output, r, as, report.Options{Verbose: verbose}); err != nil {
				return err
			}
			if code := r.ExitCode(); code != 0 {
				return exit(code)
			}
			return nil
		},
	}
	t.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&format, "format", "text", "text, json or html, the report of which it is a page")
	f.StringVarP(&output, "output", "o", "", "write it to this `file`")
	f.StringVar(&t.failOn, "fail-on", "", "exit with 1 from this `severity` on: critical, high, medium, low, info or never (default medium)")
	f.BoolVar(&t.suppressed, "no-suppress", false, "take no notice of suppressions in comments")
	f.BoolVarP(&verbose, "verbose", "v", false, "name every rule and every place")
	completeWords(cmd, "format", "text", "json", "html")
	completeWords(cmd, "fail-on", "critical", "high", "medium", "low", "info", "never")
	return cmd
}

// unseen is what reading files does not show, and the command that shows it. A command that
// this program does not have (yet) is not named.
var unseen = []struct {
	practice finding.Practice
	what     string
	command  string
}{
	{finding.Dependencies, "what is installed where the program runs, whatever files ask for", "deps audit --path"},
	{finding.Input, "whether a weakness can be used from outside, shown by one request", "probe"},
	{finding.Dangerous, "what code does that has its name or text only when it runs: plugins, pickles", "run"},
	{finding.Files, "which files are opened while it runs, and with which rights", "run"},
	{finding.Errors, "what a visitor gets to see when something fails", "probe"},
	{finding.Web, "every way in, one by one, and who may call", "surface"},
	{finding.Web, "the headers, cookies and redirects of the running application behind its proxy", "probe"},
	{finding.Configuration, "tokens and passwords in other files than Python, and in what git has ever held", "secrets --history"},
	{finding.Configuration, "the values that the environment gives where it runs", "run"},
	{finding.Privilege, "which users, files, addresses and system calls the process may use, and which it needs", "run"},
	{finding.Analysis, "what only a test of the running application finds", "probe"},
	{finding.Runtime, "HTML of strangers, and what would be taken out before it is shown", "sanitize --explain"},
	{finding.Runtime, "attacks on the running application, and whether they were stopped", "guard"},
	{finding.Logging, "whether events are written and kept, and whether somebody hears of them", "logs"},
}

// account adds to the accounts of a report what it could not know by itself.
func account(root *cobra.Command, r *finding.Report) {
	add := func(p finding.Practice, u finding.Unseen) {
		for i := range r.Practices {
			if r.Practices[i].Practice == p {
				r.Practices[i].Unseen = append(r.Practices[i].Unseen, u)
			}
		}
	}
	if r.Advisories == nil && asksForPackages(r) {
		add(finding.Dependencies, finding.Unseen{What: "which of the packages have flaws that are known: advisories were not asked", Command: "deps update", Gap: true})
	}
	for _, x := range unseen {
		u := finding.Unseen{What: x.what, Command: x.command}
		if !knows(root, x.command) {
			u.Command = ""
		}
		add(x.practice, u)
	}
}

// asksForPackages says whether the files of a report name packages.
func asksForPackages(r *finding.Report) bool {
	return slices.ContainsFunc(r.Practices, func(a finding.Account) bool {
		return a.Practice == finding.Dependencies && slices.ContainsFunc(a.Places, func(c finding.Count) bool { return c.What == "requirements" })
	})
}

// knows says whether the program has a command, with its flags.
func knows(root *cobra.Command, line string) bool {
	cmd := root
	for _, word := range strings.Fields(line) {
		if flag, ok := strings.CutPrefix(word, "--"); ok {
			if cmd.Flags().Lookup(flag) == nil {
				return false
			}
			continue
		}
		i := slices.IndexFunc(cmd.Commands(), func(c *cobra.Command) bool { return c.Name() == word })
		if i < 0 {
			return false
		}
		cmd = cmd.Commands()[i]
	}
	return true
}
