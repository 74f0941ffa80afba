// Package secrets looks for what must be kept secret and is not: tokens, keys and passwords in
// the files of a tree and in the history of its repository. Nothing that it finds leaves the
// machine, and nothing that it reports can be used by who reads the report.
//
// Three things decide, in this order. A token of one of 240 providers says itself what it is:
// by its form, by a checksum, by what is coded in it. What a name is given is judged by the
// name and the value together, in the words of rule/secret, which the rules about Python use
// as well. And Python is judged by these very rules, on its tree: the engine is not known
// here, and whoever calls gives us a function.
//
// All of it hangs on one pass over the bytes that looks for a thousand words at once
// (match.Many); everything else happens near a word that was found. The trap is to be clever
// about everything that looks random: most of it are hashes, pictures and translations, and
// who is shown forty of them does not read on to the one that matters.
package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf16"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// Why a file was not looked at, beside what source counts.
const (
	skipBinary = "not text"
)

// A Scan is one look at files and, if it is asked for, at their history.
type Scan struct {
	Paths   []string // files and folders; none means the working folder
	Stdin   []byte   // looked at under the name of Paths[0], if UseStdin
	Config  *config.Config
	Rules   []*rule.Rule // all that there are; Config chooses
	Version string       // of the program, for the report

	UseStdin     bool
	Show         bool // show what was found; else nothing in the report is worth stealing
	NoSuppress   bool // take no notice of suppressions in comments and files
	History      bool // also look at every commit of the repository
	Excludes     []string
	ForceExclude bool

	// Python judges a Python file by the rules that know it, and says in Finding.Secrets what
	// is secret. Calls are the functions that interest these rules, beside what is named like
	// a secret.
	Python func(*source.File) []finding.Finding
	Calls  []string

	Known []*Known // what was known before

	// Progress is called now and then with the number of files done and to do, Versions with
	// that of versions of files that the history has.
	Progress, Versions func(done, total int)
}

// A found is a finding in the making, with what is never shown.
type found struct {
	finding.Finding
	value  string // the secret
	strong bool   // nobody can guess it
}

// A looking is a scan under way.
type looking struct {
	*Scan
	index   *index
	rules   map[string]*rule.Rule
	audit   bool
	root    string
	ignored map[string]bool // of .gitleaksignore
}

// Run looks at everything and reports. The error is for what keeps it from beginning.
func (s *Scan) Run(ctx context.Context) (*finding.Report, error) {
	start := time.Now()
	l, list, err := s.prepare()
	if err != nil {
		return nil, err
	}
	r := &finding.Report{
		Version: finding.Version, Tool: finding.Tool{Name: "gambeson", Version: s.Version}, Root: strings.Join(s.Paths, " "),
		Profile: s.Config.Profile, FailOn: s.Config.FailOn,
	}
	for _, x := range list {
		r.Rules = append(r.Rules, x.Describe())
	}
	r.Stats.Skipped = map[string]int{}
	files, err := l.find(ctx, r)
	if err != nil {
		return nil, err
	}
	all, err := l.files(ctx, files, r)
	if err != nil {
		return nil, err
	}
	if !s.UseStdin {
		all = append(all, l.hygiene(ctx, files, r)...)
	}
	if s.History {
		if all, err = l.history(ctx, all, r); err != nil {
			return nil, err
		}
	}
	for i := range all {
		l.known(&all[i])
		if all[i].Suppressed != nil {
			r.Stats.Suppressed++
		}
		r.Findings = append(r.Findings, all[i].Finding)
	}
	r.Stats.RulesRun = len(list)
	r.Stats.LookedAt = map[finding.Practice]string{finding.Configuration: finding.Plural(r.Stats.Files, "file") + ", " + finding.Plural(len(list), "rule")}
	r.Sort()
	if len(r.Stats.Skipped) == 0 {
		r.Stats.Skipped = nil
	}
	r.Stats.Seconds = time.Since(start).Seconds()
	return r, nil
}

// prepare chooses the rules.
func (s *Scan) prepare() (*looking, []*rule.Rule, error) {
	l := &looking{Scan: s, rules: map[string]*rule.Rule{}, audit: s.Config.Profile == "audit", index: newIndex(s.Calls)}
	var list []*rule.Rule
	for _, r := range s.Rules {
		switch s.Config.Choose(r.ID, r.Aliases, r.Practice) {
		case config.Off:
			continue
		case config.Unsaid:
			if r.AuditOnly && !l.audit {
				continue
			}
		}
		l.rules[r.ID] = r
		list = append(list, r)
	}
	if len(list) == 0 {
		return nil, nil, errors.New("select and ignore leave no rule to look with: see gambeson rules")
	}
	return l, list, nil
}

// find lists the files: all of them, not only Python.
func (l *looking) find(ctx context.Context, r *finding.Report) ([]source.Found, error) {
	if l.UseStdin {
		return []source.Found{{Path: l.Paths[0]}}, nil
	}
	w := source.Walker{
		ForceExclude: l.ForceExclude, Excludes: slices.Clone(l.Excludes), MaxFileSize: 1 << 40, Vendored: l.audit, Generated: true,
		Include: func(p string) bool { return !picture(p) },
	}
	if len(l.Config.Exclude) > 0 {
		w.Base = l.Config.Dir
		w.Excludes = slices.Clone(l.Config.Exclude)
		for _, x := range l.Excludes { // those of the command line are relative to the working folder
			if abs, err := filepath.Abs(x); err == nil && strings.ContainsRune(x, '/') {
				x = abs
			}
			w.Excludes = append(w.Excludes, x)
		}
	}
	paths := l.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	if !slices.ContainsFunc(paths, func(p string) bool { _, err := os.Lstat(p); return err == nil }) {
		return nil, fmt.Errorf("there is no file or folder %q: name what to look at, or . for the working folder", paths[0])
	}
	res, err := w.Walk(ctx, paths...)
	if err != nil {
		return nil, err
	}
	l.root = res.Root
	l.Config.SetRoot(res.Root)
	for why, n := range res.Skipped {
		r.Stats.Skipped[why] += n
	}
	for _, p := range res.Problems {
		r.Problems = append(r.Problems, finding.Problem{Path: p.Path, Line: p.Line, Message: p.Message, Partial: p.Partial})
	}
	l.readIgnored()
	return res.Files, nil
}

// picture says by its name that a file is no text: it is not opened.
func picture(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".bmp", ".tif", ".tiff", ".psd", ".mp3", ".mp4", ".ogg", ".wav", ".webm", ".mov", ".avi", ".flac", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".jar", ".whl", ".egg", ".pyc", ".pyo", ".so", ".dll", ".dylib", ".exe", ".o", ".a", ".pdf", ".npy", ".npz", ".parquet", ".h5", ".pt", ".onnx", ".safetensors", ".mo", ".wasm", ".class":
		return true
	}
	return false
}

// A result is what one file gave.
type result struct {
	found    []found
	problems []finding.Problem
	bytes    int64
	lines    int
	looked   bool
	skipped  string
}

// files looks at the files in parallel. What each gives lands in its own place, so that the
// report does not depend on who was faster.
func (l *looking) files(ctx context.Context, files []source.Found, r *finding.Report) ([]found, error) {
	results := make([]result, len(files))
	var next, done atomic.Int64
	var wg sync.WaitGroup
	for range min(l.jobs(), max(len(files), 1)) {
		wg.Go(func() {
			var buf []byte
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				results[i], buf = l.file(files[i], buf)
				n := int(done.Add(1))
				if l.Progress != nil {
					l.Progress(n, len(files))
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var all []found
	for i := range results {
		res := &results[i]
		all = append(all, res.found...)
		r.Problems = append(r.Problems, res.problems...)
		if res.skipped != "" {
			r.Stats.Skipped[res.skipped]++
		}
		if res.looked {
			r.Stats.Files++
			r.Stats.Lines += res.lines
			r.Stats.Bytes += res.bytes
		}
	}
	return all, nil
}

func (l *looking) jobs() int {
	if l.Config.Jobs > 0 {
		return l.Config.Jobs
	}
	return runtime.GOMAXPROCS(0)
}

// file reads and looks at one file; buf is taken and given back, so that reading a tree takes
// the memory of its largest files.
func (l *looking) file(f source.Found, buf []byte) (res result, _ []byte) {
	raw := l.Stdin
	if !l.UseStdin {
		var err error
		raw, res.skipped, err = l.read(f, buf)
		if err != nil {
			var p *source.Problem
			if errors.As(err, &p) {
				res.problems = append(res.problems, finding.Problem{Path: f.Path, Line: p.Line, Message: p.Message})
			} else {
				res.problems = append(res.problems, finding.Problem{Path: f.Path, Message: err.Error()})
			}
			return res, buf
		}
		if res.skipped != "" {
			return res, raw
		}
		buf = raw[:0]
	}
	text, ok := textOf(raw)
	if !ok {
		res.skipped = skipBinary
		return res, buf
	}
	res.looked = true
	res.bytes = int64(len(raw))
	res.lines = bytes.Count(text, []byte("\n"))
	res.found = l.safely(f.Path, text, &res)
	return res, buf
}

// safely is look for files that may be hostile: a mistake of ours that one of them brings to
// light must not keep the others from being looked at, and must not look like clean.
func (l *looking) safely(p string, text []byte, res *result) (out []found) {
	defer func() {
		if err := recover(); err != nil {
			if os.Getenv("GAMBESON_PANIC") != "" {
				panic(err)
			}
			out = nil
			res.problems = append(res.problems, finding.Problem{Path: p, Message: "looking at it failed, which is a mistake of Gambeson's: please report it"})
		}
	}()
	return l.look(p, text)
}

// textOf is the text of a file in UTF-8 or something like it; it is false if it is none.
func textOf(raw []byte) ([]byte, bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		big := raw[0] == 0xfe
		units := make([]uint16, 0, len(raw)/2)
		for i := 2; i+1 < len(raw); i += 2 {
			if a, b := uint16(raw[i]), uint16(raw[i+1]); big {
				units = append(units, a<<8|b)
			} else {
				units = append(units, b<<8|a)
			}
		}
		return []byte(string(utf16.Decode(units))), true
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("%PDF-")), bytes.HasPrefix(raw, []byte("version https://git-lfs.github.com/spec/")):
		return nil, false
	}
	head := raw[:min(len(raw), 8000)]
	return raw, bytes.IndexByte(head, 0) < 0
}

// read reads a file into the buffer.
func (l *looking) read(f source.Found, buf []byte) (raw []byte, skipped string, err error) {
	raw, err = source.ReadInto(buf, f, l.Config.MaxFileSize)
	var p *source.Problem
	if errors.As(err, &p) && p.Large && !textual(f.Abs) {
		return buf, skipBinary, nil
	}
	return raw, "", err
}

// textual says whether a file begins like text.
func textual(abs string) bool {
	f, err := os.OpenFile(abs, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return true
	}
	defer f.Close()
	head := make([]byte, 8000)
	n, _ := io.ReadFull(f, head)
	_, text := textOf(head[:n])
	return text
}
