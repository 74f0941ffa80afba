package taint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// A Flow is data that reaches a place where it does harm.
type Flow struct {
	Kinds  models.Kinds
	Sink   string // qualified name of what is called
	Source string // what the data are: "the request ("id")"
	Local  bool   // not from the network
	Weak   bool   // the way led through something unknown, or the sink is known by its method's name only
	Lost   bool   // the way led through something unknown
	Part   bool   // it is one part of the route's path, which has no separator in it
	Entry  *Entry
	Steps  []Step // from the source to the sink
	File   *source.File
	At     source.Span // the sink
	Symbol string
	Text   string // the argument's source
}

// A Step is a stop on the way.
type Step struct {
	File *source.File
	At   source.Span
	Says string
}

type flowKey struct {
	at    place
	kinds models.Kinds
	src   place
	name  string
	entry *Entry
}

// flow notes one.
func (a *analysis) flow(fr *frame, at place, arg ast.Expr, m mark, k models.Kinds, name string, weak bool) {
	f := a.flowOf(fr, at, arg, m, k, name, weak)
	if m.src.stored {
		a.readBack(f, m)
		return
	}
	key := flowKey{at, k, m.src.at, m.src.says, f.Entry}
	if old := a.flows[key]; old == nil || f.Compare(old) < 0 {
		a.flows[key] = f
	}
}

// flowOf is the way of a mark to a place where it does harm.
func (a *analysis) flowOf(fr *frame, at place, arg ast.Expr, m mark, k models.Kinds, name string, weak bool) *Flow {
	f := &Flow{Kinds: k, Sink: name, Source: m.src.says, Local: m.src.local, Weak: m.weak || weak, Lost: m.weak, Part: m.src.part, Entry: m.src.entry, File: at.file, At: at.span}
	if arg != nil {
		f.Text = textOf(at.file, arg)
	}
	if f.Entry == nil {
		f.Entry = a.entry
	}
	if fr.fn != nil && fr.fn.def != nil {
		f.Symbol = fr.fn.name
	}
	f.Steps = stepsOf(m)
	return f
}

// stepsOf is the way of a mark, from its source.
func stepsOf(m mark) []Step {
	var out []Step
	for s := m.step; s != nil; s = s.prev {
		if s.at.file != nil {
			out = append(out, Step{s.at.file, s.at.span, s.says})
		}
	}
	slices.Reverse(out)
	return out
}

// Compare orders flows that end in one place by what they are worth to a reader: the surer
// and shorter first, those with a known way in before others. Two that are equal say the same,
// so that what is reported does not depend on which was found first.
func (f *Flow) Compare(g *Flow) int {
	no := func(x, y bool) int { // false before true
		switch {
		case x == y:
			return 0
		case x:
			return 1
		}
		return -1
	}
	var none Entry
	a, b := cmp.Or(f.Entry, &none), cmp.Or(g.Entry, &none)
	return cmp.Or(
		no(f.Weak, g.Weak), no(f.Lost, g.Lost), no(f.Local, g.Local), no(f.Entry == nil, g.Entry == nil), cmp.Compare(len(f.Steps), len(g.Steps)),
		strings.Compare(f.Source, g.Source), strings.Compare(a.Route, b.Route), strings.Compare(a.Method, b.Method), strings.Compare(a.Parameter, b.Parameter), strings.Compare(a.Handler, b.Handler),
		slices.CompareFunc(f.Steps, g.Steps, func(x, y Step) int {
			return cmp.Or(strings.Compare(x.File.Path, y.File.Path), cmp.Compare(x.At.Start, y.At.Start), cmp.Compare(x.At.End, y.At.End), strings.Compare(x.Says, y.Says))
		}),
		strings.Compare(f.Sink, g.Sink), strings.Compare(f.Text, g.Text), strings.Compare(f.Symbol, g.Symbol),
	)
}
