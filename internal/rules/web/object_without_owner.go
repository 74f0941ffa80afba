package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/surface"
)

// ObjectWithoutOwner looks at what is fetched by a number in the address. Where the program asks
// elsewhere whose such an object is, everybody hears of it, and auditors otherwise.
var ObjectWithoutOwner = rule.Check{Surface: objectWithoutOwner, File: unroutedObjects}

// fetches are calls that get one object by what they are given.
var fetches = map[string]bool{"get": true, "get_or_404": true, "get_object_or_404": true, "first_or_404": true, "filter": true, "filter_by": true, "one": true, "find_one": true, "get_or_none": true, "find_by_id": true, "get_by_id": true, "aget": true, "where": true}

// whose says whether what a function does has to do with who calls. A dependency in its signature
// tells only that somebody has to be known; it is another thing to use what it gives. What is said in
// calls that concern something else is left out.
func whose(b surface.Body, elsewhere ...*ast.Call) bool {
	text := bodyText(b)
	for _, c := range elsewhere {
		text = strings.ReplaceAll(text, strings.ToLower(b.File.Text(c.Span())), "")
	}
	for _, d := range b.Def.DecoratorList {
		if c, ok := d.(*ast.Call); ok && !slices.Contains([]string{"route", "get", "post", "put", "patch", "delete", "api_route", "api_view"}, args.Callee(c)) {
			text += strings.ToLower(b.File.Text(c.Span()))
		}
	}
	if saysWhose(text) {
		return true
	}
	callers := callersOf(b.Def)
	return len(callers) > 0 && has(b, func(n ast.Node) bool {
		x, ok := n.(*ast.Name)
		return ok && slices.Contains(callers, x.Ident) && !slices.ContainsFunc(elsewhere, func(c *ast.Call) bool { return c.Start() <= x.Start() && x.End() <= c.End() })
	})
}

// saysWhose says whether a text of code in small letters speaks of who calls, or of what he may.
func saysWhose(text string) bool {
	return slices.ContainsFunc([]string{"current_user", "request.user", "owner", "user_id", "user=", "has_permission", "can_", "g.user", "session[", "permission", "authorize"}, func(w string) bool { return strings.Contains(text, w) }) || userAsked().MatchString(text)
}

// callersOf are the parameters of a function that are who calls.
func callersOf(f *ast.FunctionDef) []string {
	var callers []string
	for _, a := range slices.Concat(f.Args.Posonlyargs, f.Args.Args, f.Args.Kwonlyargs) {
		l := strings.ToLower(a.Arg)
		for _, w := range []string{"user", "me", "account", "principal", "identity", "customer", "member", "caller", "claims", "auth"} {
			if l == w || strings.HasSuffix(l, "_"+w) || strings.HasPrefix(l, w+"_") {
				callers = append(callers, a.Arg)
			}
		}
	}
	return callers
}

// names says whether one of these names stands in a node.
func names(n ast.Node, these []string) bool {
	found := false
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if x, ok := n.(*ast.Name); ok && slices.Contains(these, x.Ident) {
			found = true
		}
		if !found {
			ast.Children(n, visit)
		}
	}
	visit(n)
	return found
}

// chain is a call with all that is called on what it gives: select(Order).where(…).limit(1).
func chain(u *program.Unit, c *ast.Call) *ast.Call {
	for range 20 {
		a, ok := u.Parent(c).(*ast.Attribute)
		if !ok {
			break
		}
		up, ok := u.Parent(a).(*ast.Call)
		if !ok || up.Func != ast.Expr(a) {
			break
		}
		c = up
	}
	return c
}

// givenName is the name that a call's answer is given, or "".
func givenName(u *program.Unit, c *ast.Call) string {
	var e ast.Expr = c
	for range 4 {
		switch up := u.Parent(e).(type) {
		case *ast.Await:
			e = up
		case *ast.BoolOp: // orders.get(number) or abort(404)
			if up.Op != ast.Or || up.Values[0] != e {
				return ""
			}
			e = up
		case *ast.NamedExpr:
			n, _ := up.Target.(*ast.Name)
			if n != nil {
				return n.Ident
			}
			return ""
		case *ast.Assign:
			if n, ok := up.Targets[0].(*ast.Name); ok && len(up.Targets) == 1 {
				return n.Ident
			}
			return ""
		default:
			return ""
		}
	}
	return ""
}

// maxUnasked bounds the calls of one function that are held against each other.
const maxUnasked = 30

// unasked says of a function that speaks of who calls whether it does so for another object only than
// the one that c fetches by this parameter. It is asked for where the query says whose it is, or names
// an object that was itself asked for, and where the object or the parameter is looked at together
// with one.
func unasked(b surface.Body, c *ast.Call, parameter string) bool {
	model := modelOf(c)
	if model == "" {
		return false
	}
	whole := chain(b.Unit, c)
	self := []string{parameter}
	if n := givenName(b.Unit, whole); n != "" {
		self = append(self, n)
	}
	callers := callersOf(b.Def)
	var others []*ast.Call
	var asked []string // names of objects that were asked for
	has(b, func(n ast.Node) bool {
		o, ok := n.(*ast.Call)
		if !ok || !fetches[args.Callee(o)] {
			return false
		}
		of := modelOf(o)
		top := chain(b.Unit, o)
		if of == "" || of == model || top == whole || names(top, self) || !saysWhose(strings.ToLower(b.File.Text(top.Span()))) && !names(top, callers) {
			return false
		}
		others = append(others, top)
		if n := givenName(b.Unit, top); n != "" {
			asked = append(asked, n)
		}
		for _, a := range o.Args { // by the same number, the other one is a part of it
			if n, ok := a.(*ast.Name); ok && n.Ident != of {
				asked = append(asked, n.Ident)
			} else if n := compared(a); n != "" {
				asked = append(asked, n)
			}
		}
		for _, k := range o.Keywords {
			if n, ok := k.Value.(*ast.Name); ok {
				asked = append(asked, n.Ident)
			}
		}
		return false
	})
	if len(others) == 0 || len(others) > maxUnasked || whose(b, others...) || names(whole, asked) {
		return false
	}
	return len(asked) == 0 || !has(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Compare, *ast.BoolOp:
			return names(n, self) && names(n, asked)
		case *ast.Call:
			if _, answer := b.Unit.Statement(n).(*ast.Return); answer {
				return false
			}
			return names(n, self) && names(n, asked)
		}
		return false
	})
}

// compared is the name that e is a comparison with: Order.id == number; or "".
func compared(e ast.Expr) string {
	c, ok := e.(*ast.Compare)
	if !ok || len(c.Ops) != 1 || c.Ops[0] != ast.Eq {
		return ""
	}
	for _, x := range []ast.Expr{c.Left, c.Comparators[0]} {
		if n, ok := x.(*ast.Name); ok {
			return n.Ident
		}
	}
	return ""
}

func objectWithoutOwner(p *rule.SurfacePass) {
	var owned, parts map[string]bool // models by name, and fields, when somebody asks
	near := beside{all: p.Routes}
	seen := map[string]bool{}
	for _, x := range p.Routes {
		if x.Library || x.Unit == nil || x.Access.Login != surface.Required || seen[x.Handler] {
			continue
		}
		if slices.ContainsFunc(x.Access.By, forSome) {
			continue
		}
		if q, own, at := near.own(x); q != "" {
			seen[x.Handler] = true
			p.ReportRoute(at, "%s fetches an object by %s, and does not look whose it is, as is done elsewhere with %s.", called(x), q, own).With(finding.Medium, finding.MediumConfidence)
			continue
		}
		q, model, at := fetched(x)
		if q == "" {
			continue
		}
		seen[x.Handler] = true
		if owned == nil {
			owned, parts = owners(p), narrowing(p)
		}
		if at == x {
			if y := narrowable(x, parts); y != nil {
				at, owned[model] = y, true
			}
		}
		f := p.ReportRoute(at, "%s fetches an object by %s, and does not look whose it is.", called(x), q)
		if owned[model] && !slices.ContainsFunc(x.Access.By, asksMore) && !slices.ContainsFunc(x.Bodies, decoratedMore) && !ownPermissions(x) {
			f.Message = called(x) + " fetches " + model + " by " + q + ", and does not look whose it is, as is done elsewhere."
			f.With(finding.Medium, finding.MediumConfidence)
		} else {
			f.ForAudit(true)
		}
	}
}

// forSome says whether a guard lets only some of those through who are logged in, or looks at the
// object itself.
func forSome(by string) bool {
	l := strings.ToLower(args.Last(by)) // the module rest_framework.permissions asks for nothing
	return l == "requires" || slices.ContainsFunc([]string{"admin", "staff", "superuser", "permission", "role"}, func(w string) bool { return strings.Contains(l, w) }) ||
		slices.ContainsFunc([]string{"flask_allows", "flask_principal", "flask_authorize", "guardian", "rules", "oso"}, func(lib string) bool { return strings.HasPrefix(by, lib+".") || strings.HasPrefix(by, lib+"2.") })
}

// decoratedMore says whether a decorator of a function asks for more than who is there.
func decoratedMore(b surface.Body) bool {
	return slices.ContainsFunc(b.Def.DecoratorList, func(d ast.Expr) bool {
		if c, ok := d.(*ast.Call); ok {
			d = c.Func
		}
		return asksMore(ast.LastName(d))
	})
}

// ownPermissions says whether the class that answers a route decides itself what it asks for.
func ownPermissions(x *surface.Route) bool {
	c := classOf(x)
	return c != nil && slices.ContainsFunc(c.Body, func(s ast.Stmt) bool {
		f, ok := s.(*ast.FunctionDef)
		return ok && (f.Name == "get_permissions" || f.Name == "check_object_permissions" || f.Name == "has_permission" || f.Name == "test_func")
	})
}

// asksMore says whether a guard asks for more than who is there, by its name.
func asksMore(by string) bool {
	last := by[strings.LastIndexByte(by, '.')+1:]
	return slices.ContainsFunc(secret.Words(last), func(w string) bool {
		switch w {
		case "role", "roles", "admin", "admins", "staff", "perm", "perms", "permission", "permissions", "owner", "owns", "requires", "allows", "allow", "allowed", "can", "may", "access", "scope", "scopes", "group", "groups",
			"policy", "rights", "superuser", "moderator", "operator", "manager", "editor", "only", "chair":
			return true
		}
		return false
	})
}

// fetched is the part of the path that says which object a route fetches, its model where that is
// known, and the route with the place where it does; or "".
func fetched(x *surface.Route) (q, model string, at *surface.Route) {
	for _, q := range x.Parameters {
		if q.In != "path" {
			continue
		}
		for _, b := range x.Bodies {
			spoken, left := whose(b), maxUnasked
			y := *x
			if has(b, func(n ast.Node) bool {
				c, ok := n.(*ast.Call)
				if !ok || !fetchesBy(b, c, q.Name) {
					return false
				}
				if left--; spoken && (left < 0 || !unasked(b, c, q.Name)) {
					return false
				}
				model, y.Unit, y.At = modelOf(c), b.Unit, c.Span()
				return true
			}) {
				return q.Name, model, &y
			}
		}
		if model := generic(x); model != "" {
			return q.Name, model, x
		}
	}
	return "", "", nil
}

// fetchesBy says whether a call fetches an object by a parameter of this name.
func fetchesBy(b surface.Body, c *ast.Call, name string) bool {
	callee := args.Callee(c)
	if !fetches[callee] {
		return false
	}
	of := ""
	if f, ok := c.Func.(*ast.Attribute); ok {
		of = strings.ToLower(b.File.Text(f.Value.Span()))
	}
	if strings.Contains(of, "request") || strings.Contains(of, "headers") || strings.HasSuffix(of, "args") || strings.HasSuffix(of, "cache") || strings.HasSuffix(of, "config") {
		return false
	}
	is := func(e ast.Expr) bool {
		n, ok := e.(*ast.Name)
		return ok && n.Ident == name
	}
	// select(Order).where(Order.id == number), and nothing else that has to fit
	if slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return compared(a) == name }) {
		return !slices.ContainsFunc(c.Args, func(a ast.Expr) bool { by := compared(a); return by != "" && by != name })
	}
	if slices.ContainsFunc(c.Args, is) {
		return callee != "get" || strings.Contains(of, "query") || strings.Contains(of, "session") || strings.Contains(of, "objects") || len(c.Args) > 1
	}
	return slices.ContainsFunc(c.Keywords, func(k *ast.Keyword) bool { return is(k.Value) })
}

// modelOf is the class that a call fetches objects of: Order.query.get(…), Order.objects.get(…),
// session.get(Order, …), get_object_or_404(Order, …), select(Order).where(…); or "".
func modelOf(c *ast.Call) string {
	capital := func(e ast.Expr) string {
		n, ok := e.(*ast.Name)
		if ok && n.Ident != "" && n.Ident[0] >= 'A' && n.Ident[0] <= 'Z' && n.Ident != strings.ToUpper(n.Ident) {
			return n.Ident
		}
		return ""
	}
	for range 12 {
		if len(c.Args) > 0 {
			if m := capital(c.Args[0]); m != "" {
				return m
			}
			if in, ok := c.Args[0].(*ast.Call); ok && strings.HasPrefix(args.Callee(c), "get_") { // get_object_or_404(Order.objects.select_related("shop"), …)
				c = in
				continue
			}
		}
		e := c.Func
		for {
			a, ok := e.(*ast.Attribute)
			if !ok {
				break
			}
			e = a.Value
		}
		in, ok := e.(*ast.Call)
		if !ok {
			return capital(e)
		}
		c = in
	}
	return ""
}

// generic is the model of a class-based view that gets one object by itself, where nothing in the
// view says which; or "".
func generic(x *surface.Route) string {
	c := classOf(x)
	if c == nil || len(x.Bodies) > 0 && slices.ContainsFunc(x.Bodies, func(b surface.Body) bool { return b.Def.Name != "form_valid" }) {
		return ""
	}
	single := slices.ContainsFunc(c.Bases, func(b ast.Expr) bool {
		return slices.ContainsFunc(x.Unit.Names(b), func(n string) bool {
			switch args.Last(n) {
			case "DetailView", "UpdateView", "DeleteView":
				return strings.HasPrefix(n, "django.")
			case "RetrieveModelMixin", "UpdateModelMixin", "DestroyModelMixin", "RetrieveAPIView", "RetrieveUpdateAPIView", "RetrieveDestroyAPIView", "RetrieveUpdateDestroyAPIView", "UpdateAPIView", "DestroyAPIView", "ModelViewSet":
				return strings.HasPrefix(n, "rest_framework.")
			}
			return false
		})
	})
	if !single {
		return ""
	}
	return viewModel(c)
}

// narrowing are the fields by which class-based views of the program narrow what they are about to who
// calls: def get_queryset(self): return super().get_queryset().filter(shop=self.request.user.shop).
func narrowing(p *rule.SurfacePass) map[string]bool {
	out := map[string]bool{}
	units := map[*program.Unit]bool{}
	for _, x := range p.Routes {
		if x.Unit == nil || x.Library || units[x.Unit] {
			continue
		}
		units[x.Unit] = true
		for _, n := range x.Unit.Tree.Nodes()[1:] {
			f, ok := n.(*ast.FunctionDef)
			if !ok || f.Name != "get_queryset" {
				continue
			}
			has(surface.Body{Unit: x.Unit, Def: f}, func(n ast.Node) bool {
				if c, ok := n.(*ast.Call); ok && args.Callee(c) == "filter" {
					for _, k := range c.Keywords {
						if strings.Contains(x.Unit.File.Text(k.Value.Span()), "request.user") {
							field, _, _ := strings.Cut(k.Arg, "__")
							out[field] = true
						}
					}
				}
				return false
			})
		}
	}
	return out
}

// narrowable is the route, with the place of its class's queryset where it has one, if what the class is
// about has one of these fields. The class does not narrow by it.
func narrowable(x *surface.Route, fields map[string]bool) *surface.Route {
	c := classOf(x)
	if c == nil || len(fields) == 0 {
		return nil
	}
	for _, s := range c.Body {
		a, ok := s.(*ast.Assign)
		if !ok || ast.LastName(a.Targets[0]) != "queryset" && ast.LastName(a.Targets[0]) != "model" {
			continue
		}
		e := a.Value
		for {
			if call, ok := e.(*ast.Call); ok {
				e = call.Func
			} else if f, ok := e.(*ast.Attribute); ok && (f.Attr == "all" || f.Attr == "objects") {
				e = f.Value
			} else {
				break
			}
		}
		for _, name := range x.Unit.Names(e) {
			for field := range x.Unit.Fields(name) {
				if fields[field] {
					y := *x
					if ast.LastName(a.Targets[0]) == "queryset" {
						y.At = a.Span()
					}
					return &y
				}
			}
		}
	}
	return nil
}

// classOf is the class that answers a route.
func classOf(x *surface.Route) *ast.ClassDef {
	for _, n := range x.Unit.Tree.Nodes()[1:] {
		if c, ok := n.(*ast.ClassDef); ok && c.Span() == x.At {
			return c
		}
	}
	return nil
}

// viewModel is what a class-based view is about, as it is written: model = Order, queryset =
// Order.objects.all(), or what its get_queryset begins with.
func viewModel(c *ast.ClassDef) string {
	for _, s := range c.Body {
		a, ok := s.(*ast.Assign)
		if !ok {
			continue
		}
		switch ast.LastName(a.Targets[0]) {
		case "model":
			return ast.LastName(a.Value)
		case "queryset":
			if k, ok := a.Value.(*ast.Call); ok {
				return modelOf(k)
			}
		}
	}
	return ""
}

// userAsked is a comparison with who calls, or a condition of a query for what belongs to him.
var userAsked = match.Lazy(`(?:[=(,]|==|!=|is not|is|in)\s*(?:current_user|(?:self\.)?request\.user|g\.user|g\.account|(?:me|user|member|customer|principal|viewer|account|seller|who|current_\w+)\.(?:id|pk|\w+_id))\b`)

// owners are the models of which the program asks somewhere whose an object is.
func owners(p *rule.SurfacePass) map[string]bool {
	out := map[string]bool{}
	units := map[*program.Unit]bool{}
	for _, x := range p.Routes {
		if x.Unit == nil || x.Library {
			continue
		}
		// A view that narrows what it is about.
		if c := classOf(x); c != nil && slices.ContainsFunc(x.Bodies, func(b surface.Body) bool {
			return (b.Def.Name == "get_queryset" || b.Def.Name == "get_object") && userAsked().MatchString(b.File.Text(b.Def.Span()))
		}) {
			if m := viewModel(c); m != "" {
				out[m] = true
			}
		}
		if units[x.Unit] {
			continue
		}
		units[x.Unit] = true
		for _, n := range x.Unit.Tree.Nodes()[1:] {
			f, ok := n.(*ast.FunctionDef)
			if !ok {
				continue
			}
			u := x.Unit
			if !userAsked().MatchString(u.File.Text(f.Span())) {
				continue
			}
			b := surface.Body{Unit: u, Def: f}
			asked := has(b, func(n ast.Node) bool { // order.owner_id != user.id
				i, ok := n.(*ast.If)
				return ok && ownerCompared().MatchString(u.File.Text(i.Test.Span()))
			})
			var own []string // names of objects that were asked for, in the order in which they are fetched
			has(b, func(n ast.Node) bool {
				c, ok := n.(*ast.Call)
				if !ok || !fetches[args.Callee(c)] {
					return false
				}
				told := userAsked().MatchString(u.File.Text(c.Span()))
				if n := givenName(u, chain(u, c)); n != "" && told {
					own = append(own, n)
				}
				if m := modelOf(c); m != "" && (asked && len(f.Body) < 12 || told || slices.ContainsFunc(c.Keywords, func(k *ast.Keyword) bool { return k.Arg != "" && names(k.Value, own) })) {
					out[m] = true
				}
				return false
			})
		}
	}
	return out
}

// ownerCompared is a condition on whose an object is.
var ownerCompared = match.Lazy(`\b\w+\.\w+\s*(?:==|!=|is not)\s*(?:current_user|(?:self\.)?request\.user|g\.user|g\.account|(?:me|user|member|customer|principal|viewer|account|seller|who|current_\w+)\b)`)
