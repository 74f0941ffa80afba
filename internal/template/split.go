package template

import (
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/source"
)

// A piece is what stands between two delimiters: literal text, something printed or a tag.
type piece struct {
	kind   byte        // 't' text, 'p' printed, 'g' tag
	at     source.Span // text without what the tags around take away; else with the delimiters
	inside source.Span
	toks   []token  // Jinja
	words  []string // Django: a tag's words
	places []int    // and where each begins
	bad    bool     // was not understood and has been said
	raw    bool     // is printed without being escaped
}

// name is the tag's.
func (c *piece) name() string {
	switch {
	case len(c.toks) > 0:
		return c.toks[0].text
	case len(c.words) > 0:
		return c.words[0]
	}
	return ""
}

type parser struct {
	t      *Template
	src    string
	pieces []piece
	i      int
	depth  int
	open   []string // the tags that are open, each with what ends it
	ends   map[string]int
}

func (p *parser) text(from, to int) {
	if from < to {
		p.pieces = append(p.pieces, piece{kind: 't', at: source.Span{Start: source.Pos(from), End: source.Pos(to)}})
	}
}

var (
	rawBegin   = match.Lazy(`^\{%[-+]?\s*raw\s*-?%\}`)
	commentEnd = match.Lazy(`\{%[ \t]*endcomment[ \t]*%\}`)
	rawEnd     = match.Lazy(`\{%[-+]?\s*endraw\s*[-+]?%\}`)
)

const blanks = " \t\n\r\f\v"

// splitJinja cuts the text as Jinja's lexer does: what comes first opens, and a tag ends where
// its delimiter stands outside of strings and brackets.
func (p *parser) splitJinja() {
	at, trim := 0, false
	for {
		from := at
		if trim {
			for from < len(p.src) && strings.IndexByte(blanks, p.src[from]) >= 0 {
				from++
			}
		}
		n := from
		for {
			k := strings.IndexByte(p.src[n:], '{')
			if k < 0 || n+k+1 >= len(p.src) {
				p.text(from, len(p.src))
				return
			}
			if n += k; strings.IndexByte("{%#", p.src[n+1]) >= 0 {
				break
			}
			n++
		}
		to, inside := n, n+2
		if inside < len(p.src) && (p.src[inside] == '-' || p.src[inside] == '+') {
			if p.src[inside] == '-' {
				to = from + len(strings.TrimRight(p.src[from:n], blanks))
			}
			inside++
		}
		p.text(from, to)
		switch p.src[n+1] {
		case '#':
			k := strings.Index(p.src[n+2:], "#}")
			if k < 0 {
				p.t.fail(source.Pos(n), "this comment is not closed")
				return
			}
			trim = k > 0 && p.src[n+2+k-1] == '-'
			at = n + 2 + k + 2
		case '%', '{':
			if p.src[n+1] == '%' {
				if m := rawBegin().FindString(p.src[n:min(len(p.src), n+200)]); m != "" {
					at = n + len(m)
					end := rawEnd().FindStringIndex(p.src[at:])
					if end == nil {
						p.t.fail(source.Pos(n), "raw is not closed")
						p.text(at, len(p.src))
						return
					}
					p.text(at, at+end[0])
					trim = strings.HasSuffix(p.src[at:at+end[1]], "-%}")
					at += end[1]
					continue
				}
			}
			c := piece{kind: 'g'}
			close := "%}"
			if p.src[n+1] == '{' {
				c.kind, close = 'p', "}}"
			}
			var next, inner int
			var ok bool
			errs := len(p.t.Errors)
			c.toks, inner, next, trim, ok = p.jinjaTokens(inside, close)
			if !ok {
				// Go on behind the next delimiter, wherever it stands.
				c.bad = true
				if len(p.t.Errors) == errs {
					p.t.fail(source.Pos(n), "expected "+close)
				}
				k := strings.Index(p.src[inside:], close)
				if k < 0 {
					p.text(n, len(p.src))
					return
				}
				inner, next = inside+k, inside+k+2
				for i, t := range c.toks {
					if int(t.at.End) > inner {
						c.toks = c.toks[:i]
						break
					}
				}
			}
			c.inside = source.Span{Start: source.Pos(inside), End: source.Pos(inner)}
			c.at = source.Span{Start: source.Pos(n), End: source.Pos(next)}
			p.pieces = append(p.pieces, c)
			at = next
		}
	}
}

// splitDjango cuts the text as Django's lexer does: a tag ends at the first delimiter on its
// line, whatever stands between.
func (p *parser) splitDjango() {
	from, at := 0, 0
	verbatim, opened := "", 0
	line, ends := -1, [3]int{-1, -1, -1}
	for at < len(p.src) {
		k := strings.IndexByte(p.src[at:], '{')
		if k < 0 || at+k+1 >= len(p.src) {
			break
		}
		at += k
		var close string
		switch p.src[at+1] {
		case '{':
			close = "}}"
		case '%':
			close = "%}"
		case '#':
			close = "#}"
		default:
			at++
			continue
		}
		// What was found once holds until it is passed, or a long line of openings would be
		// searched again for each.
		if line < at+2 {
			line = ahead(p.src, at+2, "\n")
		}
		end := &ends[strings.IndexByte("{%#", p.src[at+1])]
		if *end < at+2 {
			*end = ahead(p.src, at+2, close)
		}
		if *end > line || *end == len(p.src) {
			at++
			continue
		}
		k = *end - at - 2
		inside := source.Span{Start: source.Pos(at + 2), End: source.Pos(at + 2 + k)}
		next := at + 2 + k + 2
		body := strings.TrimSpace(p.src[inside.Start:inside.End])
		if verbatim != "" {
			if close == "%}" && body == verbatim {
				p.text(from, at)
				from, verbatim = next, ""
			}
			at = next
			continue
		}
		p.text(from, at)
		from = next
		whole := source.Span{Start: source.Pos(at), End: source.Pos(next)}
		switch close {
		case "}}":
			p.pieces = append(p.pieces, piece{kind: 'p', at: whole, inside: inside})
		case "%}":
			if body == "verbatim" || strings.HasPrefix(body, "verbatim ") {
				verbatim, opened = "end"+body, at
				break
			}
			c := piece{kind: 'g', at: whole, inside: inside}
			c.words, c.places = words(p.src, int(inside.Start), int(inside.End))
			if len(c.words) == 0 {
				p.t.fail(whole.Start, "this tag is empty")
				break
			}
			if c.words[0] == "comment" {
				end := commentEnd().FindStringIndex(p.src[next:])
				if end == nil {
					p.t.fail(whole.Start, "comment is not closed")
					return
				}
				next += end[1]
				from = next
				break
			}
			p.pieces = append(p.pieces, c)
		}
		at = next
	}
	if verbatim != "" {
		p.t.fail(source.Pos(opened), "verbatim is not closed")
	}
	p.text(from, len(p.src))
}

// ahead is where a text stands from here on, or the end.
func ahead(s string, at int, text string) int {
	if k := strings.Index(s[at:], text); k >= 0 {
		return at + k
	}
	return len(s)
}

// words splits a Django tag at blanks outside of quotes.
func words(src string, from, to int) (list []string, places []int) {
	for i := from; i < to; {
		if strings.IndexByte(blanks, src[i]) >= 0 {
			i++
			continue
		}
		begin := i
		for i < to && strings.IndexByte(blanks, src[i]) < 0 {
			if src[i] == '"' || src[i] == '\'' {
				if end := closing(src[:to], i); end > 0 {
					i = end
					continue
				}
			}
			i++
		}
		list = append(list, src[begin:i])
		places = append(places, begin)
	}
	return list, places
}

// count notes how often each end tag occurs: a tag that nobody knows has a body exactly if
// there is an end for it.
func (p *parser) count() {
	p.ends = map[string]int{}
	for i := range p.pieces {
		if c := &p.pieces[i]; c.kind == 'g' && strings.HasPrefix(c.name(), "end") {
			p.ends[c.name()]++
		}
	}
}
