package sanitize

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The kinds of tokens that a tree is walked into, as html5lib names them.
type kind uint8

const (
	startTag kind = iota
	endTag        //
	emptyTag      // an element that has no end
	chars         // text that begins and ends with something to see
	spaces        // white space at the border of a text
	comment       //
	entity        // a character reference that stays as it is written
)

// A tok is one token of a tree: what filters see.
type tok struct {
	kind  kind
	space string // svg, math or ""
	name  string // of the tag
	data  string // text, with references as they are written; a reference's name
	attrs []attr
}

var around = &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}

var (
	errAstray = errors.New("the text is read differently each time")
	errQuirk  = errors.New("an end tag stood elsewhere")
	errForged = errors.New("a tag lost its number")
)

// tree parses the text and walks the tree into toks. Its errors mean that the text cannot be
// cleaned: it is nested more deeply than 512 elements, or made to be too large a tree.
func (t *tokenizer) tree(src string, toks []tok) ([]tok, error) {
	if strings.IndexByte(src, '<') < 0 {
		t.reset("")
		return text(toks, strings.ReplaceAll(src, "\x00", "")), nil
	}
	t.corrected, t.plainEnds = nil, false
	for range 5 {
		t.reset(src)
		if err := t.run(); err != nil {
			return toks, err
		}
		nodes, err := html.ParseFragment(bytes.NewReader(t.out), around)
		if err != nil {
			return toks, err
		}
		toks, wrong, err := t.walk(nodes, toks)
		if err == errQuirk && !t.plainEnds {
			t.plainEnds = true
			continue
		}
		if wrong < 0 || err != nil && !t.foreign {
			return toks, err
		}
		if t.corrected == nil {
			t.corrected = map[int]bool{}
		}
		t.corrected[wrong] = !t.starts[wrong].raw
	}
	return toks, errAstray
}

const quirk = "\xFB"

// walk turns nodes into tokens. wrong is the first start tag whose content was read in
// another way than the tree wants, or -1.
func (t *tokenizer) walk(nodes []*html.Node, toks []tok) (_ []tok, wrong int, err error) {
	wrong = -1
	for _, top := range nodes {
		n := top
		for n != nil {
			down := false
			switch n.Type {
			case html.TextNode:
				if strings.IndexByte(n.Data, '<') >= 0 {
					err = errForged // or markup that was taken for text: then wrong says where
				}
				toks = text(toks, restore(n.Data))
			case html.CommentNode:
				i, bad := strconv.Atoi(n.Data)
				if bad != nil || i < 0 || i >= len(t.comments) {
					return toks, -1, errForged
				}
				toks = append(toks, tok{kind: comment, data: t.comments[i]})
			case html.ElementNode:
				if name, ok := strings.CutSuffix(n.Data, quirk); ok {
					if n.Namespace == "" || n.FirstChild != nil {
						return toks, -1, errQuirk
					}
					if name == "br" {
						toks = append(toks, tok{kind: emptyTag, name: name})
					} else {
						toks = append(toks, tok{kind: startTag, name: name}, tok{kind: endTag, name: name})
					}
					break
				}
				k := tok{kind: startTag, space: n.Namespace, name: n.Data}
				for _, a := range n.Attr {
					if a.Key != "i" {
						continue
					}
					i, bad := strconv.Atoi(a.Val)
					if bad != nil || i < 0 || i >= len(t.starts) {
						return toks, -1, errForged
					}
					s := t.starts[i]
					if s.raw != (rawKind(n.Data) != notRaw && n.Namespace == "") && (wrong < 0 || i < wrong) {
						wrong = i
					}
					k.attrs = adjust(t.attrs[s.from:s.to:s.to], n.Namespace)
				}
				if n.Namespace == "" && void(n.Data) {
					k.kind = emptyTag
					toks = append(toks, k)
					break
				}
				toks = append(toks, k)
				down = n.FirstChild != nil
				if !down {
					toks = append(toks, tok{kind: endTag, space: n.Namespace, name: n.Data})
				}
			}
			if down {
				n = n.FirstChild
				continue
			}
			for n != top && n.NextSibling == nil {
				n = n.Parent
				toks = append(toks, tok{kind: endTag, space: n.Namespace, name: n.Data})
			}
			if n == top {
				break
			}
			n = n.NextSibling
		}
	}
	return toks, wrong, err
}

// restore puts the characters back that the parser was not to see.
func restore(s string) string {
	from := -1
	for i := 0; i < len(s); i++ {
		if s[i] >= byteEmpty {
			from = i
			break
		}
	}
	if from < 0 {
		return s
	}
	b := make([]byte, from, len(s))
	copy(b, s)
	for _, c := range []byte(s[from:]) {
		switch c {
		case byteLess:
			c = '<'
		case byteAmp:
			c = '&'
		case byteNull:
			c = 0
		case byteEmpty:
			continue
		}
		b = append(b, c)
	}
	return string(b)
}

// text appends a text as html5lib walks it: the white space around it are tokens of their own.
func text(toks []tok, s string) []tok {
	i, j := 0, len(s)
	for i < j && space(s[i]) {
		i++
	}
	for j > i && space(s[j-1]) {
		j--
	}
	if i > 0 {
		toks = append(toks, tok{kind: spaces, data: s[:i]})
	}
	if i < j {
		toks = append(toks, tok{kind: chars, data: s[i:j]})
	}
	if j < len(s) {
		toks = append(toks, tok{kind: spaces, data: s[j:]})
	}
	return toks
}

// adjust gives the attributes of foreign elements the names that they have there.
func adjust(attrs []attr, ns string) []attr {
	if ns == "" || len(attrs) == 0 {
		return attrs
	}
	out := make([]attr, len(attrs))
	for i, a := range attrs {
		switch {
		case ns == "svg":
			if s, ok := svgNames()[a.name]; ok {
				a.name = s
			}
		case a.name == "definitionurl":
			a.name = "definitionURL"
		}
		switch a.name {
		case "xlink:actuate", "xlink:arcrole", "xlink:href", "xlink:role", "xlink:show", "xlink:title", "xlink:type",
			"xml:base", "xml:lang", "xml:space", "xmlns:xlink":
			a.space, a.name, _ = strings.Cut(a.name, ":")
		case "xmlns":
			a.space = "xmlns"
		}
		out[i] = a
	}
	return out
}
