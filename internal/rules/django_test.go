package rules

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/engine"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/testkit"
)

var projects = flag.Int("projects", 40, "how many settings TestCheckDeploy makes up")
var seed = flag.Int64("seed", 1, "what TestCheckDeploy makes them up from")

// TestCheckDeploy makes up settings from fragments and holds what our rules say of them
// against Django's own check --deploy: the same ids for the same settings.
func TestCheckDeploy(t *testing.T) {
	exe := testkit.Python(t, "django", "django")
	var about struct {
		Libraries []string
		Version   string
	}
	testkit.AskPython(t, exe, "testdata/check_deploy.py", map[string]any{}, &about)
	if len(about.Libraries) < 3 {
		t.Logf("only %v is there to read settings with", about.Libraries)
	}
	g := &generator{Rand: rand.New(rand.NewSource(*seed)), libraries: about.Libraries}
	var dirs, modules []string
	for i := range *projects {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(i))
		modules = append(modules, g.project(t, dir))
		dirs = append(dirs, dir)
	}
	var theirs struct {
		Answers []struct {
			Ids   []string
			Error string
		}
	}
	testkit.AskPython(t, exe, "testdata/check_deploy.py", map[string]any{"Dirs": dirs, "Modules": modules}, &theirs)

	release := testkit.Release(about.Version)
	ids, seen, wrong := 0, map[string]int{}, 0
	for i, dir := range dirs {
		a := theirs.Answers[i]
		if a.Error != "" {
			t.Errorf("project %d: Django itself fails: %s\n%s", i, a.Error, read(dir))
			continue
		}
		want := slices.Compact(a.Ids)
		got := slices.DeleteFunc(deployIds(t, dir), func(id string) bool { return !known(id, release) })
		ids += len(want)
		for _, id := range want {
			seen[id]++
		}
		if !slices.Equal(want, got) {
			if wrong++; wrong <= 3 {
				t.Errorf("project %d (%s):\nDjango: %v\nours:   %v\n%s", i, modules[i], want, got, read(dir))
			}
		}
	}
	if wrong > 3 {
		t.Errorf("and %d others", wrong-3)
	}
	t.Logf("Django %s, %d projects: %d findings, %d different ids, in %d projects not the same", about.Version, len(dirs), ids, len(seen), wrong)
	if *projects >= 40 && len(seen) < 20 {
		t.Errorf("only %d different ids were compared: %v", len(seen), seen)
	}
}

// known says whether a release of Django has a check.
func known(id string, release int) bool {
	switch id {
	case "security.E024":
		return release >= 400
	case "security.W025":
		return release >= 401
	case "security.E026":
		return release >= 600
	case "security.W027":
		return release >= 601
	case "security.E100":
		return release < 400
	}
	return true
}

var checkID = regexp.MustCompile(`\((security\.[EW]\d\d\d); production's settings`)

// deployIds are the checks that our rules name for the settings of production.
func deployIds(t *testing.T, dir string) []string {
	c := config.Default()
	c.Profile = "audit"
	list := slices.DeleteFunc(All(), func(r *rule.Rule) bool {
		return !slices.ContainsFunc(r.Aliases, func(a string) bool { return strings.HasPrefix(a, "security.") })
	})
	scan := engine.Scan{Paths: []string{dir}, Config: c, Rules: list}
	rep, err := scan.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range rep.Findings {
		if m := checkID.FindStringSubmatch(f.Message); m != nil && f.Suppressed == nil {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// read is the settings of a project, for whoever looks for a mistake.
func read(dir string) string {
	var b strings.Builder
	files, _ := filepath.Glob(filepath.Join(dir, "shop", "*.py"))
	more, _ := filepath.Glob(filepath.Join(dir, "shop", "*", "*.py"))
	for _, f := range append(files, more...) {
		data, _ := os.ReadFile(f)
		if len(data) > 0 {
			fmt.Fprintf(&b, "-- %s\n%s\n", strings.TrimPrefix(f, dir), data)
		}
	}
	return b.String()
}

// A generator makes up projects.
type generator struct {
	*rand.Rand
	libraries []string
}

func (g *generator) pick(list ...string) string { return list[g.Intn(len(list))] }
func (g *generator) chance(p float64) bool      { return g.Float64() < p }

const head = `import os
from datetime import timedelta
from os import environ, getenv
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name, default="0"):
    value = os.environ.get(name, default)
    if value.lower() not in ("", "0", "1", "true", "false"):
        raise ValueError(name)
    return value.lower() in ("1", "true")


def either(name, default=None):
    if name not in os.environ:
        return default
    return os.environ[name]

`

// libraryHead imports what else reads variables.
func (g *generator) libraryHead() string {
	s := head
	if slices.Contains(g.libraries, "environ") {
		s += "import environ as django_environ\n\nenv = django_environ.Env(TYPED=(bool, True))\n"
	}
	if slices.Contains(g.libraries, "decouple") {
		s += "from decouple import Csv, config\n"
	}
	return s
}

// boolean is an expression that is True or False, whatever way it comes to it.
func (g *generator) boolean(name string) string {
	yes := g.chance(0.5)
	python, text, digit := "False", "false", "0"
	if yes {
		python, text, digit = "True", "true", "1"
	}
	forms := []string{
		python, python, python,
		fmt.Sprintf("os.environ.get(%q, %q) == \"1\"", name, digit),
		fmt.Sprintf("os.environ.get(%q, %q).lower() in (\"1\", \"true\", \"yes\")", name, text),
		fmt.Sprintf("bool(int(getenv(%q, %q)))", name, digit),
		fmt.Sprintf("flag(%q, %q)", name, text),
		fmt.Sprintf("not flag(%q, %q)", name, map[bool]string{true: "0", false: "1"}[yes]),
		fmt.Sprintf("either(%q, %s)", name, python),
		fmt.Sprintf("%s if %q in os.environ else %s", g.pick("True", "False"), name, python),
		fmt.Sprintf("{\"on\": %s}[\"on\"]", python),
		fmt.Sprintf("dict(a=%s).get(\"a\", None)", python),
		fmt.Sprintf("(lambda: %s)()", python),
		fmt.Sprintf("any([%s, False])", python),
		fmt.Sprintf("all(x for x in [%s, True])", python),
		fmt.Sprintf("(%s, 1)[0]", python),
		fmt.Sprintf("\"%s\".startswith(\"t\")", text),
		fmt.Sprintf("len(\"%s\") == %s", "abc", map[bool]string{true: "3", false: "4"}[yes]),
		"not DEBUG", "DEBUG", "not DEBUG and " + python, "DEBUG or " + python,
	}
	if slices.Contains(g.libraries, "environ") {
		forms = append(forms, fmt.Sprintf("env.bool(%q, default=%s)", name, python), fmt.Sprintf("env.bool(%q, %s)", name, python), "env(\"TYPED\")")
	}
	if slices.Contains(g.libraries, "decouple") {
		forms = append(forms, fmt.Sprintf("config(%q, default=%s, cast=bool)", name, python), fmt.Sprintf("config(%q, default=%q, cast=bool)", name, text))
	}
	return forms[g.Intn(len(forms))]
}

// value is an expression for a setting.
func (g *generator) value(name string) string {
	switch name {
	case "SECRET_KEY":
		long := "k9$hT2!pQz7@wLm4#xVb8^nCj1&rFd5*sGy3(uAe6)oKi0-ZPqYt"
		return g.pick(fmt.Sprintf("%q", long), fmt.Sprintf("%q", long), `"short"`, `"django-insecure-`+long+`"`, `"ab" * 30`, fmt.Sprintf("os.environ.get(\"KEY\", %q)", long),
			fmt.Sprintf("f\"{%s}x\"", "'"+long+"'"), `os.environ.get("KEY") or "dev" * 20`, fmt.Sprintf("either(\"KEY\", %q)", long), `"".join(["abcdefghij"] * 6)`)
	case "DEBUG":
		forms := []string{"False", "False", "True", `os.environ.get("DEBUG") == "1"`, `flag("DEBUG")`, `flag("DEBUG", "true")`, `os.getenv("DEBUG")`, `os.getenv("DEBUG", "False")`, `bool(os.environ.get("DEBUG", ""))`, `os.environ.get("DEBUG", False)`}
		if slices.Contains(g.libraries, "environ") {
			forms = append(forms, `env.bool("DEBUG", default=False)`, `env.bool("DEBUG", default=True)`)
		}
		if slices.Contains(g.libraries, "decouple") {
			forms = append(forms, `config("DEBUG", default=False, cast=bool)`, `config("DEBUG", default="on", cast=bool)`)
		}
		return forms[g.Intn(len(forms))]
	case "ALLOWED_HOSTS":
		forms := []string{"[]", `["shop.example"]`, `os.environ.get("HOSTS", "").split(",")`, `[h for h in os.environ.get("HOSTS", "").split(",") if h]`, `os.environ.get("HOSTS", "a,b").split(",")`,
			`["*"] if DEBUG else []`, `list(filter(None, getenv("HOSTS", "").split(",")))`, `("a",) + ("b",)`, `[] + [".shop.example"]`, `[*("x", "y")]`, `[] if DEBUG else ["shop.example"]`}
		if slices.Contains(g.libraries, "environ") {
			forms = append(forms, `env.list("HOSTS", default=[])`, `env.list("HOSTS", default=["a"])`)
		}
		if slices.Contains(g.libraries, "decouple") {
			forms = append(forms, `config("HOSTS", default="", cast=Csv())`, `config("HOSTS", default="a, b", cast=Csv())`)
		}
		return forms[g.Intn(len(forms))]
	case "SECURE_HSTS_SECONDS":
		return g.pick("0", "3600", "60 * 60 * 24 * 365", `int(os.environ.get("HSTS", 0))`, `int(os.environ.get("HSTS", "3600"))`, "31_536_000 if not DEBUG else 0", "int(timedelta(days=30).days) * 86400", "None")
	case "X_FRAME_OPTIONS":
		return g.pick(`"DENY"`, `"SAMEORIGIN"`, `os.environ.get("FRAMES", "DENY")`, `"deny".upper()`, `"SAME" + "ORIGIN"`)
	case "SECURE_REFERRER_POLICY":
		return g.pick(`"same-origin"`, "None", `"no-referrer, strict-origin"`, `["no-referrer", "origin"]`, `"same-site"`, `["no-referrer", "bogus"]`, `os.environ.get("POLICY")`, `("origin",)`, `"strict-origin" + "-when-cross-origin"`)
	case "DEFAULT_HASHING_ALGORITHM":
		return g.pick(`"sha256"`, `"sha1"`, `"md5"`)
	case "CSRF_FAILURE_VIEW":
		return g.pick(`"shop.views.forged"`, `"shop.views.wrong"`, `"django.views.csrf.csrf_failure"`)
	case "SILENCED_SYSTEM_CHECKS":
		return g.pick("[]", `["security.W004"]`, `["security.W008", "security.W021"]`, `["security.W%03d" % 12]`)
	case "SECRET_KEY_FALLBACKS":
		return g.pick("[]", `["short"]`, `[SECRET_KEY]`)
	}
	return g.boolean(strings.ToLower(name))
}

var middlewares = []string{
	"django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
	"django.middleware.csrf.CsrfViewMiddleware", "django.middleware.clickjacking.XFrameOptionsMiddleware",
}

// middleware makes the list, and changes it afterwards.
func (g *generator) middleware() string {
	var first, later []string
	for _, m := range middlewares {
		switch n := g.Intn(10); {
		case n < 6:
			first = append(first, m)
		case n < 9:
			later = append(later, m)
		}
	}
	s := "MIDDLEWARE = " + g.list(first) + "\n"
	for _, m := range later {
		s += g.pick(
			fmt.Sprintf("MIDDLEWARE += [%q]\n", m),
			fmt.Sprintf("MIDDLEWARE = [%q] + list(MIDDLEWARE)\n", m),
			fmt.Sprintf("MIDDLEWARE = [*MIDDLEWARE, %q]\n", m),
			fmt.Sprintf("MIDDLEWARE.append(%q)\n", m),
			fmt.Sprintf("MIDDLEWARE.insert(0, %q)\n", m),
			fmt.Sprintf("MIDDLEWARE.extend((%q,))\n", m),
			fmt.Sprintf("if DEBUG:\n    MIDDLEWARE.append(%q)\n", m),
			fmt.Sprintf("if not DEBUG:\n    MIDDLEWARE.insert(0, %q)\n", m),
			fmt.Sprintf("if flag(\"MORE\", \"1\"):\n    MIDDLEWARE += [%q]\n", m),
			fmt.Sprintf("for extra in (%q,):\n    MIDDLEWARE.append(extra)\n", m),
			fmt.Sprintf("try:\n    MIDDLEWARE.append(%q)\nexcept ImportError:\n    pass\n", m),
		)
	}
	if g.chance(0.2) && len(first) > 0 {
		s += g.pick(fmt.Sprintf("MIDDLEWARE.remove(%q)\n", first[0]), fmt.Sprintf("MIDDLEWARE = [m for m in MIDDLEWARE if m != %q]\n", first[0]), "MIDDLEWARE = MIDDLEWARE[1:]\n")
	}
	return s
}

func (g *generator) list(items []string) string {
	var quoted []string
	for _, x := range items {
		quoted = append(quoted, fmt.Sprintf("%q", x))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// assign gives a setting a value in one of the ways that there are.
func (g *generator) assign(name string) string {
	v := g.value(name)
	switch name {
	case "DEBUG", "SECRET_KEY":
		return name + " = " + v + "\n"
	}
	return g.pick(
		name+" = "+v+"\n", name+" = "+v+"\n", name+" = "+v+"\n", name+": object = "+v+"\n",
		"globals()[\""+name+"\"] = "+v+"\n",
		"globals().update("+name+"="+v+")\n",
		fmt.Sprintf("if DEBUG:\n    %s = %s\nelse:\n    %s = %s\n", name, g.value(name), name, v),
		fmt.Sprintf("if not DEBUG:\n    %s = %s\n", name, v),
		fmt.Sprintf("if os.environ.get(\"STAGE\", %q) == \"production\":\n    %s = %s\n", g.pick("production", "test"), name, v),
		fmt.Sprintf("if stage := os.environ.get(\"STAGE\"):\n    %s = %s\n", name, v),
		fmt.Sprintf("try:\n    %s = os.environ[\"NOT_SET\"]\nexcept KeyError:\n    %s = %s\n", name, name, v),
		fmt.Sprintf("try:\n    from .local_settings import %s\nexcept ImportError:\n    %s = %s\n", name, name, v),
		fmt.Sprintf("def _made():\n    global %s\n    %s = %s\n\n\n_made()\n", name, name, v),
		fmt.Sprintf("%s = %s\n%s = %s\n", name, g.value(name), name, v),
	)
}

var optional = []string{
	"SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_CONTENT_TYPE_NOSNIFF", "SECURE_SSL_REDIRECT", "SECURE_REFERRER_POLICY", "X_FRAME_OPTIONS",
	"SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_SECURE", "CSRF_USE_SESSIONS", "DEFAULT_HASHING_ALGORITHM", "CSRF_FAILURE_VIEW", "SILENCED_SYSTEM_CHECKS", "SECRET_KEY_FALLBACKS",
}

// some is a part of the optional settings, in any order.
func (g *generator) some(p float64) string {
	var b strings.Builder
	for _, i := range g.Perm(len(optional)) {
		if g.chance(p) {
			b.WriteString(g.assign(optional[i]))
		}
	}
	return b.String()
}

// project writes a project and returns the module that it starts with.
func (g *generator) project(t *testing.T, dir string) string {
	files := map[string]string{
		"shop/__init__.py": "", "shop/urls.py": "urlpatterns = []\n",
		"shop/views.py": "def forged(request, reason=\"\"):\n    return None\n\n\ndef wrong(request):\n    return None\n",
	}
	apps := []string{"django.contrib.staticfiles", "django.contrib.contenttypes", "django.contrib.auth"}
	if g.chance(0.6) {
		apps = append(apps, "django.contrib.sessions")
	}
	start := g.libraryHead() + g.assign("SECRET_KEY") + g.assign("DEBUG") + "ROOT_URLCONF = \"shop.urls\"\n"
	if g.chance(0.1) {
		start = strings.Replace(start, "ROOT_URLCONF", "USE_TZ = True\nROOT_URLCONF", 1)
	}
	start += "INSTALLED_APPS = " + g.list(apps) + "\n" + g.middleware()
	if g.chance(0.8) {
		start += g.assign("ALLOWED_HOSTS")
	}
	module := "shop.settings"
	switch n := g.Intn(6); {
	case n <= 1:
		files["shop/settings.py"] = start + g.some(0.6)
	case n == 2: // base, production and a developer's
		module = "shop.settings.production"
		files["shop/settings/__init__.py"] = ""
		files["shop/settings/base.py"] = start + g.some(0.5)
		more := ""
		if g.chance(0.5) {
			more = g.middlewareMore()
		}
		files["shop/settings/production.py"] = g.pick("from .base import *\n", "from shop.settings.base import *\n") + g.pick("", "DEBUG = False\n") + more + g.some(0.5)
		files["shop/settings/dev.py"] = "from .base import *\n\nDEBUG = True\n" + g.some(0.3)
	case n == 3: // a package that chooses
		files["shop/settings/__init__.py"] = fmt.Sprintf("import os\n\nif os.environ.get(\"STAGE\", %q) == \"a\":\n    from .a import *\nelse:\n    from .b import *\n", g.pick("a", "b")) + g.pick("", "DEBUG = not DEBUG\n")
		files["shop/settings/common.py"] = start + g.some(0.4)
		files["shop/settings/a.py"] = "from .common import *\n" + g.some(0.5)
		files["shop/settings/b.py"] = "from .common import *\n" + g.some(0.5)
	case n == 4: // what is there only on some machines
		files["shop/settings.py"] = start + g.some(0.5) + "\ntry:\n    from .local import *\nexcept ImportError:\n    pass\n"
		if g.chance(0.5) {
			files["shop/local.py"] = "import os\nfrom os import getenv\nfrom datetime import timedelta\nfrom .settings_tools import *\n" + g.some(0.4)
			files["shop/settings_tools.py"] = g.libraryHead() + "DEBUG = False\nSECRET_KEY = \"local\" * 20\n"
		}
	case slices.Contains(g.libraries, "split_settings"):
		files["shop/settings.py"] = "from split_settings.tools import include, optional\n\ninclude(\"parts/base.py\", \"parts/more_*.py\", optional(\"parts/local.py\"))\n" + g.pick("", "DEBUG = False\n")
		files["shop/parts/base.py"] = start
		files["shop/parts/more_a.py"] = g.some(0.3)
		files["shop/parts/more_b.py"] = g.some(0.3)
	default:
		files["shop/settings.py"] = start + g.some(0.5)
	}
	files["shop/wsgi.py"] = fmt.Sprintf("import os\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", %q)\n", module)
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return module
}

// middlewareMore changes the list that another module has made.
func (g *generator) middlewareMore() string {
	m := middlewares[g.Intn(len(middlewares))]
	return g.pick(fmt.Sprintf("MIDDLEWARE += [%q]\n", m), fmt.Sprintf("MIDDLEWARE = [%q, *MIDDLEWARE]\n", m), fmt.Sprintf("MIDDLEWARE = [m for m in MIDDLEWARE if m != %q]\n", m))
}
