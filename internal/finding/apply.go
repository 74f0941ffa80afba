package finding

import (
	"cmp"
	"fmt"
	"slices"
)

// Apply makes edits in a text, whose offsets all mean the text as it is. Two edits that
// insert the same at one place are one. The error is for edits that overlap or do not fit.
func Apply(text []byte, edits []Edit) ([]byte, error) {
	list := slices.Clone(edits)
	slices.SortStableFunc(list, func(a, b Edit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	out := make([]byte, 0, len(text)+64)
	at := 0
	for i, e := range list {
		if twice(list[:i], e) {
			continue
		}
		if e.Start < at || e.End < e.Start || e.End > len(text) {
			return nil, fmt.Errorf("edits overlap or lie outside of the file, at byte %d", e.Start)
		}
		out = append(append(out, text[at:e.Start]...), e.Text...)
		at = e.End
	}
	return append(out, text[at:]...), nil
}

// twice says whether a sorted list, to which e would be added at the end, has e already:
// perhaps with others at the same place between them.
func twice(list []Edit, e Edit) bool {
	for i := len(list) - 1; i >= 0 && list[i].Start == e.Start && list[i].End == e.End; i-- {
		if list[i].Text == e.Text {
			return true
		}
	}
	return false
}

// An Editor collects edits of one text that can be made together.
type Editor struct{ edits []Edit } // sorted, without overlaps, each once

// Add takes the edits if none of them overlaps with one that is there, and says whether
// it did. One that is there already does not count as overlapping.
func (ed *Editor) Add(edits ...Edit) bool {
	list := slices.Clone(ed.edits)
	for _, e := range edits {
		at, _ := slices.BinarySearchFunc(list, e, func(a, b Edit) int {
			if n := cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)); n != 0 {
				return n
			}
			return -1 // behind those at the same place
		})
		switch {
		case twice(list[:at], e):
			continue
		case e.End < e.Start, at > 0 && list[at-1].End > e.Start, at < len(list) && e.End > list[at].Start:
			return false
		}
		list = slices.Insert(list, at, e)
	}
	ed.edits = list
	return true
}

// Edits returns what was taken, in the order of the text.
func (ed *Editor) Edits() []Edit { return ed.edits }
