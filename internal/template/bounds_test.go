package template

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// hostile are texts that somebody wrote to keep us busy.
func hostile() map[string]string {
	var macros, names strings.Builder
	for i := range 30 {
		fmt.Fprintf(&macros, "{%% macro m%d(x) %%}{{ m%d(x) }}{{ m%d(x.y) }}{%% endmacro %%}", i, i+1, i+1)
	}
	for i := range 3000 {
		fmt.Fprintf(&names, "{%% set v%d = a %%}{%% if b %%}{%% endif %%}", i)
	}
	return map[string]string{
		"loops":          strings.Repeat("{% for a in a %}<p {{ a }}='{{ a }}", 40) + strings.Repeat("{% endfor %}", 40),
		"open loops":     strings.Repeat("{% for a in a %}<p {{ a }}='", 1000),
		"branches":       strings.Repeat("{% if a %}<p '{% else %}<a \"{% endif %}{{ a }}", 1000),
		"joined":         "{{ a" + strings.Repeat(" ~ b", 1<<17) + "}}",
		"added":          "{{ a" + strings.Repeat(" + b.c", 5000) + "}}",
		"macro":          "{% macro m(x) %}{{ x }}{{ m(x.a) }}{{ m(x.b) }}{{ m(x ~ m(x)) }}{% endmacro %}{{ m(z) }}",
		"macros":         macros.String() + "{% macro m30(x) %}{{ x }}{% endmacro %}{{ m0(q) }}",
		"itself":         "{% include 'x' %}{{ a }}{% include 'y' %}{% include ['x','y','z'] %}",
		"its own parent": "{% extends 'x' %}{% block b %}{{ super() }}{{ self.b() }}{{ block.super }}{{ a }}{% endblock %}",
		"lists":          strings.Repeat("{% set a = [a, a] %}", 200) + "{{ a }}",
		"mappings":       strings.Repeat("{% set a = {'x': a, 'y': a} %}", 200) + "{{ a }}{{ a.x.x.x.x }}",
		"either":         strings.Repeat("{% if b %}{% set a = [a, a] %}{% else %}{% set a = [b, a] %}{% endif %}", 200) + "{{ a }}",
		"namespace":      "{% set n = namespace(a=[]) %}" + strings.Repeat("{% for i in x %}{% set n.a = [n.a, i] %}", 20) + strings.Repeat("{% endfor %}", 20) + "{{ n.a }}",
		"calls":          "{{ a" + strings.Repeat(".b()", 4000) + " }}",
		"nested":         "{{ " + strings.Repeat("(", 1<<16) + " }}",
		"nested lists":   "{{ " + strings.Repeat("[", 1<<16) + " }}",
		"not":            "{{ " + strings.Repeat("not ", 1<<16) + " }}",
		"minus":          "{{ " + strings.Repeat("- ", 1<<16) + " }}",
		"else":           "{{ " + strings.Repeat("a if b else ", 1<<14) + "c }}",
		"elif":           "{% if a %}" + strings.Repeat("{% elif b %}", 1<<14) + "{% endif %}",
		"target":         "{% for " + strings.Repeat("(", 1<<16) + " in a %}",
		"dots":           "{{ a" + strings.Repeat(".b", 1<<18) + " }}",
		"filters":        "{{ a" + strings.Repeat("|default(b)", 4000) + " }}",
		"colons":         "{{ a" + strings.Repeat("|default:b", 4000) + " }}",
		"blocks":         strings.Repeat("{% block a %}", 1<<14),
		"unknown":        strings.Repeat("{% foo %}", 20000) + strings.Repeat("{% endfoo %}", 20000),
		"words":          "{% foo " + strings.Repeat("'a ", 20000) + "%}",
		"names":          names.String(),
		"<":              strings.Repeat("<", 1<<20),
		"attributes":     strings.Repeat("<a href='", 1<<17),
		"braces":         strings.Repeat("{{", 1<<19),
		"tags":           strings.Repeat("{% ", 1<<18),
		"quotes":         strings.Repeat("{{ '", 1<<18),
		"ends":           "<script>" + strings.Repeat("</scrip<", 1<<17) + "{{ a }}",
		"tails":          "<script>" + strings.Repeat("</scr{{ a }}", 3000),
		"raw":            strings.Repeat("{% raw %}", 1<<16),
		"comments":       strings.Repeat("{% comment %}", 1<<16),
		"too large":      strings.Repeat(" ", maxSize),
	}
}

// TestHostile: none of them takes long. The limit is far above what they take, since it is not
// the machine that is tested; what it has caught took half a minute.
func TestHostile(t *testing.T) {
	for name, text := range hostile() {
		for _, dialect := range []Dialect{Jinja, Django} {
			text := text[:min(len(text), maxSize)]
			if name == "too large" {
				text += " "
			}
			begin := time.Now()
			tmpl := Parse("x", []byte(text), dialect)
			tmpl.Variables()
			set := &Set{Load: func(string) *Template { return tmpl }}
			places, whole := set.Outputs("x")
			Guess("x", []byte(text))
			if d := time.Since(begin); d > 20*time.Second {
				t.Errorf("%s in %s: %v", name, dialect, d)
			}
			if len(places) > maxPlaces {
				t.Errorf("%s in %s: %d places", name, dialect, len(places))
			}
			if name == "macros" && dialect == Jinja && whole {
				t.Error("2^30 calls were all made, or what was cut off is not said")
			}
			if name == "too large" && len(tmpl.Errors) != 1 {
				t.Error("what is not read is not said")
			}
		}
	}
}

// TestErrors: what is wrong is said where it is, and what follows is read all the same.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		dialect Dialect
		text    string
		want    string // offset, message
	}{
		{Jinja, "{{ }}{{ x }}", "3 expected an expression"},
		{Jinja, "{{ a b }}{{ x }}", "5 unexpected b"},
		{Jinja, "{{ a. }}{{ x }}", "6 expected a name"},
		{Jinja, "{{ a[ }}{{ x }}", "7 this bracket was never opened"},
		{Jinja, "{{ a) }}{{ x }}", "4 this bracket was never opened"},
		{Jinja, "{{ a ? b }}{{ x }}", "5 this character means nothing here"},
		{Jinja, "{{ x }}{{ 'a }}", "10 a string is not closed"},
		{Jinja, "{{ x }}{# a", "7 this comment is not closed"},
		{Jinja, "{% if a %}{{ x }}", "0 endif is missing"},
		{Jinja, "{% for a %}{{ x }}{% endfor %}", "9 expected in"},
		{Jinja, "{{ x }}{% endfor %}", "7 endfor closes nothing"},
		{Jinja, "{% if a %}{% for b in c %}{{ x }}{% endif %}", "33 endif stands before endfor"},
		{Jinja, "{% block a %}{% endblock %}{% block a %}{{ x }}{% endblock %}", "27 there are two blocks a"},
		{Jinja, "{% %}{{ x }}", "0 this tag is empty"},
		{Django, "{{ }}{{ x }}", "0 nothing is printed here"},
		{Django, "{{ a b }}{{ x }}", "5 expected a filter"},
		{Django, "{{ a|b: c }}{{ x }}", "6 expected what the filter is given"},
		{Django, "{{ a._b }}{{ x }}", "3 this is no variable: a._b"},
		{Django, "{% if a b %}{{ x }}{% endif %}", "8 an operator is missing before b"},
		{Django, "{% if a and %}{{ x }}{% endif %}", "0 the condition is not complete"},
		{Django, "{% for a b %}{{ x }}{% endfor %}", "0 write for x in y"},
		{Django, "{% include 'a' if b %}{{ x }}", "15 include does not know if"},
		{Django, "{% with %}{{ x }}{% endwith %}", "0 with binds names: a=b"},
		{Django, "{% autoescape no %}{{ x }}{% endautoescape %}", "0 autoescape is on or off"},
		{Django, "{{ x }}{% comment %}", "7 comment is not closed"},
		{Django, "{{ x }}{% verbatim %}", "7 verbatim is not closed"},
	} {
		tmpl := Parse("a.html", []byte(c.text), c.dialect)
		if len(tmpl.Errors) != 1 {
			t.Errorf("%s: %v, want %s", c.text, tmpl.Errors, c.want)
			continue
		}
		if got := fmt.Sprint(tmpl.Errors[0].At, " ", tmpl.Errors[0].Message); got != c.want {
			t.Errorf("%s: got %s, want %s", c.text, got, c.want)
		}
		if !strings.Contains(c.text, "{% block a %}{{ x") && !strings.Contains(fmt.Sprint(tmpl.Variables()), "x") {
			t.Errorf("%s: x was not read: %v", c.text, tmpl.Variables())
		}
	}
}

func TestGuess(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       Dialect
	}{
		{"a.html", `{{ x }}`, Jinja},
		{"a.html", `{% load static %}{{ x }}`, Django},
		{"a.html", `<form>{% csrf_token %}</form>`, Django},
		{"a.html", `{{ x|default:"y" }}`, Django},
		{"a.html", `{{ x|default("y") }}`, Jinja},
		{"a.html", `{% for k, v in d.items %}{{ v }}{% empty %}{% endfor %}`, Django},
		{"a.html", `{% for k, v in d.items() %}{{ v }}{% endfor %}`, Jinja},
		{"a.html", `{% trans "Hello" %}`, Django},
		{"a.html", `{% trans %}Hello{% endtrans %}`, Jinja},
		{"a.html", `{% url 'show' x.id as link %}`, Django},
		{"a.html", `{{ url_for('show', id=x.id) }}`, Jinja},
		{"a.html", `{% set x = 1 %}{{ x }}`, Jinja},
		{"a.html", `{% include "a" with x=y only %}`, Django},
		{"a.html", `{%- if x -%}{{ x }}{%- endif -%}`, Jinja},
		{"a.html", `{{ block.super }}`, Django},
		{"a.html", `{{ super() }}`, Jinja},
		{"a.j2", `{% load x %}`, Jinja},
		{"app/jinja2/a.html", `{% load x %}`, Jinja},
	} {
		if got := Guess(c.name, []byte(c.text)); got != c.want {
			t.Errorf("%s %s: %s", c.name, c.text, got)
		}
	}
}
