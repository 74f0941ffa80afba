package cli

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/report"
	"github.com/gambeson/gambeson/internal/taint"
)

func taintCommand() *cobra.Command {
	var t target
	cmd := &cobra.Command{
		Use:   "taint FUNCTION [PATH]",
		Short: "Print what following data has made of one function",
		Long: `Print what the engine believes of one function when it follows data through the program in
PATH: why it is looked at, what it is given, what checks take away, what arrives where it may do
harm, and what became of each call. FUNCTION is module.function, Class.method or a bare name.`,
		Example: "  gambeson dev taint catalogue.search examples/shop",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := t.watcher(args[1:])
			if err != nil {
				return err
			}
			defs, err := s.Definitions(cmd.Context())
			if err != nil {
				return err
			}
			i, err := pick(defs, args[0])
			if err != nil {
				return err
			}
			d := defs[i]
			w := &taint.Watch{Path: d.File.Path, At: d.At}
			res, test, err := s.Watch(cmd.Context(), w)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			defer out.Flush()
			watchText(out, d, w, res, test)
			return nil
		},
	}
	t.configFlags(cmd)
	return cmd
}

// A watchWriter prints what a watch has seen: headings, and lines below them.
type watchWriter struct {
	w    io.Writer
	path string
}

func (w *watchWriter) head(text string) { fmt.Fprintf(w.w, "\n%s\n", text) }

func (w *watchWriter) line(left, format string, args ...any) {
	fmt.Fprintf(w.w, "  %-9s %s\n", report.Clean(left), report.Clean(fmt.Sprintf(format, args...)))
}

func (w *watchWriter) at(s taint.Spot) string { return place(s, w.path) }

func watchText(out io.Writer, d taint.Definition, w *taint.Watch, res *taint.Result, test bool) {
	p := &watchWriter{out, d.File.Path}
	fmt.Fprintf(out, "%s  %s:%d\n", report.Clean(d.Name), report.Clean(d.File.Path), line(d.Spot))

	p.head("looked at")
	for _, e := range w.Entries {
		if e.Entry == nil {
			p.line("by itself", "%s", e.Why)
		} else {
			p.line("a route", "%s %s, %s", e.Entry.Method, cmp.Or(e.Entry.Route, "(its path is not known)"), e.Why)
		}
	}
	for _, s := range w.From {
		p.line("called", "%s", p.at(s))
	}
	switch {
	case test:
		p.line("never", "it stands in test code, where data are not followed")
	case w.Runs > 0:
		p.line("runs", "%d, %d to the end", w.Runs, w.Ended)
	case w.Skipped > 0:
		p.line("never", "called %s: nothing from outside goes in, it reaches no source, and it is not small", times(w.Skipped))
	default:
		p.line("never", "it reaches no source, and no run has come to it")
	}
	for _, path := range res.Failed {
		p.line("failed", "the engine made a mistake in %s", path)
	}
	if len(w.Given) > 0 {
		p.head("parameters")
		for _, g := range w.Given {
			if g.Source == "" {
				if !slices.ContainsFunc(w.Given, func(x taint.Given) bool { return x.Parameter == g.Parameter && x.Source != "" }) {
					p.line(g.Parameter, "nothing from outside")
				}
			} else {
				p.line(g.Parameter, "%s; %s", g.Source, harm(g.Left))
			}
		}
	}
	if len(w.Sources) > 0 {
		p.head("data enter")
		for _, s := range w.Sources {
			p.line(p.at(s.Spot), "%s%s", s.Says, map[bool]string{true: ", of the machine itself"}[s.Local])
		}
	}
	if len(w.Cleared) > 0 {
		p.head("cleared")
		for _, c := range w.Cleared {
			p.line(p.at(c.Spot), "%s: %s loses %s", c.By, c.Source, harm(c.Kinds))
		}
	}
	p.reached(w.Reached)
	p.calls(w.Calls, w)
}

func (w *watchWriter) reached(list []*taint.Reached) {
	if len(list) == 0 {
		return
	}
	w.head("may do harm")
	for _, r := range list {
		kinds := r.Kinds.String()
		if r.Kinds == 0 {
			kinds = "nothing, as the text begins"
		}
		w.line(w.at(r.Spot), "%s: %s", r.Name, kinds)
		if len(r.Arrivals) == 0 {
			w.line("", "nothing from outside arrives")
		}
		for _, a := range r.Arrivals {
			if a.Left == 0 {
				w.line("", "harmless: %s, from %s", a.Source, w.at(a.From))
			} else {
				how := ""
				if a.Local {
					how += ", of the machine itself"
				}
				if a.Weak {
					how += ", the way is not certain"
				}
				w.line("", "arrives: %s, as %s%s", a.Source, a.Left, how)
				for _, s := range a.Steps {
					w.line("", "  %s %s", w.at(taint.Spot{File: s.File, At: s.At}), s.Says)
				}
			}
			for _, c := range a.By {
				w.line("", "  less %s since %s: %s", c.Kinds&r.Kinds, w.at(c.Spot), c.By)
			}
		}
	}
}

func (w *watchWriter) calls(list []*taint.Call, seen *taint.Watch) {
	if len(list) > 0 {
		w.head("calls")
	}
	var cut []string
	for _, c := range list {
		did := strings.Join(c.Did, "; ")
		if did == "" {
			did = "no run came to its end"
		}
		w.line(w.at(c.Spot), "%s → %s: %s", c.Text, calledText(c, w.path), did)
		for _, d := range c.Did {
			if strings.HasPrefix(d, "cut off") {
				cut = append(cut, w.at(c.Spot))
			}
		}
	}
	if n := seen.Runs - seen.Ended; n > 0 || len(cut) > 0 {
		w.head("cut off")
		if n > 0 {
			w.line("runs", "%s the bound on steps was reached before the end", times(n))
		}
		for _, at := range cut {
			w.line(at, "the call was not run to its end")
		}
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// harm names kinds in few words.
func harm(k models.Kinds) string {
	switch gone := models.All &^ k; {
	case k == 0:
		return "harmless"
	case gone == 0 || len(strings.Fields(gone.String())) == 1 && gone&enters != 0:
		return "every kind of harm"
	case len(strings.Fields(gone.String())) < 8:
		return "every kind of harm but " + (gone &^ enters).String()
	}
	return k.String()
}

// enters is the kind that no source has: it begins with a check.
var enters = func() models.Kinds {
	k, err := models.ParseKind("sibling")
	if err != nil {
		panic(err)
	}
	return k
}()
