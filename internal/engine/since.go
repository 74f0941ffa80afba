package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/taint"
)

// Since is what changed: Old has the earlier bytes of every changed file, nil for a new one,
// by its absolute path without symbolic links. Only these files are judged, and findings that
// the earlier version had are silenced.
type Since struct{ Old map[string][]byte }

// A past is what Since says of the files of one report.
type past struct {
	since      *Since
	root, real string            // of the report, as it was named and without symbolic links
	abs        map[string]string // where what the walk has found lies, by path
}

func (s *Since) below(root string, files map[string]source.Found) *past {
	p := &past{since: s, root: root, real: root, abs: make(map[string]string, len(files))}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		p.real = real
	}
	for path, f := range files {
		p.abs[path] = f.Abs
	}
	return p
}

// was is the earlier text of a file, nil if there was no such file, and whether it has changed.
func (p *past) was(path string) (text []byte, changed bool) {
	abs, ok := p.abs[path]
	if !ok { // what another file includes
		abs = filepath.Join(p.root, filepath.FromSlash(path))
	}
	if rest, ok := strings.CutPrefix(abs, p.root); ok {
		abs = p.real + rest
	}
	text, changed = p.since.Old[abs]
	return text, changed
}

// before looks at the earlier versions of the changed files, and takes what they had as the
// baseline.
func (s *Scan) before(ctx context.Context, p *past, files map[string]source.Found, docFiles []source.Found, set *Set, flows *flowRules, know *taint.Knowledge, audit bool, r *finding.Report) error {
	load := s.loader(files)
	old := s.start(files, p.root, set, audit, func(path string) (*source.File, error) {
		if text, _ := p.was(path); text != nil {
			return source.Decode(path, text)
		}
		return load(path)
	})
	old.only = func(path string) bool { text, _ := p.was(path); return text != nil }
	read := func(f source.Found) ([]byte, error) {
		text, changed := p.was(f.Path)
		switch {
		case text != nil:
			return text, nil
		case changed:
			return nil, os.ErrNotExist
		}
		return s.read(f)
	}
	if know != nil {
		old.know = s.knowledge()
		s.templatesBelow(p.root, old.know, read)
	}
	if err := old.all(ctx); err != nil {
		return err
	}
	var was finding.Report
	old.collect(&was)
	if err := old.flows(ctx, flows, old.know, &was); err != nil {
		return err
	}
	old.surface(&was)
	old.judge(append(old.readDocs(p.root, docFiles, read, &was), old.scripts()...), &was)
	r.Stats.Suppressed += finding.NewBaseline(&was).Apply(r)
	return nil
}
