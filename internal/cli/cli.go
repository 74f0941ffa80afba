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
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/report"
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
		say(stderr, "interrupted: nothing was reported")
		return exitInterrupted
	}
	say(stderr, err.Error())
	return exitUsage
}

// say writes a message to standard error: each of its lines is ours, and files are named
// as the user knows them.
func say(stderr io.Writer, message string) {
	if wd, err := os.Getwd(); err == nil && len(wd) > 1 {
		message = strings.ReplaceAll(message, wd+string(filepath.Separator), "")
	}
	for _, line := range strings.Split(message, "\n") {
		fmt.Fprintln(stderr, "gambeson:", report.Clean(line))
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "gambeson",
		Short: "Finds, proves, repairs and shields weaknesses of Python applications",
		Long: `Gambeson secures Python applications, in many thin layers.

  gambeson scan .                    look at a project
  gambeson practices .               the eight practices, each in full
  gambeson explain sql-injection     what a rule means, and what to do
  gambeson secrets . --history       tokens, keys and passwords, now and ever
  gambeson fix .                     show the repairs; --write makes the safe ones
  gambeson init                      settings, a hook and a workflow for a project
  gambeson sanitize page.html        make HTML of strangers safe to show

Exit codes: 0 clean · 1 findings at or above --fail-on · 2 usage or configuration
error · 3 could not look at everything · 130 interrupted.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          onlyCommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
			var names []string
			cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
			return fmt.Errorf("unknown flag --%s%s", name, meant("--"+name, names, cmd.CommandPath()+" --help"))
		}
		return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
	})
	cobra.EnableCommandSorting = false // the order of commands is for people
	root.AddCommand(commands()...)
	return root
}

// onlyCommands is for commands that have commands of their own and do nothing themselves.
func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	where := "gambeson help"
	if cmd.HasParent() {
		where = cmd.CommandPath() + " --help"
	}
	return fmt.Errorf("unknown command %q%s", args[0], meant(args[0], names, where))
}

// meant ends an error about a word that is not known: with what may have been meant, or
// where to look.
func meant(word string, known []string, where string) string {
	if near := match.Closest(word, known); near != "" {
		return fmt.Sprintf(": did you mean %s?", near)
	}
	return ": see " + where
}

// commands is every command, in the order of the help page.
func commands() []*cobra.Command {
	return []*cobra.Command{
		scanCommand(),
		practicesCommand(),
		depsCommand(),
		secretsCommand(),
		sanitizeCommand(),
		fixCommand(),
		explainCommand(),
		rulesCommand(),
		reportCommand(),
		initCommand(),

		versionCommand(),
		surfaceCommand(),
		devCommand(),
	}
}
