package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/report"
	"github.com/gambeson/gambeson/internal/rewrite"
	"github.com/gambeson/gambeson/internal/source"
)

func fixCommand() *cobra.Command {
	var t target
	var f fixer
	cmd := &cobra.Command{
		Use:   "fix [PATH...]",
		Short: "Show or make the repairs that findings offer",
		Long: `Show the repairs that findings offer, as a diff that git apply understands.

Safe ones keep what the code does, but for the weakness. The others are only named;
--unsafe takes them as well. Nothing is changed without --write, suppressed findings
never are, and a file that would not parse afterwards stays as it is.

Exit codes: 0 nothing to do, or all of it done · 1 there are repairs that were not
made · 2 usage or configuration error · 3 could not look at, or write, everything.`,
		Example: `  gambeson fix .
  gambeson fix . --select unsafe-yaml-load --write
  gambeson fix src --unsafe | git apply`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.out, f.err = cmd.OutOrStdout(), cmd.ErrOrStderr()
			t.stdin, t.stderr = cmd.InOrStdin(), f.err
			t.progress = isTerminal(t.stderr)
			var files []fixable
			t.fixable = func(root string, file source.Found, text []byte) {
				files = append(files, fixable{root, file, text})
			}
			tuneMemory()
			r, err := t.scan(cmd.Context(), args)
			if err != nil {
				return err
			}
			return f.run(r, files)
		},
	}
	t.flags(cmd)
	cmd.Flags().BoolVarP(&f.write, "write", "w", false, "change the files (of standard input, print the text as it should be)")
	cmd.Flags().BoolVar(&f.unsafe, "unsafe", false, "take the repairs, too, that need a person's review")
	return cmd
}

// A fixable is a file that has fixes, as it was looked at.
type fixable struct {
	root string
	source.Found
	text []byte
}

// A fixer goes from file to file and keeps count.
type fixer struct {
	write, unsafe bool
	hint          string // how the repairs that are shown are made; "" is --write
	out, err      io.Writer

	made, files, shown, review int // fixes; files with some
	later, failed              int // overlapping or broken ones; files that could not be written
}

func (f *fixer) run(r *finding.Report, files []fixable) error {
	byPath := map[string][]*finding.Finding{}
	for i := range r.Findings {
		if x := &r.Findings[i]; x.Fix != nil && x.Suppressed == nil {
			byPath[x.Location.Path] = append(byPath[x.Location.Path], x)
		}
	}
	var left []*finding.Finding
	for _, file := range files {
		var list []*finding.Finding
		for _, x := range byPath[file.Path] {
			if x.Fix.Safe || f.unsafe {
				list = append(list, x)
			} else {
				left = append(left, x)
			}
		}
		if err := f.file(file, list); err != nil {
			return err
		}
	}
	for _, x := range left {
		say(f.err, describe(x)+": needs your review, left out")
	}
	f.review = len(left)
	for _, p := range r.Problems {
		say(f.err, position(p.Path, p.Line, p.Column)+": "+p.Message)
	}
	say(f.err, f.summary())
	switch {
	case f.shown+f.later > 0:
		return exit(exitFindings)
	case len(r.Problems)+f.failed > 0:
		return exit(exitIncomplete)
	}
	return nil
}

// file shows or makes the fixes of one file. The error is for when nothing can be printed.
func (f *fixer) file(file fixable, list []*finding.Finding) error {
	stdin := file.Abs == ""
	if len(list) == 0 {
		if stdin && f.write {
			_, err := f.out.Write(file.text)
			return err
		}
		return nil
	}
	plan, err := rewrite.Make(file.text, !file.Doc, list)
	if err != nil {
		f.later += len(list)
		say(f.err, file.Path+": left as it was: "+err.Error())
		if stdin && f.write {
			_, err := f.out.Write(file.text)
			return err
		}
		return nil
	}
	for _, x := range plan.Overlap {
		say(f.err, describe(x)+": overlaps with another repair, run again afterwards")
	}
	f.later += len(plan.Overlap)
	f.files++
	switch {
	case stdin && f.write:
		f.made += len(plan.Done)
		_, err = f.out.Write(plan.New)
	case f.write:
		if err := replace(file, plan); err != nil {
			f.files--
			f.failed++
			say(f.err, file.Path+": left as it was: "+err.Error())
			return nil
		}
		f.made += len(plan.Done)
		for _, x := range plan.Done {
			if _, err = fmt.Fprintln(f.out, report.Clean(describe(x))); err != nil {
				break
			}
		}
	default:
		f.shown += len(plan.Done)
		err = printDiff(f.out, rewrite.Diff(shownPath(file), plan.Old, plan.Edits))
	}
	return err
}

// replace writes a file that was looked at, below the root and nowhere else.
func replace(file fixable, plan *rewrite.Plan) error {
	name, err := filepath.Rel(file.root, file.Abs)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(file.root)
	if err != nil {
		return err
	}
	defer root.Close()
	return rewrite.Replace(root, name, plan.Old, plan.New)
}

// printDiff writes a diff: byte by byte for programs, fit to be seen for people.
func printDiff(w io.Writer, diff []byte) error {
	if isTerminal(w) {
		_, err := io.WriteString(w, report.PaintDiff(diff, report.Options{Color: colour(w)}))
		return err
	}
	_, err := w.Write(diff)
	return err
}

// shownPath is the file as seen from the working folder, so that the diff applies there.
func shownPath(file fixable) string {
	if wd, err := os.Getwd(); err == nil && file.Abs != "" {
		if rel, err := filepath.Rel(wd, file.Abs); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return file.Path
}

// describe says what a fix does: app.py:3:5: use yaml.safe_load (unsafe-yaml-load).
func describe(x *finding.Finding) string {
	return fmt.Sprintf("%s: %s (%s)", position(x.Location.Path, x.Location.Line, x.Location.Column), x.Fix.Message, x.Rule)
}

func position(path string, line, column int) string {
	if line > 0 {
		path = fmt.Sprintf("%s:%d", path, line)
		if column > 0 {
			path = fmt.Sprintf("%s:%d", path, column)
		}
	}
	return path
}

func (f *fixer) summary() string {
	var parts []string
	switch {
	case f.made > 0:
		parts = append(parts, fmt.Sprintf("%s made in %s", finding.Plural(f.made, "repair"), finding.Plural(f.files, "file")))
	case f.shown > 0 && f.unsafe:
		parts = append(parts, fmt.Sprintf("%s in %s: %s", finding.Plural(f.shown, "repair"), finding.Plural(f.files, "file"), cmp.Or(f.hint, "--write makes them")))
	case f.shown > 0:
		parts = append(parts, fmt.Sprintf("%s in %s: --write makes them", finding.Plural(f.shown, "safe repair"), finding.Plural(f.files, "file")))
	}
	if f.review > 0 {
		parts = append(parts, fmt.Sprintf("%s for your review: --unsafe takes them as well", finding.Plural(f.review, "repair")))
	}
	if f.later > 0 {
		parts = append(parts, fmt.Sprintf("%s not made", finding.Plural(f.later, "repair")))
	}
	if f.failed > 0 {
		parts = append(parts, fmt.Sprintf("%s could not be written", finding.Plural(f.failed, "file")))
	}
	if parts == nil {
		return "no repairs to make"
	}
	return strings.Join(parts, "; ")
}
