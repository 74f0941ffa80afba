"""List the routes of an application as the framework that runs it sees them.

Usage: list_routes.py FRAMEWORK MODULE, in the application's folder. Prints JSON: a list of
[method, path]; the method is "*" where the framework does not know which it answers.
"""
import importlib
import json
import os
import re
import sys

sys.path.insert(0, os.getcwd())
sys.dont_write_bytecode = True


def flask(module):
    """Routes of a Flask application, without what Flask answers itself to HEAD and OPTIONS."""
    app = module.app if hasattr(module, "app") else module.create_app()
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield method, rule.rule


def fastapi(module):
    """Routes of a FastAPI or Starlette application, mounts included."""
    def walk(routes, prefix):
        for r in routes:
            kind = type(r).__name__
            if kind in ("Mount", "Host"):
                inner = getattr(r, "routes", None)
                if inner:
                    yield from walk(inner, prefix + r.path)
                else:
                    yield "GET" if type(r.app).__name__ == "StaticFiles" else "*", prefix + r.path + "/{path:path}"
            elif "WebSocket" in kind:
                yield "WEBSOCKET", prefix + r.path
            else:
                for m in (r.methods or {"*"}):
                    if m != "HEAD":
                        yield m, prefix + r.path
    yield from walk(module.app.routes, "")


def aiohttp(module):
    """Routes of an aiohttp application, its parts included."""
    app = module.app if hasattr(module, "app") else module.create_app()
    for route in app.router.routes():
        info = route.resource.get_info() if route.resource else {}
        path = info.get("path") or info.get("formatter") or (info["prefix"] + "/{filename}")
        view = route.handler
        if isinstance(view, type) and route.method == "*":
            for m in ("get", "post", "put", "patch", "delete"):
                if hasattr(view, m):
                    yield m.upper(), path
        elif route.method != "HEAD":
            yield route.method, path


def tornado(module):
    """Routes of a Tornado application; methods are those that the handler defines."""
    from tornado.web import RequestHandler
    for rule in module.app.wildcard_router.rules:
        handler = rule.target
        path = re.sub(r"\\(.)", r"\1", re.sub(r"\((\?P<(\w+)>)?[^()]*\)", lambda m: "<%s>" % (m.group(2) or "var"), rule.matcher.regex.pattern))
        path = path.replace("^", "").replace("$", "").replace("?", "")
        for m in ("get", "post", "put", "patch", "delete"):
            if getattr(handler, m) is not getattr(RequestHandler, m):
                yield m.upper(), path


def django(module):
    """Routes of a Django project; the methods of a function are not known to it."""
    import django as d
    from django.urls import URLPattern, get_resolver
    d.setup()

    def walk(patterns, prefix):
        for p in patterns:
            text = str(p.pattern)
            if hasattr(p.pattern, "_regex") or text.startswith("^") or "(?P" in text:
                text = simplify(text)
            if isinstance(p, URLPattern):
                yield from ((m, prefix + text) for m in methods(p.callback))
            else:
                yield from walk(p.url_patterns, prefix + text)

    def simplify(text):
        text = re.sub(r"\[[^\]]*\]", "", text)
        while True:
            new = re.sub(r"\((\?:)?(?:\?P<(\w+)>)?([^()]*)\)", lambda m: m.group(3) if m.group(1) else "<%s>" % (m.group(2) or "var"), text)
            if new == text:
                break
            text = new
        return text.replace("^", "").replace("$", "").replace("\\Z", "").replace("?", "").replace("\\", "")

    def methods(view):
        if hasattr(view, "actions") and view.actions:
            return [m.upper() for m in view.actions]
        cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
        if cls is None or cls.__name__ == "WrappedAPIView":
            return ["*"]
        allowed = [m.upper() for m in cls.http_method_names if hasattr(cls, m) and m not in ("options", "head")]
        return allowed or ["*"]

    yield from walk(get_resolver().url_patterns, "/")


def main():
    """Print the routes of the application in the folder."""
    name, target = sys.argv[1:3]
    if name == "django":
        os.environ["DJANGO_SETTINGS_MODULE"] = target
        found = django(None)
    else:
        found = globals()[name](importlib.import_module(target))
    print(json.dumps(sorted(set(map(tuple, found)))))


main()
