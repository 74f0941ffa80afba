package deps

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/deps/pep508"
)

// maxVEX is more than any document of this kind has.
const maxVEX = 64 << 20

// ReadVEX reads the statements of an OpenVEX document (https://github.com/openvex/spec,
// version 0.2.0) that say of a flaw that it does not matter: not_affected and fixed. A
// product is a package by its purl, or the whole project; subcomponents narrow it.
func ReadVEX(path string) ([]*Ignore, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxVEX {
		return nil, fmt.Errorf("%s is too large to be a VEX document", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseVEX(filepath.Base(path), data)
}

type vexComponent struct {
	ID            string            `json:"@id"`
	Identifiers   map[string]string `json:"identifiers"`
	Subcomponents []vexComponent    `json:"subcomponents"`
}

func parseVEX(name string, data []byte) ([]*Ignore, error) {
	var doc struct {
		Context    string `json:"@context"`
		Statements []struct {
			Vulnerability struct {
				Name    string   `json:"name"`
				ID      string   `json:"@id"`
				Aliases []string `json:"aliases"`
			} `json:"vulnerability"`
			Products      []vexComponent `json:"products"`
			Status        string         `json:"status"`
			Justification string         `json:"justification"`
			Impact        string         `json:"impact_statement"`
		} `json:"statements"`
	}
	if err := json.Unmarshal(data, &doc); err != nil || !strings.HasPrefix(doc.Context, "https://openvex.dev/ns") {
		return nil, fmt.Errorf("%s is no OpenVEX document", name)
	}
	var out []*Ignore
	for i, s := range doc.Statements {
		switch s.Status {
		case "affected", "under_investigation":
			continue
		case "not_affected", "fixed":
		default:
			return nil, fmt.Errorf("%s, statement %d: status is %q: not_affected, affected, fixed or under_investigation", name, i+1, s.Status)
		}
		reason := s.Impact
		if reason == "" {
			reason = strings.ReplaceAll(s.Justification, "_", " ")
		}
		if reason == "" {
			reason = s.Status
		}
		var packages []purl
		for _, p := range s.Products {
			about := p.Subcomponents
			if len(about) == 0 {
				about = []vexComponent{p}
			}
			for _, c := range about {
				if x, ok := purlOf(c); ok {
					packages = append(packages, x)
				}
			}
		}
		for _, id := range append([]string{s.Vulnerability.Name}, s.Vulnerability.Aliases...) {
			for _, pkg := range packages {
				if id != "" {
					out = append(out, &Ignore{ID: id, Package: pkg.name, version: pkg.version, Reason: reason, from: name})
				}
			}
		}
	}
	return out, nil
}

// A purl is what we need of a package URL: pkg:pypi/django@4.2.1.
type purl struct {
	name    string
	version pep440.Version
}

// purlOf is the package that a component is, or empty if it is none of PyPI: then the
// statement is about the whole. It is false for a version that no package here can have.
func purlOf(c vexComponent) (purl, bool) {
	for _, id := range []string{c.ID, c.Identifiers["purl"]} {
		if rest, ok := strings.CutPrefix(id, "pkg:pypi/"); ok {
			rest, _, _ = strings.Cut(rest, "?")
			name, version, _ := strings.Cut(rest, "@")
			if plain, err := url.PathUnescape(version); err == nil {
				version = plain
			}
			v, err := pep440.Parse(version)
			if err != nil && version != "" {
				return purl{}, false
			}
			return purl{pep508.Normalise(name), v}, true
		}
	}
	return purl{}, true
}
