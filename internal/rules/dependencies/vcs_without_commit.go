package dependencies

import (
	"strings"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
)

// VcsWithoutCommit looks at what comes straight from a repository. Lock files name the commit.
var VcsWithoutCommit = rule.Check{Docs: rule.Manifests, Doc: vcsWithoutCommit}

var fullCommit = match.Lazy(`^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`)

// revision is what an address of a repository says behind its @, or "".
func revision(address string) string {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		rest = address
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 { // what stands before is the user's @
		rest = rest[i:]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		return rest[i+1:]
	}
	return ""
}

func commitOf(address string) bool { return fullCommit().MatchString(revision(address)) }

// packageWord names a package, or the repository or folder that it comes from.
func packageWord(q *manifest.Package) string {
	if q.Written != "" {
		return shown(q.Written)
	}
	address, _, _ := strings.Cut(q.URL, "#")
	_, rest, _ := strings.Cut(address, "://")
	h, rest, _ := strings.Cut(rest, "/")
	rest, _, _ = strings.Cut(rest, "@")
	return shown(h[strings.LastIndexByte(h, '@')+1:] + "/" + strings.TrimSuffix(rest, ".git"))
}

// forWork says whether only those get the package who work on the project.
func forWork(q *manifest.Package) bool {
	for _, g := range q.Groups {
		if g == "build" || strings.HasPrefix(g, "extra:") {
			return false
		}
	}
	return len(q.Groups) > 0
}

func vcsWithoutCommit(p *rule.DocPass) {
	if p.Manifest == nil || p.Manifest.Lock {
		return
	}
	locked := namesLocked(p)
	for i := range p.Manifest.Packages {
		q := &p.Manifest.Packages[i]
		if q.From != manifest.VCS || commitOf(q.URL) || strings.HasPrefix(q.URL, "svn+") && strings.Trim(revision(q.URL), "0123456789") == "" && revision(q.URL) != "" {
			continue
		}
		rev := revision(q.URL)
		aside := helper(p.Path) || forWork(q) || locked[q.Name]
		switch {
		case strings.Contains(rev, "$"), strings.Contains(q.URL, "${"):
			continue
		case rev == "":
			p.ReportAt(q.At, "%s is installed from whatever the main branch of its repository points to.", packageWord(q)).ForAudit(aside)
		case len(rev) >= 7 && strings.Trim(strings.ToLower(rev), "0123456789abcdef") == "":
			// It may be a tag or a branch that looks so, but nobody does that.
			p.ReportAt(q.At, "%s is installed at %s, the beginning of a commit's hash, which another commit can be made to have.", packageWord(q), shown(rev)).ForAudit(true)
		default:
			p.ReportAt(q.At, "%s is installed from whatever %s points to, and a branch or a tag can be moved.", packageWord(q), shown(rev)).ForAudit(aside)
		}
	}
}
