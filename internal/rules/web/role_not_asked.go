package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/surface"
)

// RoleNotAsked holds the routes below one path against each other: all others ask what the caller
// may do, and one asks only who it is.
var RoleNotAsked = rule.Check{Surface: roleNotAsked}

func roleNotAsked(p *rule.SurfacePass) {
	groups := map[string][]*surface.Route{}
	for _, x := range p.Routes {
		if !x.Library && x.Unit != nil {
			k := below(x)
			groups[k] = append(groups[k], x)
		}
	}
	seen := map[string]bool{}
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || seen[x.Handler] || x.Access.Login != surface.Required || !writes(x) || slices.ContainsFunc(x.Access.By, func(by string) bool { return by == surface.OwnCheck || asksMore(by) }) || slices.ContainsFunc(x.Bodies, decoratedMore) {
			continue
		}
		guard := ""
		others := map[string]bool{}
		for _, y := range groups[below(x)] {
			if y.Handler == x.Handler {
				continue
			}
			i := slices.IndexFunc(y.Access.By, func(by string) bool { return asksMore(by) && (guard == "" || guard == by) })
			if i < 0 {
				guard = ""
				others = nil
				break
			}
			guard = y.Access.By[i]
			others[y.Handler] = true
		}
		if len(others) < 2 || slices.ContainsFunc(x.Bodies, func(b surface.Body) bool {
			return mentions(b, "is_admin", "is_staff", "is_superuser", "has_perm", "has_role", "check_", "permissiondenied", "forbidden", "403", "owner", "current_user.", "request.user", "g.user", "me.id", "user.id")
		}) {
			continue
		}
		seen[x.Handler] = true
		p.ReportRoute(x, "%s %s asks only who calls, and the %d others below that path ask for more: %s.", strings.Join(x.Methods, ","), x.Path, len(others), guard[strings.LastIndexByte(guard, '.')+1:])
	}
}

// below is what routes of one kind have in common: the file, and the path down to the first thing
// that is filled in.
func below(x *surface.Route) string {
	path, _, _ := strings.Cut(x.Template, "{")
	return x.Framework + "\x00" + x.File + "\x00" + strings.TrimRight(path, "/")
}
