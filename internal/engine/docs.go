package engine

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/taint"
)

// wantsDoc says which files that are not Python somebody will look at: a rule, or the audit.
func (s *Scan) wantsDoc(list []*rule.Rule) func(path string) bool {
	var wants []func(string) bool
	for _, r := range list {
		if r.Check.Docs != nil {
			wants = append(wants, r.Check.Docs)
		}
	}
	if s.Audit != nil {
		wants = append(wants, rule.Manifests)
	}
	return func(path string) bool {
		if source.IsPython(path) && !rule.Manifests(path) {
			return false // setup.py is both
		}
		return slices.ContainsFunc(wants, func(want func(string) bool) bool { return want(path) })
	}
}

// split takes the docs out of what a walk has found: what is only a doc leaves the files.
func (s *Scan) split(files map[string]source.Found, wants func(string) bool) (docs []source.Found) {
	for path, f := range files {
		as := s.As[f.Abs] != ""
		if !as && !wants(cmp.Or(f.As, path)) {
			continue
		}
		docs = append(docs, f)
		if as || !source.IsPython(path) {
			delete(files, path)
		}
	}
	slices.SortFunc(docs, func(a, b source.Found) int { return strings.Compare(a.Path, b.Path) })
	return docs
}

// scriptsOf takes Python out of the files that is not to be looked at, and reads what scripts
// among it say of the packages that they need.
func (s *Scan) scriptsOf(files map[string]source.Found) (docs []*rule.Doc) {
	for path, f := range files {
		switch {
		case s.NoPython:
			if raw, err := source.Read(f, s.Config.MaxFileSize); err == nil {
				if d := script(source.New(path, raw)); d != nil {
					d.Abs = f.Abs
					docs = append(docs, d)
				}
			}
		case !s.Vendored || s.Config.Profile == "audit" || !source.IsVendored(path):
			continue
		}
		delete(files, path)
	}
	return docs
}

// maxDocs bounds what files include one another.
const maxDocs = 10_000

// readDocs reads the files that are not Python, and those that they include. What it reports
// is of those that are to be judged: the others are there to be asked.
func (r *running) readDocs(root string, found []source.Found, text func(source.Found) ([]byte, error), rep *finding.Report) []*rule.Doc {
	var docs []*rule.Doc
	have := map[string]bool{}
	problem := func(p finding.Problem) {
		if r.judges(p.Path) {
			rep.Problems = append(rep.Problems, p)
		}
	}
	read := func(f source.Found, as string) {
		have[f.Path] = true
		raw, err := text(f)
		if err != nil {
			problem(loadProblem(f.Path, err))
			return
		}
		d := &rule.Doc{File: source.New(f.Path, raw), Abs: f.Abs, As: f.As}
		docs = append(docs, d)
		if as != "" || manifest.Is(f.Path) != "" {
			d.Manifest = manifest.Read(f.Path, as, raw)
			for _, p := range d.Manifest.Problems {
				if !r.scan.testDoc(f.Path) {
					problem(finding.Problem{Path: f.Path, Line: p.At.Line, Column: p.At.Column, Partial: true, Message: p.Message})
				}
			}
		}
		if r.judges(f.Path) {
			rep.Stats.Files++
			rep.Stats.Bytes += int64(len(raw))
			rep.Stats.Lines += bytes.Count(raw, []byte("\n"))
		}
	}
	for _, f := range found {
		read(f, r.scan.As[f.Abs])
	}
	for i := 0; i < len(docs) && len(docs) < maxDocs; i++ {
		if docs[i].Manifest == nil {
			continue
		}
		for _, in := range docs[i].Manifest.Includes {
			switch {
			case r.scan.testDoc(docs[i].Path):
			case in.Path == "":
				problem(finding.Problem{Path: docs[i].Path, Line: in.At.Line, Partial: true,
					Message: in.Written + " leads out of the folder that is looked at: name it with -r, or begin further up"})
			case !have[in.Path]:
				abs := filepath.Join(root, filepath.FromSlash(in.Path))
				if err := inside(root, in.Path); err != nil {
					have[in.Path] = true
					problem(finding.Problem{Path: docs[i].Path, Line: in.At.Line, Partial: true, Message: in.Written + ": " + err.Error()})
					continue
				}
				as := ""
				if manifest.Is(in.Path) == "" {
					as = "requirements"
				}
				read(source.Found{Path: in.Path, Abs: abs}, as)
			}
		}
	}
	return docs
}

// inside is an error if a file is not there, or only by a link that leads out of the root.
func inside(root, path string) error {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer dir.Close()
	if _, err := dir.Stat(filepath.FromSlash(path)); errors.Is(err, os.ErrNotExist) {
		return errors.New("there is no such file")
	} else if err != nil {
		return errors.New("it cannot be read, or leads out of the folder that is looked at")
	}
	return nil
}

// judges says whether a file is one of those that findings are wanted in.
func (r *running) judges(path string) bool { return r.only == nil || r.only(path) }

// scripts are those among the modules that say what they need.
func (r *running) scripts() (docs []*rule.Doc) {
	for i := range r.results {
		if d := r.results[i].script; d != nil {
			docs = append(docs, d)
		}
	}
	return docs
}

// judge lets the rules and the audit look at the docs.
func (r *running) judge(docs []*rule.Doc, rep *finding.Report) {
	slices.SortFunc(docs, func(a, b *rule.Doc) int { return strings.Compare(a.Path, b.Path) })
	looks := map[*rule.Doc]*look{}
	keep := func(f finding.Finding) {
		if !r.weigh(&f) {
			return
		}
		if f.Suppressed != nil {
			rep.Stats.Suppressed++
		}
		rep.Findings = append(rep.Findings, f)
	}
	docs = slices.DeleteFunc(slices.Clone(docs), func(d *rule.Doc) bool { return r.scan.testDoc(d.Path) })
	look := func(path string, look func()) {
		if wrong := safely(path, look); wrong != nil {
			rep.Problems = append(rep.Problems, *wrong)
		}
	}
	names := false // one of them, what is needed
	for _, d := range docs {
		if !r.judges(d.Path) {
			continue
		}
		names = names || d.Manifest != nil
		looks[d] = r.set.docLook(d, Options{Audit: r.audit, NoSuppress: r.scan.NoSuppress})
		look(d.Path, func() {
			for _, f := range r.set.doc(looks[d], d, docs, r.scan.Config.Options) {
				keep(f)
			}
		})
		if d.Manifest == nil { // which has said so itself
			for _, p := range d.Unread() {
				rep.Problems = append(rep.Problems, finding.Problem{Path: d.Path, Line: p.At.Line, Column: p.At.Column, Message: p.Message})
			}
		}
	}
	if r.scan.Audit == nil || r.only != nil && !names {
		return
	}
	p := &rule.Project{Docs: docs, Audit: r.audit, Out: rep, Looked: len(r.uses) > 0, Uses: r.allUses()}
	entrances := sync.OnceValue(func() func(path, symbol string) string { return taint.Entrances(r.facts) })
	p.Entrance = func(u rule.Use) string { return entrances()(u.Location.Path, u.Symbol) }
	p.Report = func(id string, d *rule.Doc, f *rule.Found) *finding.Suppression {
		i, ok := r.set.byID[id]
		if !ok || looks[d] == nil {
			return nil
		}
		out := looks[d].finding(r.set.rules[i], f)
		keep(out)
		return out.Suppressed
	}
	look(".", func() { r.scan.Audit(p) })
}

// testDoc says whether a file that is not Python is for tests only. A folder makes it one:
// .github/workflows/test.yml is none.
func (s *Scan) testDoc(p string) bool {
	return source.IsTest(path.Dir(p)+"/") && !s.Config.IncludeTests && s.Config.Profile != "audit"
}

// fixable offers the docs in which a finding has a fix.
func (r *running) fixable(root string, docs []*rule.Doc, rep *finding.Report) {
	if r.scan.Fixable == nil {
		return
	}
	for _, d := range docs {
		if d.Abs != "" && slices.ContainsFunc(rep.Findings, func(f finding.Finding) bool { return f.Fix != nil && f.Location.Path == d.Path }) {
			r.scan.Fixable(root, source.Found{Path: d.Path, Abs: d.Abs, Doc: true}, d.Bytes)
		}
	}
}

// docLook prepares looking at a file that is not Python.
func (s *Set) docLook(d *rule.Doc, o Options) *look {
	l := &look{set: s, file: d.File, opts: o, count: map[counted]int{}}
	if o.NoSuppress || !bytes.Contains(d.Bytes, []byte("gambeson:")) {
		return l
	}
	for n := 1; n <= d.Lines(); n++ {
		if line := d.Line(n); strings.Contains(line, "#") {
			at := strings.IndexByte(line, '#')
			l.supp.Add(line[at:], n, strings.TrimSpace(line[:at]) == "")
		}
	}
	return l
}

// CheckDoc runs the rules over a file that is not Python; all are those of its project.
func (s *Set) CheckDoc(d *rule.Doc, all []*rule.Doc, o Options) []finding.Finding {
	config := func(string, []string) map[string]any { return nil }
	if o.RuleOptions != nil {
		config = o.RuleOptions
	}
	return s.doc(s.docLook(d, o), d, all, config)
}

func (s *Set) doc(l *look, d *rule.Doc, all []*rule.Doc, options func(string, []string) map[string]any) (out []finding.Finding) {
	for _, i := range s.docs {
		r := s.rules[i]
		if !r.Check.Docs(d.Name()) {
			continue
		}
		p := &rule.DocPass{Reporter: rule.Reporter{Rule: r, Audit: l.opts.Audit, Options: options(r.ID, r.Aliases)}, Doc: d, All: all}
		r.Check.Doc(p)
		for _, f := range p.Found {
			if !f.AuditOnly || l.opts.Audit || r.AuditOnly {
				out = append(out, l.finding(r, f))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b finding.Finding) int { return cmp.Compare(a.Location.Line, b.Location.Line) })
	return out
}

// note notes what a program uses of others: what it imports, calls and names as a value, by a
// name that is known, and what it names in settings, for a framework to import.
func (r *running) note(u *program.Unit, test bool) (out []rule.Use) {
	l := &look{file: u.File, unit: u}
	seen := map[string]bool{}
	add := func(n ast.Node, name string, call, setting bool) {
		if name == "" || seen[name] && !call || seen[name+"()"] || u.Mine(name) {
			return
		}
		seen[name] = true
		use := rule.Use{Name: strings.Clone(name), Call: call, Setting: setting, Test: test, Location: l.location(n.Span())}
		if call {
			seen[name+"()"] = true
			use.Symbol = strings.Clone(u.Symbol(n))
		}
		out = append(out, use)
	}
	named := func(n ast.Expr, call bool) {
		for _, name := range u.Names(n) {
			if strings.Contains(name, ".") && !strings.HasPrefix(name, "builtins.") {
				add(n, name, call, false)
			}
		}
	}
	for _, n := range u.Tree.Nodes()[1:] {
		switch n := n.(type) {
		case *ast.Import:
			for _, a := range n.Names {
				add(n, a.Name, false, false)
			}
		case *ast.ImportFrom:
			if n.Level == 0 {
				for _, a := range n.Names {
					add(n, n.Module+"."+a.Name, false, false)
				}
			}
		case *ast.Call:
			named(n.Func, true)
			if len(n.Args) > 0 && u.Is(n.Func, "django.urls.include", "django.conf.urls.include", "importlib.import_module", "django.utils.module_loading.import_string") {
				if s, ok := u.Str(n.Args[0]); ok && dotted().MatchString(s) {
					add(n, s, false, false)
				}
			}
		case *ast.Attribute: // the class that another one is made from, the loader that is given
			if _, inner := u.Parent(n).(*ast.Attribute); inner {
				continue
			}
			if c, ok := u.Parent(n).(*ast.Call); !ok || c.Func != ast.Expr(n) {
				named(n, false)
			}
		case *ast.Assign:
			if len(n.Targets) == 1 {
				settings(u, n.Targets[0], n.Value, add)
			}
		case *ast.AugAssign:
			settings(u, n.Target, n.Value, add)
		}
	}
	return out
}

// dotted is the name of something in a package.
var dotted = match.Lazy(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$`)

// settings notes the names in the value of a setting, which is a variable in capitals:
// MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware"]. Names of applications may be one word.
func settings(u *program.Unit, target, value ast.Expr, add func(n ast.Node, name string, call, setting bool)) {
	name, ok := target.(*ast.Name)
	if !ok || strings.ToUpper(name.Ident) != name.Ident || len(name.Ident) < 2 || u.Function(name) != nil {
		return
	}
	left := 2000
	var walk func(n ast.Node)
	walk = func(n ast.Node) {
		if left--; left < 0 || n == nil {
			return
		}
		if c, ok := n.(*ast.Constant); ok {
			if s, ok := u.Str(c); ok && len(s) < 200 && (dotted().MatchString(s) || strings.HasSuffix(name.Ident, "_APPS") && word().MatchString(s)) {
				add(n, s, false, true)
			}
			return
		}
		ast.Children(n, walk)
	}
	walk(value)
}

var word = match.Lazy(`^[A-Za-z_]\w*$`)

// allUses is what the whole program uses, sorted.
func (r *running) allUses() []rule.Use {
	var out []rule.Use
	for _, u := range r.uses {
		out = append(out, u...)
	}
	slices.SortFunc(out, func(a, b rule.Use) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Location.Path, b.Location.Path), cmp.Compare(a.Location.Line, b.Location.Line))
	})
	return out
}

// script makes a doc of a program that says in a comment what it needs (PEP 723), or is nil.
func script(f *source.File) *rule.Doc {
	if !bytes.Contains(f.Bytes, []byte("# /// script")) {
		return nil
	}
	m := manifest.Script(f.Path, f.Bytes)
	if m == nil {
		return nil
	}
	return &rule.Doc{File: source.New(f.Path, bytes.Clone(f.Bytes)), Manifest: m}
}
