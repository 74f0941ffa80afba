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
