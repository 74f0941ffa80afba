package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/engine"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/report"
	"github.com/gambeson/gambeson/internal/rewrite"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rules"
	"github.com/gambeson/gambeson/internal/source"
)

// A target is what a command looks at and how, as its flags say. Flags win over the
// configuration.
type target struct {
	profile, failOn string
	sel, ignore     []string
	exclude         []string
	configFile      string
	noConfig        bool
	jobs            int
	modelFiles      []string
	stdinName       string
	baseline, since string
	suppressed      bool
	forceExclude    bool
	progress        bool
	config          *config.Config // after load
	root            func() *cobra.Command
	stderr          io.Writer
	stdin           io.Reader
	fixable         func(root string, file source.Found, text []byte) // see engine.Scan
}

func (t *target) flags(cmd *cobra.Command) {
	t.root = cmd.Root
	f := cmd.Flags()
	f.StringVar(&t.profile, "profile", "", "default: what a reviewer would thank you for; audit: everything")
	f.StringSliceVar(&t.sel, "select", nil, "only these `rules`: ids, aliases such as B608, practices such as 2a, globs")
	f.StringSliceVar(&t.ignore, "ignore", nil, "not these `rules`")
	f.StringSliceVar(&t.exclude, "exclude", nil, "leave out files by a `pattern` in the syntax of .gitignore")
	f.StringVar(&t.configFile, "config", "", "read this configuration `file` instead of looking for one")
	f.BoolVar(&t.noConfig, "no-config", false, "take no notice of configuration files")
	f.BoolVar(&t.forceExclude, "force-exclude", false, "leave out excluded files even if they are named, as hooks name them")
	f.StringSliceVar(&t.modelFiles, "model", nil, "learn from this `file` what a library does with data; see docs/models.md")
	f.IntVar(&t.jobs, "jobs", 0, "files to look at at a time (default: one a processor)")
	f.StringVar(&t.baseline, "baseline", "", "silence what this saved `report` (Gambeson's or Bandit's JSON) already has")
	f.StringVar(&t.since, "since", "", "only what changed since this git `revision` brought")
	f.StringVar(&t.stdinName, "stdin-filename", "stdin.py", "the `name` that standard input goes by")
	completeRules(cmd, "select")
	completeRules(cmd, "ignore")
	completeWords(cmd, "profile", "default\twhat a reviewer would thank you for", "audit\teverything")
}

func scanCommand() *cobra.Command {
	var t target
	var format, output string
	var stats, verbose bool
	cmd := &cobra.Command{
		Use:   "scan [PATH...]",
		Short: "Look for weaknesses in Python code",
		Long: `Look for weaknesses in Python code: files, folders, or - for standard input.

Folders that are not the project's own work (virtual environments, vendored and
generated code, what .gitignore names) are skipped and counted.`,
		Example: `  gambeson scan .
  gambeson scan src --format sarif --output gambeson.sarif
  gambeson scan . --since origin/main          # only what the change brought
  gambeson scan . --profile audit              # everything, as Bandit would list it
  cat app.py | gambeson scan - --stdin-filename app.py`,
		RunE: func(cmd *cobra.Command, args []string) error {
			as, err := report.Find(format)
			if err != nil {
				return err
			}
			t.stdin, t.stderr = cmd.InOrStdin(), cmd.ErrOrStderr()
			t.progress = isTerminal(t.stderr) && (output != "" || !isTerminal(cmd.OutOrStdout()) || format == "text")
			tuneMemory()
			r, err := t.scan(cmd.Context(), args)
			if err != nil {
				return err
			}
			o := report.Options{Verbose: verbose}
			if err := emit(cmd, output, r, as, o); err != nil {
				return err
			}
			if r.Stats.Files == 0 && len(r.Problems) == 0 && t.since == "" {
				say(t.stderr, "note: there is no Python in "+r.Root+": nothing was looked at")
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
	t.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&format, "format", "text", "one of "+formatNames())
	f.StringVarP(&output, "output", "o", "", "write the report to this `file`")
	f.StringVar(&t.failOn, "fail-on", "", "exit with 1 from this `severity` on: critical, high, medium, low, info or never (default medium)")
	f.BoolVar(&t.suppressed, "no-suppress", false, "take no notice of suppressions in comments")
	f.BoolVarP(&verbose, "verbose", "v", false, "also show findings that are suppressed")
	f.BoolVar(&stats, "stats", false, "print what it cost to standard error")
	completeFormats(cmd)
	completeWords(cmd, "fail-on", "critical", "high", "medium", "low", "info", "never")
	return cmd
}

// tuneMemory trades memory that nobody misses for time: the collector rests until the limit
// is near. Measured on CPython's library: with a limit of 348 MB, of which 343 are used, a scan
// takes 1.25 s and 2.4 s of processors; with 600, of which 540 are used, 1.14 s and 2.1 s; with
// none 1.09 s and 690 MB. The audit profile, which reports the most, comes to 640.
func tuneMemory() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(800)
		debug.SetMemoryLimit(600 << 20)
	}
}

// standardInput reads what stands for it among the paths, if - does, and puts the name that
// it is to have in its place.
func (t *target) standardInput(paths *[]string, data *[]byte) (used bool, err error) {
	if !slices.Contains(*paths, "-") {
		return false, nil
	}
	if len(*paths) > 1 {
		return false, errors.New("- stands for standard input and cannot be scanned together with other paths")
	}
	if *data, err = io.ReadAll(io.LimitReader(t.stdin, maxStdin)); err != nil {
		return false, fmt.Errorf("standard input: %w", err)
	}
	*paths = []string{filepath.ToSlash(t.stdinName)}
	return true, nil
}

// load finds the configuration and lets the flags win.
func (t *target) load(paths []string) error {
	var err error
	switch {
	case t.noConfig:
		t.config = config.Default()
	case t.configFile != "":
		t.config, err = config.Read(t.configFile)
	default:
		start := "."
		if len(paths) > 0 && paths[0] != "-" {
			start = paths[0]
		}
		t.config, err = config.Load(start)
	}
	if err != nil {
		return err
	}
	switch t.profile {
	case "":
	case "default", "audit":
		t.config.Profile = t.profile
	default:
		return fmt.Errorf("unknown profile %q: use default or audit", t.profile)
	}
	if t.failOn != "" {
		if err := t.config.FailOn.UnmarshalText([]byte(t.failOn)); err != nil {
			return fmt.Errorf("--fail-on: %w", err)
		}
	}
	if len(t.sel) > 0 {
		t.config.Select = t.sel
	}
	t.config.Ignore = append(t.config.Ignore, t.ignore...)
	switch {
	case t.jobs < 0:
		return fmt.Errorf("--jobs %d: name a number of files to look at at a time", t.jobs)
	case t.jobs > 0:
		t.config.Jobs = t.jobs
	}
	return nil
}

// models are those that the configuration and --model bring.
func (t *target) models() ([]models.Model, error) {
	var out []models.Model
	for _, file := range append(slices.Clone(t.config.Models), t.modelFiles...) {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("model: %w", err)
		}
		m, err := models.Parse(file, data)
		if err != nil {
			return nil, err
		}
		out = append(out, *m)
	}
	return out, nil
}

// rules are our own and those the configuration brings, checked against what it names.
func (t *target) rules() ([]*rule.Rule, error) {
	list := rules.All()
	for _, file := range t.config.Rules {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("rule page of the configuration: %w", err)
		}
		r, err := rule.ParsePage(file, data)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	known := make([]string, 0, 4*len(list))
	for _, r := range list {
		known = append(append(known, r.ID), r.Aliases...)
	}
	if err := errors.Join(t.config.CheckRules(known), t.config.CheckNames("--select", t.sel, known), t.config.CheckNames("--ignore", t.ignore, known)); err != nil {
		return nil, err
	}
	for _, n := range t.config.Notes {
		say(t.stderr, "note: "+n)
	}
	return list, nil
}

// scan looks at the paths and returns the report.
func (t *target) scan(ctx context.Context, paths []string) (*finding.Report, error) {
	if err := t.load(paths); err != nil {
		return nil, err
	}
	list, err := t.rules()
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		if paths = t.config.Targets; len(paths) == 0 {
			paths = []string{"."}
		}
	}
	learned, err := t.models()
	if err != nil {
		return nil, err
	}
	s := &engine.Scan{Models: learned, Paths: paths, Config: t.config, Rules: list, Version: version, Excludes: t.exclude, ForceExclude: t.forceExclude, NoSuppress: t.suppressed, Fixable: t.fixable}
	if s.UseStdin, err = t.standardInput(&s.Paths, &s.Stdin); err != nil {
		return nil, err
	}
	if !s.UseStdin {
		if err := audited(s, t.config); err != nil {
			return nil, err
		}
	}
	if t.progress {
		line := newProgress(t.stderr)
		s.Progress = line.update
		defer line.clear()
	}
	if t.since != "" {
		if err := since(ctx, s, t.since); err != nil {
			return nil, err
		}
	}
	var known *finding.Baseline
	if t.baseline != "" { // before the scan, which may take a while
		data, err := os.ReadFile(t.baseline)
		if err != nil {
			return nil, fmt.Errorf("--baseline: %w", err)
		}
		if known, err = finding.ReadBaseline(data); err != nil {
			return nil, fmt.Errorf("--baseline %s: %w", t.baseline, err)
		}
	}
	r, err := s.Run(ctx)
	if err != nil {
		return nil, err
	}
	r.Dependencies = nil // deps audit lists them
	account(t.root(), r)
	if known != nil {
		r.Stats.Suppressed += known.Apply(r)
	}
	return r, nil
}

// maxStdin bounds what is read from standard input.
const maxStdin = 64 << 20

func formatNames() string {
	var names []string
	for _, f := range report.Formats {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// emit writes a report to a file or to standard output. A file appears whole or not at all.
// Where there is nothing to write, standard error says so, with what could not be looked at.
func emit(cmd *cobra.Command, path string, r *finding.Report, format report.Format, o report.Options) error {
	err := write(cmd.OutOrStdout(), path, r, format, o)
	if nothing := report.Nothing(""); errors.As(err, &nothing) {
		say(cmd.ErrOrStderr(), nothing.Error())
		sayProblems(cmd.ErrOrStderr(), r)
		return nil
	}
	return err
}

func write(stdout io.Writer, path string, r *finding.Report, format report.Format, o report.Options) error {
	if path == "" {
		o.Color, o.Width = colour(stdout), width(stdout)
		return format.Write(stdout, r, o)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // /dev/stdout, a pipe: never replace it
		if info.IsDir() {
			return fmt.Errorf("--output: %s is a folder: name a file in it", path)
		}
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("--output: %w", err)
		}
		return errors.Join(format.Write(f, r, o), f.Close())
	}
	var b bytes.Buffer
	if err := format.Write(&b, r, o); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	if err := rewrite.File(path, b.Bytes()); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}

func printStats(w io.Writer, r *finding.Report) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := r.Stats
	fmt.Fprintf(w, "files %d · lines %d · %.1f MB in %.3f s (%.0f MB/s) · rules %d · findings %d, suppressed %d · problems %d · memory from the system %d MB, collections %d\n",
		s.Files, s.Lines, float64(s.Bytes)/1e6, s.Seconds, float64(s.Bytes)/1e6/max(s.Seconds, 1e-9), s.RulesRun, len(r.Findings), s.Suppressed, len(r.Problems), m.Sys>>20, m.NumGC)
}
