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
