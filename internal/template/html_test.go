package template

import (
	"strings"
	"testing"
)

// Each text prints one thing. What is wanted are its contexts, with commas between them.
var contexts = []struct{ text, want string }{
	{`{{ x }}`, "text"},
	{`<p>{{ x }}</p>`, "text"},
	{`a < b {{ x }}`, "text"},
	{`<{{ x }}>`, "tag"},
	{`</{{ x }}>`, "tag"},
	{`<h{{ x }} class="a">`, "tag"},
	{`<p {{ x }}>`, "name"},
	{`<p data-{{ x }}="a">`, "name"},
	{`<p a {{ x }}>`, "name"},
	{`<p a="b"{{ x }}>`, "name"},
	{`<p {{ y }} title="{{ x }}">`, "value p.title double"},
	{`<p title="{{ x }}">`, "value p.title double"},
	{`<P TITLE = 'a {{ x }}'>`, "value p.title single"},
	{`<p title={{ x }}>`, "value p.title bare"},
	{`<p title= {{ x }} lang="a">`, "value p.title bare"},
	{`<p title=a{{ x }}>`, "value p.title bare"},
	{`<p title="a>b{{ x }}">`, "value p.title double"},
	{`<p title="a'b" lang='{{ x }}'>`, "value p.lang single"},
	{`<p title="a">{{ x }}`, "text"},
	{`<p title=a>{{ x }}`, "text"},
	{`<br/>{{ x }}`, "text"},
	{`<p title=>{{ x }}`, "text"},

	// addresses
	{`<a href="{{ x }}">`, "value a.href double url start"},
	{`<a href=" {{ x }}">`, "value a.href double url start"},
	{`<a href={{ x }}>`, "value a.href bare url start"},
	{`<a href="/p/{{ x }}">`, "value a.href double url"},
	{`<a href="{{ base }}{{ x }}">`, "value a.href double url"},
	{`<a href="{{ url_for('a') }}?q={{ x }}">`, "value a.href double url"},
	{`<a href="{% if a %}/p/{% endif %}{{ x }}">`, "value a.href double url, value a.href double url start"},
	{`<form action="{{ x }}">`, "value form.action double url start"},
	{`<button formaction='{{ x }}'>`, "value button.formaction single url start"},
	{`<iframe src="{{ x }}">`, "value iframe.src double url start"},
	{`<script src="{{ x }}"></script>`, "value script.src double url start"},
	{`<img src="{{ x }}">`, "value img.src double link"},
	{`<link rel="canonical" href="{{ x }}">`, "value link.href double link"},
	{`<object data="{{ x }}">`, "value object.data double url start"},
	{`<meta http-equiv="refresh" content="0; url={{ x }}">`, "value meta.content double url start"},
	{`<meta name="a" content="{{ x }}">`, "value meta.content double"},
	{`<iframe srcdoc="{{ x }}">`, "value iframe.srcdoc double srcdoc"},
	{`<a href="javascript:go('{{ x }}')">`, "value a.href double handler 'string'"},
	{`<a href="JavaScript:{{ x }}">`, "value a.href double handler code"},

	// handlers and styles
	{`<p onclick="{{ x }}">`, "value p.onclick double handler code"},
	{`<p onclick="go('{{ x }}')">`, "value p.onclick double handler 'string'"},
	{`<p onclick="go(&quot;{{ x }}&quot;)">`, `value p.onclick double handler "string"`},
	{`<p onclick='go("{{ x }}")'>`, `value p.onclick single handler "string"`},
	{`<p onclick="go('a', {{ x }})">`, "value p.onclick double handler code"},
	{`<p @click="go('{{ x }}')">`, "value p.@click double handler 'string'"},
	{`<p style="color: {{ x }}">`, "value p.style double css"},
	{`<p one="{{ x }}">`, "value p.one double"},

	// scripts
	{`<script>{{ x }}</script>`, "script code"},
	{`<script>var a = {{ x }};</script>`, "script code"},
	{`<script>var a = '{{ x }}';</script>`, "script 'string'"},
	{`<script>var a = "it's {{ x }}";</script>`, `script "string"`},
	{`<script>var a = "\"{{ x }}";</script>`, `script "string"`},
	{`<script>var a = "\\", b = {{ x }};</script>`, "script code"},
	{"<script>var a = `b ${c} {{ x }}`;</script>", "script `template`"},
	{"<script>var a = `${ {b: '{{ x }}'} }`;</script>", "script 'string'"},
	{"<script>var a = `${ {b: 1} } {{ x }}`;</script>", "script `template`"},
	{"<script>var a = `${ {b: 1}, {{ x }} }`;</script>", "script code"},
	{"<script>// it's\nvar a = '{{ x }}'</script>", "script 'string'"},
	{"<script>// {{ x }}\n</script>", "script comment"},
	{"<script>/* ' */ var a = {{ x }}</script>", "script code"},
	{"<script>/* {{ x }} */</script>", "script comment"},
	{"<script>var a = /['\"/]/.test(b) || '{{ x }}'</script>", "script 'string'"},
	{"<script>var a = b / c, d = '{{ x }}' / 2</script>", "script 'string'"},
	{"<script>return /'/.test({{ x }})</script>", "script code"},
	{"<script>var a = {{ b }} / 2 + '{{ x }}'</script>", "script 'string'"},
	{"<script>if (a</b/.exec(c)) '{{ x }}'</script>", "script 'string'"},
	{"<script>var a = '<p>{{ x }}</p>'</script>", "script 'string'"},
	{"<script>var a = '</p>'</script><p title='{{ x }}'>", "value p.title single"},
	{"<script>var a = '</script>{{ x }}", "text"},
	{"<SCRIPT>'</Script >{{ x }}", "text"},
	{"<script><!--\n'{{ x }}'\n//--></script>", "script 'string'"},
	{"<script>var a = 'b\nvar c = {{ x }}</script>", "script code"}, // a string ends with its line
	{"<script>var a = '{% if b %}{{ x }}{% endif %}'</script>", "script 'string'"},
	{`<script type="application/json">{"a": {{ x }}}</script>`, "script data"},
	{`<script type="text/x-template"><p>{{ x }}</p></script>`, "script data"},
	{`<script type="module">{{ x }}</script>`, "script code"},
	{`<script type="text/javascript">{{ x }}</script>`, "script code"},
	{`<script type="{{ t }}">{{ x }}</script>`, "script code"},

	// other raw text
	{`<style>p { color: {{ x }} }</style>`, "style"},
	{`<title>a {{ x }}</title>`, "raw"},
	{`<textarea rows="2">{{ x }}</textarea>`, "raw"},
	{`<title>a</title>{{ x }}`, "text"},
	{`<textarea></text{{ y }}</textarea>{{ x }}`, "text"},
	{`<!-- {{ x }} -->`, "comment"},
	{`<!-- a - -- b --><p title="{{ x }}">`, "value p.title double"},
	{`<!-- <a href="-->{{ x }}`, "text"},
	{`<!DOCTYPE html>{{ x }}`, "text"},
	{`<!DOCTYPE {{ x }}>`, "comment"},
	{`<?xml version="1.0"?>{{ x }}`, "text"},
	{`<!-- {{ y }} --->{{ x }}`, "text"},

	// branches
	{`<p {% if a %}title="b"{% else %}lang='c'{% endif %} dir="{{ x }}">`, "value p.dir double"},
	{`<p {% if a %}title="{% else %}lang='{% endif %}{{ x }}`, "value p.title double, value p.lang single"},
	{`<{% if a %}a href{% else %}p title{% endif %}="{{ x }}">`, "value a.href double url start, value p.title double"},
	{`{% if a %}<script>{% else %}<p>{% endif %}{{ x }}`, "script code, text"},
	{`<scr{% if a %}ipt{% endif %}>{{ x }}`, "script code, text"},
	{`<a href="{% for p in ps %}{{ x }}/{% endfor %}">`, "value a.href double url start, value a.href double url"},
	{`<p {% for k in ks %}a="{{ k }}" {% endfor %}>{{ x }}`, "text"},
	{`<p title="{% block t %}{{ x }}{% endblock %}">`, "value p.title double"},
	{`<p title="{# <p> #}{{ x }}">`, "value p.title double"},
	{`<p title="{% raw %}{{ y }}{% endraw %}" lang="{{ x }}">`, "value p.lang double"},
	{`<p title="{{ '"' }}{{ x }}">`, "value p.title double"},
	{`<p title= {{- x }}>`, "value p.title bare"},
	{`<p>{% macro m(v) %}<i title="{{ v }}">{% endmacro %}{{ m(x) }}`, "value i.title double"},
	{`<p title='{% macro m(v) %}{{ v }}{% endmacro %}{{ m(x) }}'>`, "value p.title single"},
	{`{% set v %}<i>{{ x }}</i>{% endset %}<p title='{{ v }}'>`, "value p.title single"},
	{`{% set v %}<i lang="{{ x }}">{% endset %}<p>{{ v }}`, "value i.lang double"},
}

func TestContexts(t *testing.T) {
	for _, c := range contexts {
		tmpl := Parse("a.html", []byte(c.text), Jinja)
		for _, e := range tmpl.Errors {
			t.Errorf("%s: %d: %s", c.text, e.At, e.Message)
		}
		var got []string
		for _, p := range tmpl.Outputs() {
			if strings.Join(p.Path, ".") == "x" {
				for _, where := range p.Contexts {
					got = append(got, where.String())
				}
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s\n\tgot  %s\n\twant %s", c.text, strings.Join(got, ", "), c.want)
		}
	}
}

// TestPiecesOfText: where the text is cut must not matter to the page.
func TestPiecesOfText(t *testing.T) {
	for _, c := range contexts {
		text := strings.ReplaceAll(c.text, "{{ x }}", "")
		if strings.ContainsAny(text, "{}") || strings.Contains(text, "<script><!--") { // which is known in one piece only
			continue
		}
		whole := page{}.advance(text)
		for i := range text {
			if got := (page{}).advance(text[:i]).advance(text[i:]); got != whole {
				t.Errorf("%q | %q\n\tgot  %+v\n\twant %+v", text[:i], text[i:], got, whole)
			}
		}
	}
}
