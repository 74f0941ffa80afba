package surface

import (
	"maps"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/taint"
)

// Django, with the REST framework and Django Ninja.
var _ = speaks(framework{
	name:      "django",
	libraries: []string{"django", "rest_framework", "rest_framework_nested", "ninja", "ninja_extra", "channels"},
	tells:     []string{"django.urls.path", "django.urls.re_path", "django.urls.include", "django.conf.urls.url", ".as_view", ".as_asgi", ".register", "channels.routing.URLRouter"},
	read:      django,
})

type djangoReader struct {
	*reader
	settings []string        // modules with settings
	included map[string]bool // modules whose addresses somebody includes
	seen     []string        // that are being read
	asking   []string        // what is asked of everybody who comes to the list that is being read
}

func django(r *reader) {
	d := &djangoReader{reader: r, included: map[string]bool{}}
	d.channels()
	var roots []string
	for _, m := range r.prog.Modules() {
		if !strings.Contains(m.Name, "settings") && !strings.Contains(m.Name, "config") && !strings.Contains(m.Path, "settings") {
			continue
		}
		if t := r.Variable(m.Name, "ROOT_URLCONF"); t != nil {
			d.settings = append(d.settings, m.Name)
			for _, s := range t.Strs() {
				if !slices.Contains(roots, s) {
					roots = append(roots, s)
				}
			}
		}
	}
	for _, m := range r.Made {
		if last(m.Name) == "include" {
			for _, s := range m.Arg(0, "arg").Strs() {
				d.included[s] = true
			}
			items, _ := m.Arg(0, "arg").Items()
			for _, t := range items {
				for _, s := range t.Strs() {
					d.included[s] = true
				}
			}
			for _, n := range m.Arg(0, "arg").Names() {
				d.included[n] = true
			}
		}
	}
	found := false
	for _, s := range roots {
		if t := r.Variable(s, "urlpatterns"); t != nil {
			found = true
			d.module(s, t, "", nil, 0)
		}
	}
	if !found {
		// Nobody says where addresses begin: lists that nobody includes.
		for _, m := range r.prog.Modules() {
			if d.included[m.Name] || slices.ContainsFunc(slices.Collect(maps.Keys(d.included)), func(s string) bool { return strings.HasSuffix(m.Name, "."+s) }) {
				continue
			}
			if last(m.Name) != "urls" && !strings.Contains(last(m.Name), "url") {
				continue
			}
			if t := r.Variable(m.Name, "urlpatterns"); t != nil {
				d.module(m.Name, t, "", nil, 0)
			}
		}
	}
}

// module reads the urlpatterns of a module. A function of the program may have put a check
// around all of them: urlpatterns = decorate(urlpatterns, login_required).
func (d *djangoReader) module(name string, t *taint.Thing, prefix string, wrappers []*taint.Made, depth int) {
	before := len(d.asking)
	if u := d.Unit(name); u != nil {
		for _, s := range u.Tree.Module.Body {
			a, ok := s.(*ast.Assign)
			if !ok || len(a.Targets) != 1 || ast.LastName(a.Targets[0]) != "urlpatterns" {
				continue
			}
			c, ok := a.Value.(*ast.Call)
			if !ok || !slices.ContainsFunc(c.Args, func(e ast.Expr) bool { return ast.LastName(e) == "urlpatterns" }) {
				continue
			}
			for _, e := range c.Args {
				for _, n := range u.Names(e) {
					if Asks(n) {
						d.asking = append(d.asking, strings.Clone(n))
					}
				}
			}
		}
	}
	d.list(t, prefix, wrappers, depth)
	d.asking = d.asking[:before]
}

// list reads urlpatterns.
func (d *djangoReader) list(t *taint.Thing, prefix string, wrappers []*taint.Made, depth int) {
	if t == nil || depth > 12 {
		return
	}
	if !t.IsList() {
		d.element(t, prefix, wrappers, depth)
		return
	}
	items, _ := t.Items()
	for _, x := range items {
		d.element(x, prefix, wrappers, depth)
	}
}

func (d *djangoReader) element(t *taint.Thing, prefix string, wrappers []*taint.Made, depth int) {
	if t.IsList() {
		d.list(t, prefix, wrappers, depth+1)
	}
	for _, m := range t.Made() {
		switch l := last(m.Name); {
		case m.Member && l == "urls":
			d.urls(base(m), m, prefix, wrappers)
		case m.Member:
		case l == "path" || l == "re_path" || l == "url":
			route, ok := d.text(m, 0, map[bool]string{true: "regex", false: "route"}[l == "url"])
			if !ok {
				d.unread(m.Spot, "the path of this route is not a constant")
				continue
			}
			if l != "path" {
				route = simplify(route)
			}
			d.target(m, m.Arg(1, "view"), prefix+route, wrappers, depth)
		case l == "patterns": // before Django 1.10
			for i, x := range m.Args() {
				if i > 0 {
					d.element(x, prefix, wrappers, depth+1)
				}
			}
		case l == "i18n_patterns":
			for _, x := range m.Args() {
				d.element(x, prefix+"<language>/", wrappers, depth+1)
			}
		case l == "format_suffix_patterns":
			d.list(m.Arg(0, "urlpatterns"), prefix, wrappers, depth+1)
		case l == "include":
			d.include(m, m.Arg(0, "arg"), prefix, wrappers, depth+1)
		case l == "static" || l == "staticfiles_urlpatterns":
			// Only where DEBUG is on.
		case len(m.Args()) > 0 && (strings.Contains(m.Name, "decorator") || strings.Contains(m.Name, "wrap")):
			for _, x := range m.Args() {
				d.element(x, prefix, append(wrappers[:len(wrappers):len(wrappers)], m), depth+1)
			}
		}
	}
}

// target is what an address leads to: a view, or more addresses.
func (d *djangoReader) target(m *taint.Made, t *taint.Thing, path string, wrappers []*taint.Made, depth int) {
	if t == nil {
		return
	}
	if t.IsList() { // (patterns, app, namespace) of admin.site.urls, or a list
		items, _ := t.Items()
		if t.Tuple() && len(items) > 0 {
			d.list(items[0], path, wrappers, depth+1)
			return
		}
		d.list(t, path, wrappers, depth+1)
		return
	}
	included := false
	for _, x := range t.Made() {
		switch {
		case last(x.Name) == "include" && !x.Member:
			d.include(x, x.Arg(0, "arg"), path, wrappers, depth+1)
			included = true
		case x.Member && (last(x.Name) == "urls" || last(x.Name) == "urlpatterns"):
			d.urls(base(x), x, path, wrappers)
			included = true
		}
	}
	for _, n := range t.Names() {
		if n == "django.contrib.admin.site.urls" {
			d.admin(m, path)
			included = true
		}
	}
	if included {
		return
	}
	hs := d.handlers(t)
	if len(hs) == 0 {
		hs = []handler{{library: "?"}}
	}
	for _, h := range hs {
		h.wrappers = append(h.wrappers, wrappers...)
		x := &Route{Framework: "django", Path: rooted(path), Told: m.Spot}
		h.fill(x)
		d.view(x, h)
		d.add(x)
	}
}

func (d *djangoReader) include(m *taint.Made, t *taint.Thing, prefix string, wrappers []*taint.Made, depth int) {
	if t == nil || depth > 12 {
		return
	}
	if t.IsList() {
		items, _ := t.Items()
		if t.Tuple() && len(items) > 0 {
			d.include(m, items[0], prefix, wrappers, depth+1)
			return
		}
		d.list(t, prefix, wrappers, depth+1)
		return
	}
	for _, x := range t.Made() {
		if x.Member && (last(x.Name) == "urls" || last(x.Name) == "urlpatterns") {
			d.urls(base(x), x, prefix, wrappers)
		} else {
			d.element(t, prefix, wrappers, depth+1)
		}
	}
	if len(t.Made()) > 0 {
		return
	}
	for _, s := range append(t.Strs(), t.Names()...) {
		if slices.Contains(d.seen, s) {
			continue
		}
		d.seen = append(d.seen, s)
		switch v := d.Variable(s, "urlpatterns"); {
		case v != nil:
			d.module(s, v, prefix, wrappers, depth+1)
		case s == "django.contrib.admin.site.urls":
			d.admin(m, prefix)
		case len(libraryURLs[s]) > 0:
			for _, u := range libraryURLs[s] {
				path, handler, _ := strings.Cut(u, " ")
				methods := slices.Clone(genericMethods[last(handler)])
				if len(methods) == 0 {
					methods = []string{"*"}
				}
				d.add(&Route{Framework: "django", Methods: methods, Path: rooted(prefix + path), Handler: handler, Library: true, Told: m.Spot, Access: Access{Login: None, CSRF: d.csrf()}, Parameters: inPath(path)})
			}
		case !strings.HasSuffix(s, "()"):
			d.unread(m.Spot, "addresses below "+rooted(prefix)+" are those of "+s+", which is no part of the program")
		}
		d.seen = d.seen[:len(d.seen)-1]
	}
}

// libraryURLs are the addresses that come with Django and its REST framework, with their views.
var libraryURLs = map[string][]string{
	"django.contrib.auth.urls": {
		"login/ django.contrib.auth.views.LoginView", "logout/ django.contrib.auth.views.LogoutView", "password_change/ django.contrib.auth.views.PasswordChangeView",
		"password_change/done/ django.contrib.auth.views.PasswordChangeDoneView", "password_reset/ django.contrib.auth.views.PasswordResetView",
		"password_reset/done/ django.contrib.auth.views.PasswordResetDoneView", "reset/<uidb64>/<token>/ django.contrib.auth.views.PasswordResetConfirmView",
		"reset/done/ django.contrib.auth.views.PasswordResetCompleteView",
	},
	"rest_framework.urls":      {"login/ django.contrib.auth.views.LoginView", "logout/ django.contrib.auth.views.LogoutView"},
	"django.conf.urls.i18n":    {"setlang/ django.views.i18n.set_language"},
	"django_prometheus.urls":   {"metrics django_prometheus.exports.ExportToDjangoView"},
	"django.contrib.flatpages": nil,
}

// libraryModels are the models that libraries put into the administration, by their applications.
var libraryModels = map[string][]string{
	"allauth.account": {"emailaddress"}, "allauth.socialaccount": {"socialaccount", "socialapp", "socialtoken"}, "auditlog": {"logentry"}, "django.contrib.flatpages": {"flatpage"},
	"django.contrib.redirects": {"redirect"}, "django.contrib.sites": {"site"}, "django_celery_results": {"groupresult", "taskresult"}, "rest_framework.authtoken": {"tokenproxy"},
}

// admin are the addresses of Django's administration: some of its own, and some for each model.
func (d *djangoReader) admin(m *taint.Made, prefix string) {
	staff := Access{Login: Required, By: []string{"django.contrib.admin"}, CSRF: d.csrf()}
	add := func(path, handler string, methods ...string) {
		acc := staff
		if path == "login/" {
			acc = Access{Login: None, CSRF: d.csrf()}
		}
		d.add(&Route{Framework: "django", Methods: methods, Path: rooted(prefix + path), Handler: "django.contrib.admin." + handler, Library: true, Told: m.Spot, Access: acc, Parameters: inPath(path)})
	}
	for _, p := range []string{"", "login/", "logout/", "password_change/", "password_change/done/", "autocomplete/", "jsi18n/"} {
		add(p, "site."+strings.Trim(strings.ReplaceAll(p, "/", "_"), "_"), "GET", "POST")
	}
	add("r/<path:content_type_id>/<path:object_id>/", "site.shortcut", "GET")
	var apps []string
	model := func(app, name string) {
		if app == "" || name == "" {
			return
		}
		at := strings.ToLower(app) + "/" + strings.ToLower(name) + "/"
		add(at, "changelist_view", "GET", "POST")
		add(at+"add/", "add_view", "GET", "POST")
		add(at+"<path:object_id>/history/", "history_view", "GET")
		add(at+"<path:object_id>/delete/", "delete_view", "GET", "POST")
		add(at+"<path:object_id>/change/", "change_view", "GET", "POST")
		add(at+"<path:object_id>/", "change_view", genericMethods["RedirectView"]...)
		if !slices.Contains(apps, app) {
			apps = append(apps, app)
		}
	}
	if d.installed("django.contrib.auth") {
		model("auth", "group")
		if d.userModel() == "" {
			model("auth", "user")
			add("auth/user/<id>/password/", "user_change_password", "GET", "POST")
		}
	}
	for _, app := range slices.Sorted(maps.Keys(libraryModels)) {
		if is, _ := d.listedIn("INSTALLED_APPS", app); is {
			for _, name := range libraryModels[app] {
				model(last(app), name)
			}
		}
	}
	plain, guarded := model, false
	model = func(app, name string) {
		plain(app, name)
		if guarded && app != "" && name != "" { // django-guardian
			at := strings.ToLower(app) + "/" + strings.ToLower(name) + "/<object_pk>/permissions/"
			add(at, "obj_perms_manage_view", "GET", "POST")
			add(at+"user-manage/<user_id>/", "obj_perms_manage_user_view", "GET", "POST")
			add(at+"group-manage/<group_id>/", "obj_perms_manage_group_view", "GET", "POST")
		}
	}
	for _, x := range d.Made {
		if !strings.HasPrefix(x.Name, "django.contrib.admin") || x.Member {
			continue
		}
		view := x.Arg(1, "admin_class")
		if strings.HasSuffix(x.Name, ".register()") {
			view = x.Arg(0, "")
		}
		guarded = slices.ContainsFunc(view.Classes(), func(c *taint.Class) bool { return derives(c, "GuardedModelAdmin", "GuardedModelAdminMixin") })
		var models *taint.Thing
		switch {
		case x.Name == "django.contrib.admin.register()" && len(x.Of) > 0: // @admin.register(Model)
			for _, t := range x.Of[0].Args() {
				d.models(t, model)
			}
		case strings.HasSuffix(x.Name, "site.register"):
			models = x.Arg(0, "model_or_iterable")
		}
		if models.IsList() {
			items, _ := models.Items()
			for _, t := range items {
				d.models(t, model)
			}
		} else {
			d.models(models, model)
		}
	}
	slices.Sort(apps)
	if len(apps) > 0 {
		add("<app_label>/", "site.app_index", "GET")
	}
	add("<url>", "site.catch_all_view", "GET")
}

func (d *djangoReader) models(t *taint.Thing, model func(app, name string)) {
	for _, c := range t.Classes() {
		if c.Def() == nil {
			continue
		}
		app := ""
		if meta := c.Attr("Meta"); meta != nil {
			for _, k := range meta.Classes() {
				app, _ = k.Attr("app_label").Str()
			}
		}
		if app == "" {
			parts := strings.Split(c.Unit().Module.Name, ".")
			for i, p := range parts {
				if p == "models" && i > 0 {
					app = parts[i-1]
				}
			}
		}
		model(app, c.Def().Name)
	}
}

// setting is a setting, from the first module with settings that has it.
func (d *djangoReader) setting(name string) *taint.Thing {
	for _, s := range d.settings {
		if t := d.Variable(s, name); t != nil {
			return t
		}
	}
	return nil
}

func (d *djangoReader) listedIn(setting, name string) (is, known bool) {
	t := d.setting(setting)
	items, _ := t.Items()
	for _, x := range items {
		for _, s := range x.Strs() {
			if s == name || strings.HasPrefix(s, name+".apps.") {
				return true, true
			}
		}
	}
	return d.written(setting, name), t != nil
}

// written says whether a text stands in what is assigned to a setting or added to it, where
// its value is not known: [..., *more], if DEBUG: INSTALLED_APPS.append(...).
func (d *djangoReader) written(setting, name string) bool {
	for _, s := range d.settings {
		u := d.Unit(s)
		if u == nil {
			continue
		}
		for _, n := range u.Tree.Nodes()[1:] {
			var in ast.Expr
			switch n := n.(type) {
			case *ast.Assign:
				if len(n.Targets) == 1 && ast.LastName(n.Targets[0]) == setting {
					in = n.Value
				}
			case *ast.AugAssign:
				if ast.LastName(n.Target) == setting {
					in = n.Value
				}
			case *ast.Call:
				if f, ok := n.Func.(*ast.Attribute); ok && ast.LastName(f.Value) == setting && (f.Attr == "append" || f.Attr == "extend" || f.Attr == "insert") {
					in = n
				}
			}
			if in != nil && slices.Contains(constantTexts(u.File.Text, in), strings.ToUpper(name)) {
				return true
			}
		}
	}
	return false
}

func (d *djangoReader) installed(app string) bool {
	is, known := d.listedIn("INSTALLED_APPS", app)
	return is || !known
}

func (d *djangoReader) userModel() string {
	s, _ := d.setting("AUTH_USER_MODEL").Str()
	return s
}

func (d *djangoReader) csrf() string {
	is, known := d.listedIn("MIDDLEWARE", "django.middleware.csrf.CsrfViewMiddleware")
	switch {
	case is:
		return "checked"
	case known:
		return "none"
	}
	return ""
}

// simplify makes a pattern readable, as Django's own documentation pages do: groups become
// <name>, and what only bounds the pattern goes.
func simplify(re string) string {
	var b strings.Builder
	for i := 0; i < len(re); {
		switch c := re[i]; {
		case c == '(':
			end, depth := i, 0
			inClass := false
			for ; end < len(re); end++ {
				if re[end] == '\\' {
					end++
					continue
				}
				if re[end] == '[' {
					inClass = true
				} else if re[end] == ']' {
					inClass = false
				}
				if inClass {
					continue
				}
				if re[end] == '(' {
					depth++
				} else if re[end] == ')' {
					if depth--; depth == 0 {
						break
					}
				}
			}
			group := re[i:min(end+1, len(re))]
			switch {
			case strings.HasPrefix(group, "(?P<"):
				name, _, _ := strings.Cut(group[4:], ">")
				b.WriteString("<" + name + ">")
			case strings.HasPrefix(group, "(?:"):
				inner := group[3 : len(group)-1]
				if first, _, ok := strings.Cut(inner, "|"); ok && !strings.ContainsAny(inner, "()") {
					inner = first
				}
				b.WriteString(simplify(inner))
			case strings.HasPrefix(group, "(?"):
			default:
				b.WriteString("<var>")
			}
			i = end + 1
		case c == '.' && i+1 < len(re) && (re[i+1] == '*' || re[i+1] == '+'): // anything
			b.WriteString("<var>")
			i += 2
		case c == '^' || c == '$' || c == '?' || c == '*' || c == '+':
			i++
		case c == '\\' && i+1 < len(re):
			if n := re[i+1]; n == 'Z' || n == 'A' || n == 'b' || n == 'B' {
				i += 2
				continue
			}
			b.WriteByte(re[i+1])
			i += 2
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// genericMethods are the HTTP methods of Django's own views.
var genericMethods = map[string][]string{
	"TemplateView": {"GET"}, "ListView": {"GET"}, "DetailView": {"GET"}, "ArchiveIndexView": {"GET"}, "YearArchiveView": {"GET"}, "MonthArchiveView": {"GET"}, "WeekArchiveView": {"GET"}, "DayArchiveView": {"GET"}, "TodayArchiveView": {"GET"}, "DateDetailView": {"GET"},
	"FormView": {"GET", "POST", "PUT"}, "CreateView": {"GET", "POST", "PUT"}, "UpdateView": {"GET", "POST", "PUT"}, "DeleteView": {"GET", "POST", "DELETE"}, "ProcessFormView": {"GET", "POST", "PUT"},
	"RedirectView": {"GET", "POST", "PUT", "PATCH", "DELETE"}, "LoginView": {"GET", "POST", "PUT"}, "LogoutView": {"GET", "POST"}, "PasswordChangeView": {"GET", "POST", "PUT"}, "PasswordResetView": {"GET", "POST", "PUT"}, "PasswordResetConfirmView": {"GET", "POST", "PUT"},
	"PasswordChangeDoneView": {"GET"}, "PasswordResetDoneView": {"GET"}, "PasswordResetCompleteView": {"GET"},
	// of the REST framework
	"CreateAPIView": {"POST"}, "ListAPIView": {"GET"}, "RetrieveAPIView": {"GET"}, "DestroyAPIView": {"DELETE"}, "UpdateAPIView": {"PUT", "PATCH"}, "ListCreateAPIView": {"GET", "POST"},
	"RetrieveUpdateAPIView": {"GET", "PUT", "PATCH"}, "RetrieveDestroyAPIView": {"GET", "DELETE"}, "RetrieveUpdateDestroyAPIView": {"GET", "PUT", "PATCH", "DELETE"},
	"ObtainAuthToken": {"POST"}, "obtain_auth_token": {"POST"}, "TokenObtainPairView": {"POST"}, "TokenRefreshView": {"POST"}, "TokenVerifyView": {"POST"}, "SpectacularAPIView": {"GET"}, "SpectacularSwaggerView": {"GET"}, "SpectacularRedocView": {"GET"},
}

// viewMethods are the HTTP methods that a view answers.
func viewMethods(c *taint.Class) []string {
	out := methodsOf(c)
	for _, b := range c.Bases() {
		for _, m := range genericMethods[last(b)] {
			if !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	if allowed := capitals(c.Attr("http_method_names")); len(allowed) > 0 {
		out = slices.DeleteFunc(out, func(m string) bool { return !slices.Contains(allowed, m) })
	}
	return out
}

// view fills in what a view answers to, and what is asked of whoever calls it.
func (d *djangoReader) view(x *Route, h handler) {
	x.Access.Login, x.Access.CSRF = None, d.csrf()
	x.Parameters = inPath(x.Path)
	if in, _ := d.listedIn("MIDDLEWARE", "django.contrib.auth.middleware.LoginRequiredMiddleware"); in {
		x.asked("django.contrib.auth.middleware.LoginRequiredMiddleware")
	}
	for _, n := range d.asking {
		x.asked(n)
	}
	wrapped := func(name string, arg *taint.Thing) {
		switch last(name) {
		case "csrf_exempt":
			x.Access.CSRF = "exempt"
		case "csrf_protect", "requires_csrf_token":
			x.Access.CSRF = "checked"
		case "require_GET":
			x.Methods = []string{"GET"}
		case "require_safe":
			x.Methods = []string{"GET", "HEAD"}
		case "require_POST":
			x.Methods = []string{"POST"}
		case "require_http_methods":
			x.Methods = capitals(arg)
		default:
			x.guard(name, false)
		}
	}
	for _, w := range h.wrappers {
		wrapped(w.Name, nil)
		for _, of := range w.Of {
			wrapped(of.Name, of.Arg(0, ""))
		}
	}
	switch {
	case h.fn != nil:
		d.function(x, h.fn, wrapped)
	case h.class != nil:
		d.class(x, h)
	default:
		x.Methods = genericMethods[last(h.library)]
		if n := last(h.library); strings.HasPrefix(n, "PasswordChange") || n == "LogoutView" {
			x.asked(h.library)
		}
		if x.Access.Login == None && h.library == "?" {
			x.Access.Login = Unknown
		}
	}
	if len(x.Methods) == 0 {
		x.Methods = []string{"*"}
	}
	x.Parameters = unique(x.Parameters)
}

func (d *djangoReader) function(x *Route, f *taint.Func, wrapped func(name string, arg *taint.Thing)) {
	u := f.Unit()
	for _, dec := range decorators(f) {
		for _, n := range dec.names {
			c, _ := dec.expr.(*ast.Call)
			switch {
			case last(n) == "require_http_methods" && c != nil && len(c.Args) > 0:
				x.Methods = constantTexts(u.File.Text, c.Args[0])
			case last(n) == "api_view":
				x.Methods = []string{"GET"}
				if c != nil && len(c.Args) > 0 {
					x.Methods = constantTexts(u.File.Text, c.Args[0])
				}
				d.rest(x, nil, nil)
			case last(n) == "permission_classes" && c != nil && len(c.Args) > 0:
				d.permissions(x, d.value(u, c.Args[0]), u.File.Text(c.Args[0].Span()))
				d.opened(x)
			case last(n) == "authentication_classes" || last(n) == "throttle_classes":
				if last(n) == "throttle_classes" {
					x.Access.Limit = "throttle_classes"
				}
			default:
				wrapped(n, nil)
			}
		}
	}
	d.guarded(x, f)
	x.Parameters = append(x.Parameters, d.parameters(x, f)...)
}

// constantTexts are the texts in a list as it is written.
func constantTexts[S any](text func(S) string, e ast.Expr) []string {
	var out []string
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		if c, ok := n.(ast.Expr); ok {
			if s, ok := ast.IsStr(c); ok {
				out = append(out, strings.ToUpper(s.Str()))
			}
		}
		ast.Children(n, visit)
	}
	visit(e)
	return out
}

func (d *djangoReader) class(x *Route, h handler) {
	c := h.class
	rest := derives(c, "APIView", "GenericAPIView", "ViewSet", "GenericViewSet", "ModelViewSet", "ReadOnlyModelViewSet", "ViewSetMixin") || slices.ContainsFunc(c.Bases(), func(b string) bool { return strings.HasPrefix(b, "rest_framework.") })
	if len(x.Methods) == 0 {
		x.Methods = viewMethods(c)
	}
	if h.made != nil && rest {
		// ViewSet.as_view({"get": "list"})
		if items, _ := h.made.Arg(0, "actions").Items(); len(items) > 0 && h.made.Arg(0, "actions").IsList() {
			x.Methods = nil
			for _, t := range items {
				for _, s := range t.Strs() {
					x.Methods = append(x.Methods, strings.ToUpper(s))
				}
			}
		}
	}
	for _, b := range c.Bases() {
		switch l := last(b); {
		case l == "LoginRequiredMixin" || l == "PermissionRequiredMixin" || l == "UserPassesTestMixin" || l == "AccessMixin" || l == "StaffuserRequiredMixin" || l == "SuperuserRequiredMixin":
			x.asked(b)
		case Asks(l) && strings.HasSuffix(l, "Mixin"):
			x.asked(b)
		}
	}
	for _, k := range c.Lineage() {
		if k.Def() == nil {
			continue
		}
		u := k.Unit()
		for _, e := range k.Def().DecoratorList {
			for _, n := range u.Names(target(e)) {
				if last(n) == "method_decorator" {
					if call, ok := e.(*ast.Call); ok && len(call.Args) > 0 {
						var list []ast.Expr
						switch l := call.Args[0].(type) {
						case *ast.List:
							list = l.Elts
						case *ast.Tuple:
							list = l.Elts
						default:
							list = []ast.Expr{l}
						}
						for _, e := range list {
							for _, m := range u.Names(target(e)) {
								if last(m) == "csrf_exempt" {
									x.Access.CSRF = "exempt"
								}
								x.guard(m, false)
							}
						}
					}
					continue
				}
				x.guard(n, false)
			}
		}
	}
	for _, v := range append(slices.Clone(verbs), "dispatch", "setup", "list", "create", "retrieve", "update", "partial_update", "destroy", "form_valid") {
		for _, f := range c.Attr(v).Funcs() {
			if v == "dispatch" {
				for _, dec := range decorators(f) {
					for _, n := range dec.names {
						if last(n) == "csrf_exempt" || last(n) == "method_decorator" && strings.Contains(f.Unit().File.Text(dec.expr.Span()), "csrf_exempt") {
							x.Access.CSRF = "exempt"
						}
					}
				}
			}
			d.guarded(x, f)
			x.Parameters = append(x.Parameters, d.parameters(x, f)...)
		}
	}
	if rest {
		own := slices.Contains(x.Access.By, OwnCheck)
		d.rest(x, c, c.Attr("permission_classes"))
		if own {
			x.asked(OwnCheck)
		}
	}
	d.formFields(x, c)
}

// formFields are the fields of a view's form or serializer.
func (d *djangoReader) formFields(x *Route, c *taint.Class) {
	writes := slices.ContainsFunc(x.Methods, func(m string) bool { return m != "GET" && m != "DELETE" })
	if !writes {
		return
	}
	for _, key := range []string{"form_class", "serializer_class"} {
		in := map[string]string{"form_class": "form", "serializer_class": "body"}[key]
		for _, k := range c.Attr(key).Classes() {
			for _, name := range k.Own() {
				for _, m := range k.Attr(name).Made() {
					if l := last(m.Name); strings.HasSuffix(l, "Field") && !m.Member {
						if ro, _ := m.Arg(-1, "read_only").Truth(); ro {
							continue
						}
						p := Parameter{Name: name, In: in, Type: fieldType(l), Required: true}
						if req, known := m.Arg(-1, "required").Truth(); known && !req {
							p.Required = false
						}
						x.Parameters = append(x.Parameters, p)
					}
				}
			}
			for _, meta := range k.Attr("Meta").Classes() {
				items, _ := meta.Attr("fields").Items()
				for _, t := range items {
					if s, ok := t.Str(); ok {
						x.Parameters = append(x.Parameters, Parameter{Name: s, In: in, Type: "string"})
					}
				}
			}
		}
	}
}

func fieldType(field string) string {
	switch field {
	case "IntegerField", "PrimaryKeyRelatedField":
		return "integer"
	case "FloatField", "DecimalField":
		return "number"
	case "BooleanField", "NullBooleanField":
		return "boolean"
	case "ListField", "MultipleChoiceField", "ModelMultipleChoiceField":
		return "array"
	case "DictField", "JSONField":
		return "object"
	}
	return "string"
}
