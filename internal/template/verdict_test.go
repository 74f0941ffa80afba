package template

import "testing"

// Each text prints x. on is what the environment does by default.
var verdicts = []struct {
	dialect Dialect
	on      bool
	text    string
	want    Class
}{
	{Jinja, true, `<p>{{ x }}</p>`, Harmless},
	{Jinja, false, `<p>{{ x }}</p>`, HTML},
	{Jinja, true, `<p>{{ x|safe }}</p>`, HTML},
	{Jinja, false, `<p>{{ x|e }}</p>`, Harmless},
	{Jinja, true, `<p>{{ x|e|safe }}</p>`, Harmless},
	{Jinja, true, `<p>{{ x|safe|e }}</p>`, HTML}, // it is called safe, so e does nothing
	{Jinja, true, `<p>{{ x|safe|forceescape }}</p>`, Harmless},
	{Jinja, true, `<p>{{ x|safe|upper }}</p>`, HTML},
	{Jinja, true, `<p>{{ x|safe|striptags }}</p>`, Harmless},
	{Jinja, true, `<p>{{ x|striptags|safe }}</p>`, HTML},
	{Jinja, true, `{% autoescape false %}<p>{{ x }}</p>{% endautoescape %}`, HTML},
	{Jinja, false, `{% autoescape true %}<p>{{ x }}</p>{% endautoescape %}`, Harmless},
	{Jinja, true, `{% set y = x|safe %}<p>{{ y }}</p>`, HTML},
	{Jinja, true, `{% set y %}<b>{{ x }}</b>{% endset %}<p>{{ y }}</p>`, Harmless},
	{Jinja, true, `{% set y %}<b>{{ x|safe }}</b>{% endset %}<p>{{ y }}</p>`, HTML},
	{Jinja, true, `{% macro m(v) %}<b>{{ v }}</b>{% endmacro %}{{ m(x)|safe }}`, Harmless},
	{Jinja, true, `{% macro m(v) %}<b>{{ v }}</b>{% endmacro %}{{ m(x|safe) }}`, HTML},
	{Jinja, true, `{% filter trim %}{{ x }}{% endfilter %}`, Harmless},
	{Jinja, true, `{{ x|length }}`, Harmless},
	{Jinja, false, `{{ x|int }}`, Harmless},
	{Jinja, false, `{{ x|urlencode }}`, Harmless},
	{Jinja, true, `{{ x|urlize }}`, Harmless},
	{Jinja, true, `{{ ["<br>"|safe, x]|join }}`, Harmless},
	{Jinja, true, `<!-- {{ x }} -->`, Harmless},
	{Jinja, true, `<!-- {{ x|safe }} -->`, HTML},
	{Jinja, true, `<title>{{ x }}</title>`, Harmless},
	{Jinja, false, `<textarea>{{ x }}</textarea>`, HTML},

	// Tornado's and Mako's
	{Tornado, true, `<p>{{ x }}</p>`, Harmless},
	{Tornado, true, `<p>{% raw x %}</p>`, HTML},
	{Tornado, true, `<p>{% raw xhtml_escape(x) %}</p>`, Harmless},
	{Tornado, true, `{% for y in [x] %}<p>{% raw y %}</p>{% end %}`, HTML},
	{Tornado, true, `{% if a %}b{% else %}<p>{{ x }}</p>{% end %}`, Harmless},
	{Tornado, true, `{% try %}{% while a %}<p>{% raw x %}</p>{% end %}{% except KeyError %}-{% end %}`, HTML},
	{Tornado, true, `{% autoescape None %}<p>{{ x }}</p>`, HTML},
	{Tornado, true, `{% block body %}<a href={{ x }}>b</a>{% end %}`, Attribute},
	{Tornado, true, `{% set y = x %}{% raw y %}`, HTML},
	{Tornado, true, `<a href="{{ reverse_url('note', x) }}">a</a>`, Harmless},
	{Tornado, true, `<a href="{{ x }}">a</a>`, Address},
	{Mako, true, `<p>${x}</p>`, Harmless},
	{Mako, false, `<p>${x}</p>`, HTML},
	{Mako, false, `<p>${x | h}</p>`, Harmless},
	{Mako, false, `<p>${x | trim, h}</p>`, Harmless},
	{Mako, true, `<p>${x | n}</p>`, HTML},
	{Mako, true, `<p>${x | n, h}</p>`, Harmless},
	{Mako, false, "% for y in [x]:\n  <li>${y}</li>\n% endfor\n", HTML},
	{Mako, false, "## ${x}\n<%doc>${x}</%doc><% z = 1 %>\n% if x:\n<p>a</p>\n% endif\n<p>${x | u}</p>", Harmless},
	{Mako, false, `<%block name="a"><p>${x}</p></%block>`, HTML},

	// attributes
	{Jinja, true, `<p title="{{ x }}">`, Harmless},
	{Jinja, true, `<p title='{{ x }}'>`, Harmless},
	{Jinja, false, `<p title="{{ x }}">`, HTML},
	{Jinja, true, `<p title={{ x }}>`, Attribute},
	{Jinja, true, `<p title={{ x|urlencode }}>`, Harmless},
	{Jinja, true, `<p title={{ x|int }}>`, Harmless},
	{Jinja, true, `<p {{ x }}>`, Attribute},
	{Jinja, true, `<p {{ {"title": x}|xmlattr }}>`, Harmless},
	{Jinja, true, `<p data-a="{{ x|tojson }}">`, HTML}, // it has double quotes of its own
	{Jinja, true, `<p data-a='{{ x|tojson }}'>`, Harmless},
	{Jinja, true, `<p data-a="{{ x|tojson|forceescape }}">`, Harmless},
	{Jinja, true, `<p style="color: {{ x }}">`, Styles},
	{Jinja, true, `<style>p { color: {{ x }} }</style>`, Styles},
	{Jinja, true, `<style>p { color: {{ x|safe }} }</style>`, HTML},
	{Jinja, true, `<iframe srcdoc="{{ x }}">`, HTML},
	{Jinja, true, `<iframe srcdoc="{{ x|int }}">`, Harmless},

	// addresses
	{Jinja, true, `<a href="{{ x }}">`, Address},
	{Jinja, true, `<a href="/p/{{ x }}">`, Harmless},
	{Jinja, true, `<a href="https://{{ x }}">`, Harmless},
	{Jinja, true, `<a href="{{ x|urlencode }}">`, Harmless},
	{Jinja, true, `<a href="{{ url_for('show', name=x) }}">`, Harmless},
	{Jinja, true, `<a href={{ url_for('show', name=x) }}>`, Harmless},
	{Jinja, true, `<img src="{{ x }}">`, Harmless},
	{Jinja, true, `<a href="{{ x|safe }}">`, HTML},
	{Jinja, true, `<a href="javascript:go('{{ x }}')">`, Scripts},
	{Jinja, true, `<a href="{% if y %}/p/{% endif %}{{ x }}">`, Address},
	{Jinja, true, `<iframe src="{{ x }}">`, Address},

	// scripts
	{Jinja, true, `<script>var a = {{ x }};</script>`, Scripts},
	{Jinja, true, `<script>var a = "{{ x }}";</script>`, StringEnd},
	{Jinja, true, `<script>var a = '{{ x }}';</script>`, StringEnd},
	{Jinja, true, `<script>var a = "{{ x|safe }}";</script>`, HTML},
	{Jinja, false, `<script>var a = "{{ x }}";</script>`, HTML},
	{Jinja, true, `<script>var a = {{ x|tojson }};</script>`, Harmless},
	{Jinja, true, `<script>var a = {{ x|tojson|safe }};</script>`, Harmless},
	{Jinja, true, `<script>var a = "{{ x|tojson }}";</script>`, Scripts}, // its quotes end the string
	{Jinja, true, `<script>var a = JSON.parse('{{ x|tojson }}');</script>`, Harmless},
	{Jinja, true, "<script>var a = `{{ x }}`;</script>", Scripts},
	{Jinja, true, `<script>var a = {{ x|int }};</script>`, Harmless},
	{Jinja, true, `<script>var a = {{ x|length }};</script>`, Harmless},
	{Jinja, true, `<script type="application/json">{{ x|tojson }}</script>`, Harmless},
	{Jinja, true, `<script type="application/json">{{ x|safe }}</script>`, HTML},
	{Jinja, true, `<script src="{{ x }}"></script>`, Address},
	{Jinja, true, `<script src="/js/{{ x }}"></script>`, Harmless},
	{Jinja, true, `<p onclick="go('{{ x }}')">`, Scripts}, // the browser replaces &#39; first
	{Jinja, true, `<p onclick="go({{ x }})">`, Scripts},
	{Jinja, true, `<p onclick='go({{ x|tojson }})'>`, Harmless},
	{Jinja, true, `<p onclick="go({{ x|tojson }})">`, HTML},
	{Jinja, true, `<p onclick="go({{ x|tojson|forceescape }})">`, Harmless},
	{Jinja, true, `<p onclick="go({{ x|int }})">`, Harmless},

	// Django
	{Django, true, `<p>{{ x }}</p>`, Harmless},
	{Django, true, `<p>{{ x|safe }}</p>`, HTML},
	{Django, true, `<p>{{ x|safe|upper }}</p>`, Harmless}, // the mark is lost
	{Django, true, `<p>{{ x|safe|lower }}</p>`, HTML},
	{Django, true, `{% autoescape off %}<p>{{ x }}</p>{% endautoescape %}`, HTML},
	{Django, true, `{% autoescape off %}<p>{{ x|escape }}</p>{% endautoescape %}`, Harmless},
	{Django, true, `{% autoescape off %}<p>{{ x|linebreaks }}</p>{% endautoescape %}`, HTML},
	{Django, true, `<p>{{ x|linebreaks }}</p>`, Harmless},
	{Django, true, `<p>{{ x|safe|linebreaks }}</p>`, HTML},
	{Django, true, `<p>{{ x|safeseq|join:", " }}</p>`, HTML},
	{Django, true, `<p>{{ x|join:", " }}</p>`, Harmless},
	{Django, true, `{% firstof x "a" %}`, Harmless},
	{Django, true, `{% autoescape off %}{% firstof x "a" %}{% endautoescape %}`, HTML},
	{Django, true, `{% blocktrans with y=x %}a {{ y }}{% endblocktrans %}`, Harmless},
	{Django, true, `{% filter force_escape %}{{ x|safe }}{% endfilter %}`, Harmless},
	{Django, true, `<script>var a = "{{ x|escapejs }}";</script>`, Harmless},
	{Django, true, `<script>var a = {{ x|escapejs }};</script>`, Scripts},
	{Django, true, "<script>var a = `{{ x|escapejs }}`;</script>", Scripts},
	{Django, true, `<script>var a = "{{ x }}";</script>`, StringEnd},
	{Django, true, `<p onclick="go('{{ x|escapejs }}')">`, Harmless},
	{Django, true, `{{ x|json_script:"data" }}`, Harmless},
	{Django, true, `<a href="{{ x }}">`, Address},
	{Django, true, `<a href="{{ x|escapejs }}">`, Address},
	{Django, true, `<a href="{% firstof x '/' %}">`, Address},
	{Django, true, `<p title={{ x|default:"a" }}>`, Attribute},
	{Django, true, `<p title={{ x|slugify }}>`, Harmless},
	{Django, true, `<p>{{ x|stringformat:"d"|safe }}</p>`, Harmless},
	{Django, true, `<p>{{ x|stringformat:"s"|safe }}</p>`, HTML},
	{Django, true, `{% include "gone" with y=x %}`, Harmless},
}

func TestVerdicts(t *testing.T) {
	for _, v := range verdicts {
		tmpl := Parse("a.html", []byte(v.text), v.dialect)
		for _, e := range tmpl.Errors {
			t.Errorf("%s: %d: %s", v.text, e.At, e.Message)
		}
		got := Harmless
		for _, p := range tmpl.Outputs() {
			if p.Path[0] == "x" {
				class, _ := p.Verdict(v.on)
				got = max(got, class)
			}
		}
		if got != v.want {
			t.Errorf("%s (escapes %v): got %s, want %s", v.text, v.on, got, v.want)
		}
	}
}
