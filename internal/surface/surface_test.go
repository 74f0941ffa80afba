package surface_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/tools/txtar"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/engine"
	"github.com/gambeson/gambeson/internal/surface"
	"github.com/gambeson/gambeson/internal/testkit"
)

// app writes an application of testdata/apps and reads its surface.
func app(t *testing.T, name string) (dir string, head map[string]string, s *surface.Surface) {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.Join("testdata", "apps", name))
	if err != nil {
		t.Fatal(err)
	}
	head = map[string]string{}
	for line := range strings.Lines(string(ar.Comment)) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			head[k] = v
		}
	}
	dir = t.TempDir()
	for _, f := range ar.Files {
		to := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, head, read(t, dir)
}

func read(t *testing.T, dir string) *surface.Surface {
	t.Helper()
	scan := engine.Scan{Paths: []string{dir}, Config: config.Default()}
	s, err := scan.Surface(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var variable = regexp.MustCompile(`[<{][^>}]*[>}]`)

// plain is a route as both sides can write it: names and types of parameters left out.
func plain(method, path string) string { return method + " " + variable.ReplaceAllString(path, "{}") }

// TestFrameworks holds what is read against what the frameworks themselves list when they run
// the application. A function of which Django does not know the methods is compared by path.
func TestFrameworks(t *testing.T) {
	apps, _ := filepath.Glob("testdata/apps/*.txtar")
	script, _ := filepath.Abs("testdata/list_routes.py")
	routes := 0
	for _, name := range apps {
		name = filepath.Base(name)
		t.Run(name, func(t *testing.T) {
			dir, head, s := app(t, name)
			library := map[string]string{"django": "rest_framework"}[head["framework"]]
			if library == "" {
				library = head["framework"]
			}
			exe := testkit.Python(t, library, "frameworks")
			cmd := exec.Command(exe, "-W", "ignore", script, head["framework"], head["module"])
			cmd.Dir = dir
			cmd.Stderr = os.Stderr
			answer, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			var list [][2]string
			if err := json.Unmarshal(answer, &list); err != nil {
				t.Fatal(err)
			}
			var want, got []string
			anyMethod := map[string]bool{}
			for _, r := range list {
				if r[0] == "*" && head["framework"] == "django" {
					anyMethod[plain("", r[1])] = true
				}
			}
			add := func(to *[]string, method, path string) {
				if anyMethod[plain("", path)] {
					method = "*"
				}
				if p := plain(method, path); !slices.Contains(*to, p) {
					*to = append(*to, p)
				}
			}
			for _, r := range list {
				add(&want, r[0], r[1])
			}
			for _, r := range s.Routes {
				for _, m := range r.Methods {
					add(&got, m, r.Path)
				}
			}
			routes += len(want)
			for _, w := range want {
				if !slices.Contains(got, w) {
					t.Errorf("missed: %s", w)
				}
			}
			for _, g := range got {
				if !slices.Contains(want, g) {
					t.Errorf("invented: %s", g)
				}
			}
			for _, u := range s.Unread {
				t.Errorf("not read: %s:%d: %s", u.File, u.Line, u.Why)
			}
		})
	}
	t.Logf("%d routes", routes)
}

// find is the route with a method and a path.
func find(t *testing.T, s *surface.Surface, method, path string) *surface.Route {
	t.Helper()
	for _, r := range s.Routes {
		if r.Path == path && (slices.Contains(r.Methods, method) || slices.Contains(r.Methods, "*")) {
			return r
		}
	}
	t.Fatalf("there is no %s %s", method, path)
	return nil
}

// TestAccess: who may call what, and what is taken from a request.
func TestAccess(t *testing.T) {
	for _, c := range []struct{ app, method, path, login, csrf, parameters string }{
		{"flask.txtar", "GET", "/", surface.None, "none", "query q string"},
		{"flask.txtar", "POST", "/item/<int:number>", surface.Required, "none", "path number integer"},
		{"flask.txtar", "POST", "/me/save", surface.Required, "none", "form name string"},
		{"fastapi.txtar", "GET", "/", surface.None, "none", "query q string"},
		{"fastapi.txtar", "GET", "/api/v1/users/", surface.Required, "none", "query limit integer"},
		{"fastapi.txtar", "POST", "/api/v1/users", surface.Required, "none", "body name string, body age integer"},
		{"fastapi.txtar", "GET", "/api/v1/items/{item_id}", surface.None, "none", "path item_id integer"},
		{"fastapi.txtar", "PUT", "/api/v1/items/nested/{key}", surface.None, "none", "path key string"},
		{"django.txtar", "GET", "/extra/a/", surface.None, "checked", "query q string"},
		{"django.txtar", "POST", "/shop/hook/", surface.None, "exempt", ""},
		{"django.txtar", "GET", "/guarded/", surface.Required, "checked", ""},
		{"django.txtar", "GET", "/shop/orders/list/", surface.Required, "checked", ""},
		{"django.txtar", "POST", "/shop/api/orders/", surface.Required, "checked", "body id string, body name string"},
		{"django.txtar", "GET", "/shop/api/orders/latest-one/", surface.None, "checked", ""},
		{"django.txtar", "POST", "/shop/api/orders/<pk>/cancel/", surface.Required, "checked", "path pk string, body id string, body name string"},
		{"django.txtar", "PUT", "/shop/api/one/", surface.None, "checked", ""},
		{"django.txtar", "PATCH", "/shop/api/detail/<int:pk>/", surface.Required, "checked", "path pk integer, body id string, body name string"},
		{"django.txtar", "POST", "/shop/api/function/", surface.None, "checked", ""},
		{"django.txtar", "GET", "/admin/shop/order/", surface.Required, "checked", ""},
		{"aiohttp.txtar", "POST", "/save/{name}", surface.None, "", "path name string"},
		{"aiohttp.txtar", "GET", "/", surface.None, "", "query q string"},
		{"tornado.txtar", "GET", "/", surface.None, "", "query q string"},
		{"tornado.txtar", "POST", "/item/<var>", surface.Required, "", "path var string"},
	} {
		_, _, s := app(t, c.app)
		r := find(t, s, c.method, c.path)
		var params []string
		for _, p := range r.Parameters {
			params = append(params, p.In+" "+p.Name+" "+p.Type)
		}
		if got := strings.Join(params, ", "); r.Access.Login != c.login || r.Access.CSRF != c.csrf || got != c.parameters {
			t.Errorf("%s %s of %s: login %q by %v, csrf %q, parameters %q", c.method, c.path, c.app, r.Access.Login, r.Access.By, r.Access.CSRF, got)
		}
	}
}

// TestOther: frameworks that are not run here, by what their documentation says.
func TestOther(t *testing.T) {
	for _, c := range []struct{ name, code, want string }{
		{"bottle", "import bottle\napp = bottle.Bottle()\ninner = bottle.Bottle()\n\n@app.route('/hello/<name>')\ndef hello(name):\n    return name\n\n@inner.post('/save/<n:int>')\ndef save(n):\n    return ''\n\napp.mount('/inner', inner)\n\n@bottle.get('/top')\ndef top():\n    return ''\n",
			"GET /hello/<name>\nPOST /inner/save/<int:n>\nGET /top"},
		{"falcon", "import falcon\n\nclass Things:\n    def on_get(self, req, resp):\n        pass\n\n    def on_post(self, req, resp):\n        pass\n\n    def on_get_one(self, req, resp, key):\n        pass\n\napp = falcon.App()\nthings = Things()\napp.add_route('/things', things)\napp.add_route('/things/{key}', things, suffix='one')\n",
			"GET,POST /things\nGET /things/{key}"},
		{"pyramid", "from pyramid.config import Configurator\nfrom pyramid.view import view_config\n\n@view_config(route_name='one', request_method='GET')\ndef one(request):\n    return {}\n\ndef two(request):\n    return {}\n\ndef main(settings):\n    with Configurator(settings=settings) as config:\n        config.add_route('one', '/one/{id}')\n        config.add_route('two', '/two')\n        config.add_view(two, route_name='two', request_method='POST')\n        config.scan()\n        return config.make_wsgi_app()\n",
			"GET /one/{id}\nPOST /two"},
		{"sanic", "from sanic import Blueprint, Sanic\napp = Sanic('x')\nbp = Blueprint('b', url_prefix='/b', version=1)\n\n@bp.get('/one/<key:int>')\nasync def one(request, key):\n    pass\n\n@app.route('/two', methods=['POST', 'PUT'])\nasync def two(request):\n    pass\n\napp.blueprint(bp)\n",
			"POST,PUT /two\nGET /v1/b/one/<key:int>"},
		{"litestar", "from litestar import Controller, Litestar, Router, get, post\n\nclass Things(Controller):\n    path = '/things'\n\n    @get()\n    async def many(self, limit: int) -> list:\n        return []\n\n    @post('/{key:int}')\n    async def one(self, key: int) -> None:\n        pass\n\n@get('/health')\nasync def health() -> str:\n    return ''\n\nrouter = Router(path='/api', route_handlers=[Things])\napp = Litestar(route_handlers=[health, router])\n",
			"GET /api/things\nPOST /api/things/{key:int}\nGET /health"},
		{"restful", "from flask import Flask, Blueprint\nfrom flask_restful import Api, Resource\n\nclass Item(Resource):\n    def get(self, key):\n        return {}\n\n    def delete(self, key):\n        return {}\n\nbp = Blueprint('api', __name__)\napi = Api(bp, prefix='/v1')\napi.add_resource(Item, '/item/<key>', '/thing/<key>')\napp = Flask(__name__, static_folder=None)\napp.register_blueprint(bp, url_prefix='/api')\n",
			"DELETE,GET /api/v1/item/<key>\nDELETE,GET /api/v1/thing/<key>"},
		{"ninja", "from django.urls import path\nfrom ninja import NinjaAPI, Router, Schema\n\nclass New(Schema):\n    name: str\n\napi = NinjaAPI(docs_url=None, openapi_url=None)\nrouter = Router()\n\n@router.post('/things')\ndef make(request, new: New):\n    return {}\n\n@api.get('/hello/{int:n}')\ndef hello(request, n: int):\n    return {}\n\napi.add_router('/r', router)\nurlpatterns = [path('api/', api.urls)]\n",
			"GET /api/hello/{int:n}\nPOST /api/r/things"},
		{"channels", "from channels.auth import AuthMiddlewareStack\nfrom channels.generic.websocket import WebsocketConsumer\nfrom channels.routing import ProtocolTypeRouter, URLRouter\nfrom django.urls import path, re_path\n\nclass Live(WebsocketConsumer):\n    def connect(self):\n        self.accept()\n\ninner = URLRouter([path('orders/<int:number>/', Live.as_asgi())])\nsockets = [path('live/', inner), re_path(r'^prices/(?P<kind>\\w+)/$', Live.as_asgi())]\napplication = ProtocolTypeRouter({'websocket': AuthMiddlewareStack(URLRouter(sockets))})\n",
			"WEBSOCKET /live/orders/<int:number>/\nWEBSOCKET /prices/<kind>/"},
		{"sock", "from flask import Blueprint, Flask\nfrom flask_sock import Sock\napp = Flask(__name__, static_folder=None)\nbp = Blueprint('b', __name__, url_prefix='/b')\nsock = Sock()\n\n@sock.route('/live')\ndef live(ws):\n    pass\n\n@sock.route('/orders/<int:number>', bp=bp)\ndef orders(ws, number):\n    pass\n\napp.register_blueprint(bp)\nsock.init_app(app)\n",
			"WEBSOCKET /b/orders/<int:number>\nWEBSOCKET /live"},
		{"none", "def route(path):\n    return lambda f: f\n\n@route('/x')\ndef x():\n    pass\n\nclass App:\n    def add_route(self, a, b):\n        pass\n\nApp().add_route('/y', x)\n", ""},
	} {
		dir := t.TempDir()
		name := "main.py"
		if c.name == "ninja" {
			name = "urls.py"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(c.code), 0o644); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range read(t, dir).Routes {
			got = append(got, strings.Join(r.Methods, ",")+" "+r.Path)
		}
		if s := strings.Join(got, "\n"); s != c.want {
			t.Errorf("%s:\n%s\ninstead of\n%s", c.name, s, c.want)
		}
	}
}

// TestPutTogether: applications that are put together in a roundabout way, by what their
// frameworks list when they run.
func TestPutTogether(t *testing.T) {
	list, _ := filepath.Glob("testdata/roundabout/*.txtar")
	if len(list) == 0 {
		t.Fatal("there are none")
	}
	for _, name := range list {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		for _, f := range ar.Files {
			to := filepath.Join(dir, filepath.FromSlash(f.Name))
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, r := range read(t, dir).Routes {
			got = append(got, strings.Join(r.Methods, ",")+" "+r.Path)
		}
		if s, want := strings.Join(got, "\n"), strings.TrimSpace(string(ar.Comment)); s != want {
			t.Errorf("%s:\n%s\ninstead of\n%s", filepath.Base(name), s, want)
		}
	}
}

// TestOpenAPI: every document is one that others can read.
func TestOpenAPI(t *testing.T) {
	apps, _ := filepath.Glob("testdata/apps/*.txtar")
	for _, name := range apps {
		_, _, s := app(t, filepath.Base(name))
		doc, err := s.OpenAPI("x")
		if err != nil {
			t.Fatal(err)
		}
		api, err := openapi3.NewLoader().LoadFromData(doc)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := api.Validate(context.Background()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if api.Paths.Len() < 4 {
			t.Errorf("%s: only %d paths", name, api.Paths.Len())
		}
	}
}
