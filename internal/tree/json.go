package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// JSON reads JSON. As with TOML, what stands before a break is kept.
func JSON(data []byte) (*Node, []Problem) {
	var f report
	root := f.json(data)
	return root, f
}

func (f *report) json(data []byte) *Node {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	r := &jsonReader{d: json.NewDecoder(bytes.NewReader(data)), sheet: newSheet(data)}
	r.d.UseNumber()
	n := r.value(0)
	if r.err == nil {
		if rest := bytes.TrimSpace(data[r.d.InputOffset():]); len(rest) > 0 {
			r.err = errors.New("something follows its end")
		}
	}
	if r.err != nil {
		at := r.sheet.place(int(r.d.InputOffset()))
		var syntax *json.SyntaxError
		if errors.As(r.err, &syntax) {
			at = r.sheet.place(int(syntax.Offset) - 1)
		}
		f.problem(at, "this is no JSON, and what follows was not read: "+r.err.Error())
	}
	return n
}

type jsonReader struct {
	d     *json.Decoder
	sheet *sheet
	err   error
	n     int
}

func (r *jsonReader) token() (json.Token, Place) {
	start := int(r.d.InputOffset())
	data := r.sheet.data
	for start < len(data) && strings.IndexByte(" \t\r\n,:", data[start]) >= 0 {
		start++
	}
	t, err := r.d.Token()
	if r.n++; err == nil && r.n > maxNodes {
		err = errTooMuch
	}
	if err != nil {
		r.err = err
	}
	if _, ok := t.(string); ok {
		start++
	}
	return t, r.sheet.place(start)
}

func (r *jsonReader) value(depth int) *Node {
	t, at := r.token()
	if r.err == nil && depth > maxDepth {
		r.err = errors.New("there are too many values in one another")
	}
	n := &Node{At: at}
	if r.err != nil {
		return n
	}
	switch t := t.(type) {
	case string:
		n.Kind, n.Text = String, t
	case nil:
	case json.Delim:
		n.Kind = List
		if t == '{' {
			n.Kind = Table
		}
		for r.err == nil && r.d.More() {
			if n.Kind == List {
				n.list = append(n.list, r.value(depth+1))
				continue
			}
			key, keyAt := r.token()
			if s, ok := key.(string); ok && r.err == nil {
				n.set(s, keyAt, r.value(depth+1)) // a second one of the name is left out
			}
		}
		if r.err == nil {
			r.token()
		}
	default:
		n.Kind, n.Text = Scalar, fmt.Sprint(t)
	}
	return n
}
