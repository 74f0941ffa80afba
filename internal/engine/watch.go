package engine

import (
	"context"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
	"github.com/gambeson/gambeson/internal/taint"
	"github.com/gambeson/gambeson/internal/template"
)

// knowledge is what the models say that this scan has.
func (s *Scan) knowledge() *taint.Knowledge {
	return taint.Learn(append(models.Builtin(), s.Models...))
}

// templatesBelow lets the engine find the program's templates; text reads one.
func (s *Scan) templatesBelow(root string, k *taint.Knowledge, text func(source.Found) ([]byte, error)) {
	if k != nil {
		k.Templates = (&templates{scan: s, root: root, text: text, read: map[string]*template.Template{}, places: map[string][]*template.Place{}}).outputs
	}
}

// open finds the files that Run would look at, and looks at none.
func (s *Scan) open(ctx context.Context) (*running, error) {
	audit := s.Config.Profile == "audit"
	files, res, err := s.find(ctx, audit, nil)
	if err != nil {
		return nil, err
	}
	s.Config.SetRoot(res.Root)
	r := s.start(files, res.Root, nil, audit, s.loader(files))
	r.know = s.knowledge()
	s.templatesBelow(res.Root, r.know, s.read)
	return r, nil
}

// Definitions lists the functions in the files that Run would look at.
func (s *Scan) Definitions(ctx context.Context) ([]taint.Definition, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return taint.Definitions(r.prog), nil
}

// Callers is the call graph of the files that Run would look at.
func (s *Scan) Callers(ctx context.Context) ([]taint.Caller, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return taint.Callers(r.prog, r.know), nil
}

// Watch follows data as Run does, and nothing else, while somebody looks on. Test says that
// the function that is watched stands in test code, where data are not followed.
func (s *Scan) Watch(ctx context.Context, w *taint.Watch) (res *taint.Result, test bool, err error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, false, err
	}
	for i, m := range r.prog.Modules() {
		r.look(m, i)
	}
	roots, reach := taint.Reach(r.facts, quiet)
	return taint.Observe(r.prog, r.know, roots, reach, w), r.test(w.Path), ctx.Err()
}

// look notes what a module says of where data enter.
func (r *running) look(m *program.Module, i int) {
	if u, _ := m.Unit(); u != nil {
		if !r.test(m.Path) {
			r.facts[i] = r.know.Look(u)
		}
		m.Release()
	}
}
