package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/taint"
)

// rest reads what Django's REST framework asks for: the view's own classes, or the defaults.
func (d *djangoReader) rest(x *Route, c *taint.Class, own *taint.Thing) {
	if x.Access.CSRF != "exempt" {
		x.Access.CSRF = "checked" // where a session says who calls
		if d.sessionless(c) {
			x.Access.CSRF = "none"
		}
	}
	settings := d.setting("REST_FRAMEWORK")
	if own != nil {
		d.permissions(x, own, "")
		d.opened(x)
	} else if t := settings.Key("DEFAULT_PERMISSION_CLASSES"); t != nil {
		d.permissions(x, t, "")
	}
	if c != nil {
		if t := c.Attr("throttle_classes"); t != nil {
			if items, _ := t.Items(); len(items) > 0 {
				x.Access.Limit = "throttle_classes"
			}
			return
		}
		for _, f := range c.Attr("get_permissions").Funcs() {
			// Which ones depends on the call.
			if f.Def() != nil && x.Access.Login == None {
				x.Access.Login = Unknown
				x.Access.By = append(x.Access.By, f.Name())
			}
		}
	}
	if items, _ := settings.Key("DEFAULT_THROTTLE_CLASSES").Items(); len(items) > 0 && x.Access.Limit == "" {
		x.Access.Limit = "DEFAULT_THROTTLE_CLASSES"
	}
}

// opened notes that a view takes back what the settings ask of everybody.
func (d *djangoReader) opened(x *Route) {
	if t := d.setting("REST_FRAMEWORK").Key("DEFAULT_PERMISSION_CLASSES"); t != nil && x.Access.Login == None {
		y := &Route{Methods: x.Methods}
		d.permissions(y, t, "")
		x.Access.Opened = y.Access.Login == Required
	}
}

// sessionless says whether none of the ways to say who calls is a session's cookie.
func (d *djangoReader) sessionless(c *taint.Class) bool {
	var t *taint.Thing
	if c != nil {
		t = c.Attr("authentication_classes")
	}
	if t == nil {
		t = d.setting("REST_FRAMEWORK").Key("DEFAULT_AUTHENTICATION_CLASSES")
	}
	if t == nil {
		return false
	}
	items, exact := t.Items()
	for _, i := range items {
		for _, n := range append(append(i.Strs(), i.Names()...), classNames(i)...) {
			if strings.Contains(n, "SessionAuthentication") {
				return false
			}
		}
	}
	return exact
}

func classNames(t *taint.Thing) []string {
	var out []string
	for _, c := range t.Classes() {
		out = append(out, c.Name())
	}
	return out
}

// permissions reads permission_classes. Text is how it is written, where it is no value.
func (d *djangoReader) permissions(x *Route, t *taint.Thing, text string) {
	items, exact := t.Items()
	if exact && len(items) == 0 {
		x.Access.Login = None
		return
	}
	x.Access.Login = None
	for _, i := range items {
		names := append(append(i.Strs(), i.Names()...), classNames(i)...)
		for _, m := range i.Made() {
			names = append(names, m.Name)
		}
		if len(names) == 0 {
			x.Access.Login = Unknown
		}
		for _, n := range names {
			if l := last(n); l == "AllowAny" {
				continue
			} else if strings.Contains(l, "OrReadOnly") {
				if slices.Equal(x.Methods, []string{"GET"}) {
					continue
				}
			}
			x.asked(n)
		}
	}
	if t == nil {
		// As it is written: [IsOwner | IsStaff]
		for _, w := range strings.FieldsFunc(text, func(r rune) bool {
			return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) {
			if l := last(w); l != "AllowAny" && l != "" {
				x.asked(w)
			}
		}
	}
}

// urls are the addresses of a router, or of an API of Django Ninja.
func (d *djangoReader) urls(of, told *taint.Made, prefix string, wrappers []*taint.Made) {
	switch {
	case strings.HasPrefix(of.Name, "ninja"):
		d.ninja(of, prefix)
	case strings.HasSuffix(of.Name, "Router"):
		d.router(of, prefix)
	default:
		d.unread(told.Spot, "addresses below "+rooted(prefix)+" are those of "+of.Name+", which is not known")
	}
}

// router are the addresses that a router of the REST framework makes.
func (d *djangoReader) router(of *taint.Made, prefix string) {
	slash := "/"
	if t := of.Arg(0, "trailing_slash"); t != nil && !strings.Contains(of.Name, "Nested") {
		if truth, known := t.Truth(); known && !truth {
			slash = ""
		}
	}
	if t := of.Arg(-1, "trailing_slash"); t != nil {
		if truth, known := t.Truth(); known && !truth {
			slash = ""
		}
	}
	parent := ""
	if strings.Contains(of.Name, "Nested") { // drf-nested-routers
		name, _ := of.Arg(1, "parent_prefix").Str()
		lookup, ok := of.Arg(-1, "lookup").Str()
		if !ok {
			lookup = "nested_1"
		}
		parent = name + "/<" + lookup + "_pk>/"
	}
	if last(of.Name) == "DefaultRouter" {
		x := &Route{Framework: "django", Methods: []string{"GET"}, Path: rooted(prefix), Handler: "rest_framework.routers.APIRootView", Library: true, Told: of.Spot, Access: Access{Login: None}}
		d.rest(x, nil, nil)
		d.add(x)
	}
	for _, m := range d.on[of] {
		if m.Member || last(m.Name) != "register" {
			continue
		}
		name, ok := m.Arg(0, "prefix").Str()
		if !ok {
			d.unread(m.Spot, "the prefix of this view set is not a constant")
			continue
		}
		if strings.ContainsAny(name, "(^$\\") {
			name = simplify(name)
		}
		for _, h := range d.handlers(m.Arg(1, "viewset")) {
			if h.class == nil {
				h.fill(&Route{})
				d.unread(m.Spot, "the view set "+h.library+" is no part of the program")
				continue
			}
			d.viewset(m, h.class, prefix+parent+name, slash)
		}
	}
}

// standard are the actions that a view set can have, with whether they are about one object.
var standard = []struct {
	action, method string
	detail         bool
}{{"list", "GET", false}, {"create", "POST", false}, {"retrieve", "GET", true}, {"update", "PUT", true}, {"partial_update", "PATCH", true}, {"destroy", "DELETE", true}}

// actionsOf are the standard actions that bases of the library bring.
var actionsOf = map[string]string{
	"ModelViewSet": "list create retrieve update partial_update destroy", "ReadOnlyModelViewSet": "list retrieve",
	"ListModelMixin": "list", "CreateModelMixin": "create", "RetrieveModelMixin": "retrieve", "UpdateModelMixin": "update partial_update", "DestroyModelMixin": "destroy",
}

func (d *djangoReader) viewset(told *taint.Made, c *taint.Class, path, slash string) {
	has := map[string]bool{}
	for _, b := range c.Bases() {
		for a := range strings.FieldsSeq(actionsOf[last(b)]) {
			has[a] = true
		}
	}
	lookup := "pk"
	if s, ok := c.Attr("lookup_field").Str(); ok {
		lookup = s
	}
	if s, ok := c.Attr("lookup_url_kwarg").Str(); ok {
		lookup = s
	}
	allowed := capitals(c.Attr("http_method_names"))
	route := func(at string, methods []string, f *taint.Func, perm *taint.Thing, permText string) {
		if len(allowed) > 0 {
			methods = slices.DeleteFunc(methods, func(m string) bool { return !slices.Contains(allowed, m) })
		}
		if len(methods) == 0 {
			return
		}
		x := &Route{Framework: "django", Methods: methods, Path: rooted(at), Told: told.Spot}
		x.answersClass(c)
		x.Parameters = inPath(x.Path)
		x.Access.Login, x.Access.CSRF = None, d.csrf()
		own := c.Attr("permission_classes")
		if perm != nil || permText != "" {
			own = perm
		}
		d.rest(x, c, own)
		if perm == nil && permText != "" {
			d.permissions(x, nil, permText)
		}
		if f != nil {
			x.Handler = c.Name() + "." + last(f.Name())
			x.Line = f.Unit().File.Position(f.Node().Span().Start).Line
			if d := f.Def(); d != nil {
				x.File, x.Unit, x.At = f.Unit().File.Path, f.Unit(), d.Span()
				x.Bodies = []Body{{f.Unit(), d}}
			}
			x.Parameters = append(x.Parameters, d.parameters(x, f)...)
		} else {
			for _, s := range standard {
				if slices.Contains(methods, s.method) {
					for _, f := range c.Attr(s.action).Funcs() {
						x.Parameters = append(x.Parameters, d.parameters(x, f)...)
					}
				}
			}
		}
		d.formFields(x, c)
		x.Parameters = unique(x.Parameters)
		d.add(x)
	}
	var list, detail []string
	for _, s := range standard {
		if !has[s.action] && c.Attr(s.action) == nil {
			continue
		}
		if s.detail {
			detail = append(detail, s.method)
		} else {
			list = append(list, s.method)
		}
	}
	route(path+slash, list, nil, nil, "")
	// Actions of its own.
	for _, name := range c.Own() {
		for _, f := range c.Attr(name).Funcs() {
			for _, dec := range decorators(f) {
				call, _ := dec.expr.(*ast.Call)
				if call == nil || !slices.ContainsFunc(dec.names, func(n string) bool {
					return strings.HasSuffix(n, ".action") || strings.HasSuffix(n, ".detail_route") || strings.HasSuffix(n, ".list_route")
				}) {
					continue
				}
				u := f.Unit()
				methods, at, one := []string{"GET"}, name, false
				var perm *taint.Thing
				permText := ""
				for _, k := range call.Keywords {
					switch k.Arg {
					case "methods":
						methods = constantTexts(u.File.Text, k.Value)
					case "url_path":
						if s, ok := u.Str(k.Value); ok {
							at = simplify(s)
						}
					case "detail":
						one = u.File.Text(k.Value.Span()) == "True"
					case "permission_classes":
						perm, permText = d.value(u, k.Value), u.File.Text(k.Value.Span())
					}
				}
				if len(call.Args) > 0 {
					methods = constantTexts(u.File.Text, call.Args[0])
				}
				if slices.ContainsFunc(dec.names, func(n string) bool { return strings.HasSuffix(n, ".detail_route") }) {
					one = true
				}
				methods = append(methods, mapped(c, name)...)
				p := path + "/" + at + slash
				if one {
					p = path + "/<" + lookup + ">/" + at + slash
				}
				route(p, methods, f, perm, permText)
			}
		}
	}
	route(path+"/<"+lookup+">"+slash, detail, nil, nil, "")
}

// mapped are further methods of an action: @name.mapping.delete.
func mapped(c *taint.Class, name string) []string {
	var out []string
	for _, k := range c.Lineage() {
		if k.Def() == nil {
			continue
		}
		for _, s := range k.Def().Body {
			d, ok := s.(*ast.FunctionDef)
			if !ok {
				continue
			}
			for _, e := range d.DecoratorList {
				if a, ok := e.(*ast.Attribute); ok {
					if b, ok := a.Value.(*ast.Attribute); ok && b.Attr == "mapping" && ast.LastName(b.Value) == name {
						out = append(out, strings.ToUpper(a.Attr))
					}
				}
			}
		}
	}
	return out
}

// ninja are the operations of Django Ninja: decorators on an API or on routers that are added
// to it.
func (d *djangoReader) ninja(api *taint.Made, prefix string) {
	var visit func(on *taint.Made, at string, auth *taint.Thing, depth int)
	visit = func(on *taint.Made, at string, auth *taint.Thing, depth int) {
		if depth > 6 {
			return
		}
		if a := on.Arg(-1, "auth"); a != nil {
			auth = a
		}
		for _, m := range d.on[on] {
			if m.Member {
				continue
			}
			switch l := last(m.Name); {
			case l == "add_router":
				p, _ := m.Arg(0, "prefix").Str()
				t := m.Arg(1, "router")
				a := auth
				if x := m.Arg(-1, "auth"); x != nil {
					a = x
				}
				for _, r := range t.Made() {
					visit(base(r), join(at, p), a, depth+1)
				}
				for _, s := range t.Strs() { // "app.api.router"
					if i := strings.LastIndexByte(s, '.'); i > 0 {
						for _, r := range d.Variable(s[:i], s[i+1:]).Made() {
							visit(base(r), join(at, p), a, depth+1)
						}
					}
				}
			case slices.Contains(verbs, l) || l == "api_operation":
				for _, use := range d.on[m] {
					if use.Member || !strings.HasSuffix(use.Name, "()") {
						continue
					}
					path, _ := m.Arg(0, "path").Str()
					methods := []string{strings.ToUpper(l)}
					if l == "api_operation" {
						methods = capitals(m.Arg(0, "methods"))
						path, _ = m.Arg(1, "path").Str()
					}
					for _, f := range use.Arg(0, "").Funcs() {
						x := &Route{Framework: "django", Methods: methods, Path: rooted(join(at, path)), Told: m.Spot}
						x.answers(f)
						x.Access.Login, x.Access.CSRF = None, "none"
						x.Parameters = inPath(x.Path)
						a := auth
						if t := m.Arg(-1, "auth"); t != nil {
							a = t
						}
						if a != nil && !a.IsNone() {
							x.asked("ninja auth")
						}
						d.guarded(x, f)
						(&fastReader{reader: d.reader}).signature(x, f.Unit(), f.Def(), true, 0)
						x.Parameters = unique(slices.DeleteFunc(x.Parameters, func(p Parameter) bool { return p.Name == "request" }))
						d.add(x)
					}
				}
			}
		}
	}
	visit(api, strings.TrimRight(prefix, "/"), nil, 0)
	for _, p := range []struct{ arg, path, view string }{{"openapi_url", "/openapi.json", "openapi_json"}, {"docs_url", "/docs", "openapi_view"}} {
		t := api.Arg(-1, p.arg)
		if t.IsNone() {
			continue
		}
		if s, ok := t.Str(); ok {
			p.path = s
		}
		d.add(&Route{Framework: "django", Methods: []string{"GET"}, Path: rooted(join(strings.TrimRight(prefix, "/"), p.path)), Handler: "ninja.openapi.views." + p.view, Library: true, Told: api.Spot, Access: Access{Login: None}})
	}
}
