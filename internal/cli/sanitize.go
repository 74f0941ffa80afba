package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/sanitize"
)

// sanitizing is the flags of the command.
type sanitizing struct {
	policy     sanitize.Policy
	bleach     sanitize.Options
	attributes []string
	idPrefix   string
	file       string
	asBleach   bool
	linkify    bool
	link       sanitize.LinkifyJSON
	css        []string
	comments   bool
	explain    bool
	asJSON     bool
	stdio      bool
	serve      string
}

func sanitizeCommand() *cobra.Command {
	var s sanitizing
	cmd := &cobra.Command{
		Use:   "sanitize [FILE]",
		Short: "Make HTML of strangers safe to show",
		Long: `Read HTML and write what of it is safe to show. Without a file, or with -, it is read
from standard input.

A policy says what may stay. It begins with a preset (text, comment, article, email or
w3c-default) and may add to it, or replace its lists. Below every policy lies a floor:
scripts, frames, event handlers and the like never come out unless --unsafe says so.

With --bleach the result is that of Python's Bleach, to the letter: tags that are not
allowed are escaped, or dropped with --strip, and links are made of addresses with
--linkify. Programs talk to the command with --stdio or --serve; the Python package
gambeson does so.

A text that cannot be cleaned (nested too deeply, too long) is written escaped as a whole,
and the exit code is 3.`,
		Example: `  gambeson sanitize --preset article page.html
  gambeson sanitize --explain < comment.html
  gambeson sanitize --bleach --tags a,b,i --attribute a:href,title --strip`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return s.run(cmd, args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	p := &s.policy
	f.StringVar(&p.Preset, "preset", "", "where the policy begins: "+strings.Join(sanitize.Presets(), ", ")+" (default comment)")
	f.StringVar(&s.file, "policy", "", "read the policy from a JSON `file`")
	f.StringSliceVar(&p.Tags, "tags", nil, "tags that may stay, instead of the preset's")
	f.StringSliceVar(&p.AddTags, "add-tags", nil, "tags that may stay, too")
	f.StringArrayVar(&s.attributes, "attribute", nil, "attributes that a tag may have, as `tag:name,name`; * is any tag")
	f.StringSliceVar(&p.Schemes, "schemes", nil, "schemes that addresses may have")
	f.StringVar(&p.Relative, "relative", "", "addresses without a scheme: allow, page (only #…) or deny")
	f.StringVar(&p.BaseURL, "base-url", "", "resolve addresses without a scheme against this one")
	f.StringVar(&p.Disallowed, "disallowed", "", "tags that may not stay: unwrap, escape or drop")
	f.StringSliceVar(&p.DropContent, "drop-content", nil, "tags that go with what stands in them")
	f.BoolVar(&s.comments, "keep-comments", false, "keep comments")
	f.StringSliceVar(&p.Styles, "styles", nil, "CSS properties that style attributes may set")
	f.BoolVar(&p.StyleURLs, "style-urls", false, "let styles name addresses")
	f.StringSliceVar(&p.Classes, "classes", nil, "classes that may stay; language-* is all that begin so")
	f.StringVar(&s.idPrefix, "id-prefix", "", "what ids and names begin with (default user-content-)")
	f.BoolVar(&p.DataAttrs, "data-attributes", false, "keep data-… attributes")
	f.BoolVar(&p.DataImages, "data-images", false, "keep pictures that stand in their own address")
	f.StringSliceVar(&p.Rel, "rel", nil, "what links say of themselves, such as nofollow")
	f.BoolVar(&p.Templates, "templates", false, "take out {{ and the like: the page is a template in the browser")
	f.BoolVar(&s.linkify, "linkify", false, "make links of addresses in the text")
	f.IntVar(&p.MaxDepth, "max-depth", 0, "elements in one another (default 200)")
	f.IntVar(&p.MaxLength, "max-length", 0, "bytes that are read (default 4 MiB)")
	f.BoolVar(&p.Unsafe, "unsafe", false, "without the floor: the page will run what it is told to")

	f.BoolVar(&s.asBleach, "bleach", false, "do what Python's Bleach does")
	f.BoolVar(&s.bleach.Strip, "strip", false, "with --bleach: drop tags instead of escaping them")
	f.StringSliceVar(&s.css, "css", nil, "with --bleach: CSS properties that style attributes may set")
	f.BoolVar(&s.link.ParseEmail, "parse-email", false, "with --bleach --linkify: addresses of e-mail, too")
	f.StringSliceVar(&s.link.SkipTags, "skip-tags", nil, "with --bleach --linkify: make no links in these")

	f.BoolVar(&s.explain, "explain", false, "say what was taken out, and why, instead of writing the result")
	f.BoolVar(&s.asJSON, "json", false, "with --explain: the result and what was taken out, as JSON")
	f.BoolVar(&s.stdio, "stdio", false, "answer frames on standard input and output, for programs")
	f.StringVar(&s.serve, "serve", "", "answer frames on a socket of this user's, `unix:PATH`")
	return cmd
}

func (s *sanitizing) run(cmd *cobra.Command, args []string) error {
	switch {
	case s.stdio && s.serve != "":
		return errors.New("--stdio and --serve cannot be combined")
	case s.stdio:
		debug.SetGCPercent(lazily)
		return sanitize.Serve(cmd.InOrStdin(), cmd.OutOrStdout())
	case s.serve != "":
		path, ok := strings.CutPrefix(s.serve, "unix:")
		if !ok || path == "" {
			return fmt.Errorf("--serve %q: it is unix: and a path", s.serve)
		}
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		debug.SetGCPercent(lazily)
		return sanitize.ServeUnix(ctx, path)
	}
	program, err := s.program(cmd)
	if err != nil {
		return err
	}
	text, err := s.input(cmd, args)
	if err != nil {
		return err
	}
	if s.explain {
		r, err := program.Explain(text)
		if err != nil {
			return err
		}
		return s.report(cmd, r)
	}
	out, failed := program.Run(text, nil)
	if _, err := io.WriteString(cmd.OutOrStdout(), out); err != nil {
		return err
	}
	if failed != nil {
		say(cmd.ErrOrStderr(), fmt.Sprintf("%v: it was escaped as a whole", failed))
		return exit(exitIncomplete)
	}
	return nil
}

// lazily is how the collector works for a worker: its heap is a few trees that live for
// milliseconds, and four times a small heap is small. A fifth of the time was spent collecting.
const lazily = 400

// maxInput is what is read at once: more is no text of a page.
const maxInput = 64 << 20

func (s *sanitizing) input(cmd *cobra.Command, args []string) (string, error) {
	in := cmd.InOrStdin()
	if len(args) == 1 && args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = fmt.Errorf("the text is longer than %d MB", maxInput>>20)
	}
	return string(data), err
}

// program is the configuration that the flags ask for.
func (s *sanitizing) program(cmd *cobra.Command) (*sanitize.Program, error) {
	given := func(name string) bool { return cmd.Flags().Changed(name) }
	attributes, err := attributeLists(s.attributes)
	if err != nil {
		return nil, err
	}
	if !s.asBleach {
		for _, name := range []string{"strip", "css", "parse-email", "skip-tags"} {
			if given(name) {
				return nil, fmt.Errorf("--%s goes with --bleach", name)
			}
		}
		p := s.policy
		if s.file != "" {
			data, err := os.ReadFile(s.file)
			if err != nil {
				return nil, err
			}
			if p, err = sanitize.ReadPolicy(data); err != nil {
				return nil, fmt.Errorf("%s: %w", s.file, err)
			}
			for _, name := range []string{"preset", "tags", "attribute"} {
				if given(name) {
					return nil, fmt.Errorf("--%s and --policy cannot be combined", name)
				}
			}
		} else if p.Preset == "" && !given("tags") {
			p.Preset = "comment"
		}
		p.AddAttributes = attributes
		p.Comments = p.Comments || s.comments
		p.Linkify = p.Linkify || s.linkify
		if given("id-prefix") {
			p.IDPrefix = &s.idPrefix
		}
		return (&sanitize.Options{Mode: "strict", Policy: &p}).Prepare()
	}
	for _, name := range []string{"preset", "policy", "add-tags", "relative", "base-url", "disallowed", "drop-content", "styles", "style-urls",
		"classes", "id-prefix", "data-attributes", "data-images", "rel", "templates", "max-depth", "max-length", "unsafe"} {
		if given(name) {
			return nil, fmt.Errorf("--%s does not go with --bleach", name)
		}
	}
	o := sanitize.BleachDefaults()
	o.Strip, o.StripComments = s.bleach.Strip, !s.comments
	if given("tags") {
		o.Tags = s.policy.Tags
	}
	if given("attribute") {
		o.Attributes = sanitize.AttributesJSON{Map: map[string]sanitize.Rule{}}
		for tag, names := range attributes {
			o.Attributes.Map[tag] = sanitize.Rule{Names: names}
		}
	}
	if given("schemes") {
		o.Protocols = s.policy.Schemes
	}
	if given("css") {
		o.CSS = &sanitize.CSSJSON{Properties: s.css}
	}
	if s.linkify {
		s.link.Callbacks = []string{"nofollow"}
		o.Linkify = &s.link
	}
	return o.Prepare()
}

// attributeLists reads tag:name,name.
func attributeLists(list []string) (map[string][]string, error) {
	m := map[string][]string{}
	for _, a := range list {
		tag, names, ok := strings.Cut(a, ":")
		if !ok || tag == "" || names == "" {
			return nil, fmt.Errorf("--attribute %q: it is a tag, a colon and names, such as a:href,title", a)
		}
		m[tag] = append(m[tag], strings.Split(names, ",")...)
	}
	return m, nil
}

// report says what was taken out.
func (s *sanitizing) report(cmd *cobra.Command, r sanitize.Report) error {
	w := cmd.OutOrStdout()
	if s.asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else {
		for _, x := range r.Removed {
			what := x.What
			if x.Tag != "" {
				what += " <" + x.Tag + ">"
			}
			if x.Name != "" {
				what += " " + x.Name
			}
			if x.Value != "" {
				what += fmt.Sprintf(" %q", x.Value)
			}
			fmt.Fprintf(w, "%s: %s\n", what, x.Why)
		}
		switch {
		case r.Err != nil:
		case len(r.Removed) == 0:
			fmt.Fprintln(w, "nothing was taken out")
		case r.More > 0:
			fmt.Fprintf(w, "and %d more\n", r.More)
		}
	}
	if r.Err != nil {
		say(cmd.ErrOrStderr(), fmt.Sprintf("%v: it was escaped as a whole", r.Err))
		return exit(exitIncomplete)
	}
	return nil
}
