package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/taint"
)

// FastAPI, and Starlette, on which it stands.
var _ = speaks(framework{
	name:      "fastapi",
	libraries: []string{"fastapi", "starlette"},
	tells: []string{"fastapi.FastAPI", "fastapi.APIRouter", "starlette.applications.Starlette", "starlette.routing.Router", "starlette.routing.Mount", "starlette.routing.Route", ".include_router", ".mount",
		".add_api_route", ".add_api_websocket_route", ".add_route", ".add_websocket_route", ".add_middleware", ".middleware", ".api_route", ".websocket"},
	read: fastapi,
})

type fastReader struct {
	*reader
	apps, routers []*taint.Made
	mounts        map[*taint.Made][]mount
	loose         bool
}

func isFast(m *taint.Made) bool {
	return ofClass(m, "fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette")
}

func isFastRouter(m *taint.Made) bool {
	return ofClass(m, "fastapi.APIRouter", "fastapi.routing.APIRouter", "starlette.routing.Router")
}

func fastapi(r *reader) {
	f := &fastReader{reader: r, mounts: map[*taint.Made][]mount{}}
	for _, m := range r.Made {
		switch {
		case isFast(m):
			f.apps = append(f.apps, m)
		case isFastRouter(m):
			f.routers = append(f.routers, m)
		}
	}
	for _, m := range r.Made {
		if m.Member {
			continue
		}
		switch last(m.Name) {
		case "include_router":
			in := f.things(m.Arg(0, "router"))
			if len(in) == 0 {
				f.loose = true
				r.unread(m.Spot, "which router is included here is not known")
			}
			prefix, _ := f.text(m, -1, "prefix")
			for _, x := range in {
				for _, on := range f.owners(m) {
					f.mounts[x] = append(f.mounts[x], mount{on, prefix, true, m})
				}
			}
		case "mount", "add_mount":
			if len(m.Of) > 0 || strings.HasPrefix(m.Name, "*.") {
				for _, on := range f.owners(m) {
					f.mount(on, m)
				}
			}
		}
	}
	for _, m := range append(slices.Clone(f.apps), f.routers...) {
		f.listed(m, m.Arg(-1, "routes"), "", 0)
	}
	for _, m := range r.Made {
		switch {
		case m.Member:
		case strings.HasSuffix(m.Name, ".routes.append"):
			for _, on := range f.owners(m) {
				for _, x := range m.Arg(0, "").Made() {
					if l := last(x.Name); l == "Route" || l == "APIRoute" || l == "WebSocketRoute" {
						f.route(on, x, x.Arg(1, "endpoint"), "")
					}
				}
			}
		case len(m.Of) > 0 && strings.HasSuffix(m.Name, "()") && f.isRoute(m.Of[0]):
			for _, on := range f.owners(m.Of[0]) {
				f.route(on, m.Of[0], m.Arg(0, ""), "")
			}
		case slices.Contains([]string{"add_api_route", "add_route", "add_api_websocket_route", "add_websocket_route"}, last(m.Name)) && (first(m.Name) == "fastapi" || first(m.Name) == "starlette"):
			for _, on := range f.owners(m) {
				f.route(on, m, m.Arg(1, "endpoint"), "")
			}
		}
	}
	f.documents()
}

func (f *fastReader) things(t *taint.Thing) []*taint.Made {
	var out []*taint.Made
	for _, m := range t.Made() {
		if m = base(m); slices.Contains(f.apps, m) || slices.Contains(f.routers, m) {
			out = append(out, m)
		}
	}
	return out
}

func (f *fastReader) owners(m *taint.Made) []*taint.Made {
	var out []*taint.Made
	for _, of := range m.Of {
		if of = base(of); slices.Contains(f.apps, of) || slices.Contains(f.routers, of) {
			out = append(out, of)
		}
	}
	if out == nil && (len(m.Of) == 0 || strings.HasPrefix(m.Name, "*.")) && !strings.Contains(m.Name, "Router()") {
		out = append(out, nil)
	}
	return out
}

// mount puts an application below a path.
func (f *fastReader) mount(on, call *taint.Made) {
	prefix, _ := f.text(call, 0, "path")
	f.mountBelow(on, call, prefix, call.Arg(1, "app"))
}

// listed reads a list of Route and Mount.
func (f *fastReader) listed(on *taint.Made, list *taint.Thing, prefix string, depth int) {
	items, _ := list.Items()
	if depth > 8 {
		return
	}
	for _, t := range items {
		for _, m := range t.Made() {
			switch last(m.Name) {
			case "Mount":
				p, _ := f.text(m, 0, "path")
				if rs := m.Arg(2, "routes"); rs != nil {
					f.listed(on, rs, join(prefix, p), depth+1)
				} else {
					f.mountBelow(on, m, join(prefix, p), m.Arg(1, "app"))
				}
			case "Route", "APIRoute", "WebSocketRoute":
				f.route(on, m, m.Arg(1, "endpoint"), prefix)
			}
		}
	}
}

// mountBelow puts one below a prefix: an application that is read itself, or another one, of
// which no more is known than where it is.
func (f *fastReader) mountBelow(on, call *taint.Made, prefix string, app *taint.Thing) {
	in := f.things(app)
	for _, x := range in {
		f.mounts[x] = append(f.mounts[x], mount{on, prefix, true, call})
	}
	h := f.handlers(app)
	if len(in) > 0 || len(h) == 0 {
		return
	}
	for _, p := range f.prefixes(on, 0) {
		at := strings.TrimRight(rooted(join(p, prefix)), "/")
		x := &Route{Framework: "fastapi", Methods: []string{"*"}, Path: at + "/{path:path}", Told: call.Spot, Parameters: []Parameter{{Name: "path", In: "path", Type: "string", Required: true}}}
		h[0].fill(x)
		if strings.HasSuffix(h[0].library, "StaticFiles") || h[0].class != nil && derives(h[0].class, "StaticFiles") {
			x.Methods, x.Access.Login = []string{"GET"}, None
		}
		f.add(x)
	}
}

// prefixes are the paths under which an application or router is found.
func (f *fastReader) prefixes(on *taint.Made, depth int) []string {
	if on == nil || depth > 8 {
		return []string{""}
	}
	own, _ := f.text(on, -1, "prefix")
	if isFast(on) && f.mounts[on] == nil {
		return []string{""}
	}
	var out []string
	for _, m := range f.mounts[on] {
		for _, p := range f.prefixes(m.on, depth+1) {
			if x := p + strings.TrimRight(m.prefix, "/") + own; !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	if out == nil && (f.loose || f.alone(on, f.apps)) {
		out = []string{own}
	}
	return out
}

// around are an application or router and what it is part of.
func (f *fastReader) around(on *taint.Made, calls []*taint.Made, seen []*taint.Made) ([]*taint.Made, []*taint.Made) {
	if on == nil || slices.Contains(seen, on) {
		return calls, seen
	}
	seen = append(seen, on)
	for _, m := range f.mounts[on] {
		calls = append(calls, m.call)
		calls, seen = f.around(m.on, calls, seen)
	}
	return calls, seen
}

func (f *fastReader) isRoute(m *taint.Made) bool {
	l := last(m.Name)
	if m.Member || !slices.Contains(verbs, l) && l != "api_route" && l != "websocket" && l != "route" && l != "websocket_route" {
		return false
	}
	return slices.ContainsFunc(m.Of, func(of *taint.Made) bool { return len(f.thingsOf(of)) > 0 }) || len(m.Of) == 0 && (strings.HasPrefix(m.Name, "fastapi.FastAPI().") || strings.HasPrefix(m.Name, "starlette.applications.Starlette()."))
}

func (f *fastReader) thingsOf(m *taint.Made) []*taint.Made {
	if m = base(m); slices.Contains(f.apps, m) || slices.Contains(f.routers, m) {
		return []*taint.Made{m}
	}
	return nil
}

func (f *fastReader) route(on, call *taint.Made, view *taint.Thing, below string) {
	paths := f.texts(call, 0, "path")
	if len(paths) == 0 {
		f.unread(call.Spot, "the path of this route is not a constant")
		return
	}
	var methods []string
	switch l := last(call.Name); {
	case slices.Contains(verbs, l):
		methods = []string{strings.ToUpper(l)}
	case strings.Contains(strings.ToLower(l), "websocket"):
		methods = []string{"WEBSOCKET"}
	default:
		methods = capitals(call.Arg(-1, "methods"))
	}
	hs := f.handlers(view)
	if len(hs) == 0 {
		hs = []handler{{library: "?"}}
	}
	for _, h := range hs {
		ms := methods
		if len(ms) == 0 && h.class != nil {
			ms = h.methods
		}
		if len(ms) == 0 {
			ms = []string{"GET"}
		}
		for _, p := range f.prefixes(on, 0) {
			for _, s := range paths {
				x := &Route{Framework: "fastapi", Path: p + join(below, s), Methods: slices.Clone(ms), Told: call.Spot}
				if below == "" {
					x.Path = p + s
				}
				x.Path = rooted(x.Path)
				h.fill(x)
				f.access(x, h, on, call)
				f.add(x)
			}
		}
	}
}

// documents are the pages that FastAPI adds itself.
func (f *fastReader) documents() {
	for _, app := range f.apps {
		if !strings.HasPrefix(app.Name, "fastapi.") {
			continue
		}
		url := func(name, otherwise string) (string, bool) {
			t := app.Arg(-1, name)
			if t == nil {
				return otherwise, true
			}
			if s, ok := t.Str(); ok {
				return s, s != ""
			}
			return otherwise, !t.IsNone()
		}
		open, ok := url("openapi_url", "/openapi.json")
		if !ok {
			continue
		}
		for _, p := range f.prefixes(app, 0) {
			page := func(path, handler string) {
				f.add(&Route{Framework: "fastapi", Methods: []string{"GET"}, Path: rooted(join(p, path)), Handler: "fastapi.FastAPI." + handler, Library: true, Told: app.Spot, Access: Access{Login: None}})
			}
			page(open, "openapi")
			if s, ok := url("docs_url", "/docs"); ok {
				page(s, "swagger_ui_html")
				if o, ok := url("swagger_ui_oauth2_redirect_url", "/docs/oauth2-redirect"); ok {
					page(o, "swagger_ui_redirect")
				}
			}
			if s, ok := url("redoc_url", "/redoc"); ok {
				page(s, "redoc_html")
			}
		}
	}
}

// access reads what a route asks for: its dependencies, those of the routers around it, and
// middleware that turns callers away.
func (f *fastReader) access(x *Route, h handler, on, call *taint.Made) {
	if h.fn == nil && h.class == nil {
		return
	}
	x.Access.Login, x.Access.CSRF = None, "none"
	x.Parameters = inPath(x.Path)
	if h.fn != nil {
		f.guarded(x, h.fn)
		f.signature(x, h.fn.Unit(), h.fn.Def(), h.fn.Bound() || h.fn.Class() != nil, 0)
		if c := h.fn.Class(); c != nil { // a class whose methods are routes asks in its own fields
			f.fields(x, c)
		}
	}
	if h.class != nil {
		for _, v := range verbs {
			for _, fn := range h.class.Attr(v).Funcs() {
				f.guarded(x, fn)
				x.Parameters = append(x.Parameters, f.parameters(x, fn)...)
			}
		}
	}
	calls, things := f.around(on, []*taint.Made{call}, nil)
	if on == nil {
		things = f.apps
	}
	for _, m := range append(calls, things...) {
		items, _ := m.Arg(-1, "dependencies").Items()
		for _, t := range items {
			for _, d := range t.Made() {
				if l := last(d.Name); l == "Depends" || l == "Security" {
					f.depends(x, d.Arg(0, "dependency"), 0)
				}
			}
		}
	}
	for _, app := range things {
		for _, m := range f.on[app] {
			if last(m.Name) == "add_middleware" && !m.Member {
				f.middleware(x, m.Arg(0, "middleware_class"))
			}
			if last(m.Name) == "middleware" && !m.Member && !slices.Contains(x.Methods, "WEBSOCKET") { // it is for HTTP only
				for _, use := range f.on[m] {
					for _, g := range use.Arg(0, "").Funcs() {
						if f.turnsAway(g, true, 0) && !passes(g, x.Path) {
							x.asked(g.Name())
						}
					}
				}
			}
		}
	}
	x.Parameters = unique(x.Parameters)
}

func (x *Route) asked(by string) {
	x.Access.Login = Required
	if !slices.Contains(x.Access.By, by) {
		x.Access.By = append(x.Access.By, by)
	}
}

// passes says whether a middleware lets everybody through to a path, as it is written in it.
func passes(g *taint.Func, path string) bool {
	found := false
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if e, ok := n.(ast.Expr); ok {
			if s, ok := ast.IsStr(e); ok && s.Str() == path {
				found = true
			}
		}
		ast.Children(n, visit)
	}
	visit(g.Def())
	return found
}

func (f *fastReader) middleware(x *Route, t *taint.Thing) {
	for _, c := range t.Classes() {
		if slices.Contains(x.Methods, "WEBSOCKET") && derives(c, "BaseHTTPMiddleware") {
			continue
		}
		for _, name := range []string{"dispatch", "__call__"} {
			for _, g := range c.Attr(name).Funcs() {
				if g.Def() != nil && refuses(g.Unit(), g.Def()) {
					x.asked(c.Name())
				}
			}
		}
	}
}

// depends looks at what a dependency asks for.
func (f *fastReader) depends(x *Route, t *taint.Thing, depth int) {
	if t == nil || depth > 6 {
		return
	}
	for _, m := range t.Made() {
		m = base(m)
		if strings.HasPrefix(m.Name, "fastapi.security.") || strings.HasPrefix(m.Name, "fastapi_users.") || strings.HasPrefix(m.Name, "fastapi_jwt_auth.") {
			if truth, known := m.Arg(-1, "auto_error").Truth(); !known || truth {
				x.asked(m.Name)
			}
		} else if limits(m.Name) {
			x.Access.Limit = last(m.Name)
		}
	}
	for _, fn := range t.Funcs() {
		f.dependsOn(x, fn, depth)
	}
	for _, c := range t.Classes() {
		for _, name := range []string{"__call__", "__init__"} {
			for _, fn := range c.Attr(name).Funcs() {
				f.dependsOn(x, fn, depth)
			}
		}
		f.fields(x, c)
	}
}

func (f *fastReader) dependsOn(x *Route, fn *taint.Func, depth int) {
	d := fn.Def()
	if d == nil {
		return
	}
	if limits(fn.Name()) {
		x.Access.Limit = last(fn.Name())
	}
	if f.turnsAway(fn, true, 0) {
		x.asked(fn.Name())
	}
	f.signature(x, fn.Unit(), d, fn.Class() != nil, depth+1)
}

// value is what a name of the program stands for.
func (r *reader) value(u *program.Unit, e ast.Expr) *taint.Thing {
	if e == nil {
		return nil
	}
	if a, ok := e.(*ast.Attribute); ok {
		if t := r.value(u, a.Value); t != nil {
			if v := t.Attr(a.Attr); v != nil {
				return v
			}
		}
	}
	if n, ok := e.(*ast.Name); ok {
		if t := r.Variable(u.Module.Name, n.Ident); t != nil {
			return t
		}
	}
	for _, n := range u.Names(e) {
		if i := strings.LastIndexByte(n, '.'); i > 0 {
			if t := r.Variable(n[:i], n[i+1:]); t != nil {
				return t
			}
		}
	}
	return nil
}

// fields are the dependencies that a class-based view keeps in its fields.
func (f *fastReader) fields(x *Route, c *taint.Class) {
	for _, k := range c.Lineage() {
		d := k.Def()
		if d == nil {
			continue
		}
		for _, s := range d.Body {
			if a, ok := s.(*ast.AnnAssign); ok {
				if dep, of := dependency(k.Unit(), a.Annotation, a.Value); dep != nil {
					f.dependency(x, k.Unit(), dep, of, 1)
				}
			}
		}
	}
}

// dependency finds Depends(f) or Security(f) in a default or in Annotated[T, …].
func dependency(u *program.Unit, annotation, value ast.Expr) (dep *ast.Call, of ast.Expr) {
	is := func(e ast.Expr) bool {
		c, ok := e.(*ast.Call)
		if ok && slices.ContainsFunc(u.Names(c.Func), func(n string) bool {
			return n == "fastapi.Depends" || n == "fastapi.Security" || strings.HasSuffix(n, ".Depends") || strings.HasSuffix(n, ".Security")
		}) {
			dep = c
		}
		return dep != nil
	}
	if value != nil && is(value) {
		return dep, annotation
	}
	base, meta := annotated(u, annotation)
	for _, m := range meta {
		if is(m) {
			return dep, base
		}
	}
	return nil, nil
}

// annotated takes Annotated[T, …] apart.
func annotated(u *program.Unit, e ast.Expr) (base ast.Expr, meta []ast.Expr) {
	if s, ok := e.(*ast.Subscript); ok && ast.LastName(s.Value) == "Annotated" {
		if t, ok := s.Slice.(*ast.Tuple); ok && len(t.Elts) > 1 {
			return t.Elts[0], t.Elts[1:]
		}
	}
	return e, nil
}

// oneCaller are words for somebody who calls: what get_user gives is one, and what get_users gives is a table.
var oneCaller = words("user member admin principal identity operator viewer caller")

func (f *fastReader) dependency(x *Route, u *program.Unit, dep *ast.Call, of ast.Expr, depth int) {
	e := of
	if len(dep.Args) > 0 {
		e = dep.Args[0]
	} else if k := program.Keyword(dep, "dependency"); k != nil {
		e = k.Value
	}
	if ast.LastName(dep.Func) == "Security" && e == nil {
		x.asked("fastapi.Security")
	}
	if c, ok := e.(*ast.Call); ok { // Depends(Checker("admin")), Depends(require("admin"))
		t := f.value(u, c.Func)
		f.depends(x, t, depth)
		for _, fn := range t.Funcs() {
			if inner(fn) {
				x.asked(fn.Name())
			}
		}
		return
	}
	t := f.value(u, e)
	if len(t.Funcs()) == 0 && len(t.Classes()) == 0 && len(t.Made()) == 0 { // no part of the program: what it does stands in its name
		for _, n := range u.Names(e) {
			if w := split(last(n)); !slices.Contains(w, "optional") && (Asks(n) || slices.Contains(w, "current") || slices.Contains(w, "principal") || len(w) == 2 && w[0] == "get" && oneCaller[w[1]]) {
				x.asked(strings.Clone(n))
			}
		}
	}
	f.depends(x, t, depth)
}

// inner says whether a function in a function turns callers away: require("admin") makes it.
func inner(fn *taint.Func) bool {
	if fn.Def() == nil {
		return false
	}
	for _, s := range fn.Def().Body {
		if d, ok := s.(*ast.FunctionDef); ok && refuses(fn.Unit(), d) {
			return true
		}
	}
	return false
}

var fastPlaces = map[string]string{"Query": "query", "Path": "path", "Header": "header", "Cookie": "cookie", "Body": "body", "Form": "form", "File": "file"}

// signature reads what a function asks for in its parameters.
func (f *fastReader) signature(x *Route, u *program.Unit, d *ast.FunctionDef, method bool, depth int) {
	if d == nil || depth > 6 {
		return
	}
	list := append(slices.Clone(d.Args.Posonlyargs), d.Args.Args...)
	type given struct {
		q *ast.Arg
		v ast.Expr
	}
	var all []given
	for i, q := range list {
		var v ast.Expr
		if n := i - (len(list) - len(d.Args.Defaults)); n >= 0 {
			v = d.Args.Defaults[n]
		}
		if i == 0 && method && (q.Arg == "self" || q.Arg == "cls") {
			continue
		}
		all = append(all, given{q, v})
	}
	for i, q := range d.Args.Kwonlyargs {
		var v ast.Expr
		if i < len(d.Args.KwDefaults) {
			v = d.Args.KwDefaults[i]
		}
		all = append(all, given{q, v})
	}
	for _, g := range all {
		if dep, of := dependency(u, g.q.Annotation, g.v); dep != nil {
			f.dependency(x, u, dep, of, depth+1)
			continue
		}
		// CurrentUser = Annotated[User, Depends(…)] has a name of its own.
		if n, ok := g.q.Annotation.(*ast.Name); ok {
			if v, m := f.alias(u, n); v != nil {
				if dep, of := dependency(m, v, nil); dep != nil {
					f.dependency(x, m, dep, of, depth+1)
					continue
				}
			}
		}
		f.parameter(x, u, g.q, g.v)
	}
}

// alias finds what a name for a type was assigned, with the file that it stands in.
func (f *fastReader) alias(u *program.Unit, n *ast.Name) (ast.Expr, *program.Unit) {
	for _, v := range u.Values(n) {
		if s, ok := v.(*ast.Subscript); ok {
			return s, u
		}
	}
	for _, name := range u.Names(n) {
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			continue
		}
		if in := f.Unit(name[:i]); in != nil {
			for _, s := range in.Tree.Module.Body {
				var target ast.Expr
				var value ast.Expr
				switch s := s.(type) {
				case *ast.Assign:
					target, value = s.Targets[0], s.Value
				case *ast.AnnAssign:
					target, value = s.Target, s.Value
				case *ast.TypeAlias:
					target, value = s.Name, s.Value
				}
				if t, ok := target.(*ast.Name); ok && t.Ident == name[i+1:] {
					return value, in
				}
			}
		}
	}
	return nil, nil
}

// parameter reads one parameter that no dependency gives.
func (f *fastReader) parameter(x *Route, u *program.Unit, q *ast.Arg, v ast.Expr) {
	t, meta := annotated(u, q.Annotation)
	p := Parameter{Name: q.Arg, In: "query", Type: typeOf(u, t), Required: v == nil}
	for _, e := range append(meta, v) {
		c, ok := e.(*ast.Call)
		if !ok || fastPlaces[ast.LastName(c.Func)] == "" {
			continue
		}
		p.In = fastPlaces[ast.LastName(c.Func)]
		if e == v {
			first := program.Arg(c, 0, "default")
			p.Required = first == nil || u.File.Text(first.Span()) == "..."
		}
		if s, ok := u.Str(program.Arg(c, -1, "alias")); ok {
			p.Name = s
		} else if p.In == "header" {
			p.Name = strings.ReplaceAll(p.Name, "_", "-")
		}
	}
	for i := range x.Parameters {
		if x.Parameters[i].In == "path" && x.Parameters[i].Name == q.Arg {
			if p.Type != "" {
				x.Parameters[i].Type = p.Type
			}
			return
		}
	}
	switch n := u.Instance(t); {
	case slices.ContainsFunc(n, func(s string) bool {
		switch l := last(s); l {
		case "Request", "Response", "WebSocket", "BackgroundTasks", "HTTPConnection", "SecurityScopes":
			return true
		}
		return false
	}):
		return
	case t != nil && strings.Contains(u.File.Text(t.Span()), "UploadFile"):
		p.In, p.Type = "file", "string"
	case p.In == "query" && p.Type == "object":
		p.In = "body"
		if c := f.classOf(u, t); c != nil {
			if fields := f.modelFields(c); len(fields) > 0 {
				x.Parameters = append(x.Parameters, fields...)
				return
			}
		}
	}
	if p.Type == "" {
		p.Type = "string"
	}
	p.Name = strings.Clone(p.Name)
	x.Parameters = append(x.Parameters, p)
}

func (f *fastReader) classOf(u *program.Unit, e ast.Expr) *taint.Class {
	switch s := e.(type) {
	case *ast.Subscript:
		return f.classOf(u, s.Slice)
	case *ast.BinOp:
		if c := f.classOf(u, s.Left); c != nil {
			return c
		}
		return f.classOf(u, s.Right)
	}
	if cs := f.value(u, e).Classes(); len(cs) > 0 {
		return cs[0]
	}
	return nil
}

// modelFields are the fields of a Pydantic model, as the body has them.
func (f *fastReader) modelFields(c *taint.Class) []Parameter {
	var out []Parameter
	for _, k := range c.Lineage() {
		d := k.Def()
		if d == nil {
			continue
		}
		for _, s := range d.Body {
			a, ok := s.(*ast.AnnAssign)
			if !ok || ast.LastName(a.Target) == "" || strings.HasPrefix(ast.LastName(a.Target), "_") || ast.LastName(a.Target) == "model_config" {
				continue
			}
			if sub, ok := a.Annotation.(*ast.Subscript); ok && ast.LastName(sub.Value) == "ClassVar" {
				continue
			}
			t, _ := annotated(k.Unit(), a.Annotation)
			p := Parameter{Name: strings.Clone(ast.LastName(a.Target)), In: "body", Type: typeOf(k.Unit(), t), Required: a.Value == nil}
			if p.Type == "" {
				p.Type = "string"
			}
			out = append(out, p)
		}
	}
	return unique(out)
}

// typeOf is the JSON type that an annotation stands for; "" where there is none.
func typeOf(u *program.Unit, e ast.Expr) string {
	switch t := e.(type) {
	case nil:
		return ""
	case *ast.Subscript:
		switch ast.LastName(t.Value) {
		case "Optional":
			return typeOf(u, t.Slice)
		case "List", "list", "Sequence", "Set", "set", "tuple", "Tuple":
			return "array"
		case "Dict", "dict", "Mapping":
			return "object"
		case "Literal":
			return "string"
		case "Union":
			if l, ok := t.Slice.(*ast.Tuple); ok && len(l.Elts) > 0 {
				return typeOf(u, l.Elts[0])
			}
		}
		return "object"
	case *ast.BinOp:
		if s := typeOf(u, t.Left); s != "" {
			return s
		}
		return typeOf(u, t.Right)
	case *ast.Constant:
		if t.ConstKind() == ast.None {
			return ""
		}
		return "string"
	}
	switch l := ast.LastName(e); l {
	case "str", "EmailStr", "HttpUrl", "AnyUrl", "UUID", "UUID4", "datetime", "date", "time", "bytes", "SecretStr", "Path", "IPvAnyAddress", "timedelta":
		return "string"
	case "int", "PositiveInt", "NonNegativeInt":
		return "integer"
	case "float", "Decimal", "PositiveFloat":
		return "number"
	case "bool":
		return "boolean"
	case "list", "set", "tuple":
		return "array"
	case "None":
		return ""
	}
	return "object"
}
