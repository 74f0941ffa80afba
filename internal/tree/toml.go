package tree

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// TOML reads TOML. A file that is broken gives what stands before the break, and a problem.
// Shift is added to places, for a text that is a part of another file.
func TOML(data []byte, shift Place) (*Node, []Problem) {
	var f report
	root := f.toml(data, shift)
	return root, f
}

func (f *report) toml(data []byte, shift Place) *Node {
	root := &Node{Kind: Table, At: Place{1 + shift.Line, 1 + shift.Column}}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		f.problem(newSheet(data).place(invalid(data)), "this is no UTF-8, which TOML must be")
		data = bytes.ToValidUTF8(data, []byte("?"))
	}
	if bytes.Count(data, []byte(","))+bytes.Count(data, []byte("\n")) > maxNodes {
		f.problem(root.At, errTooMuch.Error())
		return root
	}
	r := &tomlReader{sheet: newSheet(data), file: f}
	r.sheet.shift = shift
	r.p.Reset(data)
	here := root
	for r.p.NextExpression() {
		switch e := r.p.Expression(); e.Kind {
		case unstable.Table:
			here = r.header(root, e, false)
		case unstable.ArrayTable:
			here = r.header(root, e, true)
		case unstable.KeyValue:
			if here != nil {
				r.keyValue(here, e, 0)
			}
		}
	}
	// What the parser points at is a piece of data, so that its capacity tells where it begins.
	// If it is not, the place is the end or the beginning, and no panic.
	var at *unstable.ParserError
	if err := r.p.Error(); errors.As(err, &at) {
		f.problem(r.sheet.place(cap(data)-cap(at.Highlight)), "this is no TOML, and what follows was not read: "+at.Message)
	} else if err != nil {
		f.problem(root.At, "this is no TOML: "+err.Error())
	}
	return root
}

type tomlReader struct {
	p     unstable.Parser
	sheet *sheet
	file  *report
}

func (r *tomlReader) at(n *unstable.Node) Place { return r.sheet.place(int(n.Raw.Offset)) }

// header goes to the table that [a.b] or [[a.b]] names. It is nil for one that cannot be.
func (r *tomlReader) header(root *Node, e *unstable.Node, list bool) *Node {
	here := root
	for it := e.Key(); it.Next(); {
		k := it.Node()
		at, last := r.at(k), it.IsLast()
		key := string(k.Data)
		next := here.child(key)
		switch {
		case next == nil && last && list:
			t := &Node{Kind: Table, At: at}
			here.set(key, at, &Node{Kind: List, At: at, list: []*Node{t}})
			here = t
			continue
		case next == nil:
			next = &Node{Kind: Table, At: at, implied: !last}
			here.set(key, at, next)
		case next.Is(List) && last && list && len(next.list) > 0 && next.list[0].Is(Table):
			t := &Node{Kind: Table, At: at}
			next.list = append(next.list, t)
			next = t
		case next.Is(List) && !last && len(next.list) > 0 && next.list[len(next.list)-1].Is(Table):
			next = next.list[len(next.list)-1]
		case next.Is(Table) && last && !list && next.implied:
			next.implied, next.At = false, at
		case next.Is(Table) && last && !list:
			r.file.problem(at, "the table "+Quoted(key)+" is there twice")
		case !next.Is(Table) || last:
			r.file.problem(at, "the name "+Quoted(key)+" is that of something else already")
			return nil
		}
		here = next
	}
	return here
}

func (r *tomlReader) keyValue(here *Node, e *unstable.Node, depth int) {
	for it := e.Key(); it.Next(); {
		k := it.Node()
		key, at := string(k.Data), r.at(k)
		if it.IsLast() {
			if !here.set(key, at, r.value(e.Value(), at, depth)) {
				r.file.problem(at, "the key "+Quoted(key)+" is there twice")
			}
			return
		}
		next := here.child(key)
		if next == nil {
			next = &Node{Kind: Table, At: at}
			here.set(key, at, next)
		}
		if !next.Is(Table) {
			r.file.problem(at, "the name "+Quoted(key)+" is that of something else already")
			return
		}
		here = next
	}
}

func (r *tomlReader) value(v *unstable.Node, at Place, depth int) *Node {
	if depth > maxDepth {
		r.file.problem(at, "there are too many values in one another")
		return &Node{At: at}
	}
	switch v.Kind {
	case unstable.String:
		at = r.at(v)
		at.Column++
		if raw := r.p.Raw(v.Raw); len(raw) >= 6 && (string(raw[:3]) == `"""` || string(raw[:3]) == `'''`) {
			at.Column += 2
			// A line end behind the quotes is no part of the text.
			if raw[3] == '\n' || raw[3] == '\r' {
				at = Place{at.Line + 1, 1}
			}
		}
		return &Node{Kind: String, Text: string(v.Data), At: at}
	case unstable.Array:
		n := &Node{Kind: List, At: at}
		for it := v.Children(); it.Next(); {
			n.list = append(n.list, r.value(it.Node(), at, depth+1))
		}
		return n
	case unstable.InlineTable:
		n := &Node{Kind: Table, At: r.at(v)}
		for it := v.Children(); it.Next(); {
			if child := it.Node(); child.Kind == unstable.KeyValue {
				r.keyValue(n, child, depth+1)
			}
		}
		return n
	}
	return &Node{Kind: Scalar, Text: string(v.Data), At: r.at(v)}
}
