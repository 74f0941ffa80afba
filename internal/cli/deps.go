package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/deps"
	"github.com/gambeson/gambeson/internal/deps/advisory"
	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/engine"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

func depsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deps",
		Short: "Audit what a project depends on",
		Long: `Audit what a project depends on, from its files alone: nothing is installed, resolved
or run, and nothing is sent anywhere. Only deps update uses the network, to fetch the
advisories.`,
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Example: `  gambeson deps update                       # once, and now and then
  gambeson deps audit .
  gambeson deps fix . --dry-run
  gambeson deps sbom . --format cyclonedx`,
	}
	cmd.AddCommand(depsAuditCommand(), depsUpdateCommand(), depsFixCommand(), depsTreeCommand(), depsSBOMCommand(), depsVEXCommand(), depsExplainCommand())
	return cmd
}

// A dependencies is what a command of deps looks at and how, as its flags say.
type dependencies struct {
	target
	files         []string // -r
	paths         []string // --path
	index         string
	ignoreVuln    []string
	groups, not   []string
	vex           []string
	python        string
	platform      string
	requireHashes bool
	noCode        bool
	listOnly      bool // without advisories, if there are none
}

func (d *dependencies) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&d.files, "requirement", "r", nil, "look at this requirements `file`, whatever its name, and what it includes")
	f.StringArrayVar(&d.paths, "path", nil, "look at what is installed in this `folder`, site-packages of an environment")
	f.StringVar(&d.index, "index", "", "the `file` with the advisories (default: where deps update puts it)")
	f.StringArrayVar(&d.ignoreVuln, "ignore-vuln", nil, "take no notice of this `advisory`, by its id or an alias")
	f.StringSliceVar(&d.groups, "group", nil, "only packages of these `groups`: main, dev, extra:tests, build; globs")
	f.StringSliceVar(&d.not, "no-group", nil, "not packages of these `groups`")
	f.StringSliceVar(&d.vex, "vex", nil, "take what does not matter from this `file` in OpenVEX form")
	f.StringVar(&d.python, "python", "", "leave out what this `version` of Python, such as 3.12, does not need")
	f.StringVar(&d.platform, "platform", "", "leave out what this `system` does not need: linux, darwin or win32 (with --python)")
	f.StringVar(&d.configFile, "config", "", "read this configuration `file` instead of looking for one")
	f.BoolVar(&d.noConfig, "no-config", false, "take no notice of configuration files")
	f.StringSliceVar(&d.exclude, "exclude", nil, "leave out files by a `pattern` in the syntax of .gitignore")
	completeWords(cmd, "platform", "linux", "darwin", "win32")
}

// scan reads the files and, if there is an index, holds them against it.
func (d *dependencies) scan(ctx context.Context, args []string) (*finding.Report, *deps.Auditor, error) {
	look := slices.Clone(args)
	look = append(look, d.files...)
	if len(look) == 0 && len(d.paths) == 0 {
		look = []string{"."}
	}
	if err := d.load(look); err != nil {
		return nil, nil, err
	}
	cfg, err := depsConfig(d.config)
	if err != nil {
		return nil, nil, err
	}
	a, err := auditor(cfg, d.index)
	switch {
	case err == nil:
	case d.listOnly && errors.Is(err, fs.ErrNotExist):
		a = &deps.Auditor{Config: cfg, Now: time.Now()}
	case errors.Is(err, fs.ErrNotExist):
		say(d.stderr, "there are no advisories yet: gambeson deps update fetches them, or gambeson deps update --from all.zip")
		return nil, nil, exit(exitIncomplete)
	case errors.As(err, new(damaged)):
		say(d.stderr, err.Error()+": gambeson deps update makes a new one")
		return nil, nil, exit(exitIncomplete)
	default:
		return nil, nil, err
	}
	a.Strict = true
	d.config.IncludeTests = true // what tests install runs on the machines of developers
	if err := d.apply(a); err != nil {
		return nil, nil, err
	}
	list, err := d.rules()
	if err != nil {
		return nil, nil, err
	}
	list = slices.DeleteFunc(list, func(r *rule.Rule) bool {
		return r.Check.Doc == nil && r.Needs == "" || r.Practice != finding.Dependencies
	})
	s := &engine.Scan{Paths: look, Config: d.config, Rules: list, Version: version, Excludes: d.exclude, Audit: a.Run, Uses: !d.noCode, Vendored: true, Fixable: d.fixable, As: map[string]string{}, NoPython: d.noCode || len(args) == 0 && len(d.files)+len(d.paths) > 0}
	for _, file := range d.files {
		abs, err := filepath.Abs(file)
		if err != nil {
			return nil, nil, err
		}
		if manifest.Is(filepath.ToSlash(file)) == "" {
			s.As[abs] = "requirements"
		}
	}
	for _, path := range d.paths {
		under := path
		if len(look) == 0 && len(d.paths) == 1 {
			under = "" // it is the root of the report
		}
		installed, err := installed(path, under)
		if err != nil {
			return nil, nil, err
		}
		s.Docs = append(s.Docs, installed...)
	}
	if len(look) == 0 { // only environments: nothing else is walked
		s.Paths, s.DocsOnly = d.paths, true
	}
	r, err := s.Run(ctx)
	if err != nil {
		return nil, nil, err
	}
	r.Practices = nil // which are about a whole program
	return r, a, nil
}

// incomplete says on standard error what could not be looked at, for commands that do not
// print the report, and is the exit code for it.
func (d *dependencies) incomplete(r *finding.Report) error {
	sayProblems(d.stderr, r)
	if len(r.Problems) > 0 {
		return exit(exitIncomplete)
	}
	return nil
}

func sayProblems(stderr io.Writer, r *finding.Report) {
	for _, p := range r.Problems {
		say(stderr, position(p.Path, p.Line, p.Column)+": "+p.Message)
	}
}

// apply adds what the flags say to the configuration.
func (d *dependencies) apply(a *deps.Auditor) error {
	for _, id := range d.ignoreVuln {
		a.Config.Ignores = append(a.Config.Ignores, deps.ByHand(id))
	}
	if len(d.groups) > 0 {
		a.Config.Groups = d.groups
	}
	a.Config.NoGroups = append(a.Config.NoGroups, d.not...)
	for _, file := range d.vex {
		list, err := deps.ReadVEX(file)
		if err != nil {
			return fmt.Errorf("--vex: %w", err)
		}
		a.Config.Ignores = append(a.Config.Ignores, list...)
	}
	switch {
	case d.platform != "" && d.python == "":
		return errors.New("--platform needs --python: name the version of Python as well")
	case d.python != "":
		env := pep508.CPython(d.python, d.platform)
		if env["python_version"] == "" || d.platform != "" && env["platform_system"] == "" {
			return fmt.Errorf("--python %s: name a version such as 3.12, and for --platform linux, darwin or win32", d.python)
		}
		a.Config.Env = env
	}
	return nil
}

// A damaged index is there and cannot be read.
type damaged struct{ error }

// depsConfig reads what the configuration says of dependencies, and the documents that it names.
func depsConfig(c *config.Config) (deps.Config, error) {
	cfg, err := deps.ReadConfig(c.Parts["deps"])
	if err != nil {
		return cfg, inFile(c, err)
	}
	for _, file := range cfg.VEX {
		list, err := deps.ReadVEX(filepath.Join(c.Dir, filepath.FromSlash(file)))
		if err != nil {
			return cfg, inFile(c, err)
		}
		cfg.Ignores = append(cfg.Ignores, list...)
	}
	return cfg, nil
}

// auditor opens the index. It is fs.ErrNotExist if there is none.
func auditor(cfg deps.Config, index string) (*deps.Auditor, error) {
	path, err := advisory.Path(index)
	if err != nil {
		return nil, err
	}
	x, err := advisory.Open(path)
	if errors.Is(err, fs.ErrNotExist) && index == "" {
		x, err = advisory.Embedded()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err != nil:
		return nil, damaged{err}
	}
	return &deps.Auditor{Index: x, Config: cfg, Now: time.Now()}, nil
}

// inFile says in which configuration a mistake is.
func inFile(c *config.Config, err error) error { return fmt.Errorf("%s: %w", c.File, err) }

// installed makes docs of what an environment has, one a package; their paths begin with under.
func installed(dir, under string) ([]*rule.Doc, error) {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("--path %s: there is no such folder: name site-packages of an environment", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("--path: %w", err)
	}
	defer root.Close()
	all := manifest.Installed(root.FS())
	var out []*rule.Doc
	for i := range all.Packages {
		path := filepath.ToSlash(filepath.Join(under, filepath.FromSlash(all.Packages[i].In)))
		m := &manifest.File{Path: path, Format: all.Format, Lock: all.Lock, Packages: all.Packages[i : i+1], Lines: 1}
		out = append(out, &rule.Doc{File: source.New(path, beginning(root, all.Packages[i].In)), Manifest: m})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("--path %s: nothing is installed there: name site-packages of an environment", dir)
	}
	return out, nil
}

// beginning is the first lines of a file, to show where something stands, or nothing.
func beginning(root *os.Root, name string) []byte {
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil { // a folder
		return nil
	}
	return text
}

// audited lets a scan judge what the project depends on, too, if there are advisories.
func audited(s *engine.Scan, c *config.Config) error {
	cfg, err := depsConfig(c)
	if err != nil {
		return err
	}
	if path, err := advisory.Path(""); err == nil {
		_, err = os.Stat(path)
		s.Uses = err == nil
	}
	s.Audit = func(p *rule.Project) {
		if !slices.ContainsFunc(p.Docs, func(d *rule.Doc) bool { return d.Manifest != nil && len(d.Manifest.Packages) > 0 }) {
			return
		}
		switch a, err := auditor(cfg, ""); {
		case err == nil:
			a.Run(p)
		case errors.Is(err, fs.ErrNotExist):
			p.Out.Notes = append(p.Out.Notes, "Packages were not held against advisories, as there are none yet: gambeson deps update fetches them.")
		default:
			p.Out.Problems = append(p.Out.Problems, finding.Problem{Path: ".", Partial: true, Message: "packages were not held against advisories: " + err.Error()})
		}
	}
	return nil
}

// fetch brings advisories and shows how far it is.
func fetch(ctx context.Context, stderr io.Writer, url, dest string) (advisory.Info, error) {
	var line *progress
	show := func(int64, int64) {}
	if isTerminal(stderr) {
		line = newProgress(stderr)
		show = line.bytes
		defer line.clear()
	}
	return advisory.Update(ctx, url, dest, show)
}
