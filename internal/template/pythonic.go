package template

import (
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/source"
)

// Tornado and Mako write Python between their delimiters, of which what is printed is mostly what
// Jinja reads, too. Their pieces are put as Jinja's, and then read as these.

// tornado puts the tags of https://www.tornadoweb.org/en/stable/template.html as Jinja's: all ends are
// called the same, raw prints without escaping, and autoescape speaks of the whole file.
func (p *parser) tornado() {
	var open []string
	off := false
	for i := range p.pieces {
		c := &p.pieces[i]
		if c.kind != 'g' || len(c.toks) == 0 {
			continue
		}
		top := ""
		if len(open) > 0 {
			top = open[len(open)-1]
		}
		switch name := c.name(); name {
		case "if", "for", "block":
			open = append(open, name)
		case "apply":
			open = append(open, "filter")
			c.toks[0].text = "filter"
		case "while", "try":
			open = append(open, "")
			c.kind = 0
		case "end":
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
			if c.toks[0].text = "end" + top; top == "" {
				c.kind = 0
			}
		case "else":
			if top == "" {
				c.kind = 0
			}
		case "raw":
			c.kind, c.toks, c.raw = 'p', c.toks[1:], true
		case "autoescape":
			off = off || len(c.toks) > 1 && c.toks[1].text == "None"
			c.kind = 0
		case "except", "finally", "import", "from", "comment", "whitespace", "super":
			c.kind = 0
		}
	}
	for i := range p.pieces {
		p.pieces[i].raw = p.pieces[i].raw || off
	}
}

var (
	makoLine = match.Lazy(`(?m)^[ \t]*(?:%[^%\n][^\n]*|%%|##[^\n]*)\n?`)
	makoAttr = match.Lazy(`\bfile\s*=\s*("[^"\n]*"|'[^'\n]*')`)
)

// splitMako cuts the text of https://docs.makotemplates.org/en/latest/syntax.html: expressions, control
// lines and tags. What a template inherits from and its own blocks are printed where they stand.
func (p *parser) splitMako() {
	lines := makoLine().FindAllStringIndex(p.src, -1)
	from := 0
	flush := func(to, next int) {
		p.text(from, to)
		from = next
	}
	printed, tag := -1, -1 // what was found once holds until it is passed
	for at := 0; at < len(p.src); {
		for len(lines) > 0 && lines[0][0] < at {
			lines = lines[1:]
		}
		if printed < at {
			printed = ahead(p.src, at, "${")
		}
		if tag < at {
			tag = ahead(p.src, at, "<%")
		}
		next := min(printed, tag)
		if len(lines) > 0 && lines[0][0] < next {
			flush(lines[0][0], lines[0][1])
			p.makoControl(lines[0][0], lines[0][1])
			at = lines[0][1]
			continue
		}
		if next == len(p.src) {
			break
		}
		if p.src[next] == '$' {
			c := piece{kind: 'p'}
			var inner, end int
			var ok bool
			c.toks, inner, end, _, ok = p.jinjaTokens(next+2, "}")
			if !ok { // go on behind the next end, wherever it stands
				at = ahead(p.src, next, "}")
				continue
			}
			c.inside = source.Span{Start: source.Pos(next + 2), End: source.Pos(inner)}
			c.at = source.Span{Start: source.Pos(next), End: source.Pos(end)}
			flush(next, end)
			p.pieces = append(p.pieces, c)
			at = end
			continue
		}
		end := p.makoTag(next)
		flush(next, end)
		at = end
	}
	p.text(from, len(p.src))
}

// makoTag reads <%…> and gives the place behind it, and behind what it takes away.
func (p *parser) makoTag(at int) int {
	rest := p.src[at+2:]
	close, skip := ">", 2
	switch {
	case rest == "" || rest[0] == '!' || strings.IndexByte(blanks, rest[0]) >= 0: // Python
		close = "%>"
	case strings.HasPrefix(rest, "doc>"):
		close = "</%doc>"
	case strings.HasPrefix(rest, "text"):
		close = "</%text>"
	}
	k := strings.Index(rest, close)
	if k < 0 {
		p.t.fail(source.Pos(at), "this tag is not closed")
		return len(p.src)
	}
	end := at + skip + k + len(close)
	if strings.HasPrefix(rest, "include") {
		if m := makoAttr().FindStringSubmatchIndex(rest[:k]); m != nil {
			span := source.Span{Start: source.Pos(at + 2), End: source.Pos(end)}
			name := token{'s', source.Span{Start: source.Pos(at + 2 + m[2]), End: source.Pos(at + 2 + m[3])}, rest[m[2]:m[3]]}
			p.pieces = append(p.pieces, piece{kind: 'g', at: span, inside: span, toks: []token{{'n', span, "include"}, name}})
		}
	}
	return end
}

// makoControl reads a control line: % for x in y:
func (p *parser) makoControl(from, to int) {
	line := strings.TrimRight(p.src[from:to], blanks)
	at := from + strings.IndexByte(line, '%')
	if at < from || strings.HasPrefix(strings.TrimLeft(line, blanks), "##") {
		return
	}
	end := from + len(strings.TrimSuffix(line, ":"))
	whole := p.src
	p.src = whole[:max(end, at+1)]
	errs := len(p.t.Errors)
	toks, _, _, _, _ := p.jinjaTokens(at+1, "\x00")
	p.src = whole
	p.t.Errors = p.t.Errors[:errs]
	if len(toks) == 0 {
		return
	}
	switch toks[0].text {
	case "if", "elif", "else", "endif", "for", "endfor":
		span := source.Span{Start: source.Pos(from), End: source.Pos(to)}
		p.pieces = append(p.pieces, piece{kind: 'g', at: span, inside: source.Span{Start: source.Pos(at + 1), End: source.Pos(end)}, toks: toks})
	}
}

// makoFilters are Mako's, as Jinja calls what does the same.
var makoFilters = map[string]string{"h": "escape", "x": "escape", "u": "urlencode", "trim": "trim", "n": "safe"}

// makoPrint is ${…}, with filters behind a bar: ${name | h, trim}. With n nothing else is done.
func (p *parser) makoPrint(c *piece) *node {
	depth, bar := 0, len(c.toks)
	for i, t := range c.toks {
		switch t.text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		case "|":
			if depth == 0 && t.kind == 'o' && bar == len(c.toks) {
				bar = i
			}
		}
	}
	filters := c.toks[bar:]
	e := &exprs{p: p, toks: c.toks[:bar], end: c.inside.End, bad: c.bad}
	x := e.tuple(true, "")
	e.finish()
	raw := false
	for _, t := range filters {
		if t.kind != 'n' || t.text == "str" || t.text == "unicode" {
			continue
		}
		name := makoFilters[t.text]
		if name == "" {
			name = t.text
		}
		if raw = raw || name == "safe"; name != "safe" {
			x = e.node(opFilter, name, c.inside.Start, x)
		}
	}
	if raw {
		x = e.node(opFilter, "safe", c.inside.Start, x)
	}
	return &node{op: nPrint, at: c.at, expr: x}
}
