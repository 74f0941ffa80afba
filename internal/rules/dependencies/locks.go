package dependencies

import (
	"path"

	"github.com/gambeson/gambeson/internal/rule"
)

// locksBeside are the lock files in the folder of the doc.
func locksBeside(p *rule.DocPass) (out []*rule.Doc) {
	for _, d := range p.All {
		if d.Manifest != nil && d.Manifest.Lock && path.Dir(d.Path) == path.Dir(p.Path) {
			out = append(out, d)
		}
	}
	return out
}

// namesLocked are the packages of these lock files: what is installed of them does not move,
// wherever it comes from.
func namesLocked(p *rule.DocPass) map[string]bool {
	out := map[string]bool{}
	for _, l := range locksBeside(p) {
		for i := range l.Manifest.Packages {
			if name := l.Manifest.Packages[i].Name; name != "" {
				out[name] = true
			}
		}
	}
	return out
}
