//go:build release

package advisory

import _ "embed"

// A release carries an index with the advisories of its day; make release puts it here.
//
//go:embed pypi.idx
var embedded string
