package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/report"
)

func depsSBOMCommand() *cobra.Command {
	return billCommand("sbom", "cyclonedx", []string{"cyclonedx", "spdx"}, "Write a bill of materials",
		`Write what a project depends on as a bill of materials: CycloneDX, with the flaws that are
known of it if there are advisories, or SPDX.`,
		`  gambeson deps sbom . > bom.json
  gambeson deps sbom . --format spdx --no-group dev -o bom.spdx.json`)
}

func depsVEXCommand() *cobra.Command {
	return billCommand("vex", "openvex", []string{"openvex"}, "Write which flaws matter, and which do not",
		`Write an OpenVEX document: which known flaws of its packages a project has, and which do
not matter, with the reasons that the configuration gives. The format has no document for
a project without known flaws: then none is written.`,
		`  gambeson deps vex . > vex.json
  gambeson deps audit . --vex vex.json`)
}

// billCommand is a command that writes what a project depends on in a format for programs.
func billCommand(use, format string, formats []string, short, long, example string) *cobra.Command {
	var d dependencies
	var output string
	cmd := &cobra.Command{
		Use: use + " [PATH...]", Short: short, Long: long, Example: example,
		RunE: func(cmd *cobra.Command, args []string) error {
			as, err := report.Find(format)
			if err != nil || !slices.Contains(formats, format) {
				return fmt.Errorf("--format %s: use %s", format, strings.Join(formats, " or "))
			}
			d.stdin, d.stderr, d.noCode = cmd.InOrStdin(), cmd.ErrOrStderr(), true
			d.listOnly = use == "sbom"
			r, _, err := d.scan(cmd.Context(), args)
			if err != nil {
				return err
			}
			err = write(cmd.OutOrStdout(), output, r, as, report.Options{})
			if nothing := report.Nothing(""); errors.As(err, &nothing) {
				say(d.stderr, nothing.Error())
			} else if err != nil {
				return err
			}
			return d.incomplete(r)
		},
	}
	d.flags(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "write it to this `file`")
	if len(formats) > 1 {
		cmd.Flags().StringVarP(&format, "format", "f", format, "one of "+strings.Join(formats, ", "))
		completeWords(cmd, "format", formats...)
	}
	return cmd
}
