// Package cli is the command line: one file a command.
package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Main runs the program and returns its exit code: 0 clean, 1 findings at or above the
// threshold, 2 usage or configuration error, 3 could not look at everything, 130
// interrupted.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "gambeson",
		Short:         "Secures Python applications",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(devCommand())
	if err := root.Execute(); err != nil {
		fmt.Fprintln(stderr, "gambeson:", err)
		return 2
	}
	return 0
}
