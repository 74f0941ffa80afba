package engine

import (
	"context"
	"slices"
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

// addresses gives the ways in of findings their full paths: where data are followed, only what
// stands at the handler itself is known, without what it is put below.
func addresses(s *surface.Surface, list []finding.Finding) {
	at := map[string][]*surface.Route{}
	for _, x := range s.Routes {
		at[x.Handler] = append(at[x.Handler], x)
	}
	for i := range list {
		e := list[i].Entry
		if e == nil || e.Handler == "" {
			continue
		}
		routes := at[e.Handler]
		if j := strings.LastIndexByte(e.Handler, '.'); routes == nil && j > 0 {
			routes = at[e.Handler[:j]] // a method of a class
		}
		var best *surface.Route
		for _, x := range routes {
			if e.Route != "" && !strings.HasSuffix(x.Path, strings.TrimLeft(e.Route, "/")) {
				continue
			}
			// Of several the one with the parameter in it, or else the shortest.
			has := func(y *surface.Route) bool { return e.Parameter != "" && strings.Contains(y.Path, e.Parameter) }
			if best == nil || has(x) && !has(best) || has(x) == has(best) && len(x.Path) < len(best.Path) {
				best = x
			}
		}
		if best == nil {
			continue
		}
		y := *e
		y.Route = best.Path
		if len(best.Methods) > 0 && best.Methods[0] != "*" && !slices.Contains(best.Methods, y.Method) && !strings.Contains(y.Method, ",") {
			y.Method = strings.Join(best.Methods, ",")
		}
		list[i].Entry = &y
	}
}

// surface runs the rules about the ways into the application, if it is one.
func (r *running) surface(rep *finding.Report) {
	if r.know == nil || !wantsSurface(r.set.rules) || !r.know.Uses(surface.Plan().Libraries) {
		return
	}
	if safely(".", func() { r.surfaceRules(rep) }) != nil {
		rep.Problems = append(rep.Problems, finding.Problem{Partial: true, Message: "reading the routes failed, which is a mistake of Gambeson's: please report it; the other rules have looked"})
	}
}

// surfaceRules reads the surface and lets the rules look at it.
func (r *running) surfaceRules(rep *finding.Report) {
	out, done := r.entrances()
	defer done()
	r.routes = out
	addresses(out, rep.Findings)
	w := &flowWriter{run: r, units: map[string]*program.Unit{}}
	defer w.close()
	for _, x := range r.set.rules {
		if x.Check.Surface == nil {
			continue
		}
		p := &rule.SurfacePass{Reporter: rule.Reporter{Rule: x, Audit: r.audit, Options: r.scan.Config.Options(x.ID, x.Aliases)}, Surface: out, Imports: func(modules ...string) bool {
			list := map[string]bool{}
			for _, m := range modules {
				list[m] = true
			}
			return r.know.Uses(list)
		}}
		x.Check.Surface(p)
		for i, f := range p.Found {
			path := p.At[i].Where().Path
			l := w.look(path, nil)
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
