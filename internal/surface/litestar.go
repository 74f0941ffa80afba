package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/taint"
)

var _ = speaks(framework{
	name:      "litestar",
	libraries: []string{"litestar", "starlite"},
	tells:     []string{"litestar.Litestar", "litestar.Router", "starlite.Starlite", "starlite.Router", ".register"},
	read:      litestar,
})

func litestar(r *reader) {
	var list func(told *taint.Made, t *taint.Thing, at string, depth int)
	function := func(told *taint.Made, f *taint.Func, at string) {
		for _, d := range decorators(f) {
			for _, n := range d.names {
				l := last(n)
				if !strings.HasPrefix(n, "litestar.") && !strings.HasPrefix(n, "starlite.") || l != "route" && l != "websocket" && verbOf(l) == "" {
					continue
				}
				methods := []string{verbOf(l)}
				paths := []string{""}
				if c, ok := d.expr.(*ast.Call); ok {
					u := f.Unit()
					if e := program.Arg(c, 0, "path"); e != nil {
						if s, ok := r.partial(u, e, 0); ok {
							paths = []string{s}
						} else if l, ok := e.(*ast.List); ok {
							paths = nil
							for _, x := range l.Elts {
								if s, ok := u.Str(x); ok {
									paths = append(paths, s)
								}
							}
						}
					}
					if k := program.Keyword(c, "http_method"); k != nil {
						methods = constantTexts(u.File.Text, k.Value)
					}
				}
				if l == "websocket" {
					methods = []string{"WEBSOCKET"}
				}
				for _, p := range paths {
					r.plain("litestar", join(at, p), slices.Clone(methods), told, handler{fn: f})
					x := r.out.Routes[len(r.out.Routes)-1]
					(&fastReader{reader: r}).signature(x, f.Unit(), f.Def(), f.Class() != nil, 0)
					x.Parameters = unique(x.Parameters)
				}
			}
		}
	}
	list = func(told *taint.Made, t *taint.Thing, at string, depth int) {
		items, _ := t.Items()
		if depth > 6 {
			return
		}
		for _, x := range items {
			for _, f := range x.Funcs() {
				function(told, f, at)
			}
			for _, c := range x.Classes() {
				p, _ := c.Attr("path").Str()
				for _, name := range c.Own() {
					for _, f := range c.Attr(name).Funcs() {
						function(told, f, join(at, p))
					}
				}
			}
			for _, m := range x.Made() {
				if last(m.Name) == "Router" {
					p, _ := r.text(m, 0, "path")
					list(m, m.Arg(-1, "route_handlers"), join(at, p), depth+1)
				}
			}
		}
	}
	for _, m := range r.Made {
		if m.Name == "litestar.Litestar" || m.Name == "litestar.app.Litestar" || m.Name == "starlite.Starlite" {
			p, _ := m.Arg(-1, "path").Str()
			list(m, m.Arg(0, "route_handlers"), p, 0)
		}
	}
}
