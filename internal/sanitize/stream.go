package sanitize

import (
	"fmt"
	"html"
)

// A Token is one token of the stream that html5lib's filters see: Python's filters take it and
// give it back.
type Token struct {
	Type      string  `json:"type"`
	Name      string  `json:"name,omitempty"`
	Namespace string  `json:"namespace,omitempty"`
	Data      string  `json:"data,omitempty"`
	Attrs     []Attr3 `json:"attrs,omitempty"`
}

// Attr3 is namespace, name and value.
type Attr3 [3]string

var kindNames = map[kind]string{startTag: "StartTag", endTag: "EndTag", emptyTag: "EmptyTag", chars: "Characters",
	spaces: "SpaceCharacters", comment: "Comment", entity: "Entity"}

var kindsByName = func() map[string]kind {
	m := map[string]kind{}
	for k, s := range kindNames {
		m[s] = k
	}
	return m
}()

// Tokens is the text after cleaning, before it is written.
func (p *Program) Tokens(text string, ask Asker) ([]Token, error) {
	if p.clean == nil {
		return nil, fmt.Errorf("a strict policy has no token stream")
	}
	toks, w, err := p.clean.tokens(text, ask)
	defer w.free()
	if err != nil {
		return []Token{{Type: "Characters", Data: valid(text)}}, err
	}
	return fromToks(toks), nil
}

func fromToks(toks []tok) []Token {
	out := make([]Token, len(toks))
	for i, t := range toks {
		k := Token{Type: kindNames[t.kind], Namespace: t.space, Name: t.name, Data: t.data}
		if t.kind == entity {
			k.Name, k.Data = t.data, ""
		}
		for _, a := range t.attrs {
			k.Attrs = append(k.Attrs, Attr3{a.space, a.name, a.val})
		}
		out[i] = k
	}
	return out
}

func toToks(list []Token) ([]tok, error) {
	out := make([]tok, len(list))
	for i, t := range list {
		kind, ok := kindsByName[t.Type]
		if !ok {
			return nil, fmt.Errorf("no token is a %q", t.Type)
		}
		k := tok{kind: kind, space: t.Namespace, name: t.Name, data: valid(t.Data)}
		if kind == entity {
			k.data, k.name = t.Name, ""
		}
		for _, a := range t.Attrs {
			k.attrs = append(k.attrs, attr{a[0], a[1], valid(a[2])})
		}
		out[i] = k
	}
	return out, nil
}

// Write writes tokens as the program would. It sanitises nothing: a filter may put in what it
// likes.
func (p *Program) Write(list []Token) (string, error) {
	toks, err := toToks(list)
	if err != nil {
		return "", err
	}
	s := serializer{escapeLess: p.clean == nil || !p.clean.whole}
	for i := range toks {
		s.token(&toks[i])
	}
	return string(s.out), nil
}

// Filter runs the program's sanitiser, or its linkify, over tokens of somebody else.
func (p *Program) Filter(list []Token, ask Asker) ([]Token, error) {
	toks, err := toToks(list)
	if err != nil || p.clean == nil {
		return nil, err
	}
	w := newWork()
	defer w.free()
	if !p.clean.whole {
		if toks, err = p.clean.sanitize(toks, w, ask); err != nil {
			return nil, err
		}
	}
	if p.clean.link != nil {
		if toks, err = p.clean.link.filter(toks, ask); err != nil {
			return nil, err
		}
	}
	return fromToks(toks), nil
}

// escapeAll is a text that could not be cleaned, made harmless.
func escapeAll(s string) string { return html.EscapeString(valid(s)) }
