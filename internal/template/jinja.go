package template

import "strings"

// exprs reads what stands in a piece, from its token at i.
func (p *parser) exprs(c *piece, i int) *exprs {
	return &exprs{p: p, toks: c.toks, i: min(i, len(c.toks)), end: c.inside.End, bad: c.bad}
}

func (p *parser) jinjaPrint(c *piece) *node {
	e := p.exprs(c, 0)
	x := e.tuple(true, "")
	e.finish()
	if c.raw {
		x = e.node(opFilter, "safe", c.at.Start, x)
	}
	return &node{op: nPrint, at: c.at, expr: x}
}

// jinjaTag reads a statement, with its body.
func (p *parser) jinjaTag(c *piece) *node {
	if c.name() == "" {
		if !c.bad {
			p.t.fail(c.at.Start, "this tag is empty")
		}
		return nil
	}
	if c.toks[0].kind != 'n' {
		e := p.exprs(c, 0)
		e.fail("expected the name of a tag")
		return nil
	}
	e := p.exprs(c, 1)
	n := &node{at: c.at}
	at := c.at.Start
	switch name := c.name(); name {
	case "print":
		n.op = nPrint
		n.expr = e.tuple(true, "")
	case "if":
		return p.jinjaIf(c)
	case "for":
		n.op = nFor
		n.target = e.target("in")
		e.want("in")
		n.expr = e.tuple(false, "recursive")
		if e.skip("if") {
			n.args = []*expr{e.expression()}
		}
		n.flag = e.skip("recursive")
		e.finish()
		var end *piece
		if n.body, end = p.nodes("else endfor", at); end != nil && end.name() == "else" {
			n.other, _ = p.nodes("endfor", at)
		}
		return n
	case "block":
		n.op, n.name = nBlock, e.name()
		for n.name != "" && e.is("-") { // Jinja says so in a hint; it is a common slip
			e.fail("names of blocks are written with underscores")
		}
		n.flag = e.skip("scoped")
		e.skip("required")
		n.flag = e.skip("scoped") || n.flag
		e.finish()
		p.define(n)
		n.body, _ = p.nodes("endblock", at)
		return n
	case "extends":
		n.op, n.expr = nExtends, e.expression()
		p.t.parents = append(p.t.parents, n)
	case "include":
		n.op, n.expr = nInclude, e.expression()
		if e.is("ignore") {
			e.i++
			e.want("missing")
		}
		n.flag = p.context(e, true)
	case "import":
		n.op, n.expr = nImport, e.expression()
		e.want("as")
		n.name = e.name()
		n.flag = p.context(e, false)
	case "from":
		n.op, n.expr = nFrom, e.expression()
		e.want("import")
		for !e.done() {
			if len(n.params) > 0 && (e.is("with") || e.is("without")) && e.i+1 < len(e.toks) && e.toks[e.i+1].text == "context" {
				break
			}
			from := e.tok().at.Start
			x := e.node(opName, e.name(), from)
			b := param{x, x}
			if e.skip("as") {
				b.target = e.node(opName, e.name(), from)
			}
			n.params = append(n.params, b)
			if !e.skip(",") {
				break
			}
		}
		if len(n.params) == 0 {
			e.fail("expected a name")
		}
		n.flag = p.context(e, false)
	case "macro":
		n.op, n.name = nMacro, e.name()
		n.params = p.signature(e)
		e.finish()
		n.body, _ = p.nodes("endmacro", at)
		return n
	case "call":
		n.op = nCall
		if e.is("(") {
			n.params = p.signature(e)
		}
		if n.expr = e.expression(); n.expr.op != opCall && !e.bad {
			e.fail("expected a call")
		}
		e.finish()
		n.body, _ = p.nodes("endcall", at)
		return n
	case "filter":
		n.op = nFilter
		n.expr = p.chain(e)
		e.finish()
		n.body, _ = p.nodes("endfilter", at)
		return n
	case "set":
		n.op = nSet
		n.target = e.target("=")
		if e.skip("=") {
			n.expr = e.tuple(true, "")
			break
		}
		if e.skip("|") {
			n.expr = p.chain(e)
		}
		e.finish()
		n.body, _ = p.nodes("endset", at)
		if n.expr == nil {
			n.expr = e.node(opHole, "", at)
		}
		return n
	case "with":
		n.op = nWith
		for !e.done() {
			from := e.tok().at.Start
			x := e.node(opName, e.name(), from)
			e.want("=")
			n.params = append(n.params, param{x, e.expression()})
			if !e.skip(",") {
				break
			}
		}
		e.finish()
		n.body, _ = p.nodes("endwith", at)
		return n
	case "autoescape":
		n.op = nEscape
		x := e.expression()
		e.finish()
		switch strings.ToLower(x.text) {
		case "true":
			n.escape = On
		case "false", "none":
			n.escape = Off
		}
		n.body, _ = p.nodes("endautoescape", at)
		return n
	case "trans":
		return p.jinjaTrans(c, e)
	case "do":
		n.op = nEval
		n.args = []*expr{e.tuple(true, "")}
	case "continue", "break", "debug":
		n.op = nEval
	case "else", "elif", "endif", "endfor", "endblock", "endmacro", "endcall", "endfilter", "endset", "endwith", "endautoescape", "endtrans", "pluralize":
		p.t.fail(at, name+" closes nothing")
		return nil
	default:
		return p.unknown(c, p.looseArgs(e))
	}
	e.finish()
	return n
}

// looseArgs reads what can be read of an unknown tag's arguments, without complaint.
func (p *parser) looseArgs(e *exprs) (args []*expr) {
	errs := len(p.t.Errors)
	quiet := &exprs{p: p, toks: e.toks, end: e.end}
	for i := e.i; i < len(e.toks) && len(args) < 20; {
		quiet.i, quiet.bad = i, false
		x := quiet.expression()
		if quiet.bad || quiet.i <= i {
			i++
			continue
		}
		args = append(args, x)
		i = quiet.i
		if i < len(e.toks) && (e.toks[i].text == "," || e.toks[i].text == "=") {
			i++
		}
	}
	p.t.Errors = p.t.Errors[:errs]
	return args
}

func (p *parser) jinjaIf(c *piece) *node {
	return p.branches(c, func(c *piece) *expr {
		e := p.exprs(c, 1)
		x := e.tuple(false, "")
		e.finish()
		return x
	})
}

// context reads "with context" or "without context"; it returns whether the latter holds.
func (p *parser) context(e *exprs, with bool) (without bool) {
	if e.is("with") || e.is("without") {
		with = e.is("with")
		e.i++
		e.want("context")
	}
	e.finish()
	return !with
}

func (p *parser) signature(e *exprs) (list []param) {
	e.want("(")
	for !e.done() && !e.is(")") {
		from := e.tok().at.Start
		b := param{target: e.node(opName, e.name(), from)}
		if e.skip("=") {
			b.value = e.expression()
		}
		list = append(list, b)
		if !e.skip(",") {
			break
		}
	}
	e.want(")")
	return list
}

// chain reads filters that are applied to a body.
func (p *parser) chain(e *exprs) *expr {
	from := e.tok().at.Start
	x := e.node(opHole, "", from)
	for {
		x = e.filter(x, from)
		if !e.skip("|") {
			return x
		}
	}
}

// define notes a block under its name; the first counts, as a second is an error anyway.
func (p *parser) define(n *node) {
	if n.name == "" {
		return
	}
	if p.t.blocks[n.name] != nil {
		p.t.fail(n.at.Start, "there are two blocks "+n.name)
		return
	}
	p.t.blocks[n.name] = n
}

// jinjaTrans is a text to be translated: its variables are printed where it stands.
func (p *parser) jinjaTrans(c *piece, e *exprs) *node {
	n := &node{op: nWith, at: c.at}
	if e.tok().kind == 's' {
		e.i++
	}
	for first := true; !e.done(); first = false {
		if !first {
			e.want(",")
		}
		from := e.tok().at.Start
		x := e.node(opName, e.name(), from)
		if e.skip("=") {
			n.params = append(n.params, param{x, e.expression()})
		} else if x.text != "trimmed" && x.text != "notrimmed" {
			n.params = append(n.params, param{x, x})
		} else if !e.done() && !e.is(",") {
			e.i-- // "trimmed" stands without a comma
			e.toks = append(append([]token{}, e.toks[:e.i]...), e.toks[e.i+1:]...)
			first = true
			if e.tok().kind == 'n' {
				from := e.tok().at.Start
				x := e.node(opName, e.name(), from)
				v := x
				if e.skip("=") {
					v = e.expression()
				}
				n.params = append(n.params, param{x, v})
			}
		}
	}
	var end *piece
	if n.body, end = p.nodes("pluralize endtrans", c.at.Start); end != nil && end.name() == "pluralize" {
		other, _ := p.nodes("endtrans", c.at.Start)
		n.body = []*node{{op: nGroup, at: c.at, body: n.body, other: other}}
	}
	return n
}
