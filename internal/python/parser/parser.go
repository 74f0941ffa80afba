// Package parser turns Python source into the tree of package ast. It accepts the
// grammar of CPython 3.8 to 3.15, all of it at once (grammar.txt), and gives CPython's
// tree to the letter (TestAgainstCPython).
//
// It is recursive descent for statements and precedence climbing for expressions; the
// method names are the productions of the language reference. Three constructs need to
// look ahead: `match` as a statement, `with (` and `type`; they read tokens only, never
// build nodes twice.
//
// Text that is not Python still gives a tree. An error is reported once a logical line,
// the rest of that line is read as well as it can be, and the next line starts afresh: a
// broken function does not hide the one below. Lists in brackets end where an outer
// construct must go on, and a bracket that is never closed ends where a statement
// begins (lexer.unclosed). The first error is the one that CPython reports (errors.go).
// Every loop consumes a token or stops. Recursion and the length of left-leaning chains
// are bounded, so that no later walk can exhaust the stack, and no text is looked at
// more often than a few times, so that time is linear in it (TestLinear).
//
// Tests read pages of snippets in testdata: grammar (what is read), errors (what is
// said) and recovery (what of a broken text is kept). `go test -update` rewrites the
// answers; TestAgainstCPython asks an interpreter whether they are right.
package parser

import (
	"slices"
	"sync"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/source"
)

// MaxDepth bounds how deep constructs nest; CPython gives up at 200 brackets or 100 blocks.
const MaxDepth = 1000

// maxChain bounds what nests without recursion here, but not in those who walk the
// tree: operators that nest to the left (a+a+a…, x.y.z…) and elif clauses. Short chains
// are free; what is beyond freeLinks in each counts, for all chains of a statement
// together. So no tree is deeper than MaxDepth*freeLinks + maxChain, which takes some
// hundred megabytes of stack, and Go allows a gigabyte.
const (
	maxChain  = 50_000
	freeLinks = 500
)

// Parse reads a file. It always returns a tree, with whatever is wrong in its Errors,
// in order. Call Release on the tree when done with it, if there are many.
func Parse(f *source.File) *ast.Tree {
	p := parsers.Get().(*parser)
	p.nodes = ast.NewNodes(len(f.Bytes))
	p.src, p.size = sentinel(f.Bytes)
	p.indents = append(p.indents[:0], indent{})
	p.bol, p.tok = true, tNewline
	p.nextToken()
	body := p.file()
	p.verdict()
	m := p.nodes.Module(0, ast.Pos(p.size))
	m.Body = body
	t := p.nodes.Tree(f, m)
	t.Comments, t.Errors = slices.Clone(p.comments), p.errors
	p.reset()
	parsers.Put(p)
	return t
}

// parsers keeps the stacks of those that have done their work.
var parsers = sync.Pool{New: func() any { return &parser{} }}

// reset forgets a file, but keeps the stacks, unless they have become huge.
func (p *parser) reset() {
	old := *p
	*p = parser{}
	if cap(old.exprs)+cap(old.comments)+cap(old.brackets) > 1<<16 {
		return
	}
	p.indents, p.brackets, p.comments = old.indents[:0], old.brackets[:0], old.comments[:0]
	p.exprs, p.stmts, p.patterns, p.idents = emptied(old.exprs), emptied(old.stmts), emptied(old.patterns), emptied(old.idents)
	p.keywords, p.params, p.comps, p.clauses = emptied(old.keywords), emptied(old.params), emptied(old.comps), emptied(old.clauses)
	p.aliases, p.ops = emptied(old.aliases), old.ops[:0]
}

// emptied returns the stack without its values, so that it holds no tree in memory.
func emptied[T any](s []T) []T {
	clear(s[:cap(s)])
	return s[:0]
}

// sentinel returns text followed by a zero byte. The loader leaves room for it; a
// caller that did not pays for a copy.
func sentinel(text []byte) ([]byte, int) {
	n := len(text)
	if cap(text) > n && text[:n+1][n] == 0 {
		return text[: n+1 : n+1], n
	}
	src := make([]byte, n+1)
	copy(src, text)
	return src, n
}

type parser struct {
	lexer
	nodes   *ast.Nodes
	prevEnd int // end of the last token that was not a line end or an indentation
	depth   int
	chain   int // see link
	specs   int // format specs around the cursor, within the innermost f-string

	// Scratch stacks on which lists grow before they are copied into the tree.
	exprs    []ast.Expr
	stmts    []ast.Stmt
	patterns []ast.Pattern
	idents   []string
	keywords []*ast.Keyword
	params   []*ast.Arg
	comps    []*ast.Comprehension
	ops      []ast.CmpOp
	clauses  []clause
	aliases  []*ast.Alias
}

// nextToken goes on by one token.
func (p *parser) nextToken() {
	if p.tok > tDedent {
		p.prevEnd = p.end
	}
	for p.next(); p.tok == tError; {
		p.next()
	}
}

// take goes on if the token is t, and says whether it was.
func (p *parser) take(t token) bool {
	if p.tok != t {
		return false
	}
	p.nextToken()
	return true
}

// expect takes t or reports that it is missing.
func (p *parser) expect(t token, message string) bool {
	if p.take(t) {
		return true
	}
	p.fail(p.start, p.end, "%s", message)
	return false
}

func (p *parser) invalid() { p.fail(p.start, p.end, "invalid syntax") }

// span gives the ends of a node that begins at start and ends with the last token. An
// empty one, where something is missing, makes those around reach up to it.
func (p *parser) span(start int) (ast.Pos, ast.Pos) {
	p.prevEnd = max(p.prevEnd, start)
	return ast.Pos(start), ast.Pos(p.prevEnd)
}

// enter counts a level of recursion. When there are too many it reports so and skips
// the rest of the logical line, upon which every level above finds its construct ended.
func (p *parser) enter() bool {
	p.depth++
	return p.depth <= MaxDepth || p.tooDeep()
}

func (p *parser) tooDeep() bool {
	p.fail(p.start, p.end, "nested too deeply: more than %d levels", MaxDepth)
	p.skipLine()
	return false
}

func (p *parser) leave() { p.depth-- }

// link counts one more operator of a chain, of which there have been n.
func (p *parser) link(n *int) bool {
	*n++
	if *n <= freeLinks {
		return true
	}
	p.chain++
	if p.chain <= maxChain {
		return true
	}
	p.fail(p.start, p.end, "statement too complex: more than %d operators", maxChain)
	p.skipLine()
	return false
}

// skipLine drops all up to the end of the logical line. Open brackets are forgotten, so
// that the line ends where the text's line does.
func (p *parser) skipLine() {
	p.brackets = p.brackets[:min(len(p.brackets), p.field)]
	for p.tok != tNewline && p.tok != tEOF && (p.field == 0 || p.tok != tRBrace) {
		p.nextToken()
		if p.field == 0 {
			p.brackets = p.brackets[:0]
		}
	}
}

// name is the identifier under the cursor, in normal form C as PEP 3131 demands.
func (p *parser) name() string {
	s := source.View(p.src[p.start:p.end])
	if p.unicode {
		return normal(s)
	}
	return s
}

// identifier takes a name, or reports that it is missing and returns "". What lacks it
// reaches up to here.
func (p *parser) identifier() string {
	if p.tok != tName {
		p.invalid()
		p.prevEnd = max(p.prevEnd, p.start)
		return ""
	}
	s := p.name()
	p.nextToken()
	return s
}

// is says whether the token is the soft keyword s.
func (p *parser) is(s string) bool {
	return p.tok == tName && p.end-p.start == len(s) && source.View(p.src[p.start:p.end]) == s
}

// file: statements to the end. What cannot begin a statement is skipped by the line.
func (p *parser) file() []ast.Stmt {
	base := len(p.stmts)
	for p.tok != tEOF {
		p.statements(false)
	}
	return p.popStmts(base)
}

func (p *parser) popStmts(base int) []ast.Stmt {
	list := p.nodes.StmtList(p.stmts[base:])
	p.stmts = p.stmts[:base]
	return list
}

func (p *parser) popExprs(base int) []ast.Expr {
	list := p.nodes.ExprList(p.exprs[base:])
	p.exprs = p.exprs[:base]
	return list
}

// endLine takes the end of a logical line. If there is more on it, that is an error, but
// it is read on as further statements, so that the calls in `print "x", f(y)` are seen.
func (p *parser) endLine() {
	if p.tok == tNewline {
		p.errored, p.legacy = false, false
		p.chain = 0
		p.nextToken()
	}
}
