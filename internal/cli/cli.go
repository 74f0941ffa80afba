// Package cli is the command line: one file a command. Main returns the exit code;
// nothing below it ends the process.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/spf13/cobra"
)

// The exit codes. "Could not look" never looks like "clean".
const (
	exitFindings    = 1   // findings at or above the threshold
	exitUsage       = 2   // usage or configuration error
	exitIncomplete  = 3   // could not look at everything that was asked
	exitInterrupted = 130 // as shells have it
)

// An exit ends the program with a code, after everything there was to say was said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Main runs the program and returns its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var code exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "gambeson: interrupted: nothing was reported")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "gambeson:", err)
	return exitUsage
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "gambeson",
		Short: "Finds, proves, repairs and shields weaknesses of Python applications",
		Long: `Gambeson secures Python applications, in many thin layers.

  gambeson scan .                    look at a project
  gambeson explain sql-injection     what a rule means, and what to do
  gambeson fix .                     show the repairs; --write applies the safe ones

Exit codes: 0 clean · 1 findings at or above --fail-on · 2 usage or configuration
error · 3 could not look at everything · 130 interrupted.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(commands()...)
	return root
}

// commands is every command, in the order of the help page.
func commands() []*cobra.Command {
	return []*cobra.Command{
		scanCommand(),
		reportCommand(),
		versionCommand(),
		devCommand(),
	}
}
