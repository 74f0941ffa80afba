package advisory

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A flaw is what several records under several names speak of. One flaw can be in several packages.
type flaw struct {
	ids     []string // all names, the one to call it by first
	records []*record
}

// merge brings together the records that share a name, directly or over others: PYSEC-1 that knows CVE-1, and GHSA-1 that
// knows it too, speak of one flaw though neither knows the other. The order of what comes back does not depend on that of
// the records.
func merge(records []*record) []flaw {
	records = slices.Clone(records)
	slices.SortFunc(records, func(a, b *record) int {
		return cmp.Or(compareIDs(a.id, b.id), b.modified.Compare(a.modified))
	})
	// Of two records with one id, which no database has, the newer one counts.
	records = slices.CompactFunc(records, func(a, b *record) bool { return a.id == b.id })

	parent := make([]int, len(records))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[string]int{} // the record that had a name first
	join := func(id string, i int) {
		j, ok := first[id]
		if !ok {
			first[id] = i
			return
		}
		a, b := find(i), find(j)
		parent[max(a, b)] = min(a, b)
	}
	for i, r := range records {
		join(r.id, i)
		for _, id := range r.aliases {
			join(id, i)
		}
	}

	groups := make([][]*record, len(records))
	for i, r := range records {
		root := find(i)
		groups[root] = append(groups[root], r)
	}
	var out []flaw
	for _, group := range groups {
		if group == nil {
			continue
		}
		f := flaw{records: group}
		for _, r := range group {
			f.ids = append(f.ids, r.id)
			f.ids = append(f.ids, r.aliases...)
		}
		slices.SortFunc(f.ids, compareIDs)
		f.ids = slices.Compact(f.ids)
		out = append(out, f)
	}
	return out
}

// general is what all records together say of the flaw, whichever package it is in.
func (f flaw) general() (a Advisory) {
	for _, r := range f.records {
		a.Related = append(a.Related, r.related...)
		if a.Summary == "" {
			a.Summary = r.summary
		}
		if a.Details == "" {
			a.Details = r.details
		}
		if a.Rated == "" {
			a.Rated = r.rated
		}
		a.Published = earlier(a.Published, r.published)
		if r.modified.After(a.Modified) {
			a.Modified = r.modified
		}
		a.CVSS = append(a.CVSS, r.cvss...)
		a.CWE = append(a.CWE, r.cwe...)
		a.References = append(a.References, r.refs...)
	}
	slices.SortFunc(a.Related, compareIDs)
	a.Related = slices.Compact(a.Related)
	a.Related = slices.DeleteFunc(a.Related, func(id string) bool {
		_, own := slices.BinarySearchFunc(f.ids, id, compareIDs)
		return own
	})
	a.CVSS = sortCVSS(a.CVSS)
	slices.Sort(a.CWE)
	a.CWE = slices.Compact(a.CWE)
	a.References = choose(a.References)
	return a
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// choose keeps the few references that are worth a line: what explains it, what repairs it, what reports it.
func choose(refs []Reference) (out []Reference) {
	const few = 6
	for _, kind := range []string{"ADVISORY", "FIX", "REPORT", "ARTICLE", "EVIDENCE", "WEB", ""} {
		for _, r := range refs {
			same := func(o Reference) bool { return o.URL == r.URL }
			if len(out) < few && (r.Type == kind || kind == "" && r.Type != "PACKAGE") && !slices.ContainsFunc(out, same) {
				out = append(out, r)
			}
		}
	}
	return out
}

// compareIDs is the order in which names are preferred. Malware is called malware; the databases that say which versions
// of a package are affected come before CVE, which does not know packages. Numbers are compared as numbers.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(database(a), database(b)), compareNumbers(a, b))
}

func database(id string) int {
	for i, prefix := range []string{"MAL-", "PYSEC-", "GHSA-", "CVE-"} {
		if strings.HasPrefix(id, prefix) {
			return i
		}
	}
	return 4
}

// compareNumbers compares part by part: PYSEC-2021-9 comes before PYSEC-2021-10.
func compareNumbers(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, "-")
		y, b, _ = strings.Cut(b, "-")
		if x == y {
			continue
		}
		if isNumber(x) && isNumber(y) {
			// longer is larger, but for zeros in front
			if c := cmp.Compare(len(strings.TrimLeft(x, "0")), len(strings.TrimLeft(y, "0"))); c != 0 {
				return c
			}
		}
		return strings.Compare(x, y)
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
