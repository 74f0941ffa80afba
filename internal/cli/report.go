package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/report"
)

func reportCommand() *cobra.Command {
	var format, output string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Turn a saved JSON report into another format",
		Long:  "Turn a report that was saved with --format json into another format, without looking again. - reads standard input.",
		Example: `  gambeson scan . --format json --output scan.json
  gambeson report scan.json --format html --output scan.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			as, err := report.Find(format)
			if err != nil {
				return err
			}
			data, err := readArg(cmd.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			r, err := finding.Read(data)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
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
	cmd.Flags().StringVar(&format, "format", "text", "one of "+formatNames())
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the report to this `file`")
	completeFormats(cmd)
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "also show findings that are suppressed")
	return cmd
}

// readArg reads the file, or standard input for -.
func readArg(stdin io.Reader, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}
