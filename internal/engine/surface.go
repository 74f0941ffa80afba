package engine

import (
	"context"
	"os"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
	"github.com/gambeson/gambeson/internal/taint"
)

// Surface lists where the program in the files that Run would look at can be entered.
func (s *Scan) Surface(ctx context.Context) (*surface.Surface, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	for i, m := range r.prog.Modules() {
		r.look(m, i)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out, done := r.entrances()
	defer done()
	return out, ctx.Err()
}

// entrances reads the surface; its units are open until done is called.
func (r *running) entrances() (out *surface.Surface, done func()) {
	plan := surface.Plan()
	plan.Skip = r.test
	as := taint.Assemble(r.prog, r.know, plan)
	out = surface.Read(r.prog, as)
	harms := taint.Harms(r.facts)
	for _, x := range out.Routes {
		if k := harms(x.Handler); !x.Library && k != 0 {
			x.Sinks = strings.Fields(k.String())
		}
	}
	return out, as.Close
}

// wantsSurface says whether a rule looks at the ways into the application.
func wantsSurface(list []*rule.Rule) bool {
	for _, r := range list {
		if r.Check.Surface != nil {
			return true
		}
	}
	return false
}

// surface runs the rules about the ways into the application, if it is one.
func (r *running) surface(rep *finding.Report) {
	if r.know == nil || !wantsSurface(r.set.rules) || !r.know.Uses(surface.Plan().Libraries) {
		return
	}
	defer func() {
		if err := recover(); err != nil {
			if os.Getenv("GAMBESON_PANIC") != "" {
				panic(err) // for whoever looks for the mistake
			}
			rep.Problems = append(rep.Problems, finding.Problem{Partial: true, Message: "reading the routes failed, which is a mistake of Gambeson's: please report it; the other rules have looked"})
		}
	}()
	out, done := r.entrances()
	defer done()
	w := &flowWriter{run: r, units: map[string]*program.Unit{}}
	defer w.close()
	for _, x := range r.set.rules {
		if x.Check.Surface == nil {
			continue
		}
		p := &rule.SurfacePass{Reporter: rule.Reporter{Rule: x, Audit: r.audit, Options: r.scan.Config.Options(x.ID, x.Aliases)}, Surface: out}
		x.Check.Surface(p)
		for i, f := range p.Found {
			path := p.At[i].Where().Path
			l := w.look(path)
			if l == nil || r.only != nil && !r.only(path) || r.test(path) || f.AuditOnly && !r.audit {
				continue
			}
			f.Node = nodeAt(l.unit, p.At[i].At)
			y := l.finding(x, f)
			y.Entry = &finding.EntryPoint{Method: strings.Join(p.At[i].Methods, ","), Route: p.At[i].Path, Handler: p.At[i].Handler}
			if r.weigh(&y) {
				rep.Findings = append(rep.Findings, y)
			}
		}
	}
}
