package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/report"
)

func depsTreeCommand() *cobra.Command {
	var d dependencies
	cmd := &cobra.Command{
		Use:   "tree [PATH...]",
		Short: "Show what needs what, and which has a known flaw",
		Long: `Show for each file what it asks for and, where a lock file or an environment says so, what
that needs in turn. A package that was shown above is not taken apart again (*).`,
		Example: "  gambeson deps tree .",
		RunE: func(cmd *cobra.Command, args []string) error {
			d.stdin, d.stderr, d.noCode, d.listOnly = cmd.InOrStdin(), cmd.ErrOrStderr(), true, true
			r, _, err := d.scan(cmd.Context(), args)
			if err != nil {
				return err
			}
			if err := writeTree(cmd.OutOrStdout(), r); err != nil {
				return err
			}
			return d.incomplete(r)
		},
	}
	d.flags(cmd)
	return cmd
}

// writeTree writes the packages of each file as a tree.
func writeTree(w io.Writer, r *finding.Report) error {
	var b bytes.Buffer
	byFile := map[string][]*finding.Dependency{}
	var files []string
	for i := range r.Dependencies {
		x := &r.Dependencies[i]
		if byFile[x.Location.Path] == nil {
			files = append(files, x.Location.Path)
		}
		byFile[x.Location.Path] = append(byFile[x.Location.Path], x)
	}
	slices.Sort(files)
	for n, file := range files {
		if n > 0 {
			b.WriteByte('\n')
		}
		t := dependencyTree{out: &b, byName: map[string][]*finding.Dependency{}, seen: map[*finding.Dependency]bool{}}
		fmt.Fprintln(&b, report.Clean(file))
		for _, x := range byFile[file] {
			t.byName[x.Name] = append(t.byName[x.Name], x)
		}
		var top []*finding.Dependency
		for _, x := range byFile[file] {
			if x.Direct {
				top = append(top, x)
			}
		}
		t.level(top, "", 0)
	}
	_, err := w.Write(b.Bytes())
	return err
}

type dependencyTree struct {
	out    *bytes.Buffer
	byName map[string][]*finding.Dependency
	seen   map[*finding.Dependency]bool
}

func (t *dependencyTree) level(list []*finding.Dependency, indent string, depth int) {
	for i, x := range list {
		branch, below := "├── ", "│   "
		if i == len(list)-1 {
			branch, below = "└── ", "    "
		}
		var needs []*finding.Dependency
		for _, name := range x.Needs {
			needs = append(needs, t.byName[name]...)
		}
		again := t.seen[x] && len(needs) > 0
		t.seen[x] = true
		fmt.Fprintln(t.out, indent+branch+report.Clean(label(x, again)))
		if !again && depth < 100 {
			t.level(needs, indent+below, depth+1)
		}
	}
}

// label is a package in a line: flask 2.0.1 (dev) · high CVE-2023-30861.
func label(x *finding.Dependency, again bool) string {
	s := x.Name
	switch {
	case x.Version != "":
		s += " " + x.Version
	case x.Asked != "":
		s += " " + x.Asked
	}
	if len(x.Groups) > 0 {
		s += " (" + strings.Join(x.Groups, ", ") + ")"
	}
	if again {
		s += " (*)"
	}
	var flaws []string
	for _, v := range x.Vulns {
		if v.Status == "affected" {
			flaws = append(flaws, v.Severity.String()+" "+v.ID)
		}
	}
	if len(flaws) > 3 {
		flaws = append(flaws[:3], fmt.Sprintf("and %d more", len(flaws)-3))
	}
	if len(flaws) > 0 {
		s += " · " + strings.Join(flaws, ", ")
	}
	return s
}
