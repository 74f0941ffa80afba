package dependencies

import (
	"strings"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
)

// DirectUrlWithoutHash looks at archives that are installed from an address.
var DirectUrlWithoutHash = rule.Check{Docs: rule.Manifests, Doc: directURLWithoutHash}

// archiveOfCommit is an archive that a forge makes of one commit.
var archiveOfCommit = match.Lazy(`/(archive|zipball|tarball|tar\.gz|zip)/[0-9a-f]{40}\b`)

func directURLWithoutHash(p *rule.DocPass) {
	if p.Manifest == nil || p.Manifest.Lock {
		return
	}
	locked := namesLocked(p)
	said := map[string]bool{} // several files of one version, for several machines
	for i := range p.Manifest.Packages {
		q := &p.Manifest.Packages[i]
		// Without TLS is a matter of its own, and what PyPI has once given stays as it is.
		if q.From != manifest.URL || len(q.Hashes) > 0 || !strings.HasPrefix(q.URL, "https://") || host(q.URL) == "files.pythonhosted.org" || strings.Contains(q.URL, "${") {
			continue
		}
		if q.Name != "" && said[q.Name] {
			continue
		}
		said[q.Name] = true
		p.ReportAt(q.At, "%s is installed from %s, whatever the server gives on that day.", packageWord(q), shown(q.URL)).ForAudit(archiveOfCommit().MatchString(q.URL) || helper(p.Path) || forWork(q) || locked[q.Name])
	}
}
