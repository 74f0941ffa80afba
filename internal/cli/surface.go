package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/surface"
)

func surfaceCommand() *cobra.Command {
	var t target
	var format string
	cmd := &cobra.Command{
		Use:   "surface [PATH]",
		Short: "List every way into an application",
		Long: `List the routes of an application, as it puts them together when it starts: method and full
path, what each takes from a request, who answers, and what is asked of whoever calls. Nothing
is run or imported. Flask, Django with its REST framework, FastAPI and Starlette are read
whole; aiohttp, Tornado, Bottle, Falcon, Pyramid, Sanic and Litestar in their usual forms.

What adds routes that cannot be read is said, and the command ends with 3.`,
		Example: `  gambeson surface examples/shop
  gambeson surface . --format json | jq '.routes[] | select(.access.login == "none") | .path'
  gambeson surface . --format openapi >openapi.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" && format != "openapi" {
				return fmt.Errorf("unknown format %q: use text, json or openapi", format)
			}
			s, err := t.watcher(args)
			if err != nil {
				return err
			}
			found, err := s.Surface(cmd.Context())
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			switch format {
			case "json":
				if found.Routes == nil {
					found.Routes = []*surface.Route{} // an empty list, not null
				}
				e := json.NewEncoder(out)
				e.SetIndent("", "  ")
				e.SetEscapeHTML(false)
				err = e.Encode(struct {
					Version int `json:"version"`
					*surface.Surface
				}{1, found})
			case "openapi":
				var doc []byte
				title := "."
				if len(args) > 0 {
					title = args[0]
				}
				if abs, err := filepath.Abs(title); err == nil {
					title = filepath.Base(abs)
				}
				doc, err = found.OpenAPI(title)
				out.Write(append(doc, '\n'))
			default:
				surfaceText(out, found)
			}
			if err := firstError(err, out.Flush()); err != nil {
				return err
			}
			if format != "text" {
				for _, u := range found.Unread {
					fmt.Fprintf(cmd.ErrOrStderr(), "gambeson: %s:%d: %s\n", u.File, u.Line, u.Why)
				}
			}
			if len(found.Unread) > 0 {
				return exit(exitIncomplete)
			}
			return nil
		},
	}
	t.configFlags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "text, json or openapi")
	completeWords(cmd, "format", "text", "json", "openapi")
	return cmd
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// surfaceText writes a table: a line a route.
func surfaceText(out io.Writer, s *surface.Surface) {
	rows := make([][]string, 0, len(s.Routes))
	open := 0
	for _, x := range s.Routes {
		login := "open"
		switch x.Access.Login {
		case surface.Required:
			login = "login"
		case surface.Unknown:
			login = "?"
		default:
			open++
		}
		var notes []string
		for _, p := range x.Parameters {
			if p.In != "path" {
				notes = append(notes, p.In+" "+p.Name)
			}
		}
		if len(notes) > 4 {
			notes = append(notes[:3], fmt.Sprintf("%d more", len(notes)-3))
		}
		if x.Access.CSRF == "exempt" {
			notes = append(notes, "csrf exempt")
		}
		if len(x.Sinks) > 0 {
			notes = append(notes, "reaches "+strings.Join(x.Sinks, ", "))
		}
		rows = append(rows, []string{strings.Join(x.Methods, ","), x.Path, login, x.Handler, strings.Join(notes, "; ")})
	}
	width := make([]int, 4)
	for _, r := range rows {
		for i := range width {
			width[i] = min(max(width[i], len([]rune(r[i]))), 60)
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, c := range r {
			if i < len(width) {
				c += strings.Repeat(" ", max(0, width[i]-len([]rune(c))))
			}
			b.WriteString(c + "  ")
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
	if len(rows) > 0 {
		fmt.Fprintln(out)
	}
	for _, u := range s.Unread {
		fmt.Fprintf(out, "not read: %s:%d: %s\n", u.File, u.Line, u.Why)
	}
	fmt.Fprintf(out, "%s, %d open to everybody\n", finding.Plural(len(rows), "route"), open)
}
