package surface

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/taint"
)

// Flask, and Quart, which is written alike, with the libraries that add resources to them.
var _ = speaks(framework{
	name:      "flask",
	libraries: []string{"flask", "quart", "flask_restful", "flask_restx", "flask_restplus", "flask_smorest", "apiflask", "flask_openapi3", "flask_login", "flask_wtf", "flask_bootstrap", "apifairy", "flask_sock"},
	tells: []string{"flask.Flask", "flask.Blueprint", "quart.Quart", "quart.Blueprint", ".register_blueprint", ".add_url_rule", ".route", ".add_resource", ".add_namespace", ".as_view",
		".before_request", ".before_app_request", ".init_app", "flask_limiter.Limiter().limit", "flask_limiter.Limiter().shared_limit"},
	read: flask,
})

// flaskReader is one look at a program with Flask.
type flaskReader struct {
	*reader
	apps, blueprints []*taint.Made
	mounts           map[*taint.Made][]mount // where a blueprint is registered
	loose            bool                    // something that could not be read is registered
}

// A mount is where one thing is put below another.
type mount struct {
	on     *taint.Made // nil: on an application that is not known
	prefix string
	given  bool // prefix was given there
	call   *taint.Made
}

func ofClass(m *taint.Made, names ...string) bool {
	return !m.Member && slices.Contains(names, m.Name)
}

func flask(r *reader) {
	f := &flaskReader{reader: r, mounts: map[*taint.Made][]mount{}}
	f.apps = r.made("flask.Flask", "quart.Quart", "apiflask.APIFlask", "flask_openapi3.OpenAPI")
	f.blueprints = r.made("flask.Blueprint", "quart.Blueprint", "flask_smorest.Blueprint", "apiflask.APIBlueprint", "flask_openapi3.APIBlueprint")
	for _, m := range r.Made {
		switch {
		case strings.HasSuffix(m.Name, ".register_blueprint") || strings.HasSuffix(m.Name, ".register_api"):
			bps := f.blueprintsIn(m.Arg(0, "blueprint"))
			if len(bps) == 0 {
				f.loose = true
				r.unread(m.Spot, "which blueprint is registered here is not known")
			}
			prefix, given := f.text(m, -1, "url_prefix")
			for _, bp := range bps {
				for _, on := range f.owners(m) {
					f.mounts[bp] = append(f.mounts[bp], mount{on, prefix, given, m})
				}
			}
		}
	}
	for _, m := range r.Made {
		switch {
		case m.Member:
		case len(m.Of) > 0 && f.isRoute(m.Of[0]) && strings.HasSuffix(m.Name, "()"):
			// What the decorator is put on.
			for _, on := range f.owners(m.Of[0]) {
				f.route(on, m.Of[0], m.Arg(0, ""))
			}
		case strings.HasSuffix(m.Name, ".add_url_rule"):
			for _, on := range f.owners(m) {
				if view := m.Arg(2, "view_func"); view != nil {
					f.route(on, m, view)
				}
			}
		}
	}
	f.restful()
	f.statics()
	f.extensions()
}

// extensions are what libraries serve that are put onto an application: their files, and pages
// that describe it.
func (f *flaskReader) extensions() {
	for _, m := range f.Made {
		path := map[string]string{"flask_bootstrap.Bootstrap": "/bootstrap/static/<path:filename>", "flask_bootstrap.Bootstrap4": "/bootstrap/static/<path:filename>", "flask_bootstrap.Bootstrap5": "/bootstrap/static/<path:filename>",
			"apifairy.APIFairy": "/docs /apispec.json"}[m.Name]
		if m.Member || len(f.apps) == 0 {
			continue
		}
		for p := range strings.FieldsSeq(path) {
			f.add(&Route{Framework: "flask", Methods: []string{"GET"}, Path: p, Handler: m.Name, Library: true, Told: m.Spot, Parameters: inPath(p), Access: Access{Login: None}})
		}
	}
}

func (f *flaskReader) blueprintsIn(t *taint.Thing) []*taint.Made {
	var out []*taint.Made
	for _, m := range t.Made() {
		if slices.Contains(f.blueprints, m) {
			out = append(out, m)
		}
	}
	return out
}

// owners are the applications and blueprints that a method is called on; nil stands for one
// that is not known.
func (f *flaskReader) owners(m *taint.Made) []*taint.Made {
	var out []*taint.Made
	if ofSock(m) {
		if out = f.blueprintsIn(m.Arg(-1, "bp")); len(out) == 0 {
			out = append(out, nil)
		}
		return out
	}
	for _, of := range m.Of {
		of = base(of)
		if slices.Contains(f.apps, of) || slices.Contains(f.blueprints, of) {
			out = append(out, of)
		} else if strings.HasPrefix(of.Name, "flask_smorest.Api") || strings.HasPrefix(of.Name, "flask_smorest.") {
			out = append(out, nil)
		}
	}
	if len(out) == 0 && (len(m.Of) == 0 || strings.HasPrefix(m.Name, "*.")) {
		if strings.HasPrefix(m.Name, "flask.Blueprint()") {
			return nil
		}
		out = append(out, nil)
	}
	return out
}

var flaskVerbs = map[string]string{"get": "GET", "post": "POST", "put": "PUT", "delete": "DELETE", "patch": "PATCH"}

// ofSock says whether a call makes the decorator of a web socket of Flask-Sock.
func ofSock(m *taint.Made) bool { return strings.HasPrefix(m.Name, "flask_sock.Sock().") }

// isRoute says whether a call makes the decorator of a route.
func (f *flaskReader) isRoute(m *taint.Made) bool {
	if m.Member {
		return false
	}
	l := last(m.Name)
	if l != "route" && flaskVerbs[l] == "" && l != "websocket" {
		return false
	}
	if ofSock(m) {
		return true
	}
	if strings.HasPrefix(m.Name, "*.") {
		rule, ok := m.Arg(0, "rule").Str()
		return ok && l == "route" && len(f.apps) > 0 && strings.HasPrefix(rule, "/")
	}
	for _, of := range m.Of {
		of = base(of)
		if slices.Contains(f.apps, of) || slices.Contains(f.blueprints, of) {
			return true
		}
	}
	return len(m.Of) == 0 && (strings.HasPrefix(m.Name, "flask.Flask().") || strings.HasPrefix(m.Name, "quart.Quart()."))
}

// prefixes are the paths under which an application or a blueprint is found.
func (f *flaskReader) prefixes(on *taint.Made, depth int) []string {
	if on == nil || slices.Contains(f.apps, on) || depth > 8 {
		return []string{""}
	}
	own, _ := f.text(on, 5, "url_prefix")
	var out []string
	for _, m := range f.mounts[on] {
		prefix := own
		if m.given {
			prefix = m.prefix
		}
		for _, p := range f.prefixes(m.on, depth+1) {
			if x := join(p, prefix); !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	if out == nil && (f.loose || f.alone(on, f.apps)) {
		out = []string{own}
	}
	return out
}

func (f *flaskReader) route(on, call *taint.Made, view *taint.Thing) {
	rules := f.texts(call, 0, "rule")
	if len(rules) == 0 {
		f.unread(call.Spot, "the path of this route is not a constant")
		return
	}
	methods := capitals(call.Arg(-1, "methods"))
	if v := flaskVerbs[last(call.Name)]; v != "" && call.Arg(-1, "methods") == nil {
		methods = []string{v}
	}
	if last(call.Name) == "websocket" || ofSock(call) {
		methods = []string{"WEBSOCKET"}
	}
	for _, h := range f.handlers(view) {
		ms := methods
		if len(ms) == 0 {
			ms = h.methods
		}
		if len(ms) == 0 {
			ms = []string{"GET"}
		}
		for _, p := range f.prefixes(on, 0) {
			for _, rule := range rules {
				x := &Route{Framework: "flask", Path: rooted(join(p, rule)), Methods: slices.DeleteFunc(slices.Clone(ms), func(m string) bool { return (m == "HEAD" || m == "OPTIONS") && len(ms) > 1 }), Told: call.Spot}
				if rule == "" && p != "" {
					x.Path = rooted(p)
				}
				h.fill(x)
				f.access(x, h, f.around(on, nil))
				f.add(x)
			}
		}
	}
}

// around are an application or a blueprint and what it is registered on.
func (f *flaskReader) around(on *taint.Made, seen []*taint.Made) []*taint.Made {
	if on == nil {
		return f.apps
	}
	if slices.Contains(seen, on) {
		return seen
	}
	seen = append(seen, on)
	for _, m := range f.mounts[on] {
		seen = f.around(m.on, seen)
	}
	return seen
}

// statics are the files that Flask serves itself.
func (f *flaskReader) statics() {
	for _, app := range f.apps {
		folder, path := app.Arg(2, "static_folder"), app.Arg(1, "static_url_path")
		if folder.IsNone() {
			continue
		}
		url, ok := path.Str()
		if !ok {
			url = "/static"
			if s, ok := folder.Str(); ok && s != "" {
				url = "/" + s[strings.LastIndexByte(strings.TrimRight(s, "/"), '/')+1:]
			}
		}
		f.add(f.static(app, "", url))
	}
	for _, bp := range f.blueprints {
		folder := bp.Arg(2, "static_folder")
		if folder == nil || folder.IsNone() {
			continue
		}
		url, ok := bp.Arg(3, "static_url_path").Str()
		if !ok {
			s, _ := folder.Str()
			url = "/" + s[strings.LastIndexByte(strings.TrimRight(s, "/"), '/')+1:]
		}
		for _, p := range f.prefixes(bp, 0) {
			f.add(f.static(bp, p, url))
		}
	}
}

func (f *flaskReader) static(of *taint.Made, prefix, url string) *Route {
	return &Route{Framework: "flask", Methods: []string{"GET"}, Path: rooted(join(join(prefix, strings.TrimRight(url, "/")), "<path:filename>")), Handler: strings.TrimSuffix(of.Name, "()") + ".send_static_file", Library: true,
		Told: of.Spot, Parameters: []Parameter{{Name: "filename", In: "path", Type: "string", Required: true}}, Access: Access{Login: None}}
}

// restful reads Flask-RESTful and Flask-RESTX: resources are classes with a method for each
// HTTP method.
func (f *flaskReader) restful() {
	apis := f.made("flask_restful.Api", "flask_restx.Api", "flask_restplus.Api")
	spaces := f.made("flask_restx.Namespace", "flask_restplus.Namespace")
	for _, a := range slices.Clone(apis) {
		// Api.namespace() makes one, too.
		for _, m := range f.on[a] {
			if last(m.Name) == "namespace" && !m.Member {
				spaces = append(spaces, m)
			}
		}
	}
	at := func(m *taint.Made) []*taint.Made { // the things a call is on, that are known here
		var out []*taint.Made
		for _, of := range m.Of {
			if of = base(of); slices.Contains(apis, of) || slices.Contains(spaces, of) {
				out = append(out, of)
			}
		}
		if len(out) == 0 && len(apis) == 1 && strings.HasPrefix(m.Name, "*.") {
			out = apis
		}
		return out
	}
	prefixes := func(x *taint.Made) (out []string, on *taint.Made) {
		if slices.Contains(apis, x) {
			prefix, _ := x.Arg(1, "prefix").Str()
			if strings.HasPrefix(x.Name, "flask_restx") || strings.HasPrefix(x.Name, "flask_restplus") {
				prefix, _ = x.Arg(-1, "prefix").Str()
			}
			apps := x.Arg(0, "app").Made()
			for _, m := range f.on[x] {
				if last(m.Name) == "init_app" {
					apps = append(apps, m.Arg(0, "app").Made()...)
				}
			}
			for _, app := range apps {
				if slices.Contains(f.apps, app) || slices.Contains(f.blueprints, app) {
					on = app
				}
			}
			for _, p := range f.prefixes(on, 0) {
				out = append(out, join(p, prefix))
			}
			return out, on
		}
		path, ok := x.Arg(-1, "path").Str()
		if !ok {
			name, _ := x.Arg(0, "name").Str()
			path = "/" + strings.Trim(name, "/")
		}
		for _, a := range apis {
			for _, m := range f.on[a] {
				if last(m.Name) == "add_namespace" && slices.Contains(m.Arg(0, "ns").Made(), x) || m == x {
					p := path
					if s, ok := m.Arg(1, "path").Str(); ok && m != x {
						p = s
					}
					prefix, _ := a.Arg(-1, "prefix").Str()
					for _, app := range a.Arg(0, "app").Made() {
						if slices.Contains(f.apps, app) || slices.Contains(f.blueprints, app) {
							on = app
						}
					}
					for _, q := range f.prefixes(on, 0) {
						out = append(out, join(join(q, prefix), p))
					}
				}
			}
		}
		return out, on
	}
	resource := func(m *taint.Made, on *taint.Made, views *taint.Thing, urls []*taint.Thing) {
		list, app := prefixes(on)
		for _, c := range views.Classes() {
			ms := capitals(c.Attr("methods"))
			if len(ms) == 0 {
				ms = methodsOf(c)
			}
			for _, u := range urls {
				for _, s := range u.Strs() {
					for _, p := range list {
						x := &Route{Framework: "flask", Path: rooted(join(p, s)), Methods: slices.Clone(ms), Told: m.Spot}
						x.answersClass(c)
						f.access(x, handler{class: c}, f.around(app, nil))
						f.add(x)
					}
				}
			}
		}
	}
	for _, m := range f.Made {
		switch {
		case m.Member:
		case last(m.Name) == "add_resource":
			if args := m.Args(); len(args) > 1 {
				for _, on := range at(m) {
					resource(m, on, args[0], args[1:])
				}
			}
		case strings.HasSuffix(m.Name, "route()") && len(m.Of) > 0 && len(at(m.Of[0])) > 0:
			for _, on := range at(m.Of[0]) {
				resource(m, on, m.Arg(0, ""), m.Of[0].Args())
			}
		}
	}
	// What Flask-RESTX serves itself; its scripts are there once in an application.
	if i := slices.IndexFunc(apis, func(a *taint.Made) bool { return !strings.HasPrefix(a.Name, "flask_restful") }); i >= 0 {
		f.add(f.static(apis[i], "", "/swaggerui"))
	}
	for _, a := range apis {
		if strings.HasPrefix(a.Name, "flask_restful") {
			continue
		}
		list, _ := prefixes(a)
		for _, p := range list {
			f.add(&Route{Framework: "flask", Methods: []string{"GET"}, Path: rooted(join(p, "/swagger.json")), Handler: a.Name + ".specs", Library: true, Told: a.Spot, Access: Access{Login: None}})
			doc := a.Arg(-1, "doc")
			url, ok := doc.Str()
			if !ok {
				url = "/"
			}
			if truth, known := doc.Truth(); doc == nil || ok || !known || truth {
				f.add(&Route{Framework: "flask", Methods: []string{"GET"}, Path: rooted(join(p, url)), Handler: a.Name + ".render_doc", Library: true, Told: a.Spot, Access: Access{Login: None}})
			}
			if url != "/" {
				f.add(&Route{Framework: "flask", Methods: []string{"GET"}, Path: rooted(join(p, "/")), Handler: a.Name + ".render_root", Library: true, Told: a.Spot, Access: Access{Login: None}})
			}
		}
	}
}
