package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/engine"
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rules"
)

func scan(t *testing.T, jobs int, profile string, paths ...string) *finding.Report {
	t.Helper()
	c := config.Default()
	c.Jobs, c.Profile = jobs, profile
	s := engine.Scan{Paths: paths, Config: c, Rules: rules.All(), Version: "test"}
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r.Stats.Seconds = 0
	return r
}

// shops writes several copies of the example shop that import one another's helpers, so
// that workers meet in the same modules.
func shops(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		name := fmt.Sprintf("shop%d", i)
		err := filepath.WalkDir("../../examples/shop/shop", func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".py" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel("../../examples/shop/shop", path)
			to := filepath.Join(dir, name, rel)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			code := strings.ReplaceAll(string(text), "from shop", fmt.Sprintf("from shop%d", i/2))
			return os.WriteFile(to, []byte(code), 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// clinics writes a project of Django views that share a helper and whose addresses stand in
// another file, two for each: who meets what first must not show.
func clinics(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("helper.py", "import os\nfrom django.shortcuts import redirect\n\ndef asked(request, name):\n    return request.GET.get(name)\n\ndef away(request):\n    return redirect(asked(request, 'next'))\n\ndef work(request, what):\n    os.system('make ' + asked(request, what))\n")
	for i := range n {
		name := fmt.Sprintf("clinic%02d", i)
		write(name+"/__init__.py", "")
		write(name+"/views.py", "import helper\nfrom django.views import View\n\ndef plain(request, code):\n    helper.work(request, 'job')\n    return helper.away(request)\n\nclass Page(View):\n    def get(self, request, code):\n        eval(code)\n        helper.work(request, '"+name+"')\n        return helper.away(request)\n")
		for _, at := range []string{"urls", "later"} {
			write(fmt.Sprintf("%s/%s.py", name, at), fmt.Sprintf("from django.urls import path\nfrom clinic%02d import views\nurlpatterns = [path('%s/%s/<str:code>', views.plain), path('%s/page/<str:code>', views.Page.as_view())]\n", (i+1)%n, name, at, at))
		}
	}
	return dir
}

// TestJobs: the report is the same, to the byte, for any number of workers.
func TestJobs(t *testing.T) {
	for _, c := range []struct{ dir, profile string }{
		{shops(t, 6), "default"}, {shops(t, 6), "audit"}, {clinics(t, 40), "default"},
	} {
		dir, profile := c.dir, c.profile
		var want []byte
		for _, jobs := range []int{1, 2, 3, 8} {
			r := scan(t, jobs, profile, dir)
			got, err := json.MarshalIndent(r, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
				if len(r.Findings) < 40 {
					t.Fatalf("only %d findings", len(r.Findings))
				}
				continue
			}
			if string(got) != string(want) {
				a, b := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
				for i := range min(len(a), len(b)) {
					if a[i] != b[i] {
						t.Fatalf("%s, %d jobs, line %d:\n%s\ninstead of\n%s", profile, jobs, i+1, strings.Join(b[max(0, i-12):min(i+3, len(b))], "\n"), a[i])
					}
				}
				t.Fatalf("%s, %d jobs: %d lines instead of %d", profile, jobs, len(b), len(a))
			}
		}
	}
}

// TestCancel: a scan that is told to stop stops, and says so.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := engine.Scan{Paths: []string{"../../examples/shop"}, Config: config.Default(), Rules: rules.All()}
	if _, err := s.Run(ctx); err != context.Canceled {
		t.Error(err)
	}
}

// TestPanic: a rule that falls over is a problem of one file, and the others are looked at.
func TestPanic(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.py": "boom()\n", "b.py": "import yaml\nyaml.load(open(x))\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	list := append(rules.All(), &rule.Rule{ID: "falls", Title: "Falls", Practice: finding.Analysis, Calls: []string{"boom"}, Check: rule.Check{
		Called: func(*rule.Pass, *ast.Call, string) { panic("over") },
	}})
	s := engine.Scan{Paths: []string{dir}, Config: config.Default(), Rules: list}
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems) != 1 || r.Problems[0].Path != "a.py" || !strings.Contains(r.Problems[0].Message, "please report it") {
		t.Errorf("problems: %+v", r.Problems)
	}
	if len(r.Findings) == 0 || r.Findings[0].Location.Path != "b.py" {
		t.Errorf("findings: %+v", r.Findings)
	}
}

// An account has exactly what was there: the tests are counted for rules that speak of tests,
// and nothing else is.
func TestAccounts(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"shop.py": `import hashlib, hmac, sqlite3, yaml
from flask import Flask, request
from flask_login import login_required

app = Flask(__name__, static_folder=None)
db = sqlite3.connect("shop.db")

@app.get("/")
def home():
    db.execute("SELECT 1")
    return db.execute("SELECT " + request.args["q"]).fetchall()

@app.post("/order")
@login_required
def order():
    assert request.data
    hmac.compare_digest(b"a", request.data)
    try:
        yaml.safe_load(request.data)
        yaml.safe_load("a: 1")
    except yaml.YAMLError:
        pass
    except Exception:
        pass
    return hashlib.sha256(b"").hexdigest()
`,
		"tests/test_shop.py": "import yaml\nyaml.safe_load('a: 1')\nprint(1)\n",
		"broken.py":          "def f(:\n",
		"requirements.txt":   "flask==3.1.0\npyyaml>=6\nrequests==2.32.0 --hash=sha256:" + strings.Repeat("a", 64) + "\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	accounts := map[finding.Practice]finding.Account{}
	r := scan(t, 2, "default", dir)
	for _, a := range r.Practices {
		accounts[a.Practice] = a
	}
	if len(r.Practices) != len(finding.Practices) {
		t.Errorf("%d accounts", len(r.Practices))
	}
	places := func(p finding.Practice, what string) int {
		for _, c := range accounts[p].Places {
			if c.What == what {
				return c.N
			}
		}
		return 0
	}
	right := func(p finding.Practice, begins string) string {
		for _, c := range accounts[p].Right {
			if strings.HasPrefix(c.What, begins) {
				return fmt.Sprint(c.N, " of ", c.Of, " ", c.Rule)
			}
		}
		return ""
	}
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"requirements", places(finding.Dependencies, "requirements"), 3},
		{"exact", right(finding.Dependencies, "requirements that name"), "2 of 3 "},
		{"hashes", right(finding.Dependencies, "requirements that come"), "1 of 3 "},
		{"files without tests", places(finding.Input, "files of Python"), 2},
		{"files with tests, where a rule looks there", places(finding.Dangerous, "files of Python"), 3},
		{"calls", places(finding.Input, "calls"), 12},
		{"assertions", places(finding.Dangerous, "assertions"), 1},
		{"a rule's calls", accounts[finding.Dangerous].Rules[slices.IndexFunc(accounts[finding.Dangerous].Rules, func(l finding.Looked) bool { return l.Rule == "weak-hash" })].Places, []finding.Count{{What: "calls by names that it knows", N: 0}}},
		{"what a rule wants", right(finding.Dangerous, "calls of yaml.safe_load"), "2 of 0 unsafe-yaml-load"},
		{"the same of another rule", right(finding.Dangerous, "calls of hmac.compare_digest"), "1 of 0 timing-unsafe-comparison"},
		{"handlers", right(finding.Errors, "exception handlers"), "1 of 2 swallowed-exception"},
		{"constants", right(finding.Input, "calls that strangers' data"), "1 of 2 "},
		{"routes", places(finding.Web, "routes"), 2},
		{"logins", right(finding.Web, "routes that ask"), "1 of 2 "},
		{"forged requests", right(finding.Web, "routes that change"), "0 of 1 "},
		{"read", right(finding.Analysis, "files"), "3 of 4 "},
		{"no rule", len(accounts[finding.Runtime].Rules) + len(accounts[finding.Runtime].Places), 0},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// What several rules count is one number: what production's settings of Django pass, wherever
// they are written, and wherever it is reported that they do not.
func TestAccountOfSettings(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manage.py":        "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"shop.settings\")\n",
		"shop/__init__.py": "",
		"shop/base.py":     "X_FRAME_OPTIONS = \"ALLOWALL\"\nMIDDLEWARE = [\"django.middleware.clickjacking.XFrameOptionsMiddleware\"]\n",
		"shop/settings.py": "import os\nfrom .base import *\nDEBUG = False\nSECRET_KEY = os.environ[\"KEY\"]\nALLOWED_HOSTS = [\"shop.example\"]\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	account := func() (c finding.Count) {
		for _, a := range scan(t, 1, "default", dir).Practices {
			for _, x := range a.Right {
				if a.Practice == finding.Configuration && strings.HasPrefix(x.What, "checks of Django") {
					c = x
				}
			}
		}
		return c
	}
	bad := account()
	base := filepath.Join(dir, "shop", "base.py")
	if err := os.WriteFile(base, []byte("MIDDLEWARE = [\"django.middleware.clickjacking.XFrameOptionsMiddleware\"]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	good := account()
	if bad.Of < 10 || bad.N == 0 || bad.N == bad.Of || bad.Rule != "" || good.N != bad.N+1 || good.Of != bad.Of {
		t.Errorf("with a wrong setting %+v, without it %+v", bad, good)
	}
}

// What a call that was cut off may give is no page: the last of many functions may escape it.
func TestWhatIsCutOffIsNoPage(t *testing.T) {
	for _, x := range []struct {
		depth int
		last  string
		want  bool
	}{{40, "return render_template('page.html', x=x)", false}, {4, "return f'<p>{x}</p>'", true}} {
		var b strings.Builder
		b.WriteString("from flask import Flask, render_template, request\napp = Flask(__name__)\n")
		b.WriteString("@app.get('/')\ndef page():\n    return f1(request.args['x'])\n")
		for i := 1; i < x.depth; i++ {
			fmt.Fprintf(&b, "def f%d(x):\n    return f%d(x)\n", i, i+1)
		}
		fmt.Fprintf(&b, "def f%d(x):\n    %s\n", x.depth, x.last)
		file := filepath.Join(t.TempDir(), "app.py")
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		r := scan(t, 1, "default", file)
		found := slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.Rule == "cross-site-scripting" })
		if found != x.want {
			t.Errorf("%d functions: found %v, want %v", x.depth, found, x.want)
		}
	}
}
