package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/report"
)

func depsAuditCommand() *cobra.Command {
	var d dependencies
	var format, output string
	var verbose, stats bool
	cmd := &cobra.Command{
		Use:   "audit [PATH...]",
		Short: "Hold packages against what is known of them",
		Long: `Hold the packages that a project asks for, has locked or has installed against what is
known of vulnerable and malicious ones, and look at how they are asked for.

Folders are searched for every file that names packages. Each package is exact, a range
or unknown: a range is judged by the newest version that it lets through, and what
cannot be judged is said, with exit code 3.`,
		Example: `  gambeson deps audit
  gambeson deps audit -r requirements.txt -f json
  gambeson deps audit . --no-group dev --python 3.12 --platform linux
  gambeson deps audit --path .venv/lib/python3.12/site-packages`,
		RunE: func(cmd *cobra.Command, args []string) error {
			as, err := report.Find(format)
			if err != nil {
				return err
			}
			d.stdin, d.stderr = cmd.InOrStdin(), cmd.ErrOrStderr()
			tuneMemory()
			r, _, err := d.scan(cmd.Context(), args)
			if err != nil {
				return err
			}
			if d.requireHashes {
				requireHashes(r)
			}
			if len(r.Dependencies) == 0 && len(r.Problems) == 0 {
				say(d.stderr, "note: no file in "+r.Root+" names a package: nothing was looked at")
			}
			if err := emit(cmd, output, r, as, report.Options{Verbose: verbose}); err != nil {
				return err
			}
			if stats {
				printStats(d.stderr, r)
			}
			if code := r.ExitCode(); code != 0 {
				return exit(code)
			}
			return nil
		},
	}
	d.flags(cmd)
	f := cmd.Flags()
	f.StringVarP(&format, "format", "f", "text", "one of "+formatNames())
	f.StringVarP(&output, "output", "o", "", "write the report to this `file`")
	f.StringVar(&d.profile, "profile", "", "default: what a reviewer would thank you for; audit: everything")
	f.StringVar(&d.failOn, "fail-on", "", "exit with 1 from this `severity` on: critical, high, medium, low, info or never (default medium)")
	f.BoolVar(&d.requireHashes, "require-hashes", false, "a package of a requirements file without a hash is a problem, as for pip")
	f.BoolVar(&d.noCode, "no-code", false, "do not look at Python code for what is used of the packages")
	f.BoolVarP(&verbose, "verbose", "v", false, "also show findings that are suppressed")
	f.BoolVar(&stats, "stats", false, "print what it cost to standard error")
	completeFormats(cmd)
	completeWords(cmd, "fail-on", "critical", "high", "medium", "low", "info", "never")
	completeWords(cmd, "profile", "default\twhat a reviewer would thank you for", "audit\teverything")
	return cmd
}

// requireHashes does what pip does with the option of that name: it goes no further with a
// package that has none.
func requireHashes(r *finding.Report) {
	for i := range r.Dependencies {
		if d := &r.Dependencies[i]; len(d.Hashes) == 0 && !d.Locked && d.Origin != "project" {
			r.Problems = append(r.Problems, finding.Problem{Path: d.Location.Path, Line: d.Location.Line, Column: d.Location.Column, Partial: true,
				Message: fmt.Sprintf("%s has no hash, and --require-hashes asks for one: pip-compile --generate-hashes writes them", d.Name)})
		}
	}
	r.Sort()
}

var errNoAdvisory = errors.New("no advisory has this id: ids are such as CVE-2024-3651, GHSA-jjg7-2v4v-x38h and PYSEC-2024-60")
