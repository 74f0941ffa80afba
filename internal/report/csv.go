package report

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// csvHeader names the columns. New ones are added at the end.
var csvHeader = []string{
	"kind", "severity", "confidence", "rule", "practice", "title", "message", "path", "cell", "line", "column",
	"end_line", "end_column", "cwe", "owasp", "symbol", "way_in", "hint", "fix", "fingerprint", "reason",
	"advisory", "aliases", "package", "version", "fixed",
}

// writeCSV writes a table by RFC 4180. The column kind tells findings from suppressed
// ones, from problems, from practices that were not looked at, and from notes.
func writeCSV(w io.Writer, r *finding.Report, _ Options) error {
	r = ordered(r)
	c := csv.NewWriter(w)
	c.UseCRLF = true
	write := func(values map[string]string) error {
		record := make([]string, len(csvHeader))
		for i, name := range csvHeader {
			record[i] = spreadsheet(values[name])
		}
		return c.Write(record)
	}
	if err := c.Write(csvHeader); err != nil {
		return err
	}
	for _, p := range r.Problems {
		if err := write(map[string]string{
			"kind": couldNotLook, "message": problemText(p), "path": p.Path,
			"line": lineAttr(p.Line), "column": lineAttr(p.Column),
		}); err != nil {
			return err
		}
	}
	sum := summarise(r)
	for _, row := range sum.Rows {
		if row.State == notLooked && !row.Head {
			if err := write(map[string]string{"kind": "not-looked-at", "practice": row.Number, "title": row.Title, "message": row.found()}); err != nil {
				return err
			}
		}
	}
	for _, note := range r.Notes {
		if err := write(map[string]string{"kind": "note", "message": note}); err != nil {
			return err
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		values := map[string]string{
			"kind": "finding", "severity": f.Severity.String(), "confidence": f.Confidence.String(), "rule": f.Rule,
			"practice": string(f.Practice), "title": f.Title, "message": f.Message, "path": f.Location.Path,
			"cell": lineAttr(f.Location.Cell), "line": lineAttr(f.Location.Line), "column": lineAttr(f.Location.Column),
			"end_line": lineAttr(f.Location.EndLine), "end_column": lineAttr(f.Location.EndColumn), "cwe": cweNames(f.CWE),
			"owasp": f.OWASP, "symbol": f.Symbol, "way_in": wayIn(f.Entry), "hint": f.Hint, "fingerprint": f.Fingerprint,
		}
		if f.Fix != nil {
			values["fix"] = map[bool]string{true: "safe: ", false: "needs review: "}[f.Fix.Safe] + f.Fix.Message
		}
		if a := f.Advisory; a != nil {
			values["advisory"], values["aliases"], values["package"] = a.ID, strings.Join(a.Aliases, " "), a.Package
			values["version"], values["fixed"] = a.Version, strings.Join(a.Fixed, " ")
		}
		if f.Suppressed != nil {
			values["kind"] = "suppressed"
			values["reason"] = silencedBy(f.Suppressed)
		}
		if err := write(values); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// spreadsheet makes a value that a spreadsheet takes for text. One that begins like a
// formula, even after spaces or in full-width form, would be run when the file is
// opened; the apostrophe is the spreadsheets' own sign for text.
func spreadsheet(s string) string {
	s = clean(s)
	if start := strings.TrimLeft(s, " \"'\u3000"); start != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(start)[0]) {
		return "'" + s
	}
	return s
}
