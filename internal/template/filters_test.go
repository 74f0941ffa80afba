package template

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// exotic is how a filter is written where "{{ x|name }}" is no use of it.
var exotic = map[Dialect]map[string]string{
	Jinja: {
		"attr":       `{{ x|attr("n") }}`,
		"batch":      `{% for r in x|batch(1) %}{{ r|first }}{% endfor %}`,
		"center":     `{{ x|center(80) }}`,
		"d":          `{{ none|d(x, true) }}`,
		"default":    `{{ x|default(y) }}{{ ""|default(y, true) }}`,
		"dictsort":   `{% for k, v in {"a": x}|dictsort %}{{ v }}{% endfor %}`,
		"format":     `{{ "%s"|format(x) }}`,
		"groupby":    `{% for k, l in x|groupby("n") %}{{ k }}{{ l|first }}{% endfor %}`,
		"indent":     `{{ x|indent(2) }}`,
		"items":      `{% for k, v in x.items() %}{{ k }}{{ v }}{% endfor %}`, // the filter is of 3.1.3
		"map":        `{{ x|map("upper")|join }}{{ x|map(attribute="n")|join }}{{ x|map("e")|join }}`,
		"reject":     `{{ x|reject("none")|join }}`,
		"rejectattr": `{{ x|rejectattr("n", "none")|join }}`,
		"replace":    `{{ x|replace("q", y) }}{{ "a"|replace("a", z) }}`,
		"reverse":    `{{ x|list|reverse|join }}`,
		"select":     `{{ x|select|join }}`,
		"selectattr": `{{ x|selectattr("n")|join }}`,
		"slice":      `{% for r in x|slice(1) %}{{ r|first }}{% endfor %}`,
		"sum":        `{{ [1]|sum }}`,
		"sort":       `{{ x|sort|join }}`,
		"tojson":     `{{ x|string|tojson }}`,
		"truncate":   `{{ x|truncate(200) }}`,
		"unique":     `{{ x|unique|join }}`,
		"urlize":     `{{ x|string|urlize }}`,
		"xmlattr":    `<p{{ {"title": x}|xmlattr }}>`,
		"join":       `{{ x|join(y) }}{{ x|join("", "n") }}{{ x|join(attribute="m") }}`,
		"first":      `{{ x|first }}`,
		"pprint":     `{{ x|string|pprint }}`,
		"min":        `{{ [x]|min }}`,
		"max":        `{{ [x]|max }}`,
	},
	Django: {
		"add":                `{{ x|add:"a" }}`,
		"apnumber":           `{% load humanize %}{{ x|apnumber }}`,
		"center":             `{{ x|center:80 }}`,
		"cut":                `{{ x|cut:"q" }}`,
		"date":               `{{ "a"|date:"Y" }}`,
		"default":            `{{ x|default:y }}{{ ""|default:y }}`,
		"default_if_none":    `{{ None|default_if_none:x }}`,
		"dictsort":           `{% for a in x|dictsort:"n" %}{{ a }}{% endfor %}`,
		"dictsortreversed":   `{% for a in x|dictsortreversed:"n" %}{{ a }}{% endfor %}`,
		"divisibleby":        `{{ 4|divisibleby:2 }}`,
		"escapeseq":          `{{ x|join:"" }}`, // of Django 5
		"get_digit":          `{{ x|get_digit:1 }}`,
		"intcomma":           `{% load humanize %}{{ x|intcomma }}`,
		"intword":            `{% load humanize %}{{ x|intword }}`,
		"join":               `{{ x|join:", " }}`,
		"json_script":        `{{ x.s|json_script:"a" }}`,
		"length_is":          `{{ x|length_is:2 }}`,
		"ljust":              `{{ x|ljust:80 }}`,
		"localize":           `{% load l10n %}{{ x|localize }}`,
		"localtime":          `{% load tz %}{{ x|localtime }}`,
		"make_list":          `{{ "a"|make_list }}`,
		"naturalday":         `{% load humanize %}{{ "a"|naturalday }}`,
		"naturaltime":        `{% load humanize %}{{ x|naturaltime }}`,
		"ordinal":            `{% load humanize %}{{ x|ordinal }}`,
		"phone2numeric":      `{{ "a"|phone2numeric }}`,
		"random":             `{{ x|random }}`,
		"regroup":            `{% regroup x by n as y %}{% for g in y %}{{ g.grouper }}{{ g.list.0 }}{% endfor %}`,
		"rjust":              `{{ x|rjust:80 }}`,
		"safeseq":            `{{ x|safeseq|join:"" }}`,
		"slice":              `{{ x.s|slice:":100" }}`,
		"stringformat":       `{{ x|stringformat:"s" }}`,
		"timezone":           `{% load tz %}{{ x|timezone:"UTC" }}`,
		"truncatechars":      `{{ x|truncatechars:200 }}`,
		"truncatechars_html": `{{ x.s|truncatechars_html:200 }}`,
		"truncatewords":      `{{ x|truncatewords:20 }}`,
		"truncatewords_html": `{{ x.s|truncatewords_html:20 }}`,
		"unlocalize":         `{% load l10n %}{{ x|unlocalize }}`,
		"unordered_list":     `{{ x.l|unordered_list }}`,
		"urlizetrunc":        `{{ x|urlizetrunc:80 }}`,
		"utc":                `{% load tz %}{{ x|utc }}`,
		"wordwrap":           `{{ x|wordwrap:80 }}`,
		"yesno":              `{{ x|yesno:"a,b" }}`,
	},
}

// wrap shows a filter between others: on text that is safe, before and after.
var wrap = map[Dialect][]string{
	Jinja:  {`{{ x|safe|NAME }}`, `{{ x|NAME|safe }}`, `{{ x|e|NAME }}`, `{{ x|NAME|e }}`, `{{ x|NAME|forceescape }}`, `{% set v = x|NAME %}{{ v }}`, `{% autoescape false %}{{ x|NAME }}{% endautoescape %}`, `{% filter NAME %}{{ x }}{% endfilter %}`},
	Django: {`{{ x|safe|NAME }}`, `{{ x|NAME|safe }}`, `{{ x|escape|NAME }}`, `{{ x|NAME|escape }}`, `{{ x|NAME|force_escape }}`, `{% with v=x|NAME %}{{ v }}{% endwith %}`, `{% autoescape off %}{{ x|NAME }}{% endautoescape %}`, `{% filter NAME %}{{ x }}{% endfilter %}`},
}

// wrapped are filters of texts that take no argument.
var wrapped = map[Dialect][]string{
	Jinja:  {"e", "escape", "forceescape", "safe", "upper", "lower", "title", "capitalize", "trim", "string", "striptags", "wordwrap", "indent", "center"},
	Django: {"escape", "force_escape", "safe", "upper", "lower", "title", "capfirst", "addslashes", "striptags", "linebreaks", "linebreaksbr", "linenumbers", "escapejs", "urlize", "pprint"},
}

// filterTexts are templates that use every filter of the tables.
func filterTexts(dialect Dialect) (list []string) {
	table := jinjaFilters
	if dialect == Django {
		table = djangoFilters
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		text := exotic[dialect][name]
		if text == "" {
			text = "{{ x|" + name + " }}"
		}
		list = append(list, text)
	}
	for _, name := range wrapped[dialect] {
		for _, text := range wrap[dialect] {
			if dialect == Django && (name == "escape" || name == "safe") && text == `{% filter NAME %}{{ x }}{% endfilter %}` {
				continue
			}
			list = append(list, strings.ReplaceAll(text, "NAME", name))
		}
	}
	return list
}

// TestFilterTables: an exotic use is of a filter that is there.
func TestFilterTables(t *testing.T) {
	for dialect, list := range exotic {
		for name := range list {
			if _, ok := effectOf(dialect, name); !ok {
				t.Errorf("%s: there is no %s", dialect, name)
			}
		}
	}
}
