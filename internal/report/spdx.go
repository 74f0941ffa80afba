package report

import (
	"io"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
)

// The types below are the part of SPDX 2.3 that is written here, under the names of its
// JSON schema.

type spdxDocument struct {
	Version       string             `json:"spdxVersion"`
	DataLicense   string             `json:"dataLicense"`
	ID            string             `json:"SPDXID"`
	Name          string             `json:"name"`
	Namespace     string             `json:"documentNamespace"`
	Comment       string             `json:"comment,omitempty"`
	Creation      spdxCreation       `json:"creationInfo"`
	Packages      []spdxPackage      `json:"packages"`
	Relationships []spdxRelationship `json:"relationships"`
}

type spdxCreation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	ID               string          `json:"SPDXID"`
	Name             string          `json:"name"`
	Version          string          `json:"versionInfo,omitempty"`
	Purpose          string          `json:"primaryPackagePurpose"`
	DownloadLocation string          `json:"downloadLocation"`
	FilesAnalyzed    bool            `json:"filesAnalyzed"`
	LicenseConcluded string          `json:"licenseConcluded"`
	LicenseDeclared  string          `json:"licenseDeclared"`
	Copyright        string          `json:"copyrightText"`
	SourceInfo       string          `json:"sourceInfo,omitempty"`
	Comment          string          `json:"comment,omitempty"`
	Checksums        []spdxChecksum  `json:"checksums,omitempty"`
	References       []spdxReference `json:"externalRefs,omitempty"`
}

type spdxChecksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type spdxReference struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
	Comment  string `json:"comment,omitempty"`
}

type spdxRelationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

const noAssertion = "NOASSERTION"

// writeSPDX writes a bill of materials by SPDX 2.3. Flaws are references of the package
// that has them, which is all that the standard has for them before version 3.
func writeSPDX(w io.Writer, r *finding.Report, _ Options) error {
	r = ordered(r)
	parts := partsOf(r)
	const document, root = "SPDXRef-DOCUMENT", "SPDXRef-Root"
	tool, version := program(r)
	d := spdxDocument{
		Version: "SPDX-2.3", DataLicense: "CC0-1.0", ID: document, Name: projectName(r), Comment: spdxComment(r),
		Creation:      spdxCreation{made(r, epoch), []string{"Tool: " + strings.TrimSuffix(tool+"-"+version, "-")}},
		Packages:      []spdxPackage{spdxPackageOf(root, "APPLICATION", projectName(r))},
		Relationships: []spdxRelationship{{document, "DESCRIBES", root}},
	}

	ids := map[string]string{}
	for _, p := range parts {
		ids[p.Ref] = spdxID(p)
	}
	flaws := map[string][]spdxReference{}
	for _, f := range flawsOf(r, parts) {
		_, url := whose(f.ID)
		said := f.ID + ": " + f.advice()
		if f.Status != "affected" {
			said = f.ID + ": does not matter here: " + orElse(f.Reason, "no reason was given")
		}
		for _, in := range f.In {
			flaws[in.Ref] = append(flaws[in.Ref], spdxReference{"SECURITY", "advisory", url, said})
		}
	}
	for _, p := range parts {
		s := spdxPackageOf(ids[p.Ref], "LIBRARY", p.Name)
		s.Version = p.Version
		s.DownloadLocation = orElse(address(p.URL), noAssertion)
		s.SourceInfo = "asked for in " + strings.Join(p.Places, ", ")
		if len(p.Asks) > 0 {
			s.SourceInfo += " as " + strings.Join(p.Asks, ", ")
		}
		if len(p.Skips) > 0 {
			s.Comment = "Could not be looked at: " + strings.Join(p.Skips, "; ")
		}
		p.sums(func(_, algorithm, value string) {
			s.Checksums = append(s.Checksums, spdxChecksum{algorithm, value})
		})
		s.References = append([]spdxReference{{Category: "PACKAGE-MANAGER", Type: "purl", Locator: p.Ref}}, flaws[p.Ref]...)
		d.Packages = append(d.Packages, s)
		if p.Direct {
			d.Relationships = append(d.Relationships, spdxNeed(p, ids[p.Ref], root))
		}
		for _, q := range p.Parts {
			d.Relationships = append(d.Relationships, spdxRelationship{ids[p.Ref], "DEPENDS_ON", ids[q.Ref]})
		}
	}

	id, err := contentID(d)
	if err != nil {
		return err
	}
	d.Namespace = "https://spdx.org/spdxdocs/" + percent(d.Name, "") + "-" + id
	return encodeJSON(w, d)
}

func spdxPackageOf(id, purpose, name string) spdxPackage {
	return spdxPackage{
		ID: id, Name: name, Purpose: purpose, DownloadLocation: noAssertion,
		LicenseConcluded: noAssertion, LicenseDeclared: noAssertion, Copyright: noAssertion,
	}
}

// spdxID is made of letters, digits, dots and hyphens, and tells a reader which package it
// is. The digest keeps apart what looks the same then.
func spdxID(p *part) string {
	readable := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '-'
	}, p.Name+"-"+p.Version)
	return "SPDXRef-Package-" + strings.Trim(readable, "-") + "-" + digest(p.Ref)[:12]
}

// spdxNeed says how the project needs a part that it asks for itself.
func spdxNeed(p *part, id, root string) spdxRelationship {
	if !p.Optional {
		return spdxRelationship{root, "DEPENDS_ON", id}
	}
	kind := ""
	for _, group := range p.Groups {
		this := "DEV_DEPENDENCY_OF"
		switch {
		case group == "build":
			this = "BUILD_DEPENDENCY_OF"
		case strings.HasPrefix(group, "extra:"):
			this = "OPTIONAL_DEPENDENCY_OF"
		}
		if kind != "" && kind != this {
			return spdxRelationship{id, "DEPENDENCY_OF", root}
		}
		kind = this
	}
	return spdxRelationship{id, kind, root}
}

// spdxComment says what a reader of the document must know.
func spdxComment(r *finding.Report) string {
	problems, notes := caveats(r)
	if len(problems) > 0 {
		problems = append([]string{incomplete}, problems...)
	}
	return strings.Join(append(problems, notes...), "\n")
}
