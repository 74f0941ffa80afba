package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/report"
	"github.com/gambeson/gambeson/internal/source"
)

func depsFixCommand() *cobra.Command {
	var d dependencies
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "fix [PATH...]",
		Short: "Upgrade what has a known flaw, by the smallest step",
		Long: `Upgrade each package with a known flaw to the smallest version that has none and that all
files allow, in the line that pins it; comments, order and markers stay. What cannot be
decided from the files is said: lock files and hashes are for the tools that write them.

Exit codes: 0 nothing to do, or all of it done · 1 something is left · 2 usage or
configuration error · 3 could not look at, or write, everything.`,
		Example: `  gambeson deps fix . --dry-run              # show it as a diff
  gambeson deps fix -r requirements.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f := fixer{hint: "without --dry-run they are made", out: cmd.OutOrStdout(), err: cmd.ErrOrStderr(), write: !dryRun, unsafe: true}
			d.stdin, d.stderr, d.noCode = cmd.InOrStdin(), f.err, true
			var files []fixable
			d.fixable = func(root string, file source.Found, text []byte) { files = append(files, fixable{root, file, text}) }
			r, _, err := d.scan(cmd.Context(), args)
			if err != nil {
				return err
			}
			left := undecided(r)
			for _, line := range left {
				say(f.err, report.Clean(line))
			}
			if err := f.run(onlyUpgrades(r), files); err != nil {
				return err
			}
			if len(left) > 0 {
				return exit(exitFindings)
			}
			return nil
		},
	}
	d.flags(cmd)
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be changed, and change nothing")
	return cmd
}

// onlyUpgrades leaves out repairs of other kinds.
func onlyUpgrades(r *finding.Report) *finding.Report {
	c := *r
	c.Findings = nil
	for _, f := range r.Findings {
		if f.Advisory != nil {
			c.Findings = append(c.Findings, f)
		}
	}
	return &c
}

// undecided says, a line a package and place, what no edit mends.
func undecided(r *finding.Report) []string {
	type key struct{ path, name, version string }
	mended, said := map[key]bool{}, map[key]bool{}
	of := func(f *finding.Finding) key { return key{f.Location.Path, f.Advisory.Package, f.Advisory.Version} }
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Advisory != nil && f.Fix != nil && f.Suppressed == nil {
			mended[of(f)] = true
		}
	}
	var out []string
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Advisory == nil || f.Suppressed != nil || mended[of(f)] || said[of(f)] {
			continue
		}
		said[of(f)] = true
		what := f.Advisory.Package
		if f.Advisory.Version != "" {
			what += " " + f.Advisory.Version
		}
		out = append(out, fmt.Sprintf("%s: %s is left: %s", position(f.Location.Path, f.Location.Line, f.Location.Column), what, f.Hint))
	}
	return out
}
