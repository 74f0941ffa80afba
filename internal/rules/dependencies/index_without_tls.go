package dependencies

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/rule"
)

// IndexWithoutTls looks for addresses of packages that anybody on the way can answer for.
var IndexWithoutTls = rule.Check{Docs: asksWhere, Doc: indexWithoutTLS}

func indexWithoutTLS(p *rule.DocPass) {
	said := map[string]bool{}
	list := settings(p.Doc)
	for _, s := range list {
		h := host(s.value)
		if s.name == "--trusted-host" || s.name == "--no-index" || !strings.HasPrefix(strings.ToLower(s.value), "http://") || loopback(h) {
			continue
		}
		said[h] = true
		// A name without a dot is that of a container or a machine next door.
		p.ReportSpan(s.at, "Packages come from %s without TLS: whoever is on the way can give others.", shown(s.value)).ForAudit(!strings.Contains(h, ".") && !strings.HasPrefix(h, "$"))
	}
	for _, s := range list {
		if s.name != "--trusted-host" {
			continue
		}
		h, _, _ := strings.Cut(strings.ToLower(s.value), ":")
		if h == "" || said[h] || loopback(h) {
			continue
		}
		said[h] = true
		p.ReportSpan(s.at, "The certificate of %s is not looked at: whoever is on the way can give other packages.", shown(s.value)).
			Advise("take it out; if the index has a certificate of your own, name it: pip config set global.cert /etc/ssl/shop.pem").ForAudit(!strings.Contains(h, ".") && !strings.HasPrefix(h, "$"))
	}
	for _, q := range installs(p.Doc) {
		for _, w := range q.args {
			_, address, named := strings.Cut(w.Text, "@ ")
			if !named {
				address = w.Text
			}
			if address = strings.TrimSpace(address); !withoutTLS(address) || loopback(host(address)) || strings.HasPrefix(address, "git+") && commitOf(address) {
				continue
			}
			if !slices.ContainsFunc(list, func(s setting) bool { return s.at.Start <= w.At.Start && w.At.End <= s.at.End }) {
				p.ReportSpan(w.At, "What is installed comes from %s without TLS: whoever is on the way can give something else.", shown(address)).Advise("write https:// in the address")
			}
		}
	}
	if p.Manifest == nil || p.Manifest.Lock {
		return
	}
	for i := range p.Manifest.Packages {
		q := &p.Manifest.Packages[i]
		if len(q.Hashes) > 0 || q.From != manifest.URL && q.From != manifest.VCS || loopback(host(q.URL)) {
			continue
		}
		if withoutTLS(q.URL) {
			if q.From == manifest.VCS && commitOf(q.URL) {
				continue // what arrives is what the hash says, or git refuses it
			}
			p.ReportAt(q.At, "%s comes from %s without TLS: whoever is on the way can give something else.", packageWord(q), shown(q.URL)).Advise("write https:// in the address")
		}
	}
}

// withoutTLS says whether an address of a package is one that nobody vouches for.
func withoutTLS(address string) bool {
	switch scheme, _, _ := strings.Cut(strings.ToLower(address), "://"); scheme {
	case "http", "git+http", "git+git", "hg+http", "svn+http", "svn+svn", "bzr+http":
		return true
	}
	return false
}
