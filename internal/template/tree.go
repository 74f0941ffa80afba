package template

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/source"
)

// A nodeOp says what a node does when a template is rendered.
type nodeOp uint8

const (
	nText    nodeOp = iota // at is the text
	nPrint                 // expr; what is shown is escaped where escapes are on
	nOpaque                // a tag that prints what nobody knows; args are evaluated
	nEval                  // args are evaluated, nothing is printed
	nIf                    // if expr body, else other
	nGroup                 // body; if there is other: one of both
	nFor                   // for target in expr; the test is args[0]
	nBlock                 // name; flag: sees the variables around it
	nExtends               // expr
	nInclude               // expr, params (with); flag: sees nothing else
	nImport                // name = expr; flag: does not see the context
	nFrom                  // params (target, name in it) from expr; flag: does not see the context
	nMacro                 // name, params, body
	nCall                  // expr is the call; params and body are the caller
	nSet                   // target = expr, or what body prints, through expr's filters
	nWith                  // params, body
	nFilter                // body through expr, which has a hole
	nEscape                // body, escaped or not
)

// A param binds a name: a macro's parameter with its default, a with's variable.
type param struct {
	target *expr
	value  *expr // or nil
}

type node struct {
	op     nodeOp
	flag   bool
	escape Escaping
	at     source.Span
	name   string
	target *expr
	expr   *expr
	args   []*expr
	params []param
	body   []*node
	other  []*node
}

// nodes reads until one of the ends of a tag, which it consumes and returns. ends is a list
// with blanks between; the tag of name opened at the place that errors are said for.
func (p *parser) nodes(ends string, opened source.Pos) (list []*node, end *piece) {
	if p.depth >= maxDepth {
		p.t.fail(opened, "this is nested too deeply")
		p.i = len(p.pieces)
		return nil, nil
	}
	p.depth++
	p.open = append(p.open, ends)
	defer func() {
		p.depth--
		p.open = p.open[:len(p.open)-1]
	}()
	for p.i < len(p.pieces) {
		c := &p.pieces[p.i]
		switch c.kind {
		case 't':
			list = append(list, &node{op: nText, at: c.at})
		case 'p':
			p.i++
			switch p.t.Dialect {
			case Django:
				list = append(list, p.djangoPrint(c))
			case Mako:
				list = append(list, p.makoPrint(c))
			default:
				list = append(list, p.jinjaPrint(c))
			}
			continue
		case 'g':
			name := c.name()
			if hasWord(ends, name) {
				p.i++
				return list, c
			}
			if p.closesOuter(name) {
				p.t.fail(c.at.Start, name+" stands before "+last(ends))
				return list, nil
			}
			p.i++
			var n *node
			if p.t.Dialect == Django {
				n = p.djangoTag(c)
			} else {
				n = p.jinjaTag(c)
			}
			if n != nil {
				list = append(list, n)
			}
			continue
		}
		p.i++
	}
	if ends != "" {
		p.t.fail(opened, last(ends)+" is missing")
	}
	return list, nil
}

func hasWord(list, word string) bool {
	return word != "" && slices.Contains(strings.Fields(list), word)
}

func last(ends string) string { return ends[strings.LastIndexByte(ends, ' ')+1:] }

// closesOuter says whether a tag ends something that is open further out.
func (p *parser) closesOuter(name string) bool {
	if !strings.HasPrefix(name, "end") {
		return false
	}
	return slices.ContainsFunc(p.open[:len(p.open)-1], func(ends string) bool { return hasWord(ends, name) })
}

// unknown is a tag that only the project knows. It has a body if there is an end for it.
func (p *parser) unknown(c *piece, args []*expr) *node {
	name := c.name()
	n := &node{op: nOpaque, at: c.at, name: name, args: args}
	if strings.HasPrefix(name, "end") || p.ends["end"+name] == 0 {
		return n
	}
	p.ends["end"+name]--
	n.op = nGroup
	var end *piece
	n.body, end = p.nodes("else elif empty plural end"+name, c.at.Start)
	for end != nil && !strings.HasPrefix(end.name(), "end") {
		var more []*node
		more, end = p.nodes("else elif empty plural end"+name, c.at.Start)
		n.other = append(n.other, more...)
	}
	return n
}

// branches reads if, elif and else; condition reads what stands behind the first two.
func (p *parser) branches(c *piece, condition func(c *piece) *expr) *node {
	root := &node{op: nIf, at: c.at}
	for n, count := root, 0; ; count++ {
		n.expr = condition(c)
		var end *piece
		n.body, end = p.nodes("elif else endif", c.at.Start)
		if end == nil || end.name() == "endif" {
			return root
		}
		if end.name() == "else" {
			n.other, _ = p.nodes("endif", c.at.Start)
			return root
		}
		next := &node{op: nIf, at: end.at}
		if count == maxElifs {
			p.t.fail(end.at.Start, "this if has too many branches")
		}
		if count < maxElifs {
			n.other = []*node{next}
		}
		n, c = next, end
	}
}
