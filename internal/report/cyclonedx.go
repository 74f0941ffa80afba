package report

import (
	"io"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/gambeson/gambeson/internal/finding"
)

// writeCycloneDX writes a bill of materials by CycloneDX 1.6: what the project depends
// on, what needs what, and the flaws that are known of it.
func writeCycloneDX(w io.Writer, r *finding.Report, _ Options) error {
	r = ordered(r)
	parts := partsOf(r)
	problems, notes := caveats(r)

	const root = "root"
	tool, version := program(r)
	bom := cdx.NewBOM()
	bom.SpecVersion = cdx.SpecVersion1_6
	bom.JSONSchema = "http://cyclonedx.org/schema/bom-1.6.schema.json"
	bom.Metadata = &cdx.Metadata{
		Timestamp: made(r, ""),
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{{
			Type: cdx.ComponentTypeApplication, Name: tool, Version: version,
			ExternalReferences: &[]cdx.ExternalReference{{Type: cdx.ERTypeWebsite, URL: homepage}},
		}}},
		Component: &cdx.Component{BOMRef: root, Type: cdx.ComponentTypeApplication, Name: projectName(r)},
	}
	var properties []cdx.Property
	property := func(name string, values ...string) {
		for _, v := range values {
			if v != "" {
				properties = append(properties, cdx.Property{Name: "gambeson:" + name, Value: v})
			}
		}
	}
	// taken returns the properties so far, and begins anew.
	taken := func() *[]cdx.Property {
		list := properties
		properties = nil
		if len(list) == 0 {
			return nil
		}
		return &list
	}

	property("problem", problems...)
	property("note", notes...)
	if a := r.Advisories; a != nil {
		property("advisories", a.Source)
	}
	bom.Metadata.Properties = taken()

	components, graph := []cdx.Component{}, []cdx.Dependency{{Ref: root}}
	direct := []string{}
	whole := len(problems) == 0
	for _, p := range parts {
		c := cdx.Component{BOMRef: p.Ref, Type: cdx.ComponentTypeLibrary, Name: p.Name, Version: p.Version, PackageURL: p.Ref, Scope: cdx.ScopeRequired}
		if p.Optional {
			c.Scope = cdx.ScopeOptional
		}
		var hashes []cdx.Hash
		p.sums(func(algorithm, _, value string) {
			hashes = append(hashes, cdx.Hash{Algorithm: cdx.HashAlgorithm(algorithm), Value: value})
		})
		if hashes != nil {
			c.Hashes = &hashes
		}
		if at := address(p.URL); at != "" {
			kind := cdx.ERTypeDistribution
			if p.Origin == "vcs" {
				kind = cdx.ERTypeVCS
			}
			c.ExternalReferences = &[]cdx.ExternalReference{{Type: kind, URL: at}}
		}
		property("state", p.States...)
		property("origin", p.Origin)
		property("asked", p.Asks...)
		property("groups", strings.Join(p.Groups, ", "))
		property("extras", strings.Join(p.Extras, ", "))
		property("marker", p.Markers...)
		property("location", p.Places...)
		property("skipped", p.Skips...)
		c.Properties = taken()
		components = append(components, c)

		whole = whole && len(p.Skips) == 0
		if p.Direct {
			direct = append(direct, p.Ref)
		}
		needs := []string{}
		for _, q := range p.Parts {
			needs = append(needs, q.Ref)
		}
		graph = append(graph, cdx.Dependency{Ref: p.Ref, Dependencies: &needs})
	}
	graph[0].Dependencies = &direct
	bom.Components, bom.Dependencies = &components, &graph
	// It is never called complete: files say what they want, and pip looks elsewhere, too.
	aggregate := cdx.CompositionAggregateUnknown
	if !whole {
		aggregate = cdx.CompositionAggregateIncomplete
	}
	bom.Compositions = &[]cdx.Composition{{Aggregate: aggregate, Dependencies: &[]cdx.BOMReference{root}}}

	vulnerabilities := []cdx.Vulnerability{}
	for _, f := range flawsOf(r, parts) {
		property("reach", f.reach()...)
		v := cycloneFlaw(f)
		v.Properties = taken()
		vulnerabilities = append(vulnerabilities, v)
	}
	bom.Vulnerabilities = &vulnerabilities

	id, err := contentID(bom)
	if err != nil {
		return err
	}
	bom.SerialNumber = "urn:uuid:" + id
	return encodeJSON(w, bom)
}

func cycloneFlaw(f *flaw) cdx.Vulnerability {
	source := func(id string) *cdx.Source {
		name, url := whose(id)
		return &cdx.Source{Name: name, URL: url}
	}
	v := cdx.Vulnerability{ID: f.ID, Source: source(f.ID), Description: f.Description, Recommendation: f.advice()}
	var references []cdx.VulnerabilityReference
	for _, alias := range f.Aliases {
		references = append(references, cdx.VulnerabilityReference{ID: alias, Source: source(alias)})
	}
	if references != nil {
		v.References = &references
	}
	rating := cdx.VulnerabilityRating{Severity: cdx.Severity(min(f.Severity, finding.Critical).String())}
	var advisories []cdx.Advisory
	affects := []cdx.Affects{}
	for _, in := range f.In {
		if a := in.Advisory; a != nil {
			if rating.Vector == "" && a.CVSS != "" {
				rating.Vector, rating.Method = a.CVSS, scoring(a.CVSS)
				if a.Score > 0 {
					rating.Score = &a.Score
				}
			}
			if url := address(a.URL); url != "" && advisories == nil {
				advisories = []cdx.Advisory{{URL: url}}
			}
		}
		var versions []cdx.AffectedVersions
		if in.Version != "" {
			state := cdx.VulnerabilityStatusAffected
			if f.Status != "affected" {
				state = cdx.VulnerabilityStatusNotAffected
			}
			versions = append(versions, cdx.AffectedVersions{Version: in.Version, Status: state})
		}
		for _, fixed := range in.Fixed {
			versions = append(versions, cdx.AffectedVersions{Version: fixed, Status: cdx.VulnerabilityStatusNotAffected})
		}
		a := cdx.Affects{Ref: in.Ref}
		if versions != nil {
			a.Range = &versions
		}
		affects = append(affects, a)
	}
	if advisories != nil {
		v.Advisories = &advisories
	}
	v.Ratings, v.Affects = &[]cdx.VulnerabilityRating{rating}, &affects
	if f.Status != "affected" {
		v.Analysis = &cdx.VulnerabilityAnalysis{State: cdx.IASNotAffected, Detail: f.Reason}
	}
	return v
}

// scoring is the system that a vector is of.
func scoring(vector string) cdx.ScoringMethod {
	switch {
	case strings.HasPrefix(vector, "CVSS:4."):
		return cdx.ScoringMethodCVSSv4
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		return cdx.ScoringMethodCVSSv31
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		return cdx.ScoringMethodCVSSv3
	case strings.HasPrefix(vector, "AV:"):
		return cdx.ScoringMethodCVSSv2
	}
	return cdx.ScoringMethodOther
}
