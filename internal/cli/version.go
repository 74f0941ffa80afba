package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// version is set by release builds with -ldflags.
var version = "0.1.0"

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "gambeson", version) },
	}
}
