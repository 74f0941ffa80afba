package rule

import (
	"github.com/gambeson/gambeson/internal/surface"
)

// A SurfacePass is one rule looking at all ways into an application at once, so that it can
// hold one against the others.
type SurfacePass struct {
	Reporter
	*surface.Surface
	At []*surface.Route // by place in Found: the route that it is about

	Imports func(modules ...string) bool // whether the program imports one of these modules
}

// Says says whether one of these names is written anywhere in the program.
func (p *SurfacePass) Says(names ...string) bool { return p.Surface.Says(names...) }

// ReportApp makes a finding at the call that makes an application.
func (p *SurfacePass) ReportApp(a surface.App, format string, args ...any) *Found {
	return p.ReportRoute(&surface.Route{Told: a.Spot}, format, args...)
}

// ReportRoute makes a finding at the head of what answers a route, or at the place that adds
// it where a library answers.
func (p *SurfacePass) ReportRoute(x *surface.Route, format string, args ...any) *Found {
	p.At = append(p.At, x)
	return p.ReportSpan(x.Head(), format, args...)
}
