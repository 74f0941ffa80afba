"""Answers questions about Jinja templates: what jinja2 says of them, and what it prints."""
import json, re, sys
import jinja2, jinja2.meta
from markupsafe import Markup, escape

class Value:
    """Tells its path when it is printed; whatever is asked of it is another one."""
    def __init__(self, path, depth=0):
        self.__dict__.update(_path=path, _depth=depth)
    def __str__(self):
        return "\N{LEFT DOUBLE ANGLE BRACKET}%s\N{REFERENCE MARK}<\"'\N{RIGHT DOUBLE ANGLE BRACKET}" % self._path
    def _to(self, name):
        return Value(self._path + "." + str(name), self._depth + 1)
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name.startswith("url_for"):
            return lambda *args, **kw: "/"
        if name in METHODS:
            return getattr(str(self), name)
        return self._to(name)
    def __getitem__(self, key):
        if isinstance(key, slice):
            return self
        return self._to("*" if isinstance(key, Value) or "\N{REFERENCE MARK}" in str(key) else key)
    def __iter__(self):
        if self._depth > 4:
            return iter(())
        if self._path in ("t", "ts.*", "ts.*.1"):
            return iter([self._to(0), self._to(1)])
        return iter([self._to("*")] * (1 if self._path == "ts" else 2))
    def __reversed__(self):
        return iter(self)
    def __abs__(self):
        return 7
    def __round__(self, n=0):
        return 7
    def __call__(self, *args, **kwargs):
        return self._to("()")
    def __len__(self):
        return 2
    def __bool__(self):
        return self._depth < 4
    def __add__(self, other):
        return str(self) + (other if isinstance(other, str) else str(other))
    def __radd__(self, other):
        return other + str(self)
    def __lt__(self, other):
        return False
    def __eq__(self, other):
        return self is other
    def __hash__(self):
        return 1
    def __int__(self):
        return 7
    def __float__(self):
        return 7.0
    def __mod__(self, other):
        return 1
    def items(self):
        return [(self._to("*key"), self._to("*"))]
    def keys(self):
        return [self._to("*key")]
    def values(self):
        return [self._to("*")]
    def get(self, key, default=None):
        return self._to(key)
    def startswith(self, x):
        return True

METHODS = {"upper", "lower", "strip", "title", "replace", "split", "splitlines"}

def names(x):
    return "".join(c for c in "<\"'" if c in x)

def environment(q, escape):
    env = jinja2.Environment(loader=jinja2.DictLoader(q["Files"]), autoescape=escape,
                             undefined=jinja2.ChainableUndefined, extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])
    env.install_null_translations()
    env.globals.clear()
    env.globals.update(jinja2.defaults.DEFAULT_NAMESPACE)
    env.policies["json.dumps_function"] = lambda x, **kw: json.dumps(x, default=str, ensure_ascii=False)
    env.filters["nl2br"] = lambda x: x
    return env

answers = []
for q in json.load(sys.stdin):
    a = {"Error": "", "Names": [], "Shown": {}, "Crash": ""}
    answers.append(a)
    text = q["Files"]["main"]
    env = environment(q, q["Escape"])
    text = re.sub(r"\{% (frobnicate .*?|cache .*?|endcache) %\}", "", text)  # tags of nobody's
    known = text == q["Files"]["main"]
    q["Files"]["main"] = text
    try:
        found = jinja2.meta.find_undeclared_variables(env.parse(text))
        if "{% trans" in text or "{%- trans" in text:
            found -= {"gettext", "ngettext"}
        a["Names"] = sorted(found) if known else None
        env.from_string(text)
    except Exception as e:
        a["Error"] = "%s: %s" % (type(e).__name__, e)
        continue
    if len(sys.argv) > 1:
        continue
    context = {}
    for source in q["Files"].values():
        for name in jinja2.meta.find_undeclared_variables(env.parse(source)):
            context[name] = Value(name)
    for name in ("_", "gettext", "ngettext", "super", "caller", "self"):
        context.pop(name, None)
    for name in context:
        if name.startswith("url_for"):
            context[name] = lambda *args, **kw: "/"
    context["gettext"] = lambda s: s
    context["ngettext"] = lambda s, p, n: s
    try:
        out = env.get_template("main").render(context)
    except (RecursionError, jinja2.TemplateNotFound):
        continue
    except Exception as e:
        a["Crash"] = "%s: %s" % (type(e).__name__, e)
        continue
    for path, rest in re.findall("\N{LEFT DOUBLE ANGLE BRACKET}(.*?)\N{REFERENCE MARK}(.*?)\N{RIGHT DOUBLE ANGLE BRACKET}", out, re.S):
        a["Shown"][path] = names(a["Shown"].get(path, "") + rest)
json.dump(answers, sys.stdout)
