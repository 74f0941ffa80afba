package report

import (
	"io"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// The types below are OpenVEX v0.2.0 as far as it is written here.

type vexDocument struct {
	Context    string         `json:"@context"`
	ID         string         `json:"@id"`
	Author     string         `json:"author"`
	Timestamp  string         `json:"timestamp"`
	Version    int            `json:"version"`
	Tooling    string         `json:"tooling"`
	Statements []vexStatement `json:"statements"`
}

type vexStatement struct {
	Vulnerability vexVulnerability `json:"vulnerability"`
	Products      []vexProduct     `json:"products"`
	Status        string           `json:"status"`
	Notes         string           `json:"status_notes,omitempty"`
	Impact        string           `json:"impact_statement,omitempty"`
	Action        string           `json:"action_statement,omitempty"`
}

type vexVulnerability struct {
	ID          string   `json:"@id"`
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
}

type vexProduct struct {
	ID          string         `json:"@id"`
	Identifiers vexIdentifiers `json:"identifiers"`
}

type vexIdentifiers struct {
	Purl string `json:"purl"`
}

// writeOpenVEX writes what the report says of flaws as statements: which package has
// which flaw, whether it matters, and what to do. The standard has no place for what
// could not be looked at but the text on how the document was made. It wants at least one
// statement, so that there is no document where there is no flaw: that is Nothing.
func writeOpenVEX(w io.Writer, r *finding.Report, _ Options) error {
	r = ordered(r)
	d := vexDocument{
		Context: "https://openvex.dev/ns/v0.2.0", Author: orElse(r.Tool.Name, "gambeson"), Timestamp: made(r, epoch), Version: 1,
		Tooling: vexTooling(r), Statements: []vexStatement{},
	}
	for _, f := range flawsOf(r, partsOf(r)) {
		_, url := whose(f.ID)
		s := vexStatement{
			Vulnerability: vexVulnerability{ID: url, Name: orElse(f.ID, "unknown"), Description: f.Description, Aliases: f.Aliases},
			Status:        f.Status,
		}
		for _, in := range f.In {
			s.Products = append(s.Products, vexProduct{in.Ref, vexIdentifiers{in.Ref}})
		}
		if f.Status == "affected" {
			s.Action = f.advice()
		} else {
			s.Impact = orElse(f.Reason, "It does not matter here, and no reason was given.")
		}
		if reach := f.reach(); len(reach) > 0 {
			s.Notes = "What the project's code does with the package: " + strings.Join(reach, ", ")
		}
		d.Statements = append(d.Statements, s)
	}
	if len(d.Statements) == 0 {
		why := "no package has a known flaw"
		if r.Advisories == nil {
			why = "no package was held against advisories"
		}
		return Nothing("there is nothing to state, as " + why + ": OpenVEX has no document without a statement, and none was written")
	}
	id, err := contentID(d)
	if err != nil {
		return err
	}
	d.ID = "urn:uuid:" + id
	return encodeJSON(w, d)
}

// vexTooling says what made the document, and what a reader of it must know.
func vexTooling(r *finding.Report) string {
	tool, version := program(r)
	said := []string{strings.TrimSpace(tool + " " + version)}
	problems, notes := caveats(r)
	if len(problems) > 0 {
		said = append(append(said, incomplete), problems...)
	}
	for _, d := range r.Dependencies {
		if d.SkipReason != "" {
			said = append(said, clean("Could not look at "+d.Name+" ("+lineOnly(d.Location)+"): "+d.SkipReason))
		}
	}
	return strings.Join(append(said, notes...), "\n")
}
