package finding

import "time"

// A Dependency is a package that a project needs, and what is known of it. Its JSON has the
// names that pip-audit gave to what both know: name, version, skip_reason, vulns.
type Dependency struct {
	Name       string   `json:"name"`                  // as it is compared (PEP 503)
	Version    string   `json:"version,omitempty"`     // if State is exact
	State      string   `json:"state"`                 // exact, range or unknown
	Asked      string   `json:"asked,omitempty"`       // the versions that will do, as PEP 440 writes them
	SkipReason string   `json:"skip_reason,omitempty"` // why it could not be looked at
	Origin     string   `json:"origin"`                // index, url, vcs, path, editable, project or conda
	URL        string   `json:"url,omitempty"`         // of the origin, without what is secret in it
	Groups     []string `json:"groups,omitempty"`      // dev, extra:tests, build; none is what the project always needs
	Extras     []string `json:"extras,omitempty"`
	Marker     string   `json:"marker,omitempty"` // when it is needed at all
	Hashes     []string `json:"hashes,omitempty"` // sha256:…
	Needs      []string `json:"needs,omitempty"`  // names of the packages that it needs in turn
	Direct     bool     `json:"direct"`           // the project itself asks for it
	Locked     bool     `json:"locked"`           // a lock file or an environment has chosen the version
	Location   Location `json:"location"`
	Vulns      []Vuln   `json:"vulns"`
}

// A Vuln is a flaw that a dependency has.
type Vuln struct {
	ID          string   `json:"id"`
	Aliases     []string `json:"aliases"`
	FixVersions []string `json:"fix_versions"` // one for each branch that has one, ascending
	Description string   `json:"description"`
	Severity    Severity `json:"severity"`
	Status      string   `json:"status"` // affected; or not_affected, as somebody has decided, and Reason says why
	Reason      string   `json:"reason,omitempty"`
}

// An Advisory is the flaw of a package that a finding is about.
type Advisory struct {
	ID      string   `json:"id"`
	Aliases []string `json:"aliases,omitempty"`
	Package string   `json:"package"`
	Version string   `json:"version,omitempty"` // that is affected, if it is known
	Fixed   []string `json:"fixed,omitempty"`   // versions without it, one for each branch that has one
	Upgrade string   `json:"upgrade,omitempty"` // the smallest version above that has no known flaw and will do
	Malware bool     `json:"malware,omitempty"` // the package itself is the attack
	CVSS    string   `json:"cvss,omitempty"`    // vector
	Score   float64  `json:"score,omitempty"`   // 0 to 10
	URL     string   `json:"url,omitempty"`
	Reach   string   `json:"reach,omitempty"` // called, imported, not_imported or not_called; "" if nobody looked
}

// Knowledge is what packages were held against.
type Knowledge struct {
	Source string    `json:"source"`
	Newest time.Time `json:"newest"` // when the newest record was last changed
	Flaws  int       `json:"flaws"`
	Unread int       `json:"unread,omitempty"` // records that could not be read
}
