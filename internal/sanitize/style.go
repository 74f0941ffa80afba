package sanitize

import (
	"slices"
	"strings"
)

// safeFunctions are those of CSS that compute and neither load nor run anything.
var safeFunctions = set(`rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix calc min max clamp round mod rem abs sign
	translate translatex translatey rotate scale scalex scaley skew skewx skewy matrix cubic-bezier steps linear-gradient radial-gradient
	conic-gradient repeating-linear-gradient repeating-radial-gradient minmax repeat fit-content`)

// style keeps the declarations of allowed properties whose values are nothing but words,
// numbers, colours and the like.
func (s *Sanitizer) style(val string) (clean, why string) {
	p := cssParser{s: cssInput(val)}
	list := p.values(0, 20)
	if p.deep {
		return "", "the style is nested too deeply"
	}
	var b []byte
	for i := 0; i < len(list); {
		n := list[i]
		i++
		if n.kind == cssSpace || n.kind == cssComment || n.literal(";") {
			continue
		}
		from := i
		for i < len(list) && !list[i].literal(";") {
			i++
		}
		d, ok := declaration(n, list[from:i])
		name := lower(d.text)
		switch {
		case !ok:
			why = "it is no declaration"
		case !s.styles[name]:
			why = "the property is not allowed"
		default:
			value, w := s.styleValue(d.children)
			if w != "" {
				why = w
				continue
			}
			if len(b) > 0 {
				b = append(b, ' ')
			}
			b = append(append(append(b, name...), ": "...), value...)
			if d.flag {
				b = append(b, " !important"...)
			}
			b = append(b, ';')
		}
	}
	return string(b), why
}

// paint is an attribute of SVG or MathML that is a value of CSS: what it computes, or a gradient
// or the like of the same text, and nothing beyond the page. It is written anew, as a name may
// hide behind escapes.
func (s *Sanitizer) paint(val string) (clean, why string) {
	p := cssParser{s: cssInput(val)}
	list := p.values(0, 20)
	if p.deep {
		return "", "the value is nested too deeply"
	}
	for i := range list {
		n := &list[i]
		id, ok := "", false
		switch {
		case n.kind == cssURL:
			id, ok = strings.CutPrefix(strings.TrimSuffix(strings.TrimPrefix(n.text, "url("), ")"), "#")
		case n.kind == cssFunction && lower(n.text) == "url":
			inner := slices.DeleteFunc(slices.Clone(n.children), func(c cssNode) bool { return c.kind == cssSpace })
			if len(inner) == 1 && inner[0].kind == cssString {
				id, ok = strings.CutPrefix(strings.Trim(inner[0].text, `"'`), "#")
			}
		}
		if !ok {
			continue
		}
		if id == "" || strings.ContainsFunc(id, func(r rune) bool { return r < 0x80 && !nameChar(byte(r)) }) {
			return "", "only things of the page may be referred to"
		}
		*n = cssNode{kind: cssURL, text: "url(#" + s.reference(id) + ")", flag: true}
	}
	return s.styleValue(list)
}

func (s *Sanitizer) styleValue(list []cssNode) (value, why string) {
	var kept []cssNode
	for i := range list {
		n := list[i]
		if n.kind == cssComment {
			continue
		}
		if n.kind == cssSpace {
			n.text = " "
		}
		if why := s.stylePart(&n); why != "" {
			return "", why
		}
		kept = append(kept, n)
	}
	value = strings.TrimSpace(string(cssWrite(nil, kept)))
	if value == "" {
		return "", "the property has no value"
	}
	return value, ""
}

// stylePart says what is wrong with a part of a value; "" if nothing is.
func (s *Sanitizer) stylePart(n *cssNode) string {
	switch n.kind {
	case cssSpace, cssNumber, cssPercentage, cssRange:
		return ""
	case cssIdent, cssHash, cssHashName, cssDimension:
		word := n.text
		if n.kind == cssDimension {
			word = n.unit
		}
		for i := 0; i < len(word); i++ {
			if !nameChar(word[i]) {
				return "the value is written in a way that hides what it is"
			}
		}
		return ""
	case cssString:
		if strings.ContainsAny(n.text, "\\<>&\n") || len(n.text) < 2 || n.text[len(n.text)-1] != '"' {
			return "the value is written in a way that hides what it is"
		}
		return ""
	case cssLiteral:
		if strings.Contains(",/+-*%.", n.text) {
			return ""
		}
		return "the value has signs that no value needs"
	case cssFunction:
		if !safeFunctions[lower(n.text)] {
			return "the function " + n.text + "() is not allowed"
		}
		for i := range n.children {
			c := &n.children[i]
			if c.kind == cssComment {
				return "a comment in a function"
			}
			if c.kind == cssSpace {
				c.text = " "
			}
			if why := s.stylePart(c); why != "" {
				return why
			}
		}
		return ""
	case cssBlock:
		if n.text != "(" {
			return "the value has brackets that no value needs"
		}
		for i := range n.children {
			if why := s.stylePart(&n.children[i]); why != "" {
				return why
			}
		}
		return ""
	case cssURL:
		if n.flag {
			return ""
		}
		if s.p.StyleURLs {
			inner := strings.TrimSuffix(strings.TrimPrefix(n.text, "url("), ")")
			if !strings.ContainsAny(inner, "\\<>\"'&() \n") && strings.HasSuffix(n.text, ")") {
				if clean, why := s.address(inner, false); why == "" && !strings.ContainsAny(clean, "\\<>\"'&() \n") {
					n.text = "url(" + clean + ")"
					return ""
				}
			}
		}
		return "an address in a style is not allowed"
	}
	return "the value cannot be read"
}
