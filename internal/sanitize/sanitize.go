// Package sanitize makes HTML of strangers safe to show. It has two faces: Bleach, whose
// results it repeats to the letter for the programs that were written for it, and a strict
// policy of its own for those that are written now.
//
// Both stand on the parser of golang.org/x/net/html as it is published. Bleach decides in the
// tokenizer: a tag that is not allowed is text, in its original letters, before any tree is
// built; references are not decoded; attributes keep their order. That parser shows nothing
// between its tokenizer and its tree. So the text is read by a tokenizer of ours and written
// down again in a form that the parser can read in one way only: allowed tags with a number in
// place of their attributes, all else as text without a single < or &. It builds the tree, and
// the numbers lead back to what was written.
//
// The trap is that reading HTML depends on the tree: whether the content of a style is text
// depends on whether it stands in an svg. That is guessed from the tags and checked against
// the tree; where it was wrong, the text is read again. A text that stays unclear, that is
// nested too deeply or would take more than linear time is not cleaned but escaped whole.
package sanitize

import (
	"errors"
	"sync"
)

const maxText = 64 << 20 // bytes; the parser needs some twenty times as many

var (
	errTooLong = errors.New("the text is too long")
	errAnswers = errors.New("the number of answers is not that of the questions")
)

// work is what a call needs and leaves to the next one.
type work struct {
	t          tokenizer
	toks, more []tok
	attrs      []attr
	buf        []byte
}

var pool = sync.Pool{New: func() any { return &work{} }}

func newWork() *work {
	w := pool.Get().(*work)
	w.attrs = w.attrs[:0]
	return w
}

const keepBytes = 1 << 20 // what is larger is left to the collector

func (w *work) free() {
	if cap(w.buf) > keepBytes || cap(w.t.out) > keepBytes || cap(w.toks) > keepBytes/64 {
		return
	}
	// Nothing of one text stays in memory. What lies beyond the lengths was cleared before.
	clear(w.toks)
	clear(w.more)
	clear(w.attrs)
	clear(w.t.attrs)
	clear(w.t.comments)
	clear(w.t.cur[:cap(w.t.cur)])
	clear(w.t.pending.open[:cap(w.t.pending.open)])
	clear(w.t.pending.count)
	clear(w.t.alike)
	clear(w.t.seen)
	w.t.src, w.t.name, w.t.corrected = "", "", nil
	clear(w.t.scope.stack[:cap(w.t.scope.stack)])
	pool.Put(w)
}
