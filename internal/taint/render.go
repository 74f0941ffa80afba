package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/template"
)

// templateMark stands before a template's name in the prefix of a value that is one.
const templateMark = "template:"

// renders looks whether a call fills in a template, and follows what it is given to where
// the template prints it. It gives what the call makes, where that is a template, and whether the
// text of one was read that prints nothing as it came.
func (a *analysis) renders(c *callSite) (made string, clean bool) {
	if a.models.Templates == nil || c.node == nil {
		return "", false
	}
	for _, n := range c.names {
		for _, r := range a.models.renders[n] {
			names, text := a.templateNames(c, r)
			if r.Context == "" {
				if len(names) > 0 {
					made = templateMark + names[0]
				} else if text != "" && len(text) < 4000 {
					made = templateMark + "\x00" + text
				}
				continue
			}
			filled := func(path []string) *value { return a.context(c, r, path) }
			if text != "" {
				clean = !a.render(c, r, "", text, a.at(c.fr, c.node), filled)
			}
			for _, name := range names {
				a.render(c, r, name, "", a.at(c.fr, c.node), filled)
			}
		}
	}
	return made, clean
}

// templateNames are the names of the templates that a call fills in, or the text of one.
func (a *analysis) templateNames(c *callSite, r *models.Render) (names []string, text string) {
	if attr, ok := strings.CutPrefix(r.Template, "self."); ok {
		if s, ok := a.attribute(c.fr, c.st, c.recv, attr, c.node).str(); ok {
			return []string{s}, ""
		}
		return nil, ""
	}
	spec, err := models.ParseArgument(r.Template + r.Text)
	if err != nil {
		return nil, ""
	}
	for _, x := range c.given(spec) {
		v := x.v
		if v == nil {
			continue
		}
		if s, ok := strings.CutPrefix(v.prefix, templateMark); ok && r.Template == "self" {
			if t, ok := strings.CutPrefix(s, "\x00"); ok {
				return nil, t
			}
			return []string{s}, ""
		}
		list := []*value{v}
		for _, id := range v.objs { // the first of several that is there
			if o := c.st.object(id); o != nil {
				list = append(list, o.list...)
			}
		}
		for _, v := range list {
			if v == nil || len(v.marks) > 0 {
				continue
			}
			for _, k := range v.consts {
				switch {
				case k.kind != ast.Str:
				case r.Text != "":
					return nil, k.str
				default:
					names = append(names, k.str)
				}
			}
		}
	}
	return names, ""
}

// answer follows what a handler gives back into the template that its framework fills in
// with it: the one that its class, or its decorator, names.
func (a *analysis) answer(fr *frame, st *state, r registered, f *function, v *value, at place) {
	if r.route.Template == "" || a.models.Templates == nil {
		return
	}
	var name string
	if c, ok := r.dec.(*ast.Call); ok {
		for _, k := range c.Keywords {
			if s, ok := r.module(f).unit.Str(k.Value); ok && k.Arg == r.route.Template {
				name = s
			}
		}
	}
	if r.class != nil {
		if w, ok := a.member(fr, st, r.class, r.route.Template); ok {
			if s, ok := w.str(); ok {
				name = s
			}
		}
	}
	if _, file, ok := strings.Cut(name, ":"); ok { // package:templates/x.jinja2
		name = file
	}
	if name == "" {
		return
	}
	c := &callSite{fr: &frame{id: f.mod.frame, mod: f.mod, fn: f, base: fr.base, up: fr}, st: st}
	language := r.route.Language
	if strings.HasSuffix(name, ".mako") || strings.HasSuffix(name, ".mak") {
		language = "mako"
	}
	a.render(c, &models.Render{Language: language}, name, "", at, func(path []string) *value { return a.below(c, v, path) })
}

// render follows data into one template, and says whether some are printed as they came.
func (a *analysis) render(c *callSite, r *models.Render, name, text string, called place, filled func(path []string) *value) (printed bool) {
	for _, p := range a.models.Templates(name, text, c.fr.mod.unit.File.Path, template.Language(r.Language)) {
		a.step()
		on := r.Escapes == "" || r.Escapes == "always" || r.Escapes == "markup" && (name == "" || template.Markup(p.Template.Name))
		class, where := p.Verdict(on)
		var k models.Kinds
		says := "is printed"
		switch class {
		case template.HTML:
			k = a.models.page
			says = "is printed without being escaped"
		case template.Attribute:
			k = a.models.quoted
			says = "is printed in an attribute without quotes"
		case template.Scripts:
			k = a.models.script
			says = "is printed in a script"
		case template.Address:
			k = a.models.address
			says = "is the address in " + where.Attr
		}
		if k == 0 || len(p.Path) == 0 || name != "" && !template.Markup(p.Template.Name) {
			continue // a mail's text is no page
		}
		v := filled(p.Path)
		if !v.tainted() {
			continue
		}
		if class == template.Address && (v.hosted() || strings.HasPrefix(v.begins(), "/") || strings.Contains(v.begins(), ":")) {
			continue // its scheme is not for the visitor to choose
		}
		weak := !p.Known()
		at := place{p.Template.File, p.At}
		sink := p.Template.Name
		if name == "" { // the text stands in the program
			at = called
			sink = "the template's text"
		}
		v = trace(v, called, "goes into the template as "+p.Path[0])
		for _, m := range v.marks {
			if m.kinds&k != 0 {
				if printed = true; name == "" && r.Escapes == "never" {
					continue // it may be no page; what it becomes a part of tells
				}
				m.step = m.step.then(at, says)
				a.flow(c.fr, at, nil, m, m.kinds&k, sink, weak)
			}
		}
	}
	return printed
}

// isSource says whether a name, or what it is a part of, is a source.
func (a *analysis) isSource(name string) bool {
	for {
		if a.models.value[name] != nil {
			return true
		}
		i := strings.LastIndexAny(name, ".[(")
		if i <= 0 {
			return false
		}
		name = name[:i]
	}
}

// context is what a template finds under a path.
func (a *analysis) context(c *callSite, r *models.Render, path []string) *value {
	out := bottom
	for part := range strings.SplitSeq(r.Context, ",") {
		if part == "**" {
			for _, x := range c.args {
				switch {
				case x.name == path[0] && x.star == 0:
					out = join(out, a.below(c, x.v, path[1:]))
				case x.star == 2:
					out = join(out, a.below(c, x.v, path))
				}
			}
			continue
		}
		spec, err := models.ParseArgument(part)
		if err != nil {
			continue
		}
		for _, x := range c.given(spec) {
			out = join(out, a.below(c, x.v, path))
		}
	}
	if (out == bottom || out == nil) && path[0] == "request" && r.Request != "" {
		n := a.models.rename(r.Request)
		out = a.below(c, a.sourced(c.fr, c.node, &value{names: []string{n}}, n), path[1:])
	}
	if out == bottom {
		return nil
	}
	return out
}

// below is what is at a path from a value, as templates look it up: an element by its name,
// else an attribute, which is called if it can be.
func (a *analysis) below(c *callSite, v *value, path []string) *value {
	for i, name := range path {
		if v == nil || v == bottom {
			return nil
		}
		switch name {
		case template.Any:
			list, _ := a.iterate(c.fr, c.st, v, c.nodeOrNil())
			keyed := false
			for _, id := range v.objs {
				o := c.st.object(id)
				keyed = keyed || o != nil && o.name == "builtins.dict()"
			}
			if keyed {
				v = a.someElement(c.st, v)
				continue
			}
			all := bottom
			for _, x := range list {
				all = join(all, x)
			}
			v = all
		case template.Key:
			list, _ := a.iterate(c.fr, c.st, v, c.nodeOrNil())
			all := bottom
			for _, x := range list {
				all = join(all, x)
			}
			v = all
		case template.Result:
			if len(v.fns) > 0 {
				v = a.invoke(c.fr, c.st, v, nil, c.nodeOrNil())
			}
		default:
			if v = a.looked(c, v, name); v != nil && len(v.fns) > 0 && (i+1 == len(path) || path[i+1] != template.Result) {
				v = a.invoke(c.fr, c.st, v, nil, c.nodeOrNil()) // Django calls what it finds
			}
		}
	}
	return v
}

// looked is an element or attribute of a value.
func (a *analysis) looked(c *callSite, v *value, name string) *value {
	out := bottom
	for _, id := range v.objs {
		o := c.st.object(id)
		if o == nil {
			continue
		}
		if o.name == "builtins.dict()" {
			w, ok := o.keys[constant{kind: ast.Str, str: name}]
			if !ok {
				w = marked(o.marks)
				if len(o.keys) == 0 && o.more { // whatever there is under names that are not known
					w = join(w, marked(weaken(o.rest.origins())))
				}
			}
			out = join(out, w)
			continue
		}
		if k, ok := strOf(name).number(); ok && int(k) < len(o.list) {
			out = join(out, o.list[k])
		}
	}
	if w := a.attribute(c.fr, c.st, v, name, c.nodeOrNil()); w != nil && (len(w.fns) == 0 || w.fns[0].native == "") {
		if len(v.objs) == 0 && v.tainted() && !slices.ContainsFunc(v.names, a.isSource) {
			x := *w // some object that was made with data: which of its members are data, nobody knows
			x.marks = weaken(w.marks)
			w = &x
		}
		out = join(out, w)
	}
	if out == bottom {
		return nil
	}
	return out
}
