"""Answers questions about Django templates: what Django says of them, and what it prints."""
import json, re, sys
import django
from django.conf import settings
settings.configure(SECRET_KEY="of nobody", USE_TZ=False, STATIC_URL="/static/", INSTALLED_APPS=["django.contrib.humanize", "django.contrib.staticfiles", "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes"])
django.setup()
import django.template
from django.template import Context, Engine

class Value(str):
    """Tells its path when it is printed; whatever is asked of it is another one."""
    def __new__(cls, path, depth=0):
        self = str.__new__(cls, "\N{LEFT DOUBLE ANGLE BRACKET}%s\N{REFERENCE MARK}<\"'\N{RIGHT DOUBLE ANGLE BRACKET}" % path)
        self._path, self._depth = path, depth
        return self
    def _to(self, name):
        return Value(self._path + "." + str(name), self._depth + 1)
    def __getattr__(self, name):
        if name.startswith("_") or name in ("resolve_expression", "utctimetuple", "tzinfo", "astimezone", "alters_data", "do_not_call_in_templates", "strftime"):
            raise AttributeError(name)
        return self._to(name)
    def __getitem__(self, key):
        if isinstance(key, slice):
            return self
        if key == "s":
            return str.__str__(self._to("s"))
        if key == "l":
            return [self._to("l")._to("*")]
        if key in ("items", "values", "keys"):
            raise KeyError(key)
        return self._to("*" if isinstance(key, Value) or isinstance(key, int) and not self._path.endswith((".*", "b")) and self._path != "g.list" else key)
    def __iter__(self):
        if self._depth > 4:
            return iter(())
        if self._path == "ts.*":
            return iter([self._to(0), self._to(1)])
        return iter([self._to("*")] * (1 if self._path == "ts" else 2))
    def __len__(self):
        return 2
    def items(self):
        return [(self._to("*key"), self._to("*"))]
    def keys(self):
        return [self._to("*key")]
    def values(self):
        return [self._to("*")]

def names(x):
    return "".join(c for c in "<\"'" if c in x)

answers = []
for q in json.load(sys.stdin):
    a = {"Error": "", "Names": [], "Shown": {}, "Crash": ""}
    answers.append(a)
    engine = Engine(loaders=[("django.template.loaders.locmem.Loader", q["Files"])], autoescape=q["Escape"],
                    libraries={"humanize": "django.contrib.humanize.templatetags.humanize", "static": "django.templatetags.static", "l10n": "django.templatetags.l10n",
                               "tz": "django.templatetags.tz", "i18n": "django.templatetags.i18n", "cache": "django.templatetags.cache", "log": "django.contrib.admin.templatetags.log",
                               "admin_list": "django.contrib.admin.templatetags.admin_list", "admin_modify": "django.contrib.admin.templatetags.admin_modify", "admin_urls": "django.contrib.admin.templatetags.admin_urls"},
                    builtins=["django.templatetags.i18n", "django.templatetags.static"])
    text = re.sub(r"\{% load own %\}.*", "", q["Files"]["main"])  # tags of nobody's
    text = re.sub(r"\{% url .*? as (\w+) %\}", r'{% now "Y" as \1 %}', text)  # there are no routes
    text = re.sub(r"\{% url .*?%\}", "", text)
    q["Files"]["main"] = text
    try:
        template = engine.from_string(text)
    except Exception as e:
        a["Error"] = "%s: %s" % (type(e).__name__, e)
        continue
    if len(sys.argv) > 1:
        continue
    context = {}
    for source in q["Files"].values():
        for name in re.findall(r"[A-Za-z_]\w*", source):
            context[name] = Value(name)
    for name in ("block", "forloop", "csrf_token", "True", "False", "None"):
        context.pop(name, None)
    try:
        out = template.render(Context(context, autoescape=q["Escape"]))
    except (RecursionError, django.template.TemplateDoesNotExist):
        continue
    except Exception as e:
        a["Crash"] = "%s: %s" % (type(e).__name__, e)
        continue
    for path, rest in re.findall("\N{LEFT DOUBLE ANGLE BRACKET}(.*?)\N{REFERENCE MARK}(.*?)\N{RIGHT DOUBLE ANGLE BRACKET}", out, re.S):
        a["Shown"][path] = names(a["Shown"].get(path, "") + rest)
json.dump(answers, sys.stdout)
