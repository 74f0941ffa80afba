// Package ast is Python's syntax tree, as CPython's ast module defines it: the same
// nodes, fields and positions, so that Dump can be compared with CPython letter by
// letter (see Dump). It knows the grammar of Python 3.8 to 3.15.
//
// A tree is built once, by package parser, and never changed. Nodes come from arenas
// that belong to the tree; each carries a 16-byte header with its place in the source,
// its kind and a dense id. What later passes learn about a node lives beside the tree
// in slices indexed by that id (0.5 ns a lookup; a map takes 16 ns), never in it.
//
// The nodes are listed in python.txt; nodes.go is generated from it. Three pairs that
// CPython keeps apart are one type here, told apart by a flag: FunctionDef, For and
// With are asynchronous when Async is set, and Try is `except*` when Star is set.
package ast

//go:generate go run ./gen

import (
	"bytes"
	"iter"

	"github.com/gambeson/gambeson/internal/source"
)

// Pos is a byte offset into the source file.
type Pos = source.Pos

// NodeID numbers the nodes of one tree, from 1, densely, children before parents.
// Zero is no node.
type NodeID uint32

// A Node is any node of the tree.
type Node interface {
	Kind() Kind
	ID() NodeID
	Start() Pos
	End() Pos
	Span() source.Span
	head() *Header
}

// Expr, Stmt, Pattern and TypeParam are the sums of the grammar.
type (
	Expr interface {
		Node
		expr()
	}
	Stmt interface {
		Node
		stmt()
	}
	Pattern interface {
		Node
		pattern()
	}
	TypeParam interface {
		Node
		typeParam()
	}
)

// Header begins every node.
type Header struct {
	start, end Pos
	id         NodeID
	kind       Kind
	flags      uint16
}

// Kind tells the node's type.
func (h *Header) Kind() Kind { return h.kind }

// ID is the node's number in its tree.
func (h *Header) ID() NodeID { return h.id }

// Start is the offset of the node's first byte, as CPython sees it: a decorated
// function starts at its def, a parenthesised operand does not include its parentheses.
func (h *Header) Start() Pos { return h.start }

// End is the offset after the node's last byte.
func (h *Header) End() Pos { return h.end }

// Span is the node's range in the source.
func (h *Header) Span() source.Span { return source.Span{Start: h.start, End: h.end} }

func (h *Header) head() *Header { return h }

// Ctx is the context of a Name, Attribute, Subscript, Starred, List or Tuple.
type Ctx uint8

// The contexts.
const (
	Load Ctx = iota
	Store
	Del
)

// The flags of a header: two bits of context, four of constant kind, and single bits.
const (
	ctxMask    = 0x3
	constShift = 2
	constMask  = 0xf << constShift
	flagRaw    = 1 << 6 // text of an f-string with an r prefix
	flagPart   = 1 << 7 // a constant that only continues another one
	flagText   = 1 << 8 // a constant whose Raw is text of an f-string, without quotes
)

// Ctx tells whether the node is read, bound or deleted.
func (h *Header) Ctx() Ctx { return Ctx(h.flags & ctxMask) }

// Operator is a binary operator.
type Operator uint8

// The binary operators.
const (
	Add Operator = iota
	Sub
	Mult
	MatMult
	Div
	Mod
	Pow
	LShift
	RShift
	BitOr
	BitXor
	BitAnd
	FloorDiv
)

var operatorNames = [...]string{"Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow", "LShift", "RShift", "BitOr", "BitXor", "BitAnd", "FloorDiv"}

func (o Operator) String() string { return operatorNames[o] }

// UnaryOperator is an operator with one operand.
type UnaryOperator uint8

// The unary operators.
const (
	Invert UnaryOperator = iota
	Not
	UAdd
	USub
)

var unaryNames = [...]string{"Invert", "Not", "UAdd", "USub"}

func (o UnaryOperator) String() string { return unaryNames[o] }

// BoolOperator is `and` or `or`.
type BoolOperator uint8

// The boolean operators.
const (
	And BoolOperator = iota
	Or
)

func (o BoolOperator) String() string { return [...]string{"And", "Or"}[o] }

// CmpOp is a comparison.
type CmpOp uint8

// The comparisons.
const (
	Eq CmpOp = iota
	NotEq
	Lt
	LtE
	Gt
	GtE
	Is
	IsNot
	In
	NotIn
)

var cmpNames = [...]string{"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In", "NotIn"}

func (o CmpOp) String() string { return cmpNames[o] }

// A Tree is the result of parsing one file.
type Tree struct {
	File     *source.File
	Module   *Module
	Comments []source.Span // each from its # to before the line end, in order
	Errors   []Error       // the first is what CPython reports, the rest in order; empty when its parser accepts the file
	nodes    *Nodes
}

// An Error is a place where the text is not Python. The tree has what could be read.
type Error struct {
	Span    source.Span
	Message string // as CPython words it where it has words for it
}

// Len returns one more than the largest id, the length for a table indexed by id.
func (t *Tree) Len() int { return len(t.nodes.all) }

// Node returns the node with an id, or nil for zero.
func (t *Tree) Node(id NodeID) Node { return t.nodes.all[id] }

// Nodes returns all nodes by id; element zero is nil. A node that error recovery
// dropped is listed too: it has no way up to Module.
func (t *Tree) Nodes() []Node { return t.nodes.all }

// Kinds returns the kind of each node, a byte each, by id: whoever looks for some need not
// fetch the others.
func (t *Tree) Kinds() []byte { return t.nodes.kinds }

// Of visits the nodes of one kind in the order of their ids.
func (t *Tree) Of(k Kind) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for at := 0; ; at++ {
			i := bytes.IndexByte(t.nodes.kinds[at:], byte(k))
			if i < 0 {
				return
			}
			if at += i; !yield(t.nodes.all[at]) {
				return
			}
		}
	}
}

// LastName is the last name that an expression is spelt with: get of requests.get. It is "" for
// what is neither a name nor an attribute, and for nil.
func LastName(n Node) string {
	switch n := n.(type) {
	case *Name:
		return n.Ident
	case *Attribute:
		return n.Attr
	}
	return ""
}

// Elements are those of a list or tuple display, or of targets that are unpacked; ok says that
// it is one.
func Elements(e Expr) (list []Expr, ok bool) {
	switch e := e.(type) {
	case *List:
		return e.Elts, true
	case *Tuple:
		return e.Elts, true
	}
	return nil, false
}

// Release gives the tree's memory back for the next tree. Neither the tree nor any of
// its nodes may be used afterwards; strings that came from it stay valid.
func (t *Tree) Release() {
	n := t.nodes
	t.nodes, t.Module = nil, nil
	if n != nil {
		n.release()
	}
}

// argumentsChildren visits parameters in the order of the source, each default after
// its parameter.
func argumentsChildren(a *Arguments, visit func(Node)) {
	first := len(a.Posonlyargs) + len(a.Args) - len(a.Defaults)
	for i := range len(a.Posonlyargs) + len(a.Args) {
		if i < len(a.Posonlyargs) {
			visit(a.Posonlyargs[i])
		} else {
			visit(a.Args[i-len(a.Posonlyargs)])
		}
		if i >= first && i-first < len(a.Defaults) {
			visit(a.Defaults[i-first])
		}
	}
	if a.Vararg != nil {
		visit(a.Vararg)
	}
	for i, k := range a.Kwonlyargs {
		visit(k)
		if a.KwDefaults[i] != nil {
			visit(a.KwDefaults[i])
		}
	}
	if a.Kwarg != nil {
		visit(a.Kwarg)
	}
}
