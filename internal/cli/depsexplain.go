package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/deps/advisory"
	"github.com/gambeson/gambeson/internal/report"
)

func depsExplainCommand() *cobra.Command {
	var index string
	cmd := &cobra.Command{
		Use:     "explain ADVISORY...",
		Short:   "Say what is known of a flaw",
		Long:    "Print what the databases say of a flaw: which packages and versions have it, what mends it, how bad it is and where to read on.",
		Example: "  gambeson deps explain CVE-2024-3651",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := advisory.Path(index)
			if err != nil {
				return err
			}
			x, err := advisory.Open(path)
			if errors.Is(err, fs.ErrNotExist) {
				say(cmd.ErrOrStderr(), "there are no advisories yet: gambeson deps update fetches them")
				return exit(exitIncomplete)
			} else if err != nil {
				return err
			}
			var b bytes.Buffer
			for _, id := range args {
				list, err := x.ByID(strings.TrimSpace(id))
				if err != nil {
					return err
				}
				if len(list) == 0 {
					return fmt.Errorf("%s: %w", id, errNoAdvisory)
				}
				for i := range list {
					if b.Len() > 0 {
						b.WriteByte('\n')
					}
					writeAdvisory(&b, &list[i])
				}
			}
			_, err = cmd.OutOrStdout().Write(b.Bytes())
			return err
		},
	}
	cmd.Flags().StringVar(&index, "index", "", "the `file` with the advisories (default: where deps update puts it)")
	return cmd
}

// writeAdvisory writes what is known of one flaw of one package.
func writeAdvisory(b *bytes.Buffer, a *advisory.Advisory) {
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(b, "  %-10s %s\n", name, report.Clean(text))
		}
	}
	severity, known := a.Severity()
	rated := severity.String()
	if !known {
		rated += ", as nobody has rated it"
	}
	for _, c := range a.CVSS {
		rated += fmt.Sprintf(" · CVSS %s %.1f %s", c.Version(), c.Score, c.Vector)
	}
	fmt.Fprintf(b, "%s  %s: %s\n", report.Clean(a.ID), report.Clean(a.Package), report.Clean(a.Title()))
	if a.Malware {
		line("malware", "the package itself is the attack")
	}
	line("also", strings.Join(a.Aliases, " "))
	line("severity", rated)
	var cwe []string
	for _, n := range a.CWE {
		cwe = append(cwe, "CWE-"+strconv.Itoa(n))
	}
	line("weakness", strings.Join(cwe, " "))
	for _, c := range a.Claims {
		var parts []string
		for _, br := range c.Branches {
			parts = append(parts, branch(br))
		}
		if n := len(c.Versions); n > 0 {
			parts = append(parts, strings.Join(c.Versions[:min(n, 12)], ", "))
			if n > 12 {
				parts = append(parts, fmt.Sprintf("and %d more", n-12))
			}
		}
		line("affected", strings.Join(parts, "; ")+"  ("+c.Record+")")
	}
	line("fixed in", strings.Join(a.Fixes(), ", "))
	var symbols []string
	for _, s := range a.Symbols {
		symbols = append(symbols, strings.Trim(s.Module+"."+s.Name, "."))
	}
	line("it is in", strings.Join(symbols, ", "))
	if !a.Published.IsZero() {
		line("published", a.Published.Format(time.DateOnly)+", changed "+a.Modified.Format(time.DateOnly))
	}
	line("", a.Details)
	for i, r := range a.References {
		if i == 8 {
			break
		}
		line(strings.ToLower(r.Type), r.URL)
	}
}

// branch writes an interval of versions: from 3.2 to below 3.2.13.
func branch(b advisory.Branch) string {
	s := "all"
	if b.Introduced != "" {
		s = "from " + b.Introduced
	}
	switch {
	case b.Fixed != "":
		return s + " to below " + b.Fixed
	case b.Last != "":
		return s + " to " + b.Last
	case b.Limit != "":
		return s + " to below " + b.Limit
	}
	return s + ", with no end known"
}
