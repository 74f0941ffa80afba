package taint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
)

// What a program that is started makes of its arguments: most are words to it, some it reads as
// options, and some it runs, or opens, or starts as another program.

// A started is a program that models know, with the kinds of what it reads.
type started struct {
	*models.Program
	kinds []models.Kinds // of its Reads, in their order
}

// program is what models know of a program, by its path or its name in Python. Where it may be
// one of several, it is what they know of any.
func (k *Knowledge) program(v *value) *started {
	if v == nil {
		return nil
	}
	var out *started
	add := func(p *started) {
		switch {
		case p == nil || p == out:
		case out == nil:
			out = p
		default:
			both := *out.Program
			both.Takes, both.Reads = slices.Concat(both.Takes, p.Takes), slices.Concat(both.Reads, p.Reads)
			both.Runs, both.Ends = cmp.Or(both.Runs, p.Runs), cmp.Or(both.Ends, p.Ends)
			out = &started{&both, slices.Concat(out.kinds, p.kinds)}
		}
	}
	for _, c := range v.consts {
		name := c.str[strings.LastIndexAny(c.str, `/\`)+1:]
		p := k.programs[name]
		if p == nil {
			p = k.programs[strings.TrimRight(name, "0123456789.")] // python3.13
		}
		add(p)
	}
	for _, n := range v.names {
		add(k.programs[n])
	}
	return out
}

// A role is what one argument is to the program.
type role struct {
	kinds models.Kinds // what data in it do there; none for words and options
	word  bool         // never read as an option: the value of one, behind --, or begun by the program
}

// roles are what the arguments of a command are, the program itself the first.
func (k *Knowledge) roles(argv []*value) []role {
	out := make([]role, len(argv))
	k.assign(argv, out, 0)
	return out
}

func (k *Knowledge) assign(argv []*value, out []role, depth int) {
	if len(argv) == 0 {
		return
	}
	p := k.program(argv[0])
	knows := p != nil
	if !knows {
		p = &started{Program: &models.Program{}}
	}
	words, ended, told := 0, false, false // told: an option has said what to run
	for i := 1; i < len(argv); i++ {
		s, known := argv[i].str()
		if kinds := p.afterAny(argv[i]); !ended && !known && kinds != 0 && i+1 < len(argv) { // "-c" or "/c"
			i++
			out[i].kinds = kinds
			ended, told = true, true
			continue
		}
		if !ended && known {
			if s == "--" || s != "" && s == p.Ends {
				ended = true
				continue
			}
			if kinds := p.after(s); kinds != 0 && i+1 < len(argv) {
				i++
				out[i].kinds = kinds
				if kinds&(k.shell|k.code|k.loading) != 0 { // what follows is the arguments of that
					ended, told = true, true
				}
				continue
			}
			if strings.HasPrefix(s, "-") {
				// Of a program that nobody knows, what stands behind an option is most likely its value.
				if i+1 < len(argv) && (slices.Contains(p.Takes, s) || !knows && !strings.Contains(s, "=") && argv[i+1].tainted()) {
					i++
					out[i].word = true
				}
				continue
			}
		}
		begins := argv[i].begins()
		out[i].word = ended || begins != "" // --author=…
		if !ended && strings.HasPrefix(begins, "-") || known && p.Runs > 0 && strings.Contains(s, "=") {
			continue
		}
		words++
		if words == p.Runs && depth < 4 {
			if !known {
				out[i] = role{kinds: k.launch}
			}
			k.assign(argv[i:], out[i:], depth+1)
			return
		}
		if !told {
			out[i].kinds = p.at(words)
		}
	}
}

// after are the kinds of what a program reads behind an option.
func (p *started) after(option string) models.Kinds {
	for i, r := range p.Reads {
		if slices.Contains(r.After, option) {
			return p.kinds[i]
		}
	}
	return 0
}

// afterAny is after for an argument that is one of several.
func (p *started) afterAny(v *value) (kinds models.Kinds) {
	if v != nil {
		for _, c := range v.consts {
			kinds |= p.after(c.str)
		}
	}
	return kinds
}

// at are the kinds of what a program reads at a place.
func (p *started) at(place int) models.Kinds {
	for i, r := range p.Reads {
		if r.At == place || r.From > 0 && place >= r.From {
			return p.kinds[i]
		}
	}
	return 0
}

// arguments looks at what a program that is started is given, and says whether it could.
func (a *analysis) arguments(c *callSite, name string, s *sink, x argument, weak bool) bool {
	if s.arg.Role == models.Rest {
		argv, at := a.oneByOne(c, x)
		if at < 0 {
			return false
		}
		r := a.models.roles(argv)[at]
		if r.kinds != 0 {
			a.reach(c.fr, c.nodeOrNil(), x.node, x.v, a.deep(c.st, x.v, 0), r.kinds, name, weak)
		}
		return r.kinds != 0 || r.word
	}
	if x.v == nil || len(x.v.objs) == 0 {
		return false
	}
	if s.arg.Element == models.Whole {
		o := c.st.object(x.v.objs[0])
		if len(x.v.objs) > 1 || len(c.args) == 0 || o == nil || !o.contained() || o.loose {
			return false
		}
	}
	marks := x.v.origins()
	for _, id := range x.v.objs {
		o := c.st.object(id)
		if o == nil {
			continue
		}
		if o.loose || o.class != nil {
			marks = joinMarks(marks, a.deep(c.st, x.v, 0))
			continue
		}
		argv, own := a.command(c, s, o)
		marks = a.argumentsIn(c, name, s, x, o, argv, own, marks, weak)
	}
	a.reach(c.fr, c.nodeOrNil(), x.node, x.v, marks, s.kinds, name, weak)
	return true
}

// argumentsIn looks at those in a list, of which own is the place of the first in argv, and adds
// to marks what may be read as an option.
func (a *analysis) argumentsIn(c *callSite, name string, s *sink, x argument, o *object, argv []*value, own int, marks []mark, weak bool) []mark {
	roles := a.models.roles(argv)
	for i, y := range o.list {
		if i == 0 && s.arg.Element == models.Others {
			continue // the program
		}
		r, m := roles[i+own], a.deep(c.st, y, 0)
		if r.kinds != 0 {
			a.reach(c.fr, c.nodeOrNil(), x.node, y, m, r.kinds, name, weak)
			continue
		}
		if r.word && len(m) > 0 {
			m = clear(&value{marks: m}, a.models.argument).origins()
		}
		marks = joinMarks(marks, m)
	}
	if o.more {
		marks = joinMarks(marks, a.deep(c.st, o.rest, 0))
	}
	return joinMarks(marks, o.marks)
}

// firstObject is the object that a value is, or none.
func firstObject(v *value) objectID {
	if v == nil || len(v.objs) != 1 {
		return 0
	}
	return v.objs[0]
}

// command is the program and its arguments where these are a list, of which own is the place of
// the first. The program is the list's first, or an argument of its own: os.execv("/bin/sh", ["sh", "-c", line]).
func (a *analysis) command(c *callSite, s *sink, o *object) (argv []*value, own int) {
	if s.arg.Element == models.Whole {
		return append([]*value{c.args[0].v}, o.list...), 1
	}
	if len(o.list) == 0 || a.models.program(o.list[0]) != nil {
		return o.list, 0
	}
	for _, y := range c.args {
		if a.models.program(y.v) == nil {
			continue
		}
		if o.list[0].begins() != "" && o.list[0].begins()[0] == '-' {
			return append([]*value{y.v}, o.list...), 1 // the name that goes before was forgotten
		}
		return append([]*value{y.v}, o.list[1:]...), 0
	}
	return o.list, 0
}

// oneByOne is the program and its arguments where a call gets them one by one, and the place of
// one of them. What is before the program is left out: a mode, a factory, and its path where its
// name follows.
func (a *analysis) oneByOne(c *callSite, x argument) (argv []*value, at int) {
	at = -1
	for _, y := range c.args {
		if y.name != "" || y.star != 0 {
			continue
		}
		if y.node == x.node && (x.node != nil || y.v == x.v && x.v != nil) { // run(*argv) has no nodes of its own
			at = len(argv)
		}
		argv = append(argv, y.v)
	}
	for i := range max(at, 0) {
		p := a.models.program(argv[i])
		if s, ok := argv[i].str(); p == nil && (!ok || s == "" || s[0] == '-') {
			continue
		}
		if next := a.models.program(argv[i+1]); i+1 < at && p != nil && next != nil && p.Name == next.Name {
			i++
		}
		return argv[i:], at - i
	}
	return nil, -1
}
