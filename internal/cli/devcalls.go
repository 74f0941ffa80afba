package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/engine"
	"github.com/gambeson/gambeson/internal/report"
	"github.com/gambeson/gambeson/internal/taint"
)

func callGraphCommand() *cobra.Command {
	var t target
	var format, only string
	cmd := &cobra.Command{
		Use:   "callgraph [PATH]",
		Short: "Print what calls what, as the engine believes",
		Long: `Print each function of a program with its calls: where they stand, and the functions of the
program or of libraries that they call, or that nobody knows.`,
		Example: `  gambeson dev callgraph examples/shop
  gambeson dev callgraph examples/shop --function shop.catalogue.search
  gambeson dev callgraph examples/shop --format dot | dot -Tsvg >calls.svg`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			write := map[string]func(io.Writer, []taint.Caller) error{"text": nil, "json": callsJSON, "dot": callsDot}
			if _, ok := write[format]; !ok {
				return fmt.Errorf("unknown format %q: use text, json or dot", format)
			}
			s, err := t.watcher(args)
			if err != nil {
				return err
			}
			all, err := s.Callers(cmd.Context())
			if err != nil {
				return err
			}
			var calling []string
			list := all
			if only != "" {
				defs := make([]taint.Definition, len(all))
				for i, c := range all {
					defs[i] = taint.Definition{Spot: c.Spot, Name: c.Name}
				}
				i, err := pick(defs, only)
				if err != nil {
					return err
				}
				list = all[i : i+1]
				calling = callersOf(all, all[i])
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			defer out.Flush()
			if format != "text" {
				return write[format](out, list)
			}
			return callsText(out, list, calling)
		},
	}
	t.configFlags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "text, json or dot")
	cmd.Flags().StringVar(&only, "function", "", "only this function's calls, and who calls it: module.function, Class.method or the bare `name`")
	completeWords(cmd, "format", "text", "json", "dot")
	return cmd
}

// watcher is the scan whose program is asked about.
func (t *target) watcher(args []string) (*engine.Scan, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	if err := t.load(args); err != nil {
		return nil, err
	}
	learned, err := t.models()
	if err != nil {
		return nil, err
	}
	return &engine.Scan{Paths: args, Config: t.config, Models: learned}, nil
}

// pick finds a function by its qualified name or the end of it. Where several have it,
// NAME:LINE tells them apart.
func pick(list []taint.Definition, name string) (int, error) {
	if len(list) == 0 {
		return 0, fmt.Errorf("there is no function here: name a file or folder with Python")
	}
	var found []int
	for i, d := range list {
		for _, full := range []string{d.Name, fmt.Sprintf("%s:%d", d.Name, line(d.Spot))} {
			if full == name || strings.HasSuffix(full, "."+name) {
				found = append(found, i)
			}
		}
	}
	exact := slices.DeleteFunc(slices.Clone(found), func(i int) bool { return list[i].Name != name })
	if len(exact) == 1 {
		found = exact
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		var names []string
		for _, d := range list {
			names = append(names, d.Name, d.Name[strings.LastIndexByte(d.Name, '.')+1:])
		}
		return 0, fmt.Errorf("there is no function %q%s", name, meant(name, names, "gambeson dev callgraph"))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%q may be any of %d functions, name one:", name, len(found))
	for n, i := range found {
		if n == maxNamed {
			fmt.Fprintf(&b, "\n  … and %d more", len(found)-n)
			break
		}
		fmt.Fprintf(&b, "\n  %s:%d  in %s", list[i].Name, line(list[i].Spot), list[i].File.Path)
	}
	return 0, fmt.Errorf("%s", b.String())
}

// maxNamed is how many functions of one name are listed.
const maxNamed = 20

func line(s taint.Spot) int { return s.File.Position(s.At.Start).Line }

// place is where something stands, as seen from a file.
func place(s taint.Spot, from string) string {
	if s.File == nil {
		return "elsewhere"
	}
	pos := s.File.Position(s.At.Start)
	at := fmt.Sprintf("%d:%d", pos.Line, s.File.Runes(pos)+1)
	if s.File.Path != from {
		at = s.File.Path + ":" + at
	}
	return report.Clean(at)
}

func callsText(w io.Writer, list []taint.Caller, calling []string) error {
	first := true
	for _, c := range list {
		if len(c.Calls) == 0 && len(list) > 1 {
			continue
		}
		if !first {
			fmt.Fprintln(w)
		}
		first = false
		fmt.Fprintf(w, "%s  %s:%d\n", report.Clean(c.Name), report.Clean(c.File.Path), line(c.Spot))
		for _, k := range c.Calls {
			fmt.Fprintf(w, "  %-8s %s → %s\n", place(k.Spot, c.File.Path), report.Clean(k.Text), calledText(k, c.File.Path))
		}
	}
	for i, at := range calling {
		if i == 0 {
			fmt.Fprintln(w, "\ncalled by")
		}
		fmt.Fprintf(w, "  %s\n", at)
	}
	return nil
}

// calledText is what a call calls, in one line.
func calledText(k *taint.Call, from string) string {
	if len(k.To) == 0 {
		return "unknown"
	}
	var out []string
	for _, t := range k.To {
		name := t.Name
		if t.Own {
			name += " (" + place(t.Spot, from) + ")"
		}
		out = append(out, report.Clean(name))
	}
	return strings.Join(out, ", ")
}

// callersOf lists the calls of one function.
func callersOf(all []taint.Caller, f taint.Caller) []string {
	var out []string
	for _, c := range all {
		for _, k := range c.Calls {
			if slices.ContainsFunc(k.To, func(t taint.Target) bool {
				return t.Own && t.File.Path == f.File.Path && t.At == f.At
			}) {
				out = append(out, report.Clean(c.Name)+"  "+place(k.Spot, ""))
			}
		}
	}
	return out
}

func callsJSON(w io.Writer, list []taint.Caller) error {
	type to struct {
		Name string `json:"name"`
		Path string `json:"path,omitempty"` // of the program's own
		Line int    `json:"line,omitempty"`
	}
	type call struct {
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Text   string `json:"text"`
		To     []to   `json:"to"` // empty: nobody knows
	}
	type function struct {
		Name  string `json:"name"`
		Path  string `json:"path"`
		Line  int    `json:"line"`
		Calls []call `json:"calls"`
	}
	out := make([]function, 0, len(list))
	for _, c := range list {
		f := function{c.Name, c.File.Path, line(c.Spot), []call{}}
		for _, k := range c.Calls {
			pos := k.File.Position(k.At.Start)
			x := call{pos.Line, k.File.Runes(pos) + 1, k.Text, []to{}}
			for _, t := range k.To {
				y := to{Name: t.Name}
				if t.Own {
					y.Path, y.Line = t.File.Path, line(t.Spot)
				}
				x.To = append(x.To, y)
			}
			f.Calls = append(f.Calls, x)
		}
		out = append(out, f)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{"functions": out})
}

// callsDot draws functions of the program as boxes, and what is foreign without one.
func callsDot(w io.Writer, list []taint.Caller) error {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	id := func(s string) string { return `"` + quote.Replace(report.Clean(s)) + `"` }
	fmt.Fprintf(w, "digraph calls {\n\trankdir=LR\n\tnode [shape=plain]\n")
	seen := map[string]bool{}
	box := func(name string) {
		if !seen[name] {
			seen[name] = true
			fmt.Fprintf(w, "\t%s [shape=box]\n", id(name))
		}
	}
	for _, c := range list {
		if len(c.Calls) > 0 {
			box(c.Name)
		}
		for _, k := range c.Calls {
			for _, t := range k.To {
				if t.Own {
					box(t.Name)
				}
				if edge := c.Name + "\x00" + t.Name; !seen[edge] {
					seen[edge] = true
					fmt.Fprintf(w, "\t%s -> %s\n", id(c.Name), id(t.Name))
				}
			}
			if edge := c.Name + "\x00"; len(k.To) == 0 && !seen[edge] {
				seen[edge] = true
				fmt.Fprintf(w, "\t%s -> unknown [style=dashed]\n", id(c.Name))
			}
		}
	}
	_, err := fmt.Fprintln(w, "}")
	return err
}
