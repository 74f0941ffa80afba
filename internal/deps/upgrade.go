package deps

import (
	"fmt"
	"slices"

	"github.com/gambeson/gambeson/internal/deps/advisory"
	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// An upgrade is the way out.
type upgrade struct {
	version string // the smallest above that has no known flaw and that all files allow; or else the smallest
	against *item  // what does not allow it
	some    bool   // there are fixes, but every version with one has another flaw
}

// upgrade looks for the smallest version above v without a known flaw. Versions that an
// advisory calls fixed are known to exist; of others nobody here knows.
func (a *Auditor) upgrade(it *item, v pep440.Version, list []advisory.Advisory) upgrade {
	var fixes []pep440.Version
	seen := map[string]bool{} // one release mends many flaws
	for i := range list {
		for _, text := range list[i].Fixes() {
			if seen[text] {
				continue
			}
			seen[text] = true
			f, err := pep440.Parse(text)
			if err == nil && f.IsPrerelease() && !v.IsPrerelease() {
				f = f.Base() // the release that it came before
			}
			if err == nil && f.Compare(v) > 0 {
				fixes = append(fixes, f)
			}
		}
	}
	slices.SortStableFunc(fixes, func(a, b pep440.Version) int { return a.Compare(b) })
	fixes = slices.CompactFunc(fixes, func(a, b pep440.Version) bool { return a.Compare(b) == 0 })
	up := upgrade{some: len(fixes) > 0}
	for i := 0; i < len(fixes); {
		if next := a.above(it, fixes, i, list); next > i {
			i = next
			continue
		}
		no := a.forbids(it, fixes[i])
		if no == nil {
			return upgrade{version: fixes[i].String()}
		}
		if up.version == "" {
			up.version, up.against = fixes[i].String(), no
		}
		i++
	}
	return up
}

// above is the index of the first of the fixes, from i on, that may be free of what fixes[i]
// still has: i itself if that has nothing. A flaw is gone in its own next fix, so that what
// lies between need not be asked; tensorflow has 400 flaws and as many fixes.
func (a *Auditor) above(it *item, fixes []pep440.Version, i int, list []advisory.Advisory) int {
	for k := range list {
		if !list[k].Affected(fixes[i]) || a.Config.waives(it, &list[k], a) {
			continue
		}
		i++
		if own, err := pep440.Parse(list[k].Fix(fixes[i-1])); err == nil {
			for i < len(fixes) && fixes[i].Compare(own) < 0 && !(own.IsPrerelease() && fixes[i].Compare(own.Base()) == 0) {
				i++
			}
		} else if !ends(&list[k], fixes[i-1]) {
			return len(fixes)
		}
		if i == len(fixes) {
			return i
		}
	}
	return i
}

// ends says whether a flaw ends above a version without a fix: by a last version, or as only
// single versions are named.
func ends(adv *advisory.Advisory, v pep440.Version) bool {
	for _, c := range adv.Claims {
		if !c.Affected(v) {
			continue
		}
		for _, b := range c.Branches {
			if b.Last != "" || b.Limit != "" {
				return true
			}
		}
		if len(c.Versions) > 0 {
			return true
		}
	}
	return false
}

// waives says whether an exception holds, without counting it as used.
func (c *Config) waives(it *item, adv *advisory.Advisory, a *Auditor) bool {
	return slices.ContainsFunc(c.Ignores, func(ig *Ignore) bool {
		return (ig.Package == "" || ig.Package == it.Name) && !ig.UntilFixed && adv.Is(ig.ID) && (ig.Expires.IsZero() || !a.Now.After(ig.Expires.AddDate(0, 0, 1)))
	})
}

// forbids is a file's word that does not allow a version, or nil: ranges wherever they
// stand, of this file and of others that speak of the same package.
func (a *Auditor) forbids(it *item, v pep440.Version) *item {
	for _, other := range a.named[it.Name] {
		if other.State != manifest.Range || len(other.Specifiers) == 0 || !near(other, it) {
			continue
		}
		if !other.Specifiers.Contains(v, true) {
			return other
		}
	}
	return nil
}

// near says whether two files belong to one project: one's folder holds the other.
func near(a, b *item) bool {
	return a == b || slices.Contains(b.asked, a) || a.limits || a.doc == b.doc
}

// advice is the way out in a line.
func (u upgrade) advice(it *item) string {
	switch {
	case u.version == "" && u.some:
		return "every version that mends it has another known flaw: see gambeson deps explain, or replace the package"
	case u.version == "":
		return "no version without it is known: replace the package, or say in [[tool.gambeson.deps.ignore]] why it does not matter"
	case u.against == it:
		return fmt.Sprintf("allow %s, which this line does not", u.version)
	case u.against != nil:
		return fmt.Sprintf("%s has no known flaw, but %s:%d allows only %s", u.version, u.against.doc.Path, u.against.At.Line, u.against.Specifiers)
	}
	if len(it.Hashes) > 0 && !it.Locked {
		return fmt.Sprintf("upgrade to %s and renew the hashes: pip-compile --generate-hashes --upgrade-package %s==%s", u.version, it.Written, u.version)
	}
	if how := command(it.doc.Manifest.Format, it.Written, u.version); how != "" {
		return how
	}
	return "upgrade to " + u.version
}

// command is what renews one package in a lock file, with the tool that writes it.
func command(format, name, version string) string {
	switch format {
	case "uv.lock":
		return fmt.Sprintf("uv lock --upgrade-package %s==%s", name, version)
	case "poetry.lock":
		return fmt.Sprintf("poetry update %s   (to %s or later)", name, version)
	case "pdm.lock":
		return fmt.Sprintf("pdm update %s   (to %s or later)", name, version)
	case "Pipfile.lock":
		return fmt.Sprintf("pipenv upgrade %s==%s", name, version)
	case "installed":
		return fmt.Sprintf("pip install %s==%s", name, version)
	}
	return ""
}

// pinned is a version behind ==, as it is written anywhere: requests==2.0, "== 2.0",
// requests = {version = "2.0"}.
var pinned = match.Lazy(`^([^=<>!~#]*=\s*\{[^}#]*?\bversion\s*=\s*["'](?:==\s*)?|[^=<>!~#]*?["' ]*={1,3}\s*["']?(?:==\s*)?v?)([0-9][0-9A-Za-z.!+_*-]*)`)

// edit writes the upgrade into the line that pins the version. It has none where a lock file
// is to be written by its tool, where hashes would no longer fit, and for ranges.
func (u upgrade) edit(it *item) (rule.Edit, bool) {
	if u.version == "" || u.against != nil || it.Locked || it.State != manifest.Exact || len(it.Hashes) > 0 || it.From != manifest.Index {
		return rule.Edit{}, false
	}
	at := it.doc.Place(it.At)
	text := it.doc.Text(at)
	m := pinned().FindStringSubmatchIndex(text)
	if m == nil {
		return rule.Edit{}, false
	}
	if v, err := pep440.Parse(text[m[4]:m[5]]); err != nil || v.Compare(it.Version) != 0 {
		return rule.Edit{}, false
	}
	return rule.Edit{Span: source.Span{Start: at.Start + source.Pos(m[4]), End: at.Start + source.Pos(m[5])}, Text: u.version}, true
}
