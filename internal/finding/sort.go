package finding

import (
	"cmp"
	"slices"
	"strings"
)

// Sort puts everything in the order in which it is read: findings by path, notebook
// cell, line, column, rule and message; problems by place; rules by id; dependencies by
// name, version and place, and their flaws by id. Equal findings are told apart by
// whatever else they have, so that the order never depends on the order in which they
// were found.
func (r *Report) Sort() {
	sortBy(r.Findings, compareFindings)
	sortBy(r.Problems, func(a, b *Problem) int {
		return cmp.Or(
			strings.Compare(a.Path, b.Path),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			strings.Compare(a.Message, b.Message),
		)
	})
	sortBy(r.Rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	for i := range r.Dependencies {
		sortBy(r.Dependencies[i].Vulns, compareVulns)
	}
	sortBy(r.Dependencies, compareDependencies)
}

// sortBy keeps the order of what is equal. It moves addresses and not what is there, a few
// hundred bytes each, and mostly finds everything in order: a report is sorted when it is made
// and again when it is written.
func sortBy[T any](list []T, compare func(a, b *T) int) {
	order := true
	for i := 1; i < len(list) && order; i++ {
		order = compare(&list[i-1], &list[i]) <= 0
	}
	if order {
		return
	}
	was := slices.Clone(list)
	sorted := make([]*T, len(list))
	for i := range was {
		sorted[i] = &was[i]
	}
	slices.SortStableFunc(sorted, compare)
	for i, x := range sorted {
		list[i] = *x
	}
}

// The comparisons decide by what nearly always decides, and only then look at the rest: Or
// looks at all that it is given.

func compareDependencies(a, b *Dependency) int {
	if c := strings.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	return cmp.Or(
		strings.Compare(a.Version, b.Version),
		strings.Compare(a.Location.Path, b.Location.Path),
		cmp.Compare(a.Location.Cell, b.Location.Cell),
		cmp.Compare(a.Location.Line, b.Location.Line),
		cmp.Compare(a.Location.Column, b.Location.Column),
		strings.Compare(a.State, b.State),
		strings.Compare(a.Asked, b.Asked),
		strings.Compare(a.Marker, b.Marker),
		strings.Compare(a.Origin, b.Origin),
		strings.Compare(a.URL, b.URL),
		slices.Compare(a.Groups, b.Groups),
		slices.Compare(a.Extras, b.Extras),
		slices.Compare(a.Hashes, b.Hashes),
		slices.Compare(a.Needs, b.Needs),
		strings.Compare(a.SkipReason, b.SkipReason),
		slices.CompareFunc(a.Vulns, b.Vulns, func(x, y Vuln) int { return compareVulns(&x, &y) }),
		compareBools(a.Direct, b.Direct),
		compareBools(a.Locked, b.Locked),
	)
}

func compareVulns(a, b *Vuln) int {
	if c := strings.Compare(a.ID, b.ID); c != 0 {
		return c
	}
	return cmp.Or(
		strings.Compare(a.Status, b.Status),
		strings.Compare(a.Reason, b.Reason),
		strings.Compare(a.Description, b.Description),
		cmp.Compare(a.Severity, b.Severity),
		slices.Compare(a.Aliases, b.Aliases),
		slices.Compare(a.FixVersions, b.FixVersions),
	)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// flaw is what tells findings of one rule about one package apart.
func (f *Finding) flaw() string {
	if f.Advisory == nil {
		return ""
	}
	return f.Advisory.ID
}

func compareFindings(a, b *Finding) int {
	if c := strings.Compare(a.Location.Path, b.Location.Path); c != 0 {
		return c
	}
	if c := cmp.Or(cmp.Compare(a.Location.Cell, b.Location.Cell), cmp.Compare(a.Location.Line, b.Location.Line), cmp.Compare(a.Location.Column, b.Location.Column)); c != 0 {
		return c
	}
	if c := cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message)); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(a.Location.EndLine, b.Location.EndLine),
		cmp.Compare(a.Location.EndColumn, b.Location.EndColumn),
		strings.Compare(a.flaw(), b.flaw()),
		strings.Compare(a.Fingerprint, b.Fingerprint),
		cmp.Compare(len(a.Trace), len(b.Trace)),
	)
}
