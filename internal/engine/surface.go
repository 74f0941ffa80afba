package engine

import (
	"context"
	"strings"

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
	as := taint.Assemble(r.prog, r.know, surface.Plan())
	defer as.Close()
	out := surface.Read(r.prog, as)
	harms := taint.Harms(r.facts)
	for _, x := range out.Routes {
		if k := harms(x.Handler); !x.Library && k != 0 {
			x.Sinks = strings.Split(k.String(), ", ")
		}
	}
	return out, ctx.Err()
}
