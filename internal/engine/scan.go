package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/surface"
	"github.com/gambeson/gambeson/internal/taint"
)

// A Scan is one run over files: what is asked for, and how.
type Scan struct {
	Paths   []string // files and folders; none means the working folder
	Stdin   []byte   // looked at under the name of Paths[0], if UseStdin
	Config  *config.Config
	Rules   []*rule.Rule   // all that there are; Config and Audit choose
	Models  []models.Model // of the user's own, in addition to those that come with the program
	Version string         // of the program, for the report

	UseStdin     bool
	NoSuppress   bool     // take no notice of suppressions in comments
	Since        *Since   // look only at what changed
	Base         string   // what Excludes and Config.Exclude are relative to; "" is the working folder
	Excludes     []string // in addition to the configuration's
	ForceExclude bool     // leave out excluded files even if Paths names them

	// Audit, if there is one, judges what files ask for, after the rules have looked at them.
	// Rules that need advisories run only then. As names the format of files, by absolute
	// path, whose name does not tell it.
	Audit func(*rule.Project)
	Uses  bool // the audit wants to know what the program uses of libraries
	As    map[string]string
	Docs  []*rule.Doc // in addition to what is found
	// DocsOnly looks at Docs and at nothing else: Paths are what they were read from.
	DocsOnly bool
	// NoPython looks only at files that are not Python, and at what scripts say of themselves
	// (PEP 723).
	NoPython bool
	// Vendored also looks for packages in what others have written.
	Vendored bool

	// Fixable is called after the scan, in the order of the paths, for each file in which
	// a finding has a fix: root is what paths in the report are relative to, and text what
	// the fix's offsets mean.
	Fixable func(root string, file source.Found, text []byte)

	// Progress is called now and then with the number of files done and to do.
	Progress func(done, total int)
}

// Run looks at everything and reports. The error is for what keeps it from beginning: a
// path that does not exist, or a pattern that makes no sense. A cancelled context ends
// it with that context's error.
func (s *Scan) Run(ctx context.Context) (*finding.Report, error) {
	start := time.Now()
	audit := s.Config.Profile == "audit"
	list := s.choose(audit)
	if len(list) == 0 {
		return nil, errors.New("select and ignore leave no rule to look with: see gambeson rules")
	}
	set := Compile(list)
	flows := flowRulesOf(list)
	learn := func() *taint.Knowledge { return nil }
	if len(flows.list) > 0 || s.Uses && !s.NoPython || wantsSurface(list) {
		// Compiling what is known of libraries takes two milliseconds, as long as describing the
		// rules: one of them is done meanwhile.
		done := make(chan *taint.Knowledge, 1)
		go func() { done <- s.knowledge() }()
		learn = func() *taint.Knowledge { return <-done }
	}
	wants := s.wantsDoc(list)
	files, res, err := s.find(ctx, audit, wants)
	if err != nil {
		return nil, err
	}
	var was *past
	if s.Since != nil {
		was = s.Since.below(res.Root, files)
	}
	docFiles := s.split(files, wants)
	scripts := s.scriptsOf(files)
	s.Config.SetRoot(res.Root)
	r := &finding.Report{
		Version: finding.Version,
		Tool:    finding.Tool{Name: "gambeson", Version: s.Version},
		Root:    strings.Join(s.Paths, " "),
		Profile: s.Config.Profile,
		FailOn:  s.Config.FailOn,
		Rules:   describe(list),
	}
	for i := range res.Problems {
		r.Problems = append(r.Problems, problem(&res.Problems[i]))
	}
	r.Stats.Skipped = res.Skipped
	load := s.loader(files)
	run := s.start(files, res.Root, set, audit, load)
	run.tally = newTally(len(list))
	know := learn()
	s.templatesBelow(res.Root, know, s.read)
	run.know = know
	if s.Uses && !s.NoPython && slices.ContainsFunc(docFiles, func(f source.Found) bool { return rule.Manifests(f.Path) }) {
		run.uses = make([][]rule.Use, len(run.results))
	}
	if was != nil {
		run.only = func(path string) bool { _, changed := was.was(path); return changed }
	}
	if err := run.all(ctx); err != nil {
		return nil, err
	}
	run.collect(r)
	if err := run.flows(ctx, flows, know, r); err != nil {
		return nil, err
	}
	run.surface(r)
	docs := slices.Concat(run.readDocs(res.Root, docFiles, s.read, r), scripts, s.Docs, run.scripts())
	run.judge(docs, r)
	run.fixable(res.Root, docs, r)
	if s.Fixable != nil {
		for i, m := range run.prog.Modules() {
			if text := run.results[i].text; text != nil {
				s.Fixable(res.Root, files[m.Path], text)
			}
		}
	}
	if was != nil {
		if err := s.before(ctx, was, files, docFiles, set, flows, know, audit, r); err != nil {
			return nil, err
		}
	}
	r.Stats.RulesRun = len(list)
	said := r.Stats.LookedAt[finding.Dependencies]
	own := slices.DeleteFunc(slices.Clone(docs), func(d *rule.Doc) bool { return s.testDoc(d.Path) || !run.judges(d.Path) })
	r.Practices = run.tally.accounts(list, seen{own, run.facts, know, run.routes, r})
	r.Stats.LookedAt = lookedAt(list, r.Practices)
	if said != "" {
		r.Stats.LookedAt[finding.Dependencies] = said
	}
	r.Sort()
	r.Stats.Seconds = time.Since(start).Seconds()
	return r, nil
}

// choose applies the profile and the configuration to the rules.
func (s *Scan) choose(audit bool) []*rule.Rule {
	var list []*rule.Rule
	for _, r := range s.Rules {
		if r.Needs == rule.NeedsAdvisories && s.Audit == nil || r.Needs == rule.NeedsSecrets {
			continue
		}
		choice := s.Config.Choose(r.ID, r.Names(""), r.Practice)
		if choice == config.Off && slices.ContainsFunc(r.Parts(), func(part string) bool { return s.Config.Choose(part, nil, "") == config.On }) {
			choice = config.On // for these findings of it
		}
		switch choice {
		case config.Off:
			continue
		case config.Unsaid:
			if r.AuditOnly && !audit {
				continue
			}
		}
		list = append(list, r)
	}
	return list
}

func (s *Scan) find(ctx context.Context, audit bool, also func(string) bool) (map[string]source.Found, *source.Result, error) {
	if s.UseStdin {
		name := s.Paths[0]
		return map[string]source.Found{name: {Path: name}}, &source.Result{Files: []source.Found{{Path: name}}}, nil
	}
	paths := s.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	if s.DocsOnly {
		root, err := filepath.Abs(paths[0])
		return nil, &source.Result{Root: root}, err
	}
	if err := missing(paths); err != nil {
		return nil, nil, err
	}
	w := s.walker(audit)
	w.Also = also
	w.Vendored = w.Vendored || s.Vendored
	res, err := w.Walk(ctx, paths...)
	if err != nil {
		return nil, nil, err
	}
	files := make(map[string]source.Found, len(res.Files))
	for _, f := range res.Files {
		files[f.Path] = f
	}
	return files, res, nil
}

// walker finds what the configuration and the command line leave.
func (s *Scan) walker(audit bool) source.Walker {
	w := source.Walker{ForceExclude: s.ForceExclude, Base: s.Base, Excludes: s.Excludes, MaxFileSize: s.Config.MaxFileSize, Vendored: audit}
	if s.Base == "" && len(s.Config.Exclude) > 0 {
		w.Base = s.Config.Dir
		for _, x := range s.Excludes { // those of the command line are relative to the working folder
			if abs, err := filepath.Abs(x); err == nil && strings.ContainsRune(x, '/') {
				x = abs
			}
			w.Excludes = append(w.Excludes, x)
		}
	}
	w.Excludes = append(slices.Clone(s.Config.Exclude), w.Excludes...)
	return w
}

// missing is an error if none of the paths exists. If others do they are looked at, and the
// walk reports the one that is missing as a problem.
func missing(paths []string) error {
	for _, p := range paths {
		if _, err := os.Lstat(p); !errors.Is(err, os.ErrNotExist) {
			return nil
		}
	}
	what := "there is no file or folder " + strconv.Quote(paths[0])
	if len(paths) > 1 {
		what = "there is none of these: " + strings.Join(paths, ", ")
	}
	return errors.New(what + ": name what to look at, or . for the working folder")
}

// A running scan. Workers take modules in turn; what each finds lands in its own slot,
// so that the report does not depend on who was faster.
type running struct {
	scan    *Scan
	set     *Set
	audit   bool
	prog    *program.Program
	only    func(path string) bool // nil means all
	results []result
	know    *taint.Knowledge    // nil: data are not followed
	uses    [][]rule.Use        // by module; nil: nobody asks
	facts   []*taint.Facts      // by module
	secret  map[string][][2]int // by path: ranges of bytes that no excerpt shows, sorted
	tally   *tally              // nil if nobody wants an account
	routes  *surface.Surface    // nil if nobody wanted to know
	done    atomic.Int64
}

type result struct {
	findings []finding.Finding
	problems []finding.Problem
	lines    int
	bytes    int
	looked   bool
	text     []byte    // if a finding has a fix and somebody wants it
	script   *rule.Doc // what the file says of itself that it needs
}

// loader reads the files of a scan.
func (s *Scan) loader(files map[string]source.Found) func(string) (*source.File, error) {
	return func(path string) (*source.File, error) {
		if s.UseStdin {
			return source.Decode(path, s.Stdin)
		}
		return source.Load(files[path], s.Config.MaxFileSize)
	}
}

// read reads a file that is not Python.
func (s *Scan) read(f source.Found) ([]byte, error) { return source.Read(f, s.Config.MaxFileSize) }

// packageOf is the dotted name of the package that a folder is, or "".
func packageOf(dir string) string {
	name := ""
	for range 20 {
		if _, err := os.Lstat(filepath.Join(dir, "__init__.py")); err != nil || filepath.Dir(dir) == dir {
			break
		}
		name = strings.TrimSuffix(filepath.Base(dir)+"."+name, ".")
		dir = filepath.Dir(dir)
	}
	return name
}

func (s *Scan) start(files map[string]source.Found, root string, set *Set, audit bool, load func(string) (*source.File, error)) *running {
	paths := make([]string, 0, len(files))
	for p := range files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return &running{scan: s, set: set, audit: audit, prog: program.NewIn(packageOf(root), paths, load), results: make([]result, len(paths)), facts: make([]*taint.Facts, len(paths))}
}

// all runs the workers to the end.
func (r *running) all(ctx context.Context) error {
	jobs := r.jobs()
	modules := r.prog.Modules()
	var wg sync.WaitGroup
	for range min(jobs, max(len(modules), 1)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				m, i := r.prog.Take()
				if m == nil {
					return
				}
				if wrong := safely(m.Path, func() { r.results[i] = r.module(m, i) }); wrong != nil {
					r.results[i] = result{problems: []finding.Problem{*wrong}}
				}
				n := int(r.done.Add(1))
				if r.scan.Progress != nil {
					r.scan.Progress(n, len(modules))
				}
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

func (r *running) jobs() int {
	if n := r.scan.Config.Jobs; n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// test says whether the file is test code.
func (r *running) test(path string) bool {
	return source.IsTest(path) && !r.scan.Config.IncludeTests
}

// safely looks at one file, which may be hostile: a mistake of ours that it brings to light must
// not keep the others from being looked at, and must not look like clean. It is nil if all went
// well.
func safely(path string, look func()) (wrong *finding.Problem) {
	defer func() {
		if err := recover(); err != nil {
			if os.Getenv("GAMBESON_PANIC") != "" {
				panic(err) // for whoever looks for the mistake
			}
			wrong = &finding.Problem{Path: path, Message: "looking at it failed, which is a mistake of Gambeson's: please report it"}
		}
	}()
	look()
	return nil
}

// module looks at one file. One that is not asked for is looked at only for what it says
// of where data enter: they may come to a file that is.
func (r *running) module(m *program.Module, i int) (res result) {
	asked := r.only == nil || r.only(m.Path)
	if !asked && r.know == nil && r.uses == nil {
		return res
	}
	u, err := m.Unit()
	if err != nil {
		res.problems = append(res.problems, loadProblem(m.Path, err))
	}
	if u == nil {
		return res
	}
	defer m.Release()
	if r.know != nil && !r.test(m.Path) {
		r.facts[i] = r.know.Look(u)
	}
	if r.uses != nil {
		r.uses[i] = r.note(u, source.IsTest(m.Path))
	}
	if !asked {
		return result{}
	}
	res.script = script(u.File)
	res.looked = true
	res.bytes = len(u.File.Bytes)
	res.lines = bytes.Count(u.File.Bytes, []byte("\n"))
	if res.bytes > 0 && u.File.Bytes[res.bytes-1] != '\n' {
		res.lines++
	}
	for i, e := range u.Tree.Errors {
		if i == 1 { // the first is the cause, the rest mostly its consequences
			last := &res.problems[len(res.problems)-1]
			last.Message += fmt.Sprintf(" (and %d more after it)", len(u.Tree.Errors)-1)
			break
		}
		pos := u.File.Position(e.Span.Start)
		res.problems = append(res.problems, finding.Problem{
			Path: m.Path, Line: pos.Line, Column: u.File.Runes(pos) + 1, Partial: true,
			Message: "syntax error: " + e.Message,
		})
	}
	found := r.set.Check(u, Options{
		Audit:       r.audit,
		NoSuppress:  r.scan.NoSuppress,
		Test:        r.test(m.Path),
		RuleOptions: r.scan.Config.Options,
		tally:       r.tally,
	})
	for _, f := range found {
		if r.weigh(&f) {
			if f.Fix != nil && r.scan.Fixable != nil {
				res.text = u.File.Bytes
			}
			res.findings = append(res.findings, f)
		}
	}
	return res
}

// weigh gives a finding the severity that the configuration has for it, and says whether it
// is to be reported.
func (r *running) weigh(f *finding.Finding) bool {
	aliases, parts := r.set.aliases(f)
	if parts && r.scan.Config.Choose(f.Rule, aliases, f.Practice) == config.Off {
		return false // the rule is wanted for others
	}
	sev, ok := r.scan.Config.At(f.Location.Path, f.Rule, aliases, f.Practice, f.Severity)
	f.Severity = sev
	return ok
}

func (r *running) collect(rep *finding.Report) {
	for i := range r.results {
		res := &r.results[i]
		rep.Findings = append(rep.Findings, res.findings...)
		rep.Problems = append(rep.Problems, res.problems...)
		if res.looked {
			rep.Stats.Files++
			rep.Stats.Lines += res.lines
			rep.Stats.Bytes += int64(res.bytes)
		}
	}
	r.secret = map[string][][2]int{}
	for _, f := range rep.Findings {
		if f.Suppressed != nil {
			rep.Stats.Suppressed++
		}
		if path := f.Location.Path; len(f.Secrets) > 0 {
			r.secret[path] = append(r.secret[path], f.Secrets...)
		}
	}
	for _, list := range r.secret {
		slices.SortFunc(list, func(a, b [2]int) int { return a[0] - b[0] })
	}
}

func problem(p *source.Problem) finding.Problem {
	return finding.Problem{Path: p.Path, Line: p.Line, Message: p.Message, Partial: p.Partial}
}

// loadProblem words what kept a file from being read.
func loadProblem(path string, err error) finding.Problem {
	var p *source.Problem
	if errors.As(err, &p) {
		out := problem(p)
		if out.Path == "" {
			out.Path = path
		}
		return out
	}
	msg := err.Error()
	switch {
	case errors.Is(err, os.ErrNotExist):
		msg = "it was there a moment ago and is gone: scan again"
	case errors.Is(err, os.ErrPermission):
		msg = "permission denied: make it readable or exclude it"
	}
	return finding.Problem{Path: path, Message: msg}
}

// describe is what the report says of each rule.
func describe(list []*rule.Rule) []finding.Rule {
	out := make([]finding.Rule, 0, len(list))
	for _, r := range list {
		out = append(out, r.Describe())
	}
	return out
}

// lookedAt says of each practice with a rule how many files its rules have looked at.
func lookedAt(list []*rule.Rule, accounts []finding.Account) map[finding.Practice]string {
	rules := map[finding.Practice]int{}
	for _, r := range list {
		rules[r.Practice]++
	}
	out := map[finding.Practice]string{}
	for i := range accounts {
		a := &accounts[i]
		if rules[a.Practice] == 0 {
			continue
		}
		files := 0
		for _, c := range a.Places {
			if c.What == pythonFiles || c.What == otherFiles {
				files += c.N
			}
		}
		out[a.Practice] = fmt.Sprintf("%s, %s", finding.Plural(files, "file"), finding.Plural(rules[a.Practice], "rule"))
	}
	return out
}
