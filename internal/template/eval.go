package template

import (
	"slices"
	"strings"
)

func (w *walker) evalAll(list []*expr, sc *scope) {
	for _, x := range list {
		w.eval(x, sc)
	}
}

// eval says what of the context an expression shows. Conditions are looked at, too, but only for the
// names in them: they decide what is shown and show nothing themselves.
func (w *walker) eval(x *expr, sc *scope) *value {
	if x == nil {
		return &value{}
	}
	if w.fuel--; w.fuel <= 0 {
		return &value{}
	}
	if w.deep >= maxDeep {
		w.cut = true
		return &value{}
	}
	w.deep++
	defer func() { w.deep-- }()
	switch x.op {
	case opConst:
		if x.isText {
			return &value{texts: []string{x.text}}
		}
	case opName:
		return w.lookup(sc, x.text)
	case opAttr:
		return w.attr(w.eval(x.args[0], sc), x.text)
	case opItem:
		v := w.eval(x.args[0], sc)
		key := x.args[1]
		w.eval(key, sc)
		if key.op == opConst && key.text != "" {
			return v.to(key.text)
		}
		return v.index()
	case opSlice:
		w.evalAll(x.args[1:], sc)
		return w.eval(x.args[0], sc)
	case opCall:
		return w.evalCall(x, sc)
	case opFilter:
		return w.filter(x, w.eval(x.args[0], sc), sc)
	case opTest, opCalc:
		w.evalAll(x.args, sc)
	case opJoin:
		v := &value{}
		var elem *value
		for _, a := range x.args {
			got := w.eval(a, sc)
			v = either(v, got.flat())
			if x.text == "+" && (got.items != nil || got.elem != nil) { // of two lists
				elem = either(elem, got.to(Any))
			}
		}
		v.texts, v.macro, v.elem = nil, nil, elem
		return v
	case opAnd:
		w.eval(x.args[0], sc)
		return w.eval(x.args[1], sc)
	case opChoice:
		v := &value{}
		for _, a := range x.args {
			v = either(v, w.eval(a, sc))
		}
		return v
	case opCond:
		w.eval(x.args[1], sc)
		v := w.eval(x.args[0], sc)
		if len(x.args) > 2 {
			v = either(v, w.eval(x.args[2], sc))
		}
		return v
	case opList:
		v := &value{items: []*value{}}
		for _, a := range x.args {
			v.items = append(v.items, w.eval(a, sc))
		}
		return v
	case opDict:
		v := &value{fields: map[string]*value{}}
		for _, p := range x.args {
			w.eval(p.args[0], sc)
			name := p.args[0].text
			if p.args[0].op != opConst {
				name = Any
			}
			v.fields[name] = either(v.fields[name], w.eval(p.args[1], sc))
		}
		return v
	case opKeyword, opStar:
		return w.eval(x.args[0], sc)
	case opHole:
		if w.hole != nil {
			return w.hole
		}
	}
	return &value{}
}

// attr is an attribute. Django's dots are calls as well: items and values of a mapping.
func (w *walker) attr(v *value, name string) *value {
	if w.cur.Dialect == Django && v.fields[name] == nil {
		switch name {
		case "items":
			return v.pairs()
		case "values":
			return &value{elem: v.values()}
		case "keys":
			return &value{elem: v.to(Key)}
		}
	}
	return v.to(name)
}

// ofText are methods of texts that give back the text, or what is made of it and the arguments.
var ofText = []string{"upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "replace", "format", "join", "center", "ljust", "rjust", "zfill", "expandtabs",
	"swapcase", "casefold", "removeprefix", "removesuffix", "encode", "decode"}

// evalCall is what a call gives back.
func (w *walker) evalCall(x *expr, sc *scope) *value {
	f := x.args[0]
	args := x.args[1:]
	run := func(m *macro) *value { return w.capture(func() { w.call(m, args, nil, sc) }) }
	if m := w.special(f, sc); m != nil {
		return run(m)
	}
	if f.op == opGlobal {
		return w.through(f.text, args, sc)
	}
	if f.op == opAttr {
		v := w.eval(f.args[0], sc)
		if m := v.fields[f.text]; m != nil {
			switch {
			case m.result != nil:
				return m.result
			case m.macro != nil:
				return run(m.macro)
			}
		}
		if _, ok := functionEffect(f.text); ok {
			return w.through(f.text, args, sc)
		}
		switch f.text {
		case "items":
			return v.pairs()
		case "values":
			return &value{elem: v.values()}
		case "keys":
			return &value{elem: v.to(Key)}
		case "get", "pop", "setdefault":
			if len(args) > 0 {
				key := w.eval(args[0], sc)
				got := v.index()
				if len(key.texts) == 1 && len(key.flows) == 0 {
					got = v.to(key.texts[0])
				}
				if len(args) > 1 {
					got = either(got, w.eval(args[1], sc))
				}
				return got
			}
		case "split", "rsplit", "splitlines", "partition":
			w.evalAll(args, sc)
			return &value{elem: v}
		case "copy":
			return v
		case "append", "add", "insert", "extend", "update":
			w.grow(v, f.text, args, sc)
			return &value{}
		case "isdigit", "startswith", "endswith", "isalpha", "count", "index", "find":
			w.evalAll(args, sc)
			return &value{}
		case "cycle":
			if f.args[0].op == opName && f.args[0].text == "loop" {
				return w.any(args, sc)
			}
		}
		if slices.Contains(ofText, f.text) {
			return either(v.flat(), w.any(args, sc).flat())
		}
		if v.macro == nil && v.fields != nil && len(v.flows) == 0 {
			return w.any(args, sc).part() // of a module or a mapping of the template's own
		}
		return either(v.to(f.text).to(Result), w.unknown(f.text, args, sc))
	}
	if f.op == opName && w.bound(sc, f.text) == nil {
		switch f.text {
		case "range", "lipsum":
			w.evalAll(args, sc)
			return &value{}
		case "dict", "namespace":
			v := &value{fields: map[string]*value{}}
			for _, a := range args {
				got := w.eval(a, sc)
				if a.op == opKeyword {
					v.fields[a.text] = got
					continue
				}
				for k, f := range got.fields {
					v.fields[k] = f
				}
			}
			return v
		case "cycler":
			v := w.any(args, sc)
			return &value{fields: map[string]*value{"next": {result: v}, "current": v}}
		case "joiner":
			return &value{result: w.any(args, sc)}
		case "_", "gettext", "ngettext", "pgettext", "npgettext":
			w.eval(f, sc)
			return w.any(args, sc).flat().part()
		}
		if _, ok := functionEffect(f.text); ok {
			w.eval(f, sc)
			return w.through(f.text, args, sc)
		}
		return either(w.eval(f, sc).to(Result), w.unknown(f.text, args, sc))
	}
	v := w.eval(f, sc)
	if v.macro != nil {
		return run(v.macro)
	}
	if v.result != nil {
		w.evalAll(args, sc)
		return v.result
	}
	if len(v.flows) == 0 {
		// A macro of a template that was not found: it escapes for itself.
		w.evalAll(args, sc)
		return &value{}
	}
	return either(v.to(Result), w.unknown("call", args, sc))
}

// bound is what a name was given in the templates.
func (w *walker) bound(sc *scope, name string) *value {
	for s := sc; s != nil; s = s.up {
		if v := s.own(name); v != nil {
			return v
		}
	}
	return nil
}

// part is a value that is used as text.
func (v *value) part() *value { return &value{flows: v.flows, shown: v.shown} }

func (w *walker) any(args []*expr, sc *scope) *value {
	v := &value{}
	for _, a := range args {
		v = either(v, w.eval(a, sc))
	}
	return v
}

// through is what a known function makes of its arguments, unknown what another one may.
func (w *walker) through(name string, args []*expr, sc *scope) *value {
	return w.any(args, sc).flat().part().then(Step{Name: name + "()", Known: true, Escape: w.escape})
}

func (w *walker) unknown(name string, args []*expr, sc *scope) *value {
	return w.any(args, sc).flat().part().then(Step{Name: name + "()", Escape: w.escape})
}

// grow puts something into a list or a mapping of the template's own.
func (w *walker) grow(v *value, method string, args []*expr, sc *scope) {
	more := w.any(args, sc)
	if v.items == nil && v.fields == nil && v.elem == nil {
		return
	}
	if method == "extend" {
		more = more.to(Any)
	}
	if method == "update" {
		for k, f := range more.fields {
			v.fields[k] = either(v.fields[k], f)
		}
		return
	}
	old := v.to(Any)
	if !old.holds(more) {
		v.elem = either(old, more)
		w.spaces++
	}
}

// filtered applies the filters of a block to what the block has printed.
func (w *walker) filtered(x *expr, body *value, sc *scope) *value {
	// The body's places were printed once already, and are so marked as safe where escapes are on.
	v := &value{}
	for _, p := range body.shown {
		q := *p
		q.Steps = append(slices.Clip(q.Steps), Step{Escape: q.Escape, Known: true})
		v.shown = append(v.shown, &q)
	}
	if x == nil || x.op == opHole {
		return body
	}
	old := w.hole
	w.hole = v
	v = w.eval(x, sc)
	w.hole = old
	return v
}

// filter is what a filter makes of a value.
func (w *walker) filter(x *expr, v *value, sc *scope) *value {
	e, known := effectOf(w.cur.Dialect, x.text)
	step := Step{Name: strings.Clone(x.text), Known: known, Escape: w.escape}
	args := x.args[1:]
	more := &value{}
	for _, a := range args {
		got := w.eval(a, sc)
		constant := ""
		if len(got.texts) == 1 && len(got.flows) == 0 {
			constant = got.texts[0]
		}
		step.Args = append(step.Args, constant)
		if e.args || !known {
			more = either(more, got)
		}
	}
	if from := x.args[0].op; len(v.shown) > 0 && from != opHole && from != opFilter {
		// What a macro has shown is a text that was printed.
		u := *v
		u.shown = nil
		for _, p := range v.shown {
			q := *p
			q.Steps = append(slices.Clip(q.Steps), Step{Escape: q.Escape, Known: true})
			u.shown = append(u.shown, &q)
		}
		v = &u
	}
	if !known {
		return either(v.flat(), more.flat()).part().then(step)
	}
	attribute := func(name string) string {
		for i, a := range args {
			if a.op == opKeyword && a.text == "attribute" || name == "" && i == 0 && a.op == opConst {
				if a.op == opKeyword {
					a = a.args[0]
				}
				return a.text
			}
		}
		return ""
	}
	walk := func(v *value, dotted string) *value {
		for part := range strings.SplitSeq(dotted, ".") {
			v = v.to(part)
		}
		return v
	}
	switch e.shape {
	case same:
		u := either(v, more).then(step)
		u.texts = either(v, more).texts
		return u
	case element:
		return v.to(Any).then(step)
	case elements:
		el := v.to(Any)
		if attr := attribute("only by name"); attr != "" {
			el = walk(el, attr)
		} else if x.text == "join" && len(args) > 1 && args[1].op == opConst {
			el = walk(el, args[1].text)
		}
		if x.text == "xmlattr" {
			el = v.values()
		}
		return either(el.flat(), more.flat()).part().then(step)
	case rows:
		return &value{elem: v.then(step)}
	case pairs:
		return v.pairs()
	case groups:
		el := v.to(Any)
		key := el
		if attr := attribute(""); attr != "" {
			key = walk(el, attr)
		}
		return &value{elem: &value{items: []*value{key, v}, fields: map[string]*value{"grouper": key, "list": v}}}
	case mapped:
		el := v.to(Any)
		if attr := attribute("only by name"); attr != "" {
			return &value{elem: walk(el, attr)}
		}
		if len(step.Args) > 0 && step.Args[0] != "" {
			name := step.Args[0]
			_, known := effectOf(w.cur.Dialect, name)
			return &value{elem: el.then(Step{Name: name, Args: step.Args[1:], Known: known, Escape: w.escape})}
		}
		return &value{elem: el}
	case named:
		if len(step.Args) > 0 && step.Args[0] != "" {
			return v.to(step.Args[0])
		}
		return v.index()
	case nothing:
		return &value{}
	}
	return either(v.flat(), more.flat()).part().then(step)
}
