package dependencies

import (
	"strings"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/rule"
)

// RequirementsWithoutHashes looks at what the hashes of a file protect, and what they do not.
var RequirementsWithoutHashes = rule.Check{Docs: rule.Manifests, Doc: requirementsWithoutHashes}

func requirementsWithoutHashes(p *rule.DocPass) {
	m := p.Manifest
	if m == nil || m.Format != "requirements" {
		return
	}
	hashed := 0
	var without []string
	var first, pinned *manifest.Package
	for i := range m.Packages {
		q := &m.Packages[i]
		strong, weak := false, ""
		for _, h := range q.Hashes {
			switch name, _, _ := strings.Cut(strings.ToLower(h), ":"); name {
			case "sha256", "sha384", "sha512":
				strong = true
			case "md5", "sha1", "sha224":
				weak = name
			}
		}
		switch {
		case strong:
			hashed++
		case weak != "":
			hashed++
			p.ReportAt(q.At, "%s has a hash by %s, which pip takes from an address only and which %s.", packageWord(q), weak, map[string]string{
				"md5": "two different files can share", "sha1": "two different files can share", "sha224": "nothing else uses"}[weak]).Advise("--hash=sha256:… as pip hash prints it")
		case q.From == manifest.Index && q.Written != "":
			if first == nil {
				first = q
			}
			if pinned == nil && q.State == manifest.Exact {
				pinned = q
			}
			without = append(without, shown(q.Written))
		}
	}
	switch without = unique(without); {
	case len(without) == 0:
	case hashed > 0:
		p.ReportAt(first.At, "%s, though %s: pip refuses such a file, and uv installs what has none without a check.",
			have(without, "has no hash", "have no hash"), plural(hashed, "other has one", "others have one"))
	case pinned != nil:
		p.ReportAt(pinned.At, "%s a version and no hash: whoever can put another file behind it is not noticed.", have(without, "has", "have")).ForAudit(true)
	}
}
