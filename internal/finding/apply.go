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
		if i > 0 && e.Start == list[i-1].Start && e.End == list[i-1].End && e.Text == list[i-1].Text {
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
