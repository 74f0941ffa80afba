package template

import (
	"strings"

	"github.com/gambeson/gambeson/internal/source"
)

func (p *parser) djangoPrint(c *piece) *node {
	from, to := int(c.inside.Start), int(c.inside.End)
	if strings.TrimSpace(p.src[from:to]) == "" {
		p.t.fail(c.at.Start, "nothing is printed here")
		return &node{op: nOpaque, at: c.at}
	}
	return &node{op: nPrint, at: c.at, expr: p.lookup(p.src[from:to], from)}
}

// lookup reads Django's filter expression: a dotted name or a constant, and filters with
// one argument each.
func (p *parser) lookup(text string, at int) *expr {
	trimmed := strings.TrimLeft(text, blanks)
	at += len(text) - len(trimmed)
	text = strings.TrimRight(trimmed, blanks)
	from := source.Pos(at)
	end := source.Pos(at + len(text))
	x, n := p.operand(text, at)
	if n == 0 {
		p.t.fail(from, "this is no variable: "+clip(text, 40))
		return x
	}
	for i := n; ; {
		rest := strings.TrimLeft(text[i:], blanks)
		if rest == "" {
			return x
		}
		i = len(text) - len(rest)
		if rest[0] != '|' {
			p.t.fail(source.Pos(at+i), "expected a filter")
			return x
		}
		i++
		for i < len(text) && strings.IndexByte(blanks, text[i]) >= 0 {
			i++
		}
		begin := i
		for i < len(text) && wordByte(text[i]) {
			i++
		}
		if begin == i {
			p.t.fail(source.Pos(at+i), "expected the name of a filter")
			return x
		}
		x = &expr{op: opFilter, text: text[begin:i], at: source.Span{Start: from, End: source.Pos(at + i)}, args: []*expr{x}}
		if i < len(text) && text[i] == ':' {
			arg, n := p.operand(text[i+1:], at+i+1)
			if n == 0 {
				p.t.fail(source.Pos(at+i), "expected what the filter is given")
				return x
			}
			i += 1 + n
			x.args = append(x.args, arg)
			x.at.End = min(end, source.Pos(at+i))
		}
	}
}

// operand reads one value at the beginning of a text, and says how long it is.
func (p *parser) operand(text string, at int) (*expr, int) {
	span := func(n int) source.Span { return source.Span{Start: source.Pos(at), End: source.Pos(at + n)} }
	x := &expr{op: opConst, at: span(0)}
	if strings.HasPrefix(text, "_(") && len(text) > 2 && (text[2] == '"' || text[2] == '\'') {
		if n := closing(text, 2); n > 0 && n < len(text) && text[n] == ')' {
			return &expr{op: opConst, isText: true, text: unquote(text[2:n]), at: span(n + 1)}, n + 1
		}
		return x, 0
	}
	if text == "" {
		return x, 0
	}
	if text[0] == '"' || text[0] == '\'' {
		n := closing(text, 0)
		if n < 0 {
			return x, 0
		}
		return &expr{op: opConst, isText: true, text: unquote(text[:n]), at: span(n)}, n
	}
	n := 0
	if text[0] == '-' || text[0] == '+' {
		n++
	}
	begin := n
	for n < len(text) && (wordByte(text[n]) || text[n] == '.') {
		n++
	}
	if n == begin {
		return x, 0
	}
	name := text[begin:n]
	if begin > 0 || name[0] >= '0' && name[0] <= '9' {
		return &expr{op: opConst, text: text[:n], at: span(n)}, n
	}
	switch name {
	case "True", "False", "None":
		return &expr{op: opConst, text: name, at: span(n)}, n
	}
	parts := strings.Split(name, ".")
	x = &expr{op: opName, text: parts[0], at: span(len(parts[0]))}
	end := len(parts[0])
	for _, part := range parts[1:] {
		end += 1 + len(part)
		if part == "" || part[0] == '_' {
			return x, 0
		}
		if len(parts) > maxDepth {
			break
		}
		x = &expr{op: opAttr, text: part, at: span(end), args: []*expr{x}}
	}
	if parts[0] == "" || parts[0][0] == '_' {
		return x, 0
	}
	return x, n
}

// assign cuts "name=value".
func (p *parser) assign(c *piece, i int) (param, bool) {
	name, value, ok := strings.Cut(c.words[i], "=")
	if !ok || name == "" || value == "" || strings.ContainsAny(name, `"'|.:`) {
		return param{}, false
	}
	at := c.places[i]
	x := &expr{op: opName, text: name, at: source.Span{Start: source.Pos(at), End: source.Pos(at + len(name))}}
	return param{x, p.lookup(value, at+len(name)+1)}, true
}

// bindings reads "a=b c=d" and the old "b as a and d as c", up to a word that is neither.
func (p *parser) bindings(c *piece, i int) (list []param, next int) {
	for i < len(c.words) {
		if b, ok := p.assign(c, i); ok {
			list = append(list, b)
			i++
			continue
		}
		if c.words[i] == "and" && len(list) > 0 {
			i++
			continue
		}
		if i+2 < len(c.words) && c.words[i+1] == "as" {
			list = append(list, param{p.djangoName(c, i+2), p.lookup(c.words[i], c.places[i])})
			i += 3
			continue
		}
		break
	}
	return list, i
}

func (p *parser) djangoName(c *piece, i int) *expr {
	return &expr{op: opName, text: strings.TrimSuffix(c.words[i], ","), at: source.Span{Start: source.Pos(c.places[i]), End: source.Pos(c.places[i] + len(c.words[i]))}}
}

// values reads the words of a tag that may be values, quietly: which are, only the tag knows.
func (p *parser) values(c *piece, i, to int) (args []*expr) {
	errs := len(p.t.Errors)
	defer func() { p.t.Errors = p.t.Errors[:errs] }()
	for ; i < to; i++ {
		if b, ok := p.assign(c, i); ok {
			args = append(args, &expr{op: opKeyword, text: b.target.text, at: b.value.at, args: []*expr{b.value}})
			continue
		}
		args = append(args, p.lookup(c.words[i], c.places[i]))
	}
	return args
}

// djangoTag reads a tag, with its body.
func (p *parser) djangoTag(c *piece) *node {
	n := &node{at: c.at}
	at := c.at.Start
	w := c.words
	words := len(w)
	short := func(count int) bool {
		if words < count {
			p.t.fail(at, w[0]+" wants more than this")
		}
		return words < count
	}
	value := func(i int) *expr {
		if i >= words {
			return &expr{op: opConst, at: c.at}
		}
		return p.lookup(w[i], c.places[i])
	}
	// as reads a trailing "as name": what would be printed is kept instead.
	as := func() *expr {
		if words >= 3 && w[words-2] == "as" {
			x := p.djangoName(c, words-1)
			words -= 2
			return x
		}
		return nil
	}
	call := func(name string, args []*expr) *expr {
		x := &expr{op: opGlobal, text: name, at: c.at}
		return &expr{op: opCall, at: c.at, args: append([]*expr{x}, args...)}
	}
	print := func(target, x *expr) *node {
		if n.op, n.expr = nPrint, x; target != nil {
			n.op, n.target = nSet, target
		}
		return n
	}
	switch w[0] {
	case "if", "elif":
		if w[0] == "elif" {
			p.t.fail(at, "elif closes nothing")
			return nil
		}
		return p.djangoIf(c)
	case "ifequal", "ifnotequal", "ifchanged":
		n.op = nIf
		n.expr = &expr{op: opTest, at: c.at, args: p.values(c, 1, words)}
		var end *piece
		if n.body, end = p.nodes("else end"+w[0], at); end != nil && end.name() == "else" {
			n.other, _ = p.nodes("end"+w[0], at)
		}
		return n
	case "for":
		n.op = nFor
		in := words - 2
		if words > 2 && w[words-1] == "reversed" {
			in--
		}
		if in < 2 || w[in] != "in" {
			p.t.fail(at, "write for x in y")
			n.target, n.expr = &expr{op: opList, at: c.at}, value(words)
		} else {
			n.target = p.djangoTarget(c, 1, in)
			n.expr = value(in + 1)
		}
		var end *piece
		if n.body, end = p.nodes("empty endfor", at); end != nil && end.name() == "empty" {
			n.other, _ = p.nodes("endfor", at)
		}
		return n
	case "block":
		if n.op, n.flag = nBlock, true; !short(2) {
			n.name = w[1]
		}
		p.define(n)
		n.body, _ = p.nodes("endblock", at)
		return n
	case "extends":
		n.op, n.expr = nExtends, value(1)
		short(2)
		p.t.parents = append(p.t.parents, n)
		return n
	case "include":
		n.op, n.expr = nInclude, value(1)
		short(2)
		for i := 2; i < words; {
			switch w[i] {
			case "only":
				n.flag = true
				i++
			case "with":
				var next int
				n.params, next = p.bindings(c, i+1)
				if next == i+1 {
					p.t.fail(at, "with binds nothing here")
				}
				i = next
			default:
				p.t.fail(source.Pos(c.places[i]), "include does not know "+clip(w[i], 40))
				i = words
			}
		}
		return n
	case "with":
		n.op = nWith
		var next int
		if n.params, next = p.bindings(c, 1); next < words || len(n.params) == 0 {
			p.t.fail(at, "with binds names: a=b")
		}
		n.body, _ = p.nodes("endwith", at)
		return n
	case "autoescape":
		n.op = nEscape
		switch {
		case words == 2 && w[1] == "on":
			n.escape = On
		case words == 2 && w[1] == "off":
			n.escape = Off
		default:
			p.t.fail(at, "autoescape is on or off")
		}
		n.body, _ = p.nodes("endautoescape", at)
		return n
	case "filter":
		n.op = nFilter
		if !short(2) {
			text := p.src[c.places[1]:c.inside.End]
			n.expr = p.lookup("x|"+text, c.places[1]-2)
			hole := n.expr
			for hole.op == opFilter {
				hole = hole.args[0]
			}
			hole.op = opHole
		}
		n.body, _ = p.nodes("endfilter", at)
		return n
	case "spaceless", "localize", "localtime", "language", "timezone", "utc":
		if p.ends["end"+w[0]] == 0 && w[0] != "spaceless" {
			return p.unknown(c, p.values(c, 1, words))
		}
		n.op, n.args = nGroup, p.values(c, 1, words)
		n.body, _ = p.nodes("end"+w[0], at)
		return n
	case "firstof":
		target := as()
		return print(target, &expr{op: opChoice, at: c.at, args: p.values(c, 1, words)})
	case "cycle":
		if words > 2 && w[words-1] == "silent" {
			words--
			target := as()
			n.op, n.target, n.expr = nSet, target, &expr{op: opChoice, at: c.at, args: p.values(c, 1, words)}
			if target == nil {
				n.op = nEval
			}
			return n
		}
		target := as()
		x := &expr{op: opChoice, at: c.at, args: p.values(c, 1, words)}
		if target == nil {
			return print(nil, x)
		}
		// A named cycle prints, too.
		set := &node{op: nSet, at: c.at, target: target, expr: x}
		n.op, n.expr = nPrint, x
		return &node{op: nGroup, at: c.at, body: []*node{set, n}}
	case "url":
		short(2)
		target := as()
		return print(target, call("url", p.values(c, 1, words)))
	case "static":
		short(2)
		target := as()
		return print(target, call("static", p.values(c, 1, words)))
	case "trans", "translate":
		short(2)
		target := as()
		return print(target, value(1))
	case "blocktrans", "blocktranslate":
		return p.djangoTrans(c)
	case "regroup":
		// regroup people by city as groups
		n.op = nSet
		if words < 6 || w[2] != "by" || w[words-2] != "as" {
			p.t.fail(at, "write regroup x by y as z")
			return nil
		}
		n.target = p.djangoName(c, words-1)
		n.expr = &expr{op: opFilter, text: "regroup", at: c.at, args: []*expr{value(1), {op: opConst, isText: true, text: strings.TrimPrefix(w[3], w[1]+"."), at: c.at}}}
		return n
	case "widthratio", "now", "get_static_prefix", "get_media_prefix", "lorem", "templatetag", "csrf_token", "debug":
		if target := as(); target != nil {
			n.op, n.target, n.expr = nSet, target, &expr{op: opConst, at: c.at}
			return n
		}
		n.op, n.args = nOpaque, p.values(c, 1, words)
		return n
	case "load", "resetcycle":
		n.op = nEval
		return n
	case "else", "empty", "endif", "endfor", "endblock", "endwith", "endautoescape", "endfilter", "endspaceless", "endcomment", "endverbatim", "endblocktrans", "endblocktranslate", "plural", "endifequal", "endifnotequal", "endifchanged":
		p.t.fail(at, w[0]+" closes nothing")
		return nil
	}
	target := as()
	args := p.values(c, 1, words)
	if target == nil {
		return p.unknown(c, args)
	}
	// What the tag keeps under a name is not known, but it is no longer the context's.
	n.op, n.args, n.target, n.expr = nSet, args, target, &expr{op: opConst, at: c.at}
	if p.ends["end"+w[0]] > 0 {
		g := p.unknown(c, args)
		g.body = append([]*node{n}, g.body...)
		return g
	}
	return n
}

// djangoTarget reads "a, b" of a for.
func (p *parser) djangoTarget(c *piece, from, to int) *expr {
	var list []*expr
	for i := from; i < to; i++ {
		at := c.places[i]
		for part := range strings.SplitSeq(c.words[i], ",") {
			if part != "" {
				if strings.ContainsAny(part, `"'|.`) {
					p.t.fail(source.Pos(at), "expected a name")
				}
				list = append(list, &expr{op: opName, text: part, at: source.Span{Start: source.Pos(at), End: source.Pos(at + len(part))}})
			}
			at += len(part) + 1
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	return &expr{op: opList, at: c.at, args: list}
}

// djangoIf takes the condition of an if apart only as far as its values, since nothing of it
// is shown.
func (p *parser) djangoIf(c *piece) *node { return p.branches(c, p.condition) }

func (p *parser) condition(c *piece) *expr {
	x := &expr{op: opTest, at: c.at}
	operand := false // one was read, and an operator must follow
	for i := 1; i < len(c.words); i++ {
		switch w := c.words[i]; w {
		case "and", "or", "==", "!=", "<", ">", "<=", ">=", "in", "is":
			if !operand {
				p.t.fail(source.Pos(c.places[i]), "a value is missing before "+w)
			}
			operand = false
		case "not":
			if operand && (i+1 >= len(c.words) || c.words[i+1] != "in") {
				p.t.fail(source.Pos(c.places[i]), "not stands behind a value")
			}
			if operand {
				i++
			}
			operand = false
		default:
			if operand {
				p.t.fail(source.Pos(c.places[i]), "an operator is missing before "+clip(w, 40))
			}
			x.args = append(x.args, p.lookup(w, c.places[i]))
			operand = true
		}
	}
	if !operand {
		p.t.fail(c.at.Start, "the condition is not complete")
	}
	return x
}

// djangoTrans is a text to be translated: its variables are printed where it stands.
func (p *parser) djangoTrans(c *piece) *node {
	n := &node{op: nWith, at: c.at}
	var target *expr
	for i := 1; i < len(c.words); {
		switch w := c.words[i]; w {
		case "with", "count", "and":
			list, next := p.bindings(c, i+1)
			n.params = append(n.params, list...)
			i = max(next, i+1)
		case "trimmed":
			i++
		case "context":
			i += 2
		case "asvar":
			if i+1 < len(c.words) {
				target = p.djangoName(c, i+1)
			}
			i += 2
		default:
			list, next := p.bindings(c, i)
			if next == i {
				p.t.fail(source.Pos(c.places[i]), c.words[0]+" does not know "+clip(w, 40))
				next++
			}
			n.params = append(n.params, list...)
			i = next
		}
	}
	var end *piece
	close := "end" + c.words[0]
	if n.body, end = p.nodes("plural "+close, c.at.Start); end != nil && end.name() == "plural" {
		other, _ := p.nodes(close, c.at.Start)
		n.body = []*node{{op: nGroup, at: c.at, body: n.body, other: other}}
	}
	if target != nil {
		return &node{op: nSet, at: c.at, target: target, expr: &expr{op: opHole, at: c.at}, body: []*node{n}}
	}
	return n
}
