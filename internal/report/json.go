package report

import (
	"io"

	"github.com/gambeson/gambeson/internal/finding"
)

// writeJSON writes the report itself. It is complete, and finding.Read reads it back, so
// every other format can be made from it later.
func writeJSON(w io.Writer, r *finding.Report, _ Options) error {
	return encodeJSON(w, ordered(r))
}
