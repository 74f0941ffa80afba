package rules

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/config"
	"github.com/gambeson/gambeson/internal/engine"
)

// TestAcrossModules is about what rules learn from other modules than the one that they look at.
// A want names the rule whose finding stands on the line; no other line has one of these rules.
func TestAcrossModules(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"what callers make of a random text": {
			"shop/text.py": `import random
import string

def sequence(length):
    return "".join(random.choice(string.ascii_letters) for _ in range(length))  # want predictable-random

def greeting(length):
    return "".join(random.choice(string.ascii_letters) for _ in range(length))
`,
			"shop/reset.py": `from shop import text

def begin(person):
    person.reset_code = text.sequence(32)
    person.title = text.greeting(8)
`,
		},
		"what callers read out of a dictionary": {
			"shop/journal.py": `import logging

log = logging.getLogger(__name__)

def joined(values):
    log.info("joined: %s", values)  # want secret-in-log

def ordered(values):
    log.info("ordered: %s", values)
`,
			"shop/people.py": `from shop import journal

def join(accounts, values):
    accounts.add(values["name"], values["password"])
    journal.joined(values)

def order(orders, values):
    orders.add(values["name"], values["number"])
    journal.ordered(values)
`,
		},
		"fields of a model": {
			"shop/settings.py": `from pydantic import BaseModel, SecretStr

class Part(BaseModel):
    host: str

class Mailer(Part):
    api_key: str

class Store(Part):
    password: SecretStr
`,
			"shop/start.py": `import logging

from shop.settings import Mailer, Store

log = logging.getLogger(__name__)

def announce(mailer: Mailer, store: Store):
    log.info("mailer: %s", mailer.model_dump())  # want secret-in-log
    log.info("store: %s", store.model_dump())
`,
		},
		"columns of a table": {
			"shop/models.py": `from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Vendor(db.Model):
    password = db.Column(db.String(255))

class Member(db.Model):
    password = db.Column(db.String(255))

    def set_password(self, text):
        self.password = text
`,
			"shop/join.py": `from flask import request

from shop.models import Member, Vendor, db

def join():
    db.session.add(Vendor(password=request.form["password"]))  # want password-kept-readable
    db.session.add(Member(password=request.form["password"]))
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			files["shop/__init__.py"] = ""
			var want []string
			for file, text := range files {
				at := filepath.Join(dir, filepath.FromSlash(file))
				if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(at, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
				for i, line := range strings.Split(text, "\n") {
					if _, rule, ok := strings.Cut(line, "# want "); ok {
						want = append(want, fmt.Sprintf("%s:%d %s", file, i+1, rule))
					}
				}
			}
			scan := engine.Scan{Paths: []string{dir}, Config: config.Default(), Rules: All()}
			rep, err := scan.Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range rep.Findings {
				if slices.ContainsFunc(want, func(w string) bool { return strings.HasSuffix(w, " "+f.Rule) }) {
					rel := f.Location.Path
					if i := strings.Index(rel, "shop/"); i >= 0 {
						rel = rel[i:]
					}
					got = append(got, fmt.Sprintf("%s:%d %s", rel, f.Location.Line, f.Rule))
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("found %q, want %q", got, want)
			}
		})
	}
}
