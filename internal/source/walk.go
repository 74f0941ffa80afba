package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
)

// Why a file or folder was not looked at, as Result.Skipped counts it.
const (
	SkipVCS        = "version control"
	SkipVenv       = "virtual environment"
	SkipVendored   = "vendored code"
	SkipCache      = "cache"
	SkipBuild      = "build output"
	SkipGenerated  = "generated code"
	SkipTooLarge   = "too large"
	SkipExcluded   = "excluded"
	SkipGitignored = "ignored by .gitignore"
	SkipIgnored    = "ignored by .gambesonignore"
	SkipSymlink    = "symbolic link"
	SkipSpecial    = "not a regular file"
)

// DefaultMaxFileSize is the size above which a file is not read: no source that a
// person wrote comes near it.
const DefaultMaxFileSize = 20 << 20

// A Walker finds the files to look at. The zero value finds Python.
//
// It leaves out what is not the project's own work (see the Skip constants) and
// counts it. What the user names is always looked at: a file by its name, and a
// folder even if it lies in, or is, one that would be left out.
type Walker struct {
	// Root is what Found.Path is relative to. If it is "" the walker chooses: the
	// folder, if one folder is named; else the working folder if everything lies in
	// it; else the folder that everything lies in.
	Root string
	// Excludes are patterns in the syntax of .gitignore, relative to the root or to
	// Base; they may also be absolute, or begin with ./ or ../ to mean Base only.
	// One that begins with ! looks at something that would be left out.
	Excludes []string
	// Base is the folder that Excludes were written in; "" is the working folder.
	Base string
	// Include says by its path, relative to the root, whether a file is wanted. If it
	// is nil, Python is: sources, stubs, notebooks and scripts by their first line.
	Include func(path string) bool
	// Also says which files are wanted beside those, if it is not nil.
	Also func(path string) bool
	// MaxFileSize in bytes; 0 is DefaultMaxFileSize.
	MaxFileSize int64
	// Vendored also finds code of others that lies in the tree, outside of virtual
	// environments: _vendor, site-packages.
	Vendored bool
	// Generated also finds generated code.
	Generated bool
	// NoIgnoreFiles takes no notice of .gitignore and .gambesonignore.
	NoIgnoreFiles bool
	// ForceExclude applies Excludes to files given by name as well, for hooks that name
	// every changed file.
	ForceExclude bool

	readDir func(string) ([]os.DirEntry, error) // for tests; os.ReadDir otherwise
}

// Found is a file to look at.
type Found struct {
	Path string // relative to the root, with forward slashes, and valid UTF-8
	Abs  string // where to read it
	As   string // the path with the ending that the first line stands for, of a script that has none: bin/deploy.sh
	Stub bool   // a .pyi file: it declares and does not run
	Doc  bool   // not Python: set by whoever looks at it as something else
}

// A Result is what a walk has found.
type Result struct {
	Root     string         // absolute
	Files    []Found        // by path, each once
	Skipped  map[string]int // reason → number of files and folders left out on purpose
	Problems []Problem      // what could not be looked at
}

// Walk finds the files under the given files and folders. The error is for patterns
// and folders that make no sense, and for a cancelled context; what cannot be read
// is in Result.Problems.
func (w *Walker) Walk(ctx context.Context, paths ...string) (*Result, error) {
	s := &search{Walker: w, result: &Result{Skipped: map[string]int{}}, seen: map[string]bool{}}
	if s.readDir == nil {
		s.dirs = os.ReadDir
	} else {
		s.dirs = s.readDir
	}
	s.limit = w.MaxFileSize
	if s.limit <= 0 {
		s.limit = DefaultMaxFileSize
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	var err error
	if s.base, err = filepath.Abs(w.Base); err != nil {
		return nil, err
	}
	named := make([]string, len(paths))
	for i, p := range paths {
		if named[i], err = filepath.Abs(p); err != nil {
			return nil, err
		}
	}
	if s.root, err = w.chooseRoot(named); err != nil {
		return nil, err
	}
	s.result.Root = s.root
	if s.realRoot, err = filepath.EvalSymlinks(s.root); err != nil {
		s.realRoot = s.root
	}
	if err := s.compileExcludes(); err != nil {
		return nil, err
	}
	for _, p := range named {
		if err := s.named(ctx, p); err != nil {
			return nil, err
		}
	}
	s.resolveLinks()
	slices.SortFunc(s.result.Files, func(a, b Found) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(s.result.Problems, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	return s.result, nil
}

func (w *Walker) chooseRoot(named []string) (string, error) {
	if w.Root != "" {
		return filepath.Abs(w.Root)
	}
	if len(named) == 1 {
		if info, err := os.Stat(named[0]); err == nil && info.IsDir() {
			return named[0], nil
		}
	}
	if wd, err := os.Getwd(); err == nil && !slices.ContainsFunc(named, func(p string) bool { return !within(wd, p) }) {
		return wd, nil
	}
	root := named[0]
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		root = filepath.Dir(root)
	}
	for _, p := range named[1:] {
		for !within(root, p) {
			root = filepath.Dir(root)
		}
	}
	return root, nil
}

// within reports whether p is dir or lies in it; both are absolute and clean.
func within(dir, p string) bool {
	return p == dir || strings.HasPrefix(p, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// A search is one walk under way.
type search struct {
	*Walker
	dirs           func(string) ([]os.DirEntry, error)
	root, realRoot string
	base           string
	limit          int64
	excludes       []exclude
	result         *Result
	seen           map[string]bool // absolute paths found
	links          []Found         // symbolic links to files in the root
}

type exclude struct {
	*match.Line
	relative, absolute bool // what it is compared with
}

func (s *search) compileExcludes() error {
	for _, text := range s.Excludes {
		if strings.TrimSpace(text) == "" {
			return errors.New("empty exclude pattern: write a path, a name or a glob such as tests/**")
		}
		pattern := text
		if runtime.GOOS == "windows" {
			pattern = filepath.ToSlash(pattern)
		}
		pattern, negated := strings.CutPrefix(pattern, "!")
		e := exclude{relative: true}
		switch {
		case pattern == "." || pattern == ".." || strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../"):
			dirOnly := strings.HasSuffix(pattern, "/")
			pattern = path.Join(escapeGlob(filepath.ToSlash(s.base)), pattern)
			if dirOnly {
				pattern += "/"
			}
			e = exclude{absolute: true}
		case filepath.IsAbs(pattern):
			e.absolute = true
		}
		if e.absolute && !strings.HasPrefix(pattern, "/") {
			pattern = "/" + pattern // a drive letter
		}
		if negated {
			pattern = "!" + pattern
		} else if strings.HasPrefix(pattern, "#") {
			pattern = `\` + pattern // not a comment here
		}
		line, err := match.ParseLine(pattern)
		if err != nil {
			return fmt.Errorf("exclude %q: %w", text, err)
		}
		e.Line = line
		s.excludes = append(s.excludes, e)
	}
	return nil
}

func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}

// excluded asks the user's patterns; the last that speaks decides.
func (s *search) excluded(abs, rel string, dir bool) match.Verdict {
	if len(s.excludes) == 0 {
		return match.Silent
	}
	slash := strings.TrimPrefix(filepath.ToSlash(abs), "/")
	fromBase := ""
	if abs != s.base && within(s.base, abs) {
		fromBase = filepath.ToSlash(strings.TrimPrefix(abs[len(s.base):], string(filepath.Separator)))
	}
	for i := len(s.excludes) - 1; i >= 0; i-- {
		e := s.excludes[i]
		if e.relative && (e.Match(rel, dir) || fromBase != "" && fromBase != rel && e.Match(fromBase, dir)) ||
			e.absolute && e.Match(slash, dir) {
			if e.Negated {
				return match.Kept
			}
			return match.Ignored
		}
	}
	return match.Silent
}

// A folder is one that is being walked.
type folder struct {
	abs, rel string // rel is "" for a named folder that is the root
	top      string // path from the folder of the first ignore file
	git, own *ignoring
	inVenv   bool // the user named a virtual environment, or something in one
}

// An ignoring is an ignore file with those above it.
type ignoring struct {
	file  *match.Ignore
	cut   int // how much of a path from the top is the folder of the file, with slash
	above *ignoring
}

func (g *ignoring) verdict(top string, dir bool) match.Verdict {
	for ; g != nil; g = g.above {
		if v := g.file.Match(top[g.cut:], dir); v != match.Silent {
			return v
		}
	}
	return match.Silent
}

// named looks at one path that the user gave.
func (s *search) named(ctx context.Context, abs string) error {
	info, err := os.Stat(abs)
	rel := s.relative(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.problem(rel, "there is no such file or folder: check the path")
		return nil
	case err != nil:
		s.problem(rel, reason("cannot look at it", err))
		return nil
	case info.IsDir():
		return s.walk(ctx, s.start(abs, rel))
	case !info.Mode().IsRegular():
		s.problem(rel, "not a regular file: name a file or a folder")
		return nil
	}
	if s.ForceExclude && s.excludedWithParents(abs, rel) {
		s.result.Skipped[SkipExcluded]++
		return nil
	}
	as := ""
	if path.Ext(rel) == "" {
		as = byFirstLine(rel, head(abs, 128))
	}
	s.add(abs, rel, as, info.Size())
	return nil
}

// excludedWithParents also asks for the folders above, as a walk would have.
func (s *search) excludedWithParents(abs, rel string) bool {
	for i := 0; i <= len(rel); i++ {
		if i == len(rel) || rel[i] == '/' {
			cut := abs[:len(abs)-(len(rel)-i)]
			if i > 0 && s.excluded(cut, rel[:i], i < len(rel)) == match.Ignored {
				return true
			}
		}
	}
	return false
}

func (s *search) relative(abs string) string {
	if abs == s.root {
		return ""
	}
	rel, err := filepath.Rel(s.root, abs)
	if err != nil {
		rel = abs
	}
	return filepath.ToSlash(rel)
}

// start prepares the walk of a named folder: the ignore files above it count as
// well, as far up as the repository reaches, unless they ignore the folder itself.
func (s *search) start(abs, rel string) folder {
	f := folder{abs: abs, rel: rel}
	for dir := abs; ; dir = filepath.Dir(dir) {
		if isFile(filepath.Join(dir, "pyvenv.cfg")) {
			f.inVenv = !isProject(dir)
			break
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if s.NoIgnoreFiles {
		return f
	}
	repository := ""
	for dir := abs; ; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, ".git")) {
			repository = dir
			break
		}
		if dir == filepath.Dir(dir) {
			return f
		}
	}
	if repository == abs {
		return f
	}
	top := filepath.ToSlash(abs[len(strings.TrimSuffix(repository, string(filepath.Separator)))+1:])
	above := folder{abs: repository}
	for name := range strings.SplitSeq(top, "/") {
		s.readIgnoreFiles(&above, true)
		above.abs = filepath.Join(above.abs, name)
		above.top = path.Join(above.top, name)
		if above.git.verdict(above.top, true) == match.Ignored || above.own.verdict(above.top, true) == match.Ignored {
			return f
		}
	}
	f.top, f.git, f.own = above.top, above.git, above.own
	return f
}

// readIgnoreFiles adds the ignore files of a folder to those above it.
func (s *search) readIgnoreFiles(f *folder, repository bool) {
	cut := 0
	if f.top != "" {
		cut = len(f.top) + 1
	}
	read := func(above *ignoring, names ...string) *ignoring {
		for _, name := range names {
			text, err := os.ReadFile(filepath.Join(f.abs, name))
			if err != nil {
				continue
			}
			if file := match.ParseIgnore(string(text)); file.Len() > 0 {
				above = &ignoring{file, cut, above}
			}
		}
		return above
	}
	if repository {
		f.git = read(f.git, ".git/info/exclude")
	}
	f.git = read(f.git, ".gitignore")
	f.own = read(f.own, ".gambesonignore")
}

func (s *search) walk(ctx context.Context, start folder) error {
	pending := []folder{start}
	for len(pending) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		entries, err := s.dirs(f.abs)
		if err != nil {
			s.problem(f.rel, reason("cannot read the folder", err))
		}
		if !s.NoIgnoreFiles {
			repository, ignores := false, false
			for _, e := range entries {
				switch e.Name() {
				case ".git":
					repository = true
				case ".gitignore", ".gambesonignore":
					ignores = true
				}
			}
			if repository {
				f.git = nil // another repository: what lies above does not count
			}
			if repository || ignores {
				s.readIgnoreFiles(&f, repository)
			}
		}
		for _, e := range entries {
			child := folder{
				abs: filepath.Join(f.abs, e.Name()), rel: join(f.rel, e.Name()), top: join(f.top, e.Name()),
				git: f.git, own: f.own, inVenv: f.inVenv,
			}
			if e.IsDir() {
				if why := s.skipFolder(child, e.Name()); why != "" {
					s.result.Skipped[why]++
				} else {
					pending = append(pending, child)
				}
				continue
			}
			s.file(child, e)
		}
	}
	return nil
}

// join is path.Join for a clean folder and a name.
func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// skipFolder says why a folder is left out, or "".
func (s *search) skipFolder(f folder, name string) string {
	switch s.excluded(f.abs, f.rel, true) {
	case match.Ignored:
		return SkipExcluded
	case match.Kept:
		return ""
	}
	if why := notOurs(f, name); why != "" && !(s.Vendored && why == SkipVendored && name != "node_modules") {
		return why
	}
	return f.ignored(true)
}

// ignored says which kind of ignore file leaves the entry out, or "". Our own file
// can take back what git ignores.
func (f *folder) ignored(dir bool) string {
	switch f.own.verdict(f.top, dir) {
	case match.Ignored:
		return SkipIgnored
	case match.Kept:
		return ""
	}
	if f.git.verdict(f.top, dir) == match.Ignored {
		return SkipGitignored
	}
	return ""
}

// file decides about one entry that is not a folder.
func (s *search) file(f folder, e os.DirEntry) {
	link := e.Type()&fs.ModeSymlink != 0
	if link {
		if info, err := os.Stat(f.abs); err == nil && info.IsDir() {
			s.result.Skipped[SkipSymlink]++
			return
		}
	}
	as, ok := s.wanted(f, e)
	if !ok {
		return
	}
	switch s.excluded(f.abs, f.rel, false) {
	case match.Ignored:
		s.result.Skipped[SkipExcluded]++
		return
	case match.Silent:
		if why := f.ignored(false); why != "" {
			s.result.Skipped[why]++
			return
		}
	}
	if link {
		target, err := filepath.EvalSymlinks(f.abs)
		if err != nil || !within(s.realRoot, target) {
			s.result.Skipped[SkipSymlink]++
			return
		}
		s.links = append(s.links, Found{Path: f.rel, Abs: f.abs, As: as})
		return
	}
	if !e.Type().IsRegular() {
		s.result.Skipped[SkipSpecial]++
		return
	}
	info, err := e.Info()
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) { // gone since: nothing to look at
			s.problem(f.rel, reason("cannot look at it", err))
		}
		return
	}
	if why := s.unwritten(f.abs, e.Name()); why != "" {
		s.result.Skipped[why]++
		return
	}
	s.add(f.abs, f.rel, as, info.Size())
}

// wanted says whether a file is, and what for if not its name says that but its first line.
func (s *search) wanted(f folder, e os.DirEntry) (as string, ok bool) {
	if s.Also != nil && s.Also(f.rel) {
		return "", true
	}
	if s.Include != nil {
		return "", s.Include(f.rel)
	}
	if ext := path.Ext(e.Name()); ext != "" {
		return "", IsPython(e.Name())
	}
	if !e.Type().IsRegular() {
		return "", false
	}
	info, err := e.Info()
	if err != nil || info.Mode()&0o111 == 0 || info.Size() <= 2 {
		return "", false
	}
	first := head(f.abs, 128)
	if as = byFirstLine(f.rel, first); as != "" && s.Also != nil && s.Also(as) {
		return as, true
	}
	return "", IsPythonShebang(first)
}

// resolveLinks keeps links to files that were not found by themselves.
func (s *search) resolveLinks() {
	if len(s.links) == 0 {
		return
	}
	slices.SortFunc(s.links, func(a, b Found) int { return strings.Compare(a.Path, b.Path) })
	real := map[string]bool{}
	for _, f := range s.result.Files {
		if target, err := filepath.EvalSymlinks(f.Abs); err == nil {
			real[target] = true
		}
	}
	for _, f := range s.links {
		target, err := filepath.EvalSymlinks(f.Abs)
		if err != nil || real[target] {
			s.result.Skipped[SkipSymlink]++
			continue
		}
		info, err := os.Stat(target)
		if err != nil || !info.Mode().IsRegular() {
			s.result.Skipped[SkipSpecial]++
			continue
		}
		real[target] = true
		s.add(f.Abs, f.Path, f.As, info.Size())
	}
}

// add records a file once.
func (s *search) add(abs, rel, as string, size int64) {
	if s.seen[abs] {
		return
	}
	s.seen[abs] = true
	if size > s.limit {
		s.result.Skipped[SkipTooLarge]++
		s.problem(rel, tooLarge(size, s.limit))
		return
	}
	s.result.Files = append(s.result.Files, Found{
		Path: strings.ToValidUTF8(rel, "\ufffd"), Abs: abs, As: strings.ToValidUTF8(as, "\ufffd"), Stub: strings.HasSuffix(rel, ".pyi"),
	})
}

func (s *search) problem(rel, message string) {
	if rel == "" {
		rel = "."
	}
	s.result.Problems = append(s.result.Problems, Problem{Path: strings.ToValidUTF8(rel, "\ufffd"), Message: message})
}

// reason says what went wrong without the path, which a Problem has already.
func reason(what string, err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	advice := "look at it by hand or exclude it"
	if errors.Is(err, fs.ErrPermission) {
		advice = "give this user the right to read it or exclude it"
	}
	return fmt.Sprintf("%s (%v): %s", what, err, advice)
}
