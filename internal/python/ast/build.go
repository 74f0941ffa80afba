package ast

import "github.com/gambeson/gambeson/internal/source"

// bytesPerNode is how many bytes of text a node stands for, at least, in six files of seven: the
// median of CPython's library is 11.
const bytesPerNode = 8

// NewNodes starts the tree of a text of that many bytes. Only package parser builds trees.
func NewNodes(bytes int) *Nodes {
	want := min(bytes/bytesPerNode, keep) + minBlock
	n := pool.Get(want)
	if n == nil {
		n = &Nodes{all: make([]Node, 0, want), kinds: make([]byte, 0, want)}
	}
	n.all, n.kinds = append(n.all[:0], nil), append(n.kinds[:0], byte(KindNone))
	return n
}

// Tree finishes a tree.
func (n *Nodes) Tree(f *source.File, m *Module) *Tree {
	return &Tree{File: f, Module: m, nodes: n}
}

// add fills the header of a new node and numbers it.
func (n *Nodes) add(node Node, h *Header, k Kind, start, end Pos) {
	*h = Header{start: start, end: end, id: NodeID(len(n.all)), kind: k}
	n.all = append(n.all, node)
	n.kinds = append(n.kinds, byte(k))
}

// SetSpan moves a node's ends. For the parser only.
func SetSpan(n Node, start, end Pos) {
	h := n.head()
	h.start, h.end = start, end
}

// SetCtx changes a node's context. For the parser only.
func SetCtx(n Node, c Ctx) {
	h := n.head()
	h.flags = h.flags&^ctxMask | uint16(c)
}

// SetPart marks a constant as one that only continues another. For the parser only.
func SetPart(c *Constant) { c.flags |= flagPart }

// SetConst sets a constant's kind. For the parser only.
func SetConst(c *Constant, k ConstKind) { c.flags = c.flags&^constMask | uint16(k)<<constShift }

// SetText marks a constant as text of an f-string; raw says that it keeps its
// backslashes. For the parser only.
func SetText(c *Constant, raw bool) {
	SetConst(c, Str)
	c.flags |= flagText
	if raw {
		c.flags |= flagRaw
	}
}
