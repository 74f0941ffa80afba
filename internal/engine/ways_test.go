package engine_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestWays: what several handlers lead to through one helper, which also reads what enters, is one
// finding with a way in for each, and none for the handler that asks for a number.
func TestWays(t *testing.T) {
	root := t.TempDir()
	code := `import sqlite3
from flask import Flask, request

app = Flask(__name__)


def asked(name):
    return request.args.get(name, "")


def rows(statement):
    return sqlite3.connect("x").execute(statement).fetchall()


@app.get("/a")
def a():
    return str(len(rows("SELECT * FROM a WHERE name = '" + asked("name") + "'")))


@app.get("/b")
def b():
    return str(len(rows("SELECT * FROM b WHERE id = " + asked("id"))))


@app.get("/c")
def c():
    return str(len(rows("SELECT * FROM c WHERE id = %d" % int(asked("id")))))


@app.get("/d")
def d():
    return str(len(rows("SELECT * FROM d WHERE name = '" + asked("name") + "'")))
`
	if err := os.WriteFile(filepath.Join(root, "app.py"), []byte(code), 0o644); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range scan(t, 1, "default", root).Findings {
		if f.Rule != "sql-injection" {
			continue
		}
		got = append(got, f.Entry.Handler+" "+f.Entry.Parameter)
		for _, w := range f.Also {
			if len(w.Trace) < 2 {
				t.Errorf("%v has no trace", w.Entry)
			}
			got = append(got, w.Entry.Handler+" "+w.Entry.Parameter)
		}
	}
	slices.Sort(got)
	if want := []string{"app.a name", "app.b id", "app.d name"}; !slices.Equal(got, want) {
		t.Errorf("%v instead of %v", got, want)
	}
}

// TestWaysLate: a module that a handler is the first to ask for has handlers of its own, which are
// entered by themselves and not by the one that asked.
func TestWaysLate(t *testing.T) {
	root := t.TempDir()
	for name, code := range map[string]string{
		"main.py": `from flask import Flask

app = Flask(__name__)


def main():
    from about import about
    from shop import shop
    app.register_blueprint(about)
    app.register_blueprint(shop)
    return app
`,
		"about.py": `from flask import Blueprint

about = Blueprint("about", __name__)


@about.get("/about")
def version():
    from shop import VERSION
    return VERSION
`,
		"shop.py": `from functools import wraps
import sqlite3
from flask import Blueprint, request

shop = Blueprint("shop", __name__)
VERSION = "1"


def counted(f):
    @wraps(f)
    def inner(*args, **kwargs):
        return f(*args, **kwargs)
    return inner


@shop.get("/find")
@counted
def find():
    return str(sqlite3.connect("x").execute("SELECT * FROM a WHERE name = '" + request.args["name"] + "'").fetchall())
`,
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(code), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found := false
	for _, f := range scan(t, 1, "default", root).Findings {
		if f.Rule == "sql-injection" {
			found = true
			if f.Entry == nil || f.Entry.Handler != "shop.find" || len(f.Also) != 0 {
				t.Errorf("way in %+v, beside %v", f.Entry, f.Also)
			}
		}
	}
	if !found {
		t.Error("nothing found")
	}
}
