package tree

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	yamlast "github.com/goccy/go-yaml/ast"
	yamlparser "github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a YAML file: what people write has a few hundred lines. The library reads what is
// nested by calling itself, and takes time by the square of the keys of a table and of the
// signs in a line: a megabyte of "a: b" took it 90 seconds, and 10,000 keys take it 0.4.
const (
	maxYAML  = 1 << 19
	maxOpens = 20_000
	maxKeys  = 10_000
	maxLine  = 1 << 13
	maxSigns = 2_000 // that open something, in one line
)

// firstDocument cuts off what stands behind the first document, and says whether the file is
// one that can be read in time.
func firstDocument(data []byte) ([]byte, bool) {
	if bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxOpens {
		return nil, false
	}
	keys, marks, begun, at := 0, 0, false, 0
	for l := range bytes.Lines(data) {
		switch bare := bytes.TrimSpace(l); {
		case len(bare) == 0 || bare[0] == '#' || bare[0] == '%':
		case bytes.HasPrefix(l, []byte("---")) || bytes.HasPrefix(l, []byte("...")):
			if begun {
				return data[:at], true
			}
			begun = len(bare) > 3
			marks++
		default:
			begun = true
		}
		at += len(l)
		signs := bytes.Count(l, []byte("- ")) + bytes.Count(l, []byte("? ")) + bytes.Count(l, []byte(": ")) + bytes.Count(l, []byte("\t"))
		keys += bytes.Count(l, []byte("? "))
		for i, c := range l {
			if c == ':' && (i+1 == len(l) || l[i+1] <= ' ' || i > 0 && (l[i-1] == '"' || l[i-1] == '\'')) {
				keys++
			}
		}
		if len(l) > maxLine || signs > maxSigns || keys > maxKeys || marks > 10 || at > maxYAML {
			return nil, false
		}
	}
	return data, true
}

// Fill reads YAML into a struct that has a field for each of its keys: one that it does not have
// is a mistake. Errors name the file, the place and what stands there.
func Fill(file string, data []byte, into any) (err error) {
	defer func() {
		if recover() != nil { // as below
			err = fmt.Errorf("%s: this is no YAML that can be read", file)
		}
	}()
	if err := yaml.UnmarshalWithOptions(data, into, yaml.Strict(), yaml.DisallowUnknownField()); err != nil {
		return fmt.Errorf("%s: %s", file, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	return nil
}

// YAML reads the first document of a YAML file. What is no YAML is nil, and a problem.
func YAML(data []byte) (*Node, []Problem) {
	var f report
	root := f.yaml(data)
	return root, f
}

func (f *report) yaml(data []byte) (root *Node) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	first := Place{1, 1}
	data, ok := firstDocument(data)
	if !ok {
		f.problem(first, errTooMuch.Error())
		return nil
	}
	if !utf8.Valid(data) {
		f.problem(newSheet(data).place(invalid(data)), "this is no UTF-8, which YAML must be here")
		data = bytes.ToValidUTF8(data, []byte("?"))
	}
	defer func() {
		// The library has known panics on text that is no YAML.
		if r := recover(); r != nil {
			f.problem(first, "this is no YAML that can be read")
			root = nil
		}
	}()
	file, err := yamlparser.ParseBytes(data, 0, yamlparser.AllowDuplicateMapKey())
	if err != nil {
		at := first
		var syntax *yaml.SyntaxError
		message := err.Error()
		if errors.As(err, &syntax) {
			message = syntax.Message
			if syntax.Token != nil && syntax.Token.Position != nil {
				at = Place{max(1, syntax.Token.Position.Line), max(1, syntax.Token.Position.Column)}
			}
		}
		message, _, _ = strings.Cut(message, "\n")
		f.problem(at, "this is no YAML: "+message)
		return nil
	}
	r := &yamlReader{anchors: map[string]*Node{}}
	for _, d := range file.Docs {
		if d.Body != nil {
			n := r.value(d.Body, 0)
			if r.n > maxNodes || r.deep {
				f.problem(first, errTooMuch.Error())
			}
			return n
		}
	}
	return nil
}

type yamlReader struct {
	anchors map[string]*Node
	n       int
	deep    bool
}

// value makes a node of the library's. An alias is the node of its anchor once more, not a
// copy, so that aliases of aliases cost nothing.
func (r *yamlReader) value(n yamlast.Node, depth int) *Node {
	if n == nil {
		return nil
	}
	out := &Node{}
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.At = Place{max(1, t.Position.Line), max(1, t.Position.Column)}
	}
	if r.n++; r.n > maxNodes || depth > maxDepth {
		r.deep = true
		return out
	}
	switch n := n.(type) {
	case *yamlast.StringNode:
		out.Kind, out.Text = String, n.Value
		if t := n.Token; t != nil {
			switch t.Type {
			case token.SingleQuoteType:
				out.Style = Single
				out.At.Column++
			case token.DoubleQuoteType:
				out.Style = Double
				out.At.Column++
			}
		}
	case *yamlast.LiteralNode:
		out.Kind, out.Style = String, Literal
		if n.Start != nil && n.Start.Type == token.FoldedType {
			out.Style = Folded
		}
		if n.Value != nil {
			out.Text = n.Value.Value
		}
		out.At.Line, out.At.Column = out.At.Line+1, 1
	case *yamlast.NullNode:
	case *yamlast.TagNode:
		return r.value(n.Value, depth+1)
	case *yamlast.AnchorNode:
		v := r.value(n.Value, depth+1)
		if n.Name != nil && v != nil {
			r.anchors[n.Name.String()] = v
		}
		return v
	case *yamlast.AliasNode:
		if n.Value != nil {
			if v := r.anchors[n.Value.String()]; v != nil {
				return v
			}
		}
	case *yamlast.SequenceNode:
		out.Kind = List
		for _, v := range n.Values {
			out.list = append(out.list, r.value(v, depth+1))
		}
	case *yamlast.MappingNode:
		out.Kind = Table
		for _, merges := range []bool{false, true} { // what stands here itself goes before what is taken over
			for _, v := range n.Values {
				if isMerge(v) == merges {
					r.pair(out, v, depth)
				}
			}
		}
	case *yamlast.MappingValueNode:
		out.Kind = Table
		r.pair(out, n, depth)
	default:
		out.Kind, out.Text = Scalar, n.String()
		if t := n.GetToken(); t != nil {
			out.Text = t.Value
		}
	}
	return out
}

func isMerge(v *yamlast.MappingValueNode) bool {
	if v == nil {
		return false
	}
	_, merge := v.Key.(*yamlast.MergeKeyNode)
	return merge
}

func (r *yamlReader) pair(t *Node, v *yamlast.MappingValueNode, depth int) {
	if v == nil || v.Key == nil {
		return
	}
	if isMerge(v) {
		from := r.value(v.Value, depth+1)
		for _, f := range slices.Concat(from.Items(), []*Node{from}) {
			if r.n += len(f.All()); r.n > maxNodes {
				return
			}
			for _, e := range f.All() {
				t.set(e.Key, e.At, e.Value)
			}
		}
		return
	}
	key := r.value(v.Key, depth+1)
	if k, ok := v.Key.(*yamlast.MappingKeyNode); ok {
		key = r.value(k.Value, depth+1)
	}
	if key == nil || key.Kind != String && key.Kind != Scalar {
		return
	}
	t.set(key.Text, key.At, r.value(v.Value, depth+1))
}
